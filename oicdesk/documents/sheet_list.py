"""Which columns of the force system's list of reports mean what, and how its rows become documents of contacts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.documents import records, records_list
from oicdesk.documents.records_list import ReportRow
from oicdesk.documents.rules import GRADE_PARTS, Grades
from oicdesk.documents.rules_list import DOUBTFUL, MATCHED, UNMATCHED, grades_of, valid_grades
from oicdesk.referrals import rules
from oicdesk.referrals.records import Referral
from oicdesk.settings.records import Reference
from oicdesk.settings.records_imports import DeskImport
from oicdesk.settings.rules import end_of_day, local_instant, london_day, spoken_instant
from oicdesk.sheets.cells import quoted, text_of
from oicdesk.sheets.dry_run import Cells, DryRun, Progress, dry_run
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Mapping as ColumnMapping
from oicdesk.sheets.mapping import Target
from oicdesk.sheets.read import Limits, Sheet
from oicdesk.vault.vault import Vault

KIND = records_list.KIND
TITLE = "Import a list of reports"
_LONGEST = 400  # characters of a reference, author or list of references


@dataclass(frozen=True)
class Imported:
    """What an import did; rows = blank + matched + doubtful + unmatched + problems."""

    batch_id: int | None
    rows: int
    blank: int
    matched: int
    doubtful: int
    unmatched: int
    problems: int

    def counts(self) -> dict[str, int]:
        """The counts in the shape of `oicdesk import documents --json`."""
        names = ("rows", "blank", "matched", "doubtful", "unmatched", "problems")
        return {name: getattr(self, name) for name in names}


def limits(desk: Reference) -> Limits:
    """What a file may hold, as the desk is set."""
    return Limits.set_by(desk.setting)


def targets(desk: Reference) -> list[Target]:
    """What a list of reports can tell, with the desk's own words for its codes."""

    def coded(kind: str) -> dict[str, Any]:
        spoken = {f"{code} {label}": code for code, label in desk.choices(kind)}
        return {"values": dict(desk.choices(kind)), "value_synonyms": spoken | desk.synonyms(kind)}

    return [
        Target("reference", "Document reference", False, ("Report reference", "Report number", "Intelligence reference",
               "Reference", "URN", "IR ref", "IR reference", "Intel ref", "Log number")),
        Target("author", "Author", False, ("Author name", "Submitted by", "Reporting officer", "Officer name",
               "Created by")),
        Target("collar", "Collar number", False, ("Collar", "Collar no", "Author collar", "Shoulder number", "PIN",
               "Officer")),
        Target("force", "Force", False, ("Constabulary", "Police force", "Owning force"), **coded("force")),
        Target("created", "Created", False, ("Date created", "Created on", "Created at", "Report date"), "instant"),
        Target("submitted", "Submitted", True, ("Submitted at", "Date submitted", "Submitted on", "Submission date"),
               "instant"),
        Target("contact_refs", "NCCU or incident reference", False, ("NCCU reference", "NCCU ref", "Incident reference",
               "Incident number", "Incident no", "CAD", "Linked references", "Linked to", "Related incident")),
        Target("grading", "Grading", False, ("Grade", "Grades", "3x5x2", "Grading code")),
        *(Target(part, words[0].upper() + words[1:], False, (_SHORT[part],), **coded(part))
          for part, words in GRADE_PARTS.items()),
        Target("conditions", "Conditions", False, ("Handling conditions", "Conditions text")),
        Target("usage", "Specified use", False, ("Usage", "Use allowed")),
    ]  # fmt: skip


_SHORT = {
    "source_evaluation": "Source", "information_assessment": "Assessment", "handling_code": "Handling",
    "action_code": "Action", "sanitisation_code": "Sanitisation",
}  # fmt: skip


def parser(desk: Reference, now: datetime) -> Callable[[Cells], ReportRow | None]:
    """A function that reads one row as a report, noting every reason why it cannot."""
    labels = records.labels(desk)

    def parse(cells: Cells) -> ReportRow | None:
        submitted, created = _submitted(cells, now), _created(cells)
        force = cells.code("force")
        if submitted is None:
            if not cells.problems:
                cells.problem("The row does not say when the report was submitted; add it.")
            return None
        if submitted > now:
            cells.problem(f"The submission lies in the future ({spoken_instant(submitted)}); check it.")
        if created is not None and created > london_day(now):
            cells.problem("The report was created in the future; check its date.")
        if submitted.year < rules.EARLIEST_YEAR:
            cells.problem(f"The submission lies before {rules.EARLIEST_YEAR}; check the year.")
        if created is not None and created > london_day(submitted):
            cells.warn("The report was created after it was submitted; check both dates.")
        texts: dict[str, Any] = {
            name: cells.text(name, longest=None)[:_LONGEST] for name in ("reference", "author", "contact_refs")
        }
        collar = rules.normalised_collar(cells.text("collar"))
        if not any((texts["reference"], texts["contact_refs"], collar)):
            cells.problem("The row has no reference and no collar number, so nothing says what it is; add one.")
        grades, why = valid_grades(_grades(cells), labels)
        if why:
            cells.warn(why)
        return ReportRow(cells.line, submitted, collar=collar, force=force, created_on=created, grades=grades, **texts)

    return parse


