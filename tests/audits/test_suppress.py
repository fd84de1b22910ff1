"""Small numbers in panel papers: hidden, and not to be worked back from all papers of one as-at together.

SciPy's linear programming is the oracle: it gets what is printed, and nothing of how the cells were chosen.
"""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from oicdesk.audits.rules_suppress import PanelTable, PublishedTable, spoken_cells, suppress
from oicdesk.errors import Refused

REASONS = ("In custody", "Lorry drop", "Working", "Other")
RESULTS = ("Passed", "Failed", "Not assessed")


def papers(suffolk, norfolk, *, of="documents", dimension="Reason", rows=None, columns=RESULTS):
    """The three papers of one as-at for the same table."""
    rows = rows or REASONS[: len(suffolk)]
    columns = columns[: len(suffolk[0])]
    joint = tuple(tuple(map(sum, zip(*pair, strict=True))) for pair in zip(suffolk, norfolk, strict=True))
    return [
        PanelTable(paper, of, dimension, tuple(rows), tuple(map(tuple, counts)), "Result", tuple(columns))
        for paper, counts in (("Suffolk", suffolk), ("Norfolk", norfolk), ("Joint", joint))
    ]


def numbers(published: PublishedTable):
    """Everything that the table prints or hides: (name, true value, printed value or None)."""
    table = published.table
    for i, (counts, shown) in enumerate(zip(table.counts, published.counts, strict=True)):
        for j, (count, printed) in enumerate(zip(counts, shown, strict=True)):
            yield (i, j), count, printed
        yield (i, "total"), sum(counts), published.row_totals[i]
    for j, printed in enumerate(published.column_totals):
        yield ("total", j), sum(counts[j] for counts in table.counts), printed
    yield ("total", "total"), sum(chain(*table.counts)), published.total


def ranges(published):
    """For every hidden number of the three papers: (true value, lowest, highest) that a reader can work out.

    The unknowns are the inner cells of the two forces alone; every printed number is one equation, and every “at
    most” one inequality.
    """
    suffolk, _norfolk, _joint = published
    height, width = len(suffolk.counts), len(suffolk.counts[0])
    cells = height * width

    def weights(paper, row, column):
        vector = np.zeros(2 * cells)
        for i in range(height) if row == "total" else [row]:
            for j in range(width) if column == "total" else [column]:
                for offset in {"Suffolk": [0], "Norfolk": [cells], "Joint": [0, cells]}[paper]:
                    vector[offset + i * width + j] = 1
        return vector

    known, values, hidden = [], [], []
    limited = [
        (weights(table.table.paper, i, j), limit)
        for table in published
        for i, limits in enumerate((*table.at_most, table.columns_at_most))
        for j, limit in enumerate(limits)
        if limit is not None
        for i in ["total" if i == height else i]
    ]
    for table in published:
        for (row, column), count, printed in numbers(table):
            vector = weights(table.table.paper, row, column)
            if printed is None:
                hidden.append((count, vector))
            else:
                assert printed == count
                known.append(vector)
                values.append(printed)
    equations = {"A_eq": np.array(known), "b_eq": np.array(values)} if known else {}
    if limited:
        equations |= {"A_ub": np.array([w for w, _ in limited]), "b_ub": np.array([limit for _, limit in limited])}
    for count, vector in hidden:
        limits = []
        for sign in (1, -1):
            found = linprog(sign * vector, bounds=(0, None), method="highs", **equations)
            limits.append(np.inf if found.status == 3 else sign * found.fun)
        yield count, limits[0], limits[1]


def counts(height, width):
    cell = st.one_of(st.integers(0, 9), st.integers(0, 60))
    row = st.lists(cell, min_size=width, max_size=width)
    return st.lists(row, min_size=height, max_size=height)


@st.composite
def both_forces(draw):
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return draw(counts(height, width)), draw(counts(height, width))


@settings(max_examples=80, deadline=None)
@given(both_forces())
def test_no_hidden_number_can_be_worked_back_from_all_papers_of_an_as_at(forces):
    published = suppress(papers(*forces))
    for count, low, high in ranges(published):
        assert low - 1e-6 <= count <= high + 1e-6
        if 0 < count < 5:
            assert high - low >= 5 - 1e-6


@settings(max_examples=80, deadline=None)
@given(both_forces())
def test_every_number_below_the_threshold_is_hidden_and_zero_is_not_by_itself(forces):
    published = suppress(papers(*forces))
    for table in published:
        assert all(printed is None for _, count, printed in numbers(table) if 0 < count < 5)
        limits = [*table.at_most, table.columns_at_most]
        for (i, j), count, printed in numbers(table):
            if j != "total" and limits[-1 if i == "total" else i][j] is not None:
                assert printed is None and count <= 5
    if not any(0 < count < 5 for table in published for _, count, _printed in numbers(table)):
        assert all(table.hidden == 0 for table in published)


def test_a_small_norfolk_number_is_not_given_away_by_joint_less_suffolk():
    published = suppress(papers([[40, 12], [30, 9]], [[50, 3], [20, 15]]))
    _suffolk, norfolk, _joint = published
    assert norfolk.counts[0][1] is None
    shown = [[table.counts[0][1] for table in published], [table.counts[1][1] for table in published]]
    assert shown[0].count(None) >= 2


