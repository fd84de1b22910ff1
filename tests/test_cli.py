"""The commands as scripts use them: where options stand, secrets, exit codes, the vault and its log."""

import csv
import json
import logging
import os
import re
import sys
from pathlib import Path

import pytest

from oicdesk import machine
from oicdesk.vault.vault import APPROVER, Vault
from tests import command
from tests.command import NO_TRIGGERS
from tests.desks import APPROVERS, PASSPHRASE

box, busy = command.box, command.busy


# --- options, secrets, opening ---


def test_options_stand_before_or_after_the_words(box):
    vault, secret = ["--vault", box.vault], ["--passphrase-file", box.folder / "pass"]
    for words in (
        [*vault, *secret, "queue", "--json"],
        ["queue", "--json", *vault, *secret],
        [*vault, "queue", *secret, "--json"],
        [*secret, "--user", "Sam Ashby", "queue", "--json", *vault],
    ):
        assert box.run(*words, common=False).json == []
    for words in ([*vault, *secret, "vault", "verify"], ["vault", *vault, "verify", *secret]):
        assert box.run(*words, common=False).code == 0
    for words in ([*vault, *secret, "activity", "verify"], ["activity", "verify", *vault, *secret]):
        assert box.run(*words, common=False).code == 0


def test_the_suffix_is_added_and_the_last_vault_is_the_default(box):
    secret = ["--passphrase-file", box.folder / "pass"]
    assert box.run("queue", *secret, common=False).code == 1
    assert box.run("queue", "--vault", box.folder / "desk", *secret, common=False).code == 0
    assert machine.this().last_vault == box.vault
    assert box.run("queue", *secret, common=False).code == 0


@pytest.mark.parametrize("text", [PASSPHRASE, f"{PASSPHRASE}\r\nsecond line\n", f"\ufeff{PASSPHRASE}\n\n"])
def test_the_first_line_of_the_passphrase_file_is_the_passphrase(box, text):
    secret = box.folder / "other"
    secret.write_bytes(text.encode())
    assert box.run("queue", "--vault", box.vault, "--passphrase-file", secret, common=False).code == 0


def test_a_passphrase_that_cannot_be_had_is_refused_without_a_hang(box, monkeypatch):
    vault = ["--vault", box.vault]
    missing = box.run("queue", *vault, "--passphrase-file", box.folder / "none", common=False)
    assert (missing.code, "cannot be read" in missing.sentence) == (1, True)
    (box.folder / "binary").write_bytes(b"\xff\xfe\xff\xff\xff")
    assert box.run("queue", *vault, "--passphrase-file", box.folder / "binary", common=False).code == 1
    with (box.folder / "pass").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        nobody = box.run("queue", *vault, common=False)
    assert (nobody.code, "--passphrase-file" in nobody.sentence) == (1, True)


