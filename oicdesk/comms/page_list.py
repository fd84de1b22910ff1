"""The list of communications: every item with its status and what followed, filtered and sorted; and the teams."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from oicdesk.comms import rules
from oicdesk.comms.page_parts import PILLS, Board, Clock, View, counted, drop_down
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules import ItemFacts
from oicdesk.comms.rules_effect import TeamRow
from oicdesk.reports.page_view import Listed
from oicdesk.settings.rules import short_day
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.vault import Vault

_STATUSES: Final = (("", "Every status"), *rules.STATUS_WORDS.items())


class ItemsView(View):
    """Every item that reaches the force; filters stay until they are changed."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._board: Board | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText("Find in title, audience, message, owner")
        self.words.setAccessibleName("Find in title, audience, message, owner")
        self.words.setMinimumHeight(theme.row_height())
        self.words.setClearButtonEnabled(True)
        self.status = drop_down("Status", _STATUSES)
        self.campaign = drop_down("Campaign", (("", "Every campaign"),))
        self.campaign.setMaximumWidth(theme.px(190))
        self.words.setMinimumWidth(theme.px(150))
        self.count = Words("", "base", "secondary")
        self.model = RowsModel(self._columns(), self)
        self.table = Table(self.model, "Communications")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setAccessibleName("Columns of communications")
        top = QHBoxLayout()
        top.setSpacing(theme.GRID)
        for widget, share in ((self.words, 1), (self.status, 0), (self.campaign, 0), (self.count, 0)):
            top.addWidget(widget, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        self.words.textChanged.connect(self._show)
        self.words.returnPressed.connect(self.table.setFocus)
        self.status.activated.connect(self._show)
        self.campaign.activated.connect(self._show)
        self.table.selection_changed.connect(self._chosen)
        self.table.row_opened.connect(lambda item: self.wanted.emit("open", item))

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("Day", lambda row: short_day(row.day) if row.day else "–", "day", width=100),
            Column("Title", lambda row: row.title, "title", width=220),
            Column("Status", lambda row: rules.STATUS_WORDS[row.status], "status", width=116,
                   icon=lambda row: PILLS[row.status]),
            Column("What followed", self.verdict_of, "verdict", width=130),
            Column("Channel", lambda row: rules.CHANNELS[row.channel], "channel", width=130),
            Column("Audience", lambda row: row.audience, "audience", width=140),
            Column("For", lambda row: row.force, "force", width=70),
            Column("Owner", lambda row: row.facts.owner, "owner", width=120),
            Column("Campaign", lambda row: row.campaign, "campaign", width=130),
        )  # fmt: skip

    def verdict_of(self, row: ItemRow) -> str:
        """The word of the verdict, where there is one."""
        effect = None if self._board is None else self._board.effect(row)
        return "" if effect is None else effect.verdict

    def show_board(self, board: Board) -> None:
        self._board = board
        kept = self.campaign.currentData()
        titles = sorted({row.campaign for row in board.rows if row.campaign}, key=str.casefold)
        self.campaign.clear()
        for code, words in (("", "Every campaign"), *((title, title) for title in titles)):
            self.campaign.addItem(words, code)
        self.campaign.setCurrentIndex(max(0, self.campaign.findData(kept)))
        self._show()

    def rows(self) -> list[ItemRow]:
        """The items that the filters let through, in order of days."""
        if self._board is None:
            return []
        status, campaign = self.status.currentData(), self.campaign.currentData()
        words = self.words.text().casefold().split()
        return [
            row
            for row in self._board.rows
            if status in ("", row.status) and campaign in ("", row.campaign) and _holds(row, words)
        ]

    def _show(self) -> None:
        rows = self.rows()
        keys: dict[str, Callable[[Any], Any]] = {
            "day": lambda row: row.day or date.max, "title": lambda row: row.title.casefold(),
            "status": lambda row: list(rules.STATUS_WORDS).index(row.status), "verdict": self.verdict_of,
            "channel": lambda row: rules.CHANNELS[row.channel], "audience": lambda row: row.audience.casefold(),
            "force": lambda row: row.force, "owner": lambda row: row.facts.owner.casefold(),
            "campaign": lambda row: row.campaign.casefold(),
        }  # fmt: skip
        self.model.set_source(ListSource(rows, keys))
        self.count.setText(counted(len(rows), "item"))
        if self._board is not None and self._board.rows:
            self.table.set_empty("Nothing matches", "No item has these words, this status and this campaign.",
                                 "Show every item", self._clear)  # fmt: skip
        else:
            self.table.set_empty("No communication yet", "Plan what is said to whom; it then marks the chart.",
                                 "New item…", lambda: self.wanted.emit("new", ItemFacts("")))  # fmt: skip

    def _clear(self) -> None:
        self.status.setCurrentIndex(0)
        self.campaign.setCurrentIndex(0)
        self.words.clear()
        self._show()

    def _chosen(self) -> None:
        chosen = self.table.selected_ids()
        if chosen:
            self.wanted.emit("item", chosen[0])

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        return self.listed_of(self.rows(), "Communications")

    def listed_of(self, rows: Sequence[ItemRow], title: str) -> Listed:
        """These items with all that is known of them, for a file."""
        header = (
            "Day", "Title", "Status", "What followed", "Why", "Channel", "Audience", "For", "Owner", "Campaign",
            "Recommendation", "Planned", "Published", "Minutes", "Reach", "Reach counted as", "Evidence files",
            "Approved by", "Cancelled because",
        )  # fmt: skip
        return Listed(title, header, [self._line(row) for row in rows])

    def _line(self, row: ItemRow) -> tuple[Any, ...]:
        facts = row.facts
        effect = None if self._board is None else self._board.effect(row)
        return (
            row.day, row.title, rules.STATUS_WORDS[row.status], effect.verdict if effect else None,
            effect.in_words if effect else None, rules.CHANNELS[row.channel], row.audience, row.force, facts.owner,
            row.campaign or None, facts.recommendation, facts.planned_on, row.published_on, facts.effort_minutes,
            facts.reach, facts.reach_basis or None, row.evidence, row.approval or None, row.cancelled_why,
        )  # fmt: skip


