"""When everybody in scope will have completed a course at the present pace: a range of days, in words."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from oicdesk.settings.rules import long_day
from oicdesk.training.rules import CourseFigure, people

FARTHEST = timedelta(days=3653)  # a forecast beyond ten years is none


@dataclass(frozen=True)
class Flow:
    """What changed in a course's scope over some weeks.

    remaining now = remaining then + joined + returned − left − set_aside − completed.
    """

    weeks: int
    completed: int
    joined: int  # came into scope, or lapsed, without a completion that counted before
    left: int  # left scope without having completed
    returned: int  # were excluded, for example absent, and are no longer
    set_aside: int  # are excluded now, with the course still to complete
    remaining: int


@dataclass(frozen=True)
class Forecast:
    """The likeliest day with its earliest and latest; None where that pace never gets there."""

    day: date
    flow: Flow
    likeliest: date | None
    earliest: date | None
    latest: date | None
    words: str


def flow(before: CourseFigure, now: CourseFigure, *, weeks: int) -> Flow:
    """Two figures of one course, `weeks` apart, as what came and went."""
    due, done, out = set(before.missing), set(before.completed_ids), set(before.excluded_ids)
    still, complete, out_now = set(now.missing), set(now.completed_ids), set(now.excluded_ids)
    completed = complete - done
    new = (still | completed) - due
    gone = due - still - complete
    return Flow(
        weeks=weeks, completed=len(completed), joined=len(new - out), left=len(gone - out_now),
        returned=len(new & out), set_aside=len(gone & out_now), remaining=len(still),
    )  # fmt: skip


def poisson_interval(count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact limits of the mean of a Poisson count. Source: Garwood 1936, Biometrika 28: 437–442."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else _solve(lambda mean: 1 - _at_most(count - 1, mean), tail, count)
    return low, _solve(lambda mean: -_at_most(count, mean), -tail, count)


def _at_most(count: int, mean: float) -> float:
    if mean == 0:
        return 1.0
    return min(1.0, math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)))


def _solve(rising: Callable[[float], float], wanted: float, count: int) -> float:
    low, high = 0.0, count + 10 * math.sqrt(count + 1) + 10
    for _ in range(100):
        middle = (low + high) / 2
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def forecast(found: CourseFigure, moved: Flow, day: date) -> Forecast:
    """At the pace of those weeks, with joiners and leavers going on as they did.

    Who is set aside closes no gap, because they come back: that is not carried forward.
    """
    if not moved.remaining:
        said = (
            f"Everybody in scope has completed {found.spoken}." if found.in_scope
            else f"Nobody is in scope of {found.spoken}, so there is nothing to forecast."
        )  # fmt: skip
        return Forecast(day, moved, None, None, None, said)
    low, high = poisson_interval(moved.completed)
    drift = moved.left - moved.joined
    likeliest, earliest, latest = (_reached(day, moved, count + drift) for count in (moved.completed, high, low))
    if moved.completed == 0:
        likeliest = earliest = latest = None
    return Forecast(day, moved, likeliest, earliest, latest, _words(found, moved, likeliest, earliest, latest))


def _reached(day: date, moved: Flow, net: float) -> date | None:
    """The day on which nobody remains, when `net` people fewer remain after each such stretch of weeks."""
    if net <= 0:
        return None
    span = math.ceil(moved.remaining / net * moved.weeks * 7)
    return day + timedelta(days=span) if span <= FARTHEST.days else None


def _words(found: CourseFigure, moved: Flow, likeliest: date | None, earliest: date | None, latest: date | None) -> str:
    said = [
        f"{people(moved.remaining)} for the gap in {found.spoken}.",
        f"In the last {moved.weeks} weeks {_counted(moved.completed)} completed it, {_counted(moved.joined)} came into"
        f" scope and {_counted(moved.left)} left without it.",
    ]
    if moved.set_aside or moved.returned:
        said.append(
            f"{_counted(moved.set_aside).capitalize()} became excluded or absent and {_counted(moved.returned)} came"
            " back; that is not carried forward."
        )
    return " ".join([*said, _outlook(moved, likeliest, earliest, latest)])


def _outlook(moved: Flow, likeliest: date | None, earliest: date | None, latest: date | None) -> str:
    if moved.completed == 0:
        return "At this pace it is never reached."
    if earliest is None:
        return "At this pace the gap does not close: people join faster than they are trained."
    if likeliest is None:
        return f"At this pace the gap may not close; at best by {long_day(earliest)}."
    if latest is None:
        best = long_day(earliest)
        return f"At this pace everybody is done about {long_day(likeliest)}, at best by {best}; if it slows, never."
    between = f"between {long_day(earliest)} and {long_day(latest)}, likeliest about {long_day(likeliest)}"
    return f"At this pace everybody is done {between}."


def _counted(count: int) -> str:
    return "nobody" if count == 0 else "1 person" if count == 1 else f"{count:,} people"
