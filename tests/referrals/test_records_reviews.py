"""Holds, reviews and the anonymising of people, on a real vault: nothing that was erased is found anywhere in it."""

from datetime import date

import pytest
from sqlalchemy import text

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_holds, records_people, records_reviews, records_rights, rules
from oicdesk.referrals.form import KeptDrafts
from oicdesk.referrals.form_people import edit_person_task
from oicdesk.referrals.records_queue import notes, timeline
from oicdesk.settings.records import change_settings, reference
from tests import desks
from tests.desks import CONTACT, NOW, days, hours

desk, vault = desks.desk, desks.vault

LATER = CONTACT + days(760)  # two years and a month
PERSON = {
    "label": "Quillfeather", "categories": {"suspect", "victim"}, "birth": "1991-07-08", "age_basis": "claimed",
    "nationality": "VN", "nationality_basis": "claimed", "force_reference": "NOM-55501",
    "necessity": "Marzipan reason.", "authorised_by": "PS Vale", "nrm_reference": "NRM-7788",
}  # fmt: skip
SECRETS = ("Quillfeather", "1991-07-08", "NOM-55501", "Marzipan", "NRM-7788", "Tangerine", "Zebrafish")


def closed(desk, **facts):
    case = desk.add(**facts)
    desk.accepted(case, CONTACT + hours(3))
    desk.do(records.close, case, at=CONTACT + hours(5))
    return case


def close_one(desk):
    """A closed case with a person, a note, an unfinished form and a correction, all of it about somebody."""
    case = desk.add()
    person = desk.do(records_people.add_person, case, PERSON, now=CONTACT)
    desk.do(records_rights.correct, person, {"birth": "1991-07"}, "Zebrafish told us", now=CONTACT + hours(1))
    desk.do(records.add_note, case, "Tangerine was seen.", "fact", now=CONTACT)
    drafts = KeptDrafts(desk.vault, lambda: CONTACT)
    with desk.vault.consulting(referral=case) as session:
        (row,) = records_people.people(session, case, now=CONTACT)
        task = edit_person_task(case, "OIC-2026-0001", row, reference(session), lambda: CONTACT)
    drafts.save(task, {"label": "Tangerine"})
    desk.accepted(case, CONTACT + hours(3))
    desk.do(records.close, case, at=CONTACT + hours(5))
    return case


@pytest.fixture
def case(desk):
    return desk.once(close_one)


