"""Where to go and what to look at: the rail of pages and the row of one-of-few buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QScrollArea, QVBoxLayout, QWidget

from oicdesk.ui import theme
from oicdesk.ui.detail import Flow


class _Place(QAbstractButton):
    """One page: icon and word; the chosen one has a bar of accent at its left. In large text the word stands under
    the icon, because the rail would take a third of a small window."""

    def __init__(self, word: str, icon: str) -> None:
        super().__init__()
        self._icon = icon
        theme.icon(icon)  # a wrong name fails here, not while painting
        self.setText(word)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        if theme.is_large():
            small = QFontMetrics(_bold(theme.font("small")))
            return QSize(small.horizontalAdvance(self.text()) + 32, theme.px(18) + small.height() + 12)
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + theme.px(66), theme.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(8, 2, -8, -2)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(QRectF(0, box.top() + 4, 4, box.height() - 8), 2, 2)
        elif self.underMouse():
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        ink = theme.color("on_selection" if self.isChecked() else "secondary")
        large = theme.is_large()
        side = theme.px(18)
        left = box.center().x() - side / 2 if large else box.left() + theme.px(10)
        top = box.top() + 4 if large else (self.height() - side) / 2
        theme.paint_icon(painter, QRectF(left, top, side, side), self._icon, ink)
        font = theme.font("small") if large else self.font()
        painter.setFont(_bold(font) if self.isChecked() else font)
        painter.setPen(theme.color("on_selection" if self.isChecked() else "text"))
        if large:
            words, place = box.adjusted(0, side + 2, 0, 0), Qt.AlignmentFlag.AlignCenter
        else:
            words = QRectF(left + side + theme.px(10), 0, self.width(), self.height())
            place = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, place, self.text())
        if self.hasFocus():
            theme.paint_focus(painter, box.toRect())
        painter.end()


def _bold(font: QFont) -> QFont:
    font.setWeight(QFont.Weight.DemiBold)
    return font


class Rail(QFrame):
    """The pages from top to bottom, Settings at the foot; arrow keys move, one stop for Tab."""

    chosen = Signal(int)

    def __init__(self, places: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName("Pages")
        self._group = QButtonGroup(self)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        column.setSpacing(2)
        for number, (word, icon) in enumerate(places):
            if word == "Settings":
                column.addStretch(1)
            button = _Place(word, icon)
            self._group.addButton(button, number)
            column.addWidget(button)
        if not places or places[-1][0] != "Settings":
            column.addStretch(1)
        self._group.idClicked.connect(self.chosen)
        # At 200 % the rail is higher than a small window.
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self._scroll = scroll
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 1, 0)
        whole.addWidget(scroll)
        wide = inner.sizeHint().width()
        self.setFixedWidth(wide + theme.px(12) + 1 if theme.is_large() else max(theme.px(176), wide + 4))

    def choose(self, place: int) -> None:
        button = self._group.button(place)
        button.setChecked(True)
        self._scroll.ensureWidgetVisible(button)

    def current(self) -> QAbstractButton:
        button = self._group.checkedButton()
        assert button is not None
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("card"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(self.rect().topRight(), self.rect().bottomRight())
        painter.end()


class _Segment(QAbstractButton):
    def __init__(self, word: str, name: str) -> None:
        super().__init__()
        self.setText(word)
        self.setAccessibleName(f"{name}: {word}")
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        font = self.font()
        font.setWeight(font.Weight.DemiBold)
        return QSize(QFontMetrics(font).horizontalAdvance(self.text()) + theme.px(28), theme.row_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(box, 4, 4)
        elif self.underMouse():
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(box, 4, 4)
        font = self.font()
        if self.isChecked():
            font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.color("on_accent" if self.isChecked() else "text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()


class Segments(QWidget):
    """One of a few, always visible: one stop for Tab, arrow keys choose. Where one line has no room there are more."""

    chosen = Signal(str)

    def __init__(self, name: str, words: Sequence[str], now: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._lines = Flow(self, 0)
        for word in words:
            button = _Segment(word, name)
            self._group.addButton(button)
            self._lines.addWidget(button)
        self.choose(now)
        self._group.buttonToggled.connect(self._toggled)

    def sizeHint(self) -> QSize:
        """All in one line."""
        sizes = [button.sizeHint() for button in self._group.buttons()]
        return QSize(sum(size.width() for size in sizes), max(size.height() for size in sizes))

    def minimumSizeHint(self) -> QSize:
        """The longest word, and as many lines as the present width needs."""
        widest = max(button.sizeHint().width() for button in self._group.buttons())
        # Before it stands anywhere one line is a fair guess; a line to a word would make the whole page scroll.
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self.sizeHint().width()
        return QSize(widest, self._lines.heightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def choose(self, word: str) -> None:
        next(button for button in self._group.buttons() if button.text() == word).setChecked(True)

    def current(self) -> QAbstractButton:
        button = self._group.checkedButton()
        assert button is not None
        return button

    def place(self) -> int:
        """Which one is chosen, counted from the left."""
        return self._group.buttons().index(self.current())

    def words(self) -> list[str]:
        """What the segments say, from left to right."""
        return [button.text() for button in self._group.buttons()]

    def say(self, words: Sequence[str]) -> None:
        """Other words on the same segments, such as a count that moved; what is chosen stays."""
        for button, word in zip(self._group.buttons(), words, strict=True):
            button.setText(word)
            button.setAccessibleName(f"{self.accessibleName()}: {word}")
            button.updateGeometry()

    def _toggled(self, button: QAbstractButton, on: bool) -> None:
        if on:
            self.chosen.emit(button.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.childrenRect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()
