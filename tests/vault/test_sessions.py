"""Reading, changing and consulting: what each session may do, and what it leaves in the log."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from oicdesk.errors import Refused, VaultError
from oicdesk.vault import drafts, log
from oicdesk.vault.tables import Activity, DeskUser, Draft
from oicdesk.vault.vault import APPROVER, OFFICER, REVIEWER, VIEWER, UnloggedChangeError, Vault
from tests.makers import make_vault
from tests.vault.folders import raw

OTHER = "saddle compass orchard"


def ask(vault: Vault, query: str) -> list[tuple]:
    connection = raw(vault)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def roles(vault: Vault) -> list[str]:
    return [role for (role,) in ask(vault, "SELECT role FROM desk_user ORDER BY id")]


@pytest.fixture
def peopled(vault: Vault) -> Vault:
    """A vault with tables of people of the test's own, so that no feature's columns matter here."""
    connection = raw(vault)
    connection.execute("CREATE TABLE person_test (id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("INSERT INTO person_test (name) VALUES ('Ada')")
    connection.execute("CREATE VIEW people_seen AS SELECT name FROM person_test")
    connection.close()
    return vault


# --- reading ---

WRITES = (
    "UPDATE desk_user SET role = 'Viewer'",
    "DELETE FROM desk_user",
    "INSERT INTO draft VALUES ('a', 'b', 'c', 1)",
    "REPLACE INTO draft VALUES ('a', 'b', 'c', 1)",
    "CREATE TABLE more (a)",
    "DROP TABLE draft",
    "PRAGMA user_version = 7",
    "WITH x AS (SELECT 1) UPDATE desk_user SET role = 'Viewer'",
)


@pytest.mark.parametrize("statement", WRITES)
def test_a_reading_session_cannot_write(vault, statement):
    before = ask(vault, "SELECT * FROM sqlite_master"), ask(vault, "SELECT * FROM desk_user")
    with pytest.raises((VaultError, DatabaseError)), vault.reading() as session:
        session.execute(text(statement))
        session.commit()
    assert (ask(vault, "SELECT * FROM sqlite_master"), ask(vault, "SELECT * FROM desk_user")) == before


def test_a_reading_session_cannot_write_by_object(vault):
    with pytest.raises((VaultError, DatabaseError)), vault.reading() as session:
        session.get(DeskUser, 1).role = VIEWER
        session.commit()
    assert roles(vault) == [OFFICER, OFFICER]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT name FROM person_test", "SELECT * FROM person_test", "SELECT count(*) FROM person_test",
        "SELECT 1 FROM PERSON_TEST", "SELECT p.name FROM desk_user, person_test p", "SELECT name FROM people_seen",
        "SELECT role FROM desk_user WHERE name IN (SELECT name FROM person_test)",
        "WITH p AS (SELECT name FROM person_test) SELECT * FROM p", "SELECT rowid FROM main.person_test",
        "SELECT * FROM person", "SELECT count(*) FROM person_category",
    ],
)  # fmt: skip
def test_a_reading_session_cannot_see_people(peopled, query):
    with pytest.raises(DatabaseError, match=r"prohibited|not authorized"), peopled.reading() as session:
        session.execute(text(query)).all()


def test_every_table_of_people_stays_closed_and_every_other_is_open_to_reading(vault):
    tables = [t for (t,) in ask(vault, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'")]
    people = [table for table in tables if table.startswith("person")]
    assert people
    for table in tables:
        with vault.reading() as session:
            query = text(f'SELECT count(*) FROM "{table}"')
            if table in people:
                with pytest.raises(DatabaseError):
                    session.execute(query)
            else:
                assert session.execute(query).scalar_one() >= 0


def test_a_reading_session_sees_one_moment(vault):
    with vault.reading() as session:
        before = log.head(session.connection())
        with vault.changing() as writing:
            log.record(writing, log.ALTERATION, referral=[1])
        assert log.head(session.connection()) == before
    assert vault.log_head().id == before.id + 1


# --- changing ---

BY_ORM, BY_CORE, BY_SQL = "orm", "core", "sql"


def change_role(session, how: str) -> None:
    if how == BY_ORM:
        session.get(DeskUser, 1).role = REVIEWER
    elif how == BY_CORE:
        session.execute(update(DeskUser).values(role=REVIEWER).execution_options(synchronize_session=False))
    else:
        session.execute(text(how if how != BY_SQL else "UPDATE desk_user SET role = 'Second reviewer' WHERE id = 1"))


HIDDEN_WRITES = (
    BY_ORM, BY_CORE, BY_SQL,
    "/* a note */ UPDATE desk_user SET role = 'Second reviewer'",
    "-- a note\nUPDATE desk_user SET role = 'Second reviewer'",
    "WITH x AS (SELECT 1 AS one) UPDATE desk_user SET role = 'Second reviewer' WHERE id = (SELECT one FROM x)",
    "UPDATE main.desk_user SET role = 'Second reviewer'",
    'update "desk_user" set role = \'Second reviewer\'',
    "UPDATE [desk_user] SET role = 'Second reviewer'",
    "UPDATE OR IGNORE desk_user SET role = 'Second reviewer'",
    "REPLACE INTO desk_user SELECT id, name, 'Second reviewer', slot, created_at, removed_at FROM desk_user",
    "INSERT INTO desk_user SELECT id, name, 'x', slot, created_at, removed_at FROM desk_user WHERE true"
    " ON CONFLICT (id) DO UPDATE SET role = 'Second reviewer'",
)  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN_WRITES)
@pytest.mark.parametrize("with_draft", [False, True], ids=["alone", "beside a draft"])
def test_a_change_without_a_log_entry_is_taken_back(vault, how, with_draft):
    with vault.changing() as session:
        drafts.save(session, "form", {"a": 1})
    with pytest.raises(UnloggedChangeError, match="desk_user"), vault.changing() as session:
        if with_draft:
            drafts.save(session, "form", {"a": 2})
        change_role(session, how)
    assert roles(vault) == [OFFICER, OFFICER]
    with vault.reading() as session:
        assert drafts.load(session, "form") == {"a": 1}


@pytest.mark.parametrize("how", HIDDEN_WRITES)
def test_the_same_change_with_a_log_entry_is_kept(vault, how):
    with vault.changing() as session:
        change_role(session, how)
        log.record(session, log.ALTERATION, desk_user=[1], fields=["role"])
    assert roles(vault)[0] == REVIEWER


@pytest.mark.parametrize(
    "bulk",
    [
        lambda session: session.execute(insert(Draft), [_draft("a"), _draft("b")]) and change_role(session, BY_CORE),
        lambda session: session.execute(delete(DeskUser).where(DeskUser.id == 2)),
        lambda session: session.add(DeskUser(name="Kit", role=VIEWER, slot="s", created_at=datetime.now(UTC))),
        lambda session: session.delete(session.get(DeskUser, 2)),
    ],
)
def test_bulk_and_unflushed_changes_are_seen_too(vault, bulk):
    with pytest.raises(UnloggedChangeError), vault.changing() as session:
        bulk(session)
    assert roles(vault) == [OFFICER, OFFICER]


def _draft(key: str) -> dict:
    return {"key": key, "content": "{}", "saved_at": datetime.now(UTC), "user_id": 1}


def test_the_body_cannot_commit_past_the_vault(vault):
    with pytest.raises(UnloggedChangeError), vault.changing() as session:
        change_role(session, BY_CORE)
        session.commit()
    assert roles(vault) == [OFFICER, OFFICER]


def test_an_entry_taken_back_with_its_savepoint_does_not_excuse_a_change(vault):
    with pytest.raises(UnloggedChangeError), vault.changing() as session:
        savepoint = session.begin_nested()
        log.record(session, log.ALTERATION, desk_user=[1])
        savepoint.rollback()
        change_role(session, BY_CORE)
    assert roles(vault) == [OFFICER, OFFICER]


def test_a_change_that_finds_no_row_needs_no_entry(vault):
    head = vault.log_head()
    with vault.changing() as session:
        session.execute(text("UPDATE desk_user SET role = 'Viewer' WHERE id = 999"))
    assert vault.log_head() == head


@pytest.mark.parametrize("fault", [Refused("no"), VaultError("no"), ValueError("no"), KeyboardInterrupt()])
def test_an_exception_takes_everything_back_and_passes_as_it_is(vault, fault):
    head, told = vault.log_head(), []
    vault.on_commit = told.append
    with pytest.raises(type(fault)) as raised, vault.changing() as session:
        change_role(session, BY_ORM)
        log.record(session, log.ALTERATION, desk_user=[1])
        raise fault
    assert raised.value is fault
    assert (roles(vault), vault.log_head(), told) == ([OFFICER, OFFICER], head, [])


def test_a_broken_constraint_takes_everything_back(vault):
    head = vault.log_head()
    with pytest.raises(IntegrityError), vault.changing() as session:
        log.record(session, log.ALTERATION, desk_user=[1])
        session.execute(text("INSERT INTO draft VALUES ('k', '{}', 'now', 999)"))
    assert vault.log_head() == head


def test_a_transaction_after_a_failed_one_works(vault):
    with pytest.raises(UnloggedChangeError), vault.changing() as session:
        change_role(session, BY_ORM)
    with vault.changing() as session:
        change_role(session, BY_ORM)
        log.record(session, log.ALTERATION, desk_user=[1])
    assert roles(vault)[0] == REVIEWER


def test_the_shell_hears_which_tables_changed_after_the_commit(vault):
    told = []
    vault.on_commit = lambda tables: told.append((tables, vault.log_head().id))
    head = vault.log_head().id
    with vault.changing() as session:
        change_role(session, BY_CORE)
        log.record(session, log.ALTERATION, desk_user=[1])
        assert told == []
    assert told == [(frozenset({"desk_user", "activity"}), head + 1)]


def test_the_shell_hears_nothing_of_a_transaction_that_wrote_nothing(vault):
    told = []
    vault.on_commit = told.append
    with vault.changing() as session:
        session.execute(select(DeskUser)).all()
    with vault.reading() as session:
        session.execute(select(DeskUser)).all()
    assert told == []


def test_tables_of_one_transaction_are_not_told_with_the_next(vault):
    told = []
    vault.on_commit = told.append
    with vault.changing() as session:
        drafts.save(session, "form", {})
    with vault.changing() as session:
        log.record(session, log.ALTERATION, desk_user=[1])
    assert told == [frozenset({"draft", "activity"}), frozenset({"activity"})]


def test_a_viewer_cannot_change_the_desk_by_any_session(path):
    vault = make_vault(path, role=VIEWER)
    try:
        with pytest.raises(Refused, match="viewer cannot change"), vault.changing():
            raise AssertionError("the body ran")
        with pytest.raises((VaultError, DatabaseError)), vault.consulting("look", referral=1) as session:
            session.execute(text("UPDATE desk_user SET role = 'OIC officer'"))
            session.commit()
        assert roles(vault) == [VIEWER, VIEWER]
    finally:
        vault.close()


@pytest.mark.parametrize("role", [OFFICER, APPROVER, REVIEWER])
def test_every_other_role_may_change_the_desk(path, role):
    vault = make_vault(path, role=role)
    try:
        with vault.changing() as session:
            log.record(session, log.ALTERATION, referral=[1])
    finally:
        vault.close()


def test_the_session_knows_who_is_at_the_desk(vault):
    for door in (vault.reading, vault.changing, vault.consulting):
        with door() as session:
            assert session.info["user"] == vault.user


# --- drafts: the one exception ---


def test_unsaved_drafts_are_the_one_exception_to_no_unlogged_write(vault):
    """First save and end are logged; the autosaves between touch only `draft` and leave no entry."""
    head = vault.log_head().id
    with vault.changing() as session:
        drafts.save(session, "referral:new", {"reason": "first"})
    assert vault.log_head().id == head + 1
    for number in range(5):
        with vault.changing() as session:
            drafts.save(session, "referral:new", {"reason": f"more {number}"})
    assert vault.log_head().id == head + 1
    with vault.reading() as session:
        assert drafts.load(session, "referral:new") == {"reason": "more 4"}
    with vault.changing() as session:
        drafts.end(session, "referral:new")
    assert vault.log_head().id == head + 2
    assert [o for (o,) in ask(vault, "SELECT operation FROM activity ORDER BY id DESC LIMIT 2")] == [
        log.ERASURE,
        log.COLLECTION,
    ]
    with vault.changing() as session:
        drafts.end(session, "referral:new")  # ended already: nothing to log
    assert vault.log_head().id == head + 2


def test_no_other_table_shares_the_exception_of_drafts(vault):
    tables = [
        name
        for (name,) in ask(vault, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        if "_fts_" not in name
    ]
    tried = 0
    for table in set(tables) - {"draft", "activity"}:
        if not ask(vault, f'SELECT 1 FROM "{table}" LIMIT 1'):
            continue
        tried += 1
        with pytest.raises(UnloggedChangeError), vault.changing() as session:
            session.execute(text(f'DELETE FROM "{table}"'))
    assert tried >= 2


def test_drafts_survive_closing_and_killing(vault, open_vault):
    with vault.changing() as session:
        drafts.save(session, "form", {"when": datetime(2026, 11, 24, tzinfo=UTC), "text": "š"})
    vault.close()
    with open_vault().reading() as session:
        assert drafts.load(session, "form") == {"when": "2026-11-24 00:00:00+00:00", "text": "š"}
        assert drafts.load(session, "other") is None


# --- consulting ---


def test_a_look_at_people_is_in_the_log_before_the_first_row_is_read(peopled):
    with peopled.consulting("people of a case", referral=[3, 4]) as session:
        operation, records, detail = ask(
            peopled, "SELECT operation, records, detail FROM activity ORDER BY id DESC LIMIT 1"
        )[0]
        assert (operation, records, detail) == (log.CONSULTATION, '{"referral":[3,4]}', "people of a case")
        assert session.execute(text("SELECT name FROM person_test")).all() == [("Ada",)]


def test_the_look_stays_in_the_log_when_the_reading_fails(peopled):
    head = peopled.log_head().id
    with pytest.raises(ZeroDivisionError), peopled.consulting(referral=3):
        raise ZeroDivisionError
    assert peopled.log_head().id == head + 1


def test_no_look_is_given_when_it_cannot_be_logged(peopled, monkeypatch):
    def fail(*_args, **_more):
        raise VaultError("The disk is full.")

    monkeypatch.setattr(log, "record", fail)
    with pytest.raises(VaultError), peopled.consulting(referral=3):
        raise AssertionError("the body ran")


@pytest.mark.parametrize("statement", ["UPDATE person_test SET name = 'Bo'", "DELETE FROM person_test", *WRITES])
def test_a_consulting_session_cannot_write(peopled, statement):
    with pytest.raises((VaultError, DatabaseError)), peopled.consulting(referral=3) as session:
        session.execute(text(statement))
        session.commit()
    assert ask(peopled, "SELECT name FROM person_test") == [("Ada",)]


def test_a_viewers_look_is_logged_under_their_name(vault, open_vault):
    vault.add_user("Vera", VIEWER, OTHER)
    vault.close()
    viewer = open_vault(OTHER)
    with viewer.consulting(referral=3):
        pass
    assert ask(viewer, "SELECT user, operation FROM activity ORDER BY id DESC LIMIT 1") == [("Vera", log.CONSULTATION)]


def test_people_can_be_read_and_written_while_changing(peopled):
    """An editor must read what it changes; that change is logged as one."""
    with peopled.changing() as session:
        session.execute(text("UPDATE person_test SET name = 'Bo' WHERE name = 'Ada'"))
        log.record(session, log.ALTERATION, person=[1], fields=["name"])
    assert ask(peopled, "SELECT name FROM person_test") == [("Bo",)]


def test_two_writers_wait_for_each_other_and_never_mix(vault):
    import threading

    heads, gate = [], threading.Barrier(3)

    def work() -> None:
        gate.wait()
        for number in range(20):
            with vault.changing() as session:
                log.record(session, log.ALTERATION, referral=[number])
                heads.append(session.execute(select(Activity.id).order_by(Activity.id.desc()).limit(1)).scalar_one())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(heads)) == 60
    assert vault.check_log()[0].ok
