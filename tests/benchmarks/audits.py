"""Freezing and drawing from 100,000 cases, and the report of 2,000 answers."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from oicdesk import paths
from oicdesk.audits import records, records_checklists, records_frame, records_review, rules
from oicdesk.audits.rules import Plan
from oicdesk.audits.rules_review import PARTLY_MET
from oicdesk.desk import REPORTS
from oicdesk.reports.blocks import Table, printed_rows
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import NOW, empty_desk, filled_desk, import_list, write_list
from tests.benchmarks.report import _FONT, _plain
from tests.benchmarks.timing import Figure, figure

_LATER = NOW + timedelta(days=30)
_FROM, _TO = (NOW - timedelta(days=4 * 365)).date(), NOW.date()


def figures(folder: Path, frame: int = 100_000, answers: int = 2_000, times: int = 3) -> Iterator[Figure]:
    """The draw by itself, the draw with everything that is locked in the vault, and the report."""
    yield _drawing(frame, times)
    with filled_desk(folder, frame) as vault:
        yield _freezing(vault, frame, times)
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
