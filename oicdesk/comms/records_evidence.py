"""Evidence of an item: a file is named by its name, size and SHA-256 hash; the file itself stays where it is."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from oicdesk.comms import records, rules
from oicdesk.comms.records import CommsEvidence
from oicdesk.errors import Refused, VaultError
from oicdesk.vault import log

_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileRow:
    """A file as it was when somebody named it."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class EvidenceRow:
    """A file named as evidence."""

    id: int
    file_name: str
    sha256: str
    size: int
    note: str
    recorded_at: datetime
    recorded_by: str


def read_file(path: Path) -> FileRow:
    """Name, hash and size of a file; nothing of it is kept. Raises VaultError if it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        reason = error.strerror or "the disk failed"
        raise VaultError(f"“{path.name}” could not be read ({reason}); choose another file.") from error
    return FileRow(path.name, digest.hexdigest(), size)


def is_same(path: Path, sha256: str) -> bool:
    """Whether a file is the one that was named."""
    return read_file(path).sha256 == sha256


def add_evidence(session: Session, item_id: int, file: FileRow, *, note: str = "", now: datetime) -> int:
    """Name a file as evidence of an item; only its name, size and hash are kept. Returns its id."""
    row = records.get(session, item_id)
    if row.status == rules.CANCELLED:
        raise Refused("A cancelled item takes no more evidence; plan a new one.")
    kept = CommsEvidence(
        item_id=item_id, file_name=file.name, sha256=file.sha256, size=file.size, note=note.strip(), recorded_at=now,
        recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    log.record(session, log.COLLECTION, comms_item=item_id, comms_evidence=kept.id, fields=["file_name", "sha256"])
    return kept.id


def evidence(session: Session, item_id: int) -> list[EvidenceRow]:
    """The files named as evidence of an item, oldest first."""
    query = select(CommsEvidence).where(CommsEvidence.item_id == item_id).order_by(CommsEvidence.id)
    return [
        EvidenceRow(e.id, e.file_name, e.sha256, e.size, e.note, e.recorded_at, e.recorded_by)
        for e in session.scalars(query)
    ]
