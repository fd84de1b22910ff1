"""The people rules: categories with history, age, NRM, names, and what may leave the desk."""

import dataclasses
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.errors import Refused
from oicdesk.referrals import rules_people as rules
from oicdesk.referrals.rules_people import CONVICTED, SUSPECT, VICTIM, WITNESS, PersonFacts

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
T0 = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
KNOWN = {
    "nationality": {"VN", "AL"},
    "nationality_basis": {"documented", "claimed", "not_established", "refused"},
    "age_basis": {"documented", "claimed", "assessed", "not_established", "refused"},
    "identity_basis": {"documented", "claimed", "assessed", "not_established", "refused"},
}
SUSPECTED = PersonFacts("Driver", frozenset({SUSPECT}), birth="1980", age_basis="claimed")
HURT = PersonFacts("Person A", frozenset({VICTIM}), birth="1990", age_basis="claimed")
COVERED = replace(HURT, necessity="To chase the document.", authorised_by="PS Quy", recorded_by="Sam Fenn")
ADULT = replace(COVERED, indicators_seen=True)
CHILD = PersonFacts("Person B", frozenset({SUSPECT}), birth="2010", age_basis="claimed")


def problems(person, **more):
    return rules.check_person(person, TODAY, KNOWN, **more)


def gaps(person):
    return rules.safeguarding_gaps(person, TODAY)


# --- what may be recorded ----------------------------------------------------------------------------------


def test_a_label_and_a_category_are_enough_to_record_a_person():
    assert problems(PersonFacts("A.B.", frozenset({SUSPECT}))) == {}


def test_a_person_needs_a_label_and_at_least_one_category():
    assert set(problems(PersonFacts(" "))) == {"label", "categories"}


def test_a_person_may_have_several_categories():
    assert problems(PersonFacts("A.B.", frozenset({SUSPECT, VICTIM, WITNESS, CONVICTED}))) == {}


def test_a_category_of_another_kind_is_refused():
    assert set(problems(PersonFacts("A.B.", frozenset({"dangerous"})))) == {"categories"}


def test_a_name_is_refused_while_names_are_switched_off():
    named = replace(SUSPECTED, name="Nguyen")
    assert "switched off" in problems(named)["name"]
    assert "name" in problems(named, names_reason="  ")


def test_a_name_is_taken_once_names_are_switched_on_with_a_reason():
    named = replace(SUSPECTED, name="Nguyen", identity_basis="claimed")
    assert problems(named, names_reason="The case is before the court.") == {}


def test_a_name_says_how_the_identity_is_known():
    named = replace(SUSPECTED, name="Nguyen")
    assert set(problems(named, names_reason="The case is before the court.")) == {"identity_basis"}
    assert set(problems(replace(SUSPECTED, identity_basis="looks"))) == {"identity_basis"}


def test_names_are_switched_on_only_with_a_reason_and_off_without_one():
    with pytest.raises(Refused, match="only with a reason"):
        rules.check_names_switch(True, " ")
    rules.check_names_switch(True, "The case is before the court.")
    rules.check_names_switch(False, "")


@pytest.mark.parametrize("birth", ["1990", "1990-05", "1990-05-12", "2026", "1996-02-29"])
def test_whole_and_partial_dates_of_birth_are_taken(birth):
    assert problems(replace(SUSPECTED, birth=birth)) == {}


@pytest.mark.parametrize(
    "birth",
    ["90", "1990-13", "1990-02-30", "12/05/1990", "0000", "1990-5", "2027", "2026-12", "1890", "9999", "9999-12"],
)
def test_no_other_date_of_birth_is_taken(birth):
    assert set(problems(replace(SUSPECTED, birth=birth))) == {"birth"}


@pytest.mark.parametrize("facts", [{"birth": "1990"}, {"birth": "", "age": 30}])
def test_an_age_needs_its_basis(facts):
    assert set(problems(replace(SUSPECTED, age_basis=None, **facts))) == {"age_basis"}


