"""What the newest outside list means for the figures: their denominator, and contacts that both lists missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.referrals import records, rules
from oicdesk.referrals.records import ImportBatch, Referral
from oicdesk.referrals.records_reconcile import RECORDED, OutsideContact, OutsideList
from oicdesk.referrals.rules_reconcile import (
    CAVEAT,
    DOUBTFUL,
    MATCHED,
    Listed,
    MissedByBoth,
    missed_by_both,
    spoken_denominator,
    spoken_missed,
)


@dataclass(frozen=True)
class Reconciled:
    """The newest list that was compared, and what follows for one scope; `missed` is None without overlap."""

    name: str
    on: datetime
    missed: MissedByBoth | None
    doubtful: int

    @property
    def denominator(self) -> str:
        return spoken_denominator(self.name, self.on)

    def sentences(self) -> list[str]:
        """What a report says of its limits."""
        said = [f"The denominator was {self.denominator}; {self.doubtful} of its contacts are still doubtful."]
        if self.missed is None:
            return [*said, "The two lists share no days, so nothing is estimated of contacts that both missed."]
        return [*said, spoken_missed(self.missed), CAVEAT]

    def figures(self) -> dict[str, Any]:
        """The same for `oicdesk figures --json`."""
        found: dict[str, Any] = {"list": self.name, "compared_at": self.on.isoformat(), "doubtful": self.doubtful}
        if self.missed is None:
            return found | {"missed_by_both": None}
        told = self.missed
        return found | {
            "first_day": told.first_day.isoformat(), "last_day": told.last_day.isoformat(), "ours": told.ours,
            "theirs": told.theirs, "both": told.both, "estimate": round(told.estimate, 1),
            "standard_error": round(told.standard_error, 1), "missed_by_both": round(told.missed, 1),
            "caveat": CAVEAT,
        }  # fmt: skip


def reconciled(
    session: Session, *, as_at: datetime, force: str | None = None, list_id: int | None = None
) -> Reconciled | None:
    """What the newest list, or that one, says of the contacts up to `as_at`, of one force or both.

    None without a list. A list counts for every instant from its first contact on, whenever it was received.
    """
    query = (
        select(OutsideList)
        .join(ImportBatch, ImportBatch.id == OutsideList.import_id)
        .where(ImportBatch.undone_at.is_(None), _begins_by(as_at))
        .order_by(OutsideList.id.desc())
        .limit(1)
    )
    newest = session.execute(query if list_id is None else query.where(OutsideList.id == list_id)).scalar()
    if newest is None:
        return None
    theirs = session.scalars(
        select(OutsideContact).where(OutsideContact.list_id == newest.id, OutsideContact.contact_at <= as_at)
    ).all()
    scoped = [row for row in theirs if force in (None, row.force)]
    doubtful = sum(row.state == DOUBTFUL for row in scoped)
    return Reconciled(newest.name, newest.compared_at, _missed(session, theirs, as_at, force), doubtful)


def _begins_by(as_at: datetime) -> Any:
    return (
        select(OutsideContact.id)
        .where(OutsideContact.list_id == OutsideList.id, OutsideContact.contact_at <= as_at)
        .exists()
    )


def _missed(
    session: Session, theirs: Sequence[OutsideContact], as_at: datetime, force: str | None
) -> MissedByBoth | None:
    """Referrals recorded from the list itself were not on ours, and a duplicate is not a second contact."""
    rows = session.execute(
        select(Referral.id, Referral.contact_at, Referral.force).where(
            Referral.stage != records.WITHDRAWN, Referral.status != rules.DUPLICATE, Referral.contact_at_known,
            Referral.contact_at <= as_at,
        )
    ).all()  # fmt: skip
    from_list = set(
        session.scalars(select(OutsideContact.referral_id).where(OutsideContact.decision == RECORDED)).all()
    )
    ours = {row.id: row for row in rows if row.id not in from_list}
    # One contact stands at one time: a pair at ours, so that it lies in the overlap on both lists or on neither.
    listed, paired = [], set()
    for row in theirs:
        partner = ours.get(row.referral_id) if row.state == MATCHED and row.referral_id else None
        if partner is not None:
            paired.add(partner.id)
        if force in (None, partner.force if partner else row.force):
            listed.append(Listed(partner.contact_at if partner else row.contact_at, partner is not None, True))
    listed += [
        Listed(row.contact_at, True, False)
        for row in ours.values()
        if row.id not in paired and force in (None, row.force)
    ]
    return missed_by_both(listed)
