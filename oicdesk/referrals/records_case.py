"""One case as it is shown, read in one moment. Nobody in it is named but officers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.referrals import records, records_chasers, records_exemptions, records_queue
from oicdesk.referrals.records_chasers import ChaserRow
from oicdesk.referrals.records_exemptions import ExemptionRow
from oicdesk.referrals.records_queue import EventRow, NoteRow, QueueRow
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_day, spoken_instant


@dataclass(frozen=True)
class Case:
    """A case with its lists, each newest first; `survivor` is the case that it was linked to, if any.

    `first_due` is the due time of before the clock was restarted, or the present one.
    """

    row: QueueRow
    facts: dict[str, Any]
    survivor: tuple[int, str] | None
    duplicates: tuple[tuple[int, str, datetime], ...]
    timeline: tuple[EventRow, ...]
    notes: tuple[NoteRow, ...]
    chasers: tuple[ChaserRow, ...]
    exemptions: tuple[ExemptionRow, ...]
    recorded: str
    desk: Reference
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
        duplicates=tuple(records.possible_duplicates(session, referral_id)),
        timeline=tuple(records_queue.timeline(session, referral_id)),
        notes=tuple(records_queue.notes(session, referral_id)),
        chasers=tuple(records_chasers.chasers(session, referral_id)),
        exemptions=tuple(records_exemptions.exemptions(session, referral_id)),
        recorded=f"{recorded}; review on {spoken_day(referral.review_on)}",
        desk=desk,
        first_due=records.first_due_of(session, referral_id),
    )
