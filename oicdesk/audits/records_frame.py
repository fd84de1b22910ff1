"""The population and sample of an audit: frozen before the first answer, and drawn again to prove it.

After freezing, triggers in the database keep frame and sample as they are. The cases under audit are the
sample less what was replaced, plus what replaced it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from oicdesk.audits import records as audits
from oicdesk.audits import rules, rules_review
from oicdesk.audits.records_hands import Barred, barred
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import RegisterFacts
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import CaseRow, Document, DocumentEvent, DocumentLink, cases_as_at
from oicdesk.errors import Refused
from oicdesk.referrals.rules import DUPLICATE, EXEMPT, REJECTED, SCOPE_QUERY
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored, collection_paused, insert_many


class AuditFrameItem(Stored):
    """A case of the period: in the population with its stratum, or left out with the reason."""

    __tablename__ = "audit_frame_item"
    __table_args__ = (Index("audit_frame_order", "audit_id", "item", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    item: Mapped[str]
    force: Mapped[str]
    reason: Mapped[str]
    month: Mapped[str]
    stratum: Mapped[str]
    excluded_because: Mapped[str | None]


class AuditSampleItem(Stored):
    """A drawn case or a spare, in draw order, with what the register said of it on freezing."""

    __tablename__ = "audit_sample_item"
    __table_args__ = (Index("audit_sample_order", "audit_id", "spare", "position", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    frame_item_id: Mapped[int] = mapped_column(ForeignKey("audit_frame_item.id"))
    spare: Mapped[bool]
    position: Mapped[int]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    by_reporting_officer: Mapped[bool | None]
    in_time: Mapped[bool | None]


class AuditReplacement(Stored):
    """One case taken out and the spare of its stratum that took its place."""

    __tablename__ = "audit_replacement"
    __table_args__ = (Index("audit_replacement_of", "audit_id", "out_item_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    out_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"))
    in_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"), unique=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


class FrameRow(NamedTuple):
    """A case of the period; `excluded_because` is None for one in the population."""

    referral_id: int
    item: str
    force: str
    reason: str
    month: str
    stratum: str
    excluded_because: str | None


@dataclass(frozen=True)
class StratumRow:
    """A stratum of the population and how many of it are drawn; None while the plan does not fit."""

    label: str
    population: int
    drawn: int | None


@dataclass(frozen=True)
class PreviewRow:
    """What freezing a plan now would do; `problem` says why it cannot, `merge_offer` how strata could be merged."""

    population: int
    excluded: tuple[tuple[str, int], ...]
    size: int
    why: str
    strata: tuple[StratumRow, ...]
    problem: str | None
    merge_offer: Mapping[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleRow:
    """A case of the sample or a spare, in draw order; `id` is what answers and replacements name."""

    id: int
    position: int
    spare: bool
    referral_id: int
    item: str
    force: str
    reason: str
    month: str
    stratum: str
    document_id: int | None
    facts: RegisterFacts
    replaced_because: str | None
    replaced_by: str | None
    replaces: str | None


@dataclass(frozen=True)
class DrawnAgainRow:
    """Whether frame and seed give the locked hash and sample once more, in words too."""

    is_same: bool
    frame_hash: str
    sample: tuple[str, ...]
    sentence: str


# --- population and freezing --------------------------------------------------------------------------------


@collection_paused()
def population(session: Session, plan: Plan, as_at: datetime) -> list[FrameRow]:
    """Every case with its contact in the plan's period, in or out of the population, by reference."""
    return [_frame_row(case, plan, as_at) for case in _cases(session, plan, as_at)]


def _cases(session: Session, plan: Plan, as_at: datetime) -> list[CaseRow]:
    scopes = (plan.force,) if plan.force != document_rules.JOINT else ("Suffolk", "Norfolk", None)
    found = [
        case
        for case in cases_as_at(session, as_at)
        if case.facts.force in scopes
        and case.facts.contact_at is not None
        and plan.period_from <= london_day(case.facts.contact_at) <= plan.period_to
    ]
    return sorted(found, key=lambda case: case.reference)


