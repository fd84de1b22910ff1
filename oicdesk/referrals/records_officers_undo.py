"""Taking back what was recorded of an officer by mistake: the moves keep what was said, and that it was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals.records_officers import FACTS, Officer, OfficerMove, OfficerName, edit, leave
from oicdesk.referrals.records_teams import RENAMED, TeamRename
from oicdesk.referrals.rules_officers import OfficerKey
from oicdesk.vault import log

TAKEN_BACK: Final = "taken back"  # why a move is known that puts an earlier one right
_KEYS = cast(Table, OfficerName.__table__).c


@dataclass(frozen=True)
class Standing:
    """An entry as it stood at one moment: its facts, and the keys that lead to it."""

    facts: Mapping[str, str]
    left_on: date | None
    keys: frozenset[OfficerKey]


def standing(session: Session, officer_id: int) -> Standing:
    """An entry as it stands now: what `put_back` is given later."""
    session.flush()
    row = session.get_one(Officer, officer_id)
    keys = session.execute(
        select(_KEYS.force, _KEYS.collar_key, _KEYS.name_key).where(_KEYS.officer_id == officer_id)
    )  # fmt: skip
    facts = {name: getattr(row, name) for name in FACTS}
    return Standing(facts, row.left_on, frozenset(OfficerKey(*key) for key in keys))


def put_back(session: Session, officer_id: int, before: Standing, after: Standing, *, now: datetime) -> None:
    """Take a correction, a move or a leaving back: the entry stands as `before` again.

    A key that only the mistake brought leads to nobody any more. Refused once the entry changed after that.
    """
    if standing(session, officer_id) != after:
        raise Refused("The entry was changed again since; correct it by hand.")
    if before.left_on != after.left_on:
        leave(session, officer_id, before.left_on, now=now)
    edit(session, officer_id, before.facts, now=now, why=TAKEN_BACK)
    for key in after.keys - before.keys:
        same = (_KEYS.force == key.force, _KEYS.collar_key == key.collar, _KEYS.name_key == key.name)
        session.execute(delete(OfficerName).where(*same))


def newest_rename(session: Session) -> int:
    """The id of the rename recorded last: what `take_back_rename` is given later."""
    return session.scalars(select(TeamRename.id).order_by(TeamRename.id.desc()).limit(1)).one()


def take_back_rename(session: Session, rename_id: int, *, now: datetime) -> str:
    """Take a rename back: the team bears its former name on every day, and the officers who followed go back to it.

    Answers with how many were moved since and are not moved back.
    """
    row = session.get(TeamRename, rename_id)
    if row is None:
        raise Refused("That rename is taken back already.")
    again = select(TeamRename.id).where(TeamRename.force == row.force, TeamRename.id > rename_id)
    if session.scalar(again.where(TeamRename.old == row.new).limit(1)) is not None:
        raise Refused(f"{row.new} was renamed again since; take that back first.")
    followed = session.execute(
        select(Officer.id, Officer.team)
        .join(OfficerMove, OfficerMove.officer_id == Officer.id)
        .where(Officer.force == row.force, OfficerMove.team == row.new)
        .where(OfficerMove.recorded_at == row.recorded_at, OfficerMove.why == RENAMED)
    ).all()
    here = [officer_id for officer_id, team in followed if team == row.new]
    for officer_id in here:
        edit(session, officer_id, {"team": row.old}, now=now, why=TAKEN_BACK)
    stay = len(followed) - len(here)
    session.delete(row)
    log.record(session, log.ALTERATION, team_rename=rename_id, fields=["team"], detail=TAKEN_BACK)
    people = "1 officer was" if stay == 1 else f"{stay} officers were"
    return f"{people} moved since and not moved back." if stay else ""
