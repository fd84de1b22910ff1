"""Compare with a list: what an outside list and the register have in common, and what a person says of the doubtful.

The words are about paperwork: a contact that is only on their list was made; what is missing here is its record.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk import machine as machines
from oicdesk.machine import Machine
from oicdesk.referrals import records_outside, records_reconcile
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_decide import Decisions, run_telling
from oicdesk.referrals.page_export import Listed, export
from oicdesk.referrals.page_part import Telling, line_of
from oicdesk.referrals.page_sides import ESTIMATE, PARTS, STATES, Room, estimate_words, listed_of, part_tables
from oicdesk.referrals.page_views import Panes
from oicdesk.referrals.records_outside import ListRow
from oicdesk.referrals.records_queue import register_size
from oicdesk.referrals.records_reconciled import reconciled
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day, short_day, spoken_instant, spoken_range
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.detail import scrolled, text
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Empty, Notice, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import ListSource, Table
from oicdesk.ui.undo import Step, left_the_desk
from oicdesk.vault.vault import Vault

REFERRAL: Final = "referral"


def _now() -> datetime:
    return datetime.now(UTC)


class ReconcilePage(Page):
    """One outside list beside the register, in parts: doubtful, only theirs, only ours, both, and the estimate."""

    title = "Compare lists"
    icon_name = "git-compare"
    shows = frozenset({"outside_contact"})
    tables = frozenset({"outside_list", "outside_contact", "referral", "import_batch", "setting", "reference_value"})

    def __init__(self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None) -> None:
        super().__init__()
        self._vault, self._now, self._machine = vault, now, machine or machines.this()
        self._lists: list[ListRow] = []
        self._rows: dict[str, Sequence[Any]] = {}
        self._met: int | None = None  # the list that was looked at last
        self.counts: dict[str, int] = {}
        self._size = 0
        self.which = QComboBox()
        self.import_button = Button("Import a list…", "primary", "upload")
        self.again_button = Button("Compare again", "plain", "refresh-cw")
        self.export_button = Button("Export this view…", "plain", "download")
        self.back_button = Button("Take the list back…", "quiet", "undo-2")
        self.summary = text("", "base", "secondary")
        self.parts = Segments("Part of the list", PARTS, PARTS[0])
        self.within = QCheckBox("Only the days of the list")
        self.done, self.problem = Notice("good"), Notice("problem")
        self.part_tables = part_tables()
        self.tables_stack = QStackedWidget()
        self.decisions = Decisions(vault, now)
        self.estimate = text("")
        self.nothing = Empty()
        self.split = Panes()
        self.body, self.whole = Room(), QStackedWidget()
        self._lay_out()
        self._listen()

    # --- building

    def _lay_out(self) -> None:
        self.which.setAccessibleName("Outside list")
        self.which.setMinimumHeight(theme.row_height())
        self.which.setMinimumContentsLength(20 if theme.is_large() else 30)
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.nothing.say(
            "No list has been compared yet",
            "A contact list from NCCU or the control room shows which contacts are on both lists and which only on one."
            " Until one is compared, every figure says that its denominator is self-declared.",
            "Import a list…", self.import_list,
        )  # fmt: skip
        buttons = line_of(self.which, self.again_button, self.export_button, self.back_button)
        head = QVBoxLayout()
        head.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GRID)
        head.setSpacing(theme.GRID)
        if theme.is_large():
            head.addLayout(line_of(Words(self.title, "section"), self.import_button))
        else:
            top = QHBoxLayout()
            top.addWidget(Words(self.title, "section"), 1)
            top.addWidget(self.import_button)
            head.addLayout(top)
        head.addLayout(buttons)
        head.addWidget(self.summary)
        if theme.is_large():
            head.addWidget(self.parts)
            head.addWidget(self.within)
        else:
            head.addLayout(line_of(self.parts, self.within))
        head.addWidget(self.done)
        head.addWidget(self.problem)
        for table in self.part_tables:
            self.tables_stack.addWidget(table)
        self.split.setOrientation(Qt.Orientation.Vertical)
        self.split.addWidget(self.tables_stack)
        self.split.addWidget(self.decisions)
        self.split.setSizes([theme.px(240), theme.px(280)])
        self.split.setStretchFactor(0, 1)
        said = QWidget()
        column = QVBoxLayout(said)
        column.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GAP)
        column.addWidget(self.estimate)
        column.addStretch(1)
        self.body.addWidget(self.split)
        self.body.addWidget(said)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.body, 1)
        self.whole.addWidget(self.nothing)
        self.whole.addWidget(scrolled(filled))  # large text in a small window
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.whole)

    def _listen(self) -> None:
        self.which.activated.connect(lambda _place: self.refresh())
        self.parts.chosen.connect(lambda _word: self._turn())
        self.within.toggled.connect(lambda _on: self.refresh())
        for table in self.part_tables:
            table.selection_changed.connect(self._show_chosen)
            table.row_opened.connect(lambda _id: self.decisions.open_case())
        self.decisions.said.connect(self._say)
        self.decisions.refused.connect(self._refuse)
        self.decisions.step_done.connect(self.step_done)
        self.decisions.decided.connect(self.refresh)
        self.decisions.case_asked.connect(lambda case: self.open_requested.emit(REFERRAL, case))
        keys = (
            (self.import_button, "Import a list to compare", self.import_list, "Ctrl+I"),
            (self.export_button, "Export this view", self.export, "Ctrl+E"),
            (self.again_button, "Compare the list again", self.compare_again, None),
            (self.back_button, "Take the list back", self.take_list_back, None),
            *self.decisions.keys(),
        )
        for button, words, slot, key in keys:
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self.act(words, slot, key)
            if key:
                button.setToolTip(key)

    # --- what the window asks

    @property
    def list_id(self) -> int | None:
        """The list that is looked at."""
        return self.which.currentData() if self._lists else None

    @property
    def part(self) -> int:
        return self.parts.place()

    @property
    def table(self) -> Table:
        """The table of the part that is looked at."""
        return self.part_tables[min(self.part, len(self.part_tables) - 1)]

    def refresh(self) -> None:
        with self._vault.reading() as session:
            self._desk = reference(session)
            self._lists = records_outside.lists(session)
            self._fill_lists()
            self.whole.setCurrentIndex(1 if self._lists else 0)
            if self.list_id is None:
                return
            states = records_outside.counts(session, self.list_id, self._scope)
            only_ours = records_outside.count_only_ours(
                session, self.list_id, within_period=self.within.isChecked(), force=self._scope
            )
            days = records_outside.period(session, self.list_id)
            self._size = register_size(session) + states.total()
        self.counts = {name: only_ours if name not in STATES else states[STATES[name]] for name in PARTS[:-1]}
        self.parts.say([f"{name}  {self.counts[name]:,}" if name in self.counts else name for name in PARTS])
        self._show_summary(days, states.total())
        self._rows.clear()  # each part is read when it is looked at
        if self._met != self.list_id:  # a list that is new here begins where something waits
            self._met = self.list_id
            waiting = [n for n in (0, 1) if self.counts[PARTS[n]]]
            self.parts.choose(self.parts.words()[waiting[0] if waiting else 0])
        self._turn()

    @property
    def _scope(self) -> str | None:
        return None if self.force == "Joint" else self.force

    def _read_part(self) -> None:
        """Read the part that is shown, keeping the place where something was chosen."""
        assert self.list_id is not None
        name, table = self._name, self.table
        with self._vault.reading() as session:
            if name in STATES:
                self._rows[name] = records_outside.contacts(session, self.list_id, STATES[name], force=self._scope)
            else:
                self._rows[name] = records_outside.only_ours(
                    session, self.list_id, within_period=self.within.isChecked(), force=self._scope
                )
        place = self._place_of(table)
        table.rows.set_source(ListSource(self._rows[name], table.property("keys")))
        if not table.selected_ids() and table.rows.rowCount():
            table.selectRow(min(place, table.rows.rowCount() - 1))

    def _place_of(self, table: Table) -> int:
        chosen = table.selectionModel().selectedRows()
        return chosen[0].row() if chosen else 0

    def _fill_lists(self) -> None:
        kept, known = self.which.currentData(), {row.id for row in self._lists}
        self.which.blockSignals(True)
        self.which.clear()
        for row in self._lists:
            self.which.addItem(f"{row.name}, {short_day(london_day(row.imported_at))}", row.id)
        self.which.setCurrentIndex(self.which.findData(kept) if kept in known else 0)
        self.which.blockSignals(False)
        self.which.setToolTip(self.which.currentText())

    def _show_summary(self, days: Any, count: int) -> None:
        kept = next(row for row in self._lists if row.id == self.list_id)
        shown = "" if self._scope is None else f" {self.force} only."
        over = f" It covers {spoken_range(*days)}." if days else ""
        self.summary.setText(
            f"{count:,} contact{'' if count == 1 else 's'} of this list, compared with the register on"
            f" {spoken_instant(kept.compared_at)}.{over}{shown}"
        )

    def _show_estimate(self) -> None:
        with self._vault.reading() as session:
            told = reconciled(session, as_at=self._now(), force=self._scope, list_id=self.list_id)
        is_newest = self._lists[0].id == self.list_id
        self.estimate.setText(estimate_words(told, is_newest=is_newest))

    def _turn(self) -> None:
        """Show the part that is chosen."""
        self.within.setVisible(self._name == PARTS[2])
        self.body.setCurrentIndex(1 if self._name == ESTIMATE else 0)
        self.export_button.setEnabled(self._name != ESTIMATE)
        if self._name == ESTIMATE:
            self._show_estimate()
        else:
            self.tables_stack.setCurrentWidget(self.table)
            if self._name not in self._rows:
                self._read_part()
        self._show_chosen()

    @property
    def _name(self) -> str:
        return PARTS[self.part]

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a contact of a standing list into view, in the part that it stands in."""
        if kind != "outside_contact":
            return False
        with self._vault.reading() as session:
            found = records_outside.place_of(session, id)
        if found is None:
            return False
        list_id, state = found
        self.which.setCurrentIndex(self.which.findData(list_id))
        self.refresh()
        self.parts.choose(self.parts.words()[next(n for n, name in enumerate(PARTS) if STATES.get(name) == state)])
        return self.table.select_id(id)

    def first_focus(self) -> QWidget:
        if not self._lists:
            return self.nothing.button
        return self.parts.current() if self._name == ESTIMATE else self.table

    def panes(self) -> list[QWidget]:
        if not self._lists:
            return [self.nothing.button]
        shown = next((one for one in self.decisions.buttons() if one.isVisibleTo(self)), None)
        return [self.which, self.parts.current(), self.table, *([shown] if shown else [])]

    # --- the pair

    @property
    def chosen(self) -> Any:
        """The line that is chosen: a contact of theirs, or a referral of ours; None if nothing is."""
        return self.decisions.chosen

    def _show_chosen(self) -> None:
        ids = self.table.selected_ids() if self._name != ESTIMATE else []
        found = {row.id: row for row in self._rows.get(self._name, ())} if ids else {}
        self.decisions.show_lines([found[one] for one in ids if one in found], self._desk, self._size)

    # --- the list

    def _run(self, work: Callable[[jobs.Progress], str], title: str, step: Step | None = None) -> None:
        def done(said: str) -> None:
            self._say(said)
            if step is not None:
                self.step_done.emit(step)
            self.refresh()

        run_telling(self, work, title, done, self._refuse)

    def compare_again(self) -> None:
        """Compare the list with the register as it is now."""
        list_id = self.list_id
        if list_id is None:
            return

        def work(progress: jobs.Progress) -> str:
            with self._vault.reading() as session:
                before = {row.id: row.state for row in records_outside.contacts(session, list_id)}
            with self._vault.changing() as session:
                records_reconcile.compare_again(session, list_id, now=self._now(), progress=progress)
                after = {row.id: row.state for row in records_outside.contacts(session, list_id)}
            moved = sum(before[one] != state for one, state in after.items())
            return f"Compared again: {moved:,} changed." if moved else "Compared again: nothing changed."

        self._run(work, "Comparing the list")

    def import_list(self) -> None:
        """Lead through the import of an outside list."""
        from oicdesk.referrals.sheet_contacts import OutsideListImport
        from oicdesk.sheets.form import lead_import

        lead_import(OutsideListImport(self._vault, self._now), self, self._show_newest, self.step_done.emit)

    def _show_newest(self) -> None:
        self.which.setCurrentIndex(-1)  # the newest list is shown
        self.refresh()

    def take_list_back(self) -> None:
        """Take the whole list back with its pairs."""
        kept = next((row for row in self._lists if row.id == self.list_id), None)
        if kept is None or not messages.confirm(
            self, f"Take back {kept.name}?",
            "Its pairs and what was decided about its contacts are taken back. Referrals recorded from it leave the"
            " register, but for those that were worked on since.",
            "Take the list back", danger=True,
        ):  # fmt: skip
            return

        def work(_progress: jobs.Progress) -> str:
            with self._vault.changing() as session:
                undone = records_reconcile.undo(session, kept.import_id, now=self._now())
            stay = f" Worked on since, and therefore kept: {', '.join(undone.kept)}." if undone.kept else ""
            return f"{kept.name} was taken back; referrals that left with it: {undone.withdrawn}.{stay}"

        why = "import the list anew to have it again"
        self._run(work, "Taking the list back", Step(f"Take {kept.name} back", why_not=why))

    def export(self) -> None:
        """Hand out the part that is shown as a file."""
        if self.list_id is None or self._name == ESTIMATE:
            return
        kept = next(row for row in self._lists if row.id == self.list_id)
        header, rows = listed_of(self._name, self._rows[self._name], self._desk)
        listed = Listed(f"{self._name}, {self.force}", header, rows)
        cases = [getattr(row, "referral_id", row.id) for row in self._rows[self._name]]
        with Telling(self._refuse):
            said = export(
                self,
                self._vault,
                self._machine,
                listed,
                now=self._now(),
                source=kept.name,
                cases=[case for case in cases if case is not None],
            )
            if said:
                self._say(said)
                self.step_done.emit(left_the_desk(f"Export {listed.title.lower()} of {kept.name}"))

    # --- telling

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.done.say(sentence)

    def _refuse(self, sentence: str) -> None:
        self.done.say("")
        self.problem.say(sentence)

    _desk: Reference
