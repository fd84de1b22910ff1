"""A hostile list of reports ends in a sentence and an unchanged vault."""

import pytest

from tests import command

box = command.box
HEADER = "Report reference,Author,Collar,Force,Submitted,NCCU or incident reference"
LINE = 'IR/1,"MARSH, Jo",PC7191,Suffolk,16/11/2026 14:05,SC-1'


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n{LINE.replace('IR/1', 'x' * 2_000_000)}\n",
        f"{HEADER},{','.join(f'c{n}' for n in range(5000))}\n{LINE}\n",
        "",
    ],
    ids=["a cell too large", "too many columns", "nothing"],
)
def test_a_file_beyond_the_limits_is_refused_and_nothing_is_written(box, text):
    entries = len(box.log())
    answer = box.run("import", "documents", box.file("reports.csv", text))
    assert answer.code == 1
    assert answer.sentence
    assert len(box.log()) == entries


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "IR/\u202e1", "IR/\x001", "IR/1\n2"])
def test_a_strange_cell_is_text_or_a_problem_and_breaks_nothing(box, cell):
    quoted = '"' + cell.replace('"', '""') + '"'
    answer = box.run("import", "documents", box.file("r.csv", f"{HEADER}\n{LINE.replace('IR/1', quoted)}\n"), "--json")
    assert answer.code in (0, 1)
    if answer.out:
        told = answer.json
        assert told["rows"] == told["blank"] + told["matched"] + told["doubtful"] + told["unmatched"] + told["problems"]
