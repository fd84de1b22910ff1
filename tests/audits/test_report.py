"""The papers of an audit: their order, who may have which, what a panel paper keeps to itself, slips."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from oicdesk.audits import records, records_findings, records_review, records_series, rules
from oicdesk.audits.rules_review import NOT_MET, PARTLY_MET
from oicdesk.desk import REPORTS, audit_choices, officer_choices, save_report
from oicdesk.errors import Refused
from oicdesk.reports.blocks import Bullets, Facts, Figure, Heading, Paragraph, Report, Table
from oicdesk.settings.records import change_settings
from tests.audits.makers import APPROVERS, NOW, PASSPHRASE, PLAN, days, room
from tests.audits.papers import opened_room, pdf_text, read_sheets

__all__ = ["room"]

LATER = NOW + timedelta(days=30)
INTERNAL = [
    "Recommendation", "Aim", "Population and period", "Sampling, size and interval", "Selection",
    "Quality of the review", "Results", "By force", "By contact reason", "By month of contact", "Criteria",
    "Findings", "Good practice", "Actions", "Limits and gaps", "Comparison with the last audit", "Glossary",
    "Author, approval and distribution", "Annex: cases audited",
]  # fmt: skip
PANEL = [
    "Recommendation", "Aim", "Population and period", "Sampling and selection", "Quality of the review", "Results",
    "By force", "By contact reason", "By month of contact", "Criteria", "Findings", "Good practice", "Actions",
    "Limits and gaps", "Comparison with the last audit", "Glossary", "Author, approval and distribution",
]  # fmt: skip


def build(room, name: str, force: str = "Joint", **about) -> Report:
    return REPORTS[name].build(room.vault, LATER, force, "The panel", **about)


def headings(report: Report) -> list[str]:
    return [block.text for block in report.blocks if isinstance(block, Heading)]


def words(report: Report) -> str:
    """Everything that the paper prints, but for its log head."""
    said = [report.title, report.distribution]
    for block in report.blocks:
        if isinstance(block, Heading | Paragraph):
            said.append(block.text)
        elif isinstance(block, Bullets):
            said += block.items
        elif isinstance(block, Facts):
            said += [f"{label} {value}" for label, value in block.pairs]
        elif isinstance(block, Table | Figure):
            table = block.table if isinstance(block, Figure) else block
            said += [" | ".join(map(str, row)) for row in (table.header, *table.rows)]
    return "\n".join(said)


def table(report: Report, heading: str, *, place: int = 0) -> Table:
    """The table under a heading."""
    at = next(i for i, block in enumerate(report.blocks) if isinstance(block, Heading) and block.text == heading)
    return [block for block in report.blocks[at:] if isinstance(block, Table)][place]


def moderated(room, cases: int = 36, plan=PLAN, *, but=None) -> int:
    room.cases(cases)
    row = room.audit(plan)
    room.answer_all(row.id, but=but or {(2, 8): NOT_MET, (3, 5): PARTLY_MET, (4, 10): NOT_MET})
    room.do(records_review.moderate, row.id, now=NOW, without_second="Nobody else was free.")
    return row.id


def approved(room, audit_id: int) -> None:
    room.sign_in(APPROVERS)
    room.do(records_findings.approve, audit_id, now=NOW)


def released(room, audit_id: int) -> None:
    approved(room, audit_id)
    room.do(records_findings.release_panel, audit_id, now=NOW)


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """A released audit of 80 cases, half of them drawn."""
    with opened_room(tmp_path_factory.mktemp("panel")) as room:
        but = {(place, 8): NOT_MET for place in range(1, 15)} | {(place, 10): NOT_MET for place in (20, 21, 22)}
        released(room, moderated(room, 80, replace(PLAN, margin=0.11), but=but))
        yield room


# --- the internal report ---


def test_the_internal_report_keeps_the_inspectorate_s_order(room):
    moderated(room)
    assert headings(build(room, "audit")) == INTERNAL


def test_without_answers_there_is_no_report(room):
    room.cases(4)
    room.audit()
    with pytest.raises(Refused, match="4 of 4 cases are not answered in full"):
        build(room, "audit")


def test_a_report_as_at_before_the_freeze_is_refused(room):
    moderated(room, 4)
    with pytest.raises(Refused, match="frozen on Mon 30 Nov 2026"):
        REPORTS["audit"].build(room.vault, NOW - days(1), "Joint", "")


def test_the_newest_frozen_audit_is_reported_unless_another_is_named(room):
    first = moderated(room, 4)
    room.do(records_review.audits.plan, replace(PLAN, title="A draft"), now=NOW)
    assert build(room, "audit").title == "Audit report: Documents of the autumn"
    second = room.audit(replace(PLAN, title="A second look"))
    room.answer_all(second.id)
    assert build(room, "audit").title == "Audit report: A second look"
    assert build(room, "audit", audit=first).title == "Audit report: Documents of the autumn"


def test_the_frozen_audits_and_their_officers_can_be_chosen_by_name(room):
    room.cases(6)
    first = room.audit()
    room.do(records.plan, replace(PLAN, title="Still a draft"), now=NOW)
    assert audit_choices(room.vault) == [(first.id, f"{first.id}: Documents of the autumn · Joint · Sample frozen")]
    assert [value for value, _words in officer_choices(room.vault, first.id)] == [None]
    room.answer_all(first.id)
    room.do(records_review.moderate, first.id, now=NOW, without_second="A small audit")
    assert [value for value, _words in officer_choices(room.vault, first.id)] == [None, "MARSH, Jo"]


def test_a_sample_without_failures_never_reads_as_a_hundred_per_cent(room):
    room.cases(60)
    row = room.audit(replace(PLAN, margin=0.15))
    room.answer_all(row.id)
    said = words(build(room, "audit"))
    assert "Documents that fail: none found in 26; up to" in said
    assert "100.0%" not in said.replace("100.00%", "")


def test_a_dip_sample_has_no_interval_anywhere(room):
    moderated(room, 40, replace(PLAN, kind=rules.DIP, size=12))
    report = build(room, "audit")
    assert "not representative" in words(report)
    assert "between" not in words(report)
    calculations = next(sheet for sheet in report.sheets if sheet.name == "Calculations")
    low = calculations.header.index("Low")
    assert {row[low] for row in calculations.rows} == {None}


def test_overdue_actions_stand_first(room):
    audit_id = moderated(room)
    finding = room.do(records_findings.add_finding, audit_id, "Grades stand alone", now=NOW, severity="High")
    for text, due in (("Later", days(90)), ("Past", days(20)), ("Long past", days(5))):
        room.do(
            records_findings.add_action, finding, text, owner="DS Hale", due_on=(NOW + due).date(), now=NOW
        )  # fmt: skip
    rows = table(build(room, "audit"), "Actions").rows
    assert [(row[0], row[3]) for row in rows] == [
        ("Overdue, open", "Long past"), ("Overdue, open", "Past"), ("Open", "Later"),
    ]  # fmt: skip


def test_a_report_of_one_force_names_nothing_of_the_other(room):
    moderated(room)
    for force, other in (("Suffolk", "Norfolk"), ("Norfolk", "Suffolk")):
        report = build(room, "audit", force)
        assert other not in words(report)
        assert other not in "".join(str(row) for sheet in report.sheets if sheet.name != "Plan" for row in sheet.rows)
        assert "By force" not in headings(report)
        assert f"this paper tells of {force} alone" in words(report)


def test_an_audit_of_one_force_is_reported_for_that_force_only(room):
    room.cases(8)
    row = room.audit(replace(PLAN, force="Suffolk"))
    room.answer_all(row.id)
    assert "Force Suffolk" in words(build(room, "audit", "Joint"))
    with pytest.raises(Refused, match="covers Suffolk only"):
        build(room, "audit", "Norfolk")


def test_audits_one_after_another_are_compared_and_drawn(room):
    first = moderated(room, 12, but={(1, 8): NOT_MET})
    approved(room, first)
    room.sign_in(PASSPHRASE)
    december = replace(PLAN, title="Documents of December", period_from=PLAN.period_to + days(1),
                       period_to=PLAN.period_to + days(31))  # fmt: skip
    made = [room.add(contact_at=NOW + days(1 + i), now=NOW + days(1 + i), incident_ref=f"D{i}") for i in range(6)]
    for case in made:
        room.accepted(case, NOW + days(10))
    audit_id = room.do(records_series.audits.plan, december, now=NOW + days(12))
    from oicdesk.audits import records_frame

    room.do(records_frame.freeze, audit_id, as_at=NOW + days(12), now=NOW + days(12), seed=3)
    room.answer_all(audit_id)
    room.do(records_review.moderate, audit_id, now=NOW, without_second="Nobody else was free.")
    approved(room, audit_id)
    report = build(room, "audit", audit=audit_id)
    assert "Compared with “Documents of the autumn”." in words(report)
    assert "both were counted in full" in words(report)
    (figure,) = [block for block in report.blocks if isinstance(block, Figure)]
    assert [row[:2] for row in figure.table.rows] == [("Nov 2026", "91.7%"), ("Dec 2026", "100.0%")]
    earlier = build(room, "audit", audit=first)
    assert not [block for block in earlier.blocks if isinstance(block, Figure)]


@pytest.mark.parametrize("ending", ["pdf", "docx", "xlsx"])
@pytest.mark.parametrize("name", ["audit", "audit-panel", "audit-slips"])
def test_the_same_as_at_and_data_give_the_same_bytes(panel, tmp_path, ending, name):
    paths = [tmp_path / f"{i}.{ending}" for i in (1, 2)]
    for path in paths:
        report = build(panel, name)
        from oicdesk.reports.write import write

        write(report, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_saving_a_report_logs_which_audit_left_the_desk(room, tmp_path):
    audit_id = moderated(room, 4)
    save_report(
        room.vault, "audit", tmp_path / "a.pdf", as_at=LATER, force="Joint", audit=audit_id, recipient="DI", purpose="x"
    )
    entry = room.log()[-1]
    assert (entry["operation"], entry["recipient"]) == ("disclosure", "DI")
    assert entry["detail"] == f"report audit, audit {audit_id}, Joint, pdf"
    with pytest.raises(Refused, match="about no single audit"):
        save_report(room.vault, "coverage", tmp_path / "b.pdf", as_at=LATER, force="Joint", audit=audit_id)


def test_numbers_in_the_working_papers_are_numbers(room, tmp_path):
    moderated(room, 12)
    path = tmp_path / "papers.xlsx"
    save_report(room.vault, "audit", path, as_at=LATER, force="Joint")
    headline = read_sheets(path)["Calculations"][0]
    assert [headline[name] for name in ("Successes", "Assessed", "Population")] == [10, 12, 12]
    assert headline["Share"] == pytest.approx(10 / 12)
    assert headline["Low"] == ""  # counted in full


# --- the panel paper ---


def test_a_panel_paper_is_refused_until_the_approver_has_released_it(room):
    audit_id = moderated(room)
    with pytest.raises(Refused, match="not released yet"):
        build(room, "audit-panel")
    approved(room, audit_id)
    with pytest.raises(Refused, match="not released yet"):
        build(room, "audit-panel")


def test_the_panel_paper_keeps_the_same_order(panel):
    assert headings(build(panel, "audit-panel")) == PANEL


def test_a_panel_paper_of_very_few_documents_is_refused(room):
    released(room, moderated(room, 4))
    with pytest.raises(Refused, match="would give them away"):
        build(room, "audit-panel")


@pytest.mark.parametrize("force", ["Joint", "Suffolk", "Norfolk"])
def test_a_panel_paper_names_no_case_no_officer_and_no_small_number(panel, force):
    report = build(panel, "audit-panel", force)
    said = words(report)
    assert report.marking == "OFFICIAL"
    assert report.sheets == ()
    assert not re.search(r"OIC-\d{4}", said)
    assert "MARSH" not in said
    counted = ["Results", "By contact reason", "By month of contact", "Criteria", "Population and period"]
    for heading in counted:
        for row in table(report, heading).rows:
            assert not [cell for cell in row[1:] if isinstance(cell, int) and 0 < cell < 5], row


def test_a_panel_paper_of_one_force_names_nothing_of_the_other(panel):
    for force, other in (("Suffolk", "Norfolk"), ("Norfolk", "Suffolk")):
        report = build(panel, "audit-panel", force)
        assert other not in words(report)
        assert "By force" not in headings(report)


def test_no_hidden_number_stands_alone_in_a_sum_of_the_three_papers(panel):
    """A hidden cell that is the only one in a row, a column or in joint = Suffolk + Norfolk is worked back at once."""
    papers = {force: build(panel, "audit-panel", force) for force in ("Joint", "Suffolk", "Norfolk")}
    sums = []
    for heading in ("By contact reason", "By month of contact"):
        rows = {force: {row[0]: row[1:4] for row in table(paper, heading).rows} for force, paper in papers.items()}
        for force in papers:
            sums += [list(row) for row in rows[force].values()]
        for label, joint in rows["Joint"].items():
            parts = [rows[force].get(label, (0, 0, 0)) for force in ("Suffolk", "Norfolk")]
            sums += [[joint[i], *(part[i] for part in parts)] for i in range(3)]
    hidden = [sum(not isinstance(cell, int) for cell in line) for line in sums]
    assert sum(hidden) > 0
    assert 1 not in hidden


def test_a_share_stands_only_beside_counts_that_are_printed(panel):
    for force in ("Joint", "Suffolk", "Norfolk"):
        report = build(panel, "audit-panel", force)
        for heading in ("By contact reason", "By month of contact"):
            for row in table(report, heading).rows:
                is_printed = all(isinstance(cell, int) for cell in row[1:4])
                assert is_printed != str(row[4]).startswith(("hidden", "at most", "at least"))


# --- feedback slips ---


def test_a_slip_praises_first_and_ranks_nobody(room):
    moderated(room, 12)
    report = build(room, "audit-slips")
    assert headings(report) == ["MARSH, Jo", "What was done well", "What would make the next one better"]
    assert not re.search(r"\d%|rank|average|league|other officers", words(report))


def test_each_officer_gets_a_page_and_one_can_be_had_alone(room, tmp_path):
    room.cases(3)
    room.cases(3, officer_name="HART, Kim", officer_collar="PC 12")
    row = room.audit()
    room.answer_all(row.id)
    room.do(records_review.moderate, row.id, now=NOW, without_second="Nobody else was free.")
    both = headings(build(room, "audit-slips"))
    assert [name for name in both if ", " in name] == ["HART, Kim", "MARSH, Jo"]
    path = tmp_path / "slip.pdf"
    save_report(room.vault, "audit-slips", path, as_at=LATER, force="Joint", officer="HART, Kim")
    assert "HART, Kim" in pdf_text(path)
    assert "MARSH" not in pdf_text(path)
    with pytest.raises(Refused, match="No document of NOBODY"):
        build(room, "audit-slips", officer="NOBODY")


def test_slips_of_one_force_leave_out_officers_of_the_other(room):
    room.cases(3, force="Suffolk")
    room.cases(3, force="Norfolk", officer_name="HART, Kim", officer_collar="PC 12")
    row = room.audit()
    room.answer_all(row.id)
    room.do(records_review.moderate, row.id, now=NOW, without_second="Nobody else was free.")
    assert "HART" not in words(build(room, "audit-slips", "Suffolk"))
    assert "MARSH" not in words(build(room, "audit-slips", "Norfolk"))


def test_a_fully_met_officer_reads_only_praise(room):
    room.cases(2)
    row = room.audit()
    room.answer_all(row.id)
    room.do(records_review.moderate, row.id, now=NOW, without_second="Nobody else was free.")
    assert "What would make the next one better" not in headings(build(room, "audit-slips"))


def test_a_small_population_of_one_force_cannot_be_worked_back_from_the_three_papers(room):
    """Suffolk has forty cases and Norfolk three, of which none was drawn; joint less Suffolk would tell."""
    room.cases(40, force="Suffolk")
    room.cases(3, force="Norfolk", reason="other")
    names = [f"OIC-2026-{n:04}" for n in range(1, 44)]
    seed = next(s for s in range(1000) if not set(names[40:]) & set(rules.permutation(names, seed=s)[:20]))
    row = room.audit(replace(PLAN, kind=rules.DIP, size=20), seed=seed)
    room.answer_all(row.id)
    room.do(records_review.moderate, row.id, now=NOW, without_second="Nobody else was free.")
    released(room, row.id)
    with pytest.raises(Refused, match="No document of Norfolk was audited"):
        build(room, "audit-panel", "Norfolk")
    papers = {force: words(build(room, "audit-panel", force)) for force in ("Joint", "Suffolk")}
    assert re.search(r"\b43\b", papers["Joint"]) and not re.search(r"\b40\b", papers["Suffolk"])
    assert "How many of how many cases were drawn is not printed" in papers["Suffolk"]


def test_a_force_s_panel_paper_leaves_the_second_review_to_the_joint_one(room):
    from tests.audits.test_report_recomputed import work_through

    audit = work_through(room, 58, replace(PLAN, margin=0.15))
    room.sign_in(APPROVERS)
    room.do(records_findings.release_panel, audit, now=NOW)
    joint, alone = (words(build(room, "audit-panel", force, audit=audit)) for force in ("Joint", "Suffolk"))
    assert "Raw agreement" in joint and "A second person reviewed 10 of the cases again" in joint
    assert "Raw agreement" not in alone
    assert "How far the two agree is told for both forces together." in alone


def test_the_threshold_of_public_papers_is_the_desk_s_setting(panel):
    assert "from 1 to 4 are hidden" in words(build(panel, "audit-panel"))
    panel.sign_in(PASSPHRASE)
    try:
        panel.do(change_settings, {"suppress_below": 10}, at=NOW)
        report = build(panel, "audit-panel")
        assert "from 1 to 9 are hidden" in words(report)
        for heading in ("By contact reason", "Criteria"):
            assert not [c for row in table(report, heading).rows for c in row[1:] if isinstance(c, int) and 0 < c < 10]
    finally:
        panel.do(change_settings, {"suppress_below": 5}, at=NOW)
        panel.sign_in(APPROVERS)
