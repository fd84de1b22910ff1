"""Which columns of a roster mean what, and how its rows become people and changes to people."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import london_day, short_day
from oicdesk.sheets.cells import quoted
from oicdesk.sheets.dry_run import ALREADY_THERE, NEW, PROBLEM, UPDATE, Cells, CheckedRow, DryRun, dry_run
from oicdesk.sheets.mapping import Mapping as ColumnMapping
from oicdesk.sheets.mapping import Target
from oicdesk.training import records, records_imports, records_people, rules
from oicdesk.training.records_imports import ChangedLearner
from oicdesk.training.records_people import KnownLearner, RosterEntry
from oicdesk.training.rules import Stint, fold
from oicdesk.training.rules_completions import split_name
from oicdesk.training.sheet import limits as limits  # the same name in every sheet module

KIND = records_imports.LEARNERS
TITLE = "Import a roster"
_WORDS = {
    "team": "team", "rank": "rank", "role_group": "role group", "absence": "absence", "collar": "collar number",
    "supervisor": "supervisor", "force": "force", "forename": "forename", "surname": "surname",
    "started_on": "first day", "left_on": "last day",
}  # fmt: skip


@dataclass(frozen=True)
class Imported:
    """What an import did; rows = blank + imported + changed + already_there + problems."""

    batch_id: int | None
    rows: int
    blank: int
    imported: int
    changed: int
    already_there: int
    problems: int
    warnings: int

    def counts(self) -> dict[str, int]:
        """The counts in the shape of `oicdesk import learners --json`."""
        names = ("rows", "blank", "imported", "changed", "already_there", "problems", "warnings")
        return {name: getattr(self, name) for name in names}


def targets(session: Session, desk: Reference) -> list[Target]:
    """What a roster can tell."""
    forces: dict[str, Any] = {"values": dict(desk.choices("force")), "value_synonyms": desk.synonyms("force")}
    return [
        Target(
            "staff_number",
            "Staff number",
            True,
            ("Staff No", "Employee ID", "Employee number", "Payroll number", "Warrant number", "Personnel number"),
        ),
        Target("surname", "Surname", True, ("Last name", "Family name"), unless="name"),
        Target("forename", "Forename", True, ("First name", "Given name", "Known as"), unless="name"),
        Target("name", "Name", False, ("Full name", "Employee name")),
        Target("force", "Force", True, ("Constabulary", "Police force"), **forces),
        Target("team", "Team", False, ("Unit", "Department", "Posting")),
        Target("rank", "Rank", False, ("Grade", "Rank or grade")),
        Target("role_group", "Role group", False, ("Role", "Job family", "Function")),
        Target("collar", "Collar number", False, ("Collar", "Collar no", "Shoulder number")),
        Target("supervisor", "Supervisor", False, ("Line manager", "Sergeant", "Manager")),
        Target("started_on", "First day", False, ("Start", "Start date", "Joined", "Date joined"), "date"),
        Target(
            "left_on", "Last day", False, ("Leave", "Leave date", "Leaver", "Leaving date", "Left", "End date"), "date"
        ),
        Target("absence", "Absence", False, ("Absent", "Absence reason", "Absence type")),
        Target(
            "changed_on",
            "In this role since",
            False,
            ("Role from", "In role since", "Effective from", "Posting date"),
            "date",
        ),
    ]


def parser(spellings: Mapping[str, Mapping[str, str]], today: date) -> Callable[[Cells], RosterEntry]:
    """A function that reads one row as a person; `spellings` are the words the desk uses already, by fold."""

    def parse(cells: Cells) -> RosterEntry:
        forename, surname = _name(cells)
        facts: dict[str, Any] = {"forename": forename, "surname": surname, "force": cells.code("force")}
        if not cells.text("force") and not cells.problems:
            cells.problem("Force is missing.")
        for name in ("team", "rank", "role_group", "collar", "supervisor"):
            text = " ".join(cells.text(name).split())
            if name == "collar":
                text = text.upper()
            if text:
                facts[name] = spellings.get(name, {}).get(fold(text), text)
        started, left, changed = cells.date("started_on"), cells.date("left_on"), cells.date("changed_on")
        # Of somebody who has left a roster still tells an absence, but not when it was.
        if "absence" in cells and (left is None or left >= today):
            facts["absence"] = " ".join(cells.text("absence").split()) or None
        _check_days(cells, started, left)
        told = frozenset(name for name in ("started_on", "left_on") if name in cells)
        return RosterEntry(cells.text("staff_number").upper(), facts, started, left, changed, told)

    return parse


def _name(cells: Cells) -> tuple[str, str]:
    forename, surname = (" ".join(cells.text(name).split()) for name in ("forename", "surname"))
    if "name" in cells and not (forename and surname):
        forename, surname = split_name(" ".join(cells.text("name").split()))
        if not forename or not surname:
            cells.problem("The name needs a forename and a surname; write it as Surname, Forename.")
    return forename, surname


def _check_days(cells: Cells, started: date | None, left: date | None) -> None:
    if started and left and left < started:
        cells.problem(f"The last day ({short_day(left)}) lies before the first ({short_day(started)}); check both.")
    if "started_on" in cells and started is None and not cells.problems:
        cells.warn("The first day is blank, so a new person counts from the day of this roster.")


@dataclass
class _Plan:
    """What a valid row would do: the new person, or the known one and their history after it."""

    entry: RosterEntry
    known: KnownLearner | None = None
    stints: tuple[Stint, ...] = ()


def check(
    session: Session,
    sheet: Any,
    mapping: ColumnMapping,
    desk: Reference,
    *,
    now: datetime,
    progress: Callable[[float, str], None] | None = None,
) -> DryRun:
    """Every row parsed and compared with the roster and with the other rows; nothing is written."""
    on = london_day(now)
    parse = parser(_spellings(session), on)
    run = dry_run(sheet, mapping, parse, targets=targets(session, desk), progress=progress)
    _settle_repeats(run)
    rows = run.with_state(NEW)
    known = records_people.known_learners(session, (row.record.key for row in rows))
    for row in rows:
        there = known.get(row.record.key)
        try:
            if there is None:
                records_people.entry_stints(row.record, on=on)
                row.record = _Plan(row.record)
            else:
                _compare(row, there, on)
        except Refused as refusal:
            _refuse(row, str(refusal))
    return run


def _spellings(session: Session) -> dict[str, dict[str, str]]:
    """Words of rules and of the roster, so that another case or accent is not another team."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name, values in records_people.values_in_use(session).items():
        for value in values:
            found[name].setdefault(fold(value), value)
    for rule in records.relevance(session).values():
        for name, allowed in (("role_group", rule.role_groups), ("rank", rule.ranks), ("team", rule.teams)):
            for value in allowed or ():
                found[name][fold(value)] = value
    return found


