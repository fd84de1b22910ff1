"""The work by command: import, queue, figures, reports; their shapes, and real processes."""

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from oicdesk.cli import has_screen
from oicdesk.settings.records import change_settings
from oicdesk.vault.keys import put
from tests import command
from tests.command import LINES

box, busy = command.box, command.busy


ROOT = Path(__file__).resolve().parents[1]


# --- import ---


def test_an_import_prints_its_counts_and_ends_with_1_for_problem_rows_only(box):
    answer = box.run("import", "referrals", box.list(), "--json")
    assert (answer.code, answer.err) == (1, "")
    told = answer.json
    numbers = {name: value for name, value in told.items() if isinstance(value, int)}
    assert numbers == {
        "rows": 4, "blank": 1, "imported": 2, "already_there": 0, "problems": 1, "warnings": 0,
    }  # fmt: skip
    assert [row["line"] for row in told["problem_rows"]] == [4]
    assert told["problem_rows"][0]["reasons"] == ["Contact date: There is no 31 February."]
    again = box.run("import", "referrals", box.list(*LINES[:2]), "--json")
    assert again.code == 0
    assert (again.json["imported"], again.json["already_there"]) == (0, 2)


def test_a_warning_is_no_problem(box):
    line = 'SC-1,16/11/2026,09:30,,Ipswich,pc 7191,"MARSH, Jo",Person in custody,2'
    answer = box.run("import", "referrals", box.list(line, LINES[0]), "--json")
    assert (answer.code, answer.json["warnings"], answer.json["imported"]) == (0, 2 - 1, 2)


def test_without_json_the_counts_and_reasons_are_words(box):
    answer = box.run("import", "referrals", box.list())
    assert answer.out.startswith("rows 4, blank 1, imported 2, already there 0, problems 1, warnings 0")
    assert "line 4: " in answer.out


def test_a_dry_run_writes_nothing(box):
    entries = len(box.log())
    answer = box.run("import", "referrals", box.list(), "--json", "--dry-run")
    assert (answer.code, answer.json["imported"]) == (1, 2)
    assert len(box.log()) == entries
    assert box.run("queue", "--json").json == []


def test_all_or_nothing_refuses_the_whole_file(box):
    answer = box.run("import", "referrals", box.list(), "--all-or-nothing", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "1 of 4 rows have problems" in answer.sentence
    assert box.run("queue", "--json").json == []
    assert box.run("import", "referrals", box.list(*LINES[:2]), "--all-or-nothing", "--json").code == 0


def test_the_problem_rows_are_written_apart_and_can_be_mended_and_imported(box):
    problems = box.folder / "problems.csv"
    answer = box.run("import", "referrals", box.list(), "--json", "--problems", problems)
    with problems.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) - 2 == answer.json["problems"] == 1
    assert rows[0][0] == "OFFICIAL-SENSITIVE"
    assert rows[2][0] == "4"
    assert rows[2][2:] == next(csv.reader([LINES[2]]))
    assert problems.stat().st_mode & 0o777 == 0o600
    assert "disclosure" in {entry["operation"] for entry in box.log()}
    mended = box.file("mended.csv", problems.read_text(encoding="utf-8-sig").replace("31/02/2026", "28/02/2026"))
    assert box.run("import", "referrals", mended, "--json").json["imported"] == 1


def test_a_mapping_that_is_not_settled_is_refused_and_names_what_is_not(box):
    odd = box.file("odd.csv", 'Alpha,Beta\n"MARSH, Jo",something\n"HART, Kim",other\n')
    answer = box.run("import", "referrals", odd)
    assert answer.code == 1
    for label in ("Contact date", "Force", "Contact reason"):
        assert label in answer.sentence


def test_a_mapping_is_remembered_by_its_header_and_can_be_given_by_name(box):
    from oicdesk.referrals import sheet
    from oicdesk.settings.records import remember_mapping

    columns = ("Zahl", "Tag", "Stunde", "Land", "Trupp", "Nummer", "Beamter", "Art", "Leute")
    targets = ("incident_ref", "contact_date", "contact_time", "force", "team", "officer_collar", "officer_name",
               "reason", "persons")  # fmt: skip
    kept = {
        "columns": dict(zip(targets, columns, strict=True)),
        "values": {"reason": {"Haft": "person_in_custody"}, "force": {"Sfk": "Suffolk"}},
    }
    box.change(remember_mapping, sheet.KIND, "another header", kept, at=datetime(2026, 1, 1, tzinfo=UTC), name="Kiel")
    line = 'K-1,16/11/2026,09:30,Sfk,Hafen,PC 1,"MARSH, Jo",Haft,1'
    foreign = box.file("foreign.csv", f"{','.join(columns)}\n{line}\n")
    assert box.run("import", "referrals", foreign).code == 1
    answer = box.run("import", "referrals", foreign, "--mapping", "Nobody's")
    assert (answer.code, "no mapping called" in answer.sentence) == (1, True)
    assert box.run("import", "referrals", foreign, "--mapping", "Kiel", "--json").json["imported"] == 1
    # The header is remembered now.
    assert box.run("import", "referrals", foreign, "--json").json["already_there"] == 1
    (row,) = box.run("queue", "--json").json
    assert (row["force"], row["reason"], row["team"]) == ("Suffolk", "Person in custody", "Hafen")


