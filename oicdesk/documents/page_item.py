"""One item of a working draft: its text, its provenance and its grades, each in a box of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from oicdesk.documents import records
from oicdesk.documents.page_boxes import DraftBox, GradeBox, labelled
from oicdesk.documents.rules import GRADE_PARTS, Grades, spoken_grade
from oicdesk.documents.rules_draft import Item, Remark
from oicdesk.settings.records import Reference
from oicdesk.ui import theme
from oicdesk.ui.parts import Words

_WITH_C = ("action_code", "sanitisation_code")


class ItemEditor(QWidget):
    """The boxes of the item that is being written. `changed` follows every edit by the user."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._item = Item()
        self.heading = Words("Item 1", "section")
        self.text = DraftBox("Text of the item", lines=5, placeholder="One matter, from one source.")
        self.provenance = DraftBox("Provenance", lines=2)
        self.parts = {part: GradeBox(words[0].upper() + words[1:]) for part, words in GRADE_PARTS.items()}
        self.conditions = DraftBox("Conditions", lines=2)
        self.usage = DraftBox("Use that the owner specifies", lines=2)
        self.old = DraftBox("Old 5x5x5 grade", lines=1)
        self._cells: dict[str, QWidget] = {}
        self._lay_out()
        for box in (self.text, self.provenance, self.conditions, self.usage, self.old):
            box.edited.connect(self._edited)
        for part in self.parts.values():
            part.activated.connect(self._edited)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.GRID)
        columns = 1 if theme.is_large() else 2
        cells: list[tuple[str, QWidget]] = [
            (part, labelled(words[0].upper() + words[1:], self.parts[part])) for part, words in GRADE_PARTS.items()
        ]
        old_help = "Kept as text, never converted."
        cells += [("old_5x5x5", labelled("Old 5x5x5 grade", self.old, old_help))]
        for place, (name, cell) in enumerate(cells):
            grid.addWidget(cell, place // columns, place % columns)
            self._cells[name] = cell
        self._cells["conditions"] = labelled("Conditions of handling code C", self.conditions)
        self._cells["usage"] = labelled("Use that the owner specifies (A3)", self.usage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.heading)
        column.addWidget(labelled("Text", self.text), 1)
        column.addWidget(labelled("Provenance", self.provenance, "How it came to be known, without naming a source."))
        column.addLayout(grid)
        column.addWidget(self._cells["conditions"])
        column.addWidget(self._cells["usage"])

    def offer(self, desk: Reference) -> None:
        """Offer the grades as the desk has them today."""
        labels = records.labels(desk)
        for part, box in self.parts.items():
            box.offer([(row.code, spoken_grade(part, row.code, labels)) for row in desk.values(part)])

    def show_item(self, number: int, item: Item) -> None:
        """Show this item."""
        self._item = item
        self.heading.setText(f"Item {number}")
        self.text.setAccessibleName(f"Text of item {number}")
        self.text.put(item.text)
        self.provenance.put(item.provenance)
        for part, box in self.parts.items():
            box.put(getattr(item.grades, part))
        self.conditions.put(item.grades.conditions)
        self.usage.put(item.grades.usage)
        self.old.put(item.grades.old_5x5x5)
        self._follow()

    def item(self) -> Item:
        """The item as it stands in the boxes; its overrides stay."""
        codes: dict[str, Any] = {part: box.currentData() for part, box in self.parts.items()}
        with_c = codes["handling_code"] == "C"
        for part in _WITH_C:
            codes[part] = codes[part] if with_c else None
        grades = Grades(
            **codes,
            conditions=self.conditions.toPlainText() if with_c else "",
            usage=self.usage.toPlainText() if codes["action_code"] == "A3" else "",
            old_5x5x5=self.old.toPlainText(),
        )
        return replace(
            self._item, text=self.text.toPlainText(), provenance=self.provenance.toPlainText(), grades=grades
        )

    def keep(self, item: Item) -> None:
        """Note the item as it is kept now, its overrides included, without touching the boxes."""
        self._item = item

    def mark(self, remarks: Sequence[Remark]) -> None:
        """Underline what the check remarks on in this item's text."""
        self.text.mark(remarks)

    def _edited(self, *_what: object) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Boxes that only handling code C or action code A3 asks for."""
        with_c = self.parts["handling_code"].currentData() == "C"
        for part in (*_WITH_C, "conditions"):
            self._cells[part].setVisible(with_c)
        self._cells["usage"].setVisible(with_c and self.parts["action_code"].currentData() == "A3")
