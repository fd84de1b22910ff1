"""Working drafts on the page: written by keyboard, kept at every pause, checked, compared, handed out and purged."""

import stat

import docx
import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from oicdesk.documents import records, records_drafts
from oicdesk.documents.page import DRAFTS
from oicdesk.documents.page_boxes import DraftBox
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_draft import BANNER, Draft, Item
from oicdesk.referrals import records_people
from oicdesk.referrals.records_disclosures import Disclosures
from oicdesk.ui import clipboard, messages, theme
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.documents import screens
from tests.referrals import pages
from tests.ui.accessibility import focus_order, problems
from tests.ui.dialogs import in_dialog

desk, vault, documents = desks.desk, desks.vault, screens.documents

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
TEXT = "A neighbour reported that the van AB12 CDE stands at the yard."


@pytest.fixture
def case(desk):
    return desk.add()


@pytest.fixture
def draft(desk, case):
    made = desk.do(records_drafts.begin, case, now=NOW)
    desk.do(records_drafts.autosave, made, Draft("Van", (Item(TEXT, "", Grades("1", "A", "P")), Item("Two."))))
    desk.do(records_drafts.keep_version, made, now=NOW)
    return made


@pytest.fixture
def editor(documents, draft):
    assert documents.page.show_item("working_draft", draft)
    return documents.editor


def kept(desk, draft):
    return desk.ask(records_drafts.current, draft)[0]


# --- beginning and writing ---


def test_a_draft_is_begun_written_kept_and_left_by_the_keyboard_alone(desk, case, documents):
    documents.part(DRAFTS)
    documents.answer(reference="OIC-2026-0001")
    pages.click(documents.qtbot, documents.page.drafts.new_button)
    editor = documents.editor
    assert BANNER in documents.shown()
    documents.page.activateWindow()
    documents.qtbot.waitUntil(lambda: QApplication.focusWidget() is editor.item.text)
    documents.write("The yard is full.")
    documents.wait_saved()
    (row,) = desk.ask(records_drafts.kept_drafts, now=NOW)
    assert kept(desk, row.id).items[0].text == "The yard is full."
    documents.key(Qt.Key.Key_N, CTRL)
    assert QApplication.focusWidget() is editor.item.text
    documents.write("The gate is chained.")
    documents.key(Qt.Key.Key_Return, CTRL)
    assert documents.page.drafts.stack.currentIndex() == 0
    assert [row.number for row in desk.ask(records_drafts.versions, row.id)] == [1]
    assert [item.text for item in kept(desk, row.id).items] == ["The yard is full.", "The gate is chained."]


def test_opening_a_draft_is_a_logged_look(desk, documents, draft):
    before = len(desk.log())
    documents.page.show_item("working_draft", draft)
    entry = desk.log()[before]
    assert (entry["operation"], entry["records"]["working_draft"]) == ("consultation", [draft])


def test_nothing_is_chosen_in_a_new_item(documents, editor):
    editor.add_item()
    for box in editor.item.parts.values():
        assert (box.currentData(), box.currentText()) == (None, "Not chosen yet")


def test_a_grade_is_chosen_with_code_and_label_and_kept(desk, documents, editor, draft):
    editor.items.setCurrentRow(1)
    box = editor.item.parts["information_assessment"]
    box.setFocus()
    documents.qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == "A – Known directly to the source"
    box.activated.emit(box.currentIndex())
    documents.wait_saved()
    assert kept(desk, draft).items[1].grades.information_assessment == "A"


def test_conditions_are_asked_for_only_with_handling_c_and_go_when_it_goes(desk, documents, editor, draft):
    box = editor.item.parts["handling_code"]
    assert not editor.item.conditions.isVisible()
    for code in ("C", "P"):
        box.setCurrentIndex(box.findData(code))
        box.activated.emit(box.currentIndex())
        assert editor.item.conditions.isVisibleTo(editor.item) == (code == "C")
        if code == "C":
            documents.write("Only here.", editor.item.conditions)
    editor.keep()
    assert kept(desk, draft).items[0].grades == Grades("1", "A", "P")


