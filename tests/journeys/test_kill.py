"""A program killed at any moment of an import leaves a vault that opens, verifies, and holds all or nothing."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from oicdesk.desk import new_desk
from oicdesk.referrals.records import ImportBatch, Referral, ReferralEvent
from oicdesk.vault.tables import Activity
from oicdesk.vault.vault import Vault
from tests.desks import CHEAP, PASSPHRASE

ROOT = Path(__file__).resolve().parents[2]
ROWS = 4000

# The commit is the moment that matters; these are the steps of an import as the program goes through them.
STEPS = ("before", "insert 1", "insert 2", "log", "commit", "committed", "close")
PROGRAM = """
import os, signal, sys
from sqlalchemy import event
from oicdesk.vault import vault as desk
step, arguments = sys.argv[1], sys.argv[2:]
def die(): os.kill(os.getpid(), signal.SIGKILL)
seen = {"referral": 0}
def note(connection, cursor, statement, parameters, context, many):
    if statement.startswith("INSERT INTO referral_event") and step == "insert 2": die()
    if statement.startswith("INSERT INTO import_batch") and step == "before": die()
    if statement.startswith("INSERT INTO activity") and many and step == "log": die()
def after(connection, cursor, statement, parameters, context, many):
    if statement.startswith("INSERT INTO referral ") and step == "insert 1": die()
def commit(connection):
    if step == "commit": die()
def start(vault):
    event.listen(vault._writer, "before_cursor_execute", note)
    event.listen(vault._writer, "after_cursor_execute", after)
    event.listen(vault._writer, "commit", commit)
    if step == "committed": vault.on_commit = lambda tables: die()
    if step == "close": vault.close = die
opened = desk.Vault.open.__func__
def open(cls, *args, **more):
    vault = opened(cls, *args, **more)
    start(vault)
    return vault
desk.Vault.open = classmethod(open)
if step == "close": desk.Vault.__exit__ = lambda self, *_: die()
from oicdesk.cli import main
sys.exit(main(arguments))
"""


@pytest.fixture
def folder(tmp_path):
    made, _key = new_desk(tmp_path / "desk", PASSPHRASE, "Sam", now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP)
    made.close()
    (tmp_path / "pass").write_text(PASSPHRASE)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    lines = ["Incident No,Date,Time,Force,Team,Collar,Reporting Officer,Call Type"]
    for number in range(ROWS):
        at = start + timedelta(minutes=number)
        lines.append(f"K-{number},{at:%d/%m/%Y,%H:%M},Suffolk,Ipswich,PC {number},MARSH Jo,Person in custody")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    return tmp_path


def words(folder):
    return ["import", "referrals", str(folder / "list.csv"), "--vault", str(folder / "desk"),
            "--passphrase-file", str(folder / "pass")]  # fmt: skip


def held(folder) -> int:
    """How many contacts the vault holds, after it has proved whole."""
    with Vault.open(folder / "desk", PASSPHRASE) as vault:
        checks = vault.verify()
        assert [check.sentence for check in checks if not check.ok] == []
        with vault.reading() as session:
            counts = {
                table: session.scalar(select(func.count()).select_from(table))
                for table in (Referral, ReferralEvent, ImportBatch)
            }
            entries = session.scalar(select(func.count()).select_from(Activity).where(Activity.detail.like("import %")))
    referrals = counts[Referral]
    assert counts[ReferralEvent] == referrals
    assert counts[ImportBatch] == (1 if referrals else 0)
    assert entries == (referrals + 1 if referrals else 0)
    return referrals


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of this kind of system")
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step_it_holds_all_or_nothing(folder, step):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, step, *words(folder)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    after = held(folder)
    assert after == (ROWS if step in ("committed", "close") else 0)
    # And the desk goes on from there.
    if step in ("before", "close"):
        again = subprocess.run(
            [sys.executable, "-m", "oicdesk", *words(folder)], cwd=ROOT, capture_output=True, check=False
        )
        assert (again.returncode, again.stderr) == (0, b"")
        assert held(folder) == ROWS


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of this kind of system")
def test_killed_at_any_moment_it_holds_all_or_nothing(folder):
    found = set()
    for hundredths in range(25, 200, 25):
        with subprocess.Popen(
            [sys.executable, "-m", "oicdesk", *words(folder)], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as running:  # fmt: skip
            try:
                running.wait(hundredths / 100)
            except subprocess.TimeoutExpired:
                running.send_signal(signal.SIGKILL)
        found.add(held(folder))
    assert found <= {0, ROWS}
