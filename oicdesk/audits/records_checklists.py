"""Checklists as kept: versioned, never changed once recorded; an edit is a new version."""

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.audits.rules_review import ANSWER_WORDS, AUTOMATIC_WORDS
from oicdesk.errors import Refused, VaultError
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class Checklist(Stored):
    """One version of a checklist; `content_hash` is over its criteria, so the same list is kept once."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("name", "version"), UniqueConstraint("content_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    note: Mapped[str]
    content_hash: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class ChecklistCriterion(Stored):
    """One question of a version."""

    __tablename__ = "checklist_criterion"
    __table_args__ = (Index("checklist_criterion_order", "checklist_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checklist_id: Mapped[int] = mapped_column(ForeignKey("checklist.id"))
    number: Mapped[int]
    text: Mapped[str]
    guidance: Mapped[str]
    mandatory: Mapped[bool]
    automatic: Mapped[str | None]
    follow_up: Mapped[str]
    follow_up_on: Mapped[str]  # JSON list of answers


@dataclass(frozen=True)
class CriterionRow:
    """A criterion as read; `automatic` names what the desk answers by itself, `follow_up_on` when it asks on."""

    id: int
    number: int
    text: str
    guidance: str
    mandatory: bool
    automatic: str | None
    follow_up: str
    follow_up_on: tuple[str, ...]


@dataclass(frozen=True)
class ChecklistRow:
    """A version of a checklist with its criteria in order."""

    id: int
    name: str
    version: int
    note: str
    content_hash: str
    recorded_at: datetime
    recorded_by: str
    criteria: tuple[CriterionRow, ...]

    @property
    def spoken(self) -> str:
        return f"{self.name}, version {self.version}"


_KEYS = ("number", "text", "guidance", "mandatory", "automatic", "follow_up", "follow_up_on")


def import_checklists(session: Session, *, now: datetime) -> list[int]:
    """Record the checklists that come with the program and are not here yet; returns the ids recorded."""
    made = []
    for file in sorted((paths.resources() / "checklists").glob("*.toml")):
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        found = _find(session, content["name"], _criteria(content["criteria"]))
        if found is None:
            made.append(_record(session, content["name"], content["criteria"], content.get("note", ""), now))
    return made


def record_version(
    session: Session, name: str, criteria: Sequence[Mapping[str, Any]], *, now: datetime, note: str = ""
) -> int:
    """Record an edited checklist as the next version of that name; the same criteria again are the same version.

    Each criterion has `text`, and may have `guidance`, `mandatory`, `automatic`, `follow_up`, `follow_up_on`;
    numbers follow the order given.
    """
    if not name.strip():
        raise Refused("A checklist needs a name; write one.", field="name")
    found = _find(session, name.strip(), _criteria(criteria))
    return found if found is not None else _record(session, name.strip(), criteria, note, now)


def _record(session: Session, name: str, criteria: Sequence[Mapping[str, Any]], note: str, now: datetime) -> int:
    plain = _criteria(criteria)
    last = session.scalar(select(func.max(Checklist.version)).where(Checklist.name == name)) or 0
    row = Checklist(
        name=name, version=last + 1, note=note.strip(), content_hash=content_hash(name, plain), recorded_at=now,
        recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    for facts in plain:
        session.add(
            ChecklistCriterion(checklist_id=row.id, **{**facts, "follow_up_on": json.dumps(facts["follow_up_on"])})
        )
    session.flush()
    log.record(session, log.COLLECTION, checklist=row.id, fields=["criteria"])
    return row.id


def _criteria(criteria: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not criteria:
        raise Refused("A checklist needs at least one criterion; write one.", field="criteria")
    return [check_criterion(number, facts) for number, facts in enumerate(criteria, 1)]


def check_criterion(number: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A criterion as it is kept; Refused with the field's name where it cannot be."""
    text = str(facts.get("text", "")).strip()
    if not text:
        raise Refused(f"Criterion {number} has no words; write it or remove it.", field="text")
    automatic = facts.get("automatic") or None
    if automatic is not None and automatic not in AUTOMATIC_WORDS:
        raise Refused(
            f"Criterion {number} asks the desk for “{automatic}”, which it cannot answer; choose from the list.",
            field="automatic",
        )
    asked_on = [answer for answer in ANSWER_WORDS if answer in facts.get("follow_up_on", ())]
    question = str(facts.get("follow_up", "")).strip()
    if bool(question) != bool(asked_on):
        raise Refused(
            f"The follow-up question of criterion {number} needs both its words and the answers that it follows.",
            field="follow_up",
        )
    return {
        "number": number, "text": text, "guidance": str(facts.get("guidance", "")).strip(),
        "mandatory": bool(facts.get("mandatory", False)), "automatic": automatic, "follow_up": question,
        "follow_up_on": asked_on,
    }  # fmt: skip


# --- as a file ---------------------------------------------------------------------------------------------

_FACTS = frozenset(_KEYS) - {"number"}
_FILE = frozenset({"name", "note", "criteria"})
_LARGEST_FILE = 1_000_000


