"""Import of a long list, against csv.reader and executemany of the same rows into the same tables."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import empty_desk, import_list, raw_connection, write_list
from tests.benchmarks.timing import Figure, seconds

_TABLES = ("import_batch", "referral", "referral_event", "referral_note", "activity")


def figures(folder: Path, rows: int = 100_000) -> Iterator[Figure]:
    """Reading, checking and writing; the floor reads the file and writes rows that were worked out before."""
    path = write_list(folder / "long.csv", rows)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        with empty_desk(Path(place) / "ours") as vault:
            before = _counts(vault)
            taken = seconds(lambda: import_list(vault, path))
            written = _rows(vault, before)
        with empty_desk(Path(place) / "bare") as vault:
            floor = seconds(lambda: _bare(vault, path, written))
            assert _counts(vault)["referral"] == rows
    yield Figure(f"import of {rows:,} rows", taken, floor)


def _counts(vault: Vault) -> dict[str, int]:
    connection = raw_connection(vault)
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _TABLES}
    connection.close()
    return counts


def _rows(vault: Vault, before: dict[str, int]) -> dict[str, tuple[list[str], list[Any]]]:
    """What the import wrote, table by table: column names and rows."""
    connection = raw_connection(vault)
    found = {}
    for table in _TABLES:
        # table_info leaves generated columns out.
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        listed = ", ".join(f'"{name}"' for name in names)
        query = f"SELECT {listed} FROM {table} ORDER BY id LIMIT -1 OFFSET {before[table]}"
        found[table] = names, connection.execute(query).fetchall()
    connection.close()
    return found


def _bare(vault: Vault, path: Path, written: dict[str, tuple[list[str], list[Any]]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        list(csv.reader(file))
    connection = raw_connection(vault)
    connection.execute("BEGIN IMMEDIATE")
    # The chain is checked by trigger; the new desk's own entries have other hashes.
    last = connection.execute("SELECT hash FROM activity ORDER BY id DESC LIMIT 1").fetchone()[0]
    for table, (names, rows) in written.items():
        if table == "activity":
            rows = [(*rows[0][:-2], last, rows[0][-1]), *rows[1:]]
        marks = ", ".join("?" for _ in names)
        listed = ", ".join(f'"{name}"' for name in names)
        connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.close()
