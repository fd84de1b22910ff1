"""Which referrals may be one contact recorded twice, and why. A suggestion links nothing; a person decides.

The earliest contact is the primary one, whichever was typed first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from oicdesk.errors import Refused
from oicdesk.referrals.rules_reconcile import WINDOW

NOT_A_DUPLICATE: Final = "not a duplicate"  # the kind of line in a history that says so
_STEP: Final = 5_000

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Filed:
    """What of a referral is compared; keys are normalised, texts as typed, an unknown time is None."""

    id: int
    order: int
    force: str | None
    at: datetime | None
    officer: str
    incident: str
    incident_text: str
    nccu: str
    nccu_text: str
    crime: str
    crime_text: str


@dataclass(frozen=True)
class Suggestion:
    """`other` may be the same contact as `primary`, which is the earlier; `why` has every reason, in words."""

    primary: int
    other: int
    why: tuple[str, ...]


def suggest(
    filed: Iterable[Filed],
    *,
    window: timedelta = WINDOW,
    refused: Iterable[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> list[Suggestion]:
    """Every pair that may be one contact, the newest first; `refused` are pairs (in any order) ruled out before."""
    rows = sorted(filed, key=_age)
    tell = progress or (lambda _share, _text: None)
    ruled_out = {frozenset(pair) for pair in refused}
    whys: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, spoken in (("incident", "incident number"), ("nccu", "NCCU reference"), ("crime", "crime or custody"
                         " reference")):  # fmt: skip
        tell(0.2, "Comparing references")
        _same_reference(rows, name, spoken, whys)
    tell(0.5, "Comparing officers and times")
    _same_officer(rows, window, whys, tell)
    order = {row.id: _age(row) for row in rows}
    found = [
        Suggestion(primary, other, tuple(why))
        for (primary, other), why in whys.items()
        if frozenset((primary, other)) not in ruled_out
    ]
    return sorted(found, key=lambda one: order[one.other], reverse=True)


def _age(row: Filed) -> tuple[datetime, int]:
    return (row.at.astimezone(UTC) if row.at is not None else datetime.max.replace(tzinfo=UTC), row.order)


def _same_reference(rows: Sequence[Filed], name: str, spoken: str, whys: dict[tuple[int, int], list[str]]) -> None:
    """An incident or crime number belongs to a force; an NCCU reference to nobody but NCCU."""
    groups: dict[tuple[str, str], list[Filed]] = defaultdict(list)
    for row in rows:
        key = getattr(row, name)
        if key:
            groups["" if name == "nccu" else row.force or "", key].append(row)
    for group in groups.values():
        first = group[0]
        for other in group[1:]:
            alike = getattr(first, f"{name}_text").strip() == getattr(other, f"{name}_text").strip()
            whys[first.id, other.id].append(f"Same {spoken}" + ("" if alike else ", written differently"))


def _same_officer(
    rows: Sequence[Filed], window: timedelta, whys: dict[tuple[int, int], list[str]], tell: Progress
) -> None:
    before: dict[tuple[str, str], Filed] = {}
    for done, row in enumerate(rows):
        if done % _STEP == 0:
            tell(0.5 + 0.4 * done / max(1, len(rows)), "Comparing officers and times")
        if row.at is None or not row.officer or not row.force:
            continue
        first = before.get((row.force, row.officer))
        if first is not None and first.at is not None and row.at - first.at <= window:
            minutes = round((row.at - first.at).total_seconds() / 60)
            apart = "at the same time" if minutes == 0 else f"{minutes} minute{'' if minutes == 1 else 's'} apart"
            whys[first.id, row.id].append(f"Same officer, {apart}")
        before[row.force, row.officer] = row


def check_primary(primary_at: datetime | None, other_at: datetime | None, primary: str) -> None:
    """Refuses to let a later contact survive an earlier one; an unknown time refuses nothing."""
    if primary_at is not None and other_at is not None and primary_at > other_at:
        raise Refused(
            f"The earliest contact is the one that stays, and {primary} came later: mark it as the duplicate instead.",
            field="survivor",
        )
