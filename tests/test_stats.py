"""Worked examples: the golden values, the edges, and every refusal."""

import json
import math
from collections import namedtuple
from pathlib import Path

import pytest

from oicdesk import stats
from oicdesk.errors import Refused

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))


def close(value, places=4):
    """Equal to the golden value once rounded to as many places as it has."""
    return pytest.approx(value, abs=0.5 * 10**-places * 1.0001)


# The golden values


@pytest.mark.parametrize(("successes", "n", "low", "high"), GOLDEN["wilson_95"])
def test_wilson_interval_gives_the_golden_limits(successes, n, low, high):
    assert stats.wilson_interval(successes, n) == (close(low), close(high))


@pytest.mark.parametrize(("successes", "n", "low", "high"), GOLDEN["clopper_pearson_95"])
def test_clopper_pearson_interval_gives_the_golden_limits(successes, n, low, high):
    assert stats.clopper_pearson_interval(successes, n) == (close(low), close(high))


@pytest.mark.parametrize("row", GOLDEN["finite_interval_95_counts"])
def test_finite_interval_gives_the_golden_counts(row):
    assert stats.finite_interval(row["successes"], row["n"], row["population"]) == (row["low"], row["high"])


@pytest.mark.parametrize(("population", "margin", "size"), GOLDEN["sample_size_p50"])
def test_sample_size_gives_the_golden_sizes(population, margin, size):
    assert stats.sample_size(population, margin=margin) == size


@pytest.mark.parametrize(("population", "size"), GOLDEN["sample_size_p90_margin05"])
def test_sample_size_uses_the_expected_share(population, size):
    assert stats.sample_size(population, margin=0.05, expected=0.9) == size


@pytest.mark.parametrize("row", GOLDEN["agreement"])
def test_agreement_gives_the_golden_values(row):
    result = stats.agreement(row["table"])
    assert (result.raw, result.kappa) == (close(row["raw"]), close(row["kappa"]))
    if "ac1" in row:
        assert result.ac1 == close(row["ac1"])


def test_xmr_gives_the_golden_limits_and_finds_nothing_unusual():
    golden = GOLDEN["xmr"]
    chart = stats.xmr(golden["values"])
    assert (chart.mean, chart.moving_range_mean) == (close(golden["mean"]), golden["moving_range_mean"])
    assert (chart.lower, chart.upper) == (close(golden["lower"]), close(golden["upper"]))
    assert chart.rules == ()


def test_rate_ratio_gives_the_golden_interval():
    golden = GOLDEN["rate_ratio_exact_95"]
    (a, b), (time_a, time_b) = golden["events"], golden["exposure"]
    assert stats.rate_ratio(a, time_a, b, time_b) == (
        close(golden["ratio"]),
        close(golden["low"]),
        close(golden["high"]),
    )


def test_difference_interval_gives_the_golden_interval():
    golden = GOLDEN["newcombe_difference_95"]
    assert stats.difference_interval(*golden["a"], *golden["b"]) == (
        close(golden["difference"]),
        close(golden["low"]),
        close(golden["high"]),
    )


def test_chapman_gives_the_golden_estimate():
    golden = GOLDEN["chapman"]
    result = stats.chapman(golden["first"], golden["second"], golden["both"])
    assert result == (close(golden["estimate"], 3), close(golden["standard_error"], 3))


def test_stratified_gives_the_golden_estimate():
    golden = GOLDEN["stratified"]
    result = stats.stratified(golden["strata"])
    assert (result.estimate, result.standard_error) == (close(golden["estimate"]), close(golden["standard_error"]))
    assert result.effective_n == pytest.approx(0.16 / result.standard_error**2)
    assert result.method == stats.WILSON_EFFECTIVE


def test_normal_quantile_gives_the_usual_z():
    assert stats.normal_quantile(0.975) == pytest.approx(1.959964, abs=5e-7)
    assert stats.normal_quantile(0.5) == 0


# Sizes


