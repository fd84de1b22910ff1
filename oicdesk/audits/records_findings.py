"""What an audit found, and what is done about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.audits import records as audits
from oicdesk.audits import rules, rules_review
from oicdesk.audits.records import Audit
from oicdesk.audits.records_checklists import ChecklistCriterion
from oicdesk.audits.records_review import reviewers
from oicdesk.documents.rules import JOINT
from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

FINDING, GOOD_PRACTICE = "finding", "good practice"


class AuditFinding(Stored):
    """Something found: a finding with its severity and cause, or good practice worth telling."""

    __tablename__ = "audit_finding"
    __table_args__ = (Index("audit_finding_order", "audit_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    number: Mapped[int]
    kind: Mapped[str]
    severity: Mapped[str | None]
    title: Mapped[str]
    detail: Mapped[str]
    root_cause: Mapped[str]
    criterion_id: Mapped[int | None] = mapped_column(ForeignKey("checklist_criterion.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class AuditAction(Stored):
    """What somebody does about a finding by a day."""

    __tablename__ = "audit_action"
    __table_args__ = (Index("audit_action_due", "status", "due_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("audit_finding.id"), index=True)
    text: Mapped[str]
    owner: Mapped[str]
    due_on: Mapped[date]
    status: Mapped[str]
    done_by: Mapped[str | None]
    verified_by: Mapped[str | None]
    evidence: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class AuditActionEvent(Stored):
    """A change of an action."""

    __tablename__ = "audit_action_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("audit_action.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    note: Mapped[str]


@dataclass(frozen=True)
class ActionRow:
    """An action with what it is about, as listed."""

    id: int
    audit_id: int
    audit: str
    force: str
    finding_id: int
    finding: str
    severity: str | None
    text: str
    owner: str
    due_on: date
    status: str
    done_by: str | None
    verified_by: str | None
    evidence: str
    is_overdue: bool


@dataclass(frozen=True)
class FindingRow:
    """A finding or good practice with its actions; `criterion` is the number it rests on."""

    id: int
    number: int
    kind: str
    severity: str | None
    title: str
    detail: str
    root_cause: str
    criterion: int | None
    recorded_by: str
    actions: tuple[ActionRow, ...]


@dataclass(frozen=True)
class ActionEventRow:
    """One change of an action."""

    at: datetime
    by: str
    from_status: str | None
    to_status: str
    note: str


def add_finding(
    session: Session,
    audit_id: int,
    title: str,
    *,
    now: datetime,
    kind: str = FINDING,
    severity: str | None = None,
    detail: str = "",
    root_cause: str = "",
    criterion: int | None = None,
) -> int:
    """Record what the audit found, while it is in review or moderated. Returns the finding's id."""
    row = _open_audit(session, audit_id)
    _check_finding(kind, title, severity)
    last = session.scalar(select(func.max(AuditFinding.number)).where(AuditFinding.audit_id == audit_id)) or 0
    found = AuditFinding(
        audit_id=audit_id, number=last + 1, kind=kind, severity=severity if kind == FINDING else None,
        title=title.strip(), detail=detail.strip(), root_cause=root_cause.strip(),
        criterion_id=_criterion_id(session, row, criterion), recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(found)
    session.flush()
    log.record(session, log.COLLECTION, audit=audit_id, audit_finding=found.id)
    return found.id


def edit_finding(
    session: Session,
    finding_id: int,
    *,
    title: str,
    severity: str | None = None,
    detail: str = "",
    root_cause: str = "",
    criterion: int | None = None,
) -> None:
    """Put a finding in other words, until the audit is approved."""
    found = _finding(session, finding_id)
    row = _open_audit(session, found.audit_id)
    _check_finding(found.kind, title, severity)
    found.title, found.detail, found.root_cause = title.strip(), detail.strip(), root_cause.strip()
    found.severity = severity if found.kind == FINDING else None
    found.criterion_id = _criterion_id(session, row, criterion)
    log.record(session, log.ALTERATION, audit_finding=finding_id, fields=["finding"])


def _open_audit(session: Session, audit_id: int) -> Audit:
    row = audits.get(session, audit_id)
    if row.status not in (rules.IN_REVIEW, rules.MODERATED):
        words = rules.STATUS_WORDS[row.status].lower()
        raise Refused(f"Findings are written while an audit is in review or moderated, and this one is {words}.")
    return row


def _check_finding(kind: str, title: str, severity: str | None) -> None:
    if kind not in (FINDING, GOOD_PRACTICE):
        raise Refused("This is either a finding or good practice; choose one.", field="kind")
    if not title.strip():
        raise Refused("A finding needs a title; write what was found in one line.", field="title")
    if kind == FINDING and severity not in rules.SEVERITIES:
        raise Refused("A finding is Critical, High, Medium or Low; choose one.", field="severity")


def _criterion_id(session: Session, row: Audit, number: int | None) -> int | None:
    if number is None:
        return None
    of_list = ChecklistCriterion.checklist_id == row.checklist_id
    found = session.scalar(select(ChecklistCriterion.id).where(of_list, ChecklistCriterion.number == number))
    if found is None:
        raise Refused(f"The checklist of this audit has no criterion {number}; look at its numbers.", field="criterion")
    return found


def _finding(session: Session, finding_id: int) -> AuditFinding:
    found = session.get(AuditFinding, finding_id)
    if found is None:
        raise Refused("That finding is not in this vault; read the audit again.")
    return found


def add_action(session: Session, finding_id: int, text: str, *, owner: str, due_on: date, now: datetime) -> int:
    """Agree an action on a finding with an owner and a day. Returns its id."""
    finding = _finding(session, finding_id)
    if not text.strip():
        raise Refused("An action needs its words; write what is to be done.", field="text")
    if not owner.strip():
        raise Refused("An action needs an owner; write who does it.", field="owner")
    if due_on < london_day(now):
        raise Refused(f"{spoken_day(due_on)} is past; give a day that can be kept.", field="due_on")
    row = AuditAction(
        finding_id=finding.id, text=text.strip(), owner=owner.strip(), due_on=due_on, status=rules.OPEN,
        evidence="", recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row, None, rules.OPEN, now, "")
    log.record(session, log.COLLECTION, audit_finding=finding.id, audit_action=row.id)
    return row.id


def move_action(
    session: Session, action_id: int, to: str, *, now: datetime, evidence: str = "", reason: str = ""
) -> None:
    """Start, finish, verify or reopen an action as the user at the desk; Refused if the rules forbid it.

    Evidence may be given when it is done; verifying needs some, from somebody who neither owns nor finished it.
    """
    row = session.get(AuditAction, action_id)
    if row is None:
        raise Refused("That action is not in this vault; read the list again.")
    user = session.info["user"].name
    shown = evidence.strip() or row.evidence
    to = rules.move_action(
        row.status, to, by=user, owner=row.owner, done_by=row.done_by or "", evidence=shown, reason=reason
    )
    before, row.status, row.evidence = row.status, to, shown
    if to == rules.DONE:
        row.done_by = user
    elif to == rules.VERIFIED:
        row.verified_by = user
    elif to == rules.OPEN:
        row.done_by = None
    _note(session, row, before, to, now, reason.strip() or evidence.strip())
    log.record(session, log.ALTERATION, audit_action=action_id, fields=["status"])


def postpone_action(session: Session, action_id: int, due_on: date, reason: str, *, now: datetime) -> None:
    """Give an action another day, with the reason; the old day stays in its history."""
    row = session.get(AuditAction, action_id)
    if row is None or row.status in (rules.DONE, rules.VERIFIED):
        raise Refused("Only an action that is not done can get another day; read the list again.")
    if not reason.strip():
        raise Refused("An action gets another day only with a reason; write why.", field="reason")
    before, row.due_on = row.due_on, due_on
    _note(session, row, row.status, row.status, now, f"Due {spoken_day(before)} before: {reason.strip()}")
    log.record(session, log.ALTERATION, audit_action=action_id, fields=["due_on"])


def _note(session: Session, row: AuditAction, before: str | None, to: str, now: datetime, note: str) -> None:
    session.add(
        AuditActionEvent(
            action_id=row.id, at=now, by=session.info["user"].name, from_status=before, to_status=to, note=note
        )
    )
    session.flush()


def actions(session: Session, *, today: date, force: str = JOINT, is_open: bool = True) -> list[ActionRow]:
    """The actions of all audits of a scope, overdue ones first, then by day; without `is_open` the done ones too."""
    query = _actions_query()
    if force != JOINT:
        query = query.where(Audit.force == force)
    if is_open:
        query = query.where(AuditAction.status.in_((rules.OPEN, rules.IN_PROGRESS, rules.DONE)))
    found = [_action(row, today) for row in session.execute(query)]
    return sorted(found, key=lambda row: (not row.is_overdue, row.status == rules.DONE, row.due_on, row.id))


def _actions_query() -> Any:
    return (
        select(AuditAction, AuditFinding, Audit)
        .join(AuditFinding, AuditFinding.id == AuditAction.finding_id)
        .join(Audit, Audit.id == AuditFinding.audit_id)
    )


def _action(row: Any, today: date) -> ActionRow:
    action, finding, audit = row
    return ActionRow(
        action.id, audit.id, audit.title, audit.force, finding.id, finding.title, finding.severity, action.text,
        action.owner, action.due_on, action.status, action.done_by, action.verified_by, action.evidence,
        rules.is_action_overdue(action.status, action.due_on, today),
    )  # fmt: skip


def action_history(session: Session, action_id: int) -> list[ActionEventRow]:
    """How an action moved on, oldest first."""
    rows = session.scalars(
        select(AuditActionEvent).where(AuditActionEvent.action_id == action_id).order_by(AuditActionEvent.id)
    )
    return [ActionEventRow(row.at, row.by, row.from_status, row.to_status, row.note) for row in rows]


def findings(session: Session, audit_id: int, *, today: date) -> list[FindingRow]:
    """What the audit found: findings by severity, then good practice, each in order, with its actions."""
    query = _actions_query().where(Audit.id == audit_id).order_by(AuditAction.due_on, AuditAction.id)
    of_finding: dict[int, list[ActionRow]] = {}
    for row in session.execute(query):
        action = _action(row, today)
        of_finding.setdefault(action.finding_id, []).append(action)
    numbers = {
        row.id: row.number
        for row in session.execute(
            select(ChecklistCriterion.id, ChecklistCriterion.number).where(
                ChecklistCriterion.checklist_id == audits.get(session, audit_id).checklist_id
            )
        )
    }
    found = session.scalars(select(AuditFinding).where(AuditFinding.audit_id == audit_id)).all()
    weight = {severity: i for i, severity in enumerate(rules.SEVERITIES)}
    return [
        FindingRow(
            row.id, row.number, row.kind, row.severity, row.title, row.detail, row.root_cause,
            numbers.get(row.criterion_id) if row.criterion_id else None, row.recorded_by,
            tuple(of_finding.get(row.id, ())),
        )
        for row in sorted(found, key=lambda row: (weight.get(row.severity or "", len(weight)), row.number))
    ]  # fmt: skip


# --- approval ----------------------------------------------------------------------------------------------


def approve(session: Session, audit_id: int, *, now: datetime) -> None:
    """Approve a moderated audit as the approver at the desk, who reviewed none of it; what it supersedes gives way."""
    row, user = audits.get(session, audit_id), session.info["user"]
    rules.move(row.status, rules.APPROVED)
    rules_review.check_approver(reviewers(session, audit_id), user.name, user.role)
    without = [
        f.number for f in findings(session, audit_id, today=london_day(now)) if f.kind == FINDING and not f.actions
    ]
    if without:
        raise Refused(
            f"Finding {without[0]} has no action yet; agree one with an owner and a day before the audit is approved."
        )
    row.approved_at, row.approved_by = now, user.name
    audits.move(session, audit_id, rules.APPROVED, now=now)
    if row.supersedes is not None:
        audits.move(session, row.supersedes, rules.SUPERSEDED, now=now, reason=f"Replaced by “{row.title}”")


def release_panel(session: Session, audit_id: int, *, now: datetime) -> None:
    """Release the panel paper of an approved audit, as the approver at the desk."""
    row, user = audits.get(session, audit_id), session.info["user"]
    if row.status != rules.APPROVED:
        raise Refused("A panel paper is released only of an approved audit; have the audit approved first.")
    rules_review.check_approver(reviewers(session, audit_id), user.name, user.role)
    row.panel_released_at, row.panel_released_by = now, user.name
    log.record(session, log.ALTERATION, audit=audit_id, fields=["panel_released"])
