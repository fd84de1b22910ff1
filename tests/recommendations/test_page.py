"""The Recommendations page by what a user does: read the ledger, add evidence, have a plan approved, log."""

from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from oicdesk.recommendations import records, records_plans
from oicdesk.recommendations.page import LEDGER, LIAISON, PLANS, REVIEWS, RecommendationsPage
from oicdesk.ui import messages, theme
from oicdesk.vault.vault import APPROVER, Vault
from tests import desks
from tests.ui.accessibility import problems
from tests.ui.dialogs import in_dialog

vault, desk = desks.vault, desks.desk

LEFT = Qt.MouseButton.LeftButton
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FOUR = 4000  # the line of recommendation 4


@pytest.fixture
def page(vault, qtbot):
    return show(vault, qtbot)


def show(vault, qtbot):
    page = RecommendationsPage(vault, now=lambda: NOW)
    qtbot.addWidget(page)
    page.resize(1104, 640)
    page.refresh()
    page.show()
    qtbot.waitExposed(page)
    return page


def test_in_large_text_the_detail_stands_below_the_ledger_and_nothing_is_wider_than_its_room(vault, qtbot, qapp):
    theme.apply(qapp, "light", 200)
    page = show(vault, qtbot)
    page.resize(990, 553)
    detail, table = page.ledger.detail, page.ledger.table
    qtbot.waitUntil(lambda: detail.width() <= page.width())
    assert detail.y() > table.y() + 2 * theme.row_height()
    assert detail.horizontalScrollBar().maximum() == 0
    assert page.minimumSizeHint().width() <= 990


def choose(box: QComboBox, words: str) -> None:
    place = box.findText(words)
    assert place >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)


def fill(qtbot, typed: dict[str, str], chosen: dict[str, str] | None = None, ticked: str = "") -> None:
    def act(dialog):
        for name, words in typed.items():
            qtbot.keyClicks(dialog.form.widget(name), words)
        for name, words in (chosen or {}).items():
            choose(dialog.form.widget(name), words)
        if ticked:
            dialog.form.widget(ticked).click()
        qtbot.mouseClick(dialog.verb, LEFT)

    in_dialog(act)


def press(qtbot, page, words: str) -> None:
    # The buttons of a line just chosen are laid out when the events have run.
    qtbot.waitUntil(lambda: page.view.detail.deeds.buttons()[words].isVisible())
    qtbot.mouseClick(page.view.detail.deeds.buttons()[words], LEFT)


def test_in_a_window_of_1280_by_720_nothing_of_the_ledger_lies_beside_it(page):
    table = page.view.table
    assert table.horizontalScrollBar().maximum() == 0
    assert table.columnWidth(1) >= theme.px(220)


def lines(page):
    return [page.view.model.sentence(place) for place in range(page.view.model.rowCount())]


def test_the_ledger_holds_the_four_recommendations_each_with_its_promises_under_it(page):
    rows = [page.ledger.model.row(place) for place in range(page.ledger.model.rowCount())]
    assert [row.whole.asked.number for row in rows if row.promise is None] == [2, 4, 8, 9]
    assert sum(row.promise is not None for row in rows) == 13
    assert all(row.measure.words for row in rows)


def test_a_deadline_that_passed_says_so_whatever_the_status(page):
    told = [line for line in lines(page) if line.startswith("Recommendation 4")]
    assert len(told) == 1
    assert "deadline passed – not met" in told[0]


def test_a_status_goes_on_one_step_and_the_history_says_who(page, vault, qtbot):
    page.ledger.table.select_id(FOUR)
    fill(qtbot, {}, {"status": "In progress"})
    press(qtbot, page, "Change status…")
    assert page.done.words.text() == "Recommendation 4 is now in progress."
    with vault.reading() as session:
        assert [(one.to_status, one.by) for one in records.history(session, 4)] == [("IN_PROGRESS", "Sam Ashby")]


def test_a_step_that_is_skipped_is_refused_beside_the_field(page, vault, qtbot):
    page.ledger.table.select_id(FOUR)
    seen = []

    def act(dialog):
        choose(dialog.form.widget("status"), "Closed")
        qtbot.mouseClick(dialog.verb, LEFT)
        seen.append(dialog.form.refusal_beside("status"))
        qtbot.mouseClick(dialog.cancel, LEFT)

    in_dialog(act)
    press(qtbot, page, "Change status…")
    assert seen == ["A recommendation goes on step by step; make it in progress first."]
    with vault.reading() as session:
        assert records.history(session, 4) == []


def test_evidence_that_shows_a_promise_is_met_changes_how_it_stands(page, qtbot):
    rows = [page.ledger.model.row(place) for place in range(page.ledger.model.rowCount())]
    post = next(row for row in rows if row.code == "post")
    assert post.standing.word == "evidence pending"
    page.ledger.table.select_id(post.id)
    fill(qtbot, {"what": "Start of the post"}, ticked="shows_met")
    press(qtbot, page, "Add evidence…")
    assert page.ledger.model.row(page.ledger.model.position(post.id)).standing.word == "met"


def test_a_file_named_as_evidence_is_kept_by_its_hash_only(page, vault, qtbot, tmp_path, monkeypatch):
    paper = tmp_path / "minutes.txt"
    paper.write_text("agreed")
    monkeypatch.setattr(messages, "answers", [paper])
    page.ledger.table.select_id(FOUR)
    fill(qtbot, {"what": "Minutes of the board"})
    press(qtbot, page, "Name a file as evidence…")
    with vault.reading() as session:
        (kept,) = records.evidence(session, 4)
    assert kept.file_name == "minutes.txt" and len(kept.sha256) == 64


