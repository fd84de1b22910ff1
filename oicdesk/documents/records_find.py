"""Documents by reference, for the find-or-do box."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.documents.records import Document, DocumentLink
from oicdesk.referrals.records import WITHDRAWN, Referral
from oicdesk.referrals.rules import normalised_reference


@dataclass(frozen=True)
class FoundDocument:
    """A document with the case that it belongs to."""

    id: int
    reference: str
    referral_id: int
    referral: str


def documents(session: Session, typed: str, limit: int = 4) -> list[FoundDocument]:
    """Documents whose reference begins with what was typed, letters and digits only."""
    key = normalised_reference(typed)
    if not key:
        return []
    query = (
        select(Document.id, Document.reference, Referral.id, Referral.reference)
        .join(DocumentLink, DocumentLink.document_id == Document.id)
        .join(Referral, Referral.id == DocumentLink.referral_id)
        .where(
            Document.reference_key >= key,
            Document.reference_key < key + "\U0010ffff",
            Referral.stage != WITHDRAWN,
        )
        .order_by(Document.reference_key, Document.id)
        .limit(limit)
    )
    return [FoundDocument(*row) for row in session.execute(query)]
