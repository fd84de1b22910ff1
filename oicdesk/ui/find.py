"""The find-or-do box (Ctrl+K): goes to whatever has a name, and does whatever the window can do.

It knows nothing of what it finds: a finder is a function from the words typed to hits; a hit knows where it leads.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import VaultError
from oicdesk.ui import theme
from oicdesk.ui.parts import Words

SHOWN = 11  # rows that are seen at once; more scroll
_SENTENCE = "References, officers, teams, districts, documents, pages and commands. Never notes or people."
_KEPT_ICONS: dict[tuple[str, str, int, float], QPixmap] = {}


@dataclass(frozen=True)
class Hit:
    """Something found: what it is in a word, its name, what tells it from another, and what choosing it does."""

    kind: str
    title: str
    go: Callable[[], object]
    detail: str = ""
    icon: str = "search"
    keys: str = ""

    def sentence(self) -> str:
        """The hit as it is spoken."""
        return ", ".join(filter(None, (f"{self.kind}: {self.title}", self.detail, self.keys)))


Finder = Callable[[str], Sequence[Hit]]


def folded(text: str) -> str:
    """The text for comparing: no case, no accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def matches(typed: str, name: str) -> bool:
    """Whether each word typed begins a word of the name."""
    words = folded(name).replace("-", " ").replace("/", " ").split()
    return all(any(word.startswith(part) for word in words) for part in folded(typed).replace("-", " ").split())


class _Model(QAbstractListModel):
    """The hits, as a list that a screen reader can walk."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hits: list[Hit] = []

    def show_hits(self, hits: Sequence[Hit]) -> None:
        self.beginResetModel()
        self.hits = list(hits)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return hit.title
        return hit.sentence() if role == Qt.ItemDataRole.AccessibleTextRole else None


class _Rows(QStyledItemDelegate):
    """Paints a hit: icon, name, what tells it apart, and at the right its kind or its keys."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(200), theme.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        view = self.parent()
        assert isinstance(view, QListView)
        model = view.model()
        assert isinstance(model, _Model)
        hit, rect = model.hits[index.row()], option.rect
        chosen = view.currentIndex().row() == index.row()
        if chosen:
            painter.fillRect(rect, theme.color("selection"))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.color("accent"))
        ink = theme.color("on_selection" if chosen else "text")
        faint = theme.color("on_selection" if chosen else "secondary")
        side = theme.px(16)
        top = rect.top() + (rect.height() - side) // 2
        painter.drawPixmap(rect.left() + theme.px(12), top, _icon(hit.icon, faint.name(), side, painter))
        metrics = painter.fontMetrics()
        left, right = rect.left() + theme.px(40), rect.right() - theme.px(12)
        at_end = hit.keys or hit.kind
        width = metrics.horizontalAdvance(at_end)
        painter.setPen(faint)
        line = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRect(right - width, rect.top(), width + 1, rect.height()), line, at_end)
        room = right - width - theme.px(16) - left
        title = metrics.elidedText(hit.title, Qt.TextElideMode.ElideRight, room)
        painter.setPen(ink)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), line, title)
        used = metrics.horizontalAdvance(title) + theme.px(10)
        if hit.detail and room - used > theme.px(30):
            painter.setPen(faint)
            rest = metrics.elidedText(hit.detail, Qt.TextElideMode.ElideRight, room - used)
            painter.drawText(QRect(left + used, rect.top(), room - used, rect.height()), line, rest)


def _icon(name: str, tint: str, side: int, painter: QPainter) -> QPixmap:
    sharp = painter.device().devicePixelRatio()
    key = (name, tint, side, sharp)
    if key not in _KEPT_ICONS:
        picture = QPixmap(round(side * sharp), round(side * sharp))
        picture.setDevicePixelRatio(sharp)
        picture.fill(Qt.GlobalColor.transparent)
        brush = QPainter(picture)
        theme.paint_icon(brush, QRect(0, 0, side, side).toRectF(), name, QColor(tint))
        brush.end()
        _KEPT_ICONS[key] = picture
    return _KEPT_ICONS[key]


