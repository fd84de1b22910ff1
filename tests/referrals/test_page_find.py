"""Ctrl+K over a real desk: what is found, in which order, and where it leads."""

import pytest

from oicdesk.documents import page_find as document_find
from oicdesk.referrals import page_find
from tests import desks
from tests.desks import CONTACT, NOW, hours
from tests.referrals.pages import screen  # noqa: F401  # a fixture

desk, vault = desks.desk, desks.vault


@pytest.fixture
def find(desk, screen):  # noqa: F811
    asked = page_find.finder(desk.vault, lambda: NOW, screen.page)
    return lambda typed: {hit.title: hit for hit in asked(typed)}


def test_letters_find_people_and_places_before_cases(desk, find):
    desk.add(district="Marham")
    hits = list(find("mar").values())
    assert [hit.kind for hit in hits] == ["Officer", "District", "Referral", "Queue"]
    assert hits[0].sentence() == "Officer: MARSH, Jo, PC 7191, Ipswich Response, Suffolk"


def test_a_team_comes_before_the_officers_who_are_in_it(desk, find):
    desk.add(district="Ipswich")
    assert [hit.kind for hit in find("ips").values()] == ["Team", "District", "Officer"]


def test_a_number_finds_the_case_first_and_shows_it(desk, find, screen):  # noqa: F811
    case = desk.add()
    opened = []
    screen.page.open_requested.connect(lambda kind, id: opened.append((kind, id)))
    first = next(iter(find("0001").values()))
    assert first.title == "OIC-2026-0001" and "MARSH, Jo, PC 7191" in first.detail
    first.go()
    assert opened == [("referral", case)]


def test_a_team_lists_its_cases_in_the_queue(desk, find, screen):  # noqa: F811
    desk.add()
    desk.add(team="Lowestoft Response")
    front = []
    screen.page.front_requested.connect(lambda: front.append(True))
    find("lowest")["Lowestoft Response"].go()
    assert screen.rows() == ["OIC-2026-0002"] and screen.page.filter.text() == "Lowestoft Response" and front


def test_a_document_leads_to_its_case(desk):
    case = desk.add()
    desk.submit(case, CONTACT + hours(1), reference="IR/26-4711")
    opened = []
    (hit,) = document_find.finder(desk.vault, lambda kind, id: opened.append((kind, id)))("IR/26")
    hit.go()
    assert hit.sentence() == "Document: IR/26-4711, OIC-2026-0001" and opened == [("referral", case)]
