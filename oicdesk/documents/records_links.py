"""Taking a link between a document and a contact back, as long as nobody has worked on either since."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.documents.records import DocumentEvent, DocumentLink
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
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
    """Put a contact back to the status it had before that link moved it, as if it had not."""
    moves = session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status")
        .where(ReferralEvent.recorded_at == since, ReferralEvent.from_status.is_not(None))
        .order_by(ReferralEvent.at, ReferralEvent.id)
    ).all()
    if not moves:
        return
    before = session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status")
        .where(ReferralEvent.id < min(one.id for one in moves))
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
    ).first()
    referral = referrals.get(session, referral_id)
    if before is None or before.to_status is None or referral.status == before.to_status:
        return
    session.add(
        ReferralEvent(
            referral_id=referral_id, at=moves[0].at, recorded_at=now, by=session.info["user"].name, kind="status",
            from_status=referral.status, to_status=before.to_status, due_at=before.due_at, reason="link taken back",
        )
    )  # fmt: skip
    referral.status, referral.due_at, referral.updated_at = before.to_status, before.due_at, now
    session.flush()
    log.record(session, log.ALTERATION, referral=referral_id, fields=["status"])


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
