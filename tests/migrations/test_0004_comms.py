"""Schema 0004: a desk with training gains communications and the ledger, and takes rows as the program writes them."""

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate

WHEN = "2026-11-23T12:00:00.000000Z"
ROWS = {
    "comms_campaign": "1, 'Autumn', 'In time', 'The post', '{0}', 'Sam', NULL, NULL",
    "comms_series": "1, 'weekly', 1, '2026-12-01', '2027-03-01', 1, '{0}', 'Sam'",
    "comms_item": "1, 1, 1, '2026-12-01', 'Briefing', 'Response teams', 'briefing', 'Joint', 'Words', 2, 'guidance',"
    " 'The post', '2026-12-01', NULL, 'PLANNED', 30, NULL, '', '', '', '',"
    " NULL, NULL, NULL, NULL, 0, '{0}', '{0}', 'Sam'",
    "comms_event": "1, 1, '{0}', 'Sam', 'status', NULL, 'PLANNED', NULL",
    "comms_evidence": "1, 1, 'page.png', 'hash', 9, '', '{0}', 'Sam'",
    "comms_text": "1, 'our_own', 'message', 'Our own', 'Words', '', 'briefing', NULL, '', 0, '{0}', 'Sam'",
    "recommendation_event": "1, 4, '{0}', '{0}', 'Sam', 'NOT_STARTED', 'IN_PROGRESS', ''",
    "ledger_promise": "1, 'a_later_one', 4, 'A later one', 'Evidence', '{0}', 'Sam', NULL, NULL",
    "ledger_evidence": "1, 4, '', '2025-12-01', 'Minutes', 1, 'm.pdf', 'hash', '{0}', 'Sam', NULL, NULL",
    "oic_plan": "1, 'collection', 'Collection', 'Joint', '{0}', 'Sam', NULL, NULL",
    "oic_plan_version": "1, 1, '1.0', 'The post', '2027-05-03', '', '{0}', 'Sam', NULL, NULL, NULL, NULL, NULL",
    "analyst_review": "1, '2026-11-02', 'intelligence', 'Joint', 'The analyst', 'Package 4', '', '{0}', 'Sam'",
    "liaison": "1, '2026-11-03', 'meeting', 'Suffolk', 'Ipswich', 'The lead', 'Aims', '', '{0}', 'Sam'",
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


def test_every_new_table_takes_a_row_and_points_at_rows_that_are_there():
    connection = opened("0004")
    fill(connection)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tables(connection) - tables(opened("0003")) == set(ROWS)


def test_no_new_table_points_at_a_case_or_at_training():
    connection = opened("0004")
    old = tables(opened("0003"))
    for table in ROWS:
        targets = {row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()}
        assert not targets & old, table


def test_rows_of_the_desk_before_it_stay_as_they_were():
    connection = opened("0003")
    connection.execute(
        "INSERT INTO training_course VALUES (1, 'module_1', '2026-01-01', 'The basics', 'module', 12, '[]', '[]', 9,"
        f" '{WHEN}', 'Sam')"
    )
    before = connection.execute("SELECT * FROM training_course").fetchall()
    migrate.upgrade(connection, to="0004", check=False)
    assert connection.execute("SELECT * FROM training_course").fetchall() == before
    fill(connection)


@pytest.mark.parametrize("table", ["comms_event", "recommendation_event"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET by = 'Robin'", "DELETE FROM {}"])
def test_a_history_is_only_added_to(table, statement):
    connection = opened("0004")
    fill(connection)
    with pytest.raises(sqlcipher.IntegrityError, match="only added to"):
        connection.execute(statement.format(table).replace("by =", '"by" ='))


def test_an_occurrence_of_a_series_is_planned_once():
    connection = opened("0004")
    fill(connection)
    with pytest.raises(sqlcipher.IntegrityError):
        connection.execute(f"INSERT INTO comms_item VALUES (2{ROWS['comms_item'].format(WHEN)[1:]})")
