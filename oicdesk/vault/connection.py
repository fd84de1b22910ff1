"""SQLCipher through SQLAlchemy: how a connection is made, keyed and guarded."""

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from oicdesk.errors import DamagedVault, VaultError

_SQLITE_READ = 20  # the authorizer's action code for reading a column
_DENY = 1


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Any:
    """A keyed driver connection to an existing or new database file.

    `read_only` proves a file without folding its write-ahead log in, as the last ordinary connection does.
    """
    where = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlcipher.connect(where, uri=True, isolation_level=None, check_same_thread=False)
    # Before the key: a wrong one would print lines of the library's own on standard error.
    connection.execute("PRAGMA cipher_log_level=NONE")
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    # Sorting and temporary tables stay in memory: nothing readable may reach the disk outside the vault.
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def tune(connection: Any) -> None:
    """What a proved connection needs before it is used; the first statement here reads the file."""
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for pragma in (
        "foreign_keys=ON", "journal_mode=WAL", "secure_delete=ON", "synchronous=FULL",
        "recursive_triggers=ON", "cache_size=-64000",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}").fetchone()


def _people_stay_closed(action: int, table: str | None, *_rest: object) -> int:
    return _DENY if action == _SQLITE_READ and (table or "").lower().startswith("person") else 0


@contextlib.contextmanager
def proof(path: Path, key: bytes) -> Iterator[Connection]:
    """A connection that changes no byte of the vault; only for the holder of the folder's lock.

    It leaves a write-ahead log of a killed program as it lies, and takes the empty one away that it made.
    """
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-shm")]
    made = [file for file in beside if not file.exists()]
    engine = create_engine(
        "sqlite://", module=sqlcipher, creator=lambda: connect(path, key, read_only=True), poolclass=StaticPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
        for file in made:
            file.unlink(missing_ok=True)


def reading_engine(path: Path, key: bytes, *, people: bool = False) -> Engine:
    """An engine that cannot write; without `people` it cannot read their tables either."""

    def creator() -> Any:
        connection = connect(path, key)
        tune(connection)
        connection.execute("PRAGMA query_only=ON")
        if not people:
            connection.set_authorizer(_people_stay_closed)
        return connection

    return _engine(creator, "BEGIN")


def writing_engine(path: Path, key: bytes) -> Engine:
    """An engine whose every transaction is the one writer's."""

    def creator() -> Any:
        connection = connect(path, key)
        tune(connection)
        return connection

    engine = _engine(creator, "BEGIN IMMEDIATE")
    event.listen(engine, "before_cursor_execute", _note_table)
    return engine


def _engine(creator: Callable[[], Any], begin: str) -> Engine:
    engine = create_engine("sqlite://", module=sqlcipher, creator=creator, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


# Anywhere in the statement, since a write may stand behind WITH; a name too many does no harm.
_WRITE = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)"
    r"\s+(?:main\s*\.\s*)?[\"\[`]?(\w+)",
    re.I,
)


def _note_table(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    # UPDATE SET is the tail of an upsert, not a table.
    written = {name.lower() for name in _WRITE.findall(statement)} - {"set"}
    if written:
        connection.info.setdefault("changed", set()).update(written)


DISK_FULL = "The disk is full: nothing was saved and nothing is lost; free some space and try again."

# Primary result codes of SQLite that mean the world, not the program, is at fault.
_WORLD = {
    5: "The vault is busy in another connection: wait a moment and try again.",
    8: "The vault's disk or folder has become read-only: nothing was saved; make it writable, then try again.",
    10: "The disk failed while the vault was in use: nothing half-written is kept; check the disk, then run"
    " 'oicdesk vault verify'.",
    13: DISK_FULL,
    14: "The vault's file cannot be opened: check that the folder is still there and yours to write.",
}
_DAMAGED = (11, 26)


def world_error(error: BaseException) -> VaultError | None:
    """The sentence for a fault of the world behind a database error; None if the fault is ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = (getattr(original, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _DAMAGED:
        return DamagedVault(
            "The vault's database is damaged, so it was not opened or changed: restore the newest backup"
            " with 'oicdesk vault restore'."
        )
    return VaultError(_WORLD[code]) if code in _WORLD else None
