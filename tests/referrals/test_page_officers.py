"""The Officers tool by a user's actions."""

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oicdesk.referrals import records_cover, records_officers, records_teams
from oicdesk.referrals.page_officers import OfficersPage
from oicdesk.ui import theme
from oicdesk.ui.undo import UndoList
from oicdesk.vault.vault import APPROVER
from tests import desks
from tests.desks import APPROVERS, NOW
from tests.referrals.pages import words
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

desk, vault = desks.desk, desks.vault
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
TODAY = date(2026, 11, 23)


@pytest.fixture
def page(desk, qtbot):
    made = OfficersPage(desk.vault, now=lambda: NOW)
    desk.vault.on_commit = lambda tables: made.refresh() if made.tables & tables else None
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.refresh()
    made.first_focus().setFocus()
    yield made
    desk.vault.on_commit = None


def key(qtbot, which, modifier=Qt.KeyboardModifier.NoModifier):
    if QApplication.focusWidget() is None:  # a dialog has just closed
        next(one for one in QApplication.topLevelWidgets() if isinstance(one, OfficersPage)).activateWindow()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    qtbot.keyClick(QApplication.focusWidget(), which, modifier)


def names(page):
    rows = page.directory.table.rows
    return [rows.row(place).name for place in range(rows.rowCount())]


def test_an_empty_directory_says_how_it_fills(page):
    assert page.directory.table._empty.isVisible() and not page.directory.edit_button.isEnabled()


def test_an_officer_is_added_by_keyboard_and_shown_with_their_history(desk, page, qtbot):
    answer = press("Add the officer", {"force": "Suffolk", "name": "Jo Marsh", "collar": "pc7191", "team": "Ipswich"})
    key(qtbot, Qt.Key.Key_N, CTRL)
    assert answer.seen == "Add an officer" and names(page) == ["Jo Marsh"]
    told = words(page.directory.detail)
    assert "Jo Marsh, PC 7191" in told and "from 23 Nov 2026, added" in told
    assert page.said.words.text() == "Jo Marsh is in the directory."


def test_a_move_an_absence_and_leaving_are_recorded_and_shown(desk, page, qtbot):
    desk.add(supervisor="PS Vale")
    assert page.show_item("officer", 1)
    answers = [press("Record the move", {"team": "Norwich Response"})]
    key(qtbot, Qt.Key.Key_M, CTRL)
    answers.append(press("Record the absence", {"to_on": TODAY + timedelta(7)}))
    key(qtbot, Qt.Key.Key_A, CTRL | SHIFT)
    row = desk.ask(records_officers.officer_rows, [1], TODAY)[0]
    assert (row.team, row.not_there) == ("Norwich Response", "away until 30 November 2026")
    told = words(page.directory.detail)
    assert "Norwich Response, supervisor PS Vale" in told and "Ipswich Response, supervisor PS Vale" in told
    page.directory.back_button.click()
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].not_there == ""
    answers.append(press("Record it"))
    page.directory.leave_button.click()
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].not_there == "left on 23 November 2026"
    assert page.directory.leave_button.text() == "Record that they are back"
    page.directory.leave_button.click()
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].left_on is None


@pytest.fixture
def undo(page):
    """The window's list, connected to the page as the window does it."""
    steps = UndoList(page)
    page.step_done.connect(steps.add)
    steps.said = []
    steps.told.connect(lambda _went_well, sentence: steps.said.append(sentence))
    return steps


def test_what_was_recorded_of_an_officer_is_taken_back_step_by_step_and_done_again(desk, page, undo):
    desk.add()
    assert page.show_item("officer", 1)

    def stands():
        row = desk.ask(records_officers.officer_rows, [1], TODAY)[0]
        return row.team, row.rank, row.not_there

    answers = [press("Save the entry", {"rank": "PS"})]
    page.directory.edit_button.click()
    answers.append(press("Record the move", {"team": "Norwich Response"}))
    page.directory.move_button.click()
    answers.append(press("Record the absence"))
    page.directory.away_button.click()
    page.directory.back_button.click()
    answers.append(press("Record it"))
    page.directory.leave_button.click()
    page.directory.leave_button.click()
    away, left = "away since 23 November 2026", "left on 23 November 2026"
    norwich, ipswich = "Norwich Response", "Ipswich Response"
    stood = [
        (norwich, "PS", left), (norwich, "PS", ""), (norwich, "PS", away), (norwich, "PS", ""), (ipswich, "PS", ""),
        (ipswich, "", ""),
    ]  # fmt: skip
    for expected in stood:
        logged = len(desk.log())
        undo.undo()
        assert stands() == expected, undo.said
        assert len(desk.log()) > logged, "each undo is in the log"
    for expected in [*reversed(stood[:-1]), (norwich, "PS", "")]:
        undo.redo()
        assert stands() == expected, undo.said


