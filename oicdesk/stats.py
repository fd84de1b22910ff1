"""The arithmetic of figures: sample sizes, intervals, agreement, control charts.

Pure functions of numbers; counts are positional, settings are keywords, results are named tuples.
Each docstring gives the formula and where it comes from. What cannot be worked out is `Refused` in one
sentence whose `field` is the argument's name; no function answers with "not a number".
A confidence or rate is read as the decimal that was written (0.07 is 7/100), so that a result lying
exactly on a boundary does not depend on binary rounding.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter, index, mul
from statistics import NormalDist
from typing import NamedTuple, SupportsIndex

from oicdesk.errors import Refused


class Interval(NamedTuple):
    """Two limits as shares between 0 and 1."""

    low: float
    high: float


class CountInterval(NamedTuple):
    """Two limits as whole numbers of the population."""

    low: int
    high: int


class RateRatio(NamedTuple):
    ratio: float
    low: float
    high: float


class Difference(NamedTuple):
    difference: float
    low: float
    high: float


class Agreement(NamedTuple):
    """`kappa` is None where it is not defined: both reviewers gave one and the same answer throughout."""

    raw: float
    kappa: float | None
    ac1: float


class RuleFired(NamedTuple):
    """`point` counts from 0 and is the one that completed the pattern."""

    point: int
    rule: str


class ControlChart(NamedTuple):
    """`lower` and `upper` are None, and `rules` is empty, while there are too few points for limits."""

    mean: float
    moving_range_mean: float | None
    lower: float | None
    upper: float | None
    rules: tuple[RuleFired, ...]


class PopulationEstimate(NamedTuple):
    estimate: float
    standard_error: float


class Stratum(NamedTuple):
    """One stratum's passes, number assessed, and size in the frozen population."""

    successes: int
    n: int
    population: int


class StratifiedEstimate(NamedTuple):
    """Shares between 0 and 1; `method` names in plain words how the interval was made."""

    estimate: float
    standard_error: float
    low: float
    high: float
    effective_n: float
    method: str


AnyStratum = Stratum | Mapping[str, int] | tuple[int, int, int]


def _require(condition: bool, sentence: str, field: str) -> None:
    if not condition:
        raise Refused(sentence, field=field)


def _spoken(name: str) -> str:
    """The argument's name as a sentence begins with it."""
    return "The " + re.sub(r"^n\b", "number assessed", name.replace("_", " "))


def _whole(value: SupportsIndex, name: str, least: int = 0) -> int:
    try:
        number = index(value)
    except TypeError:
        number = least - 1
    _require(number >= least, f"{_spoken(name)} must be a whole number, {least} or more, not {value}.", name)
    return number


