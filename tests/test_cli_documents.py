"""`oicdesk import documents`: counts that add up, repeats that change nothing, and documents that may be taken back."""

from datetime import date

import pytest

from oicdesk.documents import records, records_decide, records_list
from oicdesk.documents.rules import Grades
from oicdesk.errors import Refused
from oicdesk.paths import resources
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules
from oicdesk.vault.vault import Vault
from tests import command
from tests.desks import NOW, PASSPHRASE, Desk, days

box, busy = command.box, command.busy

HEADER = "Report reference,Author,Collar,Force,Created,Submitted,NCCU or incident reference,Grading"
BOTH = 'IR/1,"MARSH, Jo",PC7191,Suffolk,16/11/2026,16/11/2026 14:05,SC-1,1 A P'
MIXED = (
    BOTH,
    'IR/2,"HART, Kim",pc 12,Norfolk,17/11/2026,18/11/2026 09:00,,2 B P',
    'IR/3,"REED, Al",PC 3,Norfolk,17/11/2026,18/11/2026 09:00,,',
    'IR/4,"REED, Al",PC 3,Norfolk,17/11/2026,31/11/2026 09:00,,',
    ",,,,,,,",
)


def reports(box, *lines, name="reports.csv"):
    return box.file(name, "\n".join((HEADER, *(lines or MIXED))) + "\n")


def numbers(answer):
    return {name: value for name, value in answer.json.items() if isinstance(value, int)}


def look(box, query, *args, **more):
    with Vault.open(box.vault, PASSPHRASE) as vault:
        return Desk(vault).ask(query, *args, **more)


def status(box, case):
    return look(box, lambda session: referrals.get(session, case).status)


def bring_in(box):
    box.change(referrals.bring_into_scope, 2, "It reported a case.", at=NOW)


@pytest.fixture
def scoped(busy):
    """The box's status check brought into scope, so that both contacts wait for a document."""
    return busy.once(bring_in)


def test_the_counts_add_up_and_problem_rows_end_with_1(scoped):
    answer = scoped.run("import", "documents", reports(scoped), "--json")
    assert (answer.code, answer.err) == (1, "")
    told = numbers(answer)
    assert told == {"rows": 5, "blank": 1, "matched": 2, "doubtful": 0, "unmatched": 1, "problems": 1}
    assert told["rows"] == sum(count for name, count in told.items() if name != "rows")
    assert [row["line"] for row in answer.json["problem_rows"]] == [5]


def test_a_matched_report_is_a_document_of_its_contact_with_its_grades(scoped):
    scoped.run("import", "documents", reports(scoped))
    (document,) = look(scoped, records.documents, 1)
    assert (document.reference, document.author, document.outcome) == ("IR/1", "MARSH, Jo", "SUBMITTED")
    assert document.grades == Grades("1", "A", "P")
    assert (status(scoped, 1), status(scoped, 2)) == (rules.SUBMITTED, rules.SUBMITTED)
    (open_one,) = look(scoped, records_decide.open_reports)
    assert (open_one.reference, open_one.state) == ("IR/3", "unmatched")


def test_a_dry_run_writes_nothing_and_a_repeat_changes_nothing(scoped):
    lines = reports(scoped, *MIXED[:3])
    entries = len(scoped.log())
    dry = scoped.run("import", "documents", lines, "--json", "--dry-run")
    assert (dry.code, len(scoped.log())) == (0, entries)
    first = scoped.run("import", "documents", lines, "--json")
    entries = len(scoped.log())
    again = scoped.run("import", "documents", lines, "--json")
    assert numbers(dry) == numbers(first) == numbers(again)
    assert len(scoped.log()) == entries
    assert len(look(scoped, records.documents, 1)) == 1


def test_a_longer_list_adds_only_what_is_new(scoped):
    scoped.run("import", "documents", reports(scoped, MIXED[0]))
    answer = scoped.run("import", "documents", reports(scoped, *MIXED[:3], name="longer.csv"), "--json")
    assert numbers(answer)["matched"] == 2
    assert len(look(scoped, records.documents, 1)) == len(look(scoped, records.documents, 2)) == 1


def test_all_or_nothing_refuses_a_file_with_problems(scoped):
    entries = len(scoped.log())
    answer = scoped.run("import", "documents", reports(scoped), "--all-or-nothing")
    assert (answer.code, len(scoped.log())) == (1, entries)
    assert answer.sentence.startswith("1 of 5 rows have problems, so nothing was imported")


