"""Comparing with an outside list on the page: what is on both, what on one, and what a person says of the doubtful."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from oicdesk.documents.records import figures
from oicdesk.documents.sheet import take_over
from oicdesk.machine import Machine
from oicdesk.referrals import records, records_reconcile
from oicdesk.referrals.page_reconcile import ReconcilePage
from oicdesk.referrals.page_sides import PARTS
from oicdesk.referrals.records_outside import contacts
from oicdesk.referrals.records_reconcile import OutsideRow
from oicdesk.referrals.sheet_contacts import OutsideListImport
from oicdesk.referrals.sheet_import import ContactsImport
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from oicdesk.ui import jobs, messages
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.referrals import pages
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

desk, vault = desks.desk, desks.vault
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
DOUBTFUL, THEIRS, OURS, BOTH, ESTIMATE = PARTS


def row(line, ref=None, minutes=0, *, force="Suffolk", collar="PC 7191", **more):
    return OutsideRow(line, CONTACT + hours(minutes / 60), force, ref, None, collar, **more)


class _Commits(QObject):
    told = Signal(object)


class Screen:
    """The page by a user's keys and clicks."""

    def __init__(self, desk, qtbot, folder):
        self.desk, self.qtbot = desk, qtbot
        self.page = ReconcilePage(desk.vault, now=lambda: NOW, machine=Machine(folder / "machine.json"))
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        desk.vault.on_commit = commits.told.emit
        self.opened, self.steps = [], UndoList(self.page)
        self.page.step_done.connect(self.steps.add)
        self.page.open_requested.connect(lambda kind, id: self.opened.append((kind, id)))
        qtbot.addWidget(self.page)
        self.page.resize(880, 620)
        self.page.show()
        self.page.refresh()
        self.front()

    def front(self):
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)
        self.page.first_focus().setFocus()

    def part(self, name):
        buttons = self.page.parts.findChildren(type(self.page.parts.current()))
        self.qtbot.mouseClick(buttons[PARTS.index(name)], Qt.MouseButton.LeftButton)
        self.page.table.setFocus()

    def key(self, key):
        self.qtbot.keyClick(self.page.table, key)

    def counts(self):
        return self.page.counts

    def shown(self):
        return "\n".join(pages.words(self.page))

    def answer(self, **values):
        """Fill in the next form and press its verb."""

        def act(dialog):
            dialog.form.set_values(dialog.form.values() | values)
            self.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

        in_dialog(act)


@pytest.fixture
def mixed(desk):
    """Three referrals and a list of four: one matched, one doubtful, two only theirs."""
    desk.add(nccu_ref="NCCU 1", incident_ref="A")
    desk.add(nccu_ref="NCCU 2", incident_ref="B", officer_collar="PC 2")
    desk.add(incident_ref="C", officer_collar="PC 3", contact_at=CONTACT - hours(72))
    rows = [row(4, "nccu/1", 3), row(5, "NCCU5", 9, collar="PC 2"), row(6, "NCCU6", collar="PC 6"),
            row(7, collar="DC 7", force="Norfolk")]  # fmt: skip
    desk.do(records_reconcile.write, rows, file_name="nccu.xlsx", file_sha256="", total=4, now=NOW)
    return desk


@pytest.fixture
def screen(mixed, qtbot, tmp_path):
    screen = Screen(mixed, qtbot, tmp_path)
    yield screen
    screen.page.hide()


def states(desk):
    return {one.line: (one.state, one.decision) for one in desk.ask(contacts, 1)}


def test_before_any_list_the_page_says_what_a_list_is_for(desk, qtbot, tmp_path):
    screen = Screen(desk, qtbot, tmp_path)
    assert "denominator is self-declared" in screen.shown()
    assert screen.page.first_focus().text() == "Import a list…"


def test_the_parts_are_counted_and_the_pair_stands_side_by_side_with_its_reason(screen):
    assert screen.counts() == {DOUBTFUL: 1, THEIRS: 2, OURS: 2, BOTH: 1}
    text = screen.shown()
    assert "Same force and officer as OIC-2026-0002, 9 minutes apart, but the references differ." in text
    assert "Their list, line 5" in text and "Here, OIC-2026-0002" in text
    assert "9 min apart" in text and "differs" in text
    screen.part(BOTH)
    assert "same, written differently" in screen.shown()
    assert problems(screen.page) == []


