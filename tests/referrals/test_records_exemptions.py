"""Exemptions as kept: asked for by one user, approved by another, reported from outside, ended, overturned."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.documents.records import figures
from oicdesk.errors import Refused
from oicdesk.referrals import records, rules
from oicdesk.referrals import records_exemptions as exemptions
from oicdesk.referrals.records_case import read_case
from oicdesk.referrals.records_queue import Queue, timeline
from oicdesk.vault.vault import APPROVER, VIEWER, Vault
from tests import desks
from tests.desks import APPROVERS, CONTACT, NOW, PASSPHRASE, Desk, days, hours

desk, vault = desks.desk, desks.vault

INSPECTOR = rules.ReportedApproval("DI Kit Lowe", "Detective Inspector", date(2026, 11, 17), "e-mail of 17 Nov")


NEXT_DAY = CONTACT + days(1)


def asked(desk, case, *, now=NEXT_DAY):
    return desk.do(exemptions.ask, case, "other_force", "Essex reported it.", now=now)


def exempted(desk, case):
    """The event that made the case exempt."""
    return next(event for event in desk.ask(timeline, case) if event.to_status == rules.EXEMPT)


def as_user(desk, name, role, work, secret=APPROVERS):
    """Let another user do `work(desk)` in the same vault, under their own passphrase."""
    desk.vault.add_user(name, role, secret)
    path = desk.vault.path
    desk.vault.close()
    with Vault.open(path, secret) as other:
        work(Desk(other))
    desk.vault = Vault.open(path, PASSPHRASE)


@pytest.fixture(autouse=True)
def _closed_at_the_end(desk):
    yield
    desk.vault.close()


def test_asking_leaves_the_case_as_it_is_and_shows_it_as_waiting(desk):
    case = desk.add()
    asked(desk, case)
    assert desk.row(case).status == rules.AWAITING_DOCUMENT
    (row,) = desk.ask(exemptions.exemptions, case)
    assert (row.standing, row.requested_by, row.approver) == (rules.WAITING, "Sam Ashby", "")
    with desk.vault.reading() as session:
        (line,) = Queue(session, "approval", now=NOW).page(0, 10)
        assert (line.id, line.next_action) == (case, "Wait for the approval of the exemption")


@pytest.mark.parametrize(("reason", "why", "field"), [("unheard_of", "x", "reason"), ("other_force", " ", "reason")])
def test_asking_without_a_known_reason_or_without_words_is_refused(desk, reason, why, field):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(exemptions.ask, case, reason, why, now=NOW)
    assert refused.value.field == field
    assert desk.ask(exemptions.exemptions, case) == []


def test_a_second_request_waits_for_the_first(desk):
    case = desk.add()
    asked(desk, case)
    with pytest.raises(Refused, match="already asked for"):
        asked(desk, case)


def test_a_submitted_case_cannot_be_exempted(desk):
    case = desk.add()
    desk.submit(case, CONTACT + hours(1))
    with pytest.raises(Refused, match="submitted referral cannot be exempted"):
        asked(desk, case)


def test_an_approver_approves_under_their_own_passphrase(desk):
    case = desk.add()
    request = asked(desk, case)
    as_user(desk, "Kit Lowe", APPROVER, lambda other: other.do(exemptions.approve, request, now=NOW))
    kept = desk.row(case)
    assert (kept.status, kept.review_on) == (rules.EXEMPT, date(2027, 11, 23))
    (row,) = desk.ask(exemptions.exemptions, case)
    assert (row.standing, row.approver, row.approved_at) == (rules.APPROVED, "Kit Lowe", NOW)
    event = exempted(desk, case)
    assert (event.at, event.reason, event.by) == (NOW, "Essex reported it.", "Kit Lowe")
    assert {entry["user"] for entry in desk.log()[-2:]} == {"Kit Lowe"}


def test_whoever_asked_cannot_approve_nor_can_an_officer_or_a_viewer(desk):
    case = desk.add()
    request = asked(desk, case)
    with pytest.raises(Refused, match="Only an approver"):
        desk.do(exemptions.approve, request, now=NOW)

    def try_it(other):
        with pytest.raises(Refused):
            other.do(exemptions.approve, request, now=NOW)

    as_user(desk, "Robin Vale", VIEWER, try_it, "viewing lamp quartz")
    as_user(desk, "ASHBY, Sam", APPROVER, try_it)
    assert desk.row(case).status == rules.AWAITING_DOCUMENT


def test_an_approval_given_outside_counts_from_its_day_and_is_counted_apart(desk):
    case = desk.add()
    request = asked(desk, case, now=CONTACT + days(4))
    desk.do(exemptions.report_approval, request, INSPECTOR, now=CONTACT + days(5))
    (row,) = desk.ask(exemptions.exemptions, case)
    assert (row.standing, row.approver) == (rules.REPORTED, "DI Kit Lowe")
    assert ["reported_approval"] in [entry["fields"] for entry in desk.log()]
    event = exempted(desk, case)
    assert event.at == datetime(2026, 11, 17, 23, 59, 59, 999999, tzinfo=UTC)
    assert event.recorded_at == CONTACT + days(5)
    before = desk.ask(figures, as_at=event.at - hours(1))["coverage"]
    after = desk.ask(figures, as_at=event.at + hours(1))["coverage"]
    assert (before["in_scope"], before["exempt"]) == (1, {})
    assert after["in_scope"] == 0
    assert after["exempt"] == {"Reported by another force": 1}
    assert after["exempt_as_reported"] == 1


def test_an_approval_reported_for_a_day_before_the_contact_counts_from_the_contact(desk):
    case = desk.add()
    request = asked(desk, case)
    early = rules.ReportedApproval("Kit Lowe", "Detective Inspector", date(2026, 11, 1), "e-mail")
    desk.do(exemptions.report_approval, request, early, now=NOW)
    assert exempted(desk, case).at == CONTACT
    assert desk.row(case).status == rules.EXEMPT


def test_a_reported_approval_needs_its_facts_and_another_person(desk):
    case = desk.add()
    request = asked(desk, case)
    for wrong, field in (
        (rules.ReportedApproval("", "DI", date(2026, 11, 17), "x"), "name"),
        (rules.ReportedApproval("Ashby Sam", "DI", date(2026, 11, 17), "x"), "name"),
        (rules.ReportedApproval("Kit Lowe", "DI", date(2026, 11, 24), "x"), "on"),
        (rules.ReportedApproval("Kit Lowe", "DI", date(2026, 11, 17), ""), "reference"),
    ):
        with pytest.raises(Refused) as refused:
            desk.do(exemptions.report_approval, request, wrong, now=NOW)
        assert refused.value.field == field
    assert desk.row(case).status == rules.AWAITING_DOCUMENT


def test_the_reported_approver_confirms_later_and_figures_of_before_stay_as_they_were(desk):
    case = desk.add()
    request = asked(desk, case)
    desk.do(exemptions.report_approval, request, INSPECTOR, now=CONTACT + days(2))
    as_user(desk, "Kit Lowe", APPROVER, lambda other: other.do(exemptions.approve, request, now=NOW))
    (row,) = desk.ask(exemptions.exemptions, case)
    assert (row.standing, row.approver) == (rules.CONFIRMED, "Kit Lowe")
    assert desk.ask(figures, as_at=NOW - hours(1))["coverage"]["exempt_as_reported"] == 1
    assert desk.ask(figures, as_at=NOW)["coverage"]["exempt_as_reported"] == 0
    assert desk.row(case).status == rules.EXEMPT


def test_somebody_else_cannot_confirm_a_reported_approval(desk):
    case = desk.add()
    request = asked(desk, case)
    desk.do(exemptions.report_approval, request, INSPECTOR, now=CONTACT + days(2))

    def try_it(other):
        with pytest.raises(Refused, match="reported as given by DI Kit Lowe"):
            other.do(exemptions.approve, request, now=NOW)

    as_user(desk, "Robin Vale", APPROVER, try_it)


def test_an_approval_is_not_reported_twice(desk):
    case = desk.add()
    request = asked(desk, case)
    desk.do(exemptions.report_approval, request, INSPECTOR, now=NOW)
    with pytest.raises(Refused, match="approved already"):
        desk.do(exemptions.report_approval, request, INSPECTOR, now=NOW)
    with pytest.raises(Refused, match="overturn it"):
        desk.do(exemptions.end_request, request, "No.", now=NOW)


def test_a_request_refused_or_taken_back_leaves_room_for_another(desk):
    case = desk.add()
    request = asked(desk, case)
    with pytest.raises(Refused) as refused:
        desk.do(exemptions.end_request, request, " ", now=NOW)
    assert refused.value.field == "reason"
    desk.do(exemptions.end_request, request, "It was ours.", now=NOW)
    (row,) = desk.ask(exemptions.exemptions, case)
    assert (row.standing, row.ended_why) == ("ended", "It was ours.")
    with pytest.raises(Refused, match="decided already"):
        desk.do(exemptions.report_approval, request, INSPECTOR, now=NOW)
    assert asked(desk, case) != request
    assert desk.row(case).status == rules.AWAITING_DOCUMENT


def test_overturning_restarts_the_clock_and_needs_a_reason(desk):
    case = desk.add()
    request = asked(desk, case)
    desk.do(exemptions.report_approval, request, INSPECTOR, now=CONTACT + days(2))
    with pytest.raises(Refused) as refused:
        desk.do(exemptions.overturn, case, "", at=NOW)
    assert refused.value.field == "reason"
    desk.do(exemptions.overturn, case, "It was ours.", at=NOW)
    kept = desk.row(case)
    assert (kept.status, kept.due_at) == (rules.AWAITING_DOCUMENT, NOW + hours(24))
    (row,) = desk.ask(exemptions.exemptions, case)
    assert row.standing == "ended"
    told = desk.ask(read_case, case, NOW)
    assert (told.first_due, told.clocks.ran_from) == (CONTACT + hours(24), "the exemption was overturned")
    still = desk.ask(figures, as_at=NOW - hours(1))["coverage"]
    assert still["exempt"] == {"Reported by another force": 1}


def test_a_case_exempted_again_shows_the_reason_that_held_at_each_instant(desk):
    case = desk.add()
    desk.do(exemptions.report_approval, asked(desk, case), INSPECTOR, now=CONTACT + days(2))
    desk.do(exemptions.overturn, case, "It was ours.", at=CONTACT + days(3))
    again = desk.do(exemptions.ask, case, "recorded_in_error", "Typed twice.", now=CONTACT + days(4))
    later = rules.ReportedApproval("Kit Lowe", "DI", date(2026, 11, 21), "note")
    desk.do(exemptions.report_approval, again, later, now=CONTACT + days(6))
    reasons = [desk.ask(figures, as_at=CONTACT + days(day))["coverage"]["exempt"] for day in (0.5, 2.5, 3.5, 4.5, 6)]
    assert reasons == [{}, {"Reported by another force": 1}, {}, {}, {"Recorded in error": 1}]


def test_withdrawing_an_exempt_case_as_a_duplicate_is_refused_until_it_is_overturned(desk):
    case, survivor = desk.add(), desk.add()
    desk.do(exemptions.report_approval, asked(desk, case), INSPECTOR, now=NOW)
    with pytest.raises(Refused, match="overturn the exemption first"):
        desk.do(records.mark_duplicate, case, survivor, "Same.", at=NOW)


# --- running out ---


def until(desk, case, day, *, now=NEXT_DAY):
    """Exempt until the end of a day, on an approval reported from outside."""
    request = desk.do(exemptions.ask, case, "other_force", "Essex reported it.", now=now, expires_on=day)
    desk.do(exemptions.report_approval, request, INSPECTOR, now=now)
    return request


def test_an_exemption_that_ran_out_returns_to_work_with_its_history_and_a_clock_from_that_midnight(desk):
    case = desk.add()
    first_due = desk.row(case).due_at
    until(desk, case, date(2026, 11, 20))
    assert desk.do(exemptions.expire, now=datetime(2026, 11, 20, 23, 59, tzinfo=UTC)) == []
    assert desk.do(exemptions.expire, now=NOW) == ["OIC-2026-0001"]
    row, midnight = desk.row(case), datetime(2026, 11, 21, tzinfo=UTC)
    assert (row.status, row.due_at) == (rules.AWAITING_DOCUMENT, midnight + days(1))
    assert desk.ask(records.first_due_of, case) == first_due
    event = desk.ask(timeline, case)[0]
    assert (event.at, event.recorded_at, event.reason) == (
        midnight, NOW, "The exemption ran out at the end of Fri 20 Nov 2026.",
    )  # fmt: skip
    (shown,) = desk.ask(exemptions.exemptions, case)
    assert (shown.standing, shown.expires_on) == ("ended", date(2026, 11, 20))
    assert desk.do(exemptions.expire, now=NOW) == []


def test_figures_of_an_instant_are_the_same_whenever_the_expiry_is_noticed(desk):
    case = desk.add()
    until(desk, case, date(2026, 11, 20))
    desk.do(exemptions.expire, now=NOW + days(90))
    on = {day: desk.ask(figures, as_at=datetime(2026, 11, day, 12, tzinfo=UTC))["coverage"] for day in (20, 21)}
    assert (on[20]["in_scope"], on[21]["in_scope"]) == (0, 1)


def test_an_exemption_without_an_end_or_not_approved_does_not_run_out(desk):
    desk.do(exemptions.report_approval, asked(desk, desk.add()), INSPECTOR, now=NEXT_DAY)
    other = desk.add(incident_ref="S-2")
    desk.do(exemptions.ask, other, "other_force", "x", now=NEXT_DAY, expires_on=date(2026, 11, 20))
    assert desk.do(exemptions.expire, now=NOW) == []


def test_an_exemption_that_would_have_run_out_is_neither_asked_for_nor_approved(desk):
    case = desk.add()
    with pytest.raises(Refused, match="would have run out on") as refusal:
        desk.do(exemptions.ask, case, "other_force", "x", now=NEXT_DAY, expires_on=NEXT_DAY.date())
    assert refusal.value.field == "expires_on"
    request = desk.do(exemptions.ask, case, "other_force", "x", now=NEXT_DAY, expires_on=date(2026, 11, 20))

    def too_late(other):
        with pytest.raises(Refused, match="would have run out"):
            other.do(exemptions.approve, request, now=NOW)

    as_user(desk, "Alex Hart", APPROVER, too_late)


def test_opening_the_desk_returns_what_ran_out_but_a_viewer_changes_nothing(desk):
    from oicdesk.desk import catch_up

    case = desk.add()
    until(desk, case, date(2026, 11, 20))

    def looks(other):
        assert catch_up(other.vault, now=NOW) == []

    as_user(desk, "Vee Watcher", VIEWER, looks)
    assert catch_up(desk.vault, now=NOW) == ["OIC-2026-0001"]
    assert desk.log()[-1]["detail"] == "expired"
