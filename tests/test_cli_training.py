"""`oicdesk import learners|completions`: counts, exit codes and what is refused."""

import csv
from pathlib import Path

from tests import command

box = command.box
SAMPLES = Path(__file__).parent / "training" / "samples"
ROSTER, EXPORT = SAMPLES / "roster.csv", SAMPLES / "learning-system-export.csv"


def parts(counts):
    """The whole numbers at the top that make up `rows`."""
    return {
        name: count for name, count in counts.items() if type(count) is int and name not in ("rows", "warnings")
    }  # fmt: skip


def test_a_roster_is_imported_with_the_counts_of_the_contract(box):
    answer = box.run("import", "learners", ROSTER, "--json")
    assert answer.code == 1  # two people share a staff number
    told = answer.json
    assert parts(told) == {"blank": 0, "imported": 438, "changed": 0, "already_there": 0, "problems": 2}
    assert told["rows"] == 440 == sum(parts(told).values())
    assert [row["line"] for row in told["problem_rows"]] == [243, 371]


def test_completions_are_imported_with_the_counts_of_the_contract_and_twice_changes_nothing(box):
    box.run("import", "learners", ROSTER)
    told = box.run("import", "completions", EXPORT, "--json").json
    assert parts(told) == {
        "blank": 1, "imported": 1217, "already_there": 2, "not_completions": 157, "to_confirm": 50, "problems": 7,
    }  # fmt: skip
    assert told["rows"] == 1434 == sum(parts(told).values())
    again = box.run("import", "completions", EXPORT, "--json").json
    assert (again["imported"], again["already_there"]) == (0, 1219)


def test_a_dry_run_of_completions_writes_nothing(box):
    box.run("import", "learners", ROSTER)
    before = len(box.log())
    told = box.run("import", "completions", EXPORT, "--json", "--dry-run").json
    assert told["imported"] == 1217
    assert not [entry for entry in box.log()[before:] if entry["operation"] == "collection"]


def test_problem_rows_of_an_export_go_to_a_marked_file_that_is_logged(box):
    box.run("import", "learners", ROSTER)
    problems = box.folder / "problems.csv"
    told = box.run("import", "completions", EXPORT, "--json", "--problems", problems).json
    with problems.open(encoding="utf-8-sig", newline="") as file:
        marking, _header, *rows = csv.reader(file)
    assert marking == ["OFFICIAL-SENSITIVE"]
    assert [int(row[0]) for row in rows] == [row["line"] for row in told["problem_rows"]]
    assert any(entry["detail"] == "problem rows of an import" for entry in box.log())


def test_all_or_nothing_refuses_a_roster_with_problems(box):
    answer = box.run("import", "learners", ROSTER, "--all-or-nothing")
    assert answer.code == 1
    assert "nothing was imported" in answer.sentence
    assert box.run("import", "learners", ROSTER, "--json", "--dry-run").json["imported"] == 438


def test_a_file_without_the_columns_of_a_roster_is_refused_by_name(box):
    answer = box.run("import", "learners", box.file("odd.csv", "Colour,Size\nred,3\n"))
    assert answer.code == 1
    assert "Staff number" in answer.sentence
