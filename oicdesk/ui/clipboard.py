"""Copied text: kept out of clipboard histories where the system allows, and taken off again after a minute."""

from PySide6.QtCore import QCoreApplication, QMimeData, QTimer
from PySide6.QtGui import QGuiApplication

KEPT = 60_000  # milliseconds until copied text leaves the clipboard

# What asks a history not to keep a text: Windows' clipboard history and cloud clipboard (each a whole number 0;
# the first needs only be there), and KDE's Klipper. Others offer no such request.
_WINDOWS = 'application/x-qt-windows-mime;value="{}"'
PRIVATE = {
    _WINDOWS.format("ExcludeClipboardContentFromMonitorProcessing"): b"\0\0\0\0",
    _WINDOWS.format("CanIncludeInClipboardHistory"): b"\0\0\0\0",
    _WINDOWS.format("CanUploadToCloudClipboard"): b"\0\0\0\0",
    "x-kde-passwordManagerHint": b"secret",
}


def copy(words: str) -> None:
    """Put a text on the clipboard for a minute, or until the program ends."""
    data = QMimeData()
    data.setText(words)
    for kind, value in PRIVATE.items():
        data.setData(kind, value)
    QGuiApplication.clipboard().setMimeData(data)
    QTimer.singleShot(KEPT, lambda: forget(words))
    app = QCoreApplication.instance()
    if app is not None:
        app.aboutToQuit.connect(lambda: forget(words))


def forget(words: str) -> None:
    """Take this text off the clipboard, unless something else is there by now."""
    clipboard = QGuiApplication.clipboard()
    if clipboard.text() == words:
        clipboard.clear()
