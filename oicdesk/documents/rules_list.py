"""Which reports of the force system's list are documents of which contacts.

A reference decides first: of the document, when the register has it, then of the contact (NCCU, incident or the desk's
own). Without one, force and officer have to agree and the times may lie so many hours apart. One document may serve
several contacts. What is unsure is doubtful, never matched.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from oicdesk.documents.rules import Grades, Labels, check_grades
from oicdesk.referrals.rules import DUPLICATE, EXEMPT, NEW, SCOPE_QUERY, STATUS_WORDS
from oicdesk.referrals.rules_reconcile import reference_key
from oicdesk.settings.rules import end_of_day, spoken_instant, start_of_day

MATCHED: Final = "matched"
DOUBTFUL: Final = "doubtful"
UNMATCHED: Final = "unmatched"
MOST_CANDIDATES: Final = 20

# A case of one of these takes no document before somebody has decided about it.
_NOT_READY: Final = frozenset({NEW, SCOPE_QUERY, EXEMPT})


@dataclass(frozen=True)
class Case:
    """A contact of the register; `keys` are its normalised references, `documents` those of its documents.

    `bare` are the submission times of its documents that have no reference.
    """

    id: int
    label: str
    keys: frozenset[str]
    force: str | None
    officer: str
    contact_at: datetime | None
    status: str
    documents: frozenset[str] = frozenset()
    bare: tuple[datetime, ...] = ()
    survivor: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Listed:
    """A report of the list; `key` and `refs` normalised, `officer` a normalised collar number."""

    key: str
    refs: tuple[str, ...]
    force: str | None
    officer: str
    submitted_at: datetime
    created_on: date | None = None
    name: str = ""


@dataclass(frozen=True)
class Match:
    """What became of a report: the contacts it serves when matched, or may serve when doubtful, the nearest first."""

    state: str
    why: str
    cases: tuple[int, ...] = ()
    candidates: tuple[int, ...] = ()


def contact_refs(text: str) -> tuple[str, ...]:
    """The references in a cell: several stand with a semicolon, comma, bar or line break between them."""
    keys = (reference_key(part) for part in re.split(r"[;,|\n]|\s+&\s+|\s+and\s+", text))
    return tuple(dict.fromkeys(key for key in keys if key))


@dataclass
class Register:
    """The contacts and documents that a list is compared with. `linked` maps a document's key → its contacts."""

    cases: Mapping[int, Case]
    linked: Mapping[str, frozenset[int]]
    window: timedelta
    by_key: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))
    by_officer: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.cases.values():
            for key in one.keys:
                self.by_key[key].append(one)
            if one.officer and one.contact_at:
                self.by_officer[one.officer].append(one)
        for group in self.by_officer.values():
            group.sort(key=_contact)

    def standing(self, one: Case) -> Case:
        """The case itself, or the one that a duplicate was linked to."""
        seen: set[int] = set()
        while one.status == DUPLICATE and one.survivor is not None and one.id not in seen:
            if one.survivor not in self.cases:
                break
            seen.add(one.id)
            one = self.cases[one.survivor]
        return one

    def of_key(self, key: str) -> list[Case]:
        return _unique(self.standing(one) for one in self.by_key.get(key, ()))

    def of_officer(self, report: Listed) -> list[Case]:
        """The officer's contacts within the window, the nearest first."""
        group = self.by_officer.get(report.officer, [])
        first, last = _span(report)
        at = bisect_left(group, first - self.window, key=_contact)
        near = [
            (apart, one)
            for one in group[at : bisect_right(group, last + self.window, key=_contact)]
            if report.force in (None, one.force) and (apart := distance(report, one)) <= self.window
        ]
        return _unique(self.standing(one) for _apart, one in sorted(near, key=lambda pair: (pair[0], pair[1].id)))


def _contact(case: Case) -> datetime:
    assert case.contact_at is not None  # only such a case stands under its officer
    return case.contact_at.astimezone(UTC)


