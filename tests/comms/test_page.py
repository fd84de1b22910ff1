"""The Comms page by what a user does: plan, move, approve, publish, read what followed, hand out."""

import csv
import stat
from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from python_calamine import CalamineWorkbook

from oicdesk.comms import records, records_library, records_series, rules
from oicdesk.comms.page import CAMPAIGNS, LIBRARY, LIST, MONTH, QUARTER, TALKS, TIMELINE
from oicdesk.machine import Machine
from oicdesk.ui import messages
from tests.comms import makers
from tests.comms.makers import APPROVERS, FACTS, NOW, TODAY
from tests.comms.screen import ALT, LEFT, Screen
from tests.ui.accessibility import focus_order, problems
from tests.ui.dialogs import in_dialog

room = makers.room
Key = Qt.Key
MONDAY = date(2026, 11, 30)
SEPTEMBER = date(2026, 9, 14)


@pytest.fixture
def screen(room, qtbot, tmp_path):
    return Screen(room, qtbot, Machine(tmp_path / "machine.json"))


def shown(room, qtbot, tmp_path):
    """The page after a test made its records."""
    return Screen(room, qtbot, Machine(tmp_path / "machine.json"))


def cell(screen, day):
    """The middle of the first chip of a day, in the calendar's viewport."""
    calendar = screen.page.calendar
    index = calendar.days.index_of(day)
    chips, _more = calendar.chips(index, calendar.visualRect(index))
    return chips[0].rect.center() if chips else calendar.visualRect(index).center()


def drag(qtbot, widget, start, end):
    qtbot.mousePress(widget, LEFT, pos=start)
    qtbot.mouseMove(widget, start + QPoint(20, 4))
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, LEFT, pos=end)


# --- the calendar ------------------------------------------------------------------------------------------


def test_an_empty_desk_says_so_and_enter_on_a_day_begins_an_item_on_it(screen):
    assert screen.page.stretch.text() == "November 2026"
    assert screen.page.calendar.day() == TODAY
    screen.keys(Key.Key_Down, Key.Key_Return)
    form = screen.page.side.form
    assert form is not None and form.form.values()["planned_on"] == MONDAY
    screen.page.parts.choose(LIST)
    assert "No communication yet" in screen.page.list.table._empty._title.text()


def test_weeks_begin_on_monday_and_a_day_is_spoken_with_its_items_and_conflicts(room, qtbot, tmp_path):
    room.planned()
    room.planned(title="Another", force="Norfolk")
    screen = shown(room, qtbot, tmp_path)
    days = screen.page.calendar.days
    assert [days.headerData(n, Qt.Orientation.Horizontal) for n in (1, 7)] == ["Mon", "Sun"]
    assert days.sentence(days.index_of(MONDAY)) == (
        "Monday 30 November 2026, 2 items, conflict: more than one item for one audience; Another, planned, briefing"
        " for Response teams, Norfolk only; Briefing on the document, planned, briefing for Response teams."
    )
    assert days.sentence(days.index(1, 0)) == "Week of 2 Nov, no item"


def test_conflicts_and_weeks_without_an_item_are_told_in_words(room, qtbot, tmp_path):
    room.planned()
    room.planned(title="Another")
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(QUARTER)
    assert screen.page.notes.text() == (
        "Conflict: 2 items for Response teams on 30 November 2026; move one of them. Weeks ahead without any item:"
        " Mon 23 Nov 2026, Mon 7 Dec 2026, Mon 14 Dec 2026, Mon 21 Dec 2026 and 1 more."
    )
    screen.page.parts.choose(TIMELINE)
    assert "Conflict: 2 items for Response teams" in screen.page.notes.text()


def test_page_keys_turn_months_and_quarters(screen):
    screen.key(Key.Key_PageDown)
    assert screen.page.stretch.text() == "December 2026"
    screen.page.parts.choose(QUARTER)
    assert screen.page.stretch.text() == "October to December 2026"
    screen.page.calendar.setFocus()
    screen.key(Key.Key_PageDown)
    assert screen.page.stretch.text() == "January to March 2027"
    screen.qtbot.mouseClick(screen.page.this_button, LEFT)
    assert screen.page.stretch.text() == "October to December 2026"


