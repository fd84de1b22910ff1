"""Working drafts: written while the force's own system is out of reach, kept in versions, purged for good.

What is being typed lies in the one table of unsaved forms; a version is made when the editor is left, on request, and
of everything that leaves the desk. A purge leaves a line that says when and why, and nothing of what was written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.documents import rules_draft
from oicdesk.documents.rules_draft import Draft
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_disclosures import DRAFT, Handing, disclose
from oicdesk.referrals.records_holds import is_held
from oicdesk.referrals.records_people import refuse_incomplete
from oicdesk.settings.records import Reference, reference
from oicdesk.vault import drafts, log
from oicdesk.vault.tables import Draft as Unsaved
from oicdesk.vault.tables import Stored

ACCEPTED: Final = "the document was accepted"
EXPIRED: Final = "nobody edited it any more"
ASKED: Final = "purged on request"
ANONYMISED: Final = "the people of its case were anonymised"
ITS_DRAFT: Final = "its working draft"
FORMS: Final = ("pdf", "docx", "txt", "print", "copy")

# Whether a case is held (court, complaint, inquest, disclosure duties): a held case's draft is not purged.
Held = Callable[[Session, int], bool]


class WorkingDraft(Stored):
    """One draft of one case; its text is in the versions alone."""

    __tablename__ = "working_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    edited_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
    purged_why: Mapped[str | None]


class DraftVersion(Stored):
    """The whole text as it stood once."""

    __tablename__ = "working_draft_version"
    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("working_draft.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]
    content: Mapped[str]  # JSON, see rules_draft.to_json


# --- writing ---


def begin(session: Session, referral_id: int, *, now: datetime) -> int:
    """A new, empty draft for a case. Returns its id."""
    referrals.get(session, referral_id)
    row = WorkingDraft(
        referral_id=referral_id, document_id=None, created_at=now, created_by=session.info["user"].name, edited_at=now,
        warned_at=None, purged_at=None, purged_why=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, working_draft=row.id, referral=referral_id)
    return row.id


def autosave(session: Session, draft_id: int, draft: Draft) -> None:
    """Keep what stands in the editor now; the first save since the last version is logged, the next ones are not."""
    rules_draft.check_size(draft)
    _get(session, draft_id)
    drafts.save(session, _key(draft_id), {"draft": rules_draft.to_json(draft)})


def keep_version(session: Session, draft_id: int, *, now: datetime) -> int:
    """Make what stands in the editor a version, if it differs from the newest one. Returns the newest's number."""
    row, newest = _get(session, draft_id), _newest(session, draft_id)
    unsaved = drafts.load(session, _key(draft_id))
    if unsaved is None:
        if newest is None:
            raise Refused("Nothing is written yet, so there is no version to keep.")
        return newest.number
    number = newest.number if newest else 0
    if newest is None or newest.content != unsaved["draft"]:
        number += 1
        session.add(
            DraftVersion(
                draft_id=draft_id, number=number, at=now, by=session.info["user"].name, content=unsaved["draft"]
            )
        )
        row.edited_at, row.warned_at = now, None
        log.record(session, log.ALTERATION, working_draft=draft_id, fields=["version"])
    drafts.end(session, _key(draft_id))
    return number


def set_document(session: Session, draft_id: int, document_id: int | None) -> None:
    """Say which document this draft became, so that accepting another one of the case leaves it alone."""
    _get(session, draft_id).document_id = document_id
    log.record(session, log.ALTERATION, working_draft=draft_id, fields=["document_id"])


def _key(draft_id: int) -> str:
    return f"working_draft/{draft_id}"


def _get(session: Session, draft_id: int) -> WorkingDraft:
    row = session.get(WorkingDraft, draft_id)
    if row is None or row.purged_at is not None:
        raise Refused("That working draft was purged; begin a new one if you still need it.")
    return row


def _newest(session: Session, draft_id: int) -> DraftVersion | None:
    query = select(DraftVersion).where(DraftVersion.draft_id == draft_id).order_by(DraftVersion.number.desc())
    return session.scalars(query.limit(1)).first()


# --- leaving the desk ---


