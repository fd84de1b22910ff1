"""Views of the queue by what a user does: counts, filters by column, saved views, columns, export."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_chasers, records_clock, records_views, rules
from oicdesk.referrals.page_list import TITLES
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.records_views import DAILY, VIEWS, Spec, counts
from oicdesk.settings.rules import london_day
from oicdesk.ui import messages
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.referrals import pages
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

desk, vault, screen = desks.desk, desks.vault, pages.screen
Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def four(desk):
    """Four contacts: one overdue, two due tomorrow, one a scope query of before."""
    return [
        desk.add(contact_at=CONTACT, officer_name="MARSH, Jo", team="Ipswich", incident_ref="S-1"),
        desk.add(contact_at=NOW - hours(2), force="Norfolk", officer_name="AMIS, Kit", officer_collar="PC 12",
                 team="Dereham", incident_ref="N-2"),
        desk.add(contact_at=NOW - hours(3), officer_name="O'BYRNE, Al", team="100% Response", incident_ref="S-3"),
        desk.add(contact_at=NOW - days(9), reason="status_enquiry", team="Ipswich", incident_ref="S-4"),
    ]  # fmt: skip


@pytest.fixture
def undo(screen) -> UndoList:
    steps = UndoList(screen.page)
    screen.page.step_done.connect(steps.add)
    return steps


def refs(desk, spec, force="Joint", now=NOW):
    with desk.vault.reading() as session:
        queue = Queue(session, spec.base, now=now, force=force, words=spec.words, filters=spec.filters)
        return [row.reference[-1] for row in queue.page(0, 50)]


def narrow(screen, name, value):
    """Use one of the boxes by column as a user does."""
    box = screen.page.list.findChild((QLineEdit, QComboBox)[name in ("status", "due", "force")], f"filter {name}")
    if isinstance(box, QComboBox):
        box.setCurrentIndex(box.findData(value))
        box.activated.emit(box.currentIndex())
    else:
        box.setFocus()
        screen.qtbot.keyClicks(box, value)
    screen.qtbot.waitUntil(lambda: not screen.page.list._timer.isActive())


# --- what the views hold


def test_due_this_week_holds_what_falls_due_until_sunday(desk, four):
    assert refs(desk, Spec("due_week")) == ["3", "2"]
    assert refs(desk, Spec("due_week"), now=NOW + days(2)) == []
    saturday = NOW + days(5)
    late = desk.add(contact_at=saturday, now=saturday, incident_ref="S-9")
    assert refs(desk, Spec("due_week"), now=saturday) == [desk.row(late).reference[-1]]
    sunday = NOW + days(6)
    desk.add(contact_at=sunday, now=sunday, incident_ref="S-10")  # falls due on Monday
    assert refs(desk, Spec("due_week"), now=sunday) == [desk.row(late).reference[-1]]
    assert refs(desk, Spec("all", filters={"due": "later"})) == ["6"]
    assert refs(desk, Spec("due_week"), now=NOW + days(7)) == ["6"]


def test_with_supervisor_holds_those_whose_supervisor_was_chased_since_the_due_time(desk, four):
    desk.do(records_chasers.chase, four[0], rules.OFFICER, "e-mail", at=NOW)
    assert refs(desk, Spec("with_supervisor")) == []
    desk.do(records_chasers.chase, four[0], rules.SUPERVISOR, "e-mail", at=NOW)
    desk.do(records_chasers.chase, four[1], rules.SUPERVISOR, "e-mail", at=NOW)
    assert refs(desk, Spec("with_supervisor")) == ["1"]
    document = desk.submit(four[0], NOW)
    assert refs(desk, Spec("with_supervisor")) == []
    desk.do(documents.reject, document, "Not ours.", at=NOW)
    assert refs(desk, Spec("with_supervisor")) == [], "it waits for another document, which nobody was chased for"
    above = desk.add(contact_at=CONTACT, incident_ref="S-11")
    desk.do(records_chasers.chase, above, rules.INSPECTOR, "e-mail", at=NOW)
    assert refs(desk, Spec("with_supervisor")) == ["5"], "whoever stands above the supervisor counts too"


def test_list_gaps_holds_contacts_without_a_partner_within_the_days_of_the_list(desk, four):
    from oicdesk.referrals import records_reconcile
    from oicdesk.referrals.records_reconcile import OutsideRow

    assert refs(desk, Spec("list_gaps")) == []
    lines = [
        OutsideRow(line, at, "Suffolk", f"NCCU-{line}", None, "PC 7191")
        for line, at in ((1, CONTACT), (2, NOW - days(12)), (3, NOW))
    ]
    desk.do(records_reconcile.write, lines, file_name="nccu.csv", file_sha256="x", total=3, now=NOW)
    assert refs(desk, Spec("list_gaps")) == ["4", "3", "2"]
    assert desk.ask(counts, now=NOW)["list_gaps"] == 3
    assert desk.ask(records_views.only_theirs) == 2 and desk.ask(records_views.only_theirs, force="Norfolk") == 0
    desk.add(contact_at=None, incident_ref="S-12")
    assert refs(desk, Spec("list_gaps")) == ["4", "3", "2"], "a contact whose time is not known lies within no days"
    desk.do(records.mark_duplicate, four[1], four[2], "Same call.", at=NOW)
    desk.accepted(four[2], NOW - hours(2))
    desk.do(records.close, four[2], at=NOW)
    assert refs(desk, Spec("list_gaps")) == ["4", "3"], "a duplicate is no contact of its own, a closed case is one"


def test_every_view_counts_what_it_shows(desk, four):
    desk.do(records_clock.snooze, four[0], london_day(NOW) + timedelta(days=2), now=NOW)
    desk.do(records_chasers.chase, four[1], rules.OFFICER, "e-mail", at=NOW)
    for force in ("Suffolk", "Norfolk", "Joint"):
        found = desk.ask(counts, now=NOW, force=force)
        assert found == {view: len(refs(desk, Spec(view), force)) for view in VIEWS}
    assert {"overdue", "done", "snoozed", "all"}.isdisjoint(DAILY)


def test_no_view_or_filter_knows_a_trait_of_a_person():
    words = " ".join([*VIEWS, *VIEWS.values(), *records_views.FILTERS, *TITLES]).lower()
    for trait in ("nationality", "country", "age of", "sex", "gender", "birth", "category", "ethnic", "religion"):
        assert trait not in words


# --- filters by column


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"officer": "amis"}, ["2"]),
        ({"officer": "pc 12"}, ["2"]),
        ({"officer": "o'b"}, ["3"]),
        ({"team": "100%"}, ["3"]),
        ({"team": "%"}, ["3"]),
        ({"team": "_"}, []),
        ({"reference": "0004"}, ["4"]),
        ({"force": "Norfolk"}, ["2"]),
        ({"status": rules.SCOPE_QUERY}, ["4"]),
        ({"age": "5"}, ["4", "1"]),
        ({"age": "0"}, ["4", "1", "3", "2"]),
        ({"due": "overdue"}, ["1"]),
        ({"due": "week"}, ["3", "2"]),
        ({"due": "today"}, []),
        ({"due": "none"}, ["4"]),
        ({"team": "ipswich", "age": "6"}, ["4"]),
    ],
)
def test_a_filter_by_column_narrows_the_list(desk, four, filters, expected):
    assert refs(desk, Spec("all", filters=filters)) == expected


@pytest.mark.parametrize("filters", [{"age": "five"}, {"age": "-1"}, {"due": "never"}])
def test_a_filter_that_cannot_be_read_is_refused_in_a_sentence(desk, four, filters):
    with pytest.raises(Refused):
        refs(desk, Spec("all", filters=filters))


def test_filters_are_reached_used_told_and_cleared_by_the_keyboard(desk, four, screen):
    screen.page.views.choose("all")
    screen.page.table.setFocus()
    screen.key(Key.Key_F, CTRL | SHIFT)
    assert QApplication.focusWidget().objectName() == "filter status"
    for _ in range(2):
        screen.key(Key.Key_Tab)
    assert QApplication.focusWidget().objectName() == "filter age"
    screen.qtbot.keyClicks(QApplication.focusWidget(), "6")
    screen.qtbot.waitUntil(lambda: screen.rows() == ["OIC-2026-0004"])
    assert problems(screen.page) == []
    screen.qtbot.keyClicks(QApplication.focusWidget(), "x")
    screen.qtbot.waitUntil(lambda: screen.page.list.filter_problem.isVisible())
    assert "type figures only" in screen.page.list.filter_problem.words.text()
    screen.press("Clear the filters")
    screen.qtbot.waitUntil(lambda: len(screen.rows()) == 4)
    screen.page.table.setFocus()
    screen.key(Key.Key_F, CTRL | SHIFT)
    screen.key(Key.Key_Escape)
    assert QApplication.focusWidget() is screen.page.table


def test_what_a_snooze_leaves_out_is_told_and_one_press_away(desk, four, screen):
    desk.do(records_clock.snooze, four[0], london_day(NOW) + timedelta(days=2), now=NOW)
    screen.page.refresh()
    assert screen.page.list.aside.text() == "1 more is snoozed and left out here."
    screen.press("Show snoozed")
    assert screen.page.heading.text() == "Snoozed" and screen.rows() == ["OIC-2026-0001"]
    assert screen.page.model.row(0).snoozed_until is not None
    assert "Snoozed until Wed 25 Nov 2026" in screen.page.model.sentence(0)


# --- saved views


def save_as(screen, name):
    answer = press("Save the view", {"name": name})
    screen.page.own.save_as()
    assert answer.seen == "Save as a view"


def test_a_view_is_saved_with_all_it_holds_counted_and_there_after_a_lock(desk, four, screen):
    page = screen.page
    page.views.choose("all")
    narrow(screen, "team", "ipsw")
    page.list.show_columns(("Reference", "State", "Team"))
    assert screen.machine.get("queue_columns") is None
    page.table.sort_by("team", descending=True)
    save_as(screen, "Ipswich")
    assert page.heading.text() == "Ipswich" and page.views.view.startswith("own ")
    screen.qtbot.waitUntil(lambda: page.views.counted(page.views.view) == 2)
    page.views.choose("overdue")
    assert page.list.filters.values() == {} and page.list.spec.sort == "contact_at"
    screen.reopen(desks.PASSPHRASE)
    page = screen.page
    key = next(records_views.key_of(view.id) for view in page.own.views)
    page.views.choose(key)
    assert screen.rows() == ["OIC-2026-0004", "OIC-2026-0001"]
    assert page.list.columns() == ("Reference", "State", "Team")
    assert page.list.spec.sort == "team" and page.list.spec.descending
    new = desk.add(contact_at=CONTACT + hours(1), team="Ipswich", incident_ref="S-8")
    page.refresh()
    assert desk.row(new).reference in screen.rows()


def test_a_view_is_changed_renamed_removed_and_each_is_taken_back(desk, four, screen, undo):
    page = screen.page
    page.views.choose("all")
    save_as(screen, "Mine")
    narrow(screen, "team", "dere")
    page.own.save_changes()
    assert desk.ask(records_views.own_views)[0].spec.filters == {"team": "dere"}
    answer = press("Rename", {"name": "Dereham only"})
    page.own.rename()
    assert answer.seen and page.heading.text() == "Dereham only"
    answer = press("Remove the view")
    page.own.remove()
    assert answer.seen and desk.ask(records_views.own_views) == [] and page.views.view == "all"
    for name, filters in (("Dereham only", {"team": "dere"}), ("Mine", {"team": "dere"}), ("Mine", {})):
        undo.undo()
        (view,) = desk.ask(records_views.own_views)
        assert (view.name, dict(view.spec.filters)) == (name, filters)
    undo.undo()
    assert desk.ask(records_views.own_views) == []
    undo.redo()
    assert [view.name for view in desk.ask(records_views.own_views)] == ["Mine"]


def test_a_name_is_needed_and_taken_once(desk):
    save = records_views.save_view
    desk.do(save, "Mine", Spec("all"), now=NOW)
    for name, words in (("  ", "needs a name"), ("mine", "already"), ("Overdue", "already"), ("x" * 61, "60 letters")):
        with pytest.raises(Refused, match=words):
            desk.do(save, name, Spec("all"), now=NOW)
    assert desk.log()[-1]["records"] == {"queue_view": [1]}


# --- columns


def test_columns_are_chosen_moved_and_remembered_on_this_computer(desk, four, screen):
    def act(dialog):
        dialog.list.setCurrentRow(5)
        dialog.up.click()
        dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
        assert problems(dialog) == []
        dialog.verb.click()

    from tests.ui.dialogs import when_asked

    answer = when_asked(act)
    screen.page.own.choose_columns()
    assert answer.seen == "Columns"
    wanted = ("Reference", "Age", "Due", "Team", "Force", "Reporting officer", "Next action")
    assert screen.page.list.columns() == wanted
    assert screen.open().list.columns() == wanted


# --- export


def export(screen, tmp_path, suffix):
    place = tmp_path / f"view{suffix}"
    messages.answers = [place]
    answer = press("Choose a place…", {"recipient": "DI Lowe", "purpose": "Weekly meeting", "format": suffix})
    screen.page.own.export()
    assert answer.seen.startswith("Export: ")
    return place


def test_a_view_is_exported_as_seen_with_its_marking_and_without_formulas(desk, four, screen, undo, tmp_path):
    desk.add(contact_at=CONTACT + hours(1), officer_name='=HYPERLINK("x")', incident_ref="S-7")
    screen.page.views.choose("overdue")
    screen.page.list.show_columns(("Reference", "Reporting officer", "Age", "Due"))
    told, there = desk.vault.on_commit, []
    desk.vault.on_commit = lambda tables: (there.append((tmp_path / "view.csv").exists()), told(tables))
    place = export(screen, tmp_path, ".csv")
    assert there and not any(there), "the log knows before the file is there"
    assert place.stat().st_mode & 0o777 == 0o600
    lines = Path(place).read_text("utf-8-sig").splitlines()
    assert lines[0] == "OFFICIAL-SENSITIVE"
    assert lines[1] == "Reference,Reporting officer,Age in working days,Due"
    assert lines[2] == 'OIC-2026-0001,"MARSH, Jo, PC 7191",5,2026-11-17T09:30:00+00:00'
    assert not any(cell.startswith("=") for line in lines for cell in line.replace('"', "").split(","))
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == ("disclosure", "DI Lowe", "Weekly meeting")
    assert entry["detail"] == "Overdue, 2 rows, csv" and entry["records"]["referral"] == [1, 5]
    assert undo.lines()[0] == ("Export the view “Overdue”", "cannot be taken back: it left the desk")
    assert "logged as a disclosure" in screen.page.list.told.words.text()


def test_a_workbook_has_the_marking_in_its_first_row(desk, four, screen, tmp_path):
    from python_calamine import CalamineWorkbook

    place = export(screen, tmp_path, ".xlsx")
    book = CalamineWorkbook.from_path(str(place))
    assert "DI Lowe" in str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0] == "OFFICIAL-SENSITIVE" and rows[1][:3] == ["State", "Reference", "Age in working days"]
    assert rows[2][1] == "OIC-2026-0001" and rows[2][2] == 5


def test_an_empty_view_is_not_exported(desk, screen):
    screen.page.own.export()
    assert "nothing to export" in screen.page.problem.words.text()
