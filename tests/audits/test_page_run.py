"""The review by the keyboard alone, case after case; the second one blind; what was typed survives anything."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oicdesk.audits import records, records_checklists, records_findings, records_results, records_review, rules
from oicdesk.audits.page_audit import FINDINGS, RESULTS, SECOND
from oicdesk.audits.records_review import FIRST
from oicdesk.audits.records_review import SECOND as SECOND_ROUND
from oicdesk.audits.rules_review import CANNOT_DETERMINE, MET, NOT_APPLICABLE, NOT_MET, PARTLY_MET
from oicdesk.ui import theme
from tests.audits import makers, pages
from tests.audits.makers import NOW, PASSPHRASE, REVIEWERS
from tests.audits.pages import cells, seen
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

room, screen = makers.room, pages.screen
Key = Qt.Key


@pytest.fixture
def run(room, screen):
    """The review of a frozen audit of three cases, begun by the keyboard; the clock shows 10:42."""
    room.cases(3)
    screen.now = NOW.replace(hour=10, minute=42)
    row = room.audit()
    screen.page.show_audit(row.id)
    assert QApplication.focusWidget().text() == "Begin the review"
    screen.key(Key.Key_Space)
    assert screen.page.run.isVisible()
    return screen.page.run


def given(room, run, round=FIRST):
    """The answers of the case on the page as they are in the vault, the desk's left out."""
    found = room.ask(records_review.answers, run.row.id, round, [run.case.id])[run.case.id]
    return {number: row for number, row in found.items() if not row.is_automatic}


def test_a_whole_audit_is_answered_without_the_mouse(room, run, screen):
    assert (run.at.text(), run.progress.text()) == ("1 of 3", "0 of 3 answered in full")
    presses = 0
    while "every case is answered" not in run.saved.text():
        held = run.number in run.answers[run.case.id]
        if not held:
            screen.key(Key.Key_3 if (run.place, run.number) == (1, 8) else Key.Key_1)
            assert run.saved.text() == "saved 10:42"
        screen.key(Key.Key_Return)
        presses += 1
        assert presses < 100
    state = room.ask(records_review.progress, run.row.id)
    assert state.is_complete and run.progress.text() == "3 of 3 answered in full"
    assert (run.at.text(), given(room, run)[20].answer) == ("3 of 3", MET)
    second = room.ask(records_review.review_order, run.row.id)[1]
    assert room.ask(records_review.answers, run.row.id, FIRST)[second][8].answer == NOT_MET
    screen.key(Key.Key_Escape)
    assert "3 of 3 cases answered in full" in screen.page.overview.standing.text()


def test_fifty_four_cases_are_answered_by_two_keys_each(room, screen):
    room.cases(120)
    short = [{"text": "It exists", "automatic": "document_exists"}, {"text": "The marking is right", "mandatory": True}]
    checklist = room.do(records_checklists.record_version, "Two questions", short, now=NOW)
    row = room.audit(checklist_id=checklist)
    screen.page.show_audit(row.id)
    screen.key(Key.Key_Space)
    run = screen.page.run
    for place in range(1, 55):
        assert (run.at.text(), run.number) == (f"{place} of 54", 2)
        screen.key(Key.Key_1 if place % 9 else Key.Key_4)
        screen.key(Key.Key_Return)
    assert run.saved.text() == "The last case; every case is answered in full."
    assert room.ask(records_review.progress, row.id).is_complete
    screen.key(Key.Key_Escape)
    assert "54 of 54 cases answered in full" in screen.page.overview.standing.text()
    found = room.ask(records_results.results, row.id).overall
    assert (found.successes, found.n, found.population) == (48, 54, 120)


def test_each_key_gives_its_answer_and_the_newest_holds(room, run, screen):
    for key, answer in ((Key.Key_1, MET), (Key.Key_2, PARTLY_MET), (Key.Key_3, NOT_MET), (Key.Key_4, CANNOT_DETERMINE)):
        screen.key(key)
        assert given(room, run)[run.number].answer == answer
        assert run.questions.hasFocus()
    assert room.ask(records.audit, run.row.id).status == rules.IN_REVIEW


def test_not_applicable_asks_for_its_reason_first(room, run, screen):
    number = run.number
    screen.key(Key.Key_N)
    assert QApplication.focusWidget() is run.panel.boxes["reason"]
    screen.key(Key.Key_Return)
    assert given(room, run) == {}
    screen.key(Key.Key_N)
    screen.keys("Nothing was shared")
    screen.key(Key.Key_Return)
    held = given(room, run)[number]
    assert (held.answer, held.reason) == (NOT_APPLICABLE, "Nothing was shared")
    assert run.questions.hasFocus()


