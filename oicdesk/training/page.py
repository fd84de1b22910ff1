"""The Training page: who has completed what, what is said of the deadline, and everything that moves it on."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QGridLayout, QLayout, QStackedWidget, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine, this
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.training import records_completions, records_figures
from oicdesk.training.page_courses import CoursesView
from oicdesk.training.page_export import export
from oicdesk.training.page_figures import FiguresView
from oicdesk.training.page_hydra import HydraView
from oicdesk.training.page_parts import VERDICTS, Clock, Part, Scope, View, column_of, flow_of, row_of, scrolled
from oicdesk.training.page_people import PeopleView
from oicdesk.training.page_reminders import RemindersView
from oicdesk.training.page_waiting import ImportsView, WaitingView
from oicdesk.training.rules import Verdict
from oicdesk.training.sheet_import import CompletionsImport, RosterImport
from oicdesk.ui import theme
from oicdesk.ui.dates import DayEdit
from oicdesk.ui.detail import empty, text
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Notice, Pill, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.undo import left_the_desk
from oicdesk.vault.vault import Vault

PEOPLE, FIGURES, WAITING, REMINDERS, HYDRA, COURSES, IMPORTS = (
    "People", "Figures", "To confirm", "Reminders", "Hydra", "Courses", "Imports"
)  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)


class _Room(QStackedWidget):
    """The parts, each with a room of its own: the highest of them does not make the whole page scroll."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(320), theme.px(300))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()


