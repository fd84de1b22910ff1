"""Taking over what a former register says of documents, beside the contacts it lists."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from oicdesk.documents import records
from oicdesk.documents.rules import DocumentFacts
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules
from oicdesk.referrals.records_imports import ImportedContact

_TAKEN_OVER = "taken over from the former register"


def take_over(session: Session, contacts: Sequence[tuple[int, ImportedContact]], now: datetime) -> None:
    """Record the documents that imported rows carry, through the same functions as a click."""
    for referral_id, contact in contacts:
        told = contact.document
        if referrals.get(session, referral_id).status == rules.SCOPE_QUERY:
            referrals.bring_into_scope(session, referral_id, _TAKEN_OVER, at=contact.facts["contact_at"])
        submitted = told["submitted_at"]
        facts = DocumentFacts(submitted_at=submitted, reference=told["reference"], marking="OFFICIAL-SENSITIVE")
        document_id, _warnings = records.submit(session, referral_id, facts, now=now)
        decided = max(told["accepted_at"] or submitted, contact.facts["contact_at"])
        if told["status"] == rules.RETURNED:
            records.return_for_correction(session, document_id, _TAKEN_OVER, at=decided, now=now)
        elif told["accepted_at"] or told["status"] in (rules.ACCEPTED, rules.CLOSED):
            records.accept(session, document_id, at=decided, now=now)
        if told["status"] == rules.CLOSED:
            referrals.close(session, referral_id, at=decided, now=now)