def test_a_file_without_a_column_of_submissions_is_refused_naming_it(scoped):
    answer = scoped.run("import", "documents", scoped.file("x.csv", "Report reference,Collar\nIR/1,PC 1\n"))
    assert answer.code == 1
    assert "Submitted" in answer.sentence


def test_problem_rows_are_written_apart(scoped):
    file = scoped.folder / "problems.csv"
    scoped.run("import", "documents", reports(scoped), "--problems", file)
    assert "IR/4" in file.read_text("utf-8-sig")


def test_a_document_before_its_contact_is_taken_with_a_warning(scoped):
    line = BOTH.replace("16/11/2026 14:05", "16/11/2026 08:05")
    answer = scoped.run("import", "documents", reports(scoped, line), "--json")
    assert (answer.code, numbers(answer)["matched"]) == (0, 1)
    assert "before the contact OIC-2026-0001" in answer.json["warning_rows"][0]["warnings"][0]
    assert status(scoped, 1) == rules.SUBMITTED


def test_a_day_without_a_time_is_taken_as_its_end_with_a_warning(scoped):
    answer = scoped.run("import", "documents", reports(scoped, BOTH.replace(" 14:05", "")), "--json")
    assert "end of that day" in answer.json["warning_rows"][0]["warnings"][0]
    (document,) = look(scoped, records.documents, 1)
    assert document.submitted_at.isoformat() == "2026-11-16T23:59:59.999999+00:00"


def test_one_report_serves_two_contacts_and_the_status_of_each_follows(scoped):
    answer = scoped.run("import", "documents", reports(scoped, BOTH.replace("SC-1", "SC-1; SC-2")), "--json")
    # The two contacts are of two forces, so a person has to say so.
    assert numbers(answer)["doubtful"] == 1
    (row,) = look(scoped, records_decide.open_reports)
    assert {one.referral_id for one in row.candidates} == {1, 2}
    scoped.change(records_decide.accept, row.id, 1, now=NOW)
    (document,) = look(scoped, records.documents, 1)
    scoped.change(records.link, document.id, 2, now=NOW)
    assert (status(scoped, 1), status(scoped, 2)) == (rules.SUBMITTED, rules.SUBMITTED)


def test_undoing_the_import_puts_contacts_back_and_the_same_list_can_come_again(scoped):
    scoped.run("import", "documents", reports(scoped, *MIXED[:3]))
    before = look(scoped, records.figures, as_at=NOW)["coverage"]
    undone = scoped.change(records_list.undo, _batch(scoped), now=NOW + days(9))
    assert (undone.withdrawn, undone.kept) == (2, ())
    assert (status(scoped, 1), status(scoped, 2)) == (rules.AWAITING_DOCUMENT, rules.AWAITING_DOCUMENT)
    assert look(scoped, records.documents, 1) == look(scoped, records_decide.open_reports) == []
    after = look(scoped, records.figures, as_at=NOW)["coverage"]
    assert (before["submitted"], after["submitted"]) == (2, 0)
    answer = scoped.run("import", "documents", reports(scoped, *MIXED[:3]), "--json")
    assert numbers(answer)["matched"] == 2
    assert status(scoped, 1) == rules.SUBMITTED


def _batch(box):
    return look(box, records_decide.batches)[0][0]


def test_undoing_the_import_keeps_and_names_what_was_worked_on(scoped):
    scoped.run("import", "documents", reports(scoped, *MIXED[:2]))
    (document,) = look(scoped, records.documents, 1)
    later = document.submitted_at + days(90)
    scoped.change(records.accept, document.id, at=later, now=later)
    undone = scoped.change(records_list.undo, _batch(scoped), now=later)
    assert (undone.withdrawn, undone.kept) == (1, ("IR/1",))
    assert (status(scoped, 1), status(scoped, 2)) == (rules.ACCEPTED, rules.AWAITING_DOCUMENT)
    with pytest.raises(Refused, match="already"):
        scoped.change(records_list.undo, 2, now=later)


def test_a_document_recorded_by_hand_is_known_again_and_its_blanks_are_filled_in(scoped):
    with Vault.open(scoped.vault, PASSPHRASE) as vault:
        Desk(vault).submit(1, NOW.replace(day=16, hour=14, minute=5), now=NOW, reference="", author="Jo Marsh, PC")
    answer = scoped.run("import", "documents", reports(scoped, BOTH), "--json")
    assert numbers(answer)["matched"] == 1
    (document,) = look(scoped, records.documents, 1)
    assert (document.reference, document.author) == ("IR/1", "Jo Marsh, PC"), "what was recorded stays"
    assert (document.created_on, document.grades.source_evaluation) == (date(2026, 11, 16), "1")
    undone = scoped.change(records_list.undo, _batch(scoped), now=NOW + days(9))
    assert undone.withdrawn == 0
    assert status(scoped, 1) == rules.SUBMITTED  # nobody's import recorded it


