"""Backups are opened and counted, damaged ones refused; a restore overwrites nothing."""

import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest

from oicdesk.errors import DamagedSlots, DamagedVault, Refused, VaultError, WrongPassphrase
from oicdesk.vault import backup, keys, log
from oicdesk.vault.vault import KEPT_BACKUPS, Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import contents, entries, full_disk, raw


@pytest.fixture
def file(vault: Vault, tmp_path: Path) -> Path:
    """A backup outside the vault, which has some entries."""
    entries(vault, 5)
    (tmp_path / "away").mkdir()
    return vault.back_up(tmp_path / "away" / "desk.oicbackup")


def restored(file: Path, to: Path, **more: object) -> Path | None:
    return backup.restore(file, to, PASSPHRASE, **more)  # type: ignore[arg-type]  # passed through as given


def newest(vault: Vault) -> tuple:
    connection = raw(vault)
    try:
        return connection.execute(
            "SELECT operation, recipient, purpose, detail FROM activity ORDER BY id DESC LIMIT 1"
        ).fetchone()
    finally:
        connection.close()


# --- writing ---


def test_a_backup_is_one_file_that_says_what_it_holds(vault, file):
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]
    manifest = backup.read_manifest(file)
    assert manifest.log_head == str(vault.log_head())
    assert manifest.rows["activity"] == vault.log_head().id
    assert manifest.rows["desk_user"] == 2
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["desk.db", "keys.json", "manifest.json"]
        assert keys.parse(archive.read("keys.json")) == keys.read(vault.path)


def test_a_backup_holds_what_was_committed_a_moment_ago(vault, tmp_path, open_vault):
    entries(vault, 30)
    file = vault.back_up(tmp_path / "b")
    assert file.suffix == backup.SUFFIX
    restored(file, tmp_path / "new.oicdesk")
    assert open_vault(at=tmp_path / "new").log_head() == vault.log_head()


def test_a_backup_that_leaves_the_folder_is_logged_as_a_disclosure_before_the_snapshot(vault, tmp_path):
    file = vault.back_up(tmp_path / "b.oicbackup", recipient="IT store", purpose="safe keeping")
    assert newest(vault) == (log.DISCLOSURE, "IT store", "safe keeping", "backup")
    assert backup.read_manifest(file).log_head == str(vault.log_head())


def test_without_a_recipient_the_disclosure_names_the_user(vault, tmp_path):
    vault.back_up(tmp_path / "b.oicbackup")
    assert newest(vault) == (log.DISCLOSURE, vault.user.name, "own use", "backup")


def test_the_disclosure_stays_in_the_log_when_the_backup_fails(vault, tmp_path):
    with pytest.raises(VaultError, match="could not be written"):
        vault.back_up(tmp_path / "no such folder" / "b.oicbackup")
    assert newest(vault)[0] == log.DISCLOSURE


def test_a_backup_inside_the_folder_is_no_disclosure(vault):
    head = vault.log_head()
    assert vault.last_backup_at() is None
    file = vault.back_up()
    assert file.parent == vault.backups
    assert vault.log_head() == head
    assert vault.last_backup_at() is not None
    assert json.loads((vault.backups / "last.json").read_text())["log_head"] == str(head)


def test_ten_backups_are_kept_and_none_made_in_the_same_second_is_lost(vault):
    made = [vault.back_up() for _ in range(KEPT_BACKUPS)]
    assert len(set(made)) == KEPT_BACKUPS and all(file.exists() for file in made)
    before_migration = vault.backups / "desk-before-0002.oicbackup"
    shutil.copy(made[0], before_migration)
    entries(vault, 1)
    last = vault.back_up()
    kept = set(vault.backups.glob("*.oicbackup")) - {before_migration}
    assert kept == {*made[1:], last}
    assert before_migration.exists()


def test_the_oldest_goes_whatever_the_vault_is_called(tmp_path):
    vault = make_vault(tmp_path / "Sam [old] desk")
    try:
        made = [vault.back_up() for _ in range(KEPT_BACKUPS + 2)]
        assert set(vault.backups.glob("*.oicbackup")) == set(made[2:])
    finally:
        vault.close()


def test_a_vault_with_a_damaged_key_file_is_not_backed_up_into_a_file_nobody_can_open(vault, tmp_path):
    (vault.path / keys.FILE).write_bytes(b"{}")
    with pytest.raises(DamagedSlots):
        vault.back_up(tmp_path / "b.oicbackup")
    assert not (tmp_path / "b.oicbackup").exists()