@pytest.mark.parametrize("age", [-1, 121])
def test_an_age_lies_between_0_and_120(age):
    assert set(problems(replace(SUSPECTED, age=age))) == {"age"}


def test_a_nationality_needs_its_basis_and_a_basis_its_nationality():
    assert set(problems(replace(SUSPECTED, nationality="VN"))) == {"nationality_basis"}
    assert set(problems(replace(SUSPECTED, nationality_basis="documented"))) == {"nationality"}
    assert problems(replace(SUSPECTED, nationality="VN", nationality_basis="claimed")) == {}


@pytest.mark.parametrize("basis", ["not_established", "refused"])
def test_a_nationality_that_is_not_known_is_recorded_by_its_basis_alone(basis):
    assert problems(replace(SUSPECTED, nationality_basis=basis)) == {}


def test_only_listed_countries_and_bases_are_taken():
    odd = replace(SUSPECTED, nationality="XX", nationality_basis="looks", age_basis="guess", nrm="maybe")
    assert set(problems(odd)) == {"nationality", "nationality_basis", "age_basis", "nrm"}


def test_what_was_done_was_not_done_in_the_future():
    ahead = replace(CHILD, local_authority_told_on=TOMORROW, nrm_on=TOMORROW, age=16, age_on=TOMORROW)
    assert set(problems(ahead)) == {"local_authority_told_on", "nrm_on", "age_on"}


def test_the_day_an_age_was_given_lies_within_a_life():
    assert set(problems(replace(SUSPECTED, age=16, age_on=date(50, 1, 1)))) == {"age_on"}


def test_a_note_is_fact_or_assessment():
    assert rules.check_note("Seen leaving the trailer.", "fact") == {}
    assert rules.check_note("Probably the driver.", "assessment") == {}
    assert set(rules.check_note(" ", None)) == {"text", "kind"}


# --- categories keep their history -------------------------------------------------------------------------


def test_changing_categories_keeps_the_history():
    one = rules.with_categories((), {SUSPECT}, by="Sam", at=T0)
    two = rules.with_categories(one, {SUSPECT, VICTIM}, by="Sam", at=T0 + timedelta(days=1))
    assert two[0] == one[0]
    assert rules.categories_at(two, T0 - timedelta(seconds=1)) == frozenset()
    assert rules.categories_at(two, T0) == {SUSPECT}
    assert rules.categories_at(two, T0 + timedelta(days=2)) == {SUSPECT, VICTIM}


def test_the_same_categories_again_add_nothing():
    one = rules.with_categories((), {SUSPECT}, by="Sam", at=T0)
    assert rules.with_categories(one, [SUSPECT], by="Jo", at=T0 + timedelta(days=1)) is one


def test_the_last_category_cannot_be_taken_away():
    one = rules.with_categories((), {SUSPECT}, by="Sam", at=T0)
    with pytest.raises(Refused, match="at least one category"):
        rules.with_categories(one, set(), by="Sam", at=T0)


def test_history_is_not_written_backwards():
    one = rules.with_categories((), {SUSPECT}, by="Sam", at=T0)
    with pytest.raises(Refused, match="check the time"):
        rules.with_categories(one, {VICTIM}, by="Sam", at=T0 - timedelta(days=1))


@given(st.lists(st.sets(st.sampled_from(sorted(rules.CATEGORIES)), min_size=1), max_size=8))
def test_no_change_ever_shortens_the_history(choices):
    history = ()
    for number, chosen in enumerate(choices):
        longer = rules.with_categories(history, chosen, by="Sam", at=T0 + timedelta(hours=number))
        assert longer[: len(history)] == history and longer[-1].categories == chosen
        history = longer


