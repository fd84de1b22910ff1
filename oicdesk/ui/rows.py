"""Tables of rows: a model that fetches pages from SQL as they are looked at, and the view that shows them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    QSizeF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QStaticText,
    QTransform,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from oicdesk import machine
from oicdesk.ui import theme
from oicdesk.ui.parts import Empty

PAGE = 64  # more than a screen shows, and little enough that fetching one is never felt
KEPT_PAGES = 24
KEPT_SELECTION = 200  # more selected rows than this are not sought again after a refresh
_PAD = 8
_MOST_LAID_OUT = 4000
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT_LINE, _RIGHT_LINE = _LEFT | Qt.TextFlag.TextSingleLine, _RIGHT | Qt.TextFlag.TextSingleLine

Index = QModelIndex | QPersistentModelIndex
Span = tuple["Column", int, int]  # a column, where its text begins, and the room that it has


@dataclass(frozen=True)
class Column:
    """One column of a table of rows.

    `sort` is the name the source sorts by (None: not sortable); `spoken` says the cell within a sentence;
    `icon` names a state of `theme.STATES` (any case), painted as a pill with the cell's text as its word.
    """

    title: str
    text: Callable[[Any], str]
    sort: str | None = None
    spoken: Callable[[Any], str] | None = None
    width: int = 120
    align_right: bool = False
    icon: Callable[[Any], str | None] | None = None


class Source(Protocol):
    """Where rows come from; each row has a whole number `id`. Sorting is the source's, in SQL."""

    def count(self) -> int: ...

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[Any]: ...

    def position(self, id: int, sort: str | None, descending: bool) -> int | None: ...


class ListSource:
    """A source for a short list held in memory; `keys` maps a sort name to its key function."""

    def __init__(self, rows: Sequence[Any], keys: dict[str, Callable[[Any], Any]] | None = None) -> None:
        self._rows, self._keys = list(rows), keys or {}

    def count(self) -> int:
        return len(self._rows)

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[Any]:
        return self._sorted(sort, descending)[offset : offset + limit]

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        found = (place for place, row in enumerate(self._sorted(sort, descending)) if row.id == id)
        return next(found, None)

    def _sorted(self, sort: str | None, descending: bool) -> list[Any]:
        return sorted(self._rows, key=self._keys[sort], reverse=descending) if sort else self._rows


class RowsModel(QAbstractTableModel):
    """Rows of a source, fetched a page at a time when first looked at; a few pages are kept until `refresh`."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.sort_name: str | None = None
        self.descending = False
        self._source: Source = ListSource([])
        self._count = 0
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()

    def set_source(self, source: Source) -> None:
        """Show another source (a new filter or scope); the order stays."""
        self._reset(source, self.sort_name, self.descending)

    def refresh(self) -> None:
        """Count again and drop every page held, because the records may have changed."""
        self._reset(self._source, self.sort_name, self.descending)

    def _reset(self, source: Source, sort_name: str | None, descending: bool) -> None:
        count = source.count()
        self.beginResetModel()
        self._source, self._count = source, count
        self.sort_name, self.descending = sort_name, descending
        self._pages.clear()
        self.endResetModel()

    def row(self, place: int) -> Any | None:
        """The row at this place, or None when it has gone meanwhile."""
        number, offset = divmod(place, PAGE)
        page = self._pages.get(number)
        if page is None:
            page = self._source.page(number * PAGE, PAGE, self.sort_name, self.descending)
            self._pages[number] = page
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page[offset] if offset < len(page) else None

    def position(self, id: int) -> int | None:
        """Where the row with this id stands in the present order."""
        place = self._source.position(id, self.sort_name, self.descending)
        return place if place is not None and 0 <= place < self._count else None

    def sentence(self, place: int) -> str:
        """The whole row as one sentence, for a screen reader."""
        row = self.row(place)
        if row is None:
            return ""
        said = [part for column in self.columns if (part := _spoken(column, row))]
        return ", ".join(said) + "." if said else ""

    # -- QAbstractTableModel

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.align_right else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            row = self.row(index.row())
            return None if row is None else column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if index.column() == 0:
                return self.sentence(index.row())
            row = self.row(index.row())
            return None if row is None else _spoken(column, row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.align_right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column that names its sort; another column changes nothing."""
        if not 0 <= column < len(self.columns) or self.columns[column].sort is None:
            return
        self._reset(self._source, self.columns[column].sort, order == Qt.SortOrder.DescendingOrder)


def _spoken(column: Column, row: Any) -> str:
    if column.spoken is not None:
        return column.spoken(row)
    text = column.text(row)
    return f"{column.title} {text}".strip() if text else ""


