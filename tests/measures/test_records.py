"""Both sides read from one desk: counts of teams, no person beside a case, and the papers they end in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pypdfium2
import pytest
from sqlalchemy import Engine, event

from oicdesk import desk_papers
from oicdesk.desk import REPORTS
from oicdesk.measures import records
from oicdesk.reports.blocks import Bullets, Facts, Heading, Paragraph, Table, printed_rows
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.vault.tables import Stored
from tests.comms.makers import APPROVERS, NOW, PASSPHRASE, room
from tests.training.makers import done, export, person, roster

__all__ = ["room"]
MODULES = ("Module 1", "Module 2", "Module 3", "Module 4")
CASES = ("referrals", "documents", "audits", "comms", "recommendations")


def words(blocks):
    said = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            said.append(block.text)
        elif isinstance(block, Bullets):
            said += block.items
        elif isinstance(block, Facts):
            said += [f"{label}: {value}" for label, value in block.pairs]
        elif isinstance(block, Table):
            said += ["|".join(row) for row in printed_rows(block)]
    return "\n".join(said)


def train(room, numbers):
    """These people complete everything; their names are those of the reporting officers."""
    export(room.vault, *(done(n, module, "01/06/2026", f"Officer{n}, Lee") for n in numbers for module in MODULES))


@pytest.fixture
def filled(room):
    """Twelve people in a team with 14 contacts due and 10 on time; a team of three; officer n has staff number n."""
    roster(room.vault, *(person(3000000 + n, f"Officer{3000000 + n}") for n in range(12)),
           *(person(3000100 + n, f"Small{n}", team="Haverhill SNT") for n in range(3)))  # fmt: skip
    train(room, range(3000000, 3000009))
    room.contacts(10, 14, date(2026, 10, 5), 10)
    room.contacts(2, 4, date(2026, 10, 5), 4, team="Haverhill SNT")
    room.contacts(0, 5, date(2025, 6, 2), 5)  # before the twelve months
    return room


def test_shares_of_a_team_are_counted_apart_and_stand_side_by_side(filled):
    found = filled.ask(records.side_by_side, NOW)
    (row,) = found.rows
    assert (row.team, row.in_scope, row.trained, row.due, row.on_time) == ("Ipswich Response", 12, 9, 14, 10)
    assert found.hidden == 1
    assert filled.ask(records.side_by_side, NOW, "Norfolk").rows == ()


def test_who_of_a_team_is_trained_makes_no_difference_to_its_cases(room):
    """The figures know how many of a team are trained, not who: swapping two officers changes nothing."""
    roster(room.vault, *(person(3000000 + n, f"Officer{3000000 + n}") for n in range(12)))
    room.contacts(6, 12, date(2026, 10, 5), 10, officer_name="Officer3000000, Lee", officer_collar="PC 3000000")
    train(room, [3000000])
    first = room.ask(records.side_by_side, NOW).rows
    with room.vault.reading() as session:
        from oicdesk.training.records_imports import imports

        batch = imports(session)[0].id
    from oicdesk.training import records_imports

    room.do(records_imports.undo, batch, now=NOW)
    train(room, [3000007])
    assert room.ask(records.side_by_side, NOW).rows == first


def test_the_figures_of_an_earlier_day_stay_when_people_train_later(filled):
    then = NOW - timedelta(days=30)
    before = filled.ask(records.side_by_side, then)
    export(filled.vault, *(done(3000010, module, "20/11/2026", "Officer3000010, Lee") for module in MODULES))
    assert filled.ask(records.side_by_side, then) == before
    assert filled.ask(records.side_by_side, NOW).rows[0].trained == 10


# --- the wall, in the SQL that is sent ---


@contextmanager
def statements() -> Iterator[list[set[str]]]:
    """The tables that each statement sent to a database names."""
    names = {mapper.local_table.name for mapper in Stored.registry.mappers}
    sent: list[set[str]] = []

    def note(_connection, _cursor, statement, *_more):
        sent.append(names & set(re.findall(r"\w+", statement)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def tables_of(rooms):
    return {
        mapper.local_table.name for mapper in Stored.registry.mappers if mapper.class_.__module__.split(".")[1] in rooms
    }


def test_no_statement_of_training_names_a_table_of_cases(filled):
    from oicdesk.training import records_events, records_figures, records_matrix, records_people, records_reminders

    with statements() as sent, filled.vault.reading() as session:
        day = NOW.date()
        records_figures.position(session, day)
        records_matrix.Matrix(session, day).page(0, 50)
        records_reminders.to_supervisors(session, records_reminders.missing(session, day), day)
        records_events.by_need(session, records_figures.snapshot(session, day))
        records_people.learner(session, 1)
    with statements() as written:
        roster(filled.vault, person(3000500, "New"))
        export(filled.vault, done(3000500, "Module 1", "02/06/2026", "New, Lee"))
    touched = set().union(*sent, *written)
    assert {"learner", "completion", "learner_stint"} <= touched
    assert touched & tables_of(CASES) == set()


def test_no_statement_of_cases_names_a_table_of_training(filled):
    from oicdesk.comms import records_effect
    from oicdesk.documents import records as documents
    from oicdesk.recommendations.records_ledger import ledger
    from oicdesk.referrals import records_queue
    from oicdesk.referrals.records_views import OPEN

    with statements() as sent, filled.vault.reading() as session:
        documents.figures(session, as_at=NOW)
        records_effect.position(session, NOW)
        ledger(session, NOW)
        records_queue.Queue(session, OPEN, now=NOW).page(0, 50)
    filled.add()
    touched = set().union(*sent)
    assert {"referral", "document", "comms_item"} <= touched
    assert touched & tables_of(("training",)) == set()


def test_no_statement_of_the_measures_names_both_sides(filled):
    with statements() as sent, filled.vault.reading() as session:
        records.side_by_side(session, NOW)
        records.brief(session, NOW)
        records.training_by_force(session, NOW)
    cases, training = tables_of(CASES), tables_of(("training",))
    assert any(named & cases for named in sent) and any(named & training for named in sent)
    assert [named for named in sent if named & cases and named & training] == []


# --- the papers ---


@pytest.mark.parametrize("force", ["Suffolk", "Norfolk", "Joint"])
@pytest.mark.parametrize("name", ["position", "position-panel", "brief"])
def test_every_paper_is_made_for_each_force_and_for_an_empty_one(filled, name, force):
    report = REPORTS[name].build(filled.vault, NOW, force, "DI")
    assert pdf_bytes(report).startswith(b"%PDF")
    assert ("Suffolk and Norfolk" if force == "Joint" else force) in report.distribution


def test_the_position_holds_both_sides_and_their_association(filled):
    told = words(REPORTS["position"].build(filled.vault, NOW, "Suffolk", "DI").blocks)
    assert "Training" in told and "Communications" in told
    assert "Ipswich Response|Suffolk|12|9|75.0%|14|10|71.4%" in told
    assert "Association only" in told and "Haverhill SNT|Suffolk|3" not in told


def test_no_number_below_five_stands_in_a_panel_paper_of_training(filled):
    train(filled, range(3000009, 3000011))  # 4 of 15 are left
    made = {force: REPORTS["position-panel"].build(filled.vault, NOW, force, "") for force in ("Suffolk", "Joint")}
    for report in made.values():
        tables = [block for block in report.blocks if isinstance(block, Table)]
        for table in tables[:3]:
            assert not [cell for row in table.rows for cell in row if isinstance(cell, int) and 0 < cell < 5]
    told = words(made["Suffolk"].blocks)
    assert "|15|at least 10|at most 5|at least 66.7%" in told
    assert "“at most” and “at least” stand for a number below 5" in told


def test_a_panel_paper_is_a_draft_until_the_approver_makes_it(filled):
    draft = REPORTS["position-panel"].build(filled.vault, NOW, "Joint", "")
    assert draft.marking == "OFFICIAL-SENSITIVE" and "Draft" in draft.distribution
    filled.sign_in(APPROVERS)
    final = REPORTS["position-panel"].build(filled.vault, NOW, "Joint", "")
    filled.sign_in(PASSPHRASE)
    assert final.marking == "OFFICIAL" and "Released by Alex Thorne" in final.distribution


def test_the_brief_fits_a_page_and_asks_at_most_three_things(filled):
    report = REPORTS["brief"].build(filled.vault, NOW, "Joint", "DI")
    told = words(report.blocks)
    assert "What is asked of you" in told and "Officer" not in told.replace("Officer post", "")
    assert len(filled.ask(records.brief, NOW).asks) <= 3
    assert len(pypdfium2.PdfDocument(pdf_bytes(report))) == 1


def test_every_paper_has_its_entry_among_the_reports():
    assert set(desk_papers.PAPERS) <= set(REPORTS)
