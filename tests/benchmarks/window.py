"""The whole window at 100,000 referrals, by a user's keys: from the key to the painted rows, the slowest of twenty.

The promise is a difference: p95 at most 50 ms above the raw query. So both figures of a line are 95th percentiles;
the floor is the statements that were asked between key and paint, through the driver on a connection of its own.
"""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from sqlalchemy import event

from oicdesk.app import _window
from oicdesk.machine import Machine
from oicdesk.measures.page import HomePage
from oicdesk.referrals import records_many, rules
from oicdesk.referrals.page import QueuePage
from oicdesk.ui import theme
from oicdesk.ui.main_window import MainWindow
from oicdesk.ui.status_bar import StatusLine
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import filled_desk, raw_connection
from tests.benchmarks.timing import Figure, seconds

_TIMES = 20
_KEYS = {"filter": "sorrelfern, pc 12", "Ctrl+K": "sorrelfern alder p"}


def figures(folder: Path, size: int = 100_000) -> Iterator[Figure]:
    """View, order, filter and the find-or-do box in the window that a user sees."""
    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light", 100)
    with filled_desk(folder, size) as vault:
        memory = Machine(Path(tempfile.mkdtemp(dir=folder)))
        window = _window(vault, memory, status=StatusLine, on_lock=lambda: None)
        window.resize(1280, 720)
        window.show()
        yield from _steps(_Desk(vault, window), f"{size:,} referrals")
        yield from _many(vault, f"{size:,} referrals")
        window.close()
        window.deleteLater()


class _Painted(QObject):
    """Notes when a widget has been painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.is_so = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, what: QEvent) -> bool:
        self.is_so = self.is_so or what.type() == QEvent.Type.Paint
        return False


class _Desk:
    """The window, and the statements that it asks."""

    def __init__(self, vault: Vault, window: MainWindow) -> None:
        self.vault, self.window = vault, window
        self.queue = next(page for page in window.pages if isinstance(page, QueuePage))
        window.show_page(self.queue)
        self.rows = _Painted(self.queue.table.viewport())
        self.said: list[tuple[str, Any]] = []
        self.raw = raw_connection(vault)
        event.listen(vault._reader, "before_cursor_execute", self._note)
        self.settle()

    def _note(self, _connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        self.said.append((statement, values))

    def settle(self) -> None:
        """Everything that follows by itself: counts, the case on top, what a timer does."""
        QTest.qWait(120)

    def until(self, painted: _Painted | None, act: Callable[[], object]) -> tuple[float, float]:
        """Seconds from a key to the paint that shows what it did, and of the statements asked on the way; without a
        widget to paint, of the act alone."""
        self.settle()
        gc.collect()
        self.said.clear()
        start = perf_counter()
        act()
        if painted is not None:
            painted.is_so = False
        while not (painted is None or painted.is_so):
            QApplication.processEvents()
        taken, said = perf_counter() - start, list(self.said)
        start = perf_counter()
        for statement, values in said:
            if not statement.startswith("BEGIN"):
                self.raw.execute(statement, values).fetchall()
        return taken, perf_counter() - start


def _steps(desk: _Desk, words: str) -> Iterator[Figure]:
    queue = desk.queue
    desk.settle()
    views = [partial(queue.views.choose, view) for view in ("all", "needs_document", "done", "overdue")]
    yield _figure(f"view switched, {words}", [desk.until(desk.rows, act) for act in islice(cycle(views), _TIMES)])
    queue.views.choose("all")
    sorts = [partial(queue.table._turn_sort, n) for n, column in enumerate(queue.model.columns) if column.sort]
    yield _figure(f"sorted, {words}", [desk.until(desk.rows, act) for act in islice(cycle(sorts), _TIMES)])
    queue.list.focus_filter()
    yield _figure(f"filter key to painted rows, {words}", list(_typed(desk, desk.rows, queue.filter, _KEYS["filter"])))
    queue.filter.clear()
    box = desk.window.find_box
    box.open()
    hits = _Painted(box._shown().view.viewport())
    yield _figure(f"Ctrl+K key to painted hits, {words}", list(_typed(desk, hits, box, _KEYS["Ctrl+K"])))
    box.leave()
    home = next(page for page in desk.window.pages if isinstance(page, HomePage))
    yield _figure(f"Home read, {words}", [desk.until(None, home.refresh) for _time in range(_TIMES)])


def _many(vault: Vault, words: str, count: int = 40, times: int = 5) -> Iterator[Figure]:
    """One step for forty referrals, at most 200 ms; the floor changes as many rows in one transaction of the driver."""
    raw, now = raw_connection(vault), datetime.now(UTC)
    open_ones = "SELECT id FROM referral WHERE status = 'AWAITING_DOCUMENT' ORDER BY id LIMIT ?"
    ids = [row[0] for row in raw.execute(open_ones, (count * times,))]
    chunks = [ids[start : start + count] for start in range(0, len(ids), count)]

    def floor() -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("UPDATE referral SET team = team WHERE id = ?", [(i,) for i in chunks[0]])
        raw.execute("COMMIT")

    steps: dict[str, Callable[[Any, list[int]], records_many.Result]] = {
        "chased": lambda session, some: records_many.chase_many(session, some, rules.OFFICER, "e-mail", at=now),
        "given a team": lambda session, some: records_many.assign_many(session, some, "Benchmark team", now=now),
        "snoozed": lambda session, some: records_many.snooze_many(
            session, some, (now + timedelta(days=9)).date(), "Annual leave", now=now
        ),
    }
    for name, step in steps.items():
        taken = sorted(seconds(partial(_change, vault, step, some)) for some in chunks)
        yield Figure(f"{count} referrals {name}, {words}", taken[-1], sorted(seconds(floor) for _ in chunks)[-1])
    raw.close()


def _change(vault: Vault, step: Callable[[Any, list[int]], records_many.Result], ids: list[int]) -> None:
    with vault.changing() as session:
        result = step(session, ids)
    assert len(result.changed) == len(ids), result.skipped[:3]


def _typed(desk: _Desk, painted: _Painted, field: QWidget, text: str) -> Iterator[tuple[float, float]]:
    for letter in text:
        yield desk.until(painted, partial(QTest.keyClicks, field, letter))
    for _letter in text[: _TIMES - len(text)]:
        yield desk.until(painted, partial(QTest.keyClick, field, Qt.Key.Key_Backspace))


def _figure(name: str, pairs: Sequence[tuple[float, float]]) -> Figure:
    ours, floor = (sorted(part) for part in zip(*pairs, strict=True))
    place = round(0.95 * (len(pairs) - 1))
    return Figure(f"{name}, p95", ours[place], floor[place])
