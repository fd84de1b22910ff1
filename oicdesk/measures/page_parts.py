"""The parts of Home: the list of what waits, a card for each chart, the rows behind a number, and what a number is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from oicdesk.measures.records_home import Found, Item
from oicdesk.measures.rules_home import BY_KEY, About, Work, shown
from oicdesk.ui import theme
from oicdesk.ui.chart import Chart
from oicdesk.ui.detail import Facts, Flow, empty, text
from oicdesk.ui.parts import Button, Card, IconButton, Pill, Words
from oicdesk.ui.rows import Column, RowsModel, Table

_KEY = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_DETAIL = Qt.ItemDataRole.UserRole + 2
_TITLE = Qt.ItemDataRole.UserRole + 3
_MOST_CHART = 240  # pixels at 100 %, so that a wide window does not show posters


def _about_width() -> int:
    return theme.px(32)


class _Lines(QStyledItemDelegate):
    """Shape, title and lesser words at the left, the count and an “i” at the right; or a small heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.row_height() if index.data(_KEY) else theme.row_height() + theme.GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect
        if index.data(_KEY):
            self._paint_line(painter, box, option, index)
        else:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("secondary"))
            flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
            painter.drawText(box.adjusted(theme.GAP, 0, -theme.GAP, -6), flags, index.data(_TITLE))
        painter.restore()

    def _paint_line(
        self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        inner = box.adjusted(theme.GRID, 0, -theme.GRID, -1)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection" if chosen else "raised"))
            painter.drawRoundedRect(inner, theme.RADIUS, theme.RADIUS)
        if option.state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, inner)
        ink = theme.color("on_selection" if chosen else "text")
        lesser = theme.color("on_selection" if chosen else "secondary")
        look, side = theme.state(BY_KEY[index.data(_KEY)].state), theme.px(16)
        middle = box.center().y() - side / 2 + 1
        shape = QRectF(inner.left() + theme.GRID, middle, side, side)
        theme.paint_icon(painter, shape, look.shape, ink if chosen else theme.color(look.tone))
        info = QRectF(inner.right() - _about_width() / 2 - side / 2, middle, side, side)
        theme.paint_icon(painter, info, "info", lesser)
        words = inner.adjusted(theme.GRID + side + theme.GRID, 0, -_about_width() - 2, 0)
        self._paint_words(painter, words, index, ink, lesser)

    def _paint_words(
        self, painter: QPainter, room: QRect, index: QModelIndex | QPersistentModelIndex, ink: Any, lesser: Any
    ) -> None:
        plain = theme.font("base")
        strong = QFont(plain)
        strong.setWeight(QFont.Weight.DemiBold)
        at = Qt.AlignmentFlag.AlignVCenter
        count = f"{index.data(_COUNT):,}"
        painter.setFont(strong)
        painter.setPen(ink)
        painter.drawText(room, at | Qt.AlignmentFlag.AlignRight, count)
        room = room.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(count) - theme.GAP, 0)
        painter.setFont(plain)
        metrics = painter.fontMetrics()
        title = metrics.elidedText(index.data(_TITLE), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, at | Qt.AlignmentFlag.AlignLeft, title)
        room = room.adjusted(metrics.horizontalAdvance(title) + theme.GAP, 0, 0, 0)
        if metrics.horizontalAdvance(index.data(_DETAIL)) <= room.width():  # cut words would say less than none
            painter.setPen(lesser)
            painter.drawText(room, at | Qt.AlignmentFlag.AlignRight, index.data(_DETAIL))


