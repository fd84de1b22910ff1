"""Completions: whose they are, what is counted, what waits, what can be taken back."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.training import records, records_completions, records_imports, sheet_completions
from tests import desks
from tests.training.makers import EXPORT, NOW, TODAY, checked, done, export, person, roster, sheet

desk, vault = desks.desk, desks.vault
LATER = datetime(2026, 12, 7, 12, tzinfo=UTC)


@pytest.fixture
def staffed(vault):
    roster(vault, person(3757375), person(3749620, "Thorne", "Jules"))
    return vault


def states(vault, *rows, now=NOW):
    return [(row.state, row.reasons) for row in checked(vault, sheet_completions, sheet(EXPORT, *rows), now).rows]


def one(vault, row, now=NOW):
    """Where a row goes, beside one that is in order."""
    return states(vault, row, done(3749620, "Module 4", "01/03/2026", "Thorne, Jules"), now=now)[0]


def test_mod_is_module(staffed):
    assert one(staffed, done(3757375, "OIC e-learning Mod. 2", "01/03/2026"))[0] == "new"
    export(staffed, done(3757375, "OIC e-learning Mod. 2", "01/03/2026"))
    with staffed.reading() as session:
        assert [row.course for row in records_completions.completions_of(session, 1)] == ["Module 2"]


@pytest.mark.parametrize("status", ["In progress", "Failed", "Did not attend", "Enrolled"])
def test_a_status_that_is_no_completion_is_not_counted_whatever_its_date(staffed, status):
    assert one(staffed, done(3757375, "Module 1", "no date yet", status=status))[0] == "not a completion"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (done(3757375, "Module 1", "31/04/2026"), "There is no 31 April."),
        (done(3757375, "Module 1", "24/11/2026"), "Tue 24 Nov 2026 lies in the future"),
        (done(3757375, "Module 1", ""), "Completion date is missing."),
        (done(3757375, "Basket weaving", "01/03/2026"), "“Basket weaving” is not known"),
        (done(3757375, "Module 1", "01/03/2026", status=""), "Status is missing"),
        (done(3757375, "Module 1", "01/03/2026", name=""), "Name is missing"),
        (done(9999999, "Module 1", "01/03/2026"), "Nobody on the roster has the staff number 9999999"),
    ],
)
def test_a_row_that_cannot_be_says_why(staffed, row, why):
    state, reasons = one(staffed, row)
    assert state == "problem" and why in reasons


def test_today_is_no_future_date(staffed):
    assert one(staffed, done(3757375, "Module 1", "23/11/2026"))[0] == "new"


def test_a_past_date_stays_as_it_is(staffed):
    export(staffed, done(3757375, "Module 1", "14/02/2019"))
    with staffed.reading() as session:
        assert records_completions.completions_of(session, 1)[0].done_on == date(2019, 2, 14)


def test_the_exact_number_with_another_surname_is_imported_with_a_warning(staffed):
    state, reasons = one(staffed, done(3757375, "Module 1", "01/03/2026", "Crane, Lee"))
    assert state == "new"
    assert reasons == "The surname differs: the roster has Ashby, Lee, the row Crane, Lee."


def test_the_exact_number_with_another_forename_waits_to_be_confirmed(staffed):
    state, reasons = one(staffed, done(3757375, "Module 1", "01/03/2026", "Ashby, Noor"))
    assert state == "to confirm"
    assert reasons == "The staff number is Ashby, Lee's, but the row names Ashby, Noor."


def test_middle_names_accents_and_case_make_nobody_another_person(vault):
    roster(vault, person(1, "Łapiński", "Noor"))
    assert one(vault, done(1, "Module 1", "01/03/2026", "LAPINSKI, noor Maria")) == ("new", "")


def test_a_dropped_leading_digit_waits_to_be_confirmed(staffed):
    state, reasons = one(staffed, done(757375, "Module 1", "01/03/2026"))
    assert state == "to confirm"
    assert reasons == "The staff number 757375 lacks its first digit if this is Ashby, Lee."


def test_the_duplicate_test_comes_before_the_question_whose_it_is(staffed):
    row = done(757375, "Module 1", "01/03/2026")
    assert [state for state, _ in states(staffed, row, row)] == ["to confirm", "already there"]
    unknown = done(9999999, "Module 1", "01/03/2026")
    assert [state for state, _ in states(staffed, unknown, unknown)] == ["problem", "already there"]


def test_a_confirmed_completion_counts_and_the_file_brings_it_no_more(desk, staffed):
    row = done(757375, "Module 1", "01/03/2026")
    export(staffed, row)
    assert desk.ask(records_completions.waiting_count) == 1
    assert desk.do(records_completions.confirm, [1], 1, now=LATER) == 1
    assert desk.ask(records_completions.waiting_count) == 0
    assert desk.log()[-1]["operation"] == "combination"
    assert len(desk.ask(records_completions.completions_of, 1)) == 1
    assert export(staffed, row, now=LATER).counts() == {
        "rows": 1, "blank": 0, "imported": 0, "already_there": 1, "not_completions": 0, "to_confirm": 0,
        "problems": 0, "warnings": 0,
    }  # fmt: skip


def test_what_was_dismissed_does_not_ask_again(desk, staffed):
    row = done(757375, "Module 1", "01/03/2026")
    export(staffed, row)
    desk.do(records_completions.dismiss, [1], "another force's officer", now=LATER)
    assert one(staffed, row)[0] == "already there"
    with pytest.raises(Refused, match="decided already"):
        desk.do(records_completions.confirm, [1], 1, now=LATER)


def test_what_waits_is_not_set_aside_twice(desk, staffed):
    row = done(757375, "Module 1", "01/03/2026")
    export(staffed, row)
    second = export(staffed, row, done(3757375, "Module 2", "01/03/2026"))
    assert (second.imported, second.to_confirm) == (1, 1)
    assert desk.ask(records_completions.waiting_count) == 1


def test_confirming_what_the_person_has_already_counts_once(desk, staffed):
    export(staffed, done(757375, "Module 1", "01/03/2026"), done(3757375, "Module 1", "01/03/2026"))
    assert desk.do(records_completions.confirm, [1], 1, now=LATER) == 0
    assert len(desk.ask(records_completions.completions_of, 1)) == 1


def test_undoing_an_import_takes_its_confirmed_completions_back_too(desk, staffed):
    row = done(757375, "Module 1", "01/03/2026")
    export(staffed, row)
    desk.do(records_completions.confirm, [1], 1, now=LATER)
    undone = desk.do(records_imports.undo, 2, now=LATER)
    assert undone.withdrawn == 1
    assert one(staffed, row)[0] == "to confirm"


def test_a_newer_export_with_nothing_new_is_evidence_and_the_same_file_is_not(desk, staffed):
    rows = [done(3757375, "Module 1", "01/03/2026")]
    export(staffed, *rows)
    assert export(staffed, *rows, now=LATER).batch_id is None
    assert desk.ask(records_imports.newest_import, records_imports.COMPLETIONS) == NOW
    export(staffed, *rows, done(3757375, "Module 2", "", status="In progress"), now=LATER)
    assert desk.ask(records_imports.newest_import, records_imports.COMPLETIONS) == LATER


def test_an_export_without_a_status_column_counts_rows_with_a_date(staffed):
    found = checked(staffed, sheet_completions, sheet(EXPORT[:4], done(3757375, "Module 1", "01/03/2026")[:4]))
    assert found.counts()["new"] == 1


def test_two_pieces_of_further_cpd_on_one_day_are_two_completions(desk, staffed):
    for title in ("Ports study day", "Modern slavery seminar"):
        desk.do(records_completions.complete, 1, "other_cpd", TODAY, evidence="certificate", course_text=title, now=NOW)
    assert len(desk.ask(records_completions.completions_of, 1)) == 2


def test_a_completion_by_hand_needs_evidence_and_a_day_that_has_been(desk, staffed):
    with pytest.raises(Refused, match="Name the evidence"):
        desk.do(records_completions.complete, 1, "module_1", TODAY, evidence=" ", now=NOW)
    with pytest.raises(Refused, match="lies in the future"):
        desk.do(records_completions.complete, 1, "module_1", date(2026, 11, 24), evidence="x", now=NOW)
    made = desk.do(records_completions.complete, 1, "module_1", TODAY, evidence="certificate", now=NOW)
    with pytest.raises(Refused, match="recorded already"):
        desk.do(records_completions.complete, 1, "module_1", TODAY, evidence="certificate", now=NOW)
    desk.do(records_completions.take_back, made, "wrong person", now=LATER)
    (row,) = desk.ask(records_completions.completions_of, 1)
    assert row.withdrawn_why == "wrong person"
    desk.do(records_completions.complete, 1, "module_1", TODAY, evidence="certificate", now=LATER)


def test_a_new_word_for_a_course_is_understood_from_then_on(desk, staffed):
    desk.do(records.set_course, "module_1", on=TODAY, at=NOW, words=["OIC basics"], title="OIC: the basics")
    assert one(staffed, done(3757375, "OIC basics", "01/03/2026"))[0] == "new"


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["3757375", "757375", "3749620", "9999999", ""]),
        st.sampled_from(["Ashby, Lee", "Thorne, Jules", "Crane, Lee", ""]),
        st.sampled_from(["Module 1", "OIC e-learning Mod. 2", "Basket weaving", ""]),
        st.sampled_from(["01/03/2026", "2-Mar-26", "31/04/2026", "01/01/2031", ""]),
        st.sampled_from(["Completed", "Passed", "Failed", ""]),
    ),
    max_size=15,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_whatever_the_file_its_rows_add_up_and_a_second_time_changes_nothing(staffed, rows):
    safe = done(3749620, "Module 4", "01/03/2026", "Thorne, Jules")
    told = export(staffed, safe, *rows)
    counts = told.counts()
    parts = ("blank", "imported", "already_there", "not_completions", "to_confirm", "problems")
    assert counts["rows"] == len(rows) + 1 == sum(counts[name] for name in parts)
    again = export(staffed, safe, *rows).counts()
    assert again["imported"] == 0
    assert {name: again[name] for name in ("blank", "not_completions", "to_confirm", "problems", "rows")} == {
        name: counts[name] for name in ("blank", "not_completions", "to_confirm", "problems", "rows")
    }
