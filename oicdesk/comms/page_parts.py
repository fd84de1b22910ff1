"""What the parts of the Comms page share: what they all show, how states look, and doors for writing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QComboBox, QWidget

from oicdesk.comms import rules, rules_effect
from oicdesk.comms.records import ItemRow
from oicdesk.comms.records_effect import Outlook
from oicdesk.comms.rules_effect import Effect, Published, WeekRow
from oicdesk.reports.page_view import Listed
from oicdesk.settings.rules import spoken_day
from oicdesk.ui import theme
from oicdesk.ui.deeds import Deeds
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
WEEKS: Final = 26  # of the chart, up to the as-at day

PILLS: Final = {
    rules.IDEA: "new", rules.PLANNED: "due_soon", rules.APPROVED: "on_time", rules.PUBLISHED: "submitted",
    rules.EVALUATED: "accepted", rules.CANCELLED: "exempt",
}  # fmt: skip
VERDICT_PILLS: Final = {
    rules_effect.TOO_EARLY: "neutral", rules_effect.NO_CLEAR_CHANGE: "neutral", rules_effect.CLEAR_RISE: "better",
    rules_effect.CLEAR_FALL: "concern",
}  # fmt: skip


class Promise(NamedTuple):
    """A promise that an item may serve: its key, its recommendation, its words."""

    code: str
    recommendation: int
    text: str


@dataclass(frozen=True)
class Board:
    """What the parts show now: the items that reach the force, and the cases as at the instant."""

    as_at: datetime
    today: date
    force: str
    rows: Sequence[ItemRow]
    outlook: Outlook
    holidays: frozenset[date]
    by_id: dict[int, ItemRow] = field(init=False)
    weeks: Sequence[WeekRow] = field(init=False)
    _marks: dict[int, Published] = field(init=False)
    _effects: dict[int, Effect] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {row.id: row for row in self.rows})
        object.__setattr__(self, "weeks", self.outlook.weeks(WEEKS))
        object.__setattr__(self, "_marks", {mark.id: mark for mark in self.outlook.marks})

    def effect(self, row: ItemRow) -> Effect | None:
        """What followed an item that was published by the as-at day; worked out when it is first looked at."""
        mark = self.mark(row)
        if mark is None:
            return None
        if row.id not in self._effects:
            self._effects[row.id] = self.outlook.effect(mark)
        return self._effects[row.id]

    def mark(self, row: ItemRow) -> Published | None:
        """The item as the chart marks it, if it does."""
        return self._marks.get(row.id)


class View(Deeds):
    """A part of the page."""

    wanted = Signal(str, object)  # asks the page for something: "new" with the facts of an item, "item" with its id

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault.changing)
        self.vault, self.now = vault, now

    def show_board(self, board: Board) -> None:
        """Show this."""
        raise NotImplementedError

    def first_focus(self) -> QWidget:
        raise NotImplementedError

    def listed(self) -> Listed:
        """Everything that this part lists, for an export."""
        raise NotImplementedError


def spoken_item(row: ItemRow) -> str:
    """An item as a sentence says it."""
    told = f"{row.title}, {rules.STATUS_WORDS[row.status].lower()}, {rules.CHANNELS[row.channel].lower()}"
    if row.audience:
        told += f" for {row.audience}"
    return told if row.force == rules.JOINT else f"{told}, {row.force} only"


def day_words(day: date | None) -> str:
    return "no day yet" if day is None else spoken_day(day)


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 item", "3 items"."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def drop_down(name: str, items: Sequence[tuple[Any, str]]) -> QComboBox:
    """A drop-down whose entries carry codes."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumHeight(theme.row_height())
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for code, words in items:
        box.addItem(words, code)
    return box


def paint_item(painter: QPainter, rect: QRect, row: ItemRow, *, is_chosen: bool, is_faded: bool) -> None:
    """An item as a chip: the shape of its status, its title, a strong edge where it is the one looked at."""
    look = theme.state(PILLS[row.status])
    ink, tint = theme.color(look.tone), theme.color(f"{look.tone}_tint")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("accent"), 2) if is_chosen else QPen(ink, 0.6))
    painter.setBrush(tint)
    painter.setOpacity(0.45 if is_faded else 1.0)
    painter.drawRoundedRect(rect, 4, 4)
    side = min(rect.height() - 4, theme.px(13))
    icon = QRect(rect.left() + 3, rect.center().y() - side // 2, side, side)
    theme.paint_icon(painter, icon.toRectF(), look.shape, ink)
    painter.setPen(ink)
    words = rect.adjusted(side + 7, 0, -3, 0)
    shown = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, words.width())
    painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
    painter.restore()
