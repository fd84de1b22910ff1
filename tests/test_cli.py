"""The commands as scripts use them: where options stand, what is printed, the shapes, the exit codes."""

import csv
import json
import logging
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from oicdesk import machine
from oicdesk.cli import has_screen, main
from oicdesk.desk import new_desk
from oicdesk.settings.records import change_settings
from oicdesk.vault.connection import connect
from oicdesk.vault.keys import put
from oicdesk.vault.vault import APPROVER, Vault
from tests.desks import APPROVERS, CHEAP, PASSPHRASE, Desk

ROOT = Path(__file__).resolve().parents[1]
HEADER = "Incident No,Date,Time,Force,Team,Collar,Reporting Officer,Call Type,Persons"
LINES = (
    'SC-1,16/11/2026,09:30,Suffolk,Ipswich,pc 7191,"MARSH, Jo",Person in custody,2',
    'SC-2,17/11/2026,10:15,Norfolk,Norwich,PC 12,"HART, Kim",Status check,1',
    'SC-3,31/02/2026,10:15,Norfolk,Norwich,PC 12,"HART, Kim",Status check,1',
    ",,,,,,,,",
)


@dataclass
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        assert line[-1] in ".!?"
        assert "Traceback" not in self.err
        return line


@dataclass
class Box:
    """A vault on disk, closed, and the files that open it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    key: bytes = b""
    common: list[str] = field(default_factory=list)

    @property
    def vault(self) -> Path:
        return self.folder / "desk.oicdesk"

    def run(self, *words: object, common: bool = True) -> Answer:
        self.capsys.readouterr()
        try:
            code = main([str(word) for word in (*words, *(self.common if common else ()))])
        except SystemExit as end:
            code = int(end.code or 0)
        return Answer(code, *self.capsys.readouterr())

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def list(self, *lines: str, name: str = "list.csv") -> Path:
        return self.file(name, "\n".join((HEADER, *(lines or LINES))) + "\n")

    def change(self, work, *args, **more):
        with Vault.open(self.vault, PASSPHRASE) as vault:
            return Desk(vault).do(work, *args, **more)

    def log(self):
        with Vault.open(self.vault, PASSPHRASE, check_log=False) as vault:
            return Desk(vault).log()

    def raw(self, *statements: str) -> None:
        """Write into the database behind the program's back."""
        connection = connect(self.vault / "desk.db", self.key)
        for statement in statements:
            connection.execute(statement)
        connection.close()


NO_TRIGGERS = (
    "DROP TRIGGER activity_is_never_altered",
    "DROP TRIGGER activity_is_never_removed",
)


@pytest.fixture
def box(tmp_path, capsys):
    made = Box(tmp_path, capsys)
    vault, _key = new_desk(made.vault, PASSPHRASE, "Sam Ashby", now=datetime(2025, 1, 2, tzinfo=UTC), kdf=CHEAP)
    made.key = vault._key
    vault.close()
    made.common = ["--vault", str(made.vault), "--passphrase-file", str(made.file("pass", f"{PASSPHRASE}\n"))]
    return made


@pytest.fixture
def busy(box):
    """The box with two contacts imported."""
    assert box.run("import", "referrals", box.list(*LINES[:2])).code == 0
    return box


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
    assert answer.err
    assert "Traceback" not in answer.err


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


# --- import ---


def test_an_import_prints_its_counts_and_ends_with_1_for_problem_rows_only(box):
    answer = box.run("import", "referrals", box.list(), "--json")
    assert (answer.code, answer.err) == (1, "")
    told = answer.json
    numbers = {name: value for name, value in told.items() if isinstance(value, int)}
    assert numbers == {
        "rows": 4, "blank": 1, "imported": 2, "already_there": 0, "problems": 1, "warnings": 0,
    }  # fmt: skip
    assert [row["line"] for row in told["problem_rows"]] == [4]
    assert told["problem_rows"][0]["reasons"] == ["Contact date: There is no 31 February."]
    again = box.run("import", "referrals", box.list(*LINES[:2]), "--json")
    assert again.code == 0
    assert (again.json["imported"], again.json["already_there"]) == (0, 2)


