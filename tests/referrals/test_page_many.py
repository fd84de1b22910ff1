"""Several referrals at once, by what a user does: choosing, the bar, the result, one undo."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oicdesk.referrals import records, records_chasers, rules
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.referrals import pages
from tests.ui.accessibility import problems
from tests.ui.dialogs import press, when_asked

desk, vault, screen = desks.desk, desks.vault, pages.screen
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def three(desk):
    """Two that await their document and one that is closed, in the view of all."""
    made = [desk.add(contact_at=CONTACT + hours(n), incident_ref=f"S-{n}") for n in range(3)]
    desk.accepted(made[2], CONTACT + hours(9))
    desk.do(records.close, made[2], at=CONTACT + hours(20))
    return made


@pytest.fixture
def undo(screen) -> UndoList:
    steps = UndoList(screen.page)
    screen.page.step_done.connect(steps.add)
    return steps


def choose_all(screen):
    screen.front()
    screen.page.views.choose("all")
    screen.page.table.setFocus()
    screen.page.table.selectRow(0)
    for _ in range(2):
        screen.key(Key.Key_Down, SHIFT)
    screen.qtbot.waitUntil(screen.page.many.isVisible)


def test_the_bar_comes_with_the_second_row_and_tells_how_many(three, screen):
    screen.choose(three[0])
    assert not screen.page.many.isVisible()
    choose_all(screen)
    assert screen.page.many.count.text() == "3 chosen"
    assert [button.text() for button in screen.page.many.buttons] == [
        "Chase…", "Snooze…", "Assign a team…", "Ask to exempt…", "Mark duplicates…",
    ]  # fmt: skip
    assert problems(screen.page) == []
    assert screen.page.panes()[1] is screen.page.many.buttons[0], "F6 goes to the bar"
    screen.page.table.selectRow(0)
    screen.qtbot.waitUntil(lambda: not screen.page.many.isVisible())


def test_a_snooze_of_three_lists_two_changed_one_left_and_why_and_one_undo_restores_all(three, desk, screen, undo):
    choose_all(screen)
    answer = press("Snooze them")
    screen.press("Snooze…")
    assert answer.seen == "Snooze 3 referrals"
    assert screen.page.stack.currentWidget() is screen.page.many_result
    told = pages.words(screen.page.many_result)
    assert "Snoozed: 2 of 3 referrals." in told and "Ctrl+Z takes all of it back in one step." in told
    assert "OIC-2026-0003" in told and "Nothing is waiting for this case, so there is nothing to snooze." in told
    assert "OIC-2026-0001, OIC-2026-0002" in told
    screen.page.refresh()
    assert screen.page.stack.currentWidget() is screen.page.many_result, "reading again does not hide what was done"
    assert undo.lines()[0] == ("Snooze 2 referrals", "can be taken back")
    undo.undo()
    assert screen.page.stack.currentWidget() is not screen.page.many_result
    screen.page.refresh()
    screen.page.views.choose("needs_document")
    assert screen.rows() == ["OIC-2026-0001", "OIC-2026-0002"]
    undo.redo()
    screen.page.refresh()
    assert screen.rows() == []


def test_all_are_chased_by_whoever_is_next_and_the_list_says_that_it_left_the_desk(three, desk, screen, undo):
    choose_all(screen)
    answer = press("Record the chasers", {"channel": "e-mail"})
    screen.press("Chase…")
    assert answer.seen == "Record chasers for 3 referrals"
    assert [len(desk.ask(records_chasers.chasers, case)) for case in three] == [1, 1, 0]
    assert "it is not taken back" in screen.page.many_result.way_back.text()
    assert undo.lines()[0] == ("Record chasers for 2 referrals", "cannot be taken back: it left the desk")


def test_a_team_an_exemption_and_duplicates_are_given_to_all(three, desk, screen, undo):
    choose_all(screen)
    answer = press("Assign the team", {"team": "Leiston"})
    screen.press("Assign a team…")
    assert answer.seen and {desk.row(case).team for case in three} == {"Leiston"}
    undo.undo()
    assert {desk.row(case).team for case in three} == {"Ipswich Response"}
    choose_all(screen)
    answer = press("Ask for the exemptions", {"reason": "other_force", "why": "Essex."})
    screen.press("Ask to exempt…")
    assert answer.seen == "Ask to exempt 3 referrals"
    undo.undo()
    choose_all(screen)
    answer = press("Mark them", {"reason": "Same call."})
    screen.press("Mark duplicates…")
    assert answer.seen == "Mark 3 referrals as duplicates"
    assert desk.row(three[1]).duplicate_of == three[0]
    assert desk.row(three[0]).status == rules.AWAITING_DOCUMENT


def test_a_team_that_the_desk_knows_is_offered_and_not_typed_again(three, desk, screen):
    desk.do(records.edit, three[1], {"team": "Leiston Response"}, now=NOW)
    choose_all(screen)

    def act(dialog):
        screen.qtbot.keyClicks(dialog.form.widget("team"), "leis")
        for key in (Key.Key_Down, Key.Key_Return):
            screen.qtbot.keyClick(QApplication.activePopupWidget(), key)
        pages.button(dialog, "Assign the team").click()

    answer = when_asked(act)
    screen.press("Assign a team…")
    assert answer.seen and {desk.row(case).team for case in three} == {"Leiston Response"}


def test_where_none_can_be_changed_the_form_stays_and_says_why(three, screen):
    screen.page.views.choose("done")
    screen.page.table.selectAll()
    seen = []

    def act(dialog):
        pages.button(dialog, "Snooze them").click()
        seen.extend(pages.words(dialog))
        dialog.give_up()

    answer = when_asked(act)
    screen.page.many.show_count(1, screen.page._desk)
    screen.page.many.snooze()
    assert answer.seen and any("None of them can be changed. OIC-2026-0003: Nothing is waiting" in t for t in seen)


def test_the_deeds_stand_in_the_context_menu_and_among_the_commands(three, screen):
    listed = [action.text() for action in screen.page.listed_actions()]
    assert "Snooze all that are chosen…" in listed
    menu = screen.page.table.context_menu()
    assert "Chase all that are chosen…" in [action.text() for action in menu.actions()]
    menu.deleteLater()


def test_choosing_one_case_after_a_result_shows_it(three, screen):
    choose_all(screen)
    answer = press("Snooze them")
    screen.press("Snooze…")
    assert answer.seen
    screen.front()
    screen.page.table.setFocus()
    screen.key(Key.Key_Home)
    screen.qtbot.waitUntil(lambda: screen.page.stack.currentWidget() is screen.page.case)
    assert QApplication.focusWidget() is screen.page.table
