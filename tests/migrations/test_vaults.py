"""A desk of every released schema opens today: restored, brought up to date, and whole."""

import json
import zipfile
from datetime import UTC, datetime

import pytest

from oicdesk.documents.records import figures
from oicdesk.vault import backup
from oicdesk.vault.migrate import HEAD
from oicdesk.vault.vault import Vault
from tests.vaults.make import CASES, FOLDER, PASSPHRASE

FILES = sorted(FOLDER.glob("*.oicbackup"))


def manifest(file):
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("manifest.json"))


def test_the_newest_schema_has_its_file():
    assert manifest(FILES[-1])["schema"] == HEAD


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_desk_of_that_schema_opens_and_keeps_every_row(file, tmp_path):
    before = manifest(file)
    assert backup.restore(file, tmp_path / "desk.oicdesk", PASSPHRASE) is None
    with Vault.open(tmp_path / "desk.oicdesk", PASSPHRASE) as vault:
        assert [check for check in vault.verify() if not check.ok] == []
        after = manifest(vault.back_up(tmp_path / "copy.oicbackup"))
        with vault.reading() as session:
            found = figures(session, as_at=datetime(2026, 11, 23, tzinfo=UTC))["coverage"]
    # The copy's own disclosure, and what opening had to say, came to the log; nothing else changed.
    kept = {table: rows for table, rows in before["rows"].items() if table != "activity"}
    assert {table: after["rows"][table] for table in kept} == kept
    assert after["schema"] == HEAD and after["rows"]["activity"] > before["rows"]["activity"]
    assert before["rows"]["referral"] > CASES and 0 < found["submitted"] < found["in_scope"]
