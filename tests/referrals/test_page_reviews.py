"""Reviews and rights on the page: decided with a reason, people hidden until a logged look, nothing past a hold."""

from datetime import date

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from oicdesk.machine import Machine
from oicdesk.referrals import records, records_holds, records_people, records_reviews, records_rights
from oicdesk.referrals.page_reviews import (
    BREACHES,
    CORRECTIONS,
    DUE,
    HOLDS,
    REQUESTS,
    SEARCH,
    ReviewsPage,
)
from oicdesk.referrals.panel_keeping import KeepingPanel
from oicdesk.referrals.records_queue import timeline
from oicdesk.ui import messages
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.referrals import pages
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

desk, vault = desks.desk, desks.vault
LATER = CONTACT + days(760)
LEFT = Qt.MouseButton.LeftButton


class _Commits(QObject):
    told = Signal(object)


class Screen:
    """The tool by a user's clicks, at an instant."""

    def __init__(self, desk, qtbot, folder, now):
        self.desk, self.qtbot = desk, qtbot
        self.purged = []
        self.page = ReviewsPage(
            desk.vault, now=lambda: now, machine=Machine(folder / "machine.json"),
            purge=lambda _session, case: self.purged.append(case),
        )  # fmt: skip
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        desk.vault.on_commit = commits.told.emit
        self.opened, self.steps = [], UndoList(self.page)
        self.page.step_done.connect(self.steps.add)
        self.page.open_requested.connect(lambda kind, id: self.opened.append((kind, id)))
        qtbot.addWidget(self.page)
        self.page.resize(896, 620)
        self.page.show()
        self.page.refresh()
        self.front()

    def front(self):
        self.page.activateWindow()
        self.qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)

    def part(self, name):
        buttons = self.page.segments._group.buttons()
        self.qtbot.mouseClick(buttons[list(self.page.views).index(name)], LEFT)
        return self.page.part

    def press(self, button):
        assert button.isVisible() and button.isEnabled(), button.text()
        self.qtbot.mouseClick(button, LEFT)

    def answer(self, button, **values):
        """Press a button, fill in what it asks, and press the verb."""

        def act(dialog):
            dialog.form.set_values(dialog.form.values() | values)
            self.qtbot.mouseClick(dialog.verb, LEFT)

        in_dialog(act, has="form")
        self.press(button)
        self.front()

    def cells(self, part):
        model = part.table.rows
        return [[model.index(line, n).data() for n in range(model.columnCount())] for line in range(model.rowCount())]

    def said(self):
        return self.page.said.words.text()


def close_two(desk):
    """Two closed cases, each with a person."""
    cases = []
    for number in range(2):
        case = desk.add(contact_at=CONTACT + hours(number), incident_ref=f"S-{number}")
        values = {"label": f"Driver {number}", "categories": {"suspect"}, "force_reference": f"NOM-{number}"}
        desk.do(records_people.add_person, case, values, now=NOW)
        desk.accepted(case, CONTACT + hours(3))
        desk.do(records.close, case, at=CONTACT + hours(5))
        cases.append(case)
    return cases


@pytest.fixture
def closed(desk):
    return desk.once(close_two)


@pytest.fixture
def screen(desk, closed, qtbot, tmp_path):
    screen = Screen(desk, qtbot, tmp_path, LATER)
    yield screen
    screen.page.hide()


def test_cases_due_are_listed_with_their_dates_and_kept_with_a_reason_until_the_next_review(screen):
    part = screen.page.due
    assert [row[:2] + row[4:] for row in screen.cells(part)] == [
        ["OIC-2026-0001", "Suffolk", "16 Nov 2027", "16 Nov 2028", "none"],
        ["OIC-2026-0002", "Suffolk", "16 Nov 2027", "16 Nov 2028", "none"],
    ]
    assert screen.page.segments._group.buttons()[0].text() == f"{DUE}  2"
    part.table.selectAll()
    screen.answer(part.keep_button, why="comparison", next_on=date(2030, 1, 1))
    assert screen.said() == "Kept: OIC-2026-0001, OIC-2026-0002."
    assert screen.desk.row(1).review_on == date(2030, 1, 1)
    assert screen.steps.lines()[-1][1].startswith("cannot be taken back: a review stays on record")
    assert problems(screen.page) == []


