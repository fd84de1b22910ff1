"""Days on which one force alone does not work: they count in the clocks of its own cases only."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.referrals import records
from oicdesk.referrals.records_case import read_case
from oicdesk.referrals.records_queue import Queue
from oicdesk.settings.records import add_holiday, change_settings, reference, relabel, retire
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault
THURSDAY = date(2026, 11, 19)


@pytest.fixture
def two(desk):
    """A case of each force, and a Thursday on which Norfolk does not work."""
    desk.do(add_holiday, THURSDAY, "Force day", on=date(2026, 1, 5), force="Norfolk")
    return desk.add(), desk.add(force="Norfolk", incident_ref="N-1", contact_at=CONTACT + hours(1))


def ages(desk):
    with desk.vault.reading() as session:
        return [row.age_working_days for row in Queue(session, "all", now=NOW).page(0, 9)]


def test_a_day_of_one_force_counts_in_its_own_clocks_only(desk, two):
    assert ages(desk) == [5, 4]
    with desk.vault.reading() as session:
        told = reference(session)
        assert THURSDAY not in told.holidays and THURSDAY not in told.holidays_of("Suffolk")
        assert THURSDAY in told.holidays_of("Norfolk") and told.holidays < told.holidays_of("Norfolk")
        assert told.holidays_of(None) == told.holidays
        assert [read_case(session, case, NOW).clocks.working_days for case in two] == [5, 4]


def test_the_end_of_the_next_working_day_and_a_correction_go_by_the_force(desk):
    desk.do(add_holiday, THURSDAY, "Force day", on=date(2026, 1, 5), force="Norfolk")
    desk.do(change_settings, {"document_due_rule": "end_of_next_working_day"}, at=datetime(2026, 11, 2, tzinfo=UTC))
    wednesday = CONTACT + days(2)
    ours = desk.add(contact_at=wednesday)
    theirs = desk.add(contact_at=wednesday, force="Norfolk", incident_ref="N-1")
    assert [desk.row(case).due_at.day for case in (ours, theirs)] == [19, 20]
    desk.do(records.edit, theirs, {"force": "Suffolk"}, now=NOW)
    assert desk.row(theirs).due_at.day == 19, "another force has other days"
    desk.do(records.edit, theirs, {"force": "Norfolk"}, now=NOW)
    for case, day in ((ours, 20), (theirs, 23)):
        document = desk.submit(case, wednesday + hours(1), reference=f"IR-{case}")
        desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + days(1) + days(1) + hours(2))
        with desk.vault.reading() as session:
            assert read_case(session, case, NOW).clocks.correction_due.day == {20: 23, 23: 24}[day]
            (line,) = (row for row in Queue(session, "returned", now=NOW).page(0, 9) if row.id == case)
            assert (line.next_action, line.next_at.day) == ("Await the correction", {20: 23, 23: 24}[day])


def test_such_a_day_keeps_its_force_through_another_title_and_can_be_removed(desk, two):
    with desk.vault.reading() as session:
        (row,) = [row for row in reference(session).values("bank_holiday") if row.extra.get("force")]
    renamed = desk.do(relabel, row.id, "Founders' day", on=date(2026, 11, 20))
    assert ages(desk) == [5, 4]
    with pytest.raises(Refused, match="already a bank holiday"):
        desk.do(add_holiday, THURSDAY, "Again", on=date(2026, 11, 20))
    desk.do(retire, renamed, on=date(2026, 11, 21))
    assert ages(desk) == [5, 5]
