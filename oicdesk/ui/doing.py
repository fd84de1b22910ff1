"""A part of a page that asks, writes in one change, and tells what was done and how it is taken back."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import messages
from oicdesk.ui.form import Field
from oicdesk.ui.undo import Back, Changing, Told, reversible

Deed = Callable[[Any, dict[str, Any]], "str | Told"]


class DoingPart(QWidget):
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
        self, title: str, fields: Sequence[Field], verb: str, deed: Deed, *, values: dict[str, Any] | None = None,
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
