"""Every kind of import against hostile files: each ends in a sentence, and the vault's bytes stay as they were."""

import hashlib
from dataclasses import replace

import pytest

from oicdesk.documents.sheet import take_over
from oicdesk.documents.sheet_list import ReportsImport
from oicdesk.errors import Refused
from oicdesk.referrals.sheet_contacts import OutsideListImport
from oicdesk.referrals.sheet_import import ContactsImport
from oicdesk.settings.records import change_settings
from oicdesk.sheets.dry_run import PROBLEM, DryRun, write_problems
from oicdesk.sheets.mapping import propose, texts_of, unsettled, unsettled_sentence
from oicdesk.sheets.read import read
from oicdesk.training.sheet_import import CompletionsImport, RosterImport
from tests import desks
from tests.desks import NOW
from tests.sheets.makers import bare_workbook, csv_file, inline, text_file

desk, vault = desks.desk, desks.vault

# Of each kind: how it is made, a header, a row that is good, and the place of a cell that a row cannot do without.
KINDS = {
    "referrals": (
        lambda vault, now: ContactsImport(vault, now, take_over),
        ["Contact date and time", "Force", "Contact reason", "Reporting officer", "Collar", "Incident number"],
        ["16/11/2026 09:30", "Suffolk", "Person in custody", "MARSH, Jo", "PC 7191", "SC-1"],
        0,
    ),
    "contacts": (
        OutsideListImport,
        ["NCCU reference", "Received", "Force", "Officer", "Category", "Nominals"],
        ["NCCU1", "16/11/2026 09:30", "Suffolk", "PC 7191", "Person in custody", "1"],
        1,
    ),
    "documents": (
        ReportsImport,
        ["Report reference", "Author", "Collar", "Force", "Created", "Submitted", "NCCU or incident reference",
         "Grading"],
        ["NS/1", "MARSH, Jo", "PC 7191", "Suffolk", "16/11/2026", "16/11/2026 12:00", "SC-1", "1 A P"],
        4,
    ),
    "learners": (
        RosterImport,
        ["Staff No", "Collar", "Surname", "Forename", "Force", "Team", "Rank", "Role Group", "Start", "Leave",
         "Absence"],
        ["3757375", "PC 8538", "Barley", "Lee", "Suffolk", "Ipswich", "PC", "Frontline", "08/03/2022", "", ""],
        4,
    ),
    "completions": (
        CompletionsImport,
        ["Employee ID", "Name", "Course title", "Completion date", "Status"],
        ["3757375", "Barley, Lee", "OIC e-learning Module 1", "20/03/2026", "Completed"],
        3,
    ),
}  # fmt: skip
_FORMULA = '=HYPERLINK("http://example.invalid","x")'
_OVERRIDE = "\u202e6202/11/61\u202c"


def _cell(kind, text):
    """The good row with this in the cell that it cannot do without."""
    _make, header, row, place = KINDS[kind]
    return header, [text if n == place else cell for n, cell in enumerate(row)]


def _huge_cell(kind, folder):
    header, row = _cell(kind, "x" * 10_000_000)
    return csv_file(folder, [header, row])


def _many_columns(kind, folder):
    header, row = KINDS[kind][1:3]
    more = [f"Column {n}" for n in range(5_000)]
    return csv_file(folder, [[*header, *more], [*row, *more]])


def _bomb(kind, folder):
    header, row = KINDS[kind][1:3]
    rows = f"<row>{inline(*header)}</row><row>{inline(*row)}</row>"
    return bare_workbook(folder, rows, padding=210_000_000)


def _too_many_rows(kind, folder):
    header, row = KINDS[kind][1:3]
    return csv_file(folder, [header, *([row] * 40)])


def _formulas(kind, folder):
    return csv_file(folder, list(_cell(kind, _FORMULA)))


def _nul_bytes(kind, folder):
    header, row = _cell(kind, "\x00" * 20)
    return text_file(folder, "\n".join(",".join(f'"{cell}"' for cell in line) for line in (header, row)) + "\n")


def _overrides(kind, folder):
    return csv_file(folder, list(_cell(kind, _OVERRIDE)))


FILES = {
    "a cell of 10 MB": (_huge_cell, "a cell of more than"),
    "5,000 columns": (_many_columns, "more than 500 columns"),
    "a zip bomb": (_bomb, "would unpack to more than"),
    "more rows than the limit": (_too_many_rows, "more than 30 rows"),
    "a formula": (_formulas, ""),
    "NUL bytes": (_nul_bytes, ""),
    "right-to-left overrides": (_overrides, ""),
}


def importer(kind, vault):
    return KINDS[kind][0](vault, lambda: NOW)


def bytes_of(vault):
    """A hash over the database as it lies on the disk, with what has not been folded in yet."""
    total = hashlib.sha256()
    for name in ("desk.db", "desk.db-wal"):
        path = vault.path / name
        total.update(path.read_bytes() if path.exists() else b"")
    return total.hexdigest()


