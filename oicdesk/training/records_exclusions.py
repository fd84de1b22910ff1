"""Who is left out of which course, from when to when, why, and who agreed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import short_day
from oicdesk.training import records_people
from oicdesk.training.records import catalogue, titles
from oicdesk.training.rules import Exclusion
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

EXCLUSION_REASON = "training_exclusion"


class LearnerExclusion(Stored):
    """Somebody left out of a course, or of all (`course` null), with the reason."""

    __tablename__ = "training_exclusion"
    __table_args__ = (Index("training_exclusion_of_learner", "learner_id", "from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(records_people.Learner.id))
    course: Mapped[str | None]
    reason: Mapped[str]
    why: Mapped[str]
    approved_by: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]  # the last day
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


@dataclass(frozen=True)
class ExclusionRow:
    """One exclusion as shown beside a person; `course` is a title or “all courses”, `reason` in words."""

    id: int
    learner_id: int
    course: str
    reason: str
    why: str
    approved_by: str
    from_on: date
    to_on: date | None
    recorded_by: str


def exclude(
    session: Session,
    learner_id: int,
    course: str | None,
    reason: str,
    *,
    why: str,
    approved_by: str,
    from_on: date,
    to_on: date | None = None,
    at: datetime,
) -> int:
    """Leave somebody out of a course, or of all, from a day on. Returns the exclusion's id."""
    records_people.get(session, learner_id)
    if reason not in dict(reference(session).choices(EXCLUSION_REASON)):
        raise Refused("Choose one of the reasons of the reference table.", field="reason")
    if course is not None and course not in catalogue(session):
        raise Refused("There is no such course in the catalogue; choose another.", field="course")
    if not why.strip():
        raise Refused("Say why this person is left out; it stands behind the figure.", field="why")
    if not approved_by.strip():
        raise Refused("Name who agreed that this person is left out.", field="approved_by")
    if to_on is not None and to_on < from_on:
        raise Refused("The last day lies before the first; check both days.", field="to_on")
    for row in _exclusion_rows(session, learner_id):
        if (
            row.course in (None, course)
            and (row.to_on is None or row.to_on >= from_on)
            and (to_on is None or row.from_on <= to_on)
        ):
            raise Refused(
                f"This person is left out already since {short_day(row.from_on)}; end that exclusion first.",
                field="from_on",
            )
    new = LearnerExclusion(
        learner_id=learner_id, course=course, reason=reason, why=why.strip(), approved_by=approved_by.strip(),
        from_on=from_on, to_on=to_on, recorded_at=at, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(new)
    session.flush()
    log.record(session, log.COLLECTION, learner=learner_id, training_exclusion=new.id, fields=["reason"])
    return new.id


def end_exclusion(session: Session, exclusion_id: int, *, last_on: date) -> None:
    """End an exclusion after a day; figures of the days before keep it."""
    row = _exclusion(session, exclusion_id)
    if last_on < row.from_on:
        raise Refused("It would end before it begins; withdraw it if it was recorded in error.", field="last_on")
    row.to_on = last_on
    log.record(session, log.ALTERATION, learner=row.learner_id, training_exclusion=row.id, fields=["to_on"])


def withdraw_exclusion(session: Session, exclusion_id: int, *, at: datetime) -> None:
    """Take back an exclusion that was recorded in error, as if it had never been."""
    row = _exclusion(session, exclusion_id)
    row.withdrawn_at = at
    log.record(session, log.ALTERATION, learner=row.learner_id, training_exclusion=row.id, fields=["withdrawn_at"])


def _exclusion(session: Session, exclusion_id: int) -> LearnerExclusion:
    row = session.get(LearnerExclusion, exclusion_id)
    if row is None or row.withdrawn_at is not None:
        raise Refused("That exclusion is gone already.")
    return row


def _exclusion_rows(session: Session, learner_id: int | None = None) -> list[LearnerExclusion]:
    query = select(LearnerExclusion).where(LearnerExclusion.withdrawn_at.is_(None))
    if learner_id is not None:
        query = query.where(LearnerExclusion.learner_id == learner_id)
    return list(session.scalars(query.order_by(LearnerExclusion.from_on, LearnerExclusion.id)))


def exclusions_of(session: Session, learner_id: int) -> list[ExclusionRow]:
    """What a person is or was left out of, newest first."""
    names, desk = titles(session), reference(session)
    return [
        ExclusionRow(
            row.id, row.learner_id, names.get(row.course, row.course) if row.course else "all courses",
            desk.label(EXCLUSION_REASON, row.reason), row.why, row.approved_by, row.from_on, row.to_on, row.recorded_by,
        )
        for row in reversed(_exclusion_rows(session, learner_id))
    ]  # fmt: skip


def exclusions(session: Session) -> dict[int, list[Exclusion]]:
    """Person → exclusions, all days, reasons in words."""
    return _by_person(reference(session), _exclusion_rows(session))


def exclusions_among(session: Session, ids: Sequence[int], desk: Reference) -> dict[int, list[Exclusion]]:
    """The same for some people only."""
    query = select(LearnerExclusion).where(
        LearnerExclusion.withdrawn_at.is_(None), LearnerExclusion.learner_id.in_(ids)
    )
    return _by_person(desk, session.scalars(query.order_by(LearnerExclusion.from_on, LearnerExclusion.id)))


def _by_person(desk: Reference, rows: Iterable[LearnerExclusion]) -> dict[int, list[Exclusion]]:
    found: dict[int, list[Exclusion]] = defaultdict(list)
    for row in rows:
        reason = desk.label(EXCLUSION_REASON, row.reason)
        found[row.learner_id].append(Exclusion(row.learner_id, row.course, reason, row.from_on, row.to_on))
    return found
