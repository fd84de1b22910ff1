"""The people of a case. They are read only inside `Vault.consulting`, which logs the look."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records
from oicdesk.referrals import rules_people as people_rules
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_disclosures import CASE, Handing, disclose
from oicdesk.referrals.rules import refuse
from oicdesk.referrals.rules_people import CategoryChange, PersonFacts
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

PEOPLE: Final = "its people"  # what is refused to leave, in a sentence


class Person(Stored):
    """One person in one case: the minimum that is needed."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    label: Mapped[str]
    name: Mapped[str]
    force_reference: Mapped[str]
    birth: Mapped[str]
    age: Mapped[int | None]
    age_on: Mapped[date | None]
    age_basis: Mapped[str | None]
    may_be_under_18: Mapped[bool]
    nationality: Mapped[str | None]
    nationality_basis: Mapped[str | None]
    indicators_seen: Mapped[bool | None]
    treated_as_child: Mapped[bool | None]
    unaccompanied: Mapped[bool | None]
    local_authority_told_on: Mapped[date | None]
    consents_to_nrm: Mapped[bool | None]
    nrm: Mapped[str | None]
    nrm_on: Mapped[date | None]
    nrm_reference: Mapped[str]
    necessity: Mapped[str]
    migrant_victim_statement: Mapped[str]
    authorised_by: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    identity_basis: Mapped[str | None]
    erased_at: Mapped[datetime | None]


