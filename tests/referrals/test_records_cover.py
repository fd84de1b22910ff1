"""Deputy cover, and what changed in a case since a user last looked."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_cover
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.records_views import counts
from oicdesk.vault.vault import APPROVER, VIEWER, Vault
from tests import desks
from tests.desks import APPROVERS, CONTACT, NOW, hours
from tests.referrals import pages

desk, vault, screen = desks.desk, desks.vault, pages.screen
TODAY = date(2026, 11, 23)


def changed(desk, now=NOW):
    return sorted(desk.ask(lambda session: session.scalars(records_cover.changed_ids(session.info["user"], now)).all()))


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
    desk.accepted(theirs, CONTACT + hours(1))
    desk.do(records.close, theirs, at=CONTACT + hours(3))  # news is news of closed cases too
    for case in (mine, theirs):
        desk.do(records_cover.note_seen, case, now=NOW)
    assert changed(desk) == []
    desk.do(records.edit, mine, {"district": "Ipswich"}, now=NOW + hours(1))
    assert changed(desk, NOW + hours(2)) == [], "one's own work is no news"
    other(records.edit, theirs, {"district": "Ipswich"}, now=NOW + hours(1))
    assert changed(desk, NOW + hours(2)) == [theirs]
    told = desk.ask(records_cover.changes_since, theirs, NOW + hours(2))
    assert told == "Changed since you last looked, by Alex Fenn (1 entry); the timeline tells what."
    assert desk.ask(records_cover.changes_since, mine, NOW + hours(2)) == ""
    assert desk.ask(counts, now=NOW + hours(2))["news"] == 1
    rows = desk.ask(lambda session: Queue(session, "news", now=NOW + hours(2)).page(0, 9))
    assert [row.id for row in rows] == [theirs]
    desk.do(records_cover.note_seen, theirs, now=NOW + hours(2))
    assert changed(desk, NOW + hours(3)) == []


def test_a_new_case_of_somebody_else_is_news_but_not_for_ever(desk, other):
    case = other(records.add, desks.FACTS, now=NOW)
    assert changed(desk) == [case]
    assert changed(desk, NOW + timedelta(days=61)) == []
    assert "Alex Fenn (1 entry)" in desk.ask(records_cover.changes_since, case, NOW)
    assert desk.ask(records_cover.changes_since, case, NOW + timedelta(days=61)) == ""


def test_looking_at_a_case_is_logged_as_a_consultation(desk):
    case = desk.add()
    desk.do(records_cover.note_seen, case, now=CONTACT)
    desk.do(records_cover.note_seen, case, now=NOW)
    assert desk.log()[-1]["operation"] == "consultation" and desk.log()[-1]["records"] == {"referral": [case]}
    with desk.vault.reading() as session:
        assert session.scalars(select(records_cover.CaseSeen.seen_at)).all() == [NOW]


def test_the_case_says_what_another_user_did_and_looking_settles_it(desk, other, screen):
    case = desk.add()
    other(records.edit, case, {"district": "Ipswich"}, now=NOW)
    screen.page.refresh()
    screen.choose(case)
    told = "Changed since you last looked, by Alex Fenn (1 entry); the timeline tells what."
    assert screen.page.case.news.words.text() == told
    assert changed(desk) == [] and desk.log()[-1]["detail"] == "changes seen"
    screen.page.case.show_case(case)
    assert screen.page.case.news.words.text() == told
    before = len(desk.log())
    screen.page.case.show_case(desk.add())
    screen.page.case.show_case(case)
    assert screen.page.case.news.words.text() == "" and [entry["detail"] for entry in desk.log()[before:]] == [
        None,
        "case opened",
        "case opened",
    ]  # the contact that was added, and two looks; nothing to say that news was seen


def test_work_of_ones_own_is_no_news_and_only_the_look_is_logged(desk, screen):
    case = desk.add()
    before = len(desk.log())
    screen.page.refresh()
    screen.choose(case)
    assert not screen.page.case.news.isVisible()
    assert [entry["detail"] for entry in desk.log()[before:]] == ["case opened"]


def test_a_note_of_somebody_else_is_news_too(desk, other):
    case = desk.add()
    other(records.add_note, case, "Rang the officer.", "fact", now=NOW)
    assert changed(desk) == [case]
    assert "Alex Fenn (1 entry)" in desk.ask(records_cover.changes_since, case, NOW)