def test_a_rename_and_a_cover_are_taken_back_and_an_added_entry_says_why_it_stays(desk, page, undo):
    desk.vault.add_user("Alex Fenn", APPROVER, APPROVERS)
    desk.add()
    page.refresh()
    answers = [press("Rename the team", {"team": ("Suffolk", "Ipswich Response"), "new": "Ipswich Patrol"})]
    page.teams.rename_button.click()
    answers.append(press("Record the cover", {"deputy": "Alex Fenn"}))
    page.cover.add_button.click()
    page.cover.end_button.click()
    answers.append(press("Add the officer", {"force": "Suffolk", "name": "Ada Reed"}))
    page.directory.add_button.click()
    assert undo.lines()[0] == (
        "Add Ada Reed to the directory",
        "cannot be taken back: an entry stays in the directory; correct it, or record that they left",
    )
    undo.undo()
    assert desk.ask(records_cover.cover_now, TODAY).startswith("Alex Fenn covers")
    undo.undo()
    assert desk.ask(records_cover.cover_now, TODAY) == ""
    undo.undo()
    assert desk.ask(records_teams.rename_rows) == []
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].team == "Ipswich Response"
    undo.redo()
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].team == "Ipswich Patrol"


def test_enter_corrects_and_a_refusal_stays_beside_its_box(desk, page, qtbot):
    desk.add()
    page.refresh()
    refused = []

    def act(dialog):
        dialog.form.set_values({"email": "jo"})
        dialog.submit()
        refused.append(dialog.form.refusal_beside("email"))
        dialog.form.set_values({"email": "jo@suffolk.example"})
        dialog.submit()

    from tests.ui.dialogs import when_asked

    answer = when_asked(act)
    key(qtbot, Qt.Key.Key_Return)
    assert answer.seen == "Correct MARSH, Jo, PC 7191" and "not one e-mail address" in refused[0]
    assert desk.ask(records_officers.officer_rows, [1], TODAY)[0].email == "jo@suffolk.example"


def test_the_filter_finds_by_any_word_and_escape_clears_it(desk, page, qtbot):
    desk.add()
    desk.add(officer_name="Ada Reed", team="Märkt")
    page.refresh()
    key(qtbot, Qt.Key.Key_F, CTRL)
    qtbot.keyClicks(page.directory.filter, "markt")
    qtbot.waitUntil(lambda: names(page) == ["Ada Reed"])
    key(qtbot, Qt.Key.Key_Escape)
    assert page.directory.table.hasFocus()
    qtbot.waitUntil(lambda: len(names(page)) == 2)


def test_an_officer_asked_for_is_shown_though_the_filter_hides_them(desk, page):
    desk.add()
    page.directory.filter.setText("nobody")
    page.directory.refresh()
    assert page.show_item("officer", 1) and page.directory.officer.name == "MARSH, Jo"
    assert not page.show_item("officer", 99) and not page.show_item("referral", 1)


def test_the_cases_of_an_officer_are_listed(desk, page, qtbot):
    desk.add()
    page.refresh()
    with qtbot.waitSignal(page.cases_requested) as asked:
        page.directory.cases_button.click()
    assert asked.args == ["PC 7191"]


def test_a_team_is_renamed_from_its_part(desk, page, qtbot):
    desk.add()
    answer = press("Rename the team", {"team": ("Suffolk", "Ipswich Response"), "new": "Ipswich Patrol"})
    key(qtbot, Qt.Key.Key_R, CTRL)
    assert answer.seen == "Rename a team" and page.part is page.teams
    assert page.said.words.text() == "Ipswich Response is Ipswich Patrol from 23 Nov 2026; 1 officer follows."
    assert [row.new for row in desk.ask(records_teams.rename_rows)] == ["Ipswich Patrol"]


def test_deputy_cover_is_recorded_told_and_ended(desk, page, qtbot):
    desk.vault.add_user("Alex Fenn", APPROVER, APPROVERS)
    answer = press("Record the cover", {"deputy": "Alex Fenn"})
    key(qtbot, Qt.Key.Key_D, CTRL)
    assert answer.seen == "Record a cover"
    sentence = "Alex Fenn covers for Sam Ashby until 30 November 2026."
    assert desk.ask(records_cover.cover_now, TODAY) == sentence
    assert desk.ask(records_cover.cover_now, TODAY + timedelta(7)) == sentence, "the last day is one of the cover"
    assert desk.ask(records_cover.cover_now, TODAY + timedelta(8)) == ""
    page.cover.end_button.click()
    assert desk.ask(records_cover.cover_now, TODAY) == "" and not page.cover.end_button.isEnabled()


@pytest.mark.parametrize(("scheme", "percent"), [("light", 100), ("dark", 200)])
def test_nothing_in_the_tool_is_nameless(desk, page, qapp, scheme, percent):
    desk.add()
    theme.apply(qapp, scheme, percent)
    page.refresh()
    assert problems(page) == []
