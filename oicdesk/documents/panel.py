"""The documents of a case, as a part of the queue page's detail."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.documents import records, rules
from oicdesk.documents.form import Clock, OutcomeTasks, submit_task
from oicdesk.documents.records import SUBMITTABLE, DocumentRow
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Action, Facts, Panel, Section, empty, text
from oicdesk.ui.parts import Pill, Words
from oicdesk.ui.task import Task
from oicdesk.vault.vault import Vault

_VERBS = {
    referral_rules.ACCEPTED: ("accept", "Accept…", "circle-check"),
    referral_rules.RETURNED: ("return", "Return for correction…", "corner-up-left"),
    referral_rules.REJECTED: ("reject", "Reject…", "circle-x"),
    referral_rules.SUBMITTED: ("resubmit", "Record the resubmission…", "send"),
}


class DocumentsPanel(Panel):
    """Each document with its state, grades in words and history; its actions go by the newest one."""

    title = "Documents"
    tables = frozenset({"document", "document_link", "document_event"})

    def __init__(self, vault: Vault, *, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.section = Section(self.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)

    def show_record(self, record_id: int) -> Sequence[Action]:
        """Read the documents of this referral."""
        with self._vault.reading() as session:
            desk = reference(session)
            rows = records.documents(session, record_id)
            case = referrals.get(session, record_id)
            status, name = case.status, case.reference
            contact_at = case.contact_at if case.contact_at_known else None
        self._show(rows, desk)
        return [
            self._submission(record_id, name, status, contact_at, desk),
            *(self._outcomes(record_id, rows[0], status) if rows else ()),
        ]

    # --- what can be done

    def _submission(
        self, record_id: int, name: str, status: str, contact_at: datetime | None, desk: Reference
    ) -> Action:
        why = ""
        if status not in SUBMITTABLE:
            try:
                referral_rules.move(status, referral_rules.SUBMITTED)
                why = "The document was returned: record its corrected submission instead."
            except Refused as refusal:
                why = str(refusal)
        return self._action(
            "submit", "Record a submission…", "send",
            lambda: submit_task(record_id, name, contact_at, desk, self._now, self._vault.changing), why,
            is_next=not why,
        )  # fmt: skip

    def _outcomes(self, record_id: int, row: DocumentRow, status: str) -> list[Action]:
        tasks = OutcomeTasks(record_id, row.id, _name(row), self._now, self._vault.changing)
        ways = {
            referral_rules.ACCEPTED: tasks.accept,
            referral_rules.RETURNED: tasks.return_for_correction,
            referral_rules.REJECTED: tasks.reject,
            referral_rules.SUBMITTED: tasks.resubmit,
        }
        found = []
        for to, way in ways.items():
            name, words, icon = _VERBS[to]
            why = "" if to in rules.OUTCOME_MOVES[row.outcome] else _refusal(row, to)
            is_next = not why and to in (referral_rules.ACCEPTED, referral_rules.SUBMITTED)
            found.append(self._action(name, words, icon, way, why, is_next=is_next))
        return found

    def _action(self, name: str, words: str, icon: str, task: Callable[[], Task], why: str, *, is_next: bool) -> Action:
        return Action(name, words, icon, lambda: self.task_asked.emit(task()), why, is_next)

    # --- what is shown

    def _show(self, rows: Sequence[DocumentRow], desk: Reference) -> None:
        empty(self.section.body)
        if not rows:
            self.section.body.addWidget(text("No document is recorded yet.", role="secondary"))
        labels = records.labels(desk)
        for row in rows:
            self.section.body.addWidget(_document(row, labels))


def _refusal(row: DocumentRow, to: str) -> str:
    """Why the rules refuse this outcome."""
    try:
        if to == referral_rules.SUBMITTED:
            rules.resubmit(rules.Submission(row.outcome, row.submitted_at, row.resubmissions), row.submitted_at)
        elif to == referral_rules.ACCEPTED:
            rules.accept(row.outcome)
        elif to == referral_rules.RETURNED:
            rules.return_for_correction(row.outcome, "asked for")
        else:
            rules.reject(row.outcome, "asked for")
    except Refused as refusal:
        return str(refusal)
    return ""


def _name(row: DocumentRow) -> str:
    return row.reference or "the document without a reference"


def _document(row: DocumentRow, labels: rules.Labels) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, theme.GRID)
    column.setSpacing(theme.GRID)
    head = QHBoxLayout()
    head.setSpacing(theme.GRID)
    name = Words(row.reference or ("Held elsewhere" if row.held_elsewhere else "No reference yet"))
    head.addWidget(name)
    head.addWidget(Pill(row.outcome, rules.OUTCOME_WORDS[row.outcome]), 0, Qt.AlignmentFlag.AlignVCenter)
    head.addStretch(1)
    column.addLayout(head)
    facts = Facts()
    facts.show_facts(_facts(row, labels))
    column.addWidget(facts)
    return box


def _facts(row: DocumentRow, labels: rules.Labels) -> list[tuple[str, str]]:
    by = {True: "by the reporting officer", False: "by somebody else", None: ""}[row.submitted_by_reporting_officer]
    again = "" if not row.resubmissions else f"{row.resubmissions} time{'s' if row.resubmissions > 1 else ''}"
    grades = [
        (words[0].upper() + words[1:], rules.spoken_grade(part, getattr(row.grades, part), labels))
        for part, words in rules.GRADE_PARTS.items()
    ]
    history = [
        f"{rules.EVENT_WORDS[event.kind]} {spoken_instant(event.at)}"
        + (f" by {event.assessor}" if event.assessor else "")
        + (f": {event.reason}" if event.reason else "")
        for event in row.history
    ]
    return [
        ("Submitted", ", ".join(filter(None, (spoken_instant(row.submitted_at), by)))),
        ("Corrected", again),
        ("Held in", row.system),
        ("Author", row.author),
        ("Marking", "" if row.held_elsewhere else row.marking or ""),
        *grades,
        ("Conditions", row.grades.conditions),
        ("Specified use", row.grades.usage),
        ("5x5x5 grade", row.grades.old_5x5x5),
        ("History", "\n".join(history) if len(history) > 1 else ""),
    ]
