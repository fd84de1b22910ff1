"""What the Home page reads: how much of each work waits, the rows behind it, and the figures of its charts.

Each count is asked of the function whose rows its line opens. `at_once` is cheap at any size of the register;
`later`, `charts` and `last` are not, and are asked on the worker in this order.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from oicdesk.audits import records as audits
from oicdesk.audits import records_findings, rules_results
from oicdesk.audits import rules as audit_rules
from oicdesk.audits.rules_results import ChartPhase, ChartPoint
from oicdesk.comms import records as comms
from oicdesk.comms import rules as comms_rules
from oicdesk.comms import rules_effect
from oicdesk.comms.rules_effect import WeekRow
from oicdesk.documents import records_decide, records_drafts, records_tell
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import cases_as_at
from oicdesk.documents.rules import Coverage, OnTime
from oicdesk.measures import rules_home
from oicdesk.recommendations import records as recommendations
from oicdesk.recommendations import records_plans, rules_measures
from oicdesk.recommendations import rules as recommendation_rules
from oicdesk.recommendations.rules import Standing
from oicdesk.recommendations.rules_measures import CaseFacts, Facts
from oicdesk.referrals import (
    records_breaches,
    records_holds,
    records_letters,
    records_outside,
    records_queue,
    records_reconciled,
    records_reviews,
    records_views,
)
from oicdesk.referrals.rules import STATUS_WORDS
from oicdesk.referrals.rules_clock import week_ends
from oicdesk.referrals.rules_retention import HOLD_KINDS
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day, short_day, spoken_day, spoken_instant
from oicdesk.training import records_completions, records_events, records_figures
from oicdesk.training.rules import JOINT, Figures, Person
from oicdesk.training.rules import Point as TrainingPoint

DOCUMENTS = 2  # the recommendation on documents
_WEEKS = 26
_MONTHS = 12
Step = Callable[[], object]  # asked between two readings; raises where the work was cancelled


@dataclass(frozen=True)
class Item:
    """A row behind a number: `kind` and `item` are what the window is asked to open, `id` only tells rows apart."""

    id: int
    kind: str
    item: int
    what: str
    about: str
    day: str
    state: tuple[str, str]


@dataclass(frozen=True)
class Found:
    """How much waits, a few words more, and the rows themselves where no page lists exactly these."""

    count: int
    detail: str = ""
    items: tuple[Item, ...] = ()


# --- do now ------------------------------------------------------------------------------------------------

_LATER_LISTS = ("safeguarding", "news", "list_gaps")  # no index answers these


def at_once(session: Session, now: datetime, force: str, desk: Reference) -> dict[str, Found]:
    """What waits, by the key of its line, but for what `later` counts."""
    lists = [name for name in records_views.LISTS if name not in _LATER_LISTS]
    found = {name: _listed(session, name, now, force, desk) for name in lists}
    if found["overdue"].count:
        oldest = records_views.oldest_due(session, now=now, force=force, desk=desk)
        found["overdue"] = Found(
            found["overdue"].count, f"the longest since {spoken_day(london_day(oldest))}" if oldest else ""
        )
    today = london_day(now)
    found["tellings"] = Found(records_tell.untold_count(session))
    found["completions_to_confirm"] = Found(records_completions.waiting_count(session))
    rows = {
        "drafts": _drafts(session, now, force, desk), "breaches": _breaches(session),
        "holds": _holds(session, today, force),
        "actions": _actions(session, now, force), "audits": _audits(session, force),
        "plans": _plans(session, today, force), "comms": _comms(session, today, force),
        "recommendations": _recommendations(session, today), "registers": _registers(session, today),
    }  # fmt: skip
    return found | {key: Found(len(items), _first(items), tuple(items)) for key, items in rows.items()}


def later(session: Session, now: datetime, force: str) -> dict[str, Found]:
    """What takes a look at every case or at every line of a list."""
    desk = reference(session)
    found = {name: _listed(session, name, now, force, desk) for name in _LATER_LISTS}
    found["reports_to_decide"] = Found(len(records_decide.open_reports(session, force=force)))
    outside = _outside(session, force)
    return found | {"outside": Found(len(outside), "", tuple(outside))}


def last(session: Session, now: datetime, force: str, *, step: Step = lambda: None) -> dict[str, Found]:
    """What is worked out case by case."""
    scope = None if force == JOINT else force
    reviews = len(records_reviews.due_for_review(session, now=now, force=scope))
    step()
    cases = records_letters.due_cases(session, now=now, force=force)
    letters = records_letters.letters(session, cases, now=now)
    about = "1 case" if len(cases) == 1 else f"{len(cases):,} cases"
    return {"reviews_due": Found(reviews), "chasers_due": Found(len(letters), f"about {about}" if cases else "")}


def _listed(session: Session, name: str, now: datetime, force: str, desk: Reference) -> Found:
    return Found(records_views.count(session, records_views.LISTS[name], now=now, force=force, desk=desk))


def _first(items: Sequence[Item]) -> str:
    return items[0].day if items else ""


def _drafts(session: Session, now: datetime, force: str, desk: Reference) -> list[Item]:
    rows = [row for row in records_drafts.kept_drafts(session, now=now, force=force, desk=desk) if row.purge_is_near]
    return [
        Item(row.id, "working_draft", row.id, f"Working draft {row.id}", f"{row.case}, begun by {row.created_by}",
             f"purged {spoken_day(london_day(row.purge_at))}", ("due_soon", "Soon purged"))
        for row in sorted(rows, key=lambda row: row.purge_at)
    ]  # fmt: skip


def _breaches(session: Session) -> list[Item]:
    rows = [row for row in records_breaches.breaches(session) if not (row.commissioner_told_at or row.why_not_told)]
    return [
        Item(row.id, "breach", row.id, f"Breach of {short_day(london_day(row.aware_at))}",
             f"recorded by {row.recorded_by}", f"72 hours end {spoken_instant(row.notify_by)}",
             ("problem", "Not reported"))
        for row in sorted(rows, key=lambda row: row.notify_by)
    ]  # fmt: skip


def _holds(session: Session, today: date, force: str) -> list[Item]:
    rows = records_holds.holds(session, force=None if force == JOINT else force, standing=True)
    return [
        Item(row.id, "hold", row.id, row.reference, f"Hold: {HOLD_KINDS[row.kind]}",
             f"review on {spoken_day(row.review_on)}", ("due_soon", "To review"))
        for row in rows if row.review_on <= today
    ]  # fmt: skip


def _actions(session: Session, now: datetime, force: str) -> list[Item]:
    until, open_ = london_day(week_ends(now)), (audit_rules.OPEN, audit_rules.IN_PROGRESS)
    return [
        Item(row.id, "audit", row.audit_id, row.text, f"{row.owner} · {row.audit}",
             f"{'overdue since' if row.is_overdue else 'due'} {spoken_day(row.due_on)}",
             ("overdue", "Overdue") if row.is_overdue else ("due_soon", "Due"))
        for row in records_findings.actions(session, today=london_day(now))
        if row.status in open_ and row.due_on <= until and recommendation_rules.reaches(row.force, force)
    ]  # fmt: skip


def _audits(session: Session, force: str) -> list[Item]:
    return [
        Item(row.id, "audit", row.id, row.plan.title, row.plan.force,
             f"planned {short_day(london_day(row.planned_at))}", ("awaiting_document", "To approve"))
        for row in audits.audits(session)
        if row.status == audit_rules.MODERATED and recommendation_rules.reaches(row.plan.force, force)
    ]  # fmt: skip


def _plans(session: Session, today: date, force: str) -> list[Item]:
    found = []
    for plan in records_plans.plans(session, force=force):
        need = records_plans.next_need(plan, today)
        if need:
            day = f"review on {spoken_day(plan.holds.review_on)}" if plan.holds else ""
            about = f"{recommendation_rules.PLAN_KINDS[plan.kind]}, {plan.force}"
            found.append(Item(plan.id, "oic_plan", plan.id, plan.title, about, day, ("warning", need.capitalize())))
    return found


def _comms(session: Session, today: date, force: str) -> list[Item]:
    rows = comms.items(session, force=force, statuses=(comms_rules.PLANNED, comms_rules.APPROVED))
    return [
        Item(row.id, "comms_item", row.id, row.title, f"{comms_rules.CHANNELS[row.channel]}, {row.audience}",
             f"planned for {spoken_day(row.facts.planned_on)}", ("due_soon", comms_rules.STATUS_WORDS[row.status]))
        for row in rows if row.facts.planned_on is not None and row.facts.planned_on <= today
    ]  # fmt: skip


def _recommendations(session: Session, today: date) -> list[Item]:
    found = []
    for asked in recommendations.asked():
        status = recommendations.status(session, asked.number)
        if today > asked.by and status != recommendation_rules.CLOSED:
            found.append(
                Item(asked.number, "recommendation", asked.number, f"Recommendation {asked.number}",
                     recommendation_rules.STATUS_WORDS[status], f"by {spoken_day(asked.by)}",
                     ("overdue", "Date passed"))
            )  # fmt: skip
    return found


def _registers(session: Session, today: date) -> list[Item]:
    return [
        Item(row.id, "hydra_event", row.id, f"Hydra at {row.centre}", f"{row.unanswered} invited not answered for",
             f"held {spoken_day(row.held_on)}", ("due_soon", "To fill in"))
        for row in records_events.open_registers(session, today)
    ]  # fmt: skip


def _outside(session: Session, force: str) -> list[Item]:
    return [
        Item(row.id, "outside_contact", row.id, row.nccu_ref or f"Line {row.line}", f"{row.force} · {row.list_name}",
             f"contact {spoken_instant(row.contact_at)}", ("warning", row.state.capitalize()))
        for row in records_outside.undecided_contacts(session, force=force)
    ]  # fmt: skip


# --- rows behind the charts --------------------------------------------------------------------------------


def case_items(session: Session, ids: Sequence[int], now: datetime, desk: Reference) -> list[Item]:
    """These cases as rows, in the order of `ids`; nobody a case is about is named."""
    return [
        Item(row.id, "referral", row.id, row.reference, " · ".join(filter(None, (row.force, row.team))),
             "no due time" if row.due_at is None else f"due {spoken_instant(row.due_at)}",
             (row.status, STATUS_WORDS[row.status]))
        for row in records_queue.queue_rows(session, ids, now, desk)
    ]  # fmt: skip


def _people(people: Iterable[Person], missing: Collection[int]) -> dict[int, Item]:
    """People of the roster as rows, by their ids; their cases, if any, are nowhere near."""
    return {
        one.id: Item(
            one.id, "learner", one.id, one.name, " · ".join(filter(None, (one.staff_number, one.force, one.team))), "",
            ("warning", "To complete") if one.id in missing else ("good", "Complete"),
        )
        for one in people
    }  # fmt: skip


# --- the figures -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """Contacts in scope of one month, and those of them with a document."""

    first_day: date
    in_scope: int
    documented: int


@dataclass(frozen=True)
class Charts:
    """What the cards show of one scope as at an instant; `ids` are the rows behind each number, by its key."""

    as_at: datetime
    force: str
    coverage: Coverage
    on_time: OnTime
    standing: Standing
    denominator: str
    months: tuple[Month, ...]
    points: tuple[ChartPoint, ...]
    phases: tuple[ChartPhase, ...]
    last_week: WeekRow | None
    training: Figures
    series: tuple[TrainingPoint, ...]
    ids: Mapping[str, tuple[int, ...]]
    people: Mapping[int, Item]


def _standing(facts: Facts) -> Standing:
    """Where the recommendation on documents stands against its date."""
    asked = next(one for one in recommendations.asked() if one.number == DOCUMENTS)
    measure = rules_measures.recommendation(DOCUMENTS, facts)
    return recommendation_rules.standing(asked.by, facts.day, measure.state, measure.words)


def charts(session: Session, now: datetime, force: str, *, step: Step = lambda: None) -> Charts:
    """Coverage by month, on time by week and the modules by month, each with the rows that it counts."""
    # A case whose force is not known yet belongs to neither, as in every figure: joint is the two together.
    rows = [row for row in cases_as_at(session, now) if row.facts.force and force in (JOINT, row.facts.force)]
    step()
    cases = [row.facts for row in rows]
    ids = rules_home.behind(((row.id, row.facts) for row in rows), now)
    step()
    by_month = document_rules.by_month(cases, now)
    months = [
        Month(date.fromisoformat(f"{name}-01"), found.in_scope, found.submitted)
        for name, found in by_month.items() if name != document_rules.NOT_RECORDED
    ]  # fmt: skip
    weeks = [
        week for week in rules_effect.weeks(cases, now, count=_WEEKS) if week.is_whole and week.percent is not None
    ]
    points = [ChartPoint(short_day(week.monday), week.percent or 0.0) for week in weeks]
    step()
    day = london_day(now)
    past = records_figures.history(session)
    training = records_figures.figures(session, day, force, past=past)
    series = records_figures.monthly(session, day, force, months=_MONTHS, past=past) if training.headcount else {}
    together = training.all_modules
    ids |= {
        "module_scope": (*together.missing, *together.completed_ids), "module_missing": together.missing,
        "module_done": together.completed_ids,
    }  # fmt: skip
    covered, timely = document_rules.coverage(cases, now), document_rules.on_time(cases, now)
    compared = records_reconciled.reconciled(session, as_at=now, force=None if force == JOINT else force)
    return Charts(
        now, force, covered, timely, _standing(Facts(day, force, CaseFacts(covered, timely, None))),
        "self-declared" if compared is None else compared.denominator, tuple(months[-_MONTHS:]),
        tuple(points), tuple(rules_results.chart(points)), weeks[-1] if weeks else None, training,
        tuple(series.get(together.code, ())), ids, _people(past.on(day).people, frozenset(together.missing)),
    )  # fmt: skip
