"""Audits one after another: the chart over them and the phases it is read in."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

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
