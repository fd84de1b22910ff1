"""Export of what a page shows, as CSV or XLSX: the marking in the first row, no cell a formula, logged first.

It knows no vault: the page hands in the marking and what logs the disclosure.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.reports.blocks import Report, Sheet
from oicdesk.reports.files import save
from oicdesk.sheets.read import guarded
from oicdesk.ui import messages
from oicdesk.ui.form import Field

_FOLDER: Final = "export_folder"


@dataclass(frozen=True)
class Listed:
    """What a page shows now, as rows for a file."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Leaving:
    """What an export says of itself: its marking, who writes it, of which day and scope, and a purpose as example.

    `log(recipient=, purpose=, what=, form=)` records the disclosure; None where the page has done so. `what` is how the
    record calls the file, if not by title, scope, day and number of rows.
    """

    marking: str
    author: str
    day: date
    scope: str
    log: Callable[..., None] | None
    example: str = ""
    what: str = ""


def export_view(owner: QWidget, machine: Machine, listed: Listed, leaving: Leaving, *, now: datetime) -> str:
    """Ask to whom and what for, then where; answers with what was written, or "" when the user went back.

    The log knows before the file exists. Raises Refused or VaultError.
    """
    if not listed.rows:
        raise Refused("There is nothing to export: this view is empty. Choose another one, or change the filter.")
    sentence = f"{len(listed.rows):,} rows leave the desk as a plain file, logged as a disclosure."
    values = messages.ask_form(owner, f"Export: {listed.title}", export_fields(leaving.example), "Choose a place…",
                               values={"format": ".xlsx"}, sentence=sentence)  # fmt: skip
    return "" if values is None else hand_out(owner, machine, listed, leaving, values, now=now)


def hand_out(
    owner: QWidget, machine: Machine, listed: Listed, leaving: Leaving, told: Mapping[str, str], *, now: datetime
) -> str:
    """Ask where and write what `export_fields` told of, logged once a place is chosen; "" when none was."""
    day, suffix = leaving.day.isoformat(), told["format"]
    path = place_for(owner, machine, f"{leaving.marking} {listed.title} {day}{suffix}")
    if path is None:
        return ""
    if leaving.log is not None:
        what = leaving.what or f"{listed.title}, {leaving.scope}, as at {day}, {len(listed.rows)} rows"
        leaving.log(recipient=told["recipient"], purpose=told["purpose"], what=what, form=suffix[1:])
    write_file(path, listed, leaving.marking, leaving.author, told["recipient"], now)
    return f"{len(listed.rows):,} rows are in {path.name}, logged as a disclosure."


def export_fields(example: str = "") -> tuple[Field, ...]:
    """Who receives a view, what for, and in which format."""
    formats = ((".xlsx", "XLSX, a workbook"), (".csv", "CSV, plain rows"))
    return (*told_fields(example), Field("format", "Format", "choice", formats, required=True))


def told_fields(example: str) -> tuple[Field, Field]:
    """Who receives what leaves the desk, and what for."""
    return (
        Field("recipient", "Who receives it", required=True),
        Field("purpose", "What for", required=True, placeholder=f"for example: {example}" if example else ""),
    )


def place_for(owner: QWidget, machine: Machine, name: str) -> Path | None:
    """Ask where to write a file of this name; the folder is remembered and the suffix kept. None when given up."""
    suffix = Path(name).suffix
    folder = Path(machine.get(_FOLDER) or Path.home())
    path = messages.choose_save(owner, "Export", folder / name, f"{suffix[1:].upper()} (*{suffix})")
    if path is None:
        return None
    machine.put(_FOLDER, str(path.parent))
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def write_file(path: Path, listed: Listed, marking: str, author: str, recipient: str, now: datetime) -> None:
    """The rows as CSV or XLSX, by the suffix; readable by their owner only."""
    if path.suffix == ".csv":
        save(path, csv_bytes(listed, marking))
        return
    from oicdesk.reports.xlsx import write_xlsx

    sheet = Sheet(listed.title, listed.header, list(listed.rows))
    write_xlsx(
        Report(name="view", title=listed.title, marking=marking, as_at=now, author=author, recipient=recipient,
               sheets=[sheet]), path,
    )  # fmt: skip


def csv_bytes(listed: Listed, marking: str) -> bytes:
    """Marking, header, rows; a cell that looks like a formula is text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(marking)])
    writer.writerow([guarded(title) for title in listed.header])
    writer.writerows([[_plain(cell) for cell in row] for row in listed.rows])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Any) -> Any:
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else cell
