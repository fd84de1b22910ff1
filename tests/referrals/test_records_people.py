"""People as kept: read only by a logged look, categories with history, the case's safeguarding flag."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from oicdesk.desk import catch_up
from oicdesk.errors import Refused
from oicdesk.referrals import records_people as people
from oicdesk.settings.records import change_settings
from oicdesk.vault import log
from tests import desks
from tests.desks import NOW, hours

desk, vault = desks.desk, desks.vault

SUSPECT = {"label": "Driver", "categories": {"suspect"}}
VICTIM = {
    "label": "Passenger", "categories": {"suspect", "victim"}, "indicators_seen": True, "age": 30,
    "age_basis": "claimed",
}  # fmt: skip


def look(desk, case, now=NOW):
    with desk.vault.consulting(referral=[case]) as session:
        return people.people(session, case, now=now)


def test_people_cannot_be_read_without_the_look_being_logged(desk):
    case = desk.add()
    desk.do(people.add_person, case, SUSPECT, now=NOW)
    for query in (people.people, people.Person, people.PersonCategory):
        with pytest.raises(DatabaseError, match=r"prohibited|denied|not authorized"), desk.vault.reading() as session:
            if query is people.people:
                query(session, case, now=NOW)
            else:
                session.query(query).all()
    before = len(desk.log())
    (person,) = look(desk, case)
    assert person.facts.label == "Driver"
    entry = desk.log()[before]
    assert (entry["operation"], entry["records"]) == (log.CONSULTATION, {"referral": [case]})


def test_the_look_is_logged_even_if_the_reading_fails(desk):
    case = desk.add()
    with pytest.raises(ZeroDivisionError), desk.vault.consulting(referral=[case]):
        1 / 0  # noqa: B018
    assert desk.log()[-1]["operation"] == log.CONSULTATION


def test_changed_categories_keep_their_history(desk):
    case = desk.add()
    person = desk.do(people.add_person, case, SUSPECT, now=NOW)
    changed = desk.do(people.edit_person, person, {"categories": {"suspect", "victim"}}, now=NOW + hours(1))
    assert changed == ["categories"]
    (row,) = look(desk, case, NOW + hours(2))
    assert [(change.at, set(change.categories)) for change in row.history] == [
        (NOW, {"suspect"}), (NOW + hours(1), {"suspect", "victim"}),
    ]  # fmt: skip
    assert row.history[1].by == "Sam Ashby"
    assert "victim" not in str(desk.log())


def test_a_person_needs_a_label_and_a_category_and_no_name_unless_switched_on(desk):
    case = desk.add()
    for values, field in (
        ({"categories": {"suspect"}}, "label"),
        ({"label": "A.B."}, "categories"),
        ({**SUSPECT, "name": "Ada Quillfeather"}, "name"),
    ):
        with pytest.raises(Refused) as refused:
            desk.do(people.add_person, case, values, now=NOW)
        assert refused.value.field == field
    desk.do(change_settings, {"record_names": True, "record_names_reason": "The court asks."}, at=NOW)
    named = {**SUSPECT, "name": "Ada Quillfeather", "identity_basis": "claimed"}
    desk.do(people.add_person, case, named, now=NOW)
    assert [row.facts.name for row in look(desk, case)] == ["Ada Quillfeather"]
    assert "Quillfeather" not in str(desk.log())


def test_the_case_says_that_its_safeguarding_record_is_incomplete_until_it_is_complete(desk):
    case = desk.add()
    person = desk.do(people.add_person, case, VICTIM, now=NOW)
    assert desk.row(case).safeguarding_incomplete
    assert look(desk, case)[0].gaps
    done = {
        "necessity": "To record the steps taken.", "authorised_by": "PS Vale", "nrm": "referred",
        "consents_to_nrm": True, "nrm_on": NOW.date(), "nrm_reference": "NRM 1",
    }  # fmt: skip
    desk.do(people.edit_person, person, done, now=NOW)
    assert look(desk, case)[0].gaps == ()
    assert not desk.row(case).safeguarding_incomplete
    desk.do(people.edit_person, person, {"necessity": None}, now=NOW)
    assert desk.row(case).safeguarding_incomplete


def test_an_uncertain_age_counts_as_a_childs_as_long_as_the_desk_says_so(desk):
    case = desk.add()
    desk.do(people.add_person, case, {**SUSPECT, "may_be_under_18": True}, now=NOW)
    (row,) = look(desk, case)
    assert row.gaps and row.steps[1].startswith("Tell the local authority first")
    desk.do(change_settings, {"uncertain_age_is_child": False}, at=NOW)
    (row,) = look(desk, case)
    assert (row.gaps, row.steps) == ((), ())


def test_what_a_case_says_of_its_record_follows_another_setting_and_a_birthday(desk):
    uncertain, grown, same = (desk.add(incident_ref=f"S-{n}") for n in range(3))
    desk.do(people.add_person, uncertain, {**SUSPECT, "may_be_under_18": True}, now=NOW)
    desk.do(people.add_person, grown, {**SUSPECT, "birth": "2008-11-25", "age_basis": "documented"}, now=NOW)
    desk.do(people.add_person, same, VICTIM, now=NOW)

    def marks():
        return [desk.row(case).safeguarding_incomplete for case in (uncertain, grown, same)]

    assert marks() == [True, True, True]
    catch_up(desk.vault, now=NOW)
    before = len(desk.log())
    desk.do(change_settings, {"uncertain_age_is_child": False}, at=NOW)
    catch_up(desk.vault, now=NOW)
    assert marks() == [False, True, True]
    catch_up(desk.vault, now=NOW + timedelta(days=3))
    assert marks() == [False, False, True]
    told = [entry["records"] for entry in desk.log()[before:] if entry["fields"] == ["safeguarding_incomplete"]]
    assert told == [{"referral": [uncertain]}, {"referral": [grown]}]


def test_an_incomplete_safeguarding_record_blocks_no_submission(desk):
    case = desk.add()
    desk.do(people.add_person, case, VICTIM, now=NOW)
    desk.submit(case, NOW)
    assert desk.row(case).status == "SUBMITTED"


def test_the_count_of_persons_never_falls_below_those_recorded(desk):
    case, many = desk.add(persons=1), desk.add(persons=5)
    for one in (case, case, many):
        desk.do(people.add_person, one, SUSPECT, now=NOW)
    assert (desk.row(case).persons, desk.row(many).persons) == (2, 5)


def test_a_correction_of_a_person_names_its_fields_and_one_of_nothing_is_none(desk):
    case = desk.add()
    person = desk.do(people.add_person, case, {**SUSPECT, "force_reference": "37/1/26"}, now=NOW)
    assert desk.do(people.edit_person, person, {"nationality": "FR", "nationality_basis": "claimed"}, now=NOW) == [
        "nationality", "nationality_basis",
    ]  # fmt: skip
    assert desk.log()[-1]["fields"] == ["nationality", "nationality_basis"]
    (row,) = look(desk, case)
    assert (row.facts.nationality, row.force_reference) == ("FR", "37/1/26")
    before = len(desk.log())
    assert desk.do(people.edit_person, person, {"nationality": "FR"}, now=NOW) == []
    assert len(desk.log()) == before
    with pytest.raises(Refused, match="not recorded here"):
        desk.do(people.edit_person, 99, {}, now=NOW)


def test_a_nationality_outside_the_countries_is_refused(desk):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(people.add_person, case, {**SUSPECT, "nationality": "XQ", "nationality_basis": "claimed"}, now=NOW)
    assert refused.value.field == "nationality"


# --- out of the desk ---


def hand_out(desk, case, **more):
    told = {"recipient": "DI Hart", "purpose": "safeguarding meeting", "how": "copied"}
    return desk.do(people.hand_out, case, **(told | more), now=NOW)


def test_people_are_handed_out_only_once_a_victims_record_is_complete_and_the_log_knows_to_whom(desk):
    case = desk.add()
    desk.do(people.add_person, case, SUSPECT, now=NOW)
    person = desk.do(people.add_person, case, VICTIM, now=NOW)
    entries = len(desk.log())
    done = {"necessity": "To keep them safe.", "authorised_by": "PS Vale"}
    nrm = {"nrm": "referred", "consents_to_nrm": True, "nrm_on": NOW.date(), "nrm_reference": "NRM 1"}
    for more in (done, nrm):
        with pytest.raises(Refused, match="incomplete, so its people cannot be exported, printed or copied"):
            hand_out(desk, case)
        desk.do(people.edit_person, person, more, now=NOW)
    assert len(desk.log()) == entries + 2, "a refusal leaves no entry, for nothing left"
    assert [row.facts.label for row in hand_out(desk, case)] == [SUSPECT["label"], VICTIM["label"]]
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == (
        "disclosure", "DI Hart", "safeguarding meeting",
    )  # fmt: skip
    assert entry["records"] == {"disclosure": [1], "referral": [case], "person": [1, 2]}


def test_the_stop_never_blocks_recording_a_submission(desk):
    case = desk.add()
    desk.do(people.add_person, case, VICTIM, now=NOW)
    desk.submit(case, NOW)
    assert desk.row(case).status == "SUBMITTED"


def test_where_nobody_is_recorded_nothing_is_handed_out(desk):
    with pytest.raises(Refused, match="Nobody is recorded"):
        hand_out(desk, desk.add())
