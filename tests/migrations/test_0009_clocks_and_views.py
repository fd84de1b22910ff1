"""Schema 0009: a desk gains pauses, snoozes and saved views, and keeps its cases as they were."""

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate
from tests.migrations.test_0005_reconciliation import WHEN, opened, tables

NEW = "0009"
REFERRAL = (
    "INSERT INTO referral (id, reference, ref_order, contact_at, contact_at_known, persons, status, review_on,"
    " safeguarding_incomplete, created_at, created_by, updated_at)"
    f" VALUES (1, 'OIC-2026-0001', 1, '{WHEN}', 1, 1, 'NEW', '2027-11-23', 0, '{WHEN}', 'Sam', '{WHEN}')"
)
ROWS = {
    "referral_pause": f"NULL, 1, '{WHEN}', NULL, 'On leave', 'Sam', NULL",
    "referral_snooze": f"NULL, 1, '2026-12-01', '{WHEN}', NULL, 'Sam', NULL, NULL",
    "queue_view": f"NULL, 'Mine', 'overdue', '{{}}', '{WHEN}', 'Sam', NULL",
}


def test_every_new_table_takes_a_row_and_a_second_one_that_runs_is_refused():
    connection = opened(NEW)
    connection.execute(REFERRAL)
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values})")
        with pytest.raises(sqlcipher.IntegrityError):
            connection.execute(f"INSERT INTO {table} VALUES ({values})")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_cases_of_the_desk_before_it_stay_as_they_were():
    connection = opened("0008")
    connection.execute(REFERRAL)
    before = connection.execute("SELECT * FROM referral").fetchall()
    had = tables(connection)
    migrate.upgrade(connection, to=NEW, check=False)
    assert connection.execute("SELECT * FROM referral").fetchall() == before
    assert tables(connection) - had == set(ROWS)