def stood(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes() if path.is_file() else b"", path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


def test_a_wrong_passphrase_writes_nothing_into_the_folder_and_is_counted_on_this_computer(box):
    box.file("wrong", "tractor lantern viola\n")
    before = stood(box.vault)
    for count in (1, 2):
        for words in (["queue"], ["vault", "verify"])[count - 1 : count]:
            answer = box.run(*words, "--vault", box.vault, "--passphrase-file", box.folder / "wrong", common=False)
            assert answer.code == 3
            assert "passphrase is wrong" in answer.sentence
        assert machine.this().failures(box.vault) == count
    assert stood(box.vault) == before
    assert PASSPHRASE not in machine.this().file.read_text()
    assert box.run("queue").code == 0
    assert machine.this().failures(box.vault) == 0


def test_a_named_user_opens_with_their_own_passphrase_only(box):
    with Vault.open(box.vault, PASSPHRASE) as vault:
        vault.add_user("Kit Lowe", APPROVER, APPROVERS)
    assert box.run("queue", "--user", "sam ashby").code == 0
    assert box.run("queue", "--user", "Kit Lowe").code == 3
    assert box.run("queue", "--user", "Nobody").code == 3
    box.file("kit", APPROVERS)
    kit = ["--vault", box.vault, "--passphrase-file", box.folder / "kit"]
    assert box.run("queue", *kit, common=False).code == 0
    assert box.run("vault", "backup", box.folder / "b", *kit, common=False).code == 0
    assert box.log()[-1]["user"] == "Kit Lowe"


def test_a_vault_that_is_not_there_or_open_elsewhere_is_refused(box):
    gone = box.run("queue", "--vault", box.folder / "gone", "--passphrase-file", box.folder / "pass", common=False)
    assert (gone.code, "no vault" in gone.sentence) == (3, True)
    with Vault.open(box.vault, PASSPHRASE):
        held = box.run("queue")
    assert (held.code, "already open elsewhere" in held.sentence) == (3, True)
    assert box.run("queue").code == 0


def test_a_lock_whose_holder_is_dead_is_taken_over_without_asking_and_logged(box):
    (box.vault / "lock").write_text("somebody on laptop, process 1\n")
    assert box.run("queue", "--json").json == []
    assert "taken over" in box.log()[-1]["detail"]


@pytest.mark.parametrize(
    "words",
    [
        ["unheard"], ["queue", "--unheard"], ["import", "pigeons", "x.csv"], ["import", "referrals"], ["vault"],
        ["activity"], ["report"], ["report", "coverage"], ["figures", "--force", "Essex"], ["vault", "create"],
        ["demo", "--today", "yesterday"], ["report", "coverage", "--out", "x.pdf", "--format", "odt"],
    ],
)  # fmt: skip
def test_wrong_usage_is_2(box, words):
    answer = box.run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "--help" in answer.sentence or "--list" in answer.sentence


def test_a_damaged_key_file_names_the_option_that_opens_with_the_one_before(box):
    keys = box.vault / "keys.json"
    whole = keys.read_bytes()
    keys.write_bytes(b"nonsense")
    answer = box.run("queue")
    assert (answer.code, "--previous-keys" in answer.sentence) == (3, True)
    assert keys.read_bytes() == b"nonsense"
    assert box.run("queue", "--previous-keys").code == 0
    assert keys.read_bytes() == whole
    assert "previous key file" in box.log()[-1]["detail"]
    (box.vault / "keys.json.previous").write_bytes(b"nonsense")
    keys.write_bytes(b"nonsense")
    both = box.run("--previous-keys", "queue")
    assert (both.code, "keys.json.previous" in both.sentence) == (3, True)


def test_help_and_version_are_0(box):
    assert "self-test" in box.run("--help", common=False).out
    assert re.fullmatch(r"oicdesk \S+\n", box.run("--version", common=False).out)


def test_a_fault_of_the_program_is_one_sentence_without_contents(box, monkeypatch):
    def broken(*_args, **_more):
        raise ValueError("Quillfeather")

    monkeypatch.setattr("oicdesk.documents.records.figures", broken)
    answer = box.run("figures")
    noted = logging.getLogger("oicdesk")
    for handler in noted.handlers:
        handler.close()
    noted.handlers.clear()
    assert (answer.code, answer.out) == (1, "")
    assert "ValueError" in answer.sentence
    assert "Quillfeather" not in answer.err
    logs = [path.read_text() for path in Path(os.environ["XDG_STATE_HOME"]).rglob("*.log")]
    assert len(logs) == 1
    assert "ValueError" in logs[0]
    assert "Quillfeather" not in logs[0]


# --- create ---


def create(box, path, *more, secret=PASSPHRASE):
    box.file("new", secret)
    return box.run("vault", "create", path, "--passphrase-file", box.folder / "new", *more, common=False)


def test_a_vault_is_created_without_asking_and_its_recovery_key_opens_it(box):
    key_file = box.folder / "recovery"
    answer = create(box, box.folder / "made", "--recovery-key-file", key_file, "--user", "Robin Vale")
    assert (answer.code, answer.err) == (0, "")
    made = box.folder / "made.oicdesk"
    assert {path.name for path in made.iterdir()} >= {"desk.db", "keys.json", "backups"}
    assert made.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made.iterdir() if path.is_file()} == {0o600}
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.read_text().strip() not in answer.out
    with Vault.open(made, key_file.read_text().strip()) as vault:
        assert [(user.name, user.role) for user in vault.users()] == [("Robin Vale", "OIC officer")]
    assert box.run("queue", "--passphrase-file", key_file, "--vault", made, common=False).code == 0
    assert json.loads((made / "keys.json").read_text())["slots"][0]["memory_kib"] >= 64 * 1024


def test_the_first_user_is_the_computers_account_unless_named(box):
    import getpass

    create(box, box.folder / "made", "--recovery-key-file", box.folder / "key")
    with Vault.open(box.folder / "made", PASSPHRASE) as vault:
        assert vault.user.name == getpass.getuser()


