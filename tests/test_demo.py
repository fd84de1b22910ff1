"""The fictional desk: the same for the same day, only in its own folder, readable nowhere outside the vault."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select, text

from oicdesk import demo
from oicdesk.audits.records import audits
from oicdesk.cli import main
from oicdesk.comms.records import items
from oicdesk.desk import REPORTS
from oicdesk.documents.records import figures
from oicdesk.errors import Refused, VaultError
from oicdesk.measures.records import side_by_side
from oicdesk.referrals.records import Referral
from oicdesk.settings.rules import end_of_day, london_day
from oicdesk.training.records_figures import counts
from oicdesk.vault.tables import Stored
from oicdesk.vault.vault import Vault

TODAY = date(2026, 11, 23)
CASES = 30


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small demo desk, built once."""
    folder = tmp_path_factory.mktemp("demo") / "one"
    return folder, demo.build(folder, TODAY, cases=CASES)


NOT_COMPARED = {  # keys, and the real times of the log and of what left the desk
    ("activity", "at"), ("activity", "prev"), ("activity", "hash"), ("desk_user", "slot"), ("desk_user", "created_at"),
    ("disclosure", "at"),
}  # fmt: skip


def contents(path):
    """Every row of every table of a desk, without keys and the log's real times; and its figures."""
    with Vault.open(path, demo.PASSPHRASE) as vault, vault.consulting() as session:
        found = {}
        for table in sorted(set(Stored.metadata.tables) | {"person"}):
            columns = [row[1] for row in session.execute(text(f"PRAGMA table_info({table})"))]
            kept = ", ".join(f'"{column}"' for column in columns if (table, column) not in NOT_COMPARED)
            where = " WHERE operation <> 'consultation'" if table == "activity" else ""
            found[table] = session.execute(text(f"SELECT {kept} FROM {table}{where} ORDER BY 1, 2")).all()
        scopes = [figures(session, as_at=end_of_day(TODAY), force=f) for f in ("Suffolk", "Norfolk", "Joint")]
        trained = [counts(session, TODAY, force) for force in ("Suffolk", "Norfolk", "Joint")]
        return found, scopes, trained


def pdf_text(path):
    with pypdfium2.PdfDocument(path) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


def test_the_same_day_gives_the_same_references_texts_and_figures(built, tmp_path):
    folder, first = built
    second = demo.build(tmp_path / "two", TODAY, cases=CASES)
    one, other = contents(first.vault), contents(second.vault)
    assert [table for table in one[0] if one[0][table] != other[0][table]] == []
    assert len(one[0]) > 40 and one[1:] == other[1:]
    told = [line for line in first.lines if str(folder) not in line]
    assert told == [line for line in second.lines if str(tmp_path) not in line]
    assert len(told) == 8
    assert (folder / "demo.oicdesk" / "desk.db").read_bytes() != (second.vault / "desk.db").read_bytes()


def test_another_day_gives_another_desk(built, tmp_path):
    other = demo.build(tmp_path / "other", TODAY - timedelta(days=30), cases=CASES)
    assert contents(built[1].vault)[0] != contents(other.vault)[0]


def test_on_the_day_itself_the_hour_makes_no_difference_and_nothing_lies_in_the_future():
    real = datetime.now(UTC)
    present = demo._present(london_day(real))
    assert present == demo._present(london_day(real))
    assert present <= real
    assert (present.microsecond, london_day(present + timedelta(seconds=1))) == (0, london_day(real))


