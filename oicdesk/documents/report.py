"""The coverage audit: every contact with the NCCU counted, and which still have no intelligence document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from oicdesk.documents import rules
from oicdesk.documents.records import CaseRow
from oicdesk.documents.rules import CaseAsAt, Coverage, is_in_scope, is_submitted
from oicdesk.reports.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Report, Sheet, Table
from oicdesk.reports.charts import Month, months_figure
from oicdesk.settings.rules import london_day, long_day, spoken_instant, spoken_month, spoken_range

NAME = "coverage"
TITLE = "Coverage audit of NCCU contacts"
DESCRIPTION = "Every contact with the NCCU counted, and which still have no intelligence document (a census)."
FORCES = ("Suffolk", "Norfolk")

RECOMMENDATION = (
    "Recommendation 2, to be met by 30 April 2026: for every case that a member of the force reports to Immigration"
    " Enforcement's National Command and Control Unit (NCCU), the reporting officer completes and submits the"
    " required intelligence document."
)
AIM = (
    "To establish for how many of the cases reported to the NCCU an intelligence document was submitted, and whether"
    " it was submitted in time. The duty is to document what was reported; it is not a duty to report anybody."
)


@dataclass(frozen=True)
class Terms:
    """What stands on a report beside its figures; `clock` says the due rule in words.

    `reconciled` says what comparing with an outside list found; nothing while no list was compared. `paused` says
    how many cases are paused and why.
    """

    as_at: datetime
    force: str
    marking: str
    author: str
    version: str
    recipient: str
    log_head: str
    clock: str
    without_force: int = 0
    register_started: date | None = None
    reconciled: Sequence[str] = ()
    paused: str = ""


def coverage_report(rows: Sequence[CaseRow], terms: Terms) -> Report:
    """The internal coverage audit; `rows` are all cases as at the instant, of both forces."""
    rows = [row for row in rows if row.facts.force is not None]
    scoped = [row for row in rows if terms.force in (rules.JOINT, row.facts.force)]
    facts = [row.facts for row in scoped]
    forces = FORCES if terms.force == rules.JOINT else (terms.force,)
    return Report(
        name=NAME,
        title=TITLE,
        marking=terms.marking,
        as_at=terms.as_at,
        author=terms.author,
        version=terms.version,
        recipient=terms.recipient,
        distribution="Internal. Not for publication: small numbers are not suppressed.",
        log_head=terms.log_head,
        blocks=[
            Facts([("Forces", " and ".join(forces)), ("Period", _period(facts, terms)), ("Kind", "Census check")]),
            *_purpose(),
            *_population(facts, terms),
            *_results(facts, terms, forces),
            *_months(facts, terms),
            *_missing(scoped, terms),
            *_limits(terms),
        ],
        sheets=_sheets(scoped, terms, forces),
    )


def _period(cases: Sequence[CaseAsAt], terms: Terms) -> str:
    known = [case.contact_at for case in cases if case.contact_at is not None and not case.before_register]
    last = london_day(terms.as_at)
    first = min((london_day(at) for at in known), default=last)
    return f"Contacts of {spoken_range(first, last)}"


def _purpose() -> list[Block]:
    return [Heading("Recommendation"), Paragraph(RECOMMENDATION), Heading("Aim"), Paragraph(AIM)]


def _population(cases: Sequence[CaseAsAt], terms: Terms) -> list[Block]:
    found = rules.coverage(cases, terms.as_at)
    exempt = sum(found.exempt.values())
    rows: list[tuple[Cell, ...]] = [
        ("All contacts recorded", len(cases)),
        *((f"Exempt: {reason}", count) for reason, count in found.exempt.items()),
        ("Scope queries, not yet decided", found.scope_queries),
        ("Duplicates, linked to a surviving case", found.duplicates),
        ("Before the register was started", found.before_register),
        ("In scope", found.in_scope),
    ]
    notes = [
        "Every contact recorded in the register up to the as-at time is counted; nothing is sampled.",
        f"Of the {exempt} exempt cases, {found.exempt_as_reported} rest on an approval reported from outside the desk"
        " and not yet confirmed.",
    ]
    if terms.without_force:
        notes.append(f"{terms.without_force} further contacts have no force recorded yet and stand in no figure here.")
    if terms.register_started:
        notes.append(f"The register was started on {long_day(terms.register_started)}.")
    return [
        Heading("Population and exclusions"),
        Table(("Contacts", "Number"), rows, align="lr", caption="From all contacts to those in scope"),
        Bullets(notes),
    ]


def _results(cases: Sequence[CaseAsAt], terms: Terms, forces: Sequence[str]) -> list[Block]:
    found, timely = rules.coverage(cases, terms.as_at), rules.on_time(cases, terms.as_at)
    share, median = rules.by_reporting_officer(cases), rules.median_hours_to_submit(cases)
    oldest = rules.oldest_open(cases)
    return [
        Heading("Results"),
        Paragraph(_headline(found)),
        Heading("By force", 2),
        _coverage_table("Force", _by_force(cases, terms, forces)),
        Heading("In time", 2),
        Facts(
            [
                ("Due time passed", timely.due),
                ("First submitted by the due time", f"{timely.on_time} ({_percent(timely.percent)})"),
                ("Median time from contact to submission", "–" if median is None else f"{median:.1f} hours"),
                ("Submitted by the reporting officer", f"{share.part} of {share.whole} ({_percent(share.percent)})"),
                ("Oldest contact without a document", "none" if oldest is None else spoken_instant(oldest)),
            ]
        ),
        Paragraph("The median counts submitted cases only; cases still open would lengthen it.", quiet=True),
        Heading("By contact reason", 2),
        _coverage_table("Contact reason", rules.by_reason(cases, terms.as_at)),
    ]


def _headline(found: Coverage) -> str:
    if found.in_scope == 0:
        return "No contact is in scope, so there is nothing to document."
    return (
        f"{found.submitted} of {found.in_scope} cases in scope have a submitted document ({_percent(found.percent)})."
        f" {found.overdue} are overdue and {found.not_yet_due} are not yet due."
        " This is a count of all cases, so it has no margin of error."
    )


def _by_force(cases: Sequence[CaseAsAt], terms: Terms, forces: Sequence[str]) -> dict[str, Coverage]:
    found = {force: rules.coverage(rules.of_force(cases, force), terms.as_at) for force in forces}
    return found if len(forces) == 1 else found | {"Joint": rules.coverage(cases, terms.as_at)}


_HEADER = ("In scope", "With a document", "Coverage", "Not yet due", "Overdue")


def _coverage_table(first: str, groups: Mapping[str, Coverage]) -> Table:
    rows = [(name, *_cells(found)) for name, found in groups.items()]
    return Table((first, *_HEADER), rows, align="lrrrrr", empty="No contacts.")


def _cells(found: Coverage) -> tuple[Cell, ...]:
    return found.in_scope, found.submitted, _percent(found.percent), found.not_yet_due, found.overdue


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def _months(cases: Sequence[CaseAsAt], terms: Terms) -> list[Block]:
    by_month = rules.by_month(cases, terms.as_at)
    known = {month: found for month, found in by_month.items() if month != rules.NOT_RECORDED}
    newest = dict(list(known.items())[-36:])
    months = [Month(_first_day(month), found.in_scope, found.submitted) for month, found in newest.items()]
    chart = months_figure(months, as_at=terms.as_at, caption="Contacts in scope by month, and those with a document")
    return [
        Heading("By month of contact"),
        replace(chart, table=_coverage_table("Month of contact", {_spoken(m): found for m, found in known.items()})),
    ]


def _first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _spoken(month: str) -> str:
    return spoken_month(_first_day(month))


def _missing(rows: Sequence[CaseRow], terms: Terms) -> list[Block]:
    lines = [
        (row.reference, row.facts.force, row.team, row.facts.contact_at, row.facts.due_at, _standing(row, terms))
        for row in rows
        if is_in_scope(row.facts) and not is_submitted(row.facts)
    ]
    return [
        Heading("Cases without a document"),
        Table(
            ("Reference", "Force", "Team", "Contact", "Due", "Standing"), lines, align="llllll",
            empty="None: every case in scope has a document.",
        ),
    ]  # fmt: skip


def _standing(row: CaseRow, terms: Terms) -> str:
    due = row.facts.due_at
    return "Overdue" if due is not None and terms.as_at > due else "Not yet due"


_SELF_DECLARED = (
    "The denominator is self-declared: it holds the contacts that the forces recorded, and has not been reconciled with"
    " a list of the NCCU."
)


def _limits(terms: Terms) -> list[Block]:
    return [
        Heading("Method"),
        Bullets(
            [
                "Coverage is the number of in-scope cases with a submitted document that was not rejected, divided by"
                " the number of in-scope cases. A document returned for correction counts; a rejected one does not.",
                f"{terms.clock} A case is overdue after that instant, not at it; the first submission decides.",
                "Cases are counted by when things happened (contact, submission, decision), not by when they were"
                " typed. In scope = with a document + not yet due + overdue.",
                "Joint counts are Suffolk and Norfolk together; joint rates are worked anew from all rows.",
            ]
        ),
        Heading("Limits"),
        Bullets(
            [
                *(terms.reconciled or [_SELF_DECLARED]),
                *([terms.paused] if terms.paused else []),
                "Coverage says that a document was submitted, not that it is good; quality needs an audited sample.",
                "The list names no person of any case.",
            ]
        ),
    ]


def _sheets(rows: Sequence[CaseRow], terms: Terms, forces: Sequence[str]) -> list[Sheet]:
    cases = [row.facts for row in rows]
    groups: list[tuple[str, Mapping[str, Coverage], Callable[[str], str]]] = [
        ("By force", _by_force(cases, terms, forces), str),
        ("By reason", rules.by_reason(cases, terms.as_at), str),
        ("By month", rules.by_month(cases, terms.as_at), str),
    ]
    header = ("In scope", "With a document", "Coverage %", "Not yet due", "Overdue", "Scope queries", "Duplicates",
              "Before register", "Exempt")  # fmt: skip
    sheets = [
        Sheet(
            name,
            (name.removeprefix("By ").capitalize(), *header),
            [
                (
                    spoken(key), f.in_scope, f.submitted, f.percent, f.not_yet_due, f.overdue, f.scope_queries,
                    f.duplicates, f.before_register, sum(f.exempt.values()),
                )
                for key, f in found.items()
            ],
        )
        for name, found, spoken in groups
    ]  # fmt: skip
    lines = [
        (
            row.reference, row.facts.force, row.team, row.facts.reason, row.facts.contact_at, row.facts.due_at,
            row.facts.first_submitted_at if is_submitted(row.facts) else None, row.facts.status,
            row.facts.exemption_reason,
        )
        for row in rows
    ]  # fmt: skip
    columns = ("Reference", "Force", "Team", "Contact reason", "Contact", "Due", "First submitted", "Status",
               "Exemption reason")  # fmt: skip
    return [*sheets, Sheet("Cases", columns, lines)]
