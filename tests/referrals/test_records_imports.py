"""Whole lists taken over, brought up to date and taken back; former documents travel with them."""

import csv
import io

import pytest
from sqlalchemy import func, select

from oicdesk.documents import records as documents
from oicdesk.documents import records_find, records_list, records_register
from oicdesk.documents.records_register import Documents
from oicdesk.documents.sheet import take_over
from oicdesk.errors import Refused
from oicdesk.referrals import (
    records,
    records_chasers,
    records_duplicates,
    records_imports,
    records_search,
    rules,
    sheet,
)
from oicdesk.referrals.records import ImportBatch, Referral
from oicdesk.referrals.records_queue import Queue, notes
from oicdesk.referrals.records_views import OPEN
from oicdesk.settings.records import reference
from oicdesk.sheets.dry_run import ALREADY_THERE, UPDATE
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import read
from oicdesk.vault import log
from tests import desks
from tests.desks import CONTACT, NOW, days, history, hours

desk, vault = desks.desk, desks.vault

HEADER = ["Incident No", "Date", "Time", "Force", "Team", "Collar", "Reporting Officer", "Call Type", "Persons"]
ROWS = [
    ["SC-1", "16/11/2026", "09:30", "Suffolk", "Ipswich", "pc 7191", "MARSH, Jo", "Person in custody", "2"],
    ["SC-2", "2026-11-17", "1015", "Norfolk", "Norwich", "PC 12", "HART, Kim", "Status check", ""],
    ["", "18/11/2026", "23:59", "Suffolk", "Ipswich", "DC 5", "LARK, Ed", "Illegal working / harbouring", "1"],
]


def put(tmp_path, rows, header=HEADER, name="list.csv"):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path = tmp_path / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def take(desk, path, *, now=NOW, **more):
    """The dry run and what was written."""
    with desk.vault.reading() as session:
        known = reference(session)
        lines = read(path)
        run = sheet.check(session, lines, propose(lines, sheet.targets(known)), known, now=now)
    with desk.vault.changing() as session:
        done = sheet.write(session, run, file_name=path.name, file_sha256="", now=now, take_over=take_over, **more)
        log.record(session, log.ALTERATION, detail="test")
    return run, done


def refs(desk):
    with desk.vault.reading() as session:
        return [row.reference for row in Queue(session, OPEN, now=NOW).page(0, 50)]


def test_an_import_is_one_batch_with_one_entry_for_it_and_one_for_each_contact(desk, tmp_path):
    before = len(desk.log())
    _run, done = take(desk, put(tmp_path, ROWS))
    assert done.counts() == {
        "rows": 3, "blank": 0, "imported": 3, "already_there": 0, "problems": 0, "warnings": 0,
    }  # fmt: skip
    entries = desk.log()[before:-1]
    assert [e["records"] for e in entries] == [
        {"officer": [1, 2, 3]}, {"import_batch": [done.batch_id]}, *({"referral": [case]} for case in (1, 2, 3)),
    ]  # fmt: skip
    assert {e["operation"] for e in entries} == {log.COLLECTION}
    first = desk.row(1)
    assert (first.reference, first.contact_at, first.officer_collar) == ("OIC-2026-0001", CONTACT, "PC 7191")
    assert (first.status, first.due_at, first.persons) == (rules.AWAITING_DOCUMENT, CONTACT + hours(24), 2)
    assert desk.row(2).status == rules.SCOPE_QUERY
    assert desk.ask(history, 1) == [(CONTACT, None, rules.AWAITING_DOCUMENT)]


def test_the_same_list_again_changes_nothing(desk, tmp_path):
    path = put(tmp_path, ROWS)
    take(desk, path)
    _run, again = take(desk, path, now=NOW + hours(1))
    assert (again.imported, again.already_there, again.batch_id) == (0, 3, None)
    assert len(refs(desk)) == 3


