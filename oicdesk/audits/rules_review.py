"""Who may review what in an audit, and what an answer means for a document."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from oicdesk.errors import Refused

# --- independence ------------------------------------------------------------------------------------------

POST_HOLDER_LIMIT: Final = (
    "The reviewer holds the post that keeps this register, so the first review is not independent of it;"
    " the second review by another person covers this limit."
)


POST_HOLDER_ALONE: Final = (
    "The reviewer holds the post that keeps this register, so the review is not independent of it, and no second"
    " review covers this limit."
)


@dataclass(frozen=True)
class Involved:
    """Who had a hand in one document, by name; empty where nobody is recorded.

    `assessor` is the person in the force's intelligence unit who accepted it there; `line_manager` is the
    reporting officer's.
    """

    author: str = ""
    assessor: str = ""
    line_manager: str = ""
    reporting_officer: str = ""


def check_reviewer(reviewer: str, case: str, involved: Involved) -> None:
    """Refuses a reviewer who wrote, assessed or answers for the document of this case."""
    hands = (
        (involved.author, "wrote the document"),
        (involved.reporting_officer, "is the reporting officer"),
        (involved.assessor, "assessed the document"),
        (involved.line_manager, "is the reporting officer's line manager"),
    )
    for name, why in hands:
        if is_same_person(reviewer, name):
            raise Refused(
                f"{reviewer} {why} of {case} and cannot review it; let another reviewer answer this case, or"
                " replace it with a reason."
            )


_RANKS: Final = frozenset(
    {"pc", "ps", "pcso", "sc", "dc", "ds", "di", "dci", "sgt", "sergeant", "insp", "inspector", "cinsp", "supt"}
)


def is_same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: case, order, rank and a missing forename do not tell them apart."""
    first, second = _name_words(one), _name_words(other)
    return bool(first and second) and (first <= second or second <= first)


def _name_words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return frozenset(re.findall(r"[^\W\d_][\w'-]*", plain)) - _RANKS


def plural(count: int, one: str, many: str = "") -> str:
    """“1 case”, “54 cases”."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def not_complete(left: int, of: int) -> str:
    """“1 of 54 cases is not answered in full”."""
    return f"{left:,} of {plural(of, 'case')} {'is' if left == 1 else 'are'} not answered in full"


def not_adjudicated(waiting: int) -> str:
    """What stands in the way of moderating."""
    is_one = waiting == 1
    return (
        f"{plural(waiting, 'difference')} between the two reviewers {'is' if is_one else 'are'} not adjudicated; decide"
        f" {'it' if is_one else 'them'} first."
    )


# --- answers -----------------------------------------------------------------------------------------------

MET: Final = "MET"
PARTLY_MET: Final = "PARTLY_MET"
NOT_MET: Final = "NOT_MET"
NOT_APPLICABLE: Final = "NOT_APPLICABLE"
CANNOT_DETERMINE: Final = "CANNOT_DETERMINE"
ANSWER_WORDS: Final[Mapping[str, str]] = {
    MET: "Met",
    PARTLY_MET: "Partly met",
    NOT_MET: "Not met",
    NOT_APPLICABLE: "Not applicable",
    CANNOT_DETERMINE: "Cannot determine",
}
ANSWERS: Final = tuple(ANSWER_WORDS)
ANSWER_KEYS: Final[Mapping[str, str]] = {
    "1": MET,
    "2": PARTLY_MET,
    "3": NOT_MET,
    "4": CANNOT_DETERMINE,
    "N": NOT_APPLICABLE,
}


def check_answer(answer: str, reason: str) -> None:
    """Refuses a word that is no answer, and "not applicable" without a reason."""
    if answer not in ANSWER_WORDS:
        raise Refused("That is not an answer; choose Met, Partly met, Not met, Cannot determine or Not applicable.")
    if answer == NOT_APPLICABLE and not reason.strip():
        raise Refused("A criterion is not applicable only with a reason; write why.", field="reason")


def fails(answer: str) -> bool:
    """Whether an answer counts as not met; what cannot be determined does, because evidence must exist."""
    return answer in (NOT_MET, CANNOT_DETERMINE)


class Outcome(NamedTuple):
    """What the answers make of a document; numbers are those of the criteria.

    `passed` is None while a mandatory criterion has no answer. `partly`: it passes with a mandatory criterion
    only partly met, which is counted apart.
    """

    passed: bool | None
    partly: bool
    failed: tuple[int, ...]
    unanswered: tuple[int, ...]


def outcome(answers: Mapping[int, str], mandatory: Mapping[int, bool]) -> Outcome:
    """A document passes if no mandatory criterion is not met. `mandatory` tells it of every criterion's number."""
    needed = [number for number, must in mandatory.items() if must]
    failed = tuple(number for number in needed if number in answers and fails(answers[number]))
    unanswered = tuple(number for number in mandatory if number not in answers)
    known = all(number in answers for number in needed)
    passed = not failed if failed or known else None
    partly = passed is True and any(answers.get(number) == PARTLY_MET for number in needed)
    return Outcome(passed, partly, failed, unanswered)


