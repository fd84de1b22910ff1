"""Chasers: who was asked for a missing document, when, how, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ForeignKey, FromClause, Index, ScalarSelect, Table, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

CHANNELS = ("e-mail", "telephone", "in person", "internal message", "copied text", "e-mail file", "printed note")


class Chaser(Stored):
    """One reminder that was sent."""

    __tablename__ = "chaser"
    __table_args__ = (
        Index("chaser_of_referral", "referral_id", "at"),
        Index("chaser_by_role", "to_role", "referral_id", "at"),
        Index("chaser_unanswered", "at", sqlite_where=text("result IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime]
    to_role: Mapped[str]  # the step: reporting officer, supervisor, Detective Inspector
    to_name: Mapped[str | None]
    channel: Mapped[str]
    template: Mapped[str | None]
    result: Mapped[str | None]
    by: Mapped[str]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"), index=True)
    next_at: Mapped[datetime | None]  # when the step after it falls due
    answered_at: Mapped[datetime | None]


@dataclass(frozen=True)
class ChaserRow:
    """A chaser as shown beside its case."""

    id: int
    at: datetime
    to_role: str
    to_name: str | None
    channel: str
    result: str | None
    by: str


def chase(
    session: Session,
    referral_id: int,
    to_role: str,
    channel: str,
    *,
    at: datetime,
    to_name: str | None = None,
    result: str | None = None,
    template: str | None = None,
    officer_id: int | None = None,
    next_at: datetime | None = None,
) -> int:
    """Record that somebody was chased for the document of this case. Returns the chaser's id."""
    referral = records.get(session, referral_id)
    if referral.status not in rules.NEEDS_DOCUMENT | {rules.RETURNED}:
        raise Refused("Nothing is waiting for this case, so there is nobody to chase.")
    if to_role not in (rules.OFFICER, rules.SUPERVISOR, rules.INSPECTOR):
        raise Refused(
            "Choose whom to chase: the reporting officer, the supervisor or the Detective Inspector.", field="to_role"
        )
    if channel not in CHANNELS:
        raise Refused("Choose how it was sent.", field="channel")
    row = Chaser(
        referral_id=referral_id, at=at, to_role=to_role, to_name=to_name or _name(referral, to_role),
        channel=channel, result=result or None, by=session.info["user"].name, template=template,
        officer_id=officer_id, next_at=next_at, answered_at=at if result else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    records.note_event(session, referral_id, f"{to_role} chased", at=at, now=at, reason=result)
    log.record(session, log.COLLECTION, referral=referral_id, chaser=row.id)
    return row.id


def _name(referral: records.Referral, to_role: str) -> str | None:
    return {rules.OFFICER: referral.officer_name, rules.SUPERVISOR: referral.supervisor}.get(to_role)


def answered(session: Session, chaser_id: int, result: str, *, now: datetime) -> None:
    """Record what a chaser brought."""
    row = session.get(Chaser, chaser_id)
    if row is None or not result.strip():
        raise Refused("Write what the answer was.", field="result")
    row.result, row.answered_at = result.strip(), now
    records.note_event(session, row.referral_id, f"{row.to_role} answered", at=now, now=now, reason=row.result)
    log.record(session, log.ALTERATION, chaser=chaser_id, fields=["result"])


def take_back_answer(session: Session, chaser_id: int) -> None:
    """An answer that was a mistake: the chaser awaits one again."""
    row = session.get_one(Chaser, chaser_id)
    row.result, row.answered_at = None, None
    log.record(session, log.ALTERATION, chaser=chaser_id, fields=["result"])


def chasers(session: Session, referral_id: int) -> list[ChaserRow]:
    """All chasers of a case, newest first."""
    found = session.scalars(
        select(Chaser).where(Chaser.referral_id == referral_id).order_by(Chaser.at.desc(), Chaser.id.desc())
    )
    return [ChaserRow(r.id, r.at, r.to_role, r.to_name, r.channel, r.result, r.by) for r in found]


_C = cast(Table, Chaser.__table__).c
BETWEEN = "|"  # no role holds one


def chased_roles(referral: FromClause) -> ScalarSelect[str | None]:
    """Part of a statement on referrals: whom each has chased since its due time, with `BETWEEN` between."""
    return (
        select(func.aggregate_strings(_C.to_role, BETWEEN))
        .where(_C.referral_id == referral.c.id, _C.at > referral.c.due_at)
        .scalar_subquery()
    )