class _Cells(QStyledItemDelegate):
    """What cells look like: text with room at both sides, or a pill; and how wide they would like to be.

    Qt's own way calls back into Python eight times a cell. The table paints its rows itself through `paint_row`, and
    texts are cut to their cell and laid out once, since it repaints the same ones at every key.
    """

    def __init__(self, table: "Table") -> None:
        super().__init__(table)
        self._font = ""
        self._laid_out: dict[tuple[str, int], tuple[QStaticText, QSizeF]] = {}

    def start(self, painter: QPainter) -> None:
        """Before the rows of a repaint: what was laid out in another font is of no use."""
        font = painter.font().key()
        if font != self._font or len(self._laid_out) >= _MOST_LAID_OUT:
            self._font, self._laid_out = font, {}

    def paint_row(self, painter: QPainter, row: Any, spans: Sequence[Span], top: int, height: int) -> None:
        """All cells of a row with the painter's present pen."""
        for column, left, width in spans:
            text = column.text(row)
            name = column.icon(row) if column.icon is not None else None
            if name:
                pen = painter.pen()
                theme.paint_pill(painter, QRect(left, top, width, height), name, text)
                painter.setPen(pen)
            elif text:
                words, size = self._laid_out.get((text, width)) or self._lay_out(painter, text, width)
                x = left + width - size.width() if column.align_right else left
                painter.drawStaticText(QPointF(x, top + (height - size.height()) / 2), words)

    def _lay_out(self, painter: QPainter, text: str, width: int) -> tuple[QStaticText, QSizeF]:
        shown = painter.fontMetrics().elidedText(" ".join(text.split("\n")), Qt.TextElideMode.ElideRight, width)
        words = QStaticText(shown)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.prepare(QTransform(), painter.font())
        found = self._laid_out[text, width] = words, words.size()
        return found

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model = index.model()
        assert isinstance(model, RowsModel)
        row = model.row(index.row())
        column = model.columns[index.column()]
        text = column.text(row) if row is not None else ""
        metrics = option.fontMetrics
        name = column.icon(row) if row is not None and column.icon is not None else None
        width = theme.pill_size(metrics, text).width() if name else metrics.horizontalAdvance(text)
        return QSize(width + 2 * _PAD + 2, theme.row_height())

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """The whole text as a tool tip, only where the cell cuts it off."""
        if index.isValid() and self.sizeHint(option, index).width() > option.rect.width() + 2:
            QToolTip.showText(event.globalPos(), str(index.data() or ""), view)
            return True
        return False