def test_a_warning_is_no_problem(box):
    line = 'SC-1,16/11/2026,09:30,,Ipswich,pc 7191,"MARSH, Jo",Person in custody,2'
    answer = box.run("import", "referrals", box.list(line, LINES[0]), "--json")
    assert (answer.code, answer.json["warnings"], answer.json["imported"]) == (0, 2 - 1, 2)


def test_without_json_the_counts_and_reasons_are_words(box):
    answer = box.run("import", "referrals", box.list())
    assert answer.out.startswith("rows 4, blank 1, imported 2, already there 0, problems 1, warnings 0")
    assert "line 4: " in answer.out


def test_a_dry_run_writes_nothing(box):
    entries = len(box.log())
    answer = box.run("import", "referrals", box.list(), "--json", "--dry-run")
    assert (answer.code, answer.json["imported"]) == (1, 2)
    assert len(box.log()) == entries
    assert box.run("queue", "--json").json == []


def test_all_or_nothing_refuses_the_whole_file(box):
    answer = box.run("import", "referrals", box.list(), "--all-or-nothing", "--json")
    assert (answer.code, answer.out) == (1, "")
    assert "1 of 4 rows have problems" in answer.sentence
    assert box.run("queue", "--json").json == []
    assert box.run("import", "referrals", box.list(*LINES[:2]), "--all-or-nothing", "--json").code == 0


def test_the_problem_rows_are_written_apart_and_can_be_mended_and_imported(box):
    problems = box.folder / "problems.csv"
    answer = box.run("import", "referrals", box.list(), "--json", "--problems", problems)
    with problems.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) - 2 == answer.json["problems"] == 1
    assert rows[0][0] == "OFFICIAL-SENSITIVE"
    assert rows[2][0] == "4"
    assert rows[2][2:] == next(csv.reader([LINES[2]]))
    assert problems.stat().st_mode & 0o777 == 0o600
    assert "disclosure" in {entry["operation"] for entry in box.log()}
    mended = box.file("mended.csv", problems.read_text(encoding="utf-8-sig").replace("31/02/2026", "28/02/2026"))
    assert box.run("import", "referrals", mended, "--json").json["imported"] == 1


def test_a_mapping_that_is_not_settled_is_refused_and_names_what_is_not(box):
    odd = box.file("odd.csv", 'Alpha,Beta\n"MARSH, Jo",something\n"HART, Kim",other\n')
    answer = box.run("import", "referrals", odd)
    assert answer.code == 1
    for label in ("Contact date", "Force", "Contact reason"):
        assert label in answer.sentence


def test_a_mapping_is_remembered_by_its_header_and_can_be_given_by_name(box):
    from oicdesk.referrals import sheet
    from oicdesk.settings.records import remember_mapping

    columns = ("Zahl", "Tag", "Stunde", "Land", "Trupp", "Nummer", "Beamter", "Art", "Leute")
    targets = ("incident_ref", "contact_date", "contact_time", "force", "team", "officer_collar", "officer_name",
               "reason", "persons")  # fmt: skip
    kept = {
        "columns": dict(zip(targets, columns, strict=True)),
        "values": {"reason": {"Haft": "person_in_custody"}, "force": {"Sfk": "Suffolk"}},
    }
    box.change(remember_mapping, sheet.KIND, "another header", kept, at=datetime(2026, 1, 1, tzinfo=UTC), name="Kiel")
    line = 'K-1,16/11/2026,09:30,Sfk,Hafen,PC 1,"MARSH, Jo",Haft,1'
    foreign = box.file("foreign.csv", f"{','.join(columns)}\n{line}\n")
    assert box.run("import", "referrals", foreign).code == 1
    answer = box.run("import", "referrals", foreign, "--mapping", "Nobody's")
    assert (answer.code, "no mapping called" in answer.sentence) == (1, True)
    assert box.run("import", "referrals", foreign, "--mapping", "Kiel", "--json").json["imported"] == 1
    # The header is remembered now.
    assert box.run("import", "referrals", foreign, "--json").json["already_there"] == 1
    (row,) = box.run("queue", "--json").json
    assert (row["force"], row["reason"], row["team"]) == ("Suffolk", "Person in custody", "Hafen")


