"""Pausing, snoozing and taking steps back, on a real desk: what is written, what is logged, what figures say."""

from datetime import date, timedelta

import pytest

from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import (
    records,
    records_chasers,
    records_clock,
    records_exemptions,
    records_people,
    records_reviews,
    records_undo,
    rules,
)
from oicdesk.referrals.records_queue import Queue, timeline
from oicdesk.referrals.records_views import Spec, counts, left_out
from oicdesk.settings.records import reference
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault


def row(desk, case, view="all", now=NOW):
    with desk.vault.reading() as session:
        found = {row.id: row for row in Queue(session, view, now=now).page(0, 50)}
    return found.get(case)


def kinds(desk, case):
    return [event.kind for event in desk.ask(timeline, case)]


# --- pauses


def test_a_pause_moves_the_chaser_and_the_age_and_leaves_due_overdue_and_figures(desk):
    case = desk.add()
    before, figures = row(desk, case), desk.ask(documents.figures, as_at=NOW)
    desk.do(records_clock.pause, case, "On leave", at=CONTACT + days(2), now=NOW)
    paused = row(desk, case)
    assert (paused.is_paused, paused.next_action) == (True, "Nothing while it is paused")
    assert (paused.due_at, paused.is_overdue) == (before.due_at, True)
    assert (before.age_working_days, paused.age_working_days) == (5, 2)
    desk.do(records_clock.resume, case, at=CONTACT + days(3), now=NOW)
    again = row(desk, case)
    assert (again.is_paused, again.age_working_days, again.due_at) == (False, 4, before.due_at)
    assert before.next_at == before.due_at + hours(24)
    # The pause began at the very instant the chaser fell, so it did not move it.
    assert again.next_at == before.next_at
    told = desk.ask(documents.figures, as_at=NOW)
    assert {name: told[name] for name in ("coverage", "on_time")} == {
        name: figures[name] for name in ("coverage", "on_time")
    }
    assert kinds(desk, case)[:2] == ["resumed", "paused"]
    assert [entry["fields"] for entry in desk.log()[-2:]] == [["paused"], ["paused"]]


def test_a_pause_is_refused_without_a_reason_or_for_a_case_that_is_done(desk):
    case = desk.add()
    with pytest.raises(Refused, match="write why"):
        desk.do(records_clock.pause, case, " ", at=NOW, now=NOW)
    desk.accepted(case, NOW - hours(9))
    desk.do(records.close, case, at=NOW)
    with pytest.raises(Refused, match="nothing to pause"):
        desk.do(records_clock.pause, case, "On leave", at=NOW, now=NOW)
    with pytest.raises(Refused, match="not paused"):
        desk.do(records_clock.resume, case, at=NOW, now=NOW)


def test_paused_cases_are_counted_by_their_reason(desk):
    one, other = desk.add(), desk.add(contact_at=CONTACT + hours(1), force="Norfolk")
    for case in (one, other):
        desk.do(records_clock.pause, case, "On leave", at=NOW - hours(2), now=NOW)
    assert desk.ask(records_clock.paused_counts, as_at=NOW) == {"On leave": 2}
    assert desk.ask(records_clock.paused_counts, as_at=NOW, force="Norfolk") == {"On leave": 1}
    assert desk.ask(records_clock.paused_counts, as_at=NOW - hours(3)) == {}
    desk.do(records_clock.resume, other, at=NOW - hours(1), now=NOW)
    desk.accepted(one, NOW - hours(1.5))
    desk.do(records.close, one, at=NOW - hours(0.25), now=NOW)
    told = {back: desk.ask(records_clock.paused_counts, as_at=NOW - hours(back)) for back in (1.1, 1, 0.3, 0)}
    assert told == {1.1: {"On leave": 2}, 1: {"On leave": 1}, 0.3: {"On leave": 1}, 0: {}}, "as each stood at that time"


def test_a_pause_and_a_resuming_are_taken_back(desk):
    case = desk.add()
    pause = desk.do(records_clock.pause, case, "On leave", at=NOW - hours(30), now=NOW)
    desk.do(records_clock.resume, case, at=NOW, now=NOW)
    with pytest.raises(Refused, match="resumed since"):
        desk.do(records_clock.take_back_pause, pause, now=NOW)
    desk.do(records_clock.take_back_resume, pause, now=NOW)
    assert row(desk, case).is_paused
    desk.do(records_clock.take_back_pause, pause, now=NOW)
    assert not row(desk, case).is_paused and row(desk, case).age_working_days == 5
    assert desk.ask(records_clock.pauses, case) == []
    desk.do(records_clock.pause, case, "Court", at=NOW, now=NOW)
    assert [pause.reason for pause in desk.ask(records_clock.pauses, case)] == ["Court"]


