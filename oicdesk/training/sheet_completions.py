"""Which columns of a learning system's export mean what, and where each of its rows goes.

The order of tests: blank → not a completion → date → the very same row already there → whose it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.settings.records import Reference
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.sheets.dry_run import ALREADY_THERE, NEW, PROBLEM, Cells, CheckedRow, DryRun, dry_run
from oicdesk.sheets.mapping import Mapping as ColumnMapping
from oicdesk.sheets.mapping import Target
from oicdesk.training import records, records_completions, records_imports, records_people
from oicdesk.training.records_imports import CompletionToWrite
from oicdesk.training.rules import fold
from oicdesk.training.rules_completions import (
    COMPLETED,
    NUMBER_EXACT,
    STATUS_WORDS,
    UNKNOWN,
    CompletionFacts,
    Match,
    Roster,
    match,
    split_name,
)
from oicdesk.training.sheet import limits as limits  # the same name in every sheet module

KIND = records_imports.COMPLETIONS
TITLE = "Import completions"
NOT_COMPLETION, TO_CONFIRM = "not a completion", "to confirm"
_STATUSES = {COMPLETED: "Completed", "not_completed": "Not completed"}


@dataclass(frozen=True)
class Imported:
    """What an import did; rows = blank + imported + already_there + not_completions + to_confirm + problems."""

    batch_id: int | None
    rows: int
    blank: int
    imported: int
    already_there: int
    not_completions: int
    to_confirm: int
    problems: int
    warnings: int

    def counts(self) -> dict[str, int]:
        """The counts in the shape of `oicdesk import completions --json`."""
        names = (
            "rows", "blank", "imported", "already_there", "not_completions", "to_confirm", "problems", "warnings",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def targets(session: Session, desk: Reference) -> list[Target]:
    """What an export of completions can tell, with the catalogue's own words for courses."""
    courses = records.catalogue(session)
    words = {word: course.code for course in courses.values() for word in course.words}
    statuses = {word: code for code, texts in STATUS_WORDS.items() for word in texts}
    titles = {course.code: course.title for course in courses.values()}
    return [
        Target(
            "staff_number",
            "Staff number",
            True,
            ("Employee ID", "Staff No", "Employee number", "Payroll number", "User ID", "Warrant number"),
        ),
        Target(
            "name",
            "Name",
            True,
            ("Full name", "Learner", "Learner name", "Employee name", "Delegate"),
            unless="surname",
        ),
        Target("surname", "Surname", False, ("Last name", "Family name")),
        Target("forename", "Forename", False, ("First name", "Given name")),
        Target(
            "course",
            "Course",
            True,
            ("Course title", "Course name", "Title", "Learning", "Activity", "Module"),
            values=titles,
            value_synonyms=words,
        ),
        Target(
            "done_on",
            "Completion date",
            True,
            ("Completed on", "Date completed", "Completed", "Date", "Completion"),
            "date",
        ),
        Target(
            "status",
            "Status",
            False,
            ("Completion status", "Result", "Outcome", "State"),
            values=_STATUSES,
            value_synonyms=statuses,
        ),
        Target("evidence", "Evidence", False, ("Certificate", "Certificate number", "Reference")),
    ]


def parser(now: datetime) -> Callable[[Cells], CompletionFacts | None]:
    """A function that reads one row as a completion; None for a status that is not one."""
    today = london_day(now)

    def parse(cells: Cells) -> CompletionFacts | None:
        if "status" in cells and not cells.text("status"):
            cells.problem("Status is missing, so it is not known whether the course was completed.")
        elif "status" in cells and cells.code("status") not in (COMPLETED, None):
            return None
        done_on = cells.date("done_on")
        if done_on is not None and done_on > today:
            cells.problem(f"{spoken_day(done_on)} lies in the future; check the date.")
        course, number = cells.code("course"), cells.text("staff_number")
        forename, surname, shown = _name(cells)
        if not surname and not cells.problems:
            cells.problem("Name is missing, so the staff number cannot be checked against it.")
        return CompletionFacts(
            number,
            forename,
            surname,
            shown,
            course or "",
            cells.text("course"),
            done_on or date.min,
            cells.text("evidence"),
        )

    return parse