def test_comment_and_evidence_are_typed_without_the_mouse_and_kept_with_the_answer(room, run, screen):
    number = run.number
    screen.key(Key.Key_2)
    screen.key(Key.Key_C)
    screen.keys("1 of 4 pages only")
    screen.key(Key.Key_Escape)
    assert run.isVisible() and run.questions.hasFocus()
    screen.key(Key.Key_E)
    screen.keys("page 4")
    screen.key(Key.Key_Return)
    held = given(room, run)[number]
    assert (held.answer, held.comment, held.evidence) == (PARTLY_MET, "1 of 4 pages only", "page 4")


def test_the_evidence_chip_names_the_document(room, run, screen):
    screen.key(Key.Key_1)
    assert run.panel.chip.text().startswith("IR-")
    run.panel.chip.click()
    assert given(room, run)[run.number].evidence == run.panel.chip.text()


def test_a_follow_up_is_asked_only_after_the_answers_that_it_follows(room, run, screen):
    run.questions.select_id(4)
    screen.key(Key.Key_1)
    assert run.panel.boxes["follow_up"].isHidden()
    screen.key(Key.Key_3)
    assert run.panel.follow_up_words.text() == "Which marking should it carry?"
    run.panel.boxes["follow_up"].setFocus()
    screen.keys("OFFICIAL")
    screen.key(Key.Key_Return)
    assert given(room, run)[4].follow_up == "OFFICIAL"


def test_what_the_desk_knows_stands_answered_with_its_reason_and_can_be_answered_otherwise(room, run, screen):
    run.questions.select_id(1)
    assert "Answered by the desk: The register holds a submitted document" in run.panel.held.words.text()
    assert cells(run.questions)[0][1] == "Met"
    screen.key(Key.Key_4)
    assert run.panel.held.isHidden() and given(room, run)[1].answer == CANNOT_DETERMINE


def test_facts_of_document_and_case_help_and_name_nobody(room, run, screen):
    told = seen(run.panel)
    assert "IR-" in told and "What the register says" in told
    for name in ("MARSH", "Jo", "7191", "Ipswich Response"):
        assert name not in told
    assert problems(screen.page) == []


def test_page_keys_walk_the_cases_also_out_of_a_box(room, run, screen):
    first = run.case.item
    screen.key(Key.Key_C)
    screen.key(Key.Key_PageDown)
    assert run.at.text() == "2 of 3" and run.questions.hasFocus()
    screen.key(Key.Key_PageUp)
    assert run.case.item == first
    screen.key(Key.Key_PageUp)
    assert run.at.text() == "1 of 3"


def test_going_on_after_an_answer_is_a_choice_that_is_remembered(room, run, screen):
    run.go_on.click()
    run.questions.setFocus()
    number = run.number
    screen.key(Key.Key_1)
    assert run.number == number + 1
    screen.open()
    assert screen.page.run.go_on.isChecked()


def test_a_crash_costs_no_letter_that_was_typed(room, run, screen):
    number, item = run.number, run.case.item
    screen.key(Key.Key_PageDown)
    screen.key(Key.Key_C)
    screen.keys("half a thou")
    page = screen.page
    screen.open()  # the first window is simply gone: nothing of it was left, closed or saved
    again = screen.page.run
    screen.page.show_audit(run.row.id)
    screen.page.review(FIRST)
    assert again.at.text() == "2 of 3" and again.case.item != item
    assert (again.number, again.panel.boxes["comment"].text()) == (number, "half a thou")
    screen.key(Key.Key_1)
    assert given(room, again)[number].comment == "half a thou"
    page.hide()


def test_a_lock_keeps_what_was_typed_with_its_answer(room, run, screen):
    number = run.number
    screen.key(Key.Key_2)
    screen.key(Key.Key_C)
    screen.keys("until the lock")
    audit_id, item = run.row.id, run.case.id
    screen.sign_in(PASSPHRASE)
    assert room.ask(records_review.answers, audit_id, FIRST)[item][number].comment == "until the lock"


def test_a_case_is_replaced_with_a_reason_and_the_review_goes_on(room, screen):
    room.cases(40)
    row = room.audit()
    screen.page.show_audit(row.id)
    screen.page.review(FIRST)
    run = screen.page.run
    out = run.case.item
    screen.press("Replace the case…")
    screen.type(reason="Held by another force")
    screen.submit()
    assert run.isVisible() and run.at.text() == "1 of 29" and run.case.replaces == out
    screen.key(Key.Key_Escape)
    assert ("1", run.case.item) == cells(screen.page.overview.sample)[0][:2]


