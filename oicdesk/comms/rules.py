"""Communications: what an item is and may become, recurring items, the calendar, conflicts and gaps.

Days are days of Europe/London. An item stands in the calendar on the day it was published, else on the day it
is planned for. Weeks begin on Monday.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol, TypeVar

from oicdesk.errors import Refused
from oicdesk.referrals.rules import ReportedApproval, check_reported_approval, names_agree
from oicdesk.settings.rules import add_months, add_working_days, is_working_day, long_day

JOINT: Final = "Joint"
SCOPES: Final = ("Suffolk", "Norfolk", JOINT)

INTRANET, INTERNAL_MESSAGE, BRIEFING = "intranet", "internal_message", "briefing"
TRAINING_SESSION, GUIDANCE_PAGE, EMBEDDED = "training_session", "guidance_page", "embedded"
CHANNELS: Final[Mapping[str, str]] = {
    INTRANET: "Intranet",
    INTERNAL_MESSAGE: "Internal message",
    BRIEFING: "Briefing",
    TRAINING_SESSION: "Training session",
    GUIDANCE_PAGE: "Guidance page",
    EMBEDDED: "Embedded in another programme",
}

# --- statuses ----------------------------------------------------------------------------------------------

IDEA, PLANNED, APPROVED, PUBLISHED, EVALUATED, CANCELLED = (
    "IDEA", "PLANNED", "APPROVED", "PUBLISHED", "EVALUATED", "CANCELLED",
)  # fmt: skip
STATUS_WORDS: Final[Mapping[str, str]] = {
    IDEA: "Idea",
    PLANNED: "Planned",
    APPROVED: "Approved",
    PUBLISHED: "Published",
    EVALUATED: "Evaluated",
    CANCELLED: "Cancelled",
}
MOVES: Final[Mapping[str, frozenset[str]]] = {
    IDEA: frozenset({PLANNED, CANCELLED}),
    PLANNED: frozenset({APPROVED, CANCELLED}),
    APPROVED: frozenset({PUBLISHED, CANCELLED}),
    PUBLISHED: frozenset({EVALUATED, CANCELLED}),
    EVALUATED: frozenset({CANCELLED}),
    CANCELLED: frozenset(),
}
ON_CALENDAR: Final = frozenset({PLANNED, APPROVED, PUBLISHED, EVALUATED})
"""What takes up its day; an idea is only a thought, and a cancelled item gave its day back."""
WAS_PUBLISHED: Final = frozenset({PUBLISHED, EVALUATED})

_NEXT: Final = {
    IDEA: "plan it first",
    PLANNED: "have it approved first",
    APPROVED: "publish it first",
    PUBLISHED: "evaluate it first",
    EVALUATED: "plan a new item",
    CANCELLED: "plan a new item",
}


def move(status: str, to: str, reason: str | None = None) -> str:
    """The new status, or Refused; cancelling needs a reason."""
    if to not in MOVES[status]:
        words = STATUS_WORDS[status].lower()
        raise Refused(f"An item that is {words} cannot become {STATUS_WORDS[to].lower()}; {_NEXT[status]}.")
    if to == CANCELLED and not (reason or "").strip():
        raise Refused("An item is cancelled only with a reason; write why.", field="reason")
    return to


def check_approver(authors: Collection[str], user: str) -> None:
    """Approval is another person's: Refused to whoever wrote, changed or planned the item."""
    if user in authors:
        raise Refused("You wrote, changed or planned this item, so another user has to approve it.")


def check_reported(approval: ReportedApproval, authors: Collection[str], today: date) -> dict[str, str]:
    """Every problem of an approval reported from outside, by field; the authors approve neither here nor there."""
    problems = check_reported_approval(approval, "", today)
    if any(names_agree(author, approval.name) for author in authors):
        problems["name"] = "Whoever wrote, changed or planned the item cannot approve it; name another approver."
    return problems


def check_confirmation(approval: ReportedApproval | None, authors: Collection[str], user: str) -> None:
    """Refused unless the person who is reported to have approved an item confirms it."""
    if approval is None:
        raise Refused("Only an approval reported from outside is confirmed; this item has none.")
    check_approver(authors, user)
    if not names_agree(user, approval.name):
        raise Refused(f"This approval was reported as given by {approval.name}; only that person can confirm it.")


# --- what an item says -------------------------------------------------------------------------------------

CONTENT: Final = ("title", "audience", "channel", "message", "force", "recommendation", "promise")
PLANNING: Final = ("campaign_id", "owner", "planned_on")
OUTCOME: Final = ("effort_minutes", "reach", "reach_basis")
EDITABLE: Final[Mapping[str, frozenset[str]]] = {
    IDEA: frozenset({*CONTENT, *PLANNING, *OUTCOME}),
    PLANNED: frozenset({*CONTENT, *PLANNING, *OUTCOME}),
    APPROVED: frozenset({*PLANNING, *OUTCOME}),
    PUBLISHED: frozenset({*OUTCOME, "campaign_id", "published_on"}),
    EVALUATED: frozenset({*OUTCOME, "campaign_id"}),
    CANCELLED: frozenset(),
}
_SPOKEN: Final = {
    "effort_minutes": "effort", "reach_basis": "basis of the reach", "campaign_id": "campaign",
    "planned_on": "planned day", "published_on": "day of publication",
}  # fmt: skip


