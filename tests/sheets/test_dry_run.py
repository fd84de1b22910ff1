"""Trying an import: all reasons of a row, counts that add up, and the file of problem rows."""

import csv
import datetime as dt
import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oicdesk.errors import Refused, VaultError
from oicdesk.sheets.dry_run import ALREADY_THERE, BLANK, NEW, PROBLEM, UPDATE, dry_run, write_problems
from oicdesk.sheets.mapping import Target, propose
from oicdesk.sheets.read import LINE_COLUMN, REASON_COLUMN, REMOVED_CHARACTERS, guarded, read
from tests.sheets.makers import csv_file, text_file

TARGETS = [
    Target("ref", "Reference"),
    Target("date", "Date", True, kind="date", unless="contact"),
    Target("contact", "Received", kind="instant"),
    Target("force", "Force", True, values={"SFK": "Suffolk", "NFK": "Norfolk"}),
    Target("persons", "Persons", kind="whole"),
]
HEADER = ["Reference", "Date", "Force", "Persons"]
GOOD = ["A", "06/01/2026", "Suffolk", "2"]


def parse(cells):
    record = (cells.text("ref"), cells.date("date"), cells.code("force"), cells.whole("persons", least=1))
    if record[0] == "odd":
        cells.warn("This one is odd.")
    if record[0] == "never":
        raise Refused("Never is not a reference; write another.")
    return record


def run(tmp_path, *rows, header=HEADER):
    sheet = read(csv_file(tmp_path, [header, *rows]))
    return dry_run(sheet, propose(sheet, TARGETS), parse, targets=TARGETS)


def test_a_good_row_becomes_a_record(tmp_path):
    (row,) = run(tmp_path, GOOD).rows
    assert (row.state, row.record, row.problems) == (NEW, ("A", dt.date(2026, 1, 6), "SFK", 2), ())


def test_every_reason_of_a_row_is_named(tmp_path):
    result = run(tmp_path, GOOD, ["never", "31/02/2026", "Essex", "many"])
    assert result.rows[1].state == PROBLEM
    assert result.rows[1].record is None
    assert result.rows[1].problems == (
        "Date: There is no 31 February.",
        "Force: “Essex” is not known.",
        "Persons: “many” is not a whole number; write it in figures.",
        "Never is not a reference; write another.",
    )


def test_a_blank_cell_of_a_required_target_is_missing_and_of_another_is_nothing(tmp_path):
    good, bad = run(tmp_path, ["", "06/01/2026", "Suffolk", ""], ["A", " ", "", ""]).rows
    assert good.record == ("", dt.date(2026, 1, 6), "SFK", None)
    assert bad.problems == ("Date is missing.", "Force is missing.")


def test_counts_add_up_to_the_rows(tmp_path):
    result = run(tmp_path, GOOD, ["", "", "", ""], ["odd", *GOOD[1:]], ["A", "x", "Suffolk", "1"], GOOD, GOOD)
    result.rows[4].state, result.rows[5].state = ALREADY_THERE, UPDATE
    counts = result.counts()
    assert counts == {"rows": 6, BLANK: 1, NEW: 2, ALREADY_THERE: 1, UPDATE: 1, PROBLEM: 1, "warnings": 1}
    assert len(result.valid) == 4


def test_a_target_is_not_missed_when_another_stands_in_for_it(tmp_path):
    header = ["Reference", "Received", "Force"]
    result = run(tmp_path, ["A", "06/01/2026 08:21", "Suffolk"], header=header)
    assert result.rows[0].problems == ()
    assert result.rows[0].record[1] is None


def test_warnings_of_reading_reach_the_row(tmp_path):
    (row,) = run(tmp_path, ["A\u202e", *GOOD[1:]]).rows
    assert (row.state, row.warnings) == (NEW, (REMOVED_CHARACTERS,))


def test_progress_is_told_and_may_stop_the_run(tmp_path):
    class StoppedError(Exception):
        pass

    def stop(fraction, text):
        assert (fraction, text) == (0.0, "Checking row 0 of 1")
        raise StoppedError

    sheet = read(csv_file(tmp_path, [HEADER, GOOD]))
    with pytest.raises(StoppedError):
        dry_run(sheet, propose(sheet, TARGETS), parse, targets=TARGETS, progress=stop)


