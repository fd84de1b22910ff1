"""The Recommendations page: what was asked, what was promised, what the desk can show of it, and recommendation 4."""

from datetime import UTC, datetime

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.machine import Machine, this
from oicdesk.recommendations.page_ledger import LedgerView, ReadTraining
from oicdesk.recommendations.page_logs import LiaisonView, ReviewsView
from oicdesk.recommendations.page_parts import Clock, View
from oicdesk.recommendations.page_plans import PlansView
from oicdesk.ui import theme
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Notice, Words
from oicdesk.ui.rail import Segments
from oicdesk.vault.vault import Vault

LEDGER, PLANS, REVIEWS, LIAISON = "Recommendations and promises", "Plans", "Analyst reviews", "Liaison log"


def _now() -> datetime:
    return datetime.now(UTC)


class RecommendationsPage(Page):
    """Four parts of one page. `training(session, as_at, force)` hands in training figures; nothing here reads them.

    `training_tables` name what makes those figures old.
    """

    title = "Recommendations"
    icon_name = "milestone"
    shows = frozenset({"recommendation", "oic_plan"})
    tables = frozenset(
        {
            "recommendation_event", "ledger_promise", "ledger_evidence", "oic_plan", "oic_plan_version",
            "analyst_review", "liaison", "referral", "document", "comms_item", "comms_evidence", "audit",
            "setting",
        }
    )  # fmt: skip

    def __init__(
        self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None, training: ReadTraining | None = None,
        training_tables: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        super().__init__()
        self.tables = self.tables | training_tables
        self._machine = machine or this()
        self.ledger, self.plans = LedgerView(vault, now, training), PlansView(vault, now)
        self.reviews, self.liaison = ReviewsView(vault, now), LiaisonView(vault, now)
        self.views: dict[str, View] = {
            LEDGER: self.ledger, PLANS: self.plans, REVIEWS: self.reviews, LIAISON: self.liaison,
        }  # fmt: skip
        self._stale = set(self.views)
        self.parts = Segments("Part of the page", list(self.views), LEDGER)
        self.done, self.problem = Notice("good"), Notice("problem")
        self.stack = QStackedWidget()
        for view in self.views.values():
            self.stack.addWidget(view)
            view.said.connect(self._say)
            view.refused.connect(self._refuse)
        self._lay_out()
        self.parts.chosen.connect(self._turn)
        self.act("Add to this part", self._add, "Ctrl+N")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(Words("Recommendations", "title"))
        head.addStretch(1)
        head.addWidget(self.parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GRID + 2)
        column.addLayout(head)
        column.addWidget(self.done)
        column.addWidget(self.problem)
        column.addWidget(self.stack, 1)

    @property
    def view(self) -> View:
        """The part shown now."""
        return self.views[self.parts.current().text()]

    def refresh(self) -> None:
        self._stale = set(self.views)
        self._show_part()

    def _turn(self, _name: str) -> None:
        self.done.say("")
        self.problem.say("")
        self._show_part()

    def _show_part(self) -> None:
        name = self.parts.current().text()
        self.stack.setCurrentWidget(self.views[name])
        if name in self._stale:
            self._stale.discard(name)
            self.views[name].refresh(self.force)

    def first_focus(self) -> QWidget:
        return self.view.first_focus()

    def panes(self) -> list[QWidget]:
        panes = [self.parts.current(), self.view.first_focus()]
        if self.view.detail.isVisibleTo(self):
            panes.append(self.view.detail.first_focus())
        return panes

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a recommendation (by its number) or a plan into view."""
        places = {"recommendation": (LEDGER, id * 1000), "oic_plan": (PLANS, id)}
        if kind not in places:
            return False
        part, row = places[kind]
        self.parts.choose(part)
        self._show_part()
        return self.view.table.select_id(row)

    def _add(self) -> None:
        view = self.view
        if isinstance(view, PlansView | ReviewsView | LiaisonView):
            view.add()
        else:
            self._refuse("Choose a recommendation in the list; evidence and promises are added in its detail.")

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.done.say(sentence)
        self.refresh()

    def _refuse(self, sentence: str) -> None:
        self.done.say("")
        self.problem.say(sentence)
