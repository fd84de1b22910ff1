"""Teams that are called otherwise from a day on."""

from datetime import date, timedelta

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import records_officers, records_officers_undo, records_teams
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.rules_officers import Rename, name_on, names_of
from tests import desks
from tests.desks import NOW

desk, vault = desks.desk, desks.vault
TODAY = date(2026, 11, 23)
CHAIN = [
    Rename("Suffolk", "A Team", "B Team", date(2026, 1, 1)),
    Rename("Suffolk", "B Team", "C Team", date(2026, 6, 1)),
]


def test_the_name_of_a_team_is_the_one_of_the_day():
    assert name_on(CHAIN, "Suffolk", "A Team", date(2025, 12, 31)) == "A Team"
    assert name_on(CHAIN, "Suffolk", "A Team", date(2026, 1, 1)) == "B Team"
    assert name_on(CHAIN, "Suffolk", "a team", date(2026, 6, 1)) == "C Team"
    assert name_on(CHAIN, "Norfolk", "A Team", date(2026, 6, 1)) == "A Team"


@pytest.mark.parametrize("name", ["A Team", "B Team", "C Team"])
def test_each_name_leads_to_all_of_them(name):
    assert names_of(CHAIN, name) == {"A Team", "B Team", "C Team"}


def test_a_rename_keeps_the_name_on_cases_and_moves_the_officers(desk):
    case, norfolk = desk.add(), desk.add(force="Norfolk")
    assert desk.do(records_teams.rename, "Suffolk", "ipswich response", "Ipswich Patrol", TODAY, now=NOW) == 1
    theirs = desk.ask(records_officers.officer_rows, [2], TODAY)[0]
    assert (theirs.force, theirs.team, desk.row(norfolk).team) == ("Norfolk", "Ipswich Response", "Ipswich Response")
    assert desk.row(case).team == "Ipswich Response"
    officer = desk.ask(records_officers.officer_rows, [1], TODAY)[0]
    assert officer.team == "Ipswich Patrol"
    assert [move.why for move in desk.ask(records_officers.moves, 1)] == ["team renamed", "from a contact"]
    assert desk.ask(records_officers.team_on, 1, TODAY - timedelta(1)) == "Ipswich Response"
    assert desk.log()[-1]["records"] == {"team_rename": [1], "officer": [1]}


@pytest.mark.parametrize("words", ["ipswich response", "Ipswich Patrol", "patrol ips"])
def test_the_filter_of_the_queue_finds_cases_of_both_names(desk, words):
    old = desk.add()
    desk.do(records_teams.rename, "Suffolk", "Ipswich Response", "Ipswich Patrol", TODAY, now=NOW)
    new = desk.add(team="Ipswich Patrol")
    desk.add(team="Lowestoft Response")
    rows = desk.ask(lambda session: Queue(session, "all", now=NOW, words=words).page(0, 9))
    assert [row.id for row in rows] == [old, new]
    if words != "patrol ips":  # a column holds the words as they stand
        rows = desk.ask(lambda session: Queue(session, "all", now=NOW, filters={"team": words}).page(0, 9))
        assert [row.id for row in rows] == [old, new]


@pytest.mark.parametrize(
    ("force", "old", "new", "on", "field"),
    [
        (None, "Ipswich Response", "X", TODAY, "force"), ("Suffolk", "Nowhere", "X", TODAY, "old"),
        ("Norfolk", "Ipswich Response", "X", TODAY, "old"), ("Suffolk", "Ipswich Response", " ", TODAY, "new"),
        ("Suffolk", "Ipswich Response", "IPSWICH response", TODAY, "new"),
        ("Suffolk", "Ipswich Response", "Lowestoft Response", TODAY, "new"),
        ("Suffolk", "Ipswich Response", "X", None, "on"),
        ("Suffolk", "Ipswich Response", "X", TODAY + timedelta(1), "on"),
    ],
)  # fmt: skip
def test_a_rename_that_says_too_little_or_joins_two_teams_is_refused(desk, force, old, new, on, field):
    desk.add()
    desk.add(team="Lowestoft Response", officer_name="Ada Reed")
    with pytest.raises(Refused) as refused:
        desk.do(records_teams.rename, force, old, new, on, now=NOW)
    assert refused.value.field == field


def test_a_rename_that_is_taken_back_leaves_those_who_moved_since_and_the_history_of_the_others(desk):
    desk.add()
    desk.add(officer_name="Ada Reed", officer_collar="PC 20")
    desk.do(records_teams.rename, "Suffolk", "Ipswich Response", "Ipswich Patrol", TODAY, now=NOW)
    desk.do(records_officers.move, 2, TODAY, "Lowestoft", "", now=NOW)
    rename = desk.ask(records_officers_undo.newest_rename)
    said = desk.do(records_officers_undo.take_back_rename, rename, now=NOW)
    assert said == "1 officer was moved since and not moved back."
    assert [one.team for one in desk.ask(records_officers.officer_rows, [1, 2], TODAY)] == [
        "Ipswich Response", "Lowestoft"
    ]  # fmt: skip
    assert [move.why for move in desk.ask(records_officers.moves, 1)] == [
        "taken back",
        "team renamed",
        "from a contact",
    ]
    assert desk.ask(records_teams.renames) == [] and desk.log()[-1]["detail"] == "taken back"


def test_a_rename_of_a_team_that_was_renamed_again_is_not_taken_back(desk):
    desk.add()
    desk.do(records_teams.rename, "Suffolk", "Ipswich Response", "Ipswich Patrol", TODAY, now=NOW)
    rename = desk.ask(records_officers_undo.newest_rename)
    desk.do(records_teams.rename, "Suffolk", "Ipswich Patrol", "Ipswich Beat", TODAY, now=NOW)
    with pytest.raises(Refused, match="Ipswich Patrol was renamed again since"):
        desk.do(records_officers_undo.take_back_rename, rename, now=NOW)
