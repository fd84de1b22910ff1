"""Charts as ReportLab Drawings, the same ones for paper and screen, in Noto Sans and few named colours.

Columns of contacts by month, and a series of shares (run chart and XmR chart) in its phases. The screen may paint
a Drawing in its own scheme by exchanging the colours named here one for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Final, Protocol

from oicdesk.reports import fonts
from oicdesk.reports.blocks import Figure, Table, spoken

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

ACCENT: Final = "#0b5563"
"""What the chart is about; the one strong colour, also of headings and rules on paper."""
NEUTRAL: Final = "#dde4e7"
"""The rest beside it."""
EDGE: Final = "#75858c"
"""The outline of the neutral part, so that it stands out from paper by more than 3 to 1."""
GRID: Final = "#e3e8ea"
INK: Final = "#1b2427"
QUIET: Final = "#56646a"
"""Secondary text, 5.9 to 1 on white."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEFT: Final = 30.0
_RIGHT: Final = 112.0
_BOTTOM: Final = 46.0
_TOP: Final = 14.0


@dataclass(frozen=True)
class Month:
    """One month's contacts: those in scope, and how many of them have a document."""

    first_day: date
    in_scope: int
    documented: int


def months_figure(months: Sequence[Month], *, as_at: datetime, caption: str = "") -> Figure:
    """The chart of months with its words and its data, ready to stand in a report."""
    return Figure(months_chart(months, as_at=as_at), months_alt(months), months_table(months), caption)


def months_alt(months: Sequence[Month]) -> str:
    """What the chart shows, in words."""
    if not months:
        return "Column chart of contacts in scope by month: there are none yet."
    contacts = sum(month.in_scope for month in months)
    documented = sum(month.documented for month in months)
    first, last = months[0], months[-1]
    return (
        f"Column chart of contacts in scope by month, {_name(first)} to {_name(last)}: {contacts:,} contacts, "
        f"{documented:,} with a document. In {_name(last)} {last.in_scope:,} contacts, "
        f"{last.documented:,} with a document."
    )


def months_table(months: Sequence[Month]) -> Table:
    """The chart's data: month, in scope, with a document, coverage."""
    rows = [
        (
            _name(month),
            month.in_scope,
            month.documented,
            f"{100 * month.documented / month.in_scope:.1f}%" if month.in_scope else None,
        )
        for month in months
    ]
    return Table(("Month", "In scope", "With a document", "Coverage"), rows, align="lrrr")


