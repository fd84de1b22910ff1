"""Intelligence documents: their outcomes and recorded grades, and the coverage of cases by them.

The desk keeps facts about a document. Grades are recorded from it as categories, never assigned, scored or
averaged here. Coverage is a census: counts and percentages, no interval.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import Final, NamedTuple

from oicdesk.documents.rules_sanitisation import Hit as Hit
from oicdesk.documents.rules_sanitisation import sanitisation_hits as sanitisation_hits
from oicdesk.errors import Refused
from oicdesk.referrals.rules import ACCEPTED as ACCEPTED  # the outcomes of a document are words of this file too
from oicdesk.referrals.rules import COUNTS_AS_SUBMITTED, DUPLICATE, EXEMPT, SCOPE_QUERY, elapsed_hours, is_overdue
from oicdesk.referrals.rules import REJECTED as REJECTED
from oicdesk.referrals.rules import RETURNED as RETURNED
from oicdesk.referrals.rules import SUBMITTED as SUBMITTED
from oicdesk.settings.rules import add_months, london_day, spoken_day, spoken_instant

# --- outcomes ----------------------------------------------------------------------------------------------

OUTCOME_WORDS: Final[Mapping[str, str]] = {
    SUBMITTED: "Submitted",
    ACCEPTED: "Accepted",
    RETURNED: "Returned for correction",
    REJECTED: "Rejected, returned for deletion",
}
CORRECTED: Final = "CORRECTED"  # an event that leaves the outcome as it is: what was recorded was put right
TAKEN_BACK: Final = "TAKEN_BACK"  # what was recorded by mistake and taken back; no reader of outcomes counts it
EVENT_WORDS: Final[Mapping[str, str]] = {
    **OUTCOME_WORDS, CORRECTED: "Recorded facts corrected", TAKEN_BACK: "Recorded by mistake, taken back",
}  # fmt: skip
OUTCOME_MOVES: Final[Mapping[str, frozenset[str]]] = {
    SUBMITTED: frozenset({ACCEPTED, RETURNED, REJECTED}),
    RETURNED: frozenset({SUBMITTED}),
    ACCEPTED: frozenset(),
    REJECTED: frozenset(),
}
_NOUN: Final = {
    SUBMITTED: "A submitted document",
    ACCEPTED: "An accepted document",
    RETURNED: "A returned document",
    REJECTED: "A rejected document",
}
_FIRST: Final = {
    SUBMITTED: "record what became of it first",
    ACCEPTED: "reopen the referral and record a new document",
    RETURNED: "record its corrected submission first",
    REJECTED: "record a new document",
}


class Submission(NamedTuple):
    """Where a document stands; `submitted_at` is the first submission and is kept over every resubmission."""

    outcome: str
    submitted_at: datetime
    resubmissions: int = 0


def accept(outcome: str) -> str:
    """ACCEPTED, or Refused."""
    return _moved(outcome, ACCEPTED, "accepted")


def return_for_correction(outcome: str, reason: str) -> str:
    """RETURNED, or Refused; the document still counts as submitted."""
    return _moved(outcome, RETURNED, "returned", reason)


def reject(outcome: str, reason: str) -> str:
    """REJECTED, or Refused; the document no longer counts."""
    return _moved(outcome, REJECTED, "rejected", reason)


def resubmit(submission: Submission, at: datetime) -> Submission:
    """The corrected document handed in again: the first submission time stays, the count grows."""
    outcome = _moved(submission.outcome, SUBMITTED, "submitted again")
    if at.astimezone(UTC) < submission.submitted_at.astimezone(UTC):
        raise Refused(
            f"The document was first submitted on {spoken_instant(submission.submitted_at)}, and it cannot be "
            "resubmitted before that; check the time.",
            field="submitted_at",
        )
    return Submission(outcome, submission.submitted_at, submission.resubmissions + 1)


def _moved(outcome: str, to: str, done: str, reason: str | None = None) -> str:
    if outcome == to:
        raise Refused(f"{_NOUN[outcome]} cannot be {done}; that is what it already is.")
    if to not in OUTCOME_MOVES[outcome]:
        raise Refused(f"{_NOUN[outcome]} cannot be {done}; {_FIRST[outcome]}.")
    if reason is not None and not reason.strip():
        raise Refused(f"A document is {done} only with a reason; write why.", field="reason")
    return to


def first_counting_submission(documents: Iterable[Submission]) -> datetime | None:
    """The earliest first submission among the documents of a case that still count; None when none does."""
    counting = (document.submitted_at for document in documents if document.outcome != REJECTED)
    return min(counting, key=lambda instant: instant.astimezone(UTC), default=None)


# --- grades as recorded ------------------------------------------------------------------------------------

# The parts of a 3x5x2 grading by the name of their reference table; codes and labels are data, kept there.
GRADE_PARTS: Final[Mapping[str, str]] = {
    "source_evaluation": "source evaluation",
    "information_assessment": "information assessment",
    "handling_code": "handling code",
    "action_code": "action code",
    "sanitisation_code": "sanitisation code",
}
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Grades:
    """Grades as recorded from the document; None or empty is not recorded. `old_5x5x5` is text as it stands."""

    source_evaluation: str | None = None
    information_assessment: str | None = None
    handling_code: str | None = None
    action_code: str | None = None
    sanitisation_code: str | None = None
    conditions: str = ""
    usage: str = ""
    old_5x5x5: str = ""


def check_grades(grades: Grades, labels: Labels) -> dict[str, str]:
    """Every problem of the recorded grades, by field. `labels` maps part → code → label."""
    codes = {part: getattr(grades, part) for part in GRADE_PARTS}
    problems = {
        part: f"“{code}” is not a {GRADE_PARTS[part]}; choose one from the list."
        for part, code in codes.items()
        if code and code not in labels[part]
    }
    if grades.old_5x5x5.strip():
        if any(codes.values()):
            problems["old_5x5x5"] = (
                "A 5x5x5 grade is kept as text and never converted; record either it or the 3x5x2 codes."
            )
        return problems
    if grades.handling_code == "C":
        return _check_with_conditions(grades) | problems
    return _check_without_conditions(grades) | problems


def _check_with_conditions(grades: Grades) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not grades.conditions.strip():
        problems["conditions"] = "Handling code C needs its conditions; write them as the document does."
    if not grades.action_code:
        problems["action_code"] = "Handling code C needs an action code; record the one on the document."
    if not grades.sanitisation_code:
        problems["sanitisation_code"] = "Handling code C needs a sanitisation code; record the one on the document."
    if grades.action_code == "A3" and not grades.usage.strip():
        problems["usage"] = "Action code A3 needs the use that the owner specifies; write it."
    return problems


def _check_without_conditions(grades: Grades) -> dict[str, str]:
    why = "Handling code P has" if grades.handling_code == "P" else "Without handling code C there is"
    extra = {
        "action_code": ("no action code", grades.action_code),
        "sanitisation_code": ("no sanitisation code", grades.sanitisation_code),
        "conditions": ("no conditions", grades.conditions.strip()),
        "usage": ("no specified use", grades.usage.strip()),
    }
    return {
        name: f"{why} {what}; remove it, or check the handling code on the document."
        for name, (what, value) in extra.items()
        if value
    }


def spoken_grade(part: str, code: str | None, labels: Labels) -> str:
    """Code and label, never the code alone: “C – Known indirectly to the source”; empty when not recorded."""
    if not code:
        return ""
    return f"{code} – {labels[part].get(code, 'label not known')}"


# --- the facts about a document ----------------------------------------------------------------------------

OFFICIAL: Final = "OFFICIAL"
OFFICIAL_SENSITIVE: Final = "OFFICIAL-SENSITIVE"
MARKINGS: Final = (OFFICIAL, OFFICIAL_SENSITIVE)
HELD_ELSEWHERE: Final = "held elsewhere"
_ABOVE_OFFICIAL: Final = re.compile(r"\bSECRET\b", re.IGNORECASE)


@dataclass(frozen=True)
class DocumentFacts:
    """Facts about a document, not its text. One held elsewhere (SECRET) has submission times and nothing more."""

    submitted_at: datetime | None = None
    submitted_by_reporting_officer: bool | None = None
    reference: str = ""
    system: str = ""
    author: str = ""
    information_on: date | None = None
    created_on: date | None = None
    marking: str | None = OFFICIAL_SENSITIVE
    held_elsewhere: bool = False
    grades: Grades = Grades()


def check_document(facts: DocumentFacts, now: datetime, labels: Labels) -> dict[str, str]:
    """Every problem at once, by field."""
    problems: dict[str, str] = {}
    if facts.submitted_at is None:
        problems["submitted_at"] = "A submission needs its time; enter when the document was submitted."
    elif facts.submitted_at.astimezone(UTC) > now.astimezone(UTC):
        problems["submitted_at"] = "The submission lies in the future; check its date and time."
    if facts.held_elsewhere:
        return problems | _check_held_elsewhere(facts)
    for name in ("information_on", "created_on"):
        day = getattr(facts, name)
        if day is not None and day > london_day(now):
            problems[name] = f"{spoken_day(day)} lies in the future; check the date."
    return problems | check_marking(facts.marking) | check_grades(facts.grades, labels)


def check_marking(marking: str | None) -> dict[str, str]:
    """OFFICIAL or OFFICIAL-SENSITIVE; of anything above, the desk keeps only that it is held elsewhere."""
    if marking in MARKINGS:
        return {}
    if _ABOVE_OFFICIAL.search(marking or ""):
        return {
            "marking": "Nothing above OFFICIAL-SENSITIVE is kept here; record only that the document is "
            f"{HELD_ELSEWHERE}."
        }
    return {"marking": "The marking is OFFICIAL or OFFICIAL-SENSITIVE; choose one."}


def _check_held_elsewhere(facts: DocumentFacts) -> dict[str, str]:
    told = {
        "reference": facts.reference.strip(),
        "system": facts.system.strip(),
        "author": facts.author.strip(),
        "information_on": facts.information_on,
        "created_on": facts.created_on,
        "grades": facts.grades != Grades(),
    }
    return {
        name: "Of a document held elsewhere only its submission is kept; remove this."
        for name, value in told.items()
        if value
    }


def document_warnings(facts: DocumentFacts, contact_at: datetime | None) -> list[str]:
    """What is recorded all the same but should be looked at."""
    warnings = []
    submitted = facts.submitted_at
    if submitted and contact_at and submitted.astimezone(UTC) < contact_at.astimezone(UTC):
        warnings.append(
            f"The document was submitted on {spoken_instant(submitted)}, before the contact on "
            f"{spoken_instant(contact_at)}; check both times."
        )
    if submitted and facts.created_on and facts.created_on > london_day(submitted):
        warnings.append("The document was created after it was submitted; check both dates.")
    if facts.information_on and facts.created_on and facts.information_on > facts.created_on:
        warnings.append("The information is dated after the document was created; check both dates.")
    if not facts.reference.strip() and not facts.held_elsewhere:
        warnings.append("The document has no reference yet, so nobody can look it up.")
    return warnings


# --- coverage and timeliness -------------------------------------------------------------------------------

JOINT: Final = "Joint"
NOT_RECORDED: Final = "not recorded"


class CaseAsAt(NamedTuple):
    """A case as it stood at the as-at instant, by event times; cases with a later contact are not handed in.

    `first_submitted_at` is `first_counting_submission` of its documents as at that instant.
    """

    status: str
    contact_at: datetime | None
    due_at: datetime | None
    first_submitted_at: datetime | None
    force: str | None
    reason: str | None
    exemption_reason: str | None = None
    submitted_by_reporting_officer: bool | None = None
    before_register: bool = False
    reported_approval: bool = False


class Coverage(NamedTuple):
    """Every case counted once: in_scope + exempt + scope_queries + duplicates + before_register.

    in_scope = submitted + not_yet_due + overdue; `percent` is submitted of in_scope, None when that is 0;
    `exempt` counts by reason; `exempt_as_reported` of them rest on a reported approval not yet confirmed.
    """

    in_scope: int
    submitted: int
    percent: float | None
    not_yet_due: int
    overdue: int
    exempt: dict[str, int]
    scope_queries: int
    duplicates: int
    before_register: int
    exempt_as_reported: int


class OnTime(NamedTuple):
    """Of the in-scope cases whose due time has passed, those first submitted by then."""

    due: int
    on_time: int
    percent: float | None


class Share(NamedTuple):
    """Of `whole` submitted cases, `part` by the reporting officer themself; of `not_known` nobody recorded it."""

    whole: int
    part: int
    not_known: int
    percent: float | None


def percent(part: int, whole: int) -> float | None:
    """Per cent with one decimal, halves rounded up in whole-number arithmetic; None of nothing."""
    if whole == 0:
        return None
    return (2000 * part + whole) // (2 * whole) / 10


def is_in_scope(case: CaseAsAt) -> bool:
    """Whether coverage asks a document of this case: neither exempt, duplicate, scope query nor before the register."""
    return not case.before_register and case.status not in (EXEMPT, DUPLICATE, SCOPE_QUERY)


def is_submitted(case: CaseAsAt) -> bool:
    """Whether an in-scope case has a submitted document that still counts; a returned one does."""
    return is_in_scope(case) and case.status in COUNTS_AS_SUBMITTED


def of_force(cases: Iterable[CaseAsAt], scope: str) -> list[CaseAsAt]:
    """The cases of one force; all of them for Joint."""
    return [case for case in cases if scope in (JOINT, case.force)]


def coverage(cases: Iterable[CaseAsAt], as_at: datetime) -> Coverage:
    """How many in-scope cases have a document, and where all the others are."""
    exempt: dict[str, int] = {}
    submitted = not_yet_due = overdue = scope_queries = duplicates = before = reported = 0
    for case in cases:
        if case.before_register:
            before += 1
        elif case.status == EXEMPT:
            reason = case.exemption_reason or NOT_RECORDED
            exempt[reason] = exempt.get(reason, 0) + 1
            reported += case.reported_approval
        elif case.status == SCOPE_QUERY:
            scope_queries += 1
        elif case.status == DUPLICATE:
            duplicates += 1
        elif case.status in COUNTS_AS_SUBMITTED:
            submitted += 1
        elif is_overdue(case.status, case.due_at, as_at):
            overdue += 1
        else:
            not_yet_due += 1
    in_scope = submitted + not_yet_due + overdue
    return Coverage(
        in_scope=in_scope,
        submitted=submitted,
        percent=percent(submitted, in_scope),
        not_yet_due=not_yet_due,
        overdue=overdue,
        exempt=dict(sorted(exempt.items())),
        scope_queries=scope_queries,
        duplicates=duplicates,
        before_register=before,
        exempt_as_reported=reported,
    )


def on_time(cases: Iterable[CaseAsAt], as_at: datetime) -> OnTime:
    """How many in-scope cases whose due time has passed had a document by then that still counts."""
    due = met = 0
    for case in cases:
        if not is_in_scope(case) or case.due_at is None or as_at.astimezone(UTC) <= case.due_at.astimezone(UTC):
            continue
        due += 1
        met += is_submitted_in_time(case)
    return OnTime(due, met, percent(met, due))


def is_submitted_in_time(case: CaseAsAt) -> bool:
    """The first submission of a document that still counts came by the due instant; at it is in time."""
    if not is_submitted(case) or case.first_submitted_at is None or case.due_at is None:
        return False
    return case.first_submitted_at.astimezone(UTC) <= case.due_at.astimezone(UTC)


def hours_to_submit(cases: Iterable[CaseAsAt]) -> list[float]:
    """Elapsed hours from contact to first submission of each submitted case whose two times are known."""
    return [
        elapsed_hours(case.contact_at, case.first_submitted_at)
        for case in cases
        if is_submitted(case) and case.contact_at is not None and case.first_submitted_at is not None
    ]


def median_hours_to_submit(cases: Iterable[CaseAsAt]) -> float | None:
    """The plain median over submitted cases; cases still open are not in it."""
    hours = hours_to_submit(cases)
    return median(hours) if hours else None


def oldest_open(cases: Iterable[CaseAsAt]) -> datetime | None:
    """The contact time of the oldest in-scope case that still has no document."""
    waiting = (
        case.contact_at
        for case in cases
        if is_in_scope(case) and not is_submitted(case) and case.contact_at is not None
    )
    return min(waiting, key=lambda instant: instant.astimezone(UTC), default=None)


def by_reporting_officer(cases: Iterable[CaseAsAt]) -> Share:
    """How many of the submitted cases the reporting officer submitted themself."""
    answers = [case.submitted_by_reporting_officer for case in cases if is_submitted(case)]
    part = answers.count(True)
    return Share(len(answers), part, answers.count(None), percent(part, len(answers)))


def grouped(cases: Iterable[CaseAsAt], key: Callable[[CaseAsAt], str | None]) -> dict[str, list[CaseAsAt]]:
    """The cases by that key, in order of the keys; those without one last, as "not recorded"."""
    groups: dict[str, list[CaseAsAt]] = {}
    for case in cases:
        groups.setdefault(key(case) or NOT_RECORDED, []).append(case)
    return dict(sorted(groups.items(), key=lambda item: (item[0] == NOT_RECORDED, item[0])))


def by_reason(cases: Iterable[CaseAsAt], as_at: datetime) -> dict[str, Coverage]:
    """Coverage for each contact reason."""
    return {reason: coverage(group, as_at) for reason, group in grouped(cases, lambda case: case.reason).items()}


def by_month(cases: Iterable[CaseAsAt], as_at: datetime) -> dict[str, Coverage]:
    """Coverage for each month of contact in London, "2026-03", without gaps from the first to the last."""
    groups = grouped(cases, lambda case: contact_month(case.contact_at))
    known = [month for month in groups if month != NOT_RECORDED]
    months: Sequence[str] = _months(known[0], known[-1]) if known else []
    filled = {month: groups.get(month, []) for month in months} | groups
    return {month: coverage(group, as_at) for month, group in filled.items()}


def contact_month(contact_at: datetime | None) -> str | None:
    """The month of a contact in London, like "2026-03"."""
    return None if contact_at is None else london_day(contact_at).isoformat()[:7]


def _months(first: str, last: str) -> list[str]:
    day, months = date.fromisoformat(f"{first}-01"), [first]
    while months[-1] < last:
        day = add_months(day, 1)
        months.append(f"{day:%Y-%m}")
    return months
