"""One file that holds a whole desk: snapshot, slots and manifest; opened and counted before it is trusted.

An `.oicbackup` is a zip archive (stored, nothing compressed: the snapshot is ciphertext) of `desk.db`,
`keys.json` and `manifest.json`. The snapshot is encrypted with the vault's own data key.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import zipfile
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from oicdesk.errors import DamagedVault, Refused, VaultError
from oicdesk.vault import keys
from oicdesk.vault.connection import connect, world_error
from oicdesk.vault.migrate import refuse_newer, revision_of

SUFFIX = ".oicbackup"
DATABASE = "desk.db"
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; nothing in it names a case or a person."""

    vault_id: str
    made_at: str  # ISO 8601, UTC
    schema: str
    rows: dict[str, int]
    log_head: str
    sha256: dict[str, str]  # of each member


def write(folder: Path, target: Path, data_key: bytes, vault_id: str) -> Manifest:
    """Snapshot the open vault in `folder` into the single file `target`.

    The snapshot is opened, checked and counted against the living vault, and the finished file is read
    back, before it takes the target's name. On any failure an older target stays as it was.
    """
    mark = secrets.token_hex(4)
    snapshot = target.with_name(f".{target.name}.{mark}.db")
    part = target.with_name(f".{target.name}.{mark}.part")
    try:
        _snapshot(folder / DATABASE, snapshot, data_key)
        slots = keys.render(keys.read(folder))  # a backup with a damaged key file would open to nobody
        rows, schema, head = _count(snapshot, data_key)
        living, _, _ = _count(folder / DATABASE, data_key, thorough=False)
        if rows != living:
            raise DamagedVault(
                "The backup does not hold what the vault holds, so it was thrown away: run"
                " 'oicdesk vault verify', then try again."
            )
        hashes = {DATABASE: _sha256(snapshot), keys.FILE: hashlib.sha256(slots).hexdigest()}
        manifest = Manifest(vault_id, datetime.now(UTC).isoformat(), schema, rows, head, hashes)
        _pack(part, snapshot, slots, manifest)
        read_manifest(part)
        part.replace(target)
        keys.sync_folder(target.parent)
        return manifest
    except OSError as error:
        raise VaultError(
            f"The backup could not be written ({error.strerror}); the vault and any older backup are untouched:"
            " free some space or choose another place, then try again."
        ) from error
    except Exception as error:
        translated = world_error(error)
        if translated is None or isinstance(error, VaultError):
            raise
        raise VaultError(f"The backup could not be written. {translated}") from error
    finally:
        for leftover in (snapshot, part):
            with contextlib.suppress(OSError):
                leftover.unlink()


_STAMPED = re.compile(r".*-\d{8}-\d{6}(-\d+)?" + re.escape(SUFFIX))


def dated(folder: Path, name: str) -> Path:
    """A name in `folder` for a backup made now, never one that is taken."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    numbers = ("", *(f"-{number:03}" for number in range(2, 1000)))
    return next(file for number in numbers if not (file := folder / f"{name}-{stamp}{number}{SUFFIX}").exists())


def keep_newest(folder: Path, count: int) -> None:
    """Remove all but the newest dated backups; one made before a migration is not among them."""
    made = [file for file in folder.iterdir() if _STAMPED.fullmatch(file.name)]
    for old in sorted(made, key=lambda file: (file.stat().st_mtime_ns, file.name))[:-count]:
        old.unlink(missing_ok=True)


def _snapshot(database: Path, snapshot: Path, data_key: bytes) -> None:
    os.close(os.open(snapshot, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = connect(database, data_key)
    try:
        connection.execute("VACUUM INTO ?", (str(snapshot),))
    finally:
        connection.close()


def _count(database: Path, data_key: bytes, *, thorough: bool = True) -> tuple[dict[str, int], str, str]:
    """Rows per table, schema revision and log head of a file, after checking every page of it."""
    connection = connect(database, data_key)
    try:
        revision = revision_of(connection)
        if thorough:
            bad = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            if bad or connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise DamagedVault("The copy of the vault does not read back whole: try another disk.")
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            " AND name NOT LIKE '%\\_fts\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
        rows = {t: connection.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for (t,) in tables}
        last = connection.execute("SELECT id, hash FROM activity ORDER BY id DESC LIMIT 1").fetchone()
        return rows, revision, f"{last[0]}:{last[1]}" if last else "empty"
    finally:
        connection.close()


def _pack(part: Path, snapshot: Path, slots: bytes, manifest: Manifest) -> None:
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.write(snapshot, DATABASE)
            archive.writestr(keys.FILE, slots)
            archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup whose every member is what was written. Raises DamagedVault."""
    damaged = DamagedVault(f"The backup {file.name} is damaged or is not an OICDesk backup: use another backup file.")
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest(**json.loads(archive.read(_MANIFEST)))
            if not isinstance(manifest.schema, str) or not isinstance(manifest.sha256, dict):
                raise damaged
            for name in (DATABASE, keys.FILE):
                with archive.open(name) as member:
                    if _digest(member) != manifest.sha256[name]:
                        raise damaged
        return manifest
    except FileNotFoundError:
        raise VaultError(f"There is no backup file at {file}: check the name and try again.") from None
    except (zipfile.BadZipFile, zlib.error, LookupError, TypeError, ValueError, EOFError, RuntimeError, AttributeError):
        raise damaged from None
    except OSError as error:
        raise VaultError(f"The backup {file.name} cannot be read ({error.strerror}).") from error


