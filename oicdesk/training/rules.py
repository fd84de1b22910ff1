"""Who has to complete which course, who has, and what may be said of it; everything as at a day.

Days are plain dates of London. A stint is a stretch of time in which nothing about a person changed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from oicdesk.errors import Refused
from oicdesk.settings.rules import add_months, long_day

DEADLINE: Final = date(2026, 4, 30)
"""Recommendations 8 and 9 were to be met by the end of this day; a fixed fact."""
JOINT: Final = "Joint"

ALL_MODULES: Final = "all_modules"
MODULE, HYDRA, AWARENESS, CPD = "module", "hydra", "awareness", "cpd"
KINDS: Final = {MODULE: "e-learning module", HYDRA: "Hydra", AWARENESS: "awareness", CPD: "other CPD"}

COMPLETE, EXPIRED, MISSING = "complete", "expired", "missing"
EXCLUDED, NOT_REQUIRED = "excluded", "not required"

MET, NOT_MET, EVIDENCE_PENDING, NOT_YET_DUE = "met", "not met", "evidence pending", "not yet due"


@dataclass(frozen=True)
class Course:
    """A course of the catalogue as it stood on a day; `equivalents` are courses that count for it too."""

    code: str
    title: str
    kind: str
    valid_months: int | None = None
    equivalents: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    recommendation: int | None = None
    because: str = ""

    @property
    def counted(self) -> tuple[str, ...]:
        """The courses whose completion completes this one."""
        return (self.code, *self.equivalents)


@dataclass(frozen=True)
class Relevance:
    """Who is relevant for a course: everybody who fits every list. None is anybody, an empty list nobody."""

    role_groups: tuple[str, ...] | None = None
    ranks: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    forces: tuple[str, ...] | None = None
    why: str = ""
    valid_from: date | None = None

    def covers(self, person: "Person") -> bool:
        return all(
            allowed is None or value in allowed
            for allowed, value in (
                (self.role_groups, person.role_group),
                (self.ranks, person.rank),
                (self.teams, person.team),
                (self.forces, person.force),
            )
        )

    @property
    def is_nobody(self) -> bool:
        return any(allowed == () for allowed in (self.role_groups, self.ranks, self.teams, self.forces))

    def in_words(self) -> str:
        """Like “role group Frontline or Custody; force Suffolk”."""
        if self.is_nobody:
            return "nobody yet"
        named = (
            ("role group", self.role_groups), ("rank", self.ranks), ("team", self.teams), ("force", self.forces)
        )  # fmt: skip
        parts = [f"{name} {listed(allowed, 'or')}" for name, allowed in named if allowed]
        return "; ".join(parts) or "everybody"


@dataclass(frozen=True, slots=True)
class Person:
    """A person in service on a day, as the roster described them then."""

    id: int
    staff_number: str
    forename: str
    surname: str
    force: str
    team: str | None = None
    rank: str | None = None
    role_group: str | None = None
    absence: str | None = None
    collar: str | None = None
    supervisor: str | None = None

    @property
    def name(self) -> str:
        return f"{self.surname}, {self.forename}"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A person left out of one course, or of all (`course` None), for a reason; both days included."""

    learner_id: int
    course: str | None
    reason: str
    from_on: date
    to_on: date | None = None

    def holds(self, course: str, day: date) -> bool:
        return self.course in (None, course) and self.from_on <= day and (self.to_on is None or day <= self.to_on)


class Standing(NamedTuple):
    """Where a person stands with a course: a state, the newest completion if any, and why they are left out."""

    state: str
    done_on: date | None = None
    reason: str = ""

    def in_words(self) -> str:
        if self.state == EXCLUDED:
            return f"excluded: {self.reason}"
        return self.state


@dataclass(frozen=True)
class Snapshot:
    """Everything that figures of one day need.

    `done` is course → person → newest day of completion up to `day`, equivalents included.
    """

    day: date
    people: Sequence[Person]
    courses: Mapping[str, Course]
    relevance: Mapping[str, Relevance]
    exclusions: Mapping[int, Sequence[Exclusion]]
    done: Mapping[str, Mapping[int, date]]
    absent_apart: bool = True

    def standing(self, person: Person, code: str) -> Standing:
        """Where the person stands with a course on that day."""
        done_on = self.done.get(code, {}).get(person.id)
        if not self.relevance[code].covers(person):
            return Standing(NOT_REQUIRED, done_on)
        for exclusion in self.exclusions.get(person.id, ()):
            if exclusion.holds(code, self.day):
                return Standing(EXCLUDED, done_on, exclusion.reason)
        if self.absent_apart and person.absence:
            return Standing(EXCLUDED, done_on, f"Absent: {person.absence}")
        if done_on is None:
            return Standing(MISSING)
        since = valid_since(self.day, self.courses[code].valid_months)
        return Standing(COMPLETE if since is None or done_on >= since else EXPIRED, done_on)

    def of_force(self, force: str) -> "Snapshot":
        """The same day with the people of one force only; Joint is everybody."""
        if force == JOINT:
            return self
        people = [person for person in self.people if person.force == force]
        return Snapshot(self.day, people, self.courses, self.relevance, self.exclusions, self.done, self.absent_apart)

    def modules(self) -> tuple[str, ...]:
        """The codes of the e-learning modules."""
        return tuple(course.code for course in self.courses.values() if course.kind == MODULE)


