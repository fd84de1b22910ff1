"""What an audit found, and what is done about it by whom and when."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from oicdesk.audits import records_findings, records_review, rules
from oicdesk.audits.form import Clock, today_of
from oicdesk.audits.form_steps import STEP_WORDS, action_task, finding_task, postpone_task, step_task
from oicdesk.audits.page_state import why_no_findings
from oicdesk.audits.page_words import ACTION_PILLS, column_of, row_of, scrolled
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_checklists import CriterionRow, checklist
from oicdesk.audits.records_findings import FINDING, ActionRow, FindingRow
from oicdesk.audits.rules_review import is_same_person
from oicdesk.errors import Refused
from oicdesk.settings.rules import spoken_day
from oicdesk.ui import theme
from oicdesk.ui.detail import Line, empty, text
from oicdesk.ui.parts import Button, Card, Pill, Words

_TO = (rules.IN_PROGRESS, rules.DONE, rules.VERIFIED, rules.OPEN)
_SEVERITY_PILLS = {rules.CRITICAL: "overdue", rules.HIGH: "problem", rules.MEDIUM: "warning", rules.LOW: "info"}


def _blind(session: Any, row: AuditRow) -> str:
    """Why findings are kept from this user now: they would tell the second reviewer of first answers."""
    try:
        records_review.check_blind(session, row.id)
    except Refused:
        return "The second review is blind: findings are shown once you have answered every case."
    return ""


class FindingsPart(QWidget):
    """Findings by severity with their actions under them; good practice last."""

    def __init__(self, show_task: Callable[[object], None]) -> None:
        super().__init__()
        self._show_task = show_task
        self._user = ""
        self.why = text("", "base", "secondary")
        self.add = Button("Record a finding…", "primary", "plus")
        inner = QWidget()
        column = column_of(inner, gap=theme.GAP)
        column.addLayout(row_of(self.add))
        column.addWidget(self.why)
        self._cards: QVBoxLayout = column_of(gap=theme.GAP)
        column.addLayout(self._cards)
        column.addStretch(1)
        column_of(self).addWidget(scrolled(inner, (0, 0, theme.GRID, 0)))
        self._start: Callable[[], object] = lambda: None
        self.add.clicked.connect(lambda: self._start())

    def first_focus(self) -> QWidget:
        return self.add

    def refresh(self, session: Any, row: AuditRow, now: Clock) -> None:
        """Read and show them."""
        blind = _blind(session, row)
        found = [] if blind else records_findings.findings(session, row.id, today=today_of(now))
        criteria = checklist(session, row.checklist_id).criteria
        self._user = session.info["user"].name
        why = blind or why_no_findings(row)
        self.add.setEnabled(not why)
        self.why.setText(why or ("" if found else "Nothing is recorded yet. Good practice is worth a line too."))
        self.why.setVisible(bool(self.why.text()))
        self._start = lambda: self._show_task(finding_task(row, criteria, now))
        empty(self._cards)
        for one in found:
            self._cards.addWidget(self._card(one, row, criteria, now, can_edit=not why))

    def _card(
        self, one: FindingRow, row: AuditRow, criteria: Sequence[CriterionRow], now: Clock, *, can_edit: bool
    ) -> Card:  # fmt: skip
        card = Card()
        word = one.severity or "Good practice"
        head = row_of(Words(f"{one.number}  {one.title}", "section"), Pill(_SEVERITY_PILLS.get(word, "good"), word))
        if can_edit:
            edit = Button("Edit…", "quiet", "pencil")
            edit.setAccessibleName(f"Edit finding {one.number}")
            edit.clicked.connect(lambda: self._show_task(finding_task(row, criteria, now, one)))
            head.addWidget(edit)
        card.body.addLayout(head)
        told = [f"Criterion {one.criterion}." if one.criterion else "", one.detail,
                f"Root cause: {one.root_cause}" if one.root_cause else ""]  # fmt: skip
        if any(told):
            card.body.addWidget(text(" ".join(filter(None, told))))
        for action in one.actions:
            card.body.addWidget(Line())
            card.body.addWidget(self._action(action, now))
        if one.kind == FINDING and row.status not in (rules.DRAFT, rules.SUPERSEDED):
            agree = Button("Agree an action…", "plain", "plus")
            agree.setAccessibleName(f"Agree an action on finding {one.number}")
            agree.clicked.connect(lambda: self._show_task(action_task(row, one, now)))
            card.body.addWidget(agree, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _action(self, action: ActionRow, now: Clock) -> QWidget:
        box = QWidget()
        column = column_of(box, gap=4)
        pill = Pill(
            "overdue" if action.is_overdue else ACTION_PILLS[action.status],
            "Overdue" if action.is_overdue else rules.ACTION_WORDS[action.status],
        )
        column.addLayout(row_of(pill, Words(f"{action.owner}, due {spoken_day(action.due_on)}", "base", "secondary")))
        column.addWidget(text(action.text))
        told = [f"Done by {action.done_by}." if action.done_by else "",
                f"Verified by {action.verified_by}." if action.verified_by else "",
                f"Evidence: {action.evidence}" if action.evidence else ""]  # fmt: skip
        if any(told):
            column.addWidget(text(" ".join(filter(None, told)), "small", "secondary"))
        why = self._why_not_verify(action)
        buttons = [self._step(action, to, now, why if to == rules.VERIFIED else "") for to in _TO
                   if to in rules.ACTION_ALLOWED[action.status]]  # fmt: skip
        if action.status in (rules.OPEN, rules.IN_PROGRESS):
            later = Button("Another day…", "quiet", "calendar")
            later.clicked.connect(lambda: self._show_task(postpone_task(action, now)))
            buttons.append(later)
        if buttons:
            column.addLayout(row_of(*buttons))
        if why:
            column.addWidget(text(why, "small", "secondary"))
        return box

    def _why_not_verify(self, action: ActionRow) -> str:
        if action.status != rules.DONE:
            return ""
        if any(is_same_person(self._user, name) for name in (action.owner, action.done_by or "")):
            return "Whoever owns or finished an action cannot verify it; ask somebody else."
        return ""

    def _step(self, action: ActionRow, to: str, now: Clock, why: str) -> Button:
        button = Button(STEP_WORDS[to], "plain")
        button.setEnabled(not why)
        button.setToolTip(why)
        button.clicked.connect(lambda: self._show_task(step_task(action, to, now)))
        return button
