"""How long a case is kept, what stops its people from being erased, and the periods of a rights request.

Nothing is erased by the clock: a date only brings a case up for review, and a person decides with a reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from oicdesk.errors import Refused
from oicdesk.referrals.rules import DONE
from oicdesk.settings.rules import add_months, spoken_day

# --- holds -------------------------------------------------------------------------------------------------

HOLD_KINDS: Final = {
    "court": "Court proceedings",
    "complaint": "Complaint",
    "inquest": "Inquest",
    "disclosure": "Disclosure duties",
}


def check_hold(kind: str | None, why: str, review_on: date | None, today: date) -> dict[str, str]:
    """Every problem of a hold to be placed, beside its field."""
    problems: dict[str, str] = {}
    if kind not in HOLD_KINDS:
        problems["kind"] = "A hold is for a court, a complaint, an inquest or disclosure duties; choose one."
    if not why.strip():
        problems["why"] = "A hold needs its reason; write what the case is kept for."
    if review_on is None:
        problems["review_on"] = "A hold needs a review date, so that it does not last by being forgotten; enter it."
    elif review_on <= today:
        problems["review_on"] = f"{spoken_day(review_on)} has come already; enter a later day for the review."
    return problems


# --- reviews -----------------------------------------------------------------------------------------------

KEPT: Final = "kept"
ANONYMISED: Final = "anonymised"
REVIEW_WORDS: Final = {KEPT: "Kept", ANONYMISED: "People anonymised"}


@dataclass(frozen=True)
class Retention:
    """What a review of a case rests on; `done_on` is None while it is open."""

    status: str
    done_on: date | None
    review_on: date
    held: bool = False
    anonymised: bool = False


def anonymise_on(done_on: date | None, months: int) -> date | None:
    """From when the people of a finished case may be anonymised; None while it is open."""
    return None if done_on is None else add_months(done_on, months)


def is_due(case: Retention, today: date, months: int) -> bool:
    """Whether somebody has to look at this case now; a hold does not hide it."""
    ripe = anonymise_on(case.done_on, months) if case.status in DONE else None
    return case.review_on <= today or (ripe is not None and ripe <= today and not case.anonymised)


def check_keep(why: str, next_on: date | None, today: date) -> dict[str, str]:
    """Every problem of keeping a case as it is, beside its field."""
    problems: dict[str, str] = {}
    if not why.strip():
        problems["why"] = "A case is kept on only with a reason; write why it is still needed."
    if next_on is None:
        problems["next_on"] = "Every case has a review date (DPA 2018 s.39(2)); enter the next one."
    elif next_on <= today:
        problems["next_on"] = f"{spoken_day(next_on)} has come already; enter a later day."
    return problems


def check_anonymise(case: Retention, why: str, today: date, months: int) -> None:
    """Refuses to anonymise the people of a case that is open, held, anonymised already, or too young."""
    if case.held:
        raise Refused("A hold is on this case, so nothing of it is anonymised or purged; release the hold first.")
    if case.anonymised:
        raise Refused("The people of this case are anonymised already.")
    ripe = anonymise_on(case.done_on, months) if case.status in DONE else None
    if ripe is None:
        raise Refused("An open case keeps its people; close, exempt or link it first, or keep it with a reason.")
    if ripe > today:
        raise Refused(
            f"The people of this case may be anonymised from {spoken_day(ripe)}, {months} months after it was"
            " finished; an erasure that somebody asks for goes through a rights request."
        )
    if not why.strip():
        raise Refused("People are anonymised only with a reason; write why.", field="why")


def check_not_held(held: bool) -> None:
    """Refuses to erase anything of a case on hold."""
    if held:
        raise Refused("A hold is on this case, so nothing of it is erased; release the hold first, or say so in reply.")


# --- rights requests ---------------------------------------------------------------------------------------

REQUEST_KINDS: Final = {
    "access": "Access (DPA 2018 s.45)",
    "rectification": "Rectification (s.46)",
    "erasure": "Erasure or restriction (s.47)",
}


def answer_by(received_on: date) -> date:
    """The last day to answer: one month from the day of receipt (DPA 2018 s.54), which is the first of its days."""
    return add_months(received_on, 1) - timedelta(days=1)


def check_request(
    kind: str | None, requester: str, received_on: date | None, due_on: date | None, today: date
) -> dict[str, str]:
    """Every problem of a request to be recorded, beside its field."""
    problems: dict[str, str] = {}
    if kind not in REQUEST_KINDS:
        problems["kind"] = "A request is for access, rectification, or erasure or restriction; choose one."
    if not requester.strip():
        problems["requester"] = "A request comes from somebody; write who, or their representative."
    if received_on is None:
        problems["received_on"] = "The time to answer runs from the day of receipt; enter it."
    elif received_on > today:
        problems["received_on"] = f"{spoken_day(received_on)} lies in the future; enter the day it was received."
    elif due_on is not None and due_on < received_on:
        problems["due_on"] = "The answer cannot be due before the request came; check the date."
    return problems


# --- breaches ----------------------------------------------------------------------------------------------

NOTIFY_WITHIN: Final = timedelta(hours=72)


def notify_by(aware_at: datetime) -> datetime:
    """Until when the Commissioner is told, where feasible: 72 hours after becoming aware (DPA 2018 s.67)."""
    return aware_at + NOTIFY_WITHIN


def check_breach(
    facts: str, aware_at: datetime | None, told_at: datetime | None, why_not: str, now: datetime
) -> dict[str, str]:
    """Every problem of a breach to be recorded, beside its field; effects and remedy may follow later."""
    problems: dict[str, str] = {}
    if aware_at is None:
        problems["aware_at"] = "The 72 hours run from becoming aware; enter when that was."
    elif aware_at > now:
        problems["aware_at"] = "That time lies in the future; enter when the force became aware."
    if not facts.strip():
        problems["facts"] = "A breach is recorded with its facts (DPA 2018 s.67(6)); write what happened."
    if told_at is not None and aware_at is not None and not aware_at <= told_at <= now:
        problems["commissioner_told_at"] = "The Commissioner was told after becoming aware and not in the future."
    late = aware_at is not None and (told_at or now) > notify_by(aware_at)
    if late and not why_not.strip():
        problems["why_not_told"] = (
            "72 hours have passed; write why the Commissioner was told later, or why a risk to people is unlikely."
        )
    return problems


# --- searching ---------------------------------------------------------------------------------------------


def holds_all(words: Collection[str], texts: Collection[str]) -> bool:
    """Whether each of the words stands in one of the texts; both folded alike."""
    return bool(words) and all(any(word in text for text in texts) for word in words)
