"""Which columns of a control room's list mean what, and how its rows become contacts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from oicdesk.referrals import records_imports, rules
from oicdesk.referrals.records_imports import ImportedContact, Known
from oicdesk.referrals.rules_clock import check_nccu
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import local_instant, spoken_instant
from oicdesk.sheets.cells import text_of
from oicdesk.sheets.dry_run import ALREADY_THERE, UPDATE, Cells, CheckedRow, DryRun, dry_run
from oicdesk.sheets.mapping import Mapping as ColumnMapping
from oicdesk.sheets.mapping import Target
from oicdesk.sheets.read import Limits, Sheet, collection_paused

KIND = "referrals"
TITLE = "Import contacts"

# The states a former register may name; an exemption or a duplicate is decided in the desk, with its reason.
TAKEN_OVER = {
    rules.AWAITING_DOCUMENT: ("Awaiting document", "Awaiting", "Outstanding", "Open", "Waiting", "Not submitted"),
    rules.SUBMITTED: ("Submitted", "Sent", "Sent to unit"),
    rules.RETURNED: ("Returned", "Returned for correction", "Sent back"),
    rules.ACCEPTED: ("Accepted", "Approved"),
    rules.CLOSED: ("Closed", "Complete", "Completed", "Done", "Finished"),
}
_LONGEST_REMARK = 4000


@dataclass(frozen=True)
class Imported:
    """What an import did; rows = blank + imported + already_there + problems."""

    batch_id: int | None
    rows: int
    blank: int
    imported: int
    already_there: int
    problems: int
    warnings: int
    updated: int

    def counts(self) -> dict[str, int]:
        """The counts in the shape of `oicdesk import referrals --json`."""
        names = ("rows", "blank", "imported", "already_there", "problems", "warnings")
        return {name: getattr(self, name) for name in names}


def limits(desk: Reference) -> Limits:
    """What a file may hold, as the desk is set."""
    return Limits.set_by(desk.setting)


def targets(desk: Reference) -> list[Target]:
    """What a list of contacts can tell, with the desk's own words for its codes."""
    coded: dict[str, dict[str, Any]] = {
        name: {"values": dict(desk.choices(kind)), "value_synonyms": desk.synonyms(kind)}
        for name, kind in (("force", "force"), ("reason", "contact_reason"), ("outcome", "outcome"), ("route", "route"))
    }
    states = {code: words[0] for code, words in TAKEN_OVER.items()}
    state_words = {word: code for code, words in TAKEN_OVER.items() for word in words}
    return [
        Target("contact_date", "Contact date", True, ("Date", "Contact day", "Call date"), "date", unless="contact"),
        Target("contact_time", "Contact time", True, ("Time", "Time called", "Call time"), "time", unless="contact"),
        Target("contact", "Contact date and time", False, ("Contact at", "Date and time", "Received"), "instant"),
        Target("force", "Force", True, ("Constabulary", "Police force"), **coded["force"]),
        Target("reason", "Contact reason", True, ("Call type", "Reason", "Category", "Type"), **coded["reason"]),
        Target("officer_name", "Reporting officer", False, ("Officer", "Officer name", "Caller")),
        Target("officer_collar", "Collar number", False, ("Collar", "Collar no", "Shoulder number", "PIN")),
        Target("officer_rank", "Rank", False, ("Officer rank",)),
        Target("team", "Team", False, ("Unit", "Station", "Department")),
        Target("supervisor", "Supervisor", False, ("Line manager", "Sergeant")),
        Target("district", "District", False, ("Location", "Area")),
        Target("incident_ref", "Incident number", False, ("Incident no", "CAD", "CAD number", "Incident ref", "STORM")),
        Target("crime_ref", "Crime or custody reference", False, ("Crime ref", "Crime number", "Custody ref")),
        Target("nccu_ref", "NCCU reference", False, ("NCCU ref", "NCCU number", "Home Office reference")),
        Target("contact_made_by", "Contact made by", False, ("Contacted by", "Call made by")),
        Target("nccu_passed_at", "Passed to NCCU", False, ("Passed to NCCU on", "Passed on"), "instant"),
        Target("nccu_acknowledged_at", "Acknowledged by NCCU", False, ("Acknowledged", "NCCU acknowledged"), "instant"),
        Target("persons", "Persons", False, ("Number of persons", "Nominals", "Subjects", "People"), "whole"),
        Target("outcome", "Outcome", False, ("IE outcome", "Immigration outcome", "Result"), **coded["outcome"]),
        Target("route", "Route", False, ("Contact route", "Route to NCCU"), **coded["route"]),
        Target("remark", "Remarks", False, ("Remark", "Notes", "Comments", "Free text")),
        Target("status", "Status", False, ("State",), values=states, value_synonyms=state_words),
        Target("document_ref", "Document reference", False, ("Intelligence reference", "IR ref", "Intel ref")),
        Target("submitted", "Submitted", False, ("Submitted at", "Date submitted"), "instant"),
        Target("accepted", "Accepted", False, ("Accepted at", "Date accepted"), "instant"),
    ]  # fmt: skip


