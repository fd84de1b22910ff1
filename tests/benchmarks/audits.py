"""Freezing and drawing from 100,000 cases, and the report of 2,000 answers."""

import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from oicdesk import paths
from oicdesk.app import _window
from oicdesk.audits import records, records_checklists, records_frame, records_review, rules
from oicdesk.audits.page import AuditsPage
from oicdesk.audits.records_review import FIRST
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import PARTLY_MET
from oicdesk.desk import REPORTS
from oicdesk.machine import Machine
from oicdesk.reports.blocks import Table, printed_rows
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.ui import theme
from oicdesk.ui.status_bar import StatusLine
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import NOW, empty_desk, filled_desk, import_list, write_list
from tests.benchmarks.report import _FONT, _plain
from tests.benchmarks.timing import Figure, figure, seconds

_LATER = NOW + timedelta(days=30)
_FROM, _TO = (NOW - timedelta(days=4 * 365)).date(), NOW.date()


def figures(folder: Path, frame: int = 100_000, answers: int = 2_000, times: int = 3) -> Iterator[Figure]:
    """The draw by itself, the draw with everything that is locked in the vault, and the report."""
    yield _drawing(frame, times)
    with filled_desk(folder, frame) as vault:
        yield _freezing(vault, frame, times)
    yield _running(folder)
    yield _reporting(folder, answers, times)


def _drawing(frame: int, times: int) -> Figure:
    """Hash and draw; the floor hashes the frame."""
    chance = random.Random(frame)
    labels = [f"{force} · {reason}" for force in ("Norfolk", "Suffolk") for reason in ("one", "two", "three", "four")]
    strata = {f"OIC-2026-{place:06d}": chance.choice(labels) for place in range(frame)}

    def draw() -> object:
        digest = rules.frame_hash(strata, strata)
        return digest, rules.draw(strata, 400, seed=20261130, strata=strata)

    return figure(
        f"draw from a frame of {frame:,}", draw, lambda: rules.frame_hash(strata, strata), times=times
    )  # fmt: skip


def _freezing(vault: Vault, frame: int, times: int) -> Figure:
    """From the register to a locked sample; the floor reads the same population and hashes it."""
    plan = Plan("Benchmark", rules.RANDOM, _FROM, _TO, population_rule=rules.IN_SCOPE, margin=0.05)
    with vault.changing() as session:
        records_checklists.import_checklists(session, now=NOW)

    def freeze() -> None:
        with vault.changing() as session:
            audit_id = records.plan(session, plan, now=_LATER)
            records_frame.freeze(session, audit_id, as_at=_LATER, now=_LATER)

    def floor() -> str:
        with vault.reading() as session:
            found = records_frame.population(session, plan, _LATER)
        strata = {line.item: line.stratum for line in found if line.excluded_because is None}
        return rules.frame_hash(strata, strata)

    return figure(f"freeze and draw from {frame:,}", freeze, floor, times=times)


def _running(folder: Path, cases: int = 2_000) -> Figure:
    """The slowest of twenty answers in the whole window, p95 at most 50 ms: the key that answers is written into the
    vault, the next key brings the next question; the floor paints the page."""
    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light", 100)
    with filled_desk(folder, cases) as vault:
        plan = Plan("Benchmark", rules.RANDOM, _FROM, _TO, population_rule=rules.IN_SCOPE)
        with vault.changing() as session:
            records_checklists.import_checklists(session, now=NOW)
            audit_id = records.plan(session, plan, now=_LATER)
            records_frame.freeze(session, audit_id, as_at=_LATER, now=_LATER)
        window = _window(vault, Machine(Path(tempfile.mkdtemp(dir=folder))), status=StatusLine, on_lock=lambda: None)
        vault.on_commit = window.notify
        page = next(page for page in window.pages if isinstance(page, AuditsPage))
        window.resize(1280, 720)
        window.show()
        window.show_page(page)
        page.show_audit(audit_id)
        page.review(FIRST)
        QTest.qWait(100)
        keys = islice(cycle((Qt.Key.Key_1, Qt.Key.Key_Return)), 40)
        taken = sorted(seconds(partial(_press, page.run.first_focus(), key)) for key in keys)
        floor = sorted(seconds(page.run.grab) for _time in range(20))
        vault.on_commit = None
        window.close()
        window.deleteLater()
    return Figure("audit run, key to painted question, p95", taken[37], floor[18])


def _press(focus: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(focus, key)
    QApplication.processEvents()


def _reporting(folder: Path, answers: int, times: int) -> Figure:
    """Every answer is printed, because none is plainly Met; the floor lays out the same rows."""
    with empty_desk(folder / "audit") as vault:
        import_list(vault, write_list(folder / "audit.csv", answers // 20))
        _answered(vault)
        pdfmetrics.registerFont(TTFont(_FONT, str(paths.resources() / "fonts" / "NotoSans-Regular.ttf")))
        report = REPORTS["audit"].build(vault, _LATER, "Joint", "")
        rows = [
            list(line)
            for block in report.blocks
            if isinstance(block, Table)
            for line in (block.header, *printed_rows(block))
        ]
        most = max(len(row) for row in rows)
        rows = [row + [""] * (most - len(row)) for row in rows]
        return figure(
            f"audit PDF of {answers:,} answers",
            lambda: pdf_bytes(REPORTS["audit"].build(vault, _LATER, "Joint", "")),
            lambda: _plain(rows),
            times=times,
        )


def _answered(vault: Vault) -> None:
    plan = Plan("Benchmark", rules.CENSUS, _FROM, _TO, population_rule=rules.IN_SCOPE)
    with vault.changing() as session:
        records_checklists.import_checklists(session, now=NOW)
        audit_id = records.plan(session, plan, now=_LATER)
        records_frame.freeze(session, audit_id, as_at=_LATER, now=_LATER)
        for item in records_review.review_order(session, audit_id):
            for number in range(1, 21):
                records_review.answer(
                    session, audit_id, item, number, PARTLY_MET, now=_LATER, comment="Only the first item is assessed."
                )
