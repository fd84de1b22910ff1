"""What a person decides about reports that a list left open, and the reports as they are looked at."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.documents.records import Document, DocumentLink
from oicdesk.documents.records_links import is_worked_on
from oicdesk.documents.records_list import (
    DISMISSED,
    KIND,
    DocumentList,
    ListedDocument,
    ListedLink,
    ReportRow,
    compare,
    release,
    set_match,
    settle,
    standing,
)
from oicdesk.documents.rules import Grades, document_warnings
from oicdesk.documents.rules_list import DOUBTFUL, MATCHED, UNMATCHED, Match
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.referrals.records import ImportBatch, Referral
from oicdesk.settings.rules import spoken_instant
from oicdesk.vault import log

ACCEPTED: Final = "accepted"
_CHUNK = 500

# --- deciding ---


def _row(session: Session, row_id: int) -> ListedDocument:
    found: ListedDocument | None = session.scalar(standing().where(ListedDocument.id == row_id))
    if found is None:
        raise Refused("That report is not on a list any more; read the page again.")
    if found.document_id is not None:
        raise Refused("That report is matched already; open its document in the register.")
    return found


def accept(
    session: Session, row_id: int, referral_id: int, *, now: datetime, document_id: int | None = None
) -> list[str]:
    """Say that a doubtful or unmatched report is a document of this contact. Returns what should be looked at.

    With `document_id` it is that document of the register, whose blanks are filled in.
    """
    row = _row(session, row_id)
    facts = _report(row).facts
    contact = referrals.get(session, referral_id)
    row.state, row.why = MATCHED, f"Accepted by {session.info['user'].name} on {spoken_instant(now)}."
    settle(session, row, facts, [referral_id], None, now, document_id)
    _decide(session, row, ACCEPTED, None, now)
    log.record(session, log.COMBINATION, document_row=row.id, document=row.document_id or 0, referral=referral_id)
    known = contact.contact_at if contact.contact_at_known else None
    return document_warnings(facts, known)


def withdraw(session: Session, row_id: int, *, now: datetime) -> None:
    """Take an acceptance back; Refused once the contact or the document was worked on."""
    row = session.get(ListedDocument, row_id)
    if row is None or row.decision != ACCEPTED or row.document_id is None or row.decided_at is None:
        raise Refused("That report is not an accepted one any more.")
    links = session.scalars(select(ListedLink.referral_id).where(ListedLink.row_id == row_id)).all()
    if any(is_worked_on(session, row.document_id, one, row.decided_at) for one in links):
        raise Refused("The contact or the document was worked on since, so the match stays.")
    release(session, row, since=row.decided_at, now=now)
    row.decision = row.decided_at = row.decided_by = None
    session.flush()
    (match,) = compare(session, [_report(row)])
    set_match(row, match if match.state != MATCHED else replace(match, state=DOUBTFUL, candidates=match.cases))
    log.record(session, log.ALTERATION, document_row=row.id, fields=["state", "decision"])


def refuse(session: Session, row_id: int, reason: str, *, now: datetime) -> None:
    """Say that a doubtful report is none of the contacts offered; it is never matched with one of them again."""
    row = _row(session, row_id)
    if row.state != DOUBTFUL:
        raise Refused(f"Only a doubtful report is refused, and this one is {row.state}.")
    why = _reason(reason, "A match is refused")
    row.refused = json.dumps(sorted({*json.loads(row.refused), *json.loads(row.candidates)}))
    row.decided_why, row.decided_at, row.decided_by = why, now, session.info["user"].name
    session.flush()
    (match,) = compare(session, [_report(row)])
    set_match(row, match if match.state != MATCHED else replace(match, state=DOUBTFUL, candidates=match.cases))
    log.record(session, log.ALTERATION, document_row=row.id, fields=["state", "refused"])


def dismiss(session: Session, row_id: int, reason: str, *, now: datetime) -> None:
    """Say why a report is no document of any contact of this desk."""
    row = _row(session, row_id)
    if row.decision == DISMISSED:
        raise Refused("That report is dismissed already.")
    why = _reason(reason, "A report is dismissed")
    set_match(row, Match(UNMATCHED, f"Dismissed: {why}"))
    _decide(session, row, DISMISSED, why, now)
    log.record(session, log.ALTERATION, document_row=row.id, fields=["decision"])


def take_back(session: Session, row_id: int, *, now: datetime) -> None:
    """Take a dismissal or a refusal back and compare the report again."""
    row = _row(session, row_id)
    if row.decided_at is None:
        raise Refused("Nobody decided anything about this report, so there is nothing to take back.")
    row.decision = row.decided_why = row.decided_at = row.decided_by = None
    row.refused = "[]"
    session.flush()
    (match,) = compare(session, [_report(row)])
    set_match(row, match if match.state != MATCHED else replace(match, state=DOUBTFUL, candidates=match.cases))
    log.record(session, log.ALTERATION, document_row=row.id, fields=["decision"])


def _decide(session: Session, row: ListedDocument, decision: str, why: str | None, now: datetime) -> None:
    row.decision, row.decided_why = decision, why
    row.decided_at, row.decided_by = now, session.info["user"].name
    session.flush()


def _reason(reason: str, start: str) -> str:
    if not reason.strip():
        raise Refused(f"{start} only with a reason; write why.", field="reason")
    return reason.strip()


def _report(row: ListedDocument) -> ReportRow:
    return ReportRow(
        row.line, row.submitted_at, row.reference, row.author, row.collar, row.force, row.created_on, row.contact_refs,
        Grades(**json.loads(row.grades)),
    )  # fmt: skip


# --- looking ---


@dataclass(frozen=True)
class ListedRow:
    """A report of a list beside what it was found to be; `candidates` are (id, reference, contact, how it stands)."""

    id: int
    line: int
    list_name: str
    reference: str
    author: str
    collar: str
    force: str | None
    created_on: date | None
    submitted_at: datetime
    contact_refs: str
    grades: Grades
    state: str
    why: str
    candidates: tuple["Candidate", ...]
    document_id: int | None
    decision: str | None
    decided_why: str | None
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True)
class Candidate:
    """A contact that a report may belong to; `bare` is its document without a reference, if it has one."""

    referral_id: int
    reference: str
    force: str | None
    officer: str
    contact_at: datetime
    status: str
    bare: int | None


def open_reports(session: Session, *, dismissed: bool = False, force: str = "Joint") -> list[ListedRow]:
    """The reports that wait for a decision, the oldest submission first; or those that were dismissed.

    A report whose list does not say the force is shown in every scope.
    """
    query = standing().where(ListedDocument.document_id.is_(None))
    is_dismissed = ListedDocument.decision == DISMISSED
    query = query.where(is_dismissed if dismissed else ~func.coalesce(is_dismissed, False))
    if force != "Joint":
        query = query.where(func.coalesce(ListedDocument.force, force) == force)
    found = session.scalars(query.order_by(ListedDocument.submitted_at, ListedDocument.id)).all()
    names = {one.id: one.name for one in session.scalars(select(DocumentList))}
    offered = _candidates(session, sorted({i for row in found for i in json.loads(row.candidates)}))
    return [_listed_row(row, names[row.list_id], offered) for row in found]


def _listed_row(row: ListedDocument, name: str, offered: dict[int, Candidate]) -> ListedRow:
    return ListedRow(
        row.id, row.line, name, row.reference, row.author, row.collar, row.force, row.created_on, row.submitted_at,
        row.contact_refs, Grades(**json.loads(row.grades)), row.state, row.why,
        tuple(offered[i] for i in json.loads(row.candidates) if i in offered), row.document_id, row.decision,
        row.decided_why, row.decided_at, row.decided_by,
    )  # fmt: skip


def _candidates(session: Session, ids: Sequence[int]) -> dict[int, Candidate]:
    found: dict[int, Candidate] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        bare = {
            row.referral_id: row.id
            for row in session.execute(
                select(DocumentLink.referral_id, Document.id)
                .join(Document, Document.id == DocumentLink.document_id)
                .where(DocumentLink.referral_id.in_(part), Document.reference_key == "")
                .where(Document.outcome != referral_rules.REJECTED)
            )
        }
        query = select(Referral).where(Referral.id.in_(part), Referral.stage != referrals.WITHDRAWN)
        for one in session.scalars(query):
            officer = ", ".join(filter(None, (one.officer_name, one.officer_collar)))
            found[one.id] = Candidate(
                one.id, one.reference, one.force, officer, one.contact_at, one.status, bare.get(one.id)
            )
    return found


def batches(session: Session) -> list[tuple[int, str, datetime, int]]:
    """The lists whose import stands, the newest first: (import's id, name, when, reports recorded)."""
    query = select(ImportBatch).where(ImportBatch.kind == KIND, ImportBatch.undone_at.is_(None))
    return [
        (one.id, one.file_name, one.at, one.imported) for one in session.scalars(query.order_by(ImportBatch.id.desc()))
    ]
