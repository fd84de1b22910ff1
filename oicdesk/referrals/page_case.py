"""One case in the queue's third pane: where it stands, what can be done, its facts and its history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.referrals import records_cover, rules
from oicdesk.referrals.form import LABELS, Clock, edit_task, officers_of
from oicdesk.referrals.form_actions import CaseActions
from oicdesk.referrals.form_clock import ClockActions
from oicdesk.referrals.page_clock import ClockSection
from oicdesk.referrals.page_people import PeoplePanel
from oicdesk.referrals.records_case import Case, read_case
from oicdesk.referrals.records_chasers import ChaserRow
from oicdesk.referrals.records_exemptions import ExemptionRow
from oicdesk.referrals.records_queue import EventRow, NoteRow, QueueRow
from oicdesk.referrals.rules_undo import MISTAKE
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import london_day, spoken_day, spoken_instant, working_days_between
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Action, Actions, Facts, Flow, Panel, Section, Upright, empty, paragraph
from oicdesk.ui.parts import Button, Notice, Pill, Words
from oicdesk.ui.undo import Told
from oicdesk.vault.vault import VIEWER, Vault


class CasePane(Upright):
    """Shows one case. `task_asked` carries a `Task`, `open_asked` another case's id, `left` means back,
    `step_done` what was just done and can perhaps be taken back."""

    task_asked = Signal(object)
    step_done = Signal(object)
    open_asked = Signal(int)
    left = Signal()

    def __init__(self, vault: Vault, now: Clock, panels: Sequence[Panel]) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.panels = tuple(panels)
        self.case: Case | None = None
        self.listed: list[Action] = []
        self.title = Words("", "title")
        self.pill = Pill()
        self.due = Words("", "base")
        self.next = Words("", "base", "secondary")
        self.news = Notice("info")
        self.told, self.problem, self.safeguarding = Notice("good"), Notice("problem"), Notice("warning")
        self.actions_box = Actions()
        self.facts = Facts()
        self.clocks = ClockSection()
        self.people = PeoplePanel(vault, now)
        self.chasers = Section("Chasers")
        self.exemptions = Section("Exemptions")
        self.duplicates = Section("Possible duplicates")
        self.add_note = Button("Add a note…", "quiet", "plus")
        self.add_note.clicked.connect(lambda: self.start("note"))
        self.notes = Section("Notes", self.add_note)
        self.history = Section("Timeline")
        self._lay_out()
        for panel in (*self.panels, self.people):
            panel.task_asked.connect(self.task_asked)
            panel.step_done.connect(self.step_done)
        escape = QShortcut(QKeySequence("Esc"), self, self.left.emit)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _lay_out(self) -> None:
        self.setAccessibleName("The case")
        self.viewport().setAutoFillBackground(False)
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.GAP)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self.title)
        head.addWidget(self.pill, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        standing = QVBoxLayout()
        standing.setSpacing(2)
        standing.addLayout(head)
        standing.addSpacing(theme.GRID)
        for words in (self.due, self.next):
            words.setWordWrap(True)
            standing.addWidget(words)
        column.addLayout(standing)
        sections = (self.chasers, self.exemptions, self.duplicates, self.notes, self.history)
        for widget in (self.told, self.problem, self.news, self.safeguarding, self.actions_box, self.facts,
                       *self.panels, self.clocks, self.people, *sections):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(inner)

    # --- showing

    def show_case(self, referral_id: int) -> bool:
        """Read and show a case; False when it has left the register. Opening it is a consultation, a refresh is not."""
        another = self.case is None or self.case.row.id != referral_id
        look = self._vault.consulting("case opened", referral=referral_id) if another else self._vault.reading()
        try:
            with look as session:
                case = read_case(session, referral_id, self._now())
        except Refused:
            self.case = None
            return False
        self.case = case
        if another:
            self.told.say("")
            self.problem.say("")
            self.news.say(case.news)
        if case.news and self._vault.user.role != VIEWER:
            with self._vault.changing() as session:
                records_cover.note_seen(session, referral_id, now=self._now())
        self._show_standing(case)
        self._show_actions(case)
        self._show_facts(case)
        self.clocks.show_case(case, self._now())
        self.people.show_case(referral_id, case.row.reference, case.row.persons, case.desk)
        self._show_lists(case)
        if another:
            self.verticalScrollBar().setValue(0)
        return True

    def tell(self, sentence: str) -> None:
        """Say what was done."""
        self.problem.say("")
        self.told.say(sentence)
        self.verticalScrollBar().setValue(0)

    def first_focus(self) -> QWidget:
        return self.actions_box.first_focus()

    def start(self, name: str) -> None:
        """Start the action of that name, or take up its unfinished form; say why if it is not possible now."""
        if name.startswith("person"):
            self.people.start(name)
            return
        action = next((action for action in self.listed if action.name == name), None)
        if action is None or action.why_not:
            self.problem.say(action.why_not if action else "This is not possible for the case as it stands now.")
            self.verticalScrollBar().setValue(0)
            return
        action.start()

    def _show_standing(self, case: Case) -> None:
        row = case.row
        self.title.setText(row.reference)
        self.pill.show_state(row.status, rules.STATUS_WORDS[row.status])
        restarted = ""
        if case.first_due is not None and row.due_at is not None and case.first_due != row.due_at:
            restarted = f" The clock was restarted; it was first due {spoken_instant(case.first_due)}."
        self.due.setText(due_words(row, self._now(), case.desk) + restarted)
        when = f", {spoken_instant(row.next_at)}" if row.next_at and row.next_at != row.due_at else ""
        self.next.setText(f"Next: {row.next_action[0].lower()}{row.next_action[1:]}{when}")
        gap = "The safeguarding record is incomplete: show the people to see what is missing."
        self.safeguarding.say(gap if row.safeguarding_incomplete else "")

    def _show_actions(self, case: Case) -> None:
        is_new = case.row.status == rules.NEW
        edit = Action("edit", "Complete the facts…" if is_new else "Edit the facts…", "pencil", self.edit,
                      is_next=is_new)  # fmt: skip
        shown = [action for panel in self.panels for action in panel.show_record(case.row.id)]
        clock = ClockActions(case, self._now, start=self.task_asked.emit, changing=self._vault.changing)
        self.listed = [*shown, edit, *self._own(case).listed(), *clock.listed()]
        self.actions_box.show_actions([action for action in self.listed if not _has_its_place(action.name)])

    def _own(self, case: Case) -> CaseActions:
        return CaseActions(
            case, self._vault.user, self._now, start=self.task_asked.emit, ask=self._ask, changing=self._vault.changing
        )

    def edit(self) -> None:
        """Edit the facts of the case shown."""
        if self.case is not None:
            row = self.case.row
            changing = self._vault.changing
            suggest = officers_of(self._vault, self._now)
            self.task_asked.emit(
                edit_task(row.id, row.reference, self.case.facts, self.case.desk, self._now, changing, suggest)
            )

    def _ask(self, title: str, sentence: str, verb: str, do: Any) -> None:
        """Confirm, then do what needs no form."""
        if not messages.confirm(self, title, sentence, verb):
            return
        try:
            with self._vault.changing() as session:
                said = do(session)
        except (Refused, VaultError) as error:
            self.told.say("")
            self.problem.say(str(error))
            return
        if self.case is not None:
            self.show_case(self.case.row.id)
        if isinstance(said, Told):
            self.step_done.emit(said.step)
            said = said.words
        self.tell(said)

    def _show_facts(self, case: Case) -> None:
        facts, desk, row = case.facts, case.desk, case.row
        day = london_day(row.contact_at)
        # A collar number usually begins with the rank; it is not said twice.
        rank, collar = facts["officer_rank"] or "", facts["officer_collar"] or ""
        named = " ".join(filter(None, ("" if collar.startswith(f"{rank} ") else rank, facts["officer_name"])))
        officer = ", ".join(filter(None, (named, collar)))
        force = facts["force"] or "not known yet"
        if facts["controller_force"] not in (None, facts["force"]):
            force += f" (controller {facts['controller_force']})"
        self.facts.show_facts([
            ("Contact", spoken_instant(row.contact_at) if row.contact_at_known else "time not known yet"),
            ("Reason", row.reason or "not known yet"),
            ("Force", force),
            ("Reporting officer", officer or "not known yet"),
            ("Team", facts["team"] or ""),
            ("Supervisor", facts["supervisor"] or ""),
            ("District", facts["district"] or ""),
            ("Incident", facts["incident_ref"] or ""),
            ("Crime or custody", facts["crime_ref"] or ""),
            ("Contact made by", facts["contact_made_by"] or ""),
            ("NCCU reference", facts["nccu_ref"] or ""),
            ("Passed to NCCU", _instant(facts["nccu_passed_at"])),
            ("Acknowledged", _instant(facts["nccu_acknowledged_at"])),
            ("Route", desk.label("route", facts["route"], day)),
            ("Outcome", desk.label("outcome", facts["outcome"], day)),
            ("Duplicate of", case.survivor[1] if case.survivor else ""),
            ("Recorded", case.recorded),
        ])  # fmt: skip

    def _show_lists(self, case: Case) -> None:
        self._show_chasers(case)
        self.exemptions.setVisible(bool(case.exemptions))
        self.exemptions.show_lines([_exemption(row, case.desk) for row in case.exemptions], "")
        self._show_duplicates(case)
        self.notes.show_lines([(_note_head(row), row.text) for row in case.notes], "No notes.")
        self.history.show_lines([event_words(row) for row in case.timeline], "")

    def _show_chasers(self, case: Case) -> None:
        self.chasers.show_lines([(_chaser_head(row), row.result or "") for row in case.chasers], "Nobody was chased.")
        for place, row in reversed(list(enumerate(case.chasers))):
            if not row.result:
                answer = Button("Record the answer…", "quiet", "corner-up-left")
                answer.setAccessibleName(f"Record what the {row.to_role} answered")
                answer.clicked.connect(lambda _=False, row=row: self.start(f"answer {row.id}"))
                self.chasers.body.insertWidget(place + 1, answer, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_duplicates(self, case: Case) -> None:
        empty(self.duplicates.body)
        others = [other for other in case.duplicates if case.survivor is None or other[0] != case.survivor[0]]
        linked = [(*case.survivor, None, "The surviving case")] if case.survivor else []
        self.duplicates.setVisible(bool(others or linked))
        possible = rules.DUPLICATE in rules.ALLOWED[case.row.status]
        for other_id, name, contact_at, why in [*linked, *others]:
            said = why if contact_at is None else f"{why}; contact {spoken_instant(contact_at)}"
            self.duplicates.body.addLayout(paragraph(said, name))
            buttons = Flow()
            look = Button(f"Open {name}", "quiet")
            look.clicked.connect(lambda _=False, other_id=other_id: self.open_asked.emit(other_id))
            buttons.addWidget(look)
            # The earliest contact stays, so the link is made from the later one.
            if contact_at is not None and possible and contact_at <= case.row.contact_at:
                mark = Button(f"Mark as duplicate of {name}…", "quiet", "copy")
                mark.clicked.connect(lambda _=False, name=name: self._mark(name))
                buttons.addWidget(mark)
            self.duplicates.body.addLayout(buttons)

    def _mark(self, survivor: str) -> None:
        assert self.case is not None
        self.task_asked.emit(self._own(self.case).duplicate_task(survivor))


def _has_its_place(name: str) -> bool:
    """Whether an action's button stands in a section instead of among the others."""
    return name in ("note", "hold", "release") or name.startswith("answer")


