"""A report as an accessible Word file: the twin of the PDF for those who change type size or listen."""

from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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
    alignment,
    clean,
    printed_rows,
    spoken,
    text_of,
    title_facts,
)
from oicdesk.reports.charts import ACCENT, EDGE, GRID, INK, QUIET
from oicdesk.reports.files import save

if TYPE_CHECKING:
    from docx.document import Document

# Word has no Noto Sans and a font is not embedded; Arial is everywhere and clear.
_FONT: Final = "Arial"
_SIZES: Final = {1: 20, 2: 14, 3: 11, 4: 10}
_DENSITY: Final = 3.0
_NAMESPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def write_docx(report: Report, path: Path) -> None:
    """Write the report at `path`; the same Report gives the same parts. Raises VaultError."""
    save(path, docx_bytes(report))


def docx_bytes(report: Report) -> bytes:
    """The Word file in memory."""
    from docx import Document

    document = Document()
    _set_page(document)
    _set_styles(document)
    _set_properties(document, report)
    _set_marking(document, report.marking)
    document.add_heading(clean(report.title), 1)
    _add_facts(document, Facts(title_facts(report)))
    for block in report.blocks:
        _add(document, block)
    return _packed(document)


def _add(document: "Document", block: Block) -> None:
    match block:
        case Heading():
            document.add_heading(clean(block.text), min(max(block.level, 1), 3) + 1)
        case Paragraph():
            for run in document.add_paragraph(clean(block.text)).runs:
                if block.quiet:
                    _tint(run.font, QUIET)
        case Bullets():
            for item in block.items:
                document.add_paragraph(clean(item), style="List Bullet")
        case Facts():
            _add_facts(document, block)
        case Table():
            _add_table(document, block)
        case Figure():
            _add_figure(document, block)
        case PageBreak():
            _add_page_break(document)


# --- the document ------------------------------------------------------------------------------------------


def _set_page(document: "Document") -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(24)


def _set_styles(document: "Document") -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles: Any = document.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
    for name, size, colour in (
        ("Normal", 10, INK),
        ("List Bullet", 10, INK),
        ("Caption", 10, INK),
        *((f"Heading {level}", size, ACCENT if level == 2 else INK) for level, size in _SIZES.items()),
    ):
        font = styles[name].font
        fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):  # a theme font would win over the name
            del fonts.attrib[attribute]
        font.name, font.size = _FONT, Pt(size)
        font.bold = name not in ("Normal", "List Bullet")
        font.italic = False
        _tint(font, colour)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    styles["Caption"].paragraph_format.keep_with_next = True


def _set_properties(document: "Document", report: Report) -> None:
    moment = report.as_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties = document.core_properties
    title, author, marking = clean(report.title), clean(report.author), clean(report.marking)
    properties.title, properties.author = title, author
    properties.subject = f"{marking}. As at {spoken(report.as_at)}"
    properties.keywords = properties.category = marking
    properties.last_modified_by, properties.comments = author, ""
    properties.language, properties.revision = "en-GB", 1
    properties.created = properties.modified = moment


def _set_marking(document: "Document", marking: str) -> None:
    """The marking at the head and foot of each page, with the page number below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml

    section = document.sections[0]
    for part in (section.header, section.footer):
        line = part.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.add_run(clean(marking)).bold = True
    number: Any = section.footer.add_paragraph()
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for words, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        number.add_run(words)
        number._p.append(
            parse_xml(f'<w:fldSimple {_NAMESPACE} w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
        )


def _packed(document: "Document") -> bytes:
    """The file with fixed times inside and without the template's picture of a page."""
    package = document.part.package
    assert package is not None  # a new document always has one
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]
    loose, tight = BytesIO(), BytesIO()
    document.save(loose)
    with ZipFile(loose) as source, ZipFile(tight, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
            target.writestr(entry, source.read(name))
    return tight.getvalue()


# --- blocks ------------------------------------------------------------------------------------------------


def _add_page_break(document: "Document") -> None:
    from docx.enum.text import WD_BREAK

    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add_facts(document: "Document", facts: Facts) -> None:
    rows = [
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(label, 'l', colour=QUIET)}{_cell(text_of(value), 'l')}</w:tr>"
        for label, value in facts.pairs
    ]
    if rows:
        _append_table(document, "".join(rows), columns=2, look="firstColumn", name="Facts", ruled=False)


