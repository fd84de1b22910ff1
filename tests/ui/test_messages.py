from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.ui import messages
from oicdesk.ui.form import Field
from tests.ui.accessibility import problems
from tests.ui.dialogs import button, press, when_asked

FIELDS = (Field("reason", "Reason", "text", required=True), Field("day", "Day", "date"))


def _window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def test_confirm_is_true_only_for_the_verb(qtbot) -> None:
    window = _window(qtbot)
    answer = press("Remove")
    assert messages.confirm(window, "Remove the sample?", "It is withdrawn.", "Remove")
    assert answer.seen == "Remove the sample?"
    answer = press("Cancel")
    assert not messages.confirm(window, "Remove the sample?", "It is withdrawn.", "Remove")
    assert answer.seen


def test_enter_presses_the_verb_but_cancels_what_is_dangerous(qtbot) -> None:
    window = _window(qtbot)
    answer = when_asked(lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Return))
    assert messages.confirm(window, "Send the chaser?", "It goes to one officer.", "Send")
    answer = when_asked(lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Return))
    assert not messages.confirm(window, "Erase?", "It cannot be undone.", "Erase", danger=True)
    assert answer.seen == "Erase?"


def test_escape_cancels(qtbot) -> None:
    answer = when_asked(lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape))
    assert not messages.confirm(_window(qtbot), "Send the chaser?", "It goes to one officer.", "Send")
    assert answer.seen


def test_no_button_says_ok(qtbot) -> None:
    words: list[str] = []

    def read(dialog: QDialog) -> None:
        words.extend(found.text() for found in dialog.findChildren(QAbstractButton))
        dialog.reject()

    answer = when_asked(read)
    messages.tell(_window(qtbot), "Backed up", "The backup was opened and counted.")
    assert words == ["Close"] and answer.seen == "Backed up"


def test_a_form_gives_its_values(qtbot) -> None:
    answer = press("Return", {"reason": "Grading missing", "day": date(2026, 11, 23)})
    found = messages.ask_form(_window(qtbot), "Return the document", FIELDS, "Return")
    assert found == {"reason": "Grading missing", "day": date(2026, 11, 23)}
    assert answer.seen == "Return the document"


def test_a_refusal_keeps_the_form_open_with_what_was_typed(qtbot) -> None:
    tries: list[dict] = []
    seen: list[str] = []

    def check(values: dict) -> None:
        tries.append(values)
        if len(tries) == 1:
            raise Refused("The day lies in the future: give a past day.", field="day")
        if len(tries) == 2:
            raise VaultError("The disk is full: free some space and try again.")

    def act(dialog: QDialog) -> None:
        form, verb = dialog.form, button(dialog, "Return")
        verb.click()  # the required reason is empty: not even checked
        seen.append(form.refusal_beside("reason"))
        qtbot.keyClicks(form.widget("reason"), "Grading missing")
        verb.click()
        seen.append(form.refusal_beside("day"))
        verb.click()
        seen.append(form._notice.words.text())
        qtbot.keyClick(form.widget("reason"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    answer = when_asked(act)
    found = messages.ask_form(_window(qtbot), "Return the document", FIELDS, "Return", check)
    assert "needed" in seen[0]
    assert seen[1].startswith("The day lies in the future") and seen[2].startswith("The disk is full")
    assert answer.seen and found == {"reason": "Grading missing", "day": None} and len(tries) == 3


def test_escape_asks_before_it_throws_typing_away(qtbot) -> None:
    asked: list[str] = []

    def act(dialog: QDialog) -> None:
        qtbot.keyClicks(dialog.form.widget("reason"), "half a sentence")
        second = press("Keep typing")
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        asked.append(second.seen)
        assert dialog.isVisible() and dialog.form.values()["reason"] == "half a sentence"
        third = press("Throw away")
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        asked.append(third.seen)

    answer = when_asked(act)
    assert messages.ask_form(_window(qtbot), "Return the document", FIELDS, "Return") is None
    assert answer.seen and asked == ["Throw away what you typed?"] * 2


def test_cancel_leaves_at_once(qtbot) -> None:
    def act(dialog: QDialog) -> None:
        qtbot.keyClicks(dialog.form.widget("reason"), "half a sentence")
        button(dialog, "Cancel").click()

    answer = when_asked(act)
    assert messages.ask_form(_window(qtbot), "Return the document", FIELDS, "Return") is None
    assert answer.seen


def test_a_form_starts_with_its_values_and_names_every_field(qtbot) -> None:
    found: list[str] = []

    def act(dialog: QDialog) -> None:
        found.extend(problems(dialog))
        button(dialog, "Save").click()

    answer = when_asked(act)
    values = messages.ask_form(_window(qtbot), "Edit", FIELDS, "Save", values={"reason": "As before"})
    assert answer.seen and found == [] and values == {"reason": "As before", "day": None}


def test_tests_answer_the_file_choosers(tmp_path: Path) -> None:
    messages.answers = [tmp_path / "a.pdf", None, tmp_path]
    assert messages.choose_save(None, "Save the report", "coverage.pdf", "PDF (*.pdf)") == tmp_path / "a.pdf"
    assert messages.choose_open(None, "Open") is None
    assert messages.choose_folder(None, "Choose") == tmp_path


def test_close_all_closes_nested_dialogs_without_asking(qtbot) -> None:
    window = _window(qtbot)

    def inner(dialog: QDialog) -> None:
        QTimer.singleShot(0, messages.close_all)

    def outer(dialog: QDialog) -> None:
        qtbot.keyClicks(dialog.form.widget("reason"), "half a sentence")
        nested = when_asked(inner)
        assert not messages.confirm(dialog, "Sure?", "Two windows are open.", "Continue")
        assert nested.seen

    answer = when_asked(outer)
    assert messages.ask_form(window, "Return the document", FIELDS, "Return") is None
    assert answer.seen and QApplication.activeModalWidget() is None
