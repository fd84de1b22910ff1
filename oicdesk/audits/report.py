"""The internal report of an audit: method, figures and what is done about them, in the inspectorate's order."""

from collections.abc import Sequence

from oicdesk.audits import rules, rules_results, rules_review
from oicdesk.audits.records_findings import ActionRow, FindingRow
from oicdesk.audits.records_results import CaseResultRow, CriterionResultRow, GroupResultRow, SecondReviewRow
from oicdesk.audits.records_review import AnswerRow
from oicdesk.audits.records_series import ComparisonRow
from oicdesk.audits.report_papers import sheets
from oicdesk.audits.report_parts import (
    ALGORITHM,
    FRAME_HASH,
    INDEPENDENCE,
    JOINT,
    NONE_FOUND,
    PASSES,
    SMALL_GROUPS,
    Dossier,
    Terms,
    criterion_words,
    glossary,
    month_words,
    period_words,
    purpose,
    spoken_figure,
    version_words,
)
from oicdesk.audits.rules_results import AgreementFigure, ChartPoint, spoken_percent
from oicdesk.audits.rules_review import plural
from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, PageBreak, Paragraph, Report, Table, spoken
from oicdesk.reports.charts import series_figure
from oicdesk.settings.rules import london_day, spoken_day

NAME = "audit"
TITLE = "Audit report"
DISTRIBUTION = "Internal. Not for publication: small numbers are not suppressed."


def audit_report(dossier: Dossier, terms: Terms) -> Report:
    """The internal report with its working papers."""
    plan = dossier.results.audit.plan
    blocks = [
        Facts(
            [
                ("Forces" if terms.force == JOINT else "Force", terms.forces),
                ("Period", period_words(plan)),
                ("Population as at", dossier.results.audit.as_at),
                ("Kind", rules.KIND_WORDS[plan.kind]),
                ("Standing", rules.STATUS_WORDS[dossier.results.audit.status]),
            ]
        ),
        *purpose(plan),
        *_population(dossier, terms),
        *_sampling(dossier, terms),
        *_selection(dossier, terms),
        *_quality(dossier),
        *_results(dossier),
        *_groups(dossier, terms),
        *_criteria(dossier),
        *_findings(dossier),
        *_actions(dossier),
        *_limits(dossier, terms),
        *_comparison(dossier, terms),
    ]
    blocks += [*glossary("\n".join(map(str, blocks))), *_people(dossier, terms), *_annex(dossier)]
    return Report(
        name=NAME, title=f"{TITLE}: {plan.title}", marking=terms.marking, as_at=terms.as_at, author=terms.author,
        version=terms.version, recipient=terms.recipient, distribution=DISTRIBUTION, log_head=terms.log_head,
        blocks=blocks, sheets=sheets(dossier, terms),
    )  # fmt: skip


def _population(dossier: Dossier, terms: Terms) -> list[Block]:
    found = dossier.results
    inside = sum(line.excluded_because is None for line in dossier.frame)
    rows: list[tuple[Cell, ...]] = [
        ("Contacts of the period", len(dossier.frame)),
        *((f"Left out: {reason}", count) for reason, count in found.excluded),
        ("In the population", inside),
    ]
    return [
        Heading("Population and period"),
        Paragraph(
            f"{period_words(found.audit.plan)}. {rules.POPULATION_WORDS[found.audit.plan.population_rule]}, as the"
            f" register held them at {spoken(found.audit.as_at or terms.as_at)}."
        ),
        Table(("Contacts", "Number"), rows, align="lr", caption="From all contacts of the period to the population"),
    ]


def _sampling(dossier: Dossier, terms: Terms) -> list[Block]:
    audit = dossier.results.audit
    blocks: list[Block] = [Heading("Sampling, size and interval"), Paragraph(audit.why or "")]
    if terms.force != audit.plan.force:
        inside = sum(line.excluded_because is None for line in dossier.frame)
        blocks.append(
            Paragraph(
                f"The audit covers both forces; this paper tells of {terms.force} alone:"
                f" {len(dossier.results.cases)} of its {plural(inside, 'case')}"
                f" {'was' if len(dossier.results.cases) == 1 else 'were'} audited."
            )
        )
    figure = dossier.results.overall
    how = {
        rules_results.COUNTED: "Every case of the population was assessed, so the figures have no interval.",
        rules_results.NO_INTERVAL: rules.NOT_REPRESENTATIVE,
        rules_results.NOT_ASSESSED: "Nothing was assessed.",
    }
    told = how.get(
        figure.method,
        f"Intervals are at {rules.spoken_share(audit.plan.confidence)} confidence. Method of the headline figure:"
        f" {figure.method}. Wilson intervals stand in the working papers.",
    )
    return [*blocks, Paragraph(told)]


