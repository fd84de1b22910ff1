"""Checklists on the page: edited as a new version, in and out as a file; older audits keep theirs."""

import pytest
from PySide6.QtCore import Qt

from oicdesk.audits import records, records_checklists
from oicdesk.ui import messages, theme
from tests.audits import makers, pages
from tests.audits.makers import PASSPHRASE
from tests.audits.pages import cells, seen
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

room, screen = makers.room, pages.screen
Key = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def lists(room, screen):
    """The checklists on the screen."""
    screen.press("Checklists…")
    return screen.page.checklists


@pytest.fixture
def editor(lists, screen):
    """The version that came with the desk, being edited."""
    screen.press("Edit as a new version…")
    return screen.page.editor


def versions(room):
    return [(row.name, row.version, len(row.criteria)) for row in room.ask(records_checklists.checklists)]


def write(screen, form, **texts):
    for name, words in texts.items():
        box = form.widget(name)
        box.setFocus()
        screen.qtbot.keyClick(box, Key.Key_A, CTRL)
        screen.qtbot.keyClick(box, Key.Key_Delete)
        screen.qtbot.keyClicks(box, words)


def test_the_versions_stand_with_their_criteria_and_what_the_desk_answers(lists, screen):
    (line,) = cells(lists.versions)
    assert line[0] == "Intelligence documents, version 1" and line[3:5] == ("20", "0")
    second = cells(lists.criteria)[1]
    assert second[:2] == ("2*  Submitted by the reporting officer", "Submitted by the reporting officer")
    assert second[2].startswith("After Not met: Who submitted it")
    lists.criteria.select_id(4)
    assert lists.guidance.text().startswith("4  OFFICIAL or OFFICIAL-SENSITIVE")
    assert problems(screen.page) == []
    screen.key(Key.Key_Escape)
    assert screen.page.stack.currentWidget() is screen.page.list


def test_every_part_of_a_criterion_can_be_edited_and_is_saved_as_a_new_version(room, editor, screen):
    editor.lines.select_id(4)
    write(screen, editor.form, text="The marking is right", guidance="Look at every page", follow_up="Which one?")
    screen.qtbot.mouseClick(editor.form.widget("mandatory"), Qt.MouseButton.LeftButton)
    box = editor.form.widget("automatic")
    box.setCurrentIndex(box.findText("First submitted within the due time"))
    box.activated.emit(box.currentIndex())
    asked = editor.form.widget("follow_up_on")
    for place in range(asked.count()):
        asked.item(place).setCheckState(Qt.CheckState.Checked if place == 0 else Qt.CheckState.Unchecked)
    write(screen, editor.head, note="The force's own words")
    assert editor.lines.rows.row(3).cells == ("4  The marking is right",)
    screen.key(Key.Key_Return, CTRL)
    assert versions(room) == [("Intelligence documents", 2, 20), ("Intelligence documents", 1, 20)]
    row = room.ask(records_checklists.newest)
    made = row.criteria[3]
    assert (made.text, made.guidance, made.mandatory, made.automatic) == (
        "The marking is right", "Look at every page", False, "in_time",
    )  # fmt: skip
    assert (made.follow_up, made.follow_up_on, row.note) == ("Which one?", ("MET",), "The force's own words")
    assert "version 2 is recorded; new audits start with it" in seen(screen.page.checklists)
    assert cells(screen.page.checklists.versions)[0][0] == "Intelligence documents, version 2"


def test_criteria_are_added_removed_and_moved_by_the_keyboard(room, editor, screen):
    editor.lines.select_id(20)
    screen.press("Add")
    assert screen.page.focusWidget() is editor.form.widget("text")
    screen.keys("One line more")
    editor.lines.setFocus()
    screen.key(Key.Key_Up, ALT)
    assert [line[0] for line in cells(editor.lines)][19] == "20  One line more"
    editor.lines.select_id(1)
    screen.press("Remove")
    screen.key(Key.Key_Return, CTRL)
    row = room.ask(records_checklists.newest)
    assert [one.text for one in row.criteria][-2:] == ["One line more", "Returned items were corrected"]
    assert len(row.criteria) == 20 and row.criteria[0].text == "Submitted by the reporting officer"


