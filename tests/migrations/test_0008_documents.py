"""Schema 0008: a desk gains lists of documents, working drafts and the register of disclosures, and keeps the rest."""

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate

WHEN = "2026-11-23T12:00:00.000000Z"
BATCH = f"INSERT INTO import_batch VALUES (1, 'documents', 'reports.csv', 'hash', '{WHEN}', 'Sam', 3, 1, NULL)"
REFERRAL = (
    "INSERT INTO referral (id, reference, ref_order, contact_at, contact_at_known, persons, status, review_on,"
    " safeguarding_incomplete, created_at, created_by, updated_at) VALUES (1, 'OIC-2026-0001', 20260000001, "
    f"'{WHEN}', 1, 1, 'AWAITING_DOCUMENT', '2027-11-23', 0, '{WHEN}', 'Sam', '{WHEN}')"
)
DOCUMENT = (
    "INSERT INTO document (id, reference, reference_key, system, author, submitted_at, held_elsewhere, conditions,"
    f" usage, old_5x5x5, outcome, resubmissions, recorded_at, recorded_by) VALUES (1, 'IR/1', 'IR1', '', '', '{WHEN}',"
    f" 0, '', '', '', 'SUBMITTED', 0, '{WHEN}', 'Sam')"
)
ROWS = {
    "document_list": "1, 1, 'reports.csv'",
    "document_row": "1, 1, 2, 'IR1||1', 'IR/1', 'MARSH, Jo', 'PC 1', 'Suffolk', '2026-11-23', "
    f"'{WHEN}', 'SC-1', '{{}}', 'matched', 'why', '[]', '[]', 1, 1, NULL, NULL, NULL, NULL",
    "document_row_link": "1, 1",
    "working_draft": f"1, 1, NULL, '{WHEN}', 'Sam', '{WHEN}', NULL, NULL, NULL",
    "working_draft_version": f"1, 1, 1, '{WHEN}', 'Sam', '{{}}'",
    "disclosure": f"1, '{WHEN}', 'Sam', 'DI Reed', 'briefing', 'draft', 'Working draft 1', 'pdf', 1, 1",
    "disclosure_case": "1, 1",
    "disclosure_telling": f"1, 1, 1, '{WHEN}', 'Sam', '2026-11-26', 'corrected', NULL, NULL, NULL",
}


def opened(to):
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection, to=to, check=False)
    return connection


def tables(connection):
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}


@pytest.fixture
def filled():
    connection = opened("0008")
    for statement in (BATCH, REFERRAL, DOCUMENT):
        connection.execute(statement)
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values})")
    return connection


def test_every_new_table_takes_a_row_and_points_at_rows_that_are_there(filled):
    assert filled.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tables(filled) - tables(opened("0007")) == set(ROWS)


def test_documents_of_the_desk_before_it_stay_as_they_were():
    connection = opened("0007")
    connection.execute(DOCUMENT)
    before = connection.execute("SELECT * FROM document").fetchall()
    migrate.upgrade(connection, to="0008", check=False)
    assert connection.execute("SELECT * FROM document").fetchall() == before


@pytest.mark.parametrize(
    ("table", "change"), [("document_list", ("1, 1,", "2, 1,")), ("working_draft_version", ("1, 1, 1,", "2, 1, 1,"))]
)
def test_one_import_is_one_list_and_a_version_has_its_number_once(filled, table, change):
    with pytest.raises(sqlcipher.IntegrityError):
        filled.execute(f"INSERT INTO {table} VALUES ({ROWS[table].replace(*change)})")
