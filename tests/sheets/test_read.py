"""Ordinary files of many kinds come in as they were written."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.sheets.read import MORE_CELLS, REMOVED_CHARACTERS, UNREADABLE_CHARACTERS, read
from tests.sheets.makers import SAMPLES, csv_file, ods_row, open_document, text_file, workbook

HEADER = ["Incident No", "Date", "Time", "Remarks"]
ROWS = [["SC-1", "06/01/2026", "0821", "Zoë – “quick”"], ["SC-2", "07/01/2026", "12:53", "a, b; c"]]

# Letters that every encoding below can hold; never a character that reading takes away.
CELL = st.text(alphabet="abcXYZ019 ,;|\"'\n=é£’–/:", max_size=12)


@pytest.mark.parametrize("delimiter", list(",;\t|^~"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_delimiter_and_encoding_is_found_without_being_told(tmp_path, delimiter, encoding):
    sheet = read(csv_file(tmp_path, [HEADER, *ROWS], delimiter=delimiter, encoding=encoding))
    assert sheet.columns == HEADER
    assert [line.cells for line in sheet.lines] == ROWS


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=4, max_size=4).filter(lambda row: any(row)), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_written_as_csv_reads_back_the_same(tmp_path, rows, delimiter, encoding, line_end):
    path = csv_file(tmp_path, [HEADER, *rows], delimiter=delimiter, encoding=encoding, line_end=line_end)
    sheet = read(path)
    assert sheet.columns == HEADER
    assert [line.cells for line in sheet.lines] == rows


def test_rows_know_the_physical_line_they_begin_on(tmp_path):
    path = text_file(tmp_path, 'Extract of May\n\nRef,Notes\nA,"one\ntwo\nthree"\nB,four\n\nC,five\n')
    sheet = read(path)
    assert sheet.header_line == 3
    assert [(line.number, line.cells[0]) for line in sheet.lines] == [(4, "A"), (7, "B"), (8, ""), (9, "C")]


def test_empty_lines_at_the_end_of_a_file_are_not_rows_but_rows_of_delimiters_are(tmp_path):
    assert len(read(text_file(tmp_path, "Ref,Notes\nA,x\n\n\n")).lines) == 1
    lines = read(text_file(tmp_path, "Ref,Notes\nA,x\n,\n \n")).lines
    assert [line.is_blank for line in lines] == [False, True, True]


def test_a_row_of_zeros_is_not_blank(tmp_path):
    sheet = read(workbook(tmp_path, {"S": [["Ref", "Count"], ["", 0], ["A", 1]]}))
    assert [line.is_blank for line in sheet.lines] == [False, False]


def test_the_separator_line_of_a_spreadsheet_program_is_obeyed(tmp_path):
    sheet = read(text_file(tmp_path, "sep=#\r\nRef#Notes\r\nA#x,y\r\n"))
    assert (sheet.columns, sheet.header_line) == (["Ref", "Notes"], 2)
    assert (sheet.lines[0].number, sheet.lines[0].cells) == (3, ["A", "x,y"])


def test_spaces_before_quotation_marks_are_part_of_the_format(tmp_path):
    sheet = read(text_file(tmp_path, 'Ref, "Notes", "Team"\nA, "x, y", "T"\n'))
    assert sheet.lines[0].cells == ["A", "x, y", "T"]


def test_a_column_of_text_full_of_commas_does_not_hide_the_semicolons(tmp_path):
    rows = "".join(f"SC-{n};one, two, three\n" for n in range(50))
    sheet = read(text_file(tmp_path, "Reference;Notes\n" + rows))
    assert sheet.columns == ["Reference", "Notes"]


def test_one_column_needs_no_delimiter(tmp_path):
    sheet = read(text_file(tmp_path, "Collar number\nPC 12\nPS 7\n"))
    assert [line.cells for line in sheet.lines] == [["PC 12"], ["PS 7"]]


def test_short_rows_are_filled_and_long_rows_are_warned_of(tmp_path):
    short, long = read(text_file(tmp_path, "A ref,B,C\n1\n1,2,3,4\n")).lines
    assert (short.cells, short.warnings) == (["1", "", ""], ())
    assert (long.cells, long.warnings) == (["1", "2", "3", "4"], (MORE_CELLS,))


def test_column_names_are_made_unique_and_unnamed_columns_numbered(tmp_path):
    sheet = read(text_file(tmp_path, "Date,Date,,Force,\n1,2,3,x,\n"))
    assert sheet.columns == ["Date", "Date (2)", "Column 3", "Force"]


def test_hidden_characters_are_removed_and_the_row_says_so(tmp_path):
    plain, odd = read(text_file(tmp_path, "Ref,Notes\nA,tab\there\nB\x00,\u202eevil\u202c\u200b\n")).lines
    assert (plain.cells, plain.warnings) == (["A", "tab\there"], ())
    assert (odd.cells, odd.warnings) == (["B", "evil"], (REMOVED_CHARACTERS,))


def test_a_stray_bad_byte_does_not_turn_the_whole_file_into_another_encoding(tmp_path):
    path = tmp_path / "extract.csv"
    good = "Łapiński,Zoë\n".encode() * 40
    path.write_bytes(b"Surname,Forename\n" + good + b"B\xffd,Al\n")
    sheet = read(path)
    assert sheet.lines[0].cells == ["Łapiński", "Zoë"]
    assert (sheet.lines[-1].cells[0], sheet.lines[-1].warnings) == ("B\ufffdd", (UNREADABLE_CHARACTERS,))


def test_half_a_character_in_utf_16_is_replaced_and_warned_of(tmp_path):
    path = tmp_path / "extract.csv"
    path.write_bytes("\ufeffRef,Notes\nA,x".encode("utf-16-le") + b"\x00\xd8" + "\nB,y\n".encode("utf-16-le"))
    first, second = read(path).lines
    assert first.warnings == (UNREADABLE_CHARACTERS,)
    assert second.cells == ["B", "y"]


def test_a_workbook_keeps_its_types_and_its_row_numbers(tmp_path):
    moment = dt.datetime.fromisoformat("2026-01-07 13:15")
    rows = [["Contacts received"], [], ["Reference", "Received", "Nominals", "Share"], ["N1", moment, 2, 2.5]]
    sheet = read(workbook(tmp_path, {"List": rows}))
    assert (sheet.name, sheet.header_line) == ("List", 3)
    assert sheet.lines[0].number == 4
    assert sheet.lines[0].cells == ["N1", moment, 2, 2.5]
    assert type(sheet.lines[0].cells[2]) is int


def test_the_first_sheet_with_column_names_is_taken(tmp_path):
    path = workbook(tmp_path, {"Empty": [], "Numbers": [[1, 2], [3, 4]], "Data": [["Ref", "B"], ["1", "x"]]})
    assert read(path).name == "Data"


def test_open_document_sheets_are_read(tmp_path):
    sheet = read(open_document(tmp_path, ods_row("Ref", "Force") + ods_row("A", "Suffolk", repeated=2)))
    assert sheet.columns == ["Ref", "Force"]
    assert [line.cells for line in sheet.lines] == [["A", "Suffolk"]] * 2


def test_a_table_without_column_names_is_refused(tmp_path):
    with pytest.raises(Refused, match="No row of column names"):
        read(text_file(tmp_path, "1,06/01/2026,08:21\n2,07/01/2026,09:21\n"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample inputs do not lie beside this clone")
def test_the_sample_inputs_are_read_with_the_counts_they_name():
    counts = json.loads((SAMPLES / "counts.json").read_text())
    control_room = read(SAMPLES / "control-room-extract.csv")
    assert len(control_room.lines) == counts["control_room"]["rows_blank_ones_included"]
    assert sum(line.is_blank for line in control_room.lines) == counts["control_room"]["blank"]
    assert len(read(SAMPLES / "nccu-contact-list.xlsx").lines) == counts["nccu_list"]["rows"]
    assert len(read(SAMPLES / "roster.csv").lines) == counts["roster"]
    assert len(read(SAMPLES / "learning-system-export.csv").lines) == counts["lms_rows"]
    semicolon = read(SAMPLES / "control-room-extract-semicolon.csv")
    assert semicolon.columns == control_room.columns
    assert len(semicolon.lines) == 60
    assert any("O’DELL" in str(cell) for line in semicolon.lines for cell in line.cells)
    assert Path(semicolon.file).suffix == ".csv"
