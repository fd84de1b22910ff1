"""Outside lists as they are kept: compared, decided, remembered, taken back, and what figures say of them."""

from datetime import UTC, datetime

import pytest

from oicdesk.documents.records import figures
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_outside, records_reconcile, rules
from oicdesk.referrals.records_outside import accept_pair, contacts, dismiss, record_referrals, refuse_pair, take_back
from oicdesk.referrals.records_queue import notes
from oicdesk.referrals.records_reconcile import OutsideRow
from oicdesk.referrals.records_reconciled import reconciled
from oicdesk.referrals.rules_reconcile import CAVEAT, DOUBTFUL, MATCHED, ONLY_THEIRS
from oicdesk.settings.records import change_settings
from tests import desks
from tests.desks import CONTACT, NOW, hours

desk, vault = desks.desk, desks.vault

LATER = NOW + hours(1)


def row(line, ref=None, minutes=0, *, force="Suffolk", collar="PC 7191", **more):
    return OutsideRow(line, CONTACT + hours(minutes / 60), force, ref, None, collar, **more)


def take(desk, rows, *, name="nccu.xlsx", now=NOW):
    return desk.do(
        records_reconcile.write, rows, file_name=name, file_sha256="", total=len(rows), now=now
    )  # fmt: skip


def on_list(desk, list_id=1):
    return {one.line: one for one in desk.ask(contacts, list_id)}


def states(desk, list_id=1):
    return {line: one.state for line, one in on_list(desk, list_id).items()}


@pytest.fixture
def mixed(desk):
    """Three referrals and a list of four: one matched, one doubtful, two only theirs."""
    desk.add(nccu_ref="NCCU 1", incident_ref="A")
    desk.add(nccu_ref="NCCU 2", incident_ref="B", officer_collar="PC 2")
    desk.add(incident_ref="C", officer_collar="PC 3")
    take(desk, [
        row(4, "nccu/1", 3), row(5, "NCCU5", 9, collar="PC 2"), row(6, "NCCU6", collar="PC 6"), row(7, collar="DC 7"),
    ])  # fmt: skip
    return desk


def test_a_list_is_kept_with_what_each_contact_was_found_to_be(mixed):
    assert states(mixed) == {4: MATCHED, 5: DOUBTFUL, 6: ONLY_THEIRS, 7: ONLY_THEIRS}
    assert on_list(mixed)[4].referral == "OIC-2026-0001"
    assert on_list(mixed)[5].candidates == ((2, "OIC-2026-0002"),)
    assert [one.reference for one in mixed.ask(records_outside.only_ours, 1)] == ["OIC-2026-0002", "OIC-2026-0003"]
    (kept,) = mixed.ask(records_outside.lists)
    assert (kept.matched, kept.doubtful, kept.only_theirs, kept.decided) == (1, 1, 2, 0)


def test_comparing_is_logged_as_a_combination_of_the_pairs(mixed):
    entry = mixed.log()[-1]
    assert (entry["operation"], entry["records"]) == ("combination", {"outside_list": [1], "referral": [1]})


def test_the_same_list_again_writes_nothing_whatever_its_order_and_name(mixed):
    entries = len(mixed.log())
    rows = mixed.ask(records_reconcile._rows_of, 1)
    batch, found = take(mixed, rows[::-1], name="copy.xlsx", now=LATER)
    assert (batch, found.count(MATCHED), len(mixed.log())) == (1, 1, entries)
    assert len(mixed.ask(records_outside.lists)) == 1


def test_the_same_list_again_matches_a_referral_recorded_meanwhile(mixed):
    mixed.add(nccu_ref="NCCU6", incident_ref="D", officer_collar="PC 9")
    take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    assert states(mixed)[6] == MATCHED


def test_the_window_is_the_desks(desk):
    desk.add()
    desk.do(change_settings, {"reconcile_window_minutes": 5}, at=NOW)
    take(desk, [row(4, None, 6)])
    assert states(desk) == {4: ONLY_THEIRS}


