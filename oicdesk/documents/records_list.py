"""The force system's lists of reports, what each report turned out to be, and who decided it.

A matched report is a document of the register; a doubtful or unmatched one waits here. A report stands once, however
often a list brings it: a later list only settles what was open.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.documents import records, records_links, rules_list
from oicdesk.documents.records import Document, DocumentLink
from oicdesk.documents.rules import DocumentFacts, Grades
from oicdesk.documents.rules_list import MATCHED, UNMATCHED, Case, Listed, Match, Register
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.referrals.records import ImportBatch, Referral
from oicdesk.referrals.rules_reconcile import reference_key
from oicdesk.settings.records import reference
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

KIND: Final = "documents"
DISMISSED: Final = "dismissed"
_CHUNK = 500


class DocumentList(Stored):
    """One list of reports of the force's system."""

    __tablename__ = "document_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), unique=True)
    name: Mapped[str]


class ListedDocument(Stored):
    """One report of such a list; `settled_import_id` is the import that found it matched."""

    __tablename__ = "document_row"
    __table_args__ = (Index("document_row_state", "list_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("document_list.id"))
    line: Mapped[int]
    key: Mapped[str] = mapped_column(index=True)
    reference: Mapped[str]
    author: Mapped[str]
    collar: Mapped[str]
    force: Mapped[str | None]
    created_on: Mapped[date | None]
    submitted_at: Mapped[datetime]
    contact_refs: Mapped[str]
    grades: Mapped[str]  # JSON object of what is recorded
    state: Mapped[str]
    why: Mapped[str]
    candidates: Mapped[str]  # JSON: ids of referrals
    refused: Mapped[str]  # JSON: ids of referrals that a person ruled out
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    settled_import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    decision: Mapped[str | None]
    decided_why: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class ListedLink(Stored):
    """A contact that this report's document was linked to by it."""

    __tablename__ = "document_row_link"

    row_id: Mapped[int] = mapped_column(ForeignKey("document_row.id"), primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True)


@dataclass
class ReportRow:
    """A report as it was read; `match` is what comparing it said."""

    line: int
    submitted_at: datetime
    reference: str = ""
    author: str = ""
    collar: str = ""
    force: str | None = None
    created_on: date | None = None
    contact_refs: str = ""
    grades: Grades = field(default_factory=Grades)
    match: Match | None = None

    @property
    def facts(self) -> DocumentFacts:
        """What the register takes over of it."""
        return DocumentFacts(
            submitted_at=self.submitted_at, reference=self.reference, author=self.author, created_on=self.created_on,
            grades=self.grades,
        )  # fmt: skip


@dataclass(frozen=True)
class Undone:
    """What taking a list back did: documents that left the register, and those worked on since, which stay."""

    withdrawn: int
    kept: tuple[str, ...]


# --- comparing ---


def compare(session: Session, rows: Sequence[ReportRow]) -> list[Match]:
    """What each report is, as the register stands; writes nothing."""
    known = _known(session, _keys(rows))
    refused = [json.loads(one.refused) if (one := known.get(key)) else [] for key in _keys(rows)]
    found = rules_list.compare([_listed(row) for row in rows], _register(session), refused)
    decided = zip(_keys(rows), found, strict=True)
    return [_as_settled(session, known.get(key), match) for key, match in decided]


def _as_settled(session: Session, known: ListedDocument | None, match: Match) -> Match:
    """What was settled before stands, as long as its document is in the register."""
    if known is None:
        return match
    if known.decision == DISMISSED:
        return Match(UNMATCHED, f"Dismissed: {known.decided_why}")
    if known.document_id is not None and (cases := records.cases_of(session, known.document_id)):
        return Match(MATCHED, known.why, tuple(cases))
    return match


def _keys(rows: Sequence[ReportRow]) -> list[str]:
    """What makes a report the same in another copy of the list; equal rows are numbered."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        parts = [reference_key(row.reference), ",".join(rules_list.contact_refs(row.contact_refs))]
        if not parts[0]:
            instant = row.submitted_at.isoformat(timespec="minutes")
            parts += [instant, row.force or "", referral_rules.normalised_reference(row.collar)]
        key = "|".join(parts)
        seen[key] += 1
        keys.append(f"{key}|{seen[key]}")
    return keys


def _known(session: Session, keys: Sequence[str]) -> dict[str, ListedDocument]:
    found: dict[str, ListedDocument] = {}
    for start in range(0, len(keys), _CHUNK):
        query = standing().where(ListedDocument.key.in_(keys[start : start + _CHUNK]))
        found |= {row.key: row for row in session.scalars(query.order_by(ListedDocument.id))}
    return found


def standing() -> Any:
    """A query of the reports of lists whose import stands."""
    return (
        select(ListedDocument)
        .join(DocumentList, DocumentList.id == ListedDocument.list_id)
        .join(ImportBatch, ImportBatch.id == DocumentList.import_id)
        .where(ImportBatch.undone_at.is_(None))
    )


def _listed(row: ReportRow) -> Listed:
    return Listed(
        reference_key(row.reference), rules_list.contact_refs(row.contact_refs), row.force,
        referral_rules.normalised_reference(row.collar), row.submitted_at, row.created_on, row.author,
    )  # fmt: skip


def _register(session: Session) -> Register:
    """Every contact and document of the register, as the rules compare them."""
    named: dict[int, set[str]] = defaultdict(set)
    bare: dict[int, list[datetime]] = defaultdict(list)
    linked: dict[str, set[int]] = defaultdict(set)
    for row in session.execute(
        select(DocumentLink.referral_id, Document.reference, Document.submitted_at, Document.outcome)
        .join(Document, Document.id == DocumentLink.document_id)
        .join(Referral, Referral.id == DocumentLink.referral_id)
        .where(Referral.stage != referrals.WITHDRAWN)
    ):
        key = reference_key(row.reference)
        if key:
            linked[key].add(row.referral_id)
        if row.outcome == referral_rules.REJECTED:
            continue
        if key:
            named[row.referral_id].add(key)
        else:
            bare[row.referral_id].append(row.submitted_at)
    cases = {
        row.id: Case(
            row.id, row.reference, _case_keys(row), row.force,
            referral_rules.normalised_reference(row.officer_collar),
            row.contact_at if row.contact_at_known else None, row.status, frozenset(named[row.id]),
            tuple(sorted(bare[row.id])), row.duplicate_of, row.officer_name or "",
        )
        for row in session.execute(
            select(
                Referral.id, Referral.reference, Referral.nccu_ref, Referral.incident_ref, Referral.force,
                Referral.officer_collar, Referral.officer_name, Referral.contact_at, Referral.contact_at_known,
                Referral.status, Referral.duplicate_of,
            )
            .where(Referral.stage != referrals.WITHDRAWN)
            .order_by(Referral.id)
        )
    }  # fmt: skip
    window = timedelta(hours=reference(session).setting("document_window_hours"))
    return Register(cases, {key: frozenset(ids) for key, ids in linked.items()}, window)


def _case_keys(row: Any) -> frozenset[str]:
    return frozenset(key for text in (row.reference, row.nccu_ref, row.incident_ref) if (key := reference_key(text)))


# --- writing and taking back ---


def write(
    session: Session,
    rows: Sequence[ReportRow],
    *,
    file_name: str,
    file_sha256: str,
    total: int,
    now: datetime,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> tuple[int | None, list[Match]]:
    """Keep the reports of a list and record those that are matched. Returns the import's id and the matches.

    The id is None when the list says nothing that is not known already; then nothing was written.
    """
    found, keys = compare(session, rows), _keys(rows)
    known = _known(session, keys)
    new = [place for place, key in enumerate(keys) if key not in known or _differs(known[key], found[place])]
    if not new:
        return None, found
    batch = ImportBatch(
        kind=KIND, file_name=file_name, file_sha256=file_sha256, at=now, by=session.info["user"].name, rows=total,
        imported=sum(found[place].state == MATCHED for place in new),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    kept = DocumentList(import_id=batch.id, name=file_name)
    session.add(kept)
    session.flush()
    log.record(session, log.COLLECTION, import_batch=batch.id, document_list=kept.id, detail=f"import {KIND}")
    for done, place in enumerate(new):
        if done % 50 == 0:
            progress(done / len(new), f"Recording report {done + 1:,} of {len(new):,}")
        row = known.get(keys[place]) or _keep(session, kept.id, keys[place], rows[place])
        set_match(row, found[place])
        session.flush()
        if found[place].state == MATCHED:
            settle(session, row, rows[place].facts, found[place].cases, batch.id, now)
    return batch.id, found


def _differs(row: ListedDocument, match: Match) -> bool:
    return (row.state, row.why) != (match.state, match.why) and row.decision is None and row.document_id is None


def _keep(session: Session, list_id: int, key: str, row: ReportRow) -> ListedDocument:
    grades = {name: value for name, value in vars(row.grades).items() if value}
    kept = ListedDocument(
        list_id=list_id, line=row.line, key=key, reference=row.reference, author=row.author, collar=row.collar,
        force=row.force, created_on=row.created_on, submitted_at=row.submitted_at, contact_refs=row.contact_refs,
        grades=json.dumps(grades), refused="[]",
    )  # fmt: skip
    session.add(kept)
    return kept


def set_match(row: ListedDocument, match: Match) -> None:
    """Note what a report was found to be."""
    row.state, row.why, row.candidates = match.state, match.why, json.dumps(match.candidates)


def settle(
    session: Session,
    row: ListedDocument,
    facts: DocumentFacts,
    cases: Iterable[int],
    batch_id: int | None,
    now: datetime,
    document_id: int | None = None,
) -> None:
    """Record the report's document, or find it, and link it to these contacts."""
    wanted = list(cases)
    document_id = document_id or _find(session, facts, wanted)
    if document_id is None:
        document_id = records.enter(session, facts, now=now)
    else:
        _fill_in(session, document_id, facts, wanted)
    row.document_id, row.settled_import_id = document_id, batch_id
    for referral_id in sorted(set(wanted) - set(records.cases_of(session, document_id))):
        records.link(session, document_id, referral_id, now=now)
        session.add(ListedLink(row_id=row.id, referral_id=referral_id))
    session.flush()


def _find(session: Session, facts: DocumentFacts, cases: Sequence[int]) -> int | None:
    """The document of the register that this report is: by reference, else the bare one of that minute."""
    key = referral_rules.normalised_reference(facts.reference)
    of_cases = (
        select(Document)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .where(DocumentLink.referral_id.in_(cases))
    )
    if reference_key(facts.reference):
        same = (
            select(Document.id)
            .join(DocumentLink, DocumentLink.document_id == Document.id)
            .join(Referral, Referral.id == DocumentLink.referral_id)
            .where(Document.reference_key == key, Referral.stage != referrals.WITHDRAWN)
        )
        named = session.scalar(same.order_by(Document.id.desc()).limit(1))
        if named is not None:
            return named
    assert facts.submitted_at is not None  # a report has its time
    for document in session.scalars(of_cases.where(Document.outcome != referral_rules.REJECTED)):
        is_bare = not reference_key(document.reference) or not key
        if is_bare and rules_list.is_same_minute(document.submitted_at, facts.submitted_at):
            return document.id
    return None


def _fill_in(session: Session, document_id: int, facts: DocumentFacts, cases: Sequence[int]) -> None:
    """Take over what the register does not know of the document yet; what it knows stays."""
    document = session.get_one(Document, document_id)
    told: dict[str, Any] = {"reference": facts.reference, "author": facts.author, "created_on": facts.created_on}
    if not any(getattr(document, name) for name in vars(facts.grades)):
        told |= vars(facts.grades)
    if document.held_elsewhere:
        return
    fields = [name for name, value in told.items() if value and not getattr(document, name)]
    for name in fields:
        setattr(document, name, told[name])
    if "reference" in fields:
        document.reference_key = referral_rules.normalised_reference(facts.reference)
    if fields:
        log.record(session, log.ALTERATION, document=document_id, fields=fields)


def undo(session: Session, batch_id: int, *, now: datetime) -> Undone:
    """Take a whole list back: documents and links that nobody has worked on since leave; the others stay.

    Nothing of a document's facts is deleted, and the same list can be imported anew.
    """
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.kind != KIND or batch.undone_at is not None:
        raise Refused("That list is taken back already.")
    settled = session.scalars(select(ListedDocument).where(ListedDocument.settled_import_id == batch_id)).all()
    kept: list[str] = []
    withdrawn: set[int] = set()
    for row in settled:
        document = session.get_one(Document, row.document_id)
        mine = session.scalars(select(ListedLink).where(ListedLink.row_id == row.id)).all()
        if any(records_links.is_worked_on(session, document.id, one.referral_id, batch.at) for one in mine):
            kept.append(document.reference or f"the document of line {row.line}")
            continue
        release(session, row, since=batch.at, now=now)
        if mine and not records.cases_of(session, document.id):
            withdrawn.add(document.id)
        set_match(row, Match(UNMATCHED, "The list that matched it was taken back."))
    batch.undone_at = now
    log.record(session, log.ALTERATION, import_batch=batch_id, fields=["undone_at"], detail="import undone")
    return Undone(len(withdrawn), tuple(kept))


def release(session: Session, row: ListedDocument, *, since: datetime, now: datetime) -> None:
    """Take back the links that this report's document got by it, and let the report stand open again."""
    mine = session.scalars(select(ListedLink).where(ListedLink.row_id == row.id)).all()
    document_id, row.document_id, row.settled_import_id = row.document_id, None, None
    for one in mine:
        referral_id = one.referral_id
        session.delete(one)
        session.flush()
        assert document_id is not None  # only a settled report has links
        records_links.unlink(session, document_id, referral_id, since=since, now=now)
    session.flush()
