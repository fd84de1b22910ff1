"""Audits by what a user does: plan beside its draw, freeze, draw again, results, findings, approval."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from oicdesk.audits import records, records_findings, records_review, records_series, rules
from oicdesk.audits.page_audit import FINDINGS, OVERVIEW, PARTS, RESULTS, SLIPS
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import NOT_MET
from oicdesk.vault import log
from tests.audits import makers, pages
from tests.audits.makers import APPROVERS, NOW, PASSPHRASE, PLAN, days
from tests.audits.pages import cells, seen
from tests.ui.accessibility import problems
from tests.ui.dialogs import press

room, screen = makers.room, pages.screen
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def preview(screen):
    pane = screen.page.task.preview
    return pane.figures.text(), pane.why.text(), pane.problem.words.text()


# --- planning ---


def test_a_plan_shows_population_size_and_why_before_it_is_saved(room, screen):
    room.cases(40)
    screen.key(Key.Key_N, CTRL)
    figures, why, problem = preview(screen)
    assert figures == "29 of 40 cases" and problem == ""
    assert "within ±10 percentage points with 95% confidence" in why
    screen.pick(margin="±5%")
    screen.qtbot.waitUntil(lambda: preview(screen)[0] == "37 of 40 cases")
    screen.pick(kind="Census check")
    screen.qtbot.waitUntil(lambda: preview(screen)[0] == "40 of 40 cases")
    assert screen.form.form.widget("margin").isHidden()
    assert problems(screen.page) == []


def test_a_saved_draft_can_be_changed_and_stands_in_the_list(room, screen):
    room.cases(4)
    screen.plan()
    screen.type(title="Documents of the autumn")
    screen.submit()
    assert screen.page.audit.title.text() == "Documents of the autumn"
    assert "a draft" in screen.told() and screen.page.audit.strip.isHidden()
    screen.press("Change the plan…")
    screen.type(title="Documents of October")
    screen.submit()
    assert screen.page.audit.title.text() == "Documents of October"
    screen.key(Key.Key_Escape)
    rows = screen.page.list.model
    assert rows.sentence(0) == (
        "Draft, Documents of October, Random quality audit, Period 1 Oct 2026 to 31 Oct 2026, Force Joint,"
        " Progress Sample not drawn yet."
    )


def test_refusals_of_a_plan_stand_beside_their_fields(room, screen):
    room.cases(2)
    screen.plan()
    screen.type(period_to="1 Sep 2026")
    screen.submit()
    assert "before it begins" in screen.form.form.refusal_beside("period_to")
    screen.type(period_to="31 Oct 2026", exclusions="OIC-2026-0001 without a colon")
    screen.submit()
    assert "a colon and the reason" in screen.form.form.refusal_beside("exclusions")
    assert room.ask(records.audits) == []


def test_excluded_cases_are_counted_with_their_reasons(room, screen):
    room.cases(5)
    screen.plan()
    screen.type(exclusions="OIC-2026-0002: Reviewed in the pilot")
    screen.qtbot.waitUntil(lambda: preview(screen)[0] == "4 of 4 cases")
    assert cells(screen.page.task.preview.excluded) == [("Reviewed in the pilot", "1")]
    screen.type(exclusions="OIC-2026-0099: No such case")
    screen.qtbot.waitUntil(lambda: "OIC-2026-0099 is not in the population" in preview(screen)[2])


def test_minima_above_the_size_name_the_smallest_and_strata_are_merged_on_request(room, screen):
    room.cases(12)
    screen.plan()
    screen.pick(margin="±15%")
    screen.type(audit_all_up_to="0")
    screen.qtbot.waitUntil(lambda: "need a sample of 12, and the plan has 10" in preview(screen)[2])
    screen.press("Merge small strata")
    assert preview(screen)[2] == ""
    assert "merged reasons" in screen.form.form.values()["merged"]
    screen.submit()
    (row,) = room.ask(records.audits)
    assert set(row.plan.merged.values()) and row.status == rules.DRAFT


def test_an_unfinished_plan_survives_a_lock(room, screen):
    room.cases(1)
    screen.plan()
    screen.type(title="Half a title")
    screen.sign_in(PASSPHRASE)
    screen.press("Go on with the plan of 12:00")
    assert screen.form.form.values()["title"] == "Half a title"
    screen.submit()
    assert screen.page.forms.unfinished() == []


def test_reviewers_are_named_in_the_plan_and_refused_in_words_where_they_are_not_independent(room, screen):
    room.cases(3)
    room.cases(1, supervisor="Ashby, Sam")
    screen.plan()
    names = screen.form.form.widget("reviewers")
    assert [names.item(n).text() for n in range(names.count())] == ["Sam Ashby", "Robin Vale", "Alex Thorne"]
    assert screen.form.form.values()["reviewers"] == ("Sam Ashby",)
    assert "Sam Ashby is the reporting officer's line manager of OIC-2026-0004" in preview(screen)[2]
    names.item(1).setCheckState(Qt.CheckState.Checked)
    screen.qtbot.waitUntil(lambda: preview(screen)[2] == "")
    notes = screen.page.task.preview.notes.words.text()
    assert notes == "Sam Ashby had a hand in OIC-2026-0004 and does not review it."
    screen.pick(second_reviewer="Robin Vale")
    screen.submit()
    assert "another person's" in screen.form.form.refusal_beside("second_reviewer")
    screen.pick(second_reviewer="Alex Thorne")
    screen.submit()
    (row,) = room.ask(records.audits)
    assert (row.plan.reviewers, row.plan.second_reviewer) == (("Sam Ashby", "Robin Vale"), "Alex Thorne")
    assert "Sam Ashby, Robin Vale" in seen(screen.page.overview)


def test_whom_the_plan_does_not_name_is_told_so_until_somebody_names_them(room, screen):
    room.cases(3)
    row = room.audit(replace(PLAN, reviewers=("Robin Vale",)))
    screen.page.show_audit(row.id)
    assert "The plan names Robin Vale for this review, and you are Sam Ashby" in screen.why_not()
    screen.press("Name another reviewer…")
    screen.pick(name="Sam Ashby")
    screen.submit()
    assert "needed here" in screen.form.form.refusal_beside("reason")
    screen.type(reason="Robin is on leave")
    screen.submit()
    assert "Sam Ashby is named" in screen.told()
    assert "The plan names Robin Vale" not in screen.why_not()
    assert "Robin is on leave" in str(cells(screen.page.overview.history))


# --- freezing ---


@pytest.fixture
def frozen(room, screen):
    """A frozen audit of four cases, on the screen."""
    room.cases(4)
    row = room.audit()
    screen.page.show_audit(row.id)
    return row


def test_freezing_says_what_it_locks_and_shows_the_seed_afterwards(room, screen):
    room.cases(3)
    screen.plan()
    screen.submit()
    screen.press("Freeze the sample…")
    assert "the list of 3 cases in the population" in seen(screen.form)
    assert preview(screen)[0] == "3 of 3 cases" and screen.page.task.preview.merge_button.isHidden()
    screen.press("Freeze the sample")
    (row,) = room.ask(records.audits)
    assert row.status == rules.SAMPLE_FROZEN and row.seed_given is False
    assert f"seed {row.seed}" in screen.told()
    strip = screen.page.audit.strip
    assert f"N 3  ·  n 3  ·  seed {row.seed}  ·  frame {row.frame_hash[:12]}…" in strip.words.text()
    strip.copy.click()
    assert QGuiApplication.clipboard().text() == row.frame_hash


def test_drawing_again_gives_the_same_sample(frozen, screen):
    screen.press("Draw again")
    assert "the same, in the same order" in screen.told()
    assert [line[1] for line in cells(screen.page.overview.sample)] == [
        case.item for case in screen.room.ask(makers.records_frame.sample, frozen.id) if not case.spare
    ]


def test_what_cannot_be_done_carries_its_sentence(frozen, screen):
    told = screen.why_not()
    assert "the plan cannot change" in told
    assert "The second review begins when every case is answered, and 4 of 4 cases are not" in told
    assert "cannot become approved" in told and "cannot become moderated" in told
    assert "released only of an approved audit" in told


def test_every_part_of_an_audit_names_what_the_keyboard_reaches(frozen, screen):
    for part in PARTS:
        screen.page.show_audit(frozen.id, part)
        assert problems(screen.page) == [], part
    assert "need every one" in screen.page.results.why_not.words.text()


# --- results ---


def test_a_sample_without_failures_never_reads_as_all(room, screen):
    room.cases(40)
    row = room.audit()
    room.answer_all(row.id)
    screen.page.show_audit(row.id, RESULTS)
    part = screen.page.results
    assert part.overall.text().startswith("Documents that fail: none found in 29; up to ")
    assert "hypergeometric" in part.method.text()
    first = cells(part.criteria)[0]
    assert first[1] == "29" and first[6] == "no failure in 29" and first[7].endswith("may fail")
    assert "100" not in "".join(first)
    assert "holds the post" in part.limits.text()


def test_a_dip_sample_has_no_interval_and_a_whole_count_none_either(room, screen):
    room.cases(6)
    dip = room.audit(Plan("A look", rules.DIP, PLAN.period_from, PLAN.period_to, size=4, strata_by=()))
    whole = room.audit(Plan("Census", rules.CENSUS, PLAN.period_from, PLAN.period_to))
    for row in (dip, whole):
        room.answer_all(row.id, but={(1, 8): NOT_MET})
    screen.page.show_audit(dip.id, RESULTS)
    part = screen.page.results
    assert part.overall.text() == "Documents that pass: 3 of 4 (75.0%); a dip sample, not representative"
    assert {line[7] for line in cells(part.criteria)} == {"–"}
    screen.page.show_audit(whole.id, RESULTS)
    assert part.overall.text() == "Documents that pass: 5 of 6 (83.3%)"
    assert "no interval" in part.method.text()


def test_a_joint_audit_shows_one_force_alone_in_its_scope(room, screen):
    room.cases(6)
    row = room.audit()
    room.answer_all(row.id)
    screen.page.scope_changed("Suffolk")
    screen.page.show_audit(row.id, RESULTS)
    assert "Suffolk only" in screen.page.results.scope.words.text()
    assert screen.page.results.overall.text().startswith("Documents that pass: 3 of 3")


def test_the_list_keeps_to_the_scope(room, screen):
    room.cases(2)
    norfolk = Plan("Of Norfolk", rules.CENSUS, PLAN.period_from, PLAN.period_to, force="Norfolk")
    room.audit(norfolk)
    screen.page.scope_changed("Suffolk")
    screen.page.refresh()
    assert screen.page.list.model.rowCount() == 0
    screen.page.scope_changed("Joint")
    screen.page.refresh()
    assert screen.page.list.model.rowCount() == 1


def approved(room, months):
    """One approved audit of each month."""
    made = []
    for month in months:
        plan = Plan(f"Month {month}", rules.CENSUS, date(2026, month, 1), date(2026, month, 28))
        made.append(room.audit(plan).id)
        room.answer_all(made[-1])
        room.do(records_review.moderate, made[-1], now=NOW, without_second="One reviewer only")
    room.sign_in(APPROVERS)
    for audit_id in made:
        room.do(records_findings.approve, audit_id, now=NOW)
    return made


def test_approved_audits_stand_on_a_chart_with_its_table_and_are_compared(room, screen):
    room.cases(3)
    november = makers.FIRST_CONTACT + days(35)
    for number in range(2):
        contact = november + days(number)
        room.accepted(room.add(now=contact, contact_at=contact, incident_ref=f"NOV-{number}"), contact)
    screen.page.hide()
    made = approved(room, (10, 11))
    screen.open()
    screen.page.show_audit(made[-1], RESULTS)
    part = screen.page.results
    assert "both were counted in full" in part.comparison.text()
    assert part.chart is not None and "2 audits" in part.chart.accessibleName()
    assert [line[:2] for line in cells(part.series_lines)] == [("Oct 2026", "100.0%"), ("Nov 2026", "100.0%")]
    assert problems(screen.page) == []


# --- findings, actions, approval ---


@pytest.fixture
def moderated(room, screen):
    """A moderated audit of two cases."""
    room.cases(2)
    row = room.audit()
    room.answer_all(row.id, but={(1, 8): NOT_MET})
    screen.page.show_audit(row.id)
    screen.press("Moderate the audit…")
    screen.submit()
    assert "is needed" in screen.form.form.refusal_beside("without_second")
    screen.type(without_second="Nobody else was there", limits="Two cases only")
    screen.submit()
    return row


def test_a_finding_leads_to_an_action_that_its_owner_cannot_verify(moderated, room, screen):
    assert "moderated" in screen.told()
    screen.page.show_audit(moderated.id, FINDINGS)
    screen.press("Record a finding…")
    screen.type(title="Source evaluation is not justified")
    screen.submit()
    assert "Critical, High, Medium or Low" in screen.form.form.refusal_beside("severity")
    screen.pick(severity="High")
    screen.submit()
    screen.press("Agree an action…")
    screen.type(text="Brief the teams", owner="Kit Amis", due_on="14 Dec 2026")
    screen.submit()
    screen.press("Start…")
    screen.submit()
    screen.press("Mark as done…")
    screen.submit()
    assert "ask somebody else" in seen(screen.page.findings)
    screen.qtbot.waitUntil(lambda: bool(pages.buttons(screen.page, "Verify…")))
    assert not pages.button(screen.page, "Verify…").isEnabled()
    screen.sign_in(APPROVERS)
    screen.page.show_audit(moderated.id, FINDINGS)
    screen.press("Verify…")
    screen.submit()
    assert "only with evidence" in screen.form.form.refusal_beside("evidence")
    screen.type(evidence="Briefing sheet of 10 December")
    screen.submit()
    (action,) = room.ask(records_findings.actions, today=date(2026, 12, 20), is_open=False)
    assert (action.status, action.verified_by) == (rules.VERIFIED, "Alex Thorne")


def test_overdue_actions_stand_first_and_open_their_audit(moderated, room, screen):
    finding = room.do(records_findings.add_finding, moderated.id, "A gap", now=NOW, severity="Low")
    for text, due in (("Later", date(2026, 12, 24)), ("Soon", date(2026, 12, 1))):
        room.do(records_findings.add_action, finding, text, owner="Kit Amis", due_on=due, now=NOW)
    screen.now = NOW + days(5)
    screen.page.show_list()
    table = screen.page.list.actions_table
    assert screen.page.list.actions_title.text() == "1 overdue action, 1 more open"
    assert table.rows.sentence(0).startswith("Overdue, Overdue since 1 Dec 2026, Soon")
    assert table.hasFocus()
    screen.key(Key.Key_Return)
    assert screen.page.audit.part == FINDINGS
    assert "Overdue" in [pill.accessibleName() for pill in screen.page.findings.findChildren(pages.QWidget)]


def test_only_an_approver_who_reviewed_nothing_approves_and_releases(moderated, screen):
    screen.page.show_audit(moderated.id, OVERVIEW)
    assert "Only an approver can approve an audit" in screen.why_not()
    screen.sign_in(APPROVERS)
    screen.page.show_audit(moderated.id)
    answer = press("Approve the audit")
    screen.press("Approve the audit…")
    assert answer.seen == "Approve the audit?" and screen.told() == "The audit is approved."
    answer = press("Release the panel paper")
    screen.press("Release the panel paper…")
    assert answer.seen and screen.told() == "The panel paper is released."
    assert "Plan one that supersedes it…" in screen.page.overview.steps.buttons()


def test_a_slip_praises_first_and_a_copy_is_logged_as_a_disclosure(moderated, room, screen):
    screen.page.show_audit(moderated.id, SLIPS)
    text = screen.page.slips.slip.toPlainText()
    assert text.startswith("MARSH, Jo\n\nThank you")
    assert 0 < text.index("What was done well") < text.index("What would make it better")
    screen.press("Copy the slip")
    assert QGuiApplication.clipboard().text() == text
    entry = room.log()[-1]
    assert (entry["operation"], entry["recipient"]) == (log.DISCLOSURE, "MARSH, Jo")


def test_a_phase_of_the_chart_begins_and_ends_on_the_page_with_a_reason(room, screen):
    room.cases(3)
    row = room.audit()
    room.answer_all(row.id)
    screen.page.show_audit(row.id, RESULTS)
    part = screen.page.results
    assert part.end_phase.isHidden()
    screen.press("Begin a new phase…")
    screen.type(starts_on="1 Nov 2026", reason="A new form")
    screen.submit()
    assert [one.reason for one in room.ask(records_series.phases, "Joint")] == ["A new form"]
    screen.press("End a phase…")
    assert screen.form.form.widget("phase").currentText() == "From Sun 1 Nov 2026: A new form"
    screen.submit()
    assert "needed here" in screen.form.form.refusal_beside("reason")
    screen.type(reason="The form was withdrawn")
    screen.submit()
    assert "The phase is ended" in screen.told()
    assert room.ask(records_series.phases, "Joint") == [] and part.end_phase.isHidden()
    assert problems(screen.page) == []
