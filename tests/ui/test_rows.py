from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu

from oicdesk import machine
from oicdesk.ui import theme
from oicdesk.ui.rows import KEPT_PAGES, PAGE, Column, ListSource, RowsModel, Table


@dataclass(frozen=True)
class CaseRow:
    id: int
    ref: str
    team: str
    status: str = "SUBMITTED"


COLUMNS = (
    Column("State", lambda row: row.status.title(), "status", icon=lambda row: row.status, width=140),
    Column("Reference", lambda row: row.ref, "ref", spoken=lambda row: row.ref),
    Column("Team", lambda row: row.team, "team"),
    Column("Age", lambda row: str(row.id), align_right=True, width=60),
)


@dataclass
class Counted:
    """A source that notes which pages were asked for."""

    rows: list[CaseRow]
    asked: list[tuple[int, str | None, bool]] = field(default_factory=list)

    def _sorted(self, sort: str | None, descending: bool) -> list[CaseRow]:
        key = (lambda row: (getattr(row, sort), row.id)) if sort else (lambda row: row.id)
        return sorted(self.rows, key=key, reverse=descending)

    def count(self) -> int:
        return len(self.rows)

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[Any]:
        self.asked.append((offset, sort, descending))
        return self._sorted(sort, descending)[offset : offset + limit]

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        ids = [row.id for row in self._sorted(sort, descending)]
        return ids.index(id) if id in ids else None


def cases(count: int) -> list[CaseRow]:
    return [CaseRow(n, f"OIC-2026-{n:04d}", ("Ipswich", "Lowestoft", "Thetford")[n % 3]) for n in range(1, count + 1)]


@pytest.fixture
def source() -> Counted:
    return Counted(cases(1000))


@pytest.fixture
def table(qtbot, source: Counted) -> Table:
    model = RowsModel(COLUMNS)
    model.set_source(source)
    table = Table(model, "Queue")
    qtbot.addWidget(table)
    table.resize(700, 400)
    with qtbot.waitExposed(table):
        table.show()
    table.activateWindow()
    table.setFocus()
    return table


def test_the_model_keeps_qts_contract(qapp, source: Counted) -> None:
    model = RowsModel(COLUMNS)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_source(source)
    model.sort(1, Qt.SortOrder.DescendingOrder)
    source.rows.pop()
    model.refresh()
    model.set_source(ListSource([]))
    assert tester.model() is model and model.rowCount() == 0


def test_only_the_pages_that_are_looked_at_are_fetched(table: Table, source: Counted) -> None:
    table.grab()
    assert {offset for offset, _, _ in source.asked} == {0}
    table.scrollTo(table.rows.index(10 * PAGE + 50, 0))
    table.grab()
    assert {offset for offset, _, _ in source.asked} == {0, 10 * PAGE}


def test_a_page_is_asked_for_once_and_only_a_few_are_kept(qapp) -> None:
    source = Counted(cases(PAGE * (KEPT_PAGES + 2)))
    model = RowsModel(COLUMNS)
    model.set_source(source)
    for place in range(0, len(source.rows), PAGE):
        model.row(place)
        model.row(place + 1)
    assert len(source.asked) == KEPT_PAGES + 2
    model.row(0)
    assert len(source.asked) == KEPT_PAGES + 3


def test_a_row_that_has_gone_meanwhile_is_empty_and_not_an_error(qapp, source: Counted) -> None:
    model = RowsModel(COLUMNS)
    model.set_source(source)
    source.rows.clear()
    assert model.data(model.index(5, 0)) is None
    assert model.sentence(5) == ""


def test_a_row_speaks_as_one_sentence_and_a_cell_as_its_words(table: Table) -> None:
    model = table.rows
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0, 0), role) == "State Submitted, OIC-2026-0001, Team Lowestoft, Age 1."
    assert model.data(model.index(0, 2), role) == "Team Lowestoft"


