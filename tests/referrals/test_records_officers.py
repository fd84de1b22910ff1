"""The directory of officers: who is known, where they belong, and how it fills itself from contacts."""

from datetime import date, timedelta

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import records
from oicdesk.referrals import records_officers as officers
from oicdesk.referrals.records_officers import Directory
from oicdesk.referrals.records_officers_undo import put_back, standing
from oicdesk.referrals.rules_officers import Absence, check_email, name_key, officer_key, why_not_there
from tests import desks
from tests.desks import CONTACT, NOW

desk, vault = desks.desk, desks.vault
TODAY = date(2026, 11, 23)
JO = {"force": "Suffolk", "collar": "PC 7191", "name": "Jo Marsh", "team": "Ipswich Response", "supervisor": "PS Vale"}


def listed(desk, **more):
    return desk.ask(lambda session: Directory(session, today=TODAY, **more).page(0, 50))


def one(desk, officer_id):
    return desk.ask(officers.officer_rows, [officer_id], TODAY)[0]


def refused(desk, work, *args, **more):
    with pytest.raises(Refused) as caught:
        desk.do(work, *args, **more)
    return caught.value


@pytest.mark.parametrize("name", ["MARSH, Jo", "Jo Marsh", " jo  MÄRSH ", "marsh jo"])
def test_a_name_is_the_same_in_any_order_case_or_accent(name):
    assert name_key(name) == "jo marsh"


def test_an_officer_is_known_by_force_collar_and_name_together():
    assert officer_key("Suffolk", "pc7191", "Jo Marsh") == officer_key("Suffolk", "PC 7191", "MARSH, Jo")
    assert officer_key("Suffolk", "PC 7191", "Jo Marsh") != officer_key("Norfolk", "PC 7191", "Jo Marsh")
    assert officer_key("Suffolk", "PC 7191", "Jo Marsh") != officer_key("Suffolk", "PC 7191", "Ada Reed")
    assert officer_key(None, "PC 7191", "Jo Marsh") is None and officer_key("Suffolk", " ", None) is None


@pytest.mark.parametrize(
    ("day", "why"),
    [(9, ""), (10, "away until 20 November 2026"), (20, "away until 20 November 2026"), (21, "")],
)
def test_an_absence_holds_from_its_first_to_its_last_day(day, why):
    span = [Absence(date(2026, 11, 10), date(2026, 11, 20))]
    assert why_not_there(span, None, date(2026, 11, day)) == why


def test_an_absence_without_an_end_goes_on_and_leaving_outweighs_it():
    span = [Absence(date(2026, 11, 10))]
    assert why_not_there(span, None, date(2027, 1, 1)) == "away since 10 November 2026"
    assert why_not_there(span, TODAY, TODAY) == "left on 23 November 2026"
    assert why_not_there((), TODAY + timedelta(1), TODAY) == ""


@pytest.mark.parametrize("address", ["jo", "jo@", "@force", "jo marsh@force", "a@b@c", "jo@x, al@x"])
def test_what_is_no_single_address_is_refused(address):
    with pytest.raises(Refused, match="not one e-mail address"):
        check_email(address)


def test_one_address_or_none_is_fine():
    check_email("jo.marsh@suffolk.example")
    check_email("jo@suffolk")
    check_email("")


def test_a_new_contact_brings_its_officer_and_supervisor_into_the_directory_logged(desk):
    case = desk.add(supervisor="PS Vale", officer_rank="PC")
    assert [(row.name, row.collar, row.team, row.supervisor) for row in listed(desk)] == [
        ("MARSH, Jo", "PC 7191", "Ipswich Response", "PS Vale"),
        ("PS Vale", "", "Ipswich Response", ""),
    ]
    entries = desk.log()
    assert entries[-2]["records"] == {"officer": [1, 2]} and entries[-1]["records"] == {"referral": [case]}


def test_the_same_officer_is_not_added_again_however_written(desk):
    desk.add()
    desk.add(officer_name="Jo Marsh", officer_collar="pc7191")
    desk.add(officer_name="Jo Marsh", officer_collar=None)
    desk.add(officer_name=None, officer_collar="PC 7191")
    assert len(listed(desk)) == 1


def test_the_same_collar_number_with_another_name_or_force_is_another_officer(desk):
    desk.add()
    desk.add(officer_name="Ada Reed")
    desk.add(force="Norfolk")
    assert len(listed(desk)) == 3
    assert desk.ask(officers.lookup, "Suffolk", "PC 7191", None) is None
    assert desk.ask(officers.lookup, "Norfolk", "PC 7191", None) == 3


def test_a_contact_typed_by_hand_that_names_another_team_is_a_dated_move(desk):
    desk.add()
    desk.add(contact_at=CONTACT + timedelta(days=3), team="Lowestoft Response")
    (row,) = listed(desk)
    assert row.team == "Lowestoft Response"
    history = [(move.from_on, move.team) for move in desk.ask(officers.moves, row.id)]
    assert history == [(date(2026, 11, 19), "Lowestoft Response"), (date(2026, 11, 16), "Ipswich Response")]
    assert desk.ask(officers.team_on, row.id, date(2026, 11, 18)) == "Ipswich Response"
    assert desk.ask(officers.team_on, row.id, date(2026, 1, 1)) == "Ipswich Response"


def test_an_older_contact_moves_nobody(desk):
    desk.add()
    desk.add(contact_at=CONTACT - timedelta(days=30), team="Lowestoft Response")
    assert listed(desk)[0].team == "Ipswich Response"


def test_correcting_the_officer_of_a_case_adds_whoever_it_was(desk):
    case = desk.add()
    desk.do(records.edit, case, {"officer_name": "Ada Reed", "officer_collar": "PC 9"}, now=NOW)
    assert [row.name for row in listed(desk)] == ["Ada Reed", "MARSH, Jo"]


