"""What stands between a folder and an open desk; each way of failing is told apart and changes nothing."""

import os
import random
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oicdesk.errors import DamagedSlots, DamagedVault, Refused, VaultError, WrongPassphrase
from oicdesk.vault import keys
from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import child, contents, entries, full_disk, raw

OPEN = f"""
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
try:
    Vault.open(Path(sys.argv[1]), {PASSPHRASE!r}).close()
except Exception as error:
    print(type(error).__name__, error, sep="\\n", end="")
else:
    print("opened", end="")
"""


def first_words(path: Path) -> tuple[type, str]:
    with pytest.raises(VaultError) as error:
        Vault.open(path, PASSPHRASE)
    return type(error.value), str(error.value)


# --- each fault its own sentence, and nothing changed ---


@contextmanager
def _as_nobody(path: Path) -> Iterator[None]:
    """Root may write anywhere: be a user who may not, in a folder that may be read."""
    if os.geteuid() == 0:
        for place in (path, *path.rglob("*")):
            os.chown(place, 65534, 65534)
        for parent in path.parents:
            if parent == Path("/tmp") or parent.stat().st_uid != 0:
                continue
            if not parent.stat().st_mode & 1:
                parent.chmod(0o711)
        os.seteuid(65534)
    path.chmod(0o500)
    try:
        yield
    finally:
        path.chmod(0o700)
        if os.geteuid() == 65534 and os.getuid() == 0:
            os.seteuid(0)


def missing(path: Path) -> tuple[type, str]:
    return first_words(path.with_name("elsewhere"))


def wrong_passphrase(path: Path) -> tuple[type, str]:
    with pytest.raises(VaultError) as error:
        Vault.open(path, "not the passphrase")
    return type(error.value), str(error.value)


def damaged_slots(path: Path) -> tuple[type, str]:
    (path / keys.FILE).write_bytes(b"{}")
    return first_words(path)


def slots_missing(path: Path) -> tuple[type, str]:
    (path / keys.FILE).unlink()
    return first_words(path)


def damaged_database(path: Path) -> tuple[type, str]:
    flip(path / "desk.db", 3)
    return first_words(path)


def database_missing(path: Path) -> tuple[type, str]:
    (path / "desk.db").unlink()
    return first_words(path)


def newer_schema(path: Path) -> tuple[type, str]:
    vault = Vault.open(path, PASSPHRASE)
    connection = raw(vault)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    vault.close()
    return first_words(path)


def tampered_log(path: Path) -> tuple[type, str]:
    vault = Vault.open(path, PASSPHRASE)
    connection = raw(vault)
    connection.execute("DROP TRIGGER activity_is_never_altered")
    connection.execute("UPDATE activity SET user = 'Somebody' WHERE id = 1")
    connection.close()
    vault.close()
    return first_words(path)


def not_writable(path: Path) -> tuple[type, str]:
    with _as_nobody(path):
        return first_words(path)


def open_elsewhere(path: Path) -> tuple[type, str]:
    vault = Vault.open(path, PASSPHRASE)
    try:
        name, sentence = child(OPEN, path).split("\n")
    finally:
        vault.close()
    assert name == "VaultError"
    return VaultError, sentence


FAULTS = (
    missing, wrong_passphrase, damaged_slots, slots_missing, damaged_database, database_missing, newer_schema,
    tampered_log, not_writable, open_elsewhere,
)  # fmt: skip
EXPECTED = {
    wrong_passphrase: WrongPassphrase, damaged_slots: DamagedSlots, slots_missing: DamagedSlots,
    damaged_database: DamagedVault, database_missing: DamagedVault, tampered_log: DamagedVault,
}  # fmt: skip


def test_each_fault_has_a_sentence_of_its_own_that_says_what_to_do(tmp_path):
    sentences = {}
    for fault in FAULTS:
        path = tmp_path / fault.__name__ / "desk.oicdesk"
        make_vault(path).close()
        kind, sentence = fault(path)
        assert kind is EXPECTED.get(fault, VaultError), fault
        assert sentence.endswith(".") and ":" in sentence, sentence
        sentences[fault] = sentence.replace(fault.__name__, "")
    assert len(set(sentences.values())) == len(FAULTS)


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if f not in (missing, open_elsewhere)], ids=lambda fault: fault.__name__
)
def test_a_refused_opening_changes_nothing_on_disk(closed, fault):
    fault(closed)  # brings the fault about, and fails once
    with (_as_nobody if fault is not_writable else _as_is)(closed):
        before = contents(closed)
        with pytest.raises(VaultError):
            Vault.open(closed, "wrong words" if fault is wrong_passphrase else PASSPHRASE)
        assert contents(closed) == before


