"""A chaser as a note to print, and the day's list on paper. Neither names anybody a case is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oicdesk.referrals.records_daily import DayRow
from oicdesk.referrals.records_queue import QueueRow
from oicdesk.referrals.rules import STATUS_WORDS
from oicdesk.referrals.rules_chasers import Letter
from oicdesk.reports.blocks import Block, Heading, Paragraph, Report, Sheet, Table

DAILY_NAME = "daily-list"
DAILY_TITLE = "Daily list"


def note(letter: Letter, *, marking: str, as_at: datetime, author: str) -> Report:
    """The message on paper, without the marking lines: the page carries the marking itself."""
    lines = letter.text.split("\n\n")[1:-1] if letter.text.startswith(marking) else letter.text.split("\n\n")
    return Report(
        name="chaser-note", title=letter.subject, marking=marking, as_at=as_at, author=author,
        recipient=letter.to.name, blocks=[Paragraph(part.strip()) for part in lines if part.strip()],
    )  # fmt: skip


_PRINTED = ("Reference", "Reporting officer and team", "Due", "Next action")
_HEADER = ("Reference", "Force", "Reporting officer", "Team", "State", "Due", "Next action")


def daily_blocks(day: DayRow) -> list[Block]:
    """The list as blocks; a case stands in the first part that it belongs to."""
    total = sum(len(part.lines) + part.left_out for part in day.parts)
    whose = "Suffolk and Norfolk" if day.force == "Joint" else day.force
    blocks: list[Block] = [
        Paragraph(f"{whose}, {day.day}: {total} {'case' if total == 1 else 'cases'} to look at."),
    ]
    if day.cover:
        blocks.append(Paragraph(day.cover))
    for part in day.parts:
        blocks.append(Heading(f"{part.title} ({len(part.lines) + part.left_out})"))
        if part.lines:
            blocks.append(Table(_PRINTED, [_printed(row) for row in part.lines], align="l" * len(_PRINTED)))
        else:
            blocks.append(Paragraph("None today.", quiet=True))
        if part.left_out:
            more = "1 more is not printed; the queue lists it."
            if part.left_out > 1:
                more = f"{part.left_out:,} more are not printed; the queue lists them."
            blocks.append(Paragraph(more, quiet=True))
    blocks.append(Paragraph("References and officers only; the desk holds the cases. Destroy this paper after use.",
                            quiet=True))  # fmt: skip
    return blocks


def daily_sheets(day: DayRow) -> list[Sheet]:
    """The same lines for a workbook, with the part as a column."""
    rows: list[Sequence[Any]] = [(part.title, *_line(row)) for part in day.parts for row in part.lines]
    return [Sheet("Daily list", ("Part", *_HEADER), rows)]


def _printed(row: QueueRow) -> list[Any]:
    """A line of the paper: whoever is asked, and under it where they are, so that no column gets too narrow."""
    reference, force, officer, team, _state, due, action = _line(row)
    place = ", ".join(filter(None, (team, force)))
    return [reference, "\n".join(filter(None, (officer, place))), due, action]


def _line(row: QueueRow) -> list[Any]:
    officer = ", ".join(filter(None, (row.reporting_officer, row.collar)))
    return [
        row.reference, row.force or "", officer, row.team or "", STATUS_WORDS[row.status], row.due_at,
        row.next_action,
    ]  # fmt: skip