def test_people_are_anonymised_with_a_reason_and_a_held_case_is_skipped_with_the_reason_why(screen):
    screen.desk.do(records_holds.place_hold, 2, "court", "trial", date(2029, 6, 1), now=LATER)
    screen.page.refresh()
    part = screen.page.due
    part.table.selectAll()
    screen.answer(part.erase_button, why="no longer needed")
    assert screen.purged == [1]
    assert screen.steps.lines() == [
        ("Anonymise the people of OIC-2026-0001", "cannot be taken back: what was erased is nowhere any more")
    ]
    told = screen.page.problem.words.text()
    assert told.startswith("Anonymised: OIC-2026-0001. Skipped 1: OIC-2026-0002: A hold is on this case")
    with screen.desk.vault.consulting(referral=[1, 2]) as session:
        assert records_people.people(session, 1, now=LATER) == []
        assert len(records_people.people(session, 2, now=LATER)) == 1
    assert [row[0] for row in screen.cells(part)] == ["OIC-2026-0002"]


def test_a_hold_is_placed_kept_and_released_on_the_page_and_each_is_taken_back_and_done_again(screen):
    part = screen.page.due
    part.table.selectRow(0)
    screen.answer(part.hold_button, kind="inquest", why="coroner", review_on=date(2029, 6, 1))
    assert "A hold is on OIC-2026-0001" in screen.said()
    holds = screen.part(HOLDS)
    assert screen.cells(holds)[0][:3] == ["OIC-2026-0001", "Inquest", "coroner"]
    screen.answer(holds.keep_button, why="adjourned", review_on=date(2030, 6, 1))
    screen.answer(holds.release_button, why="closed")
    assert not screen.desk.ask(records_holds.is_held, 1)
    assert "released" in screen.cells(holds)[0][5]
    screen.press(holds.open_button)
    assert screen.opened == [("referral", 1)]

    def stands():
        (hold,) = screen.desk.ask(records_holds.holds)
        return screen.desk.ask(records_holds.is_held, 1), hold.review_on.year

    stood = [(False, 2030), (True, 2030), (True, 2029), (False, 2029)]
    for expected in stood[1:]:
        screen.steps.undo()
        assert stands() == expected, screen.steps.lines()
    for expected in reversed(stood[:-1]):
        screen.steps.redo()
        assert stands() == expected, screen.steps.lines()
    told = [event.reason for event in screen.desk.ask(timeline, 1) if event.kind == "taken back"]
    assert told == ["the release of a hold", "the review of a hold", "the release of a hold"]


def test_requests_are_hidden_until_a_logged_look_and_again_once_another_part_is_shown(screen):
    part = screen.part(REQUESTS)
    screen.answer(part.add_button, kind="access", requester="Somebody", received_on=date(2028, 12, 1))
    assert "due on 31 Dec 2028" in screen.said()
    assert screen.cells(part) == []
    entries = len(screen.desk.log())
    screen.press(part.show_button)
    assert screen.desk.log()[entries]["operation"] == "consultation"
    assert screen.cells(part)[0][1] == "Somebody"
    screen.answer(part.checked_button, identity_checked="passport")
    screen.answer(part.close_button, outcome="sent")
    assert "answered" in screen.cells(part)[0][5]
    assert [how for _words, how in screen.steps.lines()] == [
        "cannot be taken back: it left the desk",
        "cannot be taken back: a check that was made stays on record; record it again to correct its words",
        "cannot be taken back: a request stays on record; close it and say that it was recorded by mistake",
    ]
    screen.part(DUE)
    assert screen.cells(part) == []


def test_people_are_searched_corrected_and_whom_to_tell_is_ticked(screen):
    screen.desk.do(records_people.hand_out, 1, recipient="Essex", purpose="case", how="copy", now=LATER)
    part = screen.part(SEARCH)
    screen.qtbot.keyClicks(part.words, "driver")
    screen.qtbot.keyClick(part.words, Qt.Key.Key_Return)
    assert [row[1] for row in screen.cells(part)] == ["Driver 0", "Driver 1"]
    assert screen.desk.log()[-1]["records"]["person"] == [1, 2]
    screen.answer(part.correct_button, force_reference="NOM-9", correction="a wrong number")
    assert "To tell by" in screen.said() and "Essex" in screen.said()
    trail = screen.part(CORRECTIONS)
    assert screen.cells(part) == [] and part.words.text() == ""
    screen.press(trail.show_button)
    assert screen.cells(trail)[0][2:4] == ["corrected: force reference", "a wrong number"]
    screen.press(trail.told_button)
    assert screen.cells(trail)[0][5] == "Essex, told"
    assert trail.told_button.text() == "Everybody was told"
    screen.steps.undo()
    assert trail.told_button.text() == "Essex was told" and "taken back" in screen.desk.log()[-2]["detail"]
    screen.steps.redo()
    assert trail.told_button.text() == "Everybody was told"
    assert screen.steps.lines()[1][1].startswith("cannot be taken back: the trail keeps what was corrected")


