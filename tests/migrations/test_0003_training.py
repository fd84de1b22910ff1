"""Schema 0003: a desk with audits gains training, and takes rows as the program writes them."""

import sqlcipher3.dbapi2 as sqlcipher

from oicdesk.vault import migrate

WHEN = "2026-11-23T12:00:00.000000Z"
ROWS = {
    "training_import": "1, 'learners', 'roster.csv', 'hash', '2026-11-23', '{0}', 'Sam', '{{}}', NULL",
    "learner": "1, '3757375', '3757375', 'Lee', 'Ashby', '2020-04-01', NULL, '2026-11-23', 1, '{0}', 'Sam', NULL",
    "learner_stint": "1, 1, '2020-04-01', NULL, 'Lee', 'Ashby', 'PC 1', 'Suffolk', NULL, 'PC', 'Frontline', NULL,"
    " NULL, 'ashby lee', 'ashby lee 3757375'",
    "training_course": "1, 'module_1', '2026-01-01', 'The basics', 'module', 12, '[]', '[]', 9, '{0}', 'Sam'",
    "training_rule": "1, 'hydra', '2026-01-01', '[\"Frontline\"]', 'null', 'null', 'null', 'x', '{0}', 'Sam'",
    "training_exclusion": "1, 1, NULL, 'other', 'x', 'DI', '2026-01-01', NULL, '{0}', 'Sam', NULL",
    "hydra_event": "1, '2026-12-10', 'Martlesham', 'local', 12, '', '{0}', 'Sam', NULL",
    "hydra_place": "1, 1, 1, 'invited', '{0}', 'Sam'",
    "hydra_decision": "1, '2026-11-01', 'local', 'travel', 'DI', '', '{0}', 'Sam'",
    "completion": "1, 1, 'module_1', '', 'Module 1', '2026-03-01', 'import', '', 1, NULL, '{0}', 'Sam', NULL, NULL",
    "completion_match": "1, 1, 5, '757375', 'Ashby, Lee', 'k', 'module_1', '', 'Module 1', '2026-03-02', '', 'why',"
    " NULL, NULL, NULL, NULL",
    "training_import_change": "1, 1, 1, '{{}}', '{{}}'",
    "training_reminder": "1, '{0}', 'Sam', 'Lee Ashby', 0, 'clipboard', '[\"module_1\"]'",
    "training_reminded": "1, 1",
}


def opened(to):
    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    migrate.upgrade(connection, to=to, check=False)
    return connection


def fill(connection):
    for table, values in ROWS.items():
        connection.execute(f"INSERT INTO {table} VALUES ({values.format(WHEN)})")


def test_every_table_of_training_takes_a_row_and_points_at_rows_that_are_there():
    connection = opened("0003")
    fill(connection)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    new = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()} - {
        name for (name,) in opened("0002").execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    }
    assert new == set(ROWS)


def test_rows_of_the_desk_before_it_stay_as_they_were():
    connection = opened("0002")
    connection.execute(
        "INSERT INTO setting (id, \"key\", value, valid_from, set_at, set_by) VALUES (1, 'marking', '\"OFFICIAL\"',"
        f" '2026-01-01', '{WHEN}', 'Sam')"
    )
    before = connection.execute("SELECT * FROM setting").fetchall()
    migrate.upgrade(connection, to="0003", check=False)
    assert connection.execute("SELECT * FROM setting").fetchall() == before
    fill(connection)


def test_a_staff_number_or_a_completion_stands_once_until_it_is_taken_back():
    connection = opened("0003")
    fill(connection)
    again = {name: ROWS[name].format(WHEN).replace("1, ", "2, ", 1) for name in ("learner", "completion")}
    for table, values in again.items():
        try:
            connection.execute(f"INSERT INTO {table} VALUES ({values})")
        except sqlcipher.IntegrityError:
            connection.execute(f"UPDATE {table} SET withdrawn_at = '{WHEN}' WHERE id = 1")
            connection.execute(f"INSERT INTO {table} VALUES ({values})")
        else:
            raise AssertionError(f"{table} took the same row twice")
