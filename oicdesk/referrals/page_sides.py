"""The tables of the comparison, and one contact with both sides' values beside each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from oicdesk.referrals import rules
from oicdesk.referrals.records_outside import OurRow, OutsideContactRow
from oicdesk.referrals.records_reconcile import ACCEPTED, DISMISSED, RECORDED, REFUSED
from oicdesk.referrals.records_reconciled import Reconciled
from oicdesk.referrals.rules import normalised_reference
from oicdesk.referrals.rules_reconcile import (
    CAVEAT,
    DOUBTFUL,
    MATCHED,
    ONLY_THEIRS,
    reference_key,
    spoken_missed,
)
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import empty, text
from oicdesk.ui.parts import Words
from oicdesk.ui.rows import Column, RowsModel, Table

ESTIMATE: Final = "Estimate"
PARTS: Final = ("Doubtful", "Only theirs", "Only ours", "Both", ESTIMATE)
STATES: Final = {"Doubtful": DOUBTFUL, "Only theirs": ONLY_THEIRS, "Both": MATCHED}
_DECIDED: Final = {
    ACCEPTED: "accepted", REFUSED: "refused", RECORDED: "recorded from the list", DISMISSED: "dismissed",
}  # fmt: skip


def _officer(row: OutsideContactRow | OurRow) -> str:
    return ", ".join(filter(None, (row.officer_name, row.officer_collar)))


def _when(row: OutsideContactRow | OurRow) -> str:
    return "not known" if row.contact_at is None else spoken_instant(row.contact_at)


def _ours(row: OutsideContactRow) -> str:
    return row.referral or ", ".join(label for _id, label in row.candidates)


def decision_words(row: OutsideContactRow) -> str:
    """What a person said of the contact, or nothing."""
    if row.decision is None:
        return ""
    said = f"{_DECIDED[row.decision]} by {row.decided_by}"
    return said + (f": {row.decided_why}" if row.decided_why else "")


_THEIRS: Final = (
    Column("Line", lambda row: str(row.line), "line", width=56, align_right=True),
    Column("Their reference", lambda row: row.nccu_ref or "none", "nccu_ref", width=132),
    Column("Contact", _when, "contact_at", width=176),
    Column("Force", lambda row: row.force, "force", width=76),
    Column("Officer", _officer, "officer", width=132),
    Column("Here", _ours, "ours", width=124, spoken=lambda row: f"here {_ours(row)}" if _ours(row) else ""),
    Column("Why", lambda row: row.why, width=330, spoken=lambda row: row.why.rstrip(".")),
    Column("Decision", decision_words, "decision", width=200),
)
_THEIR_KEYS: Final[Mapping[str, Callable[[OutsideContactRow], Any]]] = {
    "line": lambda row: row.line, "nccu_ref": lambda row: reference_key(row.nccu_ref),
    "contact_at": lambda row: row.contact_at, "force": lambda row: row.force, "officer": _officer, "ours": _ours,
    "decision": decision_words,
}  # fmt: skip
_OURS: Final = (
    Column("Reference", lambda row: row.reference, "reference", width=124),
    Column("NCCU reference", lambda row: row.nccu_ref or "none", "nccu_ref", width=140),
    Column("Contact", _when, "contact_at", width=176),
    Column("Force", lambda row: row.force or "", "force", width=76),
    Column("Reporting officer", _officer, "officer", width=180),
    Column("State", lambda row: rules.STATUS_WORDS[row.status], "status", width=172, icon=lambda row: row.status),
)
_OUR_KEYS: Final[Mapping[str, Callable[[OurRow], Any]]] = {
    "reference": lambda row: row.ref_order, "nccu_ref": lambda row: reference_key(row.nccu_ref),
    "contact_at": lambda row: (row.contact_at is not None, row.contact_at), "force": lambda row: row.force or "",
    "officer": _officer, "status": lambda row: row.status,
}  # fmt: skip
_EMPTY: Final = {
    "Doubtful": ("Nothing is doubtful", "Every contact of the list is matched, or clearly on one list only."),
    "Only theirs": ("Nothing is only on their list", "Every contact of the list has its record here."),
    "Only ours": ("Nothing is only on ours", "Every referral here has its partner in the list."),
    "Both": ("Nothing is on both lists", "No contact of the list was found here."),
}


def part_tables() -> list[Table]:
    """A table for each part but the estimate; its property `keys` says how it sorts."""
    made = []
    for name in PARTS[:-1]:
        ours = name not in STATES
        table = Table(RowsModel(_OURS if ours else _THEIRS), f"Contacts: {name.lower()}")
        table.horizontalHeader().setAccessibleName(f"Columns of {name.lower()}")
        table.setProperty("keys", dict(_OUR_KEYS if ours else _THEIR_KEYS))
        if name != "Only theirs":  # there several can be decided at once
            table.setSelectionMode(Table.SelectionMode.SingleSelection)
        table.set_empty(*_EMPTY[name])
        made.append(table)
    return made


def listed_of(name: str, rows: Sequence[Any], desk: Reference) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """A part as header and rows of a file."""
    header: tuple[str, ...]
    if name not in STATES:
        header = ("Reference", "NCCU reference", "Contact", "Force", "Reporting officer", "Collar number", "State")
        return header, [
            (row.reference, row.nccu_ref, row.contact_at, row.force, row.officer_name, row.officer_collar,
             rules.STATUS_WORDS[row.status])
            for row in rows
        ]  # fmt: skip
    header = ("Line", "Their reference", "Contact", "Force", "Officer name", "Collar number", "Category", "Persons",
              "Here", "Why", "Decision")  # fmt: skip
    return header, [
        (row.line, row.nccu_ref, row.contact_at, row.force, row.officer_name, row.officer_collar, row.category,
         row.persons, _ours(row), row.why, decision_words(row))
        for row in rows
    ]  # fmt: skip


def estimate_words(told: Reconciled | None, *, is_newest: bool) -> str:
    """What figures say of their denominator, and what both lists missed, with the caveat."""
    said = ["The list holds no contact up to now, so no figure rests on it."]
    if told is not None:
        said = [
            f"Figures say: {told.denominator}."
            if is_newest
            else "Figures rest on the newest list, which is another one than this.",
            f"Still doubtful: {told.doubtful:,}. A doubtful pair counts as no pair.",
        ]
        if told.missed is None:
            said.append("The two lists share no days, so nothing is estimated of contacts that both missed.")
        else:
            said += [spoken_missed(told.missed), CAVEAT]
    said.append("What is missing here is paper: no line of this page asks anybody to contact NCCU.")
    return "\n\n".join(said)


class Room(QStackedWidget):
    """The parts, with a room of their own: the longest text does not make the whole page scroll."""

    def hasHeightForWidth(self) -> bool:
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(360))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()


class Sides(QScrollArea):
    """Their values at the left, the register's at the right, what differs said in words."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Both sides of the contact")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theirs: OutsideContactRow | None = None
        self._candidates: Sequence[OurRow] = ()
        self._desk: Reference | None = None
        self.why = text("")
        self.label = Words("Compare with", "base", "secondary")
        self.which = QComboBox()
        self.which.setAccessibleName("Referral to compare with")
        self.which.setMinimumHeight(theme.row_height())
        self.label.setBuddy(self.which)
        self.grid = side_grid()
        choose = QHBoxLayout()
        choose.setSpacing(theme.GRID)
        choose.addWidget(self.label)
        choose.addWidget(self.which)
        choose.addStretch(1)
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column_ = QVBoxLayout(inner)
        column_.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GRID)
        column_.setSpacing(theme.GRID)
        column_.addWidget(self.why)
        column_.addLayout(choose)
        column_.addLayout(self.grid)
        column_.addStretch(1)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        self.which.activated.connect(lambda _place: self._compare())

    def show_pair(self, theirs: OutsideContactRow | None, candidates: Sequence[OurRow], desk: Reference) -> None:
        """Show one contact, and the referrals it is or may be; the first is the nearest."""
        same = theirs is not None and self._theirs is not None and theirs.id == self._theirs.id
        kept = self.which.currentData() if same else None
        self._theirs, self._candidates, self._desk = theirs, candidates, desk
        said = "" if theirs is None else " ".join(filter(None, (theirs.why, _sentence(decision_words(theirs)))))
        self.why.setText(said)
        self.why.setVisible(bool(said))
        self.which.clear()
        for one in candidates:
            self.which.addItem(one.reference, one.id)
        self.which.setCurrentIndex(max(0, self.which.findData(kept)) if candidates else -1)
        several = len(candidates) > 1
        self.label.setVisible(several)
        self.which.setVisible(several)
        self._compare()

    def chosen_id(self) -> int | None:
        """The referral that stands at the right."""
        found: int | None = self.which.currentData()
        return found

    def _compare(self) -> None:
        empty(self.grid)
        ours = next((one for one in self._candidates if one.id == self.chosen_id()), None)
        theirs = self._theirs
        if theirs is None and ours is None:
            return
        heads = (f"Their list, line {theirs.line}" if theirs else "Their list",
                 f"Here, {ours.reference}" if ours else "Here")  # fmt: skip
        assert self._desk is not None
        fill(self.grid, heads, compared(theirs, ours, self._desk))


