"""Desks of a wanted size, made by importing a list through the same functions as a user's."""

import csv
import random
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oicdesk.desk import new_desk
from oicdesk.documents.sheet import take_over
from oicdesk.referrals import sheet
from oicdesk.settings.records import reference
from oicdesk.settings.rules import LONDON
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from oicdesk.vault.connection import connect, tune
from oicdesk.vault.vault import Vault

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSPHRASE = "a fictional desk of many rows"
_HEADER = (
    "Contact date", "Contact time", "Force", "Contact reason", "Reporting officer", "Collar number", "Rank", "Team",
    "District", "Incident number", "NCCU reference", "Persons", "Outcome", "Remarks",
)  # fmt: skip
_WORDS = ("Alder", "Bracken", "Clover", "Fern", "Hazel", "Juniper", "Linden", "Rowan", "Sorrel", "Tansy")
_TEAMS = {"Suffolk": ("Ipswich Response", "Lowestoft Response"), "Norfolk": ("Norwich Response", "Thetford Response")}
_REASONS = ("Clandestine encounter", "Suspected offender", "Person in custody", "Status enquiry", "Illegal working")


def write_list(path: Path, rows: int) -> Path:
    """A control room's list of so many fictional contacts over three years."""
    chance, officers = random.Random(rows), _officers()
    first = NOW - timedelta(days=3 * 365)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for place in range(rows):
            writer.writerow(_row(chance, chance.choice(officers), place, first + (NOW - first) * place / rows))
    return path


def _officers() -> list[tuple[str, str, str, str]]:
    """As many as two forces have on response: (force, name, collar number, rank)."""
    chance = random.Random(3_000)
    return [
        (
            ("Suffolk", "Norfolk")[number % 2],
            f"{chance.choice(_WORDS)}{chance.choice(_WORDS).lower()}, {chance.choice(_WORDS)}",
            f"PC {1000 + number}", chance.choice(("PC", "DC", "PS")),
        )
        for number in range(3_000)
    ]  # fmt: skip


def _row(chance: random.Random, officer: tuple[str, str, str, str], place: int, at: datetime) -> tuple[Any, ...]:
    wall = at.astimezone(LONDON)
    # The hour that clock changes skip or repeat would only add problems and warnings.
    wall = wall.replace(hour=3) if wall.hour in (1, 2) else wall
    force, name, collar, rank = officer
    return (
        f"{wall:%d/%m/%Y}", f"{wall:%H:%M}", force, chance.choice(_REASONS),
        name, collar, rank, chance.choice(_TEAMS[force]),
        f"{force} {chance.choice(('East', 'West'))}", f"BM-{wall:%d%m%Y}-{place}", f"DEMO{place:06d}",
        chance.choice((1, 1, 2, 3)), chance.choice(("IE attending", "Advice only")), "",
    )  # fmt: skip


def empty_desk(path: Path) -> Vault:
    """A new vault with its reference tables."""
    vault, _key = new_desk(path, PASSPHRASE, "Benchmark", now=datetime(2023, 1, 1, tzinfo=UTC))
    return vault


def import_list(vault: Vault, path: Path) -> sheet.Imported:
    """Read, check and write a list, as the wizard and the command line do."""
    lines = read(path)
    with vault.changing() as session:
        desk = reference(session)
        run = sheet.check(session, lines, propose(lines, sheet.targets(desk)), desk, now=NOW)
        return sheet.write(session, run, file_name=path.name, file_sha256=lines.sha256, now=NOW, take_over=take_over)


def filled_desk(folder: Path, rows: int) -> Vault:
    """A desk of so many contacts, two thirds of them done with; made once, each asker gets a copy."""
    made = folder / f"made-{rows}.oicdesk"
    if not made.exists():
        _fill(folder, made, rows)
    copy = Path(tempfile.mkdtemp(prefix="desk-", dir=folder)) / f"{rows}.oicdesk"
    shutil.copytree(made, copy)
    return Vault.open(copy, PASSPHRASE, check_log=False)


def _fill(folder: Path, made: Path, rows: int) -> None:
    with empty_desk(made) as vault:
        imported = import_list(vault, write_list(folder / f"{rows}.csv", rows))
        assert imported.imported == rows, imported
        connection = raw_connection(vault)
        connection.execute("UPDATE referral SET status = 'CLOSED' WHERE id % 3 > 0 AND status = 'AWAITING_DOCUMENT'")
        connection.close()


def raw_connection(vault: Vault) -> Any:
    """A driver connection of its own to the vault's database, with the program's settings and nothing else."""
    connection = connect(vault.path / "desk.db", vault._key)
    tune(connection)
    return connection
