"""The coverage audit: the same figures in its blocks, its sheets, its PDF and its twins."""

import re
from datetime import UTC, datetime

import docx
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from oicdesk.desk import REPORTS, preview_report, save_report
from oicdesk.documents.records import figures
from oicdesk.documents.rules import is_in_scope
from oicdesk.reports.blocks import Bullets, Facts, Figure, Heading, Paragraph, Table
from oicdesk.vault import log
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.documents import test_records

desk, vault, worked = desks.desk, desks.vault, test_records.worked

WHEN = datetime(2100, 1, 1, tzinfo=UTC)  # so that every entry of the log lies before it


def build(desk, as_at=NOW, force="Joint", recipient="DI"):
    return REPORTS["coverage"].build(desk.vault, as_at, force, recipient)


def table(report, heading):
    """The first table, or the first figure's table, under that heading."""
    under = False
    for block in report.blocks:
        if isinstance(block, Heading):
            under = block.text == heading
        elif under and isinstance(block, Table):
            return block
        elif under and isinstance(block, Figure):
            return block.table
    raise AssertionError(heading)


def pdf_text(content):
    with pypdfium2.PdfDocument(content) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


@pytest.mark.parametrize("force", ["Suffolk", "Norfolk", "Joint"])
def test_the_blocks_hold_the_figures_that_the_command_prints(desk, worked, force):
    report, found = build(desk, force=force), desk.ask(figures, as_at=NOW, force=force)
    coverage, timely = found["coverage"], found["on_time"]
    population = dict(table(report, "Population and exclusions").rows)
    assert population["In scope"] == coverage["in_scope"]
    assert population["Scope queries, not yet decided"] == coverage["scope_queries"]
    assert population["Duplicates, linked to a surviving case"] == coverage["duplicates"]
    assert population["Before the register was started"] == coverage["before_register"]
    exempt = {name.removeprefix("Exempt: "): n for name, n in population.items() if name.startswith("Exempt: ")}
    assert exempt == coverage["exempt"]
    assert population["All contacts recorded"] == sum(population.values()) - population["All contacts recorded"]
    last = table(report, "By force").rows[-1]
    numbers = (coverage["in_scope"], coverage["submitted"], f"{coverage['percent']:.1f}%")
    assert last == (force, *numbers, coverage["not_yet_due"], coverage["overdue"])
    facts = next(block for block in report.blocks[1:] if isinstance(block, Facts))
    told = dict(facts.pairs)
    assert told["Due time passed"] == timely["due"]
    assert told["First submitted by the due time"] == f"{timely['on_time']} ({timely['percent']:.1f}%)"


def test_groups_add_up_to_the_whole(desk, worked):
    report = build(desk)
    whole = table(report, "By force").rows[-1]
    for heading in ("By contact reason", "By month of contact"):
        rows = table(report, heading).rows
        assert [sum(row[i] for row in rows) for i in (1, 2, 4, 5)] == [whole[i] for i in (1, 2, 4, 5)], heading
    forces = table(report, "By force").rows[:-1]
    assert [row[0] for row in forces] == ["Suffolk", "Norfolk"]
    assert [sum(row[i] for row in forces) for i in (1, 2, 4, 5)] == [whole[i] for i in (1, 2, 4, 5)]


def test_the_list_of_cases_without_a_document_is_exactly_those(desk, worked):
    rows = table(build(desk), "Cases without a document").rows
    names = {desk.row(case).reference: name for name, case in worked.items()}
    assert [(names[row[0]], row[5]) for row in rows] == [
        ("rejected", "Overdue"), ("waiting late", "Overdue"), ("waiting", "Not yet due"), ("new", "Not yet due"),
    ]  # fmt: skip
    assert {row[1] for row in table(build(desk, force="Norfolk"), "Cases without a document").rows} == {"Norfolk"}


def test_no_officer_and_no_person_is_named(desk, worked):
    text = pdf_text(preview_report(desk.vault, "coverage", as_at=NOW, force="Joint"))
    assert "MARSH" not in text
    assert "7191" not in text


def test_the_report_of_an_empty_desk_says_so(desk):
    report = build(desk)
    headline = [block.text for block in report.blocks if isinstance(block, Paragraph)]
    assert "No contact is in scope, so there is nothing to document." in headline
    assert pdf_text(preview_report(desk.vault, "coverage", as_at=NOW, force="Joint"))


def test_the_report_says_what_the_issue_asks_of_it(desk, worked):
    text = pdf_text(preview_report(desk.vault, "coverage", as_at=NOW, force="Joint"))
    for words in (
        "OFFICIAL-SENSITIVE", "Suffolk and Norfolk", "Recommendation 2", "Aim", "Population", "ACRO route",
        "By contact reason", "By month", "Method", "Limits", "self-declared", "Sam Ashby", "Internal",
        "Page 1 of", "Mon 23 Nov 2026 12:00", "margin of error", "1 November 2026",
    ):  # fmt: skip
        assert words in text or words.lower() in text.lower(), words


