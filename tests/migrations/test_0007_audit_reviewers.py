"""Schema 0007: audits name their reviewers; those of before name nobody, and their phases stay as they were."""

from oicdesk.vault import migrate
from tests.migrations.test_0002_audits import REFERRAL, ROWS, WHEN, fill, opened


def test_a_frozen_audit_of_before_keeps_its_plan_and_names_nobody():
    connection = opened("0006")
    connection.execute(REFERRAL)
    fill(connection)
    connection.execute("UPDATE audit SET seed = 7, status = 'SAMPLE_FROZEN'")
    before = connection.execute("SELECT * FROM audit").fetchone()
    migrate.upgrade(connection, to="0007", check=False)
    assert connection.execute("SELECT * FROM audit").fetchone() == (*before, "[]", "")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_phase_of_before_stays_and_can_be_ended_with_a_reason():
    connection = opened("0006")
    connection.execute(f"INSERT INTO audit_phase VALUES ({ROWS['audit_phase'].format(WHEN)})")
    migrate.upgrade(connection, to="0007", check=False)
    assert connection.execute("SELECT reason, ended_at, ended_by FROM audit_phase").fetchone() == (
        "New form", None, None,
    )  # fmt: skip
    connection.execute(f"UPDATE audit_phase SET ended_at = '{WHEN}', ended_by = 'Sam', ended_because = 'A mistake'")
    assert connection.execute("SELECT ended_because FROM audit_phase").fetchone() == ("A mistake",)


def test_the_triggers_that_keep_a_frozen_plan_are_still_there():
    connection = opened("0007")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"audit_plan_is_frozen", "audit_stays_frozen", "audit_is_never_removed"} <= names
