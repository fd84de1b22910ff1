"""Whom to tell after a correction: everyone who received something about its cases before, until each is ticked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals.records_disclosures import OWN_USE, REPORT, Disclosure, DisclosureCase
from oicdesk.settings.records import reference
from oicdesk.settings.rules import add_working_days, london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

RESUBMITTED: Final = "its corrected text was submitted"
REJECTED: Final = "it was rejected"
FACTS: Final = "its facts were corrected"


class Telling(Stored):
    """One recipient to tell of one correction of a document."""

    __tablename__ = "disclosure_telling"
    __table_args__ = (Index("disclosure_telling_due", "told_at", "due_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    raised_at: Mapped[datetime]
    raised_by: Mapped[str]
    due_on: Mapped[date]
    why: Mapped[str]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None]
    how: Mapped[str | None]


def raise_tellings(
    session: Session, document_id: int, cases: Sequence[int], why: str, *, at: datetime, now: datetime
) -> int:
    """List those who received something about these cases before `at`. Returns how many have to be told.

    One who is still to be told of an earlier correction of the document is told once. Reports of figures name no case,
    and what the user kept for own use has no recipient to tell.
    """
    waiting = select(Telling.disclosure_id).where(Telling.document_id == document_id, Telling.told_at.is_(None))
    found = session.scalars(
        select(Disclosure)
        .where(
            Disclosure.id.in_(select(DisclosureCase.disclosure_id).where(DisclosureCase.referral_id.in_(cases))),
            Disclosure.id.not_in(waiting), Disclosure.kind != REPORT, Disclosure.purpose != OWN_USE,
            Disclosure.at <= now,
        )
        .order_by(Disclosure.id)
    ).all()  # fmt: skip
    if not found:
        return 0
    desk = reference(session)
    due = add_working_days(london_day(max(at, now)), desk.setting("tell_recipients_working_days"), desk.holidays)
    rows = [
        Telling(
            disclosure_id=one.id, document_id=document_id, raised_at=now, raised_by=session.info["user"].name,
            due_on=due, why=why,
        )
        for one in found
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    log.record(
        session, log.COLLECTION, document=document_id, disclosure_telling=[row.id for row in rows],
        detail="recipients to tell of a correction",
    )  # fmt: skip
    return len(rows)


def withdraw_tellings(session: Session, document_id: int, raised_at: datetime) -> list[str]:
    """Take back what a correction raised that was recorded by mistake: who was not told yet leaves the list.

    Returns the names of those who were told already.
    """
    mine = session.scalars(
        select(Telling).where(Telling.document_id == document_id, Telling.raised_at == raised_at).order_by(Telling.id)
    ).all()
    untold = [row for row in mine if row.told_at is None]
    for row in untold:
        session.delete(row)
    if untold:
        log.record(
            session, log.ALTERATION, document=document_id, disclosure_telling=[row.id for row in untold],
            detail="taken back",
        )  # fmt: skip
    told = [row.disclosure_id for row in mine if row.told_at is not None]
    names = select(Disclosure.recipient).where(Disclosure.id.in_(told)).order_by(Disclosure.id)
    return list(dict.fromkeys(session.scalars(names)))


def tick(session: Session, telling_id: int, how: str, *, now: datetime) -> None:
    """Say that this recipient was told, and how."""
    row = _get(session, telling_id)
    if row.told_at is not None:
        raise Refused("That recipient was told already.")
    if not how.strip():
        raise Refused("Say how the recipient was told, and who did; the register keeps it.", field="how")
    row.told_at, row.told_by, row.how = now, session.info["user"].name, how.strip()
    log.record(session, log.ALTERATION, disclosure_telling=row.id, fields=["told_at", "how"])


def untick(session: Session, telling_id: int) -> None:
    """Take a tick back that was set by mistake."""
    row = _get(session, telling_id)
    if row.told_at is None:
        raise Refused("That recipient is not ticked, so there is nothing to take back.")
    row.told_at = row.told_by = row.how = None
    log.record(session, log.ALTERATION, disclosure_telling=row.id, fields=["told_at", "how"])


def _get(session: Session, telling_id: int) -> Telling:
    row = session.get(Telling, telling_id)
    if row is None:
        raise Refused("That line is not in the register any more; read the page again.")
    return row


@dataclass(frozen=True)
class TellingRow:
    """A recipient to tell, or told."""

    id: int
    recipient: str
    what: str
    received_at: datetime
    document: str
    document_id: int
    why: str
    raised_at: datetime
    due_on: date
    told_at: datetime | None
    told_by: str | None
    how: str | None

    def is_late(self, today: date) -> bool:
        """Whether the day to tell them by has passed without a tick."""
        return self.told_at is None and self.due_on < today


def tellings(session: Session, *, told: bool = False) -> list[TellingRow]:
    """Who has to be told, the first due first; or who was told, the newest first."""
    from oicdesk.documents.records import Document

    query = (
        select(Telling, Disclosure, Document.reference)
        .join(Disclosure, Disclosure.id == Telling.disclosure_id)
        .join(Document, Document.id == Telling.document_id)
    )
    if told:
        query = query.where(Telling.told_at.is_not(None)).order_by(Telling.told_at.desc(), Telling.id)
    else:
        query = query.where(Telling.told_at.is_(None)).order_by(Telling.due_on, Telling.id)
    return [
        TellingRow(
            row.id, left.recipient, left.what, left.at, name or "a document without a reference", row.document_id,
            row.why, row.raised_at, row.due_on, row.told_at, row.told_by, row.how,
        )
        for row, left, name in session.execute(query)
    ]  # fmt: skip


def untold_count(session: Session) -> int:
    """How many recipients wait to be told."""
    return session.scalar(select(func.count()).select_from(Telling).where(Telling.told_at.is_(None))) or 0


def untold_of(session: Session, document_id: int) -> int:
    """How many recipients wait to be told of corrections of this document."""
    where = (Telling.document_id == document_id, Telling.told_at.is_(None))
    return session.scalar(select(func.count()).select_from(Telling).where(*where)) or 0
