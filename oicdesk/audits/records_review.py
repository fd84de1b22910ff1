"""Reviewing the cases of an audit: answers as they are given, the blind second review, adjudication, approval.

An answer is never overwritten: each change is one more row, and the newest of a case, criterion and round
holds. The rounds are first, second and adjudicated; the desk's own answers stand in the first.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from oicdesk.vault.tables import Stored

FIRST, SECOND, ADJUDICATED = "first", "second", "adjudicated"


class AuditAnswer(Stored):
    """One answer as it was given; the newest of its case, criterion and round holds."""

    __tablename__ = "audit_answer"
    __table_args__ = (Index("audit_answer_newest", "audit_id", "round", "sample_item_id", "criterion_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    sample_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("checklist_criterion.id"))
    round: Mapped[str]
    answer: Mapped[str]
    reason: Mapped[str]
    comment: Mapped[str]
    evidence: Mapped[str]
    follow_up: Mapped[str]
    automatic: Mapped[bool]
    reviewer: Mapped[str]
    at: Mapped[datetime]


class AuditSecondItem(Stored):
    """A case of the second review, in its order."""

    __tablename__ = "audit_second_item"
    __table_args__ = (Index("audit_second_order", "audit_id", "position", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id"))
    sample_item_id: Mapped[int] = mapped_column(ForeignKey("audit_sample_item.id"), unique=True)
    position: Mapped[int]
