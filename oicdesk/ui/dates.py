"""Boxes for a day and for a time of day that are typed in, in any usual way, and may stay empty."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from oicdesk.errors import Refused
from oicdesk.ui import theme
from oicdesk.ui.parts import IconButton

LONDON = ZoneInfo("Europe/London")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def spoken_day(day: date) -> str:
    """ "Mon 23 Nov 2026", in English whatever the system's language."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1].title()} {day.year}"


def read_day(text: str, today: date) -> date | None:
    """A typed day: 23/11/2026, 23.11.26, 2026-11-23, 23 Nov 2026, 23 nov, today, yesterday; None if empty.

    Without a year the latest such day that is not after `today`. Raises Refused, saying how to type it.
    """
    words = re.sub(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", "", text.strip().lower())
    near = {"": None, "today": today, "yesterday": today - timedelta(1), "tomorrow": today + timedelta(1)}
    if words in near:
        return near[words]
    try:
        return _day_of(words, today)
    except ValueError:
        sentence = f"“{text.strip()}” is not a day the calendar has: type it like 23 Nov 2026 or 23/11/2026."
        raise Refused(sentence) from None


def _day_of(words: str, today: date) -> date:
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words):
        return date(*(int(part) for part in found.groups()))
    if found := re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?", words):
        day, month, year = found.groups()
        number = int(month)
    elif found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]*([a-z]{3})[a-z]*\.?(?:[ -]*(\d{4}|\d{2}))?", words):
        day, month, year = found.groups()
        number = _MONTHS.index(month) + 1
    else:
        raise ValueError(words)
    if year is not None:
        return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))
    this_year = date(today.year, number, int(day))
    return this_year if this_year <= today else date(today.year - 1, number, int(day))


def read_time(text: str) -> time | None:
    """A typed time of day: 10:42, 10.42, 1042, 9:05; None if empty. Raises Refused."""
    words = text.strip()
    if not words:
        return None
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", words) or re.fullmatch(r"(\d{1,2})(\d{2})", words)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise Refused(f"“{words}” is not a time of day: type it like 10:42.")
    return time(int(found[1]), int(found[2]))


def london_instant(day: date, at: time, *, second: bool = False) -> datetime:
    """The instant of a local time; `second` takes the later of two. A time that the clocks skip is refused."""
    local = datetime.combine(day, at, LONDON).replace(fold=int(second))
    back = local.astimezone(UTC).astimezone(LONDON)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Refused(
            f"{at:%H:%M} on {spoken_day(day)} never happened, because the clocks went forward: give another time."
        )
    return local


def happens_twice(day: date, at: time) -> bool:
    """Whether the clocks go back over this local time."""
    local = datetime.combine(day, at, LONDON)
    first, second = local.replace(fold=0), local.replace(fold=1)
    return first.utcoffset() > second.utcoffset()  # type: ignore[operator]  # an aware time has an offset


class DayEdit(QWidget):
    """A day, typed or picked; shown as "Mon 23 Nov 2026" when the box is left."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText("23 Nov 2026")
        self.edit.setMinimumHeight(theme.row_height())
        self.edit.setFixedWidth(theme.px(168))
        self.button = IconButton("calendar", f"Choose {name} from a calendar")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.edit)
        row.addWidget(self.button)
        self.setFocusProxy(self.edit)
        self.edit.textEdited.connect(lambda _: self.changed.emit())
        self.edit.editingFinished.connect(self._tidy)
        self.edit.installEventFilter(self)
        self.button.clicked.connect(self._pick)
        self.popup: QFrame | None = None

    def value(self) -> date | None:
        """The day, or None; raises Refused when the text is not a day."""
        return read_day(self.edit.text(), _today())

    def set_value(self, day: date | None) -> None:
        self.edit.setText("" if day is None else spoken_day(day))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down step a day; Alt+Down opens the calendar."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
            if step == -1 and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._pick()
                return True
            if step:
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def _step(self, days: int) -> None:
        try:
            day = self.value()
            self.set_value(_today() if day is None else day + timedelta(days))
        except (Refused, OverflowError):
            return
        self.changed.emit()

    def _tidy(self) -> None:
        try:
            self.set_value(self.value())
        except Refused:
            return

    def _pick(self) -> None:
        calendar = QCalendarWidget()
        calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
        try:
            day = self.value() or _today()
        except Refused:
            day = _today()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        self.popup = QFrame(self, Qt.WindowType.Popup)
        self.popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.popup.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self.popup)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(calendar)
        calendar.activated.connect(self._picked)
        calendar.clicked.connect(self._picked)
        self.popup.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self.popup.show()
        calendar.setFocus()

    def _picked(self, day: QDate) -> None:
        if self.popup is None:
            return
        self.set_value(date(day.year(), day.month(), day.day()))
        self.popup.close()
        self.popup = None
        self.edit.setFocus()
        self.changed.emit()


class TimeEdit(QLineEdit):
    """A time of day, typed; shown as 10:42 when the box is left."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setPlaceholderText("10:42")
        self.setMinimumHeight(theme.row_height())
        self.setFixedWidth(theme.px(76))
        self.editingFinished.connect(self._tidy)

    def value(self) -> time | None:
        return read_time(self.text())

    def set_value(self, at: time | None) -> None:
        self.setText("" if at is None else f"{at:%H:%M}")

    def _tidy(self) -> None:
        try:
            self.set_value(self.value())
        except Refused:
            return


class InstantEdit(QWidget):
    """A day and a time in the United Kingdom; where the clocks go back it asks which of the two is meant."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.day = DayEdit(f"{name}, day")
        self.time = TimeEdit(f"{name}, time")
        self.which = QComboBox()
        self.which.addItems(["first time (BST)", "second time (GMT)"])
        self.which.setAccessibleName(f"{name}, which of the two")
        self.which.setMinimumHeight(theme.row_height())
        self.which.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for widget in (self.day, self.time, self.which):
            row.addWidget(widget)
        row.addStretch(1)
        self.setFocusProxy(self.day)
        self.day.changed.connect(self._edited)
        self.time.textEdited.connect(self._edited)
        self.which.activated.connect(self.changed)
        self.day.edit.editingFinished.connect(self._ask_which)
        self.time.editingFinished.connect(self._ask_which)

    def value(self) -> datetime | None:
        """The instant in UTC, or None when both boxes are empty; raises Refused for anything else.

        Not in local time: Python calls two equal instants unequal when one is local and of a doubled hour.
        """
        day, at = self.day.value(), self.time.value()
        if day is None and at is None:
            return None
        if day is None:
            raise Refused("The day is missing: give the day that belongs to this time.")
        if at is None:
            raise Refused("The time is missing: give the time of day, like 10:42.")
        second = happens_twice(day, at) and self.which.currentIndex() == 1
        return london_instant(day, at, second=second).astimezone(UTC)

    def set_value(self, instant: datetime | None) -> None:
        local = None if instant is None else instant.astimezone(LONDON)
        self.day.set_value(None if local is None else local.date())
        self.time.set_value(None if local is None else local.time())
        self.which.setCurrentIndex(0 if local is None else local.fold)
        self._ask_which()

    def _edited(self) -> None:
        self._ask_which()
        self.changed.emit()

    def _ask_which(self) -> None:
        try:
            day, at = self.day.value(), self.time.value()
        except Refused:
            return
        self.which.setVisible(day is not None and at is not None and happens_twice(day, at))


def _today() -> date:
    return datetime.now(LONDON).date()
