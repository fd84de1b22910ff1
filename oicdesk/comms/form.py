"""The forms of an item: writing it, publishing, evaluating, cancelling, evidence; each kept as a draft in the vault."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from oicdesk.comms import records, records_evidence, records_series, rules
from oicdesk.comms.page_parts import Clock, Promise, counted
from oicdesk.comms.records import CampaignRow, ItemRow
from oicdesk.comms.records_evidence import FileRow
from oicdesk.comms.records_library import MESSAGE, TEMPLATE, TextRow
from oicdesk.comms.rules import ItemFacts, Recurrence
from oicdesk.comms.rules_effect import Effect
from oicdesk.errors import Refused
from oicdesk.referrals.rules import ReportedApproval
from oicdesk.settings.rules import add_months, is_working_day, london_day, long_day, spoken_day
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Step, Told, left_the_desk
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault

NEW: Final = "new"
BACK: Final = "Back without saving"
_RECURS: Final = ("recurs", (True,))
_DEPENDS: Final = {"every": _RECURS, "interval": _RECURS, "until": _RECURS, "working_days": _RECURS}
_CHANNELS: Final = tuple(rules.CHANNELS.items())
_FORCES: Final = tuple((scope, "Suffolk and Norfolk" if scope == rules.JOINT else scope) for scope in rules.SCOPES)
_REASON: Final = Field("reason", "Reason", "long", required=True)


class KeptDrafts:
    """The unfinished forms of the user at the desk, each under its own key, in the vault and nowhere else."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        self._vault, self._now = vault, now

    def _key(self, task: Task) -> str:
        return f"comms/{self._vault.user.id}/{task.record}/{task.name}"

    def load(self, task: Task) -> tuple[dict[str, Any], datetime] | None:
        """What was typed, and when it was kept."""
        with self._vault.reading() as session:
            kept = drafts.load(session, self._key(task))
        return None if kept is None else (kept["typed"], datetime.fromisoformat(kept["at"]))

    def save(self, task: Task, typed: dict[str, Any]) -> datetime:
        """Keep what stands in the form now."""
        at = self._now()
        with self._vault.changing() as session:
            drafts.save(session, self._key(task), {"typed": typed, "at": at.isoformat()})
        return at

    def end(self, task: Task) -> None:
        """Drop what was typed."""
        with self.submitting(task):
            pass

    def submitting(self, task: Task) -> AbstractContextManager[Any]:
        """The transaction in which the task is done and its draft ends."""
        return self._submitting(task)

    @contextmanager
    def _submitting(self, task: Task) -> Iterator[Any]:
        with self._vault.changing() as session:
            yield session
            drafts.end(session, self._key(task))


@dataclass(frozen=True)
class Choices:
    """What an item's form offers to choose from."""

    campaigns: Sequence[CampaignRow]
    promises: Sequence[Promise]
    texts: Sequence[TextRow]

    @property
    def recommendations(self) -> list[tuple[int, str]]:
        return [
            (number, f"Recommendation {number}") for number in sorted({one.recommendation for one in self.promises})
        ]

    def of_promise(self, code: str) -> int | None:
        """The recommendation that a promise belongs to."""
        return next((one.recommendation for one in self.promises if one.code == code), None)


def item_fields(choices: Choices) -> dict[str, Field]:
    """Every field of an item by its name."""
    running = [(one.id, one.title) for one in choices.campaigns if one.ended_why is None]
    promises = [(one.code, f"{one.recommendation}: {one.text}") for one in choices.promises]
    found = (
        Field("title", "Title", required=True),
        Field("channel", "Channel", "choice", _CHANNELS, required=True),
        Field("audience", "Audience", placeholder="for example: response teams"),
        Field("force", "For", "choice", _FORCES, required=True),
        Field(
            "message", "Message", "long", help="About the document after a contact; it never urges to refer anybody."
        ),
        Field("campaign_id", "Campaign", "choice", running),
        Field("recommendation", "Recommendation", "choice", choices.recommendations),
        Field("promise", "Promise it serves", "choice", promises),
        Field("owner", "Owner", placeholder="the post, for example OIC Intelligence Officer"),
        Field("planned_on", "Planned day", "date"),
        Field("published_on", "Day of publication", "date"),
        Field("effort_minutes", "Effort in minutes", "whole"),
        Field("reach", "Reach", "whole", help="How many people it reached."),
        Field("reach_basis", "How the reach was counted", placeholder="for example: page views"),
    )
    return {one.name: one for one in found}


