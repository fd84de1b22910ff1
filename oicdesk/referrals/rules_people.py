"""The people in a referral: what must be recorded, safeguarding, and what may leave the desk.

Gaps are sentences that make a record incomplete; they never stop a contact or a submission being recorded.
People are never scored, ranked or compared: nothing here puts one person before another.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from oicdesk.errors import Refused
from oicdesk.referrals.rules import same_person
from oicdesk.settings.rules import add_months, spoken_day

# --- values ------------------------------------------------------------------------------------------------

SUSPECT: Final = "suspect"
CONVICTED: Final = "convicted"
VICTIM: Final = "victim"
WITNESS: Final = "witness"
CATEGORIES: Final = frozenset({SUSPECT, CONVICTED, VICTIM, WITNESS})
PROTECTED: Final = frozenset({VICTIM, WITNESS})

# Codes of a basis (of an age, of a nationality) that the rules know; the lists of them are reference data.
ASSESSED: Final = "assessed"
NOT_ESTABLISHED: Final = "not_established"
BASIS_REFUSED: Final = "refused"
NOT_KNOWN: Final = frozenset({NOT_ESTABLISHED, BASIS_REFUSED})

NRM_NOT_INDICATED: Final = "not_indicated"
NRM_REFERRED: Final = "referred"
NRM_DUTY_TO_NOTIFY: Final = "dtn_without_consent"
NRM_DECLINED: Final = "adult_declined"
NRM_PENDING: Final = "pending"
NRM_DECISIONS: Final = frozenset({NRM_NOT_INDICATED, NRM_REFERRED, NRM_DUTY_TO_NOTIFY, NRM_DECLINED, NRM_PENDING})

FACT: Final = "fact"
ASSESSMENT: Final = "assessment"

FREE_TEXT_WARNING: Final = (
    "No ethnicity, health, beliefs, source identity or tactics here, unless strictly necessary. "
    "A nationality is not an ethnicity."
)

ADULT_AGE: Final = 18


@dataclass(frozen=True)
class PersonFacts:
    """What is recorded about one person in a case; None and empty text are not known.

    `birth` is 1990, 1990-05 or 1990-05-12; `age` is the age in years on `age_on`.
    """

    label: str
    categories: frozenset[str] = frozenset()
    name: str = ""
    identity_basis: str | None = None
    birth: str = ""
    age: int | None = None
    age_on: date | None = None
    age_basis: str | None = None
    may_be_under_18: bool = False
    nationality: str | None = None
    nationality_basis: str | None = None
    indicators_seen: bool | None = None
    treated_as_child: bool | None = None
    unaccompanied: bool | None = None
    local_authority_told_on: date | None = None
    consents_to_nrm: bool | None = None
    nrm: str | None = None
    nrm_on: date | None = None
    nrm_reference: str = ""
    necessity: str = ""
    authorised_by: str = ""
    recorded_by: str = ""


# --- what may be recorded ----------------------------------------------------------------------------------


def check_person(
    person: PersonFacts,
    today: date,
    choices: Mapping[str, Collection[str]],
    *,
    names_reason: str | None = None,
) -> dict[str, str]:
    """Every problem at once. `names_reason` is why names are switched on; None or empty means off.

    `choices` maps "nationality", "nationality_basis", "age_basis" and "identity_basis" to the values known.
    """
    problems: dict[str, str] = {}
    if not person.label.strip():
        problems["label"] = "A person needs a label or initials; write for example “Driver” or “A.B.”."
    problems |= _check_categories(person.categories)
    if person.name.strip() and not (names_reason or "").strip():
        problems["name"] = (
            "Names are switched off at this desk; use a label or initials and the force system’s reference, "
            "or switch names on in Settings with a reason."
        )
    elif person.name.strip() and not person.identity_basis:
        problems["identity_basis"] = "A name needs its basis; choose how the identity is known."
    problems |= _check_age(person, today)
    problems |= _check_nationality(person)
    for name, known in choices.items():
        value = getattr(person, name)
        if value and value not in known:
            problems[name] = f"“{value}” is not in the list; choose from it."
    if person.nrm and person.nrm not in NRM_DECISIONS:
        problems["nrm"] = f"“{person.nrm}” is not an NRM decision; choose one from the list."
    for name in ("local_authority_told_on", "nrm_on"):
        day = getattr(person, name)
        if day is not None and day > today:
            problems[name] = f"{spoken_day(day)} lies in the future; enter the day it was done."
    return problems


def _check_categories(categories: frozenset[str]) -> dict[str, str]:
    if not categories:
        return {"categories": "A person needs at least one category; choose all that apply."}
    if not categories <= CATEGORIES:
        return {"categories": "That is not a category of person; choose from the list."}
    return {}


def _check_age(person: PersonFacts, today: date) -> dict[str, str]:
    problems: dict[str, str] = {}
    if person.birth.strip():
        try:
            earliest, _latest = birth_range(person.birth)
        except Refused as refusal:
            problems["birth"] = str(refusal)
        else:
            if earliest > today:
                problems["birth"] = "The date of birth lies in the future; check the year."
            elif earliest.year < today.year - 120:
                problems["birth"] = "The date of birth lies more than 120 years back; check the year."
    if person.age is not None and not 0 <= person.age <= 120:
        problems["age"] = "An age is a whole number of years from 0 to 120; check it."
    if person.age_on is not None and person.age_on.year < today.year - 120:
        problems["age_on"] = f"{spoken_day(person.age_on)} lies too far back; check the year."
    elif person.age_on is not None and person.age_on > today:
        problems["age_on"] = f"{spoken_day(person.age_on)} lies in the future; check the date."
    if (person.birth.strip() or person.age is not None) and not person.age_basis:
        problems["age_basis"] = "An age needs its basis; choose how it is known."
    return problems


def _check_nationality(person: PersonFacts) -> dict[str, str]:
    basis = person.nationality_basis
    if person.nationality and not basis:
        return {"nationality_basis": "A nationality needs its basis; choose how it is known."}
    if basis and basis not in NOT_KNOWN and not person.nationality:
        return {"nationality": "The basis says how a nationality is known, but there is none; choose it."}
    return {}


def check_names_switch(on: bool, reason: str) -> None:
    """Names are off by default; refuses to switch them on without a reason to record."""
    if on and not reason.strip():
        raise Refused(
            "Names are switched on only with a reason, because chasing an officer needs no subject’s name; write why.",
            field="reason",
        )


def check_note(text: str, kind: str | None) -> dict[str, str]:
    """A note about a case says whether it is fact or assessment."""
    problems = {} if text.strip() else {"text": "The note is empty; write it or cancel."}
    if kind not in (FACT, ASSESSMENT):
        problems["kind"] = "Say whether the note is fact or assessment; the two are kept apart."
    return problems


# --- categories and their history --------------------------------------------------------------------------


class CategoryChange(NamedTuple):
    """The categories a person had from `at` on."""

    at: datetime
    by: str
    categories: frozenset[str]


def with_categories(
    history: tuple[CategoryChange, ...], categories: Collection[str], *, by: str, at: datetime
) -> tuple[CategoryChange, ...]:
    """The history with this change at its end, or as it was when nothing changed; no entry is ever removed."""
    chosen = frozenset(categories)
    for name, sentence in _check_categories(chosen).items():
        raise Refused(sentence, field=name)
    if history and history[-1].categories == chosen:
        return history
    if history and at < history[-1].at:
        raise Refused("The categories were already changed later than that; check the time.", field="categories")
    return (*history, CategoryChange(at, by, chosen))


def categories_at(history: Iterable[CategoryChange], as_at: datetime) -> frozenset[str]:
    """The categories a person had at that instant; empty before the first."""
    current: frozenset[str] = frozenset()
    for change in history:
        if change.at <= as_at:
            current = change.categories
    return current


# --- age ---------------------------------------------------------------------------------------------------

_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def birth_range(text: str) -> tuple[date, date]:
    """The first and last day that a whole or partial date of birth allows."""
    found = _PARTIAL.fullmatch(text.strip())
    try:
        if not found:
            raise ValueError
        year, month, day = (int(part) if part else None for part in found.groups())
        first = date(year or 0, month or 1, day or 1)
        return first, first if day else add_months(first, 1 if month else 12) - timedelta(days=1)
    except ValueError:
        raise Refused(
            f"“{text.strip()}” is not a date of birth; write 1990, 1990-05 or 1990-05-12.", field="birth"
        ) from None


def youngest_age(person: PersonFacts, today: date) -> int | None:
    """The lowest age in years that the record allows; None when it says nothing."""
    latest: list[date] = []
    if person.birth.strip():
        latest.append(birth_range(person.birth)[1])
    if person.age is not None:
        latest.append(add_months(person.age_on or today, -12 * person.age))
    return min((_full_years(born, today) for born in latest), default=None)


def _full_years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _says_nothing_of_age(person: PersonFacts) -> bool:
    return not (person.birth.strip() or person.age is not None or person.age_basis)


def is_age_uncertain(person: PersonFacts) -> bool:
    """Somebody thinks the person may be under 18, or was told no age that can be relied on; not once assessed."""
    if person.age_basis == ASSESSED:
        return False
    no_age = not person.birth.strip() and person.age is None
    return person.may_be_under_18 or (no_age and person.age_basis in NOT_KNOWN)


def is_treated_as_child(person: PersonFacts, today: date, *, uncertain_applies_to_everyone: bool = True) -> bool:
    """Under 18, or perhaps under 18 and not yet assessed.

    With the setting off, an uncertain age counts only beside slavery or trafficking indicators (MSA 2015 s.51).
    """
    youngest = youngest_age(person, today)
    if person.treated_as_child or (youngest is not None and youngest < ADULT_AGE):
        return True
    return is_age_uncertain(person) and (uncertain_applies_to_everyone or bool(person.indicators_seen))


# --- safeguarding ------------------------------------------------------------------------------------------


def needs_authorisation(person: PersonFacts) -> bool:
    """A victim, possible victim or witness, also beside suspect."""
    return bool(person.categories & PROTECTED)


def authorisation_gaps(person: PersonFacts) -> list[str]:
    """What a victim, possible victim or witness still needs: necessity in words, and a supervisor's authorisation."""
    if not needs_authorisation(person):
        return []
    gaps = []
    if not person.necessity.strip():
        gaps.append(f"{person.label}: why it is necessary and proportionate is not written.")
    if not person.authorised_by.strip():
        gaps.append(f"{person.label}: no supervisor has authorised it.")
    elif person.recorded_by.strip() and same_person(person.authorised_by, person.recorded_by):
        gaps.append(f"{person.label}: the supervisor who authorises it cannot be the one who recorded it.")
    return gaps


