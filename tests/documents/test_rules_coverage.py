"""Coverage and timeliness: a census whose counts always add up."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.documents import rules
from oicdesk.documents.rules import CaseAsAt, Coverage, OnTime, Share
from oicdesk.referrals.rules import (
    ACCEPTED,
    AWAITING_DOCUMENT,
    CLOSED,
    DUPLICATE,
    EXEMPT,
    NEW,
    REJECTED,
    RETURNED,
    SCOPE_QUERY,
    STATUSES,
    SUBMITTED,
)

AS_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def case(status=AWAITING_DOCUMENT, *, age=48, due=24, submitted=None, **facts):
    """A case whose contact was `age` hours ago, due and submitted so many hours after it."""
    contact = AS_AT - age * HOUR
    whole = {"force": "Suffolk", "reason": "other", **facts}
    first = None if submitted is None else contact + submitted * HOUR
    due_at = None if status == SCOPE_QUERY else contact + due * HOUR
    return CaseAsAt(status, contact, due_at, first, **whole)


# --- coverage ----------------------------------------------------------------------------------------------


def test_coverage_of_no_cases_has_no_percentage():
    assert rules.coverage([], AS_AT) == Coverage(0, 0, None, 0, 0, {}, 0, 0, 0, 0)


def test_every_status_is_counted_in_its_place():
    cases = [
        case(NEW, age=1),
        case(AWAITING_DOCUMENT, age=1),
        case(AWAITING_DOCUMENT),
        case(REJECTED),
        case(SUBMITTED, submitted=2),
        case(RETURNED, submitted=2),
        case(ACCEPTED, submitted=2),
        case(CLOSED, submitted=2),
        case(SCOPE_QUERY),
        case(DUPLICATE),
        case(EXEMPT, exemption_reason="acro_route"),
        case(EXEMPT, exemption_reason="acro_route", reported_approval=True),
        case(EXEMPT),
        case(AWAITING_DOCUMENT, before_register=True),
        case(EXEMPT, before_register=True),
    ]
    assert rules.coverage(cases, AS_AT) == Coverage(
        in_scope=8,
        submitted=4,
        percent=50.0,
        not_yet_due=2,
        overdue=2,
        exempt={"acro_route": 2, "not recorded": 1},
        scope_queries=1,
        duplicates=1,
        before_register=2,
        exempt_as_reported=1,
    )


def test_new_is_inside_coverage():
    assert rules.coverage([case(NEW)], AS_AT).in_scope == 1


def test_a_returned_document_counts_as_submitted_and_a_rejected_one_does_not():
    assert rules.coverage([case(RETURNED, submitted=2)], AS_AT).submitted == 1
    assert rules.coverage([case(REJECTED)], AS_AT).submitted == 0


def test_a_case_at_its_due_instant_is_not_overdue():
    assert rules.coverage([case(age=24)], AS_AT).not_yet_due == 1
    assert rules.coverage([case(age=24)], AS_AT + SECOND).overdue == 1


def test_coverage_is_right_in_the_hour_that_happens_twice():
    london = ZoneInfo("Europe/London")
    due = datetime(2026, 10, 25, 1, 50, tzinfo=london)
    later = datetime(2026, 10, 25, 1, 10, tzinfo=london, fold=1)
    waiting = CaseAsAt(AWAITING_DOCUMENT, due - 24 * HOUR, due, None, "Suffolk", "other")
    assert rules.coverage([waiting], later).overdue == 1
    assert rules.on_time([waiting], later).due == 1
    late = CaseAsAt(SUBMITTED, due - 24 * HOUR, due, later, "Suffolk", "other")
    assert not rules.is_submitted_in_time(late)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, None), (0, 3, 0.0), (3, 3, 100.0), (1, 3, 33.3), (2, 3, 66.7), (1, 16, 6.3), (1, 2000, 0.1), (3, 16, 18.8)],
)
def test_a_percentage_has_one_decimal_and_rounds_halves_up(part, whole, expected):
    assert rules.percent(part, whole) == expected


@given(st.integers(1, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_percentages_agree_with_decimal_arithmetic(counts):
    part, whole = counts
    exact = (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert rules.percent(part, whole) == float(exact)


# --- on time -----------------------------------------------------------------------------------------------


def test_on_time_is_asked_only_of_cases_whose_due_time_has_passed():
    cases = [case(age=24), case(SUBMITTED, age=2, submitted=1), case(SUBMITTED, submitted=1), case()]
    assert rules.on_time(cases, AS_AT) == OnTime(due=2, on_time=1, percent=50.0)


def test_a_document_submitted_at_the_due_instant_is_on_time_and_a_second_later_is_not():
    at_it = case(SUBMITTED, submitted=24)
    after = at_it._replace(first_submitted_at=at_it.due_at + SECOND)
    assert rules.on_time([at_it, after], AS_AT) == OnTime(2, 1, 50.0)


def test_the_first_submission_decides_when_a_document_was_returned():
    assert rules.on_time([case(RETURNED, submitted=3)], AS_AT).on_time == 1


@pytest.mark.parametrize("status", [AWAITING_DOCUMENT, REJECTED])
def test_a_submission_that_no_longer_counts_is_not_on_time(status):
    assert rules.on_time([case(status, submitted=3)], AS_AT) == OnTime(1, 0, 0.0)


def test_a_submission_whose_time_is_not_known_is_not_shown_as_on_time():
    assert rules.on_time([case(CLOSED)], AS_AT) == OnTime(1, 0, 0.0)


@pytest.mark.parametrize("status", [EXEMPT, DUPLICATE, SCOPE_QUERY])
def test_cases_outside_coverage_are_not_asked_whether_they_are_on_time(status):
    assert rules.on_time([case(status), case(before_register=True)], AS_AT) == OnTime(0, 0, None)


# --- the other measures ------------------------------------------------------------------------------------


def test_the_median_hours_to_submit_is_over_submitted_cases():
    cases = [
        case(SUBMITTED, submitted=2),
        case(ACCEPTED, submitted=30),
        case(CLOSED, submitted=5),
        case(),
        case(EXEMPT),
    ]
    assert rules.median_hours_to_submit(cases) == 5
    assert rules.median_hours_to_submit([*cases, case(SUBMITTED, submitted=6)]) == 5.5
    assert rules.median_hours_to_submit([case()]) is None


def test_hours_to_submit_are_elapsed_hours_across_a_clock_change():
    london = ZoneInfo("Europe/London")
    contact, submitted = datetime(2026, 3, 28, 12, tzinfo=london), datetime(2026, 3, 29, 12, tzinfo=london)
    one = CaseAsAt(SUBMITTED, contact, None, submitted, "Suffolk", "other")
    assert rules.hours_to_submit([one]) == [23.0]


def test_the_oldest_open_case_is_the_oldest_in_scope_without_a_document():
    cases = [case(age=30), case(NEW, age=99), case(SUBMITTED, age=500, submitted=1), case(SCOPE_QUERY, age=400)]
    assert rules.oldest_open(cases) == AS_AT - 99 * HOUR
    assert rules.oldest_open([case(EXEMPT), case(before_register=True)]) is None


def test_the_share_by_the_reporting_officer_is_of_submitted_cases_and_tells_what_is_not_known():
    answers = [True, True, False, None]
    cases = [case(SUBMITTED, submitted=1, submitted_by_reporting_officer=answer) for answer in answers]
    cases.append(case(submitted_by_reporting_officer=True))
    assert rules.by_reporting_officer(cases) == Share(whole=4, part=2, not_known=1, percent=50.0)
    assert rules.by_reporting_officer([]).percent is None


def test_months_are_those_of_the_contact_in_london_without_gaps():
    def on(*parts):
        return case()._replace(contact_at=datetime(*parts, tzinfo=UTC))

    cases = [on(2026, 7, 31, 23, 30), on(2026, 5, 31, 22, 59), on(2026, 5, 31, 23, 0), case()._replace(contact_at=None)]
    months = rules.by_month(cases, AS_AT)
    assert list(months) == ["2026-05", "2026-06", "2026-07", "2026-08", "not recorded"]
    assert [month.in_scope for month in months.values()] == [1, 1, 0, 1, 1]


def test_months_run_on_over_the_turn_of_the_year():
    cases = [
        case()._replace(contact_at=datetime(year, month, 5, tzinfo=UTC)) for year, month in ((2025, 11), (2026, 2))
    ]
    assert list(rules.by_month(cases, AS_AT)) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert rules.by_month([], AS_AT) == {}


def test_reasons_are_counted_each_with_the_unrecorded_ones_last():
    reasons = rules.by_reason([case(reason="other"), case(NEW, reason=None), case(reason="fno_intelligence")], AS_AT)
    assert list(reasons) == ["fno_intelligence", "other", "not recorded"]


# --- laws --------------------------------------------------------------------------------------------------

HOURS = st.none() | st.integers(-100, 100)
CASES = st.lists(
    st.builds(
        CaseAsAt,
        status=st.sampled_from(STATUSES),
        contact_at=HOURS.map(lambda hours: None if hours is None else AS_AT + 100 * hours * HOUR),
        due_at=HOURS.map(lambda hours: None if hours is None else AS_AT + hours * HOUR),
        first_submitted_at=HOURS.map(lambda hours: None if hours is None else AS_AT + hours * HOUR),
        force=st.sampled_from(["Suffolk", "Norfolk"]),
        reason=st.sampled_from([None, "other", "fno_intelligence"]),
        exemption_reason=st.sampled_from([None, "acro_route"]),
        submitted_by_reporting_officer=st.sampled_from([None, True, False]),
        before_register=st.booleans(),
        reported_approval=st.booleans(),
    ),
    max_size=25,
)


def counts(figures):
    """The whole numbers of a Coverage, exemptions by reason included."""
    plain = {name: value for name, value in figures._asdict().items() if isinstance(value, int)}
    return plain | {f"exempt {reason}": number for reason, number in figures.exempt.items()}


def added(*all_counts):
    names = {name for each in all_counts for name in each}
    return {name: sum(each.get(name, 0) for each in all_counts) for name in names}


@given(CASES)
def test_every_case_is_counted_exactly_once(cases):
    found = rules.coverage(cases, AS_AT)
    assert found.in_scope == found.submitted + found.not_yet_due + found.overdue
    outside = sum(found.exempt.values()) + found.scope_queries + found.duplicates + found.before_register
    assert found.in_scope + outside == len(cases)
    assert found.exempt_as_reported <= sum(found.exempt.values())
    assert found.percent == rules.percent(found.submitted, found.in_scope)


@given(CASES)
def test_joint_counts_are_suffolk_plus_norfolk(cases):
    suffolk, norfolk, joint = (rules.of_force(cases, scope) for scope in ("Suffolk", "Norfolk", "Joint"))
    whole = counts(rules.coverage(joint, AS_AT))
    assert whole == added(counts(rules.coverage(suffolk, AS_AT)), counts(rules.coverage(norfolk, AS_AT)))
    one, other, both = (rules.on_time(part, AS_AT) for part in (suffolk, norfolk, joint))
    assert (one.due + other.due, one.on_time + other.on_time) == (both.due, both.on_time)


@given(CASES)
def test_months_and_reasons_add_up_to_the_whole(cases):
    whole = counts(rules.coverage(cases, AS_AT))
    for parts in (rules.by_month(cases, AS_AT), rules.by_reason(cases, AS_AT)):
        assert added(counts(Coverage(0, 0, None, 0, 0, {}, 0, 0, 0, 0)), *map(counts, parts.values())) == whole


@given(CASES)
def test_overdue_cases_are_due_and_never_on_time(cases):
    figures, punctual = rules.coverage(cases, AS_AT), rules.on_time(cases, AS_AT)
    assert figures.overdue <= punctual.due - punctual.on_time
    assert punctual.on_time <= figures.submitted


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(cases, random):
    shuffled = random.sample(cases, len(cases))
    assert rules.coverage(shuffled, AS_AT) == rules.coverage(cases, AS_AT)
    assert rules.by_month(shuffled, AS_AT) == rules.by_month(cases, AS_AT)
    assert rules.median_hours_to_submit(shuffled) == rules.median_hours_to_submit(cases)
