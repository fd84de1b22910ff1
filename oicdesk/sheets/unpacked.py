"""What a workbook would unpack to, found out by streaming through it before anything else opens it.

A reader of workbooks trusts the file: it inflates what it is given and lays each sheet out as a full
rectangle, so that a few kilobytes can ask for all the memory there is. Here the parts are inflated piece by
piece and thrown away; only counts are kept.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

PIECE = 1 << 16
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_STORED, _DEFLATED = 0, 8
# What the archive and XML modules raise for files that are not what they say.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    struct.error,
    ValueError,
    LookupError,
    OverflowError,
    NotImplementedError,
    EOFError,
)


class TooLargeError(Exception):
    """Unpacking passed the number of bytes allowed."""


class BrokenError(Exception):
    """The file is not a whole, ordinary workbook."""


@dataclass
class Extent:
    """How far the cells with contents of one sheet reach, and how much text they hold."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    characters: int = 0

    def reach(self, row: int, column: int) -> None:
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)


@dataclass
class Unpacked:
    """`kind` is "xlsx", "ods" or "" (some other archive); one extent for each sheet found."""

    kind: str
    extents: list[Extent] = field(default_factory=list)
    longest_text: int = 0
    is_encrypted: bool = False


def unpack(path: Path, *, limit: int) -> Unpacked:
    """Stream through the archive at `path`; raises TooLargeError beyond `limit` bytes, or BrokenError."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > limit:
                raise TooLargeError
            found = Unpacked(_kind({member.filename for member in members}))
            if found.kind:
                _walk(file, members, found, limit)
            return found
    except _FAULTS as fault:
        raise BrokenError(str(fault)) from fault


def _kind(names: set[str]) -> str:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    return ""


def _walk(file: BinaryIO, members: list[zipfile.ZipInfo], found: Unpacked, limit: int) -> None:
    left = limit
    shared: list[int] = []
    sheets: list[zipfile.ZipInfo] = []
    for member in members:
        scan = _scan_for(found, shared)
        for piece in _inflated(file, member):
            left -= len(piece)
            if left < 0:
                raise TooLargeError
            scan.feed(piece)
        scan.close()
        if scan.is_worksheet:
            sheets.append(member)
    for member, extent in zip(sheets, found.extents, strict=True) if found.kind == "xlsx" else ():
        if extent.cells * found.longest_text <= limit:
            extent.characters = extent.cells * found.longest_text
        else:  # cells may repeat a long shared text: only now is it worth counting which
            extent.characters = _shared_characters(_inflated(file, member), shared, limit)


def _inflated(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's true contents, whatever length its header declares."""
    if member.flag_bits & 1:
        raise BrokenError("encrypted member")
    file.seek(member.header_offset)
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04" or member.compress_type not in (_STORED, _DEFLATED):
        raise BrokenError("unusual member")
    position = member.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    inflate = zlib.decompressobj(-15)
    left = member.compress_size
    while left > 0:
        file.seek(position)  # two members may be walked in turn
        packed = file.read(min(PIECE, left))
        if not packed:
            raise BrokenError("cut short")
        left -= len(packed)
        position += len(packed)
        if member.compress_type == _STORED:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, PIECE)
            packed = inflate.unconsumed_tail
    if member.compress_type == _DEFLATED:
        while rest := inflate.decompress(inflate.unconsumed_tail, PIECE):
            yield rest


class _Scan:
    """Feeds a part to an XML parser if it is XML, and to nothing if it is not."""

    def __init__(self, start: Callable[["_Scan", str, dict[str, str]], None]) -> None:
        self.is_worksheet = False
        self._begun = False
        self.parser: expat.XMLParserType | None = expat.ParserCreate()
        self.parser.StartElementHandler = lambda name, attributes: start(self, name, attributes)
        self.parser.EntityDeclHandler = _refuse_entity

    def feed(self, piece: bytes) -> None:
        if not self._begun and piece:
            self._begun = True
            if piece.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] != b"<":
                self.parser = None
        if self.parser is not None:
            self.parser.Parse(piece, False)

    def close(self) -> None:
        if self.parser is not None and self._begun:
            self.parser.Parse(b"", True)


def _refuse_entity(*_: object) -> None:
    raise BrokenError("declares entities")


