"""Small pieces that pages are put together from: words, cards, buttons, a secret's box, a notice."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from oicdesk.ui import theme


def row_of(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    """Widgets beside each other, at the left unless without `stretch`."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GRID)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def column_of(parent: QWidget | None, *parts: QWidget | QLayout, gap: int = theme.GRID) -> QVBoxLayout:
    """Parts below one another."""
    column = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(gap)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    return column


class Words(QLabel):
    """A label in one voice of the type scale: "title", "section", "base" or "small"; follows the scheme."""

    def __init__(self, text: str = "", voice: str = "base", role: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._voice, self._role, self._dressing = voice, role, False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._dress()

    def set_role(self, role: str) -> None:
        """Write in another of the scheme's inks."""
        if role != self._role:
            self._role = role
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.ApplicationFontChange, QEvent.Type.FontChange, QEvent.Type.PaletteChange)
        if event.type() in kinds and not self._dressing:
            self._dress()

    def _dress(self) -> None:
        self._dressing = True
        self.setFont(theme.font(self._voice))
        palette = self.palette()
        # On a sheet Qt writes with Text, elsewhere with WindowText.
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
            palette.setColor(role, theme.color(self._role))
        self.setPalette(palette)
        self._dressing = False


class Card(QFrame):
    """A white sheet on the ground: hairline, rounded, 16 inside; `body` is its column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        self.body.setSpacing(theme.GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.end()


class Centre(QScrollArea):
    """A card in the middle of a plain ground; scrolls where large text makes it higher than the window."""

    def __init__(self, card: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        # Between stretches, not by alignment, so that wrapped sentences get the height they need.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        column.addStretch(2)
        column.addLayout(middle)
        column.addStretch(3)
        self.setWidget(inner)


class Banner(Words):
    """The marking, across the whole width."""

    def __init__(self, marking: str) -> None:
        super().__init__(marking, "small")
        self.setObjectName("marking")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setContentsMargins(0, 3, 0, 4)

    def _dress(self) -> None:
        super()._dress()
        font = self.font()
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1)
        self._dressing = True
        self.setFont(font)
        self._dressing = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("raised"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(self.rect().bottomLeft(), self.rect().bottomRight())
        painter.end()
        super().paintEvent(event)


class Button(QPushButton):
    """A push button: "plain", "primary" (one per view), "danger", or "quiet" (no outline until touched)."""

    def __init__(self, text: str, kind: str = "plain", icon: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._kind = kind
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if icon:
            self.setIcon(theme.icon(icon, self._ink_role()))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def _ink_role(self) -> str:
        return {"primary": "on_accent", "danger": "danger", "quiet": "accent"}.get(self._kind, "text")

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + 2 * theme.px(14)
        if not self.icon().isNull():
            width += theme.icon_size().width() + (6 if self.text() else -theme.px(12))
        return QSize(width, max(theme.row_height(), metrics.height() + 10))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _ground(self) -> QColor:
        touched = self.underMouse() or self.isDown()
        if self._kind == "primary":
            accent = theme.color("accent")
            return accent.darker(112) if self.isDown() else accent.lighter(108) if touched else accent
        if self._kind == "quiet" and not touched:
            return QColor(Qt.GlobalColor.transparent)
        return theme.color("raised" if touched else "card")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, ground = theme.color(self._ink_role()), self._ground()
        edge = theme.color("edge" if self._kind == "plain" else self._ink_role())
        if not self.isEnabled():
            ink, ground, edge = theme.color("secondary"), theme.color("raised"), theme.color("line")
        lined = self._kind in ("plain", "danger") or not self.isEnabled()
        painter.setPen(QPen(edge, 1) if lined and self._kind != "quiet" else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        self._paint_face(painter, ink)
        if self.hasFocus():
            self._paint_ring(painter)
        painter.end()

    def _paint_face(self, painter: QPainter, ink: QColor) -> None:
        size, text = theme.icon_size(), self.text()
        has_icon = not self.icon().isNull()
        words = self.fontMetrics().horizontalAdvance(text)
        whole = words + (size.width() + (6 if text else 0) if has_icon else 0)
        left = max(theme.px(8), (self.width() - whole) // 2)
        if has_icon:
            box = self.rect().adjusted(left, 0, 0, 0)
            box.setWidth(size.width())
            self.icon().paint(painter, box, mode=QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled)
            left += size.width() + 6
        painter.setPen(ink)
        painter.setFont(self.font())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextHideMnemonic
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), flags, text)

    def _paint_ring(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._kind == "primary" and self.isEnabled():
            painter.setPen(QPen(theme.color("on_accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 3, 3)
        else:
            theme.paint_focus(painter, self.rect())


class IconButton(QToolButton):
    """A square button that shows only an icon; `name` is what a screen reader says and the tool tip shows."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_as(icon, name)

    def show_as(self, icon: str, name: str) -> None:
        self.setIcon(theme.icon(icon, "secondary"))
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        return QSize(theme.row_height(), theme.row_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(self.rect(), theme.RADIUS, theme.RADIUS)
        box = self.rect()
        box.setSize(theme.icon_size())
        box.moveCenter(self.rect().center())
        self.icon().paint(painter, box)
        if self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()


class SecretEdit(QWidget):
    """A box for a passphrase with a show and hide button that the keyboard reaches."""

    changed = Signal()
    entered = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setAccessibleName(name)
        self.edit.setMinimumHeight(theme.row_height())
        self.eye = IconButton("eye", f"Show {name.lower()}")
        self._name = name
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.edit, 1)
        row.addWidget(self.eye)
        self.setFocusProxy(self.edit)
        self.eye.clicked.connect(self._turn)
        self.edit.textEdited.connect(lambda _: self.changed.emit())
        self.edit.returnPressed.connect(self.entered)

    def text(self) -> str:
        return self.edit.text()

    def set_text(self, text: str) -> None:
        self.edit.setText(text)

    def rename(self, name: str) -> None:
        """The box now asks for something else; what was shown is hidden again."""
        self._name = name
        self.edit.setAccessibleName(name)
        self._show(False)

    def reveal(self) -> None:
        """Show what is typed."""
        self._show(True)

    def _turn(self) -> None:
        self._show(self.edit.echoMode() == QLineEdit.EchoMode.Password)

    def _show(self, shown: bool) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        verb = "Hide" if shown else "Show"
        self.eye.show_as("eye-off" if shown else "eye", f"{verb} {self._name.lower()}")


