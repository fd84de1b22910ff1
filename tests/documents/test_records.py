"""Documents as kept, what becomes of their cases, and the figures as at any instant."""

from datetime import UTC, date, datetime

import pytest

from oicdesk.documents import records as documents
from oicdesk.documents import rules as document_rules
from oicdesk.documents.records import DocumentLink, cases_as_at, figures
from oicdesk.documents.records_register import VIEWS, Documents, counts
from oicdesk.documents.rules import DocumentFacts, Grades
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_exemptions, rules
from oicdesk.settings.records import change_settings
from oicdesk.vault import log
from tests import desks
from tests.desks import CONTACT, NOW, days, history, hours

desk, vault = desks.desk, desks.vault


def states(desk, case):
    return [to for _at, _from, to in desk.ask(history, case)]


def coverage(desk, as_at, force="Joint"):
    found = desk.ask(figures, as_at=as_at, force=force)["coverage"]
    return found["in_scope"], found["submitted"], found["not_yet_due"], found["overdue"]


# --- submissions and outcomes ---


def test_each_view_of_the_register_holds_and_counts_its_documents(desk):
    made = {}
    for place, name in enumerate(("waiting", "returned", "corrected", "accepted", "rejected", "bare", "secret")):
        case = desk.add(contact_at=CONTACT + hours(place), force="Norfolk" if name == "waiting" else "Suffolk")
        facts = {"reference": f"IR/{name}", "author": f"{name.upper()}, Kim"}
        facts = {"bare": facts | {"reference": ""}, "secret": {"reference": "", "held_elsewhere": True}}.get(
            name, facts
        )
        made[name] = desk.submit(case, CONTACT + hours(8 + place), **facts)
    for name in ("returned", "corrected"):
        desk.do(documents.return_for_correction, made[name], "Two.", at=NOW - hours(9))
    desk.do(documents.resubmit, made["corrected"], at=NOW - hours(8))
    desk.do(documents.accept, made["accepted"], at=NOW)
    desk.do(documents.reject, made["rejected"], "Not ours.", at=NOW)
    names = {document: name for name, document in made.items()}

    def held(view, **more):
        rows = desk.ask(lambda session: Documents(session, view, **more).page(0, 9, sort="submitted_at"))
        return [names[row.id] for row in rows]

    found = {view: held(view) for view in VIEWS}
    assert found == {
        "all": list(made), "waiting": ["waiting", "corrected", "bare", "secret"], "returned": ["returned"],
        "corrected": ["corrected"], "accepted": ["accepted"], "rejected": ["rejected"], "no_reference": ["bare"],
    }  # fmt: skip
    assert desk.ask(counts) == {view: len(rows) for view, rows in found.items()}
    assert desk.ask(counts, force="Norfolk") == {view: len(held(view, force="Norfolk")) for view in VIEWS}
    assert held("all", force="Norfolk") == held("all", words="waiting, kim") == ["waiting"]
    (line,) = desk.ask(lambda session: Documents(session, "returned").page(0, 9))
    assert line.last_at == NOW - hours(9)


def test_a_submission_is_kept_and_the_case_follows(desk):
    case = desk.add()
    facts = DocumentFacts(
        submitted_at=CONTACT + hours(3), submitted_by_reporting_officer=True, reference="IR/7", system="Athena",
        author="MARSH, Jo", created_on=date(2026, 11, 16), grades=Grades("2", "B", "P"),
    )  # fmt: skip
    before = len(desk.log())
    document, warnings = desk.do(documents.submit, case, facts, now=NOW)
    assert warnings == []
    (row,) = desk.ask(documents.documents, case)
    assert (row.id, row.reference, row.submitted_at) == (document, "IR/7", CONTACT + hours(3))
    assert (row.outcome, row.resubmissions, row.grades) == ("SUBMITTED", 0, Grades("2", "B", "P"))
    assert desk.row(case).status == rules.SUBMITTED
    assert desk.ask(history, case)[-1][0] == CONTACT + hours(3)
    new = desk.log()[before:]
    assert [e["records"] for e in new] == [{"referral": [case], "document": [document]}, {"referral": [case]}]
    assert "reference" in new[0]["fields"]
    assert "IR/7" not in str(new)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (DocumentFacts(), "submitted_at"),
        (DocumentFacts(submitted_at=NOW + hours(1)), "submitted_at"),
        (DocumentFacts(submitted_at=NOW, marking="SECRET"), "marking"),
        (DocumentFacts(submitted_at=NOW, grades=Grades(handling_code="C")), "conditions"),
        (DocumentFacts(submitted_at=NOW, grades=Grades(handling_code="P", action_code="A1")), "action_code"),
    ],
)
def test_a_wrong_submission_is_refused_beside_its_field_and_the_case_stays(desk, facts, field):
    case = desk.add()
    with pytest.raises(Refused) as refused:
        desk.do(documents.submit, case, facts, now=NOW)
    assert refused.value.field == field
    assert desk.row(case).status == rules.AWAITING_DOCUMENT
    assert desk.ask(documents.documents, case) == []


