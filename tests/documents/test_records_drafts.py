"""Working drafts as kept: autosave, versions, the ways out and their stop, and a purge that leaves nothing."""

import pytest

from oicdesk.documents import records, records_drafts, rules_draft
from oicdesk.documents.records_drafts import FORMS, DraftVersion
from oicdesk.documents.rules import Grades
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.errors import Refused
from oicdesk.referrals import records_people
from oicdesk.referrals.records_disclosures import Disclosures, Handing
from oicdesk.settings.records import change_settings
from tests import desks
from tests.desks import CONTACT, NOW, days, hours
from tests.documents import freed

desk, vault = desks.desk, desks.vault

SECRET = "Quetzalcoatl-Zyx drives the lorry"
TO = Handing("DI Reed", "briefing", "pdf")


def text(words=SECRET, **more):
    return Draft("Lorry at the yard", (Item(words, "seen by staff", Grades("1", "A", "P"), **more),))


@pytest.fixture
def case(desk):
    return desk.add()


@pytest.fixture
def draft(desk, case):
    made = desk.do(records_drafts.begin, case, now=NOW)
    desk.do(records_drafts.autosave, made, text())
    return made


def kept(desk, now=NOW, **more):
    return desk.ask(records_drafts.kept_drafts, now=now, **more)


def test_a_draft_is_kept_as_json_and_comes_back_as_it_was():
    one = rules_draft.override(text().items[0], rules_draft.remarks(text("I saw it."), _cues())[0].hit, "Why.", "Sam")
    whole = Draft("T", (one, Item()))
    assert rules_draft.from_json(rules_draft.to_json(whole)) == whole


def _cues():
    from oicdesk.documents.rules_sanitisation_cues import Cues

    return Cues()


def test_what_is_typed_is_kept_at_once_and_logged_once(desk, draft):
    entries = len(desk.log())
    desk.do(records_drafts.autosave, draft, text("More."))
    desk.do(records_drafts.autosave, draft, text("More still."))
    assert len(desk.log()) == entries
    found, saved_at = desk.ask(records_drafts.current, draft)
    assert (found.items[0].text, saved_at is not None) == ("More still.", True)
    old = desk.do(records_drafts.begin, desk.add(force="Norfolk"), now=CONTACT - days(3000))
    desk.do(records_drafts.autosave, old, text())
    (row,) = kept(desk, force="Norfolk")
    assert (row.id, row.edited_at) == (old, desk.ask(records_drafts.current, old)[1]), "typing is an edit too"
    assert SECRET not in str(desk.log())


def test_a_version_is_made_of_what_changed_and_of_nothing_else(desk, draft):
    assert desk.do(records_drafts.keep_version, draft, now=NOW) == 1
    assert desk.do(records_drafts.keep_version, draft, now=NOW + hours(1)) == 1
    desk.do(records_drafts.autosave, draft, text())
    assert desk.do(records_drafts.keep_version, draft, now=NOW + hours(2)) == 1
    desk.do(records_drafts.autosave, draft, text("Otherwise."))
    assert desk.do(records_drafts.keep_version, draft, now=NOW + hours(3)) == 2
    assert [row.number for row in desk.ask(records_drafts.versions, draft)] == [2, 1]
    assert desk.ask(records_drafts.version, draft, 1) == text()
    found, saved_at = desk.ask(records_drafts.current, draft)
    assert (found.items[0].text, saved_at) == ("Otherwise.", None)


def test_an_empty_draft_has_no_version_and_a_pasted_book_is_refused(desk, case):
    made = desk.do(records_drafts.begin, case, now=NOW)
    with pytest.raises(Refused, match="Nothing is written yet"):
        desk.do(records_drafts.keep_version, made, now=NOW)
    with pytest.raises(Refused, match="Item 1 has more than 20,000"):
        desk.do(records_drafts.autosave, made, text("x" * 20_001))
    with pytest.raises(Refused, match="at most 60 items"):
        desk.do(records_drafts.autosave, made, Draft("", (Item(),) * 61))


# --- leaving the desk ---


