"""The Comms page over a real desk, and what a user does to it."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk.comms.page import CommsPage
from oicdesk.desk_papers import promise_choices
from oicdesk.machine import Machine
from oicdesk.ui.undo import UndoList
from tests.comms.makers import NOW, Room

LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


class _Commits(QObject):
    """Carries what was committed to the main thread, as the window does."""

    told = Signal(object)


class Screen:
    """The page on the screen, by a user's keys and clicks; its day is NOW's."""

    def __init__(self, room: Room, qtbot: Any, machine: Machine) -> None:
        self.room, self.qtbot = room, qtbot
        self.page = CommsPage(room.vault, now=lambda: NOW, machine=machine, promises=promise_choices)
        self.undo = UndoList(self.page)
        self.page.step_done.connect(self.undo.add)
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        room.vault.on_commit = commits.told.emit
        qtbot.addWidget(self.page)
        self.page.resize(1104, 616)
        self.page.refresh()
        with qtbot.waitActive(self.page):
            self.page.show()
            self.page.activateWindow()
        self.page.first_focus().setFocus()

    # -- keys

    def key(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier, times: int = 1) -> None:
        """Press a key where the focus is."""
        for _ in range(times):
            self.qtbot.keyClick(self.focus, key, modifier)

    def keys(self, *keys: Any) -> None:
        for key in keys:
            self.key(key)

    @property
    def focus(self) -> QWidget:
        """Where the keys go; a screen without a window manager gives no window back its turn after a dialog."""
        if not self.page.isActiveWindow():
            self.page.activateWindow()
            self.qtbot.waitUntil(self.page.isActiveWindow)
        return QApplication.focusWidget() or self.page

    def type(self, words: str) -> None:
        self.qtbot.keyClicks(self.focus, words)

    def tab_to(self, name: str) -> None:
        """Go by Tab to the widget of this name, its words or what a screen reader says of it."""
        for _ in range(80):
            if name in _names(self.focus):
                return
            self.key(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never comes to {name}; last at {_names(self.focus)}")

    def type_into(self, name: str, words: str) -> None:
        """Go to a box by Tab and write in it."""
        self.tab_to(name)
        self.key(Qt.Key.Key_A, CONTROL)
        self.type(words)

    # -- clicks

    def press(self, words: str) -> None:
        """Click what can be done to the item shown."""
        self.qtbot.mouseClick(self.page.pane.deeds.buttons()[words], LEFT)

    def fill(self, verb: str, **values: Any) -> None:
        """Fill the form that stands in place of the detail and do it."""
        form = self.page.side.form
        assert form is not None and form.verb.text() == verb, form and form.verb.text()
        form.form.set_values(values)
        self.qtbot.mouseClick(form.verb, LEFT)

    @property
    def said(self) -> str:
        return self.page.done.words.text()

    @property
    def refused(self) -> str:
        return self.page.problem.words.text()


def _names(widget: QWidget) -> Iterable[str]:
    words = getattr(widget, "text", None)
    text = words() if callable(words) else ""
    return {widget.objectName(), widget.accessibleName(), text} - {""}
