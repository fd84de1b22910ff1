"""What the queue keeps in memory when it is looked through, in a process of its own: it must go by what is visible.

The floor looks at as many places of a list a hundredth as long: what a longer list adds is the difference. The
database's own cache, at most 64 MB by its setting, is given back before memory is read.
"""

import ctypes
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import PASSPHRASE, filled_desk
from tests.benchmarks.timing import Figure, seconds

_PLACES = 150


@dataclass(frozen=True)
class Memory(Figure):
    """Also megabytes: what the process held more after it had looked than when the first rows were painted."""

    megabytes: float
    floor_megabytes: float

    def as_json(self) -> dict[str, Any]:
        kept = {"megabytes": round(self.megabytes, 1), "floor_megabytes": round(self.floor_megabytes, 1)}
        return super().as_json() | kept


def figures(folder: Path, size: int = 100_000) -> Iterator[Figure]:
    """The queue at `size` referrals beside a hundredth of them."""
    taken = []
    for rows in (size, size // 100):
        vault = filled_desk(folder, rows)
        vault.close()
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.memory", str(vault.path)],
            capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        taken.append(json.loads(done.stdout))
    (ours, megabytes), (floor, floor_megabytes) = taken
    yield Memory(f"queue looked at in {_PLACES} places, {size:,} referrals", ours, floor, megabytes, floor_megabytes)


def _look(path: Path) -> tuple[float, float]:
    """Seconds, and megabytes more than after the first paint."""
    from PySide6.QtWidgets import QApplication

    from oicdesk.ui import theme
    from tests.benchmarks.queue import QueueTable

    app = QApplication([])
    theme.apply(app, "light", 100)
    with Vault.open(path, PASSPHRASE, check_log=False) as vault:
        table = QueueTable(vault)
        table.show()
        before = _kept(vault)
        taken = seconds(lambda: table.scroll(_PLACES))
        return taken, _kept(vault) - before


def _kept(vault: Vault) -> float:
    """Megabytes that this process holds in memory beside the database's cache."""
    with vault.reading() as session:
        session.connection().exec_driver_sql("PRAGMA shrink_memory")
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was given back is not held
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    print(json.dumps(_look(Path(sys.argv[1]))))
