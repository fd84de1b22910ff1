"""The Reports page by what a user does: choose, preview, save; with a real vault behind it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from oicdesk.activity.records import Entries
from oicdesk.errors import VaultError
from oicdesk.machine import Machine
from oicdesk.reports.page import About, ReportEntry, ReportsPage
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.reports.write import write
from oicdesk.ui import messages, theme
from oicdesk.vault import log
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import Vault
from tests.ui.accessibility import problems

from . import makers

LEFT = Qt.MouseButton.LeftButton
NOW = datetime(2026, 11, 23, 10, 42, 31, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path):
    vault, _recovery_key = Vault.create(
        tmp_path / "desk", "correct horse battery", user="Sam", kdf=Kdf(memory_kib=64, passes=1, lanes=1)
    )
    yield vault
    vault.close()


@pytest.fixture
def asked():
    """What the page asked its reports for."""
    return []


def entry(vault, asked, name="coverage", title="Coverage of intelligence documents"):
    def preview(as_at, force):
        asked.append((name, as_at, force))
        with vault.consulting(f"preview of report {name}, {force}"):
            pass
        return pdf_bytes(makers.coverage())

    def save(path, as_at, force, recipient, purpose):
        asked.append((name, as_at, force))
        with vault.changing() as session:
            log.record(session, log.DISCLOSURE, recipient=recipient, purpose=purpose, detail=f"report {name}")
        write(makers.coverage(), path)

    return ReportEntry(name, title, "Who has a document, who has not.", preview, save)


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def page(vault, asked, clock, tmp_path, qtbot):
    page = ReportsPage(
        [entry(vault, asked), entry(vault, asked, "other", "Another report")],
        machine=Machine(tmp_path / "machine.json"), marking=lambda: "OFFICIAL-SENSITIVE", now=lambda: clock[0],
    )  # fmt: skip
    qtbot.addWidget(page)
    page.resize(1104, 640)
    page.show()
    qtbot.waitExposed(page)
    return page


def newest(vault):
    entries = Entries(vault)
    entries.count()
    return entries.page(0, 1)[0]


def choose(form, name, words):
    box = form.widget(name)
    assert isinstance(box, QComboBox)
    place = box.findText(words)
    assert place >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)


def preview(page, qtbot):
    qtbot.mouseClick(page.preview_button, LEFT)
    qtbot.waitUntil(lambda: page.sheets.pages > 0 and QApplication.activeModalWidget() is None)


def hand_over(page, qtbot, path):
    messages.answers = [path]
    for name, words in (("recipient", "DI Example"), ("purpose", "weekly brief")):
        box = page.handing.widget(name)
        box.clear()
        qtbot.keyClicks(box, words)
    qtbot.mouseClick(page.save_button, LEFT)
    qtbot.waitUntil(lambda: page.done.isVisible() or page.problem.isVisible())


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != "machine.json")


# --- preview ---


def test_without_a_preview_the_page_says_what_to_do_and_does_it(page, qtbot):
    assert page.empty.isVisible()
    qtbot.mouseClick(page.empty.button, LEFT)
    qtbot.waitUntil(lambda: page.sheets.pages > 1)
    assert page.sheets.isVisible()
    assert not page.empty.isVisible()


def test_ctrl_p_previews_the_report_as_at_now_for_the_window_s_force(page, qtbot, asked, vault):
    page.scope_changed("Norfolk")
    page.reports.setFocus()
    qtbot.keyClick(page.reports, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.sheets.pages > 1)
    assert asked == [("coverage", NOW, "Norfolk")]
    assert newest(vault).operation == log.CONSULTATION
    assert page.caption.text() == "Coverage of intelligence documents · Norfolk · as at Mon 23 Nov 2026 10:42"


def test_a_preview_leaves_no_file(page, qtbot, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    preview(page, qtbot)
    after = {path.suffix for path in set(tmp_path.rglob("*")) - set(before)}
    assert not after & {".pdf", ".png", ".part", ".tmp"}


def test_the_preview_paints_the_pages_of_the_finished_pdf(page, qtbot):
    preview(page, qtbot)
    document = pypdfium2.PdfDocument(pdf_bytes(makers.coverage()))
    assert page.sheets.pages == len(document)
    document.close()
    picture = page.sheets.viewport().grab().toImage()
    colours = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)
    }
    assert "#ffffff" in colours
    assert len(colours) > 20  # letters, edges, a coloured rule: more than a blank sheet


def test_a_page_that_is_scrolled_to_is_named_and_can_be_heard(page, qtbot):
    preview(page, qtbot)
    assert page.sheets.accessibleName() == f"Preview, page 1 of {page.sheets.pages}"
    assert "Ask the two teams" in page.sheets.accessibleDescription()
    page.sheets.setFocus()
    qtbot.keyClick(page.sheets, Qt.Key.Key_End)
    assert page.sheets.page == page.sheets.pages
    assert page.place.text().startswith(f"Page {page.sheets.pages} of {page.sheets.pages}")
    assert page.sheets.accessibleName() == f"Preview, page {page.sheets.pages} of {page.sheets.pages}"
    qtbot.keyClick(page.sheets, Qt.Key.Key_Home)
    assert page.sheets.page == 1


def test_the_keyboard_makes_the_preview_larger_and_fits_it_again(page, qtbot):
    preview(page, qtbot)
    page.sheets.setFocus()
    assert page.sheets.horizontalScrollBar().maximum() == 0
    qtbot.keyClicks(page.sheets, "++")
    assert page.sheets.percent == 150
    assert page.sheets.horizontalScrollBar().maximum() > 0
    qtbot.keyClicks(page.sheets, "0")
    assert page.sheets.percent == 100
    qtbot.keyClick(page.sheets, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert page.sheets.percent == 80
    qtbot.mouseClick(page.larger, LEFT)
    assert page.sheets.percent == 100


def test_zooming_keeps_the_page_that_is_looked_at(page, qtbot):
    preview(page, qtbot)
    bar = page.sheets.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    at = page.sheets.page
    page.sheets.zoom(2)
    assert page.sheets.page == at
    page.resize(1400, 800)
    assert page.sheets.page == at


def test_an_earlier_time_is_asked_for_and_used(page, qtbot, asked):
    assert not page.terms.widget("instant").isVisible()
    choose(page.terms, "as_at", "An earlier time")
    day, time = page.terms.widget("instant").findChildren(QLineEdit)[:2]
    qtbot.keyClicks(day, "1 Oct 2026")
    qtbot.keyClicks(time, "09:30")
    preview(page, qtbot)
    assert asked == [("coverage", datetime(2026, 10, 1, 8, 30, tzinfo=UTC), "Joint")]


@pytest.mark.parametrize(
    ("instant", "words"), [(None, "time is missing"), (NOW + timedelta(minutes=1), "lies ahead")]
)  # fmt: skip
def test_no_time_and_a_time_ahead_are_refused_beside_the_field(page, qtbot, asked, instant, words):
    choose(page.terms, "as_at", "An earlier time")
    page.terms.set_values({"instant": instant})
    qtbot.mouseClick(page.preview_button, LEFT)
    assert words in page.terms.refusal_beside("instant")
    assert asked == []


def test_choosing_something_else_says_that_the_preview_is_of_the_former(page, qtbot):
    preview(page, qtbot)
    assert not page.changed.isVisible()
    choose(page.terms, "force", "Suffolk")
    assert page.changed.isVisible()
    choose(page.terms, "force", "Joint")
    assert not page.changed.isVisible()
    page.reports.setCurrentRow(1)
    assert page.changed.isVisible()


def test_the_scope_of_the_window_is_followed(page):
    page.scope_changed("Suffolk")
    assert page.terms.values()["force"] == "Suffolk"


# --- save ---


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("PDF, tagged for screen readers", "a.pdf"),
        ("Word, the accessible twin", "a.docx"),
        ("Excel, the data", "a.xlsx"),
    ],
)  # fmt: skip
def test_a_report_is_saved_in_each_format_and_logged_as_a_disclosure(page, qtbot, vault, tmp_path, words, name):
    choose(page.handing, "format", words)
    hand_over(page, qtbot, tmp_path / name)
    assert files(tmp_path) == [name]
    assert str(tmp_path / name) in page.done.words.text()
    told = newest(vault)
    assert (told.operation, told.recipient, told.purpose) == (log.DISCLOSURE, "DI Example", "weekly brief")


def test_a_report_that_was_saved_is_listed_as_what_nobody_can_call_back(page, qtbot, tmp_path):
    steps = []
    page.step_done.connect(steps.append)
    hand_over(page, qtbot, tmp_path / "a.pdf")
    (step,) = steps
    assert step.words.endswith("for DI Example") and (step.take_back, step.why_not) == (None, "it left the desk")


def test_what_was_previewed_is_what_is_saved(page, qtbot, asked, clock, tmp_path):
    preview(page, qtbot)
    clock[0] = NOW + timedelta(minutes=9)
    hand_over(page, qtbot, tmp_path / "a.pdf")
    assert [as_at for _, as_at, _ in asked] == [NOW, NOW]


def test_what_was_not_previewed_is_saved_as_at_now(page, qtbot, asked, clock, tmp_path):
    preview(page, qtbot)
    clock[0] = NOW + timedelta(minutes=9)
    choose(page.terms, "force", "Suffolk")
    hand_over(page, qtbot, tmp_path / "a.pdf")
    assert asked[-1] == ("coverage", clock[0], "Suffolk")


@pytest.mark.parametrize("missing", ["recipient", "purpose"])
def test_without_a_recipient_or_a_purpose_nothing_is_saved_or_asked(page, qtbot, vault, asked, missing):
    before = newest(vault)
    page.handing.set_values({"recipient": "DI Example", "purpose": "weekly brief", missing: " "})
    messages.answers = []
    qtbot.mouseClick(page.save_button, LEFT)
    assert "is needed" in page.handing.refusal_beside(missing)
    assert asked == []
    assert newest(vault) == before


def test_the_suggested_name_leads_with_the_marking(page, qtbot, monkeypatch):
    suggested: list[Path] = []
    monkeypatch.setattr(messages, "choose_save", lambda _parent, _title, path, _filter: suggested.append(path))
    page.handing.set_values({"recipient": "DI Example", "purpose": "weekly brief"})
    qtbot.mouseClick(page.save_button, LEFT)
    assert suggested[0].name == "OFFICIAL-SENSITIVE coverage Joint 2026-11-23 1042.pdf"


def test_a_name_without_its_ending_gets_one_and_an_older_file_is_asked_about(page, qtbot, tmp_path):
    (tmp_path / "a.pdf").write_text("older")
    seen: list[str] = []

    def cancel():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, messages.Dialog):
            QTimer.singleShot(10, cancel)
            return
        seen.append(dialog.windowTitle())
        qtbot.mouseClick(dialog.cancel, LEFT)

    page.handing.set_values({"recipient": "DI Example", "purpose": "weekly brief"})
    messages.answers = [tmp_path / "a"]
    QTimer.singleShot(0, cancel)
    qtbot.mouseClick(page.save_button, LEFT)
    assert seen == ["Replace the file?"]
    assert (tmp_path / "a.pdf").read_text() == "older"
    hand_over(page, qtbot, tmp_path / "b")
    assert (tmp_path / "b.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_that_is_gone_is_told_and_the_preview_stays(page, qtbot, tmp_path):
    preview(page, qtbot)
    hand_over(page, qtbot, tmp_path / "gone" / "a.pdf")
    assert "does not exist" in page.problem.words.text()
    assert page.sheets.isVisible()


def test_a_vault_that_cannot_be_read_is_told_in_its_sentence(qtbot, tmp_path):
    def fail(_as_at, _force):
        raise VaultError("The disk failed while the vault was in use: check the disk.")

    page = ReportsPage(
        [ReportEntry("coverage", "Coverage", "", fail, lambda *_: None)], machine=Machine(tmp_path / "machine.json")
    )
    qtbot.addWidget(page)
    page.resize(1104, 640)
    page.show()
    qtbot.mouseClick(page.preview_button, LEFT)
    qtbot.waitUntil(page.problem.isVisible)
    assert "The disk failed" in page.problem.words.text()


# --- everyone ---


def test_everything_that_the_keyboard_reaches_has_a_name(page, qtbot):
    preview(page, qtbot)
    choose(page.terms, "as_at", "An earlier time")
    assert problems(page) == []


def test_a_desk_without_reports_says_so(qtbot, tmp_path):
    page = ReportsPage([], machine=Machine(tmp_path / "machine.json"))
    qtbot.addWidget(page)
    page.show()
    assert page.empty.isVisible()
    assert not page.empty.button.isVisible()
    assert not page.preview_button.isEnabled()
    page.preview()
    page.save()
    page.scope_changed("Suffolk")


def test_the_preview_follows_the_wheel_with_ctrl(page, qtbot):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    preview(page, qtbot)
    centre = QPointF(page.sheets.viewport().rect().center())
    turn = QWheelEvent(
        centre, page.sheets.viewport().mapToGlobal(centre), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(page.sheets.viewport(), turn)
    assert page.sheets.percent == 125


def test_at_large_text_the_preview_is_brought_into_view(qtbot, qapp, vault, asked, tmp_path):
    theme.apply(qapp, "light", 200)
    page = ReportsPage([entry(vault, asked)], machine=Machine(tmp_path / "machine.json"))
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    page.preview()
    qtbot.waitUntil(lambda: page.sheets.pages > 0 and not page.sheets.visibleRegion().isEmpty())
    assert page.handing.mapTo(page, QPoint()).y() < page.sheets.mapTo(page, QPoint()).y()


# --- further choices ---


AUDITS = [(7, "7: Documents of October"), (3, "3: Documents of March")]
OFFICERS = {7: [(None, "Every officer"), ("MARSH, Jo", "MARSH, Jo")], 3: [(None, "Every officer")]}


@pytest.fixture
def slips(vault, tmp_path, qtbot):
    """A page with a report that asks for an audit and an officer, and what it was asked for."""
    asked, audits = [], list(AUDITS)

    def preview(as_at, force, **about):
        asked.append(about)
        return pdf_bytes(makers.coverage())

    def save(path, as_at, force, recipient, purpose, **about):
        asked.append(about)
        write(makers.coverage(), path)

    about = [
        About("audit", "Audit", lambda _chosen: audits),
        About("officer", "Reporting officer", lambda chosen: OFFICERS[chosen["audit"]] if audits else []),
    ]
    page = ReportsPage(
        [entry(vault, []), ReportEntry("audit-slips", "Feedback slips", "", preview, save, about)],
        machine=Machine(tmp_path / "machine.json"), now=lambda: NOW,
    )  # fmt: skip
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    page.reports.setCurrentRow(1)
    return page, asked, audits


def test_a_report_starts_with_the_newest_audit_and_takes_the_one_that_is_chosen(slips, qtbot, tmp_path, monkeypatch):
    page, asked, _audits = slips
    preview(page, qtbot)
    choose(page.about, "audit", "3: Documents of March")
    assert page.changed.isVisible()
    preview(page, qtbot)
    assert asked == [{"audit": 7, "officer": None}, {"audit": 3, "officer": None}]
    assert page.caption.text().startswith("Feedback slips · 3: Documents of March · Every officer · Joint")
    hand_over(page, qtbot, tmp_path / "slips.pdf")
    assert asked[-1] == {"audit": 3, "officer": None}
    suggested = []
    monkeypatch.setattr(messages, "choose_save", lambda _parent, _title, path, _filter: suggested.append(path))
    qtbot.mouseClick(page.save_button, LEFT)
    assert suggested[0].name == "audit-slips audit 3 Joint 2026-11-23 1042.pdf"


def test_a_later_choice_hangs_on_the_one_before_it_and_stays_while_it_is_there(slips, qtbot):
    page, asked, _audits = slips
    choose(page.about, "officer", "MARSH, Jo")
    page.refresh()
    preview(page, qtbot)
    choose(page.about, "audit", "3: Documents of March")
    box = page.about.widget("officer")
    assert [box.itemText(n) for n in range(box.count())] == ["Every officer"]
    preview(page, qtbot)
    assert asked == [{"audit": 7, "officer": "MARSH, Jo"}, {"audit": 3, "officer": None}]


def test_a_new_audit_is_there_to_choose_once_the_page_is_refreshed(slips):
    page, _asked, audits = slips
    audits.insert(0, (8, "8: Documents of November"))
    OFFICERS[8] = [(None, "Every officer")]
    page.refresh()
    box = page.about.widget("audit")
    assert box.itemText(0) == "8: Documents of November"
    assert box.currentText() == "7: Documents of October"


def test_without_an_audit_the_page_says_that_there_is_none_to_choose(slips, qtbot):
    page, asked, audits = slips
    audits.clear()
    page.refresh()
    qtbot.mouseClick(page.preview_button, LEFT)
    assert "needed here" in page.about.refusal_beside("audit")
    assert asked == []
    assert problems(page) == []


def test_a_report_without_further_choices_shows_none(slips):
    page, _asked, _audits = slips
    assert page.about_room.isVisible()
    page.reports.setCurrentRow(0)
    assert not page.about_room.isVisible()
