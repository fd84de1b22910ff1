"""A report's data as a workbook: one sheet per set of rows, the marking on top of each, figures as figures."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from oicdesk.errors import Refused
from oicdesk.reports.blocks import Cell, Report, Sheet, clean, spoken, tables, text_of, title_facts
from oicdesk.reports.files import save

_LONDON: Final = ZoneInfo("Europe/London")
_SAMPLE: Final = 500
"""Rows looked at for the width of a column."""
_MOST_ROWS: Final = 1_048_574
_LONGEST_TEXT: Final = 32_767
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write_xlsx(report: Report, path: Path) -> None:
    """Write the report's sheets at `path`; the same Report gives the same bytes. Raises VaultError, Refused."""
    save(path, xlsx_bytes(report))


def xlsx_bytes(report: Report) -> bytes:
    """The workbook in memory.

    Row 1 of each sheet is the marking, row 2 the header. Days are dates, instants ISO 8601 text with their
    offset. A last sheet, About, says what the title block of the PDF says.
    """
    import xlsxwriter

    content = BytesIO()
    # in_memory: the library would otherwise put plain temporary files on the disk.
    book = xlsxwriter.Workbook(
        content,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    marking = clean(report.marking)
    book.set_properties(
        {
            "title": clean(report.title),
            "author": clean(report.author),
            "subject": f"{marking}. As at {spoken(report.as_at)}",
            "keywords": marking,
            "category": marking,
            "created": report.as_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        }
    )
    looks = _looks(book)
    names: set[str] = set()
    for sheet in _sheets(report):
        _write_sheet(book.add_worksheet(_name(sheet.name, names)), sheet, marking, looks)
    book.close()
    return content.getvalue()


def _sheets(report: Report) -> list[Sheet]:
    sheets = list(report.sheets) or [
        Sheet(name, table.header, table.rows) for name, table in tables(report)
    ]  # fmt: skip
    about = [("Title", report.title), *title_facts(report)]
    return [*sheets, Sheet("About", ("What", "Value"), about)]


def _looks(book: Any) -> dict[str, Any]:
    return {
        "marking": book.add_format({"bold": True}),
        "header": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "text": book.add_format({"num_format": "@"}),
        "plain": book.add_format(),
    }


def _write_sheet(page: Any, sheet: Sheet, marking: str, looks: dict[str, Any]) -> None:
    if len(sheet.rows) > _MOST_ROWS:
        raise Refused(
            f"The sheet “{sheet.name}” cannot be written, because {len(sheet.rows):,} rows are more than a "
            "workbook holds; choose a shorter period."
        )
    page.write_string(0, 0, marking, looks["marking"])
    for column, title in enumerate(sheet.header):
        page.write_string(1, column, title, looks["header"])
        page.set_column(column, column, _wide(sheet, column))
    for line, row in enumerate(sheet.rows, start=2):
        for column, cell in enumerate(row):
            _write_cell(page, line, column, cell, looks)
    page.freeze_panes(2, 0)
    if sheet.header:
        page.autofilter(1, 0, 1 + len(sheet.rows), len(sheet.header) - 1)
    page.repeat_rows(0, 1)
    page.set_paper(9)
    page.set_header(f"&C&B{marking.replace('&', '&&')}")
    page.set_footer(f"&C&B{marking.replace('&', '&&')}&RPage &P of &N")


def _write_cell(page: Any, line: int, column: int, cell: Cell, looks: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(line, column, cell[:_LONGEST_TEXT], looks["text"])
    elif isinstance(cell, datetime):
        page.write_string(line, column, cell.astimezone(_LONDON).isoformat(timespec="seconds"), looks["text"])
    elif isinstance(cell, date):
        page.write_datetime(line, column, cell, looks["day"])
    else:
        page.write_number(line, column, cell, looks["plain"])


def _wide(sheet: Sheet, column: int) -> float:
    """A width in letters that shows most cells whole."""
    texts = [sheet.header[column], *(_shown(row[column]) for row in sheet.rows[:_SAMPLE])]
    longest = max(len(line) for text in texts for line in text.split("\n"))
    return float(min(max(longest + 3, 9), 60))


def _shown(cell: Cell) -> str:
    return "0000-00-00T00:00:00+00:00" if isinstance(cell, datetime) else text_of(cell)


def _name(wish: str, taken: set[str]) -> str:
    """A sheet name that Excel takes: 31 letters, none of its own signs, no other sheet's."""
    stem = " ".join(wish.translate(_FORBIDDEN).split()).strip("'") or "Sheet"
    name, number = stem[:31].strip("' "), 1
    while name.lower() in taken or name.lower() == "history":  # a name that Excel keeps for itself
        number += 1
        ending = f" {number}"
        name = stem[: 31 - len(ending)] + ending
    taken.add(name.lower())
    return name
