"""Tools of the queue page: other pages, listed under the views and shown in place of list and case."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from oicdesk.machine import Machine
from oicdesk.referrals.page import QueuePage
from oicdesk.ui.main_window import Page
from oicdesk.ui.undo import Step
from tests import desks
from tests.desks import NOW
from tests.ui.accessibility import problems

desk, vault = desks.desk, desks.vault
Key = Qt.Key


class Tool(Page):
    """A small page that notes what it is asked."""

    def __init__(self, title: str, icon: str, kind: str) -> None:
        super().__init__()
        self.title, self.icon_name, self.kind = title, icon, kind
        self.tables = frozenset({kind})
        self.read: list[str] = []
        self.made = 0
        self.box = QLineEdit()
        self.box.setAccessibleName(f"Find in {title}")
        self.second = QLineEdit()
        self.second.setAccessibleName(f"Second box of {title}")
        column = QVBoxLayout(self)
        column.addWidget(self.box)
        column.addWidget(self.second)
        self.act(f"Make in {title}", self._make, "Ctrl+N")

    def _make(self) -> None:
        self.made += 1

    def refresh(self) -> None:
        self.read.append(self.force)

    def first_focus(self) -> QWidget:
        return self.box

    def panes(self) -> list[QWidget]:
        return [self.box, self.second]

    def show_item(self, kind: str, id: int) -> bool:
        return kind == self.kind


@pytest.fixture
def tools(qapp) -> list[Tool]:
    return [Tool("Officers", "users", "officer"), Tool("Reconciliation", "git-compare", "outside_contact")]


@pytest.fixture
def page(desk, qtbot, tmp_path, tools) -> QueuePage:
    desk.add()
    page = QueuePage(desk.vault, now=lambda: NOW, tools=tools, machine=Machine(tmp_path / "machine.json"))
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.refresh()
    page.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is page)
    page.first_focus().setFocus()
    return page


def press(qtbot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def test_the_page_answers_for_its_tools_tables(page, tools):
    assert {"officer", "outside_contact", "referral"} <= page.tables


def test_a_tool_is_reached_and_left_by_the_keyboard_alone(page, tools, qtbot):
    page.views.setFocus()
    press(qtbot, Key.Key_End)
    assert page.tool is tools[1] and page.views.hasFocus()
    press(qtbot, Key.Key_Up)
    assert page.tool is tools[0]
    press(qtbot, Key.Key_Return)
    assert QApplication.focusWidget() is tools[0].box
    press(qtbot, Key.Key_Escape)
    assert page.tool is None and QApplication.focusWidget() is page.table
    assert page.views.view == "needs_document"


def test_the_heading_above_the_tools_is_passed_over(page, tools, qtbot):
    page.views.choose("all")
    page.views.setFocus()
    press(qtbot, Key.Key_Down)
    assert page.tool is tools[0]
    press(qtbot, Key.Key_Up)
    assert page.tool is None and page.views.view == "all"


def test_choosing_a_view_shows_the_list_again(page, tools):
    page.show_tool(tools[0])
    assert not page.table.isVisible() and tools[0].isVisible()
    page.views.choose("all")
    assert page.table.isVisible() and page.tool is None


def test_a_tool_is_read_only_while_it_is_in_sight_and_knows_the_scope(page, tools):
    assert tools[0].read == []
    page.scope_changed("Norfolk")
    page.refresh()
    assert tools[0].read == []
    page.show_tool(tools[0])
    assert tools[0].read == ["Norfolk"]
    page.show_tool(tools[1])
    page.show_tool(tools[0])
    assert tools[0].read == ["Norfolk"]
    page.refresh()
    assert tools[0].read == ["Norfolk", "Norfolk"] and tools[1].read == ["Norfolk"]
    page.show_list()
    page.refresh()
    assert len(tools[0].read) == 2


def test_what_is_shown_answers_to_the_keys_and_is_listed_under_f1(page, tools, qtbot):
    assert "Add a referral" in [action.text() for action in page.listed_actions()]
    assert "Make in Officers" not in [action.text() for action in page.listed_actions()]
    page.show_tool(tools[0])
    assert [action.text() for action in page.listed_actions()] == ["Make in Officers"]
    press(qtbot, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert (tools[0].made, tools[1].made, page.form) == (1, 0, None)
    press(qtbot, Key.Key_Escape)
    press(qtbot, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert tools[0].made == 1 and page.form is not None


def test_the_panes_of_a_tool_are_walked(page, tools):
    page.show_tool(tools[1])
    assert page.panes() == [page.views, tools[1].box, tools[1].second]
    assert page.first_focus() is tools[1].box


def test_an_item_of_a_tool_brings_the_tool_forward_and_a_referral_the_list(page, tools, desk):
    assert page.show_item("outside_contact", 3) and page.tool is tools[1]
    assert not page.show_item("learner", 3) and page.tool is tools[1]
    assert page.show_item("referral", 1) and page.tool is None


def test_a_tool_asks_the_window_through_the_page(page, tools):
    asked, steps = [], []
    page.open_requested.connect(lambda kind, id: asked.append((kind, id)))
    page.step_done.connect(steps.append)
    step = Step("Move an officer", lambda: "")
    tools[0].open_requested.emit("document", 4)
    tools[0].step_done.emit(step)
    assert asked == [("document", 4)] and steps == [step]


def test_a_form_begun_on_a_case_is_there_again_after_a_tool(page, tools, qtbot):
    page.add()
    qtbot.keyClicks(page.form.form.widget("officer_name"), "MARSH")
    page.show_tool(tools[0])
    page.show_list()
    assert page.form.form.widget("officer_name").text() == "MARSH" and page.form.isVisible()


def test_a_tool_and_its_place_in_the_list_have_names(page, tools):
    page.show_tool(tools[0])
    assert problems(page) == []
