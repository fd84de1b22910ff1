"""What a person decides about the contacts of an outside list, and the lists as they are looked at.

Every decision carries who and when; a refusal and a dismissal carry why. One is taken back by `take_back`.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, false, func, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import records
from oicdesk.referrals.records import ImportBatch, Referral
from oicdesk.referrals.records_reconcile import (
    ACCEPTED,
    DISMISSED,
    RECORDED,
    REFUSED,
    OutsideContact,
    OutsideList,
    compare_again,
    standing,
    undecided,
    worked_on,
)
from oicdesk.referrals.rules_reconcile import DOUBTFUL, MATCHED, ONLY_THEIRS, Progress
from oicdesk.settings.rules import end_of_day, london_day, spoken_instant, start_of_day
from oicdesk.vault import log

_CHUNK = 500

# --- deciding ---


def _contact(session: Session, contact_id: int) -> OutsideContact:
    found = session.scalar(standing().where(OutsideContact.id == contact_id))
    if found is None:
        raise Refused("That contact is not on a list any more; read the lists again.")
    return cast(OutsideContact, found)


def _decide(session: Session, row: OutsideContact, decision: str, why: str | None, now: datetime) -> None:
    row.decision, row.decided_why = decision, why
    row.decided_at, row.decided_by = now, session.info["user"].name


def accept_pair(
    session: Session, contact_id: int, referral_id: int, *, now: datetime, progress: Progress | None = None
) -> None:
    """Say that a doubtful contact is this referral; Refused if the referral has a partner in the list."""
    row = _contact(session, contact_id)
    if row.state != DOUBTFUL:
        raise Refused(f"Only a doubtful contact is accepted, and this one is {row.state}.")
    referral = records.get(session, referral_id)
    taken = session.scalar(
        select(OutsideContact.line).where(
            OutsideContact.list_id == row.list_id,
            OutsideContact.referral_id == referral_id,
            OutsideContact.id != row.id,
        )
    )
    if taken is not None:
        raise Refused(
            f"{referral.reference} is matched with line {taken} of this list already, and the pairs are one to one;"
            " choose another referral, or refuse this pair."
        )
    row.state, row.referral_id, row.candidates = MATCHED, referral_id, json.dumps([referral_id])
    _decide(session, row, ACCEPTED, None, now)
    log.record(session, log.COMBINATION, outside_contact=row.id, referral=referral_id)
    _compare_anew(session, [row], now, progress)


def refuse_pair(
    session: Session, contact_id: int, reason: str, *, now: datetime, progress: Progress | None = None
) -> None:
    """Say that a doubtful contact is none of the referrals offered; it is never matched with one of them again."""
    row = _contact(session, contact_id)
    if row.state != DOUBTFUL:
        raise Refused(f"Only a doubtful contact is refused, and this one is {row.state}.")
    why = _reason(reason, "A pair is refused")
    ruled_out = sorted({*json.loads(row.refused), *json.loads(row.candidates)})
    row.state, row.refused, row.candidates = ONLY_THEIRS, json.dumps(ruled_out), "[]"
    _decide(session, row, REFUSED, why, now)
    log.record(session, log.ALTERATION, outside_contact=row.id, fields=["state", "refused"])
    _compare_anew(session, [row], now, progress)


def record_referrals(
    session: Session, contact_ids: Sequence[int], *, now: datetime, progress: Progress | None = None
) -> list[int]:
    """Record contacts that are only theirs as referrals, their origin noted. Returns the referrals' ids."""
    rows = [_contact(session, contact_id) for contact_id in contact_ids]
    for row in rows:
        _only_theirs(row, "recorded")
    ids = [_record(session, row, now) for row in rows]
    _compare_anew(session, rows, now, progress)
    return ids


