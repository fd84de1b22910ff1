"""What the parts of the Training page share: the day and force they show, doors for forms, small tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from oicdesk.reports.page_view import Listed as Listed
from oicdesk.settings.rules import short_day
from oicdesk.training import rules
from oicdesk.ui import theme
from oicdesk.ui.deeds import Deeds
from oicdesk.ui.detail import Flow
from oicdesk.ui.detail import scrolled as scrolled
from oicdesk.ui.parts import column_of as column_of
from oicdesk.ui.parts import row_of as row_of
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
Deed = Callable[[Any, dict[str, Any]], str]

WORDS = {
    rules.MISSING: "missing", rules.EXPIRED: "lapsed", rules.EXCLUDED: "left out", rules.NOT_REQUIRED: "not required",
    rules.COMPLETE: "complete",
}  # fmt: skip
PILLS = {rules.MISSING: "awaiting_document", rules.EXPIRED: "returned", rules.EXCLUDED: "exempt"}
VERDICTS = {
    rules.MET: "good", rules.NOT_MET: "problem", rules.EVIDENCE_PENDING: "warning", rules.NOT_YET_DUE: "neutral",
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """The day that is looked at, and the force: Suffolk, Norfolk or Joint."""

    day: date
    force: str = rules.JOINT


class Part(Protocol):
    """Another room's part of the figures, handed over by the shell; nothing here knows what it reads."""

    tables: frozenset[str]

    def show_scope(self, day: date, force: str) -> None:
        """Read again as at the end of a day."""


class View(Deeds):
    """One part of the page. `wanted` asks for another part."""

    wanted = Signal(str, object)

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault.changing)
        self.vault, self.now = vault, now
        self.scope = Scope(date.min)

    def refresh(self, scope: Scope) -> None:
        """Read again as at the scope's day."""
        raise NotImplementedError

    def first_focus(self) -> QWidget:
        raise NotImplementedError

    def listed(self) -> Listed:
        """Everything that this part lists, for an export."""
        raise NotImplementedError


def standing_text(standing: rules.Standing) -> str:
    """A cell of people × courses: the day of completion, or a word."""
    if standing.state in (rules.COMPLETE, rules.NOT_REQUIRED) and standing.done_on is not None:
        return short_day(standing.done_on)
    return "–" if standing.state == rules.NOT_REQUIRED else WORDS[standing.state]


def standing_words(standing: rules.Standing) -> str:
    """The same for a sentence, with what else is known."""
    if standing.state == rules.COMPLETE:
        return standing_text(standing)
    said = WORDS[standing.state]
    if standing.state == rules.EXCLUDED:
        said = f"left out: {standing.reason}"
    if standing.done_on is not None:
        said += f", completed {short_day(standing.done_on)}"
    return said


def percent_text(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"


def people_words(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


@dataclass(frozen=True)
class LineRow:
    """A line of a small table: its id, its cells, the pill of one of them, and what it sorts by if not by words."""

    id: int
    cells: tuple[str, ...]
    pill: str | None = None
    keys: tuple[Any, ...] = ()


def _cell(place: int, row: LineRow) -> str:
    return row.cells[place]


def _key(place: int, row: LineRow) -> Any:
    return row.keys[place] if row.keys else rules.fold(row.cells[place])


class Lines(Table):
    """A small table of texts; with `fitted` as high as its lines, up to that many."""

    def __init__(
        self, name: str, columns: Sequence[tuple[str, int]], *, right: Sequence[int] = (), pill_at: int | None = None,
        fitted: int | None = None,
    ) -> None:  # fmt: skip
        made = [
            Column(
                title, partial(_cell, n), sort=title, width=width, align_right=n in right,
                icon=(lambda row: row.pill) if n == pill_at else None,
            )
            for n, (title, width) in enumerate(columns)
        ]  # fmt: skip
        super().__init__(RowsModel(made), name)
        self._keys: dict[str, Callable[[Any], Any]] = {
            title: partial(_key, n) for n, (title, _width) in enumerate(columns)
        }
        self._fitted = fitted
        self.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.setMinimumHeight(theme.row_height() * 3)
        if fitted is not None:  # in an order of its own, within a page that scrolls
            self.setSelectionMode(Table.SelectionMode.SingleSelection)

    def set_lines(self, lines: Sequence[LineRow]) -> None:
        """Show these; the selection stays where its rows are still there."""
        self.rows.set_source(ListSource(lines, self._keys))
        if self._fitted is not None:
            shown = max(2, min(self._fitted, len(lines)))
            self.setFixedHeight((shown + 1) * theme.row_height() + 4)


def choice(name: str, items: Sequence[tuple[Any, str]] = ()) -> QComboBox:
    """A drop-down whose entries carry codes."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumHeight(theme.row_height())
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    fill(box, items)
    return box


def fill(box: QComboBox, items: Sequence[tuple[Any, str]]) -> None:
    """Offer these, keeping what is chosen if it is among them."""
    now = [(box.itemData(place), box.itemText(place)) for place in range(box.count())]
    if now == list(items):
        return
    kept = box.currentData()
    box.blockSignals(True)
    box.clear()
    for code, words in items:
        box.addItem(words, code)
    box.setCurrentIndex(max(0, box.findData(kept)) if items else -1)
    box.blockSignals(False)


def flow_of(*widgets: QWidget) -> Flow:
    """From left to right on as many lines as they need, for large text."""
    flow = Flow()
    for widget in widgets:
        flow.addWidget(widget)
    return flow
