"""Schema 0012: the same reference written differently has one key; what stood in a referral stays as it was."""

from oicdesk.vault import migrate
from tests.migrations.test_0005_reconciliation import WHEN, opened

REFERRAL = (
    "INSERT INTO referral (id, reference, ref_order, contact_at, contact_at_known, persons, status, review_on,"
    " safeguarding_incomplete, created_at, created_by, updated_at, nccu_ref, crime_ref)"
    " VALUES ({0}, 'OIC-2026-000{0}', 2026000000{0}, '{1}', 1, 1, 'NEW', '2027-11-23', 0, '{1}', 'Sam', '{1}',"
    " {2}, '36/1/26')"
)


def test_one_reference_in_two_spellings_has_one_key_and_none_has_none():
    connection = opened("0011")
    for number, text in enumerate(("'NCCU/26-10 53.1'", "'nccu261053_1'", "NULL"), 1):
        connection.execute(REFERRAL.format(number, WHEN, text))
    before = connection.execute("SELECT * FROM referral").fetchall()
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    migrate.upgrade(connection, to="0012", check=False)
    after = connection.execute("SELECT * FROM referral").fetchall()
    assert [row[: len(before[0])] for row in after] == before
    keys = connection.execute("SELECT nccu_key, crime_key FROM referral ORDER BY id").fetchall()
    assert keys == [("NCCU2610531", "36126"), ("NCCU2610531", "36126"), (None, "36126")]
    assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall() == triggers


def test_the_key_is_found_by_its_index():
    connection = opened("0012")
    plan = str(connection.execute("EXPLAIN QUERY PLAN SELECT id FROM referral WHERE nccu_key = 'X'").fetchall())
    assert "ix_referral_nccu_key" in plan
