"""Figures of training beside figures of cases, and what a panel paper may print of training.

Both sides come in as counts that are finished: nothing here knows a person or a case, so nobody's training can be
joined to their cases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from oicdesk.audits.rules_suppress import PanelTable
from oicdesk.documents.rules import percent
from oicdesk.settings.rules import add_months, long_day
from oicdesk.stats import xmr
from oicdesk.training.rules import ALL_MODULES, HYDRA, JOINT, CourseFigure, Figures, fold

LEAST: Final = 10
"""A share of fewer people, or of fewer contacts, than this is hidden: it would tell of single officers."""
MONTHS: Final = 12
ASSOCIATION: Final = (
    "Association only: the two shares are counted apart and say nothing of cause. No officer's training is joined to"
    " that officer's cases."
)

# --- trained beside documented on time ---------------------------------------------------------------------


class TeamCount(NamedTuple):
    """`part` of `whole` people, or of contacts, of one team; that is all that is known of them."""

    force: str
    team: str
    whole: int
    part: int


@dataclass(frozen=True)
class SideRow:
    """One team's two shares, each of at least `LEAST`."""

    force: str
    team: str
    in_scope: int
    trained: int
    due: int
    on_time: int

    @property
    def trained_percent(self) -> float | None:
        return percent(self.trained, self.in_scope)

    @property
    def on_time_percent(self) -> float | None:
        return percent(self.on_time, self.due)


@dataclass(frozen=True)
class SideBySide:
    """The teams of a scope by name, never by figure; `hidden` teams are too small on either side."""

    force: str
    since: date
    until: date
    rows: tuple[SideRow, ...]
    hidden: int

    @property
    def note(self) -> str:
        """What is left out and how to read the rest."""
        if self.hidden:
            are = "1 team is" if self.hidden == 1 else f"{self.hidden} teams are"
            left_out = f" {are} not shown, with fewer than {LEAST} people in scope or contacts due."
        else:
            left_out = ""
        return f"{ASSOCIATION}{left_out}"


def first_day(day: date) -> date:
    """From this day on contacts are counted: the twelve months that training is monitored for."""
    return add_months(day, -MONTHS)


def side_by_side(trained: Iterable[TeamCount], timely: Iterable[TeamCount], *, force: str, day: date) -> SideBySide:
    """Two counts of the same teams put beside each other; teams are the same by force and name, however written."""
    people, contacts = _by_team(trained), _by_team(timely)
    rows, hidden = [], 0
    for key in people.keys() | contacts.keys():
        one, other = people.get(key), contacts.get(key)
        if one is None or other is None or one.whole < LEAST or other.whole < LEAST:
            hidden += 1
            continue
        rows.append(SideRow(one.force, one.team, one.whole, one.part, other.whole, other.part))
    rows.sort(key=lambda row: (row.force, fold(row.team)))
    return SideBySide(force, first_day(day), day, tuple(rows), hidden)


def _by_team(counts: Iterable[TeamCount]) -> dict[tuple[str, str], TeamCount]:
    found: dict[tuple[str, str], TeamCount] = {}
    for one in counts:
        key = one.force, fold(one.team)
        before = found.get(key)
        if before is not None:
            one = TeamCount(before.force, before.team, before.whole + one.whole, before.part + one.part)
        found[key] = one
    return found


# --- what a panel paper may print of training --------------------------------------------------------------

OUTCOMES: Final = ("Completed", "Still to complete")
EXCLUDED_OF: Final = "people left out of "
ABSENT: Final = "Absent"


@dataclass(frozen=True)
class PanelCourse:
    """A course as panel papers name it, with the key under which its counts stand in the suppressed tables."""

    code: str
    title: str
    of: str


def panel_courses(figures: Figures) -> list[PanelCourse]:
    """Every course with somebody in scope. Courses with the very same people in scope share one total.

    They must: with a total of its own, one of them could print the total that another hides.
    """
    asked = [one for one in (*figures.courses.values(), figures.all_modules) if one.in_scope]
    scopes: dict[frozenset[int], str] = {}
    courses = []
    for one in asked:
        of = scopes.setdefault(_scope(one), f"people in scope of {one.code}")
        courses.append(PanelCourse(one.code, one.title, of))
    return courses


def _scope(figure: CourseFigure) -> frozenset[int]:
    return frozenset((*figure.completed_ids, *figure.missing))


def panel_tables(by_force: Mapping[str, Figures]) -> list[PanelTable]:
    """Completed and still to complete of each course, and who is left out of the modules and of Hydra by reason.

    `by_force` holds the figures of both forces and the joint ones: their papers are suppressed together.
    """
    tables = []
    for course in panel_courses(by_force[JOINT]):
        for paper, figures in by_force.items():
            found = course_of(figures, course.code)
            counts = ((found.completed,), (len(found.missing),))
            tables.append(PanelTable(paper, course.of, course.code, OUTCOMES, counts))
    for code in (ALL_MODULES, HYDRA):
        tables += _left_out(by_force, code)
    return tables