def _record(session: Session, row: OutsideContact, now: datetime) -> int:
    kept = session.get_one(OutsideList, row.list_id)
    facts = {
        name: getattr(row, name)
        for name in ("force", "contact_at", "nccu_ref", "officer_name", "officer_collar", "reason", "persons")
    }
    note = f"Origin: line {row.line} of the outside list {kept.name}, compared on {spoken_instant(kept.compared_at)}."
    if row.category:
        note += f" Its category there: {row.category}."
    referral_id = records.add(session, facts, now=now, note=note)
    records.get(session, referral_id).import_id = kept.import_id
    row.state, row.referral_id, row.candidates = MATCHED, referral_id, json.dumps([referral_id])
    _decide(session, row, RECORDED, None, now)
    log.record(session, log.COMBINATION, outside_contact=row.id, referral=referral_id)
    return referral_id


def dismiss(session: Session, contact_id: int, reason: str, *, now: datetime) -> None:
    """Say why a contact that is only theirs is no referral of this desk."""
    row = _contact(session, contact_id)
    _only_theirs(row, "dismissed")
    _decide(session, row, DISMISSED, _reason(reason, "A contact is dismissed"), now)
    log.record(session, log.ALTERATION, outside_contact=row.id, fields=["decision"])


def take_back(session: Session, *contact_ids: int, now: datetime, progress: Progress | None = None) -> None:
    """Take decisions back and compare their list again.

    A referral recorded from a contact leaves the register with its decision; one that was worked on since is refused.
    """
    rows = [_contact(session, contact_id) for contact_id in contact_ids]
    for row in rows:
        _forget(session, row, now)
    _compare_anew(session, rows, now, progress)


def _forget(session: Session, row: OutsideContact, now: datetime) -> None:
    if row.decision is None:
        raise Refused("Nobody decided anything about this contact, so there is nothing to take back.")
    if row.decision == RECORDED and row.referral_id is not None:
        _withdraw(session, row.referral_id, now)
    # A list that brought the contact earlier must not hand its decision on again.
    for other in session.scalars(standing().where(OutsideContact.key == row.key)).all():
        other.decision, other.decided_why, other.decided_at, other.decided_by, other.refused = (
            None,
            None,
            None,
            None,
            "[]",
        )
    log.record(session, log.ALTERATION, outside_contact=row.id, fields=["decision"])


def _withdraw(session: Session, referral_id: int, now: datetime) -> None:
    referral = session.get_one(Referral, referral_id)
    if referral.withdrawn_at is not None:
        return
    if session.scalar(select(Referral.id).where(Referral.id == referral_id, worked_on())):
        raise Refused(
            f"{referral.reference} was recorded from this contact and was worked on since, so it stays;"
            " exempt it there as recorded in error."
        )
    referral.withdrawn_at, referral.contact_key = now, None
    log.record(session, log.ALTERATION, referral=referral_id, fields=["withdrawn_at"])


def _only_theirs(row: OutsideContact, verb: str) -> None:
    if row.state != ONLY_THEIRS or row.decision == DISMISSED:
        state = "dismissed" if row.decision == DISMISSED else row.state
        raise Refused(f"Only a contact that is only theirs is {verb}, and this one is {state}.")


def _reason(reason: str, start: str) -> str:
    if not reason.strip():
        raise Refused(f"{start} only with a reason; write why.", field="reason")
    return reason.strip()


def _compare_anew(session: Session, rows: Sequence[OutsideContact], now: datetime, progress: Progress | None) -> None:
    """A decision may free or settle other contacts of its list: what stands there is always as compared last."""
    session.flush()
    for list_id in sorted({row.list_id for row in rows}):
        compare_again(session, list_id, now=now, progress=progress)


# --- looking ---


@dataclass(frozen=True)
class ListRow:
    """A standing list, newest first in `lists`."""

    id: int
    import_id: int
    name: str
    imported_at: datetime
    compared_at: datetime
    matched: int
    only_theirs: int
    doubtful: int
    decided: int


