"""Pauses and snoozes: they move chasers and the worked clock, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.referrals import rules, rules_clock
from oicdesk.referrals.rules_clock import Pause
from oicdesk.settings.rules import working_days_between

HOLIDAYS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
hours = lambda count: timedelta(hours=count)  # noqa: E731


@st.composite
def spans(draw):
    """Pauses in their order, none over another, the last one perhaps still running."""
    cuts = sorted(draw(st.lists(st.integers(0, 24 * 40), max_size=8, unique=True)))
    found = [Pause(MONDAY + hours(a), MONDAY + hours(b)) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    if len(cuts) % 2:
        found.append(Pause(MONDAY + hours(cuts[-1])))
    return tuple(found)


instants = st.integers(0, 24 * 60).map(lambda count: MONDAY + hours(count))


@given(pauses=spans(), due=instants, as_at=instants, status=st.sampled_from(sorted(rules.STATUSES)),
       chased=st.frozensets(st.sampled_from((rules.OFFICER, rules.SUPERVISOR))))  # fmt: skip
def test_a_pause_never_moves_due_overdue_or_what_is_awaited(pauses, due, as_at, status, chased):
    told = {"status": status, "due": due, "chased": chased, "missing": ("the force",)}
    plain, paused = rules.Standing(**told), rules.Standing(**told, pauses=pauses)
    assert rules.is_overdue(paused.status, paused.due, as_at) == rules.is_overdue(status, due, as_at)
    assert rules.is_with_supervisor(paused) == rules.is_with_supervisor(plain)
    one, other = rules.next_action(plain, as_at), rules.next_action(paused, as_at)
    if status != rules.AWAITING_DOCUMENT or as_at <= due:
        assert one == other
    elif other.when is not None:
        assert one.when is not None and other.words == one.words and other.when >= one.when


@given(pauses=spans(), due=instants, as_at=instants, step=st.sampled_from(rules.CHASER_STEPS))
def test_a_chaser_falls_when_its_hours_outside_every_pause_have_gone_by(pauses, due, as_at, step):
    at = rules.chaser_at(step, due, pauses, as_at)
    known = tuple(Pause(p.since, p.until or max(as_at, p.since)) for p in pauses)
    assert at - due - rules_clock.paused_between(known, due, at) == hours(step.hours)
    assert at >= rules.chaser_at(step, due)


@given(pauses=spans(), since=instants, now=instants)
def test_the_worked_clock_is_the_working_days_but_for_paused_ones(pauses, since, now):
    if now < since:
        since, now = now, since
    every = working_days_between(since.date(), now.date(), HOLIDAYS)
    worked = rules_clock.worked_days(since, now, pauses, HOLIDAYS)
    assert 0 <= worked <= every
    assert worked + rules_clock.paused_days(since, now, pauses, HOLIDAYS) == every
    assert rules_clock.worked_days(since, now, (), HOLIDAYS) == every


def test_a_pause_over_a_weekend_takes_the_days_after_it_began():
    pause = Pause(datetime(2026, 11, 19, 12, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC))  # Thursday to Tuesday
    assert rules_clock.worked_days(MONDAY, datetime(2026, 11, 25, 9, tzinfo=UTC), [pause], HOLIDAYS) == 7 - 3


def test_a_pause_that_began_after_the_chaser_fell_does_not_move_it():
    due = MONDAY
    late = Pause(due + hours(30), due + hours(90))
    assert rules.chaser_at(rules.CHASER_STEPS[0], due, [late], due + hours(100)) == due + hours(24)
    early = Pause(due - hours(10), due + hours(5))
    assert rules.chaser_at(rules.CHASER_STEPS[0], due, [early], due + hours(100)) == due + hours(29)


def test_a_case_is_paused_from_the_first_instant_to_just_before_the_last():
    span = [Pause(MONDAY, MONDAY + hours(1))]
    told = [rules_clock.is_paused(span, MONDAY + hours(at)) for at in (-0.1, 0, 0.9, 1)]
    assert told == [False, True, True, False]


def test_a_pause_needs_a_reason_an_open_case_and_none_that_runs():
    check = rules_clock.check_pause
    for told, words in (
        (((), "  ", True, MONDAY), "write why"),
        (((), "On leave", False, MONDAY), "nothing to pause"),
        (((Pause(MONDAY),), "On leave", True, MONDAY + hours(1)), "paused already"),
        (((Pause(MONDAY, MONDAY + hours(9)),), "On leave", True, MONDAY + hours(1)), "already covers"),
    ):
        with pytest.raises(Refused, match=words):
            check(*told)
    check((Pause(MONDAY, MONDAY + hours(1)),), "On leave", True, MONDAY + hours(1))


def test_a_case_is_snoozed_to_a_later_day_within_a_year_and_is_back_on_that_day():
    today = date(2026, 11, 23)
    for until, is_open, words in (
        (today, True, "has come already"),
        (today + timedelta(days=400), True, "a year at most"),
        (today + timedelta(days=1), False, "nothing to snooze"),
    ):
        with pytest.raises(Refused, match=words):
            rules_clock.check_snooze(until, today, is_open)
    rules_clock.check_snooze(today + timedelta(days=1), today, True)
    assert rules_clock.is_snoozed(date(2026, 11, 24), today)
    assert not rules_clock.is_snoozed(today, today) and not rules_clock.is_snoozed(None, today)


@pytest.mark.parametrize("now", [datetime(2026, 10, 19, 9, tzinfo=UTC), datetime(2026, 10, 25, 22, tzinfo=UTC)])
def test_a_week_ends_on_sunday_night_in_london_across_the_clock_change(now):
    assert rules_clock.week_ends(now) == datetime(2026, 10, 25, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(("count", "words"), [
    (0.5, "less than an hour"), (1, "1 hour"), (25, "1 day 1 hour"), (48, "2 days"), (75, "3 days 3 hours"),
])  # fmt: skip
def test_elapsed_time_is_spoken(count, words):
    assert rules_clock.spoken_elapsed(MONDAY, MONDAY + hours(count)) == words
