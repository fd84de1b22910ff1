from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QVBoxLayout, QWidget

from oicdesk.errors import VaultError
from oicdesk.machine import Machine
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.main_window import MainWindow, Page, StatusLine
from oicdesk.ui.parts import Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.status_bar import backup_words
from tests.ui.accessibility import problems
from tests.ui.dialogs import when_asked


class Note(Page):
    """A page that notes what the window asks of it."""

    def __init__(self, title: str, tables: str = "", holds: tuple[str, int] | None = None) -> None:
        super().__init__()
        self.title, self.icon_name, self.tables = title, "inbox", frozenset(tables.split())
        self.holds, self.read, self.shown = holds, [], []
        self.box = QLineEdit()
        self.box.setAccessibleName(f"Find in {title}")
        QVBoxLayout(self).addWidget(self.box)
        self.added = []
        self.act(f"Add to {title}", lambda: self.added.append(title), "Ctrl+N")

    def refresh(self) -> None:
        self.read.append(self.force)

    def first_focus(self) -> QWidget:
        return self.box

    def show_item(self, kind: str, id: int) -> bool:
        self.shown.append((kind, id))
        return (kind, id) == self.holds


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine.json")


@pytest.fixture
def locked() -> list[str]:
    return []


def make(qtbot, machine: Machine, locked: list[str], **more) -> MainWindow:
    pages = [
        Note("Home"),
        Note("Queue", "referral person", ("referral", 7)),
        Note("Documents", "document"),
        Note("Settings"),
    ]
    window = MainWindow(
        pages,
        marking="OFFICIAL-SENSITIVE",
        vault_name="Joint desk",
        status=more.pop("status", lambda: StatusLine(datetime(2026, 11, 23, 10, 42, tzinfo=UTC), None, 1204)),
        on_lock=lambda: locked.append("locked"),
        machine=machine,
        **more,
    )
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


@pytest.fixture
def window(qtbot, machine: Machine, locked: list[str]) -> MainWindow:
    return make(qtbot, machine, locked)


CTRL = Qt.KeyboardModifier.ControlModifier


def key(qtbot, window: MainWindow, which: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget() or window, which, modifier)


def test_the_first_page_is_shown_and_read_once(window: MainWindow) -> None:
    assert window.page.title == "Home" and window.page.read == ["Joint"]
    assert [page.read for page in window.pages[1:]] == [[], [], []]


def test_numbers_go_to_pages_and_nought_to_the_settings(qtbot, window: MainWindow) -> None:
    for which, title in (
        (Qt.Key.Key_2, "Queue"),
        (Qt.Key.Key_3, "Documents"),
        (Qt.Key.Key_0, "Settings"),
        (Qt.Key.Key_1, "Home"),
    ):
        key(qtbot, window, which, CTRL)
        assert window.page.title == title
        assert window.page.box.hasFocus()
        assert window.rail.current().text() == title


def test_in_large_text_the_rail_leaves_most_of_a_small_window_to_the_page(qtbot, machine, locked, qapp) -> None:
    theme.apply(qapp, "light", 200)
    window = make(qtbot, machine, locked)
    window.resize(1280, 720)
    assert window.rail.width() < 1280 / 4
    for place in window.rail.findChildren(QAbstractButton):
        assert place.visibleRegion().isEmpty() or place.visibleRegion().boundingRect().width() == place.width()
    place = next(button for button in window.rail.findChildren(QAbstractButton) if button.text() == "Documents")
    qtbot.mouseClick(place, Qt.MouseButton.LeftButton)
    assert window.page.title == "Documents"


