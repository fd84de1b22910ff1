"""Duplicates: pairs that may be one contact recorded twice, side by side with the reason; and those that are linked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from oicdesk.referrals import records, records_duplicates, records_undo, rules
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_part import Part, PartsPage
from oicdesk.referrals.page_sides import compared, fill, side_grid
from oicdesk.referrals.records_duplicates import PairRow
from oicdesk.referrals.records_outside import OurRow
from oicdesk.referrals.records_queue import register_size
from oicdesk.referrals.rules_people import FREE_TEXT_WARNING
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import jobs
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import Column
from oicdesk.ui.undo import Told
from oicdesk.vault.vault import Vault

PARTS: Final = ("Suggested", "Linked")
_LARGE: Final = 5_000  # referrals, from which on they are compared behind a window
_WHY: Final = Field("reason", "Reason", "long", required=True, help=FREE_TEXT_WARNING)


def _now() -> datetime:
    return datetime.now(UTC)


def _when(row: OurRow) -> str:
    return "not known" if row.contact_at is None else spoken_instant(row.contact_at)


def _officer(row: OurRow) -> str:
    return ", ".join(filter(None, (row.officer_name, row.officer_collar)))


_COLUMNS: Final = (
    Column("Later contact", lambda row: row.other.reference, "other", width=128),
    Column("Earlier, stays", lambda row: row.primary.reference, "primary", width=128,
           spoken=lambda row: f"the earlier one, {row.primary.reference}, stays"),
    Column("Force", lambda row: row.other.force or "", "force", width=76),
    Column("Contact", lambda row: _when(row.other), "contact_at", width=172),
    Column("Officer", lambda row: _officer(row.other), "officer", width=150),
    Column("Why", lambda row: row.why, width=180, spoken=lambda row: row.why),
)  # fmt: skip
_KEYS: Final[dict[str, Callable[[PairRow], Any]]] = {
    "other": lambda row: row.other.ref_order, "primary": lambda row: row.primary.ref_order,
    "force": lambda row: row.other.force or "", "officer": lambda row: _officer(row.other),
    "contact_at": lambda row: (row.other.contact_at is not None, row.other.contact_at),
}  # fmt: skip


_NOTHING: Final = (
    "Nothing looks like a duplicate",
    "References are compared however they are written, and contacts of one officer that lie close together.",
)


class PairsPart(Part):
    """A table of pairs, and the pair that is chosen side by side."""

    def __init__(self, vault: Vault, now: Clock, name: str) -> None:
        super().__init__(vault, now, name, _COLUMNS, _KEYS)
        self._desk: Reference | None = None
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.grid, self.why = side_grid(), text("")
        self.pair = QWidget()
        column = QVBoxLayout(self.pair)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.why)
        column.addLayout(self.grid)
        self.open_button = Button("Open the later case", "plain", "folder-open")
        self.primary_button = Button("Open the earlier case", "plain", "folder-open")
        self.open_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].other.id))
        self.primary_button.clicked.connect(lambda: self.open_case.emit(self.chosen[0].primary.id))
        self.table.row_opened.connect(self.open_case)

    def show_pairs(self, rows: Sequence[PairRow]) -> None:
        with self.vault.reading() as session:
            self._desk = reference(session)
        self.show_rows(rows)

    def show_chosen(self) -> None:
        rows = self.chosen
        for button in (self.open_button, self.primary_button):
            button.setEnabled(bool(rows))
        self.pair.setVisible(bool(rows))
        if rows and self._desk is not None:
            self.why.setText(rows[0].why)
            heads = f"Earlier, {rows[0].primary.reference}", f"Later, {rows[0].other.reference}"
            fill(self.grid, heads, compared(rows[0].primary, rows[0].other, self._desk))


class SuggestedPart(PairsPart):
    """Pairs that nobody has decided about."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Possible duplicates")
        self._looked_at: str | None = ""  # the scope of a large register that was compared
        self._found: list[PairRow] = []
        self._decided: set[int] = set()
        self.mark_button = Button("Mark as a duplicate", "primary", "copy")
        self.refuse_button = Button("Two contacts…", "plain", "x")
        self.mark_button.setToolTip("A")
        self.refuse_button.setToolTip("R")
        self.words = text("A link merges nothing: both records stay, the earliest contact counts.", "base", "secondary")
        buttons = (self.mark_button, self.refuse_button, self.open_button, self.primary_button)
        self.lay_out(self.words, below=(self.pair,), buttons=buttons)
        self.mark_button.clicked.connect(self.mark)
        self.refuse_button.clicked.connect(self.refuse)
        self.table.set_empty(*_NOTHING)

    def refresh(self) -> None:
        """A small register is compared at once; a large one on request, because it takes a moment."""
        with self.vault.reading() as session:
            size = register_size(session)
        if size < _LARGE:
            self.show_pairs(self._read(None))
            return
        if self._looked_at != self.force:
            self.table.set_empty("The register is large", "Comparing its referrals takes a moment.",
                                 "Look for duplicates", self.look)  # fmt: skip
            self._decided.clear()
            self._found = []
        self.show_pairs([row for row in self._found if row.id not in self._decided])

    def look(self) -> None:
        """Compare a large register, with progress and cancel."""

        def done(rows: list[PairRow]) -> None:
            self._looked_at, self._found = self.force, rows
            self._decided.clear()
            self.table.set_empty(*_NOTHING)
            self.show_pairs(rows)

        jobs.run(self, self._read, title="Looking for duplicates", done=done,
                 cancelled=lambda: self.refused.emit("Cancelled; nothing was compared."))  # fmt: skip

    def _read(self, progress: jobs.Progress | None) -> list[PairRow]:
        with self.vault.reading() as session:
            return records_duplicates.suggested(session, force=self.force, progress=progress)

    def show_chosen(self) -> None:
        super().show_chosen()
        for button in (self.mark_button, self.refuse_button):
            button.setEnabled(bool(self.chosen))

    def mark(self) -> None:
        """The later contact is a duplicate of the earlier one."""
        if self.chosen:
            row = self.chosen[0]
            self.do(lambda session: self._link(session, row))

    def _link(self, session: Any, row: PairRow) -> Told:
        records.mark_duplicate(session, row.other.id, row.primary.id, row.why, at=self.now())
        event = records_undo.newest_move(session, row.other.id)
        self._decided.add(row.id)

        def back(later: Any) -> None:
            records_undo.take_back_move(later, event, now=self.now())
            self._decided.discard(row.id)  # before the commit, which reads again

        said = f"{row.other.reference} is marked as a duplicate of {row.primary.reference}; both records stay."
        return self.did(
            said, f"Mark {row.other.reference} as a duplicate", back, lambda later: self._link(later, row)
        )  # fmt: skip

    def refuse(self) -> None:
        """The two are two contacts, for a reason; they are not suggested again."""
        if not self.chosen:
            return
        row = self.chosen[0]
        ids = row.primary.id, row.other.id

        title = f"{row.primary.reference} and {row.other.reference} are two contacts"

        def deed(session: Any, values: dict[str, Any]) -> Told:
            def refuse(later: Any) -> None:
                records_duplicates.refuse(later, *ids, values["reason"], now=self.now())
                self._decided.add(row.id)

            def back(later: Any) -> None:
                records_duplicates.take_back_refusal(later, *ids, now=self.now())
                self._decided.discard(row.id)

            refuse(session)
            words = f"Refuse that {row.other.reference} is a duplicate"
            return self.did(f"{title}; not suggested again.", words, back, refuse)

        self.ask(title, [_WHY], "They are two contacts", deed)