_NEW_FIELDS: Final = (
    "title", "channel", "audience", "force", "message", "campaign_id", "recommendation", "promise", "owner",
    "planned_on", "effort_minutes",
)  # fmt: skip


class Tasks:
    """The forms of items; each writes through the records and says what was done."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        self._vault, self._now = vault, now

    # -- writing an item

    def add(self, choices: Choices, values: ItemFacts, note: Callable[[int], None], holidays: frozenset[date]) -> Task:
        """Begin an item, or one that recurs. `note` hears the id of the item, or of the first of a series."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            facts = _facts(typed, choices)
            if typed["recurs"]:
                items = records_series.add_series(session, facts, _rule(facts, typed), now=self._now())[1]
                told = f"{counted(len(items), 'item')} “{facts.title}” are planned, each to be approved on its own."
            else:
                items = [records.add_item(session, facts, now=self._now(), status=typed["status"])]
                told = f"“{facts.title}” is written down as {rules.STATUS_WORDS[typed['status']].lower()}."
            note(items[0])
            return Told(told, self._added(items, facts.title))

        def warn(typed: dict[str, Any]) -> list[str]:
            return day_warnings(typed["planned_on"], london_day(self._now()), holidays)

        start = {name: getattr(values, name) for name in _NEW_FIELDS}
        start |= {
            "status": rules.PLANNED, "every": rules.WEEKLY, "interval": 1, "working_days": True,
            "until": add_months(values.planned_on or london_day(self._now()), 3),
        }  # fmt: skip
        sentence = "A planned item says whom it is for, what it says, who will do it and when; an idea may be less."
        # A draft comes back where it was begun: a talk with a team is not another one's.
        begun = values.title or (f"campaign {values.campaign_id}" if values.campaign_id else "")
        return Task(
            NEW, f"add {begun}".strip(), "New communication", "Add it", _add_fields(choices), do, start, sentence, warn,
            _DEPENDS, back=BACK,
        )  # fmt: skip

    def _added(self, items: Sequence[int], title: str) -> Step:
        """Adding is taken back by cancelling: nothing is wiped."""

        def take_back() -> str:
            with self._vault.changing() as session:
                for item in items:
                    records.cancel(session, item, "taken back right after it was added", now=self._now())
            return "It stays in the list as cancelled."

        what = f"“{title}”" if len(items) == 1 else f"{len(items)} items “{title}”"
        return Step(f"Add {what}", take_back)

    def edit(self, row: ItemRow, choices: Choices) -> Task:
        """Change what the status of an item still lets change."""
        fields = [one for name, one in item_fields(choices).items() if name in rules.EDITABLE[row.status]]
        values = {one.name: getattr(row if one.name == "published_on" else row.facts, one.name) for one in fields}

        def do(session: Any, typed: dict[str, Any]) -> str | Told:
            if "promise" in typed:
                facts = _facts({name: getattr(row.facts, name) for name in _NEW_FIELDS} | typed, choices)
                typed = typed | {"promise": facts.promise, "recommendation": facts.recommendation}
            changed = records.edit_item(session, row.id, typed, now=self._now())
            if not changed:
                return "Nothing was changed."
            told = f"“{row.title}”: {counted(len(changed), 'field')} changed."
            return Told(told, self.edited(row, {name: values[name] for name in changed}, f"Edit “{row.title}”"))

        settled = row.status not in (rules.IDEA, rules.PLANNED)
        sentence = "What was approved does not change any more; the rest does." if settled else ""
        return Task(str(row.id), "edit", f"Edit “{row.title}”", "Save changes", fields, do, values, sentence, back=BACK)

    def edited(self, row: ItemRow, before: dict[str, Any], words: str) -> Step:
        """A change of fields, which is taken back by changing them back."""

        def take_back() -> str:
            with self._vault.changing() as session:
                records.edit_item(session, row.id, before, now=self._now())
            return ""

        return Step(words, take_back)

    # -- what happens to an item

    def publish(self, row: ItemRow) -> Task:
        """Record that it was published."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            records.publish(
                session, row.id, typed["on"], now=self._now(), reach=typed["reach"],
                reach_basis=typed["reach_basis"],
            )  # fmt: skip
            told = f"“{row.title}” was published on {long_day(typed['on'])}; its mark stands on the chart."
            return Told(told, Step(f"Publish “{row.title}”", why_not="it was published; its day can be corrected"))

        known = item_fields(Choices((), (), ()))
        fields = [Field("on", "Day of publication", "date", required=True), known["reach"], known["reach_basis"]]
        return self._task(row, "publish", "Record the publication", "Record it", fields, do,
                          {"on": min(row.facts.planned_on or date.max, london_day(self._now()))})  # fmt: skip

    def report_approval(self, row: ItemRow) -> Task:
        """Record an approval that was given outside the desk."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            records.report_approval(session, row.id, ReportedApproval(**typed), now=self._now())
            told = f"“{row.title}” is approved, as reported from outside; {typed['name']} can confirm it later."
            return Told(told, approved(row))

        fields = [
            Field("name", "Who approved it", required=True),
            Field("role", "In what role", required=True),
            Field("on", "Day", "date", required=True),
            Field("reference", "Where that is written", required=True),
        ]
        sentence = "An approval given outside the desk is marked as reported and counted apart."
        return self._task(row, "report", "Report an approval", "Report it", fields, do,
                          {"on": london_day(self._now())}, sentence)  # fmt: skip

    def evaluate(self, row: ItemRow, effect: Effect) -> Task:
        """Close an item with what was learnt; the verdict as it stands now is kept with it."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            records.evaluate(session, row.id, typed["evaluation"], verdict=effect.verdict, effect=effect.in_words,
                             now=self._now())  # fmt: skip
            told = f"“{row.title}” is evaluated: {effect.verdict}."
            return Told(told, Step(f"Evaluate “{row.title}”", why_not="an evaluation stays on record"))

        fields = [Field("evaluation", "What was learnt", "long", required=True)]
        sentence = f"Kept with it, as it stands now: {effect.in_words}"
        return self._task(row, "evaluate", "Evaluate", "Evaluate it", fields, do, {}, sentence)

    def cancel(self, row: ItemRow) -> Task:
        """Cancel it with the reason."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            records.cancel(session, row.id, typed["reason"], now=self._now())
            told = f"“{row.title}” is cancelled; it stays in the list."
            return Told(told, Step(f"Cancel “{row.title}”", why_not="what is cancelled is planned anew"))

        sentence = "It leaves calendar and chart and stays in the list with the reason."
        return self._task(row, "cancel", "Cancel the item", "Cancel it", [_REASON], do, {}, sentence)

    def evidence(self, row: ItemRow, file: FileRow) -> Task:
        """Name a file as evidence."""

        def do(session: Any, typed: dict[str, Any]) -> str:
            records_evidence.add_evidence(session, row.id, file, note=typed["note"], now=self._now())
            return f"“{file.name}” is named as evidence of “{row.title}”."

        sentence = f"“{file.name}”, {file.size:,} bytes. Only its name, size and hash are kept; the file stays there."
        fields = [Field("note", "What it shows", placeholder="for example: screenshot of the page")]
        return self._task(row, f"evidence-{file.sha256[:12]}", "Name a file as evidence", "Name it", fields, do, {},
                          sentence)  # fmt: skip

    # -- series

    def extend(self, row: ItemRow, until: date) -> Task:
        """Let the series of an item run on."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            items = records_series.extend(session, _series(row), typed["until"], now=self._now())
            told = f"{counted(len(items), 'item')} “{row.title}” more, until {long_day(typed['until'])}."
            return Told(told, self._added(items, row.title))

        sentence = f"It runs until {long_day(until)}. New items say what the newest one says."
        fields = [Field("until", "Until", "date", required=True)]
        return self._task(row, "extend", "Extend the series", "Extend it", fields, do,
                          {"until": add_months(until, 3)}, sentence)  # fmt: skip

    def cancel_rest(self, row: ItemRow) -> Task:
        """Cancel what comes after an item in its series."""

        def do(session: Any, typed: dict[str, Any]) -> Told:
            after = row.facts.planned_on or london_day(self._now())
            items = records_series.cancel_rest(session, _series(row), typed["reason"], after=after, now=self._now())
            told = f"{counted(len(items), 'later item')} of the series cancelled; this one stays."
            words = f"Cancel the rest of “{row.title}”"
            return Told(told, Step(words, why_not="what is cancelled is planned anew"))

        sentence = "Items of this series after this one that were not published yet are cancelled; this one stays."
        return self._task(row, "cancel-rest", "End the series", "Cancel the later items", [_REASON], do, {}, sentence)

    def _task(
        self, row: ItemRow, name: str, title: str, verb: str, fields: Sequence[Field],
        do: Callable[[Any, dict[str, Any]], str | Told], values: dict[str, Any], sentence: str = "",
    ) -> Task:  # fmt: skip
        return Task(str(row.id), name, f"{title}: “{row.title}”", verb, fields, do, values, sentence, back=BACK)


def _add_fields(choices: Choices) -> list[Field]:
    fields = item_fields(choices)
    templates = [(one.code, one.title) for one in choices.texts if one.kind == TEMPLATE]
    words = [(one.code, one.title) for one in choices.texts if one.kind == MESSAGE]
    return [
        Field("template", "Start from a template", "choice", templates),
        *(fields[name] for name in _NEW_FIELDS[:4]),
        Field("words", "Take over words of the library", "choice", words),
        *(fields[name] for name in _NEW_FIELDS[4:]),
        Field("status", "Begin as", "choice", [(rules.IDEA, "Idea"), (rules.PLANNED, "Planned")], required=True),
        Field("recurs", "It recurs", "check"),
        Field("every", "How it recurs", "choice", list(rules.EVERY_WORDS.items())),
        Field("interval", "Every how many weeks or months", "whole"),
        Field("until", "Until", "date", help="Each item of the series is approved on its own."),
        Field("working_days", "Move a day that is no working day to the next that is", "check"),
    ]


def day_warnings(day: date | None, today: date, holidays: frozenset[date]) -> list[str]:
    """What should be looked at before an item is planned on a day."""
    if day is None:
        return []
    found = [f"{spoken_day(day)} has passed already."] if day < today else []
    if not is_working_day(day, holidays):
        found.append(f"{spoken_day(day)} is no working day.")
    return found


def _facts(typed: dict[str, Any], choices: Choices) -> ItemFacts:
    """The item as typed; a promise brings its recommendation along."""
    known = {name: typed[name] for name in _NEW_FIELDS}
    promise = known["promise"] or ""
    own = choices.of_promise(promise) if promise else None
    if own is not None and known["recommendation"] not in (None, own):
        raise Refused("That promise belongs to another recommendation; choose one that fits.", field="promise")
    return ItemFacts(**known | {"promise": promise, "recommendation": known["recommendation"] or own})


def _rule(facts: ItemFacts, typed: dict[str, Any]) -> Recurrence:
    if facts.planned_on is None:
        raise Refused("A series begins on a day; choose the first.", field="planned_on")
    if typed["until"] is None:
        raise Refused("A series ends on a day; choose the last.", field="until")
    return Recurrence(
        typed["every"] or "", facts.planned_on, typed["until"], typed["interval"] or 0, typed["working_days"]
    )


def _series(row: ItemRow) -> int:
    assert row.series_id is not None  # offered for items of a series only
    return row.series_id


def approved(row: ItemRow) -> Step:
    """An approval is another person's, so it is listed and stays."""
    return left_the_desk(f"Approve “{row.title}”", "it is another person's approval")
