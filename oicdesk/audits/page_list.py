"""The first view of the Audits page: overdue actions on top, then every audit of the scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from oicdesk.audits import records, records_review, rules
from oicdesk.audits.page_words import ACTION_PILLS, STATUS_PILLS, period, plural, row_of
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_findings import ActionRow
from oicdesk.settings.rules import short_day
from oicdesk.ui import theme
from oicdesk.ui.parts import Button, Card, Notice, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table

JOINT = "Joint"


@dataclass(frozen=True)
class ListedAudit:
    """An audit with its progress in words."""

    row: AuditRow
    progress: str

    @property
    def id(self) -> int:
        return self.row.id


def _due(action: ActionRow) -> str:
    return f"{'Overdue since' if action.is_overdue else 'Due'} {short_day(action.due_on)}"


AUDIT_COLUMNS = (
    Column("State", lambda one: rules.STATUS_WORDS[one.row.status], "status", width=146,
           spoken=lambda one: rules.STATUS_WORDS[one.row.status], icon=lambda one: STATUS_PILLS[one.row.status]),
    Column("Title", lambda one: one.row.plan.title, "title", width=240, spoken=lambda one: one.row.plan.title),
    Column("Kind", lambda one: rules.KIND_WORDS[one.row.plan.kind], "kind", width=160,
           spoken=lambda one: rules.KIND_WORDS[one.row.plan.kind]),
    Column("Period", lambda one: period(one.row), "period", width=190),
    Column("Force", lambda one: one.row.plan.force, "force", width=76),
    Column("Progress", lambda one: one.progress, width=170),
)  # fmt: skip
_SORTS = {
    "status": lambda one: rules.STATUSES.index(one.row.status),
    "title": lambda one: one.row.plan.title.casefold(),
    "kind": lambda one: one.row.plan.kind,
    "period": lambda one: (one.row.plan.period_to, one.id),
    "force": lambda one: one.row.plan.force,
}
ACTION_COLUMNS = (
    Column("State", lambda one: "Overdue" if one.is_overdue else rules.ACTION_WORDS[one.status], width=124,
           spoken=lambda one: "Overdue" if one.is_overdue else rules.ACTION_WORDS[one.status],
           icon=lambda one: "overdue" if one.is_overdue else ACTION_PILLS[one.status]),
    Column("Due", _due, width=196, spoken=_due),
    Column("Action", lambda one: one.text, width=294, spoken=lambda one: one.text),
    Column("Owner", lambda one: one.owner, width=130),
    Column("Severity", lambda one: one.severity or "", width=84),
    Column("Audit", lambda one: one.audit, width=140),
)  # fmt: skip


def concerns(force: str, scope: str) -> bool:
    """Whether an audit of `force` is seen in `scope`: a joint audit concerns both forces."""
    return scope == JOINT or force in (scope, JOINT)


def read_audits(session: Any, scope: str) -> list[ListedAudit]:
    """The audits that concern the scope, the newest first."""
    rows = [row for row in records.audits(session) if concerns(row.plan.force, scope)]
    return [ListedAudit(row, _progress(session, row)) for row in rows]


def _progress(session: Any, row: AuditRow) -> str:
    if not row.is_frozen:
        return "Sample not drawn yet"
    if row.status not in (rules.SAMPLE_FROZEN, rules.IN_REVIEW):
        return f"{plural(row.sample_size or 0, 'case')} answered"
    state = records_review.progress(session, row.id)
    words = f"{state.complete} of {state.cases} answered"
    if row.second_started_at is not None:
        second = records_review.progress(session, row.id, records_review.SECOND)
        words = f"second review {second.complete} of {second.cases}"
    return words


class AuditList(QWidget):
    """Actions and audits; `audit_opened` and `action_opened` carry ids."""

    audit_opened = Signal(int)
    action_opened = Signal(int, int)  # audit, action

    def __init__(self) -> None:
        super().__init__()
        self.told = Notice("good")
        self.plan_button = Button("Plan an audit…", "primary", "plus")
        self.plan_button.setToolTip("Ctrl+N")
        self.unfinished = Button("", "quiet", "pencil")
        self.checklists_button = Button("Checklists…", "plain", "clipboard-check")
        self.unfinished.hide()
        self.actions_title = Words("", "section")
        self.actions_model = RowsModel(ACTION_COLUMNS, self)
        self.actions_table = _table(self.actions_model, "Open actions")
        self.model = RowsModel(AUDIT_COLUMNS, self)
        self.table = _table(self.model, "Audits")
        self.actions_card = Card()
        self._actions: dict[int, ActionRow] = {}
        self._lay_out()
        self.table.row_opened.connect(self.audit_opened)
        self.actions_table.row_opened.connect(lambda id: self.action_opened.emit(self._actions[id].audit_id, id))

    def _lay_out(self) -> None:
        head = row_of(Words("Audits", "title"))
        head.addWidget(self.unfinished)
        head.addWidget(self.checklists_button)
        head.addWidget(self.plan_button)
        self.actions_card.body.addWidget(self.actions_title)
        self.actions_card.body.addWidget(self.actions_table)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addLayout(head)
        column.addWidget(self.told)
        column.addWidget(self.actions_card)
        card = Card()
        card.body.addWidget(Words("All audits", "section"))
        card.body.addWidget(self.table, 1)
        column.addWidget(card, 1)

    def show_rows(self, audits: Sequence[ListedAudit], actions: Sequence[ActionRow], today: date) -> None:
        """Show these; overdue actions come first already."""
        self._actions = {action.id: action for action in actions}
        overdue = sum(action.is_overdue for action in actions)
        self.actions_title.setText(
            f"{plural(overdue, 'overdue action')}, {len(actions) - overdue} more open"
            if overdue
            else plural(len(actions), "open action") + ", none overdue"
        )
        self.actions_card.setVisible(bool(actions))
        self.actions_model.set_source(ListSource(actions))
        self.actions_table.setFixedHeight((min(5, max(1, len(actions))) + 1) * theme.row_height() + 2 * theme.GRID)
        self.model.set_source(ListSource(audits, _SORTS))
        self.table.set_empty(
            "No audit yet",
            "An audit fixes its sample before anybody looks at a case, so that an inspector can draw it again.",
            "Plan an audit…", self.plan_button.click,
        )  # fmt: skip

    def first_focus(self) -> QWidget:
        return self.actions_table if self._actions and not self.actions_card.isHidden() else self.table


def _table(model: RowsModel, name: str) -> Table:
    table = Table(model, name)
    table.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    return table
