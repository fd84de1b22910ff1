"""What may become of a referral: statuses, due times, chasing, exemptions, duplicates, references.

One referral is one contact with the NCCU about one case. Instants are aware datetimes; a function that needs
the present is given it. A function named `check_…` returns every problem at once, as {field: sentence};
`refuse` raises the first of them. Nothing here urges anyone to refer a person.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from oicdesk.errors import Refused
from oicdesk.referrals.rules_clock import Pause, after_pauses, is_paused
from oicdesk.settings.rules import (
    DueRule,
    add_months,
    due_at,
    end_of_working_day,
    london_day,
    spoken_day,
)

# --- statuses ----------------------------------------------------------------------------------------------

NEW: Final = "NEW"
AWAITING_DOCUMENT: Final = "AWAITING_DOCUMENT"
SCOPE_QUERY: Final = "SCOPE_QUERY"
SUBMITTED: Final = "SUBMITTED"
RETURNED: Final = "RETURNED"
ACCEPTED: Final = "ACCEPTED"
REJECTED: Final = "REJECTED"
EXEMPT: Final = "EXEMPT"
DUPLICATE: Final = "DUPLICATE"
CLOSED: Final = "CLOSED"

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    NEW: frozenset({AWAITING_DOCUMENT, SCOPE_QUERY, DUPLICATE, EXEMPT}),
    AWAITING_DOCUMENT: frozenset({SUBMITTED, EXEMPT, DUPLICATE}),
    SCOPE_QUERY: frozenset({AWAITING_DOCUMENT, EXEMPT, DUPLICATE}),
    SUBMITTED: frozenset({ACCEPTED, RETURNED, REJECTED}),
    RETURNED: frozenset({SUBMITTED}),
    ACCEPTED: frozenset({CLOSED}),
    REJECTED: frozenset({AWAITING_DOCUMENT}),
    EXEMPT: frozenset({AWAITING_DOCUMENT}),
    DUPLICATE: frozenset({AWAITING_DOCUMENT}),
    CLOSED: frozenset({AWAITING_DOCUMENT}),
}
STATUSES: Final = tuple(ALLOWED)

DONE: Final = frozenset({CLOSED, EXEMPT, DUPLICATE})
OPEN: Final = frozenset(STATUSES) - DONE
NEEDS_DOCUMENT: Final = frozenset({NEW, AWAITING_DOCUMENT, REJECTED})
COUNTS_AS_SUBMITTED: Final = frozenset({SUBMITTED, RETURNED, ACCEPTED, CLOSED})
OUTSIDE_COVERAGE: Final = frozenset({EXEMPT, DUPLICATE, SCOPE_QUERY})

# Each status is also the name of its shape in the window’s theme.
STATUS_WORDS: Final[Mapping[str, str]] = {
    NEW: "New, facts missing",
    AWAITING_DOCUMENT: "Awaiting document",
    SCOPE_QUERY: "Scope query",
    SUBMITTED: "Submitted",
    RETURNED: "Returned for correction",
    ACCEPTED: "Accepted",
    REJECTED: "Rejected",
    EXEMPT: "Exempt",
    DUPLICATE: "Duplicate",
    CLOSED: "Closed",
}

_NOUN: Final = {
    NEW: "A new referral",
    AWAITING_DOCUMENT: "A referral awaiting its document",
    SCOPE_QUERY: "A scope query",
    SUBMITTED: "A submitted referral",
    RETURNED: "A returned referral",
    ACCEPTED: "An accepted referral",
    REJECTED: "A rejected referral",
    EXEMPT: "An exempt referral",
    DUPLICATE: "A duplicate referral",
    CLOSED: "A closed referral",
}
_BECOME: Final = {
    NEW: "be made new again",
    AWAITING_DOCUMENT: "be set to await a document",
    SCOPE_QUERY: "become a scope query",
    SUBMITTED: "be submitted",
    RETURNED: "be returned",
    ACCEPTED: "be accepted",
    REJECTED: "be rejected",
    EXEMPT: "be exempted",
    DUPLICATE: "be marked as a duplicate",
    CLOSED: "be closed",
}
_FIRST: Final = {
    NEW: "complete its missing facts first",
    AWAITING_DOCUMENT: "record the submission first",
    SCOPE_QUERY: "decide whether it is in scope first",
    SUBMITTED: "accept, return or reject its document first",
    RETURNED: "record the corrected submission first",
    ACCEPTED: "close it and reopen it first",
    REJECTED: "set it to await a new document first",
    EXEMPT: "overturn the exemption first",
    DUPLICATE: "withdraw the link to the surviving case first",
    CLOSED: "reopen it first",
}
_REASON_TO: Final = {
    EXEMPT: "exempted",
    DUPLICATE: "marked as a duplicate",
    RETURNED: "returned",
    REJECTED: "rejected",
}
_REASON_FROM: Final = {
    CLOSED: "A closed referral is reopened",
    EXEMPT: "An exemption is overturned",
    DUPLICATE: "The link to a surviving case is withdrawn",
}


def needs_reason(status: str, to: str) -> bool:
    """Whether this move is recorded only with a reason."""
    return to in _REASON_TO or (status in _REASON_FROM and to == AWAITING_DOCUMENT)


def move(status: str, to: str, *, reason: str | None = None) -> str:
    """The status a referral has after moving to `to`; or Refused."""
    if to not in ALLOWED[status]:
        raise Refused(f"{_NOUN[status]} cannot {_BECOME[to]}; {_what_first(status, to)}.", field="status")
    if needs_reason(status, to) and not (reason or "").strip():
        start = f"A referral is {_REASON_TO[to]}" if to in _REASON_TO else _REASON_FROM[status]
        raise Refused(f"{start} only with a reason; write why.", field="reason")
    return to


def _what_first(status: str, to: str) -> str:
    if status == to:
        return "that is what it already is"
    if to == NEW:
        return "correct its facts where they stand"
    if to == SCOPE_QUERY:
        return "only a new one can"
    return _FIRST[status]


# --- the facts of a contact --------------------------------------------------------------------------------

# The reason "identity or status enquiry": nobody knows whether it "reports a case", so it waits apart.
STATUS_ENQUIRY: Final = "status_enquiry"
EARLIEST_YEAR: Final = 2000
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)


@dataclass(frozen=True)
class ReferralFacts:
    """What is known of a contact; None or empty text is not known. `persons` is a count, `reason` a code."""

    force: str | None = None
    contact_at: datetime | None = None
    reason: str | None = None
    reporting_officer: str | None = None
    collar: str | None = None
    persons: int | None = None
    route: str | None = None
    outcome: str | None = None
    location: str | None = None


def missing_facts(facts: ReferralFacts) -> list[str]:
    """In words, what keeps a referral NEW. An officer known by collar number alone can be chased."""
    officer = (facts.reporting_officer or "").strip() or (facts.collar or "").strip()
    wanted = {
        "the contact reason": facts.reason,
        "the force": facts.force,
        "the time of the contact": facts.contact_at,
        "the reporting officer": officer,
    }
    return [words for words, value in wanted.items() if not value]


def first_status(facts: ReferralFacts, scope_query_reasons: Collection[str] = (STATUS_ENQUIRY,)) -> str:
    """The status that the facts give a referral which nobody has decided about yet.

    Every contact that was made is a case, a post-arrest one of a foreign national offender too.
    """
    if missing_facts(facts):
        return NEW
    return SCOPE_QUERY if facts.reason in scope_query_reasons else AWAITING_DOCUMENT


def check_referral(facts: ReferralFacts, now: datetime, choices: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Every problem at once. `choices` maps "force", "reason", "route" and "outcome" to the values known."""
    problems: dict[str, str] = {}
    for name, known in choices.items():
        value = getattr(facts, name)
        if value and value not in known:
            problems[name] = _unknown(name, value)
    if facts.contact_at is not None:
        if _utc(facts.contact_at) > _utc(now):
            problems["contact_at"] = "The contact lies in the future; check its date and time."
        elif facts.contact_at.year < EARLIEST_YEAR:
            problems["contact_at"] = f"The contact lies before {EARLIEST_YEAR}; check the year."
    persons: object = facts.persons
    if persons is not None and (isinstance(persons, bool) or not isinstance(persons, int) or persons < 0):
        problems["persons"] = "The number of persons has to be a whole number, 0 or more; type digits only."
    return problems


