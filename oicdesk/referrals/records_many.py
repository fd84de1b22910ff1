"""One thing done to many referrals in one change: each by its own rules, with a list of what was left and why.

Every function answers with a `Result`; its `back` takes the whole step back, again each by its own rules.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import (
    records,
    records_chasers,
    records_clock,
    records_exemptions,
    records_queue,
    records_undo,
    rules,
)
from oicdesk.referrals.records import Referral
from oicdesk.settings.records import reference

NEXT = "next"  # chase whoever is next for each case
_TABLE = cast(Table, Referral.__table__)
MOST = 1000  # more than this is an import's work, not a selection's
Back = Callable[[Session, datetime], object]  # the present is told, because taking back comes later


@dataclass(frozen=True)
class Result:
    """References that were changed; (reference, why) of those that were left; and the way back, None where what
    was done left the desk."""

    changed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    back: Callable[[Session, datetime], str] | None = None


def chase_many(session: Session, ids: Sequence[int], to_role: str, channel: str, *, at: datetime) -> Result:
    """Record that somebody was chased for each; with NEXT whoever the steps of the desk name next."""
    steps = records_queue.chaser_steps(reference(session))

    def chase(referral_id: int) -> None:
        role = to_role
        if role == NEXT:
            step = rules.next_chaser(_chased(session, referral_id), steps)
            if step is None:
                raise Refused(f"The last step is taken; agree the next one with the {rules.INSPECTOR}.")
            role = step.to
        records_chasers.chase(session, referral_id, role, channel, at=at)

    changed, skipped, _backs = _each(session, ids, chase)
    return Result(changed, skipped)


def snooze_many(session: Session, ids: Sequence[int], until: date, reason: str, *, now: datetime) -> Result:
    """Put each off until a day."""

    def snooze(referral_id: int) -> Back:
        snoozed = records_clock.snooze(session, referral_id, until, reason, now=now)
        return lambda later, at: records_clock.take_back_snooze(later, snoozed, now=at)

    return _reversible(session, ids, snooze)


def assign_many(session: Session, ids: Sequence[int], team: str, *, now: datetime) -> Result:
    """Give each the same team; where its officer works is another matter."""
    team = team.strip()
    if not team:
        raise Refused("Write the team first.", field="team")

    held = _held(session, ids)
    before, left = records.give_team(session, ids, team, now=now)

    def back_of(referral_id: int) -> Back:
        return lambda later, at: records_undo.take_back_edit(
            later, referral_id, {"team": before[referral_id]}, {"team": team}, now=at, tells_of_officer=False
        )

    steps = [(held[referral_id].reference, back_of(referral_id)) for referral_id in before]
    skipped = tuple((_name(held, referral_id), why) for referral_id, why in left.items())
    return Result(tuple(name for name, _back in steps), skipped, lambda later, at: _take_back(later, steps, at))


def ask_many(session: Session, ids: Sequence[int], reason: str, why: str, *, now: datetime) -> Result:
    """Ask for an exemption of each with one reason; another person still has to approve each of them."""
    if not why.strip():
        raise Refused("A referral is exempted only with a reason; write why.", field="why")

    def ask(referral_id: int) -> Back:
        asked = records_exemptions.ask(session, referral_id, reason, why, now=now)
        return lambda later, at: records_exemptions.end_request(
            later, asked, "Asked for by mistake, taken back.", now=at
        )

    return _reversible(session, ids, ask)


def mark_many(session: Session, ids: Sequence[int], survivor_id: int, reason: str, *, at: datetime) -> Result:
    """Mark each as a duplicate of one surviving case, which may stand among them."""

    def mark(referral_id: int) -> Back:
        records.mark_duplicate(session, referral_id, survivor_id, reason, at=at)
        event = records_undo.newest_move(session, referral_id)
        return lambda later, when: records_undo.take_back_move(later, event, now=when)

    return _reversible(session, [one for one in ids if one != survivor_id], mark)


def earliest(session: Session, ids: Sequence[int]) -> tuple[int, str]:
    """The id and reference of the earliest contact among these."""
    query = select(Referral.id, Referral.reference).where(Referral.id.in_(ids))
    found = session.execute(query.order_by(Referral.contact_at, Referral.id).limit(1)).one()
    return found.id, found.reference


def _reversible(session: Session, ids: Sequence[int], work: Callable[[int], Back]) -> Result:
    changed, skipped, backs = _each(session, ids, work)
    steps = list(zip(changed, backs, strict=True))
    return Result(changed, skipped, lambda later, at: _take_back(later, steps, at))


def _each(
    session: Session, ids: Sequence[int], work: Callable[[int], Any]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], list[Any]]:
    """Do the work to each within its own savepoint: a refusal leaves that one as it was and the others done."""
    held = _held(session, ids)
    changed, skipped, backs = [], [], []
    for referral_id in ids:
        name = _name(held, referral_id)
        try:
            with session.begin_nested():
                backs.append(work(referral_id))
            changed.append(name)
        except Refused as refusal:
            skipped.append((name, str(refusal)))
    return tuple(changed), tuple(skipped), backs


def _held(session: Session, ids: Sequence[int]) -> dict[int, Referral]:
    """The records by id, read by one statement: each deed then finds its own at hand. Refused if they are too many."""
    if len(ids) > MOST:
        raise Refused(f"{len(ids):,} referrals are chosen, and {MOST:,} can be changed in one step; choose fewer.")
    return {row.id: row for row in session.scalars(select(Referral).where(Referral.id.in_(ids)))}


def _name(held: Mapping[int, Referral], referral_id: int) -> str:
    return held[referral_id].reference if referral_id in held else "a referral that is gone"


def _chased(session: Session, referral_id: int) -> frozenset[str]:
    told = session.scalar(select(records_chasers.chased_roles(_TABLE)).where(_TABLE.c.id == referral_id))
    return frozenset(told.split(records_chasers.BETWEEN)) if told else frozenset()


def _take_back(session: Session, steps: Iterable[tuple[str, Back]], now: datetime) -> str:
    """Take each back; those that changed since stay and are named. Refused when that is all of them."""
    left, done = [], 0
    for name, back in steps:
        try:
            with session.begin_nested():
                back(session, now)
            done += 1
        except Refused as refusal:
            left.append(f"{name}: {refusal}")
    if not done:
        raise Refused(f"All of them have changed since. {' '.join(left[:3])}")
    return f"{len(left)} stayed as they are now. {' '.join(left)}" if left else ""
