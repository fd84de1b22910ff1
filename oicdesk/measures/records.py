"""Reads training and cases, each by its own functions, and puts only finished counts beside each other.

No query here names a person of one side together with a record of the other; a test watches the SQL.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oicdesk.audits import records as audits
from oicdesk.audits import rules as audit_rules
from oicdesk.comms import records as comms
from oicdesk.comms import rules as comms_rules
from oicdesk.comms import rules_effect
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import CaseRow, cases_as_at
from oicdesk.documents.rules import Coverage, OnTime
from oicdesk.measures import rules
from oicdesk.measures.rules import SideBySide, TeamCount, Waiting
from oicdesk.recommendations import records_plans
from oicdesk.referrals.records import WITHDRAWN, Referral
from oicdesk.referrals.records_exemptions import Exemption
from oicdesk.referrals.records_queue import chaser_steps
from oicdesk.referrals.records_teams import renames
from oicdesk.referrals.rules import INSPECTOR
from oicdesk.referrals.rules_officers import name_on
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day, start_of_day
from oicdesk.training import records_figures
from oicdesk.training import rules as training_rules
from oicdesk.training.rules import JOINT, Figures

FORCES = ("Suffolk", "Norfolk")
_WEEKS = 26


def side_by_side(session: Session, as_at: datetime, force: str = JOINT) -> SideBySide:
    """Share trained in all modules beside share documented on time, by team, as at an instant."""
    day, called = london_day(as_at), renames(session)
    counts = (_trained(session, as_at, force), _timely(cases_as_at(session, as_at), as_at, force))
    trained, timely = (
        [one._replace(team=name_on(called, one.force, one.team, day)) for one in side] for side in counts
    )
    return rules.side_by_side(trained, timely, force=force, day=day)


def _trained(session: Session, as_at: datetime, force: str) -> list[TeamCount]:
    past = records_figures.history(session).on(london_day(as_at))
    found = []
    for one in _forces(force):
        scoped = past.of_force(one)
        courses = {code: training_rules.course_figure(scoped, code) for code in scoped.modules()}
        together = training_rules.all_modules_figure(scoped, courses)
        teams = training_rules.by_group(scoped, together, "team")
        found += [TeamCount(one, row.name, row.in_scope, row.completed) for row in teams]
    return found


def _timely(cases: Iterable[CaseRow], as_at: datetime, force: str) -> list[TeamCount]:
    since = start_of_day(rules.first_day(london_day(as_at)))
    groups: dict[tuple[str, str], list[document_rules.CaseAsAt]] = {}
    for row in cases:
        facts, of_force = row.facts, row.facts.force
        if of_force in _forces(force) and row.team and facts.contact_at is not None and facts.contact_at >= since:
            groups.setdefault((of_force or "", row.team), []).append(facts)
    found = []
    for (of_force, team), group in groups.items():
        counted = document_rules.on_time(group, as_at)
        if counted.due:
            found.append(TeamCount(of_force, team, counted.due, counted.on_time))
    return found


def _forces(force: str) -> Sequence[str]:
    return FORCES if force == JOINT else (force,)


def training_by_force(session: Session, as_at: datetime) -> Mapping[str, Figures]:
    """The training figures of both forces and the joint ones, for papers that are suppressed together."""
    day, past = london_day(as_at), records_figures.history(session)
    return {one: records_figures.figures(session, day, one, past=past) for one in (*FORCES, JOINT)}


# --- the weekly brief --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BriefRow:
    """What the inspector's page says of the register of one scope; `asks` are at most three sentences."""

    force: str
    coverage: Coverage
    on_time: OnTime
    week: str
    documents: int
    safeguarding: int
    asks: tuple[str, ...]


def brief(session: Session, as_at: datetime, force: str = JOINT) -> BriefRow:
    """The week behind in figures, whether it is change or noise, and what is asked of the inspector."""
    rows = [row for row in cases_as_at(session, as_at) if row.facts.force in _forces(force)]
    cases = [row.facts for row in rows]
    weeks = rules_effect.weeks(cases, as_at, count=_WEEKS)
    whole = [week.percent for week in weeks if week.is_whole and week.percent is not None]
    since = as_at - timedelta(days=7)
    return BriefRow(
        force=force,
        coverage=document_rules.coverage(cases, as_at),
        on_time=document_rules.on_time(cases, as_at),
        week=rules.week_in_words(whole),
        documents=sum(case.first_submitted_at is not None and case.first_submitted_at > since for case in cases),
        safeguarding=_safeguarding(session, force),
        asks=tuple(rules.asks(_waiting(session, rows, as_at, force))),
    )


