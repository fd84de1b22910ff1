"""The calendar of a month or a quarter: a row for each week, a cell for each day, items as chips to drag."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from oicdesk.comms import rules
from oicdesk.comms.page_parts import Board, counted, paint_item, spoken_item
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules import CalendarDay, CalendarWeek
from oicdesk.settings.rules import add_months, long_day, spoken_day
from oicdesk.ui import theme

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SAID_MOST: Final = 2  # conflicts that are told in full above the calendar; the others are counted
CALENDAR_HINT: Final = (
    "Enter opens a day's next item or begins one; Page Up and Page Down turn. Alt with ← → moves the chosen item by a"
    " day, with ↑ ↓ by a week; or drag it."
)
Index = QModelIndex | QPersistentModelIndex


class DaysModel(QAbstractTableModel):
    """Weeks as rows: the week itself in the first column, then Monday to Sunday."""

    def __init__(self) -> None:
        super().__init__()
        self.weeks: Sequence[CalendarWeek] = ()
        self.board: Board | None = None

    def show_weeks(self, weeks: Sequence[CalendarWeek], board: Board) -> None:
        """Show these instead of what was there."""
        self.beginResetModel()
        self.weeks, self.board = weeks, board
        self.endResetModel()

    def day_at(self, index: Index) -> CalendarDay | None:
        """The day of a cell; None for the week's own."""
        if not index.isValid() or index.column() == 0 or index.row() >= len(self.weeks):
            return None
        return self.weeks[index.row()].days[index.column() - 1]

    def index_of(self, day: date) -> QModelIndex:
        """The cell of a day; invalid where it is not shown."""
        for row, week in enumerate(self.weeks):
            if 0 <= (day - week.monday).days < 7:
                return self.index(row, 1 + (day - week.monday).days)
        return QModelIndex()

    def items_of(self, day: CalendarDay) -> list[ItemRow]:
        """The items of a day."""
        return [] if self.board is None else [self.board.by_id[id] for id in day.item_ids]

    def week_words(self, row: int) -> tuple[str, str]:
        """(the week, that nothing stands in it)."""
        week = self.weeks[row]
        return f"{week.monday.day} {_month(week.monday)}", "no item" if week.is_gap else ""

    def sentence(self, index: Index) -> str:
        """A cell in words, for a screen reader."""
        if index.column() == 0:
            day, gap = self.week_words(index.row())
            return f"Week of {day}" + (f", {gap}" if gap else "")
        day_ = self.day_at(index)
        if day_ is None:
            return ""
        told = [f"{_LONG_DAYS[day_.day.weekday()]} {long_day(day_.day)}"]
        if self.board is not None and day_.day == self.board.today:
            told.append("today")
        if day_.is_holiday:
            told.append("bank holiday")
        items = self.items_of(day_)
        told.append(counted(len(items), "item") if items else "no item")
        if day_.has_conflict:
            told.append("conflict: more than one item for one audience")
        return "; ".join([", ".join(told), *map(spoken_item, items)]) + "."

    # -- QAbstractTableModel

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.weeks)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 8

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return self.sentence(index)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Week", *DAYS)[section]
        return None


@dataclass(frozen=True)
class Chip:
    """An item where it is painted within its cell."""

    rect: QRect
    row: ItemRow


