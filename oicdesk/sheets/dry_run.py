"""Trying an import without writing: every row parsed, with all its reasons if it cannot be.

A feature's `parse_row(cells)` reads what it wants from `Cells`, which notes every problem it meets, and
returns the record. `dry_run` sorts the rows; the feature then marks those that are already there.
"""

import csv
import datetime as dt
import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from oicdesk.errors import Refused, VaultError
from oicdesk.sheets import cells as reading
from oicdesk.sheets.cells import Cell, fold, quoted, text_of, told
from oicdesk.sheets.mapping import Mapping, Target
from oicdesk.sheets.read import LINE_COLUMN, REASON_COLUMN, Line, Sheet, collection_paused, guarded

BLANK, NEW, ALREADY_THERE, UPDATE, PROBLEM = "blank", "new", "already there", "update offered", "problem"

Progress = Callable[[float, str], None]
ROWS_A_STEP = 2_000
LONGEST_TEXT = 1_000  # characters of a name, a reference or a number
_Value = TypeVar("_Value")


class _Plan:
    """What is the same for all rows of one run."""

    def __init__(self, sheet: Sheet, targets: Sequence[Target], mapping: Mapping) -> None:
        self.targets = {target.name: target for target in targets}
        self.index = {name: sheet.columns.index(column) for name, column in mapping.columns.items()}
        self.codes = {
            name: {fold(text): code for text, code in texts.items()} for name, texts in mapping.values.items()
        }
        self.codes_of_texts: dict[tuple[str, str], str | None] = {}
        self.required = {
            target.name
            for target in targets
            if target.required and (target.name in self.index or target.unless not in self.index)
        }

    def code(self, name: str, text: str) -> str | None:
        key = name, text
        if key not in self.codes_of_texts:
            self.codes_of_texts[key] = self.codes.get(name, {}).get(fold(told(text)))
        return self.codes_of_texts[key]


