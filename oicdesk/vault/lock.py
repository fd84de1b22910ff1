"""One desk, one program: an operating-system lock that ends with the process that holds it."""

import getpass
import os
import platform
import sys
from pathlib import Path
from typing import IO

from oicdesk.errors import VaultError

FILE = "lock"

if sys.platform == "win32":
    import msvcrt

    def _hold(file: IO[bytes]) -> None:
        file.seek(1 << 30)  # far behind the owner's text: a locked region cannot be read by others
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """The lock of one vault folder. The text in the file is information for people, never the lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Take the lock; True if a holder died or the folder was copied while open (its text is still there).

        Writes nothing into an existing folder. Raises VaultError if a living program holds it.
        """
        try:
            self._file = self._open()
        except OSError as error:
            raise VaultError(
                f"The vault folder cannot be written ({error.strerror}), and a desk that cannot save is not"
                " opened: check the folder's permissions, or copy the vault to a place of your own."
            ) from error
        try:
            _hold(self._file)
        except OSError:
            owner = self._path.read_text("utf-8", "replace").strip() or "another program"
            self._file.close()
            self._file = None
            raise VaultError(f"This vault is already open elsewhere ({owner}): close it there first.") from None
        self._file.seek(0)
        return bool(self._file.read().strip())

    def _open(self) -> IO[bytes]:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        return self._path.open("r+b")

    def stamp(self) -> None:
        """Say who holds the desk, once the key has proved right."""
        if self._file is not None:
            text = f"{getpass.getuser()} on {platform.node()}, process {os.getpid()}\n"
            self._file.seek(0)
            self._file.truncate()
            self._file.write(text.encode())
            self._file.flush()

    def release(self, *, stamped: bool) -> None:
        """Let go; the text is taken out only by the one who wrote it."""
        if self._file is not None:
            if stamped:
                self._file.seek(0)
                self._file.truncate()
            self._file.close()
            self._file = None