def leave(session: Session, draft_id: int, handing: Handing, *, now: datetime) -> tuple[int, Draft]:
    """Register that a draft is about to leave as one of FORMS. Returns the version and its text.

    Refused while the safeguarding record of its case is incomplete.
    """
    if handing.form not in FORMS:
        raise ValueError(f"not a way out: {handing.form}")
    row = _get(session, draft_id)
    refuse_incomplete(session, [row.referral_id], ITS_DRAFT, now=now)
    number = keep_version(session, draft_id, now=now)
    what = f"Working draft {draft_id}, version {number}"
    disclose(
        session, DRAFT, what, handing, now=now, cases=[row.referral_id], draft_id=draft_id, version=number
    )  # fmt: skip
    newest = _newest(session, draft_id)
    assert newest is not None  # keep_version made or found it
    return number, rules_draft.from_json(newest.content)


# --- purging ---


def purge(session: Session, draft_id: int, why: str, *, now: datetime, held: Held = is_held) -> None:
    """Remove every version and what was being typed, for good; Refused while a hold is on the case."""
    row = _get(session, draft_id)
    if held(session, row.referral_id):
        name = referrals.get(session, row.referral_id).reference
        raise Refused(f"A hold is on {name}, so its working draft is not purged; release the hold first.")
    session.execute(delete(DraftVersion).where(DraftVersion.draft_id == draft_id))
    drafts.end(session, _key(draft_id))
    row.purged_at, row.purged_why = now, why
    # What the session still holds of the text goes too; the log line below says nothing of it.
    session.flush()
    log.record(session, log.ERASURE, working_draft=draft_id, referral=row.referral_id, detail=f"working draft: {why}")


def purge_of_case(session: Session, referral_id: int, *, now: datetime) -> None:
    """Purge what is kept of drafts of a case, because its people are anonymised."""
    kept = WorkingDraft.referral_id == referral_id, WorkingDraft.purged_at.is_(None)
    for draft_id in session.scalars(select(WorkingDraft.id).where(*kept)).all():
        purge(session, draft_id, ANONYMISED, now=now)


def purge_accepted(
    session: Session, document_id: int, cases: Sequence[int], *, now: datetime, held: Held = is_held
) -> list[int]:
    """Purge the drafts of an accepted document: those that became it, and those of its cases that became no other."""
    query = select(WorkingDraft).where(WorkingDraft.purged_at.is_(None))
    of_it = WorkingDraft.document_id == document_id
    of_case = WorkingDraft.document_id.is_(None) & WorkingDraft.referral_id.in_(cases)
    gone = []
    for row in session.scalars(query.where(of_it | of_case).order_by(WorkingDraft.id)).all():
        if not held(session, row.referral_id):
            purge(session, row.id, ACCEPTED, now=now, held=held)
            gone.append(row.id)
    return gone


def count_for(session: Session, document_id: int) -> int:
    """How many drafts accepting this document would purge."""
    from oicdesk.documents.records import cases_of

    of_it = WorkingDraft.document_id == document_id
    of_case = WorkingDraft.document_id.is_(None) & WorkingDraft.referral_id.in_(cases_of(session, document_id))
    query = select(func.count()).select_from(WorkingDraft).where(WorkingDraft.purged_at.is_(None), of_it | of_case)
    return session.scalar(query) or 0


def purge_due(session: Session, *, now: datetime, held: Held = is_held) -> list[int]:
    """Purge the drafts whose time is up and of which somebody was warned. Returns their ids."""
    days = reference(session).setting("draft_purge_days")
    gone = []
    for row in _kept(session):
        edited = _edited_at(session, row)
        if rules_draft.is_due_for_purge(edited, row.warned_at, now, days) and not held(session, row.referral_id):
            purge(session, row.id, EXPIRED, now=now, held=held)
            gone.append(row.id)
    return gone


def warn(session: Session, *, now: datetime, held: Held = is_held) -> list["DraftRow"]:
    """The drafts that will be purged soon; that somebody was warned of them is kept."""
    rows = [row for row in kept_drafts(session, now=now, held=held) if row.purge_is_near]
    for one in rows:
        row = _get(session, one.id)
        if row.warned_at is None or row.warned_at < one.edited_at:
            row.warned_at = now
            log.record(session, log.ALTERATION, working_draft=row.id, fields=["warned_at"])
    return rows


