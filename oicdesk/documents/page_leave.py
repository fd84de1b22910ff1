"""A working draft leaves the desk: the recipient is asked, the register knows first, and the copy is marked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from oicdesk.documents import records, records_drafts
from oicdesk.documents.page_parts import View
from oicdesk.documents.report_draft import draft_report, draft_text
from oicdesk.documents.rules import Labels
from oicdesk.documents.rules_draft import BANNER, Draft
from oicdesk.referrals.records_disclosures import Handing
from oicdesk.referrals.records_people import refuse_incomplete
from oicdesk.reports.files import save
from oicdesk.reports.page_view import place_for, told_fields
from oicdesk.settings.records import reference
from oicdesk.ui import clipboard, messages
from oicdesk.ui.form import Field
from oicdesk.ui.undo import Told, left_the_desk

FORMATS: Final = (
    ("pdf", "PDF, tagged for screen readers"), ("docx", "Word, the accessible twin"), ("txt", "Plain text"),
)  # fmt: skip
_WHO, _WHY = told_fields("")
_SENTENCE: Final = f"{BANNER}. The copy says so; to whom it went is registered."


def export_draft(view: View, draft_id: int, case: int) -> None:
    """Write the draft as PDF, DOCX or plain text. Raises Refused or VaultError."""
    _stop(view, case)
    fields = [_WHO, _WHY, Field("format", "Format", "choice", FORMATS, required=True)]
    values = messages.ask_form(view, "Export the working draft", fields, "Choose a place…",
                               values={"format": "pdf"}, sentence=_SENTENCE)  # fmt: skip
    if values is not None:
        _write(view, draft_id, values["format"], values["format"], values)


def print_draft(view: View, draft_id: int, case: int) -> None:
    """Make the pages to print. Raises Refused or VaultError."""
    _stop(view, case)
    values = messages.ask_form(view, "Make pages of the working draft to print", [_WHO, _WHY], "Choose a place…",
                               sentence=f"{_SENTENCE} Delete the file once it is printed.")  # fmt: skip
    if values is not None:
        _write(view, draft_id, "print", "pdf", values)


def copy_draft(view: View, draft_id: int, case: int) -> None:
    """Put the draft on the clipboard for a minute. Raises Refused or VaultError."""
    _stop(view, case)
    told: list[str] = []

    def check(values: dict[str, Any]) -> None:
        number, draft, about = _leave(view, draft_id, "copy", values)
        told.append(draft_text(draft, about.pop("labels"), **about))
        told.append(f"Version {number} is on the clipboard for a minute.")

    sentence = f"{_SENTENCE} The clipboard is cleared after a minute."
    if messages.ask_form(view, "Copy the working draft", [_WHO, _WHY], "Copy", check=check, sentence=sentence) is None:
        return
    clipboard.copy(told[0])
    view.tell(Told(told[1], left_the_desk(f"Copy working draft {draft_id}")))


def _stop(view: View, case: int) -> None:
    """The stop of an incomplete safeguarding record before anything is asked; `leave` asks it again."""
    with view.vault.consulting("safeguarding record, for a draft to leave", referral=case) as session:
        refuse_incomplete(session, [case], records_drafts.ITS_DRAFT, now=view.now())


def _write(view: View, draft_id: int, form: str, suffix: str, values: Mapping[str, Any]) -> None:
    with view.vault.reading() as session:
        marking = reference(session).setting("marking")
    path = place_for(view, view.machine, f"{marking} WORKING DRAFT {draft_id}.{suffix}")
    if path is None:
        return
    number, draft, about = _leave(view, draft_id, form, values)
    labels: Labels = about.pop("labels")
    if suffix == "txt":
        save(path, draft_text(draft, labels, **about).encode("utf-8-sig"))
    else:
        _write_report(path, draft, labels, about)
    words = f"Version {number} of working draft {draft_id} is in {path.name}."
    view.tell(Told(words, left_the_desk(f"{'Print' if form == 'print' else 'Export'} working draft {draft_id}")))


def _write_report(path: Path, draft: Draft, labels: Labels, about: Mapping[str, Any]) -> None:
    from oicdesk.reports.write import write

    write(draft_report(draft, labels, **about), path)


def _leave(view: View, draft_id: int, form: str, values: Mapping[str, Any]) -> tuple[int, Draft, dict[str, Any]]:
    """Register and log that it leaves; the version, its text, and what the copy says about itself."""
    now = view.now()
    handing = Handing(values["recipient"], values["purpose"], form)
    with view.vault.changing() as session:
        desk = reference(session)
        number, draft = records_drafts.leave(session, draft_id, handing, now=now)
    return number, draft, {
        "labels": records.labels(desk), "name": f"Working draft {draft_id}", "marking": desk.setting("marking"),
        "version": f"version {number}", "recipient": handing.recipient, "purpose": handing.purpose,
        "author": view.vault.user.name, "now": now,
    }  # fmt: skip