def _frame_row(case: CaseRow, plan: Plan, as_at: datetime) -> FrameRow:
    facts = case.facts
    force, reason = facts.force or document_rules.NOT_RECORDED, facts.reason or document_rules.NOT_RECORDED
    return FrameRow(
        case.id, case.reference, force, reason, document_rules.contact_month(facts.contact_at) or "",
        rules.stratum_of(plan, force, reason), _excluded(case, plan, as_at),
    )  # fmt: skip


def _excluded(case: CaseRow, plan: Plan, as_at: datetime) -> str | None:
    facts = case.facts
    if facts.force is None:
        return "No force recorded yet"
    if facts.before_register:
        return "Before the register was started"
    outside = {
        EXEMPT: f"Exempt: {facts.exemption_reason or document_rules.NOT_RECORDED}",
        DUPLICATE: "Duplicate of another case",
        SCOPE_QUERY: "Scope query, not yet decided",
    }
    if facts.status in outside:
        return outside[facts.status]
    if not document_rules.is_submitted(facts):
        if plan.population_rule == rules.DOCUMENTED:
            return "No submitted document that counts"
        if facts.due_at is None or as_at <= facts.due_at:
            return "Without a document, and not yet due"
    return plan.exclusions.get(case.reference)


def preview(session: Session, plan: Plan, as_at: datetime) -> PreviewRow:
    """What freezing this plan would lock: population, exclusions, size with its sentence, strata."""
    frame = population(session, plan, as_at)
    inside = [row for row in frame if row.excluded_because is None]
    held = _barred(session, plan, inside, as_at)
    size, why = rules.planned_size(plan, len(inside))
    sizes = _counts(row.stratum for row in inside)
    problem, offer, drawn = None, dict[str, str](), dict[str, int]()
    try:
        _check_exclusions(plan, frame)
        if not inside:
            raise Refused("No case is in the population, so there is nothing to audit; change period or population.")
        rules_review.check_alone([row.item for row in inside], held, plan.reviewers)
        drawn = rules.allocation(sizes, size, _minimum(plan))
    except Refused as refused:
        problem, offer = str(refused), rules.merge_offer(sizes, size, _minimum(plan))
    return PreviewRow(
        len(inside), tuple(sorted(_counts(row.excluded_because for row in frame if row.excluded_because).items())),
        size, why, tuple(StratumRow(label, count, drawn.get(label)) for label, count in sorted(sizes.items())),
        problem, offer, tuple(rules_review.spoken_barred(name, cases) for name, cases in held.items()),
    )  # fmt: skip


def _barred(session: Session, plan: Plan, inside: Sequence[FrameRow], as_at: datetime) -> Barred:
    """What each named reviewer may not review; asked of the population, so that no draw can be tried on it."""
    if not plan.reviewers:
        return {}
    cases = {row.referral_id: row.item for row in inside}
    return barred(session, plan.reviewers, cases, lambda: _documents(session, list(cases), as_at))


