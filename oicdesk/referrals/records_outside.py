"""What a person decides about the contacts of an outside list, and the lists as they are looked at.

Every decision carries who and when; a refusal and a dismissal carry why. One is taken back by `take_back`.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
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
)
from oicdesk.referrals.rules_reconcile import DOUBTFUL, MATCHED, ONLY_THEIRS
from oicdesk.settings.rules import london_day, spoken_instant
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


def accept_pair(session: Session, contact_id: int, referral_id: int, *, now: datetime) -> None:
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
    _compare_anew(session, [row], now)


def refuse_pair(session: Session, contact_id: int, reason: str, *, now: datetime) -> None:
    """Say that a doubtful contact is none of the referrals offered; it is never matched with one of them again."""
    row = _contact(session, contact_id)
    if row.state != DOUBTFUL:
        raise Refused(f"Only a doubtful contact is refused, and this one is {row.state}.")
    why = _reason(reason, "A pair is refused")
    ruled_out = sorted({*json.loads(row.refused), *json.loads(row.candidates)})
    row.state, row.refused, row.candidates = ONLY_THEIRS, json.dumps(ruled_out), "[]"
    _decide(session, row, REFUSED, why, now)
    log.record(session, log.ALTERATION, outside_contact=row.id, fields=["state", "refused"])
    _compare_anew(session, [row], now)


def record_referrals(session: Session, contact_ids: Sequence[int], *, now: datetime) -> list[int]:
    """Record contacts that are only theirs as referrals, their origin noted. Returns the referrals' ids."""
    rows = [_contact(session, contact_id) for contact_id in contact_ids]
    for row in rows:
        _only_theirs(row, "recorded")
    ids = [_record(session, row, now) for row in rows]
    _compare_anew(session, rows, now)
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


def take_back(session: Session, contact_id: int, *, now: datetime) -> None:
    """Take a decision back and compare the list again; a referral recorded from it stays what it is."""
    row = _contact(session, contact_id)
    if row.decision is None:
        raise Refused("Nobody decided anything about this contact, so there is nothing to take back.")
    if row.decision == RECORDED:
        raise Refused("A referral was recorded from this contact; exempt it there as recorded in error.")
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
    session.flush()
    compare_again(session, row.list_id, now=now)


def _only_theirs(row: OutsideContact, verb: str) -> None:
    if row.state != ONLY_THEIRS or row.decision == DISMISSED:
        state = "dismissed" if row.decision == DISMISSED else row.state
        raise Refused(f"Only a contact that is only theirs is {verb}, and this one is {state}.")


def _reason(reason: str, start: str) -> str:
    if not reason.strip():
        raise Refused(f"{start} only with a reason; write why.", field="reason")
    return reason.strip()


def _compare_anew(session: Session, rows: Sequence[OutsideContact], now: datetime) -> None:
    """A decision may free or settle other contacts of its list: what stands there is always as compared last."""
    session.flush()
    for list_id in sorted({row.list_id for row in rows}):
        compare_again(session, list_id, now=now)


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
        states = session.execute(
            select(OutsideContact.state, OutsideContact.decision).where(OutsideContact.list_id == kept.id)
        ).all()
        count = Counter(state for state, _decision in states)
        decided = sum(decision is not None for _state, decision in states)
        rows.append(
            ListRow(
                kept.id, kept.import_id, kept.name, imported_at, kept.compared_at, count[MATCHED], count[ONLY_THEIRS],
                count[DOUBTFUL], decided,
            )
        )  # fmt: skip
    return rows


def contacts(session: Session, list_id: int, state: str | None = None) -> list[OutsideContactRow]:
    """The contacts of a list in its order, all or those of one state."""
    query = standing().where(OutsideContact.list_id == list_id).order_by(OutsideContact.line)
    found = session.scalars(query if state is None else query.where(OutsideContact.state == state)).all()
    wanted = {i for row in found for i in (*json.loads(row.candidates), row.referral_id) if i is not None}
    labels = _labels(session, sorted(wanted))
    return [
        OutsideContactRow(
            row.id, row.line, row.nccu_ref, row.contact_at, row.force, row.officer_name, row.officer_collar,
            row.category, row.persons, row.state, row.why, row.referral_id,
            labels.get(row.referral_id) if row.referral_id else None,
            tuple((i, labels[i]) for i in json.loads(row.candidates)),
            row.decision, row.decided_why, row.decided_at, row.decided_by,
        )
        for row in found
    ]  # fmt: skip


def _labels(session: Session, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        found |= {row.id: row.reference for row in session.execute(_id_and_reference().where(Referral.id.in_(part)))}
    return found


def _id_and_reference() -> Any:
    return select(Referral.id, Referral.reference, Referral.contact_at)


def only_ours(session: Session, list_id: int, *, within_period: bool = False) -> list[tuple[int, str, datetime]]:
    """Referrals without a partner in this list: (id, reference, contact); within its days only, if asked."""
    partners = select(OutsideContact.referral_id).where(
        OutsideContact.list_id == list_id, OutsideContact.referral_id.is_not(None)
    )
    rows = session.execute(
        _id_and_reference()
        .where(Referral.stage != records.WITHDRAWN, Referral.id.not_in(partners))
        .order_by(Referral.contact_at, Referral.id)
    ).all()
    if not within_period:
        return [(row.id, row.reference, row.contact_at) for row in rows]
    instants = session.scalars(select(OutsideContact.contact_at).where(OutsideContact.list_id == list_id)).all()
    days = [london_day(at) for at in instants]
    return [(r.id, r.reference, r.contact_at) for r in rows if min(days) <= london_day(r.contact_at) <= max(days)]