class Notice(QFrame):
    """A sentence that needs attention, in a tint with its shape; hidden while it has nothing to say."""

    def __init__(self, state: str = "problem", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.words = Words("", "base", theme.state(state).tone)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(38), 7, 12, 7)
        row.addWidget(self.words)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show the sentence; an empty one hides the notice."""
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.state(self._state)
        ink, tint = theme.color(look.tone), theme.color(f"{look.tone}_tint")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 1) if tint == theme.color("card") else Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        side = theme.px(16)
        theme.paint_icon(painter, QRectF(theme.px(12), (self.height() - side) / 2, side, side), look.shape, ink)
        painter.end()


class Pill(QWidget):
    """A state outside a table: shape, word and tint."""

    def __init__(self, state: str = "neutral", word: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_state(state, word)

    def show_state(self, state: str, word: str) -> None:
        theme.state(state)
        self._state, self._word = state, word
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return theme.pill_size(self.fontMetrics(), self._word)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.paint_pill(painter, self.rect(), self._state, self._word)
        painter.end()


class Empty(QWidget):
    """Why there is nothing here and what to do about it, with the button that does it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Words("", "section")
        self._sentence = Words("", "base", "secondary")
        self._sentence.setWordWrap(True)
        self._action: Callable[[], object] | None = None
        self.button = Button("", "primary")
        self.button.clicked.connect(self._act)
        column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (self._title, self._sentence):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addSpacing(theme.GRID)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.say("Nothing here yet", "")

    def say(
        self,
        title: str,
        sentence: str,
        verb: str | None = None,
        action: Callable[[], object] | None = None,
    ) -> None:
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._action = action
        self.button.setText(verb or "")
        self.button.setVisible(bool(verb))

    def _act(self) -> None:
        if self._action is not None:
            self._action()


class Room(QStackedWidget):
    """Parts of a page, one at a time: the highest of them does not make the whole page scroll."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(320), theme.px(150))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()
