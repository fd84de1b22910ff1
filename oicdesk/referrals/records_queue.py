"""The queue: which referrals stand where, page by page, and one case with its history. No person is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Table, case, func, select
from sqlalchemy.orm import Session

from oicdesk.referrals import records_chasers, records_clock, records_exemptions, records_views, rules, rules_clock
from oicdesk.referrals.records import FACTS, SORTED, WITHDRAWN, Referral, ReferralEvent, ReferralNote, get, note_stands
from oicdesk.referrals.records_teams import renames
from oicdesk.referrals.records_views import Spec
from oicdesk.referrals.rules_clock import Pause
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day

# The table's columns, not the class's: a page of plain rows needs nothing of the ORM, which doubles its time.
_TABLE = cast(Table, Referral.__table__)
_C = _TABLE.c
_EVENT = cast(Table, ReferralEvent.__table__).c


@dataclass(frozen=True)
class QueueRow:
    """A line of the queue; `reason` is in words, `persons` a count."""

    id: int
    reference: str
    force: str | None
    team: str | None
    reporting_officer: str | None
    collar: str | None
    reason: str
    contact_at: datetime
    contact_at_known: bool
    due_at: datetime | None
    status: str
    persons: int
    is_overdue: bool
    age_working_days: int
    next_action: str
    next_at: datetime | None
    safeguarding_incomplete: bool
    pauses: tuple[Pause, ...] = ()
    snoozed_until: date | None = None
    is_paused: bool = False


class Queue:
    """The rows of one view for one scope and filter; SQL sorts, filters and counts."""

    def __init__(
        self,
        session: Session,
        view: str,
        *,
        now: datetime,
        force: str = "Joint",
        words: str = "",
        desk: Reference | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> None:
        self._session, self._now = session, now
        self._desk = desk or reference(session)
        spec = Spec(view, words, filters or {})
        teams = renames(session) if spec.is_narrowed else ()
        self._where = records_views.conditions(spec, now, force, self._desk, teams=teams, user=session.info["user"])

    def count(self) -> int:
        """How many rows there are."""
        return self._session.scalar(select(func.count()).select_from(_TABLE).where(*self._where)) or 0

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = False) -> list[QueueRow]:
        """`limit` rows from `offset` in that order; the oldest contact first unless told."""
        ids = _ordered(select(_C.id).where(*self._where).offset(offset).limit(limit), sort, descending)
        found = self._session.execute(_ordered(_LINES.where(_C.id.in_(ids)), sort, descending))
        return _rows(found, self._now, self._desk)

    def position(self, referral_id: int, sort: str | None = None, descending: bool = False) -> int | None:
        """The place of a referral in that order, or None if it is not in this view."""
        column: ColumnElement[Any] = _C[sort or "contact_at"]
        one = select(column, _C.id).where(_C.id == referral_id, *self._where)
        own = self._session.execute(one).first()
        if own is None:
            return None
        count = select(func.count()).select_from(_TABLE).where(_before(column, own[0], referral_id, descending))
        return self._session.scalar(count.where(*self._where))


def _before(column: ColumnElement[Any], value: Any, row_id: int, descending: bool) -> ColumnElement[bool]:
    """What stands before a row; SQLite puts rows without a value first."""
    by_id = _C.id > row_id if descending else _C.id < row_id
    if value is None:
        return column.is_not(None) | (column.is_(None) & by_id) if descending else column.is_(None) & by_id
    first: ColumnElement[bool] = column > value if descending else (column < value) | column.is_(None)
    same: ColumnElement[bool] = (column == value) & by_id
    return first | same


def _ordered(query: Select[int], sort: str | None, descending: bool) -> Select[int]:
    if sort is not None and sort not in SORTED:
        raise ValueError(f"not a column that sorts: {sort}")
    column = _C[sort or "contact_at"]
    return query.order_by(*((column.desc(), _C.id.desc()) if descending else (column, _C.id)))


# What a line needs, in one statement: asking for each part by itself costs more than reading the rows.
_LINES = select(
    _C.id, _C.reference, _C.force, _C.team, _C.officer_name, _C.officer_collar,
    _C.reason, _C.contact_at, _C.contact_at_known, _C.due_at, _C.status,
    _C.persons, _C.safeguarding_incomplete,
    records_chasers.chased_roles(_TABLE).label("chased"),
    records_exemptions.is_waiting(_TABLE).label("approval_waiting"),
    case(
        (
            _C.status == rules.RETURNED,
            select(func.max(_EVENT.at))
            .where(_EVENT.referral_id == _C.id, _EVENT.to_status == rules.RETURNED, _EVENT.kind == "status")
            .scalar_subquery(),
        )
    ).label("returned_at"),
    records_clock.pauses_in(_TABLE).label("pauses"),
    records_clock.put_off_until(_TABLE).label("snoozed_until"),
)  # fmt: skip


def queue_rows(session: Session, ids: Sequence[int], now: datetime, desk: Reference) -> list[QueueRow]:
    """These referrals as lines, in the order of `ids`."""
    rows = {row.id: row for row in _rows(session.execute(_LINES.where(_C.id.in_(ids))), now, desk)}
    return [rows[i] for i in ids if i in rows]


def _rows(found: Iterable[Any], now: datetime, desk: Reference) -> list[QueueRow]:
    steps, correction_days = chaser_steps(desk), desk.setting("correction_due_working_days")
    rows = []
    for row in found:
        returned, pauses = row.returned_at, records_clock.as_pauses(row.pauses)
        standing = rules.Standing(
            status=row.status,
            due=row.due_at,
            missing=tuple(_missing(row)) if row.status == rules.NEW else (),
            approval_waiting=row.approval_waiting,
            chased=frozenset(row.chased.split(records_chasers.BETWEEN)) if row.chased else frozenset(),
            correction_due=rules.correction_due(returned, desk.holidays_of(row.force), correction_days)
            if returned
            else None,
            pauses=pauses,
        )
        rows.append(_row(row, rules.next_action(standing, now, steps), now, desk, pauses))
    return rows


def _row(row: Any, action: rules.NextAction, now: datetime, desk: Reference, pauses: tuple[Pause, ...]) -> QueueRow:
    until = row.snoozed_until if rules_clock.is_snoozed(row.snoozed_until, london_day(now)) else None
    return QueueRow(
        id=row.id, reference=row.reference, force=row.force, team=row.team, reporting_officer=row.officer_name,
        collar=row.officer_collar,
        reason=desk.label("contact_reason", row.reason, london_day(row.contact_at)),
        contact_at=row.contact_at, contact_at_known=row.contact_at_known, due_at=row.due_at, status=row.status,
        persons=row.persons, is_overdue=rules.is_overdue(row.status, row.due_at, now),
        age_working_days=rules_clock.worked_days(row.contact_at, now, pauses, desk.holidays_of(row.force)),
        next_action=action.words, next_at=action.when, safeguarding_incomplete=row.safeguarding_incomplete,
        pauses=pauses, snoozed_until=until, is_paused=rules_clock.is_paused(pauses, now),
    )  # fmt: skip


def chaser_steps(desk: Reference) -> tuple[rules.ChaserStep, ...]:
    """The desk's chaser steps."""
    names = {"officer": rules.OFFICER, "supervisor": rules.SUPERVISOR, "inspector": rules.INSPECTOR}
    return tuple(rules.ChaserStep(desk.setting(f"chaser_{key}_hours"), role) for key, role in names.items())


