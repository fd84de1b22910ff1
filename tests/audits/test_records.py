"""Audits as kept in a real vault: planned, frozen, answered, reviewed twice, adjudicated, approved."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from oicdesk import stats
from oicdesk.audits import (
    records,
    records_checklists,
    records_findings,
    records_frame,
    records_results,
    records_review,
    records_series,
    rules,
    rules_results,
    rules_review,
)
from oicdesk.audits.records_review import FIRST, SECOND
from oicdesk.audits.rules_review import CANNOT_DETERMINE, MET, NOT_APPLICABLE, NOT_MET, PARTLY_MET
from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from tests.audits.makers import APPROVERS, NOW, PASSPHRASE, PLAN, REVIEWERS, days, hours, room

__all__ = ["room"]


# --- checklists ---


def test_the_checklist_that_comes_with_the_desk_has_the_twenty_criteria_and_is_imported_once(room):
    with room.vault.changing() as session:
        assert records_checklists.import_checklists(session, now=NOW) == []
    listed = room.ask(records_checklists.newest)
    assert [c.number for c in listed.criteria] == list(range(1, 21))
    assert [c.number for c in listed.criteria if c.mandatory] == [1, 2, 4, 8, 9, 10, 12, 14, 15, 16]
    assert {c.number: c.automatic for c in listed.criteria if c.automatic} == {
        1: rules_review.DOCUMENT_EXISTS, 2: rules_review.BY_REPORTING_OFFICER, 3: rules_review.IN_TIME,
    }  # fmt: skip


def test_an_edited_checklist_is_a_new_version_and_the_old_one_stays(room):
    listed = room.ask(records_checklists.newest)
    first = listed.id
    edited = [{**vars(c), "text": c.text + "!"} if c.number == 5 else vars(c) for c in listed.criteria]
    second = room.do(records_checklists.record_version, listed.name, edited, now=NOW, note="Local wording")
    assert second != first
    again = room.ask(records_checklists.checklist, second)
    assert (again.version, again.criteria[4].text[-1], again.note) == (2, "!", "Local wording")
    assert room.ask(records_checklists.checklist, first) == listed


def test_a_follow_up_question_without_its_answers_is_refused(room):
    with pytest.raises(Refused, match="follow-up question of criterion 1"):
        room.do(records_checklists.record_version, "Short", [{"text": "A", "follow_up": "Why?"}], now=NOW)


# --- planning and freezing ---


def test_the_preview_counts_who_is_left_out_and_why(room):
    cases = room.cases(8)
    room.cases(2, documented=False)
    room.add(contact_at=NOW - days(3), now=NOW - days(3), reason="status_enquiry", incident_ref="Q")
    plan = replace(PLAN, exclusions={room.row(cases[1]).reference: "Under another audit"})
    seen = room.ask(records_frame.preview, plan, NOW)
    assert seen.population == 7
    assert dict(seen.excluded) == {
        "No submitted document that counts": 2, "Scope query, not yet decided": 1, "Under another audit": 1,
    }  # fmt: skip
    assert (seen.size, seen.problem) == (7, None)
    assert seen.why == "All 7 cases, because a population of 30 or fewer is audited whole."


def test_a_plan_whose_minima_do_not_fit_says_so_and_offers_to_merge(room):
    room.cases(40)
    room.cases(1, reason="other", force="Suffolk")
    plan = replace(PLAN, margin=0.35, minimum=3)
    seen = room.ask(records_frame.preview, plan, NOW)
    assert seen.size < 3 * 6 and "merge small strata" in seen.problem
    merged = room.ask(records_frame.preview, replace(plan, merged=seen.merge_offer), NOW)
    assert merged.problem is None
    assert sum(row.drawn for row in merged.strata) == merged.size


def test_freezing_locks_population_seed_size_rule_and_sample(room):
    room.cases(60)
    audit = room.audit()
    assert (audit.status, audit.population, audit.sample_size) == (rules.SAMPLE_FROZEN, 60, 38)
    assert (audit.seed, audit.seed_given, audit.algorithm) == (20261130, True, "oicdesk-draw-1")
    assert audit.why.startswith("38 of 60 cases, because")
    frame = room.ask(records_frame.frame, audit.id)
    strata = {row.item: row.stratum for row in frame}
    assert audit.frame_hash == rules.frame_hash(strata, strata)
    drawn = [row.item for row in room.ask(records_frame.cases_under_audit, audit.id)]
    assert drawn == rules.draw(strata, 38, seed=20261130, strata=strata)
    assert room.log()[-2]["detail"].startswith("38 of 60 cases, seed 20261130, frame ")


def test_without_a_seed_the_desk_makes_one_and_says_so(room):
    room.cases(31)
    audit = room.audit(seed=None)
    assert audit.seed_given is False and 0 <= audit.seed < 10**9
    assert room.ask(records_frame.draw_again, audit.id).is_same


FORBIDDEN = (
    "UPDATE audit SET seed = 1",
    "UPDATE audit SET frame_hash = 'x'",
    "UPDATE audit SET margin = 0.2",
    "UPDATE audit SET status = 'DRAFT'",
    "DELETE FROM audit",
    "DELETE FROM audit_frame_item WHERE id = (SELECT max(id) FROM audit_frame_item)",
    "UPDATE audit_frame_item SET stratum = 'x'",
    "INSERT INTO audit_frame_item SELECT 9999, audit_id, referral_id, 'x', force, reason, month, stratum, NULL"
    " FROM audit_frame_item LIMIT 1",
    "DELETE FROM audit_sample_item",
    "UPDATE audit_sample_item SET position = position + 1000",
    "INSERT OR REPLACE INTO audit_sample_item SELECT * FROM audit_sample_item",
    "UPDATE audit_answer SET answer = 'MET'",
    "DELETE FROM audit_answer",
    "UPDATE checklist_criterion SET mandatory = 0",
)


def test_after_freezing_the_database_itself_keeps_plan_lists_and_answers(room):
    room.cases(31)
    audit = room.audit()
    room.do(records_review.answer, audit.id, items(room, audit)[0], 5, NOT_MET, now=NOW)
    with room.vault._writer.connect() as connection:
        for statement in FORBIDDEN:
            with pytest.raises(IntegrityError), connection.begin_nested():
                connection.exec_driver_sql(statement)


def test_a_frozen_plan_cannot_be_changed_nor_frozen_again(room):
    room.cases(6)
    audit = room.audit()
    with pytest.raises(Refused, match="frozen"):
        room.do(records.change_plan, audit.id, PLAN)
    with pytest.raises(Refused, match="frozen"):
        room.do(records_frame.freeze, audit.id, as_at=NOW, now=NOW)


def test_a_draft_can_be_changed_and_an_empty_population_is_not_frozen(room):
    room.do(records_checklists.import_checklists, now=NOW)
    audit_id = room.do(records.plan, PLAN, now=NOW)
    assert room.do(records.change_plan, audit_id, replace(PLAN, margin=0.05)) == ["margin"]
    assert room.ask(records.audit, audit_id).plan.margin == 0.05
    with pytest.raises(Refused, match="No case is in the population"):
        room.do(records_frame.freeze, audit_id, as_at=NOW, now=NOW)


def test_the_population_is_that_of_the_as_at_instant(room):
    cases = room.cases(4, documented=False)
    room.accepted(cases[0], NOW - days(20))
    room.do(records_checklists.import_checklists, now=NOW)
    early = room.ask(records_frame.preview, PLAN, NOW - days(21))
    late = room.ask(records_frame.preview, PLAN, NOW)
    assert (early.population, late.population) == (0, 1)
    every = room.ask(records_frame.preview, replace(PLAN, population_rule=rules.IN_SCOPE), NOW)
    assert every.population == 4


def test_a_force_audit_has_no_case_of_the_other_force(room):
    room.cases(10)
    audit = room.audit(replace(PLAN, force="Norfolk"))
    assert {row.force for row in room.ask(records_frame.frame, audit.id)} == {"Norfolk"}
    assert [row.id for row in room.ask(records.audits, "Norfolk")] == [audit.id]
    assert room.ask(records.audits, "Suffolk") == []


def test_drawing_again_notices_a_frame_that_was_altered_behind_the_triggers(room):
    room.cases(40)
    audit = room.audit()
    assert "the same, in the same order" in room.ask(records_frame.draw_again, audit.id).sentence
    with room.vault._writer.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_frame_is_never_altered")
        connection.exec_driver_sql("UPDATE audit_frame_item SET item = item || 'x' WHERE id = 3")
        connection.commit()
    again = room.ask(records_frame.draw_again, audit.id)
    assert not again.is_same and "were altered" in again.sentence


# --- answering ---


def items(room, audit):
    return room.ask(records_review.review_order, audit.id)


def test_the_desk_answers_what_its_register_knows(room):
    room.cases(2)
    late = room.add(contact_at=NOW - days(10), now=NOW - days(10), incident_ref="X")
    room.submit(late, NOW - days(5), submitted_by_reporting_officer=False)
    none = room.add(contact_at=NOW - days(9), now=NOW - days(9), incident_ref="Y")
    audit = room.audit(replace(PLAN, population_rule=rules.IN_SCOPE, kind=rules.CENSUS))
    rows = {row.referral_id: row for row in room.ask(records_frame.cases_under_audit, audit.id)}
    with room.vault.reading() as session:
        told = {
            case: {n: a.answer for n, a in records_review.review_case(session, audit.id, rows[case].id).answers.items()}
            for case in (late, none)
        }
    assert told[late] == {1: MET, 2: NOT_MET, 3: NOT_MET}
    assert told[none] == {1: NOT_MET, 2: NOT_MET, 3: NOT_MET}


def test_a_reviewer_may_answer_otherwise_than_the_desk(room):
    room.cases(1)
    audit = room.audit()
    (item,) = items(room, audit)
    assert room.do(records_review.answer, audit.id, item, 1, CANNOT_DETERMINE, now=NOW, comment="Cannot open it")
    held = room.ask(records_review.review_case, audit.id, item).answers[1]
    assert (held.answer, held.reviewer, held.is_automatic) == (CANNOT_DETERMINE, "Sam Ashby", False)


def test_each_change_of_an_answer_is_kept_and_the_newest_holds(room):
    room.cases(1)
    audit = room.audit()
    (item,) = items(room, audit)
    for given in (MET, NOT_MET, PARTLY_MET):
        room.do(records_review.answer, audit.id, item, 5, given, now=NOW)
    with room.vault.changing() as session:
        assert records_review.answer(session, audit.id, item, 5, PARTLY_MET, now=NOW) is False
        rows = session.execute(text("SELECT answer FROM audit_answer ORDER BY id")).scalars().all()
    assert rows == [MET, NOT_MET, PARTLY_MET]
    assert room.ask(records_review.review_case, audit.id, item).answers[5].answer == PARTLY_MET
    assert room.ask(records.audit, audit.id).status == rules.IN_REVIEW
    assert room.log()[-1]["records"].keys() == {"audit", "audit_answer"}


def test_not_applicable_needs_a_reason(room):
    room.cases(1)
    audit = room.audit()
    (item,) = items(room, audit)
    with pytest.raises(Refused, match="only with a reason"):
        room.do(records_review.answer, audit.id, item, 18, NOT_APPLICABLE, now=NOW)


def test_work_goes_on_where_it_was_left_after_the_vault_is_opened_again(room):
    room.cases(3)
    audit = room.audit()
    order = items(room, audit)
    room.do(records_review.answer, audit.id, order[0], 5, NOT_MET, now=NOW, comment="Two matters")
    room.sign_in(PASSPHRASE)
    state = room.ask(records_review.progress, audit.id)
    assert (state.cases, state.complete, state.resume_item_id) == (3, 0, order[0])
    case = room.ask(records_review.review_case, audit.id, order[0])
    assert case.answers[5].comment == "Two matters" and (case.position, case.of) == (1, 3)
    assert 5 not in case.unanswered and 6 in case.unanswered
    room.answer_all(audit.id)
    assert room.ask(records_review.progress, audit.id).is_complete


@pytest.mark.parametrize(
    "facts, words",
    [
        ({"officer_name": "ASHBY, Sam"}, "is the reporting officer"),
        ({"supervisor": "Sgt Sam Ashby"}, "line manager"),
    ],
)
def test_who_had_a_hand_in_a_document_cannot_review_it(room, facts, words):
    room.cases(1, **facts)
    audit = room.audit()
    (item,) = items(room, audit)
    with pytest.raises(Refused, match=words):
        room.do(records_review.answer, audit.id, item, 5, MET, now=NOW)
    ((reference, why),) = room.ask(records_review.conflicts, audit.id, "Sam Ashby")
    assert reference in why
    assert room.ask(records_review.conflicts, audit.id, "Robin Vale") == []


def test_the_assessor_in_the_forces_unit_cannot_review(room):
    case = room.add(contact_at=NOW - days(9), now=NOW - days(9))
    document = room.submit(case, NOW - days(9) + hours(2))
    room.do(documents.accept, document, at=NOW - days(8), assessor="Sam Ashby")
    audit = room.audit()
    with pytest.raises(Refused, match="assessed the document"):
        room.do(records_review.answer, audit.id, items(room, audit)[0], 5, MET, now=NOW)


# --- replacing ---


def test_a_replaced_case_gives_its_place_to_the_next_spare_of_its_stratum(room):
    room.cases(60)
    audit = room.audit()
    before = room.ask(records_frame.cases_under_audit, audit.id)
    spares = room.ask(records_frame.unused_spares, audit.id)
    gone = before[4]
    put = room.do(records_review.replace, audit.id, gone.id, "The document is held elsewhere", now=NOW)
    assert put.id == next(s.id for s in spares if s.stratum == gone.stratum)
    after = room.ask(records_frame.cases_under_audit, audit.id)
    assert [row.id for row in after] == [put.id if row.id == gone.id else row.id for row in before]
    noted = next(row for row in room.ask(records_frame.sample, audit.id) if row.id == gone.id)
    assert (noted.replaced_because, noted.replaced_by) == ("The document is held elsewhere", put.item)
    assert room.ask(records_frame.draw_again, audit.id).is_same
    with pytest.raises(Refused, match="was replaced"):
        room.do(records_review.answer, audit.id, gone.id, 5, MET, now=NOW)
    room.do(records_review.answer, audit.id, put.id, 5, MET, now=NOW)


def test_a_case_is_not_replaced_without_a_reason_or_once_its_result_is_known(room):
    room.cases(4)
    audit = room.audit(replace(PLAN, kind=rules.DIP, size=2))
    order = items(room, audit)
    with pytest.raises(Refused, match="only with a reason"):
        room.do(records_review.replace, audit.id, order[0], " ", now=NOW)
    room.answer_all(audit.id)
    with pytest.raises(Refused, match="its result is known"):
        room.do(records_review.replace, audit.id, order[0], "It failed", now=NOW)


# --- second review ---


def review_twelve(room):
    """Twelve cases, all answered: one fails, one passes with a mandatory criterion partly met."""
    room.cases(12)
    audit = room.audit()
    room.answer_all(audit.id, but={(1, 8): NOT_MET, (2, 9): PARTLY_MET})
    return audit


@pytest.fixture
def reviewed(room):
    return room.once(review_twelve)


def test_the_second_review_is_by_another_person(room, reviewed):
    with pytest.raises(Refused, match="another person under their own passphrase"):
        room.do(records_review.start_second_review, reviewed.id, now=NOW)
    room.sign_in(REVIEWERS)
    chosen = room.do(records_review.start_second_review, reviewed.id, now=NOW)
    assert len(chosen) == 10
    room.sign_in(PASSPHRASE)
    with pytest.raises(Refused, match="another person under their own passphrase"):
        room.do(records_review.answer, reviewed.id, chosen[0], 5, MET, now=NOW, round=SECOND)


def test_the_second_review_is_blind_on_both_sides_until_it_is_complete(room, reviewed):
    room.sign_in(REVIEWERS)
    blind = [
        lambda: room.ask(records_review.answers, reviewed.id, FIRST),
        lambda: room.ask(records_review.final_answers, reviewed.id),
        lambda: room.ask(records_review.review_case, reviewed.id, items(room, reviewed)[0]),
        lambda: room.ask(records_results.results, reviewed.id),
    ]
    for look in blind:
        with pytest.raises(Refused, match="blind"):
            look()
    room.do(records_review.start_second_review, reviewed.id, now=NOW)
    for look in blind:
        with pytest.raises(Refused, match="blind"):
            look()
    with pytest.raises(Refused, match="once the second is complete"):
        room.ask(records_review.differences, reviewed.id)
    case = room.ask(
        records_review.review_case, reviewed.id, room.ask(records_review.second_items, reviewed.id)[0], SECOND
    )
    assert {answer.reviewer for answer in case.answers.values()} <= {rules_review.THE_DESK}
    room.sign_in(PASSPHRASE)
    with pytest.raises(Refused, match="shown once the second review is complete"):
        room.ask(records_review.answers, reviewed.id, SECOND)
    room.sign_in(REVIEWERS)
    room.answer_all(reviewed.id, SECOND)
    assert room.ask(records_review.answers, reviewed.id, FIRST)


def test_first_answers_stay_once_the_second_review_has_begun(room, reviewed):
    room.sign_in(REVIEWERS)
    room.do(records_review.start_second_review, reviewed.id, now=NOW)
    room.sign_in(PASSPHRASE)
    with pytest.raises(Refused, match="first answers stay"):
        room.do(records_review.answer, reviewed.id, items(room, reviewed)[0], 5, NOT_MET, now=NOW)
    with pytest.raises(Refused, match="only before the second review"):
        room.do(records_review.replace, reviewed.id, items(room, reviewed)[0], "Too late", now=NOW)


def test_a_second_reviewer_with_a_hand_in_a_case_gets_another_one(room):
    room.cases(13)
    mine = room.cases(1, officer_name="VALE, Robin", reason="other")
    audit = room.audit()
    room.answer_all(audit.id)
    room.sign_in(REVIEWERS)
    chosen = room.do(records_review.start_second_review, audit.id, now=NOW)
    rows = {row.id: row.referral_id for row in room.ask(records_frame.cases_under_audit, audit.id)}
    assert len(chosen) == 10 and mine[0] not in {rows[item] for item in chosen}


def test_differences_are_adjudicated_and_all_three_answers_are_kept(room, reviewed):
    room.sign_in(REVIEWERS)
    chosen = room.do(records_review.start_second_review, reviewed.id, now=NOW)
    room.answer_all(reviewed.id, SECOND, but={(1, 12): NOT_MET})
    first = items(room, reviewed)
    listed = room.ask(records_review.differences, reviewed.id)
    expected = {(chosen[0], 12, MET, NOT_MET)}
    expected |= {(first[i], n, a, MET) for i, n, a in ((0, 8, NOT_MET), (1, 9, PARTLY_MET)) if first[i] in chosen}
    assert {(d.item_id, d.number, d.first.answer, d.second.answer) for d in listed} == expected
    room.sign_in(PASSPHRASE)
    with pytest.raises(Refused, match="not adjudicated"):
        room.do(records_review.moderate, reviewed.id, now=NOW)
    with pytest.raises(Refused, match="with its grounds"):
        room.do(records_review.adjudicate, reviewed.id, chosen[0], 12, NOT_MET, now=NOW, comment="")
    with pytest.raises(Refused, match="agree on this criterion"):
        room.do(records_review.adjudicate, reviewed.id, chosen[0], 13, NOT_MET, now=NOW, comment="?")
    for d in listed:
        room.do(records_review.adjudicate, reviewed.id, d.item_id, d.number, NOT_MET, now=NOW, comment="Names a source")
    after = next(d for d in room.ask(records_review.differences, reviewed.id) if d.number == 12)
    assert (after.first.answer, after.second.answer, after.adjudicated.answer) == (MET, NOT_MET, NOT_MET)
    room.do(records_review.moderate, reviewed.id, now=NOW)
    found = room.ask(records_results.results, reviewed.id)
    assert next(c for c in found.cases if c.case.id == chosen[0]).failed[-1:] == (12,)
    assert (found.second.differences, found.second.adjudicated) == (len(listed), len(listed))
    assert found.second.reviewers == ("Robin Vale",)
    # eighteen criteria that the desk could not answer, of ten cases
    assert found.second.answers.n == 180
    assert found.second.answers.raw == pytest.approx(1 - len(listed) / 180)


def test_the_desks_own_answers_do_not_raise_agreement(room, reviewed):
    room.sign_in(REVIEWERS)
    room.do(records_review.start_second_review, reviewed.id, now=NOW)
    room.answer_all(reviewed.id, SECOND)
    compared = room.ask(records_review.pairs, reviewed.id)
    # Who submitted was not recorded, so reviewers looked; existence and time are the desk's own.
    assert {number for _item, number, _first, _second in compared} == {2, *range(4, 21)}


def test_without_a_second_review_moderating_needs_a_reason_that_is_printed(room, reviewed):
    with pytest.raises(Refused, match="There was no second review"):
        room.do(records_review.moderate, reviewed.id, now=NOW)
    room.do(records_review.moderate, reviewed.id, now=NOW, without_second="Nobody else was cleared to read them")
    limits = room.ask(records_results.results, reviewed.id).limits
    assert "There was no second review: Nobody else was cleared to read them." in limits
    assert rules_review.POST_HOLDER_ALONE in limits
    assert any("seed was given" in limit for limit in limits)


# --- results ---


def test_results_wait_for_every_answer(room):
    room.cases(2)
    audit = room.audit()
    with pytest.raises(Refused, match="2 of 2 cases are not answered in full"):
        room.ask(records_results.results, audit.id)


def test_a_whole_population_is_counted_without_interval(room, reviewed):
    found = room.ask(records_results.results, reviewed.id)
    assert found.overall.sentence == "11 of 12 (91.7%)"
    assert found.overall.low is None and found.overall.wilson_low is None
    assert found.partly == 1
    by_number = {c.criterion.number: c for c in found.criteria}
    assert by_number[8].counts == {MET: 11, PARTLY_MET: 0, NOT_MET: 1, NOT_APPLICABLE: 0, CANNOT_DETERMINE: 0}
    assert by_number[9].counts[PARTLY_MET] == 1 and by_number[9].figure.successes == 12
    assert [(g.label, g.figure.n) for g in found.by_force] == [("Norfolk", 6), ("Suffolk", 6)]
    assert sum(s.population for s in found.strata) == 12
    assert sum(s.weight for s in found.strata) == pytest.approx(1)


def test_a_random_sample_has_the_exact_interval_and_wilson_in_the_working(room):
    room.cases(20)
    audit = room.audit(replace(PLAN, margin=0.25, audit_all_up_to=0, strata_by=("force",)))
    room.answer_all(audit.id, but={(1, 8): NOT_MET, (5, 1): CANNOT_DETERMINE, (6, 18): NOT_APPLICABLE})
    overall = room.ask(records_results.results, audit.id).overall
    assert (overall.successes, overall.n, overall.population) == (7, 9, 20)
    assert (overall.low_count, overall.high_count) == tuple(stats.finite_interval(7, 9, 20))
    assert (overall.wilson_low, overall.wilson_high) == tuple(stats.wilson_interval(7, 9))
    eighteen = room.ask(records_results.results, audit.id).criteria[17].figure
    assert (eighteen.n, eighteen.drawn) == (8, 9) and eighteen.method.endswith(rules_results.ESTIMATED)


def test_a_dip_sample_never_has_an_interval(room):
    room.cases(12)
    audit = room.audit(replace(PLAN, kind=rules.DIP, size=8))
    room.answer_all(audit.id)
    found = room.ask(records_results.results, audit.id)
    figures = [found.overall, *(c.figure for c in found.criteria), *(g.figure for g in found.by_reason)]
    assert all(figure.low is None and figure.wilson_low is None for figure in figures)
    assert found.overall.sentence == "none found in 8; a dip sample, not representative"
    assert rules.NOT_REPRESENTATIVE in found.limits


def test_the_same_results_come_from_a_vault_opened_again(room, reviewed):
    before = room.ask(records_results.results, reviewed.id)
    room.sign_in(PASSPHRASE)
    assert room.ask(records_results.results, reviewed.id) == before


def test_slips_praise_first_speak_of_own_documents_only_and_wait_for_moderation(room, reviewed):
    with pytest.raises(Refused, match="once the audit is moderated"):
        room.ask(records_results.slips, reviewed.id)
    room.do(records_review.moderate, reviewed.id, now=NOW, without_second="One post")
    (slip,) = room.ask(records_results.slips, reviewed.id)
    assert slip.officer == "MARSH, Jo"
    assert slip.praise[0].startswith("Met every mandatory criterion: ")
    assert len(slip.improvements) == 2


# --- findings, actions, approval ---


@pytest.fixture
def found_something(room, reviewed):
    finding = room.do(
        records_findings.add_finding, reviewed.id, "Sources are not evaluated", now=NOW,
        severity=rules.HIGH, root_cause="The form hides the box", criterion=8,
    )  # fmt: skip
    room.do(records_findings.add_finding, reviewed.id, "Clear titles", now=NOW, kind=records_findings.GOOD_PRACTICE)
    return finding


TODAY = date(2026, 11, 30)


def test_findings_come_by_severity_then_good_practice(room, reviewed, found_something):
    room.do(records_findings.add_finding, reviewed.id, "A child was missed", now=NOW, severity=rules.CRITICAL)
    listed = room.ask(records_findings.findings, reviewed.id, today=TODAY)
    assert [(f.title, f.criterion) for f in listed] == [
        ("A child was missed", None), ("Sources are not evaluated", 8), ("Clear titles", None),
    ]  # fmt: skip


def test_an_action_is_verified_by_somebody_else_with_evidence(room, reviewed, found_something):
    action = room.do(
        records_findings.add_action, found_something, "Move the box", owner="Robin Vale", due_on=TODAY, now=NOW
    )
    move = records_findings.move_action
    with pytest.raises(Refused, match="open cannot become done"):
        room.do(move, action, rules.DONE, now=NOW)
    room.do(move, action, rules.IN_PROGRESS, now=NOW)
    room.do(move, action, rules.DONE, now=NOW)
    with pytest.raises(Refused, match="owns or finished"):
        room.do(move, action, rules.VERIFIED, now=NOW, evidence="Seen")
    room.sign_in(REVIEWERS)
    with pytest.raises(Refused, match="owns or finished"):
        room.do(move, action, rules.VERIFIED, now=NOW, evidence="Seen")
    room.sign_in(APPROVERS)
    with pytest.raises(Refused, match="only with evidence"):
        room.do(move, action, rules.VERIFIED, now=NOW)
    room.do(move, action, rules.VERIFIED, now=NOW, evidence="Form version 4")
    history = room.ask(records_findings.action_history, action)
    assert [e.to_status for e in history] == [rules.OPEN, rules.IN_PROGRESS, rules.DONE, rules.VERIFIED]
    assert room.ask(records_findings.actions, today=TODAY) == []


def test_overdue_actions_stand_first(room, reviewed, found_something):
    add = records_findings.add_action
    later = room.do(add, found_something, "Later", owner="A", due_on=date(2026, 12, 20), now=NOW)
    soon = room.do(add, found_something, "Soon", owner="B", due_on=date(2026, 12, 2), now=NOW)
    done = room.do(add, found_something, "Done", owner="C", due_on=date(2026, 12, 1), now=NOW)
    for status in (rules.IN_PROGRESS, rules.DONE):
        room.do(records_findings.move_action, done, status, now=NOW)
    on_the_day = room.ask(records_findings.actions, today=date(2026, 12, 2))
    assert [(a.id, a.is_overdue) for a in on_the_day] == [(soon, False), (later, False), (done, False)]
    after = room.ask(records_findings.actions, today=date(2026, 12, 21))
    assert [(a.id, a.is_overdue) for a in after] == [(soon, True), (later, True), (done, False)]
    room.do(records_findings.postpone_action, later, date(2027, 1, 4), "The supplier is late", now=NOW)
    assert (
        room.ask(records_findings.action_history, later)[-1].note == "Due Sun 20 Dec 2026 before: The supplier is late"
    )


def test_an_approver_approves_what_they_did_not_review_once_every_finding_has_an_action(
    room, reviewed, found_something
):
    with pytest.raises(Refused, match="in review cannot become approved"):
        room.do(records_findings.approve, reviewed.id, now=NOW)
    room.do(records_review.moderate, reviewed.id, now=NOW, without_second="One post")
    with pytest.raises(Refused, match="Only an approver"):
        room.do(records_findings.approve, reviewed.id, now=NOW)
    room.sign_in(APPROVERS)
    with pytest.raises(Refused, match="has no action yet"):
        room.do(records_findings.approve, reviewed.id, now=NOW)
    room.do(records_findings.add_action, found_something, "Move it", owner="B", due_on=TODAY, now=NOW)
    room.do(records_findings.approve, reviewed.id, now=NOW)
    audit = room.ask(records.audit, reviewed.id)
    assert (audit.status, audit.approved_by) == (rules.APPROVED, "Alex Thorne")
    room.do(records_findings.release_panel, reviewed.id, now=NOW)
    assert room.ask(records.audit, reviewed.id).panel_released_by == "Alex Thorne"
    with pytest.raises(Refused, match="cannot change"):
        room.do(records.write_limits, reviewed.id, "More")


def test_an_approver_who_reviewed_a_case_cannot_approve(room):
    room.cases(3)
    audit = room.audit()
    room.sign_in(APPROVERS)
    room.answer_all(audit.id)
    room.do(records_review.moderate, audit.id, now=NOW, without_second="One post")
    with pytest.raises(Refused, match="reviewed a case"):
        room.do(records_findings.approve, audit.id, now=NOW)


def test_an_audit_that_supersedes_another_replaces_it_on_approval(room):
    room.cases(3)
    old = approved(room, PLAN)
    room.sign_in(PASSPHRASE)
    new = approved(room, replace(PLAN, title="Done again"), supersedes=old)
    assert room.ask(records.audit, old).status == rules.SUPERSEDED
    assert room.ask(records.audit, old).superseded_by == new
    moved = [e.to_status for e in room.ask(records.history, old)]
    assert moved == [*rules.STATUSES]


def approved(room, plan, *, but=None, **more):
    audit = room.audit(plan, **more)
    room.answer_all(audit.id, but=but)
    room.do(records_review.moderate, audit.id, now=NOW, without_second="One post")
    room.sign_in(APPROVERS)
    room.do(records_findings.approve, audit.id, now=NOW)
    return audit.id


# --- one after another ---


def test_audits_are_compared_with_the_one_before_and_drawn_as_a_run_chart(room):
    room.cases(16, reason="other")
    first = replace(PLAN, period_to=date(2026, 10, 5), kind=rules.CENSUS, strata_by=())
    earlier = approved(room, first, but={(1, 8): NOT_MET})
    room.sign_in(PASSPHRASE)
    second = replace(PLAN, period_from=date(2026, 10, 6), kind=rules.CENSUS, strata_by=())
    later = approved(room, second)
    with room.vault.reading() as session:
        found = records_results.results(session, later)
        beside = records_series.comparison(session, found)
        alone = records_series.comparison(session, records_results.results(session, earlier))
    assert beside.earlier.id == earlier and beside.comparison.verdict == rules_results.BOTH_COUNTED
    assert alone is None
    room.sign_in(PASSPHRASE)
    phase = room.do(records_series.start_phase, "Joint", date(2026, 11, 1), "New form", now=NOW)
    series = room.ask(records_series.series, "Joint")
    assert [p.audit_id for p in series.points] == [earlier, later]
    assert [(p.first, p.last, p.kind, p.reason) for p in series.phases] == [
        (0, 0, rules_results.RUN_CHART, "Start of the series"), (1, 1, rules_results.RUN_CHART, "New form"),
    ]  # fmt: skip
    room.do(records_series.end_phase, phase, "Begun by mistake", now=NOW)
    assert len(room.ask(records_series.series, "Joint").phases) == 1


def test_panel_tables_are_those_of_both_forces_and_joint_and_fit_together(room, reviewed):
    from oicdesk.audits.rules_suppress import suppress

    tables = room.ask(lambda session: records_results.panel_tables(records_results.results(session, reviewed.id)))
    assert {table.paper for table in tables} == {"Suffolk", "Norfolk", "Joint"}
    published = suppress(tables)
    joint = [table for table in published if table.table.paper == "Joint"]
    assert joint[0].total == 12 or joint[0].total is None
    assert any(table.hidden for table in published)


def test_everything_written_is_in_the_log(room, reviewed, found_something):
    named = {name for entry in room.log() for name in entry["records"]}
    assert named >= {"checklist", "audit", "audit_answer", "audit_finding"}
