"""An audit from plan to paper by commands alone, as a script runs it."""

import csv
from datetime import UTC, datetime

import pytest

from oicdesk.documents import records as documents
from oicdesk.documents.rules import DocumentFacts
from oicdesk.referrals import records as referrals
from oicdesk.vault.vault import APPROVER, REVIEWER, Vault
from tests import command
from tests.desks import APPROVERS, FACTS, PASSPHRASE, hours

box, busy = command.box, command.busy
FIRST = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PLAN = ("audit", "plan", "--from", "2026-03-01", "--to", "2026-03-31")
REVIEWERS = "copper meadow whistle"


@pytest.fixture
def march(busy):
    """A desk of twelve documented cases in March, six of each force."""

    def work(session):
        for i in range(12):
            at = FIRST + hours(3 * i)
            told = {**FACTS, "contact_at": at, "force": ("Suffolk", "Norfolk")[i % 2], "incident_ref": f"M{i}"}
            case = referrals.add(session, told, now=at)
            facts = DocumentFacts(submitted_at=at + hours(1), reference=f"IR-{i}", submitted_by_reporting_officer=True)
            documents.submit(session, case, facts, now=at + hours(1))

    busy.change(work)
    return busy


def frozen(march, *more: str) -> list[str]:
    """Plan and freeze; the references under audit in draw order."""
    assert march.run(*PLAN, *more).code == 0
    assert march.run("audit", "freeze", "--seed", "7").code == 0
    return [line["item"] for line in march.run("audit", "sample", "--json").json["sample"]]


def answers(march, items, *, but=None, header=("item", "criterion", "answer", "comment"), name="answers.csv"):
    """A file with Met for every criterion that a reviewer answers, but for those in `but`."""
    path = march.folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for item in items:
            for number in range(4, 21):
                told = (but or {}).get((item, number), ("Met", ""))
                writer.writerow([item, number, *told])
    return path


def test_a_plan_prints_its_size_and_the_sentence_why(march):
    told = march.run(*PLAN, "--title", "March", "--strata", "force")
    assert told.code == 0
    assert told.out.startswith("Audit 1: March\n")
    assert "Suffolk: 6 of 6" in told.out
    assert "All 12 cases, because a population of 30 or fewer is audited whole." in told.out


def test_a_plan_as_json_has_the_population_and_every_choice(march):
    told = march.run(*PLAN, "--kind", "dip", "--size", "5", "--margin", "5%", "--strata", "none", "--json").json
    assert (told["audit"], told["population"], told["size"]) == (1, 12, 5)
    assert (told["plan"]["margin"], told["plan"]["kind"], told["plan"]["period_from"]) == (0.05, "dip", "2026-03-01")
    assert "not representative" in told["why"]


