"""Export of what a tool of the queue shows: the marking in the first row, no cell a formula, logged as a disclosure."""

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.referrals.records_disclosures import LIST, Handing, disclose
from oicdesk.reports.page_view import Listed as Listed
from oicdesk.reports.page_view import place_for, write_file
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.ui import messages
from oicdesk.ui.form import Field
from oicdesk.vault.vault import Vault

_FIELDS = (
    Field("recipient", "Who receives it", required=True),
    Field("purpose", "What for", required=True),
    Field("format", "Format", "choice", ((".xlsx", "XLSX, a workbook"), (".csv", "CSV, plain rows")), required=True),
)


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
    if not listed.rows:
        raise Refused("There is nothing to export: this view is empty; choose another one.")
    sentence = f"{len(listed.rows):,} rows leave the desk as a plain file, logged as a disclosure."
    values = messages.ask_form(owner, f"Export: {listed.title}", _FIELDS, "Choose a place…",
                               values={"format": ".xlsx"}, sentence=sentence)  # fmt: skip
    if values is None:
        return ""
    what = f"{listed.title}, {len(listed.rows)} rows" + (f", {source}" if source else "")
    handing = Handing(values["recipient"], values["purpose"], values["format"][1:])

    def register() -> None:
        with vault.changing() as session:
            disclose(session, LIST, what, handing, now=now, cases=cases)

    return write_listed(owner, vault, machine, listed, recipient=values["recipient"], suffix=values["format"], now=now,
                        before=register)  # fmt: skip


def write_listed(
    owner: QWidget,
    vault: Vault,
    machine: Machine,
    listed: Listed,
    *,
    recipient: str,
    suffix: str,
    now: datetime,
    before: Callable[[], None] | None = None,
) -> str:
    """Ask where and write; `before` logs the disclosure once a place is chosen. Answers with what was written."""
    with vault.reading() as session:
        marking = reference(session).setting("marking")
    path = place_for(owner, machine, f"{marking} {listed.title} {london_day(now).isoformat()}{suffix}")
    if path is None:
        return ""
    if before is not None:
        before()
    write_file(path, listed, marking, vault.user.name, recipient, now)
    return f"{len(listed.rows):,} rows are in {path.name}, logged as a disclosure."
