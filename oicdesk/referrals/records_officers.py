"""The directory of officers and supervisors, kept with the cases and apart from training.

An officer may be known by several keys over time (another collar number, another name); each leads to the one entry.
The team and the supervisor on an entry are the present ones; the moves keep what held before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ForeignKey, Index, Table, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import rules
from oicdesk.referrals.rules_officers import (
    Absence,
    OfficerKey,
    check_absence,
    check_email,
    name_key,
    officer_key,
    searched,
    why_not_there,
)
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

FACTS = ("force", "collar", "name", "rank", "email", "team", "supervisor")
SORTED = ("name", "collar", "force", "team", "supervisor", "email")
_FEW = 50  # fewer rows than this are looked up one by one


class Officer(Stored):
    """An officer or supervisor: a name, a collar number, or both, of one force."""

    __tablename__ = "officer"
    __table_args__ = (Index("officer_by_name", "name", "id"), Index("officer_by_team", "force", "team", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    force: Mapped[str]
    collar: Mapped[str]
    name: Mapped[str]
    rank: Mapped[str]
    email: Mapped[str]
    team: Mapped[str]
    supervisor: Mapped[str]
    left_on: Mapped[date | None]
    searched: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class OfficerName(Stored):
    """A key that leads to an officer; an old one stays, so that older cases still find their officer."""

    __tablename__ = "officer_name"
    __table_args__ = (
        UniqueConstraint("force", "collar_key", "name_key"),
        Index("officer_name_by_name", "force", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    force: Mapped[str]
    collar_key: Mapped[str]
    name_key: Mapped[str]


class OfficerMove(Stored):
    """Where an officer belongs from a day on, and why it is known."""

    __tablename__ = "officer_move"
    __table_args__ = (Index("officer_move_history", "officer_id", "from_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    from_on: Mapped[date]
    team: Mapped[str]
    supervisor: Mapped[str]
    why: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class OfficerAbsence(Stored):
    """Away from one day to another; why is nobody's business here."""

    __tablename__ = "officer_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


_C = cast(Table, Officer.__table__).c
_KEYS = cast(Table, OfficerName.__table__).c


@dataclass(frozen=True)
class OfficerRow:
    """A line of the directory; `not_there` says why they cannot be asked today, or nothing."""

    id: int
    force: str
    collar: str
    name: str
    rank: str
    email: str
    team: str
    supervisor: str
    left_on: date | None
    not_there: str

    @property
    def called(self) -> str:
        """Name and collar number, or the one that is known."""
        return ", ".join(filter(None, (self.name, self.collar)))


@dataclass(frozen=True)
class MoveRow:
    """A line of an officer's history."""

    from_on: date
    team: str
    supervisor: str
    why: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class AbsenceRow:
    """A span of absence."""

    id: int
    from_on: date
    to_on: date | None


# --- reading ---


class Directory:
    """The officers of one scope and filter; SQL sorts, filters and counts."""

    def __init__(self, session: Session, *, today: date, force: str = "Joint", words: str = "") -> None:
        self._session, self._today = session, today
        where: list[ColumnElement[bool]] = [] if force == "Joint" else [_C.force == force]
        where += [_C.searched.contains(word, autoescape=True) for word in searched(words).split()]
        self._where = where

    def count(self) -> int:
        return self._session.scalar(select(func.count()).select_from(Officer).where(*self._where)) or 0

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = False) -> list[OfficerRow]:
        column = _C[sort if sort in SORTED else "name"]
        order = (column.desc(), _C.id.desc()) if descending else (column, _C.id)
        ids = self._session.scalars(select(_C.id).where(*self._where).order_by(*order).offset(offset).limit(limit))
        return officer_rows(self._session, list(ids), self._today)

    def position(self, officer_id: int, sort: str | None = None, descending: bool = False) -> int | None:
        column = _C[sort if sort in SORTED else "name"]
        own = self._session.execute(select(column, _C.id).where(_C.id == officer_id, *self._where)).first()
        if own is None:
            return None
        value = own[0]
        before = (
            (column > value) | ((column == value) & (_C.id > officer_id))
            if descending
            else (column < value) | ((column == value) & (_C.id < officer_id))
        )
        return self._session.scalar(select(func.count()).select_from(Officer).where(before, *self._where))


