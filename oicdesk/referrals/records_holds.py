"""Holds: why nothing of a case may be anonymised or purged. Several may stand on one case at once."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules_retention
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_clock import TAKEN_BACK
from oicdesk.referrals.rules import refuse
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class ReferralHold(Stored):
    """A reason why nothing of a case may be anonymised or purged, until it is released."""

    __tablename__ = "referral_hold"
    __table_args__ = (Index("referral_hold_of", "referral_id", "released_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    kind: Mapped[str]
    why: Mapped[str]
    review_on: Mapped[date]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    released_why: Mapped[str | None]


def place_hold(
    session: Session, referral_id: int, kind: str, why: str, review_on: date | None, *, now: datetime
) -> int:
    """Stop anonymising and purging of a case; several holds may stand at once. Returns the hold's id."""
    records.get(session, referral_id)
    refuse(rules_retention.check_hold(kind, why, review_on, london_day(now)))
    assert review_on is not None
    hold = ReferralHold(
        referral_id=referral_id, kind=kind, why=why.strip(), review_on=review_on, placed_at=now,
        placed_by=session.info["user"].name,
    )  # fmt: skip
    session.add(hold)
    session.flush()
    words = rules_retention.HOLD_KINDS[kind].lower()
    records.note_event(session, referral_id, "hold placed", at=now, now=now, reason=f"{words}: {why.strip()}")
    log.record(session, log.COLLECTION, referral=referral_id, referral_hold=hold.id)
    return hold.id


def extend_hold(session: Session, hold_id: int, why: str, review_on: date | None, *, now: datetime) -> None:
    """Keep a hold after its review, with a reason and the next review date."""
    hold = _hold(session, hold_id)
    refuse(rules_retention.check_hold(hold.kind, why, review_on, london_day(now)))
    assert review_on is not None
    hold.review_on = review_on
    records.note_event(session, hold.referral_id, "hold reviewed and kept", at=now, now=now, reason=why.strip())
    log.record(session, log.ALTERATION, referral=hold.referral_id, referral_hold=hold.id, fields=["review_on"])


def release_hold(session: Session, hold_id: int, why: str, *, now: datetime) -> None:
    """End a hold, with a reason."""
    hold = _hold(session, hold_id)
    if not why.strip():
        raise Refused("A hold is released only with a reason; write why it is over.", field="why")
    hold.released_at, hold.released_by, hold.released_why = now, session.info["user"].name, why.strip()
    records.note_event(session, hold.referral_id, "hold released", at=now, now=now, reason=why.strip())
    log.record(session, log.ALTERATION, referral=hold.referral_id, referral_hold=hold.id, fields=["released_at"])


def take_back_release(session: Session, hold_id: int, *, now: datetime) -> None:
    """Let a hold stand again that was released by mistake."""
    hold = session.get_one(ReferralHold, hold_id)
    if hold.released_at is None:
        raise Refused("That hold stands already.")
    hold.released_at = hold.released_by = hold.released_why = None
    _taken_back(session, hold, "the release of a hold", "released_at", now)


def take_back_extension(session: Session, hold_id: int, before: date, after: date, *, now: datetime) -> None:
    """Put the review date of a hold back, which was kept by mistake."""
    hold = _hold(session, hold_id)
    if hold.review_on != after:
        raise Refused("That hold was reviewed again since; take that back first.")
    hold.review_on = before
    _taken_back(session, hold, "the review of a hold", "review_on", now)


def _taken_back(session: Session, hold: ReferralHold, what: str, field: str, now: datetime) -> None:
    records.note_event(session, hold.referral_id, TAKEN_BACK, at=now, now=now, reason=what)
    ids: dict[str, log.Ids] = {"referral": hold.referral_id, "referral_hold": hold.id}
    log.record(session, log.ALTERATION, records=ids, fields=[field], detail=TAKEN_BACK)


def _hold(session: Session, hold_id: int) -> ReferralHold:
    found = session.get(ReferralHold, hold_id)
    if found is None or found.released_at is not None:
        raise Refused("That hold is released already; read the case again.")
    return found


def is_held(session: Session, referral_id: int) -> bool:
    """Whether a hold stands on this case: then nothing of it is anonymised or purged, drafts included."""
    standing = ReferralHold.referral_id == referral_id, ReferralHold.released_at.is_(None)
    return session.scalar(select(ReferralHold.id).where(*standing).limit(1)) is not None


@dataclass(frozen=True)
class HoldRow:
    """A hold as shown; `reference` and `force` are the case's."""

    id: int
    referral_id: int
    reference: str
    force: str | None
    kind: str
    why: str
    review_on: date
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str | None
    released_why: str | None


def holds(
    session: Session, *, referral_id: int | None = None, force: str | None = None, standing: bool = False
) -> list[HoldRow]:
    """Holds of a case or of all, those to be reviewed first; released ones too unless `standing`."""
    query = (
        select(ReferralHold, Referral.reference, Referral.force)
        .join(Referral, Referral.id == ReferralHold.referral_id)
        .order_by(ReferralHold.released_at.is_not(None), ReferralHold.review_on, ReferralHold.id)
    )
    if referral_id is not None:
        query = query.where(ReferralHold.referral_id == referral_id)
    if force is not None:
        query = query.where(Referral.force == force)
    if standing:
        query = query.where(ReferralHold.released_at.is_(None))
    return [
        HoldRow(
            one.id, one.referral_id, reference_text, of_force, one.kind, one.why, one.review_on, one.placed_at,
            one.placed_by, one.released_at, one.released_by, one.released_why,
        )
        for one, reference_text, of_force in session.execute(query)
    ]  # fmt: skip
