"""The day that figures are of: today, until another one is typed or picked."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from oicdesk.errors import Refused
from oicdesk.ui import theme
from oicdesk.ui.dates import DayEdit, spoken_day
from oicdesk.ui.parts import Button, Words


class AsAt(QWidget):
    """`day` is None for today, whatever day it is by then. `turned` tells that it changed, `refused` why not."""

    turned = Signal()
    refused = Signal(str)

    def __init__(self, today: Callable[[], date]) -> None:
        super().__init__()
        self._today = today
        self.day: date | None = None
        self.box = DayEdit("As at")
        self.today_button = Button("Today", "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for widget in (Words("as at", "base", "secondary"), self.box, self.today_button):
            row.addWidget(widget)
        self.box.edit.editingFinished.connect(self._typed)
        self.box.changed.connect(self._picked)
        self.today_button.clicked.connect(lambda: self.choose(None))
        self.follow()

    def follow(self) -> None:
        """Show the day; a box that is being typed into is left alone."""
        if not self.box.edit.hasFocus():
            self.box.set_value(self.day or self._today())
        self.today_button.setVisible(self.day is not None)

    def choose(self, day: date | None) -> None:
        """Show the figures of a day; one that has not come yet is refused."""
        today = self._today()
        if day is not None and day > today:
            self.refused.emit(f"{spoken_day(day)} lies in the future; figures can only be of a day that has come.")
            return
        self.day = None if day == today else day
        self.box.set_value(day or today)
        self.follow()
        self.turned.emit()

    def _typed(self) -> None:
        try:
            day = self.box.value()
        except Refused as refusal:
            self.refused.emit(str(refusal))
            return
        if (day or self._today()) != (self.day or self._today()):
            self.choose(day)

    def _picked(self) -> None:
        if not self.box.edit.hasFocus():  # the calendar; typing waits until the box is left
            self._typed()