def officer_rows(session: Session, ids: Sequence[int], today: date) -> list[OfficerRow]:
    """These officers as lines, in the order of `ids`."""
    found = {row.id: row for row in session.scalars(select(Officer).where(Officer.id.in_(ids)))}
    away: dict[int, list[Absence]] = {}
    rows = select(OfficerAbsence).where(OfficerAbsence.officer_id.in_(ids), OfficerAbsence.withdrawn_at.is_(None))
    for one in session.scalars(rows):
        away.setdefault(one.officer_id, []).append(Absence(one.from_on, one.to_on))
    return [
        OfficerRow(
            row.id, row.force, row.collar, row.name, row.rank, row.email, row.team, row.supervisor, row.left_on,
            why_not_there(away.get(row.id, ()), row.left_on, today),
        )
        for i in ids
        if (row := found.get(i)) is not None
    ]  # fmt: skip


def moves(session: Session, officer_id: int) -> list[MoveRow]:
    """Where an officer belonged, newest first."""
    rows = session.scalars(
        select(OfficerMove)
        .where(OfficerMove.officer_id == officer_id)
        .order_by(OfficerMove.from_on.desc(), OfficerMove.id.desc())
    )
    return [MoveRow(r.from_on, r.team, r.supervisor, r.why, r.recorded_at, r.recorded_by) for r in rows]


def absences(session: Session, officer_id: int) -> list[AbsenceRow]:
    """The absences recorded for an officer and not taken back, newest first."""
    rows = session.scalars(
        select(OfficerAbsence)
        .where(OfficerAbsence.officer_id == officer_id, OfficerAbsence.withdrawn_at.is_(None))
        .order_by(OfficerAbsence.from_on.desc())
    )
    return [AbsenceRow(r.id, r.from_on, r.to_on) for r in rows]


def team_on(session: Session, officer_id: int, day: date) -> str:
    """The team of an officer on that day; before the first move known, the first one's."""
    history = moves(session, officer_id)
    return next((one.team for one in history if one.from_on <= day), history[-1].team if history else "")


def lookup(session: Session, force: str | None, collar: str | None, name: str | None) -> int | None:
    """The officer of this force, collar number and name; where one is missing, the only one who fits the other."""
    key = officer_key(force, collar, name)
    return None if key is None else _known(session, key)


def _known(session: Session, key: OfficerKey) -> int | None:
    exact = session.scalar(
        select(_KEYS.officer_id).where(
            _KEYS.force == key.force, _KEYS.collar_key == key.collar, _KEYS.name_key == key.name
        )
    )
    if exact is not None or (key.collar and key.name):
        return exact
    part = _KEYS.collar_key == key.collar if key.collar else _KEYS.name_key == key.name
    found = list(session.scalars(select(_KEYS.officer_id).distinct().where(_KEYS.force == key.force, part).limit(2)))
    return found[0] if len(found) == 1 else None


def completions(session: Session, today: date) -> list[OfficerRow]:
    """Everybody who has not left, by name, for a form to complete from."""
    here = Officer.left_on.is_(None) | (Officer.left_on > today)
    ids = list(session.scalars(select(Officer.id).where(here).order_by(Officer.name, Officer.id).limit(20_000)))
    return officer_rows(session, ids, today)


# --- writing ---


def add(session: Session, facts: Mapping[str, Any], *, now: datetime) -> int:
    """Add an officer by hand: force, name, collar, rank, email, team, supervisor. Returns the id."""
    told = _told(facts)
    key = officer_key(told["force"], told["collar"], told["name"])
    _check(told, key)
    assert key is not None
    if _exact(session, key) is not None:
        raise Refused("That officer is in the directory already; find the entry and correct it.", field="name")
    officer_id = _insert(session, key, told, london_day(now), "added", now)
    log.record(session, log.COLLECTION, officer=officer_id, fields=[name for name, value in told.items() if value])
    return officer_id


