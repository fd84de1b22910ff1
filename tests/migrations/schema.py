"""Write `db/schema.sql` anew from an empty database brought to head by the migrations.

Run `python -m tests.migrations.schema` after adding a revision, and review the difference.
"""

from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk import paths
from oicdesk.vault.migrate import upgrade

HEADER = "-- The whole schema at head, written by `python -m tests.migrations.schema`; do not edit by hand.\n\n"


def script_at_head() -> str:
    """SQL that makes a database just like one that went through every migration."""
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    upgrade(connection, check=False)
    return script_of(connection)


def script_of(connection: Any) -> str:
    """SQL that makes a database just like the one behind this driver connection, without its rows."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    searches = [name for name, sql in rows if "USING fts5" in sql]
    statements = [
        sql
        for name, sql in rows
        if "TRIGGER" in sql or "USING" in sql or not any(name.startswith(f"{s}_") for s in searches)
    ]
    statements += [f"INSERT INTO {s} ({s}, rank) VALUES ('secure-delete', 1)" for s in searches]
    head = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    statements.append(f"INSERT INTO alembic_version (version_num) VALUES ('{head}')")
    return HEADER + ";\n\n".join(statements) + ";\n"


if __name__ == "__main__":
    (paths.db() / "schema.sql").write_text(script_at_head(), "utf-8")
