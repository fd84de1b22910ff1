"""The queue's first pane: its views with what each holds, and the strip of unfinished forms."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QSplitterHandle,
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


class _Names(QStyledItemDelegate):
    """A view's name at the left and its count at the right; the chosen one in the selection's colours."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(theme.GRID, 1, -theme.GRID, -1)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if option.state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, box)
        words = box.adjusted(theme.GRID, 0, -theme.GRID, 0)
        count = "" if index.data(_COUNT) is None else f"{index.data(_COUNT):,}"
        painter.setPen(theme.color("on_selection" if chosen else "secondary"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
        room = words.width() - painter.fontMetrics().horizontalAdvance(count) - theme.GRID
        painter.setPen(theme.color("on_selection" if chosen else "text"))
        name = painter.fontMetrics().elidedText(index.data(_NAME), Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()


class Views(QListWidget):
    """The views of the queue; `chosen` names the one that is now looked at."""

    chosen = Signal(str)

    def __init__(self, views: Mapping[str, str]) -> None:
        super().__init__()
        self.setAccessibleName("Views of the queue")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListWidget, QListWidget:focus { border: none; background: transparent; padding: 0; }")
        self.setItemDelegate(_Names(self))
        self.setViewportMargins(0, theme.GAP, 0, theme.GAP)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumWidth(theme.px(150))
        for view, title in views.items():
            item = QListWidgetItem(title, self)
            item.setData(_VIEW, view)
            item.setData(_NAME, title)
            item.setToolTip(title)
        self.setCurrentRow(0)
        self.currentItemChanged.connect(lambda item, _before: self.chosen.emit(item.data(_VIEW)))

    @property
    def view(self) -> str:
        """The view that is looked at."""
        view: str = self.currentItem().data(_VIEW)
        return view

    def choose(self, view: str) -> None:
        for place in range(self.count()):
            if self.item(place).data(_VIEW) == view:
                self.setCurrentRow(place)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many referrals each view holds; a screen reader says it with the name."""
        for place in range(self.count()):
            item = self.item(place)
            count = counts[item.data(_VIEW)]
            item.setData(_COUNT, count)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.data(_NAME)}, {count:,}")

    def counted(self, view: str) -> int | None:
        """The count shown beside this view."""
        found = [self.item(place) for place in range(self.count()) if self.item(place).data(_VIEW) == view]
        count: int | None = found[0].data(_COUNT)
        return count


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
