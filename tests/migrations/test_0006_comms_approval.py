"""Schema 0006: an item can carry an approval reported from outside; those of before stay as they were."""

from oicdesk.vault import migrate
from tests.migrations.test_0005_reconciliation import WHEN, opened

ITEM = (
    "INSERT INTO comms_item (id, title, audience, channel, force, message, promise, owner, status, reach_basis,"
    " evaluation, verdict, effect, approved_by, revision, changed_at, recorded_at, recorded_by)"
    " VALUES (1, 'Briefing', 'Teams', 'briefing', 'Joint', 'Words', '', 'The post', 'APPROVED', '', '', '', '', 'Alex',"
    f" 2, '{WHEN}', '{WHEN}', 'Sam')"
)
REPORTED = "reported_name, reported_role, reported_on, reported_reference"


def test_an_item_of_before_keeps_its_approval_and_has_none_reported():
    connection = opened("0005")
    connection.execute(ITEM)
    before = connection.execute("SELECT * FROM comms_item").fetchone()
    migrate.upgrade(connection, to="0006", check=False)
    assert connection.execute("SELECT * FROM comms_item").fetchone() == (*before, None, None, None, None)


def test_an_approval_reported_from_outside_is_kept():
    connection = opened("0006")
    connection.execute(ITEM)
    connection.execute("UPDATE comms_item SET reported_name = 'DI', reported_on = '2026-11-20'")
    found = connection.execute(f"SELECT {REPORTED} FROM comms_item").fetchone()
    assert found == ("DI", None, "2026-11-20", None)
