"""Communications as they are kept: campaigns, items with their history, and their evidence by its hash.

An event has the instant it was done; an item's own days (planned, published) say when it stands in the calendar.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.comms import rules
from oicdesk.comms.rules import ItemFacts
from oicdesk.errors import Refused
from oicdesk.referrals.rules import ReportedApproval, refuse
from oicdesk.settings.rules import london_day, long_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class CommsCampaign(Stored):
    """Items that belong together, and what for."""

    __tablename__ = "comms_campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    aim: Mapped[str]
    owner: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class CommsSeries(Stored):
    """A rule by which an item recurs; its items point here, each with the day it is due by the rule."""

    __tablename__ = "comms_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    every: Mapped[str]
    interval: Mapped[int]
    first_on: Mapped[date]
    until: Mapped[date]
    working_days: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class CommsItem(Stored):
    """One communication. `promise` is the key of a promise of the ledger, or empty."""

    __tablename__ = "comms_item"
    __table_args__ = (
        Index("comms_item_of_series", "series_id", "due_on", unique=True),
        Index("comms_item_planned", "planned_on"),
        Index("comms_item_published", "published_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey(CommsCampaign.id), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey(CommsSeries.id))
    due_on: Mapped[date | None]  # by the rule of the series; names the occurrence for ever
    title: Mapped[str]
    audience: Mapped[str]
    channel: Mapped[str]
    force: Mapped[str]
    message: Mapped[str]
    recommendation: Mapped[int | None]
    promise: Mapped[str]
    owner: Mapped[str]
    planned_on: Mapped[date | None]
    published_on: Mapped[date | None]
    status: Mapped[str]
    effort_minutes: Mapped[int | None]
    reach: Mapped[int | None]
    reach_basis: Mapped[str]
    evaluation: Mapped[str]
    verdict: Mapped[str]  # as it stood when the item was evaluated
    effect: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_why: Mapped[str | None]
    revision: Mapped[int]  # counts changes that a calendar elsewhere has to learn of
    changed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    reported_name: Mapped[str | None]  # an approval given outside the desk
    reported_role: Mapped[str | None]
    reported_on: Mapped[date | None]
    reported_reference: Mapped[str | None]


class CommsEvent(Stored):
    """Something that happened to an item: kind is "status", "edited" or "moved"."""

    __tablename__ = "comms_event"
    __table_args__ = (Index("comms_event_history", "item_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(CommsItem.id))
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    reason: Mapped[str | None]


class CommsEvidence(Stored):
    """A file that shows an item took place; the file stays where it is, its hash tells whether it is the same."""

    __tablename__ = "comms_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(CommsItem.id), index=True)
    file_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    note: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


@dataclass(frozen=True)
class CampaignRow:
    """A campaign with how many of its items stand and how many were published."""

    id: int
    title: str
    aim: str
    owner: str
    ended_why: str | None
    items: int
    published: int


@dataclass(frozen=True)
class ItemRow:
    """An item as listed and as the calendar sees it."""

    id: int
    facts: ItemFacts
    campaign: str
    series_id: int | None
    status: str
    published_on: date | None
    evaluation: str
    verdict: str
    effect: str
    recorded_by: str
    approved_by: str | None
    approved_at: datetime | None
    cancelled_at: datetime | None
    cancelled_why: str | None
    evidence: int
    revision: int
    changed_at: datetime
    reported: ReportedApproval | None = None

    @property
    def approval(self) -> str:
        """Who approved it, in words; one reported from outside says so, and whether it was confirmed since."""
        if self.reported is None:
            return self.approved_by or ""
        kind = f"confirmed by {self.approved_by}" if self.approved_by else "not confirmed"
        told = f"{self.reported.name}, {self.reported.role}"
        return f"{told} (reported from outside, {self.reported.reference}; {kind})"

    @property
    def title(self) -> str:
        return self.facts.title

    @property
    def audience(self) -> str:
        return self.facts.audience

    @property
    def channel(self) -> str:
        return self.facts.channel

    @property
    def force(self) -> str:
        return self.facts.force

    @property
    def day(self) -> date | None:
        """Where it stands in the calendar."""
        return self.published_on or self.facts.planned_on


@dataclass(frozen=True)
class EventRow:
    """One line of an item's history."""

    at: datetime
    by: str
    kind: str
    from_status: str | None
    to_status: str | None
    reason: str | None


