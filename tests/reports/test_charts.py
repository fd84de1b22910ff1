from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from reportlab.graphics.shapes import Rect, String

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
