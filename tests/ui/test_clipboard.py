"""What is copied: asked to stay out of histories, gone after a minute, and nothing else is taken off."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from oicdesk.ui import clipboard


def test_a_copied_text_asks_clipboard_histories_not_to_keep_it(qapp):
    clipboard.copy("the reminder")
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "the reminder"
    assert {kind: bytes(data.data(kind)) for kind in clipboard.PRIVATE} == clipboard.PRIVATE
    windows = [kind for kind in clipboard.PRIVATE if "windows" in kind]
    assert len(windows) == 3 and "x-kde-passwordManagerHint" in clipboard.PRIVATE


def test_a_copied_text_leaves_after_a_minute(qapp, monkeypatch):
    waits = []
    monkeypatch.setattr(QTimer, "singleShot", lambda *wait: waits.append(wait))
    clipboard.copy("the reminder")
    ((after, forget),) = waits
    assert after == 60_000
    forget()
    assert QGuiApplication.clipboard().text() == ""


def test_what_somebody_copied_meanwhile_stays_on_the_clipboard(qapp):
    QGuiApplication.clipboard().setText("something else")
    clipboard.forget("the reminder")
    assert QGuiApplication.clipboard().text() == "something else"
