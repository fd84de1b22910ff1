"""The results of an audit as frozen rows with every figure, worked out anew from what was frozen and answered."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.audits import records as audits
from oicdesk.audits import records_frame as frames
from oicdesk.audits import records_review as review
from oicdesk.audits import rules, rules_results, rules_review
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_checklists import ChecklistRow, CriterionRow, checklist
from oicdesk.audits.records_frame import FrameRow, SampleRow
from oicdesk.audits.rules_results import AgreementFigure, Figure, Slip, SlipAnswer, SlipCase, StratumCount
from oicdesk.audits.rules_suppress import JOINT, PanelTable
from oicdesk.errors import Refused
from oicdesk.referrals.records import Referral
from oicdesk.vault.tables import DeskUser

FORCES = ("Norfolk", "Suffolk")


@dataclass(frozen=True)
class CaseResultRow:
    """A case under audit with its final answers by criterion number; `partly` passes, a mandatory one partly met."""

    case: SampleRow
    passed: bool
    partly: bool
    failed: tuple[int, ...]
    answers: Mapping[int, review.AnswerRow]


@dataclass(frozen=True)
class CriterionResultRow:
    """A criterion: how often each answer was given, and the share met or partly met of those it applies to."""

    criterion: CriterionRow
    counts: Mapping[str, int]
    figure: Figure


@dataclass(frozen=True)
class GroupResultRow:
    """The share that passes in one force, contact reason or month of contact."""

    label: str
    figure: Figure


@dataclass(frozen=True)
class StratumResultRow:
    """A stratum: its size, how many were drawn, how many of them pass, and its weight N_h/N."""

    label: str
    population: int
    drawn: int
    passed: int
    weight: float


@dataclass(frozen=True)
class SecondReviewRow:
    """How far two reviewers agree, answer by answer and document by document (before adjudication)."""

    reviewers: tuple[str, ...]
    cases: int
    answers: AgreementFigure
    outcomes: AgreementFigure
    differences: int
    adjudicated: int


@dataclass(frozen=True)
class ResultsRow:
    """Everything that an audit's report prints; nothing in it has to be worked out again."""

    audit: AuditRow
    checklist: ChecklistRow
    excluded: tuple[tuple[str, int], ...]
    cases: tuple[CaseResultRow, ...]
    overall: Figure
    partly: int
    criteria: tuple[CriterionResultRow, ...]
    strata: tuple[StratumResultRow, ...]
    by_force: tuple[GroupResultRow, ...]
    by_reason: tuple[GroupResultRow, ...]
    by_month: tuple[GroupResultRow, ...]
    reviewers: tuple[str, ...]
    second: SecondReviewRow | None
    replacements: tuple[SampleRow, ...]
    limits: tuple[str, ...]


def results(session: Session, audit_id: int, *, force: str = JOINT) -> ResultsRow:
    """The results once every case is answered; Refused before, and to a second reviewer who is still blind.

    With a force, only its cases and its part of the population, as a paper of that force alone prints them.
    """
    row = audits.audit(session, audit_id)
    if not row.is_frozen:
        raise Refused("This audit has no frozen sample yet; freeze it and answer its cases first.")
    state = review.progress(session, audit_id)
    if not state.is_complete:
        raise Refused(
            f"{rules_review.not_complete(state.cases - state.complete, state.cases)}; results need every one."
        )
    used = checklist(session, row.checklist_id)
    frame = [line for line in frames.frame(session, audit_id) if force in (JOINT, line.force)]
    inside = [line for line in frame if line.excluded_because is None]
    cases = [case for case in _cases(session, audit_id, used) if force in (JOINT, case.case.force)]
    overall = rules_results.figure(row.plan.kind, _strata(cases, inside), confidence=row.plan.confidence)
    second = _second(session, row, cases, used)
    return ResultsRow(
        audit=row, checklist=used,
        excluded=tuple(sorted(Counter(line.excluded_because for line in frame if line.excluded_because).items())),
        cases=tuple(cases), overall=overall, partly=sum(case.partly for case in cases),
        criteria=tuple(_criterion(c, cases, inside, row) for c in used.criteria),
        strata=tuple(_stratum_rows(cases, inside)),
        by_force=tuple(_groups(cases, inside, row, lambda line: line.force)),
        by_reason=tuple(_groups(cases, inside, row, lambda line: line.reason)),
        by_month=tuple(_groups(cases, inside, row, lambda line: line.month)),
        reviewers=tuple(review.reviewers(session, audit_id, review.FIRST)), second=second,
        replacements=tuple(
            line
            for line in frames.sample(session, audit_id)
            if line.replaced_because and force in (JOINT, line.force)
        ),
        limits=tuple(_limits(session, row, second)),
    )  # fmt: skip


