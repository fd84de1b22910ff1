"""Items and their statuses, recurring items, calendar, conflicts and gaps: rules without a database."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.comms import rules
from oicdesk.comms.rules import (
    APPROVED,
    CANCELLED,
    EVALUATED,
    IDEA,
    MONTHLY,
    MONTHLY_WEEKDAY,
    PLANNED,
    PUBLISHED,
    WEEKLY,
    ItemFacts,
    Recurrence,
)
from oicdesk.errors import Refused

STATUSES = (IDEA, PLANNED, APPROVED, PUBLISHED, EVALUATED, CANCELLED)
FACTS = ItemFacts("Briefing", "Response teams", rules.BRIEFING, "What to write", owner="The post",
                  planned_on=date(2026, 11, 30))  # fmt: skip


@dataclass(frozen=True)
class Item:
    id: int
    day: date | None
    audience: str = "Response teams"
    force: str = "Joint"
    status: str = PLANNED
    channel: str = rules.BRIEFING
    title: str = "Briefing"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("to", STATUSES)
def test_an_item_goes_on_step_by_step_and_may_be_cancelled_from_anywhere(status, to):
    steps = {(IDEA, PLANNED), (PLANNED, APPROVED), (APPROVED, PUBLISHED), (PUBLISHED, EVALUATED)}
    allowed = (status, to) in steps or (to == CANCELLED and status != CANCELLED)
    if allowed:
        assert rules.move(status, to, "no longer needed") == to
    else:
        with pytest.raises(Refused, match="cannot become"):
            rules.move(status, to, "no longer needed")


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_cancelling_needs_a_reason(reason):
    with pytest.raises(Refused) as refused:
        rules.move(APPROVED, CANCELLED, reason)
    assert refused.value.field == "reason"


def test_approval_is_another_persons():
    with pytest.raises(Refused, match="another user"):
        rules.check_approver({"Sam", "Robin"}, "Sam")
    rules.check_approver({"Sam", "Robin"}, "Alex")


def test_an_idea_needs_a_title_only_and_a_plan_says_whom_what_who_and_when():
    assert rules.check_item(ItemFacts("Think of something")) == {}
    assert set(rules.check_item(ItemFacts(" "))) == {"title"}
    assert set(rules.check_item(ItemFacts("Something"), PLANNED)) == {"audience", "message", "owner", "planned_on"}
    assert rules.check_item(FACTS, PLANNED) == {}


def test_a_reach_says_how_it_was_counted_and_no_number_lies_below_0():
    found = rules.check_item(ItemFacts("A", reach=40, effort_minutes=-1, channel="telepathy", force="Essex"))
    assert set(found) == {"reach_basis", "effort_minutes", "channel", "force"}
    assert rules.check_item(ItemFacts("A", reach=0, reach_basis="page views")) == {}


@pytest.mark.parametrize(
    ("status", "field", "may"),
    [
        (IDEA, "message", True), (PLANNED, "message", True), (APPROVED, "message", False),
        (APPROVED, "planned_on", True), (PUBLISHED, "planned_on", False), (PUBLISHED, "reach", True),
        (PUBLISHED, "published_on", True), (EVALUATED, "published_on", False), (EVALUATED, "reach", True),
        (CANCELLED, "reach", False), (PUBLISHED, "title", False), (PLANNED, "published_on", False),
    ],
)  # fmt: skip
def test_what_was_approved_does_not_change_and_what_came_of_it_may_be_told_later(status, field, may):
    if may:
        rules.check_editable(status, [field])
    else:
        with pytest.raises(Refused) as refused:
            rules.check_editable(status, ["effort_minutes", field] if status != CANCELLED else [field])
        assert refused.value.field == field


# --- recurring ---

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
RULES = st.builds(
    lambda every, first, length, interval, working: Recurrence(
        every, first, first + timedelta(days=length), interval, working
    ),
    st.sampled_from([WEEKLY, MONTHLY, MONTHLY_WEEKDAY]), DAYS, st.integers(0, 500), st.integers(1, 6), st.booleans(),
)  # fmt: skip
HOLIDAYS = st.frozensets(DAYS, max_size=12)


@given(RULES, HOLIDAYS)
def test_occurrences_are_in_order_within_the_rule_and_the_first_day_is_one(rule, holidays):
    found = rules.expand(rule, holidays)
    due = [one.due_on for one in found]
    assert due == sorted(set(due))
    assert due[0] == rule.first_on
    assert all(rule.first_on <= day <= rule.until for day in due)


@given(RULES, HOLIDAYS)
def test_a_moved_day_is_the_next_working_day_and_an_unmoved_one_stays(rule, holidays):
    for one in rules.expand(rule, holidays):
        if not rule.working_days:
            assert one.day == one.due_on
            continue
        between = [one.due_on + timedelta(days=n) for n in range((one.day - one.due_on).days)]
        assert one.day.weekday() < 5 and one.day not in holidays
        assert all(day.weekday() > 4 or day in holidays for day in between)


@given(RULES, st.integers(0, 200))
def test_a_longer_rule_only_adds_at_the_end(rule, more):
    longer = Recurrence(rule.every, rule.first_on, rule.until + timedelta(days=more), rule.interval, rule.working_days)
    assert rules.expand(longer)[: len(rules.expand(rule))] == rules.expand(rule)


@given(RULES)
def test_the_distance_between_occurrences_is_that_of_the_rule(rule):
    due = [one.due_on for one in rules.expand(rule)]
    for number, day in enumerate(due):
        if rule.every == WEEKLY:
            assert (day - rule.first_on).days == 7 * rule.interval * number
        else:
            months = (day.year - rule.first_on.year) * 12 + day.month - rule.first_on.month
            assert months == rule.interval * number
        if rule.every == MONTHLY_WEEKDAY:
            assert day.weekday() == rule.first_on.weekday()


def test_monthly_days_by_hand():
    by_date = rules.expand(Recurrence(MONTHLY, date(2026, 8, 31), date(2027, 2, 28), working_days=False))
    assert [d.day for d in by_date] == [
        date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31),
        date(2027, 1, 31), date(2027, 2, 28),
    ]  # fmt: skip
    second_tuesday = rules.expand(Recurrence(MONTHLY_WEEKDAY, date(2026, 9, 8), date(2026, 12, 31)))
    assert [d.day for d in second_tuesday] == [
        date(2026, 9, 8), date(2026, 10, 13), date(2026, 11, 10), date(2026, 12, 8),
    ]  # fmt: skip
    fifth_monday = rules.expand(Recurrence(MONTHLY_WEEKDAY, date(2026, 8, 31), date(2026, 10, 31)))
    assert [d.day for d in fifth_monday] == [date(2026, 8, 31), date(2026, 9, 28), date(2026, 10, 26)]


def test_a_bank_holiday_moves_its_occurrence_and_keeps_its_name():
    found = rules.expand(
        Recurrence(WEEKLY, date(2026, 12, 25), date(2026, 12, 25)), {date(2026, 12, 25), date(2026, 12, 28)}
    )
    assert found == [(date(2026, 12, 25), date(2026, 12, 29))]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Recurrence("daily", date(2026, 1, 1), date(2026, 2, 1)), "every"),
        (Recurrence(WEEKLY, date(2026, 1, 1), date(2025, 12, 31)), "until"),
        (Recurrence(WEEKLY, date(2026, 1, 1), date(2026, 2, 1), 0), "interval"),
        (Recurrence(WEEKLY, date(2026, 1, 1), date(2030, 1, 1)), "until"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_beside_its_field(rule, field):
    with pytest.raises(Refused) as refused:
        rules.expand(rule)
    assert refused.value.field == field


# --- calendar ---

MONDAY = date(2026, 11, 23)


def test_two_items_for_one_audience_on_one_day_conflict():
    found = rules.conflicts([Item(1, MONDAY), Item(2, MONDAY, " response  TEAMS"), Item(3, MONDAY, "Custody")])
    assert [(one.day, one.item_ids) for one in found] == [(MONDAY, (1, 2))]
    assert "2 items for Response teams on 23 November 2026" in found[0].sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Item(1, MONDAY, force="Suffolk"), Item(2, MONDAY, force="Norfolk")),
        (Item(1, MONDAY), Item(2, MONDAY, status=CANCELLED)),
        (Item(1, MONDAY), Item(2, MONDAY, status=IDEA)),
        (Item(1, MONDAY), Item(2, MONDAY + timedelta(days=1))),
        (Item(1, None), Item(2, None)),
        (Item(1, MONDAY, audience=""), Item(2, MONDAY, audience="")),
    ],
)
def test_items_that_do_not_meet_are_no_conflict(one, other):
    assert rules.conflicts([one, other]) == []


def test_a_week_without_any_item_is_a_gap():
    items = [Item(1, MONDAY), Item(2, MONDAY + timedelta(days=13)), Item(3, MONDAY + timedelta(days=16), status=IDEA)]
    assert rules.gaps(items, MONDAY, MONDAY + timedelta(days=27)) == [
        MONDAY + timedelta(days=14), MONDAY + timedelta(days=21),
    ]  # fmt: skip


def test_a_month_shows_whole_weeks_from_monday_with_holidays_conflicts_and_gaps():
    items = [Item(2, date(2026, 12, 1), title="B"), Item(1, date(2026, 12, 1), title="A"),
             Item(3, date(2026, 11, 30), status=CANCELLED)]  # fmt: skip
    weeks = rules.month(items, date(2026, 12, 25), {date(2026, 12, 25)})
    assert [week.monday for week in weeks] == [date(2026, 11, 30) + timedelta(weeks=n) for n in range(5)]
    assert [week.is_gap for week in weeks] == [False, True, True, True, True]
    first = weeks[0].days
    assert (first[0].is_inside, first[0].item_ids) == (False, ())
    assert (first[1].is_inside, first[1].item_ids, first[1].has_conflict) == (True, (1, 2), True)
    assert [day.day for week in weeks for day in week.days if day.is_holiday] == [date(2026, 12, 25)]


@given(DAYS)
def test_a_quarter_is_its_three_months_week_by_week(day):
    weeks = rules.quarter([], day)
    assert [week.monday for week in weeks] == [weeks[0].monday + timedelta(weeks=n) for n in range(len(weeks))]
    inside = [each.day for week in weeks for each in week.days if each.is_inside]
    assert inside == [inside[0] + timedelta(days=n) for n in range(len(inside))]
    assert (inside[0].day, inside[0].month % 3, len({each.month for each in inside})) == (1, 1, 3)
    assert day in inside


def test_the_timeline_has_a_lane_for_each_channel_in_use():
    items = [
        Item(1, MONDAY, channel=rules.EMBEDDED), Item(2, MONDAY - timedelta(days=1), channel=rules.EMBEDDED),
        Item(3, MONDAY, channel=rules.INTRANET), Item(4, MONDAY + timedelta(days=40), channel=rules.BRIEFING),
    ]  # fmt: skip
    lanes = rules.timeline(items, MONDAY - timedelta(days=7), MONDAY + timedelta(days=7))
    assert [(lane.channel, lane.item_ids) for lane in lanes] == [(rules.INTRANET, (3,)), (rules.EMBEDDED, (2, 1))]
    assert lanes[1].title == "Embedded in another programme"
