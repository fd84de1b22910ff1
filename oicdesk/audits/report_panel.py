"""The panel paper of an audit: aggregates only, small numbers hidden, printed once the approver has released it.

Hidden numbers are chosen over all papers of the audit together (both forces and joint), and a paper prints its own
only. Shares stand only beside counts that are printed, because a share and its base give the count away.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oicdesk.audits import rules, rules_results, rules_review
from oicdesk.audits.records_findings import FindingRow
from oicdesk.audits.records_frame import FrameRow
from oicdesk.audits.records_results import ResultsRow
from oicdesk.audits.records_series import ComparisonRow
from oicdesk.audits.report_parts import (
    JOINT,
    PASSES,
    Terms,
    criterion_words,
    glossary,
    month_words,
    period_words,
    purpose,
    spoken_figure,
    version_words,
)
from oicdesk.audits.rules_results import PANEL_ANSWERS, AgreementFigure, spoken_percent
from oicdesk.audits.rules_suppress import (
    HIDDEN,
    THRESHOLD,
    PanelTable,
    PublishedTable,
    spoken_cells,
    spoken_share,
    suppress,
)
from oicdesk.errors import Refused
from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Report, Table, spoken
from oicdesk.settings.rules import london_day, spoken_day

NAME = "audit-panel"
TITLE = "Panel paper"
MARKING = "OFFICIAL"
DISTRIBUTION = "For the Commissioner's Accountability and Performance Panel; may be published."

_EXCLUSIONS, _CASES, _ALL = "contacts left out", "cases in the population", "Population"
_REASON, _MONTH = "Contact reason", "Month of contact"
_VERDICTS = {
    rules_results.HIGHER: "The share that passes is clearly higher than in the last audit.",
    rules_results.LOWER: "The share that passes is clearly lower than in the last audit.",
    rules_results.NO_CLEAR_CHANGE: "There is no clear change from the last audit.",
    rules_results.BOTH_COUNTED: "This audit and the last one both counted every case.",
    rules_results.NOT_COMPARABLE: "This audit and the last one cannot be compared.",
}


@dataclass(frozen=True)
class PanelMaterial:
    """What a panel paper is made from. `results` are of the paper's scope; `tables` and `frame` of the whole audit."""

    results: ResultsRow
    tables: Sequence[PanelTable]
    frame: Sequence[FrameRow]
    findings: Sequence[FindingRow]
    comparison: ComparisonRow | None = None
    threshold: int = THRESHOLD


def panel_report(material: PanelMaterial, terms: Terms) -> Report:
    """The paper of one scope; Refused before its release, and if so few were audited that nothing can be printed."""
    audit = material.results.audit
    if audit.panel_released_at is None:
        raise Refused("The panel paper of this audit is not released yet; the approver releases it first.")
    if not material.results.cases:
        raise Refused(f"No document of {terms.forces} was audited, so there is no panel paper of it to print.")
    published = _published(material)
    if _table(published, terms.force, _REASON).total is None:
        raise Refused(
            f"So few documents of {terms.forces} were audited that a panel paper would give them away; tell the panel"
            " so, or audit a longer period."
        )
    blocks = [
        Facts([("Forces" if terms.force == JOINT else "Force", terms.forces), ("Period", period_words(audit.plan))]),
        *purpose(audit.plan),
        *_population(material, published, terms),
        *_sampling(material, published, terms),
        *_quality(material, terms),
        *_results(material, published, terms),
        *_groups(published, terms),
        *_criteria(material, published, terms),
        *_work(material),
        *_limits(material, published),
        *_comparison(material),
    ]
    blocks += [*glossary("\n".join(map(str, blocks))), *_people(material, terms)]
    return Report(
        name=NAME, title=f"{TITLE}: audit of intelligence documents", marking=MARKING, as_at=terms.as_at,
        author=terms.author, version=terms.version, recipient=terms.recipient, distribution=DISTRIBUTION,
        log_head=terms.log_head, blocks=blocks,
    )  # fmt: skip


def _published(material: PanelMaterial) -> list[PublishedTable]:
    return suppress([*material.tables, *_left_out(material), *_populations(material)], threshold=material.threshold)


def _populations(material: PanelMaterial) -> Iterable[PanelTable]:
    """How many cases each paper speaks of: a small population of one force is not to be worked back either."""
    inside = [line for line in material.frame if line.excluded_because is None]
    for paper in dict.fromkeys(table.paper for table in material.tables):
        count = sum(paper in (JOINT, line.force) for line in inside)
        yield PanelTable(paper, _CASES, _ALL, ("all",), ((count,),))


def _left_out(material: PanelMaterial) -> Iterable[PanelTable]:
    """Exclusions by reason, of each paper; contacts without a force are nobody's and stand in none."""
    papers = list(dict.fromkeys(table.paper for table in material.tables))
    lines = [line for line in material.frame if line.excluded_because and line.force in _forces(papers)]
    reasons = tuple(sorted({_plain_reason(line) for line in lines}))
    for paper in papers:
        counts = Counter(_plain_reason(line) for line in lines if paper in (JOINT, line.force))
        if reasons:
            yield PanelTable(paper, _EXCLUSIONS, "Reason", reasons, tuple((counts[reason],) for reason in reasons))


