"""The Documents page: the register, reports to decide, working drafts, disclosures, and whom to tell."""

from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from oicdesk.documents.page_decide import DecideView
from oicdesk.documents.page_disclosures import DisclosuresView, TellView
from oicdesk.documents.page_drafts import DraftsView
from oicdesk.documents.page_parts import Clock, Room, View, column_of, row_of
from oicdesk.documents.page_register import RegisterView
from oicdesk.documents.records_drafts import Held
from oicdesk.documents.sheet_list import ReportsImport
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine, this
from oicdesk.referrals.records_holds import is_held
from oicdesk.ui import theme
from oicdesk.ui.detail import Flow, scrolled
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rail import Segments
from oicdesk.vault.vault import Vault

REGISTER, DECIDE, DRAFTS, DISCLOSURES, TELL = PARTS = (
    "Register", "To decide", "Working drafts", "Disclosures", "To tell"
)  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


class DocumentsPage(Page):
    """Parts of one page about intelligence documents. `held` says whether a hold keeps a case from being purged."""

    title = "Documents"
    icon_name = "file-text"
    shows = frozenset({"document", "working_draft", "reports_to_decide", "tellings"})
    tables = frozenset(
        {
            "document", "document_link", "document_event", "document_list", "document_row", "referral", "working_draft",
            "working_draft_version", "disclosure", "disclosure_telling", "setting", "reference_value",
        }
    )  # fmt: skip

    def __init__(
        self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None, held: Held = is_held
    ) -> None:
        super().__init__()
        self._vault, self._now, self._machine = vault, now, machine or this()
        self.register = RegisterView(vault, now, self._machine)
        self.decide = DecideView(vault, now, self._machine)
        self.drafts = DraftsView(vault, now, self._machine, held)
        self.disclosures = DisclosuresView(vault, now, self._machine)
        self.tell = TellView(vault, now, self._machine)
        self.views: list[View] = [self.register, self.decide, self.drafts, self.disclosures, self.tell]
        self._waiting = dict.fromkeys(PARTS, 0)
        self._stale: set[View] = set(self.views)
        self.parts = Segments("Part of the page", PARTS, REGISTER)
        self.import_button = Button("Import a list of reports…", "primary", "upload")
        self.export_button = Button("Export this view…", "plain", "download")
        self.done, self.problem = Notice("good"), Notice("problem")
        self.stack, self.head = Room(), QWidget()
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        for view in self.views:
            self.stack.addWidget(view)
        title = Words(self.title, "title")
        inner = QWidget()
        if theme.is_large():
            flow = Flow(self.head)
            for widget in (title, self.export_button, self.import_button):
                flow.addWidget(widget)
        else:
            row = row_of(title)
            row.addWidget(self.export_button)
            row.addWidget(self.import_button)
            self.head.setLayout(row)
        column = column_of(inner, self.head, self.parts, self.done, self.problem, self.stack, gap=theme.GRID + 2)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        column.setStretch(column.count() - 1, 1)
        column_of(self, scrolled(inner))  # large text in a small window

    def _listen(self) -> None:
        self.parts.chosen.connect(lambda _word: self._turn())
        self.import_button.clicked.connect(self.import_list)
        self.export_button.clicked.connect(self.export)
        for name, view in zip(PARTS, self.views, strict=True):
            view.said.connect(self._say)
            view.refused.connect(self._refuse)
            view.step_done.connect(self.step_done)
            view.case_asked.connect(lambda referral_id: self.open_requested.emit("referral", referral_id))
            view.counted.connect(lambda count, name=name: self._count(name, count))
        self.drafts.alone.connect(lambda alone: self.head.setVisible(not alone))
        self.act("Import a list of reports", self.import_list, "Ctrl+I")
        self.act("Export this view", self.export, "Ctrl+E")
        self.act("Filter the list", self._filter, "Ctrl+F")
        self.import_button.setToolTip("Ctrl+I")
        self.export_button.setToolTip("Ctrl+E")

    # --- what the window asks

    @property
    def view(self) -> View:
        """The part shown now."""
        return self.views[self.parts.place()]

    def refresh(self) -> None:
        self._stale = set(self.views)
        for view in (self.decide, self.tell):  # their counts stand on the segments
            self._freshen(view)
        self._freshen(self.view)

    def _freshen(self, view: View) -> None:
        if view in self._stale:
            self._stale.discard(view)
            view.refresh(self.force)

    def _turn(self) -> None:
        self.done.say("")
        self.problem.say("")
        self.stack.setCurrentWidget(self.view)
        self.head.setVisible(not (self.view is self.drafts and self.drafts.is_editing))
        self._freshen(self.view)

    def first_focus(self) -> QWidget:
        return self.view.first_focus()

    def panes(self) -> list[QWidget]:
        return [self.parts.current(), *self.view.panes()]

    def show_part(self, name: str) -> None:
        """Show the part of that name."""
        self.parts.findChildren(type(self.parts.current()))[PARTS.index(name)].setChecked(True)

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a document, a working draft, or what waits in a part of the page into view."""
        if kind == "reports_to_decide":
            self.decide.dismissed.setChecked(False)
            self.show_part(DECIDE)
            return True
        if kind == "tellings":
            self.tell.told.setChecked(False)
            self.show_part(TELL)
            return True
        if kind == "document":
            self.show_part(REGISTER)
            return self.register.bring(id)
        if kind == "working_draft":
            self.show_part(DRAFTS)
            return self.drafts.open_draft(id)
        return False

    # --- telling

    def _count(self, name: str, count: int) -> None:
        self._waiting[name] = count
        self.parts.say([f"{part} ({self._waiting[part]:,})" if self._waiting[part] else part for part in PARTS])

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.done.say(sentence)

    def _refuse(self, sentence: str) -> None:
        self.done.say("")
        self.problem.say(sentence)

    def _filter(self) -> None:
        focus = getattr(self.view, "focus_filter", None)
        if focus is not None:
            focus()

    # --- in and out

    def import_list(self) -> None:
        """Lead through the import of the force system's list of reports."""
        from oicdesk.sheets.form import lead_import

        lead_import(ReportsImport(self._vault, self._now), self, self.refresh, self.step_done.emit)

    def export(self) -> None:
        """Hand out what is shown as a file."""
        try:
            self.view.export()
        except (Refused, VaultError) as error:
            self._refuse(str(error))
