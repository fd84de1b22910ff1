"""Audits as they are kept: the plan, what freezing locked with it, and how each moved on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.audits import rules
from oicdesk.audits.records_checklists import checklist, newest
from oicdesk.audits.records_hands import check_users
from oicdesk.audits.rules import Plan
from oicdesk.documents.rules import JOINT
from oicdesk.errors import Refused
from oicdesk.referrals.rules import refuse
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class Audit(Stored):
    """One audit: its plan, and from freezing on what was locked with it."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    force: Mapped[str]
    aim: Mapped[str]
    recommendation: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    population_rule: Mapped[str]
    strata_by: Mapped[str]  # JSON list
    merged: Mapped[str]  # JSON object: stratum → the label it is counted under
    exclusions: Mapped[str]  # JSON object: reference → reason
    margin: Mapped[float]
    confidence: Mapped[float]
    rate: Mapped[float]
    size: Mapped[int | None]
    minimum: Mapped[int]
    audit_all_up_to: Mapped[int]
    second_share: Mapped[float]
    second_least: Mapped[int]
    reviewers: Mapped[str] = mapped_column(server_default="[]")  # JSON list of names
    second_reviewer: Mapped[str] = mapped_column(server_default="")
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id"))
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("audit.id"))
    status: Mapped[str]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str]
    # locked by freezing
    as_at: Mapped[datetime | None]
    population: Mapped[int | None]
    sample_size: Mapped[int | None]
    why: Mapped[str | None]
    seed: Mapped[int | None]
    seed_given: Mapped[bool | None]
    algorithm: Mapped[str | None]
    frame_hash: Mapped[str | None]
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[str | None]
    # what came after
    second_started_at: Mapped[datetime | None]
    second_by: Mapped[str | None]
    without_second: Mapped[str]
    limits: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    panel_released_at: Mapped[datetime | None]
    panel_released_by: Mapped[str | None]


