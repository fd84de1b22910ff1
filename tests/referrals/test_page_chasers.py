"""The Chasers tool by the keyboard, and what leaves the desk from it."""

from dataclasses import replace
from email import policy
from email.parser import BytesParser

import pytest
from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.referrals import records_chasers, records_letters, records_officers, records_templates, rules
from oicdesk.referrals.page_chasers import ChasersPage
from oicdesk.referrals.records_chasers import Chaser
from oicdesk.ui import messages, theme
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.ui.accessibility import problems
from tests.ui.dialogs import button, press, when_asked

desk, vault = desks.desk, desks.vault
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LATE = CONTACT + hours(49)  # the first step is due, the second not yet


@pytest.fixture
def page(desk, qtbot, tmp_path):
    made = ChasersPage(desk.vault, now=lambda: LATE, machine=Machine(tmp_path / "machine.json"))
    made.steps = []
    made.step_done.connect(made.steps.append)
    desk.vault.on_commit = lambda tables: made.refresh() if made.tables & tables else None
    qtbot.addWidget(made)
    made.resize(1000, 700)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.refresh()
    made.first_focus().setFocus()
    yield made
    desk.vault.on_commit = None
    QGuiApplication.clipboard().clear()


def key(qtbot, which, modifier=Qt.KeyboardModifier.NoModifier):
    if QApplication.focusWidget() is None:  # a dialog has just closed
        next(one for one in QApplication.topLevelWidgets() if isinstance(one, ChasersPage)).activateWindow()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    qtbot.keyClick(QApplication.focusWidget(), which, modifier)


def channels(desk, case):
    return [row.channel for row in desk.ask(records_chasers.chasers, case)]


def test_the_message_of_the_chosen_person_is_shown_whole(desk, page):
    desk.add()
    page.refresh()
    assert page.letters.message.toPlainText() == page.letters.letter.text
    assert page.segments.words() == ["Due now  1", "Awaiting an answer  0", "Without an NCCU reference  1"]
    assert page.letters.table.rows.sentence(0) == (
        "To MARSH, Jo, PC 7191, As Reporting officer, 1 case, Due to ask since Wed 18 Nov 2026 09:30,"
        " E-mail no address known."
    )
    page.scope_changed("Norfolk")
    page.refresh()
    assert page.segments.words() == ["Due now  0", "Awaiting an answer  0", "Without an NCCU reference  0"]