# --- deciding ---


def test_an_accepted_pair_is_remembered_and_logged(mixed):
    mixed.do(accept_pair, 2, 2, now=NOW)
    assert mixed.log()[-1]["operation"] == "combination"
    entries = len(mixed.log())
    take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    one = on_list(mixed)[5]
    assert (one.state, one.referral_id, one.decision, one.decided_by) == (MATCHED, 2, "accepted", "Sam Ashby")
    assert len(mixed.log()) == entries


def test_a_referral_with_a_partner_is_not_accepted_for_another_contact(mixed):
    with pytest.raises(Refused, match="matched with line 4 of this list already"):
        mixed.do(accept_pair, 2, 1, now=NOW)
    with pytest.raises(Refused, match="Only a doubtful contact is accepted, and this one is only theirs"):
        mixed.do(accept_pair, 3, 3, now=NOW)


def test_a_refused_pair_is_only_theirs_and_stays_so(mixed):
    with pytest.raises(Refused, match="only with a reason"):
        mixed.do(refuse_pair, 2, " ", now=NOW)
    mixed.do(refuse_pair, 2, "another stop", now=NOW)
    entries = len(mixed.log())
    take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    assert (states(mixed)[5], on_list(mixed)[5].decided_why) == (ONLY_THEIRS, "another stop")
    assert len(mixed.log()) == entries


def test_a_contact_that_is_only_theirs_becomes_a_referral_with_its_origin(mixed):
    (case,) = mixed.do(record_referrals, [3], now=NOW)
    made = mixed.row(case)
    assert (made.nccu_ref, made.force, made.officer_collar, made.status) == ("NCCU6", "Suffolk", "PC 6", rules.NEW)
    assert made.contact_at == CONTACT
    with mixed.vault.consulting(referral=[case]) as session:
        assert "line 6 of the outside list nccu.xlsx" in notes(session, case)[0].text
    entries = len(mixed.log())
    _batch, found = take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    assert (found.count(MATCHED), found.count(ONLY_THEIRS), len(mixed.log())) == (2, 1, entries)
    with pytest.raises(Refused, match="this one is matched"):
        mixed.do(record_referrals, [3], now=NOW)


def test_a_dismissal_needs_a_reason_and_stays(mixed):
    with pytest.raises(Refused, match="only with a reason"):
        mixed.do(dismiss, 3, "", now=NOW)
    mixed.do(dismiss, 3, "a test call", now=NOW)
    with pytest.raises(Refused, match="this one is dismissed"):
        mixed.do(record_referrals, [3], now=NOW)
    mixed.add(nccu_ref="NCCU6", incident_ref="D", officer_collar="PC 9")
    take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    assert (states(mixed)[6], on_list(mixed)[6].decision) == (ONLY_THEIRS, "dismissed")


def test_a_longer_list_brings_the_decisions_along(mixed):
    mixed.do(accept_pair, 2, 2, now=NOW)
    mixed.do(dismiss, 3, "a test call", now=NOW)
    rows = [*mixed.ask(records_reconcile._rows_of, 1), row(8, "NCCU8", collar="PC 8")]
    take(mixed, rows, name="longer.xlsx", now=LATER)
    assert states(mixed, 2) == {4: MATCHED, 5: MATCHED, 6: ONLY_THEIRS, 7: ONLY_THEIRS, 8: ONLY_THEIRS}
    assert on_list(mixed, 2)[6].decided_why == "a test call"


def test_a_decision_is_taken_back(mixed):
    mixed.do(refuse_pair, 2, "another stop", now=NOW)
    mixed.do(take_back, 2, now=LATER)
    assert (states(mixed)[5], on_list(mixed)[5].decision) == (DOUBTFUL, None)
    with pytest.raises(Refused, match="nothing to take back"):
        mixed.do(take_back, 2, now=LATER)


