"""The sheet of keys (F1)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from oicdesk.ui import theme
from oicdesk.ui.messages import Dialog, Room
from oicdesk.ui.parts import Words

# What the widgets of the kit do without an action.
_TABLES = (
    ("Up and down", "↑ ↓  or  K J"),
    ("Open the row", "Enter"),
    ("Choose several rows", "Shift+↑ ↓"),
    ("What can be done, and sorting", "Shift+F10"),
)
_FORMS = (("Save the form", "Ctrl+Enter"), ("Back, without loss", "Esc"), ("Leave any box", "Tab"))


class _Keys(Words):
    """Keys, drawn as a cap."""

    def __init__(self, text: str) -> None:
        super().__init__(text, "small")
        self.setContentsMargins(theme.px(7), 2, theme.px(7), 2)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("edge"), 1))
        painter.setBrush(theme.color("card"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()
        super().paintEvent(event)


class Sheet(Dialog):
    """Lists the shortcuts of actions, group by group, and the keys of tables and forms."""

    def __init__(self, parent: QWidget, groups: Sequence[tuple[str, Sequence[QAction]]]) -> None:
        super().__init__(parent, "Keys", verb="Close", cancel=None)
        listed = [(title, shown) for title, actions in groups if (shown := _with_keys(actions))]
        listed += [("In a table", list(_TABLES)), ("In a form", list(_FORMS))]
        inner = QWidget()
        columns = QGridLayout(inner)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setHorizontalSpacing(theme.GAP)
        columns.setVerticalSpacing(theme.GRID - 2)
        columns.setColumnStretch(0, 1)
        for title, keys in listed:
            line = columns.rowCount()
            columns.setRowMinimumHeight(line, theme.px(32))
            head = Words(title, "section")
            head.setAlignment(Qt.AlignmentFlag.AlignBottom)
            columns.addWidget(head, line, 0, 1, 2)
            for below, (text, key) in enumerate(keys, line + 1):
                columns.addWidget(Words(text), below, 0)
                columns.addWidget(_Keys(key), below, 1, Qt.AlignmentFlag.AlignRight)
        self.body.addWidget(Room(inner), 1)


def _with_keys(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.PortableText
    return [
        (action.text().replace("&", ""), action.shortcut().toString(native))
        for action in actions
        if not action.shortcut().isEmpty()
    ]