def test_whoever_had_a_hand_in_a_case_is_told_and_refused(room, screen):
    case = room.cases(1, officer_name="ASHBY, Sam")[0]
    row = room.audit()
    screen.page.show_audit(row.id)
    assert room.row(case).reference in screen.page.overview.reviewer.words.text()
    screen.page.review(FIRST)
    run = screen.page.run
    assert "is the reporting officer" in run.barred.words.text()
    screen.key(Key.Key_1)
    assert "cannot review it" in run.panel.refusal.words.text() and given(room, run) == {}


def test_large_text_fits_the_width_of_a_small_window(room, screen, qapp):
    room.cases(2)
    row = room.audit()
    theme.apply(qapp, "light", 200)
    page = screen.open()
    page.show_audit(row.id)
    page.review(FIRST)
    screen.key(Key.Key_1)
    room_beside_the_rail = 1280 - 352
    assert page.minimumSizeHint().width() <= room_beside_the_rail
    page.plan()
    assert page.minimumSizeHint().width() <= room_beside_the_rail


# --- the second review ---


@pytest.fixture
def answered(room, screen):
    """An audit of three cases, the first review complete with one answer not met."""
    room.cases(3)
    row = room.audit()
    room.answer_all(row.id, but={(1, 8): NOT_MET})
    return row


def test_the_first_reviewer_cannot_do_the_second_review(answered, screen):
    screen.page.show_audit(answered.id)
    assert "done by another person under their own passphrase" in screen.why_not()
    assert "Begin the second review" not in screen.page.overview.steps.buttons()


def test_the_second_review_is_blind_until_it_is_complete_and_then_compared(answered, room, screen):
    screen.sign_in(REVIEWERS)
    screen.page.show_audit(answered.id, RESULTS)
    assert "blind" in screen.page.results.why_not.words.text()
    screen.page.show_audit(answered.id)
    asked = press("Begin the second review")
    screen.press("Begin the second review")
    assert asked.seen
    run = screen.page.run
    assert run.isVisible() and run.round_pill.accessibleName() == "Second review, blind"
    assert {line[1] for line in cells(run.questions)} == {"Met", ""}  # the desk's own answers only
    assert run.panel.buttons[NOT_MET].isChecked() is False
    screen.key(Key.Key_1)
    assert room.ask(records_review.progress, answered.id, SECOND_ROUND).complete == 0
    room.answer_all(answered.id, SECOND_ROUND)
    screen.page.show_audit(answered.id, SECOND)
    (line,) = cells(screen.page.second.table)
    assert line[0] == "Waiting" and line[3].startswith("Not met") and line[4].startswith("Met")


def test_findings_of_the_first_reviewer_stay_hidden_from_the_second_until_they_are_done(answered, room, screen):
    room.do(records_findings.add_finding, answered.id, "Grades lack reasons", now=NOW, severity="High")
    screen.sign_in(REVIEWERS)
    screen.page.show_audit(answered.id, FINDINGS)
    assert "Grades lack reasons" not in seen(screen.page.findings)
    assert "second review is blind" in screen.page.findings.why.text()
    room.do(records_review.start_second_review, answered.id, now=NOW)
    room.answer_all(answered.id, SECOND_ROUND)
    screen.page.show_audit(answered.id, FINDINGS)
    assert "Grades lack reasons" in seen(screen.page.findings)


def test_a_difference_is_decided_with_grounds_and_all_three_answers_stay(answered, room, screen):
    screen.sign_in(REVIEWERS)
    room.do(records_review.start_second_review, answered.id, now=NOW)
    room.answer_all(answered.id, SECOND_ROUND)
    screen.sign_in(PASSPHRASE)
    screen.page.show_audit(answered.id)
    assert "1 difference waits for a decision" in screen.page.overview.standing.text()
    assert "1 difference between" in screen.why_not()
    screen.press("Decide where the two differ")
    screen.key(Key.Key_Return)
    screen.pick(answer="Partly met")
    screen.submit()
    assert "needed" in screen.form.form.refusal_beside("comment")
    screen.type(comment="The reason stands, but not for the second source")
    screen.submit()
    (line,) = cells(screen.page.second.table)
    assert line[0] == "Partly met" and line[3].startswith("Not met")
    assert problems(screen.page) == []
    screen.page.show_audit(answered.id)
    screen.press("Moderate the audit…")
    screen.submit()
    screen.page.show_audit(answered.id, RESULTS)
    part = screen.page.results
    assert "Cohen's kappa" in seen(part.agreement) and "Gwet's AC1" in seen(part.agreement)
    assert "1 document passes with a mandatory criterion only partly met" in part.method.text()
