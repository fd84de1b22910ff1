"""What `desk.py` puts together from rooms that may not read each other."""

from datetime import UTC, datetime

from oicdesk import desk, desk_papers
from oicdesk.vault.vault import Vault
from tests import command
from tests.test_cli_training import EXPORT, ROSTER

box = command.box
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_ledger_counts_training_and_names_nobody(box):
    box.run("import", "learners", ROSTER)
    box.run("import", "completions", EXPORT)
    with Vault.open(box.vault, command.PASSPHRASE) as vault, vault.reading() as session:
        joint = desk_papers.training_facts(session, NOW, "Joint")
        suffolk, norfolk = (desk_papers.training_facts(session, NOW, force) for force in ("Suffolk", "Norfolk"))
        report = desk.REPORTS["promises"].build(vault, NOW, "Joint", "")
    assert joint.learners == suffolk.learners + norfolk.learners > 400
    of = {(one.course, one.force): one for one in joint.courses}
    assert of["all_modules", "Joint"].in_scope == sum(of["all_modules", f].in_scope for f in ("Suffolk", "Norfolk")) > 0
    assert set(joint.verdicts) == {8, 9} and len(joint.months) == 12
    told = repr(report.blocks)
    assert "No training figures are at hand" not in told
    assert f"{of['all_modules', 'Joint'].in_scope}" in told and "Thorne" not in told
