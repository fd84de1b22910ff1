"""The catalogue of courses and who is relevant for them, each dated and kept; and what other tables here point at.

A course or a rule is never overwritten: a change is a new version from a day on. Days before the first
version are answered with what the program ships with (`resources/reference/training.toml`).
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.errors import Refused
from oicdesk.settings.rules import code_from
from oicdesk.training import rules
from oicdesk.training.rules import Course, Relevance
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

KEEP: Any = object()  # a value that is left as it is, where None says something


class CourseVersion(Stored):
    """How a course of the catalogue stood from a day on."""

    __tablename__ = "training_course"
    __table_args__ = (Index("training_course_history", "code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    valid_from: Mapped[date]
    title: Mapped[str]
    kind: Mapped[str]
    valid_months: Mapped[int | None]
    equivalents: Mapped[str]  # JSON list of codes
    words: Mapped[str]  # JSON list: what learning systems call it
    recommendation: Mapped[int | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class RelevanceRule(Stored):
    """Who is relevant for a course from a day on; each list is JSON, null for anybody."""

    __tablename__ = "training_rule"
    __table_args__ = (Index("training_rule_history", "course", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str]
    valid_from: Mapped[date]
    role_groups: Mapped[str]
    ranks: Mapped[str]
    teams: Mapped[str]
    forces: Mapped[str]
    why: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class TrainingImport(Stored):
    """A roster or an export of completions that was taken over; `told` is JSON, its counts."""

    __tablename__ = "training_import"
    __table_args__ = (Index("training_import_by_kind", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    day: Mapped[date]  # the London day it speaks for
    at: Mapped[datetime]
    by: Mapped[str]
    told: Mapped[str]
    undone_at: Mapped[datetime | None]


class HydraEvent(Stored):
    """A day at a Hydra centre; `delivery` is national or local."""

    __tablename__ = "hydra_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    held_on: Mapped[date] = mapped_column(index=True)
    centre: Mapped[str]
    delivery: Mapped[str]
    places: Mapped[int]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    cancelled_why: Mapped[str | None]


# --- the catalogue -----------------------------------------------------------------------------------------


@cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((paths.resources() / "reference" / "training.toml").read_text(encoding="utf-8"))


def _shipped_course(code: str) -> Course:
    facts = _shipped()[code]
    return Course(
        code, facts["title"], facts["kind"], words=tuple(facts["words"]),
        recommendation=facts.get("recommendation"), because=facts["because"],
    )  # fmt: skip


def catalogue(session: Session, day: date | None = None) -> dict[str, Course]:
    """Every course by its code as at a day, the newest without one; shipped ones first."""
    found = {code: _shipped_course(code) for code in _shipped()}
    query = select(CourseVersion).order_by(CourseVersion.valid_from, CourseVersion.id)
    for row in session.scalars(query):
        if day is not None and row.valid_from > day and row.code in found:
            continue
        found[row.code] = Course(
            row.code, row.title, row.kind, row.valid_months, tuple(json.loads(row.equivalents)),
            tuple(json.loads(row.words)), row.recommendation,
        )  # fmt: skip
    return found


def titles(session: Session) -> dict[str, str]:
    """Code → title of today."""
    return {code: course.title for code, course in catalogue(session).items()}


def set_course(
    session: Session,
    code: str,
    *,
    on: date,
    at: datetime,
    title: str | None = None,
    valid_months: Any = KEEP,
    equivalents: Sequence[str] | None = None,
    words: Sequence[str] | None = None,
) -> None:
    """Change a course from a day on; what is not given stays as it is."""
    now = catalogue(session)
    if code not in now:
        raise Refused("There is no such course in the catalogue; add it first.", field="code")
    old = now[code]
    new = Course(
        code,
        old.title if title is None else title.strip(),
        old.kind,
        old.valid_months if valid_months is KEEP else _months(valid_months),
        old.equivalents if equivalents is None else tuple(equivalents),
        old.words if words is None else tuple(word.strip() for word in words if word.strip()),
        old.recommendation,
    )
    _check_course(new, now)
    fields = [
        name for name in ("title", "valid_months", "equivalents", "words") if getattr(new, name) != getattr(old, name)
    ]
    if fields:
        row = _add_version(session, new, on, at)
        log.record(session, log.ALTERATION, training_course=row, fields=fields)


def add_course(session: Session, title: str, *, on: date, at: datetime, valid_months: int | None = None) -> str:
    """Add further CPD to the catalogue; nobody is required to do it until a rule says so. Returns its code."""
    known = catalogue(session)
    course = Course(code_from(title), title.strip(), rules.CPD, _months(valid_months), words=(title.strip(),))
    if course.code in known or not course.code:
        raise Refused("The catalogue has a course of that name already, or the title is empty.", field="title")
    _check_course(course, known)
    row = _add_version(session, course, on, at)
    log.record(session, log.COLLECTION, training_course=row, fields=["title"])
    return course.code


def _months(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or not 1 <= value <= 240:
        raise Refused("A validity period is 1 to 240 months, or empty for ever.", field="valid_months")
    return value


def _check_course(course: Course, known: Mapping[str, Course]) -> None:
    others = [one for one in known.values() if one.code != course.code]
    if not course.title:
        raise Refused("A course needs a title; type one.", field="title")
    if course.title.casefold() in {one.title.casefold() for one in others}:
        raise Refused(f"“{course.title}” is already in the catalogue; choose other words.", field="title")
    unknown = [code for code in course.equivalents if code not in known or code == course.code]
    if unknown:
        raise Refused("Only another course of the catalogue can count for this one.", field="equivalents")


def _add_version(session: Session, course: Course, on: date, at: datetime) -> int:
    row = CourseVersion(
        code=course.code, valid_from=on, title=course.title, kind=course.kind, valid_months=course.valid_months,
        equivalents=_json(course.equivalents), words=_json(course.words), recommendation=course.recommendation,
        set_at=at, set_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- who is relevant ---------------------------------------------------------------------------------------


def relevance_history(session: Session, code: str) -> list[Relevance]:
    """Every rule a course ever had, the shipped one first."""
    found = [_shipped_relevance(code)]
    query = select(RelevanceRule).filter_by(course=code).order_by(RelevanceRule.valid_from, RelevanceRule.id)
    return found + [_relevance(row) for row in session.scalars(query)]


def relevance(session: Session, day: date | None = None) -> dict[str, Relevance]:
    """Course → who is relevant as at a day, the newest rule without one."""
    found = {code: _shipped_relevance(code) for code in catalogue(session)}
    for row in session.scalars(select(RelevanceRule).order_by(RelevanceRule.valid_from, RelevanceRule.id)):
        if day is None or row.valid_from <= day:
            found[row.course] = _relevance(row)
    return found


def _shipped_relevance(code: str) -> Relevance:
    facts = _shipped().get(code)
    if facts is None:
        return Relevance(role_groups=(), why="nobody was named yet.")
    groups = facts.get("relevant")
    return Relevance(None if groups is None else tuple(groups), why=f"default, because {facts['because']}")


def _relevance(row: RelevanceRule) -> Relevance:
    lists = [
        None if (value := json.loads(text)) is None else tuple(value)
        for text in (row.role_groups, row.ranks, row.teams, row.forces)
    ]
    return Relevance(lists[0], lists[1], lists[2], lists[3], row.why, row.valid_from)


def set_relevance(
    session: Session,
    code: str,
    *,
    on: date,
    at: datetime,
    why: str,
    role_groups: Sequence[str] | None = None,
    ranks: Sequence[str] | None = None,
    teams: Sequence[str] | None = None,
    forces: Sequence[str] | None = None,
) -> None:
    """Say who is relevant for a course from a day on. None is anybody, an empty list nobody."""
    if code not in catalogue(session):
        raise Refused("There is no such course in the catalogue; choose another.", field="course")
    if not why.strip():
        raise Refused("Say why these people are relevant; figures are read against it.", field="why")
    lists = [None if given is None else sorted(set(given)) for given in (role_groups, ranks, teams, forces)]
    row = RelevanceRule(
        course=code, valid_from=on, why=why.strip(), set_at=at, set_by=session.info["user"].name,
        **dict(zip(("role_groups", "ranks", "teams", "forces"), map(_json, lists), strict=True)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.ALTERATION, training_rule=row.id, fields=["relevance"])