class LinkedPart(PairsPart):
    """Links that stand; each is withdrawn with a reason."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Linked duplicates")
        self.withdraw_button = Button("Withdraw the link…", "plain", "undo-2")
        self.lay_out(below=(self.pair,), buttons=(self.withdraw_button, self.open_button, self.primary_button))
        self.withdraw_button.clicked.connect(self.withdraw)
        self.table.set_empty("Nothing is linked", "Duplicates are linked from the suggestions or from their case.")

    def refresh(self) -> None:
        with self.vault.reading() as session:
            rows = records_duplicates.linked(session, force=self.force)
        self.show_pairs(rows)

    def show_chosen(self) -> None:
        super().show_chosen()
        self.withdraw_button.setEnabled(bool(self.chosen))

    def withdraw(self) -> None:
        """The link chosen is withdrawn: the later contact stands for itself again."""
        (row,) = self.chosen

        title = f"Withdraw the link of {row.other.reference}"

        def deed(session: Any, values: dict[str, Any]) -> Told:
            records.withdraw_duplicate(session, row.other.id, values["reason"], at=self.now())
            event = records_undo.newest_move(session, row.other.id)
            word = rules.STATUS_WORDS[records.get(session, row.other.id).status].lower()

            def back(later: Any) -> None:
                records_undo.take_back_move(later, event, now=self.now(), survivor=row.primary.id)

            said = f"{row.other.reference} stands for itself again: {word}."
            return self.did(said, title, back, lambda later: deed(later, values))

        self.ask(title, [_WHY], "Withdraw the link", deed)


class DuplicatesPage(PartsPage):
    """What may be one contact twice, and what is linked."""

    title = "Duplicates"
    icon_name = "copy"
    tables = frozenset({"referral", "referral_event", "setting", "reference_value"})

    def __init__(self, vault: Vault, *, now: Clock = _now) -> None:
        self.suggested, self.linked = SuggestedPart(vault, now), LinkedPart(vault, now)
        super().__init__((self.suggested, self.linked), Segments("Part of the page", PARTS, PARTS[0]))
        self.act("Mark as a duplicate", self._if_suggested(self.suggested.mark), "A")
        self.act("They are two contacts", self._if_suggested(self.suggested.refuse), "R")

    def _if_suggested(self, slot: Callable[[], None]) -> Callable[[], None]:
        return lambda: slot() if self.part is self.suggested else None

    def refresh(self) -> None:
        super().refresh()
        self.segments.say([f"{name}  {len(part.rows):,}" for name, part in zip(PARTS, self.parts, strict=True)])

    def turn(self) -> None:
        self.say("")
        super().turn()
        self.part.show_chosen()
