"""The Training page by what a user does: figures, reminders, Hydra and courses."""

import stat
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from oicdesk.machine import Machine
from oicdesk.reports.page_view import csv_bytes
from oicdesk.training import form, page_figures, records, records_events
from oicdesk.training.page_parts import Listed
from oicdesk.ui import messages
from oicdesk.ui.detail import Facts
from oicdesk.ui.parts import Words
from tests import desks
from tests.training.makers import NOW, done, export, person, roster
from tests.training.screen import Screen, choose

desk, vault = desks.desk, desks.vault
BEFORE = datetime(2026, 10, 1, 12, tzinfo=UTC)


@pytest.fixture
def filled(desk):
    """Three people in one team and one in another; one of them has done everything."""
    roster(
        desk.vault, person(3000001), person(3000002, "Birch", "Kim", team="Haverhill SNT"),
        person(3000003, "Cole", "Ann", team="Haverhill SNT", start="01/04/2015"),
        person(3000004, "Dale", "Jo", force="Norfolk", team="Norwich Response", absence="Maternity"),
    )  # fmt: skip
    export(
        desk.vault, *(done(3000001, f"Module {n}", "01/06/2026") for n in (1, 2, 3, 4)),
        done(3000001, "NCCU awareness", "01/06/2026"), done(3000002, "Module 1", "02/06/2026", "Birch, Kim"),
    )  # fmt: skip
    return desk


@pytest.fixture
def screen(filled, qtbot, tmp_path):
    return Screen(filled, qtbot, Machine(tmp_path / "machine.json"))


def lines(table):
    return [table.rows.row(place).cells for place in range(table.rows.rowCount())]


def words(widget):
    return [found.text() for found in widget.findChildren(Words)]


# --- figures


def test_figures_stand_with_their_counts_per_force_and_all_four(screen):
    view = screen.part("Figures")
    told = {cells[0]: cells[1:] for cells in lines(view.courses)}
    assert told["Module 1"][:4] == ("3", "2", "66.7 %", "1")
    assert told["All four modules"][:3] == ("3", "1", "33.3 %")
    assert told["All four modules"][5:] == ("1 of 3 (33.3 %)", "0 of 0 (–)")
    assert ("Module 1", "1", "Absent: Maternity") in lines(view.excluded)


def test_the_record_check_stands_before_the_figures(screen):
    view = screen.part("Figures")
    assert "Nobody is relevant for Hydra yet, so it has no figure." in [cells[2] for cells in lines(view.check)]
    assert view.check.mapTo(view, view.check.rect().topLeft()).y() < (
        view.courses.mapTo(view, view.courses.rect().topLeft()).y()
    )


def test_team_bars_have_a_forecast_in_words(screen):
    view = screen.part("Figures")
    assert view.shown.currentText() == "All four modules"
    assert view.gap.text() == "2 people account for the gap: 2 in Haverhill SNT."
    assert view.teams.lines[0] == "Haverhill SNT: 0 of 2 (0.0 %), 2 people to go"
    assert "At this pace it is never reached." in view.forecast.text()


def test_the_months_are_a_chart_and_a_table_of_the_same_figures(screen):
    view = screen.part("Figures")
    choose(view.shown, "Module 1")
    assert view.chart.isVisibleTo(view)
    assert len(lines(view.months)) == 12
    assert lines(view.months)[-1] == ("23 Nov 2026", "3", "2", "66.7 %")
    assert view.chart.spoken(12) == "Month November 2026, In scope 3, Completed 2, Share 66.7 %"


def test_a_course_of_the_figures_opens_exactly_who_is_missing_it(screen):
    view = screen.part("Figures")
    view.courses.row_opened.emit(0)
    assert screen.page.view is screen.page.people
    assert screen.people() == ["Cole, Ann"]


