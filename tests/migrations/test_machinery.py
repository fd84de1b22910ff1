"""Bringing a vault up to date: a revision of the test's own is put behind the newest one."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from oicdesk import paths
from oicdesk.errors import VaultError
from oicdesk.vault import backup, drafts, log, migrate, opening
from oicdesk.vault import vault as vault_module
from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault
from tests.migrations.schema import script_at_head
from tests.vault.folders import contents, raw

NEXT = "9001"
REVISION = '''
"""A revision of a test."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = {number!r}, {before!r}, None, None
def upgrade():
{body}
'''
GOOD = """
op.add_column("desk_user", sa.Column("shoulder_number", sa.String()))
op.execute("UPDATE desk_user SET shoulder_number = 'none'")
op.create_table("locker", sa.Column("id", sa.Integer, primary_key=True))
"""

# Deleting a cupboard would delete its shelves; a table of one key, because the order in which several unique
# constraints are written anew is not fixed.
CUPBOARD = """
op.execute("CREATE TABLE cupboard (id INTEGER PRIMARY KEY)")
op.execute(
    "CREATE TABLE shelf (id INTEGER PRIMARY KEY, cupboard_id INTEGER NOT NULL"
    " REFERENCES cupboard (id) ON DELETE CASCADE)"
)
op.execute("INSERT INTO cupboard VALUES (7)")
op.execute("INSERT INTO shelf VALUES (1, 7)")
"""
REBUILT = """
with op.batch_alter_table("{}", recreate="always") as table:
    table.add_column(sa.Column("extra", sa.String()))
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a vault of today's schema, with a draft that points at its user."""
    vault = make_vault(tmp_path / "desk")
    with vault.changing() as session:
        drafts.save(session, "form", {"a": 1})
    vault.close()
    return vault.path


@pytest.fixture
def tomorrow(tmp_path, monkeypatch):
    """Give the program another revision; `schema.sql` follows it unless `script` says otherwise."""
    real, number = paths.db(), migrate.HEAD
    folder = tmp_path / "db"
    shutil.copytree(real, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def add(body: str, *, number: str = NEXT, before: str = number, script: str | None = None) -> None:
        indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
        text = REVISION.format(number=number, before=before, body=indented)
        (folder / "migrations" / "versions" / f"{number}_next.py").write_text(text)
        monkeypatch.setattr(paths, "db", lambda: folder)
        for module in (migrate, opening, vault_module):
            monkeypatch.setattr(module, "HEAD", number)
        (folder / "schema.sql").write_text(script_at_head() if script is None else script)

    return add


def refused(path: Path) -> str:
    with pytest.raises(VaultError) as error:
        Vault.open(path, PASSPHRASE)
    return str(error.value)


def without_backups(path: Path) -> dict[str, bytes | None]:
    return {name: data for name, data in contents(path).items() if not name.startswith("backups/")}


def test_an_older_vault_is_brought_up_to_date_with_its_rows_and_a_backup_of_before(old, tomorrow, tmp_path):
    tomorrow(GOOD)
    vault = Vault.open(old, PASSPHRASE)
    try:
        with vault.reading() as session:
            assert session.execute(text("SELECT shoulder_number FROM desk_user")).scalars().all() == ["none", "none"]
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == NEXT
            assert drafts.load(session, "form") == {"a": 1}
        assert all(check.ok for check in vault.verify())
    finally:
        vault.close()
    (kept,) = (old / "backups").glob("*.oicbackup")
    assert kept.stat().st_mode & 0o777 == 0o600
    manifest = backup.read_manifest(kept)
    assert manifest.schema < NEXT and manifest.rows["draft"] == 1
    # The backup of before restores, and is brought up to date in its turn.
    backup.restore(kept, tmp_path / "again.oicdesk", PASSPHRASE)
    Vault.open(tmp_path / "again", PASSPHRASE).close()


def test_the_guards_of_the_log_are_still_there_after_a_migration(old, tomorrow):
    tomorrow(GOOD)
    vault = Vault.open(old, PASSPHRASE)
    try:
        with pytest.raises(IntegrityError, match="append-only"), vault.changing() as session:
            session.execute(text("UPDATE activity SET user = 'x'"))
        with vault.reading() as session:
            assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        with pytest.raises(IntegrityError), vault.changing() as session:
            log.record(session, log.ALTERATION, draft="k")
            session.execute(text("INSERT INTO draft VALUES ('k', '{}', 'now', 999)"))
    finally:
        vault.close()


def test_the_second_opening_migrates_nothing(old, tomorrow):
    tomorrow(GOOD)
    Vault.open(old, PASSPHRASE).close()
    before = contents(old / "backups")
    Vault.open(old, PASSPHRASE).close()
    assert contents(old / "backups") == before


def test_two_revisions_are_made_in_one_go_or_not_at_all(old, tomorrow):
    tomorrow(GOOD)
    before = without_backups(old)
    tomorrow("raise ValueError('half-way')", number="9002", before=NEXT, script="")
    assert "was taken back" in refused(old)
    assert without_backups(old) == before


FAILING = {
    "an exception half-way": GOOD + "raise ZeroDivisionError",
    "a statement that is wrong": GOOD + "op.execute('ALTER TABLE nowhere ADD COLUMN a')",
    "rows left that point nowhere": GOOD + "op.execute('DELETE FROM desk_user')",
    "a guard of the log that says no": GOOD + "op.execute(\"UPDATE activity SET user = 'x'\")",
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failing_revision_is_taken_back_whole_and_the_backup_is_named(old, tomorrow, name):
    before = without_backups(old)
    tomorrow(FAILING[name], script=migrate.schema_script())
    sentence = refused(old)
    (kept,) = (old / "backups").glob("*.oicbackup")
    assert str(kept) in sentence and "as it was" in sentence
    backup.read_manifest(kept)
    assert without_backups(old) == before


def test_a_revision_that_does_not_give_the_schema_of_the_script_is_taken_back(old, tomorrow):
    before = without_backups(old)
    tomorrow(GOOD, script=migrate.schema_script())
    assert "(ValueError) and was taken back" in refused(old)
    assert without_backups(old) == before


def test_a_rebuilt_table_that_lost_its_triggers_is_taken_back(old, tomorrow):
    """Alembic's batch mode drops the triggers of the table it rebuilds, without a word."""
    batch = REBUILT.format("activity")
    before = without_backups(old)
    tomorrow(batch)
    lost = paths.db() / "schema.sql"
    assert "activity_is_never_altered" not in lost.read_text()
    guards = """
    CREATE TRIGGER activity_is_never_altered BEFORE UPDATE ON activity
    BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
    """
    lost.write_text(lost.read_text() + guards)
    assert "was taken back" in refused(old)
    assert without_backups(old) == before


def test_rebuilding_a_table_keeps_the_rows_that_point_at_it(old, tomorrow):
    tomorrow(CUPBOARD + REBUILT.format("cupboard"))
    vault = Vault.open(old, PASSPHRASE)
    try:
        with vault.reading() as session:
            assert session.execute(text("SELECT cupboard_id, extra FROM shelf JOIN cupboard ON cupboard.id = 7")).all()
        assert all(check.ok for check in vault.verify())
    finally:
        vault.close()


def test_without_enough_space_nothing_is_begun(old, tomorrow, monkeypatch):
    tomorrow(GOOD)
    before = contents(old)
    usage = shutil.disk_usage(old)
    short = 3 * (old / "desk.db").stat().st_size - 1
    monkeypatch.setattr(migrate.shutil, "disk_usage", lambda _place: usage._replace(free=short))
    assert "free space" in refused(old)
    assert contents(old) == before
    monkeypatch.undo()


def test_without_a_backup_nothing_is_begun(old, tomorrow, monkeypatch):
    tomorrow(GOOD)
    before = contents(old)

    def fail(*_args: object) -> None:
        raise VaultError("The backup could not be written: free some space.")

    monkeypatch.setattr(backup, "write", fail)
    assert refused(old).startswith("The backup could not be written")
    assert contents(old) == before


def test_a_wrong_passphrase_migrates_nothing(old, tomorrow):
    tomorrow(GOOD)
    before = contents(old)
    with pytest.raises(VaultError, match="passphrase"):
        Vault.open(old, "wrong words")
    assert contents(old) == before


def test_a_vault_of_an_unknown_older_version_stays_as_it_is(old):
    vault = Vault.open(old, PASSPHRASE)
    connection = raw(vault)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    vault.close()
    before = without_backups(old)
    assert "was taken back" in refused(old)
    assert without_backups(old) == before


def test_a_migrated_vault_is_refused_by_the_program_of_before(old, tomorrow, monkeypatch):
    with monkeypatch.context() as later:
        number = migrate.HEAD
        tomorrow(GOOD)
        Vault.open(old, PASSPHRASE).close()
        for module in (migrate, opening, vault_module):
            later.setattr(module, "HEAD", number)
        before = contents(old)
        assert f"schema {NEXT}, this one knows {number}" in refused(old)
        assert contents(old) == before
