"""Completions, and those that wait for a person to say whose they are.

A completion is never deleted: taking it back leaves the row with its reason. Past dates stay as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.training import records, records_people
from oicdesk.training.records import HydraEvent, TrainingImport
from oicdesk.training.records_people import Learner
from oicdesk.training.rules import fold
from oicdesk.training.rules_completions import Match, Roster, match, split_name
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

IMPORT, MANUAL, REGISTER = "import", "manual", "register"
SOURCES = {IMPORT: "learning system", MANUAL: "recorded by hand", REGISTER: "attendance register"}


class Completion(Stored):
    """Somebody completed a course on a day. `course_key` tells further CPD of one day apart, else it is empty."""

    __tablename__ = "completion"
    __table_args__ = (
        Index(
            "completion_once", "learner_id", "course", "done_on", "course_key", unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
        Index("completion_of_course", "course", "learner_id", "done_on"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(Learner.id))
    course: Mapped[str]
    course_key: Mapped[str]
    course_text: Mapped[str]  # the title as the learning system wrote it
    done_on: Mapped[date]
    source: Mapped[str]
    evidence: Mapped[str]
    import_id: Mapped[int | None] = mapped_column(ForeignKey(TrainingImport.id), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey(HydraEvent.id), index=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None]


class CompletionMatch(Stored):
    """A completion that waits for a person to confirm whose it is, and what they decided."""

    __tablename__ = "completion_match"
    __table_args__ = (Index("completion_match_waiting", "decided_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey(TrainingImport.id), index=True)
    line: Mapped[int]
    number: Mapped[str]
    name: Mapped[str]
    row_key: Mapped[str] = mapped_column(index=True)
    course: Mapped[str]
    course_key: Mapped[str]
    course_text: Mapped[str]
    done_on: Mapped[date]
    evidence: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    learner_id: Mapped[int | None] = mapped_column(ForeignKey(Learner.id))
    dismissed_why: Mapped[str | None]


# --- what is there -----------------------------------------------------------------------------------------


def recorded(session: Session) -> set[tuple[int, str, date, str]]:
    """(person, course, day, course key) of every completion that counts."""
    query = select(Completion.learner_id, Completion.course, Completion.done_on, Completion.course_key)
    return {tuple(row) for row in session.execute(query.where(Completion.withdrawn_at.is_(None)))}  # type: ignore[misc]  # four columns


def days_by_course(session: Session) -> dict[str, dict[int, list[date]]]:
    """Course → person → days of completion, oldest first."""
    found: dict[str, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
    query = (
        select(Completion.course, Completion.learner_id, Completion.done_on)
        .where(Completion.withdrawn_at.is_(None))
        .order_by(Completion.course, Completion.learner_id, Completion.done_on)
    )
    for course, learner_id, done_on in session.execute(query):
        found[course][learner_id].append(done_on)
    return found


@dataclass(frozen=True)
class CompletionRow:
    """A completion as shown beside a person; `course` is its title, `source` in words."""

    id: int
    course: str
    course_text: str
    done_on: date
    source: str
    evidence: str
    recorded_by: str
    withdrawn_why: str | None


def completions_of(session: Session, learner_id: int) -> list[CompletionRow]:
    """Everything a person completed, newest first, taken-back ones included."""
    names = records.titles(session)
    rows = session.scalars(
        select(Completion).filter_by(learner_id=learner_id).order_by(Completion.done_on.desc(), Completion.id.desc())
    )
    return [
        CompletionRow(
            row.id, names.get(row.course, row.course), row.course_text, row.done_on,
            SOURCES.get(row.source, row.source), row.evidence, row.recorded_by, row.withdrawn_why,
        )
        for row in rows
    ]  # fmt: skip


# --- by hand -----------------------------------------------------------------------------------------------


def complete(
    session: Session,
    learner_id: int,
    course: str,
    done_on: date,
    *,
    evidence: str,
    now: datetime,
    source: str = MANUAL,
    course_text: str = "",
    event_id: int | None = None,
) -> int:
    """Record that somebody completed a course on a day. Returns the completion's id."""
    records_people.get(session, learner_id)
    if course not in records.catalogue(session):
        raise Refused("There is no such course in the catalogue; choose another.", field="course")
    if done_on > london_day(now):
        raise Refused(f"{spoken_day(done_on)} lies in the future; check the day.", field="done_on")
    if source == MANUAL and not evidence.strip():
        raise Refused("Name the evidence: a certificate, a message, a register.", field="evidence")
    key = course_key(course, course_text)
    there = select(Completion.id).filter_by(learner_id=learner_id, course=course, done_on=done_on, course_key=key)
    if session.scalar(there.where(Completion.withdrawn_at.is_(None))):
        raise Refused("That completion is recorded already.", field="done_on")
    row = Completion(
        learner_id=learner_id, course=course, course_key=key, course_text=course_text, done_on=done_on, source=source,
        evidence=evidence.strip(), event_id=event_id, recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, learner=learner_id, completion=row.id)
    return row.id


