"""Reviews of cases, and the anonymising of their people. A date never erases anything by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.referrals import records, rules_retention
from oicdesk.referrals.records import Referral, ReferralEvent, ReferralNote
from oicdesk.referrals.records_holds import ReferralHold
from oicdesk.referrals.records_people import Person
from oicdesk.referrals.records_rights import erase
from oicdesk.referrals.rules import DONE, refuse
from oicdesk.referrals.rules_retention import ANONYMISED, KEPT, Retention
from oicdesk.settings.records import reference
from oicdesk.settings.rules import add_months, london_day
from oicdesk.vault import drafts, log
from oicdesk.vault.tables import Draft, Stored

ERASED_NOTE = "Erased when the people of this case were anonymised."
# Erases what another room keeps of the people of a case, such as a working draft.
Purge = Callable[[Session, int], None]


class ReferralReview(Stored):
    """What a review of a case decided; rows are only added."""

    __tablename__ = "referral_review"
    __table_args__ = (Index("referral_review_of", "referral_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    decision: Mapped[str]
    why: Mapped[str]
    next_on: Mapped[date | None]


# --- reviews ---


@dataclass(frozen=True)
class DueRow:
    """A case that somebody has to look at; `anonymise_on` is None while it is open or once it is anonymised."""

    id: int
    reference: str
    ref_order: int
    force: str | None
    status: str
    contact_at: datetime
    done_on: date | None
    review_on: date
    anonymise_on: date | None
    held: bool


@dataclass(frozen=True)
class ReviewRow:
    """A review of a case, newest first in `reviews`."""

    at: datetime
    by: str
    decision: str
    why: str
    next_on: date | None


def due_for_review(session: Session, *, now: datetime, force: str | None = None) -> list[DueRow]:
    """Cases whose review date has come, or whose people may be anonymised; the longest due first."""
    months, today = _months(session), london_day(now)
    query = (
        select(
            Referral.id, Referral.reference, Referral.ref_order, Referral.force, Referral.status, Referral.contact_at,
            Referral.review_on, _done_at().label("done_at"), _was_anonymised().label("anonymised"),
            _held().label("held"),
        )
        .where(Referral.stage != records.WITHDRAWN)
        # A finished case is at least a year old when its people may go; the rest is decided below, by the rules.
        .where((Referral.review_on <= today) | Referral.status.in_(DONE))
    )  # fmt: skip
    if force is not None:
        query = query.where(Referral.force == force)
    rows = []
    for row in session.execute(query):
        case = _retention(row.status, row.done_at, row.review_on, row.held, row.anonymised)
        if rules_retention.is_due(case, today, months):
            ripe = None if case.anonymised else rules_retention.anonymise_on(case.done_on, months)
            rows.append(
                DueRow(
                    row.id, row.reference, row.ref_order, row.force, row.status, row.contact_at, case.done_on,
                    row.review_on, ripe, case.held,
                )
            )  # fmt: skip
    return sorted(rows, key=lambda row: (min(filter(None, (row.review_on, row.anonymise_on))), row.ref_order))


def reviews(session: Session, referral_id: int) -> list[ReviewRow]:
    """What was decided about keeping a case."""
    found = session.scalars(
        select(ReferralReview)
        .where(ReferralReview.referral_id == referral_id)
        .order_by(ReferralReview.at.desc(), ReferralReview.id.desc())
    )
    return [ReviewRow(row.at, row.by, row.decision, row.why, row.next_on) for row in found]


def retention_of(session: Session, referral_id: int) -> Retention:
    """What a review of this case rests on."""
    referral = records.get(session, referral_id)
    row = session.execute(
        select(_done_at().label("done_at"), _was_anonymised().label("anonymised"), _held().label("held")).where(
            Referral.id == referral_id
        )
    ).one()
    return _retention(referral.status, row.done_at, referral.review_on, row.held, row.anonymised)


def _retention(
    status: str, done_at: datetime | None, review_on: date, held: int | None, anonymised: int | None
) -> Retention:
    done_on = london_day(done_at) if done_at is not None and status in DONE else None
    return Retention(status, done_on, review_on, held is not None, anonymised is not None)


def _done_at() -> Any:
    return (
        select(func.max(ReferralEvent.at))
        .where(ReferralEvent.referral_id == Referral.id, ReferralEvent.kind == "status")
        .correlate(Referral)
        .scalar_subquery()
    )


def _was_anonymised() -> Any:
    return (
        select(func.max(ReferralReview.id))
        .where(ReferralReview.referral_id == Referral.id, ReferralReview.decision == ANONYMISED)
        .correlate(Referral)
        .scalar_subquery()
    )


def _held() -> Any:
    return (
        select(func.max(ReferralHold.id))
        .where(ReferralHold.referral_id == Referral.id, ReferralHold.released_at.is_(None))
        .correlate(Referral)
        .scalar_subquery()
    )


def _months(session: Session) -> int:
    months: int = reference(session).setting("anonymise_months")
    return months


def next_review(session: Session, referral_id: int, *, now: datetime) -> date:
    """The day that the desk's settings propose for the next review."""
    desk, status = reference(session), records.get(session, referral_id).status
    months: int = desk.setting("review_months" if status in DONE else "open_review_months")
    return add_months(london_day(now), months)


