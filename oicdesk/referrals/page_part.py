"""What the parts of a tool share: a table, buttons that fit the rows chosen, and doors for forms."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.referrals.form import Clock
from oicdesk.ui import theme
from oicdesk.ui.deeds import Deeds
from oicdesk.ui.detail import Flow, scrolled
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.ui.undo import Told
from oicdesk.vault.vault import Vault

REFERRAL: Final = "referral"


class Part(Deeds):
    """One part of a tool; `open_case` carries a referral's id."""

    open_case = Signal(int)

    def __init__(
        self, vault: Vault, now: Clock, name: str, columns: Sequence[Column],
        keys: dict[str, Callable[[Any], Any]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(vault.changing)
        self.vault, self.now, self._keys = vault, now, keys or {}
        self.force: str | None = None
        self.rows: Sequence[Any] = ()
        self.table = Table(RowsModel(columns), name)
        self.table.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.table.setMinimumHeight(theme.row_height() * 4)
        self.table.selection_changed.connect(self.show_chosen)

    def lay_out(self, *above: QWidget | QLayout, below: Sequence[QWidget] = (), buttons: Sequence[Button]) -> None:
        """The table between these, its buttons under it."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        for part in above:
            column.addWidget(part) if isinstance(part, QWidget) else column.addLayout(part)
        column.addWidget(self.table, 1)
        for widget in below:
            column.addWidget(widget)
        column.addLayout(line_of(*buttons))

    def refresh(self) -> None:
        """Read again."""
        raise NotImplementedError

    def show_chosen(self) -> None:
        """Let the buttons fit what is chosen."""

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show these; what was chosen stays chosen where it is still there."""
        self.rows = rows
        self.table.rows.set_source(ListSource(rows, self._keys))
        if rows and not self.table.selected_ids():
            self.table.selectRow(0)
        self.show_chosen()

    @property
    def chosen(self) -> list[Any]:
        """The rows chosen, from top to bottom."""
        ids = self.table.selected_ids()
        found = {row.id: row for row in self.rows}
        return [found[one] for one in ids if one in found]

    def first_focus(self) -> QWidget:
        return self.table

    def each(self, rows: Sequence[Any], deed: Callable[[Any, Any], object], did: str) -> list[str]:
        """Do it to each row in a change of its own; tell what was changed, what was skipped, and why.

        Answers with the references of what was changed.
        """
        changed, skipped = [], []
        for row in rows:
            try:
                with self.vault.changing() as session:
                    deed(session, row)
            except (Refused, VaultError) as error:
                skipped.append(f"{row.reference}: {error}")
            else:
                changed.append(row.reference)
        more = f" and {len(changed) - 10} more" if changed[10:] else ""
        said = f"{did}: {', '.join(changed[:10])}{more}." if changed else "Nothing was changed."
        if skipped:
            self.refused.emit(f"{said} Skipped {len(skipped)}: {' '.join(skipped)}")
            self.refresh()
        else:
            self.tell(said)
        return changed

    def tell(self, told: str | Told) -> None:
        """Say what was done and read again."""
        super().tell(told)
        self.refresh()


class PartsPage(Page):
    """A tool whose parts stand behind words at its head; what a part says or refuses stands above it."""

    def __init__(self, parts: Sequence[Part], segments: Segments, *beside_title: QWidget) -> None:
        super().__init__()
        self.parts, self.segments = tuple(parts), segments
        self.said, self.problem = Notice("good"), Notice("problem")
        self.stack = QStackedWidget()
        head = QHBoxLayout()
        head.addWidget(Words(self.title, "section"), 1)
        for widget in beside_title:
            head.addWidget(widget)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        column.addLayout(head)
        for above in (segments, self.said, self.problem):
            column.addWidget(above)
        column.addWidget(self.stack, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(inner))  # large text in a small window
        for part in self.parts:
            self.stack.addWidget(part)
            part.said.connect(self.say)
            part.refused.connect(self.refuse)
            part.step_done.connect(self.step_done)
            part.open_case.connect(lambda case: self.open_requested.emit(REFERRAL, case))
        segments.chosen.connect(lambda _word: self.turn())

    @property
    def part(self) -> Part:
        """The part that is shown."""
        return self.parts[self.segments.place()]

    def show_part(self, part: Part) -> None:
        """Bring a part to the front."""
        if self.part is not part:
            self.segments.choose(self.segments.words()[self.parts.index(part)])

    def turn(self) -> None:
        """Another part was chosen: show it."""
        self.stack.setCurrentWidget(self.part)

    def in_part(self, part: Part, slot: Callable[[], object]) -> Callable[[], None]:
        """The deed of one part; it comes to the front first, so that what is done is seen."""

        def do() -> None:
            self.show_part(part)
            slot()

        return do

    def next_part(self) -> None:
        """The part after the one shown, with the focus in it."""
        self.show_part(self.parts[(self.segments.place() + 1) % len(self.parts)])
        self.first_focus().setFocus()

    def refresh(self) -> None:
        for part in self.parts:
            part.force = None if self.force == "Joint" else self.force
            part.refresh()

    def first_focus(self) -> QWidget:
        return self.part.first_focus()

    def panes(self) -> list[QWidget]:
        return [self.segments.current(), self.part.first_focus()]

    def say(self, sentence: str) -> None:
        """What was done."""
        self.problem.say("")
        self.said.say(sentence)

    def refuse(self, sentence: str) -> None:
        """Why it was not."""
        self.said.say("")
        self.problem.say(sentence)


def line_of(*widgets: QWidget) -> QLayout:
    """Beside each other; large text takes as many lines as it needs."""
    line: QLayout = Flow() if theme.is_large() else QHBoxLayout()
    line.setSpacing(theme.GRID)
    for widget in widgets:
        line.addWidget(widget)
    if isinstance(line, QHBoxLayout):
        line.addStretch(1)
    return line


class Telling(suppress):
    """Says what was refused or failed instead of raising it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(Refused, VaultError)
        self._tell = tell

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        if isinstance(error, Refused | VaultError):
            self._tell(str(error))
        return super().__exit__(kind, error, trace)
