"""Charts on screen: paints the very Drawing that the PDF embeds, and speaks its rows."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from oicdesk.ui import theme

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing


class Chart(QWidget):
    """A ReportLab Drawing as a widget. `rows` is its data as a table: a header, then lines of text; they
    are its accessible description, and its tool tip gives the whole. Arrow keys read line by line."""

    def __init__(
        self, drawing: "Drawing", rows: Sequence[Sequence[str]], name: str = "Chart", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._line = 0
        self.show_drawing(drawing, rows, name)

    def show_drawing(self, drawing: "Drawing", rows: Sequence[Sequence[str]], name: str | None = None) -> None:
        """Show other figures."""
        self.drawing, self.rows = drawing, [list(row) for row in rows]
        if name is not None:
            self.setAccessibleName(name)
        self.setAccessibleDescription(". ".join(self.spoken(line) for line in range(1, len(self.rows))))
        self.updateGeometry()
        self.update()

    def spoken(self, line: int) -> str:
        """One line of the table as words: each heading with its value."""
        if not 0 < line < len(self.rows):
            return ""
        pairs = zip(self.rows[0], self.rows[line], strict=False)
        return ", ".join(f"{heading} {value}".strip() for heading, value in pairs)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(round(self.drawing.width)), theme.px(round(self.drawing.height)))

    def heightForWidth(self, width: int) -> int:
        return int(width * self.drawing.height / self.drawing.width)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, round(200 * self.drawing.height / self.drawing.width))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if not step or len(self.rows) < 2:
            super().keyPressEvent(event)
            return
        self._line = min(len(self.rows) - 1, max(1, self._line + step))
        self.setAccessibleDescription(self.spoken(self._line))
        changed = QAccessible.Event.DescriptionChanged
        QAccessible.updateAccessibility(QAccessibleEvent(self, changed))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        scale = min(self.width() / self.drawing.width, self.height() / self.drawing.height)
        left = (self.width() - self.drawing.width * scale) / 2
        painter.translate(left, self.drawing.height * scale)
        painter.scale(scale, -scale)
        paint(painter, self.drawing, scale)
        painter.resetTransform()
        if self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()


def paint(painter: QPainter, drawing: "Drawing", scale: float = 1.0) -> None:
    """Paint a Drawing in its own coordinates (y upwards); `scale` is device pixels per unit."""
    from reportlab.graphics.renderbase import renderScaledDrawing

    canvas = _Canvas(painter, scale)
    _renderer()().draw(renderScaledDrawing(drawing), canvas, 0, 0, showBoundary=0)
    canvas.restore_all()


class _Canvas:
    """What ReportLab's renderer keeps its state on; a plain object with attributes."""

    def __init__(self, painter: QPainter, scale: float) -> None:
        self.painter, self.scale, self.depth = painter, scale, 0

    def saveState(self) -> None:
        self.painter.save()
        self.depth += 1

    def restoreState(self) -> None:
        if self.depth:
            self.painter.restore()
            self.depth -= 1

    def restore_all(self) -> None:
        while self.depth:
            self.restoreState()


@lru_cache(maxsize=1)
def _renderer() -> Any:
    """The class that paints, joined with ReportLab's only where a chart is shown: its import costs 0.1 s."""
    from reportlab.graphics.renderbase import Renderer

    return type("Painting", (_Painting, Renderer), {})