class Table(QTableView):
    """Rows 32 high with one thin line between them. `name` is what a screen reader says and what the
    remembered column widths are kept under. Actions added with `addAction` appear in its context menu."""

    row_opened = Signal(int)
    selection_changed = Signal()

    def __init__(self, model: RowsModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = model
        self.setObjectName(name)
        self.setAccessibleName(name)
        # Noted when selected: after a change in the vault the place of a row no longer tells its id.
        self._selected: list[int] = []
        self._current: int | None = None
        self._held: tuple[list[int], int | None, int, tuple[str | None, bool]] | None = None
        self._empty = Empty(self.viewport())
        self._text_size = theme.px(100)  # what the widths of the columns were set for
        self._dress()
        # Before setModel, so that it is noted before the view forgets its selection.
        model.modelAboutToBeReset.connect(self._hold)
        self.setModel(model)
        model.modelReset.connect(self._give_back)
        self.selectionModel().selectionChanged.connect(self._note_selection)
        self.selectionModel().currentChanged.connect(self._note_current)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        self._width_timer = QTimer(self, singleShot=True, interval=400)
        self._width_timer.timeout.connect(self._keep_widths)
        self._set_widths()
        self.horizontalHeader().sectionResized.connect(self._width_timer.start)
        self._give_back()

    def _dress(self) -> None:
        self._cells = _Cells(self)
        self.setItemDelegate(self._cells)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = _Header(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(header)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(theme.px(40))
        header.sectionClicked.connect(self._turn_sort)
        self._fit_heights()

    def _fit_heights(self) -> None:
        self.verticalHeader().setMinimumSectionSize(theme.row_height())
        self.verticalHeader().setDefaultSectionSize(theme.row_height())

    # -- what pages ask

    def selected_ids(self) -> list[int]:
        """Ids of the selected rows, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [row.id for row in map(self.rows.row, places) if row is not None]

    def selected_count(self) -> int:
        """How many rows are selected, without reading them."""
        return sum(part.height() for part in self.selectionModel().selection().toList())

    def current_id(self) -> int | None:
        """Id of the row that has the focus, or None."""
        return self._current

    def select_id(self, id: int) -> bool:
        """Select this row alone and scroll to it; False when the table does not hold it."""
        place = self.rows.position(id)
        if place is None:
            return False
        self.selectRow(place)
        self.scrollTo(self.rows.index(place, 0))
        return True

    def selectRow(self, row: int) -> None:
        """Select this row alone; Qt's own would add to the selection, or take from it, with Ctrl or Shift held."""
        only = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.rows.index(row, 0), only)

    def sort_by(self, name: str, descending: bool = False) -> None:
        """Sort by the column whose `sort` is this name."""
        column = next(n for n, column in enumerate(self.rows.columns) if column.sort == name)
        self._sort(column, descending)

    def set_empty(
        self,
        title: str,
        sentence: str,
        verb: str | None = None,
        action: Callable[[], object] | None = None,
    ) -> None:
        """What to say when there is no row: why, what to do, and the button that does it."""
        self._empty.say(title, sentence, verb, action)

    # -- sorting

    def _turn_sort(self, column: int) -> None:
        name = self.rows.columns[column].sort
        if name is not None:
            self._sort(column, self.rows.sort_name == name and not self.rows.descending)
        else:
            self._show_sort()

    def _sort(self, column: int, descending: bool) -> None:
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.rows.sort(column, order)
        self._show_sort()

    def _show_sort(self) -> None:
        sorts = [column.sort for column in self.rows.columns]
        place = sorts.index(self.rows.sort_name) if self.rows.sort_name in sorts and self.rows.sort_name else -1
        down = Qt.SortOrder.DescendingOrder if self.rows.descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(place, down)

    # -- selection by id over a reset

    def _note_selection(self) -> None:
        ranges = self.selectionModel().selection().toList()
        places = [place for part in ranges for place in range(part.top(), part.bottom() + 1)]
        few = places if len(places) <= KEPT_SELECTION else []
        self._selected = [row.id for row in map(self.rows.row, few) if row is not None]
        self.selection_changed.emit()

    def _note_current(self, index: QModelIndex) -> None:
        row = self.rows.row(index.row()) if index.isValid() else None
        self._current = None if row is None else row.id

    def _hold(self) -> None:
        order = (self.rows.sort_name, self.rows.descending)
        self._held = (self._selected, self._current, self.verticalScrollBar().value(), order)

    def _give_back(self) -> None:
        is_empty = self.rows.rowCount() == 0
        self._empty.setVisible(is_empty)
        # Titles over nothing are not worth a bar to move them by.
        on, off = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setHorizontalScrollBarPolicy(off if is_empty else on)
        self._place_empty()
        held, self._held = self._held, None
        if held is None:
            return
        ids, current, scrolled, order = held
        found = {id: self.rows.position(id) for id in ids}
        places = [place for place in found.values() if place is not None]
        sorted_anew = order != (self.rows.sort_name, self.rows.descending)
        if sorted_anew and current not in ids:
            current = None  # nobody chose it, so the view stays at the top
        there = None if current is None else found[current] if current in found else self.rows.position(current)
        selection = QItemSelection()
        for place in places:
            selection.select(self.rows.index(place, 0), self.rows.index(place, len(self.rows.columns) - 1))
        model = self.selectionModel()
        if there is not None:
            model.setCurrentIndex(self.rows.index(there, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        model.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._current = current if there is not None else None
        if not sorted_anew:
            self.verticalScrollBar().setValue(scrolled)
        if ids and not places:
            self._note_selection()

    def _open(self, place: int) -> None:
        row = self.rows.row(place)
        if row is not None:
            self.row_opened.emit(row.id)

    # -- widths

    def _set_widths(self) -> None:
        kept = machine.this().widths(self.objectName())
        for number, column in enumerate(self.rows.columns):
            self.setColumnWidth(number, theme.px(kept.get(column.title, column.width)))

    def _fit_widths(self) -> None:
        """Another text size: every column grows with it; else widths of the old size would be kept as the new one's."""
        before, self._text_size = self._text_size, theme.px(100)
        if before != self._text_size:
            self.horizontalHeader().setMinimumSectionSize(theme.px(40))
            for number in range(len(self.rows.columns)):
                self.setColumnWidth(number, round(self.columnWidth(number) * self._text_size / before))

    def _keep_widths(self) -> None:
        # The last column follows the window, so its width says nothing.
        titles = [column.title for column in self.rows.columns[:-1]]
        widths = {title: theme.unscaled(self.columnWidth(n)) for n, title in enumerate(titles)}
        machine.this().keep_widths(self.objectName(), widths)

    # -- Qt

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_heights()
            self._fit_widths()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_empty()

    def _place_empty(self) -> None:
        self._empty.setGeometry(self.viewport().rect().adjusted(theme.MARGIN, 0, -theme.MARGIN, 0))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.rows.rowCount():
            none = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self.rows.index(0, 0), none)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), event.modifiers() in (_NONE, _PAD_KEYS)
        if plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self._open(self.currentIndex().row())
            return
        if plain and key in (Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_Home, Qt.Key.Key_End):
            at, last = self.currentIndex().row(), self.rows.rowCount() - 1
            there = {Qt.Key.Key_J: at + 1, Qt.Key.Key_K: at - 1, Qt.Key.Key_Home: 0}.get(Qt.Key(key), last)
            if last >= 0:
                self.selectRow(min(last, max(0, there)))
                self.scrollTo(self.currentIndex())
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here; looking for a text is the page's search box."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft() + QPoint(_PAD, 0))
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def context_menu(self) -> QMenu:
        """The page's actions, then "Sort by", so that the keyboard can sort too."""
        menu = QMenu(self)
        menu.addActions(self.actions())
        if self.actions():
            menu.addSeparator()
        sorting = menu.addMenu("Sort by")
        for number, column in enumerate(self.rows.columns):
            if column.sort is None:
                continue
            action = QAction(column.title, sorting)
            action.setCheckable(True)
            action.setChecked(self.rows.sort_name == column.sort)
            action.triggered.connect(lambda _=False, n=number: self._turn_sort(n))
            sorting.addAction(action)
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        wanted = event.rect()
        first, last = self.rowAt(wanted.top()), self.rowAt(wanted.bottom())
        if first >= 0:
            self._paint_rows(painter, range(first, (last if last >= 0 else self.rows.rowCount() - 1) + 1))
        current = self.currentIndex()
        if self.hasFocus() and current.isValid():
            top = self.rowViewportPosition(current.row())
            theme.paint_focus(painter, QRect(0, top, self.viewport().width(), self.rowHeight(current.row()) - 1))
        painter.end()

    def _paint_rows(self, painter: QPainter, places: range) -> None:
        ranges = [(part.top(), part.bottom()) for part in self.selectionModel().selection().toList()]
        spans = self._spans()
        usual, chosen, line = theme.color("text"), theme.color("on_selection"), QPen(theme.color("line"), 1)
        width = self.viewport().width()
        end = max((left + room for _, left, room in spans), default=0) + _PAD
        self._cells.start(painter)
        for place in places:
            top, height = self.rowViewportPosition(place), self.rowHeight(place)
            selected = any(first <= place <= last for first, last in ranges)
            if selected:
                painter.fillRect(0, top, end, height, theme.color("selection"))
            row = self.rows.row(place)
            if row is not None:
                painter.setPen(chosen if selected else usual)
                self._cells.paint_row(painter, row, spans, top, height)
            painter.setPen(line)
            painter.drawLine(0, top + height - 1, width, top + height - 1)

    def _spans(self) -> list[Span]:
        """The columns that are in sight."""
        width, found = self.viewport().width(), []
        for number, column in enumerate(self.rows.columns):
            left, room = self.columnViewportPosition(number), self.columnWidth(number)
            if room > 0 and left < width and left + room > 0:
                found.append((column, left + _PAD, room - 2 * _PAD))
        return found


class _Header(QHeaderView):
    """Column titles in secondary ink over one line, with a small arrow at the sorted one."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.row_height())

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        table = self.parent()
        assert isinstance(table, Table)
        column = table.rows.columns[section]
        painter.save()
        painter.fillRect(rect, theme.color("card"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        sorted_here = section == self.sortIndicatorSection()
        painter.setPen(theme.color("text" if sorted_here else "secondary"))
        font = theme.font("small")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        side, arrow = theme.px(12), theme.px(14) if sorted_here else 0
        inside = rect.adjusted(_PAD, 0, -_PAD - arrow, 0)
        words = painter.fontMetrics().elidedText(column.title, Qt.TextElideMode.ElideRight, inside.width())
        align = Qt.AlignmentFlag.AlignRight if column.align_right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inside, align | Qt.AlignmentFlag.AlignVCenter, words)
        if sorted_here:
            advance = painter.fontMetrics().horizontalAdvance(words)
            left = inside.right() + 3 if column.align_right else inside.left() + advance + 3
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            box = QRect(left, rect.center().y() - side // 2 + 1, side, side)
            theme.paint_icon(painter, box.toRectF(), "arrow-down" if down else "arrow-up", theme.color("text"))
        painter.restore()


_NONE = Qt.KeyboardModifier.NoModifier
_PAD_KEYS = Qt.KeyboardModifier.KeypadModifier
