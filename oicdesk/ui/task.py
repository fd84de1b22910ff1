"""Something that is done by a form in place of a detail; what is typed is kept until it is done or thrown away."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import theme
from oicdesk.ui.dates import LONDON, DayEdit, InstantEdit
from oicdesk.ui.detail import Line
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.undo import Told

PAUSE = 900  # milliseconds without a key until what was typed is kept


@dataclass(frozen=True)
class Task:
    """A form and what it does.

    `record` and `name` tell the draft of this task from any other. `do(session, values)` writes and answers
    with what was done, in words, or with `Told` when it can be taken back; what it raises is shown beside the
    field. `warn(values)` says what should be looked at. `depends` shows a field only while another one holds one
    of these values. `back` are the words of the way back, where it is not that of the queue.
    """

    record: str
    name: str
    title: str
    verb: str
    fields: Sequence[Field]
    do: Callable[[Any, dict[str, Any]], "str | Told"]
    values: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""
    warn: Callable[[dict[str, Any]], Sequence[str]] | None = None
    depends: Mapping[str, tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    has_people: bool = False
    back: str = ""


class Drafts(Protocol):
    """Where unfinished forms are kept; `load` answers what was kept and when."""

    def load(self, task: Task) -> tuple[dict[str, Any], datetime] | None: ...

    def save(self, task: Task, typed: dict[str, Any]) -> datetime: ...

    def end(self, task: Task) -> None: ...

    def submitting(self, task: Task) -> AbstractContextManager[Any]:
        """A session in which the task is done and its draft ends, together."""


class TaskForm(QWidget):
    """The form of one task. `done` carries the words of what was done; `left` means: go back, nothing is lost."""

    done = Signal(str)
    step_done = Signal(object)
    left = Signal()

    def __init__(self, task: Task, drafts: Drafts) -> None:
        super().__init__()
        self.task, self._drafts, self._ended = task, drafts, False
        self.form = Form(task.fields, labels_above=True)
        self.form.set_values(task.values)
        self.saved = Words("", "small", "secondary")
        self.warning = Notice("warning")
        self.verb = Button(task.verb, "primary")
        self.back = Button(task.back or ("Back to the case" if task.record != "new" else "Back to the queue"))
        self.drop = Button("Throw away what was typed", "quiet")
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self.keep)
        self._lay_out()
        self.drop.hide()
        self.verb.setToolTip("Ctrl+Enter")
        self.back.setToolTip("Esc; what was typed stays as a draft")
        kept = drafts.load(task)
        if kept is not None:
            _put(self.form, kept[0])
            self._say_saved(kept[1])
        self._follow()
        self.form.changed.connect(self._edited)
        self.verb.clicked.connect(self.submit)
        self.back.clicked.connect(self.leave)
        self.drop.clicked.connect(self.throw_away)
        for keys, slot in (("Ctrl+Return", self.submit), ("Ctrl+Enter", self.submit), ("Esc", self.leave)):
            shortcut = QShortcut(QKeySequence(keys), self, slot)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column = QVBoxLayout(inner)
        side = theme.GRID if theme.is_large() else theme.MARGIN
        column.setContentsMargins(side, theme.GAP, side, theme.GAP)
        column.setSpacing(theme.GAP)
        heading = Words(self.task.title, "title")
        heading.setWordWrap(True)
        column.addWidget(heading)
        if self.task.sentence:
            sentence = Words(self.task.sentence, "base", "secondary")
            sentence.setWordWrap(True)
            column.addWidget(sentence)
        column.addWidget(self.form)
        if theme.is_large():  # under the form it would leave no room for it
            column.addWidget(self.warning)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        scroll.viewport().setAutoFillBackground(False)
        foot = QHBoxLayout()
        foot.setSpacing(theme.GRID)
        for widget in (self.verb, self.back):
            foot.addWidget(widget)
        foot.addStretch(1)
        kept = QHBoxLayout()
        kept.addWidget(self.saved, 1)
        kept.addWidget(self.drop)
        below = QVBoxLayout()
        below.setContentsMargins(side, theme.GRID if theme.is_large() else theme.GAP, side, theme.GAP)
        below.setSpacing(theme.GRID)
        if not theme.is_large():
            below.addWidget(self.warning)
        below.addLayout(foot)
        below.addLayout(kept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scroll, 1)
        whole.addWidget(Line())
        whole.addLayout(below)

    def first_focus(self) -> QWidget:
        return self.form.first_field()

    def _edited(self) -> None:
        self._follow()
        self.saved.setText("Not saved yet")
        self._timer.start()

    def _follow(self) -> None:
        """Show the fields that the present choices ask for, and what should be looked at."""
        for name in self.task.depends:
            self.form.show_field(name, self._is_asked(name))
        self.warning.say(" ".join(self._warnings()))

    def _is_asked(self, name: str) -> bool:
        if name not in self.task.depends:
            return True
        other, values = self.task.depends[name]
        return self._is_asked(other) and _chosen(self.form.widget(other)) in values

    def _warnings(self) -> Sequence[str]:
        if self.task.warn is None:
            return ()
        try:
            return self.task.warn(self._values(self.form.values()))
        except Refused:
            return ()  # a box that cannot be read yet is refused when the verb is pressed

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        """As typed, without what stands in boxes that are not asked for."""
        for one in self.task.fields:
            if not self._is_asked(one.name):
                values[one.name] = {"check": False, "choices": ()}.get(one.kind)
        return values

    def keep(self) -> None:
        """Keep what was typed now, if anything was since the last time."""
        if self._ended or self.saved.text() != "Not saved yet":
            return
        self._timer.stop()
        try:
            self._say_saved(self._drafts.save(self.task, _typed(self.form)))
        except (Refused, VaultError) as error:
            self.form.show_refusal(str(error))

    def _say_saved(self, at: datetime) -> None:
        self.saved.setText(f"Draft saved {at.astimezone(LONDON):%H:%M}")
        self.drop.show()

    def submit(self) -> None:
        """Do it; a refusal stays beside its field and everything typed stays too."""
        self.form.clear_refusals()
        try:
            values = self._values(self.form.complete_values())
            with self._drafts.submitting(self.task) as session:
                said = self.task.do(session, values)
        except (Refused, VaultError) as error:
            self.form.show_refusal(str(error), getattr(error, "field", None))
            return
        self._finish()
        if isinstance(said, Told):
            self.step_done.emit(said.step)
            said = said.words
        self.done.emit(said)

    def leave(self) -> None:
        """Go back; what was typed stays as a draft."""
        self.keep()
        self.left.emit()

    def throw_away(self) -> None:
        """Go back and drop the draft."""
        self._drafts.end(self.task)
        self._finish()
        self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Locking and leaving the page hide the form: nothing typed waits for the pause."""
        self.keep()
        super().hideEvent(event)

    def _finish(self) -> None:
        self._ended = True
        self._timer.stop()


