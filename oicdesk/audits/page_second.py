"""The second review of an audit: how far it is, where the two reviewers differ, and the answer that holds."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.audits import records_review
from oicdesk.audits.form import Clock
from oicdesk.audits.form_steps import adjudicate_task
from oicdesk.audits.page_words import ANSWER_PILLS, LineRow, Lines, column_of, plural, row_of, scrolled
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_review import SECOND, AnswerRow, DifferenceRow
from oicdesk.audits.rules_review import ANSWER_WORDS
from oicdesk.errors import Refused
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.parts import Button, Card, Words


def _said(given: AnswerRow | None) -> str:
    if given is None:
        return ""
    more = given.comment or given.reason
    return f"{ANSWER_WORDS[given.answer]}{f': {more}' if more else ''}"


class SecondPart(QWidget):
    """Differences as a table; Enter or the button decides the chosen one."""

    def __init__(self, show_task: Callable[[object], None]) -> None:
        super().__init__()
        self._show_task = show_task
        self._row: AuditRow | None = None
        self._now: Clock | None = None
        self._found: dict[int, DifferenceRow] = {}
        self.standing = text("")
        self.table = Lines(
            "Differences between the reviewers",
            ("Decided", "Case", "Criterion", "First reviewer", "Second reviewer"),
            (150, 124, 260, 190, 190), pill_at=0,
        )  # fmt: skip
        self.decide = Button("Decide…", "primary", "git-compare")
        self.whole = text("", "base", "secondary")
        card = Card()
        card.body.addWidget(Words("Second review", "section"))
        for widget in (self.standing, self.table, self.whole):
            card.body.addWidget(widget)
        card.body.addLayout(row_of(self.decide))
        inner = QWidget()
        column = column_of(inner, gap=theme.GAP)
        column.addWidget(card)
        column.addStretch(1)
        column_of(self).addWidget(scrolled(inner, (0, 0, theme.GRID, 0)))
        self.table.row_opened.connect(self._decide)
        self.table.selection_changed.connect(self._follow)
        self.decide.clicked.connect(lambda: self._decide(self._chosen()))

    def first_focus(self) -> QWidget:
        return self.table if not self.table.isHidden() else self

    def refresh(self, session: Any, row: AuditRow, now: Clock) -> None:
        """Read and show; before both are complete only how far the second review is."""
        self._row, self._now = row, now
        try:
            found = records_review.differences(session, row.id) if row.second_started_at else []
        except Refused:
            found = []
        self._found = dict(enumerate(found, 1))
        self.standing.setText(_standing(session, row, found))
        for widget in (self.table, self.decide, self.whole):
            widget.setVisible(bool(found))
        self.table.set_lines([_line(id, one) for id, one in self._found.items()])
        if found and not self.table.selected_ids():
            waiting = next((id for id, one in self._found.items() if one.adjudicated is None), 1)
            self.table.select_id(waiting)
        self._follow()

    def _chosen(self) -> int:
        ids = self.table.selected_ids()
        return ids[0] if ids else 0

    def _follow(self) -> None:
        one = self._found.get(self._chosen())
        self.decide.setEnabled(one is not None and self._row is not None and self._row.status == "IN_REVIEW")
        self.whole.setText("" if one is None else f"{one.number} {one.text}")

    def _decide(self, id: int) -> None:
        one = self._found.get(id)
        if one is not None and self._row is not None and self._now is not None and self.decide.isEnabled():
            self._show_task(adjudicate_task(self._row, one, self._now))


def _line(id: int, one: DifferenceRow) -> LineRow:
    third = one.adjudicated
    decided = ANSWER_WORDS[third.answer] if third else "Waiting"
    pill = ANSWER_PILLS[third.answer] if third else "due_soon"
    return LineRow(id, (decided, one.item, f"{one.number} {one.text}", _said(one.first), _said(one.second)), pill)


def _standing(session: Any, row: AuditRow, found: list[DifferenceRow]) -> str:
    if row.second_started_at is None:
        if row.without_second:
            return f"There was no second review: {row.without_second}"
        share = f"{row.plan.second_share:.0%} of the cases, at least {row.plan.second_least}"
        return (
            f"The second review has not begun. Another person opens the desk under their own passphrase and answers"
            f" {share}, without seeing the first answers."
        )
    state = records_review.progress(session, row.id, SECOND)
    if not state.is_complete:
        return (
            f"{row.second_by} has answered {state.complete} of {plural(state.cases, 'case')}. The two reviews are"
            " compared once the second is complete; until then neither sees the other."
        )
    if not found:
        return f"{row.second_by} answered {plural(state.cases, 'case')}, and the two never differ."
    waiting = sum(one.adjudicated is None for one in found)
    return (
        f"{row.second_by} answered {plural(state.cases, 'case')}. The two differ {plural(len(found), 'time')};"
        f" {waiting} wait for a decision. All three answers are kept."
    )
