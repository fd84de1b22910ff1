"""Weeks of submissions with marks of what was published: the share on time above, documents per week below.

The share on time is what a communication is judged by and has the strong colour; documents are context, in grey.
Marks are numbered in order of their days, and the table says what each number stands for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from oicdesk.reports import fonts
from oicdesk.reports.blocks import Figure, Table, spoken, text_of
from oicdesk.reports.charts import ACCENT, EDGE, GRID, INK, NEUTRAL, QUIET, _box, _percent, _rule, _step, _write

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEFT: Final = 34.0
_RIGHT: Final = 112.0
_BOTTOM: Final = 46.0
_GAP: Final = 16.0
_HEAD: Final = 30.0
"""Room above the upper panel for two rows of numbers."""


class Week(Protocol):
    """One week: first documents submitted in it; of its contacts those due and those of them on time."""

    @property
    def monday(self) -> date: ...
    @property
    def documents(self) -> int: ...
    @property
    def due(self) -> int: ...
    @property
    def on_time(self) -> int: ...
    @property
    def percent(self) -> float | None: ...


class Mark(Protocol):
    """Something published on a day."""

    @property
    def title(self) -> str: ...
    @property
    def day(self) -> date: ...


def weeks_figure(weeks: Sequence[Week], marks: Sequence[Mark], *, as_at: datetime, caption: str = "") -> Figure:
    """The chart of weeks with its words and its data, ready to stand in a report."""
    drawing = weeks_chart(weeks, marks, as_at=as_at)
    return Figure(drawing, weeks_alt(weeks, marks), weeks_table(weeks, marks), caption)


def weeks_alt(weeks: Sequence[Week], marks: Sequence[Mark]) -> str:
    """What the chart shows, in words."""
    if not weeks:
        return "Chart of submissions by week: there are no weeks yet."
    first, last = weeks[0], weeks[-1]
    documents, due, on_time = (sum(getattr(week, name) for week in weeks) for name in ("documents", "due", "on_time"))
    told = [
        f"Chart of {len(weeks)} weeks, from the week of {text_of(first.monday)} to that of {text_of(last.monday)}:"
        f" {on_time:,} of {due:,} contacts due were documented on time, {documents:,} documents were submitted."
    ]
    numbered = _numbered(weeks, marks)
    if not numbered:
        told.append("Nothing was published in these weeks.")
    told += [f"Mark {number}: {mark.title}, {text_of(mark.day)}." for number, mark in numbered]
    return " ".join(told)


def weeks_table(weeks: Sequence[Week], marks: Sequence[Mark]) -> Table:
    """The chart's data: week, share on time with its counts, documents, and what was published."""
    numbered = _numbered(weeks, marks)
    rows = [
        (
            week.monday, week.due, week.on_time, None if week.percent is None else _percent(week.percent),
            week.documents,
            "; ".join(f"{n} {mark.title}" for n, mark in numbered if _is_in(mark.day, week)) or None,
        )
        for week in weeks
    ]  # fmt: skip
    header = ("Week of", "Contacts due", "On time", "Share on time", "Documents", "Published")
    return Table(header, rows, align="lrrrrl", empty="No weeks yet.")


def weeks_chart(
    weeks: Sequence[Week], marks: Sequence[Mark], *, as_at: datetime, width: float = 483.0, height: float = 248.0
) -> "Drawing":
    """Up to 60 weeks: a line of the share on time over columns of documents; a dotted line through both per mark."""
    from reportlab.graphics.shapes import Drawing

    fonts.register()
    drawing = Drawing(width, height, initialFontName=fonts.REGULAR)
    frame = _Weeks(drawing, weeks)
    if weeks:
        frame.draw_grids()
        frame.draw_columns()
        frame.draw_line()
        frame.draw_marks(_numbered(weeks, marks))
        frame.draw_calendar()
        frame.draw_end_labels()
    else:
        _write(drawing, (_LEFT + width - _RIGHT) / 2, height / 2, "No weeks yet", QUIET, "middle", 9)
    _write(drawing, _LEFT, 4, f"As at {spoken(as_at)}", QUIET, "start", 7.5)
    return drawing


def _numbered(weeks: Sequence[Week], marks: Sequence[Mark]) -> list[tuple[int, Mark]]:
    inside = [mark for mark in marks if any(_is_in(mark.day, week) for week in weeks)]
    return list(enumerate(sorted(inside, key=lambda mark: (mark.day, mark.title)), 1))


def _is_in(day: date, week: Week) -> bool:
    return week.monday <= day < week.monday + timedelta(days=7)


