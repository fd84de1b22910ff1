"""Rights requests: one logged search, an export for the data protection officer, corrections and whom to tell."""

from datetime import date

import pytest

from oicdesk.errors import Refused
from oicdesk.referrals import records_breaches, records_people, records_rights
from oicdesk.referrals.records_disclosures import LIST, OWN_USE, Handing, disclose
from oicdesk.settings.records import change_settings
from tests import desks
from tests.desks import NOW, days, hours

desk, vault = desks.desk, desks.vault
ASKED = {"kind": "access", "requester": "Somebody", "received_on": NOW.date()}


@pytest.fixture
def people(desk):
    """Three people in two cases: the first two share a family name, in another spelling."""
    one, two = desk.add(), desk.add(incident_ref="S-2")
    for case, label, more in (
        (one, "Nguyễn A.", {"force_reference": "NOM-1"}),
        (two, "NGUYEN B.", {"birth": "1990-05", "age_basis": "claimed"}),
        (two, "Driver", {}),
    ):
        values = {"label": label, "categories": {"suspect"}, **more}
        desk.do(records_people.add_person, case, values, now=NOW)
    return one, two


def search(desk, words):
    with desk.vault.consulting("search over people") as session:
        found = records_rights.search(session, words, now=NOW)
    desk.do(records_rights.log_found, found)
    return [(row.reference, row.person.facts.label) for row in found]


def test_one_search_finds_people_whatever_the_spelling_and_writes_the_ids_shown(people, desk):
    assert search(desk, "nguyen") == [("OIC-2026-0001", "Nguyễn A."), ("OIC-2026-0002", "NGUYEN B.")]
    first, second = desk.log()[-2:]
    assert (first["operation"], first["detail"]) == ("consultation", "search over people")
    assert second["records"] == {"person": [1, 2], "referral": [1, 2]}
    assert "nguyen" not in str(desk.log()).lower()
    assert search(desk, "nguyen 1990-05") == [("OIC-2026-0002", "NGUYEN B.")]
    assert search(desk, "nom-1") == [("OIC-2026-0001", "Nguyễn A.")]
    assert search(desk, "nobody") == []
    with pytest.raises(Refused, match="Write a name"):
        search(desk, "  ")


def test_a_request_is_due_within_a_month_and_answered_once_the_identity_was_checked(desk):
    request = desk.do(records_rights.open_request, ASKED, now=NOW)
    with desk.vault.consulting() as session:
        (row,) = records_rights.requests(session)
    assert (row.due_on, row.closed_on) == (date(2026, 12, 22), None)
    with pytest.raises(Refused, match="identity was checked"):
        desk.do(records_rights.close_request, request, "sent", now=NOW)
    desk.do(records_rights.identity_checked, request, "passport seen", now=NOW)
    with pytest.raises(Refused, match="closed with its answer"):
        desk.do(records_rights.close_request, request, " ", now=NOW)
    desk.do(records_rights.close_request, request, "sent", now=NOW)
    with pytest.raises(Refused, match="closed already"):
        desk.do(records_rights.close_request, request, "again", now=NOW)
    assert "Somebody" not in str(desk.log())


def test_an_export_for_the_officer_is_a_logged_disclosure_and_the_victim_stop_holds_it(people, desk):
    with desk.vault.consulting() as session:
        found = records_rights.search(session, "nguyen", now=NOW)
    told = {"recipient": "DPO", "purpose": "access request", "form": "xlsx", "request_id": None, "now": NOW}
    assert [row.id for row in desk.do(records_rights.export, found, **told)] == [1, 2]
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["records"]["person"]) == ("disclosure", "DPO", [1, 2])
    desk.do(records_people.edit_person, 1, {"categories": {"victim"}}, now=NOW)
    with pytest.raises(Refused, match="record of OIC-2026-0001 is incomplete, so the people found cannot be exported"):
        desk.do(records_rights.export, found, **told)


def test_a_correction_keeps_its_trail_and_lists_everybody_to_tell_until_each_is_ticked(people, desk):
    desk.do(records_people.hand_out, 1, recipient="DI Hart", purpose="meeting", how="copied", now=NOW)
    desk.do(records_people.hand_out, 2, recipient="Essex", purpose="case", how="copied", now=NOW)
    desk.do(records_people.hand_out, 1, recipient="Sam Ashby", purpose=OWN_USE, how="copied", now=NOW)
    desk.do(disclose, LIST, "Overdue, 1 row", Handing("Panel", "meeting", "csv"), now=NOW, cases=[1])  # names nobody
    told = desk.do(records_rights.correct, 1, {"force_reference": "NOM-2"}, "a wrong number", now=NOW + hours(1))
    assert [(row.recipient, row.due_on) for row in told] == [("DI Hart", date(2026, 11, 26))]
    desk.do(records_rights.told, told[0].id, now=NOW + hours(2))
    with pytest.raises(Refused, match="told already"):
        desk.do(records_rights.told, told[0].id, now=NOW + hours(2))
    with desk.vault.consulting() as session:
        (row,) = records_rights.corrections(session)
    assert (row.what, row.why, row.fields) == ("corrected", "a wrong number", ("force_reference",))
    assert row.recipients[0].told_by == "Sam Ashby"
    with pytest.raises(Refused, match="nothing was corrected"):
        desk.do(records_rights.correct, 1, {"force_reference": "NOM-2"}, "again", now=NOW + hours(3))
    with pytest.raises(Refused, match="with its reason"):
        desk.do(records_rights.correct, 1, {"force_reference": "NOM-3"}, " ", now=NOW + hours(3))


def test_one_person_is_erased_on_request_and_the_others_stay(people, desk):
    desk.do(records_people.hand_out, 2, recipient="Essex", purpose="case", how="copied", now=NOW)
    with pytest.raises(Refused, match="only with a reason"):
        desk.do(records_rights.erase_person, 2, "", now=NOW)
    desk.do(records_people.edit_person, 2, {"categories": {"victim"}}, now=NOW)
    desk.do(change_settings, {"tell_recipients_working_days": 1}, at=NOW)
    assert desk.row(2).safeguarding_incomplete
    told = desk.do(records_rights.erase_person, 2, "erasure was asked for", now=NOW + days(1))
    assert [(row.recipient, row.due_on) for row in told] == [("Essex", date(2026, 11, 25))]
    assert not desk.row(2).safeguarding_incomplete, "nothing is missing of somebody who was erased"
    assert search(desk, "nguyen") == [("OIC-2026-0001", "Nguyễn A.")]
    with desk.vault.consulting(referral=2) as session:
        assert [row.facts.label for row in records_people.people(session, 2, now=NOW)] == ["Driver"]
    with pytest.raises(Refused, match="not recorded here any more"):
        desk.do(records_people.edit_person, 2, {"label": "X"}, now=NOW)
    assert "erasure" in [entry["operation"] for entry in desk.log()]


def test_a_breach_is_recorded_with_facts_effects_and_remedy(desk):
    breach = desk.do(records_breaches.record, {"aware_at": NOW, "facts": "A laptop was left in a van."}, now=NOW)
    changed = desk.do(records_breaches.edit, breach, {"effects": "none known", "remedy": "found"}, now=NOW + days(1))
    assert changed == ["effects", "remedy"]
    (row,) = desk.ask(records_breaches.breaches)
    assert (row.notify_by, row.remedy) == (NOW + days(3), "found")
    with pytest.raises(Refused, match="72 hours have passed"):
        desk.do(records_breaches.edit, breach, {"people_told": "nobody"}, now=NOW + days(4))
    assert desk.log()[-1]["fields"] == ["effects", "remedy"]
