"""One person in place: where they stand, what they completed, what they were left out of, and how they moved."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day, short_day, spoken_instant
from oicdesk.training import form, records, records_completions, records_exclusions, records_people, rules
from oicdesk.training.page_parts import (
    PILLS,
    Clock,
    Scope,
    View,
    column_of,
    row_of,
    scrolled,
    standing_text,
    standing_words,
)
from oicdesk.training.records_completions import MatchRow
from oicdesk.training.records_matrix import Matrix, MatrixFilter, MatrixRow
from oicdesk.training.records_people import LearnerRow
from oicdesk.training.records_reminders import reminders
from oicdesk.training.rules import Stint
from oicdesk.ui import theme
from oicdesk.ui.detail import Facts, Flow, Section, empty, text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, IconButton, Pill, Words
from oicdesk.vault.vault import Vault

_MOST = 100_000
_FACT_WORDS = {
    "forename": "forename", "surname": "surname", "collar": "collar number", "force": "force", "team": "team",
    "rank": "rank", "role_group": "role group", "absence": "absence", "supervisor": "supervisor",
}  # fmt: skip


class PersonPane(View):
    """The history of one person, and what can be recorded about them."""

    closed = Signal()
    remind_asked = Signal(int)

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self.learner_id: int | None = None
        self._row: LearnerRow | None = None
        self.heading = Words("", "section")
        self.heading.setWordWrap(True)
        self.heading.setAccessibleName("Person")
        self.close_button = IconButton("x", "Close the history (Esc)")
        self.record = Button("Add a completion…", "plain", "plus")
        self.exclude = Button("Leave out…", "plain", "circle-slash")
        self.change = Button("Add a change…", "plain", "pencil")
        self.remind = Button("Remind…", "plain", "send")
        self.take_back = Button("Take one back…", "quiet")
        self.end = Button("End one…", "quiet")
        self.facts = Facts()
        self.standings = Section("Courses")
        self.waiting = Section("Waiting to be confirmed")
        self.completions = Section("Completions", self.take_back)
        self.exclusions = Section("Left out", self.end)
        self.moves = Section("Moves and changes")
        self.reminders = Section("Reminders")
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        buttons = QWidget()
        flow = Flow(buttons)
        for button in (self.record, self.exclude, self.change, self.remind):
            flow.addWidget(button)
        head = row_of(self.heading, stretch=False)
        head.addWidget(self.close_button)
        head.setStretch(0, 1)
        inner = QWidget()
        sections = (self.waiting, self.standings, self.completions, self.exclusions, self.moves, self.reminders)
        column = column_of(inner, buttons, self.facts, *sections, gap=theme.GAP)
        column.setContentsMargins(theme.GAP, 0, theme.GRID, theme.GAP)
        column.addStretch(1)
        whole = column_of(self, head, scrolled(inner))
        head.setContentsMargins(theme.GAP, 0, 0, 0)
        whole.setStretch(1, 1)

    def _listen(self) -> None:
        self.close_button.clicked.connect(self.closed)
        self.record.clicked.connect(self._record)
        self.exclude.clicked.connect(self._exclude)
        self.change.clicked.connect(self._change)
        self.take_back.clicked.connect(self._take_back)
        self.end.clicked.connect(self._end)
        self.remind.clicked.connect(lambda: self.remind_asked.emit(self.learner_id))

    # --- what is shown

    def show_person(self, learner_id: int, scope: Scope) -> None:
        """Read this person as at the scope's day and show them."""
        self.learner_id = learner_id
        self.refresh(scope)

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        if self.learner_id is None:
            return
        try:
            self._read(self.learner_id)
        except Refused as refusal:
            self.learner_id = None
            self.refused.emit(str(refusal))
            self.closed.emit()

    def _read(self, learner_id: int) -> None:
        with self.vault.reading() as session:
            row = records_people.learner(session, learner_id)
            self._done = records_completions.completions_of(session, learner_id)
            self._left_out = records_exclusions.exclusions_of(session, learner_id)
            sent = reminders(session, learner_id)
            titles = records.titles(session)
            found = Matrix(session, self.scope.day, MatrixFilter(words=row.staff_number)).page(0, 50)
            waiting = _waiting_for(session, learner_id)
        self._row = row
        self.heading.setText(row.name)
        self._show_facts(row)
        self._show_standings(next((one for one in found if one.id == learner_id), None), titles)
        self._show_waiting(waiting)
        self.completions.show_lines([_completion_lines(one) for one in self._done], "Nothing completed so far.")
        self.take_back.setVisible(any(one.withdrawn_why is None for one in self._done))
        self.exclusions.show_lines([_exclusion_lines(one) for one in self._left_out], "Not left out of anything.")
        self.end.setVisible(bool(self._left_out))
        self.moves.show_lines(_moves(row.stints, row), "Nothing changed so far.")
        self.reminders.show_lines(
            [(f"{spoken_instant(one.at)}, {one.by}, by {one.channel}", f"To {one.recipient}: {', '.join(one.courses)}")
             for one in sent], "None so far.",
        )  # fmt: skip

    def _show_facts(self, row: LearnerRow) -> None:
        facts = _on(row.stints, self.scope.day).facts
        self.facts.show_facts(
            [
                ("Staff number", row.staff_number), ("Collar number", facts.get("collar") or ""),
                ("Force", facts["force"]), ("Team", facts.get("team") or "not recorded"),
                ("Rank", facts.get("rank") or ""), ("Role group", facts.get("role_group") or "not recorded"),
                ("Supervisor", facts.get("supervisor") or ""), ("Absent", facts.get("absence") or ""),
                ("First day", short_day(row.started_on) if row.started_on else ""),
                ("Last day", short_day(row.left_on) if row.left_on else ""),
            ]
        )  # fmt: skip

    def _show_standings(self, row: MatrixRow | None, titles: dict[str, str]) -> None:
        if row is None:
            self.standings.show_lines([], f"Not in service on {short_day(self.scope.day)}.")
            return
        empty(self.standings.body)
        for code, standing in row.standings.items():
            if standing.state == rules.NOT_REQUIRED and standing.done_on is None:
                continue
            name = Words(titles.get(code, code), "base", "secondary")
            name.setFixedWidth(theme.px(128))
            name.setWordWrap(True)
            pill = PILLS.get(standing.state)
            told: QWidget
            if pill is not None and standing.done_on is None and standing.state == rules.MISSING:
                told = Pill(pill, standing_text(standing))
            else:
                told = text(standing_words(standing))
            line = row_of(name, told, stretch=isinstance(told, Pill))
            if not isinstance(told, Pill):
                line.setStretch(1, 1)
            self.standings.body.addLayout(line)

    def _show_waiting(self, rows: Sequence[MatchRow]) -> None:
        self.waiting.setVisible(bool(rows))
        empty(self.waiting.body)
        for row in rows:
            words = text(f"{row.course}, {short_day(row.done_on)}: “{row.name}”, {row.number}. {row.reason}")
            yes = Button("It is theirs", "plain", "check")
            no = Button("Nobody's…", "quiet")
            yes.setAccessibleName(f"{row.course} is theirs")
            no.setAccessibleName(f"{row.course} belongs to nobody…")
            yes.clicked.connect(lambda _=False, i=row.id: self._confirm(i))
            no.clicked.connect(lambda _=False, i=row.id: self._dismiss(i))
            self.waiting.body.addWidget(words)
            self.waiting.body.addLayout(row_of(yes, no))

    # --- what is done

    def _confirm(self, match_id: int) -> None:
        def deed(session: Any) -> str:
            assert self.learner_id is not None
            records_completions.confirm(session, [match_id], self.learner_id, now=self.now())
            return "The completion is confirmed and counts from its day."

        self.do(deed)

    def _dismiss(self, match_id: int) -> None:
        self.ask("Belongs to nobody on the roster", [Field("why", "Why", "long", required=True)], "Set it aside",
                 lambda session, values: _dismissed(session, match_id, values["why"], self.now()))  # fmt: skip

    def _courses(self) -> list[tuple[str, str]]:
        with self.vault.reading() as session:
            return list(records.titles(session).items())

    def _record(self) -> None:
        self.ask(f"Record a completion of {self._name()}", form.completion_fields(self._courses()), "Record it",
                 lambda session, values: form.record_completion(session, self._id(), values, self.now()))  # fmt: skip

    def _exclude(self) -> None:
        with self.vault.reading() as session:
            reasons = reference(session).choices(records_exclusions.EXCLUSION_REASON)
        self.ask(
            f"Leave {self._name()} out", form.exclusion_fields(self._courses(), reasons), "Leave out",
            lambda session, values: form.leave_out(session, self._id(), values, self.now()),
            values={"from_on": london_day(self.now())},
        )  # fmt: skip

    def _change(self) -> None:
        assert self._row is not None
        with self.vault.reading() as session:
            forces = reference(session).choices("force")
        facts = self._row.stints[-1].facts
        self.ask(
            f"Record a change of {self._name()}", form.change_fields(forces), "Record the change",
            lambda session, values: form.change_person(session, self._id(), values),
            values={**facts, "on": london_day(self.now()), "left_on": self._row.left_on},
            sentence="What held before stays in the history; figures of earlier days do not change.",
        )  # fmt: skip

    def _take_back(self) -> None:
        rows = [one for one in self._done if one.withdrawn_why is None]
        self.ask("Take a completion back", form.take_back_fields(rows), "Take it back",
                 lambda session, values: form.take_back(session, values, self.now()))  # fmt: skip

    def _end(self) -> None:
        self.ask("End an exclusion", form.end_exclusion_fields(self._left_out), "End it",
                 lambda session, values: form.end_exclusion(session, values, self.now()))  # fmt: skip

    def _id(self) -> int:
        assert self.learner_id is not None
        return self.learner_id

    def _name(self) -> str:
        return self._row.name if self._row is not None else ""

    # --- for the page

    def first_focus(self) -> QWidget:
        return self.record


