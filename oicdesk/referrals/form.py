"""Recording and correcting a contact by form, and where unfinished forms of the queue are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from oicdesk.referrals import records, records_undo, rules
from oicdesk.referrals.records_find import OfficerFinder
from oicdesk.referrals.records_queue import facts_of
from oicdesk.referrals.records_teams import teams
from oicdesk.referrals.rules_people import FREE_TEXT_WARNING
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import beyond_holiday_table, london_day
from oicdesk.ui.form import Field, Suggest, Suggestion
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Changing, Told, reversible
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
NEW_RECORD = "new"  # the record of a task that adds one

LABELS: Mapping[str, str] = {
    "force": "Force",
    "controller_force": "Controller force",
    "contact_at": "Contact with NCCU",
    "contact_at_known": "Contact time",
    "route": "Route",
    "reason": "Contact reason",
    "officer_name": "Reporting officer",
    "officer_collar": "Collar number",
    "officer_rank": "Rank",
    "team": "Team",
    "supervisor": "Supervisor",
    "district": "District",
    "incident_ref": "Incident number",
    "crime_ref": "Crime or custody reference",
    "nccu_ref": "NCCU reference",
    "persons": "Persons",
    "outcome": "Outcome",
    "contact_made_by": "Contact made by",
    "nccu_passed_at": "Passed to NCCU on",
    "nccu_acknowledged_at": "Acknowledged on",
}


def officers_of(vault: Vault, now: Clock) -> Suggest:
    """Offers officers of the directory by name or collar number; choosing one fills in what the directory knows."""
    finder = OfficerFinder()

    def suggest(typed: str) -> list[Suggestion]:
        with vault.reading() as session:
            found = finder.find(session, typed, london_day(now()), 8)
        return [
            Suggestion(
                ", ".join(filter(None, (one.called, one.team, one.force, one.not_there))),
                {
                    "force": one.force, "officer_name": one.name, "officer_collar": one.collar,
                    "officer_rank": one.rank, "team": one.team, "supervisor": one.supervisor,
                },
            )
            for one in found
        ]  # fmt: skip

    return suggest


def teams_of(vault: Vault) -> Suggest:
    """Offers teams that the desk knows by any part of their name, so that none is spelt in two ways."""

    def suggest(typed: str) -> list[Suggestion]:
        with vault.reading() as session:
            known = teams(session)
        words = typed.strip().casefold()
        found = [(force, team) for force, team in known if words in team.casefold()][:8]
        return [Suggestion(", ".join(filter(None, (team, force))), {"team": team}) for force, team in found]

    return suggest


def referral_fields(desk: Reference, suggest: Suggest | None = None) -> list[Field]:
    """What is asked about a contact; whatever is not known yet may stay empty."""

    def choice(name: str, kind: str, **more: Any) -> Field:
        return Field(name, LABELS[name], "choice", desk.choices(kind), **more)

    def text(name: str, **more: Any) -> Field:
        return Field(name, LABELS[name], **more)

    return [
        choice("force", "force", width=220),
        Field("contact_at", LABELS["contact_at"], "instant", help="Local time; the due time runs from it."),
        choice("reason", "contact_reason"),
        choice("route", "route"),
        text("officer_name", placeholder="Marsh, Jo", suggest=suggest,
             help="Name or collar number: the directory fills in the rest."),
        text("officer_collar", width=220, help="A collar number alone is enough to chase.", suggest=suggest),
        text("officer_rank", width=220),
        text("team"),
        text("supervisor"),
        text("district", help="The district is enough; no address."),
        text("incident_ref"),
        text("crime_ref"),
        text("nccu_ref"),
        text("contact_made_by", help="Only if it was not the reporting officer."),
        Field("nccu_passed_at", LABELS["nccu_passed_at"], "instant"),
        Field("nccu_acknowledged_at", LABELS["nccu_acknowledged_at"], "instant"),
        Field("persons", LABELS["persons"], "whole", help="How many people the contact was about."),
        choice("outcome", "outcome"),
        choice("controller_force", "force", width=220, help="Empty means the same force."),
    ]  # fmt: skip


def add_task(
    desk: Reference,
    now: Clock,
    scope: str,
    added: Callable[[int], None],
    changing: Changing,
    suggest: Suggest | None = None,
) -> Task:
    """Record a contact; `added` is told its id."""

    def do(session: Any, values: dict[str, Any]) -> Told:
        facts = {name: value for name, value in values.items() if name != "note"}
        referral_id = records.add(session, _filled(facts), now=now(), desk=desk, note=values["note"] or None)
        added(referral_id)
        made = records.get(session, referral_id)

        def back(later: Any) -> str:
            records_undo.take_back_add(later, referral_id, now=now())
            return ""

        def again(later: Any) -> Told:
            records_undo.put_back_add(later, referral_id, now=now())
            return told

        said = f"{made.reference} is recorded. It stands as: {rules.STATUS_WORDS[made.status].lower()}."
        told = Told(said, reversible(f"Add {made.reference}", changing, back, again))
        return told

    note = Field("note", "Note", "long", help=FREE_TEXT_WARNING)
    force = {} if scope == "Joint" else {"force": scope}
    return Task(
        record=NEW_RECORD, name="add", title="Add a referral", verb="Add the referral",
        fields=[*referral_fields(desk, suggest), note], do=do, warn=lambda values: _warnings(values, desk),
        values={"contact_at": now(), "persons": 1, **force},
        sentence="One contact with NCCU about one case. What is not known yet may stay empty.",
    )  # fmt: skip


def edit_task(
    referral_id: int,
    reference: str,
    facts: Mapping[str, Any],
    desk: Reference,
    now: Clock,
    changing: Changing,
    suggest: Suggest | None = None,
) -> Task:
    """Correct the facts of a contact; `facts` as `records_queue.facts_of` gives them."""

    def correct(session: Any, values: dict[str, Any]) -> list[str]:
        return records.edit(session, referral_id, _changes(facts, _filled(values)), now=now())

    do = correcting(referral_id, reference, f"Edit {reference}", correct, now, changing)
    return Task(
        record=str(referral_id), name="edit", title=f"Edit {reference}", verb="Save the facts",
        fields=referral_fields(desk, suggest), do=do, warn=lambda values: _warnings(values, desk),
        values={name: facts[name] for name in LABELS if name in facts and name != "contact_at_known"},
    )  # fmt: skip


def correcting(
    referral_id: int, reference: str, words: str, correct: Callable[[Any, dict[str, Any]], list[str]], now: Clock,
    changing: Changing,
) -> Callable[[Any, dict[str, Any]], "str | Told"]:  # fmt: skip
    """A deed that corrects facts of a contact by `correct`, which answers with the names of those that changed."""

    def do(session: Any, values: dict[str, Any]) -> str | Told:
        before, stood = facts_of(session, referral_id), records_undo.newest_move(session, referral_id)
        changed = correct(session, values)
        if not changed:
            return f"Nothing of {reference} was different."
        after, stands = facts_of(session, referral_id), records_undo.newest_move(session, referral_id)
        touched = [name for name in after if name != "contact_at_known" and before[name] != after[name]]

        def back(later: Any) -> None:
            records_undo.take_back_edit(
                later, referral_id, {name: before[name] for name in touched}, {name: after[name] for name in touched},
                now=now(), moved=stands if stands != stood else None,
            )  # fmt: skip

        said = f"{reference} is corrected: {', '.join(LABELS[name].lower() for name in changed)}."
        return Told(said, reversible(words, changing, back, lambda later: do(later, values)))

    return do


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in values.items()}


def _changes(facts: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What differs. A box shows minutes, so a time that was not touched keeps its seconds."""
    changes = {name: value for name, value in values.items() if value != facts[name]}
    old, new = facts["contact_at"], changes.get("contact_at")
    if old is not None and new is not None and old.replace(second=0, microsecond=0) == new:
        del changes["contact_at"]
    for name in ("nccu_passed_at", "nccu_acknowledged_at"):
        was, told = facts[name], changes.get(name)
        if was is not None and told is not None and was.replace(second=0, microsecond=0) == told:
            del changes[name]
    if changes.get("persons", 0) is None:
        del changes["persons"]
    return changes


