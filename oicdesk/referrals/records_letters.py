"""Chasers as messages: who is to be asked now, about which of their cases, in which words; and who has not answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.orm import Session, aliased

from oicdesk.referrals import (
    records_chasers,
    records_clock,
    records_officers,
    records_queue,
    records_teams,
    records_templates,
    rules,
)
from oicdesk.referrals.records import NEEDS, RETURNED, Referral, ReferralEvent
from oicdesk.referrals.records_chasers import Chaser
from oicdesk.referrals.records_officers import OfficerRow
from oicdesk.referrals.rules_chasers import Addressee, DueCase, Letter, groups, write_letter
from oicdesk.referrals.rules_clock import Pause, is_paused
from oicdesk.referrals.rules_officers import name_on, spoken_name
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day
from oicdesk.vault import log

MOST = 2000  # more cases than this at once nobody chases; the oldest due come first
DOCUMENT, CORRECTION = "document", "correction"
_TABLE = cast(Table, Referral.__table__)
_C = _TABLE.c


def due_cases(session: Session, *, now: datetime, force: str = "Joint", ids: Sequence[int] = ()) -> list[DueCase]:
    """The cases whose next chaser is due, oldest due first; with `ids` those of them."""
    desk = reference(session)
    found = [*_for_documents(session, desk, now, force, ids), *_for_corrections(session, desk, now, force, ids)]
    return sorted(found, key=lambda case: (case.step_at, case.id))


def _rows(session: Session, stage: int, now: datetime, force: str, ids: Sequence[int], *where: Any) -> list[Any]:
    """Cases of this stage that nobody has put off."""
    wanted = [_C.stage == stage, _C.id.not_in(records_clock.snoozed_ids(now)), *where]
    if force != "Joint":
        wanted.append(_C.force == force)
    if ids:
        wanted.append(_C.id.in_(ids))
    columns = (
        _C.id, _C.reference, _C.force, _C.team, _C.officer_name, _C.officer_collar, _C.supervisor, _C.incident_ref,
        _C.contact_at, _C.due_at, _C.status, records_chasers.chased_roles(_TABLE).label("chased"),
        records_clock.pauses_in(_TABLE).label("pauses"),
    )  # fmt: skip
    return list(session.execute(select(*columns).where(*wanted).order_by(_C.due_at, _C.id).limit(MOST)))


def _for_documents(
    session: Session, desk: Reference, now: datetime, force: str, ids: Sequence[int]
) -> Iterable[DueCase]:
    steps = records_queue.chaser_steps(desk)
    soonest = now - timedelta(hours=min(step.hours for step in steps))
    rows = _rows(session, NEEDS, now, force, ids, _C.status == rules.AWAITING_DOCUMENT, _C.due_at <= soonest)
    last = _last(session, [row.id for row in rows])
    for row in rows:
        step = rules.next_chaser(_roles(row.chased), steps)
        if step is None:
            continue
        pauses = records_clock.as_pauses(row.pauses)
        at = rules.chaser_at(step, row.due_at, pauses, now)
        if at <= now and not is_paused(pauses, now):
            yield _case(row, DOCUMENT, row.due_at, step.to, at, last.get(row.id), pauses)


def _for_corrections(
    session: Session, desk: Reference, now: datetime, force: str, ids: Sequence[int]
) -> Iterable[DueCase]:
    rows = [
        row
        for row in _rows(session, RETURNED, now, force, ids)
        if not is_paused(records_clock.as_pauses(row.pauses), now)
    ]
    returned, last = _returned(session, [row.id for row in rows]), _last(session, [row.id for row in rows])
    days = desk.setting("correction_due_working_days")
    for row in rows:
        due = rules.correction_due(returned[row.id], desk.holidays_of(row.force), days)
        asked = last.get(row.id)
        if due < now and (asked is None or asked <= due):
            yield _case(row, CORRECTION, due, rules.OFFICER, due, asked)


def _case(
    row: Any, wanted: str, due: datetime, role: str, at: datetime, last: datetime | None, pauses: tuple[Pause, ...] = ()
) -> DueCase:
    return DueCase(
        row.id, row.reference, row.force or "", row.team or "", row.officer_name or "", row.officer_collar or "",
        row.supervisor or "", row.incident_ref or "", row.contact_at, due, wanted, role, at, last, pauses,
    )  # fmt: skip


def _roles(kept: str | None) -> frozenset[str]:
    return frozenset(kept.split(records_chasers.BETWEEN)) if kept else frozenset()


def _last(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for part in _parts(ids):
        query = select(Chaser.referral_id, func.max(Chaser.at)).where(Chaser.referral_id.in_(part))
        found |= dict(session.execute(query.group_by(Chaser.referral_id)).all())
    return found


def _returned(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for part in _parts(ids):
        query = select(ReferralEvent.referral_id, func.max(ReferralEvent.at)).where(
            ReferralEvent.referral_id.in_(part), ReferralEvent.to_status == rules.RETURNED,
            ReferralEvent.kind == "status",
        )  # fmt: skip
        found |= dict(session.execute(query.group_by(ReferralEvent.referral_id)).all())
    return found


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


# --- whom to ask ---


def addressee(session: Session, case: DueCase, today: date) -> Addressee:
    """Who is asked at this step: the officer; the supervisor while the officer is away or has left."""
    return _addressed(session, case, _officer(session, case, today), today)


def _addressed(session: Session, case: DueCase, officer: OfficerRow | None, today: date) -> Addressee:
    if case.role == rules.INSPECTOR:
        return Addressee(rules.INSPECTOR, rules.INSPECTOR, "")
    if case.role == rules.OFFICER:
        if officer is None:
            return Addressee(rules.OFFICER, case.officer, case.force)
        if not officer.not_there:
            return _to(rules.OFFICER, officer, "")
        return _supervisor(session, case, officer, today, f"{officer.called} is away or has left: {officer.not_there}.")
    return _supervisor(session, case, officer, today, "")


def _supervisor(session: Session, case: DueCase, officer: OfficerRow | None, today: date, why: str) -> Addressee:
    name = (officer.supervisor if officer is not None else "") or case.supervisor
    if not name:
        team = (officer.team if officer is not None else "") or case.team
        unknown = f"Supervisor of {team}" if team else f"Supervisor of {case.officer}"
        return Addressee(rules.SUPERVISOR, unknown, case.force, "", why)
    found = records_officers.by_name(session, case.force, name)
    if found is None:
        return Addressee(rules.SUPERVISOR, name, case.force, "", why)
    return _to(rules.SUPERVISOR, records_officers.officer_rows(session, [found], today)[0], why)


def _to(role: str, officer: OfficerRow, why: str) -> Addressee:
    dear = " ".join(filter(None, (officer.rank, spoken_name(officer.name)))) if officer.name else ""
    return Addressee(role, officer.called, officer.force, officer.email, why, officer.id, dear)


def _officer(session: Session, case: DueCase, today: date) -> OfficerRow | None:
    found = records_officers.lookup(session, case.force, case.officer_collar, case.officer_name)
    return None if found is None else records_officers.officer_rows(session, [found], today)[0]


def letters(session: Session, cases: Sequence[DueCase], *, now: datetime) -> list[Letter]:
    """One message for each person to be asked, about all of their cases, whoever waits longest first."""
    desk, today = reference(session), london_day(now)
    known: dict[tuple[str, ...], tuple[Addressee, str]] = {}
    pairs, renames = [], records_teams.renames(session)
    for case in cases:
        key = (case.role, case.force, case.officer_collar, case.officer_name, case.supervisor, case.team)
        if key not in known:
            officer = _officer(session, case, today)
            team = officer.team if officer is not None else ""
            to = _addressed(session, case, officer, today)
            known[key] = to, team or name_on(renames, case.force, case.team, today)
        pairs.append((known[key][0], replace(case, team=known[key][1])))
    templates = {role: records_templates.template(session, role).template for role in {to.role for to, _c in pairs}}
    sender, marking = session.info["user"].name, desk.setting("marking")
    return [
        write_letter(templates[to.role], to, their, now=now, today=today, sender=sender, marking=marking)
        for to, their in groups(pairs)
    ]


# --- sent and answered ---


def sent(session: Session, letter: Letter, channel: str, *, now: datetime) -> list[int]:
    """Log that a message leaves the desk, and record a chaser for each of its cases with its next step due."""
    kept = records_templates.template(session, letter.to.role).name
    steps = records_queue.chaser_steps(reference(session))
    log.record(
        session, log.DISCLOSURE, referral=list(letter.case_ids), recipient=letter.to.name,
        purpose="chasing an intelligence document", detail=f"chaser by {channel}",
    )  # fmt: skip
    ids = []
    for case in letter.cases:
        kept_roles = session.scalar(select(records_chasers.chased_roles(_TABLE)).where(_C.id == case.id))
        chased = _roles(kept_roles) | {letter.to.role}
        step = rules.next_chaser(chased, steps) if case.wanted == DOCUMENT else None
        following = None if step is None else rules.chaser_at(step, case.due_at, case.pauses, now)
        ids.append(records_chasers.chase(
            session, case.id, letter.to.role, channel, at=now, to_name=letter.to.name, template=kept,
            officer_id=letter.to.officer_id, next_at=following,
        ))  # fmt: skip
    return ids


@dataclass(frozen=True)
class AwaitedRow:
    """A chaser that brought no answer while its case still waits."""

    id: int
    referral_id: int
    reference: str
    force: str
    team: str
    officer: str
    to_role: str
    to_name: str
    channel: str
    at: datetime
    next_at: datetime | None


def awaited(session: Session, *, now: datetime, force: str = "Joint") -> list[AwaitedRow]:
    """Who has not answered what, the longest wait first, with the step that comes next as it stands now."""
    asked = aliased(Chaser)  # the part that tells whom a case has chased reads the table itself
    steps = records_queue.chaser_steps(reference(session))
    where: list[ColumnElement[bool]] = [asked.result.is_(None), _C.stage.in_((NEEDS, RETURNED))]
    if force != "Joint":
        where.append(_C.force == force)
    query = (
        select(
            asked.id, asked.referral_id, _C.reference, _C.force, _C.team, _C.officer_name, _C.officer_collar,
            asked.to_role, asked.to_name, asked.channel, asked.at, _C.status, _C.due_at,
            records_chasers.chased_roles(_TABLE).label("chased"), records_clock.pauses_in(_TABLE).label("pauses"),
        )
        .join(Referral, _C.id == asked.referral_id)
        .where(*where)
        .order_by(asked.at, asked.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        AwaitedRow(
            row.id, row.referral_id, row.reference, row.force or "", row.team or "",
            ", ".join(filter(None, (row.officer_name, row.officer_collar))), row.to_role, row.to_name or "",
            row.channel, row.at, _next_at(row, steps, now),
        )
        for row in session.execute(query)
    ]  # fmt: skip


def _next_at(row: Any, steps: Sequence[rules.ChaserStep], now: datetime) -> datetime | None:
    step = rules.next_chaser(_roles(row.chased), steps) if row.status == rules.AWAITING_DOCUMENT else None
    if step is None or row.due_at is None:
        return None
    return rules.chaser_at(step, row.due_at, records_clock.as_pauses(row.pauses), now)


def answered(session: Session, ids: Sequence[int], result: str, *, now: datetime) -> None:
    """Record one answer for several chasers, as when an officer writes back about all of their cases."""
    for chaser_id in ids:
        records_chasers.answered(session, chaser_id, result, now=now)


@dataclass(frozen=True)
class UnpassedRow:
    """A contact that has no reference of the NCCU yet, or that it has not acknowledged."""

    id: int
    reference: str
    force: str
    team: str
    officer: str
    contact_at: datetime
    passed_at: datetime | None
    acknowledged_at: datetime | None
    lacks: str


def without_nccu_reference(session: Session, *, force: str = "Joint") -> list[UnpassedRow]:
    """Contacts without a reference of the NCCU, the oldest first; those done with are left out."""
    where: list[ColumnElement[bool]] = [
        _C.stage.in_((NEEDS, RETURNED)) | _C.status.in_((rules.SUBMITTED, rules.ACCEPTED))
    ]
    where.append(func.coalesce(_C.nccu_ref, "") == "")
    if force != "Joint":
        where.append(_C.force == force)
    columns = (
        _C.id, _C.reference, _C.force, _C.team, _C.officer_name, _C.officer_collar, _C.contact_at,
        _C.nccu_passed_at, _C.nccu_acknowledged_at,
    )  # fmt: skip
    rows = session.execute(select(*columns).where(*where).order_by(_C.contact_at, _C.id).limit(MOST))
    return [
        UnpassedRow(
            row.id, row.reference, row.force or "", row.team or "",
            ", ".join(filter(None, (row.officer_name, row.officer_collar))), row.contact_at, row.nccu_passed_at,
            row.nccu_acknowledged_at, _lacks(row.nccu_passed_at, row.nccu_acknowledged_at),
        )
        for row in rows
    ]  # fmt: skip


def _lacks(passed_at: datetime | None, acknowledged_at: datetime | None) -> str:
    if passed_at is None and acknowledged_at is None:
        return "not recorded as passed on"
    return "passed on, not acknowledged" if acknowledged_at is None else "acknowledged without a reference"
