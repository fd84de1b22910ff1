"""Home: what waits, how much of it, and that each number opens exactly the rows that it counts."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QListWidget

from oicdesk.audits import records_findings, records_review
from oicdesk.audits import rules as audit_rules
from oicdesk.audits.page import AuditsPage
from oicdesk.comms.page import CommsPage
from oicdesk.documents import records as documents
from oicdesk.documents import records_drafts, records_list
from oicdesk.documents import rules as document_rules
from oicdesk.documents.page import DocumentsPage
from oicdesk.documents.records_list import ReportRow
from oicdesk.documents.rules import CaseAsAt
from oicdesk.documents.rules_draft import Draft
from oicdesk.documents.rules_draft import Item as DraftItem
from oicdesk.machine import Machine
from oicdesk.measures import records_home, rules, rules_home
from oicdesk.measures.page import CASE_NUMBERS, ELSEWHERE, PEOPLE_NUMBERS, HomePage
from oicdesk.recommendations import records_plans
from oicdesk.recommendations.page import RecommendationsPage
from oicdesk.referrals import (
    records_breaches,
    records_chasers,
    records_clock,
    records_exemptions,
    records_holds,
    records_people,
    records_reconcile,
    records_views,
)
from oicdesk.referrals import rules as referral_rules
from oicdesk.referrals.page import QueuePage
from oicdesk.referrals.page_chasers import ChasersPage
from oicdesk.referrals.page_reconcile import ReconcilePage
from oicdesk.referrals.page_reviews import ReviewsPage
from oicdesk.referrals.records_disclosures import Handing
from oicdesk.referrals.records_reconcile import OutsideRow
from oicdesk.settings.records import reference
from oicdesk.training import records as training_records
from oicdesk.training import records_events
from oicdesk.training.page import TrainingPage
from oicdesk.ui import theme
from oicdesk.ui.main_window import MainWindow, StatusLine
from oicdesk.ui.rows import Table
from oicdesk.vault.vault import APPROVER, Vault
from tests.audits.makers import NOW as AUDITED
from tests.audits.makers import PLAN
from tests.audits.makers import Room as AuditRoom
from tests.comms.makers import APPROVERS, NOW, PASSPHRASE, Room, room
from tests.desks import CONTACT, days, hours, opened, vault
from tests.measures.test_records import CASES, statements, tables_of
from tests.training.makers import done, export, person, roster
from tests.ui.accessibility import problems

__all__ = ["room", "vault"]
CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG_AGO = datetime(2025, 11, 3, 9, tzinfo=UTC)


# --- the rules ---


def test_every_line_says_how_it_is_counted_and_urges_nobody_to_refer_anyone():
    assert len(rules_home.BY_KEY) == len(rules_home.WORK)
    for work in rules_home.WORK:
        told = " ".join((work.title, work.formula, work.left_out)).lower()
        assert work.formula.endswith(".") and work.left_out.endswith(".") and work.group in rules_home.GROUPS
        assert not [word for word in ("refer ", "refer more", "target", "score", "nationality") if word in told]


def test_each_number_of_the_charts_holds_the_cases_that_the_rules_count():
    due = (None, NOW - hours(2), NOW, NOW + hours(2))
    submitted = (None, NOW - hours(3), NOW - hours(1))
    cases = [
        CaseAsAt(status, CONTACT, by, at, "Suffolk", None, before_register=before)
        for status, by, at, before in product(referral_rules.STATUSES, due, submitted, (False, True))
    ]
    found = {key: len(ids) for key, ids in rules_home.behind(enumerate(cases), NOW).items()}
    covered, timely = document_rules.coverage(cases, NOW), document_rules.on_time(cases, NOW)
    assert found == {
        "in_scope": covered.in_scope, "submitted": covered.submitted, "not_yet_due": covered.not_yet_due,
        "overdue": covered.overdue, "left_out": len(cases) - covered.in_scope, "due": timely.due,
        "on_time": timely.on_time, "late": timely.due - timely.on_time,
    }  # fmt: skip
    assert all(found.values())


def test_the_verdict_is_a_word_and_never_a_coloured_change_of_two_points():
    steady = [50.0, 60.0] * 8
    assert rules.verdict([10.0, 90.0]) == rules.TOO_EARLY
    assert rules.verdict(steady) == rules.NO_CHANGE
    assert rules.verdict([*steady, 100.0]) == rules.ABOVE
    assert rules.verdict([*steady, 0.0]) == rules.BELOW


# --- a desk on which everything waits ---


def fill(room):
    """At least one row for every line but those of audits, by doing the work."""
    document = room.submit(room.add(incident_ref="told"), CONTACT + hours(3))
    draft = room.do(records_drafts.begin, 1, now=CONTACT)
    room.do(records_drafts.autosave, draft, Draft("T", (DraftItem("Text."),)))
    room.do(records_drafts.leave, draft, Handing("DI Reed", "briefing", "pdf"), now=CONTACT + hours(1))
    room.do(documents.return_for_correction, document, "Wrong yard.", at=CONTACT + hours(5))
    room.do(documents.resubmit, document, at=CONTACT + hours(8), now=NOW)
    late = room.add(incident_ref="late")
    room.add(incident_ref="today", contact_at=NOW - hours(23), force="Norfolk", officer_collar="PC 11")
    returned = room.submit(room.add(incident_ref="back"), CONTACT + hours(3))
    room.do(documents.return_for_correction, returned, "Two matters.", at=NOW - hours(1))
    woken = room.add(incident_ref="woken", officer_collar="PC 12")
    room.do(records_clock.snooze, woken, date(2026, 11, 22), now=NOW - days(4))
    asleep = room.add(incident_ref="asleep", officer_collar="PC 13")
    room.do(records_clock.snooze, asleep, date(2026, 11, 30), now=NOW - days(4))
    room.accepted(room.add(incident_ref="done"), CONTACT + hours(3))
    room.add(incident_ref="scope", reason="status_enquiry")
    room.do(records_exemptions.ask, late, "status_enquiry_only", "Only a question.", now=NOW)
    room.do(records_people.add_person, late, {"label": "A", "categories": {"victim"}}, now=NOW)
    room.do(records_drafts.begin, late, now=NOW - days(28))
    room.do(records_breaches.record, {"aware_at": NOW - hours(2), "facts": "A laptop was left in a van."}, now=NOW)
    old = room.add(incident_ref="old", contact_at=LONG_AGO, now=LONG_AGO)
    room.do(records_holds.place_hold, old, "court", "The trial.", date(2026, 11, 20), now=NOW - days(60))
    _lists(room)
    _others(room)


def _lists(room):
    rows = [
        OutsideRow(4, CONTACT, "Suffolk", "NCCU5", None, "PC 12"),
        OutsideRow(5, CONTACT, "Suffolk", "N6", None, "PC 6"),
        OutsideRow(6, CONTACT + days(6), "Norfolk", "N7", None, "PC 8"),
    ]  # fmt: skip
    room.do(records_reconcile.write, rows, file_name="nccu.xlsx", file_sha256="", total=3, now=NOW)
    reports = [ReportRow(2, NOW - hours(3), reference="IR/77", collar="PC 4444", force="Suffolk")]

    def take_in(session):
        found = [replace(one, match=match) for one, match in zip(
            reports, records_list.compare(session, reports), strict=True)]  # fmt: skip
        return records_list.write(session, found, file_name="reports.csv", file_sha256="", total=1, now=NOW)

    room.do(take_in)


def _others(room):
    roster(room.vault, *(person(3000000 + n, f"Officer{n}") for n in range(3)))
    export(room.vault, done(3000000, "Module 1", "01/06/2026", "Officer0, Somebody"))
    room.do(
        training_records.set_relevance, "hydra", on=date(2026, 1, 1), at=NOW, why="agreed", role_groups=["Frontline"]
    )
    event = room.do(records_events.add_event, date(2026, 11, 12), "Martlesham", "local", 2, now=NOW - days(30))
    room.do(records_events.invite, event, [1], now=NOW - days(30))
    room.planned(planned_on=date(2026, 11, 20), now=NOW - days(9))
    plan = room.do(records_plans.add_plan, "collection", "Ports", now=NOW)
    room.do(records_plans.add_version, plan, "1.0", owner="DI", review_on=date(2027, 5, 1), now=NOW)
    room.sign_in(APPROVERS)
    room.do(records_chasers.chase, 2, referral_rules.OFFICER, "telephone", at=NOW)
    room.sign_in(PASSPHRASE)


class Screen:
    """A window with Home and the pages named, and an officer at it."""

    def __init__(self, room, qtbot, folder, *others, now=lambda: NOW):
        machine = Machine(folder / "machine.json")
        self.qtbot, self.home = qtbot, HomePage(room.vault, now=now)
        more = {"now": now, "machine": machine}
        pages = [self.home, *(make(room.vault, **more) for make in others)]
        self.window = MainWindow(
            pages, marking="OFFICIAL", vault_name="Desk", status=StatusLine, on_lock=lambda: None, machine=machine
        )
        qtbot.addWidget(self.window)
        self.window.resize(1280, 720)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is self.window)
        self.settle()

    def settle(self):
        self.qtbot.waitUntil(lambda: self.home.charts is not None and not self.home.counting.isVisible())

    def go(self, key):
        """Home, and the line of that key by the arrows."""
        self.press(Qt.Key.Key_1, CTRL)
        self.press(Qt.Key.Key_Escape)
        self.home.do_now.setFocus()
        self.press(Qt.Key.Key_Home)
        for _line in self.home.do_now.lines():
            if self.home.do_now.key == key:
                return
            self.press(Qt.Key.Key_Down)
        assert self.home.do_now.key == key

    def press(self, key, modifier=NONE):
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def rows(self):
        """How many rows stand in the table that has the focus."""
        table = QApplication.focusWidget()
        assert isinstance(table, Table), table
        return table.rows.rowCount()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The desk on which everything waits, made once and closed, to be copied."""
    folder = tmp_path_factory.mktemp("home")
    vault = opened(folder / "desk")
    vault.add_user("Alex Thorne", APPROVER, APPROVERS)
    room = Room(vault)
    fill(room)
    room.vault.close()
    return room.vault.path


