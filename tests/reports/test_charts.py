import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, pairwise
from typing import NamedTuple

import pytest
from reportlab.graphics.shapes import Circle, Polygon, PolyLine, Rect, String

from oicdesk import stats
from oicdesk.reports import charts
from oicdesk.reports.blocks import text_of
from oicdesk.reports.fonts import BOLD, REGULAR
from tests.reports.makers import AS_AT, months


def words(drawing) -> list[str]:
    return [shape.text for shape in drawing.contents if isinstance(shape, String)]


def boxes(drawing, colour: str) -> list[Rect]:
    return [
        shape
        for shape in drawing.contents
        if isinstance(shape, Rect) and shape.fillColor.hexval() == "0x" + colour[1:] and shape.width > 7
    ]


@pytest.mark.parametrize("count", [0, 1, 12, 24, 36])
def test_the_chart_stays_inside_its_frame_and_its_labels_apart(count: int) -> None:
    drawing = charts.months_chart(months(count), as_at=AS_AT)
    low_x, low_y, high_x, high_y = drawing.getBounds()
    assert low_x >= 0 and low_y >= 0
    assert high_x <= drawing.width and high_y <= drawing.height
    spans: dict[float, list[tuple[float, float]]] = {}
    for shape in drawing.contents:
        if isinstance(shape, String):
            left, _, right, _ = shape.getBounds()
            spans.setdefault(shape.y, []).append((left, right))
    for line in spans.values():
        line.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(line))


def test_columns_stand_on_zero_and_their_heights_are_the_counts() -> None:
    three = [charts.Month(date(2026, month, 1), scope, done) for month, scope, done in ((1, 40, 10), (2, 20, 20))]
    drawing = charts.months_chart(three, as_at=AS_AT)
    filled = boxes(drawing, charts.ACCENT)
    rest = boxes(drawing, charts.NEUTRAL)
    assert filled[0].y == filled[1].y
    assert filled[1].height == pytest.approx(2 * filled[0].height)
    assert len(rest) == 1
    assert rest[0].height == pytest.approx(3 * filled[0].height, abs=0.5)
    assert rest[0].y == pytest.approx(filled[0].y + filled[0].height)


def test_months_without_contacts_show_a_nought_and_no_column() -> None:
    zero = [replace(month, in_scope=0, documented=0) for month in months(12)]
    drawing = charts.months_chart(zero, as_at=AS_AT)
    assert boxes(drawing, charts.ACCENT) == []
    assert words(drawing).count("0") == 12 + 1
    assert "with a document 0" in words(drawing)


def test_no_month_at_all_is_said_in_words() -> None:
    assert "No contacts in scope yet" in words(charts.months_chart([], as_at=AS_AT))
    assert "none yet" in charts.months_alt([])


def test_the_as_at_time_stands_under_the_chart_and_the_parts_are_named_beside_it() -> None:
    shown = words(charts.months_chart(months(12), as_at=AS_AT))
    assert "As at Mon 23 Nov 2026 10:42" in shown
    last = months(12)[-1]
    assert f"with a document {last.documented}" in shown
    assert f"without {last.in_scope - last.documented}" in shown


def test_every_word_of_the_chart_is_in_noto_sans() -> None:
    drawing = charts.months_chart(months(24), as_at=AS_AT)
    assert {shape.fontName for shape in drawing.contents if isinstance(shape, String)} == {REGULAR, BOLD}
    assert drawing.initialFontName == REGULAR


def test_the_table_and_the_words_tell_the_chart_s_figures() -> None:
    figure = charts.months_figure(months(3), as_at=AS_AT, caption="By month")
    assert figure.table is not None
    rows = [[text_of(cell) for cell in row] for row in figure.table.rows]
    assert rows == [
        [f"{name} 2026", str(month.in_scope), str(month.documented), f"{100 * month.documented / month.in_scope:.1f}%"]
        for name, month in zip(("Sep", "Oct", "Nov"), months(3), strict=True)
    ]
    total = sum(month.in_scope for month in months(3))
    assert f"{total} contacts" in figure.alt


def test_a_month_without_contacts_has_no_percentage() -> None:
    table = charts.months_table([charts.Month(date(2026, 1, 1), 0, 0)])
    assert table.rows[0][-1] is None


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_and_edges_stand_out_from_the_paper() -> None:
    assert min(contrast(colour, "#ffffff") for colour in (charts.ACCENT, charts.INK, charts.QUIET)) >= 4.5
    assert contrast(charts.EDGE, "#ffffff") >= 3
    assert contrast(charts.ACCENT, charts.NEUTRAL) >= 3


# --- a series of shares ---


@dataclass(frozen=True)
class Phase:
    first: int
    last: int
    reason: str
    centre: float
    lower: float | None = None
    upper: float | None = None
    fired: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class Point(NamedTuple):
    label: str
    value: float


def series(count: int) -> list[Point]:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return [Point(f"{names[at % 12]} {2024 + at // 12}", 70.0 + at * 7 % 23) for at in range(count)]


