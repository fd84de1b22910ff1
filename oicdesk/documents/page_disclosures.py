"""The register of disclosures: who received what, and whom to tell after a correction until each is ticked."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QLineEdit

from oicdesk.documents import records_tell
from oicdesk.documents.page_parts import Clock, LineRow, Lines, Listed, View, column_of, row_of
from oicdesk.documents.records_tell import TellingRow
from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import KINDS, DisclosureRow, Disclosures
from oicdesk.settings.rules import london_day, short_day, spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rows import Column, RowsModel, Table
from oicdesk.ui.undo import Told
from oicdesk.vault.vault import Vault

_PAUSE = 150  # milliseconds
_Answer = TypeVar("_Answer")
_FORMS = {
    "pdf": "PDF",
    "docx": "Word",
    "txt": "plain text",
    "print": "print",
    "copy": "copied",
    "xlsx": "XLSX",
    "csv": "CSV",
}


def _about(row: DisclosureRow) -> str:
    if not row.case_count:
        return "no single case"
    names = ", ".join(row.cases[:2])
    return names + (f" and {row.case_count - 2} more" if row.case_count > 2 else "")


def _form(row: DisclosureRow) -> str:
    return _FORMS.get(row.form, row.form)


COLUMNS = (
    Column("When", lambda row: spoken_instant(row.at), "at", width=180),
    Column("Recipient", lambda row: row.recipient, "recipient", width=150),
    Column("What", lambda row: row.what, "what", width=250),
    Column("Form", _form, spoken=lambda row: f"as {_form(row)}", width=90),
    Column("About", _about, spoken=lambda row: f"about {_about(row)}", width=180),
    Column("What for", lambda row: row.purpose, spoken=lambda row: f"for {row.purpose}", width=180),
    Column("By", lambda row: row.by, "by", width=120),
)  # fmt: skip


class _Source:
    def __init__(self, vault: Vault, force: str, words: str) -> None:
        self._vault, self._force, self._words = vault, force, words

    def count(self) -> int:
        return self.ask(lambda found: found.count())

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[DisclosureRow]:
        return self.ask(lambda found: found.page(offset, limit, sort, descending))

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        return self.ask(lambda found: found.position(id, sort, descending))

    def ask(self, question: Callable[[Disclosures], _Answer]) -> _Answer:
        with self._vault.reading() as session:
            return question(Disclosures(session, force=self._force, words=self._words))


class DisclosuresView(View):
    """Everything about cases that left the desk, newest first."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, machine)
        self.filter = QLineEdit()
        self.model = RowsModel(COLUMNS)
        self.table = Table(self.model, "Disclosures")
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self.filter.setAccessibleName("Filter the disclosures")
        self.filter.setPlaceholderText("Filter by recipient, purpose, what was handed over, or case")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumHeight(theme.row_height())
        self.table.horizontalHeader().setAccessibleName("Columns of disclosures")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.set_empty(
            "Nothing has left the desk",
            "Exports, prints and copies of drafts and lists are kept here with whom they went to.",
        )
        column_of(self, self.filter, self.table).setStretch(1, 1)
        self.filter.textChanged.connect(lambda: self._timer.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        self._timer.timeout.connect(self._show)

    def refresh(self, force: str) -> None:
        self.force = force
        self._show()

    def _source(self) -> _Source:
        return _Source(self.vault, self.force, self.filter.text())

    def _show(self) -> None:
        self._timer.stop()
        self.model.set_source(self._source())

    def focus_filter(self) -> None:
        self.filter.setFocus()
        self.filter.selectAll()

    def first_focus(self) -> Table:
        return self.table

    def listed(self) -> Listed:
        rows = self._source().ask(
            lambda found: found.page(0, found.count(), self.model.sort_name, self.model.descending)
        )
        lines = [
            (row.at, row.recipient, KINDS[row.kind], row.what, row.form, _about(row), row.purpose, row.by)
            for row in rows
        ]
        return Listed(
            "Disclosures", ("When", "Recipient", "Kind", "What", "Form", "About", "What for", "By"), lines
        )  # fmt: skip


_TELL = (
    ("Tell by", 168), ("Recipient", 150), ("Received", 180), ("What", 210), ("Document", 130), ("Because", 230),
    ("Told", 250),
)  # fmt: skip


class TellView(View):
    """Recipients to tell of a correction, the first due first; a tick says how each was told."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, machine)
        self._rows: dict[int, TellingRow] = {}
        self.told = QCheckBox("Show who was told")
        self.tick_button = Button("Tick as told…", "primary", "check")
        self.untick_button = Button("Take the tick back", "plain", "undo-2")
        self.table = Lines("Recipients to tell", _TELL, pill_at=0)
        self.table.set_empty(
            "Nobody has to be told",
            "When a document is corrected or rejected, those who received something about its contacts stand here.",
        )
        sentence = text(
            "Who received something that has since been corrected (DPA 2018 ss.38(5) and 48(9)).", role="secondary"
        )
        head = row_of(self.told, self.tick_button, self.untick_button)
        column_of(self, sentence, head, self.table).setStretch(2, 1)
        self.told.toggled.connect(lambda _on: self.refresh(self.force))
        self.tick_button.clicked.connect(self.tick)
        self.untick_button.clicked.connect(self.untick)
        self.table.row_opened.connect(lambda _id: self.tick())
        self.table.selection_changed.connect(self._show_buttons)

    def refresh(self, force: str) -> None:
        self.force = force
        with self.vault.reading() as session:
            rows = records_tell.tellings(session, told=self.told.isChecked())
            waiting = records_tell.untold_count(session)
        self._rows = {row.id: row for row in rows}
        self.counted.emit(waiting)
        today = london_day(self.now())
        self.table.set_lines([_line(row, row.is_late(today)) for row in rows])
        self._show_buttons()

    def _show_buttons(self) -> None:
        row = self.chosen
        self.tick_button.setVisible(not self.told.isChecked())
        self.untick_button.setVisible(self.told.isChecked())
        self.tick_button.setEnabled(row is not None)
        self.untick_button.setEnabled(row is not None)

    @property
    def chosen(self) -> TellingRow | None:
        """The recipient that is chosen."""
        ids = self.table.selected_ids()
        return self._rows.get(ids[0]) if ids else None

    def first_focus(self) -> Table:
        return self.table

    def tick(self) -> None:
        """Say that the recipient was told, and how."""
        row = self.chosen
        if row is None or row.told_at is not None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def tick(later: Any) -> None:
                records_tell.tick(later, row.id, values["how"], now=self.now())

            tick(session)
            return self.did(
                f"{row.recipient} is ticked as told.", f"Tick {row.recipient} as told",
                lambda later: records_tell.untick(later, row.id), tick,
            )  # fmt: skip

        field = Field("how", "How they were told", "long", required=True, help="When, by whom and by what means.")
        self.ask(f"{row.recipient} was told of {row.document}", [field], "Tick as told", deed)

    def untick(self) -> None:
        """Take a tick back that was set by mistake."""
        row = self.chosen
        if row is not None:
            self.do(lambda session: self._unticked(session, row))

    def _unticked(self, session: Any, row: TellingRow) -> Told:
        def untick(later: Any) -> None:
            records_tell.untick(later, row.id)

        untick(session)
        return self.did(
            f"{row.recipient} is to be told again.", f"Take the tick of {row.recipient} back",
            lambda later: records_tell.tick(later, row.id, row.how or "", now=self.now()), untick,
        )  # fmt: skip

    def listed(self) -> Listed:
        lines = [
            (row.due_on, row.recipient, row.received_at, row.what, row.document, row.why, row.told_at, row.how)
            for row in self._rows.values()
        ]
        header = ("Tell by", "Recipient", "Received", "What", "Document", "Because", "Told", "How")
        return Listed("Recipients to tell", header, lines)


def _line(row: TellingRow, is_late: bool) -> LineRow:
    told = f"{spoken_instant(row.told_at)}: {row.how}" if row.told_at else ""
    due = f"Late, {short_day(row.due_on)}" if is_late else short_day(row.due_on)
    cells = (due, row.recipient, spoken_instant(row.received_at), row.what, row.document, row.why, told)
    pill = "on_time" if row.told_at else "overdue" if is_late else "due_soon"
    return LineRow(row.id, cells, pill, (row.due_on, row.recipient.casefold(), row.received_at, *cells[3:]))
