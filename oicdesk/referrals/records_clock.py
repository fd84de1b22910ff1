"""Pausing a case and putting it off until a day, each with its history. Neither touches a due time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ForeignKey,
    FromClause,
    Index,
    ScalarSelect,
    Select,
    String,
    Table,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules, rules_clock
from oicdesk.referrals.records import Referral, ReferralEvent
from oicdesk.referrals.rules_clock import Pause
from oicdesk.settings.rules import add_working_days, london_day, spoken_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

TAKEN_BACK = "taken back"  # the kind of an event that says a step was


class ReferralPause(Stored):
    """A time during which nobody chases a case, with the reason; `until` is empty while it lasts."""

    __tablename__ = "referral_pause"
    __table_args__ = (
        Index("referral_pause_history", "referral_id", "since"),
        Index("referral_pause_running", "referral_id", unique=True, sqlite_where=text("until IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    reason: Mapped[str]
    by: Mapped[str]
    ended_by: Mapped[str | None]


class ReferralSnooze(Stored):
    """A case put off until a day, on which it is back by itself; `ended_at` when somebody ended it before."""

    __tablename__ = "referral_snooze"
    __table_args__ = (
        Index("referral_snooze_running", "referral_id", unique=True, sqlite_where=text("ended_at IS NULL")),
        Index("referral_snooze_until", "until", "referral_id", sqlite_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    until: Mapped[date]
    at: Mapped[datetime]
    reason: Mapped[str | None]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


@dataclass(frozen=True)
class PauseRow:
    """A pause as shown beside its case."""

    id: int
    since: datetime
    until: datetime | None
    reason: str
    by: str

    @property
    def span(self) -> Pause:
        return Pause(self.since, self.until)


# --- pausing ---


def pause(session: Session, referral_id: int, reason: str, *, at: datetime, now: datetime) -> int:
    """Stop the chasers and the worked clock of a case. Returns the pause's id."""
    referral = records.get(session, referral_id)
    spans = [row.span for row in pauses(session, referral_id)]
    rules_clock.check_pause(spans, reason, referral.status in rules.OPEN, at)
    row = ReferralPause(referral_id=referral_id, since=at, reason=reason.strip(), by=session.info["user"].name)
    session.add(row)
    session.flush()
    records.note_event(session, referral_id, "paused", at=at, now=now, reason=row.reason)
    log.record(session, log.ALTERATION, referral=referral_id, referral_pause=row.id, fields=["paused"])
    return row.id


def resume(session: Session, referral_id: int, *, at: datetime, now: datetime) -> int:
    """Let the chasers and the worked clock of a paused case go on. Returns the pause's id."""
    row = _running(session, referral_id)
    if row is None:
        raise Refused("This case is not paused.")
    if at < row.since:
        raise Refused("The case was paused after that time; give a later one.", field="at")
    row.until, row.ended_by = at, session.info["user"].name
    records.note_event(session, referral_id, "resumed", at=at, now=now)
    log.record(session, log.ALTERATION, referral=referral_id, referral_pause=row.id, fields=["paused"])
    return row.id


def take_back_pause(session: Session, pause_id: int, *, now: datetime) -> None:
    """A pause that was a mistake: it took no time."""
    row = session.get_one(ReferralPause, pause_id)
    if row.until is not None:
        raise Refused("The case was resumed since; take that back first.")
    row.until, row.ended_by = row.since, session.info["user"].name
    _taken_back(session, row.referral_id, "the pause", now, referral_pause=row.id)


def take_back_resume(session: Session, pause_id: int, *, now: datetime) -> None:
    """A resuming that was a mistake: the pause never ended."""
    row = session.get_one(ReferralPause, pause_id)
    if _running(session, row.referral_id) is not None:
        raise Refused("The case was paused again since; take that back first.")
    row.until, row.ended_by = None, None
    _taken_back(session, row.referral_id, "the resuming", now, referral_pause=row.id)


