"""What the find-or-do box asks the vault."""

from datetime import date, timedelta

import pytest

from oicdesk.documents.records_find import documents
from oicdesk.referrals import records, records_find, records_people, records_teams, records_undo
from oicdesk.referrals.records_find import OfficerFinder
from tests import desks
from tests.desks import CONTACT, NOW, hours

desk, vault = desks.desk, desks.vault
TODAY = date(2026, 11, 23)


def found(desk, typed):
    return [row.reference for row in desk.ask(records_find.referrals, typed)]


@pytest.mark.parametrize("typed", ["OIC-2026-0002", "oic 2026 2", "2026-0002", "2", "0002", "oic-2026-0002 "])
def test_a_referral_is_found_by_its_number_however_typed(desk, typed):
    desk.add()
    desk.add()
    assert found(desk, typed)[0] == "OIC-2026-0002"


@pytest.mark.parametrize("typed", ["SC-1611", "nccu 77", "36/67", "MÁRSH", "pc 71"])
def test_a_referral_is_found_by_other_references_and_by_officer(desk, typed):
    desk.add(nccu_ref="NCCU-77812", crime_ref="36/67827/19")
    assert found(desk, typed) == ["OIC-2026-0001"]


def test_a_bare_number_means_that_case_of_the_last_years_before_whatever_else_holds_the_figures(desk):
    for at in (CONTACT - timedelta(days=340), CONTACT - timedelta(days=339), CONTACT):
        desk.add(contact_at=at)
    assert found(desk, "2")[0] == "OIC-2025-0002"


def test_what_was_withdrawn_is_not_found_and_takes_no_place(desk):
    desk.add()
    for case in [desk.add() for _ in range(7)]:
        desk.do(records_undo.take_back_add, case, now=NOW)
    assert found(desk, "marsh") == ["OIC-2026-0001"] and found(desk, "OIC-2026-0002") == []


def test_the_reference_that_was_meant_is_told(desk):
    desk.add(nccu_ref="NCCU-77812")
    assert desk.ask(records_find.referrals, "nccu-77")[0].matched == "NCCU-77812"
    assert desk.ask(records_find.referrals, "marsh")[0].matched == ""


def test_neither_notes_nor_people_are_found(desk):
    case = desk.add()
    desk.do(records.add_note, case, "Zebedee was seen at the yard", "fact", now=NOW)
    desk.do(records_people.add_person, case, {"label": "Zebedee", "categories": {"suspect"}}, now=NOW)
    assert found(desk, "zebedee") == []
    assert desk.ask(OfficerFinder().find, "zebedee", TODAY) == []


def names(desk, typed):
    return [row.name for row in desk.ask(OfficerFinder().find, typed, TODAY)]


@pytest.mark.parametrize("typed", ["mar", "MÄRSH", "jo mar", "7191", "pc 7191", "pc7191", "Mrash", "marhs jo", "masrh"])
def test_an_officer_is_found_by_beginnings_collar_and_with_a_slip_of_the_keys(desk, typed):
    desk.add()
    desk.add(officer_name="Vale, Kit", officer_collar="PC 12")
    assert names(desk, typed) == ["MARSH, Jo"]


@pytest.mark.parametrize("typed", ["xyzzy", "7190", "", " "])
def test_nobody_is_found_for_what_resembles_nobody(desk, typed):
    desk.add()
    assert names(desk, typed) == []


def test_an_officer_added_since_is_found_with_a_slip_too(desk):
    finder = OfficerFinder()
    desk.add()
    assert desk.ask(finder.find, "Fenwikc", TODAY) == []
    desk.add(officer_name="Fenwick, Ada")
    assert [row.name for row in desk.ask(finder.find, "Fenwikc", TODAY)] == ["Fenwick, Ada"]


def test_teams_and_districts_are_found_by_the_beginnings_of_their_words(desk):
    desk.add(district="Ipswich")
    desk.add(team="Märkt Team", district="Great Yarmouth")
    assert desk.ask(records_find.teams, "resp") == [("Ipswich Response", "")]
    assert desk.ask(records_find.teams, "markt") == [("Märkt Team", "")]
    desk.do(records_teams.rename, "Suffolk", "Ipswich Response", "Ipswich Patrol", TODAY, now=NOW)
    assert desk.ask(records_find.teams, "patrol") == [("Ipswich Patrol", "also called Ipswich Response")]
    assert desk.ask(records_find.districts, "yar gr") == ["Great Yarmouth"]
    assert desk.ask(records_find.districts, "wich") == []


def test_a_document_is_found_by_its_reference_with_its_case(desk):
    case = desk.add()
    desk.submit(case, CONTACT + hours(1), reference="IR/26-4711")
    (hit,) = desk.ask(documents, "ir 26 47")
    assert (hit.reference, hit.referral_id, hit.referral) == ("IR/26-4711", case, "OIC-2026-0001")
    assert desk.ask(documents, "4711") == [] and desk.ask(documents, "//") == []


@pytest.mark.parametrize("typed", ['"', "'", "*", "a OR b", "NEAR(", "{team}", "-", "\x00", "%", "_"])
def test_signs_of_a_search_language_are_only_signs(desk, typed):
    desk.add()
    for ask in (records_find.referrals, records_find.teams, records_find.districts, documents):
        desk.ask(ask, typed)
    desk.ask(OfficerFinder().find, typed, TODAY)
