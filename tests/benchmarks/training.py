"""People × courses at 10,000 people and seven courses: opening, filtering, sorting; the floor is the raw statements.

Beside the ratio, the promise is a difference: within 50 ms of the raw query.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from oicdesk.settings.records import Reference, reference
from oicdesk.training import records_figures, sheet_completions, sheet_learners
from oicdesk.training.records_matrix import Matrix, MatrixFilter
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import filled_desk, raw_connection
from tests.benchmarks.timing import Figure, figure
from tests.training.makers import EXPORT, ROSTER, TODAY, done, person, sheet, taken

PEOPLE = 10_000
_COURSES = ("Module 1", "Module 2", "Module 3", "Module 4", "Hydra", "NCCU awareness", "Other CPD")
_TEAMS = ("Ipswich Response", "Norwich Response", "Felixstowe Ports", "Haverhill SNT", "Thetford Response")
_PAGE = 200


def figures(folder: Path, people: int = PEOPLE, times: int = 9) -> Iterator[Figure]:
    """Every step on one desk."""
    with filled_desk(folder, 1_000) as vault:
        fill(vault, people)
        raw = raw_connection(vault)
        with vault.reading() as session:
            desk = reference(session)
        for name, chosen, sort in (
            ("opened", MatrixFilter(), None),
            ("filtered by team", MatrixFilter(team=_TEAMS[0]), None),
            ("filtered by who is missing Module 1", MatrixFilter(course="module_1", state="missing"), None),
            ("filtered by who is missing anything", MatrixFilter(state="missing"), None),
            ("filtered by a word", MatrixFilter(words="ashby77"), None),
            ("sorted by team", MatrixFilter(), "team"),
            ("sorted by Module 1", MatrixFilter(), "module_1"),
        ):
            step = partial(_step, vault, desk, chosen, sort)
            yield figure(f"training table {name}, {people:,} people", step, _raw(vault, raw, step), times=times)
        raw.close()
        yield from _figures_of_a_day(vault, people)


def fill(vault: Vault, people: int) -> None:
    """A roster of so many people, and five completions each."""
    rows = [
        person(
            1_000_000 + i, f"Ashby{i % 997}", "Lee", team=_TEAMS[i % len(_TEAMS)], force=("Suffolk", "Norfolk")[i % 2],
            role=("Frontline", "Custody", "Control room")[i % 3],
        )
        for i in range(people)
    ]  # fmt: skip
    taken(vault, sheet_learners, sheet(ROSTER, *rows, sha256="roster"))
    first = date(2025, 9, 1)
    completed = [
        done(
            1_000_000 + i,
            _COURSES[(i + n) % 7],
            (first + timedelta(days=(i * 7 + n) % 440)).isoformat(),
            f"Ashby{i % 997}, Lee",
        )
        for i in range(people)
        for n in range(5)
    ]
    taken(vault, sheet_completions, sheet(EXPORT, *completed, sha256="export"))


def _step(vault: Vault, desk: Reference, chosen: MatrixFilter, sort: str | None) -> Any:
    """What the table asks when it is shown anew: how many, and the first page."""
    with vault.reading() as session:
        source = Matrix(session, TODAY, chosen, desk=desk)
        return source.count(), source.page(0, _PAGE, sort)


def _raw(vault: Vault, raw: Any, step: Callable[[], Any]) -> Callable[[], Any]:
    """The statements of that step on people and completions, through the driver alone."""
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        said.append((statement, values))

    event.listen(vault._reader, "before_cursor_execute", note)
    step()
    event.remove(vault._reader, "before_cursor_execute", note)
    selects = [pair for pair in said if pair[0].lstrip().startswith("SELECT")]
    return lambda: [raw.execute(statement, values).fetchall() for statement, values in selects]


def _figures_of_a_day(vault: Vault, people: int) -> Iterator[Figure]:
    """All figures of a day, against reading the same rows."""

    def ours() -> Any:
        with vault.reading() as session:
            return records_figures.figures(session, TODAY)

    def floor() -> Any:
        with vault.reading() as session:
            return records_figures.history(session)

    yield figure(f"training figures of a day, {people:,} people", ours, floor, times=3)