def course_of(figures: Figures, code: str) -> CourseFigure:
    """The figure of a course, or of all modules together."""
    return figures.all_modules if code == ALL_MODULES else figures.courses[code]


def _left_out(by_force: Mapping[str, Figures], code: str) -> Iterable[PanelTable]:
    if code != ALL_MODULES and code not in by_force[JOINT].courses:
        return
    reasons = tuple(sorted(_plain_reasons(course_of(by_force[JOINT], code))))
    if not reasons:
        return
    for paper, figures in by_force.items():
        found = course_of(figures, code)
        counts = _plain_reasons(found)
        rows = tuple((counts.get(reason, 0),) for reason in reasons)
        yield PanelTable(paper, f"{EXCLUDED_OF}{found.title}", "Reason", reasons, rows)


def _plain_reasons(found: CourseFigure) -> dict[str, int]:
    """Why somebody is absent is nobody's business outside the force: a panel paper says that they are."""
    counts: dict[str, int] = {}
    for reason, count in found.excluded.items():
        plain = ABSENT if reason.startswith(ABSENT) else reason
        counts[plain] = counts.get(plain, 0) + count
    return counts


# --- what the inspector is asked ---------------------------------------------------------------------------

ASKS: Final = 3


@dataclass(frozen=True)
class Waiting:
    """What waits for the inspector on a day; counts and names of teams, plans and items, never of persons."""

    exemptions: int = 0
    oldest_exemption: date | None = None
    audits: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    long_overdue: int = 0
    overdue_days: int = 7
    overdue_teams: tuple[str, ...] = ()
    training_gap: str = ""
    hydra_for_nobody: bool = False


def asks(waiting: Waiting) -> list[str]:
    """At most three sentences: what only the inspector can decide first, then whom to speak with."""
    return [sentence for sentence in _all_asks(waiting) if sentence][:ASKS]


def _all_asks(waiting: Waiting) -> Sequence[str]:
    return (
        _exemptions(waiting),
        _decide("Approve the audit", waiting.audits),
        _decide("Approve the plan", waiting.plans),
        _decide("Approve the communication", waiting.items),
        _overdue(waiting),
        waiting.training_gap,
        "Say who is relevant for the Hydra package: nobody is yet, so it has no figure."
        if waiting.hydra_for_nobody
        else "",
    )


def _exemptions(waiting: Waiting) -> str:
    if not waiting.exemptions:
        return ""
    since = f", the oldest since {long_day(waiting.oldest_exemption)}" if waiting.oldest_exemption else ""
    count = "1 exemption that waits" if waiting.exemptions == 1 else f"{waiting.exemptions} exemptions that wait"
    return f"Approve or refuse {count} for you{since}."


def _decide(verb: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{verb} “{names[0]}”{more}, or say what is missing."


def _overdue(waiting: Waiting) -> str:
    if not waiting.long_overdue:
        return ""
    are = "1 document is" if waiting.long_overdue == 1 else f"{waiting.long_overdue} documents are"
    teams = " and ".join(waiting.overdue_teams)
    whom = f"speak with the supervisors of {teams}" if teams else "ask whose they are"
    return f"{are} more than {waiting.overdue_days} days overdue: {whom}."


# --- better, or noise --------------------------------------------------------------------------------------


LEAST_WEEKS: Final = 12
"""Without so many points a control chart has no limits."""


TOO_EARLY, NO_CHANGE, ABOVE, BELOW = "Too early to tell", "No clear change", "Clearly better", "Clearly worse"


def verdict(percents: Sequence[float]) -> str:
    """What a control chart says of the newest of these whole weeks, the oldest first, in two or three words."""
    if len(percents) < LEAST_WEEKS:
        return TOO_EARLY
    chart = xmr(percents, minimum=LEAST_WEEKS)
    if all(fired.point != len(percents) - 1 for fired in chart.rules):
        return NO_CHANGE
    return ABOVE if percents[-1] > chart.mean else BELOW


def week_in_words(percents: Sequence[float]) -> str:
    """The same as a sentence."""
    if not percents:
        return "No week with a contact due is over yet."
    newest = f"In the last whole week {percents[-1]:.1f}% were on time"
    weeks = "1 week" if len(percents) == 1 else f"{len(percents)} weeks"
    return {
        TOO_EARLY: f"{newest}; with {weeks} it is too early to tell change from noise.",
        NO_CHANGE: f"{newest}: ordinary variation, no clear change.",
        ABOVE: f"{newest}: clearly above what was usual.",
        BELOW: f"{newest}: clearly below what was usual.",
    }[verdict(percents)]
