"""The encrypted desk on disk: create, open, read, change, consult, back up, verify.

The order of work is the promise: lock before key, key before file, log before commit, backup before
migration. Everything here raises Refused (a rule), or VaultError (the world), with one sentence.
"""

import contextlib
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from oicdesk.errors import Refused, VaultError
from oicdesk.vault import backup, keys, log
from oicdesk.vault.connection import DISK_FULL, connect, reading_engine, tune, world_error, writing_engine
from oicdesk.vault.keys import Kdf
from oicdesk.vault.lock import FolderLock
from oicdesk.vault.migrate import HEAD
from oicdesk.vault.opening import (
    RECOVERY,
    bring_up_to_date,
    first_slots,
    make_folder,
    new_database,
    prove,
    sweep,
    user_of,
    wrong_passphrase,
)
from oicdesk.vault.tables import DeskUser

SUFFIX = ".oicdesk"
OFFICER, APPROVER, REVIEWER, VIEWER = "OIC officer", "Approver", "Second reviewer", "Viewer"
ROLES = (OFFICER, APPROVER, REVIEWER, VIEWER)
KEPT_BACKUPS = 10
_LEAST_FREE = 256 * 1024  # bytes: below this not even the shared memory beside the database fits


@dataclass(frozen=True)
class User:
    """Who is at the desk."""

    id: int
    name: str
    role: str


@dataclass(frozen=True)
class Check:
    """One line of `vault verify`."""

    name: str
    ok: bool
    sentence: str


class UnloggedChangeError(RuntimeError):
    """A change without a log entry: a fault in the program, taken back."""


class _ChangingSession(Session):
    """A session whose only commit is the vault's own, after it has looked for the log entry."""

    def commit(self) -> None:
        raise UnloggedChangeError("the vault commits at the end of changing(); nothing else does")

    def commit_logged(self) -> None:
        super().commit()


def _not_accepted() -> Refused:
    # Two users with one passphrase could not be told apart.
    return Refused("That passphrase is not accepted: each user chooses another one.", field="passphrase")


def vault_path(path: Path) -> Path:
    """`path` with the vault's suffix."""
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