def test_items_are_moved_and_removed_by_keys(desk, documents, editor, draft):
    editor.item.text.setFocus()
    documents.key(Qt.Key.Key_Down, ALT | SHIFT)
    assert [item.text for item in kept(desk, draft).items] == ["Two.", TEXT]
    documents.key(Qt.Key.Key_PageUp, ALT)
    assert editor.item.text.toPlainText() == "Two."
    in_dialog(lambda dialog: documents.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton))
    editor.remove_item()
    assert [item.text for item in kept(desk, draft).items] == [TEXT]


def test_typing_survives_the_page_being_hidden_before_the_pause(desk, documents, editor, draft):
    documents.write(" And more.")
    documents.page.hide()
    assert kept(desk, draft).items[0].text == f"{TEXT} And more."


# --- beside the draft ---


def test_the_check_shows_rule_and_why_and_goes_to_the_words(documents, editor):
    editor.show_side(1)
    said = [editor.check.list.item(n).text() for n in range(editor.check.list.count())]
    assert said[0] == "1. Words that point to a source: “neighbour reported”"
    assert said[1] == "1. Number plate: “AB12 CDE”"
    assert said[2].startswith("2. Paragraph without a grade")
    marked = [one.cursor.selectedText() for one in editor.item.text.extraSelections()]
    assert marked == ["neighbour reported", "AB12 CDE"]
    editor.item.text.setFocus()
    documents.key(Qt.Key.Key_F7)
    assert editor.item.text.textCursor().selectedText() == "AB12 CDE"
    assert "leads to a keeper" in editor.check.why.text()


def test_a_letter_outside_the_first_plane_moves_no_mark(documents, editor):
    editor.item.text.setPlainText("\U0001f69a the van AB12 CDE")
    editor.look()
    assert [one.cursor.selectedText() for one in editor.item.text.extraSelections()] == ["AB12 CDE"]


def test_words_are_kept_with_a_reason_and_the_remark_is_answered(desk, documents, editor, draft):
    editor.show_side(1)
    editor.check.list.setCurrentRow(1)
    documents.answer(reason="The keeper is the subject.")
    documents.press("Keep these words…")
    assert "(kept)" in editor.check.list.item(1).text()
    assert "Kept by Sam Ashby: The keeper is the subject." in editor.check.why.text()
    assert kept(desk, draft).items[0].overrides[0].rule == "plate"
    documents.press("Take the reason back")
    assert kept(desk, draft).items[0].overrides == ()


def test_the_check_blocks_nothing(desk, documents, editor, draft, tmp_path):
    assert any(one.override is None for one in editor.remarks)
    messages.answers = [tmp_path / "draft.txt"]
    documents.answer(recipient="DI Reed", purpose="briefing", format="txt")
    documents.press("Export…")
    assert (tmp_path / "draft.txt").exists()


def test_the_coach_asks_and_fills_in_nothing(documents, editor):
    editor.items.setCurrentRow(1)
    box = editor.coach.boxes["How does the source know it?"]
    assert box.currentData() is None
    box.setCurrentIndex(2)
    box.activated.emit(2)
    said = editor.coach.fitting["information_assessment"].text()
    assert "C – Known indirectly to the source" in said
    assert all(part.currentData() is None for part in editor.item.parts.values())


def test_the_coach_flags_words_that_contradict_a_grade(documents, editor):
    documents.write(" He was told so.")
    documents.qtbot.waitUntil(lambda: not editor.coach.flags.isHidden())
    assert "sounds second-hand" in editor.coach.flags.words.text()


def test_the_six_questions_are_answered_in_words_without_a_score(documents, editor):
    editor.show_side(2)
    said = {name: words.text() for name, words in editor.six.said.items()}
    assert list(said) == ["who", "what", "when", "where", "why", "how"]
    assert "yard" in said["where"]
    assert said["why"] == "Not found. Why: what is it for, or who gains?"
    assert not any(letter in "".join(said.values()) for letter in "%/")


def test_two_versions_are_compared_readably(documents, editor):
    documents.write(" It is white.")
    documents.key(Qt.Key.Key_S, CTRL)
    editor.show_side(3)
    versions = editor.versions
    assert versions.old.count() == 2
    versions.old.setCurrentIndex(1)
    versions.old.activated.emit(1)
    assert "[added: It is white.]" in versions.shown.accessibleName()
    assert "<u " in versions.shown.text()


