"""Tables and facts as strips: column widths, rows, header cells that name what they head."""

from collections.abc import Callable, Sequence
from typing import Final

from oicdesk.reports import fonts
from oicdesk.reports.blocks import Facts, Table, alignment, printed_rows, text_of
from oicdesk.reports.charts import EDGE, GRID, INK, QUIET
from oicdesk.reports.pen import Pen
from oicdesk.reports.strips import LEFT, ROOM, Strip, Style, baseline, text_strips
from oicdesk.reports.tags import COLUMN_HEAD, ROW_HEAD, Element

HEAD: Final = Style(fonts.BOLD, 8.5, 11.5, INK)
CELL: Final = Style(fonts.REGULAR, 8.5, 11.5, INK)
CAPTION: Final = Style(fonts.BOLD, 9, 13, INK)
LABEL: Final = Style(fonts.REGULAR, 9.5, 13.5, QUIET)
VALUE: Final = Style(fonts.REGULAR, 9.5, 13.5, INK)
_PAD: Final = 3.6
_GAP: Final = 14.0
_COMPACT: Final = 0.72
"""A table that needs less than this part of the line is not stretched over it."""
_NARROWEST: Final = 34.0
_SHORT: Final = 96.0
_LABELS: Final = 92.0
_MOST_LINES: Final = 40
"""Lines of one row that stay together; a longer row is torn after them."""

Lines = Sequence[Sequence[str]]


class _Columns:
    """Where the columns of one table stand: left edge, width and side of each."""

    def __init__(self, table: Table, rows: list[list[str]]) -> None:
        natural, least = _wishes(table.header, rows)
        gaps = _GAP * (len(natural) - 1)
        widths = _shared(natural, least, ROOM - gaps)
        self.total = sum(widths) + gaps
        if self.total > ROOM * _COMPACT:
            spare = (ROOM - self.total) / len(widths)
            widths = [width + spare for width in widths]
            self.total = ROOM
        self.widths = widths
        self.sides = alignment(table)
        self.lefts = [LEFT + sum(widths[:at]) + _GAP * at for at in range(len(widths))]

    def lines(self, cells: Sequence[str], style: Style) -> Lines:
        found: list[Sequence[str]] = []
        for cell, room in zip(cells, self.widths, strict=True):
            clean = fonts.printable(cell, style.font)
            # 0.01: a cell exactly as wide as its column must not break over rounding.
            if clean is cell and fonts.width(cell, style.font, style.size) <= room + 0.01:
                found.append((cell,))
            else:
                found.append(fonts.lines(cell, style.font, style.size, room + 0.01))
        return found

    def write(self, pen: Pen, top: float, lines: Lines, style: Style, owners: Sequence[Element | None]) -> None:
        """Write the cells of a row whose first line's box begins at `top`."""
        font, size, colour = style.font, style.size, style.colour
        first = baseline(top, style)
        for at, cell in enumerate(lines):
            y, x = first, self.lefts[at]
            for words in cell:
                if words:
                    if self.sides[at] == "r":
                        x = self.lefts[at] + self.widths[at] - fonts.width(words.rstrip(), font, size)
                    pen.text(x, y, words, font=font, size=size, colour=colour, owner=owners[at])
                y -= style.leading


def table_strips(table: Table, parent: Element) -> list[Strip]:
    """The caption, the header row (again on each page) and the rows."""
    rows = printed_rows(table)
    columns = _Columns(table, rows)
    element = Element("Table", parent)
    strips = []
    if table.caption:
        strips = text_strips(table.caption, CAPTION, Element("Caption", element))
        strips[-1].below = 3
        for strip in strips:
            strip.keep = True
    strips.append(_header(table, columns, element))
    again = _header(table, columns, None)
    for cells in rows:
        strips.extend(_row(cells, columns, element, again, table.row_names))
    strips[0].above = 8
    strips[-1].below = 12
    # The last two rows stay together, so that no page holds a header and one row.
    if len(rows) > 1:
        strips[-2].keep = True
    return strips


def _header(table: Table, columns: _Columns, element: Element | None) -> Strip:
    """The header row; without an element it is the repeated one, an ornament of the page."""
    lines = columns.lines(table.header, HEAD)
    deepest = max(len(cell) for cell in lines)
    height = deepest * HEAD.leading + 2 * _PAD
    owners: list[Element | None] = [None] * len(lines)
    if element is not None:
        row = Element("TR", element)
        owners = [Element("TH", row, COLUMN_HEAD) for _ in lines]

    def draw(pen: Pen, top: float) -> None:
        for at, cell in enumerate(lines):
            lift = (deepest - len(cell)) * HEAD.leading  # short heads stand on the rule
            alone: list[Sequence[str]] = [() for _ in lines]
            alone[at] = cell
            columns.write(pen, top - _PAD - lift, alone, HEAD, owners)
        pen.rules([(LEFT, LEFT + columns.total, top - height)], weight=0.9, colour=EDGE)

    return Strip(height, draw, keep=True)


