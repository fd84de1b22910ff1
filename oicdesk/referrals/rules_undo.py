"""Which steps of a case can be taken back, as a mistake of the hand: a logged entry, never a wiped one.

Taking back is no move of a case: the mistaken change stays in the history, marked as taken back, and every
figure leaves it out, whatever instant it looks at.
"""

from typing import Final

from oicdesk.errors import Refused
from oicdesk.referrals.rules import EXEMPT, STATUS_WORDS

MISTAKE: Final = "status, taken back"  # the kind of an event that held a change of status until it was taken back


def check_take_back(before: str | None, to: str, present: str, *, is_newest: bool) -> None:
    """Refuses to take back a change of status from `before` to `to` of a case that now stands at `present`."""
    if before is None:
        raise Refused("That is the contact itself; withdraw the whole record instead.")
    if to == EXEMPT:
        raise Refused("An exemption rests on another person's approval; overturn it instead.")
    if before == EXEMPT:
        raise Refused("The approval was another person's; ask for the exemption again.")
    if not is_newest or present != to:
        raise Refused(
            f"The case has changed since, and now stands as: {STATUS_WORDS[present].lower()}; take that back first."
        )


def spoken_take_back(before: str, to: str) -> str:
    """What was taken back, in words for the history."""
    return f"{STATUS_WORDS[to]}; it stands as {STATUS_WORDS[before].lower()} again"
