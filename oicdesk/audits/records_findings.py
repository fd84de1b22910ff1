"""What an audit found, and what is done about it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

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
