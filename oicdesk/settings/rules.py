"""The desk's calendar and clock arithmetic, and what a setting may be.

Instants are aware datetimes; days are plain dates of Europe/London. Holidays are handed in as the set of
bank-holiday dates of England and Wales. The day of an event is day 0 in every count of working days.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from oicdesk.errors import Refused

LONDON: Final = ZoneInfo("Europe/London")

ELAPSED_HOURS: Final = "elapsed_hours"
END_OF_NEXT_WORKING_DAY: Final = "end_of_next_working_day"

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_END_OF_DAY: Final = time(23, 59, 59, 999999)


@dataclass(frozen=True)
class DueRule:
    """When a document is due: `hours` elapsed hours after the contact, or the end of the next working day."""

    kind: str = ELAPSED_HOURS
    hours: int = 24


# --- wall times of Europe/London ---------------------------------------------------------------------------


def local_instant(day: date, at: time) -> tuple[datetime, bool]:
    """The UTC instant of a wall time in Europe/London, and whether that wall time happens twice.

    Of a time that happens twice the first is taken. A time that the clocks skip is refused.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), LONDON)
    try:
        instant = wall.astimezone(UTC)
        later = wall.replace(fold=1).astimezone(UTC)
    except OverflowError:
        raise Refused(f"{day.isoformat()} lies outside the calendar; check the year.") from None
    if instant.astimezone(LONDON).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise Refused(
            f"{at:%H:%M} does not exist on {spoken_day(day)}, because the clocks went forward "
            "between 01:00 and 02:00; check the time."
        )
    return instant, later != instant


def london_day(instant: datetime) -> date:
    """The calendar day in London at that instant."""
    return instant.astimezone(LONDON).date()


def start_of_day(day: date) -> datetime:
    """The first instant of that day in London."""
    return local_instant(day, time.min)[0]


def end_of_day(day: date) -> datetime:
    """The last instant of that day in London, shown to people as 11:59pm."""
    return local_instant(day, _END_OF_DAY)[0]


def as_at(text: str) -> datetime:
    """The instant named by `--as-at`: a date alone is the end of that day; no offset means London."""
    wanted = text.strip()
    try:
        return end_of_day(date.fromisoformat(wanted))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        raise Refused(
            f"“{wanted}” is not a date or time; write it like 2026-11-23 or 2026-11-23T10:42.", field="as_at"
        ) from None
    if moment.tzinfo is None:
        return local_instant(moment.date(), moment.time())[0]
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Refused(f"“{wanted}” lies outside the calendar; check the year.", field="as_at") from None


# --- working days ------------------------------------------------------------------------------------------


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Whether the day is neither Saturday, Sunday nor a bank holiday."""
    return day.weekday() < 5 and day not in holidays


def add_working_days(day: date, n: int, holidays: Collection[date]) -> date:
    """The n-th working day after `day`, which is day 0 and need not be a working day itself.

    n = 0 gives `day` back unchanged, even a Sunday; a negative n counts back.
    """
    step = timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day, holidays):
            day += step
    return day


def working_days_between(first: date, last: date, holidays: Collection[date]) -> int:
    """The working days after `first` up to and including `last`; negative when `last` lies before `first`."""
    if last < first:
        return -working_days_between(last, first, holidays)
    weeks, rest = divmod((last - first).days, 7)
    weekdays = 5 * weeks + sum((first.weekday() + i) % 7 < 5 for i in range(1, rest + 1))
    free = _free_weekdays(frozenset(holidays))
    return weekdays - (bisect_right(free, last) - bisect_right(free, first))


@lru_cache(maxsize=8)
def _free_weekdays(holidays: frozenset[date]) -> list[date]:
    return sorted(day for day in holidays if day.weekday() < 5)


def age_working_days(since: datetime, now: datetime, holidays: Collection[date]) -> int:
    """How many working days old something is; 0 on its own day (in London)."""
    return working_days_between(london_day(since), london_day(now), holidays)


def end_of_working_day(day: date, n: int, holidays: Collection[date]) -> datetime:
    """The last instant of the n-th working day after `day`."""
    return end_of_day(add_working_days(day, n, holidays))


def due_at(contact_at: datetime, rule: DueRule, holidays: Collection[date]) -> datetime:
    """When the document is due, in UTC; a document submitted at that very instant is on time."""
    if rule.kind == END_OF_NEXT_WORKING_DAY:
        return end_of_working_day(london_day(contact_at), 1, holidays)
    return contact_at.astimezone(UTC) + timedelta(hours=rule.hours)


def is_overdue(due: datetime, now: datetime) -> bool:
    """Overdue starts after the due instant, not at it."""
    return now > due


def add_months(day: date, months: int) -> date:
    """The same day some months on; the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def beyond_holiday_table(day: date, holidays: Collection[date]) -> str | None:
    """A warning when the year of `day` has no bank holidays here, so that working days may be miscounted."""
    years = {holiday.year for holiday in holidays}
    if day.year in years:
        return None
    known = f"covers {min(years)} to {max(years)}" if years else "is empty"
    return (
        f"{spoken_day(day)} lies outside the bank-holiday table, which {known}; "
        f"add the days of {day.year} in Settings, or working days may be counted wrongly."
    )


