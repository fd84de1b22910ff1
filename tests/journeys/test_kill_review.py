"""The program killed in the middle of a review: nothing but the keystroke in flight is lost."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oicdesk.audits import records_review
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault
from tests.audits.makers import PASSPHRASE
from tests.audits.papers import opened_room

ROOT = Path(__file__).resolve().parents[2]
WORD, FIRST_ASKED, LAST = "abc", 2, 20  # the desk answers criterion 1; the answer to 3 is overruled
OVERRULED = 3
PER_QUESTION = len(WORD) + 4  # C, the letters, Enter back, the answer's key, Enter to the next question

# The page as the window shows it, and somebody who types; the number of each key is said once it is dealt with.
PROGRAM = f"""
import sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from oicdesk.audits.page import AuditsPage
from oicdesk.machine import Machine
from oicdesk.ui import crash, theme
from oicdesk.vault.vault import Vault
app = QApplication([])
crash.install_message_handler()
theme.apply(app, "light")
vault = Vault.open(Path(sys.argv[1]), {PASSPHRASE!r})
page = AuditsPage(vault, machine=Machine(Path(sys.argv[1]) / "machine.json"))
page.resize(1104, 620)
page.show()
page.show_audit(int(sys.argv[2]))
page.review("first")
page.activateWindow()
assert QTest.qWaitForWindowActive(page)
page.run.questions.setFocus()
number = 0
print(number, flush=True)
while True:
    for key in [Qt.Key.Key_C, *map(ord, {WORD!r}), Qt.Key.Key_Return, Qt.Key.Key_3, Qt.Key.Key_Return]:
        target = QApplication.focusWidget()
        QTest.keyClick(target, key) if isinstance(key, Qt.Key) else QTest.keyClicks(target, chr(key))
        number += 1
        print(number, flush=True)
"""


def state(keys: int) -> tuple[int, str]:
    """After so many keys: how many questions are answered, and what stands in the box of the next."""
    answered, more = divmod(keys, PER_QUESTION)
    if more > len(WORD) + 2:
        return answered + 1, ""
    return answered, WORD[: min(max(more - 1, 0), len(WORD))]


def kept(folder: Path, audit_id: int) -> tuple[int, str]:
    """The same as the vault holds it, after it has proved whole."""
    with Vault.open(folder, PASSPHRASE) as vault:
        assert [check.sentence for check in vault.verify() if not check.ok] == []
        with vault.reading() as session:
            order = records_review.review_order(session, audit_id)
            answers = records_review.answers(session, audit_id, records_review.FIRST)
            draft = drafts.load(session, f"audits/run/{audit_id}/first/{vault.user.id}") or {}
            progress = records_review.progress(session, audit_id)
    given = [
        (item, number, row)
        for item in order
        for number, row in sorted(answers[item].items())
        if not row.is_automatic
    ]  # fmt: skip
    beside = ""
    if given and given[-1][1] == OVERRULED and given[-1][2].answer == "MET":
        beside = given.pop()[2].comment  # kept beside the desk's own answer, which the next key overrules
    asked = [(item, number) for item in order for number in range(FIRST_ASKED, LAST + 1)]
    assert [(item, number) for item, number, _row in given] == asked[: len(given)]
    assert {(row.answer, row.comment) for _item, _number, row in given} <= {("NOT_MET", WORD)}
    assert progress.complete == len(given) // (LAST + 1 - FIRST_ASKED)
    return len(given), beside + "".join(one["comment"] for one in draft.values())


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of this kind of system")
def test_killed_while_somebody_types_it_loses_at_most_the_keystroke_in_flight(tmp_path):
    with opened_room(tmp_path) as room:
        room.cases(8)
        audit_id = room.audit().id
        whole = room.vault.path
    dice = random.Random()
    for attempt in range(4):
        folder = tmp_path / f"copy-{attempt}.oicdesk"
        shutil.copytree(whole, folder)
        typing = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), str(audit_id)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        said = typing.stdout.readline()
        for _ in range(dice.randrange(3, 60)):
            said = typing.stdout.readline()
        deadline = time.perf_counter() + dice.random() * 0.02
        while time.perf_counter() < deadline:
            pass
        typing.send_signal(signal.SIGKILL)
        rest = typing.communicate()[0].split()
        keys = max(int(number) for number in [said, *rest])
        found = kept(folder, audit_id)
        assert found in (state(keys), state(keys + 1)), (keys, found)