def _settle_repeats(run: DryRun) -> None:
    """The same row twice is one person; one staff number with two people is none."""
    groups: dict[str, list[CheckedRow]] = defaultdict(list)
    for row in run.valid:
        groups[row.record.key].append(row)
    for rows in groups.values():
        first = rows[0]
        if all(row.record == first.record for row in rows):
            for row in rows[1:]:
                row.state, row.note = ALREADY_THERE, f"The same person stands on line {first.line.number}."
            continue
        for row in rows:
            others = [other for other in rows if other is not row]
            _refuse(row, _repeat_sentence(row, others))


def _repeat_sentence(row: CheckedRow, others: list[CheckedRow]) -> str:
    lines = rules.listed(str(other.line.number) for other in others)
    number = row.record.staff_number
    where = f"line {lines}" if len(others) == 1 else f"lines {lines}"
    mine = {fold(row.record.facts[name]) for name in ("forename", "surname")}
    theirs = [{fold(other.record.facts[name]) for name in ("forename", "surname")} for other in others]
    if all(one == mine for one in theirs):
        return f"The staff number {number} stands with other details on {where}; keep the row that holds."
    return f"The staff number {number} belongs to another person on {where}; find out whose it is."


def _refuse(row: CheckedRow, sentence: str) -> None:
    row.state, row.problems = PROBLEM, (*row.problems, sentence)


