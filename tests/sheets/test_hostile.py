"""What is too large, broken or something else is refused in one sentence, and cheaply."""

import struct
import tracemalloc
import zipfile

import pytest

from oicdesk.errors import Refused
from oicdesk.sheets.read import Limits, read
from tests.sheets.makers import bare_workbook, csv_file, inline, ods_cell, ods_row, open_document, text_file, workbook

HEADER = f"<row>{inline('Ref', 'Force')}</row>"


def refusal(path, **limits):
    with pytest.raises(Refused) as caught:
        read(path, limits=Limits(**limits))
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


def test_a_cell_of_ten_megabytes_is_refused(tmp_path):
    path = text_file(tmp_path, f'Ref,Notes\nA,"{"x" * 10_000_000}"\n')
    assert "a cell of more than 1 million characters" in refusal(path)


def test_a_long_cell_of_a_workbook_is_refused(tmp_path):
    path = bare_workbook(tmp_path, HEADER + f"<row>{inline('A', 'x' * 1_100_000)}</row>")
    assert "a cell of more than" in refusal(path)
    path = bare_workbook(tmp_path, HEADER + '<row><c t="s"><v>0</v></c></row>', ["x" * 1_100_000])
    assert "a cell of more than" in refusal(path)


def test_the_limit_of_cells_of_the_csv_module_is_put_back(tmp_path):
    import csv

    before = csv.field_size_limit()
    read(csv_file(tmp_path, [["Ref", "B"], ["1", "x"]]))
    assert csv.field_size_limit() == before


def test_five_thousand_columns_are_refused(tmp_path):
    columns = [f"Column {n}" for n in range(5_000)]
    assert "more than 500 columns" in refusal(csv_file(tmp_path, [columns, columns]))
    assert "more than 500 columns" in refusal(workbook(tmp_path, {"S": [columns, columns]}))


def test_as_many_rows_as_allowed_are_read_and_one_more_is_refused(tmp_path):
    def rows(count):
        return [["Ref", "Force"], *([str(n), "Suffolk"] for n in range(count))]

    assert len(read(csv_file(tmp_path, rows(200)), limits=Limits(rows=200)).lines) == 200
    assert "more than 200 rows" in refusal(csv_file(tmp_path, rows(201)), rows=200)
    assert len(read(workbook(tmp_path, {"S": rows(200)}), limits=Limits(rows=200)).lines) == 200
    assert "more than 200 rows" in refusal(workbook(tmp_path, {"S": rows(201)}), rows=200)
    assert "more than 200 rows" in refusal(workbook(tmp_path, {"S": rows(900)}), rows=200)


def test_a_file_of_too_many_bytes_is_refused_by_its_size(tmp_path):
    assert "more than 9,999 bytes" in refusal(text_file(tmp_path, "Ref,B\n" + "x,y\n" * 5_000), unpacked=9_999)


def test_a_zip_bomb_is_refused_without_being_unpacked(tmp_path):
    path = bare_workbook(tmp_path, HEADER, padding=300_000_000)
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    assert "would unpack to more than 200 million bytes" in refusal(path)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = bare_workbook(tmp_path, HEADER, padding=3_000_000)
    packed = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        declared = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = struct.pack("<L", declared), struct.pack("<L", 50)
    path.write_bytes(bytes(packed).replace(*lie))
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("xl/worksheets/sheet1.xml").file_size == 50
    assert "would unpack to more than 1 million bytes" in refusal(path, unpacked=1_000_000)


def test_one_far_cell_does_not_make_a_sheet_of_millions(tmp_path):
    far = '<row r="900000"><c r="XFD900000"><v>1</v></c></row>'
    assert "columns" in refusal(bare_workbook(tmp_path, HEADER + far))
    down = '<row r="900000"><c><v>1</v></c></row>'
    assert "rows" in refusal(bare_workbook(tmp_path, HEADER + down))
    corner = '<row r="240000"><c r="SA240000"><v>1</v></c></row>'
    assert "would unpack to more than" in refusal(bare_workbook(tmp_path, HEADER + corner))


def test_empty_formatted_cells_far_away_do_not_count(tmp_path):
    ghost = '<row r="1048576"><c r="XFD1048576"/></row>'
    row = f"<row>{inline('A', 'Suffolk')}</row>"
    assert len(read(bare_workbook(tmp_path, HEADER + row + ghost)).lines) == 1


