"""The log as it is read: entries by filter, in words, and as a file. It is written only by `vault.log`.

The log is append-only, so what a filter has found stays found: only entries added since are looked at
again. Looking at the log is no consultation of people: it holds record numbers, never contents.
"""

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, String, or_, select, type_coerce
from sqlalchemy.orm import Session

from oicdesk.errors import Refused
from oicdesk.reports.files import save
from oicdesk.settings.records import reference
from oicdesk.settings.rules import end_of_day, spoken_instant, start_of_day
from oicdesk.sheets.read import guarded
from oicdesk.vault import log
from oicdesk.vault.tables import Activity, DeskUser, Stored
from oicdesk.vault.vault import Vault

SUFFIXES: Final = (".csv", ".json")
MISSING: Final = "missing"
_CHUNK: Final = 500
_COLUMNS: Final = tuple(type_coerce(c, String).label(c.name) if c.name == "at" else c for c in Activity.__table__.c)
_NAMES: Final = tuple(column.name for column in Activity.__table__.c)
_VERBS: Final = {
    log.COLLECTION: "recorded", log.ALTERATION: "changed", log.CONSULTATION: "looked at",
    log.DISCLOSURE: "disclosed", log.COMBINATION: "combined", log.ERASURE: "erased",
}  # fmt: skip
_FIRST_KINDS: Final = ("referral", "document", "person")

RecordId = int | str


@dataclass(frozen=True)
class ActivityRow:
    """One entry. `records` pairs a table with the numbers touched in it.

    An entry that should be there and is not has the operation `MISSING`; one whose time or records cannot
    be read (which the check of the log will name) has None there.
    """

    id: int
    at: datetime | None
    user: str
    os_account: str
    operation: str
    records: tuple[tuple[str, tuple[RecordId, ...]], ...] | None
    fields: tuple[str, ...]
    recipient: str
    purpose: str
    detail: str
    prev: str
    hash: str


@dataclass(frozen=True)
class Filter:
    """Which entries: empty fields ask nothing. Days are days of Europe/London, both included.

    `kind` is a table's name and `record` a number in it; `text` is sought in detail, recipient and purpose.
    """

    operation: str = ""
    user: str = ""
    kind: str = ""
    record: str = ""
    first: date | None = None
    last: date | None = None
    text: str = ""


ALL: Final = Filter()


class Entries:
    """The entries of a filter as a source for a table: newest first, oldest first when sorted up by "id"."""

    def __init__(self, vault: Vault, chosen: Filter = ALL) -> None:
        _check(chosen)
        self._vault, self.filter = vault, chosen
        self._ids: Sequence[int] = ()
        self._seen = 0

    def count(self) -> int:
        with self._vault.reading() as session:
            self._extend(session)
        return len(self._ids)

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = True) -> Sequence[ActivityRow]:
        count = len(self._ids)
        if sort is None or descending:
            ids = self._ids[max(0, count - offset - limit) : max(0, count - offset)][::-1]
        else:
            ids = self._ids[offset : offset + limit]
        with self._vault.reading() as session:
            found = {row.id: _row(row) for row in _with_ids(session, ids)}
        return [found.get(id) or _missing(id) for id in ids]

    def position(self, id: int, sort: str | None = None, descending: bool = True) -> int | None:
        place = bisect_left(self._ids, id)
        if place == len(self._ids) or self._ids[place] != id:
            return None
        return len(self._ids) - 1 - place if sort is None or descending else place

    def every(self, session: Session) -> Iterator[Row[Any]]:
        """Every entry as it is stored, oldest first, for a file."""
        self._extend(session)
        for start in range(0, len(self._ids), _CHUNK):
            yield from _with_ids(session, self._ids[start : start + _CHUNK])

    def _extend(self, session: Session) -> None:
        last = log.head(session.connection()).id
        if self.filter == ALL:
            # Entries are numbered without a gap; one that is missing shows as such.
            self._ids = range(1, last + 1)
        elif last > self._seen:
            self._ids = [*self._ids, *_matching(session, self.filter, self._seen)]
        self._seen = last


def _check(chosen: Filter) -> None:
    if chosen.first and chosen.last and chosen.first > chosen.last:
        raise Refused("The first day is after the last one, so nothing lies between: change one of them.", field="last")
    if chosen.record and not chosen.kind:
        raise Refused("A number alone names no record: choose what kind of record it is.", field="kind")


