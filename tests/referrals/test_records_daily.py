"""The day's list on paper: each case once, officers and teams, nobody a case is about."""

from datetime import timedelta

import pytest
from pypdfium2 import PdfDocument
from python_calamine import CalamineWorkbook

from oicdesk import desk as desks_papers
from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_cover, records_daily, records_exemptions, records_people
from oicdesk.referrals.records_daily import daily
from oicdesk.referrals.report_chaser import daily_blocks
from oicdesk.reports.blocks import Heading, Paragraph
from oicdesk.vault.vault import APPROVER
from tests import desks
from tests.desks import APPROVERS, CONTACT, NOW, hours

desk, vault = desks.desk, desks.vault


@pytest.fixture
def day(desk):
    """One case of each part but the exemption's."""
    overdue = desk.add()
    desk.add(contact_at=NOW - hours(23), officer_name="Ada Reed", now=NOW - hours(1))
    returned = desk.add()
    document = desk.submit(returned, CONTACT + hours(1))
    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + hours(2))
    desk.accepted(desk.add(), CONTACT + hours(1))
    desk.add(reason="status_enquiry", force="Norfolk")
    desk.do(records_people.add_person, overdue, {"label": "Zebedee", "categories": {"suspect"}}, now=NOW)
    desk.do(records.add_note, overdue, "Zebedee was seen", "fact", now=NOW)
    return desk


def parts(desk, at=NOW, force="Joint"):
    return {part.title: [row.reference for row in part.lines] for part in desk.ask(daily, at, force).parts}


def test_each_case_stands_in_the_first_part_that_it_belongs_to(day):
    assert parts(day) == {
        "Overdue": ["OIC-2026-0001"], "Due today": ["OIC-2026-0002"], "Returned for correction": ["OIC-2026-0003"],
        "Accepted, to close": ["OIC-2026-0004"], "Scope queries": ["OIC-2026-0005"], "Waiting for approval": [],
    }  # fmt: skip
    assert parts(day, force="Norfolk")["Overdue"] == [] and parts(day, force="Norfolk")["Scope queries"]
    day.do(records_exemptions.ask, 1, "other_force", "Essex.", now=NOW)
    assert (parts(day)["Overdue"], parts(day)["Waiting for approval"]) == (["OIC-2026-0001"], [])


def test_a_part_that_is_too_long_says_how_many_more_there_are(day, monkeypatch):
    monkeypatch.setattr(records_daily, "MOST", 1)
    day.add(contact_at=CONTACT + hours(1))
    told = day.ask(daily, NOW, "Joint")
    first = told.parts[0]
    assert (first.title, len(first.lines), first.left_out) == ("Overdue", 1, 1)
    said = [block.text for block in daily_blocks(told) if isinstance(block, Heading | Paragraph)]
    assert said[0].endswith("6 cases to look at.") and said[1] == "Overdue (2)"
    assert said[2] == "1 more is not printed; the queue lists it."


def test_the_list_tells_the_present_only(day):
    with pytest.raises(Refused, match="how the desk stands now"):
        parts(day, at=NOW - timedelta(days=3))


def test_the_paper_is_marked_logged_and_names_nobody_a_case_is_about(day, tmp_path):
    day.vault.add_user("Alex Fenn", APPROVER, APPROVERS)
    today = NOW.date()
    day.do(records_cover.cover, "Alex Fenn", "Sam Ashby", today, today, now=NOW)
    file = tmp_path / "list.pdf"
    desks_papers.save_report(
        day.vault, "daily-list", file, as_at=NOW, force="Joint", recipient="Sam", purpose="morning round"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    with PdfDocument(file) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    for words in ("OFFICIAL-SENSITIVE", "OIC-2026-0001", "Ada Reed", "Ipswich Response", "Chase", "Alex Fenn covers"):
        assert words in text
    assert "Zebedee" not in text
    entry = day.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == ("disclosure", "Sam", "morning round")


@pytest.mark.parametrize("suffix", ["docx", "xlsx"])
def test_the_list_comes_as_its_twins_too(day, tmp_path, suffix):
    file = tmp_path / f"list.{suffix}"
    desks_papers.save_report(day.vault, "daily-list", file, as_at=NOW, force="Joint")
    assert file.stat().st_size > 1000
    if suffix == "xlsx":
        rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("Daily list").to_python()
        assert [row[:2] for row in rows if str(row[1]).startswith("OIC-")] == [
            ["Overdue", "OIC-2026-0001"], ["Due today", "OIC-2026-0002"],
            ["Returned for correction", "OIC-2026-0003"], ["Accepted, to close", "OIC-2026-0004"],
            ["Scope queries", "OIC-2026-0005"],
        ]  # fmt: skip


def test_an_empty_day_says_so(desk):
    assert set(map(tuple, parts(desk).values())) == {()}
    assert desks_papers.preview_report(desk.vault, "daily-list", as_at=NOW, force="Joint").startswith(b"%PDF")
