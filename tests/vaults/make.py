"""Make the encrypted file that keeps a released schema: a small desk, backed up at that revision.

Run `python -m tests.vaults.make REVISION` once, when that revision is released; afterwards the file is never made
anew, because it stands for what users have.
"""

import argparse
import shutil
import tempfile
from datetime import date
from pathlib import Path
from unittest import mock

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk import demo
from oicdesk.settings.records import seed
from oicdesk.vault import migrate, opening, vault
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import Vault
from tests.migrations.schema import script_of

FOLDER = Path(__file__).parent
PASSPHRASE = "a passphrase of the tests"
TODAY = date(2026, 11, 23)
CASES = 40


def make(revision: str, target: Path) -> None:
    """Do a little fictional work in a vault of that revision, and back it up."""
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection, to=revision, check=False)
    script = script_of(connection)
    heads = [mock.patch.object(module, "HEAD", revision) for module in (migrate, opening, vault)]
    scripts = [mock.patch.object(module, "schema_script", lambda: script) for module in (migrate, vault, opening)
               if hasattr(module, "schema_script")]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for patch in (*heads, *scripts):
            patch.start()
        desk, _key = Vault.create(Path(folder) / "desk", PASSPHRASE, "Demo officer", kdf=Kdf(8, 1, 1))
        with desk:
            with desk.changing() as session:
                seed(session, TODAY)
            demo.fill(desk, TODAY, cases=CASES)
            shutil.copyfile(desk.back_up(), target)
        mock.patch.stopall()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    revision = parser.parse_args().revision
    make(revision, FOLDER / f"schema-{revision}.oicbackup")
