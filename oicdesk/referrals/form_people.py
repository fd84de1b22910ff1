"""Recording a person of a case by form: the minimum that is needed, each fact with its basis."""

from collections.abc import Mapping
from typing import Any

from oicdesk.referrals import records_people, rules_people
from oicdesk.referrals.form import Clock
from oicdesk.referrals.records_people import PersonRow
from oicdesk.settings.records import COUNTRY, Reference
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Step, Told

_STAYS = "what is recorded of people keeps its history; correct the record instead"
YES_NO = ((True, "Yes"), (False, "No"))
BESIDE = ("force_reference", "migrant_victim_statement")


def person_fields(desk: Reference) -> list[Field]:
    """What is asked about a person; names only where the desk records them."""

    def choice(name: str, label: str, kind: str, **more: Any) -> Field:
        return Field(name, label, "choice", desk.choices(kind), **more)

    def answer(name: str, label: str, help: str = "") -> Field:
        return Field(name, label, "choice", YES_NO, width=120, help=help)

    def long(name: str, label: str, help: str) -> Field:
        return Field(name, label, "long", help=help)

    names = [Field("name", "Name", help="A single name is enough.")] if desk.setting("record_names") else []
    return [
        Field("label", "Label or initials", required=True, placeholder="Driver, or A.B.", width=220),
        *names,
        choice("identity_basis", "How the identity is known", "nationality_basis", width=220),
        Field("force_reference", "Force system’s reference"),
        Field("categories", "Categories", "choices", desk.choices("person_category"), required=True,
              help="All that apply; earlier ones stay in the history."),
        choice("nationality", "Nationality", COUNTRY),
        choice("nationality_basis", "How the nationality is known", "nationality_basis", width=220),
        Field("birth", "Date of birth", placeholder="1990, 1990-05 or 1990-05-12", width=220),
        Field("age", "Age in years", "whole"),
        Field("age_on", "Age as on", "date"),
        choice("age_basis", "How the age is known", "age_basis", width=220),
        Field("may_be_under_18", "Somebody thinks that they may be under 18", "check"),
        answer("treated_as_child", "Treated as a child"),
        answer("unaccompanied", "Unaccompanied"),
        Field("local_authority_told_on", "Local authority told on", "date"),
        answer("indicators_seen", "Indicators seen", "Of slavery or trafficking."),
        answer("consents_to_nrm", "Consents to the NRM", "Asked of adults only."),
        choice("nrm", "NRM decision", "nrm_decision"),
        Field("nrm_on", "NRM referral or report on", "date"),
        Field("nrm_reference", "NRM reference"),
        long("necessity", "Why it is necessary and proportionate",
             f"For a victim, possible victim or witness. {rules_people.FREE_TEXT_WARNING}"),
        Field("authorised_by", "Authorised by", help="The supervisor; not the one who records it."),
        long("migrant_victim_statement", "Migrant victim: why sharing is necessary", rules_people.FREE_TEXT_WARNING),
    ]  # fmt: skip


def add_person_task(referral_id: int, reference: str, desk: Reference, now: Clock) -> Task:
    """Record a person of this case."""

    def do(session: Any, values: dict[str, Any]) -> Told:
        records_people.add_person(session, referral_id, values, now=now())
        step = Step(f"Add a person to {reference}", why_not=_STAYS)
        return Told(f"{values['label']} is recorded on {reference}.", step)

    return Task(
        record=str(referral_id), name="person", title=f"Add a person to {reference}", verb="Add the person",
        fields=person_fields(desk), do=do, has_people=True,
    )  # fmt: skip


def edit_person_task(referral_id: int, reference: str, person: PersonRow, desk: Reference, now: Clock) -> Task:
    """Change what is recorded of a person."""

    def do(session: Any, values: dict[str, Any]) -> str | Told:
        if not records_people.edit_person(session, person.id, values, now=now()):
            return f"Nothing about {values['label']} was different."
        step = Step(f"Edit a person of {reference}", why_not=_STAYS)
        return Told(f"{values['label']} is changed.", step)

    fields = person_fields(desk)
    return Task(
        record=str(referral_id), name=f"person {person.id}", title=f"Edit a person of {reference}",
        verb="Save the person", fields=fields, do=do, values=person_values(person, fields), has_people=True,
    )  # fmt: skip


def person_values(person: PersonRow, fields: list[Field]) -> Mapping[str, Any]:
    """What the form of a person begins with."""
    return {field.name: getattr(person if field.name in BESIDE else person.facts, field.name) for field in fields}
