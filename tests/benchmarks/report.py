"""The coverage audit as PDF, against a plain table of the same rows."""

import io
from collections.abc import Iterator
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

from oicdesk import paths
from oicdesk.desk import REPORTS
from oicdesk.reports.blocks import Table as TableBlock
from oicdesk.reports.blocks import printed_rows
from oicdesk.reports.pdf import pdf_bytes
from oicdesk.vault.vault import Vault
from tests.benchmarks.desks import NOW, empty_desk, import_list, write_list
from tests.benchmarks.timing import Figure, figure

_FONT = "Benchmark Noto Sans"


def figures(folder: Path, rows: int = 2_000, times: int = 5) -> Iterator[Figure]:
    """Query, figures, chart, list of cases and tagged pages; the floor lays out the list of cases alone."""
    with empty_desk(folder / "report") as vault:
        import_list(vault, write_list(folder / "report.csv", rows))
        listed = _listed(vault)
        pdfmetrics.registerFont(TTFont(_FONT, str(paths.resources() / "fonts" / "NotoSans-Regular.ttf")))
        yield figure(f"coverage PDF of {rows:,} cases", lambda: _report(vault), lambda: _plain(listed), times=times)


def _report(vault: Vault) -> bytes:
    return pdf_bytes(REPORTS["coverage"].build(vault, NOW, "Joint", ""))


def _listed(vault: Vault) -> list[list[str]]:
    """The longest table of the report, header and rows as printed."""
    report = REPORTS["coverage"].build(vault, NOW, "Joint", "")
    tables = [block for block in report.blocks if isinstance(block, TableBlock)]
    longest = max(tables, key=lambda table: len(table.rows))
    return [list(longest.header), *printed_rows(longest)]


def _plain(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    table = Table(rows, repeatRows=1)
    table.setStyle(TableStyle([("FONT", (0, 0), (-1, -1), _FONT, 8.5), ("LINEBELOW", (0, 0), (-1, -1), 0.5, "grey")]))
    SimpleDocTemplate(out, pagesize=A4).build([table])
    return out.getvalue()
