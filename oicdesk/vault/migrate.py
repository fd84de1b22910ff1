"""Bringing a vault's tables to this program's shape: verified backup first, all revisions in one transaction."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk import paths
from oicdesk.errors import DamagedVault, VaultError

HEAD = "0012"  # the newest revision in db/migrations/versions; a test holds them equal


def schema_script() -> str:
    """The whole schema at head, as SQL."""
    return (paths.db() / "schema.sql").read_text("utf-8")


def revision_of(connection: Any) -> str:
    """The revision a driver connection's file is at. Raises DamagedVault if it has none."""
    found = None
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name='alembic_version'").fetchone():
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found is None:
        raise DamagedVault("The vault's database does not say which version wrote it: restore the newest backup.")
    return str(found[0])


def refuse_newer(revision: str) -> None:
    """Raise VaultError for a vault written by a newer program."""
    if revision > HEAD:
        raise VaultError(
            f"This vault was made by a newer version of OICDesk (schema {revision}, this one knows {HEAD}):"
            " nothing was changed; install the newer version to open it."
        )


def migrate(
    database: Path, open_connection: Callable[[], Any], back_up: Callable[[], Path], *, to: str = "head"
) -> Path:
    """Migrate the file to `to`; returns the backup made before. On failure the file is as it was.

    `open_connection` gives a keyed driver connection; `back_up` makes a backup that was opened and counted.
    """
    need = 3 * database.stat().st_size
    if shutil.disk_usage(database.parent).free < need:
        raise VaultError(
            f"The vault must be brought up to date, which needs {need // 2**20 + 1} MB of free space:"
            " nothing was changed; free some space and open it again."
        )
    backup = back_up()
    connection = open_connection()
    try:
        upgrade(connection, to=to)
    except Exception as error:
        raise VaultError(
            f"Bringing the vault up to date failed ({type(error).__name__}) and was taken back: the vault is"
            f" as it was, and a backup lies at {backup}."
        ) from error
    finally:
        connection.close()
    return backup


def upgrade(connection: Any, *, to: str = "head", check: bool = True) -> None:
    """Run the revisions on a driver connection inside one transaction; rolls all back on any fault.

    `check=False` is for writing `schema.sql` itself.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    # Rebuilding a table with foreign keys on would delete the rows that point at it; the switch works
    # only outside a transaction.
    connection.execute("PRAGMA foreign_keys=OFF")
    engine = create_engine("sqlite://", module=sqlcipher, creator=lambda: connection, poolclass=StaticPool)
    config = Config()
    config.set_main_option("script_location", str(paths.db() / "migrations"))
    try:
        # Alembic leaves a transaction alone that was begun before it; SQLAlchemy ends it.
        with engine.connect() as bound, bound.begin():
            connection.execute("BEGIN IMMEDIATE")
            config.attributes["connection"] = bound
            command.upgrade(config, to)
            if connection.execute("PRAGMA foreign_key_check").fetchall():
                raise ValueError("rows point at rows that are not there")
            if check and to == "head" and shape(connection) != shape_of_script():
                raise ValueError("the tables are not those of schema.sql")
    finally:
        connection.execute("PRAGMA foreign_keys=ON")


def shape(connection: Any) -> dict[str, str]:
    """Every table, index, trigger and view of a file: name to its SQL, white space folded.

    The shadow tables behind a search index belong to SQLite and are left out.
    """
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    searches = [name for name, sql in rows if "USING fts5" in sql]
    return {
        name: re.sub(r"\s+", " ", sql).strip()
        for name, sql in rows
        if "USING" in sql or "TRIGGER" in sql or not any(name.startswith(f"{search}_") for search in searches)
    }


def shape_of_script() -> dict[str, str]:
    """The shape that `schema.sql` gives."""
    connection = sqlcipher.connect(":memory:")
    try:
        connection.executescript(schema_script())
        return shape(connection)
    finally:
        connection.close()