# --- campaigns ---------------------------------------------------------------------------------------------


def add_campaign(session: Session, title: str, *, aim: str = "", owner: str = "", now: datetime) -> int:
    """Begin a campaign. Returns its id."""
    row = CommsCampaign(
        title=_campaign_title(session, title), aim=aim.strip(), owner=owner.strip(), recorded_at=now,
        recorded_by=_user(session), ended_at=None, ended_why=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, comms_campaign=row.id, fields=["title", "aim", "owner"])
    return row.id


def edit_campaign(session: Session, campaign_id: int, *, title: str, aim: str = "", owner: str = "") -> list[str]:
    """Change a campaign. Returns the names of the fields that changed."""
    row = _campaign(session, campaign_id)
    new = {"title": _campaign_title(session, title, campaign_id), "aim": aim.strip(), "owner": owner.strip()}
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, new[name])
    if changed:
        log.record(session, log.ALTERATION, comms_campaign=campaign_id, fields=changed)
    return changed


def end_campaign(session: Session, campaign_id: int, why: str, *, now: datetime) -> None:
    """End a campaign; its items stay as they are."""
    row = _campaign(session, campaign_id)
    if not why.strip():
        raise Refused("A campaign ends with a reason; write why.", field="why")
    row.ended_at, row.ended_why = now, why.strip()
    log.record(session, log.ALTERATION, comms_campaign=campaign_id, fields=["ended_at"])


def _campaign(session: Session, campaign_id: int) -> CommsCampaign:
    row = session.get(CommsCampaign, campaign_id)
    if row is None or row.ended_at is not None:
        raise Refused("That campaign has ended or is not there any more; choose another.", field="campaign_id")
    return row


def _campaign_title(session: Session, title: str, own_id: int | None = None) -> str:
    title = title.strip()
    if not title:
        raise Refused("A campaign needs a title; type one.", field="title")
    others = session.execute(select(CommsCampaign.id, CommsCampaign.title)).all()
    if any(i != own_id and other.casefold() == title.casefold() for i, other in others):
        raise Refused(f"There is already a campaign “{title}”; choose another title.", field="title")
    return title


def campaigns(session: Session) -> list[CampaignRow]:
    """Every campaign, running ones first, the newest first."""
    counts: dict[int | None, list[str]] = {}
    for campaign_id, status in session.execute(select(CommsItem.campaign_id, CommsItem.status)):
        counts.setdefault(campaign_id, []).append(status)
    found = session.scalars(
        select(CommsCampaign).order_by(CommsCampaign.ended_at.is_not(None), CommsCampaign.id.desc())
    )
    return [
        CampaignRow(
            row.id, row.title, row.aim, row.owner, row.ended_why,
            sum(status in rules.ON_CALENDAR for status in counts.get(row.id, ())),
            sum(status in rules.WAS_PUBLISHED for status in counts.get(row.id, ())),
        )
        for row in found
    ]  # fmt: skip


# --- items -------------------------------------------------------------------------------------------------

_NAMES = tuple(field.name for field in fields(ItemFacts))
_CALENDAR_FIELDS = frozenset({"title", "audience", "channel", "message", "planned_on", "published_on", "owner"})


def add_item(session: Session, facts: ItemFacts, *, now: datetime, status: str = rules.IDEA) -> int:
    """Write down an item as an idea, or as planned if it says all that a plan needs. Returns its id."""
    if status not in (rules.IDEA, rules.PLANNED):
        raise Refused("An item begins as an idea or planned; choose one.", field="status")
    row = new_item(session, facts, now=now, status=status)
    log.record(session, log.COLLECTION, comms_item=row.id, fields=[n for n in _NAMES if getattr(facts, n)])
    return row.id


