"""Taking a submission or an outcome back that was recorded by mistake: marked in the histories, never wiped."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.documents.records import Document, DocumentEvent, DocumentLink, cases_of, link
from oicdesk.documents.records_drafts import WorkingDraft
from oicdesk.documents.rules import OUTCOME_WORDS, TAKEN_BACK
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import records_undo, rules
from oicdesk.referrals.records import ReferralEvent
from oicdesk.vault import log


def newest_outcome(session: Session, document_id: int) -> int | None:
    """The id of a document's newest submission or outcome: what `take_back` is given later."""
    session.flush()
    return session.scalars(
        select(DocumentEvent.id)
        .where(DocumentEvent.document_id == document_id, DocumentEvent.kind.in_(tuple(OUTCOME_WORDS)))
        .order_by(DocumentEvent.at.desc(), DocumentEvent.id.desc())
        .limit(1)
    ).first()


def take_back(session: Session, event_id: int, *, now: datetime) -> str:
    """Take a submission or an outcome back with what it did to the cases; answers with what cannot come back.

    Refused when the document or one of its cases changed since.

    A first submission that is taken back leaves the cases without the document; its facts are kept.
    """
    event = session.get_one(DocumentEvent, event_id)
    document = session.get_one(Document, event.document_id)
    if newest_outcome(session, document.id) != event_id or document.outcome != event.kind:
        raise Refused("The document has changed since; take that back first.")
    for referral_id in cases_of(session, document.id):
        _take_case_back(session, referral_id, event, now)
    event.kind = TAKEN_BACK
    before = newest_outcome(session, document.id)
    if before is None:
        for link in session.scalars(select(DocumentLink).where(DocumentLink.document_id == document.id)).all():
            session.delete(link)
    else:
        known = session.get_one(DocumentEvent, before)
        was_correction = document.outcome == rules.SUBMITTED
        document.outcome, document.assessor = known.kind, known.assessor
        document.resubmissions -= was_correction
    log.record(session, log.ALTERATION, document=document.id, fields=["outcome"], detail="taken back")
    purged = session.scalar(
        select(WorkingDraft.id).where(
            WorkingDraft.purged_at == event.recorded_at, WorkingDraft.referral_id.in_(cases_of(session, document.id))
        )
    )
    return "" if purged is None else "The working draft that the acceptance purged stays purged."


def put_back(session: Session, document_id: int, referral_id: int, *, now: datetime) -> None:
    """Let a first submission that was taken back hold again, for this case."""
    event = session.scalars(
        select(DocumentEvent)
        .where(DocumentEvent.document_id == document_id, DocumentEvent.kind == TAKEN_BACK)
        .order_by(DocumentEvent.at, DocumentEvent.id)
        .limit(1)
    ).one()
    event.kind = rules.SUBMITTED
    session.flush()
    link(session, document_id, referral_id, now=now)


def _take_case_back(session: Session, referral_id: int, event: DocumentEvent, now: datetime) -> None:
    """The case follows its newest document only; what another document brought stays."""
    newest = session.scalar(
        select(DocumentLink.document_id)
        .where(DocumentLink.referral_id == referral_id)
        .order_by(DocumentLink.document_id.desc())
        .limit(1)
    )
    if newest != event.document_id:
        return
    move = session.get_one(ReferralEvent, records_undo.newest_move(session, referral_id))
    if move.to_status != event.kind:
        stands = rules.STATUS_WORDS[referrals.get(session, referral_id).status].lower()
        raise Refused(f"The case has changed since, and now stands as: {stands}; take that back first.")
    records_undo.take_back_move(session, move.id, now=now)
    before = session.get_one(ReferralEvent, records_undo.newest_move(session, referral_id))
    # After a rejection the submission had first set the case to await a document, in the same change.
    if before.from_status == rules.REJECTED and before.recorded_at == move.recorded_at:
        records_undo.take_back_move(session, before.id, now=now)