# --- snoozes


def test_a_snoozed_case_leaves_the_daily_views_stays_open_and_returns_by_itself(desk):
    case = desk.add()
    desk.do(records_clock.snooze, case, date(2026, 11, 26), "Back from leave", now=NOW)
    found = desk.ask(counts, now=NOW)
    assert (found["needs_document"], found["snoozed"], found["all"]) == (0, 1, 1)
    assert found["overdue"] == 1, "overdue is a fact; a snooze hides none"
    assert row(desk, case, "needs_document") is None and row(desk, case, "open") is not None
    assert row(desk, case, "snoozed").snoozed_until == date(2026, 11, 26)
    with desk.vault.reading() as session:
        told = {"now": NOW, "desk": reference(session)}
        assert left_out(session, Spec("needs_document"), force="Joint", **told) == 1
        assert left_out(session, Spec("needs_document"), force="Norfolk", **told) == 0
        assert left_out(session, Spec("needs_document", filters={"team": "Leiston"}), force="Joint", **told) == 0
        assert left_out(session, Spec("overdue"), force="Joint", **told) == 0, "nothing is left out there"
    on_the_day = NOW + days(3)
    found = desk.ask(counts, now=on_the_day)
    assert (found["needs_document"], found["snoozed"]) == (1, 0)
    assert row(desk, case, "needs_document", on_the_day).snoozed_until is None


def test_a_snooze_is_changed_ended_and_taken_back(desk):
    case = desk.add()
    first = desk.do(records_clock.snooze, case, date(2026, 11, 26), now=NOW)
    second = desk.do(records_clock.snooze, case, date(2026, 12, 1), now=NOW + hours(1))
    with pytest.raises(Refused, match="changed or ended since"):
        desk.do(records_clock.take_back_snooze, first, now=NOW)
    desk.do(records_clock.take_back_snooze, second, now=NOW + hours(2))
    assert row(desk, case).snoozed_until == date(2026, 11, 26)
    woken = desk.do(records_clock.wake, case, now=NOW + hours(3))
    assert row(desk, case).snoozed_until is None
    with pytest.raises(Refused, match="not snoozed"):
        desk.do(records_clock.wake, case, now=NOW)
    desk.do(records_clock.take_back_wake, woken, now=NOW + hours(4))
    assert row(desk, case).snoozed_until == date(2026, 11, 26)
    assert kinds(desk, case).count("taken back") == 2


# --- taking changes of status back


def newest(desk, case):
    return desk.ask(records_undo.newest_move, case)


def test_a_closing_is_taken_back_and_the_right_one_can_be_given_its_own_time(desk):
    case = desk.add()
    desk.accepted(case, CONTACT + hours(2))
    before = desk.row(case)
    desk.do(records.close, case, at=NOW - hours(1), now=NOW)
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    after = desk.row(case)
    assert (after.status, after.due_at, after.review_on) == (before.status, before.due_at, before.review_on)
    assert kinds(desk, case)[:2] == ["taken back", "status, taken back"]
    desk.do(records.close, case, at=NOW - hours(5), now=NOW)
    assert desk.row(case).status == rules.CLOSED
    assert desk.log()[-2]["detail"] == "taken back"


def test_the_day_of_the_next_review_outlives_a_step_that_is_taken_back(desk):
    case = desk.add()
    desk.do(records_reviews.keep, case, "Civil claim expected.", date(2029, 1, 5), now=NOW - hours(9))
    document = desk.submit(case, NOW - hours(8))
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    assert desk.row(case).review_on == date(2029, 1, 5)
    desk.do(documents.link, desk.submit(desk.add(), NOW - hours(7)), case, now=NOW - hours(6))
    desk.do(documents.accept, document + 1, at=NOW - hours(5))
    desk.do(records.close, case, at=NOW - hours(4))
    assert desk.row(case).review_on == date(2027, 11, 23)
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    assert desk.row(case).review_on == date(2029, 1, 5)