def test_words_to_choose_from_take_as_many_lines_as_the_room_asks_for(qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    parts = Segments("Part of the page", ["Due for review", "Holds", "Requests", "Corrections"], "Holds")
    column.addWidget(parts)
    column.addStretch(1)
    page.resize(900, 400)
    page.show()
    one_line = parts.height()
    page.resize(250, 400)
    qtbot.waitUntil(lambda: parts.height() >= 2 * one_line)
    buttons = parts.findChildren(QAbstractButton)
    assert all(parts.rect().contains(button.geometry()) for button in buttons)
    qtbot.mouseClick(buttons[3], Qt.MouseButton.LeftButton)
    assert parts.current().text() == "Corrections"


def test_a_click_on_the_rail_goes_there(qtbot, window: MainWindow) -> None:
    place = next(button for button in window.rail.findChildren(QAbstractButton) if button.text() == "Documents")
    qtbot.mouseClick(place, Qt.MouseButton.LeftButton)
    assert window.page.title == "Documents"


def test_a_commit_refreshes_the_visible_page_now_and_hidden_ones_when_shown(qtbot, window: MainWindow) -> None:
    _, queue, documents, _ = window.pages
    window.show_page(queue)
    window.notify(frozenset({"referral", "activity"}))
    assert len(queue.read) == 2
    window.notify(frozenset({"document"}))
    assert len(queue.read) == 2 and documents.read == []
    window.show_page(documents)
    assert len(documents.read) == 1
    window.show_page(queue)
    assert len(queue.read) == 2


def test_the_scope_is_chosen_by_click_or_arrow_and_told_to_each_page_before_it_reads(qtbot, window: MainWindow) -> None:
    suffolk = next(b for b in window.segments.findChildren(QAbstractButton) if b.text() == "Suffolk")
    qtbot.mouseClick(suffolk, Qt.MouseButton.LeftButton)
    assert window.scope == "Suffolk" and window.page.read == ["Joint", "Suffolk"]
    qtbot.keyClick(suffolk, Qt.Key.Key_Right)
    assert window.scope == "Norfolk" and window.page.read[-1] == "Norfolk"
    window.show_page(window.pages[1])
    assert window.page.read == ["Norfolk"]


def test_f5_reads_again(qtbot, window: MainWindow) -> None:
    key(qtbot, window, Qt.Key.Key_F5)
    assert len(window.page.read) == 2


def test_f6_goes_round_the_panes_and_back(qtbot, window: MainWindow) -> None:
    def focus() -> str:
        return QApplication.focusWidget().accessibleName() or QApplication.focusWidget().text()

    seen = []
    for _ in range(3):
        key(qtbot, window, Qt.Key.Key_F6)
        seen.append(focus())
    assert seen == ["Home", "Force scope: Joint", "Find in Home"]
    key(qtbot, window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert focus() == "Force scope: Joint"


def test_a_page_can_ask_for_an_item_of_another_page(qtbot, window: MainWindow) -> None:
    window.page.open_requested.emit("referral", 7)
    assert window.page.title == "Queue" and window.page.read == ["Joint"]
    assert not window.open_item("referral", 8)
    assert window.page.title == "Queue"


def test_a_pages_shortcut_works_only_on_that_page(qtbot, window: MainWindow) -> None:
    key(qtbot, window, Qt.Key.Key_N, CTRL)
    key(qtbot, window, Qt.Key.Key_2, CTRL)
    key(qtbot, window, Qt.Key.Key_N, CTRL)
    assert [page.added for page in window.pages[:3]] == [["Home"], ["Queue"], []]


def test_f1_lists_the_keys_of_the_window_and_of_the_page(qtbot, window: MainWindow) -> None:
    listed: list[str] = []

    def read(dialog: QDialog) -> None:
        listed.extend(words.text() for words in dialog.findChildren(Words))
        dialog.reject()

    answer = when_asked(read)
    key(qtbot, window, Qt.Key.Key_F1)
    assert answer.seen == "Keys"
    for words in ("Lock", "Ctrl+L", "Add to Home", "Ctrl+N", "Go to Settings", "Ctrl+0", "Shift+F10"):
        assert words in listed
    assert "Add to Queue" not in listed


def test_scope_and_size_are_remembered_and_the_page_is_the_one_asked_for_else_the_first(
    qtbot, window: MainWindow, machine: Machine, locked: list[str]
) -> None:
    window.resize(800, 560)  # the screen of the tests is 800 wide
    window.set_scope("Norfolk")
    window.show_page(window.pages[2])
    window.close()
    again = make(qtbot, Machine(machine.file), locked, begin_at="Documents")
    assert (again.page.title, again.scope, again.page.read) == ("Documents", "Norfolk", ["Norfolk"])
    assert (again.width(), again.height()) == (800, 560)
    assert make(qtbot, Machine(machine.file), locked).page.title == "Home"


def test_ctrl_l_hides_everything_and_locks_once(qtbot, window: MainWindow, locked: list[str]) -> None:
    key(qtbot, window, Qt.Key.Key_L, CTRL)
    window.lock()
    assert not window.isVisible()
    qtbot.waitUntil(lambda: locked == ["locked"])


def test_the_lock_button_locks(qtbot, window: MainWindow, locked: list[str]) -> None:
    qtbot.mouseClick(window.lock_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: locked == ["locked"])


def test_locking_closes_an_open_dialog_before_the_vault_is_closed(qtbot, window: MainWindow, locked: list[str]) -> None:
    order: list[str] = []
    answer = when_asked(lambda dialog: window.idle.session_locked(True))
    order.append("refused" if not messages.confirm(window, "Send?", "To one officer.", "Send") else "sent")
    order.extend(locked)
    qtbot.waitUntil(lambda: locked == ["locked"])
    assert answer.seen and order == ["refused"]


def test_locking_stops_a_running_job_first(qtbot, window: MainWindow, locked: list[str]) -> None:
    ended: list[list[str]] = []

    def work(progress: jobs.Progress) -> None:
        try:
            while True:
                progress(0.1)
        except jobs.Cancelled:
            ended.append(list(locked))
            raise

    jobs.run(window, work, title="Import", done=lambda _: None)
    window.lock()
    qtbot.waitUntil(lambda: locked == ["locked"])
    assert ended == [[]]


def test_the_foot_says_saved_backup_lock_and_records(qtbot, window: MainWindow) -> None:
    window.idle.tick()
    foot = window.foot
    assert (foot.saved.text(), foot.backup.text(), foot.records.text()) == (
        "Saved 10:42",
        "No backup yet",
        "1,204 records",
    )
    assert foot.lock.text() == "Locks in 10 min"
    foot.show_left(42)
    assert foot.lock.text() == "Locks in 42 s"
    foot.show_left(-1)
    assert foot.lock.text() == "Locks only when told"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=5), "Backup just now"), (timedelta(minutes=5), "Backup 5 minutes ago"),
        (timedelta(hours=1), "Backup 1 hour ago"), (timedelta(hours=23), "Backup 23 hours ago"),
        (timedelta(days=1), "Backup 1 day ago"), (timedelta(days=9), "Backup 9 days ago"),
    ],
)  # fmt: skip
def test_the_age_of_a_backup_in_words(age: timedelta, words: str) -> None:
    now = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
    assert backup_words(now - age, now) == words


