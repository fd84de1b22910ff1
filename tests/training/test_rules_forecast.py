"""The forecast: an honest range, or the words that there is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as oracle

from oicdesk.training.rules import CourseFigure
from oicdesk.training.rules_forecast import flow, forecast, poisson_interval

DAY = date(2026, 11, 23)


def figure(missing=(), done=(), excluded=()):
    missing, done, excluded = map(tuple, (missing, done, excluded))
    return CourseFigure("module_1", "Module 1", len(missing) + len(done), len(done), 0, {}, missing, done, excluded)


@pytest.mark.parametrize("count", [0, 1, 5, 10, 37, 200])
def test_the_limits_of_a_count_are_those_of_scipy(count):
    low, high = poisson_interval(count)
    assert low == pytest.approx(oracle.chi2.ppf(0.025, 2 * count) / 2 if count else 0, abs=1e-9)
    assert high == pytest.approx(oracle.chi2.ppf(0.975, 2 * count + 2) / 2, abs=1e-9)


GROUPS = st.dictionaries(st.integers(0, 30), st.tuples(st.sampled_from("mdx-"), st.sampled_from("mdx-")))


@given(GROUPS)
def test_what_came_and_went_adds_up(people):
    before, now = (
        figure(*([i for i, states in people.items() if states[at] == letter] for letter in "mdx")) for at in (0, 1)
    )
    moved = flow(before, now, weeks=8)
    then = len(before.missing)
    came, went = moved.joined + moved.returned, moved.left + moved.set_aside + moved.completed
    assert moved.remaining == then + came - went


def told(missing, completed, **more):
    before = figure(range(missing + completed + more.get("left", 0)))
    now = figure([*range(missing), *range(1000, 1000 + more.get("joined", 0))], range(missing, missing + completed))
    return forecast(now, flow(before, now, weeks=8), DAY)


def test_a_steady_pace_gives_a_range_around_the_likeliest_day():
    found = told(40, 20)
    assert found.likeliest == date(2027, 3, 15)  # 40 people at 20 in 8 weeks: 16 weeks
    assert found.earliest < found.likeliest < found.latest
    assert found.words == (
        "40 people account for the gap in Module 1. In the last 8 weeks 20 people completed it, nobody came into scope"
        " and nobody left without it. At this pace everybody is done between"
        " 4 February 2027 and 26 May 2027, likeliest about 15 March 2027."
    )


def test_joiners_push_the_day_back_and_leavers_bring_it_nearer():
    plain = told(40, 20)
    assert told(36, 20, joined=4).likeliest > plain.likeliest
    assert told(40, 20, left=4).likeliest < plain.likeliest


def test_a_standstill_has_no_day():
    found = told(40, 0)
    assert (found.likeliest, found.earliest, found.latest) == (None, None, None)
    assert found.words.endswith("At this pace it is never reached.")


def test_when_people_join_faster_than_they_are_trained_the_gap_does_not_close():
    found = told(10, 5, joined=30)
    assert found.earliest is None
    assert "people join faster than they are trained" in found.words


def test_a_few_completions_give_no_latest_day():
    found = told(100, 3, joined=1)
    assert found.likeliest is not None and found.latest is None
    assert "if it slows, never" in found.words


def test_people_who_go_absent_close_no_gap():
    before = figure(range(60))
    now = figure(range(20), range(20, 40), range(40, 60))
    found = forecast(now, flow(before, now, weeks=8), DAY)
    assert found.flow.set_aside == 20
    assert found.likeliest == date(2027, 1, 18)  # 20 people at 20 in 8 weeks, absences left aside
    assert "20 people became excluded or absent" in found.words


def test_nothing_missing_and_nobody_in_scope_are_two_sentences():
    assert told(0, 5).words == "Everybody in scope has completed Module 1."
    assert "Nobody is in scope" in forecast(figure(), flow(figure(), figure(), weeks=8), DAY).words
