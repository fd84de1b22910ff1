"""A part of a page that writes: what was done or refused is told in words, with how it is taken back; small forms open
as dialogs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Record
from oicdesk.ui.form import Field
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.ui.undo import Back, Changing, Told, reversible

Deed = Callable[[Any, dict[str, Any]], "str | Told"]


class Deeds(QWidget):
    """`said` carries what was done, `refused` why not, `step_done` a `ui.undo.Step`; `changing` opens a change."""

    said = Signal(str)
    refused = Signal(str)
    step_done = Signal(object)

    def __init__(self, changing: Changing) -> None:
        super().__init__()
        self.changing = changing

    def do(self, deed: Callable[[Any], "str | Told"]) -> bool:
        """Write in one change and say what was done, or why not."""
        try:
            with self.changing() as session:
                told = deed(session)
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return False
        self.tell(told)
        return True

    def ask(
        self, title: str, fields: Sequence[Field], verb: str, deed: Deed, *, values: Mapping[str, Any] | None = None,
        sentence: str = "",
    ) -> bool:  # fmt: skip
        """Ask by a form and write; a refusal stands beside its field and the form stays open."""
        told: list[str | Told] = []

        def check(found: dict[str, Any]) -> None:
            with self.changing() as session:
                told.append(deed(session, found))

        if messages.ask_form(self, title, fields, verb, check=check, values=values, sentence=sentence) is None:
            return False
        self.tell(told[-1])
        return True

    def tell(self, told: "str | Told") -> None:
        """Say what was done; a step that can be taken back goes onto the window's list."""
        if isinstance(told, Told):
            self.step_done.emit(told.step)
            told = told.words
        self.said.emit(told)

    def did(
        self, said: str, words: str, back: Back, again: Callable[[Any], "str | Told | None"] | None = None
    ) -> Told:  # fmt: skip
        """What a deed answers when it can be taken back; `words` name the step, the rest is as `ui.undo.reversible`."""
        return Told(said, reversible(words, self.changing, back, again))


class Beside(Deeds):
    """A table and the detail of its chosen row, beside it or in large text below; at first the first row is chosen."""

    def __init__(
        self, changing: Changing, name: str, columns: Sequence[Column], *,
        shares: int = 3,
    ) -> None:  # fmt: skip
        super().__init__(changing)
        self.model = RowsModel(columns, self)
        self.table = Table(self.model, name)
        self.table.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.detail = Record(f"Detail of {name.lower()}")
        self.top = QHBoxLayout()
        self.top.setSpacing(theme.GRID)
        large = theme.is_large()  # then the detail stands below: beside the table neither could be read
        both = QBoxLayout(QBoxLayout.Direction.TopToBottom if large else QBoxLayout.Direction.LeftToRight)
        both.setSpacing(theme.GRID if large else theme.GAP)
        both.addWidget(self.table, 2 if large else shares)
        both.addWidget(self.detail, 3 if large else 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(self.top)
        column.addLayout(both, 1)
        self.table.selection_changed.connect(self.show_chosen)
        self.table.row_opened.connect(lambda _id: self.detail.first_focus().setFocus())

    def read_again(self) -> None:
        """List the rows as they are now, keeping the chosen one."""
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
