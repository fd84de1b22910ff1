"""Nothing that was typed is readable on the disk: not in the vault, not beside it, not in any temporary file."""

import base64
import contextlib
import os
import tempfile
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import text

from oicdesk.vault import backup, drafts, log
from oicdesk.vault.vault import APPROVER, UnloggedChangeError, Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import raw

MARK = "Quetzalcoatl-Zyx"
OTHER = "saddle compass orchard"


def forms(word: str) -> list[bytes]:
    """The word as it might stand in a file."""
    return [
        word.encode(),
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
        base64.b64encode(word.encode()).rstrip(b"="),
    ]


def readable(folder: Path, words: tuple[str, ...]) -> list[str]:
    found = []
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            found += [f"{word} in {file}" for word in words if any(form in content for form in forms(word))]
    return found


def text_columns(vault: Vault) -> dict[str, list[str]]:
    """Every table, with the columns that hold words."""
    with vault.changing() as session:
        tables = session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        ).scalars()
        return {
            table: [row.name for row in session.execute(text(f'PRAGMA table_xinfo("{table}")')) if "CHAR" in row.type]
            for table in tables.all()
            if "_fts_" not in table
        }


def test_the_search_for_readable_words_finds_them(tmp_path):
    for number, form in enumerate(forms(MARK)):
        (tmp_path / f"{number}.bin").write_bytes(b"\0" + form + b"\0")
    assert len(readable(tmp_path, (MARK,))) == 4


def test_nothing_written_is_readable_in_any_file(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    house = tmp_path / "house"
    vault = make_vault(house / "desk", user=f"{MARK} user")
    words = (MARK, PASSPHRASE, OTHER, vault._key.hex(), base64.b64encode(vault._key).decode()[:40])
    columns = text_columns(vault)
    assert len(columns) > 5
    try:
        with vault.changing() as session:
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            drafts.save(session, "form", {"name": MARK * 500})
            # Enough for SQLite to sort and to spill, were it let.
            rows = [{"key": f"{MARK} {n % 977}-{n}", "content": MARK * 40, "at": "x"} for n in range(2000)]
            session.execute(text("INSERT INTO draft VALUES (:key, :content, :at, 1)"), rows)
            log.record(session, log.ALTERATION, draft=MARK, detail=MARK, recipient=MARK)
        with vault.reading() as session:
            session.execute(
                text("SELECT content, count(*) FROM draft GROUP BY content || key ORDER BY 1, key DESC")
            ).all()
        assert readable(house, words) == []  # while it is open, write-ahead log included
        with pytest.raises(UnloggedChangeError), vault.changing() as session:
            session.execute(text("UPDATE desk_user SET role = :mark"), {"mark": MARK})
        vault.add_user(f"{MARK} two", APPROVER, OTHER)
        file = vault.back_up(house / "b.oicbackup")
        vault.back_up()
        vault.verify()
        assert readable(house, words) == []
    finally:
        vault.close()
    backup.restore(file, house / "new.oicdesk", PASSPHRASE)
    Vault.open(house / "new", OTHER).close()
    assert readable(tmp_path, words) == []
    assert readable(Path(os.environ["HOME"]), words) == []


def test_words_in_every_table_stay_unreadable(vault, path):
    """Each table of the schema, whatever it is for, takes the mark in each of its columns of words."""
    connection = raw(vault)
    marked = 0
    for table, words in text_columns(vault).items():
        facts = connection.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
        stored = [
            (name, kind) for _, name, kind, _, _, key, hidden in facts if not hidden and (kind, key) != ("INTEGER", 1)
        ]
        names = ", ".join(f'"{name}"' for name, _ in stored)
        values = ", ".join(f"'{MARK} {name}'" if name in words else "1" for name, _ in stored)
        with contextlib.suppress(sqlcipher.IntegrityError):  # a table with guards of its own
            connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({values})')
            marked += bool(words)
    assert marked > 10
    assert readable(path, (MARK,)) == []
    assert connection.execute("SELECT count(*) FROM desk_user WHERE name LIKE ?", (f"{MARK}%",)).fetchone() == (1,)
    connection.close()
    vault.close()
    assert readable(path, (MARK,)) == []
