"""A report as a tagged PDF: blocks become strips, strips fill pages, the pen writes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from oicdesk.reports import fonts
from oicdesk.reports.blocks import (
    Block,
    Bullets,
    Facts,
    Figure,
    Heading,
    PageBreak,
    Paragraph,
    Report,
    Table,
    spoken,
    title_facts,
)
from oicdesk.reports.charts import ACCENT, GRID, INK, QUIET
from oicdesk.reports.files import save
from oicdesk.reports.pdf_table import CAPTION, facts_strips, table_strips
from oicdesk.reports.pen import PAGE_HEIGHT, PAGE_WIDTH, Pen
from oicdesk.reports.strips import LEFT, ROOM, Strip, Style, fill_pages, text_strips
from oicdesk.reports.tags import Element, text_string

TITLE: Final = Style(fonts.BOLD, 21, 27, INK)
HEADINGS: Final = (
    Style(fonts.BOLD, 13.5, 18, ACCENT),
    Style(fonts.BOLD, 10.5, 15, INK),
    Style(fonts.BOLD, 9.5, 14, QUIET),
)
BODY: Final = Style(fonts.REGULAR, 9.5, 14, INK)
NOTE: Final = Style(fonts.REGULAR, 8.5, 12.5, QUIET)
MARKING: Final = Style(fonts.BOLD, 9, 12, INK)
FOOT: Final = Style(fonts.REGULAR, 7.5, 10, QUIET)
_SPACE_ABOVE: Final = (22.0, 14.0, 10.0)
_INDENT: Final = 13.0
_HEAD_LINE: Final = PAGE_HEIGHT - 40.0
_FOOT_LINE: Final = 36.0


def write_pdf(report: Report, path: Path) -> None:
    """Write the report at `path`; the same Report gives the same bytes. Raises VaultError."""
    save(path, pdf_bytes(report))


def pdf_bytes(report: Report) -> bytes:
    """The PDF in memory, for a preview."""
    pen = Pen(language="en-GB", created=report.as_at)
    pen.describe(
        title=report.title,
        author=report.author,
        subject=f"{report.marking}. As at {spoken(report.as_at)}",
        keywords=report.marking,
        creator="OICDesk",
    )
    document = pen.tree.document
    strips = _title_strips(report, document)
    levels = [0]
    for block in report.blocks:
        strips.extend(_strips(block, document, levels))
    fill_pages(pen, strips)
    return pen.finish(_furniture(report, pen))


def _furniture(report: Report, pen: Pen) -> Callable[[int, int], None]:
    """Head and foot of a page: the marking in both, the title and the page number below."""
    wide = fonts.width(report.marking, MARKING.font, MARKING.size)
    title = _shortened(report.title, FOOT, (ROOM - wide) / 2 - 12)

    def draw(page: int, pages: int) -> None:
        number = f"Page {page} of {pages}"
        right = PAGE_WIDTH - LEFT - fonts.width(number, FOOT.font, FOOT.size)
        pen.rules([(LEFT, PAGE_WIDTH - LEFT, _FOOT_LINE + 16)], weight=0.5, colour=GRID)
        for x, y, words, style in (
            ((PAGE_WIDTH - wide) / 2, _HEAD_LINE, report.marking, MARKING),
            (LEFT, _FOOT_LINE, title, FOOT),
            ((PAGE_WIDTH - wide) / 2, _FOOT_LINE, report.marking, MARKING),
            (right, _FOOT_LINE, number, FOOT),
        ):
            if words:
                pen.text(x, y, words, font=style.font, size=style.size, colour=style.colour, owner=None)

    return draw


def _shortened(words: str, style: Style, room: float) -> str:
    if fonts.width(words, style.font, style.size) <= room:
        return words
    while words and fonts.width(f"{words}…", style.font, style.size) > room:
        words = words[:-1].rstrip()
    return f"{words}…" if words else ""


def _title_strips(report: Report, document: Element) -> list[Strip]:
    bar = Strip(15, lambda pen, top: pen.bar(LEFT, top - 4, 44, 4, ACCENT), keep=True)
    title = text_strips(report.title, TITLE, Element("H1", document))
    _bookmark(title[0], report.title, 0)
    title[-1].below = 8
    facts = facts_strips(Facts(title_facts(report)), document)
    rule = Strip(
        4,
        lambda pen, top: pen.rules([(LEFT, LEFT + ROOM, top - 4)], weight=0.9, colour=ACCENT),
        above=6,
        below=14,
    )
    return [bar, *title, *facts, rule]


def _strips(block: Block, document: Element, levels: list[int]) -> list[Strip]:
    """The strips of one block; `levels` ends with the outline level of the heading before it."""
    match block:
        case Heading():
            return _heading(block, document, levels)
        case Paragraph():
            strips = text_strips(block.text, NOTE if block.quiet else BODY, Element("P", document))
            strips[-1].below = 8
            return strips
        case Bullets():
            return _bullets(block, document)
        case Facts():
            return facts_strips(block, document)
        case Table():
            return table_strips(block, document)
        case Figure():
            return _figure(block, document)
        case PageBreak():
            return [Strip(0, lambda pen, top: None, breaks=True)]


def _heading(heading: Heading, document: Element, levels: list[int]) -> list[Strip]:
    level = min(max(heading.level, 1), 3)
    strips = text_strips(heading.text, HEADINGS[level - 1], Element(f"H{level + 1}", document))
    for strip in strips:
        strip.keep = True
    strips[0].above = _SPACE_ABOVE[level - 1]
    strips[-1].below = 5
    # The outline may go one level deeper at a time.
    levels.append(min(level, levels[-1] + 1))
    _bookmark(strips[0], heading.text, levels[-1])
    return strips


def _bookmark(strip: Strip, title: str, level: int) -> None:
    draw = strip.draw

    def draw_and_mark(pen: Pen, top: float) -> None:
        pen.bookmark(title, level, top + 12)
        draw(pen, top)

    strip.draw = draw_and_mark


def _bullets(bullets: Bullets, document: Element) -> list[Strip]:
    strips: list[Strip] = []
    whole = Element("L", document, b"/A<</O/List/ListNumbering/Disc>>")
    for item in bullets.items:
        entry = Element("LI", whole)
        sign = text_strips("•", BODY, Element("Lbl", entry))[0]
        lines = text_strips(item, BODY, Element("LBody", entry), left=LEFT + _INDENT, room=ROOM - _INDENT)
        lines[0].draw = _both(sign, lines[0])
        lines[-1].below = 3
        strips.extend(lines)
    if strips:
        strips[-1].below = 8
    return strips


def _both(first: Strip, second: Strip) -> Callable[[Pen, float], None]:
    draw_first, draw_second = first.draw, second.draw

    def draw(pen: Pen, top: float) -> None:
        draw_first(pen, top)
        draw_second(pen, top)

    return draw


def _figure(figure: Figure, document: Element) -> list[Strip]:
    strips = []
    if figure.caption:
        strips = text_strips(figure.caption, CAPTION, Element("P", document))
        for strip in strips:
            strip.keep = True
        strips[0].above = 8
        strips[-1].below = 4
    element = Element("Figure", document)
    scale = min(1.0, ROOM / figure.drawing.width)
    height, width = figure.drawing.height * scale, figure.drawing.width * scale

    def draw(pen: Pen, top: float) -> None:
        box = f"[{LEFT:.1f} {top - height:.1f} {LEFT + width:.1f} {top:.1f}]".encode()
        element.attributes = b"/Alt " + text_string(figure.alt) + b"/A<</O/Layout/Placement/Block/BBox" + box + b">>"
        pen.chart(LEFT, top - height, figure.drawing, scale, element)

    strips.append(Strip(height, draw, above=6, below=10))
    if figure.table is not None:
        strips.extend(table_strips(figure.table, document))
    return strips