def test_a_screen_reader_hears_the_sentence_and_the_tables_name(table: Table) -> None:
    spoken = QAccessible.queryAccessibleInterface(table)
    assert spoken.text(QAccessible.Text.Name) == "Queue"
    parts = map(spoken.child, range(20))
    first_cell = next(part for part in parts if part.role() == QAccessible.Role.Cell)
    assert first_cell.text(QAccessible.Text.Name).startswith("State Submitted, OIC-2026-0001")


def test_enter_opens_the_current_row(qtbot, table: Table) -> None:
    table.select_id(7)
    with qtbot.waitSignal(table.row_opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [7]


def test_a_double_click_opens_a_row(qtbot, table: Table) -> None:
    place = table.visualRect(table.rows.index(2, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(table.row_opened) as opened:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [3]


def test_j_and_k_and_the_arrows_move_and_stop_at_the_ends(qtbot, table: Table) -> None:
    table.select_id(1)
    for key, now in (
        (Qt.Key.Key_K, 1), (Qt.Key.Key_J, 2), (Qt.Key.Key_Down, 3), (Qt.Key.Key_K, 2), (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_End, 1000), (Qt.Key.Key_J, 1000), (Qt.Key.Key_Home, 1),
    ):  # fmt: skip
        qtbot.keyClick(table, key)
        assert (table.current_id(), table.selected_ids()) == (now, [now])


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_a_row_is_selected_alone_though_the_keys_of_a_shortcut_are_still_held(qtbot, table: Table, held) -> None:
    table.selectRow(2)
    qtbot.keyPress(table, Qt.Key.Key_F5, held)
    for place in (4, 4, 1):
        table.selectRow(place)
        assert (table.current_id(), table.selected_ids()) == (place + 1, [place + 1])
    qtbot.keyRelease(table, Qt.Key.Key_F5)


def test_tab_leaves_the_table(qtbot, table: Table) -> None:
    table.select_id(1)
    qtbot.keyClick(table, Qt.Key.Key_Tab)
    assert table.current_id() == 1 and table.currentIndex().column() == 0


def _header_middle(table: Table, column: int):
    header = table.horizontalHeader()
    return header.viewport().rect().topLeft() + type(header.pos())(
        header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2
    )


def test_clicking_a_title_sorts_in_the_source_and_again_turns_the_order(qtbot, table: Table, source: Counted) -> None:
    viewport = table.horizontalHeader().viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_header_middle(table, 2))
    table.grab()
    assert source.asked[-1] == (0, "team", False)
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_header_middle(table, 2))
    table.grab()
    assert source.asked[-1] == (0, "team", True)
    assert table.horizontalHeader().sortIndicatorOrder() == Qt.SortOrder.DescendingOrder


def test_a_column_without_a_sort_leaves_the_order_alone(qtbot, table: Table) -> None:
    table.sort_by("ref", descending=True)
    viewport = table.horizontalHeader().viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_header_middle(table, 3))
    assert (table.rows.sort_name, table.rows.descending) == ("ref", True)
    assert table.horizontalHeader().sortIndicatorSection() == 1


def test_the_keyboard_sorts_from_the_context_menu(table: Table) -> None:
    menu = table.context_menu()
    sorting = next(found for found in menu.findChildren(QMenu) if found.title() == "Sort by")
    assert [action.text() for action in sorting.actions()] == ["State", "Reference", "Team"]
    sorting.actions()[2].trigger()
    assert table.rows.sort_name == "team"


def test_the_selection_follows_its_rows_over_a_refresh(qtbot, table: Table, source: Counted) -> None:
    for id in (3, 5):
        place = table.rows.index(table.rows.position(id), 0)
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        table.selectionModel().select(place, flags)
    source.rows = [row for row in source.rows if row.id not in (1, 2)]
    table.rows.refresh()
    assert table.selected_ids() == [3, 5]
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0, 2]


def test_the_selection_follows_its_rows_over_a_sort(table: Table) -> None:
    table.select_id(3)
    table.sort_by("ref", descending=True)
    assert table.selected_ids() == [3] and table.current_id() == 3
    assert table.currentIndex().row() == 997


