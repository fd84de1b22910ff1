"""Training beside cases as finished counts, what the panel may print of it, and what is asked of the inspector."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.audits.rules_suppress import suppress
from oicdesk.measures import rules
from oicdesk.measures.rules import TeamCount, Waiting
from oicdesk.training.rules import CourseFigure, Figures

DAY = date(2026, 11, 23)


def beside(trained, timely):
    return rules.side_by_side(trained, timely, force="Joint", day=DAY)


def test_two_shares_of_a_team_stand_beside_each_other_without_cause():
    found = beside(
        [TeamCount("Suffolk", "Ipswich Response", 20, 15)], [TeamCount("Suffolk", "ipswich  response", 40, 10)]
    )
    (row,) = found.rows
    assert (row.trained_percent, row.on_time_percent, row.team) == (75.0, 25.0, "Ipswich Response")
    assert found.note.startswith("Association only:") and "cause" in found.note
    assert found.since == date(2025, 11, 23)


@pytest.mark.parametrize(("people", "contacts", "shown"), [(10, 10, 1), (9, 10, 0), (10, 9, 0), (0, 40, 0), (40, 0, 0)])
def test_a_team_with_fewer_than_10_on_either_side_is_hidden_and_counted(people, contacts, shown):
    trained = [TeamCount("Suffolk", "A", people, people)] if people else []
    timely = [TeamCount("Suffolk", "A", contacts, 0)] if contacts else []
    found = beside(trained, timely)
    assert (len(found.rows), found.hidden) == (shown, 1 - shown)
    assert ("1 team is not shown, with fewer than 10" in found.note) == (not shown)


def test_teams_of_one_name_in_two_forces_are_two_teams():
    counts = [TeamCount(force, "Roads Policing", 12, 6) for force in ("Suffolk", "Norfolk")]
    assert [row.force for row in beside(counts, counts).rows] == ["Norfolk", "Suffolk"]


@given(st.lists(st.tuples(st.integers(10, 90), st.integers(10, 90), st.data()), min_size=2, max_size=6))
def test_teams_stand_by_name_whatever_their_figures(teams):
    trained, timely = [], []
    for n, (people, due, data) in enumerate(teams):
        trained.append(TeamCount("Suffolk", f"Team {n}", people, data.draw(st.integers(0, people))))
        timely.append(TeamCount("Suffolk", f"Team {n}", due, data.draw(st.integers(0, due))))
    assert [row.team for row in beside(trained, reversed(timely)).rows] == [f"Team {n}" for n in range(len(teams))]


# --- the panel ---


def figures(force, people, done):
    """Figures of a force: `done` is course → ids completed; everybody of `people` is in scope of every course."""

    def course(code, title, complete):
        missing = tuple(i for i in people if i not in complete)
        have = tuple(i for i in people if i in complete)
        absent = {"Absent: Maternity": len(people) // 4}
        return CourseFigure(code, title, len(people), len(have), 0, absent, missing, have)

    courses = {code: course(code, code.replace("_", " ").capitalize(), ids) for code, ids in done.items()}
    every = set.intersection(*map(set, done.values())) if done else set()
    return Figures(DAY, force, len(people), courses, course("all_modules", "All two modules", every))


def by_force(done):
    suffolk, norfolk = range(1, 41), range(41, 81)
    return {
        "Suffolk": figures("Suffolk", suffolk, done), "Norfolk": figures("Norfolk", norfolk, done),
        "Joint": figures("Joint", range(1, 81), done),
    }  # fmt: skip


def printed(found, paper, code):
    published = suppress(rules.panel_tables(found))
    table = next(one for one in published if (one.table.paper, one.table.row_dimension) == (paper, code))
    return [one for (one,) in table.counts], table.total


def test_a_small_gap_is_hidden_in_every_paper_that_would_give_it_away():
    # In Suffolk 2 people still have to do module 1, in Norfolk 20: joint less Norfolk would say so.
    found = by_force({"module_1": {*range(3, 41), *range(61, 81)}, "module_2": set(range(1, 81, 2))})
    assert printed(found, "Suffolk", "module_1")[0][1] is None
    counts = {paper: printed(found, paper, "module_1") for paper in ("Suffolk", "Norfolk", "Joint")}
    still = [counts[paper][0][1] for paper in ("Suffolk", "Norfolk", "Joint")]
    assert still.count(None) >= 2
    done_and_total = counts["Suffolk"][0][0], counts["Suffolk"][1]
    assert None in done_and_total


def test_courses_with_the_same_people_in_scope_share_one_total():
    # Module 1 hides its total; the same total printed beside module 2 would give the small gap away.
    found = by_force({"module_1": set(range(3, 81)), "module_2": set(range(1, 81, 2))})
    assert len({course.of for course in rules.panel_courses(found["Joint"])}) == 1
    (done, still), total = printed(found, "Suffolk", "module_1")
    assert still is None and (done is None or total is None)
    assert printed(found, "Suffolk", "module_2")[1] == total


def test_the_panel_hears_that_people_are_absent_and_not_why():
    tables = rules.panel_tables(by_force({"module_1": set(), "module_2": set()}))
    left_out = [table for table in tables if table.of.startswith(rules.EXCLUDED_OF)]
    assert left_out and {reason for table in left_out for reason in table.rows} == {"Absent"}


# --- the brief ---


def test_at_most_three_things_are_asked_and_decisions_come_first():
    waiting = Waiting(
        exemptions=2, oldest_exemption=date(2026, 11, 3), audits=("October",), items=("Briefing", "Poster"),
        long_overdue=4, overdue_teams=("Ipswich Response",), training_gap="Ask.", hydra_for_nobody=True,
    )  # fmt: skip
    first, second, third = rules.asks(waiting)
    assert first == "Approve or refuse 2 exemptions that wait for you, the oldest since 3 November 2026."
    assert second == "Approve the audit “October”, or say what is missing."
    assert third == "Approve the communication “Briefing” and 1 more, or say what is missing."


def test_what_is_overdue_names_teams_and_never_an_officer():
    (ask,) = rules.asks(Waiting(long_overdue=1, overdue_teams=("Ipswich Response", "Lynn SNT")))
    assert ask == (
        "1 document is more than 7 days overdue: speak with the supervisors of Ipswich Response and Lynn SNT."
    )
    assert rules.asks(Waiting()) == []


@pytest.mark.parametrize(
    ("percents", "words"),
    [
        ([], "No week"),
        ([50.0] * 11, "too early to tell change from noise"),
        ([50.0, 60.0] * 7, "ordinary variation, no clear change"),
        ([50.0, 52.0] * 7 + [95.0], "clearly above what was usual"),
        ([50.0, 52.0] * 7 + [5.0], "clearly below what was usual"),
    ],
)
def test_a_week_is_change_or_noise_in_words(percents, words):
    assert words in rules.week_in_words(percents)
