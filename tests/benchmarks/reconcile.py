"""A list of 10,000 outside contacts against a register of 10,000; at most ten seconds."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_reconcile import OutsideRow, compare
from tests.benchmarks.desks import filled_desk
from tests.benchmarks.timing import Figure, figure


def figures(folder: Path, contacts: int = 10_000, times: int = 3) -> Iterator[Figure]:
    """Comparing by reference, officer and time; the floor reads what is compared."""
    with filled_desk(folder, contacts) as vault, vault.reading() as session:
        rows = _outside(session)
        yield figure(
            f"reconcile {len(rows):,} x {contacts:,}", lambda: compare(session, rows), lambda: _register(session),
            times=times,
        )  # fmt: skip


def _register(session: Session) -> list[tuple[str | None, ...]]:
    columns = Referral.nccu_ref, Referral.force, Referral.officer_collar, Referral.contact_at
    return [tuple(row) for row in session.execute(select(*columns).order_by(Referral.id))]


def _outside(session: Session) -> list[OutsideRow]:
    """The register as somebody else might have it: minutes apart, one contact in ten with its reference lost."""
    chance = random.Random(10_000)
    rows = []
    for line, (ref, force, collar, at) in enumerate(_register(session), 4):
        shown = ref if chance.random() < 0.9 else None
        apart = timedelta(minutes=chance.randrange(-25, 26))
        rows.append(OutsideRow(line, at + apart, force or "Suffolk", shown, None, collar))
    return rows