def valid_since(day: date, months: int | None) -> date | None:
    """The earliest day of completion that still counts on `day`; None when completions do not lapse.

    A completion counts up to and including the same day of the month, `months` later.
    """
    if months is None:
        return None
    found = add_months(day, -months) - timedelta(days=4)
    while add_months(found, months) < day:
        found += timedelta(days=1)
    return found


# --- figures -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CourseFigure:
    """Completed ÷ in scope for one course (or all modules together); the last three are people."""

    code: str
    title: str
    in_scope: int
    completed: int
    expired: int
    excluded: Mapping[str, int]
    missing: tuple[int, ...] = ()
    completed_ids: tuple[int, ...] = ()
    excluded_ids: tuple[int, ...] = ()

    @property
    def percent(self) -> float | None:
        return percent(self.completed, self.in_scope)

    @property
    def spoken(self) -> str:
        """The title as it stands within a sentence."""
        return f"all{self.title[3:]}" if self.code == ALL_MODULES else self.title


@dataclass(frozen=True)
class Verdict:
    """What is said of a recommendation on that day, and why, in words."""

    recommendation: int
    word: str
    because: str

    def in_words(self) -> str:
        if self.word == NOT_YET_DUE:
            return f"Due by {long_day(DEADLINE)}. {self.because}"
        return f"Deadline {long_day(DEADLINE)} passed – {self.word}. {self.because}"


@dataclass(frozen=True)
class Figures:
    """The training figures of a force, or of both, as at a day."""

    day: date
    force: str
    headcount: int
    courses: Mapping[str, CourseFigure]
    all_modules: CourseFigure
    verdicts: tuple[Verdict, ...] = ()

    @property
    def hydra(self) -> CourseFigure | None:
        return self.courses.get(HYDRA)


def percent(part: int, whole: int) -> float | None:
    """One decimal, None of nothing; nothing short of all reads as 100 and nothing above none as 0."""
    if not whole:
        return None
    share = round(100 * part / whole, 1)
    if share == 100 and part < whole:
        return 99.9
    return 0.1 if share == 0 and part else share


def course_figure(snapshot: Snapshot, code: str) -> CourseFigure:
    """The figure of one course over the people of the snapshot."""
    completed, missing, left_out, expired = [], [], [], 0
    excluded: Counter[str] = Counter()
    for person in snapshot.people:
        found = snapshot.standing(person, code)
        if found.state == COMPLETE:
            completed.append(person.id)
        elif found.state in (MISSING, EXPIRED):
            missing.append(person.id)
            expired += found.state == EXPIRED
        elif found.state == EXCLUDED:
            excluded[found.reason] += 1
            left_out.append(person.id)
    return CourseFigure(
        code, snapshot.courses[code].title, len(completed) + len(missing), len(completed), expired,
        dict(sorted(excluded.items())), tuple(missing), tuple(completed), tuple(left_out),
    )  # fmt: skip


def all_modules_figure(snapshot: Snapshot, courses: Mapping[str, CourseFigure]) -> CourseFigure:
    """People in scope of any module; complete are those with nothing missing. Excluded: left out of them all."""
    modules = snapshot.modules()
    missing = {person for code in modules for person in courses[code].missing}
    completed = {person for code in modules for person in courses[code].completed_ids} - missing
    in_scope = missing | completed
    excluded: Counter[str] = Counter()
    left_out = {person for code in modules for person in courses[code].excluded_ids} - in_scope
    for person in snapshot.people:
        if person.id in left_out:
            reasons = {snapshot.standing(person, code).reason for code in modules} - {""}
            excluded[listed(sorted(reasons))] += 1
    return CourseFigure(
        ALL_MODULES, f"All {spoken_count(len(modules))} modules", len(in_scope), len(completed), 0,
        dict(sorted(excluded.items())), tuple(sorted(missing)), tuple(sorted(completed)), tuple(sorted(left_out)),
    )  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """How fresh the evidence is: the day of the newest import of completions, and what the desk asks."""

    newest_import: date | None
    newest_register: date | None = None
    days: int = 31
    target: int = 100


