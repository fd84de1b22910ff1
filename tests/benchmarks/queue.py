"""The queue at three sizes: first page, sorting, filtering and scrolling, in the table that the window shows.

The floor does the same work by hand: the very statements, through the driver on a connection of its own, and a plain
QTableView that paints the same texts in a window of the same size.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QTableView, QWidget
from sqlalchemy import event

from oicdesk.referrals.page_list import COLUMNS, QueueSource
from oicdesk.settings.records import reference
from oicdesk.ui import theme
from oicdesk.ui.rows import PAGE, RowsModel, Table
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import NOW, filled_desk, raw_connection
from tests.benchmarks.timing import Figure, figure

SIZES = (1_000, 10_000, 100_000)
_VIEW = "all"
_SEEN = QSize(1200, 720)
_RARE = "Sorrelfern"  # about one officer in a hundred
_SCROLLS = 12


def figures(folder: Path, sizes: Sequence[int] = SIZES, times: int = 9) -> Iterator[Figure]:
    """Every step at every size; a desk is built once for all of its steps."""
    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light", 100)
    for size in sizes:
        with filled_desk(folder, size) as vault:
            yield from _steps(vault, f"{size:,} referrals", times)


def _steps(vault: Vault, words: str, times: int) -> Iterator[Figure]:
    ours, floor = QueueTable(vault), _Floor(vault)
    for name, step in (
        ("queue first paint", lambda table: table.show()),
        ("queue sorted by due time", lambda table: table.show(sort="due_at", descending=True)),
        ("queue sorted by officer", lambda table: table.show(sort="officer_name")),
        ("queue filtered by a word", lambda table: table.show(words=_RARE)),
        ("queue scrolled through", lambda table: table.scroll()),
    ):
        ours.show()
        with _Statements(vault) as said:
            step(ours)
        floor.learn(said)
        yield figure(f"{name}, {words}", partial(step, ours), partial(step, floor), times=times)
    floor.close()


def _paint(widget: QWidget) -> QImage:
    image = QImage(_SEEN, QImage.Format.Format_RGB32)
    widget.render(image, QPoint())
    return image


def _places(count: int, places: int = _SCROLLS) -> list[int]:
    """Where a scroll stops, from the second page to the last row."""
    return [round(PAGE + (count - PAGE - 1) * step / (places - 1)) for step in range(places)]


class QueueTable:
    """The queue's own source, model and table."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        with vault.reading() as session:
            self._desk = reference(session)
        self._model = RowsModel(COLUMNS)
        self._table = Table(self._model, "Benchmark of the queue")
        self._table.resize(_SEEN)

    def show(self, *, words: str = "", sort: str | None = "contact_at", descending: bool = False) -> QImage:
        """A new source, as after a change of view, filter or order, and its first painted rows."""
        self._model.sort_name, self._model.descending = sort, descending
        self._model.set_source(QueueSource(self._vault, self._desk, _VIEW, NOW, "Joint", words))
        self._table.scrollToTop()
        return _paint(self._table)

    def scroll(self, places: int = _SCROLLS) -> None:
        """To places all over the list; no page is held from before."""
        self._model.refresh()
        for place in _places(self._model.rowCount(), places):
            self._table.scrollTo(self._model.index(place, 0))
            _paint(self._table)


@dataclass
class _Statements:
    """The statements, with their values, that run inside the `with`."""

    vault: Vault
    said: list[tuple[str, Any]] = field(default_factory=list)

    def _note(self, _connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        self.said.append((statement, values))

    def __enter__(self) -> list[tuple[str, Any]]:
        event.listen(self.vault._reader, "before_cursor_execute", self._note)
        return self.said

    def __exit__(self, *_exc: object) -> None:
        event.remove(self.vault._reader, "before_cursor_execute", self._note)


class _Plain(QAbstractTableModel):
    """Rows of texts, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.rows: dict[int, Sequence[Any]] = {}

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return self.count

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        row = self.rows.get(index.row())
        return None if row is None else str(row[index.column() + 1] or "")


class _Floor:
    """The same statements through the driver, and the rows they give in a plain table."""

    def __init__(self, vault: Vault) -> None:
        self._connection = raw_connection(vault)
        self._statements: list[tuple[str, Any]] = []
        self._model = _Plain()
        self._table = QTableView()
        self._table.setModel(self._model)
        self._table.resize(_SEEN)
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(theme.row_height())
        for place, column in enumerate(COLUMNS):
            self._table.setColumnWidth(place, column.width)

    def learn(self, statements: list[tuple[str, Any]]) -> None:
        """What the product said to the database in the step to be measured."""
        self._statements = [pair for pair in statements if pair[0].lstrip().startswith(("SELECT", "WITH"))]

    def _fetch(self) -> None:
        self._connection.execute("BEGIN")
        for statement, values in self._statements:
            rows = self._connection.execute(statement, values).fetchall()
            if len(rows) == 1 and len(rows[0]) == 1 and statement.startswith("SELECT count"):
                self._model.count = rows[0][0]
            elif rows and len(rows[0]) > len(COLUMNS):
                self._found = rows
        self._connection.execute("COMMIT")

    def show(self, **_order: Any) -> QImage:
        """All statements of the step, then one paint."""
        self._found: list[Any] = []
        self._model.beginResetModel()
        self._fetch()
        self._model.rows = dict(enumerate(self._found))
        self._model.endResetModel()
        self._table.scrollToTop()
        return _paint(self._table)

    def scroll(self) -> None:
        """All statements of the step, and as many paints; the rows stand wherever the table looks."""
        self._fetch()
        self._model.rows = _Everywhere(self._found)
        self._model.layoutChanged.emit()
        for place in _places(self._model.count):
            self._table.scrollTo(self._model.index(place, 0))
            _paint(self._table)

    def close(self) -> None:
        self._connection.close()


class _Everywhere(dict[int, Sequence[Any]]):
    """The rows of one page, again and again."""

    def __init__(self, rows: Sequence[Any]) -> None:
        super().__init__()
        self._listed = rows

    def get(self, place: int, default: Any = None) -> Any:
        return self._listed[place % len(self._listed)] if self._listed else default


Step = Callable[[Any], Any]
