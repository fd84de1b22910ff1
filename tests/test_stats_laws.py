"""Laws, and the same answers from SciPy and statsmodels over wide grids."""

import itertools
import math
from fractions import Fraction

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, hypergeom
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import test_poisson_2indep as poisson_test

from oicdesk import stats

poisson_test.__test__ = False  # statsmodels' name looks like one of our tests

CONFIDENCES = (0.8, 0.9, 0.95, 0.99, 0.999)
law = settings(max_examples=150, deadline=None)
confidences = st.sampled_from(CONFIDENCES)


def near(value):
    return pytest.approx(value, rel=1e-8, abs=1e-10)


@st.composite
def counts(draw, most=2_000):
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


@st.composite
def finite_counts(draw, most):
    population = draw(st.integers(1, most))
    n = draw(st.integers(1, population))
    return draw(st.integers(0, n)), n, population


# Against SciPy and statsmodels


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_intervals_for_a_share_agree_with_statsmodels_on_a_grid(confidence):
    for n in (*range(1, 21), 50, 137, 1_000, 100_000):
        for successes in sorted({0, 1, n // 7, n // 2, n - 1, n}):
            alpha = 1 - confidence
            assert stats.wilson_interval(successes, n, confidence=confidence) == near(
                proportion_confint(successes, n, alpha, "wilson")
            )
            assert stats.clopper_pearson_interval(successes, n, confidence=confidence) == near(
                proportion_confint(successes, n, alpha, "beta")
            )


@law
@given(counts(), confidences)
def test_clopper_pearson_agrees_with_scipy(pair, confidence):
    successes, n = pair
    exact = binomtest(successes, n).proportion_ci(confidence, "exact")
    assert stats.clopper_pearson_interval(successes, n, confidence=confidence) == near((exact.low, exact.high))


@law
@given(counts(), counts(), confidences)
def test_difference_interval_agrees_with_statsmodels(a, b, confidence):
    ours = stats.difference_interval(*a, *b, confidence=confidence)
    theirs = confint_proportions_2indep(*a, *b, method="newcomb", compare="diff", alpha=1 - confidence)
    assert (ours.low, ours.high) == near(theirs)


@law
@given(
    st.integers(0, 3_000),
    st.integers(0, 3_000),
    st.floats(0.1, 1_000),
    st.floats(0.1, 1_000),
    confidences,
)
def test_rate_ratio_limits_are_where_the_exact_conditional_test_turns(a, b, time_a, time_b, confidence):
    assume(a + b > 0)
    result = stats.rate_ratio(a, time_a, b, time_b, confidence=confidence)
    share = binomtest(a, a + b).proportion_ci(confidence, "exact")
    scale = time_b / time_a
    assert result.low == pytest.approx(share.low / (1 - share.low) * scale, rel=1e-7)
    if b:
        assert result.ratio == pytest.approx((a / time_a) / (b / time_b))
        assert result.high == pytest.approx(share.high / (1 - share.high) * scale, rel=1e-7)
    else:
        assert result.high == result.ratio == math.inf


@pytest.mark.parametrize(("a", "time_a", "b", "time_b"), [(41, 1, 24, 1), (3, 8, 17, 52), (120, 2.5, 90, 3.5)])
def test_rate_ratio_limits_leave_half_of_alpha_in_the_poisson_test(a, time_a, b, time_b):
    result = stats.rate_ratio(a, time_a, b, time_b)
    for limit, alternative in ((result.low, "larger"), (result.high, "smaller")):
        test = poisson_test(a, time_a, b, time_b, value=limit, method="exact-cond", alternative=alternative)
        assert test.pvalue == pytest.approx(0.025)


def is_at_the_edge(successes, n, population, confidence):
    """SciPy's word that low and high are accepted and that one further is not (1e-7 apart for rounding)."""
    low, high = stats.finite_interval(successes, n, population, confidence=confidence)
    risk = (1 - confidence) / 2
    accepted = hypergeom.sf(successes - 1, population, low, n) > risk * (1 - 1e-7) and hypergeom.cdf(
        successes, population, high, n
    ) > risk * (1 - 1e-7)
    below = low == successes or hypergeom.sf(successes - 1, population, low - 1, n) < risk * (1 + 1e-7)
    above = high == population - n + successes or (
        hypergeom.cdf(successes, population, high + 1, n) < risk * (1 + 1e-7)
    )
    return bool(accepted and below and above)


@law
@given(finite_counts(500), confidences)
def test_finite_interval_is_the_set_that_scipy_does_not_reject(triple, confidence):
    assert is_at_the_edge(*triple, confidence)


@pytest.mark.parametrize("population", [1_000, 20_000, 100_000])
def test_finite_interval_holds_in_large_populations(population):
    for n in (1, 30, population // 50, population // 2, population - 1):
        for successes in sorted({0, 1, n // 10, n // 2, n - 1, n}):
            assert is_at_the_edge(successes, n, population, 0.95)


def test_finite_interval_is_exact_for_every_small_population():
    """Worked anew in whole numbers, ties counted as rejected."""
    risk = Fraction(1, 40)
    for population in range(1, 15):
        for n in range(1, population + 1):
            for successes in range(n + 1):
                kept = [
                    marked
                    for marked in range(population + 1)
                    if exact_share(range(successes, n + 1), n, marked, population) > risk
                    and exact_share(range(successes + 1), n, marked, population) > risk
                ]
                assert stats.finite_interval(successes, n, population) == (kept[0], kept[-1])
                assert kept == list(range(kept[0], kept[-1] + 1))


def exact_share(outcomes, n, marked, population):
    ways = sum(math.comb(marked, i) * math.comb(population - marked, n - i) for i in outcomes)
    return Fraction(ways, math.comb(population, n))


@law
@given(st.integers(1, 2_000), st.sampled_from((0.001, 0.01, 0.05, 0.07, 0.1, 0.3, 1)), confidences)
def test_discovery_size_is_the_smallest_that_scipy_accepts(population, rate, confidence):
    n = stats.discovery_size(population, rate=rate, confidence=confidence)
    failures = math.ceil(Fraction(str(rate)) * population)
    risk = 1 - confidence
    assert hypergeom.pmf(0, population, failures, n) <= risk * (1 + 1e-7)
    assert n == 1 or hypergeom.pmf(0, population, failures, n - 1) > risk * (1 - 1e-7)


@st.composite
def tables(draw):
    size = draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 40), min_size=size, max_size=size)
    table = draw(st.lists(row, min_size=size, max_size=size))
    assume(sum(map(sum, table)) > 0)
    return table


@law
@given(tables())
def test_kappa_agrees_with_statsmodels(table):
    result = stats.agreement(table)
    if result.kappa is None:
        assert result.raw == 1
    else:
        assert result.kappa == near(cohens_kappa(numpy.array(table), return_results=False))


@law
@given(tables())
def test_ac1_agrees_with_its_definition_by_single_answers(table):
    size = len(table)
    pairs = [(i, j) for i in range(size) for j in range(size) for _ in range(table[i][j])]
    answers = [answer for pair in pairs for answer in pair]
    shares = numpy.bincount(answers, minlength=size) / len(answers)
    guess = float((shares * (1 - shares)).sum()) / (size - 1)
    raw = sum(i == j for i, j in pairs) / len(pairs)
    assert stats.agreement(table).raw == near(raw)
    assert stats.agreement(table).ac1 == near((raw - guess) / (1 - guess))


@law
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=80))
def test_the_median_waiting_time_agrees_with_statsmodels(rows):
    durations, observed = zip(*rows, strict=True)
    median = stats.kaplan_meier_median(durations, observed)
    if not any(observed):
        assert median is None
        return
    curve = SurvfuncRight(numpy.array(durations), numpy.array(observed).astype(int))
    reached = [t for t, s in zip(curve.surv_times, curve.surv_prob, strict=True) if s <= 0.5 + 1e-9]
    assert median == (min(reached) if reached else None)


# Laws of sizes


@law
@given(st.integers(2, 200_000), st.floats(0.005, 0.5), st.floats(0.01, 0.99), confidences)
def test_a_sample_size_is_the_smallest_that_reaches_its_margin(population, margin, expected, confidence):
    n = stats.sample_size(population, margin=margin, expected=expected, confidence=confidence)
    z = stats.normal_quantile((1 + confidence) / 2)

    def reached(size):
        correction = (population - size) / (population - 1)
        return z * math.sqrt(expected * (1 - expected) / size * correction)

    assert 1 <= n <= population
    assert reached(n) <= margin * (1 + 1e-9)
    assert n == 1 or reached(n - 1) > margin * (1 - 1e-9)


@law
@given(st.integers(0, 50_000), st.floats(0.01, 0.3))
def test_sizes_grow_with_the_population_and_the_confidence(population, precision):
    for size, name in ((stats.sample_size, "margin"), (stats.discovery_size, "rate")):
        sizes = [size(population, **{name: precision}, confidence=confidence) for confidence in CONFIDENCES]
        assert sizes == sorted(sizes)
        assert sizes[-1] <= population
    assert stats.sample_size(population + 1, margin=precision) >= stats.sample_size(population, margin=precision)
    assert stats.sample_size(population, margin=precision + 0.1) <= stats.sample_size(population, margin=precision)
    assert stats.discovery_size(population, rate=precision + 0.1) <= stats.discovery_size(population, rate=precision)


# Laws of intervals


@law
@given(finite_counts(100_000), confidences)
def test_every_interval_contains_its_estimate(triple, confidence):
    successes, n, population = triple
    wilson = stats.wilson_interval(successes, n, confidence=confidence)
    exact = stats.clopper_pearson_interval(successes, n, confidence=confidence)
    assert 0 <= wilson.low <= successes / n <= wilson.high <= 1
    assert 0 <= exact.low <= successes / n <= exact.high <= 1
    low, high = stats.finite_interval(successes, n, population, confidence=confidence)
    assert successes <= low <= high <= population - n + successes
    assert math.floor(low) <= math.ceil(successes * population / n)
    assert high >= math.floor(successes * population / n)


@law
@given(finite_counts(100_000), confidences)
def test_counting_failures_instead_mirrors_every_interval(triple, confidence):
    successes, n, population = triple
    failures = n - successes
    for interval in (stats.wilson_interval, stats.clopper_pearson_interval):
        low, high = interval(successes, n, confidence=confidence)
        assert interval(failures, n, confidence=confidence) == near((1 - high, 1 - low))
    low, high = stats.finite_interval(successes, n, population, confidence=confidence)
    assert stats.finite_interval(failures, n, population, confidence=confidence) == (
        population - high,
        population - low,
    )


@law
@given(finite_counts(5_000))
def test_more_confidence_never_narrows_an_interval(triple):
    successes, n, population = triple
    for interval, arguments in (
        (stats.wilson_interval, (successes, n)),
        (stats.clopper_pearson_interval, (successes, n)),
        (stats.finite_interval, (successes, n, population)),
    ):
        results = [interval(*arguments, confidence=confidence) for confidence in CONFIDENCES]
        for narrow, wide in itertools.pairwise(results):
            assert wide.low <= narrow.low
            assert narrow.high <= wide.high


@law
@given(finite_counts(5_000))
def test_one_more_success_never_lowers_a_limit(triple):
    successes, n, population = triple
    assume(successes < n)
    fewer = stats.finite_interval(successes, n, population)
    more = stats.finite_interval(successes + 1, n, population)
    assert fewer.low <= more.low
    assert fewer.high <= more.high


def test_the_finite_interval_covers_every_truth_as_often_as_it_says():
    for population in (7, 19, 30):
        for n in range(1, population):
            limits = [stats.finite_interval(k, n, population) for k in range(n + 1)]
            for truth in range(population + 1):
                covered = [k for k, (low, high) in enumerate(limits) if low <= truth <= high]
                assert exact_share(covered, n, truth, population) >= Fraction(95, 100)


@law
@given(finite_counts(2_000))
def test_a_finite_interval_is_hardly_wider_than_one_for_an_endless_population(triple):
    successes, n, population = triple
    finite = stats.finite_interval(successes, n, population)
    endless = stats.clopper_pearson_interval(successes, n)
    assert finite.low / population >= endless.low - 1 / population
    assert finite.high / population <= endless.high + 1 / population


@law
@given(counts(), counts())
def test_swapping_the_groups_mirrors_the_difference_and_inverts_the_ratio(a, b):
    forth, back = stats.difference_interval(*a, *b), stats.difference_interval(*b, *a)
    assert forth == near((-back.difference, -back.high, -back.low))
    assert forth.low <= forth.difference <= forth.high
    assume(a[0] and b[0])
    forth, back = stats.rate_ratio(*a, *b), stats.rate_ratio(*b, *a)
    assert forth == near((1 / back.ratio, 1 / back.high, 1 / back.low))
    assert forth.low < forth.ratio < forth.high


# Laws of agreement and charts


@law
@given(tables(), st.randoms(use_true_random=False))
def test_agreement_does_not_depend_on_who_is_first_or_on_the_order_of_answers(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    expected = stats.agreement(table)
    assert stats.agreement([list(column) for column in zip(*table, strict=True)]) == expected
    assert stats.agreement([[table[i][j] for j in order] for i in order]) == expected
    assert expected.ac1 <= 1
    assert expected.kappa is None or -1 <= expected.kappa <= 1


steps = st.lists(st.integers(-1, 3), min_size=12, max_size=60)
series = st.one_of(
    st.lists(st.integers(-50, 50), min_size=12, max_size=60),
    steps.map(lambda moves: list(itertools.accumulate(moves))),  # drifts: long runs and rises
)


@law
@given(series, st.integers(-1_000, 1_000))
def test_a_chart_turned_over_or_shifted_fires_the_same_rules(values, shift):
    chart = stats.xmr(values)
    turned = stats.xmr([shift - value for value in values])
    assert turned.rules == chart.rules
    assert (turned.mean, turned.lower, turned.upper) == near(
        (shift - chart.mean, shift - chart.upper, shift - chart.lower)
    )


@law
@given(series, st.data())
def test_later_points_do_not_move_a_baseline_or_undo_what_it_found(values, data):
    baseline = data.draw(st.integers(12, len(values)))
    whole, first = stats.xmr(values, baseline=baseline), stats.xmr(values[:baseline])
    assert whole[:4] == first[:4]
    assert tuple(entry for entry in whole.rules if entry.point < baseline) == first.rules


@law
@given(series)
def test_rules_agree_with_a_plain_reading_of_their_words(values):
    chart = stats.xmr(values)
    mean = Fraction(sum(values), len(values))
    reach = Fraction(sum(abs(b - a) for a, b in itertools.pairwise(values)), len(values) - 1) * Fraction("2.66")
    expected = set()
    for i, value in enumerate(values):
        seven = values[i - 6 : i + 1] if i >= 6 else []
        three = values[max(0, i - 2) : i + 1]
        if not mean - reach <= value <= mean + reach:
            expected.add((i, stats.OUTSIDE_LIMITS))
        if seven and (min(seven) > mean or max(seven) < mean):
            expected.add((i, stats.ONE_SIDE))
        if seven and (strictly_rises(seven) or strictly_rises(seven[::-1])):
            expected.add((i, stats.RISING_OR_FALLING))
        high = [v > mean + reach * 2 / 3 for v in three]
        low = [v < mean - reach * 2 / 3 for v in three]
        if (high[-1] and sum(high) > 1) or (low[-1] and sum(low) > 1):
            expected.add((i, stats.OUTER_THIRD))
    assert set(chart.rules) == expected
    assert list(chart.rules) == sorted(chart.rules, key=lambda entry: entry.point)


def strictly_rises(values):
    return all(a < b for a, b in itertools.pairwise(values))


# Laws of estimates: right on average over every sample that could have been drawn


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 25), st.data())
def test_chapman_and_its_variance_are_right_on_average(population, data):
    first = data.draw(st.integers(0, population))
    second = data.draw(st.integers(population - first, population))
    chances, results = [], []
    for both in range(first + second - population, min(first, second) + 1):
        chances.append(float(exact_share([both], second, first, population)))
        results.append(stats.chapman(first, second, both))
    mean = math.fsum(c * r.estimate for c, r in zip(chances, results, strict=True))
    spread = math.fsum(c * (r.estimate - population) ** 2 for c, r in zip(chances, results, strict=True))
    claimed = math.fsum(c * r.standard_error**2 for c, r in zip(chances, results, strict=True))
    assert mean == near(population)
    assert claimed == pytest.approx(spread, rel=1e-6, abs=1e-8)


