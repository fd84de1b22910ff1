"""The people of a case: hidden until asked for, because the look is logged, and hidden again at the next case."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.referrals import records_people
from oicdesk.referrals.form import Clock
from oicdesk.referrals.form_people import add_person_task, edit_person_task
from oicdesk.referrals.records_people import PersonRow
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import short_day, spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Action, Facts, Panel, Section, empty, text
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.vault.vault import Vault


class PeoplePanel(Panel):
    """A button, until it is pressed; then each person with facts, gaps and NRM steps in words."""

    title = "People"
    tables = frozenset({"person", "person_category"})

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self._id: int | None = None
        self._reference = ""
        self._desk: Reference | None = None
        self.people: list[PersonRow] | None = None  # None while hidden
        self.add = Button("Add a person…", "quiet", "plus")
        self.add.clicked.connect(self.start_adding)
        self.section = Section(self.title, self.add)
        self.count = Words("", "base", "secondary")
        self.show_button = Button("Show people (this look is logged)", "plain", "eye")
        self.show_button.clicked.connect(self.look)
        self.hide_button = Button("Hide people", "plain", "eye-off")
        self.hide_button.clicked.connect(self.hide_people)
        self.problem = Notice("problem")
        self._shown = QVBoxLayout()
        self._shown.setSpacing(theme.GAP)
        for widget in (self.count, self.problem, self.show_button, self.hide_button):
            self.section.body.addWidget(widget, 0, Qt.AlignmentFlag(0) if widget is self.problem else _LEFT)
        self.section.body.addLayout(self._shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)

    def show_record(self, record_id: int) -> Sequence[Action]:
        raise NotImplementedError("the people are shown by show_case")

    def show_case(self, referral_id: int, reference_text: str, persons: int, desk: Reference) -> None:
        """Another case hides the people; the same one keeps what was asked for."""
        self._reference, self._desk = reference_text, desk
        self.count.setText("One person." if persons == 1 else f"{persons} persons.")
        if referral_id != self._id:
            self._id = referral_id
            self.hide_people()

    def look(self) -> None:
        """Read and show the people; the look is in the log first."""
        assert self._id is not None
        self.problem.say("")
        try:
            with self._vault.consulting("people of a case", referral=self._id) as session:
                self._desk = reference(session)
                self.people = records_people.people(session, self._id, now=self._now())
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            return
        self._show()

    def look_again(self) -> None:
        """After a change: read again what is shown."""
        if self.people is not None:
            self.look()

    def hide_people(self) -> None:
        had_focus = self.hide_button.hasFocus()
        self.people = None
        self._show()
        if had_focus:
            self.show_button.setFocus()

    def start_adding(self) -> None:
        assert self._id is not None and self._desk is not None
        self.task_asked.emit(add_person_task(self._id, self._reference, self._desk, self._now))

    def start(self, name: str) -> None:
        """Take up an unfinished form of this panel by its task's name."""
        if name == "person":
            self.start_adding()
            return
        if self.people is None:
            self.look()
        for person in self.people or ():
            if name == f"person {person.id}":
                self._edit(person)

    def _edit(self, person: PersonRow) -> None:
        assert self._id is not None and self._desk is not None
        self.task_asked.emit(edit_person_task(self._id, self._reference, person, self._desk, self._now))

    def _show(self) -> None:
        shown = self.people is not None
        focus = self.show_button.hasFocus()
        self.hide_button.setVisible(shown)
        if shown and focus:
            self.hide_button.setFocus()
        self.show_button.setVisible(not shown)
        empty(self._shown)
        if self.people is not None and not self.people:
            self._shown.addWidget(text("Nobody is recorded yet; the count comes from the contact.", role="secondary"))
        for person in self.people or ():
            self._shown.addWidget(self._person(person))

    def _person(self, person: PersonRow) -> QWidget:
        assert self._desk is not None
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, theme.GRID, 0, 0)
        column.setSpacing(theme.GRID)
        head = QHBoxLayout()
        name = Words(person.facts.label, "section")
        edit = Button("Edit…", "quiet", "pencil")
        edit.setAccessibleName(f"Edit {person.facts.label}")
        edit.clicked.connect(lambda: self._edit(person))
        head.addWidget(name, 1)
        head.addWidget(edit)
        column.addLayout(head)
        facts = Facts()
        facts.show_facts(_facts(person, self._desk))
        column.addWidget(facts)
        if person.gaps:
            gaps = Notice("warning")
            column.addWidget(gaps)  # before it speaks, or it would be a window of its own
            gaps.say("\n".join(person.gaps))
        if person.steps:
            column.addWidget(text("What to do, in order", "small", "secondary"))
            for number, step in enumerate(person.steps, 1):
                column.addWidget(text(f"{number}. {step}"))
        return box


_LEFT = Qt.AlignmentFlag.AlignLeft


def _facts(person: PersonRow, desk: Reference) -> list[tuple[str, str]]:
    one = person.facts

    def known(value: str, basis: str, kind: str) -> str:
        how = desk.label(kind, basis or None).lower()
        return f"{value or 'not known'} ({how})" if how else value

    ages = [one.birth and f"born {one.birth}", "" if one.age is None else f"{one.age} years"]
    if one.age is not None and one.age_on:
        ages[1] += f" on {short_day(one.age_on)}"
    earlier = [
        f"{_categories(change.categories, desk)} from {spoken_instant(change.at)}" for change in person.history[:-1]
    ]
    return [
        ("Name", one.name),
        ("Categories", _categories(one.categories, desk)),
        ("Earlier", "; ".join(earlier)),
        ("Force reference", person.force_reference),
        (
            "Nationality",
            known(desk.label("country", one.nationality), one.nationality_basis or "", "nationality_basis"),
        ),
        ("Age", known(", ".join(filter(None, ages)), one.age_basis or "", "age_basis")),
        ("May be under 18", "yes" if one.may_be_under_18 else ""),
        ("Treated as a child", _said(one.treated_as_child)),
        ("Unaccompanied", _said(one.unaccompanied)),
        ("Authority told", short_day(one.local_authority_told_on) if one.local_authority_told_on else ""),
        ("Indicators seen", _said(one.indicators_seen)),
        ("Consents to NRM", _said(one.consents_to_nrm)),
        ("NRM", _nrm(person, desk)),
        ("Necessity", one.necessity),
        ("Authorised by", one.authorised_by),
        ("Migrant victim", person.migrant_victim_statement),
        ("Recorded by", one.recorded_by),
    ]


def _nrm(person: PersonRow, desk: Reference) -> str:
    one = person.facts
    parts: list[Any] = [desk.label("nrm_decision", one.nrm), one.nrm_on and short_day(one.nrm_on), one.nrm_reference]
    return ", ".join(filter(None, parts))


def _categories(codes: frozenset[str], desk: Reference) -> str:
    return ", ".join(row.label for row in desk.values("person_category") if row.code in codes)


def _said(answer: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[answer]
