"""What followed a communication, in words; the series of weeks behind it; and which team to talk to next.

The verdict is on one thing only: contacts in scope that were documented on time, in equal windows of whole weeks
before and after the day of publication, that day itself in neither. Documents per week and contacts with the NCCU
stand beside it as context, without verdict, arrow, target or forecast: the desk never rewards referring more people.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from oicdesk import stats
from oicdesk.audits.rules_suppress import PanelTable
from oicdesk.comms.rules import JOINT, SCOPES, mondays
from oicdesk.documents.rules import CaseAsAt, is_in_scope, is_submitted, is_submitted_in_time, percent
from oicdesk.referrals.rules import DUPLICATE
from oicdesk.settings.rules import add_months, london_day, long_day

TOO_EARLY, NO_CLEAR_CHANGE, CLEAR_RISE, CLEAR_FALL = "too early", "no clear change", "clear rise", "clear fall"
VERDICTS: Final = (TOO_EARLY, NO_CLEAR_CHANGE, CLEAR_RISE, CLEAR_FALL)
LEAST_WEEKS: Final = 6
MOST_WEEKS: Final = 12
LEAST_EVENTS: Final = 10
PRIOR_CASES: Final = 10
RECENT_WEEKS: Final = 8
CAUSE: Final = "What follows a communication need not be caused by it; other things change in the same weeks."


class Count(NamedTuple):
    """Of `due` contacts in scope whose due time has passed, `on_time` had a document by then."""

    on_time: int
    due: int

    @property
    def percent(self) -> float | None:
        return percent(self.on_time, self.due)

    def in_words(self) -> str:
        return f"{self.on_time} of {self.due}" + ("" if self.percent is None else f" ({self.percent:.1f}%)")


@dataclass(frozen=True)
class EffectTerms:
    """The desk's settings for effects; weeks are whole weeks, events are contacts due in each window."""

    least_weeks: int = LEAST_WEEKS
    most_weeks: int = MOST_WEEKS
    least_events: int = LEAST_EVENTS
    register_started: date | None = None


@dataclass(frozen=True)
class Windows:
    """Equal windows of `weeks` whole weeks before and after the day, which is in neither; 0 weeks hold no day."""

    day: date
    weeks: int
    is_cut_by_register: bool = False

    @property
    def before(self) -> tuple[date, date]:
        return self.day - timedelta(weeks=self.weeks), self.day - timedelta(days=1)

    @property
    def after(self) -> tuple[date, date]:
        return self.day + timedelta(days=1), self.day + timedelta(weeks=self.weeks)


class Published(NamedTuple):
    """An item as an effect names it."""

    id: int
    title: str
    day: date


@dataclass(frozen=True)
class Context:
    """How often something happened before and after, for context only; some have a ratio."""

    before: int
    after: int
    weeks: int
    has_ratio: bool = False

    @property
    def ratio(self) -> stats.RateRatio | None:
        """After over before with its interval, worked out when it is asked for; None where there is none."""
        if not self.has_ratio or not self.weeks or not self.before + self.after:
            return None
        return stats.rate_ratio(self.after, self.weeks, self.before, self.weeks)

    def per_week(self, count: int) -> float | None:
        return count / self.weeks if self.weeks else None


@dataclass(frozen=True)
class Effect:
    """One item's effect in one scope as at an instant. `difference` is None while it is too early."""

    item: Published
    force: str
    windows: Windows
    before: Count
    after: Count
    verdict: str
    because: str
    difference: stats.Difference | None
    others: tuple[Published, ...]
    documents: Context
    contacts: Context

    @property
    def inseparable(self) -> str:
        """That other items share the windows, in words; empty when none does."""
        if not self.others:
            return ""
        names = "; ".join(f"“{one.title}” on {long_day(one.day)}" for one in self.others)
        return (
            f"{len(self.others) + 1} items were published within these windows, so what follows cannot be told apart"
            f" between this one and {names}."
        )

    @property
    def in_words(self) -> str:
        """The verdict with its reason and, where others share the windows, that they cannot be told apart."""
        told = f"{self.verdict[0].upper()}{self.verdict[1:]}. {self.because}"
        return f"{told} {self.inseparable}" if self.inseparable else told


