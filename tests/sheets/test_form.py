"""The import wizard, walked by clicks and keys, driven by a kind of import that keeps its rows in a list."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox

from oicdesk.errors import Refused, VaultError
from oicdesk.sheets.dry_run import ALREADY_THERE, PROBLEM, UPDATE, dry_run
from oicdesk.sheets.form import ImportWizard
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Target
from oicdesk.sheets.read import DEFAULT_LIMITS
from oicdesk.ui import messages
from oicdesk.ui.messages import Dialog
from tests.sheets.makers import csv_file

TARGETS = (
    Target("date", "Contact date", True, ("Date",), "date"),
    Target("force", "Force", True, values={"SFK": "Suffolk", "NFK": "Norfolk"}),
    Target("ref", "Incident number", synonyms=("Incident",)),
    Target("persons", "Persons", kind="whole"),
)
HEADER = ["Incident", "Date", "Force", "Persons", "Remarks"]
ROWS = [
    ["SC-1", "06/01/2026", "Suffolk", "2", "x"],
    ["SC-2", "07/01/2026", "Norfolk", "1", ""],
    ["", "", "", "", ""],
    ["SC-3", "31/02/2026", "Norfolk", "many", ""],
    ["SC-4", "08/01/2026", "East", "1", "=1+1"],
]


class Contacts:
    """A kind of import whose records are kept in `written`."""

    title, noun, marking, targets, limits = "Import contacts", "contacts", "OFFICIAL", TARGETS, DEFAULT_LIMITS

    def __init__(self):
        self.written, self.mappings, self.saved, self.refusal = [], {}, [], None

    def remembered(self, key):
        return self.mappings.get(key)

    def remember(self, key, mapping):
        self.mappings[key] = mapping

    def prepare(self, sheet, mapping, progress):
        run = dry_run(sheet, mapping, self._parse, targets=self.targets, progress=progress)
        for row in run.valid:
            known = {record[0]: record for record in self.written}.get(row.record[0])
            if known:
                row.state = ALREADY_THERE if known == row.record else UPDATE
                row.note = "Already there." if known == row.record else "The file differs in: persons."
        return run

    def _parse(self, cells):
        if cells["ref"] == "SC-2":
            cells.warn("The time happens twice; the first is taken.")
        return cells.text("ref"), cells.date("date"), cells.code("force"), cells.whole("persons")

    def write(self, run, *, all_or_nothing, apply_updates, progress):
        progress(0.0, "Writing")
        if self.refusal:
            raise self.refusal
        wanted = [row for row in run.valid if row.state != ALREADY_THERE and (apply_updates or row.state != UPDATE)]
        self.written += [row.record for row in wanted]
        return ImportResult([("Imported", len(wanted)), ("Problems", len(run.problems))], undo=len(wanted))

    def undo(self, result, progress):
        del self.written[-result.undo :]
        return f"{result.undo} contacts were taken back."

    def problems_saved(self, path, count):
        self.saved.append((path, count))


@pytest.fixture
def kind():
    return Contacts()


@pytest.fixture
def wizard(qtbot, kind):
    wizard = ImportWizard(kind)
    qtbot.addWidget(wizard)
    wizard.open()
    return wizard


def press(qtbot, button):
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(qtbot, wizard, path):
    messages.answers = [path]
    press(qtbot, wizard.forward if wizard.sheet is None else wizard.file_step.again)
    qtbot.waitUntil(lambda: wizard.sheet is not None or wizard.notice.isVisible())


def go_to_check(qtbot, wizard, path):
    choose(qtbot, wizard, path)
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3)


def pick(box: QComboBox, data):
    """Choose an entry as the keyboard does."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_a_file_is_imported_step_by_step(qtbot, wizard, kind, tmp_path):
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    assert wizard.forward.text() == "Match the columns"
    press(qtbot, wizard.forward)
    assert wizard.columns_step.choices["date"].currentText() == "Date"
    assert "“06/01/2026”" in wizard.columns_step.remarks["date"].text()
    press(qtbot, wizard.forward)
    words = wizard.words_step.choices
    assert next(iter(words)) == ("force", "East")
    assert words["force", "Suffolk"].currentText() == "Suffolk"
    press(qtbot, wizard.forward)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3)
    assert wizard.check_step.summary.text() == (
        "5 rows: 2 new, 2 with problems, 1 blank. 1 row that can be imported has a warning."
    )
    assert wizard.forward.text() == "Import 2 rows"
    with qtbot.waitSignal(wizard.imported):
        press(qtbot, wizard.forward)
    assert [record[0] for record in kind.written] == ["SC-1", "SC-2"]
    assert wizard.pages.currentIndex() == 4
    press(qtbot, wizard.forward)
    assert not wizard.isVisible()


