"""Schema 0011: a desk gains its directory, filled from the contacts it has; contacts and chasers stay as they were."""

from oicdesk.vault import migrate
from tests.migrations.test_0005_reconciliation import WHEN, opened, tables

NEW = {
    "officer", "officer_name", "officer_move", "officer_absence", "team_rename", "chaser_template", "deputy_cover",
    "case_seen",
}  # fmt: skip


def contact(connection, number, name, collar, team, *, force="Suffolk", supervisor=None, on="2026-11-16"):
    def quoted(text):
        return "NULL" if text is None else "'" + text.replace("'", "''") + "'"

    connection.execute(
        "INSERT INTO referral (id, reference, ref_order, force, contact_at, contact_at_known, officer_name,"
        " officer_collar, team, supervisor, persons, status, review_on, safeguarding_incomplete, created_at,"
        f" created_by, updated_at) VALUES ({number}, 'OIC-2026-000{number}', {number}, {quoted(force)},"
        f" '{on}T09:30:00.000000Z', 1, {quoted(name)}, {quoted(collar)}, {quoted(team)}, {quoted(supervisor)}, 1,"
        f" 'AWAITING_DOCUMENT', '2027-11-16', 0, '{WHEN}', 'Sam', '{WHEN}')"
    )


def upgraded(connection):
    migrate.upgrade(connection, to="0011", check=False)
    return connection


def officers(connection):
    query = "SELECT force, collar, name, team, supervisor FROM officer ORDER BY name, collar, force"
    return connection.execute(query).fetchall()


def test_the_directory_starts_with_the_officers_of_the_contacts_the_newest_telling_where_they_are():
    connection = opened("0010")
    contact(connection, 1, "MARSH, Jo", "PC 7191", "Ipswich Response", supervisor="PS Vale", on="2026-10-01")
    contact(connection, 2, "Jo Marsh", "PC 7191", "Lowestoft Response", on="2026-11-01")
    contact(connection, 3, "Jo Marsh", "PC 7191", "Norwich", force="Norfolk")
    contact(connection, 4, None, "PC 55", None)
    contact(connection, 5, None, None, "Nowhere")
    contact(connection, 6, "Ada Reed", "PC 1", "Unknown force", force=None)
    upgraded(connection)
    assert officers(connection) == [
        ("Suffolk", "PC 55", "", "", ""),
        ("Norfolk", "PC 7191", "Jo Marsh", "Norwich", ""),
        ("Suffolk", "PC 7191", "Jo Marsh", "Lowestoft Response", ""),
        ("Suffolk", "", "PS Vale", "Ipswich Response", ""),
    ]
    keys = connection.execute("SELECT force, collar_key, name_key FROM officer_name ORDER BY officer_id").fetchall()
    assert ("Suffolk", "PC7191", "jo marsh") in keys and len(keys) == 4
    moves = connection.execute("SELECT from_on, team, why FROM officer_move ORDER BY officer_id").fetchall()
    assert ("2026-11-01", "Lowestoft Response", "from a contact") in moves
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_name_or_a_collar_alone_is_the_one_officer_who_has_both():
    connection = opened("0010")
    contact(connection, 1, "Jo Märsh", "PC 7191", "Ipswich Response")
    contact(connection, 2, "MARSH, Jo", None, None)
    contact(connection, 3, None, "pc7191", None)
    upgraded(connection)
    assert [row[2] for row in officers(connection)] == ["Jo Märsh"]


def test_contacts_and_chasers_of_before_stay_as_they_were():
    connection = opened("0010")
    contact(connection, 1, "MARSH, Jo", "PC 7191", "Ipswich Response")
    connection.execute(
        f"INSERT INTO chaser VALUES (1, 1, '{WHEN}', 'supervisor', 'PS Vale', 'e-mail', NULL, NULL, 'Sam')"
    )
    referral = connection.execute("SELECT * FROM referral").fetchone()
    chaser = connection.execute("SELECT * FROM chaser").fetchone()
    upgraded(connection)
    assert connection.execute("SELECT * FROM chaser").fetchone() == (*chaser, None, None, None)
    after = connection.execute("SELECT * FROM referral").fetchone()
    assert sorted(after, key=repr) == sorted((*referral, None, None, None), key=repr)
    assert tables(connection) - tables(opened("0010")) == NEW
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    assert connection.execute(triggers).fetchall() == opened("0010").execute(triggers).fetchall()