def test_a_vault_with_a_damaged_page_is_not_backed_up_and_the_old_backup_stays(path, tmp_path):
    vault = make_vault(path)
    entries(vault, 40)
    file = vault.back_up(tmp_path / "b.oicbackup")
    before = file.read_bytes()
    vault.close()
    vault = Vault.open(path, PASSPHRASE)
    with (path / "desk.db").open("r+b") as database:
        database.seek(-2000, 2)
        database.write(b"damage")
    try:
        with pytest.raises(VaultError):
            vault.back_up(file)
    finally:
        vault.close()
    assert file.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["b.oicbackup", "desk.oicdesk"]


BACKUP = f"""
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
folder = Path(sys.argv[1])
vault = Vault.open(folder / "desk.oicdesk", {PASSPHRASE!r})
try:
    vault.back_up(folder / "old.oicbackup")
except Exception as error:
    print(type(error).__name__, error, sep="\\n", end="")
vault.close()
"""


@pytest.mark.parametrize("limit_only", [False, True])
def test_a_disk_that_fills_up_half_way_leaves_the_old_backup(tmp_path, limit_only):
    house = tmp_path / "house"
    house.mkdir()
    vault = make_vault(house / "desk")
    old = vault.back_up(house / "old.oicbackup")
    if limit_only:  # nothing may grow beyond the largest file here: the database, but not what it would give
        entries(vault, 60)
    vault.close()
    spare = 1 if limit_only else (house / "desk.oicdesk" / "desk.db").stat().st_size + 150_000
    before = old.read_bytes()
    found = full_disk(BACKUP, house, spare=spare, limit_only=limit_only, keep=house)
    kind, sentence = found.printed.split("\n")
    assert kind == "VaultError" and "backup could not be written" in sentence
    assert old.read_bytes() == before
    assert [entry.name for entry in house.iterdir() if "oicbackup" in entry.name] == ["old.oicbackup"]
    vault = Vault.open(house / "desk", PASSPHRASE)
    assert all(check.ok for check in vault.verify())
    vault.close()


# --- restoring ---


def test_a_restored_vault_verifies_and_goes_on_with_the_log(vault, file, tmp_path, open_vault):
    head = vault.log_head()
    assert restored(file, tmp_path / "new.oicdesk") is None
    again = open_vault(at=tmp_path / "new")
    assert all(check.ok for check in again.verify())
    assert again.log_head() == head
    entries(again, 3)
    assert again.log_head().id == head.id + 3
    assert all(check.ok for check in again.verify())


def test_the_recovery_key_of_the_backups_day_restores_it(vault, tmp_path):
    key = vault.replace_recovery_key(PASSPHRASE)
    file = vault.back_up(tmp_path / "b")
    backup.restore(file, tmp_path / "new.oicdesk", key)
    Vault.open(tmp_path / "new", key).close()


def test_a_wrong_passphrase_restores_nothing(file, tmp_path):
    before = contents(tmp_path)
    for user in (None, "Nobody"):
        with pytest.raises(WrongPassphrase):
            backup.restore(file, tmp_path / "new.oicdesk", "wrong" if user is None else PASSPHRASE, user=user)
    assert contents(tmp_path) == before


def test_a_restore_never_overwrites_unless_told(vault, file, path, tmp_path):
    vault.close()
    before = contents(tmp_path)
    with pytest.raises(Refused, match="never overwrites"):
        restored(file, path)
    assert contents(tmp_path) == before


def test_a_replaced_folder_is_moved_aside_whole(vault, file, path, open_vault):
    entries(vault, 4)
    head = vault.log_head()
    vault.close()
    before = contents(path)
    aside = restored(file, path, replace=True)
    assert contents(aside) == before
    assert open_vault().log_head().id == head.id - 4
    assert open_vault(at=aside).log_head() == head


def test_a_vault_that_is_open_is_not_replaced_and_nothing_stays_behind(vault, file, path, tmp_path):
    before = contents(tmp_path)
    with pytest.raises(VaultError, match="already open"):
        restored(file, path, replace=True)
    assert contents(tmp_path) == before


def test_a_plain_file_in_the_way_is_not_replaced(file, tmp_path):
    (tmp_path / "new.oicdesk").write_bytes(b"precious")
    before = contents(tmp_path)
    with pytest.raises(VaultError):
        restored(file, tmp_path / "new.oicdesk", replace=True)
    assert contents(tmp_path) == before


