"""Communications for tests, made by doing the work, in a desk with an officer and an approver.

Tests take the fixture by name: `from tests.comms.makers import room`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oicdesk.comms import records, rules
from oicdesk.comms.rules import ItemFacts
from oicdesk.settings.rules import london_day
from oicdesk.vault.vault import APPROVER, Vault
from tests.desks import APPROVERS, PASSPHRASE, Desk, hours, opened

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
FACTS = ItemFacts(
    "Briefing on the document", "Response teams", rules.BRIEFING, "Who writes it, by when", owner="The post",
    planned_on=date(2026, 11, 30), recommendation=2, promise="guidance",
)  # fmt: skip


class Room(Desk):
    """A desk whose officer and approver sign in one after another."""

    def sign_in(self, passphrase: str) -> None:
        path = self.vault.path
        self.vault.close()
        self.vault = Vault.open(path, passphrase)

    def planned(self, now: datetime = NOW, **facts: Any) -> int:
        return int(self.do(records.add_item, replace(FACTS, **facts), now=now, status=rules.PLANNED))

    def published(self, on: date, **facts: Any) -> int:
        """An item written by the officer, approved by the approver and published on that day."""
        now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        item = self.planned(now, planned_on=on, **facts)
        self.sign_in(APPROVERS)
        self.do(records.approve, item, now=now)
        self.sign_in(PASSPHRASE)
        self.do(records.publish, item, on, now=now)
        return item

    def contacts(self, on_time: int, due: int, first: date, days: int, **facts: Any) -> None:
        """So many contacts, one after another over those days, of them so many documented on time."""
        for n in range(due):
            at = datetime(first.year, first.month, first.day, 9, n % 60, tzinfo=UTC) + timedelta(days=n % days)
            case = self.add(now=at, contact_at=at, incident_ref=f"{first}-{n}-{facts}", **facts)
            if n < on_time:
                self.submit(case, at + hours(2))

    def item(self, item_id: int) -> records.ItemRow:
        return self.ask(records.item, item_id)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = opened(tmp_path / "desk")
    made.add_user("Alex Thorne", APPROVER, APPROVERS)
    room = Room(made)
    yield room
    room.vault.close()


__all__ = ["APPROVERS", "FACTS", "NOW", "PASSPHRASE", "TODAY", "Room", "london_day", "room"]
