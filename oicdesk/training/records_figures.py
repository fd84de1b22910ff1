"""The training figures as at any day, the monthly series, the forecast; and what is checked before they are shown."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.settings.records import reference
from oicdesk.settings.rules import end_of_day, london_day, long_day, short_day
from oicdesk.training import (
    records,
    records_completions,
    records_events,
    records_exclusions,
    records_people,
    rules,
    rules_forecast,
)
from oicdesk.training.records import TrainingImport
from oicdesk.training.records_completions import REGISTER, Completion
from oicdesk.training.records_imports import COMPLETIONS, LEARNERS, newest_import
from oicdesk.training.records_people import Learner, TimedPerson
from oicdesk.training.rules import (
    Evidence,
    Exclusion,
    Figures,
    GroupRow,
    Inconsistency,
    MissingRow,
    Person,
    Point,
    Snapshot,
)
from oicdesk.training.rules_forecast import Forecast

_FORCES = ("Suffolk", "Norfolk")


@dataclass(frozen=True)
class History:
    """Everything that figures need, read once; `on(day)` is the desk as at a day."""

    stints: Sequence[TimedPerson]
    days: Mapping[str, Mapping[int, Sequence[date]]]
    exclusions: Mapping[int, Sequence[Exclusion]]
    versions: "Versions"

    def on(self, day: date) -> Snapshot:
        people = [
            one.person for one in self.stints if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)
        ]
        courses, relevance, absent_apart = self.versions.on(day)
        done = {course.code: self._done(course.counted, day) for course in courses.values()}
        return Snapshot(day, people, courses, relevance, self.exclusions, done, absent_apart)

    def _done(self, codes: Sequence[str], day: date) -> dict[int, date]:
        found: dict[int, date] = {}
        for code in codes:
            for person, days in self.days.get(code, {}).items():
                place = bisect_right(days, day)
                if place and (person not in found or days[place - 1] > found[person]):
                    found[person] = days[place - 1]
        return found


class Versions:
    """Catalogue, relevance and settings by day."""

    def __init__(self, session: Session) -> None:
        self._session, self._desk = session, reference(session)

    def on(self, day: date) -> tuple[Mapping[str, rules.Course], Mapping[str, rules.Relevance], bool]:
        catalogue = records.catalogue(self._session, day)
        relevance = records.relevance(self._session, day)
        return (
            catalogue,
            {code: relevance[code] for code in catalogue},
            self._desk.setting("training_absent_apart", day),
        )


def history(session: Session) -> History:
    """Read what figures of any day need."""
    return History(
        records_people.all_stints(session), records_completions.days_by_course(session),
        records_exclusions.exclusions(session), Versions(session),
    )  # fmt: skip


def snapshot(session: Session, day: date) -> Snapshot:
    """The desk as at a day."""
    return history(session).on(day)


def evidence(session: Session, day: date) -> Evidence:
    """How fresh the evidence was at the end of a day."""
    desk, until = reference(session), end_of_day(day)
    imported = newest_import(session, COMPLETIONS, before=until)
    registered = session.scalar(
        select(func.max(Completion.recorded_at)).where(
            Completion.source == REGISTER, Completion.recorded_at <= until, Completion.withdrawn_at.is_(None)
        )
    )
    return Evidence(
        _london(imported), _london(registered),
        desk.setting("training_evidence_days", day), desk.setting("training_target_percent", day),
    )  # fmt: skip


def _london(at: datetime | None) -> date | None:
    return None if at is None else london_day(at)


def figures(session: Session, day: date, force: str = rules.JOINT, *, past: History | None = None) -> Figures:
    """Every training figure of a force as at the end of a day."""
    return rules.figures((past or history(session)).on(day), force, evidence(session, day))


def counts(session: Session, day: date, force: str = rules.JOINT) -> dict[str, object]:
    """The figures in the shape that `figures --json` prints."""
    found = figures(session, day, force)
    together = found.all_modules
    return {
        "as_at": day.isoformat(),
        "force": force,
        "headcount": found.headcount,
        "courses": {code: _figure_json(one) for code, one in found.courses.items()},
        "all_modules": _figure_json(together),
        "verdicts": {str(one.recommendation): one.word for one in found.verdicts},
    }


def _figure_json(found: rules.CourseFigure) -> dict[str, object]:
    return {
        "title": found.title, "in_scope": found.in_scope, "completed": found.completed, "percent": found.percent,
        "expired": found.expired, "excluded": dict(found.excluded),
    }  # fmt: skip


def monthly(
    session: Session, day: date, force: str = rules.JOINT, *, months: int = 12, past: History | None = None
) -> dict[str, list[Point]]:
    """Course (and "all_modules") → one point a month for the twelve months up to a day, which is the last point."""
    past = past or history(session)
    series: dict[str, list[Point]] = {}
    for end in rules.month_ends(day, months):
        scoped = past.on(end).of_force(force)
        found = {
            code: rules.course_figure(scoped, code) for code, one in scoped.courses.items() if one.kind != rules.CPD
        }
        found[rules.ALL_MODULES] = rules.all_modules_figure(scoped, found)
        for code, one in found.items():
            series.setdefault(code, []).append(Point(end, one.in_scope, one.completed))
    return series


def forecast(
    session: Session, day: date, code: str, force: str = rules.JOINT, *, past: History | None = None
) -> Forecast:
    """When everybody in scope will have completed a course (or "all_modules"), at the pace of the last weeks."""
    past = past or history(session)
    weeks = reference(session).setting("training_forecast_weeks", day)
    before, now = (_figure(past.on(on).of_force(force), code) for on in (day - timedelta(weeks=weeks), day))
    return rules_forecast.forecast(now, rules_forecast.flow(before, now, weeks=weeks), day)


def _figure(found: Snapshot, code: str) -> rules.CourseFigure:
    if code != rules.ALL_MODULES:
        return rules.course_figure(found, code)
    return rules.all_modules_figure(found, {one: rules.course_figure(found, one) for one in found.modules()})


@dataclass(frozen=True)
class PositionRow:
    """Everything the report of a day says: the figures of the scope asked for, and of each force.

    `series`, `forecasts` and `gaps` are by course code, "all_modules" included; `teams` is of all modules.
    """

    figures: Figures
    by_force: Mapping[str, Figures]
    relevance: Mapping[str, str]
    series: Mapping[str, Sequence[Point]]
    forecasts: Mapping[str, Forecast]
    gaps: Mapping[str, str]
    teams: Sequence[GroupRow]
    missing: Sequence[MissingRow]
    inconsistencies: Sequence[Inconsistency]


def position(session: Session, day: date, force: str = rules.JOINT) -> PositionRow:
    """What the training report of a day is made of, from one reading of the desk."""
    past, known = history(session), evidence(session, day)
    now = past.on(day)
    scoped = now.of_force(force)
    found = rules.figures(now, force, known)
    forces = (*_FORCES, rules.JOINT) if force == rules.JOINT else (force,)
    asked = [one for one in (*found.courses.values(), found.all_modules) if one.in_scope]
    return PositionRow(
        figures=found,
        by_force={one: rules.figures(now, one, known) for one in forces},
        relevance={code: rule.in_words() for code, rule in now.relevance.items()},
        series=monthly(session, day, force, past=past),
        forecasts={one.code: forecast(session, day, one.code, force, past=past) for one in asked if one.missing},
        gaps={one.code: rules.gap_in_words(scoped, one) for one in asked},
        teams=rules.by_group(scoped, found.all_modules, "team"),
        missing=rules.missing_rows(scoped),
        inconsistencies=check(session, day, past=past),
    )


# --- what is checked before anything is published ----------------------------------------------------------


def check(session: Session, day: date, *, past: History | None = None) -> list[Inconsistency]:
    """Everything that should be looked at before figures of a day are published, in words."""
    past = past or history(session)
    now = past.on(day)
    return [
        *_check_imports(session, day),
        *_check_scope(now),
        *_check_people(session, now, day),
        *_check_completions(session, past, day),
        *_check_exclusions(past, now, day),
        *_check_registers(session, day),
    ]


def _check_imports(session: Session, day: date) -> list[Inconsistency]:
    found = []
    limit = reference(session).setting("training_evidence_days", day)
    for kind, noun in ((LEARNERS, "roster"), (COMPLETIONS, "export of completions")):
        newest = _london(newest_import(session, kind, before=end_of_day(day)))
        if newest is None:
            found.append(Inconsistency("import", f"No {noun} had been imported by {long_day(day)}."))
        elif (day - newest).days > limit:
            found.append(
                Inconsistency("import", f"The newest {noun} is of {long_day(newest)}, more than {limit} days old.")
            )
    waiting = records_completions.waiting_count(session)
    if waiting:
        are = "completion waits" if waiting == 1 else "completions wait"
        found.append(
            Inconsistency("to confirm", f"{waiting} {are} for somebody to confirm whose they are; none is counted.")
        )
    return found


def _check_scope(now: Snapshot) -> list[Inconsistency]:
    found = []
    in_use = {name: {getattr(person, name) for person in now.people} for name in rules.DIMENSIONS}
    for code, course in now.courses.items():
        if course.kind == rules.CPD:
            continue
        rule = now.relevance[code]
        if rule.is_nobody:
            found.append(Inconsistency("scope", f"Nobody is relevant for {course.title} yet, so it has no figure."))
            continue
        named = (("role_group", rule.role_groups), ("team", rule.teams), ("rank", rule.ranks), ("force", rule.forces))
        for name, allowed in named:
            for value in allowed or ():
                if now.people and value not in in_use[name]:
                    words = f"{rules.DIMENSIONS[name].lower()} “{value}”"
                    found.append(
                        Inconsistency("scope", f"The rule for {course.title} names the {words}, which nobody has.")
                    )
    return found


def _check_people(session: Session, now: Snapshot, day: date) -> list[Inconsistency]:
    found = []
    for name in ("team", "rank", "role_group"):
        ids = tuple(person.id for person in now.people if not getattr(person, name))
        if ids:
            found.append(Inconsistency("people", f"{_counted(ids)} without a {rules.DIMENSIONS[name].lower()}.", ids))
    names = Counter((rules.fold(person.name), person.force) for person in now.people)
    twins = tuple(person.id for person in now.people if names[rules.fold(person.name), person.force] > 1)
    if twins:
        sentence = (
            f"{_counted(twins)} who share their name with somebody of the same force: check that nobody stands twice."
        )
        found.append(Inconsistency("people", sentence, twins))
    newest = _newest_roster(session, day)
    if newest is not None:
        seen = dict(session.execute(select(Learner.id, Learner.seen_on)).all())
        lost = tuple(person.id for person in now.people if seen[person.id] < newest)
        if lost:
            sentence = f"{_counted(lost)} not on the newest roster, of {long_day(newest)}, and without a last day."
            found.append(Inconsistency("people", sentence, lost))
    return found


def _newest_roster(session: Session, day: date) -> date | None:
    query = select(func.max(TrainingImport.day)).filter_by(kind=LEARNERS).where(TrainingImport.undone_at.is_(None))
    return session.scalar(query.where(TrainingImport.day <= day))


def _check_completions(session: Session, past: History, day: date) -> list[Inconsistency]:
    service = {
        i: (started, left, f"{surname}, {forename}")
        for i, started, left, surname, forename in session.execute(
            select(Learner.id, Learner.started_on, Learner.left_on, Learner.surname, Learner.forename)
            .where(Learner.withdrawn_at.is_(None))
        )
    }  # fmt: skip
    titles = records.titles(session)
    found = []
    for code, people in past.days.items():
        for person, days in people.items():
            started, left, name = service.get(person, (None, None, ""))
            odd = [(on, "before the first day", started) for on in days if started is not None and on < started]
            odd += [(on, "after the last day", left) for on in days if left is not None and on > left]
            for on, words, bound in odd:
                if on <= day:
                    sentence = f"{name} completed {titles[code]} on {short_day(on)}, {words}, {short_day(bound)}."
                    found.append(Inconsistency("completions", sentence, (person,)))
    return sorted(found, key=lambda one: one.sentence)


def _check_exclusions(past: History, now: Snapshot, day: date) -> list[Inconsistency]:
    found = []
    people: dict[int, Person] = {person.id: person for person in now.people}
    for person_id, rows in past.exclusions.items():
        person = people.get(person_id)
        for row in rows:
            if person is None or row.course is None or not row.holds(row.course, day) or row.course not in now.courses:
                continue
            title = now.courses[row.course].title
            if not now.relevance[row.course].covers(person):
                sentence = f"{person.name} is left out of {title} but is not relevant for it anyway."
                found.append(Inconsistency("exclusions", sentence, (person_id,)))
            elif person_id in now.done.get(row.course, {}):
                sentence = f"{person.name} is left out of {title} but has completed it."
                found.append(Inconsistency("exclusions", sentence, (person_id,)))
    return found


def _check_registers(session: Session, day: date) -> list[Inconsistency]:
    return [
        Inconsistency(
            "register",
            f"The register of the Hydra event at {one.centre} on {short_day(one.held_on)} does not say of"
            f" {one.unanswered} invited whether they came.",
        )
        for one in records_events.open_registers(session, day)
    ]


def _counted(ids: Sequence[int]) -> str:
    return "1 person" if len(ids) == 1 else f"{len(ids):,} people"