def test_a_vault_error_while_reading_is_shown_and_the_page_is_tried_again(qtbot, window: MainWindow) -> None:
    page = window.pages[1]

    def fail() -> None:
        raise VaultError("The disk does not answer: check its cable, then press F5.")

    page.refresh = fail
    window.show_page(page)
    assert window.notice.isVisible() and "disk does not answer" in window.notice.words.text()
    del page.refresh
    key(qtbot, window, Qt.Key.Key_F5)
    assert not window.notice.isVisible() and page.read == ["Joint"]


@pytest.mark.parametrize(("scheme", "percent"), [("light", 100), ("dark", 200), ("contrast", 80)])
def test_nothing_in_the_window_is_nameless(qtbot, qapp, machine, locked, scheme: str, percent: int) -> None:
    theme.apply(qapp, scheme, percent)
    window = make(qtbot, machine, locked)
    assert problems(window) == []
    assert window.marking.text() == "OFFICIAL-SENSITIVE"


def test_the_problems_finder_finds_a_nameless_box_and_button(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(QLineEdit())
    from PySide6.QtWidgets import QPushButton

    column.addWidget(QPushButton())
    named = QLineEdit()
    named.setAccessibleName("Find")
    column.addWidget(named)
    assert len(problems(window)) == 2


def test_the_marking_can_change(window: MainWindow) -> None:
    window.set_marking("OFFICIAL")
    assert window.marking.text() == "OFFICIAL"
