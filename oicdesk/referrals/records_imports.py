"""Taking over a whole list of contacts in one transaction, and taking a whole import back.

Bulk work: ids and log hashes are worked out beforehand, rows go in by a few large statements.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_officers, rules
from oicdesk.referrals.records import FACTS, ImportBatch, Referral, ReferralEvent, ReferralNote
from oicdesk.settings.records import reference
from oicdesk.vault import log
from oicdesk.vault.tables import Stored, insert_many

_CHUNK = 500
# What an import may bring a known contact up to date in; the others make the contact what it is.
_SET = ("force", "contact_at", "contact_at_known", "controller_force", "nccu_passed_at", "nccu_acknowledged_at")
UPDATABLE = tuple(name for name in FACTS if name not in _SET)


class ImportChange(Stored):
    """A field that an import brought up to date, with what stood there, so that it can be taken back."""

    __tablename__ = "import_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]


@dataclass
class ImportedContact:
    """A row of a list as a contact: facts by the names in FACTS, and what else the row told."""

    facts: dict[str, Any]
    remark: str = ""
    document: dict[str, Any] = field(default_factory=dict)  # reference, submitted_at, accepted_at, status
    known: "Known | None" = None


@dataclass(frozen=True)
class Known:
    """What the register already has of a contact with the same key."""

    referral_id: int
    reference: str
    changes: Mapping[str, Any]  # field → value in the file, where the two differ


@dataclass(frozen=True)
class Undone:
    """What taking an import back did; `kept` are references worked on since, which stay."""

    withdrawn: int
    kept: tuple[str, ...]


def key_of(contact: ImportedContact) -> str | None:
    """What makes two rows the same contact."""
    facts = contact.facts
    return rules.contact_key(
        facts.get("force"), facts.get("incident_ref"), facts.get("contact_at"), facts.get("officer_collar")
    )


def known_contacts(session: Session, contacts: Iterable[ImportedContact]) -> dict[str, Known]:
    """Key → what the register has, for those contacts it has already."""
    wanted = {key: contact for contact in contacts if (key := key_of(contact)) is not None}
    found: dict[str, Known] = {}
    for keys in _chunks(list(wanted)):
        rows = session.scalars(
            select(Referral).where(Referral.contact_key.in_(keys), Referral.stage != records.WITHDRAWN)
        )
        for row in rows:
            assert row.contact_key is not None
            told = wanted[row.contact_key].facts
            changes = {
                name: told[name]
                for name in UPDATABLE
                if told.get(name) is not None and told[name] != getattr(row, name)
            }
            found.setdefault(row.contact_key, Known(row.id, row.reference, changes))
    return found


def incidents_in_use(session: Session, contacts: Iterable[ImportedContact]) -> dict[tuple[str | None, str], str]:
    """(force, normalised incident number) → reference, for numbers that the register has already."""
    wanted = {rules.normalised_reference(contact.facts.get("incident_ref")) for contact in contacts} - {""}
    found: dict[tuple[str | None, str], str] = {}
    for keys in _chunks(sorted(wanted)):
        rows = session.execute(
            select(Referral.force, Referral.incident_key, Referral.reference).where(
                Referral.incident_key.in_(keys), Referral.stage != records.WITHDRAWN
            )
        )
        for force, key, ref in rows:
            found.setdefault((force, key or ""), ref)
    return found


def write(
    session: Session,
    contacts: Sequence[ImportedContact],
    *,
    kind: str,
    file_name: str,
    file_sha256: str,
    rows: int,
    now: datetime,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> tuple[int, list[int]]:
    """Record all contacts and one batch. Returns the batch's id and the referrals' ids, in order."""
    desk, by = reference(session), session.info["user"].name
    batch = ImportBatch(
        kind=kind, file_name=file_name, file_sha256=file_sha256, at=now, by=by, rows=rows, imported=len(contacts)
    )
    session.add(batch)
    session.flush()
    prepared = []
    for done, contact in enumerate(contacts):
        if done % 2000 == 0:
            progress(0.4 * done / len(contacts), f"Preparing contact {done + 1:,} of {len(contacts):,}")
        prepared.append(records.prepare(contact.facts, now=now, desk=desk, by=by) | {"import_id": batch.id})
    first = (session.scalar(select(func.max(Referral.id))) or 0) + 1
    ids = list(range(first, first + len(prepared)))
    for row, numbered, referral_id in zip(prepared, records.number(session, prepared), ids, strict=True):
        row.update(numbered, id=referral_id)
    if prepared:
        progress(0.5, "Writing the contacts")
        _insert(session, Referral, prepared)
        progress(0.7, "Writing their history")
        _insert(session, ReferralEvent, [records.first_event(row["id"], row) for row in prepared])
        _notes(session, contacts, ids, now, by)
        progress(0.75, "Taking officers into the directory")
        records_officers.gather(session, prepared, now=now)
    progress(0.8, "Writing the log")
    log.record(session, log.COLLECTION, import_batch=batch.id, detail=f"import {kind}")
    log.record_many(session, log.COLLECTION, "referral", ids, detail=f"import {batch.id}")
    return batch.id, ids


def _insert(session: Session, stored: type[Stored], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of the same names, of which there are some."""
    names = tuple(rows[0])
    insert_many(session, stored, names, list(map(itemgetter(*names), rows)))