def _span(report: Listed) -> tuple[datetime, datetime]:
    """From the first to the last instant that the report's distance is taken from."""
    told = [report.submitted_at.astimezone(UTC)]
    if report.created_on is not None:
        told += _day(report.created_on)
    return min(told), max(told)


@lru_cache(maxsize=1_000)
def _day(day: date) -> tuple[datetime, datetime]:
    return start_of_day(day), end_of_day(day)


def distance(report: Listed, case: Case) -> timedelta:
    """How far the report lies from the contact: the nearer of its submission and of the day it was created."""
    assert case.contact_at is not None
    contact = case.contact_at.astimezone(UTC)
    apart = [abs(report.submitted_at.astimezone(UTC) - contact)]
    if report.created_on is not None:
        first, last = _day(report.created_on)
        apart.append(max(first - contact, contact - last, timedelta()))
    return min(apart)


def names_agree(one: str, other: str) -> bool:
    """Whether two names may be one officer's: a longer word in common, or no name to compare."""
    words, others = _longer_words(one), _longer_words(other)
    return not (words and others) or not words.isdisjoint(others)


@lru_cache(maxsize=10_000)
def _longer_words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{3,}", name.casefold()))


def compare(
    reports: Sequence[Listed], register: Register, refused: Sequence[Collection[int]] | None = None
) -> list[Match]:
    """A match for each report, in their order. `refused` are contacts that a person ruled out, by report."""
    ruled_out = refused or [()] * len(reports)
    known = dict(register.linked)
    found = []
    for report, out in zip(reports, ruled_out, strict=True):
        match = _of(report, register, known.get(report.key) if report.key else None, frozenset(out))
        found.append(match)
        if report.key and match.state == MATCHED:
            known[report.key] = known.get(report.key, frozenset()) | frozenset(match.cases)
    return _without_rivals(reports, found, register)


def _of(report: Listed, register: Register, linked: frozenset[int] | None, out: frozenset[int]) -> Match:
    by_reference = _by_reference(report, register, out)
    if linked:
        if by_reference is None or by_reference.state != MATCHED or set(by_reference.cases) <= linked:
            return Match(MATCHED, "The document is in the register already.", tuple(sorted(linked)))
        return replace(by_reference, cases=tuple(sorted({*by_reference.cases, *linked})))
    return by_reference or _by_officer(report, register, out)


def _by_reference(report: Listed, register: Register, out: frozenset[int]) -> Match | None:
    """The contacts that the references name; None when none of them is known."""
    cases: list[Case] = []
    for ref in report.refs:
        named = [one for one in register.of_key(ref) if one.id not in out]
        if len(named) > 1:
            near = {one.id for one in register.of_officer(report)}
            fitting = [one for one in named if one.id in near and one.force == report.force]
            if len(fitting) != 1:
                return _doubt(named, "Several contacts have this reference.")
            named = fitting
        cases += named
    cases = _unique(cases)
    if not cases:
        return None
    strange = [one for one in cases if report.force and one.force and one.force != report.force]
    if strange:
        return _doubt(cases, f"The reference is that of {strange[0].label}, which belongs to the other force.")
    names = " and ".join(one.label for one in cases)
    return _ready(report, cases, f"The reference is that of {names}.")


def _by_officer(report: Listed, register: Register, out: frozenset[int]) -> Match:
    if not report.officer:
        said = "Its reference is not known here" if report.refs else "It names no contact"
        return Match(UNMATCHED, f"{said}, and it has no collar number to go by.")
    near = [one for one in register.of_officer(report) if one.id not in out]
    if not near:
        return Match(UNMATCHED, f"No contact of this officer lies within {_hours(register.window)} of it.")
    # A collar number may belong to two officers, of one force too.
    same_name = [one for one in near if names_agree(report.name, one.name)]
    near, is_other = same_name or near, not same_name
    names = ", ".join(one.label for one in near[:3])
    if is_other:
        return _doubt(near, f"Force, collar number and time agree with {names}, but the officer's name differs.")
    if len(near) > 1:
        return _doubt(near, f"Several contacts of this officer lie near enough: {names}.")
    if report.refs:
        return _doubt(near, f"Officer and time agree with {names}, but the references differ.")
    if report.force is None:
        return _doubt(near, f"Officer and time agree with {names}, but the list does not say the force.")
    if near[0].documents:
        return _doubt(near, f"Officer and time agree with {names}, which has another document already.")
    return _ready(report, near, f"Force, officer and time agree with {names}.")


