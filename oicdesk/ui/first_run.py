"""The first-run assistant: place, passphrase, recovery key, force settings, empty or fictional desk.

Widgets and callables only. The recovery key must be typed back before the vault counts as created: until
then leaving calls `abandon`, which removes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused
from oicdesk.ui import jobs, messages, strength, theme
from oicdesk.ui.dates import LONDON
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Card, Centre, IconButton, Notice, Pill, SecretEdit, Words

MARKINGS = ("OFFICIAL", "OFFICIAL-SENSITIVE")
_STEPS = ("Place", "Passphrase", "Recovery key", "Desk", "Start")
_PLACE, _PASSPHRASE, _KEY, _DESK, _START = range(5)


@dataclass(frozen=True)
class Choices:
    """What the assistant asked: the marking, the day the register starts, and whether to fill the desk."""

    marking: str
    register_started: date
    fictional: bool


@dataclass(frozen=True)
class Deeds:
    """What the assistant asks the program to do.

    `create(path, passphrase, user)` makes the vault and returns (vault, recovery key); it runs on the
    worker. `save_or_print(parent, recovery_key)` keeps the key on paper or in a file and returns whether it
    did. `same_key(typed, shown)` compares. `abandon(path, vault)` closes and removes a vault whose key was
    never typed back.
    """

    create: Callable[[Path, str, str], tuple[Any, str]]
    save_or_print: Callable[[QWidget, str], bool]
    same_key: Callable[[str, str], bool]
    abandon: Callable[[Path, Any], None]


class FirstRun(QWidget):
    """`finished` carries the vault, its path and the Choices; `left` tells that the user closed the
    assistant (no vault was made, or it was removed, or `self.vault` stands ready with default settings)."""

    finished = Signal(object, object, object)
    left = Signal()
    open_requested = Signal()

    def __init__(self, suggested: Path, user: str, deeds: Deeds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._deeds = deeds
        self.vault: Any = None
        self.path: Path | None = None
        self._key, self._is_created, self._busy = "", False, False
        self.setWindowTitle("Set up the desk – OICDesk")
        self.step = _PLACE
        self.place = _Place(suggested, user)
        self.passphrase = _Passphrase(user)
        self.key = _Key(self._save_or_print)
        self.desk = _Desk()
        self.start = _Start()
        self._parts: tuple[_Step, ...] = (self.place, self.passphrase, self.key, self.desk, self.start)
        self._build()
        self._go(_PLACE)

    def _build(self) -> None:
        self.trail = Words("", "small", "secondary")
        self.heading = Words("", "title")
        self.notice = Notice("problem")
        self.back = Button("Back")
        self.back.clicked.connect(self._back)
        self.next = Button("Continue", "primary")
        self.next.clicked.connect(self.advance)
        self.existing = Button("Open an existing vault…", "quiet")
        self.existing.clicked.connect(self.open_requested)
        card = Card()
        card.body.setContentsMargins(*[theme.px(28)] * 4)
        card.body.setSpacing(theme.GRID)
        for widget in (self.trail, self.heading, self.notice):
            card.body.addWidget(widget)
        card.body.addSpacing(theme.GRID)
        for part in self._parts:
            card.body.addWidget(part, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.existing)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.next)
        card.body.addSpacing(theme.GRID)
        card.body.addLayout(foot)
        card.setFixedWidth(theme.px(600))
        card.setMinimumHeight(theme.px(430))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Centre(card))

    # -- going through

    def _go(self, step: int) -> None:
        self.notice.say("")
        self.step = step
        for number, part in enumerate(self._parts):
            part.setVisible(number == step)
        self.trail.setText(f"Step {step + 1} of {len(_STEPS)}")
        self.heading.setText(_HEADINGS[step])
        self.existing.setVisible(step == _PLACE)
        self.back.setVisible(step in (_PASSPHRASE, _START))
        verbs = {_PASSPHRASE: "Create the vault", _START: "Open the desk"}
        self.next.setText(verbs.get(step, "Continue"))
        self._parts[step].first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _back(self) -> None:
        self._go(self.step - 1)

    def advance(self) -> None:
        """Check this step and go to the next one; a refusal is shown and nothing moves."""
        if self._busy:
            return
        deeds = {
            _PLACE: self._leave_place,
            _PASSPHRASE: self._create,
            _KEY: self._check_key,
            _DESK: self._leave_desk,
            _START: self._finish,
        }
        try:
            deeds[self.step]()
        except Refused as refusal:
            self.notice.say(str(refusal))

    def _leave_place(self) -> None:
        self.place.check()
        self._go(_PASSPHRASE)

    def _create(self) -> None:
        secret = self.passphrase.checked()
        path, user = self.place.path(), self.place.user()
        self._set_busy(True)
        jobs.run(
            self,
            lambda progress: self._deeds.create(path, secret, user),
            title="Create the vault",
            done=lambda made: self._made(path, *made),
            failed=self._not_made,
            quiet=True,
        )

    def _made(self, path: Path, vault: Any, key: str) -> None:
        self._set_busy(False)
        self.path, self.vault, self._key = path, vault, key
        self.passphrase.forget()
        self.key.show_key(key)
        self._go(_KEY)

    def _not_made(self, error: Exception) -> None:
        self._set_busy(False)
        self.notice.say(str(error))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.setEnabled(not busy)
        self.next.setText("Creating…" if busy else "Create the vault")

    def _save_or_print(self) -> bool:
        return self._deeds.save_or_print(self, self._key)

    def _check_key(self) -> None:
        typed = self.key.typed()
        if not typed:
            raise Refused("The recovery key was not typed back: type it from the paper or the file.")
        if not self._deeds.same_key(typed, self._key):
            self.key.edit.setFocus()
            raise Refused("That is not the key shown above: compare the groups and type it again.")
        self._is_created, self._key = True, ""
        self.key.forget()
        self._go(_DESK)

    def _leave_desk(self) -> None:
        self.desk.check()
        self._go(_START)

    def _finish(self) -> None:
        self.finished.emit(self.vault, self.path, self.choices())

    def choices(self) -> Choices:
        """What has been chosen so far; the defaults where the user has not been yet."""
        values = self.desk.form.values()
        return Choices(values["marking"], values["register_started"] or _today(), self.start.is_fictional())

    # -- leaving

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy or not self._may_leave():
            event.ignore()
            return
        self.left.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.advance()
        elif event.key() == Qt.Key.Key_Escape and not self.back.isHidden():
            self._back()
        else:
            super().keyPressEvent(event)

    def _may_leave(self) -> bool:
        """Before the key was typed back, leaving removes the new vault, and says so first."""
        if self.vault is None or self._is_created:
            return True
        sentence = (
            "The recovery key was not typed back, so the new vault does not count yet. "
            "Leaving now removes it; there is nothing in it."
        )
        if not messages.confirm(self, "Leave without a vault?", sentence, "Remove and leave", danger=True):
            return False
        assert self.path is not None
        self._deeds.abandon(self.path, self.vault)
        self.vault, self._key = None, ""
        return True


_HEADINGS = (
    "Where should the vault lie?",
    "Choose a passphrase",
    "Keep the recovery key",
    "About this desk",
    "How should the desk start?",
)


def _today() -> date:
    return datetime.now(LONDON).date()


class _Step(QWidget):
    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.GRID)
        words = Words(sentence, "base", "secondary")
        words.setWordWrap(True)
        self.column.addWidget(words)
        self.column.addSpacing(theme.GRID)

    def labelled(self, text: str, widget: QWidget) -> None:
        label = Words(text, "base", "secondary")
        label.setBuddy(widget)
        self.column.addWidget(label)
        self.column.addWidget(widget)

    def first_focus(self) -> QWidget:
        raise NotImplementedError


class _Place(_Step):
    def __init__(self, suggested: Path, user: str) -> None:
        super().__init__(
            "The vault is one encrypted folder. Everything the desk knows lies in it, and nothing anywhere else. "
            "Choose a place on this computer or on an encrypted drive."
        )
        self.edit = QLineEdit(str(suggested))
        self.edit.setMinimumHeight(theme.row_height())
        self.edit.setAccessibleName("Folder of the vault")
        self.browse = Button("Choose…", icon="folder-open")
        self.browse.clicked.connect(self._choose)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        label = Words("Folder of the vault", "base", "secondary")
        label.setBuddy(self.edit)
        self.column.addWidget(label)
        row.addWidget(self.edit, 1)
        row.addWidget(self.browse)
        self.column.addLayout(row)
        self.column.addSpacing(theme.GRID)
        self.who = QLineEdit(user)
        self.who.setMinimumHeight(theme.row_height())
        self.who.setAccessibleName("Your name at the desk")
        self.labelled("Your name at the desk", self.who)
        help_words = Words("Every entry of the activity log carries this name.", "small", "secondary")
        self.column.addWidget(help_words)
        self.column.addStretch(1)

    def first_focus(self) -> QWidget:
        return self.edit

    def path(self) -> Path:
        path = Path(self.edit.text().strip()).expanduser()
        return path if path.suffix == ".oicdesk" else path.with_name(path.name + ".oicdesk")

    def user(self) -> str:
        return self.who.text().strip()

    def check(self) -> None:
        if not self.edit.text().strip():
            self.edit.setFocus()
            raise Refused("No folder is given: type or choose where the vault should lie.")
        if self.path().exists():
            self.edit.setFocus()
            raise Refused(f"“{self.path().name}” is there already: choose another name, or open that vault instead.")
        if not self.user():
            self.who.setFocus()
            raise Refused("Your name is missing: the activity log needs to know who works at the desk.")

    def _choose(self) -> None:
        folder = messages.choose_folder(self, "Choose the folder that will hold the vault", self.path().parent)
        if folder is not None:
            self.edit.setText(str(folder / (self.path().stem + ".oicdesk")))


class _Passphrase(_Step):
    def __init__(self, user: str) -> None:
        super().__init__(
            "It is typed at each start and kept nowhere. Nobody can reset it: only the recovery key of the next "
            "step opens the vault without it."
        )
        self._user = user
        self.secret = SecretEdit("Passphrase")
        self.labelled("Passphrase", self.secret)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Strength")
        self.column.addWidget(self.bar)
        self.pill = Pill("neutral", "Empty")
        self.advice = Words("", "small", "secondary")
        self.advice.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.pill)
        row.addWidget(self.advice, 1)
        self.column.addLayout(row)
        self.again = SecretEdit("Passphrase again")
        self.labelled("The same again", self.again)
        self.column.addSpacing(theme.GRID)
        self.words = Words(strength.suggestion(), "section")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use = Button("Use these words")
        self.use.clicked.connect(self._use)
        self.other = IconButton("refresh-cw", "Suggest other words")
        self.other.clicked.connect(lambda: self.words.setText(strength.suggestion()))
        self.column.addWidget(Words("For example three unrelated words:", "base", "secondary"))
        row = QHBoxLayout()
        row.addWidget(self.words)
        row.addWidget(self.other)
        row.addStretch(1)
        row.addWidget(self.use)
        self.column.addLayout(row)
        self.column.addStretch(1)
        self.secret.changed.connect(self._judge)
        self.secret.entered.connect(self.again.setFocus)
        self._judge()

    def first_focus(self) -> QWidget:
        return self.secret

    def _judge(self) -> None:
        found = strength.judge(self.secret.text(), [self._user])
        self.bar.setValue(round(found.share * 100))
        self.pill.show_state(found.state, found.word)
        self.advice.setText(found.sentence)

    def _use(self) -> None:
        self.secret.set_text(self.words.text())
        self.secret.reveal()
        self._judge()
        self.again.set_text("")
        self.again.setFocus()

    def checked(self) -> str:
        """The passphrase, typed twice and strong enough."""
        found = strength.judge(self.secret.text(), [self._user])
        if not found.is_enough:
            self.secret.setFocus()
            raise Refused(found.sentence)
        if self.secret.text() != self.again.text():
            self.again.setFocus()
            raise Refused("The two passphrases differ: type the same one twice.")
        return self.secret.text()

    def forget(self) -> None:
        self.secret.set_text("")
        self.again.set_text("")


class _Key(_Step):
    def __init__(self, save_or_print: Callable[[], bool]) -> None:
        super().__init__(
            "This key opens the vault when the passphrase is lost. It is shown only now. Print it or save it away "
            "from this computer, then type it back from there."
        )
        self._save = save_or_print
        self.shown = Words("", "section")
        mono = QFont(self.shown.font())
        mono.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1)
        self.shown.setFont(mono)
        self.shown.setWordWrap(True)
        self.shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.shown.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.column.addWidget(self.shown)
        self.column.addSpacing(theme.GRID)
        self.save = Button("Print or save the key…", icon="printer")
        self.save.clicked.connect(self._kept)
        self.saved = Words("", "small", "secondary")
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addWidget(self.saved, 1)
        self.column.addLayout(row)
        self.column.addSpacing(theme.GRID)
        self.edit = QLineEdit()
        self.edit.setMinimumHeight(theme.row_height())
        self.edit.setAccessibleName("Recovery key, typed back")
        self.edit.setPlaceholderText("XXXX-XXXX-XXXX-…")
        self.labelled("Type it back", self.edit)
        self.column.addStretch(1)

    def first_focus(self) -> QWidget:
        return self.save

    def show_key(self, key: str) -> None:
        groups = key.split("-")
        lines = ["-".join(groups[at : at + 3]) for at in range(0, len(groups), 3)]
        self.shown.setText("-\n".join(lines) if len(lines) > 1 else key)
        self.shown.setAccessibleName("Recovery key: " + ", ".join(" ".join(group) for group in groups))

    def typed(self) -> str:
        return self.edit.text().strip()

    def forget(self) -> None:
        self.edit.clear()
        self.shown.clear()
        self.shown.setAccessibleName("")

    def _kept(self) -> None:
        if self._save():
            self.saved.setText("Kept. Now type it back from there.")
            self.edit.setFocus()


class _Desk(_Step):
    def __init__(self) -> None:
        super().__init__("Both can be changed later in the settings; every change is logged.")
        self.form = Form(
            [
                Field(
                    "marking",
                    "Marking of the desk",
                    "choice",
                    [(marking, marking) for marking in MARKINGS],
                    required=True,
                    width=220,
                    help="Stands at the head of the window, of every page and of every sheet.",
                ),
                Field(
                    "register_started",
                    "Register started on",
                    "date",
                    required=True,
                    help="Contacts before this day are kept, but stay out of coverage and are counted apart.",
                ),
            ]
        )
        self.form.set_values({"marking": MARKINGS[1], "register_started": _today()})
        self.column.addWidget(self.form)
        self.column.addStretch(1)

    def first_focus(self) -> QWidget:
        return self.form.first_field()

    def check(self) -> None:
        try:
            self.form.complete_values()
        except Refused as refusal:
            self.form.show_refusal(str(refusal), refusal.field)
            raise


class _Start(_Step):
    def __init__(self) -> None:
        super().__init__("A fictional desk shows what the pages look like in use; no person in it exists.")
        self.empty = QRadioButton("Empty, ready for the first import")
        self.fictional = QRadioButton("With fictional cases, to look around")
        self.empty.setChecked(True)
        self._group = QButtonGroup(self)
        for button in (self.empty, self.fictional):
            self._group.addButton(button)
            self.column.addWidget(button)
        self.column.addStretch(1)

    def first_focus(self) -> QWidget:
        return self.empty

    def is_fictional(self) -> bool:
        return self.fictional.isChecked()