def test_a_submission_for_a_new_or_an_already_submitted_case_is_refused(desk):
    new, done = desk.add(reason=None), desk.add()
    desk.submit(done, CONTACT + hours(1))
    for case, words in ((new, "complete its missing facts first"), (done, "already")):
        with pytest.raises(Refused, match=words):
            desk.submit(case, NOW)


def test_a_document_dated_before_its_contact_is_recorded_with_a_warning(desk):
    case = desk.add()
    early = CONTACT - days(2)
    facts = DocumentFacts(submitted_at=early, reference="IR/1")
    document, (warning,) = desk.do(documents.submit, case, facts, now=NOW)
    assert "before the contact" in warning
    assert desk.ask(history, case)[-1] == (CONTACT, rules.AWAITING_DOCUMENT, rules.SUBMITTED)
    (row,) = desk.ask(documents.documents, case)
    assert (row.id, row.submitted_at) == (document, early)
    assert coverage(desk, CONTACT) == (1, 1, 0, 0)
    assert coverage(desk, CONTACT - hours(1)) == (0, 0, 0, 0)


def test_a_returned_document_is_corrected_and_keeps_its_first_submission(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3))
    desk.do(documents.return_for_correction, document, "Two matters.", at=CONTACT + days(1), assessor=" Unit ")
    assert desk.row(case).status == rules.RETURNED
    desk.do(documents.resubmit, document, at=CONTACT + days(2))
    (row,) = desk.ask(documents.documents, case)
    assert (row.submitted_at, row.resubmissions, row.assessor) == (CONTACT + hours(3), 1, "Unit")
    assert [(e.kind, e.reason) for e in row.history] == [
        ("SUBMITTED", None), ("RETURNED", "Two matters."), ("SUBMITTED", None),
    ]  # fmt: skip
    desk.do(documents.accept, document, at=CONTACT + days(3), assessor="Unit")
    assert states(desk, case) == ["AWAITING_DOCUMENT", "SUBMITTED", "RETURNED", "SUBMITTED", "ACCEPTED"]


@pytest.mark.parametrize("decide", [documents.return_for_correction, documents.reject])
def test_returning_and_rejecting_need_a_reason(desk, decide):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3))
    with pytest.raises(Refused) as refused:
        desk.do(decide, document, " ", at=NOW)
    assert refused.value.field == "reason"
    assert desk.row(case).status == rules.SUBMITTED


def test_a_rejected_case_takes_another_document_and_keeps_its_due_time(desk):
    case = desk.add()
    first = desk.submit(case, CONTACT + hours(3))
    desk.do(documents.reject, first, "Not about this.", at=CONTACT + hours(5))
    assert desk.row(case).status == rules.REJECTED
    second = desk.submit(case, CONTACT + hours(8), now=NOW)
    assert desk.row(case).due_at == CONTACT + hours(24)
    assert [at for at, _from, _to in desk.ask(history, case)][-2:] == [CONTACT + hours(8)] * 2
    assert states(desk, case)[2:] == ["REJECTED", "AWAITING_DOCUMENT", "SUBMITTED"]
    assert [row.id for row in desk.ask(documents.documents, case)] == [second, first]
    # Typed days later, and still counted from when it happened.
    assert coverage(desk, CONTACT + hours(9)) == (1, 1, 0, 0)
    assert coverage(desk, CONTACT + hours(7)) == (1, 0, 1, 0)


def test_a_refused_submission_after_a_rejection_leaves_the_case_rejected(desk):
    case = desk.add()
    desk.do(documents.reject, desk.submit(case, CONTACT + hours(3)), "Not this.", at=CONTACT + hours(5))
    with pytest.raises(Refused):
        desk.submit(case, NOW + hours(1), now=NOW)
    assert desk.row(case).status == rules.REJECTED


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (documents.accept, documents.accept),
        (documents.accept, documents.resubmit),
        (None, documents.resubmit),
    ],
)
def test_an_outcome_out_of_turn_is_refused(desk, first, then):
    document = desk.submit(desk.add(), CONTACT + hours(3))
    if first:
        desk.do(first, document, at=CONTACT + hours(4))
    with pytest.raises(Refused):
        desk.do(then, document, at=CONTACT + hours(5))