def test_one_long_shared_text_in_many_cells_is_refused(tmp_path):
    cells = "".join('<row><c t="s"><v>0</v></c><c><v>1</v></c></row>' for _ in range(2_000))
    path = bare_workbook(tmp_path, HEADER + cells, ["x" * 900_000])
    assert "would unpack to more than" in refusal(path)


def test_a_long_shared_text_used_once_among_many_cells_is_read(tmp_path):
    cells = "".join('<row><c t="s"><v>1</v></c><c><v>1</v></c></row>' for _ in range(2_000))
    once = '<row><c t="s"><v>0</v></c><c><v>1</v></c></row>'
    sheet = read(bare_workbook(tmp_path, HEADER + once + cells, ["x" * 900_000, "short"]))
    assert (len(sheet.lines), sheet.lines[1].cells) == (2_001, ["short", 1])


def test_repeated_cells_and_rows_of_an_open_document_count_as_often_as_they_repeat(tmp_path):
    names = ods_row("Ref", "Force")
    assert "rows" in refusal(open_document(tmp_path, names + ods_row("A", "x", repeated=1_000_000)))
    wide = f"<table:table-row>{ods_cell('A', repeated=16_000)}</table:table-row>"
    assert "columns" in refusal(open_document(tmp_path, names + wide))
    heavy = ods_row("A" * 5_000, "x", repeated=200_000)
    assert "would unpack to more than" in refusal(open_document(tmp_path, names + heavy))


def test_the_empty_rest_of_an_open_document_sheet_does_not_count(tmp_path):
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    assert len(read(open_document(tmp_path, ods_row("Ref", "Force") + ods_row("A", "Suffolk") + rest)).lines) == 1


def test_a_workbook_that_declares_entities_is_refused(tmp_path):
    path = tmp_path / "bare.xlsx"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bomb)
    assert "damaged or not a workbook" in refusal(path)


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"  <table><tr>", "a web page"),
        (b"\x7fELF" + bytes(range(32)) * 50, "neither text nor a workbook"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_named_for_what_it_is(tmp_path, start, what):
    path = tmp_path / "extract.csv"
    path.write_bytes(start + b"rest")
    assert f"is {what}, not a spreadsheet" in refusal(path)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "letter.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "not a spreadsheet" in refusal(path)


def test_a_workbook_cut_short_is_refused_as_damaged(tmp_path):
    path = workbook(tmp_path, {"S": [["Ref", "B"], ["1", "x"]]})
    path.write_bytes(path.read_bytes()[:2_000])
    assert "damaged" in refusal(path)
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "damaged" in refusal(old)


def test_every_way_of_cutting_a_workbook_short_is_a_refusal(tmp_path):
    path = workbook(tmp_path, {"S": [["Ref", "B"], ["1", "x"]]})
    whole = path.read_bytes()
    for length in range(10, len(whole), 97):
        path.write_bytes(whole[:length])
        refusal(path)


def test_a_workbook_with_any_byte_changed_is_read_or_refused(tmp_path):
    path = workbook(tmp_path, {"S": [["Ref", "Force"], ["1", "Suffolk"]]})
    whole = path.read_bytes()
    refused = 0
    for place in range(2, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x95]) + whole[place + 1 :])
        try:
            read(path)
        except Refused:
            refused += 1
    assert refused > 100


def test_a_workbook_with_a_password_is_told_from_a_damaged_one(tmp_path):
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"))
    assert "protected by a password" in refusal(path)
    encrypted = '<file-entry><encryption-data checksum="x"/></file-entry>'
    assert "protected by a password" in refusal(open_document(tmp_path, ods_row("Ref", "B"), encrypted))


def test_an_empty_file_a_folder_and_a_missing_file_are_three_sentences(tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert "is empty" in refusal(empty)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "is a folder" in refusal(folder)
    assert "was not found" in refusal(tmp_path / "gone.csv")


def test_a_quotation_mark_left_open_is_refused_with_its_line(tmp_path):
    path = text_file(tmp_path, 'Ref,Notes\nA,x\nB,"open\nC,y\nD,z\n')
    assert "on or after line 3" in refusal(path)


def test_zero_bytes_in_a_text_are_taken_out(tmp_path):
    sheet = read(text_file(tmp_path, "Ref,Notes\nA\x00,x\nB,y\n"))
    assert [line.cells for line in sheet.lines] == [["A", "x"], ["B", "y"]]
