"""What the cases say of the communications: effects, weeks for the chart, teams to talk to; training is not read."""

from bisect import bisect_left, bisect_right
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


def _day_of(mark: Published) -> date:
    return mark.day


@dataclass(frozen=True)
class Outlook:
    """The cases of one scope as at an instant, read once: every effect and the weeks come from the same counts.

    `marks` are what was published, in order of days.
    """

    as_at: datetime
    force: str
    days: rules_effect.Days
    terms: EffectTerms
    marks: tuple[Published, ...]
    conversations: Conversations

    def effect(self, item: Published) -> Effect:
        """What followed one of the published items."""
        reach = timedelta(weeks=max(self.terms.most_weeks, 1))
        first = bisect_left(self.marks, item.day - reach, key=_day_of)
        near = self.marks[first : bisect_right(self.marks, item.day + reach, key=_day_of)]
        return rules_effect.effect(item, self.force, self.days, self.as_at, self.terms, published=near)

    def weeks(self, count: int = 26) -> list[WeekRow]:
        """The last weeks, for the chart: documents, on-time share, contacts as context."""
        return rules_effect.weeks(self.days, self.as_at, count=count)


def outlook(
    session: Session, as_at: datetime, force: str = rules.JOINT, *, rows: Sequence[ItemRow] | None = None
) -> Outlook:
    """One reading of the cases, for all that is said of communications in a scope; `rows` are its items, if read."""
    desk, cases = reference(session), cases_as_at(session, as_at)
    days = rules_effect.days(_cases(cases, force), as_at)
    talks = _conversations(cases, as_at, force, conversation_terms(desk))
    rows = records.items(session, force=force) if rows is None else rows
    return Outlook(as_at, force, days, effect_terms(desk), tuple(_marks(rows, as_at)), talks)


def effect(session: Session, item_id: int, as_at: datetime, force: str | None = None) -> Effect:
    """What followed one published item, in its own scope unless another is asked for."""
    row = records.item(session, item_id)
    if not records.published([row], london_day(as_at)):
        raise Refused("Only an item that was published by then has an effect to look at; publish it first.")
    return outlook(session, as_at, force or row.force).effect(published(row))


def effects(session: Session, as_at: datetime, force: str = rules.JOINT) -> list[Effect]:
    """The effect of every item published to a scope by then, the newest first."""
    found = outlook(session, as_at, force)
    return [found.effect(one) for one in found.marks[::-1]]


def published(row: ItemRow) -> Published:
    """A published item as effects and the chart name it."""
    assert row.published_on is not None  # records.published keeps no others
    return Published(row.id, row.title, row.published_on)


def _cases(rows: Sequence[CaseRow], force: str) -> list[CaseAsAt]:
    """The cases of a scope; one whose force is not known yet belongs to neither, nor to both together."""
    return [row.facts for row in rows if row.facts.force is not None and force in (rules.JOINT, row.facts.force)]


def marks(session: Session, as_at: datetime, force: str = rules.JOINT) -> list[Published]:
    """The published items that reach a scope, in order of their days: the marks of the chart."""
    return _marks(records.items(session, force=force), as_at)


def _marks(rows: Sequence[ItemRow], as_at: datetime) -> list[Published]:
    return [published(row) for row in records.published(rows, london_day(as_at))]


def _conversations(rows: Sequence[CaseRow], as_at: datetime, force: str, terms: ConversationTerms) -> Conversations:
    scoped = [(row.team, row.facts) for row in rows if force in (rules.JOINT, row.facts.force)]
    return rules_effect.conversations(scoped, as_at, terms)


def position(session: Session, as_at: datetime, force: str = rules.JOINT, *, week_count: int = 26) -> PositionRow:
    """All of it in one reading of the cases, for the papers."""
    today = london_day(as_at)
    ahead = today + timedelta(weeks=PLANNED_AHEAD_WEEKS) - timedelta(days=1)
    rows = records.items(session, force=force, as_at=as_at)
    found = outlook(session, as_at, force, rows=rows)
    return PositionRow(
        as_at=as_at,
        force=force,
        items=tuple(rows),
        effects=tuple(found.effect(one) for one in found.marks[::-1]),
        weeks=tuple(found.weeks(week_count)),
        conversations=found.conversations,
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