def _forces(papers: Sequence[str]) -> Sequence[str]:
    return [paper for paper in papers if paper != JOINT]


def _plain_reason(line: FrameRow) -> str:
    """Reasons written by hand for one case may tell of it; the paper has them under one word."""
    told = line.excluded_because or ""
    return told if told.startswith(_REGISTER_REASONS) else "Left out by the plan"


_REGISTER_REASONS = (
    "Exempt", "Duplicate", "Scope query", "Before the register", "No submitted document", "Without a document",
)  # fmt: skip


def _table(published: Iterable[PublishedTable], paper: str, dimension: str) -> PublishedTable:
    return next(p for p in published if (p.table.paper, p.table.row_dimension) == (paper, dimension))


def _population(material: PanelMaterial, published: Sequence[PublishedTable], terms: Terms) -> list[Block]:
    audit = material.results.audit
    left_out = [p for p in published if p.table.of == _EXCLUSIONS and p.table.paper == terms.force]
    rows: list[tuple[Cell, ...]] = [
        (reason, _shown(count)) for p in left_out for reason, count in zip(p.table.rows, p.row_totals, strict=True)
    ]
    return [
        Heading("Population and period"),
        Paragraph(
            f"{period_words(audit.plan)}. {rules.POPULATION_WORDS[audit.plan.population_rule]}, as the register held"
            f" them at {spoken(audit.as_at or terms.as_at)}:"
            f" {_shown(_table(published, terms.force, _ALL).total)}."
        ),
        Table(("Contacts left out because", "Number"), rows, align="lr", empty="No contact was left out."),
    ]


def _shown(count: int | None) -> Cell:
    return HIDDEN if count is None else count


def _sampling(material: PanelMaterial, published: Sequence[PublishedTable], terms: Terms) -> list[Block]:
    audit, figure = material.results.audit, material.results.overall
    told = audit.why or ""
    if _table(published, terms.force, _ALL).total is None:
        told = (
            "How many of how many cases were drawn is not printed, because a small number could be worked back from it."
        )
    elif terms.force != audit.plan.force:
        of = rules_review.plural(figure.population, "case")
        told = f"{figure.drawn} of {of} of {terms.force}, drawn in an audit of both forces."
    return [
        Heading("Sampling and selection"),
        Paragraph(told),
        Paragraph(
            "Population, seed and sample were locked before the first answer was given, and the draw can be repeated"
            f" (algorithm {audit.algorithm}, seed {audit.seed})."
        ),
    ]


def _quality(material: PanelMaterial, terms: Terms) -> list[Block]:
    found = material.results
    blocks: list[Block] = [
        Heading("Quality of the review"),
        Paragraph(f"Reviewed against {found.checklist.spoken}."),
    ]
    if found.second is None:
        return [*blocks, Paragraph("There was no second review.")]
    figure = found.second.answers
    if terms.force != found.audit.plan.force or found.second.cases < material.threshold:
        told = "A second person reviewed part of the cases again without seeing the answers."
        where = " How far the two agree is told for both forces together." if terms.force != JOINT else ""
        return [*blocks, Paragraph(f"{told}{where if found.audit.plan.force == JOINT else ''}")]
    return [
        *blocks,
        Paragraph(f"A second person reviewed {found.second.cases} of the cases again without seeing the answers."),
        *_agreement(figure),
    ]


def _agreement(figure: AgreementFigure) -> list[Block]:
    if figure.raw is None or figure.ac1 is None:
        return [Paragraph(figure.warning)]
    facts: list[tuple[str, Cell]] = [
        ("Raw agreement", spoken_percent(figure.raw)),
        ("Kappa", spoken_figure(figure.kappa)),
        ("AC1", spoken_figure(figure.ac1)),
    ]
    return [Facts(facts), *([Paragraph(figure.warning, quiet=True)] if figure.warning else [])]


def _results(material: PanelMaterial, published: Sequence[PublishedTable], terms: Terms) -> list[Block]:
    figure, whole = material.results.overall, _table(published, terms.force, _REASON)
    passed, failed = whole.column_totals
    if passed is None or failed is None or _table(published, terms.force, _ALL).total is None:
        told = "The number of documents that pass is not printed, because a small number could be worked back from it."
    else:
        subject = "Documents that fail" if figure.sentence.startswith("none found") else "Documents that pass"
        told = f"{subject}: {figure.sentence}. Method: {figure.method}."
    counts = spoken_cells(whole.column_totals, whole.columns_at_most, whole.total)
    return [
        Heading("Results"),
        Paragraph(told),
        Facts([("Audited", _shown(whole.total)), *zip(("Passed", "Failed"), counts, strict=True)]),
        Paragraph(PASSES, quiet=True),
    ]