def test_the_sample_list_of_the_program_matches_its_control_room_list(box):
    samples = resources() / "samples"
    box.run("import", "referrals", samples / "control-room-extract.csv")
    told = numbers(box.run("import", "documents", samples / "force-system-reports.csv", "--json"))
    assert told == {"rows": 41, "blank": 1, "matched": 33, "doubtful": 4, "unmatched": 1, "problems": 2}


# --- decisions ---


@pytest.fixture
def doubtful(scoped):
    """A report whose reference is unknown though officer and time agree; its id."""
    scoped.run("import", "documents", reports(scoped, BOTH.replace("SC-1", "SC-99")))
    (row,) = look(scoped, records_decide.open_reports)
    assert row.state == "doubtful"
    return row.id


def test_an_accepted_doubtful_report_is_recorded_and_the_list_again_changes_nothing(scoped, doubtful):
    assert look(scoped, records_decide.open_reports, force="Norfolk") == [], "it is Suffolk's"
    scoped.change(records_decide.accept, doubtful, 1, now=NOW)
    assert status(scoped, 1) == rules.SUBMITTED
    assert look(scoped, records_decide.open_reports) == []
    together = [entry["records"] for entry in scoped.log() if entry["operation"] == "combination"]
    assert together[-1] == {"document_row": [doubtful], "document": [1], "referral": [1]}
    for work, more in ((records_decide.accept, (2,)), (records_decide.dismiss, ("x",))):
        with pytest.raises(Refused, match="matched already"):
            scoped.change(work, doubtful, *more, now=NOW)
    entries = len(scoped.log())
    answer = scoped.run("import", "documents", reports(scoped, BOTH.replace("SC-1", "SC-99")), "--json")
    assert (numbers(answer)["matched"], len(scoped.log())) == (1, entries)
    scoped.change(records.accept, 1, at=NOW + days(1))
    with pytest.raises(Refused, match="worked on since"):
        scoped.change(records_decide.withdraw, doubtful, now=NOW + days(2))


def test_a_refused_pair_is_not_offered_again_until_taken_back(scoped, doubtful):
    with pytest.raises(Refused, match="nothing to take back"):
        scoped.change(records_decide.take_back, doubtful, now=NOW)
    with pytest.raises(Refused) as refused:
        scoped.change(records_decide.refuse, doubtful, " ", now=NOW)
    assert refused.value.field == "reason"
    scoped.change(records_decide.refuse, doubtful, "Another matter.", now=NOW)
    (row,) = look(scoped, records_decide.open_reports)
    assert (row.state, row.candidates) == ("unmatched", ())
    with pytest.raises(Refused, match="Only a doubtful report is refused, and this one is unmatched"):
        scoped.change(records_decide.refuse, doubtful, "Another matter.", now=NOW)
    scoped.run("import", "documents", reports(scoped, BOTH.replace("SC-1", "SC-99")))
    assert look(scoped, records_decide.open_reports)[0].state == "unmatched"
    scoped.change(records_decide.take_back, doubtful, now=NOW)
    assert look(scoped, records_decide.open_reports)[0].state == "doubtful"


def test_a_dismissed_report_leaves_the_list_with_its_reason(scoped, doubtful):
    scoped.change(records_decide.dismiss, doubtful, "Not about this work.", now=NOW)
    assert look(scoped, records_decide.open_reports) == []
    (row,) = look(scoped, records_decide.open_reports, dismissed=True)
    assert (row.decided_why, row.decided_by) == ("Not about this work.", "Sam Ashby")
    scoped.change(records_decide.take_back, doubtful, now=NOW)
    assert len(look(scoped, records_decide.open_reports)) == 1


def test_accepting_for_a_contact_that_cannot_take_a_document_is_refused(busy):
    busy.run("import", "documents", reports(busy, MIXED[1]))
    (row,) = look(busy, records_decide.open_reports)
    with pytest.raises(Refused, match="scope"):
        busy.change(records_decide.accept, row.id, 2, now=NOW)
    assert look(busy, records.documents, 2) == []
