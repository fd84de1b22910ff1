"""Pauses and snoozes: what they move, and what they never do.

A pause moves the dates of chasers and the worked clock. Due times, overdue and on-time are worked out without
it: no function here is asked for them. A snooze moves nothing; it only puts a case out of the daily views.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from oicdesk.errors import Refused
from oicdesk.settings.rules import end_of_day, london_day, spoken_day, spoken_instant, working_days_between

LONGEST_SNOOZE: Final = timedelta(days=366)


class Pause(NamedTuple):
    """From when until when a case was paused; `until` None while it still is."""

    since: datetime
    until: datetime | None = None


def is_paused(pauses: Iterable[Pause], at: datetime) -> bool:
    """Whether the case is paused at that instant."""
    return any(_utc(pause.since) <= _utc(at) and (pause.until is None or _utc(pause.until) > _utc(at))
               for pause in pauses)  # fmt: skip


def paused_between(pauses: Iterable[Pause], start: datetime, end: datetime) -> timedelta:
    """How long the case was paused from `start` to `end`; pauses that overlap count once."""
    total, reached = timedelta(), _utc(start)
    for pause in _in_order(pauses):
        since, until = max(_utc(pause.since), reached), min(_end(pause, end), _utc(end))
        if until > since:
            total += until - since
            reached = until
    return total


def after_pauses(start: datetime, hours: float, pauses: Iterable[Pause], as_at: datetime) -> datetime:
    """When so many hours outside every pause have gone by since `start`.

    A pause that has not ended by `as_at` counts up to then: the answer moves on with it until it ends.
    """
    at = _utc(start) + timedelta(hours=hours)
    reached = _utc(start)
    for pause in _in_order(pauses):
        since, until = max(_utc(pause.since), reached), _end(pause, as_at)
        if since >= at:
            break
        if until > since:
            at += until - since
            reached = until
    return at


def worked_days(since: datetime, now: datetime, pauses: Iterable[Pause], holidays: Collection[date]) -> int:
    """The worked clock: working days since the contact, those that a pause took left out."""
    return working_days_between(london_day(since), london_day(now), holidays) - paused_days(
        since, now, pauses, holidays
    )


def paused_days(since: datetime, now: datetime, pauses: Iterable[Pause], holidays: Collection[date]) -> int:
    """The working days that pauses took; the day a pause begins still counts as worked."""
    total, reached = 0, london_day(since)
    for pause in _in_order(pauses):
        first = max(london_day(pause.since), reached)
        last = min(london_day(_end(pause, now)), london_day(now))
        if last > first:
            total += working_days_between(first, last, holidays)
            reached = last
    return total


def check_pause(pauses: Iterable[Pause], reason: str, is_open: bool, at: datetime) -> None:
    """Refuses a pause without a reason, of a case that is done, or of one that is paused already."""
    if not reason.strip():
        raise Refused("A case is paused only with a reason; write why.", field="reason")
    if not is_open:
        raise Refused("Nothing is waiting for this case, so there is nothing to pause.")
    running = next((pause for pause in pauses if pause.until is None), None)
    if running is not None:
        raise Refused(f"This case is paused already, since {spoken_instant(running.since)}; resume it first.")
    if any(pause.until is not None and _utc(pause.until) > _utc(at) for pause in pauses):
        raise Refused("A pause already covers that time; give a later one.", field="at")


def check_snooze(until: date, today: date, is_open: bool) -> None:
    """Refuses to snooze a case that is done, into the past, or for more than a year."""
    if not is_open:
        raise Refused("Nothing is waiting for this case, so there is nothing to snooze.")
    if until <= today:
        raise Refused(f"{spoken_day(until)} has come already; choose a later day to be reminded on.", field="until")
    if until - today > LONGEST_SNOOZE:
        raise Refused("A case is snoozed for a year at most; choose an earlier day.", field="until")


def is_snoozed(until: date | None, today: date) -> bool:
    """Whether a case is out of the daily views; on the day itself it is back."""
    return until is not None and until > today


def check_nccu(
    contact_at: datetime | None, passed_at: datetime | None, acknowledged_at: datetime | None, now: datetime
) -> dict[str, str]:
    """Every problem of when a contact was passed to the NCCU and acknowledged, beside its field."""
    problems: dict[str, str] = {}
    for name, told, what in (
        ("nccu_passed_at", passed_at, "passed on"), ("nccu_acknowledged_at", acknowledged_at, "acknowledged"),
    ):  # fmt: skip
        if told is not None and _utc(told) > _utc(now):
            problems[name] = f"It cannot have been {what} in the future; check the time."
    if passed_at and contact_at and _utc(passed_at) < _utc(contact_at).replace(second=0, microsecond=0):
        problems.setdefault("nccu_passed_at", "It was passed on before the contact; check both times.")
    if passed_at and acknowledged_at and _utc(acknowledged_at) < _utc(passed_at):
        problems.setdefault("nccu_acknowledged_at", "It was acknowledged before it was passed on; check both times.")
    return problems


def week_ends(now: datetime) -> datetime:
    """The last instant of this week, which ends on Sunday in London."""
    today = london_day(now)
    return end_of_day(today + timedelta(days=6 - today.weekday()))


def spoken_elapsed(start: datetime, end: datetime) -> str:
    """Real time from one instant to another, like “3 hours” or “2 days 4 hours”."""
    whole = max(0, int((_utc(end) - _utc(start)).total_seconds() // 3600))
    days, hours = divmod(whole, 24)
    told = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in ((days, "day"), (hours, "hour")) if count]
    return " ".join(told) or "less than an hour"


def _in_order(pauses: Iterable[Pause]) -> list[Pause]:
    return sorted(pauses, key=lambda pause: _utc(pause.since))


def _end(pause: Pause, as_at: datetime) -> datetime:
    """When it ended, or `as_at` while it runs."""
    return _utc(as_at) if pause.until is None else _utc(pause.until)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