@pytest.fixture
def full(made, tmp_path):
    path = tmp_path / "full.oicdesk"
    shutil.copytree(made, path, ignore=shutil.ignore_patterns("lock"))
    room = Room(Vault.open(path, PASSPHRASE))
    yield room
    room.vault.close()


@pytest.fixture
def screen(full, qtbot, tmp_path):
    return Screen(full, qtbot, tmp_path)


def queue(vault, **more):
    tools = [ChasersPage(vault, **more), ReconcilePage(vault, **more), ReviewsPage(vault, **more)]
    return QueuePage(vault, tools=tools, **more)


@pytest.fixture
def whole(full, qtbot, tmp_path):
    """With every page that Home leads to."""
    others = (queue, DocumentsPage, TrainingPage, CommsPage, AuditsPage, RecommendationsPage)
    return Screen(full, qtbot, tmp_path, *others)


def test_each_number_is_the_count_of_the_rows_that_its_line_opens_and_such_a_row_opens_its_record(whole):
    home = whole.home
    waiting = {key: one.count for key, one in home.found.items() if one.count}
    assert set(rules_home.BY_KEY) - set(waiting) == {"audits", "actions"}
    assert home.do_now.lines() == [one.key for one in rules_home.WORK if one.key in waiting]
    for key, count in waiting.items():
        whole.go(key)
        whole.press(Qt.Key.Key_Return)
        assert (key, whole.rows()) == (key, count)
        assert (whole.window.page is home) == (key not in ELSEWHERE), key
        if key not in ELSEWHERE and key != "drafts":  # its editor takes long to build; its own tests open it
            whole.press(Qt.Key.Key_Return)
            assert whole.window.page is not home, key


