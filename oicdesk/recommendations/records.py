"""Recommendations with the history of their status, the promises of the ledger, and evidence by its hash.

What was published is shipped with the program (`resources/reference/ledger.toml`): numbers, dates and words are
fixed facts. A desk may add promises made later, and withdraw those, with a reason.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.comms.records_evidence import FileRow
from oicdesk.errors import Refused
from oicdesk.recommendations import rules
from oicdesk.settings.rules import code_from, london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class RecommendationEvent(Stored):
    """A change of a recommendation's status; `at` is when it happened."""

    __tablename__ = "recommendation_event"
    __table_args__ = (Index("recommendation_event_history", "recommendation", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    from_status: Mapped[str]
    to_status: Mapped[str]
    reason: Mapped[str]


class LedgerPromise(Stored):
    """A promise that this desk added to the ledger."""

    __tablename__ = "ledger_promise"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    recommendation: Mapped[int]
    text: Mapped[str]
    measure: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None]


class LedgerEvidence(Stored):
    """Evidence of a recommendation or of one of its promises; a file is named by its hash, or none is."""

    __tablename__ = "ledger_evidence"
    __table_args__ = (Index("ledger_evidence_of", "recommendation", "promise"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation: Mapped[int]
    promise: Mapped[str]  # empty for the recommendation itself
    happened_on: Mapped[date]
    what: Mapped[str]
    shows_met: Mapped[bool]
    file_name: Mapped[str]
    sha256: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None]


@dataclass(frozen=True)
class AskedRow:
    """A recommendation as published: number, deadline and requirement."""

    number: int
    by: date
    requirement: str


@dataclass(frozen=True)
class PromisedRow:
    """A promise as published or added; `measure` says what the desk can show of it."""

    code: str
    recommendation: int
    text: str
    measure: str
    is_shipped: bool = True


@dataclass(frozen=True)
class StatusRow:
    """One change of status."""

    at: datetime
    by: str
    from_status: str
    to_status: str
    reason: str


@dataclass(frozen=True)
class EvidenceRow:
    """A piece of evidence."""

    id: int
    recommendation: int
    promise: str
    happened_on: date
    what: str
    shows_met: bool
    file_name: str
    sha256: str
    recorded_at: datetime
    recorded_by: str


# --- what was asked and promised ---------------------------------------------------------------------------


@cache
def _shipped() -> Mapping[str, list[dict[str, Any]]]:
    return tomllib.loads((paths.resources() / "reference" / "ledger.toml").read_text(encoding="utf-8"))


def asked() -> list[AskedRow]:
    """The recommendations with their dates, in order."""
    return [AskedRow(**facts) for facts in _shipped()["recommendation"]]


def promised(session: Session, as_at: datetime | None = None) -> list[PromisedRow]:
    """The promises of the ledger, as at an instant or now: published ones first, then the desk's own."""
    found = [PromisedRow(**facts) for facts in _shipped()["promise"]]
    for row in session.scalars(select(LedgerPromise).order_by(LedgerPromise.id)):
        is_there = as_at is None or row.recorded_at <= as_at
        is_gone = row.withdrawn_at is not None and (as_at is None or row.withdrawn_at <= as_at)
        if is_there and not is_gone:
            found.append(PromisedRow(row.code, row.recommendation, row.text, row.measure, is_shipped=False))
    return found


def add_promise(session: Session, recommendation: int, text: str, *, measure: str = "", now: datetime) -> str:
    """Add a promise made later; it is measured by its evidence. Returns its code."""
    _number(recommendation)
    code = code_from(text)
    if not code:
        raise Refused("A promise says what will be done; write it.", field="text")
    known = {row.code for row in promised(session)} | set(session.scalars(select(LedgerPromise.code)))
    if code in known:
        raise Refused("That promise is or was in the ledger already; use other words.", field="text")
    row = LedgerPromise(
        code=code, recommendation=recommendation, text=text.strip(), measure=measure.strip() or "Evidence recorded",
        recorded_at=now, recorded_by=_user(session), withdrawn_at=None, withdrawn_why=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, ledger_promise=row.id, fields=["text", "measure"])
    return code


def withdraw_promise(session: Session, code: str, why: str, *, now: datetime) -> None:
    """Take a promise that this desk added out of the ledger; what the force published stays."""
    row = session.scalar(select(LedgerPromise).filter_by(code=code, withdrawn_at=None))
    if row is None:
        raise Refused("Only a promise that this desk added can be withdrawn; what was published stays.")
    if not why.strip():
        raise Refused("A promise is withdrawn only with a reason; write why.", field="why")
    row.withdrawn_at, row.withdrawn_why = now, why.strip()
    log.record(session, log.ALTERATION, ledger_promise=row.id, fields=["withdrawn_at"])


def _number(recommendation: int) -> None:
    if recommendation not in {row.number for row in asked()}:
        raise Refused("That recommendation is not in the ledger; choose one from the list.", field="recommendation")


# --- status ------------------------------------------------------------------------------------------------


def status(session: Session, recommendation: int, as_at: datetime | None = None) -> str:
    """The status as at an instant, or now."""
    found = [row for row in history(session, recommendation) if as_at is None or row.at <= as_at]
    return found[-1].to_status if found else rules.NOT_STARTED


def history(session: Session, recommendation: int) -> list[StatusRow]:
    """The changes of a recommendation's status, oldest first."""
    query = (
        select(RecommendationEvent)
        .filter_by(recommendation=recommendation)
        .order_by(RecommendationEvent.at, RecommendationEvent.id)
    )
    return [StatusRow(row.at, row.by, row.from_status, row.to_status, row.reason) for row in session.scalars(query)]


def move(
    session: Session, recommendation: int, to: str, *, now: datetime, at: datetime | None = None, reason: str = ""
) -> None:
    """Move a recommendation to another status, at the instant it happened (now unless given)."""
    _number(recommendation)
    at = at or now
    if at > now:
        raise Refused("That lies in the future; enter the change on its day.", field="at")
    before = history(session, recommendation)
    if before and at < before[-1].at:
        raise Refused("The change before this one is dated later; choose a later time.", field="at")
    old = before[-1].to_status if before else rules.NOT_STARTED
    rules.move(old, to, reason=reason, has_evidence=bool(evidence(session, recommendation)))
    row = RecommendationEvent(
        recommendation=recommendation, at=at, recorded_at=now, by=_user(session), from_status=old, to_status=to,
        reason=reason.strip(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.ALTERATION, recommendation=recommendation, recommendation_event=row.id, fields=["status"])


# --- evidence ----------------------------------------------------------------------------------------------


def add_evidence(
    session: Session,
    recommendation: int,
    what: str,
    happened_on: date,
    *,
    now: datetime,
    promise: str = "",
    shows_met: bool = False,
    file: FileRow | None = None,
) -> int:
    """Record evidence of a recommendation or a promise; of a file only name and hash are kept. Returns its id.

    `shows_met` says that the promise is met by it; for the post it is the day on which the post was filled.
    """
    _number(recommendation)
    if not what.strip():
        raise Refused("Say what the evidence is; a date alone shows nothing.", field="what")
    if happened_on > london_day(now):
        raise Refused("That day lies in the future; record the evidence when it is there.", field="happened_on")
    if promise and promise not in {p.code for p in promised(session) if p.recommendation == recommendation}:
        raise Refused("That promise does not belong to this recommendation; choose one from the list.", field="promise")
    row = LedgerEvidence(
        recommendation=recommendation, promise=promise, happened_on=happened_on, what=what.strip(),
        shows_met=shows_met, file_name=file.name if file else "", sha256=file.sha256 if file else "",
        recorded_at=now, recorded_by=_user(session), withdrawn_at=None, withdrawn_why=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, recommendation=recommendation, ledger_evidence=row.id, fields=["what"])
    return row.id


def withdraw_evidence(session: Session, evidence_id: int, why: str, *, now: datetime) -> None:
    """Take evidence back that turned out not to show it."""
    row = session.get(LedgerEvidence, evidence_id)
    if row is None or row.withdrawn_at is not None:
        raise Refused("That evidence is not on record any more; read the ledger again.")
    if not why.strip():
        raise Refused("Evidence is withdrawn only with a reason; write why.", field="why")
    row.withdrawn_at, row.withdrawn_why = now, why.strip()
    log.record(session, log.ALTERATION, ledger_evidence=evidence_id, fields=["withdrawn_at"])


def evidence(session: Session, recommendation: int | None = None, as_at: datetime | None = None) -> list[EvidenceRow]:
    """Evidence by the day it is of, oldest first: of one recommendation or all, as at an instant or now.

    Goes by when things happened: what was typed later of an earlier day counts for that day.
    """
    query = select(LedgerEvidence).order_by(LedgerEvidence.happened_on, LedgerEvidence.id)
    if recommendation is not None:
        query = query.filter_by(recommendation=recommendation)
    query = query.where(LedgerEvidence.withdrawn_at.is_(None))
    if as_at is not None:
        query = query.where(LedgerEvidence.happened_on <= london_day(as_at))
    return [
        EvidenceRow(
            row.id, row.recommendation, row.promise, row.happened_on, row.what, row.shows_met, row.file_name,
            row.sha256, row.recorded_at, row.recorded_by,
        )
        for row in session.scalars(query)
    ]  # fmt: skip


def _user(session: Session) -> str:
    return str(session.info["user"].name)