def _unknown(name: str, value: str) -> str:
    if name == "force":
        return f"“{value}” is not a force this desk serves; choose one from the list."
    return f"“{value}” is not a known {name}; choose one from the list or add it in Settings."


def referral_warnings(facts: ReferralFacts) -> list[str]:
    """What is recorded all the same but should be looked at."""
    if _POSTCODE.search(facts.location or ""):
        return ["The location seems to hold a postcode; the district is enough here."]
    return []


def refuse(problems: Mapping[str, str]) -> None:
    """Raise the first of the problems, if there is one, beside its field."""
    for name, sentence in problems.items():
        raise Refused(sentence, field=name)


# --- due, overdue, next ------------------------------------------------------------------------------------


def _utc(instant: datetime) -> datetime:
    # Python compares and subtracts times of one zone by the wall clock: an hour wrong at a clock change.
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC)


def first_due(
    status: str,
    contact_at: datetime | None,
    recorded_at: datetime,
    rule: DueRule,
    holidays: Collection[date],
) -> datetime | None:
    """When the document is due; None only for a scope query.

    The clock starts at the contact, or at the recording while the time of the contact is unknown.
    """
    if status == SCOPE_QUERY:
        return None
    return due_at(contact_at or recorded_at, rule, holidays)


def due_after_move(
    status: str,
    to: str,
    due: datetime | None,
    *,
    at: datetime,
    contact_at: datetime | None,
    recorded_at: datetime,
    rule: DueRule,
    holidays: Collection[date],
) -> datetime | None:
    """The due time after a move at `at`.

    An overturned exemption restarts the clock at the overturning; a new referral that is complete at last
    runs from its contact; else the first due time stays, after a rejection too.
    """
    if status == EXEMPT and to == AWAITING_DOCUMENT:
        return due_at(at, rule, holidays)
    if due is not None and status != NEW and to != SCOPE_QUERY:
        return due
    return first_due(to, contact_at, recorded_at, rule, holidays)


