"""The Training page by what a user does: look, filter, open a history, confirm, export, import."""

import csv
import stat
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from oicdesk.machine import Machine
from oicdesk.sheets.form import ImportWizard
from oicdesk.training import records_completions
from oicdesk.ui import messages
from oicdesk.ui.parts import Words
from tests import desks
from tests.training.makers import done, export, person, roster
from tests.training.screen import Screen, choose
from tests.ui.accessibility import problems
from tests.ui.dialogs import when_asked

desk, vault = desks.desk, desks.vault


@pytest.fixture
def filled(desk):
    """Four people: all modules done, some, none, and one absent in the other force."""
    roster(
        desk.vault, person(3000001), person(3000002, "Birch", "Kim", team="Haverhill SNT"),
        person(3000003, "Cole", "=Ann", team="Haverhill SNT", rank="PS"),
        person(3000004, "Dale", "Jo", force="Norfolk", team="Norwich Response", absence="Maternity"),
    )  # fmt: skip
    export(
        desk.vault, *(done(3000001, f"Module {n}", "01/06/2026") for n in (1, 2, 3, 4)),
        done(3000002, "Module 1", "02/06/2026", "Birch, Kim"), done("000002", "Module 2", "03/06/2026", "Birch, Kim"),
    )  # fmt: skip
    return desk


@pytest.fixture
def screen(filled, qtbot, tmp_path):
    return Screen(filled, qtbot, Machine(tmp_path / "machine.json"))


def cells(screen, name):
    """The row of a person as the table shows it, by column."""
    model = screen.page.people.model
    row = next(model.row(place) for place in range(model.rowCount()) if model.row(place).name == name)
    return {column.title: column.text(row) for column in model.columns}


# --- people and courses


def test_a_cell_is_a_day_or_a_word(screen):
    assert cells(screen, "Ashby, Lee")["Module 1"] == "1 Jun 2026"
    assert cells(screen, "Birch, Kim")["Module 2"] == "missing"
    assert cells(screen, "Dale, Jo")["Module 1"] == "left out"
    assert cells(screen, "Ashby, Lee")["Other CPD"] == "–"


def test_a_row_speaks_as_a_sentence(screen):
    said = screen.page.people.model.sentence(3)
    assert said.startswith("Dale, Jo, Team Norwich Response, Module 1 left out: Absent: Maternity")
    assert "Other CPD not required" in said


def test_choosing_a_course_shows_who_is_missing_it(screen):
    choose(screen.page.people.course, "Module 2")
    assert screen.people() == ["Birch, Kim", "Cole, =Ann"]
    assert screen.page.people.count.text() == "2 of 4 people"
    screen.press(screen.page.people.clear)
    assert len(screen.people()) == 4


@pytest.mark.parametrize(
    ("box", "words", "names"),
    [("team", "Haverhill SNT", ["Birch, Kim", "Cole, =Ann"]), ("rank", "PS", ["Cole, =Ann"])],
)
def test_people_are_filtered_by_team_and_rank(screen, box, words, names):
    choose(getattr(screen.page.people, box), words)
    assert screen.people() == names


def test_a_name_that_is_typed_is_sought(screen, qtbot):
    qtbot.keyClicks(screen.page.people.words, "birch")
    qtbot.keyClick(screen.page.people.words, Qt.Key.Key_Return)
    assert screen.people() == ["Birch, Kim"]


def test_the_force_of_the_window_limits_everything(screen):
    screen.page.scope_changed("Norfolk")
    screen.page.refresh()
    assert screen.people() == ["Dale, Jo"]
    assert screen.part("Figures").listed().rows[0][0] == "Norfolk"


def test_the_model_keeps_the_rules_of_qt(screen):
    model = screen.page.people.model
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    screen.page.refresh()
    assert model.rowCount() == 4


def test_everything_that_the_keyboard_reaches_has_a_name(screen):
    for name in screen.page.views:
        screen.part(name)
        assert problems(screen.page) == [], name
    screen.part("People")
    assert open_history(screen, 1).isVisible()
    assert problems(screen.page) == []


