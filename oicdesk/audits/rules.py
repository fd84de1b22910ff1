"""How an audit is planned and drawn, and how it and its actions move on.

The draw can be repeated by anybody with the frame and the seed: each case gets the number
SHA-256("oicdesk-draw-1", seed, case), each on a line of its own in UTF-8, and the lowest numbers are drawn. With
strata, each stratum gives its own lowest. Nothing here depends on the machine, the order of input or the clock.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import ceil
from operator import index
from typing import Final, NamedTuple

from oicdesk import stats
from oicdesk.audits.rules_review import is_same_person, plural
from oicdesk.errors import Refused
from oicdesk.settings.rules import spoken_day

# --- statuses ----------------------------------------------------------------------------------------------

DRAFT: Final = "DRAFT"
SAMPLE_FROZEN: Final = "SAMPLE_FROZEN"
IN_REVIEW: Final = "IN_REVIEW"
MODERATED: Final = "MODERATED"
APPROVED: Final = "APPROVED"
SUPERSEDED: Final = "SUPERSEDED"

STATUS_WORDS: Final[Mapping[str, str]] = {
    DRAFT: "Draft",
    SAMPLE_FROZEN: "Sample frozen",
    IN_REVIEW: "In review",
    MODERATED: "Moderated",
    APPROVED: "Approved",
    SUPERSEDED: "Superseded",
}
STATUSES: Final = tuple(STATUS_WORDS)
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    DRAFT: frozenset({SAMPLE_FROZEN}),
    SAMPLE_FROZEN: frozenset({IN_REVIEW}),
    IN_REVIEW: frozenset({MODERATED}),
    MODERATED: frozenset({APPROVED}),
    APPROVED: frozenset({SUPERSEDED}),
    SUPERSEDED: frozenset(),
}
_NEXT: Final[Mapping[str, str]] = {
    DRAFT: "freeze its sample first",
    SAMPLE_FROZEN: "answer its cases first",
    IN_REVIEW: "finish and moderate its review first",
    MODERATED: "have it approved first",
    APPROVED: "plan a new audit that supersedes it",
    SUPERSEDED: "look at the audit that replaced it",
}


def move(status: str, to: str) -> str:
    """The new status of an audit, or Refused in one sentence."""
    if to not in ALLOWED[status]:
        raise Refused(
            f"An audit that is {STATUS_WORDS[status].lower()} cannot become {STATUS_WORDS[to].lower()};"
            f" {_NEXT[status]}."
        )
    return to


def check_draft(status: str) -> None:
    """Refuses a change of plan once the sample is frozen."""
    if status != DRAFT:
        raise Refused(
            "The sample of this audit is frozen, so its plan cannot change; plan a new audit that supersedes it."
        )


OPEN: Final = "OPEN"
IN_PROGRESS: Final = "IN_PROGRESS"
DONE: Final = "DONE"
VERIFIED: Final = "VERIFIED"
ACTION_WORDS: Final[Mapping[str, str]] = {
    OPEN: "Open",
    IN_PROGRESS: "In progress",
    DONE: "Done",
    VERIFIED: "Verified",
}
ACTION_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    OPEN: frozenset({IN_PROGRESS}),
    IN_PROGRESS: frozenset({DONE}),
    DONE: frozenset({VERIFIED, OPEN}),
    VERIFIED: frozenset(),
}
_ACTION_NEXT: Final[Mapping[str, str]] = {
    OPEN: "start it first",
    IN_PROGRESS: "mark it as done first",
    DONE: "have it verified, or open it again",
    VERIFIED: "record a new action if more is needed",
}


def move_action(
    status: str, to: str, *, by: str = "", owner: str = "", done_by: str = "", evidence: str = "", reason: str = ""
) -> str:
    """The new status of an action. Verifying needs evidence and somebody who neither owns nor finished it."""
    if to not in ACTION_ALLOWED[status]:
        raise Refused(
            f"An action that is {ACTION_WORDS[status].lower()} cannot become {ACTION_WORDS[to].lower()};"
            f" {_ACTION_NEXT[status]}."
        )
    if to == VERIFIED:
        if is_same_person(by, owner) or is_same_person(by, done_by):
            raise Refused(
                "Whoever owns or finished an action cannot verify it; ask somebody else.", field="verified_by"
            )
        if not evidence.strip():
            raise Refused("An action is verified only with evidence; write what shows it.", field="evidence")
    if (status, to) == (DONE, OPEN) and not reason.strip():
        raise Refused("A done action is opened again only with a reason; write what is missing.", field="reason")
    return to


def is_action_overdue(status: str, due_on: date, today: date) -> bool:
    """Overdue from the day after its date, until it is done."""
    return status in (OPEN, IN_PROGRESS) and today > due_on


CRITICAL, HIGH, MEDIUM, LOW = "Critical", "High", "Medium", "Low"
SEVERITIES: Final = (CRITICAL, HIGH, MEDIUM, LOW)

# --- kinds and plans ---------------------------------------------------------------------------------------

CENSUS: Final = "census"
RANDOM: Final = "random"
DISCOVERY: Final = "discovery"
DIP: Final = "dip"
KIND_WORDS: Final[Mapping[str, str]] = {
    CENSUS: "Census check",
    RANDOM: "Random quality audit",
    DISCOVERY: "Discovery sample",
    DIP: "Dip sample",
}
NOT_REPRESENTATIVE: Final = "A dip sample is chosen for convenience: not representative, and without an interval."

DOCUMENTED: Final = "documented"
IN_SCOPE: Final = "in_scope"
POPULATION_WORDS: Final[Mapping[str, str]] = {
    DOCUMENTED: "Cases in scope with a submitted document that was not rejected",
    IN_SCOPE: "All cases in scope, with or without a document",
}
STRATA_WORDS: Final[Mapping[tuple[str, ...], str]] = {
    ("force", "reason"): "Force and contact reason",
    ("force",): "Force",
    ("reason",): "Contact reason",
    (): "None",
}
STRATUM_JOINT: Final = " · "

AUDIT_ALL_UP_TO: Final = 30
MINIMUM: Final = 2
MARGIN_MONTHLY: Final = 0.10
MARGIN_YEARLY: Final = 0.05
SECOND_SHARE: Final = 0.20
SECOND_LEAST: Final = 10


@dataclass(frozen=True)
class Plan:
    """What is decided before anybody looks at a case.

    `size` is used by a dip sample only. Nobody but `reviewers` gives first answers, and nobody but `second_reviewer`
    second ones; empty leaves it open, and each is refused case by case. `merged` maps a stratum's label to the label
    it is counted under; `exclusions` maps a case's reference to the reason it is left out.
    """

    title: str
    kind: str
    period_from: date
    period_to: date
    force: str = "Joint"
    aim: str = ""
    recommendation: str = "2"
    population_rule: str = DOCUMENTED
    strata_by: tuple[str, ...] = ("force", "reason")
    merged: Mapping[str, str] = field(default_factory=dict)
    exclusions: Mapping[str, str] = field(default_factory=dict)
    margin: float = MARGIN_MONTHLY
    confidence: float = 0.95
    rate: float = 0.05
    size: int | None = None
    minimum: int = MINIMUM
    audit_all_up_to: int = AUDIT_ALL_UP_TO
    second_share: float = SECOND_SHARE
    second_least: int = SECOND_LEAST
    reviewers: tuple[str, ...] = ()
    second_reviewer: str = ""


def check_plan(plan: Plan) -> dict[str, str]:
    """Every problem of a plan at once, by field."""
    problems: dict[str, str] = {}
    if not plan.title.strip():
        problems["title"] = "An audit needs a title; write one, such as “Documents of March 2026”."
    if plan.kind not in KIND_WORDS:
        problems["kind"] = "That is not a kind of audit; choose one from the list."
    if plan.population_rule not in POPULATION_WORDS:
        problems["population_rule"] = "That is not a population the desk knows; choose one from the list."
    if plan.strata_by not in STRATA_WORDS:
        problems["strata_by"] = "Strata are made from the force, the contact reason, both or neither; choose one."
    if plan.period_to < plan.period_from:
        problems["period_to"] = (
            f"The period ends on {spoken_day(plan.period_to)}, before it begins; check its two days."
        )
    if plan.kind == DIP and (plan.size is None or plan.size < 1):
        problems["size"] = "A dip sample needs a number of cases, 1 or more; write how many."
    for name in ("margin", "confidence", "rate"):
        if not 0 < getattr(plan, name) < 1:
            problems[name] = f"The {name} lies between 0 and 100 per cent, ends left out; write another."
    if not 0 < plan.second_share <= 1:
        problems["second_share"] = "The share reviewed twice is above 0 and at most 100 per cent; write another."
    for name in ("minimum", "audit_all_up_to", "second_least"):
        if getattr(plan, name) < 0:
            problems[name] = "This number is 0 or more; write another."
    if plan.second_reviewer and any(is_same_person(plan.second_reviewer, name) for name in plan.reviewers):
        problems["second_reviewer"] = (
            f"{plan.second_reviewer} reviews first, and the second review is another person's; name somebody else."
        )
    for case, reason in plan.exclusions.items():
        if not reason.strip():
            problems["exclusions"] = f"{case} is left out without a reason; write why."
    return problems


class PlannedSize(NamedTuple):
    """How many cases, and why in one plain sentence."""

    size: int
    why: str


def planned_size(plan: Plan, population: int) -> PlannedSize:
    """How many of `population` cases the plan asks for, with the sentence that a reader of the report gets."""
    if population == 0:
        return PlannedSize(0, "No case is in the population, so there is nothing to audit.")
    if plan.kind == CENSUS:
        return PlannedSize(population, f"{_all(population)}, because a census check counts every one.")
    if plan.kind == DIP:
        size = min(plan.size or 0, population)
        return PlannedSize(size, f"{size} of {plural(population, 'case')}, as chosen. {NOT_REPRESENTATIVE}")
    if population <= plan.audit_all_up_to:
        return PlannedSize(
            population,
            f"{_all(population)}, because a population of {plan.audit_all_up_to} or fewer is audited whole.",
        )
    sure = f"{spoken_share(plan.confidence)} confidence"
    if plan.kind == DISCOVERY:
        size = stats.discovery_size(population, rate=plan.rate, confidence=plan.confidence)
        why = (
            f"{size} of {plural(population, 'case')}, because if {spoken_share(plan.rate)} or more of all cases fail,"
            f" a sample of this size shows at least one failure with {sure}."
        )
    else:
        size = stats.sample_size(population, margin=plan.margin, confidence=plan.confidence)
        points = spoken_share(plan.margin).removesuffix("%")
        why = (
            f"{size} of {plural(population, 'case')}, because that gives the share that passes to within"
            f" ±{points} percentage points with {sure}, whatever the share is."
        )
    return PlannedSize(size, why)


def _all(population: int) -> str:
    return "The only case" if population == 1 else f"All {population:,} cases"


def spoken_share(share: float) -> str:
    """0.05 as “5%”, 0.025 as “2.5%”: the decimal as it was written."""
    value = Fraction(str(share)) * 100
    return f"{int(value)}%" if value.denominator == 1 else f"{float(value):g}%"


def stratum_of(plan: Plan, force: str, reason: str) -> str:
    """The label a case is drawn and weighted under, merged strata included; empty without strata."""
    facts = {"force": force, "reason": reason}
    label = STRATUM_JOINT.join([facts[name] for name in plan.strata_by])
    return plan.merged.get(label, label)


# --- the draw ----------------------------------------------------------------------------------------------

ALGORITHM: Final = "oicdesk-draw-1"
_SECOND: Final = "oicdesk-second-1"


def draw(
    frame: Iterable[str],
    size: int,
    *,
    seed: int,
    strata: Mapping[str, str] | None = None,
    minimum: int = MINIMUM,
) -> list[str]:
    """`size` items of the frame in draw order: the items of lowest number, or of each stratum its lowest.

    Without strata a larger draw of the same seed begins with the smaller one; with strata each stratum's part
    does. Refused if the frame repeats an item, if it has fewer than `size`, or if the minima do not fit.
    """
    return draw_with_spares(frame, size, seed=seed, strata=strata, minimum=minimum)[0]


def draw_with_spares(
    frame: Iterable[str],
    size: int,
    *,
    seed: int,
    strata: Mapping[str, str] | None = None,
    minimum: int = MINIMUM,
) -> tuple[list[str], dict[str, list[str]]]:
    """The draw, and everything else by stratum (all under "" without strata) in the order in which it is taken."""
    ordered = permutation(frame, seed=seed)
    size = _size(size, len(ordered))
    if strata is None:
        return ordered[:size], {"": ordered[size:]}
    groups = _by_stratum(ordered, strata)
    wanted = allocation({label: len(items) for label, items in groups.items()}, size, minimum)
    chosen = {item for label, items in groups.items() for item in items[: wanted[label]]}
    rest = {label: items[wanted[label] :] for label, items in groups.items()}
    return [item for item in ordered if item in chosen], rest


def permutation(frame: Iterable[str], *, seed: int, purpose: str = ALGORITHM) -> list[str]:
    """The whole frame in draw order: by SHA-256 of purpose, seed and item; the same on any machine."""
    start = hashlib.sha256(f"{purpose}\n{_seed(seed)}\n".encode())
    numbered = {}
    for item in _items(frame):
        number = start.copy()
        number.update(item.encode("utf-8", "surrogatepass"))
        numbered[number.digest()] = item
    return [numbered[number] for number in sorted(numbered)]


def frame_hash(frame: Iterable[str], strata: Mapping[str, str] | None = None) -> str:
    """SHA-256 over the frame: sorted, one line per item, `item TAB stratum LF` in UTF-8 (no TAB without strata)."""
    digest = hashlib.sha256()
    for item in _items(frame):
        line = item if strata is None else f"{item}\t{_label(item, strata)}"
        if "\n" in line or line.count("\t") > (strata is not None):
            raise Refused("A case or stratum of the frame holds a tab or a line break; remove it.", field="frame")
        digest.update(f"{line}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _items(frame: Iterable[str]) -> list[str]:
    items = list(frame)
    if any(not isinstance(item, str) for item in items):
        raise Refused("The items of a frame are texts, such as references; give them as text.", field="frame")
    items.sort()
    for before, item in pairwise(items):
        if before == item:
            raise Refused(f"{item} stands in the frame twice; list each case once.", field="frame")
    return items


def _seed(seed: int) -> int:
    if isinstance(seed, bool):
        raise Refused("The seed is a whole number; give digits only.", field="seed")
    try:
        return index(seed)
    except TypeError:
        raise Refused("The seed is a whole number; give digits only.", field="seed") from None


def _size(size: int, available: int) -> int:
    try:
        wanted = index(size)
    except TypeError:
        wanted = -1
    if wanted < 0:
        raise Refused(f"The size is a whole number, 0 or more, not {size}.", field="size")
    if wanted > available:
        raise Refused(
            f"{plural(wanted, 'case')} cannot be drawn from a population of {available}; ask for {available} or fewer.",
            field="size",
        )
    return wanted


def _label(item: str, strata: Mapping[str, str]) -> str:
    label = strata.get(item)
    if not isinstance(label, str):
        raise Refused(f"{item} has no stratum; give it one or draw without strata.", field="strata")
    return label


def _by_stratum(ordered: Iterable[str], strata: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item in ordered:
        groups.setdefault(_label(item, strata), []).append(item)
    return dict(sorted(groups.items()))


def allocation(sizes: Mapping[str, int], size: int, minimum: int = MINIMUM) -> dict[str, int]:
    """How many of each stratum: shares by largest remainder, and at least min(minimum, its size) of each.

    Strata that their share leaves below the minimum get the minimum; what remains is shared among the others
    in the same way. Equal remainders go by label. Refused if the minima need more than `size`.
    """
    size = _size(size, sum(sizes.values()))
    floors = {label: min(minimum, count) for label, count in sizes.items()}
    smallest = sum(floors.values())
    if smallest > size:
        raise Refused(
            f"{plural(len([c for c in sizes.values() if c]), 'stratum', 'strata')} with at least"
            f" {plural(minimum, 'case')} each, or all there are, need a sample of"
            f" {smallest}, and the plan has {size}; ask for {smallest} or more, or merge small strata.",
            field="size",
        )
    fixed: dict[str, int] = {}
    while True:
        free = {label: count for label, count in sizes.items() if label not in fixed}
        shared = _largest_remainder(free, size - sum(fixed.values()))
        below = {label: floors[label] for label, count in shared.items() if count < floors[label]}
        if not below:
            return dict(sorted((fixed | shared).items()))
        fixed |= below


def _largest_remainder(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    total = sum(sizes.values())
    if total == 0:
        return dict.fromkeys(sizes, 0)
    shares = {label: size * count // total for label, count in sizes.items()}
    left = size - sum(shares.values())
    by_remainder = sorted(sizes, key=lambda label: (-(size * sizes[label] % total), label))
    return {label: share + (label in by_remainder[:left]) for label, share in shares.items()}


def smallest_size(sizes: Mapping[str, int], minimum: int = MINIMUM) -> int:
    """The smallest sample in which every stratum has its minimum."""
    return sum(min(minimum, count) for count in sizes.values())


def merge_offer(sizes: Mapping[str, int], size: int, minimum: int = MINIMUM) -> dict[str, str]:
    """Which strata to count together so that the minima fit into `size`: label → the label to count it under.

    Joins the two smallest of the force with the most strata, again and again, then the forces; empty when
    nothing has to change. It is an offer: the plan changes only when somebody takes it.
    """
    groups: dict[str, tuple[int, tuple[str, ...]]] = {label: (n, (label,)) for label, n in sizes.items() if n}
    while len(groups) > 1 and smallest_size({label: n for label, (n, _) in groups.items()}, minimum) > size:
        forces: dict[str, list[str]] = {}
        for label in groups:
            forces.setdefault(label.split(STRATUM_JOINT)[0], []).append(label)
        force, labels = min(forces.items(), key=lambda entry: (-len(entry[1]), entry[0]))
        if len(labels) == 1:
            force, labels = "", list(groups)
        pair = sorted(labels, key=lambda label: (groups[label][0], label))[:2]
        joined = [groups.pop(label) for label in pair]
        together = f"{force}{STRATUM_JOINT}merged reasons" if force else "merged strata"
        if together in groups:
            joined.append(groups.pop(together))
        groups[together] = (sum(n for n, _ in joined), tuple(part for _, parts in joined for part in parts))
    return {part: label for label, (_, parts) in groups.items() for part in parts if part != label}


def second_review(
    sample: Sequence[str],
    *,
    seed: int,
    share: float = SECOND_SHARE,
    least: int = SECOND_LEAST,
    barred: Collection[str] = (),
) -> list[str]:
    """The cases that a second person reviews: `share` of the sample rounded up, at least `least`, if there are.

    `barred` are cases that this person may not review; the next ones stand in for them.
    """
    size = min(len(sample), max(least, ceil(Fraction(str(share)) * len(sample))))
    order = permutation(sample, seed=seed, purpose=_SECOND)
    return [item for item in order if item not in set(barred)][:size]
