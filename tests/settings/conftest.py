"""A real vault with a cheap key derivation, seeded."""

from datetime import date

import pytest

from oicdesk.settings import records
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import Vault

CHEAP = Kdf(memory_kib=64, passes=1, lanes=1)
PASSPHRASE = "tractor lantern violin"
FIRST_DAY = date(2026, 9, 1)


@pytest.fixture
def empty_vault(tmp_path):
    vault, _recovery_key = Vault.create(tmp_path / "desk", PASSPHRASE, user="Sam", kdf=CHEAP)
    yield vault
    vault.close()


@pytest.fixture
def vault(empty_vault):
    with empty_vault.changing() as session:
        records.seed(session, FIRST_DAY)
    return empty_vault
