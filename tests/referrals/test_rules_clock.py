"""Due, overdue, what comes next, review; by both clock rules across both clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.referrals import rules
from oicdesk.referrals.rules import (
    ACCEPTED,
    AWAITING_DOCUMENT,
    CLOSED,
    DUPLICATE,
    EXEMPT,
    INSPECTOR,
    NEW,
    OFFICER,
    REJECTED,
    RETURNED,
    SCOPE_QUERY,
    SUBMITTED,
    SUPERVISOR,
    NextAction,
    Standing,
)
from oicdesk.referrals.rules_clock import Pause
from oicdesk.settings.rules import END_OF_NEXT_WORKING_DAY, DueRule

LONDON = ZoneInfo("Europe/London")
DAY = DueRule()
NEXT_WORKING_DAY = DueRule(kind=END_OF_NEXT_WORKING_DAY)
HOLIDAYS = {date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25), date(2026, 12, 28)}
SECOND = timedelta(seconds=1)


def london(*parts, fold=0):
    return datetime(*parts, tzinfo=LONDON, fold=fold)


def first_due(contact_at, rule=DAY, status=AWAITING_DOCUMENT, recorded_at=None):
    return rules.first_due(status, contact_at, recorded_at or contact_at, rule, HOLIDAYS)


# --- due ---------------------------------------------------------------------------------------------------


def test_a_document_is_due_24_elapsed_hours_after_the_contact():
    assert first_due(london(2026, 11, 23, 10, 42)) == london(2026, 11, 24, 10, 42)


def test_24_elapsed_hours_end_an_hour_later_by_the_wall_clock_when_the_clocks_go_forward():
    assert first_due(london(2026, 3, 28, 12, 0)) == london(2026, 3, 29, 13, 0)


def test_24_elapsed_hours_end_an_hour_earlier_by_the_wall_clock_when_the_clocks_go_back():
    assert first_due(london(2026, 10, 24, 12, 0)) == london(2026, 10, 25, 11, 0)


@pytest.mark.parametrize(
    ("contact_at", "last"),
    [
        (london(2026, 3, 28, 12, 0), datetime(2026, 3, 30, 22, 59, 59, 999999, UTC)),
        (london(2026, 10, 24, 12, 0), datetime(2026, 10, 26, 23, 59, 59, 999999, UTC)),
        (london(2026, 4, 2, 9, 0), datetime(2026, 4, 7, 22, 59, 59, 999999, UTC)),
        (london(2026, 12, 24, 23, 59), datetime(2026, 12, 29, 23, 59, 59, 999999, UTC)),
    ],
    ids=["clocks forward", "clocks back", "over Easter", "over Christmas"],
)
def test_by_the_other_rule_a_document_is_due_at_the_end_of_the_next_working_day(contact_at, last):
    assert first_due(contact_at, NEXT_WORKING_DAY) == last


def test_a_scope_query_alone_has_no_due_time():
    contact = london(2026, 11, 23, 10, 0)
    assert first_due(contact, status=SCOPE_QUERY) is None
    assert all(first_due(contact, status=status) for status in rules.STATUSES if status != SCOPE_QUERY)


def test_a_new_referral_with_an_unknown_time_runs_from_its_recording():
    recorded = london(2026, 11, 23, 10, 0)
    assert first_due(None, status=NEW, recorded_at=recorded) == recorded + timedelta(hours=24)


def moved(status, to, due, at, rule=DAY):
    contact_at, recorded = london(2026, 11, 2, 9, 0), london(2026, 11, 2, 9, 30)
    return rules.due_after_move(
        status, to, due, at=at, contact_at=contact_at, recorded_at=recorded, rule=rule, holidays=HOLIDAYS
    )


FIRST = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
LATER = london(2026, 11, 20, 15, 0)


@pytest.mark.parametrize(
    ("status", "to"),
    [
        (AWAITING_DOCUMENT, SUBMITTED),
        (SUBMITTED, REJECTED),
        (REJECTED, AWAITING_DOCUMENT),
        (SUBMITTED, RETURNED),
        (CLOSED, AWAITING_DOCUMENT),
        (DUPLICATE, AWAITING_DOCUMENT),
    ],
)
def test_the_first_due_time_stays(status, to):
    due = FIRST + timedelta(hours=5)
    assert moved(status, to, due, LATER) == due


def test_an_overturned_exemption_restarts_the_clock_at_the_overturning():
    assert moved(EXEMPT, AWAITING_DOCUMENT, FIRST, LATER) == LATER + timedelta(hours=24)


def test_an_overturned_exemption_restarts_the_clock_by_working_days_too():
    due = moved(EXEMPT, AWAITING_DOCUMENT, FIRST, LATER, rule=NEXT_WORKING_DAY)
    assert due == datetime(2026, 11, 23, 23, 59, 59, 999999, UTC)


def test_a_scope_query_found_to_be_in_scope_is_due_from_its_contact():
    assert moved(SCOPE_QUERY, AWAITING_DOCUMENT, None, LATER) == FIRST


def test_a_new_referral_found_to_be_a_scope_query_loses_its_due_time():
    assert moved(NEW, SCOPE_QUERY, FIRST, LATER) is None


def test_a_new_referral_that_is_complete_runs_from_its_contact_not_from_its_recording():
    assert moved(NEW, AWAITING_DOCUMENT, FIRST + timedelta(minutes=30), LATER) == FIRST


# --- overdue -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(rules.NEEDS_DOCUMENT))
def test_overdue_starts_after_the_due_instant_not_at_it(status):
    assert not rules.is_overdue(status, FIRST, FIRST - SECOND)
    assert not rules.is_overdue(status, FIRST, FIRST)
    assert rules.is_overdue(status, FIRST, FIRST + SECOND)


@pytest.mark.parametrize("status", sorted(set(rules.STATUSES) - rules.NEEDS_DOCUMENT))
def test_what_needs_no_document_is_never_overdue(status):
    assert not rules.is_overdue(status, FIRST, LATER)


def test_a_referral_without_a_due_time_is_not_overdue():
    assert not rules.is_overdue(NEW, None, LATER)


def test_overdue_is_right_in_the_hour_that_happens_twice():
    due, later = london(2026, 10, 25, 1, 50), london(2026, 10, 25, 1, 10, fold=1)
    assert rules.is_overdue(AWAITING_DOCUMENT, due, later)
    assert not rules.is_overdue(AWAITING_DOCUMENT, later, due)


def test_elapsed_hours_are_real_hours_over_both_clock_changes():
    assert rules.elapsed_hours(london(2026, 3, 29, 0, 0), london(2026, 3, 30, 0, 0)) == 23
    assert rules.elapsed_hours(london(2026, 10, 25, 0, 0), london(2026, 10, 26, 0, 0)) == 25


def test_a_time_without_a_zone_is_a_bug_and_not_guessed():
    with pytest.raises(ValueError, match="zone"):
        rules.elapsed_hours(datetime(2026, 1, 1), datetime(2026, 1, 2))  # noqa: DTZ001


# --- corrections, chasers, next action ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned_at", "last_day"),
    [
        (london(2026, 11, 23, 10, 0), datetime(2026, 11, 26, 23, 59, 59, 999999, UTC)),
        (london(2026, 11, 26, 23, 30), datetime(2026, 12, 1, 23, 59, 59, 999999, UTC)),
        (london(2026, 4, 2, 9, 0), datetime(2026, 4, 9, 22, 59, 59, 999999, UTC)),
    ],
    ids=["within a week", "over a weekend", "over Easter"],
)
def test_a_correction_is_due_at_the_end_of_the_third_working_day(returned_at, last_day):
    assert rules.correction_due(returned_at, HOLIDAYS) == last_day


def next_action(chased=(), at=LATER, **facts):
    standing = Standing(**{"status": AWAITING_DOCUMENT, "due": FIRST, "chased": frozenset(chased), **facts})
    return rules.next_action(standing, at)


def test_until_it_is_due_a_document_is_awaited():
    assert next_action(at=FIRST) == NextAction("Await the document", FIRST)


@pytest.mark.parametrize(
    ("chased", "words", "hours"),
    [
        ((), "Chase the reporting officer", 24),
        ((OFFICER,), "Chase the supervisor", 72),
        ((OFFICER, SUPERVISOR), "Tell the Detective Inspector", 168),
        ((SUPERVISOR,), "Tell the Detective Inspector", 168),
    ],
)
def test_chasers_climb_from_the_officer_to_the_inspector(chased, words, hours):
    assert next_action(chased) == NextAction(words, FIRST + timedelta(hours=hours))


def test_after_the_last_step_the_next_one_is_agreed_with_the_inspector():
    assert next_action((OFFICER, INSPECTOR)) == NextAction("Agree the next step with the Detective Inspector", None)


def test_pausing_moves_the_chaser_and_neither_due_nor_overdue():
    pauses = (Pause(FIRST + timedelta(hours=1), FIRST + timedelta(hours=49)),)
    assert next_action(pauses=pauses).when == FIRST + timedelta(hours=24 + 48)
    assert next_action(pauses=pauses, at=FIRST).when == FIRST


def test_nobody_is_chased_while_a_case_is_paused():
    assert next_action(pauses=(Pause(FIRST),)) == NextAction("Nothing while it is paused", None)


def test_chasers_are_elapsed_hours_across_a_clock_change():
    due = london(2026, 10, 24, 12, 0)
    assert rules.chaser_at(rules.CHASER_STEPS[0], due) == london(2026, 10, 25, 11, 0)


def test_a_new_referral_says_what_to_find_out():
    action = next_action(status=NEW, missing=("the force", "the time of the contact", "the reporting officer"))
    assert action == NextAction("Find out the force, the time of the contact and the reporting officer", None)


def test_a_returned_document_awaits_its_correction_until_that_is_due():
    assert next_action(status=RETURNED, correction_due=LATER) == NextAction("Await the correction", LATER)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (SCOPE_QUERY, "Decide whether it is in scope"),
        (SUBMITTED, "Record what became of the document"),
        (ACCEPTED, "Close the referral"),
        (REJECTED, "Ask for a new document"),
        (CLOSED, "None until the review"),
        (EXEMPT, "None until the review"),
        (DUPLICATE, "None until the review"),
    ],
)
def test_every_other_status_has_its_next_action(status, words):
    assert next_action(status=status) == NextAction(words, None)


def test_an_exemption_asked_for_waits_for_approval():
    standing = Standing(AWAITING_DOCUMENT, FIRST, approval_waiting=True)
    assert rules.next_action(standing, LATER).words == "Wait for the approval of the exemption"
    assert rules.is_waiting_for_approval(standing)
    assert not rules.is_waiting_for_approval(Standing(EXEMPT, FIRST, approval_waiting=True))


def test_with_the_supervisor_is_read_from_the_chasers():
    assert rules.is_with_supervisor(Standing(AWAITING_DOCUMENT, FIRST, chased=frozenset({SUPERVISOR})))
    assert rules.is_with_supervisor(Standing(AWAITING_DOCUMENT, FIRST, chased=frozenset({INSPECTOR})))
    assert not rules.is_with_supervisor(Standing(AWAITING_DOCUMENT, FIRST, chased=frozenset({OFFICER})))
    assert not rules.is_with_supervisor(Standing(SUBMITTED, FIRST, chased=frozenset({SUPERVISOR})))


@given(
    st.sampled_from(rules.STATUSES),
    st.sets(st.sampled_from([OFFICER, SUPERVISOR, INSPECTOR])),
    st.booleans(),
    st.none() | st.just(FIRST),
)
def test_every_referral_has_a_next_action_in_words(status, chased, waiting, due):
    action = next_action(chased, status=status, approval_waiting=waiting, due=due)
    assert action.words and "refer " not in action.words


# --- review and register -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(rules.DONE))
def test_a_finished_referral_is_reviewed_12_months_after_it_was_finished(status):
    assert rules.review_on(status, date(2026, 1, 5), done_on=date(2026, 2, 1)) == date(2027, 2, 1)


def test_an_open_referral_is_reviewed_yearly():
    recorded = date(2026, 1, 5)
    assert rules.review_on(AWAITING_DOCUMENT, recorded) == date(2027, 1, 5)
    assert rules.review_on(AWAITING_DOCUMENT, recorded, reviewed_on=date(2027, 1, 9)) == date(2028, 1, 9)


def test_a_reopened_referral_is_reviewed_as_an_open_one():
    reviewed = rules.review_on(AWAITING_DOCUMENT, date(2026, 1, 5), done_on=date(2026, 6, 1))
    assert reviewed == date(2027, 1, 5)


def test_a_review_date_from_29_february_falls_on_28_february():
    assert rules.review_on(CLOSED, date(2028, 1, 1), done_on=date(2028, 2, 29)) == date(2029, 2, 28)


def test_the_months_until_a_review_are_settings():
    assert rules.review_on(CLOSED, date(2026, 1, 1), done_on=date(2026, 8, 31), done_months=6) == date(2027, 2, 28)
    assert rules.review_on(NEW, date(2026, 1, 1), open_months=3) == date(2026, 4, 1)


def test_contacts_before_the_register_started_are_told_by_the_london_day():
    started = date(2026, 7, 1)
    assert rules.is_before_register(london(2026, 6, 30, 23, 59), started)
    assert not rules.is_before_register(london(2026, 7, 1, 0, 0), started)
    assert not rules.is_before_register(None, started)
    assert not rules.is_before_register(london(2020, 1, 1), None)
