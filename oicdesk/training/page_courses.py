"""The catalogue: titles, validity, equivalents; and who is relevant for each course, each from a day on."""

from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.settings.rules import london_day, short_day
from oicdesk.training import form, records, records_people, rules
from oicdesk.training.page_parts import Clock, LineRow, Lines, Listed, Scope, View, column_of, row_of
from oicdesk.ui.detail import Section
from oicdesk.ui.parts import Button
from oicdesk.vault.vault import Vault

_COLUMNS = (
    ("Course", 140), ("Kind", 140), ("Valid for", 90), ("Also counts", 130), ("Who is relevant", 330), ("Since", 100),
)  # fmt: skip


class CoursesView(View):
    """Courses as at the day, and the dated rules of who has to complete them."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._courses: dict[str, rules.Course] = {}
        self._codes: list[str] = []
        self.table = Lines("Courses", _COLUMNS)
        self.table.setSelectionMode(Lines.SelectionMode.SingleSelection)
        self.relevant_button = Button("Say who is relevant…", "plain", "users")
        self.edit_button = Button("Edit the course…", "plain", "pencil")
        self.add_button = Button("Add a course…", "plain", "plus")
        self.history = Section("Rules of this course")
        column = column_of(self, row_of(self.relevant_button, self.edit_button, self.add_button), self.table,
                           self.history)  # fmt: skip
        column.setStretch(1, 1)
        self.table.selection_changed.connect(self._show_course)
        self.table.row_opened.connect(lambda _: self._set_relevance())
        self.relevant_button.clicked.connect(self._set_relevance)
        self.edit_button.clicked.connect(self._edit)
        self.add_button.clicked.connect(self._add)

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            self._courses = records.catalogue(session, scope.day)
            self._relevance = records.relevance(session, scope.day)
        self._codes = list(self._courses)
        self.table.set_lines([self._line(n, code) for n, code in enumerate(self._codes)])
        if not self.table.selected_ids():
            self.table.selectRow(0)
        self._show_course()

    def _line(self, place: int, code: str) -> LineRow:
        course, rule = self._courses[code], self._relevance[code]
        months = "1 month" if course.valid_months == 1 else f"{course.valid_months} months"
        valid = "for ever" if course.valid_months is None else months
        also = ", ".join(self._courses[one].title for one in course.equivalents if one in self._courses)
        since = short_day(rule.valid_from) if rule.valid_from else "the start"
        cells = (course.title, rules.KINDS[course.kind], valid, also or "–", rule.in_words(), since)
        return LineRow(place, cells)

    def _code(self) -> str:
        chosen = self.table.selected_ids()
        return self._codes[chosen[0]] if chosen else ""

    def _show_course(self) -> None:
        code = self._code()
        for button in (self.relevant_button, self.edit_button):
            button.setEnabled(bool(code))
        if not code:
            self.history.show_lines([], "Choose a course above.")
            return
        with self.vault.reading() as session:
            past = records.relevance_history(session, code)
        self.history.show_lines(
            [
                (f"From {short_day(rule.valid_from)}" if rule.valid_from else "At the start",
                 f"{rule.in_words()[:1].upper()}{rule.in_words()[1:]}. Why: {rule.why}")
                for rule in reversed(past[-4:])
            ], "",
        )  # fmt: skip

    def _set_relevance(self) -> None:
        code = self._code()
        if not code:
            return
        with self.vault.reading() as session:
            in_use = records_people.values_in_use(session)
        rule = self._relevance[code]
        for name, words in (("role_group", rule.role_groups), ("rank", rule.ranks), ("team", rule.teams),
                            ("force", rule.forces)):  # fmt: skip
            in_use[name] = [*in_use[name], *(word for word in words or () if word not in in_use[name])]
        self.ask(
            f"Who is relevant for {self._courses[code].title}", form.relevance_fields(in_use), "Set who is relevant",
            lambda session, values: form.set_relevance(session, code, values, self.now()),
            values=form.relevance_values(rule, london_day(self.now())),
        )  # fmt: skip

    def _edit(self) -> None:
        code = self._code()
        course = self._courses[code]
        others = [(other, one.title) for other, one in self._courses.items() if other != code]
        values: dict[str, Any] = {
            "on": london_day(self.now()), "title": course.title, "valid_months": course.valid_months,
            "equivalents": course.equivalents, "words": "\n".join(course.words),
        }  # fmt: skip
        self.ask(f"Edit {course.title}", form.course_fields(others), "Save the course",
                 lambda session, found: form.edit_course(session, code, found, self.now()), values=values)  # fmt: skip

    def _add(self) -> None:
        self.ask("Add a course", form.new_course_fields(), "Add it",
                 lambda session, values: form.add_course(session, values, self.now()),
                 values={"on": london_day(self.now())})  # fmt: skip

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        rows = [self._line(n, code).cells for n, code in enumerate(self._codes)]
        return Listed("Training courses", tuple(title for title, _width in _COLUMNS), rows)