@pytest.mark.parametrize(
    ("setting", "value", "word"), [("import_max_rows", 3, "rows"), ("import_max_columns", 5, "columns")]
)
def test_a_file_beyond_the_desks_limits_is_refused_in_a_sentence(box, setting, value, word):
    box.change(change_settings, {setting: value}, at=datetime(2026, 1, 1, tzinfo=UTC))
    answer = box.run("import", "referrals", box.list())
    assert (answer.code, word in answer.sentence) == (1, True)
    assert box.run("queue", "--json").json == []


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", b"", b"\x00\x01\x02\x03"])
def test_what_is_no_spreadsheet_is_refused_in_a_sentence(box, content):
    path = box.folder / "list.csv"
    path.write_bytes(content)
    answer = box.run("import", "referrals", path)
    assert (answer.code, bool(answer.sentence)) == (1, True)
    assert box.run("import", "referrals", box.folder / "none.csv").code == 1


# --- queue and figures ---

QUEUE = {
    "ref": str, "force": str, "team": str, "reporting_officer": str, "collar": str, "reason": str,
    "contact_at": str, "due_at": (str, type(None)), "status": str, "overdue": bool, "age_working_days": int,
    "persons": int,
}  # fmt: skip


def test_the_queue_has_the_shape_of_the_contract(busy):
    rows = busy.run("queue", "--json").json
    assert [list(row) for row in rows] == [list(QUEUE)] * 2
    for row in rows:
        for name, kind in QUEUE.items():
            assert isinstance(row[name], kind), name
            assert not (kind is int and isinstance(row[name], bool))
    first, second = rows
    assert first | {"age_working_days": 0} == {
        "ref": "OIC-2026-0001", "force": "Suffolk", "team": "Ipswich", "reporting_officer": "MARSH, Jo",
        "collar": "PC 7191", "reason": "Person in custody", "contact_at": "2026-11-16T09:30:00+00:00",
        "due_at": "2026-11-17T09:30:00+00:00", "status": "AWAITING_DOCUMENT", "overdue": True,
        "age_working_days": 0, "persons": 2,
    }  # fmt: skip
    assert (second["status"], second["due_at"], second["overdue"]) == ("SCOPE_QUERY", None, False)
    assert datetime.fromisoformat(first["contact_at"]).tzinfo is not None
    words = busy.run("queue").out
    assert "OIC-2026-0001  AWAITING_DOCUMENT" in words
    assert words.endswith("2 open.\n")


def test_the_queue_leaves_out_what_is_closed_exempt_or_a_duplicate(busy):
    from oicdesk.referrals import records

    busy.change(records.mark_duplicate, 2, 1, "Same.", at=datetime(2026, 11, 20, tzinfo=UTC))
    assert [row["ref"] for row in busy.run("queue", "--json").json] == ["OIC-2026-0001"]


def test_the_figures_have_the_shape_of_the_contract(busy):
    found = busy.run("figures", "--json").json
    assert found["force"] == "Joint"
    assert found["denominator"] == "self-declared"
    assert datetime.fromisoformat(found["as_at"]).tzinfo is not None
    coverage = found["coverage"]
    for name in ("in_scope", "submitted", "not_yet_due", "overdue", "scope_queries"):
        assert type(coverage[name]) is int, name
    assert (coverage["in_scope"], coverage["percent"], coverage["scope_queries"]) == (1, 0.0, 1)
    assert coverage["exempt"] == {}
    assert found["on_time"] == {"due": 1, "on_time": 0, "percent": 0.0}
    norfolk = busy.run("figures", "--json", "--force", "Norfolk").json
    assert (norfolk["force"], norfolk["coverage"]["percent"], norfolk["on_time"]["percent"]) == ("Norfolk", None, None)
    assert "In scope 1" in busy.run("figures").out