def test_the_figures_of_a_large_roster_are_worked_out_behind_a_window(screen, qtbot, monkeypatch):
    monkeypatch.setattr(page_figures, "_QUICK", 1)
    view = screen.part("Figures")
    qtbot.waitUntil(lambda: len(lines(view.courses)) == 7)
    assert lines(view.courses)[0][:3] == ("Module 1", "3", "2")


# --- reminders


def test_a_reminder_to_a_person_is_copied_for_a_minute_and_logged(screen, monkeypatch):
    waits = []
    monkeypatch.setattr(QTimer, "singleShot", lambda *wait: waits.append(wait))
    view = screen.part("Reminders")
    assert [cells[0] for cells in lines(view.table)] == ["Kim Birch", "Ann Cole"]
    screen.press(view.copy_button)
    copied = QGuiApplication.clipboard().text()
    assert "Dear Kim Birch," in copied
    entry = screen.desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["detail"]) == (
        "disclosure", "Kim Birch", "reminder by clipboard",
    )  # fmt: skip
    ((_after, forget),) = [wait for wait in waits if wait[0] == 60_000]
    forget()
    assert QGuiApplication.clipboard().text() == ""


def test_a_reminder_to_a_supervisor_is_saved_as_a_private_message_and_logged(screen, tmp_path):
    view = screen.part("Reminders")
    choose(view.to, "To each supervisor")
    path = tmp_path / "reminder.eml"
    messages.answers = [path]
    screen.answer("Choose a place…", address="sgt@example.test")
    screen.press(view.save_button)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"To: sgt@example.test" in path.read_bytes()
    assert screen.desk.log()[-1]["detail"] == "reminder by e-mail file"