def safeguarding_gaps(person: PersonFacts, today: date, *, uncertain_applies_to_everyone: bool = True) -> list[str]:
    """Everything that makes the safeguarding record of this person incomplete, a sentence each."""
    child = is_treated_as_child(person, today, uncertain_applies_to_everyone=uncertain_applies_to_everyone)
    gaps = authorisation_gaps(person)
    if child and person.treated_as_child is False:
        gaps.append(f"{person.label}: may be under 18, so is treated as a child until assessed.")
    if child and person.local_authority_told_on is None:
        gaps.append(f"{person.label}: when the local authority was told is not recorded.")
    if child and person.indicators_seen is None:
        gaps.append(f"{person.label}: whether slavery or trafficking indicators were seen is not recorded.")
    if person.indicators_seen and not child and _says_nothing_of_age(person):
        gaps.append(f"{person.label}: indicators were seen, and neither an age nor its basis is recorded.")
    if person.indicators_seen:
        gaps += _nrm_gaps(person, child)
    return gaps


def _nrm_gaps(person: PersonFacts, child: bool) -> list[str]:
    if person.nrm is None or person.nrm == NRM_PENDING:
        return [f"{person.label}: indicators were seen, and the NRM decision is not recorded."]
    if person.nrm == NRM_NOT_INDICATED:
        return [f"{person.label}: indicators were seen, so the NRM decision cannot be “not indicated”."]
    if child and person.nrm != NRM_REFERRED:
        return [f"{person.label}: a child is always referred to the NRM, and no consent is asked."]
    if person.nrm == NRM_DECLINED:
        return [f"{person.label}: declined the NRM; a duty-to-notify report not identifying them is still due."]
    gaps = []
    if person.nrm == NRM_REFERRED and not child and not person.consents_to_nrm:
        gaps.append(f"{person.label}: an adult is referred to the NRM only with consent, which is not recorded.")
    if person.nrm_on is None:
        gaps.append(f"{person.label}: the date of the NRM referral or report is not recorded.")
    if person.nrm == NRM_REFERRED and not person.nrm_reference.strip():
        gaps.append(f"{person.label}: the NRM reference is not recorded.")
    return gaps


