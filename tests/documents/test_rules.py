"""What may become of a document, the grades recorded from it, and the facts about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.documents import rules
from oicdesk.documents.rules import DocumentFacts, Grades, Submission
from oicdesk.errors import Refused
from oicdesk.referrals.rules import ACCEPTED, REJECTED, RETURNED, SUBMITTED

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABELS = {
    "source_evaluation": {"1": "Reliable", "2": "Untested", "3": "Not reliable"},
    "information_assessment": {
        "A": "Known directly to the source",
        "B": "Known indirectly to the source but corroborated",
        "C": "Known indirectly to the source",
        "D": "Not known",
        "E": "Suspected to be false",
    },
    "handling_code": {"P": "Lawful sharing permitted", "C": "Lawful sharing permitted with conditions"},
    "action_code": {"A1": "Combine or corroborate", "A2": "Covert action", "A3": "Overt action as owner specifies"},
    "sanitisation_code": {"S1": "May be sanitised without asking", "S2": "Consult originator"},
}

# --- outcomes ----------------------------------------------------------------------------------------------

ACTS = {
    "accept": (rules.accept, ACCEPTED),
    "return": (lambda outcome: rules.return_for_correction(outcome, "Dates missing."), RETURNED),
    "reject": (lambda outcome: rules.reject(outcome, "Wrong case."), REJECTED),
    "resubmit": (lambda outcome: rules.resubmit(Submission(outcome, NOW), NOW + HOUR).outcome, SUBMITTED),
}
ALLOWED = {(SUBMITTED, "accept"), (SUBMITTED, "return"), (SUBMITTED, "reject"), (RETURNED, "resubmit")}
EVERY = {(outcome, act) for outcome in (SUBMITTED, ACCEPTED, RETURNED, REJECTED) for act in ACTS}


@pytest.mark.parametrize(("outcome", "act"), sorted(ALLOWED))
def test_an_allowed_act_gives_the_new_outcome(outcome, act):
    do, result = ACTS[act]
    assert do(outcome) == result


@pytest.mark.parametrize(("outcome", "act"), sorted(EVERY - ALLOWED))
def test_every_other_act_is_refused_in_one_sentence(outcome, act):
    do, _result = ACTS[act]
    with pytest.raises(Refused) as refusal:
        do(outcome)
    sentence = str(refusal.value)
    assert sentence.startswith(f"A{'n' if outcome == ACCEPTED else ''} {outcome.lower()} document cannot be ")
    assert sentence.count(".") == 1 and "; " in sentence


@pytest.mark.parametrize("act", [rules.return_for_correction, rules.reject])
@pytest.mark.parametrize("reason", ["", "  "])
def test_returning_and_rejecting_need_a_reason(act, reason):
    with pytest.raises(Refused, match="only with a reason") as refusal:
        act(SUBMITTED, reason)
    assert refusal.value.field == "reason"


def test_resubmitting_keeps_the_first_time_and_counts():
    once = rules.resubmit(Submission(RETURNED, NOW), NOW + HOUR)
    twice = rules.resubmit(once._replace(outcome=RETURNED), NOW + 2 * HOUR)
    assert twice == Submission(SUBMITTED, NOW, 2)


def test_a_document_is_not_resubmitted_before_it_was_first_submitted():
    with pytest.raises(Refused, match="first submitted on Mon 23 Nov 2026 12:00"):
        rules.resubmit(Submission(RETURNED, NOW), NOW - HOUR)


def test_every_outcome_has_words():
    assert set(rules.OUTCOME_WORDS) == set(rules.OUTCOME_MOVES) == {SUBMITTED, ACCEPTED, RETURNED, REJECTED}


def test_the_first_submission_that_counts_is_that_of_a_document_not_rejected():
    rejected, returned = Submission(REJECTED, NOW - 9 * HOUR), Submission(RETURNED, NOW - 5 * HOUR, 1)
    accepted = Submission(ACCEPTED, NOW - HOUR)
    assert rules.first_counting_submission([accepted, rejected, returned]) == NOW - 5 * HOUR
    assert rules.first_counting_submission([rejected]) is None
    assert rules.first_counting_submission([]) is None


# --- grades ------------------------------------------------------------------------------------------------

P = Grades("2", "A", "P")
C = Grades("2", "A", "C", "A1", "S1", conditions="Ask the originator first.")
WITHOUT_P = [
    ({"action_code": "A1"}, "action_code"),
    ({"sanitisation_code": "S1"}, "sanitisation_code"),
    ({"conditions": "Ask first."}, "conditions"),
    ({"usage": "At the port only."}, "usage"),
]


@pytest.mark.parametrize(
    "grades",
    [
        Grades(),
        P,
        C,
        replace(C, action_code="A2", sanitisation_code="S2"),
        replace(C, action_code="A3", usage="At port."),
    ],
)
def test_whole_grades_have_no_problems(grades):
    assert rules.check_grades(grades, LABELS) == {}


@pytest.mark.parametrize(("extra", "field"), WITHOUT_P)
@pytest.mark.parametrize("handling", ["P", None])
def test_without_handling_code_c_there_is_no_action_sanitisation_or_condition(handling, extra, field):
    grades = replace(P, handling_code=handling, **extra)
    assert set(rules.check_grades(grades, LABELS)) == {field}


@pytest.mark.parametrize("lack", [{"conditions": " "}, {"action_code": None}, {"sanitisation_code": ""}])
def test_handling_code_c_needs_conditions_action_and_sanitisation(lack):
    assert set(rules.check_grades(replace(C, **lack), LABELS)) == set(lack)


def test_all_that_handling_code_c_lacks_is_named_at_once():
    assert set(rules.check_grades(Grades(handling_code="C"), LABELS)) == {
        "conditions",
        "action_code",
        "sanitisation_code",
    }


def test_action_code_a3_needs_the_use_that_the_owner_specifies():
    assert set(rules.check_grades(replace(C, action_code="A3"), LABELS)) == {"usage"}


@pytest.mark.parametrize("part", sorted(rules.GRADE_PARTS))
def test_a_code_outside_the_list_is_refused(part):
    assert part in rules.check_grades(replace(C, **{part: "X9"}), LABELS)


def test_c_and_a_belong_to_their_own_parts():
    assert set(rules.check_grades(Grades("A", "1", "A1"), LABELS)) == {
        "source_evaluation",
        "information_assessment",
        "handling_code",
    }


def test_an_old_5x5x5_grade_is_kept_as_text_and_not_mixed():
    assert rules.check_grades(Grades(old_5x5x5="B 2 1"), LABELS) == {}
    assert set(rules.check_grades(replace(P, old_5x5x5="B 2 1"), LABELS)) == {"old_5x5x5"}


def test_a_grade_is_spoken_with_its_label_and_never_as_a_code_alone():
    assert rules.spoken_grade("information_assessment", "C", LABELS) == "C – Known indirectly to the source"
    assert rules.spoken_grade("handling_code", "C", LABELS) == "C – Lawful sharing permitted with conditions"
    assert rules.spoken_grade("action_code", "A9", LABELS) == "A9 – label not known"
    assert rules.spoken_grade("action_code", None, LABELS) == ""


def test_grades_cannot_be_put_in_an_order():
    with pytest.raises(TypeError):
        sorted([P, C])


# --- facts -------------------------------------------------------------------------------------------------

FACTS = DocumentFacts(
    submitted_at=NOW - HOUR,
    submitted_by_reporting_officer=True,
    reference="AT/1",
    system="Athena",
    author="FENN, Taylor",
    information_on=date(2026, 11, 22),
    created_on=date(2026, 11, 23),
    grades=P,
)


def problems(facts):
    return rules.check_document(facts, NOW, LABELS)


def test_a_sound_document_has_no_problems_and_no_warnings():
    assert problems(FACTS) == {}
    assert rules.document_warnings(FACTS, NOW - 3 * HOUR) == []


def test_a_submission_needs_its_time():
    assert set(problems(replace(FACTS, submitted_at=None))) == {"submitted_at"}


def test_a_submission_may_be_now_but_not_in_the_future():
    assert problems(replace(FACTS, submitted_at=NOW)) == {}
    assert set(problems(replace(FACTS, submitted_at=NOW + timedelta(seconds=1)))) == {"submitted_at"}


def test_dates_of_information_and_creation_are_not_in_the_future():
    ahead = date(2026, 11, 24)
    assert set(problems(replace(FACTS, information_on=ahead, created_on=ahead))) == {"information_on", "created_on"}


def test_a_submission_before_the_contact_is_warned_about_and_not_refused():
    early = replace(FACTS, created_on=None)
    assert problems(early) == {}
    (warning,) = rules.document_warnings(early, NOW)
    assert warning == (
        "The document was submitted on Mon 23 Nov 2026 11:00, before the contact on Mon 23 Nov 2026 12:00; "
        "check both times."
    )
    assert rules.document_warnings(early, early.submitted_at) == []
    assert rules.document_warnings(early, None) == []


def test_odd_dates_and_a_missing_reference_are_warned_about():
    odd = replace(FACTS, submitted_at=NOW - 48 * HOUR, reference=" ", information_on=date(2026, 11, 24))
    assert len(rules.document_warnings(odd, None)) == 3


@pytest.mark.parametrize("marking", ["OFFICIAL", "OFFICIAL-SENSITIVE"])
def test_the_two_official_markings_are_taken(marking):
    assert rules.check_marking(marking) == {}


@pytest.mark.parametrize("marking", ["SECRET", "TOP SECRET", "Secret - UK eyes"])
def test_of_a_secret_document_only_held_elsewhere_is_kept(marking):
    assert "held elsewhere" in rules.check_marking(marking)["marking"]


@pytest.mark.parametrize("marking", [None, "", "RESTRICTED", "official"])
def test_no_other_marking_is_taken(marking):
    assert rules.check_marking(marking) == {"marking": "The marking is OFFICIAL or OFFICIAL-SENSITIVE; choose one."}


def test_a_document_held_elsewhere_keeps_its_submission_and_nothing_more():
    assert problems(DocumentFacts(submitted_at=NOW, submitted_by_reporting_officer=True, held_elsewhere=True)) == {}
    told = problems(replace(FACTS, held_elsewhere=True))
    assert set(told) == {"reference", "system", "author", "information_on", "created_on", "grades"}


def test_problems_of_grades_and_marking_are_named_with_the_others():
    bad = replace(FACTS, submitted_at=None, marking="SECRET", grades=Grades(handling_code="C"))
    assert {"submitted_at", "marking", "conditions"} <= set(problems(bad))