def test_a_row_twice_in_one_list_is_one_contact(desk, tmp_path):
    run, done = take(desk, put(tmp_path, [*ROWS, ["sc 1", *ROWS[0][1:5], "PC7191", *ROWS[0][6:]]]))
    assert (done.imported, done.already_there) == (3, 1)
    assert run.with_state(ALREADY_THERE)[0].note == "The same contact stands on line 2."


@pytest.mark.parametrize(
    ("place", "value"), [(0, "SC-9"), (0, ""), (1, "17/11/2026"), (2, "09:31"), (3, "Norfolk"), (5, "PC 7192")]
)
def test_force_number_instant_and_collar_together_make_a_contact(desk, tmp_path, place, value):
    take(desk, put(tmp_path, ROWS[:1]))
    other = list(ROWS[0])
    other[place] = value
    _run, done = take(desk, put(tmp_path, [other]), now=NOW + hours(1))
    assert (done.imported, done.already_there) == (1, 0)


def test_the_same_number_otherwise_different_is_imported_and_suggested_as_a_duplicate(desk, tmp_path):
    take(desk, put(tmp_path, ROWS[:1]))
    run, done = take(desk, put(tmp_path, [["SC-1", "17/11/2026", *ROWS[0][2:]]]), now=NOW + hours(1))
    assert (done.imported, done.warnings) == (1, 1)
    assert "also on OIC-2026-0001: perhaps a duplicate" in run.rows[0].warnings[0]
    assert desk.ask(records_duplicates.of_case, 2)[0][1] == "OIC-2026-0001"


def test_changed_fields_of_a_known_contact_are_offered_and_written_only_when_asked(desk, tmp_path):
    take(desk, put(tmp_path, ROWS[:1]))
    changed = [[*ROWS[0][:4], "Lowestoft", *ROWS[0][5:8], "3"]]
    run, done = take(desk, put(tmp_path, changed), now=NOW + hours(1))
    assert (done.already_there, done.updated) == (1, 0)
    assert "differs in: team, persons" in run.with_state(UPDATE)[0].note
    assert desk.row(1).team == "Ipswich"
    _run, done = take(desk, put(tmp_path, changed), now=NOW + hours(2), apply_updates=True)
    assert (done.imported, done.already_there, done.updated) == (0, 1, 1)
    assert (desk.row(1).team, desk.row(1).persons) == ("Lowestoft", 3)
    _run, done = take(desk, put(tmp_path, changed), now=NOW + hours(3), apply_updates=True)
    assert (done.already_there, done.updated) == (1, 0)


def test_a_blank_cell_never_wipes_what_is_known(desk, tmp_path):
    take(desk, put(tmp_path, ROWS[:1]))
    _run, done = take(desk, put(tmp_path, [[*ROWS[0][:4], "", *ROWS[0][5:]]]), now=NOW + hours(1), apply_updates=True)
    assert done.updated == 0
    assert desk.row(1).team == "Ipswich"


def test_all_or_nothing_refuses_a_list_with_a_problem_whole(desk, tmp_path):
    path = put(tmp_path, [*ROWS, ["SC-9", "31/02/2026", *ROWS[0][2:]]])
    with pytest.raises(Refused, match="1 of 4 rows have problems"):
        take(desk, path, all_or_nothing=True)
    assert refs(desk) == []
    _run, done = take(desk, path)
    assert (done.imported, done.problems) == (3, 1)


def test_a_row_without_force_or_reason_starts_as_new_with_a_warning(desk, tmp_path):
    row = [*ROWS[0][:3], "", *ROWS[0][4:7], "", "1"]
    run, done = take(desk, put(tmp_path, [*ROWS[1:], row]))
    assert (done.imported, done.warnings) == (3, 1)
    assert len(run.rows[-1].warnings) == 2
    assert desk.row(3).status == rules.NEW


# --- former documents ---

