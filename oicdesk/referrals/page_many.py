"""Several referrals at once: the bar with their count and what can be done, and what came of it."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QVBoxLayout, QWidget

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_chasers, records_many, rules
from oicdesk.referrals.form import Clock, teams_of
from oicdesk.referrals.form_actions import WHEN as HAPPENED
from oicdesk.referrals.form_actions import WHY
from oicdesk.referrals.form_clock import UNTIL, WHY_SNOOZED
from oicdesk.referrals.records_many import NEXT, Result
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import add_working_days, london_day
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import Flow, Section, text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.task import exact
from oicdesk.ui.undo import Step, left_the_desk
from oicdesk.vault.vault import Vault

Work = Callable[[Any, dict[str, Any]], Result]


class ManyBar(QFrame):
    """How many are chosen and what can be done to all of them; hidden while fewer than two are.

    `done` carries the words and the `Result`, `undone` that it was taken back; `step_done` is for the undo list.
    """

    done = Signal(str, object)
    undone = Signal()
    step_done = Signal(object)

    def __init__(self, vault: Vault, now: Clock, chosen: Callable[[], list[int]]) -> None:
        super().__init__()
        self._vault, self._now, self._chosen = vault, now, chosen
        self._desk: Reference | None = None
        self.count = Words("", "section")
        self.deeds = (
            ("Chase…", "megaphone", self.chase),
            ("Snooze…", "clock", self.snooze),
            ("Assign a team…", "users", self.assign),
            ("Ask to exempt…", "circle-slash", self.exempt),
            ("Mark duplicates…", "copy", self.mark),
        )
        self.count.setMinimumHeight(theme.row_height())
        flow = Flow()
        flow.addWidget(self.count)
        self.buttons: list[Button] = []
        if theme.is_large():  # there is no room for a row of buttons
            menu = QMenu(self)
            for words, _icon, slot in self.deeds:
                menu.addAction(words, slot)
            self.buttons.append(Button("Do to all…", "plain", "list-checks"))
            self.buttons[0].setMenu(menu)
        else:
            for words, icon, slot in self.deeds:
                self.buttons.append(Button(words, "plain", icon))
                self.buttons[-1].clicked.connect(slot)
        for button in self.buttons:
            flow.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.GRID, 0, 0)
        column.addLayout(flow)
        self.setAccessibleName("What can be done to all that are chosen")
        self.hide()

    def actions_for(self, owner: QWidget) -> list[QAction]:
        """The same deeds for the context menu and the box of commands."""
        found = []
        for words, _icon, slot in self.deeds:
            action = QAction(f"{words.rstrip('…')} all that are chosen…", owner)
            action.triggered.connect(lambda _=False, slot=slot: slot())
            found.append(action)
        return found

    def show_count(self, count: int, desk: Reference | None) -> None:
        """Tell how many are chosen."""
        self._desk = desk
        self.count.setText(f"{count:,} chosen")
        self.setVisible(count > 1)

    # --- one method per deed

    def chase(self) -> None:
        """Record that the officers or supervisors of all were chased."""
        roles = [(NEXT, "Whoever is next for each case")]
        roles += [(role, role[0].upper() + role[1:]) for role in (rules.OFFICER, rules.SUPERVISOR, rules.INSPECTOR)]
        channels = [(channel, channel[0].upper() + channel[1:]) for channel in records_chasers.CHANNELS]
        fields = [Field("to_role", "To", "choice", roles, required=True),
                  Field("channel", "How", "choice", channels, required=True), HAPPENED]  # fmt: skip

        def work(session: Any, values: dict[str, Any]) -> Result:
            at = exact(values["at"], self._now())
            return records_many.chase_many(session, self._ids, values["to_role"], values["channel"], at=at)

        self._ask("Record chasers for {}", "Record the chasers", "Chased", fields, work,
                  {"to_role": NEXT, "at": self._now()}, "Each is recorded as sent; what was sent is not taken back.",
                  )  # fmt: skip

    def snooze(self) -> None:
        """Put all off until a day."""
        assert self._desk is not None
        day = add_working_days(london_day(self._now()), 1, self._desk.holidays)

        def work(session: Any, values: dict[str, Any]) -> Result:
            return records_many.snooze_many(
                session, self._ids, values["until"], values["why"] or "", now=self._now()
            )  # fmt: skip

        sentence = "They leave the daily views and are back by themselves on that day. They still count as open."
        self._ask("Snooze {}", "Snooze them", "Snoozed", [UNTIL, WHY_SNOOZED], work, {"until": day}, sentence)

    def assign(self) -> None:
        """Give all the same team."""

        def work(session: Any, values: dict[str, Any]) -> Result:
            return records_many.assign_many(session, self._ids, values["team"], now=self._now())

        team = Field("team", "Team", required=True, suggest=teams_of(self._vault))
        self._ask("Assign a team to {}", "Assign the team", "Assigned", [team], work, {})

    def exempt(self) -> None:
        """Ask for an exemption of all, with one reason."""
        assert self._desk is not None
        fields = [
            Field("reason", "Exemption reason", "choice", self._desk.choices("exemption_reason"), required=True),
            Field("why", "Why it applies to all of them", "long", required=True),
        ]

        def work(session: Any, values: dict[str, Any]) -> Result:
            return records_many.ask_many(session, self._ids, values["reason"], values["why"], now=self._now())

        sentence = "Each stays as it is until somebody else approves it."
        self._ask("Ask to exempt {}", "Ask for the exemptions", "Asked to exempt", fields, work, {}, sentence)

    def mark(self) -> None:
        """Link all to one surviving case, usually the earliest of them."""
        with self._vault.reading() as session:
            _id, name = records_many.earliest(session, self._chosen())
        kept = Field("survivor", "Surviving case", required=True, help="The earliest contact is the one that stays.")

        def work(session: Any, values: dict[str, Any]) -> Result:
            try:
                survivor = records.find(session, values["survivor"])
            except Refused as refusal:
                raise Refused(str(refusal), field="survivor") from None
            return records_many.mark_many(session, self._ids, survivor, values["reason"], at=self._now())

        self._ask("Mark {} as duplicates", "Mark them", "Marked as duplicates", [kept, WHY], work, {"survivor": name},
                  "They are linked, not merged, and every record stays.")  # fmt: skip

    # --- what they share

    def _ask(
        self,
        title: str,  # with the place where the count and “referrals” go
        verb: str,
        done: str,
        fields: Sequence[Field],
        work: Work,
        values: dict[str, Any],
        sentence: str = "",
    ) -> None:
        self._ids = self._chosen()
        results: list[Result] = []

        def do(typed: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                result = work(session, typed)
                if not result.changed:
                    raise Refused(_nothing(result))
            results.append(result)

        count = f"{len(self._ids):,} referrals"
        typed = messages.ask_form(self, title.format(count), fields, verb, do, values, sentence)
        if typed is None:
            return
        (result,) = results
        self.step_done.emit(self._step(title.format(f"{len(result.changed):,} referrals"), result, work, typed))
        self.done.emit(f"{done}: {len(result.changed):,} of {count}.", result)

    def _step(self, words: str, result: Result, work: Work, typed: dict[str, Any]) -> Step:
        if result.back is None:
            return left_the_desk(words)
        back, ids = result.back, list(self._ids)

        def take_back() -> str:
            with self._vault.changing() as session:
                said = back(session, self._now())
            self.undone.emit()
            return said

        def again() -> Step:
            self._ids = ids
            with self._vault.changing() as session:
                anew = work(session, typed)
                if not anew.changed:
                    raise Refused(_nothing(anew))
            return self._step(words, anew, work, typed)

        return Step(words, take_back, again)


def _nothing(result: Result) -> str:
    """Why none of them was changed."""
    told = " ".join(f"{name}: {why}" for name, why in result.skipped[:3])
    more = f" And {len(result.skipped) - 3:,} more." if len(result.skipped) > 3 else ""
    return f"None of them can be changed. {told}{more}"


class ManyResult(QScrollArea):
    """What was changed and what was left, each with its reason."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What was changed")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.heading = Words("", "title")
        self.heading.setWordWrap(True)
        self.way_back = text("", role="secondary")
        self.left = Section("Left as they were")
        self.changed = Section("Changed")
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.GAP)
        column.addWidget(self.heading)
        column.addWidget(self.way_back)
        column.addWidget(self.left)
        column.addWidget(self.changed)
        column.addStretch(1)
        self.setWidget(inner)

    def show_result(self, words: str, result: Result) -> None:
        """Show this result instead of what was there."""
        self.heading.setText(words)
        stays = "What was sent stays recorded; it is not taken back."
        self.way_back.setText(stays if result.back is None else "Ctrl+Z takes all of it back in one step.")
        self.left.setVisible(bool(result.skipped))
        self.left.show_lines([(name, why) for name, why in result.skipped], "")
        self.changed.show_lines([("", ", ".join(result.changed))], "")
        self.verticalScrollBar().setValue(0)
