"""Referrals as kept: recording, numbering, correcting, moving, linking; each with its history and its log."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_duplicates, rules
from oicdesk.referrals.records_queue import facts_of, notes, timeline
from oicdesk.settings.records import change_settings
from oicdesk.vault import log
from tests import desks
from tests.desks import CONTACT, FACTS, NOW, days, history, hours

desk, vault = desks.desk, desks.vault

# --- recording ---


def test_a_complete_contact_awaits_its_document_for_24_hours(desk):
    case = desk.row(desk.add())
    assert (case.status, case.due_at) == (rules.AWAITING_DOCUMENT, CONTACT + hours(24))
    assert case.reference == "OIC-2026-0001"
    assert case.controller_force == "Suffolk"
    assert case.persons == 1
    assert case.created_by == "Sam Ashby"


def test_a_reported_post_arrest_contact_is_a_case_like_any_other(desk):
    assert desk.row(desk.add(reason="fno_post_arrest")).status == rules.AWAITING_DOCUMENT


def test_a_status_enquiry_starts_as_a_scope_query_without_a_due_time(desk):
    case = desk.row(desk.add(reason="status_enquiry"))
    assert (case.status, case.due_at) == (rules.SCOPE_QUERY, None)


def test_a_desk_may_take_status_enquiries_as_cases(desk):
    desk.do(change_settings, {"status_enquiry_status": rules.AWAITING_DOCUMENT}, at=NOW)
    assert desk.row(desk.add(reason="status_enquiry")).status == rules.AWAITING_DOCUMENT


@pytest.mark.parametrize("missing", ["force", "reason", "contact_at"])
def test_a_contact_without_one_of_its_facts_is_new(desk, missing):
    assert desk.row(desk.add(**{missing: None})).status == rules.NEW


def test_an_officer_known_by_collar_alone_is_known_and_without_either_is_not(desk):
    assert desk.row(desk.add(officer_name=None)).status == rules.AWAITING_DOCUMENT
    assert desk.row(desk.add(officer_name=None, officer_collar=None)).status == rules.NEW


def test_an_unknown_contact_time_runs_the_clock_from_the_recording_for_the_time_being(desk):
    case = desk.add(contact_at=None)
    kept = desk.row(case)
    assert (kept.contact_at, kept.contact_at_known, kept.due_at) == (NOW, False, NOW + hours(24))
    assert desk.ask(facts_of, case)["contact_at"] is None


def test_recording_tells_the_log_which_fields_but_not_what_they_hold(desk):
    case = desk.add()
    entry = desk.log()[-1]
    assert entry["operation"] == log.COLLECTION
    assert entry["records"] == {"referral": [case]}
    assert set(entry["fields"]) == set(FACTS)
    assert "MARSH" not in str(desk.log())


def test_a_note_given_with_the_contact_is_kept_as_received(desk):
    case = desk.do(records.add, FACTS, now=NOW, note=" Lorry at the docks. ")
    (note,) = desk.ask(notes, case)
    assert (note.text, note.kind, note.by) == ("Lorry at the docks.", None, "Sam Ashby")
    assert desk.log()[-1]["records"] == {"referral": [case], "referral_note": [note.id]}


def test_an_empty_note_is_refused_beside_its_field(desk):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(records.add_note, case, "  ", "fact", now=NOW)
    assert refused.value.field == "text"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"force": "Essex"}, "force"),
        ({"reason": "holiday"}, "reason"),
        ({"route": "pigeon"}, "route"),
        ({"outcome": "unheard of"}, "outcome"),
        ({"contact_at": NOW + hours(1)}, "contact_at"),
        ({"persons": -1}, "persons"),
    ],
)
def test_a_wrong_fact_is_refused_beside_its_field_and_nothing_is_kept(desk, facts, field):
    before = len(desk.log())
    with pytest.raises(Refused) as refused:
        desk.add(**facts)
    assert refused.value.field == field
    assert len(desk.log()) == before
    assert desk.add() == 1


def test_a_collar_number_is_kept_in_one_way(desk):
    assert desk.row(desk.add(officer_collar="pc7191 ")).officer_collar == "PC 7191"


# --- references ---


def test_references_count_within_the_year_of_the_contact_in_london(desk):
    eve = datetime(2025, 12, 31, 23, 59, tzinfo=UTC)
    found = [desk.row(desk.add(contact_at=at)).reference for at in (CONTACT, eve, eve + hours(1), CONTACT)]
    assert found == ["OIC-2026-0001", "OIC-2025-0001", "OIC-2026-0002", "OIC-2026-0003"]
    summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert desk.row(desk.add(contact_at=summer)).reference == "OIC-2026-0004"


def test_references_grow_to_five_and_six_digits_and_are_found_as_numbers(desk):
    case = desk.add()

    def jump(session, to):
        records.get(session, case).ref_order = 2026 * 10_000_000 + to
        log.record(session, log.ALTERATION, referral=case)

    desk.do(jump, 9999)
    fifth = desk.add()
    assert desk.row(fifth).reference == "OIC-2026-10000"
    desk.do(jump, 99_999)
    sixth = desk.add()
    assert desk.row(sixth).reference == "OIC-2026-100000"
    assert desk.row(fifth).ref_order < desk.row(sixth).ref_order
    assert desk.ask(records.find, " oic-2026-10000") == fifth


def test_a_reference_that_was_never_given_is_refused(desk):
    desk.add()
    for typed in ("OIC-2026-0002", "42"):
        with pytest.raises(Refused) as refused:
            desk.ask(records.find, typed)
        assert refused.value.field == "reference"


def test_a_number_once_given_is_not_given_again_after_a_correction_of_the_year(desk):
    desk.add()
    second = desk.add()
    desk.do(records.edit, second, {"contact_at": datetime(2025, 11, 16, 9, tzinfo=UTC)}, now=NOW)
    assert desk.row(second).reference == "OIC-2026-0002"
    assert desk.row(desk.add()).reference == "OIC-2026-0003"


# --- correcting ---


def test_a_corrected_contact_time_moves_the_due_time_and_the_beginning_of_the_history(desk):
    case = desk.add()
    earlier = CONTACT - hours(5)
    assert desk.do(records.edit, case, {"contact_at": earlier}, now=NOW) == ["contact_at"]
    assert desk.row(case).due_at == earlier + hours(24)
    assert desk.ask(history, case)[0][0] == earlier
    edited = desk.ask(timeline, case)[0]
    assert (edited.kind, edited.reason, edited.at) == ("edited", "contact_at", NOW)
    assert desk.log()[-1] | {"detail": None} == {
        "operation": log.ALTERATION, "records": {"referral": [case]}, "fields": ["contact_at"],
        "user": "Sam Ashby", "detail": None, "recipient": None, "purpose": None,
    }  # fmt: skip


def test_a_contact_moved_behind_what_followed_it_keeps_the_history_in_order(desk):
    case = desk.add()
    desk.submit(case, CONTACT + hours(3))
    desk.do(records.edit, case, {"contact_at": CONTACT + hours(6)}, now=NOW)
    times = [at for at, _from, _to in desk.ask(history, case)]
    assert times == [CONTACT + hours(3)] * 2
    assert [to for _at, _from, to in desk.ask(history, case)] == [rules.AWAITING_DOCUMENT, rules.SUBMITTED]


def test_a_corrected_contact_time_decides_anew_whether_the_document_came_in_time(desk):
    from oicdesk.documents.records import figures

    case = desk.add()
    desk.submit(case, CONTACT + hours(23))
    assert desk.ask(figures, as_at=NOW)["on_time"]["on_time"] == 1
    desk.do(records.edit, case, {"contact_at": CONTACT - hours(5)}, now=NOW)
    assert desk.ask(figures, as_at=NOW)["on_time"] == {"due": 1, "on_time": 0, "percent": 0.0}
    assert desk.ask(figures, as_at=CONTACT + hours(20))["coverage"]["overdue"] == 1


def test_a_form_left_empty_and_spaces_around_a_text_are_no_facts(desk):
    case = desk.add(force=" ", team=" Ipswich ", district="", nccu_ref="  ")
    kept = desk.row(case)
    assert (kept.status, kept.force, kept.controller_force) == (rules.NEW, None, None)
    assert (kept.team, kept.district, kept.nccu_ref) == ("Ipswich", None, None)
    empty = {"district": "", "nccu_ref": " ", "team": "Ipswich ", "persons": None}
    assert desk.ask(records.edit, case, empty, now=NOW) == []


def test_a_note_is_a_fact_or_an_assessment_or_as_received(desk):
    case = desk.add()
    for kind in ("fact", "assessment", None):
        desk.do(records.add_note, case, "Words.", kind, now=NOW)
    with pytest.raises(Refused) as refused:
        desk.do(records.add_note, case, "Words.", "gossip", now=NOW)
    assert refused.value.field == "kind"


def test_a_clock_restarted_by_an_overturned_exemption_stays_when_the_contact_time_is_corrected(desk):
    from oicdesk.referrals import records_exemptions as exemptions

    case = desk.add()
    asked = desk.do(exemptions.ask, case, "other_force", "Essex reported it.", now=CONTACT + hours(1))
    approval = rules.ReportedApproval("Kit Lowe", "Detective Inspector", date(2026, 11, 16), "e-mail")
    desk.do(exemptions.report_approval, asked, approval, now=CONTACT + hours(2))
    desk.do(exemptions.overturn, case, "It did not.", at=CONTACT + days(3))
    restarted = CONTACT + days(4)
    assert desk.row(case).due_at == restarted
    desk.do(records.edit, case, {"contact_at": CONTACT - hours(1)}, now=NOW)
    assert desk.row(case).due_at == restarted


def test_a_new_referral_moves_on_once_its_last_fact_is_known(desk):
    case = desk.add(reason=None, contact_at=None)
    desk.do(records.edit, case, {"reason": "other"}, now=NOW + hours(1))
    assert desk.row(case).status == rules.NEW
    desk.do(records.edit, case, {"contact_at": CONTACT}, now=NOW + hours(2))
    kept = desk.row(case)
    assert (kept.status, kept.due_at, kept.contact_at_known) == (rules.AWAITING_DOCUMENT, CONTACT + hours(24), True)
    assert [(a, b) for _at, a, b in desk.ask(history, case)] == [
        (None, rules.NEW), (rules.NEW, rules.AWAITING_DOCUMENT),
    ]  # fmt: skip


def test_a_new_status_enquiry_becomes_a_scope_query_once_its_facts_are_known(desk):
    case = desk.add(reason=None)
    desk.do(records.edit, case, {"reason": "status_enquiry"}, now=NOW)
    kept = desk.row(case)
    assert (kept.status, kept.due_at) == (rules.SCOPE_QUERY, None)


def test_a_correction_that_changes_nothing_leaves_no_trace(desk):
    case = desk.add()
    before = len(desk.log()), desk.row(case).updated_at
    with desk.vault.reading() as session:
        assert records.edit(session, case, {"team": "Ipswich Response"}, now=NOW + hours(1)) == []
    assert (len(desk.log()), desk.row(case).updated_at) == before


def test_a_wrong_correction_is_refused_and_nothing_changes(desk):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(records.edit, case, {"team": "Other", "force": "Essex"}, now=NOW)
    assert refused.value.field == "force"
    assert desk.row(case).team == "Ipswich Response"


def test_the_due_rule_of_the_contacts_day_holds_for_it(desk):
    before = desk.add()
    desk.do(change_settings, {"document_due_rule": "end_of_next_working_day"}, at=CONTACT + days(2))
    friday = datetime(2026, 11, 20, 9, tzinfo=UTC)
    after = desk.add(contact_at=friday)
    assert desk.row(before).due_at == CONTACT + hours(24)
    assert desk.row(after).due_at == datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC)
    earlier = desk.add()
    assert desk.row(earlier).due_at == CONTACT + hours(24)


# --- moving ---


def test_each_move_leaves_an_event_with_its_reason_and_one_log_entry(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(2))
    before = len(desk.log())
    from oicdesk.documents import records as documents

    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + hours(4), now=NOW)
    event = desk.ask(timeline, case)[0]
    assert (event.from_status, event.to_status, event.reason) == (rules.SUBMITTED, rules.RETURNED, "Two matters.")
    assert (event.at, event.recorded_at, event.by) == (CONTACT + hours(4), NOW, "Sam Ashby")
    new = desk.log()[before:]
    assert [e["records"] for e in new] == [{"document": [document]}, {"referral": [case]}]
    assert new[-1]["fields"] == ["status"]
    assert "Two matters" not in str(new)


def test_a_case_goes_all_the_way_and_is_reopened_with_its_first_due_time(desk):
    case = desk.add()
    desk.accepted(case, CONTACT + hours(2))
    desk.do(records.close, case, at=CONTACT + hours(5))
    kept = desk.row(case)
    assert (kept.status, kept.review_on) == (rules.CLOSED, date(2027, 11, 16))
    desk.do(records.reopen, case, "Wrong person.", at=CONTACT + hours(6))
    kept = desk.row(case)
    assert (kept.status, kept.due_at) == (rules.AWAITING_DOCUMENT, CONTACT + hours(24))
    assert [to for _at, _from, to in desk.ask(history, case)] == [
        rules.AWAITING_DOCUMENT, rules.SUBMITTED, rules.ACCEPTED, rules.CLOSED, rules.AWAITING_DOCUMENT,
    ]  # fmt: skip


def test_reopening_needs_its_reason(desk):
    case = desk.add()
    desk.accepted(case, CONTACT + hours(2))
    desk.do(records.close, case, at=CONTACT + hours(5))
    with pytest.raises(Refused) as refused:
        desk.do(records.reopen, case, " ", at=CONTACT + hours(6))
    assert refused.value.field == "reason"
    assert desk.row(case).status == rules.CLOSED


def test_a_scope_query_brought_into_scope_is_due_from_its_contact(desk):
    case = desk.add(reason="status_enquiry")
    desk.do(records.bring_into_scope, case, "They named a suspect.", at=NOW)
    kept = desk.row(case)
    assert (kept.status, kept.due_at) == (rules.AWAITING_DOCUMENT, CONTACT + hours(24))


def test_a_move_that_the_rules_forbid_changes_nothing(desk):
    case = desk.add()
    before = len(desk.log())
    with pytest.raises(Refused, match="cannot be closed"):
        desk.do(records.close, case, at=NOW)
    assert desk.row(case).status == rules.AWAITING_DOCUMENT
    assert len(desk.log()) == before


def test_a_move_in_the_future_or_before_the_last_one_is_refused_beside_its_time(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(2))
    from oicdesk.documents import records as documents

    for at in (NOW + hours(1), CONTACT + hours(1)):
        with pytest.raises(Refused) as refused:
            desk.do(documents.accept, document, at=at, now=NOW)
        assert refused.value.field == "at"
    desk.do(documents.accept, document, at=CONTACT + hours(2), now=NOW)
    assert desk.row(case).status == rules.ACCEPTED


def test_a_referral_that_is_not_there_is_refused_in_words(desk):
    with pytest.raises(Refused, match="not in the register"):
        desk.ask(records.get, 99)


# --- duplicates ---


def test_a_duplicate_is_linked_both_records_stay_and_the_link_can_be_withdrawn(desk):
    first, second = desk.add(), desk.add()
    desk.do(records.mark_duplicate, second, first, "Same call.", at=NOW)
    kept = desk.row(second)
    assert (kept.status, kept.duplicate_of) == (rules.DUPLICATE, first)
    assert desk.row(first).status == rules.AWAITING_DOCUMENT
    combined = [entry["records"] for entry in desk.log() if entry["operation"] == log.COMBINATION]
    assert combined == [{"referral": [second, first]}]
    desk.do(records.withdraw_duplicate, second, "Another lorry.", at=NOW + hours(1))
    kept = desk.row(second)
    assert (kept.status, kept.duplicate_of, kept.due_at) == (rules.AWAITING_DOCUMENT, None, CONTACT + hours(24))


def test_a_duplicate_needs_a_reason_and_a_surviving_case_that_is_not_itself_one(desk):
    first, second, third = desk.add(), desk.add(), desk.add()
    desk.do(records.mark_duplicate, second, first, "Same call.", at=NOW)
    for case, survivor in ((first, second), (third, second), (third, third), (first, third)):
        with pytest.raises(Refused) as refused:
            desk.do(records.mark_duplicate, case, survivor, "Same call.", at=NOW)
        assert refused.value.field == "survivor"
    with pytest.raises(Refused) as refused:
        desk.do(records.mark_duplicate, third, first, "", at=NOW)
    assert refused.value.field == "reason"
    assert desk.row(third).duplicate_of is None


def test_referrals_with_the_same_incident_number_are_suggested_within_a_force(desk):
    first = desk.add()
    second = desk.add(contact_at=CONTACT + hours(1), incident_ref="sc 16112026/001")
    desk.add(incident_ref="SC-16112026-002", officer_collar="PC 8")
    desk.add(force="Norfolk")
    assert [found[:2] for found in desk.ask(records_duplicates.of_case, second)] == [(first, "OIC-2026-0001")]
    none = desk.add(incident_ref=None, officer_collar="PC 9")
    assert desk.ask(records_duplicates.of_case, none) == []
