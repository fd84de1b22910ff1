"""The one search through people and notes: shown only when asked, and logged before it is shown."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oicdesk.referrals import records, records_people, records_search
from oicdesk.referrals.page_search import SearchPage
from oicdesk.ui import theme
from tests import desks
from tests.desks import NOW
from tests.ui.accessibility import problems

desk, vault = desks.desk, desks.vault


@pytest.fixture
def page(desk, qtbot):
    made = SearchPage(desk.vault, now=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.first_focus().setFocus()
    return made


@pytest.fixture
def case(desk):
    """A case with a person and two notes that hold the same name, and one of another name."""
    first = desk.add()
    desk.do(records_people.add_person, first, {"label": "Zöe B.", "categories": {"suspect"}}, now=NOW)
    desk.do(records.add_note, first, "Rang about ZOE at the yard; she had left by then.", "fact", now=NOW)
    desk.do(records.add_note, first, "Nothing else was said.", "fact", now=NOW)
    return first


def look(qtbot, page, words):
    page.words.setText(words)  # keys of a test cannot type ö
    qtbot.keyClick(page.words, Qt.Key.Key_Return)


def rows(page):
    return [page.table.rows.row(place) for place in range(page.table.rows.rowCount())]


def test_the_page_says_that_it_logs_and_shows_nothing_while_words_are_typed(desk, case, page, qtbot):
    before = len(desk.log())
    assert "Every search here is logged" in page.says.text() and "never by nationality" in page.says.text()
    qtbot.keyClicks(page.words, "zoe")
    assert rows(page) == [] and len(desk.log()) == before


def test_what_is_shown_is_in_the_log_by_id_and_the_words_are_not(desk, case, page, qtbot):
    look(qtbot, page, "zöe")
    assert [(row.kind, row.reference, row.words) for row in rows(page)] == [
        ("person", "OIC-2026-0001", "Zöe B."),
        ("note", "OIC-2026-0001", "Rang about ZOE at the yard; she had left by then."),
    ]
    first, second = desk.log()[-2:]
    assert first["operation"] == second["operation"] == "consultation"
    assert first["records"] == {} and first["detail"] == "search of people and notes"
    assert second["records"] == {"referral": [case], "person": [1], "referral_note": [1]}
    assert "zoe" not in str([first, second]).lower() and "zöe" not in str([first, second]).lower()
    assert page.count.text() == "2 hits, newest case first."


def test_a_search_that_finds_nothing_is_logged_too(desk, case, page, qtbot):
    look(qtbot, page, "nobody at all")
    assert rows(page) == [] and desk.log()[-1]["detail"] == "search of people and notes"
    assert page.count.text() == ""


def test_every_word_has_to_stand_in_the_note(desk, case, page, qtbot):
    look(qtbot, page, "yard rang")
    assert [row.kind for row in rows(page)] == ["note"]
    look(qtbot, page, "yard nothing")
    assert rows(page) == []


@pytest.mark.parametrize("trait", ["suspect", "AF", "Afghanistan", "child"])
def test_nobody_is_found_by_a_trait(desk, case, page, qtbot, trait):
    look(qtbot, page, trait)
    assert rows(page) == []


@pytest.mark.parametrize("words", ["", " ", "z"])
def test_too_little_to_look_for_is_refused_in_place(case, page, qtbot, words):
    look(qtbot, page, words)
    assert "at least two letters" in page.problem.words.text() and page.words.hasFocus()


def test_the_newest_case_comes_first_and_the_scope_narrows(desk, case, page, qtbot, monkeypatch):
    other = desk.add(force="Norfolk", contact_at=NOW)
    desk.do(records.add_note, other, "Zoe again", "fact", now=NOW)
    look(qtbot, page, "zoe")
    assert [row.reference for row in rows(page)] == ["OIC-2026-0002", "OIC-2026-0001", "OIC-2026-0001"]
    monkeypatch.setattr(records_search, "MOST", 2)
    look(qtbot, page, "zoe")
    assert len(rows(page)) == 2 and page.count.text() == "2 hits, newest case first; there are more, so add a word."
    page.scope_changed("Norfolk")
    assert rows(page) == []
    look(qtbot, page, "zoe")
    assert [row.reference for row in rows(page)] == ["OIC-2026-0002"]


def test_enter_opens_the_case_and_leaving_takes_the_hits_off_the_screen(desk, case, page, qtbot):
    opened = []
    page.open_requested.connect(lambda kind, id: opened.append((kind, id)))
    look(qtbot, page, "zoe")
    assert page.table.hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert opened == [("referral", case)]
    page.hide()
    assert rows(page) == [] and page.words.text() == ""


@pytest.mark.parametrize(("scheme", "percent"), [("light", 100), ("dark", 200)])
def test_nothing_in_the_page_is_nameless(case, page, qapp, scheme, percent):
    theme.apply(qapp, scheme, percent)
    assert problems(page) == []
