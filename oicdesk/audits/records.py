"""Audits as they are kept: the plan, the frozen population and sample, replacements, and how each moved on.

After freezing, the frame, the sample and the plan cannot change: triggers in the database see to it. The
cases under audit are the sample less what was replaced, plus what replaced it.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, insert, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from oicdesk.audits import rules, rules_review
from oicdesk.audits.records_checklists import checklist, newest
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import Involved, RegisterFacts
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import CaseRow, Document, DocumentLink, cases_as_at
from oicdesk.errors import Refused
from oicdesk.referrals.records import Referral
from oicdesk.referrals.rules import DUPLICATE, EXEMPT, REJECTED, SCOPE_QUERY, refuse
from oicdesk.settings.rules import london_day
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