def is_overdue(status: str, due: datetime | None, as_at: datetime) -> bool:
    """A document is still needed and the due instant has passed; at that very instant it has not."""
    return status in NEEDS_DOCUMENT and due is not None and _utc(as_at) > _utc(due)


def elapsed_hours(start: datetime, end: datetime) -> float:
    """Real hours from one instant to another, across clock changes too."""
    return (_utc(end) - _utc(start)).total_seconds() / 3600


def correction_due(returned_at: datetime, holidays: Collection[date], days: int = 3) -> datetime:
    """The end of the third working day after the return, which is day 0."""
    return end_of_working_day(london_day(returned_at), days, holidays)


OFFICER: Final = "reporting officer"
SUPERVISOR: Final = "supervisor"
INSPECTOR: Final = "Detective Inspector"


class ChaserStep(NamedTuple):
    """Whom to chase so many elapsed hours after the due time."""

    hours: int
    to: str


CHASER_STEPS: Final = (ChaserStep(24, OFFICER), ChaserStep(72, SUPERVISOR), ChaserStep(168, INSPECTOR))


@dataclass(frozen=True)
class Standing:
    """Where a referral stands; `chased` says whom since the due time, `pauses` move chaser dates only."""

    status: str
    due: datetime | None = None
    missing: tuple[str, ...] = ()
    approval_waiting: bool = False
    chased: frozenset[str] = frozenset()
    correction_due: datetime | None = None
    pauses: tuple[Pause, ...] = ()


class NextAction(NamedTuple):
    """What to do next, in words, and when; None is now, or no time applies."""

    words: str
    when: datetime | None


_NEXT: Final = {
    SCOPE_QUERY: "Decide whether it is in scope",
    SUBMITTED: "Record what became of the document",
    ACCEPTED: "Close the referral",
    REJECTED: "Ask for a new document",
    EXEMPT: "None until the review",
    DUPLICATE: "None until the review",
    CLOSED: "None until the review",
}


def next_action(standing: Standing, as_at: datetime, steps: Iterable[ChaserStep] = CHASER_STEPS) -> NextAction:
    """The one thing that moves this referral on."""
    if standing.approval_waiting and standing.status in OPEN:
        return NextAction("Wait for the approval of the exemption", None)
    if standing.status == NEW:
        return NextAction("Find out " + _listed(standing.missing or ("what is missing",)), None)
    if standing.status == RETURNED:
        return NextAction("Await the correction", standing.correction_due)
    if standing.status != AWAITING_DOCUMENT:
        return NextAction(_NEXT[standing.status], None)
    if standing.due is None or _utc(as_at) <= _utc(standing.due):
        return NextAction("Await the document", standing.due)
    step = next_chaser(standing.chased, steps)
    if step is None:
        return NextAction(f"Agree the next step with the {INSPECTOR}", None)
    if is_paused(standing.pauses, as_at):
        return NextAction("Nothing while it is paused", None)
    verb = "Tell" if step.to == INSPECTOR else "Chase"
    return NextAction(f"{verb} the {step.to}", chaser_at(step, standing.due, standing.pauses, as_at))


