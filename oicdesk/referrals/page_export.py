"""Export of what a tool of the queue shows: the marking in the first row, no cell a formula, logged as a disclosure."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import LIST, Handing, disclose
from oicdesk.reports.blocks import Report, Sheet
from oicdesk.reports.files import save
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.sheets.read import guarded
from oicdesk.ui import messages
from oicdesk.ui.form import Field
from oicdesk.vault.vault import Vault

_FOLDER = "export_folder"
_FIELDS = (
    Field("recipient", "Who receives it", required=True),
    Field("purpose", "What for", required=True),
    Field("format", "Format", "choice", ((".xlsx", "XLSX, a workbook"), (".csv", "CSV, plain rows")), required=True),
)


@dataclass(frozen=True)
class Listed:
    """What is shown now, as rows for a file."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


def export(
    owner: QWidget,
    vault: Vault,
    machine: Machine,
    listed: Listed,
    *,
    now: datetime,
    source: str = "",
    cases: Sequence[int] = (),
) -> str:
    """Ask to whom and what for, then where; answers with what was written, or "" when the user went back.

    The log knows before the file exists. Raises Refused or VaultError.
    """
    if not listed.rows:
        raise Refused("There is nothing to export: this view is empty; choose another one.")
    sentence = f"{len(listed.rows):,} rows leave the desk as a plain file, logged as a disclosure."
    values = messages.ask_form(owner, f"Export: {listed.title}", _FIELDS, "Choose a place…",
                               values={"format": ".xlsx"}, sentence=sentence)  # fmt: skip
    if values is None:
        return ""
    what = f"{listed.title}, {len(listed.rows)} rows" + (f", {source}" if source else "")
    handing = Handing(values["recipient"], values["purpose"], values["format"][1:])

    def register() -> None:
        with vault.changing() as session:
            disclose(session, LIST, what, handing, now=now, cases=cases)

    return write_listed(owner, vault, machine, listed, recipient=values["recipient"], suffix=values["format"], now=now,
                        before=register)  # fmt: skip


def write_listed(
    owner: QWidget,
    vault: Vault,
    machine: Machine,
    listed: Listed,
    *,
    recipient: str,
    suffix: str,
    now: datetime,
    before: Callable[[], None] | None = None,
) -> str:
    """Ask where and write; `before` logs the disclosure once a place is chosen. Answers with what was written."""
    with vault.reading() as session:
        marking = reference(session).setting("marking")
    path = _place(owner, machine, f"{marking} {listed.title} {london_day(now).isoformat()}{suffix}")
    if path is None:
        return ""
    if before is not None:
        before()
    if path.suffix == ".csv":
        save(path, _csv_bytes(listed, marking))
    else:
        _write_workbook(path, listed, marking, recipient, vault.user.name, now)
    return f"{len(listed.rows):,} rows are in {path.name}, logged as a disclosure."


def _place(owner: QWidget, machine: Machine, name: str) -> Path | None:
    suffix = Path(name).suffix
    folder = Path(machine.get(_FOLDER) or Path.home())
    path = messages.choose_save(owner, "Export", folder / name, f"{suffix[1:].upper()} (*{suffix})")
    if path is None:
        return None
    machine.put(_FOLDER, str(path.parent))
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def _csv_bytes(listed: Listed, marking: str) -> bytes:
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


def _write_workbook(path: Path, listed: Listed, marking: str, recipient: str, author: str, now: datetime) -> None:
    from oicdesk.reports.xlsx import write_xlsx

    sheet = Sheet(listed.title, listed.header, list(listed.rows))
    write_xlsx(
        Report(name="queue-view", title=listed.title, marking=marking, as_at=now, author=author,
               recipient=recipient, sheets=[sheet]), path,
    )  # fmt: skip
