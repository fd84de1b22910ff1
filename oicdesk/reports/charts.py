"""Charts as ReportLab Drawings, the same ones for paper and screen, in Noto Sans and few named colours.

The screen may paint a Drawing in its own scheme by exchanging the colours named here one for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

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


def months_chart(months: Sequence[Month], *, as_at: datetime, width: float = 483.0, height: float = 208.0) -> "Drawing":
    """Columns of contacts in scope per month, the part with a document filled; 0 to 36 months, size in points."""
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
        _draw_end_labels(drawing, months[-1], unit)
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


def _draw_end_labels(drawing: "Drawing", last: Month, unit: float) -> None:
    """Name the two parts beside the last column, each at the height of its part, never on each other."""
    x = drawing.width - _RIGHT + 10
    missing = last.in_scope - last.documented
    lower = _BOTTOM + last.documented * unit / 2 - 3
    upper = _BOTTOM + (last.documented + missing / 2) * unit - 3
    lower = max(lower, _BOTTOM - 1)
    upper = min(max(upper, lower + 13), drawing.height - 9)
    lower = min(lower, upper - 13)
    _box(drawing, (x, lower, 6, 6), ACCENT)
    _write(drawing, x + 10, lower, f"with a document {last.documented:,}", ACCENT, "start", 7.5, fonts.BOLD)
    _box(drawing, (x + 0.3, upper + 0.3, 5.4, 5.4), NEUTRAL, EDGE)
    _write(drawing, x + 10, upper, f"without {missing:,}", QUIET, "start", 7.5)


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