def _add_table(document: "Document", table: Table) -> None:
    if table.caption:
        document.add_paragraph(clean(table.caption), style="Caption")
    sides = alignment(table)
    head = "".join(_cell(title, side, bold=True) for title, side in zip(table.header, sides, strict=True))
    parts = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>"]
    for row in printed_rows(table):
        cells = "".join(_cell(text, side) for text, side in zip(row, sides, strict=True))
        parts.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    _append_table(
        document,
        "".join(parts),
        columns=len(sides),
        look="firstRow",
        name=table.caption or ", ".join(table.header),
        ruled=True,
    )


def _add_figure(document: "Document", figure: Figure) -> None:
    """The chart's picture with its words, and its data as a table."""
    from docx.shared import Pt

    if figure.caption:
        document.add_paragraph(clean(figure.caption), style="Caption")
    picture = document.add_picture(BytesIO(_picture(figure.drawing)), width=Pt(min(figure.drawing.width, 480)))
    properties = picture._inline.docPr
    properties.set("descr", clean(figure.alt))
    properties.set("name", clean(figure.caption) or "Chart")
    if figure.table is not None:
        _add_table(document, figure.table)


def _picture(drawing: Any) -> bytes:
    """The Drawing as PNG, by way of a PDF page: the same lines and letters as on paper."""
    import pypdfium2
    from reportlab.graphics import renderPDF
    from reportlab.pdfgen.canvas import Canvas

    from oicdesk.reports import fonts

    page = BytesIO()
    canvas = Canvas(
        page, (drawing.width, drawing.height), invariant=1, initialFontName=fonts.REGULAR
    )  # fmt: skip
    renderPDF.draw(drawing, canvas, 0, 0)
    canvas.save()
    picture = BytesIO()
    document = pypdfium2.PdfDocument(page.getvalue())
    try:
        document[0].render(scale=_DENSITY).to_pil().save(picture, "PNG", dpi=(72 * _DENSITY, 72 * _DENSITY))
    finally:
        document.close()
    return picture.getvalue()


def _append_table(document: "Document", rows: str, *, columns: int, look: str, name: str, ruled: bool) -> None:
    """A table from its rows' XML: thousands of rows cost little this way."""
    from docx.oxml import parse_xml

    line = f'w:val="single" w:sz="4" w:space="0" w:color="{GRID[1:]}"'
    edge = f'w:val="single" w:sz="8" w:space="0" w:color="{EDGE[1:]}"'
    borders = f"<w:tblBorders><w:top {edge}/><w:bottom {edge}/><w:insideH {line}/></w:tblBorders>" if ruled else ""
    table: Any = parse_xml(
        f'<w:tbl {_NAMESPACE}><w:tblPr><w:tblW w:w="5000" w:type="pct"/>{borders}'
        f'<w:tblLook w:val="04A0" w:firstRow="{int(look == "firstRow")}" w:lastRow="0" w:firstColumn="1" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(clean(name))}/></w:tblPr>"
        f"<w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>{rows}</w:tbl>"
    )
    after: Any = document.add_paragraph()  # Word wants a paragraph between two tables
    after._p.addprevious(table)


def _cell(text: str, side: str, *, bold: bool = False, colour: str = "") -> str:
    weight = "<w:b/>" if bold else ""
    tint = f'<w:color w:val="{colour[1:]}"/>' if colour else ""
    align = '<w:jc w:val="right"/>' if side == "r" else ""
    words = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(text).split("\n"))
    return (
        f'<w:tc><w:tcPr/><w:p><w:pPr><w:spacing w:before="40" w:after="40"/>{align}</w:pPr>'
        f'<w:r><w:rPr>{weight}{tint}<w:sz w:val="18"/></w:rPr>{words}</w:r></w:p></w:tc>'
    )


def _tint(font: Any, colour: str) -> None:
    from docx.shared import RGBColor

    font.color.rgb = RGBColor.from_string(colour[1:].upper())