# --- out of the desk ---


@pytest.mark.parametrize("suffix", ["pdf", "docx", "txt"])
def test_each_export_is_marked_private_and_registered(desk, case, documents, editor, draft, tmp_path, suffix):
    path = tmp_path / f"draft.{suffix}"
    messages.answers = [path]
    documents.answer(recipient="DI Reed", purpose="briefing", format=suffix)
    told, there = desk.vault.on_commit, []
    desk.vault.on_commit = lambda tables: (there.append(path.exists()), told(tables))
    documents.press("Export…")
    assert there and not any(there), "the register knows before the file is there"
    assert documents.said() == f"Version 1 of working draft {draft} is in draft.{suffix}."
    text = {"pdf": _pdf, "docx": _docx, "txt": lambda one: one.read_text("utf-8-sig")}[suffix](path)
    for words in (
        "OFFICIAL-SENSITIVE · WORKING DRAFT – the force system holds the record",
        "DI Reed",
        "briefing",
        "A – Known directly to the source",
        "version 1",
    ):
        assert words in text, words
    assert "AB12 CDE" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (row,) = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert (row.recipient, row.form) == ("DI Reed", suffix)
    assert documents.steps.lines()[0][1] == "cannot be taken back: it left the desk"


def _pdf(path):
    with pypdfium2.PdfDocument(path) as document:
        pages_text = [page.get_textpage().get_text_bounded() for page in document]
    assert all(text.count(BANNER) >= 2 for text in pages_text)  # at head and foot of every page
    return " ".join("\n".join(pages_text).split())


def _docx(path):
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    head = [p.text for section in document.sections for p in (*section.header.paragraphs, *section.footer.paragraphs)]
    return "\n".join([*(p.text for p in document.paragraphs), *cells, *head])


def test_a_copy_asks_the_recipient_and_is_marked(desk, case, documents, editor):
    documents.answer(recipient="DI Reed", purpose="briefing")
    documents.press("Copy…")
    text = QGuiApplication.clipboard().text()
    assert text.startswith(f"OFFICIAL-SENSITIVE · {BANNER}")
    assert TEXT in text
    (row,) = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert row.form == "copy"
    clipboard.forget(text)
    assert QGuiApplication.clipboard().text() == ""


def test_pages_to_print_ask_the_recipient_and_are_registered_as_print(desk, case, documents, editor, tmp_path):
    messages.answers = [tmp_path / "print.pdf"]
    documents.answer(recipient="DI Reed", purpose="briefing")
    documents.press("Print…")
    assert (tmp_path / "print.pdf").read_bytes().startswith(b"%PDF")
    (row,) = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert row.form == "print"


@pytest.mark.parametrize("button", ["Export…", "Copy…", "Print…"])
def test_no_way_out_opens_while_the_safeguarding_record_is_incomplete(desk, case, documents, editor, button):
    desk.do(records_people.add_person, case, {"label": "P1", "categories": {"victim"}}, now=NOW)
    documents.press(button)  # no form opens: nobody answers one here
    assert "safeguarding record of OIC-2026-0001 is incomplete" in documents.refused()
    assert desk.ask(lambda session: Disclosures(session).count()) == 0


def test_what_is_copied_inside_the_editor_reaches_no_other_program(documents, editor):
    box = editor.item.text
    box.setFocus()
    documents.key(Qt.Key.Key_A, CTRL)
    documents.key(Qt.Key.Key_C, CTRL)
    data = QGuiApplication.clipboard().mimeData()
    assert not data.hasText()
    assert b"neighbour" not in b"".join(bytes(data.data(kind)) for kind in data.formats())
    editor.items.setCurrentRow(1)
    box.selectAll()
    documents.key(Qt.Key.Key_V, CTRL)
    assert box.toPlainText() == TEXT


# --- purging ---


def test_accepting_the_document_closes_the_open_draft_and_leaves_no_undo(desk, case, documents, editor, draft):
    documents.write(" More.")
    documents.wait_saved()
    document = desk.submit(case, CONTACT + hours(3))
    desk.do(records.accept, document, at=NOW, now=NOW)
    documents.qtbot.waitUntil(lambda: documents.page.drafts.stack.currentIndex() == 0)
    assert documents.said() == f"Working draft {draft} was purged."
    for box in editor.findChildren(DraftBox):
        assert box.toPlainText() == ""
        box.undo()
        assert box.toPlainText() == ""


