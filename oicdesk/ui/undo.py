"""What was done in this window and how to take it back: the list, its bar and its sheet. It knows no records.

A step is taken back by another ordinary, logged change, never by wiping history. The list lives with the
window: locking ends it, and the sheet says so.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import theme
from oicdesk.ui.messages import Dialog
from oicdesk.ui.parts import Button, IconButton, Words

KEPT = 200  # steps; a session's work, and each is small
LEFT_THE_DESK = "it left the desk"
_ENDS = (
    "Each step is taken back by a new entry in the history; nothing is wiped. This list ends when the desk locks or"
    " closes; what was done stays done."
)


@dataclass(frozen=True)
class Step:
    """Something that was done. `words` begin with a verb: "Close OIC-2026-0042".

    `take_back()` makes the change that takes it back and answers with what is worth adding, or "". `again()`
    does it once more and answers with the step that takes that back. Both raise Refused or VaultError and have
    then changed nothing. Without `take_back` the step is only listed, and `why_not` says why, in words that
    follow "cannot be taken back:".
    """

    words: str
    take_back: Callable[[], str] | None = None
    again: "Callable[[], Step] | None" = None
    why_not: str = ""


@dataclass(frozen=True)
class Told:
    """What a task answers when its deed can be taken back: the words of what was done, and the step."""

    words: str
    step: Step


def left_the_desk(words: str, why: str = LEFT_THE_DESK) -> Step:
    """A step that nobody can call back: a chaser that was sent, an export, another person's approval."""
    return Step(words, why_not=why)


Changing = Callable[[], AbstractContextManager[Any]]
Back = Callable[[Any], str | None]  # takes a deed back in this session; answers with what is worth adding


def reversible(
    words: str, changing: Changing, back: Back, again: "Callable[[Any], Told | str | None] | None" = None
) -> Step:
    """A step whose deeds run in one change each: `back(session)` as `Step.take_back`, `again(session)` as the
    task that was done, whose answer carries the next step; None when this step takes that back too."""

    def take_back() -> str:
        with changing() as session:
            return back(session) or ""

    def once_more() -> Step:
        assert again is not None
        with changing() as session:
            told = again(session)
        if told is None:
            return step
        return told.step if isinstance(told, Told) else Step(words, why_not="take it back by hand")

    step = Step(words, take_back, None if again is None else once_more)
    return step


def undoable(
    do: Callable[[Any, dict[str, Any]], str],
    words: str,
    changing: Changing,
    back_of: Callable[[Any, dict[str, Any]], Back],
) -> Callable[[Any, dict[str, Any]], Told]:
    """A task's `do` that can be taken back. `back_of(session, values)` is asked in the same change, right after
    the deed, and answers with what takes it back."""

    def told(session: Any, values: dict[str, Any]) -> Told:
        said = do(session, dict(values))
        back = back_of(session, values)
        return Told(said, reversible(words, changing, back, lambda later: told(later, values)))

    return told


@dataclass
class _Entry:
    step: Step
    is_undone: bool = False
    refusal: str = ""