def is_safeguarding_incomplete(
    people: Iterable[PersonFacts], today: date, *, uncertain_applies_to_everyone: bool = True
) -> bool:
    """Whether the case shows “safeguarding record incomplete”."""
    return any(
        safeguarding_gaps(person, today, uncertain_applies_to_everyone=uncertain_applies_to_everyone)
        for person in people
    )


def may_leave_the_desk(
    case: str, people: Iterable[PersonFacts], what: str, today: date, *, uncertain_applies_to_everyone: bool = True
) -> None:
    """The one stop before the draft or the people of a case leave the desk by export, print or copy.

    Refused while the safeguarding record of anybody in the case is incomplete: a victim or witness who is not
    authorised, a child or an indicator without its steps. `what` stands in the sentence, which names nobody.
    """
    if is_safeguarding_incomplete(people, today, uncertain_applies_to_everyone=uncertain_applies_to_everyone):
        raise Refused(
            f"The safeguarding record of {case} is incomplete, so {what} cannot be exported, printed or copied;"
            " complete it at the people of the case first."
        )


def duty_to_notify_may_identify(person: PersonFacts, today: date) -> bool:
    """An adult is identified in a duty-to-notify report only with consent (MSA 2015 s.52); a child needs none."""
    return is_treated_as_child(person, today) or person.consents_to_nrm is True


