"""The steps by which a vault comes to be and is opened, each before the next: folder, key, proof, migration."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, select

from oicdesk.errors import DamagedVault, Refused, VaultError, WrongPassphrase
from oicdesk.vault import backup, keys, log
from oicdesk.vault.connection import connect, proof, tune
from oicdesk.vault.keys import Kdf
from oicdesk.vault.migrate import HEAD, migrate, refuse_newer, revision_of, schema_script
from oicdesk.vault.tables import DeskUser

RECOVERY = "Recovery key"  # the name under which the recovery key's deeds stand in the log
NEWEST_CHECKED = 1000


def wrong_passphrase() -> WrongPassphrase:
    return WrongPassphrase(
        "The passphrase is wrong for this vault: check Caps Lock and try again, or use the recovery key."
    )


def make_folder(path: Path) -> None:
    if path.exists():
        raise Refused(f"There is already something at {path}: choose another name for the new vault.", field="path")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
        (path / "backups").mkdir(mode=0o700)
    except OSError as error:
        raise VaultError(
            f"The folder for the new vault cannot be made ({error.strerror}): choose a place you may write to."
        ) from error


def first_slots(
    data_key: bytes, passphrase: str, recovery_key: str, user: str, kdf: Kdf
) -> tuple[keys.Slots, keys.Slot]:
    vault_id = secrets.token_hex(16)
    slot = keys.wrap(data_key, passphrase, kind="passphrase", user=user, vault_id=vault_id, kdf=kdf)
    recovery = keys.wrap(data_key, recovery_key, kind="recovery", user=RECOVERY, vault_id=vault_id, kdf=kdf)
    return keys.Slots(vault_id, kdf.memory_kib // 1024, (slot, recovery)), slot


def new_database(database: Path, data_key: bytes) -> None:
    os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    driver = connect(database, data_key)
    try:
        tune(driver)
        driver.execute("BEGIN IMMEDIATE")
        for statement in _statements(schema_script()):
            driver.execute(statement)
        driver.execute("COMMIT")
    finally:
        driver.close()


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlcipher.complete_statement(statement):
            yield statement
            statement = ""


def prove(path: Path, data_key: bytes, slot: keys.Slot, check_log: bool) -> str:
    """The revision of the file, read without changing it; the slot opened, so whatever fails now is the file.

    At head, the user of the slot and the newest entries of the log are proved too.
    """
    database = path / backup.DATABASE
    if not database.is_file():
        raise DamagedVault("The vault's database (desk.db) is missing from its folder: restore the newest backup.")
    with proof(database, data_key) as connection:
        revision = revision_of(connection.connection.driver_connection)
        refuse_newer(revision)
        if revision == HEAD:
            user_of(connection, slot)
            fault = log.check(connection, newest=NEWEST_CHECKED) if check_log else None
            if fault:
                raise DamagedVault(
                    f"{fault.sentence} The vault was not opened: restore the newest backup, and tell your force's"
                    " information security."
                )
    return revision


def user_of(connection: Connection, slot: keys.Slot) -> tuple[int, str, str]:
    """Id, name and role of the user whose way in `slot` is. A way in without a user opens nothing."""
    query = select(DeskUser.id, DeskUser.name, DeskUser.role)
    found = connection.execute(query.where(DeskUser.slot == slot.id, DeskUser.removed_at.is_(None))).one_or_none()
    if found is None:
        raise wrong_passphrase()
    return found.id, found.name, found.role


def sweep(folder: Path) -> None:
    """Take away half-written files of a program that was killed: nobody else holds the folder now."""
    for pattern in (f".{keys.FILE}*.part", "backups/.*.part", "backups/.*.db", "backups/.*.db-journal"):
        for file in folder.glob(pattern):
            file.unlink(missing_ok=True)


def bring_up_to_date(path: Path, data_key: bytes, slots: keys.Slots) -> None:
    database = path / backup.DATABASE

    def back_up() -> Path:
        target = path / "backups" / f"{path.stem}-before-{HEAD}{backup.SUFFIX}"
        target.parent.mkdir(mode=0o700, exist_ok=True)
        backup.write(path, target, data_key, slots.vault_id)
        return target

    def open_connection() -> Any:
        connection = connect(database, data_key)
        tune(connection)
        return connection

    migrate(database, open_connection, back_up)
