"""The register of documents: every submission, return and correction, and what becomes of the one that is chosen."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from oicdesk.documents import records, records_drafts, records_register, rules
from oicdesk.documents.form import OutcomeTasks, correct_task, link_task, outcome_name
from oicdesk.documents.page_parts import Clock, Listed, View, beside, column_of, row_of
from oicdesk.documents.records import DocumentRow
from oicdesk.documents.records_register import VIEWS, Documents, RegisterRow
from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day, short_day, spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Action, Actions, Facts, Section, empty, scrolled, text
from oicdesk.ui.parts import Button, Empty, Pill, Words
from oicdesk.ui.rows import Column, RowsModel, Table
from oicdesk.ui.task import Task
from oicdesk.vault.vault import Vault

_PAUSE = 150  # milliseconds
_Answer = TypeVar("_Answer")
_WORDS = {"SUBMITTED": "Submitted", "ACCEPTED": "Accepted", "RETURNED": "Returned", "REJECTED": "Rejected"}


def name_of(reference_text: str, held_elsewhere: bool) -> str:
    """What a document is called in a list."""
    return reference_text or ("Held elsewhere" if held_elsewhere else "No reference yet")


def _cases(row: RegisterRow) -> str:
    names = [name for _id, name in row.cases]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _grade(part: str, labels: Callable[[], rules.Labels]) -> Callable[[RegisterRow], str]:
    return lambda row: rules.spoken_grade(part, getattr(row.grades, part), labels())


def _corrections(row: RegisterRow) -> str:
    return str(row.resubmissions) if row.resubmissions else ""


def _spoken_corrections(row: RegisterRow) -> str:
    return f"corrected {row.resubmissions} time{'s' if row.resubmissions > 1 else ''}" if row.resubmissions else ""


class DocumentSource:
    """The rows of one view as the table asks for them: SQL counts, sorts and fetches, a page at a time."""

    def __init__(self, vault: Vault, view: str, force: str, words: str) -> None:
        self._vault, self._view, self._force, self._words = vault, view, force, words

    def count(self) -> int:
        return self.ask(lambda found: found.count())

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[RegisterRow]:
        return self.ask(lambda found: found.page(offset, limit, sort, descending))

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        return self.ask(lambda found: found.position(id, sort, descending))

    def ask(self, question: Callable[[Documents], _Answer]) -> _Answer:
        """Ask the register in one look."""
        with self._vault.reading() as session:
            return question(Documents(session, self._view, force=self._force, words=self._words))


class RegisterView(View):
    """Filter and table at the left, the chosen document at the right."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, machine)
        self._labels: rules.Labels = {part: {} for part in rules.GRADE_PARTS}
        self._is_shown = False
        self.views = QComboBox()
        self.filter = QLineEdit()
        self.model = RowsModel(self._columns())
        self.table = Table(self.model, "Documents")
        self.detail = _Detail(self)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._lay_out()
        self._timer.timeout.connect(self._show_rows)
        self.filter.textChanged.connect(lambda: self._timer.start())
        self.filter.returnPressed.connect(self._leave_filter)
        self.views.activated.connect(lambda _place: self._show_rows())
        self.table.selection_changed.connect(self._show_chosen)
        self.table.row_opened.connect(lambda _id: self.detail.first_focus().setFocus())

    def _columns(self) -> list[Column]:
        def labels() -> rules.Labels:
            return self._labels

        return [
            Column("State", lambda row: _WORDS[row.outcome], "outcome", width=128,
                   spoken=lambda row: rules.OUTCOME_WORDS[row.outcome], icon=lambda row: row.outcome),
            Column("Reference", lambda row: name_of(row.reference, row.held_elsewhere), "reference", width=140),
            Column("Submitted", lambda row: spoken_instant(row.submitted_at), "submitted_at", width=180),
            Column("Contacts", _cases, spoken=lambda row: f"for {_cases(row)}", width=150),
            Column("Author", lambda row: row.author, "author", width=140),
            Column("Corrected", _corrections, "resubmissions", spoken=_spoken_corrections, width=84, align_right=True),
            Column("Source", _grade("source_evaluation", labels), width=120),
            Column("Assessment", _grade("information_assessment", labels), width=190),
            Column("Handling", _grade("handling_code", labels), width=190),
        ]  # fmt: skip

    def _lay_out(self) -> None:
        self.views.setAccessibleName("Which documents")
        self.views.setMinimumHeight(theme.row_height())
        for view, title in VIEWS.items():
            self.views.addItem(title, view)
        self.filter.setAccessibleName("Filter the documents")
        self.filter.setPlaceholderText("Filter by reference, contact, author or officer")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumHeight(theme.row_height())
        self.table.horizontalHeader().setAccessibleName("Columns of documents")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        head = row_of(self.views, stretch=False)
        head.addWidget(self.filter, 1)
        left = QWidget()
        column_of(left, head, self.table).setStretch(1, 1)
        self.split = beside(left, self.detail)
        self.split.setSizes([theme.px(640), theme.px(380)])
        column_of(self, self.split)

    def refresh(self, force: str) -> None:
        self.force = force
        with self.vault.reading() as session:
            self._labels = records.labels(reference(session))
            counts = records_register.counts(session, force=force)
        for place, (view, title) in enumerate(VIEWS.items()):
            self.views.setItemText(place, f"{title} ({counts[view]:,})")
        self._show_rows()

    def source(self) -> DocumentSource:
        """The rows that are shown now."""
        return DocumentSource(self.vault, self.views.currentData(), self.force, self.filter.text())

    def _show_rows(self) -> None:
        self._timer.stop()
        self._is_shown = False
        self.model.set_source(self.source())
        if self.filter.text().strip():
            self.table.set_empty("Nothing matches", f"No document here has “{self.filter.text().strip()}”.",
                                 "Clear the filter", self.filter.clear)  # fmt: skip
        else:
            self.table.set_empty(
                "No document stands here",
                "A submission is recorded at its case, or comes with the force system's list of reports (Ctrl+I).",
            )
        if not self.table.selected_ids() and self.model.rowCount():
            self.table.selectRow(0)
        if not self._is_shown:  # the selection was not touched, and its document may have changed
            self._show_chosen()

    def _leave_filter(self) -> None:
        self._show_rows()
        self.table.setFocus()

    def focus_filter(self) -> None:
        self.filter.setFocus()
        self.filter.selectAll()

    def bring(self, document_id: int) -> bool:
        """Bring a document into view; False when the register does not hold it."""
        if not self.table.select_id(document_id):
            self.filter.clear()
            self.views.setCurrentIndex(0)
            self._show_rows()
        return self.table.select_id(document_id)

    def _show_chosen(self) -> None:
        self._is_shown = True
        ids = self.table.selected_ids()
        self.detail.show_document(ids[0] if ids else None)

    def first_focus(self) -> QWidget:
        return self.table

    def panes(self) -> list[QWidget]:
        return [self.views, self.table, self.detail.first_focus()]

    def listed(self) -> Listed:
        def read(found: Documents) -> tuple[list[RegisterRow], list[int]]:
            rows = found.page(0, found.count(), self.model.sort_name, self.model.descending)
            return rows, found.case_ids()

        rows, cases = self.source().ask(read)
        titles = [f"{words[0].upper()}{words[1:]}" for words in rules.GRADE_PARTS.values()]
        header = ("State", "Reference", "Submitted", "Contacts", "Author", "Corrected", "Last change", *titles)
        lines = [
            (
                rules.OUTCOME_WORDS[row.outcome], row.reference, row.submitted_at,
                ", ".join(name for _id, name in row.cases), row.author, row.resubmissions, row.last_at,
                *(rules.spoken_grade(part, getattr(row.grades, part), self._labels) for part in rules.GRADE_PARTS),
            )
            for row in rows
        ]  # fmt: skip
        return Listed(f"Documents, {VIEWS[self.views.currentData()].lower()}", header, lines, cases)


