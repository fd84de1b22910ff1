from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from oicdesk.errors import DamagedSlots, VaultError, WrongPassphrase
from oicdesk.machine import Machine
from oicdesk.ui import messages
from oicdesk.ui.unlock import Unlock
from tests.ui.accessibility import focus_order, problems

WRONG = "The passphrase is wrong for this vault: check Caps Lock and try again."


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine.json")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Joint desk.oicdesk"


def opening(path: Path, secret: str) -> str:
    if secret == "damaged":
        raise DamagedSlots("keys.json is not what was written: use the copy kept before.")
    if secret == "newer":
        raise VaultError("The vault was made by a newer version: install that version.")
    if secret != "right":
        raise WrongPassphrase(WRONG)
    return f"vault at {path.name}"


@pytest.fixture
def make(qtbot, machine: Machine, path: Path) -> Callable[..., Unlock]:
    def made(**more) -> Unlock:
        window = Unlock(path, opening, machine=machine, **more)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    return made


def try_secret(qtbot, window: Unlock, secret: str) -> None:
    window.secret.edit.clear()
    qtbot.keyClicks(window.secret.edit, secret)
    qtbot.keyClick(window.secret.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window._busy)


def test_the_right_passphrase_and_enter_open(qtbot, make, path: Path, machine: Machine) -> None:
    window = make()
    assert window.secret.edit.hasFocus()
    qtbot.keyClicks(window.secret.edit, "right")
    with qtbot.waitSignal(window.opened) as opened:
        qtbot.keyClick(window.secret.edit, Qt.Key.Key_Return)
    assert opened.args == ["vault at Joint desk.oicdesk", path]
    assert window.secret.text() == "" and machine.last_vault == path


def test_the_button_opens(qtbot, make) -> None:
    window = make()
    qtbot.keyClicks(window.secret.edit, "right")
    with qtbot.waitSignal(window.opened):
        qtbot.mouseClick(window.verb, Qt.MouseButton.LeftButton)


def test_a_wrong_passphrase_is_said_inline_and_counted(qtbot, make, machine: Machine, path: Path) -> None:
    window = make()
    try_secret(qtbot, window, "wrong")
    assert window.notice.words.text() == WRONG
    assert window.secret.edit.hasFocus() and window.secret.edit.selectedText() == "wrong"
    assert machine.failures(path) == 1 and window.verb.isEnabled()


def test_another_error_is_said_and_not_counted(qtbot, make, machine: Machine, path: Path) -> None:
    window = make()
    try_secret(qtbot, window, "newer")
    assert "newer version" in window.notice.words.text() and machine.failures(path) == 0


def test_after_five_failures_the_next_try_waits_and_nothing_offers_to_wipe(
    qtbot, make, machine: Machine, path: Path
) -> None:
    window = make()
    for _ in range(5):
        try_secret(qtbot, window, "wrong")
    assert not window.verb.isEnabled() and window.verb.text() == "Try again in 2 s"
    assert "nothing is ever erased" in window.notice.words.text()
    tried = machine.failures(path)
    qtbot.keyClick(window.secret.edit, Qt.Key.Key_Return)
    assert machine.failures(path) == tried
    window._count_down()
    assert window.verb.text() == "Try again in 1 s"
    window._count_down()
    assert window.verb.isEnabled() and window.verb.text() == "Unlock"
    with qtbot.waitSignal(window.opened):
        try_secret(qtbot, window, "right")
    assert machine.failures(path) == 0


def test_closing_the_program_does_not_shorten_the_wait(make, machine: Machine, path: Path) -> None:
    for _ in range(6):
        machine.note_failure(path)
    assert make().verb.text() == "Try again in 4 s"


def test_an_empty_box_is_not_a_try(qtbot, make, machine: Machine, path: Path) -> None:
    window = make()
    qtbot.mouseClick(window.verb, Qt.MouseButton.LeftButton)
    assert "Nothing was typed" in window.notice.words.text() and machine.failures(path) == 0


def test_the_recovery_key_has_its_own_label(qtbot, make) -> None:
    window = make()
    window.recovery.setFocus()
    qtbot.keyClick(window.recovery, Qt.Key.Key_Space)
    assert window.label.text() == "Recovery key" == window.secret.edit.accessibleName()
    assert window.secret.edit.hasFocus()


def test_the_keyboard_reaches_everything_and_shows_the_passphrase(qtbot, make) -> None:
    window = make()
    order = focus_order(window)
    for widget in (window.secret.eye, window.recovery, window.verb, window.other, window.make):
        assert widget in order
    qtbot.keyClick(window.secret.eye, Qt.Key.Key_Space)
    assert window.secret.edit.echoMode() == QLineEdit.EchoMode.Normal
    assert problems(window) == []


def test_damaged_slots_offer_the_copy_kept_before_and_use_it_only_when_told(qtbot, make) -> None:
    window = make(open_previous=lambda path, secret: "vault by the copy")
    assert not window.previous.isVisible()
    try_secret(qtbot, window, "damaged")
    assert window.previous.isVisible()
    with qtbot.waitSignal(window.opened) as opened:
        qtbot.mouseClick(window.previous, Qt.MouseButton.LeftButton)
    assert opened.args[0] == "vault by the copy"


def test_another_vault_can_be_chosen(qtbot, make, tmp_path: Path) -> None:
    window = make()
    messages.answers = [tmp_path / "Norfolk.oicdesk"]
    qtbot.mouseClick(window.other, Qt.MouseButton.LeftButton)
    assert window.name.text() == "Norfolk" and window.when.text() == "Not opened on this computer yet"
    qtbot.keyClicks(window.secret.edit, "right")
    with qtbot.waitSignal(window.opened) as opened:
        qtbot.keyClick(window.secret.edit, Qt.Key.Key_Return)
    assert opened.args[0] == "vault at Norfolk.oicdesk"


def test_when_it_was_last_opened_is_said_in_local_time(make, machine: Machine, path: Path) -> None:
    machine.note_opened(path, "2026-07-01T09:05:00+00:00")
    window = make()
    assert window.when.text() == "Last opened Wed 1 Jul 2026 10:05"
    assert str(path.parent) in window.where.text()