@dataclass(frozen=True)
class OutsideContactRow:
    """A contact of a list beside what it was found to be; `candidates` are (id, reference)."""

    id: int
    line: int
    nccu_ref: str | None
    contact_at: datetime
    force: str
    officer_name: str | None
    officer_collar: str | None
    category: str
    reason: str | None
    persons: int | None
    state: str
    why: str
    referral_id: int | None
    referral: str | None
    candidates: tuple[tuple[int, str], ...]
    decision: str | None
    decided_why: str | None
    decided_at: datetime | None
    decided_by: str | None


def lists(session: Session) -> list[ListRow]:
    """The standing lists, the newest first."""
    found = session.execute(
        select(OutsideList, ImportBatch.at)
        .join(ImportBatch, ImportBatch.id == OutsideList.import_id)
        .where(ImportBatch.undone_at.is_(None))
        .order_by(OutsideList.id.desc())
    ).all()
    rows = []
    for kept, imported_at in found:
        count = counts(session, kept.id)
        decided = (
            session.scalar(
                select(func.count())
                .select_from(OutsideContact)
                .where(OutsideContact.list_id == kept.id, OutsideContact.decision.is_not(None))
            )
            or 0
        )
        rows.append(
            ListRow(
                kept.id, kept.import_id, kept.name, imported_at, kept.compared_at, count[MATCHED], count[ONLY_THEIRS],
                count[DOUBTFUL], decided,
            )
        )  # fmt: skip
    return rows


def counts(session: Session, list_id: int, force: str | None = None) -> Counter[str]:
    """How many contacts of a list stand in each state."""
    query = select(OutsideContact.state, func.count()).where(OutsideContact.list_id == list_id)
    if force is not None:
        query = query.where(OutsideContact.force == force)
    found: Counter[str] = Counter()
    for state, number in session.execute(query.group_by(OutsideContact.state)):
        found[state] = number
    return found


def contacts(
    session: Session, list_id: int, state: str | None = None, *, force: str | None = None
) -> list[OutsideContactRow]:
    """The contacts of a list in its order, all or those of one state and force."""
    # Columns, not records: a list may hold ten thousand.
    query = select(*_C).where(_C.list_id == list_id).order_by(_C.line)
    if state is not None:
        query = query.where(_C.state == state)
    if force is not None:
        query = query.where(_C.force == force)
    found = session.execute(query).all()
    candidates = {row.id: _ids(row.candidates) for row in found}
    wanted = {one for ids in candidates.values() for one in ids} | {row.referral_id for row in found}
    labels = _labels(session, sorted(one for one in wanted if one is not None))
    return [
        OutsideContactRow(
            row.id, row.line, row.nccu_ref, row.contact_at, row.force, row.officer_name, row.officer_collar,
            row.category, row.reason, row.persons, row.state, row.why, row.referral_id,
            labels.get(row.referral_id) if row.referral_id else None,
            tuple((one, labels[one]) for one in candidates[row.id]),
            row.decision, row.decided_why, row.decided_at, row.decided_by,
        )
        for row in found
    ]  # fmt: skip


_C = cast(Table, OutsideContact.__table__).c


@dataclass(frozen=True)
class UndecidedRow:
    """A contact of a standing list that waits for somebody to say what becomes of it."""

    id: int
    nccu_ref: str | None
    line: int
    list_name: str
    force: str
    contact_at: datetime
    state: str


def undecided_contacts(session: Session, *, force: str = "Joint") -> list[UndecidedRow]:
    """Contacts that are doubtful or only theirs, about which nobody has decided; the oldest contact first."""
    query = undecided().with_only_columns(
        _C.id, _C.nccu_ref, _C.line, OutsideList.name, _C.force, _C.contact_at, _C.state
    )
    if force != "Joint":
        query = query.where(_C.force == force)
    return [UndecidedRow(*row) for row in session.execute(query.order_by(_C.contact_at, _C.id))]