def check_named(reviewers: Collection[str], name: str) -> None:
    """Refuses somebody whom the plan does not name; a plan that names nobody leaves it open."""
    if reviewers and name not in reviewers:
        raise Refused(
            f"The plan names {' and '.join(reviewers)} for this review, and you are {name}; let them answer, or name"
            " another reviewer on the audit with a reason."
        )


def check_alone(cases: Collection[str], barred: Mapping[str, Mapping[str, str]], reviewers: Collection[str]) -> None:
    """Refuses a plan in which some case has no named reviewer who is independent of it."""
    if not reviewers:
        return
    alone = [case for case in cases if all(case in barred.get(name, {}) for name in reviewers)]
    if alone:
        others = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
        why = barred[next(iter(reviewers))][alone[0]].partition(" and cannot")[0]
        raise Refused(
            f"Nobody named in the plan is independent of {alone[0]}{others}: {why}."
            " Name one more reviewer, or leave the case out with a reason.",
            field="reviewers",
        )


def spoken_barred(name: str, cases: Collection[str]) -> str:
    """Which cases a reviewer keeps out of, in one sentence."""
    listed = sorted(cases)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    them = "it" if len(listed) == 1 else "them"
    return f"{name} had a hand in {', '.join(listed[:3])}{more} and does not review {them}."


def check_different_reviewer(first: Collection[str], second: str) -> None:
    """Refuses a second reviewer who answered in the first review."""
    if any(is_same_person(second, name) for name in first):
        raise Refused(
            "The second review is done by another person under their own passphrase; lock the desk and let them"
            " open it."
        )


def check_approver(reviewers: Collection[str], approver: str, role: str) -> None:
    """Refuses an approver without that role, or who reviewed a case of this audit."""
    if role != "Approver":
        raise Refused(f"Only an approver can approve an audit, and your role is {role}; ask the approver.")
    if any(is_same_person(approver, name) for name in reviewers):
        raise Refused("Whoever reviewed a case cannot approve the audit; ask another approver.")


# --- what the desk answers by itself ------------------------------------------------------------------------

DOCUMENT_EXISTS: Final = "document_exists"
BY_REPORTING_OFFICER: Final = "by_reporting_officer"
IN_TIME: Final = "in_time"
AUTOMATIC_WORDS: Final[Mapping[str, str]] = {
    DOCUMENT_EXISTS: "A document exists and is linked",
    BY_REPORTING_OFFICER: "Submitted by the reporting officer",
    IN_TIME: "First submitted within the due time",
}
THE_DESK: Final = "the desk"


@dataclass(frozen=True)
class RegisterFacts:
    """What the register says about a case at the moment of freezing; None where nobody recorded it."""

    document_exists: bool
    by_reporting_officer: bool | None
    in_time: bool | None


def automatic_answer(automatic: str, facts: RegisterFacts) -> tuple[str, str] | None:
    """(answer, evidence) from the register, or None where it does not know and a reviewer has to look."""
    if automatic == DOCUMENT_EXISTS:
        if facts.document_exists:
            return MET, "The register holds a submitted document that was not rejected."
        return NOT_MET, "The register holds no submitted document for this case."
    if not facts.document_exists:
        return NOT_MET, "The register holds no submitted document for this case."
    if automatic == BY_REPORTING_OFFICER:
        if facts.by_reporting_officer is None:
            return None
        if facts.by_reporting_officer:
            return MET, "Recorded as submitted by the reporting officer."
        return NOT_MET, "Recorded as submitted by somebody else than the reporting officer."
    if facts.in_time is None:
        return None
    if facts.in_time:
        return MET, "The first submission came by the due instant."
    return NOT_MET, "The first submission came after the due instant."
