import ctypes
import os
import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from oicdesk.ui.idle import IdleLock, is_session_lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows asks the system how long it was idle")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def box(qtbot) -> QLineEdit:
    box = QLineEdit()
    qtbot.addWidget(box)
    box.show()
    return box


@pytest.fixture
def locks() -> list[int]:
    return []


@pytest.fixture
def idle(box: QLineEdit, clock: Clock, locks: list[int]):
    idle = IdleLock(10, lambda: locks.append(1), box, clock=clock)
    yield idle
    idle.stop()


def pass_time(idle: IdleLock, clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.now += 1
        idle.tick()


def test_it_locks_once_after_its_minutes_and_not_a_second_before(idle, clock, locks) -> None:
    pass_time(idle, clock, 599)
    assert locks == []
    pass_time(idle, clock, 1)
    assert locks == [1]
    idle.session_locked(True)
    assert locks == [1]


@pytest.mark.parametrize("use", ["key", "mouse", "move"])
def test_using_the_program_starts_the_time_anew(qtbot, idle, clock, locks, box, use: str) -> None:
    pass_time(idle, clock, 590)
    if use == "key":
        qtbot.keyClicks(box, "a")
    elif use == "mouse":
        qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    else:
        qtbot.mouseMove(box, box.rect().center())
        qtbot.mouseMove(box, box.rect().topLeft())
    pass_time(idle, clock, 590)
    assert locks == []


def test_the_remaining_seconds_are_told(qtbot, idle, clock) -> None:
    told: list[int] = []
    idle.left.connect(told.append)
    pass_time(idle, clock, 3)
    assert told == [599, 598, 597]


def test_a_sleep_longer_than_the_limit_locks_even_if_a_key_woke_it(qtbot, idle, clock, locks, box) -> None:
    clock.now += 3600
    qtbot.keyClicks(box, "a")
    idle.tick()
    assert locks == [1]


def test_the_screen_lock_locks_at_once_and_its_end_does_not(idle, locks) -> None:
    idle.session_locked(False)
    assert locks == []
    idle.session_locked(True)
    assert locks == [1]


def test_nought_minutes_never_lock_by_themselves(idle, clock, locks) -> None:
    idle.set_minutes(0)
    told: list[int] = []
    idle.left.connect(told.append)
    pass_time(idle, clock, 2)
    clock.now += 1_000_000
    idle.tick()
    assert locks == [] and told == [-1, -1, -1]
    idle.session_locked(True)
    assert locks == [1]


def test_after_stop_nothing_is_called(idle, clock, locks) -> None:
    idle.stop()
    pass_time(idle, clock, 700)
    assert locks == []


_ON_A_BUS = """
from PySide6.QtCore import QTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtWidgets import QApplication, QWidget
from oicdesk.ui.idle import IdleLock
app, heard = QApplication([]), []
window = QWidget()
idle = IdleLock(10, lambda: (heard.append(1), app.quit()), window)
bus, name, path = QDBusConnection.sessionBus(), "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
assert bus.isConnected() and bus.registerService(name)
for active in (False, True):
    message = QDBusMessage.createSignal(path, name, "ActiveChanged")
    message.setArguments([active])
    bus.send(message)
QTimer.singleShot(10_000, app.quit)
app.exec()
print("locked", len(heard))
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="needs a message bus of its own")
def test_the_desktops_screen_lock_is_heard_over_a_real_bus() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", _ON_A_BUS],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.strip() == "locked 1", done.stderr


class Message(ctypes.Structure):
    _fields_ = [
        ("window", ctypes.c_void_p),
        ("message", ctypes.c_uint),
        ("word", ctypes.c_size_t),
        ("long", ctypes.c_ssize_t),
    ]


@pytest.mark.parametrize(("message", "word", "locked"), [(0x2B1, 7, True), (0x2B1, 8, False), (0x100, 7, False)])
def test_windows_message_of_a_session_lock_is_known(message: int, word: int, locked: bool) -> None:
    found = Message(None, message, word, 0)
    assert is_session_lock(ctypes.addressof(found)) is locked
