"""Communications as kept in a real vault: from idea to evaluation, recurring, library, calendar file, effect."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.comms import (
    records,
    records_calendar,
    records_effect,
    records_evidence,
    records_library,
    records_series,
    rules,
)
from oicdesk.comms.records_library import MESSAGE, TEMPLATE, TextRow
from oicdesk.comms.rules import APPROVED, CANCELLED, EVALUATED, IDEA, PLANNED, PUBLISHED, ItemFacts, Recurrence
from oicdesk.comms.rules_effect import CLEAR_RISE, TOO_EARLY
from oicdesk.errors import Refused, VaultError
from oicdesk.referrals.rules import ReportedApproval
from oicdesk.settings.rules import end_of_day
from tests.comms import makers
from tests.comms.makers import APPROVERS, FACTS, NOW, PASSPHRASE, TODAY

room = makers.room


def test_an_item_goes_from_idea_to_evaluation_with_every_step_kept_and_logged(room):
    item = room.do(records.add_item, replace(FACTS, owner=""), now=NOW)
    with pytest.raises(Refused) as refused:
        room.do(records.plan, item, now=NOW)
    assert refused.value.field == "owner"
    room.do(records.edit_item, item, {"owner": "The post"}, now=NOW)
    room.do(records.plan, item, now=NOW)
    room.sign_in(APPROVERS)
    room.do(records.approve, item, now=NOW)
    room.sign_in(PASSPHRASE)
    room.do(records.publish, item, TODAY, now=NOW, reach=120, reach_basis="page views")
    room.do(records.evaluate, item, "Teams asked for a second one.", verdict=TOO_EARLY, effect="…", now=NOW)
    row = room.item(item)
    assert (row.status, row.published_on, row.day, row.approved_by) == (EVALUATED, TODAY, TODAY, "Alex Thorne")
    assert (row.facts.reach, row.facts.reach_basis, row.verdict) == (120, "page views", TOO_EARLY)
    told = [(e.by, e.from_status, e.to_status) for e in room.ask(records.history, item) if e.kind == "status"]
    assert told == [
        ("Sam Ashby", None, IDEA), ("Sam Ashby", IDEA, PLANNED), ("Alex Thorne", PLANNED, APPROVED),
        ("Sam Ashby", APPROVED, PUBLISHED), ("Sam Ashby", PUBLISHED, EVALUATED),
    ]  # fmt: skip
    logged = [e for e in room.log() if e["records"].get("comms_item") == [item]]
    assert [e["operation"] for e in logged] == ["collection"] + ["alteration"] * 5
    assert "Who writes it" not in str(logged)


def test_nobody_approves_what_they_wrote_changed_or_planned(room):
    item = room.planned()
    with pytest.raises(Refused, match="another user"):
        room.do(records.approve, item, now=NOW)
    room.sign_in(APPROVERS)
    room.do(records.edit_item, item, {"message": "Better words"}, now=NOW)
    with pytest.raises(Refused, match="another user"):
        room.do(records.approve, item, now=NOW)
    assert room.item(item).status == PLANNED


REPORTED = ReportedApproval("DI Alex Thorne", "Detective Inspector", TODAY, "Minutes 7")


def test_an_approval_reported_from_outside_is_marked_and_confirmed_by_that_person_only(room):
    item = room.planned()
    room.do(records.report_approval, item, REPORTED, now=NOW)
    row = room.item(item)
    assert (row.status, row.approved_by, row.reported) == (APPROVED, None, REPORTED)
    assert row.approval == "DI Alex Thorne, Detective Inspector (reported from outside, Minutes 7; not confirmed)"
    with pytest.raises(Refused, match="another user"):
        room.do(records.confirm_approval, item, now=NOW)
    room.sign_in(APPROVERS)
    room.do(records.confirm_approval, item, now=NOW)
    assert room.item(item).approval.endswith("confirmed by Alex Thorne)")
    with pytest.raises(Refused, match="already"):
        room.do(records.confirm_approval, item, now=NOW)
    kinds = [(e.kind, e.to_status) for e in room.ask(records.history, item)]
    assert kinds == [("status", PLANNED), ("status", APPROVED), ("confirmed", None)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "ASHBY, Sam"}, "name"), ({"name": ""}, "name"), ({"role": " "}, "role"),
        ({"reference": ""}, "reference"), ({"on": TODAY + timedelta(days=1)}, "on"),
    ],
)  # fmt: skip
def test_a_reported_approval_says_who_in_what_role_when_and_where(room, change, field):
    item = room.planned()
    with pytest.raises(Refused) as refused:
        room.do(records.report_approval, item, replace(REPORTED, **change), now=NOW)
    assert refused.value.field == field and room.item(item).status == PLANNED


def test_only_a_planned_item_takes_a_reported_approval_and_only_a_reported_one_is_confirmed(room):
    idea = room.do(records.add_item, FACTS, now=NOW)
    with pytest.raises(Refused, match="plan it first"):
        room.do(records.report_approval, idea, REPORTED, now=NOW)
    item = room.planned()
    room.sign_in(APPROVERS)
    with pytest.raises(Refused, match="has none"):
        room.do(records.confirm_approval, item, now=NOW)


def test_moving_an_item_makes_nobody_its_author_and_an_approval_holds_on(room):
    item = room.planned()
    room.sign_in(APPROVERS)
    assert room.do(records.reschedule, item, date(2026, 12, 1), now=NOW)
    room.do(records.approve, item, now=NOW)
    room.sign_in(PASSPHRASE)
    assert room.do(records.reschedule, item, date(2026, 12, 2), now=NOW)
    assert not room.do(records.reschedule, item, date(2026, 12, 2), now=NOW)
    row = room.item(item)
    assert (row.status, row.day) == (APPROVED, date(2026, 12, 2))
    assert [e.kind for e in room.ask(records.history, item)] == ["status", "moved", "status", "moved"]


def test_what_was_approved_does_not_change(room):
    item = room.planned()
    room.sign_in(APPROVERS)
    room.do(records.approve, item, now=NOW)
    room.sign_in(PASSPHRASE)
    with pytest.raises(Refused) as refused:
        room.do(records.edit_item, item, {"message": "Other words"}, now=NOW)
    assert refused.value.field == "message"
    assert room.item(item).facts.message == FACTS.message


def test_nothing_is_published_in_the_future_or_before_it_is_approved(room):
    item = room.planned()
    with pytest.raises(Refused, match="have it approved first"):
        room.do(records.publish, item, TODAY, now=NOW)
    room.sign_in(APPROVERS)
    room.do(records.approve, item, now=NOW)
    with pytest.raises(Refused) as refused:
        room.do(records.publish, item, TODAY + timedelta(days=1), now=NOW)
    assert refused.value.field == "published_on"
    assert room.item(item).status == APPROVED


def test_a_cancelled_item_stays_in_its_list_with_its_reason_and_leaves_the_calendar(room):
    item = room.planned()
    with pytest.raises(Refused, match="with a reason"):
        room.do(records.cancel, item, " ", now=NOW)
    room.do(records.cancel, item, "Merged with another", now=NOW)
    row = room.item(item)
    assert (row.status, row.cancelled_why) == (CANCELLED, "Merged with another")
    weeks = rules.month([row], date(2026, 11, 30))
    assert [day.item_ids for week in weeks for day in week.days if day.item_ids] == []
    with pytest.raises(Refused):
        room.do(records.edit_item, item, {"reach": 5}, now=NOW)


def test_a_published_item_counts_until_the_day_it_was_cancelled(room):
    item = room.published(date(2026, 9, 1))
    room.do(records.cancel, item, "It was another day", now=NOW)
    rows = room.ask(records.items)
    assert [row.id for row in records.published(rows, TODAY - timedelta(days=1))] == [item]
    assert records.published(rows, TODAY) == []


def test_items_are_listed_by_force_status_campaign_in_order_of_days(room):
    campaign = room.do(records.add_campaign, "Autumn", aim="Documents in time", now=NOW)
    late = room.planned(planned_on=date(2026, 12, 9), force="Suffolk", campaign_id=campaign)
    early = room.planned(planned_on=date(2026, 12, 1), force="Norfolk")
    idea = room.do(records.add_item, ItemFacts("Some day"), now=NOW)
    assert [row.id for row in room.ask(records.items)] == [early, late, idea]
    assert [row.id for row in room.ask(records.items, force="Suffolk")] == [late, idea]
    assert [row.id for row in room.ask(records.items, statuses=[IDEA])] == [idea]
    assert [row.campaign for row in room.ask(records.items, campaign_id=campaign)] == ["Autumn"]
    assert room.ask(records.audiences) == ["Response teams"]


def test_a_campaign_is_changed_counted_and_ended(room):
    campaign = room.do(records.add_campaign, "Autumn", now=NOW)
    with pytest.raises(Refused, match="already"):
        room.do(records.add_campaign, " autumn ", now=NOW)
    assert room.do(records.edit_campaign, campaign, title="Autumn", aim="In time") == ["aim"]
    room.published(date(2026, 10, 1), campaign_id=campaign)
    room.planned(campaign_id=campaign)
    (row,) = room.ask(records.campaigns)
    assert (row.items, row.published, row.aim) == (2, 1, "In time")
    room.do(records.end_campaign, campaign, "Autumn is over", now=NOW)
    with pytest.raises(Refused) as refused:
        room.planned(campaign_id=campaign)
    assert refused.value.field == "campaign_id"


def test_evidence_is_a_hash_and_nothing_of_the_file_is_kept(room, tmp_path):
    item = room.planned()
    file = tmp_path / "screen.png"
    file.write_bytes(b"not really a picture")
    named = records_evidence.read_file(file)
    room.do(records_evidence.add_evidence, item, named, note="The page as published", now=NOW)
    (kept,) = room.ask(records_evidence.evidence, item)
    assert kept.sha256 == hashlib.sha256(b"not really a picture").hexdigest()
    assert (kept.file_name, kept.size, room.item(item).evidence) == ("screen.png", 20, 1)
    assert records_evidence.is_same(file, kept.sha256)
    file.write_bytes(b"not really a picturE")
    assert not records_evidence.is_same(file, kept.sha256)
    with pytest.raises(VaultError, match="could not be read"):
        records_evidence.read_file(tmp_path / "nothing.png")


# --- recurring ---


def test_a_recurring_item_becomes_items_each_with_its_own_approval(room):
    rule = Recurrence(rules.WEEKLY, date(2026, 12, 21), date(2027, 1, 4))
    series, items = room.do(records_series.add_series, FACTS, rule, now=NOW)
    rows = [room.item(item) for item in items]
    # 28 December 2026 is a bank holiday in the desk's own table.
    assert [row.day for row in rows] == [date(2026, 12, 21), date(2026, 12, 29), date(2027, 1, 4)]
    assert {row.status for row in rows} == {PLANNED}
    assert room.ask(records_series.series, series).item_ids == tuple(items)


def test_extending_a_series_plans_nothing_twice_even_what_was_moved_or_cancelled(room):
    rule = Recurrence(rules.WEEKLY, date(2026, 12, 1), date(2026, 12, 8))
    series, (first, second) = room.do(records_series.add_series, FACTS, rule, now=NOW)
    room.do(records.reschedule, first, date(2026, 12, 3), now=NOW)
    room.do(records.cancel, second, "Clashes", now=NOW)
    new = room.do(records_series.extend, series, date(2026, 12, 22), now=NOW)
    assert [room.item(item).day for item in new] == [date(2026, 12, 15), date(2026, 12, 22)]
    with pytest.raises(Refused, match="later day"):
        room.do(records_series.extend, series, date(2026, 12, 22), now=NOW)
    gone = room.do(records_series.cancel_rest, series, "The programme ended", after=date(2026, 12, 10), now=NOW)
    assert gone == new
    assert room.item(first).status == PLANNED


def test_a_series_that_is_refused_leaves_nothing_behind(room):
    with pytest.raises(Refused):
        room.do(records_series.add_series, replace(FACTS, owner=""),
                Recurrence(rules.WEEKLY, date(2026, 12, 1), date(2026, 12, 8)), now=NOW)  # fmt: skip
    assert room.ask(records.items) == []


# --- library ---


def test_the_library_ships_templates_and_messages_that_can_be_planned(room):
    templates = room.ask(records_library.library, TEMPLATE)
    assert len(templates) >= 6 and len(room.ask(records_library.library, MESSAGE)) >= 4
    for text in templates:
        facts = replace(text.facts(), owner="The post", planned_on=TODAY)
        assert rules.check_item(facts, PLANNED) == {}, text.code


def test_no_shipped_text_urges_anybody_to_refer_a_person(room):
    for text in room.ask(records_library.library):
        words = text.text.casefold()
        for urge in ("refer ", "referral", "report a person", "report them", "report more", "contact the nccu"):
            assert urge not in words, text.code


def test_a_text_is_changed_added_and_retired_and_the_shipped_one_is_not_touched(room):
    text = room.ask(records_library.library, MESSAGE)[0]
    changed = replace(text, text="In our own words.")
    assert room.do(records_library.change_text, changed, now=NOW) == ["text"]
    assert room.do(records_library.change_text, changed, now=NOW) == []
    assert room.ask(records_library.library, MESSAGE)[0].text == "In our own words."
    code = room.do(records_library.add_text, TextRow("", MESSAGE, "Our own", "Words."), now=NOW)
    with pytest.raises(Refused):
        room.do(records_library.add_text, TextRow("", MESSAGE, "Our own", "Others."), now=NOW)
    room.do(records_library.retire_text, code, now=NOW)
    room.do(records_library.retire_text, text.code, now=NOW)
    assert not {code, text.code} & {one.code for one in room.ask(records_library.library)}


# --- calendar file ---


def test_a_calendar_leaves_the_desk_as_a_logged_disclosure(room):
    item = room.planned()
    content = room.do(records_calendar.export_ics, [item], recipient="Corporate comms", purpose="planning", now=NOW)
    text = content.decode()
    assert "DTSTART;VALUE=DATE:20261130" in text and "STATUS:TENTATIVE" in text
    assert "OFFICIAL-SENSITIVE" in text.replace("\r\n ", "")
    entry = room.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == ("disclosure", "Corporate comms", "planning")
    assert entry["records"] == {"comms_item": [item]}


def test_an_item_keeps_its_uid_when_it_moves_and_a_later_copy_replaces_an_earlier(room):
    def exported() -> dict[str, str]:
        content = room.do(records_calendar.export_ics, [item], recipient="R", purpose="p", now=NOW).decode()
        return dict(line.split(":", 1) for line in content.replace("\r\n ", "").split("\r\n") if ":" in line)

    item = room.planned()
    before = exported()
    room.do(records.reschedule, item, date(2026, 12, 4), now=NOW)
    room.do(records.cancel, item, "Not needed", now=NOW)
    after = exported()
    assert before["UID"] == after["UID"] and before["UID"].endswith(".oicdesk")
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 2
    assert (after["DTSTART;VALUE=DATE"], after["STATUS"]) == ("20261204", "CANCELLED")


@pytest.mark.parametrize(("recipient", "purpose", "field"), [("", "planning", "recipient"), ("R", " ", "purpose")])
def test_a_calendar_without_recipient_or_purpose_is_refused_and_not_logged(room, recipient, purpose, field):
    item = room.planned()
    before = len(room.log())
    with pytest.raises(Refused) as refused:
        room.do(records_calendar.export_ics, [item], recipient=recipient, purpose=purpose, now=NOW)
    assert refused.value.field == field
    assert len(room.log()) == before


def test_items_without_a_day_make_no_calendar(room):
    idea = room.do(records.add_item, ItemFacts("Some day"), now=NOW)
    for ids in ([idea], []):
        with pytest.raises(Refused, match="has a day"):
            room.do(records_calendar.export_ics, ids, recipient="R", purpose="p", now=NOW)


# --- effect from cases ---

PUBLISHED_ON = date(2026, 9, 14)


def publish_and_contact(room):
    """Suffolk rises from 3 of 14 to 13 of 14 on time around an item; Norfolk has three contacts."""
    item = room.published(PUBLISHED_ON, force="Suffolk")
    room.contacts(3, 14, PUBLISHED_ON - timedelta(days=42), 40)
    room.contacts(13, 14, PUBLISHED_ON + timedelta(days=1), 40)
    room.contacts(1, 3, PUBLISHED_ON + timedelta(days=1), 3, force="Norfolk", team="Norwich Response")
    return item


@pytest.fixture
def judged(room):
    return room, room.once(publish_and_contact)


def test_the_effect_of_an_item_comes_from_the_cases_of_its_force(judged):
    room, item = judged
    found = room.ask(records_effect.effect, item, NOW)
    assert (found.force, found.before, found.after) == ("Suffolk", (3, 14), (13, 14))
    assert (found.windows.weeks, found.verdict) == (9, CLEAR_RISE)
    joint = room.ask(records_effect.effect, item, NOW, "Joint")
    assert (joint.before, joint.after) == ((3, 14), (14, 17))


def test_changing_the_as_at_gives_the_effect_of_that_day(judged):
    room, item = judged
    early = room.ask(records_effect.effect, item, end_of_day(PUBLISHED_ON + timedelta(days=20)))
    assert (early.windows.weeks, early.verdict) == (2, TOO_EARLY)
    with pytest.raises(Refused, match="published by then"):
        room.ask(records_effect.effect, item, end_of_day(PUBLISHED_ON - timedelta(days=1)))


def test_only_items_that_reach_the_same_scope_are_inseparable(judged):
    room, item = judged
    other = room.published(PUBLISHED_ON + timedelta(days=7), force="Norfolk", title="Norwich")
    assert room.ask(records_effect.effect, item, NOW).others == ()
    assert [one.id for one in room.ask(records_effect.effect, item, NOW, "Joint").others] == [other]
    assert [one.item.id for one in room.ask(records_effect.effects, NOW, "Suffolk")] == [item]


def test_the_position_holds_weeks_teams_and_what_comes(judged):
    room, item = judged
    coming = room.planned(planned_on=date(2026, 12, 1))
    clash = room.planned(planned_on=date(2026, 12, 1), title="Another")
    found = room.ask(records_effect.position, NOW, "Joint")
    assert [one.item.id for one in found.effects] == [item]
    assert len(found.weeks) == 26 and sum(week.due for week in found.weeks) == 31
    assert found.conversations.teams[0].team in ("Ipswich Response", "Norwich Response")
    assert [row.id for row in found.coming] == [coming, clash]
    assert [one.item_ids for one in found.conflicts] == [(coming, clash)]
    assert date(2026, 11, 30) not in found.gaps and date(2026, 12, 7) in found.gaps
    assert [mark.day for mark in room.ask(records_effect.marks, NOW)] == [PUBLISHED_ON]


def test_every_force_has_its_own_figures_and_joint_is_the_two(judged):
    room, _item = judged
    found = {force: room.ask(records_effect.outlook, NOW, force) for force in ("Suffolk", "Norfolk", "Joint")}
    suffolk, norfolk, joint = (one.weeks() for one in found.values())
    for one, other, both in zip(suffolk, norfolk, joint, strict=True):
        assert one.documents + other.documents == both.documents
        assert (one.due + other.due, one.on_time + other.on_time) == (both.due, both.on_time)
    assert {team.force for team in found["Norfolk"].conversations.teams} == {"Norfolk"}


def test_the_thresholds_of_the_desk_are_used(judged):
    from oicdesk.settings.records import change_settings

    room, item = judged
    room.do(change_settings, {"comms_least_weeks": 10}, at=NOW)
    assert room.ask(records_effect.effect, item, NOW).verdict == TOO_EARLY
    room.do(change_settings, {"comms_least_weeks": 1, "comms_most_weeks": 2}, at=NOW)
    assert room.ask(records_effect.effect, item, NOW).windows.weeks == 2


def test_a_contact_in_the_hour_that_happens_twice_belongs_to_its_day(room):
    item = room.published(date(2026, 10, 25))  # the clocks go back on this day
    at = datetime(2026, 10, 25, 23, 59, tzinfo=UTC)
    room.add(now=at, contact_at=at)
    found = room.ask(records_effect.effect, item, NOW)
    assert (found.before.due, found.after.due, found.windows.weeks) == (0, 0, 4)
