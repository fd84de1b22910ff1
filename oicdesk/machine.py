"""What this computer remembers between starts; never anything from inside a vault.

One small JSON file for this user of this computer, mode 0600, written by temp file and rename.
A damaged or unreadable file counts as empty: forgetting a window size must never stop the desk.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from oicdesk import paths

# After so many wrong passphrases each further try waits, doubling from FIRST_WAIT to LONGEST_WAIT seconds.
FREE_TRIES = 5
FIRST_WAIT = 2
LONGEST_WAIT = 300


class Machine:
    """The remembered values; every change is written at once, and a failed write is forgotten silently."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._values = _read(file)
        # For a window that is locked and opened again; it ends with the program and may name what a vault holds.
        self.passing: dict[Any, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)

    def put(self, key: str, value: Any) -> None:
        """Remember a JSON value; None forgets the key."""
        if value is None:
            self._values.pop(key, None)
        elif self._values.get(key) == value:
            return
        else:
            self._values[key] = value
        with contextlib.suppress(OSError):
            _write(self.file, self._values)

    @property
    def last_vault(self) -> Path | None:
        text = self.get("last_vault")
        return Path(text) if isinstance(text, str) else None

    @last_vault.setter
    def last_vault(self, path: Path | None) -> None:
        self.put("last_vault", None if path is None else str(path))

    @property
    def text_percent(self) -> int:
        value = self.get("text_percent")
        return min(200, max(80, value)) if type(value) is int else 100

    @text_percent.setter
    def text_percent(self, percent: int) -> None:
        self.put("text_percent", percent)

    @property
    def scheme(self) -> str:
        value = self.get("scheme")
        return value if value in ("light", "dark", "contrast") else "light"

    @scheme.setter
    def scheme(self, name: str) -> None:
        self.put("scheme", name)

    def opened(self, vault: Path) -> str | None:
        """ISO instant at which this vault was last opened here, or None."""
        value = self._table("opened").get(_print_of(vault))
        return value if isinstance(value, str) else None

    def note_opened(self, vault: Path, instant: str) -> None:
        """The vault opened at `instant` (ISO 8601 with offset): its failures are forgotten."""
        self.last_vault = vault
        self._set_in("opened", _print_of(vault), instant)
        self._set_in("failures", _print_of(vault), None)

    def failures(self, vault: Path) -> int:
        """Wrong passphrases typed for this vault since it last opened."""
        value = self._table("failures").get(_print_of(vault))
        return value if type(value) is int and value > 0 else 0

    def note_failure(self, vault: Path) -> int:
        """Count one more wrong passphrase; returns the new count."""
        count = self.failures(vault) + 1
        self._set_in("failures", _print_of(vault), count)
        return count

    def wait(self, vault: Path) -> int:
        """Seconds to wait before the next try."""
        over = self.failures(vault) - FREE_TRIES
        return 0 if over < 0 else int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 16)))

    def widths(self, table: str) -> dict[str, int]:
        """Remembered column widths of a table, in pixels by column title."""
        found = self._table("widths").get(table)
        if not isinstance(found, dict):
            return {}
        return {title: width for title, width in found.items() if type(width) is int and width > 0}

    def keep_widths(self, table: str, widths: dict[str, int]) -> None:
        self._set_in("widths", table, widths)

    def _table(self, key: str) -> dict[str, Any]:
        value = self.get(key)
        return value if isinstance(value, dict) else {}

    def _set_in(self, key: str, name: str, value: Any) -> None:
        table = {**self._table(key), name: value}
        self.put(key, {k: v for k, v in table.items() if v is not None} or None)


_this: Machine | None = None


def this() -> Machine:
    """This computer's memory; read once, and again when the user's folder has moved."""
    global _this
    file = paths.user_config() / "machine.json"
    if _this is None or _this.file != file:
        _this = Machine(file)
    return _this


def _print_of(vault: Path) -> str:
    """A vault's path as a hash, so that the list of vaults cannot be read off the file."""
    return hashlib.sha256(os.fsencode(Path(vault).absolute())).hexdigest()[:32]


def _read(file: Path) -> dict[str, Any]:
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(file: Path, values: dict[str, Any]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".machine-", dir=file.parent)  # created 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(values, out, indent=1, sort_keys=True)
        os.replace(temporary, file)  # noqa: PTH105  (one atomic step over the old file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
