from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCalendarWidget,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
)

from oicdesk.errors import Refused
from oicdesk.ui import dates, theme
from oicdesk.ui.dates import DayEdit, InstantEdit, TimeEdit
from oicdesk.ui.form import Field, Form
from tests.ui.accessibility import focus_order, problems

FIELDS = (
    Field("force", "Force", "choice", (("S", "Suffolk"), ("N", "Norfolk")), required=True),
    Field("contact", "Contact", "instant", help="Local time."),
    Field("team", "Team", "text", required=True),
    Field("note", "Summary", "long"),
    Field("persons", "Persons", "whole"),
    Field("due", "Due", "date"),
    Field("at", "Time", "time"),
    Field("flags", "Handling", "choices", ((1, "Child"), (2, "Unaccompanied"))),
    Field("own", "Submitted by the reporting officer", "check"),
    Field("secret", "Passphrase", "secret"),
    Field("country", "Country", "choice", tuple((code, f"Country {code}") for code in range(30))),
)
VALUES = {
    "force": "N",
    "contact": datetime(2026, 7, 1, 9, 5, tzinfo=UTC),
    "team": "Lowestoft CID",
    "note": "Two lines\nof text",
    "persons": 3,
    "due": date(2026, 11, 23),
    "at": time(10, 42),
    "flags": (2,),
    "own": True,
    "secret": " with spaces ",
    "country": 7,
}


@pytest.fixture
def form(qtbot) -> Form:
    form = Form(FIELDS)
    qtbot.addWidget(form)
    with qtbot.waitExposed(form):
        form.show()
    form.activateWindow()
    return form


def test_what_is_set_is_read_back(form: Form) -> None:
    form.set_values(VALUES)
    assert form.values() == VALUES


def test_an_empty_form_reads_as_nothing(form: Form) -> None:
    nothing = {"force": None, "contact": None, "team": "", "note": "", "persons": None, "due": None, "at": None}
    assert form.values() == {**nothing, "flags": (), "own": False, "secret": "", "country": None}


def test_setting_is_silent_and_typing_is_heard(qtbot, form: Form) -> None:
    heard = []
    form.changed.connect(lambda: heard.append(1))
    form.set_values(VALUES)
    assert heard == []
    qtbot.keyClicks(form.widget("team"), "x")
    assert heard == [1]


def test_every_field_can_be_named_by_a_screen_reader(form: Form) -> None:
    assert problems(form) == []
    assert form.widget("team").accessibleName() == "Team, required"
    buddies = {label.buddy() for label in form.findChildren(QLabel) if label.buddy()}
    assert {form.widget(field.name) for field in FIELDS if field.kind != "check"} == buddies


def test_tab_visits_the_fields_in_their_order_and_leaves_the_long_text(qtbot, form: Form) -> None:
    form.focus_field("force")
    order = focus_order(form)
    fields = [form.widget(field.name) for field in FIELDS]
    places = [
        min(n for n, seen in enumerate(order) if seen is widget or widget.isAncestorOf(seen)) for widget in fields[1:]
    ]
    assert places == sorted(places)
    note = form.widget("note")
    note.setFocus()
    qtbot.keyClick(note, Qt.Key.Key_Tab)
    assert not note.hasFocus() and note.toPlainText() == ""


def test_a_refusal_stands_beside_its_field_and_takes_the_focus_there(qtbot, form: Form) -> None:
    form.show_refusal("The team is not known: add it in the settings.", "team")
    assert form.refusal_beside("team") == "The team is not known: add it in the settings."
    assert form.widget("team").hasFocus()
    assert form.widget("team").accessibleDescription().startswith("The team is not known")
    qtbot.keyClicks(form.widget("team"), "x")
    assert form.refusal_beside("team") == ""


