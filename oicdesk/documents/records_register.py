"""The register of documents: submissions, returns and corrections, sorted and filtered in SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from oicdesk.documents.records import Document, DocumentEvent, DocumentLink
from oicdesk.documents.rules import Grades
from oicdesk.referrals.records import WITHDRAWN, Referral
from oicdesk.referrals.rules import ACCEPTED, REJECTED, RETURNED, SUBMITTED

VIEWS: Final[Mapping[str, str]] = {
    "all": "All documents",
    "waiting": "Submitted, outcome awaited",
    "returned": "Returned for correction",
    "corrected": "Corrected and submitted again",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "no_reference": "Without a reference",
}
_OUTCOMES: Final = {"waiting": SUBMITTED, "returned": RETURNED, "accepted": ACCEPTED, "rejected": REJECTED}
SORTED: Final = ("submitted_at", "reference", "outcome", "author", "resubmissions")
_GRADES: Final = (
    "source_evaluation", "information_assessment", "handling_code", "action_code", "sanitisation_code", "conditions",
    "usage", "old_5x5x5",
)  # fmt: skip


@dataclass(frozen=True)
class RegisterRow:
    """A line of the register; `cases` are (id, reference)."""

    id: int
    reference: str
    author: str
    outcome: str
    submitted_at: datetime
    submitted_by_reporting_officer: bool | None
    resubmissions: int
    last_at: datetime
    held_elsewhere: bool
    grades: Grades
    cases: tuple[tuple[int, str], ...]


class Documents:
    """The documents of one view, scope and filter; one that serves no contact left with an undone import."""

    def __init__(self, session: Session, view: str = "all", *, force: str = "Joint", words: str = "") -> None:
        self._session = session
        self._where = [_serves(None if force == "Joint" else Referral.force == force)]
        self._where.append(_in_view(view))
        for word in words.split():
            contact = or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Referral.reference, Referral.nccu_ref, Referral.incident_ref, Referral.officer_name)
                )
            )
            own = (Document.reference, Document.author, Document.system)
            self._where.append(or_(*(one.icontains(word, autoescape=True) for one in own), _serves(contact)))

    def count(self) -> int:
        """How many rows there are."""
        return self._session.scalar(select(func.count()).select_from(Document).where(*self._where)) or 0

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = False) -> list[RegisterRow]:
        """`limit` rows from `offset` in that order; the newest submission first unless told."""
        if sort is not None and sort not in SORTED:
            raise ValueError(f"not a column that sorts: {sort}")
        column = getattr(Document, sort or "submitted_at")
        down = descending if sort else True
        order = (column.desc(), Document.id.desc()) if down else (column, Document.id)
        query = select(Document).where(*self._where).order_by(*order).offset(offset).limit(limit)
        return self._rows(self._session.scalars(query).all())

    def position(self, document_id: int, sort: str | None = None, descending: bool = False) -> int | None:
        """The place of a document in that order, or None if it is not in this view."""
        column: Any = getattr(Document, sort or "submitted_at")
        own = self._session.execute(select(column, Document.id).where(Document.id == document_id, *self._where)).first()
        if own is None:
            return None
        down = descending if sort else True
        by_id = Document.id > document_id if down else Document.id < document_id
        before = (column > own[0] if down else column < own[0]) | ((column == own[0]) & by_id)
        return self._session.scalar(select(func.count()).select_from(Document).where(*self._where, before))

    def case_ids(self) -> list[int]:
        """Every contact that a document of this view serves."""
        documents = select(Document.id).where(*self._where)
        query = (
            select(DocumentLink.referral_id)
            .join(Referral, Referral.id == DocumentLink.referral_id)
            .where(DocumentLink.document_id.in_(documents), Referral.stage != WITHDRAWN)
            .distinct()
        )
        return sorted(self._session.scalars(query))

    def _rows(self, found: Sequence[Document]) -> list[RegisterRow]:
        ids = [row.id for row in found]
        cases: dict[int, list[tuple[int, str]]] = {i: [] for i in ids}
        linked = (
            select(DocumentLink.document_id, Referral.id, Referral.reference)
            .join(Referral, Referral.id == DocumentLink.referral_id)
            .where(DocumentLink.document_id.in_(ids), Referral.stage != WITHDRAWN)
            .order_by(Referral.ref_order)
        )
        for document_id, referral_id, name in self._session.execute(linked):
            cases[document_id].append((referral_id, name))
        newest = (
            select(DocumentEvent.document_id, func.max(DocumentEvent.at))
            .where(DocumentEvent.document_id.in_(ids))
            .group_by(DocumentEvent.document_id)
        )
        last = dict(self._session.execute(newest).all())
        return [
            RegisterRow(
                row.id, row.reference, row.author, row.outcome, row.submitted_at, row.submitted_by_reporting_officer,
                row.resubmissions, last.get(row.id, row.submitted_at), row.held_elsewhere,
                Grades(**{name: getattr(row, name) for name in _GRADES}), tuple(cases[row.id]),
            )
            for row in found
        ]  # fmt: skip


def _serves(condition: ColumnElement[bool] | None) -> ColumnElement[bool]:
    """That a document serves a contact of the register, of which this is so."""
    found = exists().where(
        DocumentLink.document_id == Document.id, Referral.id == DocumentLink.referral_id, Referral.stage != WITHDRAWN
    )
    return found if condition is None else found.where(condition)


def counts(session: Session, *, force: str = "Joint") -> dict[str, int]:
    """How many documents each view holds, in one pass over the register."""
    wheres = {view: _in_view(view) for view in VIEWS}
    sums = [func.coalesce(func.sum(case((where, 1), else_=0)), 0) for where in wheres.values()]
    serves = _serves(None if force == "Joint" else Referral.force == force)
    found = session.execute(select(*sums).select_from(Document).where(serves)).one()
    return dict(zip(wheres, map(int, found), strict=True))


def _in_view(view: str) -> ColumnElement[bool]:
    if view in _OUTCOMES:
        return Document.outcome == _OUTCOMES[view]
    if view == "corrected":
        return Document.resubmissions > 0
    if view == "no_reference":
        return (Document.reference_key == "") & ~Document.held_elsewhere
    return true()
