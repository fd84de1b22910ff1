"""Search people and notes: nothing is looked for until it is asked, and the log has what was shown."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.referrals import records_search
from oicdesk.referrals.form import Clock
from oicdesk.referrals.records_search import Found, HitRow
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import scrolled, text
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault

REFERRAL = "referral"
_SAYS = (
    "Every search here is logged, with the cases, people and notes that it shows; the words you type are not."
    " People are found by label, name and references, never by nationality, age or any other trait."
)


def _now() -> datetime:
    return datetime.now(UTC)


COLUMNS = (
    Column("Case", lambda row: row.reference, "case", width=124),
    Column("In", lambda row: "a note" if row.kind == records_search.NOTE else "people", "kind", width=80,
           spoken=lambda row: f"in {'a note' if row.kind == records_search.NOTE else 'people'}"),
    Column("What", lambda row: row.words, width=380, spoken=lambda row: row.words),
    Column("Recorded", lambda row: f"{spoken_instant(row.at)} by {row.by}", "at", width=260),
)  # fmt: skip


class SearchPage(Page):
    """A box, a button that says what it does, and hits with their cases. What was found goes when the page does."""

    title = "People and notes"
    icon_name = "search"

    def __init__(self, vault: Vault, *, now: Clock = _now) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.says = text(_SAYS, "base", "secondary")
        self.words = QLineEdit()
        self.button = Button("Search, and log it", "primary", "search")
        self.count = Words("", "base", "secondary")
        self.problem = Notice("problem")
        self.table = Table(RowsModel(COLUMNS), "People and notes found")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self._lay_out()
        self.words.returnPressed.connect(self.search)
        self.button.clicked.connect(self.search)
        self.open_button.clicked.connect(self.open_chosen)
        self.table.row_opened.connect(lambda _id: self.open_chosen())
        self.table.selection_changed.connect(lambda: self.open_button.setEnabled(bool(self.table.selected_ids())))
        clear = QShortcut(QKeySequence("Esc"), self.words, self.words.clear)
        clear.setContext(Qt.ShortcutContext.WidgetShortcut)
        self.act("Write what to search for", self.focus_words, "Ctrl+F")
        self.forget()

    def _lay_out(self) -> None:
        self.words.setAccessibleName("What to look for in people and notes")
        self.words.setPlaceholderText("A name, label, reference, or words of a note")
        self.words.setMinimumHeight(theme.row_height())
        self.table.horizontalHeader().setAccessibleName("Columns of what was found")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setMinimumHeight(theme.row_height() * 4)
        line = QHBoxLayout()
        line.setSpacing(theme.GRID)
        line.addWidget(self.words, 1)
        line.addWidget(self.button)
        foot = QHBoxLayout()
        foot.addWidget(self.open_button)
        foot.addWidget(self.count, 1)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        column.addWidget(Words(self.title, "section"))
        column.addWidget(self.says)
        column.addLayout(line)
        column.addWidget(self.problem)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(inner))

    # --- searching

    def search(self) -> None:
        """Log the search, look, log what will be shown, and only then show it."""
        self.forget()
        try:
            with self._vault.consulting("search of people and notes") as session:
                found = records_search.search(session, self.words.text(), now=self._now(), force=self.force)
            if found.rows:
                with self._vault.consulting("search of people and notes: shown", **found.shown()):
                    pass
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            self.focus_words()
            return
        self._show(found)

    def _show(self, found: Found) -> None:
        self.table.rows.set_source(ListSource(found.rows, {
            "case": lambda row: row.referral_id, "kind": lambda row: row.kind, "at": lambda row: row.at,
        }))  # fmt: skip
        if found.rows:
            self.table.select_id(found.rows[0].id)
            self.table.setFocus()
        else:
            self.table.set_empty("Nobody and nothing was found", "The search is in the log all the same.")
        hits = "1 hit" if len(found.rows) == 1 else f"{len(found.rows):,} hits"
        more = "; there are more, so add a word" if found.more else ""
        self.count.setText(f"{hits}, newest case first{more}." if found.rows else "")

    def forget(self) -> None:
        """Take off the screen what a search had shown."""
        self.problem.say("")
        self.count.setText("")
        self.table.set_empty("Nothing is shown until you search", "Write what you look for, then press Enter.")
        self.table.rows.set_source(ListSource([]))
        self.open_button.setEnabled(False)

    def open_chosen(self) -> None:
        row = self._chosen()
        if row is not None:
            self.open_requested.emit(REFERRAL, row.referral_id)

    def _chosen(self) -> HitRow | None:
        places = self.table.selectionModel().selectedRows()
        row = self.table.rows.row(places[0].row()) if places else None
        assert row is None or isinstance(row, HitRow)
        return row

    # --- what the window asks

    def focus_words(self) -> None:
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def scope_changed(self, force: str) -> None:
        super().scope_changed(force)
        self.forget()

    def first_focus(self) -> QWidget:
        return self.words

    def panes(self) -> list[QWidget]:
        return [self.words, self.table]

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody who comes by later sees what was found."""
        super().hideEvent(event)
        self.words.clear()
        self.forget()
