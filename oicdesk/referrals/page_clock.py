"""The clocks of a case in words: each date beside the rule that gives it."""

from datetime import datetime

from oicdesk.referrals import rules
from oicdesk.referrals.records_case import Case, Clocks
from oicdesk.settings.rules import END_OF_NEXT_WORKING_DAY, spoken_day, spoken_deadline, spoken_instant
from oicdesk.ui.detail import Facts, Section


class ClockSection(Section):
    """How old the case is by both clocks, when what falls and by which rule, and its pauses."""

    def __init__(self) -> None:
        super().__init__("Clocks")
        self.facts = Facts()
        self.body.addWidget(self.facts)

    def show_case(self, case: Case, now: datetime) -> None:
        """Show the clocks of this case."""
        self.facts.show_facts(clock_facts(case, now))


def clock_facts(case: Case, now: datetime) -> list[tuple[str, str]]:
    """(what, date and rule) for every clock of a case; a chaser already past, or not needed, is left out."""
    clocks, row = case.clocks, case.row
    days = _count(clocks.working_days, "working day")
    left_out = f", {_count(clocks.paused_days, 'paused working day')} left out" if clocks.paused_days else ""
    facts = [
        ("Elapsed", f"{clocks.elapsed} since {'the contact' if row.contact_at_known else 'it was recorded'}"),
        ("Worked", f"{days}{left_out}"),
        ("Document due", "" if row.due_at is None else f"{spoken_deadline(row.due_at)}: {due_rule_words(clocks)}"),
    ]
    if row.status in rules.NEEDS_DOCUMENT:
        facts += [_step(*step) for step in clocks.steps]
    if clocks.correction_due is not None:
        rule = f"{_count(clocks.correction_days, 'working day')} after the return"
        facts.append(("Correction due", f"{spoken_deadline(clocks.correction_due)}: {rule}"))
    if row.snoozed_until is not None:
        facts.append(("Snoozed", f"until {spoken_day(row.snoozed_until)}, then back by itself"))
    return [*facts, *_pauses(case)]


def due_rule_words(clocks: Clocks) -> str:
    """The rule that gave the due time."""
    if clocks.due_rule.kind == END_OF_NEXT_WORKING_DAY:
        return f"the end of the working day after {clocks.ran_from}"
    return f"{_count(clocks.due_rule.hours, 'hour')} after {clocks.ran_from}"


def _span(hours: int) -> str:
    """From four whole days on, days: nobody thinks in 168 hours."""
    return _count(hours // 24, "day") if hours >= 96 and hours % 24 == 0 else _count(hours, "hour")


def _step(hours: int, to: str, at: datetime, moved: bool) -> tuple[str, str]:
    verb = "Tell" if to == rules.INSPECTOR else "Chase"
    late = ", later by the pause" if moved else ""
    return f"{verb} the {to}", f"{spoken_instant(at)}: {_span(hours)} after due{late}"


def _pauses(case: Case) -> list[tuple[str, str]]:
    found = []
    for pause in case.pauses:
        span = f"since {spoken_instant(pause.since)}"
        if pause.until is not None:
            span = f"{spoken_instant(pause.since)} to {spoken_instant(pause.until)}"
        found.append(("Paused", f"{span}, by {pause.by}: {pause.reason}"))
    return found


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