# --- what happened on each day -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Days:
    """What happened day by day in one scope as at an instant: counted once and read for every item and week.

    Contacts due, those of them on time, and all contacts stand on the day of the contact; documents on that of the
    first submission.
    """

    due: Counter[date]
    on_time: Counter[date]
    documents: Counter[date]
    contacts: Counter[date]

    def met(self, first: date, last: date) -> Count:
        """Of the contacts due from `first` to `last`, how many were documented on time."""
        return Count(_total(self.on_time, first, last), _total(self.due, first, last))


def days(cases: Iterable[CaseAsAt], as_at: datetime) -> Days:
    """Count the cases of a scope, as at the instant, by day."""
    found = Days(Counter(), Counter(), Counter(), Counter())
    for case in cases:
        submitted = submission_day(case)
        if submitted is not None:
            found.documents[submitted] += 1
        if case.contact_at is None:
            continue
        day = london_day(case.contact_at)
        found.contacts[day] += _is_a_contact(case)
        if _is_decided(case, as_at):
            found.due[day] += 1
            found.on_time[day] += is_submitted_in_time(case)
    return found


def _total(counts: Counter[date], first: date, last: date) -> int:
    return sum(counts[first + timedelta(days=n)] for n in range((last - first).days + 1))


# --- the verdict -------------------------------------------------------------------------------------------


def verdict(
    before: Count, after: Count, weeks: int, *, least_weeks: int = LEAST_WEEKS, least_events: int = LEAST_EVENTS
) -> str:
    """One of VERDICTS, from counts alone: a rise or fall is clear when the 95 per cent interval leaves out 0."""
    if weeks < max(least_weeks, 1) or min(before.due, after.due) < max(least_events, 1):
        return TOO_EARLY
    found = difference(before, after)
    if found.low > 0:
        return CLEAR_RISE
    return CLEAR_FALL if found.high < 0 else NO_CLEAR_CHANGE


def difference(before: Count, after: Count) -> stats.Difference:
    """Share on time after less share before, with Newcombe's interval."""
    return stats.difference_interval(after.on_time, after.due, before.on_time, before.due)