def _selection(dossier: Dossier, terms: Terms) -> list[Block]:
    audit = dossier.results.audit
    strata: list[tuple[Cell, ...]] = [
        (row.label or "All", row.population, f"{100 * row.weight:.2f}%", row.drawn) for row in dossier.results.strata
    ]
    replaced = [(row.item, row.replaced_by, row.replaced_because) for row in dossier.results.replacements]
    return [
        Heading("Selection"),
        Paragraph("Population, seed, size and sample were locked before the first answer was given."),
        Facts(
            [
                ("Frozen", f"{spoken(audit.frozen_at or terms.as_at)} by {audit.frozen_by}"),
                ("Seed", f"{audit.seed}, {'given when freezing' if audit.seed_given else 'made by the desk'}"),
                ("Algorithm", f"{audit.algorithm}. {ALGORITHM}"),
                ("Frame's SHA-256", audit.frame_hash or ""),
                ("How it is hashed", FRAME_HASH),
                ("Strata", rules.STRATA_WORDS[audit.plan.strata_by]),
            ]
        ),
        Table(("Stratum", "Population", "Weight", "Audited"), strata, align="lrrr", caption="Strata and allocation"),
        Table(
            ("Case", "Replaced by", "Reason"), replaced, align="lll", caption="Replacements",
            empty="No case was replaced.",
        ),
    ]  # fmt: skip


def _quality(dossier: Dossier) -> list[Block]:
    found = dossier.results
    blocks: list[Block] = [
        Heading("Quality of the review"),
        Facts(
            [
                ("Checklist", f"{found.checklist.spoken}, SHA-256 {found.checklist.content_hash}"),
                ("Reviewers in the plan", ", ".join(found.audit.plan.reviewers) or "not named"),
                ("First review", ", ".join(found.reviewers) or rules_review.THE_DESK),
                ("Independence", INDEPENDENCE),
            ]
        ),
    ]
    if found.second is None:
        why = found.audit.without_second
        told = f": {why.rstrip('.')}" if why else " yet"
        return [*blocks, Paragraph(f"There was no second review{told}.")]
    return [*blocks, *_second(found.second)]


def _second(second: SecondReviewRow) -> list[Block]:
    rows = [
        _agreement("Answers to criteria", second.answers),
        _agreement("Documents passed or failed", second.outcomes),
    ]
    warnings = [text for text in (second.answers.warning, second.outcomes.warning) if text]
    return [
        Paragraph(
            f"{plural(second.cases, 'case')} {'was' if second.cases == 1 else 'were'} reviewed again, blind, by"
            f" {', '.join(second.reviewers)}. The two differed in {plural(second.differences, 'answer')};"
            f" {second.adjudicated} adjudicated."
        ),
        Table(
            ("Agreement on", "Compared", "Agreed", "Raw agreement", "Kappa", "AC1"), rows, align="lrrrrr",
            caption="Agreement before adjudication",
        ),
        *(Paragraph(text, quiet=True) for text in dict.fromkeys(warnings)),
    ]  # fmt: skip


def _agreement(label: str, figure: AgreementFigure) -> tuple[Cell, ...]:
    agreed = sum(figure.table[place][place] for place in range(len(figure.categories)))
    raw = None if figure.raw is None else spoken_percent(figure.raw)
    if figure.raw is None:
        return label, figure.n, agreed, raw, None, None
    return label, figure.n, agreed, raw, spoken_figure(figure.kappa), spoken_figure(figure.ac1)