def test_a_accepts_and_the_decision_is_taken_back_by_u(screen):
    screen.key(Qt.Key.Key_A)
    assert states(screen.desk)[5] == ("matched", "accepted")
    assert screen.page.done.words.text() == "Line 5 is OIC-2026-0002: accepted as the same contact."
    assert screen.desk.log()[-2]["operation"] == "combination"
    assert screen.page.parts.words()[:4] == ["Doubtful  0", "Only theirs  2", "Only ours  1", "Both  2"]
    screen.part(BOTH)
    screen.page.table.selectRow(1)
    assert "Accepted by Sam Ashby" in screen.shown()
    screen.key(Qt.Key.Key_U)
    assert states(screen.desk)[5] == ("doubtful", None)


def test_r_refuses_with_a_reason_only(screen):
    def act(dialog):
        screen.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
        assert dialog.form.refusal_beside("reason")
        dialog.form.set_values({"reason": "another stop"})
        screen.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

    in_dialog(act)
    screen.key(Qt.Key.Key_R)
    assert states(screen.desk)[5] == ("only theirs", "refused")
    screen.front()
    assert screen.counts()[THEIRS] == 3


def test_n_records_contacts_that_are_only_theirs_and_u_takes_an_untouched_one_back(screen):
    screen.part(THEIRS)
    screen.page.table.selectAll()
    assert screen.page.decisions.record_button.text() == "Record 2 as referrals"
    screen.key(Qt.Key.Key_N)
    assert [state for state, _ in states(screen.desk).values()] == ["matched", "doubtful", "matched", "matched"]
    assert screen.counts()[THEIRS] == 0
    screen.part(BOTH)
    screen.page.table.selectRow(1)
    case = screen.page.chosen.referral_id
    screen.desk.do(records.edit, case, {"team": "Ipswich"}, now=NOW + hours(1))
    screen.key(Qt.Key.Key_U)
    assert "was worked on since, so it stays" in screen.page.problem.words.text()
    screen.page.table.selectRow(2)
    screen.key(Qt.Key.Key_U)
    assert "has left the register" in screen.page.done.words.text()
    assert states(screen.desk)[7] == ("only theirs", None)


def test_d_dismisses_with_a_reason_that_stays_beside_the_contact(screen):
    screen.part(THEIRS)
    screen.answer(reason="a test call")
    screen.key(Qt.Key.Key_D)
    assert states(screen.desk)[6] == ("only theirs", "dismissed")
    assert "dismissed by Sam Ashby: a test call" in screen.page.table.rows.sentence(0)
    assert not screen.page.decisions.record_button.isVisible()


def test_every_decision_is_a_step_that_is_undone_and_done_again(screen):
    screen.part(THEIRS)
    screen.page.table.selectAll()
    screen.key(Qt.Key.Key_N)
    entries = len(screen.desk.log())
    screen.steps.undo()
    assert screen.counts() == {DOUBTFUL: 1, THEIRS: 2, OURS: 2, BOTH: 1}
    assert len(screen.desk.log()) > entries
    screen.steps.redo()
    assert screen.counts()[BOTH] == 3
    assert screen.steps.lines() == [("Record 2 contacts of the list", "can be taken back")]


def test_the_case_is_opened_in_the_queue(screen):
    screen.key(Qt.Key.Key_O)
    screen.part(OURS)
    screen.key(Qt.Key.Key_Return)
    assert screen.opened == [("referral", 2), ("referral", 3)]


def test_only_ours_is_narrowed_to_the_days_of_the_list(screen):
    screen.part(OURS)
    screen.page.within.setChecked(True)
    assert screen.counts()[OURS] == 1
    assert [one.reference for one in screen.page._rows[OURS]] == ["OIC-2026-0002"]


def test_the_scope_narrows_every_part(screen):
    screen.page.scope_changed("Norfolk")
    screen.page.refresh()
    assert screen.counts() == {DOUBTFUL: 0, THEIRS: 1, OURS: 0, BOTH: 0}


def test_the_estimate_stands_with_its_caveat_and_the_denominator(screen):
    screen.part(ESTIMATE)
    text = screen.page.estimate.text()
    assert "reconciled with nccu.xlsx on Mon 23 Nov 2026" in text
    assert "an estimated 1.5 contacts were missed by both" in text
    assert "It is an indication, not a count." in text
    assert screen.desk.ask(figures, as_at=NOW)["denominator"] in text


