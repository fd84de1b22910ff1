"""The Word file and the workbook: the same figures as the PDF, and what is theirs alone."""

import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from oicdesk.errors import Refused, VaultError
from oicdesk.reports.blocks import Heading, PageBreak, Paragraph, Sheet, Table, printed_rows, tables
from oicdesk.reports.docx import docx_bytes
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.reports.write import write
from oicdesk.reports.xlsx import xlsx_bytes
from tests.reports.makers import MARKING, coverage, report
from tests.reports.reading import Pdf


@pytest.fixture(scope="module")
def word() -> bytes:
    return docx_bytes(coverage())


def rows_of(book: bytes, sheet: int = 0) -> list[list[object]]:
    opened = CalamineWorkbook.from_filelike(BytesIO(book))
    return opened.get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def pdf_tables(content: bytes) -> list[list[list[str]]]:
    found = Pdf(content).structure().all("Table")
    return [[[cell.whole_text() for cell in row.kids] for row in table.all("TR")] for table in found]


def word_tables(content: bytes) -> list[list[list[str]]]:
    found = docx.Document(BytesIO(content)).element.body.iter(qn("w:tbl"))
    return [
        [
            ["".join(text.text or "" for text in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
            for row in table.iter(qn("w:tr"))
        ]
        for table in found
    ]


def test_word_and_pdf_hold_the_same_tables(word: bytes) -> None:
    on_paper = pdf_tables(pdf_bytes(coverage()))
    assert len(on_paper) == 5
    assert word_tables(word) == on_paper


def test_a_workbook_without_sheets_of_its_own_holds_the_tables_of_the_pdf() -> None:
    source = coverage()
    plain = type(source)(**{**source.__dict__, "sheets": ()})
    book = xlsx_bytes(plain)
    names = CalamineWorkbook.from_filelike(BytesIO(book)).sheet_names
    assert names == ["Results by force", "Contacts in scope by month", "Cases without a document", "About"]
    for at, (_, table) in enumerate(tables(plain)):
        rows = rows_of(book, at)
        assert rows[1] == list(table.header)
        assert rows[2:] == [["" if cell is None else cell for cell in row] for row in table.rows]
        assert printed_rows(table)[0] == pdf_tables(pdf_bytes(report(table)))[-1][1]


# --- Word --------------------------------------------------------------------------------------------------


def test_word_headings_are_real_ones(word: bytes) -> None:
    paragraphs = docx.Document(BytesIO(word)).paragraphs
    headings = [
        (paragraph.style.name, paragraph.text) for paragraph in paragraphs if paragraph.style.name.startswith("Heading")
    ]
    assert headings[:3] == [
        ("Heading 1", "Coverage of intelligence documents"),
        ("Heading 2", "Recommendation"),
        ("Heading 2", "Results"),
    ]
    assert ("Heading 3", "By month") in headings


def test_word_table_headers_repeat_and_only_theirs(word: bytes) -> None:
    body = docx.Document(BytesIO(word)).element.body
    marked = [
        [row.find(f".//{qn('w:tblHeader')}") is not None for row in table.iter(qn("w:tr"))]
        for table in body.iter(qn("w:tbl"))
    ]
    facts, data = marked[:2], marked[2:]
    assert not any(flag for table in facts for flag in table)
    assert all(table[0] and not any(table[1:]) for table in data)


def test_word_marks_head_and_foot_and_the_properties(word: bytes) -> None:
    document = docx.Document(BytesIO(word))
    section = document.sections[0]
    assert section.header.paragraphs[0].text == MARKING
    assert section.footer.paragraphs[0].text == MARKING
    fields = [field.get(qn("w:instr")) for field in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    properties = document.core_properties
    assert properties.keywords == MARKING
    assert properties.title == "Coverage of intelligence documents"
    assert properties.created == properties.modified == datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
    assert properties.language == "en-GB"
    assert properties.comments == ""


def test_word_speaks_british_english_in_a_font_that_is_there(word: bytes) -> None:
    styles = docx.Document(BytesIO(word)).styles
    assert {lang.get(qn("w:val")) for lang in styles.element.iter(qn("w:lang"))} == {"en-GB"}
    for name in ("Normal", "Heading 1", "Heading 2", "Caption"):
        assert set(styles[name].element.rPr.rFonts.attrib.values()) == {"Arial"}


def test_word_shows_the_chart_with_its_words(word: bytes) -> None:
    document = docx.Document(BytesIO(word))
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr").startswith("Column chart of contacts in scope")
    pictures = [name for name in ZipFile(BytesIO(word)).namelist() if "media" in name]
    assert pictures == ["word/media/image1.png"]


def test_word_is_written_twice_the_same_and_without_a_thumbnail(word: bytes) -> None:
    assert docx_bytes(coverage()) == word
    with ZipFile(BytesIO(word)) as archive:
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"thumbnail" not in archive.read("_rels/.rels")


def test_word_takes_signs_that_xml_forbids_and_empty_text() -> None:
    content = docx_bytes(
        report(
            Paragraph(""), Paragraph("a\x00b & <c>\nd"), PageBreak(), Heading("x\x0by"), Table(("<A>",), [("\x1f&",)])
        )
    )
    assert "a b & <c>\nd" in [paragraph.text for paragraph in docx.Document(BytesIO(content)).paragraphs]
    assert word_tables(content)[-1] == [["<A>"], [" &"]]


# --- XLSX --------------------------------------------------------------------------------------------------


def test_each_sheet_starts_with_the_marking_and_its_header_stays_in_view() -> None:
    book = xlsx_bytes(coverage())
    opened = CalamineWorkbook.from_filelike(BytesIO(book))
    assert opened.sheet_names == ["Cases", "About"]
    assert [rows_of(book, at)[0][0] for at in range(2)] == [MARKING] * 2
    with ZipFile(BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<pane ySplit="2" topLeftCell="A3"' in sheet
    assert '<autoFilter ref="A2:E72"' in sheet
    assert "<cols>" in sheet


@pytest.mark.parametrize("text", ["=1+1", "+44", "-3", "@SUM(A1)", "{=1}", "http://x.example", "0012", "\t=1"])
def test_a_cell_that_looks_like_a_formula_a_link_or_a_number_stays_text(text: str) -> None:
    book = xlsx_bytes(report(sheets=[Sheet("A", ("Text",), [(text,)])]))
    assert rows_of(book)[2] == [text]
    with ZipFile(BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert 't="s"' in sheet.partition('r="A3"')[2].partition(">")[0]


def test_figures_and_days_keep_their_types_and_instants_their_offset() -> None:
    instant = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    rows = [(12, 81.25, date(2026, 11, 23), instant, None)]
    book = xlsx_bytes(report(sheets=[Sheet("A", ("n", "x", "day", "at", "gap"), rows)]))
    assert rows_of(book)[2] == [12.0, 81.25, date(2026, 11, 23), "2026-10-25T01:30:00+01:00", ""]


def test_sheet_names_are_made_to_fit_and_to_differ() -> None:
    long = "Cases [without] a document: Suffolk/Norfolk"
    sheets = [Sheet(name, ("A",), []) for name in (long, long, "History", "")]
    names = CalamineWorkbook.from_filelike(BytesIO(xlsx_bytes(report(sheets=sheets)))).sheet_names
    assert len({name.lower() for name in names}) == 5
    assert all(len(name) <= 31 for name in names)
    assert names[0] == "Cases without a document Suffol"


def test_the_workbook_is_the_same_twice_and_says_when_and_for_whom() -> None:
    book = xlsx_bytes(coverage())
    assert xlsx_bytes(coverage()) == book
    about = dict(row[:2] for row in rows_of(book, 1)[2:])
    assert about["As at"] == "Mon 23 Nov 2026 10:42"
    assert about["Prepared for"] == "Detective Inspector"
    assert about["Activity log head"] == "Entry 12 · 9f2c61d0a4b7"
    with ZipFile(BytesIO(book)) as archive:
        core = archive.read("docProps/core.xml").decode()
    assert "2026-11-23T10:42:00Z" in core
    assert MARKING in core


def test_a_workbook_takes_signs_that_xml_forbids() -> None:
    book = xlsx_bytes(report(title="a\x0b<b>", sheets=[Sheet("A\x01", ("\x02h",), [("c\x03 & <d>",)])]))
    assert rows_of(book)[1][0].endswith("h")
    assert rows_of(book)[2][0].endswith(" & <d>")


def test_too_many_rows_for_a_workbook_are_refused_before_writing() -> None:
    rows = [("x",)] * 1_048_575
    with pytest.raises(Refused, match="1,048,575 rows"):
        xlsx_bytes(report(sheets=[Sheet("A", ("Text",), rows)]))


# --- the door ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "start"), [("a.pdf", b"%PDF-1.7"), ("a.DOCX", b"PK"), ("a.xlsx", b"PK")])
def test_the_suffix_chooses_the_format(tmp_path: Path, name: str, start: bytes) -> None:
    write(coverage(3), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600 or sys.platform == "win32"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.txt", "a", "a.pdf.exe"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match=r"\.pdf, \.docx or \.xlsx"):
        write(report(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx"])
def test_each_writer_says_when_the_folder_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(VaultError, match="does not exist"):
        write(report(), tmp_path / "nowhere" / name)


def test_the_blocks_load_no_writer() -> None:
    code = (
        "import sys, oicdesk.reports.blocks, oicdesk.reports.charts, oicdesk.reports.write\n"
        "print([name for name in ('reportlab', 'docx', 'xlsxwriter', 'PySide6', 'PIL') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