# --- how dates and times are said --------------------------------------------------------------------------


def spoken_day(day: date) -> str:
    """Like “Mon 23 Nov 2026”."""
    return f"{_DAYS[day.weekday()]} {short_day(day)}"


def short_day(day: date) -> str:
    """Like “23 Nov 2026”, for tables."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def long_day(day: date) -> str:
    """Like “23 November 2026”, for running text."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def spoken_month(day: date) -> str:
    """Like “Nov 2026”."""
    return f"{_MONTHS[day.month - 1][:3]} {day.year}"


def spoken_range(first: date, last: date) -> str:
    """Like “1 January 2026 to 30 April 2026”; a single day is said once."""
    return long_day(first) if first == last else f"{long_day(first)} to {long_day(last)}"


def spoken_instant(instant: datetime) -> str:
    """Like “Mon 23 Nov 2026 10:42” in London time; BST or GMT is added in the hour that happens twice."""
    wall = instant.astimezone(LONDON)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{spoken_day(wall.date())} {wall:%H:%M}" + (f" {wall.tzname()}" if twice else "")


def spoken_deadline(instant: datetime) -> str:
    """Like `spoken_instant`, but the end of a day reads “11:59pm”."""
    wall = instant.astimezone(LONDON)
    if (wall.hour, wall.minute) == (23, 59):
        return f"{spoken_day(wall.date())} 11:59pm"
    return spoken_instant(instant)


# --- settings and codes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Definition:
    """One setting: what it is called, what it may hold, what it starts as and because of what.

    `kind` is "whole", "text", "long", "pattern", "check", "date" or "choice"; a date is held as ISO text
    or None.
    """

    key: str
    section: str
    title: str
    kind: str
    default: Any
    because: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[tuple[str, str], ...] = ()


def checked(definition: Definition, value: Any) -> Any:
    """The value as it is stored, or Refused with the setting's key as the field."""
    title, key = definition.title, definition.key
    if definition.kind == "check":
        if not isinstance(value, bool):
            raise Refused(f"{title} is either on or off; choose one.", field=key)
        return value
    if definition.kind == "whole":
        return _checked_whole(definition, value)
    if definition.kind == "date":
        return _checked_date(definition, value)
    text = value.strip() if isinstance(value, str) else ""
    if definition.kind == "choice" and text not in dict(definition.choices):
        raise Refused(f"{title} has to be one of the choices offered; choose one.", field=key)
    if definition.kind == "pattern":
        _check_pattern(definition, text)
    return text


def _check_pattern(definition: Definition, text: str) -> None:
    try:
        re.compile(text)
    except re.error:
        raise Refused(
            f"{definition.title} is not a regular expression; correct it or leave it empty.",
            field=definition.key,
        ) from None


def _checked_whole(definition: Definition, value: Any) -> int:
    low, high = definition.minimum, definition.maximum
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{definition.title} has to be a whole number; type digits only.", field=definition.key)
    if (low is not None and value < low) or (high is not None and value > high):
        raise Refused(
            f"{definition.title} has to lie between {low} and {high}; {value} does not.", field=definition.key
        )
    return value


def _checked_date(definition: Definition, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Refused(f"{definition.title} has to be a date; “{value}” is not one.", field=definition.key) from None


def code_from(label: str) -> str:
    """A short code in snake case made from a label, for a value that a user adds."""
    return re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:40].rstrip("_")


def synonym_key(text: str) -> str:
    """How an imported text is compared with the synonyms: case, spaces and punctuation do not count."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def check_together(values: Mapping[str, Any]) -> None:
    """Refuse settings that each are right but do not fit together."""
    if values.get("record_names") and not values.get("record_names_reason"):
        raise Refused(
            "Names may be recorded only with a reason; write why this desk needs them.",
            field="record_names_reason",
        )
    steps = [values.get(f"chaser_{who}_hours") for who in ("officer", "supervisor", "inspector")]
    known = [hours for hours in steps if hours is not None]
    if known != sorted(known):
        raise Refused(
            "The chasers have to go up in order: reporting officer, supervisor, Detective Inspector; "
            "check their hours.",
            field="chaser_officer_hours",
        )