def _compare(row: CheckedRow, known: KnownLearner, on: date) -> None:
    entry: RosterEntry = row.record
    names = _former_names(known)
    mine = fold(entry.facts["forename"]), fold(entry.facts["surname"])
    if mine[0] not in names[0] and mine[1] not in names[1]:
        shown = f"{known.facts['surname']}, {known.facts['forename']}"
        raise Refused(f"The staff number {entry.staff_number} is {shown}'s on the roster; find out whose it is.")
    row.record = _Plan(entry, known)
    changed = records_people.differences(known, entry)
    if not changed:
        row.state, row.note = ALREADY_THERE, "Already there."
        return
    row.record.stints = tuple(records_people.changed_stints(known, entry, on=on))
    row.state = UPDATE
    row.note = f"Changes: {'; '.join(_difference(name, known, entry) for name in changed)}."
    if {"forename", "surname"} & set(changed):
        row.warnings += (
            f"The name changes from {known.facts['surname']}, {known.facts['forename']};"
            " make sure that it is the same person.",
        )


def _former_names(known: KnownLearner) -> tuple[set[str], set[str]]:
    return (
        {fold(stint.facts["forename"]) for stint in known.stints},
        {fold(stint.facts["surname"]) for stint in known.stints},
    )


def _difference(name: str, known: KnownLearner, entry: RosterEntry) -> str:
    if name in ("started_on", "left_on"):
        old, new = getattr(known, name), getattr(entry, name)
        old, new = (day and short_day(day) for day in (old, new))
    else:
        old, new = known.facts[name], entry.facts[name]
    told = quoted(new) if new else "none"
    return f"{_WORDS[name]} {told}" + (f" (was {quoted(old)})" if old else "")


def found(run: DryRun, batch_id: int | None = None, *, apply_updates: bool = True) -> Imported:
    """What a dry run found, as the counts of the import that it would be or was."""
    counts = run.counts()
    changed = len(run.with_state(UPDATE))
    there = len(run.with_state(ALREADY_THERE)) + (0 if apply_updates else changed)
    return Imported(
        batch_id, counts["rows"], counts["blank"], len(run.with_state(NEW)), changed if apply_updates else 0, there,
        len(run.problems), counts["warnings"],
    )  # fmt: skip


def write(
    session: Session,
    run: DryRun,
    *,
    file_name: str,
    file_sha256: str,
    now: datetime,
    all_or_nothing: bool = False,
    apply_updates: bool = True,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> Imported:
    """Write new people and what changed about known ones, in the caller's transaction.

    Importing a file again that changes nothing writes nothing.
    """
    told = found(run, apply_updates=apply_updates)
    if all_or_nothing:
        run.refuse_problems()
    changed = run.with_state(UPDATE) if apply_updates else []
    new = [row.record.entry for row in run.with_state(NEW)]
    plans = [row.record for row in run.with_state(ALREADY_THERE) if isinstance(row.record, _Plan)]
    same = [plan.known.id for plan in plans if plan.known is not None]
    is_again = not new and not changed and (not same or records_imports.is_known_file(session, KIND, file_sha256))
    if is_again:
        return told
    changes = [ChangedLearner(row.record.known, row.record.entry, row.record.stints) for row in changed]
    batch_id = records_imports.write_learners(
        session, new, changes, same,
        file_name=file_name, file_sha256=file_sha256, told=told.counts(), on=london_day(now), now=now,
        progress=progress,
    )  # fmt: skip
    return replace(told, batch_id=batch_id)


def undo(session: Session, batch_id: int, *, now: datetime) -> records_imports.Undone:
    """Take an import back."""
    return records_imports.undo(session, batch_id, now=now)