@dataclass(frozen=True)
class ItemFacts:
    """What a person types of an item. `promise` is the key of a promise of the ledger, or empty."""

    title: str
    audience: str = ""
    channel: str = INTERNAL_MESSAGE
    message: str = ""
    force: str = JOINT
    recommendation: int | None = None
    promise: str = ""
    owner: str = ""
    planned_on: date | None = None
    campaign_id: int | None = None
    effort_minutes: int | None = None
    reach: int | None = None
    reach_basis: str = ""


def check_item(facts: ItemFacts, status: str = IDEA) -> dict[str, str]:
    """Every problem at once, by field; from PLANNED on an item says whom, what, who and when."""
    problems = {}
    if not facts.title.strip():
        problems["title"] = "An item needs a title; type one."
    if facts.channel not in CHANNELS:
        problems["channel"] = "That is no channel of the desk; choose one from the list."
    if facts.force not in SCOPES:
        problems["force"] = "An item is for Suffolk, Norfolk or both; choose one."
    for name in ("effort_minutes", "reach"):
        value = getattr(facts, name)
        if value is not None and value < 0:
            problems[name] = "That number cannot be below 0; correct it."
    if facts.reach is not None and not facts.reach_basis.strip():
        problems["reach_basis"] = "A reach says how it was counted, for example page views; write it."
    if status == IDEA:
        return problems
    asked = {
        "audience": "whom it is for", "message": "what it says", "owner": "who will do it", "planned_on": "its day",
    }  # fmt: skip
    missing = {name: words for name, words in asked.items() if not _given(getattr(facts, name))}
    return problems | {name: f"A planned item says {words}; fill this in." for name, words in missing.items()}


