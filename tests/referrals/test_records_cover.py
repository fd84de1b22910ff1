"""Deputy cover, and what changed in a case since a user last looked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_cover
from oicdesk.vault.vault import APPROVER, VIEWER, Vault
from tests import desks
from tests.desks import APPROVERS, CONTACT, NOW, hours

desk, vault = desks.desk, desks.vault
TODAY = date(2026, 11, 23)


def changed(desk, now=NOW):
    return sorted(desk.ask(lambda session: session.scalars(records_cover.changed_ids(session, now)).all()))


@pytest.fixture
def other(desk):
    """Does work under the passphrase of another user, between two openings of the desk."""
    desk.vault.add_user("Alex Fenn", APPROVER, APPROVERS)

    def do(work, *args, **more):
        path = desk.vault.path
        desk.vault.close()
        with Vault.open(path, APPROVERS) as theirs:
            result = desks.Desk(theirs).do(work, *args, **more)
        desk.vault.__dict__.update(Vault.open(path, desks.PASSPHRASE).__dict__)
        return result

    return do


@pytest.mark.parametrize(
    ("deputy", "covers", "start", "end", "field"),
    [
        ("Nobody", "Sam Ashby", TODAY, TODAY, "deputy"), ("Vic Reed", "Sam Ashby", TODAY, TODAY, "deputy"),
        ("Alex Fenn", "Alex Fenn", TODAY, TODAY, "covers"), ("Alex Fenn", "Sam Ashby", None, TODAY, "from_on"),
        ("Alex Fenn", "Sam Ashby", TODAY, None, "to_on"),
        ("Alex Fenn", "Sam Ashby", TODAY, TODAY - timedelta(1), "to_on"),
    ],
)  # fmt: skip
def test_a_cover_needs_two_users_who_may_work_and_a_span(desk, deputy, covers, start, end, field):
    desk.vault.add_user("Alex Fenn", APPROVER, APPROVERS)
    desk.vault.add_user("Vic Reed", VIEWER, "pebble sandwich orbit")
    with pytest.raises(Refused) as refused:
        desk.do(records_cover.cover, deputy, covers, start, end, now=NOW)
    assert refused.value.field == field


def test_what_a_deputy_does_carries_their_own_name_in_history_and_log(desk, other):
    case = desk.add()
    other(records.add_note, case, "Rang the officer.", "fact", now=NOW)
    assert desk.log()[-1]["user"] == "Alex Fenn"


def test_a_case_changed_by_somebody_else_is_news_until_it_is_looked_at(desk, other):
    mine, theirs = desk.add(), desk.add()
    for case in (mine, theirs):
        desk.do(records_cover.note_seen, case, now=NOW)
    assert changed(desk) == []
    other(records.edit, theirs, {"district": "Ipswich"}, now=NOW + hours(1))
    assert changed(desk, NOW + hours(2)) == [theirs]
    told = desk.ask(records_cover.changes_since, theirs)
    assert told == "Changed since you last looked, by Alex Fenn (1 entry); the timeline tells what."
    assert desk.ask(records_cover.changes_since, mine) == ""
    assert desk.ask(records_cover.needs_noting, theirs) and not desk.ask(records_cover.needs_noting, mine)
    desk.do(records_cover.note_seen, theirs, now=NOW + hours(2))
    assert changed(desk, NOW + hours(3)) == []


def test_a_new_case_of_somebody_else_is_news_but_not_for_ever(desk, other):
    case = other(records.add, desks.FACTS, now=NOW)
    assert changed(desk) == [case]
    assert changed(desk, NOW + timedelta(days=61)) == []
    assert desk.ask(records_cover.changes_since, case) == ""


def test_looking_at_a_case_is_logged_as_a_consultation(desk):
    case = desk.add()
    desk.do(records_cover.note_seen, case, now=CONTACT)
    desk.do(records_cover.note_seen, case, now=NOW)
    assert desk.log()[-1]["operation"] == "consultation" and desk.log()[-1]["records"] == {"referral": [case]}
    with desk.vault.reading() as session:
        assert session.scalars(select(records_cover.CaseSeen.seen_at)).all() == [NOW]