def pauses(session: Session, referral_id: int) -> list[PauseRow]:
    """The pauses of a case, newest first; those taken back at once are left out."""
    found = session.scalars(
        select(ReferralPause)
        .where(ReferralPause.referral_id == referral_id, _lasted())
        .order_by(ReferralPause.since.desc(), ReferralPause.id.desc())
    )
    return [PauseRow(row.id, row.since, row.until, row.reason, row.by) for row in found]


def newest_pause(session: Session, referral_id: int) -> int:
    """The id of the newest pause of a case: what taking it back is given later."""
    session.flush()
    query = select(ReferralPause.id).where(ReferralPause.referral_id == referral_id)
    return session.scalars(query.order_by(ReferralPause.id.desc()).limit(1)).one()


def paused_counts(session: Session, *, as_at: datetime, force: str | None = None) -> dict[str, int]:
    """How many cases that were open at an instant were paused then, by reason; for figures and papers."""
    table, event = ReferralPause, aliased(ReferralEvent)
    status = (
        select(event.to_status)
        .where(event.referral_id == Referral.id, event.kind == "status", event.at <= as_at)
        .order_by(event.at.desc(), event.id.desc())
        .limit(1)
        .correlate(Referral)
        .scalar_subquery()
    )
    query = (
        select(table.reason, func.count())
        .join(Referral, Referral.id == table.referral_id)
        .where(
            table.since <= as_at, (table.until.is_(None)) | (table.until > as_at),
            Referral.stage != records.WITHDRAWN, Referral.contact_at <= as_at, status.in_(rules.OPEN),
        )
        .group_by(table.reason)
        .order_by(table.reason)
    )  # fmt: skip
    if force is not None:
        query = query.where(Referral.force == force)
    return dict(session.execute(query).all())


def spoken_paused(paused: Mapping[str, int]) -> str:
    """What a paper says of them, with their reasons; nothing while no case is paused."""
    count = sum(paused.values())
    if not count:
        return ""
    reasons = "; ".join(f"{told} {reason}" for reason, told in paused.items())
    return (
        f"{count} open case{' is' if count == 1 else 's are'} paused ({reasons}). A pause moves chasers and the worked"
        " clock only: due times, overdue and on-time are counted as if there were none."
    )


def _lasted() -> Any:
    return ReferralPause.until.is_(None) | (ReferralPause.until > ReferralPause.since)


def _running(session: Session, referral_id: int) -> ReferralPause | None:
    return session.scalar(
        select(ReferralPause).where(ReferralPause.referral_id == referral_id, ReferralPause.until.is_(None))
    )


_PAUSE = cast(Table, ReferralPause.__table__).c
_BETWEEN, _TO = "|", ">"


def pauses_in(referral: FromClause) -> ScalarSelect[str | None]:
    """Part of a statement on referrals: the pauses of each, for `as_pauses`."""
    span = type_coerce(_PAUSE.since, String) + _TO + func.coalesce(type_coerce(_PAUSE.until, String), "")
    return (
        select(func.aggregate_strings(span, _BETWEEN))
        .where(_PAUSE.referral_id == referral.c.id, _lasted())
        .scalar_subquery()
    )


def as_pauses(told: str | None) -> tuple[Pause, ...]:
    """What `pauses_in` gave."""
    spans = (span.split(_TO) for span in told.split(_BETWEEN)) if told else ()
    return tuple(
        Pause(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None) for since, until in spans
    )


# --- snoozing ---


def snooze(session: Session, referral_id: int, until: date, reason: str = "", *, now: datetime) -> int:
    """Put a case out of the daily views until a day; it still counts as open. Returns the snooze's id."""
    referral = records.get(session, referral_id)
    rules_clock.check_snooze(until, london_day(now), referral.status in rules.OPEN)
    before = _asleep(session, referral_id)
    if before is not None:
        before.ended_at, before.ended_by = now, session.info["user"].name
        session.flush()
    row = ReferralSnooze(
        referral_id=referral_id, until=until, at=now, reason=reason.strip() or None, by=session.info["user"].name
    )
    session.add(row)
    session.flush()
    told = f"until {spoken_day(until)}" + (f": {row.reason}" if row.reason else "")
    records.note_event(session, referral_id, "snoozed", at=now, now=now, reason=told)
    log.record(session, log.ALTERATION, referral=referral_id, referral_snooze=row.id, fields=["snoozed_until"])
    return row.id