def _counts(labels: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return counts


def _minimum(plan: Plan) -> int:
    return 0 if plan.kind == rules.DIP else plan.minimum


def _check_exclusions(plan: Plan, frame: Sequence[FrameRow]) -> None:
    left_out = {row.item for row in frame if row.excluded_because == plan.exclusions.get(row.item, "")}
    for item in plan.exclusions:
        if item not in left_out:
            raise Refused(
                f"{item} is not in the population of this audit, so it cannot be left out of it; remove the line.",
                field="exclusions",
            )


@collection_paused()
def freeze(
    session: Session, audit_id: int, *, as_at: datetime, now: datetime, seed: int | None = None
) -> audits.AuditRow:
    """Lock population, seed, size and sample before the first answer; nothing of it can be changed afterwards.

    The population is that of `as_at`. Without a seed the desk makes one here, so that nobody can choose a sample
    by trying seeds; one that is given is marked as given.
    """
    row = audits.get(session, audit_id)
    rules.check_draft(row.status)
    if as_at > now:
        raise Refused("The population cannot be that of a time to come; freeze it as at now or earlier.", field="as_at")
    chosen = _checked_seed(seed)
    plan, cases = audits.plan_of(row), _cases(session, audits.plan_of(row), as_at)
    frame = [_frame_row(case, plan, as_at) for case in cases]
    _check_exclusions(plan, frame)
    strata = {line.item: line.stratum for line in frame if line.excluded_because is None}
    if not strata:
        raise Refused("No case is in the population, so there is nothing to audit; change period or population.")
    inside = [line for line in frame if line.excluded_because is None]
    rules_review.check_alone(list(strata), _barred(session, plan, inside, as_at), plan.reviewers)
    size, why = rules.planned_size(plan, len(strata))
    drawn, rest = _drawn(plan, strata, size, chosen)
    ids = _insert_frame(session, audit_id, frame)
    _insert_sample(session, audit_id, drawn, rest, ids, {case.reference: case for case in cases}, as_at)
    row.as_at, row.population, row.sample_size, row.why = as_at, len(strata), size, why
    row.seed, row.seed_given, row.algorithm = chosen, seed is not None, rules.ALGORITHM
    row.frame_hash = rules.frame_hash(strata, strata if plan.strata_by else None)
    row.frozen_at, row.frozen_by = now, session.info["user"].name
    session.flush()
    detail = f"{size} of {rules_review.plural(len(strata), 'case')}, seed {chosen}, frame {row.frame_hash}"
    log.record(session, log.COLLECTION, audit=audit_id, fields=["frame", "sample", "seed"], detail=detail)
    audits.move(session, audit_id, rules.SAMPLE_FROZEN, now=now)
    return audits.audit(session, audit_id)


_LARGEST_SEED = 2**63 - 1


def _checked_seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(10**9)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _LARGEST_SEED:
        raise Refused("The seed is a whole number of at most 18 digits; write digits only.", field="seed")
    return seed


def _drawn(plan: Plan, strata: Mapping[str, str], size: int, seed: int) -> tuple[list[str], list[str]]:
    """The sample in draw order, and of each stratum as many spares as were drawn from it."""
    labels = strata if plan.strata_by and plan.kind != rules.DIP else None
    drawn, rest = rules.draw_with_spares(strata, size, seed=seed, strata=labels, minimum=_minimum(plan))
    kept = _counts(strata[item] if labels else "" for item in drawn)
    wanted = [item for label, items in rest.items() for item in items[: kept.get(label, 0)]]
    return drawn, rules.permutation(wanted, seed=seed)


def _insert_frame(session: Session, audit_id: int, frame: Sequence[FrameRow]) -> dict[str, int]:
    """The population in one bulk statement; returns reference → id."""
    first = (session.scalar(select(func.max(AuditFrameItem.id))) or 0) + 1
    names = ("id", "audit_id", *FrameRow._fields)
    rows = [(number, audit_id, *line) for number, line in enumerate(frame, first)]
    insert_many(session, AuditFrameItem, names, rows)
    return {line.item: number for number, line in enumerate(frame, first)}


def _insert_sample(
    session: Session,
    audit_id: int,
    drawn: Sequence[str],
    rest: Sequence[str],
    ids: Mapping[str, int],
    cases: Mapping[str, CaseRow],
    as_at: datetime,
) -> None:
    documents = _documents(session, [cases[item].id for item in (*drawn, *rest)], as_at)
    rows = [
        {
            "audit_id": audit_id, "frame_item_id": ids[item], "spare": spare, "position": position,
            "document_id": documents.get(cases[item].id),
            "by_reporting_officer": cases[item].facts.submitted_by_reporting_officer,
            "in_time": document_rules.is_submitted_in_time(cases[item].facts) if cases[item].facts.due_at else None,
        }
        for spare, items in ((False, drawn), (True, rest))
        for position, item in enumerate(items, 1)
    ]  # fmt: skip
    insert_many(session, AuditSampleItem, tuple(rows[0]), [tuple(row.values()) for row in rows])


def _documents(session: Session, referral_ids: Sequence[int], as_at: datetime) -> dict[int, int]:
    """Of each case its first submitted document that counted at that instant."""
    found: dict[int, int] = {}
    for start in range(0, len(referral_ids), 10_000):
        chunk = referral_ids[start : start + 10_000]
        rows = session.execute(counting_documents(as_at).where(DocumentLink.referral_id.in_(chunk)))
        for referral_id, document_id in rows:
            found.setdefault(referral_id, document_id)
    return found


def counting_documents(as_at: datetime) -> Any:
    """A query of (referral, document) for documents submitted and not rejected by then, first submission first."""
    rejected = (
        select(DocumentEvent.id)
        .where(DocumentEvent.document_id == Document.id, DocumentEvent.kind == REJECTED, DocumentEvent.at <= as_at)
        .exists()
    )
    return (
        select(DocumentLink.referral_id, Document.id)
        .join(Document, Document.id == DocumentLink.document_id)
        .where(Document.submitted_at <= as_at, ~rejected)
        .order_by(Document.submitted_at, Document.id)
    )


# --- what was frozen ---------------------------------------------------------------------------------------


def frame(session: Session, audit_id: int) -> list[FrameRow]:
    """The frozen population by reference, with the cases left out and why."""
    table = AuditFrameItem.__table__.c
    columns = [table[name] for name in FrameRow._fields]
    rows = session.execute(select(*columns).where(table.audit_id == audit_id).order_by(table.item))
    return [FrameRow(*row) for row in rows]


def sample(session: Session, audit_id: int) -> list[SampleRow]:
    """Everything drawn, in draw order, then the spares; replaced cases say so."""
    out, into, case = aliased(AuditReplacement), aliased(AuditReplacement), AuditFrameItem
    rows = session.execute(
        select(
            AuditSampleItem.id, AuditSampleItem.position, AuditSampleItem.spare, case.referral_id, case.item,
            case.force, case.reason, case.month, case.stratum, AuditSampleItem.document_id,
            AuditSampleItem.by_reporting_officer, AuditSampleItem.in_time, out.reason.label("replaced_because"),
            out.in_item_id, into.out_item_id,
        )
        .join(case, case.id == AuditSampleItem.frame_item_id)
        .outerjoin(out, out.out_item_id == AuditSampleItem.id)
        .outerjoin(into, into.in_item_id == AuditSampleItem.id)
        .where(AuditSampleItem.audit_id == audit_id)
        .order_by(AuditSampleItem.spare, AuditSampleItem.position)
    ).all()  # fmt: skip
    names = {row.id: row.item for row in rows}
    return [
        SampleRow(
            row.id, row.position, row.spare, row.referral_id, row.item, row.force, row.reason, row.month,
            row.stratum, row.document_id,
            RegisterFacts(row.document_id is not None, row.by_reporting_officer, row.in_time),
            row.replaced_because, names.get(row.in_item_id), names.get(row.out_item_id),
        )
        for row in rows
    ]  # fmt: skip


def cases_under_audit(session: Session, audit_id: int) -> list[SampleRow]:
    """The cases to answer, in order: the sample less what was replaced, each replacement in the place it took."""
    rows = sample(session, audit_id)
    by_item = {row.item: row for row in rows}
    found = []
    for row in rows:
        if row.spare:
            continue
        while row.replaced_by is not None:
            row = by_item[row.replaced_by]
        found.append(row)
    return found


def unused_spares(session: Session, audit_id: int) -> list[SampleRow]:
    """The spares that have not taken a place yet, in the order in which they are taken."""
    return [row for row in sample(session, audit_id) if row.spare and row.replaces is None]


def draw_again(session: Session, audit_id: int) -> DrawnAgainRow:
    """Draw anew from the frozen population and seed, and compare with what was locked."""
    row = audits.get(session, audit_id)
    if row.seed is None:
        raise Refused("This audit has no frozen sample yet; freeze it first.")
    plan = audits.plan_of(row)
    strata = {line.item: line.stratum for line in frame(session, audit_id) if line.excluded_because is None}
    digest = rules.frame_hash(strata, strata if plan.strata_by else None)
    drawn, _rest = _drawn(plan, strata, row.sample_size or 0, row.seed)
    locked = [line.item for line in sample(session, audit_id) if not line.spare]
    same = digest == row.frame_hash and drawn == locked
    if same:
        sentence = (
            f"Drawn again from the frozen population with seed {row.seed}: the frame's hash and"
            f" {'the one case are' if len(locked) == 1 else f'all {len(locked):,} cases are'} the same, in the same"
            " order."
        )
    else:
        sentence = "Drawing again gives another result than the one locked: the vault's audit rows were altered."
    return DrawnAgainRow(same, digest, tuple(drawn), sentence)
