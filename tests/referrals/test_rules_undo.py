"""What can be taken back as a mistake of the hand, for every change of status that the rules allow."""

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import rules
from oicdesk.referrals.rules_undo import check_take_back, spoken_take_back

MOVES = [(before, to) for before, following in rules.ALLOWED.items() for to in sorted(following)]


@pytest.mark.parametrize(("before", "to"), MOVES)
def test_the_newest_move_is_taken_back_unless_another_person_approved_it(before, to):
    if rules.EXEMPT in (before, to):
        with pytest.raises(Refused, match="another person's"):
            check_take_back(before, to, to, is_newest=True)
    else:
        check_take_back(before, to, to, is_newest=True)


@pytest.mark.parametrize(("before", "to"), [move for move in MOVES if rules.EXEMPT not in move])
def test_a_move_that_was_followed_by_another_is_not_taken_back(before, to):
    with pytest.raises(Refused, match="has changed since"):
        check_take_back(before, to, to, is_newest=False)
    other = next(status for status in rules.STATUSES if status != to)
    with pytest.raises(Refused, match=f"now stands as: {rules.STATUS_WORDS[other].lower()}"):
        check_take_back(before, to, other, is_newest=True)


def test_the_contact_itself_is_no_move():
    with pytest.raises(Refused, match="the contact itself"):
        check_take_back(None, rules.NEW, rules.NEW, is_newest=True)


def test_what_was_taken_back_is_told_for_the_history():
    assert spoken_take_back(rules.ACCEPTED, rules.CLOSED) == "Closed; it stands as accepted again"
