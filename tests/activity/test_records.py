"""The log by filter, in words, and as a file."""

import csv
import json
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oicdesk.activity import records
from oicdesk.activity.records import ALL, ActivityRow, Entries, Filter
from oicdesk.errors import Refused, VaultError
from oicdesk.vault import log

from .conftest import forge, newest


def found(vault, **asked):
    entries = Entries(vault, Filter(**asked))
    return list(entries.page(0, entries.count()))


def test_the_whole_log_comes_newest_first(worked):
    rows = found(worked)
    assert [row.id for row in rows] == list(range(newest(worked), 0, -1))
    assert rows[0].operation == log.CONSULTATION
    assert rows[0].records == (("referral", (12,)),)


def test_pages_in_both_orders_join_to_the_whole_log(worked):
    entries = Entries(worked)
    count = entries.count()
    for descending in (True, False):
        ids = [row.id for at in range(0, count, 3) for row in entries.page(at, 3, "id", descending)]
        assert ids == sorted(range(1, count + 1), reverse=descending)
        assert [entries.position(id, "id", descending) for id in ids] == list(range(count))


def test_an_operation_is_found_alone(worked):
    assert {row.operation for row in found(worked, operation=log.DISCLOSURE)} == {log.DISCLOSURE}


def test_a_user_is_found_alone(worked):
    worked.add_user("Alex", "Approver", "another long passphrase")
    forge(worked, "UPDATE activity SET user = 'Alex' WHERE id = 2")
    assert [row.id for row in found(worked, user="Alex")] == [2]


def test_a_record_is_found_by_its_kind_and_whole_number(worked):
    rows = found(worked, kind="referral", record="12")
    assert all(12 in dict(row.records)["referral"] for row in rows)
    assert len(rows) == 4  # imported, changed, combined, looked at: not the 112, nor the person 12


def test_a_kind_alone_finds_every_record_of_it(worked):
    assert [row.operation for row in found(worked, kind="person")] == [log.ERASURE, log.ALTERATION]


def test_a_number_without_a_kind_is_refused(worked):
    with pytest.raises(Refused, match="what kind") as refusal:
        Entries(worked, Filter(record="12"))
    assert refusal.value.field == "kind"


def test_a_text_is_sought_in_detail_recipient_and_purpose_whatever_its_case(worked):
    for text in ("DI EX", "Weekly", "=1+"):
        assert [row.recipient for row in found(worked, text=text)] == ["DI Example"]
    assert found(worked, text="%") == []


def test_days_are_included_at_both_ends(worked):
    days = {
        1: "2026-03-28T23:59:59.999999Z",
        2: "2026-03-29T00:00:00.000000Z",  # the day that the clocks go forward
        3: "2026-03-29T22:59:59.999999Z",
        4: "2026-03-29T23:00:00.000000Z",  # midnight of the 30th in London
    }
    forge(worked, "UPDATE activity SET at = CASE id " + " ".join(f"WHEN {n} THEN '{at}'" for n, at in days.items())
          + " ELSE at END")  # fmt: skip
    day = date(2026, 3, 29)
    assert [row.id for row in found(worked, first=day, last=day)] == [3, 2]
    assert [row.id for row in found(worked, last=day)] == [3, 2, 1]
    assert 4 in [row.id for row in found(worked, first=day + timedelta(1))]


def test_a_first_day_after_the_last_is_refused(worked):
    with pytest.raises(Refused, match="first day is after"):
        Entries(worked, Filter(first=date(2026, 3, 2), last=date(2026, 3, 1)))


def test_what_is_added_later_is_found_without_a_new_filter(worked):
    entries = Entries(worked, Filter(operation=log.ERASURE))
    before = entries.count()
    with worked.changing() as session:
        log.record(session, log.ALTERATION, referral=3)
        log.record(session, log.ERASURE, person=41)
    assert entries.count() == before + 1
    assert entries.page(0, 1)[0].records == (("person", (41,)),)


def test_a_removed_entry_shows_as_missing_in_its_place(worked):
    forge(worked, "DELETE FROM activity WHERE id = 3")
    rows = found(worked)
    assert [row.id for row in rows] == list(range(newest(worked), 0, -1))
    assert records.sentence(rows[-3]) == "Entry 3 is missing from the log."


def test_an_entry_that_cannot_be_read_is_shown_as_such(worked):
    forge(worked, "UPDATE activity SET records = '{\"referral\":', at = 'yesterday' WHERE id = 4")
    row = next(row for row in found(worked) if row.id == 4)
    assert "unreadable" in records.sentence(row)
    assert "unreadable" in records.spoken_records(row)


def test_looking_at_the_log_leaves_no_entry(worked):
    before = newest(worked)
    found(worked)
    found(worked, kind="person")
    assert newest(worked) == before


# --- in words ---

ROW = ActivityRow(
    7, datetime(2026, 11, 23, 10, 42, tzinfo=UTC), "Sam", "sam", log.DISCLOSURE,
    (("referral", (3, 4)), ("person", (9,))), ("due_at",), "DI Example", "weekly brief", "report coverage", "", "",
)  # fmt: skip


def test_an_entry_is_said_as_a_sentence():
    assert records.sentence(ROW) == (
        "Entry 7, Mon 23 Nov 2026 10:42: Sam (account sam) disclosed referrals 3, 4, person 9; fields due at;"
        " to DI Example; purpose: weekly brief; note: report coverage."
    )