class _Detail(QWidget):
    """One document with its history and its contacts, and what can be done to it, newest or not."""

    def __init__(self, view: RegisterView) -> None:
        super().__init__()
        self._view = view
        self._id: int | None = None
        self.hint = Empty()
        self.hint.say("No document is chosen", "Choose one in the list to see it here.")
        self.title = Words("", "title")
        self.title.setWordWrap(True)
        self.pill = Pill()
        self.choices = Actions()
        self.facts = Facts()
        self.cases = Section("Contacts it serves")
        self.history = Section("History")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GAP, 0, theme.GRID, theme.GAP)
        column.setSpacing(theme.GAP)
        for part in (self.title, self.pill, self.choices, self.facts, self.cases, self.history):
            column.addWidget(part)
        column.addStretch(1)
        self.body = scrolled(inner)
        column_of(self, self.hint, self.body)
        self.setMinimumWidth(theme.px(300))

    def first_focus(self) -> QWidget:
        return self.choices.first_focus() if self._id is not None else self._view.table

    def show_document(self, document_id: int | None) -> None:
        """Read this document and show it."""
        self._id = document_id
        self.hint.setVisible(document_id is None)
        self.body.setVisible(document_id is not None)
        if document_id is None:
            return
        with self._view.vault.reading() as session:
            desk = reference(session)
            row = records.document(session, document_id)
            cases = records.cases_in_words(session, document_id)
            drafts = records_drafts.count_for(session, document_id)
            facts = records.facts_of(session, document_id)
        self.title.setText(name_of(row.reference, row.held_elsewhere))
        self.pill.show_state(row.outcome, rules.OUTCOME_WORDS[row.outcome])
        self.choices.show_actions(self._actions(row, facts, cases, desk, drafts))
        self.facts.show_facts(facts_in_words(row, records.labels(desk)))
        self._show_cases(cases)
        self.history.show_lines(
            [(f"{spoken_instant(event.at)}, recorded by {event.by}", _event_words(event)) for event in row.history],
            "Nothing yet.",
        )

    def _actions(
        self, row: DocumentRow, facts: rules.DocumentFacts, cases: Sequence[tuple[int, str, str, datetime]],
        desk: Reference, drafts: int,
    ) -> list[Action]:  # fmt: skip
        def ask(task: Task) -> Callable[[], object]:
            return lambda: self._view.ask_task(task)

        made = OutcomeTasks(
            cases[0][0] if cases else 0, row.id, outcome_name(row.reference), self._view.now,
            self._view.vault.changing, drafts,
        )  # fmt: skip
        found = [
            Action(name, words, icon, ask(made.of(to)), why_not(row, to), is_next=to in ("ACCEPTED", "SUBMITTED"))
            for to, (name, words, icon) in VERBS.items()
        ]
        linking = link_task(row.id, row.reference, self._view.now, self._view.changing)
        link = Action(
            "link", "Link to a further contact…", "git-compare", ask(linking), why_not_linked(row.outcome)
        )  # fmt: skip
        correcting = correct_task(row.id, row.reference, facts, desk, self._view.now, self._view.changing)
        correct = Action("correct", "Correct what is recorded…", "pencil", ask(correcting))
        return [*found, link, correct]

    def _show_cases(self, cases: Sequence[tuple[int, str, str, datetime]]) -> None:
        empty(self.cases.body)
        for referral_id, name, status, contact_at in cases:
            button = Button(name, "quiet", "chevron-right")
            button.setToolTip("Open the case in the queue")
            button.setAccessibleName(f"Open {name} in the queue")
            button.clicked.connect(lambda _=False, i=referral_id: self._view.case_asked.emit(i))
            day = short_day(london_day(contact_at))
            self.cases.body.addLayout(row_of(button, text(f"{status}; contact {day}", role="secondary"), stretch=False))