@pytest.mark.parametrize(("population", "size"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_a_tiny_population_is_assessed_whole(population, size):
    assert stats.sample_size(population, margin=0.05) == size


def test_a_wide_margin_still_needs_one():
    assert stats.sample_size(100, margin=0.99, expected=0.01) == 1
    assert stats.sample_size(1, margin=0.99, expected=1e-20) == 1


@pytest.mark.parametrize(
    ("population", "rate", "size"),
    [
        (0, 0.05, 0),
        (1, 0.01, 1),
        (20, 0.05, 19),  # one failure: 1/20 is missed by 19, exactly the 5% allowed
        (20, 1, 1),
        (10, 0.001, 10),
    ],
)
def test_discovery_size_at_the_edges(population, rate, size):
    assert stats.discovery_size(population, rate=rate) == size


def test_a_rate_is_read_as_the_decimal_that_was_written():
    # 0.07 × 100 is 7.000000000000001 in floating point; eight failures would need only 31.
    assert stats.discovery_size(100, rate=0.07) == stats.discovery_size(100, rate=0.061) == 34


def test_discovery_size_decides_an_exact_tie_in_a_large_population():
    # One failure among 100,000: n misses it with 1 − n/N, which is 5% exactly at 95,000.
    assert stats.discovery_size(100_000, rate=0.00001) == 95_000


# Intervals


def test_a_finite_interval_with_everything_assessed_is_the_count_itself():
    assert stats.finite_interval(7, 9, 9) == (7, 7)


@pytest.mark.parametrize("n", [1, 2, 10])
def test_no_failures_never_becomes_certainty_unless_all_were_assessed(n):
    low, high = stats.finite_interval(n, n, 11)
    assert low < 11
    assert high == 11


def test_a_finite_interval_decides_an_exact_tie_as_rejected():
    # One success in one draw: P(X ≥ 1 | K = 1) = 1/40 = α/2 exactly.
    assert stats.finite_interval(1, 1, 40) == (2, 40)
    assert stats.finite_interval(0, 1, 40) == (0, 38)


def test_intervals_at_nought_and_full_marks_touch_the_end():
    assert stats.wilson_interval(0, 7).low == 0
    assert stats.wilson_interval(7, 7).high == 1
    assert stats.clopper_pearson_interval(0, 7).low == 0
    assert stats.clopper_pearson_interval(7, 7).high == 1
    assert stats.clopper_pearson_interval(7, 7).low == pytest.approx(0.025 ** (1 / 7))


# Rates and differences


def test_a_rate_ratio_with_no_event_in_the_second_period_has_no_upper_limit():
    ratio, low, high = stats.rate_ratio(5, 10, 0, 10)
    assert (ratio, high) == (math.inf, math.inf)
    assert low == pytest.approx(1 / (0.025 ** (-1 / 5) - 1))


def test_a_rate_ratio_with_no_event_in_the_first_period_starts_at_nought():
    ratio, low, high = stats.rate_ratio(0, 10, 5, 20)
    assert (ratio, low) == (0, 0)
    assert 0 < high < math.inf


def test_a_difference_of_all_against_none_stays_within_one():
    assert stats.difference_interval(5, 5, 0, 5).high == 1
    assert stats.difference_interval(0, 5, 5, 5).low == -1


# Agreement


def test_kappa_is_undefined_when_there_was_only_ever_one_answer():
    assert stats.agreement([[12, 0], [0, 0]]) == (1, None, 1)


def test_perfect_agreement_on_several_answers_is_one_throughout():
    assert stats.agreement([[3, 0, 0], [0, 4, 0], [0, 0, 5]]) == (1, 1, 1)


# Control chart: twelve points that go up and down, then the pattern

START = [10, 12, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12]  # mean 11, moving range 2, limits 5.68 and 16.32


def fired(values, rule, **settings):
    return [entry.point for entry in stats.xmr(values, **settings).rules if entry.rule == rule]


def test_a_point_outside_the_limits_is_reported_where_it_is():
    assert fired([*START, 16.3, 16.4, 11, 5.6], stats.OUTSIDE_LIMITS, baseline=12) == [13, 15]


def test_a_point_on_the_limit_is_not_outside():
    assert fired([*START, 16.32, 5.68], stats.OUTSIDE_LIMITS, baseline=12) == []


def test_seven_on_one_side_fire_at_the_seventh_and_after():
    values = [*START, 10, 12, 11.5, 12, 11.5, 12, 11.5, 12, 11.5]
    assert fired(values, stats.ONE_SIDE, baseline=12) == [19, 20]


def test_six_on_one_side_and_a_point_on_the_mean_do_not_fire():
    values = [*START, 10, 12, 11.5, 12, 11.5, 12, 11.5, 11, 12]
    assert fired(values, stats.ONE_SIDE, baseline=12) == []


@pytest.mark.parametrize("direction", [1, -1])
def test_seven_rising_or_falling_points_fire_at_the_seventh(direction):
    values = [*START, *(11 + direction * step for step in (-1.5, -1, -0.5, 0, 0.5, 1, 1.5))]
    assert fired(values, stats.RISING_OR_FALLING, baseline=12) == [18]


def test_an_equal_neighbour_ends_a_rise():
    values = [*START, 9.5, 10, 10.5, 10.5, 11, 11.5, 12, 12.5]
    assert fired(values, stats.RISING_OR_FALLING, baseline=12) == []


def test_two_of_three_in_the_outer_third_fire_at_the_second():
    third = 11 + 5.32 * 2 / 3  # 14.5467
    assert fired([*START, third + 0.1, 11, third + 0.1, 11], stats.OUTER_THIRD, baseline=12) == [14]
    assert fired([*START, third + 0.1, third + 0.1], stats.OUTER_THIRD, baseline=12) == [13]


def test_points_on_the_line_of_the_outer_third_are_not_in_it():
    wider = [10, 13] * 6  # mean 11.5, moving range 3, so the outer third begins at 11.5 ± 5.32
    assert fired([*wider, 16.82, 16.82], stats.OUTER_THIRD, baseline=12) == []
    assert fired([*wider, 16.83, 16.83], stats.OUTER_THIRD, baseline=12) == [13]


def test_two_of_three_on_different_sides_or_too_far_apart_do_not_fire():
    assert fired([*START, 15, 11, 7, 11], stats.OUTER_THIRD, baseline=12) == []
    assert fired([*START, 15, 11, 11, 15], stats.OUTER_THIRD, baseline=12) == []


def test_fewer_than_twelve_points_have_a_mean_but_no_limits_and_no_verdict():
    chart = stats.xmr([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 90])
    assert (chart.lower, chart.upper, chart.rules) == (None, None, ())
    assert chart.mean == pytest.approx(145 / 11)


def test_a_short_baseline_has_no_limits_however_many_points_follow():
    chart = stats.xmr([*START, 50], baseline=11)
    assert (chart.lower, chart.upper, chart.rules) == (None, None, ())


def test_the_minimum_of_twelve_points_is_a_setting():
    assert stats.xmr([10, 12, 10, 12], minimum=4).upper == pytest.approx(16.32)


def test_a_single_point_has_no_moving_range():
    assert stats.xmr([7]) == (7, None, None, None, ())


def test_equal_values_are_never_unusual():
    # Twelve times 0.1, divided by twelve, is not 0.1 in floating point.
    chart = stats.xmr([0.1] * 20)
    assert (chart.lower, chart.mean, chart.upper, chart.rules) == (0.1, 0.1, 0.1, ())


# Waiting times and hidden numbers


@pytest.mark.parametrize(
    ("durations", "observed", "median"),
    [
        ([], [], None),
        ([5], [True], 5),
        ([5], [False], None),
        ([1, 2, 3], [True, True, True], 2),
        ([1, 2, 3, 4], [True, True, True, True], 2),  # exactly one half
        ([1, 2, 3, 4], [True, False, False, True], 4),
        ([1, 2, 3, 4], [True, False, False, False], None),
        ([2, 2], [True, False], 2),  # the event comes before the one still waiting
        ([3, 1, 2], [False, True, True], 2),
        ([1, 1, 3, 4, 5, 6], [False, False, True, True, True, True], 4),
    ],
)
def test_the_median_waiting_time(durations, observed, median):
    assert stats.kaplan_meier_median(durations, observed) == median


def test_a_survival_of_exactly_one_half_is_seen_however_it_rounds():
    # Without anyone left waiting, S after half of n is one half on paper, whatever the factors round to.
    for n in range(2, 400, 2):
        assert stats.kaplan_meier_median(range(n), [True] * n) == n // 2 - 1


def test_chapman_without_any_overlap_stays_finite():
    assert stats.chapman(3, 4, 0) == (19, pytest.approx(math.sqrt(20 * 3 * 4 / 2)))
    assert stats.chapman(4, 4, 4) == (4, 0)
    assert stats.chapman(0, 0, 0) == (0, 0)


# Strata


def test_strata_may_be_mappings_named_tuples_of_any_order_or_plain_tuples():
    other = namedtuple("other", "label population n successes")
    expected = stats.stratified(GOLDEN["stratified"]["strata"])
    assert stats.stratified([stats.Stratum(18, 20, 80), stats.Stratum(6, 10, 40)]) == expected
    assert stats.stratified([other("a", 80, 20, 18), other("b", 40, 10, 6)]) == expected
    assert stats.stratified([(18, 20, 80), (6, 10, 40)]) == expected


@pytest.mark.parametrize(("first", "second", "estimate"), [(20, 10, 1), (0, 0, 0)])
def test_all_or_none_use_the_pooled_exact_interval(first, second, estimate):
    result = stats.stratified([(first, 20, 80), (second, 10, 40)])
    counts = stats.finite_interval(first + second, 30, 120)
    assert (result.estimate, result.standard_error) == (estimate, 0)
    assert (result.low, result.high) == (counts.low / 120, counts.high / 120)
    assert result.method == stats.POOLED_EXACT


def test_everything_assessed_has_no_interval_and_says_so():
    result = stats.stratified([(3, 4, 4), (1, 2, 2)])
    assert result[:4] == (pytest.approx(4 / 6), 0, result.estimate, result.estimate)
    assert result.method == stats.EVERYTHING_ASSESSED


def test_empty_strata_are_left_out():
    assert stats.stratified([(18, 20, 80), (0, 0, 0), (6, 10, 40)]) == stats.stratified([(18, 20, 80), (6, 10, 40)])


def test_one_assessed_out_of_several_counts_at_its_widest():
    result = stats.stratified([(10, 20, 80), (1, 1, 20)])
    sampled = 0.8**2 * (1 - 20 / 80) * 0.25 / 19
    assert result.standard_error == pytest.approx(math.sqrt(sampled + 0.2**2 / 4))
    assert result.method == stats.WILSON_WIDENED


def test_a_stratum_of_one_that_was_assessed_adds_no_uncertainty():
    result = stats.stratified([(10, 20, 80), (1, 1, 1)])
    assert result.standard_error == pytest.approx(80 / 81 * math.sqrt((1 - 20 / 80) * 0.25 / 19))
    assert result.method == stats.WILSON_EFFECTIVE


def test_strata_that_differ_but_do_not_vary_keep_an_interval():
    result = stats.stratified([(10, 10, 40), (0, 10, 40)])
    assert (result.estimate, result.standard_error, result.method) == (0.5, 0, stats.WILSON_ASSESSED)
    assert (result.low, result.high) == stats.wilson_interval(10, 20)


# Refusals


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("population", lambda: stats.sample_size(-1, margin=0.05)),
        ("population", lambda: stats.sample_size(12.5, margin=0.05)),
        ("margin", lambda: stats.sample_size(100, margin=0)),
        ("margin", lambda: stats.sample_size(100, margin=5)),
        ("expected", lambda: stats.sample_size(100, margin=0.05, expected=1)),
        ("confidence", lambda: stats.sample_size(100, margin=0.05, confidence=95)),
        ("confidence", lambda: stats.sample_size(100, margin=0.05, confidence=math.nan)),
        ("rate", lambda: stats.discovery_size(100, rate=0)),
        ("rate", lambda: stats.discovery_size(100, rate=1.01)),
        ("confidence", lambda: stats.discovery_size(100, rate=0.05, confidence=1)),
        ("n", lambda: stats.wilson_interval(0, 0)),
        ("successes", lambda: stats.wilson_interval(5, 4)),
        ("successes", lambda: stats.wilson_interval(-1, 4)),
        ("successes", lambda: stats.wilson_interval(1.5, 4)),
        ("confidence", lambda: stats.wilson_interval(1, 4, confidence=0)),
        ("n", lambda: stats.clopper_pearson_interval(0, 0)),
        ("n", lambda: stats.finite_interval(0, 0, 40)),
        ("population", lambda: stats.finite_interval(3, 5, 4)),
        ("confidence", lambda: stats.finite_interval(3, 5, 40, confidence="high")),
        ("events_a", lambda: stats.rate_ratio(0, 1, 0, 1)),
        ("events_b", lambda: stats.rate_ratio(1, 1, -1, 1)),
        ("exposure_b", lambda: stats.rate_ratio(1, 1, 1, 0)),
        ("exposure_a", lambda: stats.rate_ratio(1, math.inf, 1, 1)),
        ("n_b", lambda: stats.difference_interval(1, 2, 0, 0)),
        ("successes_a", lambda: stats.difference_interval(3, 2, 1, 2)),
        ("table", lambda: stats.agreement([])),
        ("table", lambda: stats.agreement([[3]])),
        ("table", lambda: stats.agreement([[1, 2], [3]])),
        ("table", lambda: stats.agreement([[0, 0], [0, 0]])),
        ("table", lambda: stats.agreement([[1, -2], [3, 4]])),
        ("values", lambda: stats.xmr([])),
        ("values", lambda: stats.xmr([1, None, 3])),
        ("values", lambda: stats.xmr([1, math.nan])),
        ("baseline", lambda: stats.xmr([1, 2, 3], baseline=4)),
        ("baseline", lambda: stats.xmr([1, 2, 3], baseline=0)),
        ("observed", lambda: stats.kaplan_meier_median([1, 2], [True])),
        ("durations", lambda: stats.kaplan_meier_median([1, -2], [True, True])),
        ("durations", lambda: stats.kaplan_meier_median([math.nan], [True])),
        ("both", lambda: stats.chapman(3, 4, 4)),
        ("first", lambda: stats.chapman(-3, 4, 0)),
        ("strata", lambda: stats.stratified([])),
        ("strata", lambda: stats.stratified([(0, 0, 0)])),
        ("strata", lambda: stats.stratified([(5, 10, 40), (0, 0, 5)])),
        ("strata", lambda: stats.stratified([(5, 10, 8)])),
        ("strata", lambda: stats.stratified([(11, 10, 80)])),
        ("strata", lambda: stats.stratified([{"successes": 1, "n": 2}])),
        ("probability", lambda: stats.normal_quantile(0)),
    ],
)
def test_what_cannot_be_worked_out_is_refused_in_one_sentence_beside_its_argument(field, call):
    with pytest.raises(Refused) as refusal:
        call()
    sentence = str(refusal.value)
    assert refusal.value.field == field
    assert sentence[0].isupper() or sentence[0].isdigit()
    assert sentence.endswith(".")
    assert ". " not in sentence


def test_nothing_assessed_says_not_assessed():
    with pytest.raises(Refused, match="not assessed"):
        stats.wilson_interval(0, 0)


def test_a_difference_from_own_limits_is_newcombes_with_wilson_limits_and_exact_for_two_counts():
    a, b = stats.wilson_interval(56, 70), stats.wilson_interval(48, 80)
    ours, theirs = stats.difference_of(56 / 70, a, 48 / 80, b), stats.difference_interval(56, 70, 48, 80)
    assert ours == pytest.approx(theirs)
    assert stats.difference_of(0.5, (0.5, 0.5), 0.25, (0.25, 0.25)) == (0.25, 0.25, 0.25)
    assert stats.difference_of(1.0, (0.4, 1.0), 0.0, (0.0, 0.6)).high == 1.0
    with pytest.raises(Refused, match="lie within its limits"):
        stats.difference_of(0.5, (0.6, 0.7), 0.5, (0.4, 0.6))
