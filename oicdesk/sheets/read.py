"""Reading a spreadsheet of any usual kind into rows that still know their line in the file.

`read` asks nothing: encoding, delimiter, sheet and header row are found. What is too large, or is no
spreadsheet, is refused in one sentence before it is read in.
"""

import csv
import gc
import hashlib
import mmap
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

from oicdesk.errors import Refused
from oicdesk.sheets import unpacked
from oicdesk.sheets.cells import Cell, quoted, text_of
from oicdesk.sheets.csv_text import Style, style_of
from oicdesk.sheets.header import LOOK_AT, column_names, find_header

# The two columns that a problems file adds; they are dropped when a corrected one comes back.
LINE_COLUMN = "Line in the original file"
REASON_COLUMN = "Reason it was left out"

REMOVED_CHARACTERS = "Invisible control characters were removed from this row."
UNREADABLE_CHARACTERS = "This row holds characters that could not be read."
MORE_CELLS = "This row has more cells than there are columns, so some may stand in the wrong column."

# Control characters (but tab and line ends), marks that reverse the direction of text, other invisible
# marks that make equal texts differ, and halves of characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What a spreadsheet program may take for a formula, also behind spaces, or has been guarded already.
_FORMULA = re.compile(r"'*\s*[=+\-@＝＋－＠\t\r]")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML file"),
)


@dataclass(frozen=True)
class Limits:
    """The most that is read; the defaults are the desk's own settings for a new vault."""

    rows: int = 250_000
    columns: int = 500
    cell: int = 1_000_000  # characters
    unpacked: int = 200_000_000  # bytes
    grid: int = 20_000_000  # rows times columns of a workbook's sheet, which is laid out in full

    @classmethod
    def set_by(cls, setting: Callable[[str], int]) -> "Limits":
        """As the desk is set."""
        mb = 1_000_000
        return cls(
            rows=setting("import_max_rows"),
            columns=setting("import_max_columns"),
            cell=setting("import_max_cell_mb") * mb,
            unpacked=setting("import_max_unpacked_mb") * mb,
        )


DEFAULT_LIMITS = Limits()


