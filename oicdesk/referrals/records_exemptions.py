"""Exemptions: asked for by one person, approved by another, here or as reported from outside; overturned."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, ForeignKey, FromClause, Index, Select, Table, and_, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records, rules
from oicdesk.referrals.records_clock import TAKEN_BACK
from oicdesk.settings.records import reference
from oicdesk.settings.rules import end_of_day, london_day, spoken_day, start_of_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class Exemption(Stored):
    """A request to leave a case out of coverage, and what became of it."""

    __tablename__ = "exemption"
    __table_args__ = (Index("exemption_of_referral", "referral_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    reason: Mapped[str]  # code of an exemption reason
    why: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None]  # under their own passphrase
    approved_at: Mapped[datetime | None]
    reported_name: Mapped[str | None]  # an approval given outside the desk
    reported_role: Mapped[str | None]
    reported_on: Mapped[date | None]
    reported_reference: Mapped[str | None]
    ended_at: Mapped[datetime | None]  # refused, taken back, overturned or expired
    ended_why: Mapped[str | None]
    expires_on: Mapped[date | None]  # the last day it holds; None holds until it is overturned


@dataclass(frozen=True)
class ExemptionRow:
    """An exemption as shown beside its case."""

    id: int
    reason: str
    why: str
    requested_by: str
    requested_at: datetime
    standing: str  # words of rules.approval_kind, or "ended"
    approver: str
    approved_at: datetime | None
    ended_why: str | None
    expires_on: date | None = None


def ask(
    session: Session, referral_id: int, reason: str, why: str, *, now: datetime, expires_on: date | None = None
) -> int:
    """Ask for an exemption, for good or until the end of a day; the case stays as it is until another person approves.

    Returns the request's id.
    """
    referral = records.get(session, referral_id)
    rules.move(referral.status, rules.EXEMPT, reason=why)
    if reason not in {row.code for row in reference(session).values("exemption_reason")}:
        raise Refused("That is not an exemption reason of this desk; choose one from the list.", field="reason")
    if _open(session, referral_id) is not None:
        raise Refused("An exemption of this case is already asked for; decide on that one first.")
    rules.check_expiry(expires_on, london_day(now))
    row = Exemption(
        referral_id=referral_id, reason=reason, why=why.strip(), requested_by=session.info["user"].name,
        requested_at=now, expires_on=expires_on,
    )  # fmt: skip
    session.add(row)
    session.flush()
    records.note_event(session, referral_id, "exemption asked for", at=now, now=now, reason=why)
    log.record(session, log.COLLECTION, referral=referral_id, exemption=row.id)
    return row.id


def approve(session: Session, exemption_id: int, *, now: datetime) -> None:
    """Approve a request, or confirm a reported approval, as the user at the desk."""
    row = _get(session, exemption_id)
    rules.check_expiry(row.expires_on, london_day(now) - timedelta(days=1))
    user = session.info["user"]
    if row.reported_name:
        rules.check_confirmation(_facts(row), user.name, user.role)
    else:
        rules.check_approver(row.requested_by, user.name, user.role)
    row.approved_by, row.approved_at = user.name, now
    log.record(session, log.ALTERATION, exemption=row.id, fields=["approved_by", "approved_at"])
    if not row.reported_name:
        records.move(session, row.referral_id, rules.EXEMPT, at=now, reason=row.why)


def report_approval(session: Session, exemption_id: int, approval: rules.ReportedApproval, *, now: datetime) -> None:
    """Record an approval given outside the desk; it is marked, counted apart and can be confirmed later.

    The case is exempt from the day the approval was given, not from when it was typed.
    """
    row = _get(session, exemption_id)
    if row.approved_by or row.reported_name:
        raise Refused("This exemption is approved already.")
    rules.refuse(rules.check_reported_approval(approval, row.requested_by, london_day(now)))
    row.reported_name, row.reported_role = approval.name.strip(), approval.role.strip()
    row.reported_on, row.reported_reference = approval.on, approval.reference.strip()
    log.record(session, log.ALTERATION, exemption=row.id, fields=["reported_approval"])
    # A day alone is the end of that day; the case's own history still runs forward.
    given = min(now, end_of_day(row.reported_on or london_day(now)))
    last = records.last_status_at(session, row.referral_id) or given
    records.move(session, row.referral_id, rules.EXEMPT, at=max(given, last), now=now, reason=row.why)


def end_request(session: Session, exemption_id: int, why: str, *, now: datetime) -> None:
    """Refuse a request, or take it back, before it was approved."""
    row = _get(session, exemption_id)
    if row.approved_by or row.reported_name:
        raise Refused("This exemption is approved already; overturn it instead.")
    if not why.strip():
        raise Refused("A request is refused or taken back only with a reason; write why.", field="reason")
    row.ended_at, row.ended_why = now, why.strip()
    records.note_event(session, row.referral_id, "exemption not granted", at=now, now=now, reason=why)
    log.record(session, log.ALTERATION, exemption=row.id, fields=["ended_at", "ended_why"])


def take_back_end(session: Session, exemption_id: int, *, now: datetime) -> None:
    """Let a request wait again that was ended by mistake, as long as nothing was decided about the case since."""
    row = session.get_one(Exemption, exemption_id)
    referral = records.get(session, row.referral_id)
    if _open(session, row.referral_id) is not None:
        raise Refused(f"An exemption of {referral.reference} was asked for again since; decide on that one first.")
    rules.move(referral.status, rules.EXEMPT, reason=row.why)
    row.ended_at = row.ended_why = None
    said = "the end of the request to exempt"
    records.note_event(session, row.referral_id, TAKEN_BACK, at=now, now=now, reason=said)
    log.record(session, log.ALTERATION, exemption=row.id, fields=["ended_at", "ended_why"], detail=TAKEN_BACK)


def overturn(session: Session, referral_id: int, why: str, *, at: datetime) -> None:
    """End an approved exemption: the case needs a document again and its clock restarts now.

    The first due time stays in the history and is shown beside the new one.
    """
    records.check_stands(session, referral_id, rules.EXEMPT)
    row = _open(session, referral_id)
    records.move(session, referral_id, rules.AWAITING_DOCUMENT, at=at, reason=why)
    if row is not None:
        row.ended_at, row.ended_why = at, why.strip()
        log.record(session, log.ALTERATION, exemption=row.id, fields=["ended_at", "ended_why"])


def expire(session: Session, *, now: datetime) -> list[str]:
    """Return to work every case whose exemption has run out; answers with their references.

    Each moves at the first instant after its last day, whenever it is noticed: the clock restarts there, so figures
    of any instant are the same whether the desk was opened in time or not.
    """
    today = london_day(now)
    query = select(Exemption).where(_expired(today)).order_by(Exemption.id)
    returned = []
    for row in session.scalars(query).all():
        assert row.expires_on is not None
        referral = records.get(session, row.referral_id)
        if referral.status != rules.EXEMPT:
            continue
        why = f"The exemption ran out at the end of {spoken_day(row.expires_on)}."
        last = records.last_status_at(session, row.referral_id)
        at = max(filter(None, (start_of_day(row.expires_on + timedelta(days=1)), last)))
        records.move(session, row.referral_id, rules.AWAITING_DOCUMENT, at=at, now=now, reason=why)
        row.ended_at, row.ended_why = at, why
        log.record(session, log.ALTERATION, exemption=row.id, fields=["ended_at", "ended_why"], detail="expired")
        returned.append(referral.reference)
    return returned


def _expired(today: date) -> ColumnElement[bool]:
    approved = Exemption.approved_by.is_not(None) | Exemption.reported_name.is_not(None)
    return and_(Exemption.ended_at.is_(None), Exemption.expires_on < today, approved)


def exemptions(session: Session, referral_id: int) -> list[ExemptionRow]:
    """All exemptions of a case, newest first."""
    found = session.scalars(select(Exemption).where(Exemption.referral_id == referral_id).order_by(Exemption.id.desc()))
    return [
        ExemptionRow(
            row.id, row.reason, row.why, row.requested_by, row.requested_at,
            "ended" if row.ended_at else rules.approval_kind(_facts(row)),
            row.approved_by or row.reported_name or "", row.approved_at, row.ended_why, row.expires_on,
        )
        for row in found
    ]  # fmt: skip


_C = cast(Table, Exemption.__table__).c  # as in the queue: a page of plain rows needs nothing of the ORM
_WAITING = and_(_C.ended_at.is_(None), _C.approved_by.is_(None), _C.reported_name.is_(None))


def waiting_ids() -> Select[int]:
    """The referrals whose exemption was asked for and not decided."""
    return select(_C.referral_id).where(_WAITING)


def is_waiting(referral: FromClause) -> ColumnElement[bool]:
    """Part of a statement on referrals: whether an exemption was asked for and not decided."""
    return exists().where(_C.referral_id == referral.c.id, _WAITING)


def _get(session: Session, exemption_id: int) -> Exemption:
    row = session.get(Exemption, exemption_id)
    if row is None or row.ended_at is not None:
        raise Refused("That request is decided already; read the case again.")
    return row


def _open(session: Session, referral_id: int) -> Exemption | None:
    return session.scalar(
        select(Exemption)
        .where(Exemption.referral_id == referral_id, Exemption.ended_at.is_(None))
        .order_by(Exemption.id.desc())
        .limit(1)
    )


def _facts(row: Exemption) -> rules.ExemptionFacts:
    reported = None
    if row.reported_name:
        reported = rules.ReportedApproval(
            row.reported_name, row.reported_role or "", row.reported_on, row.reported_reference or ""
        )
    return rules.ExemptionFacts(row.requested_by, row.approved_by, reported)