def problems_file(tmp_path, *rows):
    result = run(tmp_path, *rows)
    path = tmp_path / "problems.csv"
    count = write_problems(path, result, marking="OFFICIAL-SENSITIVE")
    return result, path, count


def test_the_problems_file_holds_the_original_rows_their_lines_and_reasons(tmp_path):
    bad = ["=1+1", "31/02/2026", " Essex ", "two\nlines"]
    result, path, count = problems_file(tmp_path, GOOD, ["", "", "", ""], bad)
    assert count == len(result.problems) == result.counts()[PROBLEM] == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        marking, header, row = csv.reader(file)
    assert marking == ["OFFICIAL-SENSITIVE"]
    assert header == [LINE_COLUMN, REASON_COLUMN, *HEADER]
    assert row[0] == "4"
    assert row[1].startswith("Date: There is no 31 February. Force: “Essex” is not known.")
    assert row[2:] == ["'=1+1", "31/02/2026", " Essex ", "two\nlines"]


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX systems")
def test_the_problems_file_is_for_its_owner_only(tmp_path):
    _, path, _ = problems_file(tmp_path, ["A", "x", "x", "x"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_problems_file_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    result = run(tmp_path, ["A", "x", "x", "x"])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(VaultError, match=r"could not be written to problems\.csv"):
        write_problems(tmp_path / "gone" / "problems.csv", result, marking="OFFICIAL")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(VaultError, match=r"could not be written to taken\.csv"):
        write_problems(tmp_path / "taken.csv", result, marking="OFFICIAL")
    (tmp_path / "taken.csv").rmdir()
    assert sorted(tmp_path.iterdir()) == before


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="=+-@'\t ab,\"\n1", max_size=8), min_size=4, max_size=4).filter(any))
def test_a_problems_file_reads_back_as_the_rows_it_was_made_of(tmp_path, row):
    row[3] = "not a number"
    result, path, count = problems_file(tmp_path, row)
    assert count == 1
    again = read(path)
    assert again.columns == result.sheet.columns
    assert [line.cells for line in again.lines] == [row]


@given(st.text())
def test_no_guarded_text_begins_like_a_formula(text):
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@"))


def test_rows_with_cells_to_spare_keep_them_in_the_problems_file(tmp_path):
    path = text_file(tmp_path, "Reference,Date,Force\nA,x,Suffolk,spare\n")
    sheet = read(path)
    result = dry_run(sheet, propose(sheet, TARGETS), parse, targets=TARGETS)
    out = tmp_path / "problems.csv"
    assert write_problems(out, result, marking="OFFICIAL") == 1
    assert "A,x,Suffolk,spare" in out.read_text("utf-8-sig")


def test_a_local_time_becomes_the_instant_of_the_desks_clock_and_says_when_it_cannot(tmp_path):
    def instant_of(day, at):
        if at.hour == 1:
            raise Refused("01:00 does not exist that day; check the time.")
        return dt.datetime.combine(day, at, dt.UTC), at.hour == 2

    received = [Target("ref", "Reference"), Target("contact", "Received", kind="instant")]
    times = ["05/01/2026 12:00", "05/01/2026 01:00", "05/01/2026 02:00", ""]
    sheet = read(csv_file(tmp_path, [["Reference", "Received"], *(["A", time] for time in times)]))
    result = dry_run(
        sheet, propose(sheet, received), lambda cells: cells.aware(cells.instant("contact"), instant_of),
        targets=received,
    )  # fmt: skip
    plain, never, twice, blank = result.rows
    assert blank.record is None and blank.problems == ()
    assert plain.record == dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC) and plain.warnings == ()
    assert never.problems == ("01:00 does not exist that day; check the time.",)
    assert twice.record.hour == 2 and "02:00 happens twice that night" in twice.warnings[0]


def test_an_import_of_all_or_nothing_refuses_a_file_with_problems(tmp_path):
    run(tmp_path, GOOD).refuse_problems()
    with pytest.raises(Refused, match="1 of 2 rows have problems, so nothing was imported"):
        run(tmp_path, GOOD, ["never", "06/01/2026", "Suffolk", "1"]).refuse_problems()