def windows(day: date, as_at: datetime, terms: EffectTerms) -> Windows:
    """The widest equal windows of whole weeks that are over by `as_at` and lie within the register."""
    # The last whole day: that of the as-at instant only when it is over.
    last = london_day(as_at + timedelta(microseconds=1)) - timedelta(days=1)
    weeks = max(0, min(terms.most_weeks, (last - day).days // 7))
    if terms.register_started is not None:
        within = max(0, (day - terms.register_started).days // 7)
        if within < weeks:
            return Windows(day, within, is_cut_by_register=True)
    return Windows(day, weeks)


def effect(
    item: Published,
    force: str,
    cases: Iterable[CaseAsAt] | Days,
    as_at: datetime,
    terms: EffectTerms,
    *,
    published: Iterable[Published] = (),
) -> Effect:
    """What followed one item; `cases` are those of the scope as at the instant, or what `days` counted of them.

    `published` are all items that reach the scope.
    """
    counted = cases if isinstance(cases, Days) else days(cases, as_at)
    span = windows(item.day, as_at, terms)
    before, after = counted.met(*span.before), counted.met(*span.after)
    word = verdict(before, after, span.weeks, least_weeks=terms.least_weeks, least_events=terms.least_events)
    found = None if word == TOO_EARLY else difference(before, after)
    return Effect(
        item, force, span, before, after, word, _because(word, span, before, after, found, terms), found,
        _sharing(item, span, published), _context(counted.documents, span, has_ratio=True),
        _context(counted.contacts, span),
    )  # fmt: skip


def submission_day(case: CaseAsAt) -> date | None:
    """The day of the first document of a contact in scope that still counts; None without one."""
    if not is_submitted(case) or case.first_submitted_at is None:
        return None
    return london_day(case.first_submitted_at)


def _is_a_contact(case: CaseAsAt) -> bool:
    return not case.before_register and case.status != DUPLICATE


def _context(counts: Counter[date], span: Windows, *, has_ratio: bool = False) -> Context:
    return Context(_total(counts, *span.before), _total(counts, *span.after), span.weeks, has_ratio)


def _sharing(item: Published, span: Windows, published: Iterable[Published]) -> tuple[Published, ...]:
    reach = max(span.weeks, 1)
    within = [
        one
        for one in published
        if one.id != item.id and abs((one.day - item.day).days) <= 7 * reach
    ]  # fmt: skip
    return tuple(sorted(within, key=lambda one: (one.day, one.id)))


def _because(
    word: str, span: Windows, before: Count, after: Count, found: stats.Difference | None, terms: EffectTerms
) -> str:
    if found is None:
        return _why_too_early(span, before, after, terms)
    told = (
        f"Documented on time: {before.in_words()} in the {_weeks(span.weeks)} before {long_day(span.day)},"
        f" {after.in_words()} in the {_weeks(span.weeks)} after."
    )
    limits = f"{_points(found.difference)} points, 95% interval {_points(found.low)} to {_points(found.high)}"
    if word == NO_CLEAR_CHANGE:
        return f"{told} The difference ({limits}) may be chance."
    return f"{told} The difference ({limits}) is more than chance explains."


def _why_too_early(span: Windows, before: Count, after: Count, terms: EffectTerms) -> str:
    if span.weeks < terms.least_weeks:
        if span.is_cut_by_register:
            return (
                f"The register was started {_weeks(span.weeks)} before {long_day(span.day)}, and a verdict needs equal"
                f" windows of {_weeks(terms.least_weeks)}."
            )
        return (
            f"{_weeks(span.weeks).capitalize()} passed in full since {long_day(span.day)}; a verdict needs"
            f" {_weeks(terms.least_weeks)}."
        )
    return (
        f"In the {_weeks(span.weeks)} before {before.due} contacts fell due, in those after {after.due}; a verdict"
        f" needs {terms.least_events} on each side."
    )


def _weeks(count: int) -> str:
    return {0: "no week", 1: "1 week"}.get(count, f"{count} weeks")


def _points(share: float) -> str:
    tenths = round(1000 * share)  # an en dash as minus, which every face of the papers has
    return f"{'–' if tenths < 0 else '+' if tenths else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


# --- the series of weeks -----------------------------------------------------------------------------------


class WeekRow(NamedTuple):
    """One week: first documents by the day of submission; contacts due and on time by the day of contact.

    `contacts` is context. A week that is not over has `is_whole` False.
    """

    monday: date
    documents: int
    due: int
    on_time: int
    contacts: int
    is_whole: bool

    @property
    def percent(self) -> float | None:
        return percent(self.on_time, self.due)


def weeks(cases: Iterable[CaseAsAt] | Days, as_at: datetime, *, count: int = 26) -> list[WeekRow]:
    """The last `count` weeks up to the one of `as_at`, none left out."""
    counted = cases if isinstance(cases, Days) else days(cases, as_at)
    today = london_day(as_at)
    found = []
    for monday in mondays(today - timedelta(weeks=count - 1), today):
        sunday = monday + timedelta(days=6)
        met = counted.met(monday, sunday)
        documents, contacts = (_total(each, monday, sunday) for each in (counted.documents, counted.contacts))
        found.append(WeekRow(monday, documents, met.due, met.on_time, contacts, sunday < today))
    return found


def _is_decided(case: CaseAsAt, as_at: datetime) -> bool:
    """In scope, and its due time has passed."""
    return is_in_scope(case) and case.due_at is not None and as_at.astimezone(UTC) > case.due_at.astimezone(UTC)


# --- the next best conversation ----------------------------------------------------------------------------


@dataclass(frozen=True)
class ConversationTerms:
    """The desk's settings for the list of teams."""

    prior_cases: int = PRIOR_CASES
    recent_weeks: int = RECENT_WEEKS


@dataclass(frozen=True)
class TeamRow:
    """A team, what the desk knows of its contacts and what talk to hold; never a person.

    `missing` of `cases` whose due time has passed have no document; `expected` = `rate` × `recent` contacts.
    """

    force: str
    team: str
    cases: int
    missing: int
    rate: float
    recent: int
    expected: float
    talk: str


@dataclass(frozen=True)
class Conversations:
    """The teams, the most expected missing documents first; `unnamed` contacts have no team. The formula in words."""

    teams: tuple[TeamRow, ...]
    unnamed: int
    formula: str


def shrunk_rate(missing: int, cases: int, mean: float, *, prior: int = PRIOR_CASES) -> float:
    """(missing + prior · mean) / (cases + prior): few cases stay near the force's mean, many speak for themselves."""
    if cases + prior == 0:
        return mean
    return (missing + prior * mean) / (cases + prior)


def conversations(
    rows: Iterable[tuple[str | None, CaseAsAt]], as_at: datetime, terms: ConversationTerms | None = None
) -> Conversations:
    """Which team to talk to next; `rows` are (team, case) of the scope as at the instant.

    A force in which nothing has fallen due yet has no mean, so its teams are left out.
    """
    terms = terms or ConversationTerms()
    scoped = [(team, case) for team, case in rows if is_in_scope(case) and case.force]
    since = as_at.astimezone(UTC) - timedelta(weeks=terms.recent_weeks)
    groups: dict[tuple[str, str], list[CaseAsAt]] = {}
    for team, case in scoped:
        groups.setdefault((case.force or "", (team or "").strip()), []).append(case)
    means = _means(scoped, as_at)
    found = [
        _team(force, team, cases, means[force], since, as_at, terms)
        for (force, team), cases in groups.items()
        if team and force in means
    ]
    found.sort(key=lambda row: (-row.expected, -row.rate, row.team, row.force))
    unnamed = sum(len(cases) for (_force, team), cases in groups.items() if not team)
    return Conversations(tuple(found), unnamed, formula(terms))


def formula(terms: ConversationTerms) -> str:
    """How the list is worked out, in words."""
    return (
        f"Rate of a team = (its contacts without a document + {terms.prior_cases} × the rate of its force) ÷ (its"
        f" contacts + {terms.prior_cases}), counting contacts in scope whose due time has passed. Expected missing"
        f" documents = that rate × the team's contacts in scope of the last {_weeks(terms.recent_weeks)}. So a team"
        " with one contact and one missing document does not lead."
    )


def _means(scoped: Iterable[tuple[str | None, CaseAsAt]], as_at: datetime) -> dict[str, float]:
    due, missing = Counter[str](), Counter[str]()
    for _team_name, case in scoped:
        if _is_decided(case, as_at):
            due[case.force or ""] += 1
            missing[case.force or ""] += not is_submitted(case)
    return {force: missing[force] / count for force, count in due.items()}


def _team(
    force: str,
    team: str,
    cases: Sequence[CaseAsAt],
    mean: float,
    since: datetime,
    as_at: datetime,
    terms: ConversationTerms,
) -> TeamRow:
    decided = [case for case in cases if _is_decided(case, as_at)]
    missing = [case for case in decided if not is_submitted(case)]
    recent = sum(case.contact_at is not None and case.contact_at.astimezone(UTC) > since for case in cases)
    rate = shrunk_rate(len(missing), len(decided), mean, prior=terms.prior_cases)
    talk = _talk(team, missing, recent)
    return TeamRow(force, team, len(decided), len(missing), rate, recent, rate * recent, talk)


def _talk(team: str, missing: Sequence[CaseAsAt], recent: int) -> str:
    """The talk to hold: about writing the document, never about making more contacts."""
    if not recent:
        return f"No talk with {team} is needed now: it had no contact in these weeks."
    words = f"Talk with {team} about completing and submitting the document after a contact"
    reason = _leading(missing, lambda case: case.reason)
    return f"{words}, above all after “{reason}”." if reason else f"{words}."


def _leading(cases: Iterable[CaseAsAt], key: Callable[[CaseAsAt], str | None]) -> str:
    """What most of the cases share, if it is more than one case and not a tie."""
    ranked = Counter(value for case in cases if (value := key(case))).most_common(2)
    if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
        return ""
    return ranked[0][0]


# --- what a panel paper may print --------------------------------------------------------------------------

PANEL_OF: Final = "contacts due"
_MONTH: Final = "Month of contact"
_RESULT: Final = ("On time", "Late or missing")


def panel_tables(cases: Iterable[CaseAsAt], as_at: datetime, *, months: int = 12) -> list[PanelTable]:
    """Contacts due by month of contact and result: of each force and of both, to be suppressed together."""
    names = [f"{add_months(london_day(as_at).replace(day=1), -n):%Y-%m}" for n in reversed(range(months))]
    counts: Counter[tuple[str, str, bool]] = Counter()
    for case in cases:
        if _is_decided(case, as_at) and case.force is not None and case.contact_at is not None:
            month = f"{london_day(case.contact_at):%Y-%m}"
            for paper in (case.force, JOINT):
                counts[paper, month, is_submitted_in_time(case)] += 1
    rows = [(paper, tuple((counts[paper, m, True], counts[paper, m, False]) for m in names)) for paper in SCOPES]
    return [PanelTable(paper, PANEL_OF, _MONTH, tuple(names), cells, "Result", _RESULT) for paper, cells in rows]
