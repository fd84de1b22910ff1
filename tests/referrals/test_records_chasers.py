"""Chasers as kept, and the next step that they lead to."""

from datetime import UTC, datetime

import pytest

from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import records_chasers as chasers
from oicdesk.referrals import rules
from oicdesk.referrals.records_case import read_case
from oicdesk.referrals.records_queue import Queue, timeline
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault
DUE = CONTACT + hours(24)


def next_step(desk, now):
    with desk.vault.reading() as session:
        (row,) = Queue(session, "all", now=now).page(0, 10)
    return row.next_action, row.next_at


def test_a_chaser_is_kept_with_its_addressee_its_event_and_its_log_entry(desk):
    case = desk.add(supervisor="PS Vale")
    desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=DUE + hours(1), result="on leave")
    desk.do(chasers.chase, case, rules.SUPERVISOR, "telephone", at=DUE + hours(2))
    newest, oldest = desk.ask(chasers.chasers, case)
    assert (oldest.to_name, oldest.channel, oldest.result) == ("MARSH, Jo", "e-mail", "on leave")
    assert oldest.by == "Sam Ashby"
    assert (newest.to_name, newest.result) == ("PS Vale", None)
    assert [e.kind for e in desk.ask(timeline, case)] == ["supervisor chased", "reporting officer chased", "status"]
    assert desk.log()[-1]["records"] == {"referral": [case], "chaser": [newest.id]}


def test_the_answer_to_a_chaser_is_added_later(desk):
    case = desk.add()
    chaser = desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=NOW)
    desk.do(chasers.answered, chaser, " Coming tonight. ", now=NOW)
    assert desk.ask(chasers.chasers, case)[0].result == "Coming tonight."
    for which, words in ((chaser, " "), (99, "x")):
        with pytest.raises(Refused) as refused:
            desk.do(chasers.answered, which, words, now=NOW)
        assert refused.value.field == "result"


@pytest.mark.parametrize(
    ("role", "channel", "field"), [("friend", "e-mail", "to_role"), (rules.OFFICER, "", "channel")]
)
def test_a_chaser_to_nobody_known_or_by_no_known_way_is_refused(desk, role, channel, field):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(chasers.chase, case, role, channel, at=NOW)
    assert refused.value.field == field


def test_nobody_is_chased_for_a_case_that_waits_for_nothing(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(1))
    with pytest.raises(Refused, match="nobody to chase"):
        desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=NOW)
    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + hours(2), now=NOW)
    assert desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=NOW)


def test_the_next_step_climbs_from_officer_to_supervisor_to_inspector(desk):
    case = desk.add()
    assert next_step(desk, DUE) == ("Await the document", DUE)
    late = DUE + hours(30)
    assert next_step(desk, late) == ("Chase the reporting officer", DUE + hours(24))
    desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=late)
    assert next_step(desk, late) == ("Chase the supervisor", DUE + hours(72))
    desk.do(chasers.chase, case, rules.SUPERVISOR, "e-mail", at=late)
    assert next_step(desk, late) == ("Tell the Detective Inspector", DUE + days(7))
    desk.do(chasers.chase, case, rules.INSPECTOR, "in person", at=late)
    assert next_step(desk, late) == ("Agree the next step with the Detective Inspector", None)


def test_a_reminder_before_the_due_time_is_no_step_of_the_ladder(desk):
    case = desk.add()
    desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=DUE - hours(1))
    assert next_step(desk, DUE + hours(30))[0] == "Chase the reporting officer"
    assert desk.ask(read_case, case, DUE + hours(30)).chased == frozenset()
    desk.do(chasers.chase, case, rules.OFFICER, "e-mail", at=DUE + hours(30))
    assert desk.ask(read_case, case, DUE + hours(31)).chased == {rules.OFFICER}


def test_a_returned_case_awaits_its_correction_by_the_end_of_the_third_working_day(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(1))
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    desk.do(documents.return_for_correction, document, "Two matters.", at=friday)
    wednesday = datetime(2026, 11, 25, 23, 59, 59, 999999, tzinfo=UTC)
    assert next_step(desk, NOW) == ("Await the correction", wednesday)


def test_other_states_say_what_moves_them_on(desk):
    case = desk.add(reason="status_enquiry")
    assert next_step(desk, NOW) == ("Decide whether it is in scope", None)
    from oicdesk.referrals import records

    desk.do(records.bring_into_scope, case, "A case.", at=CONTACT + hours(1))
    document = desk.submit(case, CONTACT + hours(2))
    assert next_step(desk, NOW)[0] == "Record what became of the document"
    desk.do(documents.accept, document, at=CONTACT + hours(3))
    assert next_step(desk, NOW)[0] == "Close the referral"
    desk.do(records.close, case, at=CONTACT + hours(4))
    assert next_step(desk, NOW)[0] == "None until the review"


def test_a_new_referral_says_which_facts_are_missing(desk):
    desk.add(reason=None, officer_name=None, officer_collar=None)
    words, when = next_step(desk, NOW)
    assert words == "Find out the contact reason and the reporting officer"
    assert when is None