def _name(cells: Cells) -> tuple[str, str, str]:
    forename, surname = cells.text("forename"), cells.text("surname")
    if surname:
        return forename, surname, f"{surname}, {forename}"
    name = " ".join(cells.text("name").split())
    return (*split_name(name), name)


def check(
    session: Session,
    sheet: Any,
    mapping: ColumnMapping,
    desk: Reference,
    *,
    now: datetime,
    progress: Callable[[float, str], None] | None = None,
) -> DryRun:
    """Every row parsed and sent where it belongs; nothing is written. A record is a `CompletionToWrite`."""
    run = dry_run(sheet, mapping, parser(now), targets=targets(session, desk), progress=progress)
    roster = Roster(records_people.roster_for_matching(session))
    there, decided = records_completions.recorded(session), records_completions.matches_by_key(session)
    lines: dict[tuple[str, str, str, str, date], int] = {}
    for row in run.with_state(NEW):
        if row.record is None:
            row.state, row.note = NOT_COMPLETION, "Its status is not a completion, so it is not counted."
            continue
        facts: CompletionFacts = row.record
        key = facts.key(fold)
        if key in lines:
            row.state, row.note = ALREADY_THERE, f"The same completion stands on line {lines[key]}."
            continue
        lines[key] = row.line.number
        _settle(row, facts, roster, there, decided)
    return run


def _settle(
    row: CheckedRow,
    facts: CompletionFacts,
    roster: Roster,
    there: set[tuple[int, str, date, str]],
    decided: Mapping[str, datetime | None],
) -> None:
    """Whose completion it is, and whether that person has it already."""
    row_key = "|".join(map(str, facts.key(fold)))
    if decided.get(row_key) is not None:
        row.state, row.note = ALREADY_THERE, "Somebody decided already whose it is."
        return
    forename, surname = records_people.first_forename(facts.forename), fold(facts.surname)
    found: Match = match(roster, facts.number, forename, surname, shown=facts.name)
    if found.kind == UNKNOWN:
        row.state, row.problems, row.record = PROBLEM, (found.reason,), None
        return
    if found.kind != NUMBER_EXACT or found.person is None:
        row.state, row.note = TO_CONFIRM, found.reason
        if row_key in decided:
            row.note += " It waits since an earlier import."
        row.record = CompletionToWrite(row.line.number, facts, None, found.reason, row_key)
        return
    if found.warning:
        row.warnings += (found.warning,)
    key = (
        found.person.id,
        facts.course,
        facts.done_on,
        records_completions.course_key(facts.course, facts.course_text),
    )
    if key in there:
        row.state, row.note = ALREADY_THERE, "Already there."
        return
    there.add(key)
    row.record = CompletionToWrite(row.line.number, facts, found.person.id)


def found(run: DryRun, batch_id: int | None = None) -> Imported:
    """What a dry run found, as the counts of the import that it would be or was."""
    counts = run.counts()
    return Imported(
        batch_id, counts["rows"], counts["blank"], counts["new"], counts[ALREADY_THERE], counts.get(NOT_COMPLETION, 0),
        counts.get(TO_CONFIRM, 0), len(run.problems), counts["warnings"],
    )  # fmt: skip


def write(
    session: Session,
    run: DryRun,
    *,
    file_name: str,
    file_sha256: str,
    now: datetime,
    all_or_nothing: bool = False,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> Imported:
    """Write the completions found, and set aside those to confirm, in the caller's transaction.

    A newer file with nothing new is noted too, because it is evidence; the very same file again is not.
    """
    told = found(run)
    if all_or_nothing:
        run.refuse_problems()
    waiting = {key for key, at in records_completions.matches_by_key(session).items() if at is None}
    rows = [row.record for row in run.with_state(NEW)]
    rows += [row.record for row in run.with_state(TO_CONFIRM) if row.record.row_key not in waiting]
    is_empty = told.rows == told.blank + told.problems
    if not rows and (is_empty or records_imports.is_known_file(session, KIND, file_sha256)):
        return told
    batch_id = records_imports.write_completions(
        session, rows, file_name=file_name, file_sha256=file_sha256, told=told.counts(), now=now, progress=progress
    )
    return replace(told, batch_id=batch_id)


def undo(session: Session, batch_id: int, *, now: datetime) -> records_imports.Undone:
    """Take an import back."""
    return records_imports.undo(session, batch_id, now=now)
