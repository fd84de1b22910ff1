"""The Queue page over a real desk, and what a user does to it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget

from oicdesk.documents.panel import DocumentsPanel
from oicdesk.documents.sheet import take_over
from oicdesk.machine import Machine
from oicdesk.referrals.page import QueuePage
from oicdesk.ui.dates import DayEdit, InstantEdit
from oicdesk.ui.parts import Button
from oicdesk.ui.task import TaskForm
from oicdesk.vault.vault import Vault
from tests.desks import NOW, Desk


class _Commits(QObject):
    """Carries what was committed to the main thread, as the window does."""

    told = Signal(object)


class Screen:
    """The page on the screen, by a user's actions; `now` is the desk's clock."""

    def __init__(self, desk: Desk, qtbot: Any, machine: Machine) -> None:
        self.desk, self.qtbot, self.machine = desk, qtbot, machine
        self.now: datetime = NOW
        self.page = self.open()

    def open(self) -> QueuePage:
        """A new page over the vault that is open now."""
        vault = self.desk.vault
        page = QueuePage(
            vault, now=lambda: self.now, panels=[DocumentsPanel], take_over=take_over, machine=self.machine
        )
        commits = _Commits(page)
        commits.told.connect(lambda tables: page.refresh() if page.tables & tables else None)
        vault.on_commit = commits.told.emit
        self.qtbot.addWidget(page)
        page.resize(1200, 760)
        page.show()
        page.refresh()
        self.page = page
        self.front()
        page.first_focus().setFocus()
        return page

    def front(self) -> None:
        """Wait until the keys go to the page, after another window was in front."""
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)

    def reopen(self, secret: str) -> None:
        """Lock: the page goes, then the vault; and open it again with another page."""
        self.page.hide()
        path = self.desk.vault.path
        self.desk.vault.close()
        self.desk.vault = Vault.open(path, secret)
        self.open()

    @property
    def form(self) -> TaskForm:
        """The form that stands in the third pane."""
        assert self.page.form is not None
        return self.page.form

    def rows(self) -> list[str]:
        """The references in the list, from top to bottom."""
        model = self.page.model
        return [model.row(place).reference for place in range(model.rowCount())]

    def choose(self, case: int) -> None:
        """Select a row and wait until its case is shown."""
        assert self.page.table.select_id(case)
        self.qtbot.waitUntil(lambda: self.page.case.case is not None and self.page.case.case.id == case)

    def show(self, case: int) -> None:
        """Bring a case into view, wherever it stands."""
        assert self.page.show_item("referral", case)

    def press(self, words: str) -> None:
        """Click the button that carries these words."""
        self.qtbot.waitUntil(lambda: bool(buttons(self.page, words)))
        click(self.qtbot, button(self.page, words))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.qtbot.keyClick(QApplication.focusWidget(), key, modifier)

    def type(self, **texts: str) -> None:
        """Type into boxes of the form, replacing what stands there."""
        for name, text in texts.items():
            box = self.form.form.widget(name)
            edit = box.day.edit if isinstance(box, InstantEdit) else box.edit if isinstance(box, DayEdit) else box
            edit.setFocus()
            self.qtbot.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            self.qtbot.keyClick(edit, Qt.Key.Key_Delete)
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
        self.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def told(self) -> str:
        """What the case pane says was done."""
        return self.page.case.told.words.text()

    def why_not(self) -> str:
        """Everything under "not possible now"."""
        return "\n".join(words(self.page.case.actions_box.refused))


def buttons(parent: QWidget, words: str) -> list[QPushButton]:
    """The visible buttons that carry these words."""
    return [one for one in parent.findChildren(Button) if one.text() == words and one.isVisible()]


def button(parent: QWidget, words: str) -> QPushButton:
    """The one visible button that carries these words."""
    found = buttons(parent, words)
    assert len(found) == 1, [one.text() for one in parent.findChildren(Button) if one.isVisible()]
    return found[0]


def words(parent: QWidget) -> list[str]:
    """Every text of this widget, but for what was hidden or put away inside it."""
    return [label.text() for label in parent.findChildren(QLabel) if not _is_put_away(label, parent)]


def _is_put_away(widget: QWidget | None, parent: QWidget) -> bool:
    while widget is not None and widget is not parent:
        if widget.isHidden() and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return True
        widget = widget.parentWidget()
    return False


def click(qtbot: Any, widget: QWidget) -> None:
    """Scroll to it and click in the middle, once the widget has got its place."""
    qtbot.waitUntil(lambda: _is_in_sight(widget))
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def _is_in_sight(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()
    middle = widget.mapTo(widget.window(), widget.rect().center())
    return widget.window().childAt(middle) is widget


@pytest.fixture
def screen(desk: Desk, qtbot: Any, tmp_path: Any) -> Iterator[Screen]:
    first = desk.vault
    screen = Screen(desk, qtbot, Machine(tmp_path / "machine.json"))
    yield screen
    screen.page.hide()
    if desk.vault is not first:
        desk.vault.close()
