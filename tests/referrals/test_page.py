"""The queue by what a user does: views, list, filter, scope, keys; and that it reads no more than it shows."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from oicdesk.referrals import records, records_imports, rules
from oicdesk.referrals.page_list import COLUMNS, QueueSource
from oicdesk.referrals.records import SORTED
from oicdesk.referrals.records_imports import ImportedContact
from oicdesk.sheets.form import ImportWizard
from oicdesk.ui import messages, theme
from tests import desks
from tests.desks import CONTACT, FACTS, NOW, days, hours
from tests.referrals import pages
from tests.referrals.pages import Screen, click
from tests.ui.accessibility import problems

desk, vault, screen = desks.desk, desks.vault, pages.screen
Key = Qt.Key


@pytest.fixture
def three(desk):
    """Three contacts, the youngest recorded first."""
    return [
        desk.add(contact_at=NOW - hours(2), force="Norfolk", officer_name="AMIS, Kit", team="A", incident_ref="N-3"),
        desk.add(contact_at=NOW - days(9), officer_name="MARSH, Jo", team="C", incident_ref="S-1"),
        desk.add(contact_at=NOW - days(4), officer_name="BELL, Lee", team="B", incident_ref="S-2"),
    ]


# --- views and rows ---


def test_the_queue_opens_on_what_needs_a_document_oldest_first(three, screen):
    assert screen.page.heading.text() == "Needs a document"
    assert [screen.page.model.row(place).id for place in range(3)] == [three[1], three[2], three[0]]


def test_each_view_shows_how_many_it_holds_once_the_rows_are_there(three, desk, screen):
    screen.qtbot.waitUntil(lambda: screen.page.views.counted("all") == 3)
    assert screen.page.views.counted("overdue") == 2
    desk.add(contact_at=NOW - days(8))
    assert (screen.page.model.rowCount(), screen.page.views.counted("needs_document")) == (4, 3)
    screen.qtbot.waitUntil(lambda: screen.page.views.counted("needs_document") == 4)
    desk.submit(three[0], NOW)
    screen.qtbot.waitUntil(lambda: screen.page.views.counted("with_unit") == 1)


def test_another_view_is_chosen_with_the_arrow_keys(three, desk, screen):
    desk.submit(three[0], NOW)
    screen.page.views.setFocus()
    for _ in range(5):
        screen.key(Key.Key_Down)
    assert screen.page.heading.text() == "Submitted, outcome awaited"
    assert screen.rows() == [desk.row(three[0]).reference]


def test_an_empty_view_says_why_and_offers_what_to_do(screen):
    assert screen.page.model.rowCount() == 0
    assert pages.button(screen.page.table, "Import a list…").isVisible()
    screen.page.views.choose("returned")
    assert any("Returned for correction" in text for text in pages.words(screen.page.table))


def test_overdue_is_said_in_words_and_a_row_speaks_as_a_sentence(three, screen):
    due = next(place for place, column in enumerate(COLUMNS) if column.title == "Due")
    model = screen.page.model
    assert model.index(0, due).data() == "Overdue, 15 Nov 2026"
    assert model.index(2, due).data() == "Tue 24 Nov 2026 10:00"
    said = model.sentence(0)
    assert "Awaiting document" in said and "overdue since Sun 15 Nov 2026 12:00" in said and "next: Chase" in said


def test_the_pill_of_every_state_fits_its_column(screen):
    state, table = COLUMNS[0], screen.page.table
    for status in rules.STATUS_WORDS:
        word = state.text(SimpleNamespace(status=status))
        assert theme.pill_size(table.fontMetrics(), word).width() + 2 * theme.GRID <= state.width, word


# --- sorting, filtering, scope ---


def test_every_sorted_column_sorts_both_ways(three, screen):
    by_title = {
        "State": "status", "Reference": "ref_order", "Force": "force", "Team": "team",
        "Reporting officer": "officer_name", "Age": "contact_at", "Due": "due_at",
    }  # fmt: skip
    assert set(by_title.values()) == set(SORTED)
    header = screen.page.table.horizontalHeader()
    for place, column in enumerate(COLUMNS):
        if column.title not in by_title:
            assert column.sort is None
            continue
        turned = [_clicked(screen, header, place) for _ in range(2)]
        assert turned[0][1] == turned[1][1][::-1]
        assert {descending for descending, _ids in turned} == {True, False}
        up = next(ids for descending, ids in turned if not descending)
        # An age grows as its contact lies further back.
        up = up[::-1] if column.title == "Age" else up
        with screen.desk.vault.reading() as session:
            values = [getattr(records.get(session, case), by_title[column.title]) for case in up]
        assert values == sorted(values), column.title


def _clicked(screen: Screen, header, place: int) -> tuple[bool, list[int]]:
    header.sectionClicked.emit(place)
    model = screen.page.model
    return model.descending, [model.row(n).id for n in range(model.rowCount())]


def test_ctrl_f_filters_by_what_is_typed_and_escape_shows_all_again(three, desk, screen):
    screen.key(Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is screen.page.filter
    screen.qtbot.keyClicks(screen.page.filter, "bell")
    screen.qtbot.waitUntil(lambda: screen.rows() == [desk.row(three[2]).reference])
    screen.key(Key.Key_Escape)
    assert len(screen.rows()) == 3
    assert QApplication.focusWidget() is screen.page.table


def test_a_filter_that_matches_nothing_says_so_and_can_be_cleared(three, screen):
    screen.page.filter.setText("xyzzy")
    screen.qtbot.waitUntil(lambda: screen.page.model.rowCount() == 0)
    screen.press("Clear the filter")
    screen.qtbot.waitUntil(lambda: screen.page.model.rowCount() == 3)


def test_the_force_scope_holds_for_rows_and_counts(three, desk, screen):
    screen.page.scope_changed("Norfolk")
    screen.page.refresh()
    assert screen.rows() == [desk.row(three[0]).reference]
    screen.qtbot.waitUntil(lambda: screen.page.views.counted("all") == 1)
    screen.page.scope_changed("Suffolk")
    screen.page.refresh()
    assert len(screen.rows()) == 2


# --- the case beside the list ---


def test_the_first_case_is_shown_at_first_and_j_and_k_walk_through_them(three, screen):
    screen.qtbot.waitUntil(lambda: screen.page.case.case is not None)
    assert screen.page.case.case.id == three[1]
    screen.key(Key.Key_J)
    screen.qtbot.waitUntil(lambda: screen.page.case.case.id == three[2])
    screen.key(Key.Key_K)
    screen.qtbot.waitUntil(lambda: screen.page.case.case.id == three[1])
    assert screen.page.case.due.text() == ("Overdue: the document was due Sun 15 Nov 2026 12:00, 6 working days ago.")


def test_enter_goes_into_the_case_and_escape_back_to_the_list(three, screen):
    screen.choose(three[2])
    screen.key(Key.Key_Return)
    assert QApplication.focusWidget().text() == "Record a submission…"
    screen.key(Key.Key_Escape)
    assert QApplication.focusWidget() is screen.page.table


def test_the_panes_are_walked_from_left_to_right(three, screen):
    assert screen.page.panes()[:2] == [screen.page.views, screen.page.table]
    screen.choose(three[0])
    assert screen.page.case.isAncestorOf(screen.page.panes()[2])


def test_another_page_can_open_a_case_that_this_view_does_not_hold(three, desk, screen):
    desk.submit(three[0], NOW)
    screen.page.filter.setText("bell")
    assert screen.page.show_item("referral", three[0])
    assert screen.page.case.case.id == three[0]
    assert screen.page.table.selected_ids() == [three[0]]
    assert not screen.page.show_item("learner", 1)


def test_the_sizes_of_the_panes_are_remembered(screen):
    page = screen.page
    for panes, sizes in ((page.panes_beside, [240, 960]), (page.list_and_case, [450, 500])):
        panes.setSizes(sizes)
        panes.splitterMoved.emit(sizes[0], 1)
    kept = page.panes_beside.sizes(), page.list_and_case.sizes()
    again = screen.open()
    assert (again.panes_beside.sizes(), again.list_and_case.sizes()) == kept


def test_where_there_is_no_room_beside_the_list_the_case_goes_below_it(three, screen):
    screen.choose(three[0])
    assert screen.page.list_and_case.orientation() == Qt.Orientation.Horizontal
    screen.page.resize(700, 600)
    screen.qtbot.waitUntil(lambda: screen.page.list_and_case.orientation() == Qt.Orientation.Vertical)
    assert screen.page.case.isVisible() and screen.page.table.isVisible()
    screen.page.resize(700, 500)  # and where both would be cut short, in its place
    screen.qtbot.waitUntil(lambda: screen.page.list_and_case.is_single)
    assert screen.page.table.isVisible() and not screen.page.case.isVisible()


@pytest.fixture
def in_large_text(three, screen, qapp):
    """The page at 200 %, in what a window of 1280 by 720 leaves for it."""
    theme.apply(qapp, "light", 200)
    page = screen.open()
    page.resize(990, 553)
    screen.qtbot.waitUntil(lambda: page.list_and_case.is_single)
    return screen


def test_in_large_text_the_case_stands_in_the_lists_place_until_escape(three, desk, in_large_text):
    screen, page = in_large_text, in_large_text.page
    page.table.setFocus()
    screen.key(Qt.Key.Key_Home)
    screen.key(Qt.Key.Key_J)
    screen.qtbot.wait(100)
    assert page.table.isVisible() and not page.case.isVisible()
    opened = [entry["records"] for entry in desk.log() if entry["detail"] == "case opened"]
    screen.key(Qt.Key.Key_Return)
    screen.qtbot.waitUntil(page.case.isVisible)
    assert not page.table.isVisible()
    # A case that nobody saw while walking the list was not opened, and is not in the log.
    added = [entry["records"] for entry in desk.log() if entry["detail"] == "case opened"][len(opened) :]
    assert added == [{"referral": [page.case.case.id]}]
    screen.press("Edit the facts…")
    assert page.form.isVisible() and page.form.visibleRegion().boundingRect() == page.form.rect()
    screen.key(Qt.Key.Key_Escape)
    screen.key(Qt.Key.Key_Escape)
    assert page.table.isVisible() and page.table.hasFocus()
    screen.key(Qt.Key.Key_Return)
    screen.press("Back to the list")
    assert page.table.isVisible() and page.table.hasFocus()


def test_however_much_stands_above_the_list_nothing_of_it_is_cut_and_rows_stay_in_sight(three, in_large_text):
    screen, page = in_large_text, in_large_text.page
    page.list.show_filters()
    page.table.setFocus()
    screen.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    head = page.list.head
    screen.qtbot.waitUntil(lambda: head.viewport().rect().contains(_in_head(head, page.many)))
    for widget in head.inner.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, QLabel | QLineEdit | QComboBox | QPushButton):
            assert widget.height() >= max(widget.heightForWidth(widget.width()), widget.minimumSizeHint().height())
    assert page.table.viewport().height() >= 2 * theme.row_height()


def _in_head(head, widget) -> QRect:
    return QRect(widget.mapTo(head.viewport(), QPoint()), widget.size())


def test_the_view_and_the_case_last_looked_at_are_there_again_after_a_lock(three, screen):
    screen.page.views.choose("all")
    screen.choose(three[1])
    again = screen.open()
    assert (again.views.view, again.heading.text()) == ("all", "All referrals")
    screen.qtbot.waitUntil(lambda: again.case.case is not None)
    assert again.case.case.id == three[1] and again.table.selected_ids() == [three[1]]
    assert str(three[1]) not in {str(value) for value in json.loads(screen.machine.file.read_text()).values()}


def test_nothing_on_the_page_is_without_a_name(three, screen):
    screen.choose(three[0])
    assert problems(screen.page) == []
    screen.page.add()
    assert problems(screen.page) == []


# --- many ---


def test_ten_thousand_referrals_are_fetched_page_by_page(desk, qtbot, tmp_path, monkeypatch):
    contacts = [
        ImportedContact({**FACTS, "contact_at": CONTACT - timedelta(minutes=n), "incident_ref": f"S-{n}"})
        for n in range(10_000)
    ]
    desk.do(records_imports.write, contacts, kind="referrals", file_name="x", file_sha256="", rows=10_000, now=NOW)
    fetched: list[int] = []
    page = QueueSource.page

    def counted(self, offset, *more):
        fetched.append(offset)
        return page(self, offset, *more)

    monkeypatch.setattr(QueueSource, "page", counted)
    screen = pages.Screen(desk, qtbot, pages.Machine(tmp_path / "machine.json"))
    assert screen.page.model.rowCount() == 10_000
    screen.qtbot.waitUntil(lambda: screen.page.case.case is not None)
    assert set(fetched) == {0}
    screen.key(Key.Key_End)
    screen.qtbot.waitUntil(lambda: screen.page.case.case.id == 1)
    assert set(fetched) - {0} and all(offset == 0 or offset > 9_800 for offset in fetched)
    assert len(fetched) <= 6


# --- importing ---


def test_a_list_is_imported_through_the_window(screen, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "Date,Time,Force,Call type,Officer,Collar no,CAD\n"
        "16/11/2026,09:30,Suffolk,Person in custody,MARSH Jo,PC 7191,S-1\n"
        "17/11/2026,10:30,Norfolk,Person in custody,BELL Lee,PC 812,N-2\n"
        "17/11/2026,25:30,Norfolk,Person in custody,BELL Lee,PC 812,N-3\n",
        encoding="utf-8",
    )
    messages.answers = [Path(file)]
    results: list[list[tuple[str, int]]] = []

    def walk() -> None:
        wizard = next((w for w in QApplication.topLevelWidgets() if isinstance(w, ImportWizard)), None)
        busy = QApplication.activeModalWidget() is not wizard
        if wizard is None or busy:
            QTimer.singleShot(10, walk)
        elif wizard.outcome is None:
            click(screen.qtbot, wizard.forward)
            QTimer.singleShot(10, walk)
        else:
            results.append(list(wizard.outcome.counts))
            click(screen.qtbot, wizard.forward)

    QTimer.singleShot(0, walk)
    screen.key(Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert dict(results[0]) == {
        "rows in the file": 3, "blank": 0, "imported": 2, "already there": 0, "problems": 1,
    }  # fmt: skip
    assert screen.rows() == ["OIC-2026-0001", "OIC-2026-0002"]


def test_opening_a_case_is_logged_as_a_consultation_and_reading_it_again_is_not(three, desk, screen):
    screen.key(Key.Key_J)
    screen.qtbot.waitUntil(lambda: screen.page.case.case is not None and screen.page.case.case.id == three[2])

    def openings():
        return [entry["records"] for entry in desk.log() if entry["detail"] == "case opened"]

    before = openings()
    assert before[-1] == {"referral": [three[2]]}
    screen.page.case.show_case(three[2])
    assert openings() == before