@pytest.mark.parametrize(
    "way",
    [records.reopen, records.bring_into_scope, records.withdraw_duplicate, records_exemptions.overturn],
)
def test_each_way_back_to_work_is_for_its_own_status_alone(desk, way):
    """Another one would leave a link or an exemption behind that nobody ends."""
    survivor, case, closed = desk.add(contact_at=CONTACT - hours(1)), desk.add(), desk.add()
    desk.do(records.mark_duplicate, case, survivor, "Same call.", at=NOW - hours(2))
    desk.accepted(closed, CONTACT + hours(2))
    desk.do(records.close, closed, at=NOW - hours(2))
    for one in {case, closed} - {{records.reopen: closed, records.withdraw_duplicate: case}.get(way)}:
        with pytest.raises(Refused, match="stands as"):
            desk.do(way, one, "By mistake.", at=NOW)


def test_figures_leave_out_what_was_taken_back_whatever_instant_they_look_at(desk):
    case = desk.add(contact_at=NOW - hours(48))
    survivor = desk.add(contact_at=NOW - hours(50))
    desk.do(records.mark_duplicate, case, survivor, "Same call.", at=NOW - hours(10))
    assert desk.ask(documents.figures, as_at=NOW - hours(9))["coverage"]["in_scope"] == 1
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    for as_at in (NOW - hours(9), NOW):
        assert desk.ask(documents.figures, as_at=as_at)["coverage"]["in_scope"] == 2
    assert desk.row(case).duplicate_of is None


def test_a_withdrawn_link_is_put_back(desk):
    case, survivor = desk.add(), desk.add(contact_at=CONTACT - hours(1))
    desk.do(records.mark_duplicate, case, survivor, "Same call.", at=NOW - hours(2))
    desk.do(records.withdraw_duplicate, case, "Another call.", at=NOW - hours(1))
    review_on = date(2027, 11, 23)  # a year after the link, whenever that is put back
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW + days(3), survivor=survivor)
    found = desk.row(case)
    assert (found.status, found.duplicate_of, found.review_on) == (rules.DUPLICATE, survivor, review_on)


def test_a_scope_query_that_was_brought_into_scope_by_mistake_has_no_due_time_again(desk):
    case = desk.add(reason="status_enquiry")
    desk.do(records.bring_into_scope, case, "A case after all.", at=NOW)
    assert desk.row(case).due_at is not None
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    assert (desk.row(case).status, desk.row(case).due_at) == (rules.SCOPE_QUERY, None)


def test_what_was_followed_by_another_change_is_not_taken_back(desk):
    case = desk.add(reason="status_enquiry")
    desk.do(records.bring_into_scope, case, "A case after all.", at=NOW - hours(3))
    scoped = newest(desk, case)
    desk.submit(case, NOW - hours(2))
    with pytest.raises(Refused, match="now stands as: submitted"):
        desk.do(records_undo.take_back_move, scoped, now=NOW)
    assert desk.row(case).status == rules.SUBMITTED


def test_an_exemption_that_another_person_approved_is_not_taken_back(desk):
    case = desk.add()
    request = desk.do(records_exemptions.ask, case, "other_force", "Essex.", now=NOW)
    given = rules.ReportedApproval("Kit Lowe", "DI", NOW.date(), "note")
    desk.do(records_exemptions.report_approval, request, given, now=NOW)
    with pytest.raises(Refused, match="another person's approval"):
        desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)


def test_a_correction_of_facts_is_taken_back_with_the_move_it_brought(desk):
    case = desk.add(reason=None)
    before = {"reason": None, "team": "Ipswich Response"}
    after = {"reason": "person_in_custody", "team": "Leiston"}
    desk.do(records.edit, case, after, now=NOW)
    assert desk.row(case).status == rules.AWAITING_DOCUMENT
    moved = newest(desk, case)
    desk.do(records_undo.take_back_edit, case, before, after, now=NOW + hours(1), moved=moved)
    found = desk.row(case)
    assert (found.status, found.reason, found.team) == (rules.NEW, None, "Ipswich Response")
    desk.do(records.edit, case, {"team": "Leiston"}, now=NOW + hours(2))
    desk.do(records.edit, case, {"team": "Lowestoft"}, now=NOW + hours(3))
    with pytest.raises(Refused, match="corrected again since"):
        desk.do(records_undo.take_back_edit, case, {"team": "Ipswich"}, {"team": "Leiston"}, now=NOW + hours(4))


