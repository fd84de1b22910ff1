"""For every test: no screen, the program's own fonts, and user folders of its own."""

import gc
import os
import sys
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class PatientBot(QtBot):
    """A busy machine is slow, not wrong: it may take half a minute until what a test waits for is so."""

    def waitUntil(self, callback, *, timeout=30_000):
        return super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=30_000, **more):
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitActive(self, widget, *, timeout=30_000):
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget, *, timeout=30_000):
        return super().waitExposed(widget, timeout=timeout)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end, so Python need not look for garbage in it, now or before each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def qtbot(qapp, request):
    """pytest-qt's own, with more patience."""
    return PatientBot(request)


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """All vaults of a run share what SQLAlchemy compiled; a program opens one vault, the tests open thousands."""
    from sqlalchemy.pool import StaticPool

    from oicdesk.vault import connection

    make = connection.create_engine
    first = make("sqlite://", module=connection.sqlcipher, poolclass=StaticPool, query_cache_size=5000)
    first.connect().close()  # its dialect learns what the driver can do

    def sharing(*args, **more):
        engine = make(*args, **more)
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "create_engine", sharing)
        yield
    first.dispose()


@pytest.fixture(autouse=True)
def _every_dialog_came() -> Iterator[None]:
    """What waits for a dialog that never came would answer one of a later test."""
    yield
    dialogs = sys.modules.get("tests.ui.dialogs")
    assert dialogs is None or not dialogs.give_up_waiting(), "a dialog that this test would have answered never came"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the folders of the person who runs it."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        folder = home / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    # platformdirs reads these on Windows only where the shell's own folders cannot be asked.
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("APPDATA", str(home))
    monkeypatch.setenv("LOCALAPPDATA", str(home))


@pytest.fixture(autouse=True)
def _dressed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that uses Qt sees the program as a user does: its fonts, colours and sizes."""
    if "qtbot" in request.fixturenames or "qapp" in request.fixturenames:
        from PySide6.QtCore import QEvent

        from oicdesk.ui import messages, theme

        app = request.getfixturevalue("qapp")
        theme.apply(app, "light", 100)
        yield
        messages.answers = None
        # A window left behind would be the parent, or the active window, of the next test's dialogs.
        for window in app.topLevelWidgets():
            window.hide()
            window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return
    yield
