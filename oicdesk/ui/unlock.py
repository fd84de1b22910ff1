"""The card that opens a vault: passphrase or recovery key, quietly, and never an offer to wipe."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from oicdesk.errors import DamagedSlots, Refused, VaultError, WrongPassphrase
from oicdesk.machine import FREE_TRIES, Machine
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.dates import spoken_day
from oicdesk.ui.parts import Button, Card, Centre, Notice, SecretEdit, Words

_LONDON = ZoneInfo("Europe/London")

Opening = Callable[[Path, str], Any]


class Unlock(QWidget):
    """Asks for the secret of the vault at `path` and opens it on the worker; `opened` carries what
    `open_vault` returned and the path. Wrong passphrases are counted in `machine`; after five each further
    one makes the next try wait. `open_previous` opens with the slots kept before the damaged ones, and is
    offered only when `open_vault` raised DamagedSlots.
    """

    opened = Signal(object, object)
    create_requested = Signal()

    def __init__(
        self,
        path: Path,
        open_vault: Opening,
        *,
        machine: Machine,
        open_previous: Opening | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.machine, self._open, self._open_previous = machine, open_vault, open_previous
        self._busy, self._wait = False, 0
        self.setWindowTitle("Open the vault – OICDesk")
        self._build()
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._count_down)
        self.set_vault(path)

    def _build(self) -> None:
        self.name = Words("", "title")
        self.where = Words("", "small", "secondary")
        self.where.setWordWrap(True)
        self.when = Words("", "small", "secondary")
        self.label = Words("Passphrase", "base", "secondary")
        self.secret = SecretEdit("Passphrase")
        self.label.setBuddy(self.secret)
        self.secret.entered.connect(self.unlock)
        self.recovery = QCheckBox("Use the recovery key")
        self.recovery.toggled.connect(self._turn_recovery)
        self.notice = Notice("problem")
        self.previous = Button("Use the copy kept before", icon="archive")
        self.previous.clicked.connect(self._unlock_previous)
        self.previous.hide()
        self.verb = Button("Unlock", "primary", "lock-open")
        self.verb.clicked.connect(self.unlock)
        self.other = Button("Open another vault…", "quiet")
        self.other.clicked.connect(self._choose_other)
        self.make = Button("Create a vault…", "quiet")
        self.make.clicked.connect(self.create_requested)
        self.card = Card()
        self.card.body.setContentsMargins(*[theme.px(28)] * 4)
        self.card.body.setSpacing(theme.GRID)
        shield = QLabel()
        shield.setPixmap(theme.icon("shield-check", "accent").pixmap(theme.icon_size() * 1.6))
        head = QHBoxLayout()
        head.setSpacing(theme.GRID + 2)
        head.addWidget(shield)
        head.addWidget(self.name, 1)
        self.card.body.addLayout(head)
        for widget in (self.where, self.when):
            self.card.body.addWidget(widget)
        self.card.body.addSpacing(theme.GRID)
        for below in (self.label, self.secret, self.recovery, self.notice, self.previous):
            self.card.body.addWidget(below)
        self.card.body.addSpacing(theme.GRID)
        self.card.body.addWidget(self.verb)
        feet = QHBoxLayout()
        feet.addWidget(self.other)
        feet.addStretch(1)
        feet.addWidget(self.make)
        self.card.body.addLayout(feet)
        self.card.setFixedWidth(theme.px(440))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Centre(self.card))

    def set_vault(self, path: Path) -> None:
        """Ask for this vault instead."""
        self.path = path
        self.name.setText(path.stem)
        self.where.setText(f"In {path.parent}")
        self.when.setText(_when(self.machine.opened(path)))
        self.notice.say("")
        self.previous.hide()
        self.secret.set_text("")
        self.secret.setFocus()
        self._start_wait()

    def unlock(self) -> None:
        """Try what was typed."""
        self._try(self._open)

    def _unlock_previous(self) -> None:
        if self._open_previous is not None:
            self._try(self._open_previous)

    def _try(self, opening: Opening) -> None:
        if self._busy or self._wait > 0:
            return
        secret, path = self.secret.text(), self.path
        if not secret:
            self.notice.say("Nothing was typed: type the passphrase, or use the recovery key.")
            self.secret.setFocus()
            return
        self._set_busy(True)
        self.notice.say("")
        jobs.run(
            self,
            lambda progress: opening(path, secret),
            title="Unlock",
            done=lambda vault: self._opened(vault, path),
            failed=lambda error: self._failed(error, path),
            quiet=True,
        )

    def _opened(self, vault: Any, path: Path) -> None:
        self._set_busy(False)
        self.secret.set_text("")
        self.machine.note_opened(path, datetime.now(_LONDON).isoformat(timespec="seconds"))
        self.opened.emit(vault, path)

    def _failed(self, error: Exception, path: Path) -> None:
        self._set_busy(False)
        if isinstance(error, WrongPassphrase):
            count = self.machine.note_failure(path)
            self._say_wrong(str(error), count)
        elif isinstance(error, Refused | VaultError):
            self.notice.say(str(error))
        else:
            self.notice.say("The program made a mistake while opening the vault: try again.")
        self.previous.setVisible(isinstance(error, DamagedSlots) and self._open_previous is not None)
        self._start_wait()
        self.secret.setFocus()
        self.secret.edit.selectAll()

    def _say_wrong(self, sentence: str, count: int) -> None:
        if count >= FREE_TRIES:
            sentence += f" {count} tries in a row were wrong, so each further one has to wait; nothing is ever erased."
        self.notice.say(sentence)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for widget in (self.secret, self.recovery, self.other, self.make, self.previous):
            widget.setEnabled(not busy)
        self._show_verb()

    def _start_wait(self) -> None:
        self._wait = self.machine.wait(self.path)
        if self._wait > 0:
            self._timer.start()
        else:
            self._timer.stop()
        self._show_verb()

    def _count_down(self) -> None:
        self._wait -= 1
        if self._wait <= 0:
            self._timer.stop()
        self._show_verb()

    def _show_verb(self) -> None:
        words = "Opening…" if self._busy else f"Try again in {self._wait} s" if self._wait > 0 else "Unlock"
        self.verb.setText(words)
        self.verb.setEnabled(not self._busy and self._wait <= 0)

    def _turn_recovery(self, on: bool) -> None:
        name = "Recovery key" if on else "Passphrase"
        self.label.setText(name)
        self.secret.rename(name)
        self.secret.edit.setPlaceholderText("XXXX-XXXX-XXXX-…" if on else "")
        self.secret.set_text("")
        self.secret.setFocus()

    def _choose_other(self) -> None:
        folder = messages.choose_folder(self, "Open another vault: choose its .oicdesk folder", self.path.parent)
        if folder is not None:
            self.set_vault(folder)


def _when(instant: str | None) -> str:
    try:
        at = datetime.fromisoformat(instant or "").astimezone(_LONDON)
    except ValueError:
        return "Not opened on this computer yet"
    return f"Last opened {spoken_day(at.date())} {at:%H:%M}"