def _missing(row: Any) -> list[str]:
    return rules.missing_facts(
        rules.ReferralFacts(
            force=row.force, contact_at=row.contact_at if row.contact_at_known else None, reason=row.reason,
            reporting_officer=row.officer_name, collar=row.officer_collar,
        )
    )  # fmt: skip


# --- one case ---


@dataclass(frozen=True)
class EventRow:
    """One line of a case's timeline."""

    at: datetime
    recorded_at: datetime
    by: str
    kind: str
    from_status: str | None
    to_status: str | None
    reason: str | None


@dataclass(frozen=True)
class NoteRow:
    """A note: `kind` is "fact", "assessment" or None for words as received."""

    id: int
    at: datetime
    by: str
    kind: str | None
    text: str


def facts_of(session: Session, referral_id: int) -> dict[str, Any]:
    """The facts of a contact as a form edits them; a contact time that is not known is None."""
    referral = get(session, referral_id)
    values = {name: getattr(referral, name) for name in FACTS}
    return values | {"contact_at": referral.contact_at if referral.contact_at_known else None}


def timeline(session: Session, referral_id: int) -> list[EventRow]:
    """What happened to a case, newest first."""
    rows = session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral_id)
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
    )
    return [EventRow(r.at, r.recorded_at, r.by, r.kind, r.from_status, r.to_status, r.reason) for r in rows]


def returned_at(session: Session, referral_id: int) -> datetime | None:
    """When a case was last returned for correction."""
    return session.scalar(
        select(func.max(ReferralEvent.at)).where(
            ReferralEvent.referral_id == referral_id, ReferralEvent.to_status == rules.RETURNED,
            ReferralEvent.kind == "status",
        )
    )  # fmt: skip


def notes(session: Session, referral_id: int) -> list[NoteRow]:
    """The notes of a case that stand, newest first."""
    rows = session.scalars(
        select(ReferralNote)
        .where(ReferralNote.referral_id == referral_id, note_stands())
        .order_by(ReferralNote.id.desc())
    )
    return [NoteRow(r.id, r.at, r.by, r.kind, r.text) for r in rows]


def register_size(session: Session) -> int:
    """How many referrals the register holds, undone imports left out."""
    return session.scalar(select(func.count()).select_from(Referral).where(Referral.stage < WITHDRAWN)) or 0