def _warnings(values: Mapping[str, Any], desk: Reference) -> list[str]:
    found = rules.referral_warnings(rules.ReferralFacts(location=values["district"]))
    if values["contact_at"] is not None:
        beyond = beyond_holiday_table(london_day(values["contact_at"]), desk.holidays)
        found += [beyond] if beyond else []
    return found


# --- unfinished forms --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnfinishedRow:
    """A form that was begun: of which record ("new" for none), which task, since when."""

    record: str
    name: str
    title: str
    at: datetime


class KeptDrafts:
    """The unfinished forms of the user at the desk, in the vault and nowhere else.

    What was typed about people is kept apart and read back only inside `consulting`.
    """

    def __init__(self, vault: Vault, now: Clock) -> None:
        self._vault, self._now = vault, now
        self._key = f"queue/{vault.user.id}"
        with vault.reading() as session:
            self._kept: dict[str, dict[str, Any]] = drafts.load(session, self._key) or {}

    def unfinished(self) -> list[UnfinishedRow]:
        """What was begun, newest first."""
        rows = [
            UnfinishedRow(record, name, one["title"], datetime.fromisoformat(one["at"]))
            for record, tasks in self._kept.items()
            for name, one in tasks.items()
        ]
        return sorted(rows, key=lambda row: row.at, reverse=True)

    def load(self, task: Task) -> tuple[dict[str, Any], datetime] | None:
        """What was typed, and when it was kept."""
        found = self._kept.get(task.record, {}).get(task.name)
        if found is None:
            return None
        typed = found["typed"]
        if task.has_people:
            with self._vault.consulting("an unfinished form", referral=int(task.record)) as session:
                typed = drafts.load(session, self._people_key(task))
        return (typed, datetime.fromisoformat(found["at"])) if typed is not None else None

    def save(self, task: Task, typed: dict[str, Any]) -> datetime:
        """Keep what stands in the form now."""
        at, kept = self._now(), deepcopy(self._kept)
        one = {"title": task.title, "at": at.isoformat(), "typed": None if task.has_people else typed}
        kept.setdefault(task.record, {})[task.name] = one
        with self._vault.changing() as session:
            drafts.save(session, self._key, kept)
            if task.has_people:
                drafts.save(session, self._people_key(task), typed)
        self._kept = kept
        return at

    def end(self, task: Task) -> None:
        """Drop what was typed."""
        with self.submitting(task):
            pass

    def drop(self, row: UnfinishedRow) -> None:
        """Drop an unfinished form without opening it."""
        self.end(Task(row.record, row.name, "", "", (), lambda _session, _values: ""))

    def submitting(self, task: Task) -> AbstractContextManager[Any]:
        """The transaction in which the task is done and its draft ends."""
        return self._submitting(task)

    @contextmanager
    def _submitting(self, task: Task) -> Iterator[Any]:
        kept = deepcopy(self._kept)
        kept.get(task.record, {}).pop(task.name, None)
        kept = {record: tasks for record, tasks in kept.items() if tasks}
        with self._vault.changing() as session:
            yield session
            if kept != self._kept:
                drafts.save(session, self._key, kept) if kept else drafts.end(session, self._key)
                drafts.end(session, self._people_key(task))
        self._kept = kept

    def _people_key(self, task: Task) -> str:
        return f"{self._key}/people/{task.record}/{task.name}"


def tasks_of(rows: Sequence[UnfinishedRow], record: int) -> list[UnfinishedRow]:
    """The unfinished forms of one referral."""
    return [row for row in rows if row.record == str(record)]
