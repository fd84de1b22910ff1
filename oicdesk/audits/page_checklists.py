"""The versions of the checklists: look at one, take one in or out as a file, or begin a new version."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from oicdesk.audits import records_checklists
from oicdesk.audits.page_words import LineRow, Lines, column_of, plural, row_of, scrolled, whole_of
from oicdesk.audits.records_checklists import ChecklistRow, CriterionRow
from oicdesk.audits.rules_review import ANSWER_WORDS, AUTOMATIC_WORDS
from oicdesk.errors import Refused, VaultError
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import text
from oicdesk.ui.parts import Button, Card, Notice, Words
from oicdesk.vault.vault import Vault

_TOML = "Checklist (*.toml)"


def follow_up_words(one: CriterionRow) -> str:
    """“After Not met: Who submitted it?”, or nothing."""
    if not one.follow_up:
        return ""
    return f"After {', '.join(ANSWER_WORDS[answer] for answer in one.follow_up_on)}: {one.follow_up}"


class ChecklistsView(QWidget):
    """`left` goes back to the audits; `edit_asked` carries the version that a new one starts from."""

    left = Signal()
    edit_asked = Signal(object)

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self._rows: dict[int, ChecklistRow] = {}
        self.told, self.problem = Notice("good"), Notice("problem")
        self.back = Button("All audits", "quiet", "corner-up-left")
        self.back.setToolTip("Esc")
        self.take_in = Button("Import a file…", "plain", "upload")
        self.take_out = Button("Save as a file…", "plain", "download")
        self.edit = Button("Edit as a new version…", "primary", "pencil")
        self.unfinished = Button("", "quiet", "pencil")
        self.versions = Lines(
            "Versions of the checklists", ("Checklist", "Recorded", "By", "Criteria", "Audits", "What is different"),
            (262, 136, 130, 76, 66, 270), (3, 4), most=6,
        )  # fmt: skip
        self.criteria = Lines(
            "Criteria of the version", ("Criterion", "The desk answers", "Follow-up question"), (390, 262, 330), most=24
        )
        self.guidance = text("", "base", "secondary")
        self._lay_out()
        self.versions.selection_changed.connect(self._show_version)
        self.criteria.selection_changed.connect(self._show_guidance)
        self.back.clicked.connect(self.left)
        self.take_in.clicked.connect(self._import)
        self.take_out.clicked.connect(self._export)
        self.edit.clicked.connect(self._edit)
        self.versions.row_opened.connect(lambda _id: self._edit())

    def _lay_out(self) -> None:
        column = whole_of(self)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        column.setSpacing(theme.GRID)
        head = row_of(Words("Checklists", "title"))
        head.addWidget(self.back)
        column.addLayout(head)
        column.addWidget(
            text("A version never changes once it is recorded, and an audit keeps the one it was planned with.",
                 "base", "secondary")
        )  # fmt: skip
        column.addWidget(self.told)
        column.addWidget(self.problem)
        inner = QWidget()
        inside = column_of(inner, gap=theme.GAP)
        above, below = Card(), Card()
        above.body.addWidget(self.versions)
        above.body.addLayout(row_of(self.edit, self.take_in, self.take_out, self.unfinished))
        below.body.addWidget(Words("Criteria", "section"))
        below.body.addWidget(self.guidance)
        below.body.addWidget(self.criteria)
        inside.addWidget(above)
        inside.addWidget(below)
        inside.addStretch(1)
        column.addWidget(scrolled(inner, (0, 0, theme.GRID, 0)), 1)

    def first_focus(self) -> QWidget:
        return self.versions

    def refresh(self, began: str = "") -> None:
        """Read the versions again; `began` is the time of an unfinished edit, if there is one."""
        with self._vault.reading() as session:
            rows = records_checklists.checklists(session)
            used = records_checklists.uses(session)
        self._rows = {row.id: row for row in rows}
        chosen = self.versions.selected_ids()
        self.versions.set_lines([_line(row, used.get(row.id, 0)) for row in rows])
        newest = max(self._rows, default=0)
        self.versions.select_id(chosen[0] if chosen and chosen[0] in self._rows else newest)
        for button in (self.edit, self.take_out):
            button.setEnabled(bool(rows))
        self.unfinished.setVisible(bool(began))
        self.unfinished.setText(f"Go on with the edit of {began}")
        self._show_version()

    def say(self, sentence: str, problem: str = "") -> None:
        self.told.say(sentence)
        self.problem.say(problem)

    @property
    def shown(self) -> ChecklistRow | None:
        """The version that is looked at."""
        ids = self.versions.selected_ids()
        return self._rows.get(ids[0]) if ids else None

    def _show_version(self) -> None:
        row = self.shown
        self.criteria.set_lines([] if row is None else [_criterion(one) for one in row.criteria])
        self._show_guidance()

    def _show_guidance(self) -> None:
        row, ids = self.shown, self.criteria.selected_ids()
        one = row.criteria[ids[0] - 1] if row is not None and ids else None
        more = f" {follow_up_words(one)}" if one and one.follow_up else ""
        told = f"{one.number}  {one.guidance or 'This criterion has no guidance.'}{more}" if one else ""
        self.guidance.setText(told or "* mandatory: a document passes only if none of these is not met.")

    # --- what the buttons do

    def _edit(self) -> None:
        if self.shown is not None:
            self.edit_asked.emit(self.shown)

    def _import(self) -> None:
        path = messages.choose_open(self, "Import a checklist", _TOML)
        if path is None:
            return

        before = set(self._rows)
        try:
            with self._vault.changing() as session:
                made = records_checklists.import_file(session, path, now=self._now())
                row = records_checklists.checklist(session, made)
        except (Refused, VaultError) as error:
            self.say("", str(error))
            return
        self.refresh()
        self.versions.select_id(row.id)
        is_new = row.id not in before
        self.say(
            f"{row.spoken} is recorded, with {plural(len(row.criteria), 'criterion', 'criteria')}; new audits start"
            " with it." if is_new else f"The file holds the same criteria as {row.spoken}, so nothing was recorded."
        )  # fmt: skip

    def _export(self) -> None:
        row = self.shown
        if row is None:
            return
        name = f"{row.name.lower().replace(' ', '-')}-{row.version}.toml"
        path = messages.choose_save(self, "Save the checklist", Path.home() / name, _TOML)
        if path is None:
            return
        try:
            records_checklists.write_file(row, path)
        except VaultError as error:
            self.say("", str(error))
            return
        self.say(f"{row.spoken} is saved as {path}.")


def _line(row: ChecklistRow, used: int) -> LineRow:
    recorded = spoken_day(london_day(row.recorded_at))
    cells = (row.spoken, recorded, row.recorded_by, str(len(row.criteria)), str(used), row.note)
    return LineRow(row.id, cells)


def _criterion(one: CriterionRow) -> tuple[str, str, str]:
    mark = "*" if one.mandatory else ""
    desk = AUTOMATIC_WORDS[one.automatic] if one.automatic else ""
    return f"{one.number}{mark}  {one.text}", desk, follow_up_words(one)
