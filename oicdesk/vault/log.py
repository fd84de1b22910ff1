"""The log of DPA 2018 s.62: who did what to which record, when; never what was in it.

Append-only by triggers in the database, each entry hashed over its predecessor. `record` and
`record_many` are the only writers; `check` finds the first entry that is not what was written.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, String, func, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from oicdesk.vault.connection import world_error
from oicdesk.vault.lock import os_account
from oicdesk.vault.tables import Activity, instant_text

COLLECTION = "collection"
ALTERATION = "alteration"
CONSULTATION = "consultation"
DISCLOSURE = "disclosure"
COMBINATION = "combination"
ERASURE = "erasure"
OPERATIONS = (COLLECTION, ALTERATION, CONSULTATION, DISCLOSURE, COMBINATION, ERASURE)

START = "0" * 64  # what the first entry hashes over
_TABLE = Activity.__table__
_HASHED = (
    "id", "at", "user", "os_account", "operation", "records", "fields", "recipient", "purpose", "detail",
)  # fmt: skip


_NEWEST = "SELECT id, hash FROM activity ORDER BY id DESC LIMIT 1"
# Times pass through as the text they are kept as: the hash is over what stands in the file.
_INSERT = (
    f"INSERT INTO activity ({', '.join((*_HASHED, 'prev', 'hash'))})".replace("user", '"user"', 1)
    + f" VALUES ({', '.join('?' * (len(_HASHED) + 2))})"
)
_COLUMNS = [type_coerce(c, String) if c.name == "at" else c for c in _TABLE.c]


@dataclass(frozen=True)
class Head:
    """The newest entry: its number and hash, as printed on reports and kept with backups."""

    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}" if self.id else "empty"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """A head as printed; raises ValueError."""
        if text.strip() == "empty":
            return cls(0, START)
        number, _, digest = text.strip().partition(":")
        if len(digest) != 64:
            raise ValueError("a head is a number, a colon and 64 hexadecimal digits")
        return cls(int(number), digest.lower())


@dataclass(frozen=True)
class Fault:
    """The first bad entry of the log, and in what way it is bad."""

    id: int
    sentence: str


Ids = int | str | Sequence[int] | Sequence[str]


def record(
    session: Session,
    operation: str,
    *,
    fields: Iterable[str] = (),
    recipient: str | None = None,
    purpose: str | None = None,
    detail: str | None = None,
    records: Mapping[str, Ids] | None = None,
    **more: Ids,
) -> None:
    """Append one entry in this transaction.

    Keywords name tables: `record(s, ALTERATION, referral=3)`; `records` is the same as a mapping.
    """
    ids = {table: _listed(value) for table, value in {**(records or {}), **more}.items()}
    if operation == ERASURE:
        session.info[ERASURE] = True  # the vault leaves nothing of it on the disk once this is committed
    _append(session, [(operation, ids, tuple(fields), recipient, purpose, detail)])


def record_many(
    session: Session,
    operation: str,
    table: str,
    ids: Sequence[int],
    *,
    fields: Iterable[str] = (),
    detail: str | None = None,
) -> None:
    """Append one entry for each id, in one bulk statement."""
    names = tuple(fields)
    _append(session, [(operation, {table: [i]}, names, None, None, detail) for i in ids])


def _listed(value: Ids) -> list[int | str]:
    return [value] if isinstance(value, int | str) else list(value)


_Entry = tuple[str, dict[str, list[Any]], tuple[str, ...], str | None, str | None, str | None]


def _append(session: Session, entries: Sequence[_Entry]) -> None:
    if not entries:
        return
    session.flush()
    connection = session.connection()
    last = head(connection)
    at = instant_text(datetime.now(UTC))
    user, account = session.info["user"].name, os_account()
    prev, rows = last.hash, []
    for number, (operation, ids, fields, recipient, purpose, detail) in enumerate(entries, last.id + 1):
        if operation not in OPERATIONS:
            raise ValueError(f"not an operation of the log: {operation}")
        row: dict[str, Any] = {
            "id": number, "at": at, "user": user, "os_account": account, "operation": operation,
            "records": _json(ids), "fields": _json(fields),
            "recipient": recipient, "purpose": purpose, "detail": detail, "prev": prev,
        }  # fmt: skip
        prev = row["hash"] = entry_hash(row)
        rows.append(row)
    connection.exec_driver_sql(_INSERT, [tuple(row[name] for name in (*_HASHED, "prev", "hash")) for row in rows])


# Bytes stand in an entry only if somebody put them there; they must not stop the check that finds them.
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=repr).encode


def entry_hash(row: dict[str, Any]) -> str:
    """SHA-256 over the predecessor's hash and every column but the two hashes, as canonical JSON."""
    facts = [row["prev"], *(row[name] for name in _HASHED)]
    return hashlib.sha256(_json(facts).encode("utf-8", "surrogatepass")).hexdigest()


