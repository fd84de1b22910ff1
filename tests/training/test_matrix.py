"""The table of people and courses: the same answers as the figures, filtered, sorted and placed in SQL."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.desk import new_desk
from oicdesk.training import (
    records,
    records_completions,
    records_exclusions,
    records_figures,
    rules,
    sheet_completions,
    sheet_learners,
)
from oicdesk.training.records_matrix import SORTED, Matrix, MatrixFilter
from tests import desks
from tests.training.makers import NOW, TODAY, person, roster, sample, taken

desk, vault = desks.desk, desks.vault
STATES = ("complete", "expired", "missing", "excluded", "not required")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The samples, with lapsing, equivalents, exclusions and a rule for Hydra; only looked at."""
    made, _key = new_desk(
        tmp_path_factory.mktemp("full") / "desk", desks.PASSPHRASE, "Sam Ashby", now=datetime(2025, 1, 2, tzinfo=UTC),
        kdf=desks.CHEAP,
    )  # fmt: skip
    with made:
        desk = desks.Desk(made)
        fill(desk)
        yield desk


def fill(desk):
    taken(desk.vault, sheet_learners, sample("roster.csv"))
    taken(desk.vault, sheet_completions, sample("learning-system-export.csv"))
    desk.do(records.set_course, "module_1", on=date(2026, 1, 1), at=NOW, valid_months=8, equivalents=["nccu_awareness"])
    desk.do(
        records.set_relevance, "hydra", on=date(2026, 1, 1), at=NOW, why="x", ranks=["DC", "PS"], forces=["Norfolk"],
        role_groups=["Frontline", "Custody"],
    )  # fmt: skip
    for learner, course, first, last in ((5, None, date(2026, 1, 1), None), (7, "module_2", TODAY, TODAY)):
        desk.do(
            records_exclusions.exclude, learner, course, "other", why="x", approved_by="DI", from_on=first, to_on=last,
            at=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("day", [TODAY, date(2026, 4, 30), date(2026, 11, 24)])
def test_every_filter_lists_exactly_the_people_the_figures_count(full, day):
    with full.vault.reading() as session:
        now = records_figures.snapshot(session, day)
        for code in now.courses:
            for state in STATES:
                expected = {one.id for one in now.people if now.standing(one, code).state == state}
                source = Matrix(session, day, MatrixFilter(course=code, state=state))
                assert set(source.ids()) == expected, (code, state)
                assert source.count() == len(expected)


def test_every_cell_says_what_the_figures_say(full):
    with full.vault.reading() as session:
        now = records_figures.snapshot(session, TODAY)
        source = Matrix(session, TODAY)
        rows = source.page(0, 1000)
        assert [row.person for row in rows] == list(now.people)
        for row in rows:
            assert row.standings == {code: now.standing(row.person, code) for code in now.courses}


def test_missing_anything_and_missing_nothing(full):
    with full.vault.reading() as session:
        now = records_figures.snapshot(session, TODAY)
        missing = {row.person.id for row in rules.missing_rows(now)}
        assert set(Matrix(session, TODAY, MatrixFilter(state="missing")).ids()) == missing
        asked = {
            one.id for one in now.people
            if any(now.standing(one, code).state not in ("excluded", "not required") for code in now.courses)
        }  # fmt: skip
        assert set(Matrix(session, TODAY, MatrixFilter(state="complete")).ids()) == asked - missing


@pytest.mark.parametrize("sort", [None, *SORTED, "module_1", "hydra"])
@pytest.mark.parametrize("descending", [False, True])
def test_every_row_stands_at_its_position_in_every_order(full, sort, descending):
    with full.vault.reading() as session:
        source = Matrix(session, TODAY, MatrixFilter(force="Norfolk", role_group="Custody"))
        rows = source.page(0, 1000, sort, descending)
        assert len(rows) == source.count() > 20
        for place in (0, 1, len(rows) // 2, len(rows) - 1):
            assert source.position(rows[place].id, sort, descending) == place
        assert [row.id for row in source.page(5, 4, sort, descending)] == [row.id for row in rows[5:9]]


def test_words_find_names_numbers_and_collars_without_accents(full):
    def names(words):
        with full.vault.reading() as session:
            return [row.name for row in Matrix(session, TODAY, MatrixFilter(words=words)).page(0, 50)]

    assert "Łapiński, Noor" in names("lapinski noor")
    assert names("3777042") == ["Łapiński, Noor"]
    assert names("dc 4828") == ["Łapiński, Noor"]
    assert names("nobody%") == []


def test_who_is_not_listed_has_no_position(full):
    with full.vault.reading() as session:
        source = Matrix(session, TODAY, MatrixFilter(force="Norfolk"))
        assert source.position(1) is None
        with pytest.raises(ValueError, match="not a column"):
            source.page(0, 1, "absence")


def test_a_completion_taken_back_leaves_its_cell(desk, vault):
    roster(vault, person(1))
    made = desk.do(records_completions.complete, 1, "module_2", TODAY, evidence="x", now=NOW)

    def ids():
        with vault.reading() as session:
            return Matrix(session, TODAY, MatrixFilter(course="module_2", state="complete")).ids()

    assert ids() == [1]
    desk.do(records_completions.take_back, made, "wrong person", now=NOW)
    assert ids() == []
