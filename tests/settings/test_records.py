"""Dated reference values and settings in a real vault."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from oicdesk.errors import Refused
from oicdesk.settings import records, rules
from oicdesk.settings.records import ReferenceValue, Setting
from oicdesk.vault import log
from oicdesk.vault.tables import Activity

from .conftest import FIRST_DAY

LATER = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 42, tzinfo=UTC)


def read(vault):
    with vault.reading() as session:
        return records.reference(session)


def newest_entry(vault):
    with vault.reading() as session:
        return session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()


def value_id(vault, kind, code):
    return next(row.id for row in read(vault).values(kind) if row.code == code)


def test_a_first_run_fills_every_table_and_setting(vault):
    reference = read(vault)
    for kind in records.kinds():
        assert reference.values(kind), kind
    for key, definition in records.definitions().items():
        assert reference.setting(key) == definition.default
        if definition.section != records.CUES:  # they follow the program until somebody changes them
            assert reference.setting_row(key).set_by == "Sam"
    assert newest_entry(vault).operation == log.COLLECTION


def test_seeding_again_changes_nothing_and_writes_no_entry(vault):
    before = newest_entry(vault).id
    with vault.changing() as session:
        records.seed(session, LATER)
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (ReferenceValue, Setting)]
    assert newest_entry(vault).id == before
    kept = [one for one in records.definitions().values() if one.section != records.CUES]
    assert counts == [sum(map(len, records._seed_values().values())), len(kept)]


def test_seeding_again_does_not_bring_back_what_was_retired(vault):
    with vault.changing() as session:
        records.retire(session, value_id(vault, "outcome", "unknown"), on=LATER)
        records.seed(session, LATER)
    assert "unknown" not in dict(read(vault).choices("outcome"))


def test_an_empty_vault_answers_with_the_defaults(empty_vault):
    reference = read(empty_vault)
    assert reference.due_rule() == rules.DueRule()
    assert reference.holidays == frozenset()
    with empty_vault.reading() as session:
        assert records.setting_on(session, "review_months", LATER) == 12


def test_a_new_label_holds_from_its_day_and_the_old_one_for_the_days_before(vault):
    with vault.changing() as session:
        old = value_id(vault, "contact_reason", "illegal_working")
        new = records.relabel(session, old, "  Illegal   working ", on=LATER)
    assert new != old
    reference = read(vault)
    assert reference.label("contact_reason", "illegal_working") == "Illegal working"
    day_before = LATER - timedelta(days=1)
    assert reference.label("contact_reason", "illegal_working", day_before) == "Illegal working or harbouring"
    with vault.reading() as session:
        on = [records.label_on(session, "contact_reason", "illegal_working", d) for d in (day_before, LATER)]
        assert session.get(ReferenceValue, old).label == "Illegal working or harbouring"
    assert on == ["Illegal working or harbouring", "Illegal working"]


def test_a_relabelled_value_keeps_its_place_and_its_note(vault):
    before = [row.code for row in read(vault).values("contact_reason")]
    with vault.changing() as session:
        records.relabel(session, value_id(vault, "contact_reason", "fno_intelligence"), "FNO info", on=LATER)
    reference = read(vault)
    assert [row.code for row in reference.values("contact_reason")] == before
    assert reference.extra("contact_reason", "fno_intelligence")["note"] == "An optional referral."


def test_days_before_the_desk_began_read_what_held_at_the_end_of_its_first_day(vault):
    with vault.changing() as session:
        records.relabel(session, value_id(vault, "outcome", "unknown"), "Not known yet", on=FIRST_DAY)
        first_evening = rules.end_of_day(FIRST_DAY)
        records.change_settings(session, {"document_due_hours": 48}, at=first_evening)
        records.change_settings(session, {"document_due_hours": 12}, at=NOW)
    reference = read(vault)
    for day, hours in ((date(2025, 1, 1), 48), (FIRST_DAY, 48), (LATER, 12), (None, 12)):
        assert reference.due_rule(day).hours == hours
    assert reference.label("outcome", "unknown", date(2025, 1, 1)) == "Not known yet"
    with vault.reading() as session:
        assert records.due_rule_on(session, date(2025, 1, 1)).hours == 48


def test_a_retired_value_is_not_offered_but_still_speaks(vault):
    with vault.changing() as session:
        records.retire(session, value_id(vault, "exemption_reason", "acro_route"), on=LATER)
    reference = read(vault)
    assert "acro_route" not in dict(reference.choices("exemption_reason"))
    assert reference.label("exemption_reason", "acro_route") == "ACRO route"
    assert newest_entry(vault).operation == log.ALTERATION


def test_a_value_that_has_ended_cannot_be_changed_again(vault):
    old = value_id(vault, "outcome", "unknown")
    with vault.changing() as session:
        records.retire(session, old, on=LATER)
    for change in (
        lambda s: records.retire(s, old, on=LATER),
        lambda s: records.relabel(s, old, "Anything", on=LATER),
    ):
        with pytest.raises(Refused, match="has ended already"), vault.changing() as session:
            change(session)


def test_a_retired_code_can_be_taken_up_again(vault):
    with vault.changing() as session:
        records.retire(session, value_id(vault, "outcome", "unknown"), on=LATER)
        records.add_value(session, "outcome", "Unknown", on=LATER)
    assert dict(read(vault).choices("outcome"))["unknown"] == "Unknown"


def test_an_added_value_comes_last_with_a_code_made_from_its_label(vault):
    with vault.changing() as session:
        records.add_value(session, "contact_reason", "Rail freight encounter", on=LATER)
    assert read(vault).choices("contact_reason")[-1] == ("rail_freight_encounter", "Rail freight encounter")
    entry = newest_entry(vault)
    assert entry.operation == log.COLLECTION
    assert json.loads(entry.fields) == ["code", "label"]


@pytest.mark.parametrize(
    ("label", "why"),
    [("  ", "cannot be empty"), ("advice ONLY", "already in Outcomes"), ("…", "at least one letter")],
)
def test_a_label_that_is_empty_or_taken_is_refused_beside_its_field(vault, label, why):
    with pytest.raises(Refused, match=why) as refusal, vault.changing() as session:
        records.add_value(session, "outcome", label, on=LATER)
    assert refusal.value.field == "label"


def test_tables_whose_codes_rules_know_can_be_relabelled_only(vault):
    victim = value_id(vault, "person_category", "victim")
    with pytest.raises(Refused, match="cannot be added to"), vault.changing() as session:
        records.add_value(session, "person_category", "Bystander", on=LATER)
    with pytest.raises(Refused, match="cannot be retired"), vault.changing() as session:
        records.retire(session, victim, on=LATER)
    with vault.changing() as session:
        records.relabel(session, victim, "Victim or potential victim", on=LATER)
    assert read(vault).label("person_category", "victim") == "Victim or potential victim"
    assert read(vault).extra("person_category", "victim")["protected"] is True


def test_a_bank_holiday_is_added_and_taken_away_again(vault):
    coronation = date(2029, 5, 8)
    with vault.changing() as session:
        added = records.add_holiday(session, coronation, "Good Friday", on=LATER)
    assert coronation in read(vault).holidays
    with vault.reading() as session:
        assert coronation in records.holidays(session)
    with vault.changing() as session:
        records.retire(session, added, on=LATER)
    assert coronation not in read(vault).holidays


@pytest.mark.parametrize(
    ("day", "why"), [(date(2026, 12, 25), "already a bank holiday"), (date(2026, 12, 27), "weekend day")]
)
def test_a_bank_holiday_that_changes_nothing_is_refused(vault, day, why):
    with pytest.raises(Refused, match=why), vault.changing() as session:
        records.add_holiday(session, day, "Holiday", on=LATER)


def test_a_setting_keeps_the_value_of_each_day(vault):
    with vault.changing() as session:
        changed = records.change_settings(
            session, {"document_due_rule": rules.END_OF_NEXT_WORKING_DAY, "review_months": 12}, at=NOW
        )
    assert changed == ["document_due_rule"]
    reference = read(vault)
    assert reference.due_rule(LATER).kind == rules.END_OF_NEXT_WORKING_DAY
    assert reference.due_rule(LATER - timedelta(days=1)).kind == rules.ELAPSED_HOURS
    assert reference.setting_row("document_due_rule").set_at == NOW
    entry = newest_entry(vault)
    assert (entry.operation, json.loads(entry.fields)) == (log.ALTERATION, ["document_due_rule"])


def test_setting_what_is_already_set_changes_nothing_and_logs_nothing(vault):
    before = newest_entry(vault).id
    with vault.changing() as session:
        assert records.change_settings(session, {"review_months": 12}, at=NOW) == []
    assert newest_entry(vault).id == before


def test_one_value_that_does_not_fit_leaves_all_as_they_were(vault):
    with pytest.raises(Refused) as refusal, vault.changing() as session:
        records.change_settings(session, {"review_months": 6, "anonymise_months": 0}, at=NOW)
    assert refusal.value.field == "anonymise_months"
    assert read(vault).setting("review_months") == 12


def test_settings_are_checked_with_those_already_set(vault):
    with pytest.raises(Refused, match="go up in order"), vault.changing() as session:
        records.change_settings(session, {"chaser_officer_hours": 100}, at=NOW)
    with pytest.raises(Refused, match="only with a reason"), vault.changing() as session:
        records.change_settings(session, {"record_names": True}, at=NOW)


def test_a_day_setting_is_a_day(vault):
    assert read(vault).day_setting("register_started_on") is None
    with vault.changing() as session:
        records.change_settings(session, {"register_started_on": date(2026, 1, 5)}, at=NOW)
    assert read(vault).day_setting("register_started_on") == date(2026, 1, 5)


def test_synonyms_lead_to_codes_that_are_offered(vault):
    synonyms = read(vault).synonyms("contact_reason")
    assert synonyms["Status check"] == "status_enquiry"
    with vault.changing() as session:
        records.add_synonym(session, "contact_reason", "Train stowaway", "clandestine_encounter", on=LATER)
        records.retire(session, value_id(vault, "contact_reason", "status_enquiry"), on=LATER)
    synonyms = read(vault).synonyms("contact_reason")
    assert synonyms["Train stowaway"] == "clandestine_encounter"
    assert "Status check" not in synonyms


def test_a_word_stands_for_one_value_only(vault):
    with pytest.raises(Refused, match="already in Import words"), vault.changing() as session:
        records.add_synonym(session, "contact_reason", "STATUS-CHECK", "other", on=LATER)
    with pytest.raises(Refused, match="no longer offered"), vault.changing() as session:
        records.add_synonym(session, "contact_reason", "Telepathy", "telepathy", on=LATER)


def test_a_mapping_is_remembered_by_its_header_and_by_its_name(vault):
    mapping = {"columns": {"force": "Force"}, "values": {"reason": {"Telepathy": "other"}}}
    with vault.changing() as session:
        records.remember_mapping(session, "referrals", "a|b", mapping, at=NOW, name="Control room")
        records.remember_mapping(session, "referrals", "a|b|c", {"columns": {}}, at=NOW)
    with vault.reading() as session:
        assert records.mapping_for(session, "referrals", "a|b") == mapping
        assert records.mapping_for(session, "documents", "a|b") is None
        assert records.mapping_named(session, "referrals", "Control room") == mapping
        assert records.mapping_named(session, "referrals", "Nothing") is None


def test_a_mapping_remembered_again_replaces_the_old_one_and_keeps_its_name(vault):
    with vault.changing() as session:
        records.remember_mapping(session, "referrals", "a", {"columns": {"x": "1"}}, at=NOW, name="Mine")
        records.remember_mapping(session, "referrals", "a", {"columns": {"x": "2"}}, at=NOW)
    before = newest_entry(vault).id
    with vault.changing() as session:
        records.remember_mapping(session, "referrals", "a", {"columns": {"x": "2"}}, at=NOW)
        assert records.mapping_named(session, "referrals", "Mine") == {"columns": {"x": "2"}}
    assert newest_entry(vault).id == before


def test_reading_everything_takes_two_statements(vault):
    from sqlalchemy import event

    seen = []
    with vault.reading() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *args: seen.append(args[2]))
        records.reference(session)
    assert len([statement for statement in seen if statement.lstrip().startswith("SELECT")]) == 2
