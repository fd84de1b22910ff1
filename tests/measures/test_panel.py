"""Trained beside documented on time as it stands among the figures of the Training page."""

import pytest

from oicdesk.machine import Machine
from oicdesk.measures.panel import SideBySidePanel
from oicdesk.training.page import FIGURES, TrainingPage
from tests.comms.makers import NOW, room
from tests.measures.test_records import filled
from tests.ui.accessibility import problems

__all__ = ["filled", "room"]


@pytest.fixture
def page(filled, qtbot, tmp_path):
    page = TrainingPage(filled.vault, now=lambda: NOW, machine=Machine(tmp_path / "m.json"), parts=[SideBySidePanel])
    qtbot.addWidget(page)
    page.resize(1104, 640)
    page.refresh()
    page.parts.choose(FIGURES)
    page.show()
    qtbot.waitExposed(page)
    return page


@pytest.fixture
def panel(page):
    return page.findChild(SideBySidePanel)


def cells(panel):
    model = panel.table.rows
    return [
        [model.index(line, column).data() for column in range(model.columnCount())] for line in range(model.rowCount())
    ]


def test_the_figures_show_both_shares_of_a_team_and_that_they_are_an_association(page, panel):
    assert cells(panel) == [["Ipswich Response", "Suffolk", "9 of 12", "75.0 %", "10 of 14", "71.4 %", ""]]
    assert panel.note.text().startswith("Association only:") and "1 team is not shown" in panel.note.text()
    assert panel.isVisibleTo(page)


def test_a_row_speaks_as_a_sentence(panel):
    assert problems(panel) == []
    assert panel.table.rows.sentence(0) == (
        "Team Ipswich Response, Force Suffolk, Trained 9 of 12, Share trained 75.0 %, On time 10 of 14,"
        " Share on time 71.4 %."
    )


def test_figures_make_no_order_of_teams(panel):
    titles = [column.title for column in panel.table.rows.columns if column.sort]
    assert titles == ["Team", "Force"]


def test_the_force_and_day_of_the_page_hold_for_it(page, panel):
    page.scope_changed("Norfolk")
    page.refresh()
    assert cells(panel) == []
    page.scope_changed("Joint")
    page.refresh()
    page.show_day(NOW.date().replace(year=2025))
    assert cells(panel) == []


def test_a_new_document_makes_the_page_read_again(page):
    assert {"document", "referral"} <= page.tables and "learner" in page.tables


def test_the_page_opens_with_its_day_in_the_box(page):
    page.as_at.edit.setFocus()
    page.as_at.edit.setText("")
    page.refresh()
    assert page.as_at.edit.text() == "Mon 23 Nov 2026"
