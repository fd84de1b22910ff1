"""What the parts of the Documents page share: the scope they show, doors for forms, export of what is listed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import LIST, Handing, disclose
from oicdesk.reports.page_view import Leaving, export_view
from oicdesk.reports.page_view import Listed as ShownRows
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.ui import theme
from oicdesk.ui.deeds import Deeds
from oicdesk.ui.form import Field
from oicdesk.ui.parts import column_of as column_of
from oicdesk.ui.parts import row_of as row_of
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Told, left_the_desk
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
WHY = Field("reason", "Reason", "long", required=True)


@dataclass(frozen=True)
class Listed(ShownRows):
    """What a part shows now, as rows for a file, and the cases it is about."""

    cases: Sequence[int] = ()


class View(Deeds):
    """One part of the page; `case_asked` opens a case in the queue, `counted` says how much waits here."""

    case_asked = Signal(int)
    draft_asked = Signal(int)
    counted = Signal(int)
    alone = Signal(bool)  # whether the part wants the room of the page's head too

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault.changing)
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

    def ask_task(self, task: Task) -> bool:
        """Do a task by a form in a window."""
        return self.ask(
            task.title, task.fields, task.verb, task.do, values=dict(task.values), sentence=task.sentence
        )  # fmt: skip

    def key(self, words: str, slot: Callable[[], object], keys: str) -> None:
        """A key that works while the focus is in this part; the page lists it under F1."""
        shortcut = QShortcut(QKeySequence(keys), self, slot)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setWhatsThis(words)


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


def beside(left: QWidget, right: QWidget) -> QSplitter:
    """A list and what is chosen in it, beside each other; with large text below each other."""
    split = QSplitter(Qt.Orientation.Vertical if theme.is_large() else Qt.Orientation.Horizontal)
    for pane in (left, right):
        split.addWidget(pane)
        pane.setMinimumHeight(theme.px(200) if theme.is_large() else 0)
    split.setStretchFactor(0, 1)
    split.setChildrenCollapsible(False)
    return split


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


def export(view: View, listed: Listed) -> None:
    """Ask to whom and what for, then where, and write what is shown; register and log know before the file exists."""

    def note(*, recipient: str, purpose: str, what: str, form: str) -> None:
        with view.vault.changing() as session:
            disclose(session, LIST, what, Handing(recipient, purpose, form), now=view.now(), cases=listed.cases)

    with view.vault.reading() as session:
        marking = reference(session).setting("marking")
    leaving = Leaving(marking, view.vault.user.name, london_day(view.now()), view.force, note)
    said = export_view(view, view.machine, listed, leaving, now=view.now())
    if said:
        view.tell(Told(said, left_the_desk(f"Export {listed.title}")))