def _notes(session: Session, contacts: Sequence[ImportedContact], ids: Sequence[int], now: datetime, by: str) -> None:
    remarks = [
        {"referral_id": referral_id, "at": now, "by": by, "kind": None, "text": contact.remark}
        for referral_id, contact in zip(ids, contacts, strict=True)
        if contact.remark
    ]
    if remarks:
        _insert(session, ReferralNote, remarks)


def update_known(session: Session, batch_id: int, known: Iterable[Known], *, now: datetime) -> int:
    """Bring known contacts up to date with the file; what stood there is kept. Returns how many changed."""
    changed = 0
    for contact in known:
        referral = records.get(session, contact.referral_id)
        before = {name: getattr(referral, name) for name in contact.changes}
        fields = records.edit(session, contact.referral_id, contact.changes, now=now)
        session.add_all(
            ImportChange(
                import_id=batch_id, referral_id=contact.referral_id, field=name,
                old=_text(before[name]), new=_text(contact.changes[name]),
            )
            for name in fields
        )  # fmt: skip
        changed += bool(fields)
    return changed


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def undo(session: Session, batch_id: int, *, now: datetime) -> Undone:
    """Withdraw an import: referrals nobody has worked on since leave every list; the others stay and are named.

    Nothing is deleted, references are not used again, and the same file can be imported anew.
    """
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.undone_at is not None:
        raise Refused("That import is undone already.")
    # What the import itself recorded, former documents included, bears its own time.
    touched = select(ReferralEvent.referral_id).where(ReferralEvent.recorded_at > batch.at)
    survives = select(Referral.duplicate_of).where(Referral.duplicate_of.is_not(None))
    mine = (Referral.import_id == batch_id, Referral.withdrawn_at.is_(None))
    worked_on = Referral.id.in_(touched) | Referral.id.in_(survives) | (Referral.updated_at > batch.at)
    kept = tuple(session.scalars(select(Referral.reference).where(*mine, worked_on).order_by(Referral.ref_order)))
    ids = list(session.scalars(select(Referral.id).where(*mine, ~worked_on)))
    for chunk in _chunks(ids):
        session.execute(
            update(Referral).where(Referral.id.in_(chunk)).values(withdrawn_at=now, contact_key=None),
            execution_options={"synchronize_session": False},
        )
    restored = _restore(session, batch_id, now)
    batch.undone_at = now
    log.record(session, log.ALTERATION, import_batch=batch_id, fields=["undone_at"], detail="import undone")
    log.record_many(session, log.ALTERATION, "referral", ids, fields=["withdrawn_at"])
    return Undone(len(ids) + restored, kept)


def _restore(session: Session, batch_id: int, now: datetime) -> int:
    """Put back the fields that the import brought up to date, where nobody changed them since."""
    back: dict[int, dict[str, Any]] = defaultdict(dict)
    for change in session.scalars(select(ImportChange).where(ImportChange.import_id == batch_id)):
        current = getattr(records.get(session, change.referral_id), change.field)
        if _text(current) == change.new:
            back[change.referral_id][change.field] = int(change.old or 0) if change.field == "persons" else change.old
    return sum(bool(records.edit(session, referral_id, values, now=now)) for referral_id, values in back.items())


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