@contextmanager
def _as_is(_path: Path) -> Iterator[None]:
    yield


@pytest.mark.parametrize("fault", [wrong_passphrase, newer_schema, tampered_log], ids=lambda fault: fault.__name__)
def test_a_refused_opening_leaves_what_a_killed_program_left(path, fault):
    """The write-ahead log and the dead holder's name stay: the next right opening needs both."""
    make_vault(path).close()
    if fault is not wrong_passphrase:
        fault(path)
    killed_while_open(path)
    before = contents(path)
    assert before["desk.db-wal"] and before["lock"]
    with pytest.raises(VaultError):
        Vault.open(path, "wrong words" if fault is wrong_passphrase else PASSPHRASE)
    assert contents(path) == before


def killed_while_open(path: Path) -> None:
    """A program that had written when it was killed; its write-ahead log and its name in the lock stay."""
    code = f"""
    import os, signal, sys
    from pathlib import Path
    import sqlcipher3.dbapi2 as sqlcipher
    from oicdesk.vault import keys, log
    from oicdesk.vault.lock import FolderLock
    path = Path(sys.argv[1])
    lock = FolderLock(path); lock.acquire(); lock.stamp()
    key, _slot = keys.unwrap(keys.read(path), {PASSPHRASE!r})
    connection = sqlcipher.connect(str(path / "desk.db"), isolation_level=None)
    connection.execute(f"PRAGMA key=\\"x'{{key.hex()}}'\\"")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("UPDATE desk_user SET role = 'Approver' WHERE id = 1")
    os.kill(os.getpid(), signal.SIGKILL)
    """
    child(textwrap.dedent(code), path, check=False)


@pytest.mark.parametrize("plain_limit", [False, True])
def test_opening_on_a_full_disk_says_so_and_changes_nothing(closed, plain_limit):
    found = full_disk(OPEN, closed, limit_only=plain_limit)
    assert found.changed == []
    kind, sentence = found.printed.split("\n")
    assert kind == "VaultError"
    if found.really_full:
        assert "disk is full" in sentence
    else:
        assert "disk" in sentence


CREATE = OPEN.replace("Vault.open(", "Vault.create(").replace(").close()", ", 'Sam')[0].close()")


def test_creating_on_a_full_disk_says_so_and_leaves_nothing(tmp_path):
    empty = tmp_path / "place"
    empty.mkdir()
    found = full_disk(CREATE.replace("sys.argv[1]", "sys.argv[1] + '/new'"), empty)
    assert found.changed == []
    kind, sentence = found.printed.split("\n")
    assert kind == "VaultError" and "disk" in sentence.casefold()


SAVE = f"""
import sys
from pathlib import Path
from oicdesk.vault.vault import Vault
from oicdesk.vault import log
vault = Vault.open(Path(sys.argv[1]), {PASSPHRASE!r})
print(vault.log_head().id)
count = 0
try:
    while True:
        with vault.changing() as session:
            log.record_many(session, log.ALTERATION, "referral", range(200), detail="x" * 200)
        count += 200
except Exception as error:
    print(count, type(error).__name__, error, sep="\\n")
vault.close()
"""


@pytest.mark.parametrize("plain_limit", [False, True])
def test_a_disk_that_fills_up_in_use_keeps_what_was_saved_and_no_half(closed, plain_limit):
    found = full_disk(SAVE, closed, spare=3_000_000, limit_only=plain_limit, keep=closed)
    head, count, kind, sentence = found.printed.strip().split("\n")
    assert kind == "VaultError"
    assert ("disk is full" in sentence) if found.really_full else ("disk" in sentence)
    vault = Vault.open(closed, PASSPHRASE)
    try:
        assert vault.log_head().id == int(head) + int(count)
        assert int(count) > 0
        assert all(check.ok for check in vault.verify())
    finally:
        vault.close()


# --- damage ---


def flip(file: Path, place: int, mask: int = 1) -> None:
    with file.open("r+b") as handle:
        handle.seek(place)
        byte = handle.read(1)[0]
        handle.seek(place)
        handle.write(bytes([byte ^ mask]))


def noticed(path: Path) -> bool:
    """Whether opening refuses or `verify` fails."""
    try:
        vault = Vault.open(path, PASSPHRASE)
    except DamagedVault:
        return True
    try:
        return not all(check.ok for check in vault.verify())
    finally:
        vault.close()


