"""The part of the Chasers tool from which messages leave: who is to be asked now, in which words."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records_letters, records_templates, report_chaser
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_part import Part, line_of
from oicdesk.referrals.page_views import Panes
from oicdesk.referrals.rules_chasers import CASE_FIELDS, MESSAGE_FIELDS, ROLES, Letter, Template
from oicdesk.reports.eml import check_address, unsent
from oicdesk.reports.files import save
from oicdesk.settings.records import reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import clipboard, messages, theme
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rows import Column, Table
from oicdesk.ui.undo import Told, left_the_desk
from oicdesk.vault.vault import Vault

_FOLDER = "export_folder"
COPIED, MAILED, PRINTED = "copied text", "e-mail file", "printed note"
_OTHER_WAYS = ("telephone", "in person", "internal message", "e-mail")


class LetterRow:
    """A message as a line of the list."""

    def __init__(self, place: int, letter: Letter) -> None:
        self.id, self.letter = place, letter
        self.reference = letter.to.name
        self.step = letter.to.role[0].upper() + letter.to.role[1:]
        self.count = len(letter.cases)
        self.since = min(case.step_at for case in letter.cases)


def _email(row: LetterRow) -> str:
    return row.letter.to.email or "no address known"


COLUMNS = (
    Column("To", lambda row: row.letter.to.name, "to", width=220),
    Column("As", lambda row: row.step, "step", width=150),
    Column("Cases", lambda row: f"{row.count:,}", "count", width=64, align_right=True,
           spoken=lambda row: "1 case" if row.count == 1 else f"{row.count} cases"),
    Column("Due to ask since", lambda row: spoken_instant(row.since), "since", width=190),
    Column("E-mail", _email, "email", width=220),
)  # fmt: skip
_KEYS: dict[str, Callable[[LetterRow], Any]] = {
    "to": lambda row: row.letter.to.name.casefold(), "step": lambda row: ROLES.index(row.letter.to.role),
    "count": lambda row: row.count, "since": lambda row: row.since, "email": _email,
}  # fmt: skip


class LettersPart(Part):
    """One line for each person to be asked, with the text of the chosen one beside it."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now, "Messages due", COLUMNS, _KEYS)
        self._machine = machine
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.set_empty(
            "Nobody is to be asked now", "No case has reached its next step. The steps stand in Settings."
        )
        self.why = text("", "base", "secondary")
        self.message = QPlainTextEdit()
        self.table.row_opened.connect(lambda _id: self.message.setFocus(Qt.FocusReason.OtherFocusReason))
        self.message.setReadOnly(True)
        self.message.setTabChangesFocus(True)
        self.message.setAccessibleName("Text of the message")
        self.copy_button = Button("Copy the text", "primary", "copy")
        self.mail_button = Button("Save as e-mail file…", "plain", "save")
        self.print_button = Button("Save a note to print…", "plain", "printer")
        self.told_button = Button("Record as asked…", "plain", "check")
        self.open_button = Button("Open the first case", "quiet", "folder-open")
        self.texts_button = Button("Edit the texts…", "quiet", "pencil")
        self._lay_out()
        for button, slot in (
            (self.copy_button, self.copy), (self.mail_button, self.mail), (self.print_button, self.print_note),
            (self.told_button, self.told), (self.open_button, self.open_first), (self.texts_button, self.edit_texts),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, slot=slot: slot())
        self.copy_button.setToolTip("The text leaves the clipboard after 60 seconds")

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.why)
        column.addWidget(self.message, 1)
        halves = Panes()
        halves.setOrientation(Qt.Orientation.Vertical)
        halves.addWidget(self.table)
        halves.addWidget(right)
        halves.setSizes([theme.px(200), theme.px(260)])
        self.message.setMinimumHeight(theme.px(96))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GRID)
        whole.addWidget(halves, 1)
        whole.addLayout(line_of(*self._senders()))
        whole.addLayout(line_of(self.open_button, self.texts_button))

    def _senders(self) -> tuple[Button, ...]:
        return (self.copy_button, self.mail_button, self.print_button, self.told_button)

    def refresh(self) -> None:
        with self.vault.reading() as session:
            cases = records_letters.due_cases(session, now=self.now(), force=self.force or "Joint")
            found = records_letters.letters(session, cases, now=self.now())
        self.show_rows([LetterRow(place, letter) for place, letter in enumerate(found)])

    @property
    def letter(self) -> Letter | None:
        """The message that is chosen."""
        chosen = self.chosen
        return chosen[0].letter if chosen else None

    def show_chosen(self) -> None:
        one = self.letter
        self.message.setPlainText(one.text if one else "")
        self.why.setText(one.to.why if one else "")
        self.why.setVisible(bool(one and one.to.why))
        for button in (*self._senders(), self.open_button):
            button.setEnabled(one is not None)

    # --- leaving the desk

    def copy(self) -> None:
        """Log it, then put the text on the clipboard for a minute."""
        one = self.letter
        if one is not None:
            self._hand_out(one, COPIED, lambda: clipboard.copy(one.text), "The text is on the clipboard for 60 seconds")

    def mail(self) -> None:
        """Ask for the address and a place, log it, then write a message that a mail program opens for sending."""
        one = self.letter
        if one is None:
            return
        fields = [Field("address", "E-mail address", help="Empty: fill it in before sending.")]
        values = messages.ask_form(
            self, f"Message to {one.to.name}", fields, "Choose a place…",
            lambda found: check_address(found["address"]), {"address": one.to.email},
        )  # fmt: skip
        path = self._place(one, ".eml", "E-mail (*.eml)") if values is not None else None
        if values is not None and path is not None:
            content = unsent(self._marking(), one.subject, one.text, values["address"])
            self._hand_out(one, MAILED, lambda: save(path, content), f"The message is saved as {path.name}")

    def print_note(self) -> None:
        """Ask for a place, log it, then write the message as a page to print."""
        one = self.letter
        path = self._place(one, ".pdf", "PDF (*.pdf)") if one is not None else None
        if one is not None and path is not None:
            self._hand_out(one, PRINTED, lambda: self._write_note(one, path), f"The note is saved as {path.name}")

    def _write_note(self, one: Letter, path: Path) -> None:
        from oicdesk.reports.pdf import write_pdf

        made = report_chaser.note(one, marking=self._marking(), as_at=self.now(), author=self.vault.user.name)
        write_pdf(made, path)

    def told(self) -> None:
        """Record that this person was asked by telephone, in person or otherwise, and what they said."""
        one = self.letter
        if one is None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            ids = records_letters.sent(session, one, values["channel"], now=self.now())
            if values["result"]:
                records_letters.answered(session, ids, values["result"], now=self.now())
            step = left_the_desk(f"Ask {one.to.name} about {_cases(one)}")
            return Told(f"It is recorded that {one.to.name} was asked about {_cases(one)}.", step)

        ways = [(way, way[0].upper() + way[1:]) for way in _OTHER_WAYS]
        fields = [
            Field("channel", "How", "choice", ways, required=True),
            Field("result", "Answer", "long", help="May be added later."),
        ]
        self.ask(f"Record that {one.to.name} was asked", fields, "Record it", deed)

    def _hand_out(self, one: Letter, channel: str, leave: Callable[[], object], said: str) -> None:
        """The log knows before anything leaves."""
        try:
            with self.vault.changing() as session:
                records_letters.sent(session, one, channel, now=self.now())
            leave()
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return
        step = left_the_desk(f"Chase {one.to.name} about {_cases(one)}")
        self.tell(Told(f"{said}, logged as a disclosure; {_cases(one)} recorded as chased.", step))

    def _place(self, one: Letter, suffix: str, kind: str) -> Path | None:
        name = "".join(letter if letter.isalnum() or letter in " -" else " " for letter in one.to.name)
        folder = Path(self._machine.get(_FOLDER) or Path.home())
        suggested = folder / f"{self._marking()} chaser {' '.join(name.split())}{suffix}"
        path = messages.choose_save(self, "Save the message", suggested, kind)
        if path is None:
            return None
        self._machine.put(_FOLDER, str(path.parent))
        return path if path.suffix.lower() == suffix else path.with_name(f"{path.name}{suffix}")

    def _marking(self) -> str:
        with self.vault.reading() as session:
            return str(reference(session).setting("marking"))

    def open_first(self) -> None:
        """Show the case that has waited longest."""
        one = self.letter
        if one is not None:
            self.open_case.emit(one.cases[0].id)

    # --- the texts

    def edit_texts(self) -> None:
        """Choose whose text, then edit it; an unknown field is refused in words."""
        one = self.letter
        roles = [(role, f"To the {role}") for role in ROLES]
        chosen = messages.ask_form(
            self, "Which text?", [Field("role", "Text", "choice", roles, required=True)], "Edit the text…",
            values={"role": one.to.role if one else ROLES[0]},
        )  # fmt: skip
        if chosen is not None:
            self._edit_text(chosen["role"])

    def _edit_text(self, role: str) -> None:
        with self.vault.reading() as session:
            kept = records_templates.template(session, role)
        fields = [
            Field("subject", "Subject", required=True),
            Field("body", "Message", "long", required=True, help=f"Fields: {_braced(MESSAGE_FIELDS)}."),
            Field("line", "Line for each case", "long", required=True, help=f"Fields: {_braced(CASE_FIELDS)}."),
        ]
        values = {name: getattr(kept.template, name) for name in ("subject", "body", "line")}
        deed = partial(self._save_text, kept.template)
        since = f"Saved {spoken_instant(kept.saved_at)} by {kept.saved_by}." if kept.saved_at else "As the desk came."
        self.ask(f"Text to the {role}", fields, "Save the text", deed, values=values,
                 sentence=f"{since} Former versions stay. Never name anybody a case is about.")  # fmt: skip

    def _save_text(self, before: Template, session: Any, values: dict[str, Any]) -> Told:
        wanted = Template(before.role, values["subject"], values["body"], values["line"])
        version = records_templates.save(session, wanted, now=self.now())

        def back(later: Any) -> None:
            if records_templates.template(later, before.role).template != wanted:
                raise Refused("The text was edited again since; take that back first.")
            records_templates.save(later, before, now=self.now())

        return self.did(
            f"The text to the {before.role} is saved as version {version}.", f"Edit the text to the {before.role}",
            back, lambda later: self._save_text(before, later, values),
        )  # fmt: skip


def _cases(letter: Letter) -> str:
    return "1 case" if len(letter.cases) == 1 else f"{len(letter.cases)} cases"


def _braced(fields: dict[str, str]) -> str:
    return ", ".join(f"{{{name}}}" for name in fields)
