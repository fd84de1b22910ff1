"""Exemptions need four eyes, duplicates lead to one surviving case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.referrals import rules
from oicdesk.referrals.rules import ExemptionFacts, ReportedApproval

TODAY = date(2026, 11, 23)
REPORTED = ReportedApproval("DI Jo Marsh", "Detective Inspector", TODAY, "Email of 20 November")


def test_an_approver_other_than_the_requester_may_approve():
    rules.check_approver("Sam Fenn", "Jo Marsh", "Approver")


@pytest.mark.parametrize("approver", ["Sam Fenn", "sam fenn", "  SAM   FENN ", "FENN, Sam"])
def test_whoever_asked_for_an_exemption_cannot_approve_it(approver):
    with pytest.raises(Refused, match="cannot approve it; ask another approver"):
        rules.check_approver("Sam Fenn", approver, "Approver")


@pytest.mark.parametrize("role", ["OIC officer", "Second reviewer", "Viewer"])
def test_only_an_approver_approves(role):
    with pytest.raises(Refused, match="Only an approver"):
        rules.check_approver("Sam Fenn", "Jo Marsh", role)


def test_a_whole_reported_approval_has_no_problems():
    assert rules.check_reported_approval(REPORTED, "Sam Fenn", TODAY) == {}


@pytest.mark.parametrize(
    ("lack", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "fenn, SAM"}, "name"),
        ({"role": ""}, "role"),
        ({"on": None}, "on"),
        ({"on": TODAY + timedelta(days=1)}, "on"),
        ({"reference": "  "}, "reference"),
    ],
    ids=["no name", "the requester", "no role", "no date", "future date", "no reference"],
)
def test_a_reported_approval_needs_each_of_its_facts(lack, field):
    assert set(rules.check_reported_approval(replace(REPORTED, **lack), "Sam Fenn", TODAY)) == {field}


def test_all_problems_of_a_reported_approval_are_named_at_once():
    problems = rules.check_reported_approval(ReportedApproval("", "", None, ""), "Sam Fenn", TODAY)
    assert set(problems) == {"name", "role", "on", "reference"}


def test_a_reported_approval_is_counted_apart_until_it_is_confirmed():
    asked = ExemptionFacts("Sam Fenn")
    assert rules.approval_kind(asked) == rules.WAITING
    assert rules.approval_kind(replace(asked, approved_by="Jo Marsh")) == rules.APPROVED
    assert rules.approval_kind(replace(asked, reported=REPORTED)) == rules.REPORTED
    assert rules.approval_kind(replace(asked, reported=REPORTED, approved_by="Jo Marsh")) == rules.CONFIRMED


@pytest.mark.parametrize("approver", ["Jo Marsh", "MARSH, Jo", "DI Jo Marsh"])
def test_the_reported_approver_confirms_whatever_rank_is_written(approver):
    rules.check_confirmation(ExemptionFacts("Sam Fenn", reported=REPORTED), approver, "Approver")


@pytest.mark.parametrize(
    ("exemption", "approver", "role", "words"),
    [
        (ExemptionFacts("Sam Fenn", reported=REPORTED), "Pat Quy", "Approver", "DI Jo Marsh"),
        (ExemptionFacts("Jo Marsh", reported=REPORTED), "Jo Marsh", "Approver", "cannot approve"),
        (ExemptionFacts("Sam Fenn", reported=REPORTED), "Jo Marsh", "OIC officer", "Only an approver"),
        (ExemptionFacts("Sam Fenn"), "Jo Marsh", "Approver", "waiting for approval"),
        (ExemptionFacts("Sam Fenn", "Jo Marsh", REPORTED), "Jo Marsh", "Approver", "confirmed"),
    ],
    ids=["somebody else", "the requester", "not an approver", "nothing reported", "already confirmed"],
)
def test_no_other_confirmation_is_taken(exemption, approver, role, words):
    with pytest.raises(Refused, match=words):
        rules.check_confirmation(exemption, approver, role)


@pytest.mark.parametrize(
    ("one", "other"), [("O’Hara", "o'hara"), ("Ｓam Fenn", "Sam Fenn"), ("Jo Stoke-Ash", "STOKE-ASH, Jo")]
)
def test_a_name_written_another_way_is_the_same_person(one, other):
    assert rules.same_person(one, other)


def test_two_names_are_two_people():
    assert not rules.same_person("Jo Marsh", "Jo Fenn")


# --- duplicates --------------------------------------------------------------------------------------------


def refused(referral, survivor, links):
    with pytest.raises(Refused) as refusal:
        rules.check_duplicate(referral, survivor, links)
    assert refusal.value.field == "survivor"
    return str(refusal.value)


def test_a_referral_may_be_a_duplicate_of_a_case_that_stands_for_itself():
    rules.check_duplicate(2, 1, {3: 1})


def test_a_referral_cannot_be_a_duplicate_of_itself():
    assert "of itself" in refused(1, 1, {})


def test_two_referrals_cannot_be_duplicates_of_each_other():
    assert "already a duplicate of this one" in refused(1, 2, {2: 1})


def test_a_chain_that_leads_back_is_refused():
    assert "already a duplicate of this one" in refused(1, 3, {3: 2, 2: 1})


def test_a_duplicate_cannot_be_the_surviving_case():
    assert "itself a duplicate" in refused(4, 2, {2: 1})


def test_a_surviving_case_with_duplicates_cannot_become_one():
    assert "withdraw those links first" in refused(1, 5, {2: 1})


def test_the_surviving_case_is_found_along_the_link():
    assert rules.surviving(2, {2: 1}) == 1
    assert rules.surviving(7, {2: 1}) == 7


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8)), max_size=30))
def test_whatever_is_linked_every_duplicate_leads_in_one_step_to_a_case_that_is_none(attempts):
    links: dict[int, int] = {}
    for referral, survivor in attempts:
        if referral in links:
            continue
        try:
            rules.check_duplicate(referral, survivor, links)
        except Refused:
            continue
        links[referral] = survivor
    assert all(survivor not in links for survivor in links.values())
    assert all(rules.surviving(referral, links) == survivor for referral, survivor in links.items())
