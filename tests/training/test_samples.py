"""The two sample files, row by row: where each line went and why. Now is 23 Nov 2026."""

from collections import Counter

import pytest

from oicdesk.sheets.dry_run import write_problems
from oicdesk.training import records_completions, records_imports, sheet_completions, sheet_learners
from tests import desks
from tests.training.makers import NOW, checked, sample, taken

desk, vault = desks.desk, desks.vault

ROSTER, EXPORT = "roster.csv", "learning-system-export.csv"
SHARED_NUMBER = "The staff number 3647285 belongs to another person on line"

# line → (where it went, a piece of the reason); every line not named here was imported without a reason to tell.
ODD_PEOPLE = {
    243: ("problem", SHARED_NUMBER),
    371: ("problem", SHARED_NUMBER),
}
ODD_COMPLETIONS = {
    799: ("problem", "Nobody on the roster has the staff number 3647285"),
    800: ("problem", "Nobody on the roster has the staff number 3647285"),
    1193: ("problem", "Nobody on the roster has the staff number 3647285"),
    1194: ("problem", "Nobody on the roster has the staff number 3647285"),
    1433: ("problem", "Nobody on the roster has the staff number 9999999"),
    1434: ("problem", "There is no 31 April"),
    1435: ("problem", "1 Jan 2031 lies in the future"),
    1430: ("already there", "The same completion stands on line 5."),
    1431: ("already there", "The same completion stands on line"),
    1432: ("blank", ""),
}
# The lines whose staff number lacks its first digit: whose they are is for a person to say.
TO_CONFIRM = (
    5, 17, 76, 83, 84, 102, 126, 212, 216, 233, 264, 269, 290, 321, 327, 356, 396, 407, 438, 440, 466, 508, 534, 542,
    654, 703, 818, 820, 856, 878, 882, 920, 923, 988, 999, 1018, 1037, 1060, 1085, 1091, 1123, 1158, 1160, 1167, 1209,
    1270, 1288, 1319, 1334, 1352,
)  # fmt: skip


@pytest.fixture
def trained(vault):
    """The desk after both files."""
    taken(vault, sheet_learners, sample(ROSTER))
    taken(vault, sheet_completions, sample(EXPORT))
    return vault


def went(run):
    return {row.line.number: (row.state, row.reasons) for row in run.rows}


def test_every_line_of_the_roster_is_accounted_for(vault):
    run = checked(vault, sheet_learners, sample(ROSTER))
    found = went(run)
    assert {line: state for line, (state, _) in found.items() if state != "new"} == {
        line: state for line, (state, _) in ODD_PEOPLE.items()
    }
    for line, (_, reason) in ODD_PEOPLE.items():
        assert reason in found[line][1]
    assert sheet_learners.found(run).counts() == {
        "rows": 440, "blank": 0, "imported": 438, "changed": 0, "already_there": 0, "problems": 2, "warnings": 0,
    }  # fmt: skip


def test_every_line_of_the_export_is_accounted_for(vault):
    taken(vault, sheet_learners, sample(ROSTER))
    run = checked(vault, sheet_completions, sample(EXPORT))
    found = went(run)
    expected = ODD_COMPLETIONS | dict.fromkeys(TO_CONFIRM, ("to confirm", "lacks its first digit"))
    status = sample(EXPORT).columns.index("Status")
    for row in run.rows:
        line, (state, reasons) = row.line.number, found[row.line.number]
        if line in expected:
            assert state == expected[line][0], line
            assert expected[line][1] in reasons, line
        elif row.line.cells[status] in ("In progress", "Failed"):
            assert state == "not a completion", line
        else:
            assert state == "new", (line, reasons)
            assert not reasons or reasons.startswith("The surname differs"), reasons
    assert Counter(state for state, _ in found.values()) == {
        "new": 1217, "not a completion": 157, "to confirm": 50, "problem": 7, "already there": 2, "blank": 1,
    }  # fmt: skip


def test_the_counts_of_the_export_are_those_of_the_contract_and_add_up(vault):
    taken(vault, sheet_learners, sample(ROSTER))
    counts = taken(vault, sheet_completions, sample(EXPORT)).counts()
    assert counts == {
        "rows": 1434, "blank": 1, "imported": 1217, "already_there": 2, "not_completions": 157, "to_confirm": 50,
        "problems": 7, "warnings": 53,
    }  # fmt: skip
    assert counts["rows"] == sum(counts.values()) - counts["rows"] - counts["warnings"]


def test_importing_both_files_again_changes_nothing(trained):
    before = dump(trained)
    people = taken(trained, sheet_learners, sample(ROSTER))
    courses = taken(trained, sheet_completions, sample(EXPORT))
    assert (people.imported, people.changed, people.already_there, people.problems) == (0, 0, 438, 2)
    assert (courses.imported, courses.already_there, courses.to_confirm, courses.problems) == (0, 1219, 50, 7)
    assert people.batch_id is courses.batch_id is None
    assert dump(trained) == before


def test_after_undoing_both_the_same_files_come_in_as_if_new(trained):
    with trained.changing() as session:
        done = records_imports.undo(session, 2, now=NOW)
        assert (done.withdrawn, done.kept) == (1217, ())
        assert records_completions.waiting_count(session) == 0
        done = records_imports.undo(session, 1, now=NOW)
        assert (done.withdrawn, done.kept) == (438, ())
    assert taken(trained, sheet_learners, sample(ROSTER)).imported == 438
    assert taken(trained, sheet_completions, sample(EXPORT)).counts()["imported"] == 1217


def test_the_problem_rows_can_be_mended_in_their_own_file(trained, tmp_path):
    run = checked(trained, sheet_completions, sample(EXPORT))
    assert write_problems(tmp_path / "problems.csv", run, marking="OFFICIAL-SENSITIVE") == 7
    assert "There is no 31 April" in (tmp_path / "problems.csv").read_text("utf-8-sig")


def test_a_suggestion_names_the_person_whose_number_lost_its_digit(trained):
    with trained.reading() as session:
        first = records_completions.waiting(session)[0]
    assert (first.line, first.number, first.name, first.course) == (5, "749620", "Thorne, Jules", "Module 1")
    assert [name for _, name in first.suggestions] == ["Thorne, Jules (3749620)"]


def dump(vault):
    """Every row of the tables of training and the length of the log."""
    tables = ("learner", "learner_stint", "completion", "completion_match", "training_import", "activity")
    with vault.reading() as session:
        connection = session.connection()
        return {name: connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1").all() for name in tables}