def next_chaser(chased: Collection[str], steps: Iterable[ChaserStep] = CHASER_STEPS) -> ChaserStep | None:
    """The step after the highest one already taken; None when all are taken."""
    ladder = sorted(steps)
    taken = max((index for index, step in enumerate(ladder) if step.to in chased), default=-1)
    return ladder[taken + 1] if taken + 1 < len(ladder) else None


def chaser_at(step: ChaserStep, due: datetime, pauses: Iterable[Pause] = (), as_at: datetime | None = None) -> datetime:
    """When a chaser falls: so many elapsed hours after the due time, those of a pause not counted."""
    return after_pauses(due, step.hours, pauses, as_at or due)


def is_with_supervisor(standing: Standing) -> bool:
    """The supervisor, or someone above, has been asked for a document that is still missing."""
    return standing.status == AWAITING_DOCUMENT and bool(standing.chased & {SUPERVISOR, INSPECTOR})


def is_waiting_for_approval(standing: Standing) -> bool:
    """An exemption was asked for and nobody has approved it yet."""
    return standing.approval_waiting and standing.status in OPEN


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def review_on(
    status: str,
    recorded_on: date,
    *,
    done_on: date | None = None,
    reviewed_on: date | None = None,
    done_months: int = 12,
    open_months: int = 12,
) -> date:
    """The review date: 12 months after closing, exempting or marking as a duplicate; yearly while open."""
    if status in DONE and done_on:
        since, months = done_on, done_months
    else:
        since, months = recorded_on, open_months
    return add_months(max(since, reviewed_on or since), months)


def is_before_register(contact_at: datetime | None, register_started: date | None) -> bool:
    """The contact lies before the day the desk went into use, so it stays out of coverage, counted apart."""
    if contact_at is None or register_started is None:
        return False
    return london_day(contact_at) < register_started


# --- exemptions --------------------------------------------------------------------------------------------

APPROVER_ROLE: Final = "Approver"

WAITING: Final = "waiting for approval"
APPROVED: Final = "approved"
REPORTED: Final = "reported approval"
CONFIRMED: Final = "reported approval, confirmed"


@dataclass(frozen=True)
class ReportedApproval:
    """An approval given outside the desk, as it was reported."""

    name: str
    role: str
    on: date | None
    reference: str


@dataclass(frozen=True)
class ExemptionFacts:
    """Who asked and who approved: `approved_by` under their own passphrase, `reported` outside the desk."""

    requested_by: str
    approved_by: str | None = None
    reported: ReportedApproval | None = None


def approval_kind(exemption: ExemptionFacts) -> str:
    """WAITING, APPROVED, REPORTED (counted apart) or CONFIRMED."""
    if exemption.reported is not None:
        return CONFIRMED if exemption.approved_by else REPORTED
    return APPROVED if exemption.approved_by else WAITING


def same_person(one: str, other: str) -> bool:
    """Whether two names are alike but for case, spaces and order: "MARSH, Jo" is "Jo Marsh"."""
    return _name_words(one) == _name_words(other)


def names_agree(one: str, other: str) -> bool:
    """As `same_person`, but one of the names may say more, such as a rank."""
    here, there = set(_name_words(one)), set(_name_words(other))
    return bool(here and there) and (here <= there or there <= here)


def _name_words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return sorted(re.findall(r"\w[\w'-]*", plain))


def check_expiry(expires_on: date | None, today: date) -> None:
    """Refuses an exemption whose last day has come already; None holds until it is overturned."""
    if expires_on is not None and expires_on <= today:
        raise Refused(
            f"The exemption would have run out on {spoken_day(expires_on)}; ask for a later day, or for no end.",
            field="expires_on",
        )


def check_approver(requested_by: str, approver: str, role: str) -> None:
    """Four eyes: refuses an approver who asked for it, or whose role does not approve."""
    if role != APPROVER_ROLE:
        raise Refused(
            f"Only an approver can approve an exemption, and your role is {role}; "
            "ask the approver, or record an approval given outside the desk."
        )
    if same_person(requested_by, approver):
        raise Refused("Whoever asked for an exemption cannot approve it; ask another approver.")