def phases(count: int) -> list[Phase]:
    """Two phases of which the second has limits and points that fired."""
    if count < 14:
        return [Phase(0, count - 1, "Start of the series", 80.0)] if count else []
    fired = {count - 1: (stats.OUTSIDE_LIMITS,), count - 3: (stats.ONE_SIDE, stats.OUTER_THIRD)}
    return [
        Phase(0, count - 14, "Start of the series", 75.0),
        Phase(count - 13, count - 1, "Guidance published on the intranet", 81.0, 66.0, 107.5, fired),
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 11, 14, 30, 60])
def test_a_series_stays_inside_its_frame_and_its_labels_apart(count: int) -> None:
    drawing = charts.series_chart(series(count), phases(count), as_at=AS_AT)
    low_x, low_y, high_x, high_y = drawing.getBounds()
    assert low_x >= 0 and low_y >= 0
    assert high_x <= drawing.width and high_y <= drawing.height
    shown = [shape for shape in drawing.contents if isinstance(shape, String)]
    for one, other in combinations([shape.getBounds() for shape in shown if shape.fontSize < 9], 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] - 3 <= other[1] or other[3] - 3 <= one[1]
        assert apart, (one, other)


def test_a_point_that_fired_a_rule_is_a_diamond_with_the_rule_in_words() -> None:
    drawing = charts.series_chart(series(20), phases(20), as_at=AS_AT)
    assert sum(isinstance(shape, Polygon) for shape in drawing.contents) == 2
    assert sum(isinstance(shape, Circle) for shape in drawing.contents) == 18
    assert {"outside limits", "7 on one side", "2 of 3 far out"} <= set(words(drawing))


def test_every_rule_of_the_statistics_has_short_words_of_its_own() -> None:
    rules = (stats.OUTSIDE_LIMITS, stats.ONE_SIDE, stats.RISING_OR_FALLING, stats.OUTER_THIRD)
    short = []
    for rule in rules:
        fired = [replace(phases(20)[1], first=0, fired={5: (rule,)})]
        (found,) = [
            shape.text
            for shape in charts.series_chart(series(20), fired, as_at=AS_AT).contents
            if isinstance(shape, String) and shape.fontName == BOLD and not shape.text.startswith("last")
        ]
        short.append(found)
    assert len(set(short)) == len(rules)
    assert not set(short) & set(rules)


def test_a_new_phase_breaks_the_line_and_names_its_reason() -> None:
    drawing = charts.series_chart(series(20), phases(20), as_at=AS_AT)
    lines = [shape for shape in drawing.contents if isinstance(shape, PolyLine)]
    assert [len(line.points) // 2 for line in lines] == [7, 13]
    assert {"Start of the series", "Guidance published on the intranet"} <= set(words(drawing))


def test_the_labels_at_the_end_name_the_last_value_the_centre_and_the_limits() -> None:
    shown = words(charts.series_chart(series(20), phases(20), as_at=AS_AT))
    last = series(20)[-1].value
    assert {f"last {last:.1f}%", "mean 81.0%", "lower limit 66.0%"} <= set(shown)
    assert "upper limit 107.5%, off scale" in shown
    assert "As at Mon 23 Nov 2026 10:42" in shown
    assert "median 80.0%" in words(charts.series_chart(series(5), phases(5), as_at=AS_AT))


def test_the_scale_of_a_series_never_leaves_nought_to_a_hundred() -> None:
    for values in ([0.0, 3.0], [100.0, 99.0], [0.0, 100.0], [50.0]):
        points = [Point(f"Jan {2024 + at}", value) for at, value in enumerate(values)]
        shown = words(charts.series_chart(points, [Phase(0, len(points) - 1, "Start", values[0])], as_at=AS_AT))
        scale = [int(text[:-1]) for text in shown if re.fullmatch(r"\d+%", text)]
        assert 0 <= min(scale) < max(scale) <= 100
        assert min(scale) <= min(values) and max(values) <= max(scale)


def test_the_words_and_the_table_of_a_series_tell_every_phase_and_rule() -> None:
    figure = charts.series_figure(series(20), phases(20), as_at=AS_AT, caption="Audits")
    assert "Line chart of 20 audits, Jan 2024 to Aug 2025" in figure.alt
    assert "limits 66.0% to 107.5%" in figure.alt
    assert stats.OUTER_THIRD in figure.alt
    assert figure.table is not None
    assert len(figure.table.rows) == 20
    assert figure.table.rows[0][2:] == ("Median 75.0%", None, None, None, "Start of the series")
    assert figure.table.rows[-1][2:6] == ("Mean 81.0%", "66.0%", "107.5%", stats.OUTSIDE_LIMITS)


def test_no_audit_at_all_is_said_in_words() -> None:
    assert "No audits yet" in words(charts.series_chart([], [], as_at=AS_AT))
    assert "none yet" in charts.series_alt([], [])