def _results(dossier: Dossier) -> list[Block]:
    found, figure = dossier.results, dossier.results.overall
    subject = "Documents that fail" if figure.sentence.startswith("none found") else "Documents that pass"
    facts: list[tuple[str, Cell]] = [
        ("Passed", figure.successes),
        ("of these, a mandatory criterion partly met", found.partly),
        ("Failed", figure.failures),
        ("Audited", figure.n),
        ("Population", figure.population),
        ("Method", figure.method),
    ]
    if figure.low_count is not None:
        between = f"{figure.low_count} to {figure.high_count} of {figure.population}"
        facts.insert(5, ("Passing in the population", between))
    return [
        Heading("Results"),
        Paragraph(f"{subject}: {figure.sentence}."),
        Facts(facts),
        Paragraph(PASSES, quiet=True),
    ]


def _groups(dossier: Dossier, terms: Terms) -> list[Block]:
    found = dossier.results
    blocks: list[Block] = []
    if terms.force == JOINT:
        blocks += [Heading("By force", 2), _group_table("Force", found.by_force)]
    blocks += [
        Heading("By contact reason", 2),
        _group_table("Contact reason", found.by_reason),
        Heading("By month of contact", 2),
        _group_table("Month of contact", found.by_month),
        Paragraph(f"{SMALL_GROUPS} {NONE_FOUND}", quiet=True),
    ]
    return blocks


def _group_table(first: str, groups: Sequence[GroupResultRow]) -> Table:
    rows = [
        (
            month_words(g.label), g.figure.population, g.figure.n, g.figure.successes, g.figure.failures,
            g.figure.sentence,
        )
        for g in groups
    ]  # fmt: skip
    return Table((first, "Population", "Audited", "Passed", "Failed", "In words"), rows, align="lrrrrl")


def _criteria(dossier: Dossier) -> list[Block]:
    rows: list[tuple[Cell, ...]] = [
        (_criterion_name(row), *(row.counts[answer] for answer in rules_review.ANSWERS))
        for row in dossier.results.criteria
    ]
    shares = [
        (f"Criterion {row.criterion.number}", row.figure.n, row.figure.failures, row.figure.sentence)
        for row in dossier.results.criteria
    ]
    words = [rules_review.ANSWER_WORDS[answer] for answer in rules_review.ANSWERS]
    return [
        Heading("Criteria"),
        Table(("Criterion (M: mandatory)", *words), rows, align="lrrrrr", caption="Answers given"),
        Table(
            ("Criterion", "Applied to", "Not met", "In words"), shares, align="lrrl",
            caption="Share met or partly met, of the cases that a criterion applies to",
        ),
        Paragraph(f"“Not met” here includes what cannot be determined. {NONE_FOUND}", quiet=True),
    ]  # fmt: skip


def _criterion_name(row: CriterionResultRow) -> str:
    return criterion_words(row.criterion.number, row.criterion.mandatory, row.criterion.text)


def _findings(dossier: Dossier) -> list[Block]:
    found = [row for row in dossier.findings if row.severity is not None]
    good = [row for row in dossier.findings if row.severity is None]
    rows = [(row.number, row.severity, _told(row), row.root_cause or None, row.criterion) for row in found]
    return [
        Heading("Findings"),
        Table(
            ("No.", "Severity", "Finding", "Root cause", "Criterion"), rows, align="rlllr",
            empty="Nothing to act on was found.",
        ),
        Heading("Good practice"),
        Bullets([_told(row) for row in good]) if good else Paragraph("None recorded."),
    ]  # fmt: skip


def _told(row: FindingRow) -> str:
    return f"{row.title}\n{row.detail}" if row.detail else row.title


def _actions(dossier: Dossier) -> list[Block]:
    numbered = [(finding.number, action) for finding in dossier.findings for action in finding.actions]
    numbered.sort(key=lambda pair: (not pair[1].is_overdue, pair[1].due_on, pair[1].id))
    rows = [
        (_standing(action), action.due_on, action.owner, action.text, number, action.evidence or None)
        for number, action in numbered
    ]
    overdue = sum(action.is_overdue for _number, action in numbered)
    header = ("Standing", "Due", "Owner", "Action", "Finding", "Evidence")
    return [
        Heading("Actions"),
        Paragraph(f"Actions: {len(rows)}. Overdue: {overdue}; these stand first."),
        Table(header, rows, align="llllrl", empty="No action was agreed."),
    ]


