"""Schema 0010: holds, reviews, rights requests and breaches; exemptions and people of before stay as they were."""

from oicdesk.vault import migrate
from tests.migrations.test_0005_reconciliation import WHEN, opened, tables

REFERRAL = (
    "INSERT INTO referral (id, reference, ref_order, contact_at, contact_at_known, persons, status, review_on,"
    f" safeguarding_incomplete, created_at, created_by, updated_at) VALUES (1, 'OIC-2026-0001', 20260000001, '{WHEN}',"
    f" 1, 1, 'EXEMPT', '2027-11-23', 0, '{WHEN}', 'Sam', '{WHEN}')"
)
EXEMPTION = (
    "INSERT INTO exemption (id, referral_id, reason, why, requested_by, requested_at, approved_by, approved_at)"
    f" VALUES (1, 1, 'error', 'typed twice', 'Sam', '{WHEN}', 'Alex', '{WHEN}')"
)
PERSON = (
    "INSERT INTO person (id, referral_id, label, name, force_reference, birth, may_be_under_18, nrm_reference,"
    " necessity, migrant_victim_statement, authorised_by, recorded_by, recorded_at)"
    f" VALUES (1, 1, 'Driver', '', '', '', 0, '', '', '', '', 'Sam', '{WHEN}')"
)
ROWS = {
    "referral_hold": f"1, 1, 'court', 'trial', '2027-01-01', '{WHEN}', 'Sam', NULL, NULL, NULL",
    "referral_review": f"1, 1, '{WHEN}', 'Sam', 'kept', 'a trial', '2027-01-01'",
    "person_request": f"1, 'access', 'Somebody', '', '2026-11-23', '2026-12-22', '{WHEN}', 'Sam', NULL, NULL, NULL,"
    " NULL",
    "person_correction": f"1, 1, 1, 1, '{WHEN}', 'Sam', 'corrected', 'a wrong age', 'age'",
    "person_recipient": f"1, 1, 'DI', '{WHEN}', '2026-11-30', NULL, NULL",
    "breach": f"1, '{WHEN}', 'lost', '', '', NULL, '', '', '{WHEN}', 'Sam', '{WHEN}'",
}


def test_every_new_table_takes_a_row_and_points_at_rows_that_are_there():
    connection = opened("0010")
    for statement in (REFERRAL, PERSON):
        connection.execute(statement)
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values})")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tables(connection) - tables(opened("0009")) == set(ROWS)


def test_an_exemption_and_a_person_of_before_have_no_end_and_no_basis_of_identity():
    connection = opened("0009")
    for statement in (REFERRAL, EXEMPTION, PERSON):
        connection.execute(statement)
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchone() for table in ("exemption", "person")}
    migrate.upgrade(connection, to="0010", check=False)
    assert connection.execute("SELECT * FROM exemption").fetchone() == (*before["exemption"], None)
    assert connection.execute("SELECT * FROM person").fetchone() == (*before["person"], None, None)