def test_a_plan_that_is_only_tried_is_not_kept(march):
    assert march.run(*PLAN, "--dry-run").out.startswith("Not kept: Random quality audit")
    assert march.run("audit", "sample").sentence.startswith("There is no audit in this vault yet")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--kind", "dip"), "A dip sample needs a number of cases"),
        (("--margin", "200%"), "The margin lies between 0 and 100 per cent"),
        (("--exclude", "OIC-2026-0001"), "left out without a reason"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused_in_one_sentence(march, more, said):
    told = march.run(*PLAN, *more)
    assert told.code == 1
    assert said in told.sentence


def test_an_exclusion_needs_a_case_of_the_population_and_is_counted(march):
    shown = march.run(*PLAN, "--strata", "none", "--exclude", "OIC-2026-0004=Under investigation", "--json").json
    assert (shown["population"], dict(shown["excluded"])["Under investigation"]) == (11, 1)


def test_freezing_tells_what_was_locked_and_the_sample_comes_in_draw_order(march):
    march.run(*PLAN, "--strata", "force")
    locked = march.run("audit", "freeze", "--seed", "7", "--json").json
    assert (locked["population"], locked["size"], locked["seed"], locked["algorithm"]) == (12, 12, 7, "oicdesk-draw-1")
    assert len(locked["frame_sha256"]) == 64
    again = march.run("audit", "sample", "--again", "--json")
    assert again.code == 0
    assert again.json["again"]["same"] is True
    assert [line["item"] for line in again.json["sample"]] == again.json["again"]["drawn"]
    assert "are the same, in the same order" in march.run("audit", "sample", "--again").out
    assert march.run("audit", "freeze").sentence.startswith("The sample of this audit is frozen")


def test_the_same_seed_and_frame_give_the_same_cases_in_another_audit(march):
    first = frozen(march, "--kind", "dip", "--size", "5")
    assert frozen(march, "--kind", "dip", "--size", "5") == first


def test_answers_go_in_all_or_none_with_a_sentence_for_each_line(march):
    items = frozen(march)
    bad = {
        (items[0], 5): ("Excellent", ""), (items[1], 6): ("Not applicable", ""), (items[2], 4): ("2", "a little"),
    }  # fmt: skip
    path = answers(march, items, but=bad)
    path.write_text(path.read_text() + "OIC-2026-9999,4,Met,\n" + f"{items[0]},4,Met,\n" + f"{items[0]},99,Met,\n")
    told = march.run("audit", "answers", path)
    assert told.code == 1
    assert "0 answers written, 0 there already, 5 problems." in told.out
    assert "  line 3: “Excellent” is not an answer; write one of Met, Partly met" in told.out
    assert "not applicable only with a reason" in told.out
    assert "“OIC-2026-9999” is not a case under audit" in told.out
    assert "stands on line 2 already" in told.out
    assert "has no criterion 99" in told.out
    assert "12 of 12 cases are not answered in full" in march.run("audit", "result").sentence
    counts = march.run("audit", "answers", path, "--json").json
    parts = ("blank", "written", "already_there", "problems", "not_written")
    assert counts["rows"] == sum(counts[part] for part in parts) == 12 * 17 + 3


def test_answers_given_twice_change_nothing_and_a_dry_run_writes_none(march):
    items = frozen(march)
    path = answers(march, items)
    assert march.run("audit", "answers", path, "--dry-run").out.startswith("204 answers would be written, 0")
    assert march.run("audit", "answers", path).out.startswith("204 answers written, 0 there already, 0 problems.")
    assert march.run("audit", "answers", path).out.startswith("0 answers written, 204 there already")


def test_a_file_without_the_columns_or_an_audit_without_a_sample_is_refused(march):
    march.run(*PLAN)
    path = march.file("odd.csv", "case,number\nA,1\n")
    assert "has no column “item”" in march.run("audit", "answers", path).sentence
    path = answers(march, ["OIC-2026-0004"])
    assert "no frozen sample yet" in march.run("audit", "answers", path).sentence


def test_the_result_has_every_figure_with_its_counts(march):
    items = frozen(march)
    but = {
        (items[0], 8): ("Not met", "No reason given"), (items[1], 10): ("Cannot determine", ""),
        (items[2], 4): ("Partly met", ""), (items[3], 16): ("n", "Nothing indicates it"),
    }  # fmt: skip
    assert march.run("audit", "answers", answers(march, items, but=but)).code == 0
    told = march.run("audit", "result", "--json").json
    overall = told["overall"]
    assert (overall["successes"], overall["n"], overall["population"]) == (10, 12, 12)
    assert overall["share"] == pytest.approx(10 / 12)
    assert overall["low"] is None
    assert told["partly_met"] == 1
    by_number = {row["number"]: row for row in told["criteria"]}
    assert by_number[8]["answers"]["NOT_MET"] == 1
    assert (by_number[16]["n"], by_number[16]["answers"]["NOT_APPLICABLE"]) == (11, 1)
    assert sum(figure["n"] for figure in told["by_force"].values()) == 12
    failed = {case["item"]: case["failed_criteria"] for case in told["cases"] if not case["passed"]}
    assert failed == {items[0]: [8], items[1]: [10]}
    assert "10 of 12 (83.3%)" in march.run("audit", "result").out
    alone = march.run("audit", "result", "--force", "Suffolk", "--json").json
    assert (alone["force"], alone["overall"]["n"], list(alone["by_force"])) == ("Suffolk", 6, ["Suffolk"])


def test_a_second_reviewer_answers_under_their_own_passphrase(march):
    items = frozen(march)
    path = answers(march, items)
    march.run("audit", "answers", path)
    assert "another person under their own passphrase" in march.run("audit", "answers", path, "--second").sentence
    with Vault.open(march.vault, PASSPHRASE) as vault:
        vault.add_user("Robin Vale", REVIEWER, REVIEWERS)
    word = march.file("second.txt", f"{REVIEWERS}\n")
    theirs = ("--vault", march.vault, "--passphrase-file", word)
    second = march.run("audit", "answers", path, "--second", *theirs, common=False)
    assert second.code == 1  # only ten of the twelve are reviewed twice
    assert "not part of the second review" in second.out


def test_reports_of_an_audit_are_named_and_written(march):
    listed = march.run("report", "--list", common=False).out
    assert [name for name in ("audit  ", "audit-panel  ", "audit-slips  ") if name in listed] == [
        "audit  ", "audit-panel  ", "audit-slips  ",
    ]  # fmt: skip
    items = frozen(march)
    march.run("audit", "answers", answers(march, items))
    for ending in ("pdf", "docx", "xlsx"):
        out = march.folder / f"audit.{ending}"
        assert march.run("report", "audit", "--audit", "1", "--out", out).code == 0
        assert out.stat().st_size > 2_000
    panel = march.run("report", "audit-panel", "--out", march.folder / "panel.pdf")
    assert "not released yet" in panel.sentence
    assert "about no single audit" in march.run(
        "report", "coverage", "--audit", "1", "--out", march.folder / "c.pdf"
    ).sentence  # fmt: skip
    assert "not in this vault" in march.run("audit", "result", "--audit", "9").sentence


def test_an_approver_s_words_are_not_needed_to_draw_and_report(march):
    """The internal report can be written before approval and says so."""
    with Vault.open(march.vault, PASSPHRASE) as vault:
        vault.add_user("Alex Thorne", APPROVER, APPROVERS)
    items = frozen(march)
    march.run("audit", "answers", answers(march, items))
    out = march.folder / "audit.pdf"
    march.run("report", "audit", "--out", out)
    from tests.audits.papers import pdf_text

    assert "This audit is not approved yet" in pdf_text(out)
