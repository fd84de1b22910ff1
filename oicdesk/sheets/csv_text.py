"""Working out how a text file was written: its encoding and its delimiter; no question is asked."""

import codecs
import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oicdesk.sheets.header import find_header

PIECE = 1 << 20
SAMPLE = 1 << 16
# The usual ones first: a tie goes to the earlier.
DELIMITERS = ",;\t|^~:"
_USUAL = 4
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
    "^": "carets",
    "~": "tildes",
    ":": "colons",
}
_ENCODINGS = {"cp1252": "Windows-1252", "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-32": "UTF-32"}
_DIRECTIVE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Style:
    """How to read the file; `first_line` is where the records begin (2 after a "sep=;" line)."""

    encoding: str
    delimiter: str
    skip_spaces: bool
    first_line: int

    def in_words(self) -> str:
        encoding = _ENCODINGS.get(self.encoding, "UTF-16")
        return f"Text, {encoding}, cells separated by {_NAMES.get(self.delimiter, self.delimiter)}."


def style_of(path: Path) -> Style | None:
    """The file's style, or None when it is no text at all."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(SAMPLE)
        is_whole = not file.read(1)
    controls = sum(character < " " and character not in "\t\n\r\f\x1a" for character in sample)
    if controls > 8 and controls * 20 > len(sample):
        return None
    directive = _DIRECTIVE.match(sample)
    if directive:
        return Style(encoding, directive[1], _has_padded_quotes(sample, directive[1]), 2)
    delimiter = _delimiter(sample, is_whole=is_whole)
    return Style(encoding, delimiter, _has_padded_quotes(sample, delimiter), 1)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        piece = file.read(PIECE)
        for mark, name in _BOMS:
            if piece.startswith(mark):
                return name
        if wide := _wide_without_mark(piece[:SAMPLE]):
            return wide
        # UTF-8 unless it does not decode; a few bad bytes in a text full of good ones stay UTF-8.
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        bad = extra = 0
        while True:
            text = decoder.decode(piece, not piece)
            bad += text.count("\ufffd")
            extra += len(piece) - len(text)
            if not piece:
                return "utf-8" if not bad or extra > 10 * bad else "cp1252"
            piece = file.read(PIECE)


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 shows by its zero bytes: nearly all on one side, in at least a twentieth of the characters."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < 2 or max(even, odd) * 20 < len(head) // 2:
        return None
    if odd > 9 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 9 * odd else None


def _has_padded_quotes(sample: str, delimiter: str) -> bool:
    """Whether quoted cells follow a delimiter and a space, as some programs write them."""
    mark = re.escape(delimiter)
    return len(re.findall(mark + r' +"(?!")', sample)) > len(re.findall(mark + '"', sample))


def _delimiter(sample: str, *, is_whole: bool) -> str:
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if delimiter in sample:
            score = _score(_records(sample, delimiter, is_whole=is_whole), delimiter)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _records(sample: str, delimiter: str, *, is_whole: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)
            if len(records) == 200:
                return records
    except csv.Error:
        return records
    return records if is_whole or len(records) < 2 else records[:-1]


def _score(records: Sequence[list[str]], delimiter: str) -> float:
    """More columns of the same number in more rows is better; a header that still holds one of the usual
    delimiters is a sign that the file was cut at the wrong one."""
    filled = [record for record in records if any(record)]
    widths = Counter(len(record) for record in filled if len(record) > 1)
    if not widths:
        return 0.0
    width, count = widths.most_common(1)[0]
    score = count / len(filled) * math.sqrt(width - 1)
    header = find_header(filled)
    if header is None:
        score *= 0.5
    elif len(filled[header]) == 1 or _holds_another(filled[header], delimiter):
        score *= 0.1
    return score if delimiter in DELIMITERS[:_USUAL] else score * 0.5


def _holds_another(header: Sequence[str], delimiter: str) -> bool:
    others = [other for other in DELIMITERS[:_USUAL] if other != delimiter]
    return any(other in cell for cell in header for other in others)
