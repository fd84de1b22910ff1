"""Duplicates: suggested with their reasons, linked not merged, the earliest stays, reversible, refused for good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from oicdesk.errors import Refused
from oicdesk.referrals import page_duplicates, records, records_duplicates, rules
from oicdesk.referrals.page_duplicates import PARTS, DuplicatesPage
from oicdesk.referrals.records_queue import timeline
from oicdesk.referrals.rules_duplicates import Filed, Suggestion, suggest
from oicdesk.ui.undo import UndoList
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.referrals import pages
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

desk, vault, screen = desks.desk, desks.vault, pages.screen
SUGGESTED, LINKED = PARTS


def filed(id, minutes=0, **more):
    row = Filed(id, id, "Suffolk", CONTACT + timedelta(minutes=minutes), "", "", "", "", "", "", "")
    return replace(row, **more)


# --- the rules ---


def test_the_same_incident_of_a_force_is_suggested_with_the_earliest_as_primary():
    rows = [filed(3, 0, incident="A1", incident_text="A1"), filed(1, 90, incident="A1", incident_text="A 1"),
            filed(2, 300, incident="A1", incident_text="A1"),
            filed(4, 0, force="Norfolk", incident="A1", incident_text="A1")]  # fmt: skip
    assert suggest(rows) == [
        Suggestion(3, 2, ("Same incident number",)),
        Suggestion(3, 1, ("Same incident number, written differently",)),
    ]


def test_the_same_nccu_reference_is_suggested_across_forces_whatever_its_spelling():
    rows = [filed(1, nccu="N1", nccu_text="N/1"), filed(2, 5_000, force="Norfolk", nccu="N1", nccu_text="n 1")]
    assert suggest(rows) == [Suggestion(1, 2, ("Same NCCU reference, written differently",))]


def test_one_officer_near_in_time_is_suggested_and_not_beyond_the_window():
    near = [filed(1, officer="PC7"), filed(2, 30, officer="PC7"), filed(3, 61, officer="PC7")]
    assert suggest(near) == [Suggestion(1, 2, ("Same officer, 30 minutes apart",))]
    assert suggest(near, window=timedelta(minutes=31))[0] == Suggestion(2, 3, ("Same officer, 31 minutes apart",))
    assert suggest([filed(1, officer="PC7"), filed(2, 5, officer="PC7", force="Norfolk")]) == []
    assert suggest([filed(1, at=None, officer="PC7"), filed(2, officer="PC7")]) == []


def test_several_reasons_stand_together_and_a_refused_pair_is_left_out():
    rows = [filed(1, officer="P", crime="C1", crime_text="C1"), filed(2, officer="P", crime="C1", crime_text="C1")]
    assert suggest(rows) == [Suggestion(1, 2, ("Same crime or custody reference", "Same officer, at the same time"))]
    assert suggest(rows, refused=[(2, 1)]) == []


# --- as kept ---


@pytest.fixture
def pair(desk):
    """Two contacts of one officer twenty minutes apart, the second typed first; and one of somebody else."""
    later = desk.add(contact_at=CONTACT + hours(1 / 3), incident_ref="B", nccu_ref="nccu-26.1")
    earlier = desk.add(incident_ref="A", nccu_ref="NCCU/26 1")
    desk.add(contact_at=CONTACT + hours(40), incident_ref="C", officer_collar="PC 9")
    return earlier, later


def test_pairs_are_suggested_over_the_register_and_in_the_case(desk, pair):
    earlier, later = pair
    (row,) = desk.ask(records_duplicates.suggested)
    assert (row.primary.id, row.other.id) == (earlier, later)
    assert row.why == "Same NCCU reference, written differently; Same officer, 20 minutes apart"
    assert desk.ask(records_duplicates.suggested, force="Norfolk") == []
    assert desk.ask(records_duplicates.of_case, later) == [(earlier, "OIC-2026-0002", CONTACT, row.why)]
    assert [one[0] for one in desk.ask(records_duplicates.of_case, earlier)] == [later]
    assert desk.ask(records_duplicates.of_case, 3) == []


def test_the_earliest_contact_stays_whichever_was_typed_first(desk, pair):
    earlier, later = pair
    with pytest.raises(Refused, match="The earliest contact is the one that stays, and OIC-2026-0001 came later"):
        desk.do(records.mark_duplicate, earlier, later, "same", at=NOW)
    desk.do(records.mark_duplicate, later, earlier, "same", at=NOW)
    assert desk.ask(records_duplicates.suggested) == []
    (row,) = desk.ask(records_duplicates.linked)
    assert (row.primary.id, row.other.id, row.why) == (earlier, later, "same")
    desk.do(records.withdraw_duplicate, later, "two stops", at=NOW + hours(1))
    assert desk.ask(records_duplicates.linked) == []
    assert len(desk.ask(records_duplicates.suggested)) == 1


def test_a_refused_pair_is_not_suggested_again_until_that_is_taken_back(desk, pair):
    with pytest.raises(Refused, match="only with a reason"):
        desk.do(records_duplicates.refuse, *pair, " ", now=NOW)
    desk.do(records_duplicates.refuse, *pair, "two lorries", now=NOW)
    assert desk.ask(records_duplicates.suggested) == []
    assert desk.ask(records_duplicates.of_case, pair[0]) == []
    assert desk.log()[-1]["records"] == {"referral": list(pair)}
    told = [desk.ask(timeline, case)[0] for case in pair]
    assert [(event.kind, event.reason) for event in told] == [
        ("not a duplicate", "OIC-2026-0001: two lorries"), ("not a duplicate", "OIC-2026-0002: two lorries"),
    ]  # fmt: skip
    desk.do(records_duplicates.take_back_refusal, *pair, now=NOW)
    assert len(desk.ask(records_duplicates.suggested)) == 1


# --- on the page ---


class _Commits(QObject):
    told = Signal(object)


class Tool:
    def __init__(self, desk, qtbot):
        self.desk, self.qtbot = desk, qtbot
        self.page = DuplicatesPage(desk.vault, now=lambda: NOW)
        self.steps, self.opened = UndoList(self.page), []
        self.page.step_done.connect(self.steps.add)
        self.page.open_requested.connect(lambda kind, id: self.opened.append((kind, id)))
        commits = _Commits(self.page)
        commits.told.connect(lambda tables: self.page.refresh() if self.page.tables & tables else None)
        desk.vault.on_commit = commits.told.emit
        qtbot.addWidget(self.page)
        self.page.resize(896, 620)
        self.page.show()
        self.page.refresh()
        self.page.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is self.page)
        self.page.first_focus().setFocus()

    def counts(self):
        return [len(view.rows) for view in self.page.parts]

    def answer(self, reason):
        def act(dialog):
            dialog.form.set_values({"reason": reason})
            self.qtbot.mouseClick(dialog.verb, Qt.MouseButton.LeftButton)

        in_dialog(act, has="form")


def test_a_pair_stands_side_by_side_and_a_links_it_undo_and_redo_follow(desk, pair, qtbot):
    tool = Tool(desk, qtbot)
    text = "\n".join(pages.words(tool.page))
    assert "Earlier, OIC-2026-0002" in text and "Later, OIC-2026-0001" in text
    assert "same, written differently" in text and "20 min apart" in text
    assert "Same NCCU reference, written differently; Same officer, 20 minutes apart" in text
    assert problems(tool.page) == []
    qtbot.keyClick(tool.page.first_focus(), Qt.Key.Key_A)
    assert tool.page.said.words.text() == (
        "OIC-2026-0001 is marked as a duplicate of OIC-2026-0002; both records stay."
    )  # fmt: skip
    assert tool.counts() == [0, 1]
    tool.steps.undo()
    assert (tool.counts(), desk.row(pair[1]).status) == ([1, 0], rules.AWAITING_DOCUMENT)
    tool.steps.redo()
    assert tool.counts() == [0, 1]


def test_r_says_that_they_are_two_contacts_for_a_reason_and_that_is_undone_too(desk, pair, qtbot):
    tool = Tool(desk, qtbot)
    tool.answer("two lorries")
    qtbot.keyClick(tool.page.first_focus(), Qt.Key.Key_R)
    assert tool.counts() == [0, 0]
    tool.steps.undo()
    assert tool.counts() == [1, 0]
    tool.steps.redo()
    assert tool.counts() == [0, 0]


def test_a_link_is_withdrawn_with_a_reason_and_cases_are_opened(desk, pair, qtbot):
    desk.do(records.mark_duplicate, pair[1], pair[0], "same", at=NOW)
    tool = Tool(desk, qtbot)
    qtbot.mouseClick(tool.page.segments._group.buttons()[1], Qt.MouseButton.LeftButton)
    part = tool.page.part
    qtbot.mouseClick(part.primary_button, Qt.MouseButton.LeftButton)
    assert tool.opened == [("referral", pair[0])]
    tool.answer("two stops after all")
    qtbot.mouseClick(part.withdraw_button, Qt.MouseButton.LeftButton)
    assert tool.counts() == [1, 0]
    tool.steps.undo()
    assert (tool.counts(), desk.row(pair[1]).duplicate_of) == ([0, 1], pair[0])
    tool.steps.redo()
    assert tool.counts() == [1, 0]


def test_a_large_register_is_compared_on_request(desk, pair, qtbot, monkeypatch):
    monkeypatch.setattr(page_duplicates, "_LARGE", 1)
    tool = Tool(desk, qtbot)
    assert tool.counts() == [0, 0]
    tool.page.suggested.look()
    qtbot.waitUntil(lambda: tool.counts() == [1, 0])
    qtbot.mouseClick(tool.page.suggested.mark_button, Qt.MouseButton.LeftButton)
    assert tool.counts() == [0, 1]
    tool.steps.undo()
    assert tool.counts() == [1, 0]
    tool.page.scope_changed("Norfolk")
    tool.page.refresh()
    assert tool.counts() == [0, 0]


def test_the_case_offers_the_link_from_the_later_contact_only(desk, pair, screen):
    earlier, later = pair
    screen.show(later)
    assert "Same officer, 20 minutes apart" in "\n".join(pages.words(screen.page.case.duplicates))
    screen.qtbot.waitUntil(lambda: bool(pages.buttons(screen.page, "Mark as duplicate of OIC-2026-0002…")))
    screen.show(earlier)
    assert not pages.buttons(screen.page, "Mark as duplicate of OIC-2026-0001…")
