"""Outside lists of contacts as they were received, what each contact turned out to be, and who decided it.

A list is compared with the whole register each time it is imported; what a person decided about one of its
contacts is remembered by the contact itself, so the same list, or a longer one, brings it along.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, ForeignKey, Index, Table, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules
from oicdesk.referrals.records import ImportBatch, Referral, ReferralEvent
from oicdesk.referrals.records_imports import Undone
from oicdesk.referrals.rules_reconcile import (
    DOUBTFUL,
    MATCHED,
    ONLY_THEIRS,
    Contact,
    Finding,
    reconcile,
    reference_key,
)
from oicdesk.settings.records import reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

KIND: Final = "contacts"
ACCEPTED, REFUSED, RECORDED, DISMISSED = "accepted", "refused", "recorded", "dismissed"
_CHUNK = 500


class OutsideList(Stored):
    """One list of contacts that somebody else keeps; `fingerprint` is over its contacts, not its file."""

    __tablename__ = "outside_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), unique=True)
    name: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(index=True)
    compared_at: Mapped[datetime]


class OutsideContact(Stored):
    """One contact of such a list; `state`, `why` and `candidates` are as last compared."""

    __tablename__ = "outside_contact"
    __table_args__ = (Index("outside_contact_state", "list_id", "state", "contact_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("outside_list.id"))
    line: Mapped[int]
    key: Mapped[str] = mapped_column(index=True)
    nccu_ref: Mapped[str | None]
    contact_at: Mapped[datetime]
    force: Mapped[str]
    officer_name: Mapped[str | None]
    officer_collar: Mapped[str | None]
    reason: Mapped[str | None]
    category: Mapped[str]
    persons: Mapped[int | None]
    state: Mapped[str]
    why: Mapped[str]
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referral.id"), index=True)
    candidates: Mapped[str]  # JSON: ids of referrals
    refused: Mapped[str]  # JSON: ids of referrals that a person ruled out
    decision: Mapped[str | None]
    decided_why: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


@dataclass
class OutsideRow:
    """A row of a list as it was read; `finding` is what comparing it said."""

    line: int
    contact_at: datetime
    force: str
    nccu_ref: str | None = None
    officer_name: str | None = None
    officer_collar: str | None = None
    reason: str | None = None
    category: str = ""
    persons: int | None = None
    finding: Finding | None = None


@dataclass
class Comparison:
    """A list against the register: a finding for each row, and the referrals without a partner in it."""

    findings: list[Finding]
    only_ours: tuple[int, ...]
    list_id: int | None = None
    decisions: list["_Decision | None"] = field(default_factory=list)

    def count(self, state: str) -> int:
        return sum(one.state == state for one in self.findings)


@dataclass(frozen=True)
class _Decision:
    referral_id: int | None
    refused: tuple[int, ...]
    decision: str | None
    why: str | None
    at: datetime | None
    by: str | None


def _keys(rows: Sequence[OutsideRow]) -> list[str]:
    """What makes a contact of a list the same in another copy of it; equal rows are numbered."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        instant = row.contact_at.astimezone(UTC).isoformat(timespec="seconds")
        parts = (reference_key(row.nccu_ref), instant, row.force, rules.normalised_reference(row.officer_collar))
        key = "|".join(parts)
        seen[key] += 1
        keys.append(f"{key}|{seen[key]}")
    return keys


