"""The ledger as kept in a real vault: what was published, statuses, evidence, plans, reviews, liaison, measures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from oicdesk.audits import records_findings, records_results, records_review
from oicdesk.comms import rules as comms_rules
from oicdesk.comms.records_evidence import FileRow, add_evidence
from oicdesk.errors import Refused
from oicdesk.recommendations import records, records_ledger, records_plans, report, rules, rules_measures
from oicdesk.recommendations.rules import (
    ANALYSIS,
    COLLECTION,
    EVIDENCE_READY,
    IN_PROGRESS,
    INTELLIGENCE,
    MEETING,
    MET,
    NOT_MET,
    NOT_STARTED,
    PENDING,
    PRODUCT,
    SHARING,
    SUBMITTED_FOR_CLOSURE,
)
from oicdesk.recommendations.rules_measures import TrainingFacts
from oicdesk.settings.rules import end_of_day
from tests.audits import makers as audit_makers
from tests.comms import makers
from tests.comms.makers import APPROVERS, NOW, PASSPHRASE, TODAY
from tests.comms.test_report import words

room = makers.room
audited = audit_makers.room
REVIEW_ON = date(2027, 5, 3)


def ledger(room, as_at=NOW, force="Joint", training=None):
    return room.ask(records_ledger.ledger, as_at, force, training)


def promise_of(found, code):
    (row,) = [one for row in found.recommendations for one in row.promises if one.promised.code == code]
    return row


def recommendation_of(found, number):
    (row,) = [row for row in found.recommendations if row.asked.number == number]
    return row


# --- what was asked and promised ---


def test_the_recommendations_have_their_dates():
    assert {row.number: row.by for row in records.asked()} == {
        2: date(2026, 4, 30), 4: date(2025, 12, 31), 8: date(2026, 4, 30), 9: date(2026, 4, 30),
    }  # fmt: skip


def test_the_ledger_begins_with_the_thirteen_published_promises_each_with_a_measure(room):
    promised = room.ask(records.promised)
    counted = [row.recommendation for row in promised]
    assert {number: counted.count(number) for number in (2, 4, 8, 9)} == {2: 6, 4: 3, 8: 2, 9: 2}
    assert {row.code for row in promised} == rules_measures.MEASURED
    assert all(row.text.endswith(".") and row.measure for row in promised)


def test_every_promise_that_a_template_names_is_in_the_ledger(room):
    from oicdesk.comms.records_library import library

    promised = {row.code: row.recommendation for row in room.ask(records.promised)}
    for text in room.ask(library):
        if text.promise:
            assert promised[text.promise] == text.recommendation, text.code


def test_an_added_promise_is_withdrawn_with_a_reason_and_a_published_one_never(room):
    code = room.do(records.add_promise, 9, "Publish a summary each quarter", now=NOW)
    assert promise_of(ledger(room), code).standing.headline == "deadline passed – evidence pending"
    with pytest.raises(Refused, match="already"):
        room.do(records.add_promise, 9, "Publish a summary each quarter.", now=NOW)
    with pytest.raises(Refused, match="what was published stays"):
        room.do(records.withdraw_promise, "post", "We would rather not", now=NOW)
    later = NOW + timedelta(days=1)
    room.do(records.withdraw_promise, code, "Told twice", now=later)
    assert code not in {row.code for row in room.ask(records.promised)}
    assert code in {row.code for row in room.ask(records.promised, NOW)}


# --- statuses and evidence ---


def test_a_recommendation_moves_by_steps_and_back_with_a_reason_as_at_any_instant(room):
    assert room.ask(records.status, 4) == NOT_STARTED
    room.do(records.move, 4, IN_PROGRESS, now=NOW, at=datetime(2025, 9, 1, 9, tzinfo=UTC))
    with pytest.raises(Refused, match="no evidence"):
        room.do(records.move, 4, EVIDENCE_READY, now=NOW)
    room.do(records.add_evidence, 4, "Plans approved", date(2025, 12, 1), now=NOW)
    room.do(records.move, 4, EVIDENCE_READY, now=NOW, at=datetime(2025, 12, 2, 9, tzinfo=UTC))
    with pytest.raises(Refused, match="later time"):
        room.do(records.move, 4, SUBMITTED_FOR_CLOSURE, now=NOW, at=datetime(2025, 12, 1, 9, tzinfo=UTC))
    room.do(records.move, 4, IN_PROGRESS, now=NOW, reason="The inspectorate asked for more")
    assert room.ask(records.status, 4) == IN_PROGRESS
    assert room.ask(records.status, 4, datetime(2025, 12, 31, tzinfo=UTC)) == EVIDENCE_READY
    assert [row.reason for row in room.ask(records.history, 4)][-1] == "The inspectorate asked for more"
    with pytest.raises(Refused, match="future"):
        room.do(records.move, 4, EVIDENCE_READY, now=NOW, at=NOW + timedelta(hours=1))
    with pytest.raises(Refused, match="not in the ledger"):
        room.do(records.move, 5, IN_PROGRESS, now=NOW)


def test_evidence_counts_from_the_day_it_is_of_and_may_be_withdrawn(room):
    file = FileRow("letter.pdf", "ab" * 32, 9)
    kept = room.do(records.add_evidence, 2, "Post-holder in place", date(2025, 11, 3), now=NOW, promise="post",
                   shows_met=True, file=file)  # fmt: skip
    row = promise_of(ledger(room), "post")
    assert row.measure.words == "Post filled since 3 November 2025."
    assert (row.evidence[0].file_name, row.evidence[0].sha256) == ("letter.pdf", "ab" * 32)
    assert promise_of(ledger(room, end_of_day(date(2025, 11, 2))), "post").measure.state == PENDING
    room.do(records.withdraw_evidence, kept, "The wrong letter", now=NOW)
    assert promise_of(ledger(room), "post").measure.state == PENDING
    logged = [e for e in room.log() if "ledger_evidence" in e["records"]]
    assert [e["operation"] for e in logged] == ["collection", "alteration"]


@pytest.mark.parametrize(
    ("number", "what", "on", "promise", "field"),
    [
        (2, " ", TODAY, "", "what"),
        (2, "A", TODAY + timedelta(days=1), "", "happened_on"),
        (4, "A", TODAY, "post", "promise"),
        (3, "A", TODAY, "", "recommendation"),
    ],
)
def test_evidence_that_shows_nothing_is_refused_beside_its_field(room, number, what, on, promise, field):
    with pytest.raises(Refused) as refused:
        room.do(records.add_evidence, number, what, on, now=NOW, promise=promise)
    assert refused.value.field == field


# --- plans, reviews, liaison ---


def approved_plan(room, kind, *, on=TODAY, force="Joint", now=NOW):
    plan = room.do(records_plans.add_plan, kind, f"Plan of {kind}", force=force, now=now)
    version = room.do(
        records_plans.add_version, plan, "1.0", owner="The post", review_on=REVIEW_ON, link="P-1", now=now
    )
    room.do(records_plans.report_approval, version, name="A. Thorne", role="Detective Inspector", on=on,
            reference="Minutes 7", now=now)  # fmt: skip
    return plan


def test_a_version_holds_once_another_user_has_approved_it(room):
    plan = room.do(records_plans.add_plan, COLLECTION, "Collection", now=NOW)
    version = room.do(records_plans.add_version, plan, "1.0", owner="The post", review_on=REVIEW_ON, now=NOW)
    with pytest.raises(Refused, match="another user"):
        room.do(records_plans.approve_version, version, now=NOW)
    (row,) = room.ask(records_plans.plans)
    assert row.holds is None and row.waits.version == "1.0"
    room.sign_in(APPROVERS)
    room.do(records_plans.approve_version, version, now=NOW)
    (row,) = room.ask(records_plans.plans)
    assert (row.holds.approver, row.holds.approved_on, row.waits) == ("Alex Thorne", TODAY, None)
    room.sign_in(PASSPHRASE)
    room.do(records_plans.add_version, plan, "2.0", owner="The post", review_on=REVIEW_ON, now=NOW)
    (row,) = room.ask(records_plans.plans)
    assert (row.holds.version, row.waits.version) == ("1.0", "2.0")
    with pytest.raises(Refused, match="approved already"):
        room.do(records_plans.approve_version, version, now=NOW)


def test_an_approval_from_outside_is_marked_as_reported_and_counts_from_its_day(room):
    approved_plan(room, SHARING, on=date(2025, 12, 1))
    (row,) = room.ask(records_plans.plans)
    assert row.holds.approver == "A. Thorne, Detective Inspector (reported, Minutes 7)"
    (then,) = room.ask(records_plans.plans, as_at=end_of_day(date(2025, 12, 1)))
    assert then.holds is not None
    assert room.ask(records_plans.plans, as_at=end_of_day(date(2025, 11, 30))) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": " "}, "version"), ({"owner": ""}, "owner"), ({"review_on": TODAY}, "review_on"),
        ({"version": "1.0 "}, "version"),
    ],
)  # fmt: skip
def test_a_version_that_says_too_little_is_refused(room, change, field):
    plan = approved_plan(room, COLLECTION)
    with pytest.raises(Refused) as refused:
        room.do(records_plans.add_version, plan, **{"version": "2", "owner": "The post", "review_on": REVIEW_ON,
                "now": NOW} | change)  # fmt: skip
    assert refused.value.field == field


def test_recommendation_4_is_met_by_sound_plans_and_its_deadline_stays_shown(room):
    assert recommendation_of(ledger(room), 4).standing.headline == "deadline passed – not met"
    for kind in (COLLECTION, ANALYSIS, SHARING):
        approved_plan(room, kind)
    assert recommendation_of(ledger(room), 4).standing.headline == "deadline passed – met"
    before = ledger(room, end_of_day(date(2025, 12, 31)))
    assert recommendation_of(before, 4).standing.headline == "due by 31 December 2025"
    overdue = ledger(room, end_of_day(REVIEW_ON + timedelta(days=1)))
    assert recommendation_of(overdue, 4).standing.word == PENDING
    (plan, *_rest) = room.ask(records_plans.plans)
    room.do(records_plans.end_plan, plan.id, "Replaced", now=NOW)
    assert recommendation_of(ledger(room), 4).standing.word == NOT_MET


def test_a_plan_of_one_force_counts_for_that_force_and_for_both(room):
    for kind in (COLLECTION, ANALYSIS, SHARING):
        approved_plan(room, kind, force="Suffolk")
    words_of = {force: recommendation_of(ledger(room, force=force), 4).measure.state for force in rules.SCOPES}
    assert words_of == {"Suffolk": MET, "Norfolk": NOT_MET, "Joint": MET}


def test_reviews_and_liaison_are_logged_per_district_and_measured(room):
    approved_plan(room, ANALYSIS)
    room.do(
        records_plans.add_review, INTELLIGENCE, date(2026, 11, 2), analyst="The analyst", subject="Package 4", now=NOW
    )
    for kind, district in ((MEETING, "Ipswich"), (PRODUCT, " ipswich "), (MEETING, "Lowestoft")):
        room.do(records_plans.add_liaison, kind, date(2026, 11, 3), force="Suffolk", district=district, subject="Aims",
                who="The lead", now=NOW)  # fmt: skip
    found = ledger(room)
    assert promise_of(found, "analyst").measure.state == MET
    liaison = promise_of(found, "liaison").measure
    assert liaison.state == PENDING and "Nothing is logged for Norfolk" in liaison.words
    assert [row[:4] for row in liaison.rows[1:]] == [("Suffolk", "Ipswich", 1, 1), ("Suffolk", "Lowestoft", 1, 0)]
    assert promise_of(ledger(room, force="Suffolk"), "liaison").measure.state == MET
    assert promise_of(ledger(room, end_of_day(date(2026, 11, 1))), "liaison").measure.state == NOT_MET


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"force": "Joint"}, "force"),
        ({"district": " "}, "district"),
        ({"held_on": TODAY + timedelta(days=1)}, "held_on"),
    ],
)
def test_a_line_of_the_liaison_log_says_where_what_and_when(room, change, field):
    given = {
        "kind": MEETING,
        "held_on": TODAY,
        "force": "Suffolk",
        "district": "Ipswich",
        "subject": "Aims",
        "now": NOW,
    }
    with pytest.raises(Refused) as refused:
        room.do(records_plans.add_liaison, **given | change)
    assert refused.value.field == field


# --- measures from what the desk has ---


def test_the_promise_on_submissions_and_recommendation_2_come_from_the_cases(room):
    room.contacts(3, 4, date(2026, 11, 2), 4)
    room.contacts(2, 2, date(2026, 11, 2), 2, force="Norfolk")
    joint = ledger(room)
    assert recommendation_of(joint, 2).standing.in_words == (
        "Deadline 30 April 2026 passed – not met. 5 of 6 contacts in scope have a document, 1 is overdue."
    )
    assert recommendation_of(ledger(room, force="Norfolk"), 2).standing.word == MET
    rows = promise_of(joint, "submissions").measure.rows
    assert rows[1:] == (("Nov 2026", 6, 5, 6, 5),)
    assert "median time to submit 2.0 hours" in promise_of(joint, "submissions").measure.words


def test_the_promises_on_communications_come_from_what_was_published_with_evidence(room):
    page = room.published(date(2026, 10, 1), channel=comms_rules.GUIDANCE_PAGE)
    message = room.published(date(2026, 10, 2), channel=comms_rules.INTERNAL_MESSAGE)
    embedded = room.published(date(2026, 10, 5), channel=comms_rules.EMBEDDED, promise="programmes")
    assert promise_of(ledger(room), "guidance").measure.state == PENDING
    for item in (page, message, embedded):
        room.do(add_evidence, item, FileRow("page.png", "cd" * 32, 1), now=NOW)
    found = ledger(room)
    assert promise_of(found, "guidance").measure.state == MET
    assert "too early 2" in promise_of(found, "guidance").measure.words
    assert promise_of(found, "programmes").measure.state == MET
    assert promise_of(ledger(room, end_of_day(date(2026, 9, 30))), "guidance").measure.state == NOT_MET


def test_the_promise_on_audits_tells_the_newest_result_with_its_interval(audited):
    room, now = audited, audit_makers.NOW
    assert promise_of(ledger(room, now), "audits").measure.state == NOT_MET
    room.cases(60)
    row = room.audit(replace(audit_makers.PLAN, size=20))
    room.answer_all(row.id)
    assert promise_of(ledger(room, now), "audits").measure.state == PENDING
    room.do(records_review.moderate, row.id, now=now, without_second="One post")
    room.sign_in(audit_makers.APPROVERS)
    room.do(records_findings.approve, row.id, now=now)
    found = promise_of(ledger(room, now), "audits").measure
    sentence = room.ask(records_results.results, row.id).overall.sentence
    assert found.state == PENDING  # quality alone: no audit of coverage yet
    assert (
        found.words == f"Approved: 0 of coverage, 1 of quality. Quality (“{row.plan.title}”): {sentence}. 0 under way."
    )
    assert promise_of(ledger(room, now - timedelta(seconds=1)), "audits").measure.state == NOT_MET


def test_an_audit_of_one_force_says_nothing_of_the_other(audited):
    room, now = audited, audit_makers.NOW
    room.cases(20, force="Suffolk")
    room.audit(replace(audit_makers.PLAN, force="Suffolk"))
    states = {force: promise_of(ledger(room, now, force), "audits").measure.state for force in rules.SCOPES}
    assert states == {"Suffolk": PENDING, "Norfolk": NOT_MET, "Joint": PENDING}


def test_training_is_handed_in_and_nothing_is_read_of_it(room):
    without = ledger(room)
    assert {promise_of(without, code).measure.state for code in ("awareness", "modules", "monitoring")} == {PENDING}
    handed = TrainingFacts(verdicts={8: (PENDING, "Nobody is relevant."), 9: (NOT_MET, "5 of 9 completed all four.")})
    found = ledger(room, training=handed)
    assert recommendation_of(found, 9).standing.in_words == (
        "Deadline 30 April 2026 passed – not met. 5 of 9 completed all four."
    )
    assert promise_of(found, "modules").measure.state == NOT_MET


# --- papers ---


def test_the_internal_ledger_names_every_promise_its_measure_and_standing(room):
    approved_plan(room, COLLECTION)
    room.do(records.add_evidence, 4, "Minutes of the board", date(2025, 12, 1), now=NOW)
    found = ledger(room)
    told = words(report.ledger_blocks(found))
    for row in room.ask(records.promised):
        assert row.text in told and row.measure in told
    assert told.count("Deadline passed") >= 13 + 4
    assert "Minutes of the board" in told and "A. Thorne" in told


def test_the_panel_ledger_holds_no_count_of_cases_no_name_and_nothing_typed(room):
    approved_plan(room, COLLECTION)
    room.contacts(3, 4, date(2026, 11, 2), 4)
    room.do(records.add_evidence, 2, "Told by a named person", TODAY, now=NOW, promise="programmes", shows_met=True)
    told = words(report.panel_blocks(ledger(room)))
    assert "3 of 4" not in told and "overdue" not in told and "Thorne" not in told and "named person" not in told
    assert told.count("Deadline passed – ") == 4 + 13


def test_the_brief_has_a_line_for_each_recommendation_with_how_its_promises_stand(room):
    (facts,) = report.brief_blocks(ledger(room))
    assert [label for label, _told in facts.pairs] == [f"Recommendation {number}" for number in (2, 4, 8, 9)]
    assert all(told.startswith("Deadline passed – ") for _label, told in facts.pairs)
    assert facts.pairs[1][1] == "Deadline passed – not met; promises: 3 not met"


def test_the_ledger_prints_as_pdf_docx_and_xlsx(room, tmp_path):
    from oicdesk.reports.blocks import Report
    from oicdesk.reports.write import write

    room.contacts(3, 4, date(2026, 11, 2), 4)
    found = ledger(room)
    paper = Report("ledger", "Ledger", "OFFICIAL", NOW, blocks=report.ledger_blocks(found),
                   sheets=report.ledger_sheets(found))  # fmt: skip
    for suffix in ("pdf", "docx", "xlsx"):
        write(paper, tmp_path / f"ledger.{suffix}")
        assert (tmp_path / f"ledger.{suffix}").stat().st_size > 3000
    for sheet in report.ledger_sheets(found):
        assert all(len(row) == len(sheet.header) for row in sheet.rows), sheet.name