def test_the_list_warns_before_a_purge_and_shows_what_is_left_after(desk, documents, draft):
    edited = desk.ask(records_drafts.kept_drafts, now=NOW)[0].edited_at
    documents.now = edited + days(24)
    documents.part(DRAFTS)
    documents.page.refresh()
    assert f"Working draft {draft} (OIC-2026-0001) will be purged from" in documents.page.drafts.warning.words.text()
    in_dialog(lambda dialog: documents.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton))
    documents.press("Purge now…")
    assert documents.said() == f"Working draft {draft} is purged."
    pages.click(documents.qtbot, documents.page.drafts.gone)
    assert documents.page.drafts.purged.rows.rowCount() == 1
    assert "purged on request" in documents.page.drafts.purged.rows.sentence(0)


def test_a_draft_is_said_to_have_become_one_document_of_its_case(desk, case, documents, draft):
    documents.part(DRAFTS)
    documents.press("It became a document…")
    assert "has no document yet" in documents.refused()
    document = desk.submit(case, CONTACT + hours(3), reference="IR/1")
    documents.answer(document=document)
    documents.press("It became a document…")
    assert documents.said() == f"Working draft {draft} is purged once IR/1 is accepted."
    assert desk.ask(records_drafts.kept_drafts, now=NOW)[0].document_id == document


def test_a_held_draft_is_not_purged_and_says_so(desk, case, documents, draft):
    documents.held.add(case)
    documents.part(DRAFTS)
    documents.page.refresh()
    assert documents.rows()[0].startswith("Kept until On hold")
    in_dialog(lambda dialog: documents.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton))
    documents.press("Purge now…")
    assert "A hold is on OIC-2026-0001" in documents.refused()


# --- for everyone ---


def test_tab_leaves_every_box_and_every_widget_has_a_name(documents, editor):
    for place in range(4):
        editor.show_side(place)
        assert problems(documents.page) == []
    editor.item.text.setFocus()
    visited = focus_order(documents.page)
    assert editor.item.provenance in visited
    assert editor.item.parts["source_evaluation"] in visited
    assert "\t" not in editor.item.text.toPlainText()


def test_the_keys_of_the_editor_are_listed_while_it_is_open(documents, editor):
    listed = {action.text() for action in documents.page.listed_actions()}
    assert {"Keep this version and go back", "Add an item", "Go to the next remark", "Show versions"} <= listed


@pytest.mark.parametrize("percent", [100, 200])
def test_the_editor_holds_at_twice_the_text(desk, draft, qtbot, tmp_path, percent, qapp):
    theme.apply(qapp, "light", percent)
    screen = screens.Screen(desk, qtbot, tmp_path)
    screen.page.show_item("working_draft", draft)
    editor = screen.editor
    boxes = [editor.items, editor.add_button, editor.remove_button, editor.split.widget(1), editor.split.widget(2)]
    placed = [box.rect().translated(box.mapTo(screen.page, box.rect().topLeft())) for box in boxes]
    assert all(box.height() >= theme.row_height() for box in placed)
    assert not any(a.intersects(b) for n, a in enumerate(placed) for b in placed[n + 1 :])
    screen.page.hide()


def test_a_window_that_opens_purges_what_is_due_and_warns_of_what_is_next(desk, draft, monkeypatch):
    from oicdesk import app

    class _Notice:
        said = ""

        def say(self, sentence):
            self.said = sentence

    class _Window:
        notice = _Notice()

    edited = desk.ask(records_drafts.kept_drafts, now=NOW)[0].edited_at
    for moment, left, said in ((days(1), 1, ""), (days(25), 1, "will be purged from"), (days(31), 0, "")):
        monkeypatch.setattr(app, "_now", lambda moment=moment: edited + moment)
        _Window.notice.said = ""
        app._keep_drafts_short(_Window, desk.vault)
        assert len(desk.ask(records_drafts.kept_drafts, now=NOW)) == left
        assert said in _Window.notice.said