def test_a_flipped_byte_anywhere_in_the_database_is_noticed(path):
    vault = make_vault(path)
    entries(vault, 40)
    vault.close()
    file = path / "desk.db"
    size = file.stat().st_size
    pages = size // 4096
    dice = random.Random(62)
    spots = [*range(16), 16, 24, 50, 99, 100, 4096 - 80, 4095, 4096, size - 1]
    spots += [dice.randrange(page * 4096, page * 4096 + 4096) for page in range(0, pages, max(1, pages // 45))]
    assert len(spots) >= 60
    whole = file.read_bytes()
    for place in spots:
        flip(file, place, 1 << dice.randrange(8))
        assert noticed(path), place
        file.write_bytes(whole)
    assert not noticed(path)


@pytest.mark.parametrize("swap", ["zeroed", "swapped", "doubled"])
def test_whole_pages_put_out_of_place_are_noticed(path, swap):
    vault = make_vault(path)
    entries(vault, 40)
    vault.close()
    whole = (path / "desk.db").read_bytes()
    pages = [whole[at : at + 4096] for at in range(0, len(whole), 4096)]
    if swap == "zeroed":
        pages[7] = bytes(4096)
    elif swap == "swapped":
        pages[7], pages[8] = pages[8], pages[7]
    else:
        pages[8] = pages[7]
    (path / "desk.db").write_bytes(b"".join(pages))
    assert noticed(path)


@pytest.mark.parametrize("kept", [0, 1, 2, 10, -1])
def test_a_database_with_whole_pages_cut_off_is_refused(path, kept):
    vault = make_vault(path)
    entries(vault, 40)
    vault.close()
    whole = (path / "desk.db").read_bytes()
    (path / "desk.db").write_bytes(whole[: kept * 4096 if kept >= 0 else -4096])
    before = contents(path)
    with pytest.raises(DamagedVault):
        Vault.open(path, PASSPHRASE)
    assert contents(path) == before


def test_a_database_damaged_under_an_open_vault_fails_its_check_in_a_sentence(vault, path):
    entries(vault, 40)
    vault.close()
    vault = Vault.open(path, PASSPHRASE)
    flip(path / "desk.db", 50)
    try:
        checks = vault.verify()
        assert not all(check.ok for check in checks)
    except VaultError as error:
        assert isinstance(error, DamagedVault)
    finally:
        vault.close()


def test_a_plain_database_in_place_of_the_vaults_own_is_refused(closed):
    import sqlite3

    (closed / "desk.db").unlink()
    plain = sqlite3.connect(closed / "desk.db")
    plain.execute("CREATE TABLE activity (id INTEGER)")
    plain.commit()
    plain.close()
    with pytest.raises(DamagedVault):
        Vault.open(closed, PASSPHRASE)


def test_another_vaults_database_is_refused(tmp_path, closed):
    make_vault(tmp_path / "other").close()
    (closed / "desk.db").write_bytes((tmp_path / "other.oicdesk" / "desk.db").read_bytes())
    with pytest.raises(DamagedVault):
        Vault.open(closed, PASSPHRASE)


def test_a_database_that_names_no_version_is_refused(closed):
    vault = Vault.open(closed, PASSPHRASE)
    connection = raw(vault)
    connection.execute("DELETE FROM alembic_version")
    connection.close()
    vault.close()
    with pytest.raises(DamagedVault, match="which version"):
        Vault.open(closed, PASSPHRASE)


def test_a_missing_database_is_never_made_anew(closed):
    (closed / "desk.db").unlink()
    with pytest.raises(DamagedVault, match="missing"):
        Vault.open(closed, PASSPHRASE)
    assert not (closed / "desk.db").exists()


def test_an_empty_folder_with_a_vaults_name_is_refused_and_stays_empty(tmp_path):
    (tmp_path / "desk.oicdesk").mkdir()
    with pytest.raises(DamagedSlots):
        Vault.open(tmp_path / "desk", PASSPHRASE)
    assert list((tmp_path / "desk.oicdesk").iterdir()) == []


def test_a_file_with_a_vaults_name_is_no_vault(tmp_path):
    (tmp_path / "desk.oicdesk").write_bytes(b"x")
    with pytest.raises(VaultError, match="no vault"):
        Vault.open(tmp_path / "desk", PASSPHRASE)


def test_a_vault_is_never_created_over_something(closed):
    before = contents(closed)
    with pytest.raises(Refused, match="already something"):
        make_vault(closed)
    assert contents(closed) == before
