"""The chart of weeks with marks: in its frame, labels apart, every figure also in words and table."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from reportlab.graphics.shapes import Circle, Line, PolyLine, Rect, String

from oicdesk.reports import charts, charts_weeks
from oicdesk.reports.fonts import BOLD, REGULAR

AS_AT = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
START = date(2026, 5, 25)


class Week(NamedTuple):
    monday: date
    documents: int
    due: int
    on_time: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.on_time / self.due, 1) if self.due else None


class Mark(NamedTuple):
    title: str
    day: date


def weeks(count: int) -> list[Week]:
    return [Week(START + timedelta(weeks=n), n * 7 % 12, n % 5, n % 5 // 2) for n in range(count)]


MARKS = [Mark("Late", date(2026, 10, 3)), Mark("Briefing", date(2026, 7, 7)), Mark("Page", date(2026, 7, 8)),
         Mark("Long ago", date(2020, 1, 1))]  # fmt: skip


def written(drawing) -> list[String]:
    return [shape for shape in drawing.contents if isinstance(shape, String)]


@pytest.mark.parametrize("count", [0, 1, 2, 26, 60])
def test_the_chart_stays_inside_its_frame_and_its_labels_apart(count):
    drawing = charts_weeks.weeks_chart(weeks(count), MARKS, as_at=AS_AT)
    low_x, low_y, high_x, high_y = drawing.getBounds()
    assert low_x >= 0 and low_y >= 0 and high_x <= drawing.width and high_y <= drawing.height
    spans: dict[float, list[tuple[float, float]]] = {}
    for shape in written(drawing):
        left, _, right, _ = shape.getBounds()
        spans.setdefault(shape.y, []).append((left, right))
    for line in spans.values():
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(line)))


def test_a_week_in_which_nothing_fell_due_breaks_the_line():
    drawing = charts_weeks.weeks_chart(weeks(11), [], as_at=AS_AT)
    assert len([s for s in drawing.contents if isinstance(s, Circle)]) == 8  # weeks 0, 5 and 10 have nothing due
    assert [len(s.points) // 2 for s in drawing.contents if isinstance(s, PolyLine)] == [4, 4]


def test_columns_of_documents_stand_on_zero_and_are_grey():
    drawing = charts_weeks.weeks_chart(weeks(3), [], as_at=AS_AT)
    columns = [s for s in drawing.contents if isinstance(s, Rect)]
    assert {s.y for s in columns} == {charts_weeks._BOTTOM}
    assert columns[1].height == pytest.approx(columns[0].height * 2 / 7)
    assert {s.fillColor.hexval() for s in columns} == {"0x" + charts.NEUTRAL[1:]}


def test_marks_are_numbered_in_order_of_days_and_those_outside_are_left_out():
    drawing = charts_weeks.weeks_chart(weeks(26), MARKS, as_at=AS_AT)
    dotted = sorted(s.x1 for s in drawing.contents if isinstance(s, Line) and s.strokeDashArray == (1, 2))
    numbers = {s.text: s.x for s in written(drawing) if s.fontName == BOLD and s.text.isdigit()}
    assert len(dotted) == 3
    assert [numbers[n] for n in "123"] == dotted
    assert "Mark 1: Briefing, 7 Jul 2026. Mark 2: Page, 8 Jul 2026. Mark 3: Late, 3 Oct 2026." in (
        charts_weeks.weeks_alt(weeks(26), MARKS)
    )


def test_the_table_holds_every_week_and_names_the_marks():
    table = charts_weeks.weeks_table(weeks(26), MARKS)
    assert len(table.rows) == 26
    assert table.rows[6] == (date(2026, 7, 6), 1, 0, "0.0%", 6, "1 Briefing; 2 Page")
    assert table.rows[5] == (date(2026, 6, 29), 0, 0, None, 11, None)


def test_the_words_tell_the_sums_and_an_empty_chart_says_so():
    told = charts_weeks.weeks_alt(weeks(3), [])
    assert told == (
        "Chart of 3 weeks, from the week of 25 May 2026 to that of 8 Jun 2026: 1 of 3 contacts due were documented on"
        " time, 9 documents were submitted. Nothing was published in these weeks."
    )
    assert "No weeks yet" in [s.text for s in written(charts_weeks.weeks_chart([], [], as_at=AS_AT))]
    assert "no weeks yet" in charts_weeks.weeks_alt([], [])


def test_every_word_is_in_noto_sans_and_every_colour_is_one_that_the_screen_can_exchange():
    drawing = charts_weeks.weeks_chart(weeks(26), MARKS, as_at=AS_AT)
    assert {s.fontName for s in written(drawing)} == {REGULAR, BOLD}
    known = {"0x" + c[1:] for c in (charts.ACCENT, charts.NEUTRAL, charts.EDGE, charts.GRID, charts.INK, charts.QUIET)}
    used = {
        colour.hexval()
        for shape in drawing.contents
        for colour in (getattr(shape, "fillColor", None), getattr(shape, "strokeColor", None))
        if colour is not None
    }
    assert used <= known
