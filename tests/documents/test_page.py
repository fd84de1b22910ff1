"""The Documents page: the register, what becomes of a chosen document, decisions, disclosures, whom to tell."""

import csv

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from oicdesk.documents import records, records_drafts, records_tell
from oicdesk.documents.page import DECIDE, DISCLOSURES, DRAFTS, REGISTER, TELL
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.referrals import rules
from oicdesk.referrals.records_disclosures import Disclosures, Handing
from oicdesk.sheets.form import ImportWizard
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from oicdesk.ui import messages
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.documents import screens
from tests.referrals import pages
from tests.test_cli_documents import HEADER
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

desk, vault, documents = desks.desk, desks.vault, screens.documents

ONE = 'IR/1,"MARSH, Jo",PC7191,Suffolk,16/11/2026,16/11/2026 14:05,SC-16112026-001,1 A P'
DOUBTFUL = ONE.replace("SC-16112026-001", "SC-99")


def take_in(desk, tmp_path, *lines):
    """Import a list of reports."""
    from oicdesk.documents import sheet_list
    from oicdesk.settings.records import reference

    path = tmp_path / "reports.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")

    def work(session):
        found = reference(session)
        sheet = read(path)
        run = sheet_list.check(session, sheet, propose(sheet, sheet_list.targets(found)), found, now=NOW)
        return sheet_list.write(session, run, file_name=path.name, file_sha256="", now=NOW)

    return desk.do(work)


def outcomes(desk, case):
    return [row.outcome for row in desk.ask(records.documents, case)]


# --- the register ---


def test_an_empty_desk_says_why_each_part_is_empty(documents):
    said = {REGISTER: "No document stands here", DECIDE: "Nothing waits for a decision", DRAFTS: "No working draft",
            DISCLOSURES: "Nothing has left the desk", TELL: "Nobody has to be told"}  # fmt: skip
    for part, words in said.items():
        documents.part(part)
        assert words in documents.shown()


def test_a_document_speaks_its_state_contacts_and_grades_in_words(desk, documents):
    desk.submit(desk.add(), CONTACT + hours(3), grades=Grades("2", "C", "P"), author="MARSH, Jo")
    (said,) = documents.rows()
    assert said.startswith("Submitted, Reference IR-1, Submitted Mon 16 Nov 2026 12:30, for OIC-2026-0001")
    assert "Source 2 – Untested, Assessment C – Known indirectly to the source" in said
    assert "Handling P – Lawful sharing permitted" in said


def test_the_register_is_filtered_viewed_and_sorted(desk, documents, qtbot):
    one, other = desk.add(), desk.add(force="Norfolk")
    first = desk.submit(one, CONTACT + hours(3), reference="IR/B", author="MARSH, Jo")
    desk.submit(other, CONTACT + hours(5), reference="IR/A", author="HART, Kim")
    desk.do(records.return_for_correction, first, "Two.", at=CONTACT + hours(6))
    table = documents.page.register.table

    def shown():
        return [table.rows.row(place).reference for place in range(table.rows.rowCount())]

    assert shown() == ["IR/A", "IR/B"]  # the newest submission first
    table.sort_by("reference", descending=True)
    assert shown() == ["IR/B", "IR/A"]
    documents.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(documents.page.register.filter, "hart")
    qtbot.waitUntil(lambda: shown() == ["IR/A"])
    documents.page.register.filter.clear()
    qtbot.waitUntil(lambda: len(shown()) == 2)
    views = documents.page.register.views
    assert "Returned for correction (1)" in [views.itemText(n) for n in range(views.count())]
    views.setCurrentIndex(views.findData("returned"))
    views.activated.emit(views.currentIndex())
    assert shown() == ["IR/B"]
    documents.page.scope_changed("Norfolk")
    documents.page.refresh()
    assert shown() == []


