"""Which columns of an outside list of contacts mean what, and how it is compared with the register."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.referrals import records_reconcile, rules
from oicdesk.referrals.records_reconcile import Comparison, OutsideRow
from oicdesk.referrals.rules_reconcile import DOUBTFUL, MATCHED, ONLY_THEIRS, reference_key
from oicdesk.referrals.sheet import limits as limits
from oicdesk.settings.records import Reference
from oicdesk.settings.records_imports import DeskImport
from oicdesk.settings.rules import local_instant, spoken_instant
from oicdesk.sheets.cells import quoted, text_of
from oicdesk.sheets.dry_run import Cells, DryRun, Progress, dry_run
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Mapping as ColumnMapping
from oicdesk.sheets.mapping import Target
from oicdesk.sheets.read import Sheet
from oicdesk.vault.vault import Vault

KIND = records_reconcile.KIND
TITLE = "Compare with an outside list of contacts"
_LONGEST_CATEGORY = 200


@dataclass
class ComparedSheet(DryRun):
    """A dry run whose rows are matched, doubtful or only theirs; `only_ours` are referrals without a partner."""

    only_ours: tuple[int, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What an import did; rows = blank + matched + only_theirs + doubtful + problems."""

    batch_id: int | None
    rows: int
    blank: int
    matched: int
    only_theirs: int
    doubtful: int
    problems: int
    only_ours: int

    def counts(self) -> dict[str, int]:
        """The counts in the shape of `oicdesk import contacts --json`."""
        names = ("rows", "blank", "matched", "only_theirs", "doubtful", "problems", "only_ours")
        return {name: getattr(self, name) for name in names}


def targets(desk: Reference) -> list[Target]:
    """What an outside list can tell; its categories need not be understood."""
    force: dict[str, Any] = {"values": dict(desk.choices("force")), "value_synonyms": desk.synonyms("force")}
    reason: dict[str, Any] = {
        "values": dict(desk.choices("contact_reason")),
        "value_synonyms": desk.synonyms("contact_reason"),
    }
    day, time = ("Date", "Contact day", "Call date", "Date received"), ("Time", "Call time", "Time received")
    return [
        Target("nccu_ref", "NCCU reference", False, ("NCCU ref", "NCCU number", "Reference", "Home Office reference")),
        Target("contact", "Contact date and time", False, ("Received", "Received at", "Contact at", "Date and time",
               "Logged"), "instant"),
        Target("contact_date", "Contact date", True, day, "date", unless="contact"),
        Target("contact_time", "Contact time", True, time, "time", unless="contact"),
        Target("force", "Force", True, ("Constabulary", "Police force"), **force),
        Target("officer_collar", "Collar number", False, ("Collar", "Officer", "Shoulder number", "PIN", "Called by")),
        Target("officer_name", "Officer name", False, ("Reporting officer", "Caller")),
        Target("reason", "Contact reason", False, ("Category", "Call type", "Reason", "Type"), **reason),
        Target("persons", "Persons", False, ("Nominals", "Number of persons", "Subjects", "People"), "whole"),
    ]  # fmt: skip


def parser(now: datetime) -> Callable[[Cells], OutsideRow | None]:
    """A function that reads one row as a contact of the list, noting every reason why it cannot."""

    def parse(cells: Cells) -> OutsideRow | None:
        at, force, persons = _contact_at(cells), cells.code("force"), cells.whole("persons", least=0)
        if at is not None and at > now:
            cells.problem(f"The contact lies in the future ({spoken_instant(at)}); check its date and time.")
        if at is not None and at.year < rules.EARLIEST_YEAR:
            cells.problem(f"The contact lies before {rules.EARLIEST_YEAR}; check the year.")
        if at is None or force is None:
            if not cells.problems:
                cells.problem("The row names no time and force that can be compared; add them.")
            return None
        nccu_ref, collar = cells.text("nccu_ref"), cells.text("officer_collar")
        if not reference_key(nccu_ref) and not collar:
            cells.warn("The row has neither a reference nor a collar number, so nothing can be compared.")
        return OutsideRow(
            cells.line, at, force, nccu_ref or None, cells.text("officer_name") or None,
            rules.normalised_collar(collar) or None, _reason(cells),
            cells.text("reason", longest=None)[:_LONGEST_CATEGORY], persons,
        )  # fmt: skip

    return parse


