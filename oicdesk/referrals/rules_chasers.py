"""What a chaser says and to whom it goes. Its texts are templates with fields; nobody a case is about is named.

A template has a subject, a body, and a line that is written once for each case where the body says {cases}.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from oicdesk.errors import Refused
from oicdesk.referrals.rules import INSPECTOR, OFFICER, SUPERVISOR
from oicdesk.referrals.rules_clock import Pause
from oicdesk.settings.rules import long_day, spoken_instant

ROLES: Final = (OFFICER, SUPERVISOR, INSPECTOR)

# What each field stands for, as the editor tells it.
MESSAGE_FIELDS: Final = {
    "to": "whom the message is for",
    "references": "the references of the cases",
    "count": "how many cases, in words",
    "cases": "one line for each case",
    "why to you": "why it goes to a supervisor where the officer is away or has left, else nothing",
    "date": "the day on which it is written",
    "from": "the user who writes it",
}
CASE_FIELDS: Final = {
    "reference": "the case",
    "contact date": "when the NCCU was contacted",
    "due": "when the document was due",
    "overdue by": "how long it has been overdue",
    "wanted": "“document” or “correction”",
    "officer": "the reporting officer with the collar number",
    "team": "the officer's team",
    "incident": "the incident number",
    "last chased": "when somebody was last asked",
}
_FIELD: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Template:
    """The text of one step of the ladder."""

    role: str
    subject: str
    body: str
    line: str


DEFAULTS: Final = {
    OFFICER: Template(
        OFFICER,
        "Intelligence document needed: {references}",
        "Dear {to},\n\nOur records do not show a finished intelligence document for {count}:\n\n{cases}\n\n"
        "Please complete and submit it in the force's intelligence system, or reply with the date on which you"
        " did. If you were not the reporting officer, tell us who was.\n\n{from}\nOIC Intelligence Officer",
        "- {reference}: contact with the NCCU on {contact date}, {wanted} due {due}, incident {incident}",
    ),
    SUPERVISOR: Template(
        SUPERVISOR,
        "Intelligence documents outstanding: {references}",
        "Dear {to},\n\nOur records do not show a finished intelligence document for {count} of your officers."
        " {why to you}\n\n{cases}\n\nPlease see that each is completed and submitted, or tell us what stands in"
        " the way.\n\n{from}\nOIC Intelligence Officer",
        "- {reference}: {officer}, {team}; {wanted} due {due}, overdue by {overdue by}; last asked {last chased}",
    ),
    INSPECTOR: Template(
        INSPECTOR,
        "Intelligence documents outstanding: {count}",
        "Dear {to},\n\nFor {count} officer and supervisor were asked and no finished intelligence document is on"
        " record:\n\n{cases}\n\nPlease tell us how you wish to proceed.\n\n{from}\nOIC Intelligence Officer",
        "- {reference}: {officer}, {team}; {wanted} due {due}, overdue by {overdue by}; last asked {last chased}",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class DueCase:
    """A case somebody is to be asked about; `step_at` is when the step fell due."""

    id: int
    reference: str
    force: str
    team: str
    officer_name: str
    officer_collar: str
    supervisor: str
    incident: str
    contact_at: datetime
    due_at: datetime
    wanted: str
    role: str
    step_at: datetime
    last_chased_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def officer(self) -> str:
        """Name and collar number, or the one that is known."""
        return ", ".join(filter(None, (self.officer_name, self.officer_collar))) or "not known"


@dataclass(frozen=True)
class Addressee:
    """Who is asked: `role` is the step that it counts as, `why` says why it is not the officer."""

    role: str
    name: str
    force: str = ""
    email: str = ""
    why: str = ""
    officer_id: int | None = None
    dear: str = ""  # how they are addressed, where that is not the name

    @property
    def addressed(self) -> str:
        return self.dear or self.name


@dataclass(frozen=True)
class Letter:
    """A message to one person about their cases, ready to leave."""

    to: Addressee
    cases: tuple[DueCase, ...]
    subject: str
    text: str

    @property
    def case_ids(self) -> tuple[int, ...]:
        return tuple(case.id for case in self.cases)


def check_template(template: Template) -> None:
    """Refuses a text with an unknown field, or one that would not say which cases it is about."""
    if template.role not in ROLES:
        raise Refused("Choose for whom the text is.", field="role")
    for name, text, allowed in (
        ("subject", template.subject, set(MESSAGE_FIELDS) - {"cases", "why to you"}),
        ("body", template.body, set(MESSAGE_FIELDS)),
        ("line", template.line, set(CASE_FIELDS)),
    ):
        if not text.strip():
            raise Refused("This part is empty; write it, or go back to the text the desk came with.", field=name)
        _check_fields(name, text, allowed)
    if "{cases}" not in template.body:
        raise Refused("The message has to say which cases it is about: put {cases} where they belong.", field="body")
    if "{reference}" not in template.line:
        raise Refused("Each line has to name its case: put {reference} into it.", field="line")


def _check_fields(name: str, text: str, allowed: set[str]) -> None:
    used = _FIELD.findall(text)
    if _FIELD.sub("", text).count("{") or _FIELD.sub("", text).count("}"):
        raise Refused("A brace has no partner: a field is written like {reference}.", field=name)
    for field in used:
        if field in allowed:
            continue
        if field in CASE_FIELDS:
            raise Refused(f"{{{field}}} tells about one case, so it belongs into the line for each case.", field=name)
        known = ", ".join(f"{{{one}}}" for one in (*MESSAGE_FIELDS, *CASE_FIELDS) if one in allowed)
        raise Refused(f"{{{field}}} is no field of this part; those are {known}.", field=name)


def write_letter(
    template: Template, to: Addressee, cases: Sequence[DueCase], *, now: datetime, today: date, sender: str,
    marking: str,
) -> Letter:  # fmt: skip
    """The message to this person about these cases, the oldest due first."""
    ordered = tuple(sorted(cases, key=lambda case: (case.due_at, case.reference)))
    values = {
        "to": to.addressed,
        "references": _references([case.reference for case in ordered]),
        "count": "1 case" if len(ordered) == 1 else f"{len(ordered)} cases",
        "cases": "\n".join(_fill(template.line, _case_values(case, now)) for case in ordered),
        "why to you": to.why,
        "date": long_day(today),
        "from": sender,
    }
    body = re.sub(r"[ \t]+\n", "\n", _fill(template.body, values)).strip()
    subject = " ".join(_fill(template.subject, values).split())
    return Letter(to, ordered, subject, f"{marking}\n\n{body}\n\n{marking}\n")


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: values[found[1]], text)


def _case_values(case: DueCase, now: datetime) -> dict[str, str]:
    return {
        "reference": case.reference,
        "contact date": spoken_instant(case.contact_at),
        "due": spoken_instant(case.due_at),
        "overdue by": span(now.timestamp() - case.due_at.timestamp()),
        "wanted": case.wanted,
        "officer": case.officer,
        "team": case.team or "team not known",
        "incident": case.incident or "not recorded",
        "last chased": "never" if case.last_chased_at is None else spoken_instant(case.last_chased_at),
    }


def span(seconds: float) -> str:
    """A length of time in words: hours below two days, else days."""
    hours = max(0, int(seconds // 3600))
    if hours < 48:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return f"{hours // 24} days"


def _references(references: Sequence[str]) -> str:
    if len(references) <= 3:
        return ", ".join(references)
    return f"{', '.join(references[:2])} and {len(references) - 2} more"


def groups(pairs: Iterable[tuple[Addressee, DueCase]]) -> list[tuple[Addressee, list[DueCase]]]:
    """Each person once with all their cases and every reason why it goes to them, whoever waits longest first."""
    found: dict[Addressee, list[DueCase]] = {}
    why: dict[Addressee, dict[str, None]] = {}
    for to, case in pairs:
        person = replace(to, why="")
        found.setdefault(person, []).append(case)
        why.setdefault(person, {}).update({to.why: None} if to.why else {})
    told = [(replace(person, why=" ".join(why[person])), cases) for person, cases in found.items()]
    return sorted(told, key=lambda pair: min(case.step_at for case in pair[1]))
