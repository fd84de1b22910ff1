"""Audits one after another: the comparison with the one before, the chart over them, and its phases."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.audits import records as audits
from oicdesk.audits import rules, rules_results
from oicdesk.audits.records import Audit, AuditRow
from oicdesk.audits.records_results import ResultsRow, results
from oicdesk.audits.rules_results import ChartPhase, ChartPoint, Comparison, Figure
from oicdesk.audits.rules_suppress import JOINT
from oicdesk.errors import Refused
from oicdesk.settings.rules import spoken_month
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class AuditPhase(Stored):
    """From this day on the chart has a mean and limits of its own, because of the reason."""

    __tablename__ = "audit_phase"

    id: Mapped[int] = mapped_column(primary_key=True)
    force: Mapped[str]
    starts_on: Mapped[date]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_because: Mapped[str | None]


@dataclass(frozen=True)
class PhaseRow:
    """A phase of the chart as somebody set it."""

    id: int
    force: str
    starts_on: date
    reason: str
    recorded_by: str


@dataclass(frozen=True)
class ComparisonRow:
    """An audit beside the one before it; `note` says what else differs between the two."""

    earlier: AuditRow
    comparison: Comparison
    note: str
    now: Figure
    before: Figure


@dataclass(frozen=True)
class SeriesPointRow:
    """An approved audit on the chart."""

    audit_id: int
    label: str
    period_to: date
    figure: Figure


@dataclass(frozen=True)
class SeriesRow:
    """The chart over the approved audits of a scope; positions in `phases` are those of `points`."""

    points: tuple[SeriesPointRow, ...]
    phases: tuple[ChartPhase, ...]


def earlier_audit(session: Session, audit_id: int) -> int | None:
    """The newest approved audit of the same scope and population whose period ended before this one's begins."""
    row = audits.get(session, audit_id)
    return session.scalar(
        select(Audit.id)
        .where(
            Audit.status == rules.APPROVED, Audit.force == row.force, Audit.population_rule == row.population_rule,
            Audit.kind != rules.DIP, Audit.period_to < row.period_from,
        )
        .order_by(Audit.period_to.desc(), Audit.id.desc())
        .limit(1)
    )  # fmt: skip


def comparison(session: Session, found: ResultsRow, *, force: str = JOINT) -> ComparisonRow | None:
    """The results beside those of the audit before, of the same force if `found` is; None when there is none."""
    earlier_id = earlier_audit(session, found.audit.id)
    if earlier_id is None:
        return None
    before = results(session, earlier_id, force=force)
    compared = rules_results.compare(found.overall, before.overall, confidence=found.audit.plan.confidence)
    note = ""
    if before.audit.checklist_id != found.audit.checklist_id:
        note = f"The earlier audit used {before.audit.checklist}, this one {found.audit.checklist}."
    return ComparisonRow(before.audit, compared, note, found.overall, before.overall)


def series(session: Session, force: str, *, until: date | None = None) -> SeriesRow:
    """The approved census checks and random audits of one scope in order of their periods, as far as `until`."""
    query = (
        select(Audit.id)
        .where(Audit.status == rules.APPROVED, Audit.force == force, Audit.kind.in_((rules.CENSUS, rules.RANDOM)))
        .order_by(Audit.period_to, Audit.id)
    )
    ids = session.scalars(query if until is None else query.where(Audit.period_to <= until)).all()
    points = [_point(results(session, audit_id)) for audit_id in ids]
    points = [point for point in points if point.figure.share is not None]
    starts = []
    for phase in phases(session, force):
        first = next((i for i, point in enumerate(points) if point.period_to >= phase.starts_on), None)
        if first is not None:
            starts.append((first, phase.reason))
    drawn = rules_results.chart([ChartPoint(p.label, 100 * (p.figure.share or 0)) for p in points], starts)
    return SeriesRow(tuple(points), tuple(drawn))


def _point(found: ResultsRow) -> SeriesPointRow:
    period_to = found.audit.plan.period_to
    return SeriesPointRow(found.audit.id, spoken_month(period_to), period_to, found.overall)


def start_phase(session: Session, force: str, starts_on: date, reason: str, *, now: datetime) -> int:
    """Let the chart of a scope begin anew from a day on, with the reason. Returns the phase's id."""
    if not reason.strip():
        raise Refused("A phase of the chart needs a reason; write what changed.", field="reason")
    if any(phase.starts_on == starts_on for phase in phases(session, force)):
        raise Refused("A phase begins on that day already; end it or choose another day.", field="starts_on")
    row = AuditPhase(
        force=force, starts_on=starts_on, reason=reason.strip(), recorded_at=now,
        recorded_by=session.info["user"].name, ended_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, audit_phase=row.id)
    return row.id


def end_phase(session: Session, phase_id: int, reason: str, *, now: datetime) -> None:
    """Take a phase back, with the reason: the chart is read through that day again."""
    if not reason.strip():
        raise Refused("A phase of the chart is ended only with a reason; write why.", field="reason")
    row = session.get(AuditPhase, phase_id)
    if row is None or row.ended_at is not None:
        raise Refused("That phase is not set any more; read the chart again.")
    row.ended_at, row.ended_by, row.ended_because = now, session.info["user"].name, reason.strip()
    log.record(session, log.ALTERATION, audit_phase=phase_id, fields=["ended_at", "ended_because"])


def phases(session: Session, force: str) -> list[PhaseRow]:
    """The phases set for a scope, in order of their days."""
    rows = session.scalars(
        select(AuditPhase)
        .where(AuditPhase.force == force, AuditPhase.ended_at.is_(None))
        .order_by(AuditPhase.starts_on)
    )
    return [PhaseRow(row.id, row.force, row.starts_on, row.reason, row.recorded_by) for row in rows]
