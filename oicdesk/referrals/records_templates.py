"""The texts of chasers: edited in versions, so that what a past chaser said can be told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals.rules_chasers import DEFAULTS, Template, check_template
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class ChaserTemplate(Stored):
    """One version of the text for one step; the newest holds."""

    __tablename__ = "chaser_template"
    __table_args__ = (Index("chaser_template_history", "role", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    line: Mapped[str]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]


@dataclass(frozen=True)
class TemplateRow:
    """A template with the version that a sent chaser names; version 0 is the text the desk came with."""

    template: Template
    version: int
    saved_at: datetime | None
    saved_by: str

    @property
    def name(self) -> str:
        """What a chaser keeps of it."""
        return f"{self.template.role}, version {self.version}"


def template(session: Session, role: str) -> TemplateRow:
    """The text that holds for this step."""
    row = session.scalar(
        select(ChaserTemplate).where(ChaserTemplate.role == role).order_by(ChaserTemplate.id.desc()).limit(1)
    )
    if row is None:
        return TemplateRow(DEFAULTS[role], 0, None, "")
    return TemplateRow(Template(row.role, row.subject, row.body, row.line), row.id, row.saved_at, row.saved_by)


def save(session: Session, wanted: Template, *, now: datetime) -> int:
    """Keep a new version of a text; Refused in words for an unknown field. Returns its number."""
    check_template(wanted)
    if template(session, wanted.role).template == wanted:
        raise Refused("Nothing of the text is different.")
    row = ChaserTemplate(
        role=wanted.role, subject=wanted.subject, body=wanted.body, line=wanted.line, saved_at=now,
        saved_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, chaser_template=row.id, fields=["subject", "body", "line"])
    return row.id
