"""Noto Sans in its three cuts: registering it with ReportLab, measuring text and breaking it into lines."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from oicdesk import paths

REGULAR: Final = "NotoSans"
BOLD: Final = "NotoSans-Bold"
ITALIC: Final = "NotoSans-Italic"
_FILES: Final = {
    REGULAR: "NotoSans-Regular.ttf",
    BOLD: "NotoSans-Bold.ttf",
    ITALIC: "NotoSans-Italic.ttf",
}


@cache
def register() -> None:
    """Make the three faces known to ReportLab by their names here; the second call costs nothing."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(paths.resources() / "fonts" / file)))


@cache
def face(name: str) -> Any:
    """ReportLab's font object of that name."""
    from reportlab.pdfbase import pdfmetrics

    register()
    return pdfmetrics.getFont(name)


@cache
def _metrics(name: str) -> tuple[Callable[[int], float | None], float]:
    shape = face(name).face
    return shape.charWidths.get, shape.defaultWidth


@lru_cache(maxsize=20_000)
def width(text: str, name: str, size: float) -> float:
    """The width of one line of text in points."""
    of, default = _metrics(name)
    total = 0.0
    for letter in text:
        letter_width = of(ord(letter))
        total += default if letter_width is None else letter_width
    return total * size * 0.001


@lru_cache(maxsize=20_000)
def printable(text: str, name: str) -> str:
    """The text with control characters as spaces and letters that the face lacks as the sign for that."""
    has = face(name).face.charToGlyph
    if all(letter >= " " and ord(letter) in has for letter in text):
        return text
    return "".join(" " if not letter.isprintable() else letter if ord(letter) in has else "\ufffd" for letter in text)


def lines(text: str, name: str, size: float, room: float) -> Sequence[str]:
    """The text broken into lines no wider than `room`; a word that is wider is cut where it must be.

    A line broken between words ends with a space, which does not count as width: whoever reads the lines
    one after the other (a screen reader does) reads the text.
    """
    found: list[str] = []
    for paragraph in text.split("\n"):
        clean = printable(paragraph.strip(), name)
        if found:
            found[-1] += " "
        if width(clean, name, size) <= room:
            found.append(clean)
        else:
            found.extend(_broken(clean, name, size, room))
    return found


def _broken(text: str, name: str, size: float, room: float) -> Sequence[str]:
    found: list[str] = []
    line, used, space = "", 0.0, width(" ", name, size)
    for word in text.split():
        wide = width(word, name, size)
        if line and used + space + wide <= room:
            line, used = f"{line} {word}", used + space + wide
            continue
        if line:
            found.append(f"{line} ")
        while wide > room and len(word) > 1:
            fit = _letters_that_fit(word, name, size, room)
            found.append(word[:fit])
            word = word[fit:]
            wide = width(word, name, size)
        line, used = word, wide
    return [*found, line]


def _letters_that_fit(word: str, name: str, size: float, room: float) -> int:
    """How many letters of a too wide word fit, at least one; after a hyphen or slash if one lies there."""
    fit, used = 0, 0.0
    while fit < len(word) and used + width(word[fit], name, size) <= room:
        used += width(word[fit], name, size)
        fit += 1
    fit = max(fit, 1)
    at_joint = max(word.rfind(joint, 0, fit) for joint in "-/_@.") + 1
    return at_joint if at_joint > fit // 2 else fit
