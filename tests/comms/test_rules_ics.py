"""Calendar text, read back by a small reader of RFC 5545 that knows nothing of the writer."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from oicdesk.comms.rules_ics import CANCELLED, IcsEvent, ics

STAMP = datetime(2026, 11, 23, 12, 30, 5, tzinfo=UTC)
EVENT = IcsEvent("comms-item-1@abc.oicdesk", date(2026, 12, 31), "Briefing", changed_at=STAMP)


def unfolded(content: bytes) -> list[str]:
    """Logical lines: a line that begins with a space goes on the one before."""
    assert content.endswith(b"\r\n")
    lines: list[bytes] = []
    for line in content[:-2].split(b"\r\n"):
        assert b"\n" not in line and b"\r" not in line
        assert len(line) <= 75
        line.decode("utf-8")  # no letter is cut in two
        if line.startswith(b" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return [line.decode("utf-8") for line in lines]


def text_of(value: str) -> str:
    found, letters = "", iter(value)
    for letter in letters:
        if letter != "\\":
            assert letter not in ";,"
            found += letter
            continue
        following = next(letters)
        found += {"n": "\n", "\\": "\\", ";": ";", ",": ","}[following]
    return found


def value(lines: list[str], name: str) -> str:
    (found,) = [line.partition(":")[2] for line in lines if line.partition(":")[0] == name]
    return found


def test_one_event_reads_as_it_should_line_by_line():
    event = IcsEvent(
        "comms-item-7@abc.oicdesk", date(2026, 12, 31), "Briefing, again", "OFFICIAL\nLine; two", ("Intranet",),
        CANCELLED, 3, datetime(2026, 11, 23, 13, 0, tzinfo=timezone(timedelta(hours=1))),
    )  # fmt: skip
    assert ics([event], name="Communications", stamp=STAMP).decode().split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//OICDesk//Communications//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", "X-WR-CALNAME:Communications",
        "BEGIN:VEVENT", "UID:comms-item-7@abc.oicdesk", "DTSTAMP:20261123T123005Z",
        "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101", "SUMMARY:Briefing\\, again",
        "DESCRIPTION:OFFICIAL\\nLine\\; two", "CATEGORIES:Intranet", "LAST-MODIFIED:20261123T120000Z", "SEQUENCE:3",
        "STATUS:CANCELLED", "CLASS:PRIVATE", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_is_written_is_read_back_and_no_line_is_longer_than_75_octets(summary, description):
    event = IcsEvent("comms-item-1@abc.oicdesk", date(2026, 12, 31), summary, description)
    lines = unfolded(ics([event], name=summary, stamp=STAMP))
    assert text_of(value(lines, "SUMMARY")) == readable(summary)
    assert text_of(value(lines, "X-WR-CALNAME")) == readable(summary)
    if description:
        assert text_of(value(lines, "DESCRIPTION")) == readable(description)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1


def readable(text: str) -> str:
    """What may stand in a calendar: line breaks are one letter, other control letters are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or not (c < " " or "\x7f" <= c <= "\x9f"))


def test_an_attack_by_line_break_stays_inside_its_line():
    event = IcsEvent("a@b", date(2026, 12, 31), "x\r\nEND:VEVENT\r\nATTACH:file")
    lines = unfolded(ics([event], name="c", stamp=STAMP))
    assert value(lines, "SUMMARY") == "x\\nEND:VEVENT\\nATTACH:file"
    assert not [line for line in lines if line.startswith("ATTACH")]


def test_the_same_events_give_the_same_bytes():
    assert ics([EVENT], name="c", stamp=STAMP) == ics([EVENT], name="c", stamp=STAMP)