class Calendar(QTableView):
    """One month or quarter. The chosen item is marked; `chosen` is None while none is.

    `item_chosen` and `item_opened` carry an id, `day_opened` a day on which something new is wanted, `item_dropped`
    an item and its new day, `turned` the step to an earlier (-1) or later (1) stretch.
    """

    item_chosen = Signal(int)
    item_opened = Signal(int)
    day_opened = Signal(object)
    item_dropped = Signal(int, object)
    turned = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.days = DaysModel()
        self.chosen: int | None = None
        self.drop_at: QModelIndex = QModelIndex()
        self._held: tuple[int, QPoint] | None = None  # the item under the pressed button, and where it was pressed
        self._is_dragging = False
        self.setAccessibleName(name)
        self.setModel(self.days)
        self.setItemDelegate(_DayPainter(self))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        head = _Head(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(head)
        head.setAccessibleName("Days of the week")
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumHeight(theme.px(150))

    def show_weeks(self, weeks: Sequence[CalendarWeek], board: Board, day: date) -> None:
        """Show these weeks with the day in focus."""
        self.days.show_weeks(weeks, board)
        self._fit()
        self.show_day(day)

    def show_day(self, day: date) -> None:
        """Put the focus of the calendar on a day, if it is shown."""
        index = self.days.index_of(day)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def day(self) -> date | None:
        """The day in focus."""
        found = self.days.day_at(self.currentIndex())
        return None if found is None else found.day

    def choose(self, item_id: int | None) -> None:
        """Mark an item as the one that is looked at."""
        self.chosen = item_id
        self.viewport().update()

    # -- geometry

    def _fit(self) -> None:
        """Seven equal days and a week column as wide as its words; rows share the height, each with room for a chip."""
        side = self.fontMetrics().horizontalAdvance("28 Sep") + theme.px(20)
        room = self.viewport().width() - side
        self.setColumnWidth(0, side)
        for column in range(1, 8):
            self.setColumnWidth(column, room * column // 7 - room * (column - 1) // 7)
        count = max(1, len(self.days.weeks))
        height = max(self.least_row(), self.viewport().height() // count)
        for row in range(len(self.days.weeks)):
            self.setRowHeight(row, height)

    def line(self) -> int:
        """The height of a line of text in a cell."""
        return QFontMetrics(theme.font("small")).height() + 1

    def least_row(self) -> int:
        return self.line() * 2 + 2

    def chips(self, index: Index, rect: QRect) -> tuple[list[Chip], str]:
        """The items of a cell that fit into it, and what to say of the others."""
        day = self.days.day_at(index)
        items = [] if day is None else self.days.items_of(day)
        if not items:
            return [], ""
        line = self.line()
        room = max(1, (rect.height() - line - 2) // line)
        shown = items if len(items) <= room else items[: max(room - 1, 0)]
        left = items[len(shown) :]
        top = rect.top() + line + 1
        inside = rect.adjusted(3, 0, -4, 0)
        boxes = (QRect(inside.left(), top + n * line, inside.width(), line - 2) for n in range(len(shown)))
        chips = list(map(Chip, boxes, shown))
        return chips, (f"{len(left)} more" if shown else counted(len(left), "item")) if left else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(560), theme.px(300))

    # -- choosing and opening

    def open_day(self) -> None:
        """Look at the next item of the day in focus, or begin one where it has none."""
        day = self.days.day_at(self.currentIndex())
        if day is None:
            return
        if not day.item_ids:
            self.day_opened.emit(day.day)
            return
        if day.item_ids == (self.chosen,):
            self.item_opened.emit(self.chosen)
            return
        at = day.item_ids.index(self.chosen) + 1 if self.chosen in day.item_ids else 0
        self.item_chosen.emit(day.item_ids[at % len(day.item_ids)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # moving an item is the page's
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.open_day()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        elif key == Qt.Key.Key_Escape and self._is_dragging:
            self._let_go()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters look for nothing here."""

    # -- the mouse

    def item_at(self, at: QPoint) -> int | None:
        """The item whose chip is at this place."""
        index = self.indexAt(at)
        chips, _more = self.chips(index, self.visualRect(index))
        return next((chip.row.id for chip in chips if chip.rect.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = event.position().toPoint()
        item = self.item_at(at)
        self._held = None
        if event.button() == Qt.MouseButton.LeftButton and item is not None:
            self._held = (item, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._held is None:
            return
        if (at - self._held[1]).manhattanLength() >= QApplication.startDragDistance():
            self._is_dragging = True
        if self._is_dragging:
            index = self.indexAt(at)
            self.drop_at = index if self.days.day_at(index) is not None else QModelIndex()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        held, dragged, day = self._held, self._is_dragging, self.days.day_at(self.drop_at)
        self._let_go()
        if held is None:
            return
        if not dragged:
            self.item_chosen.emit(held[0])
        elif day is not None:
            self.item_dropped.emit(held[0], day.day)

    def _let_go(self) -> None:
        self._held, self._is_dragging, self.drop_at = None, False, QModelIndex()
        self.unsetCursor()
        self.viewport().update()

    @property
    def dragged(self) -> int | None:
        """The item that is being dragged."""
        return self._held[0] if self._held is not None and self._is_dragging else None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        day = self.days.day_at(self.indexAt(event.position().toPoint()))
        if day is not None and not day.item_ids:
            self.day_opened.emit(day.day)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.color("line"), 1))
        for row in range(len(self.days.weeks)):
            bottom = self.rowViewportPosition(row) + self.rowHeight(row) - 1
            painter.drawLine(0, bottom, self.viewport().width(), bottom)
        if self.hasFocus() and self.currentIndex().isValid():
            theme.paint_focus(painter, self.visualRect(self.currentIndex()).adjusted(0, 0, -1, -1))
        painter.end()


class _Head(QHeaderView):
    """The names of the days in secondary ink over one line."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.px(22))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        painter.fillRect(rect, theme.color("card"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(theme.color("secondary"))
        painter.setFont(theme.font("small"))
        words = str(self.model().headerData(section, Qt.Orientation.Horizontal))
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(theme.px(5), 0, 0, 0), align, words)
        painter.restore()


class _DayPainter(QStyledItemDelegate):
    """Paints a day: its number and words on the first line, its items as chips below."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(calendar)
        self._calendar = calendar

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        calendar, rect = self._calendar, option.rect
        painter.save()
        painter.setFont(theme.font("small"))
        if index.column() == 0:
            self._paint_week(painter, rect, *calendar.days.week_words(index.row()))
        else:
            day = calendar.days.day_at(index)
            if day is not None:
                self._paint_day(painter, rect, day, index)
        painter.restore()

    def _paint_week(self, painter: QPainter, rect: QRect, words: str, gap: str) -> None:
        line = self._calendar.line()
        painter.setPen(theme.color("secondary"))
        first = QRect(rect.left() + 4, rect.top() + 1, rect.width() - 6, line)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(first, left, words)
        if gap:
            painter.setPen(theme.color("amber"))
            painter.drawText(first.translated(0, line), left, gap)

    def _paint_day(self, painter: QPainter, rect: QRect, day: CalendarDay, index: Index) -> None:
        calendar, line = self._calendar, self._calendar.line()
        board = calendar.days.board
        is_off = not day.is_inside or day.day.weekday() >= 5 or day.is_holiday
        painter.fillRect(rect, theme.color("ground" if is_off else "card"))
        if index == calendar.drop_at:
            painter.fillRect(rect, theme.color("selection"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(rect.topLeft(), rect.bottomLeft())
        is_today = board is not None and day.day == board.today
        head = QRect(rect.left() + 5, rect.top() + 1, rect.width() - 8, line)
        font = theme.font("small")
        font.setBold(is_today)
        painter.setFont(font)
        painter.setPen(theme.color("text" if day.is_inside else "secondary"))
        words = f"{day.day.day} {_month(day.day)}" if day.day.day == 1 or not day.is_inside else str(day.day.day)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, left, words)
        used = painter.fontMetrics().horizontalAdvance(words) + 6
        self._paint_word(painter, head.adjusted(used, 0, 0, 0), day, is_today)
        chips, more = calendar.chips(index, rect)
        painter.setFont(theme.font("small"))
        for chip in chips:
            is_chosen, is_faded = chip.row.id == calendar.chosen, chip.row.id == calendar.dragged
            paint_item(painter, chip.rect, chip.row, is_chosen=is_chosen, is_faded=is_faded)
        if more:
            painter.setPen(theme.color("secondary"))
            top = chips[-1].rect.bottom() + 2 if chips else rect.top() + line
            painter.drawText(QRect(rect.left() + 8, top, rect.width() - 10, line), left, more)

    def _paint_word(self, painter: QPainter, room: QRect, day: CalendarDay, is_today: bool) -> None:
        """At the right of a day's number the one word that matters most, where it fits."""
        word, short, ink = "", "", "secondary"
        if day.has_conflict:
            word, short, ink = "conflict", "!", "danger"
        elif is_today:
            word, ink = "today", "accent"
        elif day.is_holiday:
            word = "bank holiday"
        if painter.fontMetrics().horizontalAdvance(word) > room.width():
            word = short
        painter.setPen(theme.color(ink))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """The day with all its items, as a tool tip."""
        day = self._calendar.days.day_at(index)
        if day is None or not day.item_ids:
            return False
        items = "\n".join(spoken_item(row) for row in self._calendar.days.items_of(day))
        QToolTip.showText(event.globalPos(), f"{spoken_day(day.day)}\n{items}", view)
        return True


def _month(day: date) -> str:
    return spoken_day(day).split()[2]


def stretch_of(part: str, day: date, step: int) -> date:
    """A day in the next or earlier month or quarter."""
    months = step * (3 if part == "Quarter" else 1)
    return add_months(day.replace(day=1), months)


def title_of(part: str, day: date) -> str:
    """ "November 2026", "October to December 2026"."""
    if part != "Quarter":
        return " ".join(long_day(day).split()[1:])
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    last = add_months(first, 3) - timedelta(days=1)
    return f"{long_day(first).split()[1]} to {long_day(last).split()[1]} {last.year}"


def notes_of(board: Board, first: date, last: date) -> list[str]:
    """Conflicts and coming weeks without any item among these days, in words."""
    clashes = [one for one in rules.conflicts(board.rows) if first <= one.day <= last]
    notes = [f"Conflict: {one.sentence}" for one in clashes[:_SAID_MOST]]
    if len(clashes) > _SAID_MOST:
        notes.append(f"{counted(len(clashes) - _SAID_MOST, 'conflict')} more.")
    gaps = rules.gaps(board.rows, max(first, board.today), last)
    if gaps:
        mondays = ", ".join(spoken_day(day) for day in gaps[:4])
        more = f" and {len(gaps) - 4} more" if len(gaps) > 4 else ""
        weeks = "Week" if len(gaps) == 1 else "Weeks"
        notes.append(f"{weeks} ahead without any item: {mondays}{more}.")
    return notes
