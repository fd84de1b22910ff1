"""Taking submissions and outcomes back: what the register, the cases, the figures and the log say then."""

import pytest

from oicdesk.documents import records, records_drafts, records_tell, records_undo, rules
from oicdesk.documents.rules import DocumentFacts
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.referrals.records_disclosures import Handing
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault
AT = CONTACT + hours(3)


def newest(desk, document):
    return desk.ask(records_undo.newest_outcome, document)


def take_back(desk, document):
    return desk.do(records_undo.take_back, newest(desk, document), now=NOW)


def test_an_acceptance_is_taken_back_and_another_time_can_be_given(desk):
    case = desk.add()
    document = desk.submit(case, AT)
    desk.do(records.accept, document, at=NOW - hours(1), now=NOW, assessor="Kit Lowe")
    assert take_back(desk, document) == ""
    (row,) = desk.ask(records.documents, case)
    assert (row.outcome, row.assessor, desk.row(case).status) == (referral_rules.SUBMITTED, None, "SUBMITTED")
    assert [event.kind for event in row.history] == [referral_rules.SUBMITTED, rules.TAKEN_BACK]
    assert rules.EVENT_WORDS[rules.TAKEN_BACK] == "Recorded by mistake, taken back"
    desk.do(records.accept, document, at=AT + hours(1), now=NOW)
    assert desk.row(case).status == referral_rules.ACCEPTED
    assert [entry["detail"] for entry in desk.log()].count("taken back") == 2


def test_a_rejection_that_is_taken_back_never_counted(desk):
    case = desk.add()
    document = desk.submit(case, AT)
    desk.do(records.reject, document, "Not ours.", at=CONTACT + hours(5))
    assert desk.ask(records.figures, as_at=CONTACT + days(2))["on_time"]["on_time"] == 0
    take_back(desk, document)
    assert desk.ask(records.figures, as_at=CONTACT + days(2))["on_time"]["on_time"] == 1


def test_a_submission_of_several_cases_leaves_all_of_them(desk):
    cases = [desk.add(), desk.add(contact_at=CONTACT + hours(1), incident_ref="S-2")]
    document = desk.submit(cases[0], AT)
    desk.do(records.link, document, cases[1], now=NOW)
    take_back(desk, document)
    assert {desk.row(case).status for case in cases} == {referral_rules.AWAITING_DOCUMENT}
    assert all(desk.ask(records.documents, case) == [] for case in cases)


def test_a_submission_that_is_put_back_serves_every_contact_again(desk):
    cases = [desk.add(), desk.add(contact_at=CONTACT + hours(1), incident_ref="S-2")]
    document = desk.submit(cases[0], AT)
    desk.do(records.link, document, cases[1], now=NOW)
    event = newest(desk, document)
    take_back(desk, document)
    desk.do(records_undo.put_back, event, cases, now=NOW)
    assert [[row.id for row in desk.ask(records.documents, case)] for case in cases] == [[document]] * 2
    assert {desk.row(case).status for case in cases} == {referral_rules.SUBMITTED}


def handed_out(desk, case, *names):
    draft = desk.do(records_drafts.begin, case, now=CONTACT)
    desk.do(records_drafts.autosave, draft, Draft("T", (Item("Text."),)))
    for name in names:
        desk.do(records_drafts.leave, draft, Handing(name, "briefing", "pdf"), now=CONTACT + hours(1))


def test_a_rejection_that_is_taken_back_leaves_nobody_to_tell_but_says_who_was_told(desk):
    case = desk.add()
    handed_out(desk, case, "DI Reed", "DS Hall")
    document = desk.submit(case, AT)
    desk.do(records.reject, document, "Not ours.", at=AT + hours(1), now=NOW)
    first, second = desk.ask(records_tell.tellings)
    desk.do(records_tell.tick, first.id, "Rang them.", now=NOW)
    assert take_back(desk, document) == "Told of it already, and to be told that it does not hold: DI Reed."
    assert desk.ask(records_tell.tellings) == []
    assert [row.recipient for row in desk.ask(records_tell.tellings, told=True)] == ["DI Reed"]
    assert {"document": [document], "disclosure_telling": [second.id]} in [entry["records"] for entry in desk.log()]
    desk.do(records.reject, document, "Not ours.", at=AT + hours(1), now=NOW + hours(1))
    assert len(desk.ask(records_tell.tellings)) == 2


