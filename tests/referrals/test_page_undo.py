"""Single actions of a case, taken back and done again through the undo list; clocks and timeline as they are read."""

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt

from oicdesk.documents import records as documents
from oicdesk.referrals import records, records_chasers, records_clock, records_exemptions, rules
from oicdesk.referrals.records_queue import notes, timeline
from oicdesk.referrals.records_search import search
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.referrals import pages

desk, vault, screen = desks.desk, desks.vault, pages.screen
Key = Qt.Key


@pytest.fixture
def undo(screen) -> UndoList:
    """The window's list, connected to the page as the window does it."""
    steps = UndoList(screen.page)
    screen.page.step_done.connect(steps.add)
    steps.said = []
    steps.told.connect(lambda _went_well, sentence: steps.said.append(sentence))
    return steps


def status(desk, case):
    return desk.row(case).status


def act(screen, words, **typed):
    screen.press(words)
    screen.type(**typed)
    screen.submit()


def test_a_document_recorded_accepted_and_closed_is_taken_back_step_by_step_and_done_again(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    act(screen, "Record a submission…", reference="IR-7")
    act(screen, "Accept…")
    act(screen, "Close…")
    assert status(desk, case) == rules.CLOSED
    for standing in (rules.ACCEPTED, rules.SUBMITTED, rules.AWAITING_DOCUMENT):
        logged = len(desk.log())
        undo.undo()
        assert status(desk, case) == standing, undo.said
        assert len(desk.log()) > logged, "each undo is in the log"
    assert desk.ask(documents.documents, case) == []
    assert desk.ask(documents.figures, as_at=NOW)["coverage"]["submitted"] == 0
    for standing in (rules.SUBMITTED, rules.ACCEPTED, rules.CLOSED):
        undo.redo()
        assert status(desk, case) == standing, undo.said
    assert len(desk.ask(documents.documents, case)) == 1
    assert undo.lines()[0] == ("Close OIC-2026-0001", "can be taken back")


def test_a_link_made_at_the_case_is_a_step_and_a_submission_done_again_serves_all_its_contacts(desk, screen, undo):
    case, other, third = (desk.add(incident_ref=f"S-{number}") for number in range(3))
    screen.show(case)
    act(screen, "Record a submission…", reference="IR-7")
    act(screen, "Link the document to a further contact…", reference="OIC-2026-0002")
    (document,) = desk.ask(documents.documents, case)
    desk.do(documents.link, document.id, third, now=NOW)
    undo.undo()
    assert desk.ask(documents.cases_of, document.id) == [case, third]
    undo.undo()
    assert {status(desk, one) for one in (case, other, third)} == {rules.AWAITING_DOCUMENT}
    undo.redo()
    assert desk.ask(documents.cases_of, document.id) == [case, third]
    undo.redo()
    assert desk.ask(documents.cases_of, document.id) == [case, other, third]


def test_a_return_a_correction_and_a_rejection_are_taken_back(desk, screen, undo):
    case = desk.add()
    desk.submit(case, CONTACT + hours(2))
    screen.show(case)
    act(screen, "Return for correction…", reason="Two matters.")
    act(screen, "Record the resubmission…")
    act(screen, "Reject…", reason="Not ours.")
    for standing, corrected in (("SUBMITTED", 1), ("RETURNED", 0), ("SUBMITTED", 0)):
        undo.undo()
        (document,) = desk.ask(documents.documents, case)
        assert (status(desk, case), document.outcome) == (standing, standing), undo.said
        assert document.resubmissions == corrected


def test_a_submission_after_a_rejection_is_taken_back_to_the_rejection(desk, screen, undo):
    case = desk.add()
    first = desk.submit(case, CONTACT + hours(2))
    desk.do(documents.reject, first, "Not ours.", at=CONTACT + hours(3))
    screen.show(case)
    act(screen, "Record a submission…", reference="IR-8")
    undo.undo()
    assert status(desk, case) == rules.REJECTED
    assert [document.id for document in desk.ask(documents.documents, case)] == [first]


def test_an_acceptance_whose_case_was_closed_by_another_step_is_not_taken_back(desk, screen, undo):
    case = desk.add()
    desk.submit(case, CONTACT + hours(2))
    screen.show(case)
    act(screen, "Accept…")
    desk.do(records.close, case, at=NOW)
    undo.undo()
    assert "now stands as: closed" in undo.said[-1] and status(desk, case) == rules.CLOSED
    (document,) = desk.ask(documents.documents, case)
    assert document.outcome == rules.ACCEPTED


def test_facts_and_a_new_contact_are_taken_back_and_done_again(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    screen.page.edit()
    screen.type(team="Leiston")
    screen.submit()
    undo.undo()
    assert desk.row(case).team == "Ipswich Response"
    undo.redo()
    assert desk.row(case).team == "Leiston"
    screen.page.add()
    screen.type(officer_name="BELL, Lee")
    screen.submit()
    assert len(screen.rows()) == 2
    undo.undo()
    screen.page.refresh()
    assert screen.rows() == ["OIC-2026-0001"]
    undo.redo()
    screen.page.refresh()
    assert screen.rows() == ["OIC-2026-0001", "OIC-2026-0002"]


def test_a_duplicate_a_request_and_an_answer_are_taken_back(desk, screen, undo):
    survivor, case = desk.add(), desk.add(contact_at=CONTACT + hours(1))
    chaser = desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=NOW)
    screen.show(case)
    act(screen, "Record the answer…", result="Tomorrow")
    act(screen, "Mark duplicate…", survivor=desk.row(survivor).reference, reason="Same call.")
    act(screen, "Withdraw the link…", reason="Another call.")
    undo.undo()
    assert (status(desk, case), desk.row(case).duplicate_of) == (rules.DUPLICATE, survivor), undo.said
    undo.undo()
    assert (status(desk, case), desk.row(case).duplicate_of) == (rules.AWAITING_DOCUMENT, None)
    undo.undo()
    assert desk.ask(records_chasers.chasers, case)[0].result is None and chaser
    screen.show(case)
    screen.press("Ask to exempt…")
    screen.pick(reason="Reported by another force")
    screen.type(why="Essex.")
    screen.submit()
    undo.undo()
    assert screen.page.case.case.request is None


def test_a_chaser_that_was_sent_is_listed_and_stays(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    screen.press("Record a chaser…")
    screen.pick(channel="E-mail")
    screen.submit()
    undo.undo()
    assert undo.lines() == [("Chase the reporting officer for OIC-2026-0001", "cannot be taken back: it left the desk")]
    assert len(desk.ask(records_chasers.chasers, case)) == 1


def test_a_note_is_taken_back_and_put_back_and_the_timeline_tells_it(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    screen.press("Add a note…")
    screen.pick(kind="Fact")
    screen.type(text="Back on Monday.")
    screen.submit()
    undo.undo()
    assert desk.ask(notes, case) == [] and desk.log()[-1]["detail"] == "taken back"
    with desk.vault.consulting() as session:
        assert search(session, "monday", now=NOW).rows == ()
    assert desk.ask(timeline, case)[0].reason == "a note"
    undo.redo()
    (note,) = desk.ask(notes, case)
    assert (note.kind, note.text) == ("fact", "Back on Monday.")


def test_a_request_that_was_ended_by_mistake_waits_again_but_not_beside_a_newer_one(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    screen.press("Ask to exempt…")
    screen.pick(reason="Reported by another force")
    screen.type(why="Essex.")
    screen.submit()
    act(screen, "End the request…", reason="Ours.")
    waits = [False, True, False]
    for expected in waits[1:]:
        undo.undo()
        assert (len(waiting(desk)) == 1) == expected, undo.said
    for expected in reversed(waits[:-1]):
        undo.redo()
        assert (len(waiting(desk)) == 1) == expected, undo.said
    reason = desk.ask(records_exemptions.exemptions, case)[0].reason
    desk.do(records_exemptions.ask, case, reason, "Essex.", now=NOW)
    undo.undo()
    assert "was asked for again since" in undo.said[-1]


def waiting(desk):
    return desk.ask(lambda session: session.scalars(records_exemptions.waiting_ids()).all())


def test_a_person_that_was_recorded_is_listed_as_what_stays(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    screen.press("Add a person…")
    screen.type(label="A.B.")
    screen.form.form.widget("categories").item(0).setCheckState(Qt.CheckState.Checked)
    screen.submit()
    (line,) = undo.lines()
    assert line[0] == "Add a person to OIC-2026-0001" and "keeps its history; correct the record" in line[1]


def test_a_case_is_paused_resumed_snoozed_and_brought_back_and_each_is_taken_back(desk, screen, undo):
    case = desk.add()
    screen.show(case)
    act(screen, "Pause…", reason="On leave")
    assert "stays as it is" in screen.told() and screen.page.case.case.row.is_paused
    act(screen, "Resume…")
    act(screen, "Snooze…", until="30 Nov 2026", why="Back then")
    assert screen.told() == "OIC-2026-0001 is snoozed until Mon 30 Nov 2026; it still counts as open."
    assert screen.rows() == []
    screen.show(case)
    act(screen, "End the snooze…")
    for snoozed, paused in ((True, False), (False, False), (False, True), (False, False)):
        undo.undo()
        screen.page.refresh()
        row = screen.page.case.case.row
        assert (row.snoozed_until is not None, row.is_paused) == (snoozed, paused), undo.said


# --- clocks


def clocks(screen):
    return [text for text in pages.words(screen.page.case.clocks) if text]


def test_every_date_stands_beside_its_rule(desk, screen):
    case = desk.add(contact_at=datetime(2026, 11, 23, 10, 15, tzinfo=UTC))
    screen.show(case)
    told = clocks(screen)
    assert "1 hour since the contact" in told and "0 working days" in told
    assert "Tue 24 Nov 2026 10:15: 24 hours after the contact" in told
    assert "Wed 25 Nov 2026 10:15: 24 hours after due" in told
    assert "Fri 27 Nov 2026 10:15: 72 hours after due" in told
    assert "Tue 1 Dec 2026 10:15: 7 days after due" in told


def test_a_pause_is_told_with_what_it_moved_and_the_due_time_stays(desk, screen):
    case = desk.add()
    due = CONTACT + days(1)
    desk.do(records_clock.pause, case, "On leave", at=due + hours(2), now=NOW)
    desk.do(records_clock.resume, case, at=due + hours(12), now=NOW)
    screen.show(case)
    told = clocks(screen)
    assert "Tue 17 Nov 2026 09:30: 24 hours after the contact" in told
    assert "Wed 18 Nov 2026 19:30: 24 hours after due, later by the pause" in told
    assert "Tue 17 Nov 2026 11:30 to Tue 17 Nov 2026 21:30, by Sam Ashby: On leave" in told


def test_a_correction_and_a_restarted_clock_say_their_rule(desk, screen):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(2))
    desk.do(documents.return_for_correction, document, "Two matters.", at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    screen.show(case)
    assert "Wed 25 Nov 2026 11:59pm: 3 working days after the return" in clocks(screen)


# --- timeline


def test_the_timeline_tells_chasers_pauses_snoozes_documents_and_what_was_taken_back(desk, screen, undo):
    case = desk.add()
    desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=CONTACT + days(3))
    desk.do(records_clock.pause, case, "On leave", at=CONTACT + days(4), now=CONTACT + days(4))
    desk.do(records_clock.resume, case, at=CONTACT + days(5), now=CONTACT + days(5))
    desk.do(records_clock.snooze, case, date(2026, 11, 24), "Court", now=CONTACT + days(5))
    screen.show(case)
    act(screen, "Record a submission…", reference="IR-7")
    undo.undo()
    screen.show(case)
    told = "\n".join(pages.words(screen.page.case.history))
    for line in (
        "Taken back: Submitted; it stands as awaiting document again",
        "Submitted, recorded by mistake and taken back",
        "Snoozed: until Tue 24 Nov 2026: Court",
        "Resumed", "Paused: On leave", "Reporting officer chased",
        "Contact with NCCU; awaiting document",
    ):  # fmt: skip
        assert line in told
