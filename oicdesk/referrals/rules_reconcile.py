"""Which contacts of an outside list are which referrals of the register.

References come first, then force, officer and time; one to one, as many pairs as there can be, and of those
ways the one with the least total time between the two lists. What is unsure is doubtful, never matched.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
        self.of_reference: dict[str, list[Contact]] = defaultdict(list)
        self.of_officer: dict[tuple[str, str], list[Contact]] = defaultdict(list)
        for one in self.ours.values():
            if one.reference:
                self.of_reference[one.reference].append(one)
            if one.force and one.officer and one.at:
                self.of_officer[one.force, one.officer].append(one)
        self.times = {key: [_instant(one) for one in group] for key, group in self.of_officer.items()}

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
        costs: dict[int, dict[int, int]] = {}
        for done, one in enumerate(self.open_ones()):
            if done % _STEP == 0:
                self.progress(0.3 * done / len(self.theirs), "Comparing references")
            agreeing = {
                other.id: _seconds(one, other)
                for other in self._same_reference(one)
                if other.id not in self.holder and not _contradiction(one, other)
            }
            if agreeing:
                costs[one.id] = agreeing
        for theirs_id, ours_id in assign(costs, self.progress).items():
            self.settle(theirs_id, ours_id, f"Same reference{_apart(self.theirs[theirs_id], self.ours[ours_id])}.")
        for one in self.open_ones():
            self._doubt_reference(one)

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
        """Referrals of this officer within the window, held by another contact or not."""
        if not (one.force and one.officer and one.at):
            return []
        key, at = (one.force, one.officer), _instant(one)
        times = self.times.get(key)
        if times is None:
            return []
        first, last = bisect_left(times, at - self.window), bisect_right(times, at + self.window)
        return [other for other in self.of_officer[key][first:last] if self._may(one, other)]

    def _agreeing(self, one: Contact) -> list[Contact]:
        near = self._near(one)
        return [other for other in near if other.id not in self.holder and not _references_differ(one, other)]

    def by_officer(self) -> None:
        costs: dict[int, dict[int, int]] = {}
        for done, one in enumerate(self.open_ones()):
            if done % _STEP == 0:
                self.progress(0.4 + 0.3 * done / len(self.theirs), "Comparing officers and times")
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
            if one.id in self.several:
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
    said = "Neither has a reference" if not one.reference and not other.reference else "Only one has a reference"
    alone = "no other referral does" if candidates == 1 else "the pairs lie nearest in time this way"
    return f"{said}; force, officer and time agree{_apart(one, other)}, and {alone}."


def _why_only(one: Contact) -> str:
    if not one.reference and not (one.officer and one.force):
        return "It has neither a reference nor a known officer and force, so nothing can be compared."
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
    """Successive shortest augmenting paths: each step adds one pair at the least extra cost."""
    right_of: dict[int, int] = {}
    left_of: dict[int, int] = {}
    while True:
        if progress is not None:
            progress(0.35, "Pairing contacts")
        reach, via = _shortest(costs, right_of, left_of)
        free = [right for right in reach if right not in left_of]
        if not free:
            return right_of
        right: int | None = min(free, key=reach.__getitem__)
        while right is not None:
            left = via[right]
            left_of[right] = left
            right_of[left], right = right, right_of.get(left)


def _shortest(
    costs: Mapping[int, Mapping[int, int]], right_of: Mapping[int, int], left_of: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """The least extra cost of reaching each right from a left without a partner, and from which left."""
    far = {left: 0 for left in costs if left not in right_of}
    reach: dict[int, int] = {}
    via: dict[int, int] = {}
    queue = deque(far)
    while queue:
        left = queue.popleft()
        for right, cost in costs[left].items():
            there = far[left] + cost
            if right_of.get(left) == right or there >= reach.get(right, there + 1):
                continue
            reach[right], via[right] = there, left
            owner = left_of.get(right)
            if owner is not None and there - costs[owner][right] < far.get(owner, there + 1):
                far[owner] = there - costs[owner][right]
                queue.append(owner)
    return reach, via


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
