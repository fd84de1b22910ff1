"""Reading one cell: dates, times, whole numbers, yes and no, as British spreadsheets write them.

Every function takes what the file held, text or a typed value, and answers with the value or raises
`Refused` with a sentence that quotes the cell. Nothing is guessed: the day comes before the month, a
two-digit year is 20xx, and no date is moved.
"""

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from oicdesk.errors import Refused

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_BRITISH = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})\s*[-/.]\s*([0-9]{2}|[0-9]{4})")
_DAY_NAMED = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?(?:\s+of)?[-\s/.,]*([a-z]{3,9})\.?[-\s/.,]*([0-9]{4}|[0-9]{2})", re.IGNORECASE
)
_NAMED_DAY = re.compile(r"([a-z]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})", re.IGNORECASE)
_TIME = re.compile(
    r"([0-9]{1,2})[:.h]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?\s*(am|pm)?\s*(?:h|hrs|hours)?", re.IGNORECASE
)
_FOUR_FIGURES = re.compile(r"([0-9]{1,2})([0-9]{2})\s*(?:h|hrs|hours)?", re.IGNORECASE)
# Where a date ends and its time begins: "2026-01-06T08:21", "06/01/2026 0821", "6 Jan 2026, 08:21".
_DATE_AND_TIME = re.compile(
    r"(?P<day>.*?[0-9]{2})(?:T|,?\s+(?:at\s+)?)"
    r"(?P<time>[0-9]{1,2}[:.h][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?(?:\s*(?:am|pm|h|hrs|hours))?"
    r"|[0-9]{3,4}(?:\s*(?:h|hrs|hours))?)"
    r"\s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.0+)?")
_YES = frozenset({"yes", "y", "true", "t", "1", "x", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "f", "0"})
# Letters that do not come apart into a base letter and an accent.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "}
)
_NOT_WORD = re.compile(r"[\W_]+")


def text_of(cell: Cell) -> str:
    """The cell as a person would type it, without spaces around it; dates and times are ISO."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds" if cell.second or cell.microsecond else "minutes")
    if isinstance(cell, dt.time):
        return cell.isoformat("seconds" if cell.second or cell.microsecond else "minutes")
    return str(cell)


LONGEST = 400  # characters of anything that is looked up or read as a date, a time or a number


def told(cell: Cell) -> str:
    """The cell's text for such a reading: cut where it is longer, and marked, so that it is not read for the whole."""
    text = text_of(cell)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """The text for comparing: no case, accents or punctuation, single spaces."""
    # Apart, lower case, and apart again: letters such as mathematical ones have a lower case only then.
    lower = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    apart = unicodedata.normalize("NFKD", lower)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter)).replace("'", "").replace("’", "")
    return _NOT_WORD.sub(" ", bare).strip()


def quoted(text: str) -> str:
    """The text in quotation marks, shortened for a sentence."""
    flat = " ".join(text.split())
    return f"“{flat[:39]}…”" if len(flat) > 40 else f"“{flat}”"