def test_refusals_stand_at_the_criterion_and_beside_the_field(room, editor, screen):
    screen.press("Add")
    editor.lines.select_id(5)
    screen.press("Save as a new version")
    assert editor.lines.selected_ids() == [2]
    assert editor.form.refusal_beside("text") == "Criterion 2 has no words; write it or remove it."
    write(screen, editor.form, text="New", follow_up="And then?")
    screen.press("Save as a new version")
    assert "both its words and the answers" in editor.form.refusal_beside("follow_up")
    write(screen, editor.head, name=" ")
    screen.press("Save as a new version")
    assert "needed here" in editor.head.refusal_beside("name")
    assert len(versions(room)) == 1


def test_the_same_criteria_are_no_new_version(room, editor, screen):
    screen.press("Save as a new version")
    assert "Nothing is different from Intelligence documents, version 1" in editor.problem.words.text()
    while editor.criteria:
        screen.press("Remove")
    screen.press("Save as a new version")
    assert "at least one criterion" in editor.problem.words.text()
    assert len(versions(room)) == 1


def test_an_unfinished_edit_survives_a_lock_and_can_be_thrown_away(room, editor, screen):
    write(screen, editor.form, text="Half a criterion")
    screen.sign_in(PASSPHRASE)
    screen.press("Checklists…")
    screen.press("Go on with the edit of 12:00")
    assert screen.page.editor.form.values()["text"] == "Half a criterion"
    screen.key(Key.Key_Escape)
    answer = press("Throw it away and begin")
    screen.press("Edit as a new version…")
    assert answer.seen == "Begin another edit?"
    assert screen.page.editor.form.values()["text"] != "Half a criterion"
    write(screen, screen.page.editor.form, text="Another half")
    screen.key(Key.Key_Escape)
    screen.press("Go on with the edit of 12:00")
    screen.press("Throw away what was typed")
    assert screen.page.checklists.unfinished.isHidden()
    assert len(versions(room)) == 1


def test_an_audit_keeps_the_version_it_was_planned_with(room, editor, screen):
    room.cases(2)
    old = room.audit()
    editor.lines.select_id(7)
    write(screen, editor.form, text="Only this is new")
    screen.key(Key.Key_Return, CTRL)
    assert room.ask(records.audit, old.id).checklist == "Intelligence documents, version 1"
    assert cells(screen.page.checklists.versions)[1][4] == "1"
    assert room.audit().checklist == "Intelligence documents, version 2"


def test_a_checklist_goes_out_to_a_file_and_comes_in_from_one(room, lists, screen, tmp_path):
    path = tmp_path / "list.toml"
    messages.answers = [path]
    screen.press("Save as a file…")
    assert "is saved as" in lists.told.words.text()
    messages.answers = [path]
    screen.press("Import a file…")
    assert "the same criteria as Intelligence documents, version 1" in lists.told.words.text()
    path.write_text(path.read_text("utf-8").replace("Correct marking", "The right marking"), "utf-8")
    messages.answers = [path]
    screen.press("Import a file…")
    assert "version 2 is recorded, with 20 criteria" in lists.told.words.text()
    assert cells(lists.criteria)[3][0] == "4*  The right marking"
    path.write_text("name = 3", "utf-8")
    messages.answers = [path]
    screen.press("Import a file…")
    assert "one of them is missing" in lists.problem.words.text()
    messages.answers = [None]
    screen.press("Import a file…")
    assert len(versions(room)) == 2


def test_large_text_fits_the_width_of_a_small_window(room, screen, qapp):
    theme.apply(qapp, "light", 200)
    page = screen.open()
    page.show_checklists()
    page.checklists.edit.click()
    assert page.minimumSizeHint().width() <= 1280 - 352
    assert problems(page) == []