def test_a_selected_row_far_away_is_found_by_id_and_not_by_place(table: Table, source: Counted) -> None:
    table.select_id(6)
    for place in range(0, 1000, PAGE):
        table.rows.row(place)
    source.rows = source.rows[1:]
    table.rows.refresh()
    assert table.selected_ids() == [6]


def test_a_selected_row_that_left_is_no_longer_selected_and_the_page_is_told(
    qtbot, table: Table, source: Counted
) -> None:
    table.select_id(4)
    source.rows = [row for row in source.rows if row.id != 4]
    with qtbot.waitSignal(table.selection_changed):
        table.rows.refresh()
    assert table.selected_ids() == [] and table.current_id() is None


def test_selecting_an_id_that_is_not_there_says_so(table: Table) -> None:
    assert not table.select_id(5000)
    assert table.select_id(900) and table.selected_ids() == [900]


def test_column_widths_are_remembered_for_the_next_table_of_that_name(qtbot, table: Table, qapp) -> None:
    table.setColumnWidth(1, 222)
    qtbot.waitUntil(lambda: machine.this().widths("Queue").get("Reference") == 222)
    theme.apply(qapp, "light", 200)
    again = Table(RowsModel(COLUMNS), "Queue")
    qtbot.addWidget(again)
    assert again.columnWidth(1) == 444


def test_columns_grow_with_the_text_and_keep_their_width_over_any_change_of_size(table: Table, qtbot, qapp) -> None:
    usual = [table.columnWidth(place) for place in range(3)]
    for percent in (200, 100, 150):
        theme.apply(qapp, "light", percent)
        assert [table.columnWidth(place) for place in range(3)] == [theme.px(width) for width in usual]
    qtbot.waitUntil(lambda: machine.this().widths("Queue").get("Reference") == usual[1])


def test_an_empty_table_has_no_bar_to_move_its_titles_by(qtbot) -> None:
    table = Table(RowsModel(COLUMNS), "Queue")
    qtbot.addWidget(table)
    table.resize(120, 300)
    table.show()
    assert not table.horizontalScrollBar().isVisible()
    table.rows.set_source(Counted(cases(3)))
    assert table.horizontalScrollBar().isVisible()


def test_an_empty_table_says_why_and_its_button_acts(qtbot, table: Table, source: Counted) -> None:
    pressed = []
    table.set_empty(
        "Nothing is waiting", "Every case has its document.", "Import an extract", lambda: pressed.append(1)
    )
    empty = table._empty
    assert not empty.isVisible()
    source.rows = []
    table.rows.refresh()
    assert empty.isVisible()
    qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert pressed == [1]
    source.rows = cases(2)
    table.rows.refresh()
    assert not empty.isVisible()


def test_a_focused_row_and_a_state_are_painted(table: Table) -> None:
    table.select_id(2)
    image = table.viewport().grab().toImage()
    inks = {image.pixelColor(x, y).name() for x in range(300) for y in range(70)}
    for name in ("accent", "selection", "blue_tint", "line"):
        assert theme.color(name).name() in inks


def test_a_part_painted_again_looks_as_it_did_in_the_whole(table: Table) -> None:
    table.select_id(2)
    table.verticalScrollBar().setValue(11)
    table.setColumnHidden(2, True)
    whole = table.viewport().grab().toImage()
    for part in (QRect(90, 21, 200, 5), QRect(0, 60, 300, 90), table.viewport().rect()):
        assert table.viewport().grab(part).toImage() == whole.copy(part)


def test_rows_end_where_the_list_ends(table: Table, source: Counted) -> None:
    source.rows = cases(2)
    table.rows.refresh()
    below = table.viewport().grab().toImage().copy(0, 2 * theme.row_height(), 300, 100)
    assert {below.pixelColor(x, y).name() for x in range(300) for y in range(100)} == {theme.color("card").name()}


def test_a_list_in_memory_sorts_by_its_keys(qapp) -> None:
    source = ListSource(cases(3), {"ref": lambda row: row.ref})
    assert [row.id for row in source.page(0, 2, "ref", True)] == [3, 2]
    assert source.position(1, "ref", True) == 2 and source.position(9, None, False) is None
