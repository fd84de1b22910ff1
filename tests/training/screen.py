"""The Training page over a real desk, and what a user does to it."""

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox

from oicdesk.machine import Machine
from oicdesk.training.page import TrainingPage
from oicdesk.ui.parts import Button
from tests.desks import Desk
from tests.training.makers import NOW
from tests.ui.dialogs import in_dialog

LEFT = Qt.MouseButton.LeftButton


class _Commits(QObject):
    """Carries what was committed to the main thread, as the window does."""

    told = Signal(object)


class Screen:
    """The page on the screen, by a user's actions; its day is NOW's."""

    def __init__(self, desk: Desk, qtbot: Any, machine: Machine) -> None:
        self.desk, self.qtbot = desk, qtbot
        self.page = TrainingPage(desk.vault, now=lambda: NOW, machine=machine)
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        desk.vault.on_commit = commits.told.emit
        qtbot.addWidget(self.page)
        self.page.resize(1104, 640)
        self.page.refresh()
        self.page.show()
        qtbot.waitExposed(self.page)

    def press(self, button: Button) -> None:
        assert button.isEnabled(), button.text()
        self.qtbot.mouseClick(button, LEFT)

    def part(self, name: str) -> Any:
        """Choose a part of the page by its word."""
        group = self.page.parts.findChildren(type(self.page.parts.current()))
        self.qtbot.mouseClick(next(button for button in group if button.text() == name), LEFT)
        return self.page.view

    def people(self) -> list[str]:
        """The names in the matrix, from top to bottom."""
        model = self.page.people.model
        return [model.row(place).name for place in range(model.rowCount())]

    def answer(self, verb: str, **values: Any) -> None:
        """Fill the next dialog's form with these and press its verb."""

        def act(dialog: Any) -> None:
            assert dialog.verb.text() == verb, dialog.verb.text()
            dialog.form.set_values(dialog.form.values() | values)
            self.qtbot.mouseClick(dialog.verb, LEFT)

        in_dialog(act)

    @property
    def said(self) -> str:
        return self.page.done.words.text()

    @property
    def refused(self) -> str:
        return self.page.problem.words.text()


def choose(box: QComboBox, words: str) -> None:
    """Choose an entry of a drop-down as a click does."""
    place = box.findText(words)
    assert place >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)
