"""Schema 0005: a desk gains outside lists of contacts, and keeps what it had."""

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate

WHEN = "2026-11-23T12:00:00.000000Z"
BATCH = f"INSERT INTO import_batch VALUES (1, 'contacts', 'nccu.xlsx', 'hash', '{WHEN}', 'Sam', 3, 1, NULL)"
ROWS = {
    "outside_list": f"1, 1, 'nccu.xlsx', 'print', '{WHEN}'",
    "outside_contact": f"1, 1, 4, 'key', 'NCCU/26', '{WHEN}', 'Suffolk', NULL, 'PC 1', NULL, 'Status check', 1,"
    f" 'only theirs', 'why', NULL, '[]', '[]', 'dismissed', 'a test call', '{WHEN}', 'Sam'",
}


def opened(to):
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection, to=to, check=False)
    return connection


def tables(connection):
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}


def test_every_table_of_reconciliation_takes_a_row_and_points_at_rows_that_are_there():
    connection = opened("0005")
    connection.execute(BATCH)
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values})")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert tables(connection) - tables(opened("0004")) == set(ROWS)


def test_imports_of_the_desk_before_it_stay_as_they_were():
    connection = opened("0004")
    connection.execute(BATCH)
    before = connection.execute("SELECT * FROM import_batch").fetchall()
    migrate.upgrade(connection, to="0005", check=False)
    assert connection.execute("SELECT * FROM import_batch").fetchall() == before


def test_one_import_is_one_list():
    connection = opened("0005")
    connection.execute(BATCH)
    connection.execute(f"INSERT INTO outside_list VALUES ({ROWS['outside_list']})")
    again = ROWS["outside_list"].replace("1, 1,", "2, 1,")
    try:
        connection.execute(f"INSERT INTO outside_list VALUES ({again})")
    except sqlcipher.IntegrityError:
        pass
    else:
        raise AssertionError("one import gave two lists")