def _scan_for(found: Unpacked, shared: list[int]) -> _Scan:
    """A scan that looks at the first element of a part and then follows what kind of part it is."""

    def first(scan: _Scan, name: str, attributes: dict[str, str]) -> None:
        parser = scan.parser
        assert parser is not None
        root = _local(name)
        if root == "worksheet":
            scan.is_worksheet = True
            found.extents.append(Extent())
            parser.StartElementHandler = _cells_of_xlsx(found.extents[-1])
        elif root == "sst":
            _follow_shared_texts(parser, shared, found)
        elif root == "document-content":
            _follow_ods(parser, found)
        elif root == "manifest":
            parser.StartElementHandler = lambda name, _: _note_encryption(found, name)
        else:
            parser.StartElementHandler = None

    return _Scan(first)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _note_encryption(found: Unpacked, name: str) -> None:
    if _local(name) == "encryption-data":
        found.is_encrypted = True


def _cells_of_xlsx(extent: Extent) -> Callable[[str, dict[str, str]], None]:
    """Rows and cells may or may not say where they are; a cell counts only if it holds something."""
    row = column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        if ":" in name:
            name = _local(name)
        if name == "c":
            place = attributes.get("r")
            if place:
                column, row = _place(place)
            else:
                column += 1
        elif name == "v" or name == "is":
            extent.cells += 1
            if row > extent.rows or column > extent.columns:
                extent.reach(row, column)
        elif name == "row":
            row = int(attributes.get("r", row + 1))
            column = 0

    return start


_COLUMNS: dict[str, int] = {}


def _place(reference: str) -> tuple[int, int]:
    """Column and row of a reference such as "AB12"."""
    letters = reference.rstrip("0123456789")
    column = _COLUMNS.get(letters)
    if column is None:
        column = 0
        if not 0 < len(letters) <= 4:
            raise BrokenError("odd cell reference")
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
        _COLUMNS[letters] = column
    return column, int(reference[len(letters) :])


def _follow_shared_texts(parser: expat.XMLParserType, shared: list[int], found: Unpacked) -> None:
    def start(name: str, _: dict[str, str]) -> None:
        if _local(name) == "si":
            shared.append(0)

    def text(data: str) -> None:
        if shared:
            shared[-1] += len(data)
            found.longest_text = max(found.longest_text, shared[-1])

    parser.StartElementHandler, parser.CharacterDataHandler = start, text


def _shared_characters(pieces: Iterator[bytes], shared: list[int], limit: int) -> int:
    """Characters in all cells that point at a shared text; stops counting beyond `limit`."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    total, points_at_shared, inside, digits = 0, False, False, ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal points_at_shared, inside, digits
        name = _local(name)
        if name == "c":
            points_at_shared = attributes.get("t") == "s"
        inside, digits = name == "v" and points_at_shared, ""

    def text(data: str) -> None:
        nonlocal digits
        if inside:
            digits += data

    def end(name: str) -> None:
        nonlocal total, inside
        if inside and digits.strip().isdecimal() and int(digits) < len(shared):
            total += shared[int(digits)]
        inside = False

    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    for piece in pieces:
        parser.Parse(piece, False)
        if total > limit:
            break
    return total


def _follow_ods(parser: expat.XMLParserType, found: Unpacked) -> None:
    """OpenDocument repeats rows and cells by a number, so a short file can stand for millions of cells."""
    row = column = row_repeat = cell_repeat = 0
    extent = Extent()
    in_text = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, row_repeat, cell_repeat, extent, in_text
        name = _local(name)
        if name == "table":
            extent = Extent()
            found.extents.append(extent)
            row = 0
        elif name == "table-row":
            row_repeat = int(attributes.get("table:number-rows-repeated", 1))
            row += row_repeat
            column = 0
        elif name in ("table-cell", "covered-table-cell"):
            cell_repeat = int(attributes.get("table:number-columns-repeated", 1))
            column += cell_repeat
            if "office:value-type" in attributes:
                extent.reach(row, column)
        elif name == "p":
            in_text = True
            extent.reach(row, column)

    def end(name: str) -> None:
        nonlocal in_text
        if _local(name) == "p":
            in_text = False

    def text(data: str) -> None:
        if in_text:
            extent.characters += len(data) * cell_repeat * row_repeat

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
