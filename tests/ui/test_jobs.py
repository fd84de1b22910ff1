import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import delete, isValid

from oicdesk.errors import Refused
from oicdesk.ui import jobs
from tests.ui.dialogs import press


@pytest.fixture
def owner(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def waiting() -> "jobs._Waiting":
    return next(found for found in QApplication.topLevelWidgets() if isinstance(found, jobs._Waiting))


def test_the_result_comes_back_on_the_main_thread(qtbot, owner: QWidget) -> None:
    got: list[tuple[int, bool]] = []
    threads: list[threading.Thread] = []

    def work(progress: jobs.Progress) -> int:
        threads.append(threading.current_thread())
        return 42

    jobs.run(
        owner,
        work,
        title="Count",
        done=lambda n: got.append((n, threading.current_thread() is threading.main_thread())),
    )
    qtbot.waitUntil(lambda: bool(got))
    assert got == [(42, True)] and threads[0] is not threading.main_thread()


def test_progress_is_shown_while_the_window_is_blocked(qtbot, owner: QWidget) -> None:
    go, done = threading.Event(), []

    def work(progress: jobs.Progress) -> None:
        progress(0.4, "Reading row 110 of 274")
        go.wait(10)

    jobs.run(owner, work, title="Import 274 rows", done=done.append)
    dialog = waiting()
    assert dialog.isModal() and dialog.bar.maximum() == 0
    qtbot.waitUntil(lambda: dialog.text.text() == "Reading row 110 of 274")
    assert dialog.bar.value() / dialog.bar.maximum() == pytest.approx(0.4)
    go.set()
    qtbot.waitUntil(lambda: done == [None])
    assert not isValid(dialog) or not dialog.isVisible()


def test_cancel_stops_the_work_at_its_next_step_and_nothing_is_called_back(qtbot, owner: QWidget) -> None:
    called: list[str] = []
    ended = threading.Event()

    def work(progress: jobs.Progress) -> None:
        try:
            while True:
                progress(0.5)
        except jobs.Cancelled:
            ended.set()
            raise

    jobs.run(
        owner,
        work,
        title="Import",
        done=lambda _: called.append("done"),
        failed=lambda _: called.append("failed"),
        cancelled=lambda: called.append("cancelled"),
    )
    qtbot.mouseClick(waiting().cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: called == ["cancelled"])
    assert ended.is_set()


def test_the_window_cannot_be_closed_before_the_work_has_ended(qtbot, owner: QWidget) -> None:
    go, called = threading.Event(), []
    jobs.run(owner, lambda progress: go.wait(10), title="Back up", done=called.append)
    dialog = waiting()
    dialog.close()
    assert dialog.isVisible() and not dialog.cancel.isEnabled()
    go.set()
    qtbot.waitUntil(lambda: called == [True])


def _refuse(progress: jobs.Progress) -> None:
    raise Refused("The file has no rows: choose another one.")


def test_a_refusal_goes_to_failed(qtbot, owner: QWidget) -> None:
    errors: list[Exception] = []
    jobs.run(owner, _refuse, title="Import", done=lambda _: None, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]).startswith("The file has no rows")


def test_a_refusal_without_a_hearer_is_told_in_a_message(qtbot, owner: QWidget) -> None:
    answer = press("Close")
    jobs.run(owner, _refuse, title="Import", done=lambda _: None, quiet=True)
    qtbot.waitUntil(lambda: answer.seen == "This was not done")


def test_a_bug_goes_to_the_crash_hook_too(qtbot, owner: QWidget, monkeypatch) -> None:
    hooked: list[type] = []
    errors: list[Exception] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: hooked.append(kind))
    jobs.run(owner, lambda progress: 1 // 0, title="Divide", done=lambda _: None, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert hooked == [ZeroDivisionError]


def test_a_callback_is_dropped_when_its_owner_has_gone(qtbot) -> None:
    owner, called, idle = QWidget(), [], []
    go = threading.Event()
    jobs.run(owner, lambda progress: go.wait(10), title="Back up", done=called.append, quiet=True)
    delete(owner)
    go.set()
    jobs.when_idle(lambda: idle.append(1))
    qtbot.waitUntil(lambda: idle == [1])
    assert called == []


def test_jobs_run_one_after_another(qtbot, owner: QWidget) -> None:
    order: list[str] = []
    first_may_end = threading.Event()

    def first(progress: jobs.Progress) -> None:
        first_may_end.wait(10)
        order.append("first")

    jobs.run(owner, first, title="First", done=lambda _: None, quiet=True)
    jobs.run(owner, lambda progress: order.append("second"), title="Second", done=lambda _: None, quiet=True)
    first_may_end.set()
    qtbot.waitUntil(lambda: len(order) == 2)
    assert order == ["first", "second"]


def test_idle_is_told_at_once_when_nothing_runs() -> None:
    told: list[int] = []
    jobs.when_idle(lambda: told.append(1))
    assert told == [1]
