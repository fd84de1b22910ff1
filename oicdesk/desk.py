"""What the command line, the window, the demo and the self-test all put together from the rooms."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from oicdesk.desk_papers import PAPERS, program_version
from oicdesk.documents import records as documents
from oicdesk.documents import report as coverage
from oicdesk.documents.rules import JOINT
from oicdesk.errors import Refused, VaultError
from oicdesk.referrals import records_exemptions, records_people
from oicdesk.referrals.records_clock import paused_counts, spoken_paused
from oicdesk.referrals.records_disclosures import REPORT, Handing, disclose
from oicdesk.referrals.records_reconciled import reconciled
from oicdesk.reports.blocks import Report
from oicdesk.settings.records import Reference, reference, seed
from oicdesk.settings.rules import ELAPSED_HOURS, london_day, spoken_instant
from oicdesk.vault import log
from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import VIEWER, Vault

if TYPE_CHECKING:
    from oicdesk.audits.records import AuditRow


def new_desk(path: Path, passphrase: str, user: str, *, now: datetime, kdf: Kdf | None = None) -> tuple[Vault, str]:
    """A new vault with its reference tables, settings and checklists, and its recovery key."""
    from oicdesk.audits.records_checklists import import_checklists

    vault, recovery_key = Vault.create(path, passphrase, user, kdf=kdf)
    with vault.changing() as session:
        seed(session, london_day(now))
        import_checklists(session, now=now)
    return vault, recovery_key


@dataclass(frozen=True)
class ReportEntry:
    """A report that can be asked for by name; `build` takes the vault, as-at, force and recipient.

    Where `about` names further choices, such as the audit, `build` takes them by keyword; without, the newest.
    """

    title: str
    description: str
    build: Callable[..., Report]
    about: frozenset[str] = frozenset()


def catch_up(vault: Vault, *, now: datetime) -> list[str]:
    """What a day, or another setting, changes with nobody's doing: cases whose exemption ran out return to work, and
    each case says anew whether its safeguarding record is complete. Answers with the references of those that
    returned. A viewer changes nothing, nor does anybody while the disk takes nothing: that is told when they write.
    """
    if vault.user.role == VIEWER:
        return []
    with contextlib.suppress(VaultError), vault.changing() as session:
        records_people.settle_all(session, now=now)
        return records_exemptions.expire(session, now=now)
    return []


def _coverage(vault: Vault, as_at: datetime, force: str, recipient: str) -> Report:
    with vault.reading() as session:
        desk = reference(session)
        rows = documents.cases_as_at(session, as_at, desk=desk)
        compared = reconciled(session, as_at=as_at, force=None if force == JOINT else force)
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
            reconciled=[] if compared is None else compared.sentences(),
            paused=spoken_paused(paused_counts(session, as_at=as_at, force=None if force == JOINT else force)),
        )
    return coverage.coverage_report(rows, terms)


def audit_scope(row: "AuditRow", force: str) -> str:
    """The scope of a paper about this audit: its own, or one force of a joint one; Refused for the other force."""
    own = row.plan.force
    if own == JOINT or force == own:
        return force
    if force == JOINT:
        return own
    raise Refused(f"This audit covers {own} only; ask for {own}, or plan an audit of {force}.", field="force")


def _audit_terms(vault: Vault, session: Session, as_at: datetime, force: str, recipient: str) -> Any:
    from oicdesk.audits.report_parts import Terms

    return Terms(
        as_at=as_at, force=force, marking=reference(session).setting("marking"), author=vault.user.name,
        version=program_version(), recipient=recipient, log_head=str(log.head(session.connection(), as_at)),
    )  # fmt: skip


def _frozen_audit(session: Session, audit: int | None, as_at: datetime) -> "AuditRow":
    """The audit asked for, else the newest frozen one; Refused if it was not frozen by then."""
    from oicdesk.audits import records as audits

    if audit is None:
        row = next((row for row in audits.audits(session) if row.is_frozen), None)
    else:
        row = audits.audit(session, audit)
    if row is None or row.frozen_at is None:
        raise Refused("There is no audit with a frozen sample to report on; plan and freeze one first.")
    if as_at < row.frozen_at:
        raise Refused(
            f"This audit was frozen on {spoken_instant(row.frozen_at)}; a report as at an earlier time would have"
            " nothing to tell, so choose a later one."
        )
    return row


def audit_choices(vault: Vault) -> list[tuple[int, str]]:
    """The audits that a report can tell of, the newest first: number, and title with standing and force."""
    from oicdesk.audits import records as audits
    from oicdesk.audits.rules import STATUS_WORDS

    with vault.reading() as session:
        rows = [row for row in audits.audits(session) if row.is_frozen]
    return [(row.id, f"{row.id}: {row.plan.title} · {row.plan.force} · {STATUS_WORDS[row.status]}") for row in rows]


def officer_choices(vault: Vault, audit: int | None) -> list[tuple[str | None, str]]:
    """The reporting officers whose documents an audit looked at; every one of them first."""
    from oicdesk.audits.records_results import slips

    everyone: list[tuple[str | None, str]] = [(None, "Every officer, each on a page")]
    if audit is None:
        return everyone
    try:
        with vault.reading() as session:
            return [*everyone, *((slip.officer, slip.officer) for slip in slips(session, audit))]
    except Refused:
        return everyone  # before the audit is moderated there are no slips; asking for one says so


def _audit(vault: Vault, as_at: datetime, force: str, recipient: str, *, audit: int | None = None) -> Report:
    from oicdesk.audits import records_frame, records_review, records_series
    from oicdesk.audits.records_findings import findings
    from oicdesk.audits.records_results import results
    from oicdesk.audits.report import audit_report
    from oicdesk.audits.report_parts import Dossier

    with vault.reading() as session:
        row = _frozen_audit(session, audit, as_at)
        scope = audit_scope(row, force)
        found = results(session, row.id, force=scope)
        in_scope = [line for line in records_frame.frame(session, row.id) if scope in (JOINT, line.force)]
        dossier = Dossier(
            results=found,
            frame=in_scope,
            sample=[line for line in records_frame.sample(session, row.id) if scope in (JOINT, line.force)],
            first=records_review.answers(session, row.id, records_review.FIRST),
            second=records_review.answers(session, row.id, records_review.SECOND) if found.second else {},
            adjudicated=records_review.answers(session, row.id, records_review.ADJUDICATED),
            findings=findings(session, row.id, today=london_day(as_at)),
            comparison=records_series.comparison(session, found, force=scope),
            series=records_series.series(session, scope, until=row.plan.period_to) if scope == row.plan.force else None,
        )
        return audit_report(dossier, _audit_terms(vault, session, as_at, scope, recipient))


def _audit_panel(vault: Vault, as_at: datetime, force: str, recipient: str, *, audit: int | None = None) -> Report:
    from oicdesk.audits import records_frame, records_series
    from oicdesk.audits.records_findings import findings
    from oicdesk.audits.records_results import panel_tables, results
    from oicdesk.audits.report_panel import PanelMaterial, panel_report

    with vault.reading() as session:
        row = _frozen_audit(session, audit, as_at)
        scope = audit_scope(row, force)
        found = results(session, row.id, force=scope)
        material = PanelMaterial(
            results=found,
            tables=panel_tables(found if scope == row.plan.force else results(session, row.id)),
            frame=records_frame.frame(session, row.id),
            findings=findings(session, row.id, today=london_day(as_at)),
            comparison=records_series.comparison(session, found, force=scope),
            threshold=reference(session).setting("suppress_below"),
        )
        return panel_report(material, _audit_terms(vault, session, as_at, scope, recipient))


def _audit_slips(
    vault: Vault, as_at: datetime, force: str, recipient: str, *, audit: int | None = None, officer: str | None = None
) -> Report:
    from oicdesk.audits.records_results import slips
    from oicdesk.audits.report_slip import slip_report

    with vault.reading() as session:
        row = _frozen_audit(session, audit, as_at)
        scope = audit_scope(row, force)
        found = [slip for slip in slips(session, row.id, force=scope) if officer in (None, slip.officer)]
        if not found:
            raise Refused(
                f"No document of {officer or 'a recorded officer'} was audited, so there is no slip to write."
            )
        return slip_report(found, row, _audit_terms(vault, session, as_at, scope, recipient))


_ONE_AUDIT = frozenset({"audit"})
REPORTS = {
    coverage.NAME: ReportEntry(coverage.TITLE, coverage.DESCRIPTION, _coverage),
    "audit": ReportEntry(
        "Audit report",
        "One audit with its method, figures, findings and actions; the XLSX holds its working papers.",
        _audit,
        _ONE_AUDIT,
    ),
    "audit-panel": ReportEntry(
        "Panel paper of an audit",
        "Aggregates of one approved audit with small numbers hidden, once the approver has released it.",
        _audit_panel,
        _ONE_AUDIT,
    ),
    "audit-slips": ReportEntry(
        "Feedback slips of an audit",
        "One page for each reporting officer about their own documents; praise stands first.",
        _audit_slips,
        _ONE_AUDIT | {"officer"},
    ),
    **{name: ReportEntry(paper.title, paper.description, paper.build) for name, paper in PAPERS.items()},
}


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
    **about: Any,
) -> None:
    """Write a report by the suffix of `path`. It is logged as a disclosure before the file exists.

    `about` are the further choices of the report, such as `audit`; None leaves one open.
    """
    from oicdesk.reports.write import write

    recipient, purpose = recipient or vault.user.name, purpose or "own use"
    chosen = {key: value for key, value in about.items() if value is not None}
    for key in sorted(set(chosen) - REPORTS[name].about):
        raise Refused(f"The report “{name}” is about no single {key}; leave that out.", field=key)
    report = REPORTS[name].build(vault, as_at, force, recipient, **chosen)
    with vault.changing() as session:
        told = "".join(f", {key} {value}" for key, value in sorted(chosen.items()))
        handing = Handing(recipient, purpose, path.suffix.lstrip("."))
        disclose(session, REPORT, f"report {name}{told}, {force}", handing, now=datetime.now(UTC))
    write(report, path)


def preview_report(vault: Vault, name: str, *, as_at: datetime, force: str, **about: Any) -> bytes:
    """A report as PDF in memory; looking at it is logged as a consultation, and nothing reaches the disk."""
    from oicdesk.reports.pdf import pdf_bytes

    with vault.consulting(f"preview of report {name}, {force}"):
        pass
    return pdf_bytes(REPORTS[name].build(vault, as_at, force, "", **about))
