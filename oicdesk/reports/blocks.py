"""What a report is made of: plain frozen data that every writer (PDF, DOCX, XLSX) sets in its own way.

Feature reports build these and never see a writer. Text is plain text, no mark-up; a line break stays one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

Cell = str | int | float | date | datetime | None
"""A whole number, a number, a day, an aware instant, words, or None where there is nothing to say."""

NOTHING: Final = "–"
_LONDON: Final = ZoneInfo("Europe/London")
_FIGURE: Final = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?\s?%?")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Heading:
    """A heading below the report's title: level 1 for a section (H2 in the file), 2 and 3 within it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of running text; `quiet` sets it smaller and lighter, for notes and limits."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Table:
    """A table with one header row, repeated on each page.

    `align` has one letter per column, l or r; empty means right for columns of figures. The first cell of
    a row names the row to a screen reader unless `row_names` is False. Without rows it says `empty`.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    align: str = ""
    caption: str = ""
    row_names: bool = True
    empty: str = "None."


@dataclass(frozen=True)
class Facts:
    """Label and value pairs, one below the other."""

    pairs: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Bullets:
    """A list of short points."""

    items: Sequence[str]


@dataclass(frozen=True)
class Figure:
    """A chart, what it shows in words (`alt`), and its data, printed under it as a table."""

    drawing: "Drawing"
    alt: str
    table: Table | None = None
    caption: str = ""


@dataclass(frozen=True)
class PageBreak:
    """What follows starts on a new page."""


Block = Heading | Paragraph | Table | Facts | Bullets | Figure | PageBreak


@dataclass(frozen=True)
class Sheet:
    """One sheet of the XLSX data; the cells keep their types."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Report:
    """A whole report. The same Report gives the same PDF bytes.

    The title block prints every field down to `log_head` that is not empty, so the blocks need not repeat
    them. `as_at` is aware and becomes the file's creation date. Without `sheets` the XLSX holds the tables.
    """

    name: str
    title: str
    marking: str
    as_at: datetime
    author: str = ""
    version: str = ""
    recipient: str = ""
    distribution: str = ""
    log_head: str = ""
    blocks: Sequence[Block] = ()
    sheets: Sequence[Sheet] = ()


def spoken(instant: datetime) -> str:
    """Like “Mon 23 Nov 2026 10:42” in London; BST or GMT is added in the hour that happens twice."""
    wall = instant.astimezone(_LONDON)
    return f"{_DAYS[wall.weekday()]} {_instant_text(wall)}"


def text_of(cell: Cell) -> str:
    """The cell as the PDF and the DOCX print it."""
    if cell is None:
        return NOTHING
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return _instant_text(cell.astimezone(_LONDON))
    if isinstance(cell, date):
        return _day_text(cell)
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:,.1f}"


def printed_rows(table: Table) -> list[list[str]]:
    """The rows as the PDF and the DOCX print them; a table without rows has one that says so."""
    if not table.rows:
        return [[table.empty, *[""] * (len(table.header) - 1)]]
    return [[text_of(cell) for cell in row] for row in table.rows]


def alignment(table: Table) -> str:
    """One letter per column, l or r, as given or judged by the cells."""
    if table.align:
        return table.align
    return "".join("r" if _holds_figures(table, column) else "l" for column in range(len(table.header)))


def clean(text: str) -> str:
    """The text without the control characters that XML forbids; line breaks stay."""
    return "".join(letter if letter == "\n" or letter.isprintable() else " " for letter in text)


def title_facts(report: Report) -> list[tuple[str, str]]:
    """What the title block says under the title, in order, without the empty ones."""
    facts = [
        ("As at", spoken(report.as_at)),
        ("Prepared for", report.recipient),
        ("Author", report.author),
        ("Version", report.version),
        ("Distribution", report.distribution),
        ("Activity log head", report.log_head),
    ]
    return [(label, value) for label, value in facts if value]


def tables(report: Report) -> Iterator[tuple[str, Table]]:
    """Each table of the report, figures' data included, with its caption or the heading above it."""
    heading = report.title
    for block in report.blocks:
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, Table):
            yield block.caption or heading, block
        elif isinstance(block, Figure) and block.table is not None:
            yield block.table.caption or block.caption or heading, block.table


def _holds_figures(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if row[column] not in (None, "", NOTHING)]
    return bool(cells) and all(_is_figure(cell) for cell in cells)


def _is_figure(cell: Cell) -> bool:
    if isinstance(cell, str):
        return _FIGURE.fullmatch(cell) is not None
    return isinstance(cell, int | float)


def _day_text(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _instant_text(wall: datetime) -> str:
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{_day_text(wall)} {wall:%H:%M}" + (f" {wall.tzname()}" if twice else "")
