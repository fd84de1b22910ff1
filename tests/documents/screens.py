"""The Documents page over a real desk, and what a user does to it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk.documents.page import PARTS, DocumentsPage
from oicdesk.documents.page_editor import DraftEditor
from oicdesk.machine import Machine
from oicdesk.ui.undo import UndoList
from tests.desks import NOW, Desk
from tests.referrals import pages
from tests.ui.dialogs import in_dialog


class _Commits(QObject):
    told = Signal(object)


class Screen:
    """The page by a user's keys and clicks."""

    def __init__(self, desk: Desk, qtbot: Any, folder: Path) -> None:
        self.desk, self.qtbot = desk, qtbot
        self.now: datetime = NOW
        self.held: set[int] = set()
        self.machine = Machine(folder / "machine.json")
        self.page = DocumentsPage(
            desk.vault, now=lambda: self.now, machine=self.machine, held=lambda _session, case: case in self.held
        )
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        desk.vault.on_commit = commits.told.emit
        self.opened: list[tuple[str, int]] = []
        self.steps = UndoList(self.page)
        self.page.step_done.connect(self.steps.add)
        self.page.open_requested.connect(lambda kind, id: self.opened.append((kind, id)))
        qtbot.addWidget(self.page)
        self.page.resize(1120, 640)
        self.page.show()
        self.page.refresh()
        self.front()

    def front(self) -> None:
        """Wait until the keys go to the page, after another window was in front."""
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)
        self.page.first_focus().setFocus()

    def part(self, name: str) -> None:
        """Click the part of that name."""
        buttons = self.page.parts.findChildren(type(self.page.parts.current()))
        pages.click(self.qtbot, buttons[PARTS.index(name)])

    @property
    def parts(self) -> list[str]:
        """What stands on the segments."""
        return [button.text() for button in self.page.parts.findChildren(type(self.page.parts.current()))]

    def rows(self) -> list[str]:
        """The lines of the table that is shown, as they are spoken."""
        model = self.page.view.table.rows
        return [model.sentence(place) for place in range(model.rowCount())]

    def press(self, words: str) -> None:
        """Click the button that carries these words."""
        self.qtbot.waitUntil(lambda: bool(pages.buttons(self.page, words)))
        pages.click(self.qtbot, pages.button(self.page, words))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self.qtbot.keyClick(QApplication.focusWidget(), key, modifier)

    def answer(self, *, cancel: bool = False, **values: Any) -> None:
        """Fill in the next form and press its verb."""

        def act(dialog: Any) -> None:
            if values:
                dialog.form.set_values(values)
            self.qtbot.mouseClick(dialog.cancel if cancel else dialog.verb, Qt.MouseButton.LeftButton)

        in_dialog(act)

    def said(self) -> str:
        """What the page says was done."""
        return "" if self.page.done.isHidden() else self.page.done.words.text()

    def refused(self) -> str:
        """What the page says cannot be done."""
        return "" if self.page.problem.isHidden() else self.page.problem.words.text()

    def shown(self) -> str:
        """Every text on the page."""
        return "\n".join(pages.words(self.page.view))

    @property
    def editor(self) -> DraftEditor:
        return self.page.drafts.editor

    def write(self, words: str, box: QWidget | None = None) -> None:
        """Type at the end of the item's text, or of another box."""
        box = box or self.editor.item.text
        box.setFocus()
        self.qtbot.keyClick(box, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        self.qtbot.keyClicks(box, words)

    def wait_saved(self) -> None:
        """Wait until the pause has kept what was typed."""
        self.qtbot.waitUntil(lambda: self.editor.saved.text().startswith("Saved "))


@pytest.fixture
def documents(desk: Desk, qtbot: Any, tmp_path: Path) -> Iterator[Screen]:
    screen = Screen(desk, qtbot, tmp_path)
    yield screen
    screen.page.hide()
