"""What a feature hands to the import wizard: its targets, and functions that check, write and undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from oicdesk.sheets.dry_run import DryRun, Progress
from oicdesk.sheets.mapping import Mapping, Target
from oicdesk.sheets.read import Limits, Sheet


@dataclass(frozen=True)
class ImportResult:
    """What was written: (words, number) pairs to show in order, and what `undo` needs to take it back.

    `undo` is None when there is nothing to take back; `sentence` says anything the counts do not.
    """

    counts: Sequence[tuple[str, int]]
    undo: Any = None
    sentence: str = ""


class ImportKind(Protocol):
    """One kind of import. `title` heads the window, `noun` is the plural of what a row becomes ("referrals").

    `marking` goes into the first row of a problems file. `prepare`, `write` and `undo` run on the worker
    thread and call `progress(fraction, text)` now and then, which raises once the user has cancelled;
    `write` and `undo` change all or nothing. The other functions run on the main thread.
    """

    @property
    def title(self) -> str: ...

    @property
    def noun(self) -> str: ...

    @property
    def targets(self) -> Sequence[Target]: ...

    @property
    def marking(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    def remembered(self, header_key: str) -> dict[str, Any] | None:
        """The mapping last used for files with this header, as `remember` got it."""

    def remember(self, header_key: str, mapping: dict[str, Any]) -> None:
        """Keep the mapping, as `Mapping.to_json` writes it, after an import that used it."""

    def prepare(self, sheet: Sheet, mapping: Mapping, progress: Progress) -> DryRun:
        """Every row parsed and compared with what is there; writes nothing."""

    def write(self, run: DryRun, *, all_or_nothing: bool, apply_updates: bool, progress: Progress) -> ImportResult:
        """Write the rows that are new, and the offered updates if asked; raises `Refused` or `VaultError`."""

    def undo(self, result: ImportResult, progress: Progress) -> str:
        """Take a whole import back; answers with a sentence that says what was taken back and what was not."""

    def problems_saved(self, path: Path, count: int) -> None:
        """The problem rows left the vault as a plain file: log it."""
