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


def document_twelve(box):
    def work(session):
        for i in range(12):
            at = FIRST + hours(3 * i)
            told = {**FACTS, "contact_at": at, "force": ("Suffolk", "Norfolk")[i % 2], "incident_ref": f"M{i}"}
            case = referrals.add(session, told, now=at)
            facts = DocumentFacts(submitted_at=at + hours(1), reference=f"IR-{i}", submitted_by_reporting_officer=True)
            documents.submit(session, case, facts, now=at + hours(1))

    box.change(work)


@pytest.fixture
def march(busy):
    """A desk of twelve documented cases in March, six of each force."""
    return busy.once(document_twelve)


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


def test_every_number_of_a_plan_can_be_given(march):
    told = march.run(
        *PLAN, "--minimum", "1", "--audit-all-up-to", "5", "--second-least", "3", "--recommendation", "4", "--json"
    ).json  # fmt: skip
    plan = told["plan"]
    assert (plan["minimum"], plan["audit_all_up_to"], plan["second_least"], plan["recommendation"]) == (1, 5, 3, "4")
    assert "within ±10 percentage points" in told["why"]


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


# --- between and after the answers ---


def signed(march, name, role, passphrase):
    """Somebody else's way in, as options of a command."""
    with Vault.open(march.vault, PASSPHRASE) as vault:
        vault.add_user(name, role, passphrase)
    word = march.file(f"{name}.txt", f"{passphrase}\n")
    return ("--vault", march.vault, "--passphrase-file", word)


def test_an_audit_runs_from_plan_to_released_panel_paper_by_commands_alone(march):
    robin, alex = signed(march, "Robin Vale", REVIEWER, REVIEWERS), signed(march, "Alex Thorne", APPROVER, APPROVERS)
    items = frozen(march, "--second-reviewer", "Robin Vale", "--second-share", "50%")
    assert march.run("audit", "list", "--json").json[0]["second_reviewer"] == "Robin Vale"
    march.run("audit", "answers", answers(march, items))
    assert "There was no second review" in march.run("audit", "moderate").sentence
    assert "once the second is complete" in march.run("audit", "differences").sentence

    assert "you are Sam Ashby" in march.run("audit", "second").sentence
    second = march.run("audit", "second", "--json", *robin, common=False).json["cases"]
    assert len(second) == 10 and set(second) < set(items)
    mine = answers(march, second, but={(second[0], 7): ("Not met", "No place")}, name="second.csv")
    assert march.run("audit", "answers", mine, "--second", *robin, common=False).code == 0
    (difference,) = march.run("audit", "differences", "--json").json["differences"]
    assert difference == {
        "item": second[0], "criterion": 7, "first": "MET", "second": "NOT_MET", "decided": None,
    }  # fmt: skip
    assert "1 difference" in march.run("audit", "moderate").sentence

    third = march.file("third.csv", f"item,criterion,answer,comment\n{second[0]},7,Partly met,A district is named\n")
    assert march.run("audit", "answers", third, "--third").code == 0
    assert march.run("audit", "differences", "--json").json["differences"][0]["decided"] == "PARTLY_MET"
    found = march.run("audit", "finding", "Places are missing", "--severity", "Low", "--criterion", "7", "--json").json
    assert found == {"audit": 1, "finding": 1, "kind": "finding"}
    march.run("audit", "finding", "Grades are always explained", "--good-practice")
    assert march.run("audit", "moderate", "--limits", "One district only").code == 0

    assert "Only an approver" in march.run("audit", "approve").sentence
    assert "Finding 1 has no action yet" in march.run("audit", "approve", *alex, common=False).sentence
    due = "2999-01-31"
    agreed = march.run("audit", "action", "1", "Brief the team", "--owner", "Kim Lee", "--due", due, "--json").json
    assert march.run("audit", "approve", "--json", *alex, common=False).json["approved_by"] == "Alex Thorne"
    assert march.run("audit", "release", *alex, common=False).code == 0
    assert march.run("audit", "step", str(agreed["action"]), "start").code == 0
    assert march.run("audit", "step", str(agreed["action"]), "done", "--evidence", "Minutes").code == 0
    assert "cannot verify" in march.run("audit", "step", str(agreed["action"]), "verify").sentence
    assert march.run("audit", "step", str(agreed["action"]), "verify", *alex, common=False).code == 0
    assert march.run("audit", "actions").out.strip() == "No action is open."
    result = march.run("audit", "result", "--json").json
    assert result["status"] == "APPROVED" and result["second_review"]["differences"] == 1
    (point,), (phase,) = result["series"]["points"], result["series"]["phases"]
    assert (point["audit_id"], point["figure"]["n"], phase["kind"]) == (1, 12, "run chart")
    assert "One district only" in result["limits"]