# --- age ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "age"),
    [
        ({"birth": "2008-11-23"}, 18),
        ({"birth": "2008-11-24"}, 17),
        ({"birth": "2008-11"}, 17),
        ({"birth": "2008-10"}, 18),
        ({"birth": "2008"}, 17),
        ({"birth": "2007"}, 18),
        ({"age": 17}, 17),
        ({"age": 17, "age_on": date(2025, 11, 23)}, 18),
        ({"age": 17, "age_on": date(2025, 11, 24)}, 17),
        ({"birth": "1990", "age": 16}, 16),
        ({}, None),
    ],
)
def test_the_youngest_age_that_the_record_allows_is_taken(facts, age):
    assert rules.youngest_age(PersonFacts("A.B.", **facts), TODAY) == age


def test_someone_born_on_29_february_is_18_on_1_march():
    born = PersonFacts("A.B.", birth="2008-02-29")
    assert rules.youngest_age(born, date(2026, 2, 28)) == 17
    assert rules.youngest_age(born, date(2026, 3, 1)) == 18


@pytest.mark.parametrize(
    "facts",
    [
        {"birth": "2010"},
        {"age": 17},
        {"birth": "2008"},
        {"birth": "1990", "may_be_under_18": True, "age_basis": "claimed"},
        {"age_basis": "not_established"},
        {"age_basis": "refused"},
        {"birth": "1990", "treated_as_child": True},
        {"age": 17, "age_basis": "assessed"},
    ],
)
def test_under_18_or_perhaps_under_18_is_treated_as_a_child(facts):
    assert rules.is_treated_as_child(PersonFacts("A.B.", **facts), TODAY)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"birth": "1990"},
        {"age": 18},
        {"birth": "1990", "age_basis": "not_established"},
        {"age": 19, "may_be_under_18": True, "age_basis": "assessed"},
    ],
)
def test_an_adult_or_one_assessed_as_adult_is_not(facts):
    assert not rules.is_treated_as_child(PersonFacts("A.B.", **facts), TODAY)


def test_with_the_setting_off_an_uncertain_age_counts_only_beside_indicators():
    unsure = PersonFacts("A.B.", age=19, may_be_under_18=True)
    seen = replace(unsure, indicators_seen=True)
    assert not rules.is_treated_as_child(unsure, TODAY, uncertain_applies_to_everyone=False)
    assert rules.is_treated_as_child(seen, TODAY, uncertain_applies_to_everyone=False)


# --- victims and witnesses ---------------------------------------------------------------------------------


def leave(*people):
    rules.may_leave_the_desk("OIC-1", people, "its people", TODAY)


@pytest.mark.parametrize("categories", [{VICTIM}, {WITNESS}, {SUSPECT, VICTIM}, {CONVICTED, WITNESS}], ids=sorted)
def test_a_victim_or_witness_also_beside_suspect_needs_necessity_and_authorisation(categories):
    person = replace(HURT, categories=frozenset(categories))
    assert gaps(person) == [
        "Person A: why it is necessary and proportionate is not written.",
        "Person A: no supervisor has authorised it.",
    ]
    assert problems(person) == {}
    with pytest.raises(Refused, match="The safeguarding record of OIC-1 is incomplete, so its people cannot be"):
        leave(SUSPECTED, person)


@pytest.mark.parametrize("lack", [{"necessity": " "}, {"authorised_by": ""}])
def test_one_of_the_two_is_not_enough(lack):
    person = replace(COVERED, **lack)
    assert len(gaps(person)) == 1
    with pytest.raises(Refused):
        leave(person)


def test_whoever_recorded_it_cannot_be_the_supervisor_who_authorises_it():
    person = replace(COVERED, authorised_by="FENN, Sam")
    assert gaps(person) == ["Person A: the supervisor who authorises it cannot be the one who recorded it."]


def test_with_both_given_the_people_may_leave_the_desk():
    assert gaps(COVERED) == []
    leave(COVERED, SUSPECTED)
    leave()


@pytest.mark.parametrize("categories", [{SUSPECT}, {CONVICTED}, {SUSPECT, CONVICTED}], ids=sorted)
def test_a_suspect_or_convicted_adult_needs_no_authorisation(categories):
    person = replace(SUSPECTED, categories=frozenset(categories))
    assert gaps(person) == []
    leave(person)


