"""Communications in the papers: what stands there, what a panel paper hides, what no paper says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from oicdesk.audits.rules_suppress import HIDDEN, suppress
from oicdesk.comms import records_effect, report
from oicdesk.reports.blocks import Bullets, Figure, Heading, Paragraph, Report, Table, printed_rows
from tests.comms import makers
from tests.comms.makers import NOW

room = makers.room
ON = date(2026, 9, 14)


def fill(room):
    room.published(ON, force="Suffolk", title="Autumn briefing")
    room.contacts(3, 14, ON - timedelta(days=42), 40)
    room.contacts(13, 14, ON + timedelta(days=1), 40)
    room.contacts(1, 3, ON + timedelta(days=1), 3, force="Norfolk", team="Norwich Response")
    room.contacts(2, 4, date(2026, 11, 17), 4)  # after the window of the effect, within that of the teams
    room.planned(planned_on=date(2026, 12, 1), title="Reminder")


@pytest.fixture
def filled(room):
    room.once(fill)
    return room


def words(blocks) -> str:
    """Everything that a paper prints of these blocks."""
    found = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            found.append(block.text)
        elif isinstance(block, Bullets):
            found += block.items
        elif isinstance(block, Table):
            found += [*block.header, block.caption, *(cell for row in printed_rows(block) for cell in row)]
        elif isinstance(block, Figure):
            found.append(block.alt)
    return "\n".join(found)


def test_the_internal_part_says_what_was_published_what_followed_and_whom_to_talk_to(filled):
    position = filled.ask(records_effect.position, NOW, "Suffolk")
    told = words(report.comms_blocks(position))
    assert "Autumn briefing: Clear rise. Documented on time: 3 of 14 (21.4%) in the 9 weeks before" in told
    assert "Talk with Ipswich Response about completing and submitting the document" in told
    assert "Rate of a team =" in told and "Context only" in told
    assert "Norwich" not in told
    assert sum(isinstance(block, Figure) for block in report.comms_blocks(position)) == 1


def test_an_empty_desk_has_a_part_that_says_so(room):
    told = words(report.comms_blocks(room.ask(records_effect.position, NOW, "Joint")))
    assert "Nothing is published yet." in told and "No contact has fallen due yet." in told
    assert "Nothing was published and nothing is planned." in words(
        report.brief_blocks(room.ask(records_effect.position, NOW, "Joint"))
    )


def test_no_paper_has_an_arrow_or_urges_more_contacts(filled):
    position = filled.ask(records_effect.position, NOW, "Joint")
    tables = suppress(filled.ask(records_effect.panel_tables, NOW))
    for blocks in (report.comms_blocks(position), report.brief_blocks(position), report.panel_blocks(position, tables)):
        told = words(blocks)
        assert not set(told) & set("▲▼↑↓↗↘")
        assert "referr" not in told.casefold() and "forecast" not in told.casefold()


def test_the_weekly_brief_holds_no_count_of_contacts_and_no_team_without_a_talk(filled):
    told = words(report.brief_blocks(filled.ask(records_effect.position, NOW, "Suffolk")))
    assert "Coming: Reminder on 1 December 2026, planned." in told
    assert "Autumn briefing: clear rise." in told
    assert " of 14" not in told and "%" not in told


def test_the_panel_part_hides_small_numbers_over_all_papers_of_the_as_at(filled):
    tables = suppress(filled.ask(records_effect.panel_tables, NOW))
    for force in ("Suffolk", "Norfolk", "Joint"):
        blocks = report.panel_blocks(filled.ask(records_effect.position, NOW, force), tables)
        numbers = [cell for block in blocks if isinstance(block, Table) for row in block.rows for cell in row]
        assert not [n for n in numbers if isinstance(n, int) and 0 < n < 5], force
    norfolk = words(report.panel_blocks(filled.ask(records_effect.position, NOW, "Norfolk"), tables))
    assert HIDDEN in norfolk and "at most 5" in norfolk and "“at least” stand for a small number" in norfolk
    assert "Ipswich" not in norfolk and "Autumn" not in norfolk


def test_a_panel_paper_says_of_inseparable_items_that_they_go_together(filled):
    filled.published(ON + timedelta(days=7), force="Suffolk", title="Second")
    position = filled.ask(records_effect.position, NOW, "Suffolk")
    told = words(report.panel_blocks(position, suppress(filled.ask(records_effect.panel_tables, NOW))))
    assert "clear rise, together with others" in told


def test_the_part_prints_as_pdf_docx_and_xlsx(filled, tmp_path):
    from oicdesk.reports.write import write

    position = filled.ask(records_effect.position, NOW, "Joint")
    paper = Report(
        "communications", "Communications", "OFFICIAL", NOW, blocks=report.comms_blocks(position),
        sheets=report.comms_sheets(position),
    )  # fmt: skip
    for suffix in ("pdf", "docx", "xlsx"):
        path = tmp_path / f"paper.{suffix}"
        write(paper, path)
        assert path.stat().st_size > 3000
    again = replace(paper, blocks=report.comms_blocks(filled.ask(records_effect.position, NOW, "Joint")))
    write(again, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == (tmp_path / "paper.pdf").read_bytes()


def test_the_sheets_hold_what_the_part_prints(filled):
    sheets = {sheet.name: sheet for sheet in report.comms_sheets(filled.ask(records_effect.position, NOW, "Joint"))}
    assert list(sheets) == ["Communications", "Effects", "Weeks", "Teams"]
    for sheet in sheets.values():
        assert all(len(row) == len(sheet.header) for row in sheet.rows), sheet.name
    assert len(sheets["Communications"].rows) == 2 and len(sheets["Weeks"].rows) == 26