def test_a_correction_of_facts_is_taken_back_with_those_it_listed_to_be_told(desk):
    case = desk.add()
    handed_out(desk, case, "DI Reed")
    document = desk.submit(case, AT, reference="IR/1")
    before = desk.ask(records.facts_of, document)
    desk.do(records.correct, document, DocumentFacts(reference="IR/10"), "Mistyped.", now=NOW)
    event, after = desk.ask(records_undo.newest_correction, document), desk.ask(records.facts_of, document)
    desk.do(records_undo.take_back_correction, event, before, after)
    assert desk.ask(records.facts_of, document) == before and desk.ask(records_tell.untold_count) == 0
    with pytest.raises(Refused, match="corrected again since"):
        desk.do(records_undo.take_back_correction, event, before, after)


def second_document(desk, case):
    """A further document of a case that has one already."""
    made = desk.do(records.enter, DocumentFacts(submitted_at=AT + hours(1), reference="IR/2"), now=NOW)
    desk.do(records.link, made, case, now=NOW)
    return made


def test_an_outcome_leaves_a_case_as_it_was_that_another_document_had_settled(desk):
    case, other = desk.add(), desk.add(incident_ref="S-2")
    desk.accepted(case, AT)
    desk.do(referrals.close, case, at=AT + hours(2), now=NOW)
    document = second_document(desk, other)
    desk.do(records.link, document, case, now=NOW)
    desk.do(records.accept, document, at=NOW, now=NOW + hours(1))
    assert (desk.row(case).status, desk.row(other).status) == (referral_rules.CLOSED, referral_rules.ACCEPTED)
    take_back(desk, document)
    assert (desk.row(case).status, desk.row(other).status) == (referral_rules.CLOSED, referral_rules.SUBMITTED)


@pytest.mark.parametrize("outcome", [records.accept, records.return_for_correction])
def test_a_rejection_leaves_a_case_where_its_other_document_stands_and_is_taken_back(desk, outcome):
    case = desk.add()
    first = desk.submit(case, AT)
    second = second_document(desk, case)
    why = [] if outcome is records.accept else ["Two matters."]
    desk.do(outcome, first, *why, at=AT + hours(2), now=NOW)
    assert desk.row(case).status == referral_rules.SUBMITTED
    desk.do(records.reject, second, "Not ours.", at=NOW, now=NOW + hours(1))
    assert desk.row(case).status == desk.ask(records.document, first).outcome
    take_back(desk, second)
    assert desk.row(case).status == referral_rules.SUBMITTED
    assert desk.ask(records.document, second).outcome == referral_rules.SUBMITTED


def test_a_case_follows_its_remaining_document_after_another_was_rejected(desk):
    case = desk.add()
    first = desk.submit(case, AT)
    second = second_document(desk, case)
    desk.do(records.reject, second, "Not ours.", at=AT + hours(2), now=NOW)
    assert desk.row(case).status == referral_rules.SUBMITTED
    coverage = desk.ask(records.figures, as_at=NOW)["coverage"]
    assert (coverage["submitted"], coverage["overdue"]) == (1, 0)
    desk.do(records.accept, first, at=NOW)
    assert desk.row(case).status == referral_rules.ACCEPTED


def test_a_refusal_names_the_case_among_several_that_the_document_serves(desk):
    case, other = desk.add(), desk.add(incident_ref="S-2")
    document = desk.submit(case, AT)
    desk.do(records.link, document, other, now=NOW)
    desk.do(records.return_for_correction, document, "Two matters.", at=NOW)
    desk.do(records.resubmit, document, at=NOW)
    with pytest.raises(Refused, match="OIC-2026-0001, which the document serves too: The last change of this case"):
        desk.do(records.accept, document, at=AT, now=NOW)


def test_what_changed_since_is_not_taken_back(desk):
    case = desk.add()
    document = desk.submit(case, AT)
    submitted = newest(desk, document)
    desk.do(records.return_for_correction, document, "Two matters.", at=AT + hours(1))
    with pytest.raises(Refused, match="The document has changed since"):
        desk.do(records_undo.take_back, submitted, now=NOW)
    assert desk.row(case).status == referral_rules.RETURNED


def test_a_draft_that_the_acceptance_purged_stays_purged_and_it_says_so(desk):
    case = desk.add()
    draft = desk.do(records_drafts.begin, case, now=CONTACT + hours(1))
    desk.do(records_drafts.autosave, draft, Draft("Lorry at the yard", (Item("Words"),)))
    document = desk.submit(case, AT)
    desk.do(records.accept, document, at=AT + hours(1))
    assert take_back(desk, document) == "The working draft that the acceptance purged stays purged."
