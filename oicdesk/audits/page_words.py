"""How an audit's parts are said on its pages: pills, labels in place of codes, small pieces that pages share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from oicdesk.audits import rules, rules_review
from oicdesk.audits.records import AuditRow
from oicdesk.audits.rules_review import plural as plural
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import short_day
from oicdesk.ui import theme
from oicdesk.ui.parts import IconButton, Words
from oicdesk.ui.parts import row_of as row_of
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table

STATUS_PILLS = {
    rules.DRAFT: "new", rules.SAMPLE_FROZEN: "info", rules.IN_REVIEW: "due_soon", rules.MODERATED: "submitted",
    rules.APPROVED: "accepted", rules.SUPERSEDED: "closed",
}  # fmt: skip
ACTION_PILLS = {
    rules.OPEN: "new", rules.IN_PROGRESS: "due_soon", rules.DONE: "submitted", rules.VERIFIED: "accepted",
}  # fmt: skip
ANSWER_PILLS = {
    rules_review.MET: "good", rules_review.PARTLY_MET: "warning", rules_review.NOT_MET: "rejected",
    rules_review.CANNOT_DETERMINE: "scope_query", rules_review.NOT_APPLICABLE: "exempt",
}  # fmt: skip


def period(row: AuditRow) -> str:
    return f"{short_day(row.plan.period_from)} to {short_day(row.plan.period_to)}"


def forces_words(force: str) -> str:
    return "Suffolk and Norfolk" if force == "Joint" else force


def stratum(label: str, desk: Reference) -> str:
    """A stratum's label with the reason's words in place of its code."""
    parts = [desk.label("contact_reason", part) or part for part in label.split(rules.STRATUM_JOINT)]
    return rules.STRATUM_JOINT.join(parts) or "All cases"


@dataclass(frozen=True)
class LineRow:
    """A line of a small table: an id and its cells."""

    id: int
    cells: tuple[str, ...]
    pill: str | None = None


def _column(n: int, title: str, width: int, is_right: bool, has_pill: bool) -> Column:
    def cell(row: LineRow) -> str:
        return row.cells[n]

    def pill(row: LineRow) -> str | None:
        return row.pill

    return Column(title, cell, width=width, align_right=is_right, icon=pill if has_pill else None)


class Lines(Table):
    """A small table of texts, as high as its lines, each line speaking as a sentence; `set_lines` shows others.

    The cell of `pill_at` is painted as a pill where its line names one. `fills` takes the room there is instead of
    the height of the lines.
    """

    def __init__(
        self, name: str, titles: Sequence[str], widths: Sequence[int], right: Sequence[int] = (), *,
        pill_at: int | None = None, most: int = 12, fills: bool = False,
    ) -> None:  # fmt: skip
        columns = [
            _column(n, title, width, n in right, n == pill_at)
            for n, (title, width) in enumerate(zip(titles, widths, strict=True))
        ]
        if len(titles) - 1 in right:
            columns.append(Column("", lambda _row: "", width=8))  # takes the rest, so that figures stay together
        super().__init__(RowsModel(columns), name)
        self._most, self._fills = most, fills
        self.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def set_lines(self, lines: Sequence[Any]) -> None:
        """Show these; a plain tuple of cells gets its place as its id."""
        rows = [line if isinstance(line, LineRow) else LineRow(n, tuple(line)) for n, line in enumerate(lines, 1)]
        self.rows.set_source(ListSource(rows))
        if self._fills:
            return
        shown = max(1, min(self._most, len(rows)))
        self.setFixedHeight((shown + 1) * theme.row_height() + self.horizontalScrollBar().sizeHint().height() + 2)


def scrolled(inner: QWidget, margins: tuple[int, int, int, int] | None = None) -> QScrollArea:
    """A page's column that scrolls where large text makes it higher than the window."""
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(inner)
    inner.setAutoFillBackground(False)
    scroll.viewport().setAutoFillBackground(False)
    layout = inner.layout()
    if margins is not None and layout is not None:
        layout.setContentsMargins(*margins)
    return scroll


def whole_of(view: QWidget) -> QVBoxLayout:
    """The column of a whole view; in large text it scrolls, because its rows are wider than the window."""
    if not theme.is_large():
        return column_of(view)
    inner = QWidget()
    column = column_of(inner)
    column_of(view).addWidget(scrolled(inner))
    return column


def column_of(parent: QWidget | None = None, *, margin: int = 0, gap: int = theme.GRID) -> QVBoxLayout:
    column = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    column.setContentsMargins(margin, margin, margin, margin)
    column.setSpacing(gap)
    return column


class Strip(QWidget):
    """The frozen plan on one line: N, n, seed and the frame's hash, which can be copied whole."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Words("", "small", "secondary")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setWordWrap(theme.is_large())
        self.copy = IconButton("copy", "Copy the hash of the frame")
        self.copy.clicked.connect(self._copy)
        self._hash = ""
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.GRID)
        line.addWidget(self.words, 1 if theme.is_large() else 0)
        line.addWidget(self.copy)
        line.addStretch(0 if theme.is_large() else 1)
        self.hide()

    def show_audit(self, row: AuditRow) -> None:
        self.setVisible(row.is_frozen)
        if not row.is_frozen:
            return
        self._hash = row.frame_hash or ""
        given = " (given)" if row.seed_given else ""
        self.words.setText(
            f"Frozen plan:  N {row.population:,}  ·  n {row.sample_size:,}  ·  seed {row.seed}{given}  ·"
            f"  frame {self._hash[:12]}…  ·  {row.algorithm}  ·  {row.checklist}"
        )
        self.words.setToolTip(f"{row.why}\nSHA-256 of the frame: {self._hash}")
        self.words.setAccessibleName(
            f"Frozen plan: population {row.population}, sample {row.sample_size}, seed {row.seed}{given}, hash of the"
            f" frame {self._hash}"
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._hash)