def _holds(row: ItemRow, words: Sequence[str]) -> bool:
    facts = row.facts
    told = " ".join((facts.title, facts.audience, facts.message, facts.owner, row.campaign)).casefold()
    return all(word in told for word in words)


@dataclass(frozen=True)
class TalkRow:
    """A line of the list of teams."""

    id: int
    team: TeamRow


class TalksView(View):
    """Which team to talk to next, by expected missing documents, the formula beneath; teams, never persons."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._board: Board | None = None
        columns = (
            Column("Team", lambda row: row.team.team, "team", width=160),
            Column("Force", lambda row: row.team.force, "force", width=76),
            Column("Expected missing", lambda row: f"{row.team.expected:.1f}", "expected", width=140, align_right=True),
            Column("Without a document", lambda row: f"{row.team.missing} of {row.team.cases}", "missing", width=156,
                   align_right=True),
            Column("Rate used", lambda row: f"{100 * row.team.rate:.1f}%", "rate", width=84, align_right=True),
            Column("Recent contacts", lambda row: str(row.team.recent), "recent", width=134, align_right=True),
            Column("Talk to hold", lambda row: row.team.talk, spoken=lambda row: row.team.talk.rstrip("."), width=240),
        )  # fmt: skip
        self.model = RowsModel(columns, self)
        self.table = Table(self.model, "Teams to talk to")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setAccessibleName("Columns of teams to talk to")
        self.formula = text("", "base", "secondary")
        self.duty = text(
            "It names teams and talks to hold, never persons. The duty is to document what was reported; it is not a"
            " duty to report anybody.", "base", "secondary",
        )  # fmt: skip
        self.talk = text("Choose a team.")
        self.plan_button = Button("Plan a talk with this team…", "plain", "plus")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.plan_button)
        foot.addWidget(self.talk, 1)
        column.addLayout(foot)
        column.addWidget(self.formula)
        column.addWidget(self.duty)
        self.plan_button.clicked.connect(self.plan)
        self.table.row_opened.connect(lambda _id: self.plan())
        self.table.selection_changed.connect(self._follow)
        self.table.set_empty("No team to talk to", "No contact of this force has fallen due yet.")

    def show_board(self, board: Board) -> None:
        self._board = board
        found = board.outlook.conversations
        rows = [TalkRow(number, team) for number, team in enumerate(found.teams)]
        names = ("team", "force", "expected", "missing", "rate", "recent")
        keys: dict[str, Callable[[Any], Any]] = {name: partial(_of_team, name) for name in names}
        self.model.set_source(ListSource(rows, keys))
        unnamed = f" {counted(found.unnamed, 'contact')} in scope named no team." if found.unnamed else ""
        self.formula.setText(found.formula + unnamed)
        if rows and not self.table.selected_ids():
            self.table.selectRow(0)
        self._follow()

    def _team(self) -> TeamRow | None:
        chosen = self.table.selected_ids()
        return self._board.outlook.conversations.teams[chosen[0]] if chosen and self._board is not None else None

    def _follow(self) -> None:
        team = self._team()
        self.plan_button.setEnabled(team is not None)
        self.talk.setText("Choose a team." if team is None else team.talk)

    def plan(self) -> None:
        """Begin a briefing for the chosen team."""
        team = self._team()
        if team is None:
            return
        facts = ItemFacts(
            f"Talk with {team.team}", team.team, rules.BRIEFING, team.talk, team.force, recommendation=None,
        )  # fmt: skip
        self.wanted.emit("new", facts)

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        header = ("Team", "Force", "Expected missing", "Without a document", "Contacts due", "Rate used",
                  "Recent contacts", "Talk to hold")  # fmt: skip
        teams = [] if self._board is None else self._board.outlook.conversations.teams
        rows = [
            (one.team, one.force, round(one.expected, 2), one.missing, one.cases, round(one.rate, 4), one.recent,
             one.talk)
            for one in teams
        ]  # fmt: skip
        return Listed("Teams to talk to", header, rows)


def _of_team(name: str, row: TalkRow) -> Any:
    return getattr(row.team, name)