def test_a_missing_backup_and_a_missing_place_are_told_apart(file, tmp_path):
    with pytest.raises(VaultError, match="no backup file"):
        restored(tmp_path / "none.oicbackup", tmp_path / "new.oicdesk")
    with pytest.raises(VaultError, match="could not be unpacked"):
        restored(file, tmp_path / "no such folder" / "new.oicdesk")


def test_a_backup_of_a_newer_schema_is_refused(file, tmp_path):
    with pytest.raises(VaultError, match="newer version"):
        restored(rewritten(file, schema="9999"), tmp_path / "new.oicdesk")
    assert not (tmp_path / "new.oicdesk").exists()


def rewritten(file: Path, **facts: object) -> Path:
    """The same backup with its manifest telling something else."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | facts).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


@pytest.mark.parametrize(
    "facts", [{"rows": {}}, {"log_head": "empty"}, {"sha256": {}}, {"more": 1}, {"sha256": 7}, {"schema": 7}]
)
def test_a_backup_that_does_not_hold_what_it_says_is_refused(file, tmp_path, facts):
    with pytest.raises(DamagedVault):
        restored(rewritten(file, **facts), tmp_path / "new.oicdesk")
    assert not (tmp_path / "new.oicdesk").exists()


def test_a_backup_with_another_vaults_database_is_refused_even_with_right_sums(file, tmp_path):
    import hashlib

    make_vault(tmp_path / "other").close()
    other = (tmp_path / "other.oicdesk" / "desk.db").read_bytes()
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    facts = json.loads(parts["manifest.json"])
    facts["sha256"]["desk.db"] = hashlib.sha256(other).hexdigest()
    parts |= {"desk.db": other, "manifest.json": json.dumps(facts).encode()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    before = contents(tmp_path)
    with pytest.raises(DamagedVault):
        restored(file, tmp_path / "new.oicdesk")
    assert contents(tmp_path) == before


def test_a_flipped_byte_in_a_backup_is_refused_or_harmless_and_never_a_crash(vault, file, tmp_path):
    """Every byte of the archive's own writing, and a sample of the snapshot's."""
    whole = file.read_bytes()
    snapshot = backup.read_manifest(file)
    database = whole.index(b"desk.db") + 7
    end = database + (vault.path / "desk.db").stat().st_size - 100_000
    dice = random.Random(9)
    places = [
        *range(database),
        *(dice.randrange(database, end) for _ in range(40)),
        *range(len(whole) - 2600, len(whole), 7),
    ]
    refused = 0
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << dice.randrange(8))]) + whole[place + 1 :])
        try:
            manifest = backup.read_manifest(file)
        except VaultError:
            refused += 1
        else:
            # A date or a flag of the archive: what it holds is untouched, or it would not have been read.
            assert manifest == snapshot
            assert not database <= place < end
    assert refused > len(places) // 2


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -30])
def test_a_backup_cut_short_is_refused(file, tmp_path, cut):
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DamagedVault, match="damaged or is not"):
        restored(file, tmp_path / "new.oicdesk")


@pytest.mark.parametrize("content", [b"", b"PK", b"not an archive" * 100])
def test_a_file_that_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "b.oicbackup").write_bytes(content)
    with pytest.raises(DamagedVault, match="is not an OICDesk backup"):
        restored(tmp_path / "b.oicbackup", tmp_path / "new.oicdesk")


RESTORE = f"""
import sys
from pathlib import Path
from oicdesk.vault.backup import restore
folder = Path(sys.argv[1])
try:
    restore(folder / "old.oicbackup", folder / "desk.oicdesk", {PASSPHRASE!r}, replace=True)
except Exception as error:
    print(type(error).__name__, error, sep="\\n", end="")
"""


@pytest.mark.parametrize("limit_only", [False, True])
def test_restoring_on_a_full_disk_leaves_the_old_vault_in_its_place(tmp_path, limit_only):
    house = tmp_path / "house"
    house.mkdir()
    vault = make_vault(house / "desk")
    entries(vault, 60)
    vault.back_up(house / "old.oicbackup")
    vault.close()
    found = (
        full_disk(RESTORE, house, spare=100_000, limit_only=False)
        if not limit_only
        else full_disk(RESTORE, house, limit_only=True)
    )
    kind, sentence = found.printed.split("\n")
    assert kind == "VaultError" and "could not be unpacked" in sentence
    assert found.changed == []