def _cases(session: Session, audit_id: int, used: ChecklistRow) -> list[CaseResultRow]:
    final = review.final_answers(session, audit_id)
    return [_case(case, final[case.id], used) for case in frames.cases_under_audit(session, audit_id)]


def _case(case: SampleRow, given: review.Answers, used: ChecklistRow) -> CaseResultRow:
    made = _outcome({number: row.answer for number, row in given.items()}, used)
    return CaseResultRow(case, made.passed is True, made.partly, made.failed, given)


def _outcome(answers: Mapping[int, str], used: ChecklistRow) -> rules_review.Outcome:
    return rules_review.outcome(answers, {c.number: c.mandatory for c in used.criteria})


def _strata(
    cases: Iterable[CaseResultRow],
    inside: Iterable[FrameRow],
    *,
    counts: Callable[[CaseResultRow], bool] = lambda case: True,
    succeeds: Callable[[CaseResultRow], bool] = lambda case: case.passed,
) -> list[StratumCount]:
    """The cells of a figure by stratum; one pooled cell when a stratum has nothing drawn."""
    populations = Counter(line.stratum for line in inside)
    drawn, n, successes = Counter[str](), Counter[str](), Counter[str]()
    for case in cases:
        label = case.case.stratum
        drawn[label] += 1
        n[label] += counts(case)
        successes[label] += counts(case) and succeeds(case)
    cells = [StratumCount(s, successes[s], n[s], drawn[s], size) for s, size in sorted(populations.items())]
    if all(cell.drawn for cell in cells):
        return cells
    return [StratumCount("", successes.total(), n.total(), drawn.total(), populations.total())]


def _criterion(
    criterion: CriterionRow, cases: Sequence[CaseResultRow], inside: Sequence[FrameRow], row: AuditRow
) -> CriterionResultRow:
    def given(case: CaseResultRow) -> str:
        return case.answers[criterion.number].answer

    counts = Counter(map(given, cases))
    cells = _strata(
        cases, inside, counts=lambda case: given(case) != rules_review.NOT_APPLICABLE,
        succeeds=lambda case: not rules_review.fails(given(case)),
    )  # fmt: skip
    figure = rules_results.figure(row.plan.kind, cells, confidence=row.plan.confidence)
    return CriterionResultRow(criterion, {answer: counts[answer] for answer in rules_review.ANSWERS}, figure)


def _stratum_rows(cases: Iterable[CaseResultRow], inside: Sequence[FrameRow]) -> list[StratumResultRow]:
    cells = _strata(cases, inside)
    return [StratumResultRow(c.label, c.population, c.drawn, c.successes, c.population / len(inside)) for c in cells]


def _groups(
    cases: Iterable[CaseResultRow],
    inside: Iterable[FrameRow],
    row: AuditRow,
    key: Callable[[FrameRow | SampleRow], str],
) -> list[GroupResultRow]:
    """One figure for each group of the population, also where nothing of it was drawn."""
    lines: dict[str, list[FrameRow]] = {}
    for line in inside:
        lines.setdefault(key(line), []).append(line)
    mine: dict[str, list[CaseResultRow]] = {}
    for case in cases:
        mine.setdefault(key(case.case), []).append(case)
    return [
        GroupResultRow(
            label,
            rules_results.figure(
                row.plan.kind, _strata(mine.get(label, []), lines[label]), confidence=row.plan.confidence
            ),
        )
        for label in sorted(lines)
    ]


def _second(
    session: Session, row: AuditRow, cases: Sequence[CaseResultRow], used: ChecklistRow
) -> SecondReviewRow | None:
    if row.second_started_at is None or not review.progress(session, row.id, review.SECOND).is_complete:
        return None
    scope = {case.case.id for case in cases}
    order = [item for item in review.second_items(session, row.id) if item in scope]
    first = review.answers(session, row.id, review.FIRST, order)
    second = review.answers(session, row.id, review.SECOND, order)
    outcomes = [(_passes(first[item], used), _passes(second[item], used)) for item in order]
    differ = [difference for difference in review.differences(session, row.id) if difference.item_id in scope]
    return SecondReviewRow(
        tuple(review.reviewers(session, row.id, review.SECOND)), len(order),
        rules_results.agreement([(a, b) for item, _number, a, b in review.pairs(session, row.id) if item in scope]),
        rules_results.agreement(outcomes, (rules_results.PASSED, rules_results.FAILED)),
        len(differ), sum(difference.adjudicated is not None for difference in differ),
    )  # fmt: skip


