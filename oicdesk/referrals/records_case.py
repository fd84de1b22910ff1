"""One case as it is shown, read in one moment. Nobody in it is named but officers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.referrals import (
    records,
    records_chasers,
    records_clock,
    records_cover,
    records_duplicates,
    records_exemptions,
    records_queue,
    rules,
)
from oicdesk.referrals import rules_clock as clock
from oicdesk.referrals.records import Referral
from oicdesk.referrals.records_chasers import ChaserRow
from oicdesk.referrals.records_clock import PauseRow
from oicdesk.referrals.records_exemptions import ExemptionRow
from oicdesk.referrals.records_queue import EventRow, NoteRow, QueueRow
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import DueRule, due_at, london_day, spoken_day, spoken_instant


@dataclass(frozen=True)
class Clocks:
    """Every date that a rule gives a case; `ran_from` says what the due time runs from. `steps` are (hours after
    the due time, to whom, when, moved by a pause)."""

    elapsed: str
    working_days: int
    paused_days: int
    due_rule: DueRule
    ran_from: str
    steps: tuple[tuple[int, str, datetime, bool], ...]
    correction_due: datetime | None
    correction_days: int


@dataclass(frozen=True)
class Case:
    """A case with its lists, each newest first; `survivor` is the case that it was linked to, if any.

    `first_due` is the due time of before the clock was restarted, or the present one.
    """

    row: QueueRow
    facts: dict[str, Any]
    survivor: tuple[int, str] | None
    duplicates: tuple[tuple[int, str, datetime, str], ...]
    timeline: tuple[EventRow, ...]
    notes: tuple[NoteRow, ...]
    chasers: tuple[ChaserRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    pauses: tuple[PauseRow, ...]
    clocks: Clocks
    recorded: str
    desk: Reference
    news: str = ""  # what somebody else did to it since this user last looked, in words
    first_due: datetime | None = None

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def reference(self) -> str:
        return self.row.reference

    @property
    def status(self) -> str:
        return self.row.status

    @property
    def request(self) -> ExemptionRow | None:
        """The exemption that has not ended."""
        return next((row for row in self.exemptions if row.standing != "ended"), None)

    @property
    def chased(self) -> frozenset[str]:
        """Whom the desk has chased since the due time."""
        due = self.row.due_at
        return frozenset(row.to_role for row in self.chasers if due is not None and row.at > due)

    @property
    def unanswered(self) -> list[ChaserRow]:
        """The chasers that brought nothing yet."""
        return [row for row in self.chasers if not row.result]


def read_case(session: Session, referral_id: int, now: datetime) -> Case:
    """Everything of a case but its people and documents; Refused when it has left the register."""
    referral = records.get(session, referral_id)
    desk = reference(session)
    survivor = referral.duplicate_of
    recorded = f"{spoken_instant(referral.created_at)} by {referral.created_by}"
    return Case(
        row=records_queue.queue_rows(session, [referral_id], now, desk)[0],
        facts=records_queue.facts_of(session, referral_id),
        survivor=(survivor, records.get(session, survivor).reference) if survivor else None,
        duplicates=tuple(records_duplicates.of_case(session, referral_id)),
        timeline=tuple(records_queue.timeline(session, referral_id)),
        notes=tuple(records_queue.notes(session, referral_id)),
        chasers=tuple(records_chasers.chasers(session, referral_id)),
        exemptions=tuple(records_exemptions.exemptions(session, referral_id)),
        pauses=tuple(records_clock.pauses(session, referral_id)),
        clocks=_clocks(session, referral, now, desk),
        recorded=f"{recorded}; review on {spoken_day(referral.review_on)}",
        desk=desk,
        news=records_cover.changes_since(session, referral_id, now),
        first_due=records.first_due_of(session, referral_id),
    )


def _clocks(session: Session, referral: Referral, now: datetime, desk: Reference) -> Clocks:
    pauses = [row.span for row in records_clock.pauses(session, referral.id)]
    rule = desk.due_rule(london_day(referral.contact_at))
    steps = []
    if referral.due_at is not None:
        for step in records_queue.chaser_steps(desk):
            at = rules.chaser_at(step, referral.due_at, pauses, now)
            steps.append((step.hours, step.to, at, at != rules.chaser_at(step, referral.due_at)))
    returned = records_queue.returned_at(session, referral.id) if referral.status == rules.RETURNED else None
    days, holidays = desk.setting("correction_due_working_days"), desk.holidays_of(referral.force)
    return Clocks(
        elapsed=clock.spoken_elapsed(referral.contact_at, now),
        working_days=clock.worked_days(referral.contact_at, now, pauses, holidays),
        paused_days=clock.paused_days(referral.contact_at, now, pauses, holidays),
        due_rule=rule,
        ran_from=_ran_from(referral, rule, desk),
        steps=tuple(steps),
        correction_due=rules.correction_due(returned, holidays, days) if returned else None,
        correction_days=days,
    )


def _ran_from(referral: Referral, rule: DueRule, desk: Reference) -> str:
    if referral.due_at is None:
        return ""
    if referral.due_at != due_at(referral.contact_at, rule, desk.holidays_of(referral.force)):
        return "the exemption was overturned"
    return "the contact" if referral.contact_at_known else "it was recorded"
