"""Reminders: what is missing, as a text for each person or each supervisor; each one that leaves is logged."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.reports.eml import check_address, unsent
from oicdesk.reports.files import save
from oicdesk.settings.records import reference
from oicdesk.training import records, records_reminders, rules
from oicdesk.training.page_parts import (
    Clock,
    LineRow,
    Lines,
    Listed,
    Scope,
    View,
    choice,
    column_of,
    fill,
    row_of,
)
from oicdesk.training.records_matrix import Matrix, MatrixFilter
from oicdesk.training.rules_reminders import Reminder
from oicdesk.ui import clipboard, messages, theme
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.undo import left_the_desk
from oicdesk.vault.vault import Vault

_FOLDER = "export_folder"
_PEOPLE, _SUPERVISORS = "people", "supervisors"


class RemindersView(View):
    """A list of reminders that could be sent, and the text of the chosen one."""

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__(vault, now)
        self._machine = machine
        self._ids: Collection[int] = ()
        self._reminders: list[Reminder] = []
        self.to = choice("To whom", ((_PEOPLE, "To each person"), (_SUPERVISORS, "To each supervisor")))
        self.course = choice("Course to remind of")
        self.count = Words("", "base", "secondary")
        self.everybody = Button("Everybody who is missing something", "quiet", "x")
        self.table = Lines("Reminders", (("To", 196), ("Missing", 206), ("People", 72)), right=(2,))
        self.table.setSelectionMode(Lines.SelectionMode.SingleSelection)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Text of the reminder")
        self.copy_button = Button("Copy the text", "plain", "copy")
        self.save_button = Button("Save as e-mail file…", "plain", "save")
        self.all_button = Button("Save all…", "plain", "download")
        self._lay_out()
        for box in (self.to, self.course):
            box.activated.connect(self._write)
        self.everybody.clicked.connect(lambda: self.only(()))
        self.table.selection_changed.connect(self._chosen)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        self.all_button.clicked.connect(self.save_all)
        self.all_button.setToolTip("Each reminder of the list as an e-mail file of its own")
        self.copy_button.setToolTip("The text leaves the clipboard after 60 seconds")

    def _lay_out(self) -> None:
        right = QWidget()
        foot = row_of(self.copy_button, self.save_button, self.all_button)
        column_of(right, self.text, foot).setStretch(0, 1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(theme.GAP)
        halves.addWidget(self.table)
        halves.addWidget(right)
        halves.setSizes([520, 520])
        bar = row_of(self.to, self.course, self.everybody)
        bar.addWidget(self.count)
        column_of(self, bar, halves).setStretch(1, 1)

    def only(self, ids: Collection[int]) -> None:
        """Only about these people; an empty collection means everybody."""
        self._ids = tuple(ids)
        if self.scope.day.year > 1:
            self.refresh(self.scope)

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            titles = records.titles(session)
        fill(self.course, [("", "Any course"), *titles.items()])
        self.everybody.setVisible(bool(self._ids))
        self._write()

    def _write(self) -> None:
        code = self.course.currentData()
        with self.vault.reading() as session:
            rows = records_reminders.missing(
                session, self.scope.day, self.scope.force, courses=(code,) if code else (), ids=self._ids
            )
            make = records_reminders.to_people if self.to.currentData() == _PEOPLE else records_reminders.to_supervisors
            self._reminders = make(session, rows, self.scope.day)
            titles = records.titles(session)
            self._say_empty(Matrix(session, self.scope.day, MatrixFilter(force=self.scope.force)).count() > 0)
        found = len(self._reminders)
        only = f" about the {len(self._ids):,} chosen" if self._ids else ""
        self.count.setText(f"{found:,} {'reminder' if found == 1 else 'reminders'}{only}")
        self.table.set_lines(
            [
                LineRow(n, (one.to, rules.listed([titles.get(code, code) for code in one.courses]),
                            f"{len(one.learner_ids):,}"), None,
                        (rules.fold(one.to), one.courses, len(one.learner_ids)))
                for n, one in enumerate(self._reminders)
            ]
        )  # fmt: skip
        if self._reminders and not self.table.selected_ids():
            self.table.selectRow(0)
        self._chosen()

    def _say_empty(self, is_staffed: bool) -> None:
        if is_staffed:
            self.table.set_empty("Nobody is missing anything", "Everybody in scope has completed what is asked.")
        else:
            self.table.set_empty(
                "Nobody is on the roster on that day", "Import the roster first; reminders follow from it.",
                "Import a roster…", lambda: self.wanted.emit("roster", None),
            )  # fmt: skip

    def reminder(self) -> Reminder | None:
        """The chosen one."""
        chosen = self.table.selected_ids()
        return self._reminders[chosen[0]] if chosen and chosen[0] < len(self._reminders) else None

    def _chosen(self) -> None:
        one = self.reminder()
        self.text.setPlainText(one.text if one else "")
        for button in (self.copy_button, self.save_button, self.all_button):
            button.setEnabled(one is not None)

    # --- handing out

    def copy(self) -> None:
        """Log it, then put the text on the clipboard for a minute."""
        one = self.reminder()
        if one is not None and self._hand_out([one], "clipboard", lambda: clipboard.copy(one.text)):
            self.said.emit(f"The reminder to {one.to} is on the clipboard for 60 seconds, logged as a disclosure.")

    def save(self) -> None:
        """Ask for the address and a place, log it, then write a message that a mail program opens for sending."""
        one = self.reminder()
        if one is None:
            return
        fields = [Field("address", "E-mail address", placeholder="empty: fill it in before sending")]
        values = messages.ask_form(
            self, f"Reminder to {one.to}", fields, "Choose a place…", lambda found: check_address(found["address"])
        )
        path = self._place(one) if values is not None else None
        if values is None or path is None:
            return
        content = unsent(self._marking(), one.subject, one.text, values["address"])
        if self._hand_out([one], "e-mail file", lambda: save(path, content)):
            self.said.emit(f"The reminder to {one.to} is saved as {path.name}, logged as a disclosure.")

    def save_all(self) -> None:
        """Ask for a folder, log every reminder of the list, then write each as a file of its own."""
        folder = messages.choose_folder(self, "A folder for the reminders", self._folder())
        if folder is None:
            return
        self._machine.put(_FOLDER, str(folder))
        width = len(str(len(self._reminders)))

        def leave() -> None:
            for place, one in enumerate(self._reminders, 1):
                save(
                    folder / self._file_name(one, f" {place:0{width}d}"), unsent(self._marking(), one.subject, one.text)
                )

        if self._hand_out(self._reminders, "e-mail file", leave):
            found = len(self._reminders)
            files = "1 reminder is" if found == 1 else f"{found:,} reminders are"
            self.said.emit(f"{files} in {folder.name}, each logged as a disclosure.")

    def _folder(self) -> Path:
        return Path(self._machine.get(_FOLDER) or Path.home())

    def _marking(self) -> str:
        with self.vault.reading() as session:
            return str(reference(session).setting("marking"))

    def _file_name(self, one: Reminder, place: str = "") -> str:
        name = "".join(letter if letter.isalnum() or letter in " -" else " " for letter in one.to)
        return f"{self._marking()} training reminder{place} {' '.join(name.split())}.eml"

    def _place(self, one: Reminder) -> Path | None:
        suggested = self._folder() / self._file_name(one)
        path = messages.choose_save(self, "Save the reminder", suggested, "E-mail (*.eml)")
        if path is None:
            return None
        self._machine.put(_FOLDER, str(path.parent))
        return path if path.suffix.lower() == ".eml" else path.with_name(f"{path.name}.eml")

    def _hand_out(self, reminders: Sequence[Reminder], channel: str, leave: Callable[[], object]) -> bool:
        """The log knows before anything leaves."""
        try:
            with self.vault.changing() as session:
                for one in reminders:
                    records_reminders.sent(session, one, channel, now=self.now())
            leave()
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return False
        count = "a training reminder" if len(reminders) == 1 else f"{len(reminders)} training reminders"
        self.step_done.emit(left_the_desk(f"Hand out {count}"))
        return True

    # --- for the page

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        rows: Sequence[tuple[object, ...]] = [
            (one.to, one.subject, len(one.learner_ids), one.text) for one in self._reminders
        ]
        return Listed("Training reminders", ("To", "Subject", "People", "Text"), rows)
