"""No sorting, colouring, scoring, counting or filtering by nationality or any trait of a person, anywhere.

Three proofs, so that each covers what the others cannot see: the tables of the program as they are built, its
source, and every figure and paper of a desk whose people change their traits.
"""

import ast
import dataclasses
import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

import oicdesk
from oicdesk import app
from oicdesk.desk import REPORTS
from oicdesk.documents.records import figures
from oicdesk.errors import Refused
from oicdesk.machine import Machine
from oicdesk.referrals import records_people, records_views
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.records_views import counts
from oicdesk.referrals.rules_people import PersonFacts
from oicdesk.ui.rows import Column, RowsModel, Table
from tests import desks
from tests.desks import CONTACT, NOW, hours

desk, vault = desks.desk, desks.vault

# What is recorded of a person, but for what only names them and for the paperwork beside them.
_PAPERWORK = {"label", "name", "recorded_by", "authorised_by", "necessity", "nrm_reference", "nrm_on",
              "local_authority_told_on", "age_on"}  # fmt: skip
TRAITS = {field.name for field in dataclasses.fields(PersonFacts)} - _PAPERWORK
_WORDS = (
    "nationality", "citizen", "country", "birth", "gender", "sex", "ethnic", "religion", "victim", "witness", "suspect",
    "convicted", "indicator", "child", "under 18", "unaccompanied", "consent", "person category", "trait", "risk",
    "score",
)  # fmt: skip
SOURCES = sorted(Path(oicdesk.__file__).parent.rglob("*.py"))


# --- the tables as they are built ---


def is_about_a_trait(words):
    return any(word in words.lower() for word in _WORDS)


def test_no_table_of_any_page_sorts_or_colours_by_a_trait(vault, qtbot, tmp_path):
    pages = app._pages(vault, Machine(tmp_path / "machine.json"))
    for page in pages:
        qtbot.addWidget(page)
    walked = [*pages, *(tool for page in pages for tool in page.tool_pages)]
    models = {id(table.rows): table.rows for page in walked for table in page.findChildren(Table)}
    models |= {id(one): one for one in gc.get_objects() if isinstance(one, RowsModel)}
    assert len(models) > 10
    columns = [column for model in models.values() for column in model.columns]
    columns += [one for one in gc.get_objects() if isinstance(one, Column)]
    found = [one.title for one in columns if (one.sort or one.icon) and is_about_a_trait(f"{one.title} {one.sort}")]
    assert found == []


def test_the_only_age_that_sorts_is_that_of_paperwork():
    from oicdesk.referrals.page_list import _AGE, _order

    assert _order(_AGE, False) == ("contact_at", True)


def test_no_filter_of_the_queue_is_a_trait():
    names = {*records_views.VIEWS, *records_views.FILTERS}
    assert names and not {name for name in names if is_about_a_trait(name.replace("_", " "))}


# --- the source ---


_ORDERING = {"order_by", "group_by", "having", "count", "sum", "avg", "min", "max", "distinct", "rank", "partition_by"}
_KEYED = {"sorted", "sort", "min", "max", "groupby", "nlargest", "nsmallest"}


