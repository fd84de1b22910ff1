"""Writing a report in the format that its file name asks for."""

from pathlib import Path
from typing import Final

from oicdesk.errors import Refused
from oicdesk.reports.blocks import Report

SUFFIXES: Final = (".pdf", ".docx", ".xlsx")


def write(report: Report, path: Path) -> None:
    """Write the report at `path` as PDF, DOCX or XLSX, by its suffix; another suffix is Refused."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from oicdesk.reports.pdf import write_pdf

        write_pdf(report, path)
    elif suffix == ".docx":
        from oicdesk.reports.docx import write_docx

        write_docx(report, path)
    elif suffix == ".xlsx":
        from oicdesk.reports.xlsx import write_xlsx

        write_xlsx(report, path)
    else:
        raise Refused(
            f"A report cannot be written as “{path.name}”, because its ending says no known format; "
            "let it end in .pdf, .docx or .xlsx.",
            field="out",
        )
