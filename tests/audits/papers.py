"""A PDF and a workbook read back as a second person gets them: words, and sheets of rows by header."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from python_calamine import CalamineWorkbook

from oicdesk.vault.vault import APPROVER, REVIEWER
from tests.audits.makers import APPROVERS, REVIEWERS, Room
from tests.desks import opened


@dataclass(frozen=True)
class Papers:
    """What lies on the desk of somebody who has only the two files."""

    text: str
    sheets: dict[str, list[dict[str, Any]]]

    def says(self, words: str) -> bool:
        """Whether the PDF prints these words; where its lines break does not matter."""
        return squeezed(words) in squeezed(self.text)

    def value(self, sheet: str, what: str) -> Any:
        """From a sheet of two columns."""
        return dict(tuple(row.values()) for row in self.sheets[sheet])[what]


def squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words)


def pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def read_sheets(path: Path) -> dict[str, list[dict[str, Any]]]:
    book = CalamineWorkbook.from_path(path)
    found = {}
    for name in book.sheet_names:
        _marking, header, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found[name] = [dict(zip(header, row, strict=True)) for row in rows]
    return found


def read_papers(pdf: Path, xlsx: Path) -> Papers:
    return Papers(pdf_text(pdf), read_sheets(xlsx))


@contextmanager
def opened_room(folder: Path) -> Iterator[Room]:
    """A room that several tests may look at; the fixture `room` is of one test."""
    vault = opened(folder / "desk")
    vault.add_user("Robin Vale", REVIEWER, REVIEWERS)
    vault.add_user("Alex Thorne", APPROVER, APPROVERS)
    room = Room(vault)
    yield room
    room.vault.close()
