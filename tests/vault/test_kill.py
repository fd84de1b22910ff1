"""Killed at any moment, a vault opens, verifies, and holds all or none of each transaction."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oicdesk.vault import keys
from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import ROOT, raw

PER_COMMIT = 7
# Each transaction: seven entries and one draft that names them; the number is said once the commit is done.
WRITER = f"""
import sys
from pathlib import Path
from oicdesk.vault import drafts, log
from oicdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), {PASSPHRASE!r})
number = int(sys.argv[2])
while True:
    number += 1
    with vault.changing() as session:
        log.record_many(session, log.ALTERATION, "referral", [number] * {PER_COMMIT}, detail=f"commit {{number}}")
        drafts.save(session, "counter", {{"number": number, "padding": "x" * (number % 50) * 100}})
    print(number, flush=True)
"""


def counted(vault: Vault) -> dict[str, int]:
    connection = raw(vault)
    try:
        return dict(
            connection.execute(
                "SELECT detail, count(*) FROM activity WHERE detail LIKE 'commit %' GROUP BY detail"
            ).fetchall()
        )
    finally:
        connection.close()


def test_killed_at_random_moments_of_many_commits_the_vault_is_whole(path):
    from oicdesk.vault import drafts

    make_vault(path).close()
    dice = random.Random()
    done = 0
    for _kill in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(done)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        # After some commits, at whatever point of the next one the moment falls.
        for _ in range(dice.randrange(1, 25)):
            said = writer.stdout.readline()
        deadline = time.perf_counter() + dice.random() * 0.005
        while time.perf_counter() < deadline:
            pass
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0]
        promised = max(int(line) for line in [said, *rest.splitlines()] if line.strip())
        vault = Vault.open(path, PASSPHRASE)
        try:
            assert [check for check in vault.verify() if not check.ok] == []
            found = counted(vault)
            assert set(found.values()) == {PER_COMMIT}
            done = len(found)
            assert set(found) == {f"commit {number}" for number in range(1, done + 1)}
            assert promised <= done <= promised + 1  # what was said to be saved is there; the next one whole or not
            with vault.reading() as session:
                assert drafts.load(session, "counter")["number"] == done
        finally:
            vault.close()


CHANGER = """
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), sys.argv[2])
old = sys.argv[2]
for number in range(10**6):
    new = f"passphrase number {number}"
    print(new, flush=True)
    vault.change_passphrase(old, new)
    old = new
"""


@pytest.mark.parametrize("attempt", range(3))
def test_killed_while_the_passphrase_changes_the_old_or_the_new_one_opens(path, attempt):
    make_vault(path).close()
    dice = random.Random()
    changer = subprocess.Popen(
        [sys.executable, "-c", CHANGER, str(path), PASSPHRASE], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    said = [PASSPHRASE, *(changer.stdout.readline().strip() for _ in range(dice.randrange(1, 12)))]
    changer.send_signal(signal.SIGKILL)
    said += changer.communicate()[0].split("\n")
    said = [words for words in said if words]
    slots = keys.read(path)  # whole, not half of one and half of the other
    opening = [words for words in said[-2:] if keys.unwrap(slots, words)]
    assert len(opening) == 1
    vault = Vault.open(path, opening[0])
    assert all(check.ok for check in vault.verify())
    vault.close()
    assert list(Path(path).glob(".*")) == []


BACKER = f"""
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), {PASSPHRASE!r})
while True:
    print("again", flush=True)
    vault.back_up(Path(sys.argv[2]))
"""


def test_killed_while_backing_up_the_file_of_that_name_is_a_whole_backup(path, tmp_path):
    from oicdesk.vault import backup

    vault = make_vault(path)
    target = vault.back_up(tmp_path / "b.oicbackup")
    vault.close()
    dice = random.Random()
    for _kill in range(3):
        backer = subprocess.Popen(
            [sys.executable, "-c", BACKER, str(path), str(target)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(dice.randrange(1, 4)):
            backer.stdout.readline()
        backer.send_signal(signal.SIGKILL)
        backer.communicate()
        backup.read_manifest(target)
    backup.restore(target, tmp_path / "new.oicdesk", PASSPHRASE)
    Vault.open(tmp_path / "new", PASSPHRASE).close()
