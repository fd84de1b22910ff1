"""The figures of a day: what to look at first, completed out of those in scope, teams, and twelve months."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.reports.charts import Month, months_chart
from oicdesk.settings.rules import end_of_day, short_day
from oicdesk.training import records_figures, rules
from oicdesk.training.page_parts import (
    Clock,
    LineRow,
    Lines,
    Listed,
    Part,
    Scope,
    View,
    choice,
    column_of,
    fill,
    people_words,
    percent_text,
    row_of,
    scrolled,
)
from oicdesk.training.records_figures import PositionRow
from oicdesk.training.records_matrix import Matrix
from oicdesk.training.rules import CourseFigure, Figures, GroupRow, Point
from oicdesk.ui import jobs, theme
from oicdesk.ui.chart import Chart
from oicdesk.ui.detail import Section, empty, text
from oicdesk.ui.parts import Button, Words
from oicdesk.vault.vault import Vault

_COLUMNS = (
    ("Course", 176), ("In scope", 88), ("Completed", 96), ("Share", 88), ("Still to complete", 132), ("Lapsed", 76),
    ("Suffolk", 150), ("Norfolk", 150),
)  # fmt: skip
_QUICK = 1_500  # people up to which the figures of twelve months are worked out at once
_PARTS = ("completed", "not yet")


class FiguresView(View):
    """Everything that is said of a day, the record check first."""

    def __init__(self, vault: Vault, now: Clock, parts: Sequence[Part] = ()) -> None:
        super().__init__(vault, now)
        self._position: PositionRow | None = None
        self._guests = parts
        self.check_words = text("")
        self.check = Lines("Record check", (("About", 110), ("People", 70), ("What to look at", 600)), right=(1,),
                           fitted=6)  # fmt: skip
        self.courses = Lines("Figures by course", _COLUMNS, right=(1, 2, 3, 4, 5, 6, 7), fitted=10)
        self.excluded = Lines("Left out, by reason", (("Course", 176), ("People", 80), ("Reason", 380)), right=(1,),
                              fitted=8)  # fmt: skip
        self.shown = choice("Course of the teams and months")
        self.gap = text("")
        self.forecast = text("", "base", "secondary")
        self.teams = Bars()
        self.month_words = text("", "base", "secondary")
        self.chart: Chart | None = None
        self.months = Lines("Months", (("Month", 140), ("In scope", 90), ("Completed", 96), ("Share", 90)),
                            right=(1, 2), fitted=13)  # fmt: skip
        self._lay_out()
        self.shown.activated.connect(self._show_course)
        self.check.row_opened.connect(self._open_check)
        self.courses.row_opened.connect(self._open_course)

    def _lay_out(self) -> None:
        self.look = Button("Show the person", "quiet", "users")
        self.look.clicked.connect(lambda: self._open_check(self.check.current_id() or 0))
        self.check.selection_changed.connect(self._check_chosen)
        first, second = (
            Section("Look at this before you publish", self.look),
            Section("Completed out of those in scope"),
        )
        third, fourth = Section("Left out, by reason"), Section("Teams and forecast")
        fifth = Section("Twelve months")
        first.body.addWidget(self.check_words)
        first.body.addWidget(self.check)
        second.body.addWidget(self.courses)
        note = (
            "This counts everybody in scope, so it has no margin of error. Enter on a course shows who is missing it."
        )
        second.body.addWidget(text(note, "small", "secondary"))
        third.body.addWidget(self.excluded)
        fourth.body.addLayout(row_of(Words("Course", "base", "secondary"), self.shown))
        for widget in (self.gap, self.forecast, self.teams):
            fourth.body.addWidget(widget)
        self._chart_room = fifth.body
        fifth.body.addWidget(self.month_words)
        fifth.body.addWidget(self.months)
        inner = QWidget()
        guests = [part for part in self._guests if isinstance(part, QWidget)]
        column = column_of(inner, first, second, third, fourth, *guests, fifth, gap=theme.GAP)
        column.setContentsMargins(0, 0, theme.GRID, theme.GAP)
        column.addStretch(1)
        column_of(self, scrolled(inner))

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            is_quick = Matrix(session, scope.day).count() <= _QUICK
        if is_quick:
            self._show(self._read(scope))
            return
        jobs.run(
            self, lambda _progress: self._read(scope), title="Working out the figures", done=self._show,
            failed=self._failed,
        )  # fmt: skip

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused | VaultError):
            self.refused.emit(str(error))

    def _read(self, scope: Scope) -> PositionRow:
        with self.vault.reading() as session:
            return records_figures.position(session, scope.day, scope.force)

    def _show(self, position: PositionRow) -> None:
        self._position = position
        found = position.figures
        self._show_check(position)
        self._show_figures(position)
        offered = [(one.code, one.title) for one in _shown(found) if one.in_scope]
        fill(self.shown, sorted(offered, key=lambda pair: pair[0] != rules.ALL_MODULES))
        self._show_course()
        for part in self._guests:
            part.show_scope(self.scope.day, self.scope.force)

    def _show_check(self, position: PositionRow) -> None:
        found = position.inconsistencies
        self.check_words.setText(
            f"{len(found)} {'thing does' if len(found) == 1 else 'things do'} not fit. Enter on a line that names"
            " people shows the first of them." if found else "Nothing in the records contradicts these figures."
        )  # fmt: skip
        self.check.setVisible(bool(found))
        self.check.set_lines(
            [
                LineRow(n, (one.kind.capitalize(), str(len(one.learner_ids) or ""), one.sentence), None,
                        (one.kind, len(one.learner_ids), one.sentence))
                for n, one in enumerate(found)
            ]
        )  # fmt: skip
        self._check_chosen()

    def _check_chosen(self) -> None:
        chosen = self.check.selected_ids()
        names = self._position is not None and chosen and self._position.inconsistencies[chosen[0]].learner_ids
        self.look.setVisible(bool(names))

    def _open_check(self, place: int) -> None:
        assert self._position is not None
        ids = self._position.inconsistencies[place].learner_ids
        if ids:
            self.wanted.emit("person", ids[0])

    def _show_figures(self, position: PositionRow) -> None:
        rows = []
        for n, one in enumerate(_shown(position.figures)):
            forces = [_of_force(position, force, one.code) for force in ("Suffolk", "Norfolk")]
            cells = (
                one.title, f"{one.in_scope:,}", f"{one.completed:,}", percent_text(one.percent),
                f"{len(one.missing):,}", f"{one.expired:,}", *forces,
            )  # fmt: skip
            keys = (one.title, one.in_scope, one.completed, one.percent or -1, len(one.missing), one.expired, *forces)
            rows.append(LineRow(n, cells, None, keys))
        self.courses.set_lines(rows)
        reasons = [(one.title, reason, count) for one in _shown(position.figures)
                   for reason, count in one.excluded.items()]  # fmt: skip
        self.excluded.set_lines(
            [LineRow(n, (title, f"{count:,}", reason), None, (title, count, reason))
             for n, (title, reason, count) in enumerate(reasons)]
        )  # fmt: skip
        self.excluded.set_empty("Nobody is left out", "Absent people and exclusions would stand here by reason.")

    def _open_course(self, place: int) -> None:
        assert self._position is not None
        code = _shown(self._position.figures)[place].code
        self.wanted.emit("missing", "" if code == rules.ALL_MODULES else code)

    # --- one course

    def _show_course(self) -> None:
        assert self._position is not None
        code = self.shown.currentData()
        found = _figure(self._position.figures, code) if code else None
        for widget in (self.teams, self.months, self.forecast):
            widget.setVisible(found is not None)
        if found is None:
            self.gap.setText("Nobody is in scope of any course yet: import a roster, or say who is relevant.")
            self.month_words.setText("There is nothing to show yet.")
            return
        self.gap.setText(self._position.gaps[code])
        outlook = self._position.forecasts.get(code)
        self.forecast.setText(outlook.words if outlook else "There is no gap to forecast.")
        self.teams.show_rows(self._groups(found))
        self._show_months(found, self._position.series.get(code, ()))

    def _groups(self, found: CourseFigure) -> Sequence[GroupRow]:
        if self._position is not None and found.code == rules.ALL_MODULES:
            return self._position.teams
        with self.vault.reading() as session:
            scoped = records_figures.snapshot(session, self.scope.day).of_force(self.scope.force)
        return rules.by_group(scoped, found, "team")

    def _show_months(self, found: CourseFigure, points: Sequence[Point]) -> None:
        self.months.set_lines(
            [
                LineRow(n, (short_day(p.day), f"{p.in_scope:,}", f"{p.completed:,}", percent_text(p.percent)), None,
                        (p.day, p.in_scope, p.completed, p.percent or -1))
                for n, p in enumerate(points)
            ]
        )  # fmt: skip
        self.month_words.setText(
            f"Share of those in scope who had completed {found.spoken}, at the end of each month; the last point is"
            f" {short_day(self.scope.day)}."
        )
        self._draw(found, points)

    def _draw(self, found: CourseFigure, points: Sequence[Point]) -> None:
        months = [Month(point.day.replace(day=1), point.in_scope, point.completed) for point in points]
        drawing = months_chart(months, as_at=end_of_day(self.scope.day), width=680, height=210, parts=_PARTS)
        rows = [
            ("Month", "In scope", "Completed", "Share"),
            *((f"{p.day:%B %Y}", str(p.in_scope), str(p.completed), percent_text(p.percent)) for p in points),
        ]
        name = f"Twelve months of {found.title}"
        if self.chart is None:
            self.chart = Chart(drawing, rows, name)
            self.chart.setFixedHeight(theme.px(260))
            self._chart_room.insertWidget(1, self.chart)
        else:
            self.chart.show_drawing(drawing, rows, name)
        self.chart.setVisible(any(point.in_scope for point in points))

    # --- for the page

    def first_focus(self) -> QWidget:
        return self.courses

    def listed(self) -> Listed:
        by_force = self._position.by_force if self._position is not None else {}
        rows = [
            (force, one.title, one.in_scope, one.completed, one.percent, len(one.missing), one.expired,
             sum(one.excluded.values()))
            for force, figures in by_force.items()
            for one in _shown(figures)
        ]  # fmt: skip
        header = ("Force", "Course", "In scope", "Completed", "Percent", "Still to complete", "Lapsed", "Left out")
        return Listed("Training figures", header, rows)


def _shown(figures: Figures) -> list[CourseFigure]:
    """Modules, all of them together, Hydra, and whatever else somebody is in scope of."""
    modules = [one for code, one in figures.courses.items() if code.startswith("module_")]
    rest = [one for code, one in figures.courses.items() if not code.startswith("module_")]
    return [*modules, figures.all_modules, *(one for one in rest if one.in_scope or one.code == rules.HYDRA)]


def _figure(figures: Figures, code: str) -> CourseFigure:
    return figures.all_modules if code == rules.ALL_MODULES else figures.courses[code]


def _of_force(position: PositionRow, force: str, code: str) -> str:
    figures = position.by_force.get(force)
    if figures is None:
        return "–"
    one = _figure(figures, code)
    return f"{one.completed:,} of {one.in_scope:,} ({percent_text(one.percent)})"


class Bars(QWidget):
    """A bar for each team: completed out of those in scope, with both counts in words."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.lines: list[str] = []

    def show_rows(self, rows: Sequence[GroupRow]) -> None:
        """Show these teams, in their order."""
        empty(self._grid)
        self.lines = []
        most = max((row.in_scope for row in rows), default=1)
        for place, row in enumerate(rows):
            told = f"{row.completed:,} of {row.in_scope:,} ({percent_text(row.percent)})"
            if row.missing:
                told += f", {people_words(row.missing)} to go"
            self.lines.append(f"{row.name}: {told}")
            self._grid.addWidget(Words(row.name), place, 0)
            self._grid.addWidget(_Bar(row.completed / most, row.in_scope / most, self.lines[-1]), place, 1)
            self._grid.addWidget(Words(told, "base", "secondary"), place, 2)


class _Bar(QWidget):
    """One bar, its done part filled; the words beside it say the same."""

    def __init__(self, done: float, whole: float, spoken: str) -> None:
        super().__init__()
        self._done, self._whole = done, whole
        self.setAccessibleName(spoken)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = theme.px(10)
        room = QRectF(0.5, (self.height() - height) / 2, max(2.0, (self.width() - 1) * self._whole), height)
        painter.setPen(theme.color("edge"))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(room, 3, 3)
        if self._done:
            room.setWidth(max(4.0, (self.width() - 1) * self._done))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawRoundedRect(room, 3, 3)
        painter.end()
