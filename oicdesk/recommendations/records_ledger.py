"""The promise ledger: every recommendation and promise with its measure, worked out from what the desk has.

Training figures are handed in as plain rows: nothing here reads training (the wall).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from oicdesk.audits import records as audits
from oicdesk.audits import records_results
from oicdesk.audits import rules as audit_rules
from oicdesk.comms import records as comms
from oicdesk.comms import records_effect
from oicdesk.comms import rules as comms_rules
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import cases_as_at
from oicdesk.documents.rules import CaseAsAt
from oicdesk.recommendations import records, records_plans, rules, rules_measures
from oicdesk.recommendations.records import AskedRow, EvidenceRow, PromisedRow
from oicdesk.recommendations.rules import Standing
from oicdesk.recommendations.rules_measures import (
    AuditFacts,
    CaseFacts,
    CommsFacts,
    DistrictFact,
    EvidenceFact,
    Facts,
    Measure,
    MonthFact,
    PlanFact,
    TrainingFacts,
    WorkFacts,
)
from oicdesk.settings.rules import london_day

_INTRANET = frozenset({comms_rules.INTRANET, comms_rules.GUIDANCE_PAGE})
_MESSAGES = frozenset({comms_rules.INTERNAL_MESSAGE, comms_rules.BRIEFING})
_QUALITY = frozenset({audit_rules.RANDOM, audit_rules.DISCOVERY})


@dataclass(frozen=True)
class PromiseRow:
    """A promise with what the desk shows of it and where it stands against its recommendation's deadline."""

    promised: PromisedRow
    measure: Measure
    standing: Standing
    evidence: tuple[EvidenceRow, ...]


@dataclass(frozen=True)
class RecommendationRow:
    """A recommendation: its status, its standing, its own evidence and its promises."""

    asked: AskedRow
    status: str
    measure: Measure
    standing: Standing
    evidence: tuple[EvidenceRow, ...]
    promises: tuple[PromiseRow, ...]


@dataclass(frozen=True)
class LedgerRow:
    """The ledger of one scope as at an instant; `facts` are what every measure was worked out from."""

    as_at: datetime
    force: str
    recommendations: tuple[RecommendationRow, ...]
    facts: Facts


def ledger(
    session: Session, as_at: datetime, force: str = rules.JOINT, training: TrainingFacts | None = None
) -> LedgerRow:
    """The whole ledger; `training` comes from whoever composes the figures, None says that none are at hand."""
    found = facts(session, as_at, force, training)
    evidence = records.evidence(session, as_at=as_at)
    promised = records.promised(session, as_at)
    return LedgerRow(
        as_at, force,
        tuple(_recommendation(session, asked, found, promised, evidence, as_at) for asked in records.asked()), found,
    )  # fmt: skip


def _recommendation(
    session: Session,
    asked: AskedRow,
    found: Facts,
    promised: Sequence[PromisedRow],
    evidence: Sequence[EvidenceRow],
    as_at: datetime,
) -> RecommendationRow:
    measure = rules_measures.recommendation(asked.number, found)
    own = [one for one in evidence if one.recommendation == asked.number]
    promises = []
    for promise in promised:
        if promise.recommendation == asked.number:
            shown = rules_measures.promise(promise.code, found)
            standing = rules.standing(asked.by, found.day, shown.state, shown.words)
            mine = tuple(one for one in own if one.promise == promise.code)
            promises.append(PromiseRow(promise, shown, standing, mine))
    return RecommendationRow(
        asked, records.status(session, asked.number, as_at), measure,
        rules.standing(asked.by, found.day, measure.state, measure.words),
        tuple(one for one in own if not one.promise), tuple(promises),
    )  # fmt: skip


# --- the facts ---------------------------------------------------------------------------------------------


def facts(session: Session, as_at: datetime, force: str, training: TrainingFacts | None = None) -> Facts:
    """What the measures of a scope are worked out from."""
    shown: dict[str, tuple[EvidenceFact, ...]] = {}
    for one in records.evidence(session, as_at=as_at):
        fact = EvidenceFact(one.happened_on, one.what, one.shows_met)
        shown[one.promise] = (*shown.get(one.promise, ()), fact)
    return Facts(
        london_day(as_at), force, _case_facts(session, as_at, force), _comms_facts(session, as_at, force),
        _audit_facts(session, as_at, force), _work_facts(session, as_at, force), training, shown,
    )  # fmt: skip


