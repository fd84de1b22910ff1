"""Many referrals at once: who was changed, who was left and why, and one way back for all."""

from datetime import date

import pytest
from sqlalchemy import event

from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_chasers, records_exemptions, records_many, records_queue, rules
from oicdesk.referrals.records_many import NEXT, ask_many, assign_many, chase_many, earliest, mark_many, snooze_many
from oicdesk.referrals.records_officers import Directory
from oicdesk.referrals.records_queue import Queue, timeline
from oicdesk.referrals.records_views import counts
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault


@pytest.fixture
def three(desk):
    """Two that await their document and one that is closed."""
    made = [desk.add(contact_at=CONTACT + hours(n), incident_ref=f"S-{n}") for n in range(3)]
    desk.accepted(made[2], CONTACT + hours(9))
    desk.do(records.close, made[2], at=CONTACT + hours(20))
    return made


def take_back(desk, result):
    with desk.vault.changing() as session:
        return result.back(session, NOW)


def test_a_snooze_of_several_names_those_that_were_left_and_is_taken_back_in_one_step(desk, three):
    result = desk.do(snooze_many, three, date(2026, 11, 30), "Court", now=NOW)
    assert result.changed == ("OIC-2026-0001", "OIC-2026-0002")
    assert result.skipped == (
        ("OIC-2026-0003", "Nothing is waiting for this case, so there is nothing to snooze."),
    )  # fmt: skip
    assert desk.ask(counts, now=NOW)["snoozed"] == 2
    assert take_back(desk, result) == ""
    assert desk.ask(counts, now=NOW)["snoozed"] == 0


def test_each_is_chased_by_its_own_next_step_and_a_chaser_is_not_taken_back(desk, three):
    desk.do(records_chasers.chase, three[1], rules.OFFICER, "e-mail", at=CONTACT + days(3))
    result = desk.do(chase_many, three, NEXT, "e-mail", at=NOW)
    assert len(result.changed) == 2 and result.back is None
    roles = [desk.ask(records_chasers.chasers, case)[0].to_role for case in three[:2]]
    assert roles == [rules.OFFICER, rules.SUPERVISOR]
    for _step in range(2):
        result = desk.do(chase_many, three[:2], NEXT, "e-mail", at=NOW)
    assert result.skipped == (
        ("OIC-2026-0002", "The last step is taken; agree the next one with the Detective Inspector."),
    )  # fmt: skip


def test_a_team_is_given_to_several_and_the_old_ones_come_back(desk, three):
    desk.do(records.edit, three[1], {"team": "Leiston"}, now=NOW)
    logged = len(desk.log())
    result = desk.do(assign_many, three, "Leiston", now=NOW + hours(1))
    assert result.changed == ("OIC-2026-0001", "OIC-2026-0003")
    given = [three[0], three[2]]
    assert sorted(case for entry in desk.log()[logged:] for case in entry["records"]["referral"]) == given
    told = [(event.kind, event.reason, event.at) for event in (desk.ask(timeline, case)[0] for case in given)]
    assert told == [("edited", "team", NOW + hours(1))] * 2
    assert {desk.row(case).updated_at for case in given} == {NOW + hours(1)}
    assert result.skipped == (("OIC-2026-0002", "It is with Leiston already."),)
    take_back(desk, result)
    assert [desk.row(case).team for case in three] == ["Ipswich Response", "Leiston", "Ipswich Response"]
    with pytest.raises(Refused, match="Write the team first"):
        desk.do(assign_many, three, " ", now=NOW)


def test_a_case_given_to_another_team_does_not_move_its_officer(desk, three):
    before = desk.ask(lambda session: Directory(session, today=NOW.date()).page(0, 9))
    result = desk.do(assign_many, three, "Leiston", now=NOW)
    assert desk.ask(lambda session: Directory(session, today=NOW.date()).page(0, 9)) == before
    take_back(desk, result)
    assert desk.ask(lambda session: Directory(session, today=NOW.date()).page(0, 9)) == before


