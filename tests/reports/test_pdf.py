import ctypes
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from oicdesk.reports.blocks import Facts, Heading, PageBreak, Paragraph, Table
from oicdesk.reports.pdf import pdf_bytes
from tests.reports.makers import AS_AT, CASES_HEADER, MARKING, cases, coverage, report
from tests.reports.reading import Pdf


@pytest.fixture(scope="module")
def written() -> bytes:
    return pdf_bytes(coverage())


@pytest.fixture(scope="module")
def pdf(written: bytes) -> Pdf:
    return Pdf(written)


def page_texts(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def test_each_page_carries_the_marking_in_head_and_foot_and_its_number(written: bytes) -> None:
    texts = page_texts(written)
    assert len(texts) > 3
    for number, text in enumerate(texts, start=1):
        assert text.count(MARKING) == 2
        assert f"Page {number} of {len(texts)}" in text


def test_marking_title_and_time_stand_in_the_document_properties(written: bytes) -> None:
    document = pypdfium2.PdfDocument(written)
    facts = document.get_metadata_dict()
    document.close()
    assert facts["Title"] == "Coverage of intelligence documents"
    assert facts["Author"] == "Sam Example"
    assert facts["Keywords"] == MARKING
    assert facts["Subject"].startswith(MARKING)
    assert facts["CreationDate"].startswith("D:20261123104200+00")


def test_the_catalogue_says_tagged_british_english_and_shows_the_title(written: bytes, pdf: Pdf) -> None:
    assert b"/Lang (en-GB)" in pdf.catalogue
    marked = int(re.search(rb"/MarkInfo (\d+) 0 R", pdf.catalogue).group(1))
    assert b"/Marked true" in pdf.objects[marked]
    shown = int(re.search(rb"/ViewerPreferences (\d+) 0 R", pdf.catalogue).group(1))
    assert b"/DisplayDocTitle true" in pdf.objects[shown]
    assert b"pdfuaid" not in written
    assert b"PDF/UA" not in written


def test_the_outline_holds_the_title_and_the_headings(written: bytes) -> None:
    document = pypdfium2.PdfDocument(written)
    entries = [(mark.level, mark.get_title()) for mark in document.get_toc()]
    document.close()
    assert entries == [
        (0, "Coverage of intelligence documents"),
        (1, "Recommendation"),
        (1, "Results"),
        (2, "By month"),
        (1, "Cases without a document"),
        (1, "Limits"),
    ]


def test_the_outline_survives_a_heading_that_skips_a_level() -> None:
    document = pypdfium2.PdfDocument(pdf_bytes(report(Heading("Deep", 3), Heading("Deeper", 3))))
    entries = [(mark.level, mark.get_title()) for mark in document.get_toc()][1:]
    document.close()
    assert entries == [(1, "Deep"), (2, "Deeper")]


def test_the_structure_tells_what_each_block_is_in_reading_order(pdf: Pdf) -> None:
    document = pdf.structure()
    assert [node.kind for node in document.kids] == [
        "H1", "Table", "Table", "H2", "P", "H2", "Table", "H3", "P", "Figure", "Table", "H2", "Table",
        "H2", "L", "P",
    ]  # fmt: skip
    assert document.kids[0].text == "Coverage of intelligence documents"
    assert [node.text for node in document.all("H2")][:2] == ["Recommendation", "Results"]
    items = document.all("LI")
    assert [[part.kind for part in item.kids] for item in items] == [["Lbl", "LBody"]] * 2
    assert items[0].kids[1].text == "The denominator is self-declared."
    assert document.all("Caption")[0].text == "Results by force"


def test_nothing_on_a_page_is_left_unmarked(pdf: Pdf) -> None:
    assert [page.stray for page in pdf.pages] == [[]] * len(pdf.pages)


def test_the_parent_tree_leads_from_each_mark_back_to_the_element_that_lists_it(pdf: Pdf) -> None:
    parents = pdf.parents()
    assert len(parents) == len(pdf.pages)
    for index, (owners, page) in enumerate(zip(parents, pdf.pages, strict=True)):
        assert sorted(page.marked) == list(range(len(owners)))
        for mark, owner in enumerate(owners):
            assert (index, mark) in pdf.owned(owner)
            assert f"/S/{page.kinds[mark]}/".encode() in pdf.objects[owner]
        assert f"/StructParents {index}".encode() in pdf.objects[pdf.page_numbers[index]]


def test_a_table_split_over_pages_is_one_table_with_each_row_once(pdf: Pdf) -> None:
    table = pdf.structure().all("Table")[-1]
    rows = [[cell.whole_text() for cell in row.kids] for row in table.all("TR")]
    assert rows[0] == list(CASES_HEADER)
    assert [row[0] for row in rows[1:]] == [case[0] for case in cases(70)]
    assert {len(row) for row in rows} == {len(CASES_HEADER)}
    assert rows[2][3] == cases(2)[1][3], "the lines of a wrapped cell read as one text"


def test_header_cells_say_what_they_head(pdf: Pdf) -> None:
    table = pdf.structure().all("Table")[-1]
    first, *rest = table.all("TR")
    assert [cell.kind for cell in first.kids] == ["TH"] * 5
    assert all(b"/Scope/Column" in cell.source for cell in first.kids)
    for row in rest:
        assert [cell.kind for cell in row.kids] == ["TH", "TD", "TD", "TD", "TD"]
        assert b"/Scope/Row" in row.kids[0].source


def test_a_table_may_do_without_row_names() -> None:
    table = Pdf(pdf_bytes(report(Table(("A", "B"), [("x", "y")], row_names=False)))).structure()
    assert [cell.kind for cell in table.all("TR")[-1].kids] == ["TD", "TD"]


def test_the_header_row_is_shown_again_on_each_page_but_read_once(pdf: Pdf) -> None:
    pages = [page for page in pdf.pages if any("OIC-2026-" in text for text in page.marked.values())]
    assert len(pages) > 1
    for page in pages[1:]:
        assert [text for text in page.furniture if text in CASES_HEADER] == list(CASES_HEADER)
    assert sum("Reference" in page.marked.values() for page in pdf.pages) == 1


def test_another_reader_sees_the_figure_with_its_words(written: bytes) -> None:
    document = pypdfium2.PdfDocument(written)
    found = []
    for page in document:
        tree = pdfium.FPDF_StructTree_GetForPage(page)
        for at in range(pdfium.FPDF_StructTree_CountChildren(tree)):
            found += figures(pdfium.FPDF_StructTree_GetChildAtIndex(tree, at))
        pdfium.FPDF_StructTree_Close(tree)
    document.close()
    assert len(found) == 1
    assert found[0].startswith("Column chart of contacts in scope by month, Dec 2025 to Nov 2026")


def figures(element) -> list[str]:
    if not element:
        return []
    if said(pdfium.FPDF_StructElement_GetType, element) == "Figure":
        return [said(pdfium.FPDF_StructElement_GetAltText, element)]
    count = pdfium.FPDF_StructElement_CountChildren(element)
    return [alt for at in range(count) for alt in figures(pdfium.FPDF_StructElement_GetChildAtIndex(element, at))]


def said(ask, element) -> str:
    length = ask(element, None, 0)
    room = ctypes.create_string_buffer(length)
    ask(element, room, length)
    return room.raw.decode("utf-16-le").rstrip("\0")


def test_every_font_is_noto_sans_and_lies_in_the_file(pdf: Pdf) -> None:
    fonts = [body for body in pdf.objects.values() if b"/Type /Font\n" in body or b"/Type /Font " in body]
    names = {re.search(rb"/BaseFont /(\S+)", body).group(1).decode() for body in fonts}
    assert {name.partition("+")[2] for name in names} == {"NotoSans-Regular", "NotoSans-Bold"}
    assert all(b"/FontDescriptor" in body for body in fonts)
    assert sum(b"/FontFile2" in body for body in pdf.objects.values()) == len(fonts)


def test_the_same_report_gives_the_same_bytes_whatever_was_written_between(written: bytes) -> None:
    pdf_bytes(report(Paragraph("Άλφα, Žofie, Їжак"), title="Another"))
    assert pdf_bytes(coverage()) == written


def test_the_same_report_gives_the_same_bytes_in_another_process(written: bytes) -> None:
    code = (
        "import sys; from oicdesk.reports.pdf import pdf_bytes; from tests.reports.makers import coverage;"
        "sys.stdout.buffer.write(pdf_bytes(coverage()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "86400", "TZ": "Asia/Tokyo"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert ran.stdout == written


def test_another_time_gives_another_file_and_leaves_the_environment_alone(written: bytes) -> None:
    before = dict(os.environ)
    other = pdf_bytes(report(as_at=datetime(2025, 2, 1, tzinfo=UTC)))
    assert b"D:20250201000000+00" in other
    assert dict(os.environ) == before
    identity = rb"\[<?.*?>?\]\n% ReportLab"
    assert re.search(identity, other, re.DOTALL).group() != re.search(identity, written, re.DOTALL).group()


def test_text_is_extracted_as_written_beyond_latin_too() -> None:
    words = "Małgorzata Kowalska-Żółć, Νίκος, Їжакевич (80 \\ 100%) – “fine”"
    assert words in page_texts(pdf_bytes(report(Paragraph(words))))[0]


def test_a_letter_that_the_face_lacks_is_shown_as_missing_and_never_dropped() -> None:
    assert "A\ufffdB C" in page_texts(pdf_bytes(report(Paragraph("A李B\tC"))))[0]


@pytest.mark.parametrize("cell", ["long words " * 60, "x" * 900, "a-b/" * 200, "one\ntwo\nthree"])
def test_no_cell_leaves_its_page_or_loses_a_letter(cell: str) -> None:
    content = pdf_bytes(report(Table(("Reference", "Text", "Days"), [("OIC-2026-0001", cell, 3)])))
    text = Pdf(content).structure().all("Table")[-1].all("TR")[1].kids[1].whole_text()
    assert text.split() == cell.split()
    document = pypdfium2.PdfDocument(content)
    for page in document:
        text_page = page.get_textpage()
        edges = [text_page.get_charbox(at)[2] for at in range(text_page.count_chars())]
        assert max(edges) < 595.28 - 50
    document.close()


def test_a_date_beside_long_cells_stays_on_one_line() -> None:
    row = ("OIC-2026-0001", "Suffolk", "26 Nov 2026", "a long reason " * 9, "words to wrap " * 12)
    text = page_texts(pdf_bytes(report(Table(("Reference", "Force", "Contact", "Reason", "State"), [row]))))[0]
    assert "26 Nov 2026" in text


def test_a_row_taller_than_a_page_goes_on_over_the_next() -> None:
    words = " ".join(f"word{number}" for number in range(2000))
    content = pdf_bytes(report(Table(("Reference", "Text"), [("OIC-2026-0001", words)])))
    parsed = Pdf(content)
    assert len(parsed.pages) > 1
    assert parsed.structure().all("TR")[-1].kids[1].text == words
    assert [page.stray for page in parsed.pages] == [[]] * len(parsed.pages)


@pytest.mark.parametrize("lines", range(20, 46))
def test_a_heading_is_never_the_last_thing_on_a_page(lines: int) -> None:
    filler = Paragraph("\n".join(f"line {number}" for number in range(lines)))
    texts = page_texts(pdf_bytes(report(filler, Heading("Section"), Table(("A", "B"), cases_of_two()))))
    page = next(text for text in texts if "Section" in text)
    assert "first" in page


def cases_of_two() -> list[tuple[str, str]]:
    return [("first", "1"), ("second", "2"), ("third", "3")]


def test_a_page_break_starts_a_page_once() -> None:
    texts = page_texts(pdf_bytes(report(Paragraph("before"), PageBreak(), PageBreak(), Paragraph("after"))))
    assert ["before" in text for text in texts] == [True, False]
    assert ["after" in text for text in texts] == [False, True]


def test_a_table_without_rows_says_so() -> None:
    assert "No case is overdue." in page_texts(pdf_bytes(report(Table(("A", "B"), [], empty="No case is overdue."))))[0]


def test_a_report_of_nothing_but_its_title_is_written() -> None:
    texts = page_texts(pdf_bytes(report(Facts([]), author="", recipient="", log_head="")))
    assert len(texts) == 1
    assert "Author" not in texts[0]
    assert "Mon 23 Nov 2026 10:42" in texts[0]


def test_the_title_block_prints_recipient_distribution_and_log_head() -> None:
    text = page_texts(pdf_bytes(report()))[0]
    for said_there in ("Detective Inspector", "Force crime registrars", "Entry 12 · 9f2c61d0a4b7", "1.0"):
        assert said_there in text


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed here")
def test_qpdf_finds_no_fault(written: bytes, tmp_path: Path) -> None:
    file = tmp_path / "coverage.pdf"
    file.write_bytes(written)
    ran = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "No syntax or stream encoding errors" in ran.stdout


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="poppler is not installed here")
def test_poppler_calls_it_tagged(written: bytes, tmp_path: Path) -> None:
    file = tmp_path / "coverage.pdf"
    file.write_bytes(written)
    ran = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True)
    assert re.search(r"(?m)^Tagged:\s+yes$", ran.stdout)
    assert ran.stderr == ""


def test_the_creation_time_is_the_as_at_in_any_zone() -> None:
    from zoneinfo import ZoneInfo

    assert pdf_bytes(report(as_at=AS_AT.astimezone(ZoneInfo("Asia/Tokyo")))) == pdf_bytes(report())
