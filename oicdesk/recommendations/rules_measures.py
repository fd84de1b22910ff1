"""What the desk can show of each recommendation and each published promise, in words, and whether it is met.

Facts about training come in as plain rows from whoever composes the figures; nothing here reads training.
A measure is MET, NOT_MET or PENDING (the desk has not enough to tell). Evidence that says a promise is met turns
pending into met; it never hides a figure that says otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple

from oicdesk.documents.rules import Coverage, OnTime
from oicdesk.recommendations.rules import (
    ANALYSIS,
    COLLECTION,
    JOINT,
    MET,
    NOT_MET,
    PENDING,
    PLAN_KINDS,
    SCOPES,
)
from oicdesk.settings.rules import long_day, spoken_month

Cell = str | int | float | None


@dataclass(frozen=True)
class Measure:
    """What the desk shows: a sentence, met or not, and rows behind it (header first) where there are any.

    `is_public` when the sentence holds no count of cases or people, no name and nothing that was typed.
    """

    words: str
    state: str
    rows: tuple[tuple[Cell, ...], ...] = ()
    is_public: bool = False


# --- facts -------------------------------------------------------------------------------------------------


class MonthFact(NamedTuple):
    """One month of contact; `percent` of on-time is left to the reader of the two counts."""

    month: date
    in_scope: int
    submitted: int
    due: int
    on_time: int


@dataclass(frozen=True)
class CaseFacts:
    """The cases of a scope as at an instant."""

    coverage: Coverage
    on_time: OnTime
    median_hours: float | None
    months: tuple[MonthFact, ...] = ()


@dataclass(frozen=True)
class CommsFacts:
    """Published communications of a scope; `verdicts` counts the words of their effects."""

    on_intranet: int = 0
    in_messages: int = 0
    embedded: int = 0
    planned: int = 0
    embedded_planned: int = 0
    without_evidence: int = 0
    embedded_without_evidence: int = 0
    reach: int | None = None
    verdicts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditFacts:
    """Approved audits of a scope, and what the newest of each kind found, in its own words."""

    coverage_approved: int = 0
    quality_approved: int = 0
    under_way: int = 0
    coverage_result: str = ""
    quality_result: str = ""


class PlanFact(NamedTuple):
    """A plan as at a day; `version` and what follows are those of its approved version, empty while it has none."""

    kind: str
    title: str
    version: str
    owner: str
    approver: str
    review_on: date | None
    has_link: bool

    def lacks(self, day: date) -> str:
        """What is missing for a sound plan, in words; empty when nothing is."""
        if not self.approver:
            return "no approved version"
        if self.review_on is None or self.review_on < day:
            return "its review is overdue"
        return "" if self.has_link else "no link to the plan itself"


class DistrictFact(NamedTuple):
    """What was logged with one district."""

    force: str
    district: str
    meetings: int
    products: int
    last_on: date


@dataclass(frozen=True)
class WorkFacts:
    """What was recorded by hand for recommendation 4."""

    plans: tuple[PlanFact, ...] = ()
    reviews: int = 0
    last_review_on: date | None = None
    districts: tuple[DistrictFact, ...] = ()


class CourseFact(NamedTuple):
    """A course in one scope, as the training figures count it. `course` is its code: module_1, all_modules, hydra…"""

    course: str
    title: str
    force: str
    in_scope: int
    completed: int


class TrainingMonth(NamedTuple):
    """All four modules at the end of a month, in the scope of the ledger."""

    day: date
    in_scope: int
    completed: int


@dataclass(frozen=True)
class TrainingFacts:
    """Handed in from outside. `verdicts` maps 8 and 9 to (MET, NOT_MET or PENDING, why); `courses` hold every scope."""

    courses: tuple[CourseFact, ...] = ()
    verdicts: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    months: tuple[TrainingMonth, ...] = ()
    learners: int = 0
    cpd_completions: int = 0
    hydra_events: int = 0
    hydra_places: int = 0
    hydra_attended: int = 0
    local_delivery: str = ""


class EvidenceFact(NamedTuple):
    """Evidence of a promise; `shows_met` when somebody said that it does."""

    on: date
    what: str
    shows_met: bool


@dataclass(frozen=True)
class Facts:
    """Everything that the measures of one scope are worked out from, as at `day`."""

    day: date
    force: str
    cases: CaseFacts
    comms: CommsFacts = CommsFacts()
    audits: AuditFacts = AuditFacts()
    work: WorkFacts = WorkFacts()
    training: TrainingFacts | None = None
    evidence: Mapping[str, tuple[EvidenceFact, ...]] = field(default_factory=dict)


# --- recommendations ---------------------------------------------------------------------------------------


def recommendation(number: int, facts: Facts) -> Measure:
    """Whether what the inspectorate asked has come about, as far as the desk can tell."""
    if number == 2:
        return _documents(facts.cases)
    if number == 4:
        return _plans(facts)
    word, why = (facts.training.verdicts if facts.training else {}).get(number, (PENDING, _NO_TRAINING))
    return Measure(why, word)


def _documents(cases: CaseFacts) -> Measure:
    found = cases.coverage
    if found.in_scope == 0:
        return Measure("No contact in scope is recorded yet.", PENDING)
    overdue = "1 is overdue" if found.overdue == 1 else f"{found.overdue} are overdue"
    told = f"{_of(found.submitted, found.in_scope)} contacts in scope have a document, {overdue}."
    if found.overdue:
        return Measure(told, NOT_MET)
    if found.scope_queries:
        are = "1 scope query is" if found.scope_queries == 1 else f"{found.scope_queries} scope queries are"
        return Measure(f"{told} {are} not decided.", PENDING)
    return Measure(told, MET)


def _plans(facts: Facts) -> Measure:
    told, words = [], []
    for kind, name in PLAN_KINDS.items():
        word, what = _of_kind(kind, facts)
        told.append(word)
        words.append(f"{name}: {what}.")
    state = NOT_MET if NOT_MET in told else PENDING if PENDING in told else MET
    return Measure(" ".join(words), state)


def _of_kind(kind: str, facts: Facts) -> tuple[str, str]:
    plans = [plan for plan in facts.work.plans if plan.kind == kind]
    if not plans:
        return NOT_MET, "no plan recorded"
    sound = [plan for plan in plans if not plan.lacks(facts.day)]
    if sound:
        best = max(sound, key=lambda plan: (plan.review_on or date.min, plan.title))
        review = long_day(best.review_on) if best.review_on else ""
        return MET, f"“{best.title}” version {best.version}, approved by {best.approver}, review on {review}"
    return PENDING, "; ".join(f"“{plan.title}” has {_lack(plan.lacks(facts.day))}" for plan in plans)


def _lack(words: str) -> str:
    return "its review overdue" if words.startswith("its") else words


# --- promises ----------------------------------------------------------------------------------------------

_NO_TRAINING: Final = "No training figures are at hand."
_NO_EVIDENCE: Final = "No evidence is recorded yet."


def promise(code: str, facts: Facts) -> Measure:
    """The measure of a promise; one that the program does not know is measured by its evidence alone."""
    measure = _MEASURES.get(code, _by_evidence)(facts)
    if code in _PUBLIC:
        measure = replace(measure, is_public=True)
    shown = [one for one in facts.evidence.get(code, ()) if one.shows_met]
    if measure.state == PENDING and shown:
        newest = max(shown, key=lambda one: one.on)
        words = f"{newest.what} ({long_day(newest.on)})."
        told = words if measure.words == _NO_EVIDENCE else f"{measure.words} {words}"
        return replace(measure, state=MET, words=told, is_public=False)
    return measure


def _by_evidence(facts: Facts) -> Measure:
    return Measure(_NO_EVIDENCE, PENDING)


def _post(facts: Facts) -> Measure:
    filled = [one.on for one in facts.evidence.get("post", ()) if one.shows_met]
    if not filled:
        return Measure("The day on which the post was filled is not recorded.", PENDING)
    return Measure(f"Post filled since {long_day(min(filled))}.", MET)


def _submissions(facts: Facts) -> Measure:
    found, timely = facts.cases.coverage, facts.cases.on_time
    if found.in_scope == 0:
        return Measure("No contact in scope is recorded yet.", PENDING)
    median = facts.cases.median_hours
    words = (
        f"{_of(found.submitted, found.in_scope)} contacts in scope have a document ({_percent(found.percent)});"
        f" {_of(timely.on_time, timely.due)} due were on time ({_percent(timely.percent)});"
        f" median time to submit {'–' if median is None else f'{median:.1f} hours'}."
    )
    months = tuple(
        (spoken_month(m.month), m.in_scope, m.submitted, m.due, m.on_time)
        for m in facts.cases.months
    )  # fmt: skip
    header: tuple[Cell, ...] = ("Month", "In scope", "With a document", "Due", "On time")
    return Measure(words, NOT_MET if found.overdue else MET, (header, *months) if months else ())


def _guidance(facts: Facts) -> Measure:
    found = facts.comms
    published = found.on_intranet + found.in_messages
    if not published:
        words = f"Nothing is published yet; {found.planned} planned." if found.planned else "Nothing is published yet."
        return Measure(words, NOT_MET)
    reach = "not counted" if found.reach is None else f"{found.reach:,}"
    effects = ", ".join(f"{word} {count}" for word, count in found.verdicts.items() if count) or "none looked at"
    words = (
        f"{found.on_intranet} published on the intranet or as guidance, {found.in_messages} as internal messages or"
        f" briefings; reach {reach}. Documents on time before and after: {effects}."
    )
    if not (found.on_intranet and found.in_messages):
        return Measure(f"{words} The promise names both the intranet and internal communications.", PENDING)
    if found.without_evidence:
        return Measure(f"{words} {found.without_evidence} of them have no evidence.", PENDING)
    return Measure(words, MET)


def _audits(facts: Facts) -> Measure:
    found = facts.audits
    words = f"Approved: {found.coverage_approved} of coverage, {found.quality_approved} of quality."
    words += "".join(f" {result}" for result in (found.coverage_result, found.quality_result) if result)
    if found.coverage_approved and found.quality_approved:
        return Measure(words, MET)
    if found.coverage_approved or found.quality_approved or found.under_way:
        return Measure(f"{words} {found.under_way} under way.", PENDING)
    return Measure("No audit is approved or under way.", NOT_MET)


def _programmes(facts: Facts) -> Measure:
    found = facts.comms
    if not found.embedded:
        planned = found.embedded_planned
        words = "Nothing is embedded in another programme yet"
        return Measure(f"{words}; {planned} planned." if planned else f"{words}.", PENDING if planned else NOT_MET)
    words = f"Embedded in another programme: {found.embedded}."
    if found.embedded_without_evidence == found.embedded:
        return Measure(f"{words} No evidence is recorded of them.", PENDING)
    return Measure(words, MET)


def _collection(facts: Facts) -> Measure:
    word, what = _of_kind(COLLECTION, facts)
    rows = tuple(
        (plan.title, plan.version or None, plan.owner or None, plan.approver or None,
         long_day(plan.review_on) if plan.review_on else None)
        for plan in facts.work.plans
        if plan.kind == COLLECTION
    )  # fmt: skip
    header: tuple[Cell, ...] = ("Plan", "Version", "Owner", "Approved by", "Review on")
    return Measure(f"{what[0].upper()}{what[1:]}.", word, (header, *rows) if rows else ())


def _analyst(facts: Facts) -> Measure:
    word, what = _of_kind(ANALYSIS, facts)
    last = facts.work.last_review_on
    reviews = f"{_counted(facts.work.reviews, 'review')} recorded"
    words = f"Plan: {what}. {reviews}{f', the last on {long_day(last)}' if last else ''}."
    if word == MET and facts.work.reviews:
        return Measure(words, MET)
    return Measure(words, NOT_MET if word == NOT_MET and not facts.work.reviews else PENDING)


def _liaison(facts: Facts) -> Measure:
    districts = facts.work.districts
    if not districts:
        return Measure("No meeting or product is logged with any district.", NOT_MET)
    rows = tuple((d.force, d.district, d.meetings, d.products, long_day(d.last_on)) for d in districts)
    header: tuple[Cell, ...] = ("Force", "District", "Meetings", "Products", "Last")
    words = (
        f"{_counted(sum(d.meetings for d in districts), 'meeting')} and"
        f" {_counted(sum(d.products for d in districts), 'product')} logged with"
        f" {_counted(len(districts), 'district')}."
    )
    wanted = {force for force in SCOPES if force != JOINT and facts.force in (force, JOINT)}
    without = sorted(wanted - {d.force for d in districts})
    if without:
        return Measure(f"{words} Nothing is logged for {' and '.join(without)}.", PENDING, (header, *rows))
    return Measure(words, MET, (header, *rows))


def _awareness(facts: Facts) -> Measure:
    return _course("nccu_awareness", facts)


def _course(code: str, facts: Facts) -> Measure:
    found = [one for one in _courses(facts) if one.course == code]
    mine = next((one for one in found if one.force == facts.force), None)
    if mine is None:
        return Measure(_NO_TRAINING, PENDING)
    if mine.in_scope == 0:
        return Measure(f"Nobody is relevant for {mine.title} yet.", PENDING)
    words = f"{_of(mine.completed, mine.in_scope)} people in scope completed {mine.title}."
    return Measure(words, MET if mine.completed == mine.in_scope else NOT_MET, _course_rows(found))


def _courses(facts: Facts) -> Sequence[CourseFact]:
    return facts.training.courses if facts.training else ()


def _course_rows(found: Sequence[CourseFact]) -> tuple[tuple[Cell, ...], ...]:
    header: tuple[Cell, ...] = ("Course", "Force", "In scope", "Completed")
    return (header, *((one.title, one.force, one.in_scope, one.completed) for one in found)) if found else ()


def _hydra_review(facts: Facts) -> Measure:
    found = facts.training
    if found is None:
        return Measure(_NO_TRAINING, PENDING)
    words = (
        f"{_counted(found.learners, 'learner')} and {_counted(found.cpd_completions, 'completion')} of other"
        " professional development on record."
    )
    return Measure(words, MET if found.learners and found.cpd_completions else PENDING)


def _hydra_access(facts: Facts) -> Measure:
    found = facts.training
    if found is None:
        return Measure(_NO_TRAINING, PENDING)
    decision = f"Local delivery: {found.local_delivery}." if found.local_delivery else (
        "No decision on local delivery is recorded."
    )  # fmt: skip
    words = (
        f"{_counted(found.hydra_events, 'Hydra event')} with {_counted(found.hydra_places, 'place')},"
        f" {found.hydra_attended} attended. {decision}"
    )
    return Measure(words, MET if found.hydra_events and found.local_delivery else PENDING)


def _modules(facts: Facts) -> Measure:
    if facts.training is None or 9 not in facts.training.verdicts:
        return Measure(_NO_TRAINING, PENDING)
    word, why = facts.training.verdicts[9]
    rows = [one for one in _courses(facts) if one.course.startswith("module_") or one.course == "all_modules"]
    return Measure(why, word, _course_rows(rows))


def _monitoring(facts: Facts) -> Measure:
    months = [month for month in (facts.training.months if facts.training else ()) if month.in_scope]
    if not months:
        return Measure(_NO_TRAINING if facts.training is None else "No month has anybody in scope yet.", PENDING)
    rows = tuple((spoken_month(one.day), one.in_scope, one.completed) for one in months)
    words = (
        f"{_counted(len(months), 'month')} of the 12-month window on record, the last {spoken_month(months[-1].day)}."
    )
    header: tuple[Cell, ...] = ("Month", "In scope", "Completed all four")
    return Measure(words, MET if len(months) >= 12 else PENDING, (header, *rows))


_MEASURES: Final[Mapping[str, Callable[[Facts], Measure]]] = {
    "post": _post,
    "submissions": _submissions,
    "awareness": _awareness,
    "guidance": _guidance,
    "audits": _audits,
    "programmes": _programmes,
    "collection_plans": _collection,
    "analyst": _analyst,
    "liaison": _liaison,
    "hydra_review": _hydra_review,
    "hydra_access": _hydra_access,
    "modules": _modules,
    "monitoring": _monitoring,
}
MEASURED: Final = frozenset(_MEASURES)
_PUBLIC: Final = frozenset({"post", "guidance", "programmes", "liaison", "monitoring"})


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