def exact(typed: datetime, now: datetime) -> datetime:
    """The instant that a typed minute means: the present minute is this very moment; a later one is refused."""
    if timedelta() <= now - typed < timedelta(minutes=1):
        return now
    if typed > now:
        raise Refused("That time lies in the future; give the time when it happened.", field="at")
    return typed


def _chosen(widget: QWidget) -> Any:
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    assert isinstance(widget, QComboBox)
    return widget.currentData()


def _typed(form: Form) -> dict[str, Any]:
    """Everything as it stands in the boxes, readable or not."""
    return {one.name: _text_of(form.widget(one.name)) for one in form.fields}


def _text_of(widget: QWidget) -> Any:
    if isinstance(widget, QLineEdit):
        return widget.text()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText()
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QListWidget):
        items = [widget.item(place) for place in range(widget.count())]
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]
    if isinstance(widget, DayEdit):
        return widget.edit.text()
    assert isinstance(widget, InstantEdit)
    return [widget.day.edit.text(), widget.time.text(), widget.which.currentIndex()]


def _put(form: Form, typed: Mapping[str, Any]) -> None:
    """Put back what `_typed` took."""
    for one in form.fields:
        if one.name in typed:
            _put_text(form.widget(one.name), typed[one.name])


def _put_text(widget: QWidget, typed: Any) -> None:
    if isinstance(widget, QLineEdit):
        widget.setText(typed)
    elif isinstance(widget, QPlainTextEdit):
        widget.setPlainText(typed)
    elif isinstance(widget, QCheckBox):
        widget.setChecked(typed)
    elif isinstance(widget, QComboBox):
        widget.setCurrentIndex(widget.findText(typed, Qt.MatchFlag.MatchFixedString))
        if widget.isEditable():
            widget.setEditText(typed)
    elif isinstance(widget, QListWidget):
        for place in range(widget.count()):
            item = widget.item(place)
            on = item.text() in typed
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    elif isinstance(widget, DayEdit):
        widget.edit.setText(typed)
    elif isinstance(widget, InstantEdit):
        widget.day.edit.setText(typed[0])
        widget.time.setText(typed[1])
        widget.which.setCurrentIndex(typed[2])
