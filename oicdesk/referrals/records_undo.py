"""Taking steps of a case back, each by an ordinary, logged change. Nothing in a history is wiped.

A change of status that is taken back keeps its line in the history under another kind, so that every reader
that goes by changes of status leaves it out.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_chasers, rules, rules_undo
from oicdesk.referrals.records import Referral, ReferralEvent, ReferralNote
from oicdesk.referrals.records_chasers import Chaser
from oicdesk.referrals.records_clock import TAKEN_BACK
from oicdesk.referrals.records_people import Person
from oicdesk.referrals.records_reviews import ReferralReview
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.vault import log


def newest_move(session: Session, referral_id: int) -> int:
    """The id of the newest change of status of a case: what `take_back_move` is given later."""
    session.flush()
    return session.scalars(
        select(ReferralEvent.id)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status")
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
        .limit(1)
    ).one()


def take_back_move(session: Session, event_id: int, *, now: datetime, survivor: int | None = None) -> str:
    """Take a change of status back: the case stands as before, with the due time that held then.

    `survivor` is the case that a withdrawn link led to. Returns the case's reference.
    """
    event = session.get_one(ReferralEvent, event_id)
    referral = records.get(session, event.referral_id)
    is_newest = event.kind == "status" and newest_move(session, referral.id) == event_id
    assert event.to_status is not None
    rules_undo.check_take_back(event.from_status, event.to_status, referral.status, is_newest=is_newest)
    assert event.from_status is not None
    event.kind = rules_undo.MISTAKE
    session.flush()
    before = session.get_one(ReferralEvent, newest_move(session, referral.id))
    referral.status, referral.due_at, referral.updated_at = event.from_status, before.due_at, now
    referral.duplicate_of = None
    if event.from_status == rules.DUPLICATE and survivor is not None:
        records.check_survivor(session, referral.id, survivor)
        referral.duplicate_of = survivor
    if event.to_status in rules.DONE:  # no other change of status sets the day of the review
        referral.review_on = _review_on(session, referral)
    said = rules_undo.spoken_take_back(event.from_status, event.to_status)
    records.note_event(session, referral.id, TAKEN_BACK, at=now, now=now, reason=said)
    log.record(session, log.ALTERATION, referral=referral.id, fields=["status"], detail=TAKEN_BACK)
    return referral.reference


def _review_on(session: Session, referral: Referral) -> date:
    """The day of the review as its last review, or else the last end of the case that stands, has set it."""
    done = session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral.id, ReferralEvent.kind == "status")
        .where(ReferralEvent.to_status.in_(rules.DONE))
        .order_by(ReferralEvent.recorded_at.desc(), ReferralEvent.id.desc())
        .limit(1)
    ).first()
    review = session.scalars(
        select(ReferralReview)
        .where(ReferralReview.referral_id == referral.id)
        .order_by(ReferralReview.at.desc(), ReferralReview.id.desc())
        .limit(1)
    ).first()
    if review is not None and review.next_on is not None and (done is None or review.at >= done.recorded_at):
        return review.next_on
    desk, status = reference(session), referral.status if done is None else done.to_status
    return rules.review_on(
        status or referral.status, london_day(referral.created_at), done_on=london_day(done.at) if done else None,
        done_months=desk.setting("review_months"), open_months=desk.setting("open_review_months"),
    )  # fmt: skip


def take_back_add(session: Session, referral_id: int, *, now: datetime) -> str:
    """Withdraw a contact that was recorded by mistake and nobody has worked on. Returns its reference.

    What was done to it and taken back is no work; the lines that tell of it go with the contact.
    """
    referral = records.get(session, referral_id)
    events = session.scalar(
        select(func.count())
        .select_from(ReferralEvent)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind.not_in((rules_undo.MISTAKE, TAKEN_BACK)))
    )
    # People and notes leave no line in the history; a note that was typed with the contact bears its time.
    noted = select(ReferralNote.id).where(ReferralNote.referral_id == referral_id, records.note_stands())
    touched = (
        select(Referral.id).where(Referral.duplicate_of == referral_id),
        noted.where(ReferralNote.at > referral.created_at),
        select(Person.id).where(Person.referral_id == referral_id),
    )
    if events != 1 or any(session.scalar(one.limit(1)) is not None for one in touched):
        raise Refused(f"{referral.reference} was worked on since; exempt it as recorded in error instead.")
    referral.withdrawn_at, referral.contact_key = now, None
    log.record(session, log.ALTERATION, referral=referral_id, fields=["withdrawn_at"], detail=TAKEN_BACK)
    return referral.reference


def put_back_add(session: Session, referral_id: int, *, now: datetime) -> str:
    """Bring a contact back that was withdrawn by `take_back_add`, under its own reference. Returns that."""
    referral = session.get_one(Referral, referral_id)
    referral.withdrawn_at = None  # it stands as it was typed, so it can be withdrawn again
    for name, value in records.keys_of({name: getattr(referral, name) for name in records.FACTS}).items():
        setattr(referral, name, value)
    log.record(session, log.ALTERATION, referral=referral_id, fields=["withdrawn_at"], detail="put back")
    return referral.reference


def take_back_edit(
    session: Session,
    referral_id: int,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    now: datetime,
    moved: int | None = None,
    tells_of_officer: bool = True,
) -> list[str]:
    """Put facts back as they were before a correction; `moved` is the change of status that it brought along.

    Refused when one of them was corrected again since. Returns the names of the fields that changed back.
    """  # fmt: skip
    referral = records.get(session, referral_id)
    later = [name for name, value in after.items() if _kept(referral, name) != value]
    if later:
        raise Refused(f"{referral.reference} was corrected again since; correct it by hand.")
    if moved is not None:
        take_back_move(session, moved, now=now)
    return records.edit(session, referral_id, before, now=now, tells_of_officer=tells_of_officer)


def _kept(referral: Referral, name: str) -> Any:
    return referral.contact_at if name == "contact_at" and referral.contact_at_known else (
        None if name == "contact_at" else getattr(referral, name)
    )  # fmt: skip


def take_back_note(session: Session, note_id: int, *, now: datetime) -> None:
    """Take a note away that was written by mistake: it leaves the case and the search, and is kept with its words."""
    note = session.get_one(ReferralNote, note_id)
    note.kind = f"{note.kind or ''}{records.NOTE_TAKEN_BACK}"
    records.note_event(session, note.referral_id, TAKEN_BACK, at=now, now=now, reason="a note")
    log.record(session, log.ALTERATION, referral_note=note_id, fields=["kind"], detail=TAKEN_BACK)


def put_back_note(session: Session, note_id: int, *, now: datetime) -> None:
    """Let a note stand again that was taken back."""
    note = session.get_one(ReferralNote, note_id)
    note.kind = (note.kind or "").removesuffix(records.NOTE_TAKEN_BACK) or None
    records.note_event(session, note.referral_id, "note put back", at=now, now=now)
    log.record(session, log.ALTERATION, referral_note=note_id, fields=["kind"], detail="put back")


def take_back_answer(session: Session, chaser_id: int, result: str, *, now: datetime) -> None:
    """Take an answer away that was written to the wrong chaser."""
    row = session.get_one(Chaser, chaser_id)
    if row.result != result:
        raise Refused("The answer was changed since; correct it by hand.")
    records_chasers.take_back_answer(session, chaser_id)
    records.note_event(session, row.referral_id, TAKEN_BACK, at=now, now=now, reason="an answer to a chaser")