def test_one_person_is_erased_and_the_search_finds_them_no_more(screen):
    part = screen.part(SEARCH)
    part.words.setText("nom-1")
    screen.press(part.search_button)
    screen.answer(part.erase_button, why="asked for")
    assert screen.cells(part) == []
    with screen.desk.vault.consulting(referral=2) as session:
        assert records_people.people(session, 2, now=LATER) == []
        assert records_rights.corrections(session)[0].what == "erased"


def test_the_people_found_are_exported_for_the_officer_with_marking_and_log(screen, tmp_path):
    part = screen.part(SEARCH)
    part.words.setText("driver")
    screen.press(part.search_button)
    messages.answers = [tmp_path / "people.csv"]
    screen.answer(part.export_button, format=".csv")
    lines = (tmp_path / "people.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "OFFICIAL-SENSITIVE"
    assert "OIC-2026-0001,Driver 0,Force reference,NOM-0" in lines
    assert screen.steps.lines()[0][1] == "cannot be taken back: it left the desk"
    entry = screen.desk.log()[-1]
    assert (entry["operation"], entry["records"]["person"]) == ("disclosure", [1, 2])


def test_the_victim_stop_holds_the_export_too(screen, tmp_path):
    screen.desk.do(records_people.edit_person, 1, {"categories": {"victim"}}, now=LATER)
    part = screen.part(SEARCH)
    part.words.setText("driver")
    screen.press(part.search_button)
    refused = []

    def act(dialog):
        screen.qtbot.mouseClick(dialog.verb, LEFT)
        refused.extend(pages.words(dialog))
        dialog.give_up()

    in_dialog(act)
    screen.press(part.export_button)
    assert any("the people found cannot be exported" in one for one in refused)
    assert "disclosure" not in [entry["operation"] for entry in screen.desk.log()]


def test_a_breach_is_recorded_completed_and_shows_when_its_72_hours_end(screen):
    part = screen.part(BREACHES)
    screen.answer(part.add_button, facts="A laptop was left in a van.")
    assert "The 72 hours end" in screen.said()
    screen.answer(part.edit_button, effects="none known", remedy="found again")
    assert screen.cells(part)[0][3:] == ["A laptop was left in a van.", "none known", "found again"]
    screen.steps.undo()
    assert screen.cells(part)[0][4:] == ["not written yet", "not written yet"]
    screen.steps.redo()
    assert screen.cells(part)[0][4:] == ["none known", "found again"]
    assert screen.steps.lines()[1][1].startswith("cannot be taken back: a breach stays on record")


def test_an_empty_tool_says_why_in_every_part(desk, qtbot, tmp_path):
    screen = Screen(desk, qtbot, tmp_path, NOW)
    for name in screen.page.views:
        part = screen.part(name)
        assert screen.cells(part) == []
        assert "\n".join(pages.words(part.table)).strip(), name
    assert problems(screen.page) == []


def test_nobody_is_put_in_an_order_by_this_tool(screen):
    for name in (REQUESTS, SEARCH, CORRECTIONS):
        assert [column.sort for column in screen.page.views[name].table.rows.columns if column.sort] == []


# --- beside the case ---


def test_the_case_shows_its_holds_and_reviews_and_places_and_releases_one(desk, closed, qtbot):
    panel = KeepingPanel(desk.vault, lambda: LATER)
    qtbot.addWidget(panel)
    tasks = []
    panel.task_asked.connect(tasks.append)
    panel.show()
    panel.show_record(1)
    assert not panel.release_button.isVisible()
    assert "The review was due on Tue 16 Nov 2027" in "\n".join(pages.words(panel))
    early = KeepingPanel(desk.vault, lambda: CONTACT + days(20))
    qtbot.addWidget(early)
    early.show()
    early.show_record(1)
    assert "The case is reviewed on Tue 16 Nov 2027." in "\n".join(pages.words(early))
    qtbot.mouseClick(panel.place_button, LEFT)
    values = {"kind": "court", "why": "trial", "review_on": date(2029, 6, 1)}
    assert "A hold is on OIC-2026-0001" in desk.do(tasks[0].do, values).words
    panel.show_record(1)
    assert "On hold: nothing of this case is anonymised or purged." in panel.notice.words.text()
    qtbot.mouseClick(panel.release_button, LEFT)
    told = desk.do(tasks[1].do, {"why": "trial over"})
    assert told.words == "The hold on OIC-2026-0001 is released."
    told.step.take_back()
    assert desk.ask(records_holds.is_held, 1)
    told.step.again()
    desk.do(records_reviews.keep, 1, "comparison", date(2030, 1, 1), now=LATER)
    panel.show_record(1)
    text = "\n".join(pages.words(panel))
    assert "Released" in text and "Kept: comparison" in text
