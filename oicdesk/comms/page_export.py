"""What leaves the Comms page: the view as a file, and the calendar as `.ics`; each logged before it exists."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.comms import records_calendar
from oicdesk.comms.page_parts import Board, counted
from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.reports.files import save
from oicdesk.reports.page_view import Leaving, Listed, export_view, place_for, told_fields
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.ui import messages
from oicdesk.vault import log
from oicdesk.vault.vault import Vault


def export(owner: QWidget, vault: Vault, machine: Machine, listed: Listed, board: Board, *, now: datetime) -> str:
    """Hand out what is listed; answers with what was written, or "" when the user went back."""

    def record(*, what: str, form: str, **told: Any) -> None:
        with vault.changing() as session:
            log.record(session, log.DISCLOSURE, detail=f"{what}, {form}", **told)

    leaving = Leaving(
        _marking(vault), vault.user.name, london_day(board.as_at), board.force, record, "plan of the quarter"
    )
    return export_view(owner, machine, listed, leaving, now=now)


def export_calendar(
    owner: QWidget, vault: Vault, machine: Machine, items: Collection[int], name: str, *, now: datetime
) -> str:
    """Hand out items as a calendar file; answers with what was written, or "" when the user went back."""
    if not items:
        raise Refused("There is no item with a day here, so there is nothing to put into a calendar; plan one first.")
    sentence = f"{counted(len(items), 'item')} of {name} leave the desk as a plain file, logged as a disclosure."
    values = messages.ask_form(
        owner, "Calendar file", told_fields("the calendar of the unit"), "Choose a place…", sentence=sentence
    )
    if values is None:
        return ""
    path = place_for(owner, machine, f"{_marking(vault)} Communications {name}.ics")
    if path is None:
        return ""
    with vault.changing() as session:
        content = records_calendar.export_ics(session, items, now=now, **values)
    save(path, content)
    return f"{counted(len(items), 'item')} are in {path.name}, logged as a disclosure."


def _marking(vault: Vault) -> str:
    with vault.reading() as session:
        return str(reference(session).setting("marking"))
