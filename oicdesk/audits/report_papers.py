"""The working papers of an audit: sheets from which a spreadsheet can work out every printed figure again.

Yes and no are 1 and 0, shares lie between 0 and 1, and each sheet can be filtered and summed by its columns.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from oicdesk.audits import rules, rules_results, rules_review
from oicdesk.audits.records_frame import FrameRow, SampleRow
from oicdesk.audits.records_results import CaseResultRow
from oicdesk.audits.records_review import AnswerRow
from oicdesk.audits.report_parts import ALGORITHM, FRAME_HASH, PASSES, Dossier, Terms
from oicdesk.audits.rules_results import AgreementFigure, Figure
from oicdesk.reports.blocks import Cell, Sheet

Row = tuple[Cell, ...]

_WHOLE = "All documents"
_FORMULAS = (
    ("Success", f"{PASSES} For a criterion: met or partly met, of those that it applies to."),
    ("Share", "successes / assessed; where Weighted is 1: the sum over strata of weight × successes / assessed"),
    ("Weight", "population of the stratum / population of all strata in the figure"),
    (
        "Exact interval (hypergeometric)",
        "the lowest and highest number K of successes in the population for which neither P(X ≥ successes) nor"
        " P(X ≤ successes) is at most (1 − confidence) / 2, X being hypergeometric(population, K, assessed); in a"
        " spreadsheet HYPGEOM.DIST(successes, assessed, K, population, TRUE). Low and High are K / population",
    ),
    ("One-sided limit (discovery)", "the same with 1 − confidence in place of (1 − confidence) / 2"),
    (
        "Wilson interval",
        "(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes / assessed, z = NORM.S.INV((1 +"
        " confidence) / 2)",
    ),
    (
        "Weighted interval",
        "Wilson with p the weighted share and n = p(1 − p) / SE², SE² = Σ weight² (1 − drawn share of the stratum) ·"
        " p_h(1 − p_h) / (n_h − 1)",
    ),
    (
        "Population a criterion applies to",
        "of each stratum population × applied to / drawn, rounded half up; the whole stratum where it always applies",
    ),
    ("Raw agreement", "the diagonal of the table / its total"),
    ("Kappa", "(raw − e) / (1 − e), e = Σ row total × column total / total²"),
    ("AC1", "(raw − g) / (1 − g), g = Σ π(1 − π) / (categories − 1), π = (row total + column total) / (2 × total)"),
    (
        "Difference (Newcombe)",
        "d − √((pa − la)² + (ub − pb)²) to d + √((ua − pa)² + (pb − lb)²), l and u being Wilson limits, of a weighted"
        " share those of its weighted interval, of a full count the share itself",
    ),
    (
        "XmR chart",
        "of one phase: centre = mean; limits = mean ± 2.66 × mean of |value − value before|, from 12 points on; a run"
        " chart has the median and no limits. Rules: outside the limits; 7 points on one side; 7 rising or falling; 2"
        " of 3 beyond two thirds of the way to a limit",
    ),
    ("Draw", ALGORITHM),
    (
        "Draw on another machine",
        "the number is a hash of bytes (UTF-8, one line feed between lines) and is compared byte by byte: it depends on"
        " no system, language, locale, clock or order of the list; a recipe comes with OICDesk (resources/draw)",
    ),
    ("Frame's SHA-256", FRAME_HASH),
)


def sheets(dossier: Dossier, terms: Terms) -> list[Sheet]:
    """Plan, frame, sample, outcomes, answers of all rounds, calculations, agreement, findings, actions, checklist."""
    return [
        _plan(dossier, terms),
        _frame(dossier),
        _sample(dossier),
        _outcomes(dossier),
        _answers(dossier),
        _calculations(dossier),
        _cells(dossier),
        _agreement(dossier),
        _over_time(dossier),
        _comparison(dossier),
        _findings(dossier),
        _actions(dossier),
        _checklist(dossier),
        Sheet("Formulas", ("What", "How it is worked out"), _FORMULAS),
    ]


def _plan(dossier: Dossier, terms: Terms) -> Sheet:
    audit = dossier.results.audit
    plan = audit.plan
    rows: list[Row] = [
        ("Audit", audit.id),
        ("Title", plan.title),
        ("Scope of this paper", terms.force),
        ("Force of the audit", plan.force),
        ("Kind", rules.KIND_WORDS[plan.kind]),
        ("Period from", plan.period_from),
        ("Period to", plan.period_to),
        ("Population rule", rules.POPULATION_WORDS[plan.population_rule]),
        ("Population as at", audit.as_at),
        ("Population", audit.population),
        ("Size", audit.sample_size),
        ("Why", audit.why),
        ("Confidence", plan.confidence),
        ("Margin", plan.margin),
        ("Rate", plan.rate),
        ("Minimum per stratum", plan.minimum),
        ("Audited whole up to", plan.audit_all_up_to),
        ("Strata", rules.STRATA_WORDS[plan.strata_by]),
        *((f"Stratum “{label}” counted under", together) for label, together in sorted(plan.merged.items())),
        ("Reviewers", ", ".join(plan.reviewers) or None),
        ("Second reviewer", plan.second_reviewer or None),
        ("Second review: share", plan.second_share),
        ("Second review: at least", plan.second_least),
        ("Seed", str(audit.seed)),  # as text: a workbook's numbers end at 15 digits
        ("Seed given", int(bool(audit.seed_given))),
        ("Algorithm", audit.algorithm),
        ("Frame's SHA-256", audit.frame_hash),
        ("Frozen at", audit.frozen_at),
        ("Frozen by", audit.frozen_by),
        ("Status", rules.STATUS_WORDS[audit.status]),
    ]
    return Sheet("Plan", ("What", "Value"), rows)


def _frame(dossier: Dossier) -> Sheet:
    header = ("Case", "Force", "Contact reason", "Month", "Stratum", "In population", "Left out because")
    rows = [
        (
            line.item, line.force, line.reason, line.month, line.stratum, int(line.excluded_because is None),
            line.excluded_because,
        )
        for line in dossier.frame
    ]  # fmt: skip
    return Sheet("Frame", header, rows)


def _sample(dossier: Dossier) -> Sheet:
    header = (
        "Draw order", "Spare", "Case", "Stratum", "Under audit", "Replaced by", "Replaces", "Reason",
        "Document exists", "By reporting officer", "In time",
    )  # fmt: skip
    audited = {case.case.id for case in dossier.results.cases}
    rows = [
        (
            line.position, int(line.spare), line.item, line.stratum, int(line.id in audited), line.replaced_by,
            line.replaces, line.replaced_because, int(line.facts.document_exists),
            _flag(line.facts.by_reporting_officer), _flag(line.facts.in_time),
        )
        for line in dossier.sample
    ]  # fmt: skip
    return Sheet("Sample", header, rows)


def _flag(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _outcomes(dossier: Dossier) -> Sheet:
    header = (
        "Place", "Case", "Force", "Contact reason", "Month", "Stratum", "Passed", "Partly met", "Failed criteria",
    )  # fmt: skip
    rows = [
        (
            place, case.case.item, case.case.force, case.case.reason, case.case.month, case.case.stratum,
            int(case.passed), int(case.partly), ", ".join(map(str, case.failed)) or None,
        )
        for place, case in enumerate(dossier.results.cases, 1)
    ]  # fmt: skip
    return Sheet("Outcomes", header, rows)


def _answers(dossier: Dossier) -> Sheet:
    header = (
        "Case", "Stratum", "Criterion", "Mandatory", "Final answer", "Applies", "Success", "First answer",
        "First reviewer", "Second answer", "Second reviewer", "Adjudicated answer", "Adjudicated by", "Grounds",
        "Reason", "Comment", "Evidence", "Follow-up",
    )  # fmt: skip
    mandatory = {c.number: int(c.mandatory) for c in dossier.results.checklist.criteria}
    rows = []
    for case in dossier.results.cases:
        rounds = [given.get(case.case.id, {}) for given in (dossier.first, dossier.second, dossier.adjudicated)]
        for number, final in sorted(case.answers.items()):
            first, second, third = (given.get(number) for given in rounds)
            applies = final.answer != rules_review.NOT_APPLICABLE
            rows.append(
                (
                    case.case.item, case.case.stratum, number, mandatory[number],
                    rules_review.ANSWER_WORDS[final.answer], int(applies),
                    int(applies and not rules_review.fails(final.answer)),
                    *_answered(first), *_answered(second), *_answered(third), third.comment if third else None,
                    first.reason if first else None, first.comment if first else None,
                    first.evidence if first else None, first.follow_up if first else None,
                )
            )  # fmt: skip
    return Sheet("Answers", header, rows)


def _answered(given: AnswerRow | None) -> tuple[str | None, str | None]:
    return (None, None) if given is None else (rules_review.ANSWER_WORDS[given.answer], given.reviewer)


def _calculations(dossier: Dossier) -> Sheet:
    header = (
        "Figure", "Group", "Successes", "Assessed", "Drawn", "Population", "Share", "Low", "High", "Low count",
        "High count", "Wilson low", "Wilson high", "Weighted", "Method", "In words",
    )  # fmt: skip
    return Sheet("Calculations", header, [(*name, *_figure(figure)) for name, figure in _figures(dossier)])


def _figures(dossier: Dossier) -> Iterable[tuple[tuple[str, str], Figure]]:
    found = dossier.results
    yield ("Documents that pass", _WHOLE), found.overall
    for name, groups in (
        ("By force", found.by_force), ("By contact reason", found.by_reason), ("By month", found.by_month),
    ):  # fmt: skip
        for group in groups:
            yield (name, group.label), group.figure
    for row in found.criteria:
        yield ("By criterion", str(row.criterion.number)), row.figure


def _figure(figure: Figure) -> Row:
    return (
        figure.successes, figure.n, figure.drawn, figure.population, figure.share, figure.low, figure.high,
        figure.low_count, figure.high_count, figure.wilson_low, figure.wilson_high, int(figure.is_weighted),
        figure.method, figure.sentence,
    )  # fmt: skip


def _cells(dossier: Dossier) -> Sheet:
    """Each figure by stratum: what the weighted share and its error are worked out from."""
    header = ("Figure", "Group", "Stratum", "Successes", "Assessed", "Drawn", "Population")
    inside = [line for line in dossier.frame if line.excluded_because is None]
    cases = dossier.results.cases
    rows = _by_stratum(("Documents that pass", _WHOLE), inside, cases)
    keys: tuple[tuple[str, Callable[[FrameRow | SampleRow], str]], ...] = (
        ("By force", lambda line: line.force),
        ("By contact reason", lambda line: line.reason),
        ("By month", lambda line: line.month),
    )
    for name, key in keys:
        for label in sorted({key(line) for line in inside}):
            mine = [case for case in cases if key(case.case) == label]
            rows += _by_stratum((name, label), [line for line in inside if key(line) == label], mine)
    for row in dossier.results.criteria:
        number = row.criterion.number
        rows += _by_stratum(("By criterion", str(number)), inside, cases, number)
    return Sheet("Strata of figures", header, rows)


def _by_stratum(
    name: tuple[str, str], inside: Iterable[FrameRow], cases: Iterable[CaseResultRow], number: int | None = None
) -> list[Row]:
    populations, cells = Counter(line.stratum for line in inside), dict[str, list[int]]()
    for case in cases:
        answer = "" if number is None else case.answers[number].answer
        cell = cells.setdefault(case.case.stratum, [0, 0, 0])
        applies = answer != rules_review.NOT_APPLICABLE
        cell[0] += applies and (case.passed if number is None else not rules_review.fails(answer))
        cell[1] += applies
        cell[2] += 1
    return [(*name, label, *cells.get(label, (0, 0, 0)), size) for label, size in sorted(populations.items())]


def _agreement(dossier: Dossier) -> Sheet:
    """Both tables cell by cell, then the measures."""
    header = ("Of", "First", "Second", "Number")
    second = dossier.results.second
    rows: list[Row] = []
    if second is not None:
        for name, figure in (("Answers", second.answers), ("Documents", second.outcomes)):
            rows += _agreement_rows(name, figure)
    return Sheet("Agreement", header, rows)


def _agreement_rows(name: str, figure: AgreementFigure) -> list[Row]:
    words = [rules_review.ANSWER_WORDS.get(category, category) for category in figure.categories]
    rows: list[Row] = [
        (name, first, second, count)
        for first, line in zip(words, figure.table, strict=True)
        for second, count in zip(words, line, strict=True)
    ]
    measures = (("Raw agreement", figure.raw), ("Kappa", figure.kappa), ("AC1", figure.ac1))
    return [*rows, *((name, label, None, value) for label, value in measures)]


def _over_time(dossier: Dossier) -> Sheet:
    header = ("Audit", "Period to", "Successes", "Assessed", "Population", "Share", "Method", "Centre", "Lower limit",
              "Upper limit", "Rules fired", "Phase")  # fmt: skip
    points, phases = (dossier.series.points, dossier.series.phases) if dossier.series else ((), ())
    rows: list[Row] = [
        (
            points[at].label, points[at].period_to, points[at].figure.successes, points[at].figure.n,
            points[at].figure.population, points[at].figure.share, points[at].figure.method, phase.centre,
            phase.lower, phase.upper, ", ".join(phase.fired.get(at, ())) or None, phase.reason,
        )
        for phase in phases
        for at in range(phase.first, phase.last + 1)
    ]  # fmt: skip
    return Sheet("Audits over time", header, rows)


def _comparison(dossier: Dossier) -> Sheet:
    """Both shares with the limits that they bring into the comparison, and the difference."""
    header = ("Which", "Audit", "Successes", "Assessed", "Population", "Share", "Low", "High", "Weighted", "Method",
              "In words")  # fmt: skip
    row, confidence = dossier.comparison, dossier.results.audit.plan.confidence
    rows: list[Row] = []
    if row is not None:
        for which, title, figure in (
            ("This audit", dossier.results.audit.plan.title, row.now), ("Earlier", row.earlier.plan.title, row.before),
        ):  # fmt: skip
            share, low, high = (None, None, None)
            if figure.share is not None:
                share, low, high = rules_results.own_limits(figure, confidence)
            rows.append(
                (which, title, figure.successes, figure.n, figure.population, share, low, high,
                 int(figure.is_weighted), figure.method, figure.sentence)
            )  # fmt: skip
        found = row.comparison
        rows.append(
            (
                "Difference",
                None,
                None,
                None,
                None,
                found.difference,
                found.low,
                found.high,
                None,
                found.verdict,
                found.sentence,
            )
        )
    return Sheet("Comparison", header, rows)


def _findings(dossier: Dossier) -> Sheet:
    header = ("No.", "Kind", "Severity", "Title", "Detail", "Root cause", "Criterion", "Recorded by")
    rows = [
        (f.number, f.kind, f.severity, f.title, f.detail or None, f.root_cause or None, f.criterion, f.recorded_by)
        for f in dossier.findings
    ]
    return Sheet("Findings", header, rows)


def _actions(dossier: Dossier) -> Sheet:
    header = ("Finding", "Action", "Owner", "Due", "Status", "Overdue", "Done by", "Verified by", "Evidence")
    rows = [
        (
            finding.number, a.text, a.owner, a.due_on, rules.ACTION_WORDS[a.status], int(a.is_overdue), a.done_by,
            a.verified_by, a.evidence or None,
        )
        for finding in dossier.findings
        for a in finding.actions
    ]  # fmt: skip
    return Sheet("Actions", header, rows)


def _checklist(dossier: Dossier) -> Sheet:
    header = ("No.", "Criterion", "Mandatory", "Guidance", "Answered by the desk")
    rows: Sequence[Row] = [
        (
            c.number, c.text, int(c.mandatory), c.guidance,
            rules_review.AUTOMATIC_WORDS[c.automatic] if c.automatic else None,
        )
        for c in dossier.results.checklist.criteria
    ]  # fmt: skip
    return Sheet("Checklist", header, rows)