def everything(desk):
    """Every text in every table, the search tables' too."""
    with desk.vault.consulting() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        said = []
        for name in names:
            said += [str(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{name}"'))]
    return "\n".join(said)


def test_anonymising_leaves_the_case_and_nothing_of_its_people_anywhere_in_the_vault(desk, case):
    before = everything(desk)
    assert all(word in before for word in SECRETS if word != "1991-07-08")
    history = [event.to_status for event in desk.ask(timeline, case)]
    assert desk.do(records_reviews.anonymise, case, "no longer needed", now=LATER) == 1
    after = everything(desk)
    assert [word for word in SECRETS if word in after] == []
    assert "suspect victim" in before and "suspect victim" not in after, "what somebody was held to be goes too"
    row = desk.row(case)
    assert (row.status, row.persons, row.safeguarding_incomplete) == (rules.CLOSED, 1, False)
    assert [note.text for note in desk.ask(notes, case)] == [records_reviews.ERASED_NOTE]
    assert [event.to_status for event in desk.ask(timeline, case)][1:] == history
    with desk.vault.consulting(referral=case) as session:
        assert records_people.people(session, case, now=LATER) == []


def test_the_erasure_is_in_the_log_without_what_was_erased(desk, case):
    desk.do(records_reviews.anonymise, case, "no longer needed", now=LATER)
    (entry,) = [one for one in desk.log() if one["operation"] == "erasure" and "referral" in one["records"]]
    assert entry["records"] == {"referral": [case], "person": [1], "referral_note": [1]}
    assert not any(word in str(desk.log()) for word in SECRETS)


def test_another_room_erases_what_it_keeps_in_the_same_change(desk, case):
    asked = []
    desk.do(records_reviews.anonymise, case, "x", now=LATER, purge=lambda _session, one: asked.append(one))
    assert asked == [case]


def test_a_hold_stops_anonymising_and_erasing_until_it_is_released(desk, case):
    hold = desk.do(records_holds.place_hold, case, "court", "trial in May", date(2029, 1, 1), now=NOW)
    for work in (
        lambda: desk.do(records_reviews.anonymise, case, "x", now=LATER),
        lambda: desk.do(records_rights.erase_person, 1, "asked for", now=LATER),
    ):
        with pytest.raises(Refused, match="A hold is on this case"):
            work()
    assert "Quillfeather" in everything(desk)
    with pytest.raises(Refused, match="only with a reason"):
        desk.do(records_holds.release_hold, hold, " ", now=LATER)
    desk.do(records_holds.release_hold, hold, "trial over", now=LATER)
    newest = desk.ask(timeline, case)[0]
    assert (newest.kind, newest.reason) == ("hold released", "trial over")
    assert desk.do(records_reviews.anonymise, case, "x", now=LATER) == 1


def test_a_hold_is_listed_by_its_review_date_extended_and_kept_in_the_history(desk, case):
    first = desk.do(records_holds.place_hold, case, "court", "trial", date(2027, 5, 1), now=NOW)
    desk.do(records_holds.place_hold, case, "inquest", "coroner", date(2027, 1, 1), now=NOW)
    assert [row.kind for row in desk.ask(records_holds.holds)] == ["inquest", "court"]
    desk.do(records_holds.extend_hold, first, "retrial", date(2028, 5, 1), now=NOW)
    assert desk.ask(records_holds.is_held, case)
    events = [(event.kind, event.reason) for event in desk.ask(timeline, case)]
    assert ("hold reviewed and kept", "retrial") in events
    assert ("hold placed", "inquest: coroner") in events
    assert desk.ask(records_holds.holds, force="Norfolk") == []


def test_every_case_has_a_review_date_from_the_desks_settings(desk):
    desk.do(change_settings, {"review_months": 6, "open_review_months": 3}, at=CONTACT - days(1))
    case = closed(desk, now=CONTACT)
    assert desk.row(case).review_on == date(2027, 5, 16)
    assert desk.row(desk.add(now=CONTACT, incident_ref="S-2")).review_on == date(2027, 2, 16)


def test_cases_due_for_review_are_listed_until_somebody_decides_with_a_reason(desk, case):
    young = closed(desk, incident_ref="S-2", contact_at=CONTACT + hours(1))
    assert desk.ask(records_reviews.due_for_review, now=NOW) == []
    year = CONTACT + days(370)
    assert [row.id for row in desk.ask(records_reviews.due_for_review, now=year)] == [case, young]
    assert desk.ask(records_reviews.due_for_review, now=year, force="Norfolk") == []
    desk.do(records_reviews.keep, case, "comparison year", date(2028, 6, 1), now=year)
    assert [row.id for row in desk.ask(records_reviews.due_for_review, now=year)] == [young]
    rows = {row.id: row for row in desk.ask(records_reviews.due_for_review, now=LATER)}
    assert rows[case].anonymise_on == date(2028, 11, 16)
    desk.do(records_reviews.anonymise, case, "done", now=LATER)
    assert case not in {row.id for row in desk.ask(records_reviews.due_for_review, now=LATER)}
    assert [row.decision for row in desk.ask(records_reviews.reviews, case)] == ["anonymised", "kept"]


def test_nothing_is_anonymised_before_its_time_or_twice(desk, case):
    with pytest.raises(Refused, match="may be anonymised from"):
        desk.do(records_reviews.anonymise, case, "x", now=NOW)
    desk.do(records_reviews.anonymise, case, "x", now=LATER)
    with pytest.raises(Refused, match="anonymised already"):
        desk.do(records_reviews.anonymise, case, "x", now=LATER)
    open_case = desk.add(incident_ref="S-3")
    with pytest.raises(Refused, match="An open case keeps its people"):
        desk.do(records_reviews.anonymise, open_case, "x", now=LATER)


def test_the_working_draft_of_an_anonymised_case_is_purged_and_a_held_one_stays(desk, case):
    from oicdesk.documents import records_drafts

    draft = desk.do(records_drafts.begin, case, now=NOW)
    hold = desk.do(records_holds.place_hold, case, "court", "trial", date(2029, 1, 1), now=NOW)
    with pytest.raises(Refused, match="A hold is on OIC-2026-0001, so its working draft is not purged"):
        desk.do(records_drafts.purge, draft, "asked", now=NOW)
    desk.do(records_holds.release_hold, hold, "over", now=NOW)

    def purge(session, one):
        records_drafts.purge_of_case(session, one, now=LATER)

    desk.do(records_reviews.anonymise, case, "x", now=LATER, purge=purge)
    (gone,) = desk.ask(records_drafts.purged_drafts)
    assert gone.why == records_drafts.ANONYMISED
