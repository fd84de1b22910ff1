"""A roster or an export of completions as the import window wants it: what it reads, writes and takes back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import ModuleType

from oicdesk.settings.records_imports import DeskImport
from oicdesk.sheets.dry_run import DryRun, Progress
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Mapping, Target
from oicdesk.sheets.read import Limits, Sheet
from oicdesk.training import sheet_completions, sheet_learners
from oicdesk.vault.vault import Vault


class _TrainingImport(DeskImport):
    """What the two kinds share; `_sheet` is the module that knows the columns."""

    noun = ""
    _sheet: ModuleType

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__(vault, now)
        self.title, self._kind = self._sheet.TITLE, self._sheet.KIND
        self.limits: Limits = self._sheet.limits(self._desk)
        with vault.reading() as session:
            self.targets: Sequence[Target] = self._sheet.targets(session, self._desk)

    def prepare(self, sheet: Sheet, mapping: Mapping, progress: Progress) -> DryRun:
        with self._vault.reading() as session:
            run: DryRun = self._sheet.check(session, sheet, mapping, self._desk, now=self._now(), progress=progress)
            return run


class RosterImport(_TrainingImport):
    """The `ImportKind` of a roster."""

    noun = "people"
    _sheet = sheet_learners

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        with self._vault.changing() as session:
            done = sheet_learners.write(
                session, run, file_name=run.sheet.file, file_sha256=run.sheet.sha256, now=self._now(),
                all_or_nothing=all_or_nothing, apply_updates=apply_updates, progress=progress,
            )  # fmt: skip
        return ImportResult(_words(done.counts()), done.batch_id)

    def undo(self, result: ImportResult, progress: Progress) -> str:
        progress(0.0, "Taking the import back")
        with self._vault.changing() as session:
            undone = sheet_learners.undo(session, result.undo, now=self._now())
        said = f"{_people(undone.withdrawn)} taken off the roster again, {_people(undone.restored)} put back as before."
        return f"{said} Kept: {'; '.join(undone.kept)}." if undone.kept else said


class CompletionsImport(_TrainingImport):
    """The `ImportKind` of completions."""

    noun = "completions"
    _sheet = sheet_completions

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        with self._vault.changing() as session:
            done = sheet_completions.write(
                session, run, file_name=run.sheet.file, file_sha256=run.sheet.sha256, now=self._now(),
                all_or_nothing=all_or_nothing, progress=progress,
            )  # fmt: skip
        said = f"{done.to_confirm} wait for you to confirm whose they are; none of them is counted yet."
        return ImportResult(_words(done.counts()), done.batch_id, said if done.to_confirm else "")

    def undo(self, result: ImportResult, progress: Progress) -> str:
        progress(0.0, "Taking the import back")
        with self._vault.changing() as session:
            undone = sheet_completions.undo(session, result.undo, now=self._now())
        return f"{undone.withdrawn} {'completion was' if undone.withdrawn == 1 else 'completions were'} taken back."


def _words(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [("rows in the file" if name == "rows" else name.replace("_", " "), count) for name, count in counts.items()]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
