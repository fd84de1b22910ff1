"""The reference tables and the bank holidays: what is offered, since when, and what used to be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.settings import records, rules
from oicdesk.settings.form import Clock, Section, row_of
from oicdesk.settings.records import BANK_HOLIDAY, Reference, ValueRow
from oicdesk.ui import messages, theme
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault


@dataclass(frozen=True)
class ShownRow:
    """One version of a value as a line of the table."""

    id: int
    code: str
    label: str
    note: str
    valid_from: date
    valid_to: date | None
    position: int


def _from(row: ShownRow) -> str:
    return rules.short_day(row.valid_from)


def _to(row: ShownRow) -> str:
    return rules.short_day(row.valid_to) if row.valid_to else ""


def _spoken_to(row: ShownRow) -> str:
    return f"until {_to(row)}" if row.valid_to else "still offered"


_VALUE_COLUMNS = (
    Column("Label", lambda row: row.label, "label", width=260),
    Column("Code", lambda row: row.code, "code", lambda row: f"code {row.code}", width=140),
    Column("From", _from, "valid_from", lambda row: f"from {_from(row)}", width=104),
    Column("Until", _to, "valid_to", _spoken_to, width=104),
    Column("Note", lambda row: row.note, width=200),
)
_HOLIDAY_COLUMNS = (
    Column("Day", lambda row: rules.spoken_day(date.fromisoformat(row.code)), "code", width=170),
    Column("Title", lambda row: row.label, "label", width=240),
    Column("For", lambda row: row.note, width=104),
    Column("In the table from", _from, "valid_from", lambda row: f"from {_from(row)}", width=140),
    Column("Until", _to, "valid_to", _spoken_to, width=104),
)
_SORTS: dict[str, Callable[[Any], Any]] = {
    "label": lambda row: row.label.casefold(),
    "code": lambda row: row.code,
    "valid_from": lambda row: row.valid_from,
    "valid_to": lambda row: row.valid_to or date.max,
}


class _Values(Section):
    """A table of dated values with the buttons that change it."""

    def __init__(
        self, vault: Vault, now: Clock, title: str, sentence: str, columns: Sequence[Column], verbs: Sequence[str]
    ) -> None:
        super().__init__(title, sentence, wide=True)
        self._vault, self._now = vault, now
        self.reference: Reference | None = None
        self.model = RowsModel(columns, self)
        self.table = Table(self.model, title)
        self.table.setMinimumHeight(theme.px(320))
        self.ended = QCheckBox("Show values that have ended")
        self.add, self.relabel, self.retire = (
            Button(verb, "plain", icon) for verb, icon in zip(verbs, ("plus", "pencil", "archive"), strict=True)
        )
        self.head = QVBoxLayout()
        self.head.setSpacing(theme.GRID)
        self.column.addLayout(self.head)
        self.column.addLayout(row_of(self.add, self.relabel, self.retire, self.ended))
        self.column.addWidget(self.table, 1)
        self.ended.toggled.connect(lambda _on: self._show())
        self.table.selection_changed.connect(self._show_verbs)
        self.table.row_opened.connect(lambda _id: self._relabel())
        self.add.clicked.connect(self._add)
        self.relabel.clicked.connect(self._relabel)
        self.retire.clicked.connect(self._retire)

    @property
    def kind(self) -> str:
        raise NotImplementedError

    def refresh(self, reference: Reference) -> None:
        self.reference = reference
        self._show()

    def first_focus(self) -> QWidget:
        return self.table

    def _rows(self) -> Sequence[ValueRow]:
        if self.reference is None:
            return ()
        history = self.reference.history(self.kind)
        return history if self.ended.isChecked() else [row for row in history if row.is_current]

    def _show(self) -> None:
        self.model.set_source(ListSource([self._shown(row) for row in self._rows()], _SORTS))
        self._show_verbs()

    def _shown(self, row: ValueRow) -> ShownRow:
        note = str(row.extra.get("note", ""))
        return ShownRow(row.id, row.code, row.label, note, row.valid_from, row.valid_to, row.position)

    def _selected(self) -> ValueRow | None:
        """The one selected value that has not ended."""
        ids = self.table.selected_ids()
        rows = [row for row in self._rows() if row.id in ids and row.is_current]
        return rows[0] if len(ids) == 1 and rows else None

    def _show_verbs(self) -> None:
        row = self._selected()
        fixed = records.kinds()[self.kind].fixed
        self.add.setEnabled(not fixed)
        self.relabel.setEnabled(row is not None)
        self.retire.setEnabled(row is not None and not fixed)

    def _change(self, work: Callable[..., Any], sentence: str) -> None:
        """Do the work in one transaction and say so, or say why not."""
        try:
            with self._vault.changing() as session:
                work(session)
        except (Refused, VaultError) as error:
            self.warn(error)
            return
        with self._vault.reading() as session:
            self.refresh(records.reference(session))
        self.tell(sentence)

    def _today(self) -> date:
        return rules.london_day(self._now())

    def _add(self) -> None:
        raise NotImplementedError

    def _relabel(self) -> None:
        row = self._selected()
        if row is None or not self.relabel.isEnabled():
            return

        def check(values: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                records.relabel(session, row.id, values["label"] or "", on=self._today())

        field = Field("label", "Label", "text", required=True, help="Records of earlier days keep the old label.")
        values = messages.ask_form(
            self, f"Change “{row.label}”", [field], "Change label", check=check, values={"label": row.label}
        )
        if values is not None:
            self._after(
                f"“{row.label}” now reads “{values['label'].strip()}”; records of earlier days keep the old label."
            )

    def _after(self, sentence: str) -> None:
        with self._vault.reading() as session:
            self.refresh(records.reference(session))
        self.tell(sentence)

    def _retire(self) -> None:
        row = self._selected()
        if row is None:
            return
        sentence = self._retire_sentence(row)
        if messages.confirm(self, self.retire.text().rstrip("…"), sentence, self._retire_verb()):
            self._change(lambda session: records.retire(session, row.id, on=self._today()), f"“{row.label}” has ended.")

    def _retire_verb(self) -> str:
        return "Retire value"

    def _retire_sentence(self, row: ValueRow) -> str:
        return f"“{row.label}” will no longer be offered; records that hold it keep it."


class TablesSection(_Values):
    """Every reference table but the bank holidays, one at a time."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(
            vault, now, "Reference tables",
            "The words that forms, imports and reports offer. Nothing is overwritten: a record keeps the words of its "
            "day.",
            _VALUE_COLUMNS, ("Add value…", "Change label…", "Retire value…"),
        )  # fmt: skip
        self.choice = QComboBox()
        self.choice.setAccessibleName("Reference table")
        for kind in records.kinds().values():
            if kind.name != BANK_HOLIDAY:
                self.choice.addItem(kind.title, kind.name)
        self.because = Words("", "small", "secondary")
        self.because.setWordWrap(True)
        label = Words("Table")
        label.setBuddy(self.choice)
        self.head.addLayout(row_of(label, self.choice))
        self.head.addWidget(self.because)
        self.choice.currentIndexChanged.connect(lambda _index: self._turn())
        self._say_because()

    @property
    def kind(self) -> str:
        return str(self.choice.currentData())

    def first_focus(self) -> QWidget:
        return self.choice

    def _turn(self) -> None:
        self.done.say("")
        self.problem.say("")
        self._say_because()
        self._show()

    def _say_because(self) -> None:
        kind = records.kinds()[self.kind]
        fixed = " Rules know each value, so only labels can change." if kind.fixed else ""
        self.because.setText(f"It starts as it does because {kind.because}{fixed}")

    def _target(self) -> str | None:
        """The table that the words of this one stand for, when it holds import words."""
        return records.target_of(self.kind)

    def _shown(self, row: ValueRow) -> ShownRow:
        target = self._target()
        if target is None or self.reference is None:
            return super()._shown(row)
        code = str(row.extra["for"])
        note = f"stands for “{self.reference.label(target, code)}”"
        return ShownRow(row.id, code, row.label, note, row.valid_from, row.valid_to, row.position)

    def _show_verbs(self) -> None:
        super()._show_verbs()
        if self._target() is not None:
            self.relabel.setEnabled(False)

    def _add(self) -> None:
        target = self._target()
        fields = [Field("label", "Label" if target is None else "Word in the file", "text", required=True)]
        if target is not None and self.reference is not None:
            fields.append(Field("for", "Stands for", "choice", choices=self.reference.choices(target), required=True))

        def check(values: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                label = values["label"] or ""
                if target is None:
                    records.add_value(session, self.kind, label, on=self._today())
                else:
                    records.add_synonym(session, target, label, values["for"] or "", on=self._today())

        title = records.kinds()[self.kind].title
        values = messages.ask_form(self, f"Add to {title}", fields, "Add value", check=check)
        if values is not None:
            self._after(f"“{values['label'].strip()}” was added to {title}.")


class HolidaysSection(_Values):
    """The bank holidays of England and Wales; working days are counted by them."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(
            vault, now, "Bank holidays",
            "Working days are Monday to Friday without these days (England and Wales). The official list reaches a "
            "year or two ahead, so add each new year when it is published. Due times already set stay as they are.",
            _HOLIDAY_COLUMNS, ("Add bank holiday…", "Change title…", "Remove bank holiday…"),
        )  # fmt: skip
        self.ended.setText("Show days that were removed")
        self.beyond = Notice("warning")
        self.head.addWidget(self.beyond)
        self.table.sort_by("code")

    @property
    def kind(self) -> str:
        return BANK_HOLIDAY

    def refresh(self, reference: Reference) -> None:
        super().refresh(reference)
        soon = rules.add_months(self._today(), 3)
        self.beyond.say(rules.beyond_holiday_table(soon, reference.holidays) or "")

    def _shown(self, row: ValueRow) -> ShownRow:
        force = str(row.extra.get("force") or "Both forces")
        return ShownRow(row.id, row.code, row.label, force, row.valid_from, row.valid_to, row.position)

    def _retire_verb(self) -> str:
        return "Remove day"

    def _retire_sentence(self, row: ValueRow) -> str:
        day = rules.spoken_day(date.fromisoformat(row.code))
        return f"{day} will count as a working day from now on; due times already set stay as they are."

    def _add(self) -> None:
        fields = [
            Field("day", "Day", "date", required=True),
            Field("title", "Title", "text", required=True, placeholder="Good Friday"),
            Field("force", "For", "choice", (("Suffolk", "Suffolk only"), ("Norfolk", "Norfolk only")),
                  help="Empty: both forces. A day of one force counts in the clocks of its own cases only."),
        ]  # fmt: skip

        def check(values: dict[str, Any]) -> None:
            if values["day"] is None:
                raise Refused("A bank holiday needs its day; choose one.", field="day")
            with self._vault.changing() as session:
                records.add_holiday(
                    session, values["day"], values["title"] or "", on=self._today(), force=values["force"]
                )

        values = messages.ask_form(self, "Add a bank holiday", fields, "Add day", check=check)
        if values is not None:
            whose = f" for {values['force']}" if values["force"] else ""
            self._after(f"{rules.spoken_day(values['day'])} is a bank holiday{whose} now.")
