"""The first journey by command: create, import, see who waits, record and accept, coverage, print, prove, keep."""

import json
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest

from oicdesk.cli import main
from oicdesk.vault.vault import Vault
from tests.desks import PASSPHRASE, Desk

LIST = """Incident No,Date,Time,Force,Team,Collar,Reporting Officer,Call Type,Persons
SC-1,16/11/2026,09:30,Suffolk,Ipswich,pc 7191,"MARSH, Jo",Person in custody,2
SC-2,17/11/2026,10:15,Norfolk,Norwich,PC 12,"HART, Kim",Person in custody,1
SC-3,17/11/2026,11:15,Norfolk,Norwich,PC 12,"HART, Kim",Status check,1
"""


@pytest.fixture
def run(tmp_path, capsys):
    (tmp_path / "pass").write_text(PASSPHRASE)

    def command(*words):
        code = main([*map(str, words), "--passphrase-file", str(tmp_path / "pass")])
        told = capsys.readouterr()
        assert told.err == ""
        assert code == 0, words
        return json.loads(told.out) if "--json" in words else told.out

    return command


def test_from_nothing_to_an_audited_queue(tmp_path, run):
    vault, copy = tmp_path / "desk", tmp_path / "copy"
    (tmp_path / "list.csv").write_text(LIST)
    run("vault", "create", vault, "--recovery-key-file", tmp_path / "key", "--user", "Sam Ashby")
    assert run("import", "referrals", tmp_path / "list.csv", "--json", "--vault", vault)["imported"] == 3
    queue = run("queue", "--json")  # the last vault is the default
    assert [(row["ref"], row["status"], row["overdue"]) for row in queue] == [
        ("OIC-2026-0001", "AWAITING_DOCUMENT", True),
        ("OIC-2026-0002", "AWAITING_DOCUMENT", True),
        ("OIC-2026-0003", "SCOPE_QUERY", False),
    ]
    contact = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    with Vault.open(vault, PASSPHRASE) as opened:
        Desk(opened).accepted(1, contact + timedelta(hours=3))
    found = run("figures", "--json")
    coverage = found["coverage"]
    assert (coverage["in_scope"], coverage["submitted"], coverage["percent"]) == (2, 1, 50.0)
    assert (coverage["overdue"], coverage["scope_queries"]) == (1, 1)
    assert found["on_time"] == {"due": 2, "on_time": 1, "percent": 50.0}
    run("report", "coverage", "--out", tmp_path / "audit.pdf", "--recipient", "DI", "--purpose", "Audit")
    with pypdfium2.PdfDocument(tmp_path / "audit.pdf") as pdf:
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    assert "1 of 2 cases in scope have a submitted document (50.0%)" in text
    assert "OIC-2026-0002" in text
    assert "OIC-2026-0001" not in text
    for words in (("vault", "verify"), ("activity", "verify"), ("activity", "export", tmp_path / "log.csv")):
        run(*words)
    run("vault", "backup", copy)
    run("vault", "restore", f"{copy}.oicbackup", tmp_path / "back")
    again = run("figures", "--json", "--as-at", found["as_at"], "--vault", tmp_path / "back")
    assert again == found
    (tmp_path / "pass").write_text((tmp_path / "key").read_text())
    assert len(run("queue", "--json", "--vault", tmp_path / "back")) == 3