def take_back(session: Session, completion_id: int, why: str, *, now: datetime) -> None:
    """Take back a completion that was recorded in error; it stays, with the reason, and counts no more."""
    row = session.get(Completion, completion_id)
    if row is None or row.withdrawn_at is not None:
        raise Refused("That completion is taken back already.")
    if not why.strip():
        raise Refused("Say why it is taken back.", field="why")
    row.withdrawn_at, row.withdrawn_why = now, why.strip()
    log.record(session, log.ALTERATION, learner=row.learner_id, completion=row.id, fields=["withdrawn_at"])


def course_key(course: str, course_text: str) -> str:
    """What tells two completions of one person, course and day apart: the title, for further CPD only."""
    return fold(course_text) if course == "other_cpd" else ""


# --- whose is it? ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MatchRow:
    """A completion that waits; `suggestions` are (person, “Surname, Forename (number)”), the likeliest first."""

    id: int
    line: int
    number: str
    name: str
    course: str
    done_on: date
    reason: str
    suggestions: tuple[tuple[int, str], ...]
    file_name: str


def waiting_count(session: Session) -> int:
    return (
        session.scalar(select(func.count()).select_from(CompletionMatch).where(CompletionMatch.decided_at.is_(None)))
        or 0
    )


def waiting(session: Session, offset: int = 0, limit: int = 200) -> list[MatchRow]:
    """What waits to be confirmed, in the order of import, with the suggestions of the roster as it stands now."""
    query = (
        select(CompletionMatch, TrainingImport.file_name)
        .join(TrainingImport, TrainingImport.id == CompletionMatch.import_id)
        .where(CompletionMatch.decided_at.is_(None))
        .order_by(CompletionMatch.id)
        .offset(offset)
        .limit(limit)
    )
    names, roster = records.titles(session), Roster(records_people.roster_for_matching(session))
    numbers = dict(session.execute(select(Learner.id, Learner.staff_number)).all())
    rows = []
    for row, file_name in session.execute(query):
        found = match_row(roster, row.number, row.name)
        suggested = (found.person,) if found.person else found.suggestions
        rows.append(
            MatchRow(
                row.id, row.line, row.number, row.name, names.get(row.course, row.course), row.done_on, row.reason,
                tuple((one.id, f"{one.name} ({numbers[one.id]})") for one in suggested), file_name,
            )
        )  # fmt: skip
    return rows


def match_row(roster: Roster, number: str, name: str) -> Match:
    """The person of a row that gives the whole name in one cell."""
    forename, surname = split_name(name)
    return match(roster, number, records_people.first_forename(forename), fold(surname), shown=name)


def confirm(session: Session, match_ids: Sequence[int], learner_id: int, *, now: datetime) -> int:
    """A person says that these completions are this person's. Returns how many were recorded anew."""
    records_people.get(session, learner_id)
    by, new = session.info["user"].name, 0
    there = recorded(session)
    for row in _undecided(session, match_ids):
        row.decided_at, row.decided_by, row.learner_id = now, by, learner_id
        key = (learner_id, row.course, row.done_on, row.course_key)
        if key not in there:
            there.add(key)
            new += 1
            session.add(
                Completion(
                    learner_id=learner_id, course=row.course, course_key=row.course_key, course_text=row.course_text,
                    done_on=row.done_on, source=IMPORT, evidence=row.evidence, import_id=row.import_id,
                    recorded_at=now, recorded_by=by,
                )
            )  # fmt: skip
    log.record(session, log.COMBINATION, learner=learner_id, completion_match=list(match_ids))
    return new


def dismiss(session: Session, match_ids: Sequence[int], why: str, *, now: datetime) -> None:
    """A person says that these completions belong to nobody on the roster."""
    if not why.strip():
        raise Refused("Say why nobody on the roster is meant.", field="why")
    for row in _undecided(session, match_ids):
        row.decided_at, row.decided_by, row.dismissed_why = now, session.info["user"].name, why.strip()
    log.record(session, log.ALTERATION, completion_match=list(match_ids), fields=["dismissed_why"])


def _undecided(session: Session, match_ids: Iterable[int]) -> list[CompletionMatch]:
    ids = list(match_ids)
    rows = list(session.scalars(select(CompletionMatch).where(CompletionMatch.id.in_(ids))))
    if not ids or len(rows) < len(ids) or any(row.decided_at is not None for row in rows):
        raise Refused("Some of these were decided already; look at the list again.")
    return rows


def matches_by_key(session: Session) -> dict[str, Any]:
    """Row key → None while it waits, else when it was decided."""
    return dict(session.execute(select(CompletionMatch.row_key, CompletionMatch.decided_at)).all())
