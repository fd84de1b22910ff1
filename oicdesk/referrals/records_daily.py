"""The day's list: what is to be looked at today, each case once. Nobody a case is about is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.referrals import records_cover, records_queue, records_views
from oicdesk.referrals.records import Referral, ReferralEvent
from oicdesk.referrals.records_queue import QueueRow
from oicdesk.referrals.records_views import Spec
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day, spoken_day

MOST = 500  # lines of one part; a longer list is no day's work
PARTS = (
    ("Overdue", Spec("overdue")),
    ("Due today", Spec("needs_document", filters={"due": "today"})),
    ("Returned for correction", Spec("returned")),
    ("Accepted, to close", Spec("to_close")),
    ("Scope queries", Spec("scope")),
    ("Waiting for approval", Spec("approval")),
)
_C = cast(Table, Referral.__table__).c


@dataclass(frozen=True)
class DailyRow:
    """A part of the list with its lines; `left_out` says how many more there are."""

    title: str
    lines: Sequence[QueueRow]
    left_out: int


@dataclass(frozen=True)
class DayRow:
    """The whole list: the day, the scope, who covers the desk, and the parts in the order of the paper."""

    day: str
    force: str
    cover: str
    parts: Sequence[DailyRow]


def daily(session: Session, as_at: datetime, force: str) -> DayRow:
    """What is to be looked at on the day of `as_at`; a case stands in the first part that it belongs to.

    The desk can tell how it stands, not how it stood: Refused where something was recorded after `as_at`.
    """
    newest = session.scalar(select(func.max(ReferralEvent.recorded_at)))
    if newest is not None and newest > as_at:
        raise Refused(
            "The daily list tells how the desk stands now, and cases were changed after that time; take a later one.",
            field="as_at",
        )
    desk, seen, parts = reference(session), set[int](), []
    for title, spec in PARTS:
        where = records_views.conditions(spec, as_at, force, desk)
        ids = [i for i in session.scalars(select(_C.id).where(*where).order_by(_C.due_at, _C.id)) if i not in seen]
        seen.update(ids)
        lines = records_queue.queue_rows(session, ids[:MOST], as_at, desk)
        parts.append(DailyRow(title, lines, len(ids) - len(lines)))
    today = london_day(as_at)
    return DayRow(spoken_day(today), force, records_cover.cover_now(session, today), parts)