class PersonCategory(Stored):
    """The categories a person had from an instant on; rows are only added, until the person is erased."""

    __tablename__ = "person_category"
    __table_args__ = (Index("person_category_history", "person_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    categories: Mapped[str]  # codes in alphabetical order, a space between


@dataclass(frozen=True)
class PersonRow:
    """A person as shown, once the look is logged; `gaps` are sentences."""

    id: int
    facts: PersonFacts
    force_reference: str
    migrant_victim_statement: str
    history: tuple[CategoryChange, ...]
    gaps: tuple[str, ...]
    steps: tuple[str, ...]


_FACTS = tuple(f.name for f in fields(PersonFacts) if f.name != "categories")
_BESIDE = ("force_reference", "migrant_victim_statement")


def add_person(session: Session, referral_id: int, values: Mapping[str, Any], *, now: datetime) -> int:
    """Record a person; `values` by the names of PersonFacts. Returns the person's id."""
    records.get(session, referral_id)
    by = session.info["user"].name
    facts = _checked({**values, "recorded_by": by}, reference(session), now)
    person = Person(referral_id=referral_id, recorded_at=now, **_columns(facts, values))
    session.add(person)
    session.flush()
    _put_categories(session, person.id, (), facts.categories, by, now)
    log.record(session, log.COLLECTION, referral=referral_id, person=person.id, fields=_told(facts))
    settle(session, referral_id, now)
    return person.id


def edit_person(session: Session, person_id: int, values: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Change facts of a person. Returns the names of what changed; earlier categories stay in the history."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise Refused("That person is not recorded here any more; read the case again.")
    history = _history(session, person_id)
    old = _facts(person, history)
    new = _checked({**asdict(old), **values, "recorded_by": person.recorded_by}, reference(session), now)
    columns = _columns(new, {**{name: getattr(person, name) for name in _BESIDE}, **values})
    changed = [name for name, value in columns.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, columns[name])
    if new.categories != old.categories:
        _put_categories(session, person_id, history, new.categories, session.info["user"].name, now)
        changed.append("categories")
    if changed:
        log.record(session, log.ALTERATION, referral=person.referral_id, person=person_id, fields=changed)
        settle(session, person.referral_id, now)
    return changed


def people(session: Session, referral_id: int, *, now: datetime) -> list[PersonRow]:
    """The people of a case in the order they were recorded. Only a consulting session can read them."""
    desk = reference(session)
    today, everyone = london_day(now), bool(desk.setting("uncertain_age_is_child"))
    rows = []
    kept = select(Person).where(Person.referral_id == referral_id, Person.erased_at.is_(None)).order_by(Person.id)
    for person in session.scalars(kept):
        history = _history(session, person.id)
        facts = _facts(person, history)
        gaps = people_rules.safeguarding_gaps(facts, today, uncertain_applies_to_everyone=everyone)
        steps = people_rules.nrm_steps(facts, today, uncertain_applies_to_everyone=everyone)
        rows.append(
            PersonRow(
                person.id, facts, person.force_reference, person.migrant_victim_statement, history,
                tuple(gaps), tuple(steps),
            )
        )  # fmt: skip
    return rows


def hand_out(
    session: Session, referral_id: int, *, recipient: str, purpose: str, how: str, now: datetime
) -> list[PersonRow]:
    """The people of a case for somebody else, once the log says who receives them and why.

    Refused by `refuse_incomplete`.
    """
    refuse_incomplete(session, [referral_id], PEOPLE, now=now)
    rows = people(session, referral_id, now=now)
    if not rows:
        raise Refused("Nobody is recorded on this case, so there is nothing to hand out.")
    what = f"People of {records.get(session, referral_id).reference}"
    disclose(
        session, CASE, what, Handing(recipient, purpose, how), now=now, cases=[referral_id],
        people=[row.id for row in rows],
    )  # fmt: skip
    return rows


def refuse_incomplete(session: Session, cases: Sequence[int], what: str, *, now: datetime) -> None:
    """The stop of `may_leave_the_desk` for these cases, by what is recorded of their people now.

    `what` stands in the sentence: "its working draft". It reads people, so only a consulting or changing session can.
    """
    everyone = bool(reference(session).setting("uncertain_age_is_child"))
    for case in cases:
        name, facts = records.get(session, case).reference, [row.facts for row in people(session, case, now=now)]
        people_rules.may_leave_the_desk(name, facts, what, london_day(now), uncertain_applies_to_everyone=everyone)


def _checked(values: Mapping[str, Any], desk: Reference, now: datetime) -> PersonFacts:
    known = {name: values[name] for name in (*_FACTS, "categories") if values.get(name) is not None}
    facts = PersonFacts(**{"label": "", **known, "categories": frozenset(values.get("categories") or ())})
    kinds = {"nationality": "country", "nationality_basis": "nationality_basis", "age_basis": "age_basis",
             "identity_basis": "nationality_basis"}  # fmt: skip
    choices = {name: {row.code for row in desk.history(kind)} for name, kind in kinds.items()}
    reason = desk.setting("record_names_reason") if desk.setting("record_names") else None
    refuse(people_rules.check_person(facts, london_day(now), choices, names_reason=reason))
    return facts


def _columns(facts: PersonFacts, beside: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in _FACTS} | {name: beside.get(name) or "" for name in _BESIDE}


def _told(facts: PersonFacts) -> list[str]:
    return [name for name in (*_FACTS, "categories") if getattr(facts, name)]


def _facts(person: Person, history: tuple[CategoryChange, ...]) -> PersonFacts:
    values = {name: getattr(person, name) for name in _FACTS}
    return PersonFacts(**values, categories=history[-1].categories if history else frozenset())


def _history(session: Session, person_id: int) -> tuple[CategoryChange, ...]:
    rows = session.scalars(
        select(PersonCategory)
        .where(PersonCategory.person_id == person_id)
        .order_by(PersonCategory.at, PersonCategory.id)
    )
    return tuple(CategoryChange(row.at, row.by, frozenset(row.categories.split())) for row in rows)


def _put_categories(
    session: Session,
    person_id: int,
    history: tuple[CategoryChange, ...],
    categories: frozenset[str],
    by: str,
    now: datetime,
) -> None:
    newest = people_rules.with_categories(history, categories, by=by, at=now)[-1]
    words = " ".join(sorted(newest.categories))
    session.add(PersonCategory(person_id=person_id, at=newest.at, by=newest.by, categories=words))


def settle(session: Session, referral_id: int, now: datetime) -> None:
    """Keep on the case, without naming anybody, whether its safeguarding record is complete."""
    session.flush()
    referral, rows = records.get(session, referral_id), people(session, referral_id, now=now)
    referral.safeguarding_incomplete = any(row.gaps for row in rows)
    referral.persons = max(referral.persons, len(rows))
    referral.updated_at = now


def settle_all(session: Session, *, now: datetime) -> list[int]:
    """Keep anew on every case whether its safeguarding record is complete: a birthday or another setting for people
    whose age is not certain changes that with nobody's doing. Returns the ids of the cases it changed for.
    """
    today, everyone = london_day(now), bool(reference(session).setting("uncertain_age_is_child"))
    newest = select(PersonCategory.person_id, PersonCategory.categories).order_by(PersonCategory.at, PersonCategory.id)
    categories = {person: frozenset(words.split()) for person, words in session.execute(newest)}
    incomplete = set()
    for person in session.scalars(select(Person).where(Person.erased_at.is_(None))):
        known = {name: getattr(person, name) for name in _FACTS}
        facts = PersonFacts(**known, categories=categories.get(person.id, frozenset()))
        if people_rules.is_safeguarding_incomplete([facts], today, uncertain_applies_to_everyone=everyone):
            incomplete.add(person.referral_id)
    marked = set(session.scalars(select(Referral.id).where(Referral.safeguarding_incomplete.is_(True))))
    changed = sorted(incomplete ^ marked)
    if changed:
        marks = [{"id": case, "safeguarding_incomplete": case in incomplete} for case in changed]
        session.execute(update(Referral), marks)
        log.record_many(session, log.ALTERATION, "referral", changed, fields=["safeguarding_incomplete"])
    return changed
