"""What a person says of a contact of an outside list: both sides beside each other, and the decisions under them."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.referrals import records_outside, records_reconcile
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_part import Telling
from oicdesk.referrals.page_sides import Sides
from oicdesk.referrals.records_outside import OurRow, OutsideContactRow
from oicdesk.referrals.rules_reconcile import DOUBTFUL, ONLY_THEIRS
from oicdesk.settings.records import Reference
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.undo import Step
from oicdesk.vault.vault import Vault

_LARGE: Final = 3_000  # contacts and referrals together, from which on a decision is compared behind a window
_WHY: Final = Field("reason", "Reason", "long", required=True)

Deed = Callable[[Any, jobs.Progress | None], str]


class Decisions(QWidget):
    """The lines chosen in the list, and what can be said of them.

    `said` carries what was done, `refused` why not, `step_done` a step that may be undone; `decided` asks for the list
    to be read again, `case_asked` for the case in the queue.
    """

    said = Signal(str)
    refused = Signal(str)
    step_done = Signal(object)
    decided = Signal()
    case_asked = Signal(int)

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self._rows: Sequence[OutsideContactRow | OurRow] = ()
        self._size = 0
        self.sides = Sides()
        self.accept_button = Button("Accept the pair", "primary", "check")
        self.refuse_button = Button("Refuse the pair…", "plain", "x")
        self.record_button = Button("Record as a referral", "primary", "plus")
        self.dismiss_button = Button("Dismiss with a reason…", "plain", "circle-slash")
        self.undo_button = Button("Take the decision back", "plain", "undo-2")
        self.open_button = Button("Open the case", "plain", "folder-open")
        actions = QHBoxLayout()
        actions.setContentsMargins(theme.GAP, theme.GRID, theme.GAP, theme.GAP)
        actions.setSpacing(theme.GRID)
        for button in self.buttons():
            actions.addWidget(button)
        actions.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.sides, 1)
        column.addLayout(actions)

    def buttons(self) -> tuple[Button, ...]:
        return (
            self.accept_button, self.refuse_button, self.record_button, self.dismiss_button, self.undo_button,
            self.open_button,
        )  # fmt: skip

    def keys(self) -> tuple[tuple[Button, str, Callable[[], None], str], ...]:
        """Every button with the words of its deed and its key."""
        return (
            (self.accept_button, "Accept the pair", self.accept, "A"),
            (self.refuse_button, "Refuse the pair", self.refuse, "R"),
            (self.record_button, "Record the contact as a referral", self.record, "N"),
            (self.dismiss_button, "Dismiss the contact", self.dismiss, "D"),
            (self.undo_button, "Take the decision back", self.take_back, "U"),
            (self.open_button, "Open the case", self.open_case, "O"),
        )

    @property
    def chosen(self) -> OutsideContactRow | OurRow | None:
        """The first line that is chosen: a contact of theirs, or a referral of ours; None if nothing is."""
        return self._rows[0] if self._rows else None

    def _chosen_contact(self, state: str) -> OutsideContactRow | None:
        row = self.chosen
        return row if isinstance(row, OutsideContactRow) and row.state == state else None

    def show_lines(self, rows: Sequence[OutsideContactRow | OurRow], desk: Reference, size: int) -> None:
        """Show the first of the lines chosen; `size` contacts and referrals are compared anew when one is decided."""
        self._rows, self._size = rows, size
        row, several = self.chosen, len(rows) > 1
        theirs = row if isinstance(row, OutsideContactRow) else None
        state, decision = (theirs.state, theirs.decision) if theirs else ("", None)
        is_open = state == ONLY_THEIRS and (several or decision != records_reconcile.DISMISSED)
        for button, shown in (
            (self.accept_button, state == DOUBTFUL and not several),
            (self.refuse_button, state == DOUBTFUL and not several),
            (self.record_button, is_open),
            (self.dismiss_button, is_open),
            (self.undo_button, decision is not None and not several),
            (self.open_button, self._case() is not None and not several),
        ):
            button.setVisible(shown)
        self.record_button.setText(f"Record {len(rows)} as referrals" if several else "Record as a referral")
        self.sides.show_pair(theirs, self._candidates(row), desk)

    def _candidates(self, row: OutsideContactRow | OurRow | None) -> list[OurRow]:
        """The referrals to compare with, the nearest first."""
        if not isinstance(row, OutsideContactRow):
            return [] if row is None else [row]
        ids = [row.referral_id] if row.referral_id else [one for one, _label in row.candidates]
        with self._vault.reading() as session:
            found = {one.id: one for one in records_outside.our_rows(session, ids)}
        return [found[one] for one in ids if one in found]

    def _case(self) -> int | None:
        row = self.chosen
        if isinstance(row, OutsideContactRow):
            return row.referral_id or self.sides.chosen_id() or (row.candidates[0][0] if row.candidates else None)
        return row.id if row is not None else None

    # --- deciding

    def accept(self) -> None:
        """The doubtful contact is the referral shown beside it."""
        row, case = self._chosen_contact(DOUBTFUL), self.sides.chosen_id()
        if row is None or case is None:
            return

        def deed(session: Any, progress: jobs.Progress | None) -> str:
            records_outside.accept_pair(session, row.id, case, now=self._now(), progress=progress)
            return f"Line {row.line} is {dict(row.candidates)[case]}: accepted as the same contact."

        self._do(deed, f"Accept the pair of line {row.line}", [row.id])

    def refuse(self) -> None:
        """The doubtful contact is none of the referrals offered."""
        row = self._chosen_contact(DOUBTFUL)
        if row is not None:
            labels = ", ".join(label for _id, label in row.candidates)
            self._ask(
                f"Refuse the pair of line {row.line}", "Refuse the pair",
                f"Line {row.line} is then only on their list, and never matched with {labels} again.",
                lambda session, why, progress: records_outside.refuse_pair(
                    session, row.id, why, now=self._now(), progress=progress
                ),
                f"Line {row.line} is not {labels}: refused.", [row.id],
            )  # fmt: skip

    def record(self) -> None:
        """The contacts chosen are recorded as referrals; they were made, and their records were missing."""
        ids = self._open_ids()
        if not ids:
            return

        def deed(session: Any, progress: jobs.Progress | None) -> str:
            made = records_outside.record_referrals(session, ids, now=self._now(), progress=progress)
            names = [row.reference for row in records_outside.our_rows(session, made)]
            said = names[0] if len(names) == 1 else f"{len(names)} referrals, {names[0]} to {names[-1]},"
            return f"{said} recorded from the list, with the list as origin; in the queue from now on."

        what = "the contact" if len(ids) == 1 else f"{len(ids)} contacts"
        self._do(deed, f"Record {what} of the list", ids)

    def dismiss(self) -> None:
        """The contacts chosen are no referrals of this desk, for a reason."""
        ids = self._open_ids()
        if not ids:
            return

        def deed(session: Any, why: str, _progress: jobs.Progress | None) -> None:
            for one in ids:
                records_outside.dismiss(session, one, why, now=self._now())

        what = f"{len(ids)} contacts" if len(ids) > 1 else "the contact"
        self._ask(f"Dismiss {what}", f"Dismiss {what}", "It stays on the list with the reason beside it.", deed,
                  f"Dismissed: {what}.", ids)  # fmt: skip

    def _open_ids(self) -> list[int]:
        open_ones = [
            row
            for row in self._rows
            if isinstance(row, OutsideContactRow)
            and row.state == ONLY_THEIRS
            and row.decision != records_reconcile.DISMISSED
        ]
        return [row.id for row in sorted(open_ones, key=lambda row: row.line)]

    def take_back(self) -> None:
        """What was decided of the contact is undone; the list is compared again."""
        row = self.chosen
        if not isinstance(row, OutsideContactRow) or row.decision is None:
            return

        def deed(session: Any, progress: jobs.Progress | None) -> str:
            records_outside.take_back(session, row.id, now=self._now(), progress=progress)
            gone = row.decision == records_reconcile.RECORDED
            return f"The decision on line {row.line} is taken back." + (
                f" {row.referral} has left the register." if gone else ""
            )

        self._do(deed, f"Take the decision on line {row.line} back")

    def open_case(self) -> None:
        """Show the case in the queue."""
        case = self._case()
        if case is not None:
            self.case_asked.emit(case)

    def _ask(
        self,
        title: str,
        verb: str,
        sentence: str,
        deed: Callable[[Any, str, jobs.Progress | None], None],
        said: str,
        ids: list[int],
    ) -> None:
        values = messages.ask_form(self, title, [_WHY], verb, sentence=sentence)
        if values is None:
            return

        def do(session: Any, progress: jobs.Progress | None) -> str:
            deed(session, values["reason"], progress)
            return said

        self._do(do, title, ids)

    def _do(self, deed: Deed, step: str = "", ids: Sequence[int] = ()) -> None:
        """Decide in one change; a large list is compared anew behind a window that can be cancelled.

        With `step` it is noted; with `ids` it can be undone: the decisions on these contacts are taken back.
        """

        def done(said: str) -> None:
            self.said.emit(said)
            if step:
                self.step_done.emit(self._step(deed, step, ids) if ids else Step(step, why_not="decide on it again"))
            self.decided.emit()

        def work(progress: jobs.Progress | None) -> str:
            with self._vault.changing() as session:
                return deed(session, progress)

        if self._size < _LARGE:
            with Telling(self.refused.emit):
                done(work(None))
        else:
            run_telling(self, work, "Comparing the list anew", done, self.refused.emit)

    def _step(self, deed: Deed, words: str, ids: Sequence[int]) -> Step:
        def back() -> str:
            with self._vault.changing() as session:
                records_outside.take_back(session, *ids, now=self._now())
            return ""

        def again() -> Step:
            with self._vault.changing() as session:
                deed(session, None)
            return self._step(deed, words, ids)

        return Step(words, back, again)


def run_telling(
    owner: QWidget,
    work: Callable[[jobs.Progress], str],
    title: str,
    done: Callable[[str], None],
    refuse: Callable[[str], None],
) -> None:
    """Do this behind a window that can be cancelled, and tell what came of it."""
    jobs.run(owner, work, title=title, done=done, failed=lambda error: refuse(str(error)),
             cancelled=lambda: refuse("Cancelled; nothing was changed."))  # fmt: skip