def _groups(published: Sequence[PublishedTable], terms: Terms) -> list[Block]:
    blocks: list[Block] = []
    if terms.force == JOINT:
        forces = [_table(published, force, _REASON) for force in ("Suffolk", "Norfolk")]
        rows = [_group(t.table.paper, t.total, t.column_totals, t.columns_at_most) for t in forces]
        blocks += [Heading("By force", 2), _group_table("Force", rows)]
    for title, dimension in (("By contact reason", _REASON), ("By month of contact", _MONTH)):
        found = _table(published, terms.force, dimension)
        rows = [
            _group(month_words(label), total, counts, limits)
            for label, total, counts, limits in zip(
                found.table.rows, found.row_totals, found.counts, found.at_most, strict=True
            )
            if total != 0
        ]
        blocks += [Heading(title, 2), _group_table(dimension, rows)]
    return blocks


def _group_table(first: str, rows: Sequence[tuple[Cell, ...]]) -> Table:
    return Table((first, "Audited", "Passed", "Failed", "Share that passes"), rows, align="lrrrr")


def _group(
    label: str, total: int | None, counts: Sequence[int | None], limits: Sequence[int | None]
) -> tuple[Cell, ...]:
    return label, _shown(total), *spoken_cells(counts, limits, total), _share(total, counts, limits)


def _share(total: int | None, counts: Sequence[int | None], limits: Sequence[int | None]) -> Cell:
    passed, failed = counts
    if not total:
        return HIDDEN if total is None else None
    if passed is not None and failed is not None:
        return "no failure found" if failed == 0 else spoken_percent(passed / total)
    return spoken_share(limits, total, spoken_percent)


def _criteria(material: PanelMaterial, published: Sequence[PublishedTable], terms: Terms) -> list[Block]:
    rows = []
    for row in material.results.criteria:
        found = _table(published, terms.force, f"Criterion {row.criterion.number}")
        limits = [limit for (limit,) in found.at_most]
        name = criterion_words(row.criterion.number, row.criterion.mandatory, row.criterion.text)
        rows.append((name, *spoken_cells(found.row_totals, limits, found.total)))
    return [
        Heading("Criteria"),
        Table(("Criterion (M: mandatory)", *PANEL_ANSWERS), rows, align="lrrr", caption="Documents by answer"),
        Paragraph("“Not met” includes what cannot be determined, because evidence must exist.", quiet=True),
    ]


def _work(material: PanelMaterial) -> list[Block]:
    """How many findings and actions there are; their words may tell of a case and stay in the internal report."""
    by_severity = Counter(row.severity for row in material.findings)
    actions = [action for row in material.findings for action in row.actions]
    standing = Counter(rules.ACTION_WORDS[action.status] for action in actions)
    overdue = sum(action.is_overdue for action in actions)
    found = [(severity, by_severity[severity]) for severity in rules.SEVERITIES if by_severity[severity]]
    told = [(words, standing[words]) for words in rules.ACTION_WORDS.values() if standing[words]]
    return [
        Heading("Findings"),
        Table(("Severity", "Findings"), found, align="lr", empty="Nothing to act on was found."),
        Heading("Good practice"),
        Paragraph(f"Examples of good practice recorded: {by_severity[None]}."),
        Heading("Actions"),
        Paragraph(f"Actions: {len(actions)}. Overdue: {overdue}."),
        Table(("Standing", "Actions"), told, align="lr", empty="No action was agreed."),
    ]


def _limits(material: PanelMaterial, published: Sequence[PublishedTable]) -> list[Block]:
    points = [
        f"Numbers from 1 to {material.threshold - 1} are hidden because they could identify somebody, and others where"
        " a hidden number could be worked back from them, from a total or from another paper of this audit. “At most”"
        " and “at least” say what can be told without that. In a small audit this is true of many numbers; a longer"
        " period, or both forces together, shows more.",
        "The population holds the contacts that the register held at its as-at time.",
        "The criteria are those of the desk's checklist, because the local standard was not seen.",
    ]
    if material.results.audit.plan.kind == rules.DIP:
        points.insert(0, rules.NOT_REPRESENTATIVE)
    for limit in (rules_review.POST_HOLDER_LIMIT, rules_review.POST_HOLDER_ALONE):
        if limit in material.results.limits:
            points.append(limit)
    if not any(table.hidden for table in published):
        points[0] = f"No number from 1 to {material.threshold - 1} had to be hidden."
    return [Heading("Limits and gaps"), Bullets(points)]


def _comparison(material: PanelMaterial) -> list[Block]:
    told = "There is no earlier approved audit to compare with."
    if material.comparison is not None:
        told = _VERDICTS[material.comparison.comparison.verdict]
    return [Heading("Comparison with the last audit"), Paragraph(told)]


def _people(material: PanelMaterial, terms: Terms) -> list[Block]:
    audit = material.results.audit
    assert audit.panel_released_at is not None  # refused before
    released = f"{audit.panel_released_by}, {spoken_day(london_day(audit.panel_released_at))}"
    return [
        Heading("Author, approval and distribution"),
        Facts(
            [
                ("Author of the audit", audit.planned_by),
                ("Approver", audit.approved_by or ""),
                ("Released by", released),
                ("Version", version_words(audit, terms)),
                ("Distribution", DISTRIBUTION),
            ]
        ),
    ]
