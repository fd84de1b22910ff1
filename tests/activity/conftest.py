"""A real vault with a cheap key derivation, seeded, and entries of every kind."""

from datetime import date

import pytest

from oicdesk.settings import records as settings
from oicdesk.vault import log
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import Vault


@pytest.fixture
def vault(tmp_path):
    vault, _recovery_key = Vault.create(
        tmp_path / "desk", "correct horse battery", user="Sam", kdf=Kdf(memory_kib=64, passes=1, lanes=1)
    )
    with vault.changing() as session:
        settings.seed(session, date(2026, 9, 1))
    yield vault
    vault.close()


@pytest.fixture
def worked(vault):
    """A vault in which something of each operation was done."""
    with vault.changing() as session:
        log.record_many(session, log.COLLECTION, "referral", [3, 12, 13], detail="import 1")
        log.record(session, log.ALTERATION, referral=12, fields=["status", "team"])
        log.record(session, log.ALTERATION, referral=[1, 112], person=12, fields=["name"])
        log.record(session, log.COMBINATION, referral=[12, 13])
        log.record(session, log.DISCLOSURE, referral=3, recipient="DI Example", purpose="weekly brief", detail="=1+1")
        log.record(session, log.ERASURE, person=[40])
    with vault.consulting("people of a referral", referral=12):
        pass
    return vault


def newest(vault):
    with vault.reading() as session:
        return log.head(session.connection()).id


def forge(vault, statement):
    """Change the log as somebody with the key and a database tool could."""
    with vault._writer.connect() as connection:
        for name in ("altered", "removed"):
            connection.exec_driver_sql(f"DROP TRIGGER activity_is_never_{name}")
        connection.exec_driver_sql(statement)
        connection.commit()
