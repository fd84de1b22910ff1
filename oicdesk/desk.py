"""What the command line, the window, the demo and the self-test all put together from the rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from oicdesk.documents import records as documents
from oicdesk.documents import report as coverage
from oicdesk.reports.blocks import Report
from oicdesk.settings.records import Reference, reference, seed
from oicdesk.settings.rules import ELAPSED_HOURS, london_day
from oicdesk.vault import log
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import Vault


def new_desk(path: Path, passphrase: str, user: str, *, now: datetime, kdf: Kdf | None = None) -> tuple[Vault, str]:
    """A new vault with its reference tables and settings, and its recovery key."""
    vault, recovery_key = Vault.create(path, passphrase, user, kdf=kdf)
    with vault.changing() as session:
        seed(session, london_day(now))
    return vault, recovery_key


@dataclass(frozen=True)
class ReportEntry:
    """A report that can be asked for by name; `build` takes the vault, as-at, force and recipient."""

    title: str
    description: str
    build: Callable[[Vault, datetime, str, str], Report]


def _coverage(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    with vault.reading() as session:
        desk = reference(session)
        rows = documents.cases_as_at(session, as_at, desk=desk)
        terms = coverage.Terms(
            as_at=as_at,
            force=force,
            marking=desk.setting("marking"),
            author=vault.user.name,
            version=program_version(),
            recipient=recipient,
            log_head=str(log.head(session.connection(), as_at)),
            clock=clock_in_words(desk),
            without_force=sum(row.facts.force is None for row in rows),
            register_started=desk.day_setting("register_started_on"),
        )
    return coverage.coverage_report(rows, terms)


REPORTS = {coverage.NAME: ReportEntry(coverage.TITLE, coverage.DESCRIPTION, _coverage)}


def clock_in_words(desk: Reference) -> str:
    """The due rule as a sentence."""
    rule = desk.due_rule()
    if rule.kind == ELAPSED_HOURS:
        return f"A document is due {rule.hours} elapsed hours after the contact."
    return "A document is due at the end of the next working day after the contact."


def save_report(
    vault: Vault,
    name: str,
    path: Path,
    *,
    as_at: datetime,
    force: str,
    recipient: str | None = None,
    purpose: str | None = None,
) -> None:
    """Write a report by the suffix of `path`. It is logged as a disclosure before the file exists."""
    from oicdesk.reports.write import write

    recipient, purpose = recipient or vault.user.name, purpose or "own use"
    report = REPORTS[name].build(vault, as_at, force, recipient)
    with vault.changing() as session:
        detail = f"report {name}, {force}, {path.suffix.lstrip('.')}"
        log.record(session, log.DISCLOSURE, recipient=recipient, purpose=purpose, detail=detail)
    write(report, path)


def preview_report(vault: Vault, name: str, *, as_at: datetime, force: str) -> bytes:
    """A report as PDF in memory; looking at it is logged as a consultation, and nothing reaches the disk."""
    from oicdesk.reports.pdf import pdf_bytes

    with vault.consulting(f"preview of report {name}, {force}"):
        pass
    return pdf_bytes(REPORTS[name].build(vault, as_at, force, ""))


def program_version() -> str:
    """The version of this installation."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("oicdesk")
    except PackageNotFoundError:
        return "unpacked"
