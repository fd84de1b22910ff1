"""Statuses, deadlines, and every measure of the ledger by hand: rules without a database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.documents.rules import Coverage, OnTime
from oicdesk.errors import Refused
from oicdesk.recommendations import rules, rules_measures
from oicdesk.recommendations.rules import (
    ANALYSIS,
    CLOSED,
    COLLECTION,
    EVIDENCE_READY,
    IN_PROGRESS,
    MET,
    NOT_MET,
    NOT_STARTED,
    PENDING,
    SHARING,
    STATUSES,
)
from oicdesk.recommendations.rules_measures import (
    AuditFacts,
    CaseFacts,
    CommsFacts,
    CourseFact,
    DistrictFact,
    EvidenceFact,
    Facts,
    MonthFact,
    PlanFact,
    TrainingFacts,
    TrainingMonth,
    WorkFacts,
    promise,
    recommendation,
)

DAY = date(2026, 11, 23)


def coverage(submitted=0, overdue=0, waiting=0, queries=0) -> CaseFacts:
    whole = submitted + overdue + waiting
    return CaseFacts(
        Coverage(whole, submitted, round(100 * submitted / whole, 1) if whole else None, waiting, overdue, {}, queries,
                 0, 0, 0),
        OnTime(submitted + overdue, submitted, 90.0 if whole else None), 7.5 if submitted else None,
        (MonthFact(date(2026, 11, 1), whole, submitted, submitted + overdue, submitted),) if whole else (),
    )  # fmt: skip


EMPTY = Facts(DAY, "Joint", coverage())


def plan(kind: str, **facts) -> PlanFact:
    given = {"title": f"{kind} plan", "version": "1.0", "owner": "The post", "approver": "Alex Thorne",
             "review_on": DAY + timedelta(days=90), "has_link": True} | facts  # fmt: skip
    return PlanFact(kind, **given)


# --- statuses ---


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_a_recommendation_goes_on_one_step_and_back_any_number_with_a_reason(status, to):
    step = STATUSES.index(to) - STATUSES.index(status)
    if step == 1 or step < 0:
        assert rules.move(status, to, reason="the inspectorate asked for more") == to
    else:
        with pytest.raises(Refused):
            rules.move(status, to, reason="the inspectorate asked for more")


def test_going_back_needs_a_reason_and_evidence_ready_needs_evidence():
    with pytest.raises(Refused) as refused:
        rules.move(CLOSED, IN_PROGRESS, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="no evidence"):
        rules.move(IN_PROGRESS, EVIDENCE_READY, has_evidence=False)
    with pytest.raises(Refused, match="make it in progress first"):
        rules.move(NOT_STARTED, CLOSED)


@pytest.mark.parametrize("word", [MET, NOT_MET, PENDING])
def test_a_deadline_that_has_passed_is_never_hidden(word):
    deadline = date(2026, 4, 30)
    on_the_day = rules.standing(deadline, deadline, word, "Because.")
    assert on_the_day.headline == "due by 30 April 2026"
    assert on_the_day.in_words == f"Due by 30 April 2026; so far {word}. Because."
    after = rules.standing(deadline, deadline + timedelta(days=1), word, "Because.")
    assert after.headline == f"deadline passed – {word}"
    assert after.in_words == f"Deadline 30 April 2026 passed – {word}. Because."


# --- recommendations ---


@pytest.mark.parametrize(
    ("cases", "state", "words"),
    [
        (coverage(), PENDING, "No contact in scope is recorded yet."),
        (coverage(40), MET, "40 of 40 contacts in scope have a document, 0 are overdue."),
        (coverage(40, waiting=2), MET, "40 of 42 contacts"),
        (coverage(40, overdue=1), NOT_MET, "40 of 41 contacts in scope have a document, 1 is overdue."),
        (coverage(40, queries=2), PENDING, "2 scope queries are not decided."),
        (coverage(40, overdue=1, queries=2), NOT_MET, "1 is overdue."),
    ],
)
def test_recommendation_2_is_met_when_no_document_is_overdue(cases, state, words):
    found = recommendation(2, replace(EMPTY, cases=cases))
    assert found.state == state
    assert words in found.words


@pytest.mark.parametrize(
    ("plans", "state"),
    [
        ((), NOT_MET),
        ((plan(COLLECTION), plan(ANALYSIS)), NOT_MET),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING)), MET),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING, approver="")), PENDING),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING, review_on=DAY - timedelta(days=1))), PENDING),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING, review_on=DAY)), MET),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING, has_link=False)), PENDING),
        ((plan(COLLECTION), plan(ANALYSIS), plan(SHARING, has_link=False), plan(SHARING)), MET),
    ],
)
def test_recommendation_4_needs_a_sound_plan_of_each_kind(plans, state):
    assert recommendation(4, replace(EMPTY, work=WorkFacts(plans))).state == state


def test_what_a_plan_lacks_is_said():
    words = recommendation(4, replace(EMPTY, work=WorkFacts((plan(COLLECTION, review_on=date(2026, 1, 1)),)))).words
    assert words.startswith("Collection: “collection plan” has its review overdue. Analysis: no plan recorded.")


@pytest.mark.parametrize("number", [8, 9])
def test_recommendations_on_training_say_what_was_handed_in(number):
    assert recommendation(number, EMPTY).state == PENDING
    handed = TrainingFacts(verdicts={8: (NOT_MET, "3 of 9 people."), 9: (MET, "All of 9.")})
    found = recommendation(number, replace(EMPTY, training=handed))
    assert (found.state, found.words) == handed.verdicts[number]


# --- promises ---

EVERYTHING = Facts(
    DAY, "Joint", coverage(40),
    CommsFacts(on_intranet=2, in_messages=3, embedded=1, reach=1200, verdicts={"clear rise": 1, "too early": 4}),
    AuditFacts(1, 1, 0, "Coverage audited (“A”): 40 of 40.", "Quality (“B”): none found in 20; up to 12% possible."),
    WorkFacts(
        (plan(COLLECTION), plan(ANALYSIS), plan(SHARING)), 2, date(2026, 11, 2),
        (DistrictFact("Suffolk", "Ipswich", 2, 1, date(2026, 11, 3)), DistrictFact("Norfolk", "Norwich", 1, 0, DAY)),
    ),
    TrainingFacts(
        tuple(
            CourseFact(code, title, force, 9, 9)
            for code, title in (("nccu_awareness", "NCCU awareness"), ("module_1", "Module 1"), ("hydra", "Hydra"))
            for force in ("Suffolk", "Norfolk", "Joint")
        ),
        {8: (MET, "All."), 9: (MET, "All of 9.")},
        tuple(TrainingMonth(date(2026, month, 1), 9, month) for month in range(1, 13)),
        438, 25, 3, 36, 30, "both",
    ),
    {"post": (EvidenceFact(date(2025, 11, 3), "Post-holder in place", True),)},
)  # fmt: skip


@pytest.mark.parametrize("code", sorted(rules_measures.MEASURED))
def test_every_promise_is_met_by_a_desk_that_has_everything_and_by_no_empty_one(code):
    assert promise(code, EVERYTHING).state == MET, promise(code, EVERYTHING).words
    assert promise(code, EMPTY).state in (NOT_MET, PENDING)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("post", "Post filled since 3 November 2025."),
        ("submissions", "40 of 40 contacts in scope have a document (100.0%); 40 of 40 due were on time (90.0%);"
                        " median time to submit 7.5 hours."),
        ("guidance", "2 published on the intranet or as guidance, 3 as internal messages or briefings; reach 1,200."
                     " Documents on time before and after: clear rise 1, too early 4."),
        ("audits", "Approved: 1 of coverage, 1 of quality. Coverage audited (“A”): 40 of 40. Quality (“B”): none found"
                   " in 20; up to 12% possible."),
        ("liaison", "3 meetings and 1 product logged with 2 districts."),
        ("hydra_access", "3 Hydra events with 36 places, 30 attended. Local delivery: both."),
        ("monitoring", "12 months of the 12-month window on record, the last Dec 2026."),
        ("awareness", "9 of 9 people in scope completed NCCU awareness."),
    ],
)  # fmt: skip
def test_what_the_desk_shows_reads_in_words(code, words):
    assert promise(code, EVERYTHING).words == words


@pytest.mark.parametrize(
    ("code", "change", "state"),
    [
        ("guidance", {"comms": CommsFacts(planned=3)}, NOT_MET),
        ("guidance", {"comms": CommsFacts(on_intranet=1)}, PENDING),
        ("guidance", {"comms": CommsFacts(on_intranet=1, in_messages=1, without_evidence=1)}, PENDING),
        ("programmes", {"comms": CommsFacts(embedded_planned=1)}, PENDING),
        ("programmes", {"comms": CommsFacts(embedded=1, embedded_without_evidence=1)}, PENDING),
        ("audits", {"audits": AuditFacts(under_way=1)}, PENDING),
        ("audits", {"audits": AuditFacts(coverage_approved=1)}, PENDING),
        ("analyst", {"work": WorkFacts((plan(ANALYSIS),))}, PENDING),
        ("analyst", {"work": WorkFacts((), 3, DAY)}, PENDING),
        ("liaison", {"work": WorkFacts(districts=EVERYTHING.work.districts[:1])}, PENDING),
        ("liaison", {"work": WorkFacts(districts=EVERYTHING.work.districts[:1]), "force": "Suffolk"}, MET),
        ("awareness", {"training": TrainingFacts((CourseFact("nccu_awareness", "N", "Joint", 9, 8),))}, NOT_MET),
        ("awareness", {"training": TrainingFacts((CourseFact("nccu_awareness", "N", "Joint", 0, 0),))}, PENDING),
        ("monitoring", {"training": TrainingFacts(months=(TrainingMonth(DAY, 9, 1),) * 11)}, PENDING),
        ("hydra_access", {"training": TrainingFacts(hydra_events=2)}, PENDING),
        ("hydra_review", {"training": TrainingFacts(learners=9)}, PENDING),
        ("submissions", {"cases": coverage(3, overdue=1)}, NOT_MET),
    ],
)  # fmt: skip
def test_what_is_missing_makes_a_promise_unmet_or_pending(code, change, state):
    assert promise(code, replace(EVERYTHING, evidence={}, **change)).state == state


@given(st.sampled_from(sorted(rules_measures.MEASURED - {"post"})), st.booleans())
def test_evidence_turns_pending_into_met_and_never_hides_what_is_not_met(code, shows_met):
    shown = replace(EMPTY, evidence={code: (EvidenceFact(date(2026, 3, 2), "A paper of the panel", shows_met),)})
    before, after = promise(code, EMPTY), promise(code, shown)
    assert after.state == (MET if before.state == PENDING and shows_met else before.state)


def test_a_promise_that_the_program_does_not_know_is_measured_by_its_evidence():
    assert promise("a_later_one", EMPTY).state == PENDING
    shown = replace(EMPTY, evidence={"a_later_one": (EvidenceFact(date(2026, 3, 2), "Letter of the lead", True),)})
    assert promise("a_later_one", shown).words == "Letter of the lead (2 March 2026)."


def test_a_public_measure_holds_no_count_of_cases_or_people_and_nothing_typed():
    public = {code for code in rules_measures.MEASURED if promise(code, EVERYTHING).is_public}
    assert public == {"post", "guidance", "programmes", "liaison", "monitoring"}
    shown = replace(
        EVERYTHING, comms=CommsFacts(), evidence={"programmes": (EvidenceFact(DAY, "Told by Jo Marsh", True),)},
        force="Suffolk",
    )  # fmt: skip
    pending = replace(shown, comms=CommsFacts(embedded_planned=1))
    assert "Jo Marsh" in promise("programmes", pending).words
    assert not promise("programmes", pending).is_public