class DoNow(QListWidget):
    """What waits, under headings. `opened` and `asked` carry the key of a line: its rows, or what it counts."""

    opened = Signal(str)
    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Do now")
        self.setAccessibleDescription("Enter opens the rows of a line, I says what its number counts")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget, QListWidget:focus { border: none; background: transparent; padding: 0; }")
        self.setItemDelegate(_Lines(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.found: dict[str, Found] = {}

    def show_found(self, found: Mapping[str, Found]) -> None:
        """Show these, the line that was chosen still chosen where it is there."""
        kept, self.found = self.key, dict(found)
        had_place = max(0, self.currentRow())
        self.blockSignals(True)
        self.clear()
        for group, lines in shown({key: one.count for key, one in found.items()}):
            self._add_heading(group)
            for work in lines:
                self._add(work, found[work.key])
        self.blockSignals(False)
        places = [place for place in range(self.count()) if self.item(place).data(_KEY)]
        again = next((place for place in places if self.item(place).data(_KEY) == kept), None)
        if again is None and places:
            again = next((place for place in places if kept and place >= had_place), places[-1] if kept else places[0])
        if again is not None:
            self.setCurrentRow(again)

    def _add_heading(self, title: str) -> None:
        item = QListWidgetItem(self)
        item.setData(_TITLE, title)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add(self, work: Work, found: Found) -> None:
        item = QListWidgetItem(self)
        for role, value in ((_KEY, work.key), (_COUNT, found.count), (_DETAIL, found.detail), (_TITLE, work.title)):
            item.setData(role, value)
        spoken = ", ".join(filter(None, (work.title, f"{found.count:,}", found.detail)))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
        item.setToolTip(work.formula)

    @property
    def key(self) -> str:
        """The line that is chosen, if one is."""
        item = self.currentItem()
        return "" if item is None else item.data(_KEY) or ""

    def lines(self) -> list[str]:
        """The keys of the lines from top to bottom."""
        told = [self.item(place).data(_KEY) for place in range(self.count())]
        return [key for key in told if key]

    def explain(self) -> None:
        """Say what the number of the chosen line counts."""
        if self.key:
            self.asked.emit(self.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.key:
            self.opened.emit(self.key)
            return
        if event.key() == Qt.Key.Key_Home and self.count():
            self.setCurrentRow(1)  # the heading above cannot be chosen
            self.scrollToTop()
            return
        step = {Qt.Key.Key_J: Qt.Key.Key_Down, Qt.Key.Key_K: Qt.Key.Key_Up}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            event = QKeyEvent(QEvent.Type.KeyPress, step, event.modifiers())
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts of the page, not a search among the lines."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        item = self.itemAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or item is None or not item.data(_KEY):
            return
        on_about = event.position().x() >= self.viewport().width() - theme.GRID - _about_width()
        (self.asked if on_about else self.opened).emit(item.data(_KEY))


class _Number(Button):
    """A number with its words, as narrow as they are: a card holds several in a line."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words, "quiet")
        self.key = key

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * theme.px(6), max(theme.px(26), metrics.height() + 6))


class FigureCard(Card):
    """One chart with its verdict in words and its numbers, each a button. `opened` carries the key of a number."""

    opened = Signal(str)
    asked = Signal()

    def __init__(self, about: About) -> None:
        super().__init__()
        self.about = about
        self.pill = Pill("neutral", "")
        self.info = IconButton("info", f"What “{about.title}” counts")
        self.words, self.nothing = text(""), text("", "base", "secondary")
        self.numbers = QWidget()
        self._flow = Flow(self.numbers)
        self._flow.setSpacing(2)
        self.chart: Chart | None = None
        self.body.setSpacing(4)
        self.body.setContentsMargins(theme.GAP, theme.GRID, theme.GRID, theme.GRID)
        head = QHBoxLayout()
        head.setSpacing(theme.GRID)
        title = Words(about.title, "section")
        title.setWordWrap(True)
        head.addWidget(title, 1)
        head.addWidget(self.pill)
        head.addWidget(self.info)
        self.body.addLayout(head)
        for widget in (self.words, self.numbers, self.nothing):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.info.clicked.connect(self.asked)
        self.say("Reading the figures…")

    def say(self, sentence: str) -> None:
        """Why there is no figure."""
        self.nothing.setText(sentence)
        self.nothing.setVisible(bool(sentence))
        for widget in (self.words, self.numbers, self.pill, *([self.chart] if self.chart else [])):
            widget.setVisible(not sentence)
        self._fit()

    def show_figures(
        self, verdict: tuple[str, str], words: str, numbers: Sequence[tuple[str, str]],
        drawing: Any, rows: Sequence[Sequence[str]],
    ) -> None:  # fmt: skip
        """Show a verdict (state and word; an empty word shows none), a sentence, numbers as (key, words), and a
        ReportLab Drawing with its rows; None shows no chart."""
        self.say("")
        self.pill.setVisible(bool(verdict[1]))
        if verdict[1]:
            self.pill.show_state(*verdict)
        self.words.setText(words)
        self._show_numbers(numbers)
        if drawing is not None:
            self._draw(drawing, rows)
        elif self.chart is not None:
            self.chart.hide()
        self._fit()

    def _show_numbers(self, numbers: Sequence[tuple[str, str]]) -> None:
        kept = next((one.key for one in self.buttons() if one.hasFocus()), None)
        empty(self._flow)
        before: QWidget = self.info
        for key, told in numbers:
            button = _Number(key, told)
            button.setAccessibleName(f"{self.about.title}: {told}")
            button.clicked.connect(lambda _=False, key=key: self.opened.emit(key))
            self._flow.addWidget(button)
            button.show()
            QWidget.setTabOrder(before, button)
            before = button
            if key == kept:
                button.setFocus()

    def _draw(self, drawing: Any, rows: Sequence[Sequence[str]]) -> None:
        if self.chart is None:
            self.chart = Chart(drawing, rows, f"Chart: {self.about.title}")
            self.body.insertWidget(self.body.count() - 1, self.chart)
        self.chart.show_drawing(drawing, rows)
        self.chart.show()
        QWidget.setTabOrder(self.buttons()[-1] if self.buttons() else self.info, self.chart)

    def buttons(self) -> list[_Number]:
        """The numbers, from left to right."""
        return [one for one in self.numbers.findChildren(_Number) if not one.isHidden()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its words and its chart are at this width; a scroll area does not ask by itself."""
        if self.chart is not None:
            room = self.width() - theme.GAP - theme.GRID
            self.chart.setFixedHeight(max(60, min(theme.px(_MOST_CHART), self.chart.heightForWidth(room))))
        self.body.invalidate()
        self.setMinimumHeight(max(0, self.body.totalHeightForWidth(self.width())))


class _Ids:
    """Rows by their ids, read a page at a time."""

    def __init__(self, ids: Sequence[int], read: Callable[[Sequence[int]], Sequence[Item]]) -> None:
        self._ids, self._read = ids, read

    def count(self) -> int:
        return len(self._ids)

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[Item]:
        return self._read(self._ids[offset : offset + limit])

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        return self._ids.index(id) if id in self._ids else None


_COLUMNS = (
    Column("What", lambda row: row.what, width=176),
    Column("State", lambda row: row.state[1], width=140, icon=lambda row: row.state[0]),
    Column("When", lambda row: row.day, width=196),
    Column("About", lambda row: row.about, width=220),
)


class Behind(QWidget):
    """The rows behind a number. `opened` carries what the window is asked to open, `left` goes back."""

    opened = Signal(str, int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[int, Item] = {}
        self.heading = Words("", "section")
        self.heading.setWordWrap(True)
        self.back = Button("Back", "quiet", "chevron-left")
        self.table = Table(RowsModel(_COLUMNS), "Rows behind the number")
        self.table.horizontalHeader().setAccessibleName("Columns of the rows behind the number")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.set_empty("Nothing is left of it", "It was dealt with meanwhile.", "Back", self.left.emit)
        card = Card()
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.back)
        card.body.addLayout(head)
        card.body.addWidget(self.table, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self.back.clicked.connect(self.left)
        self.table.row_opened.connect(self._open)

    def show_rows(self, heading: str, ids: Sequence[int], read: Callable[[Sequence[int]], Sequence[Item]]) -> None:
        """Show these rows in their order, each page read when it is looked at."""
        self.heading.setText(heading)
        self.table.rows.set_source(_Ids(ids, read))
        if ids and not self.table.selected_ids():
            self.table.selectRow(0)

    def _open(self, row_id: int) -> None:
        place = self.table.rows.position(row_id)
        row = None if place is None else self.table.rows.row(place)
        if row is not None:
            self.opened.emit(row.kind, row.item)


class AboutPane(QWidget):
    """What a number is."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heading = Words("", "section")
        self.heading.setWordWrap(True)
        self.back = Button("Back", "quiet", "chevron-left")
        self.facts = Facts()
        self._card = card = Card()
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.back)
        card.body.addLayout(head)
        card.body.addWidget(self.facts)
        card.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self.back.clicked.connect(self.left)

    def show_facts(self, heading: str, facts: Sequence[tuple[str, str]]) -> None:
        """Show this; a screen reader hears it whole on the way in."""
        self.heading.setText(heading)
        self.facts.show_facts(facts)
        self.back.setAccessibleName("Back")
        self.back.setAccessibleDescription(". ".join(f"{label}: {value}" for label, value in facts))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its words are at this width; a scroll area does not ask by itself."""
        self._card.body.invalidate()
        self.setMinimumHeight(max(0, self._card.body.totalHeightForWidth(self.width())))