def test_without_a_roster_the_page_says_what_to_do(desk, qtbot, tmp_path):
    screen = Screen(desk, qtbot, Machine(tmp_path / "machine.json"))
    empty = screen.page.people.table.findChild(type(screen.page.people.table._empty))
    assert empty.isVisible()
    assert empty.button.text() == "Import a roster…"
    for name in screen.page.views:
        screen.part(name)
        assert problems(screen.page) == [], name
    assert screen.page.reminders.table._empty.button.text() == "Import a roster…"


# --- the verdict and the day


def verdicts(screen):
    return [w.text() for w in screen.page.findChildren(Words) if w.text().startswith("Recommendation ")]


def test_the_verdict_of_each_recommendation_is_in_view_on_every_part(screen):
    for name in screen.page.views:
        screen.part(name)
        shown = [w for w in screen.page.findChildren(Words) if w.text().startswith("Recommendation ")]
        assert any("passed – not met. 1 of 3 people" in w.text() and w.isVisible() for w in shown), name


def test_another_day_shows_the_desk_of_that_day(screen, qtbot):
    box = screen.page.as_at.edit
    box.selectAll()
    qtbot.keyClicks(box, "01/05/2026")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert cells(screen, "Ashby, Lee")["Module 1"] == "missing"
    assert any("evidence pending" in words for words in verdicts(screen))
    screen.press(screen.page.today_button)
    assert cells(screen, "Ashby, Lee")["Module 1"] == "1 Jun 2026"


def test_a_day_to_come_is_refused(screen, qtbot):
    box = screen.page.as_at.edit
    box.selectAll()
    qtbot.keyClicks(box, "01/05/2027")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert "lies in the future" in screen.refused
    assert screen.page.scope.day == date(2026, 11, 23)


# --- a person


def test_a_history_opens_beside_the_table_and_esc_closes_it(screen, qtbot):
    people = screen.page.people
    people.table.setFocus()
    people.table.selectRow(1)
    qtbot.keyClick(people.table, Qt.Key.Key_Return)
    assert people.person.isVisible()
    assert people.person.heading.text() == "Birch, Kim"
    qtbot.keyClick(people.person.record, Qt.Key.Key_Escape)
    assert not people.person.isVisible()


def open_history(screen, place):
    screen.page.people.table.selectRow(place)
    screen.press(screen.page.people.open_button)
    return screen.page.people.person


def test_a_completion_recorded_by_hand_counts_at_once(screen):
    pane = open_history(screen, 2)
    screen.answer("Record it", course="module_1", done_on=date(2026, 11, 2), evidence="certificate 12")
    screen.press(pane.record)
    assert screen.said == "The completion of 2 Nov 2026 is recorded."
    assert cells(screen, "Cole, =Ann")["Module 1"] == "2 Nov 2026"


def test_somebody_is_left_out_with_a_reason_and_who_agreed(screen):
    pane = open_history(screen, 2)
    screen.answer("Leave out", course="all courses", reason="secondment", why="At the NCA", approved_by="DI Example")
    screen.press(pane.exclude)
    assert cells(screen, "Cole, =Ann")["Module 1"] == "left out"
    assert any("2 of 2" in w or "1 of 2 people" in w for w in verdicts(screen))


def test_a_move_stays_in_the_history(screen):
    pane = open_history(screen, 1)
    screen.answer("Record the change", on=date(2026, 11, 20), team="Sudbury SNT")
    screen.press(pane.change)
    told = [w.text() for w in pane.moves.findChildren(Words)]
    assert "Team Sudbury SNT (was Haverhill SNT)" in told
    assert cells(screen, "Birch, Kim")["Team"] == "Sudbury SNT"


