"""The calendar as a file for another program; handing it out is a disclosure, logged before the file exists."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.comms import records, rules
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules_ics import CANCELLED, CONFIRMED, TENTATIVE, IcsEvent, ics
from oicdesk.errors import Refused
from oicdesk.settings.records import reference
from oicdesk.vault import log
from oicdesk.vault.tables import Activity

_CONFIRMED = frozenset({rules.APPROVED, rules.PUBLISHED, rules.EVALUATED})


def export_ics(session: Session, item_ids: Collection[int], *, recipient: str, purpose: str, now: datetime) -> bytes:
    """The items with a day as an `.ics` file. Logs the disclosure; the caller writes the file after the commit.

    A cancelled item goes along as cancelled, so that a calendar that has it takes it out.
    """
    rows = [row for row in records.items(session, ids=item_ids) if row.day is not None] if item_ids else []
    if not rows:
        raise Refused("None of these items has a day, so there is nothing to put into a calendar; plan one first.")
    if not recipient.strip():
        raise Refused("Say who receives the calendar; it leaves the desk.", field="recipient")
    if not purpose.strip() and reference(session).setting("disclosure_purpose_required"):
        raise Refused("Say what the calendar is for; it leaves the desk.", field="purpose")
    log.record(
        session, log.DISCLOSURE, comms_item=[row.id for row in rows], recipient=recipient.strip(),
        purpose=purpose.strip(), detail="calendar of communications, ics",
    )  # fmt: skip
    marking, desk_id = reference(session).setting("marking"), _desk_id(session)
    return ics([_event(row, marking, desk_id) for row in rows], name="Communications", stamp=now)


def _desk_id(session: Session) -> str:
    """The same for ever in one vault, different in any other: taken from the log's first entry."""
    return str(session.scalars(select(Activity.hash).where(Activity.id == 1)).one())[:16]


def _event(row: ItemRow, marking: str, desk_id: str) -> IcsEvent:
    assert row.day is not None  # the caller keeps no others
    facts = row.facts
    told = [marking, facts.message, f"For: {facts.audience}" if facts.audience else "",
            f"Owner: {facts.owner}" if facts.owner else "", f"Status: {rules.STATUS_WORDS[row.status]}"]  # fmt: skip
    status = CANCELLED if row.status == rules.CANCELLED else CONFIRMED if row.status in _CONFIRMED else TENTATIVE
    return IcsEvent(
        uid=f"comms-item-{row.id}@{desk_id}.oicdesk",
        day=row.day,
        summary=row.title,
        description="\n".join(line for line in told if line),
        categories=(rules.CHANNELS[row.channel],),
        status=status,
        sequence=row.revision,
        changed_at=row.changed_at,
    )