def test_the_refusal_to_export_is_one_sentence_that_names_nobody():
    with pytest.raises(Refused) as refusal:
        leave(HURT, replace(HURT, label="Person C"))
    sentence = str(refusal.value)
    assert sentence.count(".") == 1 and sentence.endswith("complete it at the people of the case first.")
    assert "Person" not in sentence


def test_a_missing_nrm_decision_or_step_for_a_child_stops_an_export_too():
    assert rules.is_safeguarding_incomplete([SUSPECTED, ADULT], TODAY)
    for person in (ADULT, replace(SUSPECTED, may_be_under_18=True)):
        with pytest.raises(Refused, match="record of OIC-1 is incomplete"):
            leave(COVERED, person)
    assert not rules.is_safeguarding_incomplete([SUSPECTED, COVERED], TODAY)


# --- slavery and trafficking indicators --------------------------------------------------------------------


def decided(person, nrm, **more):
    return replace(person, indicators_seen=True, nrm=nrm, nrm_on=TODAY, nrm_reference="R1", **more)


TOLD = replace(CHILD, local_authority_told_on=TODAY, indicators_seen=False)


@pytest.mark.parametrize("person", [COVERED, TOLD], ids=["adult", "child"])
@pytest.mark.parametrize("nrm", [None, "pending", "not_indicated", "adult_declined"])
def test_indicators_need_a_decision_that_settles_it(person, nrm):
    assert len(gaps(decided(person, nrm))) == 1


def test_without_indicators_no_nrm_decision_is_asked_for():
    assert gaps(replace(COVERED, indicators_seen=False)) == []
    assert gaps(replace(TOLD, indicators_seen=False)) == []


def test_an_adult_is_referred_with_consent_or_reported_without():
    assert gaps(decided(COVERED, "referred", consents_to_nrm=True)) == []
    assert gaps(decided(COVERED, "dtn_without_consent", consents_to_nrm=False)) == []


@pytest.mark.parametrize("consent", [None, False])
def test_an_adult_referred_without_recorded_consent_is_a_gap(consent):
    assert "only with consent" in gaps(decided(COVERED, "referred", consents_to_nrm=consent))[0]


def test_an_adult_who_declined_still_leaves_a_report_that_does_not_identify_them():
    assert "not identifying them is still due" in gaps(decided(COVERED, "adult_declined"))[0]


def test_a_child_is_always_referred_without_consent():
    assert gaps(decided(TOLD, "referred")) == []
    assert "always referred" in gaps(decided(TOLD, "dtn_without_consent"))[0]


def test_a_referral_needs_its_date_and_reference_and_a_report_its_date():
    bare = replace(decided(COVERED, "referred", consents_to_nrm=True), nrm_on=None, nrm_reference=" ")
    assert len(gaps(bare)) == 2
    assert len(gaps(replace(bare, nrm="dtn_without_consent"))) == 1


def test_for_a_child_the_local_authority_is_told():
    assert gaps(replace(TOLD, local_authority_told_on=None)) == [
        "Person B: when the local authority was told is not recorded."
    ]
    assert gaps(TOLD) == []


def test_for_a_child_it_is_asked_whether_indicators_were_seen():
    assert gaps(replace(TOLD, indicators_seen=None)) == [
        "Person B: whether slavery or trafficking indicators were seen is not recorded."
    ]


def test_a_perhaps_child_recorded_as_not_treated_so_is_a_gap():
    unsure = replace(TOLD, birth="", age=19, may_be_under_18=True, treated_as_child=False)
    assert gaps(unsure) == ["Person B: may be under 18, so is treated as a child until assessed."]


def test_indicators_without_any_word_about_age_are_a_gap():
    person = decided(replace(COVERED, birth="", age_basis=None), "referred", consents_to_nrm=True)
    assert gaps(person) == ["Person A: indicators were seen, and neither an age nor its basis is recorded."]


