"""Every action of a case by its form: what it does, what it refuses beside which field, and that nothing is lost."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oicdesk.referrals import records, records_chasers, records_exemptions, records_queue, records_views, rules
from oicdesk.ui.undo import Step
from oicdesk.vault.tables import Draft
from tests import desks
from tests.desks import APPROVERS, CONTACT, NOW, PASSPHRASE, days, hours
from tests.referrals import pages
from tests.referrals.pages import button, click
from tests.ui.dialogs import in_dialog

desk, vault, screen = desks.desk, desks.vault, pages.screen
Key, Ctrl = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def case(desk):
    return desk.add()


def status(desk, case):
    return desk.row(case).status


def timeline(desk, case):
    return desk.ask(records_queue.timeline, case)


def drafts(desk):
    with desk.vault.reading() as session:
        return {row.key: row.content for row in session.query(Draft)}


# --- adding and correcting ---


def test_a_referral_is_added_by_keyboard_alone(desk, screen):
    screen.key(Key.Key_N, Ctrl)
    focus = QApplication.focusWidget
    screen.qtbot.keyClicks(focus(), "S")  # force: Suffolk
    for _ in range(4):  # the contact is now: its day, its calendar and its time stay
        screen.key(Key.Key_Tab)
    screen.qtbot.keyClicks(focus(), "Person")
    for _ in range(2):
        screen.key(Key.Key_Tab)
    screen.qtbot.keyClicks(focus(), "MARSH, Jo")
    screen.key(Key.Key_Tab)
    screen.qtbot.keyClicks(focus(), "pc 7191")
    screen.submit()
    added = desk.row(1)
    assert (added.force, added.reason, added.officer_name) == ("Suffolk", "person_in_custody", "MARSH, Jo")
    assert (added.officer_collar, added.contact_at, added.status) == ("PC 7191", NOW, "AWAITING_DOCUMENT")
    assert screen.told() == "OIC-2026-0001 is recorded. It stands as: awaiting document."
    assert screen.page.table.selected_ids() == [1]
    assert focus() is screen.page.table


def test_a_refused_field_says_why_and_gets_the_focus(desk, screen):
    screen.page.add()
    screen.type(persons="two")
    screen.submit()
    form = screen.form.form
    assert "not a whole number" in form.refusal_beside("persons")
    assert QApplication.focusWidget() is form.widget("persons")
    screen.type(persons="2", contact_at="24 Nov 2026")
    screen.submit()
    assert form.refusal_beside("contact_at") == "The contact lies in the future; check its date and time."
    assert form.widget("contact_at").isAncestorOf(QApplication.focusWidget())
    assert form.refusal_beside("persons") == ""
    assert desk.ask(records_views.counts, now=NOW)["all"] == 0


def test_what_is_not_known_yet_may_stay_empty_and_the_case_is_new(desk, screen):
    screen.page.add()
    screen.type(officer_name="MARSH, Jo")
    screen.submit()
    assert status(desk, 1) == "NEW"
    assert button(screen.page.case, "Complete the facts…").isEnabled()
    assert screen.page.case.next.text() == "Next: find out the contact reason and the force"


def test_a_postcode_in_the_district_is_warned_of_while_typing(screen):
    screen.page.add()
    screen.type(district="IP1 2AB")
    assert screen.form.warning.words.text() == "The location seems to hold a postcode; the district is enough here."
    screen.type(district="Ipswich")
    assert screen.form.warning.isHidden()


def test_a_fact_is_corrected_and_the_history_names_the_field_only(case, desk, screen):
    screen.choose(case)
    screen.key(Key.Key_E, Ctrl)
    screen.type(team="Norwich Response")
    screen.submit()
    assert desk.row(case).team == "Norwich Response"
    assert screen.told() == "OIC-2026-0001 is corrected: team."
    newest = timeline(desk, case)[0]
    assert (newest.kind, newest.reason) == ("edited", "team")
    assert desk.row(case).contact_at == CONTACT


def test_saving_the_facts_unchanged_keeps_a_contact_time_to_the_second(desk, screen):
    precise = CONTACT.replace(second=42)
    case = desk.add(contact_at=precise)
    screen.show(case)
    screen.page.edit()
    screen.submit()
    assert screen.told() == "Nothing of OIC-2026-0001 was different."
    assert desk.row(case).contact_at == precise


# --- documents ---


def test_a_recorded_submission_leaves_the_view_and_the_case_stays_in_sight(case, desk, screen):
    screen.choose(case)
    screen.press("Record a submission…")
    screen.type(reference="INT/26/1")
    screen.submit()
    assert status(desk, case) == "SUBMITTED"
    assert screen.rows() == []
    assert screen.page.case.case.id == case
    assert screen.told() == "The submission for OIC-2026-0001 is recorded."
    assert screen.page.case.pill.accessibleName() == "Submitted"


def test_an_accepted_case_is_closed_with_two_buttons(case, desk, screen):
    desk.submit(case, NOW - hours(3))
    screen.show(case)
    screen.press("Accept…")
    screen.type(assessor="Unit desk")
    screen.submit()
    assert status(desk, case) == "ACCEPTED"
    screen.press("Close…")
    screen.submit()
    assert status(desk, case) == "CLOSED"
    assert screen.told() == "OIC-2026-0001 is closed."


def test_a_return_needs_its_reason_and_keeps_what_was_typed(case, desk, screen):
    desk.submit(case, NOW - hours(3))
    screen.show(case)
    screen.press("Return for correction…")
    screen.type(assessor="Unit desk")
    screen.submit()
    assert screen.form.form.refusal_beside("reason") == "“Reason” is needed here: fill it in."
    assert QApplication.focusWidget() is screen.form.form.widget("reason")
    screen.type(reason="The time is missing.")
    screen.submit()
    assert status(desk, case) == "RETURNED"
    newest = timeline(desk, case)[0]
    assert (newest.to_status, newest.reason) == ("RETURNED", "The time is missing.")
    screen.press("Record the resubmission…")
    screen.submit()
    assert status(desk, case) == "SUBMITTED"


def test_a_rejected_document_makes_the_case_need_another(case, desk, screen):
    desk.submit(case, NOW - hours(3))
    screen.show(case)
    screen.press("Reject…")
    screen.type(reason="Not intelligence.")
    screen.submit()
    assert status(desk, case) == "REJECTED"
    assert button(screen.page, "Record a submission…").isEnabled()
    screen.press("Await a new document…")
    screen.submit()
    assert status(desk, case) == "AWAITING_DOCUMENT"


def test_a_time_can_be_set_back_but_not_to_the_future(case, desk, screen):
    desk.submit(case, NOW - hours(5))
    screen.show(case)
    screen.press("Accept…")
    screen.form.form.widget("at").time.setFocus()
    screen.form.form.widget("at").time.selectAll()
    screen.qtbot.keyClicks(screen.form.form.widget("at").time, "13:00")
    screen.submit()
    refusal = screen.form.form.refusal_beside("at")
    assert refusal == "That time lies in the future; give the time when it happened."
    screen.form.form.widget("at").time.selectAll()
    screen.qtbot.keyClicks(screen.form.form.widget("at").time, "10:00")
    screen.submit()
    assert timeline(desk, case)[0].at == NOW - hours(2)


def test_two_steps_within_one_minute_follow_each_other(case, desk, screen):
    screen.now = NOW.replace(second=10)
    screen.choose(case)
    screen.press("Record a submission…")
    screen.submit()
    screen.now = NOW.replace(second=30)
    screen.press("Accept…")
    screen.submit()
    assert [event.at.second for event in timeline(desk, case)[:2]] == [30, 10]


# --- what is not possible ---


def test_what_is_not_possible_is_told_with_the_rules_own_sentence(case, desk, screen):
    screen.choose(case)
    assert "Close…" not in screen.page.case.actions_box.buttons()
    assert "A referral awaiting its document cannot be closed; record the submission first." in screen.why_not()
    assert not screen.page.case.actions_box.refused.isVisible()
    click(screen.qtbot, screen.page.case.actions_box.toggle)
    assert screen.page.case.actions_box.refused.isVisible()
    desk.accepted(case, NOW - hours(3))
    assert "An accepted referral cannot be exempted; close it and reopen it first." in screen.why_not()
    assert "Nothing is waiting for this case, so there is nobody to chase." in screen.why_not()


@pytest.mark.parametrize("standing", ["SUBMITTED", "ACCEPTED", "RETURNED", "REJECTED", "CLOSED"])
def test_an_action_is_offered_exactly_where_the_rules_allow_its_move(standing, case, desk, screen):
    from oicdesk.documents import records as documents

    document = desk.submit(case, NOW - hours(5))
    if standing in ("ACCEPTED", "CLOSED"):
        desk.do(documents.accept, document, at=NOW - hours(4))
    if standing == "CLOSED":
        desk.do(records.close, case, at=NOW - hours(3))
    if standing == "RETURNED":
        desk.do(documents.return_for_correction, document, "why", at=NOW - hours(4))
    if standing == "REJECTED":
        desk.do(documents.reject, document, "why", at=NOW - hours(4))
    screen.show(case)
    assert status(desk, case) == standing
    offered = {
        "Close…": "CLOSED", "Accept…": "ACCEPTED", "Reject…": "REJECTED", "Return for correction…": "RETURNED",
        "Ask to exempt…": "EXEMPT", "Mark duplicate…": "DUPLICATE",
    }  # fmt: skip
    for words, to in offered.items():
        assert (words in screen.page.case.actions_box.buttons()) == (to in rules.ALLOWED[standing]), words


# --- exemptions ---


def test_an_exemption_is_asked_for_and_whoever_asks_cannot_approve(case, desk, screen):
    screen.choose(case)
    screen.press("Ask to exempt…")
    screen.pick(reason="ACRO route")
    screen.type(why="It came through ACRO.")
    screen.submit()
    assert status(desk, case) == "AWAITING_DOCUMENT"
    assert "Approve the exemption…" not in screen.page.case.actions_box.buttons()
    assert "Only an approver can approve an exemption" in screen.why_not()
    screen.press("End the request…")
    screen.type(reason="Not needed.")
    screen.submit()
    assert desk.ask(records_exemptions.exemptions, case)[0].standing == "ended"
    assert button(screen.page, "Ask to exempt…").isEnabled()


def test_an_approver_approves_and_the_exemption_is_overturned_with_a_reason(case, desk, screen):
    desk.do(records_exemptions.ask, case, "acro_route", "It came through ACRO.", now=NOW)
    desk.vault.add_user("Alex Ward", "Approver", APPROVERS)
    screen.reopen(APPROVERS)
    screen.show(case)
    said: list[str] = []

    def agree(dialog):
        said.extend(pages.words(dialog))
        click(screen.qtbot, dialog.verb)

    steps: list[Step] = []
    screen.page.step_done.connect(steps.append)
    in_dialog(agree)
    screen.press("Approve the exemption…")
    assert "Sam Ashby asks for it: It came through ACRO." in said
    assert status(desk, case) == "EXEMPT"
    screen.front()
    screen.press("Overturn the exemption…")
    screen.type(reason="It did not.")
    screen.submit()
    assert status(desk, case) == "AWAITING_DOCUMENT"
    assert [step.take_back for step in steps] == [None, None]
    assert all("approval" in step.why_not for step in steps), "the list says that it is another person's"


def test_a_reported_approval_is_recorded_with_who_when_and_where(case, desk, screen):
    desk.do(records_exemptions.ask, case, "acro_route", "It came through ACRO.", now=NOW)
    screen.show(case)
    screen.press("Record a reported approval…")
    screen.type(name="Ashby, Sam", role="DI", reference="mail of today")
    screen.submit()
    assert "cannot approve it" in screen.form.form.refusal_beside("name")
    steps: list[Step] = []
    screen.page.step_done.connect(steps.append)
    screen.type(name="WARD, Alex")
    screen.submit()
    assert status(desk, case) == "EXEMPT"
    assert [(step.take_back, "another person's" in step.why_not) for step in steps] == [(None, True)]
    assert desk.ask(records_exemptions.exemptions, case)[0].standing == rules.REPORTED
    assert "Only an approver can approve" in screen.why_not()


# --- duplicates, scope, reopening, chasing, notes ---


def test_a_possible_duplicate_is_marked_with_its_reference_filled_in(case, desk, screen):
    later = desk.add(contact_at=CONTACT + hours(1))
    screen.show(later)
    screen.press("Mark as duplicate of OIC-2026-0001…")
    assert screen.form.form.widget("survivor").text() == "OIC-2026-0001"
    screen.type(reason="The same call.")
    screen.submit()
    assert (status(desk, later), desk.row(later).duplicate_of) == ("DUPLICATE", case)
    screen.press("Withdraw the link…")
    screen.type(reason="Two calls after all.")
    screen.submit()
    assert (status(desk, later), desk.row(later).duplicate_of) == ("AWAITING_DOCUMENT", None)


def test_an_unknown_surviving_case_is_refused_beside_its_box(case, screen):
    screen.choose(case)
    screen.press("Mark duplicate…")
    screen.type(survivor="OIC-2026-0099", reason="The same call.")
    screen.submit()
    assert "There is no referral OIC-2026-0099" in screen.form.form.refusal_beside("survivor")


def test_the_other_case_opens_from_the_list_of_duplicates(case, desk, screen):
    later = desk.add(contact_at=CONTACT + hours(1))
    screen.show(later)
    screen.press("Open OIC-2026-0001")
    assert screen.page.case.case.id == case


def test_a_scope_query_is_brought_into_scope(desk, screen):
    case = desk.add(reason="status_enquiry")
    screen.show(case)
    assert screen.page.case.due.text() == "No due time while it is a scope query."
    screen.press("Bring into scope…")
    screen.type(reason="It reports a case.")
    screen.submit()
    assert status(desk, case) == "AWAITING_DOCUMENT"


def test_a_closed_case_is_reopened_only_with_a_reason(case, desk, screen):
    desk.accepted(case, NOW - hours(5))
    desk.do(records.close, case, at=NOW - hours(2))
    screen.show(case)
    screen.press("Reopen…")
    screen.submit()
    assert screen.form.form.refusal_beside("reason")
    screen.type(reason="The document was lost.")
    screen.submit()
    assert status(desk, case) == "AWAITING_DOCUMENT"


def test_a_chaser_goes_to_the_next_step_and_its_answer_is_added(case, desk, screen):
    screen.choose(case)
    screen.press("Record a chaser…")
    assert screen.form.form.values()["to_role"] == rules.OFFICER
    screen.pick(channel="Telephone")
    screen.submit()
    chaser = desk.ask(records_chasers.chasers, case)[0]
    assert (chaser.to_role, chaser.to_name, chaser.channel, chaser.result) == (
        rules.OFFICER, "MARSH, Jo", "telephone", None,
    )  # fmt: skip
    screen.press("Record the answer…")
    screen.type(result="Tomorrow.")
    screen.submit()
    assert desk.ask(records_chasers.chasers, case)[0].result == "Tomorrow."
    screen.press("Record a chaser…")
    assert screen.form.form.values()["to_role"] == rules.SUPERVISOR


def test_a_note_says_whether_it_is_fact_or_assessment(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="Back from leave on Monday.")
    screen.submit()
    assert screen.form.form.refusal_beside("kind")
    screen.pick(kind="Fact")
    screen.submit()
    note = desk.ask(records_queue.notes, case)[0]
    assert (note.kind, note.text) == ("fact", "Back from leave on Monday.")
    assert any(text.startswith("Fact, ") for text in pages.words(screen.page.case.notes))


# --- nothing typed is lost ---


def test_escape_leaves_a_form_and_its_text_comes_back(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="Half a thought")
    screen.key(Key.Key_Escape)
    assert screen.page.form is None
    assert screen.page.unfinished.isVisible()
    assert "Add a note to OIC-2026-0001" in screen.page.unfinished.words.text()
    screen.press("Add a note…")
    assert screen.form.form.widget("text").toPlainText() == "Half a thought"


def test_choosing_another_row_keeps_what_was_typed(case, desk, screen):
    other = desk.add(contact_at=CONTACT + days(1), incident_ref="S-2")
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="Half a thought")
    screen.choose(other)
    assert screen.page.form is None
    screen.press("Continue")
    assert screen.page.case.case.id == case
    assert screen.form.form.widget("text").toPlainText() == "Half a thought"


def test_a_pause_in_typing_saves_the_draft_and_says_when(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="Half a thought")
    assert screen.form.saved.text() == "Not saved yet"
    screen.qtbot.waitUntil(lambda: screen.form.saved.text() == "Draft saved 12:00")
    assert "Half a thought" in next(iter(drafts(desk).values()))


def test_a_draft_survives_closing_and_opening_the_vault(desk, screen):
    screen.page.add()
    screen.pick(force="Norfolk")
    screen.type(officer_name="BELL, Lee", persons="thr", contact_at="31 Febr")
    screen.reopen(PASSPHRASE)
    assert "Add a referral" in screen.page.unfinished.words.text()
    screen.press("Continue")
    form = screen.form.form
    assert form.widget("force").currentText() == "Norfolk"
    assert form.widget("officer_name").text() == "BELL, Lee"
    assert form.widget("persons").text() == "thr"
    assert form.widget("contact_at").day.edit.text() == "31 Febr"


def test_a_done_form_leaves_no_draft(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="A thought")
    screen.form.keep()
    assert drafts(desk)
    screen.pick(kind="Fact")
    screen.submit()
    assert drafts(desk) == {}
    assert not screen.page.unfinished.isVisible()


def test_a_refused_form_keeps_its_draft(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="A thought")
    screen.form.keep()
    screen.submit()
    assert drafts(desk)
    assert desk.ask(records_queue.notes, case) == []


def test_what_was_typed_is_thrown_away_only_by_its_own_button(case, desk, screen):
    screen.choose(case)
    screen.press("Add a note…")
    screen.type(text="A thought")
    screen.form.keep()
    screen.press("Throw away what was typed")
    assert screen.page.form is None
    assert drafts(desk) == {}
    screen.press("Add a note…")
    assert screen.form.form.widget("text").toPlainText() == ""


def test_an_unfinished_form_whose_action_is_over_says_so_and_can_be_thrown_away(case, desk, screen):
    screen.choose(case)
    screen.press("Ask to exempt…")
    screen.type(why="Because")
    screen.key(Key.Key_Escape)
    desk.submit(case, NOW)
    screen.press("Continue")
    assert screen.page.form is None
    assert "A submitted referral cannot be exempted" in screen.page.case.problem.words.text()
    screen.press("Throw away")
    assert drafts(desk) == {}


def test_a_viewer_is_refused_in_the_form_and_loses_nothing(case, desk, screen):
    desk.vault.add_user("Vic", "Viewer", APPROVERS)
    screen.reopen(APPROVERS)
    screen.show(case)
    screen.press("Add a note…")
    screen.pick(kind="Fact")
    screen.type(text="A thought")
    screen.submit()
    assert "read-only viewer" in " ".join(pages.words(screen.form))
    assert screen.form.form.widget("text").toPlainText() == "A thought"


# --- the directory fills in what it knows ---


@pytest.mark.parametrize("typed", ["mar", "7191", "Mrash"])
def test_an_officer_of_the_directory_fills_in_force_team_and_supervisor(desk, screen, typed):
    desk.add(supervisor="PS Vale", officer_rank="PC")
    screen.key(Key.Key_N, Ctrl)
    screen.type(officer_name=typed)
    popup = QApplication.activePopupWidget()
    assert popup is not None and popup.model().index(0, 0).data() == "MARSH, Jo, PC 7191, Ipswich Response, Suffolk"
    screen.qtbot.keyClick(popup, Key.Key_Down)
    screen.qtbot.keyClick(popup, Key.Key_Return)
    found = screen.form.form.values()
    names = ("force", "officer_name", "officer_collar", "officer_rank", "team", "supervisor")
    assert [found[name] for name in names] == [
        "Suffolk", "MARSH, Jo", "PC 7191", "PC", "Ipswich Response", "PS Vale",
    ]  # fmt: skip


def test_who_made_the_contact_and_when_it_reached_the_nccu_are_recorded_and_shown(desk, screen, case):
    screen.choose(case)
    screen.page.edit()
    screen.type(contact_made_by="Control room", nccu_ref="NCCU-9")
    screen.form.form.set_values({"nccu_passed_at": CONTACT + hours(1), "nccu_acknowledged_at": CONTACT + hours(2)})
    screen.submit()
    row = desk.row(case)
    assert (row.contact_made_by, row.nccu_passed_at) == ("Control room", CONTACT + hours(1))
    shown = pages.words(screen.page.case.facts)
    assert "Control room" in shown and "Mon 16 Nov 2026 10:30" in shown and "Mon 16 Nov 2026 11:30" in shown


@pytest.mark.parametrize(
    ("passed", "acknowledged", "field"),
    [(hours(-1), None, "nccu_passed_at"), (hours(3), hours(2), "nccu_acknowledged_at"),
     (hours(24 * 30), None, "nccu_passed_at")],
)  # fmt: skip
def test_times_of_the_nccu_that_cannot_be_are_refused(desk, case, passed, acknowledged, field):
    from oicdesk.errors import Refused

    told = {"nccu_passed_at": CONTACT + passed, "nccu_acknowledged_at": acknowledged and CONTACT + acknowledged}
    with pytest.raises(Refused) as refused:
        desk.do(records.edit, case, told, now=NOW)
    assert refused.value.field == field


def test_an_exemption_runs_out_on_its_day_and_the_case_shows_both_due_times(case, desk, screen):
    screen.choose(case)
    screen.press("Ask to exempt…")
    screen.pick(reason="Reported by another force")
    screen.type(why="Essex reported it.", expires_on="30/11/2026")
    screen.submit()
    approval = rules.ReportedApproval("DI Kit Lowe", "Detective Inspector", NOW.date(), "an e-mail")
    desk.do(records_exemptions.report_approval, 1, approval, now=NOW)
    screen.show(case)
    assert "runs out after Mon 30 Nov 2026" in "\n".join(pages.words(screen.page.case))
    screen.now = NOW + days(8)
    assert desk.do(records_exemptions.expire, now=screen.now) == ["OIC-2026-0001"]
    screen.show(case)
    text = "\n".join(pages.words(screen.page.case))
    assert "The clock was restarted; it was first due Tue 17 Nov 2026 09:30." in text
    assert "The exemption ran out at the end of Mon 30 Nov 2026." in text
