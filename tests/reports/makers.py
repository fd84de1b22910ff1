"""Reports to test with, made up from nothing real."""

from datetime import UTC, date, datetime

from oicdesk.reports import charts
from oicdesk.reports.blocks import (
    Block,
    Bullets,
    Facts,
    Heading,
    Paragraph,
    Report,
    Sheet,
    Table,
)

AS_AT = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)
MARKING = "OFFICIAL-SENSITIVE"
CASES_HEADER = ("Reference", "Force", "Contact", "Reason", "Days")


def cases(count: int) -> list[tuple[str, str, date, str, int]]:
    """Rows of a list of cases; every third reason needs a second line."""
    reasons = ("Clandestine entry", "Status check", "Foreign national offender, " * 6 + "post-arrest")
    return [
        (
            f"OIC-2026-{number:04}",
            "Suffolk" if number % 2 else "Norfolk",
            date(2026, 1 + number % 11, 1 + number % 28),
            reasons[number % 3],
            number % 60,
        )
        for number in range(1, count + 1)
    ]


def months(count: int) -> list[charts.Month]:
    """That many months up to November 2026."""
    found = []
    for back in reversed(range(count)):
        year, month = divmod(2026 * 12 + 10 - back, 12)
        found.append(charts.Month(date(year, month + 1, 1), 10 + back % 7, 5 + back % 5))
    return found


def report(*blocks: Block, **fields: object) -> Report:
    """A report of these blocks; fields override the made-up ones."""
    given: dict[str, object] = {
        "name": "coverage",
        "title": "Coverage of intelligence documents",
        "marking": MARKING,
        "as_at": AS_AT,
        "author": "Sam Example",
        "version": "1.0",
        "recipient": "Detective Inspector",
        "distribution": "Force crime registrars",
        "log_head": "Entry 12 · 9f2c61d0a4b7",
        "blocks": blocks,
    }
    return Report(**{**given, **fields})  # type: ignore[arg-type]  # the fields' types are the caller's duty


def coverage(rows: int = 70) -> Report:
    """A report with one of each block, a few pages long."""
    return report(
        Facts([("Forces", "Suffolk and Norfolk"), ("Cases", 1234)]),
        Heading("Recommendation"),
        Paragraph("Ask the two teams with the most missing documents first."),
        Heading("Results"),
        Table(
            ("Measure", "Suffolk", "Norfolk"),
            [("In scope", 1120, 981), ("Coverage", "80.7%", "81.7%"), ("Median hours", 19.5, None)],
            caption="Results by force",
        ),
        Heading("By month", 2),
        charts.months_figure(months(12), as_at=AS_AT, caption="Contacts in scope by month"),
        Heading("Cases without a document"),
        Table(CASES_HEADER, cases(rows)),
        Heading("Limits"),
        Bullets(["The denominator is self-declared.", "Times are those typed in."]),
        Paragraph("References only.", quiet=True),
        sheets=(Sheet("Cases", CASES_HEADER, cases(rows)),),
    )