@st.composite
def truths(draw):
    """(marked, n, population) of one stratum, small enough to go through every sample."""
    population = draw(st.integers(2, 9))
    return draw(st.integers(0, population)), draw(st.integers(2, population)), population


@settings(max_examples=60, deadline=None)
@given(st.lists(truths(), min_size=1, max_size=2))
def test_the_stratified_estimate_and_its_error_are_right_on_average(strata):
    total = sum(population for *_, population in strata)
    truth = sum(marked for marked, *_ in strata) / total
    mean = spread = claimed = 0.0
    for drawn in itertools.product(*(range(n + 1) for _, n, _ in strata)):
        chance = math.prod(
            exact_share([k], n, marked, population) for k, (marked, n, population) in zip(drawn, strata, strict=True)
        )
        if chance:
            rows = [(k, n, population) for k, (_, n, population) in zip(drawn, strata, strict=True)]
            result = stats.stratified(rows)
            mean += float(chance) * result.estimate
            spread += float(chance) * (result.estimate - truth) ** 2
            claimed += float(chance) * result.standard_error**2
    assert mean == near(truth)
    assert claimed == near(spread)


@st.composite
def sampled(draw):
    population = draw(st.integers(1, 3_000))
    n = draw(st.integers(1, population))
    return stats.Stratum(draw(st.integers(0, n)), n, population)


@law
@given(st.lists(sampled(), min_size=1, max_size=6), confidences, st.randoms(use_true_random=False))
def test_a_stratified_interval_contains_its_estimate_whatever_the_order(strata, confidence, random):
    result = stats.stratified(strata, confidence=confidence)
    assert 0 <= result.low <= result.estimate <= result.high <= 1
    random.shuffle(strata)
    assert stats.stratified(strata, confidence=confidence) == result


@law
@given(finite_counts(3_000))
def test_one_stratum_is_a_plain_random_sample(triple):
    successes, n, population = triple
    assume(1 < n < population and 0 < successes < n)
    result = stats.stratified([triple])
    assert result.estimate == near(successes / n)
    assert result.effective_n == near((n - 1) / (1 - n / population))
