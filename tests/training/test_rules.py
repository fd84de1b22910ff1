"""Who is relevant, complete, excluded or missing; verdicts, groups, months; all without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.settings.rules import add_months
from oicdesk.training import rules
from oicdesk.training.rules import (
    Course,
    Evidence,
    Exclusion,
    Person,
    Relevance,
    Snapshot,
    Stint,
    ended,
    figures,
    first_stints,
    next_stints,
    valid_since,
)

DAY = date(2026, 11, 23)
FRESH = Evidence(DAY, None, 31, 100)
MODULES = {f"module_{n}": Course(f"module_{n}", f"Module {n}", rules.MODULE) for n in (1, 2, 3, 4)}
FRONTLINE = Relevance(role_groups=("Frontline",))


def somebody(i, **more):
    facts = {"force": "Suffolk", "team": "Ipswich Response", "rank": "PC", "role_group": "Frontline"} | more
    return Person(i, str(i), "Lee", f"Ashby{i}", **facts)


def desk(people, done=None, exclusions=(), day=DAY, courses=MODULES, **more):
    by_person = {}
    for one in exclusions:
        by_person.setdefault(one.learner_id, []).append(one)
    return Snapshot(day, people, courses, dict.fromkeys(courses, FRONTLINE), by_person, done or {}, **more)


def test_a_rule_without_lists_covers_everybody_and_an_empty_list_nobody():
    assert Relevance().covers(somebody(1, team=None))
    assert not Relevance(role_groups=()).covers(somebody(1))
    assert not Relevance(teams=("Ipswich Response",)).covers(somebody(1, team=None))
    assert Relevance(role_groups=("Frontline", "Custody"), forces=("Suffolk",)).in_words() == (
        "role group Frontline or Custody; force Suffolk"
    )


def test_everybody_relevant_is_complete_missing_or_excluded_by_reason():
    people = [
        somebody(1),
        somebody(2),
        somebody(3, absence="Maternity"),
        somebody(4),
        somebody(5, role_group="Custody"),
    ]
    found = rules.course_figure(
        desk(people, {"module_1": {1: DAY, 5: DAY}}, [Exclusion(4, None, "Seconded", date(2026, 1, 1))]), "module_1"
    )
    assert (found.in_scope, found.completed, found.percent) == (2, 1, 50.0)
    assert found.excluded == {"Absent: Maternity": 1, "Seconded": 1}
    assert (found.missing, found.completed_ids, found.excluded_ids) == ((2,), (1,), (3, 4))


def test_absent_people_count_when_the_desk_says_so():
    people = [somebody(1), somebody(2, absence="Maternity")]
    assert rules.course_figure(desk(people, absent_apart=False), "module_1").in_scope == 2


@pytest.mark.parametrize(("day", "state"), [(date(2026, 2, 28), "excluded"), (date(2026, 3, 1), "missing")])
def test_both_days_of_an_exclusion_belong_to_it(day, state):
    exclusion = Exclusion(1, "module_1", "Seconded", date(2026, 2, 1), date(2026, 2, 28))
    assert desk([somebody(1)], {}, [exclusion], day).standing(somebody(1), "module_1").state == state


@pytest.mark.parametrize(("done_on", "state"), [(date(2025, 11, 23), "complete"), (date(2025, 11, 22), "expired")])
def test_a_completion_lapses_the_day_after_its_months_are_over(done_on, state):
    courses = {"module_1": Course("module_1", "Module 1", rules.MODULE, valid_months=12)}
    now = desk([somebody(1)], {"module_1": {1: done_on}}, courses=courses)
    assert now.standing(somebody(1), "module_1").state == state
    assert rules.course_figure(now, "module_1").expired == (state == "expired")


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_the_earliest_day_that_still_counts_is_exact(day, months):
    since = valid_since(day, months)
    assert add_months(since, months) >= day
    assert add_months(since - timedelta(days=1), months) < day


def test_all_four_modules_need_all_four():
    people = [somebody(1), somebody(2)]
    done = {code: {1: DAY, 2: DAY} for code in MODULES} | {"module_4": {1: DAY}}
    found = figures(desk(people, done), "Joint", FRESH)
    assert (found.all_modules.completed, found.all_modules.in_scope, found.all_modules.missing) == (1, 2, (2,))
    assert found.all_modules.title == "All four modules"


def test_who_is_excluded_from_one_module_must_complete_the_other_three():
    done = {code: {1: DAY} for code in list(MODULES)[1:]}
    found = figures(desk([somebody(1)], done, [Exclusion(1, "module_1", "Seconded", DAY)]), "Joint", FRESH)
    assert (found.all_modules.completed, found.all_modules.in_scope) == (1, 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Suffolk", "Norfolk"]), st.sampled_from(["Frontline", "Custody"]),
            st.sampled_from([None, "Maternity"]), st.sets(st.sampled_from(sorted(MODULES))),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_joint_figures_are_suffolk_plus_norfolk_and_every_relevant_person_is_counted_once(rows):
    people = [somebody(i, force=f, role_group=r, absence=a) for i, (f, r, a, _) in enumerate(rows)]
    done = {code: {i: DAY for i, row in enumerate(rows) if code in row[3]} for code in MODULES}
    now = desk(people, done)
    joint, *forces = (figures(now, force, FRESH) for force in ("Joint", "Suffolk", "Norfolk"))
    for code in MODULES:
        parts = [found.courses[code] for found in forces]
        assert joint.courses[code].in_scope == sum(part.in_scope for part in parts)
        assert joint.courses[code].completed == sum(part.completed for part in parts)
        relevant = sum(person.role_group == "Frontline" for person in people)
        assert joint.courses[code].in_scope + sum(joint.courses[code].excluded.values()) == relevant
    together = joint.all_modules
    assert (
        together.in_scope == together.completed + len(together.missing) == sum(f.all_modules.in_scope for f in forces)
    )


# --- verdicts ---


def standing_at(day, completed, newest, in_scope=2, target=100):
    people = [somebody(i) for i in range(in_scope)]
    done = {code: {i: date(2026, 1, 1) for i in range(completed)} for code in MODULES}
    return figures(desk(people, done, day=day), "Joint", Evidence(newest, None, 31, target)).verdicts[-1]


@pytest.mark.parametrize(
    ("day", "completed", "newest", "word"),
    [
        (date(2026, 4, 30), 2, date(2026, 4, 30), "not yet due"),
        (date(2026, 5, 1), 2, date(2026, 4, 30), "met"),
        (date(2026, 5, 1), 1, date(2026, 4, 30), "not met"),
        (date(2026, 5, 31), 2, date(2026, 4, 30), "met"),
        (date(2026, 6, 1), 2, date(2026, 4, 30), "evidence pending"),
        (date(2026, 6, 1), 0, None, "evidence pending"),
        (date(2026, 5, 1), 2, date(2026, 5, 2), "evidence pending"),
    ],
)
def test_the_verdict_after_the_deadline_is_met_not_met_or_evidence_pending(day, completed, newest, word):
    assert standing_at(day, completed, newest).word == word


def test_a_verdict_is_never_hidden_and_says_why():
    assert standing_at(DAY, 1, DAY).in_words() == (
        "Deadline 30 April 2026 passed – not met. 1 of 2 people in scope have completed all four modules."
        " 1 person accounts for the gap."
    )
    nobody = standing_at(DAY, 0, DAY, in_scope=0)
    assert (nobody.word, nobody.because) == (
        "evidence pending", "Nobody is in scope of all four modules: say who is relevant."
    )  # fmt: skip


def test_a_smaller_target_can_be_met_before_everybody_is_done():
    assert standing_at(DAY, 1, DAY, target=50).word == "met"
    assert standing_at(DAY, 1, DAY, target=51).word == "not met"


def test_a_share_short_of_all_never_reads_as_100_percent():
    assert rules.percent(2999, 3000) == 99.9
    assert rules.percent(1, 3000) == 0.1
    assert rules.percent(0, 0) is None


# --- groups and months ---


def test_the_gap_names_the_teams_that_account_for_it():
    people = [somebody(i, team=team) for i, team in enumerate(["A", "A", "B", "C", "D", "D", "D"])]
    now = desk(people, {"module_1": {2: DAY}})
    found = rules.course_figure(now, "module_1")
    assert rules.gap_in_words(now, found) == "6 people account for the gap: 3 in D, 2 in A and 1 in C."
    assert [(row.name, row.in_scope, row.missing) for row in rules.by_group(now, found, "team")] == [
        ("D", 3, 3), ("A", 2, 2), ("C", 1, 1), ("B", 1, 0),
    ]  # fmt: skip


def test_the_series_has_twelve_points_and_ends_with_the_day_itself():
    ends = rules.month_ends(date(2026, 3, 15))
    assert ends[0] == date(2025, 4, 30)
    assert ends[-2:] == [date(2026, 2, 28), date(2026, 3, 15)]
    assert len(ends) == 12


# --- the history of a person ---

FACTS = {"surname": "Ashby", "role_group": "Frontline", "absence": None}
JOINED, ROSTER_DAY = date(2020, 4, 1), date(2026, 11, 23)


def test_an_absence_holds_from_the_roster_that_tells_it_because_it_does_not_say_since_when():
    absent = FACTS | {"absence": "Maternity"}
    assert first_stints(absent, since=JOINED, left_on=None, on=ROSTER_DAY) == [
        Stint(JOINED, ROSTER_DAY, FACTS), Stint(ROSTER_DAY, None, absent)
    ]  # fmt: skip


def test_a_change_closes_one_stint_and_opens_the_next():
    custody = FACTS | {"role_group": "Custody"}
    on = date(2026, 6, 1)
    assert next_stints([Stint(JOINED, None, FACTS)], custody, on=on, left_on=None) == [
        Stint(JOINED, on, FACTS), Stint(on, None, custody)
    ]  # fmt: skip


def test_the_last_day_of_service_still_counts_and_the_next_does_not():
    (only,) = ended([Stint(JOINED, None, FACTS)], date(2026, 6, 30))
    assert only.valid_to == date(2026, 7, 1)


def test_somebody_who_comes_back_has_a_gap_in_between():
    gone = [Stint(JOINED, date(2026, 7, 1), FACTS)]
    back = next_stints(gone, FACTS, on=ROSTER_DAY, left_on=None, back_on=ROSTER_DAY)
    assert back == [*gone, Stint(ROSTER_DAY, None, FACTS)]


def test_nobody_leaves_before_they_join():
    with pytest.raises(Refused, match="last day lies before the first"):
        ended([Stint(JOINED, None, FACTS)], JOINED - timedelta(days=1))


DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


@given(st.lists(st.tuples(DAYS, st.sampled_from("ABC")), min_size=1, max_size=6), st.none() | DAYS)
def test_stints_never_overlap_and_never_run_backwards(changes, left_on):
    stints = [Stint(date(2020, 1, 1), None, {"team": "A"})]
    for on, team in sorted(changes):
        stints = next_stints(stints, {"team": team}, on=on, left_on=None)
    stints = ended(stints, left_on)
    for stint, following in zip(stints, [*stints[1:], None], strict=True):
        assert stint.valid_to is None or stint.valid_from < stint.valid_to
        assert following is None or stint.valid_to == following.valid_from
    assert left_on is None or stints[-1].valid_to == left_on + timedelta(days=1)
