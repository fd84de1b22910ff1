"""The Activity page by what a user does: look, filter, check, export."""

import csv
import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox

from oicdesk.activity.page import LAW, ActivityPage
from oicdesk.ui import messages
from oicdesk.ui.parts import Words
from oicdesk.vault import log
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

from .conftest import forge, newest

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(worked, qtbot):
    page = ActivityPage(worked)
    qtbot.addWidget(page)
    page.resize(1104, 640)
    page.refresh()
    page.show()
    qtbot.waitExposed(page)
    return page


def shown(page):
    return [page.model.row(place).id for place in range(page.model.rowCount())]


def choose(box: QComboBox, words: str) -> None:
    place = box.findText(words)
    assert place >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)


def fill_export(qtbot, what=None, format="CSV, for a spreadsheet"):
    def act(dialog):
        qtbot.keyClicks(dialog.form.widget("recipient"), "HMICFRS")
        choose(dialog.form.widget("use"), "Self-monitoring")
        qtbot.keyClicks(dialog.form.widget("words"), "yearly audit")
        choose(dialog.form.widget("format"), format)
        if what:
            box = dialog.form.widget("what")
            choose(box, next(box.itemText(i) for i in range(box.count()) if box.itemText(i).startswith(what)))
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(act)


def test_the_page_says_what_the_law_allows_the_log_to_be_used_for(page):
    assert LAW in [words.text() for words in page.findChildren(Words) if words.isVisible()]


def test_entries_stand_newest_first_and_speak_as_a_sentence(page, worked):
    assert shown(page) == list(range(newest(worked), 0, -1))
    assert page.model.sentence(0).startswith(f"Entry {newest(worked)}, ")
    assert "consultation, referral 12, Purpose, note people of a referral." in page.model.sentence(0)


def test_the_model_keeps_the_rules_of_qt(page):
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    page.refresh()


def test_everything_that_the_keyboard_reaches_has_a_name(page):
    page.show_record("referral", 12)
    page.table.selectRow(0)
    assert problems(page) == []


def test_looking_and_filtering_leave_no_entry(page, worked):
    before = newest(worked)
    page.show_record("person", 12)
    page.table.selectRow(0)
    page.refresh()
    assert newest(worked) == before


def test_an_operation_is_chosen_and_everything_comes_back(page, qtbot):
    whole = shown(page)
    choose(page.operation, "Disclosure")
    assert len(shown(page)) == 1
    assert page.count.text() == f"1 of {len(whole)} entries"
    qtbot.mouseClick(page.clear, LEFT)
    assert shown(page) == whole
    assert page.operation.currentText() == "Any operation"


def test_a_text_is_found_when_it_is_typed(page, qtbot):
    qtbot.keyClicks(page.text, "weekly")
    qtbot.waitUntil(lambda: len(shown(page)) == 1)
    qtbot.keyClicks(page.text, "zzz")
    qtbot.keyClick(page.text, Qt.Key.Key_Return)
    assert shown(page) == []