@pytest.mark.parametrize(
    ("setting", "value", "word"), [("import_max_rows", 3, "rows"), ("import_max_columns", 5, "columns")]
)
def test_a_file_beyond_the_desks_limits_is_refused_in_a_sentence(box, setting, value, word):
    box.change(change_settings, {setting: value}, at=datetime(2026, 1, 1, tzinfo=UTC))
    answer = box.run("import", "referrals", box.list())
    assert (answer.code, word in answer.sentence) == (1, True)
    assert box.run("queue", "--json").json == []


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", b"", b"\x00\x01\x02\x03"])
def test_what_is_no_spreadsheet_is_refused_in_a_sentence(box, content):
    path = box.folder / "list.csv"
    path.write_bytes(content)
    answer = box.run("import", "referrals", path)
    assert (answer.code, bool(answer.sentence)) == (1, True)
    assert box.run("import", "referrals", box.folder / "none.csv").code == 1


# --- queue and figures ---

QUEUE = {
    "ref": str, "force": str, "team": str, "reporting_officer": str, "collar": str, "reason": str,
    "contact_at": str, "due_at": (str, type(None)), "status": str, "overdue": bool, "age_working_days": int,
    "persons": int,
}  # fmt: skip


def test_the_queue_has_the_shape_of_the_contract(busy):
    rows = busy.run("queue", "--json").json
    assert [list(row) for row in rows] == [list(QUEUE)] * 2
    for row in rows:
        for name, kind in QUEUE.items():
            assert isinstance(row[name], kind), name
            assert not (kind is int and isinstance(row[name], bool))
    first, second = rows
    assert first | {"age_working_days": 0} == {
        "ref": "OIC-2026-0001", "force": "Suffolk", "team": "Ipswich", "reporting_officer": "MARSH, Jo",
        "collar": "PC 7191", "reason": "Person in custody", "contact_at": "2026-11-16T09:30:00+00:00",
        "due_at": "2026-11-17T09:30:00+00:00", "status": "AWAITING_DOCUMENT", "overdue": True,
        "age_working_days": 0, "persons": 2,
    }  # fmt: skip
    assert (second["status"], second["due_at"], second["overdue"]) == ("SCOPE_QUERY", None, False)
    assert datetime.fromisoformat(first["contact_at"]).tzinfo is not None
    words = busy.run("queue").out
    assert "OIC-2026-0001  AWAITING_DOCUMENT" in words
    assert words.endswith("2 open.\n")


def test_the_queue_leaves_out_what_is_closed_exempt_or_a_duplicate(busy):
    from oicdesk.referrals import records

    busy.change(records.mark_duplicate, 2, 1, "Same.", at=datetime(2026, 11, 20, tzinfo=UTC))
    assert [row["ref"] for row in busy.run("queue", "--json").json] == ["OIC-2026-0001"]


def test_the_figures_have_the_shape_of_the_contract(busy):
    found = busy.run("figures", "--json").json
    assert found["force"] == "Joint"
    assert found["denominator"] == "self-declared"
    assert datetime.fromisoformat(found["as_at"]).tzinfo is not None
    coverage = found["coverage"]
    for name in ("in_scope", "submitted", "not_yet_due", "overdue", "scope_queries"):
        assert type(coverage[name]) is int, name
    assert (coverage["in_scope"], coverage["percent"], coverage["scope_queries"]) == (1, 0.0, 1)
    assert coverage["exempt"] == {}
    assert found["on_time"] == {"due": 1, "on_time": 0, "percent": 0.0}
    norfolk = busy.run("figures", "--json", "--force", "Norfolk").json
    assert (norfolk["force"], norfolk["coverage"]["percent"], norfolk["on_time"]["percent"]) == ("Norfolk", None, None)
    assert "In scope 1" in busy.run("figures").out


@pytest.mark.parametrize(
    ("when", "as_at", "overdue"),
    [
        ("2026-11-17", "2026-11-17T23:59:59.999999+00:00", 1),
        ("2026-11-16", "2026-11-16T23:59:59.999999+00:00", 0),
        ("2026-11-17T09:30", "2026-11-17T09:30:00+00:00", 0),
        ("2026-11-17T09:30:01", "2026-11-17T09:30:01+00:00", 1),
        ("2026-11-17T10:30:01+01:00", "2026-11-17T09:30:01+00:00", 1),
        ("2026-07-01", "2026-07-01T22:59:59.999999+00:00", None),
    ],
)
def test_an_as_at_day_is_its_end_in_london(busy, when, as_at, overdue):
    found = busy.run("figures", "--json", "--as-at", when).json
    assert datetime.fromisoformat(found["as_at"]) == datetime.fromisoformat(as_at)
    coverage = found["coverage"]
    if overdue is None:
        assert coverage["in_scope"] == 0
    else:
        assert (coverage["overdue"], coverage["not_yet_due"]) == (overdue, 1 - overdue)