def test_a_promise_of_the_desk_is_added_and_withdrawn_with_a_reason(page, vault, qtbot):
    page.ledger.table.select_id(FOUR)
    fill(qtbot, {"text": "A yearly review with both districts"})
    press(qtbot, page, "Add a promise…")
    rows = [page.ledger.model.row(place) for place in range(page.ledger.model.rowCount())]
    added = next(row for row in rows if row.promise and not row.promise.promised.is_shipped)
    page.ledger.table.select_id(added.id)
    fill(qtbot, {"why": "Said twice"})
    press(qtbot, page, "Withdraw this promise…")
    assert page.ledger.model.rowCount() == len(rows) - 1


def test_a_published_promise_cannot_be_withdrawn_and_says_why(page):
    page.ledger.table.select_id(FOUR + 1)
    assert "Withdraw this promise…" not in page.ledger.detail.deeds.buttons()


def test_a_plan_is_approved_by_another_user_and_not_by_who_recorded_it(vault, qtbot):
    vault.add_user("Alex Thorne", APPROVER, desks.APPROVERS)
    path = vault.path
    page = show(vault, qtbot)
    page.parts.choose(PLANS)
    fill(qtbot, {"title": "Collection plan", "owner": "Detective Inspector"}, {"kind": "Collection"})
    qtbot.mouseClick(page.plans.add_button, LEFT)
    assert "Approve version" not in page.plans.detail.deeds.buttons()
    page.close()
    vault.close()
    with Vault.open(path, desks.APPROVERS) as theirs:
        other = show(theirs, qtbot)
        other.parts.choose(PLANS)
        press(qtbot, other, "Approve version")
        with theirs.reading() as session:
            (plan,) = records_plans.plans(session)
        assert plan.holds is not None and plan.holds.approver == "Alex Thorne"
        assert plan.holds.review_on == date(2027, 5, 23)
        other.close()


def test_an_approval_from_outside_is_marked_as_reported(page, qtbot):
    page.parts.choose(PLANS)
    fill(qtbot, {"title": "Sharing plan", "owner": "Detective Inspector"}, {"kind": "Sharing"})
    qtbot.mouseClick(page.plans.add_button, LEFT)
    fill(qtbot, {"name": "A Superintendent", "role": "Lead", "reference": "Minutes 7"})
    press(qtbot, page, "Report an approval…")
    assert page.plans.model.row(0).holds.approver == "A Superintendent, Lead (reported, Minutes 7)"


def test_a_new_version_waits_while_the_old_one_holds(page, qtbot):
    page.parts.choose(PLANS)
    fill(qtbot, {"title": "Sharing plan", "owner": "Detective Inspector"}, {"kind": "Sharing"})
    qtbot.mouseClick(page.plans.add_button, LEFT)
    fill(qtbot, {"name": "A Superintendent", "role": "Lead", "reference": "Minutes 7"})
    press(qtbot, page, "Report an approval…")
    fill(qtbot, {"version": "2.0"})
    press(qtbot, page, "Edit as a new version…")
    row = page.plans.model.row(0)
    assert (row.holds.version, row.waits.version) == ("1.0", "2.0")
    assert "new version to approve" in page.plans.model.sentence(0)


def test_reviews_and_liaison_are_logged_and_the_log_is_read_by_district(page, qtbot):
    page.parts.choose(REVIEWS)
    fill(qtbot, {"analyst": "Analyst", "subject": "Tasking of the week"}, {"kind": "Tasking package"})
    qtbot.mouseClick(page.reviews.add_button, LEFT)
    assert "Tasking of the week" in lines(page)[0]
    page.parts.choose(LIAISON)
    for district, force in (("Ipswich", "Suffolk"), ("Breckland", "Norfolk")):
        typed = {"district": district, "subject": f"Meeting in {district}"}
        fill(qtbot, typed, {"kind": "Meeting", "force": force})
        qtbot.mouseClick(page.liaison.add_button, LEFT)
    assert page.liaison.count.text() == "2 meetings, 0 products"
    choose(page.liaison.district, "Ipswich (Suffolk)")
    assert [row.district for row in page.liaison.rows()] == ["Ipswich"]
    assert page.liaison.count.text() == "1 meeting, 0 products"


def test_the_scope_of_a_force_leaves_out_the_liaison_of_the_other(page, vault):
    with vault.changing() as session:
        records_plans.add_liaison(
            session, "meeting", date(2026, 11, 2), force="Norfolk", district="Breckland", subject="First", now=NOW
        )
    page.scope_changed("Suffolk")
    page.refresh()
    page.parts.choose(LIAISON)
    assert page.liaison.model.rowCount() == 0


@pytest.mark.parametrize("part", [LEDGER, PLANS, REVIEWS, LIAISON])
def test_every_part_speaks_for_itself(page, part):
    page.parts.choose(part)
    assert problems(page) == []
    assert isinstance(page.view.first_focus().accessibleName(), str) and page.view.table.accessibleName()


def test_ctrl_n_adds_to_the_part_that_is_shown(page, vault, qtbot):
    page.parts.choose(REVIEWS)
    page.view.table.setFocus()
    fill(qtbot, {"analyst": "Analyst", "subject": "Intelligence of the month"}, {"kind": "Intelligence"})
    qtbot.keyClick(page.view.table, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.reviews.model.rowCount() == 1
