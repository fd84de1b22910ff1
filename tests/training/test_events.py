"""Hydra: places in order of need, a waiting list that moves up, a register that completes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.errors import Refused
from oicdesk.training import records, records_completions, records_events, records_figures
from tests import desks
from tests.training.makers import NOW, TODAY, person, roster

desk, vault = desks.desk, desks.vault
HELD = date(2026, 12, 10)
AFTER = datetime(2026, 12, 11, 9, tzinfo=UTC)


@pytest.fixture
def hydra(desk, vault):
    """Four who need Hydra, and an event of two places."""
    starts = ("01/04/2020", "01/04/2018", "01/04/2022", "01/04/2019")
    roster(
        vault, *(person(i, name, start=start) for i, (name, start) in enumerate(zip("ABCD", starts, strict=True), 1))
    )
    desk.do(records.set_relevance, "hydra", on=date(2026, 1, 1), at=NOW, why="agreed", role_groups=["Frontline"])
    desk.do(records_events.add_event, HELD, "Martlesham", "local", 2, now=NOW)
    return desk


def need(desk, day=TODAY):
    snapshot = desk.ask(records_figures.snapshot, day)
    return [(row.learner_id, row.why) for row in desk.ask(records_events.by_need, snapshot)]


def states(desk):
    return [(row.learner_id, row.state) for row in desk.ask(records_events.places, 1)]


def test_places_go_by_need_and_the_rest_wait(hydra):
    assert need(hydra) == [(2, "never invited"), (4, "never invited"), (1, "never invited"), (3, "never invited")]
    assert hydra.do(records_events.invite, 1, [2, 4, 1], now=NOW) == (2, 1)
    assert states(hydra) == [(2, "invited"), (4, "invited"), (1, "waiting")]
    assert need(hydra) == [(1, "on a waiting list"), (3, "never invited")]
    (event,) = hydra.ask(records_events.events)
    assert (event.places, event.taken, event.waiting, event.free) == (2, 2, 1, 0)


def test_a_declined_place_goes_to_who_waits_longest(hydra):
    hydra.do(records_events.invite, 1, [2, 4, 1], now=NOW)
    hydra.do(records_events.invite, 1, [3], now=NOW + timedelta(hours=1))
    assert hydra.do(records_events.answer, 1, 4, False, now=NOW) == 1
    assert states(hydra) == [(1, "invited"), (2, "invited"), (4, "declined"), (3, "waiting")]
    with pytest.raises(Refused, match="gone to somebody else"):
        hydra.do(records_events.answer, 1, 4, True, now=NOW)


def test_attending_is_completing_and_the_register_can_be_corrected(hydra):
    hydra.do(records_events.invite, 1, [2, 4], now=NOW)
    assert hydra.do(records_events.register, 1, {2: True, 4: False, 3: True}, now=AFTER) == 2
    (row,) = hydra.ask(records_completions.completions_of, 2)
    assert (row.course, row.done_on, row.source) == ("Hydra", HELD, "attendance register")
    found = hydra.ask(records_figures.figures, HELD).hydra
    assert (found.completed, found.in_scope) == (2, 4)
    assert hydra.ask(records_figures.figures, HELD - timedelta(days=1)).hydra.completed == 0
    assert hydra.do(records_events.register, 1, {2: False}, now=AFTER) == 1
    assert hydra.ask(records_completions.completions_of, 2)[0].withdrawn_why == "taken off the attendance register"
    assert hydra.ask(records_figures.figures, HELD).hydra.completed == 1
    assert need(hydra, AFTER.date()) == [(1, "never invited"), *need(hydra, AFTER.date())[1:]]


def test_writing_the_same_register_twice_changes_nothing(hydra):
    hydra.do(records_events.register, 1, {2: True}, now=AFTER)
    entries = len(hydra.log())
    assert hydra.do(records_events.register, 1, {2: True}, now=AFTER) == 1
    assert len(hydra.log()) == entries


def test_an_attendance_the_learning_system_told_already_counts_once(hydra):
    hydra.do(records_completions.complete, 2, "hydra", HELD, evidence="export", now=AFTER)
    hydra.do(records_events.register, 1, {2: True}, now=AFTER)
    assert len(hydra.ask(records_completions.completions_of, 2)) == 1


def test_a_register_is_written_afterwards_and_fixes_the_day(hydra):
    with pytest.raises(Refused, match="its register is written afterwards"):
        hydra.do(records_events.register, 1, {2: True}, now=NOW)
    hydra.do(records_events.register, 1, {2: True}, now=AFTER)
    with pytest.raises(Refused, match="the day stays"):
        hydra.do(records_events.edit_event, 1, held_on=TODAY, centre="Martlesham", delivery="local", places=2)
    with pytest.raises(Refused, match="cannot be called off"):
        hydra.do(records_events.cancel_event, 1, "no trainer")
    with pytest.raises(Refused, match="write its attendance register instead"):
        hydra.do(records_events.invite, 1, [3], now=AFTER)


def test_an_event_called_off_holds_no_places(hydra):
    hydra.do(records_events.invite, 1, [2, 4], now=NOW)
    hydra.do(records_events.cancel_event, 1, "no trainer")
    assert [learner for learner, _ in need(hydra)] == [2, 4, 1, 3]
    with pytest.raises(Refused, match="called off"):
        hydra.do(records_events.invite, 1, [1], now=NOW)


@pytest.mark.parametrize(
    ("centre", "delivery", "places", "field"),
    [(" ", "local", 2, "centre"), ("M", "abroad", 2, "delivery"), ("M", "local", 0, "places")],
)
def test_an_event_that_cannot_be_is_refused_beside_its_field(hydra, centre, delivery, places, field):
    with pytest.raises(Refused) as refusal:
        hydra.do(records_events.add_event, HELD, centre, delivery, places, now=NOW)
    assert refusal.value.field == field


def test_places_cannot_fall_below_those_taken(hydra):
    hydra.do(records_events.invite, 1, [2, 4], now=NOW)
    with pytest.raises(Refused, match="2 places are taken"):
        hydra.do(records_events.edit_event, 1, held_on=HELD, centre="Martlesham", delivery="local", places=1)
    fields = hydra.do(records_events.edit_event, 1, held_on=HELD, centre="Wymondham", delivery="national", places=3)
    assert fields == ["centre", "delivery", "places"]


def test_the_record_check_asks_for_a_register_that_was_not_written(hydra):
    hydra.do(records_events.invite, 1, [2, 4], now=NOW)
    said = [one.sentence for one in hydra.ask(records_figures.check, AFTER.date())]
    assert any("Martlesham on 10 Dec 2026 does not say of 2 invited whether they came." in one for one in said)


def test_the_decision_on_local_delivery_is_kept_with_who_and_why(hydra):
    with pytest.raises(Refused, match="who decided it, and why"):
        hydra.do(records_events.decide_delivery, TODAY, "local", why="", decided_by="DI", now=NOW)
    hydra.do(records_events.decide_delivery, TODAY, "local", why="travel", decided_by="DI", now=NOW)
    (row,) = hydra.ask(records_events.decisions)
    assert (row.decided_on, row.delivery, row.why, row.decided_by) == (TODAY, "local", "travel", "DI")
