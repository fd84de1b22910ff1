"""The training position on paper: every figure in it is one of the desk's, for a force and for both."""

from datetime import date

import pytest

from oicdesk.reports.blocks import Bullets, Facts, Heading, Paragraph, Table, printed_rows
from oicdesk.reports.docx import write_docx
from oicdesk.reports.pdf import write_pdf
from oicdesk.reports.xlsx import write_xlsx
from oicdesk.training import records_figures, sheet_completions, sheet_learners
from oicdesk.training.report import Terms, training_report
from tests import desks
from tests.training.makers import NOW, TODAY, sample, taken

desk, vault = desks.desk, desks.vault
HEAD = "7:" + "a" * 64


@pytest.fixture
def trained(desk, vault):
    taken(vault, sheet_learners, sample("roster.csv"))
    taken(vault, sheet_completions, sample("learning-system-export.csv"))
    return desk


def report(desk, force="Joint", day=TODAY):
    terms = Terms(NOW, force, "OFFICIAL-SENSITIVE", "Sam Ashby", "1", "DI", HEAD)
    return training_report(desk.ask(records_figures.position, day, force), terms)


def words(made):
    """Everything the report says, table cells included."""
    said = []
    for block in made.blocks:
        if isinstance(block, Heading | Paragraph):
            said.append(block.text)
        elif isinstance(block, Bullets):
            said += block.items
        elif isinstance(block, Facts):
            said += [f"{label}: {value}" for label, value in block.pairs]
        elif isinstance(block, Table):
            said += ["|".join(row) for row in printed_rows(block)]
    return said


def test_the_report_says_the_figures_of_the_desk(trained):
    said = words(report(trained))
    found = trained.ask(records_figures.figures, TODAY)
    module, together = found.courses["module_1"], found.all_modules
    assert f"Module 1|{module.in_scope}|{module.completed}|{module.percent}%|{len(module.missing)}|0" in said
    assert any(f"not met. {together.completed} of {together.in_scope} people in scope" in one for one in said)
    assert any("evidence pending. Nobody is in scope of Hydra: say who is relevant." in one for one in said)
    assert "Nobody is relevant for Hydra yet, so it has no figure." in said


def test_the_joint_report_shows_both_forces_and_that_of_a_force_only_its_own(trained):
    joint, suffolk = words(report(trained)), words(report(trained, "Suffolk"))
    assert "By force" in joint and "By force" not in suffolk
    assert not any("Norwich Response" in one for one in suffolk)


def test_nobody_is_named_in_the_blocks_but_where_the_record_check_must(trained):
    made = report(trained)
    start = next(
        i for i, block in enumerate(made.blocks) if isinstance(block, Heading) and block.text == "Record check"
    )
    body = "\n".join(words(training_report_part(made, start)))
    assert not any(person.name in body for person in trained.ask(records_figures.snapshot, TODAY).people)
    missing = next(sheet for sheet in made.sheets if sheet.name == "Missing")
    position = trained.ask(records_figures.position, TODAY)
    assert len(missing.rows) == len(position.missing) > 100


def training_report_part(made, end):
    from dataclasses import replace

    return replace(made, blocks=made.blocks[:end])


def test_the_same_day_gives_the_same_paper_in_every_format(trained, tmp_path):
    for name, write in (("a.pdf", write_pdf), ("a.docx", write_docx), ("a.xlsx", write_xlsx)):
        write(report(trained), tmp_path / name)
        first = (tmp_path / name).read_bytes()
        write(report(trained), tmp_path / name)
        assert (tmp_path / name).read_bytes() == first


def test_a_desk_without_people_still_makes_a_report(desk):
    said = words(report(desk))
    assert "No roster had been imported by 23 November 2026." in said


def test_an_earlier_day_is_reported_as_it_was(trained):
    said = words(report(trained, day=date(2026, 4, 30)))
    assert any(one.startswith("Recommendation 9: Due by 30 April 2026.") for one in said)