def test_a_record_is_found_by_kind_and_number(page, qtbot):
    assert not page.number.isVisible()
    page.show_record("referral", 13)
    assert page.kind.currentText() == "Referral"
    qtbot.keyClick(page.number, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(page.number, "12")
    qtbot.keyClick(page.number, Qt.Key.Key_Return)
    assert {"referral 12", "referrals 12, 13"} == {
        page.model.index(place, 5).data() for place in range(page.model.rowCount())
    }


def test_a_day_that_the_calendar_has_not_is_refused_under_the_bar_and_the_table_stays(page, qtbot):
    whole = shown(page)
    qtbot.keyClicks(page.first.edit, "31/2/2026")
    qtbot.waitUntil(page.refusal.isVisible)
    assert "31/2/2026" in page.refusal.words.text()
    assert shown(page) == whole


def test_days_after_the_last_entry_find_nothing_and_the_empty_table_leads_back(page, qtbot):
    whole = shown(page)
    qtbot.keyClicks(page.first.edit, "1 Jan 2099")
    qtbot.waitUntil(lambda: shown(page) == [])
    qtbot.mouseClick(page.table._empty.button, LEFT)
    assert shown(page) == whole


def test_a_new_entry_appears_on_top_and_the_chosen_row_stays_chosen(page, worked):
    page.table.select_id(4)
    with worked.changing() as session:
        log.record(session, log.ALTERATION, referral=3)
    page.refresh()
    assert shown(page)[0] == newest(worked)
    assert page.table.selected_ids() == [4]
    assert page.head.toolTip() == str(worked.log_head())


def test_the_chosen_entry_is_told_whole_and_leads_to_its_record(page, qtbot, worked):
    page.show_record("referral", 3)
    page.table.selectRow(0)
    assert "disclosed referral 3; to DI Example; purpose: weekly brief" in page.entry.words.text()
    with qtbot.waitSignal(page.open_requested) as asked:
        qtbot.mouseClick(page.entry.open_record, LEFT)
    assert asked.args == ["referral", 3]
    page.show_all()
    page.table.select_id(newest(worked))
    qtbot.mouseClick(page.entry.same_record, LEFT)
    assert page.number.text() == "12"


def test_a_person_cannot_be_opened_from_the_log(page, qtbot):
    page.show_record("person", 40)
    page.table.selectRow(0)
    assert not page.entry.open_record.isVisible()
    with qtbot.assertNotEmitted(page.open_requested):
        qtbot.keyClick(page.table, Qt.Key.Key_Return)


def test_another_page_can_ask_for_an_entry_or_for_all_of_a_record(page):
    assert page.show_item("activity of referral", 13)
    assert page.model.rowCount() == 2
    assert page.show_item("activity", 2)
    assert page.table.selected_ids() == [2]
    assert not page.show_item("referral", 12)


def test_the_head_is_copied_whole(page, qtbot, worked):
    qtbot.mouseClick(page.copy_head, LEFT)
    assert QGuiApplication.clipboard().text() == str(worked.log_head())


# --- the proof ---


def test_a_whole_log_is_said_to_be_whole(page, qtbot, worked):
    qtbot.mouseClick(page.check_button, LEFT)
    qtbot.waitUntil(page.done.isVisible)
    assert f"{newest(worked)} entries, none altered" in page.done.words.text()
    assert not page.show_bad.isVisible()


def test_the_first_bad_entry_is_named_and_shown(page, qtbot, worked):
    forge(worked, "UPDATE activity SET purpose = 'other' WHERE id = 5")
    choose(page.operation, "Disclosure")
    qtbot.mouseClick(page.check_button, LEFT)
    qtbot.waitUntil(page.show_bad.isVisible)
    assert page.problem.words.text().startswith("Entry 5 of the log was altered after it was written.")
    qtbot.mouseClick(page.show_bad, LEFT)
    assert page.table.selected_ids() == [5]


def test_a_printed_head_that_is_not_in_the_log_is_found_out(page, qtbot, worked):
    head = f"{newest(worked)}:{'ab' * 32}"

    def act(dialog):
        qtbot.keyClicks(dialog.form.widget("head"), "12")
        qtbot.mouseClick(dialog.verb, LEFT)
        refusals.append(dialog.form.refusal_beside("head"))
        dialog.form.set_values({"head": head})
        qtbot.mouseClick(dialog.verb, LEFT)

    refusals: list[str] = []
    in_dialog(act)
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(page.problem.isVisible)
    assert "not a log head" in refusals[0]
    assert "not the one that was noted outside the vault" in page.problem.words.text()


def test_a_printed_head_that_is_in_the_log_is_confirmed(page, qtbot, worked):
    old = str(worked.log_head())
    with worked.changing() as session:
        log.record(session, log.ALTERATION, referral=3)

    def act(dialog):
        dialog.form.set_values({"head": f"{old[:40]} {old[40:]}\n"})
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(act)
    qtbot.mouseClick(page.compare, LEFT)
    qtbot.waitUntil(page.done.isVisible)
    assert "reaches back to the head that you gave" in page.done.words.text()


# --- export ---


def test_what_the_filter_shows_is_exported_and_logged_as_a_disclosure(page, qtbot, worked, tmp_path):
    page.show_record("referral", 12)
    expected = sorted(shown(page))
    target = tmp_path / "log.csv"
    messages.answers = [target]
    fill_export(qtbot, what="What the filter shows")
    steps = []
    page.step_done.connect(steps.append)
    qtbot.mouseClick(page.export_button, LEFT)
    qtbot.waitUntil(page.done.isVisible)
    assert [(step.words, step.why_not) for step in steps] == [("Export the log", "it left the desk")]
    rows = list(csv.reader(target.read_text(encoding="utf-8-sig").splitlines()))[2:]
    assert [int(row[0]) for row in rows] == expected
    page.refresh()
    page.show_all()
    entry = page.model.row(0)
    assert (entry.operation, entry.recipient, entry.purpose) == (
        log.DISCLOSURE, "HMICFRS", "self-monitoring: yearly audit",
    )  # fmt: skip
    assert f"{len(expected)} entries are in {target}" in page.done.words.text()


def test_a_name_without_its_ending_gets_the_format_that_was_chosen(page, qtbot, tmp_path):
    messages.answers = [tmp_path / "log"]
    fill_export(qtbot, format="JSON, provable alone")
    qtbot.mouseClick(page.export_button, LEFT)
    qtbot.waitUntil(page.done.isVisible)
    document = json.loads((tmp_path / "log.json").read_text(encoding="utf-8"))
    assert document["count"] == len(document["entries"])


def test_no_place_chosen_leaves_neither_file_nor_entry(page, qtbot, worked):
    before = newest(worked)
    messages.answers = [None]
    fill_export(qtbot)
    qtbot.mouseClick(page.export_button, LEFT)
    assert messages.answers == []
    assert newest(worked) == before


def test_a_folder_that_is_gone_is_told_in_a_sentence(page, qtbot, tmp_path):
    messages.answers = [tmp_path / "gone" / "log.csv"]
    fill_export(qtbot)
    qtbot.mouseClick(page.export_button, LEFT)
    qtbot.waitUntil(page.problem.isVisible)
    assert "does not exist" in page.problem.words.text()