def _matching(session: Session, chosen: Filter, after: int) -> Iterator[int]:
    query = select(Activity.id, Activity.records).where(Activity.id > after, *_conditions(chosen)).order_by(Activity.id)
    for id, records in session.execute(query):
        if not chosen.kind or _touches(records, chosen):
            yield id


def _conditions(chosen: Filter) -> Iterator[ColumnElement[bool]]:
    if chosen.operation:
        yield Activity.operation == chosen.operation
    if chosen.user:
        yield Activity.user == chosen.user
    if chosen.first:
        yield Activity.at >= start_of_day(chosen.first)
    if chosen.last:
        yield Activity.at <= end_of_day(chosen.last)
    if chosen.text:
        columns = (Activity.detail, Activity.recipient, Activity.purpose)
        yield or_(*(column.icontains(chosen.text, autoescape=True) for column in columns))
    if chosen.kind:  # narrowed here, decided by `_touches`
        yield Activity.records.contains(f'"{chosen.kind}":', autoescape=True)
        yield Activity.records.contains(chosen.record, autoescape=True)


def _touches(records: str, chosen: Filter) -> bool:
    ids = dict(_records(records) or ()).get(chosen.kind)
    return ids is not None and (not chosen.record or chosen.record in map(str, ids))


def _with_ids(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    query: Select[Any] = select(*_COLUMNS).where(Activity.id.in_(ids)).order_by(Activity.id)
    return session.execute(query).all()


def _row(row: Row[Any]) -> ActivityRow:
    return ActivityRow(
        row.id, _instant(row.at), row.user, row.os_account, row.operation, _records(row.records),
        tuple(map(str, _parsed(row.fields, list) or ())),
        row.recipient or "", row.purpose or "", row.detail or "", row.prev, row.hash,
    )  # fmt: skip


def _missing(id: int) -> ActivityRow:
    return ActivityRow(id, None, "", "", MISSING, (), (), "", "", "This entry is not in the log.", "", "")


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _records(text: str) -> tuple[tuple[str, tuple[RecordId, ...]], ...] | None:
    found = _parsed(text, dict)
    if found is None or not all(isinstance(ids, list) for ids in found.values()):
        return None
    return tuple((kind, tuple(ids)) for kind, ids in found.items())


def _parsed(text: str, kind: type) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, kind) else None


# --- what a filter can ask ---


def read_head(text: str) -> log.Head:
    """A head as it was printed or copied; raises Refused."""
    try:
        return log.Head.parse("".join(text.split()))
    except ValueError:
        raise Refused(
            "This is not a log head: type the number, the colon and all 64 digits as printed.", field="head"
        ) from None


def user_names(session: Session) -> list[str]:
    """Everyone who ever had a way in, and so may stand in the log."""
    return list(session.execute(select(DeskUser.name).order_by(DeskUser.id)).scalars())


def record_kinds() -> list[str]:
    """The tables whose records an entry may name, the usual ones first."""
    known = set(Stored.metadata.tables) - {"activity"}
    return [*(kind for kind in _FIRST_KINDS if kind in known), *sorted(known - set(_FIRST_KINDS))]


# --- in words ---


def words_of(kind: str, count: int = 1) -> str:
    """A table's name as a word for that many of its records."""
    word = kind.replace("_", " ")
    if count == 1:
        return word
    if word == "person":
        return "people"
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}es" if word.endswith("ch") else f"{word}s"


def spoken_records(row: ActivityRow, most: int = 5) -> str:
    """Like “referral 12” or “referrals 3, 4 and 260 more”: numbers, never contents."""
    if row.records is None:
        return "unreadable"
    return ", ".join(_spoken_ids(kind, ids, most) for kind, ids in row.records if ids)


def _spoken_ids(kind: str, ids: Sequence[RecordId], most: int) -> str:
    shown = ", ".join(map(str, ids[:most]))
    more = f" and {len(ids) - most:,} more" if len(ids) > most else ""
    return f"{words_of(kind, len(ids))} {shown}{more}"


def spoken_fields(row: ActivityRow) -> str:
    return ", ".join(name.replace("_", " ") for name in row.fields)


