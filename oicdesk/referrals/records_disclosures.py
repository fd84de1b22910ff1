"""The register of disclosures: who received what about which cases, when and why.

Business history, apart from the s.62 log: it may be searched and listed, and says whom to tell once something proves
wrong. `disclose` writes both, before anything leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, ForeignKey, Index, Table, func, insert, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals.records import Referral
from oicdesk.settings.records import reference
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

DRAFT, CASE, LIST, REPORT = "draft", "case", "list", "report"
KINDS: Final = {DRAFT: "Working draft", CASE: "Case", LIST: "List", REPORT: "Report"}
OWN_USE: Final = "own use"


class Disclosure(Stored):
    """Something that left the desk; `draft_id` and `version` are stored keys of a working draft."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("disclosure_at", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    recipient: Mapped[str]
    purpose: Mapped[str]
    kind: Mapped[str]
    what: Mapped[str]
    form: Mapped[str]
    draft_id: Mapped[int | None]
    version: Mapped[int | None]


class DisclosureCase(Stored):
    """It was about this case."""

    __tablename__ = "disclosure_case"
    __table_args__ = (Index("disclosure_of_referral", "referral_id", "disclosure_id"),)

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), primary_key=True)


@dataclass(frozen=True)
class Handing:
    """To whom something goes, what for, and in which form ("pdf", "copy", "print"…)."""

    recipient: str
    purpose: str
    form: str


def disclose(
    session: Session,
    kind: str,
    what: str,
    handing: Handing,
    *,
    now: datetime,
    cases: Sequence[int] = (),
    people: Sequence[int] = (),
    draft_id: int | None = None,
    version: int | None = None,
) -> int:
    """Note in register and log that this is about to leave; Refused names the field that is missing.

    `what` says it in words without contents; `people` are ids for the log only. Returns the disclosure's id.
    """
    recipient, purpose = handing.recipient.strip(), handing.purpose.strip()
    if not recipient:
        raise Refused("Say who receives it, because what leaves the desk is registered.", field="recipient")
    if not purpose and reference(session).setting("disclosure_purpose_required"):
        raise Refused("Say what it is for, because what leaves the desk is registered.", field="purpose")
    row = Disclosure(
        at=now, by=session.info["user"].name, recipient=recipient, purpose=purpose, kind=kind, what=what,
        form=handing.form, draft_id=draft_id, version=version,
    )  # fmt: skip
    session.add(row)
    session.flush()
    about = [{"disclosure_id": row.id, "referral_id": case} for case in dict.fromkeys(cases)]
    if about:
        session.execute(insert(cast(Table, DisclosureCase.__table__)), about)
    ids: dict[str, log.Ids] = {"disclosure": row.id}
    if draft_id is not None:
        ids["working_draft"] = draft_id
    if about:
        ids["referral"] = [one["referral_id"] for one in about]
    if people:
        ids["person"] = list(people)
    log.record(
        session, log.DISCLOSURE, records=ids, recipient=recipient, purpose=purpose or None,
        detail=f"{what}, {handing.form}",
    )  # fmt: skip
    return row.id


# --- looking ---

SORTED: Final = ("at", "recipient", "what", "by")


@dataclass(frozen=True)
class DisclosureRow:
    """A line of the register; `cases` are references, the first few."""

    id: int
    at: datetime
    by: str
    recipient: str
    purpose: str
    kind: str
    what: str
    form: str
    cases: tuple[str, ...]
    case_count: int


class Disclosures:
    """The register for one scope and filter; SQL sorts, filters and counts."""

    def __init__(self, session: Session, *, force: str = "Joint", words: str = "", case: int | None = None) -> None:
        self._session = session
        self._where: list[ColumnElement[bool]] = []
        for word in words.split():
            has_word = Referral.reference.icontains(word, autoescape=True)
            named = select(DisclosureCase.disclosure_id).join(Referral).where(has_word)
            texts = (Disclosure.recipient, Disclosure.purpose, Disclosure.what)
            self._where.append(or_(*(one.icontains(word, autoescape=True) for one in texts), Disclosure.id.in_(named)))
        if force != "Joint":
            other = select(DisclosureCase.disclosure_id).join(Referral).where(Referral.force != force)
            own = select(DisclosureCase.disclosure_id).join(Referral).where(Referral.force == force)
            self._where.append(Disclosure.id.in_(own) | Disclosure.id.not_in(other))
        if case is not None:
            of_case = select(DisclosureCase.disclosure_id).where(DisclosureCase.referral_id == case)
            self._where.append(Disclosure.id.in_(of_case))

    def count(self) -> int:
        return self._session.scalar(select(func.count()).select_from(Disclosure).where(*self._where)) or 0

    def page(self, offset: int, limit: int, sort: str | None = None, descending: bool = False) -> list[DisclosureRow]:
        """`limit` rows from `offset` in that order; the newest first unless told."""
        column = getattr(Disclosure, sort or "at")
        down = descending if sort else True
        order = (column.desc(), Disclosure.id.desc()) if down else (column, Disclosure.id)
        found = self._session.scalars(
            select(Disclosure).where(*self._where).order_by(*order).offset(offset).limit(limit)
        ).all()
        return [self._row(row) for row in found]

    def position(self, id: int, sort: str | None = None, descending: bool = False) -> int | None:
        """The place of a disclosure in that order."""
        ids = [row.id for row in self.page(0, 1_000_000, sort, descending)]
        return ids.index(id) if id in ids else None

    def _row(self, row: Disclosure) -> DisclosureRow:
        of_row = DisclosureCase.disclosure_id == row.id
        names = self._session.scalars(
            select(Referral.reference).join(DisclosureCase).where(of_row).order_by(Referral.ref_order).limit(3)
        ).all()
        count = self._session.scalar(select(func.count()).select_from(DisclosureCase).where(of_row)) or 0
        return DisclosureRow(
            row.id, row.at, row.by, row.recipient, row.purpose, row.kind, row.what, row.form, tuple(names), count
        )
