"""When nobody is at the desk: idle time, the system's own screen lock, and sleep."""

import sys
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QByteArray, QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

_USE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletMove,
    }
)
_SESSION_CHANGE, _SESSION_LOCK = 0x02B1, 7  # WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK
_SAVERS = (
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
)


class IdleLock(QObject):
    """Calls `on_lock` once when the computer was not used for `minutes`, or its screen locks, or it sleeps.

    `left` tells the seconds that remain, each second; -1 when `minutes` is 0 and only the system's lock counts.
    """

    left = Signal(int)

    def __init__(
        self,
        minutes: int,
        on_lock: Callable[[], None],
        parent: QWidget,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._on_lock, self._clock, self._running = on_lock, clock, True
        self._used = self._ticked = clock()
        self.set_minutes(minutes)
        application().installEventFilter(self)
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self.tick)
        self._timer.start()
        self._watch_session(parent)

    def set_minutes(self, minutes: int) -> None:
        self._limit = minutes * 60
        self._used = self._clock()

    def stop(self) -> None:
        """Watch no longer; nothing is called after this."""
        self._running = False
        self._timer.stop()
        application().removeEventFilter(self)
        if sys.platform == "win32":
            self._native.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _USE:
            self._used = self._clock()
        return False

    @Slot()
    def tick(self) -> None:
        """Look at the clock; the wall's, so that hours asleep count as idle."""
        if self._limit == 0:
            self.left.emit(-1)
            return
        now = self._clock()
        # Waking up moves the mouse before the first tick, so the gap between ticks tells of the sleep.
        asleep, self._ticked = abs(now - self._ticked), now
        system = system_idle()
        idle = max(asleep, abs(now - self._used) if system is None else system)
        if idle >= self._limit:
            self._lock()
        else:
            self.left.emit(round(self._limit - idle))

    def _lock(self) -> None:
        if self._running:
            self.stop()
            self._on_lock()

    @Slot(bool)
    def session_locked(self, active: bool) -> None:
        """The screen saver, the screen lock or sleep begins (True) or ends."""
        if active:
            self._lock()

    def _watch_session(self, parent: QWidget) -> None:
        if sys.platform == "win32":
            self._native = _WindowsSession(parent, self._lock)
        elif sys.platform.startswith("linux"):
            self._watch_bus()

    def _watch_bus(self) -> None:
        """Screen lock and sleep as the desktop tells them; without a bus there is nothing to hear."""
        from PySide6.QtDBus import QDBusConnection

        # The binding takes only the text that SLOT makes; its stub says bytes, which it refuses.
        slot: Any = SLOT("session_locked(bool)")
        session = QDBusConnection.sessionBus()
        if session.isConnected():
            for service, path in _SAVERS:
                session.connect(service, path, service, "ActiveChanged", self, slot)
        system = QDBusConnection.systemBus()
        if system.isConnected():
            login = "org.freedesktop.login1"
            system.connect(login, "/org/freedesktop/login1", f"{login}.Manager", "PrepareForSleep", self, slot)


def application() -> QApplication:
    """The one application; there is always one when widgets exist."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def system_idle() -> float | None:
    """Seconds since anything on this computer was used, where the system tells."""
    if sys.platform != "win32":
        return None
    import ctypes

    class LastInput(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("time", ctypes.c_uint)]

    info = LastInput(ctypes.sizeof(LastInput), 0)
    if not ctypes.windll.user32.GetLastInputInfo(ctypes.byref(info)):
        return None
    now = ctypes.windll.kernel32.GetTickCount()
    return float((now - info.time) & 0xFFFFFFFF) / 1000  # the tick count wraps after 49 days


class _WindowsSession(QAbstractNativeEventFilter):
    """Hears Windows lock its session."""

    def __init__(self, window: QWidget, on_lock: Callable[[], None]) -> None:
        super().__init__()
        self._window, self._on_lock = int(window.winId()), on_lock
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.wtsapi32.WTSRegisterSessionNotification(self._window, 0)
        application().installNativeEventFilter(self)

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> object:
        if QByteArray(kind).startsWith(b"windows") and is_session_lock(int(message)):
            self._on_lock()
        return False, 0

    def stop(self) -> None:
        application().removeNativeEventFilter(self)
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.wtsapi32.WTSUnRegisterSessionNotification(self._window)


def is_session_lock(address: int) -> bool:
    """Whether the MSG structure at this address says that the session was locked."""
    import ctypes

    class Message(ctypes.Structure):
        _fields_ = [
            ("window", ctypes.c_void_p),
            ("message", ctypes.c_uint),
            ("word", ctypes.c_size_t),
            ("long", ctypes.c_ssize_t),
        ]

    message = Message.from_address(address)
    return bool(message.message == _SESSION_CHANGE and message.word == _SESSION_LOCK)
