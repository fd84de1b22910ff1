import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog

from oicdesk import faults, paths
from oicdesk.ui import crash
from tests.ui.dialogs import when_asked

SECRET = "Testperson Zeta"


@pytest.fixture(autouse=True)
def _hooks():
    before = sys.excepthook
    yield
    sys.excepthook = before
    for handler in faults.log.handlers:
        handler.close()
    faults.log.handlers.clear()


def _boom(name: str) -> None:
    try:
        raise KeyError(name)
    except KeyError as error:
        raise ValueError(f"{name} is not known") from error


def _caught() -> tuple:
    try:
        _boom(SECRET)
    except ValueError:
        return sys.exc_info()
    raise AssertionError


def test_a_report_names_types_and_places_and_no_value() -> None:
    kind, error, trace = _caught()
    text = faults.report(kind, trace, error.__cause__)
    assert "builtins.ValueError" in text and "builtins.KeyError" in text
    assert "tests/ui/test_crash.py:" in text and "in _boom" in text
    assert SECRET not in text and "not known" not in text and str(Path.home()) not in text


def test_a_bug_is_logged_and_shown_with_a_copy_button(qtbot, qapp: QApplication) -> None:
    file = faults.open_log()
    crash.install(qapp)
    shown: list[str] = []

    def act(dialog: QDialog) -> None:
        shown.append(dialog.text.toPlainText())
        dialog.copy.click()
        dialog.verb.click()

    answer = when_asked(act)
    sys.excepthook(*_caught())
    assert answer.seen == "The program made a mistake"
    assert QApplication.clipboard().text() == shown[0] and "ValueError" in shown[0]
    logged = file.read_text(encoding="utf-8")
    assert "builtins.ValueError" in logged and SECRET not in logged and SECRET not in shown[0]


def test_a_second_bug_while_the_window_is_open_opens_no_second_window(qtbot, qapp: QApplication) -> None:
    crash.install(qapp)
    windows: list[int] = []

    def act(dialog: QDialog) -> None:
        sys.excepthook(*_caught())
        windows.append(sum(isinstance(found, crash.Window) for found in QApplication.topLevelWidgets()))
        dialog.verb.click()

    answer = when_asked(act)
    sys.excepthook(*_caught())
    assert answer.seen and windows == [1]


@pytest.mark.skipif(os.name != "posix", reason="modes exist on POSIX only")
def test_only_its_owner_can_read_the_log() -> None:
    file = faults.open_log()
    faults.log.info("started")
    assert file.parent == paths.user_log()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_qts_messages_go_to_the_log_and_the_noise_of_no_screen_nowhere(tmp_path) -> None:
    code = (
        "from PySide6.QtWidgets import QApplication, QWidget\n"
        "from PySide6.QtCore import qWarning\n"
        "from oicdesk import faults\nfrom oicdesk.ui import crash\n"
        "file = faults.open_log(); crash.install_message_handler()\n"
        "app = QApplication([]); window = QWidget(); window.show(); window.raise_(); app.processEvents()\n"
        "qWarning('something odd'); print(file.read_text())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stderr == ""
    assert "something odd" in done.stdout and "does not support" not in done.stdout


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    paths.user_log().parent.mkdir(parents=True, exist_ok=True)
    paths.user_log().write_text("a file where the folder should be")
    faults.open_log()
    faults.log.error("still here")
    assert logging.getLogger("oicdesk") is faults.log
