"""Taking over a roster or an export of completions in one transaction, and taking a whole import back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day
from oicdesk.training import records_completions, records_people
from oicdesk.training.records import TrainingImport
from oicdesk.training.records_completions import Completion, CompletionMatch
from oicdesk.training.records_events import HydraPlace
from oicdesk.training.records_exclusions import LearnerExclusion
from oicdesk.training.records_people import KnownLearner, Learner, RosterEntry
from oicdesk.training.rules import Stint
from oicdesk.training.rules_completions import CompletionFacts
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

LEARNERS, COMPLETIONS = "learners", "completions"
Progress = Callable[[float, str], None]


def _silent(_share: float, _text: str) -> None:
    """No progress shown."""


class TrainingImportChange(Stored):
    """Somebody's record as it stood before a roster changed it (JSON), so that it can be put back."""

    __tablename__ = "training_import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey(TrainingImport.id), index=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(Learner.id), index=True)
    before: Mapped[str]
    after: Mapped[str]


@dataclass(frozen=True)
class ChangedLearner:
    """Somebody known whom a roster describes otherwise, with their history after it."""

    known: KnownLearner
    entry: RosterEntry
    stints: tuple[Stint, ...]


@dataclass(frozen=True)
class Undone:
    """What taking an import back did; `kept` says in words what stays and why."""

    withdrawn: int
    restored: int
    kept: tuple[str, ...] = field(default=())


