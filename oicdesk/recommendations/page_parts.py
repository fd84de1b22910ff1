"""What the parts of the Recommendations page share: how a standing looks, a table beside its detail."""

from collections.abc import Callable, Sequence
from datetime import datetime

from oicdesk.recommendations import rules
from oicdesk.recommendations.rules import Standing
from oicdesk.ui.deeds import Beside
from oicdesk.ui.rows import Column
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]

FORCES = [(force, force) for force in rules.SCOPES]
_PILLS = {rules.MET: "good", rules.NOT_MET: "problem", rules.PENDING: "warning"}


def pill_of(standing: Standing) -> str:
    """The shape of a standing; before the deadline only what is met has one of its own."""
    return _PILLS[standing.word] if standing.has_passed or standing.word == rules.MET else "neutral"


class View(Beside):
    """One part of the page: a table and the detail of its chosen row."""

    def __init__(self, vault: Vault, now: Clock, name: str, columns: Sequence[Column]) -> None:
        super().__init__(vault.changing, name, columns, shares=4)
        self.vault, self.now, self.force = vault, now, rules.JOINT

    def refresh(self, force: str) -> None:
        """Read again for this scope."""
        self.force = force
        self.read_again()