def _kept(session: Session) -> Sequence[WorkingDraft]:
    query = select(WorkingDraft).where(WorkingDraft.purged_at.is_(None)).order_by(WorkingDraft.id)
    return session.scalars(query).all()


def _edited_at(session: Session, row: WorkingDraft) -> datetime:
    saved = session.scalar(select(Unsaved.saved_at).where(Unsaved.key == _key(row.id)))
    return max(row.edited_at, saved) if saved is not None else row.edited_at


# --- looking ---


@dataclass(frozen=True)
class DraftRow:
    """A draft in a list: nothing of its text."""

    id: int
    referral_id: int
    case: str
    force: str | None
    document_id: int | None
    created_at: datetime
    created_by: str
    edited_at: datetime
    versions: int
    purge_at: datetime
    purge_is_near: bool
    is_held: bool


@dataclass(frozen=True)
class PurgedRow:
    """What is left of a purged draft."""

    id: int
    case: str
    created_at: datetime
    created_by: str
    purged_at: datetime
    why: str


@dataclass(frozen=True)
class VersionRow:
    """One version in the list of them."""

    number: int
    at: datetime
    by: str


def kept_drafts(
    session: Session,
    *,
    now: datetime,
    force: str = "Joint",
    case: int | None = None,
    held: Held = is_held,
    desk: Reference | None = None,
) -> list[DraftRow]:
    """The drafts that are kept, the latest edited first."""
    desk = desk or reference(session)
    days, warn_days = desk.setting("draft_purge_days"), desk.setting("draft_warn_days")
    counts: dict[int, int] = dict(
        session.execute(select(DraftVersion.draft_id, func.count()).group_by(DraftVersion.draft_id)).all()
    )
    rows = []
    for row in _kept(session):
        referral = session.get_one(Referral, row.referral_id)
        if force not in ("Joint", referral.force or force) or case not in (None, row.referral_id):
            continue
        edited, is_held = _edited_at(session, row), held(session, row.referral_id)
        near = not is_held and rules_draft.is_warned_of(edited, now, days=days, warn_days=warn_days)
        rows.append(
            DraftRow(
                row.id, row.referral_id, referral.reference, referral.force, row.document_id, row.created_at,
                row.created_by, edited, counts.get(row.id, 0), rules_draft.purge_at(edited, days), near, is_held,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: row.edited_at, reverse=True)


def purged_drafts(session: Session) -> list[PurgedRow]:
    """What is left of purged drafts: who wrote one when for which case, and when and why it went; newest first."""
    query = (
        select(WorkingDraft, Referral.reference)
        .join(Referral, Referral.id == WorkingDraft.referral_id)
        .where(WorkingDraft.purged_at.is_not(None))
        .order_by(WorkingDraft.purged_at.desc())
    )
    return [
        PurgedRow(row.id, name, row.created_at, row.created_by, row.purged_at, row.purged_why or "")
        for row, name in session.execute(query)
        if row.purged_at is not None
    ]


def current(session: Session, draft_id: int) -> tuple[Draft, datetime | None]:
    """The draft as it stands, and when what is not yet a version was last saved."""
    _get(session, draft_id)
    kept = session.get(Unsaved, _key(draft_id))
    if kept is not None:
        unsaved: dict[str, Any] = drafts.load(session, _key(draft_id)) or {}
        return rules_draft.from_json(unsaved["draft"]), kept.saved_at
    newest = _newest(session, draft_id)
    return (rules_draft.from_json(newest.content), None) if newest else (Draft(), None)


def versions(session: Session, draft_id: int) -> list[VersionRow]:
    """The versions of a draft, the newest first."""
    query = select(DraftVersion).where(DraftVersion.draft_id == draft_id).order_by(DraftVersion.number.desc())
    return [VersionRow(row.number, row.at, row.by) for row in session.scalars(query)]


def version(session: Session, draft_id: int, number: int) -> Draft:
    """The text of one version."""
    query = select(DraftVersion.content).where(DraftVersion.draft_id == draft_id, DraftVersion.number == number)
    content = session.scalar(query)
    if content is None:
        raise Refused("That version is not kept any more; read the list again.")
    return rules_draft.from_json(content)