# --- words


def due_words(row: QueueRow, now: datetime, desk: Reference) -> str:
    """When the document is due, or how late it is."""
    if row.due_at is None:
        return "No due time while it is a scope query."
    due = spoken_instant(row.due_at)
    if row.is_overdue:
        days = working_days_between(london_day(row.due_at), london_day(now), desk.holidays_of(row.force))
        late = "today" if days == 0 else "1 working day ago" if days == 1 else f"{days} working days ago"
        return f"Overdue: the document was due {due}, {late}."
    if row.status not in rules.NEEDS_DOCUMENT:
        return f"The document was due {due}."
    hours = rules.elapsed_hours(now, row.due_at)
    left = (
        "in less than an hour" if hours < 1 else f"in {hours:.0f} hours" if hours < 48 else f"in {hours / 24:.0f} days"
    )
    return f"The document is due {due}, {left}."


def event_words(row: EventRow) -> tuple[str, str]:
    """A line of the timeline: when and by whom, and what happened."""
    when = f"{spoken_instant(row.at)}, by {row.by}"
    if london_day(row.recorded_at) != london_day(row.at):
        when += f", recorded {spoken_instant(row.recorded_at)}"
    if row.kind == "edited":
        fields = [LABELS.get(name, name).lower() for name in (row.reason or "").split(", ")]
        return when, f"Facts corrected: {', '.join(fields)}"
    if row.kind == MISTAKE and row.to_status:
        return when, f"{rules.STATUS_WORDS[row.to_status]}, recorded by mistake and taken back" + (
            f": {row.reason}" if row.reason else ""
        )
    if row.kind == "status" and row.to_status:
        what = rules.STATUS_WORDS[row.to_status]
        if row.from_status is None:
            what = f"Contact with NCCU; {what[0].lower()}{what[1:]}"
    else:
        what = row.kind[0].upper() + row.kind[1:]
    return when, f"{what}: {row.reason}" if row.reason else what


def _chaser_head(row: ChaserRow) -> str:
    name = f" {row.to_name}" if row.to_name else ""
    return f"{spoken_instant(row.at)}, {row.to_role}{name} by {row.channel}"


def _exemption(row: ExemptionRow, desk: Reference) -> tuple[str, str]:
    head = f"Asked for by {row.requested_by}, {spoken_instant(row.requested_at)}"
    standing = row.standing + (f" by {row.approver}" if row.approver else "")
    if row.expires_on is not None and row.standing != "ended":
        standing += f"; runs out after {spoken_day(row.expires_on)}"
    said = f"{desk.label('exemption_reason', row.reason)}: {row.why}\n{standing[0].upper()}{standing[1:]}"
    return head, said + (f": {row.ended_why}" if row.ended_why else "")


def _note_head(row: NoteRow) -> str:
    kind = {"fact": "Fact", "assessment": "Assessment"}.get(row.kind or "", "As received")
    return f"{kind}, {spoken_instant(row.at)}, by {row.by}"


def _instant(when: datetime | None) -> str:
    return "" if when is None else spoken_instant(when)