def _waiting_for(session: Any, learner_id: int) -> list[MatchRow]:
    """What waits and may be this person's. Matching reads the whole roster, so only where something waits."""
    if not records_completions.waiting_count(session):
        return []
    rows = records_completions.waiting(session, limit=_MOST)
    return [one for one in rows if learner_id in dict(one.suggestions)]


def _dismissed(session: Any, match_id: int, why: str, now: Any) -> str:
    records_completions.dismiss(session, [match_id], why, now=now)
    return "Set aside; it is never counted."


def _on(stints: Sequence[Stint], day: Any) -> Stint:
    """The stint of that day, else the one nearest to it."""
    held = [stint for stint in stints if stint.valid_from <= day]
    return held[-1] if held else stints[0]


def _completion_lines(row: records_completions.CompletionRow) -> tuple[str, str]:
    above = f"{short_day(row.done_on)} · {row.source}" + (f" · {row.evidence}" if row.evidence else "")
    words = row.course if row.withdrawn_why is None else f"{row.course} – taken back: {row.withdrawn_why}"
    return above, words


def _exclusion_lines(row: records_exclusions.ExclusionRow) -> tuple[str, str]:
    until = f" to {short_day(row.to_on)}" if row.to_on else " until ended"
    return f"{short_day(row.from_on)}{until} · agreed by {row.approved_by}", f"{row.course}: {row.reason}. {row.why}"


def _moves(stints: Sequence[Stint], row: LearnerRow) -> list[tuple[str, str]]:
    """What changed when, newest first."""
    lines = [(short_day(stints[0].valid_from), _first(stints[0]))]
    for before, after in pairwise(stints):
        if before.valid_to is not None and before.valid_to < after.valid_from:
            lines.append((short_day(before.valid_to), "Out of service"))
        changed = [
            f"{_FACT_WORDS[name]} {after.facts.get(name) or 'none'} (was {before.facts.get(name) or 'none'})"
            for name in _FACT_WORDS
            if after.facts.get(name) != before.facts.get(name)
        ]
        said = "; ".join(changed)
        lines.append((short_day(after.valid_from), said[:1].upper() + said[1:] or "Back in service"))
    if row.left_on is not None:
        lines.append((short_day(row.left_on), "Last day of service"))
    return lines[::-1]


def _first(stint: Stint) -> str:
    parts = [stint.facts.get(name) for name in ("force", "team", "rank", "role_group")]
    return "Known from here: " + ", ".join(part for part in parts if part)
