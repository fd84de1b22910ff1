"""Answering a modal dialog in a test the way a user does: wait for it, type, press its button."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog


class Answer:
    """Watches for the next modal dialog; `seen` is its window title once it came."""

    def __init__(self, act: Callable[[QDialog], None]) -> None:
        self._act, self.seen = act, ""
        self._timer = QTimer(interval=5)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and dialog.isActiveWindow():
            self._timer.stop()
            self.seen = dialog.windowTitle()
            try:
                self._act(dialog)
            except BaseException:
                dialog.done(0)  # else the test would wait for ever
                raise


_waiting: list[Callable[[], None]] = []


def in_dialog(act: Callable[[Any], None], *, has: str = "verb") -> None:
    """Do this to the next modal dialog that has such a part, once it is the active window.

    There is nothing to keep; a dialog that has not come when the test is over fails it.
    """

    def look() -> None:
        if look not in _waiting:
            return  # the test is over
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QDialog) or not hasattr(dialog, has) or not dialog.isActiveWindow():
            QTimer.singleShot(10, look)
            return
        _waiting.remove(look)
        try:
            act(dialog)
        except BaseException:
            dialog.done(0)  # else the test would wait for ever
            raise

    _waiting.append(look)
    QTimer.singleShot(0, look)


def give_up_waiting() -> int:
    """Answer no dialog of the test that is over; how many did not come."""
    left = len(_waiting)
    _waiting.clear()
    return left


def when_asked(act: Callable[[QDialog], None]) -> Answer:
    """Do `act` with the next modal dialog. Keep the result while the dialog is expected."""
    return Answer(act)


def press(verb: str, values: dict[str, Any] | None = None) -> Answer:
    """In the next modal dialog set the values of its form, then click the button with this verb."""

    def act(dialog: QDialog) -> None:
        if values:
            dialog.form.set_values(values)  # type: ignore[attr-defined]  # a dialog of messages.ask_form
        button(dialog, verb).click()

    return Answer(act)


def button(window: QDialog, verb: str) -> QAbstractButton:
    """The button with this word."""
    return next(found for found in window.findChildren(QAbstractButton) if found.text() == verb)
