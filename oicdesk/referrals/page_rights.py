"""Requests of people for their rights: requests, the one logged search, corrections and whom to tell.

Each part is empty until it is asked for, because the look is logged, and empty again once another part is shown.
"""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records_rights, rules_retention
from oicdesk.referrals.form import Clock
from oicdesk.referrals.form_people import person_fields, person_values
from oicdesk.referrals.page_export import Listed, write_listed
from oicdesk.referrals.page_part import Part, line_of
from oicdesk.referrals.page_people import person_facts
from oicdesk.referrals.records_rights import CorrectionRow, FoundRow, RecipientRow, RequestRow
from oicdesk.referrals.rules_people import FREE_TEXT_WARNING
from oicdesk.reports.page_view import export_fields
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day, short_day, spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rows import Column
from oicdesk.ui.undo import Step, Told, left_the_desk
from oicdesk.vault.vault import Vault

_LOOK: Final = " (this look is logged)"
ERASED: Final = "what was erased is nowhere any more"
_REQUEST_STAYS: Final = "a request stays on record; close it and say that it was recorded by mistake"
_CHECKED: Final = "a check that was made stays on record; record it again to correct its words"
_TRAIL: Final = "the trail keeps what was corrected and who is to be told; correct it again"
_WHY: Final = Field("why", "Reason", "long", required=True, help=FREE_TEXT_WARNING)


class PeoplePart(Part):
    """A part that holds people: nothing is read until `look`."""

    def __init__(self, vault: Vault, now: Clock, name: str, columns: Sequence[Column]) -> None:
        super().__init__(vault, now, name, columns)  # no keys: people are never put in an order of their own
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.is_shown = False

    def look(self) -> None:
        """Read and show; the look is in the log first."""
        self.is_shown = True
        self.refresh()

    def hide_people(self) -> None:
        """Forget what was shown."""
        self.is_shown = False
        self.show_rows([])

    def told(self, work: Any) -> Any:
        """What `work` answers, or None once its refusal was told."""
        try:
            return work()
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return None


class RequestsPart(PeoplePart):
    """Requests for access, rectification, erasure or restriction, each with the day its answer is due."""

    correct_asked = Signal(object)

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Rights requests", _REQUESTS)
        self.show_button = Button(f"Show{_LOOK}", "plain", "eye")
        self.add_button = Button("Record a request…", "primary", "plus")
        self.checked_button = Button("Identity checked…", "plain", "check")
        self.search_button = Button("Search people for it", "plain", "search")
        self.close_button = Button("Answer and close…", "plain", "archive")
        buttons = (self.add_button, self.show_button, self.checked_button, self.search_button, self.close_button)
        self.lay_out(buttons=buttons)
        self.show_button.clicked.connect(self.look)
        self.add_button.clicked.connect(self.add)
        self.checked_button.clicked.connect(self.check_identity)
        self.search_button.clicked.connect(lambda: self.correct_asked.emit(self.chosen[0].id))
        self.close_button.clicked.connect(self.close_request)
        self.hide_people()

    def refresh(self) -> None:
        rows: list[RequestRow] = []
        if self.is_shown:
            with self.vault.consulting("rights requests") as session:
                rows = records_rights.requests(session)
            self.table.set_empty("No request is recorded", "A request of a person for their rights is recorded here.")
        else:
            self.table.set_empty("The requests are hidden", "They name people, so the look is logged.",
                                 "Show the requests", self.look)  # fmt: skip
        self.show_rows(rows)

    def show_chosen(self) -> None:
        open_one = bool(self.chosen) and self.chosen[0].closed_on is None
        self.show_button.setVisible(not self.is_shown)
        for button in (self.checked_button, self.search_button, self.close_button):
            button.setVisible(self.is_shown)
            button.setEnabled(open_one)

    def add(self) -> None:
        """Record a request."""
        fields = [
            Field("kind", "It asks for", "choice", list(rules_retention.REQUEST_KINDS.items()), required=True),
            Field("requester", "Who asks", required=True, help="The person, or their representative."),
            Field("received_on", "Received on", "date", required=True),
            Field("due_on", "Answer due on", "date",
                  help="Empty: one month that begins with the day of receipt (DPA 2018 s.54)."),
            Field("identity_checked", "How their identity was checked", help="May follow; needed before the answer."),
        ]  # fmt: skip

        def deed(session: Any, values: dict[str, Any]) -> Told:
            records_rights.open_request(session, values, now=self.now())
            due = values["due_on"] or rules_retention.answer_by(values["received_on"])
            said = f"The request is recorded; its answer is due on {short_day(due)}."
            return Told(said, Step("Record a rights request", why_not=_REQUEST_STAYS))

        self.ask("Record a rights request", fields, "Record the request", deed,
                 values={"received_on": london_day(self.now())})  # fmt: skip

    def check_identity(self) -> None:
        """Say how the requester's identity was checked."""
        (row,) = self.chosen

        def deed(session: Any, values: dict[str, Any]) -> Told:
            records_rights.identity_checked(session, row.id, values["identity_checked"], now=self.now())
            return Told("How the identity was checked is recorded.", Step("Record an identity check", why_not=_CHECKED))

        self.ask("How was the identity checked?", [Field("identity_checked", "How", required=True)], "Record it", deed)

    def close_request(self) -> None:
        """Answer a request."""
        (row,) = self.chosen

        def deed(session: Any, values: dict[str, Any]) -> Told:
            records_rights.close_request(session, row.id, values["outcome"], now=self.now())
            return Told("The request is answered and closed.", left_the_desk("Answer a rights request"))

        fields = [Field("outcome", "What was done, or why not", "long", required=True, help=FREE_TEXT_WARNING)]
        self.ask("Answer and close the request", fields, "Close the request", deed)