def test_comparing_again_changes_nothing_and_the_whole_list_can_be_taken_back(screen, qtbot):
    entries = len(screen.desk.log())
    qtbot.mouseClick(screen.page.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: screen.page.done.words.text() == "Compared again: nothing changed.")
    assert len(screen.desk.log()) == entries
    messages_answer(qtbot, screen)
    qtbot.waitUntil(lambda: screen.page.whole.currentIndex() == 0)
    assert "No list has been compared yet" in screen.shown()
    assert screen.steps.lines()[0] == (
        "Take nccu.xlsx back", "cannot be taken back: import the list anew to have it again"
    )  # fmt: skip


def messages_answer(qtbot, screen):
    in_dialog(lambda dialog: qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton))
    qtbot.mouseClick(screen.page.back_button, Qt.MouseButton.LeftButton)


def test_a_decision_on_a_large_list_that_is_cancelled_changes_nothing(screen, qtbot, monkeypatch):
    monkeypatch.setattr("oicdesk.referrals.page_decide._LARGE", 1)
    busy, entries = threading.Event(), len(screen.desk.log())
    # The one worker is kept busy until the cancel is pressed.
    jobs.run(screen.page, lambda _progress: busy.wait(5), title="x", done=lambda _: None, quiet=True)
    screen.key(Qt.Key.Key_A)
    dialog = next(one for one in QApplication.topLevelWidgets() if one.property("working") and one.isVisible())
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    busy.set()
    qtbot.waitUntil(lambda: screen.page.problem.words.text() == "Cancelled; nothing was changed.")
    assert states(screen.desk)[5] == ("doubtful", None)
    assert len(screen.desk.log()) == entries


def test_a_large_list_is_decided_behind_a_window(screen, qtbot, monkeypatch):
    monkeypatch.setattr("oicdesk.referrals.page_decide._LARGE", 1)
    screen.key(Qt.Key.Key_A)
    qtbot.waitUntil(lambda: "accepted" in screen.page.done.words.text())
    assert states(screen.desk)[5] == ("matched", "accepted")


def test_an_export_carries_the_marking_and_is_logged_as_a_disclosure(screen, tmp_path):
    def act(dialog):
        dialog.form.set_values({"recipient": "DI Hart", "purpose": "weekly brief", "format": ".csv"})
        messages.answers = [tmp_path / "out.csv"]
        screen.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

    in_dialog(act)
    screen.qtbot.mouseClick(screen.page.export_button, Qt.MouseButton.LeftButton)
    lines = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "OFFICIAL-SENSITIVE"
    assert lines[2].startswith("5,NCCU5,")
    entry = screen.desk.log()[-1]
    assert (entry["operation"], entry["recipient"]) == ("disclosure", "DI Hart")


def test_no_word_of_the_page_urges_to_refer(screen):
    for name in PARTS:
        screen.part(name)
        assert "refer " not in screen.shown().lower()


def test_both_samples_show_203_matched_27_only_theirs_and_59_only_ours(desk, qtbot, tmp_path):
    def take(kind, name):
        sheet = read(SAMPLES / name, limits=kind.limits)
        run = kind.prepare(sheet, propose(sheet, kind.targets, None), lambda *_: None)
        kind.write(run, all_or_nothing=False, apply_updates=False, progress=lambda *_: None)

    take(ContactsImport(desk.vault, lambda: NOW, take_over), "control-room-extract.csv")
    take(OutsideListImport(desk.vault, lambda: NOW), "nccu-contact-list.xlsx")
    screen = Screen(desk, qtbot, tmp_path)
    assert screen.counts() == {DOUBTFUL: 0, THEIRS: 27, OURS: 59, BOTH: 203}
    assert "Both  203" in screen.page.parts._group.buttons()[3].text()


def test_a_list_begins_at_the_part_where_something_waits_and_stays_where_it_was_turned(desk, qtbot, tmp_path):
    desk.add(nccu_ref="NCCU 1")
    only_theirs = [row(4, "NCCU5", 9, collar="PC 44")]
    desk.do(records_reconcile.write, only_theirs, file_name="one.xlsx", file_sha256="", total=1, now=NOW)
    screen = Screen(desk, qtbot, tmp_path)
    assert PARTS[screen.page.part] == "Only theirs"
    assert "1 contact of this list" in screen.shown() and "It covers 16 November 2026." in screen.shown()
    screen.part("Only ours")
    screen.page.refresh()
    assert PARTS[screen.page.part] == "Only ours"