@dataclass(slots=True)
class Line:
    """One row as it stood: `number` counts the lines of the file (rows of the sheet) from 1."""

    number: int
    cells: list[Cell]
    warnings: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        return all(type(cell) is str and (not cell or cell.isspace()) for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A table: unique column names, and every row below the header, blank ones included.

    Text files hold text only; a workbook's cells are typed (text, int, float, bool, date, time, datetime).
    Each row has at least as many cells as there are columns.
    """

    file: str
    name: str
    how: str
    header_line: int
    columns: list[str]
    lines: list[Line]
    sha256: str = ""  # of the file's bytes

    def column(self, name: str) -> list[Cell]:
        """All cells of one column, in the order of the rows."""
        index = self.columns.index(name)
        return [line.cells[index] for line in self.lines]


def read(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """The table in the file at `path`; raises `Refused` with one sentence when there is none to be had."""
    path = Path(path)
    try:
        with collection_paused():
            sheet = _read(path, limits)
            with path.open("rb") as file:
                return replace(sheet, sha256=hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as fault:
        why = (fault.strerror or "it cannot be opened").lower()
        raise Refused(f"{path.name} could not be read ({why}); check that you may open it and try again.") from fault


@contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection meanwhile: it would walk all the rows again and again, and halve the speed."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(path: Path, limits: Limits) -> Sheet:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "was not found"
        raise Refused(f"{path.name} {what}; choose a spreadsheet file.")
    size = path.stat().st_size
    if size > limits.unpacked:
        raise _too_large(path, limits)
    with path.open("rb") as file:
        head = file.read(64)
    if not head.strip():
        raise Refused(f"{path.name} is empty; choose a file with rows in it.")
    if head.startswith(_OLE):
        return _read_old_workbook(path, limits)
    if head.startswith(_ZIP):
        return _read_packed_workbook(path, limits)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, what in _FOREIGN:
        if start.startswith(mark.lower()):
            raise _no_spreadsheet(path, what)
    return _read_text(path, limits)


# Text files


def _read_text(path: Path, limits: Limits) -> Sheet:
    style = style_of(path)
    if style is None:
        raise _no_spreadsheet(path, "neither text nor a workbook")
    usual = csv.field_size_limit(limits.cell)
    try:
        with path.open(encoding=style.encoding, errors="replace", newline="") as file:
            sheet = _table(path, path.stem, style.in_words(), _text_lines(path, file, style, limits), limits)
    except csv.Error as fault:
        if "field larger" in str(fault):
            raise _too_long_a_cell(path, limits) from fault
        raise Refused(f"{path.name} could not be read as a table; save it again as CSV and try again.") from fault
    finally:
        csv.field_size_limit(usual)
    if sheet is None:
        raise _no_header(path)
    return sheet


def _text_lines(path: Path, file: TextIO, style: Style, limits: Limits) -> Iterator[Line]:
    """Records with the physical line each begins on; empty lines at the very end are not rows."""
    is_odd = False

    def physical() -> Iterator[str]:
        nonlocal is_odd
        for line in file:
            if "\ufffd" in line or (not line.rstrip("\r\n").isprintable() and _INVISIBLE.search(line)):
                is_odd = True
            yield line

    before = style.first_line - 1
    for _ in range(before):
        file.readline()
    reader = csv.reader(physical(), delimiter=style.delimiter, skipinitialspace=style.skip_spaces)
    start = next_start = before + 1
    empty: list[Line] = []
    for cells in reader:
        start, next_start = next_start, before + reader.line_num + 1
        line = Line(start, cast(list[Cell], cells))
        if is_odd:
            is_odd = False
            _clean(line)
        if not cells:
            empty.append(line)
            continue
        if len(cells) > limits.columns:
            raise _too_many_columns(path, limits)
        if empty:
            yield from empty
            empty.clear()
        yield line
    if next_start - start > 1:
        _refuse_open_quotation(path, style, start)


def _refuse_open_quotation(path: Path, style: Style, start: int) -> None:
    """A quotation mark that is never closed swallows every row after it without a sound."""
    with path.open(encoding=style.encoding, errors="replace", newline="") as file:
        try:
            list(csv.reader(islice(file, start - 1, None), delimiter=style.delimiter, strict=True))
        except csv.Error as fault:
            if "unexpected end" in str(fault):
                raise Refused(
                    f"A quotation mark on or after line {start} of {path.name} is never closed, so the rows after it"
                    " run together; close it and try again."
                ) from fault


# Workbooks


def _read_packed_workbook(path: Path, limits: Limits) -> Sheet:
    try:
        found = unpacked.unpack(path, limit=limits.unpacked)
    except unpacked.TooLargeError:
        raise _too_large(path, limits) from None
    except unpacked.BrokenError as fault:
        raise _damaged(path) from fault
    if not found.kind:
        raise _no_spreadsheet(path, "an archive or another kind of document")
    if found.is_encrypted:
        raise _protected(path)
    if found.longest_text > limits.cell:
        raise _too_long_a_cell(path, limits)
    for extent in found.extents:
        if extent.columns > limits.columns:
            raise _too_many_columns(path, limits)
        if extent.rows > limits.rows + LOOK_AT:
            raise _too_many_rows(path, limits)
        if extent.characters > limits.unpacked or extent.rows * extent.columns > limits.grid:
            raise _too_large(path, limits)
    return _read_workbook(path, limits)


def _read_old_workbook(path: Path, limits: Limits) -> Sheet:
    """XLS; an encrypted XLSX wears the same outer format."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        if view.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise _protected(path)
    return _read_workbook(path, limits)


def _read_workbook(path: Path, limits: Limits) -> Sheet:
    import python_calamine as calamine

    try:
        with calamine.load_workbook(path) as workbook:
            sheets = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
            ]
            for name in sheets:
                grid = workbook.get_sheet_by_name(name)
                if grid.start is None:
                    continue
                if grid.width > limits.columns:
                    raise _too_many_columns(path, limits)
                lines = _grid_lines(path, grid.to_python(), grid.start[0] + 1, limits)
                sheet = _table(path, name, f"Workbook, sheet {quoted(name)}.", lines, limits)
                if sheet is not None:
                    return sheet
    except calamine.PasswordError as fault:
        raise _protected(path) from fault
    except calamine.CalamineError as fault:
        raise _damaged(path) from fault
    except BaseException as fault:
        # The reader is written in Rust; what it did not foresee arrives as this, outside Exception.
        if type(fault).__name__ == "PanicException":
            raise _damaged(path) from fault
        raise
    raise _no_header(path)


