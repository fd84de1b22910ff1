"""The roster over time: moves, names, leavers, absences; nobody is lost and nobody stands twice."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.errors import Refused
from oicdesk.training import records_completions, records_exclusions, records_imports, records_people, sheet_learners
from tests import desks
from tests.training.makers import NOW, ROSTER, TODAY, checked, done, export, person, roster, sheet

desk, vault = desks.desk, desks.vault
LATER = datetime(2026, 12, 7, 12, tzinfo=UTC)


def history(vault, learner_id=1):
    with vault.reading() as session:
        return records_people.learner(session, learner_id)


def people(vault, day=TODAY):
    with vault.reading() as session:
        return {one.staff_number: one for one in records_people.people_on(session, day)}


def test_a_move_keeps_where_the_person_was_before(vault):
    roster(vault, person(3757375))
    done_ = roster(vault, person(3757375, team="Bury Roads Policing", role="Custody"), now=LATER)
    assert (done_.imported, done_.changed, done_.already_there) == (0, 1, 0)
    first, second = history(vault).stints
    assert (first.valid_from, first.valid_to, first.facts["team"]) == (
        date(2020, 4, 1),
        LATER.date(),
        "Ipswich Response",
    )
    assert (second.valid_from, second.facts["role_group"]) == (LATER.date(), "Custody")
    assert people(vault)["3757375"].role_group == "Frontline"
    assert people(vault, LATER.date())["3757375"].role_group == "Custody"


def test_a_role_can_hold_from_the_day_the_roster_names(vault):
    roster(vault, person(1))
    columns = (*ROSTER, "Role from")
    moved = sheet(columns, (*person(1, role="Custody"), "01/12/2026"))
    run = checked(vault, sheet_learners, moved, LATER)
    with vault.changing() as session:
        sheet_learners.write(session, run, file_name="r", file_sha256="r", now=LATER)
    assert history(vault).stints[1].valid_from == date(2026, 12, 1)


def test_a_new_surname_is_a_change_with_a_warning_and_both_names_stay_known(vault):
    roster(vault, person(1))
    changed = roster(vault, person(1, "Thorne"), now=LATER)
    assert (changed.changed, changed.warnings, changed.problems) == (1, 1, 0)
    assert history(vault).name == "Thorne, Lee"
    assert history(vault).stints[0].facts["surname"] == "Ashby"
    # The learning system still has the old name: no warning, it is the same person.
    assert export(vault, done(1, "Module 1", "01/03/2026", "Ashby, Lee"), now=LATER).warnings == 0


def test_another_person_under_a_known_staff_number_is_a_problem(vault):
    roster(vault, person(1))
    changed = roster(vault, person(1, "Thorne", "Noor"), now=LATER)
    assert (changed.changed, changed.problems) == (0, 1)
    assert history(vault).name == "Ashby, Lee"


def test_a_collar_number_may_belong_to_two_people(vault):
    both = roster(vault, person(1, collar="PC 7"), person(2, "Thorne", collar="pc 7"))
    assert (both.imported, both.problems) == (2, 0)
    assert {one.collar for one in people(vault).values()} == {"PC 7"}


def test_one_staff_number_with_two_people_makes_both_rows_problems(vault):
    run = checked(vault, sheet_learners, sheet(ROSTER, person(1), person(2, "Crane"), person(1, "Thorne", "Noor")))
    assert [(row.line.number, row.state) for row in run.rows] == [(2, "problem"), (3, "new"), (4, "problem")]
    assert run.rows[0].reasons == "The staff number 1 belongs to another person on line 4; find out whose it is."


def test_the_same_row_twice_is_one_person(vault):
    twice = roster(vault, person(1), person(1))
    assert (twice.imported, twice.already_there, twice.problems) == (1, 1, 0)


def test_one_person_with_two_sets_of_details_is_settled_by_nobody(vault):
    found = checked(vault, sheet_learners, sheet(ROSTER, person(1), person(1, team="Felixstowe Ports")))
    assert [row.state for row in found.rows] == ["problem", "problem"]
    assert "with other details on line 3" in found.rows[0].reasons


def test_a_leaver_counts_up_to_the_last_day_and_is_never_deleted(vault):
    roster(vault, person(1))
    roster(vault, person(1, leave="30/11/2026"), now=LATER)
    assert "1" in people(vault, date(2026, 11, 30))
    assert "1" not in people(vault, date(2026, 12, 1))
    assert history(vault).left_on == date(2026, 11, 30)


def test_somebody_who_comes_back_counts_again_but_not_in_between(vault):
    roster(vault, person(1, leave="30/06/2026"))
    again = roster(vault, person(1), now=LATER)
    assert again.changed == 1
    assert "1" in people(vault, date(2026, 6, 30))
    assert "1" not in people(vault, date(2026, 10, 1))
    assert "1" in people(vault, LATER.date())


def test_an_absence_ends_when_a_roster_no_longer_tells_it(vault):
    roster(vault, person(1, absence="Maternity"))
    roster(vault, person(1), now=LATER)
    assert people(vault, date(2026, 11, 22))["1"].absence is None
    assert people(vault, TODAY)["1"].absence == "Maternity"
    assert people(vault, LATER.date())["1"].absence is None


def test_a_roster_without_a_column_leaves_what_is_known(vault):
    roster(vault, person(1, absence="Maternity"))
    short = sheet(("Staff No", "Surname", "Forename", "Force"), ("1", "Ashby", "Lee", "Suffolk"))
    run = checked(vault, sheet_learners, short, LATER)
    assert [row.state for row in run.rows] == ["already there"]


def test_another_spelling_of_a_team_is_the_same_team(vault):
    roster(vault, person(1))
    assert roster(vault, person(2, "Crane", team="IPSWICH  response", role="frontline")).imported == 1
    found = people(vault)["2"]
    assert (found.team, found.role_group) == ("Ipswich Response", "Frontline")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (person(1, start="31/04/2020"), "There is no 31 April."),
        (person(1, leave="01/01/2019"), "lies before the first"),
        (person(1, force="Essex"), "is not known"),
        (person(1, surname="", forename="Lee"), "Surname is missing."),
        (person(" "), "Staff number is missing."),
    ],
)
def test_a_row_that_cannot_be_says_why(vault, row, why):
    (found,) = checked(vault, sheet_learners, sheet(ROSTER, row, person(9, "Crane"))).problems
    assert why in found.reasons


def test_all_or_nothing_writes_nothing_when_a_row_has_a_problem(vault):
    with pytest.raises(Refused, match="1 of 2 rows have problems"):
        roster(vault, person(1), person(2, force="Essex"), all_or_nothing=True)
    assert people(vault) == {}


def test_undoing_a_roster_puts_changes_back_and_takes_new_people_off(vault):
    roster(vault, person(1))
    before = history(vault)
    second = roster(vault, person(1, "Thorne", team="Felixstowe Ports"), person(2, "Crane"), now=LATER)
    with vault.changing() as session:
        undone = records_imports.undo(session, second.batch_id, now=LATER)
    assert (undone.withdrawn, undone.restored, undone.kept) == (1, 1, ())
    assert history(vault).stints == before.stints
    assert history(vault).name == before.name
    assert set(people(vault, LATER.date())) == {"1"}


def test_undoing_a_roster_keeps_people_with_a_record_of_their_own(vault):
    first = roster(vault, person(1), person(2, "Crane"), person(3, "Quy"))
    export(vault, done(1, "Module 1", "01/03/2026"))
    with vault.changing() as session:
        records_exclusions.exclude(
            session, 3, None, "secondment", why="on a national team", approved_by="DI", from_on=TODAY, at=NOW
        )
        undone = records_imports.undo(session, first.batch_id, now=LATER)
    assert undone.withdrawn == 1
    assert [name.split(" (")[0] for name in undone.kept] == ["Ashby, Lee", "Quy, Lee"]
    with pytest.raises(Refused, match="undone already"), vault.changing() as session:
        records_imports.undo(session, first.batch_id, now=LATER)


def test_undoing_an_earlier_roster_leaves_what_a_later_one_changed(vault):
    roster(vault, person(1))
    second = roster(vault, person(1, team="Felixstowe Ports"), now=LATER)
    roster(vault, person(1, team="Haverhill SNT"), now=datetime(2027, 1, 4, tzinfo=UTC))
    with vault.changing() as session:
        undone = records_imports.undo(session, second.batch_id, now=LATER)
    assert (undone.restored, undone.kept) == (0, ("Ashby, Lee (changed since)",))


def test_a_change_by_hand_is_dated_and_logged(desk, vault):
    roster(vault, person(1))
    assert desk.do(records_people.change, 1, {"team": "Felixstowe Ports"}, on=date(2026, 9, 1)) == ["team"]
    assert people(vault, date(2026, 8, 31))["1"].team == "Ipswich Response"
    assert people(vault, date(2026, 9, 1))["1"].team == "Felixstowe Ports"
    assert desk.log()[-1]["fields"] == ["team"]


def test_people_are_logged_one_by_one_when_they_come_in(desk, vault):
    roster(vault, person(1), person(2, "Crane"))
    assert [entry["records"] for entry in desk.log()[-3:]] == [
        {"training_import": [1]}, {"learner": [1]}, {"learner": [2]}
    ]  # fmt: skip


def test_a_leavers_absence_is_not_news_each_time(vault):
    roster(vault, person(1, leave="30/06/2026", absence="Maternity"))
    assert roster(vault, person(1, leave="30/06/2026", absence="Maternity"), now=LATER).changed == 0


def test_completions_stay_with_a_person_who_moves_and_changes_their_name(vault):
    roster(vault, person(1))
    export(vault, done(1, "Module 1", "01/03/2026"))
    roster(vault, person(1, "Thorne", force="Norfolk"), now=LATER)
    with vault.reading() as session:
        (only,) = records_completions.completions_of(session, 1)
    assert (only.course, only.done_on) == ("Module 1", date(2026, 3, 1))
