"""The queue's first pane: its views with what each holds, its tools, and the strip of unfinished forms."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QSplitterHandle,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from oicdesk.referrals.form import UnfinishedRow
from oicdesk.settings.rules import LONDON
from oicdesk.ui import theme
from oicdesk.ui.parts import Button, Words

_VIEW = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_NAME = Qt.ItemDataRole.UserRole + 2
_TOOL = Qt.ItemDataRole.UserRole + 3
_ICON = Qt.ItemDataRole.UserRole + 4
_WIDE = 900  # narrower than this, in 100 % pixels, the case stands below the list
_HIGH = 540  # and lower than this there is room for one of them only


class _Names(QStyledItemDelegate):
    """A view's name at the left and its count at the right, or a tool's icon and name, or a small heading; the
    chosen one in the selection's colours."""

    def __init__(self, views: QListWidget) -> None:
        super().__init__(views)
        self._list = views

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.row_height() - theme.px(8))  # views, tools and the undo line fit at 720 pixels

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Beside the scroll bar there is margin enough.
        beside = 0 if self._list.verticalScrollBar().isVisible() else theme.GRID
        box = option.rect.adjusted(theme.GRID, 0, -beside, -1)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if option.state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, box)
        ink = "on_selection" if chosen else "text"
        if not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            painter.setFont(theme.font("small"))
            ink = "secondary"
        self._paint_words(painter, box.adjusted(theme.GRID, 0, -theme.GRID, 0), index, ink)
        painter.restore()

    def _paint_words(
        self, painter: QPainter, words: QRect, index: QModelIndex | QPersistentModelIndex, ink: str
    ) -> None:
        count = "" if index.data(_COUNT) is None else f"{index.data(_COUNT):,}"
        painter.setPen(theme.color("secondary" if ink == "text" else ink))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
        if index.data(_ICON):
            side = theme.px(16)
            place = QRectF(words.left(), words.center().y() - side / 2 + 1, side, side)
            theme.paint_icon(painter, place, index.data(_ICON), theme.color(ink))
            words = words.adjusted(side + theme.GRID, 0, 0, 0)
        room = words.width() - painter.fontMetrics().horizontalAdvance(count) - theme.GRID
        painter.setPen(theme.color(ink))
        name = painter.fontMetrics().elidedText(index.data(_NAME), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


class Views(QListWidget):
    """The views of the queue, and under them its tools, each (title, icon).

    `chosen` names the view that is now looked at, `tool_chosen` the tool's place; `entered` is Enter, which
    goes into what is shown.
    """

    chosen = Signal(str)
    tool_chosen = Signal(int)
    entered = Signal()

    def __init__(self, views: Mapping[str, str], tools: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName("Views of the queue")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget, QListWidget:focus { border: none; background: transparent; padding: 0; }")
        self.setItemDelegate(_Names(self))
        self.setViewportMargins(0, theme.GAP, 0, theme.GRID)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumWidth(theme.px(150))
        self.view = next(iter(views))
        self.tool: int | None = None
        self._views, self._tools = dict(views), list(tools)
        for _title, icon in tools:
            theme.icon(icon)  # a wrong name fails here, not while painting
        self._fill({})
        self.setCurrentRow(0)
        self.currentItemChanged.connect(self._note)

    def show_own(self, own: Mapping[str, str]) -> None:
        """Show these saved views, key → name, between the desk's views and the tools; the chosen one stays."""
        counts = {self.item(n).data(_VIEW): self.item(n).data(_COUNT) for n in range(self.count())}
        self.blockSignals(True)
        self._fill(own)
        self._put_counts({view: count for view, count in counts.items() if count is not None})
        if self.tool is not None:
            self._go(_TOOL, self.tool)
        else:
            self._go(_VIEW, self.view)
        self.blockSignals(False)

    def _fill(self, own: Mapping[str, str]) -> None:
        self.clear()
        for view, title in self._views.items():
            self._add(title).setData(_VIEW, view)
        if own:
            self._add("Saved views").setFlags(Qt.ItemFlag.NoItemFlags)
        for key, name in own.items():
            self._add(name).setData(_VIEW, key)
        if self._tools:
            self._add("Tools").setFlags(Qt.ItemFlag.NoItemFlags)
        for place, (title, icon) in enumerate(self._tools):
            item = self._add(title)
            item.setData(_TOOL, place)
            item.setData(_ICON, icon)

    def _add(self, title: str) -> QListWidgetItem:
        item = QListWidgetItem(title, self)
        item.setData(_NAME, title)
        item.setToolTip(title)
        return item

    def _note(self, item: QListWidgetItem | None, _before: object) -> None:
        if item is None:
            return
        self.tool = item.data(_TOOL)
        if self.tool is not None:
            self.tool_chosen.emit(self.tool)
            return
        self.view = item.data(_VIEW)
        self.chosen.emit(self.view)

    def choose(self, view: str) -> None:
        """Look at this view."""
        self._go(_VIEW, view)

    def choose_tool(self, place: int) -> None:
        """Show this tool."""
        self._go(_TOOL, place)

    def _go(self, role: int, value: object) -> None:
        for place in range(self.count()):
            if self.item(place).data(role) == value:
                self.setCurrentRow(place)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many referrals each view holds; a screen reader says it with the name."""
        self._put_counts(counts)

    def _put_counts(self, counts: Mapping[str, int]) -> None:
        for item in map(self.item, range(self.count())):
            if item.data(_VIEW) in counts:
                count = counts[item.data(_VIEW)]
                item.setData(_COUNT, count)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.data(_NAME)}, {count:,}")

    def counted(self, view: str) -> int | None:
        """The count shown beside this view."""
        found = [self.item(place) for place in range(self.count()) if self.item(place).data(_VIEW) == view]
        count: int | None = found[0].data(_COUNT)
        return count

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts of the page, not a search among the views."""


class ToolRoom(QStackedWidget):
    """Where a tool stands in place of list and case; an Escape that the tool has no use for leaves it."""

    left = Signal()

    def minimumSizeHint(self) -> QSize:
        """What is shown counts: a tool in waiting does not widen the list."""
        shown = self.currentWidget()
        return super().minimumSizeHint() if shown is None else shown.minimumSizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.currentIndex() > 0:
            self.left.emit()
            return
        super().keyPressEvent(event)


class Unfinished(QWidget):
    """The newest form that was begun and not finished, with what to do about it."""

    resumed = Signal(object)  # UnfinishedRow
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.row: UnfinishedRow | None = None
        self.words = Words("", "base", "secondary")
        self.words.setWordWrap(True)
        self.go_on = Button("Continue", "quiet", "pencil")
        self.drop = Button("Throw away", "quiet")
        self.go_on.clicked.connect(lambda: self.resumed.emit(self.row))
        self.drop.clicked.connect(lambda: self.dropped.emit(self.row))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.GRID)
        line.addWidget(self.words, 1)
        line.addWidget(self.go_on)
        line.addWidget(self.drop)
        self.hide()

    def show_rows(self, rows: list[UnfinishedRow]) -> None:
        """Show the first of these, and how many more there are."""
        self.row = rows[0] if rows else None
        self.setVisible(bool(rows))
        if self.row is not None:
            more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
            at = self.row.at.astimezone(LONDON)
            self.words.setText(f"Unfinished since {at:%H:%M}: {self.row.title}{more}")


class _Handle(QSplitterHandle):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("line"))
        painter.end()


