"""The people of a case: hidden until asked for, because the look is logged, and hidden again at the next case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.referrals import records_people
from oicdesk.referrals.form import Clock
from oicdesk.referrals.form_people import add_person_task, edit_person_task
from oicdesk.referrals.page_cards import NOTIFY, show_card
from oicdesk.referrals.records_people import PersonRow
from oicdesk.reports.blocks import Facts as Paper
from oicdesk.reports.blocks import Heading, Paragraph, Report
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import short_day, spoken_instant
from oicdesk.ui import clipboard, messages, theme
from oicdesk.ui.detail import Action, Facts, Flow, Panel, Section, empty, text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.undo import left_the_desk
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
        self.hand_out_button = Button("Hand out…", "quiet", "send")
        self.hand_out_button.clicked.connect(self.hand_out)
        self.card_button = Button("Help card (F2)", "quiet", "info")
        self.card_button.clicked.connect(lambda: show_card(self, NOTIFY))
        self.problem, self.told = Notice("problem"), Notice("good")
        self.above, self.below = Words("", "small"), Words("", "small")  # the marking, at head and foot of people
        self._shown = QVBoxLayout()
        self._shown.setSpacing(theme.GAP)
        self.section.body.addWidget(self.count)
        for notice in (self.problem, self.told):
            self.section.body.addWidget(notice)
        buttons = Flow()
        for button in (self.show_button, self.hide_button, self.hand_out_button, self.card_button):
            buttons.addWidget(button)
        self.section.body.addLayout(buttons)
        for marking in (self.above, self.below):
            marking.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.section.body.addWidget(self.above)
        self.section.body.addLayout(self._shown)
        self.section.body.addWidget(self.below)
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
        self.told.say("")
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
        for widget in (self.hand_out_button, self.above, self.below):
            widget.setVisible(shown)
        if not shown:
            self.told.say("")
        for marking in (self.above, self.below):
            marking.setText(str(self._desk.setting("marking")) if self._desk is not None else "")
        empty(self._shown)
        if self.people is not None and not self.people:
            self._shown.addWidget(
                text(
                    "Nobody is recorded here. The count comes from the contact; if the people were anonymised,"
                    " Keeping says when.",
                    role="secondary",
                )
            )
        for person in self.people or ():
            self._shown.addWidget(self._person(person))
        for words in self.section.findChildren(QLabel):
            # Copying is a disclosure: it goes through “Hand out”, which asks to whom and is logged.
            words.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)

    # --- out of the desk

    def hand_out(self) -> None:
        """Copy the people, or save them as a PDF, for somebody named; refused while the record is incomplete."""
        assert self._id is not None and self._desk is not None
        referral_id, desk = self._id, self._desk
        self.told.say("")
        self.problem.say("")
        values: dict[str, Any] = {}
        rows: list[PersonRow] = []

        def check(found: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                rows[:] = records_people.hand_out(
                    session, referral_id, recipient=found["recipient"], purpose=found["purpose"],
                    how=found["how"], now=self._now(),
                )  # fmt: skip
            values.update(found)

        try:
            with self._vault.consulting("people to hand out", referral=referral_id) as session:
                records_people.refuse_incomplete(session, [referral_id], records_people.PEOPLE, now=self._now())
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            return
        title = f"Hand out the people of {self._reference}"
        if messages.ask_form(self, title, _HAND_OUT, "Hand out", check=check, values={"how": "copy"},
                             sentence="This is a disclosure: it is logged before it happens.") is None:  # fmt: skip
            return
        report = people_report(self._reference, rows, desk, recipient=values["recipient"], now=self._now(),
                               author=self._vault.user.name)  # fmt: skip
        if values["how"] == "copy":
            clipboard.copy(plain_text(report))
            self._handed_out("The people are on the clipboard for a minute.", values["recipient"])
            return
        self._save(report, values["recipient"])

    def _save(self, report: Report, recipient: str) -> None:
        from oicdesk.reports.pdf import write_pdf

        path = messages.choose_save(self, "Save the people", f"{report.marking} {report.title}.pdf", "PDF (*.pdf)")
        if path is None:
            self.problem.say("No place was chosen, so nothing was written; the log holds the intended disclosure.")
            return
        try:
            write_pdf(report, path)
        except (Refused, VaultError) as error:
            self.problem.say(str(error))
            return
        self._handed_out(f"The people are in {path.name}.", recipient)

    def _handed_out(self, said: str, recipient: str) -> None:
        self.told.say(f"{said} The log names {recipient}.")
        self.step_done.emit(left_the_desk(f"Hand out the people of {self._reference}"))

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
        facts.show_facts(person_facts(person, self._desk))
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


_HAND_OUT = (
    Field("recipient", "Who receives them", required=True),
    Field("purpose", "What for", required=True),
    Field("how", "How", "choice", (("copy", "Copy as text, for a minute"), ("pdf", "PDF, to print")), required=True),
)


def people_report(
    reference_text: str, rows: Sequence[PersonRow], desk: Reference, *, recipient: str, author: str, now: datetime
) -> Report:
    """The people of a case as a paper, marked on each page."""
    blocks: list[Any] = []
    for row in rows:
        blocks += [Heading(row.facts.label), Paper([fact for fact in person_facts(row, desk) if fact[1]])]
    blocks.append(Paragraph("Every fact stands beside how it is known. A nationality is not an ethnicity.", quiet=True))
    return Report(
        name="people", title=f"People of {reference_text}", marking=str(desk.setting("marking")), as_at=now,
        author=author, recipient=recipient, blocks=blocks,
    )  # fmt: skip


def plain_text(report: Report) -> str:
    """The paper as text: the marking first and last."""
    lines = [report.marking, report.title, f"For {report.recipient}, as at {spoken_instant(report.as_at)}"]
    for block in report.blocks:
        if isinstance(block, Heading):
            lines += ["", block.text]
        elif isinstance(block, Paper):
            lines += [f"{label}: {value}" for label, value in block.pairs]
        elif isinstance(block, Paragraph):
            lines.append(block.text)
    return "\n".join([*lines, report.marking])


def person_facts(person: PersonRow, desk: Reference) -> list[tuple[str, str]]:
    """What is recorded of a person, as label and words; what is not known is empty."""
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
        ("Identity", desk.label("nationality_basis", one.identity_basis)),
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
