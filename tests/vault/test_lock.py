"""One desk, one program; what closing leaves; who may read the files."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oicdesk.errors import VaultError, WrongPassphrase
from oicdesk.vault import backup, log
from oicdesk.vault.lock import FolderLock
from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import ROOT, contents, entries, raw

# --- the lock ---

HOLD = f"""
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), {PASSPHRASE!r})
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen]:
    """Another program that has the vault open."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert program.stdout.readline() == b"held\n"
        yield program
    finally:
        program.kill()
        program.communicate()


def test_a_vault_open_in_another_program_is_refused_and_untouched(closed):
    with holder(closed) as program:
        before = contents(closed)
        with pytest.raises(VaultError, match=f"already open elsewhere .*process {program.pid}"):
            Vault.open(closed, PASSPHRASE)
        assert contents(closed) == before


def test_a_vault_open_in_this_program_is_not_opened_twice(vault, path):
    with pytest.raises(VaultError, match="already open"):
        Vault.open(path, PASSPHRASE)


def test_the_lock_of_a_killed_program_is_taken_over_and_logged(closed, open_vault):
    with holder(closed) as program:
        program.send_signal(signal.SIGKILL)
        program.wait()
        assert f"process {program.pid}" in (closed / "lock").read_text()
        vault = open_vault()
    assert newest_detail(vault) == "lock of a dead program taken over"
    assert f"process {os.getpid()}" in (closed / "lock").read_text()
    vault.close()
    assert (closed / "lock").read_bytes() == b""


def newest_detail(vault: Vault) -> str:
    connection = raw(vault)
    try:
        return connection.execute("SELECT detail FROM activity ORDER BY id DESC LIMIT 1").fetchone()[0]
    finally:
        connection.close()


def test_a_folder_copied_while_open_is_taken_over_and_logged(vault, tmp_path, open_vault):
    entries(vault, 3)
    copy = tmp_path / "copy.oicdesk"
    shutil.copytree(vault.path, copy)
    copied = open_vault(at=copy)
    assert newest_detail(copied) == "lock of a dead program taken over"
    assert copied.log_head().id == vault.log_head().id + 1


def test_closing_and_opening_again_is_no_taking_over(closed, open_vault):
    first = open_vault()
    head = first.log_head()
    first.close()
    assert open_vault().log_head() == head


def test_the_os_account_comes_from_the_system_not_from_the_environment(vault, monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    with vault.changing() as session:
        log.record(session, log.ALTERATION, referral=[1])
    connection = raw(vault)
    (account,) = connection.execute("SELECT os_account FROM activity ORDER BY id DESC LIMIT 1").fetchone()
    connection.close()
    assert account == pwd.getpwuid(os.getuid()).pw_name


def test_a_lock_that_cannot_be_stamped_keeps_its_text(closed):
    (closed / "lock").write_text("Kit on laptop, process 1\n")
    lock = FolderLock(closed)
    assert lock.acquire() is True
    lock.release(stamped=False)
    assert (closed / "lock").read_text() == "Kit on laptop, process 1\n"


# --- closing ---


def test_a_closed_vault_refuses_to_be_used_and_makes_no_file(vault, path):
    vault.close()
    before = contents(path)
    for use in (vault.reading, vault.changing, vault.consulting):
        with pytest.raises(VaultError, match="locked"), use():
            pass
    for deed in (vault.verify, vault.log_head, vault.back_up, vault.users):
        with pytest.raises(VaultError, match="locked"):
            deed()
    with pytest.raises(VaultError, match="locked"):
        vault.change_passphrase(PASSPHRASE, "another long secret")
    with pytest.raises(VaultError, match="locked"):
        vault.replace_recovery_key(PASSPHRASE)
    with pytest.raises(VaultError, match="locked"):
        vault.set_strength(64, PASSPHRASE)
    vault.close()
    assert contents(path) == before


def test_closing_folds_the_write_ahead_log_in(vault, path):
    entries(vault, 3)
    assert (path / "desk.db-wal").exists()
    vault.close()
    assert sorted(file.name for file in path.iterdir()) == [
        "backups",
        "desk.db",
        "keys.json",
        "keys.json.previous",
        "lock",
    ]


def test_what_a_killed_program_left_half_written_is_cleared_away_at_the_next_opening(closed, open_vault):
    stray = [closed / ".keys.json.abcd1234.part", closed / "backups" / ".desk-1.oicbackup.ab12cd34.db"]
    stray += [closed / "backups" / ".desk-1.oicbackup.ab12cd34.part"]
    for file in stray:
        file.write_bytes(b"half")
    with pytest.raises(WrongPassphrase):
        open_vault("wrong words here")
    assert all(file.exists() for file in stray)
    open_vault()
    assert not any(file.exists() for file in stray)


# --- modes ---


def modes(folder: Path) -> dict[str, int]:
    return {str(file.relative_to(folder)): file.stat().st_mode & 0o777 for file in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("mask", [0, 0o022])
def test_every_file_is_for_its_owner_alone(tmp_path, mask):
    old = os.umask(mask)
    try:
        vault = make_vault(tmp_path / "house" / "desk")
        entries(vault, 3)
        vault.set_strength(64, PASSPHRASE)
        outside = tmp_path / "house" / "outside.oicbackup"
        vault.back_up(outside)
        vault.back_up()
        seen = modes(vault.path)
        assert {"desk.db", "desk.db-wal", "desk.db-shm", "lock", "keys.json", "backups"} <= set(seen)
        vault.close()
        restored = tmp_path / "house" / "back.oicdesk"
        backup.restore(outside, restored, PASSPHRASE)
        Vault.open(restored, PASSPHRASE).close()
        for folder in (vault.path, restored):
            seen |= {f"{folder.name}/{name}": mode for name, mode in modes(folder).items()}
    finally:
        os.umask(old)
    seen["outside"] = outside.stat().st_mode & 0o777
    folders = {name for name in seen if name.endswith((".", "backups"))}
    assert {name: oct(mode) for name, mode in seen.items() if mode != (0o700 if name in folders else 0o600)} == {}