def head(connection: Connection, as_at: datetime | None = None) -> Head:
    """The newest entry, or the newest at or before `as_at`."""
    if as_at is None:
        found = connection.exec_driver_sql(_NEWEST).first()  # asked at every entry: no statement is built for it
    else:
        query = select(_TABLE.c.id, _TABLE.c.hash).order_by(_TABLE.c.id.desc()).limit(1)
        found = connection.execute(query.where(_TABLE.c.at <= as_at)).first()
    return Head(found.id, found.hash) if found else Head(0, START)


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(_TABLE)).scalar_one()


def check(connection: Connection, *, newest: int | None = None, kept: Head | None = None) -> Fault | None:
    """The first entry that was altered, removed, inserted or reordered; None if the chain is whole.

    `newest` limits the walk to that many entries from the end. `kept` is a head noted elsewhere (with a
    backup, on a printed report): entries cut off the end are found against it.
    """
    expected, prev = 1, START
    if newest is not None:
        last = head(connection).id
        if last > newest:
            expected = last - newest + 1
            before = connection.execute(select(_TABLE.c.hash).where(_TABLE.c.id == expected - 1)).scalar()
            if before is None:
                return Fault(expected - 1, _MISSING.format(expected - 1))
            prev = before
    try:
        fault, last = _walk(connection, expected, prev)
    except DBAPIError as error:
        if world_error(error):
            raise
        with _broken_text_readable(connection):
            fault, last = _walk(connection, expected, prev)
    if fault is None and kept and kept.id:
        return _against(connection, kept, last)
    if fault is None and last == 0:
        return Fault(1, _MISSING.format(1))  # every vault begins with the entry of its creation
    return fault


def _walk(connection: Connection, expected: int, prev: str) -> tuple[Fault | None, int]:
    """The first fault from entry `expected` on, and the last entry that was whole."""
    for row in _rows(connection, expected):
        fault = _fault(row, expected, prev)
        if fault:
            return fault, expected - 1
        expected, prev = expected + 1, row["hash"]
    return None, expected - 1


@contextlib.contextmanager
def _broken_text_readable(connection: Connection) -> Iterator[None]:
    """Bytes that are no text were put there by a forger: read them, so that the hash gives them away."""
    driver: Any = connection.connection.driver_connection
    usual = driver.text_factory
    driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = usual


_MISSING = "Entry {} of the log is missing or out of its place."
_ALTERED = "Entry {} of the log was altered after it was written."


def _fault(row: dict[str, Any], expected: int, prev: str) -> Fault | None:
    if row["id"] < expected:
        return Fault(row["id"], f"Entry {row['id']} of the log was put in by something other than the desk.")
    if row["id"] != expected:
        return Fault(expected, _MISSING.format(expected))
    if row["prev"] != prev:
        return Fault(
            expected, f"Entry {expected} of the log does not follow the one before it: one was replaced or moved."
        )
    if entry_hash(row) != row["hash"]:
        return Fault(expected, _ALTERED.format(expected))
    return None


def _against(connection: Connection, kept: Head, last: int) -> Fault | None:
    if kept.id > last:
        return Fault(
            last + 1,
            f"The log ends at entry {last}, but entry {kept.id} had been written: its end was cut off.",
        )
    found = connection.execute(select(_TABLE.c.hash).where(_TABLE.c.id == kept.id)).scalar()
    if found != kept.hash:
        return Fault(kept.id, f"Entry {kept.id} of the log is not the one that was noted outside the vault.")
    return None


def _rows(connection: Connection, first: int) -> Iterator[dict[str, Any]]:
    query = select(*_COLUMNS).order_by(_TABLE.c.id)
    if first > 1:  # from the start, so are numbers below it, which only a forger gives
        query = query.where(_TABLE.c.id >= first)
    names = [column.name for column in _TABLE.c]
    for row in connection.execute(query, execution_options={"yield_per": 2000}):
        yield dict(zip(names, row, strict=True))
