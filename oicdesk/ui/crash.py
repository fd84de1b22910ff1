"""What happens on a bug: a line in the technical log and a window with a report that can be copied.

Neither holds case contents: only types, files, lines and function names are written, never the text of an
exception or the value of a variable, because both may quote a record.
"""

import contextlib
import logging
import logging.handlers
import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, QUrl, qInstallMessageHandler, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from oicdesk import paths
from oicdesk.ui import theme
from oicdesk.ui.messages import Dialog
from oicdesk.ui.parts import Button

log = logging.getLogger("oicdesk")
_PACKAGE = Path(__file__).resolve().parents[1]
_LARGEST, _KEPT = 500_000, 3
# Said by the offscreen and minimal platforms for every window; nothing is wrong.
_NOISE = ("This plugin does not support ",)
_showing = False


def open_log() -> Path:
    """Start writing the technical log (mode 0600, three old files kept); returns its path."""
    folder = paths.user_log()
    file = folder / "oicdesk.log"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _Private(file, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    return file


class _Private(logging.handlers.RotatingFileHandler):
    """A log file that only its owner can read."""

    def _open(self):  # type: ignore[no-untyped-def]  # the stub's return type is private to logging
        def opener(name: str, flags: int) -> int:
            return os.open(name, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)


def report(kind: type[BaseException], trace: TracebackType | None, cause: BaseException | None = None) -> str:
    """What went wrong and where, without any value: safe to send."""
    lines = [
        f"OICDesk {_version()} stopped at an error",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.system()} {platform.release()}",
        "",
        _name(kind),
    ]
    lines += [_place(frame) for frame in traceback.extract_tb(trace)]
    if cause is not None:
        lines += ["caused by", _name(type(cause))]
        lines += [_place(frame) for frame in traceback.extract_tb(cause.__traceback__)]
    return "\n".join(lines)


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _place(frame: traceback.FrameSummary) -> str:
    """File, line and function; the folder of the program is cut off, as it may hold a person's name."""
    file = Path(frame.filename)
    if file.is_relative_to(_PACKAGE.parent):
        name = file.relative_to(_PACKAGE.parent).as_posix()
    else:
        name = "/".join(file.parts[-2:])
    return f"  {name}:{frame.lineno} in {frame.name}"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("oicdesk")
    except PackageNotFoundError:
        return "(not installed)"


def install(app: QApplication) -> None:
    """Send every bug of this program to the log and to a window, instead of to the terminal."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            app.quit()
            return
        text = report(kind, trace, error.__cause__ or error.__context__)
        log.error("%s", text.replace("\n", " | "))
        _show(text)

    sys.excepthook = hook


def _show(text: str) -> None:
    """One window at a time: a bug in painting would else open hundreds."""
    global _showing
    if _showing:
        return
    _showing = True
    try:
        window = Window(QApplication.activeWindow(), text)
        window.exec()
        window.deleteLater()
    finally:
        _showing = False


class Window(Dialog):
    """Says that the program made a mistake, what it means for the work, and offers the report."""

    def __init__(self, parent: QWidget | None, text: str) -> None:
        super().__init__(parent, "The program made a mistake", verb="Continue", cancel=None)
        self.say(
            "The last step was not done and nothing of it was saved. You can continue; if it happens again, "
            "close the desk and send the report below to whoever looks after the program. It holds no case contents."
        )
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Report")
        self.text.setMinimumSize(theme.px(520), theme.px(180))
        self.body.addWidget(self.text, 1)
        self.copy = Button("Copy the report", icon="copy")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        self.folder = Button("Open the log folder", "quiet")
        self.folder.setAutoDefault(False)
        self.folder.clicked.connect(self._open_folder)
        self.foot.insertWidget(0, self.folder)
        self.foot.insertWidget(0, self.copy)
        self.verb.setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.user_log())))


def install_message_handler() -> None:
    """Send Qt's own messages to the technical log; the noise of windows without a screen goes nowhere."""

    def handler(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if message.startswith(_NOISE):
            return
        level = {
            QtMsgType.QtDebugMsg: logging.DEBUG,
            QtMsgType.QtInfoMsg: logging.INFO,
            QtMsgType.QtWarningMsg: logging.WARNING,
        }.get(kind, logging.ERROR)
        log.log(level, "Qt: %s", message)

    qInstallMessageHandler(handler)
