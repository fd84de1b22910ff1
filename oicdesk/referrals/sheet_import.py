"""A control room's list as the import window wants it: what it reads, writes and takes back."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from oicdesk.referrals import records_imports, sheet
from oicdesk.referrals.records_imports import ImportedContact
from oicdesk.settings.records_imports import DeskImport
from oicdesk.sheets.dry_run import DryRun, Progress
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Mapping
from oicdesk.sheets.read import Sheet
from oicdesk.vault.vault import Vault

TakeOver = Callable[[Session, Sequence[tuple[int, ImportedContact]], datetime], None]


class ContactsImport(DeskImport):
    """The `ImportKind` of contacts; `take_over` records the documents that a former register lists."""

    title = sheet.TITLE
    noun = "referrals"
    _kind = sheet.KIND

    def __init__(self, vault: Vault, now: Callable[[], datetime], take_over: TakeOver | None) -> None:
        super().__init__(vault, now)
        self.targets, self.limits = sheet.targets(self._desk), sheet.limits(self._desk)
        self._take_over = take_over

    def prepare(self, sheet_read: Sheet, mapping: Mapping, progress: Progress) -> DryRun:
        with self._vault.reading() as session:
            return sheet.check(session, sheet_read, mapping, self._desk, now=self._now(), progress=progress)

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        with self._vault.changing() as session:
            done = sheet.write(
                session, run, file_name=run.sheet.file, file_sha256=run.sheet.sha256, now=self._now(),
                all_or_nothing=all_or_nothing, apply_updates=apply_updates, take_over=self._take_over,
                progress=progress,
            )  # fmt: skip
        counts = [
            ("rows in the file", done.rows),
            ("blank", done.blank),
            ("imported", done.imported),
            ("already there", done.already_there),
            ("problems", done.problems),
        ]
        if done.updated:
            counts.append(("brought up to date", done.updated))
        return ImportResult(counts, done.batch_id)

    def undo(self, result: ImportResult, progress: Progress) -> str:
        progress(0.0, "Taking the import back")
        with self._vault.changing() as session:
            undone = records_imports.undo(session, result.undo, now=self._now())
        said = f"{undone.withdrawn} {'referral was' if undone.withdrawn == 1 else 'referrals were'} taken back."
        if undone.kept:
            said += f" Worked on since, and therefore kept: {', '.join(undone.kept)}."
        return said
