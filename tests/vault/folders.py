"""What lies on the disk, and processes that meet there."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import log
from oicdesk.vault.vault import Vault

ROOT = Path(__file__).resolve().parents[2]


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file of a folder with its bytes, every folder in it with None.

    The shared memory beside the database is SQLite's index of the write-ahead log, not the vault's contents.
    """
    return {
        str(file.relative_to(folder)): file.read_bytes() if file.is_file() else None
        for file in sorted(folder.rglob("*"))
        if not file.name.endswith("-shm")
    }


def times(folder: Path) -> dict[str, int]:
    """When each file and folder was last changed, the folder itself included."""
    return {str(file): file.stat().st_mtime_ns for file in (folder, *sorted(folder.rglob("*")))}


def raw(vault: Vault) -> sqlcipher.Connection:
    """A driver connection with the vault's key and none of its guards: what somebody else's program has."""
    connection = sqlcipher.connect(str(vault.path / "desk.db"), isolation_level=None)
    connection.execute(f"PRAGMA key=\"x'{vault._key.hex()}'\"")
    return connection


def entries(vault: Vault, count: int) -> None:
    """Append `count` entries to the log, each in a transaction of its own."""
    for number in range(count):
        with vault.changing() as session:
            log.record(session, log.ALTERATION, referral=[number], detail="x" * 300)


def child(code: str, *arguments: object, check: bool = True, prefix: tuple[str, ...] = ()) -> str:
    """Run Python code in a process of its own; what it printed."""
    done = subprocess.run(
        [*prefix, sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if check and done.returncode:
        raise AssertionError(f"exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Full:
    """What happened to a program on a disk without room."""

    printed: str
    really_full: bool  # a file system of its own that was full; else a limit on how far a file may grow
    changed: list[str]


def full_disk(code: str, folder: Path, *, spare: int = 0, limit_only: bool = False, keep: Path | None = None) -> Full:
    """Run code on a copy of `folder` where only `spare` bytes more can be written.

    On Linux that may make its own namespaces it is a small memory disk, filled up; elsewhere, and with
    `limit_only`, the process may not let any file grow beyond the largest there (nor write new ones).
    With `keep` the folder is put there again as it stood afterwards.
    """
    work = folder.parent / "full"
    work.mkdir()
    (work / "out").mkdir()
    real = not limit_only and _may_mount()
    largest = max((file.stat().st_size for file in folder.rglob("*") if file.is_file()), default=0)
    size = sum(-(-file.stat().st_size // 4096) * 4096 + 4096 for file in folder.rglob("*"))
    outer = _OUTER.format(code=code, real=real, limit=largest + spare if spare else 0, size=size + spare + 131072)
    prefix = ("unshare", "-rm") if real and os.geteuid() else ("unshare", "-m") if real else ()
    printed = child(outer, folder, work, spare, prefix=prefix)
    after = contents(work / "out")
    if keep is not None:
        shutil.rmtree(keep)
        shutil.copytree(work / "out" / folder.name, keep)
    before = {str(Path(folder.name) / name): data for name, data in contents(folder).items()} | {folder.name: None}
    changed = [n for n in sorted({*before, *after}) if before.get(n, b"?") != after.get(n, b"?")]
    return Full(printed, real, changed)


_OUTER = """
import contextlib, io, os, resource, shutil, signal, subprocess, sys
from pathlib import Path
folder, work, spare = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
here = work / "disk"
here.mkdir()
if {real}:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size={size}", "none", str(here)], check=True)
shutil.copytree(folder, here / folder.name)
sys.argv[1] = str(here / folder.name)
import oicdesk.vault.vault, alembic  # everything is loaded while there is room
if {real}:
    room = os.statvfs(here)
    with (here / "ballast").open("wb", buffering=0) as ballast:
        with contextlib.suppress(OSError):
            while os.statvfs(here).f_bavail * 4096 > spare:
                ballast.write(bytes(4096))
else:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
said = io.StringIO()
with contextlib.redirect_stdout(said):
    exec({code!r}, {{"__name__": "__main__"}})
if not {real}:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
shutil.copytree(here / folder.name, work / "out" / folder.name)
print(said.getvalue(), end="")
"""


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm" if os.geteuid() else "-m", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(trial, capture_output=True, timeout=30).returncode == 0
