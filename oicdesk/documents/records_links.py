"""Taking a link between a document and a contact back, as long as nobody has worked on either since."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.documents.records import DocumentEvent, DocumentLink
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import records_undo
from oicdesk.referrals.records import Referral, ReferralEvent
from oicdesk.referrals.rules import normalised_reference, parse_reference
from oicdesk.referrals.rules_reconcile import reference_key
from oicdesk.vault import log


def take_back(session: Session, document_id: int, referral_id: int, *, since: datetime, now: datetime) -> None:
    """Take a link back that was made at `since`; Refused once either was worked on."""
    if session.get(DocumentLink, (document_id, referral_id)) is None:
        raise Refused("The document does not serve that contact any more.")
    if is_worked_on(session, document_id, referral_id, since):
        name = referrals.get(session, referral_id).reference
        raise Refused(f"{name} or the document was worked on since, so the link stays.")
    unlink(session, document_id, referral_id, since=since, now=now)


def is_worked_on(session: Session, document_id: int, referral_id: int, since: datetime) -> bool:
    """Whether anything happened to the document or its contact after that instant."""
    after = (
        select(func.count())
        .select_from(DocumentEvent)
        .where(DocumentEvent.document_id == document_id, DocumentEvent.recorded_at > since)
    )
    moved = (
        select(func.count())
        .select_from(ReferralEvent)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.recorded_at > since)
        .where(ReferralEvent.kind == "status")
    )
    return bool(session.scalar(after) or session.scalar(moved))


def unlink(session: Session, document_id: int, referral_id: int, *, since: datetime, now: datetime) -> None:
    """Remove a link that was made at `since`; the contact is put back to where it stood before."""
    link = session.get(DocumentLink, (document_id, referral_id))
    if link is None:
        return  # it left with the submission that was taken back
    session.delete(link)
    session.flush()
    log.record(session, log.ALTERATION, document=document_id, referral=referral_id, fields=["link"])
    _put_back(session, referral_id, since, now)


def _put_back(session: Session, referral_id: int, since: datetime, now: datetime) -> None:
    """Take back the changes of status that the link brought along, the newest first, as if it had not."""
    moves = session.scalars(
        select(ReferralEvent.id)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status")
        .where(ReferralEvent.recorded_at == since, ReferralEvent.from_status.is_not(None))
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
    ).all()
    for event_id in moves:
        records_undo.take_back_move(session, event_id, now=now)


def find_contact(session: Session, typed: str) -> int:
    """The contact with that reference: the desk's own, an incident number or an NCCU reference, typed in any way."""
    key = normalised_reference(typed)
    try:
        parse_reference(typed)
    except Refused:
        pass
    else:
        return referrals.find(session, typed)
    standing = select(Referral.id, Referral.nccu_ref).where(Referral.stage != referrals.WITHDRAWN)
    found: set[int] = (
        {row.id for row in session.execute(standing.where(Referral.incident_key == key))} if key else set()
    )
    if not found and reference_key(typed):
        named = session.execute(standing.where(Referral.nccu_ref.is_not(None)))
        found = {row.id for row in named if normalised_reference(row.nccu_ref) == key}
    if len(found) != 1:
        raise Refused(
            f"{'Several contacts have' if found else 'No contact has'} the reference “{typed.strip()}”; give the desk's"
            " own, like OIC-2026-0001.",
            field="reference",
        )
    return found.pop()
