"""The one door for dialogs. Every button carries a verb; tests answer file choosers through `answers`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import theme
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Words

# Tests put the answers of file choosers here, in order: a Path or None. Then no window opens.
answers: list[Path | None] | None = None

Check = Callable[[dict[str, Any]], None]


class Dialog(QDialog):
    """A sheet with a title, a body and buttons at its foot; the verb is the default, Escape cancels."""

    def __init__(
        self, parent: QWidget | None, title: str, *, verb: str, cancel: str | None = "Cancel", kind: str = "primary"
    ) -> None:
        super().__init__(parent.window() if parent is not None else None)
        self.setWindowTitle(title)
        self.setModal(True)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.GRID)
        self.verb = Button(verb, kind)
        self.verb.setDefault(True)
        self.verb.clicked.connect(self.submit)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(theme.GRID)
        self.foot.addStretch(1)
        self.cancel: Button | None = None
        if cancel is not None:
            self.cancel = Button(cancel)
            self.cancel.setAutoDefault(False)
            self.cancel.clicked.connect(self.give_up)
            self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.verb)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(Words(title, "section"))
        column.addLayout(self.body, 1)
        column.addLayout(self.foot)
        column.addStrut(theme.px(352))

    def submit(self) -> None:
        """What the verb does."""
        self.accept()

    def give_up(self) -> None:
        """What the cancel button does; Escape calls `reject`."""
        super().reject()

    def say(self, sentence: str) -> Words:
        """Add a paragraph to the body."""
        words = Words(sentence)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setMinimumWidth(theme.px(352))
        self.body.addWidget(words)
        return words


class Room(QScrollArea):
    """A form's room: as high as the form, or as the screen allows."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._inner = widget
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(widget)
        widget.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        inner = self._inner.sizeHint()
        room = QApplication.primaryScreen().availableGeometry()
        bar = self.verticalScrollBar().sizeHint().width() + 4
        width = min(max(inner.width() + bar, theme.px(500)), room.width() - 80)
        return QSize(width, min(inner.height() + 4, room.height() - theme.px(200)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumWidth(self._inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width() + 4)


class _Asking(Dialog):
    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        fields: Sequence[Field],
        verb: str,
        check: Check | None,
        values: Mapping[str, Any] | None,
        sentence: str,
    ) -> None:
        super().__init__(parent, title, verb=verb)
        if sentence:
            self.say(sentence)
        self.form = Form(fields)
        if values:
            self.form.set_values(values)
        self._check, self._dirty = check, False
        self.found: dict[str, Any] | None = None
        self.form.changed.connect(self._note)
        self.body.addWidget(Room(self.form), 1)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.submit)
        self.form.first_field().setFocus()

    def _note(self) -> None:
        self._dirty = True

    def submit(self) -> None:
        try:
            found = self.form.complete_values()
            if self._check is not None:
                self._check(found)
        except Refused as refusal:
            self.form.show_refusal(str(refusal), refusal.field)
            return
        except VaultError as error:
            self.form.show_refusal(str(error))
            return
        self.found = found
        self.accept()

    def reject(self) -> None:
        """Escape and the window's cross ask before they throw typing away; Cancel has said it already."""
        if self._dirty and not confirm(
            self, "Throw away what you typed?", "Nothing of it has been saved yet.", "Throw away", cancel="Keep typing"
        ):
            return
        super().reject()


def close_all() -> None:
    """Close every open dialog as if it had been cancelled, asking nothing; for the lock."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible() and not widget.property("working"):
            widget.done(QDialog.DialogCode.Rejected)
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


def confirm(
    parent: QWidget | None, title: str, sentence: str, verb: str, *, cancel: str = "Cancel", danger: bool = False
) -> bool:
    """Ask before doing; True when the verb was pressed. With `danger` the default is to cancel."""
    dialog = Dialog(parent, title, verb=verb, cancel=cancel, kind="danger" if danger else "primary")
    dialog.say(sentence)
    if danger and dialog.cancel is not None:
        dialog.cancel.setDefault(True)
        dialog.cancel.setFocus()
    return _ask(dialog)


def tell(parent: QWidget | None, title: str, sentence: str, *, verb: str = "Close") -> None:
    """Say something that needs no answer."""
    dialog = Dialog(parent, title, verb=verb, cancel=None)
    dialog.say(sentence)
    _ask(dialog)


def ask_form(
    parent: QWidget | None,
    title: str,
    fields: Sequence[Field],
    verb: str,
    check: Check | None = None,
    values: Mapping[str, Any] | None = None,
    sentence: str = "",
) -> dict[str, Any] | None:
    """A form in a dialog; its values, or None when cancelled.

    `check` gets the values when the verb is pressed and may do the deed itself; what it raises (Refused,
    VaultError) is shown in the form, which stays open with everything typed.
    """
    dialog = _Asking(parent, title, fields, verb, check, values, sentence)
    return dialog.found if _ask(dialog) else None


def choose_save(parent: QWidget | None, title: str, suggested: Path | str, filter: str = "") -> Path | None:
    """Where to write a file; the system's chooser asks before replacing one."""
    if answers is not None:
        return answers.pop(0)
    return _path(QFileDialog.getSaveFileName(parent, title, str(suggested), filter)[0])


def choose_open(parent: QWidget | None, title: str, filter: str = "", start: Path | str = "") -> Path | None:
    """Which file to read."""
    if answers is not None:
        return answers.pop(0)
    return _path(QFileDialog.getOpenFileName(parent, title, str(start), filter)[0])


def choose_folder(parent: QWidget | None, title: str, start: Path | str = "") -> Path | None:
    """Which folder to use."""
    if answers is not None:
        return answers.pop(0)
    return _path(QFileDialog.getExistingDirectory(parent, title, str(start)))


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _ask(dialog: QDialog) -> bool:
    try:
        return dialog.exec() == QDialog.DialogCode.Accepted
    finally:
        dialog.deleteLater()
