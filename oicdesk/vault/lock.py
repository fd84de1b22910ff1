"""One desk, one program: an operating-system lock that ends with the process that holds it."""

import contextlib
import errno
import os
import platform
import sys
from pathlib import Path
from typing import BinaryIO

from oicdesk.errors import VaultError

FILE = "lock"

if sys.platform == "win32":
    import msvcrt

    def os_account() -> str:
        """Who the operating system says is at this computer, whatever the environment says."""
        return os.getlogin()

    def _hold(file: BinaryIO) -> None:
        file.seek(1 << 30)  # far behind the owner's text: a locked region cannot be read by others
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl
    import pwd

    def os_account() -> str:
        """Who the operating system says is at this computer, whatever the environment says."""
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"user {os.getuid()}"

    def _hold(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderLock:
    """The lock of one vault folder. The text in the file is information for people, never the lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._file: BinaryIO | None = None

    def acquire(self, *, make: bool = True) -> bool:
        """Take the lock; True if a holder died or the folder was copied while open (its text is still there).

        Writes nothing where the lock file exists. Where it does not, `make=False` leaves it so: take the lock
        again once the key has proved right. Raises VaultError if a living program holds it.
        """
        if self._file is not None:
            return False
        try:
            self._file = self._open(make)
        except OSError as error:
            raise VaultError(
                f"The vault folder cannot be written ({error.strerror}), and a desk that cannot save is not"
                " opened: check the folder's permissions, or copy the vault to a place of your own."
            ) from error
        if self._file is None:
            return False
        try:
            _hold(self._file)
        except OSError:
            owner = self._path.read_text("utf-8", "replace").strip() or "another program"
            self._file.close()
            self._file = None
            raise VaultError(f"This vault is already open elsewhere ({owner}): close it there first.") from None
        self._file.seek(0)
        return bool(self._file.read().strip())

    def _open(self, make: bool) -> BinaryIO | None:
        if not os.access(self._path.parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if not self._path.exists():
            if not make:
                return None
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        # Unbuffered: what a full disk refuses must not be tried again when the file is closed.
        return self._path.open("r+b", buffering=0)

    def stamp(self) -> None:
        """Say who holds the desk, once the key has proved right."""
        if self._file is not None:
            text = f"{os_account()} on {platform.node()}, process {os.getpid()}\n"
            self._file.seek(0)
            self._file.truncate()
            self._file.write(text.encode())

    def release(self, *, stamped: bool) -> None:
        """Let go; the text is taken out only by the one who wrote it."""
        if self._file is not None:
            if stamped:
                with contextlib.suppress(OSError):
                    self._file.truncate(0)
            self._file.close()
            self._file = None
