"""A chaser as a note to print, and the day's list on paper. Neither names anybody a case is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oicdesk.referrals.records_queue import QueueRow
from oicdesk.referrals.rules import STATUS_WORDS
from oicdesk.referrals.rules_chasers import Letter
from oicdesk.reports.blocks import Block, Heading, Paragraph, Report, Sheet, Table

DAILY_NAME = "daily-list"
DAILY_TITLE = "Daily list"
DAILY_DESCRIPTION = "What is waiting today: reference, officer, team, due and next action; no names of subjects."


def note(letter: Letter, *, marking: str, as_at: datetime, author: str) -> Report:
    """The message on paper, without the marking lines: the page carries the marking itself."""
    lines = letter.text.split("\n\n")[1:-1] if letter.text.startswith(marking) else letter.text.split("\n\n")
    return Report(
        name="chaser-note", title=letter.subject, marking=marking, as_at=as_at, author=author,
        recipient=letter.to.name, blocks=[Paragraph(part.strip()) for part in lines if part.strip()],
    )  # fmt: skip


@dataclass(frozen=True)
class Day:
    """What the daily list is made of: each part with its lines, in the order of the paper."""

    day: str
    force: str
    cover: str
    parts: Sequence[tuple[str, Sequence[QueueRow]]]


_HEADER = ("Reference", "Force", "Reporting officer", "Team", "State", "Due", "Next action")


def daily_blocks(day: Day) -> list[Block]:
    """The list as blocks; a case stands in the first part that it belongs to."""
    total = sum(len(rows) for _title, rows in day.parts)
    whose = "Suffolk and Norfolk" if day.force == "Joint" else day.force
    blocks: list[Block] = [
        Paragraph(f"{whose}, {day.day}: {total} {'case' if total == 1 else 'cases'} to look at."),
    ]
    if day.cover:
        blocks.append(Paragraph(day.cover))
    for title, rows in day.parts:
        blocks.append(Heading(f"{title} ({len(rows)})"))
        blocks.append(Table(_HEADER, [_line(row) for row in rows], align="l" * len(_HEADER), empty="None today."))
    blocks.append(Paragraph("References and officers only; the desk holds the cases. Destroy this paper after use.",
                            quiet=True))  # fmt: skip
    return blocks


def daily_sheets(day: Day) -> list[Sheet]:
    """The same lines for a workbook, with the part as a column."""
    rows: list[Sequence[Any]] = [(title, *_line(row)) for title, part in day.parts for row in part]
    return [Sheet("Daily list", ("Part", *_HEADER), rows)]


def _line(row: QueueRow) -> list[Any]:
    officer = ", ".join(filter(None, (row.reporting_officer, row.collar)))
    return [
        row.reference, row.force or "", officer, row.team or "", STATUS_WORDS[row.status], row.due_at,
        row.next_action,
    ]  # fmt: skip
