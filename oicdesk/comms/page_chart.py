"""The chart of submissions with its marks, and the timeline that lies under it on the same days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from oicdesk.comms import rules
from oicdesk.comms.page_parts import Board, counted, paint_item, spoken_item
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules_effect import Effect
from oicdesk.reports.blocks import text_of
from oicdesk.reports.charts_weeks import Axis, Span, weeks_alt, weeks_axis, weeks_chart, weeks_table
from oicdesk.settings.rules import spoken_day
from oicdesk.ui import theme
from oicdesk.ui.chart import Chart

AHEAD: Final = 8
LEAST_HIGH: Final = 176  # pixels at 100 %
TIMELINE_HINT: Final = (
    "← → go along a lane, ↑ ↓ to the next. Alt with ← → moves the chosen item by a day, with ↑ ↓ by a week; or drag it."
)
_LEAST: Final = 300.0  # units; narrower than this the labels would touch
_MOST_TOLD: Final = 30


def _unit() -> float:
    """Pixels for one unit of the drawing, so that its words are as large as the window's small ones."""
    return theme.px(150) / 100


class WeeksChart(Chart):
    """Submissions of the last weeks, with room for those to come; a click on a mark chooses its item."""

    item_chosen = Signal(int)
    resized = Signal()  # what is laid out on its days has to follow

    def __init__(self, board: Board) -> None:
        self._board = board
        self._effect: Effect | None = None
        self._words = self._told()
        super().__init__(self._drawing(_LEAST, 140), *self._words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(LEAST_HIGH))

    def show_board(self, board: Board, effect: Effect | None) -> None:
        """Show the weeks; with an effect its item's mark is told apart and its windows are named."""
        if board is not self._board:
            self._board = board
            self._words = self._told()
        self._effect = effect
        self._draw()

    def _draw(self) -> None:
        wide, high = max(self.width() / _unit(), _LEAST), self.height() / _unit()
        self.show_drawing(self._drawing(wide, high), *self._words)

    def _drawing(self, width: float, height: float) -> Any:
        board, effect = self._board, self._effect
        return weeks_chart(
            board.weeks, board.outlook.marks, as_at=board.as_at, width=width, height=height, ahead=AHEAD,
            chosen=None if effect is None else effect.item, spans=[] if effect is None else spans_of(effect),
        )  # fmt: skip

    def _told(self) -> tuple[list[list[str]], str]:
        """The rows of the chart and its name, which says what it shows; of very many marks the latest."""
        marks = self._board.outlook.marks
        table = weeks_table(self._board.weeks, marks)
        rows = [list(table.header), *([text_of(cell) for cell in row] for row in table.rows)]
        return rows, weeks_alt(self._board.weeks, marks[-_MOST_TOLD:])

    def axis(self) -> Axis:
        """The days of the chart in this widget's pixels."""
        found = weeks_axis(self._board.weeks, width=self.drawing.width, ahead=AHEAD)
        unit = min(self.width() / self.drawing.width, self.height() / self.drawing.height)
        left = (self.width() - self.drawing.width * unit) / 2
        return replace(found, left=left + found.left * unit, right=left + found.right * unit)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(560), theme.px(LEAST_HIGH))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(260), theme.px(LEAST_HIGH))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        axis, x = self.axis(), event.position().x()
        near = [(abs(axis.x(mark.day) - x), mark.id) for mark in self._board.outlook.marks]
        if near and min(near)[0] <= theme.px(5):
            self.item_chosen.emit(min(near)[1])


def spans_of(effect: Effect) -> list[Span]:
    """The windows of an effect, named by their counts; none while no week has passed."""
    if not effect.windows.weeks:
        return []
    sides = (("before", effect.windows.before, effect.before), ("after", effect.windows.after, effect.after))
    return [Span(*days, f"{word} {count.on_time} of {count.due}") for word, days, count in sides]


@dataclass(frozen=True)
class Bar:
    """An item where it is painted on the timeline."""

    rect: QRect
    row: ItemRow


