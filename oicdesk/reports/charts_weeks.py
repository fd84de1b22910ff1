"""Weeks of submissions with marks of what was published: the share on time above, documents per week below.

The share on time is what a communication is judged by and has the strong colour; documents are context, in grey.
Marks are numbered in order of their days, and the table says what each number stands for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING, Final, Protocol

from oicdesk.reports import fonts
from oicdesk.reports.blocks import Figure, Table, spoken, text_of
from oicdesk.reports.charts import ACCENT, EDGE, GRID, INK, NEUTRAL, QUIET, _box, _percent, _rule, _step, _write

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEFT: Final = 34.0
_RIGHT: Final = 112.0
_RIGHT_AHEAD: Final = 10.0
"""Where weeks to come leave room for the labels of the last one."""
_BOTTOM: Final = 26.0
_GAP: Final = 16.0
_HEAD: Final = 16.0
_SECOND_ROW: Final = 10.0
"""Room above the upper panel for a row of numbers, and for a second one where numbers would touch."""


_NOTHING: Final = "No document was submitted and none fell due in these weeks"


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
    published: dict[date, list[str]] = {}
    for number, mark in _numbered(weeks, marks):
        published.setdefault(mark.day - timedelta(days=mark.day.weekday()), []).append(f"{number} {mark.title}")
    rows = [
        (
            week.monday, week.due, week.on_time, None if week.percent is None else _percent(week.percent),
            week.documents, "; ".join(published.get(week.monday, ())) or None,
        )
        for week in weeks
    ]  # fmt: skip
    header = ("Week of", "Contacts due", "On time", "Share on time", "Documents", "Published")
    return Table(header, rows, align="lrrrrl", empty="No weeks yet.")


@dataclass(frozen=True)
class Axis:
    """Where days stand on a chart of weeks, for whatever is laid out under it."""

    first: date
    weeks: int
    left: float
    right: float

    @property
    def pitch(self) -> float:
        """The width of a week."""
        return (self.right - self.left) / max(self.weeks, 1)

    def x(self, day: date) -> float:
        """Where a day begins."""
        return self.left + self.pitch * (day - self.first).days / 7

    def day(self, x: float) -> date:
        """The day that this place belongs to."""
        return self.first + timedelta(days=floor((x - self.left) / self.pitch * 7))

    @property
    def last(self) -> date:
        """The last day on it."""
        return self.first + timedelta(weeks=self.weeks, days=-1)


def weeks_axis(weeks: Sequence[Week], *, width: float = 483.0, ahead: int = 0) -> Axis:
    """The days of a chart of these weeks and, with `ahead`, of so many weeks to come."""
    right = width - (_RIGHT_AHEAD if ahead else _RIGHT)
    return Axis(weeks[0].monday if weeks else date.min, len(weeks) + ahead, _LEFT, right)


@dataclass(frozen=True)
class Span:
    """A stretch of days that is told apart on the chart, both days included."""

    first: date
    last: date
    words: str


def weeks_chart(
    weeks: Sequence[Week],
    marks: Sequence[Mark],
    *,
    as_at: datetime,
    width: float = 483.0,
    height: float = 248.0,
    ahead: int = 0,
    chosen: Mark | None = None,
    spans: Sequence[Span] = (),
) -> "Drawing":
    """Up to 60 weeks: a line of the share on time over columns of documents; a dotted line through both per mark.

    `ahead` leaves room for weeks to come, `chosen` is one of the marks, `spans` are stretches named between the panels.
    """
    from reportlab.graphics.shapes import Drawing

    fonts.register()
    drawing = Drawing(width, height, initialFontName=fonts.REGULAR)
    frame = _Weeks(drawing, weeks, ahead, _numbered(weeks, marks))
    if weeks:
        frame.draw_grids()
        frame.draw_columns()
        frame.draw_line()
        frame.draw_spans(spans)
        frame.draw_marks(chosen)
        frame.draw_calendar()
        frame.draw_end_labels()
    else:
        _write(drawing, (_LEFT + width - _RIGHT) / 2, height / 2, "No weeks yet", QUIET, "middle", 9)
    _write(drawing, _LEFT, 4, f"As at {spoken(as_at)}", QUIET, "start", 7.5)
    return drawing


def _numbered(weeks: Sequence[Week], marks: Sequence[Mark]) -> list[tuple[int, Mark]]:
    """The marks of these weeks, which follow one another, in order of their days."""
    if not weeks:
        return []
    end = weeks[-1].monday + timedelta(days=7)
    inside = [mark for mark in marks if weeks[0].monday <= mark.day < end]
    return list(enumerate(sorted(inside, key=lambda mark: (mark.day, mark.title)), 1))


class _Weeks:
    """Where the weeks stand on one chart, and the drawing of its parts."""

    def __init__(
        self, drawing: "Drawing", weeks: Sequence[Week], ahead: int, numbered: Sequence[tuple[int, Mark]]
    ) -> None:
        self.drawing, self.weeks, self.ahead = drawing, weeks, ahead
        self.axis = weeks_axis(weeks, width=drawing.width, ahead=ahead)
        self.right, self.pitch = self.axis.right, self.axis.pitch
        self.numbers = [(number, mark, row) for (number, mark), row in zip(numbered, self._rows(numbered), strict=True)]
        self.top = drawing.height - _HEAD - _SECOND_ROW * any(row == 1 for _number, _mark, row in self.numbers)
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
        apart = max(1, ceil(9 * self.ceiling / (self.middle - _BOTTOM) / self.step))  # numbers must not touch
        for count in range(0, self.ceiling + 1, self.step * apart):
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

    def draw_spans(self, spans: Sequence[Span]) -> None:
        """A bracket between the panels, with its words where they fit."""
        y = self.middle + _GAP / 2
        for span in spans:
            left = max(self.axis.x(span.first), _LEFT)
            right = min(self.axis.x(span.last + timedelta(days=1)), self.right)
            if right <= left:
                continue
            room = (right - left - fonts.width(span.words, fonts.BOLD, 7.5)) / 2 - 4
            ends = [(left, left + room), (right - room, right)] if room > 3 else [(left, right)]
            for start, end in ends:
                _rule(self.drawing, (start, y, end, y), ACCENT, 1)
            for x in (left, right):
                _rule(self.drawing, (x, y - 3, x, y + 3), ACCENT, 1)
            if room > 3:
                _write(self.drawing, (left + right) / 2, y - 2.6, span.words, ACCENT, "middle", 7.5, fonts.BOLD)

    def _rows(self, numbered: Sequence[tuple[int, Mark]]) -> list[int | None]:
        """Which row each number stands in, so that none touches another; None where there is no room for it."""
        ends, rows = [0.0, 0.0], list[int | None]()
        for number, mark in numbered:
            x, half = self.axis.x(mark.day), fonts.width(str(number), fonts.BOLD, 7.5) / 2
            row = next((row for row in (0, 1) if x - half > ends[row]), None)
            if row is not None:
                ends[row] = x + half + 2
            rows.append(row)
        return rows

    def draw_marks(self, chosen: Mark | None) -> None:
        """A dotted line at the day itself and the number above it."""
        for day in sorted({mark.day for _number, mark, _row in self.numbers}):
            x = self.axis.x(day)
            _rule(self.drawing, (x, _BOTTOM, x, self.top + 4), QUIET, 0.7, dashes=(1, 2))
        for number, mark, row in self.numbers:
            x, ink = self.axis.x(mark.day), INK
            if mark == chosen:
                ink = ACCENT
                _rule(self.drawing, (x, _BOTTOM, x, self.top + 4), ACCENT, 1.2)
            if row is not None:
                y = self.top + 7 + _SECOND_ROW * row
                _write(self.drawing, x, y, str(number), ink, "middle", 7.5, fonts.BOLD)

    def draw_calendar(self) -> None:
        """A month under the first week that begins in it, where there is room, and the year where that is new."""
        free, year = 0.0, 0
        for at in range(self.axis.weeks):
            monday = self.axis.first + timedelta(weeks=at)
            if at and (monday - timedelta(weeks=1)).month == monday.month:
                continue
            left, short = self.axis.x(monday), _MONTHS[monday.month - 1]
            name = short if monday.year == year else f"{short} {monday.year}"
            wide = fonts.width(name, fonts.REGULAR, 7.5)
            if left >= free and left + wide <= self.drawing.width:
                _write(self.drawing, left, _BOTTOM - 11, name, QUIET, "start", 7.5)
                free, year = left + wide + 6, monday.year

    def draw_end_labels(self) -> None:
        x = self.x(len(self.weeks) - 0.5) + 6
        if self.ahead:
            edge = self.x(len(self.weeks) - 0.5)
            _rule(self.drawing, (edge, _BOTTOM, edge, self.top), EDGE, 0.5)
        if not any(week.due or week.documents for week in self.weeks):
            middle = (_LEFT + self.x(len(self.weeks) - 0.5)) / 2
            _write(self.drawing, middle, self.share_y(50) + 3, _NOTHING, QUIET, "middle", 9)
            return
        known = [(at, week) for at, week in enumerate(self.weeks) if week.percent is not None]
        if known:
            share = known[-1][1].percent or 0.0
            y = min(max(self.share_y(share) - 2.6, self.floor), self.top - 4)
            _write(self.drawing, x, y, f"on time {_percent(share)}", ACCENT, "start", 7.5, fonts.BOLD)
            counts = f"{known[-1][1].on_time:,} of {known[-1][1].due:,} due"
            _write(self.drawing, x, y - 10, counts, QUIET, "start", 7.5)
        last = self.weeks[-1]
        y = min(max(self.column_y(last.documents) - 2.6, _BOTTOM + 2), self.middle - 4)
        words = f"{last.documents:,} document" + ("" if last.documents == 1 else "s")
        _write(self.drawing, x, y, words, QUIET, "start", 7.5)