def wake(session: Session, referral_id: int, *, now: datetime) -> int:
    """Bring a snoozed case back now. Returns the snooze's id."""
    row = _asleep(session, referral_id)
    if row is None or not rules_clock.is_snoozed(row.until, london_day(now)):
        raise Refused("This case is not snoozed.")
    row.ended_at, row.ended_by = now, session.info["user"].name
    records.note_event(session, referral_id, "snooze ended", at=now, now=now)
    log.record(session, log.ALTERATION, referral=referral_id, referral_snooze=row.id, fields=["snoozed_until"])
    return row.id


def take_back_snooze(session: Session, snooze_id: int, *, now: datetime) -> None:
    """End a snooze that was a mistake; the one it replaced holds again."""
    row = session.get_one(ReferralSnooze, snooze_id)
    if row.ended_at is not None:
        raise Refused("The snooze was changed or ended since; take that back first.")
    before = session.scalar(
        select(ReferralSnooze).where(
            ReferralSnooze.referral_id == row.referral_id, ReferralSnooze.ended_at == row.at, ReferralSnooze.id < row.id
        )
    )
    row.ended_at, row.ended_by = now, session.info["user"].name
    session.flush()
    if before is not None:
        before.ended_at, before.ended_by = None, None
    _taken_back(session, row.referral_id, "the snooze", now, referral_snooze=row.id)


def take_back_wake(session: Session, snooze_id: int, *, now: datetime) -> None:
    """Let a snooze that was ended by mistake go on."""
    row = session.get_one(ReferralSnooze, snooze_id)
    if _asleep(session, row.referral_id) is not None:
        raise Refused("The case was snoozed again since; take that back first.")
    row.ended_at, row.ended_by = None, None
    _taken_back(session, row.referral_id, "the end of the snooze", now, referral_snooze=row.id)


def newest_snooze(session: Session, referral_id: int) -> int:
    """The id of the newest snooze of a case: what taking it back is given later."""
    session.flush()
    query = select(ReferralSnooze.id).where(ReferralSnooze.referral_id == referral_id)
    return session.scalars(query.order_by(ReferralSnooze.id.desc()).limit(1)).one()


def snoozed_ids(now: datetime) -> Select[int]:
    """The referrals that are out of the daily views at this moment."""
    return select(ReferralSnooze.referral_id).where(
        ReferralSnooze.ended_at.is_(None), ReferralSnooze.until > london_day(now)
    )


def woken_ids(now: datetime, holidays: Collection[date]) -> Select[int]:
    """The referrals whose snooze ran out since the working day before this one, and was not ended by hand."""
    today = london_day(now)
    return select(ReferralSnooze.referral_id).where(
        ReferralSnooze.ended_at.is_(None), ReferralSnooze.until <= today,
        ReferralSnooze.until > add_working_days(today, -1, holidays),
    )  # fmt: skip


_SNOOZE = cast(Table, ReferralSnooze.__table__).c


def put_off_until(referral: FromClause) -> ScalarSelect[date | None]:
    """Part of a statement on referrals: the day until which each was put off, past or to come."""
    return (
        select(_SNOOZE.until).where(_SNOOZE.referral_id == referral.c.id, _SNOOZE.ended_at.is_(None)).scalar_subquery()
    )


def _asleep(session: Session, referral_id: int) -> ReferralSnooze | None:
    return session.scalar(
        select(ReferralSnooze).where(ReferralSnooze.referral_id == referral_id, ReferralSnooze.ended_at.is_(None))
    )


def _taken_back(session: Session, referral_id: int, what: str, now: datetime, **ids: int) -> None:
    records.note_event(session, referral_id, TAKEN_BACK, at=now, now=now, reason=what)
    log.record(session, log.ALTERATION, detail=TAKEN_BACK, records={"referral": referral_id, **ids})
