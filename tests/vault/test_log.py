"""The tamper-evident log: what the database refuses, and what the check finds when its guards are gone."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from oicdesk.vault import log
from oicdesk.vault.log import Head
from oicdesk.vault.tables import instant_text
from oicdesk.vault.vault import APPROVER, Vault
from tests.makers import PASSPHRASE, make_vault
from tests.vault.folders import raw

COUNT = 12
COLUMNS = ("id", "at", "user", "os_account", "operation", "records", "fields", "recipient", "purpose", "detail")
HASHES = ("prev", "hash")


@pytest.fixture
def logged(vault: Vault) -> Vault:
    """A vault whose log has twelve entries of every kind."""
    with vault.changing() as session:
        for number in range(2, COUNT + 1):
            log.record(
                session, log.OPERATIONS[number % 6], referral=[number], fields=["status"],
                recipient="HQ" if number % 2 else None, purpose=None, detail=f"entry {number}",
            )  # fmt: skip
    return vault


def row(connection, number: int) -> dict:
    cursor = connection.execute(f"SELECT {', '.join((*COLUMNS, *HASHES))} FROM activity WHERE id = {number}")
    return dict(zip((*COLUMNS, *HASHES), cursor.fetchone(), strict=True))


def put(connection, entry: dict, verb: str = "INSERT") -> None:
    connection.execute(
        f"{verb} INTO activity ({', '.join(entry)}) VALUES ({', '.join('?' * len(entry))})", tuple(entry.values())
    )


def rows(vault: Vault) -> list[tuple]:
    connection = raw(vault)
    try:
        return connection.execute("SELECT * FROM activity ORDER BY id").fetchall()
    finally:
        connection.close()


def unguarded(vault: Vault):
    """A connection of somebody who has the key and took the triggers out."""
    connection = raw(vault)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='activity'"):
        connection.execute(f"DROP TRIGGER {name}")
    return connection


def first_fault(vault: Vault, kept: Head | None = None) -> int | None:
    with vault.reading() as session:
        fault = log.check(session.connection(), kept=kept)
    return None if fault is None else fault.id


# --- refused by the database itself ---

REFUSED = {
    "update": lambda c: c.execute("UPDATE activity SET user = 'x' WHERE id = 3"),
    "update of nothing new": lambda c: c.execute("UPDATE activity SET user = user WHERE id = 3"),
    "update of the id": lambda c: c.execute("UPDATE activity SET id = 99 WHERE id = 12"),
    "update or replace": lambda c: c.execute("UPDATE OR REPLACE activity SET id = 3 WHERE id = 4"),
    "update or ignore": lambda c: c.execute("UPDATE OR IGNORE activity SET detail = NULL"),
    "delete": lambda c: c.execute("DELETE FROM activity WHERE id = 3"),
    "delete of all": lambda c: c.execute("DELETE FROM activity"),
    "delete of the last": lambda c: c.execute("DELETE FROM activity WHERE id = 12"),
    "replace": lambda c: put(c, row(c, 3) | {"user": "x"}, "REPLACE"),
    "insert or replace": lambda c: put(c, row(c, 3) | {"user": "x"}, "INSERT OR REPLACE"),
    "replace of the last": lambda c: put(c, row(c, 12) | {"user": "x"}, "INSERT OR REPLACE"),
    "insert or ignore": lambda c: put(c, row(c, 3) | {"user": "x"}, "INSERT OR IGNORE"),
    "insert in the past": lambda c: put(c, row(c, 3) | {"id": 0}),
    "insert with a gap": lambda c: put(c, row(c, 12) | {"id": 14, "prev": row(c, 12)["hash"]}),
    "insert without a number": lambda c: put(c, row(c, 12) | {"id": None, "prev": row(c, 12)["hash"]}),
    "insert with a wrong predecessor": lambda c: put(c, row(c, 12) | {"id": 13}),
    "insert with a short hash": lambda c: put(c, row(c, 12) | {"id": 13, "prev": row(c, 12)["hash"], "hash": "ab"}),
    "insert without a hash": lambda c: put(c, row(c, 12) | {"id": 13, "prev": row(c, 12)["hash"], "hash": None}),
    "upsert": lambda c: c.execute(
        "INSERT INTO activity SELECT * FROM activity WHERE id = 3 ON CONFLICT (id) DO UPDATE SET user = 'x'"
    ),
    "upsert of the last": lambda c: c.execute(
        "INSERT INTO activity SELECT * FROM activity WHERE id = 12 ON CONFLICT DO UPDATE SET user = 'x'"
    ),
}


@pytest.mark.parametrize("recursive", [True, False], ids=["our pragmas", "no pragmas"])
@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_to_have_its_log(logged, name, recursive):
    before = rows(logged)
    connection = raw(logged)
    connection.execute(f"PRAGMA recursive_triggers={'ON' if recursive else 'OFF'}")
    try:
        with pytest.raises(sqlcipher.IntegrityError):
            REFUSED[name](connection)
    finally:
        connection.close()
    assert rows(logged) == before
    assert first_fault(logged) is None


def test_the_programs_own_sessions_meet_the_same_refusal(logged):
    for statement in ("UPDATE activity SET user = 'x'", "DELETE FROM activity", "DELETE FROM activity WHERE id = 12"):
        with pytest.raises(IntegrityError, match="append-only"), logged.changing() as session:
            session.execute(text(statement))
    assert first_fault(logged) is None


def test_a_forged_entry_in_the_right_place_is_found_by_its_hash(logged):
    connection = raw(logged)
    put(connection, row(connection, 12) | {"id": 13, "prev": row(connection, 12)["hash"], "hash": "f" * 64})
    connection.close()
    assert first_fault(logged) == 13


# --- found by the check ---


def altered(column: str, value: object) -> Callable:
    return lambda connection: connection.execute(f"UPDATE activity SET {column} = ? WHERE id = 5", (value,))


ALTERED = {
    **{f"{column} altered": altered(column, "other") for column in (*COLUMNS[1:], "prev", "hash")},
    "time moved a second": lambda c: c.execute(
        "UPDATE activity SET at = ? WHERE id = 5", (instant_text(datetime.now(UTC) + timedelta(1)),)
    ),
    "nothing made empty": altered("purpose", ""),
    "text made bytes": altered("detail", b"entry 5"),
    "text made no text": lambda c: c.execute("UPDATE activity SET detail = CAST(x'ff' AS TEXT) WHERE id = 5"),
    "a zero byte behind": altered("detail", "entry 5\0"),
    "a hash in capitals": lambda c: c.execute("UPDATE activity SET hash = upper(hash) WHERE id = 5"),
    "removed": lambda c: c.execute("DELETE FROM activity WHERE id = 5"),
    "removed with all after but the last": lambda c: c.execute("DELETE FROM activity WHERE id BETWEEN 5 AND 11"),
    "removed and closed up": lambda c: (
        c.execute("DELETE FROM activity WHERE id = 5"),
        [c.execute("UPDATE activity SET id = ? WHERE id = ?", (n - 1, n)) for n in range(6, 13)],
    ),
    "moved behind": lambda c: c.execute("UPDATE activity SET id = 20 WHERE id = 5"),
    "swapped": lambda c: [
        c.execute("UPDATE activity SET id = ? WHERE id = ?", pair) for pair in ((99, 5), (5, 6), (6, 99))
    ],
    "inserted": lambda c: (
        [c.execute("UPDATE activity SET id = ? WHERE id = ?", (n + 1, n)) for n in range(12, 4, -1)],
        put(c, row(c, 4) | {"id": 5, "prev": row(c, 4)["hash"]}),
    ),
    "replaced with a right hash of its own": lambda c: _rehashed(c, 5),
}


def _rehashed(connection, number: int) -> None:
    forged = row(connection, number) | {"user": "Somebody"}
    forged["hash"] = log.entry_hash(forged)
    connection.execute(f"DELETE FROM activity WHERE id = {number}")
    put(connection, forged)


@pytest.mark.parametrize("name", ALTERED)
def test_the_check_names_the_first_bad_entry(logged, name):
    connection = unguarded(logged)
    ALTERED[name](connection)
    connection.close()
    with logged.reading() as session:
        fault = log.check(session.connection())
    # An entry with a hash of its own is whole in itself; the one after it gives it away.
    assert fault.id == (6 if name == "replaced with a right hash of its own" else 5)
    assert re.match(rf"Entry {fault.id} of the log .*\.$", fault.sentence)
    checks = logged.check_log()
    assert (checks[0].ok, checks[0].sentence) == (False, fault.sentence)


@pytest.mark.parametrize("number", [0, -1, -(2**40)])
def test_an_entry_hidden_before_the_first_is_found(logged, number):
    connection = unguarded(logged)
    put(connection, row(connection, 3) | {"id": number})
    connection.close()
    assert first_fault(logged) == number


def test_the_first_and_the_last_entry_are_checked_like_any_other(logged):
    for number in (1, COUNT):
        connection = unguarded(logged)
        kept = row(connection, number)["detail"]
        connection.execute("UPDATE activity SET detail = 'x' WHERE id = ?", (number,))
        assert first_fault(logged) == number
        connection.execute("UPDATE activity SET detail = ? WHERE id = ?", (kept, number))
        connection.close()
        assert first_fault(logged) is None


def test_of_two_faults_the_first_is_named(logged):
    connection = unguarded(logged)
    connection.execute("UPDATE activity SET user = 'x' WHERE id IN (9, 4)")
    connection.close()
    assert first_fault(logged) == 4


def test_text_that_is_no_text_is_named_exactly_in_a_long_log(vault):
    with vault.changing() as session:
        log.record_many(session, log.COLLECTION, "referral", range(4500))
    connection = unguarded(vault)
    connection.execute("UPDATE activity SET detail = CAST(x'c3' AS TEXT) WHERE id = 3777")
    connection.close()
    assert first_fault(vault) == 3777


def test_a_long_log_that_is_whole_is_found_whole(vault):
    with vault.changing() as session:
        log.record_many(session, log.COLLECTION, "referral", range(4500), fields=["reason"], detail="import")
    assert first_fault(vault) is None
    assert vault.log_head().id == 4501


def test_opening_looks_at_the_newest_thousand_and_verify_at_all(vault, open_vault):
    with vault.changing() as session:
        log.record_many(session, log.COLLECTION, "referral", range(1200))
    connection = unguarded(vault)
    connection.execute("UPDATE activity SET user = 'x' WHERE id = 100")
    connection.close()
    vault.close()
    opened = open_vault()
    assert [check.sentence for check in opened.verify() if not check.ok] == [
        "Entry 100 of the log was altered after it was written."
    ]


@pytest.mark.parametrize("newest, found", [(1, None), (7, None), (8, 5), (11, 5), (12, 5), (13, 5), (1000, 5)])
def test_a_check_of_the_newest_entries_goes_that_far_and_no_further(logged, newest, found):
    connection = unguarded(logged)
    connection.execute("UPDATE activity SET user = 'x' WHERE id = 5")
    connection.close()
    with logged.reading() as session:
        fault = log.check(session.connection(), newest=newest)
    assert (fault and fault.id) == found


# --- the end of the log ---


def test_a_log_without_any_entry_is_not_whole(logged):
    connection = unguarded(logged)
    connection.execute("DELETE FROM activity")
    connection.close()
    assert first_fault(logged) == 1
    assert first_fault(logged, Head(12, "a" * 64)) == 1


@pytest.mark.parametrize("left", [1, 11])
def test_an_end_cut_off_is_found_against_the_last_backup(logged, left):
    logged.back_up()
    connection = unguarded(logged)
    connection.execute("DELETE FROM activity WHERE id > ?", (left,))
    connection.close()
    end = logged.check_log()[1]
    assert (end.ok, end.sentence) == (
        False,
        f"The log ends at entry {left}, but entry {COUNT} had been written: its end was cut off.",
    )
    assert not all(check.ok for check in logged.verify())


def test_an_end_cut_off_and_written_anew_is_found_against_the_last_backup(logged):
    logged.back_up()
    connection = unguarded(logged)
    connection.execute("DELETE FROM activity WHERE id > 8")
    connection.close()
    with logged.changing() as session:
        for _ in range(10):
            log.record(session, log.ALTERATION, referral=[1])
    chain, end = logged.check_log()
    assert (chain.ok, end.ok) == (True, False)
    assert end.sentence == f"Entry {COUNT} of the log is not the one that was noted outside the vault."


def test_an_end_cut_off_is_found_against_a_head_printed_on_a_report(logged):
    printed = str(logged.log_head())
    assert first_fault(logged, Head.parse(printed)) is None
    connection = unguarded(logged)
    connection.execute("DELETE FROM activity WHERE id = 12")
    connection.close()
    assert first_fault(logged) is None
    assert first_fault(logged, Head.parse(printed)) == 12
    assert [check.ok for check in logged.check_log(Head.parse(printed))] == [True, False]


def test_a_log_that_went_on_since_the_last_backup_is_whole(logged):
    logged.back_up()
    with logged.changing() as session:
        log.record(session, log.ALTERATION, referral=[1])
    assert all(check.ok for check in logged.verify())


def test_a_wrong_head_is_told(logged):
    assert first_fault(logged, Head(7, "0" * 64)) == 7
    assert first_fault(logged, Head(99, "0" * 64)) == 13


@pytest.mark.parametrize("head", [Head(0, log.START), Head(7, "a" * 64)])
def test_a_head_is_read_as_it_is_printed(head):
    assert Head.parse(f" {head} \n") == head


@pytest.mark.parametrize("nonsense", ["", "7", "7:", "7:abc", "x:" + "a" * 64, "a" * 64])
def test_a_head_that_was_mistyped_is_refused(nonsense):
    with pytest.raises(ValueError):
        Head.parse(nonsense)


def test_the_head_as_at_an_instant_is_the_last_entry_until_then(vault):
    before = datetime.now(UTC)
    assert vault.log_head(datetime(2000, 1, 1, tzinfo=UTC)) == Head(0, log.START)
    first = vault.log_head()
    assert vault.log_head(before) == first
    with vault.changing() as session:
        log.record(session, log.ALTERATION, referral=[1])
    assert vault.log_head(before) == first
    assert vault.log_head(datetime.now(UTC)).id == first.id + 1


# --- the law ---


@pytest.fixture(scope="module")
def copied_log(tmp_path_factory) -> list[tuple]:
    """The entries of a real vault, for a law to break again and again."""
    vault = make_vault(tmp_path_factory.mktemp("law") / "desk")
    with vault.changing() as session:
        for number in range(2, COUNT + 1):
            log.record(session, log.OPERATIONS[number % 6], referral=[number], detail=f"entry {number}")
    connection = raw(vault)
    columns = ", ".join((*COLUMNS, *HASHES))
    entries = connection.execute(f"SELECT {columns} FROM activity").fetchall()
    connection.close()
    vault.close()
    assert len(entries) == COUNT
    return entries


TEXT = st.one_of(st.none(), st.text(max_size=8), st.binary(max_size=4), st.integers(-9, 9), st.floats(allow_nan=False))
TAMPER = st.one_of(
    st.tuples(st.just("alter"), st.integers(1, COUNT), st.sampled_from((*COLUMNS[1:], *HASHES)), TEXT),
    st.tuples(st.just("remove"), st.integers(1, COUNT - 1), st.none(), st.none()),
    st.tuples(st.just("double"), st.integers(1, COUNT), st.none(), st.integers(-5, COUNT)),
    st.tuples(st.just("swap"), st.integers(1, COUNT), st.none(), st.integers(1, COUNT)),
)


@settings(max_examples=300, deadline=None)
@given(TAMPER)
def test_any_single_tamper_of_any_entry_is_found_at_it_or_before_it(copied_log, tamper):
    how, number, column, value = tamper
    entries = [dict(zip((*COLUMNS, *HASHES), entry, strict=True)) for entry in copied_log]
    expected = number
    if how == "alter":
        if value == entries[number - 1][column]:
            return
        entries[number - 1][column] = value
    elif how == "remove":
        del entries[number - 1]
    elif how == "double":
        if value >= 1:
            for entry in entries[value - 1 :]:
                entry["id"] += 1
        entries.append(dict(entries[number - 1]) | {"id": value})
        expected = value + 1  # of a true twin put before its original, the second is the bad one
    else:
        if number == value:
            return
        entries[number - 1]["id"], entries[value - 1]["id"] = value, number
        expected = min(number, value)
    plain = sqlite3.connect(":memory:", isolation_level=None)
    plain.execute(f"CREATE TABLE activity ({', '.join((*COLUMNS, *HASHES))}, PRIMARY KEY (id))")
    for entry in entries:
        plain.execute(f"INSERT INTO activity VALUES ({', '.join('?' * 12)})", tuple(entry.values()))
    engine = create_engine("sqlite://", creator=lambda: plain, poolclass=StaticPool)
    with engine.connect() as connection:
        fault = log.check(connection)
    engine.dispose()
    plain.close()
    assert fault is not None
    assert fault.id <= expected


# --- what an entry holds ---


def test_an_entry_says_who_what_when_and_never_what_was_in_it(vault, open_vault):
    start = datetime.now(UTC)
    vault.add_user("Zebediah Quill", APPROVER, "saddle compass orchard")
    kit = vault.users()[-1].id
    vault.change_passphrase(PASSPHRASE, "another long secret")
    key = vault.replace_recovery_key("another long secret")
    vault.remove_user(kit)
    everything = rows(vault)
    last = everything[-1]
    assert instant_text(start) <= last[1] <= instant_text(datetime.now(UTC))
    assert last[2:7] == (vault.user.name, last[3], log.ALTERATION, f'{{"desk_user":[{kit}]}}', '["removed_at"]')
    told = repr(everything)
    for secret in ("Zebediah", "Quill", PASSPHRASE, "another long secret", "saddle", key, vault._key.hex()):
        assert secret not in told


def test_many_entries_are_one_for_each_record(vault):
    with vault.changing() as session:
        log.record_many(session, log.COLLECTION, "referral", [7, 8, 9], detail="import")
        log.record_many(session, log.COLLECTION, "referral", [])
    assert [entry[5] for entry in rows(vault)[-3:]] == ['{"referral":[7]}', '{"referral":[8]}', '{"referral":[9]}']
    assert first_fault(vault) is None


def test_an_unknown_operation_is_a_fault_of_the_program(vault):
    with pytest.raises(ValueError, match="not an operation"), vault.changing() as session:
        log.record(session, "gossip", referral=1)


@pytest.mark.parametrize("words", ["Łódź ‘quoted’", 'a "b" \\ c', "line\nbreak", "\u2028", "😀", ""])
def test_any_text_in_an_entry_keeps_the_chain_whole(vault, words):
    with vault.changing() as session:
        log.record(session, log.DISCLOSURE, referral=[1], recipient=words, purpose=words, detail=words)
    assert first_fault(vault) is None
