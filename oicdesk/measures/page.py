"""Home: on the left what waits for somebody at this desk, on the right a few charts with their verdicts in words."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.measures import records_home, rules
from oicdesk.measures.page_parts import AboutPane, Behind, DoNow, FigureCard
from oicdesk.measures.records_home import Charts, Found, Item
from oicdesk.measures.rules_home import BY_KEY, COVERAGE, ON_TIME, TRAINING, About, numbered
from oicdesk.referrals.records_queue import register_size
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.training import rules as training_rules
from oicdesk.ui import jobs, theme
from oicdesk.ui.detail import Flow, scrolled
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Card, Empty, Notice, Words
from oicdesk.vault.vault import Vault

Drawings = dict[str, tuple[Any, list[Sequence[str]]]]  # name of a card → ReportLab's Drawing, its data as a table
_PAUSE = 60  # milliseconds; what is read on the worker must not stand before what is painted
_OLD = timedelta(minutes=5)  # an older page in sight is read again
_TWO_COLUMNS = 1080  # pixels at 100 %: from here on the cards stand beside each other
_SIZE = (420.0, 112.0)  # of a chart, in points
_VERDICTS = {
    rules.TOO_EARLY: "neutral", rules.NO_CHANGE: "neutral", rules.ABOVE: "better", rules.BELOW: "concern",
}  # fmt: skip
_STANDINGS = {
    training_rules.MET: "good", training_rules.NOT_MET: "problem", training_rules.EVIDENCE_PENDING: "warning",
    training_rules.NOT_YET_DUE: "neutral",
}  # fmt: skip
_MODULES = 9  # the recommendation on the modules
CASE_NUMBERS = {
    "coverage": ("submitted", "not_yet_due", "overdue", "in_scope", "left_out"), "on_time": ("on_time", "late", "due"),
}  # fmt: skip
PEOPLE_NUMBERS = ("module_done", "module_missing", "module_scope")
# What another page lists exactly: its line asks the window for it by its key. The others list their rows here.
ELSEWHERE = frozenset({
    "overdue", "due_today", "returned", "woken", "to_close", "scope", "approval", "list_gaps", "safeguarding", "news",
    "chasers_due", "reviews_due", "tellings", "reports_to_decide", "completions_to_confirm",
})  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


class _Right(QStackedWidget):
    """As high as what it shows: in large text it stands below, and rows are not to be as long as three charts."""

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return super().minimumSizeHint() if shown is None else shown.minimumSizeHint()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        return False


class HomePage(Page):
    """`add_asked` and `import_asked` ask for the beginning of the queue's own work."""

    title = "Home"
    icon_name = "house"
    tables = frozenset({
        "referral", "referral_event", "referral_snooze", "referral_pause", "referral_hold", "referral_review",
        "referral_note", "exemption", "chaser", "chaser_template", "officer", "officer_name", "officer_move",
        "officer_absence", "team_rename", "draft", "breach", "case_seen", "outside_list", "outside_contact",
        "import_batch", "document", "document_link", "document_event", "document_list", "document_row", "working_draft",
        "working_draft_version", "disclosure_telling", "audit", "audit_event", "audit_finding", "audit_action",
        "comms_campaign", "comms_item", "comms_event", "comms_evidence", "oic_plan", "oic_plan_version",
        "recommendation_event", "learner", "learner_stint", "completion", "completion_match", "training_course",
        "training_rule", "training_import", "training_exclusion", "hydra_event", "hydra_place", "setting",
        "reference_value",
    })  # fmt: skip
    add_asked = Signal()
    import_asked = Signal()

    def __init__(self, vault: Vault, *, now: Callable[[], datetime] = _now) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self._desk: Reference | None = None
        self._as_at = now()
        self._asked = 0  # the newest question to the worker; older ones are given up
        self._is_owed, self._is_seen = False, False
        self._size = 0
        self._found: dict[str, Found] = {}
        self._later: dict[str, Found] = {}
        self._later_of: str | None = None  # the scope that `_later` is of
        self._shown: Callable[[], None] | None = None  # shows the rows behind a number again
        self._came_from: QWidget | None = None
        self.charts: Charts | None = None
        self.as_at = Words("", "base", "secondary")
        self.add_button = Button("Record a contact…", "primary", "plus")
        self.import_button = Button("Import a list…", "plain", "upload")
        self.problem = Notice("problem")
        self.do_now, self.counting = DoNow(), Words("", "small", "secondary")
        self.nothing = Empty()
        self.coverage, self.on_time, self.training = (FigureCard(one) for one in (COVERAGE, ON_TIME, TRAINING))
        self.cards = (self.coverage, self.on_time, self.training)
        self.behind, self.about = Behind(), AboutPane()
        self.right = _Right()
        self._grid = QGridLayout()
        self._columns = 0
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._clock = QTimer(self, interval=int(_OLD.total_seconds() * 1000))
        self._lay_out()
        self._listen()

    # --- building

    def _lay_out(self) -> None:
        left, figures = Card(), QWidget()
        left.body.setContentsMargins(theme.GRID, theme.GAP, theme.GRID, theme.GRID)
        title = Words("Do now", "section")
        title.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        self.counting.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        self.counting.setWordWrap(True)
        left.body.addWidget(title)
        left.body.addWidget(self.nothing, 1)
        left.body.addWidget(self.do_now, 1)
        left.body.addWidget(self.counting)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GAP)
        figures.setLayout(self._grid)
        large = theme.is_large()
        self.figures: QWidget = figures if large else scrolled(figures)
        for part in (self.figures, self.behind, self.about):
            self.right.addWidget(part)
        both = QBoxLayout(QBoxLayout.Direction.TopToBottom if large else QBoxLayout.Direction.LeftToRight)
        both.setSpacing(theme.GAP)
        both.addWidget(left, 5)
        both.addWidget(self.right, 6)
        self.left = left
        left.setMinimumWidth(theme.px(280 if large else 400))
        left.setMaximumWidth(16777215 if large else theme.px(640))
        if large:
            for part in (left, self.behind):
                part.setMinimumHeight(theme.px(300))
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GRID + 2)
        column.addLayout(self._head())
        column.addWidget(self.problem)
        column.addLayout(both, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._scroll = scrolled(inner)
        whole.addWidget(self._scroll)
        self._place_cards(1)

    def _head(self) -> QHBoxLayout | Flow:
        head: QHBoxLayout | Flow = Flow() if theme.is_large() else QHBoxLayout()
        if isinstance(head, QHBoxLayout):
            head.setSpacing(theme.GAP)
        head.addWidget(Words(self.title, "title"))
        head.addWidget(self.as_at)
        if isinstance(head, QHBoxLayout):
            head.addStretch(1)
        for button in (self.import_button, self.add_button):
            head.addWidget(button)
        return head

    def _place_cards(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for card in self.cards:
            self._grid.removeWidget(card)
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.setRowStretch(len(self.cards), 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cards stand beside each other where there is room."""
        super().resizeEvent(event)
        room = self.width() - 2 * theme.MARGIN - theme.GAP - self.left.width()
        self._place_cards(2 if not theme.is_large() and room >= theme.px(_TWO_COLUMNS) else 1)

    def _listen(self) -> None:
        self._timer.timeout.connect(self._ask_worker)
        self._clock.timeout.connect(self._keep_up)
        self.add_button.clicked.connect(self.add_asked)
        self.import_button.clicked.connect(self.import_asked)
        self.do_now.opened.connect(self.open_work)
        self.do_now.asked.connect(lambda key: self.explain(BY_KEY[key].about))
        for card in self.cards:
            card.opened.connect(self.open_number)
            card.asked.connect(lambda card=card: self.explain(card.about))
        self.behind.opened.connect(self.open_requested)
        self.behind.left.connect(self.show_figures)
        self.about.left.connect(self.show_figures)
        self.act("Record a contact", self.add_asked.emit, "Ctrl+N")
        self.act("Import a list", self.import_asked.emit, "Ctrl+I")
        self.act("What the chosen number counts", self._explain_chosen, "I")
        self.act("Back to the charts", self.show_figures, "Esc")
        self.add_button.setToolTip("Ctrl+N")
        self.import_button.setToolTip("Ctrl+I")

    # --- what the window asks

    def refresh(self) -> None:
        self._as_at = now = self._now()
        with self._vault.reading() as session:
            self._desk = reference(session)
            self._found = records_home.at_once(session, now, self.force, self._desk)
            self._size = register_size(session)
        if self._later_of != self.force:
            self._later, self._later_of = {}, None
        self.as_at.setText(f"As at {spoken_instant(now)}")
        self._show_work()
        self._asked += 1
        self._is_owed = True
        self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_seen = True
        if self._is_owed:
            self._timer.start()
        QTimer.singleShot(0, self._keep_up)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody looks at is not read on: the worker gives up at its next step."""
        super().hideEvent(event)
        self._is_seen = False
        self._clock.stop()

    def _keep_up(self) -> None:
        """What is due, overdue or back from a snooze changes with the time alone."""
        if self._is_seen and self._now() - self._as_at >= _OLD:
            try:
                self.refresh()
            except VaultError as error:
                self.problem.say(str(error))

    def first_focus(self) -> QWidget:
        if not self._size and self._desk is not None:
            return self.nothing.button
        return self.add_button if self.do_now.isHidden() else self.do_now

    def panes(self) -> list[QWidget]:
        shown = self.right.currentWidget()
        if shown is self.behind:
            return [self.first_focus(), self.behind.table]
        if shown is self.about:
            return [self.first_focus(), self.about.back]
        return [self.first_focus(), self.coverage.info]

    # --- what waits

    @property
    def found(self) -> dict[str, Found]:
        """What waits, as far as it is counted."""
        return self._found | self._later

    def _show_work(self) -> None:
        found, is_empty = self.found, not self._size
        self.do_now.show_found(found)
        waits = any(one.count for one in found.values())
        self.do_now.setVisible(waits)
        self.nothing.setVisible(is_empty or (not waits and self._later_of is not None))
        self.counting.setText("" if self._later_of is not None else "Messages, reviews and lists are being counted…")
        self.counting.setVisible(bool(self.counting.text()))
        if is_empty:
            self.nothing.say(
                "The desk is empty",
                "No contact is recorded yet. Import the control room's list, or record one by hand.",
                "Import a list…", self.import_asked.emit,
            )  # fmt: skip
        elif not waits:
            scope = "" if self.force == "Joint" else f" for {self.force}"
            self.nothing.say(f"Nothing waits{scope}", "Every document, duty and decision of the desk is dealt with.")

    def open_work(self, key: str) -> None:
        """Open exactly the rows that a line counts."""
        if key in ELSEWHERE:
            self.open_requested.emit(key, 0)
        else:
            self._come_from(self.do_now)
            self._show_behind(lambda: self._work_rows(key))

    def _work_rows(self, key: str) -> None:
        rows = {item.id: item for item in self.found.get(key, Found(0)).items}
        self.behind.show_rows(BY_KEY[key].title, list(rows), lambda ids: [rows[one] for one in ids])

    # --- the rows behind a number, and what it is

    def open_number(self, key: str) -> None:
        """List exactly the rows that a number of a card counts."""
        self._come_from(None)
        self._show_behind(lambda: self._number_rows(key))

    def _number_rows(self, key: str) -> None:
        charts = self.charts
        if charts is None or self._desk is None:
            return
        ids, desk = charts.ids[key], self._desk

        def cases(some: Sequence[int]) -> list[Item]:
            with self._vault.reading() as session:
                return records_home.case_items(session, some, self._as_at, desk)

        def people(some: Sequence[int]) -> list[Item]:
            return [charts.people[one] for one in some]

        title = (TRAINING if key in PEOPLE_NUMBERS else ON_TIME if key in CASE_NUMBERS["on_time"] else COVERAGE).title
        self.behind.show_rows(
            f"{title}: {numbered(key, len(ids))}", ids, people if key in PEOPLE_NUMBERS else cases
        )  # fmt: skip

    def _show_behind(self, show: Callable[[], None]) -> None:
        self._shown = show
        show()
        self._put_forward(self.behind, self.behind.table)

    def explain(self, about: About) -> None:
        """Say how a number is counted, out of what, and what it leaves out."""
        self._come_from(None)
        facts = about.facts(self._as_at, self.force)
        if about in (COVERAGE, ON_TIME) and self.charts is not None:
            facts.append(("Register", self.charts.denominator[0].upper() + self.charts.denominator[1:]))
        self.about.show_facts(about.title, facts)
        self._put_forward(self.about, self.about.back)

    def _put_forward(self, part: QWidget, focus: QWidget) -> None:
        """Show a part of the right half, and scroll to it where large text puts it below."""
        self.right.setCurrentWidget(part)
        self.right.updateGeometry()
        focus.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, self._scroll_to_right)

    def _scroll_to_right(self) -> None:
        inner = self._scroll.widget()
        if self.right.currentWidget() is not self.figures and inner is not None:
            top = self.right.mapTo(inner, QPoint(0, 0)).y()
            self._scroll.verticalScrollBar().setValue(top - theme.GRID)

    def _explain_chosen(self) -> None:
        card = next((card for card in self.cards if self.focusWidget() and card.isAncestorOf(self.focusWidget())), None)
        if card is not None:
            self.explain(card.about)
        else:
            self.do_now.explain()

    def _come_from(self, widget: QWidget | None) -> None:
        """Where the focus goes back to; from within a part of the right half, where it came from before."""
        if self.right.currentWidget() is self.figures:
            self._came_from = widget or self.focusWidget()

    def show_figures(self) -> None:
        """The charts again, and the focus where it was."""
        if self.right.currentWidget() is self.figures:
            return
        self._shown = None
        self.right.setCurrentWidget(self.figures)
        self.right.updateGeometry()
        back, self._came_from = self._came_from, None
        if back is None or not back.isVisibleTo(self):
            back = self.first_focus()
        back.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, lambda: self._scroll.ensureWidgetVisible(back))

    # --- what the worker reads

    def _ask_worker(self) -> None:
        if not self._is_seen:
            return  # asked again when the page is shown
        asked, force, now = self._asked, self.force, self._as_at

        def go_on(progress: jobs.Progress) -> None:
            progress(0)
            if asked != self._asked or not self._is_seen:
                raise jobs.Cancelled

        def count(progress: jobs.Progress) -> dict[str, Found]:
            go_on(progress)
            with self._vault.reading() as session:
                return records_home.later(session, now, force)

        def draw(progress: jobs.Progress) -> tuple[Charts, Drawings]:
            go_on(progress)
            with self._vault.reading() as session:
                found = records_home.charts(session, now, force, step=lambda: go_on(progress))
            return found, _drawings(found)

        def finish(progress: jobs.Progress) -> dict[str, Found]:
            go_on(progress)
            with self._vault.reading() as session:
                return records_home.last(session, now, force, step=lambda: go_on(progress))

        def counted(found: dict[str, Found]) -> None:
            if asked == self._asked:
                self._later |= found
                self._show_work()
                self._look_again()

        def drawn(told: tuple[Charts, Drawings]) -> None:
            if asked == self._asked:
                self._show_charts(*told)
                self._look_again()

        def finished(found: dict[str, Found]) -> None:
            if asked == self._asked:
                self._is_owed, self._later_of = False, force
                counted(found)

        jobs.run(self, count, title="Count what waits", done=counted, failed=self._failed, quiet=True)
        jobs.run(self, draw, title="Read the figures", done=drawn, failed=self._failed, quiet=True)
        jobs.run(self, finish, title="Count what waits", done=finished, failed=self._failed, quiet=True)

    def _look_again(self) -> None:
        """The rows behind a number as they are now."""
        if self._shown is not None:
            self._shown()

    def _failed(self, error: Exception) -> None:
        """A desk that is being locked needs no figures; what else went wrong is told."""
        if self.isVisible() and isinstance(error, Refused | VaultError):
            self.problem.say(str(error))

    def _show_charts(self, found: Charts, drawings: Drawings) -> None:
        self.charts = found
        self.problem.say("")
        for name, card, verdict, words, keys in (
            ("coverage", self.coverage, self._standing(found), self._coverage_words(found), CASE_NUMBERS["coverage"]),
            ("on_time", self.on_time, self._verdict(found), self._on_time_words(found), CASE_NUMBERS["on_time"]),
            ("training", self.training, self._training_verdict(found), self._training_words(found), PEOPLE_NUMBERS),
        ):
            numbers = [(key, numbered(key, len(found.ids[key]))) for key in keys]
            drawing, rows = drawings.get(name, (None, []))
            card.show_figures(verdict, words, numbers, drawing, rows)
        if not any(found.ids[key] for key in CASE_NUMBERS["coverage"]):
            for card in (self.coverage, self.on_time):
                card.say("There is no figure yet, because no contact is recorded in this scope.")
        if not found.training.headcount:
            self.training.say("There is no figure yet, because nobody is on the roster; the Training page imports one.")

    def _coverage_words(self, found: Charts) -> str:
        told = found.coverage
        if told.percent is None:
            return "No contact is in scope."
        return f"{told.percent:.1f}% of the contacts in scope have a document."

    def _on_time_words(self, found: Charts) -> str:
        told, last = found.on_time, found.last_week
        if told.percent is None:
            return "No contact has come due yet."
        week = "" if last is None else f", {last.on_time:,} of {last.due:,} in the last whole week"
        return f"{told.percent:.1f}% of the contacts due were on time{week}."

    def _standing(self, found: Charts) -> tuple[str, str]:
        told = found.standing
        word = told.word if told.has_passed or told.word == training_rules.MET else training_rules.NOT_YET_DUE
        return _STANDINGS[word], word.capitalize()

    def _verdict(self, found: Charts) -> tuple[str, str]:
        word = rules.verdict([point.value for point in found.points])
        return _VERDICTS[word], word

    def _training_words(self, found: Charts) -> str:
        told = found.training.all_modules
        if told.percent is None:
            return "Nobody is in scope of the modules."
        return f"{told.percent:.1f}% of the people in scope have completed every module."

    def _training_verdict(self, found: Charts) -> tuple[str, str]:
        told = next((one for one in found.training.verdicts if one.recommendation == _MODULES), None)
        return ("", "") if told is None else (_STANDINGS[told.word], told.word.capitalize())


def _drawings(found: Charts) -> Drawings:
    """The charts with their data as tables; ReportLab is loaded here, on the worker."""
    from oicdesk.reports import charts

    width, height = _SIZE
    drawn: Drawings = {}

    def months(name: str, whole: str, part: str, given: Sequence[charts.Month], *parts: str) -> None:
        if any(month.in_scope for month in given):
            rows = [(f"{m.first_day:%B %Y}", f"{m.in_scope:,}", f"{m.documented:,}") for m in given]
            drawing = charts.months_chart(
                given, as_at=found.as_at, width=width, height=height, parts=(parts[0], parts[1])
            )
            drawn[name] = (drawing, [("Month", whole, part), *rows])

    contacts = [charts.Month(one.first_day, one.in_scope, one.documented) for one in found.months]
    people = [charts.Month(one.day.replace(day=1), one.in_scope, one.completed) for one in found.series]
    months("coverage", "In scope", "With a document", contacts, "with a document", "without")
    months("training", "In scope", "Every module", people, "every module", "modules to do")
    if found.points:
        rows = [(one.label, f"{one.value:.1f}%") for one in found.points]
        drawing = charts.series_chart(found.points, found.phases, as_at=found.as_at, width=width, height=height)
        drawn["on_time"] = (drawing, [("Week of", "On time"), *rows])
    return drawn