def test_a_suggestion_is_confirmed_in_the_history_of_the_person(screen, qtbot):
    pane = open_history(screen, 1)
    yes = next(b for b in pane.findChildren(type(pane.record)) if b.text() == "It is theirs" and b.isVisible())
    screen.press(yes)
    assert cells(screen, "Birch, Kim")["Module 2"] == "3 Jun 2026"
    assert screen.desk.ask(records_completions.waiting_count) == 0
    assert not screen.page.waits.isVisible()


# --- what waits, imports


def test_a_suggestion_is_confirmed_in_the_list(screen):
    view = screen.part("To confirm")
    view.table.selectRow(0)
    assert view.whose.currentText() == "Birch, Kim (3000002)"
    screen.press(view.confirm_button)
    assert screen.said == "1 confirmed; 1 counted anew."
    assert screen.desk.log()[-1]["operation"] == "combination"


def test_a_row_that_belongs_to_nobody_is_set_aside_with_a_reason(screen):
    view = screen.part("To confirm")
    view.table.selectRow(0)
    screen.answer("Set aside", why="A contractor")
    screen.press(view.nobody_button)
    assert screen.desk.ask(records_completions.waiting_count) == 0
    screen.part("People")
    assert cells(screen, "Birch, Kim")["Module 2"] == "missing"


def test_a_whole_import_is_taken_back(screen, qtbot):
    view = screen.part("Imports")
    view.table.selectRow(0)
    kept, steps = when_asked(lambda dialog: qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)), []
    screen.page.step_done.connect(steps.append)
    screen.press(view.undo_button)
    assert [step.why_not for step in steps] == ["import the file anew to have it again"]
    assert kept.seen == "Take this import back?"
    assert screen.said.startswith("Taken back: 5 rows")
    screen.part("People")
    assert cells(screen, "Ashby, Lee")["Module 1"] == "missing"


def test_the_primary_button_leads_through_an_import_of_completions(screen, qtbot, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("Employee ID,Name,Course title,Completion date,Status\n"
                    '3000003,"Cole, =Ann",Module 1,05/06/2026,Completed\n'
                    '3000003,"Cole, =Ann",Module 2,05/06/2026,In progress\n')  # fmt: skip
    messages.answers = [path]
    verbs = []

    def lead(wizard):
        assert isinstance(wizard, ImportWizard)
        wizard.forward.click()
        qtbot.waitUntil(lambda: wizard.sheet is not None)
        for step in (1, 2, 3, 4):
            qtbot.waitUntil(lambda: QApplication.activeModalWidget() is wizard)
            verbs.append(wizard.forward.text())
            wizard.forward.click()
            qtbot.waitUntil(lambda step=step: wizard.pages.currentIndex() == step)
        wizard.forward.click()

    kept = when_asked(lead)
    screen.press(screen.page.import_button)
    assert kept.seen == "Import completions"
    assert verbs[-1] == "Import 1 row"
    assert cells(screen, "Cole, =Ann")["Module 1"] == "5 Jun 2026"


# --- export


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_this_view_leaves_as_a_marked_private_file_that_is_logged(screen, tmp_path, suffix):
    choose(screen.page.people.course, "Module 2")
    messages.answers = [tmp_path / f"view{suffix}"]
    screen.answer("Choose a place…", recipient="Training board", purpose="monthly board", format=suffix)
    steps = []
    screen.page.step_done.connect(steps.append)
    screen.press(screen.page.export_button)
    assert [step.why_not for step in steps] == ["it left the desk"]
    path = tmp_path / f"view{suffix}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = screen.desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == (
        "disclosure", "Training board", "monthly board",
    )  # fmt: skip
    assert "2 rows" in entry["detail"]
    if suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            marking, header, *rows = csv.reader(file)
        assert marking == ["OFFICIAL-SENSITIVE"]
        assert header[:2] == ["Staff number", "Name"]
        assert [row[1] for row in rows] == ["Birch, Kim", "Cole, =Ann"]


def test_an_empty_view_is_not_exported(screen):
    screen.part("Hydra")
    screen.press(screen.page.export_button)
    assert "nothing to export" in screen.refused
