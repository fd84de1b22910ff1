"""What every stored table shares: the metadata, and how an instant is kept.

A table whose name begins with `person` holds people: only a consulting session may read it.
"""

import contextlib
import gc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Dialect, ForeignKey, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator


def instant_text(value: datetime) -> str:
    """How an instant is kept: UTC, microseconds, Z. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"  # four times as fast as strftime


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC text of one width (microseconds and Z), so that text order is time order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Stored(DeclarativeBase):
    """All tables of the desk."""

    type_annotation_map = {datetime: Instant}  # noqa: RUF012  # SQLAlchemy reads it off the class


@contextlib.contextmanager
def collection_paused() -> Iterator[None]:
    """No garbage collection while a hundred thousand rows are made: none refers back, and walking them again and
    again takes a fifth to a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def insert_many(session: Session, stored: type[Stored], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Put rows, each with its values in the order of `names`, into a table by one statement.

    SQLAlchemy's own way works each value of each row out by itself, which costs more than writing it.
    """
    if not rows:
        return
    session.flush()
    connection, table = session.connection(), cast(Table, stored.__table__)
    kinds = (table.c[name].type.dialect_impl(connection.dialect) for name in names)
    processes = [kind.bind_processor(connection.dialect) for kind in kinds]
    if any(processes):
        columns = zip(*rows, strict=True)
        rows = list(zip(*(map(p, c) if p else c for p, c in zip(processes, columns, strict=True)), strict=True))
    quoted = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join('?' * len(names))})", rows)


class DeskUser(Stored):
    """A person who works at this desk; `slot` names their way in (keys.json)."""

    __tablename__ = "desk_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    slot: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Draft(Stored):
    """Unsaved form contents: they live only here, never in a plain file."""

    __tablename__ = "draft"

    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    saved_at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("desk_user.id"))


class Activity(Stored):
    """The log of DPA 2018 s.62; written only by `vault.log`."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user: Mapped[str]
    os_account: Mapped[str]
    operation: Mapped[str]
    records: Mapped[str]  # JSON: {"referral": [3, 4]}
    fields: Mapped[str]  # JSON: names only, never contents
    recipient: Mapped[str | None]
    purpose: Mapped[str | None]
    detail: Mapped[str | None]
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
