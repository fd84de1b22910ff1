"""The queue's list: its columns, its words and filters by column, and the view that these make together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPalette, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused
from oicdesk.referrals import records_views, rules
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_export import Listed
from oicdesk.referrals.page_views import Unfinished
from oicdesk.referrals.records_queue import Queue, QueueRow
from oicdesk.referrals.records_views import DUE_CHOICES, MARKED_CHOICES, VIEWS, Spec
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import london_day, short_day, spoken_day, spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Flow
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rows import Column, RowsModel, Table
from oicdesk.vault.vault import Vault

_PAUSE = 0  # milliseconds: the rows follow the key at once, and keys that wait already are taken together
_ROWS_LEFT = 4  # the table's title and three rows stay in sight under the highest head
_AGE = "age"  # the youngest first is the latest contact first
USUAL_SORT = (_AGE, True)


def _officer(row: QueueRow) -> str:
    return ", ".join(filter(None, (row.reporting_officer, row.collar)))


def _due(row: QueueRow) -> str:
    if row.due_at is None:
        return "none yet"
    return f"Overdue, {short_day(london_day(row.due_at))}" if row.is_overdue else spoken_instant(row.due_at)


def _spoken_due(row: QueueRow) -> str:
    if row.due_at is None:
        return "no due time"
    return f"{'overdue since' if row.is_overdue else 'due'} {spoken_instant(row.due_at)}"


def _age(row: QueueRow) -> str:
    return f"{row.age_working_days} working day{'' if row.age_working_days == 1 else 's'} old"


def _next(row: QueueRow) -> str:
    if row.snoozed_until is not None:
        return f"Snoozed until {spoken_day(row.snoozed_until)}"
    return f"Paused; {row.next_action[0].lower()}{row.next_action[1:]}" if row.is_paused else row.next_action


_SHORT = {rules.NEW: "New", rules.AWAITING_DOCUMENT: "Awaiting", rules.RETURNED: "Returned"}
COLUMNS = (
    Column("State", lambda row: _SHORT.get(row.status, rules.STATUS_WORDS[row.status]), "status", width=132,
           spoken=lambda row: rules.STATUS_WORDS[row.status], icon=lambda row: row.status),
    Column("Reference", lambda row: row.reference, "ref_order", width=120),
    Column("Age", lambda row: str(row.age_working_days), _AGE, spoken=_age, width=64, align_right=True),
    Column("Due", _due, "due_at", spoken=_spoken_due, width=180),
    Column("Force", lambda row: row.force or "", "force", width=72),
    Column("Team", lambda row: row.team or "", "team", width=152),
    Column("Reporting officer", _officer, "officer_name", width=176),
    Column("Next action", _next, spoken=lambda row: f"next: {_next(row)}", width=220),
)  # fmt: skip
TITLES = tuple(column.title for column in COLUMNS)
# What a file says in a column, where the screen says it shorter.
_FOR_FILE: Mapping[str, Callable[[QueueRow], Any]] = {
    "State": lambda row: rules.STATUS_WORDS[row.status],
    "Age": lambda row: row.age_working_days,
    "Due": lambda row: row.due_at,
}
_FILE_TITLES = {"Age": "Age in working days"}


_Answer = TypeVar("_Answer")


class QueueSource:
    """The rows of one view as the table asks for them: SQL counts, sorts and fetches, a page at a time."""

    def __init__(
        self,
        vault: Vault,
        desk: Reference,
        view: str,
        now: datetime,
        force: str,
        words: str,
        filters: Mapping[str, str] | None = None,
    ) -> None:
        self._vault, self._desk = vault, desk
        self._view, self._now, self._force, self._words, self._filters = view, now, force, words, filters

    def count(self) -> int:
        return self._ask(lambda queue: queue.count())

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[QueueRow]:
        return self._ask(lambda queue: queue.page(offset, limit, *_order(sort, descending)))

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        return self._ask(lambda queue: queue.position(id, *_order(sort, descending)))

    def _ask(self, question: Callable[[Queue], _Answer]) -> _Answer:
        with self._vault.reading() as session:
            queue = Queue(
                session, self._view, now=self._now, force=self._force, words=self._words, desk=self._desk,
                filters=self._filters,
            )  # fmt: skip
            return question(queue)


def _order(sort: str | None, descending: bool) -> tuple[str | None, bool]:
    return ("contact_at", not descending) if sort == _AGE else (sort, descending)


class ColumnFilters(QWidget):
    """One small box for each column that can narrow the list; `changed` when one was used."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._flow = Flow(self)
        self._boxes: dict[str, QLineEdit | QComboBox] = {}
        self._quiet = False
        states = [("", "Any"), *((status, rules.STATUS_WORDS[status]) for status in rules.STATUSES)]
        # Their widths make three lines in the narrowest pane beside a case.
        self._choice("status", "State", states, 152)
        self._text("reference", "Reference", 96, "2026-004")
        self._text("age", "Age, at least", 88, "5")
        self._choice("force", "Force", [("", "Any"), ("Suffolk", "Suffolk"), ("Norfolk", "Norfolk")], 96)
        self._choice("due", "Due", [("", "Any"), *DUE_CHOICES.items()], 152)
        self._text("team", "Team", 136, "")
        self._text("officer", "Officer or collar", 152, "")
        self._choice("marked", "Marked", [("", "Any"), *MARKED_CHOICES.items()], 192)
        self.clear_button = Button("Clear the filters", "quiet", "x")
        self.clear_button.clicked.connect(self.clear)
        self._flow.addWidget(self.clear_button)

    def _text(self, name: str, label: str, width: int, example: str) -> None:
        box = QLineEdit()
        box.setPlaceholderText(example)
        box.setClearButtonEnabled(True)
        for part in box.findChildren(QToolButton):
            part.setAccessibleName(f"Clear {label.lower()}")
        box.textEdited.connect(self._edited)
        box.textChanged.connect(lambda text: None if text else self._edited())  # the cross at its right
        self._place(name, label, box, width)

    def _choice(self, name: str, label: str, choices: Sequence[tuple[str, str]], width: int) -> None:
        box = QComboBox()
        for code, words in choices:
            box.addItem(words, code)
        box.activated.connect(self._edited)
        self._place(name, label, box, width)

    def _place(self, name: str, label: str, box: QLineEdit | QComboBox, width: int) -> None:
        box.setObjectName(f"filter {name}")
        box.setAccessibleName(f"Filter by {label.lower()}")
        box.setFixedSize(theme.px(width), theme.px(28))
        words = Words(label, "small", "secondary")
        words.setBuddy(box)
        cell = QWidget()
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(words)
        column.addWidget(box)
        self._flow.addWidget(cell)
        self._boxes[name] = box

    def _edited(self) -> None:
        if not self._quiet:
            self.changed.emit()

    def values(self) -> dict[str, str]:
        """What narrows, by column."""
        told = {name: _value(box) for name, box in self._boxes.items()}
        return {name: value for name, value in told.items() if value}

    def set_values(self, values: Mapping[str, str]) -> None:
        """Show these instead; nothing is emitted."""
        self._quiet = True
        for name, box in self._boxes.items():
            if isinstance(box, QComboBox):
                box.setCurrentIndex(max(0, box.findData(values.get(name, ""))))
            else:
                box.setText(values.get(name, ""))
        self._quiet = False

    def clear(self) -> None:
        """Narrow nothing any more."""
        self.set_values({})
        self.changed.emit()

    def first_focus(self) -> QWidget:
        return self._boxes["status"]


