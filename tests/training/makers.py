"""Rosters and exports to test with, and one call per piece of work. The files in `samples/` are fictional."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from oicdesk.settings.records import reference
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import Line, Sheet, read
from oicdesk.training import sheet_completions, sheet_learners
from oicdesk.vault.vault import Vault

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ROSTER = (
    "Staff No",
    "Collar",
    "Surname",
    "Forename",
    "Force",
    "Team",
    "Rank",
    "Role Group",
    "Start",
    "Leave",
    "Absence",
)
EXPORT = ("Employee ID", "Name", "Course title", "Completion date", "Status")


def person(number: int | str, surname: str = "Ashby", forename: str = "Lee", **more: str) -> tuple[str, ...]:
    """A row of a roster."""
    facts = {
        "collar": f"PC {number}", "force": "Suffolk", "team": "Ipswich Response", "rank": "PC", "role": "Frontline",
        "start": "01/04/2020", "leave": "", "absence": "",
    } | more  # fmt: skip
    return (
        str(number), facts["collar"], surname, forename, facts["force"], facts["team"], facts["rank"], facts["role"],
        facts["start"], facts["leave"], facts["absence"],
    )  # fmt: skip


def done(
    number: int | str, course: str, day: str, name: str = "Ashby, Lee", status: str = "Completed"
) -> tuple[str, ...]:
    """A row of an export."""
    return (str(number), name, course, day, status)


def sheet(columns: tuple[str, ...], *rows: tuple[str, ...], sha256: str = "") -> Sheet:
    """A file of these rows; its hash is of its contents unless given."""
    lines = [Line(number, list(cells)) for number, cells in enumerate(rows, 2)]
    return Sheet("file.csv", "", "", 1, list(columns), lines, sha256 or repr(rows))


def checked(vault: Vault, kind: Any, table: Sheet, now: datetime = NOW) -> Any:
    """The dry run of a file, read as the desk proposes."""
    with vault.reading() as session:
        desk = reference(session)
        mapping = propose(table, kind.targets(session, desk))
        assert not mapping.unsettled
        return kind.check(session, table, mapping, desk, now=now)


def taken(vault: Vault, kind: Any, table: Sheet, now: datetime = NOW, **more: Any) -> Any:
    """A file imported; returns what the import says it did."""
    run = checked(vault, kind, table, now)
    with vault.changing() as session:
        return kind.write(session, run, file_name=table.file, file_sha256=table.sha256, now=now, **more)


def roster(vault: Vault, *rows: tuple[str, ...], now: datetime = NOW, **more: Any) -> Any:
    return taken(vault, sheet_learners, sheet(ROSTER, *rows), now, **more)


def export(vault: Vault, *rows: tuple[str, ...], now: datetime = NOW, **more: Any) -> Any:
    return taken(vault, sheet_completions, sheet(EXPORT, *rows), now, **more)


def sample(name: str) -> Sheet:
    """A sample file, as read."""
    return read(Path(__file__).parent / "samples" / name)
