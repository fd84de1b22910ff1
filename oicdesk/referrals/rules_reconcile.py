"""Which contacts of an outside list are which referrals of the register.

References come first, then force, officer and time; one to one, as many pairs as there can be, and of those
ways the one with the least total time between the two lists. What is unsure is doubtful, never matched.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple

from oicdesk import stats
from oicdesk.referrals.rules import normalised_reference
from oicdesk.settings.rules import london_day, spoken_day, spoken_range

MATCHED: Final = "matched"
DOUBTFUL: Final = "doubtful"
ONLY_THEIRS: Final = "only theirs"

WINDOW: Final = timedelta(minutes=30)
SAME_REFERENCE_WITHIN: Final = timedelta(hours=24)
MOST_CANDIDATES: Final = 20
# Pairs that one reference, or one officer's times, leave open: more tell nothing apart, and take minutes to weigh.
MOST_PAIRS: Final = 40_000
_SECOND: Final = timedelta(seconds=1)
_UNKNOWN_TIME: Final = SAME_REFERENCE_WITHIN // _SECOND + 1
_STEP: Final = 1000

Progress = Callable[[float, str], None]


def reference_key(text: str | None) -> str:
    """A reference for matching; words without a figure ("none", "awaited") are no reference."""
    key = normalised_reference(text)
    return key if any(letter.isdigit() for letter in key) else ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact in either list; `reference` and `officer` normalised, `label` is how sentences call it."""

    id: int
    reference: str
    force: str | None
    officer: str
    at: datetime | None
    label: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one contact of their list; `candidates` are referrals it may be, the nearest first."""

    state: str
    why: str
    ours: int | None = None
    candidates: tuple[int, ...] = ()


class Reconciliation(NamedTuple):
    """`findings` by the id of their contact; `only_ours` are referrals without a partner."""

    findings: Mapping[int, Finding]
    only_ours: tuple[int, ...]


def reconcile(
    ours: Iterable[Contact],
    theirs: Iterable[Contact],
    *,
    window: timedelta = WINDOW,
    fixed: Mapping[int, int] | None = None,
    refused: Collection[tuple[int, int]] = frozenset(),
    progress: Progress | None = None,
) -> Reconciliation:
    """Compare the two lists; the order of neither matters.

    `fixed` are pairs (theirs → ours) that a person settled, `refused` those that a person ruled out.
    `progress` may raise to stop.
    """
    work = _Work(
        {one.id: one for one in sorted(ours, key=_order)},
        {one.id: one for one in sorted(theirs, key=_order)},
        window,
        frozenset(refused),
        progress or (lambda _share, _text: None),
    )
    for theirs_id, ours_id in (fixed or {}).items():
        work.settle(theirs_id, ours_id, "Accepted by a person.")
    work.by_reference()
    work.by_officer()
    work.left_over()
    return Reconciliation(work.findings, tuple(one for one in work.ours if one not in work.holder))


def _order(one: Contact) -> tuple[str, str, str, str, int]:
    return (_instant(one).isoformat() if one.at else "", one.reference, one.force or "", one.officer, one.id)


def _instant(one: Contact) -> datetime:
    assert one.at is not None
    return one.at.astimezone(UTC)


@dataclass
class _Work:
    ours: dict[int, Contact]
    theirs: dict[int, Contact]
    window: timedelta
    refused: frozenset[tuple[int, int]]
    progress: Progress
    findings: dict[int, Finding] = field(default_factory=dict)
    holder: dict[int, Contact] = field(default_factory=dict)  # our id → their contact that is matched with it
    several: dict[int, list[Contact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ours, theirs = (Counter(one.reference for one in side.values()) for side in (self.ours, self.theirs))
        worn = {ref for ref in ours if ref and ours[ref] * theirs[ref] > MOST_PAIRS}  # a filler such as "000", on all
        self.ours, self.theirs = _without(worn, self.ours), _without(worn, self.theirs)
        self.of_reference: dict[str, list[Contact]] = defaultdict(list)
        self.of_officer: dict[tuple[str, str], list[Contact]] = defaultdict(list)
        for one in self.ours.values():
            if one.reference:
                self.of_reference[one.reference].append(one)
            if one.force and one.officer and one.at:
                self.of_officer[one.force, one.officer].append(one)
        self.times = {key: [_instant(one) for one in group] for key, group in self.of_officer.items()}
        self.crowded: set[tuple[str, str]] = set()

    def settle(self, theirs_id: int, ours_id: int, why: str) -> None:
        self.findings[theirs_id] = Finding(MATCHED, why, ours_id, (ours_id,))
        self.holder[ours_id] = self.theirs[theirs_id]

    def doubt(self, one: Contact, candidates: Iterable[Contact], why: str) -> None:
        nearest = sorted(candidates, key=lambda other: (_seconds(one, other), other.id))[:MOST_CANDIDATES]
        self.findings[one.id] = Finding(DOUBTFUL, why, None, tuple(other.id for other in nearest))

    def open_ones(self) -> list[Contact]:
        return [one for one in self.theirs.values() if one.id not in self.findings]

    def _may(self, one: Contact, other: Contact) -> bool:
        return (one.id, other.id) not in self.refused

    # --- the same reference ---

    def by_reference(self) -> None:
        groups: dict[str, list[Contact]] = defaultdict(list)
        for one in self.open_ones():
            if one.reference in self.of_reference:
                groups[one.reference].append(one)
        done = 0
        for group in groups.values():
            if done // _STEP < (done := done + len(group)) // _STEP:
                self.progress(0.3 * done / len(self.theirs), "Comparing references")
            costs = {one.id: self._same_and_agreeing(one) for one in group}
            for theirs_id, ours_id in assign(costs, self.progress).items():
                self.settle(theirs_id, ours_id, f"Same reference{_apart(self.theirs[theirs_id], self.ours[ours_id])}.")
        for one in self.open_ones():
            self._doubt_reference(one)

    def _same_and_agreeing(self, one: Contact) -> dict[int, int]:
        return {
            other.id: _seconds(one, other)
            for other in self._same_reference(one)
            if other.id not in self.holder and not _contradiction(one, other)
        }

    def _same_reference(self, one: Contact) -> list[Contact]:
        group = self.of_reference.get(one.reference, []) if one.reference else []
        return [other for other in group if self._may(one, other)]

    def _doubt_reference(self, one: Contact) -> None:
        same = self._same_reference(one)
        if not same:
            return
        against = [other for other in same if _contradiction(one, other)]
        if against:
            nearest = min(against, key=lambda other: (_seconds(one, other), other.id))
            self.doubt(one, same, f"Same reference as {nearest.label}, but {_contradiction(one, nearest)}.")
        else:
            holder = self.holder[same[0].id].label
            self.doubt(one, same, f"Same reference as {holder}, which is matched with {same[0].label} already.")

    # --- force, officer and time ---

    def _near(self, one: Contact) -> list[Contact]:
        """Referrals of this officer within the window, held by another contact or not; of a crowd the nearest."""
        first, last = self._within(one)
        if first < last and (key := _officer(one)) in self.crowded:
            middle = bisect_left(self.times[key], _instant(one))
            first, last = max(first, middle - MOST_CANDIDATES), min(last, middle + MOST_CANDIDATES)
        return [other for other in self.of_officer.get(_officer(one), [])[first:last] if self._may(one, other)]

    def _within(self, one: Contact) -> tuple[int, int]:
        times = self.times.get(_officer(one), ())
        if not one.at:
            return 0, 0
        at = _instant(one)
        return bisect_left(times, at - self.window), bisect_right(times, at + self.window)

    def _agreeing(self, one: Contact) -> list[Contact]:
        near = self._near(one)
        return [other for other in near if other.id not in self.holder and not _references_differ(one, other)]

    def by_officer(self) -> None:
        groups: dict[tuple[str, str], list[Contact]] = defaultdict(list)
        for one in self.open_ones():
            if _officer(one) in self.times:
                groups[_officer(one)].append(one)
        done = 0
        for key, group in groups.items():
            if done // _STEP < (done := done + len(group)) // _STEP:
                self.progress(0.4 + 0.3 * done / len(self.theirs), "Comparing officers and times")
            if sum(last - first for first, last in map(self._within, group)) > MOST_PAIRS:
                self.crowded.add(key)
            else:
                self._pair_by_officer(group)

    def _pair_by_officer(self, group: Sequence[Contact]) -> None:
        costs: dict[int, dict[int, int]] = {}
        for one in group:
            agreeing = self._agreeing(one)
            if len(agreeing) > 1 and not one.reference:
                self.several[one.id] = agreeing
            elif agreeing:
                costs[one.id] = {other.id: _seconds(one, other) for other in agreeing}
        for theirs_id, ours_id in assign(costs, self.progress).items():
            one, other = self.theirs[theirs_id], self.ours[ours_id]
            self.settle(theirs_id, ours_id, _why_officer(one, other, len(costs[theirs_id])))

    def left_over(self) -> None:
        self.progress(0.9, "Sorting what is left")
        for one in self.open_ones():
            near = self._near(one)
            free = [other for other in near if other.id not in self.holder]
            twice = [o for o in near if o not in free and not _references_differ(one, self.holder[o.id])]
            if near and _officer(one) in self.crowded:
                self.doubt(one, near, "More contacts of this officer lie near it in time than can be told apart.")
            elif one.id in self.several:
                among = self.several[one.id]
                labels = ", ".join(other.label for other in among[:5])
                self.doubt(
                    one, among, f"No reference, and several referrals agree in force, officer and time: {labels}."
                )
            elif free:
                nearest = min(free, key=lambda other: (_seconds(one, other), other.id))
                apart = _apart(one, nearest)
                self.doubt(one, free, f"Same force and officer as {nearest.label}{apart}, but the references differ.")
            elif twice:
                held = f"{twice[0].label}, but that is matched with {self.holder[twice[0].id].label} already"
                self.doubt(one, twice, f"Agrees in force, officer and time with {held}.")
            else:
                self.findings[one.id] = Finding(ONLY_THEIRS, _why_only(one))


def _without(worn: Collection[str], side: Mapping[int, Contact]) -> dict[int, Contact]:
    return {id: replace(one, reference="") if one.reference in worn else one for id, one in side.items()}


def _officer(one: Contact) -> tuple[str, str]:
    """Force and officer; both empty where one is not known, which no referral is kept under."""
    return (one.force, one.officer) if one.force and one.officer else ("", "")


def _seconds(one: Contact, other: Contact) -> int:
    if one.at is None or other.at is None:
        return _UNKNOWN_TIME
    return abs(_instant(one) - _instant(other)) // _SECOND


def _contradiction(one: Contact, other: Contact) -> str:
    """Why the same reference is not enough, or nothing."""
    if one.force and other.force and one.force != other.force:
        return f"their list says {one.force} and the register {other.force}"
    if one.at and other.at and abs(_instant(one) - _instant(other)) > SAME_REFERENCE_WITHIN:
        return f"the two times are {_spoken_gap(one, other)} apart"
    return ""


def _references_differ(one: Contact, other: Contact) -> bool:
    return bool(one.reference and other.reference and one.reference != other.reference)


def _apart(one: Contact, other: Contact) -> str:
    if one.at is None or other.at is None:
        return ", a time is not known"
    gap = _spoken_gap(one, other)
    return f", {gap} apart" if gap else ", at the same time"


def _spoken_gap(one: Contact, other: Contact) -> str:
    minutes = _seconds(one, other) // 60
    if minutes < 120:
        return "" if minutes == 0 else f"{minutes} minute{'' if minutes == 1 else 's'}"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def _why_officer(one: Contact, other: Contact, candidates: int) -> str:
    neither = not one.reference and not other.reference
    said = "Neither has a reference of its own" if neither else "Only one has a reference"
    alone = "no other referral does" if candidates == 1 else "the pairs lie nearest in time this way"
    return f"{said}; force, officer and time agree{_apart(one, other)}, and {alone}."


def _why_only(one: Contact) -> str:
    if not one.reference and not (one.officer and one.force):
        return "It has neither a reference of its own nor a known officer and force, so nothing can be compared."
    return "No referral has this reference, or this force, officer and time."


# --- one to one -------------------------------------------------------------------------------------------


def assign(costs: Mapping[int, Mapping[int, int]], progress: Progress | None = None) -> dict[int, int]:
    """One to one: most pairs, then least total cost. `costs` is left → right → cost, where a pair may be.

    Each group of lefts and rights that hang together is solved for itself, exactly.
    """
    pairs: dict[int, int] = {}
    for done, group in enumerate(_groups(costs)):
        if progress is not None and done % _STEP == 0:
            progress(0.35, "Pairing contacts")
        if len(group) == 1 and len(costs[group[0]]) == 1:
            pairs[group[0]] = next(iter(costs[group[0]]))
        else:
            pairs |= _solve({left: costs[left] for left in group}, progress)
    return pairs


def _groups(costs: Mapping[int, Mapping[int, int]]) -> list[list[int]]:
    lefts_of: dict[int, list[int]] = defaultdict(list)
    for left, rights in costs.items():
        for right in rights:
            lefts_of[right].append(left)
    seen: set[int] = set()
    used: set[int] = set()
    groups = []
    for start in costs:
        if start in seen:
            continue
        seen.add(start)
        group = [start]
        for left in group:  # grows while it is walked
            for right in costs[left]:
                if right not in used:
                    used.add(right)
                    fresh = [other for other in lefts_of[right] if other not in seen]
                    seen.update(fresh)
                    group += fresh
        groups.append(group)
    return groups


def _solve(costs: Mapping[int, Mapping[int, int]], progress: Progress | None) -> dict[int, int]:
    """One left after the other takes a partner by the cheapest way, which may move those before it on.

    Prices of lefts and rights keep every cost at or above nought, so that the cheapest way is found without looking
    at the whole group (Jonker and Volgenant 1987). A left goes without at a price above all costs together.
    """
    prices = _Prices(1 + sum(max(rights.values(), default=0) for rights in costs.values()))
    for done, start in enumerate(costs):
        if progress is not None and done % 100 == 0:
            progress(0.35, "Pairing contacts")
        prices.place(costs, start)
    return prices.right_of


@dataclass
class _Prices:
    without: int  # what it costs to leave a left without a partner
    of_left: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    of_right: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    right_of: dict[int, int] = field(default_factory=dict)
    left_of: dict[int, int] = field(default_factory=dict)

    def place(self, costs: Mapping[int, Mapping[int, int]], start: int) -> None:
        """Give `start` a partner; where there is one too few, the left that is dearest to pair goes without."""
        reach: dict[int, int] = {}
        via: dict[int, int] = {}
        settled: dict[int, int] = {}
        lefts = {start: 0}
        heap: list[tuple[int, int]] = []
        left, far = start, 0
        cheapest, leaver = self.without - self.of_left[start], start
        right: int | None
        while True:
            for other, cost in costs[left].items():
                there = far + cost - self.of_left[left] - self.of_right[other]
                if other not in settled and there < reach.get(other, there + 1):
                    reach[other], via[other] = there, left
                    heappush(heap, (there, other))
            while heap and heap[0][1] in settled:
                heappop(heap)
            if not heap or heap[0][0] >= cheapest:
                end, right = cheapest, self.right_of.pop(leaver, None)
                break
            end, nearest = heappop(heap)
            if nearest not in self.left_of:
                right = nearest
                break
            settled[nearest] = far = end
            left = self.left_of[nearest]
            lefts[left] = far
            if far + self.without - self.of_left[left] < cheapest:
                cheapest, leaver = far + self.without - self.of_left[left], left
        for one, far in lefts.items():
            self.of_left[one] += end - far
        for one, far in settled.items():
            self.of_right[one] -= end - far
        while right is not None:
            left = via[right]
            self.left_of[right] = left
            self.right_of[left], right = right, self.right_of.get(left)


# --- what both lists missed -------------------------------------------------------------------------------


CAVEAT: Final = (
    "The estimate (Chapman) assumes that the two lists were made independently, that a contact is as likely to be on"
    " one list whether or not it is on the other, and that every pair was found; doubtful pairs count as no pair. Where"
    " one list was made from the other, it is too low. It is an indication, not a count."
)


class Listed(NamedTuple):
    """One contact for the estimate, found on our list, on theirs, or on both."""

    at: datetime
    ours: bool
    theirs: bool


@dataclass(frozen=True)
class MissedByBoth:
    """The Chapman estimate over the days that both lists cover."""

    first_day: date
    last_day: date
    ours: int
    theirs: int
    both: int
    estimate: float
    standard_error: float

    @property
    def missed(self) -> float:
        """Contacts estimated to be on neither list."""
        return self.estimate - (self.ours + self.theirs - self.both)


def missed_by_both(
    contacts: Sequence[Listed],
    *,
    our_days: tuple[date, date] | None = None,
    their_days: tuple[date, date] | None = None,
) -> MissedByBoth | None:
    """The estimate over the overlap of the two periods; None where they do not overlap.

    The periods are those given, else from the first to the last contact of each list.
    """
    ours = our_days or _days(one.at for one in contacts if one.ours)
    theirs = their_days or _days(one.at for one in contacts if one.theirs)
    if ours is None or theirs is None:
        return None
    first, last = max(ours[0], theirs[0]), min(ours[1], theirs[1])
    if first > last:
        return None
    within = [one for one in contacts if first <= london_day(one.at) <= last]
    counts = sum(c.ours for c in within), sum(c.theirs for c in within), sum(c.ours and c.theirs for c in within)
    found = stats.chapman(*counts)
    return MissedByBoth(first, last, *counts, found.estimate, found.standard_error)


def _days(instants: Iterable[datetime]) -> tuple[date, date] | None:
    days = [london_day(at) for at in instants]
    return (min(days), max(days)) if days else None


def spoken_denominator(name: str, on: datetime) -> str:
    """What figures say of their denominator once a list was compared."""
    return f"reconciled with {name} on {spoken_day(london_day(on))}"


def spoken_missed(found: MissedByBoth) -> str:
    """The estimate as a sentence, without its caveat."""
    period = spoken_range(found.first_day, found.last_day)
    return (
        f"Over the days that both lists cover ({period}) the register has {found.ours} contacts, the outside list"
        f" {found.theirs}, and {found.both} are on both: an estimated {found.missed:.1f} contacts were missed by both"
        f" (standard error {found.standard_error:.1f})."
    )