def test_the_whole_way_can_be_gone_by_the_keyboard(qtbot, wizard, kind, tmp_path):
    def ctrl_enter():
        wizard.activateWindow()  # without a window system no one does it when the waiting window has closed
        qtbot.waitUntil(wizard.isActiveWindow)
        qtbot.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    messages.answers = [csv_file(tmp_path, [HEADER, *ROWS])]
    ctrl_enter()
    qtbot.waitUntil(lambda: wizard.sheet is not None)
    for step in (1, 2, 3, 4):
        ctrl_enter()
        qtbot.waitUntil(lambda step=step: wizard.pages.currentIndex() == step)
        focus = wizard.focusWidget()
        assert focus is not None
        assert focus.accessibleName() or focus.text()
    assert len(kind.written) == 2


def test_the_table_shows_the_reasons_of_the_problem_rows_first(qtbot, wizard, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    rows = wizard.check_step.table.rows
    assert [rows.row(place).line.number for place in range(rows.rowCount())] == [5, 6]
    assert rows.sentence(0).startswith(
        "State Problem, Line 5, Contact date: There is no 31 February. Persons: “many” is not a whole number"
    )
    for data, lines in ((None, [2, 3, 4, 5, 6]), ("new", [2, 3]), ("warning", [3]), ("blank", [4])):
        pick(wizard.check_step.show_box, data)
        assert [rows.row(place).line.number for place in range(rows.rowCount())] == lines


def test_the_rows_can_be_sorted_by_line_downwards(qtbot, wizard, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    pick(wizard.check_step.show_box, None)
    table = wizard.check_step.table
    table.sort_by("line", descending=True)
    assert [table.rows.row(place).id for place in range(5)] == [6, 5, 4, 3, 2]
    assert table.select_id(5)


def test_a_required_column_that_is_not_chosen_stops_with_the_keyboard_on_it(qtbot, wizard, tmp_path):
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    press(qtbot, wizard.forward)
    pick(wizard.columns_step.choices["date"], "")
    press(qtbot, wizard.forward)
    assert wizard.pages.currentIndex() == 1
    assert wizard.notice.words.text() == "No column is chosen for Contact date; choose it above."
    assert wizard.focusWidget() is wizard.columns_step.choices["date"]
    pick(wizard.columns_step.choices["date"], "Date")
    assert not wizard.notice.isVisible()
    press(qtbot, wizard.forward)
    assert wizard.pages.currentIndex() == 2


def test_the_words_step_is_left_out_where_no_column_has_codes(qtbot, wizard, kind, tmp_path):
    kind.targets = tuple(target for target in TARGETS if target.values is None)
    again = ImportWizard(kind)
    qtbot.addWidget(again)
    again.open()
    choose(qtbot, again, csv_file(tmp_path, [HEADER, *ROWS]))
    press(qtbot, again.forward)
    assert "of 4" in again.steps.accessibleName()
    assert again.forward.text() == "Check the rows"


def test_a_word_given_a_meaning_mends_its_rows(qtbot, wizard, tmp_path):
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    pick(wizard.words_step.choices["force", "East"], "SFK")
    press(qtbot, wizard.forward)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3)
    assert wizard.run.counts()[PROBLEM] == 1
    press(qtbot, wizard.back)
    assert wizard.words_step.choices["force", "East"].currentData() == "SFK"


def test_no_word_with_a_meaning_cannot_be_left(qtbot, wizard, tmp_path):
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, ["SC-1", "06/01/2026", "East", "1", ""]]))
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    assert wizard.pages.currentIndex() == 2
    assert wizard.notice.words.text().startswith("None of the words in Force is understood;")