FORMER = [*HEADER, "Status", "Document reference", "Submitted", "Accepted"]
STATES = [
    ("Awaiting", "", "", "", rules.AWAITING_DOCUMENT),
    ("", "IR/1", "17/11/2026 08:00", "", rules.SUBMITTED),
    ("Sent", "IR/1", "17/11/2026 08:00", "", rules.SUBMITTED),
    ("Sent back", "IR/1", "17/11/2026 08:00", "", rules.RETURNED),
    ("Accepted", "IR/1", "17/11/2026 08:00", "17/11/2026 15:00", rules.ACCEPTED),
    ("", "IR/1", "17/11/2026 08:00", "17/11/2026 15:00", rules.ACCEPTED),
    ("Closed", "IR/1", "17/11/2026 08:00", "17/11/2026 15:00", rules.CLOSED),
    ("Closed", "", "17/11/2026 08:00", "", rules.CLOSED),
]


@pytest.mark.parametrize(("status", "ref", "submitted", "accepted", "expected"), STATES)
def test_todays_spreadsheet_is_taken_over_with_its_states(desk, tmp_path, status, ref, submitted, accepted, expected):
    # A second line of the same file tells every state word and time, so that the columns explain themselves.
    whole = ["SC-7", "16/11/2026", "09:00", *ROWS[0][3:], "Closed", "IR/2", "16/11/2026 12:00", "16/11/2026 13:00"]
    run, done = take(desk, put(tmp_path, [[*ROWS[0], status, ref, submitted, accepted], whole], FORMER))
    assert [row.problems for row in run.rows] == [(), ()]
    assert done.imported == 2
    assert (desk.row(1).status, desk.row(2).status) == (expected, rules.CLOSED)
    if submitted:
        (document,) = desk.ask(documents.documents, 1)
        assert (document.reference, document.submitted_at) == (ref, CONTACT + hours(22.5))


def test_a_former_status_enquiry_with_a_document_is_brought_into_scope(desk, tmp_path):
    row = [*ROWS[1], "Closed", "IR/1", "17/11/2026 12:00", "17/11/2026 13:00"]
    take(desk, put(tmp_path, [row], FORMER))
    assert [to for _at, _from, to in desk.ask(history, 1)] == [
        rules.SCOPE_QUERY, rules.AWAITING_DOCUMENT, rules.SUBMITTED, rules.ACCEPTED, rules.CLOSED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([*ROWS[0], "Closed", "IR/1", "", ""], "but not when"),
        ([*ROWS[0], "Closed", "IR/1", "24/11/2026 12:00", ""], "lies in the future"),
        ([*ROWS[0], "Closed", "IR/1", "18/11/2026 12:00", "17/11/2026 12:00"], "accepted before it was submitted"),
        ([*ROWS[0][:5], "", "", *ROWS[0][7:], "Sent", "IR/1", "18/11/2026 12:00", ""], "the reporting officer"),
        ([*ROWS[0][:3], "", *ROWS[0][4:], "Sent", "IR/1", "18/11/2026 12:00", ""], "the force"),
    ],
)
def test_a_row_whose_document_makes_no_sense_is_a_problem_and_the_others_come_in(desk, tmp_path, row, reason):
    whole = ["SC-7", *ROWS[0][1:], "Closed", "IR/2", "16/11/2026 12:00", "16/11/2026 13:00"]
    run, done = take(desk, put(tmp_path, [row, whole], FORMER))
    assert reason in run.rows[0].reasons
    assert (done.imported, done.problems) == (1, 1)


def test_a_former_document_from_before_its_contact_comes_in_with_a_warning(desk, tmp_path):
    row = [*ROWS[0], "Closed", "IR/1", "16/11/2026 08:00", "16/11/2026 08:30"]
    run, done = take(desk, put(tmp_path, [row], FORMER))
    assert "before the contact" in run.rows[0].warnings[0]
    assert (done.imported, desk.row(1).status) == (1, rules.CLOSED)


# --- taking it back ---


LATER = NOW + days(1)


def undo(desk, batch, now=LATER):
    return desk.do(records_imports.undo, batch, now=now)


