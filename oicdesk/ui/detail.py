"""Pieces of a detail pane: what can be done, facts in two columns, sections, and another feature's part of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from oicdesk.ui import theme
from oicdesk.ui.parts import Button, Card, Pill, Words


@dataclass(frozen=True)
class Action:
    """Something that can be done to the record shown. `name` is that of the task it starts. `why_not` is the
    sentence of the refusal, where the rules say no; `is_next` marks what moves the record on."""

    name: str
    words: str
    icon: str
    start: Callable[[], object]
    why_not: str = ""
    is_next: bool = False


class Panel(QWidget):
    """One feature's part of another page's detail. `task_asked` hands the page a `Task` to show in place,
    `step_done` a `ui.undo.Step` for what was done without a form."""

    title = ""
    tables: frozenset[str] = frozenset()
    task_asked = Signal(object)
    step_done = Signal(object)

    def show_record(self, record_id: int) -> Sequence[Action]:
        """Read this record and show it; answers what can be done to it here."""
        raise NotImplementedError


class Flow(QLayout):
    """Widgets from left to right, on as many lines as they need, `gap` pixels apart."""

    def __init__(self, parent: QWidget | None = None, gap: int = theme.GRID) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # Qt asks beyond the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        widest = max((item.minimumSize().width() for item in self._items), default=0)
        return QSize(widest, self.heightForWidth(max(widest, self.geometry().width())))

    def _place(self, rect: QRect, *, move: bool) -> int:
        left, top, line = rect.x(), rect.y(), 0
        for item in self._items:
            if item.isEmpty():  # hidden: it takes no room, and no gap
                continue
            size = item.sizeHint()
            if left > rect.x() and left + size.width() > rect.x() + rect.width():
                left, top, line = rect.x(), top + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(left, top), size))
            left, line = left + size.width() + self._gap, max(line, size.height())
        return top + line - rect.y()


class Line(QWidget):
    """One thin line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("line"))
        painter.end()


def empty(layout: QLayout) -> None:
    """Take everything out of a layout; the widgets go as soon as no event is under way in them."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            empty(inner)


class Actions(QWidget):
    """What can be done, the next thing first; what cannot is told on request, each with its reason beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._buttons: list[Button] = []
        self._count = 0
        self._flow = Flow()
        self.toggle = Button("", "quiet", "chevron-right")
        self.toggle.clicked.connect(self._turn)
        self.refused = QWidget()
        self._reasons = QVBoxLayout(self.refused)
        self._reasons.setContentsMargins(0, 0, 0, 0)
        self._reasons.setSpacing(theme.GRID)
        self.refused.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(self._flow)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.refused)

    def show_actions(self, actions: Sequence[Action]) -> None:
        """Show these instead of what was there."""
        empty(self._flow)
        empty(self._reasons)
        possible = sorted((a for a in actions if not a.why_not), key=lambda action: not action.is_next)
        refused = [action for action in actions if action.why_not]
        self._buttons = [self._button(action) for action in possible]
        for action in refused:
            self._reasons.addLayout(paragraph(action.words.rstrip("…"), action.why_not))
        self._count = len(refused)
        self.toggle.setVisible(bool(refused))
        self._say()
        self.updateGeometry()

    def _button(self, action: Action) -> Button:
        button = Button(action.words, "primary" if action.is_next else "plain", action.icon)
        button.clicked.connect(lambda: action.start())
        self._flow.addWidget(button)
        button.show()  # at once, so that it can take the focus before the layout is made
        return button

    def _turn(self) -> None:
        self.refused.setVisible(self.refused.isHidden())
        self._say()

    def _say(self) -> None:
        shown = not self.refused.isHidden()
        count = f"{self._count} more {'is' if self._count == 1 else 'are'}"
        self.toggle.setText("Hide what is not possible now" if shown else f"{count} not possible now: see why")
        self.toggle.setIcon(theme.icon("chevron-down" if shown else "chevron-right", "accent"))

    def first_focus(self) -> QWidget:
        """The button of the next thing to do."""
        return self._buttons[0] if self._buttons else self.toggle

    def buttons(self) -> dict[str, Button]:
        """The buttons of what is possible, by their words."""
        return {button.text(): button for button in self._buttons}


