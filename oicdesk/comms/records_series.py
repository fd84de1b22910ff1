"""Recurring items: a rule and the items it gives, each of its own with its own approval; extended, never doubled."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.comms import records, rules
from oicdesk.comms.records import CommsItem, CommsSeries
from oicdesk.comms.rules import ItemFacts, Recurrence
from oicdesk.errors import Refused
from oicdesk.settings.records import reference
from oicdesk.vault import log


@dataclass(frozen=True)
class SeriesRow:
    """A recurring item: its rule and the ids of its items in order."""

    id: int
    rule: Recurrence
    item_ids: tuple[int, ...]


def add_series(session: Session, facts: ItemFacts, rule: Recurrence, *, now: datetime) -> tuple[int, list[int]]:
    """Plan an item on every day of a rule; `facts.planned_on` is set for each. Returns the series and its items."""
    rules.expand(rule)  # refuses before anything is written
    row = CommsSeries(
        every=rule.every, interval=rule.interval, first_on=rule.first_on, until=rule.until,
        working_days=rule.working_days, recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    made = _fill(session, row, facts, set(), now)
    log.record(session, log.COLLECTION, comms_series=row.id, comms_item=made, fields=["planned_on"])
    return row.id, made


def extend(session: Session, series_id: int, until: date, *, now: datetime) -> list[int]:
    """Let a series run to a later day; the new items take over what the newest one says. Returns their ids.

    Items that were moved or cancelled are not planned again.
    """
    row = session.get(CommsSeries, series_id)
    if row is None:
        raise Refused("That series is not there any more; read the list again.")
    if until <= row.until:
        raise Refused("A series is extended to a later day; choose one.", field="until")
    items = session.scalars(select(CommsItem).filter_by(series_id=series_id).order_by(CommsItem.due_on)).all()
    facts = records.item(session, items[-1].id).facts
    row.until = until
    rules.expand(_rule(row))
    made = _fill(session, row, replace(facts, reach=None, reach_basis="", effort_minutes=None),
                 {item.due_on for item in items}, now)  # fmt: skip
    log.record(session, log.ALTERATION, comms_series=series_id, comms_item=made, fields=["until"])
    return made


def _fill(session: Session, row: CommsSeries, facts: ItemFacts, known: set[date | None], now: datetime) -> list[int]:
    found = rules.expand(_rule(row), reference(session).holidays)
    return [
        records.new_item(
            session, replace(facts, planned_on=each.day), now=now, status=rules.PLANNED, series_id=row.id,
            due_on=each.due_on,
        ).id
        for each in found
        if each.due_on not in known
    ]  # fmt: skip


def _rule(row: CommsSeries) -> Recurrence:
    return Recurrence(row.every, row.first_on, row.until, row.interval, row.working_days)


def series(session: Session, series_id: int) -> SeriesRow:
    """A series with its items."""
    row = session.get(CommsSeries, series_id)
    if row is None:
        raise Refused("That series is not there any more; read the list again.")
    ids = session.scalars(select(CommsItem.id).filter_by(series_id=series_id).order_by(CommsItem.due_on))
    return SeriesRow(row.id, _rule(row), tuple(ids))


def cancel_rest(session: Session, series_id: int, reason: str, *, after: date, now: datetime) -> list[int]:
    """Cancel the items of a series planned after a day that were not published yet. Returns their ids."""
    items = session.scalars(select(CommsItem).filter_by(series_id=series_id).order_by(CommsItem.due_on)).all()
    open_ones = [
        item.id
        for item in items
        if item.status in (rules.IDEA, rules.PLANNED, rules.APPROVED) and (item.planned_on or date.max) > after
    ]
    for item_id in open_ones:
        records.cancel(session, item_id, reason, now=now)
    return open_ones