def test_all_reminders_are_saved_at_once_each_private_and_logged(screen, tmp_path):
    view = screen.part("Reminders")
    folder = tmp_path / "out"
    folder.mkdir()
    messages.answers = [folder]
    screen.press(view.all_button)
    assert screen.said == "2 reminders are in out, each logged as a disclosure."
    files = sorted(folder.iterdir())
    assert [path.name for path in files] == [
        "OFFICIAL-SENSITIVE training reminder 1 Kim Birch.eml", "OFFICIAL-SENSITIVE training reminder 2 Ann Cole.eml",
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert "Dear Ann Cole," in files[1].read_text()
    assert [entry["recipient"] for entry in screen.desk.log()[-2:]] == ["Kim Birch", "Ann Cole"]


def test_reminders_from_the_table_are_about_the_people_chosen(screen):
    screen.page.people.table.selectRow(2)
    screen.press(screen.page.people.remind_button)
    view = screen.page.view
    assert view is screen.page.reminders
    assert [cells[0] for cells in lines(view.table)] == ["Ann Cole"]
    screen.press(view.everybody)
    assert len(lines(view.table)) == 2


# --- Hydra


@pytest.fixture
def needed(filled, qtbot, tmp_path):
    """Hydra is for the whole frontline; one event is past and one is to come, with one place."""
    filled.do(records.set_relevance, "hydra", on=date(2026, 1, 1), at=BEFORE, why="All", role_groups=["Frontline"])
    filled.do(records_events.add_event, date(2026, 11, 2), "Ipswich", "local", 5, now=BEFORE)
    filled.do(records_events.add_event, date(2026, 12, 9), "Wyboston", "national", 1, now=BEFORE)
    return Screen(filled, qtbot, Machine(tmp_path / "machine.json"))


def test_an_event_is_planned(screen):
    view = screen.part("Hydra")
    screen.answer("Plan it", held_on=date(2026, 12, 1), centre="Wyboston", delivery="national", places="12")
    screen.press(view.plan_button)
    assert lines(view.events)[0][:4] == ("1 Dec 2026", "Wyboston", "national", "0 of 12")


def test_invitations_go_by_longest_service_and_the_rest_waits(needed):
    view = needed.part("Hydra")
    assert view.heading.text() == "Wyboston, Wed 9 Dec 2026"
    needed.answer("Invite them", people=(3, 1))
    needed.press(view.invite_button)
    assert needed.said == "1 person invited; 1 person on the waiting list."
    assert [(cells[0], cells[2]) for cells in lines(view.places)] == [
        ("Cole, Ann", "Invited"), ("Ashby, Lee", "Waiting"),
    ]  # fmt: skip


def test_a_declined_place_goes_to_who_waits(needed):
    view = needed.part("Hydra")
    needed.answer("Invite them", people=(3, 1))
    needed.press(view.invite_button)
    view.places.selectRow(0)
    needed.press(view.decline_button)
    assert "declines. The place goes to " in needed.said


def test_the_attendance_register_completes_hydra(needed):
    view = needed.part("Hydra")
    assert not view.register_button.isEnabled()  # the coming one
    view.events.selectRow(1)
    needed.answer("Write the register", others="3000002")
    needed.press(view.register_button)
    assert needed.said == "The register is written: 1 person came and completed Hydra."
    needed.part("People")
    row = needed.page.people.model.row(1)
    assert row.standings["hydra"].done_on == date(2026, 11, 2)


def test_an_unknown_staff_number_on_the_register_is_refused_beside_its_field(needed, qtbot):
    view = needed.part("Hydra")
    view.events.selectRow(1)
    refused = []

    def act(dialog):
        dialog.form.set_values({"others": "999"})
        dialog.verb.click()
        refused.extend(found for found in words(dialog) if "999" in found)
        dialog.done(0)

    from tests.ui.dialogs import in_dialog

    in_dialog(act)
    needed.press(view.register_button)
    assert refused == ["Nobody on the roster has the staff number 999; check it."]


def test_a_decision_on_local_delivery_is_kept_with_who_and_why(screen):
    view = screen.part("Hydra")
    screen.answer(
        "Record it", decided_on=date(2026, 11, 3), delivery="local", why="Travel", decided_by="DI Example"
    )  # fmt: skip
    screen.press(view.decide_button)
    assert "Local delivery: Travel" in words(view.decisions)


# --- courses


def test_who_is_relevant_is_a_dated_rule_with_a_reason(screen):
    view = screen.part("Courses")
    view.table.selectRow(4)
    screen.answer(
        "Set who is relevant", on=date(2026, 11, 1), who=form.NAMED, ranks=("PC",), why="The package is theirs"
    )
    screen.press(view.relevant_button)
    assert lines(view.table)[4][4:] == ("rank PC", "1 Nov 2026")
    assert "Rank PC. Why: The package is theirs" in words(view.history)


def test_a_course_is_renamed_and_lapses(screen):
    view = screen.part("Courses")
    view.table.selectRow(0)
    screen.answer("Save the course", on=date(2026, 11, 1), title="Module one", valid_months="1")
    screen.press(view.edit_button)
    assert lines(view.table)[0][:3] == ("Module one", "e-learning module", "1 month")
    screen.part("People")
    model = screen.page.people.model
    column = next(column for column in model.columns if column.title == "Module one")
    assert column.text(model.row(0)) == "lapsed"


def test_a_course_is_added_and_gets_a_column(screen):
    view = screen.part("Courses")
    screen.answer("Add it", title="County lines", on=date(2026, 11, 1))
    screen.press(view.add_button)
    screen.part("People")
    assert "County lines" in [column.title for column in screen.page.people.model.columns]


# --- files


def test_a_cell_that_looks_like_a_formula_leaves_as_text():
    told = csv_bytes(Listed("T", ("A", "B"), [("=1+1", date(2026, 11, 23)), (None, 3)]), "OFFICIAL")
    assert told.decode("utf-8-sig").splitlines() == ["OFFICIAL", "A,B", "'=1+1,2026-11-23", ",3"]


def test_the_facts_of_a_person_are_of_the_day_shown(screen):
    screen.page.people.find_person(2)
    pane = screen.page.people.person
    assert "Haverhill SNT" in words(pane.findChild(Facts))
    assert NOW.date() == screen.page.scope.day
