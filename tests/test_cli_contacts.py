"""`oicdesk import contacts`: counts that add up, repeats that change nothing, and no pair that is false."""

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from oicdesk.referrals import records
from oicdesk.referrals.records_outside import contacts
from oicdesk.settings.rules import LONDON
from oicdesk.vault.vault import Vault
from tests import command
from tests.desks import PASSPHRASE, Desk

box, busy = command.box, command.busy

HEADER = "NCCU reference,Received,Force,Officer,Category,Nominals"
SAMPLES = Path(__file__).parents[1].parent / "shared" / "samples"


def outside(box, *lines, name="nccu.csv"):
    return box.file(name, "\n".join((HEADER, *lines)) + "\n")


def numbers(answer):
    return {name: value for name, value in answer.json.items() if isinstance(value, int)}


MIXED = (
    ",16/11/2026 09:41,Suffolk Constabulary,PC7191,Person in custody,2",
    "NCCU/9,17/11/2026 10:15,Norfolk,PC 99,Something else,1",
    ",31/02/2026 10:15,Norfolk,PC 12,Status check,1",
    ",,,,,",
)


def test_the_counts_add_up_and_problem_rows_end_with_1(busy):
    answer = busy.run("import", "contacts", outside(busy, *MIXED), "--json")
    assert (answer.code, answer.err) == (1, "")
    assert numbers(answer) == {
        "rows": 4, "blank": 1, "matched": 1, "only_theirs": 1, "doubtful": 0, "problems": 1, "only_ours": 1,
    }  # fmt: skip
    assert [row["line"] for row in answer.json["problem_rows"]] == [4]
    assert "Something else" in answer.json["warning_rows"][0]["warnings"][0]


def test_a_dry_run_writes_nothing_and_a_repeat_changes_nothing(busy):
    lines = outside(busy, *MIXED[:2])
    entries = len(busy.log())
    dry = busy.run("import", "contacts", lines, "--json", "--dry-run")
    assert (dry.code, len(busy.log())) == (0, entries)
    first = busy.run("import", "contacts", lines, "--json")
    entries = len(busy.log())
    again = busy.run("import", "contacts", lines, "--json")
    assert numbers(dry) == numbers(first) == numbers(again)
    assert len(busy.log()) == entries


def test_all_or_nothing_refuses_a_file_with_problems(busy):
    entries = len(busy.log())
    answer = busy.run("import", "contacts", outside(busy, *MIXED), "--all-or-nothing")
    assert (answer.code, len(busy.log())) == (1, entries)
    assert answer.sentence.startswith("1 of 4 rows have problems, so nothing was imported")


def test_a_file_without_one_good_row_leaves_the_vault_as_it_was(busy):
    before = (busy.vault / "desk.db").read_bytes()
    answer = busy.run("import", "contacts", outside(busy, MIXED[2], ',"=cmd|1",Suffolk,PC 1,,1'), "--json")
    assert (answer.code, answer.json["problems"]) == (1, 2)
    assert (busy.vault / "desk.db").read_bytes() == before


def test_a_file_without_a_column_for_the_force_is_refused_in_a_sentence(busy):
    answer = busy.run("import", "contacts", busy.file("x.csv", "Reference,Received\nN1,16/11/2026 09:41\n"))
    assert (answer.code, answer.sentence) == (1, answer.sentence)
    assert "Force" in answer.sentence


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("N1,16/11/2036 09:41,Suffolk,PC1,,1", "lies in the future"),
        ("N1,16/11/1926 09:41,Suffolk,PC1,,1", "lies before 2000"),
        ("N1,29/03/2026 01:30,Suffolk,PC1,,1", "01:30"),
        ("N1,,Suffolk,PC1,,1", "missing"),
        ("N1,16/11/2026 09:41,,PC1,,1", "missing"),
        ("N1,16/11/2026 09:41,Kent,PC1,,1", "not known"),
    ],
)
def test_a_row_that_cannot_be_compared_is_a_problem_with_its_reason(busy, line, said):
    answer = busy.run("import", "contacts", outside(busy, line, MIXED[0]), "--json")
    (row,) = answer.json["problem_rows"]
    assert (row["line"], answer.code) == (2, 1)
    assert said in " ".join(row["reasons"])


def test_figures_say_what_the_denominator_was_reconciled_with(busy):
    assert busy.run("figures", "--json").json["denominator"] == "self-declared"
    busy.run("import", "contacts", outside(busy, *MIXED[:2]))
    found = busy.run("figures", "--json").json
    assert re.fullmatch(r"reconciled with nccu\.csv on \w{3} \d{1,2} \w{3} \d{4}", found["denominator"])
    assert found["reconciliation"]["both"] == 1


# --- the samples ---

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples lie beside a developer's checkout")


def bare(text):
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def extract():
    """Incident number → (reference, wall time, force, collar), read without any part of the program."""
    found = {}
    with (SAMPLES / "control-room-extract.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            style = "%d/%m/%Y %H%M" if "/" in row["Date"] else "%Y-%m-%d %H%M"
            try:
                wall = datetime.strptime(
                    f"{row['Date'].strip()} {row['Time'].strip().replace(':', '')}", style
                ).replace(tzinfo=LONDON)
            except ValueError:
                continue
            found[row["Incident No"].strip()] = bare(row["NCCU Ref"]), wall, row["Force"].strip(), bare(row["Collar"])
    return found


def nccu_list():
    """Line → (reference, wall time, force, collar)."""
    sheet = CalamineWorkbook.from_path(str(SAMPLES / "nccu-contact-list.xlsx")).get_sheet_by_index(0).to_python()
    rows = enumerate(sheet[3:], 4)
    return {
        line: (bare(ref), wall.replace(tzinfo=LONDON), force.split()[0], bare(officer))
        for line, (ref, wall, force, officer, *_) in rows
    }


@needs_samples
def test_of_the_samples_203_match_27_are_only_theirs_59_only_ours_and_no_pair_is_false(box):
    assert box.run("import", "referrals", SAMPLES / "control-room-extract.csv").code == 1  # its planted rows
    answer = box.run("import", "contacts", SAMPLES / "nccu-contact-list.xlsx", "--json")
    assert answer.code == 0
    assert numbers(answer) == {
        "rows": 230, "blank": 0, "matched": 203, "only_theirs": 27, "doubtful": 0, "problems": 0, "only_ours": 59,
    }  # fmt: skip
    theirs, ours, pairs = nccu_list(), extract(), 0
    with Vault.open(box.vault, PASSPHRASE) as vault:
        desk = Desk(vault)
        for one in desk.ask(contacts, 1):
            if one.referral_id is None:
                continue
            pairs += 1
            their, our = theirs[one.line], ours[_incident(desk, one.referral_id)]
            assert their[0] == our[0]  # the same reference, or none on both
            assert their[2:] == our[2:]
            assert abs(their[1] - our[1]) <= timedelta(minutes=30)
    assert pairs == 203


def _incident(desk, case):
    return desk.ask(lambda session: records.get(session, case).incident_ref)


@needs_samples
def test_the_samples_again_change_nothing(box):
    box.run("import", "referrals", SAMPLES / "control-room-extract.csv")
    first = box.run("import", "contacts", SAMPLES / "nccu-contact-list.xlsx", "--json")
    entries = len(box.log())
    again = box.run("import", "contacts", SAMPLES / "nccu-contact-list.xlsx", "--json")
    assert (numbers(again), len(box.log())) == (numbers(first), entries)
