"""The Audits page: the list, one audit with its parts, the review case by case, and forms in place."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from oicdesk import machine as machines
from oicdesk.audits import records_checklists, records_findings, records_frame, records_review
from oicdesk.audits.form import NEW_RECORD, Clock, KeptForms, first_plan, plan_task, today_of
from oicdesk.audits.form_steps import freeze_task, limits_task, moderate_task, reviewer_task
from oicdesk.audits.page_audit import FINDINGS, OVERVIEW, PARTS, SECOND, AuditView, OverviewPart, parts_of
from oicdesk.audits.page_checklist_edit import ChecklistEditor, draft_key, unfinished
from oicdesk.audits.page_checklists import ChecklistsView
from oicdesk.audits.page_findings import FindingsPart
from oicdesk.audits.page_list import AuditList, concerns, read_audits
from oicdesk.audits.page_plan import TaskPane
from oicdesk.audits.page_results import ResultsPart
from oicdesk.audits.page_run import RunView
from oicdesk.audits.page_second import SecondPart
from oicdesk.audits.page_slips import SlipsPart
from oicdesk.audits.records import AuditRow, audit
from oicdesk.audits.records_checklists import ChecklistRow
from oicdesk.audits.rules import Plan
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.settings.rules import LONDON
from oicdesk.ui import messages
from oicdesk.ui.main_window import Page
from oicdesk.ui.task import Task
from oicdesk.vault import drafts, log
from oicdesk.vault.vault import VIEWER, Vault

AUDIT = "audit"


def _now() -> datetime:
    return datetime.now(UTC)


class AuditsPage(Page):
    """Audits that an inspector could re-perform: plan, freeze, review, second review, results, findings.

    Answers are not among `tables`: only this page writes them, and it shows each at once.
    """

    title = "Audits"
    icon_name = "list-checks"
    shows = frozenset({AUDIT})
    tables = frozenset({
        "audit", "audit_event", "audit_second_item", "audit_replacement", "audit_finding", "audit_action",
        "audit_phase", "checklist", "referral", "document", "reference_value",
    })  # fmt: skip

    def __init__(self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.forms = KeptForms(vault, now)
        self.audit_id: int | None = None
        self._row: AuditRow | None = None
        self._plan_begun: Plan | None = None
        self.list = AuditList()
        self.overview, self.results, self.second, self.findings, self.slips = parts_of(self.show_task)
        parts: list[QWidget] = [self.overview, self.results, self.second, self.findings, self.slips]
        self.audit = AuditView(parts)
        self.run = RunView(vault, now, machine or machines.this())
        self.task: TaskPane | None = None
        self._before_task: QWidget = self.list
        self.stack = QStackedWidget()
        self.checklists, self.editor = ChecklistsView(vault, now), ChecklistEditor(vault, now)
        for view in (self.list, self.audit, self.run, self.checklists, self.editor):
            self.stack.addWidget(view)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self._connect()

    def _connect(self) -> None:
        self.list.audit_opened.connect(self.show_audit)
        self.list.action_opened.connect(lambda audit_id, _id: self.show_audit(audit_id, FINDINGS))
        self.list.plan_button.clicked.connect(self.plan)
        self.list.unfinished.clicked.connect(self._resume_plan)
        self.audit.left.connect(self.show_list)
        self.audit.segments.chosen.connect(self._show_part)
        self.slips.copied.connect(self._note_copy)
        self.run.left.connect(self._leave_run)
        self.run.task_asked.connect(self.show_task)
        self.list.checklists_button.clicked.connect(lambda: self.show_checklists())
        self.checklists.left.connect(self.show_list)
        self.checklists.edit_asked.connect(self._edit_checklist)
        self.checklists.unfinished.clicked.connect(self._resume_checklist)
        self.editor.left.connect(lambda: self.show_checklists())
        self.editor.done.connect(self.show_checklists)
        self.act("Plan an audit", self.plan, "Ctrl+N")
        for view in (self.audit, self.checklists):
            back = QAction("All audits", view)
            back.setShortcut(QKeySequence("Esc"))
            back.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            back.triggered.connect(lambda: self.show_list())
            view.addAction(back)

    # --- what the window asks

    def refresh(self) -> None:
        """Read the view that is shown again; a form and a review under way stay as they are."""
        shown = self.stack.currentWidget()
        if shown is self.list:
            self._refresh_list()
        elif shown is self.audit:
            self._refresh_audit()
        elif shown is self.checklists:
            self.checklists.refresh(unfinished(self._vault))

    def first_focus(self) -> QWidget:
        shown = self.stack.currentWidget()
        if shown is self.task and self.task is not None:
            return self.task.first_focus()
        for view in (self.run, self.checklists, self.editor):
            if shown is view:
                return view.first_focus()
        if shown is self.audit:
            return self._parts()[self.audit.part].first_focus()
        return self.list.first_focus()

    def panes(self) -> list[QWidget]:
        if self.stack.currentWidget() is self.list and self.list.actions_card.isVisible():
            return [self.list.actions_table, self.list.table]
        if self.stack.currentWidget() is self.audit:
            return [self.audit.segments.current(), self.first_focus()]
        return [self.first_focus()]

    def show_item(self, kind: str, id: int) -> bool:
        """Bring an audit into view; False when it has left the vault."""
        if kind != AUDIT:
            return False
        try:
            with self._vault.reading() as session:
                audit(session, id)
        except Refused:
            return False
        self.show_audit(id)
        return True

    # --- views

    def _show(self, view: QWidget) -> None:
        self.stack.setCurrentWidget(view)
        self.refresh()
        self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def show_list(self, told: str = "") -> None:
        """Every audit of the scope."""
        self.list.told.say(told)
        self._show(self.list)

    def _refresh_list(self) -> None:
        with self._vault.reading() as session:
            rows = read_audits(session, self.force)
            actions = records_findings.actions(session, today=today_of(self._now))
        mine = [action for action in actions if concerns(action.force, self.force)]
        self.list.show_rows(rows, mine, today_of(self._now))
        begun = [at for record, _name, _title, at in self.forms.unfinished() if record == NEW_RECORD]
        self.list.unfinished.setVisible(bool(begun))
        if begun:
            self.list.unfinished.setText(f"Go on with the plan of {begun[0].astimezone(LONDON):%H:%M}")

    def show_audit(self, audit_id: int, part: str = OVERVIEW) -> None:
        """One audit at this part of it."""
        self.audit_id = audit_id
        self.audit.say("")
        self.audit.segments.choose(part)
        self._show(self.audit)

    def _show_part(self, part: str) -> None:
        self.audit.stack.setCurrentIndex(PARTS.index(part))
        if self.stack.currentWidget() is self.audit:
            self._refresh_audit()

    def _parts(self) -> dict[str, OverviewPart | ResultsPart | SecondPart | FindingsPart | SlipsPart]:
        return dict(
            zip(PARTS, (self.overview, self.results, self.second, self.findings, self.slips), strict=True)
        )  # fmt: skip

    def _refresh_audit(self) -> None:
        assert self.audit_id is not None
        part = self.audit.part
        self.audit.stack.setCurrentIndex(PARTS.index(part))
        with self._vault.reading() as session:
            row = self._row = audit(session, self.audit_id)
            self.audit.show_head(row)
            shown = self._parts()[part]
            if isinstance(shown, OverviewPart):
                shown.refresh(session, row, self)
            elif isinstance(shown, ResultsPart):
                shown.refresh(session, row, self._now, self.force)
            elif isinstance(shown, SecondPart | FindingsPart):
                shown.refresh(session, row, self._now)
            else:
                shown.refresh(session, row)

    def show_checklists(self, told: str = "") -> None:
        """Every version of the checklists; the one that comes with the desk is kept at the first time."""
        try:
            self._checklists()
        except (Refused, VaultError) as error:
            messages.tell(self, "The checklists cannot be shown", str(error))
            return
        self.checklists.say(told)
        self._show(self.checklists)

    def _edit_checklist(self, row: object) -> None:
        """Begin a new version; an edit that waits goes first, because there is one draft."""
        assert isinstance(row, ChecklistRow)
        began = unfinished(self._vault)
        if began and not messages.confirm(
            self, "Begin another edit?", f"The edit of {began} is thrown away; nothing of it was recorded.",
            "Throw it away and begin",
        ):  # fmt: skip
            return
        if began:
            self._end_edit()
        self.editor.open(row)
        self._show(self.editor)

    def _end_edit(self) -> None:
        with self._vault.changing() as session:
            drafts.end(session, draft_key(self._vault))

    def _resume_checklist(self) -> None:
        self.editor.resume()
        self._show(self.editor)

    # --- forms in place

    def show_task(self, task: object) -> None:
        """Show a form; the plan that it is about stands beside it where it has a preview."""
        assert isinstance(task, Task)
        plan: Plan | None = self._row.plan if self._row is not None else None
        if task.record == NEW_RECORD:
            plan = self._plan_begun
        current = self.stack.currentWidget()
        self._before_task = current if current is not None and current is not self.task else self._before_task
        self._drop_task()
        back = "Back to the audits" if self._before_task is self.list else "Back to the audit"
        self.task = TaskPane(self._vault, task, self.forms, self._now, plan, back)
        self.task.done.connect(self._done)
        self.task.left.connect(lambda: self._leave_task(""))
        self.stack.addWidget(self.task)
        self._show(self.task)

    def _drop_task(self) -> None:
        if self.task is not None:
            self.task.hide()
            self.stack.removeWidget(self.task)
            self.task.deleteLater()
            self.task = None

    def _done(self, said: str) -> None:
        if self._before_task is self.list and self.audit_id is not None:
            self._before_task = self.audit
        self._leave_task(said)

    def _leave_task(self, said: str) -> None:
        before = self._before_task
        self._drop_task()
        if before is self.run and self.run.row is not None:
            self.review(self.run.round)
        elif before is self.audit and self.audit_id is not None:
            self.audit.say(said)
            self._show(self.audit)
        else:
            self.show_list(said)

    # --- planning

    def plan(self) -> None:
        """Plan a new audit, with the newest checklist; the one that comes with the desk is kept at the first time."""
        self._start_plan(first_plan(today_of(self._now), self.force, self._vault.user.name))

    def _resume_plan(self) -> None:
        name = next(name for record, name, _title, _at in self.forms.unfinished() if record == NEW_RECORD)
        supersedes = int(name.split("/")[1]) if "/" in name else None
        self._start_plan(first_plan(today_of(self._now), self.force, self._vault.user.name), supersedes)

    def _start_plan(self, plan: Plan, supersedes: int | None = None) -> None:
        try:
            checklists = self._checklists()
        except (Refused, VaultError) as error:
            messages.tell(self, "No audit can be planned", str(error))
            return
        self._plan_begun = plan
        self.audit_id = None if self.stack.currentWidget() is self.list else self.audit_id
        self.show_task(
            plan_task(plan, checklists, self._users(), self._now, self._made, supersedes=supersedes)
        )  # fmt: skip

    def _users(self) -> list[str]:
        """Who can review under a passphrase of their own."""
        return [user.name for user in self._vault.users() if user.role != VIEWER]

    def _checklists(self) -> list[records_checklists.ChecklistRow]:
        with self._vault.reading() as session:
            found = records_checklists.checklists(session)
        if found:
            return found
        with self._vault.changing() as session:
            records_checklists.import_checklists(session, now=self._now())
            return records_checklists.checklists(session)

    def _made(self, audit_id: int) -> None:
        self.audit_id = audit_id
        self._before_task = self.audit

    # --- the steps of an audit (page_audit.Steps)

    @property
    def _shown(self) -> AuditRow:
        assert self._row is not None
        return self._row

    def change_plan(self) -> None:
        row = self._shown
        self.show_task(plan_task(row.plan, self._checklists(), self._users(), self._now, self._made, row=row))

    def supersede(self) -> None:
        row = self._shown
        self._start_plan(row.plan, row.id)

    def freeze(self) -> None:
        with self._vault.reading() as session:
            found = records_frame.preview(session, self._shown.plan, self._now())
        self.show_task(freeze_task(self._shown, found, self._now))

    def draw_again(self) -> None:
        with self._vault.reading() as session:
            found = records_frame.draw_again(session, self._shown.id)
        self.audit.say(*((found.sentence, "") if found.is_same else ("", found.sentence)))

    def review(self, round: str) -> None:
        """Open the review where it was left."""
        try:
            self.run.open(self._shown.id, round)
        except Refused as refusal:
            self.audit.say("", str(refusal))
            self._show(self.audit)
            return
        self._show(self.run)

    def name_reviewer(self) -> None:
        self.show_task(reviewer_task(self._shown, self._users(), self._now))

    def begin_second(self) -> None:
        row = self._shown
        sentence = (
            "From now on the first answers stay as they are. You answer your cases without seeing them; the two are"
            " compared when you have answered every case."
        )
        if messages.confirm(self, "Begin the second review?", sentence, "Begin the second review") and self._write(
            lambda session: records_review.start_second_review(session, row.id, now=self._now())
        ):
            self.review(records_review.SECOND)

    def decide(self) -> None:
        self.audit.segments.choose(SECOND)
        self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def moderate(self) -> None:
        self.show_task(moderate_task(self._shown, self._now))

    def write_limits(self) -> None:
        self.show_task(limits_task(self._shown))

    def approve(self) -> None:
        row = self._shown
        sentence = f"“{row.plan.title}” then stands as it is, and what it supersedes gives way."
        if messages.confirm(self, "Approve the audit?", sentence, "Approve the audit") and self._write(
            lambda session: records_findings.approve(session, row.id, now=self._now())
        ):
            self._tell("The audit is approved.")

    def release(self) -> None:
        row = self._shown
        sentence = "The panel paper holds aggregates only, with small numbers left out. It may then leave the desk."
        if messages.confirm(self, "Release the panel paper?", sentence, "Release the panel paper") and self._write(
            lambda session: records_findings.release_panel(session, row.id, now=self._now())
        ):
            self._tell("The panel paper is released.")

    def _tell(self, said: str) -> None:
        self.audit.say(said)
        self._refresh_audit()

    def _write(self, work: Callable[..., object]) -> bool:
        """Do it in one change; a refusal is told on the audit."""
        try:
            with self._vault.changing() as session:
                work(session)
        except (Refused, VaultError) as error:
            self.audit.say("", str(error))
            return False
        return True

    def _note_copy(self, officer: str) -> None:
        """A slip leaves the desk: that is a disclosure."""
        self._write(
            lambda session: log.record(
                session, log.DISCLOSURE, audit=self._shown.id, recipient=officer, purpose="feedback slip, copied"
            )
        )

    def _leave_run(self) -> None:
        assert self.run.row is not None
        self.show_audit(self.run.row.id)
