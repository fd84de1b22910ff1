"""What is kept of a bug: a line in the technical log and a report that can be copied. Without Qt.

Neither holds case contents: only types, files, lines and function names are written, never the text of an
exception or the value of a variable, because both may quote a record.
"""

import contextlib
import logging
import logging.handlers
import os
import platform
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from oicdesk import paths

log = logging.getLogger("oicdesk")
_PACKAGE = Path(__file__).resolve().parent
_LARGEST, _KEPT = 500_000, 3


def open_log() -> Path:
    """Start writing the technical log (mode 0600, three old files kept); returns its path."""
    folder = paths.user_log()
    file = folder / "oicdesk.log"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _Private(file, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    return file


class _Private(logging.handlers.RotatingFileHandler):
    """A log file that only its owner can read."""

    def _open(self):  # type: ignore[no-untyped-def]  # the stub's return type is private to logging
        def opener(name: str, flags: int) -> int:
            return os.open(name, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)


def report(kind: type[BaseException], trace: TracebackType | None, cause: BaseException | None = None) -> str:
    """What went wrong and where, without any value: safe to send."""
    lines = [
        f"OICDesk {_version()} stopped at an error",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
        "",
        _name(kind),
    ]
    lines += [_place(frame) for frame in traceback.extract_tb(trace)]
    if cause is not None:
        lines += ["caused by", _name(type(cause))]
        lines += [_place(frame) for frame in traceback.extract_tb(cause.__traceback__)]
    return "\n".join(lines)


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _place(frame: traceback.FrameSummary) -> str:
    """File, line and function; the folder of the program is cut off, as it may hold a person's name."""
    file = Path(frame.filename)
    if file.is_relative_to(_PACKAGE.parent):
        name = file.relative_to(_PACKAGE.parent).as_posix()
    else:
        name = "/".join(file.parts[-2:])
    return f"  {name}:{frame.lineno} in {frame.name}"


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("oicdesk")
    except PackageNotFoundError:
        return "(not installed)"


def note(error: BaseException) -> Path:
    """Write a bug into the technical log; returns where that is."""
    file = open_log()
    text = report(type(error), error.__traceback__, error.__cause__ or error.__context__)
    log.error("%s", text.replace("\n", " | "))
    return file
