"""The analyst's reviews and the liaison log of each district on screen."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox

from oicdesk.recommendations import records_plans, rules
from oicdesk.recommendations.page_parts import FORCES, Clock, View
from oicdesk.recommendations.records_plans import LiaisonRow, ReviewRow
from oicdesk.settings.rules import london_day, long_day, short_day
from oicdesk.ui import theme
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rows import Column
from oicdesk.vault.vault import Vault


class ReviewsView(View):
    """What the analyst looked through."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Day", lambda row: short_day(row.reviewed_on), width=106),
            Column("Kind", lambda row: rules.REVIEW_KINDS[row.kind], width=132),
            Column("Force", lambda row: row.force, width=76),
            Column("Analyst", lambda row: row.analyst, width=140),
            Column("Subject", lambda row: row.subject, width=220),
        )
        super().__init__(vault, now, "Analyst reviews", columns)
        self.add_button = Button("Record a review…", "primary", "plus")
        self.add_button.clicked.connect(self.add)
        self.top.addStretch(1)
        self.top.addWidget(self.add_button)
        self.table.set_empty(
            "No review recorded yet", "The promise is that an analyst reviews intelligence and tasking packages.",
            "Record a review…", self.add,
        )  # fmt: skip

    def rows(self) -> Sequence[ReviewRow]:
        with self.vault.reading() as session:
            return records_plans.reviews(session, force=self.force)

    def show_row(self, row: ReviewRow) -> None:
        facts = [("Day", long_day(row.reviewed_on)), ("Force", row.force), ("Analyst", row.analyst)]
        facts.append(("Outcome", row.outcome or "none written down"))
        self.detail.show_record(row.subject, ("neutral", rules.REVIEW_KINDS[row.kind]), "", (), facts)
        self.detail.deeds.toggle.hide()

    def add(self) -> None:
        """Record that a review was held."""
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_plans.add_review(session, now=now, **found)
            return f"The review of {long_day(found['reviewed_on'])} is recorded."

        fields = [
            Field("reviewed_on", "Day", "date", required=True),
            Field("kind", "What was reviewed", "choice", list(rules.REVIEW_KINDS.items()), required=True),
            Field("force", "Force", "choice", FORCES, required=True),
            Field("analyst", "Analyst", required=True),
            Field("subject", "Subject", required=True),
            Field("outcome", "Outcome", "long"),
        ]
        values = {"reviewed_on": london_day(now), "force": self.force}
        self.ask("Record a review", fields, "Record review", deed, values=values)


class LiaisonView(View):
    """Meetings with a district's lead and products made for it."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Day", lambda row: short_day(row.held_on), width=106),
            Column("Force", lambda row: row.force, width=76),
            Column("District", lambda row: row.district, width=140),
            Column("Kind", lambda row: rules.LIAISON_KINDS[row.kind], width=92),
            Column("Subject", lambda row: row.subject, width=262),
        )
        super().__init__(vault, now, "Liaison log", columns)
        self.district = QComboBox()
        self.district.setAccessibleName("District")
        self.district.setMinimumHeight(theme.row_height())
        self.district.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.district.addItem("Every district", "")
        self.count = Words("", "base", "secondary")
        self.add_button = Button("Log a meeting or product…", "primary", "plus")
        self.top.addWidget(self.district)
        self.top.addWidget(self.count, 1)
        self.top.addWidget(self.add_button)
        self.district.activated.connect(lambda: self.refresh(self.force))
        self.add_button.clicked.connect(self.add)
        self.table.set_empty(
            "Nothing logged yet", "The promise is to meet the districts and to make products for them.",
            "Log a meeting or product…", self.add,
        )  # fmt: skip

    def rows(self) -> Sequence[LiaisonRow]:
        with self.vault.reading() as session:
            found = records_plans.liaison(session, force=self.force)
        self._fill({(row.force, row.district.casefold()): f"{row.district} ({row.force})" for row in reversed(found)})
        chosen = self.district.currentData()
        shown = [row for row in found if not chosen or (row.force, row.district.casefold()) == tuple(chosen)]
        meetings = sum(row.kind == rules.MEETING for row in shown)
        products = len(shown) - meetings
        self.count.setText(
            f"{meetings} meeting{'' if meetings == 1 else 's'}, {products} product{'' if products == 1 else 's'}"
        )
        return shown

    def _fill(self, districts: dict[tuple[str, str], str]) -> None:
        kept = self.district.currentText()
        self.district.clear()
        self.district.addItem("Every district", "")
        for key, words in sorted(districts.items()):
            self.district.addItem(words, key)
        self.district.setCurrentIndex(max(0, self.district.findText(kept)))

    def show_row(self, row: LiaisonRow) -> None:
        facts = [
            ("Day", long_day(row.held_on)), ("Force", row.force), ("District", row.district), ("With", row.who),
            ("Agreed", row.agreed or "nothing written down"),
        ]  # fmt: skip
        self.detail.show_record(row.subject, ("neutral", rules.LIAISON_KINDS[row.kind]), "", (), facts)
        self.detail.deeds.toggle.hide()

    def add(self) -> None:
        """Log a meeting or a product."""
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_plans.add_liaison(session, now=now, **found)
            return f"Logged with {found['district']}."

        forces = [each for each in FORCES if each[0] != rules.JOINT]
        fields = [
            Field("held_on", "Day", "date", required=True),
            Field("kind", "Kind", "choice", list(rules.LIAISON_KINDS.items()), required=True),
            Field("force", "Force", "choice", forces, required=True),
            Field("district", "District", required=True),
            Field("who", "With", placeholder="the post, for example district commander"),
            Field("subject", "Subject", required=True),
            Field("agreed", "What was agreed", "long"),
        ]
        values = {"held_on": london_day(now), "force": None if self.force == rules.JOINT else self.force}
        self.ask("Log a meeting or product", fields, "Log it", deed, values=values)
