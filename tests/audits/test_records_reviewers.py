"""Who reviews stands in the plan: users of the desk, independent of every case, named anew only with a reason."""

from dataclasses import replace

import pytest

from oicdesk.audits import records, records_checklists, records_frame, records_results, records_review, rules
from oicdesk.audits.rules_review import MET
from oicdesk.documents import records as documents
from oicdesk.errors import Refused
from oicdesk.vault.vault import VIEWER
from tests.audits.makers import APPROVERS, NOW, PLAN, REVIEWERS, hours, room

__all__ = ["room"]


def test_a_plan_names_users_of_the_desk_who_may_write(room):
    room.do(records_checklists.import_checklists, now=NOW)
    room.vault.add_user("Vera Read", VIEWER, "lantern orchard violin")
    for name, words in (("Pat Unknown", "has no way into this desk"), ("Vera Read", "may only read this desk")):
        with pytest.raises(Refused, match=words):
            room.do(records.plan, replace(PLAN, reviewers=(name,)), now=NOW)
    with pytest.raises(Refused, match="Robin Vale reviews first, and the second review is another person's"):
        room.do(records.plan, replace(PLAN, reviewers=("Robin Vale",), second_reviewer="Robin Vale"), now=NOW)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"officer_name": "ASHBY, Sam"}, "Sam Ashby is the reporting officer of OIC-2026-0003"),
        ({"supervisor": "Sgt Sam Ashby"}, "Sam Ashby is the reporting officer's line manager of OIC-2026-0003"),
    ],
)
def test_a_case_that_no_named_reviewer_is_independent_of_is_refused_before_the_draw(room, facts, words):
    room.cases(2)
    room.cases(1, **facts)
    plan = replace(PLAN, reviewers=("Sam Ashby",))
    assert words in room.ask(records_frame.preview, plan, NOW).problem
    with pytest.raises(Refused, match="Nobody named in the plan is independent of OIC-2026-0003"):
        room.audit(plan)
    both = replace(plan, reviewers=("Sam Ashby", "Robin Vale"))
    found = room.ask(records_frame.preview, both, NOW)
    assert found.problem is None
    assert found.notes == ("Sam Ashby had a hand in OIC-2026-0003 and does not review it.",)
    assert room.audit(both).plan.reviewers == ("Sam Ashby", "Robin Vale")
    out = replace(plan, exclusions={"OIC-2026-0003": "Sam Ashby reported it"})
    assert room.audit(out).population == 2


def test_the_assessor_and_the_author_of_the_document_count_in_the_plan_too(room):
    room.cases(1)
    document = room.submit(room.add(), NOW - hours(3), author="Robin Vale")
    room.do(documents.accept, document, at=NOW - hours(2), assessor="Sam Ashby")
    found = room.ask(records_frame.preview, replace(PLAN, reviewers=("Sam Ashby", "Robin Vale")), NOW)
    assert "Nobody named in the plan is independent of OIC-2026-0002: Sam Ashby assessed the document" in found.problem


def test_only_the_named_answer_and_the_named_second_reviewer_stays_blind(room):
    room.cases(12)
    plan = replace(PLAN, reviewers=("Sam Ashby",), second_reviewer="Alex Thorne")
    audit = room.audit(plan)
    room.answer_all(audit.id)
    room.sign_in(REVIEWERS)
    item = room.ask(records_review.review_order, audit.id)[0]
    with pytest.raises(Refused, match="The plan names Sam Ashby for this review, and you are Robin Vale"):
        room.do(records_review.answer, audit.id, item, 5, MET, now=NOW)
    with pytest.raises(Refused, match="The plan names Alex Thorne"):
        room.do(records_review.start_second_review, audit.id, now=NOW)
    room.sign_in(APPROVERS)
    with pytest.raises(Refused, match="blind"):
        room.ask(records_review.answers, audit.id, records_review.FIRST)
    assert len(room.do(records_review.start_second_review, audit.id, now=NOW)) == 10


def test_another_reviewer_is_named_after_freezing_with_a_reason_that_is_printed(room):
    room.cases(3)
    audit = room.audit(replace(PLAN, reviewers=("Robin Vale",), second_reviewer="Alex Thorne"))
    with pytest.raises(Refused, match="only with a reason"):
        room.do(records.name_reviewer, audit.id, "Sam Ashby", " ", now=NOW)
    with pytest.raises(Refused, match="reviews first"):
        room.do(records.name_reviewer, audit.id, "Robin Vale", "why not", now=NOW, is_second=True)
    room.do(records.name_reviewer, audit.id, "Sam Ashby", "Robin left.", now=NOW)
    with pytest.raises(Refused, match="named already"):
        room.do(records.name_reviewer, audit.id, "Sam Ashby", "again", now=NOW)
    assert room.ask(records.audit, audit.id).plan.reviewers == ("Robin Vale", "Sam Ashby")
    last = room.ask(records.history, audit.id)[-1]
    assert last.reason == "Sam Ashby named as reviewer: Robin left."
    room.answer_all(audit.id)
    limits = room.ask(records_results.results, audit.id).limits
    assert "After the sample was frozen: Sam Ashby named as reviewer: Robin left." in limits
    room.do(records_review.moderate, audit.id, now=NOW, without_second="Three cases")
    with pytest.raises(Refused, match="while a frozen audit waits for answers"):
        room.do(records.name_reviewer, audit.id, "Alex Thorne", "late", now=NOW)


def test_a_plan_that_names_nobody_stays_open_to_whoever_is_independent(room):
    room.cases(2)
    audit = room.audit()
    with pytest.raises(Refused, match="nobody has to be named"):
        room.do(records.name_reviewer, audit.id, "Robin Vale", "to help", now=NOW)
    room.do(records.name_reviewer, audit.id, "Alex Thorne", "Robin left", now=NOW, is_second=True)
    assert room.ask(records.audit, audit.id).plan.second_reviewer == "Alex Thorne"


def test_a_dip_sample_is_replaced_from_any_stratum(room):
    room.cases(12)
    audit = room.audit(replace(PLAN, kind=rules.DIP, size=4))
    drawn = room.ask(records_review.review_order, audit.id)
    spare = room.ask(records_frame.unused_spares, audit.id)[0]
    came = room.do(records_review.replace, audit.id, drawn[0], "Under investigation", now=NOW)
    assert came.item == spare.item