def test_reviewers_stand_in_the_plan_and_nobody_else_answers(march):
    robin = signed(march, "Robin Vale", REVIEWER, REVIEWERS)
    signed(march, "Kim Lee", APPROVER, APPROVERS)
    assert "no way into this desk" in march.run(*PLAN, "--reviewer", "Pat Unknown").sentence
    same = march.run(*PLAN, "--reviewer", "Robin Vale", "--second-reviewer", "Robin Vale")
    assert "the second review is another person's" in same.sentence
    items = frozen(march, "--reviewer", "Robin Vale")
    path = answers(march, items)
    assert "The plan names Robin Vale for this review, and you are Sam Ashby" in march.run("audit", "answers", path).out
    assert march.run("audit", "reviewer", "Sam Ashby", "--reason", "Robin is on leave").code == 0
    assert march.run("audit", "answers", path).code == 0
    assert march.run("audit", "answers", path, *robin, common=False).code == 0
    limits = march.run("audit", "result", "--json").json["limits"]
    assert "After the sample was frozen: Sam Ashby named as reviewer: Robin is on leave." in limits


def test_a_case_is_replaced_by_command_with_its_reason(march):
    items = frozen(march, "--kind", "dip", "--size", "3")
    assert "not a case under audit" in march.run("audit", "replace", "OIC-1999-0001", "--reason", "x").sentence
    came = march.run("audit", "replace", items[0], "--reason", "Under investigation", "--json").json
    assert came["replaced"] == items[0] and came["by"] not in items


def test_a_checklist_goes_out_as_toml_and_comes_back_as_a_new_version(march):
    out = march.folder / "list.toml"
    assert march.run("audit", "checklist", "--export", out).code == 0
    assert march.run("audit", "checklist", "--import", out, "--json").json["version"] == 1  # the same criteria
    out.write_text(out.read_text("utf-8").replace("Correct marking", "Correct “marking” \\\\ é"), "utf-8")
    made = march.run("audit", "checklist", "--import", out, "--json").json
    assert (made["version"], made["criteria"]) == (2, 20)
    again = march.folder / "again.toml"
    march.run("audit", "checklist", "--export", again)
    assert again.read_text("utf-8") == out.read_text("utf-8")
    assert march.run("audit", "checklist", "--json").json[0]["version"] == 2
    items = march.run(*PLAN, "--checklist", "1", "--json").json
    assert items["audit"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "no TOML that can be read"),
        ("name = 'x'\ncriteria = 3", "one of them is missing"),
        ("name = 'x'\nscore = 1\ncriteria = []", "“score”, which a checklist does not know"),
        ("name = 'x'\ncriteria = []", "at least one criterion"),
        ("name = 'x'\n[[criteria]]\ntext = 'a'\nweight = 3", "no weights and no scores"),
        ("name = 'x'\n[[criteria]]\ntext = 'a'\nmandatory = 'yes'", "of the wrong kind"),
        ("name = 'x'\n[[criteria]]\ntext = 'a'\nautomatic = 'grade'", "cannot answer"),
        ("name = 'x'\n[[criteria]]\ntext = 'a'\nfollow_up = 'b'\nfollow_up_on = ['NO']", "which is no answer"),
        ("name = 'x'\n[[criteria]]\ntext = 'a'\nfollow_up = 'b'", "both its words and the answers"),
        ("name = 'x'\n[[criteria]]\ntext = ' '", "has no words"),
    ],
)
def test_a_checklist_file_that_cannot_be_read_is_refused_in_one_sentence(march, text, said):
    told = march.run("audit", "checklist", "--import", march.file("bad.toml", text))
    assert told.code == 1 and said in told.sentence
    assert len(march.run("audit", "checklist", "--json").json) == 1


def test_a_checklist_file_that_is_missing_or_no_text_is_told(march):
    assert "cannot be read" in march.run("audit", "checklist", "--import", march.folder / "none.toml").sentence
    path = march.folder / "latin.toml"
    path.write_bytes(b"name = '\xe9'")
    assert "no text in UTF-8" in march.run("audit", "checklist", "--import", path).sentence


def test_a_phase_of_the_chart_begins_and_ends_with_a_reason(march):
    assert "needs a reason" in march.run("audit", "phase", "--from", "2026-03-01").sentence
    (row,) = march.run("audit", "phase", "--from", "2026-03-01", "--reason", "New form", "--json").json
    assert (row["starts_on"], row["reason"]) == ("2026-03-01", "New form")
    assert "only with a reason" in march.run("audit", "phase", "--end", str(row["id"])).sentence
    assert march.run("audit", "phase", "--end", str(row["id"]), "--reason", "A mistake").code == 0
    assert march.run("audit", "phase", "--json").json == []
