"""People × courses, page by page: a source for tables that filters and sorts in SQL and counts as the figures do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from oicdesk.settings.records import Reference, reference
from oicdesk.training import records, records_exclusions, rules
from oicdesk.training.records_completions import Completion
from oicdesk.training.records_exclusions import LearnerExclusion
from oicdesk.training.records_people import Learner, LearnerStint, holds_on
from oicdesk.training.rules import Person, Relevance, Snapshot, Standing

_SORTED: Final[Mapping[str, Any]] = {
    "name": LearnerStint.name_key, "force": LearnerStint.force, "team": LearnerStint.team, "rank": LearnerStint.rank,
    "role_group": LearnerStint.role_group, "staff_number": Learner.number_key,
}  # fmt: skip
SORTED: Final = tuple(_SORTED)
"""Columns that sort; so does each course by its code, on the newest completion."""


@dataclass(frozen=True)
class MatrixFilter:
    """Which people are listed. `course` with a `state` of `rules` lists who stands so with it.

    Without a course the state `missing` lists who is missing anything, `complete` who is missing nothing.
    """

    force: str = rules.JOINT
    team: str = ""
    role_group: str = ""
    rank: str = ""
    words: str = ""
    course: str = ""
    state: str = ""


@dataclass(frozen=True)
class MatrixRow:
    """A person and where they stand with every course."""

    id: int
    person: Person
    standings: Mapping[str, Standing]

    @property
    def name(self) -> str:
        return self.person.name


class Matrix:
    """The people in service on a day who pass a filter; `count`, `page` and `position` for a table."""

    def __init__(
        self, session: Session, day: date, chosen: MatrixFilter | None = None, *, desk: Reference | None = None
    ) -> None:
        self._session, self.day, self._filter = session, day, chosen or MatrixFilter()
        self.courses = records.catalogue(session, day)
        relevance = records.relevance(session, day)
        self._relevance = {code: relevance[code] for code in self.courses}
        desk = desk or reference(session)
        self._desk, self._absent_apart = desk, bool(desk.setting("training_absent_apart", day))
        self._where = self._conditions()

    def count(self) -> int:
        """How many people pass."""
        query = select(func.count()).select_from(LearnerStint).join(Learner, Learner.id == LearnerStint.learner_id)
        return self._session.scalar(query.where(*self._where)) or 0

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = False) -> list[MatrixRow]:
        """`limit` people from `offset` in that order; by name unless told."""
        key = self._sort(sort)
        order = (key.desc(), Learner.id.desc()) if descending else (key, Learner.id)
        stint = LearnerStint
        query = (
            select(
                Learner.id, Learner.staff_number, stint.forename, stint.surname, stint.force, stint.team, stint.rank,
                stint.role_group, stint.absence, stint.collar, stint.supervisor,
            )
            .join(stint, stint.learner_id == Learner.id)
            .where(*self._where)
            .order_by(*order)
            .offset(offset)
            .limit(limit)
        )  # fmt: skip
        return self._rows([Person(*row) for row in self._session.execute(query)])

    def position(self, learner_id: int, sort: str | None = None, descending: bool = False) -> int | None:
        """The place of a person in that order, or None if they do not pass."""
        key = self._sort(sort)
        joined = select(key).select_from(Learner).join(LearnerStint, LearnerStint.learner_id == Learner.id)
        own = self._session.execute(joined.where(Learner.id == learner_id, *self._where)).first()
        if own is None:
            return None
        count = select(func.count()).select_from(Learner).join(LearnerStint, LearnerStint.learner_id == Learner.id)
        before = _before(key, own[0], learner_id, descending)
        return self._session.scalar(count.where(before, *self._where))

    def ids(self) -> list[int]:
        """Everybody who passes, by name."""
        query = select(Learner.id).join(LearnerStint, LearnerStint.learner_id == Learner.id).where(*self._where)
        return list(self._session.scalars(query.order_by(LearnerStint.name_key, Learner.id)))

    def _rows(self, people: Sequence[Person]) -> list[MatrixRow]:
        ids = [person.id for person in people]
        found = _newest_days(self._session, ids, self.day)
        done: dict[str, dict[int, date]] = {code: {} for code in self.courses}
        for code, course in self.courses.items():
            for one in course.counted:
                for learner_id, day in found.get(one, {}).items():
                    done[code][learner_id] = max(day, done[code].get(learner_id, day))
        left_out = records_exclusions.exclusions_among(self._session, ids, self._desk)
        now = Snapshot(self.day, people, self.courses, self._relevance, left_out, done, self._absent_apart)
        return [
            MatrixRow(person.id, person, {code: now.standing(person, code) for code in self.courses})
            for person in people
        ]

    def _sort(self, sort: str | None) -> ColumnElement[Any]:
        if sort in self.courses:
            return _newest(self.courses[sort].counted, self.day)
        if sort is not None and sort not in _SORTED:
            raise ValueError(f"not a column that sorts: {sort}")
        column: ColumnElement[Any] = _SORTED[sort or "name"]
        return column

    # --- the filter as SQL ---

    def _conditions(self) -> list[ColumnElement[bool]]:
        chosen = self._filter
        where: list[ColumnElement[bool]] = [Learner.withdrawn_at.is_(None), holds_on(self.day)]
        if chosen.force != rules.JOINT:
            where.append(LearnerStint.force == chosen.force)
        for name in ("team", "role_group", "rank"):
            value = getattr(chosen, name)
            if value:
                where.append(getattr(LearnerStint, name) == value)
        where += [LearnerStint.search.contains(word, autoescape=True) for word in rules.fold(chosen.words).split()]
        if chosen.state:
            where.append(self._state(chosen.course, chosen.state))
        return where

    def _state(self, code: str, state: str) -> ColumnElement[bool]:
        if code:
            return self._stands(code, state)
        asked = [code for code in self.courses if not self._relevance[code].is_nobody]
        if not asked:
            return false()
        missing = or_(*(and_(self._in_scope(code), ~self._is_valid(code)) for code in asked))
        if state == rules.MISSING:
            return missing
        if state == rules.COMPLETE:
            return and_(or_(*(self._in_scope(code) for code in asked)), ~missing)
        raise ValueError(f"not a state of all courses: {state}")

    def _stands(self, code: str, state: str) -> ColumnElement[bool]:
        """The same answers as `Snapshot.standing`, in SQL; a test holds them equal."""
        course, relevant = self.courses[code], _covers(self._relevance[code])
        if state == rules.NOT_REQUIRED:
            return ~relevant
        if state == rules.EXCLUDED:
            return relevant & self._left_out(code)
        any_, valid = _has(course.counted, self.day), self._is_valid(code)
        found = {rules.COMPLETE: valid, rules.EXPIRED: and_(any_, ~valid), rules.MISSING: ~any_}
        return and_(self._in_scope(code), found[state])

    def _is_valid(self, code: str) -> ColumnElement[bool]:
        course = self.courses[code]
        return _has(course.counted, self.day, rules.valid_since(self.day, course.valid_months))

    def _in_scope(self, code: str) -> ColumnElement[bool]:
        return and_(_covers(self._relevance[code]), ~self._left_out(code))

    def _left_out(self, code: str) -> ColumnElement[bool]:
        row = LearnerExclusion
        excluded = exists().where(
            row.learner_id == Learner.id, row.withdrawn_at.is_(None), row.from_on <= self.day,
            or_(row.to_on.is_(None), row.to_on >= self.day), or_(row.course.is_(None), row.course == code),
        )  # fmt: skip
        if not self._absent_apart:
            return excluded
        return or_(excluded, and_(LearnerStint.absence.is_not(None), LearnerStint.absence != ""))


def _covers(rule: Relevance) -> ColumnElement[bool]:
    if rule.is_nobody:
        return false()
    named = (
        (LearnerStint.role_group, rule.role_groups), (LearnerStint.rank, rule.ranks), (LearnerStint.team, rule.teams),
        (LearnerStint.force, rule.forces),
    )  # fmt: skip
    # A person without a team is in none, and must not fall out of both a rule and its opposite.
    parts = [and_(column.is_not(None), column.in_(allowed)) for column, allowed in named if allowed is not None]
    return and_(true(), *parts)


def _has(codes: Sequence[str], day: date, since: date | None = None) -> ColumnElement[bool]:
    found = exists().where(
        Completion.course.in_(codes), Completion.learner_id == Learner.id, Completion.done_on <= day,
        Completion.withdrawn_at.is_(None),
    )  # fmt: skip
    return found if since is None else found.where(Completion.done_on >= since)


def _newest(codes: Sequence[str], day: date) -> ColumnElement[Any]:
    return (
        select(func.max(Completion.done_on))
        .where(
            Completion.course.in_(codes), Completion.learner_id == Learner.id, Completion.done_on <= day,
            Completion.withdrawn_at.is_(None),
        )
        .correlate(Learner)
        .scalar_subquery()
    )  # fmt: skip


def _newest_days(session: Session, ids: Sequence[int], day: date) -> dict[str, dict[int, date]]:
    query = (
        select(Completion.course, Completion.learner_id, func.max(Completion.done_on))
        .where(Completion.learner_id.in_(ids), Completion.done_on <= day, Completion.withdrawn_at.is_(None))
        .group_by(Completion.course, Completion.learner_id)
    )
    found: dict[str, dict[int, date]] = defaultdict(dict)
    for course, learner_id, done_on in session.execute(query):
        found[course][learner_id] = done_on
    return found


def _before(key: ColumnElement[Any], value: Any, row_id: int, descending: bool) -> ColumnElement[bool]:
    """What stands before a row; SQLite puts rows without a value first."""
    by_id = Learner.id > row_id if descending else Learner.id < row_id
    if value is None:
        return key.is_not(None) | (key.is_(None) & by_id) if descending else key.is_(None) & by_id
    first: ColumnElement[bool] = key > value if descending else (key < value) | key.is_(None)
    found: ColumnElement[bool] = first | ((key == value) & by_id)
    return found
