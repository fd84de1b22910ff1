"""The control room's lists that developers and checkers have beside the checkout, with their known counts."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oicdesk.cli import main
from oicdesk.desk import new_desk
from oicdesk.documents.sheet import take_over
from oicdesk.referrals import sheet
from oicdesk.referrals.records_queue import Queue
from oicdesk.settings.records import reference
from oicdesk.sheets.dry_run import write_problems
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from tests import desks
from tests.desks import CHEAP, NOW, PASSPHRASE

desk, vault = desks.desk, desks.vault

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
COMMA, SEMICOLON = SAMPLES / "control-room-extract.csv", SAMPLES / "control-room-extract-semicolon.csv"
pytestmark = pytest.mark.skipif(not COMMA.exists(), reason="the shared samples lie beside a developer's checkout")


def take(desk, path, now=NOW):
    with desk.vault.changing() as session:
        known = reference(session)
        lines = read(path)
        mapping = propose(lines, sheet.targets(known))
        assert mapping.unsettled == []
        run = sheet.check(session, lines, mapping, known, now=now)
        done = sheet.write(session, run, file_name=path.name, file_sha256="", now=now, take_over=take_over)
        if done.batch_id is None:
            session.rollback()
    return run, done


def test_every_row_is_blank_imported_there_already_or_a_problem(desk):
    _run, done = take(desk, COMMA)
    assert done.counts() == {
        "rows": 274, "blank": 3, "imported": 262, "already_there": 3, "problems": 6, "warnings": 2,
    }  # fmt: skip
    with desk.vault.reading() as session:
        assert Queue(session, "all", now=NOW).count() == 262


def test_each_of_the_six_problems_says_why(desk):
    run, _done = take(desk, COMMA)
    reasons = [" ".join(row.problems) for row in run.problems]
    for words in (
        ("does not exist on Sun 29 Mar 2026",),
        ("There is no 31",),
        ("25:",),
        ("Force: ", "is not known"),
        ("lies in the future",),
        ("Contact reason: ", "is not known", "Persons: "),
    ):
        assert sum(all(word in reason for word in words) for reason in reasons) == 1, (words, reasons)
    two = [row for row in run.problems if len(row.problems) == 2]
    assert len(two) == 1


def test_the_two_times_that_happen_twice_are_the_first_with_a_warning_each(desk):
    run, _done = take(desk, COMMA)
    warned = [row for row in run.valid if row.warnings]
    assert len(warned) == 2
    for row in warned:
        assert "happens twice that night" in row.warnings[0]
        assert row.record.facts["contact_at"].astimezone(UTC).hour == 0  # 01:xx summer time is 00:xx UTC
    without_number = [row for row in run.valid if not row.record.facts["incident_ref"]]
    assert len(without_number) == 1


def test_the_same_list_again_changes_nothing(desk):
    take(desk, COMMA)
    before = len(desk.log())
    _run, again = take(desk, COMMA)
    assert again.counts() == {
        "rows": 274, "blank": 3, "imported": 0, "already_there": 265, "problems": 6, "warnings": 2,
    }  # fmt: skip
    assert again.batch_id is None
    assert len(desk.log()) == before


def test_the_semicolon_list_of_a_windows_program_is_recognised_without_a_setting(desk):
    take(desk, COMMA)
    _run, done = take(desk, SEMICOLON)
    assert (done.rows, done.blank, done.imported, done.already_there, done.problems) == (60, 1, 0, 56, 3)


def test_the_problems_file_holds_the_problem_rows_as_they_stood(desk, tmp_path):
    run, done = take(desk, COMMA)
    assert write_problems(tmp_path / "problems.csv", run, marking="OFFICIAL-SENSITIVE") == done.problems == 6
    with (tmp_path / "problems.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    with COMMA.open(encoding="utf-8-sig", newline="") as file:
        known = {tuple(cell.strip() for cell in row) for row in csv.reader(file)}
    assert len(rows) == 2 + 6
    for row in rows[2:]:
        assert row[1]
        assert tuple(cell.strip() for cell in row[2:]) in known


def test_the_command_gives_the_counts_of_the_contract(tmp_path, capsys):
    made, _key = new_desk(tmp_path / "d", PASSPHRASE, "Sam", now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP)
    made.close()
    (tmp_path / "pass").write_text(PASSPHRASE)
    common = ["--vault", str(tmp_path / "d"), "--passphrase-file", str(tmp_path / "pass")]
    assert main(["import", "referrals", str(COMMA), "--json", *common]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["blank"], told["imported"]) == (274, 3, 262)
    assert (told["already_there"], told["problems"], told["warnings"]) == (3, 6, 2)
    assert [name for name, value in told.items() if isinstance(value, int)] == [
        "rows", "blank", "imported", "already_there", "problems", "warnings",
    ]  # fmt: skip
    assert main(["import", "referrals", str(SEMICOLON), "--json", *common]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["blank"], told["already_there"], told["problems"]) == (1, 56, 3)
    assert main(["queue", "--json", *common]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 262
    assert [row["contact_at"] for row in rows] == sorted(row["contact_at"] for row in rows)
