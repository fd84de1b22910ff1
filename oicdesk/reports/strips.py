"""Strips: what a page is filled with from top to bottom, and the page's measures in points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from oicdesk.reports import fonts
from oicdesk.reports.pen import PAGE_HEIGHT, PAGE_WIDTH, Pen
from oicdesk.reports.tags import Element

LEFT: Final = 56.0
ROOM: Final = PAGE_WIDTH - 2 * LEFT
TOP: Final = PAGE_HEIGHT - 68.0
BOTTOM: Final = 72.0


@dataclass(slots=True)
class Strip:
    """The smallest thing that is not torn apart; `draw(pen, top)` writes it below the height `top`.

    `above` and `below` are the least space to its neighbours, none at the top of a page. `keep` holds it on
    the page of the strip after it. `head` is drawn first when the strip opens a page (a table's header).
    `breaks` starts a new page.
    """

    height: float
    draw: Callable[[Pen, float], None]
    above: float = 0.0
    below: float = 0.0
    keep: bool = False
    head: "Strip | None" = None
    breaks: bool = False


class Style(NamedTuple):
    """How a text is set."""

    font: str
    size: float
    leading: float
    colour: str


def baseline(top: float, style: Style) -> float:
    """Where a line stands whose box begins at `top`."""
    return top - style.leading / 2 - style.size * 0.35


def text_strips(words: str, style: Style, owner: Element, *, left: float = LEFT, room: float = ROOM) -> list[Strip]:
    """The text line by line; a first or last line is never alone on a page."""
    lines = fonts.lines(words, style.font, style.size, room)
    last = len(lines) - 1
    strips = []
    for number, line in enumerate(lines):
        # A space ends each inner line, so that the words do not run together when read aloud.
        shown = line if number == last else f"{line} "
        strips.append(Strip(style.leading, _line(left, shown, style, owner), keep=last > 0 and number in (0, last - 1)))
    return strips


def _line(left: float, words: str, style: Style, owner: Element) -> Callable[[Pen, float], None]:
    def draw(pen: Pen, top: float) -> None:
        y = baseline(top, style)
        pen.text(left, y, words, font=style.font, size=style.size, colour=style.colour, owner=owner)

    return draw


def fill_pages(pen: Pen, strips: list[Strip]) -> None:
    """Place the strips on as many pages as they need."""
    cursor = _Cursor(pen)
    start = 0
    for at, strip in enumerate(strips):
        if not strip.keep or at == len(strips) - 1:
            cursor.place(strips[start : at + 1])
            start = at + 1


class _Cursor:
    """The place on the page where the next strip goes."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self._open_page()

    def _open_page(self) -> None:
        self._pen.new_page()
        self._y = TOP
        self._gap = 0.0
        self._is_fresh = True

    def place(self, group: list[Strip]) -> None:
        """Place strips that belong together, on a new page if they do not fit on this one."""
        if group[0].breaks and not self._is_fresh:
            self._open_page()
        if not self._fits(group) and not self._is_fresh:
            self._open_page()
        for strip in group:
            if not self._fits([strip]) and not self._is_fresh:
                self._open_page()
            if self._is_fresh and strip.head is not None:
                self._put(strip.head)
            self._put(strip)

    def _fits(self, group: list[Strip]) -> bool:
        y, gap = self._y, self._gap
        for strip in group:
            y -= max(gap, strip.above) + strip.height
            gap = strip.below
        return y >= BOTTOM

    def _put(self, strip: Strip) -> None:
        if not self._is_fresh:
            self._y -= max(self._gap, strip.above)
        strip.draw(self._pen, self._y)
        self._y -= strip.height
        self._gap = strip.below
        if strip.height:
            self._is_fresh = False