def check_reported_approval(approval: ReportedApproval, requested_by: str, today: date) -> dict[str, str]:
    """Every problem of an approval reported from outside, beside `name`, `role`, `on` and `reference`."""
    problems: dict[str, str] = {}
    if not _name_words(approval.name):
        problems["name"] = "A reported approval needs the approver’s name; write who gave it."
    elif same_person(requested_by, approval.name):
        problems["name"] = "Whoever asked for an exemption cannot approve it; name another approver."
    if not approval.role.strip():
        problems["role"] = "A reported approval needs the approver’s role; write it as it was then."
    if approval.on is None:
        problems["on"] = "A reported approval needs its date; enter the day it was given."
    elif approval.on > today:
        problems["on"] = f"{spoken_day(approval.on)} lies in the future; enter the day the approval was given."
    if not approval.reference.strip():
        problems["reference"] = (
            "A reported approval needs a reference; write where it can be found, such as an email’s subject."
        )
    return problems


def check_confirmation(exemption: ExemptionFacts, approver: str, role: str) -> None:
    """Refuses a confirmation unless the reported approver gives it; a rank beside a name is no matter."""
    kind = approval_kind(exemption)
    if kind != REPORTED or exemption.reported is None:
        raise Refused(f"Only a reported approval can be confirmed, and this exemption is {kind}.")
    check_approver(exemption.requested_by, approver, role)
    if not names_agree(approver, exemption.reported.name):
        raise Refused(
            f"This approval was reported as given by {exemption.reported.name.strip()}; "
            "only that person can confirm it, so ask them."
        )


# --- duplicates --------------------------------------------------------------------------------------------


def check_duplicate(referral: int, survivor: int, links: Mapping[int, int]) -> None:
    """Refuses a link that does not lead to one surviving case; `links` maps duplicate to survivor, by id."""
    if referral == survivor:
        raise Refused("A referral cannot be a duplicate of itself; choose the surviving case.", field="survivor")
    if surviving(survivor, links) == referral:
        raise Refused(
            "The case chosen is already a duplicate of this one; keep that link, or withdraw it first.",
            field="survivor",
        )
    if survivor in links:
        raise Refused("The case chosen is itself a duplicate; choose the case that it was linked to.", field="survivor")
    if referral in links.values():
        raise Refused(
            "Other referrals are linked to this one as their surviving case; withdraw those links first.",
            field="survivor",
        )


def surviving(referral: int, links: Mapping[int, int]) -> int:
    """The case that stands for this referral: the end of its links, or itself."""
    seen = {referral}
    while (following := links.get(referral)) is not None and following not in seen:
        seen.add(following)
        referral = following
    return referral


# --- references and keys -----------------------------------------------------------------------------------

_REFERENCE: Final = re.compile(r"OIC-([0-9]{4})-([0-9]{4,})")


def reference(year: int, number: int) -> str:
    """Like OIC-2026-0042: the contact's year, at least four digits, growing."""
    if not 1000 <= year <= 9999 or number < 1:
        raise ValueError(f"no reference for {year}, {number}")
    return f"OIC-{year}-{number:04d}"


def parse_reference(text: str) -> tuple[int, int]:
    """(year, number), which is also what references sort by; case and spaces around do not matter."""
    found = _REFERENCE.fullmatch(text.strip().upper())
    if not found or int(found[2]) < 1:
        raise Refused(
            f"“{text.strip()}” is not a reference of this desk; write it like OIC-2026-0042.",
            field="reference",
        )
    return int(found[1]), int(found[2])


def normalised_reference(text: str | None) -> str:
    """A reference for comparing: upper-case letters and digits only."""
    plain = text or ""
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    return "".join(filter(str.isalnum, plain.upper()))


def normalised_collar(text: str | None) -> str:
    """Upper-case, with a single space between letters and digits: "pc 7191" and "PC7191" are PC 7191."""
    plain = re.sub(r"[\s._-]+", " ", unicodedata.normalize("NFKC", text or "").upper()).strip()
    return re.sub(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", plain)


def contact_key(force: str | None, incident: str | None, contact_at: datetime | None, collar: str | None) -> str | None:
    """What makes two records the same contact: force, incident number if there is one, instant and collar.

    None without a contact time, because then nothing can be called the same.
    """
    if contact_at is None:
        return None
    instant = _utc(contact_at).isoformat(timespec="seconds")
    number, officer = normalised_reference(incident), normalised_reference(collar)
    return "|".join(((force or "").strip().casefold(), number, instant, officer))
