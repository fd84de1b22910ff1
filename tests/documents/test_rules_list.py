"""Which reports are documents of which contacts: references first, then force, officer and 72 hours; else doubtful."""

from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.documents import rules_list
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_list import (
    DOUBTFUL,
    MATCHED,
    UNMATCHED,
    Case,
    Listed,
    Register,
    compare,
    contact_refs,
    distance,
    grades_of,
    names_agree,
    valid_grades,
)
from oicdesk.referrals import rules

AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
LABELS = {
    "source_evaluation": dict.fromkeys("123", "x"), "information_assessment": dict.fromkeys("ABCDE", "x"),
    "handling_code": dict.fromkeys("PC", "x"), "action_code": {"A1": "x", "A3": "x"},
    "sanitisation_code": {"S1": "x"},
}  # fmt: skip


def case(id=1, **facts):
    told = {"keys": frozenset({f"SC{id}"}), "force": "Suffolk", "officer": "PC7191", "contact_at": AT,
            "status": rules.AWAITING_DOCUMENT, "name": "MARSH, Jo"} | facts  # fmt: skip
    return Case(id, f"OIC-2026-000{id}", **told)


def report(hours=5.0, **facts):
    told = {"key": "IR1", "refs": (), "force": "Suffolk", "officer": "PC7191", "name": "MARSH, Jo"} | facts
    return Listed(submitted_at=AT + timedelta(hours=hours), **told)


def match(*cases, to=None, linked=None, refused=(), window=72):
    register = Register({one.id: one for one in cases}, linked or {}, timedelta(hours=window))
    return compare([to or report()], register, [refused])[0]


def test_a_reference_decides_before_officer_and_time():
    other = case(2, officer="PC9", name="HART, Kim")
    found = match(case(1), other, to=report(refs=("SC2",), hours=500))
    assert (found.state, found.cases) == (MATCHED, (2,))
    assert "The reference is that of OIC-2026-0002" in found.why


def test_without_a_reference_force_officer_and_72_hours_decide():
    found = match(case())
    assert (found.state, found.cases) == (MATCHED, (1,))
    assert match(case(), to=report(hours=72)).state == MATCHED
    assert match(case(), to=report(hours=72.1)).state == UNMATCHED
    assert match(case(), to=report(hours=72.1), window=100).state == MATCHED
    assert match(case(), to=report(force="Norfolk")).state == UNMATCHED
    assert match(case(), to=report(officer="PC1")).state == UNMATCHED


def test_the_day_of_creation_counts_too():
    late = report(hours=300, created_on=date(2026, 11, 17))
    assert match(case(), to=late).state == MATCHED


def test_a_document_dated_before_its_contact_is_matched():
    assert match(case(), to=report(hours=-10)).state == MATCHED


def test_several_candidates_are_doubtful_the_nearest_first():
    near, far = case(1, contact_at=AT - timedelta(hours=9)), case(2)
    found = match(near, far)
    assert (found.state, found.candidates) == (DOUBTFUL, (2, 1))


def test_a_name_tells_two_officers_of_one_collar_number_apart():
    other = case(2, name="HART, Kim")
    assert match(case(1), other).cases == (1,)
    found = match(other)
    assert (found.state, found.candidates) == (DOUBTFUL, (2,))
    assert "name differs" in found.why


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [("MARSH, Jo", "Jo Marsh", True), ("", "MARSH", True), ("MARSH", "HART", False), ("O'Neil", "ONEIL", False)],
)
def test_names_agree_by_a_longer_word(one, other, agree):
    assert names_agree(one, other) is agree


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (report(refs=("X9",)), "the references differ"),
        (report(force=None), "does not say the force"),
    ],
)
def test_what_only_nearly_agrees_is_doubtful(to, why):
    found = match(case(), to=to)
    assert (found.state, found.candidates) == (DOUBTFUL, (1,))
    assert why in found.why


def test_a_reference_of_the_other_force_is_doubtful():
    found = match(case(force="Norfolk"), to=report(refs=("SC1",)))
    assert (found.state, found.candidates) == (DOUBTFUL, (1,))
    assert "other force" in found.why


def test_a_reference_of_several_contacts_is_settled_by_officer_and_time_or_doubtful():
    one, other = case(1, keys=frozenset({"SC1"})), case(2, keys=frozenset({"SC1"}), officer="PC9")
    assert match(one, other, to=report(refs=("SC1",))).cases == (1,)
    assert match(one, other, to=report(refs=("SC1",), officer="PC5")).state == DOUBTFUL
    alike = match(one, case(2, keys=frozenset({"SC1"})), to=report(refs=("SC1",)))
    assert (alike.state, alike.candidates) == (DOUBTFUL, (1, 2))