def _value(box: QLineEdit | QComboBox) -> str:
    return str(box.currentData() or "") if isinstance(box, QComboBox) else box.text().strip()


class _AsHighAsItsWidthAsks(QWidget):
    def minimumSizeHint(self) -> QSize:
        """No least height: rows that flow would ask for the one of their narrowest."""
        return QSize(super().minimumSizeHint().width(), 0)


class _Head(QScrollArea):
    """What stands above the table, as high as it is; it scrolls where it would leave no room for a few rows."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = _AsHighAsItsWidthAsks()
        self.inner.setAutoFillBackground(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self.inner)
        self.viewport().setAutoFillBackground(False)
        self.inner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.inner and event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.inner.minimumSizeHint().width(), 0)

    def fit(self) -> None:
        """Take the height that is needed at this width, or what the table can spare."""
        pane = self.parentWidget()
        if pane is None:
            return
        spare = pane.height() - _ROWS_LEFT * theme.row_height()
        wanted = self.inner.heightForWidth(self.width())
        # A bar that comes and goes would take the width for which the height was measured.
        on, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(on if wanted > spare else off)
        self.setFixedHeight(max(min(wanted, spare), 2 * theme.row_height()))

    def bring(self, widget: QWidget) -> None:
        """Let this be in sight, once everything has its place."""
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(widget))


class ListPane(QWidget):
    """The middle pane: heading, words, filters, what a snooze leaves out, and the table.

    `asked` when other rows are wanted: the page then calls `show_rows`. `gaps_asked` opens the comparison.
    """

    asked = Signal()
    columns_moved = Signal()
    gaps_asked = Signal()
    snoozed_asked = Signal()

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self._base = "needs_document"
        self._is_arranging = False
        self.model = RowsModel(COLUMNS)
        self.table = Table(self.model, "Referrals")
        self.table.horizontalHeader().setAccessibleName("Columns")
        self.table.horizontalHeader().setSectionsMovable(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.filter = QLineEdit()
        self.heading = Words("", "section")
        self.add_button = Button("Add a referral…", "primary", "plus")
        self.import_button = Button("Import a list…", "plain", "upload")
        self.menu_button = Button("This view…", "plain", "list-checks")
        self.menu = QMenu(self)
        self.filters = ColumnFilters()
        self.aside = Words("", "base", "secondary")
        self.aside_button = Button("", "quiet", "chevron-right")
        self.unfinished = Unfinished()
        self.problem, self.filter_problem, self.told = Notice("problem"), Notice("problem"), Notice("good")
        self.under = QVBoxLayout()  # what stands between filters and table: the bar for many
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._read)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.filter.setAccessibleName("Filter the list")
        self.filter.setPlaceholderText("Filter by reference, incident, officer, team or district")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumHeight(theme.row_height())
        self.filter.addAction(theme.icon("search", "secondary"), QLineEdit.ActionPosition.LeadingPosition)
        for part in self.filter.findChildren(QToolButton):
            part.setAccessibleName("Clear the filter")  # the glass at the left cannot be pressed
        self.heading.setWordWrap(True)
        self.aside.setWordWrap(True)
        aside = QHBoxLayout()
        aside.addWidget(self.aside, 1)
        aside.addWidget(self.aside_button)
        self.head = _Head()
        above = QVBoxLayout(self.head.inner)
        above.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GRID)
        above.setSpacing(theme.GRID)
        for row in self._head():
            above.addLayout(row)
        above.addWidget(self.filters)
        above.addWidget(self.filter_problem)
        above.addLayout(aside)
        for widget in (self.unfinished, self.told, self.problem):
            above.addWidget(widget)
        above.addLayout(self.under)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.table, 1)
        self.filters.hide()
        self._say_aside("", "")

    def _head(self) -> list[QHBoxLayout]:
        """Heading and buttons in a line, words and the menu in the next; in large text the menu holds them all."""
        large = theme.is_large()
        lines = (
            (self.heading, (self.menu_button,) if large else (self.import_button, self.add_button)),
            (self.filter, () if large else (self.menu_button,)),
        )
        rows = []
        for wide, others in lines:
            row = QHBoxLayout()
            row.setSpacing(theme.GRID)
            row.addWidget(wide, 1)
            for button in others:
                row.addWidget(button)
            rows.append(row)
        if large:
            for button in (self.add_button, self.import_button):
                button.setParent(self)
                button.hide()
                self.menu.addAction(button.text(), button.click)
        return rows

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda: self._timer.start())
        self.filter.returnPressed.connect(self._leave_filter)
        self.filters.changed.connect(lambda: self._timer.start())
        self.table.horizontalHeader().sectionMoved.connect(lambda *_: self._moved())
        self.menu_button.setMenu(self.menu)
        self.aside_button.clicked.connect(self._open_aside)
        clear = QShortcut(QKeySequence("Esc"), self.filter, self._clear_filter)
        clear.setContext(Qt.ShortcutContext.WidgetShortcut)
        back = QShortcut(QKeySequence("Esc"), self.filters, self.table.setFocus)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.table.sort_by(*USUAL_SORT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.head.fit()

    # --- what is looked at

    @property
    def spec(self) -> Spec:
        """The view as it stands: base, words, filters, columns and order."""
        sort, descending = self.model.sort_name, self.model.descending
        order = _order(sort, descending) if sort else (None, False)
        return Spec(self._base, self.filter.text(), self.filters.values(), self.columns(), *order)

    def tell(self, sentence: str) -> None:
        """Say what was done with the view."""
        self.problem.say("")
        self.told.say(sentence)

    def lay_out_as(self, spec: Spec) -> None:
        """Take another view up; the page then calls `show_rows`."""
        self.told.say("")
        self._base = spec.base
        self.filter.blockSignals(True)
        self.filter.setText(spec.words)
        self.filter.blockSignals(False)
        self.filters.set_values(spec.filters)
        self.filters.setVisible(bool(spec.filters))
        self.show_columns(spec.columns)
        if spec.sort == "contact_at":
            self.table.sort_by(_AGE, not spec.descending)
        elif spec.sort is not None:
            self.table.sort_by(spec.sort, spec.descending)

    def look_at(self, base: str) -> None:
        """Another base view under the same words and filters; the page then calls `show_rows`."""
        self._base = base
        self.told.say("")

    def show_rows(self, desk: Reference, force: str, heading: str) -> None:
        """Read the rows; a filter that cannot be read is told and narrows nothing."""
        self._timer.stop()
        spec = self.spec
        self.filter_problem.say("")
        try:
            with self._vault.reading() as session:
                records_views.conditions(spec, self._now(), force, desk)
                left = records_views.left_out(session, spec, now=self._now(), force=force, desk=desk)
                gaps = records_views.only_theirs(session, force=force) if spec.base == "list_gaps" else 0
        except Refused as refusal:
            self.filter_problem.say(str(refusal))
            spec, left, gaps = replace(spec, filters={}), 0, 0
        source = QueueSource(self._vault, desk, spec.base, self._now(), force, spec.words, spec.filters)
        self.model.set_source(source)
        self.heading.setText(heading)
        self._show_aside(left, gaps)
        self._say_why_empty(spec)

    def _show_aside(self, left: int, gaps: int) -> None:
        if gaps:
            words = f"{gaps:,} contact{' is' if gaps == 1 else 's are'} only on the outside list."
            self._say_aside(words, "Compare the lists")
        elif left:
            self._say_aside(f"{left:,} more {'is' if left == 1 else 'are'} snoozed and left out here.", "Show snoozed")
        else:
            self._say_aside("", "")

    def _say_aside(self, words: str, verb: str) -> None:
        self.aside.setText(words)
        self.aside_button.setText(verb)
        for widget in (self.aside, self.aside_button):
            widget.setVisible(bool(words))

    def _open_aside(self) -> None:
        (self.gaps_asked if self._base == "list_gaps" else self.snoozed_asked).emit()

    def _say_why_empty(self, spec: Spec) -> None:
        if spec.is_narrowed:
            words = f" “{spec.words.strip()}”" if spec.words.strip() else " what the filters ask for"
            self.table.set_empty("Nothing matches", f"No referral in this view has{words}.",
                                 "Clear the filter", self.clear)  # fmt: skip
        elif spec.base in ("all", "needs_document"):
            self.table.set_empty("Nothing is waiting here", "New contacts come in by hand or from a list.",
                                 "Import a list…", self.import_button.click)  # fmt: skip
        else:
            self.table.set_empty("Nothing is waiting here", f"No referral stands under “{VIEWS[spec.base]}”.")

    # --- words and filters

    def clear(self) -> None:
        """Narrow nothing any more."""
        self.filters.set_values({})
        self.filter.clear()
        self.asked.emit()

    def show_filters(self) -> None:
        """Show the boxes by column and go into them; or put them away when they narrow nothing."""
        if self.filters.isVisible() and not self.filters.values():
            self.filters.hide()
            self.table.setFocus()
            return
        self.filters.show()
        self.filters.first_focus().setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.head.bring(self.filters.first_focus())

    def narrow(self, filters: Mapping[str, str]) -> None:
        """Narrow by these columns alone, in sight; the page then calls `show_rows`."""
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.filters.set_values(filters)
        self.filters.setVisible(bool(filters))

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _read(self) -> None:
        if self.isVisible():
            self.asked.emit()

    def _clear_filter(self) -> None:
        self.filter.clear()
        self._leave_filter()

    def _leave_filter(self) -> None:
        self.asked.emit()
        self.table.setFocus()

    # --- columns

    def columns(self) -> tuple[str, ...]:
        """The titles of the columns that are shown, from left to right."""
        header = self.table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return tuple(TITLES[n] for n in order if not header.isSectionHidden(n))

    def show_columns(self, titles: Sequence[str]) -> None:
        """Show these columns in this order; none means all, as they usually stand."""
        wanted = [TITLES.index(title) for title in titles if title in TITLES] or list(range(len(TITLES)))
        rest = [n for n in range(len(TITLES)) if n not in wanted]
        header = self.table.horizontalHeader()
        self._is_arranging = True
        for place, number in enumerate([*wanted, *rest]):
            header.moveSection(header.visualIndex(number), place)
            header.setSectionHidden(number, number in rest)
        self._is_arranging = False

    def _moved(self) -> None:
        if not self._is_arranging:
            self.columns_moved.emit()

    # --- for a file

    def listed(self, title: str) -> tuple[Listed, list[int]]:
        """Every row of this view as it stands, in the columns and the order shown; and the ids of the cases."""
        columns = [COLUMNS[TITLES.index(name)] for name in self.columns()]
        rows = [row for place in range(self.model.rowCount()) if (row := self.model.row(place)) is not None]
        told: list[Callable[[Any], Any]] = [_FOR_FILE.get(column.title, column.text) for column in columns]
        cells = [tuple(tell(row) for tell in told) for row in rows]
        header = tuple(_FILE_TITLES.get(column.title, column.title) for column in columns)
        return Listed(title, header, cells), [row.id for row in rows]
