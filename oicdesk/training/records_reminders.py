"""Reminders: what is missing as a text for a person or a supervisor; each one that leaves is logged as a disclosure."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.settings.records import reference
from oicdesk.training import records, records_figures, rules, rules_reminders
from oicdesk.training.records_people import Learner
from oicdesk.training.rules_reminders import Reminder
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

CHANNELS = ("clipboard", "e-mail file")


class TrainingReminder(Stored):
    """A reminder that left the desk; its text is not kept, because it can be written anew."""

    __tablename__ = "training_reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    recipient: Mapped[str]
    is_for_supervisor: Mapped[bool]
    channel: Mapped[str]
    courses: Mapped[str]  # JSON


class TrainingReminded(Stored):
    """Whom a reminder was about."""

    __tablename__ = "training_reminded"
    __table_args__ = (Index("training_reminded_of_learner", "learner_id", "reminder_id"),)

    reminder_id: Mapped[int] = mapped_column(ForeignKey(TrainingReminder.id), primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(Learner.id), primary_key=True)


def missing(
    session: Session, day: date, force: str = rules.JOINT, *, courses: Collection[str] = (), ids: Collection[int] = ()
) -> list[rules.MissingRow]:
    """Who is missing what; of these courses and people only, where any are named."""
    rows = rules.missing_rows(records_figures.snapshot(session, day).of_force(force), courses)
    return [row for row in rows if not ids or row.person.id in set(ids)]


def to_people(session: Session, rows: Sequence[rules.MissingRow], day: date) -> list[Reminder]:
    """One reminder for each person."""
    titles, marking = _terms(session)
    return [rules_reminders.to_person(row, titles, day=day, marking=marking) for row in rows]


def to_supervisors(session: Session, rows: Sequence[rules.MissingRow], day: date) -> list[Reminder]:
    """One reminder for each supervisor of these people."""
    titles, marking = _terms(session)
    return rules_reminders.by_supervisor(rows, titles, day=day, marking=marking)


def _terms(session: Session) -> tuple[dict[str, str], str]:
    return records.titles(session), reference(session).setting("marking")


def sent(session: Session, reminder: Reminder, channel: str, *, now: datetime) -> int:
    """Record that a reminder was handed out, before it is. Returns its id."""
    if channel not in CHANNELS:
        raise Refused("A reminder leaves by the clipboard or as an e-mail file; choose one.", field="channel")
    row = TrainingReminder(
        at=now, by=session.info["user"].name, recipient=reminder.to, is_for_supervisor=reminder.is_for_supervisor,
        channel=channel, courses=json.dumps(reminder.courses),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(TrainingReminded(reminder_id=row.id, learner_id=i) for i in reminder.learner_ids)
    session.flush()
    log.record(
        session, log.DISCLOSURE, recipient=reminder.to, purpose="training reminder", detail=f"reminder by {channel}",
        training_reminder=row.id, learner=list(reminder.learner_ids),
    )  # fmt: skip
    return row.id


@dataclass(frozen=True)
class ReminderRow:
    """A reminder as listed; `courses` are titles."""

    id: int
    at: datetime
    by: str
    recipient: str
    channel: str
    courses: tuple[str, ...]
    people: int


def reminders(session: Session, learner_id: int | None = None) -> list[ReminderRow]:
    """Every reminder, or those about one person, newest first."""
    titles = records.titles(session)
    about = select(TrainingReminded.reminder_id).where(TrainingReminded.learner_id == learner_id)
    query = (
        select(TrainingReminder, func.count(TrainingReminded.learner_id))
        .join(TrainingReminded, TrainingReminded.reminder_id == TrainingReminder.id)
        .group_by(TrainingReminder.id)
        .order_by(TrainingReminder.id.desc())
    )
    if learner_id is not None:
        query = query.where(TrainingReminder.id.in_(about))
    return [
        ReminderRow(
            row.id, row.at, row.by, row.recipient, row.channel,
            tuple(titles.get(code, code) for code in json.loads(row.courses)), count,
        )
        for row, count in session.execute(query)
    ]  # fmt: skip
