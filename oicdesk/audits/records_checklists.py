"""Checklists as kept: versioned, never changed once recorded; an edit is a new version."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.audits.rules_review import ANSWER_WORDS, AUTOMATIC_WORDS
from oicdesk.errors import Refused
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
    return [_criterion(number, facts) for number, facts in enumerate(criteria, 1)]


def _criterion(number: int, facts: Mapping[str, Any]) -> dict[str, Any]:
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
