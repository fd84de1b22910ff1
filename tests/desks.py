"""Desks for tests of records: a real encrypted vault with a cheap key, filled by doing the work.

A test module takes the fixtures by name: `desk, vault = desks.desk, desks.vault`.
"""

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.desk import new_desk
from oicdesk.documents import records as documents
from oicdesk.documents.rules import DocumentFacts
from oicdesk.referrals import records
from oicdesk.vault.keys import Kdf
from oicdesk.vault.tables import Activity
from oicdesk.vault.vault import Vault

CHEAP = Kdf(8, 1, 1)
PASSPHRASE = "tractor lantern violin"
APPROVERS = "harbour thimble orchard"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
CONTACT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)  # the Monday before
FACTS: dict[str, Any] = {
    "force": "Suffolk", "contact_at": CONTACT, "reason": "person_in_custody", "officer_name": "MARSH, Jo",
    "officer_collar": "PC 7191", "team": "Ipswich Response", "incident_ref": "SC-16112026-001",
}  # fmt: skip


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


_left: dict[Callable[[Any], Any], tuple[Path, Any]] = {}  # a work, the closed desk that it left, what it answered


def kept_folder() -> Path:
    """An empty folder for as long as the tests run."""
    folder = Path(tempfile.mkdtemp(prefix="oicdesk-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def copy(closed: Path, path: Path) -> Path:
    """The folder of a closed vault once more, at `path`."""
    return Path(shutil.copytree(closed, path, ignore=shutil.ignore_patterns("lock")))


@functools.cache
def _first(user: str) -> Path:
    """A closed desk of that officer, as new, to be copied; making one takes twenty times as long."""
    made, _recovery_key = new_desk(
        kept_folder() / "desk", PASSPHRASE, user, now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP
    )
    made.close()
    return made.path


def opened(path: Path, user: str = "Sam Ashby") -> Vault:
    """An open desk of one officer, seeded long before any contact; `path` gets the ending of a vault."""
    path = path.with_suffix(".oicdesk")
    copy(_first(user), path)
    return Vault.open(path, PASSPHRASE)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with opened(tmp_path / "desk") as made:
        yield made


class Desk:
    """The vault with one call per piece of work, each in its own transaction."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def do(self, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """`work(session, …)` in one change."""
        with self.vault.changing() as session:
            return work(session, *args, **more)

    def ask(self, query: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """`query(session, …)` in one look."""
        with self.vault.reading() as session:
            return query(session, *args, **more)

    def once(self, work: Callable[[Any], Any]) -> Any:
        """`work(self)` in this new desk, done by the first test that asks; the next ones get a copy of what it left.

        Answers what the work answered, which nobody may change; `self.vault` is another one afterwards.
        """
        path = self.vault.path
        if work in _left:
            self.vault.close()
            shutil.rmtree(path)
            copy(_left[work][0], path)
        else:
            answer = work(self)
            self.vault.close()
            _left[work] = copy(path, kept_folder() / "desk"), answer
        self.vault = Vault.open(path, PASSPHRASE)
        return _left[work][1]

    def add(self, *, now: datetime = NOW, **facts: Any) -> int:
        """A referral with usual facts but for those given; returns its id."""
        return int(self.do(records.add, {**FACTS, **facts}, now=now))

    def submit(self, case: int, at: datetime, *, now: datetime | None = None, **facts: Any) -> int:
        """A document for the case; returns its id."""
        told = DocumentFacts(submitted_at=at, **{"reference": f"IR-{case}", **facts})
        return int(self.do(documents.submit, case, told, now=now or at)[0])

    def accepted(self, case: int, at: datetime) -> int:
        """A document submitted and accepted an hour later."""
        document = self.submit(case, at)
        self.do(documents.accept, document, at=at + hours(1))
        return document

    def row(self, case: int) -> records.Referral:
        """The record as it stands, to look at only."""
        with self.vault.reading() as session:
            found = records.get(session, case)
            session.expunge(found)
            return found

    def log(self) -> list[dict[str, Any]]:
        """The log, oldest first, with what it names spelt out."""
        with self.vault.reading() as session:
            return [_entry(row) for row in session.scalars(select(Activity).order_by(Activity.id))]


def _entry(row: Activity) -> dict[str, Any]:
    return {
        "operation": row.operation, "records": json.loads(row.records), "fields": json.loads(row.fields),
        "user": row.user, "detail": row.detail, "recipient": row.recipient, "purpose": row.purpose,
    }  # fmt: skip


@pytest.fixture
def desk(vault: Vault) -> Iterator[Desk]:
    desk = Desk(vault)
    yield desk
    desk.vault.close()


def history(session: Session, case: int) -> list[tuple[datetime, str | None, str | None]]:
    """(when, from, to) of a case's changes of status, oldest first."""
    from oicdesk.referrals.records_queue import timeline

    return [
        (event.at, event.from_status, event.to_status)
        for event in reversed(timeline(session, case))
        if event.kind == "status"
    ]
