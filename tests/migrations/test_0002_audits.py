"""Schema 0002: the first desk gains audits, takes rows as the program writes them, and keeps what is frozen."""

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate

WHEN = "2026-11-23T12:00:00.000000Z"
REFERRAL = (
    "INSERT INTO referral (id, reference, ref_order, contact_at, contact_at_known, persons, status, review_on,"
    " safeguarding_incomplete, created_at, created_by, updated_at) VALUES"
    f" (1, 'OIC-2026-0001', 20260000001, '{WHEN}', 1, 1, 'ACCEPTED', '2027-11-23', 0, '{WHEN}', 'Sam', '{WHEN}')"
)
DRAFT = (
    "1, 'Autumn', 'random', 'Joint', '', '2', '2026-10-01', '2026-11-30', 'documented', '[]', '{{}}', '{{}}', 0.1,"
    " 0.95, 0.05, NULL, 2, 30, 0.2, 10, 1, NULL, 'DRAFT', '{0}', 'Sam', NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
    " NULL, NULL, NULL, NULL, NULL, '', '', NULL, NULL, NULL, NULL"
)
ROWS = {
    "checklist": "1, 'Documents', 1, '', 'hash', '{0}', 'Sam'",
    "checklist_criterion": "1, 1, 1, 'It exists', '', 1, 'document_exists', '', '[]'",
    "audit": DRAFT,
    "audit_event": "1, 1, '{0}', 'Sam', NULL, 'DRAFT', NULL",
    "audit_frame_item": "1, 1, 1, 'OIC-2026-0001', 'Suffolk', 'Other', '2026-11', '', NULL",
    "audit_sample_item": "1, 1, 1, 0, 1, NULL, NULL, 1",
    "audit_second_item": "1, 1, 1, 1",
    "audit_answer": "1, 1, 1, 1, 'first', 'MET', '', '', '', '', 'Sam', '{0}'",
    "audit_replacement": "1, 1, 1, 1, 'cannot be opened', '{0}', 'Sam'",
    "audit_finding": "1, 1, 1, 'finding', 'High', 'Late', '', '', 1, '{0}', 'Sam'",
    "audit_action": "1, 1, 'Brief the team', 'Robin', '2026-12-01', 'OPEN', NULL, NULL, '', '{0}', 'Sam'",
    "audit_action_event": "1, 1, '{0}', 'Sam', NULL, 'OPEN', ''",
    "audit_phase": "1, 'Joint', '2026-11-01', 'New form', '{0}', 'Sam', NULL",
}


def opened(to):
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection, to=to, check=False)
    return connection


def fill(connection):
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values.format(WHEN)})")


def tables(connection):
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}


def test_every_table_of_audits_takes_a_row_and_points_at_rows_that_are_there():
    connection = opened("0002")
    connection.execute(REFERRAL)
    fill(connection)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tables(connection) - tables(opened("0001")) == set(ROWS)


def test_rows_of_the_first_desk_stay_as_they_were():
    connection = opened("0001")
    connection.execute(REFERRAL)
    before = connection.execute("SELECT * FROM referral").fetchall()
    migrate.upgrade(connection, to="0002", check=False)
    assert connection.execute("SELECT * FROM referral").fetchall() == before
    fill(connection)


def test_a_draft_takes_rows_and_a_frozen_audit_keeps_its_own():
    connection = opened("0002")
    connection.execute(REFERRAL)
    fill(connection)
    connection.execute("UPDATE audit SET seed = 7, margin = 0.2, status = 'SAMPLE_FROZEN' WHERE id = 1")
    connection.execute("UPDATE audit SET limits = 'One post', status = 'IN_REVIEW' WHERE id = 1")
    for statement in (
        "UPDATE audit SET seed = 8",
        "UPDATE audit SET status = 'DRAFT'",
        "DELETE FROM audit_sample_item",
        "INSERT INTO audit_frame_item VALUES (2, 1, 1, 'OIC-2026-0002', 'Suffolk', 'Other', '2026-11', '', NULL)",
        "UPDATE audit_frame_item SET item = 'x'",
        "UPDATE audit_answer SET answer = 'NOT_MET'",
        "DELETE FROM audit_replacement",
        "UPDATE checklist SET version = 2",
    ):
        with pytest.raises(sqlcipher.IntegrityError):
            connection.execute(statement)