def _fingerprint(keys: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()


# --- comparing ---


def compare(
    session: Session, rows: Sequence[OutsideRow], *, progress: Callable[[float, str], None] | None = None
) -> Comparison:
    """Compare a list with every referral of the register; writes nothing."""
    keys = _keys(rows)
    ours, decisions = _ours(session), _decisions(session, keys)
    theirs = [_their_contact(place, row) for place, row in enumerate(rows)]
    known = [decisions.get(key) for key in keys]
    there = {one.id for one in ours}
    fixed: dict[int, int] = {}
    for place, one in enumerate(known):
        # Two lists may have brought two contacts to one referral; in a list that has both, the first stands.
        if one and one.decision in (ACCEPTED, RECORDED) and one.referral_id in there:
            there.discard(one.referral_id)
            fixed[place] = one.referral_id
    dismissed = {place for place, one in enumerate(known) if one and one.decision == DISMISSED}
    refused = {(place, referral_id) for place, one in enumerate(known) if one for referral_id in one.refused}
    found = reconcile(
        ours,
        [one for one in theirs if one.id not in dismissed],
        window=timedelta(minutes=reference(session).setting("reconcile_window_minutes")),
        fixed=fixed,
        refused=refused,
        progress=progress,
    )
    findings = [found.findings.get(place) or Finding(ONLY_THEIRS, "Dismissed.") for place in range(len(rows))]
    for place, decided in enumerate(known):
        findings[place] = _as_decided(findings[place], decided)
    return Comparison(findings, found.only_ours, _list_like(session, keys), known)


def _as_decided(finding: Finding, known: _Decision | None) -> Finding:
    if known is None or known.decision is None or known.at is None:
        return finding
    when = f"by {known.by} on {spoken_instant(known.at)}"
    if finding.ours is not None and finding.ours == known.referral_id:
        did = "Recorded as a referral from this list" if known.decision == RECORDED else "Accepted"
        return Finding(finding.state, f"{did} {when}.", finding.ours, finding.candidates)
    if known.decision == DISMISSED:
        return Finding(ONLY_THEIRS, f"Dismissed {when}: {known.why}")
    if known.decision == REFUSED and finding.state == ONLY_THEIRS:
        return Finding(ONLY_THEIRS, f"Refused {when}: {known.why}")
    return finding


def _ours(session: Session) -> list[Contact]:
    rows = session.execute(
        select(
            Referral.id, Referral.reference, Referral.nccu_ref, Referral.force, Referral.officer_collar,
            Referral.contact_at, Referral.contact_at_known,
        ).where(Referral.stage != records.WITHDRAWN)
    )  # fmt: skip
    return [
        Contact(
            row.id, reference_key(row.nccu_ref), row.force, rules.normalised_reference(row.officer_collar),
            row.contact_at if row.contact_at_known else None, row.reference,
        )
        for row in rows
    ]  # fmt: skip


def _their_contact(place: int, row: OutsideRow) -> Contact:
    officer = rules.normalised_reference(row.officer_collar)
    return Contact(place, reference_key(row.nccu_ref), row.force, officer, row.contact_at, f"line {row.line}")


def standing() -> Any:
    """A query of the contacts of lists whose import stands."""
    return (
        select(OutsideContact)
        .join(OutsideList, OutsideList.id == OutsideContact.list_id)
        .join(ImportBatch, ImportBatch.id == OutsideList.import_id)
        .where(ImportBatch.undone_at.is_(None))
    )


def undecided(*states: str) -> Any:
    """A query of the standing contacts of these states about which a person has still to say what becomes of them.

    A refused pair says only whose the contact is not.
    """
    contact = OutsideContact
    return standing().where(
        contact.state.in_(states or (DOUBTFUL, ONLY_THEIRS)),
        contact.decision.is_(None) | (contact.decision == REFUSED),
    )


def _decisions(session: Session, keys: Sequence[str]) -> dict[str, _Decision]:
    """What was decided about these contacts, by whichever list brought them last."""
    found: dict[str, _Decision] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        query = standing().where(OutsideContact.key.in_(part), OutsideContact.decision.is_not(None))
        for row in session.scalars(query.order_by(OutsideContact.id)):
            found[row.key] = _Decision(
                row.referral_id, tuple(json.loads(row.refused)), row.decision, row.decided_why, row.decided_at,
                row.decided_by,
            )  # fmt: skip
    return found


def _list_like(session: Session, keys: Sequence[str]) -> int | None:
    """The standing list that holds exactly these contacts."""
    return session.scalar(
        select(OutsideList.id)
        .join(ImportBatch, ImportBatch.id == OutsideList.import_id)
        .where(OutsideList.fingerprint == _fingerprint(keys), ImportBatch.undone_at.is_(None))
        .order_by(OutsideList.id.desc())
        .limit(1)
    )


# --- writing ---


def write(
    session: Session,
    rows: Sequence[OutsideRow],
    *,
    file_name: str,
    file_sha256: str,
    total: int,
    now: datetime,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[int | None, Comparison]:
    """Compare and keep a list. Returns the import's id and the comparison.

    A list that is already there is compared again; where that changes nothing, nothing is written.
    """
    found = compare(session, rows, progress=progress)
    if not rows:
        return None, found
    if found.list_id is not None:
        kept = session.get_one(OutsideList, found.list_id)
        if _refresh(session, kept.id, rows, found):
            kept.compared_at = now
            _log_pairs(session, kept.id, found)
        return kept.import_id, found
    batch = ImportBatch(
        kind=KIND, file_name=file_name, file_sha256=file_sha256, at=now, by=session.info["user"].name, rows=total,
        imported=len(rows),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    keys = _keys(rows)
    kept = OutsideList(import_id=batch.id, name=file_name, fingerprint=_fingerprint(keys), compared_at=now)
    session.add(kept)
    session.flush()
    values = [
        _columns(kept.id, key, row, finding, decided)
        for key, row, finding, decided in zip(keys, rows, found.findings, found.decisions, strict=True)
    ]
    session.execute(insert(cast(Table, OutsideContact.__table__)), values)
    found.list_id = kept.id
    log.record(session, log.COLLECTION, import_batch=batch.id, outside_list=kept.id, detail=f"import {KIND}")
    _log_pairs(session, kept.id, found)
    return batch.id, found


def _log_pairs(session: Session, list_id: int, found: Comparison) -> None:
    ids = sorted({one.ours for one in found.findings if one.ours is not None})
    log.record(
        session, log.COMBINATION, outside_list=list_id, referral=ids,
        detail=f"reconciled: {found.count(MATCHED)} matched, {found.count(DOUBTFUL)} doubtful",
    )  # fmt: skip


def _columns(list_id: int, key: str, row: OutsideRow, finding: Finding, decided: _Decision | None) -> dict[str, Any]:
    told = {
        name: getattr(row, name)
        for name in (
            "line", "contact_at", "force", "nccu_ref", "officer_name", "officer_collar", "reason", "category",
            "persons",
        )
    }  # fmt: skip
    return told | _found(finding) | {
        "list_id": list_id,
        "key": key,
        "refused": json.dumps(list(decided.refused) if decided else []),
        "decision": decided.decision if decided else None,
        "decided_why": decided.why if decided else None,
        "decided_at": decided.at if decided else None,
        "decided_by": decided.by if decided else None,
    }  # fmt: skip


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "state": finding.state,
        "why": finding.why,
        "referral_id": finding.ours,
        "candidates": json.dumps(list(finding.candidates)),
    }


def _refresh(session: Session, list_id: int, rows: Sequence[OutsideRow], found: Comparison) -> bool:
    """Bring the kept contacts to what comparing found now; whether anything changed."""
    kept = {row.key: row for row in session.scalars(select(OutsideContact).where(OutsideContact.list_id == list_id))}
    changed = False
    for key, finding in zip(_keys(rows), found.findings, strict=True):
        row = kept[key]
        for name, value in _found(finding).items():
            if name != "why" and getattr(row, name) != value:
                setattr(row, name, value)
                row.why = finding.why
                changed = True
    return changed


# --- again, and back ---


def compare_again(
    session: Session, list_id: int, *, now: datetime, progress: Callable[[float, str], None] | None = None
) -> Comparison:
    """Compare a kept list with the register as it is now."""
    kept = session.get_one(OutsideList, list_id)
    rows = _rows_of(session, list_id)
    return write(session, rows, file_name=kept.name, file_sha256="", total=len(rows), now=now, progress=progress)[1]


def _rows_of(session: Session, list_id: int) -> list[OutsideRow]:
    return [
        OutsideRow(
            row.line, row.contact_at, row.force, row.nccu_ref, row.officer_name, row.officer_collar, row.reason,
            row.category, row.persons,
        )
        for row in session.scalars(
            select(OutsideContact).where(OutsideContact.list_id == list_id).order_by(OutsideContact.line)
        )
    ]  # fmt: skip


def undo(session: Session, batch_id: int, *, now: datetime) -> Undone:
    """Take a whole list back with all its pairs; referrals recorded from it go too, unless worked on since."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.kind != KIND or batch.undone_at is not None:
        raise Refused("That list is taken back already.")
    kept_list = session.scalars(select(OutsideList).where(OutsideList.import_id == batch_id)).one()
    mine = (Referral.import_id == batch_id, Referral.withdrawn_at.is_(None))
    touched = worked_on()
    kept = tuple(session.scalars(select(Referral.reference).where(*mine, touched).order_by(Referral.ref_order)))
    ids = list(session.scalars(select(Referral.id).where(*mine, ~touched)))
    for start in range(0, len(ids), _CHUNK):
        session.execute(
            update(Referral)
            .where(Referral.id.in_(ids[start : start + _CHUNK]))
            .values(withdrawn_at=now, contact_key=None),
            execution_options={"synchronize_session": False},
        )
    batch.undone_at = now
    log.record(
        session, log.ALTERATION, import_batch=batch_id, outside_list=kept_list.id, fields=["undone_at"],
        detail="import undone",
    )  # fmt: skip
    log.record_many(session, log.ALTERATION, "referral", ids, fields=["withdrawn_at"])
    return Undone(len(ids), kept)


def worked_on() -> ColumnElement[bool]:
    """Whether anything happened to a referral after it was recorded, so that taking it back would lose work."""
    later = select(ReferralEvent.referral_id).where(ReferralEvent.recorded_at > Referral.created_at)
    survives = select(Referral.duplicate_of).where(Referral.duplicate_of.is_not(None))
    return (
        (Referral.updated_at > Referral.created_at)
        | Referral.id.in_(survives)
        | later.where(ReferralEvent.referral_id == Referral.id).exists()
    )
