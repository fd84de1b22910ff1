"""What the answers of an audit amount to: figures with their limits, comparison, agreement, charts, slips.

A share is a number between 0 and 1; sentences print it as per cent with one decimal. A full count and a dip
sample never have an interval, and a sample without failures never reads as 100 per cent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from statistics import median
from typing import Final, NamedTuple

from oicdesk import stats
from oicdesk.audits.rules import DIP, DISCOVERY
from oicdesk.audits.rules_review import ANSWERS, MET, NOT_APPLICABLE, PARTLY_MET, fails, plural
from oicdesk.errors import Refused

NOT_ASSESSED: Final = "not assessed"
COUNTED: Final = "counted in full, so there is no interval"
NO_INTERVAL: Final = "dip sample, not representative, so there is no interval"
EXACT: Final = "exact finite-population interval (hypergeometric)"
ONE_SIDED: Final = "exact finite-population limit (hypergeometric, one-sided)"
ESTIMATED: Final = "; the number of cases it applies to is estimated from the sample"


class StratumCount(NamedTuple):
    """Of one stratum (the whole population without strata): what was found among what was drawn.

    `successes` of `n` in the denominator; `drawn` cases assessed of `population`. `n` is smaller than `drawn` where
    a criterion was not applicable.
    """

    label: str
    successes: int
    n: int
    drawn: int
    population: int


@dataclass(frozen=True)
class Figure:
    """One share with everything needed to check it; None where it does not exist.

    `population` is what the interval speaks of: the frozen population, or the part the criterion is estimated
    to apply to. `share`, `low` and `high` are the headline; the Wilson limits belong in working papers.
    """

    successes: int
    n: int
    drawn: int
    population: int
    share: float | None
    low: float | None
    high: float | None
    low_count: int | None
    high_count: int | None
    wilson_low: float | None
    wilson_high: float | None
    is_weighted: bool
    method: str
    sentence: str

    @property
    def failures(self) -> int:
        return self.n - self.successes


def spoken_percent(share: float) -> str:
    """0.8642 as “86.4%”, halves up; what is not quite all or nothing never prints as it."""
    tenths = floor(Fraction(str(share)) * 1000 + Fraction(1, 2))
    if 0 < share < 1:
        tenths = min(999, max(1, tenths))
    return f"{tenths // 10}.{tenths % 10}%"


def figure(kind: str, counts: Sequence[StratumCount], *, confidence: float = 0.95) -> Figure:
    """The share that passes, for the whole audit, one criterion or one group; `counts` by stratum.

    Weighted by stratum where a stratum's part of the sample is a case or more away from its part of the population;
    else the exact interval on the pooled counts. An empty population or denominator reads "not assessed".
    """
    rows = [(count, _applicable(count)) for count in counts]
    successes, n = sum(c.successes for c in counts), sum(c.n for c in counts)
    drawn, population = sum(c.drawn for c in counts), sum(size for _, size in rows)
    plain = {"successes": successes, "n": n, "drawn": drawn, "population": population}
    if n == 0:
        return _without_interval(plain, NOT_ASSESSED, NOT_ASSESSED)
    share = Fraction(successes, n)
    told = f"{successes} of {n} ({spoken_percent(float(share))})"
    if kind == DIP:
        found = f"none found in {n}" if successes == n else told
        return _without_interval(plain, NO_INTERVAL, f"{found}; a dip sample, not representative")
    if drawn == sum(c.population for c in counts):
        return _without_interval(plain, COUNTED, told)
    estimated = any(count.n != count.drawn for count in counts)
    strata = [stats.Stratum(c.successes, c.n, size) for c, size in rows if size]
    if is_proportional([(stratum.n, stratum.population) for stratum in strata]):
        return _exact(kind, plain, confidence, estimated)
    return _weighted(kind, plain, strata, confidence, estimated)


def _applicable(count: StratumCount) -> int:
    """The part of a stratum that a criterion applies to, as the sample shows it; all of it when it always does."""
    if count.n == count.drawn:
        return count.population
    return (2 * count.population * count.n + count.drawn) // (2 * count.drawn)


def is_proportional(strata: Sequence[tuple[int, int]]) -> bool:
    """Whether each (assessed, population) lies less than one case from its share of everything assessed."""
    n, population = sum(a for a, _ in strata), sum(p for _, p in strata)
    return all(abs(a * population - n * p) < population for a, p in strata)


def _without_interval(plain: Mapping[str, int], method: str, sentence: str) -> Figure:
    share = plain["successes"] / plain["n"] if plain["n"] else None
    return Figure(
        **plain, share=share, low=None, high=None, low_count=None, high_count=None, wilson_low=None,
        wilson_high=None, is_weighted=False, method=method, sentence=sentence,
    )  # fmt: skip


def _exact(kind: str, plain: Mapping[str, int], confidence: float, estimated: bool) -> Figure:
    successes, n, population = plain["successes"], plain["n"], plain["population"]
    one_sided = kind == DISCOVERY and successes == n
    asked = float(2 * Fraction(str(confidence)) - 1) if one_sided and confidence > 0.5 else confidence
    counts = stats.finite_interval(successes, n, population, confidence=asked)
    low, high = counts.low / population, counts.high / population
    wilson = stats.wilson_interval(successes, n, confidence=confidence)
    method = (ONE_SIDED if one_sided else EXACT) + (ESTIMATED if estimated else "")
    return Figure(
        **plain, share=successes / n, low=low, high=high, low_count=counts.low, high_count=counts.high,
        wilson_low=wilson.low, wilson_high=wilson.high, is_weighted=False, method=method,
        sentence=_spoken(plain, f" ({spoken_percent(successes / n)})", low, high),
    )  # fmt: skip


def _weighted(
    kind: str, plain: Mapping[str, int], strata: Sequence[stats.Stratum], confidence: float, estimated: bool
) -> Figure:
    successes, n, population = plain["successes"], plain["n"], plain["population"]
    if successes in (0, n):
        return _exact(kind, plain, confidence, estimated)  # as the pooled exact interval of `stats.stratified`
    found = stats.stratified(strata, confidence=confidence)
    wilson = stats.wilson_interval(successes, n, confidence=confidence)
    return Figure(
        **plain, share=found.estimate, low=found.low, high=found.high,
        low_count=ceil(round(found.low * population, 9)), high_count=floor(round(found.high * population, 9)),
        wilson_low=wilson.low, wilson_high=wilson.high, is_weighted=True,
        method=found.method + (ESTIMATED if estimated else ""),
        sentence=_spoken(
            plain, f" assessed, {spoken_percent(found.estimate)} weighted by stratum", found.low, found.high
        ),
    )  # fmt: skip


def _spoken(plain: Mapping[str, int], share: str, low: float, high: float) -> str:
    successes, n = plain["successes"], plain["n"]
    if successes == n:
        # Rounded up: an upper limit must not read smaller than it is.
        possible = ceil(Fraction(str(1 - low)) * 1000 - Fraction(1, 10**6)) / 10
        return f"none found in {n}; up to {possible:.1f}% possible"
    return (
        f"{successes} of {n}{share}; between {spoken_percent(low)} and"
        f" {spoken_percent(high)} of all {plain['population']}"
    )


# --- the panel's three answers -----------------------------------------------------------------------------

PANEL_ANSWERS: Final = ("Met or partly met", "Not met", "Not applicable")


def panel_answer(answer: str) -> str:
    """The word an answer is counted under in a panel paper."""
    if answer == NOT_APPLICABLE:
        return PANEL_ANSWERS[2]
    return PANEL_ANSWERS[1] if fails(answer) else PANEL_ANSWERS[0]


# --- comparison --------------------------------------------------------------------------------------------

HIGHER, LOWER, NO_CLEAR_CHANGE = "higher", "lower", "no clear change"
NOT_COMPARABLE: Final = "not comparable"
BOTH_COUNTED: Final = "both counted in full"


@dataclass(frozen=True)
class Comparison:
    """This audit's share minus the earlier one's; limits are None where there is no sampling or no comparison."""

    difference: float | None
    low: float | None
    high: float | None
    verdict: str
    sentence: str


def compare(now: Figure, before: Figure, *, confidence: float = 0.95) -> Comparison:
    """Newcombe's interval for the difference; "no clear change" when it holds zero. Dip samples are not compared.

    Each share brings its own limits: a weighted one those of its weighted interval, a full count none.
    """
    if now.share is None or before.share is None:
        return Comparison(None, None, None, NOT_COMPARABLE, "One of the two was not assessed, so nothing is compared.")
    if NO_INTERVAL in (now.method, before.method):
        return Comparison(
            None, None, None, NOT_COMPARABLE, "A dip sample is not representative, so it is not compared."
        )
    if now.method == before.method == COUNTED:
        difference = now.successes / now.n - before.successes / before.n
        return Comparison(difference, None, None, BOTH_COUNTED, f"{_points(difference)}; both were counted in full.")
    found = stats.difference_of(*_own_limits(now, confidence), *_own_limits(before, confidence))
    verdict = HIGHER if found.low > 0 else LOWER if found.high < 0 else NO_CLEAR_CHANGE
    between = f"the difference lies between {found.low * 100:+.1f} and {found.high * 100:+.1f} points"
    how = "Newcombe, with the weighted shares" if now.is_weighted or before.is_weighted else "Newcombe"
    if COUNTED in (now.method, before.method):
        how += f"; {'this' if now.method == COUNTED else 'the earlier'} one was counted in full"
    if verdict == NO_CLEAR_CHANGE:
        sentence = f"No clear change: {between} ({how})."
    else:
        sentence = f"{_points(found.difference)}; {between} ({how})."
    return Comparison(found.difference, found.low, found.high, verdict, sentence)


def own_limits(figure: Figure, confidence: float) -> tuple[float, float, float]:
    """Share and limits that a figure brings into a comparison: weighted, else Wilson; a full count has its share."""
    assert figure.share is not None
    if figure.method == COUNTED:
        return figure.share, figure.share, figure.share
    if figure.is_weighted and figure.low is not None and figure.high is not None:
        return figure.share, figure.low, figure.high
    low, high = stats.wilson_interval(figure.successes, figure.n, confidence=confidence)
    return figure.share, low, high


def _own_limits(figure: Figure, confidence: float) -> tuple[float, tuple[float, float]]:
    share, low, high = own_limits(figure, confidence)
    return share, (low, high)


def _points(difference: float) -> str:
    if difference == 0:
        return "The same share"
    return f"{abs(difference) * 100:.1f} percentage points {HIGHER if difference > 0 else LOWER}"


# --- agreement of two reviewers ------------------------------------------------------------------------------

PREVALENCE_LIMIT: Final = 0.8
PASSED, FAILED = "Passed", "Failed"


@dataclass(frozen=True)
class AgreementFigure:
    """Two reviewers side by side: rows of `table` are the first one's answers, columns the second one's."""

    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    n: int
    raw: float | None
    kappa: float | None
    ac1: float | None
    warning: str


def agreement(pairs: Sequence[tuple[str, str]], categories: Sequence[str] = ANSWERS) -> AgreementFigure:
    """Raw agreement, Cohen's kappa and Gwet's AC1 of (first, second) answers, with a warning where one answer rules."""
    counts = Counter(pairs)
    table = tuple(tuple(counts[first, second] for second in categories) for first in categories)
    n = len(pairs)
    if n == 0:
        return AgreementFigure(tuple(categories), table, 0, None, None, None, "Nothing was reviewed twice.")
    found = stats.agreement(table)
    given = Counter(answer for pair in pairs for answer in pair)
    warning = ""
    if found.kappa is None:
        warning = "Both gave one and the same answer throughout, so kappa is not defined; read raw agreement and AC1."
    elif max(given.values()) >= PREVALENCE_LIMIT * 2 * n:
        share = spoken_percent(max(given.values()) / (2 * n))
        warning = (
            f"{share} of all answers are the same, which makes kappa low even where reviewers agree; read raw"
            " agreement and AC1 beside it."
        )
    return AgreementFigure(tuple(categories), table, n, found.raw, found.kappa, found.ac1, warning)


# --- one audit after another -----------------------------------------------------------------------------------

RUN_CHART, XMR_CHART = "run chart", "XmR chart"
FEWEST_FOR_LIMITS: Final = 12


class ChartPoint(NamedTuple):
    """One audit on the chart: its label, such as a month, and its share in per cent."""

    label: str
    value: float


@dataclass(frozen=True)
class ChartPhase:
    """A stretch of the chart read by itself: `first` to `last` are positions of points from 0.

    A run chart has the median as its centre and no limits; an XmR chart has the mean. `fired` tells of a point
    which rules it completed.
    """

    first: int
    last: int
    reason: str
    kind: str
    centre: float
    lower: float | None
    upper: float | None
    fired: Mapping[int, tuple[str, ...]]
    sentence: str


def chart(points: Sequence[ChartPoint], phases: Sequence[tuple[int, str]] = ()) -> list[ChartPhase]:
    """The phases of a series; `phases` are (position of the first point, reason) beside the start itself.

    A phase under 12 points is a run chart, because limits from so few would mislead.
    """
    starts = {0: "Start of the series"} | {first: reason for first, reason in phases if 0 <= first < len(points)}
    if not points:
        return []
    firsts = sorted(starts)
    return [
        _phase(points, first, following - 1, starts[first])
        for first, following in zip(firsts, [*firsts[1:], len(points)], strict=True)
    ]


def _phase(points: Sequence[ChartPoint], first: int, last: int, reason: str) -> ChartPhase:
    values = [point.value for point in points[first : last + 1]]
    if len(values) < FEWEST_FOR_LIMITS:
        few = plural(len(values), "audit")
        sentence = f"{few}: a run chart with its median; limits need {FEWEST_FOR_LIMITS} points in a phase."
        return ChartPhase(first, last, reason, RUN_CHART, median(values), None, None, {}, sentence)
    found = stats.xmr(values, minimum=FEWEST_FOR_LIMITS)
    fired: dict[int, tuple[str, ...]] = {}
    for point, rule in found.rules:
        fired[first + point] = (*fired.get(first + point, ()), rule)
    told = "; ".join(f"{points[i].label}: {', '.join(rules)}" for i, rules in sorted(fired.items()))
    sentence = f"Not ordinary variation: {told}." if told else "Ordinary variation: no rule fired."
    return ChartPhase(first, last, reason, XMR_CHART, found.mean, found.lower, found.upper, fired, sentence)


# --- feedback to a reporting officer -----------------------------------------------------------------------


class SlipAnswer(NamedTuple):
    """One answer about one of the officer's documents."""

    answer: str
    comment: str