class Facts(QWidget):
    """Labels and values in two columns; a value that is empty is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        empty(self._grid)
        for line, (label, value) in enumerate(fact for fact in facts if fact[1]):
            name = Words(label, "base", "secondary")
            name.setWordWrap(True)
            name.setFixedWidth(theme.px(120))
            words = text(value)
            words.setAccessibleName(f"{label}: {value}")
            self._grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, line, 1, Qt.AlignmentFlag.AlignTop)


def text(words: str, voice: str = "base", role: str = "text") -> Words:
    """A paragraph that wraps and can be copied from."""
    label = Words(words, voice, role)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def scrolled(inner: QWidget) -> QScrollArea:
    """A column that scrolls where it is higher than its room."""
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(inner)
    inner.setAutoFillBackground(False)
    scroll.viewport().setAutoFillBackground(False)
    return scroll


class Section(QWidget):
    """A part of a detail: a thin line, a heading with quiet buttons beside it, and a column of its own."""

    def __init__(self, title: str, *buttons: Button) -> None:
        super().__init__()
        head = QHBoxLayout()
        head.setSpacing(theme.GRID)
        head.addWidget(Words(title, "section"), 1)
        for button in buttons:
            head.addWidget(button)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(Line())
        column.addSpacing(theme.GRID)
        column.addLayout(head)
        column.addLayout(self.body)

    def show_lines(self, lines: Sequence[tuple[str, str]], nothing: str) -> None:
        """Show paragraphs, each with a line of lesser words above it; or that there is nothing."""
        empty(self.body)
        if not lines:
            self.body.addWidget(text(nothing, "base", "secondary"))
        for above, words in lines:
            self.body.addLayout(paragraph(above, words))


def paragraph(above: str, words: str) -> QVBoxLayout:
    """A text under a small line that says when and by whom."""
    column = QVBoxLayout()
    column.setSpacing(1)
    if above:
        column.addWidget(text(above, "small", "secondary"))
    if words:
        column.addWidget(text(words))
    return column


class Upright(QScrollArea):
    """A column that scrolls up and down only; what it holds is never wider than the room, else its end is cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inner = self.widget()
        if inner is not None:
            inner.setMaximumWidth(max(1, self.viewport().width()))


class Record(Upright):
    """The chosen record: heading, pill, what can be done, facts and sections; scrolls where it is long."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.heading = Words("", "section")
        self.heading.setWordWrap(True)
        self.pill = Pill()
        self.words = text("")
        self.deeds = Actions()
        self.facts = Facts()
        self._above = QVBoxLayout()
        card = Card()
        for widget in (self.heading, self.words, self.deeds, self.facts):
            card.body.addWidget(widget)
        card.body.insertWidget(1, self.pill, 0, Qt.AlignmentFlag.AlignLeft)
        card.body.insertLayout(4, self._above)
        card.body.setSpacing(theme.GRID + 4)
        self._body = QVBoxLayout()
        self._body.setSpacing(theme.GAP)
        card.body.addLayout(self._body)
        card.body.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.setWidget(card)
        self.viewport().setAutoFillBackground(False)

    def show_record(
        self,
        heading: str,
        pill: tuple[str, str],
        words: str,
        actions: Sequence[Action],
        facts: Sequence[tuple[str, str]] = (),
        sections: Sequence[tuple[str, Sequence[tuple[str, str]], str]] = (),
    ) -> None:
        """Show this; `sections` are (title, lines, what to say of none)."""
        self.heading.setText(heading)
        self.pill.show_state(*pill)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.deeds.show_actions(actions)
        self.facts.show_facts(facts)
        empty(self._above)
        empty(self._body)
        for title, lines, nothing in sections:
            section = Section(title)
            section.show_lines(lines, nothing)
            self.add_section(section)

    def add_section(self, section: Section, *, above_facts: bool = False) -> None:
        """One more section, below the others or above the facts; it goes when another record is shown."""
        (self._above if above_facts else self._body).addWidget(section)

    def first_focus(self) -> QWidget:
        return self.deeds.first_focus()
