"""The statuses of a referral: every allowed move, every refused one, and what each needs."""

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import rules
from oicdesk.referrals.rules import (
    ACCEPTED,
    AWAITING_DOCUMENT,
    CLOSED,
    DUPLICATE,
    EXEMPT,
    NEW,
    REJECTED,
    RETURNED,
    SCOPE_QUERY,
    STATUSES,
    SUBMITTED,
)

# Written out again from the agreed table, so that a slip in the rules shows.
TABLE = {
    (NEW, AWAITING_DOCUMENT),
    (NEW, SCOPE_QUERY),
    (NEW, DUPLICATE),
    (NEW, EXEMPT),
    (SCOPE_QUERY, AWAITING_DOCUMENT),
    (SCOPE_QUERY, EXEMPT),
    (SCOPE_QUERY, DUPLICATE),
    (AWAITING_DOCUMENT, SUBMITTED),
    (AWAITING_DOCUMENT, EXEMPT),
    (AWAITING_DOCUMENT, DUPLICATE),
    (SUBMITTED, ACCEPTED),
    (SUBMITTED, RETURNED),
    (SUBMITTED, REJECTED),
    (RETURNED, SUBMITTED),
    (REJECTED, AWAITING_DOCUMENT),
    (ACCEPTED, CLOSED),
    (CLOSED, AWAITING_DOCUMENT),
    (EXEMPT, AWAITING_DOCUMENT),
    (DUPLICATE, AWAITING_DOCUMENT),
}
REASONS = {
    (NEW, DUPLICATE),
    (NEW, EXEMPT),
    (SCOPE_QUERY, EXEMPT),
    (SCOPE_QUERY, DUPLICATE),
    (AWAITING_DOCUMENT, EXEMPT),
    (AWAITING_DOCUMENT, DUPLICATE),
    (SUBMITTED, RETURNED),
    (SUBMITTED, REJECTED),
    (CLOSED, AWAITING_DOCUMENT),
    (EXEMPT, AWAITING_DOCUMENT),
    (DUPLICATE, AWAITING_DOCUMENT),
}
EVERY_PAIR = [(status, to) for status in STATUSES for to in STATUSES]


def pairs(wanted):
    return [pytest.param(*pair, id=f"{pair[0]} to {pair[1]}") for pair in EVERY_PAIR if pair in wanted]


@pytest.mark.parametrize(("status", "to"), pairs(TABLE))
def test_an_allowed_move_gives_the_new_status(status, to):
    assert rules.move(status, to, reason="because") == to


@pytest.mark.parametrize(("status", "to"), pairs(set(EVERY_PAIR) - TABLE))
def test_a_move_outside_the_table_is_refused_in_one_sentence(status, to):
    with pytest.raises(Refused) as refusal:
        rules.move(status, to, reason="because")
    sentence = str(refusal.value)
    assert sentence.endswith(".") and sentence.count(".") == 1
    assert " cannot " in sentence and "; " in sentence
    assert "_" not in sentence and status not in sentence.split()


@pytest.mark.parametrize(("status", "to"), pairs(REASONS))
@pytest.mark.parametrize("reason", [None, "", "   "], ids=["none", "empty", "spaces"])
def test_a_move_that_needs_a_reason_is_refused_without_one(status, to, reason):
    with pytest.raises(Refused, match="only with a reason; write why") as refusal:
        rules.move(status, to, reason=reason)
    assert refusal.value.field == "reason"


@pytest.mark.parametrize(("status", "to"), pairs(TABLE - REASONS))
def test_other_moves_need_no_reason(status, to):
    assert rules.move(status, to) == to
    assert not rules.needs_reason(status, to)


@pytest.mark.parametrize(
    ("status", "to", "sentence"),
    [
        (CLOSED, RETURNED, "A closed referral cannot be returned; reopen it first."),
        (
            AWAITING_DOCUMENT,
            ACCEPTED,
            "A referral awaiting its document cannot be accepted; record the submission first.",
        ),
        (NEW, SUBMITTED, "A new referral cannot be submitted; complete its missing facts first."),
        (EXEMPT, DUPLICATE, "An exempt referral cannot be marked as a duplicate; overturn the exemption first."),
        (CLOSED, CLOSED, "A closed referral cannot be closed; that is what it already is."),
        (ACCEPTED, SCOPE_QUERY, "An accepted referral cannot become a scope query; only a new one can."),
        (SUBMITTED, NEW, "A submitted referral cannot be made new again; correct its facts where they stand."),
    ],
)
def test_a_refusal_names_both_statuses_and_the_next_step(status, to, sentence):
    with pytest.raises(Refused) as refusal:
        rules.move(status, to, reason="because")
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("status", "to", "start"),
    [
        (AWAITING_DOCUMENT, EXEMPT, "A referral is exempted"),
        (SUBMITTED, REJECTED, "A referral is rejected"),
        (CLOSED, AWAITING_DOCUMENT, "A closed referral is reopened"),
        (EXEMPT, AWAITING_DOCUMENT, "An exemption is overturned"),
        (DUPLICATE, AWAITING_DOCUMENT, "The link to a surviving case is withdrawn"),
    ],
)
def test_a_missing_reason_is_asked_for_by_what_is_done(status, to, start):
    with pytest.raises(Refused) as refusal:
        rules.move(status, to)
    assert str(refusal.value) == f"{start} only with a reason; write why."


def test_every_status_has_words_and_the_groups_fit_together():
    assert set(rules.STATUS_WORDS) == set(STATUSES)
    assert len(set(rules.STATUS_WORDS.values())) == len(STATUSES) == 10
    assert set(STATUSES) == rules.DONE | rules.OPEN and not rules.DONE & rules.OPEN
    parts = (rules.NEEDS_DOCUMENT, rules.COUNTS_AS_SUBMITTED, rules.OUTSIDE_COVERAGE)
    assert sum(map(len, parts)) == len(frozenset().union(*parts)) == len(STATUSES)


def test_new_is_inside_coverage_a_returned_document_counts_and_a_rejected_one_does_not():
    assert NEW in rules.NEEDS_DOCUMENT
    assert RETURNED in rules.COUNTS_AS_SUBMITTED
    assert REJECTED in rules.NEEDS_DOCUMENT