class Cells:
    """One row by target. A cell that is blank, or whose target has no column, reads as None (or "").

    A reading that fails notes the problem and answers None, so that one pass names every reason.
    """

    __slots__ = ("_cells", "_index", "_plan", "line", "problems", "warnings")

    def __init__(self, plan: _Plan, line: Line) -> None:
        self._plan = plan
        self._index = plan.index
        self._cells = line.cells
        self.line = line.number
        self.problems: list[str] = []
        self.warnings: list[str] = list(line.warnings)

    def __getitem__(self, name: str) -> Cell:
        """The cell as the file has it; "" where the target has no column."""
        index = self._index.get(name)
        return "" if index is None else self._cells[index]

    def __contains__(self, name: str) -> bool:
        """Whether the target has a column in this file."""
        return name in self._index

    def text(self, name: str, *, longest: int | None = LONGEST_TEXT) -> str:
        """The text without spaces around it; one of more characters than `longest` is a problem."""
        index = self._index.get(name)
        if index is None:
            return self._missing(name)
        cell = self._cells[index]
        text = cell.strip() if type(cell) is str else text_of(cell)
        if longest is not None and len(text) > longest:
            self.problem(f"{self._label(name)} has more than {longest:,} characters; shorten it.")
            return ""
        return text or self._missing(name)

    def date(self, name: str) -> dt.date | None:
        return self._read(name, reading.parse_date)

    def time(self, name: str) -> dt.time | None:
        return self._read(name, reading.parse_time)

    def instant(self, name: str) -> dt.datetime | None:
        """Naive local time, or aware if the cell names its offset."""
        return self._read(name, reading.parse_instant)

    def aware(
        self, wall: dt.datetime | None, instant_of: Callable[[dt.date, dt.time], tuple[dt.datetime, bool]]
    ) -> dt.datetime | None:
        """The instant of a local time, as `instant_of` the desk's clock has it, in UTC.

        One that happens twice is taken as the first, with a warning; one that never happens is a problem.
        """
        if wall is None or wall.tzinfo is not None:
            return wall and wall.astimezone(dt.UTC)
        try:
            instant, twice = instant_of(wall.date(), wall.time())
        except Refused as refusal:
            self.problem(str(refusal))
            return None
        if twice:
            self.warn(f"{wall:%H:%M} happens twice that night, because the clocks go back; the first is taken.")
        return instant

    def whole(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        return self._read(name, reading.parse_whole, least, most)

    def yes_no(self, name: str) -> bool | None:
        return self._read(name, reading.parse_yes_no)

    def code(self, name: str) -> str | None:
        """The code that the mapping gives for the text; a text without one is a problem."""
        text = self.text(name, longest=None)
        if not text:
            return None
        code = self._plan.code(name, text)
        if code is None:
            self.problem(f"{self._label(name)}: {quoted(text)} is not known.")
        return code

    def problem(self, sentence: str) -> None:
        self.problems.append(sentence)

    def warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def _read(self, name: str, parse: Callable[..., _Value], *bounds: int | None) -> _Value | None:
        cell = self[name]
        if type(cell) is str and not cell.strip():
            self._missing(name)
            return None
        try:
            return parse(cell, *bounds)
        except Refused as refusal:
            self.problem(f"{self._label(name)}: {refusal}")
            return None

    def _missing(self, name: str) -> str:
        if name in self._plan.required:
            self.problem(f"{self._label(name)} is missing.")
        return ""

    def _label(self, name: str) -> str:
        return self._plan.targets[name].label


@dataclass(slots=True)
class CheckedRow:
    """A row and what was found. The feature may set `state` and `note` of a row that has a record.

    `state` is one of the words above or a feature's own; `note` says in words what an update would change.
    """

    line: Line
    state: str
    record: Any = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    note: str = ""

    @property
    def id(self) -> int:
        return self.line.number

    @property
    def reasons(self) -> str:
        """All that is to be said of the row, as sentences."""
        return " ".join((*self.problems, *self.warnings, self.note)).strip()


@dataclass
class DryRun:
    """Every row of the sheet in its order. `counts()` adds up: rows = all states together."""

    sheet: Sheet
    mapping: Mapping
    rows: list[CheckedRow] = field(default_factory=list)

    def with_state(self, *states: str) -> list[CheckedRow]:
        return [row for row in self.rows if row.state in states]

    @property
    def valid(self) -> list[CheckedRow]:
        """The rows that have a record, whatever the feature made of them."""
        return [row for row in self.rows if row.state not in (BLANK, PROBLEM)]

    @property
    def problems(self) -> list[CheckedRow]:
        return self.with_state(PROBLEM)

    def refuse_problems(self) -> None:
        """Raise Refused if any row has a problem, for an import of all rows or none."""
        if self.problems:
            raise Refused(
                f"{len(self.problems)} of {len(self.rows)} rows have problems, so nothing was imported:"
                " mend them, or import the valid rows only."
            )

    def counts(self) -> dict[str, int]:
        """Rows by state, the usual states first and present even at 0; then "warnings", rows that have any."""
        found = Counter(row.state for row in self.rows)
        usual = (BLANK, NEW, ALREADY_THERE, UPDATE, PROBLEM)
        counts = {"rows": len(self.rows)} | {state: found.pop(state, 0) for state in usual} | dict(found)
        warned = sum(1 for row in self.rows if row.warnings and row.state not in (BLANK, PROBLEM))
        return counts | {"warnings": warned}


def dry_run(
    sheet: Sheet,
    mapping: Mapping,
    parse_row: Callable[[Cells], Any],
    *,
    targets: Sequence[Target],
    progress: Progress | None = None,
) -> DryRun:
    """Every row parsed. A row with a problem has no record; `parse_row` may also raise `Refused` for one."""
    plan = _Plan(sheet, targets, mapping)
    run = DryRun(sheet, mapping)
    total = len(sheet.lines)
    with collection_paused():
        for done, line in enumerate(sheet.lines):
            if progress is not None and done % ROWS_A_STEP == 0:
                progress(done / total, f"Checking row {done:,} of {total:,}")
            run.rows.append(CheckedRow(line, BLANK) if line.is_blank else _checked(plan, line, parse_row))
    return run


def _checked(plan: _Plan, line: Line, parse_row: Callable[[Cells], Any]) -> CheckedRow:
    row = Cells(plan, line)
    try:
        record = parse_row(row)
    except Refused as refusal:
        row.problem(str(refusal))
        record = None
    warnings = tuple(dict.fromkeys(row.warnings))
    if row.problems:
        return CheckedRow(line, PROBLEM, None, tuple(dict.fromkeys(row.problems)), warnings)
    return CheckedRow(line, NEW, record, (), warnings)


# The file of rows that were left out


def write_problems(path: Path, run: DryRun, *, marking: str) -> int:
    """Write the problem rows as they stood, each with its line and all reasons; returns how many.

    CSV for any spreadsheet program, readable by its owner only: the marking in the first row, the columns
    of the original in the second. Cells that look like formulas are written as text. A file made here can
    be corrected and imported again. A file of that name is replaced only once the new one is complete.
    """
    rows = run.problems
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([marking])
    # The reasons stand first, so that a row with cells to spare keeps them all.
    writer.writerow([LINE_COLUMN, REASON_COLUMN, *map(guarded, run.sheet.columns)])
    for row in rows:
        told = [row.line.number, guarded(row.reasons)]
        writer.writerow([*told, *(_as_written(cell) for cell in row.line.cells)])
    _write_whole(path, out.getvalue().encode("utf-8-sig"))
    return len(rows)


def _as_written(cell: Cell) -> str:
    return guarded(cell) if isinstance(cell, str) else text_of(cell)


def _write_whole(path: Path, contents: bytes) -> None:
    """All of the file or nothing, 0600: a temporary file beside it, then a rename."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(contents)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as fault:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        why = (fault.strerror or "the disk refused").lower()
        raise VaultError(
            f"The problem rows could not be written to {path.name} ({why}); choose another folder."
        ) from fault