class SlipCase(NamedTuple):
    """One of the officer's cases: reference, whether its document passed, and answers by criterion number."""

    reference: str
    passed: bool | None
    answers: Mapping[int, SlipAnswer]


@dataclass(frozen=True)
class Slip:
    """Feedback for one reporting officer about their own documents only; praise stands first, nobody is ranked."""

    officer: str
    opening: str
    praise: tuple[str, ...]
    improvements: tuple[str, ...]
    closing: str


def slip(officer: str, cases: Sequence[SlipCase], criteria: Mapping[int, tuple[str, str]]) -> Slip:
    """Put one officer's feedback together; `criteria` maps a number to (text, guidance)."""
    if not cases:
        raise Refused(f"No document of {officer} was audited, so there is nothing to tell.")
    which = ", ".join(case.reference for case in cases)
    return Slip(
        officer,
        f"Thank you for documenting what you reported. An audit looked at {which}.",
        tuple(_praise(cases, criteria)),
        tuple(_improvements(cases, criteria)),
        "If you see it differently, please say so: the audit can be wrong, and the desk would like to know.",
    )


def _praise(cases: Sequence[SlipCase], criteria: Mapping[int, tuple[str, str]]) -> list[str]:
    passed = [case.reference for case in cases if case.passed]
    lines = [f"Met every mandatory criterion: {', '.join(passed)}."] if passed else []
    for number, (text, _guidance) in criteria.items():
        given = [case.answers[number].answer for case in cases if number in case.answers]
        applicable = [answer for answer in given if answer != NOT_APPLICABLE]
        if applicable and all(answer == MET for answer in applicable):
            lines.append(f"Done well: {_lowered(text)}.")
    return lines or ["The contact was reported and recorded, which is where good intelligence starts."]


def _improvements(cases: Sequence[SlipCase], criteria: Mapping[int, tuple[str, str]]) -> list[str]:
    lines = []
    for number, (text, guidance) in criteria.items():
        for case in cases:
            given = case.answers.get(number)
            if given is None or not (given.answer == PARTLY_MET or fails(given.answer)):
                continue
            comment = f" {given.comment.strip()}" if given.comment.strip() else ""
            lines.append(f"{case.reference}, {_lowered(text)}: {guidance}{comment}")
    return lines


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
