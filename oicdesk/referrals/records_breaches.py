"""Breaches of personal data: facts, effects and remedy, and whether the Commissioner was told (DPA 2018 s.67)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import rules_retention
from oicdesk.referrals.rules import refuse
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

FIELDS = ("aware_at", "facts", "effects", "remedy", "commissioner_told_at", "why_not_told", "people_told")


class Breach(Stored):
    """One breach; names nobody."""

    __tablename__ = "breach"

    id: Mapped[int] = mapped_column(primary_key=True)
    aware_at: Mapped[datetime]
    facts: Mapped[str]
    effects: Mapped[str]
    remedy: Mapped[str]
    commissioner_told_at: Mapped[datetime | None]
    why_not_told: Mapped[str]
    people_told: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    updated_at: Mapped[datetime]


@dataclass(frozen=True)
class BreachRow:
    """A breach as shown; `notify_by` is 72 hours after becoming aware."""

    id: int
    aware_at: datetime
    facts: str
    effects: str
    remedy: str
    commissioner_told_at: datetime | None
    why_not_told: str
    people_told: str
    recorded_by: str
    notify_by: datetime


def record(session: Session, values: Mapping[str, Any], *, now: datetime) -> int:
    """Record a breach; effects and remedy may follow. Returns its id."""
    told = _checked(values, now)
    row = Breach(**told, recorded_at=now, recorded_by=session.info["user"].name, updated_at=now)
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, breach=row.id)
    return row.id


def edit(session: Session, breach_id: int, values: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Complete a record. Returns the names of what changed."""
    row = session.get(Breach, breach_id)
    if row is None:
        raise Refused("That breach is not recorded here; read the list again.")
    told = _checked({name: getattr(row, name) for name in FIELDS} | dict(values), now)
    changed = [name for name in FIELDS if getattr(row, name) != told[name]]
    for name in changed:
        setattr(row, name, told[name])
    if changed:
        row.updated_at = now
        log.record(session, log.ALTERATION, breach=row.id, fields=changed)
    return changed


def put_back(
    session: Session, breach_id: int, before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> None:
    """Put a record back as it was before it was completed; Refused once it was completed again."""
    row = session.get_one(Breach, breach_id)
    stands = {name: getattr(row, name) for name in FIELDS}
    if _checked(stands | dict(after), now) != stands:
        raise Refused("The record was completed again since; take that back first.")
    edit(session, breach_id, before, now=now)


def _checked(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    instants = ("aware_at", "commissioner_told_at")
    told: dict[str, Any] = {
        name: values.get(name) if name in instants else (values.get(name) or "").strip() for name in FIELDS
    }
    refuse(
        rules_retention.check_breach(
            told["facts"], told["aware_at"], told["commissioner_told_at"], told["why_not_told"], now
        )
    )
    return told


def breaches(session: Session) -> list[BreachRow]:
    """Every breach, the newest first."""
    return [
        BreachRow(
            row.id, row.aware_at, row.facts, row.effects, row.remedy, row.commissioner_told_at, row.why_not_told,
            row.people_told, row.recorded_by, rules_retention.notify_by(row.aware_at),
        )
        for row in session.scalars(select(Breach).order_by(Breach.aware_at.desc(), Breach.id.desc()))
    ]  # fmt: skip