def _passes(given: review.Answers, used: ChecklistRow) -> str:
    made = _outcome({number: row.answer for number, row in given.items()}, used)
    return rules_results.PASSED if made.passed else rules_results.FAILED


def _limits(session: Session, row: AuditRow, second: SecondReviewRow | None) -> list[str]:
    found = []
    if row.plan.kind == rules.DIP:
        found.append(rules.NOT_REPRESENTATIVE)
    names = review.reviewers(session, row.id, review.FIRST)
    roles = dict(session.execute(select(DeskUser.name, DeskUser.role)).all())
    if any(roles.get(name) == "OIC officer" for name in names):
        found.append(rules_review.POST_HOLDER_LIMIT if second else rules_review.POST_HOLDER_ALONE)
    found += [f"After the sample was frozen: {told.rstrip('.')}." for told in audits.named_later(session, row.id)]
    if row.without_second:
        found.append(f"There was no second review: {row.without_second.rstrip('.')}.")
    if row.seed_given:
        found.append("The seed was given by the person who froze the sample, not made by the desk.")
    if row.limits:
        found.append(row.limits)
    return found


# --- feedback slips and panel tables ------------------------------------------------------------------------


def slips(session: Session, audit_id: int, *, force: str = JOINT) -> list[Slip]:
    """Feedback for each reporting officer by name, about their own documents only; once the audit is moderated."""
    found = results(session, audit_id, force=force)
    if found.audit.status not in (rules.MODERATED, rules.APPROVED):
        raise Refused("Feedback is given once the audit is moderated; finish the review first.")
    ids = [case.case.referral_id for case in found.cases]
    officers = {
        row.id: row.officer_name
        for row in session.execute(select(Referral.id, Referral.officer_name).where(Referral.id.in_(ids)))
    }
    mine: dict[str, list[SlipCase]] = {}
    for case in found.cases:
        officer = officers.get(case.case.referral_id)
        if officer:
            told = {number: SlipAnswer(row.answer, row.comment) for number, row in case.answers.items()}
            mine.setdefault(officer, []).append(SlipCase(case.case.item, case.passed, told))
    criteria = {c.number: (c.text, c.guidance) for c in found.checklist.criteria}
    return [rules_results.slip(officer, cases, criteria) for officer, cases in sorted(mine.items())]


def panel_tables(found: ResultsRow) -> list[PanelTable]:
    """The counts a panel paper may print, for `rules_suppress.suppress`: of each force and, for Joint, together.

    Passed and failed by contact reason and by month, then every criterion's answers. All papers of the audit are
    in the list, also those not printed now, because together they could give a small number away.
    """
    papers = (*FORCES, JOINT) if found.audit.plan.force == JOINT else (found.audit.plan.force,)
    tables = []
    for paper in papers:
        cases = [case for case in found.cases if paper in (JOINT, case.case.force)]
        tables += [
            _panel(paper, cases, "Contact reason", [g.label for g in found.by_reason], lambda c: c.case.reason),
            _panel(paper, cases, "Month of contact", [g.label for g in found.by_month], lambda c: c.case.month),
        ]
        tables += [_answers_table(paper, cases, c.criterion) for c in found.criteria]
    return tables


_RESULT = ("Passed", "Failed")


def _panel(
    paper: str, cases: Sequence[CaseResultRow], dimension: str, rows: Sequence[str], key: Callable[[CaseResultRow], str]
) -> PanelTable:
    counts = Counter((key(case), case.passed) for case in cases)
    cells = tuple((counts[row, True], counts[row, False]) for row in rows)
    return PanelTable(paper, "documents audited", dimension, tuple(rows), cells, "Result", _RESULT)


def _answers_table(paper: str, cases: Sequence[CaseResultRow], criterion: CriterionRow) -> PanelTable:
    """Three rows, because every small number more would hide others: what passes, what does not, what is left out."""
    counts = Counter(rules_results.panel_answer(case.answers[criterion.number].answer) for case in cases)
    words = rules_results.PANEL_ANSWERS
    return PanelTable(
        paper, "documents audited", f"Criterion {criterion.number}", words, tuple((counts[word],) for word in words)
    )