# --- what to do, in order ----------------------------------------------------------------------------------


def steps(person):
    return rules.nrm_steps(person, TODAY)


def test_for_a_child_with_indicators_the_local_authority_comes_before_the_nrm_and_no_consent_is_asked():
    treat, local_authority, nrm = steps(replace(CHILD, indicators_seen=True))
    assert treat.startswith("Treat the person first as a victim")
    assert local_authority.startswith("Tell the local authority first")
    assert nrm.startswith("Refer the child to the NRM; no consent is asked")


@pytest.mark.parametrize("seen", [None, False, True])
@pytest.mark.parametrize("facts", [{}, {"birth": "", "age": 19, "may_be_under_18": True}], ids=["child", "perhaps"])
def test_a_child_or_possible_child_always_has_the_nrm_steps_with_the_local_authority_first(seen, facts):
    told = steps(replace(CHILD, indicators_seen=seen, **facts))
    place = {words: next(n for n, one in enumerate(told) if words in one) for words in ("local authority", "NRM")}
    assert place["local authority"] < place["NRM"]
    assert "no consent is asked" in told[-1]
    assert not any("ask for consent" in one for one in told)
    assert told[-1].startswith("Refer the child" if seen else "With any indicator, refer the child")


def test_a_witness_is_treated_first_as_a_witness_and_nobody_is_checked_for_their_status_only():
    (told,) = steps(replace(HURT, categories=frozenset({WITNESS})))
    assert told == (
        "Treat the person first as a witness; never check a database only to learn their status, "
        "and take no immigration enforcement yourself."
    )


def test_a_perhaps_child_is_first_treated_as_one():
    unsure = replace(CHILD, birth="", age=19, may_be_under_18=True, indicators_seen=True)
    assert steps(unsure)[1] == "Treat the person as under 18 until their age is assessed."


def test_an_adult_is_asked_for_consent_and_else_reported_without_identifying_them():
    assert steps(ADULT)[1:] == [
        "Explain the NRM and ask for consent.",
        "With consent: Refer them to the NRM, and record the date and the reference.",
        "Without consent: Send a duty-to-notify report that does not identify them: no name, no date of birth, "
        "nothing that says who they are. Record the date.",
    ]


def test_once_an_adult_has_answered_one_way_remains():
    assert steps(replace(ADULT, consents_to_nrm=True))[1:] == [
        "Refer them to the NRM, and record the date and the reference."
    ]
    assert steps(replace(ADULT, consents_to_nrm=False))[1].startswith("Send a duty-to-notify report that does not")


def test_for_a_victim_indicators_are_looked_for():
    assert steps(HURT)[1].startswith("Look for slavery or trafficking indicators")


def test_an_adult_suspect_without_indicators_has_no_such_steps():
    assert steps(SUSPECTED) == []


def test_a_duty_to_notify_report_identifies_an_adult_only_with_consent():
    assert not rules.duty_to_notify_may_identify(ADULT, TODAY)
    assert not rules.duty_to_notify_may_identify(replace(ADULT, consents_to_nrm=False), TODAY)
    assert rules.duty_to_notify_may_identify(replace(ADULT, consents_to_nrm=True), TODAY)
    assert rules.duty_to_notify_may_identify(CHILD, TODAY)


# --- people are not compared -------------------------------------------------------------------------------


def test_people_cannot_be_put_in_an_order():
    with pytest.raises(TypeError):
        sorted([HURT, CHILD])


def test_nothing_recorded_about_a_person_is_a_score():
    names = {field.name for field in dataclasses.fields(PersonFacts)}
    assert not names & {"score", "risk", "rank", "priority", "ethnicity", "religion", "health"}


def test_the_free_text_warning_names_what_does_not_belong():
    for word in ("ethnicity", "health", "beliefs", "source identity", "tactics"):
        assert word in rules.FREE_TEXT_WARNING
