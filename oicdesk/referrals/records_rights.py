"""Rights requests (DPA 2018 ss.45 to 47): one logged search over people, corrections with their trail, whom to tell.

Every table here holds people, so it is read only inside `Vault.consulting`.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records_people, rules_retention
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_disclosures import (
    CASE,
    DRAFT,
    OWN_USE,
    Disclosure,
    DisclosureCase,
    Handing,
    disclose,
)
from oicdesk.referrals.records_holds import is_held
from oicdesk.referrals.records_people import Person, PersonCategory, PersonRow, refuse_incomplete
from oicdesk.referrals.rules import refuse
from oicdesk.settings.records import reference
from oicdesk.settings.rules import add_working_days, london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class PersonRequest(Stored):
    """Somebody asks for their rights."""

    __tablename__ = "person_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    requester: Mapped[str]
    identity_checked: Mapped[str]  # how, or empty while it is not
    received_on: Mapped[date]
    due_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    outcome: Mapped[str | None]
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]


class PersonCorrection(Stored):
    """What was corrected or erased of a person, and why; the words go when the person is erased."""

    __tablename__ = "person_correction"
    __table_args__ = (Index("person_correction_of", "referral_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("person_request.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    what: Mapped[str]  # "corrected" or "erased"
    why: Mapped[str]
    fields: Mapped[str]  # names only, a space between


class PersonRecipient(Stored):
    """Somebody who received the people of a case before they were corrected, to be told."""

    __tablename__ = "person_recipient"
    __table_args__ = (Index("person_recipient_of", "correction_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("person_correction.id"))
    recipient: Mapped[str]
    disclosed_at: Mapped[datetime]
    due_on: Mapped[date]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None]


# --- requests ---


@dataclass(frozen=True)
class RequestRow:
    """A request as shown, once the look is logged."""

    id: int
    kind: str
    requester: str
    identity_checked: str
    received_on: date
    due_on: date
    outcome: str | None
    closed_on: date | None
    closed_by: str | None


def open_request(session: Session, values: Mapping[str, Any], *, now: datetime) -> int:
    """Record a request; `due_on` is worked out where it is not given. Returns its id."""
    received_on, due_on = values.get("received_on"), values.get("due_on")
    requester = (values.get("requester") or "").strip()
    refuse(rules_retention.check_request(values.get("kind"), requester, received_on, due_on, london_day(now)))
    assert received_on is not None
    row = PersonRequest(
        kind=values["kind"], requester=requester, identity_checked=(values.get("identity_checked") or "").strip(),
        received_on=received_on, due_on=due_on or rules_retention.answer_by(received_on), recorded_at=now,
        recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, person_request=row.id)
    return row.id


def close_request(session: Session, request_id: int, outcome: str, *, now: datetime) -> None:
    """Answer a request, with what was done or why not."""
    row = _request(session, request_id)
    if not outcome.strip():
        raise Refused("A request is closed with its answer; write what was done, or why not.", field="outcome")
    if not row.identity_checked:
        raise Refused(
            "How the requester's identity was checked is not recorded; add it before the answer goes out.",
            field="outcome",
        )
    row.outcome, row.closed_on = outcome.strip(), london_day(now)
    row.closed_at, row.closed_by = now, session.info["user"].name
    log.record(session, log.ALTERATION, person_request=row.id, fields=["outcome", "closed_on"])


def identity_checked(session: Session, request_id: int, how: str, *, now: datetime) -> None:
    """Record how the requester's identity was checked."""
    row = _request(session, request_id)
    if not how.strip():
        raise Refused("Write how the identity was checked.", field="identity_checked")
    row.identity_checked = how.strip()
    log.record(session, log.ALTERATION, person_request=row.id, fields=["identity_checked"])


def _request(session: Session, request_id: int) -> PersonRequest:
    row = session.get(PersonRequest, request_id)
    if row is None or row.closed_on is not None:
        raise Refused("That request is closed already; read the requests again.")
    return row


def requests(session: Session) -> list[RequestRow]:
    """Every request: open ones first, then by the day the answer is due."""
    found = session.scalars(
        select(PersonRequest).order_by(PersonRequest.closed_on.is_not(None), PersonRequest.due_on, PersonRequest.id)
    )
    return [
        RequestRow(
            row.id, row.kind, row.requester, row.identity_checked, row.received_on, row.due_on, row.outcome,
            row.closed_on, row.closed_by,
        )
        for row in found
    ]  # fmt: skip


