"""Teams that bear another name from a day on: what was recorded keeps the name of its day, a search finds both."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_officers import Officer, OfficerMove
from oicdesk.referrals.rules_officers import Rename, check_rename, name_key, same_team, searched
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

RENAMED: Final = "team renamed"  # why the move of an officer is known who followed


class TeamRename(Stored):
    """A team of a force that is called otherwise from a day on."""

    __tablename__ = "team_rename"
    __table_args__ = (Index("team_rename_of_force", "force", "from_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    force: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    from_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


@dataclass(frozen=True)
class RenameRow:
    """A rename as listed."""

    id: int
    force: str
    old: str
    new: str
    from_on: date
    recorded_by: str


def renames(session: Session) -> list[Rename]:
    """Every rename, in order of time."""
    return [Rename(row.force, row.old, row.new, row.from_on) for row in reversed(rename_rows(session))]


def rename_rows(session: Session) -> list[RenameRow]:
    """Every rename, newest first."""
    rows = session.scalars(select(TeamRename).order_by(TeamRename.from_on.desc(), TeamRename.id.desc()))
    return [RenameRow(r.id, r.force, r.old, r.new, r.from_on, r.recorded_by) for r in rows]


def teams(session: Session, force: str = "Joint") -> list[tuple[str, str]]:
    """(force, team) of every team that an officer or a referral has or had, in order; one spelling for each."""
    found: dict[tuple[str, str], str] = {}
    for table in (Officer, Referral):
        query = select(table.force, table.team).where(table.team.is_not(None), table.team != "").distinct()
        for one, team in session.execute(query if force == "Joint" else query.where(table.force == force)):
            found.setdefault((one or "", name_key(team)), team or "")
    return sorted(((one, team) for (one, _key), team in found.items()), key=lambda pair: (pair[0], pair[1].casefold()))


def rename(session: Session, force: str | None, old: str, new: str, on: date | None, *, now: datetime) -> int:
    """From that day on the team is called otherwise: its officers follow, older records keep its former name.

    Returns how many officers follow.
    """
    old, new = old.strip(), new.strip()
    taken = {name_key(team): team for one, team in teams(session, force or "") if one == force}
    check_rename(force, old, new, on, london_day(now), taken)
    assert force is not None and on is not None
    by = session.info["user"].name
    row = TeamRename(
        force=force, old=taken[name_key(old)], new=new, from_on=on, recorded_at=now, recorded_by=by
    )  # fmt: skip
    session.add(row)
    session.flush()
    ids = []
    for officer in session.scalars(select(Officer).where(Officer.force == force, Officer.team != "")):
        if not same_team(officer.team, old):
            continue
        officer.team = new
        officer.searched = searched(
            officer.name, officer.collar, officer.collar.replace(" ", ""), new, officer.supervisor, officer.email
        )
        last = session.scalar(select(func.max(OfficerMove.from_on)).where(OfficerMove.officer_id == officer.id))
        session.add(OfficerMove(
            officer_id=officer.id, from_on=max(on, last or on), team=new, supervisor=officer.supervisor,
            why=RENAMED, recorded_at=now, recorded_by=by,
        ))  # fmt: skip
        ids.append(officer.id)
    session.flush()
    log.record(session, log.ALTERATION, team_rename=row.id, officer=ids, fields=["team"])
    return len(ids)
