"""What a user sees of a bug: a window with a report that can be copied. `faults` says what stands in it."""

import logging
import sys
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, QUrl, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget
from shiboken6 import isValid

from oicdesk import faults, paths
from oicdesk.ui import theme
from oicdesk.ui.messages import Dialog
from oicdesk.ui.parts import Button

_showing = False
# Said by the offscreen and minimal platforms for every window; nothing is wrong.
_NOISE = ("This plugin does not support ",)


def install(app: QApplication) -> None:
    """Send every bug of this program to the log and to a window, instead of to the terminal."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            app.quit()
            return
        text = faults.report(kind, trace, error.__cause__ or error.__context__)
        faults.log.error("%s", text.replace("\n", " | "))
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
        if isValid(window):  # a lock meanwhile throws the window away that this one belongs to
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
        faults.log.log(level, "Qt: %s", message)

    qInstallMessageHandler(handler)