@pytest.mark.parametrize("form", FORMS)
def test_each_way_out_is_registered_and_logged_with_its_version(desk, case, draft, form):
    number, found = desk.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", form), now=NOW)
    assert (number, found) == (1, text())
    (row,) = desk.ask(lambda session: Disclosures(session, case=case).page(0, 9))
    assert (row.recipient, row.purpose, row.form) == ("DI Reed", "briefing", form)
    assert (row.what, row.cases) == (f"Working draft {draft}, version 1", ("OIC-2026-0001",))
    entry = desk.log()[-1]
    assert (entry["operation"], entry["recipient"]) == ("disclosure", "DI Reed")
    assert entry["records"] == {"disclosure": [1], "working_draft": [draft], "referral": [case]}
    assert SECRET not in str(desk.log())


@pytest.mark.parametrize(
    ("to", "field"), [(Handing(" ", "x", "pdf"), "recipient"), (Handing("x", "", "pdf"), "purpose")]
)
def test_nothing_leaves_without_a_recipient_and_a_purpose(desk, draft, to, field):
    with pytest.raises(Refused) as refused:
        desk.do(records_drafts.leave, draft, to, now=NOW)
    assert refused.value.field == field
    assert desk.ask(lambda session: Disclosures(session).count()) == 0


def test_the_stop_of_drafts_and_people_is_one_and_goes_by_what_is_recorded_and_set_now(desk, case, draft):
    values = {"label": "P1", "categories": {"suspect"}, "may_be_under_18": True}
    desk.do(change_settings, {"uncertain_age_is_child": False}, at=NOW)
    desk.do(records_people.add_person, case, values, now=NOW)
    told = {"recipient": "DI Reed", "purpose": "briefing", "how": "copy", "now": NOW}
    assert desk.do(records_people.hand_out, case, **told)
    desk.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", "pdf"), now=NOW)
    desk.do(change_settings, {"uncertain_age_is_child": True}, at=NOW)
    for what in (
        lambda session: records_people.hand_out(session, case, **told),
        lambda session: records_drafts.leave(session, draft, Handing("DI Reed", "briefing", "pdf"), now=NOW),
    ):
        with pytest.raises(Refused, match="The safeguarding record of OIC-2026-0001 is incomplete, so its"):
            desk.do(what)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("category", ["victim", "witness"])
def test_no_way_out_is_open_until_the_safeguarding_record_is_complete(desk, case, draft, form, category):
    values = {"label": "P1", "categories": {"suspect", category}}
    person = desk.do(records_people.add_person, case, values, now=NOW)
    before = len(desk.log())
    with pytest.raises(
        Refused, match=r"safeguarding record of OIC-2026-0001 is incomplete.*exported, printed or copied"
    ):
        desk.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", form), now=NOW)
    assert len(desk.log()) == before
    told = {"necessity": "Needed to protect them.", "authorised_by": "PS Hart"}
    desk.do(records_people.edit_person, person, told, now=NOW)
    assert desk.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", form), now=NOW)[0] == 1


# --- purging ---


def test_accepting_the_document_purges_the_draft_of_its_case(desk, case, draft):
    desk.do(records_drafts.keep_version, draft, now=NOW)
    other = desk.add()
    stays = desk.do(records_drafts.begin, other, now=NOW)
    document = desk.submit(case, CONTACT + hours(3))
    desk.do(records.accept, document, at=CONTACT + hours(5), now=NOW)
    assert [row.id for row in kept(desk)] == [stays]
    (gone,) = desk.ask(records_drafts.purged_drafts)
    assert (gone.id, gone.case, gone.why) == (draft, "OIC-2026-0001", "the document was accepted")
    entry = desk.log()[-1]
    assert (entry["operation"], entry["detail"]) == ("erasure", "working draft: the document was accepted")
    with pytest.raises(Refused, match="purged"):
        desk.ask(records_drafts.current, draft)


def test_a_draft_that_became_another_document_outlives_the_acceptance_of_the_first(desk, case, draft):
    first = desk.submit(case, CONTACT + hours(3))
    desk.do(records.return_for_correction, first, "Two.", at=CONTACT + hours(4))
    second = desk.submit(desk.add(), CONTACT + hours(5))
    desk.do(records_drafts.set_document, draft, second)
    desk.do(records.resubmit, first, at=CONTACT + hours(6))
    desk.do(records.accept, first, at=CONTACT + hours(7))
    assert [row.id for row in kept(desk)] == [draft]
    desk.do(records.accept, second, at=CONTACT + hours(8))
    assert kept(desk) == []