class AuditEvent(Stored):
    """A change of an audit's status."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    reason: Mapped[str | None]


@dataclass(frozen=True)
class AuditRow:
    """An audit as shown in a list and at the head of its page; what freezing locks is None before it."""

    id: int
    plan: Plan
    status: str
    checklist_id: int
    checklist: str
    supersedes: int | None
    superseded_by: int | None
    planned_at: datetime
    planned_by: str
    as_at: datetime | None
    population: int | None
    sample_size: int | None
    why: str | None
    seed: int | None
    seed_given: bool | None
    algorithm: str | None
    frame_hash: str | None
    frozen_at: datetime | None
    frozen_by: str | None
    second_started_at: datetime | None
    second_by: str | None
    without_second: str
    limits: str
    approved_at: datetime | None
    approved_by: str | None
    panel_released_at: datetime | None
    panel_released_by: str | None

    @property
    def is_frozen(self) -> bool:
        return self.status != rules.DRAFT


@dataclass(frozen=True)
class AuditEventRow:
    """One change of status."""

    at: datetime
    by: str
    from_status: str | None
    to_status: str
    reason: str | None


# --- planning ----------------------------------------------------------------------------------------------

_PLAIN = (
    "title", "kind", "force", "aim", "recommendation", "period_from", "period_to", "population_rule", "margin",
    "confidence", "rate", "size", "minimum", "audit_all_up_to", "second_share", "second_least", "second_reviewer",
)  # fmt: skip
_LOCKED = (
    "as_at", "population", "sample_size", "why", "seed", "seed_given", "algorithm", "frame_hash", "frozen_at",
    "frozen_by", "second_started_at", "second_by", "without_second", "limits", "approved_at", "approved_by",
    "panel_released_at", "panel_released_by",
)  # fmt: skip


def plan(
    session: Session,
    plan: Plan,
    *,
    now: datetime,
    checklist_id: int | None = None,
    supersedes: int | None = None,
) -> int:
    """Record a plan as a draft, with the newest checklist unless another is given. Returns the audit's id.

    `supersedes` names the approved audit that this one replaces once it is approved itself.
    """
    refuse(rules.check_plan(plan))
    check_users(session, _named(plan))
    if supersedes is not None and get(session, supersedes).status != rules.APPROVED:
        raise Refused("Only an approved audit can be superseded; finish that one first.", field="supersedes")
    chosen = checklist(session, checklist_id) if checklist_id is not None else newest(session)
    row = Audit(
        **_columns(plan), checklist_id=chosen.id, supersedes=supersedes, status=rules.DRAFT, planned_at=now,
        planned_by=session.info["user"].name, without_second="", limits="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(_event(session, row.id, None, rules.DRAFT, now, None))
    log.record(session, log.COLLECTION, audit=row.id, fields=["plan"])
    return row.id


def change_plan(session: Session, audit_id: int, plan: Plan, *, checklist_id: int | None = None) -> list[str]:
    """Change the plan of a draft. Returns the names of the fields that changed."""
    row = get(session, audit_id)
    rules.check_draft(row.status)
    refuse(rules.check_plan(plan))
    check_users(session, _named(plan))
    new = _columns(plan)
    if checklist_id is not None:
        new["checklist_id"] = checklist(session, checklist_id).id
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, new[name])
    if changed:
        log.record(session, log.ALTERATION, audit=audit_id, fields=changed)
    return changed


def _named(plan: Plan) -> list[str]:
    return [*plan.reviewers, *filter(None, [plan.second_reviewer])]


def _columns(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in _PLAIN} | {
        "strata_by": json.dumps(plan.strata_by),
        "reviewers": json.dumps(plan.reviewers, ensure_ascii=False),
        "merged": _json(plan.merged),
        "exclusions": _json(plan.exclusions),
    }


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)


def get(session: Session, audit_id: int) -> Audit:
    """The record; Refused if it is not there."""
    found = session.get(Audit, audit_id)
    if found is None:
        raise Refused("That audit is not in this vault; read the list again.")
    return found


def plan_of(row: Audit) -> Plan:
    """The plan of an audit as the rules read it."""
    return Plan(
        **{name: getattr(row, name) for name in _PLAIN},
        strata_by=tuple(json.loads(row.strata_by)),
        reviewers=tuple(json.loads(row.reviewers)),
        merged=json.loads(row.merged),
        exclusions=json.loads(row.exclusions),
    )


def audits(session: Session, force: str = JOINT) -> list[AuditRow]:
    """The audits of a scope, the newest first; all of them for Joint."""
    query = select(Audit).order_by(Audit.id.desc())
    if force != JOINT:
        query = query.where(Audit.force == force)
    return [_row(session, row) for row in session.scalars(query).all()]


def audit(session: Session, audit_id: int) -> AuditRow:
    """One audit; Refused if it is not there."""
    return _row(session, get(session, audit_id))


def _row(session: Session, row: Audit) -> AuditRow:
    return AuditRow(
        id=row.id, plan=plan_of(row), status=row.status, checklist_id=row.checklist_id,
        checklist=checklist(session, row.checklist_id).spoken, supersedes=row.supersedes,
        superseded_by=session.scalar(
            select(Audit.id).where(Audit.supersedes == row.id, Audit.status == rules.APPROVED).limit(1)
        ),
        planned_at=row.planned_at, planned_by=row.planned_by, **{name: getattr(row, name) for name in _LOCKED},
    )  # fmt: skip


def history(session: Session, audit_id: int) -> list[AuditEventRow]:
    """How the audit moved on, oldest first."""
    rows = session.scalars(select(AuditEvent).where(AuditEvent.audit_id == audit_id).order_by(AuditEvent.id))
    return [AuditEventRow(row.at, row.by, row.from_status, row.to_status, row.reason) for row in rows]


def move(session: Session, audit_id: int, to: str, *, now: datetime, reason: str | None = None) -> None:
    """Move an audit to another status; Refused if the rules forbid it."""
    row = get(session, audit_id)
    before, row.status = row.status, rules.move(row.status, to)
    session.add(_event(session, audit_id, before, to, now, reason))
    log.record(session, log.ALTERATION, audit=audit_id, fields=["status"])


def _event(session: Session, audit_id: int, before: str | None, to: str, now: datetime, why: str | None) -> AuditEvent:
    return AuditEvent(
        audit_id=audit_id, at=now, by=session.info["user"].name, from_status=before, to_status=to, reason=why
    )


def name_reviewer(
    session: Session, audit_id: int, name: str, reason: str, *, now: datetime, is_second: bool = False
) -> None:
    """Name one more reviewer of a frozen audit, or another second one; the reason is kept and printed.

    Who reviews may have to change after freezing, because people leave; what is reviewed may not.
    """
    row = get(session, audit_id)
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW):
        raise Refused("Reviewers are named anew while a frozen audit waits for answers; before that change its plan.")
    if row.second_started_at is not None:
        raise Refused("The second review has begun, so its reviewers stay as they are.")
    if not reason.strip():
        raise Refused("Another reviewer is named only with a reason; write why.", field="reason")
    check_users(session, [name])
    before = plan_of(row)
    if not is_second and not before.reviewers:
        raise Refused("The plan names nobody, so whoever had no hand in a case may answer it; nobody has to be named.")
    if is_second:
        after = replace(before, second_reviewer=name)
    else:
        after = replace(before, reviewers=(*before.reviewers, *(() if name in before.reviewers else (name,))))
    if after == before:
        raise Refused(f"{name} is named already; nothing has to change.", field="name")
    refuse(rules.check_plan(after))
    row.reviewers, row.second_reviewer = json.dumps(after.reviewers, ensure_ascii=False), after.second_reviewer
    told = f"{name} named as {'second ' if is_second else ''}reviewer: {reason.strip()}"
    session.add(_event(session, audit_id, row.status, row.status, now, told))
    log.record(session, log.ALTERATION, audit=audit_id, fields=["second_reviewer" if is_second else "reviewers"])


def named_later(session: Session, audit_id: int) -> list[str]:
    """Who was named as a reviewer after freezing and why, oldest first."""
    return [row.reason for row in history(session, audit_id) if row.from_status == row.to_status and row.reason]


def write_limits(session: Session, audit_id: int, text: str) -> None:
    """Note limits and gaps for the report, until the audit is approved."""
    row = get(session, audit_id)
    if row.status in (rules.APPROVED, rules.SUPERSEDED):
        raise Refused("This audit is approved, so its text cannot change; plan a new one that supersedes it.")
    row.limits = text.strip()
    log.record(session, log.ALTERATION, audit=audit_id, fields=["limits"])