def _grades(cells: Cells) -> Grades:
    """The grades of a row, part by part or in one cell."""
    parts: dict[str, Any] = {part: cells.code(part) for part in GRADE_PARTS}
    texts: dict[str, Any] = {name: cells.text(name) for name in ("conditions", "usage")}
    if any(parts.values()) or not cells.text("grading"):
        return Grades(**parts, **texts)
    found = grades_of(cells.text("grading"))
    if found is None:
        cells.warn(f"The grading {quoted(cells.text('grading'))} is not understood, so no grade is taken over.")
        return Grades()
    told = {name: value for name, value in vars(found).items() if value}
    return Grades(**(texts | told)) if found.handling_code else found


def _submitted(cells: Cells, now: datetime) -> datetime | None:
    """When the report was submitted; of a day without a time its end, so that nothing seems earlier than it was."""
    if not text_of(cells["submitted"]).strip():
        cells.instant("submitted")  # says that it is missing
        return None
    wall = _first_readable(cells, "submitted", cells.instant, cells.date)
    if wall is None or isinstance(wall, datetime):
        return cells.aware(wall, local_instant)
    cells.warn("The list gives no time of submission, so the end of that day is taken.")
    return now if wall == london_day(now) else end_of_day(wall)


def _created(cells: Cells) -> date | None:
    if not text_of(cells["created"]).strip():
        return None
    found = _first_readable(cells, "created", cells.date, cells.instant)
    if isinstance(found, datetime):
        return london_day(found) if found.tzinfo is not None else found.date()
    return found


def _first_readable(cells: Cells, name: str, *ways: Callable[[str], date | None]) -> date | None:
    """The cell read in the first way that can; when none can, the last one's problem stands."""
    before = len(cells.problems)
    for way in ways:
        del cells.problems[before:]
        found = way(name)
        if found is not None:
            return found
    return None


def check(
    session: Session,
    sheet: Sheet,
    mapping: ColumnMapping,
    desk: Reference,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> DryRun:
    """Every row parsed and compared with the register; nothing is written."""
    run = dry_run(sheet, mapping, parser(desk, now), targets=targets(desk), progress=progress)
    matches = records_list.compare(session, [row.record for row in run.valid])
    contacts = _contacts(session, {case for match in matches for case in match.cases})
    for row, match in zip(run.valid, matches, strict=True):
        row.state, row.note, row.record.match = match.state, match.why, match
        early = [contacts[case] for case in match.cases if row.record.submitted_at < contacts[case][1]]
        if early:
            label, at = early[0]
            row.warnings += (f"The document was submitted before the contact {label} on {spoken_instant(at)}.",)
    return run


def _contacts(session: Session, ids: set[int]) -> dict[int, tuple[str, datetime]]:
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), 500):
        query = select(Referral.id, Referral.reference, Referral.contact_at)
        for row in session.execute(query.where(Referral.id.in_(wanted[start : start + 500]))):
            found[row.id] = (row.reference, row.contact_at)
    return found


def found(run: DryRun, batch_id: int | None = None) -> Imported:
    """What a run found, as the counts of the import that it would be or was."""
    counts = run.counts()
    return Imported(
        batch_id, counts["rows"], counts["blank"], counts.get(MATCHED, 0), counts.get(DOUBTFUL, 0),
        counts.get(UNMATCHED, 0), len(run.problems),
    )  # fmt: skip


def write(
    session: Session,
    run: DryRun,
    *,
    file_name: str,
    file_sha256: str,
    now: datetime,
    all_or_nothing: bool = False,
    progress: Progress = lambda _share, _text: None,
) -> Imported:
    """Keep the list, and record the documents that are matched, in the caller's transaction.

    With `all_or_nothing` a file with problem rows is refused whole.
    """
    counts = run.counts()
    if all_or_nothing:
        run.refuse_problems()
    batch_id, matches = records_list.write(
        session, [row.record for row in run.valid], file_name=file_name, file_sha256=file_sha256,
        total=counts["rows"], now=now, progress=progress,
    )  # fmt: skip
    for row, match in zip(run.valid, matches, strict=True):
        row.state, row.note, row.record.match = match.state, match.why, match
    return found(run, batch_id)


class ReportsImport(DeskImport):
    """The `ImportKind` of lists of reports."""

    title = TITLE
    noun = "documents"
    _kind = KIND

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__(vault, now)
        self.targets, self.limits = targets(self._desk), limits(self._desk)

    def prepare(self, sheet: Sheet, mapping: ColumnMapping, progress: Progress) -> DryRun:
        with self._vault.reading() as session:
            return check(session, sheet, mapping, self._desk, now=self._now(), progress=progress)

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        with self._vault.changing() as session:
            done = write(
                session, run, file_name=run.sheet.file, file_sha256=run.sheet.sha256, now=self._now(),
                all_or_nothing=all_or_nothing, progress=progress,
            )  # fmt: skip
        words = {
            "rows in the file": done.rows, "blank": done.blank, "matched": done.matched, "doubtful": done.doubtful,
            "unmatched": done.unmatched, "problems": done.problems,
        }  # fmt: skip
        said = "" if done.batch_id else "The list says nothing that the register does not know already."
        if done.batch_id and done.doubtful + done.unmatched:
            said = "What is doubtful or unmatched waits under “To decide”."
        return ImportResult(list(words.items()), done.batch_id, said)

    def undo(self, result: ImportResult, progress: Progress) -> str:
        progress(0.0, "Taking the list back")
        with self._vault.changing() as session:
            undone = records_list.undo(session, result.undo, now=self._now())
        return undone_words(undone)


def undone_words(undone: records_list.Undone) -> str:
    """What taking a list back did, in words."""
    count = undone.withdrawn
    said = f"{count} {'document was' if count == 1 else 'documents were'} taken back with the list."
    if undone.kept:
        said += f" Worked on since, and therefore kept: {', '.join(undone.kept)}."
    return said
