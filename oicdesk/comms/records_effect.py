"""What the cases say of the communications: effects, weeks for the chart, teams to talk to; training is not read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from oicdesk.audits.rules_suppress import PanelTable
from oicdesk.comms import records, rules, rules_effect
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules import Conflict
from oicdesk.comms.rules_effect import (
    Conversations,
    ConversationTerms,
    Effect,
    EffectTerms,
    Published,
    WeekRow,
)
from oicdesk.documents.records import CaseRow, cases_as_at
from oicdesk.documents.rules import CaseAsAt
from oicdesk.errors import Refused
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day

PLANNED_AHEAD_WEEKS = 8


@dataclass(frozen=True)
class PositionRow:
    """Everything that a report says of communications, for one scope as at an instant.

    `coming` stand in the next weeks; `gaps` are Mondays of weeks ahead without any item.
    """

    as_at: datetime
    force: str
    items: tuple[ItemRow, ...]
    effects: tuple[Effect, ...]
    weeks: tuple[WeekRow, ...]
    conversations: Conversations
    coming: tuple[ItemRow, ...]
    conflicts: tuple[Conflict, ...]
    gaps: tuple[date, ...]


def effect_terms(desk: Reference) -> EffectTerms:
    return EffectTerms(
        desk.setting("comms_least_weeks"), desk.setting("comms_most_weeks"), desk.setting("comms_least_events"),
        desk.day_setting("register_started_on"),
    )  # fmt: skip


def conversation_terms(desk: Reference) -> ConversationTerms:
    return ConversationTerms(desk.setting("comms_prior_cases"), desk.setting("comms_recent_weeks"))


def effect(session: Session, item_id: int, as_at: datetime, force: str | None = None) -> Effect:
    """What followed one published item, in its own scope unless another is asked for."""
    row = records.item(session, item_id)
    day = london_day(as_at)
    if not records.published([row], day):
        raise Refused("Only an item that was published by then has an effect to look at; publish it first.")
    cases = _cases(cases_as_at(session, as_at), force or row.force)
    return _effects(session, [row], cases, as_at, force or row.force)[0]


def effects(session: Session, as_at: datetime, force: str = rules.JOINT) -> list[Effect]:
    """The effect of every item published to a scope by then, the newest first."""
    rows = records.published(records.items(session, force=force), london_day(as_at))
    return _effects(session, rows[::-1], _cases(cases_as_at(session, as_at), force), as_at, force)


def _effects(
    session: Session, rows: Sequence[ItemRow], cases: Sequence[CaseAsAt], as_at: datetime, force: str
) -> list[Effect]:
    terms = effect_terms(reference(session))
    reaching = marks(session, as_at, force)
    return [rules_effect.effect(one, force, cases, as_at, terms, published=reaching) for one in map(_published, rows)]


def _published(row: ItemRow) -> Published:
    assert row.published_on is not None  # records.published keeps no others
    return Published(row.id, row.title, row.published_on)


def _cases(rows: Sequence[CaseRow], force: str) -> list[CaseAsAt]:
    """The cases of a scope; one whose force is not known yet belongs to neither, nor to both together."""
    return [row.facts for row in rows if row.facts.force is not None and force in (rules.JOINT, row.facts.force)]


def marks(session: Session, as_at: datetime, force: str = rules.JOINT) -> list[Published]:
    """The published items that reach a scope, in order of their days: the marks of the chart."""
    return [_published(row) for row in records.published(records.items(session, force=force), london_day(as_at))]


def weeks(session: Session, as_at: datetime, force: str = rules.JOINT, *, count: int = 26) -> list[WeekRow]:
    """The last weeks of a scope, for the chart: documents, on-time share, contacts as context."""
    return rules_effect.weeks(_cases(cases_as_at(session, as_at), force), as_at, count=count)


def conversations(session: Session, as_at: datetime, force: str = rules.JOINT) -> Conversations:
    """Which teams to talk to next, the most expected missing documents first."""
    return _conversations(session, cases_as_at(session, as_at), as_at, force)


def _conversations(session: Session, rows: Sequence[CaseRow], as_at: datetime, force: str) -> Conversations:
    scoped = [(row.team, row.facts) for row in rows if force in (rules.JOINT, row.facts.force)]
    return rules_effect.conversations(scoped, as_at, conversation_terms(reference(session)))


def position(session: Session, as_at: datetime, force: str = rules.JOINT, *, week_count: int = 26) -> PositionRow:
    """All of it in one reading of the cases, for the papers."""
    today = london_day(as_at)
    ahead = today + timedelta(weeks=PLANNED_AHEAD_WEEKS) - timedelta(days=1)
    rows, cases = records.items(session, force=force), cases_as_at(session, as_at)
    scoped = _cases(cases, force)
    return PositionRow(
        as_at=as_at,
        force=force,
        items=tuple(rows),
        effects=tuple(_effects(session, records.published(rows, today)[::-1], scoped, as_at, force)),
        weeks=tuple(rules_effect.weeks(scoped, as_at, count=week_count)),
        conversations=_conversations(session, cases, as_at, force),
        coming=tuple(
            row
            for row in rows
            if row.status in (rules.PLANNED, rules.APPROVED) and row.day is not None and today <= row.day <= ahead
        ),
        conflicts=tuple(clash for clash in rules.conflicts(rows) if today <= clash.day <= ahead),
        gaps=tuple(rules.gaps(rows, today, ahead)),
    )


def panel_tables(session: Session, as_at: datetime, *, months: int = 12) -> list[PanelTable]:
    """The counts that panel papers print of communications: both forces' and the joint one, for `suppress` together.

    Contacts due, on time or not, by month of contact.
    """
    return rules_effect.panel_tables([row.facts for row in cases_as_at(session, as_at)], as_at, months=months)
