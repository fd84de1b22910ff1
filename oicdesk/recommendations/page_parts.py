"""What the parts of the Recommendations page share: doors for writing, a table beside its detail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.recommendations import rules
from oicdesk.recommendations.rules import Standing
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Action, Actions, Facts, Section, empty, text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Card, Pill, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
Deed = Callable[[Any, dict[str, Any]], str]

FORCES = [(force, force) for force in rules.SCOPES]
_PILLS = {rules.MET: "good", rules.NOT_MET: "problem", rules.PENDING: "warning"}


def pill_of(standing: Standing) -> str:
    """The shape of a standing; before the deadline only what is met has one of its own."""
    return _PILLS[standing.word] if standing.has_passed or standing.word == rules.MET else "neutral"


class Detail(QScrollArea):
    """The chosen record: heading, pill, what can be done, facts and sections; scrolls where it is long."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.heading = Words("", "section")
        self.heading.setWordWrap(True)
        self.pill = Pill()
        self.words = text("")
        self.deeds = Actions()
        self.facts = Facts()
        self._sections: dict[str, Section] = {}
        card = Card()
        for widget in (self.heading, self.words, self.deeds, self.facts):
            card.body.addWidget(widget)
        card.body.insertWidget(1, self.pill, 0, Qt.AlignmentFlag.AlignLeft)
        card.body.setSpacing(theme.GRID + 4)
        self._body = QVBoxLayout()
        self._body.setSpacing(theme.GAP)
        card.body.addLayout(self._body)
        card.body.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.setWidget(card)
        self.viewport().setAutoFillBackground(False)

    def show_record(
        self,
        heading: str,
        pill: tuple[str, str],
        words: str,
        actions: Sequence[Action],
        facts: Sequence[tuple[str, str]] = (),
        sections: Sequence[tuple[str, Sequence[tuple[str, str]], str]] = (),
    ) -> None:
        """Show this; `sections` are (title, lines, what to say of none)."""
        self.heading.setText(heading)
        self.pill.show_state(*pill)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.deeds.show_actions(actions)
        self.facts.show_facts(facts)
        empty(self._body)
        for title, lines, nothing in sections:
            section = Section(title)
            section.show_lines(lines, nothing)
            self._body.addWidget(section)

    def first_focus(self) -> QWidget:
        return self.deeds.first_focus()


class View(QWidget):
    """One part of the page: a table and the detail of its chosen row. `said` carries what was done."""

    said = Signal(str)
    refused = Signal(str)

    def __init__(self, vault: Vault, now: Clock, name: str, columns: Sequence[Column], *, shares: int = 3) -> None:
        super().__init__()
        self.vault, self.now, self.force = vault, now, rules.JOINT
        self.model = RowsModel(columns, self)
        self.table = Table(self.model, name)
        self.table.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.detail = Detail(f"Detail of {name.lower()}")
        self.top = QHBoxLayout()
        self.top.setSpacing(theme.GRID)
        both = QHBoxLayout()
        both.setSpacing(theme.GAP)
        both.addWidget(self.table, shares)
        both.addWidget(self.detail, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(self.top)
        column.addLayout(both, 1)
        self.table.selection_changed.connect(self.show_chosen)
        self.table.row_opened.connect(lambda _id: self.detail.first_focus().setFocus())

    def refresh(self, force: str) -> None:
        """Read again for this scope."""
        self.force = force
        self.model.set_source(ListSource(self.rows()))
        if self.table.current_id() is None and self.model.rowCount():
            row = self.model.row(0)
            assert row is not None
            self.table.select_id(row.id)
        self.show_chosen()

    def rows(self) -> Sequence[Any]:
        """What the table lists now."""
        raise NotImplementedError

    def show_row(self, row: Any) -> None:
        """Show the detail of one row."""
        raise NotImplementedError

    def show_chosen(self) -> None:
        # By the current line: while the table reads again its selection is empty for a moment.
        line = self.table.currentIndex()
        row = self.model.row(line.row()) if line.isValid() else None
        self.detail.setVisible(row is not None)
        if row is not None:
            self.show_row(row)

    def first_focus(self) -> QWidget:
        return self.table

    def do(self, deed: Callable[[Any], str]) -> None:
        """Write in one change and say what was done, or why not."""
        try:
            with self.vault.changing() as session:
                told = deed(session)
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return
        self.said.emit(told)

    def ask(
        self, title: str, fields: Sequence[Field], verb: str, deed: Deed, *, values: dict[str, Any] | None = None,
        sentence: str = "",
    ) -> None:  # fmt: skip
        """Ask by a form and write; a refusal stands beside its field and the form stays open."""
        told: list[str] = []

        def check(found: dict[str, Any]) -> None:
            with self.vault.changing() as session:
                told.append(deed(session, found))

        if messages.ask_form(self, title, fields, verb, check=check, values=values, sentence=sentence) is not None:
            self.said.emit(told[-1])