_TEXTS = (
    "officer_name", "officer_rank", "team", "supervisor", "district", "incident_ref", "crime_ref", "nccu_ref",
    "contact_made_by",
)  # fmt: skip


def parser(desk: Reference, now: datetime) -> Callable[[Cells], ImportedContact]:
    """A function that reads one row as a contact, noting every reason why it cannot."""
    choices = {
        name: desk.codes(kind)
        for name, kind in (("force", "force"), ("reason", "contact_reason"), ("outcome", "outcome"))
    }

    def parse(cells: Cells) -> ImportedContact:
        facts: dict[str, Any] = {name: cells.text(name) or None for name in _TEXTS}
        facts["contact_at"] = _contact_at(cells)
        facts["officer_collar"] = rules.normalised_collar(cells.text("officer_collar")) or None
        facts["persons"] = cells.whole("persons", least=0)
        for name in ("nccu_passed_at", "nccu_acknowledged_at"):
            facts[name] = cells.aware(cells.instant(name), local_instant)
        for name in ("outcome", "route"):
            facts[name] = cells.code(name)
        for name, words in (("force", "force"), ("reason", "contact reason")):
            # A blank one is not a slip of the sheet but a fact to find out: the referral starts as new.
            blank = not text_of(cells[name]).strip()
            facts[name] = None if blank else cells.code(name)
            if blank:
                cells.warn(f"The {words} is blank, so the referral starts as new until it is known.")
        _check(cells, facts, now, choices)
        return ImportedContact(
            facts, cells.text("remark", longest=None)[:_LONGEST_REMARK], _document(cells, facts, now)
        )

    return parse


def _check(cells: Cells, facts: Mapping[str, Any], now: datetime, choices: Mapping[str, frozenset[str]]) -> None:
    known = rules.ReferralFacts(
        force=facts["force"], contact_at=facts["contact_at"], reason=facts["reason"], persons=facts["persons"],
        outcome=facts["outcome"],
    )  # fmt: skip
    found = rules.check_referral(known, now, choices)
    found |= check_nccu(facts["contact_at"], facts["nccu_passed_at"], facts["nccu_acknowledged_at"], now)
    for sentence in found.values():
        cells.problem(sentence)


def _contact_at(cells: Cells) -> datetime | None:
    if "contact" in cells and text_of(cells["contact"]).strip():
        return cells.aware(cells.instant("contact"), local_instant)
    day, time = cells.date("contact_date"), cells.time("contact_time")
    return cells.aware(datetime.combine(day, time), local_instant) if day is not None and time is not None else None