def test_a_correction_cannot_come_before_its_return(desk):
    case = desk.add()
    document = desk.submit(case, CONTACT + hours(3))
    desk.do(documents.return_for_correction, document, "Two.", at=CONTACT + hours(9))
    with pytest.raises(Refused) as refused:
        desk.do(documents.resubmit, document, at=CONTACT + hours(8), now=NOW)
    assert refused.value.field == "at"
    desk.do(documents.resubmit, document, at=CONTACT + hours(9), now=NOW)


def test_a_document_that_is_not_there_is_refused_in_words(desk):
    with pytest.raises(Refused, match="not in the register"):
        desk.do(documents.accept, 99, at=NOW)


def link(session, document, case):
    session.add(DocumentLink(document_id=document, referral_id=case))
    records.move(session, case, rules.SUBMITTED, at=CONTACT + hours(3))
    log.record(session, log.COMBINATION, document=document, referral=case)


def test_one_document_for_two_contacts_moves_both(desk):
    one, other = desk.add(), desk.add(force="Norfolk")
    document = desk.submit(one, CONTACT + hours(3))
    desk.do(link, document, other)
    assert coverage(desk, NOW) == (2, 2, 0, 0)
    desk.do(documents.reject, document, "Not this.", at=CONTACT + hours(5))
    assert {desk.row(case).status for case in (one, other)} == {rules.REJECTED}
    assert coverage(desk, NOW) == (2, 0, 0, 2)
    assert coverage(desk, NOW, "Norfolk") == (1, 0, 0, 1)
    again = desk.submit(other, CONTACT + hours(6))
    desk.do(documents.accept, again, at=CONTACT + hours(7))
    assert (desk.row(one).status, desk.row(other).status) == (rules.REJECTED, rules.ACCEPTED)
    assert len(desk.ask(documents.documents, other)) == 2


# --- figures as at ---


def test_figures_before_and_after_each_event_go_by_when_it_happened(desk):
    case = desk.add(now=NOW)  # typed a week after it happened
    document = desk.submit(case, CONTACT + days(2), now=NOW)
    desk.do(documents.return_for_correction, document, "Two.", at=CONTACT + days(3), now=NOW)
    desk.do(documents.resubmit, document, at=CONTACT + days(4), now=NOW)
    desk.do(documents.reject, document, "No.", at=CONTACT + days(5), now=NOW)
    moments = {
        CONTACT - hours(1): (0, 0, 0, 0),
        CONTACT: (1, 0, 1, 0),
        CONTACT + hours(24): (1, 0, 1, 0),
        CONTACT + hours(25): (1, 0, 0, 1),
        CONTACT + days(2): (1, 1, 0, 0),
        CONTACT + days(3): (1, 1, 0, 0),
        CONTACT + days(4): (1, 1, 0, 0),
        CONTACT + days(5): (1, 0, 0, 1),
    }
    assert {at: coverage(desk, at) for at in moments} == moments


def test_on_time_goes_by_the_first_submission_that_still_counts(desk):
    def timely(at):
        found = desk.ask(figures, as_at=at)["on_time"]
        return found["due"], found["on_time"], found["percent"]

    case = desk.add()
    first = desk.submit(case, CONTACT + hours(24))  # at the due instant
    assert timely(CONTACT + hours(24)) == (0, 0, None)
    assert timely(CONTACT + hours(25)) == (1, 1, 100.0)
    desk.do(documents.return_for_correction, first, "Two.", at=CONTACT + days(2))
    desk.do(documents.resubmit, first, at=CONTACT + days(4))
    assert timely(CONTACT + days(4)) == (1, 1, 100.0)
    desk.do(documents.reject, first, "No.", at=CONTACT + days(5))
    assert timely(CONTACT + days(5)) == (1, 0, 0.0)
    desk.submit(case, CONTACT + days(6))
    assert timely(NOW) == (1, 0, 0.0)
    assert timely(CONTACT + days(4.5)) == (1, 1, 100.0)


def test_a_reopened_case_no_longer_counts_as_submitted(desk):
    case = desk.add()
    desk.accepted(case, CONTACT + hours(2))
    desk.do(records.close, case, at=CONTACT + hours(5))
    desk.do(records.reopen, case, "Wrong person.", at=CONTACT + days(3))
    assert coverage(desk, CONTACT + days(2)) == (1, 1, 0, 0)
    assert coverage(desk, CONTACT + days(3)) == (1, 0, 0, 1)