class _Panel(QFrame):
    """What hangs under the box: the hits, and one line that says what is looked through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.view = QListView()
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setAccessibleName("What was found")
        self.view.setUniformItemSizes(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.viewport().setAutoFillBackground(False)
        self.view.setItemDelegate(_Rows(self.view))
        self.model = _Model(self)
        self.view.setModel(self.model)
        self.line = Words(_SENTENCE, "small", "secondary")
        self.line.setWordWrap(True)
        self.line.setContentsMargins(theme.px(12), theme.GRID, theme.px(12), theme.GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, theme.GRID // 2, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.view)
        column.addWidget(self.line)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        painter.end()

    def place(self, box: QWidget) -> None:
        """Under the box, as wide as hits need, and inside the window."""
        window = self.parentWidget()
        assert window is not None
        width = min(max(box.width(), theme.px(620)), window.width() - 2 * theme.GRID)
        below = box.mapTo(window, QPoint(0, box.height() + 4))
        left = max(theme.GRID, min(below.x() + (box.width() - width) // 2, window.width() - width - theme.GRID))
        rows = min(SHOWN, max(1, len(self.model.hits)))
        foot = self.line.heightForWidth(width - 2) + theme.GRID
        height = min(rows * theme.row_height() + foot, window.height() - below.y() - theme.GRID)
        self.view.setVisible(bool(self.model.hits))
        if not self.model.hits:
            height = foot
        self.setGeometry(left, below.y(), width, height)


class FindBox(QLineEdit):
    """The box in the top bar. `finders` are asked at each key, in order; `commands` tells what can be done now."""

    def __init__(self, finders: Sequence[Finder], commands: Callable[[], Sequence[Hit]]) -> None:
        super().__init__()
        self._finders, self._commands = tuple(finders), commands
        self._panel: _Panel | None = None
        self._before: QWidget | None = None
        self.setAccessibleName("Go to or do")
        self.setPlaceholderText("Go to or do…   Ctrl+K")
        self.setToolTip("Ctrl+K")
        self.setClearButtonEnabled(True)
        self.setMinimumHeight(theme.row_height())
        self.setMinimumWidth(theme.px(110))
        self.setMaximumWidth(theme.px(360))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addAction(theme.icon("search", "secondary"), QLineEdit.ActionPosition.LeadingPosition)
        for part in self.findChildren(QToolButton):
            part.setAccessibleName("Clear the box")
        self.textEdited.connect(self._look)
        self.textChanged.connect(lambda words: self._look() if not words and self.is_open() else None)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(360), super().sizeHint().height())

    # --- opening and leaving

    def open(self) -> None:
        """Take the focus and show what can be done here; what had the focus gets it back on Esc."""
        focus = QApplication.focusWidget()
        if focus is not self:
            self._before = focus
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()
        self._look()

    def is_open(self) -> bool:
        return self._panel is not None and self._panel.isVisible()

    def leave(self) -> None:
        """Close the list, empty the box, and give the focus back."""
        before, self._before = self._before, None
        self._close()
        if before is not None and _is_there(before):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.clearFocus()

    def _close(self) -> None:
        if self._panel is not None:
            self._panel.hide()
        self.clear()
        self.setAccessibleDescription("")

    # --- finding

    def hits(self) -> list[Hit]:
        """What is listed now."""
        return list(self._panel.model.hits) if self._panel is not None else []

    def _look(self) -> None:
        panel = self._shown()
        typed, sentence = self.text().strip(), _SENTENCE
        try:
            hits = self.look_for(typed)
        except VaultError as error:
            hits, sentence = [], str(error)
        if typed and not hits and sentence == _SENTENCE:
            sentence = f"Nothing is called “{typed}”. {_SENTENCE}"
        panel.line.setText(sentence)
        panel.model.show_hits(hits)
        panel.place(self)
        panel.raise_()
        panel.show()
        self._choose(0)

    def look_for(self, typed: str) -> list[Hit]:
        """Every hit for these words: what can be done first, then each finder's; without words what can be done."""
        if not typed:
            return list(self._commands())
        done = [hit for hit in self._commands() if matches(typed, hit.title)][:5]
        found = [hit for finder in self._finders for hit in finder(typed)]
        # Who types figures looks for a reference, not for a command.
        return found + done if any(letter.isdigit() for letter in typed) else done + found

    def _shown(self) -> _Panel:
        if self._panel is None:
            self._panel = _Panel(self.window())
            self._panel.view.clicked.connect(lambda index: self._go(index.row()))
        return self._panel

    def _choose(self, place: int) -> None:
        assert self._panel is not None
        hits = self._panel.model.hits
        if not hits:
            self.setAccessibleDescription(self._panel.line.text())
            return
        place = min(max(0, place), len(hits) - 1)
        self._panel.view.setCurrentIndex(self._panel.model.index(place, 0))
        said = f"{place + 1} of {len(hits)}: {hits[place].sentence()}"
        self.setAccessibleDescription(said)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _go(self, place: int) -> None:
        hits = self.hits()
        if not 0 <= place < len(hits):
            return
        hit = hits[place]
        self.leave()
        hit.go()

    # --- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.is_open():
            if event.key() == Qt.Key.Key_Down:
                self._look()
                return
            super().keyPressEvent(event)
            return
        assert self._panel is not None
        at = self._panel.view.currentIndex().row()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: SHOWN - 1, Qt.Key.Key_PageUp: 1 - SHOWN}
        key = Qt.Key(event.key())
        if key in steps:
            last, there = len(self.hits()) - 1, at + steps[key]
            # One step past an end goes round; a leap stops there.
            self._choose((0 if there > last else last if there < 0 else there) if abs(steps[key]) == 1 else there)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(at)
        elif key == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Else Esc, arrows and Enter would be taken by the shortcuts of the page behind.
        if event.type() == QEvent.Type.ShortcutOverride and self.is_open():
            assert isinstance(event, QKeyEvent)
            if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            self._look()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self._before = None
            self._close()


def _is_there(widget: QWidget) -> bool:
    """Whether this widget can still take the focus."""
    try:
        return widget.isVisible() and widget.isEnabled()
    except RuntimeError:  # Qt has thrown it away meanwhile
        return False