def test_an_older_document_of_a_case_is_returned_from_the_register(desk, documents):
    case = desk.add()
    first = desk.submit(case, CONTACT + hours(3), reference="IR/1")
    second = desk.submit(desk.add(), CONTACT + hours(4), reference="IR/2")
    desk.do(records.link, second, case, now=NOW)
    assert documents.page.show_item("document", first)
    documents.answer(reason="Two matters.", assessor="Unit")
    documents.press("Return for correction…")
    assert documents.said() == "IR/1 is returned for correction; it still counts as submitted."
    assert outcomes(desk, case) == ["SUBMITTED", "RETURNED"]
    assert "Two matters." in documents.shown()


def test_a_document_is_linked_to_a_further_contact_and_the_link_is_undone(desk, documents):
    one, other = desk.add(), desk.add(incident_ref="SC-2")
    desk.submit(one, CONTACT + hours(3), reference="IR/1")
    documents.answer(reference="sc 2")
    documents.press("Link to a further contact…")
    assert documents.said() == "IR/1 now serves OIC-2026-0002 too; its status follows."
    assert desk.row(other).status == rules.SUBMITTED
    documents.press("OIC-2026-0002")
    assert documents.opened == [("referral", other)]
    assert documents.steps.next_back.words == "Link IR/1 to OIC-2026-0002"
    documents.now = NOW + hours(1)
    documents.steps.undo()
    assert desk.row(other).status == rules.AWAITING_DOCUMENT
    assert [row.reference for row in desk.ask(records.documents, one)] == ["IR/1"]


def test_a_link_that_was_worked_on_is_not_undone_and_says_why(desk, documents):
    one, other = desk.add(), desk.add()
    document = desk.submit(one, CONTACT + hours(3), reference="IR/1")
    documents.answer(reference="OIC-2026-0002")
    documents.press("Link to a further contact…")
    desk.do(records.accept, document, at=NOW, now=NOW + hours(1))
    told = []
    documents.steps.told.connect(lambda ok, sentence: told.append((ok, sentence)))
    documents.steps.undo()
    assert told[0][0] is False
    assert "worked on since" in told[0][1]
    assert desk.row(other).status == rules.ACCEPTED


def test_a_refusal_stands_in_the_form_that_asked(desk, documents, qtbot):
    desk.submit(desk.add(), CONTACT + hours(3), reference="IR/1")
    seen = []

    def act(dialog):
        dialog.form.set_values({"reference": "OIC-2026-0099"})
        qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)
        seen.append(dialog.form.refusal_beside("reference"))
        qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)

    in_dialog(act)
    documents.press("Link to a further contact…")
    assert seen == ["There is no referral OIC-2026-0099; check the number."]


def test_recorded_facts_are_corrected_with_a_reason(desk, documents):
    case = desk.add()
    desk.submit(case, CONTACT + hours(3), reference="IR/1")
    documents.answer(reference="IR/10", source_evaluation="1", reason="Mistyped.")
    documents.press("Correct what is recorded…")
    assert documents.said() == "What is recorded of IR/10 is corrected."
    (row,) = desk.ask(records.documents, case)
    assert (row.reference, row.grades.source_evaluation) == ("IR/10", "1")
    assert "Recorded facts corrected: Mistyped." in documents.shown()
    documents.steps.undo()
    assert "IR/10" not in documents.shown() and "taken back: Mistyped." in documents.shown()
    documents.steps.redo()
    assert "IR/10" in documents.shown()