def test_one_reason_asks_for_several_exemptions_and_each_still_waits_for_its_approver(desk, three):
    result = desk.do(ask_many, three, "other_force", "All of them Essex.", now=NOW)
    assert len(result.changed) == 2 and result.skipped[0][0] == "OIC-2026-0003"
    assert desk.ask(counts, now=NOW)["approval"] == 2
    with pytest.raises(Refused, match="Only an approver"):
        desk.do(records_exemptions.approve, desk.ask(records_exemptions.exemptions, three[0])[0].id, now=NOW)
    take_back(desk, result)
    assert desk.ask(counts, now=NOW)["approval"] == 0
    with pytest.raises(Refused, match="write why"):
        desk.do(ask_many, three, "other_force", " ", now=NOW)


def test_duplicates_go_to_the_earliest_of_them(desk, three):
    assert desk.ask(earliest, three) == (three[0], "OIC-2026-0001")
    before = desk.add(contact_at=CONTACT - hours(1), incident_ref="S-9")
    assert desk.ask(earliest, [*three, before]) == (before, "OIC-2026-0004"), "by the contact, not by when it was typed"
    result = desk.do(mark_many, three, three[0], "Same call.", at=NOW)
    assert result.changed == ("OIC-2026-0002",) and result.skipped[0][0] == "OIC-2026-0003"
    assert desk.row(three[1]).duplicate_of == three[0]
    take_back(desk, result)
    assert (desk.row(three[1]).status, desk.row(three[1]).duplicate_of) == (rules.AWAITING_DOCUMENT, None)


def test_taking_back_leaves_and_names_what_changed_since(desk, three):
    result = desk.do(assign_many, three[:2], "Leiston", now=NOW)
    desk.do(records.edit, three[0], {"team": "Lowestoft"}, now=NOW)
    assert "OIC-2026-0001 was corrected again since" in take_back(desk, result)
    assert [desk.row(case).team for case in three[:2]] == ["Lowestoft", "Ipswich Response"]
    with pytest.raises(Refused, match="All of them have changed since"):
        take_back(desk, result)


def test_a_refusal_of_one_leaves_no_trace_of_it(desk, three):
    before = len(desk.log())
    desk.do(snooze_many, [three[2]], date(2026, 11, 30), "", now=NOW)
    assert len(desk.log()) == before


def test_more_than_a_thousand_are_refused_in_a_sentence(desk, three, monkeypatch):
    with pytest.raises(Refused, match="1,001 referrals are chosen, and 1,000 can be changed in one step"):
        desk.do(assign_many, list(range(1001)), "Leiston", now=NOW)
    monkeypatch.setattr(records_many, "MOST", 3)
    assert len(desk.do(assign_many, three, "Leiston", now=NOW).changed) == 3


def test_a_team_given_to_forty_is_told_of_each_and_written_by_as_few_statements_as_for_two(desk):
    cases = [desk.add(contact_at=CONTACT + hours(n), incident_ref=f"S-{n}") for n in range(42)]
    said: list[str] = []
    before = len(desk.log())
    with desk.vault.changing() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda _c, _k, words, *_more: said.append(words))
        assert len(assign_many(session, cases[:2], "Leiston", now=NOW).changed) == 2
        session.flush()
        for_two = _writes(said)
        said.clear()
        assert len(assign_many(session, cases[2:], "Leiston", now=NOW).changed) == 40
        session.flush()
        assert _writes(said) == for_two == {"referral": 1, "activity": 1}
    written = desk.log()[before:]
    assert [(entry["records"], entry["fields"]) for entry in written] == [({"referral": [n]}, ["team"]) for n in cases]
    for case in (cases[0], cases[41]):
        newest = desk.ask(records_queue.timeline, case)[0]
        assert (newest.kind, newest.reason) == ("edited", "team")
    assert desk.ask(documents.figures, as_at=NOW)["coverage"]["in_scope"] == 42
    assert desk.ask(lambda session: Queue(session, "all", now=NOW, words="leist").count()) == 42


def _writes(said):
    """How often each statement wrote into the records and into the log."""
    return {
        table: sum(f"UPDATE {table} " in one or f"INTO {table} " in one for one in said)
        for table in ("referral", "activity")
    }