def test_a_contact_recorded_by_mistake_is_withdrawn_unless_it_was_worked_on(desk):
    case, other = desk.add(), desk.add(contact_at=CONTACT + hours(1))
    desk.do(records_chasers.chase, other, rules.OFFICER, "e-mail", at=NOW)
    desk.do(records_undo.take_back_add, case, now=NOW)
    assert row(desk, case) is None
    desk.do(records_undo.put_back_add, case, now=NOW + hours(1))
    assert row(desk, case) is not None and desk.log()[-1]["detail"] == "put back"
    desk.do(records_undo.take_back_add, case, now=NOW + hours(2))
    again = desk.add()
    assert desk.row(again).reference == "OIC-2026-0003", "a reference is not used twice"
    noted, peopled, survivor, linked = (desk.add(contact_at=CONTACT + hours(n)) for n in (2, 3, 4, 5))
    desk.do(records.add_note, noted, "Rang the officer.", "fact", now=NOW + hours(1))
    driver = {"label": "Driver", "categories": {"suspect"}}
    desk.do(records_people.add_person, peopled, driver, now=NOW + hours(1))
    desk.do(records.mark_duplicate, linked, survivor, "Same call.", at=NOW)
    for worked_on in (other, noted, peopled, survivor):
        with pytest.raises(Refused, match="worked on since"):
            desk.do(records_undo.take_back_add, worked_on, now=NOW + hours(2))


def test_a_contact_whose_every_step_was_taken_back_can_be_withdrawn_too(desk):
    survivor, case = desk.add(), desk.add(contact_at=CONTACT + hours(1))
    note = desk.do(records.add_note, case, "Rang the officer.", "fact", now=NOW + hours(1))
    desk.do(records.mark_duplicate, case, survivor, "Same call.", at=NOW + hours(2))
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW + hours(3))
    with pytest.raises(Refused, match="worked on since"):
        desk.do(records_undo.take_back_add, case, now=NOW + hours(4))
    desk.do(records_undo.take_back_note, note, now=NOW + hours(4))
    desk.do(records_undo.take_back_add, case, now=NOW + hours(5))
    assert row(desk, case) is None


def test_an_answer_written_to_the_wrong_chaser_is_taken_away(desk):
    case = desk.add()
    chaser = desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=NOW)
    desk.do(records_chasers.answered, chaser, "Tomorrow", now=NOW)
    with pytest.raises(Refused, match="changed since"):
        desk.do(records_undo.take_back_answer, chaser, "Today", now=NOW)
    desk.do(records_undo.take_back_answer, chaser, "Tomorrow", now=NOW)
    assert desk.ask(records_chasers.chasers, case)[0].result is None
    assert kinds(desk, case)[0] == "taken back", "the timeline tells it"


def test_nothing_that_is_taken_back_is_wiped(desk):
    case = desk.add()
    desk.accepted(case, CONTACT + hours(2))
    desk.do(records.close, case, at=NOW - timedelta(minutes=5), now=NOW)
    before = len(desk.ask(timeline, case))
    desk.do(records_undo.take_back_move, newest(desk, case), now=NOW)
    assert len(desk.ask(timeline, case)) == before + 1


def test_paused_cases_are_told_in_figures_and_on_paper_and_change_no_count(desk):
    from oicdesk.desk import REPORTS

    case = desk.add()
    plain = desk.ask(documents.figures, as_at=NOW)
    assert plain["paused"] == {"cases": 0, "reasons": {}}
    desk.do(records_clock.pause, case, "On leave", at=NOW - hours(2), now=NOW)
    told = desk.ask(documents.figures, as_at=NOW)
    assert told["paused"] == {"cases": 1, "reasons": {"On leave": 1}}
    assert {**told, "paused": None} == {**plain, "paused": None}
    assert desk.ask(documents.figures, as_at=NOW, force="Norfolk")["paused"]["cases"] == 0
    paper = repr(REPORTS["coverage"].build(desk.vault, NOW, "Joint", "").blocks)
    assert "1 open case is paused (1 On leave). A pause moves chasers and the worked clock only" in paper
