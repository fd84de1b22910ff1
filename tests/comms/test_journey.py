"""The planner's journey by the keyboard alone: plan a campaign, have it approved, publish it, read its effect."""

from datetime import date, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from oicdesk.comms import records
from oicdesk.comms.page import CAMPAIGNS, MONTH
from oicdesk.machine import Machine
from oicdesk.ui.parts import Pill
from tests.comms import makers
from tests.comms.makers import APPROVERS, PASSPHRASE
from tests.comms.screen import ALT, CONTROL, Screen
from tests.ui.dialogs import in_dialog

room = makers.room
Key = Qt.Key
DAY = date(2026, 9, 14)


def test_a_campaign_is_planned_approved_published_and_its_effect_read_by_the_keyboard_alone(room, qtbot, tmp_path):
    room.contacts(4, 16, DAY - timedelta(days=56), 50)
    room.contacts(15, 16, DAY + timedelta(days=1), 50)
    machine = Machine(tmp_path / "machine.json")
    screen = Screen(room, qtbot, machine)

    # A campaign, by the parts of the page.
    screen.page.panes()[0].setFocus()  # as F6 does
    screen.key(Key.Key_Right, times=6)
    assert screen.page.parts.current().text() == CAMPAIGNS

    def campaign(dialog):
        for name, words in (("title", "Autumn briefings"), ("aim", "Documents in time")):
            qtbot.keyClicks(dialog.form.widget(name), words)
        qtbot.keyClick(dialog.form.widget("title"), Key.Key_Return, CONTROL)

    in_dialog(campaign)
    screen.tab_to("Begin a campaign…")
    screen.key(Key.Key_Space)
    assert "Autumn briefings" in screen.said

    # An item of it, from a template.
    screen.key(Key.Key_N, CONTROL)
    screen.tab_to("template")
    screen.key(Key.Key_Down)
    assert screen.page.side.form is not None
    assert screen.page.side.form.form.values()["title"] == "Briefing: the document after a contact"
    screen.tab_to("campaign_id")
    screen.key(Key.Key_Down)
    screen.type_into("owner", "The post")
    screen.type_into("Planned day", "13 Sep 2026")
    screen.key(Key.Key_Return, CONTROL)
    assert screen.said.endswith("is written down as planned.")
    assert screen.page.parts.current().text() == MONTH
    (row,) = room.ask(records.items)
    assert (row.campaign, row.status, row.day) == ("Autumn briefings", "PLANNED", date(2026, 9, 13))
    assert (row.facts.promise, row.facts.recommendation) == ("guidance", 2)

    # A Sunday; a day later by the keys, then back to the calendar.
    screen.page.first_focus().setFocus()  # as F6 does
    screen.key(Key.Key_Right, ALT)
    assert room.item(row.id).day == DAY
    assert "Approve it" not in screen.page.pane.deeds.buttons()  # who wrote it does not approve it
    screen.page.close()

    # The approver signs in, finds it and approves.
    room.sign_in(APPROVERS)
    theirs = Screen(room, qtbot, machine)
    theirs.keys(Key.Key_PageUp, Key.Key_PageUp)
    _go_to(theirs, DAY)
    theirs.keys(Key.Key_Return, Key.Key_Return)
    assert theirs.focus.text() == "Approve it"
    theirs.key(Key.Key_Space)
    assert theirs.said == "“Briefing: the document after a contact” is approved."
    theirs.page.close()

    # The officer publishes it and reads what followed.
    room.sign_in(PASSPHRASE)
    mine = Screen(room, qtbot, machine)
    mine.keys(Key.Key_PageUp, Key.Key_PageUp)
    _go_to(mine, DAY)
    mine.keys(Key.Key_Return, Key.Key_Return, Key.Key_Space)
    mine.type_into("reach", "120")
    mine.type_into("reach_basis", "people present")
    mine.key(Key.Key_Return, CONTROL)
    assert mine.said.endswith("was published on 14 September 2026; its mark stands on the chart.")
    assert mine.focus.text() == "Evaluate…"
    told = _words(mine)
    assert "clear rise" in told
    assert "4 of 16 (25.0%) in the 9 weeks before 14 September 2026, 15 of 16 (93.8%) in the 9 weeks after" in told
    assert "need not be caused by it" in told and "Context only, without a verdict" in told
    assert mine.page.chart is not None
    assert "Mark 1: Briefing: the document after a contact, 14 Sep 2026." in mine.page.chart.accessibleName()

    # And closes it with what was learnt.
    mine.key(Key.Key_Space)
    mine.type("Teams asked for a second one.")
    mine.key(Key.Key_Return, CONTROL)
    kept = room.item(row.id)
    assert (kept.status, kept.verdict, kept.evaluation) == ("EVALUATED", "clear rise", "Teams asked for a second one.")


def _go_to(screen: Screen, day: date) -> None:
    """By the arrows from the day in focus."""
    screen.page.calendar.setFocus()  # where F6 leads
    at = screen.page.calendar.day()
    assert at is not None
    weeks = (day - timedelta(days=day.weekday()) - at + timedelta(days=at.weekday())).days // 7
    screen.key(Key.Key_Down if weeks > 0 else Key.Key_Up, times=abs(weeks))
    days = day.weekday() - at.weekday()
    screen.key(Key.Key_Right if days > 0 else Key.Key_Left, times=abs(days))
    assert screen.page.calendar.day() == day


def _words(screen: Screen) -> str:
    """What the detail says, once it is laid out."""
    section = screen.page.pane.findChildren(Pill)[-1]
    screen.qtbot.waitUntil(lambda: section.isVisibleTo(screen.page))
    labels = [part for part in screen.page.pane.findChildren(QLabel) if part.isVisibleTo(screen.page)]
    return " ".join([section.accessibleName(), *(label.text() for label in labels)])
