"""The Audits page over a real desk, and what a user does to it."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk.audits.page import AuditsPage
from oicdesk.machine import Machine
from oicdesk.ui.dates import DayEdit
from oicdesk.ui.task import TaskForm
from tests.audits.makers import NOW, Room
from tests.referrals.pages import button, buttons, click, words

Key = Qt.Key


class _Commits(QObject):
    """Carries what was committed to the main thread, as the window does."""

    told = Signal(object)


class Screen:
    """The page on the screen, by a user's actions; `now` is the desk's clock."""

    def __init__(self, room: Room, qtbot: Any, machine: Machine) -> None:
        self.room, self.qtbot, self.machine = room, qtbot, machine
        self.now = NOW
        self.page = self.open()

    def open(self) -> AuditsPage:
        """A new page over the vault that is open now, as after a start or a lock."""
        vault = self.room.vault
        page = AuditsPage(vault, now=lambda: self.now, machine=self.machine)
        commits = _Commits(page)
        commits.told.connect(lambda tables: page.refresh() if page.tables & tables else None)
        vault.on_commit = commits.told.emit
        self.qtbot.addWidget(page)
        page.resize(1104, 620)
        page.show()
        page.refresh()
        self.page = page
        self.front()
        page.first_focus().setFocus()
        return page

    def front(self) -> None:
        """Wait until the keys go to the page, after another window was in front."""
        if QApplication.activeWindow() is not self.page:
            self.page.activateWindow()
            self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)

    def sign_in(self, passphrase: str) -> None:
        """Lock, and let the user of this passphrase open the desk."""
        self.page.hide()
        self.room.sign_in(passphrase)
        self.open()

    @property
    def form(self) -> TaskForm:
        """The form in place."""
        assert self.page.task is not None
        return self.page.task.form

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.front()
        self.qtbot.keyClick(QApplication.focusWidget(), key, modifier)

    def keys(self, text: str) -> None:
        """Type where the focus is."""
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def press(self, text: str) -> None:
        """Click the button with these words."""
        self.qtbot.waitUntil(lambda: bool(buttons(self.page, text)))
        click(self.qtbot, button(self.page, text))

    def plan(self) -> None:
        """Click the button that plans an audit."""
        click(self.qtbot, self.page.list.plan_button)

    def type(self, **texts: str) -> None:
        """Type into boxes of the form, replacing what stands there."""
        for name, text in texts.items():
            box = self.form.form.widget(name)
            edit = box.edit if isinstance(box, DayEdit) else box
            edit.setFocus()
            self.qtbot.keyClick(edit, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            self.qtbot.keyClick(edit, Key.Key_Delete)
            self.qtbot.keyClicks(edit, text)

    def pick(self, **labels: str) -> None:
        """Choose entries of drop-down lists by what they say."""
        for name, label in labels.items():
            box = self.form.form.widget(name)
            place = box.findText(label)
            assert place >= 0, [box.itemText(n) for n in range(box.count())]
            box.setCurrentIndex(place)
            box.activated.emit(place)

    def submit(self) -> None:
        """Do what the form is for."""
        self.key(Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def told(self) -> str:
        """What the audit says was done."""
        return self.page.audit.told.words.text()

    def why_not(self) -> str:
        """Everything under "not possible now"."""
        return "\n".join(words(self.page.overview.steps.refused))


def cells(table: Any) -> list[tuple[str, ...]]:
    """The texts of a small table, line by line."""
    return [table.rows.row(place).cells for place in range(table.rows.rowCount())]


def seen(widget: QWidget) -> str:
    """Everything that stands on a widget."""
    return "\n".join(words(widget))


@pytest.fixture
def screen(room: Room, qtbot: Any, tmp_path: Any) -> Iterator[Screen]:
    screen = Screen(room, qtbot, Machine(tmp_path / "machine.json"))
    yield screen
    screen.page.hide()
