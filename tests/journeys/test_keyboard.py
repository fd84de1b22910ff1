"""A day's list cleared with the keyboard alone: import, reconcile, chase, record, accept, close; and one undo."""

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication

from oicdesk.documents import records as documents
from oicdesk.documents.panel import DocumentsPanel
from oicdesk.documents.sheet import take_over
from oicdesk.machine import Machine
from oicdesk.referrals import records_chasers, rules
from oicdesk.referrals.page import QueuePage
from oicdesk.referrals.page_reconcile import ReconcilePage
from oicdesk.referrals.page_sides import PARTS
from oicdesk.referrals.records_views import counts
from oicdesk.sheets.form import ImportWizard
from oicdesk.ui import messages
from oicdesk.ui.main_window import MainWindow, StatusLine
from tests import desks
from tests.desks import NOW
from tests.ui.dialogs import in_dialog

desk, vault = desks.desk, desks.vault
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier

OURS = """Date,Time,Force,Call type,Officer,Collar no,CAD
16/11/2026,09:30,Suffolk,Person in custody,MARSH Jo,PC 7191,S-1
17/11/2026,10:30,Norfolk,Person in custody,BELL Lee,PC 812,N-2
"""
THEIRS = """NCCU reference,Date,Time,Force,Collar
NCCU/1,16/11/2026,09:31,Suffolk,PC 7191
NCCU/2,17/11/2026,10:31,Norfolk,PC 812
NCCU/3,18/11/2026,12:00,Suffolk,PC 44
"""


class _Commits(QObject):
    told = Signal(object)


class Keys:
    """The window, and an officer without a mouse."""

    def __init__(self, desk, qtbot, folder) -> None:
        self.desk, self.qtbot = desk, qtbot
        machine = Machine(folder / "machine.json")
        compare = ReconcilePage(desk.vault, now=lambda: NOW, machine=machine)
        self.page = QueuePage(
            desk.vault, now=lambda: NOW, panels=[DocumentsPanel], take_over=take_over, tools=[compare], machine=machine
        )
        self.compare = compare
        self.window = MainWindow(
            [self.page], marking="OFFICIAL", vault_name="Desk", status=StatusLine, on_lock=lambda: None,
            machine=machine,
        )  # fmt: skip
        commits = _Commits(self.window)
        commits.told.connect(self.window.notify, Qt.ConnectionType.QueuedConnection)
        desk.vault.on_commit = commits.told.emit
        qtbot.addWidget(self.window)
        self.window.show()
        self.front()
        self.page.first_focus().setFocus()

    def front(self) -> None:
        self.window.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)

    def press(self, key, modifier=NONE, times=1) -> None:
        for _ in range(times):
            self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def go_to(self, is_it, key=Key.Key_F6) -> None:
        """Press a key until the focus is where it is wanted."""
        for _ in range(80):
            focus = QApplication.focusWidget()
            if focus is not None and is_it(focus):
                return
            self.press(key)
        raise AssertionError(f"{key} never gets there; it is at {QApplication.focusWidget()}")

    def push(self, words, key=Key.Key_Tab) -> None:
        """Go to the button with these words and press it."""
        self.go_to(lambda focus: isinstance(focus, QAbstractButton) and focus.text() == words, key)
        self.press(Key.Key_Space)

    def act(self, words) -> None:
        """The case's next thing, by F6 to its pane, and the form it opens as it stands."""
        shown = self.page.case
        self.qtbot.waitUntil(lambda: shown.first_focus().text() == words, timeout=8000)
        self.push(words, Key.Key_F6)
        assert self.page.form is not None
        self.press(Key.Key_Return, CTRL)
        self.qtbot.waitUntil(lambda: self.page.form is None)

    def complete(self, reason) -> None:
        """Choose the contact reason that was missing, by its first letters."""
        self.qtbot.waitUntil(lambda: self.page.case.first_focus().text() == "Complete the facts…")
        self.push("Complete the facts…", Key.Key_F6)
        self.go_to(lambda focus: focus.objectName() == "reason", Key.Key_Tab)
        self.qtbot.keyClicks(QApplication.focusWidget(), reason)
        self.press(Key.Key_Return, CTRL)
        self.qtbot.waitUntil(lambda: self.page.form is None)
        self.settle()

    def import_file(self, path) -> None:
        """Ctrl+I, the file, and forward through the window until it says what was imported."""
        messages.answers = [path]
        done: list[object] = []

        def walk() -> None:
            wizard = next((one for one in QApplication.topLevelWidgets() if isinstance(one, ImportWizard)), None)
            busy = wizard is None or QApplication.activeModalWidget() is not wizard
            if busy or not wizard.isActiveWindow() or not wizard.forward.isEnabled():
                if not busy:
                    wizard.activateWindow()  # a screen does that itself when the window over it closes
                QTimer.singleShot(10, walk)
                return
            done.append(wizard.outcome)
            try:
                self.go_to(lambda focus: focus is wizard.forward, Key.Key_Tab)
            except AssertionError:
                wizard.reject()  # else the test would wait for ever
                raise
            self.press(Key.Key_Space)
            if done[-1] is None:
                QTimer.singleShot(10, walk)

        QTimer.singleShot(0, walk)
        self.press(Key.Key_I, CTRL)
        assert done[-1] is not None
        self.front()

    def settle(self) -> None:
        """Let the window hear of what was committed."""
        self.qtbot.wait(80)