def edit(
    session: Session, officer_id: int, facts: Mapping[str, Any], *, now: datetime, why: str = "corrected"
) -> list[str]:
    """Correct an entry; team and supervisor are corrected as of the last move. Returns the fields that changed."""
    row = _get(session, officer_id)
    told = _told({name: getattr(row, name) for name in FACTS} | dict(facts))
    key = officer_key(told["force"], told["collar"], told["name"])
    _check(told, key)
    assert key is not None
    other = _exact(session, key)
    if other is not None and other != officer_id:
        raise Refused("Another entry has this force, collar number and name; look at that one.", field="name")
    changed = [name for name in FACTS if getattr(row, name) != told[name]]
    if not changed:
        return []
    for name in changed:
        setattr(row, name, told[name])
    row.searched = _searched(told)
    if other is None:
        _lead(session, officer_id, key)
    if {"team", "supervisor"} & set(changed):
        _correct_last_move(session, row, why, now)
    log.record(session, log.ALTERATION, officer=officer_id, fields=changed)
    return changed


def move(session: Session, officer_id: int, from_on: date | None, team: str, supervisor: str, *, now: datetime) -> None:
    """Record that an officer belongs to another team, or to another supervisor, from a day on."""
    row, team, supervisor = _get(session, officer_id), team.strip(), supervisor.strip()
    if from_on is None:
        raise Refused("Give the day from which it holds.", field="from_on")
    if from_on > london_day(now):
        raise Refused("That day lies in the future; record the move from its day on.", field="from_on")
    last = moves(session, officer_id)
    if last and from_on < last[0].from_on:
        raise Refused(
            f"The last move of {row.name or row.collar} was on {last[0].from_on:%d/%m/%Y}; give a later day.",
            field="from_on",
        )
    if (team, supervisor) == (row.team, row.supervisor):
        raise Refused("Team and supervisor are what they were; change one of them.", field="team")
    _put_move(session, row, from_on, team, supervisor, "moved", now)
    log.record(session, log.ALTERATION, officer=officer_id, fields=["team", "supervisor"])


def be_away(session: Session, officer_id: int, from_on: date | None, to_on: date | None, *, now: datetime) -> int:
    """Record an absence; chasers go to the supervisor meanwhile. Returns its id."""
    _get(session, officer_id)
    check_absence(from_on, to_on)
    assert from_on is not None
    row = OfficerAbsence(
        officer_id=officer_id, from_on=from_on, to_on=to_on, recorded_at=now, recorded_by=session.info["user"].name,
        withdrawn_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, officer=officer_id, officer_absence=row.id)
    return row.id


def withdraw_absence(session: Session, absence_id: int, *, now: datetime) -> None:
    """Take an absence back; chasers go to the officer again."""
    row = session.get(OfficerAbsence, absence_id)
    if row is None or row.withdrawn_at is not None:
        raise Refused("That absence is taken back already.")
    row.withdrawn_at = now
    log.record(session, log.ALTERATION, officer=row.officer_id, officer_absence=absence_id, fields=["withdrawn_at"])


def put_back_absence(session: Session, absence_id: int) -> None:
    """Let an absence hold that was taken back by mistake."""
    row = session.get_one(OfficerAbsence, absence_id)
    if row.withdrawn_at is None:
        raise Refused("That absence holds already.")
    row.withdrawn_at = None
    log.record(session, log.ALTERATION, officer=row.officer_id, officer_absence=absence_id, fields=["withdrawn_at"])


def leave(session: Session, officer_id: int, on: date | None, *, now: datetime) -> None:
    """Record the day on which an officer left, or with None that they are back."""
    row = _get(session, officer_id)
    if on == row.left_on:
        raise Refused("That is how it stands already.", field="left_on")
    row.left_on = on
    log.record(session, log.ALTERATION, officer=officer_id, fields=["left_on"])


