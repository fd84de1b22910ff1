"""Taking submissions and outcomes back: what the register, the cases, the figures and the log say then."""

import pytest

from oicdesk.documents import records, records_drafts, records_undo, rules
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.errors import Refused
from oicdesk.referrals import rules as referral_rules
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
    desk.do(records_undo.put_back, document, cases[0], now=NOW)
    assert [row.id for row in desk.ask(records.documents, cases[0])] == [document]
    assert desk.row(cases[0]).status == referral_rules.SUBMITTED


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
