"""The editor of a working draft: items at the left, the item being written, and beside it coach, check and versions.

Everything works from the keyboard; what is typed is kept at every pause, and leaving makes it a version.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence
from PySide6.QtWidgets import QListWidget, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.documents import records, records_drafts, rules_draft
from oicdesk.documents.page_boxes import DraftBox, labelled
from oicdesk.documents.page_check import Check, Versions
from oicdesk.documents.page_coach import Coach, SixQuestions
from oicdesk.documents.page_item import ItemEditor
from oicdesk.documents.page_parts import WHY, View, column_of
from oicdesk.documents.records_drafts import DraftRow
from oicdesk.documents.rules import Labels
from oicdesk.documents.rules_draft import BANNER, Draft, Item, Remark
from oicdesk.documents.rules_sanitisation import UNGRADED
from oicdesk.documents.rules_sanitisation_cues import Cues
from oicdesk.errors import Refused, VaultError
from oicdesk.settings.records import reference
from oicdesk.settings.rules import LONDON, spoken_day
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Flow, scrolled
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.task import PAUSE

LOOK = 250  # milliseconds without a key until check and coach look again
COACH, CHECK, SIX, VERSIONS = SIDES = ("Coach", "Check", "Six questions", "Versions")


class DraftEditor(QWidget):
    """One draft. `left` means: go back, everything is kept."""

    left = Signal()

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._row: DraftRow | None = None
        self._draft, self._place = Draft(), 0
        self._cues, self._bad = Cues(), [""]
        self._coach_cues: dict[str, list[str]] = {}
        self._meter: dict[str, list[str]] = {}
        self._labels: Labels = {}
        self._dirty = False
        self.remarks: list[Remark] = []
        self.banner = Notice("warning")
        self.heading = Words("", "section")
        self.saved = Words("", "small", "secondary")
        self.title = DraftBox("Title of the draft", lines=1, placeholder="One discrete matter")
        self.items = QListWidget()
        self.add_button = Button("Add an item", "plain", "plus")
        self.remove_button = Button("Remove", "quiet", "x")
        self.item = ItemEditor()
        self.coach, self.check, self.six = Coach(), Check(), SixQuestions()
        self.versions = Versions(self._lines_of)
        self.sides = Segments("Beside the draft", SIDES, COACH)
        self.side = QStackedWidget()
        self.back_button = Button("Back to the drafts", "plain")
        self.export_button = Button("Export…", "plain", "download")
        self.copy_button = Button("Copy…", "plain", "copy")
        self.print_button = Button("Print…", "plain", "printer")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._look = QTimer(self, singleShot=True, interval=LOOK)
        self._lay_out()
        self._listen()

    # --- building

    def _lay_out(self) -> None:
        self.banner.say(BANNER)
        for words in (self.heading, self.saved):  # in line with the buttons beside them
            words.setMinimumHeight(theme.row_height())
        self.items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.items.setAccessibleName("Items of the draft")
        self.items.setWordWrap(False)
        self.items.setMinimumWidth(theme.px(120))
        for side in (self.coach, self.check, self.six, self.versions):
            self.side.addWidget(side)
        ways = (self.back_button, self.export_button, self.copy_button, self.print_button)
        head = Flow()
        for widget in (self.heading, *ways, self.saved):
            head.addWidget(widget)
        left, middle, right, inner = QWidget(), QWidget(), QWidget(), QWidget()
        column_of(left, Words("Items", "small", "secondary"), self.items, self.add_button, self.remove_button)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GRID, 0, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(labelled("Title", self.title))
        column.addWidget(self.item, 1)
        column_of(middle, scrolled(inner))
        segments = scrolled(self.sides)
        segments.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        segments.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        bar = segments.horizontalScrollBar().sizeHint().height() if theme.is_large() else 0
        segments.setFixedHeight(self.sides.sizeHint().height() + bar + 2)
        self.sides.chosen.connect(lambda _word: segments.ensureWidgetVisible(self.sides.current()))
        column_of(right, segments, self.side).setStretch(1, 1)
        self.split = QSplitter(Qt.Orientation.Vertical if theme.is_large() else Qt.Orientation.Horizontal)
        for pane in (left, middle, right):
            self.split.addWidget(pane)
        self.split.setSizes([theme.px(170), theme.px(520), theme.px(392)])
        if theme.is_large():  # below one another, on a page that scrolls
            for pane, least in ((left, 150), (middle, 330), (right, 300)):
                pane.setMinimumHeight(theme.px(least))
            self.split.setMinimumHeight(theme.px(800))
        self.split.setStretchFactor(1, 1)
        self.split.setChildrenCollapsible(False)
        whole = column_of(self, self.banner, head, self.split)
        whole.setStretch(2, 1)

    def _listen(self) -> None:
        self.title.edited.connect(self._edited)
        self.item.changed.connect(self._edited)
        self.items.currentRowChanged.connect(self._chosen)
        self._pause.timeout.connect(self.keep)
        self._look.timeout.connect(self.look)
        self.sides.chosen.connect(lambda _word: self._turn())
        self.check.chosen.connect(self._go_to)
        self.check.answered.connect(self.answer)
        self.check.withdrawn.connect(self._withdraw)
        self.versions.keep_button.clicked.connect(self.keep_version)
        for button, slot, words, keys in (
            (self.back_button, self.leave, "Back to the drafts; everything is kept", "Esc"),
            (self.add_button, self.add_item, "Add an item", "Ctrl+N"),
            (self.remove_button, self.remove_item, "Remove the item", "Ctrl+Shift+Delete"),
            (self.copy_button, lambda: self._out("copy_draft"), "Copy the draft, asking the recipient", "Ctrl+Shift+C"),
            (self.print_button, lambda: self._out("print_draft"), "Make pages to print", "Ctrl+P"),
        ):
            button.clicked.connect(lambda _=False, slot=slot: slot())
            button.setToolTip(keys)
            self._act(words, slot, keys)
        self.export_button.clicked.connect(self.export)
        self.export_button.setToolTip("Ctrl+E")
        self._act("Keep this version and go back", self.leave, "Ctrl+Return", "Ctrl+Enter")
        self._act("Keep a version now", self.keep_version, "Ctrl+S")
        self._act("Next item", lambda: self._step(1), "Alt+PgDown")
        self._act("Item before", lambda: self._step(-1), "Alt+PgUp")
        self._act("Move the item down", lambda: self._move(1), "Alt+Shift+Down")
        self._act("Move the item up", lambda: self._move(-1), "Alt+Shift+Up")
        self._act("Go to the next remark", self.next_remark, "F7")
        self._act("Keep the words of the remark, with a reason", self._answer_current, "Shift+F7")
        for place, name in enumerate(SIDES):
            self._act(f"Show {name.lower()}", partial(self.show_side, place), f"Alt+{place + 1}")

    def _act(self, words: str, slot: Callable[[], object], *keys: str) -> None:
        action = QAction(words, self)
        action.setShortcuts([QKeySequence(one) for one in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self.addAction(action)

    # --- opening and leaving

    @property
    def draft_id(self) -> int | None:
        """The draft that is open."""
        return None if self._row is None else self._row.id

    def open(self, row: DraftRow) -> None:
        """Read this draft, which the log knows, and show its first item."""
        with self._view.vault.consulting("a working draft", working_draft=row.id, referral=row.referral_id) as session:
            draft, saved_at = records_drafts.current(session, row.id)
        self._row, self._draft, self._place, self._dirty = row, draft, 0, False
        self.refresh()
        self.heading.setText(f"Working draft {row.id} for {row.case}")
        self._say_saved(saved_at)
        self.title.put(draft.title)
        self._show_items()
        self._show_item()

    def refresh(self) -> None:
        """Read reference tables, cues and versions again; what stands in the boxes stays."""
        if self._row is None:
            return
        with self._view.vault.reading() as session:
            desk = reference(session)
            versions = records_drafts.versions(session, self._row.id)
        self._labels = records.labels(desk)
        self._cues, self._bad = rules_draft.readable_cues(desk.cues("cue"))
        self._coach_cues, self._meter = desk.cues("coach"), desk.cues("meter")
        self.item.offer(desk)
        self.versions.show_versions(versions)
        self.look()

    def update_row(self, row: DraftRow) -> None:
        """Note when the draft will be purged now."""
        self._row = row
        until = spoken_day(row.purge_at.astimezone(LONDON).date())
        hold = "A hold keeps it." if row.is_held else f"Purged when the document is accepted, or on {until}."
        self.banner.say(f"{BANNER}. {hold}")

    def close_draft(self) -> None:
        """Forget what was shown: the boxes are emptied, their undo too."""
        self._pause.stop()
        self._look.stop()
        self._row, self._draft, self._dirty, self.remarks = None, Draft(), False, []
        self.title.put("")
        self._show_items()
        self.item.show_item(1, Item())
        self.item.mark([])

    def leave(self) -> None:
        """Make what was written a version and go back."""
        if self._row is not None and self._keep_version():
            self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Locking and leaving the page hide the editor: nothing typed waits for the pause."""
        self.keep()
        super().hideEvent(event)

    # --- keeping

    def _edited(self) -> None:
        if self._row is None:
            return
        self._take()
        self._dirty = True
        self.saved.setText("Not saved yet")
        self._pause.start()
        self._look.start()

    def _take(self) -> None:
        item = self.item.item()
        self._draft = replace(self._draft.with_item(self._place, item), title=self.title.toPlainText())
        self.item.keep(item)

    def keep(self) -> bool:
        """Keep what was typed now; False when it could not be."""
        self._pause.stop()
        if self._row is None or not self._dirty:
            return True
        try:
            with self._view.vault.changing() as session:
                records_drafts.autosave(session, self._row.id, self._draft)
        except (Refused, VaultError) as error:
            self._view.refused.emit(str(error))
            return False
        self._dirty = False
        self._say_saved(self._view.now())
        return True

    def _say_saved(self, at: datetime | None) -> None:
        self.saved.setText(f"Saved {at.astimezone(LONDON):%H:%M}" if at else "")

    def keep_version(self) -> None:
        """Keep a version now and stay."""
        if self._keep_version():
            self._view.said.emit("A version is kept.")

    def _keep_version(self) -> bool:
        """A version of what was written; nothing when nothing was."""
        if self._row is None or not self.keep():
            return False
        draft_id = self._row.id
        with self._view.vault.reading() as session:
            is_empty = not records_drafts.versions(session, draft_id) and self._draft == Draft()
        if is_empty:
            return True
        try:
            with self._view.vault.changing() as session:
                records_drafts.keep_version(session, draft_id, now=self._view.now())
        except (Refused, VaultError) as error:
            if "Nothing is written yet" in str(error):
                return True
            self._view.refused.emit(str(error))
            return False
        self.refresh()
        return True

    # --- items

    def _show_items(self) -> None:
        self.items.blockSignals(True)
        self.items.clear()
        for number, item in enumerate(self._draft.items, 1):
            start = " ".join(item.text.split())[:80] or "(empty)"
            self.items.addItem(f"{number}. {start}")
        self.items.setCurrentRow(self._place)
        self.items.blockSignals(False)
        self.remove_button.setEnabled(len(self._draft.items) > 1)

    def _show_item(self) -> None:
        self.item.show_item(self._place + 1, self._draft.items[self._place])
        self.coach.begin()
        self.look()

    def _chosen(self, place: int) -> None:
        if 0 <= place < len(self._draft.items) and place != self._place:
            self._place = place
            self._show_item()

    def _step(self, step: int) -> None:
        self.items.setCurrentRow((self._place + step) % len(self._draft.items))

    def add_item(self) -> None:
        """A further item after this one."""
        items = self._draft.items
        self._change((*items[: self._place + 1], Item(), *items[self._place + 1 :]), self._place + 1)
        self.item.text.setFocus()

    def remove_item(self) -> None:
        """Remove this item, asking first if anything stands in it."""
        items = self._draft.items
        if len(items) < 2:
            return
        if not items[self._place].is_empty and not messages.confirm(
            self, f"Remove item {self._place + 1}?", "Earlier versions keep it until the draft is purged.", "Remove"
        ):
            return
        self._change((*items[: self._place], *items[self._place + 1 :]), min(self._place, len(items) - 2))

    def _move(self, step: int) -> None:
        items, there = list(self._draft.items), self._place + step
        if 0 <= there < len(items):
            items[self._place], items[there] = items[there], items[self._place]
            self._change(tuple(items), there)

    def _change(self, items: tuple[Item, ...], place: int) -> None:
        self._draft, self._place, self._dirty = replace(self._draft, items=items), place, True
        self._show_items()
        self._show_item()
        self.keep()

    # --- beside the draft

    def show_side(self, place: int) -> None:
        """Show coach, check, six questions or versions, and go there."""
        self.sides.findChildren(type(self.sides.current()))[place].setChecked(True)
        self._beside().setFocus()

    def _beside(self) -> QWidget:
        side = self.side.currentWidget()
        assert isinstance(side, Coach | Check | SixQuestions | Versions)
        return side.first_focus()

    def _turn(self) -> None:
        self.side.setCurrentIndex(self.sides.place())
        self.look()

    def look(self) -> None:
        """Check the draft and ask about the item, as both stand now."""
        self._look.stop()
        if self._row is None:
            return
        self.remarks = rules_draft.remarks(self._draft, self._cues)
        here = [one for one in self.remarks if one.item == self._place and one.hit.rule != UNGRADED]
        self.item.mark(here)
        self.check.show_remarks(self._draft, self.remarks, self._bad)
        open_count = sum(one.override is None for one in self.remarks)
        self.sides.say([COACH, f"{CHECK} ({open_count})" if open_count else CHECK, SIX, VERSIONS])
        self.coach.show_item(self._draft.items[self._place], self._coach_cues, self._labels)
        self.six.show_draft(self._draft, self._meter)
        current = self.items.item(self._place)
        if current is not None:
            start = " ".join(self._draft.items[self._place].text.split())[:80] or "(empty)"
            current.setText(f"{self._place + 1}. {start}")
        if self.sides.place() == SIDES.index(VERSIONS):
            self.versions.compare()

    def _lines_of(self, number: int) -> list[str]:
        if number == Versions.NOW or self._row is None:
            return rules_draft.lines(self._draft, self._labels)
        with self._view.vault.reading() as session:
            return rules_draft.lines(records_drafts.version(session, self._row.id, number), self._labels)

    # --- remarks

    def next_remark(self) -> None:
        """Go to the words of the next open remark."""
        remark = self.check.next()
        if remark is not None:
            self._go_to(remark)

    def _go_to(self, remark: Remark) -> None:
        self.items.setCurrentRow(remark.item)
        self.item.text.show_hit(remark)

    def _answer_current(self) -> None:
        if self.check.current is not None:
            self.answer(self.check.current)

    def answer(self, remark: Remark) -> None:
        """Keep the words of a remark, with the reason."""
        if remark.override is not None:
            return
        by = self._view.vault.user.name
        found: list[Item] = []

        def check(values: dict[str, Any]) -> None:
            found.append(rules_draft.override(self._draft.items[remark.item], remark.hit, values["reason"], by))

        if messages.ask_form(self, "Keep these words", [WHY], "Keep them", check=check, sentence=remark.hit.why):
            self._put_item(remark.item, found[-1])

    def _withdraw(self, remark: Remark) -> None:
        if remark.override is not None:
            item = self._draft.items[remark.item]
            self._put_item(remark.item, rules_draft.withdraw_override(item, remark.override))

    def _put_item(self, place: int, item: Item) -> None:
        self._draft, self._dirty = self._draft.with_item(place, item), True
        if place == self._place:
            self.item.keep(item)
        self.look()
        self.keep()

    # --- out of the desk

    def export(self) -> None:
        """Export the draft, asking the recipient."""
        self._out("export_draft")

    def _out(self, way: str) -> None:
        from oicdesk.documents import page_leave

        if self._row is None or not self.keep():
            return
        try:
            getattr(page_leave, way)(self._view, self._row.id, self._row.referral_id)
        except (Refused, VaultError) as error:
            self._view.refused.emit(str(error))
        self.refresh()

    def first_focus(self) -> QWidget:
        return self.item.text

    def panes(self) -> list[QWidget]:
        """What F6 goes through."""
        return [self.items, self.item.text, self._beside()]