def _standing(action: ActionRow) -> str:
    words = rules.ACTION_WORDS[action.status]
    if action.is_overdue:
        return f"Overdue, {words.lower()}"
    return f"{words} by {action.verified_by}" if action.verified_by else words


def _limits(dossier: Dossier, terms: Terms) -> list[Block]:
    points = [
        *dossier.results.limits,
        "The population holds the contacts that the register held at its as-at time; what was never recorded is not"
        " in it.",
        "The criteria are those of the desk's checklist, because the local standard was not seen.",
        "What the desk answers by itself (a document exists, in time, by whom) rests on the register as frozen.",
    ]
    if dossier.results.audit.status not in (rules.APPROVED, rules.SUPERSEDED):
        points.insert(0, "This audit is not approved yet; its figures may still change.")
    if terms.force != dossier.results.audit.plan.force:
        points.append(
            "The draw and the frame's hash are those of both forces together; they are repeated from the joint papers."
        )
        if dossier.results.overall.low is not None:
            points.append(
                f"The sample was drawn for both forces together, so the interval for {terms.force} alone is wider"
                " than planned."
            )
    return [Heading("Limits and gaps"), Bullets(points)]


def _comparison(dossier: Dossier, terms: Terms) -> list[Block]:
    blocks: list[Block] = [Heading("Comparison with the last audit")]
    row = dossier.comparison
    if row is None:
        blocks.append(Paragraph("There is no earlier approved audit of this scope and population to compare with."))
    else:
        blocks += [
            Paragraph(f"Compared with “{row.earlier.plan.title}”. {row.comparison.sentence}"),
            _compared(row),
            *([Paragraph(row.note)] if row.note else []),
        ]
    series = dossier.series
    if series is None or len(series.points) < 2:
        return blocks
    points = [ChartPoint(point.label, 100 * (point.figure.share or 0)) for point in series.points]
    caption = "Share of documents that pass, one audit after another"
    blocks.append(series_figure(points, series.phases, as_at=terms.as_at, caption=caption))
    return [*blocks, Bullets([f"{phase.reason}: {phase.sentence}" for phase in series.phases])]


def _compared(row: ComparisonRow) -> Table:
    rows = [
        (name, figure.n, figure.successes, figure.failures, figure.sentence)
        for name, figure in (("This audit", row.now), (row.earlier.plan.title, row.before))
    ]
    header = ("Audit", "Audited", "Passed", "Failed", "In words")
    return Table(header, rows, align="lrrrl", caption="What is compared")


def _annex(dossier: Dossier) -> list[Block]:
    results = dossier.results.cases
    rows = [
        (place, case.case.item, case.case.force, case.case.reason, month_words(case.case.month), _outcome(case))
        for place, case in enumerate(results, 1)
    ]
    answers = [
        (case.case.item, number, rules_review.ANSWER_WORDS[given.answer], _remarks(given))
        for case in results
        for number, given in sorted(case.answers.items())
        if given.answer != rules_review.MET
    ]
    return [
        PageBreak(),
        Heading("Annex: cases audited"),
        Table(
            ("No.", "Case", "Force", "Contact reason", "Month", "Result"), rows, align="rlllll", row_names=False,
            caption="In the order of the draw",
        ),
        Table(
            ("Case", "Criterion", "Answer", "Remarks"), answers, align="lrll",
            caption="Every answer that is not Met", empty="Every answer is Met.",
        ),
    ]  # fmt: skip


def _outcome(case: CaseResultRow) -> str:
    if not case.passed:
        return f"Failed: criterion {', '.join(map(str, case.failed))}"
    return "Passed, partly met" if case.partly else "Passed"


def _remarks(given: AnswerRow) -> str | None:
    return "; ".join(text for text in (given.reason, given.comment, given.follow_up, given.evidence) if text) or None


def _people(dossier: Dossier, terms: Terms) -> list[Block]:
    audit = dossier.results.audit
    approved = "not approved yet"
    if audit.approved_at is not None:
        approved = f"{audit.approved_by}, {spoken_day(london_day(audit.approved_at))}"
    return [
        Heading("Author, approval and distribution"),
        Facts(
            [
                ("Author of the audit", audit.planned_by),
                ("Approver", approved),
                ("Version", version_words(audit, terms)),
                ("Distribution", DISTRIBUTION),
            ]
        ),
    ]