def gather(
    session: Session, contacts: Iterable[Mapping[str, Any]], *, now: datetime, follow: bool = False
) -> list[int]:
    """Take the officers and supervisors of contacts into the directory; returns the ids of those added.

    Known ones are left as they are; of a few contacts what was empty is filled. With `follow` a contact typed by
    hand that names another team or supervisor than the directory is a move, from the contact's day on.
    """
    rows = list(contacts)
    known = _all_keys(session) if len(rows) > _FEW else None
    added: list[int] = []
    filled: list[int] = []
    for row in rows:
        force, day = row.get("force"), london_day(row.get("contact_at") or now)
        told = _told({
            "force": force, "collar": row.get("officer_collar"), "name": row.get("officer_name"),
            "rank": row.get("officer_rank"), "team": row.get("team"), "supervisor": row.get("supervisor"),
        })  # fmt: skip
        officer_id, is_new = _take(session, told, day, now, known)
        if is_new:
            added.append(cast(int, officer_id))
        elif officer_id is not None and known is None and _complete(session, officer_id, told, day, now, follow=follow):
            filled.append(officer_id)
        if told["supervisor"]:
            above = _told({"force": force, "name": told["supervisor"], "team": told["team"]})
            found, is_new = _take(session, above, day, now, known)
            if is_new:
                added.append(cast(int, found))
    if known is not None:
        added = _insert_many(session, known, now)
    if added:
        log.record(session, log.COLLECTION, officer=added, detail="officers of contacts")
    if filled:
        log.record(session, log.ALTERATION, officer=filled, fields=["rank", "team", "supervisor"])
    return added


_NEW = -1  # in the table of known keys: seen in this run, not written yet


@dataclass
class _Keys:
    """Every key of the directory, and the entries that a bulk run will add."""

    exact: dict[OfficerKey, int]
    by_collar: dict[tuple[str, str], set[int]]
    by_name: dict[tuple[str, str], set[int]]
    new: list[tuple[OfficerKey, dict[str, str], date]]

    def put(self, key: OfficerKey, officer_id: int) -> None:
        self.exact[key] = officer_id
        if key.collar:
            self.by_collar.setdefault((key.force, key.collar), set()).add(officer_id)
        if key.name:
            self.by_name.setdefault((key.force, key.name), set()).add(officer_id)

    def known(self, key: OfficerKey) -> int | None:
        found = self.exact.get(key)
        if found is not None or (key.collar and key.name):
            return found
        part = self.by_collar.get((key.force, key.collar)) if key.collar else self.by_name.get((key.force, key.name))
        return next(iter(part)) if part and len(part) == 1 else None


def _all_keys(session: Session) -> _Keys:
    keys = _Keys({}, {}, {}, [])
    for row in session.execute(select(_KEYS.force, _KEYS.collar_key, _KEYS.name_key, _KEYS.officer_id)):
        keys.put(OfficerKey(row[0], row[1], row[2]), row[3])
    return keys


def _take(
    session: Session, told: dict[str, str], day: date, now: datetime, known: _Keys | None
) -> tuple[int | None, bool]:
    """(the officer's id, whether it is a new one); None while too little is known."""
    key = officer_key(told["force"], told["collar"], told["name"])
    if key is None:
        return None, False
    if known is None:
        found = _known(session, key)
        return (found, False) if found is not None else (_insert(session, key, told, day, "from a contact", now), True)
    found = known.known(key)
    if found is not None:
        return found, False
    known.new.append((key, told, day))
    known.put(key, _NEW - len(known.new))
    return None, False


def _insert_many(session: Session, known: _Keys, now: datetime) -> list[int]:
    """Write what a bulk run found new, in three statements."""
    if not known.new:
        return []
    by = session.info["user"].name
    first = (session.scalar(select(func.max(Officer.id))) or 0) + 1
    numbered = list(enumerate(known.new, first))
    session.execute(insert(cast(Table, Officer.__table__)), [
        {**told, "id": i, "left_on": None, "searched": _searched(told), "added_at": now, "added_by": by}
        for i, (_key, told, _day) in numbered
    ])  # fmt: skip
    session.execute(insert(cast(Table, OfficerName.__table__)), [
        {"officer_id": i, "force": key.force, "collar_key": key.collar, "name_key": key.name}
        for i, (key, _told, _day) in numbered
    ])  # fmt: skip
    session.execute(insert(cast(Table, OfficerMove.__table__)), [
        {"officer_id": i, "from_on": day, "team": told["team"], "supervisor": told["supervisor"],
         "why": "from a contact", "recorded_at": now, "recorded_by": by}
        for i, (_key, told, day) in numbered
    ])  # fmt: skip
    return [i for i, _new in numbered]