def _digest(member: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := member.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def unpack(file: Path, secret: str, into: Path, user: str | None = None) -> Manifest:
    """Put a backup's vault into the new folder `into`, proved: opened with `secret`, checked, counted.

    Raises VaultError subclasses; nothing is left behind on failure.
    """
    from oicdesk.vault.opening import wrong_passphrase

    manifest = read_manifest(file)
    refuse_newer(manifest.schema)
    try:
        with zipfile.ZipFile(file) as archive:
            slots = keys.parse(archive.read(keys.FILE))
            opened = keys.unwrap(slots, secret, user)
            if opened is None:
                raise wrong_passphrase()
            into.mkdir(mode=0o700)
            with archive.open(DATABASE) as member, _private(into / DATABASE) as out:
                shutil.copyfileobj(member, out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
        rows, _, head = _count(into / DATABASE, opened[0])
        if rows != manifest.rows or head != manifest.log_head:
            raise DamagedVault(f"The backup {file.name} does not hold what it says: use another backup file.")
        keys.write(into, slots)
        (into / "backups").mkdir(mode=0o700)
        _private(into / "lock").close()
    except BaseException as error:
        shutil.rmtree(into, ignore_errors=True)
        if not isinstance(error, OSError | VaultError) and world_error(error):
            raise DamagedVault(
                f"The backup {file.name} does not open with its own keys: use another backup file."
            ) from error
        if isinstance(error, OSError):
            raise VaultError(
                f"The backup could not be unpacked ({error.strerror}); nothing was changed:"
                " free some space or choose another place."
            ) from error
        raise
    return manifest


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def restore(file: Path, path: Path, secret: str, *, replace: bool = False, user: str | None = None) -> Path | None:
    """Restore a backup to the vault folder `path`; returns where an older vault there was moved to.

    An existing folder is never overwritten: without `replace` it is refused, with it moved aside.
    """
    if path.exists() and not replace:
        raise Refused(
            f"There is already something at {path}, and a restore never overwrites: choose a new place, or say"
            " --replace to have the old folder moved aside."
        )
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.restoring")
    unpack(file, secret, fresh, user)
    aside = None
    try:
        if path.exists():
            aside = _move_aside(path)
        fresh.replace(path)
        keys.sync_folder(path.parent)
    except BaseException as error:
        if aside is not None and not path.exists():
            aside.replace(path)
        shutil.rmtree(fresh, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise VaultError(
            f"The restored vault could not be put in place ({error.strerror}); the old one is as it was."
        ) from error
    return aside


def _move_aside(path: Path) -> Path:
    from oicdesk.vault.lock import FolderLock

    lock = FolderLock(path)
    lock.acquire()  # refuses while a living program has it open
    lock.release(stamped=False)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.replaced-{stamp}{path.suffix}")
    return path.replace(aside)


def note_head(backups: Path, manifest: Manifest, file: Path) -> None:
    """Keep the newest backup's log head outside the database, where `verify` compares it."""
    note: dict[str, Any] = {"file": file.name, "made_at": manifest.made_at, "log_head": manifest.log_head}
    keys.put(backups / "last.json", json.dumps(note, indent=1).encode())


def last_note(backups: Path) -> dict[str, str] | None:
    """The note of the newest backup: file, made_at, log_head; None if there is none to read."""
    try:
        note = json.loads((backups / "last.json").read_bytes())
        return {name: str(note[name]) for name in ("file", "made_at", "log_head")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