class TrainingPage(Page):
    """Parts of one page under the verdicts, which are always in view; personnel data, never joined to a case.

    `parts` are other rooms' parts of the figures, made by the shell's hand and shown among them.
    """

    title = "Training"
    icon_name = "graduation-cap"
    shows = frozenset({"learner", "hydra_event", "completions_to_confirm"})
    tables = frozenset(
        {
            "learner", "learner_stint", "completion", "completion_match", "training_course", "training_rule",
            "training_import", "training_exclusion", "hydra_event", "hydra_place", "hydra_decision",
            "training_reminder", "setting", "reference_value",
        }
    )  # fmt: skip

    def __init__(
        self, vault: Vault, *, now: Clock = _now, machine: Machine | None = None,
        parts: Sequence[Callable[[Vault, Clock], Part]] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self._vault, self._now, self._machine = vault, now, machine or this()
        self._stale: set[str] = set()
        self._day: date | None = None  # None: today, whatever day it is by then
        self.people = PeopleView(vault, now)
        guests = [make(vault, now) for make in parts]
        self.tables = self.tables.union(*(part.tables for part in guests))
        self.figures, self.hydra = FiguresView(vault, now, guests), HydraView(vault, now)
        self.waiting, self.imports = WaitingView(vault, now), ImportsView(vault, now)
        self.reminders = RemindersView(vault, now, self._machine)
        self.courses = CoursesView(vault, now)
        self.views: dict[str, View] = {
            PEOPLE: self.people, FIGURES: self.figures, WAITING: self.waiting, REMINDERS: self.reminders,
            HYDRA: self.hydra, COURSES: self.courses, IMPORTS: self.imports,
        }  # fmt: skip
        self.parts = Segments("Part of the page", list(self.views), PEOPLE)
        self.as_at = DayEdit("As at")
        self.today_button = Button("Today", "quiet")
        self.import_button = Button("Import completions…", "primary", "upload")
        self.roster_button = Button("Import a roster…", "plain", "upload")
        self.export_button = Button("Export this view…", "plain", "download")
        self.done, self.problem = Notice("good"), Notice("problem")
        self.waits = Button("", "quiet", "circle-question-mark")
        self.stack = _Room()
        self.verdicts = QGridLayout()
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        self.verdicts.setHorizontalSpacing(theme.GAP)
        self.verdicts.setVerticalSpacing(4)
        self.verdicts.setColumnStretch(1, 1)
        for view in self.views.values():
            self.stack.addWidget(view)
        inner = QWidget()
        parts = (self._head(), self.verdicts, self._second(), self.done, self.problem, self.stack)
        column = column_of(inner, *parts, gap=theme.GRID + 2)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.GAP)
        column.setStretch(len(parts) - 1, 1)
        column_of(self, scrolled(inner))  # large text in a small window

    def _head(self) -> QLayout:
        title = (Words("Training", "title"), Words("as at", "base", "secondary"), self.as_at, self.today_button)
        buttons = (self.export_button, self.roster_button, self.import_button)
        if theme.is_large():
            return flow_of(*title, *buttons)
        head = row_of(*title)
        for button in buttons:
            head.addWidget(button)
        return head

    def _second(self) -> QLayout:
        second = row_of(self.parts)
        second.addWidget(self.waits)
        return second

    def _listen(self) -> None:
        self.parts.chosen.connect(self._turn)
        self.as_at.edit.editingFinished.connect(self._day_typed)
        self.as_at.changed.connect(self._day_picked)
        self.today_button.clicked.connect(lambda: self.show_day(None))
        self.import_button.clicked.connect(self.import_completions)
        self.roster_button.clicked.connect(self.import_roster)
        self.export_button.clicked.connect(self.export)
        self.waits.clicked.connect(lambda: self.parts.choose(WAITING))
        for view in self.views.values():
            view.said.connect(self._say)
            view.refused.connect(self._refuse)
            view.step_done.connect(self.step_done)
            view.wanted.connect(self._wanted)
        self.act("Import completions", self.import_completions, "Ctrl+I")
        self.act("Import a roster", self.import_roster, "Ctrl+Shift+I")
        self.act("Export this view", self.export, "Ctrl+E")
        self.act("Find a person", self._find, "Ctrl+F")
        self.import_button.setToolTip("Ctrl+I")
        self.roster_button.setToolTip("Ctrl+Shift+I")
        self.export_button.setToolTip("Ctrl+E")

    # --- what the window asks

    @property
    def scope(self) -> Scope:
        """The day and force shown now."""
        return Scope(self._day or london_day(self._now()), self.force)

    def refresh(self) -> None:
        scope = self.scope
        if not (self.as_at.edit.hasFocus() and self.as_at.edit.isModified()):  # nor what is being typed
            self.as_at.set_value(scope.day)
        self.today_button.setVisible(self._day is not None)
        with self._vault.reading() as session:
            found = records_figures.figures(session, scope.day, scope.force)
            waiting = records_completions.waiting_count(session)
        self._show_verdicts(found.verdicts)
        self.waits.setText(f"{waiting:,} to confirm")
        self.waits.setVisible(waiting > 0)
        self._stale = set(self.views)
        self._show_part()

    def _show_verdicts(self, verdicts: tuple[Verdict, ...]) -> None:
        empty(self.verdicts)
        for line, one in enumerate(verdicts):
            words = text(f"Recommendation {one.recommendation}. {one.in_words()}")
            words.setAccessibleName(f"{one.word}: {words.text()}")
            self.verdicts.addWidget(Pill(VERDICTS[one.word], one.word), line, 0)
            self.verdicts.addWidget(words, line, 1)

    def _turn(self, _name: str) -> None:
        self.done.say("")
        self.problem.say("")
        self._show_part()

    def _show_part(self) -> None:
        name = self.parts.current().text()
        self.stack.setCurrentWidget(self.views[name])
        if name in self._stale:
            self._stale.discard(name)
            self.views[name].refresh(self.scope)

    @property
    def view(self) -> View:
        """The part shown now."""
        return self.views[self.parts.current().text()]

    def first_focus(self) -> QWidget:
        return self.view.first_focus()

    def panes(self) -> list[QWidget]:
        panes: list[QWidget] = [self.parts.current(), self.view.first_focus()]
        if self.view is self.people and self.people.person.isVisibleTo(self):
            panes.append(self.people.person.first_focus())
        return panes

    def show_item(self, kind: str, id: int) -> bool:
        """Bring a person or a Hydra event into view, what waits to be confirmed, or who lacks a module."""
        if kind == "completions_to_confirm":
            self.parts.choose(WAITING)
        elif kind == "hydra_event":
            self.parts.choose(HYDRA)
            return self.hydra.events.select_id(id)
        elif kind == "learner":
            self._wanted("person", id)
        else:
            return False
        return True

    # --- the day

    def show_day(self, day: date | None) -> None:
        """Show the desk as at the end of a day; None is today."""
        today = london_day(self._now())
        if day is not None and day > today:
            self._refuse(f"{spoken_day(day)} lies in the future; figures can only be of a day that has come.")
            return
        self._day = None if day == today else day
        self.as_at.set_value(day or today)
        self.refresh()

    def _day_typed(self) -> None:
        try:
            day = self.as_at.value()
        except Refused as refusal:
            self._refuse(str(refusal))
            return
        if day != self.scope.day:
            self.problem.say("")
            self.show_day(day)

    def _day_picked(self) -> None:
        if not self.as_at.edit.hasFocus():  # the calendar; typing waits until the box is left
            self._day_typed()

    # --- going and telling

    def _wanted(self, what: str, subject: object) -> None:
        if what == "roster":
            self.import_roster()
        elif what == "remind" and isinstance(subject, list):
            self.reminders.only(subject)
            self.parts.choose(REMINDERS)
        elif what == "person" and isinstance(subject, int):
            self.parts.choose(PEOPLE)
            self.people.find_person(subject)
        elif what == "missing" and isinstance(subject, str):
            self.parts.choose(PEOPLE)
            self.people.show_missing(subject)

    def _find(self) -> None:
        self.parts.choose(PEOPLE)
        self.people.words.setFocus()
        self.people.words.selectAll()

    def _say(self, sentence: str) -> None:
        self.problem.say("")
        self.done.say(sentence)

    def _refuse(self, sentence: str) -> None:
        self.done.say("")
        self.problem.say(sentence)

    # --- in and out

    def import_completions(self) -> None:
        """Lead through the import of a learning system's export."""
        self._import(CompletionsImport(self._vault, self._now))

    def import_roster(self) -> None:
        """Lead through the import of a roster."""
        self._import(RosterImport(self._vault, self._now))

    def _import(self, kind: RosterImport | CompletionsImport) -> None:
        from oicdesk.sheets.form import lead_import

        lead_import(kind, self, self.refresh, self.step_done.emit)

    def export(self) -> None:
        """Hand out what is shown as a file."""
        try:
            said = export(self, self._vault, self._machine, self.view.listed(), self.scope, now=self._now())
        except (Refused, VaultError) as error:
            self._refuse(str(error))
            return
        if said:
            self._say(said)
            self.step_done.emit(left_the_desk(f"Export {self.view.listed().title.lower()}"))
