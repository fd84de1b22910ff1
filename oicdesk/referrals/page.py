"""The Queue page: views, list and case side by side; forms open in place of the case."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk import machine as machines
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records_views
from oicdesk.referrals.form import NEW_RECORD, Clock, KeptDrafts, UnfinishedRow, add_task, officers_of
from oicdesk.referrals.page_case import CasePane
from oicdesk.referrals.page_list import ListPane
from oicdesk.referrals.page_many import ManyBar, ManyResult
from oicdesk.referrals.page_own import OwnViews
from oicdesk.referrals.page_views import ListAndCase, Panes, ToolRoom, Views
from oicdesk.referrals.records_many import Result
from oicdesk.referrals.records_views import LISTS, VIEWS, Spec, key_of
from oicdesk.settings.records import Reference, reference
from oicdesk.ui import theme
from oicdesk.ui.detail import Panel
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Empty
from oicdesk.ui.task import Task, TaskForm
from oicdesk.vault.vault import Vault

REFERRAL = "referral"
_PANES = "queue_panes"
_OWN_TABLES = frozenset({
    "referral", "referral_event", "referral_note", "referral_pause", "referral_snooze", "queue_view", "exemption",
    "chaser", "reference_value", "setting",
})  # fmt: skip
# What the narrow first pane calls the views whose titles are long.
_VIEW_NAMES = {
    **VIEWS,
    "returned": "Returned",
    "with_unit": "Outcome awaited",
    "done": "Closed or left out",
    "news": "Changed by others",
}
_SHOW_PAUSE, _COUNT_PAUSE = 40, 100  # milliseconds; what is counted must not stand before what is painted


def _now() -> datetime:
    return datetime.now(UTC)


class QueuePage(Page):
    """Who is waiting, and one case at a time. `panels` build other features' parts of the case, each called
    with the vault and `now=`; `take_over` records the documents that an imported list carries; `tools` are
    pages listed under the views and shown in place of list and case."""

    title = "Queue"
    icon_name = "inbox"

    def __init__(
        self,
        vault: Vault,
        *,
        now: Clock = _now,
        panels: Sequence[Callable[..., Panel]] = (),
        take_over: Callable[..., None] | None = None,
        tools: Sequence[Page] = (),
        machine: Machine | None = None,
    ) -> None:
        super().__init__()
        self._vault, self._now, self._take_over = vault, now, take_over
        self._machine = machine or machines.this()
        self._desk: Reference | None = None
        self._is_fresh, self._is_reading = True, False
        self._added: int | None = None
        self.drafts = KeptDrafts(vault, now)
        built = [build(vault, now=now) for build in panels]
        self.case = CasePane(vault, now, built)
        self.tool_pages = tuple(tools)
        self._stale: set[Page] = {self, *self.tool_pages}
        self._scoped: dict[Page, str] = {}
        tables = [*(panel.tables for panel in built), *(tool.tables for tool in self.tool_pages)]
        self.tables = _OWN_TABLES.union(self.case.people.tables, *tables)
        self.shows = frozenset({REFERRAL, *LISTS}).union(*(tool.shows for tool in self.tool_pages))
        self.views = Views(_VIEW_NAMES, [(tool.title, tool.icon_name) for tool in self.tool_pages])
        self.list = ListPane(vault, now)
        self.model, self.table, self.filter = self.list.model, self.list.table, self.list.filter
        self.heading, self.unfinished, self.problem = self.list.heading, self.list.unfinished, self.list.problem
        self.many = ManyBar(vault, now, self.table.selected_ids)
        self.many_result = ManyResult()
        self.hint = Empty()
        self.stack = QStackedWidget()
        self.panes_beside, self.third = Panes(), _sheet()
        self.list_and_case = ListAndCase(self.list, self.third)
        self.back_button = Button("Back to the list", "quiet", "chevron-left")
        self.room = ToolRoom()
        self.form: TaskForm | None = None
        self._show_timer = QTimer(self, singleShot=True, interval=_SHOW_PAUSE)
        self._count_timer = QTimer(self, singleShot=True, interval=_COUNT_PAUSE)
        self._lay_out()
        self.own = OwnViews(self, vault, now, self.list, self._machine)
        self._connect()
        self.own.usual_columns()

    # --- building

    def _lay_out(self) -> None:
        self.list.under.addWidget(self.many)
        self.hint.say("No case is chosen", "Choose a referral in the list to see it here.")
        self.third.setMinimumWidth(theme.px(300 if theme.is_large() else 396))
        self.stack.addWidget(self.hint)
        self.stack.addWidget(self.case)
        self.stack.addWidget(self.many_result)
        beside = QVBoxLayout(self.third)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        beside.addWidget(self.stack, 1)
        self.back_button.hide()
        for shown in (self.list_and_case, *self.tool_pages):
            self.room.addWidget(shown)
        self.panes_beside.addWidget(self.views)
        self.panes_beside.addWidget(self.room)
        self.panes_beside.setStretchFactor(1, 1)
        self._give_sizes(self.panes_beside)
        self._give_sizes(self.list_and_case)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.panes_beside)
        # Less than list and case need beside each other: then the case goes below, or in the list's place.
        self.setMinimumSize(theme.px(450 if theme.is_large() else 560), theme.px(240 if theme.is_large() else 320))

    def _give_sizes(self, panes: Panes) -> None:
        name, usual = self._named(panes)
        kept = self._machine.get(name)
        panes.setSizes([theme.px(size) for size in (kept if _are_sizes(kept) else usual)])

    def _named(self, panes: Panes) -> tuple[str, tuple[int, int]]:
        """What the sizes of these panes are remembered under, and the sizes they start with."""
        if panes is self.panes_beside:
            return f"{_PANES}_views", (150, 490) if theme.is_large() else (188, 916)
        wide = panes.orientation() == Qt.Orientation.Horizontal
        return (f"{_PANES}_beside", (504, 412)) if wide else (f"{_PANES}_below", (280, 320))

    def _keep_sizes(self, panes: Panes) -> None:
        self._machine.put(self._named(panes)[0], [theme.unscaled(size) for size in panes.sizes()])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room beside the list, the case goes below it, or in its place."""
        super().resizeEvent(event)
        self.list_and_case.fit(self.size())

    def _turn_panes(self) -> None:
        self._give_sizes(self.list_and_case)
        self._offer_back()

    def _offer_back(self) -> None:
        """The way back to a list that is not in sight; a form has its own."""
        self.back_button.setVisible(self.list_and_case.is_single and self.stack.currentWidget() is not self.form)

    def _to_list(self) -> None:
        """Back to the list, also where the case stands in its place."""
        self.list_and_case.bring(second=False)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _in_list(self, deed: Callable[[], object]) -> Callable[[], object]:
        def do() -> None:
            self.list_and_case.bring(second=False)
            deed()

        return do

    def _connect(self) -> None:
        self.views.chosen.connect(self._choose_view)
        self.list.asked.connect(self._show_rows)
        self.list.gaps_asked.connect(self._compare_lists)
        self.list.snoozed_asked.connect(lambda: self.views.choose("snoozed"))
        self.own.changed.connect(self._look_again)
        self.own.step_done.connect(self.step_done)
        self.own.said.connect(self.list.tell)
        self.own.failed.connect(self.problem.say)
        self.many.done.connect(self._show_result)
        self.many.undone.connect(self._leave_result)
        self.many.step_done.connect(self.step_done)
        self._show_timer.timeout.connect(self._show_chosen)
        self._count_timer.timeout.connect(self._count)
        self.table.selection_changed.connect(self._note_selection)
        self.table.row_opened.connect(self._open)
        self.list.add_button.clicked.connect(self.add)
        self.list.import_button.clicked.connect(self.import_list)
        self.unfinished.resumed.connect(self.resume)
        self.unfinished.dropped.connect(self._drop)
        self.case.task_asked.connect(self.show_task)
        self.case.open_asked.connect(lambda referral_id: self.show_item(REFERRAL, referral_id))
        self.case.left.connect(self._to_list)
        self.back_button.clicked.connect(self._to_list)
        self.list_and_case.turned.connect(self._turn_panes)
        self.stack.currentChanged.connect(lambda _place: self._offer_back())
        for panes in (self.panes_beside, self.list_and_case):
            panes.splitterMoved.connect(lambda _at, _handle, panes=panes: self._keep_sizes(panes))
        self.views.tool_chosen.connect(self._choose_tool)
        self.views.entered.connect(lambda: self.panes()[1].setFocus(Qt.FocusReason.OtherFocusReason))
        self.room.left.connect(self.show_list)
        self.case.step_done.connect(self.step_done)
        for tool in self.tool_pages:
            tool.open_requested.connect(self.open_requested)
            tool.step_done.connect(self.step_done)
        together = self.many.actions_for(self.table)
        self.table.addActions(together)
        self._own_actions = [
            self.act("Add a referral", self.add, "Ctrl+N"),
            self.act("Edit the case", self.edit, "Ctrl+E"),
            self.act("Filter the list", self._in_list(self.list.focus_filter), "Ctrl+F"),
            self.act("Import a list", self.import_list, "Ctrl+I"),
            self.act("Choose every referral of the view", self._in_list(self.table.selectAll), "Ctrl+A"),
            *self.own.actions,
            *together,
        ]
        self.list.add_button.setToolTip("Ctrl+N")
        self.list.import_button.setToolTip("Ctrl+I")

    # --- what the window asks

    def refresh(self) -> None:
        self._stale.update((self, *self.tool_pages))
        self._freshen(self.tool or self)

    def _freshen(self, shown: Page) -> None:
        """Read again the list (this page itself) or a tool, if it is stale; the others when they are next shown."""
        if shown not in self._stale:
            return
        if shown is self:
            self._read_again()
        else:
            if self._scoped.get(shown) != self.force:
                shown.scope_changed(self.force)
                self._scoped[shown] = self.force
            shown.refresh()
        self._stale.discard(shown)

    def _read_again(self) -> None:
        with self._vault.reading() as session:
            self._desk = reference(session)
        self._is_reading = True
        try:
            self._read_own()
            self._show_rows()
        finally:
            self._is_reading = False
        if self.case.case is not None and self.form is None:
            if self.stack.currentWidget() is self.case:
                self._show_case(self.case.case.id)
            else:
                self.case.show_case(self.case.case.id)
        self._show_unfinished()

    def first_focus(self) -> QWidget:
        if self.tool is not None:
            return self.tool.first_focus()
        return self.table if self.table.isVisibleTo(self) else self.panes()[-1]

    def listed_actions(self) -> list[QAction]:
        return self._own_actions if self.tool is None else self.tool.listed_actions()

    def panes(self) -> list[QWidget]:
        if self.tool is not None:
            return [self.views, *self.tool.panes()]
        beside = [self.views, *([self.many.buttons[0]] if self.many.isVisible() else []), self.table]
        if self.list_and_case.is_single:
            if self.list_and_case.hides_second():
                return beside
            beside = [self.views]
        if self.form is not None:
            return [*beside, self.form.first_focus()]
        if self.stack.currentWidget() is self.many_result:
            return [*beside, self.many_result]
        return [*beside, self.case.first_focus()] if self.stack.currentWidget() is self.case else beside

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a referral into view, in a view that holds it; or a list by its name, or what one of the tools can
        show."""
        if kind in LISTS:
            self._show_listed(LISTS[kind])
            return True
        if kind != REFERRAL:
            return self._show_in_tool(kind, id)
        self.show_list()
        if not self.table.select_id(id):
            self.list.clear()
            self.views.choose("all")
            self._show_rows()
            self.table.select_id(id)
        shown = self._show_case(id)
        self.list_and_case.bring(second=shown)
        return shown

    def _show_listed(self, spec: Spec) -> None:
        """Show exactly these rows, the first of them chosen."""
        self.show_list()
        self.views.choose(spec.base)
        self.list.narrow(spec.filters)
        self._show_rows()
        if self.model.rowCount():
            self.table.selectRow(0)

    def look_for(self, words: str) -> None:
        """Come to the front with every referral that holds these words."""
        self.show_list()
        self.views.choose("all")
        self.filter.setText(words)
        self._show_rows()
        self.list_and_case.bring(second=False)
        self.front_requested.emit()

    def _show_in_tool(self, kind: str, id: int) -> bool:
        for tool in self.tool_pages:
            show_item = getattr(tool, "show_item", None)
            if show_item is not None and (not tool.shows or kind in tool.shows):
                self._freshen(tool)
                if show_item(kind, id):
                    self.show_tool(tool)
                    return True
        return False

    # --- tools in place of list and case

    @property
    def tool(self) -> Page | None:
        """The tool that is shown, if one is."""
        shown = self.room.currentWidget()
        return shown if isinstance(shown, Page) else None

    def show_tool(self, tool: Page) -> None:
        """Show one of `tool_pages` in place of list and case, and put the focus into it."""
        self.views.choose_tool(self.tool_pages.index(tool))
        self._put_forward(tool)
        tool.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def show_list(self) -> None:
        """Show list and case again."""
        if self.tool is not None:
            self.views.choose(self.views.view)
            self._put_forward(None)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_tool(self, place: int) -> None:
        self._put_forward(self.tool_pages[place])

    def _put_forward(self, tool: Page | None) -> None:
        if self.form is not None and tool is not None:
            self.form.keep()
        self.room.setCurrentWidget(self.list_and_case if tool is None else tool)
        # A tool may use the same keys: only what is shown answers to them.
        for action in self._own_actions:
            action.setEnabled(tool is None)
        self._freshen(tool or self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_timer.start()
        self._show_timer.start()

    # --- the list

    def _show_rows(self) -> None:
        if self._desk is None:
            return
        self.list.show_rows(self._desk, self.force, self.own.heading)
        self._count_timer.start()

    def _read_own(self) -> None:
        self.views.show_own({key_of(view.id): view.name for view in self.own.read()})
        if self._is_fresh and self.own.shown is None:
            self.views.choose(self.own.kept_view())
        base = self.own.shown.spec.base if self.own.shown is not None else ""
        if base and not self.own.note_name():
            self.views.choose(base)

    def _look_again(self, key: str) -> None:
        """A saved view was made, changed or removed: look at the one that is meant now."""
        self._read_own()
        if self.views.view == key:
            self.own.look_at(key)
            self._show_rows()
        else:
            self.views.choose(key)

    def _compare_lists(self) -> None:
        tool = next((tool for tool in self.tool_pages if "outside_contact" in tool.tables), None)
        if tool is not None:
            self.show_tool(tool)

    def _count(self) -> None:
        """After the rows are painted: what every view holds, and the first time the case on top."""
        if not self.isVisible():
            return  # asked again when the page is shown; a window that is being locked asks nothing more
        with self._vault.reading() as session:
            found = records_views.counts(
                session, now=self._now(), force=self.force, desk=self._desk, own=self.own.views
            )
        self.views.show_counts(found)
        if self._is_fresh and self.model.rowCount():
            self._is_fresh = False
            before = self._machine.passing.get(self._vault.path, 0)
            nothing = not self.table.selected_ids() and self.form is None and self.case.case is None
            if nothing and not self.table.select_id(before):
                self.table.selectRow(0)

    def _choose_view(self) -> None:
        self._put_forward(None)
        self.list_and_case.bring(second=False)
        self.own.look_at(self.views.view)
        self._show_rows()
        shown = self.case.case
        if shown is not None and self.form is None and self.model.position(shown.id) is None:
            self._show_nothing()

    # --- several at once

    def _leave_result(self) -> None:
        """What was done is taken back, so the list of it goes."""
        if self.stack.currentWidget() is self.many_result:
            self._show_nothing()
            self._show_timer.start()

    def _show_result(self, said: str, result: Result) -> None:
        """What was changed and what was left, in place of the case."""
        self._close_form()
        self.many_result.show_result(said, result)
        self.stack.setCurrentWidget(self.many_result)
        self.list_and_case.bring(second=True)
        self.first_focus().setFocus()

    # --- the case

    def _note_selection(self) -> None:
        """What was done to several stays in sight when the list is only read again."""
        if self._is_reading and self.stack.currentWidget() is self.many_result:
            self.many.show_count(self.table.selected_count(), self._desk)
        else:
            self._show_timer.start()

    def _show_chosen(self) -> None:
        if not self.isVisible():
            return
        count = self.table.selected_count()
        was_there = self.many.isVisible()
        self.many.show_count(count, self._desk)
        if count > 1 and not was_there:
            self.list.head.bring(self.many)
        if count > 1 and self.form is None and self.stack.currentWidget() is not self.many_result:
            # Not the case of one of them, so that nobody acts on one and means them all.
            self.hint.say(f"{count:,} referrals are chosen", "What can be done to all of them stands above the list.")
            self.stack.setCurrentWidget(self.hint)
        if count != 1 or self.list_and_case.hides_second():  # a case that nobody sees is not looked at, nor logged
            return
        chosen = self.table.selected_ids()
        is_shown = self.stack.currentWidget() is self.case or self.form is not None
        if is_shown and self.case.case is not None and chosen[0] == self.case.case.id:
            return
        self._show_case(chosen[0])

    def _open(self, referral_id: int) -> None:
        if self.case.case is None or self.case.case.id != referral_id:
            self._show_case(referral_id)
        self.list_and_case.bring(second=True)
        self.panes()[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_case(self, referral_id: int) -> bool:
        """Show a case in the third pane; a form that stood there is kept as a draft."""
        self._close_form()
        if not self.case.show_case(referral_id):
            self._show_nothing()
            return False
        self.stack.setCurrentWidget(self.case)
        self._machine.passing[self._vault.path] = referral_id
        return True

    def _show_nothing(self) -> None:
        self._close_form()
        self.case.case = None
        self.hint.say("No case is chosen", "Choose a referral in the list to see it here.")
        self.stack.setCurrentWidget(self.hint)

    # --- forms in place

    def add(self) -> None:
        """Begin a new referral, or go on with the one begun."""
        if self._desk is not None:
            self._added = None
            suggest = officers_of(self._vault, self._now)
            self.show_task(add_task(self._desk, self._now, self.force, self._note_added, self._vault.changing, suggest))

    def _note_added(self, referral_id: int) -> None:
        self._added = referral_id

    def edit(self) -> None:
        """Edit the facts of the case shown."""
        self.case.edit()

    def show_task(self, task: Task) -> None:
        """Show the form of a task in place of the case, with what was typed into it before."""
        if self.form is not None and (self.form.task.record, self.form.task.name) == (task.record, task.name):
            self.form.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._close_form()
        self.problem.say("")
        try:
            self.form = TaskForm(task, self.drafts)
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            return
        self.form.done.connect(self._done)
        self.form.step_done.connect(self.step_done)
        self.form.left.connect(self._leave_form)
        self.stack.addWidget(self.form)
        self.stack.setCurrentWidget(self.form)
        self.list_and_case.bring(second=True)
        self._show_unfinished()
        self.form.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def resume(self, row: UnfinishedRow) -> None:
        """Open an unfinished form again."""
        if row.record == NEW_RECORD:
            self.add()
        elif self.show_item(REFERRAL, int(row.record)):
            self.case.start(row.name)

    def _drop(self, row: UnfinishedRow) -> None:
        try:
            self.drafts.drop(row)
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
        self._show_unfinished()
        self.table.setFocus()

    def _done(self, said: str) -> None:
        """Show the case as it now stands, and what was done."""
        assert self.form is not None
        task = self.form.task
        shown = self._added if task.record == NEW_RECORD else int(task.record)
        self._take_form()
        assert shown is not None
        self.refresh()
        if task.has_people:
            self.case.people.look_again()
        self.table.select_id(shown)
        self._show_case(shown)
        self.case.tell(said)
        self.first_focus().setFocus()

    def _leave_form(self) -> None:
        self._take_form()
        if self.case.case is not None:
            self._show_case(self.case.case.id)
            self.case.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._show_nothing()
            self._to_list()

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.keep()
            self._take_form()

    def _take_form(self) -> None:
        form, self.form = self.form, None
        if form is not None:
            self.stack.removeWidget(form)
            form.deleteLater()
        self._show_unfinished()

    def _show_unfinished(self) -> None:
        task = None if self.form is None else (self.form.task.record, self.form.task.name)
        self.unfinished.show_rows([row for row in self.drafts.unfinished() if (row.record, row.name) != task])

    # --- importing

    def import_list(self) -> None:
        """Lead through the import of a control room's list."""
        from oicdesk.referrals.sheet_import import ContactsImport
        from oicdesk.sheets.form import lead_import

        lead_import(ContactsImport(self._vault, self._now, self._take_over), self, self.refresh, self.step_done.emit)


def _sheet() -> QWidget:
    """A pane in the colour of what is worked on."""
    pane = QWidget()
    pane.setAutoFillBackground(True)
    pane.setBackgroundRole(QPalette.ColorRole.Base)
    return pane


def _are_sizes(kept: Any) -> bool:
    return isinstance(kept, list) and len(kept) == 2 and all(type(size) is int and size > 0 for size in kept)
