"""Putting a finished file where the user wants it, all of it or nothing."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from oicdesk.errors import VaultError

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def save(path: Path, content: bytes) -> None:
    """Write `content` at `path`, readable by its owner only; an older file is replaced in one step.

    On any failure nothing of it is left and an older file stays as it was. Raises VaultError.
    """
    part = path.with_name(f".{path.name[:80]}.{secrets.token_hex(6)}.part")
    try:
        try:
            _write_through(part, content)
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        _settle(path.parent)
    except OSError as error:
        raise VaultError(_sentence(path, error)) from error


def _write_through(part: Path, content: bytes) -> None:
    """Create `part` with mode 0600 and return once its bytes are on the disk."""
    with os.fdopen(os.open(part, _NEW_FILE, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Put the renaming itself on the disk, where the system lets a folder be opened."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sentence(path: Path, error: OSError) -> str:
    failed = f"“{path.name}” was not written"
    if error.errno in _NO_ROOM:
        return f"{failed}, because the disk of {path.parent} is full; free some space or choose another folder."
    if isinstance(error, FileNotFoundError):
        return f"{failed}, because the folder {path.parent} does not exist; choose another folder."
    if isinstance(error, IsADirectoryError):
        return f"{failed}, because a folder of that name stands in its place; choose another name."
    if isinstance(error, PermissionError):
        return (
            f"{failed}, because {path.parent} does not let you write there or the file is open in another "
            "program; close it or choose another folder."
        )
    reason = error.strerror or "the disk failed"
    return f"{failed}, because of “{reason}”; try again or choose another folder."