def test_contacts_without_a_force_are_told_apart(desk, worked):
    bullets = [item for block in build(desk).blocks if isinstance(block, Bullets) for item in block.items]
    assert any(item.startswith("1 further contact") for item in bullets)


def test_the_printed_log_head_is_the_last_entry_at_or_before_the_as_at(desk, worked):
    now = datetime.now(UTC)
    printed = build(desk, as_at=now).log_head
    assert printed == str(desk.vault.log_head())
    desk.add()
    assert build(desk, as_at=now).log_head == printed
    assert build(desk, as_at=WHEN).log_head == str(desk.vault.log_head()) != printed
    assert build(desk, as_at=CONTACT).log_head == "empty"
    flat = re.sub(r"\s", "", pdf_text(preview_report(desk.vault, "coverage", as_at=now, force="Joint")))
    assert printed.split(":")[1] in flat


def test_the_same_report_is_the_same_bytes_in_every_form(desk, worked, tmp_path):
    now = datetime.now(UTC)
    for suffix in ("pdf", "docx", "xlsx"):
        made = [tmp_path / f"{number}.{suffix}" for number in (1, 2)]
        for file in made:
            save_report(desk.vault, "coverage", file, as_at=now, force="Joint", recipient="DI", purpose="Audit")
        assert made[0].read_bytes() == made[1].read_bytes(), suffix
        assert made[0].stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other.pdf"
    save_report(desk.vault, "coverage", other, as_at=now, force="Joint", recipient="Registrar", purpose="Audit")
    assert other.read_bytes() != (tmp_path / "1.pdf").read_bytes()


def test_saving_is_logged_as_a_disclosure_and_looking_as_a_consultation(desk, worked, tmp_path):
    save_report(desk.vault, "coverage", tmp_path / "a.pdf", as_at=NOW, force="Norfolk", recipient="DI", purpose="Audit")
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == (log.DISCLOSURE, "DI", "Audit")
    assert entry["detail"] == "report coverage, Norfolk, pdf"
    preview_report(desk.vault, "coverage", as_at=NOW, force="Joint")
    assert desk.log()[-1]["operation"] == log.CONSULTATION
    save_report(desk.vault, "coverage", tmp_path / "b.pdf", as_at=NOW, force="Joint")
    assert (desk.log()[-1]["recipient"], desk.log()[-1]["purpose"]) == ("Sam Ashby", "own use")


def test_the_twins_hold_the_same_figures(desk, worked, tmp_path):
    for suffix in ("docx", "xlsx"):
        save_report(desk.vault, "coverage", tmp_path / f"a.{suffix}", as_at=NOW, force="Joint")
    report = build(desk)
    word = docx.Document(str(tmp_path / "a.docx"))
    tables = [[[cell.text for cell in row.cells] for row in found.rows] for found in word.tables]
    by_force = table(report, "By force")
    expected = [list(by_force.header), *([str(cell) for cell in row] for row in by_force.rows)]
    assert expected in tables
    references = [row[0] for row in table(report, "Cases without a document").rows]
    assert any([row[0] for row in found[1:]] == references for found in tables)
    headings = [p.text for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [report.title, *(block.text for block in report.blocks if isinstance(block, Heading))]
    book = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx"))
    cells = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    joint = next(row for row in cells["By force"] if row and row[0] == "Joint")
    assert [int(joint[i]) for i in (1, 2, 4, 5)] == [by_force.rows[-1][i] for i in (1, 2, 4, 5)]
    assert joint[3] == 42.9
    listed = [row for row in cells["Cases"] if row and str(row[0]).startswith("OIC-")]
    assert len(listed) == 11  # all contacts but the one without a force
    for rows in cells.values():
        assert rows[0][0].startswith("OFFICIAL-SENSITIVE")


def test_the_sheet_of_cases_lists_the_whole_population(desk, worked):
    report = build(desk)
    (cases,) = (sheet for sheet in report.sheets if sheet.name == "Cases")
    assert len(cases.rows) == 11
    from oicdesk.documents.records import cases_as_at

    rows = [row for row in desk.ask(cases_as_at, NOW) if row.facts.force]
    assert sum(is_in_scope(row.facts) for row in rows) == 7
    first = {row[0]: row[6] for row in cases.rows}
    assert first[desk.row(worked["submitted late"]).reference] == CONTACT + hours(25)
    assert first[desk.row(worked["rejected"]).reference] is None


def test_an_earlier_as_at_shows_the_desk_of_then(desk, worked):
    report = build(desk, as_at=CONTACT + hours(5))
    rows = table(report, "By force").rows
    assert rows[-1][1:3] == (7, 1)  # duplicate and exempt were not so yet
    assert build(desk, as_at=CONTACT - days(60)).blocks
