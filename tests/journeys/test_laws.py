"""Laws that hold after any work: the register, the queue and the figures tell of the same cases."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oicdesk.desk import new_desk
from oicdesk.documents import records as documents
from oicdesk.documents.rules import DocumentFacts
from oicdesk.errors import Refused
from oicdesk.referrals import records, records_exemptions, rules
from oicdesk.referrals.records_queue import Queue
from oicdesk.referrals.records_views import OPEN
from tests.desks import CHEAP, PASSPHRASE, history

START = datetime(2026, 10, 20, tzinfo=UTC)  # a clock change lies ahead

FACTS = st.fixed_dictionaries(
    {
        "force": st.sampled_from(("Suffolk", "Norfolk", "Suffolk", "Norfolk", None)),
        "reason": st.sampled_from(("person_in_custody", "person_in_custody", "status_enquiry", None)),
        "ago": st.sampled_from((1, 20, 30, None)),
    }
)
KINDS = ("submit", "submit", "accept", "return", "reject", "resubmit", "ask", "report", "overturn", "close", "reopen",
         "duplicate", "withdraw", "edit", "scope")  # fmt: skip
STEP = st.tuples(st.sampled_from(KINDS), st.integers(0, 99), st.integers(1, 40))


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("laws")
    made, _key = new_desk(folder / "laws", PASSPHRASE, "Sam", now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP)
    with made:
        yield made


class _TakenBackError(Exception):
    """Ends an example."""


def work(session, kind, which, now, made):
    """One piece of work on one of the cases, documents or requests made so far."""
    cases, docs, asked = made
    case = cases[which % len(cases)]
    document, request = (some[which % len(some)] if some else 0 for some in (docs, asked))
    reported = rules.ReportedApproval("Kit Lowe", "DI", (now - timedelta(days=which % 2)).date(), "note")
    {
        "submit": lambda: docs.append(documents.submit(
            session, case, DocumentFacts(submitted_at=now - timedelta(hours=which % 9)), now=now)[0]),
        "accept": lambda: documents.accept(session, document, at=now),
        "return": lambda: documents.return_for_correction(session, document, "Why.", at=now),
        "reject": lambda: documents.reject(session, document, "Why.", at=now),
        "resubmit": lambda: documents.resubmit(session, document, at=now),
        "ask": lambda: asked.append(records_exemptions.ask(session, case, "other_force", "Why.", now=now)),
        "report": lambda: records_exemptions.report_approval(session, request, reported, now=now),
        "overturn": lambda: records_exemptions.overturn(session, case, "Why.", at=now),
        "close": lambda: records.close(session, case, at=now),
        "reopen": lambda: records.reopen(session, case, "Why.", at=now),
        "duplicate": lambda: records.mark_duplicate(session, case, cases[0], "Why.", at=now),
        "withdraw": lambda: records.withdraw_duplicate(session, case, "Why.", at=now),
        "edit": lambda: records.edit(
            session, case, {"force": "Norfolk", "reason": "other", "contact_at": now - timedelta(hours=which)},
            now=now),
        "scope": lambda: records.bring_into_scope(session, case, "Why.", at=now),
    }[kind]()  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(facts=st.lists(FACTS, min_size=1, max_size=5), steps=st.lists(STEP, max_size=25))
def test_register_queue_and_figures_agree_after_any_work(empty, facts, steps):
    with pytest.raises(_TakenBackError), empty.changing() as session:
        made = ([], [], [])
        for one in facts:
            contact = None if one["ago"] is None else START - timedelta(hours=one["ago"])
            told = {"force": one["force"], "reason": one["reason"], "contact_at": contact, "officer_name": "MARSH, Jo"}
            made[0].append(records.add(session, told, now=START))
        now = START
        for kind, which, hours in steps:
            now += timedelta(hours=hours)
            step = session.begin_nested()
            try:
                work(session, kind, which, now, made)
                step.commit()
            except Refused:
                step.rollback()
        session.flush()
        agree(session, now)
        for case in made[0]:
            times = [at for at, _from, _to in history(session, case)]
            assert times == sorted(times)
        raise _TakenBackError


def agree(session, now):
    joint, suffolk, norfolk = (documents.figures(session, as_at=now, force=f) for f in ("Joint", "Suffolk", "Norfolk"))
    for part in ("coverage", "on_time"):
        for name, count in joint[part].items():
            if isinstance(count, int):
                assert count == suffolk[part][name] + norfolk[part][name], name
    coverage = joint["coverage"]
    assert coverage["in_scope"] == coverage["submitted"] + coverage["not_yet_due"] + coverage["overdue"]
    as_at = {row.id: row.facts for row in documents.cases_as_at(session, now)}
    rows = Queue(session, "all", now=now).page(0, 50)
    assert {row.id for row in rows} == set(as_at)
    for row in rows:
        facts = as_at[row.id]
        assert (facts.status, facts.due_at) == (row.status, row.due_at)
        assert (facts.first_submitted_at is not None) or row.status not in rules.COUNTS_AS_SUBMITTED
        assert (row.due_at is None) == (row.status == rules.SCOPE_QUERY)
    late = [row for row in Queue(session, OPEN, now=now).page(0, 50) if row.is_overdue and row.force]
    assert len(late) == coverage["overdue"]
