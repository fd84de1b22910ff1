"""What the parts of the Documents page share: the scope they show, doors for forms, export of what is listed."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import LIST, Handing, disclose
from oicdesk.reports.blocks import Report, Sheet
from oicdesk.reports.files import save
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.sheets.read import guarded
from oicdesk.ui import messages, theme
from oicdesk.ui.form import Field
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Step, Told, left_the_desk
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
Deed = Callable[[Any, dict[str, Any]], "str | Told"]
WHY = Field("reason", "Reason", "long", required=True)
_FOLDER = "export_folder"


@dataclass(frozen=True)
class Listed:
    """What a part shows now, as rows for a file, and the cases it is about."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    cases: Sequence[int] = ()


class View(QWidget):
    """One part of the page. `said` carries what was done, `refused` why not, `step_done` a step that may be undone;
    `case_asked` opens a case in the queue, `counted` says how much waits here."""

    said = Signal(str)
    refused = Signal(str)
    step_done = Signal(object)
    case_asked = Signal(int)
    draft_asked = Signal(int)
    counted = Signal(int)
    alone = Signal(bool)  # whether the part wants the room of the page's head too

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__()
        self.vault, self.now, self.machine = vault, now, machine
        self.force = "Joint"

    def refresh(self, force: str) -> None:
        """Read again for this scope."""
        raise NotImplementedError

    def first_focus(self) -> QWidget:
        raise NotImplementedError

    def panes(self) -> list[QWidget]:
        """What F6 goes through inside this part."""
        return [self.first_focus()]

    def listed(self) -> Listed:
        """Everything that this part lists, for an export."""
        raise NotImplementedError

    def export(self) -> None:
        """Hand out what is shown. Raises Refused or VaultError."""
        export(self, self.listed())

    def do(self, deed: Callable[[Any], "str | Told"]) -> bool:
        """Write in one change and say what was done, or why not."""
        try:
            with self.vault.changing() as session:
                told = deed(session)
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return False
        self.tell(told)
        return True

    def ask(
        self, title: str, fields: Sequence[Field], verb: str, deed: Deed, *, values: dict[str, Any] | None = None,
        sentence: str = "",
    ) -> bool:  # fmt: skip
        """Ask by a form and write; a refusal stands beside its field and the form stays open."""
        told: list[str | Told] = []

        def check(found: dict[str, Any]) -> None:
            with self.vault.changing() as session:
                told.append(deed(session, found))

        if messages.ask_form(self, title, fields, verb, check=check, values=values, sentence=sentence) is None:
            return False
        self.tell(told[-1])
        return True

    def ask_task(self, task: Task) -> bool:
        """Do a task by a form in a window."""
        return self.ask(
            task.title, task.fields, task.verb, task.do, values=dict(task.values), sentence=task.sentence
        )  # fmt: skip

    def tell(self, told: "str | Told") -> None:
        """Say what was done; a step that can be taken back goes onto the window's list."""
        if isinstance(told, Told):
            self.step_done.emit(told.step)
            told = told.words
        self.said.emit(told)

    def key(self, words: str, slot: Callable[[], object], keys: str) -> None:
        """A key that works while the focus is in this part; the page lists it under F1."""
        shortcut = QShortcut(QKeySequence(keys), self, slot)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setWhatsThis(words)

    def undoing(self, words: str, deed: Callable[[Any], object], said: str = "") -> Step:
        """A step that is taken back by this deed."""

        def take_back() -> str:
            with self.vault.changing() as session:
                deed(session)
            return said

        return Step(words, take_back)


class Room(QStackedWidget):
    """Parts with a room of their own: the highest of them does not make the whole page scroll."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        """Enough for a table; with large text as much as the part needs, for the page scrolls then."""
        shown, least = self.currentWidget(), theme.px(300)
        if theme.is_large() and shown is not None:
            least = max(least, shown.minimumSizeHint().height())
        return QSize(theme.px(320), least)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()


def row_of(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    """Widgets beside each other."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GRID)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def beside(left: QWidget, right: QWidget) -> QSplitter:
    """A list and what is chosen in it, beside each other; with large text below each other."""
    split = QSplitter(Qt.Orientation.Vertical if theme.is_large() else Qt.Orientation.Horizontal)
    for pane in (left, right):
        split.addWidget(pane)
        pane.setMinimumHeight(theme.px(200) if theme.is_large() else 0)
    split.setStretchFactor(0, 1)
    split.setChildrenCollapsible(False)
    return split


