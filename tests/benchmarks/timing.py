"""How a figure is taken: the work and its floor in turn, several times, and the median of each."""

import gc
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Seconds of the product beside seconds of the least that the same work can cost, in the same run."""

    name: str
    seconds: float
    floor_seconds: float

    def as_json(self) -> dict[str, Any]:
        """The shape that `python -m tests.benchmarks --json` promises."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 6),
            "floor_seconds": round(self.floor_seconds, 6),
            "ratio": round(self.seconds / self.floor_seconds, 3),
        }


def seconds(work: Callable[[], Any], after: Callable[[Any], object] | None = None) -> float:
    """How long one call takes; rubbish of earlier work is cleared before, `after` puts its result away unmeasured."""
    gc.collect()
    start = perf_counter()
    result = work()
    taken = perf_counter() - start
    if after is not None:
        after(result)
    return taken


def figure(
    name: str,
    work: Callable[[], Any],
    floor: Callable[[], Any],
    *,
    times: int,
    after: Callable[[Any], object] | None = None,
) -> Figure:
    """Both in turn, so that a busy moment of the machine meets both; an unmeasured round goes before."""
    seconds(floor)
    seconds(work, after)
    pairs = [(seconds(work, after), seconds(floor)) for _ in range(times)]
    return Figure(name, statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs))
