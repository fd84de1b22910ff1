"""Figures as at any day, the record check, the catalogue and exclusions, on a real vault."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.settings.records import change_settings
from oicdesk.training import records, records_completions, records_exclusions, records_figures
from tests import desks
from tests.training.makers import NOW, TODAY, done, export, person, roster

desk, vault = desks.desk, desks.vault
APRIL = date(2026, 4, 30)


@pytest.fixture
def staffed(desk, vault):
    """Three of Suffolk and one of Norfolk in scope, one of another role."""
    roster(
        vault, person(1), person(2, "Crane"), person(3, "Quy", team="Felixstowe Ports"),
        person(4, "Thorne", force="Norfolk", team="Norwich Response"), person(5, "Yaxley", role="Custody"),
    )  # fmt: skip
    return desk


def figure(desk, code="module_1", day=TODAY, force="Joint"):
    found = desk.ask(records_figures.figures, day, force)
    one = found.all_modules if code == "all_modules" else found.courses[code]
    return one.completed, one.in_scope


def complete(desk, learner, code, day):
    desk.do(records_completions.complete, learner, code, day, evidence="certificate", now=NOW)


def test_figures_of_a_force_and_of_both(staffed):
    for learner in (1, 4, 5):
        complete(staffed, learner, "module_1", date(2026, 3, 1))
    assert figure(staffed) == (2, 4)
    assert figure(staffed, force="Suffolk") == (1, 3)
    assert figure(staffed, force="Norfolk") == (1, 1)
    assert figure(staffed, "nccu_awareness") == (0, 5)
    assert figure(staffed, "hydra") == (0, 0)


def test_a_completion_counts_from_its_own_day_not_from_when_it_was_typed(staffed):
    complete(staffed, 1, "module_1", date(2026, 3, 1))
    assert figure(staffed, day=date(2026, 2, 28)) == (0, 4)
    assert figure(staffed, day=date(2026, 3, 1)) == (1, 4)


def test_a_later_change_does_not_touch_the_figures_of_an_earlier_day(staffed):
    complete(staffed, 1, "module_1", date(2026, 3, 1))
    before = staffed.ask(records_figures.counts, APRIL)
    on = date(2026, 9, 1)
    staffed.do(records.set_relevance, "module_1", on=on, at=NOW, why="agreed with the DI", role_groups=["Custody"])
    staffed.do(records.set_course, "module_1", on=on, at=NOW, valid_months=1, equivalents=["other_cpd"])
    staffed.do(
        records_exclusions.exclude,
        2,
        "module_1",
        "secondment",
        why="national team",
        approved_by="DI",
        from_on=on,
        at=NOW,
    )
    roster(staffed.vault, person(3, "Quy", role="Custody"), now=datetime(2026, 12, 7, tzinfo=UTC))
    assert staffed.ask(records_figures.counts, APRIL) == before
    assert figure(staffed) == (0, 1)


DAYS = st.dates(date(2026, 1, 1), date(2026, 11, 23))
WORK = st.tuples(st.sampled_from("ceml"), st.integers(1, 5), st.sampled_from(["module_1", "module_2"]), DAYS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORK, max_size=8), DAYS)
def test_whatever_happens_after_a_day_its_figures_stay(staffed, work, day):
    before = staffed.ask(records_figures.counts, day)
    for kind, learner, code, on in work:
        later = max(on, day + timedelta(days=1))
        try:
            if kind == "c" and later <= TODAY:
                complete(staffed, learner, code, later)
            elif kind == "e":
                staffed.do(
                    records_exclusions.exclude, learner, code, "other", why="x", approved_by="DI", from_on=later, at=NOW
                )
            elif kind == "m":
                staffed.do(records.set_relevance, code, on=later, at=NOW, why="x", role_groups=["Custody", "Frontline"])
            elif kind == "l":
                from oicdesk.training import records_people

                staffed.do(records_people.change, learner, {"role_group": "Custody"}, on=later)
        except Refused:
            continue
    assert staffed.ask(records_figures.counts, day) == before


def test_an_equivalent_counts_from_the_day_it_was_said_to(staffed):
    complete(staffed, 1, "nccu_awareness", date(2026, 2, 1))
    staffed.do(records.set_course, "module_1", on=date(2026, 5, 1), at=NOW, equivalents=["nccu_awareness"])
    assert figure(staffed, day=APRIL) == (0, 4)
    assert figure(staffed) == (1, 4)


def test_titles_and_validity_of_the_catalogue_can_be_changed(staffed):
    staffed.do(records.set_course, "module_1", on=TODAY, at=NOW, title="Recognising facilitation", valid_months=12)
    course = staffed.ask(records.catalogue)["module_1"]
    assert (course.title, course.valid_months, course.kind) == ("Recognising facilitation", 12, "module")
    assert staffed.ask(records.catalogue, APRIL)["module_1"].title == "Module 1"
    assert staffed.log()[-1]["fields"] == ["title", "valid_months"]
    with pytest.raises(Refused, match="already in the catalogue"):
        staffed.do(records.set_course, "module_2", on=TODAY, at=NOW, title="recognising facilitation")
    with pytest.raises(Refused, match="1 to 240 months"):
        staffed.do(records.set_course, "module_2", on=TODAY, at=NOW, valid_months=0)
    code = staffed.do(records.add_course, "Ports study day", on=TODAY, at=NOW)
    assert staffed.ask(records.relevance)[code].is_nobody


def test_an_exclusion_needs_a_reason_and_somebody_who_agreed(staffed):
    facts = {"why": "national team", "approved_by": "DI", "from_on": TODAY, "at": NOW}
    for name in ("why", "approved_by"):
        with pytest.raises(Refused) as refusal:
            staffed.do(records_exclusions.exclude, 1, None, "secondment", **(facts | {name: " "}))
        assert refusal.value.field == name
    made = staffed.do(records_exclusions.exclude, 1, None, "secondment", **facts)
    with pytest.raises(Refused, match="left out already"):
        staffed.do(records_exclusions.exclude, 1, "module_1", "other", **facts)
    assert staffed.ask(records_figures.figures, TODAY).courses["module_1"].excluded == {"Seconded outside the force": 1}
    staffed.do(records_exclusions.end_exclusion, made, last_on=TODAY)
    assert figure(staffed, day=TODAY + timedelta(days=1)) == (0, 4)
    staffed.do(records_exclusions.withdraw_exclusion, made, at=NOW)
    assert figure(staffed) == (0, 4)


def test_evidence_is_pending_when_the_newest_import_is_older_than_the_desk_allows(staffed):
    export(staffed.vault, done(1, "Module 1", "01/03/2026"))

    def word(day):
        return staffed.ask(records_figures.figures, day).verdicts[-1].word

    assert word(APRIL) == "not yet due"
    assert word(date(2026, 6, 1)) == "evidence pending"  # nothing had been imported by then
    assert word(TODAY) == word(date(2026, 12, 24)) == "not met"
    assert word(date(2026, 12, 25)) == "evidence pending"
    staffed.do(change_settings, {"training_evidence_days": 60}, at=NOW)
    assert word(date(2026, 12, 25)) == "not met"


def test_the_monthly_series_ends_with_the_figures_of_the_day(staffed):
    complete(staffed, 1, "module_1", date(2026, 3, 1))
    series = staffed.ask(records_figures.monthly, TODAY)
    points = {point.day: (point.completed, point.in_scope) for point in series["module_1"]}
    assert len(points) == 12
    for day, counts in points.items():
        assert counts == figure(staffed, day=day)
    assert points[date(2026, 2, 28)] == (0, 4) and points[date(2026, 3, 31)] == (1, 4)


def test_the_forecast_looks_at_the_last_eight_weeks(staffed):
    complete(staffed, 1, "module_1", TODAY - timedelta(days=56))
    complete(staffed, 2, "module_1", TODAY - timedelta(days=55))
    found = staffed.ask(records_figures.forecast, TODAY, "module_1")
    assert (found.flow.completed, found.flow.remaining) == (1, 2)
    assert found.words.startswith("2 people account for the gap in Module 1. In the last 8 weeks 1 person completed it")


def test_the_record_check_says_in_words_what_does_not_fit(staffed):
    vault = staffed.vault
    export(vault, done(1, "Module 1", "01/03/2019"), done(9, "Module 1", "01/03/2026"))
    export(vault, done(2, "Module 1", "01/03/2026", "Crane, Noor"))
    roster(vault, person(1, leave="01/02/2027"), person(6, "Crane"), now=datetime(2026, 12, 7, tzinfo=UTC))
    complete(staffed, 2, "module_1", date(2026, 3, 1))
    staffed.do(records_exclusions.exclude, 2, "module_1", "other", why="x", approved_by="DI", from_on=TODAY, at=NOW)
    staffed.do(records.set_relevance, "hydra", on=TODAY, at=NOW, why="x", teams=["Moon base"])
    said = [one.sentence for one in staffed.ask(records_figures.check, date(2027, 2, 1))]
    for piece in (
        "The newest roster is of 7 December 2026, more than 31 days old.",
        "1 completion waits for somebody to confirm",
        "The rule for Hydra names the team “Moon base”, which nobody has.",
        "2 people who share their name",
        "4 people not on the newest roster, of 7 December 2026",
        "Ashby, Lee completed Module 1 on 1 Mar 2019, before the first day, 1 Apr 2020.",
        "Crane, Lee is left out of Module 1 but has completed it.",
    ):
        assert any(piece in sentence for sentence in said), (piece, said)


def test_a_clean_desk_has_nothing_to_check_but_whom_hydra_is_for(staffed):
    export(staffed.vault, done(1, "Module 1", "01/03/2026"))
    said = [one.sentence for one in staffed.ask(records_figures.check, TODAY)]
    assert said == ["Nobody is relevant for Hydra yet, so it has no figure."]
