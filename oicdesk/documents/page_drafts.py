"""Working drafts: those that are kept, with the day each is purged, what is left of purged ones, and the editor."""

from datetime import timedelta
from typing import Any

from PySide6.QtWidgets import QCheckBox, QStackedWidget, QWidget

from oicdesk.documents import records, records_drafts, records_links, rules_draft
from oicdesk.documents.form import draft_begun, outcome_name
from oicdesk.documents.page_boxes import forget_copied
from oicdesk.documents.page_editor import DraftEditor
from oicdesk.documents.page_parts import Clock, LineRow, Lines, Listed, View, column_of, row_of
from oicdesk.documents.records_drafts import DraftRow, Held
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.settings.rules import london_day, short_day, spoken_day, spoken_instant
from oicdesk.ui import messages
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Notice
from oicdesk.ui.undo import Step, Told
from oicdesk.vault.vault import Vault

_COLUMNS = (
    ("Kept until", 140), ("Draft", 70), ("Case", 130), ("Last edited", 180), ("Begun by", 150), ("Versions", 84),
    ("Begun", 180),
)  # fmt: skip
_GONE = (("Purged", 170), ("Draft", 70), ("Case", 130), ("Begun by", 150), ("Begun", 170), ("Because", 260))


class DraftsView(View):
    """A list of drafts without a word of their text, and the editor in its place once one is opened."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine, held: Held) -> None:
        super().__init__(vault, now, machine)
        self._held = held
        self._rows: dict[int, DraftRow] = {}
        self.warning = Notice("warning")
        self.new_button = Button("Begin a draft…", "primary", "plus")
        self.open_button = Button("Open", "plain", "pencil")
        self.became_button = Button("It became a document…", "plain", "file-text")
        self.purge_button = Button("Purge now…", "quiet", "x")
        self.gone = QCheckBox("Show what was purged")
        self.table = Lines("Working drafts", _COLUMNS, pill_at=0)
        self.purged = Lines("Purged drafts", _GONE)
        self.editor = DraftEditor(self)
        self.stack = QStackedWidget()
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        self.table.set_empty(
            "No working draft", "Begin one while the force's own system is out of reach; it holds the record.",
            "Begin a draft…", self.begin,
        )  # fmt: skip
        self.purged.set_empty("Nothing was purged", "Of a purged draft only a line stays: when and why, not what.")
        listing = QWidget()
        sentence = text(f"{rules_draft.BANNER}. A draft is purged when its document is accepted, or some days after "
                        "its last edit with a warning before.", role="secondary")  # fmt: skip
        head = row_of(self.new_button, self.open_button, self.became_button, self.purge_button, self.gone)
        column = column_of(listing, sentence, self.warning, head, self.table, self.purged)
        column.setStretch(3, 1)
        column.setStretch(4, 1)
        self.purged.hide()
        self.stack.addWidget(listing)
        self.stack.addWidget(self.editor)
        column_of(self, self.stack)

    def _listen(self) -> None:
        self.new_button.clicked.connect(self.begin)
        self.open_button.clicked.connect(self._open_chosen)
        self.became_button.clicked.connect(self.became)
        self.purge_button.clicked.connect(self.purge)
        self.gone.toggled.connect(lambda _on: self.refresh(self.force))
        self.table.row_opened.connect(self.open_draft)
        self.table.selection_changed.connect(self._show_buttons)
        self.editor.left.connect(self._close)

    # --- the list

    def refresh(self, force: str) -> None:
        self.force = force
        with self.vault.reading() as session:
            kept = records_drafts.kept_drafts(session, now=self.now(), held=self._held)
            purged = records_drafts.purged_drafts(session) if self.gone.isChecked() else []
        shown = [row for row in kept if force in ("Joint", row.force or force)]
        self._rows = {row.id: row for row in kept}
        self.table.set_lines([_line(row) for row in shown])
        self.purged.setVisible(self.gone.isChecked())
        self.purged.set_lines(
            [
                LineRow(
                    row.id, (spoken_instant(row.purged_at), str(row.id), row.case, row.created_by,
                             spoken_instant(row.created_at), row.why),
                )
                for row in purged
            ]
        )  # fmt: skip
        near = [row for row in kept if row.purge_is_near]
        self.warning.say(warning_words(near))
        self._show_buttons()
        self._follow_editor()

    def _follow_editor(self) -> None:
        """The editor closes itself when its draft was purged meanwhile."""
        open_id = self.editor.draft_id
        if open_id is None:
            return
        if open_id not in self._rows:
            forget_copied()
            self.editor.close_draft()
            self.stack.setCurrentIndex(0)
            self.alone.emit(False)
            self.said.emit(f"Working draft {open_id} was purged.")
        else:
            self.editor.update_row(self._rows[open_id])
            self.editor.refresh()

    def _show_buttons(self) -> None:
        chosen = bool(self.table.selected_ids())
        self.open_button.setEnabled(chosen)
        self.became_button.setEnabled(chosen)
        self.purge_button.setEnabled(chosen)

    @property
    def is_editing(self) -> bool:
        """Whether a draft is open."""
        return self.editor.draft_id is not None

    def first_focus(self) -> QWidget:
        return self.editor.first_focus() if self.is_editing else self.table

    def panes(self) -> list[QWidget]:
        return self.editor.panes() if self.is_editing else [self.table]

    def listed(self) -> Listed:
        rows = [
            (row.purge_at, row.id, row.case, row.edited_at, row.created_by, row.versions, row.created_at)
            for row in self._rows.values()
        ]
        header = tuple(title for title, _width in _COLUMNS)
        return Listed("Working drafts", header, rows, [row.referral_id for row in self._rows.values()])

    def export(self) -> None:
        """The open draft, else the list."""
        if self.is_editing:
            self.editor.export()
        else:
            super().export()

    # --- beginning, opening, purging

    def begin(self) -> None:
        """Begin a draft for a case and open it."""
        made: list[int] = []

        def check(values: dict[str, Any]) -> None:
            with self.vault.changing() as session:
                case = records_links.find_contact(session, values["reference"])
                made.append(records_drafts.begin(session, case, now=self.now()))

        field = Field("reference", "Contact", required=True, placeholder="OIC-2026-0001, incident or NCCU reference")
        sentence = f"{rules_draft.BANNER}. For when that system is out of reach."
        if messages.ask_form(self, "Begin a working draft", [field], "Begin", check=check, sentence=sentence):
            self.step_done.emit(draft_begun(made[-1]))
            self.refresh(self.force)
            self.open_draft(made[-1])

    def _open_chosen(self) -> None:
        ids = self.table.selected_ids()
        if ids:
            self.open_draft(ids[0])

    def open_draft(self, draft_id: int) -> bool:
        """Open this draft in place of the list; False when it is not kept any more."""
        if draft_id not in self._rows:
            self.refresh(self.force)
        row = self._rows.get(draft_id)
        if row is None:
            return False
        try:
            self.editor.open(row)
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return False
        self.editor.update_row(row)
        self.stack.setCurrentWidget(self.editor)
        self.alone.emit(True)
        self.editor.first_focus().setFocus()
        return True

    def _close(self) -> None:
        draft_id = self.editor.draft_id
        self.editor.close_draft()
        self.stack.setCurrentIndex(0)
        self.alone.emit(False)
        self.refresh(self.force)
        if draft_id is not None:
            self.table.select_id(draft_id)
        self.table.setFocus()

    def became(self) -> None:
        """Say which document the chosen draft became: accepting another one of the case then leaves it alone."""
        row = next((self._rows[one] for one in self.table.selected_ids() if one in self._rows), None)
        if row is None:
            return
        with self.vault.reading() as session:
            documents = records.documents(session, row.referral_id)
        choices = [(one.id, f"{outcome_name(one.reference)}, {spoken_instant(one.submitted_at)}") for one in documents]
        if not choices:
            self.refused.emit(f"{row.case} has no document yet; record its submission first.")
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def become(later: Any) -> None:
                records_drafts.set_document(later, row.id, values["document"])

            become(session)
            name = outcome_name(next(one.reference for one in documents if one.id == values["document"]))
            return self.did(
                f"Working draft {row.id} is purged once {name} is accepted.",
                f"Note which document working draft {row.id} became",
                lambda later: records_drafts.set_document(later, row.id, row.document_id), become,
            )  # fmt: skip

        field = Field("document", "Document", "choice", choices, required=True)
        self.ask(
            f"Which document did working draft {row.id} become?", [field], "Note it", deed,
            values={"document": row.document_id or choices[0][0]},
        )  # fmt: skip

    def purge(self) -> None:
        """Purge the chosen draft now, once it is said what goes."""
        ids = self.table.selected_ids()
        if not ids or not messages.confirm(
            self, f"Purge working draft {ids[0]}?",
            "Its text, its versions and what was copied of it are removed for good. It cannot be undone. Backups made"
            " before keep it until they rotate.", "Purge", danger=True,
        ):  # fmt: skip
            return

        def deed(session: Any) -> Told:
            records_drafts.purge(session, ids[0], records_drafts.ASKED, now=self.now(), held=self._held)
            step = Step(f"Purge working draft {ids[0]}", why_not="what was purged is nowhere any more")
            return Told(f"Working draft {ids[0]} is purged.", step)

        forget_copied()
        self.do(deed)


def warning_words(rows: list[DraftRow]) -> str:
    """That drafts will be purged soon, which and from when; nothing for none."""
    if not rows:
        return ""
    first = min(row.purge_at for row in rows)
    names = ", ".join(f"{row.id} ({row.case})" for row in rows[:4]) + (" and more" if len(rows) > 4 else "")
    which, them = (f"Working draft {names}", "it") if len(rows) == 1 else (f"Working drafts {names}", "them")
    day = spoken_day(london_day(first))
    return f"{which} will be purged from {day} on, because nobody edits {them}; edit or export {them} first."


def _line(row: DraftRow) -> LineRow:
    day = short_day(london_day(row.purge_at - timedelta(microseconds=1)))
    until = "On hold" if row.is_held else day
    pill = "info" if row.is_held else "due_soon" if row.purge_is_near else "neutral"
    cells = (
        until, str(row.id), row.case, spoken_instant(row.edited_at), row.created_by, str(row.versions),
        spoken_instant(row.created_at),
    )  # fmt: skip
    keys = (row.purge_at, row.id, row.case, row.edited_at, row.created_by.casefold(), row.versions, row.created_at)
    return LineRow(row.id, cells, pill, keys)