def test_each_number_of_a_card_opens_its_rows_and_escape_comes_back(screen):
    home = screen.home
    for card in home.cards:
        for button in card.buttons():
            count = int(button.text().split()[0].replace(",", ""))
            screen.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            assert screen.rows() == count if count else home.behind.table.rows.rowCount() == 0
            screen.press(Qt.Key.Key_Escape)
            assert home.right.currentWidget() is home.figures
    assert problems(home) == []
    told = {button.key for card in home.cards for button in card.buttons()}
    assert told == {*CASE_NUMBERS["coverage"], *CASE_NUMBERS["on_time"], *PEOPLE_NUMBERS}


def test_in_the_largest_text_the_rows_come_into_sight_and_escape_goes_back_to_the_line(full, qtbot, qapp, tmp_path):
    theme.apply(qapp, "light", 200)
    screen = Screen(full, qtbot, tmp_path)
    screen.go("plans")
    screen.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not screen.home.behind.back.visibleRegion().isEmpty())
    assert not screen.home.behind.table.viewport().visibleRegion().isEmpty()
    screen.press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not screen.home.do_now.viewport().visibleRegion().isEmpty())
    assert screen.home.do_now.key == "plans"


def test_a_line_speaks_as_a_sentence_and_i_says_formula_denominator_what_is_left_out_and_the_instant(screen):
    lines: QListWidget = screen.home.do_now
    spoken = [lines.item(place).data(Qt.ItemDataRole.AccessibleTextRole) for place in range(2)]
    assert spoken[0] == "Documents awaited"
    assert spoken[1].startswith("Overdue, ") and spoken[1].endswith("the longest since Tue 4 Nov 2025")
    screen.go("overdue")
    screen.press(Qt.Key.Key_I)
    assert screen.home.about.heading.text() == "Overdue"
    told = QApplication.focusWidget().accessibleDescription()
    for label in ("Formula", "Denominator", "Left out", "Scope: Suffolk and Norfolk", "As at: Mon 23 Nov 2026 12:00"):
        assert label in told
    screen.press(Qt.Key.Key_Escape)
    assert screen.home.do_now.hasFocus()


