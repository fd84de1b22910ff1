"""Reads a PDF's structure tree back in plain Python, apart from the code that wrote it."""

import base64
import re
import zlib
from dataclasses import dataclass, field

_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_TOKEN = re.compile(
    rb"/(\w+) <</MCID (\d+)>> BDC|/Artifact BMC|EMC|/(?P<font>\S+) [\d.]+ Tf|"
    rb"\((?P<text>(?:[^()\\]|\\.)*)\) Tj|\bTj\b|\b(?:re|S|f|B)\b"
)


@dataclass
class Node:
    """One element: its kind, its own dictionary, its children, and the text that it marks."""

    kind: str
    source: bytes
    kids: list["Node"] = field(default_factory=list)
    text: str = ""

    def all(self, kind: str) -> list["Node"]:
        """The elements of that kind in here, in reading order."""
        return [node for node in self.walk() if node.kind == kind]

    def walk(self):
        yield self
        for kid in self.kids:
            yield from kid.walk()

    def whole_text(self) -> str:
        """The text of all in here."""
        return "".join(node.text for node in self.walk())


@dataclass
class Page:
    """What stands on one page: text by mark, the text that is furniture, and what nobody marked."""

    marked: dict[int, str]
    kinds: dict[int, str]
    furniture: list[str]
    stray: list[str]


class Pdf:
    """A PDF as written by ReportLab: plain objects, a plain cross-reference table."""

    def __init__(self, content: bytes) -> None:
        self.objects = {int(number): body for number, body in _OBJECT.findall(content)}
        root = int(re.search(rb"/Root (\d+) 0 R", content).group(1))
        self.catalogue = self.objects[root]
        tree = self.objects[_reference(self.catalogue, b"Pages")]
        numbers = [int(number) for number in re.findall(rb"(\d+) 0 R", tree.partition(b"/Kids")[2])]
        self.page_numbers = [number for number in numbers if b"/Type /Page" in self.objects[number]]
        self._letters = self._read_fonts()
        self.pages = [self._page(number) for number in self.page_numbers]

    def structure(self) -> Node:
        """The Document element with all that it holds."""
        root = self.objects[_reference(self.catalogue, b"StructTreeRoot")]
        return self._node(_reference(root, b"K"))

    def parents(self) -> list[list[int]]:
        """Per page the object numbers of its marks' owners, from the ParentTree."""
        root = self.objects[_reference(self.catalogue, b"StructTreeRoot")]
        tree = self.objects[_reference(root, b"ParentTree")]
        lists = re.findall(rb"\d+\[([^\]]*)\]", tree.partition(b"/Nums[")[2])
        return [[int(number) for number in re.findall(rb"(\d+) 0 R", found)] for found in lists]

    def owned(self, number: int) -> list[tuple[int, int]]:
        """(page index, mark) of each piece that the element lists itself."""
        source = self.objects[number]
        home = re.search(rb"/Pg (\d+) 0 R", source)
        kids = source.partition(b"/K ")[2]
        found = [
            (self.page_numbers.index(int(page)), int(mark))
            for page, mark in re.findall(rb"<</Type/MCR/Pg (\d+) 0 R/MCID (\d+)>>", kids)
        ]
        bare = re.sub(rb"<<.*?>>|\d+ 0 R", b"", kids)
        if home:
            page = self.page_numbers.index(int(home.group(1)))
            found += [(page, int(mark)) for mark in re.findall(rb"\d+", bare)]
        return sorted(found)

    def _node(self, number: int) -> Node:
        source = self.objects[number]
        node = Node(re.search(rb"/S/(\w+)", source).group(1).decode(), source)
        node.text = "".join(self.pages[page].marked[mark] for page, mark in self.owned(number))
        kids = re.sub(rb"<</Type/MCR.*?>>", b"", source.partition(b"/K ")[2])
        node.kids = [self._node(int(kid)) for kid in re.findall(rb"(\d+) 0 R", kids)]
        return node

    def _read_fonts(self) -> dict[str, dict[int, str]]:
        """What each code of each font means, by the font's own ToUnicode table."""
        fonts: dict[str, dict[int, str]] = {}
        for name, number in re.findall(rb"/(F\d+\+\d+) (\d+) 0 R", b"\n".join(self.objects.values())):
            source = self.objects[int(number)]
            table = self._stream(_reference(source, b"ToUnicode")).partition(b"beginbfchar")[2]
            fonts[name.decode()] = {
                int(code, 16): chr(int(letter, 16)) for code, letter in re.findall(rb"<(\w\w)> <(\w{4})>", table)
            }
        return fonts

    def _stream(self, number: int) -> bytes:
        head, _, data = self.objects[number].partition(b"stream\n")
        data = data[: int(re.search(rb"/Length (\d+)", head).group(1))]
        if b"ASCII85Decode" in head:
            data = base64.a85decode(data.strip().removesuffix(b"~>"))
        return zlib.decompress(data)

    def _page(self, number: int) -> Page:
        page = Page({}, {}, [], [])
        owner: int | str | None = None
        font = ""
        for token in _TOKEN.finditer(self._stream(_reference(self.objects[number], b"Contents"))):
            if token.group(1):
                owner = int(token.group(2))
                page.marked[owner] = ""
                page.kinds[owner] = token.group(1).decode()
            elif token.group().startswith(b"/Artifact"):
                owner = "furniture"
            elif token.group() == b"EMC":
                owner = None
            elif token.group("font"):
                font = token.group("font").decode()
            else:
                self._note(page, owner, token, font)
        return page

    def _note(self, page: Page, owner: int | str | None, token: re.Match[bytes], font: str) -> None:
        codes = re.sub(rb"\\(\d{3}|.)", _unescaped, token.group("text") or b"", flags=re.DOTALL)
        text = "".join(self._letters[font][code] for code in codes)
        if isinstance(owner, int):
            page.marked[owner] += text
        elif owner == "furniture":
            page.furniture.append(text)
        else:
            page.stray.append(token.group().decode("latin-1"))


def _unescaped(sign: re.Match[bytes]) -> bytes:
    return bytes([int(sign.group(1), 8)]) if len(sign.group(1)) == 3 else sign.group(1)


def _reference(source: bytes, key: bytes) -> int:
    return int(re.search(rb"/" + key + rb" (\d+) 0 R", source).group(1))