def _safeguarding(session: Session, force: str) -> int:
    query = select(func.count()).where(
        Referral.safeguarding_incomplete, Referral.stage < WITHDRAWN, Referral.force.in_(_forces(force))
    )
    return session.scalar(query) or 0


def _waiting(session: Session, cases: Sequence[CaseRow], as_at: datetime, force: str) -> Waiting:
    asked, oldest = _exemptions(session, as_at, force)
    days = next(step.hours for step in chaser_steps(reference(session)) if step.to == INSPECTOR) // 24
    late = _long_overdue(cases, as_at, days)
    found = records_figures.figures(session, london_day(as_at), force)
    plans = records_plans.plans(session, force=force, as_at=as_at)
    return Waiting(
        exemptions=asked,
        oldest_exemption=None if oldest is None else london_day(oldest),
        audits=_audits(session, as_at, force),
        items=_items(session, as_at, force),
        plans=tuple(plan.title for plan in plans if plan.waits is not None),
        long_overdue=len(late),
        overdue_days=days,
        overdue_teams=_teams(late),
        training_gap=_gap(session, found, as_at, force),
        hydra_for_nobody=found.hydra is not None and not found.hydra.in_scope,
    )


def _exemptions(session: Session, as_at: datetime, force: str) -> tuple[int, datetime | None]:
    row = Exemption
    query = (
        select(func.count(), func.min(row.requested_at))
        .join(Referral, Referral.id == row.referral_id)
        .where(
            Referral.force.in_(_forces(force)), Referral.stage < WITHDRAWN, row.requested_at <= as_at,
            row.approved_at.is_(None) | (row.approved_at > as_at),
            row.reported_on.is_(None) | (row.reported_on > london_day(as_at)),
            row.ended_at.is_(None) | (row.ended_at > as_at),
        )
    )  # fmt: skip
    count, oldest = session.execute(query).one()
    return count, oldest


def _audits(session: Session, as_at: datetime, force: str) -> tuple[str, ...]:
    found = []
    for row in audits.audits(session, force):
        moderated = [one.at for one in audits.history(session, row.id) if one.to_status == audit_rules.MODERATED]
        waits = row.approved_at is None or row.approved_at > as_at
        if moderated and min(moderated) <= as_at and waits:
            found.append(row.plan.title)
    return tuple(found)


def _items(session: Session, as_at: datetime, force: str) -> tuple[str, ...]:
    rows = [
        row for row in comms.items(session, force=force, as_at=as_at)
        if row.status == comms_rules.PLANNED and row.facts.planned_on is not None
    ]  # fmt: skip
    return tuple(row.title for row in sorted(rows, key=lambda row: (row.facts.planned_on, row.id)))


def _long_overdue(cases: Iterable[CaseRow], as_at: datetime, days: int) -> list[CaseRow]:
    return [
        row for row in cases
        if document_rules.is_in_scope(row.facts) and not document_rules.is_submitted(row.facts)
        and row.facts.due_at is not None and row.facts.due_at + timedelta(days=days) < as_at
    ]  # fmt: skip


def _teams(late: Iterable[CaseRow]) -> tuple[str, ...]:
    """The two teams with most of them: whose supervisors to speak with."""
    counts = Counter(row.team for row in late if row.team)
    return tuple(team for team, _count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:2])


def _gap(session: Session, found: Figures, as_at: datetime, force: str) -> str:
    together = found.all_modules
    if not together.missing:
        return ""
    snapshot = records_figures.snapshot(session, london_day(as_at)).of_force(force)
    team = training_rules.by_group(snapshot, together, "team")[0]
    people = "1 person" if team.missing == 1 else f"{team.missing} people"
    return f"Ask the supervisors of {team.name} to make time for the e-learning: {people} there have modules to do."