def column_of(parent: QWidget | None, *parts: QWidget | QLayout, gap: int = theme.GRID) -> QVBoxLayout:
    """Parts below one another."""
    column = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(gap)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return column


@dataclass(frozen=True)
class LineRow:
    """A line of a small table: its id, its cells, the pill of one of them, and what it sorts by if not by words."""

    id: int
    cells: tuple[str, ...]
    pill: str | None = None
    keys: tuple[Any, ...] = ()


class Lines(Table):
    """A small table of texts held in memory."""

    def __init__(self, name: str, columns: Sequence[tuple[str, int]], *, pill_at: int | None = None) -> None:
        def cell(place: int, row: LineRow) -> str:
            return row.cells[place]

        made = [
            Column(
                title, partial(cell, place), sort=title, width=width,
                icon=(lambda row: row.pill) if place == pill_at else None,
            )
            for place, (title, width) in enumerate(columns)
        ]  # fmt: skip
        super().__init__(RowsModel(made), name)
        self.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.setSelectionMode(Table.SelectionMode.SingleSelection)

        def key(place: int, row: LineRow) -> Any:
            return row.keys[place] if row.keys else row.cells[place].casefold()

        self._keys: dict[str, Callable[[Any], Any]] = {
            title: partial(key, place) for place, (title, _width) in enumerate(columns)
        }

    def set_lines(self, lines: Sequence[LineRow]) -> None:
        """Show these; the selection stays where its rows are still there, else the first is chosen."""
        self.rows.set_source(ListSource(lines, self._keys))
        if not self.selected_ids() and lines:
            self.selectRow(0)


# --- export of what is listed ------------------------------------------------------------------------------

_FIELDS = (
    Field("recipient", "Who receives it", required=True),
    Field("purpose", "What for", required=True),
    Field("format", "Format", "choice", ((".xlsx", "XLSX, a workbook"), (".csv", "CSV, plain rows")), required=True),
)


def export(view: View, listed: Listed) -> None:
    """Ask to whom and what for, then where, and write what is shown; register and log know before the file exists."""
    if not listed.rows:
        raise Refused("There is nothing to export: this view is empty; choose another one.")
    sentence = f"{len(listed.rows):,} rows leave the desk as a plain file; the register of disclosures keeps to whom."
    values = messages.ask_form(
        view, f"Export: {listed.title}", _FIELDS, "Choose a place…", values={"format": ".xlsx"}, sentence=sentence
    )
    if values is None:
        return
    with view.vault.reading() as session:
        marking = reference(session).setting("marking")
    name = f"{marking} {listed.title} {london_day(view.now()).isoformat()}{values['format']}"
    path = place_for(view, view.machine, name)
    if path is None:
        return
    what = f"{listed.title}, {view.force}, {len(listed.rows)} rows"
    with view.vault.changing() as session:
        handing = Handing(values["recipient"], values["purpose"], path.suffix[1:])
        disclose(session, LIST, what, handing, now=view.now(), cases=listed.cases)
    if path.suffix == ".csv":
        save(path, _csv_bytes(listed, marking))
    else:
        _write_workbook(path, listed, marking, values["recipient"], view)
    view.tell(Told(f"{len(listed.rows):,} rows are in {path.name}.", left_the_desk(f"Export {listed.title}")))


def place_for(owner: QWidget, machine: Machine, name: str) -> Path | None:
    """Where a file of that name goes; the folder is remembered. None when the user went back."""
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


def _write_workbook(path: Path, listed: Listed, marking: str, recipient: str, view: View) -> None:
    from oicdesk.reports.xlsx import write_xlsx

    sheet = Sheet(listed.title[:31], listed.header, list(listed.rows))
    write_xlsx(
        Report(name="documents-view", title=listed.title, marking=marking, as_at=view.now(),
               author=view.vault.user.name, recipient=recipient, sheets=[sheet]), path,
    )  # fmt: skip