def test_the_demo_holds_something_of_everything(built):
    with Vault.open(built[1].vault, demo.PASSPHRASE) as vault, vault.consulting() as session:
        filled = (
            "referral", "document", "person", "chaser", "document_event", "import_batch", "learner", "completion",
            "completion_match", "training_exclusion", "hydra_event", "hydra_decision", "training_reminder",
            "comms_item", "comms_campaign", "comms_series", "comms_evidence", "oic_plan_version", "analyst_review",
            "liaison", "ledger_evidence", "recommendation_event", "outside_contact", "working_draft_version",
            "referral_pause", "referral_snooze", "referral_hold", "person_request", "breach", "queue_view",
            "document_row", "officer_absence",
        )  # fmt: skip
        for table in filled:
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() > 0, table
        assert session.execute(text("SELECT count(*) FROM referral WHERE import_id IS NULL")).scalar() == CASES
        assert vault.user.name == "Demo officer"
        assert all(check.ok for check in vault.verify())


def test_a_folder_that_it_did_not_make_is_refused_and_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(Refused, match="holds other files"):
        demo.build(tmp_path, TODAY, cases=1)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]
    with pytest.raises(Refused, match="holds other files"):
        demo.build(tmp_path / "letters.txt", TODAY, cases=1)
    empty = tmp_path / "empty"
    empty.mkdir()
    demo.build(empty, TODAY, cases=1)


def test_its_own_folder_is_rebuilt(tmp_path):
    folder = tmp_path / "demo"
    first = demo.build(folder, TODAY, cases=3)
    before = (first.vault / "keys.json").read_bytes()
    again = demo.build(folder, TODAY, cases=3)
    assert (again.vault / "keys.json").read_bytes() != before
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        "coverage.pdf", "demo.oicdesk",
    ]  # fmt: skip


def test_its_own_folder_is_not_rebuilt_while_it_is_open(tmp_path):
    folder = tmp_path / "demo"
    first = demo.build(folder, TODAY, cases=3)
    with Vault.open(first.vault, demo.PASSPHRASE) as vault:
        with pytest.raises(VaultError, match="already open"):
            demo.build(folder, TODAY, cases=3)
        with vault.reading() as session:
            assert session.scalar(select(Referral.id).limit(1))


# --- nothing readable outside ---


def readable(word: str) -> tuple[bytes, ...]:
    return tuple(
        form.encode(code) for form in (word, word.upper(), word.lower()) for code in ("utf-8", "utf-16-le", "utf-16-be")
    )


def files_with(folder: Path, words: list[str]) -> list[Path]:
    wanted = [form for word in words for form in readable(word)]
    return [path for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in wanted)]


