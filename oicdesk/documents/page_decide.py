"""Reports of a list that wait for a decision: the report at the left, the contacts it may belong to at the right."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from oicdesk.documents import records, records_decide, records_links, records_list, rules
from oicdesk.documents.page_parts import WHY, Clock, LineRow, Lines, Listed, View, beside, column_of, row_of
from oicdesk.documents.records_decide import Candidate, ListedRow
from oicdesk.documents.rules_list import DOUBTFUL
from oicdesk.documents.sheet_list import undone_words
from oicdesk.machine import Machine
from oicdesk.referrals.rules import STATUS_WORDS
from oicdesk.settings.records import reference
from oicdesk.settings.rules import short_day, spoken_instant
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Facts, Flow, Section, empty, scrolled, text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Empty, Words
from oicdesk.ui.undo import Step, Told
from oicdesk.vault.vault import Vault

_COLUMNS = (
    ("State", 128), ("Report", 130), ("Author", 150), ("Collar", 84), ("Submitted", 180), ("Contact named", 150),
    ("Why it waits", 320),
)  # fmt: skip


def report_name(row: ListedRow) -> str:
    """What a report is called in a sentence."""
    return row.reference or f"the report of line {row.line}"


class DecideView(View):
    """Doubtful and unmatched reports; keys decide, and each decision can be taken back."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, machine)
        self._rows: dict[int, ListedRow] = {}
        self._labels: rules.Labels = {part: {} for part in rules.GRADE_PARTS}
        self.dismissed = QCheckBox("Show what was dismissed")
        self.back_button = Button("Take a list back…", "quiet", "undo-2")
        self.table = Lines("Reports to decide", _COLUMNS, pill_at=0)
        self.heading = Words("", "title")
        self.why = text("")
        self.facts = Facts()
        self.offered = Section("Contacts it may belong to")
        self.other_button = Button("Link to another contact…", "plain", "git-compare")
        self.refuse_button = Button("None of these…", "plain", "x")
        self.dismiss_button = Button("Dismiss with a reason…", "plain", "circle-slash")
        self.undo_button = Button("Take the decision back", "plain", "undo-2")
        self.hint = Empty()
        self.body = self._detail()
        self._lay_out()
        self._listen()

    def _detail(self) -> QWidget:
        inner = QWidget()
        self.heading.setWordWrap(True)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GAP, 0, theme.GRID, theme.GAP)
        column.setSpacing(theme.GAP)
        choices = Flow()
        for button in (self.other_button, self.refuse_button, self.dismiss_button, self.undo_button):
            choices.addWidget(button)
        for part in (self.heading, self.why, self.offered):
            column.addWidget(part)
        column.addLayout(choices)
        column.addWidget(self.facts)
        column.addStretch(1)
        return scrolled(inner)

    def _lay_out(self) -> None:
        self.hint.say("No report is chosen", "Choose one in the list to see what it may belong to.")
        self.table.set_empty(
            "Nothing waits for a decision",
            "Reports of the force system's list that fit no contact, or several, stand here (Ctrl+I imports one).",
        )
        left, right = QWidget(), QWidget()
        column_of(left, row_of(self.dismissed, self.back_button), self.table).setStretch(1, 1)
        column_of(right, self.hint, self.body)
        right.setMinimumWidth(theme.px(320))
        self.split = beside(left, right)
        self.split.setSizes([theme.px(600), theme.px(420)])
        column_of(self, self.split)

    def _listen(self) -> None:
        self.dismissed.toggled.connect(lambda _on: self.refresh(self.force))
        self.table.selection_changed.connect(self._show_chosen)
        self.table.row_opened.connect(lambda _id: self._first_choice().setFocus())
        for button, slot in (
            (self.back_button, self.take_list_back),
            (self.other_button, self.link_other),
            (self.refuse_button, self.refuse_pairs),
            (self.dismiss_button, self.dismiss),
            (self.undo_button, self.take_back),
        ):
            button.clicked.connect(lambda _=False, slot=slot: slot())

    def refresh(self, force: str) -> None:
        self.force = force
        with self.vault.reading() as session:
            self._labels = records.labels(reference(session))
            waiting = records_decide.open_reports(session, force=force)
            shown = waiting
            if self.dismissed.isChecked():
                shown = records_decide.open_reports(session, dismissed=True, force=force)
            self.back_button.setVisible(bool(records_decide.batches(session)))
        self._rows = {row.id: row for row in shown}
        self.counted.emit(len(waiting))
        self.table.set_lines([_line(row) for row in shown])
        self._show_chosen()

    @property
    def chosen(self) -> ListedRow | None:
        """The report that is looked at."""
        ids = self.table.selected_ids()
        return self._rows.get(ids[0]) if ids else None

    def _show_chosen(self) -> None:
        row = self.chosen
        self.hint.setVisible(row is None)
        self.body.setVisible(row is not None)
        if row is None:
            return
        is_dismissed = row.decision == records_list.DISMISSED
        self.heading.setText(row.reference or f"Line {row.line} of the list")
        self.why.setText(row.why)
        self.facts.show_facts(self._facts(row))
        empty(self.offered.body)
        self.offered.setVisible(bool(row.candidates))
        for candidate in row.candidates:
            self.offered.body.addWidget(self._offer(row, candidate))
        self.other_button.setVisible(not is_dismissed)
        self.dismiss_button.setVisible(not is_dismissed)
        self.refuse_button.setVisible(row.state == DOUBTFUL and not is_dismissed)
        self.undo_button.setVisible(row.decided_at is not None)

    def _facts(self, row: ListedRow) -> list[tuple[str, str]]:
        decided = f"{row.decided_why} ({row.decided_by}, {spoken_instant(row.decided_at)})" if row.decided_at else ""
        grades = [
            (words[0].upper() + words[1:], rules.spoken_grade(part, getattr(row.grades, part), self._labels))
            for part, words in rules.GRADE_PARTS.items()
        ]
        return [
            ("Author", ", ".join(filter(None, (row.author, row.collar)))),
            ("Force", row.force or "not in the list"),
            ("Created", short_day(row.created_on) if row.created_on else ""),
            ("Submitted", spoken_instant(row.submitted_at)),
            ("Contact named", row.contact_refs),
            *grades,
            ("5x5x5 grade", row.grades.old_5x5x5),
            ("From", f"{row.list_name}, line {row.line}"),
            ("Decided", decided),
        ]

    def _offer(self, row: ListedRow, candidate: Candidate) -> QWidget:
        box = QWidget()
        said = ", ".join(
            filter(None, (candidate.officer, candidate.force, f"contact {spoken_instant(candidate.contact_at)}",
                          STATUS_WORDS[candidate.status].lower()))
        )  # fmt: skip
        name = Words(candidate.reference, "section")
        accept = Button("It belongs here", "primary", "check")
        accept.setAccessibleName(f"{report_name(row)} belongs to {candidate.reference}")
        accept.clicked.connect(lambda: self.accept(row, candidate.referral_id))
        look = Button("Open the case", "quiet", "folder-open")
        look.setAccessibleName(f"Open {candidate.reference} in the queue")
        look.clicked.connect(lambda: self.case_asked.emit(candidate.referral_id))
        buttons = [accept, look]
        if candidate.bare is not None:
            same = Button("It is the document without a reference", "plain", "check")
            same.setAccessibleName(f"{report_name(row)} is the document of {candidate.reference} without a reference")
            same.clicked.connect(lambda: self.accept(row, candidate.referral_id, candidate.bare))
            buttons.insert(1, same)
        column = column_of(box, name, text(said, role="secondary"), row_of(*buttons[:2]))
        if len(buttons) > 2:
            column.addLayout(row_of(*buttons[2:]))
        return box

    def _first_choice(self) -> QWidget:
        """The first thing that can be done to the report shown."""
        found = [one for one in self.body.findChildren(Button) if one.isVisibleTo(self)]
        return found[0] if found else self.table

    def first_focus(self) -> QWidget:
        return self.table

    def panes(self) -> list[QWidget]:
        return [self.table, self._first_choice()] if self.chosen else [self.table]

    def listed(self) -> Listed:
        rows = [
            (row.state, row.reference, row.author, row.collar, row.submitted_at, row.contact_refs, row.why)
            for row in self._rows.values()
        ]
        cases = sorted({one.referral_id for row in self._rows.values() for one in row.candidates})
        return Listed("Reports to decide", tuple(title for title, _width in _COLUMNS), rows, cases)

    # --- deciding

    def accept(self, row: ListedRow, referral_id: int, document_id: int | None = None) -> None:
        """The report is a document of this contact."""

        def deed(session: Any) -> Told:
            warnings = records_decide.accept(session, row.id, referral_id, now=self.now(), document_id=document_id)
            said = " ".join((f"{report_name(row)} is recorded as a document of the contact.", *warnings))
            return self.did(
                said[0].upper() + said[1:], f"Accept {report_name(row)}",
                lambda later: records_decide.withdraw(later, row.id, now=self.now()), deed,
            )  # fmt: skip

        self.do(deed)

    def link_other(self) -> None:
        """The report is a document of a contact that is not offered."""
        row = self.chosen
        if row is None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            referral_id = records_links.find_contact(session, values["reference"])
            records_decide.accept(session, row.id, referral_id, now=self.now())
            return self.did(
                f"{report_name(row)} is recorded as a document of {values['reference'].strip()}.",
                f"Link {report_name(row)}", lambda later: records_decide.withdraw(later, row.id, now=self.now()),
                lambda later: deed(later, values),
            )  # fmt: skip

        field = Field("reference", "Contact", required=True, placeholder="OIC-2026-0001, incident or NCCU reference")
        self.ask(f"Link {report_name(row)} to a contact", [field], "Link", deed)

    def refuse_pairs(self) -> None:
        """The report is none of the contacts offered."""
        row = self.chosen
        if row is None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def refuse(later: Any) -> None:
                records_decide.refuse(later, row.id, values["reason"], now=self.now())

            return self._decided(session, row, refuse, f"{report_name(row)} is not offered for these contacts again.")

        self.ask(f"{report_name(row)} belongs to none of these", [WHY], "Refuse", deed)

    def dismiss(self) -> None:
        """The report is no document of this desk."""
        row = self.chosen
        if row is None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def dismiss(later: Any) -> None:
                records_decide.dismiss(later, row.id, values["reason"], now=self.now())

            return self._decided(session, row, dismiss, f"{report_name(row)} is dismissed.")

        self.ask(f"Dismiss {report_name(row)}", [WHY], "Dismiss", deed)

    def _decided(self, session: Any, row: ListedRow, decide: Callable[[Any], None], said: str) -> Told:
        decide(session)
        return self.did(
            said, f"Decide on {report_name(row)}",
            lambda later: records_decide.take_back(later, row.id, now=self.now()), decide,
        )  # fmt: skip

    def take_back(self) -> None:
        """Take a dismissal or refusal back."""
        row = self.chosen
        if row is not None:
            self.do(lambda session: self._taken_back(session, row))

    def _taken_back(self, session: Any, row: ListedRow) -> Told:
        records_decide.take_back(session, row.id, now=self.now())
        step = Step(f"Take the decision on {report_name(row)} back", why_not="decide on it again")
        return Told(f"The decision on {report_name(row)} is taken back.", step)

    def take_list_back(self) -> None:
        """Take the import of a whole list back."""
        with self.vault.reading() as session:
            batches = records_decide.batches(session)
        choices = [(i, f"{name}, {spoken_instant(at)}, {count:,} recorded") for i, name, at, count in batches]
        field = Field("batch", "List", "choice", choices, required=True)

        names = {i: name for i, name, _at, _count in batches}

        def deed(session: Any, values: dict[str, Any]) -> Told:
            said = undone_words(records_list.undo(session, values["batch"], now=self.now()))
            why = "import the list anew to have it again"
            return Told(said, Step(f"Take {names[values['batch']]} back", why_not=why))

        if not choices:
            messages.tell(self, "No list to take back", "No list of reports was imported, or every one is taken back.")
            return
        self.ask(
            "Take a list of reports back", [field], "Take it back", deed, values={"batch": choices[0][0]},
            sentence="Documents of the list that nobody worked on leave the register; the others stay and are named.",
        )  # fmt: skip


def _line(row: ListedRow) -> LineRow:
    word = "Dismissed" if row.decision == records_list.DISMISSED else row.state.capitalize()
    pill = {"Dismissed": "exempt", "Doubtful": "warning"}.get(word, "neutral")
    cells = (
        word, row.reference, row.author, row.collar, spoken_instant(row.submitted_at), row.contact_refs, row.why
    )  # fmt: skip
    keys = (*cells[:4], row.submitted_at, *cells[5:])
    return LineRow(row.id, cells, pill, keys)
