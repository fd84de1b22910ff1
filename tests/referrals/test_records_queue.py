"""The queue: what each view holds, and that its count, its pages and its positions never disagree."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oicdesk.desk import new_desk
from oicdesk.documents import records as documents
from oicdesk.referrals import records, records_exemptions, rules
from oicdesk.referrals.records import SORTED
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.records_views import OPEN, VIEWS, counts
from tests import desks
from tests.desks import CHEAP, CONTACT, FACTS, NOW, PASSPHRASE, days, hours

desk, vault = desks.desk, desks.vault

EVERY_VIEW = (*VIEWS, OPEN)
SCOPES = ("Suffolk", "Norfolk", "Joint")


def ids(desk, view, **more):
    with desk.vault.reading() as session:
        return [row.id for row in Queue(session, view, now=NOW, **more).page(0, 50)]


@pytest.fixture
def busy(desk):
    """One case in each state: name → id."""
    made = {name: desk.add(contact_at=CONTACT + hours(place)) for place, name in enumerate((
        "overdue", "submitted", "returned", "rejected", "accepted", "closed", "duplicate", "exempt", "asked",
    ))}  # fmt: skip
    made["fresh"] = desk.add(contact_at=NOW - hours(1), force="Norfolk")
    made["new"] = desk.add(reason=None, contact_at=NOW - hours(2))
    made["scope"] = desk.add(reason="status_enquiry")
    document = {name: desk.submit(made[name], CONTACT + days(1)) for name in (
        "submitted", "returned", "rejected", "accepted", "closed",
    )}  # fmt: skip
    at = CONTACT + days(2)
    desk.do(documents.return_for_correction, document["returned"], "Two matters.", at=at)
    desk.do(documents.reject, document["rejected"], "Not ours.", at=at)
    for name in ("accepted", "closed"):
        desk.do(documents.accept, document[name], at=at)
    desk.do(records.close, made["closed"], at=at)
    desk.do(records.mark_duplicate, made["duplicate"], made["overdue"], "Same call.", at=at)
    for name in ("exempt", "asked"):
        request = desk.do(records_exemptions.ask, made[name], "other_force", "Essex.", now=at)
        if name == "exempt":
            given_by = rules.ReportedApproval("Kit Lowe", "DI", at.date(), "note")
            desk.do(records_exemptions.report_approval, request, given_by, now=at)
    return made


def test_each_view_holds_its_cases_oldest_first(desk, busy):
    expected = {
        "needs_document": ["overdue", "rejected", "asked", "new", "fresh"],
        "overdue": ["overdue", "rejected", "asked"],
        "returned": ["returned"],
        "with_unit": ["submitted"],
        "to_close": ["accepted"],
        "scope": ["scope"],
        "approval": ["asked"],
        "done": ["closed", "duplicate", "exempt"],
        OPEN: ["overdue", "scope", "submitted", "returned", "rejected", "accepted", "asked", "new", "fresh"],
    }  # fmt: skip
    names = {case: name for name, case in busy.items()}
    assert {view: [names[i] for i in ids(desk, view)] for view in expected} == expected
    assert len(ids(desk, "all")) == len(busy)


def test_the_counts_of_the_views_are_those_of_their_rows(desk, busy):
    for scope in SCOPES:
        with desk.vault.reading() as session:
            found = counts(session, now=NOW, force=scope)
            assert found == {view: Queue(session, view, now=NOW, force=scope).count() for view in VIEWS}
    assert found["all"] == len(busy)


def test_a_force_scope_shows_its_own_cases_only_and_a_case_without_force_only_in_joint(desk):
    suffolk, norfolk, nobody = desk.add(), desk.add(force="Norfolk"), desk.add(force=None)
    assert ids(desk, OPEN, force="Suffolk") == [suffolk]
    assert ids(desk, OPEN, force="Norfolk") == [norfolk]
    assert ids(desk, OPEN) == [suffolk, norfolk, nobody]


def test_a_line_says_what_the_case_is_without_a_person(desk):
    case = desk.add()
    with desk.vault.reading() as session:
        (row,) = Queue(session, OPEN, now=NOW).page(0, 10)
    assert (row.id, row.reference, row.reason) == (case, "OIC-2026-0001", "Person in custody")
    assert (row.reporting_officer, row.collar, row.team) == ("MARSH, Jo", "PC 7191", "Ipswich Response")
    assert (row.is_overdue, row.age_working_days, row.persons) == (True, 5, 1)


def test_a_case_is_not_overdue_at_its_due_instant_but_after_it(desk):
    desk.add()
    due = CONTACT + hours(24)
    for now, late in ((due, False), (due + timedelta(microseconds=1), True)):
        with desk.vault.reading() as session:
            assert Queue(session, "overdue", now=now).count() == late
            assert [row.is_overdue for row in Queue(session, OPEN, now=now).page(0, 5)] == [late]


@pytest.mark.parametrize(
    "words", ["mar", "MARSH jo", "7191", "pc 71", "sc-16112026", "oic-2026-0001", "ipswich", "müller-straße", "lodz"]
)
def test_the_filter_finds_beginnings_of_words_whatever_their_case_and_accents(desk, words):
    case = desk.add(district="Łódź Müller-Straße") if words in ("müller-straße", "lodz") else desk.add()
    desk.add(officer_name="OTHER, Kim", officer_collar="PC 1", team="A11", incident_ref="X-2", contact_at=NOW)
    if words == "lodz":  # the stroke of Ł is no accent to Unicode
        assert ids(desk, OPEN, words="odz") == []
        return
    found = ids(desk, OPEN, words=words)
    assert case in found


def test_the_filter_takes_every_word_and_forgets_what_was_corrected(desk):
    case = desk.add(officer_name="O’DÉLL, Zoë")
    for words in ("odell", "zoe", "dell zo", "de\u0301ll"):
        assert ids(desk, OPEN, words=words) == ([] if words == "odell" else [case]), words
    assert ids(desk, OPEN, words="dell nobody") == []
    desk.do(records.edit, case, {"officer_name": "HART, Kim"}, now=NOW)
    assert ids(desk, OPEN, words="dell") == []
    assert ids(desk, OPEN, words="hart") == [case]


@pytest.mark.parametrize("words", ['"', "* OR 1", "NEAR(", "a AND", "-", "'; DROP TABLE referral", "_"])
def test_no_text_in_the_filter_is_taken_as_a_command(desk, words):
    desk.add()
    assert ids(desk, OPEN, words=words) in ([], [1])


def test_an_unknown_column_is_no_order(desk):
    with desk.vault.reading() as session, pytest.raises(ValueError, match="not a column"):
        Queue(session, OPEN, now=NOW).page(0, 5, sort="notes")


# --- the law: count, pages and positions agree ---

_CASE = st.fixed_dictionaries(
    {
        "force": st.sampled_from(("Suffolk", "Norfolk", None)),
        "contact_at": st.sampled_from((None, *(CONTACT + days(back) for back in range(8)))),
        "reason": st.sampled_from(("person_in_custody", "status_enquiry", None)),
        "officer_name": st.sampled_from(("ABEL, Jo", "abel, jo", "ÉMILE, Zo", None)),
        "team": st.sampled_from(("A", "B", None)),
    }
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """One vault for all examples of the law; each example takes its rows back."""
    folder = tmp_path_factory.mktemp("law")
    made, _key = new_desk(folder / "law", PASSPHRASE, "Sam", now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP)
    with made:
        yield made


class _TakenBackError(Exception):
    """Ends an example."""


@settings(max_examples=25, deadline=None)
@given(cases=st.lists(_CASE, max_size=9), submitted=st.sets(st.integers(0, 8)), data=st.data())
def test_count_pages_and_positions_agree_for_every_column_both_ways(empty, cases, submitted, data):
    view = data.draw(st.sampled_from(EVERY_VIEW))
    scope = data.draw(st.sampled_from(SCOPES))
    words = data.draw(st.sampled_from(("", "abel", "zo")))
    step = data.draw(st.integers(1, 4))
    with pytest.raises(_TakenBackError), empty.changing() as session:
        made = [records.add(session, {**FACTS, **facts}, now=NOW) for facts in cases]
        for place, case in enumerate(made):
            if place in submitted and records.get(session, case).status == rules.AWAITING_DOCUMENT:
                documents.submit(session, case, documents.DocumentFacts(submitted_at=NOW), now=NOW)
        _check(Queue(session, view, now=NOW + hours(1), force=scope, words=words), made, step)
        raise _TakenBackError


def _check(queue, made, step):
    total = queue.count()
    for sort in (None, *SORTED):
        for descending in (False, True):
            order = [
                row.id
                for start in range(0, total + 1, step)
                for row in queue.page(start, step, sort=sort, descending=descending)
            ]
            assert len(order) == len(set(order)) == total
            assert [queue.position(i, sort=sort, descending=descending) for i in order] == list(range(total))
            outside = set(made) - set(order)
            assert all(queue.position(i, sort=sort, descending=descending) is None for i in outside)
            assert queue.page(total, step, sort=sort, descending=descending) == []
        other = [row.id for row in queue.page(0, total or 1, sort=sort, descending=True)]
        assert other == [row.id for row in queue.page(0, total or 1, sort=sort, descending=False)][::-1]