def test_creating_refuses_to_overwrite_a_key_file_or_a_vault_and_a_short_passphrase(box):
    kept = box.file("key", "something else\n")
    answer = create(box, box.folder / "made", "--recovery-key-file", kept)
    assert (answer.code, "already a file" in answer.sentence) == (1, True)
    assert kept.read_text() == "something else\n"
    before = stood(box.vault)
    answer = create(box, box.vault, "--recovery-key-file", box.folder / "key2")
    assert (answer.code, "already something" in answer.sentence) == (1, True)
    assert stood(box.vault) == before
    answer = create(box, box.folder / "made", "--recovery-key-file", box.folder / "key2", secret="short")
    assert (answer.code, "too short" in answer.sentence) == (1, True)
    assert not (box.folder / "made.oicdesk").exists()
    assert not (box.folder / "key2").exists()


def test_without_a_key_file_and_a_terminal_nothing_is_created(box, monkeypatch):
    with (box.folder / "pass").open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        answer = create(box, box.folder / "made")
    assert (answer.code, "--recovery-key-file" in answer.sentence) == (1, True)
    assert not (box.folder / "made.oicdesk").exists()


def test_a_key_file_that_cannot_be_written_leaves_no_vault_that_nobody_could_recover(box):
    answer = create(box, box.folder / "made", "--recovery-key-file", box.folder / "no" / "such" / "folder")
    assert answer.code in (1, 3)
    assert answer.sentence
    assert not (box.folder / "made.oicdesk").exists()


# --- verify, back up, restore ---


def test_a_whole_vault_verifies_line_by_line(box):
    answer = box.run("vault", "verify")
    assert (answer.code, answer.err) == (0, "")
    assert all(line.startswith("ok ") for line in answer.out.splitlines())


@pytest.mark.parametrize("name", ["desk.db", "keys.json"])
def test_one_flipped_byte_anywhere_is_noticed(busy, name):
    file = busy.vault / name
    whole = file.read_bytes()
    places = {0, 15, 16, 100, 4095, len(whole) // 3, len(whole) // 2, len(whole) - 2, len(whole) - 1}
    for place in sorted(place for place in places if place < len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        answer = busy.run("vault", "verify")
        assert answer.code == 3, f"{name} at {place}"
        assert answer.sentence
        file.write_bytes(whole)
    assert busy.run("vault", "verify").code == 0


def test_a_vault_cut_short_or_without_its_database_is_noticed(busy):
    file = busy.vault / "desk.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:-4096])
    assert busy.run("vault", "verify").code == 3
    file.unlink()
    answer = busy.run("vault", "verify")
    assert (answer.code, "missing" in answer.sentence) == (3, True)
    assert not file.exists()


def test_a_backup_is_one_file_that_is_restored_to_a_new_place(busy):
    answer = busy.run("vault", "backup", busy.folder / "copy", "--recipient", "DI", "--purpose", "Safe keeping")
    copy = busy.folder / "copy.oicbackup"
    assert (answer.code, copy.stat().st_mode & 0o777) == (0, 0o600)
    assert (busy.log()[-1]["recipient"], busy.log()[-1]["operation"]) == ("DI", "disclosure")
    secret = ["--passphrase-file", busy.folder / "pass"]
    assert busy.run("vault", "restore", copy, busy.folder / "back", *secret, common=False).code == 0
    back = ["--vault", busy.folder / "back.oicdesk", *secret]
    assert busy.run("queue", "--json", *back, common=False).json == busy.run("queue", "--json").json
    assert busy.run("vault", "verify", *back, common=False).code == 0


def test_a_restore_never_overwrites_unless_told_and_then_moves_aside(busy):
    busy.run("vault", "backup", busy.folder / "copy")
    secret = ["--passphrase-file", busy.folder / "pass"]
    before = stood(busy.vault)
    answer = busy.run("vault", "restore", busy.folder / "copy.oicbackup", busy.vault, *secret, common=False)
    assert (answer.code, "--replace" in answer.sentence) == (1, True)
    assert stood(busy.vault) == before
    answer = busy.run(
        "vault", "restore", busy.folder / "copy.oicbackup", busy.vault, "--replace", *secret, common=False
    )
    assert answer.code == 0
    (aside,) = busy.folder.glob("desk.replaced-*.oicdesk")
    assert str(aside) in answer.out
    assert len(busy.run("queue", "--json").json) == 2


def test_a_restore_with_a_wrong_passphrase_or_of_no_backup_leaves_nothing(busy):
    busy.run("vault", "backup", busy.folder / "copy")
    busy.file("wrong", "tractor lantern viola")
    target = busy.folder / "back"
    wrong = ["--passphrase-file", busy.folder / "wrong"]
    assert busy.run("vault", "restore", busy.folder / "copy.oicbackup", target, *wrong, common=False).code == 3
    secret = ["--passphrase-file", busy.folder / "pass"]
    for file in (busy.folder / "none.oicbackup", busy.list(name="text.oicbackup")):
        answer = busy.run("vault", "restore", file, target, *secret, common=False)
        assert (answer.code, bool(answer.sentence)) == (3, True)
    whole = (busy.folder / "copy.oicbackup").read_bytes()
    (busy.folder / "bad.oicbackup").write_bytes(whole[:5000] + b"!" + whole[5001:])
    assert busy.run("vault", "restore", busy.folder / "bad.oicbackup", target, *secret, common=False).code == 3
    assert not list(busy.folder.glob("*back*oicdesk*"))


# --- the log ---


def test_a_whole_log_verifies(busy):
    answer = busy.run("activity", "verify")
    assert (answer.code, answer.err) == (0, "")
    assert "entries whole" in answer.out


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE activity SET fields = '[\"none\"]' WHERE id = 4", 4),
        ("UPDATE activity SET user = 'Nobody' WHERE id = 3", 3),
        ("DELETE FROM activity WHERE id = 3", 3),
        ("UPDATE activity SET id = CASE id WHEN 3 THEN -4 ELSE -3 END WHERE id IN (3, 4)", 3),
    ],
)
def test_a_row_changed_behind_the_programs_back_is_found_and_the_first_is_named(busy, statement, first_bad):
    statements = [statement]
    if "-4" in statement:
        statements.append("UPDATE activity SET id = -id WHERE id < 0")
    busy.raw(*NO_TRIGGERS, *statements)
    answer = busy.run("activity", "verify")
    assert answer.code == 3
    assert f"Entry {first_bad} of the log" in answer.sentence
    assert busy.run("vault", "verify").code == 3
    opening = busy.run("queue")
    assert (opening.code, "not opened" in opening.sentence) == (3, True)


