"""The draw: the same for everybody who has frame and seed, fair to every stratum, and never raised in silence."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk import stats
from oicdesk.audits import rules
from oicdesk.audits.rules import Plan
from oicdesk.errors import Refused

EIGHT = [f"OIC-2026-000{i}" for i in range(1, 9)]
# sha256sum of "oicdesk-draw-1", "7" and the reference, a line each without a last line feed, begins with
# 24343b69 (3), 3dd47984 (4), 5f000c72 (2), 82723096 (8), 90b5c4bb (6), a19a1e25 (5), a1ee6eac (1), e5320b5a (7).
IN_ORDER = [f"OIC-2026-000{i}" for i in (3, 4, 2, 8, 6, 5, 1, 7)]

frames = st.lists(st.text(), unique=True, max_size=40)
seeds = st.integers(-(2**70), 2**70)


def test_a_draw_worked_out_by_hand_with_sha256sum():
    assert rules.draw(EIGHT, 3, seed=7) == IN_ORDER[:3]
    assert rules.draw(EIGHT, 8, seed=7) == IN_ORDER
    strata = {item: "Suffolk" if item < "OIC-2026-0005" else "Norfolk" for item in EIGHT}
    assert rules.draw(EIGHT, 4, seed=7, strata=strata) == [IN_ORDER[i] for i in (0, 1, 3, 4)]


def test_the_second_review_has_an_order_of_its_own_worked_out_by_hand():
    found = rules.second_review(EIGHT, seed=7, share=0.25, least=3)
    assert found == [f"OIC-2026-000{i}" for i in (5, 8, 1)]
    assert rules.second_review(EIGHT, seed=7, least=3, barred={"OIC-2026-0008"})[1] == "OIC-2026-0001"


def test_the_frames_hash_is_that_of_its_sorted_lines():
    assert rules.frame_hash(["b", "a"]) == "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
    strata = {"OIC-2026-0002": "Suffolk · Other", "OIC-2026-0001": "Norfolk · Other"}
    assert rules.frame_hash(strata, strata) == "e13517071b1025bf0d78ab883272db1204701a977e43f8509e59ae29724bb364"
    with pytest.raises(Refused, match="tab or a line break"):
        rules.frame_hash(["a\tb"])


@given(frames, seeds, st.data())
def test_the_order_in_which_the_frame_comes_does_not_matter(frame, seed, data):
    size = data.draw(st.integers(0, len(frame)))
    shuffled = data.draw(st.permutations(frame))
    assert rules.draw(frame, size, seed=seed) == rules.draw(shuffled, size, seed=seed)
    assert rules.frame_hash([f"{i}" for i in range(len(frame))]) == rules.frame_hash(
        [f"{i}" for i in reversed(range(len(frame)))]
    )


@given(frames, seeds, st.data())
def test_a_larger_draw_begins_with_the_smaller_one(frame, seed, data):
    size = data.draw(st.integers(0, len(frame)))
    whole = rules.draw(frame, len(frame), seed=seed)
    assert rules.draw(frame, size, seed=seed) == whole[:size]
    assert sorted(whole) == sorted(frame)


@given(frames, seeds, st.integers(0, 3), st.data())
def test_each_stratum_gives_its_allocation_and_its_part_of_the_permutation(frame, seed, minimum, data):
    strata = {item: data.draw(st.sampled_from("ABC")) for item in frame}
    sizes = Counter(strata.values())
    least = rules.smallest_size(sizes, minimum)
    size = data.draw(st.integers(least, len(frame)))
    drawn, rest = rules.draw_with_spares(frame, size, seed=seed, strata=strata, minimum=minimum)
    assert drawn == rules.draw(frame, size, seed=seed, strata=strata, minimum=minimum)
    assert len(drawn) == len(set(drawn)) == size
    wanted = rules.allocation(sizes, size, minimum)
    order = rules.permutation(frame, seed=seed)
    for label in sizes:
        assert [i for i in drawn if strata[i] == label] == [i for i in order if strata[i] == label][: wanted[label]]
    assert drawn == [item for item in order if item in set(drawn)]
    for label, items in rest.items():
        assert items == [i for i in order if strata[i] == label][wanted[label] :]
    assert sorted([*drawn, *(item for items in rest.values() for item in items)]) == sorted(frame)


def test_every_case_is_as_likely_as_any_other():
    frame = [f"case {i}" for i in range(20)]
    drawn = Counter(item for seed in range(4000) for item in rules.draw(frame, 5, seed=seed))
    # 1,000 expected of each, standard deviation 27
    assert all(abs(drawn[item] - 1000) < 5 * 27 for item in frame)


def test_another_process_with_another_hash_seed_draws_the_same():
    code = "from oicdesk.audits.rules import draw; print(draw({f'OIC-2026-000{i}' for i in range(1, 9)}, 8, seed=7))"
    for number in "0", "1":
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": number, "PYTHONPATH": "."},
        )  # fmt: skip
        assert found.stdout.strip() == str(IN_ORDER)


@pytest.mark.parametrize(
    "frame, size, seed, words",
    [
        (EIGHT, 9, 7, "9 cases cannot be drawn from a population of 8"),
        (EIGHT, -1, 7, "0 or more"),
        (EIGHT, 2.5, 7, "whole number"),
        (EIGHT, 2, 7.5, "seed is a whole number"),
        (EIGHT, 2, "7", "seed is a whole number"),
        ([*EIGHT, EIGHT[0]], 2, 7, "OIC-2026-0001 stands in the frame twice"),
        ([1, 2, 3], 2, 7, "texts"),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused(frame, size, seed, words):
    with pytest.raises(Refused, match=words):
        rules.draw(frame, size, seed=seed)


def test_a_case_without_a_stratum_is_refused():
    with pytest.raises(Refused, match="has no stratum; give it one"):
        rules.draw(EIGHT, 4, seed=7, strata={})


# --- allocation ---

strata_sizes = st.dictionaries(st.text("ABCDEFGH", min_size=1, max_size=3), st.integers(0, 60), max_size=9)


@given(strata_sizes, st.integers(0, 4), st.data())
def test_an_allocation_adds_up_and_keeps_every_minimum(sizes, minimum, data):
    least = rules.smallest_size(sizes, minimum)
    size = data.draw(st.integers(least, sum(sizes.values())))
    found = rules.allocation(sizes, size, minimum)
    assert sum(found.values()) == size
    assert found.keys() == sizes.keys()
    for label, count in sizes.items():
        assert min(minimum, count) <= found[label] <= count


@given(strata_sizes, st.data())
def test_without_a_minimum_every_stratum_gets_its_share_rounded(sizes, data):
    total = sum(sizes.values())
    size = data.draw(st.integers(0, total))
    for label, count in rules.allocation(sizes, size, 0).items():
        assert abs(count * total - size * sizes[label]) < max(total, 1)


def test_allocations_by_largest_remainder():
    sizes = {"A": 60, "B": 40, "C": 20}
    assert rules.allocation(sizes, 54) == {"A": 27, "B": 18, "C": 9}
    # Shares of 10: 5.0, 3.33, 1.67; C has the largest remainder.
    assert rules.allocation(sizes, 10) == {"A": 5, "B": 3, "C": 2}
    # D is raised to its minimum, and the other 9 are shared: 4.5, 3, 1.5; equal remainders go by label.
    assert rules.allocation(sizes | {"D": 1}, 10, 1) == {"A": 5, "B": 3, "C": 1, "D": 1}
    assert rules.allocation({"A": 100, "B": 1}, 10) == {"A": 9, "B": 1}


def test_minima_that_do_not_fit_name_the_smallest_size_and_raise_nothing():
    sizes = {f"Suffolk · {i}": 3 for i in range(5)} | {"Norfolk · 1": 40}
    with pytest.raises(Refused, match="need a sample of 12, and the plan has 9; ask for 12 or more, or merge"):
        rules.allocation(sizes, 9)
    assert sum(rules.allocation(sizes, 12).values()) == 12


@given(st.data())
def test_a_merge_offer_makes_the_minima_fit_and_keeps_forces_apart_where_it_can(data):
    labels = [f"{force} · {reason}" for force in ("Norfolk", "Suffolk") for reason in "abcdef"]
    sizes = {label: data.draw(st.integers(0, 9)) for label in labels}
    total = sum(sizes.values())
    size = data.draw(st.integers(min(2, total), total))
    offer = rules.merge_offer(sizes, size)
    merged: Counter[str] = Counter()
    for label, count in sizes.items():
        merged[offer.get(label, label)] += count
    assert rules.smallest_size(merged) <= size
    if rules.smallest_size(sizes) <= size:
        assert offer == {}
    if size >= 4:
        assert all(label.split(" · ")[0] == new.split(" · ")[0] for label, new in offer.items())


# --- plans ---

PLAN = Plan("Autumn", rules.RANDOM, date(2026, 10, 1), date(2026, 11, 30))


@pytest.mark.parametrize(
    "population, margin, size", [(120, 0.05, 92), (120, 0.10, 54), (400, 0.05, 197), (400, 0.10, 78)]
)
def test_the_size_of_a_random_audit_comes_with_its_reason(population, margin, size):
    found = rules.planned_size(replace(PLAN, margin=margin), population)
    assert found.size == size
    points = 5 if margin == 0.05 else 10
    assert found.why.startswith(f"{size} of {population} cases, because")
    assert f"±{points} percentage points with 95% confidence" in found.why


def test_a_small_population_is_audited_whole_and_a_census_always():
    assert rules.planned_size(PLAN, 30) == (
        30, "All 30 cases, because a population of 30 or fewer is audited whole.",
    )  # fmt: skip
    assert rules.planned_size(PLAN, 31).size == 24
    assert rules.planned_size(replace(PLAN, kind=rules.CENSUS), 300).size == 300
    assert rules.planned_size(PLAN, 0).size == 0


def test_a_discovery_sample_and_a_dip_sample_say_what_they_are():
    discovery = rules.planned_size(replace(PLAN, kind=rules.DISCOVERY, rate=0.05), 120)
    assert discovery.size == stats.discovery_size(120, rate=0.05)
    assert "if 5% or more of all cases fail" in discovery.why
    dip = rules.planned_size(replace(PLAN, kind=rules.DIP, size=10), 120)
    assert dip.size == 10 and rules.NOT_REPRESENTATIVE in dip.why


def test_every_problem_of_a_plan_is_told_at_once():
    wrong = replace(
        PLAN, title=" ", kind="guess", period_to=date(2026, 9, 1), margin=0, exclusions={"OIC-2026-0001": ""},
        strata_by=("team",), second_share=1.1, minimum=-1,
    )  # fmt: skip
    assert set(rules.check_plan(wrong)) == {
        "title", "kind", "period_to", "margin", "exclusions", "strata_by", "second_share", "minimum",
    }  # fmt: skip
    assert rules.check_plan(PLAN) == {}
    assert "size" in rules.check_plan(replace(PLAN, kind=rules.DIP))


# --- statuses ---


@pytest.mark.parametrize("before", rules.STATUSES)
@pytest.mark.parametrize("after", rules.STATUSES)
def test_an_audit_moves_one_step_at_a_time(before, after):
    if rules.STATUSES.index(after) == rules.STATUSES.index(before) + 1:
        assert rules.move(before, after) == after
    else:
        with pytest.raises(Refused, match=r"^An audit that is .* cannot become .*; .*\.$"):
            rules.move(before, after)


def test_a_done_action_is_opened_again_only_with_a_reason():
    with pytest.raises(Refused, match="what is missing"):
        rules.move_action(rules.DONE, rules.OPEN)
    assert rules.move_action(rules.DONE, rules.OPEN, reason="Not on the intranet yet") == rules.OPEN
    with pytest.raises(Refused, match="verified cannot become open"):
        rules.move_action(rules.VERIFIED, rules.OPEN, reason="?")


def test_an_action_is_overdue_from_the_day_after_until_it_is_done():
    due = date(2026, 12, 1)
    assert not rules.is_action_overdue(rules.OPEN, due, due)
    assert rules.is_action_overdue(rules.IN_PROGRESS, due, date(2026, 12, 2))
    assert not rules.is_action_overdue(rules.DONE, due, date(2026, 12, 2))


@pytest.mark.parametrize("kind", [rules.CENSUS, rules.RANDOM, rules.DISCOVERY, rules.DIP])
def test_one_case_is_spoken_of_as_one(kind):
    why = rules.planned_size(replace(PLAN, kind=kind, size=1), 1).why
    assert why.startswith(("The only case, because", "1 of 1 case, as chosen"))
    assert "1 cases" not in why