def _ready(report: Listed, cases: list[Case], why: str) -> Match:
    """Matched, unless a contact cannot take the document before somebody has decided about it."""
    for one in cases:
        if one.status in _NOT_READY:
            return _doubt(cases, f"{why} It stands as “{STATUS_WORDS[one.status]}”; settle that first.")
        if one.bare and not any(is_same_minute(report.submitted_at, at) for at in one.bare):
            when = spoken_instant(one.bare[0])
            return _doubt(
                cases, f"{why} It has a document without a reference, submitted {when}; say whether it is this one."
            )
    return Match(MATCHED, why, tuple(one.id for one in cases))


def is_same_minute(one: datetime, other: datetime) -> bool:
    """Whether two instants are the same to the minute, as people type them."""
    return abs(one.astimezone(UTC) - other.astimezone(UTC)) < timedelta(minutes=1)


def _without_rivals(reports: Sequence[Listed], found: list[Match], register: Register) -> list[Match]:
    """Two reports that fit one contact by officer and time alone are both doubtful."""
    rivals: dict[int, list[int]] = defaultdict(list)
    for place, match in enumerate(found):
        if match.state == MATCHED and match.why.startswith("Force, officer and time"):
            rivals[match.cases[0]].append(place)
    for case, places in rivals.items():
        if len({reports[place].key or f"#{place}" for place in places}) < 2:
            continue
        for place in places:
            why = f"{len(places)} reports of the list fit {register.cases[case].label} by officer and time."
            found[place] = _doubt([register.cases[case]], why)
    return found


def _doubt(cases: Iterable[Case], why: str) -> Match:
    return Match(DOUBTFUL, why, (), tuple(one.id for one in cases)[:MOST_CANDIDATES])


def _unique(cases: Iterable[Case]) -> list[Case]:
    return list({one.id: one for one in cases}.values())


def _hours(window: timedelta) -> str:
    return f"{int(window.total_seconds() // 3600)} hours"


# --- grades as a list writes them --------------------------------------------------------------------------

_CODES: Final = re.compile(
    r"(?P<source_evaluation>[1-3])[\s/.\-]*(?P<information_assessment>[A-E])[\s/.\-]*(?P<handling_code>[PC])"
    r"(?:[\s/.\-]*(?P<action_code>A[123]))?(?:[\s/.\-]*(?P<sanitisation_code>S[12]))?",
    re.IGNORECASE,
)
_OLD: Final = re.compile(r"[A-E][\s/.\-]*[1-5](?:[\s/.\-]*[1-5])?", re.IGNORECASE)


def grades_of(text: str) -> Grades | None:
    """Grades written in one cell, like “1 A P” or “2BC A1 S2”; an old 5x5x5 stays text; None for anything else."""
    found = _CODES.fullmatch(text.strip())
    if found:
        codes: dict[str, Any] = {part: code.upper() for part, code in found.groupdict().items() if code}
        return Grades(**codes)
    return Grades(old_5x5x5=text.strip()) if _OLD.fullmatch(text.strip()) else None


def valid_grades(grades: Grades, labels: Labels) -> tuple[Grades, str]:
    """The grades if they can be recorded as they stand, else none of them and why."""
    problems = check_grades(grades, labels)
    if not problems:
        return grades, ""
    return Grades(), f"The grades are not taken over: {' '.join(problems.values())}"