@pytest.mark.parametrize("when", ["tomorrow", "2026-13-01", "2026-03-29T01:30"])
def test_an_as_at_that_is_no_time_is_refused(box, when):
    answer = box.run("figures", "--as-at", when)
    assert (answer.code, bool(answer.sentence)) == (1, True)


# --- reports ---


def test_reports_are_listed_without_a_vault(box):
    answer = box.run("report", "--list", common=False)
    assert answer.code == 0
    assert answer.out.startswith("coverage  ")


@pytest.mark.parametrize(("name", "start"), [("a.pdf", b"%PDF"), ("a.docx", b"PK"), ("A.XLSX", b"PK")])
def test_the_format_follows_the_suffix(busy, name, start):
    out = busy.folder / name
    answer = busy.run("report", "coverage", "--out", out, "--recipient", "DI", "--purpose", "Audit")
    assert (answer.code, answer.err) == (0, "")
    assert out.read_bytes().startswith(start)
    assert out.stat().st_mode & 0o777 == 0o600
    entry = busy.log()[-1]
    assert (entry["operation"], entry["recipient"], entry["purpose"]) == ("disclosure", "DI", "Audit")


def test_a_format_gives_the_suffix_or_has_to_agree_with_it(busy):
    assert busy.run("report", "coverage", "--out", busy.folder / "a", "--format", "docx").code == 0
    assert (busy.folder / "a.docx").read_bytes().startswith(b"PK")
    assert busy.log()[-1]["purpose"] == "own use"
    assert busy.log()[-1]["recipient"] == "Sam Ashby"
    for words in (["a.pdf", "--format", "docx"], ["a.odt"], ["a"]):
        answer = busy.run("report", "coverage", "--out", busy.folder / words[0], *words[1:])
        assert (answer.code, bool(answer.sentence)) == (1, True), words
        assert not (busy.folder / "a.odt").exists()
    assert busy.run("report", "unheard", "--out", busy.folder / "a.pdf").code == 1


def test_a_report_that_cannot_be_written_is_told_and_leaves_nothing(busy):
    answer = busy.run("report", "coverage", "--out", busy.folder / "no" / "a.pdf")
    assert answer.code in (1, 3)
    assert answer.sentence
    assert not (busy.folder / "no").exists()


def test_a_report_holds_the_figures_of_its_instant_and_force(busy):
    out = busy.folder / "a.pdf"
    busy.run("report", "coverage", "--out", out, "--force", "Suffolk", "--as-at", "2026-11-17")
    with pypdfium2.PdfDocument(out) as pdf:
        text = " ".join(page.get_textpage().get_text_range() for page in pdf)
    flat = " ".join(text.split())
    assert "0 of 1 cases in scope have a submitted document (0.0%). 1 are overdue and 0 are not yet due." in flat
    assert "OIC-2026-0001" in flat
    assert "Norwich" not in flat


# --- real processes ---


def process(box, *words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "oicdesk", *map(str, words), *box.common], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_a_real_process_prints_json_only_and_ends_with_its_code(busy):
    done = process(busy, "queue", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(json.loads(done.stdout)) == 2
    done = process(busy, "import", "referrals", busy.list(), "--json")
    assert (done.returncode, done.stderr, json.loads(done.stdout)["problems"]) == (1, "", 1)
    done = process(busy, "figures", "--as-at", "never")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert process(busy, "unheard").returncode == 2
    put(busy.folder / "pass", b"tractor lantern viola\n")
    done = process(busy, "queue")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)


def test_a_pipe_that_closes_early_leaves_no_traceback(busy):
    words = [sys.executable, "-m", "oicdesk", "activity", "verify", *busy.common]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        running.stdout.close()
        told = running.stderr.read()
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, False),
        ({"QT_QPA_PLATFORM": "minimal", "DISPLAY": ":0"}, False),
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "xcb", "DISPLAY": ":0"}, True),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_a_screen_is_known_by_the_environment(monkeypatch, environment, expected):
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_screen() is expected