def test_accepting_warns_of_the_drafts_it_purges(desk, documents, qtbot):
    case = desk.add()
    desk.submit(case, CONTACT + hours(3), reference="IR/1")
    draft = desk.do(records_drafts.begin, case, now=NOW)
    desk.do(records_drafts.autosave, draft, Draft("T", (Item("Text."),)))
    desk.do(records_drafts.keep_version, draft, now=NOW)
    seen = []

    def act(dialog):
        seen.append("\n".join(pages.words(dialog)))
        qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

    in_dialog(act)
    documents.press("Accept…")
    assert "This purges its working draft for good" in seen[0]
    assert desk.ask(records_drafts.kept_drafts, now=NOW) == []


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_view_is_exported_marked_registered_and_formula_safe(desk, documents, tmp_path, suffix):
    case = desk.add()
    desk.submit(case, CONTACT + hours(3), reference="=1+1")
    messages.answers = [tmp_path / f"out{suffix}"]
    documents.answer(recipient="DI Reed", purpose="meeting", format=suffix)
    documents.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert documents.said() == f"1 rows are in out{suffix}, logged as a disclosure."
    (row,) = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert (row.recipient, row.what, row.form) == (
        "DI Reed",
        "Documents, all documents, Joint, as at 2026-11-23, 1 rows",
        suffix[1:],
    )
    if suffix == ".csv":
        lines = list(csv.reader((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()))
        assert lines[0] == ["OFFICIAL-SENSITIVE"]
        assert lines[2][1] == "'=1+1"
    assert documents.steps.lines()[0][1] == "cannot be taken back: it left the desk"


# --- to decide ---


def test_a_doubtful_report_is_accepted_where_it_is_offered_and_taken_back(desk, documents, tmp_path):
    case = desk.add()
    take_in(desk, tmp_path, DOUBTFUL)
    assert documents.parts[1] == "To decide (1)"
    documents.part(DECIDE)
    assert documents.rows()[0].startswith("State Doubtful, Report IR/1")
    assert "Officer and time agree with OIC-2026-0001, but the references differ." in documents.shown()
    documents.press("It belongs here")
    assert outcomes(desk, case) == ["SUBMITTED"]
    assert documents.parts[1] == "To decide"
    documents.now = NOW + hours(1)
    documents.steps.undo()
    assert (outcomes(desk, case), documents.parts[1]) == ([], "To decide (1)")
    assert desk.row(case).status == rules.AWAITING_DOCUMENT


def test_a_report_is_refused_linked_elsewhere_or_dismissed(desk, documents, tmp_path):
    desk.add()
    other = desk.add(officer_collar="PC 5", incident_ref="SC-7")
    take_in(desk, tmp_path, DOUBTFUL)
    documents.part(DECIDE)
    documents.answer(reason="Another matter.")
    documents.press("None of these…")
    assert documents.rows()[0].startswith("State Unmatched")
    documents.answer(reference="SC-7")
    documents.press("Link to another contact…")
    assert outcomes(desk, other) == ["SUBMITTED"]
    take_in(desk, tmp_path, DOUBTFUL.replace("IR/1", "IR/2"))
    documents.answer(reason="Not about this work.")
    documents.press("Dismiss with a reason…")
    assert documents.parts[1] == "To decide"
    pages.click(documents.qtbot, documents.page.decide.dismissed)
    assert "Not about this work." in documents.shown()
    documents.press("Take the decision back")
    assert documents.parts[1] == "To decide (1)"


def test_a_bare_document_can_be_said_to_be_the_report(desk, documents, tmp_path):
    case = desk.add()
    desk.submit(case, CONTACT + hours(3), reference="")
    take_in(desk, tmp_path, ONE)
    documents.part(DECIDE)
    assert "say whether it is this one" in documents.shown()
    documents.press("It is the document without a reference")
    (row,) = desk.ask(records.documents, case)
    assert (row.reference, row.author) == ("IR/1", "MARSH, Jo")


def test_a_whole_list_is_taken_back_on_the_page(desk, documents, tmp_path):
    case = desk.add()
    take_in(desk, tmp_path, ONE)
    documents.part(DECIDE)
    documents.now = NOW + hours(1)
    documents.answer()
    documents.press("Take a list back…")
    assert documents.said() == "1 document was taken back with the list."
    assert documents.steps.lines() == [
        ("Take reports.csv back", "cannot be taken back: import the list anew to have it again")
    ]
    assert desk.row(case).status == rules.AWAITING_DOCUMENT


def test_the_import_window_is_reached_by_its_key(desk, documents, qtbot):
    seen = []

    def act(wizard):
        seen.append(wizard.windowTitle())
        wizard.reject()

    in_dialog(act, has="forward")
    documents.key(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert seen == ["Import a list of reports"] and documents.steps.lines() == []


def test_an_import_is_a_step_that_is_taken_back_and_names_what_was_worked_on_and_stays(desk, documents, tmp_path):
    case, other = desk.add(), desk.add(officer_collar="PC 5", incident_ref="SC-7", nccu_ref="NCCU-7")
    path = tmp_path / "reports.csv"
    two = ONE.replace("IR/1", "IR/2").replace("SC-16112026-001", "NCCU-7")
    path.write_text("\n".join((HEADER, ONE, two)), "utf-8")

    def walk():
        wizard = next((one for one in QApplication.topLevelWidgets() if isinstance(one, ImportWizard)), None)
        if wizard is None or QApplication.activeModalWidget() is not wizard:
            QTimer.singleShot(10, walk)
        else:
            pages.click(documents.qtbot, wizard.forward)
            if wizard.isVisible():
                QTimer.singleShot(10, walk)

    messages.answers = [path]
    QTimer.singleShot(0, walk)
    documents.key(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert (outcomes(desk, case), outcomes(desk, other)) == (["SUBMITTED"], ["SUBMITTED"])
    said = []
    documents.steps.told.connect(lambda _ok, sentence: said.append(sentence))
    (row,) = desk.ask(records.documents, other)
    desk.do(records.accept, row.id, at=NOW, now=NOW + hours(1))
    documents.now = NOW + hours(2)
    documents.steps.undo()
    back = "Undone: import reports.csv. 1 document was taken back with the list."
    assert said == [f"{back} Worked on since, and therefore kept: IR/2."]
    assert (outcomes(desk, case), outcomes(desk, other)) == ([], ["ACCEPTED"])


# --- disclosures ---


def corrected(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3), reference="IR/1")
    draft = desk.do(records_drafts.begin, case, now=CONTACT)
    desk.do(records_drafts.autosave, draft, Draft("T", (Item("Text."),)))
    desk.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", "pdf"), now=CONTACT)
    desk.do(records.return_for_correction, document, "Two.", at=CONTACT + hours(4))
    desk.do(records.resubmit, document, at=CONTACT + hours(5), now=NOW)
    return case


def test_the_register_of_disclosures_says_who_received_what_and_why(desk, documents):
    corrected(desk)
    documents.part(DISCLOSURES)
    assert documents.rows() == [
        "When Mon 16 Nov 2026 09:30, Recipient DI Reed, What Working draft 1, version 1, as PDF, about OIC-2026-0001,"
        " for briefing, By Sam Ashby."
    ]


def test_a_recipient_is_ticked_with_how_and_the_tick_is_undone(desk, documents):
    corrected(desk)
    documents.part(TELL)
    assert documents.parts[4] == "To tell (1)"
    assert documents.rows()[0].startswith("Tell by 26 Nov 2026, Recipient DI Reed")
    documents.page.tell.table.setFocus()
    documents.answer(how="Rang them at 10:00.")
    documents.key(Qt.Key.Key_Return)
    assert (documents.parts[4], documents.rows()) == ("To tell", [])
    pages.click(documents.qtbot, documents.page.tell.told)
    assert "Rang them at 10:00." in documents.rows()[0]
    documents.steps.undo()
    assert desk.ask(records_tell.untold_count) == 1


def test_a_late_line_says_so_in_words(desk, documents):
    corrected(desk)
    documents.now = NOW + hours(24 * 9)
    documents.page.refresh()
    documents.part(TELL)
    assert documents.rows()[0].startswith("Tell by Late, 26 Nov 2026")


# --- for everyone ---


def test_every_part_is_named_for_a_screen_reader_and_reached_by_f6(desk, documents, tmp_path):
    corrected(desk)
    desk.add()
    take_in(desk, tmp_path, DOUBTFUL)
    for part in (REGISTER, DECIDE, DRAFTS, DISCLOSURES, TELL):
        documents.part(part)
        assert problems(documents.page) == []
        for pane in documents.page.panes():
            pane.setFocus()
            assert documents.page.focusWidget() in (pane, pane.focusProxy())


def test_the_keys_of_the_page_are_listed(documents):
    listed = {action.text() for action in documents.page.listed_actions()}
    assert {"Import a list of reports", "Export this view", "Filter the list"} <= listed
    assert "Keep a version now" not in listed  # of the editor, which is not open