def _grid_lines(path: Path, rows: list[Any], first: int, limits: Limits) -> Iterator[Line]:
    for number, cells in enumerate(rows, first):
        is_odd = False
        for index, cell in enumerate(cells):
            kind = type(cell)
            if kind is float:
                if cell.is_integer() and -1e15 < cell < 1e15:
                    cells[index] = int(cell)
            elif kind is str:
                if len(cell) > limits.cell:
                    raise _too_long_a_cell(path, limits)
                if not cell.isprintable():
                    is_odd = True
        line = Line(number, cells)
        if is_odd:
            _clean(line)
        yield line


# From lines to a table


def _table(path: Path, name: str, how: str, lines: Iterator[Line], limits: Limits) -> Sheet | None:
    """The table below the first row of column names, or None when no such row is near the top."""
    head = list(islice(lines, LOOK_AT))
    index = find_header([line.cells for line in head])
    if index is None:
        return None
    header = head[index]
    body = head[index + 1 :]
    for line in lines:
        body.append(line)
        if len(body) > limits.rows:
            raise _too_many_rows(path, limits)
    if len(body) > limits.rows:
        raise _too_many_rows(path, limits)
    columns = column_names(header.cells, _width(header, body))
    width = len(columns)
    for line in body:
        cells = line.cells
        if len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        elif len(cells) > width and any(text_of(cell) for cell in cells[width:]):
            line.warnings += (MORE_CELLS,)
    if LINE_COLUMN in columns and REASON_COLUMN in columns:
        columns = _without_our_columns(columns, body)
    return Sheet(path.name, name, how, header.number, columns, body)


def _width(header: Line, body: Sequence[Line]) -> int:
    """As far as the names reach; unnamed columns behind them count only if a row fills them."""
    width = len(header.cells)
    while width and not text_of(header.cells[width - 1]):
        if any(len(line.cells) >= width and text_of(line.cells[width - 1]) for line in body):
            break
        width -= 1
    return width


def _without_our_columns(columns: list[str], body: list[Line]) -> list[str]:
    """A corrected problems file comes back as the file it was made from."""
    ours = {columns.index(LINE_COLUMN), columns.index(REASON_COLUMN)}
    for line in body:
        line.cells = [
            _unguarded(cell) if isinstance(cell, str) else cell
            for index, cell in enumerate(line.cells)
            if index not in ours
        ]
    return [name for index, name in enumerate(columns) if index not in ours]


def guarded(text: str) -> str:
    """The text so that no spreadsheet program runs it as a formula: an apostrophe goes before it."""
    return f"'{text}" if _FORMULA.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _clean(line: Line) -> None:
    removed = unreadable = False
    for index, cell in enumerate(line.cells):
        if not isinstance(cell, str):
            continue
        if _INVISIBLE.search(cell):
            line.cells[index] = cell = _INVISIBLE.sub("", cell)
            removed = True
        unreadable = unreadable or "\ufffd" in cell
    line.warnings += (REMOVED_CHARACTERS,) * removed + (UNREADABLE_CHARACTERS,) * unreadable


# The sentences


def _no_spreadsheet(path: Path, what: str) -> Refused:
    return Refused(f"{path.name} is {what}, not a spreadsheet; choose a CSV, XLSX, XLS or ODS file.")


def _damaged(path: Path) -> Refused:
    return Refused(f"{path.name} is damaged or not a workbook; open it in your spreadsheet program and save it again.")


def _protected(path: Path) -> Refused:
    return Refused(f"{path.name} is protected by a password; save it without one and try again.")


def _no_header(path: Path) -> Refused:
    return Refused(
        f"No row of column names was found in the first {LOOK_AT} rows of {path.name}; add one above the rows."
    )


def _too_large(path: Path, limits: Limits) -> Refused:
    return Refused(
        f"{path.name} would unpack to more than {_spoken(limits.unpacked)} bytes, the most that is read;"
        " split it into smaller files."
    )


def _too_many_rows(path: Path, limits: Limits) -> Refused:
    return Refused(f"{path.name} has more than {limits.rows:,} rows, the most that is read; split it into parts.")


def _too_many_columns(path: Path, limits: Limits) -> Refused:
    return Refused(
        f"{path.name} has more than {limits.columns:,} columns, the most that is read; delete those not needed."
    )


def _too_long_a_cell(path: Path, limits: Limits) -> Refused:
    return Refused(
        f"{path.name} has a cell of more than {_spoken(limits.cell)} characters, the most that is read;"
        " shorten it, or close a quotation mark left open."
    )


def _spoken(number: int) -> str:
    return f"{number // 1_000_000} million" if number >= 1_000_000 else f"{number:,}"