def _told(facts: Mapping[str, Any]) -> dict[str, str]:
    told = {name: str(facts.get(name) or "").strip() for name in FACTS}
    return told | {"collar": rules.normalised_collar(told["collar"])}


def _check(told: Mapping[str, str], key: OfficerKey | None) -> None:
    if not told["force"]:
        raise Refused("Collar numbers repeat between forces: choose the force.", field="force")
    if key is None:
        raise Refused("Give a name, a collar number, or both.", field="name")
    check_email(told["email"])


def _searched(told: Mapping[str, str]) -> str:
    collar = told["collar"]
    return searched(told["name"], collar, collar.replace(" ", ""), told["team"], told["supervisor"], told["email"])


def _exact(session: Session, key: OfficerKey) -> int | None:
    return session.scalar(
        select(_KEYS.officer_id).where(
            _KEYS.force == key.force, _KEYS.collar_key == key.collar, _KEYS.name_key == key.name
        )
    )


def _get(session: Session, officer_id: int) -> Officer:
    row = session.get(Officer, officer_id)
    if row is None:
        raise Refused("That officer is not in the directory any more; read it again.")
    return row


def _insert(session: Session, key: OfficerKey, told: Mapping[str, str], day: date, why: str, now: datetime) -> int:
    by = session.info["user"].name
    row = Officer(**told, left_on=None, searched=_searched(told), added_at=now, added_by=by)
    session.add(row)
    session.flush()
    _lead(session, row.id, key)
    session.add(OfficerMove(
        officer_id=row.id, from_on=day, team=row.team, supervisor=row.supervisor, why=why, recorded_at=now,
        recorded_by=by,
    ))  # fmt: skip
    session.flush()
    return row.id


def _lead(session: Session, officer_id: int, key: OfficerKey) -> None:
    session.add(OfficerName(officer_id=officer_id, force=key.force, collar_key=key.collar, name_key=key.name))
    session.flush()


def _put_move(
    session: Session, row: Officer, from_on: date, team: str, supervisor: str, why: str, now: datetime
) -> None:
    row.team, row.supervisor = team, supervisor
    row.searched = _searched({name: getattr(row, name) for name in FACTS})
    session.add(OfficerMove(
        officer_id=row.id, from_on=from_on, team=team, supervisor=supervisor, why=why, recorded_at=now,
        recorded_by=session.info["user"].name,
    ))  # fmt: skip
    session.flush()


def _correct_last_move(session: Session, row: Officer, why: str, now: datetime) -> None:
    """A slip is corrected by a further line of the same day; the line with the slip stays in the history."""
    last = moves(session, row.id)
    _put_move(session, row, last[0].from_on if last else london_day(now), row.team, row.supervisor, why, now)


def _complete(
    session: Session, officer_id: int, told: Mapping[str, str], day: date, now: datetime, *, follow: bool
) -> bool:
    """Fill what was empty; with `follow` take a later team or supervisor for a move. Whether anything changed."""
    row = _get(session, officer_id)
    before = (row.rank, row.team, row.supervisor, row.name, row.collar)
    row.rank = row.rank or told["rank"]
    row.name, row.collar = row.name or told["name"], row.collar or told["collar"]
    key = officer_key(row.force, row.collar, row.name)
    if (row.name, row.collar) != before[3:] and key is not None and _exact(session, key) is None:
        _lead(session, officer_id, key)
    team, supervisor = row.team or told["team"], row.supervisor or told["supervisor"]
    last = moves(session, officer_id)
    is_later = not last or day >= last[0].from_on
    if follow and is_later:
        team, supervisor = told["team"] or team, told["supervisor"] or supervisor
    if (team, supervisor) != (row.team, row.supervisor):
        _put_move(session, row, max(day, last[0].from_on) if last else day, team, supervisor, "from a contact", now)
    row.searched = _searched({name: getattr(row, name) for name in FACTS})
    return before != (row.rank, row.team, row.supervisor, row.name, row.collar)


def by_name(session: Session, force: str, name: str) -> int | None:
    """The one officer of that force who bears this name; None for none or several."""
    key = name_key(name)
    found = list(
        session.scalars(select(_KEYS.officer_id).distinct().where(_KEYS.force == force, _KEYS.name_key == key).limit(2))
    )
    return found[0] if len(found) == 1 else None
