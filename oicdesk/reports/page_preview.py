"""The finished PDF on the screen: its own pages, painted from memory, as wide as their room."""

import bisect
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from oicdesk.ui import theme

ZOOMS: Final = (0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0)
_FIT: Final = ZOOMS.index(1.0)
_KEPT: Final = 6  # painted pages held at once
_SPOKEN: Final = 4000  # letters of a page that are told to a screen reader


class Sheets(QAbstractScrollArea):
    """A PDF's pages below one another. Arrows, Page Up and Down, Home and End scroll; + and - change the
    size and 0 fits the width again, also Ctrl with the wheel. `moved` tells that `page` or the size changed."""

    moved = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._zoom = name, _FIT
        self._content = b""
        self._sizes: list[tuple[float, float]] = []
        self._tops: list[int] = []
        self._painted: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._spoken = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.viewport().setAutoFillBackground(False)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # -- what the page asks

    def show_pdf(self, content: bytes) -> None:
        """Show this PDF from its first page; it is held in memory only."""
        self.clear()
        self._content = content
        with self._opened() as document:
            self._sizes = [document.get_page_size(number) for number in range(len(document))]
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self._scrolled()

    def clear(self) -> None:
        """Forget the PDF."""
        self._content, self._sizes, self._tops, self._spoken = b"", [], [], -1
        self._painted.clear()
        self.viewport().update()

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        """The document, open only while it is used: it takes well under a millisecond."""
        import pypdfium2

        document = pypdfium2.PdfDocument(self._content)
        try:
            yield document
        finally:
            document.close()

    @property
    def pages(self) -> int:
        return len(self._sizes)

    @property
    def page(self) -> int:
        """The page in the upper part of the room, counted from 1; 0 without a PDF."""
        line = self.verticalScrollBar().value() + self.viewport().height() // 3
        return max(1, bisect.bisect_right(self._tops, line)) if self._sizes else 0

    @property
    def percent(self) -> int:
        """The size against the width of the room."""
        return round(ZOOMS[self._zoom] * 100)

    def zoom(self, steps: int) -> None:
        """Larger or smaller by so many steps; what is in the middle stays in the middle."""
        self._resize(min(len(ZOOMS) - 1, max(0, self._zoom + steps)))

    def fit_width(self) -> None:
        """Pages as wide as their room."""
        self._resize(_FIT)

    # -- geometry

    def _resize(self, zoom: int) -> None:
        if zoom != self._zoom:
            self._zoom = zoom
            self._arrange()
            self.moved.emit()

    def _scale(self) -> float:
        room = self.viewport().width() - 2 * theme.GRID
        return max(0.05, room / max(width for width, _ in self._sizes)) * ZOOMS[self._zoom]

    def _arrange(self) -> None:
        """Place the pages anew, keeping the same part of the same page in view."""
        if not self._sizes:
            return
        bar, room = self.verticalScrollBar(), self.viewport()
        share = (bar.value() + room.height() / 2) / max(1, bar.maximum() + room.height())
        scale, top = self._scale(), theme.GRID
        self._tops = []
        for _, height in self._sizes:
            self._tops.append(top)
            top += round(height * scale) + theme.GAP
        whole = top - theme.GAP + theme.GRID
        wide = round(max(width for width, _ in self._sizes) * scale) + 2 * theme.GRID
        bar.setRange(0, max(0, whole - room.height()))
        bar.setPageStep(max(1, room.height() - theme.GAP))
        bar.setSingleStep(theme.px(48))
        bar.setValue(round(share * whole - room.height() / 2))
        across = self.horizontalScrollBar()
        across.setRange(0, max(0, wide - room.width()))
        across.setPageStep(room.width())
        across.setSingleStep(theme.px(48))
        across.setValue(across.maximum() // 2)
        room.update()

    def _rect(self, number: int) -> QRectF:
        scale = self._scale()
        width, height = (round(length * scale) for length in self._sizes[number])
        left = max(theme.GRID, (self.viewport().width() - width) // 2) - self.horizontalScrollBar().value()
        return QRectF(left, self._tops[number] - self.verticalScrollBar().value(), width, height)

    # -- painting

    def _image(self, number: int, width: int) -> QImage:
        """The page painted so many device pixels wide."""
        key = (number, width)
        if key not in self._painted:
            with self._opened() as document:
                bitmap = document[number].render(scale=width / self._sizes[number][0], prefer_bgrx=True)
                view = QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32)
                self._painted[key] = view.copy()  # the bitmap's own memory goes now
                bitmap.close()
            while len(self._painted) > _KEPT:
                self._painted.popitem(last=False)
        self._painted.move_to_end(key)
        return self._painted[key]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ratio = self.devicePixelRatioF()
        room = QRectF(self.viewport().rect())
        for number in range(self.pages):
            rect = self._rect(number)
            if rect.intersects(room):
                painter.drawImage(rect, self._image(number, round(rect.width() * ratio)))
                painter.setPen(QPen(theme.color("line"), 1))
                painter.setBrush(QColor(Qt.GlobalColor.transparent))
                painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self.hasFocus():
            theme.paint_focus(painter, self.viewport().rect())
        painter.end()

    # -- moving about

    def _scrolled(self) -> None:
        self.viewport().update()
        if self.page != self._spoken:
            self._spoken = self.page
            self.setAccessibleName(f"{self._name}, page {self.page} of {self.pages}" if self.pages else self._name)
            self.setAccessibleDescription(self._text())
            self.moved.emit()

    def _text(self) -> str:
        """What stands on the page, for a screen reader."""
        if not self.pages:
            return ""
        with self._opened() as document:
            return str(document[self.page - 1].get_textpage().get_text_range())[:_SPOKEN]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        step = {"+": 1, "=": 1, "-": -1}.get(event.text())
        if step is not None:
            self.zoom(step)
        elif event.text() == "0":
            self.fit_width()
        elif event.key() == Qt.Key.Key_Home:
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            bar.setValue(bar.maximum())
        elif event.key() == Qt.Key.Key_Space:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            bar.setValue(bar.value() + (-bar.pageStep() if back else bar.pageStep()))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.zoom(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange):
            self._arrange()

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(560), theme.px(560))