class _Weeks:
    """Where the weeks stand on one chart, and the drawing of its parts."""

    def __init__(self, drawing: "Drawing", weeks: Sequence[Week]) -> None:
        self.drawing, self.weeks = drawing, weeks
        self.right = drawing.width - _RIGHT
        self.pitch = (self.right - _LEFT) / max(len(weeks), 1)
        self.top = drawing.height - _HEAD
        self.middle = _BOTTOM + (self.top - _BOTTOM) * 0.4
        self.floor = self.middle + _GAP
        most = max((week.documents for week in weeks), default=0)
        self.step = _step(most) if most <= 5 else _step(2 * most)
        self.ceiling = self.step * max(-(-most // self.step), 1)

    def x(self, at: float) -> float:
        return float(_LEFT + self.pitch * (at + 0.5))

    def share_y(self, value: float) -> float:
        return float(self.floor + value / 100 * (self.top - self.floor))

    def column_y(self, count: float) -> float:
        return float(_BOTTOM + count / self.ceiling * (self.middle - _BOTTOM))

    def draw_grids(self) -> None:
        for value in (0, 50, 100):
            y = self.share_y(value)
            _rule(self.drawing, (_LEFT, y, self.right, y), GRID if value else EDGE, 0.5)
            _write(self.drawing, _LEFT - 6, y - 2.6, f"{value}%", QUIET, "end", 7.5)
        for count in range(0, self.ceiling + 1, self.step):
            y = self.column_y(count)
            _rule(self.drawing, (_LEFT, y, self.right, y), GRID if count else EDGE, 0.5)
            _write(self.drawing, _LEFT - 6, y - 2.6, f"{count:,}", QUIET, "end", 7.5)

    def draw_columns(self) -> None:
        wide = min(self.pitch * 0.64, 24.0)
        for at, week in enumerate(self.weeks):
            if week.documents:
                tall = self.column_y(week.documents) - _BOTTOM
                _box(self.drawing, (self.x(at) - wide / 2, _BOTTOM, wide, tall), NEUTRAL, EDGE)

    def draw_line(self) -> None:
        """The share on time; a week in which nothing fell due breaks the line."""
        from reportlab.graphics.shapes import Circle, PolyLine
        from reportlab.lib.colors import HexColor

        accent = HexColor(ACCENT)
        run: list[float] = []
        for at, week in enumerate([*self.weeks, None]):
            share = week.percent if week is not None else None
            if share is not None:
                run += [self.x(at), self.share_y(share)]
                self.drawing.add(Circle(run[-2], run[-1], 1.7, fillColor=accent, strokeColor=None))
                continue
            if len(run) > 2:
                self.drawing.add(PolyLine(run, strokeColor=accent, strokeWidth=1))
            run = []

    def draw_marks(self, numbered: Sequence[tuple[int, Mark]]) -> None:
        """A dotted line at the day itself and the number above it; numbers that would touch take the upper row."""
        ends = [0.0, 0.0]
        first = self.weeks[0].monday
        for number, mark in numbered:
            x = self.x((mark.day - first).days / 7 - 0.5)
            _rule(self.drawing, (x, _BOTTOM, x, self.top + 4), QUIET, 0.7, dashes=(1, 2))
            half = fonts.width(str(number), fonts.BOLD, 7.5) / 2
            row = 0 if x - half > ends[0] else 1
            if x - half > ends[row]:
                ends[row] = x + half + 2
                _write(self.drawing, x, self.top + 7 + 10 * row, str(number), INK, "middle", 7.5, fonts.BOLD)

    def draw_calendar(self) -> None:
        """A month's name under the first week that begins in it, where there is room; the year under the first."""
        free, year = 0.0, 0
        for at, week in enumerate(self.weeks):
            is_first = at == 0 or self.weeks[at - 1].monday.month != week.monday.month
            name = _MONTHS[week.monday.month - 1]
            left = self.x(at) - self.pitch / 2
            if not is_first or left < free:
                continue
            free = left + fonts.width(name, fonts.REGULAR, 7.5) + 6
            _write(self.drawing, left, _BOTTOM - 11, name, QUIET, "start", 7.5)
            if week.monday.year != year:
                year = week.monday.year
                free = max(free, left + fonts.width(str(year), fonts.REGULAR, 7.5) + 6)
                _write(self.drawing, left, _BOTTOM - 21, str(year), INK, "start", 7.5)

    def draw_end_labels(self) -> None:
        x = self.right + 6
        known = [(at, week) for at, week in enumerate(self.weeks) if week.percent is not None]
        if known:
            share = known[-1][1].percent or 0.0
            y = min(max(self.share_y(share) - 2.6, self.floor), self.top - 4)
            _write(self.drawing, x, y, f"on time {_percent(share)}", ACCENT, "start", 7.5, fonts.BOLD)
            counts = f"{known[-1][1].on_time:,} of {known[-1][1].due:,} due"
            _write(self.drawing, x, y - 10, counts, QUIET, "start", 7.5)
        last = self.weeks[-1]
        y = min(max(self.column_y(last.documents) - 2.6, _BOTTOM), self.middle - 4)
        words = f"{last.documents:,} document" + ("" if last.documents == 1 else "s")
        _write(self.drawing, x, y, words, QUIET, "start", 7.5)
