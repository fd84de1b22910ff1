"""The find-or-do box of the window, by the keyboard alone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from oicdesk.errors import VaultError
from oicdesk.machine import Machine
from oicdesk.ui import find, theme
from oicdesk.ui.find import Hit
from oicdesk.ui.main_window import MainWindow, StatusLine
from tests.ui.accessibility import problems
from tests.ui.test_main_window import CTRL, Note

OFFICERS = ("Marsh, Jo", "Märsh, Ada", "Vale, Kit")


@pytest.fixture
def gone_to() -> list[str]:
    return []


@pytest.fixture
def window(qtbot, tmp_path, gone_to) -> MainWindow:
    def officers(words: str) -> list[Hit]:
        return [
            Hit("Officer", name, lambda name=name: gone_to.append(name), "Suffolk, PC 7191", "users")
            for name in OFFICERS
            if find.matches(words, name)
        ]

    made = MainWindow(
        [Note("Home"), Note("Queue"), Note("Settings")], marking="OFFICIAL", vault_name="Joint desk",
        status=StatusLine, on_lock=lambda: None, machine=Machine(tmp_path / "machine.json"), finders=[officers],
    )  # fmt: skip
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def press(qtbot, which: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget(), which, modifier)


def search(qtbot, words: str) -> None:
    press(qtbot, Qt.Key.Key_K, CTRL)
    qtbot.keyClicks(QApplication.focusWidget(), words)


def titles(window: MainWindow) -> list[str]:
    return [hit.title for hit in window.find_box.hits()]


def test_ctrl_k_lists_what_can_be_done_here_with_its_keys(qtbot, window):
    press(qtbot, Qt.Key.Key_K, CTRL)
    assert window.find_box.hasFocus() and window.find_box.is_open()
    listed = {hit.title: hit.keys for hit in window.find_box.hits()}
    assert listed["Add to Home"] == "Ctrl+N" and listed["Go to Queue"] == "Ctrl+2" and listed["Lock"] == "Ctrl+L"
    assert "Add to Queue" not in listed


def test_a_page_is_reached_by_a_few_letters_and_enter(qtbot, window):
    search(qtbot, "qu")
    assert titles(window) == ["Go to Queue"]
    press(qtbot, Qt.Key.Key_Return)
    assert window.page.title == "Queue" and window.page.box.hasFocus()
    assert not window.find_box.is_open() and window.find_box.text() == ""


def test_a_command_of_the_page_is_run(qtbot, window):
    search(qtbot, "add")
    press(qtbot, Qt.Key.Key_Return)
    assert window.page.added == ["Home"]


def test_escape_closes_the_list_and_gives_the_focus_back(qtbot, window):
    assert window.page.box.hasFocus()
    search(qtbot, "mar")
    press(qtbot, Qt.Key.Key_Escape)
    assert not window.find_box.is_open() and window.find_box.text() == "" and window.page.box.hasFocus()


def test_accents_and_case_do_not_matter_and_arrows_choose(qtbot, window, gone_to):
    search(qtbot, "MARSH")
    assert titles(window) == ["Marsh, Jo", "Märsh, Ada"]
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Return)
    assert gone_to == ["Märsh, Ada"]


def test_an_arrow_past_the_end_goes_round(qtbot, window, gone_to):
    search(qtbot, "mar")
    press(qtbot, Qt.Key.Key_Up)
    press(qtbot, Qt.Key.Key_Return)
    assert gone_to == ["Märsh, Ada"]


def test_what_is_chosen_is_spoken(qtbot, window):
    search(qtbot, "vale")
    assert window.find_box.accessibleDescription() == "1 of 1: Officer: Vale, Kit, Suffolk, PC 7191"
    panel = window.find_box._panel
    assert panel is not None
    row = QAccessible.queryAccessibleInterface(panel.view).child(0)
    assert row.text(QAccessible.Text.Name) == "Officer: Vale, Kit, Suffolk, PC 7191"


def test_nothing_found_is_said_with_what_is_never_looked_through(qtbot, window):
    search(qtbot, "zzz")
    assert titles(window) == []
    said = window.find_box.accessibleDescription()
    assert "Nothing is called “zzz”" in said and "Never notes or people" in said
    press(qtbot, Qt.Key.Key_Return)
    assert window.find_box.is_open()


def test_who_types_figures_gets_references_before_commands(qtbot, window):
    window.find_box._finders = (lambda words: [Hit("Referral", "OIC-2026-0001", lambda: None)],)
    window.pages[0].act("1 thing", lambda: None)
    search(qtbot, "1")
    assert titles(window) == ["OIC-2026-0001", "1 thing"]


def test_a_fault_of_the_vault_is_a_sentence(qtbot, window):
    def locked(words: str) -> list[Hit]:
        raise VaultError("The desk is locked: open the vault again.")

    window.find_box._finders = (locked,)
    search(qtbot, "x")
    assert window.find_box.accessibleDescription() == "The desk is locked: open the vault again."


def test_a_click_goes_there_and_a_click_elsewhere_closes(qtbot, window, gone_to):
    search(qtbot, "vale")
    view = window.find_box._panel.view
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(0, 0)).center())
    assert gone_to == ["Vale, Kit"]
    search(qtbot, "vale")
    window.page.box.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not window.find_box.is_open()


@pytest.mark.parametrize(("scheme", "percent"), [("light", 100), ("dark", 200)])
def test_the_list_stays_inside_the_window_and_nothing_in_it_is_nameless(qtbot, qapp, window, scheme, percent):
    theme.apply(qapp, scheme, percent)
    window.resize(800, 500)
    press(qtbot, Qt.Key.Key_K, CTRL)
    panel = window.find_box._panel
    assert window.rect().contains(panel.geometry())
    assert problems(window) == []