def _standing(row: RequestRow) -> str:
    if row.closed_on is not None:
        return f"answered {short_day(row.closed_on)} by {row.closed_by}: {row.outcome}"
    return "open"


_REQUESTS: Final = (
    Column("It asks for", lambda row: rules_retention.REQUEST_KINDS[row.kind], width=204),
    Column("Who asks", lambda row: row.requester, width=160),
    Column("Received", lambda row: short_day(row.received_on), width=104),
    Column("Answer due", lambda row: short_day(row.due_on), width=104),
    Column("Identity", lambda row: row.identity_checked or "not checked yet", width=148),
    Column("Standing", _standing, width=240),
)


class SearchPart(PeoplePart):
    """The one search over people; what it showed is in the log."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, "People found", _FOUND)
        self._machine = machine
        self.request_id: int | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText("Label, name, reference or date of birth")
        self.words.setMinimumHeight(theme.row_height())
        self.words.setMinimumWidth(theme.px(200))
        label = Words("Search people for", "base", "secondary")
        label.setBuddy(self.words)
        self.words.setAccessibleName("Search people for")
        self.search_button = Button(f"Search{_LOOK}", "primary", "search")
        self.note = text(
            "For a rights request only: the search and everybody it shows are in the log, the words are not.",
            "base", "secondary",
        )  # fmt: skip
        self.export_button = Button("Export the people found…", "plain", "download")
        self.correct_button = Button("Correct…", "plain", "pencil")
        self.erase_button = Button("Erase this person…", "danger", "eye-off")
        self.open_button = Button("Open the case", "plain", "folder-open")
        buttons = (self.export_button, self.correct_button, self.erase_button, self.open_button)
        self.lay_out(line_of(label, self.words, self.search_button), self.note, buttons=buttons)
        self.search_button.clicked.connect(self.look)
        self.words.returnPressed.connect(self.look)
        self.export_button.clicked.connect(self.export)
        self.correct_button.clicked.connect(self.correct)
        self.erase_button.clicked.connect(self.erase)
        self.open_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].referral_id))
        self.hide_people()

    def hide_people(self) -> None:
        super().hide_people()
        self.words.clear()
        self.table.set_empty("Nobody was searched for", "Write what the request names the person by.")

    def first_focus(self) -> QLineEdit:
        return self.words

    def refresh(self) -> None:
        """A commit elsewhere repeats no search: each one is a look of its own."""

    def look(self) -> None:
        rows = self.told(self._search)
        if rows is None:
            return
        self.is_shown = True
        self.table.set_empty("Nobody was found", "The search is in the log all the same.")
        self.show_rows(rows)

    def _search(self) -> list[FoundRow]:
        about = {} if self.request_id is None else {"person_request": self.request_id}
        with self.vault.consulting("search over people", **about) as session:
            rows = records_rights.search(session, self.words.text(), now=self.now())
            self._desk = reference(session)
        with self.vault.changing() as session:
            records_rights.log_found(session, rows)
        return rows

    def show_chosen(self) -> None:
        self.export_button.setEnabled(bool(self.rows))
        for button in (self.correct_button, self.erase_button, self.open_button):
            button.setEnabled(bool(self.chosen))

    def export(self) -> None:
        """Hand everything that is recorded of the people found to the data protection officer."""
        rows: list[FoundRow] = []
        found: dict[str, Any] = {}

        def deed(session: Any, values: dict[str, Any]) -> str:
            rows[:] = records_rights.export(
                session, list(self.rows), recipient=values["recipient"], purpose=values["purpose"],
                form=values["format"][1:], request_id=self.request_id, now=self.now(),
            )  # fmt: skip
            found.update(values)
            return "Logged as a disclosure."

        values = {"recipient": "Data protection officer", "purpose": "rights request", "format": ".xlsx"}
        sentence = f"{len(self.rows)} people, everything recorded of them. It is logged before the file exists."
        if self.ask(
            "Export the people found", export_fields(), "Choose a place…", deed, values=values, sentence=sentence
        ):
            said = self.told(lambda: write_listed(
                self, self.vault, self._machine, self._listed(rows), found, now=self.now()))  # fmt: skip
            if said:
                self.step_done.emit(left_the_desk("Export people for a rights request"))
            if said is not None:
                self.said.emit(said or "No place was chosen, so nothing was written; the log holds the intention.")

    def _listed(self, rows: Sequence[FoundRow]) -> Listed:
        lines = [
            (row.reference, row.person.facts.label, label, value)
            for row in rows
            for label, value in person_facts(row.person, self._desk)
            if value
        ]
        return Listed("People for a rights request", ("Case", "Label", "Fact", "Value"), lines)

    def correct(self) -> None:
        """Correct the person chosen; the trail says why, and lists who has to be told."""
        (row,) = self.chosen

        def deed(session: Any, values: dict[str, Any]) -> Told:
            why = values.pop("correction")
            told = records_rights.correct(session, row.id, values, why, now=self.now(), request_id=self.request_id)
            said = f"{row.person.facts.label} in {row.reference} is corrected. {_to_tell(told)}"
            return Told(said, Step(f"Correct a person of {row.reference}", why_not=_TRAIL))

        fields = [*person_fields(self._desk), Field("correction", "Why it is corrected", "long", required=True)]
        values = dict(person_values(row.person, person_fields(self._desk)))
        if self.ask(f"Correct a person of {row.reference}", fields, "Correct the person", deed, values=values):
            self.look()

    def erase(self) -> None:
        """Erase the person chosen."""
        (row,) = self.chosen

        def deed(session: Any, values: dict[str, Any]) -> Told:
            told = records_rights.erase_person(
                session, row.id, values["why"], now=self.now(), request_id=self.request_id
            )
            said = f"The person is erased from {row.reference}. {_to_tell(told)}"
            return Told(said, Step(f"Erase a person of {row.reference}", why_not=ERASED))

        if self.ask(f"Erase a person of {row.reference}", [_WHY], "Erase the person", deed,
                    sentence="Everything recorded of this person is erased for good; the case stays."):  # fmt: skip
            self.look()


def _to_tell(rows: Sequence[RecipientRow]) -> str:
    if not rows:
        return "Nobody outside received it before."
    names = ", ".join(row.recipient for row in rows)
    return f"To tell by {short_day(rows[0].due_on)}: {names}. See Corrections."


_FOUND: Final = (
    Column("Case", lambda row: row.reference, width=128),
    Column("Label", lambda row: row.person.facts.label, width=160),
    Column("Name", lambda row: row.person.facts.name or "–", width=160),
    Column("Force reference", lambda row: row.person.force_reference or "–", width=148),
    Column("Born", lambda row: row.person.facts.birth or "–", width=104),
    Column("Record", lambda row: "not complete" if row.person.gaps else "complete", width=120),
)


class CorrectionsPart(PeoplePart):
    """The correction trail: what was corrected, why, and who received it before and has to be told."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Corrections", _CORRECTIONS)
        self.show_button = Button(f"Show{_LOOK}", "plain", "eye")
        self.told_button = Button("Told: tick the next recipient", "plain", "check")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self.lay_out(buttons=(self.show_button, self.told_button, self.open_button))
        self.show_button.clicked.connect(self.look)
        self.told_button.clicked.connect(self.tick)
        self.open_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].referral_id))
        self.hide_people()

    def refresh(self) -> None:
        rows: list[Any] = []
        if self.is_shown:
            with self.vault.consulting("correction trail") as session:
                rows = records_rights.corrections(session)
            self.table.set_empty("Nothing was corrected", "Corrections begin at Search people.")
        else:
            self.table.set_empty("The corrections are hidden", "They are about people, so the look is logged.",
                                 "Show the corrections", self.look)  # fmt: skip
        self.show_rows(rows)

    def show_chosen(self) -> None:
        self.show_button.setVisible(not self.is_shown)
        for button in (self.told_button, self.open_button):
            button.setVisible(self.is_shown)
        waiting = [one for row in self.chosen for one in row.recipients if one.told_at is None]
        self.told_button.setText(f"{waiting[0].recipient} was told" if waiting else "Everybody was told")
        self.told_button.setEnabled(bool(waiting))
        self.open_button.setEnabled(bool(self.chosen))

    def tick(self) -> None:
        """The next recipient of the correction chosen was told."""
        waiting = next(one for row in self.chosen for one in row.recipients if one.told_at is None)

        def tick(session: Any) -> None:
            records_rights.told(session, waiting.id, now=self.now())

        def deed(session: Any) -> Told:
            tick(session)
            return self.did(
                f"{waiting.recipient} was told of the correction.", f"Tick {waiting.recipient} as told",
                lambda later: records_rights.untold(later, waiting.id), tick,
            )  # fmt: skip

        self.do(deed)


def _fields(row: CorrectionRow) -> str:
    return ", ".join(name.replace("_", " ") for name in row.fields) or "everything"


def _recipients(row: CorrectionRow) -> str:
    if not row.recipients:
        return "nobody outside"
    return "; ".join(
        f"{one.recipient}, " + (f"to tell by {short_day(one.due_on)}" if one.told_at is None else "told")
        for one in row.recipients
    )


_CORRECTIONS: Final = (
    Column("When", lambda row: spoken_instant(row.at), width=172),
    Column("Case", lambda row: row.reference, width=124),
    Column("What", lambda row: f"{row.what}: {_fields(row)}", width=190),
    Column("Why", lambda row: row.why or "–", width=150),
    Column("By", lambda row: row.by, width=100),
    Column("Received it before", _recipients, width=260),
)
