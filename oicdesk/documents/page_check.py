"""What the sanitisation check says of a draft, and its versions with what changed between them."""

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from oicdesk.documents import rules_draft
from oicdesk.documents.page_boxes import Marked, labelled
from oicdesk.documents.page_parts import row_of
from oicdesk.documents.records_drafts import VersionRow
from oicdesk.documents.rules_draft import Change, Draft, Remark
from oicdesk.documents.rules_sanitisation import RULE_WORDS
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import scrolled, text
from oicdesk.ui.parts import Button


class Check(QWidget):
    """Every remark with its rule and why. It advises: a remark may be answered with a reason, or left.

    `chosen` goes to the words, `answered` asks for a reason, `withdrawn` takes the reason back.
    """

    chosen = Signal(object)
    answered = Signal(object)
    withdrawn = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._remarks: list[Remark] = []
        self.summary = text("", "base", "secondary")
        self.list = QListWidget()
        self.list.setAccessibleName("Remarks of the sanitisation check")
        self.list.setWordWrap(True)
        self.list.setMinimumHeight(theme.px(120))
        self.why = text("")
        self.go_button = Button("Go to the words", "plain", "chevron-right")
        self.keep_button = Button("Keep these words…", "plain", "check")
        self.back_button = Button("Take the reason back", "plain", "undo-2")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(text("It advises and never blocks; silence is no clearance.", "small", "secondary"))
        column.addWidget(self.summary)
        column.addWidget(self.list, 1)
        column.addWidget(self.why)
        column.addLayout(row_of(self.go_button))
        column.addLayout(row_of(self.keep_button, self.back_button))
        self.list.currentRowChanged.connect(lambda _row: self._show_chosen())
        self.list.itemActivated.connect(lambda _item: self._emit(self.chosen))
        self.go_button.clicked.connect(lambda: self._emit(self.chosen))
        self.keep_button.clicked.connect(lambda: self._emit(self.answered))
        self.back_button.clicked.connect(lambda: self._emit(self.withdrawn))

    def first_focus(self) -> QWidget:
        return self.list

    @property
    def current(self) -> Remark | None:
        """The remark that is chosen."""
        place = self.list.currentRow()
        return self._remarks[place] if 0 <= place < len(self._remarks) else None

    def _emit(self, signal: object) -> None:
        remark = self.current
        if remark is not None:
            getattr(signal, "emit")(remark)  # noqa: B009  a bound signal has no type of its own here

    def show_remarks(self, draft: Draft, remarks: Sequence[Remark], unreadable: Sequence[str]) -> None:
        """Show these remarks; the one that was chosen stays chosen if it is still there."""
        before = self.current
        self._remarks = list(remarks)
        open_count = sum(one.override is None for one in remarks)
        said = f"{open_count} open remark{'' if open_count == 1 else 's'}" if remarks else "No remark."
        if len(remarks) > open_count:
            said += f", {len(remarks) - open_count} kept with a reason"
        if unreadable:
            said += f". Not readable in Settings, Draft check: {', '.join(f'“{one}”' for one in unreadable[:3])}"
        self.summary.setText(said)
        self.list.blockSignals(True)
        self.list.clear()
        for one in remarks:
            words = " ".join(draft.items[one.item].text[one.hit.start : one.hit.end].split())
            short = words if len(words) <= 40 else f"{words[:39]}…"
            kept = "" if one.override is None else " (kept)"
            QListWidgetItem(f"{one.item + 1}. {RULE_WORDS[one.hit.rule]}: “{short}”{kept}", self.list)
        place = next((n for n, one in enumerate(remarks) if before is not None and one[:2] == before[:2]), 0)
        self.list.setCurrentRow(place if remarks else -1)
        self.list.blockSignals(False)
        self._show_chosen()

    def _show_chosen(self) -> None:
        one = self.current
        self.go_button.setEnabled(one is not None)
        self.keep_button.setVisible(one is None or one.override is None)
        self.keep_button.setEnabled(one is not None)
        self.back_button.setVisible(one is not None and one.override is not None)
        if one is None:
            self.why.setText("")
            return
        said = f"{RULE_WORDS[one.hit.rule]}. {one.hit.why}"
        if one.override is not None:
            said += f" Kept by {one.override.by}: {one.override.reason}"
        self.why.setText(said)

    def next(self) -> Remark | None:
        """Choose the next open remark, from the top again after the last."""
        count = len(self._remarks)
        for step in range(1, count + 1):
            place = (self.list.currentRow() + step) % count
            if self._remarks[place].override is None:
                self.list.setCurrentRow(place)
                return self._remarks[place]
        return None


class Versions(QWidget):
    """The versions of a draft, and what changed between two of them; `read` gives the text of one by its number."""

    NOW = 0

    def __init__(self, read: Callable[[int], Sequence[str]]) -> None:
        super().__init__()
        self._read = read
        self.old, self.new = QComboBox(), QComboBox()
        self.shown = Marked()
        self.keep_button = Button("Keep a version now", "plain", "save")
        self.keep_button.setToolTip("Ctrl+S")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.GRID, 0)
        column.addWidget(self.shown)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GRID)
        whole.addLayout(row_of(self.keep_button))
        for label, box in (("What changed from", self.old), ("to", self.new)):
            box.setMinimumHeight(theme.row_height())
            box.setAccessibleName("Older version" if box is self.old else "Newer version")
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
            box.activated.connect(lambda _place: self.compare())
            whole.addWidget(labelled(label, box))
        whole.addWidget(scrolled(inner), 1)

    def first_focus(self) -> QWidget:
        return self.old

    def show_versions(self, rows: Sequence[VersionRow]) -> None:
        """Offer these; the newest beside what stands in the editor now, unless two others are looked at."""
        kept = self.old.currentData(), self.new.currentData()
        entries = [(row.number, f"Version {row.number}, {spoken_instant(row.at)}, {row.by}") for row in rows]
        for box, wanted in ((self.old, kept[0]), (self.new, kept[1])):
            box.clear()
            if box is self.new:
                box.addItem("As it stands now", self.NOW)
            for number, words in entries:
                box.addItem(words, number)
            box.setCurrentIndex(max(0, box.findData(wanted)) if box.count() else -1)
        self.compare()

    def compare(self) -> None:
        """Show what changed between the two."""
        if self.old.currentData() is None:
            self._say("No version is kept yet. One is made when you leave the draft, on Ctrl+S, and of what leaves.")
            return
        old, new = self._read(self.old.currentData()), self._read(self.new.currentData())
        changes = rules_draft.difference(old, new)
        self.shown.setText(_html(changes))
        self.shown.setAccessibleName(rules_draft.spoken_difference(changes))

    def _say(self, sentence: str) -> None:
        self.shown.setText(escape(sentence))
        self.shown.setAccessibleName(sentence)


def _html(changes: Sequence[Sequence[Change]]) -> str:
    """The difference with signs that need no colour: added words underlined, removed ones struck through."""
    if all(one.kind == "same" for line in changes for one in line):
        return escape("Nothing changed.")
    added = f"color:{theme.color('green').name()};background:{theme.color('green_tint').name()}"
    removed = f"color:{theme.color('red').name()};background:{theme.color('red_tint').name()}"
    lines = []
    for line in changes:
        parts = []
        for kind, words in line:
            told = escape(words)
            if kind == "added":
                told = f'<u style="{added}">{told}</u>'
            elif kind == "removed":
                told = f'<s style="{removed}">{told}</s>'
            parts.append(told)
        lines.append("".join(parts))
    return f"<div style='white-space:pre-wrap'>{'<br>'.join(lines)}</div>"