@pytest.mark.parametrize(("key", "days"), [(Key.Key_Right, 1), (Key.Key_Left, -1), (Key.Key_Down, 7), (Key.Key_Up, -7)])
@pytest.mark.parametrize("part", [MONTH, QUARTER, TIMELINE])
def test_alt_with_an_arrow_moves_the_chosen_item_by_a_day_or_a_week_and_undo_takes_it_back(
    room, qtbot, tmp_path, part, key, days
):
    item = room.planned(planned_on=date(2026, 12, 9))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(part)
    screen.page.choose(item)
    screen.page.first_focus().setFocus()
    screen.key(key, ALT)
    assert room.item(item).day == date(2026, 12, 9) + timedelta(days=days)
    assert screen.said.startswith("“Briefing on the document” is planned for ")
    screen.undo.undo()
    assert room.item(item).day == date(2026, 12, 9)


def test_a_move_over_the_edge_of_the_month_goes_along(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.page.calendar.setFocus()
    screen.key(Key.Key_Down, ALT)
    assert screen.page.stretch.text() == "December 2026" and screen.page.calendar.day() == date(2026, 12, 7)


def test_an_item_is_dragged_to_another_day(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    drag(qtbot, screen.page.calendar.viewport(), cell(screen, MONDAY), cell(screen, date(2026, 11, 26)))
    assert room.item(item).day == date(2026, 11, 26)
    assert [e.kind for e in room.ask(records.history, item)] == ["status", "moved"]


def test_a_click_on_an_item_only_looks_at_it(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    qtbot.mouseClick(screen.page.calendar.viewport(), LEFT, pos=cell(screen, MONDAY))
    assert screen.page.item == item and room.item(item).day == MONDAY
    assert screen.page.pane.heading.text() == "Briefing on the document"


def test_an_item_dropped_on_the_week_column_stays(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    drag(qtbot, screen.page.calendar.viewport(), cell(screen, MONDAY), QPoint(10, cell(screen, MONDAY).y()))
    assert room.item(item).day == MONDAY


def test_what_was_published_does_not_move_and_says_why(room, qtbot, tmp_path):
    item = room.published(date(2026, 11, 9))
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.page.calendar.setFocus()
    screen.key(Key.Key_Right, ALT)
    assert "published does not change" in screen.refused and room.item(item).day == date(2026, 11, 9)


def test_a_day_that_is_no_working_day_is_said_when_an_item_moves_there(room, qtbot, tmp_path):
    item = room.planned(planned_on=date(2026, 12, 24))
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.page.calendar.setFocus()
    screen.key(Key.Key_Right, ALT)
    assert screen.said.endswith("Fri 25 Dec 2026. Fri 25 Dec 2026 is no working day.")


def test_enter_goes_through_the_items_of_a_day(room, qtbot, tmp_path):
    first, second = room.planned(title="A"), room.planned(title="B")
    screen = shown(room, qtbot, tmp_path)
    screen.keys(Key.Key_Down, Key.Key_Return)
    assert screen.page.item == first
    screen.key(Key.Key_Return)
    assert screen.page.item == second
    screen.key(Key.Key_Return)
    assert screen.page.item == first
    screen.key(Key.Key_Escape)
    assert screen.page.item is None and not screen.page.side.isVisible()


def test_more_items_than_fit_are_counted(room, qtbot, tmp_path):
    for n in range(12):
        room.planned(title=f"Item {n}", audience=f"Team {n}")
    screen = shown(room, qtbot, tmp_path)
    calendar = screen.page.calendar
    index = calendar.days.index_of(MONDAY)
    chips, more = calendar.chips(index, calendar.visualRect(index))
    assert int(more.split()[0]) + len(chips) == 12


def test_among_a_hundred_items_of_many_months_one_moves_by_a_day(room, qtbot, tmp_path):
    with room.vault.changing() as session:
        for n in range(100):
            day = date(2026, 7, 1) + timedelta(days=n * 300 // 100)
            item = records.add_item(session, replace(FACTS, title=f"Item {n}", planned_on=day), now=NOW,
                                    status=rules.PLANNED)  # fmt: skip
    screen = shown(room, qtbot, tmp_path)
    screen.key(Key.Key_PageUp)
    screen.key(Key.Key_PageDown)
    screen.page.choose(item)
    screen.page.calendar.setFocus()
    screen.key(Key.Key_Right, ALT)
    assert room.item(item).day == date(2027, 4, 25)


# --- the timeline ------------------------------------------------------------------------------------------


def test_the_timeline_stands_under_the_same_days_as_the_chart(room, qtbot, tmp_path):
    item = room.published(date(2026, 10, 5))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    (bar,) = screen.page.timeline.bars
    axis = screen.page.chart.axis()
    assert bar.row.id == item and bar.rect.left() == round(axis.x(date(2026, 10, 5)))
    assert axis.day(axis.x(date(2026, 10, 5)) + 1) == date(2026, 10, 5)
    assert screen.page.timeline.width() == screen.page.chart.width()


def test_the_timeline_follows_the_chart_when_the_detail_takes_room_beside_it(room, qtbot, tmp_path):
    item = room.published(date(2026, 10, 5))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    wide = screen.page.chart.width()
    screen.page.choose(item)
    qtbot.waitUntil(lambda: screen.page.chart.width() < wide)
    (bar,) = screen.page.timeline.bars
    assert bar.rect.left() == round(screen.page.chart.axis().x(date(2026, 10, 5)))


def test_arrows_go_along_the_lanes_and_each_item_is_spoken(room, qtbot, tmp_path):
    for n, channel in enumerate((rules.INTRANET, rules.BRIEFING, rules.BRIEFING)):
        room.planned(title=f"Item {n}", channel=channel, planned_on=MONDAY + timedelta(days=9 * n))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    screen.page.timeline.setFocus()
    said = []
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Right, Key.Key_Up):
        screen.key(key)
        said.append(screen.page.timeline.accessibleDescription().split(",")[0])
    assert said == ["Mon 30 Nov 2026: Item 0", "Wed 9 Dec 2026: Item 1", "Fri 18 Dec 2026: Item 2",
                    "Mon 30 Nov 2026: Item 0"]  # fmt: skip
    screen.key(Key.Key_Return)
    assert screen.page.pane.isAncestorOf(screen.focus)


def test_an_item_is_dragged_along_the_timeline(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    (bar,) = screen.page.timeline.bars
    start = bar.rect.center()
    drag(qtbot, screen.page.timeline, start, start - QPoint(round(screen.page.chart.axis().pitch), 0))
    assert room.item(item).day == date(2026, 11, 23)


def test_bars_of_a_lane_never_lie_on_one_another(room, qtbot, tmp_path):
    rule = rules.Recurrence(rules.WEEKLY, MONDAY, MONDAY + timedelta(weeks=6))
    room.do(records_series.add_series, FACTS, rule, now=NOW)
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    bars = [bar.rect for bar in screen.page.timeline.bars]
    assert len(bars) == 7
    assert not any(one.intersects(other) for n, one in enumerate(bars) for other in bars[:n])


def test_items_outside_the_weeks_of_the_timeline_are_counted(room, qtbot, tmp_path):
    room.planned(planned_on=date(2027, 9, 1))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TIMELINE)
    assert screen.page.hint.text().startswith("1 item stands outside these weeks")


# --- writing an item ---------------------------------------------------------------------------------------


def test_an_idea_becomes_a_plan_once_it_says_all_that_a_plan_needs(screen, room):
    screen.page.add()
    screen.fill("Add it", title="Poster", status=rules.IDEA)
    assert screen.said == "“Poster” is written down as idea."
    assert "Plan it" not in screen.page.pane.deeds.buttons()
    screen.page.pane.edit()
    screen.fill("Save changes", audience="All", message="Words", owner="The post", planned_on=MONDAY)
    screen.press("Plan it")
    assert room.ask(records.items)[0].status == rules.PLANNED


def test_a_plan_that_lacks_something_is_refused_beside_the_box(screen, room):
    screen.page.add()
    screen.fill("Add it", title="Poster", planned_on=MONDAY, owner="The post", message="Words")
    form = screen.page.side.form
    assert form is not None and form.form.refusal_beside("audience").startswith("A planned item says whom")
    assert room.ask(records.items) == []


def test_what_was_typed_is_kept_as_a_draft_and_comes_back(screen, qtbot):
    screen.page.add()
    form = screen.page.side.form
    qtbot.keyClicks(form.form.widget("title"), "Half an idea")
    screen.key(Key.Key_Escape)
    assert screen.page.side.form is None
    screen.page.add()
    assert screen.page.side.form.form.values()["title"] == "Half an idea"


def test_a_talk_with_a_team_does_not_bring_back_the_draft_of_something_else(screen, qtbot):
    screen.page.add()
    qtbot.keyClicks(screen.page.side.form.form.widget("title"), "Half an idea")
    screen.key(Key.Key_Escape)
    screen.page.add(replace(FACTS, title="Talk with Ipswich Response"))
    assert screen.page.side.form.form.values()["title"] == "Talk with Ipswich Response"


def test_a_new_item_is_for_the_force_that_is_looked_at(screen):
    screen.page.scope_changed("Norfolk")
    screen.page.refresh()
    screen.page.add()
    assert screen.page.side.form.form.values()["force"] == "Norfolk"


def test_adding_is_undone_by_cancelling(screen, room):
    screen.page.add()
    screen.fill("Add it", title="Poster", status=rules.IDEA)
    screen.undo.undo()
    (row,) = room.ask(records.items)
    assert (row.status, row.cancelled_why) == (rules.CANCELLED, "taken back right after it was added")


def test_words_of_the_library_are_taken_over_below_what_stands_there(screen):
    screen.page.add()
    form = screen.page.side.form.form
    form.set_values({"message": "First."})
    box = form.widget("words")
    box.setCurrentIndex(box.findText("By when"))
    box.activated.emit(box.currentIndex())
    assert form.values()["message"].startswith("First.\nSubmit the document by the due time")


def test_a_promise_brings_its_recommendation_and_another_one_is_refused(screen, room):
    screen.page.add()
    screen.fill("Add it", title="Poster", status=rules.IDEA, promise="modules")
    assert room.ask(records.items)[0].facts.recommendation == 9
    screen.page.pane.edit()
    screen.fill("Save changes", recommendation=2)
    assert screen.page.side.form.form.refusal_beside("promise").startswith("That promise belongs to another")


def test_a_weekly_item_is_planned_on_every_week_and_its_rest_is_cancelled(screen, room):
    screen.page.add()
    screen.fill("Add it", title="Weekly message", audience="All", message="Words", owner="The post",
                planned_on=date(2026, 12, 7), recurs=True, until=date(2026, 12, 28))  # fmt: skip
    rows = room.ask(records.items)
    # The fourth falls on the bank holiday of 28 December and moves on.
    assert [row.day.day for row in rows] == [7, 14, 21, 29]
    assert screen.said == "4 items “Weekly message” are planned, each to be approved on its own."
    screen.press("End the series…")
    screen.fill("Cancel the later items", reason="Nobody reads it")
    assert [row.status for row in room.ask(records.items)] == [rules.PLANNED] + [rules.CANCELLED] * 3
    screen.press("Extend the series…")
    screen.fill("Extend it", until=date(2027, 1, 11))
    assert [row.day for row in room.ask(records.items)][-2:] == [date(2027, 1, 4), date(2027, 1, 11)]


# --- approval, publication, evidence -----------------------------------------------------------------------


def test_who_wrote_an_item_reads_why_they_cannot_approve_it(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    deeds = screen.page.pane.deeds
    assert "Approve it" not in deeds.buttons() and "Report an approval…" in deeds.buttons()
    assert deeds.toggle.text() == "1 more is not possible now: see why"


def test_an_approval_from_outside_is_reported_and_confirmed_by_that_person(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.press("Report an approval…")
    screen.fill("Report it", name="DI Alex Thorne", role="Detective Inspector", reference="Minutes 7")
    assert room.item(item).status == rules.APPROVED
    assert "Confirm the approval" not in screen.page.pane.deeds.buttons()
    assert screen.undo.lines()[0][1] == "cannot be taken back: it is another person's approval"
    screen.page.close()
    room.sign_in(APPROVERS)
    theirs = shown(room, qtbot, tmp_path)
    theirs.page.choose(item)
    theirs.press("Confirm the approval")
    assert room.item(item).approval.endswith("confirmed by Alex Thorne)")


def test_a_cancelled_item_leaves_the_calendar_and_stays_in_the_list_with_its_reason(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.press("Cancel it…")
    screen.fill("Cancel it", reason="Said twice")
    assert screen.page.calendar.days.day_at(screen.page.calendar.days.index_of(MONDAY)).item_ids == ()
    assert screen.page.pane.words.text() == "Cancelled: Said twice"
    screen.page.parts.choose(LIST)
    assert screen.page.list.model.rowCount() == 1


def test_a_file_is_named_as_evidence_by_its_hash_and_checked_again(room, qtbot, tmp_path, monkeypatch):
    item = room.published(date(2026, 11, 9))
    paper, other = tmp_path / "page.txt", tmp_path / "other.txt"
    paper.write_text("as published")
    other.write_text("something else")
    monkeypatch.setattr(messages, "answers", [paper, paper, other])
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    screen.press("Name a file as evidence…")
    screen.fill("Name it", note="The page")
    assert room.item(item).evidence == 1
    screen.press("Check a file…")
    assert screen.said.startswith("“page.txt” is the file that was named")
    screen.press("Check a file…")
    assert screen.refused == "“other.txt” is none of the files named for this item: its hash is another."


# --- what followed -----------------------------------------------------------------------------------------


@pytest.fixture
def judged(room, qtbot, tmp_path):
    room.contacts(4, 16, SEPTEMBER - timedelta(days=56), 50)
    room.contacts(15, 16, SEPTEMBER + timedelta(days=1), 50)
    item = room.published(SEPTEMBER)
    screen = shown(room, qtbot, tmp_path)
    screen.page.choose(item)
    return screen, item


def effect_of(screen, item):
    return screen.page.board.effect(screen.page.board.by_id[item])


def test_the_windows_of_the_chosen_item_are_named_on_the_chart(judged):
    screen, _item = judged
    words = [shape.text for shape in screen.page.chart.drawing.contents if hasattr(shape, "text")]
    assert "before 4 of 16" in words and "after 15 of 16" in words


def test_another_as_at_day_gives_the_effect_of_that_day(judged):
    screen, item = judged
    assert effect_of(screen, item).verdict == "clear rise"
    screen.type_into("As at", "5 Oct 2026")
    screen.key(Key.Key_Tab)
    assert effect_of(screen, item).verdict == "too early"
    assert screen.page.hint.text().startswith("Chart and effects are as at 5 October 2026; the plan is that of today.")
    screen.type_into("As at", "1 Sep 2026")
    screen.key(Key.Key_Tab)
    assert effect_of(screen, item) is None  # it was not published yet
    screen.qtbot.mouseClick(screen.page.as_at.today_button, LEFT)
    assert effect_of(screen, item).verdict == "clear rise"


def test_a_day_to_come_has_no_figures(judged):
    screen, _item = judged
    screen.type_into("As at", "1 Dec 2026")
    screen.key(Key.Key_Tab)
    assert screen.refused == "Tue 1 Dec 2026 lies in the future; figures can only be of a day that has come."


def test_alt_down_in_the_day_box_opens_its_calendar_and_moves_no_item(judged):
    screen, item = judged
    screen.tab_to("As at")
    screen.key(Key.Key_Down, ALT)
    assert screen.page.as_at.box.popup is not None
    screen.page.as_at.box.popup.close()
    assert screen.room.item(item).day == SEPTEMBER and screen.refused == ""


def test_several_items_in_one_window_are_said_to_be_inseparable(judged):
    screen, item = judged
    screen.page.close()
    screen.room.published(SEPTEMBER + timedelta(days=14), title="Guidance page")
    again = shown(screen.room, screen.qtbot, screen.room.vault.path.parent)
    again.page.choose(item)
    assert "cannot be told apart between this one and “Guidance page”" in effect_of(again, item).inseparable


def test_the_scope_of_a_force_judges_by_its_own_contacts(judged):
    screen, item = judged
    screen.page.scope_changed("Norfolk")
    screen.page.refresh()
    assert effect_of(screen, item).before.due == 0


def test_a_click_on_a_mark_of_the_chart_looks_at_its_item(judged):
    screen, item = judged
    screen.page.leave_item()
    chart = screen.page.chart
    qtbot = screen.qtbot
    qtbot.mouseClick(chart, LEFT, pos=QPoint(round(chart.axis().x(SEPTEMBER)), 60))
    assert screen.page.item == item


def test_an_evaluation_keeps_the_verdict_as_it_stood(judged):
    screen, item = judged
    screen.press("Evaluate…")
    screen.fill("Evaluate it", evaluation="Worth doing again.")
    row = screen.room.item(item)
    assert (row.status, row.verdict) == (rules.EVALUATED, "clear rise")


# --- list, teams, library, campaigns -----------------------------------------------------------------------


def test_the_list_is_filtered_by_words_status_and_campaign_and_sorted(room, qtbot, tmp_path):
    campaign = room.do(records.add_campaign, "Autumn", now=NOW)
    room.planned(title="Zebra crossing", campaign_id=campaign)
    room.planned(title="Awareness", planned_on=MONDAY + timedelta(days=1))
    room.do(records.add_item, replace(FACTS, title="Idea"), now=NOW)
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(LIST)
    view = screen.page.list

    def titles():
        return [view.model.row(place).title for place in range(view.model.rowCount())]

    assert titles() == ["Zebra crossing", "Idea", "Awareness"]
    view.table.sort_by("title")
    assert titles() == ["Awareness", "Idea", "Zebra crossing"]
    qtbot.keyClicks(view.words, "aware")
    assert titles() == ["Awareness"]
    view.words.clear()
    view.status.setCurrentIndex(view.status.findText("Planned"))
    view.status.activated.emit(0)
    view.campaign.setCurrentIndex(view.campaign.findText("Autumn"))
    view.campaign.activated.emit(0)
    assert titles() == ["Zebra crossing"] and view.count.text() == "1 item"


def test_teams_are_listed_by_expected_missing_documents_with_the_formula_and_no_person(room, qtbot, tmp_path):
    room.contacts(1, 6, date(2026, 10, 12), 20, team="Ipswich Response")
    room.contacts(5, 6, date(2026, 10, 12), 20, team="Lowestoft Response")
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(TALKS)
    view = screen.page.talks
    assert view.model.sentence(0).startswith("Team Ipswich Response, Force Suffolk, Expected missing 3.8, ")
    assert "(its contacts without a document + 10 × the rate of its force)" in view.formula.text()
    said = " ".join(view.model.sentence(place) for place in range(view.model.rowCount()))
    assert "MARSH" not in said and "never persons" in view.duty.text()
    assert view.talk.text().startswith("Talk with Ipswich Response about completing and submitting the document")
    qtbot.mouseClick(view.plan_button, LEFT)
    values = screen.page.side.form.form.values()
    assert (values["title"], values["audience"]) == ("Talk with Ipswich Response", "Ipswich Response")
    assert (values["force"], values["channel"]) == ("Suffolk", rules.BRIEFING)


def test_a_text_of_the_library_is_added_changed_and_taken_out(screen, room, qtbot):
    screen.page.parts.choose(LIBRARY)
    view = screen.page.library
    count = view.model.rowCount()

    def add(dialog):
        dialog.form.set_values({"kind": "message", "title": "Own words", "text": "Short."})
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(add)
    qtbot.mouseClick(view.add_button, LEFT)
    assert view.model.rowCount() == count + 1
    view.table.selectRow(count)

    def change(dialog):
        dialog.form.set_values({"text": "Shorter."})
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(change)
    qtbot.mouseClick(view.detail.deeds.buttons()["Change it…"], LEFT)
    assert room.ask(records_library.library)[-1].text == "Shorter."
    view.table.selectRow(count)
    in_dialog(lambda dialog: qtbot.mouseClick(dialog.verb, LEFT))
    qtbot.mouseClick(view.detail.deeds.buttons()["Take it out…"], LEFT)
    assert view.model.rowCount() == count


def test_a_campaign_is_ended_with_a_reason_and_takes_no_more_items(room, qtbot, tmp_path):
    room.do(records.add_campaign, "Autumn", owner="The post", now=NOW)
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(CAMPAIGNS)

    def end(dialog):
        dialog.form.set_values({"why": "Done"})
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(end)
    qtbot.mouseClick(screen.page.campaigns.detail.deeds.buttons()["End it…"], LEFT)
    assert room.ask(records.campaigns)[0].ended_why == "Done"
    assert "New item in it…" not in screen.page.campaigns.detail.deeds.buttons()


# --- what leaves the desk ----------------------------------------------------------------------------------


def hand_out(screen, button, suffix=None):
    def act(dialog):
        values = {"recipient": "DI Thorne", "purpose": "Plan of the quarter"}
        dialog.form.set_values(values | ({"format": suffix} if suffix else {}))
        screen.qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(act)
    screen.qtbot.mouseClick(button, LEFT)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_view_is_handed_out_marked_private_and_logged_first(room, qtbot, tmp_path, monkeypatch, suffix):
    room.planned(title="=HYPERLINK(1)")
    path = tmp_path / f"out{suffix}"
    monkeypatch.setattr(messages, "answers", [path])
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(LIST)
    hand_out(screen, screen.page.export_button, suffix)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    else:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "OFFICIAL-SENSITIVE"
    assert any("HYPERLINK(1)" in str(cell) for row in rows for cell in row)
    entry = [one for one in room.log() if one["operation"] == "disclosure"][-1]
    assert (entry["recipient"], entry["purpose"]) == ("DI Thorne", "Plan of the quarter")
    assert entry["detail"] == f"Communications, Joint, as at 2026-11-23, 1 rows, {suffix[1:]}"
    assert screen.undo.lines()[0][1] == "cannot be taken back: it left the desk"


def test_the_calendar_file_holds_the_days_shown_and_is_logged(room, qtbot, tmp_path, monkeypatch):
    room.planned()
    room.planned(title="Next year", planned_on=date(2027, 3, 1))
    path = tmp_path / "plan.ics"
    monkeypatch.setattr(messages, "answers", [path])
    screen = shown(room, qtbot, tmp_path)
    hand_out(screen, screen.page.ics_button)
    told = path.read_text()
    assert "SUMMARY:Briefing on the document" in told and "Next year" not in told
    assert "DESCRIPTION:OFFICIAL-SENSITIVE" in told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = [one for one in room.log() if one["operation"] == "disclosure"][-1]
    assert (entry["recipient"], entry["detail"]) == ("DI Thorne", "calendar of communications, ics")


def test_nothing_is_logged_when_no_place_is_chosen(room, qtbot, tmp_path, monkeypatch):
    room.planned()
    monkeypatch.setattr(messages, "answers", [None, None])
    screen = shown(room, qtbot, tmp_path)
    before = len(room.log())
    hand_out(screen, screen.page.ics_button)
    hand_out(screen, screen.page.export_button)
    assert len(room.log()) == before


def test_a_month_without_items_gives_no_file(screen):
    screen.qtbot.mouseClick(screen.page.ics_button, LEFT)
    assert screen.refused.startswith("There is no item with a day here")


# --- for everybody -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [MONTH, QUARTER, TIMELINE, LIST, TALKS, LIBRARY, CAMPAIGNS])
def test_every_part_has_names_for_a_screen_reader(room, qtbot, tmp_path, part):
    item = room.published(date(2026, 11, 9))
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(part)
    if part not in (TALKS, LIBRARY, CAMPAIGNS):
        screen.page.choose(item)
    assert problems(screen.page) == []
    screen.page.add()
    assert problems(screen.page) == []
    assert all(pane.isVisibleTo(screen.page) for pane in screen.page.panes())


def test_tab_goes_from_the_head_over_the_chart_to_the_calendar_and_the_item(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    page = screen.page
    page.choose(item)
    qtbot.waitUntil(lambda: page.pane.first_focus().isVisibleTo(page))
    page.as_at.box.edit.setFocus()
    order = [page.as_at.box.edit, *focus_order(page)]
    wanted = [page.as_at.box.edit, page.export_button, page.ics_button, page.new_button, page.parts.current(),
              page.chart, page.earlier, page.later, page.calendar, page.pane.first_focus()]  # fmt: skip
    places = [order.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_the_keys_that_move_an_item_are_on_the_sheet_of_keys_and_on_the_page(screen):
    keys = {action.shortcut().toString(QKeySequence.SequenceFormat.PortableText): action.text()
            for action in screen.page.listed_actions()}  # fmt: skip
    assert keys["Alt+Right"] == "Move the chosen item a day later"
    assert keys["Alt+Up"] == "Move the chosen item a week earlier"
    assert "Alt with ← → moves the chosen item by a day" in screen.page.hint.text()


def test_the_chart_speaks_its_rows(judged):
    chart = judged[0].page.chart
    assert chart.rows[0][:4] == ["Week of", "Contacts due", "On time", "Share on time"]
    assert len(chart.rows) == 27


def test_the_window_opens_an_item_from_elsewhere(room, qtbot, tmp_path):
    item = room.planned()
    screen = shown(room, qtbot, tmp_path)
    screen.page.parts.choose(LIBRARY)
    assert screen.page.show_item("comms_item", item)
    assert screen.page.item == item and screen.page.parts.current().text() == MONTH
    assert not screen.page.show_item("comms_item", 999) and not screen.page.show_item("referral", 1)