@pytest.fixture
def keys(desk, qtbot, tmp_path) -> Keys:
    return Keys(desk, qtbot, tmp_path)


def test_a_days_list_is_cleared_with_the_keyboard_alone(desk, keys, tmp_path):
    page = keys.page
    (tmp_path / "ours.csv").write_text(OURS, encoding="utf-8")
    (tmp_path / "theirs.csv").write_text(THEIRS, encoding="utf-8")

    # import: two contacts
    keys.import_file(tmp_path / "ours.csv")
    keys.settle()
    assert page.model.rowCount() == 2

    # reconcile: the third contact is only on the outside list and becomes a referral
    keys.go_to(lambda focus: focus is page.views)
    keys.press(Key.Key_End)
    keys.press(Key.Key_Return)
    assert page.tool is keys.compare
    keys.import_file(tmp_path / "theirs.csv")
    keys.settle()
    assert keys.window.undo.lines()[0] == ("Import theirs.csv", "can be taken back")
    keys.go_to(lambda focus: keys.compare.parts.isAncestorOf(focus))
    while PARTS[keys.compare.part] != "Only theirs":
        keys.press(Key.Key_Right)
    keys.go_to(lambda focus: focus is keys.compare.table)
    keys.press(Key.Key_N)
    keys.settle()
    keys.front()
    keys.press(Key.Key_Escape)
    assert page.tool is None
    assert desk.ask(counts, now=NOW)["all"] == 3

    # chase: all of them at once
    keys.go_to(lambda focus: focus is page.table)
    keys.press(Key.Key_A, CTRL)
    keys.qtbot.waitUntil(page.many.isVisible)

    def chase(_dialog) -> None:
        keys.go_to(lambda focus: focus.objectName() == "channel", Key.Key_Tab)
        keys.press(Key.Key_Down)
        keys.press(Key.Key_Return, CTRL)

    in_dialog(chase)
    keys.push("Chase…", Key.Key_F6)
    keys.settle()
    assert [len(desk.ask(records_chasers.chasers, case)) for case in (1, 2, 3)] == [1, 1, 1]
    assert page.stack.currentWidget() is page.many_result

    # record, accept, close: one after the other
    keys.front()
    for left in (2, 1, 0):
        keys.go_to(lambda focus: focus is page.table)
        keys.press(Key.Key_Home)
        keys.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.case)
        if left == 0:  # the list from outside did not tell its reason
            keys.complete("Person")
        for words in ("Record a submission…", "Accept…", "Close…"):
            keys.act(words)
            keys.settle()
        assert desk.ask(counts, now=NOW)["needs_document"] == left
    assert {desk.row(case).status for case in (1, 2, 3)} == {rules.CLOSED}
    assert page.model.rowCount() == 0
    assert desk.ask(documents.figures, as_at=NOW)["coverage"]["submitted"] == 3

    # and the last step can be taken back
    keys.press(Key.Key_Z, CTRL)
    assert keys.window.undo_bar.words.text().startswith("Undone: close OIC-2026-000")
    assert sorted(desk.row(case).status for case in (1, 2, 3)) == [rules.ACCEPTED, rules.CLOSED, rules.CLOSED]


def test_an_import_is_taken_back_from_the_undo_list_but_for_what_was_worked_on(desk, keys, tmp_path):
    (tmp_path / "ours.csv").write_text(OURS, encoding="utf-8")
    keys.import_file(tmp_path / "ours.csv")
    keys.settle()
    assert keys.window.undo.lines() == [("Import ours.csv", "can be taken back")]
    desk.do(records_chasers.chase, 1, rules.OFFICER, "e-mail", at=NOW)
    # The clock stands still here, so what is done now is not after the import; on the desk it always is.
    with desk.vault.changing() as session:
        from oicdesk.referrals import records
        from oicdesk.vault import log

        records.get(session, 1).updated_at = NOW.replace(hour=13)
        log.record(session, log.ALTERATION, referral=1)
    keys.press(Key.Key_Z, CTRL)
    assert keys.window.undo_bar.words.text() == (
        "Undone: import ours.csv. 1 referral was taken back. Worked on since, and therefore kept: OIC-2026-0001."
    )
    keys.settle()
    assert keys.page.model.rowCount() == 1