class UndoList(QObject):
    """The steps of this window, oldest first. `told` carries whether it went well, and the sentence."""

    changed = Signal()
    told = Signal(bool, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[_Entry] = []

    def add(self, step: Step) -> None:
        """Note what was just done; what was undone before cannot be done again from here on."""
        self._entries = [*(entry for entry in self._entries if not entry.is_undone), _Entry(step)][-KEPT:]
        self.changed.emit()

    @property
    def next_back(self) -> Step | None:
        """The step that Ctrl+Z takes back: the newest that can be and was not refused."""
        found = self._back()
        return None if found is None else found.step

    @property
    def next_again(self) -> Step | None:
        """The step that Ctrl+Y does once more."""
        found = self._again()
        return None if found is None else found.step

    def lines(self) -> list[tuple[str, str]]:
        """(words, how it stands) of every step, newest first."""
        return [(entry.step.words, _standing(entry)) for entry in reversed(self._entries)]

    def undo(self) -> None:
        """Take the last step back. A refusal says why; the step stays listed and the one before it is next."""
        entry = self._back()
        if entry is None or entry.step.take_back is None:
            self.told.emit(False, self._why_nothing())
            return
        try:
            more = entry.step.take_back()
        except Refused as refusal:
            entry.refusal = str(refusal)
            self.changed.emit()
            self.told.emit(False, f"Not undone: {lowered(entry.step.words)}. {refusal}")
        except VaultError as error:
            self.told.emit(False, f"Not undone: {lowered(entry.step.words)}. {error}")
        else:
            entry.is_undone = True
            self.changed.emit()
            self.told.emit(True, " ".join(filter(None, (f"Undone: {lowered(entry.step.words)}.", more))))

    def redo(self) -> None:
        """Do again what was taken back last."""
        entry = self._again()
        if entry is None or entry.step.again is None:
            self.told.emit(False, "Nothing was undone that could be done again.")
            return
        try:
            entry.step = entry.step.again()
        except (Refused, VaultError) as error:
            self.told.emit(False, f"Not done again: {lowered(entry.step.words)}. {error}")
            return
        entry.is_undone = False
        self.changed.emit()
        self.told.emit(True, f"Done again: {lowered(entry.step.words)}.")

    def _back(self) -> _Entry | None:
        open_ = (entry for entry in reversed(self._entries) if not entry.is_undone and not entry.refusal)
        return next((entry for entry in open_ if entry.step.take_back is not None), None)

    def _again(self) -> _Entry | None:
        """The earliest of the steps undone at the end of the list, so that they come back in their order."""
        undone = next((entry for entry in self._entries if entry.is_undone), None)
        return undone if undone is not None and undone.step.again is not None else None

    def _why_nothing(self) -> str:
        if not self._entries:
            return "Nothing was done since the desk was opened, so there is nothing to undo."
        return "Nothing is left to undo; the undo list says why for each step."


def _standing(entry: _Entry) -> str:
    if entry.is_undone:
        return "undone" if entry.step.again is not None else "undone; do it anew to have it again"
    if entry.step.take_back is None:
        return f"cannot be taken back: {entry.step.why_not}"
    return f"was not taken back: {entry.refusal}" if entry.refusal else "can be taken back"


def lowered(words: str) -> str:
    """Words inside a sentence."""
    return words[:1].lower() + words[1:]


class UndoBar(QFrame):
    """A quiet line above the foot, there from the first step on: what can be undone, or what was."""

    def __init__(self, steps: UndoList) -> None:
        super().__init__()
        self._steps = steps
        self.words = Words("", "base", "secondary")
        self.words.setWordWrap(True)
        self.back = Button("Undo", "quiet", "undo-2")
        self.back.setToolTip("Ctrl+Z")
        self.again = Button("Do again", "quiet", "refresh-cw")
        self.again.setToolTip("Ctrl+Y")
        self.list = Button("Undo list…", "quiet", "scroll-text")
        self.list.setToolTip("Ctrl+Alt+Z")
        self.away = IconButton("x", "Hide the undo line")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 2, theme.GRID, 2)
        row.setSpacing(theme.GRID)
        row.addWidget(self.words, 1)
        for button in (self.back, self.again, self.list, self.away):
            row.addWidget(button)
        self.back.clicked.connect(steps.undo)
        self.again.clicked.connect(steps.redo)
        self.away.clicked.connect(self.hide)
        self.list.clicked.connect(self.show_list)
        steps.changed.connect(self._follow)
        steps.told.connect(self._say)
        self.hide()

    def show_list(self) -> None:
        """Every step of this window, and how it stands."""
        UndoSheet(self, self._steps).exec()

    def _follow(self) -> None:
        step = self._steps.next_back
        newest = self._steps.lines()[0]
        self._write(f"{newest[0]}: {newest[1]}." if step is None else f"Last step: {lowered(step.words)}.", "secondary")

    def _say(self, went_well: bool, sentence: str) -> None:
        self._write(sentence, "text" if went_well else "danger")

    def _write(self, sentence: str, role: str) -> None:
        self.words.set_role(role)
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.back.setVisible(self._steps.next_back is not None)
        self.again.setVisible(self._steps.next_again is not None)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("card"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(self.rect().topLeft(), self.rect().topRight())
        painter.end()


class UndoSheet(Dialog):
    """The undo list: the newest step first, each with how it stands."""

    def __init__(self, parent: QWidget, steps: UndoList) -> None:
        super().__init__(parent, "Undo list", verb="Undo the last step", cancel="Close")
        self._steps = steps
        self.say(_ENDS)
        self.said = Words("", "base", "secondary")
        self.said.setWordWrap(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Steps, the newest first")
        self.list.setWordWrap(True)
        self.list.setMinimumSize(QSize(theme.px(460), theme.px(260)))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.said)
        steps.told.connect(self._say)
        self._show()

    def submit(self) -> None:
        """Take the last step back and stay."""
        self._steps.undo()
        self._show()

    def _say(self, went_well: bool, sentence: str) -> None:
        self.said.set_role("text" if went_well else "danger")
        self.said.setText(sentence)

    def _show(self) -> None:
        self.list.clear()
        for words, standing in self._steps.lines():
            item = QListWidgetItem(f"{words}\n{standing[0].upper()}{standing[1:]}", self.list)
            item.setSizeHint(self._room(item.text()))
        if not self.list.count():
            QListWidgetItem("Nothing was done since the desk was opened.", self.list)
        self.list.setCurrentRow(0)
        self.verb.setEnabled(self._steps.next_back is not None)

    def _room(self, text: str) -> QSize:
        wide = QRect(0, 0, theme.px(420), 10_000)
        flags = Qt.TextFlag.TextWordWrap
        return QSize(0, self.list.fontMetrics().boundingRect(wide, flags, text).height() + theme.px(12))
