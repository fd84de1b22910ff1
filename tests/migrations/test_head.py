"""What the migrations give, what `schema.sql` says and what the program's tables are: one and the same."""

import ast
import importlib
import pkgutil

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

import oicdesk
from oicdesk import paths
from oicdesk.vault import migrate
from oicdesk.vault.tables import Stored
from tests.migrations.schema import script_at_head

VERSIONS = paths.db() / "migrations" / "versions"


def test_the_programs_head_is_the_newest_revision():
    config = Config()
    config.set_main_option("script_location", str(paths.db() / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]
    assert max(file.name for file in VERSIONS.glob("*.py")).startswith(migrate.HEAD)


def test_the_revisions_follow_each_other_by_number():
    config = Config()
    config.set_main_option("script_location", str(paths.db() / "migrations"))
    numbers = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_the_schema_script_is_what_the_migrations_give():
    assert migrate.schema_script() == script_at_head()
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection)
    assert migrate.shape(connection) == migrate.shape_of_script()
    connection.close()


def test_every_revision_stands_in_the_history_for_users():
    history = (paths.db() / "HISTORY.md").read_text("utf-8")
    for file in VERSIONS.glob("*.py"):
        assert f"| {file.name[:4]} |" in history


@pytest.mark.parametrize("file", sorted(VERSIONS.glob("*.py")), ids=lambda file: file.stem)
def test_a_revision_imports_nothing_of_the_program(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        allowed = ("alembic", "sqlalchemy", "collections", "re", "unicodedata")
        assert not [name for name in names if name.split(".")[0] not in allowed]


def test_the_programs_tables_are_those_of_the_head():
    for module in pkgutil.walk_packages(oicdesk.__path__, "oicdesk."):
        if module.name.rpartition(".")[2].startswith("records"):
            importlib.import_module(module.name)
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection)
    searches = [n for n, sql in connection.execute("SELECT name, sql FROM sqlite_master") if "fts5" in (sql or "")]

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "table" or not any((name or "").startswith(search) for search in searches)

    engine = create_engine("sqlite://", module=sqlcipher, creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as bound:
        context = MigrationContext.configure(bound, opts={"include_name": is_ours, "compare_type": True})
        differences = compare_metadata(context, Stored.metadata)
    engine.dispose()
    assert differences == []
