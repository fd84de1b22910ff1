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


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes; rubbish of earlier work is cleared before."""
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start


def figure(name: str, work: Callable[[], object], floor: Callable[[], object], *, times: int) -> Figure:
    """Both in turn, so that a busy moment of the machine meets both; one unmeasured round goes before if many."""
    if times > 2:
        work()
        floor()
    pairs = [(seconds(floor), seconds(work)) for _ in range(times)]
    return Figure(name, statistics.median(pair[1] for pair in pairs), statistics.median(pair[0] for pair in pairs))
