"""Trained beside documented on time, as a part of the Training page's figures; handed over whole by the shell.

The page that shows it never reads a case, and this part never reads a person: it shows finished counts of teams.
"""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtWidgets import QVBoxLayout, QWidget

from oicdesk.measures import records, rules
from oicdesk.measures.rules import SideRow
from oicdesk.settings.rules import end_of_day, spoken_day
from oicdesk.training.rules import fold
from oicdesk.ui import theme
from oicdesk.ui.detail import Section, text
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault

_MOST = 12


class SideBySidePanel(QWidget):
    """Two shares of each team, in the order of their names; teams with too few people or contacts are left out."""

    tables = frozenset({"referral", "referral_event", "document", "document_event", "exemption"})

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.said, self.note = text("", "base", "secondary"), text("")
        self.table = Table(RowsModel(_columns()), "Trained and documented on time, by team")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setAccessibleName("Columns of trained and documented on time")
        section = Section("Trained beside documented on time")
        for widget in (self.said, self.table, self.note):
            section.body.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(section)

    def show_scope(self, day: date, force: str) -> None:
        """Read both counts as at the end of a day, or now on the day itself."""
        with self._vault.reading() as session:
            found = records.side_by_side(session, min(self._now(), end_of_day(day)), force)
        self.said.setText(
            f"People who have completed all modules, and contacts since {spoken_day(found.since)} that were due and"
            " documented on time."
        )
        self.note.setText(found.note)
        numbered = [_Numbered(n, row) for n, row in enumerate(found.rows)]
        self.table.rows.set_source(ListSource(numbered, _KEYS))
        self.table.set_empty(
            "No team is large enough", f"A team is shown from {rules.LEAST} people in scope and {rules.LEAST} contacts"
            " due.",
        )  # fmt: skip
        shown = max(2, min(_MOST, len(numbered)))
        self.table.setFixedHeight((shown + 1) * theme.row_height() + 4)


class _Numbered:
    """A row with the id that tables ask for."""

    def __init__(self, id: int, row: SideRow) -> None:
        self.id, self.row = id, row


def _columns() -> list[Column]:
    return [
        Column("Team", lambda one: one.row.team, sort="Team", width=190),
        Column("Force", lambda one: one.row.force, sort="Force", width=90),
        Column("Trained", lambda one: _of(one.row.trained, one.row.in_scope), width=110, align_right=True),
        Column("Share trained", lambda one: _share(one.row.trained_percent), width=110, align_right=True),
        Column("On time", lambda one: _of(one.row.on_time, one.row.due), width=110, align_right=True),
        Column("Share on time", lambda one: _share(one.row.on_time_percent), width=120, align_right=True),
        Column("", lambda _one: "", width=8),
    ]


# Teams sort by name and force only: the figures make no table of the best and the worst.
_KEYS = {"Team": lambda one: fold(one.row.team), "Force": lambda one: (one.row.force, fold(one.row.team))}


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} %"