def breaches(source):
    """Lines that order, count or group by a trait: of a Person in SQL, or by a key in Python."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _ORDERING and any(_is_column(part) for arg in node.args for part in ast.walk(arg)):
            found.append(node.lineno)
        keys = [word.value for word in node.keywords if word.arg == "key"]
        if name == "Counter":
            keys += [arg.elt for arg in node.args if isinstance(arg, ast.GeneratorExp | ast.ListComp)]
        if name in _KEYED | {"Counter"} and any(_is_trait(part) for key in keys for part in ast.walk(key)):
            found.append(node.lineno)
    return found


def _is_column(node):
    return _is_trait(node) and isinstance(node.value, ast.Name) and node.value.id.startswith("Person")


def _is_trait(node):
    return isinstance(node, ast.Attribute) and node.attr in TRAITS


@pytest.mark.parametrize(
    "planted",
    [
        "select(Person).order_by(Person.nationality)",
        "func.count(Person.age)",
        "select(Person.id).group_by(PersonCategory.categories)",
        "sorted(rows, key=lambda row: row.facts.nationality)",
        "rows.sort(key=lambda row: (row.id, row.person.facts.categories))",
        "Counter(row.facts.nationality for row in rows)",
    ],
)
def test_a_planted_breach_is_found(planted):
    assert breaches(planted) == [1]


def test_nothing_in_the_source_sorts_groups_or_counts_by_a_trait():
    found = {path.name: lines for path in SOURCES if (lines := breaches(path.read_text("utf-8")))}
    assert found == {}


def test_only_a_few_modules_know_the_people_at_all_and_none_of_them_makes_figures():
    knows = {path.stem for path in SOURCES if "referrals.records_people" in path.read_text("utf-8")}
    assert not {name for name in knows if name.startswith(("report", "rules", "stats", "records_figures", "charts"))}


# --- figures and papers do not move when people change ---


OLD = {"categories": {"suspect"}, "nationality": "VN", "nationality_basis": "claimed", "age": 40,
       "age_basis": "claimed", "indicators_seen": False}  # fmt: skip
NEW = {"categories": {"convicted"}, "nationality": "AL", "nationality_basis": "documented", "age": 61,
       "age_basis": "documented", "indicators_seen": None}  # fmt: skip


@pytest.fixture
def peopled(desk):
    for number in range(6):
        force = "Suffolk" if number % 2 else "Norfolk"
        case = desk.add(force=force, contact_at=CONTACT + hours(number), incident_ref=f"S-{number}")
        desk.do(records_people.add_person, case, {"label": f"Person {number}", **OLD}, now=NOW)
        if number < 3:
            desk.submit(case, CONTACT + hours(number + 2))
    return desk


def everything(desk):
    """What every view, filter, figure and paper of the desk says now, without the people themselves."""
    as_at, said = NOW + timedelta(hours=1), {}
    with desk.vault.reading() as session:
        for view in records_views.VIEWS:
            for words in ("", "Ipswich", "Vietnam", "VN", "Person 1"):
                queue = Queue(session, view, now=as_at, words=words)
                said[view, words] = queue.count(), queue.page(0, 50), queue.page(0, 50, "due_at", True)
        said["counts"] = counts(session, now=as_at, force="Joint")
        for force in (None, "Suffolk", "Norfolk"):
            said["figures", force] = figures(session, as_at=as_at, force=force) if force else figures(
                session, as_at=as_at
            )  # fmt: skip
    for name, entry in REPORTS.items():
        try:
            report = entry.build(desk.vault, as_at, "Joint", "DI")
        except Refused:
            continue  # a paper of an audit that was never drawn
        said["report", name] = repr([_plain(block) for block in replace(report, log_head="").blocks])
    return said


def _plain(block):
    drawing = getattr(block, "drawing", None)
    return block if drawing is None else (block.alt, block.table, block.caption, len(drawing.contents))


def test_no_view_figure_or_paper_moves_when_every_person_has_other_traits(peopled):
    before = everything(peopled)
    assert {key[1] for key in before if key[0] == "report"} >= {"coverage"}
    for person in range(1, 7):
        peopled.do(records_people.edit_person, person, NEW, now=NOW + timedelta(minutes=5))
    after = everything(peopled)
    assert [key for key in before if before[key] != after[key]] == []


def test_no_word_about_a_person_finds_a_case_in_the_queue(peopled):
    with peopled.vault.reading() as session:
        for words in ("Vietnam", "VN", "Person 1", "suspect"):
            assert Queue(session, "all", now=NOW, words=words).count() == 0


def test_the_connection_that_pages_read_with_cannot_touch_people_at_all(peopled):
    for question in (records_people.Person.nationality, records_people.PersonCategory.categories):
        with pytest.raises(DatabaseError), peopled.vault.reading() as session:
            session.query(question).all()


def test_a_desk_whose_people_are_treated_alike_says_only_whether_a_record_is_complete(peopled):
    before = everything(peopled)
    peopled.do(records_people.edit_person, 1, {"categories": {"victim"}}, now=datetime(2026, 11, 23, 12, 5, tzinfo=UTC))
    after = everything(peopled)
    moved = {key for key in before if before[key] != after[key]}
    # The weekly brief names the cases whose record is incomplete, as the paperwork that it is.
    assert {key for key in moved if key[0] in ("figures", "report")} <= {("report", "brief")}
    assert ("all", "") in moved
    for key in {key for key in moved if key[0] in records_views.VIEWS}:
        for old, new in zip(before[key][1], after[key][1], strict=True):
            assert replace(old, safeguarding_incomplete=False) == replace(new, safeguarding_incomplete=False)
