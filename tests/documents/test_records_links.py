"""One document for several contacts: the status of each follows, and a correction of what was recorded is kept."""

from datetime import date

import pytest

from oicdesk.documents import records, records_links, records_list
from oicdesk.documents.rules import CORRECTED, DocumentFacts, Grades
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules
from oicdesk.settings.records import change_settings
from tests import desks
from tests.desks import CONTACT, NOW, days, history, hours

desk, vault = desks.desk, desks.vault


def statuses(desk, *cases):
    return [desk.row(case).status for case in cases]


def test_a_further_contact_goes_where_the_document_stands(desk):
    one, other, third = desk.add(), desk.add(force="Norfolk"), desk.add()
    document = desk.submit(one, CONTACT + hours(3))
    assert desk.do(records.link, document, other, now=NOW) == []
    assert statuses(desk, one, other) == [rules.SUBMITTED, rules.SUBMITTED]
    assert desk.ask(history, other)[-1][0] == CONTACT + hours(3)
    desk.do(records.accept, document, at=CONTACT + hours(5))
    assert statuses(desk, one, other) == [rules.ACCEPTED, rules.ACCEPTED]
    desk.do(records.link, document, third, now=NOW)
    assert statuses(desk, third) == [rules.ACCEPTED]
    assert [at for at, _from, _to in desk.ask(history, third)][1:] == [CONTACT + hours(3), CONTACT + hours(5)]


def test_a_returned_document_brings_its_reason_along(desk):
    one, other = desk.add(), desk.add()
    document = desk.submit(one, CONTACT + hours(3))
    desk.do(records.return_for_correction, document, "Two matters.", at=CONTACT + hours(5))
    desk.do(records.link, document, other, now=NOW)
    assert statuses(desk, other) == [rules.RETURNED]
    desk.do(records.resubmit, document, at=CONTACT + hours(7))
    assert statuses(desk, one, other) == [rules.SUBMITTED, rules.SUBMITTED]


def test_a_rejected_contact_is_served_by_an_older_document_that_counts(desk):
    one, other = desk.add(), desk.add()
    good = desk.submit(one, CONTACT + hours(3))
    bad = desk.submit(other, CONTACT + hours(4))
    desk.do(records.reject, bad, "Not this.", at=CONTACT + hours(5))
    desk.do(records.link, good, other, now=NOW)
    assert statuses(desk, other) == [rules.SUBMITTED]
    with pytest.raises(Refused, match="rejected document serves no contact"):
        desk.do(records.link, bad, one, now=NOW)


def test_a_contact_that_is_closed_stays_so_when_a_document_is_linked(desk):
    one, other = desk.add(), desk.add()
    document = desk.submit(one, CONTACT + hours(3))
    desk.accepted(other, CONTACT + hours(3))
    desk.do(referrals.close, other, at=CONTACT + hours(9))
    desk.do(records.link, document, other, now=NOW)
    assert statuses(desk, other) == [rules.CLOSED]


def test_a_link_is_warned_of_refused_twice_and_logged_as_a_combination(desk):
    one, other = desk.add(), desk.add(contact_at=CONTACT + days(1))
    document = desk.submit(one, CONTACT + hours(3))
    (warning,) = desk.do(records.link, document, other, now=NOW)
    assert "before the contact" in warning
    with pytest.raises(Refused, match="already"):
        desk.do(records.link, document, other, now=NOW)
    assert {"document": [document], "referral": [other]} in [
        entry["records"] for entry in desk.log() if entry["operation"] == "combination"
    ]


@pytest.mark.parametrize("facts", [{"reason": None}, {"reason": "status_enquiry"}])
def test_a_contact_that_takes_no_document_yet_is_refused_in_a_sentence(desk, facts):
    document = desk.submit(desk.add(), CONTACT + hours(3))
    other = desk.add(**facts)
    with pytest.raises(Refused):
        desk.do(records.link, document, other, now=NOW)
    assert desk.ask(records.documents, other) == []


def test_a_link_of_an_accepted_document_is_taken_back_as_if_it_had_not_been(desk):
    document = desk.accepted(desk.add(), CONTACT + hours(3))
    case = desk.add(contact_at=CONTACT - hours(1))
    before = desk.row(case)
    desk.do(records.link, document, case, now=NOW)
    assert statuses(desk, case) == [rules.ACCEPTED]
    desk.do(records_links.take_back, document, case, since=NOW, now=NOW + hours(1))
    after = desk.row(case)
    assert (after.status, after.due_at, after.review_on) == (before.status, before.due_at, before.review_on)
    assert desk.ask(history, case) == [(before.contact_at, None, rules.AWAITING_DOCUMENT)]
    for as_at in (CONTACT + hours(5), NOW):
        assert desk.ask(records.figures, as_at=as_at)["coverage"]["submitted"] == 1


def test_an_older_document_can_be_returned_though_a_newer_one_is_there(desk):
    case = desk.add()
    first = desk.submit(case, CONTACT + hours(3))
    second = desk.do(records.enter, DocumentFacts(submitted_at=CONTACT + hours(5), reference="IR/2"), now=NOW)
    desk.do(records.link, second, case, now=NOW)
    desk.do(records.return_for_correction, first, "Two matters.", at=CONTACT + hours(8))
    assert [row.outcome for row in desk.ask(records.documents, case)] == ["SUBMITTED", "RETURNED"]
    assert statuses(desk, case) == [rules.SUBMITTED]  # it follows the newest document
    desk.do(records.accept, second, at=CONTACT + hours(9))
    assert statuses(desk, case) == [rules.ACCEPTED]


def test_corrected_facts_need_a_reason_and_leave_the_outcome_alone(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3), reference="IR/1")
    facts = desk.ask(records.facts_of, document)
    new = DocumentFacts(
        submitted_at=NOW, reference="IR/10", author="MARSH, Jo", created_on=date(2026, 11, 16), marking=facts.marking,
        grades=Grades("1", "A", "P"),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        desk.do(records.correct, document, new, " ", now=NOW)
    assert refused.value.field == "reason"
    changed = desk.do(records.correct, document, new, "Mistyped.", now=NOW)
    assert changed == [
        "reference", "author", "created_on", "source_evaluation", "information_assessment", "handling_code",
    ]  # fmt: skip
    (row,) = desk.ask(records.documents, case)
    assert (row.reference, row.submitted_at, row.outcome) == ("IR/10", CONTACT + hours(3), "SUBMITTED")
    assert (row.history[-1].kind, row.history[-1].reason) == (CORRECTED, "Mistyped.")
    assert desk.do(records.correct, document, new, "", now=NOW) == []
    with pytest.raises(Refused) as refused:
        desk.do(records.correct, document, DocumentFacts(grades=Grades(handling_code="C")), "Why.", now=NOW)
    assert refused.value.field == "conditions"


def test_a_correction_of_facts_does_not_stand_in_the_way_of_an_earlier_resubmission(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3))
    desk.do(records.return_for_correction, document, "Two.", at=CONTACT + hours(5))
    desk.do(records.correct, document, DocumentFacts(reference="IR/2"), "Mistyped.", now=NOW)
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    assert statuses(desk, case) == [rules.SUBMITTED]


def test_the_hours_between_a_contact_and_its_report_are_a_setting(desk):
    desk.add()
    report = records_list.ReportRow(2, CONTACT + hours(30), "IR/1", "MARSH, Jo", "PC 7191", "Suffolk")
    assert desk.ask(records_list.compare, [report])[0].state == "matched"
    desk.do(change_settings, {"document_window_hours": 24}, at=NOW)
    assert desk.ask(records_list.compare, [report])[0].state == "unmatched"