@pytest.mark.parametrize(
    ("when", "as_at", "overdue"),
    [
        ("2026-11-17", "2026-11-17T23:59:59.999999+00:00", 1),
        ("2026-11-16", "2026-11-16T23:59:59.999999+00:00", 0),
        ("2026-11-17T09:30", "2026-11-17T09:30:00+00:00", 0),
        ("2026-11-17T09:30:01", "2026-11-17T09:30:01+00:00", 1),
        ("2026-11-17T10:30:01+01:00", "2026-11-17T09:30:01+00:00", 1),
        ("2026-07-01", "2026-07-01T22:59:59.999999+00:00", None),
    ],
)
def test_an_as_at_day_is_its_end_in_london(busy, when, as_at, overdue):
    found = busy.run("figures", "--json", "--as-at", when).json
    assert datetime.fromisoformat(found["as_at"]) == datetime.fromisoformat(as_at)
    coverage = found["coverage"]
    if overdue is None:
        assert coverage["in_scope"] == 0
    else:
        assert (coverage["overdue"], coverage["not_yet_due"]) == (overdue, 1 - overdue)


@pytest.mark.parametrize("when", ["tomorrow", "2026-13-01", "2026-03-29T01:30"])
def test_an_as_at_that_is_no_time_is_refused(box, when):
    answer = box.run("figures", "--as-at", when)
    assert (answer.code, bool(answer.sentence)) == (1, True)


# --- reports ---


def test_reports_are_listed_without_a_vault(box):
    answer = box.run("report", "--list", common=False)
    assert answer.code == 0
    assert answer.out.startswith("coverage  ")


@pytest.mark.parametrize(("name", "start"), [("a.pdf", b"%PDF"), ("a.docx", b"PK"), ("A.XLSX", b"PK")])
def test_the_format_follows_the_suffix(busy, name, start):
    out = busy.folder / name
    answer = busy.run("report", "coverage", "--out", out, "--recipient", "DI", "--purpose", "Audit")
    assert (answer.code, answer.err) == (0, "")
    assert out.read_bytes().startswith(start)
    assert out.stat().st_mode & 0o777 == 0o600
    entry = busy.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == ("disclosure", "DI", "Audit")


def test_a_format_gives_the_suffix_or_has_to_agree_with_it(busy):
    assert busy.run("report", "coverage", "--out", busy.folder / "a", "--format", "docx").code == 0
    assert (busy.folder / "a.docx").read_bytes().startswith(b"PK")
    assert busy.log()[-1]["purpose"] == "own use"
    assert busy.log()[-1]["recipient"] == "Sam Ashby"
    for words in (["a.pdf", "--format", "docx"], ["a.odt"], ["a"]):
        answer = busy.run("report", "coverage", "--out", busy.folder / words[0], *words[1:])
        assert (answer.code, bool(answer.sentence)) == (1, True), words
        assert not (busy.folder / "a.odt").exists()
    assert busy.run("report", "unheard", "--out", busy.folder / "a.pdf").code == 1


def test_a_report_that_cannot_be_written_is_told_and_leaves_nothing(busy):
    answer = busy.run("report", "coverage", "--out", busy.folder / "no" / "a.pdf")
    assert answer.code in (1, 3)
    assert answer.sentence
    assert not (busy.folder / "no").exists()


def test_a_report_holds_the_figures_of_its_instant_and_force(busy):
    out = busy.folder / "a.pdf"
    busy.run("report", "coverage", "--out", out, "--force", "Suffolk", "--as-at", "2026-11-17")
    with pypdfium2.PdfDocument(out) as pdf:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    flat = " ".join(text.split())
    assert "0 of 1 cases in scope have a submitted document (0.0%). 1 are overdue and 0 are not yet due." in flat
    assert "OIC-2026-0001" in flat
    assert "Norwich" not in flat


# --- real processes ---


def process(box, *words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "oicdesk", *map(str, words), *box.common], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_a_real_process_prints_json_only_and_ends_with_its_code(busy):
    done = process(busy, "queue", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)) == 2
    done = process(busy, "import", "referrals", busy.list(), "--json")
    assert (done.returncode, done.stderr, json.loads(done.stdout)["problems"]) == (1, "", 1)
    done = process(busy, "figures", "--as-at", "never")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert process(busy, "unheard").returncode == 2
    put(busy.folder / "pass", b"tractor lantern viola\n")
    done = process(busy, "queue")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)


def test_a_pipe_that_closes_early_leaves_no_traceback(busy):
    words = [sys.executable, "-m", "oicdesk", "activity", "verify", *busy.common]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()
        told = running.stderr.read()
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, False),
        ({"QT_QPA_PLATFORM": "minimal", "DISPLAY": ":0"}, False),
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}, True),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_a_screen_is_known_by_the_environment(monkeypatch, environment, expected):
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_screen() is expected
