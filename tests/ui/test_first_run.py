from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from oicdesk.errors import VaultError
from oicdesk.ui import messages, strength
from oicdesk.ui.first_run import Choices, Deeds, FirstRun
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

KEY = "7QK4-9XWM-2JTR-B8HD-VN3P-6FCY-ZE5S-0GA1-QX2W"
SECRET = "tuna jackal hockey plural"


class World:
    """Stands for the program behind the assistant and notes what was asked of it."""

    def __init__(self) -> None:
        self.done: list[tuple] = []
        self.error: Exception | None = None

    def deeds(self) -> Deeds:
        return Deeds(self.create, self.save, lambda typed, shown: typed.upper() == shown, self.abandon)

    def create(self, path: Path, passphrase: str, user: str) -> tuple[object, str]:
        if self.error is not None:
            raise self.error
        self.done.append(("create", path, passphrase, user))
        return "the vault", KEY

    def save(self, parent, key: str) -> bool:
        self.done.append(("save", key))
        return True

    def abandon(self, path: Path, vault: object) -> None:
        self.done.append(("abandon", path, vault))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Joint desk.oicdesk"


@pytest.fixture
def first(qtbot, world: World, path: Path) -> FirstRun:
    window = FirstRun(path, "Sam", world.deeds())
    # Else closing at the test's end would ask whether to remove the vault.
    qtbot.addWidget(window, before_close_func=lambda window: setattr(window, "vault", None))
    with qtbot.waitActive(window):
        window.resize(1280, 720)
        window.show()
        window.activateWindow()
    return window


def go(qtbot, first: FirstRun) -> None:
    qtbot.mouseClick(first.next, Qt.MouseButton.LeftButton)


def to_key(qtbot, first: FirstRun) -> None:
    go(qtbot, first)
    qtbot.keyClicks(first.passphrase.secret.edit, SECRET)
    qtbot.keyClicks(first.passphrase.again.edit, SECRET)
    go(qtbot, first)
    qtbot.waitUntil(lambda: first.heading.text() == "Keep the recovery key")


