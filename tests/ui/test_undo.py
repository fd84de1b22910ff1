"""The undo list: what Ctrl+Z does in a window, what it says, and what stays listed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget, QPushButton

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.ui.main_window import MainWindow, Page, StatusLine
from oicdesk.ui.undo import Step, UndoList, left_the_desk
from tests.ui.accessibility import problems
from tests.ui.dialogs import when_asked

CTRL = Qt.KeyboardModifier.ControlModifier


class Lamp:
    """Something that can be switched, and refuses when it is told to."""

    def __init__(self) -> None:
        self.lit: list[int] = []
        self.fails: Exception | None = None

    def light(self, number: int) -> Step:
        self.lit.append(number)
        return Step(f"Light lamp {number}", lambda: self._off(number), lambda: self.light(number))

    def _off(self, number: int) -> str:
        if self.fails is not None:
            raise self.fails
        self.lit.remove(number)
        return ""


class Said:
    def __init__(self, steps: UndoList) -> None:
        self.all: list[tuple[bool, str]] = []
        steps.told.connect(lambda went_well, sentence: self.all.append((went_well, sentence)))

    @property
    def last(self) -> str:
        return self.all[-1][1]


@pytest.fixture
def lamp() -> Lamp:
    return Lamp()


@pytest.fixture
def steps(qapp) -> UndoList:
    return UndoList()


def test_steps_are_taken_back_in_turn_and_done_again_in_their_order(steps: UndoList, lamp: Lamp) -> None:
    said = Said(steps)
    for number in (1, 2, 3):
        steps.add(lamp.light(number))
    steps.undo()
    steps.undo()
    assert lamp.lit == [1] and said.last == "Undone: light lamp 2."
    steps.redo()
    assert lamp.lit == [1, 2] and said.last == "Done again: light lamp 2."
    steps.redo()
    assert lamp.lit == [1, 2, 3]
    steps.undo()
    assert lamp.lit == [1, 2]


def test_fifty_steps_of_a_session_can_be_taken_back(steps: UndoList, lamp: Lamp) -> None:
    for number in range(60):
        steps.add(lamp.light(number))
    for _ in range(60):
        steps.undo()
    assert lamp.lit == []


def test_a_new_step_ends_what_could_be_done_again(steps: UndoList, lamp: Lamp) -> None:
    said = Said(steps)
    steps.add(lamp.light(1))
    steps.undo()
    steps.add(lamp.light(2))
    steps.redo()
    assert lamp.lit == [2] and said.last == "Nothing was undone that could be done again."
    assert [words for words, _ in steps.lines()] == ["Light lamp 2"]


def test_what_left_the_desk_is_listed_with_its_reason_and_passed_over(steps: UndoList, lamp: Lamp) -> None:
    steps.add(lamp.light(1))
    steps.add(left_the_desk("Export the view"))
    assert steps.lines()[0] == ("Export the view", "cannot be taken back: it left the desk")
    steps.undo()
    assert lamp.lit == []


def test_a_refused_undo_says_why_loses_nothing_and_lets_the_step_before_be_next(steps: UndoList, lamp: Lamp) -> None:
    said = Said(steps)
    steps.add(lamp.light(1))
    steps.add(lamp.light(2))
    lamp.fails = Refused("The lamp is too hot; wait a minute.")
    steps.undo()
    assert said.all[-1] == (False, "Not undone: light lamp 2. The lamp is too hot; wait a minute.")
    assert lamp.lit == [1, 2]
    lamp.fails = None
    steps.undo()
    assert lamp.lit == [2]
    assert steps.lines()[0] == ("Light lamp 2", "was not taken back: The lamp is too hot; wait a minute.")


def test_a_disk_that_fails_leaves_the_step_to_be_tried_again(steps: UndoList, lamp: Lamp) -> None:
    steps.add(lamp.light(1))
    lamp.fails = VaultError("The disk is full: free some space, then try again.")
    steps.undo()
    lamp.fails = None
    steps.undo()
    assert lamp.lit == []


def test_with_nothing_to_undo_it_says_so(steps: UndoList) -> None:
    said = Said(steps)
    steps.undo()
    assert said.last == "Nothing was done since the desk was opened, so there is nothing to undo."
    steps.add(left_the_desk("Send a chaser"))
    steps.undo()
    assert said.last == "Nothing is left to undo; the undo list says why for each step."


# --- in the window


class Lamps(Page):
    title, icon_name = "Lamps", "circle"


@pytest.fixture
def window(qtbot, tmp_path: Path) -> MainWindow:
    window = MainWindow(
        [Lamps()], marking="OFFICIAL", vault_name="Desk", status=StatusLine, on_lock=lambda: None,
        machine=Machine(tmp_path / "machine.json"),
    )  # fmt: skip
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def press(qtbot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def test_ctrl_z_and_ctrl_y_work_in_the_window_and_say_what_they_did(qtbot, window: MainWindow, lamp: Lamp) -> None:
    assert not window.undo_bar.isVisible()
    window.page.step_done.emit(lamp.light(1))
    assert window.undo_bar.words.text() == "Last step: light lamp 1."
    press(qtbot, window, Qt.Key.Key_Z)
    assert lamp.lit == [] and window.undo_bar.words.text() == "Undone: light lamp 1."
    press(qtbot, window, Qt.Key.Key_Y)
    assert lamp.lit == [1] and window.undo_bar.words.text() == "Done again: light lamp 1."
    qtbot.mouseClick(window.undo_bar.back, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.undo_bar.again, Qt.MouseButton.LeftButton)
    assert lamp.lit == [1]
    assert problems(window) == []


def test_the_undo_list_shows_every_step_says_when_it_ends_and_takes_back_the_last(qtbot, window, lamp: Lamp) -> None:
    window.page.step_done.emit(lamp.light(1))
    window.page.step_done.emit(left_the_desk("Export the view"))
    seen: list[str] = []

    def act(dialog) -> None:
        listed = dialog.findChild(QListWidget)
        seen.extend(listed.item(place).text() for place in range(listed.count()))
        seen.extend(label.text() for label in dialog.findChildren(type(window.undo_bar.words)))
        next(button for button in dialog.findChildren(QPushButton) if button.text() == "Undo the last step").click()
        seen.append(listed.item(1).text())
        assert problems(dialog) == []
        dialog.reject()

    answer = when_asked(act)
    press(qtbot, window, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.AltModifier)
    assert answer.seen == "Undo list"
    assert seen[0] == "Export the view\nCannot be taken back: it left the desk"
    assert any("ends when the desk locks" in text for text in seen)
    assert seen[-1] == "Light lamp 1\nUndone" and lamp.lit == []


def test_a_text_box_keeps_its_own_undo(qtbot, window: MainWindow, lamp: Lamp) -> None:
    from PySide6.QtWidgets import QLineEdit

    box = QLineEdit(window.page)
    box.setAccessibleName("Words")
    box.show()
    window.page.step_done.emit(lamp.light(1))
    box.setFocus()
    qtbot.keyClicks(box, "abc")
    press(qtbot, window, Qt.Key.Key_Z)
    assert box.text() != "abc" and lamp.lit == [1]
