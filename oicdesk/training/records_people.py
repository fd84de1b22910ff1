"""Learners and what held of them from a day to a day; the staff number is the key, and nobody is ever merged away.

Ordinary personnel data: nothing here leads to a case, and no case leads here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, delete, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.training import records, rules
from oicdesk.training.rules import FACTS, Person, Stint, fold
from oicdesk.training.rules_completions import Known
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

_CHUNK = 500


class Learner(Stored):
    """A person of the roster; name and service days as last told, everything else in the stints."""

    __tablename__ = "learner"
    __table_args__ = (Index("learner_by_number", "number_key", unique=True, sqlite_where=text("withdrawn_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str]
    number_key: Mapped[str]
    forename: Mapped[str]
    surname: Mapped[str]
    started_on: Mapped[date | None]
    left_on: Mapped[date | None]  # the last day of service
    seen_on: Mapped[date]  # the day of the newest roster that names them
    import_id: Mapped[int | None] = mapped_column(ForeignKey(records.TrainingImport.id), index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]


class LearnerStint(Stored):
    """A stretch of a person's service in which nothing changed; `valid_to` is the first day it no longer held."""

    __tablename__ = "learner_stint"
    __table_args__ = (
        Index("learner_stint_history", "learner_id", "valid_from"),
        Index("learner_stint_by_name", "name_key", "learner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learner.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    forename: Mapped[str]
    surname: Mapped[str]
    collar: Mapped[str | None]
    force: Mapped[str]
    team: Mapped[str | None]
    rank: Mapped[str | None]
    role_group: Mapped[str | None]
    absence: Mapped[str | None]
    supervisor: Mapped[str | None]
    name_key: Mapped[str]  # for sorting
    search: Mapped[str]  # folded: names, number, collar


def holds_on(day: date) -> ColumnElement[bool]:
    """The stint of each person that held on a day."""
    return (LearnerStint.valid_from <= day) & or_(LearnerStint.valid_to.is_(None), LearnerStint.valid_to > day)


@dataclass(frozen=True)
class LearnerRow:
    """A person as the page shows them; `stints` oldest first."""

    id: int
    staff_number: str
    forename: str
    surname: str
    started_on: date | None
    left_on: date | None
    seen_on: date
    stints: tuple[Stint, ...]

    @property
    def name(self) -> str:
        return f"{self.surname}, {self.forename}"


def get(session: Session, learner_id: int) -> Learner:
    """The person, or a refusal."""
    row = session.get(Learner, learner_id)
    if row is None or row.withdrawn_at is not None:
        raise Refused("That person is not on the roster any more: the import that brought them was taken back.")
    return row


def learner(session: Session, learner_id: int) -> LearnerRow:
    """One person with their whole history."""
    row = get(session, learner_id)
    return LearnerRow(
        row.id, row.staff_number, row.forename, row.surname, row.started_on, row.left_on, row.seen_on,
        tuple(stints_of(session, [learner_id])[learner_id]),
    )  # fmt: skip


def stints_of(session: Session, ids: Sequence[int]) -> dict[int, list[Stint]]:
    """Person → stints, oldest first."""
    found: dict[int, list[Stint]] = defaultdict(list)
    table = LearnerStint.__table__
    for chunk in _chunks(ids):
        query = select(table).where(table.c.learner_id.in_(chunk)).order_by(table.c.learner_id, table.c.valid_from)
        for row in session.execute(query).mappings():
            facts = {name: row[name] for name in FACTS}
            found[row["learner_id"]].append(Stint(row["valid_from"], row["valid_to"], facts))
    return found


def people_on(session: Session, day: date) -> list[Person]:
    """Everybody in service on a day as they were then, by name."""
    stint = LearnerStint
    query = (
        select(
            Learner.id, Learner.staff_number, stint.forename, stint.surname, stint.force, stint.team, stint.rank,
            stint.role_group, stint.absence, stint.collar, stint.supervisor,
        )
        .join(stint, stint.learner_id == Learner.id)
        .where(Learner.withdrawn_at.is_(None), holds_on(day))
        .order_by(stint.name_key, Learner.id)
    )  # fmt: skip
    return [Person(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class TimedPerson:
    """A person as one stint describes them, with its days."""

    valid_from: date
    valid_to: date | None
    person: Person


def all_stints(session: Session) -> list[TimedPerson]:
    """Every stint of everybody, for figures of several days."""
    stint = LearnerStint
    query = (
        select(
            stint.valid_from, stint.valid_to, Learner.id, Learner.staff_number, stint.forename, stint.surname,
            stint.force, stint.team, stint.rank, stint.role_group, stint.absence, stint.collar, stint.supervisor,
        )
        .join(Learner, stint.learner_id == Learner.id)
        .where(Learner.withdrawn_at.is_(None))
        .order_by(stint.name_key, Learner.id)
    )  # fmt: skip
    return [TimedPerson(row[0], row[1], Person(*row[2:])) for row in session.execute(query)]


def values_in_use(session: Session) -> dict[str, list[str]]:
    """The teams, ranks, role groups and forces that the roster has named, in order."""
    found = {}
    for name in ("force", "team", "rank", "role_group"):
        column = getattr(LearnerStint, name)
        rows = session.scalars(select(column).where(column.is_not(None)).distinct())
        found[name] = sorted(rows, key=fold)
    return found


def roster_for_matching(session: Session) -> list[Known]:
    """Everybody by staff number with all the names they ever had."""
    names: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for i, forename, surname in session.execute(
        select(LearnerStint.learner_id, LearnerStint.forename, LearnerStint.surname).distinct()
    ):
        names[i][0].add(first_forename(forename))
        names[i][1].add(fold(surname))
    rows = session.execute(
        select(Learner.id, Learner.number_key, Learner.forename, Learner.surname).where(Learner.withdrawn_at.is_(None))
    )
    return [
        Known(
            i, key, frozenset(names[i][0] | {first_forename(forename)}), frozenset(names[i][1] | {fold(surname)}),
            f"{surname}, {forename}",
        )
        for i, key, forename, surname in rows
    ]  # fmt: skip


def first_forename(text_: str) -> str:
    """The first forename, folded; middle names do not make another person."""
    words = text_.split()
    return fold(words[0]) if words else ""


# --- writing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RosterEntry:
    """A row of a roster as a person: facts by the names in FACTS, those not told left out."""

    staff_number: str
    facts: Mapping[str, Any]
    started_on: date | None = None
    left_on: date | None = None
    changed_on: date | None = None  # since when team, rank and role hold, if the roster says so
    told: frozenset[str] = frozenset()  # which of started_on and left_on the roster has a column for

    @property
    def key(self) -> str:
        return rules.number_key(self.staff_number)


@dataclass(frozen=True)
class KnownLearner:
    """What the desk has of somebody whom a roster names again."""

    id: int
    staff_number: str
    started_on: date | None
    left_on: date | None
    stints: tuple[Stint, ...]

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.stints[-1].facts


def known_learners(session: Session, keys: Iterable[str]) -> dict[str, KnownLearner]:
    """Staff number → what is there."""
    found = {}
    for chunk in _chunks(sorted(set(keys))):
        rows = list(
            session.scalars(select(Learner).where(Learner.number_key.in_(chunk), Learner.withdrawn_at.is_(None)))
        )
        stints = stints_of(session, [row.id for row in rows])
        for row in rows:
            found[row.number_key] = KnownLearner(
                row.id, row.staff_number, row.started_on, row.left_on, tuple(stints[row.id])
            )
    return found


def merged_facts(known: KnownLearner, entry: RosterEntry) -> dict[str, Any]:
    """The facts after the roster; what it does not tell stays."""
    return {**known.facts, **entry.facts}


def differences(known: KnownLearner, entry: RosterEntry) -> list[str]:
    """Which facts a roster would change."""
    merged = merged_facts(known, entry)
    names = [name for name in FACTS if merged[name] != known.facts[name]]
    names += [
        name for name in ("started_on", "left_on")
        if name in entry.told and getattr(entry, name) != getattr(known, name)
    ]  # fmt: skip
    return names


def changed_stints(known: KnownLearner, entry: RosterEntry, *, on: date) -> list[Stint]:
    """The history after the roster of a day; Refused when the days cannot be."""
    left_on = entry.left_on if "left_on" in entry.told else known.left_on
    started = entry.started_on if "started_on" in entry.told and entry.started_on else known.started_on
    stints = list(known.stints)
    if started and started != known.started_on:
        first = stints[0]
        if first.valid_to is not None and started >= first.valid_to:
            raise Refused("The first day lies after what is known of this person since; check it.", field="started_on")
        stints[0] = Stint(started, first.valid_to, first.facts)
    came_back = known.left_on is not None and left_on is None and known.left_on < on
    change_on = entry.changed_on or on
    if came_back:
        back_on = max(change_on, known.left_on + timedelta(days=1)) if known.left_on else change_on
        return rules.next_stints(stints, merged_facts(known, entry), on=change_on, left_on=None, back_on=back_on)
    return rules.next_stints(stints, merged_facts(known, entry), on=change_on, left_on=left_on)


def entry_stints(entry: RosterEntry, *, on: date) -> list[Stint]:
    """The history that a roster of a day tells of somebody new; Refused when the days cannot be."""
    facts = {name: entry.facts.get(name) for name in FACTS}
    since = entry.changed_on or entry.started_on or on
    return rules.first_stints(facts, since=since, left_on=entry.left_on, on=on)


def add_all(
    session: Session, entries: Sequence[RosterEntry], *, import_id: int | None, on: date, now: datetime, first_id: int
) -> list[int]:
    """Record new people in a few large statements. Returns their ids, in order."""
    by = session.info["user"].name
    ids = list(range(first_id, first_id + len(entries)))
    learners = [
        {
            "id": i, "staff_number": entry.staff_number, "number_key": entry.key,
            "forename": entry.facts["forename"], "surname": entry.facts["surname"],
            "started_on": entry.started_on, "left_on": entry.left_on, "seen_on": on, "import_id": import_id,
            "recorded_at": now, "recorded_by": by, "withdrawn_at": None,
        }
        for i, entry in zip(ids, entries, strict=True)
    ]  # fmt: skip
    if learners:
        session.execute(insert(Learner), learners)
        _insert_stints(
            session,
            ((i, entry.staff_number, entry_stints(entry, on=on)) for i, entry in zip(ids, entries, strict=True)),
        )
    return ids


def put_stints(session: Session, learner_id: int, staff_number: str, stints: Sequence[Stint]) -> None:
    """Replace the history of a person; what stood there is kept by whoever calls."""
    session.execute(delete(LearnerStint).where(LearnerStint.learner_id == learner_id))
    _insert_stints(session, [(learner_id, staff_number, stints)])


def _insert_stints(session: Session, histories: Iterable[tuple[int, str, Sequence[Stint]]]) -> None:
    rows = [
        {
            "learner_id": i, "valid_from": stint.valid_from, "valid_to": stint.valid_to,
            **{name: stint.facts.get(name) for name in FACTS},
            "name_key": f"{fold(stint.facts['surname'])} {fold(stint.facts['forename'])}",
            "search": _search(number, stint.facts),
        }
        for i, number, stints in histories
        for stint in stints
    ]  # fmt: skip
    if rows:
        session.execute(insert(LearnerStint), rows)


def _search(number: str, facts: Mapping[str, Any]) -> str:
    return " ".join(fold(part) for part in (facts["surname"], facts["forename"], number, facts.get("collar") or ""))


def mark_seen(session: Session, ids: Sequence[int], on: date) -> None:
    """Note that a roster of a day names these people."""
    for chunk in _chunks(ids):
        session.execute(
            update(Learner).where(Learner.id.in_(chunk), Learner.seen_on < on).values(seen_on=on),
            execution_options={"synchronize_session": False},
        )


def change(
    session: Session,
    learner_id: int,
    facts: Mapping[str, Any],
    *,
    on: date,
    left_on: Any = None,
    told_left: bool = False,
) -> list[str]:
    """Record by hand that something about a person changed on a day, or when they leave. Returns the fields."""
    row = get(session, learner_id)
    unknown = set(facts) - set(FACTS)
    if unknown:
        raise ValueError(f"not facts of a person: {unknown}")
    known = KnownLearner(
        row.id, row.staff_number, row.started_on, row.left_on, tuple(stints_of(session, [row.id])[row.id])
    )
    told = frozenset({"left_on"} if told_left else ())
    entry = RosterEntry(row.staff_number, facts, None, left_on, on, told)
    fields = differences(known, entry)
    if fields:
        put_stints(session, row.id, row.staff_number, changed_stints(known, entry, on=on))
        merged = merged_facts(known, entry)
        row.forename, row.surname = merged["forename"], merged["surname"]
        if told_left:
            row.left_on = left_on
        log.record(session, log.ALTERATION, learner=row.id, fields=fields)
    return fields


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