def _decimal(value: float, name: str) -> Fraction:
    """The number as it was written, exactly."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise Refused(f"{_spoken(name)} must be an ordinary number, not {value}.", field=name) from None


def _share(value: float, name: str, *, up_to_one: bool = False) -> Fraction:
    share = _decimal(value, name)
    end = "and at most 1" if up_to_one else "and below 1"
    _require(
        0 < share < 1 or (up_to_one and share == 1),
        f"{_spoken(name)} must be above 0 {end}, for example 0.95 for 95%, not {value}.",
        name,
    )
    return share


def _assessed(successes: int, n: int, suffix: str = "") -> tuple[int, int]:
    n = _whole(n, f"n{suffix}")
    successes = _whole(successes, f"successes{suffix}")
    _require(n > 0, "Nothing was assessed, so there is no interval; report it as not assessed.", f"n{suffix}")
    _require(successes <= n, f"{successes} successes among {n} assessed cannot be; check both.", f"successes{suffix}")
    return successes, n


def normal_quantile(probability: float) -> float:
    """z with P(Z ≤ z) = `probability` for a standard normal Z; 0.975 gives 1.959964."""
    _share(probability, "probability")
    return NormalDist().inv_cdf(probability)


def _two_sided_z(confidence: float) -> float:
    return -normal_quantile(float((1 - _share(confidence, "confidence")) / 2))


def sample_size(population: int, *, margin: float, confidence: float = 0.95, expected: float = 0.5) -> int:
    """How many to assess so that a share is known to within ± `margin`.

    n0 = z²·p(1 − p)/e², n = ⌈n0 / (1 + (n0 − 1)/N)⌉, with p = `expected`, e = `margin`; never above N.
    Source: Cochran, Sampling Techniques, 3rd ed. 1977, §4.4. An empty population needs 0.
    """
    size = _whole(population, "population")
    error, share = float(_share(margin, "margin")), float(_share(expected, "expected"))
    n0 = _two_sided_z(confidence) ** 2 * share * (1 - share) / error**2
    if size == 0:
        return 0
    # A population of one gives exactly 1 on paper, perhaps a hair above it in floating point.
    return min(size, math.ceil(n0 * size / (size - 1 + n0)))


def discovery_size(population: int, *, rate: float, confidence: float = 0.95) -> int:
    """How many to assess so that at least one failure is seen if the share of failures is `rate` or more.

    The smallest n with C(N − D, n) / C(N, n) ≤ 1 − confidence, D = ⌈rate·N⌉ (hypergeometric).
    Source: Arkin, Handbook of Sampling for Auditing and Accounting, 3rd ed. 1984 (discovery sampling).
    An empty population needs 0.
    """
    size = _whole(population, "population")
    failures = math.ceil(_share(rate, "rate", up_to_one=True) * size)
    risk = 1 - _share(confidence, "confidence")
    if size == 0:
        return 0

    def is_enough(n: int) -> bool:
        if n > size - failures:
            return True
        missed = math.exp(_log_choose(size - failures, n) - _log_choose(size, n))
        if _is_too_close(missed, risk):
            drawn, marked = sorted((n, failures))  # C(N−D, n)/C(N, n) = C(N−n, D)/C(N, D): the shorter one
            return Fraction(math.comb(size - marked, drawn), math.comb(size, drawn)) <= risk
        return missed <= risk

    return _first_true(is_enough, 1, size)


# Tails of discrete distributions, in log space


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _is_too_close(probability: float, limit: Fraction) -> bool:
    """Whether floating point cannot tell on which side of the limit it lies (errors stay below 1e-8)."""
    return abs(probability - float(limit)) <= 1e-7 * float(limit)


def _first_true(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The smallest whole number in low … high for which `holds`; it holds from there on, and at `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _run_down(ratio: Callable[[int], float], position: int, step: int) -> float:
    """1 + r₁ + r₁r₂ + …, where the terms shrink; `ratio(i)` leads from term i to term i + step."""
    total = term = 1.0
    while True:
        term *= ratio(position)
        if term < 1e-18 * total:
            return total
        total += term
        position += step


def _upper_tail(
    k: int, log_mass: Callable[[int], float], up: Callable[[int], float], down: Callable[[int], float]
) -> float:
    """P(X ≥ k) of a log-concave X: summed on the side where the terms shrink, which takes about √n terms."""
    if up(k) <= 1:
        return math.exp(log_mass(k)) * _run_down(up, k, 1)
    return 1 - math.exp(log_mass(k - 1)) * _run_down(down, k - 1, -1)


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(X ≥ k), X binomial(n, p), 0 < k ≤ n, 0 < p < 1."""
    odds = p / (1 - p)
    return _upper_tail(
        k,
        lambda i: _log_choose(n, i) + i * math.log(p) + (n - i) * math.log1p(-p),
        lambda i: (n - i) / (i + 1) * odds,
        lambda i: i / (n - i + 1) / odds,
    )


def _hypergeometric_tail(k: int, n: int, marked: int, population: int) -> float:
    """P(X ≥ k) where X counts the marked items among n drawn without replacement."""
    spare = population - marked - n
    if k <= max(0, -spare):
        return 1.0
    if k > min(n, marked):
        return 0.0
    return _upper_tail(
        k,
        lambda i: _log_choose(marked, i) + _log_choose(population - marked, n - i) - _log_choose(population, n),
        lambda i: (marked - i) * (n - i) / ((i + 1) * (spare + i + 1)),
        lambda i: i * (spare + i) / ((marked - i + 1) * (n - i + 1)),
    )


def _exact_hypergeometric_tail(k: int, n: int, marked: int, population: int) -> Fraction:
    """The same in whole numbers: slow, and asked only where floating point cannot decide."""
    spare = population - marked - n
    term = math.comb(marked, k) * math.comb(population - marked, n - k)
    total = 0
    for i in range(k, min(n, marked) + 1):
        total += term
        term = term * (marked - i) * (n - i) // ((i + 1) * (spare + i + 1))
    return Fraction(total, math.comb(population, n))