def to_end(qtbot, first: FirstRun) -> None:
    to_key(qtbot, first)
    qtbot.mouseClick(first.key.save, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(first.key.edit, KEY.lower())
    go(qtbot, first)


def test_the_whole_way(qtbot, first: FirstRun, world: World, path: Path) -> None:
    to_end(qtbot, first)
    first.desk.form.set_values({"marking": "OFFICIAL", "register_started": date(2026, 1, 5)})
    go(qtbot, first)
    first.start.fictional.click()
    with qtbot.waitSignal(first.finished) as finished:
        go(qtbot, first)
    assert world.done == [("create", path, SECRET, "Sam"), ("save", KEY)]
    assert finished.args == ["the vault", path, Choices("OFFICIAL", date(2026, 1, 5), True)]


def test_the_key_must_be_typed_back(qtbot, first: FirstRun) -> None:
    to_key(qtbot, first)
    assert KEY.replace("-", "") == first.key.shown.text().replace("-", "").replace("\n", "")
    go(qtbot, first)
    assert "was not typed back" in first.notice.words.text()
    qtbot.keyClicks(first.key.edit, KEY[:-1] + "9")
    go(qtbot, first)
    assert "not the key shown" in first.notice.words.text() and first.step == 2


def test_the_key_is_gone_from_the_window_once_it_was_typed_back(qtbot, first: FirstRun) -> None:
    to_end(qtbot, first)
    assert first.step == 3
    assert first.key.shown.text() == "" == first.key.edit.text() and first.passphrase.secret.text() == ""
    assert not first.back.isVisible()


def test_leaving_before_the_key_was_typed_back_removes_the_vault(
    qtbot, first: FirstRun, world: World, path: Path
) -> None:
    to_key(qtbot, first)
    stay = press("Cancel")
    first.close()
    assert first.isVisible() and stay.seen and ("abandon", path, "the vault") not in world.done
    leave = press("Remove and leave")
    with qtbot.waitSignal(first.left):
        first.close()
    assert leave.seen and world.done[-1] == ("abandon", path, "the vault") and first.vault is None


def test_leaving_later_keeps_the_vault(qtbot, first: FirstRun, world: World) -> None:
    to_end(qtbot, first)
    with qtbot.waitSignal(first.left):
        first.close()
    assert first.vault == "the vault" and [deed[0] for deed in world.done] == ["create", "save"]


def test_leaving_at_the_start_asks_nothing(qtbot, first: FirstRun, world: World) -> None:
    with qtbot.waitSignal(first.left):
        first.close()
    assert world.done == []


def test_a_weak_passphrase_is_not_taken(qtbot, first: FirstRun, world: World) -> None:
    go(qtbot, first)
    for weak, said in (("short", "Too short"), ("password1234", "Easy to guess"), ("samsamsamsam", "Easy to guess")):
        first.passphrase.forget()
        qtbot.keyClicks(first.passphrase.secret.edit, weak)
        qtbot.keyClicks(first.passphrase.again.edit, weak)
        go(qtbot, first)
        assert first.notice.words.text().startswith(said)
    assert world.done == []


def test_two_different_passphrases_are_refused(qtbot, first: FirstRun, world: World) -> None:
    go(qtbot, first)
    qtbot.keyClicks(first.passphrase.secret.edit, SECRET)
    qtbot.keyClicks(first.passphrase.again.edit, SECRET + "x")
    go(qtbot, first)
    assert "differ" in first.notice.words.text() and world.done == []


def test_the_suggested_words_can_be_taken_and_are_strong_enough(qtbot, first: FirstRun) -> None:
    go(qtbot, first)
    words = first.passphrase.words.text()
    assert len(words.split()) == 3
    qtbot.mouseClick(first.passphrase.other, Qt.MouseButton.LeftButton)
    assert first.passphrase.words.text() != words
    qtbot.mouseClick(first.passphrase.use, Qt.MouseButton.LeftButton)
    assert first.passphrase.secret.text() == first.passphrase.words.text()
    assert strength.judge(first.passphrase.secret.text()).is_enough


def test_a_vault_that_cannot_be_made_is_said_and_the_step_stays(qtbot, first: FirstRun, world: World) -> None:
    world.error = VaultError("The folder cannot be written: choose another place.")
    go(qtbot, first)
    qtbot.keyClicks(first.passphrase.secret.edit, SECRET)
    qtbot.keyClicks(first.passphrase.again.edit, SECRET)
    go(qtbot, first)
    qtbot.waitUntil(lambda: first.notice.isVisible())
    assert "cannot be written" in first.notice.words.text() and first.step == 1 and first.vault is None


def test_a_place_that_is_taken_is_refused(qtbot, first: FirstRun, path: Path) -> None:
    path.mkdir()
    go(qtbot, first)
    assert "is there already" in first.notice.words.text() and first.step == 0
    path.rmdir()
    go(qtbot, first)
    assert first.step == 1


def test_the_folder_is_chosen_and_the_ending_added(qtbot, first: FirstRun, tmp_path: Path) -> None:
    messages.answers = [tmp_path / "elsewhere"]
    qtbot.mouseClick(first.place.browse, Qt.MouseButton.LeftButton)
    assert first.place.path() == tmp_path / "elsewhere" / "Joint desk.oicdesk"
    first.place.edit.setText(str(tmp_path / "Norfolk"))
    assert first.place.path() == tmp_path / "Norfolk.oicdesk"


def test_no_step_has_a_nameless_widget(qtbot, first: FirstRun) -> None:
    first.key.show_key(KEY)
    for step in range(5):
        first._go(step)
        assert problems(first) == []


def test_there_are_enough_short_plain_words() -> None:
    words = strength._words()
    assert len(words) >= 2000 and len(set(words)) == len(words)
    assert all(4 <= len(word) <= 6 and word.isascii() and word.islower() for word in words)