def new_item(
    session: Session,
    facts: ItemFacts,
    *,
    now: datetime,
    status: str,
    series_id: int | None = None,
    due_on: date | None = None,
) -> CommsItem:
    """The stored item with its first event, checked but not logged: the caller logs."""
    refuse(rules.check_item(facts, status))
    if facts.campaign_id is not None:
        _campaign(session, facts.campaign_id)
    row = CommsItem(
        **_tidy(facts), series_id=series_id, due_on=due_on, published_on=None, status=status, evaluation="",
        verdict="", effect="", approved_by=None, approved_at=None, cancelled_at=None, cancelled_why=None,
        reported_name=None, reported_role=None, reported_on=None, reported_reference=None,
        revision=0, changed_at=now, recorded_at=now, recorded_by=_user(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _event(session, row.id, "status", now, to_status=status)
    return row


def _tidy(facts: ItemFacts) -> dict[str, Any]:
    values = {name: getattr(facts, name) for name in _NAMES}
    return {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}


def edit_item(session: Session, item_id: int, changes: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Change an item by field; what its status has settled is refused. Returns the fields that changed.

    `published_on` corrects the day of publication while the item is not evaluated yet.
    """
    row = get(session, item_id)
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    rules.check_editable(row.status, changed)
    if "published_on" in changed:
        _check_published_on(changes["published_on"], london_day(now))
    if changes.get("campaign_id") is not None and "campaign_id" in changed:
        _campaign(session, changes["campaign_id"])
    refuse(rules.check_item(ItemFacts(**_facts(row) | {n: v for n, v in changes.items() if n in _NAMES}), row.status))
    for name in changed:
        setattr(row, name, changes[name])
    if changed:
        if _CALENDAR_FIELDS & set(changed):
            row.revision += 1
        row.changed_at = now
        kind = "edited" if set(changed) & set(rules.CONTENT) else "moved" if "planned_on" in changed else "noted"
        _event(session, item_id, kind, now, reason=", ".join(changed))
        log.record(session, log.ALTERATION, comms_item=item_id, fields=changed)
    return changed


def reschedule(session: Session, item_id: int, to: date, *, now: datetime) -> bool:
    """Plan an item for another day; False when it stands there already. An approval holds on."""
    return bool(edit_item(session, item_id, {"planned_on": to}, now=now))


def plan(session: Session, item_id: int, *, now: datetime) -> None:
    """Turn an idea into a plan."""
    row = get(session, item_id)
    refuse(rules.check_item(ItemFacts(**_facts(row)), rules.PLANNED))
    _move(session, row, rules.PLANNED, now)


def approve(session: Session, item_id: int, *, now: datetime) -> None:
    """Approve a planned item as somebody who neither wrote, changed nor planned it."""
    row = get(session, item_id)
    rules.move(row.status, rules.APPROVED)
    rules.check_approver(_authors(session, row), _user(session))
    row.approved_by, row.approved_at = _user(session), now
    _move(session, row, rules.APPROVED, now)


def report_approval(session: Session, item_id: int, approval: ReportedApproval, *, now: datetime) -> None:
    """Record that a planned item was approved outside the desk; it is marked, and can be confirmed later."""
    row = get(session, item_id)
    rules.move(row.status, rules.APPROVED)
    refuse(rules.check_reported(approval, _authors(session, row), london_day(now)))
    row.reported_name, row.reported_role = approval.name.strip(), approval.role.strip()
    row.reported_on, row.reported_reference = approval.on, approval.reference.strip()
    _move(session, row, rules.APPROVED, now, reason="approval reported from outside")
    log.record(session, log.ALTERATION, comms_item=item_id, fields=["reported_approval"])


def confirm_approval(session: Session, item_id: int, *, now: datetime) -> None:
    """Confirm, under one's own passphrase, an approval that was reported from outside."""
    row = get(session, item_id)
    if row.approved_by is not None:
        raise Refused(f"This approval is confirmed already, by {row.approved_by}.")
    rules.check_confirmation(_reported(row), _authors(session, row), _user(session))
    row.approved_by, row.approved_at, row.changed_at = _user(session), now, now
    _event(session, item_id, "confirmed", now)
    log.record(session, log.ALTERATION, comms_item=item_id, fields=["approved_by", "approved_at"])


def _reported(row: CommsItem) -> ReportedApproval | None:
    if row.reported_name is None:
        return None
    return ReportedApproval(row.reported_name, row.reported_role or "", row.reported_on, row.reported_reference or "")


def authors(session: Session, item_id: int) -> set[str]:
    """Who wrote, changed or planned an item, and so does not approve it."""
    return _authors(session, get(session, item_id))


def _authors(session: Session, row: CommsItem) -> set[str]:
    done = session.scalars(
        select(CommsEvent.by).where(CommsEvent.item_id == row.id, CommsEvent.kind.in_(("status", "edited")))
    )
    return {row.recorded_by, *done}


def publish(
    session: Session, item_id: int, on: date, *, now: datetime, reach: int | None = None, reach_basis: str = ""
) -> None:
    """Record that an approved item was published on that day."""
    row = get(session, item_id)
    rules.move(row.status, rules.PUBLISHED)
    _check_published_on(on, london_day(now))
    row.published_on = on
    if reach is not None:
        refuse(rules.check_item(ItemFacts(**_facts(row) | {"reach": reach, "reach_basis": reach_basis}), row.status))
        row.reach, row.reach_basis = reach, reach_basis.strip()
    _move(session, row, rules.PUBLISHED, now)


def _check_published_on(on: date | None, today: date) -> None:
    if on is None:
        raise Refused("A published item has its day; enter it.", field="published_on")
    if on > today:
        raise Refused(f"{long_day(on)} lies in the future; publish the item on its day.", field="published_on")


def evaluate(session: Session, item_id: int, evaluation: str, *, verdict: str, effect: str, now: datetime) -> None:
    """Close an item with what was made of it; `verdict` and `effect` are those of `records_effect.effect` now."""
    row = get(session, item_id)
    rules.move(row.status, rules.EVALUATED)
    if not evaluation.strip():
        raise Refused("An evaluation says in words what was learnt; write it.", field="evaluation")
    row.evaluation, row.verdict, row.effect = evaluation.strip(), verdict, effect
    _move(session, row, rules.EVALUATED, now)


def cancel(session: Session, item_id: int, reason: str, *, now: datetime) -> None:
    """Cancel an item with the reason; it leaves calendar and chart and stays in its list."""
    row = get(session, item_id)
    rules.move(row.status, rules.CANCELLED, reason)
    row.cancelled_at, row.cancelled_why = now, reason.strip()
    _move(session, row, rules.CANCELLED, now, reason=reason.strip())


def _move(session: Session, row: CommsItem, to: str, now: datetime, *, reason: str | None = None) -> None:
    before, row.status = row.status, rules.move(row.status, to, reason)
    row.revision += 1
    row.changed_at = now
    _event(session, row.id, "status", now, from_status=before, to_status=to, reason=reason)
    log.record(session, log.ALTERATION, comms_item=row.id, fields=["status"])


def _event(session: Session, item_id: int, kind: str, at: datetime, **more: str | None) -> None:
    told = {"from_status": None, "to_status": None, "reason": None} | more
    session.add(CommsEvent(item_id=item_id, at=at, by=_user(session), kind=kind, **told))
    session.flush()


def get(session: Session, item_id: int) -> CommsItem:
    """The stored item; Refused if it is not there."""
    row = session.get(CommsItem, item_id)
    if row is None:
        raise Refused("That item is not there any more; read the list again.")
    return row


def _facts(row: CommsItem) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}


def _user(session: Session) -> str:
    return str(session.info["user"].name)


# --- reading -----------------------------------------------------------------------------------------------


def items(
    session: Session,
    *,
    force: str = rules.JOINT,
    statuses: Collection[str] = (),
    campaign_id: int | None = None,
    ids: Collection[int] = (),
    as_at: datetime | None = None,
) -> list[ItemRow]:
    """Items that reach a force (all for Joint), of these statuses or ids where any are named, in order of days.

    Items without a day come last. With an instant they stand as they stood then, by what happened and when; for
    what was typed of an item since, such as its title, the newest words hold.
    """
    query = select(CommsItem, CommsCampaign.title).outerjoin(CommsCampaign, CommsCampaign.id == CommsItem.campaign_id)
    if statuses:
        query = query.where(CommsItem.status.in_(statuses))
    if campaign_id is not None:
        query = query.where(CommsItem.campaign_id == campaign_id)
    if ids:
        query = query.where(CommsItem.id.in_(ids))
    evidence: dict[int, int] = {}
    named = select(CommsEvidence.item_id)
    for item_id in session.scalars(named if as_at is None else named.where(CommsEvidence.recorded_at <= as_at)):
        evidence[item_id] = evidence.get(item_id, 0) + 1
    found = [_row(row, campaign or "", evidence.get(row.id, 0)) for row, campaign in session.execute(query)]
    if as_at is not None:
        found = _as_they_stood(session, found, as_at)
    return sorted(rules.of_force(found, force), key=lambda row: (row.day is None, row.day or date.min, row.id))


def _as_they_stood(session: Session, rows: Iterable[ItemRow], as_at: datetime) -> list[ItemRow]:
    query = select(CommsEvent.item_id, CommsEvent.to_status).where(
        CommsEvent.kind == "status", CommsEvent.at <= as_at
    )  # fmt: skip
    stood: dict[int, str] = {
        item_id: status for item_id, status in session.execute(query.order_by(CommsEvent.at, CommsEvent.id)) if status
    }
    day = london_day(as_at)
    found = []
    for row in rows:
        is_out = row.published_on is not None and row.published_on <= day
        status = stood.get(row.id, rules.PUBLISHED if is_out else "")
        if not status:
            continue  # not written down yet
        if is_out and status in (rules.IDEA, rules.PLANNED, rules.APPROVED):
            status = rules.PUBLISHED  # it was, and was typed later
        was_cancelled, was_evaluated = status == rules.CANCELLED, status == rules.EVALUATED
        found.append(
            replace(
                row, status=status, published_on=row.published_on if is_out else None,
                approved_at=row.approved_at if row.approved_at is not None and row.approved_at <= as_at else None,
                cancelled_at=row.cancelled_at if was_cancelled else None,
                cancelled_why=row.cancelled_why if was_cancelled else None,
                evaluation=row.evaluation if was_evaluated else "", verdict=row.verdict if was_evaluated else "",
                effect=row.effect if was_evaluated else "",
            )
        )  # fmt: skip
    return found


def item(session: Session, item_id: int) -> ItemRow:
    """One item; Refused if it is not there."""
    found = items(session, ids=[item_id])
    if not found:
        raise Refused("That item is not there any more; read the list again.")
    return found[0]


def _row(row: CommsItem, campaign: str, evidence: int) -> ItemRow:
    return ItemRow(
        row.id, ItemFacts(**_facts(row)), campaign, row.series_id, row.status, row.published_on, row.evaluation,
        row.verdict, row.effect, row.recorded_by, row.approved_by, row.approved_at, row.cancelled_at, row.cancelled_why,
        evidence, row.revision, row.changed_at, _reported(row),
    )  # fmt: skip


def history(session: Session, item_id: int) -> list[EventRow]:
    """What happened to an item, oldest first."""
    query = select(CommsEvent).where(CommsEvent.item_id == item_id).order_by(CommsEvent.id)
    return [EventRow(e.at, e.by, e.kind, e.from_status, e.to_status, e.reason) for e in session.scalars(query)]


def published(rows: Iterable[ItemRow], until: date) -> list[ItemRow]:
    """Those of the rows that were published by that day and not cancelled by then."""
    return [
        row
        for row in rows
        if row.published_on is not None
        and row.published_on <= until
        and (row.cancelled_at is None or london_day(row.cancelled_at) > until)
    ]


def audiences(session: Session) -> list[str]:
    """The audiences used so far, for a list to choose from."""
    found: Sequence[str] = session.scalars(select(CommsItem.audience).distinct()).all()
    by_key = {rules.audience_key(each): each for each in sorted(found) if each}
    return sorted(by_key.values(), key=str.casefold)
