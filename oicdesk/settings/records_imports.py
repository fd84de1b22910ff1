"""What the imports of every room keep alike: the mapping last used for a header, and the log of problem rows."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from oicdesk.settings.records import mapping_for, reference, remember_mapping
from oicdesk.vault import log
from oicdesk.vault.vault import Vault


class DeskImport:
    """The part of an import kind (`sheets.kind`) that is the same for every list; `_kind` names its mappings."""

    _kind = ""

    def __init__(self, vault: Vault, now: Callable[[], datetime]) -> None:
        self._vault, self._now = vault, now
        with vault.reading() as session:
            self._desk = reference(session)
        self.marking: str = self._desk.setting("marking")

    def remembered(self, header_key: str) -> dict[str, Any] | None:
        """The mapping last used for files with this header."""
        with self._vault.reading() as session:
            return mapping_for(session, self._kind, header_key)

    def remember(self, header_key: str, mapping: dict[str, Any]) -> None:
        """Keep the mapping, after an import that used it."""
        with self._vault.changing() as session:
            remember_mapping(session, self._kind, header_key, mapping, at=self._now())

    def problems_saved(self, _path: Path, count: int) -> None:
        """The problem rows left the vault as a plain file: log it."""
        with self._vault.changing() as session:
            log.record(
                session, log.DISCLOSURE, recipient=self._vault.user.name, purpose="to correct rows of an import",
                detail=f"problem rows: {count}",
            )  # fmt: skip
