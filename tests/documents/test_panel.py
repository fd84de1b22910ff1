"""Submissions and grades by form: code and label together, nothing proposed, refusals beside their fields."""

import pytest
from PySide6.QtWidgets import QComboBox

from oicdesk.documents import records, rules
from oicdesk.ui import theme
from tests import desks
from tests.desks import NOW, hours
from tests.referrals import pages

desk, vault, screen = desks.desk, desks.vault, pages.screen

PARTS = list(rules.GRADE_PARTS)


@pytest.fixture
def case(desk):
    return desk.add()


@pytest.fixture
def form(case, screen):
    """The form of a submission for the case, opened."""
    screen.choose(case)
    screen.press("Record a submission…")
    return screen.form.form


def documents(desk, case):
    return desk.ask(records.documents, case)


def test_each_grade_part_has_a_box_of_its_own_with_code_and_label(form):
    boxes = [form.widget(part) for part in PARTS]
    assert all(isinstance(box, QComboBox) for box in boxes)
    texts = [[box.itemText(n) for n in range(1, box.count())] for box in boxes]
    assert texts[1][2] == "C – Known indirectly to the source"
    assert texts[2] == ["P – Lawful sharing permitted", "C – Lawful sharing permitted with conditions"]
    assert all(" – " in text for part in texts for text in part)


def test_no_grade_is_proposed(form):
    assert [form.widget(part).currentData() for part in PARTS] == [None] * 5


def test_conditions_and_codes_are_asked_for_only_with_handling_c(form, screen):
    asked = ["conditions", "action_code", "sanitisation_code"]
    assert not any(form.widget(name).isVisible() for name in asked)
    screen.pick(handling_code="C – Lawful sharing permitted with conditions")
    assert all(form.widget(name).isVisibleTo(form) for name in asked)
    assert not form.widget("usage").isVisibleTo(form)
    screen.pick(action_code="A3 – Overt action as owner specifies")
    assert form.widget("usage").isVisibleTo(form)


def test_handling_c_without_its_conditions_is_refused_beside_them(form, desk, case, screen):
    screen.pick(handling_code="C – Lawful sharing permitted with conditions")
    screen.submit()
    assert form.refusal_beside("conditions").startswith("Handling code C needs its conditions")
    assert documents(desk, case) == []


def test_what_was_typed_for_handling_c_does_not_go_with_handling_p(form, desk, case, screen):
    screen.pick(handling_code="C – Lawful sharing permitted with conditions")
    screen.pick(action_code="A1 – Combine or corroborate; ask originator before acting")
    screen.type(conditions="Only here.")
    screen.pick(handling_code="P – Lawful sharing permitted")
    screen.submit()
    grades = documents(desk, case)[0].grades
    assert (grades.handling_code, grades.action_code, grades.conditions) == ("P", None, "")


def test_recorded_grades_are_shown_with_code_and_label(form, screen):
    screen.type(reference="INT/26/1")
    screen.pick(source_evaluation="1 – Reliable", sanitisation_code="S2 – Consult originator")
    screen.pick(information_assessment="B – Known indirectly to the source but corroborated")
    screen.pick(handling_code="C – Lawful sharing permitted with conditions")
    screen.pick(action_code="A3 – Overt action as owner specifies")
    screen.type(conditions="Only here.", usage="Visits.")
    screen.submit()
    text = pages.words(screen.page.case.panels[0])
    for said in ("1 – Reliable", "B – Known indirectly to the source but corroborated", "S2 – Consult originator"):
        assert said in text
    assert "INT/26/1" in text


def test_a_submission_before_its_contact_is_warned_of_and_recorded(form, desk, case, screen):
    screen.type(reference="INT/26/1", submitted_at="15 Nov 2026")
    assert "before the contact" in screen.form.warning.words.text()
    screen.submit()
    assert len(documents(desk, case)) == 1
    assert "before the contact" in screen.told()


def test_a_document_above_official_sensitive_is_only_held_elsewhere(form, desk, case, screen):
    screen.type(reference="INT/26/1", author="MARSH, Jo")
    form.widget("held_elsewhere").click()
    assert not form.widget("reference").isVisible()
    assert not form.widget("source_evaluation").isVisible()
    screen.submit()
    row = documents(desk, case)[0]
    assert (row.held_elsewhere, row.reference, row.author, row.system) == (True, "", "", "")
    assert "Held elsewhere" in pages.words(screen.page.case.panels[0])


def test_who_submitted_their_own_document_is_its_author_without_being_typed_again(form, desk, case, screen):
    screen.type(reference="INT/26/1")
    screen.pick(submitted_by_reporting_officer="Yes")
    screen.submit()
    assert documents(desk, case)[0].author == desk.row(case).officer_name


def test_nothing_of_a_case_is_wider_than_its_pane(desk, case, screen):
    document = desk.submit(case, NOW - hours(9), reference="DEMO-IR-0000003")
    desk.do(records.reject, document, "Not about immigration crime.", at=NOW - hours(8))
    screen.show(case)
    pane = screen.page.case
    screen.page.list_and_case.setSizes([9000, 0])  # as narrow as it goes
    screen.qtbot.waitUntil(lambda: pane.width() <= theme.px(404))
    assert pane.widget().minimumSizeHint().width() <= pane.viewport().width()
    assert pane.widget().width() <= pane.viewport().width()


def test_the_reporting_officer_question_may_stay_unanswered(form, desk, case, screen):
    screen.submit()
    assert documents(desk, case)[0].submitted_by_reporting_officer is None


def test_an_older_document_stays_in_sight_beside_the_newest(desk, case, screen):
    first = desk.submit(case, NOW - hours(9), reference="INT/26/1")
    desk.do(records.reject, first, "Not intelligence.", at=NOW - hours(8))
    desk.submit(case, NOW - hours(7), reference="INT/26/2")
    screen.show(case)
    text = pages.words(screen.page.case.panels[0])
    assert text.index("INT/26/2") < text.index("INT/26/1")
    assert any("Not intelligence." in line for line in text)
    screen.press("Accept…")
    screen.submit()
    assert [row.outcome for row in documents(desk, case)] == ["ACCEPTED", "REJECTED"]