def _case_facts(session: Session, as_at: datetime, force: str) -> CaseFacts:
    every = [row.facts for row in cases_as_at(session, as_at) if row.facts.force is not None]
    cases = document_rules.of_force(every, force)
    by_month = document_rules.grouped(cases, lambda case: document_rules.contact_month(case.contact_at))
    return CaseFacts(
        document_rules.coverage(cases, as_at), document_rules.on_time(cases, as_at),
        document_rules.median_hours_to_submit(cases),
        tuple(_month(name, group, as_at) for name, group in by_month.items())[-12:],
    )  # fmt: skip


def _month(name: str, cases: Sequence[CaseAsAt], as_at: datetime) -> MonthFact:
    found, timely = document_rules.coverage(cases, as_at), document_rules.on_time(cases, as_at)
    return MonthFact(date.fromisoformat(f"{name}-01"), found.in_scope, found.submitted, timely.due, timely.on_time)


def _comms_facts(session: Session, as_at: datetime, force: str) -> CommsFacts:
    rows = comms.items(session, force=force, as_at=as_at)
    published = comms.published(rows, london_day(as_at))
    about_documents = [row for row in published if row.facts.recommendation in (None, 2)]
    asking = [row for row in about_documents if row.channel in _INTRANET | _MESSAGES]
    embedded = [row for row in published if row.channel == comms_rules.EMBEDDED]
    planned = [row for row in rows if row.status in (comms_rules.PLANNED, comms_rules.APPROVED)]
    reaches = [row.facts.reach for row in asking if row.facts.reach is not None]
    ids = {row.id for row in asking}
    verdicts = Counter(
        one.verdict for one in records_effect.effects(session, as_at, force) if one.item.id in ids
    )  # fmt: skip
    return CommsFacts(
        on_intranet=sum(row.channel in _INTRANET for row in asking),
        in_messages=sum(row.channel in _MESSAGES for row in asking),
        embedded=len(embedded),
        planned=sum(row.channel in _INTRANET | _MESSAGES for row in planned),
        embedded_planned=sum(row.channel == comms_rules.EMBEDDED for row in planned),
        without_evidence=sum(not row.evidence for row in asking),
        embedded_without_evidence=sum(not row.evidence for row in embedded),
        reach=sum(reaches) if reaches else None,
        verdicts=dict(sorted(verdicts.items())),
    )


def _audit_facts(session: Session, as_at: datetime, force: str) -> AuditFacts:
    rows = [row for row in audits.audits(session) if rules.reaches(row.plan.force, force) and row.planned_at <= as_at]
    approved = [row for row in rows if row.approved_at is not None and row.approved_at <= as_at]
    coverage = [row for row in approved if row.plan.kind == audit_rules.CENSUS]
    quality = [row for row in approved if row.plan.kind in _QUALITY]
    return AuditFacts(
        coverage_approved=len(coverage),
        quality_approved=len(quality),
        under_way=len(rows) - len(approved),
        coverage_result=_newest_result(session, coverage, force, "Coverage audited"),
        quality_result=_newest_result(session, quality, force, "Quality"),
    )


def _newest_result(session: Session, approved: Sequence[audits.AuditRow], force: str, what: str) -> str:
    if not approved:
        return ""
    newest = max(approved, key=lambda row: (row.approved_at, row.id))
    scope = force if newest.plan.force == rules.JOINT else rules.JOINT  # an audit of one force alone is all of it
    found = records_results.results(session, newest.id, force=scope).overall
    return f"{what} (“{newest.plan.title}”): {found.sentence}."


def _work_facts(session: Session, as_at: datetime, force: str) -> WorkFacts:
    day = london_day(as_at)
    reviews = records_plans.reviews(session, force=force, until=day)
    log_rows = sorted(
        records_plans.liaison(session, force=force, until=day), key=lambda row: (row.force, row.district.casefold())
    )
    districts = []
    for (of_force, _key), group in groupby(log_rows, key=lambda row: (row.force, row.district.casefold())):
        lines = list(group)
        meetings = sum(row.kind == rules.MEETING for row in lines)
        last = max(row.held_on for row in lines)
        name = min(lines, key=lambda row: row.id).district  # as it was first written
        districts.append(DistrictFact(of_force, name, meetings, len(lines) - meetings, last))
    return WorkFacts(
        tuple(_plan_fact(row) for row in records_plans.plans(session, force=force, as_at=as_at)),
        len(reviews), reviews[0].reviewed_on if reviews else None, tuple(districts),
    )  # fmt: skip


def _plan_fact(row: records_plans.PlanRow) -> PlanFact:
    held = row.holds
    if held is None:
        return PlanFact(row.kind, row.title, "", "", "", None, False)
    return PlanFact(row.kind, row.title, held.version, held.owner, held.approver, held.review_on, bool(held.link))
