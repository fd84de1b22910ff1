"""The pen that writes pages: text, rules and charts at exact places, each marked with what it is."""

import hashlib
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from reportlab.graphics import renderPDF
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from oicdesk.reports import fonts
from oicdesk.reports.tags import Element, StructureTree

PAGE_WIDTH: Final = 595.28
PAGE_HEIGHT: Final = 841.89

_ESCAPES: Final = {code: f"\\{code:03o}" for code in (*range(32), *range(127, 256))} | {
    ord(sign): "\\" + sign for sign in "\\()"
}


class Pen:
    """Writes one tagged A4 document; places are in points from the bottom left corner of the page.

    Everything belongs to an Element or, where None is given for it, to the page's furniture (an artifact).
    """

    def __init__(self, *, language: str, created: datetime) -> None:
        fonts.register()
        self._file = BytesIO()
        self._canvas = Canvas(
            self._file,
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            pageCompression=1,
            invariant=1,
            pdfVersion=(1, 7),
            initialFontName=fonts.REGULAR,
            lang=language,
        )
        self._date(created)
        self.tree = StructureTree()
        self.pages = 0
        self._open: Element | None = None
        self._is_open = False
        self._colour = ""
        self._shown: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def _date(self, created: datetime) -> None:
        """Set the file's dates and its identity without the clock and without the environment."""
        stamp = self._canvas._doc._timeStamp
        moment = created.astimezone(UTC)
        stamp.t, stamp.YMDhms = moment.timestamp(), moment.timetuple()[:6]
        stamp.dhh = stamp.dmm = 0
        self._canvas._doc.signature = hashlib.md5(moment.isoformat().encode(), usedforsecurity=False)

    def describe(self, *, title: str, author: str, subject: str, keywords: str, creator: str) -> None:
        """The document's properties; the title is shown in the window instead of the file name."""
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)
        self._canvas.setKeywords(keywords)
        self._canvas.setCreator(creator)
        self._canvas.setViewerPreference("DisplayDocTitle", "true")

    def new_page(self) -> None:
        """End the page, if one was begun, and begin the next."""
        if self.pages:
            self._end_page()
        self.pages += 1

    def text(self, x: float, y: float, words: str, *, font: str, size: float, colour: str, owner: Any) -> None:
        """One line with its baseline at y; `owner` is an Element or None."""
        self._own(owner)
        code = self._canvas._code
        if colour != self._colour:
            self._colour = colour
            code.append(f"{_rgb(colour)} rg")
        code.append(f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm {self._show(words, font, size)} ET")

    def rules(self, spans: list[tuple[float, float, float]], *, weight: float, colour: str) -> None:
        """Horizontal rules as (x from, x to, y)."""
        self._own(None)
        path = " ".join(f"{left:.2f} {y:.2f} m {right:.2f} {y:.2f} l" for left, right, y in spans)
        self._canvas._code.append(f"{_rgb(colour)} RG {weight:.2f} w {path} S")

    def bar(self, x: float, y: float, wide: float, high: float, colour: str) -> None:
        """A filled bar, an ornament of the page."""
        self._own(None)
        self._canvas._code.append(f"{_rgb(colour)} rg {x:.2f} {y:.2f} {wide:.2f} {high:.2f} re f")
        self._colour = colour

    def chart(self, x: float, y: float, drawing: Any, scale: float, owner: Element) -> None:
        """A ReportLab Drawing with its lower left corner at x, y."""
        self._own(owner)
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.scale(scale, scale)
        renderPDF.draw(drawing, self._canvas, 0, 0)
        self._canvas.restoreState()
        self._colour = ""

    def bookmark(self, title: str, level: int, y: float) -> None:
        """An entry of the outline that leads to this page at height y."""
        key = f"p{self.pages}-{len(self._canvas._destinations)}"
        self._canvas.bookmarkPage(key, fit="XYZ", left=0, top=y)
        self._canvas.addOutlineEntry(title, key, level)

    def finish(self, furniture: Any) -> bytes:
        """The file's bytes; `furniture(page, pages)` draws head and foot of each page once all are known."""
        self._end_page()
        doc = self._canvas._doc
        pages = list(doc.Pages.pages)
        for index, page in enumerate(pages):
            extra: list[str] = []
            self._canvas._code = extra
            self._colour = ""
            furniture(index + 1, len(pages))
            self._close()
            # One compressed stream; ReportLab would armour it as base 85, a quarter larger and slow.
            content = f"q\n{page.stream}Q\n" + "\n".join(extra) + "\n"
            page.Contents = pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress])
        self._canvas._code = []
        self._canvas.showOutline()
        self.tree.attach(doc)
        self._canvas.save()
        return self._file.getvalue()

    def _end_page(self) -> None:
        self._close()
        self._canvas.showPage()
        self._colour = ""

    def _own(self, owner: Element | None) -> None:
        """Open the marked content of `owner`, unless it is the one that is open."""
        if self._is_open and self._open is owner:
            return
        self._close()
        if owner is None:
            self._canvas._code.append("/Artifact BMC")
        else:
            mark = self.tree.mark(self.pages - 1, owner)
            self._canvas._code.append(f"/{owner.kind} <</MCID {mark}>> BDC")
        self._open, self._is_open = owner, True

    def _close(self) -> None:
        if self._is_open:
            self._canvas._code.append("EMC")
        self._open, self._is_open = None, False

    def _show(self, words: str, font: str, size: float) -> str:
        runs = self._shown.get((words, font))
        if runs is None:
            doc, shape = self._canvas._doc, fonts.face(font)
            runs = [
                (shape.getSubsetInternalName(subset, doc), codes.decode("latin-1").translate(_ESCAPES))
                for subset, codes in shape.splitString(words, doc)
            ]
            self._shown[words, font] = runs
        return " ".join(f"{name} {size:g} Tf ({codes}) Tj" for name, codes in runs)


def _rgb(colour: str) -> str:
    """The three numbers that a PDF wants of a colour like “#0b5563”."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3f}" for at in (1, 3, 5))
