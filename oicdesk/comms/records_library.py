"""Templates and the message library: what the program ships with, and what this desk made of it.

A text is never overwritten: a change is a new version under the same code, and retiring is a version too.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk import paths
from oicdesk.comms import rules
from oicdesk.comms.rules import ItemFacts
from oicdesk.errors import Refused
from oicdesk.settings.rules import code_from
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

TEMPLATE, MESSAGE = "template", "message"
KINDS: Final[Mapping[str, str]] = {TEMPLATE: "Template", MESSAGE: "Message"}


class CommsText(Stored):
    """One version of a template or a message; the newest of a code holds."""

    __tablename__ = "comms_text"
    __table_args__ = (Index("comms_text_history", "code", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    audience: Mapped[str]
    channel: Mapped[str]
    recommendation: Mapped[int | None]
    promise: Mapped[str]
    retired: Mapped[bool]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


@dataclass(frozen=True)
class TextRow:
    """A template (an item ready to plan) or a message (words to take over into one)."""

    code: str
    kind: str
    title: str
    text: str
    audience: str = ""
    channel: str = rules.INTERNAL_MESSAGE
    recommendation: int | None = None
    promise: str = ""
    is_shipped: bool = True

    def facts(self) -> ItemFacts:
        """What an item made from it starts as."""
        return ItemFacts(
            title=self.title, audience=self.audience, channel=self.channel, message=self.text,
            recommendation=self.recommendation, promise=self.promise,
        )  # fmt: skip


@cache
def _shipped() -> Mapping[str, TextRow]:
    found: dict[str, dict[str, Any]] = tomllib.loads(
        (paths.resources() / "reference" / "comms.toml").read_text(encoding="utf-8")
    )
    return {code: TextRow(code, **facts) for code, facts in found.items()}


def library(session: Session, kind: str | None = None) -> list[TextRow]:
    """The texts in use, of one kind if named: shipped ones in their order, then the desk's own."""
    found = dict(_shipped())
    for row in session.scalars(select(CommsText).order_by(CommsText.id)):
        if row.retired:
            found.pop(row.code, None)
        else:
            found[row.code] = TextRow(
                row.code, row.kind, row.title, row.text, row.audience, row.channel, row.recommendation, row.promise,
                is_shipped=False,
            )  # fmt: skip
    return [text for text in found.values() if kind in (None, text.kind)]


def add_text(session: Session, text: TextRow, *, now: datetime) -> str:
    """Add a template or a message; its code is made from the title. Returns the code."""
    code = code_from(text.title)
    known = {*_shipped(), *session.scalars(select(CommsText.code).distinct())}
    if code in known:
        raise Refused("There is or was a text of that title; choose another title.", field="title")
    row = _add_version(session, replace(text, code=code), now)
    log.record(session, log.COLLECTION, comms_text=row, fields=["title", "text"])
    return code


def change_text(session: Session, text: TextRow, *, now: datetime) -> list[str]:
    """A new version of a text under its code. Returns the names of what changed."""
    old = _of(session, text.code)
    text = replace(text, kind=old.kind)
    changed = [
        name
        for name in ("title", "text", "audience", "channel", "recommendation", "promise")
        if getattr(text, name) != getattr(old, name)
    ]
    if changed:
        row = _add_version(session, text, now)
        log.record(session, log.ALTERATION, comms_text=row, fields=changed)
    return changed


def retire_text(session: Session, code: str, *, now: datetime) -> None:
    """Take a text out of the library; items made from it stay as they are."""
    row = _add_version(session, _of(session, code), now, retired=True)
    log.record(session, log.ALTERATION, comms_text=row, fields=["retired"])


def _of(session: Session, code: str) -> TextRow:
    for text in library(session):
        if text.code == code:
            return text
    raise Refused("That text is not in the library any more; choose another.", field="code")


def _add_version(session: Session, text: TextRow, now: datetime, *, retired: bool = False) -> int:
    if text.kind not in KINDS:
        raise Refused("A text is a template or a message; choose one.", field="kind")
    if not text.title.strip() or not code_from(text.title):
        raise Refused("A text needs a title; type one.", field="title")
    if not text.text.strip():
        raise Refused("The text is empty; write it.", field="text")
    if text.channel not in rules.CHANNELS:
        raise Refused("That is no channel of the desk; choose one from the list.", field="channel")
    row = CommsText(
        code=text.code, kind=text.kind, title=text.title.strip(), text=text.text.strip(),
        audience=text.audience.strip(), channel=text.channel, recommendation=text.recommendation,
        promise=text.promise, retired=retired, set_at=now, set_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id
