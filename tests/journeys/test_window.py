"""The program as it is started: the card, the window of a real vault, the lock and the way back."""

from PySide6.QtCore import Qt

from oicdesk.app import Desk
from oicdesk.machine import Machine
from oicdesk.referrals import records_people
from oicdesk.settings.records import change_settings
from oicdesk.ui.main_window import MainWindow
from oicdesk.ui.unlock import Unlock
from oicdesk.vault.vault import Vault
from tests import desks
from tests.desks import NOW, PASSPHRASE

desk, vault = desks.desk, desks.vault


def unlocked(qtbot, program):
    """Type the passphrase on the card; the window that it opens."""
    card = program.shown
    assert isinstance(card, Unlock)
    card.activateWindow()
    qtbot.keyClicks(card.secret.edit, PASSPHRASE)
    qtbot.keyClick(card.secret.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(program.shown, MainWindow))
    window = program.shown
    qtbot.waitActive(window)
    return window


def test_the_desk_opens_follows_a_setting_locks_and_opens_where_it_was_left(desk, qtbot, tmp_path):
    case = desk.add()
    uncertain = {"label": "Driver", "categories": {"suspect"}, "may_be_under_18": True}
    desk.do(records_people.add_person, case, uncertain, now=NOW)
    path = desk.vault.path
    desk.vault.close()
    program = Desk(Machine(tmp_path / "machine.json"))
    program.start(path)
    window = unlocked(qtbot, program)
    assert window.page.title == "Home"
    opened: Vault = program._vault

    def is_marked():
        with opened.reading() as session:
            return session.get_one(records_people.Referral, case).safeguarding_incomplete

    assert is_marked()
    with opened.changing() as session:
        change_settings(session, {"uncertain_age_is_child": False, "marking": "OFFICIAL"}, at=NOW)
    qtbot.waitUntil(lambda: not is_marked())
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.page.title == "Queue")
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(program.shown, Unlock))
    assert program._vault is None and list(path.parent.rglob("*backup*"))
    assert unlocked(qtbot, program).page.title == "Queue"
    program.leave()
    program.shown.close()