def test_all_or_nothing_does_not_import_while_a_row_has_a_problem(qtbot, wizard, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    wizard.check_step.all_or_nothing.click()
    assert not wizard.forward.isEnabled()
    wizard.check_step.valid_only.click()
    assert wizard.forward.isEnabled()


def test_offered_updates_are_applied_only_when_asked(qtbot, wizard, kind, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    with qtbot.waitSignal(wizard.imported):
        press(qtbot, wizard.forward)
    again = ImportWizard(kind)
    qtbot.addWidget(again)
    again.open()
    changed = [["SC-1", "06/01/2026", "Suffolk", "9", "x"], ROWS[1]]
    go_to_check(qtbot, again, csv_file(tmp_path, [HEADER, *changed]))
    assert again.run.counts()[UPDATE] == 1
    assert again.forward.text() == "Nothing to import"
    assert not again.forward.isEnabled()
    again.check_step.apply_updates.click()
    assert again.forward.text() == "Import 1 row"
    with qtbot.waitSignal(again.imported):
        press(qtbot, again.forward)
    assert kind.written[-1][3] == 9


def test_the_mapping_of_a_header_is_remembered_after_an_import(qtbot, wizard, kind, tmp_path):
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    press(qtbot, wizard.forward)
    pick(wizard.columns_step.choices["ref"], "Remarks")
    press(qtbot, wizard.forward)
    press(qtbot, wizard.forward)
    qtbot.waitUntil(lambda: wizard.pages.currentIndex() == 3)
    with qtbot.waitSignal(wizard.imported):
        press(qtbot, wizard.forward)
    again = ImportWizard(kind)
    qtbot.addWidget(again)
    again.open()
    choose(qtbot, again, csv_file(tmp_path, [HEADER, *ROWS]))
    assert again.mapping.columns["ref"] == "Remarks"


def test_the_problem_rows_are_saved_with_the_count_that_is_shown(qtbot, wizard, kind, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    path = tmp_path / "out.csv"
    messages.answers = [path]
    press(qtbot, wizard.check_step.save)
    assert kind.saved == [(path, 2)]
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[2:]] == ["5", "6"]
    assert "2 problem rows saved as out.csv" in wizard.check_step.saved.text()
    messages.answers = [None]
    press(qtbot, wizard.check_step.save)
    assert len(kind.saved) == 1


def test_an_import_is_undone_after_asking(qtbot, wizard, kind, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    with qtbot.waitSignal(wizard.imported):
        press(qtbot, wizard.forward)
    from PySide6.QtCore import QTimer

    def answer():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, Dialog)
        dialog.verb.click()

    QTimer.singleShot(0, answer)
    with qtbot.waitSignal(wizard.imported):
        press(qtbot, wizard.result_step.undo)
    assert kind.written == []
    assert wizard.result_step.sentence.text() == "2 contacts were taken back."
    assert not wizard.result_step.undo.isVisible()


@pytest.mark.parametrize("fault", [Refused("Not now; try later."), VaultError("The disk is full; make room.")])
def test_a_refused_import_says_why_and_stays(qtbot, wizard, kind, tmp_path, fault):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    kind.refusal = fault
    press(qtbot, wizard.forward)
    qtbot.waitUntil(wizard.notice.isVisible)
    assert wizard.notice.words.text() == str(fault)
    assert wizard.pages.currentIndex() == 3


def test_a_file_that_cannot_be_read_says_why_and_another_can_be_chosen(qtbot, wizard, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    choose(qtbot, wizard, empty)
    assert wizard.notice.words.text() == "empty.csv is empty; choose a file with rows in it."
    choose(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    assert wizard.sheet is not None
    assert not wizard.notice.isVisible()


def test_every_box_and_button_has_a_name(qtbot, wizard, tmp_path):
    go_to_check(qtbot, wizard, csv_file(tmp_path, [HEADER, *ROWS]))
    for box in wizard.findChildren(QComboBox):
        assert box.accessibleName()
    assert wizard.columns_step.choices["date"].accessibleName() == "Column for Contact date, required"
    assert wizard.check_step.table.accessibleName()
