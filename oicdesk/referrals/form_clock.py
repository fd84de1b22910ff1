"""Pausing a case and putting it off: the actions of one case, each with its form, its refusal and its way back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from oicdesk.referrals import records_clock, rules
from oicdesk.referrals.form import Clock
from oicdesk.referrals.records_case import Case
from oicdesk.settings.rules import add_working_days, london_day, spoken_day
from oicdesk.ui.detail import Action
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task, exact
from oicdesk.ui.undo import Changing, undoable

_PAUSE_SENTENCE = (
    "A pause moves the dates of chasers and the worked clock. The due time, overdue and on-time stay as they are, and"
    " paused cases are counted in figures and papers."
)
_SNOOZE_SENTENCE = "The case leaves the daily views and is back by itself on that day. It still counts as open."
WHEN = Field("at", "From when", "instant", required=True, help="Now, unless it began earlier.")
UNTIL = Field("until", "Back on", "date", required=True)
WHY_SNOOZED = Field("why", "Why", placeholder="Back from leave on Monday")


class ClockActions:
    """Pause and resume, snooze and bring back, for the case as it stands."""

    def __init__(self, case: Case, now: Clock, *, start: Callable[[Task], None], changing: Changing) -> None:
        self._case, self._now, self._start, self._changing = case, now, start, changing
        self._name = case.reference

    def listed(self) -> list[Action]:
        """Every action that belongs to the case, possible or not."""
        row = self._case.row
        is_open = row.status in rules.OPEN
        why = "" if is_open else "Nothing is waiting for this case."
        return [
            self._action(self._resume(), "Resume…", "refresh-cw")
            if row.is_paused
            else self._action(self._pause(), "Pause…", "hourglass", why),
            self._action(self._snooze(), "Snooze…", "clock", why),
            *([self._action(self._wake(), "End the snooze…", "inbox")] if row.snoozed_until else ()),
        ]

    def _pause(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            at = exact(values["at"], self._now())
            records_clock.pause(session, self._case.id, values["reason"], at=at, now=self._now())
            return f"{self._name} is paused; its due time stays as it is."

        fields = [Field("reason", "Reason", "long", required=True, help="Counted and printed with the figures."), WHEN]
        return self._task("pause", f"Pause {self._name}", "Pause the case", fields, do, self._back_from_pause,
                          {"at": self._now()}, _PAUSE_SENTENCE)  # fmt: skip

    def _resume(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            at = exact(values["at"], self._now())
            records_clock.resume(session, self._case.id, at=at, now=self._now())
            return f"{self._name} goes on; its chasers fall later by the pause."

        return self._task("resume", f"Resume {self._name}", "Resume the case", [WHEN], do, self._back_from_resume,
                          {"at": self._now()})  # fmt: skip

    def _snooze(self) -> Task:
        def do(session: Any, values: dict[str, Any]) -> str:
            records_clock.snooze(session, self._case.id, values["until"], values["why"] or "", now=self._now())
            return f"{self._name} is snoozed until {spoken_day(values['until'])}; it still counts as open."

        return self._task("snooze", f"Snooze {self._name}", "Snooze the case", [UNTIL, WHY_SNOOZED], do,
                          self._back_from_snooze, {"until": self._next_day()}, _SNOOZE_SENTENCE)  # fmt: skip

    def _wake(self) -> Task:
        def do(session: Any, _values: dict[str, Any]) -> str:
            records_clock.wake(session, self._case.id, now=self._now())
            return f"{self._name} is back in the daily views."

        until = self._case.row.snoozed_until
        sentence = f"It would be back by itself on {spoken_day(until)}." if until else ""
        note = Field("why", "Why", help="May stay empty.")
        return self._task("wake", f"End the snooze of {self._name}", "Bring it back", [note], do, self._back_from_wake,
                          {}, sentence)  # fmt: skip

    def _next_day(self) -> date:
        return add_working_days(london_day(self._now()), 1, self._case.desk.holidays)

    # --- ways back

    def _back_from_pause(self, session: Any, _values: dict[str, Any]) -> Callable[[Any], str]:
        pause = records_clock.newest_pause(session, self._case.id)
        return self._back(records_clock.take_back_pause, pause)

    def _back_from_resume(self, session: Any, _values: dict[str, Any]) -> Callable[[Any], str]:
        pause = records_clock.newest_pause(session, self._case.id)
        return self._back(records_clock.take_back_resume, pause)

    def _back_from_snooze(self, session: Any, _values: dict[str, Any]) -> Callable[[Any], str]:
        snooze = records_clock.newest_snooze(session, self._case.id)
        return self._back(records_clock.take_back_snooze, snooze)

    def _back_from_wake(self, session: Any, _values: dict[str, Any]) -> Callable[[Any], str]:
        snooze = records_clock.newest_snooze(session, self._case.id)
        return self._back(records_clock.take_back_wake, snooze)

    def _back(self, take_back: Callable[..., None], key: int) -> Callable[[Any], str]:
        def back(later: Any) -> str:
            take_back(later, key, now=self._now())
            return ""

        return back

    # --- what they share

    def _task(
        self,
        name: str,
        title: str,
        verb: str,
        fields: list[Field],
        do: Callable[[Any, dict[str, Any]], str],
        back_of: Callable[[Any, dict[str, Any]], Callable[[Any], str]],
        values: dict[str, Any],
        sentence: str = "",
    ) -> Task:
        told = undoable(do, title, self._changing, back_of)
        return Task(str(self._case.id), name, title, verb, fields, told, values, sentence)

    def _action(self, task: Task, words: str, icon: str, why: str = "") -> Action:
        return Action(task.name, words, icon, lambda: self._start(task), why)
