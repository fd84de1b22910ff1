"""Chasers: who is to be asked now, who has not answered what, and which contacts lack a reference of the NCCU."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk import machine as machines
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records, records_letters, records_undo
from oicdesk.referrals.form import Clock, correcting
from oicdesk.referrals.page_export import Listed, export
from oicdesk.referrals.page_letters import LettersPart
from oicdesk.referrals.page_part import Part, PartsPage
from oicdesk.referrals.records_letters import AwaitedRow, UnpassedRow
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import Column
from oicdesk.ui.undo import Told, left_the_desk
from oicdesk.vault.vault import Vault

PARTS = ("Due now", "Awaiting an answer", "Without an NCCU reference")
CHASERS_DUE = "chasers_due"


def _now() -> datetime:
    return datetime.now(UTC)


def _next(row: AwaitedRow) -> str:
    return "none planned" if row.next_at is None else spoken_instant(row.next_at)


_AWAITED = (
    Column("Reference", lambda row: row.reference, "reference", width=124),
    Column("Asked", lambda row: row.to_name or row.to_role, "to", width=200, spoken=lambda row: f"asked {row.to_name}"),
    Column("As", lambda row: row.to_role, "role", width=150),
    Column("How", lambda row: row.channel, "channel", width=120),
    Column("When", lambda row: spoken_instant(row.at), "at", width=180),
    Column("Next step due", _next, "next", width=180),
    Column("Reporting officer", lambda row: row.officer, "officer", width=180),
)
_AWAITED_KEYS: dict[str, Callable[[AwaitedRow], Any]] = {
    "reference": lambda row: row.referral_id, "to": lambda row: (row.to_name or row.to_role).casefold(),
    "role": lambda row: row.to_role, "channel": lambda row: row.channel, "at": lambda row: row.at,
    "next": lambda row: (row.next_at is None, row.next_at or row.at), "officer": lambda row: row.officer.casefold(),
}  # fmt: skip


class AwaitedPart(Part):
    """Chasers that brought no answer yet; one answer may be recorded for several."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Chasers without an answer", _AWAITED, _AWAITED_KEYS)
        self.table.set_empty("Every chaser has its answer", "What is sent stands here until an answer is recorded.")
        self.answer_button = Button("Record the answer…", "primary", "corner-up-left")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self.answer_button.clicked.connect(self.answer)
        self.open_button.clicked.connect(self.open_chosen)
        self.table.row_opened.connect(lambda _id: self.open_chosen())
        self.lay_out(buttons=(self.answer_button, self.open_button))

    def refresh(self) -> None:
        with self.vault.reading() as session:
            self.show_rows(records_letters.awaited(session, now=self.now(), force=self.force or "Joint"))

    def show_chosen(self) -> None:
        for button in (self.answer_button, self.open_button):
            button.setEnabled(bool(self.chosen))

    def answer(self) -> None:
        """Write what was answered, once for every row chosen."""
        rows = self.chosen
        if not rows:
            return
        ids = [row.id for row in rows]

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def answer(later: Any) -> None:
                records_letters.answered(later, ids, values["result"], now=self.now())

            def back(later: Any) -> None:
                for chaser_id in ids:
                    records_undo.take_back_answer(later, chaser_id, values["result"].strip(), now=self.now())

            answer(session)
            names = ", ".join(row.reference for row in rows)
            return self.did(
                f"The answer is recorded for {names}.", f"Record the answer for {names}", back, answer
            )  # fmt: skip

        many = "" if len(rows) == 1 else f" for {len(rows)} chasers"
        self.ask(f"Record the answer{many}", [Field("result", "Answer", "long", required=True)], "Record it", deed)

    def open_chosen(self) -> None:
        if self.chosen:
            self.open_case.emit(self.chosen[0].referral_id)

    def listed(self) -> Listed:
        header = ("Reference", "Asked", "As", "How", "When", "Next step due", "Reporting officer", "Team", "Force")
        rows = [(r.reference, r.to_name, r.to_role, r.channel, r.at, r.next_at, r.officer, r.team, r.force)
                for r in self.rows]  # fmt: skip
        return Listed("Chasers without an answer", header, rows)


_UNPASSED = (
    Column("Reference", lambda row: row.reference, "reference", width=124),
    Column("Contact", lambda row: spoken_instant(row.contact_at), "contact_at", width=180),
    Column("What is missing", lambda row: row.lacks, "lacks", width=240),
    Column("Force", lambda row: row.force, "force", width=76),
    Column("Team", lambda row: row.team, "team", width=152),
    Column("Reporting officer", lambda row: row.officer, "officer", width=180),
)
_UNPASSED_KEYS: dict[str, Callable[[UnpassedRow], Any]] = {
    "reference": lambda row: row.id, "contact_at": lambda row: row.contact_at, "lacks": lambda row: row.lacks,
    "force": lambda row: row.force, "team": lambda row: row.team.casefold(),
    "officer": lambda row: row.officer.casefold(),
}  # fmt: skip