def take(kind, vault, path):
    """The way of the import window, all rows or none; answers with the run."""
    doing = importer(kind, vault)
    sheet = read(path, limits=doing.limits)
    mapping = propose(sheet, doing.targets, None)
    mapping.unsettled = unsettled(mapping, doing.targets)
    if mapping.unsettled:
        raise Refused(unsettled_sentence(mapping, doing.targets, "choose it"))
    run = doing.prepare(sheet, mapping, lambda *_: None)
    doing.write(run, all_or_nothing=True, apply_updates=False, progress=lambda *_: None)
    return run


def take_valid(kind, vault, path):
    """The dry run of the import window, without writing."""
    doing = importer(kind, vault)
    sheet = read(path, limits=doing.limits)
    return doing.prepare(sheet, propose(sheet, doing.targets, None), lambda *_: None)


@pytest.fixture
def limited(desk):
    desk.do(change_settings, {"import_max_rows": 30}, at=NOW)
    return desk.vault


@pytest.fixture
def on_roster(limited, tmp_path):
    """The person whose completion comes is on the roster."""
    folder = tmp_path / "roster"
    folder.mkdir()
    take("learners", limited, csv_file(folder, list(KINDS["learners"][1:3])))


@pytest.mark.parametrize("kind", KINDS)
def test_the_good_row_is_taken_so_that_only_the_hostile_part_is_what_fails(limited, tmp_path, kind, request):
    if kind == "completions":
        request.getfixturevalue("on_roster")
    before = bytes_of(limited)
    run = take(kind, limited, csv_file(tmp_path, [KINDS[kind][1], KINDS[kind][2]]))
    assert run.problems == []
    assert bytes_of(limited) != before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hostile", FILES)
def test_a_hostile_file_ends_in_a_sentence_and_an_unchanged_vault(limited, tmp_path, kind, hostile):
    make, words = FILES[hostile]
    path, before = make(kind, tmp_path), bytes_of(limited)
    with pytest.raises(Refused) as caught:
        take(kind, limited, path)
    sentence = str(caught.value)
    assert words in sentence
    assert sentence.endswith(".") and "\u202e" not in sentence and "\x00" not in sentence
    assert bytes_of(limited) == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_with_such_a_cell_has_its_reason_and_leaves_as_text_that_no_program_runs(limited, tmp_path, kind):
    doing = importer(kind, limited)
    for text in (_FORMULA, "\x00", _OVERRIDE, "\x1b[31m", "\ufeff"):
        sheet = read(csv_file(tmp_path, list(_cell(kind, text))), limits=doing.limits)
        mapping = propose(sheet, doing.targets, None)
        if unsettled(mapping, doing.targets):
            continue  # the words cannot be matched, so nothing is read: refused before any row
        run = doing.prepare(sheet, mapping, lambda *_: None)
        (line,) = run.rows
        assert line.reasons.strip().endswith(".") and (line in run.problems or "removed" in line.reasons), ascii(text)
        out = tmp_path / "problems.csv"
        write_problems(out, DryRun(run.sheet, run.mapping, [replace(line, state=PROBLEM)]), marking="OFFICIAL")
        cells = [cell for one in out.read_text("utf-8-sig").splitlines() for cell in one.split(",")]
        assert not any(cell.strip('"').startswith(("=", "+", "-", "@")) for cell in cells)
        assert not set("\x00\u202e\u202c\x1b") & set("".join(cells))


@pytest.mark.parametrize("kind", KINDS)
def test_marks_that_turn_or_hide_text_never_reach_the_vault_and_the_row_says_so(limited, tmp_path, kind, request):
    if kind == "completions":
        request.getfixturevalue("on_roster")
    _make, header, row, place = KINDS[kind]
    marked = [cell if n == place or not cell else f"\u202e{cell}\u202c\u200b\x07" for n, cell in enumerate(row)]
    run = take(kind, limited, csv_file(tmp_path, [header, marked]))
    assert run.problems == []
    assert not any(
        mark in str(line.line.cells) for line in run.rows for mark in ("\\u202e", "\u202e", "\x07", "\u200b")
    )
    assert all("Invisible control characters were removed from this row." in line.warnings for line in run.rows)
    assert run.rows


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_or_number_as_long_as_a_book_is_a_problem_of_its_row(limited, tmp_path, kind):
    """Long cells within the limit of a cell cost time wherever texts are looked up or compared."""
    _make, header, row, _place = KINDS[kind]
    place = {"referrals": 4, "contacts": 3, "documents": 2, "learners": 2, "completions": 0}[kind]
    long = [f"PC {'7' * 200_000}" if n == place else cell for n, cell in enumerate(row)]
    run = take_valid(kind, limited, csv_file(tmp_path, [header, long]))
    (line,) = run.problems
    assert "has more than 1,000 characters; shorten it." in line.reasons


def test_a_long_text_is_cut_before_it_is_looked_up_as_a_choice(limited, tmp_path):
    header, row = KINDS["contacts"][1:3]
    sheet = csv_file(tmp_path, [header, row, [*row[:2], "word " * 40_000, *row[3:]]])
    sheet = read(sheet, limits=importer("contacts", limited).limits)
    assert [len(text) for text in texts_of(sheet, "Force")] == [7, 401]