VERBS = {
    "ACCEPTED": ("accept", "Accept…", "circle-check"),
    "RETURNED": ("return", "Return for correction…", "corner-up-left"),
    "REJECTED": ("reject", "Reject…", "circle-x"),
    "SUBMITTED": ("resubmit", "Record the resubmission…", "send"),
}


def why_not(row: DocumentRow, to: str) -> str:
    """Why the rules refuse this outcome; nothing when they allow it."""
    if to in rules.OUTCOME_MOVES[row.outcome]:
        return ""
    try:
        if to == "SUBMITTED":
            rules.resubmit(rules.Submission(row.outcome, row.submitted_at, row.resubmissions), row.submitted_at)
        elif to == "ACCEPTED":
            rules.accept(row.outcome)
        elif to == "RETURNED":
            rules.return_for_correction(row.outcome, "asked for")
        else:
            rules.reject(row.outcome, "asked for")
    except Refused as refusal:
        return str(refusal)
    return ""


def why_not_linked(outcome: str) -> str:
    """Why the document serves no further contact; nothing when it may."""
    return "A rejected document serves no contact; record a new one." if outcome == "REJECTED" else ""


def _event_words(event: Any) -> str:
    said = rules.EVENT_WORDS[event.kind] + (f" by {event.assessor}" if event.assessor else "")
    return said + (f": {event.reason}" if event.reason else "")


def facts_in_words(row: DocumentRow, labels: rules.Labels) -> list[tuple[str, str]]:
    """What is recorded of a document, as labels and words; grades with code and label."""
    by = {True: "by the reporting officer", False: "by somebody else", None: ""}[row.submitted_by_reporting_officer]
    again = "" if not row.resubmissions else f"{row.resubmissions} time{'s' if row.resubmissions > 1 else ''}"
    grades = [
        (words[0].upper() + words[1:], rules.spoken_grade(part, getattr(row.grades, part), labels))
        for part, words in rules.GRADE_PARTS.items()
    ]
    return [
        ("Submitted", ", ".join(filter(None, (spoken_instant(row.submitted_at), by)))),
        ("Corrected", again),
        ("Held in", row.system),
        ("Author", row.author),
        ("Information dated", short_day(row.information_on) if row.information_on else ""),
        ("Created", short_day(row.created_on) if row.created_on else ""),
        ("Marking", "" if row.held_elsewhere else row.marking or ""),
        *grades,
        ("Conditions", row.grades.conditions),
        ("Specified use", row.grades.usage),
        ("5x5x5 grade", row.grades.old_5x5x5),
    ]