def place_of(session: Session, contact_id: int) -> tuple[int, str] | None:
    """The list and the state of a contact; None when its list was taken back."""
    found = session.execute(
        standing().where(_C.id == contact_id).with_only_columns(_C.list_id, _C.state)
    ).first()  # fmt: skip
    return None if found is None else (found.list_id, found.state)


def _ids(text: str) -> list[int]:
    return [] if text == "[]" else json.loads(text)


@dataclass(frozen=True)
class OurRow:
    """A referral beside a contact of their list; `contact_at` is None while the time is not known."""

    id: int
    reference: str
    ref_order: int
    nccu_ref: str | None
    contact_at: datetime | None
    force: str | None
    officer_name: str | None
    officer_collar: str | None
    reason: str | None
    persons: int
    status: str
    incident_ref: str | None = None
    crime_ref: str | None = None


def _labels(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), _CHUNK):
        part = Referral.id.in_(ids[start : start + _CHUNK])
        found |= {row.id: row.reference for row in session.execute(select(Referral.id, Referral.reference).where(part))}
    return found


def our_rows(session: Session, ids: Sequence[int]) -> list[OurRow]:
    """These referrals in the order of their references."""
    found: list[OurRow] = []
    for start in range(0, len(ids), _CHUNK):
        found += _ours(session, Referral.id.in_(ids[start : start + _CHUNK]))
    return sorted(found, key=lambda row: row.ref_order)


def _ours(session: Session, *conditions: ColumnElement[bool]) -> list[OurRow]:
    rows = session.execute(
        select(
            Referral.id, Referral.reference, Referral.ref_order, Referral.nccu_ref, Referral.contact_at,
            Referral.contact_at_known, Referral.force, Referral.officer_name, Referral.officer_collar,
            Referral.reason, Referral.persons, Referral.status, Referral.incident_ref, Referral.crime_ref,
        )
        .where(*conditions)
        .order_by(Referral.contact_at, Referral.id)
    )  # fmt: skip
    return [
        OurRow(
            row.id, row.reference, row.ref_order, row.nccu_ref, row.contact_at if row.contact_at_known else None,
            row.force, row.officer_name, row.officer_collar, row.reason, row.persons, row.status, row.incident_ref,
            row.crime_ref,
        )
        for row in rows
    ]  # fmt: skip


def only_ours(session: Session, list_id: int, *, within_period: bool = False, force: str | None = None) -> list[OurRow]:
    """Referrals without a partner in this list, the oldest first; within its days only, if asked.

    One whose time is not known lies within no days.
    """
    return _ours(session, *_without_partner(session, list_id, within_period, force))


def count_only_ours(session: Session, list_id: int, *, within_period: bool = False, force: str | None = None) -> int:
    """How many there are."""
    where = _without_partner(session, list_id, within_period, force)
    return session.scalar(select(func.count()).select_from(Referral).where(*where)) or 0


def _without_partner(
    session: Session, list_id: int, within_period: bool, force: str | None
) -> list[ColumnElement[bool]]:
    partners = select(OutsideContact.referral_id).where(
        OutsideContact.list_id == list_id, OutsideContact.referral_id.is_not(None)
    )
    where = [Referral.stage != records.WITHDRAWN, Referral.id.not_in(partners)]
    if force is not None:
        where.append(Referral.force == force)
    if within_period:
        days = period(session, list_id)
        if days is None:
            return [false()]
        where += [
            Referral.contact_at_known.is_(True),
            Referral.contact_at.between(start_of_day(days[0]), end_of_day(days[1])),
        ]
    return where


def period(session: Session, list_id: int) -> tuple[date, date] | None:
    """The first and last day of a list."""
    ends = func.min(OutsideContact.contact_at), func.max(OutsideContact.contact_at)
    first, last = session.execute(select(*ends).where(OutsideContact.list_id == list_id)).one()
    return None if first is None else (london_day(first), london_day(last))