def test_no_surname_can_be_read_in_any_file_of_the_vault_while_open_or_closed(tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / "demo"
    words = [*demo._SURNAMES, "Ipswich Response", "DEMO-IR"]
    built = demo.build(folder, TODAY, cases=12)
    with Vault.open(built.vault, demo.PASSPHRASE) as vault:
        with vault.changing() as session:
            demo.referrals.add_note(session, 1, f"{demo._SURNAMES[0]} called.", "fact", now=datetime.now(UTC))
            assert files_with(tmp_path, words) == []
        assert (built.vault / "desk.db-wal").stat().st_size > 0
        with vault.reading() as session:
            names = set(session.scalars(select(Referral.officer_name)))
        assert any(surname in str(names) for surname in demo._SURNAMES)
        assert files_with(tmp_path, words) == []
    assert files_with(tmp_path, words) == []
    assert list(temporary.rglob("*")) == []
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        assert files_with(Path(os.environ[name]), words) == []


# --- the command, and whether everything agrees ---


def test_the_search_for_surnames_would_find_one(tmp_path):
    (tmp_path / "note").write_bytes(b"x" + "QUILLFEATHER".encode("utf-16-le"))
    assert files_with(tmp_path, ["Quillfeather"]) == [tmp_path / "note"]


def run(capsys, *words):
    code = main([str(word) for word in words])
    told = capsys.readouterr()
    assert told.err == ""
    return code, told.out


def test_a_whole_demo_verifies_and_its_figures_report_and_queue_agree(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    folder = tmp_path / "demo"
    code, out = run(capsys, "demo", "--dir", folder)
    assert code == 0
    vault = folder / "demo.oicdesk"
    for words in (str(vault), str(folder / "coverage.pdf"), demo.PASSPHRASE, "referrals over 18 months", "Imported"):
        assert words in out, words
    secret = tmp_path / "pass"
    secret.write_text(demo.PASSPHRASE)
    common = ["--vault", vault, "--passphrase-file", secret]
    assert run(capsys, "vault", "verify", *common)[0] == 0
    assert run(capsys, "activity", "verify", *common)[0] == 0
    now = datetime.now(UTC).isoformat()
    found = json.loads(run(capsys, "figures", "--json", "--as-at", now, *common)[1])
    coverage, on_time = found["coverage"], found["on_time"]
    assert coverage["in_scope"] == coverage["submitted"] + coverage["not_yet_due"] + coverage["overdue"] > 300
    assert all(coverage[name] > 0 for name in ("submitted", "overdue", "scope_queries", "duplicates"))
    assert run(capsys, "report", "coverage", "--out", tmp_path / "x.pdf", "--as-at", now, *common)[0] == 0
    told = pdf_text(tmp_path / "x.pdf")
    assert (
        f"{coverage['submitted']} of {coverage['in_scope']} cases in scope have a submitted document"
        f" ({coverage['percent']:.1f}%). {coverage['overdue']} are overdue and {coverage['not_yet_due']} are not"
    ) in told
    assert f"{on_time['on_time']} ({on_time['percent']:.1f}%)" in told
    # The demo's own report and words stand at the beginning of the day; documents are the same since.
    assert f"{coverage['submitted']} of {coverage['in_scope']} cases" in pdf_text(folder / "coverage.pdf")
    assert f"Coverage {coverage['percent']} %: {coverage['submitted']} of {coverage['in_scope']} cases" in out
    queue = json.loads(run(capsys, "queue", "--json", *common)[1])
    assert sum(row["overdue"] for row in queue) >= coverage["overdue"]
    scopes = [
        json.loads(run(capsys, "figures", "--json", "--force", force, "--as-at", now, *common)[1])["coverage"]
        for force in ("Suffolk", "Norfolk")
    ]
    assert sum(scope["in_scope"] for scope in scopes) == coverage["in_scope"]
    with Vault.open(vault, demo.PASSPHRASE) as opened, opened.reading() as session:
        standing = {row.status: row.id for row in audits(session)}
        assert set(standing) == {"APPROVED", "IN_REVIEW", "SAMPLE_FROZEN"}
        assert {row.verdict for row in items(session) if row.status == "EVALUATED"}
        beside = side_by_side(session, datetime.now(UTC))
        assert len(beside.rows) > 5
    for name, entry in REPORTS.items():
        which = ["--audit", standing["APPROVED"]] if "audit" in entry.about else []
        assert run(capsys, "report", name, "--out", tmp_path / f"{name}.pdf", *which, *common)[0] == 0, name
    assert len(pypdfium2.PdfDocument(tmp_path / "brief.pdf")) == 1
    missing = [row["ref"] for row in queue if row["status"] in ("NEW", "AWAITING_DOCUMENT", "REJECTED")]
    listed = [ref for ref in missing if ref in told]
    assert len(listed) == coverage["overdue"] + coverage["not_yet_due"]


def test_the_command_refuses_a_foreign_folder_in_a_sentence(tmp_path, capsys):
    (tmp_path / "mine").write_text("x")
    assert main(["demo", "--dir", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "only rebuilds its own" in told.err
    assert len(told.err.splitlines()) == 1


def test_the_demo_lies_in_the_users_data_folder_unless_told(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import oicdesk.demo as d, oicdesk.cli as c; d.CASES = 2\n"
         "d.build.__kwdefaults__['cases'] = 2\nraise SystemExit(c.main(['demo', '--today', '2026-11-20']))"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.rglob("demo.oicdesk/desk.db"))
    assert "A fictional desk of 2 referrals" in done.stdout