def test_a_refusal_without_a_field_stands_on_top(form: Form) -> None:
    form.show_refusal("The vault is full: free some space.", None)
    assert form._notice.isVisible() and form._notice.words.text() == "The vault is full: free some space."
    form.clear_refusals()
    assert not form._notice.isVisible()


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [("persons", "three", "whole number"), ("due", "31 Feb 2026", "31 Feb 2026"), ("at", "25:10", "time of day")],
)
def test_text_that_cannot_be_read_is_refused_at_its_field(qtbot, form: Form, name: str, typed: str, said: str) -> None:
    widget = form.widget(name)
    qtbot.keyClicks(widget.edit if isinstance(widget, DayEdit) else widget, typed)
    with pytest.raises(Refused, match=said) as refusal:
        form.values()
    assert refusal.value.field == name


def test_a_required_field_left_empty_is_refused(form: Form) -> None:
    form.set_values({"force": "S"})
    with pytest.raises(Refused, match="Team") as refusal:
        form.complete_values()
    assert refusal.value.field == "team"


def test_a_long_list_is_typed_into_and_a_word_outside_it_is_refused(qtbot, form: Form) -> None:
    country = form.widget("country")
    assert isinstance(country, QComboBox)
    country.lineEdit().clear()
    qtbot.keyClicks(country.lineEdit(), "country 12")
    assert form.values()["country"] == 12
    country.lineEdit().clear()
    qtbot.keyClicks(country.lineEdit(), "Ruritania")
    with pytest.raises(Refused, match="Ruritania"):
        form.values()


def test_a_code_that_left_the_list_is_not_lost_by_saving(form: Form) -> None:
    form.set_values({"force": "OLD"})
    assert form.values()["force"] == "OLD"


def test_space_ticks_an_entry_of_a_list(qtbot, form: Form) -> None:
    flags = form.widget("flags")
    flags.setFocus()
    qtbot.keyClick(flags, Qt.Key.Key_Space)
    assert form.values()["flags"] == (1,)


def test_a_hidden_field_keeps_its_value(form: Form) -> None:
    form.set_values({"team": "Thetford"})
    form.show_field("team", False)
    assert not form.widget("team").isVisible() and form.values()["team"] == "Thetford"


def test_labels_stand_above_their_boxes_at_large_text(qtbot, qapp: QApplication) -> None:
    theme.apply(qapp, "light", 200)
    form = Form(FIELDS[:3])
    qtbot.addWidget(form)
    form.show()
    label = next(label for label in form.findChildren(QLabel) if label.text() == "Team *")
    assert label.geometry().bottom() <= form.widget("team").geometry().top()


def test_the_passphrase_is_shown_and_hidden_by_the_keyboard(qtbot, form: Form) -> None:
    secret = form.widget("secret")
    assert secret.edit.echoMode() == QLineEdit.EchoMode.Password
    secret.eye.setFocus()
    qtbot.keyClick(secret.eye, Qt.Key.Key_Space)
    assert secret.edit.echoMode() == QLineEdit.EchoMode.Normal
    assert secret.eye.accessibleName() == "Hide passphrase"


