"""What the find-or-do box finds on the queue: referrals, officers, teams and districts."""

from collections.abc import Callable, Sequence

from oicdesk.referrals import records_find
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page import REFERRAL, QueuePage
from oicdesk.settings.rules import london_day
from oicdesk.ui.find import Finder, Hit
from oicdesk.vault.vault import Vault

OFFICER = "officer"


def finder(vault: Vault, now: Clock, queue: QueuePage) -> Finder:
    """Asks the vault at each key. A referral and an officer are shown, a team and a district filter the queue."""
    officers = records_find.OfficerFinder()

    def show(kind: str, record_id: int) -> Callable[[], object]:
        return lambda: queue.open_requested.emit(kind, record_id)

    def listed(words: str) -> Callable[[], object]:
        return lambda: queue.look_for(words)

    def find(typed: str) -> Sequence[Hit]:
        with vault.reading() as session:
            cases = records_find.referrals(session, typed)
            people = officers.find(session, typed, london_day(now()))
            teams = records_find.teams(session, typed)
            districts = records_find.districts(session, typed)
        hits = [
            Hit("Referral", case.reference, show(REFERRAL, case.id),
                _joined(case.matched, case.officer, case.force, case.status), "inbox")
            for case in cases
        ]  # fmt: skip
        officers_found = [
            Hit("Officer", one.called, show(OFFICER, one.id), _joined(one.team, one.force, one.not_there), "users")
            for one in people
        ]
        # Whoever is found by their team's name comes after the team.
        meant = [records_find.begins(f"{one.called} {one.collar.replace(' ', '')}", typed) for one in people]
        found = [hit for hit, by_name in zip(officers_found, meant, strict=True) if by_name]
        found += [Hit("Team", team, listed(team), also, "users") for team, also in teams]
        found += [Hit("District", district, listed(district), "", "milestone") for district in districts]
        found += [hit for hit, by_name in zip(officers_found, meant, strict=True) if not by_name]
        every = Hit("Queue", f"List referrals with “{typed}”", listed(typed), "", "list-checks")
        # Who types figures means a reference; letters alone mean somebody or somewhere.
        both = [*hits, *found] if any(letter.isdigit() for letter in typed) else [*found, *hits]
        return [*both, every] if cases else both

    return find


def _joined(*texts: str) -> str:
    return ", ".join(filter(None, texts))
