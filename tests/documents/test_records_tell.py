"""Whom to tell after a correction: everyone who received something about its cases, by a day, until ticked."""

from datetime import date

import pytest

from oicdesk.documents import records, records_drafts, records_tell
from oicdesk.documents.rules import DocumentFacts
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.errors import Refused
from oicdesk.referrals import records_disclosures
from oicdesk.referrals.records_disclosures import LIST, OWN_USE, REPORT, Disclosures, Handing, disclose
from oicdesk.settings.records import change_settings
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault


@pytest.fixture
def case(desk):
    return desk.add()


@pytest.fixture
def document(desk, case):
    """A returned document of the case whose draft two people received."""
    made = desk.do(records_drafts.begin, case, now=CONTACT)
    desk.do(records_drafts.autosave, made, Draft("T", (Item("Text."),)))
    for who in ("DI Reed", "DS Hall"):
        desk.do(records_drafts.leave, made, Handing(who, "briefing", "pdf"), now=CONTACT + hours(1))
    submitted = desk.submit(case, CONTACT + hours(3))
    desk.do(records.return_for_correction, submitted, "Wrong yard.", at=CONTACT + hours(5))
    return submitted


def waiting(desk, **more):
    return desk.ask(records_tell.tellings, **more)


def test_a_corrected_submission_lists_every_recipient_with_a_due_day(desk, document):
    assert waiting(desk) == []
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    rows = waiting(desk)
    assert [row.recipient for row in rows] == ["DI Reed", "DS Hall"]
    assert {row.why for row in rows} == {"its corrected text was submitted"}
    assert {row.due_on for row in rows} == {date(2026, 11, 26)}  # three working days after Monday
    raised = [entry["records"] for entry in desk.log() if "disclosure_telling" in entry["records"]]
    assert raised == [{"document": [document], "disclosure_telling": [row.id for row in rows]}]
    assert not rows[0].is_late(date(2026, 11, 26))
    assert rows[0].is_late(date(2026, 11, 27))


def test_a_recipient_stays_on_the_list_until_ticked_with_how(desk, document):
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    first = waiting(desk)[0]
    with pytest.raises(Refused) as refused:
        desk.do(records_tell.tick, first.id, " ", now=NOW)
    assert refused.value.field == "how"
    desk.do(records_tell.tick, first.id, "Rang them.", now=NOW)
    assert [row.recipient for row in waiting(desk)] == ["DS Hall"]
    (told,) = waiting(desk, told=True)
    assert (told.recipient, told.how, told.told_by) == ("DI Reed", "Rang them.", "Sam Ashby")
    with pytest.raises(Refused, match="already"):
        desk.do(records_tell.tick, first.id, "Again.", now=NOW)
    desk.do(records_tell.untick, first.id)
    assert desk.ask(records_tell.untold_count) == 2


def test_one_who_is_still_to_be_told_is_listed_once(desk, document):
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    desk.do(records.correct, document, DocumentFacts(reference="IR/99"), "Mistyped.", now=NOW)
    assert len(waiting(desk)) == 2
    desk.do(records_tell.tick, waiting(desk)[0].id, "Rang.", now=NOW)
    desk.do(records.correct, document, DocumentFacts(reference="IR/100"), "Mistyped.", now=NOW)
    assert [(row.recipient, row.why) for row in waiting(desk)][1:] == [("DI Reed", "its facts were corrected")]
    desk.do(records_tell.tick, waiting(desk)[1].id, "Rang.", now=NOW)
    desk.do(records.reject, document, "Not this.", at=NOW)
    assert sorted((row.recipient, row.why) for row in waiting(desk)) == [
        ("DI Reed", "it was rejected"), ("DS Hall", "its corrected text was submitted"),
    ]  # fmt: skip


def test_reports_of_figures_own_use_and_other_cases_have_nobody_to_tell(desk, case, document):
    other = desk.add()
    desk.do(disclose, REPORT, "Coverage", Handing("Panel", "meeting", "pdf"), now=NOW, cases=[case])
    desk.do(disclose, LIST, "Documents", Handing("Sam Ashby", OWN_USE, "csv"), now=NOW, cases=[case])
    desk.do(disclose, LIST, "Documents", Handing("DCI Orr", "review", "csv"), now=NOW, cases=[other])
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    assert [row.recipient for row in waiting(desk)] == ["DI Reed", "DS Hall"]


def test_the_days_to_tell_are_a_setting(desk, document):
    desk.do(change_settings, {"tell_recipients_working_days": 1}, at=NOW)
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    assert waiting(desk)[0].due_on == date(2026, 11, 24)


def test_the_register_is_sorted_filtered_and_scoped_in_sql(desk, case, document):
    norfolk = desk.add(force="Norfolk")
    desk.do(disclose, LIST, "Documents", Handing("Alan", "review", "csv"), now=NOW, cases=[case, norfolk])
    desk.do(disclose, REPORT, "Coverage", Handing("Panel", "meeting", "pdf"), now=NOW + days(1))

    def names(sort=None, descending=False, **scope):
        def ask(session):
            return [row.recipient for row in Disclosures(session, **scope).page(0, 9, sort, descending)]

        return desk.ask(ask)

    assert names() == ["Panel", "Alan", "DS Hall", "DI Reed"]
    assert names("recipient") == ["Alan", "DI Reed", "DS Hall", "Panel"]
    assert names("recipient", True)[0] == "Panel"
    assert names(force="Norfolk") == ["Panel", "Alan"]
    assert names(words="hall draft") == ["DS Hall"]
    assert names(words="OIC-2026-0002") == ["Alan"]
    assert names(words="100%_") == []
    place = desk.ask(lambda session: Disclosures(session).position(1, "recipient"))
    assert place == 1


def test_who_received_it_stays_known_after_the_draft_was_purged(desk, case, document):
    desk.do(records.resubmit, document, at=CONTACT + hours(8), now=NOW)
    desk.do(records.accept, document, at=CONTACT + hours(9), now=NOW)
    assert desk.ask(records_drafts.kept_drafts, now=NOW) == []
    rows = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert [row.what for row in rows] == ["Working draft 1, version 1"] * 2
    assert records_disclosures.KINDS[rows[0].kind] == "Working draft"
