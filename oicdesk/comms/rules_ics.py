"""A calendar as iCalendar text (RFC 5545): whole-day events, folded, escaped, with UIDs that never change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

TENTATIVE, CONFIRMED, CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
_LINE: Final = 75  # octets, the line break not counted (RFC 5545, 3.1)
_FOLDED_LINE: Final = _LINE - 1  # a continuation begins with a space


@dataclass(frozen=True)
class IcsEvent:
    """One whole day in a calendar; a later `sequence` replaces an earlier one of the same `uid`."""

    uid: str
    day: date
    summary: str
    description: str = ""
    categories: tuple[str, ...] = ()
    status: str = CONFIRMED
    sequence: int = 0
    changed_at: datetime | None = None


def ics(events: Iterable[IcsEvent], *, name: str, stamp: datetime) -> bytes:
    """The file: UTF-8, CRLF; `stamp` is when it was made. The same events and stamp give the same bytes."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//OICDesk//Communications//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}",
    ]  # fmt: skip
    for event in events:
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded(line)).encode("utf-8")


def _event(event: IcsEvent, stamp: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{escaped(event.description)}")
    if event.categories:
        lines.append(f"CATEGORIES:{','.join(escaped(each) for each in event.categories)}")
    if event.changed_at is not None:
        lines.append(f"LAST-MODIFIED:{_utc(event.changed_at)}")
    return [
        *lines, f"SEQUENCE:{event.sequence}", f"STATUS:{event.status}", "CLASS:PRIVATE", "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]  # fmt: skip


def escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11; control characters other than a line break and a tab are dropped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(letter for letter in text if letter in "\n\t" or not _is_control(letter))
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(letter, written)
    return text


def _is_control(letter: str) -> bool:
    return ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000


def folded(line: str) -> Sequence[str]:
    """The line in parts of at most 75 octets, no letter cut in two."""
    parts, room, part, used = [], _LINE, "", 0
    for letter in line:
        size = len(letter.encode("utf-8"))
        if used + size > room:
            parts.append(part)
            room, part, used = _FOLDED_LINE, "", 0
        part += letter
        used += size
    return [part if i == 0 else f" {part}" for i, part in enumerate([*parts, part])]


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
