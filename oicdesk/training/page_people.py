"""People × courses: a cell is a day or a word; filters, and the history of the chosen person in place."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSplitter, QToolButton, QWidget

from oicdesk.training import records, records_people, rules
from oicdesk.training.page_parts import (
    PILLS,
    WORDS,
    Clock,
    Listed,
    Scope,
    View,
    choice,
    column_of,
    fill,
    people_words,
    row_of,
    standing_text,
    standing_words,
)
from oicdesk.training.page_person import PersonPane
from oicdesk.training.records_matrix import Matrix, MatrixFilter, MatrixRow
from oicdesk.ui import theme
from oicdesk.ui.detail import Flow
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rows import Column, RowsModel, Table
from oicdesk.vault.vault import Vault

_PAUSE = 250  # milliseconds of no typing before a text is sought
_ANYTHING = ((rules.MISSING, "Missing anything"), (rules.COMPLETE, "Missing nothing"))
_STATES = tuple((state, WORDS[state].capitalize()) for state in WORDS)


class MatrixSource:
    """The people of a day and filter, read anew at each look."""

    def __init__(self, vault: Vault, scope: Scope, chosen: MatrixFilter) -> None:
        self._vault, self._scope, self._chosen = vault, scope, chosen

    def count(self) -> int:
        with self._vault.reading() as session:
            return Matrix(session, self._scope.day, self._chosen).count()

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[MatrixRow]:
        with self._vault.reading() as session:
            return Matrix(session, self._scope.day, self._chosen).page(offset, limit, sort, descending)

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        with self._vault.reading() as session:
            return Matrix(session, self._scope.day, self._chosen).position(id, sort, descending)


class PeopleView(View):
    """The matrix, its filters, and a person's history beside it once opened."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._courses: dict[str, rules.Course] = {}
        self.model = RowsModel(_columns({}), self)
        self.table = Table(self.model, "People and courses")
        self.person = PersonPane(vault, now)
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self.apply_filter)
        self._listen()

    def _build(self) -> None:
        self.words = QLineEdit()
        self.words.setAccessibleName("Find a name or number")
        self.words.setPlaceholderText("Name or number")
        self.words.setClearButtonEnabled(True)
        self.words.setFixedWidth(theme.px(150))
        self.words.setMinimumHeight(theme.row_height())
        for part in self.words.findChildren(QToolButton):
            part.setAccessibleName("Clear the name or number")
        self.team, self.role, self.rank = choice("Team"), choice("Role group"), choice("Rank")
        self.course, self.state = choice("Course"), choice("Who is missing what")
        self.count = Words("", "base", "secondary")
        self.clear = Button("Show everybody", "quiet", "x")
        self.filters = QWidget()
        flow = Flow(self.filters)
        boxes = (self.words, self.team, self.role, self.rank, self.course, self.state, self.clear)
        for widget in boxes:
            flow.addWidget(widget)
        self.open_button = Button("Open the history", "plain", "scroll-text")
        self.remind_button = Button("Write reminders…", "plain", "send")
        self.foot = row_of(self.open_button, self.remind_button)
        self.foot.addWidget(self.count)
        self.left = QWidget()
        self.beside = column_of(self.left, self.table, self.foot)
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.setChildrenCollapsible(False)
        self.halves.setHandleWidth(theme.GRID)
        self.halves.addWidget(self.left)
        self.halves.addWidget(self.person)
        self.halves.setStretchFactor(0, 1)
        self.person.setMinimumWidth(theme.px(350))
        self.person.hide()
        column_of(self, self.filters, self.halves).setStretch(1, 1)

    def _listen(self) -> None:
        self.words.textChanged.connect(self._timer.start)
        self.words.returnPressed.connect(self.apply_filter)
        for box in (self.team, self.role, self.rank, self.state):
            box.activated.connect(self.apply_filter)
        self.course.activated.connect(self._course_chosen)
        self.clear.clicked.connect(self.show_everybody)
        self.open_button.clicked.connect(self._open_current)
        self.remind_button.clicked.connect(self._remind)
        self.person.said.connect(self.said)
        self.person.refused.connect(self.refused)
        self.person.closed.connect(self.close_person)
        self.person.remind_asked.connect(lambda learner_id: self.wanted.emit("remind", [learner_id]))
        self._listen_to_table()
        leave = QShortcut(QKeySequence("Esc"), self.halves, self.close_person)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _listen_to_table(self) -> None:
        self.table.row_opened.connect(self.open_person)
        self.table.selection_changed.connect(self._selected)
        self.table.horizontalHeader().setAccessibleName("Columns of people and courses")

    # --- what is shown

    def refresh(self, scope: Scope) -> None:
        with self.vault.reading() as session:
            courses = records.catalogue(session, scope.day)
            in_use = records_people.values_in_use(session)
        self._offer(in_use, courses)
        self.scope = scope
        if {code: one.title for code, one in courses.items()} != {c: one.title for c, one in self._courses.items()}:
            self._new_table(courses)
        self.apply_filter()
        if self.person.isVisibleTo(self):
            self.person.refresh(scope)

    def _offer(self, in_use: dict[str, list[str]], courses: dict[str, rules.Course]) -> None:
        named = (
            ("team", self.team, "Any team"),
            ("role_group", self.role, "Any role"),
            ("rank", self.rank, "Any rank"),
        )
        for name, box, anything in named:
            fill(box, [("", anything), *((word, word) for word in in_use[name])])
        fill(self.course, [("", "Any course"), *((code, one.title) for code, one in courses.items())])
        self._offer_states()

    def _offer_states(self) -> None:
        offered = _STATES if self.course.currentData() else _ANYTHING
        fill(self.state, [("", "Everybody"), *offered])

    def _course_chosen(self) -> None:
        self._offer_states()
        if self.course.currentData() and not self.state.currentData():
            self.state.setCurrentIndex(self.state.findData(rules.MISSING))
        self.apply_filter()

    def _new_table(self, courses: dict[str, rules.Course]) -> None:
        """The columns are those of the catalogue of the day."""
        self._courses = courses
        old = self.table
        self.model = RowsModel(_columns(courses), self)
        self.table = Table(self.model, "People and courses")
        self._listen_to_table()
        self.beside.replaceWidget(old, self.table)
        old.hide()
        old.deleteLater()
        QWidget.setTabOrder(self.clear, self.table)

    def filter(self) -> MatrixFilter:
        """What the boxes ask for, within the force of the window."""
        return MatrixFilter(
            force=self.scope.force, team=self.team.currentData() or "", role_group=self.role.currentData() or "",
            rank=self.rank.currentData() or "", words=self.words.text().strip(),
            course=(self.course.currentData() or "") if self.state.currentData() else "",
            state=self.state.currentData() or "",
        )  # fmt: skip

    def apply_filter(self) -> None:
        """Show whom the boxes ask for."""
        self._timer.stop()
        chosen = self.filter()
        self.model.set_source(MatrixSource(self.vault, self.scope, chosen))
        everybody = MatrixFilter(force=self.scope.force)
        shown, is_all = self.model.rowCount(), chosen == everybody
        whole = shown if is_all else MatrixSource(self.vault, self.scope, everybody).count()
        self.count.setText(people_words(shown) if is_all else f"{shown:,} of {people_words(whole)}")
        self.clear.setVisible(not is_all)
        self._say_empty(whole)
        self._selected()

    def _say_empty(self, whole: int) -> None:
        if whole:
            self.table.set_empty("Nobody matches", "People are in service on that day, but nobody who fits all of"
                                 " this.", "Show everybody", self.show_everybody)  # fmt: skip
        else:
            self.table.set_empty(
                "Nobody is on the roster on that day", "Import the roster first, then the completions of the learning"
                " system.", "Import a roster…", lambda: self.wanted.emit("roster", None),
            )  # fmt: skip

    def show_everybody(self) -> None:
        """Clear every filter."""
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        for box in (self.team, self.role, self.rank, self.course):
            box.setCurrentIndex(0)
        self._offer_states()
        self.state.setCurrentIndex(0)
        self.apply_filter()

    def show_missing(self, course: str) -> None:
        """Who is missing a course, or anything."""
        self.show_everybody()
        self.course.setCurrentIndex(max(0, self.course.findData(course)))
        self._offer_states()
        self.state.setCurrentIndex(self.state.findData(rules.MISSING))
        self.apply_filter()

    # --- a person

    def open_person(self, learner_id: int) -> None:
        """Show the history of a person beside the table."""
        self.person.show_person(learner_id, self.scope)
        self.person.show()
        self.person.first_focus().setFocus()

    def find_person(self, learner_id: int) -> None:
        """Bring a person into view and open their history."""
        if not self.table.select_id(learner_id):
            self.show_everybody()
            self.table.select_id(learner_id)
        self.open_person(learner_id)

    def close_person(self) -> None:
        """Back to the table alone."""
        self.person.hide()
        self.table.setFocus()

    def _open_current(self) -> None:
        chosen = self.table.selected_ids()
        if chosen:
            self.open_person(chosen[0])

    def _selected(self) -> None:
        chosen = self.table.selected_ids()
        self.open_button.setEnabled(len(chosen) == 1)
        whom = f"to the {len(chosen)} chosen" if len(chosen) > 1 else "to this person" if chosen else "to those shown"
        self.remind_button.setText(f"Write reminders {whom}…")
        self.remind_button.setEnabled(self.model.rowCount() > 0)
        if len(chosen) == 1 and self.person.isVisibleTo(self) and self.person.learner_id != chosen[0]:
            self.person.show_person(chosen[0], self.scope)

    def _remind(self) -> None:
        ids = self.table.selected_ids()
        if not ids and self.filter() != MatrixFilter(force=self.scope.force):
            with self.vault.reading() as session:
                ids = Matrix(session, self.scope.day, self.filter()).ids()
        self.wanted.emit("remind", ids)

    # --- for the page

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        with self.vault.reading() as session:
            matrix = Matrix(session, self.scope.day, self.filter())
            found = matrix.page(0, max(1, matrix.count()), self.model.sort_name, self.model.descending)
        header = ("Staff number", "Name", "Force", "Team", "Rank", "Role group")
        rows = [
            (
                row.person.staff_number, row.name, row.person.force, row.person.team, row.person.rank,
                row.person.role_group, *(_exported(row.standings[code]) for code in self._courses),
            )
            for row in found
        ]  # fmt: skip
        return Listed("People and courses", (*header, *(one.title for one in self._courses.values())), rows)


def _exported(standing: rules.Standing) -> Any:
    return standing.done_on if standing.state == rules.COMPLETE else standing_words(standing)


def _columns(courses: dict[str, rules.Course]) -> list[Column]:
    return [
        Column("Name", lambda row: row.name, "name", lambda row: row.name, width=150),
        Column("Team", lambda row: row.person.team or "", "team", width=156),
        *(_course_column(code, one) for code, one in courses.items()),
        Column("Role group", lambda row: row.person.role_group or "", "role_group", width=120),
        Column("Rank", lambda row: row.person.rank or "", "rank", width=70),
        Column("Force", lambda row: row.person.force, "force", width=80),
        Column("Staff number", lambda row: row.person.staff_number, "staff_number", width=110),
    ]


def _course_column(code: str, course: rules.Course) -> Column:
    return Column(
        course.title, lambda row: standing_text(row.standings[code]), code,
        lambda row: f"{course.title} {standing_words(row.standings[code])}", 112,
        icon=lambda row: PILLS.get(row.standings[code].state),
    )  # fmt: skip