# -- days and times

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("23/11/2026", date(2026, 11, 23)), ("23.11.26", date(2026, 11, 23)), ("2026-11-23", date(2026, 11, 23)),
        ("23 Nov 2026", date(2026, 11, 23)), ("Mon 23 Nov 2026", date(2026, 11, 23)),
        ("23 november", date(2026, 11, 23)),
        ("1st dec", date(2025, 12, 1)), ("24/11", date(2026, 11, 24)), ("25/11", date(2025, 11, 25)),
        ("today", TODAY), ("Yesterday", date(2026, 11, 23)), ("  ", None), ("29/2/2024", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_a_day_may_be_typed_in_any_usual_way(typed: str, day: date | None) -> None:
    assert dates.read_day(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["31/11/2026", "29 Feb 2026", "11/23/2026", "soon", "23", "0/0/0", "29 feb"])
def test_what_is_no_day_is_refused_with_its_text(typed: str) -> None:
    with pytest.raises(Refused, match=typed):
        dates.read_day(typed, TODAY)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_shown_day_reads_as_itself(day: date, today: date) -> None:
    assert dates.read_day(dates.spoken_day(day), today) == day


@given(st.times())
def test_the_shown_time_reads_as_itself(at: time) -> None:
    assert dates.read_time(f"{at:%H:%M}") == at.replace(second=0, microsecond=0)


def test_leaving_the_box_tidies_what_was_typed(qtbot) -> None:
    edit = DayEdit("Due")
    qtbot.addWidget(edit)
    edit.show()
    qtbot.keyClicks(edit.edit, "1/4/2026")
    qtbot.keyClick(edit.edit, Qt.Key.Key_Return)
    assert edit.edit.text() == "Wed 1 Apr 2026"
    qtbot.keyClick(edit.edit, Qt.Key.Key_Up)
    assert edit.value() == date(2026, 4, 2)


def test_the_calendar_starts_on_monday_and_its_day_is_taken(qtbot) -> None:
    edit = DayEdit("Due")
    qtbot.addWidget(edit)
    edit.set_value(date(2026, 4, 1))
    edit.show()
    qtbot.mouseClick(edit.button, Qt.MouseButton.LeftButton)
    calendar = edit.popup.findChild(QCalendarWidget)
    assert calendar.firstDayOfWeek() == Qt.DayOfWeek.Monday
    with qtbot.waitSignal(edit.changed):
        days = calendar.findChild(QAbstractItemView)
        qtbot.keyClick(days, Qt.Key.Key_Right)
        qtbot.keyClick(days, Qt.Key.Key_Return)
    assert edit.value() == date(2026, 4, 2)


def _instant(qtbot, day: str, at: str) -> InstantEdit:
    edit = InstantEdit("Contact")
    qtbot.addWidget(edit)
    edit.show()
    qtbot.keyClicks(edit.day.edit, day)
    qtbot.keyClicks(edit.time, at)
    return edit


def test_an_instant_is_local_time_with_its_offset(qtbot) -> None:
    assert _instant(qtbot, "1 Jul 2026", "1005").value() == datetime(2026, 7, 1, 9, 5, tzinfo=UTC)
    assert _instant(qtbot, "1 Dec 2026", "10:05").value() == datetime(2026, 12, 1, 10, 5, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused(qtbot) -> None:
    with pytest.raises(Refused, match="never happened"):
        _instant(qtbot, "29 Mar 2026", "01:30").value()


def test_a_time_that_happens_twice_asks_which_is_meant(qtbot) -> None:
    edit = _instant(qtbot, "25 Oct 2026", "01:30")
    assert edit.which.isVisible()
    assert edit.value() == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    qtbot.keyClick(edit.which, Qt.Key.Key_Down)
    assert edit.value() == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    again = InstantEdit("Contact")
    qtbot.addWidget(again)
    again.set_value(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert again.value() == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_half_an_instant_is_refused(qtbot) -> None:
    with pytest.raises(Refused, match="time is missing"):
        _instant(qtbot, "25 Oct 2026", "").value()
    with pytest.raises(Refused, match="day is missing"):
        _instant(qtbot, "", "10:00").value()


@given(st.integers(631_152_000, 3_786_912_000))
def test_an_instant_survives_the_way_over_local_time(second: int) -> None:
    instant = datetime.fromtimestamp(second, UTC)
    local = instant.astimezone(dates.LONDON)
    back = dates.london_instant(local.date(), local.time().replace(fold=0), second=bool(local.fold))
    assert back.astimezone(UTC) == instant


def test_a_time_box_takes_four_figures(qtbot) -> None:
    edit = TimeEdit("Time")
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit, "0905")
    assert edit.value() == time(9, 5)


def test_a_long_text_is_a_plain_text_box(form: Form) -> None:
    assert isinstance(form.widget("note"), QPlainTextEdit) and form.widget("note").tabChangesFocus()