class Timeline(QWidget):
    """A lane for each channel, each item at its day, under the same days of the chart above.

    Left and right go through a lane, up and down to the next lane; dragging moves an item to another day.
    """

    item_chosen = Signal(int)
    item_opened = Signal(int)
    item_dropped = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.chosen: int | None = None
        self.bars: list[Bar] = []
        self.outside = 0  # items whose day is not on the axis
        self._board: Board | None = None
        self._axis: Axis | None = None
        self._lanes: list[tuple[str, int]] = []  # (title, where it begins)
        self._held: tuple[ItemRow, QPoint] | None = None
        self.drop_on: date | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Timeline of communications")

    def show_board(self, board: Board, axis: Axis) -> None:
        """Lay the items out on these days."""
        self._board, self._axis = board, axis
        self._lay_out()
        self._tell()
        self.update()

    def choose(self, item_id: int | None) -> None:
        """Mark an item as the one that is looked at."""
        self.chosen = item_id
        self._tell()
        self.update()

    # -- geometry

    def _line(self) -> int:
        return QFontMetrics(theme.font("small")).height() + 6

    def _lay_out(self) -> None:
        board, axis = self._board, self._axis
        self.bars, self._lanes, self.outside = [], [], 0
        if board is None or axis is None:
            return
        lanes = rules.timeline(board.rows, axis.first, axis.last)
        top, line = theme.GRID, self._line()
        for lane in lanes:
            self._lanes.append((lane.title, top))
            rows = self._stack([board.by_id[id] for id in lane.item_ids], axis, top + line)
            top += line * (rows + 1) + theme.GRID
        placed = {bar.row.id for bar in self.bars}
        self.outside = sum(
            row.day is not None and row.status != rules.CANCELLED and row.id not in placed for row in board.rows
        )
        self.setMinimumHeight(top + line)

    def _stack(self, items: Sequence[ItemRow], axis: Axis, top: int) -> int:
        """Put the items of a lane on as few lines as keep them apart, then let each title have the room it finds."""
        line, metrics, least = self._line(), QFontMetrics(theme.font("small")), theme.px(64)
        rows: list[list[tuple[int, ItemRow]]] = []
        for row in items:
            assert row.day is not None  # a lane holds no others
            left = round(axis.x(row.day))
            free = next((placed for placed in rows if placed[-1][0] + least <= left), None)
            if free is None:
                rows.append([(left, row)])
            else:
                free.append((left, row))
        for place, placed in enumerate(rows):
            ends = [*(left - 3 for left, _row in placed[1:]), round(axis.right)]
            for (left, row), end in zip(placed, ends, strict=True):
                wide = min(metrics.horizontalAdvance(row.title) + line + theme.px(8), theme.px(LEAST_HIGH), end - left)
                self.bars.append(Bar(QRect(left, top + place * line, max(wide, line), line - 3), row))
        self.bars.sort(key=lambda bar: (list(rules.CHANNELS).index(bar.row.channel), bar.row.day, bar.row.id))
        return len(rows)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(560), self.minimumHeight())

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key, 0)
        lanes = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # moving an item is the page's
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen is not None:
            self.item_opened.emit(self.chosen)
        elif self.bars and (step or lanes):
            self.item_chosen.emit(self._next(step, lanes).row.id)
        else:
            super().keyPressEvent(event)

    def _next(self, step: int, lanes: int) -> Bar:
        """The bar that an arrow key leads to; the first one while none is chosen."""
        at = next((n for n, bar in enumerate(self.bars) if bar.row.id == self.chosen), None)
        if at is None:
            return self.bars[0]
        here = self.bars[at]
        channels = list(dict.fromkeys(bar.row.channel for bar in self.bars))
        wanted = channels.index(here.row.channel) + lanes
        if not 0 <= wanted < len(channels):
            return here
        lane = [bar for bar in self.bars if bar.row.channel == channels[wanted]]
        if lanes:
            return min(lane, key=lambda bar: abs(bar.rect.left() - here.rect.left()))
        return lane[min(max(lane.index(here) + step, 0), len(lane) - 1)]

    def chosen_rect(self) -> QRect | None:
        """Where the chosen item stands."""
        return next((bar.rect for bar in self.bars if bar.row.id == self.chosen), None)

    def _tell(self) -> None:
        """Say the chosen item, or what there is."""
        row = None if self._board is None or self.chosen is None else self._board.by_id.get(self.chosen)
        if row is not None and row.day is not None:
            told = f"{spoken_day(row.day)}: {spoken_item(row)}."
        else:
            told = f"{counted(len(self.bars), 'item')} in {counted(len(self._lanes), 'channel')}."
        self.setAccessibleDescription(told)
        changed = QAccessible.Event.DescriptionChanged
        QAccessible.updateAccessibility(QAccessibleEvent(self, changed))

    # -- the mouse

    def bar_at(self, at: QPoint) -> Bar | None:
        """The bar at this place, the topmost where two touch."""
        return next((bar for bar in reversed(self.bars) if bar.rect.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position().toPoint()
        bar = self.bar_at(at)
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._held = (bar.row, at) if bar is not None and is_left else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._held is None or self._axis is None:
            self.setCursor(Qt.CursorShape.PointingHandCursor if self.bar_at(at) else Qt.CursorShape.ArrowCursor)
            return
        row, start = self._held
        if (at - start).manhattanLength() >= QApplication.startDragDistance() and row.day is not None:
            days = round((at.x() - start.x()) / self._axis.pitch * 7)
            self.drop_on = row.day + timedelta(days=days)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, day = self._held, self.drop_on
        self._held, self.drop_on = None, None
        self.unsetCursor()
        self.update()
        if held is None:
            return
        if day is None:
            self.item_chosen.emit(held[0].id)
        elif day != held[0].day:
            self.item_dropped.emit(held[0].id, day)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            bar = self.bar_at(event.pos())
            told = f"{spoken_day(bar.row.day)}\n{spoken_item(bar.row)}" if bar is not None and bar.row.day else ""
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)  # type: ignore[arg-type]  # Qt hands in nothing but events

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        if self._axis is not None and self._board is not None:
            self._paint_days(painter, self._axis, self._board)
        for title, top in self._lanes:
            painter.setPen(theme.color("secondary"))
            room = QRect(theme.px(6), top, self.width(), self._line())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        held = self._held[0].id if self._held is not None and self.drop_on is not None else None
        for bar in self.bars:
            is_chosen, is_faded = bar.row.id == self.chosen, bar.row.id == held
            paint_item(painter, bar.rect, bar.row, is_chosen=is_chosen, is_faded=is_faded)
        if self._held is not None and self.drop_on is not None:
            self._paint_drop(painter)
        if self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()

    def _paint_days(self, painter: QPainter, axis: Axis, board: Board) -> None:
        for week in range(axis.weeks + 1):
            monday = axis.first + timedelta(weeks=week)
            painter.setPen(QPen(theme.color("edge" if monday.day <= 7 else "line"), 1))
            painter.drawLine(QPoint(round(axis.x(monday)), 0), QPoint(round(axis.x(monday)), self.height()))
        x = round(axis.x(board.today))
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.drawLine(QPoint(x, 0), QPoint(x, self.height()))
        painter.setPen(theme.color("accent"))
        painter.drawText(QPoint(x + 4, self.height() - 5), "today")

    def _paint_drop(self, painter: QPainter) -> None:
        assert self._axis is not None and self._held is not None and self.drop_on is not None
        x, words = round(self._axis.x(self.drop_on)), spoken_day(self.drop_on)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawLine(x, 0, x, self.height())
        wide = painter.fontMetrics().horizontalAdvance(words) + 12
        box = QRect(min(x + 4, self.width() - wide), 2, wide, self._line())
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.color("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