def test_the_text_is_copied_logged_first_and_cannot_be_taken_back(desk, page, qtbot):
    cases = [desk.add(), desk.add()]
    page.refresh()
    text = page.letters.letter.text
    QGuiApplication.clipboard().clear()
    told, there = desk.vault.on_commit, []
    desk.vault.on_commit = lambda tables: (there.append(QGuiApplication.clipboard().text()), told(tables))
    key(qtbot, Qt.Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == text
    assert there == [""], "the log knows before the text is there"
    assert [channels(desk, case) for case in cases] == [["copied text"], ["copied text"]]
    assert any(entry["operation"] == "disclosure" for entry in desk.log())
    (step,) = page.steps
    assert step.take_back is None and step.words == "Chase MARSH, Jo, PC 7191 about 2 cases"
    assert "2 cases recorded as chased" in page.said.words.text()
    assert page.letters.rows == [] and not page.letters.copy_button.isEnabled()
    assert page.segments.words()[1] == "Awaiting an answer  2"


def test_an_email_file_is_private_marked_and_addressed_from_the_directory(desk, page, qtbot, tmp_path):
    case = desk.add()
    marsh = desk.ask(records_officers.by_name, "Suffolk", "Jo Marsh")
    desk.do(records_officers.edit, marsh, {"email": "jo@suffolk.example"}, now=NOW)
    messages.answers = [tmp_path / "chaser.eml"]
    answer = press("Choose a place…")
    key(qtbot, Qt.Key.Key_S, CTRL | SHIFT)
    assert answer.seen == "Message to MARSH, Jo, PC 7191"
    file = tmp_path / "chaser.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert message["To"] == "jo@suffolk.example" and message["X-Unsent"] == "1"
    assert message["Subject"] == "OFFICIAL-SENSITIVE: Intelligence document needed: OIC-2026-0001"
    assert message.get_content().startswith("OFFICIAL-SENSITIVE")
    assert channels(desk, case) == ["e-mail file"]


def test_going_back_from_a_place_sends_and_logs_nothing(desk, page, qtbot):
    case = desk.add()
    page.refresh()
    messages.answers = [None]
    before = len(desk.log())
    key(qtbot, Qt.Key.Key_P, CTRL)
    assert channels(desk, case) == [] and len(desk.log()) == before


def test_a_note_to_print_is_a_marked_pdf(desk, page, qtbot, tmp_path):
    case = desk.add()
    page.refresh()
    messages.answers = [tmp_path / "note.pdf"]
    key(qtbot, Qt.Key.Key_P, CTRL)
    with PdfDocument(tmp_path / "note.pdf") as document:
        words = document[0].get_textpage().get_text_range()
    assert "OIC-2026-0001" in words and "OFFICIAL-SENSITIVE" in words and "Dear Jo Marsh," in words
    assert channels(desk, case) == ["printed note"]


def test_a_place_that_cannot_be_written_is_told(desk, page, qtbot, tmp_path):
    desk.add()
    page.refresh()
    messages.answers = [tmp_path / "nowhere" / "note.pdf"]
    key(qtbot, Qt.Key.Key_P, CTRL)
    assert "does not exist" in page.problem.words.text()


def test_asking_by_telephone_is_recorded_with_its_answer(desk, page, qtbot):
    case = desk.add()
    page.refresh()
    answer = press("Record it", {"channel": "telephone", "result": "Tonight."})
    key(qtbot, Qt.Key.Key_R, CTRL)
    assert answer.seen.startswith("Record that MARSH, Jo")
    (row,) = desk.ask(records_chasers.chasers, case)
    assert (row.channel, row.result) == ("telephone", "Tonight.")
    assert len(page.steps) == 1


def test_one_answer_is_recorded_for_several_chasers_and_taken_back(desk, page, qtbot):
    for _ in range(2):
        desk.add()
    page.refresh()
    desk.do(records_letters.sent, page.letters.letter, "copied text", now=LATE)
    page.refresh()
    key(qtbot, Qt.Key.Key_Right, CTRL | SHIFT)
    assert page.part is page.awaited and page.awaited.table.hasFocus()
    page.awaited.table.selectAll()
    answer = press("Record it", {"result": "Both tonight."})
    key(qtbot, Qt.Key.Key_A, CTRL | SHIFT)
    assert answer.seen == "Record the answer for 2 chasers" and page.awaited.rows == []
    page.steps[-1].take_back()
    assert len(desk.ask(records_letters.awaited, now=LATE)) == 2
    page.steps[-1].again()
    (first, _second) = desk.ask(lambda session: session.scalars(select(Chaser)).all())
    desk.do(records_chasers.answered, first.id, "Not tonight.", now=LATE)
    with pytest.raises(Refused, match="The answer was changed since"):
        page.steps[-1].take_back()
    assert desk.ask(records_letters.awaited, now=LATE) == []


def test_enter_opens_the_case_of_a_chaser(desk, page, qtbot):
    case = desk.add()
    page.refresh()
    desk.do(records_letters.sent, page.letters.letter, "copied text", now=LATE)
    page.refresh()
    opened = []
    page.open_requested.connect(lambda kind, id: opened.append((kind, id)))
    key(qtbot, Qt.Key.Key_Right, CTRL | SHIFT)
    key(qtbot, Qt.Key.Key_Return)
    assert opened == [("referral", case)]


def test_what_the_nccu_said_is_recorded_in_place(desk, page, qtbot):
    case = desk.add()
    page.refresh()
    answer = press("Save it", {"nccu_ref": "NCCU-77", "nccu_passed_at": CONTACT + hours(1)})
    key(qtbot, Qt.Key.Key_N, CTRL | SHIFT)
    assert answer.seen == "What the NCCU said about OIC-2026-0001"
    row = desk.row(case)
    assert (row.nccu_ref, row.nccu_passed_at) == ("NCCU-77", CONTACT + hours(1)) and page.unpassed.rows == []
    page.steps[-1].take_back()
    assert (desk.row(case).nccu_ref, desk.row(case).nccu_passed_at) == (None, None)


def test_a_text_is_edited_and_an_unknown_field_is_refused_beside_its_box(desk, page, qtbot):
    desk.add()
    page.refresh()
    refused, answers = [], []

    def choose(dialog):
        answers.append(when_asked(edit))
        button(dialog, "Edit the text…").click()

    def edit(dialog):
        dialog.form.set_values({"line": "- {refrence}"})
        dialog.submit()
        refused.append(dialog.form.refusal_beside("line"))
        dialog.form.set_values({"line": "* {reference}"})
        dialog.submit()

    answers.append(when_asked(choose))
    key(qtbot, Qt.Key.Key_T, CTRL)
    assert "{refrence} is no field of this part" in refused[0]
    assert desk.ask(records_templates.template, rules.OFFICER).template.line == "* {reference}"
    assert "* OIC-2026-0001" in page.letters.message.toPlainText()
    page.steps[-1].take_back()
    assert "* OIC-2026-0001" not in page.letters.message.toPlainText()
    step = page.steps[-1].again()
    assert "* OIC-2026-0001" in page.letters.message.toPlainText()
    kept = desk.ask(records_templates.template, rules.OFFICER).template
    desk.do(records_templates.save, replace(kept, subject="Reminder: {references}"), now=LATE)
    with pytest.raises(Refused, match="edited again since"):
        step.take_back()


@pytest.mark.parametrize(("scheme", "percent"), [("light", 100), ("dark", 200)])
def test_nothing_in_the_tool_is_nameless(desk, page, qapp, scheme, percent):
    desk.add()
    theme.apply(qapp, scheme, percent)
    page.refresh()
    assert problems(page) == []