def test_the_triggers_refuse_what_a_visitor_would_try(busy):
    for statement in (
        "UPDATE activity SET user = 'x'", "DELETE FROM activity",
        "INSERT OR REPLACE INTO activity SELECT * FROM activity WHERE id = 2",
        "INSERT INTO activity SELECT id + 100, at, user, os_account, operation, records, fields, recipient,"
        " purpose, detail, prev, hash FROM activity WHERE id = 2",
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"append-only|must follow"):
            busy.raw("PRAGMA recursive_triggers=ON", statement)
    assert busy.run("activity", "verify").code == 0


def test_an_end_cut_off_is_found_against_the_last_backup(busy):
    assert busy.run("vault", "backup", busy.folder / "copy").code == 0
    assert busy.run("activity", "verify").code == 0
    last = len(busy.log())
    busy.raw(*NO_TRIGGERS, f"DELETE FROM activity WHERE id >= {last - 1}")
    answer = busy.run("activity", "verify")
    assert (answer.code, "cut off" in answer.sentence) == (3, True)


def test_an_end_cut_off_is_found_against_a_printed_head(busy):
    with Vault.open(busy.vault, PASSPHRASE) as vault:
        printed = str(vault.log_head())
    assert busy.run("activity", "verify", "--head", printed).code == 0
    busy.raw(*NO_TRIGGERS, "DELETE FROM activity WHERE id = (SELECT max(id) FROM activity)")
    assert busy.run("activity", "verify").code == 0  # nothing inside the vault can know it
    answer = busy.run("activity", "verify", "--head", printed)
    assert (answer.code, "cut off" in answer.sentence) == (3, True)
    other = f"2:{'0' * 64}"
    assert "not the one" in busy.run("activity", "verify", "--head", other).sentence
    assert busy.run("activity", "verify", "--head", "12").code == 1


def test_the_log_leaves_as_csv_or_json_and_says_so_in_itself(busy):
    count = len(busy.log())
    answer = busy.run("activity", "export", busy.folder / "log.json", "--recipient", "Commissioner")
    assert answer.code == 0
    told = json.loads((busy.folder / "log.json").read_text())
    entries = told["entries"] if isinstance(told, dict) else told
    assert len(entries) >= count
    entry = busy.log()[-1]
    assert (entry["operation"], entry["recipient"]) == ("disclosure", "Commissioner")
    assert busy.run("activity", "export", busy.folder / "log.csv").code == 0
    with (busy.folder / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][0].startswith("OFFICIAL-SENSITIVE")
    assert {(busy.folder / name).stat().st_mode & 0o777 for name in ("log.csv", "log.json")} == {0o600}
    assert busy.run("activity", "export", busy.folder / "log.exe").code == 1