def _add_batch(
    session: Session, kind: str, file_name: str, file_sha256: str, told: dict[str, int], on: date, now: datetime
) -> TrainingImport:
    batch = TrainingImport(
        kind=kind, file_name=file_name, file_sha256=file_sha256, day=on, at=now, by=session.info["user"].name,
        told=json.dumps(told),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def is_known_file(session: Session, kind: str, file_sha256: str) -> bool:
    """Whether the very same file was imported already and not taken back."""
    query = select(TrainingImport.id).filter_by(kind=kind, file_sha256=file_sha256)
    return session.scalar(query.where(TrainingImport.undone_at.is_(None)).limit(1)) is not None


def newest_import(session: Session, kind: str, *, before: datetime | None = None) -> datetime | None:
    """When the newest import of that kind was made, up to an instant."""
    query = select(func.max(TrainingImport.at)).filter_by(kind=kind).where(TrainingImport.undone_at.is_(None))
    if before is not None:
        query = query.where(TrainingImport.at <= before)
    return session.scalar(query)


@dataclass(frozen=True)
class ImportRow:
    """One import as listed on the page; `told` are its counts."""

    id: int
    kind: str
    file_name: str
    at: datetime
    by: str
    told: dict[str, int]
    undone_at: datetime | None


def imports(session: Session) -> list[ImportRow]:
    """Every import, newest first."""
    rows = session.scalars(select(TrainingImport).order_by(TrainingImport.id.desc()))
    return [ImportRow(r.id, r.kind, r.file_name, r.at, r.by, json.loads(r.told), r.undone_at) for r in rows]


# --- the roster --------------------------------------------------------------------------------------------


def write_learners(
    session: Session,
    new: Sequence[RosterEntry],
    changed: Sequence[ChangedLearner],
    same: Sequence[int],
    *,
    file_name: str,
    file_sha256: str,
    told: dict[str, int],
    on: date,
    now: datetime,
    progress: Progress = _silent,
) -> int:
    """Record new people and what changed about known ones. Returns the import's id."""
    batch = _add_batch(session, LEARNERS, file_name, file_sha256, told, on, now)
    first = (session.scalar(select(func.max(Learner.id))) or 0) + 1
    progress(0.2, "Writing the people")
    ids = records_people.add_all(session, new, import_id=batch.id, on=on, now=now, first_id=first)
    progress(0.6, "Writing what changed")
    for one in changed:
        _change(session, batch.id, one)
    records_people.mark_seen(session, [*same, *(one.known.id for one in changed)], on)
    progress(0.8, "Writing the log")
    log.record(session, log.COLLECTION, training_import=batch.id, detail=f"import {LEARNERS}")
    log.record_many(session, log.COLLECTION, "learner", ids, detail=f"training import {batch.id}")
    if changed:
        altered = [one.known.id for one in changed]
        log.record_many(session, log.ALTERATION, "learner", altered, detail=f"training import {batch.id}")
    return batch.id


def _change(session: Session, import_id: int, one: ChangedLearner) -> None:
    row = records_people.get(session, one.known.id)
    before = _as_json(row, one.known.stints)
    merged = records_people.merged_facts(one.known, one.entry)
    row.forename, row.surname = merged["forename"], merged["surname"]
    if "started_on" in one.entry.told and one.entry.started_on:
        row.started_on = one.entry.started_on
    if "left_on" in one.entry.told:
        row.left_on = one.entry.left_on
    records_people.put_stints(session, row.id, row.staff_number, one.stints)
    session.add(
        TrainingImportChange(import_id=import_id, learner_id=row.id, before=before, after=_as_json(row, one.stints))
    )


def _as_json(row: Learner, stints: Sequence[Stint]) -> str:
    told = {
        "forename": row.forename, "surname": row.surname, "started_on": _iso(row.started_on),
        "left_on": _iso(row.left_on),
        "stints": [[_iso(s.valid_from), _iso(s.valid_to), dict(s.facts)] for s in stints],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


# --- completions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CompletionToWrite:
    """A completion whose person is known (`learner_id`), or one to confirm (`reason`, `row_key`)."""

    line: int
    facts: CompletionFacts
    learner_id: int | None = None
    reason: str = ""
    row_key: str = ""


def write_completions(
    session: Session,
    rows: Sequence[CompletionToWrite],
    *,
    file_name: str,
    file_sha256: str,
    told: dict[str, int],
    now: datetime,
    progress: Progress = _silent,
) -> int:
    """Record completions, and set aside those to confirm. Returns the import's id."""
    batch = _add_batch(session, COMPLETIONS, file_name, file_sha256, told, london_day(now), now)
    by = session.info["user"].name
    first = (session.scalar(select(func.max(Completion.id))) or 0) + 1
    known = [row for row in rows if row.learner_id is not None]
    ids = list(range(first, first + len(known)))
    progress(0.2, "Writing the completions")
    if known:
        session.execute(
            insert(Completion),
            [_completion(i, row, batch.id, now, by) for i, row in zip(ids, known, strict=True)],
        )
    doubtful = [row for row in rows if row.learner_id is None]
    if doubtful:
        session.execute(insert(CompletionMatch), [_match(row, batch.id) for row in doubtful])
    progress(0.8, "Writing the log")
    log.record(session, log.COLLECTION, training_import=batch.id, detail=f"import {COMPLETIONS}")
    log.record_many(session, log.COLLECTION, "completion", ids, detail=f"training import {batch.id}")
    return batch.id


def _completion(row_id: int, row: CompletionToWrite, import_id: int, now: datetime, by: str) -> dict[str, Any]:
    facts = row.facts
    return {
        "id": row_id, "learner_id": row.learner_id, "course": facts.course,
        "course_key": records_completions.course_key(facts.course, facts.course_text),
        "course_text": facts.course_text, "done_on": facts.done_on, "source": records_completions.IMPORT,
        "evidence": facts.evidence, "import_id": import_id, "event_id": None, "recorded_at": now, "recorded_by": by,
        "withdrawn_at": None, "withdrawn_why": None,
    }  # fmt: skip


def _match(row: CompletionToWrite, import_id: int) -> dict[str, Any]:
    facts = row.facts
    return {
        "import_id": import_id, "line": row.line, "number": facts.number, "name": facts.name, "row_key": row.row_key,
        "course": facts.course, "course_key": records_completions.course_key(facts.course, facts.course_text),
        "course_text": facts.course_text, "done_on": facts.done_on, "evidence": facts.evidence, "reason": row.reason,
        "decided_at": None, "decided_by": None, "learner_id": None, "dismissed_why": None,
    }  # fmt: skip


# --- taking back -------------------------------------------------------------------------------------------


def undo(session: Session, import_id: int, *, now: datetime) -> Undone:
    """Take a whole import back. Its completions count no more; people worked on since stay and are named."""
    batch = session.get(TrainingImport, import_id)
    if batch is None or batch.undone_at is not None:
        raise Refused("That import is undone already.")
    done = _undo_learners(session, batch, now) if batch.kind == LEARNERS else _undo_completions(session, batch, now)
    batch.undone_at = now
    log.record(session, log.ALTERATION, training_import=import_id, fields=["undone_at"], detail="import undone")
    return done


def _undo_completions(session: Session, batch: TrainingImport, now: datetime) -> Undone:
    mine = select(Completion.id).where(Completion.import_id == batch.id, Completion.withdrawn_at.is_(None))
    ids = list(session.scalars(mine))
    session.execute(
        update(Completion)
        .where(Completion.import_id == batch.id, Completion.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_why="import undone"),
        execution_options={"synchronize_session": False},
    )
    # What nobody has decided yet is only a row of the file; it comes again with the file. Decisions stay on
    # record, but no longer stand for the row, whose completion is taken back.
    of_batch = CompletionMatch.import_id == batch.id
    session.execute(delete(CompletionMatch).where(of_batch, CompletionMatch.decided_at.is_(None)))
    session.execute(update(CompletionMatch).where(of_batch).values(row_key=""))
    log.record_many(session, log.ALTERATION, "completion", ids, fields=["withdrawn_at"])
    return Undone(len(ids), 0)


def _undo_learners(session: Session, batch: TrainingImport, now: datetime) -> Undone:
    restored, kept = 0, []
    for change in session.scalars(
        select(TrainingImportChange).where(TrainingImportChange.import_id == batch.id).order_by(TrainingImportChange.id)
    ):
        row = records_people.get(session, change.learner_id)
        stints = records_people.stints_of(session, [row.id])[row.id]
        if _as_json(row, stints) != change.after:
            kept.append(f"{row.surname}, {row.forename} (changed since)")
            continue
        _put_back(session, row, json.loads(change.before))
        restored += 1
    used = _in_use(session, batch)
    ids = []
    for row in session.scalars(select(Learner).where(Learner.import_id == batch.id, Learner.withdrawn_at.is_(None))):
        if row.id in used:
            kept.append(f"{row.surname}, {row.forename} (has a training record)")
        else:
            row.withdrawn_at = now
            ids.append(row.id)
    log.record_many(session, log.ALTERATION, "learner", ids, fields=["withdrawn_at"])
    return Undone(len(ids), restored, tuple(kept))


def _put_back(session: Session, row: Learner, told: dict[str, Any]) -> None:
    row.forename, row.surname = told["forename"], told["surname"]
    row.started_on, row.left_on = _day(told["started_on"]), _day(told["left_on"])
    stints = [Stint(date.fromisoformat(start), _day(end), facts) for start, end, facts in told["stints"]]
    records_people.put_stints(session, row.id, row.staff_number, stints)
    log.record(session, log.ALTERATION, learner=row.id, detail="import undone")


def _in_use(session: Session, batch: TrainingImport) -> set[int]:
    """People of this import who have a record of their own by now, or were changed by a later one."""
    mine = select(Learner.id).where(Learner.import_id == batch.id)
    queries = (
        select(Completion.learner_id).where(Completion.learner_id.in_(mine), Completion.withdrawn_at.is_(None)),
        select(LearnerExclusion.learner_id).where(
            LearnerExclusion.learner_id.in_(mine), LearnerExclusion.withdrawn_at.is_(None)
        ),
        select(HydraPlace.learner_id).where(HydraPlace.learner_id.in_(mine)),
        select(TrainingImportChange.learner_id)
        .join(TrainingImport, TrainingImport.id == TrainingImportChange.import_id)
        .where(TrainingImportChange.learner_id.in_(mine), TrainingImport.undone_at.is_(None)),
    )
    return {learner_id for query in queries for learner_id in session.scalars(query)}