def test_one_report_may_serve_several_contacts():
    found = match(case(1), case(2), to=report(refs=("SC1", "SC2")))
    assert (found.state, found.cases) == (MATCHED, (1, 2))


@pytest.mark.parametrize("status", [rules.NEW, rules.SCOPE_QUERY, rules.EXEMPT])
def test_a_contact_that_cannot_take_a_document_yet_is_doubtful(status):
    found = match(case(status=status), to=report(refs=("SC1",)))
    assert (found.state, found.candidates) == (DOUBTFUL, (1,))
    assert "settle that first" in found.why


def test_a_duplicate_stands_for_the_case_it_was_linked_to():
    link = case(2, status=rules.DUPLICATE, survivor=1)
    assert match(case(1, keys=frozenset()), link, to=report(refs=("SC2",))).cases == (1,)


def test_another_document_by_officer_and_time_alone_is_doubtful_and_by_reference_is_matched():
    served = case(documents=frozenset({"IR9"}), status=rules.SUBMITTED)
    assert match(served).state == DOUBTFUL
    assert match(served, to=report(refs=("SC1",))).state == MATCHED


def test_a_document_without_a_reference_is_this_one_only_to_the_minute():
    bare = case(bare=(AT + timedelta(hours=5),), status=rules.SUBMITTED)
    assert match(bare, to=report(refs=("SC1",), hours=5)).state == MATCHED
    found = match(bare, to=report(refs=("SC1",), hours=6))
    assert (found.state, found.candidates) == (DOUBTFUL, (1,))
    assert "without a reference" in found.why


def test_a_document_of_the_register_is_known_again_and_may_gain_a_contact():
    linked = {"IR1": frozenset({1})}
    assert match(case(1), linked=linked, to=report(hours=900)).cases == (1,)
    assert match(case(1), case(2), linked=linked, to=report(refs=("SC2",))).cases == (1, 2)


def test_two_reports_that_fit_one_contact_by_officer_and_time_are_both_doubtful():
    register = Register({1: case()}, {}, timedelta(hours=72))
    found = compare([report(key="IR1"), report(key="IR2")], register)
    assert [one.state for one in found] == [DOUBTFUL, DOUBTFUL]
    twice = compare([report(key="IR1"), report(key="IR1")], register)
    assert [one.state for one in twice] == [MATCHED, MATCHED]


def test_what_a_person_ruled_out_is_not_offered_again():
    assert match(case(), refused=[1]).state == UNMATCHED
    assert match(case(), to=report(refs=("SC1",)), refused=[1]).state == UNMATCHED


def test_a_report_that_says_nothing_is_unmatched():
    found = match(case(), to=report(officer=""))
    assert (found.state, found.why) == (UNMATCHED, "It names no contact, and it has no collar number to go by.")


def test_references_in_a_cell_are_parted():
    assert contact_refs("SC-1; nccu/26 0001 , none\nSC-1 and SC 2") == ("SC1", "NCCU260001", "SC2")


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        ("1 A P", Grades("1", "A", "P")),
        ("2bc a1/s2", Grades("2", "B", "C", "A1", "S2")),
        ("3/D/P", Grades("3", "D", "P")),
        ("E41", Grades(old_5x5x5="E41")),
        ("b2", Grades(old_5x5x5="b2")),
        ("4AP", None),
        ("good", None),
    ],
)
def test_grades_in_one_cell_are_read_or_left(text, grades):
    assert grades_of(text) == grades


def test_grades_that_the_rules_refuse_are_not_taken_over_in_part():
    grades, why = valid_grades(Grades("1", "A", "C"), LABELS)
    assert grades == Grades()
    assert why.startswith("The grades are not taken over: Handling code C needs its conditions")
    assert valid_grades(Grades("1", "A", "P"), LABELS) == (Grades("1", "A", "P"), "")


def test_of_many_contacts_under_one_collar_only_those_within_the_window_are_weighed(monkeypatch):
    """A filler such as “PC 0” on every row would else cost reports times contacts."""
    cases = {n: case(n, contact_at=AT + timedelta(hours=7 * n)) for n in range(200)}
    register, weighed = Register(cases, {}, timedelta(hours=72)), []
    monkeypatch.setattr(rules_list, "distance", lambda one, other: weighed.append(other.id) or distance(one, other))
    for hours, created in ((700.0, None), (700.0, date(2026, 12, 25)), (700.0, date(2026, 11, 20)), (-60.0, None)):
        one = report(hours=hours, created_on=created)
        near = {other.id for other in cases.values() if distance(one, other) <= register.window}
        assert {other.id for other in register.of_officer(one)} == near
    assert len(weighed) < 250  # of 800