class _Painting:
    """Paints node by node with the state that ReportLab's Renderer, its other base, tracks."""

    _canvas: _Canvas
    _tracker: Any
    drawNodeDispatcher: Callable[[Any], None]  # noqa: N815  (ReportLab's name)

    def drawNode(self, node: Any) -> None:
        from reportlab.graphics import shapes
        from reportlab.graphics.renderbase import getStateDelta

        clips = isinstance(node, shapes.Path) and node.isClipPath
        # A clip must outlast its node: it holds until the group that it stands in ends.
        if not clips:
            self._canvas.saveState()
        changes = getStateDelta(node)
        self._tracker.push(changes)
        self.applyStateChanges(changes, {})
        self.drawNodeDispatcher(node)
        self._tracker.pop()
        if not clips:
            self._canvas.restoreState()

    def applyStateChanges(self, changes: dict[str, Any], state: dict[str, Any]) -> None:
        painter, now = self._canvas.painter, self._tracker.getState()
        if "transform" in changes:
            painter.setTransform(QTransform(*changes["transform"]), True)
        painter.setPen(_pen(now, self._canvas.scale))
        fill = _ink(now.get("fillColor"), now.get("fillOpacity"))
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)

    def drawRect(self, rect: Any) -> None:
        box = QRectF(rect.x, rect.y, rect.width, rect.height)
        if rect.rx or rect.ry:
            self._canvas.painter.drawRoundedRect(box, rect.rx, rect.ry)
        else:
            self._canvas.painter.drawRect(box)

    def drawLine(self, line: Any) -> None:
        self._canvas.painter.drawLine(QLineF(line.x1, line.y1, line.x2, line.y2))

    def drawCircle(self, circle: Any) -> None:
        self._canvas.painter.drawEllipse(QPointF(circle.cx, circle.cy), circle.r, circle.r)

    def drawEllipse(self, ellipse: Any) -> None:
        self._canvas.painter.drawEllipse(QPointF(ellipse.cx, ellipse.cy), ellipse.rx, ellipse.ry)

    def drawPolyLine(self, line: Any) -> None:
        self._canvas.painter.drawPolyline(_points(line.points))

    def drawPolygon(self, polygon: Any) -> None:
        self._canvas.painter.drawPolygon(_points(polygon.points))

    def drawWedge(self, wedge: Any) -> None:
        self.drawPolygon(wedge.asPolygon())

    def drawPath(self, path: Any) -> None:
        from reportlab.graphics import shapes

        drawn = QPainterPath()
        pen = (
            lambda x, y: drawn.moveTo(x, y),
            lambda x, y: drawn.lineTo(x, y),
            lambda a, b, c, d, x, y: drawn.cubicTo(a, b, c, d, x, y),
            drawn.closeSubpath,
        )
        shapes._renderPath(path, pen)
        if path.isClipPath:
            self._canvas.painter.setClipPath(drawn, Qt.ClipOperation.IntersectClip)
        else:
            self._canvas.painter.drawPath(drawn)

    def drawString(self, string: Any) -> None:
        from reportlab.pdfbase.pdfmetrics import stringWidth

        state, painter = self._tracker.getState(), self._canvas.painter
        ink = _ink(state.get("fillColor"), state.get("fillOpacity"))
        if ink is None or not string.text:
            return
        width = stringWidth(string.text, state["fontName"], state["fontSize"])
        shift = {"middle": width / 2, "end": width}.get(state["textAnchor"], 0.0)
        painter.save()
        painter.translate(string.x - shift, string.y)
        painter.scale(1, -1)
        painter.setFont(_font(state["fontName"], state["fontSize"], painter))
        painter.setPen(ink)
        painter.drawText(QPointF(0, 0), string.text)
        painter.restore()


def _points(flat: Sequence[float]) -> list[QPointF]:
    return [QPointF(x, y) for x, y in zip(flat[::2], flat[1::2], strict=True)]


def _ink(colour: Any, opacity: float | None) -> QColor | None:
    """A ReportLab colour for Qt; None stays none, which means not drawn."""
    if colour is None:
        return None
    alpha = colour.alpha * (1.0 if opacity is None else opacity)
    name = QColor.fromRgbF(colour.red, colour.green, colour.blue).name()
    ink = theme.color(_screen_inks()[name]) if name in _screen_inks() else QColor(name)
    ink.setAlphaF(alpha)
    return ink


@lru_cache(maxsize=1)
def _screen_inks() -> dict[str, str]:
    """The paper's few inks and which colour of the scheme stands for each, so that charts follow the scheme."""
    from oicdesk.reports import charts

    return {
        charts.ACCENT: "accent",
        charts.NEUTRAL: "grey_tint",
        charts.EDGE: "edge",
        charts.GRID: "line",
        charts.INK: "text",
        charts.QUIET: "secondary",
        "#ffffff": "card",
    }


def _pen(state: dict[str, Any], scale: float) -> QPen | Qt.PenStyle:
    ink = _ink(state.get("strokeColor"), state.get("strokeOpacity"))
    width = state.get("strokeWidth") or 0
    if ink is None or width <= 0:
        return Qt.PenStyle.NoPen
    width = max(width, 1 / scale)  # at least one pixel of the screen
    pen = QPen(ink, width)
    caps = (Qt.PenCapStyle.FlatCap, Qt.PenCapStyle.RoundCap, Qt.PenCapStyle.SquareCap)
    joins = (Qt.PenJoinStyle.MiterJoin, Qt.PenJoinStyle.RoundJoin, Qt.PenJoinStyle.BevelJoin)
    pen.setCapStyle(caps[state.get("strokeLineCap") or 0])
    pen.setJoinStyle(joins[state.get("strokeLineJoin") or 0])
    if dashes := state.get("strokeDashArray"):
        pen.setDashPattern([dash / width for dash in dashes])  # Qt counts dashes in pen widths
    return pen


def _font(name: str, size: float, painter: QPainter) -> QFont:
    """The screen's font for ReportLab's name, at a size in the Drawing's units."""
    font = QFont(theme.FAMILY if theme.FAMILY in QFontDatabase.families() else painter.font().family())
    font.setBold("Bold" in name)
    font.setItalic("Italic" in name or "Oblique" in name)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setPointSizeF(size * 72 / painter.device().logicalDpiY())
    return font
