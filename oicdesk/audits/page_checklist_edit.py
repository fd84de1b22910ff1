"""Editing a checklist: its criteria one by one, saved as a new version; what is typed is kept until then."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence
from PySide6.QtWidgets import QBoxLayout, QWidget

from oicdesk.audits import records_checklists
from oicdesk.audits.page_words import LineRow, Lines, column_of, row_of, scrolled, whole_of
from oicdesk.audits.records_checklists import ChecklistRow
from oicdesk.audits.rules_review import ANSWER_WORDS, AUTOMATIC_WORDS
from oicdesk.errors import Refused, VaultError
from oicdesk.settings.rules import LONDON
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Card, Notice, Words
from oicdesk.ui.task import PAUSE
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault

Criterion = dict[str, Any]
_NEW: Mapping[str, Any] = {
    "text": "", "guidance": "", "mandatory": False, "automatic": None, "follow_up": "", "follow_up_on": (),
}  # fmt: skip
_FIELDS = [
    Field("text", "Criterion", required=True, placeholder="What has to be true of the document"),
    Field("guidance", "Guidance", "long", placeholder="How a reviewer tells"),
    Field("mandatory", "Mandatory: a document fails if this is not met", "check"),
    Field("automatic", "The desk answers it", "choice", list(AUTOMATIC_WORDS.items()), placeholder="A reviewer does",
          help="From the register as frozen; a reviewer may answer otherwise."),
    Field("follow_up", "Follow-up question", placeholder="Asked after the answers below"),
    Field("follow_up_on", "Asked after", "choices", list(ANSWER_WORDS.items())),
]  # fmt: skip
_HEAD = [
    Field("name", "Checklist", required=True),
    Field("note", "What is different", placeholder="Read by whoever plans an audit"),
]


def draft_key(vault: Vault) -> str:
    """Where the unfinished edit of the user at the desk is kept."""
    return f"audits/checklist/{vault.user.id}"


def unfinished(vault: Vault) -> str:
    """The time of an unfinished edit, or nothing."""
    with vault.reading() as session:
        kept = drafts.load(session, draft_key(vault))
    return f"{datetime.fromisoformat(kept['at']).astimezone(LONDON):%H:%M}" if kept else ""


class ChecklistEditor(QWidget):
    """`done` carries what was recorded, in words; `left` goes back, and what was typed stays as a draft."""

    done = Signal(str)
    left = Signal()

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.criteria: list[Criterion] = []
        self._place, self._is_dirty, self._is_filling = 0, False, False
        self.title = Words("", "title")
        self.saved = Words("", "small", "secondary")
        self.head, self.form = Form(_HEAD), Form(_FIELDS, labels_above=True)
        self.lines = Lines("Criteria", ("Criterion",), (386,), fills=True)
        self.problem = Notice("problem")
        self.add = Button("Add", "plain", "plus")
        self.up, self.down = Button("Up", "plain", "arrow-up"), Button("Down", "plain", "arrow-down")
        self.remove = Button("Remove", "quiet", "x")
        self.save_button = Button("Save as a new version", "primary")
        self.back = Button("Back to the checklists")
        self.drop = Button("Throw away what was typed", "quiet")
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self.keep)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        is_large = theme.is_large()
        left, right = Card(), Card()
        left.body.addWidget(self.lines, 1)
        left.body.addLayout(row_of(self.add, self.up, self.down, self.remove))
        right.body.addWidget(self.form)
        right.body.addStretch(1)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        middle = QBoxLayout(down if is_large else across)
        middle.setSpacing(theme.GAP)
        if is_large:
            left.setFixedHeight(8 * theme.row_height())
        else:
            left.setFixedWidth(theme.px(452))
        middle.addWidget(left)
        inner = QWidget()
        column_of(inner).addWidget(right)
        middle.addWidget(inner if is_large else scrolled(inner), 1)
        column = whole_of(self)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self.title)
        column.addWidget(
            text("Saving records a new version for audits planned from then on; older audits keep theirs.",
                 "base", "secondary")
        )  # fmt: skip
        column.addWidget(self.head)
        column.addWidget(self.problem)
        column.addLayout(middle, 1)
        foot = row_of(self.save_button, self.back, self.saved)
        foot.addWidget(self.drop)
        column.addLayout(foot)
        self.save_button.setToolTip("Ctrl+Enter")
        self.back.setToolTip("Esc; what was typed stays as a draft")

    def _connect(self) -> None:
        self.lines.selection_changed.connect(self._turn)
        for form in (self.head, self.form):
            form.changed.connect(self._edited)
        for button, slot in (
            (self.add, self._add), (self.remove, self._remove), (self.up, lambda: self._move(-1)),
            (self.down, lambda: self._move(1)), (self.save_button, self.save), (self.back, self.leave),
            (self.drop, self.throw_away),
        ):  # fmt: skip
            button.clicked.connect(slot)
        for words, keys, act in (
            ("Save as a new version", "Ctrl+Return", self.save), ("Back to the checklists", "Esc", self.leave),
            ("Move the criterion up", "Alt+Up", lambda: self._move(-1)),
            ("Move the criterion down", "Alt+Down", lambda: self._move(1)),
        ):  # fmt: skip
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _on=False, act=act: act())
            self.addAction(action)

    # --- opening, keeping, leaving

    def open(self, row: ChecklistRow) -> None:
        """Begin a new version from this one; an unfinished edit is thrown away by nothing but its button."""
        criteria = [{name: getattr(one, name) for name in _NEW} for one in row.criteria]
        self._fill(row.name, "", criteria, 0)
        self.saved.setText("")
        self.drop.hide()

    def resume(self) -> None:
        """Go on with what was kept."""
        with self._vault.reading() as session:
            kept = drafts.load(session, draft_key(self._vault))
        assert kept is not None
        self._fill(kept["name"], kept["note"], kept["criteria"], kept["place"])
        self._say_kept(datetime.fromisoformat(kept["at"]))

    def _fill(self, name: str, note: str, criteria: Sequence[Mapping[str, Any]], place: int) -> None:
        self.criteria = [dict(one) for one in criteria]
        self.head.set_values({"name": name, "note": note})
        self.title.setText(f"A new version of “{name}”")
        self.problem.say("")
        self._is_dirty = False
        self._show_lines(place)

    def first_focus(self) -> QWidget:
        return self.lines

    def keep(self) -> None:
        """Keep what was typed now, if anything was since the last time."""
        if not self._is_dirty:
            return
        self._timer.stop()
        at, head = self._now(), self.head.values()
        kept = {"at": at.isoformat(), **head, "criteria": self.criteria, "place": self._place}
        try:
            with self._vault.changing() as session:
                drafts.save(session, draft_key(self._vault), kept)
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            return
        self._is_dirty = False
        self._say_kept(at)

    def _say_kept(self, at: datetime) -> None:
        self.saved.setText(f"Draft saved {at.astimezone(LONDON):%H:%M}")
        self.drop.show()

    def leave(self) -> None:
        """Go back; what was typed stays as a draft."""
        self.keep()
        self.left.emit()

    def throw_away(self) -> None:
        """Go back and drop the draft."""
        self._timer.stop()
        self._is_dirty = False
        with self._vault.changing() as session:
            drafts.end(session, draft_key(self._vault))
        self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """A lock or another page: nothing typed waits for the pause."""
        self.keep()
        super().hideEvent(event)

    # --- the criteria

    def _show_lines(self, place: int) -> None:
        self._is_filling = True
        self._place = min(max(0, place), len(self.criteria) - 1)
        self.lines.set_lines([_line(number, one) for number, one in enumerate(self.criteria, 1)])
        self.lines.select_id(self._place + 1)
        self._is_filling = False
        self._show_criterion()

    def _show_criterion(self) -> None:
        has_one = bool(self.criteria)
        self.form.setEnabled(has_one)
        self.form.clear_refusals()
        self.form.set_values(self.criteria[self._place] if has_one else _NEW)
        self.remove.setEnabled(has_one)
        self.up.setEnabled(has_one and self._place > 0)
        self.down.setEnabled(has_one and self._place < len(self.criteria) - 1)

    def _turn(self) -> None:
        ids = self.lines.selected_ids()
        if ids and not self._is_filling:
            self._place = ids[0] - 1
            self._show_criterion()

    def _edited(self) -> None:
        if self.criteria:
            self.criteria[self._place] = dict(self.form.values())
            self._is_filling = True
            self.lines.set_lines([_line(number, one) for number, one in enumerate(self.criteria, 1)])
            self.lines.select_id(self._place + 1)
            self._is_filling = False
        self._note_change()

    def _note_change(self) -> None:
        self._is_dirty = True
        self.problem.say("")
        self.saved.setText("Not saved yet")
        self._timer.start()

    def _add(self) -> None:
        """A new criterion below the one that is shown."""
        self.criteria.insert(self._place + 1 if self.criteria else 0, dict(_NEW))
        self._note_change()
        self._show_lines(self._place + 1 if len(self.criteria) > 1 else 0)
        self.form.focus_field("text")

    def _remove(self) -> None:
        if self.criteria:
            del self.criteria[self._place]
            self._note_change()
            self._show_lines(self._place)

    def _move(self, by: int) -> None:
        there = self._place + by
        if self.criteria and 0 <= there < len(self.criteria):
            self.criteria.insert(there, self.criteria.pop(self._place))
            self._note_change()
            self._show_lines(there)

    # --- saving

    def save(self) -> None:
        """Record the new version; a refusal stands beside its field, at its criterion."""
        self.head.clear_refusals()
        self.form.clear_refusals()
        try:
            head = self.head.complete_values()
            with self._vault.changing() as session:
                newest = {row.id for row in records_checklists.checklists(session)}
                made = records_checklists.record_version(
                    session, head["name"], self.criteria, now=self._now(), note=head["note"]
                )
                row = records_checklists.checklist(session, made)
                if made in newest:
                    raise Refused(f"Nothing is different from {row.spoken}, so there is no new version to save.")
                drafts.end(session, draft_key(self._vault))
        except (Refused, VaultError) as error:
            self._refuse(str(error), getattr(error, "field", None))
            return
        self._timer.stop()
        self._is_dirty = False
        self.done.emit(f"{row.spoken} is recorded; new audits start with it.")

    def _refuse(self, sentence: str, field: str | None) -> None:
        if field == "name":
            self.head.show_refusal(sentence, field)
            return
        place = self._first_refused()
        if place is None:
            self.problem.say(sentence)
            return
        self._show_lines(place)
        self.form.show_refusal(sentence, field)

    def _first_refused(self) -> int | None:
        for place, one in enumerate(self.criteria):
            try:
                records_checklists.check_criterion(place + 1, one)
            except Refused:
                return place
        return None


def _line(number: int, one: Mapping[str, Any]) -> LineRow:
    mark = "*" if one["mandatory"] else ""
    return LineRow(number, (f"{number}{mark}  {one['text'] or 'A new criterion'}",))