def _reason(cells: Cells) -> str | None:
    """The category as a contact reason of the desk; one that is not known is kept as it was written."""
    known = len(cells.problems)
    code = cells.code("reason")
    if len(cells.problems) > known:
        del cells.problems[known:]
        cells.warn(
            f"The category {quoted(cells.text('reason', longest=None))} is not known here; it is kept as written."
        )
    return code


def _contact_at(cells: Cells) -> datetime | None:
    if text_of(cells["contact"]).strip():
        return cells.aware(cells.instant("contact"), local_instant)
    if "contact" in cells and "contact_date" not in cells:
        cells.problem("Contact date and time is missing.")
        return None
    day, time = cells.date("contact_date"), cells.time("contact_time")
    return cells.aware(datetime.combine(day, time), local_instant) if day is not None and time is not None else None


def check(
    session: Session,
    sheet: Sheet,
    mapping: ColumnMapping,
    desk: Reference,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> ComparedSheet:
    """Every row parsed and compared with the register; nothing is written."""
    read = dry_run(sheet, mapping, parser(now), targets=targets(desk), progress=progress)
    run = ComparedSheet(read.sheet, read.mapping, read.rows)
    _mark(run, records_reconcile.compare(session, _records(run), progress=progress))
    return run


def _records(run: ComparedSheet) -> list[OutsideRow]:
    return [row.record for row in run.valid]


def _mark(run: ComparedSheet, found: Comparison) -> None:
    for row, finding in zip(run.valid, found.findings, strict=True):
        row.state, row.note, row.record.finding = finding.state, finding.why, finding
    run.only_ours = found.only_ours


def found(run: ComparedSheet, batch_id: int | None = None) -> Compared:
    """What a run found, as the counts of the import that it would be or was."""
    counts = run.counts()
    return Compared(
        batch_id, counts["rows"], counts["blank"], counts.get(MATCHED, 0), counts.get(ONLY_THEIRS, 0),
        counts.get(DOUBTFUL, 0), len(run.problems), len(run.only_ours),
    )  # fmt: skip


def write(
    session: Session,
    run: ComparedSheet,
    *,
    file_name: str,
    file_sha256: str,
    now: datetime,
    all_or_nothing: bool = False,
    progress: Progress | None = None,
) -> Compared:
    """Keep the list and what each of its contacts was found to be, in the caller's transaction.

    With `all_or_nothing` a file with problem rows is refused whole.
    """
    counts = run.counts()
    if all_or_nothing:
        run.refuse_problems()
    batch_id, compared = records_reconcile.write(
        session, _records(run), file_name=file_name, file_sha256=file_sha256, total=counts["rows"], now=now,
        progress=progress,
    )  # fmt: skip
    _mark(run, compared)
    return found(run, batch_id)


class OutsideListImport(DeskImport):
    """The `ImportKind` of outside lists."""

    title = TITLE
    noun = "contacts"
    _kind = KIND

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__(vault, now)
        self.targets, self.limits = targets(self._desk), limits(self._desk)

    def prepare(self, sheet: Sheet, mapping: ColumnMapping, progress: Progress) -> DryRun:
        with self._vault.reading() as session:
            return check(session, sheet, mapping, self._desk, now=self._now(), progress=progress)

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        assert isinstance(run, ComparedSheet)  # `prepare` made it
        with self._vault.changing() as session:
            done = write(
                session, run, file_name=run.sheet.file, file_sha256=run.sheet.sha256, now=self._now(),
                all_or_nothing=all_or_nothing, progress=progress,
            )  # fmt: skip
        words = {
            "rows in the file": done.rows, "blank": done.blank, "on both lists": done.matched,
            "only theirs": done.only_theirs, "doubtful": done.doubtful, "problems": done.problems,
            "only ours": done.only_ours,
        }  # fmt: skip
        return ImportResult(list(words.items()), done.batch_id)

    def undo(self, result: ImportResult, progress: Progress) -> str:
        progress(0.0, "Taking the list back")
        with self._vault.changing() as session:
            undone = records_reconcile.undo(session, result.undo, now=self._now())
        said = "The list and its pairs were taken back."
        if undone.withdrawn:
            said += f" Referrals recorded from it that were taken back: {undone.withdrawn}."
        if undone.kept:
            said += f" Worked on since, and therefore kept: {', '.join(undone.kept)}."
        return said