def test_a_whole_import_is_withdrawn_and_the_same_list_comes_in_anew_with_new_references(desk, tmp_path):
    path = put(tmp_path, ROWS)
    _run, done = take(desk, path)
    assert undo(desk, done.batch_id) == records_imports.Undone(3, ())
    assert refs(desk) == []
    with pytest.raises(Refused, match="not in the register"):
        desk.ask(records.get, 1)
    assert desk.ask(documents.figures, as_at=NOW + days(2))["coverage"]["in_scope"] == 0
    _run, again = take(desk, path, now=NOW + days(2))
    assert (again.imported, again.already_there) == (3, 0)
    assert refs(desk) == ["OIC-2026-0004", "OIC-2026-0005", "OIC-2026-0006"]
    with pytest.raises(Refused, match="undone already"):
        undo(desk, done.batch_id)
    assert desk.ask(lambda s: s.scalar(select(func.count()).select_from(Referral))) == 6


def test_taking_back_is_logged_for_the_import_and_for_each_contact(desk, tmp_path):
    _run, done = take(desk, put(tmp_path, ROWS))
    before = len(desk.log())
    undo(desk, done.batch_id)
    entries = desk.log()[before:]
    assert entries[0]["records"] == {"import_batch": [done.batch_id]}
    assert [e["records"] for e in entries[1:]] == [{"referral": [case]} for case in (1, 2, 3)]
    assert all(e["fields"] == ["withdrawn_at"] for e in entries[1:])


WORK = {
    "edited": lambda desk, case, at: desk.do(records.edit, case, {"team": "Other"}, now=at),
    "noted": lambda desk, case, at: desk.do(records.add_note, case, "Called back.", "fact", now=at),
    "submitted": lambda desk, case, at: desk.submit(case, at),
    "chased": lambda desk, case, at: desk.do(records_chasers.chase, case, rules.OFFICER, "e-mail", at=at),
    "linked to": lambda desk, case, at: desk.do(
        records.mark_duplicate, desk.add(force="Norfolk"), case, "Same.", at=at
    ),
}


@pytest.mark.parametrize("work", WORK)
def test_a_contact_worked_on_since_stays_and_is_named(desk, tmp_path, work):
    _run, done = take(desk, put(tmp_path, ROWS))
    WORK[work](desk, 1, NOW + hours(1))
    undone = undo(desk, done.batch_id)
    assert undone == records_imports.Undone(2, ("OIC-2026-0001",))
    assert desk.row(1).reference == "OIC-2026-0001"


def test_former_documents_go_with_the_import_that_brought_them(desk, tmp_path):
    row = [*ROWS[0], "Closed", "IR/1", "17/11/2026 08:00", "17/11/2026 15:00"]
    _run, done = take(desk, put(tmp_path, [row], FORMER))
    assert undo(desk, done.batch_id) == records_imports.Undone(1, ())
    coverage = desk.ask(documents.figures, as_at=NOW + days(2))["coverage"]
    assert (coverage["in_scope"], coverage["submitted"]) == (0, 0)
    assert desk.ask(records_register.counts)["all"] == desk.ask(lambda s: Documents(s).count()) == 0
    assert desk.ask(records_find.documents, "IR/1") == []


def test_a_report_is_the_document_of_the_list_that_stands_not_of_one_taken_back(desk, tmp_path):
    path = put(tmp_path, [[*ROWS[0], "Closed", "IR/1", "17/11/2026 08:00", "17/11/2026 15:00"]], FORMER)
    undo(desk, take(desk, path)[1].batch_id)
    report = records_list.ReportRow(2, NOW - days(6), "IR/1", "MARSH", "PC 7191", "Suffolk")
    assert desk.ask(records_list.compare, [report])[0].cases == ()
    take(desk, path, now=NOW + days(2))
    told = {"file_name": "athena.csv", "file_sha256": "", "total": 1, "now": NOW + days(3)}
    _batch, (match,) = desk.do(records_list.write, [report], **told)
    assert (match.state, match.cases) == ("matched", (2,))
    desk.do(documents.link, 1, 2, now=NOW + days(3))  # the document of the import that was taken back
    assert desk.ask(documents.cases_of, 1) == [2] and [row[0] for row in desk.ask(documents.cases_in_words, 1)] == [2]