class Vault:
    """An open desk. Use `create` or `open`; `close` when done (also as a context manager)."""

    def __init__(self, path: Path, data_key: bytes, slots: keys.Slots, slot: keys.Slot, lock: FolderLock) -> None:
        self.path = path
        self.on_commit: Callable[[frozenset[str]], None] | None = None
        self._key, self._slots, self._slot, self._lock = data_key, slots, slot, lock
        self._reader = reading_engine(path / backup.DATABASE, data_key)
        self._consulter = reading_engine(path / backup.DATABASE, data_key, people=True)
        self._writer = writing_engine(path / backup.DATABASE, data_key)
        self.user = User(0, "", VIEWER)

    # --- coming and going ---

    @classmethod
    def create(
        cls, path: Path, passphrase: str, user: str, *, kdf: Kdf | None = None, role: str = OFFICER
    ) -> tuple["Vault", str]:
        """A new vault at `path` and its recovery key, which is shown once and kept nowhere."""
        keys.check_passphrase(passphrase)
        if not user.strip():
            raise Refused("The first user needs a name, because every entry of the log carries it.", field="user")
        if user.strip().casefold() == RECOVERY.casefold():
            raise Refused("That name belongs to the recovery key: choose another one.", field="user")
        path = vault_path(path)
        make_folder(path)
        lock, vault = FolderLock(path), None
        try:
            data_key, recovery_key = secrets.token_bytes(32), keys.new_recovery_key()
            slots, slot = first_slots(data_key, passphrase, recovery_key, user, kdf or Kdf())
            lock.acquire()
            new_database(path / backup.DATABASE, data_key)
            vault = cls(path, data_key, slots, slot, lock)
            with vault._transaction(User(1, user.strip(), role)) as session:
                for number, way, name in ((1, slot, user.strip()), (2, slots.slots[1], RECOVERY)):
                    session.add(DeskUser(id=number, name=name, role=role, slot=way.id, created_at=datetime.now(UTC)))
                log.record(session, log.COLLECTION, desk_user=[1, 2], detail="vault created")
            keys.write(path, slots)
            lock.stamp()
            vault.user = User(1, user.strip(), role)
        except BaseException as error:
            if vault is not None:
                vault._dispose()
            lock.release(stamped=False)
            shutil.rmtree(path, ignore_errors=True)
            translated = _disk_error(error, path.parent)
            if translated:
                raise translated from error
            raise
        return vault, recovery_key

    @classmethod
    def open(
        cls,
        path: Path,
        secret: str,
        user: str | None = None,
        *,
        previous_slots: bool = False,
        check_log: bool = True,
    ) -> "Vault":
        """Open the vault at `path` with a passphrase or the recovery key.

        Raises WrongPassphrase, DamagedSlots, DamagedVault or VaultError; nothing on disk has changed then.
        `check_log=False` is for a caller that is about to check the whole log and tell what is wrong with it.
        """
        path = vault_path(path)
        if not path.is_dir():
            raise VaultError(f"There is no vault at {path}: check the place, or create one.")
        lock = FolderLock(path)
        taken_over = lock.acquire(make=False)
        vault: Vault | None = None
        try:
            slots = keys.read(path, previous=previous_slots)
            opened = keys.unwrap(slots, secret, user)
            if opened is None:
                raise wrong_passphrase()
            data_key, slot = opened
            lock.acquire()
            if prove(path, data_key, slot, check_log) != HEAD:
                bring_up_to_date(path, data_key, slots)
            vault = cls(path, data_key, slots, slot, lock)
            vault._enter(secret, taken_over, previous_slots)
        except BaseException as error:
            if vault is not None:
                vault._dispose()
            lock.release(stamped=False)
            translated = _disk_error(error, path)
            if translated:
                raise translated from error
            raise
        return vault

    def _enter(self, secret: str, taken_over: bool, previous_slots: bool) -> None:
        """Find the user of the slot, clear away what a killed program left, note what was unusual."""
        with self.reading() as session:
            self.user = User(*user_of(session.connection(), self._slot))
        self._lock.stamp()
        sweep(self.path)
        notes = [
            note
            for note, is_so in (
                ("lock of a dead program taken over", taken_over),
                ("opened with the previous key file", previous_slots),
                ("opened with the recovery key", self._slot.kind == "recovery"),
            )
            if is_so
        ]
        for note in notes:
            with self._transaction() as session:
                log.record(session, log.ALTERATION, desk_user=self.user.id, detail=note)
        if previous_slots or not keys.spare_is_equal(self.path):
            keys.write(self.path, self._slots)
        self._strengthen(secret)

    def close(self) -> None:
        """Fold the write-ahead log in and let go of the lock; the vault refuses to be used from here on."""
        self._dispose()  # SQLite folds the write-ahead log in when the last connection closes
        self._lock.release(stamped=True)

    def _dispose(self) -> None:
        self._key = b""
        for engine in (self._reader, self._consulter, self._writer):
            engine.dispose()

    def __enter__(self) -> "Vault":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # --- reading and changing ---

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that reads one consistent moment; it can neither write nor see people."""
        with self._looking(self._reader) as session:
            yield session

    @contextlib.contextmanager
    def changing(self) -> Iterator[Session]:
        """The one writer's transaction: committed at the end, taken back on any exception.

        Raises UnloggedChangeError if rows changed and no log entry was added (unsaved drafts excepted).
        """
        if self.user.role == VIEWER:
            raise Refused("A read-only viewer cannot change the desk: ask the OIC officer.")
        with self._transaction() as session:
            yield session

    @contextlib.contextmanager
    def consulting(self, what: str | None = None, **records: int | list[int]) -> Iterator[Session]:
        """A session that may read people but cannot write; the look is in the log before the first row is read."""
        with self._transaction() as session:
            log.record(session, log.CONSULTATION, detail=what, records=records)
        with self._looking(self._consulter) as session:
            yield session

    @contextlib.contextmanager
    def _looking(self, engine: Engine) -> Iterator[Session]:
        self._refuse_closed()
        with _sentences(), Session(engine) as session:
            session.info["user"] = self.user
            yield session

    @contextlib.contextmanager
    def _transaction(self, user: User | None = None) -> Iterator[Session]:
        self._refuse_closed()
        with _sentences(), _ChangingSession(self._writer) as session:
            session.info["user"] = user or self.user
            connection = session.connection()
            driver: Any = connection.connection.driver_connection
            changed: set[str] = set()
            connection.info["changed"] = changed
            before, head = driver.total_changes, log.head(connection)
            yield session
            session.flush()
            # The log itself is asked: an entry may have been taken back with a savepoint.
            if driver.total_changes != before and changed != {"draft"} and log.head(connection) == head:
                raise UnloggedChangeError(f"rows of {', '.join(sorted(changed))} changed without a log entry")
            session.commit_logged()
        if session.info.get(log.ERASURE):
            self._fold_in()
        if self.on_commit is not None and changed:
            self.on_commit(frozenset(changed))

    def _fold_in(self) -> None:
        """Fold the write-ahead log in and cut it, as closing does: what was erased still stands in it."""
        with contextlib.suppress(Exception), self._writer.connect() as connection:  # the erasure itself is done
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA busy_timeout = 0").fetchall()  # nobody waits for a reader in the background
            try:
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                driver.execute("PRAGMA busy_timeout = 5000").fetchall()

    def _refuse_closed(self) -> None:
        if not self._key:
            raise VaultError("The desk is locked: open the vault again.")

    # --- users and ways in ---

    def users(self) -> list[User]:
        """Everyone who has a way in, the recovery key left out."""
        recovery = {slot.id for slot in self._slots.slots if slot.kind == "recovery"}
        with self.reading() as session:
            rows = session.execute(
                select(DeskUser).where(DeskUser.removed_at.is_(None)).order_by(DeskUser.id)
            ).scalars()
            return [User(row.id, row.name, row.role) for row in rows if row.slot not in recovery]

    def add_user(self, name: str, role: str, passphrase: str) -> None:
        """Give a new person a way in under their own passphrase."""
        keys.check_passphrase(passphrase)
        name = name.strip()
        if not name or role not in ROLES:
            raise Refused("A user needs a name and one of the desk's roles.", field="name")
        if keys.unwrap(self._slots, passphrase):
            raise _not_accepted()
        slot = self._wrap(passphrase, "passphrase", name)
        with self.changing() as session:
            taken = session.execute(select(DeskUser.name)).scalars()
            if name.casefold() in {other.casefold() for other in taken}:
                raise Refused(f"There is already a user called {name}: choose another name.", field="name")
            row = DeskUser(name=name, role=role, slot=slot.id, created_at=datetime.now(UTC))
            session.add(row)
            session.flush()
            log.record(session, log.COLLECTION, desk_user=row.id, fields=["name", "role"])
        # The user first: a user without a way in is harmless, a way in without a user is not.
        self._put(self._slots.with_slot(slot))

    def remove_user(self, user_id: int) -> None:
        """Take a person's way in away; their name stays in the log and on past records."""
        if user_id == self.user.id:
            raise Refused("You cannot take away your own way in: another user must do it.")
        with self.changing() as session:
            row = session.get(DeskUser, user_id)
            if row is None or row.removed_at is not None:
                raise Refused("That user has no way in any more.")
            if row.name == RECOVERY:
                raise Refused("The recovery key is nobody's way in to take away: make a new one instead.")
            self._put(self._slots.without(row.slot))
            row.removed_at = datetime.now(UTC)
            log.record(session, log.ALTERATION, desk_user=user_id, fields=["removed_at"])

    def change_passphrase(self, old: str, new: str) -> None:
        """Re-wrap the data key of the user at the desk under a new passphrase; nothing is re-encrypted."""
        keys.check_passphrase(new)
        if self._slot.kind == "recovery":
            raise Refused(
                "The recovery key opened the desk, and it is not a passphrase: add a user with a passphrase of"
                " their own, or make a new recovery key.",
                field="old",
            )
        opened = keys.unwrap(self._slots, old)
        if opened is None or opened[1].id != self._slot.id:
            raise Refused("The present passphrase is not right: type it again.", field="old")
        taken = keys.unwrap(self._slots, new)
        if taken is not None and taken[1].id != self._slot.id:
            raise _not_accepted()
        self._put(self._slots.with_slot(self._wrap(new, "passphrase", self.user.name, self._slot.id)))
        with self._transaction() as session:
            log.record(session, log.ALTERATION, desk_user=self.user.id, fields=["passphrase"])

    def replace_recovery_key(self, passphrase: str) -> str:
        """A new recovery key; the old one opens nothing any more."""
        self._ask_again(passphrase)
        old = next(slot for slot in self._slots.slots if slot.kind == "recovery")
        key = keys.new_recovery_key()
        self._put(self._slots.with_slot(self._wrap(key, "recovery", RECOVERY, old.id)))
        with self._transaction() as session:
            log.record(session, log.ALTERATION, desk_user=self.user.id, fields=["recovery_key"])
        return key

    @property
    def strength_mib(self) -> int:
        """Memory that a guess at a passphrase costs, in MiB."""
        return self._slots.strength_mib

    def set_strength(self, mib: int, passphrase: str) -> None:
        """Set the cost of a guess; other users' slots follow when they next open the vault."""
        if mib not in keys.STRENGTHS_MIB:
            raise Refused(f"The strength is one of {', '.join(map(str, keys.STRENGTHS_MIB))} MiB.", field="strength")
        self._refuse_closed()
        self._ask_again(passphrase)
        self._put(keys.Slots(self._slots.vault_id, mib, self._slots.slots))
        with self._transaction() as session:
            log.record(session, log.ALTERATION, desk_user=self.user.id, fields=["strength"])
        self._strengthen(passphrase)

    def _ask_again(self, passphrase: str) -> None:
        opened = keys.unwrap(self._slots, passphrase)
        if opened is None or opened[1].id != self._slot.id:
            raise Refused("The passphrase is not right: type it again.", field="passphrase")

    def _strengthen(self, secret: str) -> None:
        # The wish stands in the key file unsealed: nothing weaker than the desk offers is ever followed.
        wanted = self._slots.strength_mib
        if wanted in keys.STRENGTHS_MIB and self._slot.memory_kib != wanted * 1024:
            name = self.user.name if self._slot.kind == "passphrase" else RECOVERY
            self._slot = self._wrap(secret, self._slot.kind, name, self._slot.id)
            self._put(self._slots.with_slot(self._slot))

    def _wrap(self, secret: str, kind: str, name: str, slot_id: str | None = None) -> keys.Slot:
        self._refuse_closed()
        wanted = self._slots.strength_mib
        kdf = Kdf(memory_kib=wanted * 1024) if wanted in keys.STRENGTHS_MIB else self._slot.kdf
        vault_id = self._slots.vault_id
        return keys.wrap(self._key, secret, kind=kind, user=name, vault_id=vault_id, kdf=kdf, slot_id=slot_id)

    def _put(self, slots: keys.Slots) -> None:
        keys.write(self.path, slots)
        self._slots = slots
        self._slot = next((slot for slot in slots.slots if slot.id == self._slot.id), self._slot)

    # --- proving and keeping ---

    @property
    def backups(self) -> Path:
        return self.path / "backups"

    def back_up(self, target: Path | None = None, *, recipient: str | None = None, purpose: str | None = None) -> Path:
        """Back up to `target`, or into the vault's own `backups/` (the newest ten are kept).

        A backup that leaves the folder is logged as a disclosure: it hands the desk over.
        """
        self._refuse_closed()
        inside = target is None
        if target is None:
            self.backups.mkdir(mode=0o700, exist_ok=True)
            target = backup.dated(self.backups, self.path.stem)
        else:
            if target.suffix != backup.SUFFIX:
                target = target.with_name(target.name + backup.SUFFIX)
            with self._transaction() as session:
                log.record(
                    session, log.DISCLOSURE, detail="backup",
                    recipient=recipient or self.user.name, purpose=purpose or "own use",
                )  # fmt: skip
        manifest = backup.write(self.path, target, self._key, self._slots.vault_id)
        self.backups.mkdir(mode=0o700, exist_ok=True)
        backup.note_head(self.backups, manifest, target)
        if inside:
            backup.keep_newest(self.backups, KEPT_BACKUPS)
        return target

    def last_backup_at(self) -> datetime | None:
        """When the newest backup was made."""
        note = backup.last_note(self.backups)
        return datetime.fromisoformat(note["made_at"]) if note else None

    def log_head(self, as_at: datetime | None = None) -> log.Head:
        """The newest log entry at or before `as_at`, as printed on reports."""
        with self.reading() as session:
            return log.head(session.connection(), as_at)

    def check_log(self, kept: log.Head | None = None) -> list[Check]:
        """The whole chain, and its end against the head noted with the last backup, or against `kept`."""
        note = backup.last_note(self.backups)
        heads = [kept] if kept else [log.Head.parse(note["log_head"])] if note else []
        with self.reading() as session:
            connection = session.connection()
            fault = log.check(connection)
            checks = [
                Check("log chain", fault is None, fault.sentence if fault else f"{log.count(connection)} entries whole")
            ]
            for head in heads:
                late = fault or log.check(connection, newest=1, kept=head)
                where = "the head given" if kept else "the last backup"
                checks.append(Check("log end", late is None, late.sentence if late else f"reaches back to {where}"))
        return checks

    def verify(self, progress: Callable[[float, str], None] = lambda _share, _text: None) -> list[Check]:
        """Every proof the desk can give of itself, one line each; what fails is told, nothing is repaired."""
        checks = [self._check_slots()]
        self._refuse_closed()
        with _sentences():
            checks += self._check_database(progress)
        progress(0.9, "log")
        if all(check.ok for check in checks[1:]):
            checks += self.check_log()
        return checks

    def _check_database(self, progress: Callable[[float, str], None]) -> list[Check]:
        checks = []
        driver = connect(self.path / backup.DATABASE, self._key)
        try:
            tune(driver)
            # A changed page hidden behind a newer copy in the write-ahead log would not be read.
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            for share, name, pragma, good in (
                (0.1, "pages", "cipher_integrity_check", []),
                (0.3, "database", "integrity_check", [("ok",)]),
                (0.8, "references", "foreign_key_check", []),
            ):
                progress(share, name)
                checks.append(_pragma_check(driver, name, pragma, good))
        finally:
            driver.close()
        return checks

    def _check_slots(self) -> Check:
        try:
            same = keys.read(self.path) == self._slots and keys.spare_is_equal(self.path)
            return Check("keys", same, "key file whole" if same else "The key file is not the one that was opened.")
        except VaultError as error:
            return Check("keys", False, str(error))


def _pragma_check(driver: Any, name: str, pragma: str, good: list[Any]) -> Check:
    try:
        found = driver.execute(f"PRAGMA {pragma}").fetchall()
    except Exception as error:
        found = [(str(error),)]
    if found == good:
        return Check(name, True, f"{pragma} clean")
    return Check(
        name, False, f"The vault's database is damaged ({pragma}: {len(found)} faults): restore the newest backup."
    )


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Turn faults of disk and file into sentences; let everything else pass as it is."""
    try:
        yield
    except (Refused, VaultError):
        raise
    except Exception as error:
        translated = world_error(error)
        if translated:
            raise translated from error
        raise


def _disk_error(error: BaseException, place: Path) -> VaultError | None:
    if isinstance(error, Refused | VaultError):
        return None
    with contextlib.suppress(OSError):
        if shutil.disk_usage(place).free < _LEAST_FREE and (world_error(error) or isinstance(error, OSError)):
            return VaultError(DISK_FULL)  # SQLite calls it by other names while it opens a file
    if isinstance(error, OSError):
        return VaultError(
            f"The vault could not be written ({error.strerror}); nothing was changed: free some space or check"
            " the folder's permissions, then try again."
        )
    return world_error(error)
