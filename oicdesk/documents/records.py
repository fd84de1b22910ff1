"""Intelligence documents as facts about them, their history, and the figures that follow from it.

One document may serve several contacts and one contact several documents. An event has the instant it
happened (`at`) and the instant it was typed; figures as at an instant go by the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, exists, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from oicdesk.documents import records_drafts, records_tell, rules
from oicdesk.documents.rules import CaseAsAt, DocumentFacts, Grades
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.referrals.records import Referral, ReferralEvent
from oicdesk.referrals.records_clock import paused_counts
from oicdesk.referrals.records_exemptions import Exemption
from oicdesk.referrals.records_reconciled import reconciled
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day, spoken_instant
from oicdesk.vault import log
from oicdesk.vault.tables import Stored, collection_paused


class Document(Stored):
    """What is known about an intelligence document; never its text, its source or an operation's name."""

    __tablename__ = "document"
    __table_args__ = (
        Index("document_submitted", "submitted_at", "id"),
        Index("document_outcome", "outcome", "submitted_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    reference_key: Mapped[str] = mapped_column(index=True)
    system: Mapped[str]
    author: Mapped[str]
    information_on: Mapped[date | None]
    created_on: Mapped[date | None]
    submitted_at: Mapped[datetime]  # the first submission; corrections do not move it
    submitted_by_reporting_officer: Mapped[bool | None]
    marking: Mapped[str | None]
    held_elsewhere: Mapped[bool]
    source_evaluation: Mapped[str | None]
    information_assessment: Mapped[str | None]
    handling_code: Mapped[str | None]
    action_code: Mapped[str | None]
    sanitisation_code: Mapped[str | None]
    conditions: Mapped[str]
    usage: Mapped[str]
    old_5x5x5: Mapped[str]
    outcome: Mapped[str]
    resubmissions: Mapped[int]
    assessor: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class DocumentLink(Stored):
    """This document serves this contact."""

    __tablename__ = "document_link"
    __table_args__ = (Index("document_link_of_referral", "referral_id", "document_id"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True)


class DocumentEvent(Stored):
    """A submission or an outcome: kind is the outcome it led to."""

    __tablename__ = "document_event"
    __table_args__ = (Index("document_event_history", "document_id", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]
    assessor: Mapped[str | None]
    reason: Mapped[str | None]


@dataclass(frozen=True)
class DocumentRow:
    """A document as shown beside its case; grades are codes, spoken by `rules.spoken_grade`."""

    id: int
    reference: str
    system: str
    author: str
    information_on: date | None
    created_on: date | None
    submitted_at: datetime
    submitted_by_reporting_officer: bool | None
    marking: str | None
    held_elsewhere: bool
    grades: Grades
    outcome: str
    resubmissions: int
    assessor: str | None
    history: tuple["DocumentEventRow", ...]


@dataclass(frozen=True)
class DocumentEventRow:
    """One line of a document's history."""

    at: datetime
    by: str
    kind: str
    assessor: str | None
    reason: str | None


_FACTS = (
    "reference", "system", "author", "information_on", "created_on", "submitted_at",
    "submitted_by_reporting_officer", "marking", "held_elsewhere",
)  # fmt: skip
_GRADES = (*rules.GRADE_PARTS, "conditions", "usage", "old_5x5x5")
SUBMITTABLE = referral_rules.NEEDS_DOCUMENT - {referral_rules.NEW}


# --- submissions and outcomes ---


def submit(session: Session, referral_id: int, facts: DocumentFacts, *, now: datetime) -> tuple[int, list[str]]:
    """Record that a document was submitted for a case. Returns its id and what should be looked at.

    A document dated before its contact is recorded all the same.
    """
    referral = referrals.get(session, referral_id)
    status = referral.status
    if status == referral_rules.REJECTED:
        status = referral_rules.AWAITING_DOCUMENT
    referral_rules.move(status, referral_rules.SUBMITTED)
    _check(session, facts, now)
    assert facts.submitted_at is not None  # check_document asks for it
    if referral.status == referral_rules.REJECTED:
        again = _in_order(session, referral_id, facts.submitted_at)
        referrals.move(session, referral_id, referral_rules.AWAITING_DOCUMENT, at=again, now=now)
    document_id = _enter(session, facts, now)
    session.add(DocumentLink(document_id=document_id, referral_id=referral_id))
    log.record(session, log.COLLECTION, referral=referral_id, document=document_id, fields=_told(facts))
    _move_cases(session, document_id, referral_rules.SUBMITTED, at=facts.submitted_at, now=now)
    known = referral.contact_at if referral.contact_at_known else None
    return document_id, rules.document_warnings(facts, known)


def enter(session: Session, facts: DocumentFacts, *, now: datetime) -> int:
    """Record a document that `link` will say of which contacts it is. Returns its id."""
    _check(session, facts, now)
    document_id = _enter(session, facts, now)
    log.record(session, log.COLLECTION, document=document_id, fields=_told(facts))
    return document_id


def _check(session: Session, facts: DocumentFacts, now: datetime) -> None:
    referral_rules.refuse(rules.check_document(facts, now, labels(reference(session))))


def _told(facts: DocumentFacts) -> list[str]:
    return [name for name in _FACTS if getattr(facts, name)]


def _enter(session: Session, facts: DocumentFacts, now: datetime) -> int:
    assert facts.submitted_at is not None  # _check asked for it
    document = Document(
        **_columns(facts), reference_key=referral_rules.normalised_reference(facts.reference),
        outcome=referral_rules.SUBMITTED, resubmissions=0, assessor=None, recorded_at=now,
        recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(document)
    session.flush()
    _event(session, document.id, referral_rules.SUBMITTED, at=facts.submitted_at, now=now)
    return document.id


def _columns(facts: DocumentFacts) -> dict[str, Any]:
    grades = {name: getattr(facts.grades, name) for name in _GRADES}
    return {name: getattr(facts, name) for name in _FACTS} | grades


def labels(desk: Reference) -> dict[str, dict[str, str]]:
    """Grade part → code → words, for the rules and for speaking a grade."""
    return {part: {row.code: row.label for row in desk.history(part)} for part in rules.GRADE_PARTS}


def accept(
    session: Session, document_id: int, *, at: datetime, now: datetime | None = None, assessor: str = ""
) -> None:
    """Record that the force's intelligence unit accepted the document; `assessor` is who did, there."""
    document = _get(session, document_id)
    document.outcome = rules.accept(document.outcome)
    _decide(session, document, at=at, now=now or at, assessor=assessor)
    records_drafts.purge_accepted(session, document_id, cases_of(session, document_id), now=now or at)


def return_for_correction(
    session: Session, document_id: int, reason: str, *, at: datetime, now: datetime | None = None, assessor: str = ""
) -> None:
    """Record that the document came back for correction; it still counts as submitted."""
    document = _get(session, document_id)
    document.outcome = rules.return_for_correction(document.outcome, reason)
    _decide(session, document, at=at, now=now or at, assessor=assessor, reason=reason)


def reject(
    session: Session, document_id: int, reason: str, *, at: datetime, now: datetime | None = None, assessor: str = ""
) -> None:
    """Record that the document was rejected; it no longer counts and the case needs another."""
    document = _get(session, document_id)
    document.outcome = rules.reject(document.outcome, reason)
    _decide(session, document, at=at, now=now or at, assessor=assessor, reason=reason)
    _raise_tellings(session, document_id, records_tell.REJECTED, at, now or at)


def _raise_tellings(session: Session, document_id: int, why: str, at: datetime, now: datetime) -> None:
    # Whoever received something is told, also where the contact has left the register since.
    linked = session.scalars(select(DocumentLink.referral_id).where(DocumentLink.document_id == document_id)).all()
    records_tell.raise_tellings(session, document_id, linked, why, at=at, now=now)


def cases_of(session: Session, document_id: int) -> list[int]:
    """The contacts that a document serves; one that was withdrawn, as with its import, is served by nothing."""
    query = (
        select(DocumentLink.referral_id)
        .join(Referral, Referral.id == DocumentLink.referral_id)
        .where(DocumentLink.document_id == document_id, Referral.stage != referrals.WITHDRAWN)
    )
    return list(session.scalars(query.order_by(DocumentLink.referral_id)))


def correct(session: Session, document_id: int, facts: DocumentFacts, reason: str, *, now: datetime) -> list[str]:
    """Correct what was recorded of a document; its submissions and outcomes stay. Returns the fields that changed."""
    document = _get(session, document_id)
    facts = replace(facts, submitted_at=document.submitted_at)
    _check(session, facts, now)
    if facts == facts_of(session, document_id):
        return []
    if not reason.strip():
        raise Refused("Facts are corrected only with a reason; write what was wrong.", field="reason")
    changed = put_facts(session, document_id, facts)
    _event(session, document_id, rules.CORRECTED, at=now, now=now, reason=reason.strip())
    log.record(session, log.ALTERATION, document=document_id, fields=changed)
    _raise_tellings(session, document_id, records_tell.FACTS, now, now)
    return changed


def put_facts(session: Session, document_id: int, facts: DocumentFacts) -> list[str]:
    """Let a document have these facts; the caller logs it. Returns the fields that changed."""
    document, new = _get(session, document_id), _columns(facts)
    changed = [name for name, value in new.items() if getattr(document, name) != value]
    for name in changed:
        setattr(document, name, new[name])
    document.reference_key = referral_rules.normalised_reference(facts.reference)
    return changed


def facts_of(session: Session, document_id: int) -> DocumentFacts:
    """What is recorded of a document."""
    document = _get(session, document_id)
    grades = Grades(**{name: getattr(document, name) for name in _GRADES})
    return DocumentFacts(**{name: getattr(document, name) for name in _FACTS}, grades=grades)


def _decide(
    session: Session, document: Document, *, at: datetime, now: datetime, assessor: str, reason: str | None = None
) -> None:
    document.assessor = assessor.strip() or None
    _event(session, document.id, document.outcome, at=at, now=now, assessor=document.assessor, reason=reason)
    log.record(session, log.ALTERATION, document=document.id, fields=["outcome", "assessor"])
    _move_cases(session, document.id, document.outcome, at=at, now=now, reason=reason)


def resubmit(session: Session, document_id: int, *, at: datetime, now: datetime | None = None) -> None:
    """Record the corrected submission of a returned document; the first submission time stays."""
    document = _get(session, document_id)
    submission = rules.resubmit(rules.Submission(document.outcome, document.submitted_at, document.resubmissions), at)
    returned = session.scalar(
        select(func.max(DocumentEvent.at)).where(
            DocumentEvent.document_id == document_id, DocumentEvent.kind == referral_rules.RETURNED
        )
    )
    if returned is not None and at < returned:
        raise Refused(f"The document was returned on {spoken_instant(returned)}; give a later time.", field="at")
    document.outcome, document.resubmissions = submission.outcome, submission.resubmissions
    _event(session, document.id, referral_rules.SUBMITTED, at=at, now=now or at)
    log.record(session, log.ALTERATION, document=document.id, fields=["outcome", "resubmissions"])
    _move_cases(session, document.id, referral_rules.SUBMITTED, at=at, now=now or at)
    _raise_tellings(session, document_id, records_tell.RESUBMITTED, at, now or at)


def _move_cases(
    session: Session, document_id: int, to: str, *, at: datetime, now: datetime, reason: str | None = None
) -> None:
    """The status of each case follows the document that leads it.

    A case that another document settled, or that a person closed or reopened since, stays as it stands. One that a
    rejection leaves with another document that counts stands where that one does.
    """
    cases = cases_of(session, document_id)
    for referral_id in cases:
        status, leader = referrals.get(session, referral_id).status, leading(session, referral_id)
        if leader is None or (leader.id != document_id and to != referral_rules.REJECTED):
            continue
        target = to if leader.id == document_id else leader.outcome
        if target not in referral_rules.ALLOWED[status]:
            continue
        when = _in_order(session, referral_id, at) if to == referral_rules.SUBMITTED else at
        try:
            referrals.move(session, referral_id, target, at=when, now=now, reason=reason)
        except Refused as refusal:
            if len(cases) == 1:
                raise
            name = referrals.get(session, referral_id).reference
            raise Refused(f"{name}, which the document serves too: {refusal}", field=refusal.field) from None


def leading(session: Session, referral_id: int) -> Document | None:
    """The document that a case's status follows: the newest of those that count, else of all."""
    rejected = Document.outcome == referral_rules.REJECTED
    return session.scalars(
        select(Document)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .where(DocumentLink.referral_id == referral_id)
        .order_by(rejected, Document.id.desc())
        .limit(1)
    ).first()


def link(session: Session, document_id: int, referral_id: int, *, now: datetime) -> list[str]:
    """Say that a document serves one more contact; its status follows. Returns what should be looked at."""
    document, referral = _get(session, document_id), referrals.get(session, referral_id)
    if document.outcome == referral_rules.REJECTED:
        raise Refused("A rejected document serves no contact; choose one that counts, or record a new one.")
    if session.get(DocumentLink, (document_id, referral_id)) is not None:
        raise Refused(f"The document serves {referral.reference} already; choose another contact.", field="reference")
    if referral.status not in (*referral_rules.COUNTS_AS_SUBMITTED, referral_rules.REJECTED):
        referral_rules.move(referral.status, referral_rules.SUBMITTED)
    session.add(DocumentLink(document_id=document_id, referral_id=referral_id))
    session.flush()
    log.record(session, log.COMBINATION, document=document_id, referral=referral_id)
    _follow(session, document, referral, now)
    facts = DocumentFacts(submitted_at=document.submitted_at, reference=document.reference)
    return rules.document_warnings(facts, referral.contact_at if referral.contact_at_known else None)


def _follow(session: Session, document: Document, referral: Referral, now: datetime) -> None:
    """Bring a contact that a document was linked to where the document stands."""
    waits = referral.status in referral_rules.NEEDS_DOCUMENT
    if not waits and leading(session, referral.id) is not document:
        return
    events = {event.kind: event for event in _history(session, document.id)}

    def move(to: str) -> None:
        event = events.get(to)
        at = _in_order(session, referral.id, event.at if event else document.submitted_at)
        referrals.move(session, referral.id, to, at=at, now=now, reason=event.reason if event else None)

    if referral.status == referral_rules.REJECTED:
        move(referral_rules.AWAITING_DOCUMENT)
    if referral.status in (referral_rules.AWAITING_DOCUMENT, referral_rules.RETURNED):
        move(referral_rules.SUBMITTED)
    if referral.status == referral_rules.SUBMITTED and document.outcome != referral_rules.SUBMITTED:
        move(document.outcome)


def _history(session: Session, document_id: int) -> Sequence[DocumentEvent]:
    query = select(DocumentEvent).where(DocumentEvent.document_id == document_id)
    return session.scalars(query.order_by(DocumentEvent.at, DocumentEvent.id)).all()


def _in_order(session: Session, referral_id: int, at: datetime) -> datetime:
    """A submission may lie before its contact; the case's own history still runs forward."""
    return max(at, referrals.last_status_at(session, referral_id) or at)


def _event(
    session: Session,
    document_id: int,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    assessor: str | None = None,
    reason: str | None = None,
) -> None:
    session.add(
        DocumentEvent(
            document_id=document_id, at=at, recorded_at=now, by=session.info["user"].name, kind=kind,
            assessor=assessor, reason=reason,
        )
    )  # fmt: skip
    session.flush()


def _get(session: Session, document_id: int) -> Document:
    found = session.get(Document, document_id)
    if found is None:
        raise Refused("That document is not in the register any more; read the case again.")
    return found


def documents(session: Session, referral_id: int) -> list[DocumentRow]:
    """The documents of a case, newest first."""
    found = session.scalars(
        select(Document)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .where(DocumentLink.referral_id == referral_id)
        .order_by(Document.id.desc())
    ).all()
    return [_row(session, document) for document in found]


def document(session: Session, document_id: int) -> DocumentRow:
    """One document with its history."""
    return _row(session, _get(session, document_id))


def cases_in_words(session: Session, document_id: int) -> list[tuple[int, str, str, datetime]]:
    """The contacts that a document serves: (id, reference, status in words, contact)."""
    query = (
        select(Referral.id, Referral.reference, Referral.status, Referral.contact_at)
        .join(DocumentLink, DocumentLink.referral_id == Referral.id)
        .where(DocumentLink.document_id == document_id, Referral.stage != referrals.WITHDRAWN)
        .order_by(Referral.ref_order)
    )
    words = referral_rules.STATUS_WORDS
    return [(row.id, row.reference, words[row.status], row.contact_at) for row in session.execute(query)]


def _row(session: Session, document: Document) -> DocumentRow:
    return DocumentRow(
        document.id, document.reference, document.system, document.author, document.information_on,
        document.created_on, document.submitted_at, document.submitted_by_reporting_officer, document.marking,
        document.held_elsewhere,
        Grades(**{name: getattr(document, name) for name in _GRADES}), document.outcome, document.resubmissions,
        document.assessor,
        tuple(DocumentEventRow(e.at, e.by, e.kind, e.assessor, e.reason) for e in _history(session, document.id)),
    )  # fmt: skip


# --- figures ---


@dataclass(frozen=True)
class CaseRow:
    """A case as at an instant, with what a report lists of it."""

    id: int
    reference: str
    team: str | None
    facts: CaseAsAt


def cases_as_at(session: Session, as_at: datetime, *, desk: Reference | None = None) -> list[CaseRow]:
    """Every case whose contact lies at or before `as_at`, as it stood then, oldest contact first.

    Goes by when things happened, not by when they were typed; undone imports are left out.
    """
    desk = desk or reference(session)
    started = desk.day_setting("register_started_on")
    query = _cases_query(as_at)
    # On the connection: a hundred thousand plain rows need nothing of the ORM, which doubles their time.
    with collection_paused():
        return [_case(row, as_at, desk, started) for row in session.connection().execute(query)]


def _cases_query(as_at: datetime) -> Any:
    event, rejected = aliased(ReferralEvent), aliased(DocumentEvent)
    newest = (
        select(event.id)
        .where(event.referral_id == Referral.id, event.kind == "status", event.at <= as_at)
        .order_by(event.at.desc(), event.id.desc())
        .limit(1)
        .correlate(Referral)
        .scalar_subquery()
    )
    first = (
        select(Document.id)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .where(
            DocumentLink.referral_id == Referral.id,
            Document.submitted_at <= as_at,
            ~exists().where(
                rejected.document_id == Document.id, rejected.kind == referral_rules.REJECTED, rejected.at <= as_at
            ),
        )
        .order_by(Document.submitted_at)
        .limit(1)
        .correlate(Referral)
        .scalar_subquery()
    )
    granted = (
        select(Exemption.id)
        .where(Exemption.referral_id == Referral.id)
        .where(Exemption.approved_by.is_not(None) | Exemption.reported_name.is_not(None))
        # An approval reported from outside may have been given before it was asked for here.
        .where((Exemption.requested_at <= as_at) | (Exemption.reported_on <= london_day(as_at)))
        .order_by(Exemption.id.desc())
        .limit(1)
        .correlate(Referral)
        .scalar_subquery()
    )
    return (
        select(
            Referral.id, Referral.reference, Referral.team, Referral.force, Referral.reason, Referral.contact_at,
            ReferralEvent.to_status, ReferralEvent.due_at,
            Document.submitted_at, Document.submitted_by_reporting_officer,
            Exemption.reason.label("exemption_reason"),
            Exemption.reported_name, Exemption.approved_at,
        )
        .select_from(Referral)
        .join(ReferralEvent, ReferralEvent.id == newest)
        .outerjoin(Document, Document.id == first)
        .outerjoin(Exemption, Exemption.id == granted)
        .where(Referral.contact_at <= as_at, Referral.stage != referrals.WITHDRAWN)
        .order_by(Referral.contact_at, Referral.id)
    )  # fmt: skip


def _case(row: Any, as_at: datetime, desk: Reference, started: date | None) -> CaseRow:
    exempt = row.to_status == referral_rules.EXEMPT
    confirmed = row.approved_at is not None and row.approved_at <= as_at
    facts = CaseAsAt(
        status=row.to_status,
        contact_at=row.contact_at,
        due_at=row.due_at,
        first_submitted_at=row.submitted_at,
        force=row.force,
        reason=desk.label("contact_reason", row.reason, london_day(row.contact_at)) or None,
        exemption_reason=desk.label("exemption_reason", row.exemption_reason) or None if exempt else None,
        submitted_by_reporting_officer=row.submitted_by_reporting_officer,
        before_register=referral_rules.is_before_register(row.contact_at, started),
        reported_approval=exempt and row.reported_name is not None and not confirmed,
    )
    return CaseRow(row.id, row.reference, row.team, facts)


def figures(session: Session, *, as_at: datetime, force: str = rules.JOINT) -> dict[str, Any]:
    """Coverage and timeliness for one scope as at an instant, in the shape of `oicdesk figures --json`."""
    every = [row.facts for row in cases_as_at(session, as_at)]
    # A case whose force is not known yet belongs to neither, so that joint is the two together.
    cases = [case for case in every if case.force is not None]
    scoped = rules.of_force(cases, force)
    coverage, on_time = rules.coverage(scoped, as_at), rules.on_time(scoped, as_at)
    one = None if force == rules.JOINT else force
    compared = reconciled(session, as_at=as_at, force=one)
    paused = paused_counts(session, as_at=as_at, force=one)
    return {
        "as_at": as_at.isoformat(),
        "force": force,
        "coverage": coverage._asdict(),
        "on_time": on_time._asdict(),
        "without_force": len(every) - len(cases),
        "paused": {"cases": sum(paused.values()), "reasons": paused},
        "denominator": "self-declared" if compared is None else compared.denominator,
        "reconciliation": None if compared is None else compared.figures(),
    }
