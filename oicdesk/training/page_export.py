"""Export of what is shown, as CSV or XLSX, logged as a disclosure before the file exists."""

from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.machine import Machine
from oicdesk.reports.page_view import Leaving, export_view
from oicdesk.settings.records import reference
from oicdesk.training.page_parts import Listed, Scope
from oicdesk.vault import log
from oicdesk.vault.vault import Vault


def export(owner: QWidget, vault: Vault, machine: Machine, listed: Listed, scope: Scope, *, now: datetime) -> str:
    """Ask to whom and what for, then where; answers with what was written, or "" when the user went back."""

    def record(*, what: str, form: str, **told: Any) -> None:
        with vault.changing() as session:
            log.record(session, log.DISCLOSURE, detail=f"{what}, {form}", **told)

    with vault.reading() as session:
        marking = reference(session).setting("marking")
    leaving = Leaving(marking, vault.user.name, scope.day, scope.force, record, "monthly training board")
    return export_view(owner, machine, listed, leaving, now=now)
