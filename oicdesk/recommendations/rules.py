"""Recommendations, their statuses and deadlines; what the promises measure lies in `rules_measures.py`.

A deadline is a fixed fact. Once its day is over it reads "deadline passed" with met, not met or evidence pending,
whatever the status of the recommendation, and is never hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from oicdesk.errors import Refused
from oicdesk.settings.rules import long_day

JOINT: Final = "Joint"
SCOPES: Final = ("Suffolk", "Norfolk", JOINT)

NOT_STARTED, IN_PROGRESS, EVIDENCE_READY, SUBMITTED_FOR_CLOSURE, CLOSED = (
    "NOT_STARTED", "IN_PROGRESS", "EVIDENCE_READY", "SUBMITTED_FOR_CLOSURE", "CLOSED",
)  # fmt: skip
STATUSES: Final = (NOT_STARTED, IN_PROGRESS, EVIDENCE_READY, SUBMITTED_FOR_CLOSURE, CLOSED)
STATUS_WORDS: Final[Mapping[str, str]] = {
    NOT_STARTED: "Not started",
    IN_PROGRESS: "In progress",
    EVIDENCE_READY: "Evidence ready",
    SUBMITTED_FOR_CLOSURE: "Submitted for closure",
    CLOSED: "Closed",
}

MET, NOT_MET, PENDING = "met", "not met", "evidence pending"

COLLECTION, ANALYSIS, SHARING = "collection", "analysis", "sharing"
PLAN_KINDS: Final[Mapping[str, str]] = {COLLECTION: "Collection", ANALYSIS: "Analysis", SHARING: "Sharing"}
INTELLIGENCE, TASKING = "intelligence", "tasking"
REVIEW_KINDS: Final[Mapping[str, str]] = {INTELLIGENCE: "Intelligence", TASKING: "Tasking package"}
MEETING, PRODUCT = "meeting", "product"
LIAISON_KINDS: Final[Mapping[str, str]] = {MEETING: "Meeting", PRODUCT: "Product"}


def move(status: str, to: str, *, reason: str = "", has_evidence: bool = True) -> str:
    """The new status: one step on, or back to any earlier one with a reason; Refused else."""
    step = STATUSES.index(to) - STATUSES.index(status)
    words = STATUS_WORDS[to].lower()
    if step == 0:
        raise Refused(f"The recommendation is {words} already; choose another status.", field="status")
    if step < 0 and not reason.strip():
        raise Refused("A recommendation goes back only with a reason; write why.", field="reason")
    if step > 1:
        following = STATUS_WORDS[STATUSES[STATUSES.index(status) + 1]].lower()
        raise Refused(f"A recommendation goes on step by step; make it {following} first.", field="status")
    if to == EVIDENCE_READY and step > 0 and not has_evidence:
        raise Refused("There is no evidence on record yet; add some before it is called ready.", field="status")
    return to


@dataclass(frozen=True)
class Standing:
    """Where a recommendation or a promise stands against its deadline; `word` is MET, NOT_MET or PENDING."""

    deadline: date
    has_passed: bool
    word: str
    because: str

    @property
    def headline(self) -> str:
        """Like “deadline passed – not met”; before the deadline “due by 30 April 2026”."""
        return f"deadline passed – {self.word}" if self.has_passed else f"due by {long_day(self.deadline)}"

    @property
    def in_words(self) -> str:
        if self.has_passed:
            return f"Deadline {long_day(self.deadline)} passed – {self.word}. {self.because}"
        return f"Due by {long_day(self.deadline)}; so far {self.word}. {self.because}"


def standing(deadline: date, day: date, word: str, because: str) -> Standing:
    """As at a day; the deadline's own day has not passed yet."""
    return Standing(deadline, day > deadline, word, because)


def check_plan(kind: str, title: str, force: str) -> dict[str, str]:
    """Every problem of a plan, by field."""
    problems = {}
    if kind not in PLAN_KINDS:
        problems["kind"] = "A plan is of collection, analysis or sharing; choose one."
    if not title.strip():
        problems["title"] = "A plan needs a title; type one."
    return problems | check_force(force)


def check_force(force: str) -> dict[str, str]:
    return {} if force in SCOPES else {"force": "Choose Suffolk, Norfolk or both."}


def check_version(version: str, owner: str, review_on: date, day: date) -> dict[str, str]:
    """Every problem of a version of a plan, by field."""
    problems = {}
    if not version.strip():
        problems["version"] = "A version needs its name, for example 1.0; type it."
    if not owner.strip():
        problems["owner"] = "A plan has an owner; name the post."
    if review_on <= day:
        problems["review_on"] = "The review lies ahead; choose a later day."
    return problems


def reaches(one: str, other: str) -> bool:
    """Whether something recorded for one scope counts for another."""
    return one == other or JOINT in (one, other)
