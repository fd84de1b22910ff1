"""How long a case is kept, what a hold stops, and the periods of a rights request and a breach."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import rules_retention as rules
from oicdesk.referrals.rules_retention import Retention

TODAY = date(2026, 11, 23)
DONE = Retention("CLOSED", date(2024, 11, 23), date(2027, 1, 1))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_people_may_go_from_24_months_after_the_end_and_not_a_day_earlier():
    rules.check_anonymise(DONE, "no longer needed", TODAY, 24)
    with pytest.raises(Refused, match="may be anonymised from Mon 23 Nov 2026"):
        rules.check_anonymise(DONE, "no longer needed", TODAY - timedelta(days=1), 24)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"held": True}, "A hold is on this case"),
        ({"anonymised": True}, "anonymised already"),
        ({"status": "AWAITING_DOCUMENT"}, "An open case keeps its people"),
        ({"done_on": None}, "An open case keeps its people"),
    ],
)
def test_a_hold_an_open_case_and_one_done_already_are_refused(change, why):
    with pytest.raises(Refused, match=why):
        rules.check_anonymise(replace(DONE, **change), "x", TODAY, 24)


def test_people_are_anonymised_only_with_a_reason():
    with pytest.raises(Refused, match="only with a reason"):
        rules.check_anonymise(DONE, " ", TODAY, 24)


def test_a_case_is_due_on_its_review_date_or_when_its_people_may_go_and_a_hold_does_not_hide_it():
    assert rules.is_due(DONE, TODAY, 24)
    assert rules.is_due(replace(DONE, held=True), TODAY, 24)
    assert not rules.is_due(DONE, TODAY - timedelta(days=1), 24)
    assert not rules.is_due(replace(DONE, anonymised=True), TODAY, 24)
    assert rules.is_due(replace(DONE, anonymised=True, review_on=TODAY), TODAY, 24)
    assert rules.is_due(Retention("NEW", None, TODAY), TODAY, 24)


def test_a_hold_needs_its_kind_its_reason_and_a_review_date_ahead():
    assert rules.check_hold("court", "trial", TODAY + timedelta(days=1), TODAY) == {}
    assert set(rules.check_hold("whim", " ", TODAY, TODAY)) == {"kind", "why", "review_on"}
    assert set(rules.check_hold("inquest", "x", None, TODAY)) == {"review_on"}
    assert set(rules.HOLD_KINDS) == {"court", "complaint", "inquest", "disclosure"}


def test_a_case_is_kept_only_with_a_reason_and_a_next_date():
    assert rules.check_keep("trial", TODAY + timedelta(days=1), TODAY) == {}
    assert set(rules.check_keep("", None, TODAY)) == {"why", "next_on"}
    assert set(rules.check_keep("x", TODAY, TODAY)) == {"next_on"}


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 23), date(2026, 12, 22)),
        (date(2026, 1, 31), date(2026, 2, 27)),
        (date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_an_answer_is_due_within_a_month_that_begins_with_the_day_of_receipt(received, last):
    assert rules.answer_by(received) == last


def test_a_request_names_its_kind_who_asks_and_when_it_came():
    assert rules.check_request("access", "Somebody", TODAY, None, TODAY) == {}
    assert set(rules.check_request("wish", " ", None, None, TODAY)) == {"kind", "requester", "received_on"}
    assert set(rules.check_request("access", "S", TODAY + timedelta(days=1), None, TODAY)) == {"received_on"}
    assert set(rules.check_request("access", "S", TODAY, TODAY - timedelta(days=1), TODAY)) == {"due_on"}


def test_the_commissioner_is_told_within_72_hours_or_it_is_written_why_not():
    aware = NOW - timedelta(hours=72)
    assert rules.notify_by(aware) == NOW
    assert rules.check_breach("lost", aware, None, "", NOW) == {}
    late = NOW + timedelta(seconds=1)
    assert set(rules.check_breach("lost", aware, None, "", late)) == {"why_not_told"}
    assert rules.check_breach("lost", aware, None, "no risk: encrypted", late) == {}
    assert rules.check_breach("lost", aware, NOW, "", late) == {}
    assert set(rules.check_breach(" ", None, None, "", NOW)) == {"facts", "aware_at"}
    assert set(rules.check_breach("lost", NOW + timedelta(hours=1), None, "", NOW)) == {"aware_at"}
    assert set(rules.check_breach("lost", aware, aware - timedelta(hours=1), "", NOW)) == {"commissioner_told_at"}