def _wilson(share: float, n: float, z: float) -> Interval:
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(
        0.0 if share == 0 else min(share, max(0.0, centre - half)),
        1.0 if share == 1 else max(share, min(1.0, centre + half)),
    )


def wilson_interval(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Score interval for a share, sampled from a population without end.

    (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes/n.
    Source: Wilson 1927, JASA 22: 209–212. n = 0 is refused: it reads "not assessed".
    """
    successes, n = _assessed(successes, n)
    return _wilson(successes / n, n, _two_sided_z(confidence))


def clopper_pearson_interval(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Exact interval for a share, sampled from a population without end.

    low solves P(X ≥ k | p) = α/2, high solves P(X ≤ k | p) = α/2, X binomial(n, p); 0 at k = 0, 1 at k = n.
    Source: Clopper and Pearson 1934, Biometrika 26: 404–413. n = 0 is refused.
    """
    successes, n = _assessed(successes, n)
    risk = float((1 - _share(confidence, "confidence")) / 2)
    return Interval(_least_share(successes, n, risk), 1 - _least_share(n - successes, n, risk))


def _least_share(k: int, n: int, risk: float) -> float:
    """The p with P(X ≥ k) = risk, by bisection."""
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if _binomial_tail(k, n, middle) > risk:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def finite_interval(successes: int, n: int, population: int, *, confidence: float = 0.95) -> CountInterval:
    """Exact interval for the number of successes in the whole population, sampled without replacement.

    Every K from low to high passes both hypergeometric tests: P(X ≥ k | K) > α/2 and P(X ≤ k | K) > α/2.
    Source: Buonaccorsi 1987, The American Statistician 41: 215–218. With everything assessed both limits
    are `successes` (a count, so print no interval); n = 0 is refused.
    """
    successes, n = _assessed(successes, n)
    population = _whole(population, "population")
    _require(n <= population, f"{n} assessed out of {population} cannot be; check both.", "population")
    risk = (1 - _share(confidence, "confidence")) / 2
    fewest_failures = _least_count(n - successes, n, population, risk)
    return CountInterval(_least_count(successes, n, population, risk), population - fewest_failures)


def _least_count(k: int, n: int, population: int, risk: Fraction) -> int:
    """The smallest K with P(X ≥ k | K) > risk."""

    def is_possible(marked: int) -> bool:
        tail = _hypergeometric_tail(k, n, marked, population)
        if _is_too_close(tail, risk):
            return _exact_hypergeometric_tail(k, n, marked, population) > risk
        return tail > risk

    return _first_true(is_possible, k, population - n + k)


def rate_ratio(
    events_a: int, exposure_a: float, events_b: int, exposure_b: float, *, confidence: float = 0.95
) -> RateRatio:
    """How many times as often events happened in A as in B, with the exact conditional interval.

    ratio = (a/Ea) / (b/Eb). Given a + b, a is binomial, and the Clopper–Pearson limits p of a out of a + b
    become ratios p/(1 − p) · Eb/Ea. Source: Przyborowski and Wilenski 1940, Biometrika 31: 313–323.
    With no event in B the ratio and `high` are infinite; with none in either it is refused.
    """
    events_a, events_b = _whole(events_a, "events_a"), _whole(events_b, "events_b")
    time_a, time_b = _decimal(exposure_a, "exposure_a"), _decimal(exposure_b, "exposure_b")
    for name, time in ("exposure_a", time_a), ("exposure_b", time_b):
        _require(time > 0, f"{_spoken(name)} must be above 0, for example a number of weeks.", name)
    risk = float((1 - _share(confidence, "confidence")) / 2)
    total = events_a + events_b
    _require(total > 0, "Neither period has any events, so there is no ratio to work out.", "events_a")
    scale = float(time_b / time_a)
    least_a, least_b = _least_share(events_a, total, risk), _least_share(events_b, total, risk)
    return RateRatio(
        events_a / events_b * scale if events_b else math.inf,
        least_a / (1 - least_a) * scale,
        (1 - least_b) / least_b * scale if events_b else math.inf,
    )


def difference_interval(
    successes_a: int, n_a: int, successes_b: int, n_b: int, *, confidence: float = 0.95
) -> Difference:
    """Share in A minus share in B, with Newcombe's hybrid score interval.

    d − √((pa − la)² + (ub − pb)²) to d + √((ua − pa)² + (pb − lb)²), l and u being Wilson limits.
    Source: Newcombe 1998, Statistics in Medicine 17: 873–890, method 10. A group of 0 is refused.
    """
    successes_a, n_a = _assessed(successes_a, n_a, "_a")
    successes_b, n_b = _assessed(successes_b, n_b, "_b")
    z = _two_sided_z(confidence)
    a, b = successes_a / n_a, successes_b / n_b
    found = difference_of(a, _wilson(a, n_a, z), b, _wilson(b, n_b, z))
    return found._replace(difference=(successes_a * n_b - successes_b * n_a) / (n_a * n_b))


def difference_of(
    share_a: float, limits_a: tuple[float, float], share_b: float, limits_b: tuple[float, float]
) -> Difference:
    """Share in A minus share in B from each one's own limits, as for weighted shares; a counted share is its limits.

    d − √((pa − la)² + (ub − pb)²) to d + √((ua − pa)² + (pb − lb)²).
    Source: Zou and Donner 2008, Statistics in Medicine 27: 1693–1702 (with Wilson limits it is Newcombe's method 10).
    """
    for name, share, (low, high) in ("share_a", share_a, limits_a), ("share_b", share_b, limits_b):
        _require(0 <= low <= share <= high <= 1, f"{_spoken(name)} must lie within its limits and 0 to 1.", name)
    difference = share_a - share_b
    return Difference(
        difference,
        max(-1.0, difference - math.hypot(share_a - limits_a[0], limits_b[1] - share_b)),
        min(1.0, difference + math.hypot(limits_a[1] - share_a, share_b - limits_b[0])),
    )


def agreement(table: Sequence[Sequence[int]]) -> Agreement:
    """How far two reviewers agree; rows are the first one's answers, columns the second one's, same order.

    raw = po = share on the diagonal; kappa = (po − pe)/(1 − pe), pe = Σ row·column (Cohen 1960, Educational
    and Psychological Measurement 20: 37–46); ac1 = (po − pg)/(1 − pg), pg = Σ π(1 − π)/(k − 1),
    π = (row + column)/2 (Gwet 2008, British Journal of Mathematical and Statistical Psychology 61: 29–48).
    """
    size = len(table)
    _require(
        size >= 2 and all(len(row) == size for row in table),
        "The table must have the same two or more answers as rows and as columns.",
        "table",
    )
    counts = [[_whole(count, "table") for count in row] for row in table]
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    total = sum(rows)
    _require(total > 0, "Nothing was reviewed twice; report it as not assessed.", "table")
    raw = Fraction(sum(counts[i][i] for i in range(size)), total)
    by_chance = Fraction(sum(map(mul, rows, columns)), total * total)
    shares = [Fraction(row + column, 2 * total) for row, column in zip(rows, columns, strict=True)]
    by_guess = sum((share * (1 - share) for share in shares), Fraction(0)) / (size - 1)
    return Agreement(
        float(raw),
        None if by_chance == 1 else float((raw - by_chance) / (1 - by_chance)),
        float((raw - by_guess) / (1 - by_guess)),
    )


OUTSIDE_LIMITS = "point outside the limits"
ONE_SIDE = "7 points in a row on one side of the mean"
RISING_OR_FALLING = "7 points in a row rising or falling"
OUTER_THIRD = "2 of 3 points in the outer third on one side"


def xmr(values: Sequence[float], *, baseline: int | None = None, minimum: int = 12) -> ControlChart:
    """Control chart of single values; `baseline` is how many of the first points make mean and limits (all).

    limits = mean ± 2.66 × mean moving range, without rounding the lower one up to 0.
    Source: Wheeler, Understanding Variation, 2nd ed. 2000 (2.66 = 3/1.128); rules after the Western
    Electric Statistical Quality Control Handbook, 1956.
    Rules look at all points, and each is reported at every point that completes its pattern. A point on the
    mean, and an equal neighbour, ends a run; "outer third" means beyond two thirds of the way to the limit.
    While fewer than `minimum` points make the limits there are none, and no rule fires.
    """
    points = [_decimal(value, "values") for value in values]
    _require(bool(points), "A control chart needs at least one point; there are none.", "values")
    count = len(points) if baseline is None else _whole(baseline, "baseline", 1)
    _require(
        count <= len(points), f"A baseline of {count} points needs as many values; there are {len(points)}.", "baseline"
    )
    used = points[:count]
    mean = sum(used, Fraction(0)) / len(used)
    if len(used) < 2:
        return ControlChart(float(mean), None, None, None, ())
    ranges = [abs(b - a) for a, b in pairwise(used)]
    moving_range = sum(ranges, Fraction(0)) / len(ranges)
    if len(used) < minimum:
        return ControlChart(float(mean), float(moving_range), None, None, ())
    reach = moving_range * Fraction(266, 100)
    rules = tuple(_rules_fired([point - mean for point in points], reach))
    return ControlChart(float(mean), float(moving_range), float(mean - reach), float(mean + reach), rules)


def _rules_fired(offsets: Sequence[Fraction], reach: Fraction) -> list[RuleFired]:
    """Offsets from the mean, exact, so that equal values are equal and a point on the line is on it."""
    sides = [(offset > 0) - (offset < 0) for offset in offsets]
    steps = [(b > a) - (b < a) for a, b in pairwise(offsets)]
    outer = [side if abs(offset) > reach * 2 / 3 else 0 for side, offset in zip(sides, offsets, strict=True)]
    fired = []
    for i, offset in enumerate(offsets):
        if abs(offset) > reach:
            fired.append(RuleFired(i, OUTSIDE_LIMITS))
        if i >= 6 and abs(sum(sides[i - 6 : i + 1])) == 7:
            fired.append(RuleFired(i, ONE_SIDE))
        if i >= 6 and abs(sum(steps[i - 6 : i])) == 6:
            fired.append(RuleFired(i, RISING_OR_FALLING))
        if outer[i] and outer[max(0, i - 2) : i + 1].count(outer[i]) >= 2:
            fired.append(RuleFired(i, OUTER_THIRD))
    return fired


def kaplan_meier_median(durations: Sequence[float], observed: Sequence[bool]) -> float | None:
    """The median time to an event when some have not happened yet (`observed` False: still waiting then).

    The smallest t with S(t) = Π (1 − d/n) ≤ 1/2; None if S never falls that low, or there is nothing.
    At one time events come before those still waiting.
    Source: Kaplan and Meier 1958, JASA 53: 457–481. Some programs take the next time when S is exactly 1/2.
    """
    _require(len(durations) == len(observed), "Each duration needs one observed, true or false.", "observed")
    _require(
        all(0 <= duration < math.inf for duration in durations),
        "A duration must be 0 or more; check its two times.",
        "durations",
    )
    leaving = Counter(durations)
    events = Counter(duration for duration, happened in zip(durations, observed, strict=True) if happened)
    at_risk = len(durations)
    survival = 1.0
    factors: list[tuple[int, int]] = []
    for time in sorted(leaving):
        if events[time]:
            factors.append((at_risk - events[time], at_risk))
            survival *= factors[-1][0] / at_risk
            if _is_half_or_less(survival, factors):
                return time
        at_risk -= leaving[time]
    return None


def _is_half_or_less(survival: float, factors: Sequence[tuple[int, int]]) -> bool:
    if abs(survival - 0.5) > 1e-9:
        return survival < 0.5
    return 2 * math.prod(left for left, _ in factors) <= math.prod(whole for _, whole in factors)


def chapman(first: int, second: int, both: int) -> PopulationEstimate:
    """How many there are in all, from two independent lists and the number found on both.

    (n1 + 1)(n2 + 1)/(m + 1) − 1; variance (n1 + 1)(n2 + 1)(n1 − m)(n2 − m) / ((m + 1)²(m + 2)).
    Source: Chapman 1951, University of California Publications in Statistics 1: 131–160; variance Seber 1970,
    Biometrics 26: 13–22.
    """
    first, second, both = _whole(first, "first"), _whole(second, "second"), _whole(both, "both")
    shorter = min(first, second)
    _require(both <= shorter, f"There cannot be {both} on both lists when one list has {shorter}.", "both")
    product = (first + 1) * (second + 1)
    variance = product * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return PopulationEstimate(product / (both + 1) - 1, math.sqrt(variance))


WILSON_EFFECTIVE = "weighted by stratum, Wilson interval on the effective sample size"
WILSON_WIDENED = f"{WILSON_EFFECTIVE}, a stratum with one assessed counted at its widest"
WILSON_ASSESSED = "weighted by stratum, Wilson interval on the number assessed, because no stratum varies"
POOLED_EXACT = "exact finite-population interval on the strata pooled"
EVERYTHING_ASSESSED = "everything was assessed, so there is no interval"


def stratified(strata: Sequence[AnyStratum], *, confidence: float = 0.95) -> StratifiedEstimate:
    """The share in the population from a sample by strata; each has `successes`, `n` and `population`.

    estimate = Σ (Nh/N)·ph; SE = √Σ (Nh/N)²(1 − nh/Nh)·ph(1 − ph)/(nh − 1); Wilson interval with the effective
    n = p(1 − p)/SE². Source: Cochran, Sampling Techniques, 3rd ed. 1977, §5.3–5.6; effective n after Korn and
    Graubard 1998, Survey Methodology 24: 193–201.
    - All or none succeeded: the exact finite-population interval on the pooled counts.
    - Everything assessed: both limits are the estimate; print no interval.
    - One assessed out of several: that stratum's variance cannot be estimated; it takes the largest, 1/4.
    - No stratum varies and yet they differ: SE is 0; the interval uses the number assessed.
    Empty strata are left out; one with items but none assessed is refused, because it would be a guess.
    """
    z = _two_sided_z(confidence)
    rows = [row for row in map(_stratum, strata) if row.population]
    _require(bool(rows), "Nothing was assessed; report it as not assessed.", "strata")
    successes = sum(row.successes for row in rows)
    n = sum(row.n for row in rows)
    population = sum(row.population for row in rows)
    weights = [Fraction(row.population, population) for row in rows]
    share = sum((w * row.successes / row.n for w, row in zip(weights, rows, strict=True)), Fraction(0))
    variance = sum((w * w * _variance(row) for w, row in zip(weights, rows, strict=True)), Fraction(0))
    estimate, error = float(share), math.sqrt(variance)
    if n == population:
        return StratifiedEstimate(estimate, 0.0, estimate, estimate, float(n), EVERYTHING_ASSESSED)
    if successes in (0, n):
        counts = finite_interval(successes, n, population, confidence=confidence)
        low, high = counts.low / population, counts.high / population
        return StratifiedEstimate(estimate, error, low, high, float(n), POOLED_EXACT)
    effective_n = float(share * (1 - share) / variance) if variance else float(n)
    method = WILSON_EFFECTIVE if variance else WILSON_ASSESSED
    if any(row.n == 1 < row.population for row in rows):
        method = WILSON_WIDENED
    return StratifiedEstimate(estimate, error, *_wilson(estimate, effective_n, z), effective_n, method)


def _variance(row: Stratum) -> Fraction:
    """Of the stratum's share, as an estimate; one item drawn from several varies by P(1 − P) ≤ 1/4."""
    if row.n == row.population:
        return Fraction(0)
    if row.n == 1:
        return Fraction(1, 4)
    share = Fraction(row.successes, row.n)
    return (1 - Fraction(row.n, row.population)) * share * (1 - share) / (row.n - 1)


def _stratum(entry: AnyStratum) -> Stratum:
    if isinstance(entry, Mapping):
        lacking = [name for name in Stratum._fields if name not in entry]
        _require(not lacking, f"A stratum lacks its {' and '.join(lacking)}.", "strata")
        entry = entry["successes"], entry["n"], entry["population"]
    elif hasattr(entry, "population"):  # a named tuple may have its own order
        entry = attrgetter(*Stratum._fields)(entry)
    row = Stratum(*map(_whole, entry, Stratum._fields))
    _require(
        row.successes <= row.n <= row.population,
        f"{row.successes} successes among {row.n} assessed of {row.population} cannot be; check the stratum.",
        "strata",
    )
    _require(
        row.n > 0 or row.population == 0,
        f"A stratum of {row.population} has nothing assessed; assess two of it or merge it with another.",
        "strata",
    )
    return row