def figures(snapshot: Snapshot, force: str, evidence: Evidence) -> Figures:
    """All figures of a day; `snapshot` may hold the people of both forces."""
    scoped = snapshot.of_force(force)
    courses = {code: course_figure(scoped, code) for code in scoped.courses}
    together = all_modules_figure(scoped, courses)
    verdicts = []
    if HYDRA in courses:
        verdicts.append(verdict(8, courses[HYDRA], scoped.day, evidence, register=True))
    verdicts.append(verdict(9, together, scoped.day, evidence))
    return Figures(scoped.day, force, len(scoped.people), courses, together, tuple(verdicts))


def verdict(
    recommendation: int, found: CourseFigure, day: date, evidence: Evidence, *, register: bool = False
) -> Verdict:
    """Met, not met or evidence pending once the deadline has passed; never hidden."""
    if found.in_scope:
        counted = f"{found.completed} of {found.in_scope} people in scope have completed {found.spoken}."
    else:
        counted = f"Nobody is in scope of {found.spoken}: say who is relevant."
    if day <= DEADLINE:
        return Verdict(recommendation, NOT_YET_DUE, counted)
    known = [evidence.newest_import, evidence.newest_register if register else None]
    newest = max((on for on in known if on is not None and on <= day), default=None)
    if newest is None:
        return Verdict(recommendation, EVIDENCE_PENDING, f"{counted} No completions had been imported by then.")
    if (day - newest).days > evidence.days:
        old = f"The newest evidence is of {long_day(newest)}, more than {evidence.days} days before."
        return Verdict(recommendation, EVIDENCE_PENDING, f"{counted} {old}")
    if not found.in_scope:
        return Verdict(recommendation, EVIDENCE_PENDING, counted)
    is_met = 100 * found.completed >= evidence.target * found.in_scope
    gap = f" {people(len(found.missing))} for the gap." if found.missing else ""
    return Verdict(recommendation, MET if is_met else NOT_MET, counted + gap)


def people(count: int) -> str:
    """Like “12 people account”, to go on “for the gap”."""
    return "1 person accounts" if count == 1 else f"{count:,} people account"


# --- groups, gaps and months -------------------------------------------------------------------------------

DIMENSIONS: Final = {"team": "Team", "role_group": "Role group", "rank": "Rank", "force": "Force"}


@dataclass(frozen=True)
class GroupRow:
    """One team, role group, rank or force: completed ÷ in scope of a course."""

    name: str
    in_scope: int
    completed: int

    @property
    def missing(self) -> int:
        return self.in_scope - self.completed

    @property
    def percent(self) -> float | None:
        return percent(self.completed, self.in_scope)