# --- the one search ---


@dataclass(frozen=True)
class FoundRow:
    """A person whom the search found, with the case; in the order they were recorded, never of their traits."""

    id: int
    referral_id: int
    reference: str
    person: PersonRow


def search(session: Session, words: str, *, now: datetime) -> list[FoundRow]:
    """People whose label, name, references or date of birth hold every word; a consulting session only.

    Log the ids with `log_found`: the look itself was logged when the session began.
    """
    wanted = _fold(words).split()
    if not wanted:
        raise Refused("Write a name, label, reference or date of birth to search for.", field="words")
    found: dict[int, list[int]] = {}
    texts = (Person.label, Person.name, Person.force_reference, Person.birth, Person.nrm_reference)
    query = select(Person.id, Person.referral_id, *texts).where(Person.erased_at.is_(None)).order_by(Person.id)
    for row in session.execute(query):
        if rules_retention.holds_all(wanted, [_fold(text) for text in row[2:]]):
            found.setdefault(row.referral_id, []).append(row.id)
    return _found(session, found, now)


def _found(session: Session, found: Mapping[int, Sequence[int]], now: datetime) -> list[FoundRow]:
    rows = []
    for referral_id, ids in found.items():
        label = session.scalar(select(Referral.reference).where(Referral.id == referral_id))
        for person in records_people.people(session, referral_id, now=now):
            if person.id in ids:
                rows.append(FoundRow(person.id, referral_id, str(label), person))
    return sorted(rows, key=lambda row: row.id)


def log_found(session: Session, rows: Sequence[FoundRow]) -> None:
    """Write the ids that a search showed into the log."""
    log.record(
        session, log.CONSULTATION, person=[row.id for row in rows],
        referral=sorted({row.referral_id for row in rows}), detail="search over people: shown",
    )  # fmt: skip


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def export(
    session: Session,
    rows: Sequence[FoundRow],
    *,
    recipient: str,
    purpose: str,
    form: str,
    request_id: int | None,
    now: datetime,
) -> list[FoundRow]:
    """The people found, for the data protection officer, once the log has it.

    Refused while the safeguarding record of one of their cases is incomplete.
    """
    if not rows:
        raise Refused("Nobody was found, so there is nothing to export; the search itself is in the log.")
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.referral_id, []).append(row.id)
    refuse_incomplete(session, sorted(found), "the people found", now=now)
    fresh = _found(session, found, now)
    what = "People found for a rights request" + ("" if request_id is None else f", request {request_id}")
    disclose(
        session, CASE, what, Handing(recipient, purpose, form), now=now, cases=sorted(found),
        people=[row.id for row in fresh],
    )  # fmt: skip
    return fresh


# --- corrections ---


@dataclass(frozen=True)
class RecipientRow:
    """Somebody to tell of a correction."""

    id: int
    recipient: str
    disclosed_at: datetime
    due_on: date
    told_at: datetime | None
    told_by: str | None


@dataclass(frozen=True)
class CorrectionRow:
    """A line of the correction trail, newest first."""

    id: int
    person_id: int
    referral_id: int
    reference: str
    at: datetime
    by: str
    what: str
    why: str
    fields: tuple[str, ...]
    recipients: tuple[RecipientRow, ...]


def correct(
    session: Session,
    person_id: int,
    values: Mapping[str, Any],
    why: str,
    *,
    now: datetime,
    request_id: int | None = None,
) -> list[RecipientRow]:
    """Correct a person, keep the trail, and list everybody who received the people of the case before (s.48(9))."""
    if not why.strip():
        raise Refused("A correction is recorded with its reason; write why.", field="why")
    changed = records_people.edit_person(session, person_id, values, now=now)
    if not changed:
        raise Refused("Nothing about this person was different, so nothing was corrected.")
    person = session.get_one(Person, person_id)
    return _trail(session, person, "corrected", why, changed, request_id, now)


def erase_person(
    session: Session, person_id: int, why: str, *, now: datetime, request_id: int | None = None
) -> list[RecipientRow]:
    """Erase one person, as asked for or because they were recorded in error; refused while a hold stands."""
    person = session.get(Person, person_id)
    if person is None or person.erased_at is not None:
        raise Refused("That person is not recorded here any more; read the case again.")
    rules_retention.check_not_held(is_held(session, person.referral_id))
    if not why.strip():
        raise Refused("A person is erased only with a reason; write why, without saying who they were.", field="why")
    erase(session, person, "Erased", now=now)
    log.record(session, log.ERASURE, referral=person.referral_id, person=person_id, detail="person erased")
    told = _trail(session, person, "erased", why, [], request_id, now)
    records_people.settle(session, person.referral_id, now)
    return told


