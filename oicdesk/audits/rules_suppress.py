"""Hiding small numbers in panel papers so that nobody can work them back.

All papers of one as-at (Suffolk, Norfolk, Joint) are taken together, because a joint figure less one force's
is the other's. Cells below the threshold are hidden; then further cells are, until for every hidden cell the
published numbers leave room: at least the threshold wide for a small one, more than one value for any other.
The room is the exact range of the linear system of all margins and of joint = Suffolk + Norfolk, counts being 0
or more, found by the simplex method in whole numbers and fractions. A zero tells of nobody and may be printed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Final, NamedTuple

from oicdesk.errors import Refused

THRESHOLD: Final = 5
HIDDEN: Final = "hidden"
JOINT: Final = "Joint"

Key = tuple[str, str, tuple[tuple[str, str], ...]]  # paper, what is counted, (dimension, label)…
Number = int | Fraction


@dataclass(frozen=True)
class PanelTable:
    """Counts that a paper prints: inner cells by row and column; totals follow from them.

    `paper` is Suffolk, Norfolk or Joint; `of` names what is counted, such as "documents audited". Tables of one
    paper and one `of` share the totals of a dimension they both have, and the grand total. A table without
    `column_dimension` has one column.
    """

    paper: str
    of: str
    row_dimension: str
    rows: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    column_dimension: str = ""
    columns: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class PublishedTable:
    """The same table as it may be printed: None where a number is hidden.

    `at_most` may be printed in its place: a limit of the threshold, where the hidden number keeps its room below it.
    """

    table: PanelTable
    counts: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None
    at_most: tuple[tuple[int | None, ...], ...] = ()
    columns_at_most: tuple[int | None, ...] = ()

    @property
    def hidden(self) -> int:
        """How many of its numbers are hidden, totals included."""
        return sum(
            number is None for number in (*chain(*self.counts), *self.row_totals, *self.column_totals, self.total)
        )


def spoken_cells(counts: Sequence[int | None], limits: Sequence[int | None], total: int | None) -> list[str | int]:
    """Numbers that make up one total as they may be printed: the number, “at most”, “at least”, or hidden.

    “At least” is what the total leaves when the others are at their limits, which any reader can work out.
    """
    told: list[str | int] = []
    for place, (count, limit) in enumerate(zip(counts, limits, strict=True)):
        others = [c if c is not None else m for i, (c, m) in enumerate(zip(counts, limits, strict=True)) if i != place]
        if count is not None:
            told.append(count)
        elif limit is not None:
            told.append(f"at most {limit}")
        elif total is not None and None not in others and (rest := total - sum(filter(None, others))) > 0:
            told.append(f"at least {rest}")
        else:
            told.append(HIDDEN)
    return told


def spoken_share(limits: Sequence[int | None], total: int, in_words: Callable[[float], str]) -> str:
    """How far the share of the first of two numbers can be told by their limits, when they themselves are hidden."""
    few, many = limits
    if few is not None and few < total:
        return f"at most {in_words(few / total)}"
    if many is not None and many < total:
        return f"at least {in_words((total - many) / total)}"
    return HIDDEN


class Relation(NamedTuple):
    """A number that is the sum of others."""

    total: Key
    parts: tuple[Key, ...]


def suppress(tables: Sequence[PanelTable], *, threshold: int = THRESHOLD) -> list[PublishedTable]:
    """The tables of all papers of one as-at with small numbers hidden, in the order given.

    Hand in the papers of both forces with the joint one even if only one of them is printed now.
    """
    cells = _cells(tables)
    relations = [*_margins(tables), *_joint(tables, cells)]
    hidden = hidden_cells(cells, relations, threshold=threshold)
    limited = _limited(cells, list(dict.fromkeys(relations)), hidden, threshold)
    return [_published(table, cells, hidden, limited, threshold) for table in tables]


def _limited(
    cells: Mapping[Key, int], relations: Sequence[Relation], hidden: frozenset[Key], threshold: int
) -> set[Key]:
    """The small hidden cells of which "at most the threshold" may be said as well.

    Each limit is one more relation, the cell and what it lacks being the threshold; it is said only if every small
    number keeps its room under this limit and all that were said before.
    """
    limited: set[Key] = set()
    for members, rows in _components(relations, set(hidden)):
        needed = {key: threshold for key in members if 0 < cells[key] < threshold}
        known = dict(cells)
        for key in sorted(needed, key=lambda key: (key[0] != JOINT, len(key[2]), key)):
            paper, of, labels = key
            limit, lacks = (paper, of, (*labels, ("limit", ""))), (paper, of, (*labels, ("lacks", "")))
            known |= {limit: threshold, lacks: threshold - cells[key]}
            more = [*rows, Relation(limit, (key, lacks))]
            if not _Solver([*members, lacks], more, known).without_room(needed):
                limited.add(key)
                members, rows = [*members, lacks], more
    return limited


def hidden_cells(
    cells: Mapping[Key, int], relations: Iterable[Relation], *, threshold: int = THRESHOLD
) -> frozenset[Key]:
    """The cells to hide: those above 0 and below the threshold, and the others that protect them."""
    small = frozenset(key for key, count in cells.items() if 0 < count < threshold)
    rows = list(dict.fromkeys(relations))
    touching: dict[Key, list[Relation]] = {}
    for relation in rows:
        for key in (relation.total, *relation.parts):
            touching.setdefault(key, []).append(relation)
    hidden = set(small)
    while exposed := _exposed(cells, rows, hidden, small, threshold):
        hidden.add(_protector(exposed, cells, touching, hidden))
    return frozenset(_released(cells, rows, hidden, small, threshold))


def _released(
    cells: Mapping[Key, int], relations: Sequence[Relation], hidden: set[Key], small: frozenset[Key], threshold: int
) -> set[Key]:
    """Print again what turns out not to be needed, totals and joint figures first.

    With a number goes every other that it settles, such as Failed beside Passed of a printed total: hiding what can
    be worked out keeps nothing back. A release stands only if no small number comes within reach.
    """
    for key in sorted(hidden - small, key=lambda key: (len(key[2]), key[0] != JOINT, -cells[key], key)):
        fewer = hidden - {key}
        while exposed := _exposed(cells, relations, fewer, small, threshold):
            if small.intersection(exposed):
                break
            fewer -= set(exposed)
        else:
            hidden &= fewer
    return hidden


# --- the tables as one system --------------------------------------------------------------------------------


def _key(table: PanelTable, *labels: tuple[str, str]) -> Key:
    return table.paper, table.of, tuple(sorted(label for label in labels if label[0]))


def _inner(table: PanelTable, row: str, column: str) -> Key:
    return _key(table, (table.row_dimension, row), (table.column_dimension, column))


def _cells(tables: Sequence[PanelTable]) -> dict[Key, int]:
    cells: dict[Key, int] = {}
    for table in tables:
        for key, count in _counted(table):
            if cells.setdefault(key, count) != count:
                raise ValueError(f"two tables of one paper give {key} as {cells[key]} and {count}")
    return cells


def _counted(table: PanelTable) -> Iterator[tuple[Key, int]]:
    for row, counts in zip(table.rows, table.counts, strict=True):
        yield _key(table, (table.row_dimension, row)), sum(counts)
        for column, count in zip(table.columns, counts, strict=True):
            yield _inner(table, row, column), count
    for column, numbers in zip(table.columns, zip(*table.counts, strict=True), strict=False):
        yield _key(table, (table.column_dimension, column)), sum(numbers)
    yield _key(table), sum(chain(*table.counts))


def _margins(tables: Iterable[PanelTable]) -> Iterator[Relation]:
    for table in tables:
        by_row = tuple(_key(table, (table.row_dimension, row)) for row in table.rows)
        yield Relation(_key(table), by_row)
        if not table.column_dimension:
            continue
        by_column = tuple(_key(table, (table.column_dimension, column)) for column in table.columns)
        yield Relation(_key(table), by_column)
        for row, key in zip(table.rows, by_row, strict=True):
            yield Relation(key, tuple(_inner(table, row, column) for column in table.columns))
        for column, key in zip(table.columns, by_column, strict=True):
            yield Relation(key, tuple(_inner(table, row, column) for row in table.rows))


def _joint(tables: Iterable[PanelTable], cells: Mapping[Key, int]) -> Iterator[Relation]:
    papers: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for table in tables:
        shape = table.of, tuple(sorted((table.row_dimension, table.column_dimension)))
        papers.setdefault(shape, set()).add(table.paper)
    for (of, _dimensions), names in papers.items():
        if JOINT in names and len(names) == 2:
            raise Refused(
                f"The joint figures of {of} and those of one force give the other's away; hand in the papers of both."
            )
    forces = sorted({paper for paper, _of, _labels in cells} - {JOINT})
    for paper, of, labels in cells:
        parts = tuple((force, of, labels) for force in forces if (force, of, labels) in cells)
        if paper != JOINT or not parts:
            continue
        if cells[paper, of, labels] != sum(cells[part] for part in parts):
            raise ValueError(f"the joint count of {of}, {labels} is not the sum of its forces")
        yield Relation((paper, of, labels), parts)


def _published(
    table: PanelTable, cells: Mapping[Key, int], hidden: frozenset[Key], limited: set[Key], threshold: int
) -> PublishedTable:
    def shown(key: Key) -> int | None:
        return None if key in hidden else cells[key]

    def limit(key: Key) -> int | None:
        return threshold if key in limited else None

    return PublishedTable(
        table,
        tuple(tuple(shown(_inner(table, row, column)) for column in table.columns) for row in table.rows),
        tuple(shown(_key(table, (table.row_dimension, row))) for row in table.rows),
        tuple(shown(_key(table, (table.column_dimension, column))) for column in table.columns),
        shown(_key(table)),
        tuple(tuple(limit(_inner(table, row, column)) for column in table.columns) for row in table.rows),
        tuple(limit(_key(table, (table.column_dimension, column))) for column in table.columns),
    )


# --- what could be worked back -----------------------------------------------------------------------------


def _exposed(
    cells: Mapping[Key, int],
    relations: Sequence[Relation],
    hidden: set[Key],
    small: frozenset[Key],
    threshold: int,
) -> list[Key]:
    """The hidden cells of which the published numbers leave too little room; the first kind found is enough."""
    lonely = [open_ones[0] for r in relations if len(open_ones := _hidden_of(r, hidden)) == 1]
    if lonely:
        return sorted(set(lonely))
    for members, rows in _components(relations, hidden):
        needed = {key: threshold if key in small else Fraction(1, 2) for key in members}
        found = _Solver(members, rows, cells).without_room(needed)
        if found:
            return found
    return []


def _hidden_of(relation: Relation, hidden: set[Key]) -> list[Key]:
    return [key for key in (relation.total, *relation.parts) if key in hidden]


def _components(relations: Sequence[Relation], hidden: set[Key]) -> list[tuple[list[Key], list[Relation]]]:
    """Hidden cells that hang together through relations, with those relations."""
    leader = {key: key for key in hidden}

    def find(key: Key) -> Key:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    groups: dict[Key, tuple[list[Key], list[Relation]]] = {}
    for relation in relations:
        open_ones = _hidden_of(relation, hidden)
        for key in open_ones[1:]:
            leader[find(key)] = find(open_ones[0])
    for key in sorted(hidden):
        groups.setdefault(find(key), ([], []))[0].append(key)
    for relation in relations:
        if open_ones := _hidden_of(relation, hidden):
            groups[find(open_ones[0])][1].append(relation)
    return list(groups.values())


def _protector(
    exposed: Sequence[Key], cells: Mapping[Key, int], touching: Mapping[Key, Sequence[Relation]], hidden: set[Key]
) -> Key:
    """The next cell to hide: beside an exposed one, costing the reader as little as can be."""
    near = {key for one in exposed for key in _neighbours([one], touching)} - hidden
    if not near:
        near = _neighbours(hidden, touching) - hidden
    if not near:
        raise ValueError("nothing is left to hide")

    def cost(key: Key) -> tuple[int, bool, int, bool, int, Key]:
        alone = sum(not _hidden_of(relation, hidden) for relation in touching[key])
        return alone, cells[key] == 0, -len(key[2]), key[0] == JOINT, cells[key], key

    return min(near, key=cost)


def _neighbours(keys: Iterable[Key], touching: Mapping[Key, Sequence[Relation]]) -> set[Key]:
    return {other for key in keys for relation in touching.get(key, ()) for other in (relation.total, *relation.parts)}


class _Solver:
    """The hidden numbers as unknowns x ≥ 0 under the relations; how far can each go?

    A simplex tableau of sparse rows: basis[i] is the unknown that row i gives as constant − Σ coefficient·x. Entries
    are whole numbers while the pivots are 1 or −1, else fractions, so nothing is rounded. Bland's rule ends it.
    """

    def __init__(self, members: Sequence[Key], relations: Sequence[Relation], cells: Mapping[Key, int]) -> None:
        self.members = list(members)
        number = {key: i for i, key in enumerate(members)}
        self.rows: list[dict[int, Number]] = []
        self.constants: list[Number] = []
        for relation in relations:
            self._add(relation, number, cells)
        self.basis = [-1] * len(self.rows)
        self._start()
        self.low: list[Number] = [cells[key] for key in members]
        self.high: list[Number] = list(self.low)
        self._note()

    def _add(self, relation: Relation, number: Mapping[Key, int], cells: Mapping[Key, int]) -> None:
        row: dict[int, Number] = {}
        constant = 0
        for key, sign in ((relation.total, -1), *((part, 1) for part in relation.parts)):
            if key in number:
                row[number[key]] = row.get(number[key], 0) + sign
            else:
                constant -= sign * cells[key]
        if constant < 0:
            row, constant = {column: -entry for column, entry in row.items()}, -constant
        self.rows.append({column: entry for column, entry in row.items() if entry})
        self.constants.append(constant)

    def _start(self) -> None:
        """A first corner: every row gets a basis unknown; rows that say nothing new are dropped."""
        while True:
            waiting = [i for i, unknown in enumerate(self.basis) if unknown < 0]
            gain: dict[int, Number] = {}
            for i in waiting:
                for column, entry in self.rows[i].items():
                    gain[column] = gain.get(column, 0) + entry
            entering = min((column for column, entry in gain.items() if entry > 0), default=None)
            if entering is None:
                break
            self._pivot(self._leaving(entering), entering)
        for i, unknown in enumerate(self.basis):
            if unknown < 0 and self.rows[i]:
                self._pivot(i, min(self.rows[i]))
        kept = [i for i, unknown in enumerate(self.basis) if unknown >= 0]
        self.rows = [self.rows[i] for i in kept]
        self.constants = [self.constants[i] for i in kept]
        self.basis = [self.basis[i] for i in kept]

    def _leaving(self, entering: int) -> int:
        """The row that limits the entering unknown first; −1 if none does."""
        found, best = -1, None
        for i, row in enumerate(self.rows):
            entry = row.get(entering, 0)
            if entry > 0:
                ratio = (Fraction(self.constants[i]) / entry, self.basis[i])
                if best is None or ratio < best:
                    found, best = i, ratio
        return found

    def _pivot(self, i: int, entering: int) -> None:
        row, constant = self.rows[i], self.constants[i]
        pivot = row[entering]
        if pivot != 1:
            row = {column: _quotient(entry, pivot) for column, entry in row.items()}
            constant = _quotient(constant, pivot)
            self.rows[i], self.constants[i] = row, constant
        for k, other in enumerate(self.rows):
            factor = other.get(entering, 0)
            if k == i or not factor:
                continue
            for column, entry in row.items():
                value = other.get(column, 0) - factor * entry
                if value:
                    other[column] = value
                else:
                    other.pop(column, None)
            self.constants[k] -= factor * constant
        self.basis[i] = entering

    def _note(self) -> None:
        values = dict(zip(self.basis, self.constants, strict=True))
        for unknown in range(len(self.members)):
            value = values.get(unknown, 0)
            self.low[unknown] = min(self.low[unknown], value)
            self.high[unknown] = max(self.high[unknown], value)

    def without_room(self, needed: Mapping[Key, Number]) -> list[Key]:
        """The members whose range, as far as the relations let it go, is narrower than needed (0 if not named)."""
        found = []
        for unknown, key in enumerate(self.members):
            if key in needed and not (
                self._reaches(unknown, needed[key], 1) or self._reaches(unknown, needed[key], -1)
            ):
                found.append(key)
        return found

    def _reaches(self, unknown: int, needed: Number, direction: int) -> bool:
        """Push one unknown up (1) or down (−1) as far as it goes; True as soon as its range is wide enough."""
        while self.high[unknown] - self.low[unknown] < needed:
            if unknown not in self.basis:
                if direction < 0:
                    return False
                entering = unknown
            else:
                row = self.rows[self.basis.index(unknown)]
                better = (c for c, entry in row.items() if c != unknown and entry * direction < 0)
                lowest = min(better, default=None)
                if lowest is None:
                    return False
                entering = lowest
            leaving = self._leaving(entering)
            if leaving < 0:
                return True
            self._pivot(leaving, entering)
            self._note()
        return True


def _quotient(entry: Number, pivot: Number) -> Number:
    value = Fraction(entry) / pivot
    return value.numerator if value.denominator == 1 else value