# --- taking back ---


def test_a_list_taken_back_takes_its_untouched_referrals_along_and_names_the_others(mixed):
    kept, gone = mixed.do(record_referrals, [3, 4], now=NOW)
    mixed.do(records.edit, kept, {"team": "Ipswich"}, now=LATER)
    undone = mixed.do(records_reconcile.undo, 1, now=LATER)
    assert (undone.withdrawn, undone.kept) == (1, (mixed.row(kept).reference,))
    with pytest.raises(Refused, match="not in the register"):
        mixed.row(gone)
    assert mixed.ask(records_outside.lists) == []
    assert mixed.ask(reconciled, as_at=NOW) is None
    with pytest.raises(Refused, match="taken back already"):
        mixed.do(records_reconcile.undo, 1, now=LATER)


def test_after_taking_back_the_list_can_come_anew_without_its_decisions(mixed):
    mixed.do(accept_pair, 2, 2, now=NOW)
    rows = mixed.ask(records_reconcile._rows_of, 1)
    mixed.do(records_reconcile.undo, 1, now=LATER)
    take(mixed, rows, now=LATER)
    assert states(mixed, 2)[5] == DOUBTFUL


# --- figures ---


def test_figures_name_the_list_and_estimate_what_both_missed(mixed):
    found = mixed.ask(figures, as_at=NOW)
    assert found["denominator"] == "reconciled with nccu.xlsx on Mon 23 Nov 2026"
    told = found["reconciliation"]
    assert (told["ours"], told["theirs"], told["both"], told["doubtful"]) == (3, 4, 1, 1)
    assert (told["estimate"], told["missed_by_both"]) == (9.0, 3.0)  # 4·5/2 − 1, less the 6 seen
    assert told["caveat"] == CAVEAT


def test_a_referral_recorded_from_the_list_was_not_on_ours(mixed):
    mixed.do(record_referrals, [3], now=NOW)
    found = mixed.ask(reconciled, as_at=NOW).missed
    assert (found.ours, found.theirs, found.both) == (3, 4, 1)


def test_figures_of_a_force_count_its_own_contacts(mixed):
    mixed.add(force="Norfolk", nccu_ref="NCCU 20", incident_ref="N", officer_collar="PC 20")
    found = mixed.ask(reconciled, as_at=NOW, force="Suffolk").missed
    assert (found.ours, found.theirs, found.both) == (3, 4, 1)
    assert mixed.ask(reconciled, as_at=NOW, force="Norfolk").missed is None


def test_before_the_first_contact_of_the_list_the_denominator_is_self_declared(mixed):
    found = mixed.ask(figures, as_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert (found["denominator"], found["reconciliation"]) == ("self-declared", None)


def test_a_withdrawn_referral_is_nobodys_partner(mixed):
    mixed.do(_withdraw, 1)
    found = mixed.ask(reconciled, as_at=NOW).missed
    assert (found.ours, found.both) == (2, 0)
    take(mixed, mixed.ask(records_reconcile._rows_of, 1), now=LATER)
    assert states(mixed)[4] == ONLY_THEIRS


def _withdraw(session, case):
    from oicdesk.vault import log

    records.get(session, case).withdrawn_at = NOW
    log.record(session, log.ALTERATION, referral=case)


def test_two_accepted_contacts_of_one_referral_in_a_longer_list_leave_it_one_partner(mixed):
    mixed.do(accept_pair, 2, 2, now=NOW)
    other = row(5, "NCCU7", -9, collar="PC 2")
    take(mixed, [other], name="other.xlsx", now=NOW)
    mixed.do(accept_pair, 5, 2, now=NOW)
    _batch, found = take(mixed, [*mixed.ask(records_reconcile._rows_of, 1), other], name="both.xlsx", now=LATER)
    partners = [one.ours for one in found.findings if one.ours is not None]
    assert sorted(partners) == [1, 2]