def erase(session: Session, person: Person, label: str, *, now: datetime) -> None:
    """Blank a person: every fact, the history of categories, the words of corrections; the caller logs the erasure."""
    for column in Person.__table__.columns:
        if column.name not in ("id", "referral_id", "recorded_at"):
            blank: Any = None if column.nullable else "" if column.type.python_type is str else False
            setattr(person, column.name, blank)
    person.label, person.erased_at = label, now
    session.execute(delete(PersonCategory).where(PersonCategory.person_id == person.id))
    for correction in session.scalars(select(PersonCorrection).where(PersonCorrection.person_id == person.id)):
        correction.why = ""
    session.flush()


def _trail(
    session: Session,
    person: Person,
    what: str,
    why: str,
    fields: Sequence[str],
    request_id: int | None,
    now: datetime,
) -> list[RecipientRow]:
    row = PersonCorrection(
        request_id=request_id, person_id=person.id, referral_id=person.referral_id, at=now,
        by=session.info["user"].name, what=what, why=why.strip(), fields=" ".join(fields),
    )  # fmt: skip
    session.add(row)
    session.flush()
    desk = reference(session)
    due_on = add_working_days(london_day(now), desk.setting("tell_recipients_working_days"), desk.holidays)
    for recipient, at in past_recipients(session, person.referral_id):
        session.add(PersonRecipient(correction_id=row.id, recipient=recipient, disclosed_at=at, due_on=due_on))
    session.flush()
    log.record(session, log.ALTERATION, person=person.id, person_correction=row.id, fields=["correction"])
    return _recipients(session, row.id)


def past_recipients(session: Session, referral_id: int) -> list[tuple[str, datetime]]:
    """Who received the people or a draft of this case, and when last; what was kept for own use has nobody to tell."""
    query = (
        select(Disclosure.recipient, func.max(Disclosure.at))
        .join(DisclosureCase, DisclosureCase.disclosure_id == Disclosure.id)
        .where(
            DisclosureCase.referral_id == referral_id, Disclosure.kind.in_((CASE, DRAFT)),
            Disclosure.purpose != OWN_USE,
        )
        .group_by(Disclosure.recipient)
        .order_by(func.min(Disclosure.id))
    )  # fmt: skip
    return [(recipient, at) for recipient, at in session.execute(query)]


def told(session: Session, recipient_id: int, *, now: datetime) -> None:
    """Tick that a past recipient was told of the correction."""
    row = session.get(PersonRecipient, recipient_id)
    if row is None or row.told_at is not None:
        raise Refused("That recipient was told already; read the trail again.")
    row.told_at, row.told_by = now, session.info["user"].name
    log.record(session, log.ALTERATION, person_recipient=row.id, fields=["told_at"])


def untold(session: Session, recipient_id: int) -> None:
    """Take a tick back that was set by mistake."""
    row = session.get_one(PersonRecipient, recipient_id)
    row.told_at = row.told_by = None
    log.record(session, log.ALTERATION, person_recipient=row.id, fields=["told_at"], detail="taken back")


def corrections(session: Session, *, referral_id: int | None = None) -> list[CorrectionRow]:
    """The correction trail of a case or of all, newest first; a consulting session only."""
    query = select(PersonCorrection, Referral.reference).join(Referral, Referral.id == PersonCorrection.referral_id)
    if referral_id is not None:
        query = query.where(PersonCorrection.referral_id == referral_id)
    return [
        CorrectionRow(
            row.id, row.person_id, row.referral_id, label, row.at, row.by, row.what, row.why,
            tuple(row.fields.split()), tuple(_recipients(session, row.id)),
        )
        for row, label in session.execute(query.order_by(PersonCorrection.id.desc()))
    ]  # fmt: skip


def _recipients(session: Session, correction_id: int) -> list[RecipientRow]:
    found = session.scalars(
        select(PersonRecipient).where(PersonRecipient.correction_id == correction_id).order_by(PersonRecipient.id)
    )
    return [
        RecipientRow(row.id, row.recipient, row.disclosed_at, row.due_on, row.told_at, row.told_by) for row in found
    ]
