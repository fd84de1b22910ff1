"""Export of what a tool of the queue shows: the marking in the first row, no cell a formula, logged as a disclosure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import LIST, Handing, disclose
from oicdesk.reports.page_view import Leaving, export_view, hand_out
from oicdesk.reports.page_view import Listed as Listed
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.vault.vault import Vault


def export(
    owner: QWidget,
    vault: Vault,
    machine: Machine,
    listed: Listed,
    *,
    now: datetime,
    source: str = "",
    cases: Sequence[int] = (),
) -> str:
    """Ask to whom and what for, then where; answers with what was written, or "" when the user went back.

    The log knows before the file exists. Raises Refused or VaultError.
    """

    def register(*, recipient: str, purpose: str, what: str, form: str) -> None:
        with vault.changing() as session:
            disclose(session, LIST, what, Handing(recipient, purpose, form), now=now, cases=cases)

    what = f"{listed.title}, {len(listed.rows)} rows" + (f", {source}" if source else "")
    return export_view(owner, machine, listed, _leaving(vault, now, register, what), now=now)


def write_listed(
    owner: QWidget, vault: Vault, machine: Machine, listed: Listed, told: Mapping[str, str], *, now: datetime
) -> str:
    """Ask where and write what is logged already; answers with what was written, or "" when no place was chosen."""
    return hand_out(owner, machine, listed, _leaving(vault, now), told, now=now)


def _leaving(vault: Vault, now: datetime, log: Callable[..., None] | None = None, what: str = "") -> Leaving:
    with vault.reading() as session:
        marking = reference(session).setting("marking")
    return Leaving(marking, vault.user.name, london_day(now), "", log, what=what)