def test_the_scope_of_the_window_narrows_what_waits_and_the_figures(screen):
    both = dict(screen.home.found), screen.home.charts
    for force in ("Suffolk", "Norfolk"):
        screen.window.set_scope(force)
        screen.qtbot.waitUntil(lambda force=force: screen.home.charts.force == force)
    assert screen.home.found["due_today"].count == 1 and screen.home.found["overdue"].count == 0
    assert both[0]["overdue"].count > 0
    assert screen.home.charts.coverage.in_scope < both[1].coverage.in_scope


def test_what_is_dealt_with_leaves_the_list_and_the_line_stays_chosen(screen, full):
    screen.go("breaches")
    before = screen.home.found["breaches"].count
    told = {"commissioner_told_at": NOW - hours(1)}
    breach = {"aware_at": NOW - hours(2), "facts": "A laptop was left in a van."}
    full.do(records_breaches.edit, 1, breach | told, now=NOW)
    screen.window.notify(frozenset({"breach"}))
    assert before == 1 and "breaches" not in screen.home.do_now.lines()
    assert screen.home.do_now.key == "reviews_due"


def test_what_falls_due_while_another_page_is_shown_waits_when_home_is_shown_again(full, qtbot, tmp_path):
    clock = [NOW]
    screen = Screen(full, qtbot, tmp_path, DocumentsPage, now=lambda: clock[0])
    before = screen.home.found
    assert before["due_today"].count == 1
    screen.press(Qt.Key.Key_2, CTRL)
    clock[0] = NOW + hours(2)
    screen.press(Qt.Key.Key_1, CTRL)
    qtbot.waitUntil(lambda: screen.home.found["overdue"].count == before["overdue"].count + 1)
    assert screen.home.found["due_today"].count == 0 and "14:00" in screen.home.as_at.text()


# --- an empty desk, and a scope in which nothing waits ---


def test_an_empty_desk_says_so_and_offers_what_to_do(room, qtbot, tmp_path):
    page = HomePage(room.vault, now=lambda: datetime(2025, 6, 2, 9, tzinfo=UTC))
    qtbot.addWidget(page)
    page.resize(1100, 640)
    page.refresh()
    page.show()
    qtbot.waitUntil(lambda: page.charts is not None)
    assert page.nothing.isVisibleTo(page)
    with qtbot.waitSignal(page.import_asked):
        qtbot.mouseClick(page.nothing.button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.add_asked):
        qtbot.keyClick(page.nothing.button, Qt.Key.Key_N, CTRL)
    assert all(card.nothing.isVisibleTo(page) for card in page.cards)
    assert problems(page) == []