class UnpassedPart(Part):
    """Contacts that have no reference of the NCCU yet."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Contacts without an NCCU reference", _UNPASSED, _UNPASSED_KEYS)
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.table.set_empty("Every contact has its NCCU reference", "Nothing open lacks one.")
        self.record_button = Button("Record what the NCCU said…", "primary", "pencil")
        self.open_button = Button("Open the case", "plain", "folder-open")
        self.record_button.clicked.connect(self.record)
        self.open_button.clicked.connect(self.open_chosen)
        self.table.row_opened.connect(lambda _id: self.open_chosen())
        self.lay_out(buttons=(self.record_button, self.open_button))

    def refresh(self) -> None:
        with self.vault.reading() as session:
            self.show_rows(records_letters.without_nccu_reference(session, force=self.force or "Joint"))

    def show_chosen(self) -> None:
        for button in (self.record_button, self.open_button):
            button.setEnabled(bool(self.chosen))

    def record(self) -> None:
        """When the contact was passed on and acknowledged, and the reference it got."""
        if not self.chosen:
            return
        row = self.chosen[0]

        def correct(session: Any, values: dict[str, Any]) -> list[str]:
            told = {name: value or None for name, value in values.items()}
            changed = records.edit(session, row.id, told, now=self.now())
            if not changed:
                raise Refused("Nothing of it is new; fill in what the NCCU said.")
            return changed

        words = f"Record what the NCCU said about {row.reference}"
        deed = correcting(row.id, row.reference, words, correct, self.now, self.changing)

        fields = [
            Field("nccu_passed_at", "Passed to the NCCU on", "instant"),
            Field("nccu_ref", "NCCU reference"),
            Field("nccu_acknowledged_at", "Acknowledged on", "instant"),
        ]
        values = {"nccu_passed_at": row.passed_at, "nccu_acknowledged_at": row.acknowledged_at}
        self.ask(f"What the NCCU said about {row.reference}", fields, "Save it", deed, values=values)

    def open_chosen(self) -> None:
        if self.chosen:
            self.open_case.emit(self.chosen[0].id)

    def listed(self) -> Listed:
        header = ("Reference", "Contact", "What is missing", "Force", "Team", "Reporting officer")
        rows = [(r.reference, r.contact_at, r.lacks, r.force, r.team, r.officer) for r in self.rows]
        return Listed("Contacts without an NCCU reference", header, rows)


class ChasersPage(PartsPage):
    """Asking, and what came of it, by the keyboard."""

    title = "Chasers"
    icon_name = "megaphone"
    shows = frozenset({CHASERS_DUE})
    tables = frozenset({
        "referral", "chaser", "officer", "officer_absence", "officer_name", "chaser_template", "referral_pause",
        "referral_snooze", "referral_event", "setting",
    })  # fmt: skip

    def __init__(self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None) -> None:
        self._vault, self._now, self._machine = vault, now, machine or machines.this()
        self.letters = LettersPart(vault, now, self._machine)
        self.awaited, self.unpassed = AwaitedPart(vault, now), UnpassedPart(vault, now)
        self.export_button = Button("Export this view…", "plain", "download")
        segments = Segments("Part of the chasers", PARTS, PARTS[0])
        super().__init__((self.letters, self.awaited, self.unpassed), segments, self.export_button)
        self.export_button.clicked.connect(self.export)
        self.act("Copy the message", self.in_part(self.letters, self.letters.copy), "Ctrl+Shift+C")
        self.act("Save the message as an e-mail file", self.in_part(self.letters, self.letters.mail), "Ctrl+Shift+S")
        self.act("Save a note to print", self.in_part(self.letters, self.letters.print_note), "Ctrl+P")
        self.act("Record as asked", self.in_part(self.letters, self.letters.told), "Ctrl+R")
        self.act("Edit the texts of chasers", self.in_part(self.letters, self.letters.edit_texts), "Ctrl+T")
        self.act("Record the answer", self.in_part(self.awaited, self.awaited.answer), "Ctrl+Shift+A")
        self.act("Record what the NCCU said", self.in_part(self.unpassed, self.unpassed.record), "Ctrl+Shift+N")
        self.act("Next part of the chasers", self.next_part, "Ctrl+Shift+Right")
        self.act("Export this view", self.export, "Ctrl+E")
        self.export_button.setToolTip("Ctrl+E")

    def turn(self) -> None:
        super().turn()
        self.export_button.setEnabled(self.part is not self.letters)

    # --- what the window asks

    def refresh(self) -> None:
        super().refresh()
        self._count()
        self.turn()

    def _count(self) -> None:
        self.segments.say([f"{name}  {len(part.rows):,}" for name, part in zip(PARTS, self.parts, strict=True)])

    def show_item(self, kind: str, id: int) -> bool:
        """Bring the messages that are due into view."""
        if kind != CHASERS_DUE:
            return False
        self.show_part(self.letters)
        return True

    def panes(self) -> list[QWidget]:
        more = [self.letters.message] if self.part is self.letters else []
        return [self.segments.current(), self.part.table, *more]

    # --- saying

    def say(self, sentence: str) -> None:
        super().say(sentence)
        self._count()

    def export(self) -> None:
        """The list shown as a file, logged."""
        part = self.part
        if not isinstance(part, AwaitedPart | UnpassedPart):
            return
        try:
            said = export(self, self._vault, self._machine, part.listed(), now=self._now())
        except (Refused, VaultError) as error:
            self.refuse(str(error))
            return
        if said:
            self.say(said)
            self.step_done.emit(left_the_desk(f"Export {part.listed().title.lower()}"))