def months_chart(
    months: Sequence[Month],
    *,
    as_at: datetime,
    width: float = 483.0,
    height: float = 208.0,
    parts: tuple[str, str] = ("with a document", "without"),
) -> "Drawing":
    """Columns of what is in scope per month, the part with a document filled; 0 to 36 months, size in points.

    `parts` names the filled part and the rest, where they are not documents.
    """
    from reportlab.graphics.shapes import Drawing

    fonts.register()
    drawing = Drawing(width, height, initialFontName=fonts.REGULAR)
    top = max((month.in_scope for month in months), default=0)
    step = _step(top)
    ceiling = step * max(-(-top // step), 1)
    unit = (height - _BOTTOM - _TOP) / ceiling
    _draw_grid(drawing, ceiling, step, unit)
    if months:
        _draw_columns(drawing, months, unit)
        _draw_end_labels(drawing, months[-1], unit, parts)
    else:
        middle = _BOTTOM + (height - _BOTTOM) / 2
        _write(drawing, (_LEFT + width - _RIGHT) / 2, middle, "No contacts in scope yet", QUIET, "middle", 9)
    _write(drawing, _LEFT, 4, f"As at {spoken(as_at)}", QUIET, "start", 7.5)
    return drawing


def _step(top: int) -> int:
    """The distance of the grid lines: 1, 2 or 5 times a power of ten, for at most five lines."""
    size = 1
    while True:
        for digit in (1, 2, 5):
            if digit * size * 5 >= top:
                return digit * size
        size *= 10


def _draw_grid(drawing: "Drawing", ceiling: int, step: int, unit: float) -> None:
    from reportlab.graphics.shapes import Line
    from reportlab.lib.colors import HexColor

    right = drawing.width - _RIGHT
    for value in range(0, ceiling + 1, step):
        y = _BOTTOM + value * unit
        colour = GRID if value else EDGE
        drawing.add(Line(_LEFT, y, right, y, strokeColor=HexColor(colour), strokeWidth=0.5))
        _write(drawing, _LEFT - 6, y - 2.6, f"{value:,}", QUIET, "end", 7.5)


def _draw_columns(drawing: "Drawing", months: Sequence[Month], unit: float) -> None:
    pitch = (drawing.width - _LEFT - _RIGHT) / len(months)
    wide = min(pitch * 0.64, 34.0)
    size = 7.5 if pitch >= 20 else 6.5
    top = max(month.in_scope for month in months)
    is_roomy = fonts.width(f"{top:,}", fonts.REGULAR, size) <= pitch
    for place, month in enumerate(months):
        middle = _LEFT + pitch * (place + 0.5)
        left, level = middle - wide / 2, _BOTTOM + month.documented * unit
        if month.in_scope > month.documented:
            rest = (month.in_scope - month.documented) * unit
            _box(drawing, (left + 0.3, level, wide - 0.6, rest - 0.3), NEUTRAL, EDGE)
        if month.documented:
            _box(drawing, (left, _BOTTOM, wide, month.documented * unit), ACCENT)
        if is_roomy or month.in_scope == top or place == len(months) - 1:
            above = _BOTTOM + month.in_scope * unit + 3
            _write(drawing, middle, above, f"{month.in_scope:,}", INK, "middle", size)
    _draw_calendar(drawing, months, pitch, size)


def _draw_calendar(drawing: "Drawing", months: Sequence[Month], pitch: float, size: float) -> None:
    """The months under the columns, as many as fit counted from the last, and a year where it begins."""
    every = 1 if pitch >= 20 else 2 if pitch >= 11 else 3
    new_years = [place for place, month in enumerate(months) if month.first_day.month == 1]
    if 0 not in new_years and (not new_years or new_years[0] * pitch >= 24):
        new_years.append(0)
    for place, month in enumerate(months):
        middle = _LEFT + pitch * (place + 0.5)
        if (len(months) - 1 - place) % every == 0:
            name = _MONTHS[month.first_day.month - 1]
            _write(drawing, middle, _BOTTOM - 11, name, QUIET, "middle", size)
        if place in new_years:
            _write(drawing, middle, _BOTTOM - 21, str(month.first_day.year), INK, "middle", size)


def _draw_end_labels(drawing: "Drawing", last: Month, unit: float, parts: tuple[str, str]) -> None:
    """Name the two parts beside the last column, each at the height of its part, never on each other."""
    x = drawing.width - _RIGHT + 10
    missing = last.in_scope - last.documented
    lower = _BOTTOM + last.documented * unit / 2 - 3
    upper = _BOTTOM + (last.documented + missing / 2) * unit - 3
    lower = max(lower, _BOTTOM - 1)
    upper = min(max(upper, lower + 13), drawing.height - 9)
    lower = min(lower, upper - 13)
    _box(drawing, (x, lower, 6, 6), ACCENT)
    _write(drawing, x + 10, lower, f"{parts[0]} {last.documented:,}", ACCENT, "start", 7.5, fonts.BOLD)
    _box(drawing, (x + 0.3, upper + 0.3, 5.4, 5.4), NEUTRAL, EDGE)
    _write(drawing, x + 10, upper, f"{parts[1]} {missing:,}", QUIET, "start", 7.5)


def _box(drawing: "Drawing", place: tuple[float, float, float, float], fill: str, edge: str = "") -> None:
    from reportlab.graphics.shapes import Rect
    from reportlab.lib.colors import HexColor

    line: Any = HexColor(edge) if edge else None
    drawing.add(Rect(*place, fillColor=HexColor(fill), strokeColor=line, strokeWidth=0.6))


def _write(
    drawing: "Drawing", x: float, y: float, words: str, colour: str, anchor: str, size: float,
    font: str = fonts.REGULAR,
) -> None:  # fmt: skip
    from reportlab.graphics.shapes import String
    from reportlab.lib.colors import HexColor

    drawing.add(String(x, y, words, fontName=font, fontSize=size, fillColor=HexColor(colour), textAnchor=anchor))


def _name(month: Month) -> str:
    return f"{_MONTHS[month.first_day.month - 1]} {month.first_day.year}"


# --- a series of shares: run chart and XmR chart ---------------------------------------------------------------


class SeriesPoint(Protocol):
    """One value in per cent, such as an audit's share, and its label, such as a month."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> float: ...


class SeriesPhase(Protocol):
    """A stretch from point `first` to `last` with its own centre; limits None make it a run chart with a median.

    `fired` tells of a point's position which rules it completed.
    """

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def centre(self) -> float: ...
    @property
    def lower(self) -> float | None: ...
    @property
    def upper(self) -> float | None: ...
    @property
    def fired(self) -> Mapping[int, tuple[str, ...]]: ...


_SHORT_RULES: Final = (
    ("outside", "outside limits"),
    ("2 of 3", "2 of 3 far out"),
    ("rising", "7 rising or falling"),
    ("one side", "7 on one side"),
)
_SERIES_TOP: Final = 30.0
_DASH: Final = (3, 2)
_PAUSE: Final = 4
"""Points without a rule after which its word is written again."""


def series_figure(
    points: Sequence[SeriesPoint], phases: Sequence[SeriesPhase], *, as_at: datetime, caption: str = ""
) -> Figure:
    """The chart of a series with its words and its data, ready to stand in a report."""
    drawing = series_chart(points, phases, as_at=as_at)
    return Figure(drawing, series_alt(points, phases), series_table(points, phases), caption)


def series_alt(points: Sequence[SeriesPoint], phases: Sequence[SeriesPhase]) -> str:
    """What the chart shows, in words, with every phase and every point that a rule picked out."""
    if not points:
        return "Line chart of audits one after another: there are none yet."
    first, last = points[0], points[-1]
    told = [
        f"Line chart of {len(points)} audits, {first.label} to {last.label};"
        f" the last is {_percent(last.value)}."
    ]  # fmt: skip
    for phase in phases:
        told.append(f"{phase.reason}, from {points[phase.first].label}: {_levels(phase)}.")
        told += [f"{points[at].label}: {', '.join(rules)}." for at, rules in sorted(phase.fired.items())]
    return " ".join(told)


def _levels(phase: SeriesPhase) -> str:
    if phase.lower is None or phase.upper is None:
        return f"median {_percent(phase.centre)}, no limits yet"
    return f"mean {_percent(phase.centre)}, limits {_percent(phase.lower)} to {_percent(phase.upper)}"


def series_table(points: Sequence[SeriesPoint], phases: Sequence[SeriesPhase]) -> Table:
    """The chart's data: point, value, centre and limits of its phase, rules fired, the phase's reason."""
    rows = []
    for phase in phases:
        has_limits = phase.lower is not None and phase.upper is not None
        for at in range(phase.first, phase.last + 1):
            rows.append(
                (
                    points[at].label, _percent(points[at].value),
                    f"{'Mean' if has_limits else 'Median'} {_percent(phase.centre)}",
                    None if phase.lower is None else _percent(phase.lower),
                    None if phase.upper is None else _percent(phase.upper),
                    ", ".join(phase.fired.get(at, ())) or None, phase.reason,
                )
            )  # fmt: skip
    header = ("Audit", "Share", "Centre", "Lower limit", "Upper limit", "Rule fired", "Phase")
    return Table(header, rows, align="lrrrrll", empty="No audits yet.")


def series_chart(
    points: Sequence[SeriesPoint],
    phases: Sequence[SeriesPhase],
    *,
    as_at: datetime,
    width: float = 483.0,
    height: float = 228.0,
) -> "Drawing":
    """A line over the points, each phase with its centre and limits; points that fired a rule are diamonds with words.

    The scale stays within 0 and 100 per cent; a limit beyond it is named, not drawn.
    """
    from reportlab.graphics.shapes import Drawing

    fonts.register()
    drawing = Drawing(width, height, initialFontName=fonts.REGULAR)
    frame = _Series(drawing, points, phases)
    frame.draw_grid()
    if points:
        frame.draw_phases()
        frame.draw_line()
        frame.draw_labels_below()
        frame.draw_words_of_rules()
        frame.draw_end_labels()
    else:
        middle = _BOTTOM + (height - _BOTTOM) / 2
        _write(drawing, (_LEFT + width - _RIGHT) / 2, middle, "No audits yet", QUIET, "middle", 9)
    _write(drawing, _LEFT, 4, f"As at {spoken(as_at)}", QUIET, "start", 7.5)
    return drawing


class _Series:
    """Where the points of one chart stand, and the drawing of its parts."""

    def __init__(self, drawing: "Drawing", points: Sequence[SeriesPoint], phases: Sequence[SeriesPhase]) -> None:
        self.drawing, self.points, self.phases = drawing, points, phases
        self.right = drawing.width - _RIGHT
        self.pitch = (self.right - _LEFT) / max(len(points), 1)
        levels = [point.value for point in points]
        for phase in phases:
            levels += [level for level in (phase.centre, phase.lower, phase.upper) if level is not None]
        low, high = min(levels, default=0.0), max(levels, default=100.0)
        self.step = 20 if high - low > 50 else 10 if high - low > 20 else 5
        self.floor = max(0, floor((low - 1) / self.step) * self.step)
        self.ceiling = min(100, max(ceil((high + 1) / self.step), self.floor // self.step + 2) * self.step)
        self.floor = min(self.floor, self.ceiling - self.step)
        self.fired = {at: rules for phase in phases for at, rules in phase.fired.items()}

    def x(self, at: float) -> float:
        return float(_LEFT + self.pitch * (at + 0.5))

    def y(self, value: float) -> float:
        room = self.drawing.height - _BOTTOM - _SERIES_TOP
        return float(_BOTTOM + (value - self.floor) / (self.ceiling - self.floor) * room)

    def is_on_scale(self, value: float) -> bool:
        return self.floor <= value <= self.ceiling

    def draw_grid(self) -> None:
        for value in range(self.floor, self.ceiling + 1, self.step):
            colour = EDGE if value == self.floor else GRID
            _rule(self.drawing, (_LEFT, self.y(value), self.right, self.y(value)), colour, 0.5)
            _write(self.drawing, _LEFT - 6, self.y(value) - 2.6, f"{value}%", QUIET, "end", 7.5)

    def draw_phases(self) -> None:
        """Centre and limits over each phase, and where a new one begins with why."""
        for phase in self.phases:
            left, right = self.x(phase.first - 0.5), self.x(phase.last + 0.5)
            _rule(self.drawing, (left, self.y(phase.centre), right, self.y(phase.centre)), QUIET, 0.7)
            for limit in (phase.lower, phase.upper):
                if limit is not None and self.is_on_scale(limit):
                    _rule(self.drawing, (left, self.y(limit), right, self.y(limit)), EDGE, 0.7, dashes=_DASH)
            if phase.first:
                top = self.drawing.height - 6
                _rule(self.drawing, (left, _BOTTOM, left, top), EDGE, 0.5, dashes=(1, 2))
            if len(self.phases) > 1:
                room = (self.drawing.width if phase is self.phases[-1] else right) - left - 5
                words = _cut(phase.reason, 7.5, room)
                _write(self.drawing, left + 3, self.drawing.height - 11, words, INK, "start", 7.5)

    def draw_line(self) -> None:
        from reportlab.graphics.shapes import Circle, Polygon, PolyLine
        from reportlab.lib.colors import HexColor

        accent = HexColor(ACCENT)
        for phase in self.phases:  # a new phase is a new line: nothing is read across its beginning
            places = range(phase.first, phase.last + 1)
            flat = [part for at in places for part in (self.x(at), self.y(self.points[at].value))]
            if len(places) > 1:
                self.drawing.add(PolyLine(flat, strokeColor=accent, strokeWidth=1))
            for at in places:
                x, y = self.x(at), self.y(self.points[at].value)
                if at in self.fired:
                    corners = [x - 4.5, y, x, y + 4.5, x + 4.5, y, x, y - 4.5]
                    self.drawing.add(
                        Polygon(corners, fillColor=HexColor("#ffffff"), strokeColor=accent, strokeWidth=1.4)
                    )
                else:
                    radius = 2.2 if self.pitch >= 7 else 1.4
                    self.drawing.add(Circle(x, y, radius, fillColor=accent, strokeColor=None))

    def draw_labels_below(self) -> None:
        """As many labels as fit, counted from the last; two words stand on two lines."""
        parts = [point.label.rsplit(" ", 1) for point in self.points]
        wide = max(fonts.width(words, fonts.REGULAR, 7.0) for pair in parts for words in pair)
        wide = min(wide, 80.0)
        every = ceil((wide + 6) / self.pitch)
        for at, pair in enumerate(parts):
            if (len(parts) - 1 - at) % every:
                continue
            for line, words in enumerate(pair):
                short = _cut(words, 7.0, max(self.pitch * every - 4, 24))
                _write(self.drawing, self.x(at), _BOTTOM - 11 - 9 * line, short, QUIET, "middle", 7.0)

    def draw_words_of_rules(self) -> None:
        """Beside a diamond what it fired; a run that goes on is named where it begins."""
        taken: list[tuple[float, float, float]] = []
        fired_at: dict[str, int] = {}
        for at, rules in sorted(self.fired.items()):
            for rule in rules:
                if at - fired_at.get(rule, -_PAUSE) >= _PAUSE:
                    self._write_beside(at, _short_rule(rule), taken)
                fired_at[rule] = at

    def _write_beside(self, at: int, words: str, taken: list[tuple[float, float, float]]) -> None:
        wide = fonts.width(words, fonts.BOLD, 7.0)
        x = min(max(self.x(at), _LEFT + wide / 2 + 2), self.right - wide / 2)
        y = self.y(self.points[at].value)
        for shift in (8, -13, 17, -22, 26, -31):
            line = y + shift
            is_inside = _BOTTOM + 2 <= line <= self.drawing.height - 20
            spot = (x - wide / 2, x + wide / 2, line)
            if is_inside and not any(_collide(spot, other) for other in taken) and not self._hits_the_line(spot):
                break
        taken.append(spot)
        _write(self.drawing, x, spot[2], words, ACCENT, "middle", 7.0, fonts.BOLD)

    def _hits_the_line(self, spot: tuple[float, float, float]) -> bool:
        left, right, line = spot
        return any(
            left - 3 <= self.x(at) <= right + 3 and line - 4 <= self.y(point.value) <= line + 9
            for at, point in enumerate(self.points)
        )

    def draw_end_labels(self) -> None:
        """Name the last value, the centre and the limits of the last phase beside their lines, never on each other."""
        last = self.phases[-1]
        name = "median" if last.lower is None else "mean"
        labels = [
            (self.points[-1].value, f"last {_percent(self.points[-1].value)}", ACCENT, fonts.BOLD),
            (last.centre, f"{name} {_percent(last.centre)}", QUIET, fonts.REGULAR),
        ]
        for limit, words in ((last.upper, "upper limit"), (last.lower, "lower limit")):
            if limit is not None:
                beyond = "" if self.is_on_scale(limit) else ", off scale"
                labels.append((limit, f"{words} {_percent(limit)}{beyond}", QUIET, fonts.REGULAR))
        labels.sort(key=lambda label: label[0])
        floor_of_next = _BOTTOM - 3
        heights = []
        for value, *_rest in labels:
            wish = self.y(min(max(value, self.floor), self.ceiling)) - 2.6
            heights.append(max(wish, floor_of_next))
            floor_of_next = heights[-1] + 9.5
        overshoot = max(0.0, heights[-1] - (self.drawing.height - 20))
        if overshoot:
            limit_above = self.drawing.height - 20
            for at in reversed(range(len(heights))):
                heights[at] = min(heights[at], limit_above)
                limit_above = heights[at] - 9.5
        for (_value, words, colour, font), y in zip(labels, heights, strict=True):
            _write(self.drawing, self.right + 6, y, words, colour, "start", 7.5, font)


def _short_rule(rule: str) -> str:
    return next((short for sign, short in _SHORT_RULES if sign in rule), rule)


def _collide(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return one[0] < other[1] + 3 and other[0] < one[1] + 3 and abs(one[2] - other[2]) < 8.5


def _cut(words: str, size: float, room: float) -> str:
    if fonts.width(words, fonts.REGULAR, size) <= room:
        return words
    while words and fonts.width(f"{words}…", fonts.REGULAR, size) > room:
        words = words[:-1].rstrip()
    return f"{words}…" if words else ""


def _rule(
    drawing: "Drawing", ends: tuple[float, float, float, float], colour: str, weight: float,
    *, dashes: tuple[int, int] | None = None,
) -> None:  # fmt: skip
    from reportlab.graphics.shapes import Line
    from reportlab.lib.colors import HexColor

    drawing.add(Line(*ends, strokeColor=HexColor(colour), strokeWidth=weight, strokeDashArray=dashes))


def _percent(value: float) -> str:
    return f"{value:.1f}%"
