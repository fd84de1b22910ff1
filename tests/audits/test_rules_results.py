"""What answers amount to: outcomes, figures and their words, comparison, agreement, charts, slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk import stats
from oicdesk.audits import rules, rules_results, rules_review
from oicdesk.audits.rules_results import ChartPoint, SlipAnswer, SlipCase, StratumCount
from oicdesk.audits.rules_review import (
    ANSWERS,
    CANNOT_DETERMINE,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    PARTLY_MET,
    Involved,
    RegisterFacts,
)
from oicdesk.errors import Refused

MANDATORY = {1: True, 2: True, 3: False}


def one(successes, n, population, drawn=None):
    return [StratumCount("", successes, n, drawn or n, population)]


# --- answers ---


@pytest.mark.parametrize(
    "answers, passed, partly, failed",
    [
        ({1: MET, 2: MET, 3: NOT_MET}, True, False, ()),
        ({1: MET, 2: PARTLY_MET, 3: MET}, True, True, ()),
        ({1: MET, 2: MET, 3: PARTLY_MET}, True, False, ()),
        ({1: MET, 2: NOT_MET, 3: MET}, False, False, (2,)),
        ({1: CANNOT_DETERMINE, 2: NOT_MET, 3: MET}, False, False, (1, 2)),
        ({1: NOT_APPLICABLE, 2: MET, 3: MET}, True, False, ()),
        ({1: MET}, None, False, ()),
        ({1: NOT_MET}, False, False, (1,)),
    ],
)
def test_a_document_passes_if_no_mandatory_criterion_is_not_met(answers, passed, partly, failed):
    made = rules_review.outcome(answers, MANDATORY)
    assert (made.passed, made.partly, made.failed) == (passed, partly, failed)
    assert made.unanswered == tuple(n for n in MANDATORY if n not in answers)


@pytest.mark.parametrize(
    "name",
    ["Sam Ashby", "ASHBY, Sam", "PS Sam Ashby", "sam  ashby", "Ashby", "DI ASHBY, Sam"],
)
def test_a_name_in_any_dress_is_the_same_person(name):
    with pytest.raises(Refused, match="wrote the document of OIC-2026-0001 and cannot review it"):
        rules_review.check_reviewer("Sam Ashby", "OIC-2026-0001", Involved(author=name))


@pytest.mark.parametrize("name", ["", "PC 7191", "Kim Ashby", "Sam Ashbury", "Robin Vale"])
def test_another_or_no_name_is_no_obstacle(name):
    rules_review.check_reviewer("Sam Ashby", "OIC-2026-0001", Involved(name, name, name, name))


def test_the_register_answers_only_what_it_knows():
    known, unknown = RegisterFacts(True, True, False), RegisterFacts(True, None, None)
    answered = rules_review.automatic_answer
    assert [answered(name, known)[0] for name in rules_review.AUTOMATIC_WORDS] == [MET, MET, NOT_MET]
    assert answered(rules_review.BY_REPORTING_OFFICER, unknown) is None
    assert answered(rules_review.IN_TIME, unknown) is None


# --- figures ---


def test_a_random_figure_has_the_exact_interval_of_the_golden_rows():
    found = rules_results.figure(rules.RANDOM, one(45, 50, 120))
    assert (found.low_count, found.high_count) == (97, 114)
    assert (round(found.wilson_low, 4), round(found.wilson_high, 4)) == (0.7864, 0.9565)
    assert found.method == rules_results.EXACT
    assert found.sentence == "45 of 50 (90.0%); between 80.8% and 95.0% of all 120"


def test_no_failure_never_reads_as_all():
    found = rules_results.figure(rules.RANDOM, one(45, 45, 120))
    failing = (120 - stats.finite_interval(45, 45, 120).low) / 120
    assert found.sentence == "none found in 45; up to 5.9% possible"
    assert 0.0583 < failing <= 0.059
    for kind in (rules.RANDOM, rules.DISCOVERY, rules.DIP):
        assert "100" not in rules_results.figure(kind, one(45, 45, 120)).sentence
    assert rules_results.figure(rules.CENSUS, one(45, 45, 45)).sentence == "45 of 45 (100.0%)"


def test_a_discovery_sample_without_failures_excludes_the_rate_it_was_planned_for():
    n = stats.discovery_size(400, rate=0.05)
    found = rules_results.figure(rules.DISCOVERY, one(n, n, 400))
    assert found.low > 0.95 and found.method == rules_results.ONE_SIDED


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
def test_census_and_dip_never_have_an_interval_and_nothing_assessed_says_so(successes, failures, rest):
    n = successes + failures
    dip = rules_results.figure(rules.DIP, one(successes, n, n + rest))
    census = rules_results.figure(rules.CENSUS, one(successes, n, n))
    for found in dip, census:
        assert found.low is found.high is found.low_count is found.wilson_low is None
        assert (found.sentence == rules_results.NOT_ASSESSED) == (n == 0)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_a_samples_interval_holds_its_share(successes, failures, rest):
    n = successes + failures
    if n == 0:
        return
    found = rules_results.figure(rules.RANDOM, one(successes, n, n + rest))
    assert found.low <= found.share <= found.high
    assert found.failures == failures
    assert found.sentence.count("%") <= 3


def test_strata_away_from_their_share_are_weighted_and_the_method_is_named():
    fair = [StratumCount("A", 18, 20, 20, 80), StratumCount("B", 6, 10, 10, 40)]
    assert not rules_results.figure(rules.RANDOM, fair).is_weighted
    skewed = [StratumCount("A", 18, 20, 20, 80), StratumCount("B", 3, 10, 10, 400)]
    found = rules_results.figure(rules.RANDOM, skewed)
    by_hand = 80 / 480 * 18 / 20 + 400 / 480 * 3 / 10
    assert found.is_weighted and found.share == pytest.approx(by_hand)
    assert found.method == stats.WILSON_EFFECTIVE
    assert found.sentence.startswith("21 of 30 assessed, 40.0% weighted by stratum; between ")


@pytest.mark.parametrize("successes", [0, 1])
def test_weighted_strata_at_nought_or_all_take_the_pooled_exact_interval(successes):
    skewed = [StratumCount("A", 20 * successes, 20, 20, 80), StratumCount("B", 10 * successes, 10, 10, 400)]
    found = rules_results.figure(rules.RANDOM, skewed)
    pooled = stats.stratified([stats.Stratum(c.successes, c.n, c.population) for c in skewed])
    assert pooled.method == stats.POOLED_EXACT
    assert (found.low, found.high) == pytest.approx((pooled.low, pooled.high))


def test_what_is_not_applicable_leaves_the_denominator_and_the_population_is_estimated():
    found = rules_results.figure(rules.RANDOM, one(18, 20, 120, drawn=40))
    assert (found.n, found.population) == (20, 60)
    assert (found.low_count, found.high_count) == tuple(stats.finite_interval(18, 20, 60))
    assert found.method.endswith(rules_results.ESTIMATED)
    never = rules_results.figure(rules.RANDOM, [StratumCount("", 0, 0, 40, 120)])
    assert never.sentence == "not assessed"


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_a_share_between_nought_and_all_never_prints_as_either(part, more):
    assert rules_results.spoken_percent(part / (part + more)) not in ("0.0%", "100.0%")


# --- comparison and agreement ---


def test_no_clear_change_when_the_difference_straddles_nought():
    now, before = (rules_results.figure(rules.RANDOM, one(k, n, 500)) for k, n in ((45, 50), (30, 40)))
    found = rules_results.compare(now, before)
    assert (round(found.low, 4), round(found.high, 4)) == (-0.0068, 0.3121)
    assert found.verdict == rules_results.NO_CLEAR_CHANGE
    assert found.sentence.startswith("No clear change: the difference lies between -0.7 and +31.2 points")


def test_a_clear_change_says_which_way():
    high, low = (rules_results.figure(rules.RANDOM, one(k, 50, 500)) for k in (48, 20))
    assert rules_results.compare(high, low).verdict == rules_results.HIGHER
    assert rules_results.compare(low, high).verdict == rules_results.LOWER


def test_dip_samples_are_not_compared_and_two_full_counts_have_no_interval():
    counted = rules_results.figure(rules.CENSUS, one(9, 10, 10))
    other = rules_results.figure(rules.CENSUS, one(8, 10, 10))
    dip = rules_results.figure(rules.DIP, one(9, 10, 40))
    assert rules_results.compare(counted, dip).verdict == rules_results.NOT_COMPARABLE
    found = rules_results.compare(counted, other)
    assert (found.verdict, found.low) == (rules_results.BOTH_COUNTED, None)
    assert found.sentence == "10.0 percentage points higher; both were counted in full."


def pairs(table, categories):
    return [
        (categories[i], categories[j])
        for i, row in enumerate(table)
        for j, count in enumerate(row)
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "table, raw, kappa, warns",
    [
        ([[20, 5], [10, 15]], 0.70, 0.40, False),
        ([[45, 2], [3, 0]], 0.90, -0.0504, True),
        ([[40, 3], [3, 4]], 0.88, 0.5017, True),
    ],
)
def test_agreement_of_the_golden_tables_and_when_it_warns(table, raw, kappa, warns):
    outcomes = (rules_results.PASSED, rules_results.FAILED)
    found = rules_results.agreement(pairs(table, outcomes), outcomes)
    assert (found.raw, round(found.kappa, 4)) == (raw, kappa)
    assert [list(row) for row in found.table] == table
    assert bool(found.warning) == warns
    five = rules_results.agreement(pairs(table, (MET, NOT_MET)), ANSWERS)
    assert five.kappa == pytest.approx(found.kappa)


def test_one_and_the_same_answer_throughout_has_no_kappa_and_says_so():
    found = rules_results.agreement([(MET, MET)] * 12)
    assert (found.raw, found.kappa) == (1.0, None)
    assert "kappa is not defined" in found.warning
    assert rules_results.agreement([]).raw is None


# --- charts ---

TWELVE = [10, 12, 11, 13, 9, 10, 14, 12, 11, 10, 13, 12]


def points(values):
    return [ChartPoint(f"month {i}", value) for i, value in enumerate(values)]


def test_under_twelve_points_it_is_a_run_chart_without_limits():
    (phase,) = rules_results.chart(points(TWELVE[:11]))
    assert (phase.kind, phase.centre, phase.lower, phase.fired) == (rules_results.RUN_CHART, 11, None, {})


def test_from_twelve_points_on_it_is_an_xmr_chart_and_a_point_says_which_rule_fired():
    (phase,) = rules_results.chart(points([*TWELVE, 40]))
    assert phase.kind == rules_results.XMR_CHART
    assert phase.fired[12] == (stats.OUTSIDE_LIMITS,)
    assert "month 12: point outside the limits" in phase.sentence
    (calm,) = rules_results.chart(points(TWELVE))
    assert (round(calm.centre, 4), round(calm.lower, 4), round(calm.upper, 4)) == (11.4167, 6.0967, 16.7367)
    assert calm.sentence == "Ordinary variation: no rule fired."


def test_each_phase_is_read_by_itself_and_carries_its_reason():
    found = rules_results.chart(points([*TWELVE, *(value + 50 for value in TWELVE), 99]), [(12, "New form")])
    assert [(p.first, p.last, p.kind, p.reason) for p in found] == [
        (0, 11, rules_results.XMR_CHART, "Start of the series"), (12, 24, rules_results.XMR_CHART, "New form"),
    ]  # fmt: skip
    assert found[0].fired == {} and found[1].fired[24][0] == stats.OUTSIDE_LIMITS
    assert rules_results.chart([]) == []


# --- slips ---

CRITERIA = {1: ("The document exists", "Look it up."), 2: ("Clear title", "Say what it is about."), 3: ("UK", "x")}


def test_a_slip_praises_first_and_says_how_to_do_better():
    cases = [
        SlipCase("OIC-2026-0001", True, {1: SlipAnswer(MET, ""), 2: SlipAnswer(PARTLY_MET, "Two matters in one.")}),
        SlipCase("OIC-2026-0002", False, {1: SlipAnswer(MET, ""), 2: SlipAnswer(MET, "")}),
    ]
    slip = rules_results.slip("MARSH, Jo", cases, CRITERIA)
    assert slip.praise == ("Met every mandatory criterion: OIC-2026-0001.", "Done well: the document exists.")
    assert slip.improvements == ("OIC-2026-0001, clear title: Say what it is about. Two matters in one.",)
    assert "OIC-2026-0001, OIC-2026-0002" in slip.opening


def test_even_a_slip_without_anything_met_begins_with_thanks():
    slip = rules_results.slip("MARSH, Jo", [SlipCase("OIC-2026-0001", False, {1: SlipAnswer(NOT_MET, "")})], CRITERIA)
    assert slip.opening.startswith("Thank you") and len(slip.praise) == 1
    with pytest.raises(Refused, match="nothing to tell"):
        rules_results.slip("MARSH, Jo", [], CRITERIA)


def test_a_weighted_share_is_compared_with_its_own_limits_and_a_full_count_with_none():
    strata = [StratumCount("a", 9, 10, 10, 100), StratumCount("b", 1, 4, 4, 8)]
    weighted = rules_results.figure(rules.RANDOM, strata)
    counted = rules_results.figure(rules.CENSUS, [StratumCount("", 10, 20, 20, 20)])
    found = rules_results.compare(weighted, counted)
    assert weighted.is_weighted
    assert found.difference == pytest.approx(weighted.share - 0.5)
    assert found.low == pytest.approx(weighted.low - 0.5) and found.high == pytest.approx(weighted.high - 0.5)
    assert "with the weighted shares; the earlier one was counted in full" in found.sentence