def _document(cells: Cells, facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a former register says of the document, or nothing."""
    told: dict[str, Any] = {
        "status": cells.code("status"),
        "reference": cells.text("document_ref"),
        "submitted_at": cells.aware(cells.instant("submitted"), local_instant),
        "accepted_at": cells.aware(cells.instant("accepted"), local_instant),
    }
    if not any(told.values()) or (told["status"] == rules.AWAITING_DOCUMENT and not told["submitted_at"]):
        return {}
    if told["submitted_at"] is None:
        cells.problem("The row says that a document was submitted, but not when; add the time of its submission.")
    for name, words in (("submitted_at", "submission"), ("accepted_at", "acceptance")):
        if told[name] is not None and told[name] > now:
            cells.problem(f"The {words} lies in the future ({spoken_instant(told[name])}).")
    if told["accepted_at"] and told["submitted_at"] and told["accepted_at"] < told["submitted_at"]:
        cells.problem("The document was accepted before it was submitted; check both times.")
    _complete(cells, facts, now)
    if told["submitted_at"] and facts["contact_at"] and told["submitted_at"] < facts["contact_at"]:
        cells.warn("The document was submitted before the contact; check both times.")
    return told


def _complete(cells: Cells, facts: Mapping[str, Any], now: datetime) -> None:
    """A referral whose facts are missing starts as new, and a new one has no document yet."""
    known = rules.ReferralFacts(
        force=facts["force"], reason=facts["reason"], reporting_officer=facts["officer_name"],
        collar=facts["officer_collar"], contact_at=facts["contact_at"] or now,
    )  # fmt: skip
    if missing := rules.missing_facts(known):
        cells.problem(f"A row with a document also needs {' and '.join(missing)}; add what is missing.")


def check(
    session: Session,
    sheet: Sheet,
    mapping: ColumnMapping,
    desk: Reference,
    *,
    now: datetime,
    progress: Callable[[float, str], None] | None = None,
) -> DryRun:
    """Every row parsed and compared with the register and with the rows above it; nothing is written."""
    run = dry_run(sheet, mapping, parser(desk, now), targets=targets(desk), progress=progress)
    known = records_imports.known_contacts(session, (row.record for row in run.valid))
    lines: dict[str, int] = {}
    for row in run.valid:
        key = records_imports.key_of(row.record)
        if key is None:
            continue
        if key in lines:
            row.state, row.note = ALREADY_THERE, f"The same contact stands on line {lines[key]}."
        else:
            lines[key] = row.line.number
            if key in known:
                _compare(row, known[key])
    _suggest_duplicates(session, run)
    return run


def _compare(row: CheckedRow, known: Known) -> None:
    row.state = UPDATE if known.changes else ALREADY_THERE
    row.note = f"Already there as {known.reference}."
    if known.changes:
        row.note += f" The file differs in: {', '.join(name.replace('_', ' ') for name in known.changes)}."
    row.record.known = known


def _suggest_duplicates(session: Session, run: DryRun) -> None:
    new = [row for row in run.valid if row.state not in (ALREADY_THERE, UPDATE)]
    used = records_imports.incidents_in_use(session, (row.record for row in new))
    for row in new:
        number = rules.normalised_reference(row.record.facts["incident_ref"])
        if not number:
            continue
        where = row.record.facts["force"], number
        if where in used:
            row.warnings += (f"The incident number is also on {used[where]}: perhaps a duplicate, so compare them.",)
        used.setdefault(where, f"line {row.line.number}")


def found(run: DryRun, batch_id: int | None = None, updated: int = 0) -> Imported:
    """What a dry run found, as the counts of the import that it would be or was."""
    counts, there = run.counts(), len(run.with_state(ALREADY_THERE, UPDATE))
    new = len(run.valid) - there
    return Imported(
        batch_id, counts["rows"], counts["blank"], new, there, len(run.problems), counts["warnings"], updated
    )


def write(
    session: Session,
    run: DryRun,
    *,
    file_name: str,
    file_sha256: str,
    now: datetime,
    all_or_nothing: bool = False,
    apply_updates: bool = False,
    take_over: Callable[[Session, Sequence[tuple[int, ImportedContact]], datetime], None] | None = None,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> Imported:
    """Write what the dry run found new, in the caller's transaction. `take_over` records former documents.

    With `all_or_nothing` a file with problem rows is refused whole.
    """
    counts = run.counts()
    if all_or_nothing:
        run.refuse_problems()
    new = [row.record for row in run.valid if row.state not in (ALREADY_THERE, UPDATE)]
    updates = run.with_state(UPDATE) if apply_updates else []
    batch_id, updated = None, 0
    if new or updates:
        with collection_paused():
            batch_id, ids = records_imports.write(
                session, new, kind=KIND, file_name=file_name, file_sha256=file_sha256, rows=counts["rows"], now=now,
                progress=progress,
            )  # fmt: skip
        former = [(i, contact) for i, contact in zip(ids, new, strict=True) if contact.document]
        if take_over is not None and former:
            take_over(session, former, now)
        known = [row.record.known for row in updates]
        updated = records_imports.update_known(session, batch_id, known, now=now)
    return found(run, batch_id, updated)