@pytest.fixture
def worked(desk):
    """Nine contacts with every standing, counted by hand in the tests below. As at NOW."""
    made = {
        "submitted late": desk.add(),
        "returned in time": desk.add(),
        "closed in time": desk.add(force="Norfolk"),
        "rejected": desk.add(force="Norfolk"),
        "waiting late": desk.add(),
        "waiting": desk.add(contact_at=NOW - hours(23)),
        "new": desk.add(contact_at=NOW - hours(2), officer_name=None, officer_collar=None, force="Norfolk"),
        "scope": desk.add(reason="status_enquiry"),
        "duplicate": desk.add(),
        "exempt": desk.add(),
        "nobody's": desk.add(force=None),
        "early": desk.add(contact_at=CONTACT - days(30)),
    }
    desk.submit(made["submitted late"], CONTACT + hours(25))
    returned = desk.submit(made["returned in time"], CONTACT + hours(4), submitted_by_reporting_officer=True)
    desk.do(documents.return_for_correction, returned, "Two.", at=CONTACT + hours(6))
    desk.accepted(made["closed in time"], CONTACT + hours(24))
    desk.do(records.close, made["closed in time"], at=CONTACT + days(2))
    rejected = desk.submit(made["rejected"], CONTACT + hours(2))
    desk.do(documents.reject, rejected, "No.", at=CONTACT + hours(3))
    desk.do(records.mark_duplicate, made["duplicate"], made["waiting late"], "Same.", at=CONTACT + hours(9))
    request = desk.do(records_exemptions.ask, made["exempt"], "acro_route", "ACRO.", now=CONTACT + hours(9))
    by = rules.ReportedApproval("Kit Lowe", "DI", CONTACT.date(), "note")
    desk.do(records_exemptions.report_approval, request, by, now=CONTACT + days(1))
    desk.do(change_settings, {"register_started_on": "2026-11-01"}, at=CONTACT)
    return made


def test_a_small_example_worked_by_hand(desk, worked):
    joint = desk.ask(figures, as_at=NOW)
    assert joint["coverage"] == {
        "in_scope": 7,  # submitted late, returned, closed, rejected, waiting late, waiting, new
        "submitted": 3,  # submitted late, returned, closed
        "percent": 42.9,
        "not_yet_due": 2,  # waiting, new
        "overdue": 2,  # rejected, waiting late
        "exempt": {"ACRO route": 1},
        "scope_queries": 1,
        "duplicates": 1,
        "before_register": 1,
        "exempt_as_reported": 1,
    }
    assert joint["on_time"] == {"due": 5, "on_time": 2, "percent": 40.0}
    assert (joint["without_force"], joint["denominator"], joint["force"]) == (1, "self-declared", "Joint")
    assert joint["as_at"] == "2026-11-23T12:00:00+00:00"


def test_joint_counts_are_suffolk_plus_norfolk(desk, worked):
    suffolk, norfolk, joint = (desk.ask(figures, as_at=NOW, force=f) for f in ("Suffolk", "Norfolk", "Joint"))
    for part in ("coverage", "on_time"):
        for name, count in joint[part].items():
            if name == "percent":
                continue
            one, other = suffolk[part][name], norfolk[part][name]
            if name == "exempt":
                assert {**one, **other} == count
            else:
                assert one + other == count, name
    assert (norfolk["coverage"]["in_scope"], norfolk["coverage"]["percent"]) == (3, 33.3)
    assert suffolk["coverage"]["percent"] == 50.0


def test_an_empty_desk_has_no_percentage(desk):
    found = desk.ask(figures, as_at=NOW)
    assert (found["coverage"]["percent"], found["on_time"]["percent"]) == (None, None)


def test_a_case_speaks_the_reason_of_its_day(desk):
    case = desk.add()
    (row,) = desk.ask(cases_as_at, NOW)
    assert (row.id, row.reference, row.team) == (case, "OIC-2026-0001", "Ipswich Response")
    assert row.facts.reason == "Person in custody"


def test_a_clock_change_is_an_hour_in_the_figures(desk):
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)  # clocks go back that night
    case = desk.add(contact_at=before)
    assert coverage(desk, before + hours(24)) == (1, 0, 1, 0)
    desk.submit(case, before + hours(24.5))
    found = desk.ask(figures, as_at=NOW)["on_time"]
    assert (found["due"], found["on_time"]) == (1, 0)
    assert document_rules.percent(1, 3) == 33.3
