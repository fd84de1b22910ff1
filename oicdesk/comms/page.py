"""The Comms page: what is said to whom and when, under the chart of submissions, and what followed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.comms import records, records_effect, records_library, rules
from oicdesk.comms.form import Choices, KeptDrafts, Tasks, day_warnings
from oicdesk.comms.page_calendar import CALENDAR_HINT, Calendar, notes_of, stretch_of, title_of
from oicdesk.comms.page_chart import LEAST_HIGH, TIMELINE_HINT, Timeline, WeeksChart
from oicdesk.comms.page_export import export, export_calendar
from oicdesk.comms.page_item import ItemPane
from oicdesk.comms.page_library import CampaignsView, LibraryView
from oicdesk.comms.page_list import ItemsView, TalksView
from oicdesk.comms.page_parts import Board, Clock, Promise, counted
from oicdesk.comms.page_side import Side
from oicdesk.comms.records import ItemRow
from oicdesk.comms.rules import ItemFacts
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine, this
from oicdesk.reports.page_view import Listed
from oicdesk.settings.records import reference
from oicdesk.settings.rules import end_of_day, london_day, long_day, spoken_day
from oicdesk.ui import theme
from oicdesk.ui.as_at import AsAt
from oicdesk.ui.detail import Flow, scrolled, text
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, IconButton, Notice, Room, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.task import Task
from oicdesk.ui.undo import left_the_desk
from oicdesk.vault import log
from oicdesk.vault.vault import Vault

MONTH, QUARTER, TIMELINE, LIST, TALKS, LIBRARY, CAMPAIGNS = (
    "Month", "Quarter", "Timeline", "List", "Teams to talk to", "Library", "Campaigns",
)  # fmt: skip
UNDER_CHART: Final = (MONTH, QUARTER, TIMELINE, LIST)


def _now() -> datetime:
    return datetime.now(UTC)


class CommsPage(Page):
    """Chart and calendar on the left, the chosen item or a form on the right. `promises(session)` offers what an item
    can be linked to: rows of (key, recommendation, words)."""

    title = "Comms"
    icon_name = "megaphone"
    shows = frozenset({"comms_item"})
    tables = frozenset(
        {
            "comms_campaign", "comms_item", "comms_event", "comms_evidence", "comms_series", "comms_text", "referral",
            "document", "exemption", "setting", "reference_value", "ledger_promise",
        }
    )  # fmt: skip

    def __init__(
        self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None,
        promises: Callable[[Any], Sequence[tuple[str, int, str]]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._vault, self._now, self._machine = vault, now, machine or this()
        self._read_promises = promises
        self.shown_day = london_day(now())  # the day whose month or quarter is shown
        self.board: Board | None = None
        self._stamp: object = None  # of what was read last
        self.choices = Choices((), (), ())
        self.item: int | None = None
        self.chart: WeeksChart | None = None  # made when the page is first shown
        self.tasks = Tasks(vault, now)
        self.calendar, self.timeline = Calendar("Calendar of communications"), Timeline()
        self.list, self.talks = ItemsView(vault, now), TalksView(vault, now)
        self.library, self.campaigns = LibraryView(vault, now), CampaignsView(vault, now)
        self.views: dict[str, ItemsView | TalksView | LibraryView | CampaignsView] = {
            LIST: self.list, TALKS: self.talks, LIBRARY: self.library, CAMPAIGNS: self.campaigns,
        }  # fmt: skip
        self.pane = ItemPane(vault, self.tasks, now)
        self.parts = Segments("Part of the page", [*UNDER_CHART, TALKS, LIBRARY, CAMPAIGNS], MONTH)
        self.as_at = AsAt(lambda: london_day(now()))
        self.new_button = Button("New item…", "primary", "plus")
        self.export_button = Button("Export this view…", "plain", "download")
        self.ics_button = Button("Calendar file…", "plain", "calendar")
        self.earlier, self.later = IconButton("chevron-left", "Earlier"), IconButton("chevron-right", "Later")
        self.stretch, self.this_button = Words("", "section"), Button("Go to today", "quiet")
        self.notes = text("", "base", "secondary")
        self.hint = text("", "small", "secondary")
        self.done, self.problem = Notice("good"), Notice("problem")
        self.room = Room()
        self.side = Side(self.pane, KeptDrafts(vault, now))
        self._lay_out()
        self._listen()

    # --- laying out

    def _lay_out(self) -> None:
        self.lanes = scrolled(self.timeline)
        for widget in (self.calendar, self.lanes, *self.views.values()):
            self.room.addWidget(widget)
        self.left = QVBoxLayout()
        self.left.setSpacing(theme.GRID)
        self.left.addLayout(self._stretch_row())
        self.left.addWidget(self.room, 1)
        self.left.addWidget(self.hint)
        # In large text the item stands below: beside the chart nothing of it could be read.
        both: QHBoxLayout | QVBoxLayout = QVBoxLayout() if theme.is_large() else QHBoxLayout()
        both.setSpacing(theme.GAP)
        both.addLayout(self.left, 3)
        both.addWidget(self.side, 2)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addLayout(self._head())
        column.addWidget(self.parts)
        column.addWidget(self.done)
        column.addWidget(self.problem)
        column.addLayout(both, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self.whole = scrolled(inner)
        whole.addWidget(self.whole)

    def _head(self) -> QHBoxLayout | Flow:
        head: QHBoxLayout | Flow = Flow() if theme.is_large() else QHBoxLayout()
        head.addWidget(Words("Communications", "title"))
        head.addWidget(self.as_at)
        if isinstance(head, QHBoxLayout):
            head.addStretch(1)
        for widget in (self.export_button, self.ics_button, self.new_button):
            head.addWidget(widget)
        return head

    def _stretch_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        for widget in (self.earlier, self.later, self.stretch):
            row.addWidget(widget)
        row.addWidget(self.this_button)
        row.addWidget(self.notes, 100)
        row.addStretch(1)
        return row

    def _listen(self) -> None:
        self.parts.chosen.connect(self._turn)
        self.as_at.turned.connect(self._turn_day)
        self.as_at.refused.connect(self._refuse)
        self.new_button.clicked.connect(lambda: self.add())
        self.export_button.clicked.connect(self.export)
        self.ics_button.clicked.connect(self.export_calendar)
        self.earlier.clicked.connect(lambda: self.turn(-1))
        self.later.clicked.connect(lambda: self.turn(1))
        self.this_button.clicked.connect(lambda: self.show_day(london_day(self._now())))
        self.calendar.item_chosen.connect(self.choose)
        self.calendar.item_opened.connect(self.open_item)
        self.calendar.selectionModel().currentChanged.connect(self._note_day)
        self.calendar.day_opened.connect(lambda day: self.add(ItemFacts("", planned_on=day)))
        self.calendar.item_dropped.connect(self.move_to)
        self.calendar.turned.connect(self.turn)
        self.timeline.item_chosen.connect(self.choose)
        self.timeline.item_opened.connect(self.open_item)
        self.timeline.item_dropped.connect(self.move_to)
        self.side.done.connect(self._done)
        self.side.left.connect(self._leave_form)
        self.side.refused.connect(self._refuse)
        self.side.step_done.connect(self.step_done)
        self.pane.task_asked.connect(self.show_task)
        self.pane.said.connect(self._say)
        self.pane.refused.connect(self._refuse)
        self.pane.step_done.connect(self.step_done)
        for view in self.views.values():
            view.said.connect(self._say)
            view.refused.connect(self._refuse)
            view.wanted.connect(self._wanted)
        self._add_actions()

    def _add_actions(self) -> None:
        self.act("New item", self.add, "Ctrl+N")
        self.act("Edit the chosen item", self.pane.edit, "Ctrl+E")
        self.act("Export this view", self.export, "Ctrl+Shift+E")
        self.act("Find in the list", self._find, "Ctrl+F")
        self.new_button.setToolTip("Ctrl+N")
        self.export_button.setToolTip("Ctrl+Shift+E")
        moves = (
            ("a day later", "Alt+Right", 1), ("a day earlier", "Alt+Left", -1),
            ("a week later", "Alt+Down", 7), ("a week earlier", "Alt+Up", -7),
        )  # fmt: skip
        for words, keys, days in moves:
            # On the calendar and the timeline only: in a box for a day Alt+Down opens its calendar.
            action = QAction(f"Move the chosen item {words}", self.room)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _=False, days=days: self.move_by(days))
            self.room.addAction(action)

    # --- what the window asks

    def refresh(self) -> None:
        now = self._now()
        today = london_day(now)
        as_at = now if self.as_at.day is None else end_of_day(self.as_at.day)
        with self._vault.reading() as session:
            # The window asks again after a change that this page has read already; then nothing is new.
            stamp = (log.head(session.connection()), self.force, as_at.replace(second=0, microsecond=0))
            if stamp != self._stamp:
                self._stamp, self.board = stamp, self._read(session, as_at, today)
        self.as_at.follow()
        self.library.set_promises(self.choices.promises)
        self._show_part()

    def _read(self, session: Any, as_at: datetime, today: date) -> Board:
        rows = records.items(session, force=self.force)
        outlook = records_effect.outlook(session, as_at, self.force, rows=rows)
        promises = [] if self._read_promises is None else self._read_promises(session)
        self.choices = Choices(
            records.campaigns(session), [Promise(*one) for one in promises], records_library.library(session)
        )
        self.side.offer(self.choices, records.audiences(session))
        return Board(as_at, today, self.force, rows, outlook, frozenset(reference(session).holidays))

    def first_focus(self) -> QWidget:
        return self._focus_of(self.parts.current().text())

    def _focus_of(self, part: str) -> QWidget:
        if part in self.views:
            return self.views[part].first_focus()
        return self.timeline if part == TIMELINE else self.calendar

    def panes(self) -> list[QWidget]:
        panes: list[QWidget] = [self.parts.current()]
        if self.chart is not None and self.chart.isVisibleTo(self):
            panes.append(self.chart)
        panes.append(self.first_focus())
        if self.side.isVisibleTo(self):
            panes.append(self.side.first_focus())
        return panes

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a communication into view."""
        if kind != "comms_item" or self.board is None or id not in self.board.by_id:
            return False
        self._go_to_items(id)
        return True

    # --- the parts

    def _turn(self, _name: str) -> None:
        self.done.say("")
        self.problem.say("")
        self._show_part()

    def _show_part(self) -> None:
        board, part = self.board, self.parts.current().text()
        if board is None:
            return
        places = [MONTH, TIMELINE, *self.views]
        self.room.setCurrentIndex(places.index(MONTH if part == QUARTER else part))
        self._show_item()
        under = part in UNDER_CHART
        self._show_chart(board, under)
        in_days = part in (MONTH, QUARTER)
        self.this_button.hide()
        for widget in (self.earlier, self.later, self.stretch):
            widget.setVisible(in_days)
        self.ics_button.setVisible(under)
        if in_days:
            self._show_calendar(board, part)
        elif part == TIMELINE:
            self._show_timeline()
        else:
            self.views[part].show_board(board)
            if part == LIST and self.item is not None:
                self.list.table.select_id(self.item)
        self._show_notes(board, part)

    def _show_chart(self, board: Board, under: bool) -> None:
        row = None if self.item is None else board.by_id.get(self.item)
        effect = None if row is None else board.effect(row)
        if self.chart is None:
            self.chart = WeeksChart(board)
            self.chart.item_chosen.connect(self.choose)
            self.chart.resized.connect(self._show_timeline)
            self.left.insertWidget(0, self.chart)
            self.setTabOrder(self.parts.current(), self.chart)  # made last, yet Tab comes to it where it stands
            self._fit_chart()
        self.chart.setVisible(under)
        self.chart.show_board(board, effect)

    def _show_calendar(self, board: Board, part: str) -> None:
        make = rules.quarter if part == QUARTER else rules.month
        weeks = make(board.rows, self.shown_day, board.holidays)
        self.stretch.setText(title_of(part, self.shown_day))
        self.this_button.setVisible(title_of(part, board.today) != title_of(part, self.shown_day))
        self.calendar.choose(self.item)
        self.calendar.show_weeks(weeks, board, self.shown_day)

    def _show_timeline(self) -> None:
        if self.board is not None and self.chart is not None:
            self.timeline.show_board(self.board, self.chart.axis())
            self.timeline.choose(self.item)

    def _show_notes(self, board: Board, part: str) -> None:
        """Conflicts and gaps in words, how the keys move an item, and that the plan is today's."""
        first, last = self._days(part)
        notes = [] if first is None or last is None else notes_of(board, first, last)
        if first is not None and not board.rows:
            notes = ["Nothing is planned yet. Press New item, or go to a day and press Enter."]
        self.notes.setText(" ".join(notes))
        self.notes.setVisible(bool(notes))
        words = {MONTH: CALENDAR_HINT, QUARTER: CALENDAR_HINT, TIMELINE: TIMELINE_HINT}.get(part, "")
        if part == TIMELINE and self.timeline.outside:
            outside = counted(self.timeline.outside, "item stands", "items stand")
            words = f"{outside} outside these weeks: see the calendar. {words}"
        if part in UNDER_CHART and self.as_at.day is not None:
            words = f"Chart and effects are as at {long_day(self.as_at.day)}; the plan is that of today. {words}"
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def _days(self, part: str) -> tuple[date | None, date | None]:
        """The first and last day shown."""
        if part in (MONTH, QUARTER) and self.calendar.days.weeks:
            weeks = self.calendar.days.weeks
            inside = [day.day for week in weeks for day in week.days if day.is_inside]
            return inside[0], inside[-1]
        if part == TIMELINE and self.chart is not None:
            axis = self.chart.axis()
            return axis.first, axis.last
        return None, None

    def _turn_day(self) -> None:
        self.problem.say("")
        self.refresh()

    def turn(self, step: int) -> None:
        """Show an earlier or later month or quarter."""
        self.show_day(stretch_of(self.parts.current().text(), self.shown_day, step))

    def show_day(self, day: date) -> None:
        """Show the month or quarter of a day."""
        self.shown_day = day
        self._show_part()

    # --- the chosen item

    def choose(self, item_id: int) -> None:
        """Look at an item: its detail beside, its mark and windows on the chart, its chip told apart."""
        board = self.board
        if board is None or item_id not in board.by_id:
            return
        self.side.close_form()
        self.item, part = item_id, self.parts.current().text()
        day = board.by_id[item_id].day
        self._show_item()
        self._show_chart(board, part in UNDER_CHART)
        self.timeline.choose(item_id)
        self.calendar.choose(item_id)
        if part in (MONTH, QUARTER) and day is not None:
            is_there = any(
                each.day == day and each.is_inside for week in self.calendar.days.weeks for each in week.days
            )
            self.shown_day = day
            if is_there:
                self.calendar.show_day(day)
            else:
                self._show_calendar(board, part)
            self._show_notes(board, part)
        place = self.timeline.chosen_rect()
        if place is not None:
            self.lanes.ensureVisible(place.center().x(), place.center().y())
        if part == LIST and self.list.table.current_id() != item_id:
            self.list.table.select_id(item_id)
        self._reach_side()

    def _reach_side(self) -> None:
        """In large text the side stands below and has to be scrolled to."""
        if theme.is_large():
            QTimer.singleShot(0, self, lambda: self.whole.ensureWidgetVisible(self.side, 0, 0))

    def open_item(self, item_id: int) -> None:
        """Look at an item and put the focus on what can be done next."""
        if item_id != self.item:
            self.choose(item_id)
        self.pane.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _note_day(self) -> None:
        """The day that the keys went to; a refresh comes back to it."""
        found = self.calendar.days.day_at(self.calendar.currentIndex())
        if found is not None and found.is_inside:
            self.shown_day = found.day

    def _show_item(self) -> None:
        row = None if self.item is None or self.board is None else self.board.by_id.get(self.item)
        if row is None:
            self.item = None
        elif self.side.form is None and self.board is not None:
            self.pane.show_item(row, self.board, self.choices)
        under = self.parts.current().text() in UNDER_CHART
        self.side.setVisible(self.side.form is not None or (row is not None and under))

    def leave_item(self) -> None:
        """Put the detail away."""
        if self.side.form is None and self.item is not None:
            self.item = None
            self._show_part()
            self.first_focus().setFocus()

    def move_by(self, days: int) -> None:
        """Move the chosen item; a day off is said, not skipped."""
        row = None if self.item is None or self.board is None else self.board.by_id.get(self.item)
        if row is None:
            self._refuse("Choose an item first: go to its day and press Enter.")
        elif row.facts.planned_on is None:
            self._refuse(f"“{row.title}” has no day yet; edit it and give it one.")
        else:
            self.move_to(row.id, row.facts.planned_on + timedelta(days=days))

    def move_to(self, item_id: int, day: date) -> None:
        """Plan an item for another day."""
        row = None if self.board is None else self.board.by_id.get(item_id)
        if row is None or day == row.day:
            return
        try:
            with self._vault.changing() as session:
                records.reschedule(session, item_id, day, now=self._now())
        except (Refused, VaultError) as error:
            self._refuse(str(error))
            return
        before = {"planned_on": row.facts.planned_on}
        self.step_done.emit(self.tasks.edited(row, before, f"Move “{row.title}” to {spoken_day(day)}"))
        self.item, self.shown_day = item_id, day
        self._say(f"“{row.title}” is planned for {spoken_day(day)}.{self._day_notes(day)}")

    def _day_notes(self, day: date) -> str:
        """What should be looked at about a day."""
        holidays = frozenset() if self.board is None else self.board.holidays
        return "".join(f" {told}" for told in day_warnings(day, london_day(self._now()), holidays))

    # --- forms in place

    def add(self, facts: ItemFacts | None = None) -> None:
        """Begin an item, or go on with the one begun."""
        day = self.calendar.day() if self.parts.current().text() in (MONTH, QUARTER) else None
        today = london_day(self._now())
        start = facts or ItemFacts("", planned_on=day if day is not None and day >= today else None)
        if start.force == rules.JOINT:
            start = replace(start, force=self.force)
        holidays = frozenset() if self.board is None else self.board.holidays
        self.show_task(self.tasks.add(self.choices, start, self._note_added, holidays))

    def _note_added(self, item_id: int) -> None:
        self.item = item_id

    def show_task(self, task: Task) -> None:
        """Show a form in place of the detail."""
        self.problem.say("")
        self.side.show_task(task)
        self._reach_side()

    def _done(self, said: str) -> None:
        """Show the item as it now stands, and what was done."""
        chosen = self.item
        self.refresh()
        self._go_to_items(chosen)
        self._say(said)
        if chosen is not None:
            self.open_item(chosen)

    def _go_to_items(self, item: int | None) -> None:
        """Leave a part that shows no items, and look at this one."""
        if item is not None:
            if self.parts.current().text() not in UNDER_CHART:
                self.parts.choose(MONTH)
            self.choose(item)

    def _leave_form(self) -> None:
        self._show_part()
        focus = self.side.first_focus() if self.side.isVisibleTo(self) else self.first_focus()
        focus.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- going and telling

    def _wanted(self, what: str, subject: object) -> None:
        if what == "new" and isinstance(subject, ItemFacts):
            self.add(subject)
        elif what == "item" and isinstance(subject, int) and subject != self.item:
            self.choose(subject)
        elif what == "open" and isinstance(subject, int):
            self.open_item(subject)

    def _find(self) -> None:
        self.parts.choose(LIST)
        self.list.words.setFocus()
        self.list.words.selectAll()

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.done.say(sentence)
        self.refresh()

    def _refuse(self, sentence: str) -> None:
        self.done.say("")
        self.problem.say(sentence)

    # --- what leaves the desk

    def export(self) -> None:
        """Hand out what is shown as a file."""
        self._hand_out(
            lambda board: export(self, self._vault, self._machine, self.listed(), board, now=self._now()),
            f"Export {self.parts.current().text().lower()}",
        )

    def listed(self) -> Listed:
        """What the shown part lists; of a calendar and the timeline the items of the days shown."""
        part = self.parts.current().text()
        if part in self.views:
            return self.views[part].listed()
        return self.list.listed_of(self.shown_rows(), f"Communications {self._name_of_days()}")

    def shown_rows(self) -> list[ItemRow]:
        """The items of the days shown, or those of the list."""
        part = self.parts.current().text()
        if self.board is None or part not in UNDER_CHART:
            return []
        if part == LIST:
            return self.list.rows()
        first, last = self._days(part)
        assert first is not None and last is not None  # a part with days
        return [row for row in self.board.rows if row.day is not None and first <= row.day <= last]

    def _name_of_days(self) -> str:
        part = self.parts.current().text()
        if part in (MONTH, QUARTER):
            return title_of(part, self.shown_day)
        first, last = self._days(part)
        return "list" if first is None or last is None else f"{long_day(first)} to {long_day(last)}"

    def export_calendar(self) -> None:
        """Hand out the items of the days shown as a calendar file."""
        items = [row.id for row in self.shown_rows() if row.day is not None]
        name = self._name_of_days()
        self._hand_out(
            lambda _board: export_calendar(self, self._vault, self._machine, items, name, now=self._now()),
            f"Hand out the calendar of {name}",
        )

    def _hand_out(self, deed: Callable[[Board], str], words: str) -> None:
        if self.board is None:
            return
        try:
            said = deed(self.board)
        except (Refused, VaultError) as error:
            self._refuse(str(error))
            return
        if said:
            self.step_done.emit(left_the_desk(words))
            self._say(said)

    # --- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_chart()

    def _fit_chart(self) -> None:
        """A quarter of a high window is the chart's; in a low one it has what its labels need."""
        if self.chart is not None:
            self.chart.setFixedHeight(min(theme.px(320), max(theme.px(LEAST_HIGH), round(self.height() * 0.26))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.side.form is None and self.item is not None:
            self.leave_item()
        else:
            super().keyPressEvent(event)