def fill(grid: QGridLayout, heads: tuple[str, str], lines: Sequence[tuple[str, str, str, str]]) -> None:
    """Put two records side by side under these heads, each line as `compared` gives it."""
    empty(grid)
    for place, head in enumerate(heads, 1):
        words = Words(head, "small", "secondary")
        words.setWordWrap(True)
        grid.addWidget(words, 0, place, Qt.AlignmentFlag.AlignTop)
    for line, (name, left, right, apart) in enumerate(lines, 1):
        grid.addWidget(Words(name, "base", "secondary"), line, 0, Qt.AlignmentFlag.AlignTop)
        for place, (value, side) in enumerate(((left, heads[0]), (right, heads[1]), (apart, "")), 1):
            words = text(value, role="secondary" if place == 3 else "text")
            words.setAccessibleName(f"{name}, {side}: {value}" if side else value)
            grid.addWidget(words, line, place, Qt.AlignmentFlag.AlignTop)


def side_grid() -> QGridLayout:
    """The layout that `fill` fills."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.GAP)
    grid.setVerticalSpacing(4)
    for column, stretch in enumerate((0, 2, 2, 2)):
        grid.setColumnStretch(column, stretch)
    return grid


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}." if words else ""


def compared(
    one: OutsideContactRow | OurRow | None, other: OurRow | None, desk: Reference
) -> list[tuple[str, str, str, str]]:
    """Name, the one value, the other, and in words whether the two agree."""
    lines = []
    for name, value in (
        ("NCCU reference", lambda row: row.nccu_ref or ""),
        ("Incident", lambda row: getattr(row, "incident_ref", None) or ""),
        ("Crime or custody", lambda row: getattr(row, "crime_ref", None) or ""),
        ("Contact", _when),
        ("Force", lambda row: row.force or ""),
        ("Officer", lambda row: row.officer_name or ""),
        ("Collar number", lambda row: row.officer_collar or ""),
        ("Reason", lambda row: _reason(row, desk)),
        ("Persons", lambda row: "" if row.persons is None else str(row.persons)),
    ):
        left, right = (value(one) if one else ""), (value(other) if other else "")
        if name in ("Incident", "Crime or custody") and (isinstance(one, OutsideContactRow) or not (left or right)):
            continue  # an outside list does not carry them
        lines.append((name, left or "–", right or "–", _apart(name, left, right, one, other)))
    return lines


def _reason(row: OutsideContactRow | OurRow, desk: Reference) -> str:
    known = desk.label("contact_reason", row.reason) if row.reason else ""
    return known or (row.category if isinstance(row, OutsideContactRow) else "")


def _apart(name: str, left: str, right: str, one: OutsideContactRow | OurRow | None, other: OurRow | None) -> str:
    if one is None or other is None or not left or not right:
        return ""
    if name == "Contact":
        if one.contact_at is None or other.contact_at is None:
            return ""
        minutes = round(abs((one.contact_at - other.contact_at).total_seconds()) / 60)
        if minutes == 0:
            return "same time"
        return f"{minutes // 60} h {minutes % 60} min apart" if minutes >= 60 else f"{minutes} min apart"
    alike = normalised_reference(left) == normalised_reference(right)
    if alike and left != right:
        return "same, written differently"
    return "same" if alike else "differs"
