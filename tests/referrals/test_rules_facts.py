"""What is known of a contact: the first status, problems, references, keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.referrals import rules
from oicdesk.referrals.rules import ReferralFacts

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KNOWN = {
    "force": {"Suffolk", "Norfolk"},
    "reason": {"status_enquiry", "fno_post_arrest", "other"},
    "route": {"nccu_direct"},
    "outcome": {"advice_only"},
}
WHOLE = ReferralFacts(
    force="Suffolk",
    contact_at=NOW - timedelta(hours=1),
    reason="other",
    reporting_officer="FENN, Taylor",
    collar="PS 284",
    persons=1,
)


def test_a_contact_with_all_four_facts_awaits_its_document():
    assert rules.first_status(WHOLE) == rules.AWAITING_DOCUMENT
    assert rules.missing_facts(WHOLE) == []


def test_a_post_arrest_report_that_was_made_is_a_case_like_any_other():
    assert rules.first_status(replace(WHOLE, reason="fno_post_arrest")) == rules.AWAITING_DOCUMENT


def test_a_status_enquiry_starts_as_a_scope_query():
    assert rules.first_status(replace(WHOLE, reason="status_enquiry")) == rules.SCOPE_QUERY


def test_a_desk_may_count_status_enquiries_as_cases():
    facts = replace(WHOLE, reason="status_enquiry")
    assert rules.first_status(facts, scope_query_reasons=()) == rules.AWAITING_DOCUMENT


@pytest.mark.parametrize(
    ("lack", "words"),
    [
        ({"reason": None}, "the contact reason"),
        ({"force": ""}, "the force"),
        ({"contact_at": None}, "the time of the contact"),
        ({"reporting_officer": " ", "collar": None}, "the reporting officer"),
    ],
)
def test_a_contact_is_new_while_one_of_the_four_facts_is_missing(lack, words):
    facts = replace(WHOLE, **lack)
    assert rules.first_status(facts) == rules.NEW
    assert rules.missing_facts(facts) == [words]


def test_a_status_enquiry_with_a_missing_fact_is_new_first():
    assert rules.first_status(replace(WHOLE, reason="status_enquiry", force=None)) == rules.NEW


def test_an_officer_known_by_collar_number_alone_is_known():
    assert rules.first_status(replace(WHOLE, reporting_officer=None)) == rules.AWAITING_DOCUMENT


@pytest.mark.parametrize("lack", [{"persons": None}, {"route": None}, {"outcome": None}, {"location": None}])
def test_no_other_fact_keeps_a_contact_new(lack):
    assert rules.first_status(replace(WHOLE, **lack)) == rules.AWAITING_DOCUMENT


def test_a_sound_contact_has_no_problems():
    assert rules.check_referral(WHOLE, NOW, KNOWN) == {}


def test_a_contact_at_this_very_instant_is_not_in_the_future():
    assert rules.check_referral(replace(WHOLE, contact_at=NOW), NOW, KNOWN) == {}


def test_all_problems_are_named_at_once():
    facts = replace(
        WHOLE,
        force="Essex",
        reason="telepathy",
        contact_at=NOW + timedelta(seconds=1),
        persons=-1,
        route="x",
        outcome="y",
    )
    problems = rules.check_referral(facts, NOW, KNOWN)
    assert set(problems) == {"force", "reason", "contact_at", "persons", "route", "outcome"}
    assert problems["force"] == "“Essex” is not a force this desk serves; choose one from the list."
    assert problems["contact_at"] == "The contact lies in the future; check its date and time."


@pytest.mark.parametrize("persons", [-1, True, "many", 1.5])
def test_a_number_of_persons_is_whole_and_not_negative(persons):
    assert "persons" in rules.check_referral(replace(WHOLE, persons=persons), NOW, KNOWN)


@pytest.mark.parametrize("persons", [None, 0, 1, 12])
def test_an_unknown_or_whole_number_of_persons_is_taken(persons):
    assert rules.check_referral(replace(WHOLE, persons=persons), NOW, KNOWN) == {}


def test_a_year_typed_wrongly_is_a_problem():
    facts = replace(WHOLE, contact_at=datetime(226, 11, 1, tzinfo=UTC))
    assert rules.check_referral(facts, NOW, KNOWN) == {"contact_at": "The contact lies before 2000; check the year."}


def test_a_future_contact_is_seen_in_the_hour_that_happens_twice():
    london = ZoneInfo("Europe/London")
    first = datetime(2026, 10, 25, 1, 30, tzinfo=london)
    second = first.replace(fold=1)
    assert "contact_at" in rules.check_referral(replace(WHOLE, contact_at=second), first, KNOWN)


def test_a_missing_fact_is_no_problem_because_a_contact_is_always_recorded():
    assert rules.check_referral(ReferralFacts(), NOW, KNOWN) == {}


def test_a_postcode_in_the_location_is_warned_about():
    assert rules.referral_warnings(replace(WHOLE, location="East Suffolk")) == []
    assert len(rules.referral_warnings(replace(WHOLE, location="near IP1 2AB"))) == 1


def test_refuse_raises_the_first_problem_beside_its_field_and_nothing_without_one():
    rules.refuse({})
    with pytest.raises(Refused, match="First") as refusal:
        rules.refuse({"force": "First.", "reason": "Second."})
    assert refusal.value.field == "force"


# --- references --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "number", "text"),
    [
        (2026, 1, "OIC-2026-0001"),
        (2026, 9999, "OIC-2026-9999"),
        (2026, 10000, "OIC-2026-10000"),
        (2027, 123456, "OIC-2027-123456"),
    ],
)
def test_a_reference_has_at_least_four_digits_and_grows(year, number, text):
    assert rules.reference(year, number) == text


def test_references_sort_as_numbers():
    texts = ["OIC-2026-10000", "OIC-2026-0002", "OIC-2025-99999", "OIC-2026-9999"]
    assert sorted(texts, key=rules.parse_reference) == [
        "OIC-2025-99999",
        "OIC-2026-0002",
        "OIC-2026-9999",
        "OIC-2026-10000",
    ]


@given(st.integers(1000, 9999), st.integers(1, 10**7))
def test_a_reference_reads_back_as_what_it_was_made_from(year, number):
    assert rules.parse_reference(f"  {rules.reference(year, number).lower()} ") == (year, number)


@pytest.mark.parametrize(
    "text", ["", "OIC-26-0001", "OIC-2026-001", "OIC-2026-0000", "2026-0001", "OIC-2026-0001x", "OIC-２０２６-0001"]
)
def test_another_text_is_not_a_reference_of_this_desk(text):
    with pytest.raises(Refused, match="write it like OIC-2026-0042"):
        rules.parse_reference(text)


@pytest.mark.parametrize("number", [0, -1])
def test_no_reference_is_made_of_a_number_below_one(number):
    with pytest.raises(ValueError, match="no reference"):
        rules.reference(2026, number)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("36/67827/19", "366782719"),
        (" nccu/260121424 ", "NCCU260121424"),
        ("SC-06012026-422", "SC06012026422"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_reference_is_compared_by_its_letters_and_digits(text, key):
    assert rules.normalised_reference(text) == key


@pytest.mark.parametrize(
    ("text", "collar"),
    [
        ("pc 7191", "PC 7191"),
        ("PCSO233", "PCSO 233"),
        ("  dc   8453 ", "DC 8453"),
        ("PC-5842", "PC 5842"),
        ("7191", "7191"),
        ("D/Sgt 12", "D/SGT 12"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_collar_number_is_upper_case_with_one_space_before_its_digits(text, collar):
    assert rules.normalised_collar(text) == collar


@given(st.text(max_size=20))
def test_normalising_a_collar_number_twice_changes_nothing(text):
    once = rules.normalised_collar(text)
    assert rules.normalised_collar(once) == once


def test_the_same_contact_written_differently_has_the_same_key():
    london = ZoneInfo("Europe/London")
    one = rules.contact_key("Suffolk", "SC-1/2", datetime(2026, 7, 1, 13, 0, tzinfo=london), "pc 7191")
    other = rules.contact_key("suffolk ", "sc 12", datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "PC7191")
    assert one == other


@pytest.mark.parametrize(
    "changed",
    [
        ("Norfolk", "SC-1", NOW, "PC 1"),
        ("Suffolk", "SC-2", NOW, "PC 1"),
        ("Suffolk", None, NOW, "PC 1"),
        ("Suffolk", "SC-1", NOW + timedelta(minutes=1), "PC 1"),
        ("Suffolk", "SC-1", NOW, "PC 2"),
    ],
    ids=["force", "number", "no number", "instant", "collar"],
)
def test_another_force_number_instant_or_collar_is_another_contact(changed):
    assert rules.contact_key(*changed) != rules.contact_key("Suffolk", "SC-1", NOW, "PC 1")


def test_the_two_instants_of_a_time_that_happens_twice_are_two_contacts():
    first = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"))
    keys = {rules.contact_key("Suffolk", "SC-1", at, "PC 1") for at in (first, first.replace(fold=1))}
    assert len(keys) == 2


def test_a_contact_without_a_time_is_the_same_as_no_other():
    assert rules.contact_key("Suffolk", "SC-1", None, "PC 1") is None