def parse_date(cell: Cell) -> dt.date:
    """The day; a time of day that stands beside it is left to `parse_instant`."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    return _date(told(cell))


def parse_time(cell: Cell) -> dt.time:
    """The time of day; 821 and 0821 are 08:21, which spreadsheets make of typed times."""
    if isinstance(cell, dt.datetime):
        return cell.time()
    if isinstance(cell, dt.time):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.timedelta):
        return _time_of_day(cell)
    if isinstance(cell, float) and 0 < cell < 1:
        return _time_of_day(dt.timedelta(seconds=round(cell * 86_400)))
    return _time(told(cell))


def parse_instant(cell: Cell) -> dt.datetime:
    """Day and time from one cell: naive, meant as local time, unless the cell itself names an offset."""
    if isinstance(cell, dt.datetime):
        return cell
    if isinstance(cell, dt.date):  # how a workbook hands over a midnight
        return dt.datetime.combine(cell, dt.time())
    text = told(cell)
    parts = _DATE_AND_TIME.fullmatch(text)
    if parts is None:
        day = _date(text)
        raise Refused(f"{quoted(text)} has no time of day; write it as {day:%d/%m/%Y} 14:30.")
    moment = dt.datetime.combine(_date(parts["day"]), _time(parts["time"]))
    zone = parts["zone"]
    return dt.datetime.fromisoformat(f"{moment.isoformat()}{zone.upper()}") if zone else moment


def parse_whole(cell: Cell, least: int | None = None, most: int | None = None) -> int:
    """A whole number within the bounds given; "12", "1,234" and 12.0 are whole numbers."""
    if isinstance(cell, bool):
        raise Refused(f"{quoted(text_of(cell))} is not a whole number; write it in figures.")
    number = cell if isinstance(cell, int) else _whole(told(cell))
    if least is not None and number < least:
        raise Refused(f"{number} is too small: the least possible is {least}.")
    if most is not None and number > most:
        raise Refused(f"{number} is too large: the most possible is {most}.")
    return number


@lru_cache(maxsize=1_000)
def _whole(text: str) -> int:
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise Refused(f"{quoted(text)} is not a whole number; write it in figures.")
    return int(match[1] + match[2].replace(",", ""))


def parse_yes_no(cell: Cell) -> bool:
    """Yes or no, also as y, true, 1, x."""
    word = told(cell).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Refused(f"{quoted(word)} is neither yes nor no; write yes or no.")


@lru_cache(maxsize=20_000)
def _date(text: str) -> dt.date:
    plain = _WEEKDAY.sub("", text, count=1) if text[:1].isalpha() else text
    numbers = _date_numbers(plain)
    if numbers is None and (parts := _DATE_AND_TIME.fullmatch(plain)) and not parts["zone"]:
        numbers = _date_numbers(parts["day"])
    if numbers is None:
        raise Refused(f"{quoted(text)} is not a date the desk can read; write it as 23/11/2026 or 2026-11-23.")
    year, month, day = numbers
    if year < 1900:
        raise Refused(f"The year of {quoted(text)} cannot be meant; write the date as 23/11/2026 or 2026-11-23.")
    if not 1 <= month <= 12:
        raise Refused(f"There is no month {month} in {quoted(text)}; the day comes before the month.")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise Refused(f"There is no {day} {_MONTH_NAMES[month - 1]}{_in_year(year, month, day)}.") from None


def _in_year(year: int, month: int, day: int) -> str:
    """The year matters to the sentence only for a day that other years have."""
    return f" {year}" if (month, day) == (2, 29) else ""


def _date_numbers(text: str) -> tuple[int, int, int] | None:
    """Year, month, day as written, possible or not."""
    if match := _BRITISH.fullmatch(text):
        return _year(match[3]), int(match[2]), int(match[1])
    if match := _ISO.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DAY_NAMED.fullmatch(text):
        month = _month(match[2])
        return (_year(match[3]), month, int(match[1])) if month else None
    if match := _NAMED_DAY.fullmatch(text):
        month = _month(match[1])
        return (int(match[3]), month, int(match[2])) if month else None
    return None


def _year(figures: str) -> int:
    return int(figures) + 2000 if len(figures) == 2 else int(figures)


def _month(word: str) -> int | None:
    short = word.casefold()
    if short != "sept" and not any(name.casefold().startswith(short) for name in _MONTH_NAMES):
        return None
    return _MONTHS.index(short[:3]) + 1


@lru_cache(maxsize=20_000)
def _time(text: str) -> dt.time:
    match = _TIME.fullmatch(text)
    if match:
        hour, minute, second, half = int(match[1]), int(match[2]), int(match[3] or 0), (match[4] or "").lower()
        if half and not 1 <= hour <= 12:
            raise Refused(f"There is no time {quoted(text)}; write it as 14:30.")
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
    else:
        match = _FOUR_FIGURES.fullmatch(text)
        if match is None:
            raise Refused(f"{quoted(text)} is not a time the desk can read; write it as 14:30.")
        hour, minute, second = int(match[1]), int(match[2]), 0
    if hour > 23 or minute > 59 or second > 59:
        raise Refused(f"There is no time {hour:02}:{minute:02}; a day runs from 00:00 to 23:59.")
    return dt.time(hour, minute, second)


def _time_of_day(span: dt.timedelta) -> dt.time:
    if not dt.timedelta() <= span < dt.timedelta(days=1):
        hours, rest = divmod(int(span.total_seconds()), 3600)
        raise Refused(f"There is no time {hours:02}:{rest // 60:02}; a day runs from 00:00 to 23:59.")
    seconds = round(span.total_seconds())
    return dt.time(seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