def from_toml(text: str) -> tuple[str, str, list[dict[str, Any]]]:
    """Name, note and criteria of a checklist file; Refused in a sentence that says where it cannot be read."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"The file is no TOML that can be read: {error}.") from None
    for name in sorted(set(content) - _FILE):
        raise Refused(f"The file says “{name}”, which a checklist does not know; it holds name, note and criteria.")
    title, note, criteria = content.get("name"), content.get("note", ""), content.get("criteria")
    if not isinstance(title, str) or not isinstance(note, str) or not isinstance(criteria, list):
        raise Refused(
            "A checklist file holds a name, a note and [[criteria]]; one of them is missing or no such thing."
        )
    return title, note, [_from_file(number, facts) for number, facts in enumerate(criteria, 1)]


def _from_file(number: int, facts: Any) -> dict[str, Any]:
    if not isinstance(facts, dict):
        raise Refused(f"Criterion {number} is no table; write it under [[criteria]].")
    for name, value in facts.items():
        if name not in _FACTS:
            raise Refused(
                f"Criterion {number} says “{name}”, which a checklist does not know: there are no weights and no"
                " scores; remove the line."
            )
        kind = {"mandatory": bool, "follow_up_on": list}.get(name, str)
        if not isinstance(value, kind):
            raise Refused(f"“{name}” of criterion {number} is of the wrong kind; look at the file that comes along.")
    for answer in facts.get("follow_up_on", ()):
        if answer not in ANSWER_WORDS:
            known = ", ".join(ANSWER_WORDS)
            raise Refused(f"Criterion {number} asks on after “{answer}”, which is no answer; use one of {known}.")
    return dict(facts)


def to_toml(row: ChecklistRow) -> str:
    """A version as the file that `from_toml` reads."""
    lines = [f"name = {_quoted(row.name)}", f"note = {_quoted(row.note)}"]
    for c in row.criteria:
        lines += ["", "[[criteria]]", f"text = {_quoted(c.text)}"]
        lines += [f"guidance = {_quoted(c.guidance)}"] if c.guidance else []
        lines += ["mandatory = true"] if c.mandatory else []
        lines += [f"automatic = {_quoted(c.automatic)}"] if c.automatic else []
        if c.follow_up:
            answers = ", ".join(map(_quoted, c.follow_up_on))
            lines += [f"follow_up = {_quoted(c.follow_up)}", f"follow_up_on = [{answers}]"]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def import_file(session: Session, path: Path, *, now: datetime) -> int:
    """Record a checklist file as a new version of its name; the same criteria again are the same version."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise Refused(f"{path.name} is far too large for a checklist; choose the TOML file of one.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path.name} is no text in UTF-8; save it as UTF-8 and try again.") from None
    except OSError as fault:
        raise VaultError(f"{path.name} cannot be read ({(fault.strerror or 'the disk refused').lower()}).") from fault
    name, note, criteria = from_toml(text)
    return record_version(session, name, criteria, now=now, note=note)


def write_file(row: ChecklistRow, path: Path) -> None:
    """Write a version for another desk or for an editor of text; it names nobody in a case."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(to_toml(row))
    except OSError as fault:
        why = (fault.strerror or "the disk refused").lower()
        raise VaultError(f"The checklist cannot be written to {path.name} ({why}); choose another folder.") from fault


def content_hash(name: str, criteria: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 over name and criteria as canonical JSON: the same checklist anywhere has the same hash."""
    content = [name, [[facts[key] for key in _KEYS] for facts in criteria]]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _find(session: Session, name: str, criteria: Sequence[Mapping[str, Any]]) -> int | None:
    return session.scalar(select(Checklist.id).where(Checklist.content_hash == content_hash(name, criteria)))


def checklists(session: Session) -> list[ChecklistRow]:
    """Every version of every checklist, by name, the newest version first."""
    rows = session.scalars(select(Checklist).order_by(Checklist.name, Checklist.version.desc())).all()
    return [_row(session, row) for row in rows]


def checklist(session: Session, checklist_id: int) -> ChecklistRow:
    """One version with its criteria; Refused if it is not there."""
    found = session.get(Checklist, checklist_id)
    if found is None:
        raise Refused("That checklist is not in this vault; choose one from the list.", field="checklist")
    return _row(session, found)


def uses(session: Session) -> dict[int, int]:
    """How many audits use each version."""
    from oicdesk.audits.records import Audit  # it reads this module

    rows = session.execute(select(Audit.checklist_id, func.count()).group_by(Audit.checklist_id))
    return {row[0]: row[1] for row in rows}


def newest(session: Session) -> ChecklistRow:
    """The version recorded last, which a new audit starts with."""
    found = session.scalars(select(Checklist).order_by(Checklist.id.desc()).limit(1)).first()
    if found is None:
        raise Refused("This vault has no checklist yet; import the one that comes with the program.", field="checklist")
    return _row(session, found)


def _row(session: Session, row: Checklist) -> ChecklistRow:
    criteria = session.scalars(
        select(ChecklistCriterion).where(ChecklistCriterion.checklist_id == row.id).order_by(ChecklistCriterion.number)
    )
    return ChecklistRow(
        row.id, row.name, row.version, row.note, row.content_hash, row.recorded_at, row.recorded_by,
        tuple(
            CriterionRow(
                c.id, c.number, c.text, c.guidance, c.mandatory, c.automatic, c.follow_up,
                tuple(json.loads(c.follow_up_on)),
            )
            for c in criteria
        ),
    )  # fmt: skip
