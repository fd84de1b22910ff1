"""Who covers the desk while its officer is away, and what changed in a case since a user last looked at it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, ForeignKey, Select, and_, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals.records import ReferralEvent, ReferralNote
from oicdesk.referrals.records import get as get_referral
from oicdesk.settings.rules import london_day, long_day
from oicdesk.vault import log
from oicdesk.vault.tables import DeskUser, Stored
from oicdesk.vault.vault import VIEWER, User

NEWS_DAYS = 60  # what was recorded longer ago is no news


class DeputyCover(Stored):
    """A user who covers the desk from one day to another, both included."""

    __tablename__ = "deputy_cover"

    id: Mapped[int] = mapped_column(primary_key=True)
    deputy: Mapped[str]
    covers: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    ended_on: Mapped[date | None]


class CaseSeen(Stored):
    """When a user last looked at a case."""

    __tablename__ = "case_seen"

    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"), primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime]


@dataclass(frozen=True)
class CoverRow:
    """A cover as listed; `standing` says whether it holds, in words."""

    id: int
    deputy: str
    covers: str
    from_on: date
    to_on: date
    standing: str


def covers(session: Session, today: date) -> list[CoverRow]:
    """Every cover, newest first."""
    rows = session.scalars(select(DeputyCover).order_by(DeputyCover.from_on.desc(), DeputyCover.id.desc()))
    return [CoverRow(r.id, r.deputy, r.covers, r.from_on, r.to_on, _standing(r, today)) for r in rows]


def _standing(row: DeputyCover, today: date) -> str:
    if row.ended_on is not None and row.ended_on <= today:
        return f"ended on {long_day(row.ended_on)}"
    if today < row.from_on:
        return "to come"
    return "now" if today <= row.to_on else "over"


def cover_now(session: Session, today: date) -> str:
    """Who covers the desk today, as a sentence; empty when nobody does."""
    rows = [row for row in covers(session, today) if row.standing == "now"]
    return " ".join(f"{row.deputy} covers for {row.covers} until {long_day(row.to_on)}." for row in rows)


def cover(
    session: Session, deputy: str, covered: str, from_on: date | None, to_on: date | None, *, now: datetime
) -> int:
    """Record that a user of the desk covers for another one. Both work under their own name and passphrase."""
    users = {row.name: row.role for row in session.scalars(select(DeskUser).where(DeskUser.removed_at.is_(None)))}
    if deputy not in users:
        raise Refused("Choose a user of this desk; add them in Settings first.", field="deputy")
    if users[deputy] == VIEWER:
        raise Refused(f"{deputy} may only read; give them a role that may work in Settings first.", field="deputy")
    if covered not in users or covered == deputy:
        raise Refused("Choose the other user, who is covered for.", field="covers")
    if from_on is None or to_on is None:
        raise Refused("Give the first and the last day of the cover.", field="from_on" if from_on is None else "to_on")
    if to_on < from_on:
        raise Refused("The last day lies before the first one; check both.", field="to_on")
    row = DeputyCover(
        deputy=deputy, covers=covered, from_on=from_on, to_on=to_on, recorded_at=now,
        recorded_by=session.info["user"].name, ended_on=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, deputy_cover=row.id)
    return row.id


def end_cover(session: Session, cover_id: int, *, now: datetime) -> None:
    """End a cover early: from today it does not hold any more."""
    row, today = session.get(DeputyCover, cover_id), london_day(now)
    if row is None or row.ended_on is not None or row.to_on < today:
        raise Refused("That cover does not hold any more.")
    row.ended_on = today
    log.record(session, log.ALTERATION, deputy_cover=cover_id, fields=["ended_on"])


def take_back_cover(session: Session, cover_id: int, *, now: datetime) -> None:
    """End a cover that was recorded by mistake: it never held."""
    row = session.get_one(DeputyCover, cover_id)
    if row.ended_on is not None:
        raise Refused("That cover was ended since; take that back first.")
    row.ended_on = min(row.from_on, london_day(now))
    log.record(session, log.ALTERATION, deputy_cover=cover_id, fields=["ended_on"], detail="taken back")


def let_hold(session: Session, cover_id: int) -> None:
    """Let a cover hold again that was ended, or taken back, by mistake."""
    session.get_one(DeputyCover, cover_id).ended_on = None
    log.record(session, log.ALTERATION, deputy_cover=cover_id, fields=["ended_on"], detail="taken back")


# --- changed since I last looked ---


def changed_ids(user: User, now: datetime) -> CompoundSelect[Any]:
    """The referrals to which somebody else did something that this user has not looked at since."""
    return _unseen(ReferralEvent, ReferralEvent.recorded_at, user, now).union(
        _unseen(ReferralNote, ReferralNote.at, user, now)
    )


def _unseen(table: Any, at: Any, user: User, now: datetime) -> Select[int]:
    """The referrals of which this table has a line of somebody else that is newer than the user's last look."""
    seen = and_(CaseSeen.referral_id == table.referral_id, CaseSeen.user_id == user.id)
    is_news = or_(CaseSeen.seen_at.is_(None), at > CaseSeen.seen_at)
    is_recent = at > now - timedelta(days=NEWS_DAYS)
    return select(table.referral_id).outerjoin(CaseSeen, seen).where(is_recent, table.by != user.name, is_news)


def changes_since(session: Session, referral_id: int, now: datetime) -> str:
    """What somebody else did to this case since this user last looked at it, in words; empty for nothing."""
    user, recent = session.info["user"], now - timedelta(days=NEWS_DAYS)
    seen = session.scalar(
        select(CaseSeen.seen_at).where(CaseSeen.user_id == user.id, CaseSeen.referral_id == referral_id)
    )
    since, counts = recent if seen is None else max(recent, seen), Counter[str]()
    for table, at in ((ReferralEvent, ReferralEvent.recorded_at), (ReferralNote, ReferralNote.at)):
        query = select(table.by, func.count()).where(
            table.referral_id == referral_id, table.by != user.name, at > since
        )
        counts.update(dict(session.execute(query.group_by(table.by)).all()))
    rows = sorted(counts.items())
    told = " and ".join(f"{by} ({count} {'entry' if count == 1 else 'entries'})" for by, count in rows)
    return f"Changed since you last looked, by {told}; the timeline tells what." if told else ""


def note_seen(session: Session, referral_id: int, *, now: datetime) -> None:
    """Note that the user looked at this case now."""
    get_referral(session, referral_id)
    values = {"user_id": session.info["user"].id, "referral_id": referral_id, "seen_at": now}
    session.execute(
        insert(CaseSeen).values(values).on_conflict_do_update(index_elements=["user_id", "referral_id"],
                                                               set_={"seen_at": now})
    )  # fmt: skip
    log.record(session, log.CONSULTATION, referral=referral_id, detail="changes seen")
