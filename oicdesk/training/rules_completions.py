"""Whose completion a row of a learning system is: the exact person, somebody to confirm, or nobody known.

Names are handed in folded (no case, accents or punctuation).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from oicdesk.training.rules import number_key, without_leading

COMPLETED, NOT_COMPLETED = "completed", "not_completed"
STATUS_WORDS: Final = {
    COMPLETED: (
        "Completed", "Complete", "Passed", "Pass", "Attended", "Finished", "Achieved", "Satisfied", "Done",
    ),
    NOT_COMPLETED: (
        "Not completed", "Incomplete", "In progress", "Failed", "Fail", "Not started", "Enrolled", "Registered",
        "Assigned", "Booked", "Launched", "Withdrawn", "Cancelled", "Did not attend", "DNA", "Expired", "Overdue",
        "Abandoned", "Waiting list",
    ),
}  # fmt: skip

NUMBER_EXACT, TO_CONFIRM, UNKNOWN = "exact", "to confirm", "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the roster as matching needs them; names folded, former surnames included."""

    id: int
    number_key: str
    forenames: frozenset[str]
    surnames: frozenset[str]
    name: str  # as shown


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: the person, or suggestions to confirm and why, or nobody and why."""

    kind: str
    person: Known | None = None
    suggestions: tuple[Known, ...] = ()
    reason: str = ""
    warning: str = ""


@dataclass
class Roster:
    """Everybody by staff number, and by what their number becomes when its first digit is dropped."""

    people: Sequence[Known]
    by_number: Mapping[str, Known] = field(init=False)
    by_short: Mapping[str, tuple[Known, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_number = {person.number_key: person for person in self.people}
        short: dict[str, tuple[Known, ...]] = {}
        for person in self.people:
            for text in without_leading(person.number_key):
                short[text] = (*short.get(text, ()), person)
        self.by_short = short


def match(roster: Roster, number: str, forename: str, surname: str, *, shown: str) -> Match:
    """Staff number exact first, then a dropped leading digit; names only ever confirm or doubt a number."""
    key = number_key(number)
    person = roster.by_number.get(key)
    if person is not None:
        return _by_number(person, forename, surname, shown)
    suggested = roster.by_short.get(key, ())
    if not suggested:
        return Match(UNKNOWN, reason=f"Nobody on the roster has the staff number {number}; import the roster first.")
    alike = [one for one in suggested if forename in one.forenames and surname in one.surnames]
    ordered = (*alike, *(one for one in suggested if one not in alike))
    named = "" if alike else " The names differ."
    return Match(
        TO_CONFIRM, None, ordered,
        f"The staff number {number} lacks its first digit if this is {ordered[0].name}.{named}",
    )  # fmt: skip


def _by_number(person: Known, forename: str, surname: str, shown: str) -> Match:
    if forename not in person.forenames:
        return Match(TO_CONFIRM, None, (person,), f"The staff number is {person.name}'s, but the row names {shown}.")
    if surname in person.surnames:
        return Match(NUMBER_EXACT, person)
    return Match(NUMBER_EXACT, person, warning=f"The surname differs: the roster has {person.name}, the row {shown}.")


def split_name(name: str) -> tuple[str, str]:
    """(forename, surname) of “Surname, Forename” or “Forename Surname”; middle names stay out."""
    if "," in name:
        surname, _, rest = name.partition(",")
        forenames = rest.split()
        return (forenames[0] if forenames else ""), surname.strip()
    words = name.split()
    return (words[0], words[-1]) if len(words) > 1 else ("", name.strip())


@dataclass(frozen=True)
class CompletionFacts:
    """A row that tells of a completion, before anybody knows whose it is."""

    number: str
    forename: str
    surname: str
    name: str  # as the row has it
    course: str
    course_text: str
    done_on: date
    evidence: str = ""

    def key(self, fold: Callable[[str], str]) -> tuple[str, str, str, str, date]:
        """What makes two rows the same row."""
        return (
            number_key(self.number), f"{fold(self.surname)},{fold(self.forename)}", self.course,
            fold(self.course_text) if self.course == "other_cpd" else "", self.done_on,
        )  # fmt: skip
