"""Feedback for one reporting officer at a time, praise first; nobody is ranked or counted against another."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from oicdesk.audits.page_words import column_of, row_of
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_results import slips
from oicdesk.audits.rules_results import Slip
from oicdesk.errors import Refused
from oicdesk.ui import clipboard, theme
from oicdesk.ui.detail import text
from oicdesk.ui.parts import Button, Card, Words


def slip_text(slip: Slip) -> str:
    """A slip as the text that is sent or read out."""
    parts = [slip.officer, "", slip.opening, "", "What was done well", *(f"– {line}" for line in slip.praise)]
    if slip.improvements:
        parts += ["", "What would make it better", *(f"– {line}" for line in slip.improvements)]
    return "\n".join([*parts, "", slip.closing])


class SlipsPart(QWidget):
    """Choose a reporting officer, read the slip, copy it; `copied` carries whose slip left the desk."""

    copied = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._slips: dict[str, str] = {}
        self.sentence = text("", "base", "secondary")
        self.officer = QComboBox()
        self.officer.setAccessibleName("Reporting officer")
        self.officer.setMinimumHeight(theme.row_height())
        self.officer.setMinimumWidth(theme.px(260))
        self.slip = QPlainTextEdit()
        self.slip.setReadOnly(True)
        self.slip.setTabChangesFocus(True)
        self.slip.setAccessibleName("Feedback slip")
        self.copy = Button("Copy the slip", "plain", "copy")
        card = Card()
        card.body.addWidget(Words("Feedback to a reporting officer", "section"))
        card.body.addWidget(self.sentence)
        card.body.addLayout(row_of(self.officer, self.copy))
        card.body.addWidget(self.slip, 1)
        column_of(self).addWidget(card)
        self.officer.currentTextChanged.connect(self._show)
        self.copy.clicked.connect(self._copy)

    def first_focus(self) -> QWidget:
        return self.officer if self._slips else self

    def refresh(self, session: Any, row: AuditRow) -> None:
        """Read the slips; before the audit is moderated, why there are none."""
        try:
            found: Sequence[Slip] = slips(session, row.id)
            why = "Each slip is about that officer's own documents only. Read it before you hand it over."
        except Refused as refusal:
            found, why = (), str(refusal)
        self._slips = {slip.officer: slip_text(slip) for slip in found}
        if found == () or not self._slips:
            why = why if found == () else "No reporting officer is recorded for the cases of this audit."
        self.sentence.setText(why)
        chosen = self.officer.currentText()
        self.officer.blockSignals(True)
        self.officer.clear()
        self.officer.addItems(list(self._slips))
        self.officer.setCurrentIndex(max(0, self.officer.findText(chosen)) if self._slips else -1)
        self.officer.blockSignals(False)
        for widget in (self.officer, self.copy, self.slip):
            widget.setVisible(bool(self._slips))
        self._show(self.officer.currentText())

    def _show(self, officer: str) -> None:
        self.slip.setPlainText(self._slips.get(officer, ""))

    def _copy(self) -> None:
        words = self.slip.toPlainText()
        self.copied.emit(self.officer.currentText())
        clipboard.copy(words)