def by_group(snapshot: Snapshot, found: CourseFigure, dimension: str) -> list[GroupRow]:
    """The figure split by team, role group, rank or force; the largest gap first."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"not a way to group people: {dimension}")
    where = {person.id: getattr(person, dimension) or "Not recorded" for person in snapshot.people}
    done = Counter(where[i] for i in found.completed_ids)
    missing = Counter(where[i] for i in found.missing)
    rows = [GroupRow(name, done[name] + missing[name], done[name]) for name in done.keys() | missing.keys()]
    return sorted(rows, key=lambda row: (-row.missing, row.name))


def gap_in_words(snapshot: Snapshot, found: CourseFigure, *, most: int = 3) -> str:
    """Like “12 people account for the gap: 7 in Ipswich Response, 3 in Haverhill SNT and 2 elsewhere.”"""
    if not found.in_scope:
        return f"Nobody is in scope of {found.spoken}."
    if not found.missing:
        return f"There is no gap: everybody in scope has completed {found.spoken}."
    rows = [row for row in by_group(snapshot, found, "team") if row.missing]
    parts = [f"{row.missing} in {row.name}" for row in rows[:most]]
    elsewhere = sum(row.missing for row in rows[most:])
    if elsewhere:
        parts.append(f"{elsewhere} elsewhere")
    return f"{people(len(found.missing))} for the gap: {listed(parts)}."


def month_ends(day: date, count: int = 12) -> list[date]:
    """The last days of the months up to that of `day`, which itself ends the series; oldest first."""
    first = day.replace(day=1)
    ends = [add_months(first, -back) - timedelta(days=1) for back in range(count - 2, -1, -1)]
    return [*ends, day]


@dataclass(frozen=True)
class Point:
    """One point of a monthly series."""

    day: date
    in_scope: int
    completed: int

    @property
    def percent(self) -> float | None:
        return percent(self.completed, self.in_scope)


@dataclass(frozen=True)
class MissingRow:
    """A person and the courses they still have to complete."""

    person: Person
    courses: tuple[str, ...]
    expired: tuple[str, ...] = field(default=())


def missing_rows(snapshot: Snapshot, codes: Collection[str] = ()) -> list[MissingRow]:
    """Who is missing what, of these courses or of all; by force, team and name."""
    rows = []
    for person in snapshot.people:
        states = {
            code: snapshot.standing(person, code).state for code in snapshot.courses if not codes or code in codes
        }
        wanted = tuple(code for code, state in states.items() if state in (MISSING, EXPIRED))
        if wanted:
            rows.append(MissingRow(person, wanted, tuple(code for code in wanted if states[code] == EXPIRED)))
    return sorted(rows, key=lambda row: (row.person.force, row.person.team or "", row.person.name, row.person.id))


@dataclass(frozen=True)
class Inconsistency:
    """Something that a figure would rest on and that does not fit; `learner_ids` are the people, if any."""

    kind: str
    sentence: str
    learner_ids: tuple[int, ...] = ()


# --- the history of a person -------------------------------------------------------------------------------

FACTS: Final = ("forename", "surname", "collar", "force", "team", "rank", "role_group", "absence", "supervisor")


@dataclass(frozen=True)
class Stint:
    """What held of a person from a day on, up to but not including `valid_to`."""

    valid_from: date
    valid_to: date | None
    facts: Mapping[str, Any]


def first_stints(facts: Mapping[str, Any], *, since: date, left_on: date | None, on: date) -> list[Stint]:
    """The history that a roster of the day `on` tells of somebody new.

    A roster says that somebody is absent, not since when: the absence holds from the roster's day.
    """
    if facts.get("absence") and since < on:
        present = {**facts, "absence": None}
        stints = [Stint(since, on, present), Stint(on, None, dict(facts))]
    else:
        stints = [Stint(since, None, dict(facts))]
    return ended(stints, left_on)


def next_stints(
    stints: Sequence[Stint], facts: Mapping[str, Any], *, on: date, left_on: date | None, back_on: date | None = None
) -> list[Stint]:
    """The history after a change on the day `on`; a change at or before the last one corrects it.

    `back_on` starts a new stint after somebody had left.
    """
    last = stints[-1]
    if last.valid_to is not None and back_on is not None and last.valid_to <= back_on:
        return ended([*stints, Stint(back_on, None, dict(facts))], left_on)
    kept = list(stints[:-1])
    if dict(last.facts) == dict(facts) or on <= last.valid_from:
        kept.append(Stint(last.valid_from, None, dict(facts)))
    else:
        kept += [Stint(last.valid_from, on, dict(last.facts)), Stint(on, None, dict(facts))]
    return ended(kept, left_on)


def ended(stints: Sequence[Stint], left_on: date | None) -> list[Stint]:
    """The stints up to the last day of service, which is included."""
    if left_on is None:
        return list(stints)
    end = left_on + timedelta(days=1)
    kept = [stint for stint in stints if stint.valid_from < end]
    if not kept:
        raise Refused("The last day lies before the first; check both days.", field="left_on")
    last = kept[-1]
    until = min(end, last.valid_to) if last.valid_to is not None else end
    return [*kept[:-1], Stint(last.valid_from, until, last.facts)]


# --- words -------------------------------------------------------------------------------------------------

_COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spoken_count(count: int) -> str:
    return _COUNTS[count] if 0 <= count < len(_COUNTS) else f"{count:,}"


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Like “a, b and c”."""
    *most, last = list(parts)
    return f"{', '.join(most)} {word} {last}" if most else last


_PLAIN: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def fold(text: str) -> str:
    """The text for comparing: no case, accents or punctuation, single spaces."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", bare.replace("'", "").replace("’", "").replace("_", " ")))


def number_key(text: str) -> str:
    """How staff numbers are compared: upper case without spaces."""
    return "".join(text.split()).upper()


def without_leading(number: str) -> tuple[str, ...]:
    """What a staff number becomes when a program drops its first digit, or the zeros it starts with."""
    return tuple(dict.fromkeys(short for short in (number[1:], number.lstrip("0")) if short and short != number))