def _row(cells: list[str], columns: _Columns, element: Element, again: Strip, row_names: bool) -> list[Strip]:
    lines = columns.lines(cells, CELL)
    row = Element("TR", element)
    owners = [Element("TD", row) for _ in lines]
    if row_names:
        owners[0].kind, owners[0].attributes = "TH", ROW_HEAD
    deepest = max(len(cell) for cell in lines)
    if deepest <= _MOST_LINES:
        return [_piece(lines, deepest, columns, owners, again, is_first=True, is_last=True)]
    starts = range(0, deepest, _MOST_LINES)
    return [
        _piece(
            [cell[start : start + _MOST_LINES] for cell in lines],
            min(_MOST_LINES, deepest - start),
            columns,
            owners,
            again,
            is_first=start == 0,
            is_last=start + _MOST_LINES >= deepest,
        )
        for start in starts
    ]


def _piece(
    lines: Lines,
    deepest: int,
    columns: _Columns,
    owners: Sequence[Element],
    again: Strip,
    *,
    is_first: bool,
    is_last: bool,
) -> Strip:
    above = _PAD if is_first else 0.0
    height = deepest * CELL.leading + above + (_PAD if is_last else 0.0)

    def draw(pen: Pen, top: float) -> None:
        columns.write(pen, top - above, lines, CELL, owners)
        if is_last:
            pen.rules([(LEFT, LEFT + columns.total, top - height)], weight=0.5, colour=GRID)

    return Strip(height, draw, head=again)


def _wishes(header: Sequence[str], rows: list[list[str]]) -> tuple[list[float], list[float]]:
    """Per column the width that needs no second line, and the least that is readable.

    That least keeps short cells (a date, a reference) on one line and the words of longer ones whole.
    """
    natural, least = [], []
    for at, title in enumerate(header):
        texts = {row[at] for row in rows}
        wide = max((_widest(text, CELL) for text in texts), default=0.0)
        words = {word for text in texts for word in text.split()}
        word = max((fonts.width(each, CELL.font, CELL.size) for each in words), default=0.0)
        head_word = max((fonts.width(each, HEAD.font, HEAD.size) for each in title.split()), default=0.0)
        natural.append(max(wide, _widest(title, HEAD), _NARROWEST))
        whole = wide if wide <= _SHORT else min(word, _SHORT)
        least.append(max(whole, head_word, _NARROWEST))
    return natural, least


def _widest(text: str, style: Style) -> float:
    if "\n" in text:
        return max(fonts.width(line, style.font, style.size) for line in text.split("\n"))
    return fonts.width(text, style.font, style.size)


def _shared(natural: list[float], least: list[float], room: float) -> list[float]:
    """Widths that fit: each column gets its least, and of the rest the more the more it lacks."""
    if sum(natural) <= room:
        return natural
    if sum(least) > room:
        return [width * room / sum(least) for width in least]
    share = (room - sum(least)) / (sum(natural) - sum(least))
    return [low + (wish - low) * share for wish, low in zip(natural, least, strict=True)]


def facts_strips(facts: Facts, parent: Element) -> list[Strip]:
    """Label and value pairs, the label being the row's header cell."""
    pairs = [(label, text_of(value)) for label, value in facts.pairs]
    if not pairs:
        return []
    labels = max(fonts.width(label, LABEL.font, LABEL.size) for label, _ in pairs)
    labels = min(max(labels + 0.01, _LABELS), ROOM * 0.4)
    element = Element("Table", parent)
    strips = []
    for label, value in pairs:
        row = Element("TR", element)
        owners = (Element("TH", row, ROW_HEAD), Element("TD", row))
        strips.append(_fact(label, value, labels, owners))
    strips[0].above = 6
    strips[-1].below = 10
    return strips


def _fact(label: str, value: str, labels: float, owners: tuple[Element, Element]) -> Strip:
    left = text_strips(label, LABEL, owners[0], room=labels)
    right = text_strips(value, VALUE, owners[1], left=LEFT + labels + 18, room=ROOM - labels - 18)
    height = max(len(left), len(right)) * VALUE.leading + 3.0
    return Strip(height, _side_by_side(left, right))


def _side_by_side(left: list[Strip], right: list[Strip]) -> Callable[[Pen, float], None]:
    def draw(pen: Pen, top: float) -> None:
        for column in (left, right):
            y = top
            for strip in column:
                strip.draw(pen, y)
                y -= strip.height

    return draw