def test_updated_fields_are_restored_unless_somebody_changed_them_since(desk, tmp_path):
    take(desk, put(tmp_path, ROWS[:2]))
    lines = [[*r[:4], "Lowestoft", *r[5:8], "7"] for r in ROWS[:2]]
    _run, done = take(desk, put(tmp_path, lines), now=NOW + hours(1), apply_updates=True)
    assert done.updated == 2
    desk.do(records.edit, 2, {"team": "Haverhill"}, now=NOW + hours(2))
    undone = undo(desk, done.batch_id)
    assert undone == records_imports.Undone(2, ())
    assert (desk.row(1).team, desk.row(1).persons) == ("Ipswich", 2)
    assert (desk.row(2).team, desk.row(2).persons) == ("Haverhill", 1)


def test_remarks_are_kept_as_notes_as_they_came(desk, tmp_path):
    _run, done = take(desk, put(tmp_path, [[*ROWS[0], "=SUM(A1:A9)\n“quoted”"]], [*HEADER, "Remarks"]))
    (note,) = desk.ask(notes, 1)
    assert (note.text, note.kind) == ("=SUM(A1:A9)\n“quoted”", None)

    def hits():
        with desk.vault.consulting("search") as session:
            return [row.reference for row in records_search.search(session, "quoted", now=LATER).rows]

    assert hits() == ["OIC-2026-0001"]
    undo(desk, done.batch_id)
    assert hits() == [], "the search does not know what was taken back"


def test_numbers_in_one_import_follow_the_years_of_its_contacts(desk, tmp_path):
    rows = [["A", d, *ROWS[0][2:]] for d in ("31/12/2025", "01/01/2026", "30/12/2025")]
    take(desk, put(tmp_path, rows))
    assert [desk.row(case).reference for case in (1, 2, 3)] == ["OIC-2025-0001", "OIC-2026-0001", "OIC-2025-0002"]


def test_a_cancelled_import_leaves_nothing(desk, tmp_path):
    class CancelledError(Exception):
        pass

    def progress(share, _text):
        if share >= 0.7:
            raise CancelledError

    before = len(desk.log())
    with pytest.raises(CancelledError):
        take(desk, put(tmp_path, ROWS), progress=progress)
    assert desk.ask(lambda s: s.scalar(select(func.count()).select_from(ImportBatch))) == 0
    assert refs(desk) == []
    assert len(desk.log()) == before


def test_a_list_may_tell_who_made_the_contact_and_when_it_reached_the_nccu(desk, tmp_path):
    header = [*HEADER, "Contact made by", "Passed to NCCU", "Acknowledged by NCCU"]
    rows = [
        [*ROWS[0], "Control room", "16/11/2026 09:45", "16/11/2026 10:00"],
        [*ROWS[1], "", "16/11/2026 10:00", ""],
    ]
    run, done = take(desk, put(tmp_path, rows, header))
    assert (done.imported, done.problems) == (1, 1)
    assert "passed on before the contact" in str(run.problems[0].problems)
    row = desk.row(1)
    assert (row.contact_made_by, row.nccu_passed_at) == ("Control room", CONTACT + hours(0.25))
    assert row.nccu_acknowledged_at == CONTACT + hours(0.5)


def test_an_import_brings_its_officers_into_the_directory_and_their_teams(desk, tmp_path):
    from oicdesk.referrals.records_officers import Directory

    take(desk, put(tmp_path, ROWS))
    rows = desk.ask(lambda session: Directory(session, today=NOW.date()).page(0, 9))
    assert [(row.name, row.collar, row.team) for row in rows] == [
        ("HART, Kim", "PC 12", "Norwich"), ("LARK, Ed", "DC 5", "Ipswich"), ("MARSH, Jo", "PC 7191", "Ipswich"),
    ]  # fmt: skip