def spoken_at(row: ActivityRow) -> str:
    return spoken_instant(row.at) if row.at else "" if row.operation == MISSING else "unreadable"


def sentence(row: ActivityRow) -> str:
    """The whole entry as one sentence."""
    if row.operation == MISSING:
        return f"Entry {row.id} is missing from the log."
    who = f"{row.user} (account {row.os_account})"
    verb = _VERBS.get(row.operation, row.operation)
    told = [f"Entry {row.id}, {spoken_at(row)}: {who} {verb} {spoken_records(row, 20)}".rstrip()]
    for label, value in (
        ("fields", spoken_fields(row)), ("to", row.recipient), ("purpose:", row.purpose), ("note:", row.detail),
    ):  # fmt: skip
        if value:
            told.append(f"{label} {value}")
    return "; ".join(told) + "."


# --- the proof ---


@dataclass(frozen=True)
class Verdict:
    """What the check of the whole log found, and the entry to look at when it is not whole."""

    ok: bool
    sentence: str
    entry: int | None = None


def check(vault: Vault, kept: log.Head | None = None) -> Verdict:
    """Walk the whole chain and hold its end against the last backup, or against a head kept elsewhere."""
    checks = vault.check_log(kept)
    bad = next((found for found in checks if not found.ok), None)
    with vault.reading() as session:
        connection = session.connection()
        if bad is None:
            where = "the head that you gave" if kept else "the last backup"
            ends = f" It reaches back to {where}." if len(checks) > 1 else ""
            return Verdict(True, f"The log is whole: {log.count(connection):,} entries, none altered.{ends}")
        fault = log.check(connection)
        last = log.head(connection).id
    advice = "Leave the vault as it is, keep your backups, and tell your force's information security."
    return Verdict(False, f"{bad.sentence} {advice}", fault.id if fault and fault.id <= last else last)


# --- as a file ---


def export(
    vault: Vault,
    path: Path,
    *,
    recipient: str,
    purpose: str,
    chosen: Filter = ALL,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> int:
    """Write the entries of a filter at `path` as CSV or JSON, by its suffix; returns how many.

    The disclosure is in the log before the file exists. Times, records and both hashes stand as they are
    stored, so the chain of a whole log in JSON can be checked without the vault. In CSV the marking is the
    first row, and a cell that looks like a formula is text. Raises Refused or VaultError.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(f"The log cannot be written as “{path.name}”: let the name end in .csv or .json.", field="file")
    for field, value in (("recipient", recipient), ("purpose", purpose)):
        if not value.strip():
            raise Refused(f"An export of the log needs its {field}: say it, because it is logged.", field=field)
    entries = Entries(vault, chosen)
    detail = f"activity log, {'whole' if chosen == ALL else 'filtered'}, {suffix.lstrip('.')}"
    progress(0.1, "Logging the disclosure")
    with vault.changing() as session:
        log.record(session, log.DISCLOSURE, recipient=recipient.strip(), purpose=purpose.strip(), detail=detail)
    with vault.reading() as session:
        marking = reference(session).setting("marking")
        rows = [dict(row._mapping) for row in entries.every(session)]
        head = str(log.head(session.connection()))
    content = _csv(rows, marking) if suffix == ".csv" else _json(rows, marking, head, vault.user.name)
    progress(0.9, "Writing the file")
    save(path, content)
    return len(rows)


def _csv(rows: Sequence[dict[str, Any]], marking: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(marking)])
    writer.writerow(_NAMES)
    for row in rows:
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in map(row.get, _NAMES)])
    return out.getvalue().encode("utf-8-sig")


def _json(rows: Sequence[dict[str, Any]], marking: str, head: str, user: str) -> bytes:
    """One entry a line: readable, and quick for a long log."""
    about = {"marking": marking, "log_head": head, "exported_by": user, "count": len(rows)}
    lines = ",\n".join(json.dumps(_opened(row), ensure_ascii=False) for row in rows)
    return (json.dumps(about, ensure_ascii=False)[:-1] + f', "entries": [\n{lines}\n]}}\n').encode()


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    """Records and fields as what they hold; as text where they cannot be read."""
    told = {"records": _parsed(row["records"], dict), "fields": _parsed(row["fields"], list)}
    return row | {name: value for name, value in told.items() if value is not None}