def test_a_long_list_of_records_is_cut_with_its_count():
    row = replace(ROW, records=(("referral", tuple(range(1, 1206))),))
    assert records.spoken_records(row) == "referrals 1, 2, 3, 4, 5 and 1,200 more"


def test_kinds_are_said_as_words():
    assert [records.words_of(kind, 2) for kind in ("person", "import_batch", "desk_user")] == [
        "people", "import batches", "desk users",
    ]  # fmt: skip


def test_kinds_to_ask_for_do_not_hold_the_log_itself():
    kinds = records.record_kinds()
    assert "setting" in kinds
    assert "activity" not in kinds


# --- the proof ---


def test_a_whole_log_is_said_to_be_whole(worked):
    verdict = records.check(worked)
    assert verdict.ok
    assert f"{newest(worked)} entries" in verdict.sentence


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE activity SET purpose = 'other' WHERE id = 5", 5),
        ("DELETE FROM activity WHERE id = 6", 6),
        ("UPDATE activity SET at = '2026-01-01T00:00:00.000000Z' WHERE id = 2", 2),
    ],
)
def test_the_first_bad_entry_is_named(worked, statement, entry):
    forge(worked, statement)
    verdict = records.check(worked)
    assert not verdict.ok
    assert verdict.entry == entry
    assert f"Entry {entry} " in verdict.sentence


def test_a_log_whose_end_was_cut_off_since_the_backup_points_to_what_is_now_its_end(worked):
    worked.back_up()
    last = newest(worked)
    forge(worked, f"DELETE FROM activity WHERE id > {last - 2}")
    verdict = records.check(worked)
    assert not verdict.ok
    assert verdict.entry == last - 2
    assert "cut off" in verdict.sentence


# --- as a file ---


def test_the_csv_has_the_marking_the_header_and_every_entry(worked, tmp_path):
    path = tmp_path / "log.csv"
    count = records.export(worked, path, recipient="Auditor", purpose="lawfulness")
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0] == ["OFFICIAL-SENSITIVE"]
    assert rows[1][:3] == ["id", "at", "user"]
    assert [int(row[0]) for row in rows[2:]] == list(range(1, count + 1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [other.name for other in tmp_path.iterdir() if other.is_file()] == ["log.csv"]


def test_a_cell_that_looks_like_a_formula_is_written_as_text(worked, tmp_path):
    path = tmp_path / "log.csv"
    records.export(worked, path, recipient="Auditor", purpose="lawfulness", chosen=Filter(text="=1+1"))
    detail = next(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()[1:]))["detail"]
    assert detail == "'=1+1"


def test_the_chain_can_be_checked_from_the_json_alone(worked, tmp_path):
    path = tmp_path / "log.json"
    records.export(worked, path, recipient="Zoë’s auditor", purpose="lawfulness")
    document = json.loads(path.read_text(encoding="utf-8"))
    prev = log.START
    for entry in document["entries"]:
        written = {name: json.dumps(entry[name], ensure_ascii=False, separators=(",", ":"))
                   for name in ("records", "fields")}  # fmt: skip
        assert entry["prev"] == prev
        prev = log.entry_hash(entry | written)
        assert entry["hash"] == prev
    assert document["marking"] == "OFFICIAL-SENSITIVE"
    assert document["log_head"] == f"{document['count']}:{prev}"


def test_a_filtered_export_holds_what_the_filter_shows(worked, tmp_path):
    path = tmp_path / "log.json"
    chosen = Filter(kind="referral", record="12")
    shown = [row.id for row in found(worked, kind="referral", record="12")]
    assert records.export(worked, path, recipient="Auditor", purpose="lawfulness", chosen=chosen) == len(shown)
    assert [entry["id"] for entry in json.loads(path.read_text())["entries"]] == sorted(shown)


def test_an_export_is_a_disclosure_even_when_its_file_cannot_be_written(worked, tmp_path):
    with pytest.raises(VaultError, match="does not exist"):
        records.export(worked, tmp_path / "nowhere" / "log.csv", recipient="Auditor", purpose="lawfulness")
    newest_row = found(worked)[0]
    assert (newest_row.operation, newest_row.recipient, newest_row.purpose, newest_row.detail) == (
        log.DISCLOSURE, "Auditor", "lawfulness", "activity log, whole, csv",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "recipient", "purpose", "field"),
    [("log.txt", "A", "B", "file"), ("log.csv", " ", "B", "recipient"), ("log.csv", "A", "", "purpose")],
)
def test_a_refused_export_leaves_neither_file_nor_entry(worked, tmp_path, name, recipient, purpose, field):
    before = newest(worked)
    with pytest.raises(Refused) as refusal:
        records.export(worked, tmp_path / name, recipient=recipient, purpose=purpose)
    assert refusal.value.field == field
    assert not (tmp_path / name).exists()
    assert newest(worked) == before


ids = st.integers(1, 400)


@given(st.lists(st.dictionaries(st.sampled_from(["referral", "person", "document"]), st.lists(ids, min_size=1)),
                min_size=1), ids)  # fmt: skip
def test_a_record_is_touched_only_where_its_number_stands_whole(entries, wanted):
    for entry in entries:
        text = json.dumps(entry, separators=(",", ":"))
        touched = records._touches(text, replace(ALL, kind="referral", record=str(wanted)))
        assert touched == (wanted in entry.get("referral", []))
