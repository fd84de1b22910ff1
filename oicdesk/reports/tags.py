"""The structure tree of a tagged PDF: what each piece of a page is, for those who hear the page read."""

from typing import Any, Final

from reportlab.pdfbase import pdfdoc

COLUMN_HEAD: Final = b"/A<</O/Table/Scope/Column>>"
ROW_HEAD: Final = b"/A<</O/Table/Scope/Row>>"


class Element:
    """One structure element: a standard type name, what it holds, and attributes ready for the file.

    `kids` holds Elements and marked contents as (page index, number on that page), in reading order.
    """

    __slots__ = ("attributes", "kids", "kind", "number", "parent")

    def __init__(self, kind: str, parent: "Element | None", attributes: bytes = b"") -> None:
        self.kind = kind
        self.parent = parent
        self.attributes = attributes
        self.kids: list[Any] = []
        self.number = 0
        if parent is not None:
            parent.kids.append(self)


class _Ready(pdfdoc.PDFObject):  # type: ignore[misc]  # untyped parent
    """A PDF object whose bytes are known already; thousands of them must cost little."""

    __slots__ = ("__InternalName__", "content")

    def __init__(self, content: bytes) -> None:
        self.content = content

    def format(self, document: Any) -> bytes:
        return self.content


class StructureTree:
    """Collects the elements of one document and writes them into its catalogue."""

    def __init__(self) -> None:
        self.document = Element("Document", None)
        self._on_page: list[list[Element]] = []

    def mark(self, page: int, element: Element) -> int:
        """The number under which `element` now owns a piece of that page (0 for the first page)."""
        while len(self._on_page) <= page:
            self._on_page.append([])
        owners = self._on_page[page]
        owners.append(element)
        element.kids.append((page, len(owners) - 1))
        return len(owners) - 1

    def attach(self, doc: Any) -> None:
        """Write the tree into ReportLab's document once all its pages are there."""
        pages = doc.Pages.pages
        page_numbers = [_number(doc, page) for page in pages]
        root, parents = _Ready(b""), _Ready(b"")
        root_number = _number(doc, root)
        elements = list(_depth_first(self.document))
        waiting = [_Ready(b"") for _ in elements]
        for element, ready in zip(elements, waiting, strict=True):
            element.number = _number(doc, ready)
        for element, ready in zip(elements, waiting, strict=True):
            above = element.parent.number if element.parent else root_number
            ready.content = _formatted(element, above, page_numbers)
        parents.content = self._parent_tree(len(pages))
        root.content = b"<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>" % (
            self.document.number,
            _number(doc, parents),
            len(pages),
        )
        doc.Catalog.StructTreeRoot = root
        doc.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
        for index, page in enumerate(pages):
            # PDFPage writes only the keys it knows; its defaults are the one door for others.
            page.__Defaults__ = {
                **page.__Defaults__,
                "StructParents": index,
                "Tabs": pdfdoc.PDFName("S"),
            }

    def _parent_tree(self, pages: int) -> bytes:
        parts = []
        for page in range(pages):
            owners = self._on_page[page] if page < len(self._on_page) else []
            parts.append(b"%d[%s]" % (page, b" ".join(b"%d 0 R" % owner.number for owner in owners)))
        return b"<</Nums[%s]>>" % b"\n".join(parts)


def text_string(text: str) -> bytes:
    """A text as a PDF string, ready for an attribute such as /Alt."""
    written: bytes = pdfdoc.PDFString(text).format(pdfdoc.DummyDoc())
    return written if isinstance(written, bytes) else str(written).encode("latin-1")


def _number(doc: Any, thing: Any) -> int:
    number: int = doc.idToObjectNumberAndVersion[doc.Reference(thing).name][0]
    return number


def _depth_first(element: Element) -> Any:
    yield element
    for kid in element.kids:
        if kid.__class__ is Element:
            if kid.kids and kid.kids[0].__class__ is tuple and len(kid.kids) == 1:
                yield kid  # a leaf, the common case: no generator of its own
            else:
                yield from _depth_first(kid)


def _formatted(element: Element, above: int, pages: list[int]) -> bytes:
    """The element's dictionary; /Pg is the page of its first marked content, others name their own."""
    first, kids = -1, []
    for kid in element.kids:
        if kid.__class__ is Element:
            kids.append(b"%d 0 R" % kid.number)
            continue
        page, mark = kid
        if first < 0:
            first = page
        if page == first:
            kids.append(b"%d" % mark)
        else:
            kids.append(b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (pages[page], mark))
    inside = kids[0] if len(kids) == 1 else b"[%s]" % b" ".join(kids)
    where = b"/Pg %d 0 R" % pages[first] if first >= 0 else b""
    return b"<</S/%s/P %d 0 R%s%s/K %s>>" % (
        element.kind.encode(),
        above,
        where,
        element.attributes,
        inside,
    )
