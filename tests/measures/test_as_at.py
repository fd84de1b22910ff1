"""A paper as at an earlier instant says the same after whatever was done since, in every room."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from oicdesk.comms import records as comms
from oicdesk.desk_papers import PAPERS
from oicdesk.recommendations import records as ledger
from oicdesk.recommendations import records_plans
from oicdesk.recommendations import rules as ledger_rules
from oicdesk.training import records, records_events, records_exclusions
from tests.comms.makers import APPROVERS, NOW, PASSPHRASE, room
from tests.measures.test_records import filled
from tests.training.makers import done, export, person, roster

__all__ = ["filled", "room"]
THEN = NOW - timedelta(days=40)
EARLIER = THEN - timedelta(days=30)
NOW_ONLY = {"daily-list"}  # tells how the desk stands now, and refuses an earlier time


@pytest.fixture
def busy(filled):
    """Something of everything before the instant."""
    filled.published(date(2026, 8, 3))
    plan = filled.do(records_plans.add_plan, ledger_rules.COLLECTION, "Collection", now=EARLIER)
    filled.do(records_plans.add_version, plan, "1.0", owner="Post", review_on=date(2027, 3, 1), now=EARLIER)
    filled.do(ledger.add_evidence, 2, "Filled", EARLIER.date(), promise="post", shows_met=True, now=EARLIER)
    filled.do(records_events.add_event, date(2026, 9, 9), "Ashmere", "local", 5, now=EARLIER)
    return filled


def work_on(desk):
    """Work of every room after the instant."""
    day = NOW.date()
    moved = person(3000000, "Officer3000000", team="Haverhill SNT")
    left = person(3000001, "Officer3000001", leave="20/11/2026")
    roster(desk.vault, moved, left, person(3000900, "New", start="16/11/2026"))
    export(desk.vault, *(done(3000010, f"Module {n}", "20/11/2026", "Officer3000010, Lee") for n in (1, 2, 3, 4)))
    desk.do(records.set_relevance, "hydra", on=day, at=NOW, why="Decided.", role_groups=["Frontline"])
    desk.do(records.set_course, "module_1", title="Module one", on=day, at=NOW)
    desk.do(records_exclusions.exclude, 4, None, "other", why="So", approved_by="DI", from_on=day, at=NOW)
    event = desk.do(records_events.add_event, day, "Ashmere", "local", 5, now=NOW)
    desk.do(records_events.register, event, {5: True}, now=NOW)
    desk.do(records_events.decide_delivery, day, "local", why="Places", decided_by="Board", now=NOW)
    desk.contacts(1, 3, date(2026, 11, 10), 3, officer_collar="PC 1")
    desk.submit(12, NOW)
    desk.published(date(2026, 11, 17), title="Later")
    desk.planned(title="Planned later", planned_on=date(2026, 12, 20))
    plan = desk.do(records_plans.add_plan, ledger_rules.ANALYSIS, "Analysis", now=NOW)
    desk.do(records_plans.add_version, plan, "1.0", owner="Post", review_on=date(2027, 3, 1), now=NOW)
    desk.do(records_plans.add_liaison, "meeting", day, force="Suffolk", district="Ipswich", subject="x", now=NOW)
    desk.do(ledger.add_evidence, 4, "Later", day, now=NOW)
    desk.do(ledger.move, 4, ledger_rules.IN_PROGRESS, now=NOW)
    campaign = desk.do(comms.add_campaign, "Later", now=NOW)
    assert campaign


@pytest.mark.parametrize("force", ["Joint", "Suffolk"])
def test_every_paper_of_an_earlier_instant_stays_as_it_was(busy, force):
    papers = {name: paper for name, paper in PAPERS.items() if name not in NOW_ONLY}
    before = {name: paper.build(busy.vault, THEN, force, "DI") for name, paper in papers.items()}
    work_on(busy)
    for name, paper in papers.items():
        after = paper.build(busy.vault, THEN, force, "DI")
        for one, other in zip(before[name].blocks, after.blocks, strict=True):
            assert _plain(one) == _plain(other), name
        assert [sheet.rows for sheet in before[name].sheets] == [sheet.rows for sheet in after.sheets], name
        assert (before[name].log_head, before[name].distribution) == (after.log_head, after.distribution)


def _plain(block):
    """A block to compare: a chart by its words and data."""
    return replace(block, drawing=None) if hasattr(block, "drawing") else block


def test_an_item_stands_as_it_stood_then_whatever_became_of_it(room):
    item = room.planned(EARLIER)
    room.do(comms.cancel, item, "Called off.", now=NOW)
    (then,) = room.ask(comms.items, as_at=THEN)
    (now,) = room.ask(comms.items, as_at=NOW)
    assert (then.status, then.cancelled_why, now.status, now.cancelled_why) == (
        "PLANNED", None, "CANCELLED", "Called off.",
    )  # fmt: skip
    assert room.ask(comms.items, as_at=EARLIER - timedelta(days=1)) == []


def test_a_publication_counts_from_its_day_even_if_it_is_typed_later(room):
    item = room.planned(EARLIER)
    room.sign_in(APPROVERS)
    room.do(comms.approve, item, now=EARLIER)
    room.sign_in(PASSPHRASE)
    room.do(comms.publish, item, THEN.date() - timedelta(days=3), now=NOW)
    (then,) = room.ask(comms.items, as_at=THEN)
    assert (then.status, then.published_on) == ("PUBLISHED", THEN.date() - timedelta(days=3))
    (before,) = room.ask(comms.items, as_at=THEN - timedelta(days=5))
    assert (before.status, before.published_on) == ("APPROVED", None)
