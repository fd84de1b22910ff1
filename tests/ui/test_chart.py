import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Path, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import HexColor

from oicdesk.reports import charts
from oicdesk.ui import chart, theme
from oicdesk.ui.chart import Chart
from tests.ui.accessibility import problems


def painted(drawing: Drawing, scale: int = 2) -> QImage:
    image = QImage(int(drawing.width * scale), int(drawing.height * scale), QImage.Format.Format_ARGB32)
    image.fill(QColor("#fefefe"))
    painter = QPainter(image)
    painter.translate(0, image.height())
    painter.scale(scale, -scale)
    chart.paint(painter, drawing, scale)
    painter.end()
    return image


def at(image: QImage, x: float, y: float, scale: int = 2) -> str:
    """The ink at a place of the Drawing, whose y goes upwards."""
    return image.pixelColor(int(x * scale), int(image.height() - y * scale)).name()


RED, GREEN = HexColor("#cc0000"), HexColor("#00aa00")


def test_shapes_lie_where_the_drawing_says_with_y_upwards(qapp) -> None:
    drawing = Drawing(100, 60)
    drawing.add(Rect(10, 5, 20, 10, fillColor=RED, strokeColor=None))
    drawing.add(Circle(70, 45, 8, fillColor=GREEN, strokeColor=None))
    drawing.add(Polygon([40, 5, 60, 5, 50, 20], fillColor=GREEN, strokeColor=None))
    drawing.add(PolyLine([0, 58, 100, 58], strokeColor=RED, strokeWidth=2))
    image = painted(drawing)
    assert at(image, 20, 10) == "#cc0000" and at(image, 20, 20) == "#fefefe"
    assert at(image, 70, 45) == "#00aa00" and at(image, 50, 8) == "#00aa00"
    assert at(image, 50, 58) == "#cc0000"


def test_a_groups_transform_and_colour_reach_its_parts_and_end_with_it(qapp) -> None:
    drawing = Drawing(100, 60)
    group = Group(Rect(0, 0, 10, 10, fillColor=RED, strokeColor=None))
    group.translate(50, 30)
    drawing.add(group)
    drawing.add(Rect(0, 0, 10, 10, fillColor=GREEN, strokeColor=None))
    image = painted(drawing)
    assert at(image, 55, 35) == "#cc0000" and at(image, 5, 5) == "#00aa00"


def test_a_clip_path_clips_and_is_not_drawn(qapp) -> None:
    drawing = Drawing(100, 60)
    clip = Path(isClipPath=1, fillColor=RED, strokeColor=RED)
    clip.moveTo(0, 0)
    clip.lineTo(50, 0)
    clip.lineTo(50, 60)
    clip.lineTo(0, 60)
    clip.closePath()
    drawing.add(Group(clip, Rect(0, 20, 100, 20, fillColor=GREEN, strokeColor=None)))
    image = painted(drawing)
    assert at(image, 25, 30) == "#00aa00" and at(image, 75, 30) == "#fefefe" and at(image, 25, 50) == "#fefefe"


def _ink_columns(image: QImage) -> list[int]:
    return [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y).name() != "#fefefe" for y in range(image.height()))
    ]


@pytest.mark.parametrize(("anchor", "low", "high"), [("start", 50, 100), ("middle", 25, 75), ("end", 0, 50.5)])
def test_text_is_anchored_upright_where_the_paper_has_it(qapp, anchor: str, low: float, high: float) -> None:
    drawing = Drawing(100, 40)
    drawing.add(String(50, 15, "HHHH", fontName="Helvetica", fontSize=10, textAnchor=anchor, fillColor=RED))
    columns = _ink_columns(painted(drawing))
    assert columns and low * 2 - 1 <= columns[0] and columns[-1] <= high * 2


def test_a_line_is_never_thinner_than_a_pixel(qapp) -> None:
    drawing = Drawing(20, 20)
    drawing.add(Line(0, 10.25, 20, 10.25, strokeColor=RED, strokeWidth=0.01))
    image = painted(drawing)
    assert any(at(image, 10, y / 2) != "#fefefe" for y in range(1, 40))


@pytest.fixture
def months() -> tuple[Drawing, list[list[str]]]:
    data = [charts.Month(date(2026, n, 1), 20 + n, 10 + n) for n in range(1, 12)]
    table = charts.months_table(data)
    return charts.months_chart(data, as_at=datetime(2026, 11, 23, 10, 42, tzinfo=UTC)), [table.header, *table.rows]


def test_the_chart_of_the_report_is_shown_and_follows_the_scheme(qtbot, qapp, months) -> None:
    widget = Chart(*months, "Contacts by month")
    qtbot.addWidget(widget)
    widget.resize(600, 300)

    def inks() -> set[str]:
        image = widget.grab().toImage()
        return {image.pixelColor(x, y).name() for x in range(0, 600, 3) for y in range(0, 300, 3)}

    assert theme.color("accent").name() in inks()
    theme.apply(qapp, "dark")
    assert theme.color("accent").name() in inks()


def test_a_chart_speaks_its_rows_and_arrows_read_them_one_by_one(qtbot, months) -> None:
    widget = Chart(*months, "Contacts by month")
    qtbot.addWidget(widget)
    widget.show()
    assert problems(widget) == [] and widget.accessibleName() == "Contacts by month"
    assert widget.accessibleDescription().count("Month") == 11
    qtbot.keyClick(widget, Qt.Key.Key_Down)
    assert widget.accessibleDescription() == widget.spoken(1)
    qtbot.keyClick(widget, Qt.Key.Key_Up)
    assert widget.accessibleDescription() == widget.spoken(1) and "21" in widget.spoken(1)


def test_importing_the_widget_does_not_import_reportlab() -> None:
    code = "import sys, oicdesk.ui.chart; print('reportlab' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
