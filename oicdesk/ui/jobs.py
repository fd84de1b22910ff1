"""Work that takes longer than a click: one worker thread, progress, cancel.

A job's callbacks run on the main thread and are dropped when their owner has gone meanwhile.
"""

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import messages, theme
from oicdesk.ui.parts import Button, Words

T = TypeVar("T")

_worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="job")
_running: "set[_Job]" = set()
_waiting: list[Callable[[], None]] = []
_STEPS = 1000
_PAUSE = 0.05  # seconds between two progress signals


class Cancelled(Exception):
    """The user cancelled the job; raised inside the work at its next progress call."""


class Progress:
    """Handed to the work, which calls it now and then: `progress(0.4, "Reading rows")`.

    Raises Cancelled once the user has cancelled, so a work that calls it can be stopped anywhere.
    """

    def __init__(self, tell: Callable[[float, str], None]) -> None:
        self._tell, self._cancelled, self._told = tell, threading.Event(), 0.0

    def __call__(self, fraction: float, text: str = "") -> None:
        if self._cancelled.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._told >= _PAUSE or fraction >= 1:
            self._told = now
            self._tell(fraction, text)

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()


class _Job(QObject):
    """Carries a result from the worker to the main thread, which it lives in."""

    progressed = Signal(float, str)
    finished = Signal(object)
    raised = Signal(object)

    def __init__(self, owner: QWidget, done: Callable[[Any], None], failed: Callable[[Exception], None] | None,
                 cancelled: Callable[[], None] | None) -> None:  # fmt: skip
        super().__init__()
        self._owner, self._done, self._failed, self._cancelled = owner, done, failed, cancelled
        self.progress = Progress(self.progressed.emit)
        self.dialog: _Waiting | None = None
        self.finished.connect(self._finish)
        self.raised.connect(self._fail)

    def work(self, work: Callable[[Progress], Any]) -> None:
        """On the worker."""
        try:
            result = work(self.progress)
        except Exception as error:
            self.raised.emit(error)
        else:
            self.finished.emit(result)

    def _end(self) -> bool:
        """Close the window and let go; whether the owner is still there."""
        _running.discard(self)
        if not _running:
            QTimer.singleShot(0, _tell_idle)
        if self.dialog is not None and isValid(self.dialog):
            self.dialog.end()
        self.deleteLater()
        return isValid(self._owner)

    @Slot(object)
    def _finish(self, result: Any) -> None:
        if self._end():
            self._done(result)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        there = self._end()
        if isinstance(error, Cancelled):
            if there and self._cancelled is not None:
                self._cancelled()
            return
        expected = isinstance(error, Refused | VaultError)
        if not expected:
            sys.excepthook(type(error), error, error.__traceback__)
        if there and self._failed is not None:
            self._failed(error)
        elif there and expected:
            messages.tell(self._owner, "This was not done", str(error))


class _Waiting(QDialog):
    """What is being done, how far it is, and Cancel; it closes when the work has ended."""

    def __init__(self, owner: QWidget, title: str, progress: Progress) -> None:
        super().__init__(owner.window())
        self._progress, self._ended = progress, False
        self.setProperty("working", True)  # closes when the work has ended, not before
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = Words("Starting…", "base", "secondary")
        self.bar = QProgressBar()
        self.bar.setAccessibleName(title)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.cancel = Button("Cancel")
        self.cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GRID)
        column.addWidget(Words(title, "section"))
        column.addWidget(self.text)
        column.addWidget(self.bar)
        column.addSpacing(theme.GRID)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        self.setMinimumWidth(theme.px(420))

    def show_progress(self, fraction: float, text: str) -> None:
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(round(min(1.0, max(0.0, fraction)) * _STEPS))
        if text and not self._progress.is_cancelled:
            self.text.setText(text)

    def reject(self) -> None:
        """Cancel asks the work to stop; the window stays until it has."""
        self._progress.cancel()
        self.cancel.setEnabled(False)
        self.text.setText("Stopping… nothing half-done is kept.")

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._ended:
            event.ignore()
            self.reject()

    def end(self) -> None:
        self._ended = True
        self.close()


def cancel_all() -> None:
    """Ask every running job to stop at its next progress call."""
    for job in _running:
        job.progress.cancel()


def when_idle(callback: Callable[[], None]) -> None:
    """Call back once when no job runs, which may be at once."""
    _waiting.append(callback)
    if not _running:
        _tell_idle()


def _tell_idle() -> None:
    while _waiting and not _running:
        _waiting.pop(0)()


def run(
    owner: QWidget,
    work: Callable[[Progress], T],
    *,
    title: str,
    done: Callable[[T], None],
    failed: Callable[[Exception], None] | None = None,
    cancelled: Callable[[], None] | None = None,
    quiet: bool = False,
) -> None:
    """Do `work` on the worker behind a modal window with a bar and Cancel; then call back.

    `done` gets the result. `failed` gets what was raised; without it a refusal or vault error is told in
    a message. A bug also goes to `sys.excepthook`. `cancelled` is called after a cancel. `quiet` shows no
    window (for unlocking). Every callback is dropped when `owner` has gone.
    """
    job = _Job(owner, done, failed, cancelled)
    if not quiet:
        job.dialog = _Waiting(owner, title, job.progress)
        job.progressed.connect(job.dialog.show_progress)
        job.dialog.open()
    _running.add(job)
    _worker.submit(job.work, work)