# --- what is read ---


def test_the_charts_say_what_the_figures_say(full):
    full.add(incident_ref="nobody knows the force", force=None)
    for force in ("Suffolk", "Norfolk", "Joint"):
        charts = full.ask(records_home.charts, NOW, force)
        told = full.ask(documents.figures, as_at=NOW, force=force)
        assert (charts.coverage._asdict(), charts.on_time._asdict()) == (told["coverage"], told["on_time"])
        assert charts.denominator == told["denominator"]
        whole = {**told["coverage"], **told["on_time"]}
        for key in ("submitted", "not_yet_due", "overdue", "in_scope", "on_time", "due"):
            assert (force, len(charts.ids[key])) == (force, whole[key]), key
        assert charts.standing.headline == f"deadline passed – {'met' if force == 'Norfolk' else 'not met'}"


def test_the_counts_of_the_queue_are_those_of_its_views(full):
    with full.vault.reading() as session:
        desk = reference(session)
        found = {
            **records_home.at_once(session, NOW, "Joint", desk), **records_home.later(session, NOW, "Joint"),
        }  # fmt: skip
        views = records_views.counts(session, now=NOW, desk=desk)
    shared = {"overdue", "returned", "to_close", "scope", "approval", "list_gaps", "news"}
    assert {key: found[key].count for key in shared} == {key: views[key] for key in shared}
    assert found["woken"].count == 1  # the one put off until Monday week is not back


def test_home_reads_again_after_a_change_of_any_table_that_it_reads_and_joins_no_person_to_a_case(full):
    with statements() as sent, full.vault.reading() as session:
        desk = reference(session)
        records_home.at_once(session, NOW, "Joint", desk)
        records_home.later(session, NOW, "Joint")
        records_home.last(session, NOW, "Joint")
        charts = records_home.charts(session, NOW, "Joint")
        records_home.case_items(session, charts.ids["in_scope"], NOW, desk)
    assert set().union(*sent) - HomePage.tables == set()
    cases, training = tables_of(CASES), tables_of(("training",))
    assert [named for named in sent if named & cases and named & training] == []


def test_a_snooze_that_ran_out_over_the_weekend_is_back_on_monday_and_not_on_tuesday(room):
    case = room.add()
    room.do(records_clock.snooze, case, date(2026, 11, 21), now=NOW - timedelta(days=4))
    desk = room.ask(reference)
    spec = records_views.LISTS["woken"]
    counted = [room.ask(records_views.count, spec, now=NOW + days(n), desk=desk) for n in (-3, 0, 1)]
    assert counted == [0, 1, 0]


def test_an_audit_to_approve_and_its_actions_due_are_listed_and_those_due_later_are_not(vault):
    audits = AuditRoom(vault)
    audits.cases(1)
    audit = audits.audit(replace(PLAN, kind=audit_rules.CENSUS)).id
    audits.answer_all(audit)
    found = audits.do(records_findings.add_finding, audit, "A box is hidden", now=AUDITED, severity=audit_rules.HIGH)
    for words, due in (("Late", 0), ("This week", 6), ("Later", 7)):
        day = AUDITED.date() + timedelta(days=due)
        audits.do(records_findings.add_action, found, words, owner="The post", due_on=day, now=AUDITED)
    audits.do(records_review.moderate, audit, now=AUDITED, without_second="One post")
    desk = audits.ask(reference)
    next_day, norfolk = AUDITED + days(1), ("Norfolk", desk)
    waiting = audits.ask(records_home.at_once, next_day, "Joint", desk)
    assert [item.what for item in waiting["actions"].items] == ["Late", "This week"]
    assert [item.state[1] for item in waiting["actions"].items] == ["Overdue", "Due"]
    assert [item.what for item in waiting["audits"].items] == [PLAN.title]
    assert audits.ask(records_home.at_once, next_day, *norfolk)["audits"].count == 1  # a joint audit concerns both
