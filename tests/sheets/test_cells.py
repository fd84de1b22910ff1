"""One cell at a time: British dates, times, whole numbers, and sentences for what is none."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.sheets.cells import fold, parse_date, parse_instant, parse_time, parse_whole, parse_yes_no, text_of

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31))
FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y", "%a %d %b %Y", "%A, %d %B %Y"]


@given(DAYS, st.sampled_from(FORMATS))
def test_a_date_reads_back_from_every_way_of_writing_it(day, form):
    assert parse_date(day.strftime(form)) == day


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["%d/%m/%y", "%d-%b-%y", "%d %B %y"]))
def test_a_year_of_two_figures_is_of_this_century(day, form):
    assert parse_date(day.strftime(form)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1/2/2026", dt.date(2026, 2, 1)),
        ("28-Dec-25", dt.date(2025, 12, 28)),
        ("30 April 2026", dt.date(2026, 4, 30)),
        ("30th April 2026", dt.date(2026, 4, 30)),
        ("1st of Sept 2026", dt.date(2026, 9, 1)),
        ("April 30, 2026", dt.date(2026, 4, 30)),
        ("06/01/2026 00:00:00", dt.date(2026, 1, 6)),
        ("2026-01-06T08:21", dt.date(2026, 1, 6)),
        (" 06/01/2026 ", dt.date(2026, 1, 6)),
    ],
)
def test_dates_as_people_and_programs_write_them(text, day):
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("31/02/2026", "There is no 31 February."),
        ("29/02/2026", "There is no 29 February 2026."),
        ("31-Apr-26", "There is no 31 April."),
        ("01/13/2026", "There is no month 13 in “01/13/2026”; the day comes before the month."),
        ("soon", "“soon” is not a date the desk can read; write it as 23/11/2026 or 2026-11-23."),
        ("46028", "“46028” is not a date the desk can read; write it as 23/11/2026 or 2026-11-23."),
        ("5 Juice 2026", "“5 Juice 2026” is not a date the desk can read; write it as 23/11/2026 or 2026-11-23."),
        ("01/01/0026", "The year of “01/01/0026” cannot be meant; write the date as 23/11/2026 or 2026-11-23."),
    ],
)
def test_what_is_no_date_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(Refused) as caught:
        parse_date(text)
    assert str(caught.value) == sentence


@given(st.times().map(lambda time: time.replace(microsecond=0)), st.sampled_from(["%H:%M:%S", "%I:%M:%S %p"]))
def test_a_time_reads_back(time, form):
    assert parse_time(time.strftime(form)) == time


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("0821", dt.time(8, 21)),
        ("821", dt.time(8, 21)),
        (821, dt.time(8, 21)),
        ("8:21", dt.time(8, 21)),
        ("18.29", dt.time(18, 29)),
        ("18:29:30", dt.time(18, 29, 30)),
        ("1829 hrs", dt.time(18, 29)),
        ("6:29pm", dt.time(18, 29)),
        ("12:05 am", dt.time(0, 5)),
        (dt.timedelta(hours=9, minutes=5), dt.time(9, 5)),
        (0.5, dt.time(12)),
        (dt.time(9, 5), dt.time(9, 5)),
    ],
)
def test_times_as_people_and_programs_write_them(cell, time):
    assert parse_time(cell) == time


@pytest.mark.parametrize(
    "cell", ["25:10", "2510", "24:00", "12:60", "13:00 pm", "9", "soon", dt.timedelta(hours=25, minutes=10)]
)
def test_what_is_no_time_is_refused(cell):
    with pytest.raises(Refused, match=r"(?s)^(There is no time|“).*\.$"):
        parse_time(cell)


def test_the_hour_that_does_not_exist_is_named():
    with pytest.raises(Refused, match=r"There is no time 25:10; a day runs from 00:00 to 23:59\."):
        parse_time("25:10")


@pytest.mark.parametrize(
    "text",
    ["2026-01-06T08:21", "2026-01-06 08:21:00", "06/01/2026 0821", "06/01/2026 08:21", "6 Jan 2026, 08:21"],
)
def test_day_and_time_in_one_cell(text):
    assert parse_instant(text) == dt.datetime.fromisoformat("2026-01-06 08:21")


def test_an_offset_that_the_cell_names_is_kept():
    assert parse_instant("2026-06-06T23:30:00Z") == dt.datetime(2026, 6, 6, 23, 30, tzinfo=dt.UTC)
    assert parse_instant("2026-06-06 23:30+01:00").utcoffset() == dt.timedelta(hours=1)


def test_a_day_without_a_time_is_no_instant():
    with pytest.raises(Refused, match=r"has no time of day; write it as 06/01/2026 14:30\."):
        parse_instant("06/01/2026")


@pytest.mark.parametrize(("cell", "number"), [("12", 12), ("1,234", 1234), (" 3 ", 3), (7, 7), (2.0, 2), ("4.0", 4)])
def test_whole_numbers(cell, number):
    assert parse_whole(cell) == number


@pytest.mark.parametrize("cell", ["many", "1.5", "1,23", "", "9" * 5_000, True, 2.5])
def test_what_is_no_whole_number_is_refused(cell):
    with pytest.raises(Refused, match=r"is not a whole number"):
        parse_whole(cell)


def test_a_number_outside_its_bounds_is_refused():
    with pytest.raises(Refused, match="the least possible is 0"):
        parse_whole("-1", 0)
    with pytest.raises(Refused, match="the most possible is 99"):
        parse_whole("100", 0, 99)


def test_yes_and_no_in_their_usual_dress():
    assert [parse_yes_no(cell) for cell in ("Yes", "y", 1, True, "x")] == [True] * 5
    assert [parse_yes_no(cell) for cell in ("No", "n", 0, False)] == [False] * 4
    with pytest.raises(Refused, match="neither yes nor no"):
        parse_yes_no("perhaps")


def test_texts_are_compared_without_case_accents_or_punctuation():
    assert fold("  ŁAPIŃSKI-O’Dell ") == fold("lapinski odell")
    assert fold("Illegal working / harbouring") == fold("ILLEGAL WORKING – HARBOURING")
    assert fold("Bury & Thetford") == fold("Bury and Thetford")


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


def test_typed_cells_read_as_people_would_type_them():
    assert text_of(3757375.0) == "3757375"
    assert text_of(dt.time(9, 5)) == "09:05"
    assert text_of(dt.datetime.fromisoformat("2026-01-06 08:21")) == "2026-01-06 08:21"
    assert text_of(dt.date(2026, 1, 6)) == "2026-01-06"