def nrm_steps(person: PersonFacts, today: date, *, uncertain_applies_to_everyone: bool = True) -> list[str]:
    """What to do for this person, in order, in words; empty when nothing of this kind is indicated."""
    child = is_treated_as_child(person, today, uncertain_applies_to_everyone=uncertain_applies_to_everyone)
    steps = []
    if person.indicators_seen or needs_authorisation(person):
        who = "victim" if person.indicators_seen or VICTIM in person.categories else "witness"
        steps.append(
            f"Treat the person first as a {who}; never check a database only to learn their status, "
            "and take no immigration enforcement yourself."
        )
    if child:
        return steps + _child_steps(person)
    if person.indicators_seen is None and VICTIM in person.categories:
        steps.append(_LOOK)
    if person.indicators_seen and _says_nothing_of_age(person):
        steps.append("Record the age, or that it is not established.")
    if person.indicators_seen:
        return steps + _adult_steps(person)
    return steps


_LOOK: Final = "Look for slavery or trafficking indicators, and record whether any were seen."


def _child_steps(person: PersonFacts) -> list[str]:
    """The local authority first, then the NRM; a child's consent is never asked."""
    steps = []
    if is_age_uncertain(person):
        steps.append("Treat the person as under 18 until their age is assessed.")
    steps.append("Tell the local authority first; record when, and whether the child was unaccompanied.")
    if person.indicators_seen is None:
        steps.append(_LOOK)
    refer = "refer the child to the NRM; no consent is asked. Record the date and the reference."
    steps.append(f"{'R' if person.indicators_seen else 'With any indicator, r'}{refer[1:]}")
    return steps


def _adult_steps(person: PersonFacts) -> list[str]:
    refer = "Refer them to the NRM, and record the date and the reference."
    notify = (
        "Send a duty-to-notify report that does not identify them: no name, no date of birth, "
        "nothing that says who they are. Record the date."
    )
    if person.consents_to_nrm is None:
        return [
            "Explain the NRM and ask for consent.",
            f"With consent: {refer}",
            f"Without consent: {notify}",
        ]
    return [refer] if person.consents_to_nrm else [notify]