def test_what_two_tables_of_one_paper_share_is_hidden_in_both():
    by_reason = papers([[40, 2], [30, 9]], [[50, 30], [20, 15]])
    by_month = papers([[35, 3], [35, 8]], [[30, 20], [40, 25]], dimension="Month", rows=("March", "April"))
    published = suppress([*by_reason, *by_month])
    for one, other in zip(published[:3], published[3:], strict=True):
        assert one.column_totals == other.column_totals
        assert one.total == other.total
    for part in (published[:3], published[3:]):
        assert all(high - low >= 0.5 for _count, low, high in ranges(part))


def test_one_column_of_answers_keeps_its_total():
    def answers(paper, counts):
        return PanelTable(paper, "documents", "Criterion 4", ("Met", "Partly met", "Not met"), counts)

    suffolk, norfolk, joint = suppress(
        [
            answers("Suffolk", ((30,), (6,), (2,))),
            answers("Norfolk", ((40,), (8,), (9,))),
            answers("Joint", ((70,), (14,), (11,))),
        ]
    )
    assert suffolk.counts == ((30,), (None,), (None,))
    assert (suffolk.total, norfolk.total, joint.total) == (38, 57, 95)
    assert None in [row[0] for row in norfolk.counts] or None in [row[0] for row in joint.counts]


def test_joint_with_only_one_force_is_refused():
    suffolk, _norfolk, joint = papers([[40, 12]], [[50, 13]])
    with pytest.raises(Refused, match="give the other's away"):
        suppress([suffolk, joint])


def test_papers_that_contradict_each_other_are_a_fault_of_the_program():
    suffolk, norfolk, joint = papers([[40, 12]], [[50, 13]])
    with pytest.raises(ValueError, match="not the sum"):
        suppress([suffolk, norfolk, PanelTable(**{**joint.__dict__, "counts": ((90, 26),)})])


def test_a_threshold_of_nought_hides_nothing():
    assert all(table.hidden == 0 for table in suppress(papers([[1, 2]], [[3, 0]]), threshold=0))


def test_a_total_that_gives_nothing_away_is_printed_though_its_parts_are_hidden():
    """Four and two failures of one force are hidden; six of both together and the whole of them are not."""
    suffolk, norfolk, joint = suppress(papers(((7, 2), (7, 2), (9, 0)), ((7, 2), (5, 4), (7, 2))))
    assert joint.column_totals == (42, 12) and joint.counts[1] == (12, 6)
    assert suffolk.column_totals == norfolk.column_totals == (None, None)


def test_a_hidden_number_says_at_most_and_its_neighbour_at_least():
    (only,) = suppress(
        [PanelTable("Suffolk", "documents", "Criterion 4", ("Met", "Not met", "N/A"), ((25,), (2,), (0,)))]
    )
    assert spoken_cells(only.row_totals, [limit for (limit,) in only.at_most], only.total) == [
        "at least 22", "at most 5", 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "limits", "total", "told"),
    [
        ((None, None), (None, None), 9, ["hidden", "hidden"]),
        ((None, None), (None, 5), None, ["hidden", "at most 5"]),
        ((None, None), (None, 5), 4, ["hidden", "at most 5"]),
        ((20, 0), (None, None), 20, [20, 0]),
        ((None, None, 3), (None, 5, None), 20, ["at least 12", "at most 5", 3]),
    ],
)
def test_numbers_of_one_total_are_told_as_far_as_they_may_be(counts, limits, total, told):
    assert spoken_cells(counts, limits, total) == told


def least_hidden(table: PanelTable) -> int:
    """The fewest numbers of one table that keep every small one in its room: every choice is tried with the oracle."""
    names = [(name, count) for name, count, _printed in numbers(suppress([table])[0])]
    small = {name for name, count in names if 0 < count < 5}
    others = [name for name, _count in names if name not in small]
    for more in range(len(others) + 1):
        for chosen in combinations(others, more):
            if keeps_room(names, small | set(chosen), small):
                return len(small) + more
    raise AssertionError("hiding everything keeps everything")


def keeps_room(names, hidden, small) -> bool:
    def weights(row, column):
        return [float(row in (i, "total") and column in (j, "total")) for i in range(2) for j in range(2)]

    known = [(weights(*name), count) for name, count in names if name not in hidden]
    equations = {"A_eq": [w for w, _ in known], "b_eq": [count for _, count in known]} if known else {}
    for name in small:
        found = [linprog(np.array(weights(*name)) * s, bounds=(0, None), method="highs", **equations) for s in (1, -1)]
        if found[1].status != 3 and -found[1].fun - found[0].fun < 5 - 1e-6:
            return False
    return True


@pytest.mark.parametrize("counts", [((2, 30), (8, 21)), ((12, 3), (0, 6)), ((4, 4), (4, 40)), ((0, 1), (9, 9))])
def test_of_one_table_no_more_is_hidden_than_the_best_choice_would(counts):
    table = PanelTable("Suffolk", "documents", "Reason", ("In custody", "Working"), counts, "Result", RESULTS[:2])
    assert suppress([table])[0].hidden == least_hidden(table)