class Panes(QSplitter):
    """Panes beside one another, a thin line between them; none can be folded away by accident."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)


class ListAndCase(Panes):
    """The list and what is opened from it: beside each other, else the second below the first, else, where a small
    window or large text leaves no room for both, one at a time. `turned` when that has changed."""

    turned = Signal()

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._both = (first, second)
        self._second_wanted = False
        self.is_single = False  # one at a time
        for pane, stretch in ((first, 3), (second, 2)):
            self.addWidget(pane)
            self.setStretchFactor(self.indexOf(pane), stretch)

    def fit(self, size: QSize) -> None:
        """Stand as this much room allows."""
        wide = size.width() >= theme.px(_WIDE)
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        single = not wide and size.height() < theme.px(_HIGH)
        if (orientation, single) == (self.orientation(), self.is_single):
            return
        self.setOrientation(orientation)
        self.is_single = single
        self._show()
        self.turned.emit()

    def bring(self, second: bool) -> None:
        """Where only one is in sight, let it be this one."""
        self._second_wanted = second
        self._show()

    def hides_second(self) -> bool:
        return self.is_single and not self._second_wanted

    def _show(self) -> None:
        first, second = self._both
        first.setVisible(not self.is_single or not self._second_wanted)
        second.setVisible(not self.hides_second())
