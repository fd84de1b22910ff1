"""Taking a submission or an outcome back that was recorded by mistake: marked in the histories, never wiped."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.documents import records_tell
from oicdesk.documents.records import (
    Document,
    DocumentEvent,
    DocumentLink,
    cases_of,
    facts_of,
    leading,
    link,
    put_facts,
)
from oicdesk.documents.records_drafts import WorkingDraft
from oicdesk.documents.rules import CORRECTED, OUTCOME_WORDS, TAKEN_BACK, DocumentFacts
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import records_undo, rules
from oicdesk.referrals.records import ReferralEvent
from oicdesk.vault import log


def newest_outcome(session: Session, document_id: int) -> int | None:
    """The id of a document's newest submission or outcome: what `take_back` is given later."""
    session.flush()
    return session.scalars(
        select(DocumentEvent.id)
        .where(DocumentEvent.document_id == document_id, DocumentEvent.kind.in_(tuple(OUTCOME_WORDS)))
        .order_by(DocumentEvent.at.desc(), DocumentEvent.id.desc())
        .limit(1)
    ).first()


def take_back(session: Session, event_id: int, *, now: datetime) -> str:
    """Take a submission or an outcome back with what it did to the cases; answers with what cannot come back.

    Refused when the document or one of its cases changed since. Recipients whom it listed to be told, and who were not
    told yet, leave that list.

    A first submission that is taken back leaves the cases without the document; its facts are kept.
    """
    event = session.get_one(DocumentEvent, event_id)
    document = session.get_one(Document, event.document_id)
    if newest_outcome(session, document.id) != event_id or document.outcome != event.kind:
        raise Refused("The document has changed since; take that back first.")
    before = _outcome_before(session, event)
    cases = cases_of(session, document.id)
    for referral_id in cases:
        _take_case_back(session, referral_id, event, now, is_first=before is None)
    event.kind = TAKEN_BACK
    if before is None:
        for link in session.scalars(select(DocumentLink).where(DocumentLink.document_id == document.id)).all():
            session.delete(link)
    else:
        was_correction = document.outcome == rules.SUBMITTED
        document.outcome, document.assessor = before.kind, before.assessor
        document.resubmissions -= was_correction
    log.record(session, log.ALTERATION, document=document.id, fields=["outcome"], detail="taken back")
    told = records_tell.withdraw_tellings(session, document.id, event.recorded_at)
    purged = session.scalar(
        select(WorkingDraft.id).where(
            WorkingDraft.purged_at == event.recorded_at, WorkingDraft.referral_id.in_(cases)
        )
    )  # fmt: skip
    return " ".join(filter(None, (
        _told_already(told),
        "" if purged is None else "The working draft that the acceptance purged stays purged.",
    )))  # fmt: skip


def _told_already(names: Sequence[str]) -> str:
    return f"Told of it already, and to be told that it does not hold: {', '.join(names)}." if names else ""


def put_back(session: Session, event_id: int, cases: Sequence[int], *, now: datetime) -> None:
    """Let a first submission that was taken back hold again, for these cases."""
    event = session.get_one(DocumentEvent, event_id)
    event.kind = rules.SUBMITTED
    session.flush()
    for referral_id in cases:
        link(session, event.document_id, referral_id, now=now)


def newest_correction(session: Session, document_id: int) -> int:
    """The id of a document's newest correction of facts: what `take_back_correction` is given later."""
    session.flush()
    return session.scalars(
        select(DocumentEvent.id)
        .where(DocumentEvent.document_id == document_id, DocumentEvent.kind == CORRECTED)
        .order_by(DocumentEvent.id.desc())
        .limit(1)
    ).one()


def take_back_correction(session: Session, event_id: int, before: DocumentFacts, after: DocumentFacts) -> str:
    """Put the facts back as they were before a correction; answers with whom it was told to already.

    Refused when they were corrected again since.
    """
    event = session.get_one(DocumentEvent, event_id)
    if facts_of(session, event.document_id) != after:
        raise Refused("The facts were corrected again since; take that back first.")
    event.kind = TAKEN_BACK
    changed = put_facts(session, event.document_id, before)
    log.record(session, log.ALTERATION, document=event.document_id, fields=changed, detail="taken back")
    return _told_already(records_tell.withdraw_tellings(session, event.document_id, event.recorded_at))


def _outcome_before(session: Session, event: DocumentEvent) -> DocumentEvent | None:
    """The submission or outcome that held before this one."""
    return session.scalars(
        select(DocumentEvent)
        .where(DocumentEvent.document_id == event.document_id, DocumentEvent.kind.in_(tuple(OUTCOME_WORDS)))
        .where(DocumentEvent.id != event.id)
        .order_by(DocumentEvent.at.desc(), DocumentEvent.id.desc())
        .limit(1)
    ).first()


def _take_case_back(session: Session, referral_id: int, event: DocumentEvent, now: datetime, *, is_first: bool) -> None:
    """Take back what the event did to a case, if it did anything: a case follows the document that leads it."""
    leader = leading(session, referral_id)
    assert leader is not None  # it has this document
    if leader.id != event.document_id and event.kind != rules.REJECTED:
        return
    # A rejection leaves the case where the document stands that leads it since.
    to = event.kind if leader.id == event.document_id else leader.outcome
    newest = session.get_one(ReferralEvent, records_undo.newest_move(session, referral_id))
    if newest.to_status != to or (to == rules.SUBMITTED and event.kind == rules.REJECTED):
        if is_first or _was_moved(session, referral_id, event, to):
            stands = rules.STATUS_WORDS[referrals.get(session, referral_id).status].lower()
            raise Refused(f"The case has changed since, and now stands as: {stands}; take that back first.")
        return
    records_undo.take_back_move(session, newest.id, now=now)
    before = session.get_one(ReferralEvent, records_undo.newest_move(session, referral_id))
    # After a rejection the submission had first set the case to await a document, in the same change.
    if before.from_status == rules.REJECTED and before.recorded_at == newest.recorded_at:
        records_undo.take_back_move(session, before.id, now=now)


def _was_moved(session: Session, referral_id: int, event: DocumentEvent, to: str) -> bool:
    """Whether the event moved the case, and not only the document; a case that another one settled stays."""
    if to == rules.SUBMITTED and event.kind == rules.REJECTED:
        return False
    moved = select(ReferralEvent.id).where(
        ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status", ReferralEvent.to_status == to,
        ReferralEvent.recorded_at == event.recorded_at,
    )  # fmt: skip
    return session.scalar(moved.limit(1)) is not None
