"""Cold start to the first painted window, and unlocking."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from oicdesk.vault import keys
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import PASSPHRASE
from tests.benchmarks.timing import Figure, figure

# Both print the seconds from the moment their parent gave, once their first window has been painted.
_WATCH = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
class FirstPaint(QObject):
    def eventFilter(self, seen, event):
        if event.type() == QEvent.Type.Paint and isinstance(seen, QWidget):
            QTimer.singleShot(0, self.tell)
        return False
    def tell(self):
        QApplication.instance().removeEventFilter(self)
        print(time.time() - float(sys.argv[1]), flush=True)
        QApplication.quit()
app = QApplication([])
watch = FirstPaint()
app.installEventFilter(watch)
"""
_OURS = _WATCH + "from pathlib import Path\nfrom oicdesk.app import run\nrun(Path(sys.argv[2]))\n"
_BARE = _WATCH + "import oicdesk.app\nwindow = QWidget()\nwindow.resize(1000, 680)\nwindow.show()\napp.exec()\n"


def cold_start(folder: Path, vault: Path, times: int = 7) -> Iterator[Figure]:
    """A new process each time, to the card that asks for the passphrase; the floor imports the same and shows nothing
    but an empty window."""
    for program in (_OURS, _BARE):
        _seconds_of(program, folder, vault)  # compiled modules and the disk's cache are there for both
    pairs = [(_seconds_of(_OURS, folder, vault), _seconds_of(_BARE, folder, vault)) for _ in range(times)]
    yield Figure(
        "start to first window",
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
    )


def _seconds_of(program: str, folder: Path, vault: Path) -> float:
    home = folder / "home"
    own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_STATE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(time.time()), str(vault)],
        env={**os.environ, **own}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return float(done.stdout.splitlines()[-1])


def unlock(path: Path, times: int = 9) -> Iterator[Figure]:
    """Opening a vault of 64 MiB and 3 passes, against that Argon2id alone."""
    slot = next(slot for slot in keys.read(path).slots if slot.kind == "passphrase")
    assert (slot.memory_kib, slot.passes) == (64 * 1024, 3)

    def alone() -> None:
        hash_secret_raw(
            PASSPHRASE.encode(), bytes.fromhex(slot.salt), time_cost=slot.passes, memory_cost=slot.memory_kib,
            parallelism=slot.lanes, hash_len=32, type=Type.ID,
        )  # fmt: skip

    yield figure("unlock", lambda: Vault.open(path, PASSPHRASE), alone, times=times, after=Vault.close)
