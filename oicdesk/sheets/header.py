"""Finding the row of column names, which need not be the first."""

import datetime as dt
import re
from collections.abc import Sequence

from oicdesk.errors import Refused
from oicdesk.sheets.cells import Cell, parse_date, parse_time, text_of

LOOK_AT = 50
_NUMBER = re.compile(r"[-+(]?[\d.,%£€$ /:-]+\)?")


def find_header(rows: Sequence[Sequence[Cell]]) -> int | None:
    """Index of the first row among the first 50 that reads like column names, or None.

    Such a row fills at least half as many columns as the widest row looked at, holds no date or time, and
    is mostly words that differ from each other.
    """
    rows = rows[:LOOK_AT]
    filled = [[cell for cell in row if text_of(cell)] for row in rows]
    widest = max((len(row) for row in filled), default=0)
    for index, row in enumerate(filled):
        if row and len(row) * 2 >= widest and (len(row) > 1 or widest == 1) and _reads_like_names(row):
            return index
    return None


def _reads_like_names(row: Sequence[Cell]) -> bool:
    if any(_is_moment(cell) for cell in row):
        return False
    words = [text_of(cell).casefold() for cell in row if isinstance(cell, str) and not _NUMBER.fullmatch(cell)]
    names = [word for word in words if len(word) <= 120 and any(letter.isalpha() for letter in word)]
    return len(names) * 5 >= len(row) * 3 and len(set(names)) * 2 > len(names)


def _is_moment(cell: Cell) -> bool:
    if isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        return True
    text = text_of(cell)
    if not text or not text[0].isdecimal():
        return False
    try:
        if ":" in text and len(text) < 12:
            parse_time(text)
        else:
            parse_date(text)
    except Refused:
        return False
    return True


def column_names(header: Sequence[Cell], width: int) -> list[str]:
    """One name for each column: blank ones are numbered and repeated ones told apart."""
    names: list[str] = []
    seen: set[str] = set()
    for index in range(width):
        name = " ".join(text_of(header[index]).split()) if index < len(header) else ""
        name = plain = name or f"Column {index + 1}"
        count = 1
        while name.casefold() in seen:
            count += 1
            name = f"{plain} ({count})"
        seen.add(name.casefold())
        names.append(name)
    return names