def test_a_draft_is_purged_thirty_days_after_its_last_edit_with_a_warning_before(desk, draft):
    edited = kept(desk)[0].edited_at
    assert desk.do(records_drafts.warn, now=edited + days(22)) == []
    (row,) = desk.do(records_drafts.warn, now=edited + days(24))
    assert row.purge_at == edited + days(30)
    assert desk.do(records_drafts.purge_due, now=edited + days(30) - hours(1)) == []
    assert desk.do(records_drafts.purge_due, now=edited + days(30)) == [draft]
    assert kept(desk) == []


def test_nothing_is_purged_that_nobody_was_warned_of(desk, draft):
    edited = kept(desk)[0].edited_at
    late = edited + days(50)  # the desk was not opened for weeks
    assert desk.do(records_drafts.purge_due, now=late) == []
    assert len(desk.do(records_drafts.warn, now=late)) == 1
    assert desk.do(records_drafts.purge_due, now=late + hours(23)) == []
    assert desk.do(records_drafts.purge_due, now=late + days(1)) == [draft]


def test_an_edit_after_the_warning_starts_the_days_anew(desk, draft):
    edited = kept(desk)[0].edited_at
    desk.do(records_drafts.warn, now=edited + days(24))
    desk.do(records_drafts.autosave, draft, text("Newer."))
    desk.do(records_drafts.keep_version, draft, now=edited + days(25))
    assert desk.do(records_drafts.purge_due, now=edited + days(31)) == []
    assert not kept(desk, now=edited + days(31))[0].purge_is_near


def test_the_days_are_a_setting(desk, draft):
    edited = kept(desk)[0].edited_at
    desk.do(change_settings, {"draft_purge_days": 10}, at=NOW)
    desk.do(records_drafts.warn, now=edited + days(5))
    assert desk.do(records_drafts.purge_due, now=edited + days(10)) == [draft]


def test_a_hold_on_the_case_stops_every_purge(desk, case, draft):
    def held(_session, referral_id):
        return referral_id == case

    edited = kept(desk)[0].edited_at
    assert desk.do(records_drafts.warn, now=edited + days(40), held=held) == []
    assert desk.do(records_drafts.purge_due, now=edited + days(90), held=held) == []
    assert desk.do(records_drafts.purge_accepted, 1, [case], now=NOW, held=held) == []
    with pytest.raises(Refused, match="A hold is on OIC-2026-0001"):
        desk.do(records_drafts.purge, draft, records_drafts.ASKED, now=NOW, held=held)
    assert kept(desk, held=held)[0].is_held


def test_purged_text_is_in_no_page_of_the_file(desk, vault, draft):
    for number in range(20):  # many pages, some of which are freed and some half full
        desk.do(records_drafts.autosave, draft, text(f"{SECRET} {number} " * 60))
        desk.do(records_drafts.keep_version, draft, now=NOW + hours(number))
    desk.do(records_drafts.autosave, draft, text(SECRET + " unsaved"))
    assert freed.pages(vault).count(SECRET.encode()) > 1000
    desk.do(records_drafts.purge, draft, records_drafts.ASKED, now=NOW + days(2))
    assert (vault.path / "desk.db-wal").stat().st_size == 0  # nor in what is not folded in yet
    assert SECRET.encode() not in freed.pages(vault)
    assert b"Lorry at the yard" not in freed.pages(vault)
    with vault.reading() as session:
        assert session.query(DraftVersion).count() == 0


def test_no_search_index_holds_a_drafts_text(desk, vault, draft):
    desk.do(records_drafts.keep_version, draft, now=NOW)
    from sqlalchemy import text as sql

    with vault.reading() as session:
        found = session.execute(sql("SELECT count(*) FROM referral_fts WHERE referral_fts MATCH 'quetzalcoatl'"))
        assert found.scalar() == 0