def test_many_contacts_at_once_add_each_officer_once(desk):
    rows = [{**desks.FACTS, "officer_collar": f"PC {n % 60}", "supervisor": "PS Vale"} for n in range(120)]
    assert len(desk.do(officers.gather, rows, now=NOW)) == 61
    assert desk.do(officers.gather, rows, now=NOW) == []
    assert desk.ask(lambda session: Directory(session, today=TODAY).count()) == 61
    assert len(desk.ask(officers.moves, 1)) == 1


def test_an_officer_added_by_hand_is_found_by_every_key_they_had(desk):
    jo = desk.do(officers.add, JO, now=NOW)
    desk.do(officers.edit, jo, {"name": "Jo Fenn", "collar": "PS 12", "email": "jo@suffolk.example"}, now=NOW)
    assert one(desk, jo).called == "Jo Fenn, PS 12"
    for collar, name in (("PC 7191", "Jo Marsh"), ("PS 12", "Jo Fenn")):
        assert desk.ask(officers.lookup, "Suffolk", collar, name) == jo
    assert desk.log()[-1]["fields"] == ["collar", "name", "email"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"force": ""}, "force"), ({"name": "", "collar": ""}, "name"), ({"email": "jo"}, "email"),
        ({"name": "MARSH, Jo"}, "name"),
    ],
)  # fmt: skip
def test_an_entry_without_force_or_name_or_there_already_is_refused(desk, facts, field):
    desk.do(officers.add, JO, now=NOW)
    assert refused(desk, officers.add, JO | facts, now=NOW).field == field


def test_a_move_keeps_what_held_before_and_lies_in_order(desk):
    jo = desk.do(officers.add, JO, now=CONTACT)
    desk.do(officers.move, jo, TODAY, "Norwich Response", "PS Reed", now=NOW)
    assert (one(desk, jo).team, one(desk, jo).supervisor) == ("Norwich Response", "PS Reed")
    assert [move.team for move in desk.ask(officers.moves, jo)] == ["Norwich Response", "Ipswich Response"]
    assert refused(desk, officers.move, jo, TODAY + timedelta(1), "X", "", now=NOW).field == "from_on"
    assert refused(desk, officers.move, jo, TODAY - timedelta(1), "X", "", now=NOW).field == "from_on"
    assert refused(desk, officers.move, jo, None, "X", "", now=NOW).field == "from_on"
    assert refused(desk, officers.move, jo, TODAY, "Norwich Response", "PS Reed", now=NOW).field == "team"


def test_absences_are_kept_shown_and_taken_back(desk):
    jo = desk.do(officers.add, JO, now=NOW)
    desk.do(officers.be_away, jo, TODAY, TODAY + timedelta(7), now=NOW)
    assert one(desk, jo).not_there == "away until 30 November 2026"
    (absence,) = desk.ask(officers.absences, jo)
    desk.do(officers.withdraw_absence, absence.id, now=NOW)
    assert one(desk, jo).not_there == "" and desk.ask(officers.absences, jo) == []
    assert refused(desk, officers.withdraw_absence, absence.id, now=NOW)
    assert refused(desk, officers.be_away, jo, TODAY, TODAY - timedelta(1), now=NOW).field == "to_on"


def test_who_left_is_not_offered_any_more_and_can_come_back(desk):
    jo = desk.do(officers.add, JO, now=NOW)
    desk.do(officers.leave, jo, TODAY, now=NOW)
    assert one(desk, jo).not_there == "left on 23 November 2026" and desk.ask(officers.completions, TODAY) == []
    desk.do(officers.leave, jo, None, now=NOW)
    assert [row.id for row in desk.ask(officers.completions, TODAY)] == [jo]


def test_the_directory_filters_sorts_and_finds_a_place(desk):
    for n, name in enumerate(("Zoë Abel", "Ada Reed", "Kit Vale")):
        desk.do(officers.add, JO | {"name": name, "collar": f"PC {n}"}, now=NOW)
    assert [row.name for row in listed(desk, words="zoe ipsw")] == ["Zoë Abel"]
    assert listed(desk, words="100%") == [] and listed(desk, force="Norfolk") == []

    def order(session, *args):
        found = Directory(session, today=TODAY)
        return [row.name for row in found.page(0, 9, *args)], found.position(3, *args), found.count()

    assert desk.ask(order, "collar", True) == (["Kit Vale", "Ada Reed", "Zoë Abel"], 0, 3)
    assert desk.ask(order) == (["Ada Reed", "Kit Vale", "Zoë Abel"], 1, 3)


def test_a_correction_that_is_taken_back_leaves_no_key_behind_that_leads_to_the_wrong_officer(desk):
    desk.add()
    before = desk.ask(standing, 1)
    desk.do(officers.edit, 1, {"collar": "PC 20"}, now=NOW)
    desk.do(put_back, 1, before, desk.ask(standing, 1), now=NOW)
    assert desk.ask(officers.lookup, "Suffolk", "PC 20", "MARSH, Jo") is None
    assert desk.ask(officers.lookup, "Suffolk", "PC 7191", "MARSH, Jo") == 1


def test_an_entry_that_changed_since_is_not_put_back(desk):
    desk.add()
    before = desk.ask(standing, 1)
    desk.do(officers.edit, 1, {"rank": "PS"}, now=NOW)
    after = desk.ask(standing, 1)
    desk.do(officers.move, 1, TODAY, "Leiston", "", now=NOW)
    with pytest.raises(Refused, match="was changed again since"):
        desk.do(put_back, 1, before, after, now=NOW)