def _given(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def check_editable(status: str, fields: Iterable[str]) -> None:
    """Refused for the first field that a status no longer lets anybody change."""
    for name in fields:
        if name not in EDITABLE[status]:
            what, standing = _SPOKEN.get(name, name), STATUS_WORDS[status].lower()
            advice = "" if status == CANCELLED else " cancel it with the reason and"
            raise Refused(
                f"The {what} of an item that is {standing} does not change;{advice} plan a new one.",
                field=name,
            )


# --- recurring items ---------------------------------------------------------------------------------------

WEEKLY, MONTHLY, MONTHLY_WEEKDAY = "weekly", "monthly", "monthly_weekday"
EVERY_WORDS: Final[Mapping[str, str]] = {
    WEEKLY: "Every week on that weekday",
    MONTHLY: "Every month on that date",
    MONTHLY_WEEKDAY: "Every month on that weekday of the month",
}
MOST_OCCURRENCES: Final = 120


@dataclass(frozen=True)
class Recurrence:
    """From `first_on` to `until`, every `interval` weeks or months; both days included.

    `working_days` moves a day that is no working day to the next one that is.
    """

    every: str
    first_on: date
    until: date
    interval: int = 1
    working_days: bool = True


class Occurrence(NamedTuple):
    """`due_on` is the day by the rule and names the occurrence for ever; `day` is where it falls."""

    due_on: date
    day: date


def expand(rule: Recurrence, holidays: Collection[date] = frozenset()) -> list[Occurrence]:
    """Every occurrence in order; Refused when the rule cannot be read or gives too many.

    A month too short for the date takes its last day; a month without a fifth such weekday takes its last.
    """
    if rule.every not in EVERY_WORDS:
        raise Refused("That is no way to recur; choose one from the list.", field="every")
    if not 1 <= rule.interval <= 24:
        raise Refused("An item recurs every 1 to 24 weeks or months; correct the number.", field="interval")
    if rule.until < rule.first_on:
        raise Refused("The last day lies before the first; correct one of them.", field="until")
    found: list[Occurrence] = []
    for number in range(MOST_OCCURRENCES + 1):
        due_on = _nominal(rule, number)
        if due_on > rule.until:
            return found
        found.append(Occurrence(due_on, _moved(due_on, holidays) if rule.working_days else due_on))
    raise Refused(f"That gives more than {MOST_OCCURRENCES} items; choose an earlier last day.", field="until")


def _nominal(rule: Recurrence, number: int) -> date:
    if rule.every == WEEKLY:
        return rule.first_on + timedelta(weeks=number * rule.interval)
    month = add_months(rule.first_on, number * rule.interval)
    return month if rule.every == MONTHLY else _same_weekday(rule.first_on, month)


def _same_weekday(first_on: date, in_month: date) -> date:
    """The weekday of `first_on` in that month, at the same place counted from its beginning."""
    start = in_month.replace(day=1)
    place = (first_on.day - 1) // 7
    found = start + timedelta(days=(first_on.weekday() - start.weekday()) % 7, weeks=place)
    return found if found.month == start.month else found - timedelta(weeks=1)


def _moved(day: date, holidays: Collection[date]) -> date:
    return day if is_working_day(day, holidays) else add_working_days(day, 1, holidays)


# --- calendar, conflicts, gaps -----------------------------------------------------------------------------


class Placed(Protocol):
    """An item as the calendar sees it; `day` is None while it has none."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def force(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def day(self) -> date | None: ...


_Item = TypeVar("_Item", bound=Placed)


@dataclass(frozen=True)
class Conflict:
    """Two or more items for one audience on one day."""

    day: date
    audience: str
    item_ids: tuple[int, ...]

    @property
    def sentence(self) -> str:
        return f"{len(self.item_ids)} items for {self.audience} on {long_day(self.day)}; move one of them."


@dataclass(frozen=True)
class CalendarDay:
    """One day of the calendar with the ids of its items."""

    day: date
    is_inside: bool
    is_holiday: bool
    item_ids: tuple[int, ...]
    has_conflict: bool


@dataclass(frozen=True)
class CalendarWeek:
    """Monday to Sunday; a gap is a week without any item."""

    monday: date
    days: tuple[CalendarDay, ...]
    is_gap: bool


@dataclass(frozen=True)
class Lane:
    """One line of the timeline: a channel and the ids of its items in order of their days."""

    channel: str
    title: str
    item_ids: tuple[int, ...]


def overlap(one: str, other: str) -> bool:
    """Whether two scopes reach the same people."""
    return one == other or JOINT in (one, other)


def of_force(items: Iterable[_Item], force: str) -> list[_Item]:
    """The items that reach a force; all of them for Joint."""
    return [item for item in items if overlap(item.force, force)]


def conflicts(items: Iterable[Placed]) -> list[Conflict]:
    """Every day on which an audience would get more than one item, in order of days."""
    groups: dict[tuple[date, str], list[Placed]] = {}
    for item in items:
        if item.status in ON_CALENDAR and item.day is not None and item.audience.strip():
            groups.setdefault((item.day, audience_key(item.audience)), []).append(item)
    found = []
    for (day, _key), group in sorted(groups.items()):
        clashing = [
            one for one in group if any(one is not other and overlap(one.force, other.force) for other in group)
        ]
        if clashing:
            found.append(Conflict(day, clashing[0].audience.strip(), tuple(sorted(item.id for item in clashing))))
    return found


def audience_key(audience: str) -> str:
    """How audiences are compared: case and spaces do not count."""
    return " ".join(audience.casefold().split())


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def gaps(items: Iterable[Placed], first: date, last: date) -> list[date]:
    """The Mondays of the weeks from `first` to `last` in which no item stands."""
    busy = {monday_of(item.day) for item in items if item.day is not None and item.status in ON_CALENDAR}
    return [monday for monday in mondays(first, last) if monday not in busy]


def mondays(first: date, last: date) -> list[date]:
    """The Mondays of all weeks that hold a day from `first` to `last`."""
    start = monday_of(first)
    return [start + timedelta(weeks=n) for n in range((monday_of(last) - start).days // 7 + 1)] if last >= first else []


def calendar(
    items: Sequence[Placed], first: date, last: date, holidays: Collection[date] = frozenset()
) -> list[CalendarWeek]:
    """The whole weeks that hold the days from `first` to `last`; ideas with a day are shown, cancelled items not."""
    clashes = {conflict.day for conflict in conflicts(items)}
    empty = set(gaps(items, first, last))
    by_day: dict[date, list[Placed]] = {}
    for item in items:
        if item.day is not None and item.status != CANCELLED:
            by_day.setdefault(item.day, []).append(item)

    def shown(day: date) -> CalendarDay:
        ids = tuple(item.id for item in sorted(by_day.get(day, ()), key=lambda item: (item.title, item.id)))
        return CalendarDay(day, first <= day <= last, day in holidays, ids, day in clashes)

    return [
        CalendarWeek(monday, tuple(shown(monday + timedelta(days=n)) for n in range(7)), monday in empty)
        for monday in mondays(first, last)
    ]


def month(items: Sequence[Placed], day: date, holidays: Collection[date] = frozenset()) -> list[CalendarWeek]:
    """The calendar of the month that holds `day`."""
    first = day.replace(day=1)
    return calendar(items, first, add_months(first, 1) - timedelta(days=1), holidays)


def quarter(items: Sequence[Placed], day: date, holidays: Collection[date] = frozenset()) -> list[CalendarWeek]:
    """The weeks of the quarter that holds `day`, one after another, so that nothing ends at a month's edge."""
    first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return calendar(items, first, add_months(first, 3) - timedelta(days=1), holidays)


def timeline(items: Iterable[Placed], first: date, last: date) -> list[Lane]:
    """A lane for each channel that has items from `first` to `last`, in the order of the channels."""
    lanes: dict[str, list[Placed]] = {channel: [] for channel in CHANNELS}
    for item in items:
        if item.day is not None and first <= item.day <= last and item.status != CANCELLED:
            lanes[item.channel].append(item)
    return [
        Lane(channel, CHANNELS[channel], tuple(i.id for i in sorted(inside, key=lambda i: (i.day or first, i.id))))
        for channel, inside in lanes.items()
        if inside
    ]
