"""Working days, wall times and due times, across both clock changes."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.settings import rules
from oicdesk.settings.rules import END_OF_NEXT_WORKING_DAY, LONDON, DueRule

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
HOLIDAYS = st.frozensets(st.dates(date(2020, 1, 1), date(2035, 12, 31)), max_size=40)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# --- wall times ---


def test_a_winter_time_is_utc_and_a_summer_time_is_an_hour_less():
    assert rules.local_instant(date(2026, 1, 6), time(8, 21)) == (utc(2026, 1, 6, 8, 21), False)
    assert rules.local_instant(date(2026, 7, 6), time(8, 21)) == (utc(2026, 7, 6, 7, 21), False)


@pytest.mark.parametrize("at", [time(1, 0), time(1, 30), time(1, 59, 59)])
def test_a_time_that_the_clocks_skip_is_refused_and_its_day_is_named(at):
    with pytest.raises(Refused, match=r"does not exist on Sun 29 Mar 2026, because the clocks went forward"):
        rules.local_instant(SPRING, at)


@pytest.mark.parametrize("at", [time(0, 59, 59), time(2, 0)])
def test_the_times_around_the_skipped_hour_exist_once(at):
    assert rules.local_instant(SPRING, at)[1] is False


def test_of_a_time_that_happens_twice_the_first_is_taken_and_said_to_be_ambiguous():
    assert rules.local_instant(AUTUMN, time(1, 30)) == (utc(2026, 10, 25, 0, 30), True)


@pytest.mark.parametrize("at", [time(0, 59), time(2, 0)])
def test_the_times_around_the_double_hour_are_unambiguous(at):
    assert rules.local_instant(AUTUMN, at)[1] is False


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001  # wall times have no zone
def test_a_wall_time_that_exists_comes_back_unchanged(wall):
    try:
        instant, _ = rules.local_instant(wall.date(), wall.time())
    except Refused:
        assert (wall.month, wall.weekday(), wall.hour) == (3, 6, 1)
    else:
        assert instant.astimezone(LONDON).replace(tzinfo=None, fold=0) == wall


def test_the_last_instant_of_a_day_is_just_before_the_first_of_the_next():
    for day in (SPRING, AUTUMN, date(2026, 12, 31)):
        following = rules.start_of_day(day + timedelta(days=1))
        assert following - rules.end_of_day(day) == timedelta(microseconds=1)


def test_a_day_with_a_clock_change_has_23_or_25_hours():
    lengths = [rules.start_of_day(day + timedelta(days=1)) - rules.start_of_day(day) for day in (SPRING, AUTUMN)]
    assert lengths == [timedelta(hours=23), timedelta(hours=25)]


# --- as at ---


def test_as_at_a_date_alone_is_the_end_of_that_day_in_london():
    assert rules.as_at("2026-07-01") == utc(2026, 7, 1, 22, 59, 59, 999999)


def test_as_at_with_an_offset_is_that_instant():
    assert rules.as_at("2026-07-01T12:00:00+02:00") == utc(2026, 7, 1, 10)
    assert rules.as_at(" 2026-07-01T12:00Z ") == utc(2026, 7, 1, 12)


def test_as_at_without_an_offset_is_london():
    assert rules.as_at("2026-07-01T12:00") == utc(2026, 7, 1, 11)
    assert rules.as_at("2026-07-01 12:00") == utc(2026, 7, 1, 11)


@pytest.mark.parametrize("text", ["", "yesterday", "31/12/2026", "2026-02-30", "2026-07-01T25:00"])
def test_as_at_of_no_date_is_refused_with_an_example(text):
    with pytest.raises(Refused, match="write it like 2026-11-23") as refusal:
        rules.as_at(text)
    assert refusal.value.field == "as_at"


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:00-12:00"])
def test_as_at_outside_the_calendar_is_refused(text):
    with pytest.raises(Refused, match="outside the calendar"):
        rules.as_at(text)


def test_as_at_a_time_that_the_clocks_skip_is_refused():
    with pytest.raises(Refused, match="does not exist"):
        rules.as_at("2026-03-29T01:30")


# --- working days ---


def test_weekends_and_bank_holidays_are_no_working_days():
    week = [date(2026, 12, 24) + timedelta(days=i) for i in range(6)]
    assert [rules.is_working_day(day, CHRISTMAS) for day in week] == [True, False, False, False, False, True]


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 24), 0, date(2026, 12, 24)),
        (date(2026, 12, 26), 1, date(2026, 12, 29)),
        (date(2026, 12, 22), 3, date(2026, 12, 29)),
        (date(2026, 12, 29), -1, date(2026, 12, 24)),
        (date(2026, 11, 20), 3, date(2026, 11, 25)),
    ],
)
def test_working_days_are_counted_with_the_event_as_day_0(day, n, expected):
    assert rules.add_working_days(day, n, CHRISTMAS) == expected


@given(DAYS, st.integers(1, 60), HOLIDAYS)
def test_the_nth_working_day_is_a_working_day_and_n_lie_between(day, n, holidays):
    found = rules.add_working_days(day, n, holidays)
    assert rules.is_working_day(found, holidays)
    assert rules.working_days_between(day, found, holidays) == n


@given(DAYS, HOLIDAYS)
def test_zero_working_days_later_is_the_same_day_whatever_it_is(day, holidays):
    assert rules.add_working_days(day, 0, holidays) == day


@given(DAYS, st.integers(0, 15), st.integers(0, 15), HOLIDAYS)
def test_adding_in_two_steps_is_adding_at_once(day, a, b, holidays):
    once = rules.add_working_days(day, a + b, holidays)
    assert rules.add_working_days(rules.add_working_days(day, a, holidays), b, holidays) == once


@given(DAYS, st.integers(0, 30), st.integers(1, 30), HOLIDAYS)
def test_more_working_days_lead_to_a_later_day(day, n, more, holidays):
    later = rules.add_working_days(day, n + more, holidays)
    assert later > rules.add_working_days(day, n, holidays)


@given(DAYS, st.integers(0, 30), st.integers(0, 400), HOLIDAYS)
def test_a_later_start_never_ends_earlier(day, n, shift, holidays):
    start = day + timedelta(days=shift)
    assert rules.add_working_days(start, n, holidays) >= rules.add_working_days(day, n, holidays)


@given(DAYS, DAYS, HOLIDAYS)
def test_working_days_between_two_days_are_those_one_counts_on_fingers(a, b, holidays):
    first, last = min(a, b), max(a, b)
    counted = sum(rules.is_working_day(first + timedelta(days=i), holidays) for i in range(1, (last - first).days + 1))
    assert rules.working_days_between(first, last, holidays) == counted
    assert rules.working_days_between(last, first, holidays) == -counted


def test_the_age_turns_at_midnight_in_london_not_in_greenwich():
    contact = utc(2026, 7, 6, 22, 30)  # Mon 23:30 in London
    assert rules.age_working_days(contact, utc(2026, 7, 6, 22, 59), frozenset()) == 0
    assert rules.age_working_days(contact, utc(2026, 7, 6, 23, 0), frozenset()) == 1


# --- due ---


def test_24_elapsed_hours_are_24_hours_over_both_clock_changes():
    for day, spoken in ((date(2026, 3, 28), "13:00"), (date(2026, 10, 24), "11:00")):
        contact, _ = rules.local_instant(day, time(12, 0))
        due = rules.due_at(contact, DueRule(), frozenset())
        assert due - contact == timedelta(hours=24)
        assert rules.spoken_instant(due).endswith(f" {spoken}")


def test_the_hours_of_the_rule_are_used():
    assert rules.due_at(utc(2026, 6, 1), DueRule(hours=48), frozenset()) == utc(2026, 6, 3)


def test_the_end_of_the_next_working_day_skips_the_weekend_and_bank_holidays():
    rule = DueRule(END_OF_NEXT_WORKING_DAY)
    contact, _ = rules.local_instant(date(2026, 12, 24), time(9, 0))
    due = rules.due_at(contact, rule, CHRISTMAS)
    assert rules.spoken_deadline(due) == "Tue 29 Dec 2026 11:59pm"
    assert due == rules.end_of_day(date(2026, 12, 29))


def test_the_next_working_day_is_reckoned_from_the_day_in_london():
    contact = utc(2026, 7, 6, 23, 30)  # already Tuesday in London
    due = rules.due_at(contact, DueRule(END_OF_NEXT_WORKING_DAY), frozenset())
    assert rules.london_day(due) == date(2026, 7, 8)


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_the_end_of_the_next_working_day_is_11_59pm_on_either_side_of_a_clock_change(day):
    contact, _ = rules.local_instant(day, time(17, 0))  # the Friday before
    due = rules.due_at(contact, DueRule(END_OF_NEXT_WORKING_DAY), frozenset())
    assert rules.london_day(due) == day + timedelta(days=3)
    assert rules.spoken_deadline(due).endswith("11:59pm")


def test_a_document_is_overdue_after_the_due_instant_not_at_it():
    due = rules.end_of_day(date(2026, 11, 24))
    assert not rules.is_overdue(due, due)
    assert not rules.is_overdue(due, rules.as_at("2026-11-24"))
    assert rules.is_overdue(due, due + timedelta(microseconds=1))


def test_a_fixed_offset_gives_the_same_due_instant_as_utc():
    contact = utc(2026, 7, 6, 12)
    moved = contact.astimezone(timezone(timedelta(hours=5)))
    for rule in (DueRule(), DueRule(END_OF_NEXT_WORKING_DAY)):
        assert rules.due_at(moved, rule, frozenset()) == rules.due_at(contact, rule, frozenset())


# --- months, table, words ---


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_end_on_a_day_that_exists(day, months, expected):
    assert rules.add_months(day, months) == expected


def test_a_year_without_bank_holidays_is_warned_of():
    table = frozenset({date(2025, 1, 1), date(2028, 12, 26)})
    assert rules.beyond_holiday_table(date(2028, 12, 31), table) is None
    warning = rules.beyond_holiday_table(date(2029, 1, 2), table)
    assert warning.startswith("Tue 2 Jan 2029 lies outside the bank-holiday table, which covers 2025 to 2028;")
    assert "2027" in rules.beyond_holiday_table(date(2027, 1, 2), table)
    assert "which is empty" in rules.beyond_holiday_table(date(2027, 1, 2), frozenset())


def test_days_and_instants_are_said_in_the_desk_s_formats():
    day = date(2026, 11, 23)
    assert rules.spoken_day(day) == "Mon 23 Nov 2026"
    assert rules.short_day(day) == "23 Nov 2026"
    assert rules.long_day(date(2026, 4, 30)) == "30 April 2026"
    assert rules.spoken_month(day) == "Nov 2026"
    assert rules.spoken_range(date(2026, 1, 1), day) == "1 January 2026 to 23 November 2026"
    assert rules.spoken_range(day, day) == "23 November 2026"
    assert rules.spoken_instant(utc(2026, 11, 23, 10, 42, 59)) == "Mon 23 Nov 2026 10:42"
    assert rules.spoken_deadline(utc(2026, 7, 6, 12)) == "Mon 6 Jul 2026 13:00"


def test_the_two_hours_of_one_name_are_told_apart():
    assert rules.spoken_instant(utc(2026, 10, 25, 0, 30)) == "Sun 25 Oct 2026 01:30 BST"
    assert rules.spoken_instant(utc(2026, 10, 25, 1, 30)) == "Sun 25 Oct 2026 01:30 GMT"


def test_words_become_codes_and_keys_that_ignore_case_and_punctuation():
    assert rules.code_from("Lorry-drop: Harwich!") == "lorry_drop_harwich"
    assert rules.code_from("…") == ""
    assert rules.synonym_key("Illegal working / HARBOURING ") == rules.synonym_key("illegal-working harbouring")


# --- settings ---


def _setting(kind: str, **facts: object) -> rules.Definition:
    defaults = SimpleNamespace(key="k", section="desk", title="The thing", default=None, because="so.")
    return rules.Definition(kind=kind, **{**vars(defaults), **facts})


@pytest.mark.parametrize(
    ("definition", "value", "stored"),
    [
        (_setting("whole", minimum=1, maximum=9), 9, 9),
        (_setting("check"), True, True),
        (_setting("text"), "  Athena ", "Athena"),
        (_setting("date"), date(2026, 9, 1), "2026-09-01"),
        (_setting("date"), "2026-09-01", "2026-09-01"),
        (_setting("date"), None, None),
        (_setting("choice", choices=(("a", "A"),)), "a", "a"),
        (_setting("pattern"), r"NCCU\d+", r"NCCU\d+"),
    ],
)
def test_a_fitting_value_is_stored(definition, value, stored):
    assert rules.checked(definition, value) == stored


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        (_setting("whole", minimum=1, maximum=9), 10),
        (_setting("whole", minimum=1, maximum=9), 0),
        (_setting("whole"), "5"),
        (_setting("whole"), True),
        (_setting("check"), 1),
        (_setting("date"), "someday"),
        (_setting("choice", choices=(("a", "A"),)), "b"),
        (_setting("pattern"), "NCCU("),
    ],
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field(definition, value):
    with pytest.raises(Refused, match="The thing") as refusal:
        rules.checked(definition, value)
    assert refusal.value.field == "k"


def test_names_are_recorded_only_with_a_reason():
    with pytest.raises(Refused, match="only with a reason"):
        rules.check_together({"record_names": True, "record_names_reason": ""})
    rules.check_together({"record_names": True, "record_names_reason": "Court order"})


def test_chasers_go_up_in_order():
    steps = {"chaser_officer_hours": 24, "chaser_supervisor_hours": 12, "chaser_inspector_hours": 168}
    with pytest.raises(Refused, match="go up in order"):
        rules.check_together(steps)
    rules.check_together({**steps, "chaser_supervisor_hours": 24})