def keep(session: Session, referral_id: int, why: str, next_on: date | None, *, now: datetime) -> None:
    """Review a case and keep it as it is, until the next review."""
    refuse(rules_retention.check_keep(why, next_on, london_day(now)))
    assert next_on is not None
    _note(session, referral_id, KEPT, why, next_on, now)


def anonymise(session: Session, referral_id: int, why: str, *, now: datetime, purge: Purge | None = None) -> int:
    """Erase who the people of a finished case were, the notes, and unfinished forms; returns how many people.

    The case, its count of persons, its history and its figures stay. Reasons in the history stay too: they are not
    to name anybody. Refused while a hold stands.
    """
    case = retention_of(session, referral_id)
    rules_retention.check_anonymise(case, why, london_day(now), _months(session))
    people = list(session.scalars(select(Person).where(Person.referral_id == referral_id, Person.erased_at.is_(None))))
    for number, person in enumerate(people, 1):
        erase(session, person, f"Person {number}", now=now)
    notes = session.scalars(select(ReferralNote).where(ReferralNote.referral_id == referral_id)).all()
    for note in notes:
        note.text = ERASED_NOTE
    _end_drafts(session, referral_id)
    if purge is not None:
        purge(session, referral_id)
    referral = records.get(session, referral_id)
    referral.safeguarding_incomplete = False
    log.record(
        session, log.ERASURE, referral=referral_id, person=[one.id for one in people],
        referral_note=[note.id for note in notes], detail="people anonymised at review",
    )  # fmt: skip
    _note(session, referral_id, ANONYMISED, why, next_review(session, referral_id, now=now), now)
    return len(people)


def _note(session: Session, referral_id: int, decision: str, why: str, next_on: date, now: datetime) -> None:
    referral = records.get(session, referral_id)
    row = ReferralReview(
        referral_id=referral_id, at=now, by=session.info["user"].name, decision=decision, why=why.strip(),
        next_on=next_on,
    )  # fmt: skip
    session.add(row)
    session.flush()
    referral.review_on, referral.updated_at = next_on, now
    words = f"reviewed: {rules_retention.REVIEW_WORDS[decision].lower()}"
    records.note_event(session, referral_id, words, at=now, now=now, reason=why.strip())
    log.record(
        session, log.ALTERATION, referral=referral_id, referral_review=row.id, fields=["review_on"], detail="review"
    )


def _end_drafts(session: Session, referral_id: int) -> None:
    for key in session.scalars(select(Draft.key).where(Draft.key.like(f"queue/%/people/{referral_id}/%"))).all():
        drafts.end(session, key)
