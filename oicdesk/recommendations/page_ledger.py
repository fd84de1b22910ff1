"""The ledger on screen: each recommendation and promise with its date, its measure, its evidence and its history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oicdesk.comms.records_evidence import FileRow, read_file
from oicdesk.errors import VaultError
from oicdesk.recommendations import records, records_ledger, rules
from oicdesk.recommendations.page_parts import Clock, View, pill_of
from oicdesk.recommendations.records import EvidenceRow
from oicdesk.recommendations.records_ledger import PromiseRow, RecommendationRow
from oicdesk.recommendations.rules import Standing
from oicdesk.recommendations.rules_measures import Measure, TrainingFacts
from oicdesk.settings.rules import london_day, long_day, short_day, spoken_instant
from oicdesk.ui import messages
from oicdesk.ui.detail import Action
from oicdesk.ui.form import Field
from oicdesk.ui.rows import Column
from oicdesk.vault.vault import Vault

ReadTraining = Callable[[Any, datetime, str], TrainingFacts | None]


@dataclass(frozen=True)
class EntryRow:
    """A line of the ledger: a recommendation, or one of its promises."""

    id: int
    whole: RecommendationRow
    promise: PromiseRow | None

    @property
    def words(self) -> str:
        return self.promise.promised.text if self.promise else self.whole.asked.requirement

    @property
    def standing(self) -> Standing:
        return self.promise.standing if self.promise else self.whole.standing

    @property
    def measure(self) -> Measure:
        return self.promise.measure if self.promise else self.whole.measure

    @property
    def evidence(self) -> tuple[EvidenceRow, ...]:
        return self.promise.evidence if self.promise else self.whole.evidence

    @property
    def code(self) -> str:
        return self.promise.promised.code if self.promise else ""


def _name(row: EntryRow) -> str:
    return row.words if row.promise else f"Recommendation {row.whole.asked.number}"


def _standing(row: EntryRow) -> str:
    return row.standing.headline if row.standing.has_passed else f"so far {row.standing.word}"


COLUMNS = (
    Column("No.", lambda row: "" if row.promise else str(row.whole.asked.number), width=36, spoken=lambda row: ""),
    Column("Recommendation or promise", lambda row: row.words,
           spoken=lambda row: f"{'Promise' if row.promise else _name(row)}: {row.words}", width=236),
    Column("By", lambda row: short_day(row.standing.deadline), width=104),
    Column("Where it stands", _standing, width=292, icon=lambda row: pill_of(row.standing)),
)  # fmt: skip


def entries(ledger: records_ledger.LedgerRow) -> list[EntryRow]:
    """The lines in order: each recommendation, its promises under it."""
    found = []
    for whole in ledger.recommendations:
        base = whole.asked.number * 1000
        found.append(EntryRow(base, whole, None))
        found += [EntryRow(base + place, whole, promise) for place, promise in enumerate(whole.promises, 1)]
    return found


class LedgerView(View):
    """Recommendations and promises; a deadline that passed is always said, whatever the status."""

    def __init__(self, vault: Vault, now: Clock, training: ReadTraining | None) -> None:
        super().__init__(vault, now, "Recommendations and promises", COLUMNS)
        self._training = training

    def rows(self) -> Sequence[EntryRow]:
        as_at = self.now()
        with self.vault.reading() as session:
            facts = self._training(session, as_at, self.force) if self._training else None
            return entries(records_ledger.ledger(session, as_at, self.force, facts))

    def show_row(self, row: EntryRow) -> None:
        promised = row.promise.promised if row.promise else None
        facts = [("Promise" if promised else "Requirement", row.words)]
        if promised:
            facts.append(("Measured by", promised.measure))
        else:
            facts.append(("Status", rules.STATUS_WORDS[row.whole.status]))
        facts.append(("Deadline", long_day(row.standing.deadline)))
        sections = [("What the measure is made of", _figures(row.measure), "Nothing beyond the sentence above.")]
        sections.append(("Evidence", [_evidence_line(one) for one in row.evidence], "No evidence is recorded yet."))
        if not promised:
            sections.append(("History", self._history(row), "The status has not changed yet."))
        heading = f"Promise of recommendation {row.whole.asked.number}" if promised else _name(row)
        self.detail.show_record(
            heading, (pill_of(row.standing), _standing(row)), row.standing.in_words, self._actions(row), facts, sections
        )

    def _history(self, row: EntryRow) -> list[tuple[str, str]]:
        with self.vault.reading() as session:
            found = records.history(session, row.whole.asked.number)
        return [
            (
                f"{spoken_instant(one.at)}, {one.by}",
                f"{rules.STATUS_WORDS[one.from_status]} → {rules.STATUS_WORDS[one.to_status]}"
                + (f": {one.reason}" if one.reason else ""),
            )
            for one in reversed(found)
        ]

    def _actions(self, row: EntryRow) -> list[Action]:
        nothing = "" if row.evidence else "There is no evidence here to withdraw."
        actions = [
            Action("evidence", "Add evidence…", "plus", lambda: self._add_evidence(row)),
            Action("file", "Name a file as evidence…", "file-text", lambda: self._name_file(row)),
            Action("take back", "Withdraw evidence…", "undo-2", lambda: self._withdraw_evidence(row), nothing),
        ]
        if row.promise is None:
            return [
                Action("status", "Change status…", "pencil", lambda: self._move(row), is_next=True),
                *actions,
                Action("promise", "Add a promise…", "plus", lambda: self._add_promise(row)),
            ]
        shipped = "What the force published stays in the ledger." if row.promise.promised.is_shipped else ""
        return [*actions, Action("withdraw", "Withdraw this promise…", "x", lambda: self._withdraw(row), shipped)]

    # -- what is done

    def _move(self, row: EntryRow) -> None:
        number, now = row.whole.asked.number, self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.move(session, number, found["status"], now=now, reason=found["reason"])
            return f"Recommendation {number} is now {rules.STATUS_WORDS[found['status']].lower()}."

        choices = [(code, words) for code, words in rules.STATUS_WORDS.items() if code != row.whole.status]
        fields = [
            Field("status", "New status", "choice", choices, required=True),
            Field("reason", "Reason", "long", help="Needed to go back."),
        ]
        self.ask(f"Change the status of recommendation {number}", fields, "Change status", deed,
                 sentence="It goes on step by step. Its deadline is told the same, whatever the status.")  # fmt: skip

    def _add_evidence(self, row: EntryRow, file: FileRow | None = None) -> None:
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.add_evidence(
                session, row.whole.asked.number, found["what"], found["happened_on"], now=now, promise=row.code,
                shows_met=found["shows_met"], file=file,
            )  # fmt: skip
            return "The evidence is recorded."

        fields = [
            Field("what", "What it shows", "long", required=True),
            Field("happened_on", "Day it is of", "date", required=True),
            Field("shows_met", "It shows that this is met", "check"),
        ]
        sentence = f"Of “{file.name}” the name and the hash are kept; the file stays where it is." if file else ""
        self.ask("Add evidence", fields, "Add evidence", deed, values={"happened_on": london_day(now)},
                 sentence=sentence)  # fmt: skip

    def _name_file(self, row: EntryRow) -> None:
        path = messages.choose_open(self, "Name a file as evidence")
        if path is None:
            return
        try:
            self._add_evidence(row, read_file(path))
        except VaultError as error:
            self.refused.emit(str(error))

    def _withdraw_evidence(self, row: EntryRow) -> None:
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.withdraw_evidence(session, found["evidence"], found["why"], now=now)
            return "The evidence is withdrawn."

        choices = [(one.id, f"{short_day(one.happened_on)}: {one.what}") for one in row.evidence]
        fields = [
            Field("evidence", "Evidence", "choice", choices, required=True),
            Field("why", "Reason", "long", required=True),
        ]
        self.ask("Withdraw evidence", fields, "Withdraw evidence", deed)

    def _add_promise(self, row: EntryRow) -> None:
        number, now = row.whole.asked.number, self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.add_promise(session, number, found["text"], measure=found["measure"], now=now)
            return f"The promise is in the ledger under recommendation {number}."

        fields = [
            Field("text", "What is promised", "long", required=True),
            Field("measure", "Measured by", placeholder="Evidence recorded"),
        ]
        self.ask(f"Add a promise to recommendation {number}", fields, "Add promise", deed)

    def _withdraw(self, row: EntryRow) -> None:
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records.withdraw_promise(session, row.code, found["why"], now=now)
            return "The promise is withdrawn."

        self.ask("Withdraw this promise", [Field("why", "Reason", "long", required=True)], "Withdraw promise", deed)


def _figures(measure: Measure) -> list[tuple[str, str]]:
    """The rows behind a measure, each with its headings."""
    if not measure.rows:
        return []
    header, *rows = measure.rows
    told = []
    for row in rows:
        pairs = zip(header[1:], row[1:], strict=True)
        values = [f"{head} {value:,}" if isinstance(value, int) else f"{head} {value or '–'}" for head, value in pairs]
        told.append((str(row[0]), ", ".join(values)))
    return told


def _evidence_line(one: EvidenceRow) -> tuple[str, str]:
    shows = " Shows that it is met." if one.shows_met else ""
    file = f" File “{one.file_name}”, SHA-256 {one.sha256[:12]}…" if one.file_name else ""
    return f"{long_day(one.happened_on)}, recorded by {one.recorded_by}", f"{one.what}.{shows}{file}"
