"""Recommendation 4 as it is kept: plans in versions, the analyst's reviews, the liaison log.

A version holds once it is approved: by another user of the desk under their own passphrase, or as reported from
outside (name, role, date, reference), which is marked as such.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.recommendations import rules
from oicdesk.referrals.rules import refuse
from oicdesk.settings.rules import london_day
from oicdesk.vault import log
from oicdesk.vault.tables import Stored


class Plan(Stored):
    """A plan to collect, analyse or share information."""

    __tablename__ = "oic_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    force: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class PlanVersion(Stored):
    """One version of a plan; the newest approved one holds."""

    __tablename__ = "oic_plan_version"
    __table_args__ = (Index("oic_plan_version_of", "plan_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey(Plan.id))
    version: Mapped[str]
    owner: Mapped[str]
    review_on: Mapped[date]
    link: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    approved_on: Mapped[date | None]
    approved_by: Mapped[str | None]  # a user of the desk
    reported_name: Mapped[str | None]  # an approval given outside the desk
    reported_role: Mapped[str | None]
    reported_reference: Mapped[str | None]


class AnalystReview(Stored):
    """The analyst looked through intelligence or a tasking package."""

    __tablename__ = "analyst_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewed_on: Mapped[date]
    kind: Mapped[str]
    force: Mapped[str]
    analyst: Mapped[str]
    subject: Mapped[str]
    outcome: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class Liaison(Stored):
    """A meeting with a district's lead, or a product made for the district."""

    __tablename__ = "liaison"
    __table_args__ = (Index("liaison_of_district", "force", "district", "held_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    held_on: Mapped[date]
    kind: Mapped[str]
    force: Mapped[str]
    district: Mapped[str]
    who: Mapped[str]
    subject: Mapped[str]
    agreed: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


@dataclass(frozen=True)
class VersionRow:
    """A version of a plan; `approver` says also when an approval was reported from outside."""

    id: int
    version: str
    owner: str
    review_on: date
    link: str
    recorded_at: datetime
    recorded_by: str
    approved_on: date | None
    approver: str


@dataclass(frozen=True)
class PlanRow:
    """A plan with its versions, the newest first; `holds` is the newest approved, `waits` a newer one not approved."""

    id: int
    kind: str
    title: str
    force: str
    ended_why: str | None
    versions: tuple[VersionRow, ...]

    @property
    def holds(self) -> VersionRow | None:
        approved = [one for one in self.versions if one.approved_on is not None]
        return max(approved, key=lambda one: (one.approved_on or date.min, one.id), default=None)

    @property
    def waits(self) -> VersionRow | None:
        newest = self.versions[0] if self.versions else None
        return newest if newest is not None and newest.approved_on is None else None


def next_need(plan: PlanRow, day: date) -> str:
    """What the plan waits for on a day, in a few words; nothing for one that is ended, or approved and in its time."""
    if plan.ended_why is not None:
        return ""
    if plan.holds is None:
        return "to be approved" if plan.versions else "no version yet"
    if plan.holds.review_on < day:
        return "review overdue"
    return "new version to approve" if plan.waits else ""


@dataclass(frozen=True)
class ReviewRow:
    """One review of the analyst."""

    id: int
    reviewed_on: date
    kind: str
    force: str
    analyst: str
    subject: str
    outcome: str


@dataclass(frozen=True)
class LiaisonRow:
    """One line of the liaison log."""

    id: int
    held_on: date
    kind: str
    force: str
    district: str
    who: str
    subject: str
    agreed: str


# --- plans -------------------------------------------------------------------------------------------------


def add_plan(session: Session, kind: str, title: str, *, force: str = rules.JOINT, now: datetime) -> int:
    """Begin a plan; it says nothing until it has a version. Returns its id."""
    refuse(rules.check_plan(kind, title, force))
    row = Plan(
        kind=kind, title=title.strip(), force=force, recorded_at=now, recorded_by=_user(session), ended_at=None,
        ended_why=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, oic_plan=row.id, fields=["kind", "title"])
    return row.id


def add_version(
    session: Session, plan_id: int, version: str, *, owner: str, review_on: date, link: str = "", now: datetime
) -> int:
    """Record a version of a plan, to be approved. Returns its id."""
    plan = _plan(session, plan_id)
    refuse(rules.check_version(version, owner, review_on, london_day(now)))
    taken = session.scalars(select(PlanVersion.version).filter_by(plan_id=plan.id))
    if version.strip().casefold() in {each.casefold() for each in taken}:
        raise Refused(f"“{plan.title}” has a version {version.strip()} already; number it on.", field="version")
    row = PlanVersion(
        plan_id=plan_id, version=version.strip(), owner=owner.strip(), review_on=review_on, link=link.strip(),
        recorded_at=now, recorded_by=_user(session), approved_on=None, approved_by=None, reported_name=None,
        reported_role=None, reported_reference=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(
        session, log.COLLECTION, oic_plan=plan_id, oic_plan_version=row.id, fields=["version", "owner", "review_on"]
    )
    return row.id


def approve_version(session: Session, version_id: int, *, now: datetime) -> None:
    """Approve a version as a user who did not record it."""
    row = _waiting(session, version_id)
    if row.recorded_by == _user(session):
        raise Refused("You recorded this version, so another user has to approve it, or report their approval.")
    row.approved_on, row.approved_by = london_day(now), _user(session)
    log.record(session, log.ALTERATION, oic_plan_version=version_id, fields=["approved_on"])


def report_approval(
    session: Session, version_id: int, *, name: str, role: str, on: date, reference: str, now: datetime
) -> None:
    """Record an approval that was given outside the desk."""
    row = _waiting(session, version_id)
    asked = {
        "name": (name, "who approved it"),
        "role": (role, "in what role"),
        "reference": (reference, "where that is written"),
    }
    for field, (text, words) in asked.items():
        if not text.strip():
            raise Refused(f"An approval reported from outside says {words}; fill this in.", field=field)
    if on > london_day(now):
        raise Refused("An approval cannot lie in the future; check the day.", field="on")
    row.approved_on, row.reported_name = on, name.strip()
    row.reported_role, row.reported_reference = role.strip(), reference.strip()
    log.record(session, log.ALTERATION, oic_plan_version=version_id, fields=["approved_on", "reported_approval"])


def end_plan(session: Session, plan_id: int, why: str, *, now: datetime) -> None:
    """End a plan with the reason; its versions stay on record."""
    row = _plan(session, plan_id)
    if not why.strip():
        raise Refused("A plan ends only with a reason; write why.", field="why")
    row.ended_at, row.ended_why = now, why.strip()
    log.record(session, log.ALTERATION, oic_plan=plan_id, fields=["ended_at"])


def _plan(session: Session, plan_id: int) -> Plan:
    row = session.get(Plan, plan_id)
    if row is None or row.ended_at is not None:
        raise Refused("That plan has ended or is not there any more; read the list again.")
    return row


def _waiting(session: Session, version_id: int) -> PlanVersion:
    row = session.get(PlanVersion, version_id)
    if row is None:
        raise Refused("That version is not there any more; read the list again.")
    if row.approved_on is not None:
        raise Refused("That version is approved already; record a new one for what changes.")
    _plan(session, row.plan_id)
    return row


def plans(
    session: Session, *, force: str = rules.JOINT, kind: str | None = None, as_at: datetime | None = None
) -> list[PlanRow]:
    """The plans that reach a force, by kind and title; with an instant, as they stood then and without ended ones."""
    versions: dict[int, list[VersionRow]] = {}
    for row in session.scalars(select(PlanVersion).order_by(PlanVersion.id.desc())):
        known = as_at is None or row.recorded_at <= as_at or _approved_by_then(row, as_at)
        if known:
            versions.setdefault(row.plan_id, []).append(_version(row, as_at))
    found = [
        PlanRow(row.id, row.kind, row.title, row.force, row.ended_why, tuple(versions.get(row.id, ())))
        for row in session.scalars(select(Plan))
        if rules.reaches(row.force, force) and kind in (None, row.kind) and _stood(row, as_at, versions)
    ]
    order = list(rules.PLAN_KINDS)
    return sorted(found, key=lambda row: (row.ended_why is not None, order.index(row.kind), row.title, row.id))


def _stood(row: Plan, as_at: datetime | None, versions: dict[int, list[VersionRow]]) -> bool:
    if as_at is None:
        return True
    has_ended = row.ended_at is not None and row.ended_at <= as_at
    return not has_ended and (row.recorded_at <= as_at or row.id in versions)


def _approved_by_then(row: PlanVersion, as_at: datetime) -> bool:
    return row.approved_on is not None and row.approved_on <= london_day(as_at)


def _version(row: PlanVersion, as_at: datetime | None) -> VersionRow:
    is_approved = row.approved_on is not None and (as_at is None or _approved_by_then(row, as_at))
    approver = row.approved_by or f"{row.reported_name}, {row.reported_role} (reported, {row.reported_reference})"
    return VersionRow(
        row.id, row.version, row.owner, row.review_on, row.link, row.recorded_at, row.recorded_by,
        row.approved_on if is_approved else None, approver if is_approved else "",
    )  # fmt: skip


# --- analyst reviews, liaison ------------------------------------------------------------------------------


def add_review(
    session: Session,
    kind: str,
    reviewed_on: date,
    *,
    analyst: str,
    subject: str,
    outcome: str = "",
    force: str = rules.JOINT,
    now: datetime,
) -> int:
    """Record that the analyst reviewed intelligence or a tasking package. Returns its id."""
    problems = {} if kind in rules.REVIEW_KINDS else {"kind": "Choose intelligence or a tasking package."}
    refuse(problems | rules.check_force(force) | _asked(analyst=analyst, subject=subject))
    _check_day(reviewed_on, "reviewed_on", now)
    row = AnalystReview(
        reviewed_on=reviewed_on, kind=kind, force=force, analyst=analyst.strip(), subject=subject.strip(),
        outcome=outcome.strip(), recorded_at=now, recorded_by=_user(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, analyst_review=row.id, fields=["kind", "subject"])
    return row.id


def add_liaison(
    session: Session,
    kind: str,
    held_on: date,
    *,
    force: str,
    district: str,
    subject: str,
    who: str = "",
    agreed: str = "",
    now: datetime,
) -> int:
    """Log a meeting with a district's lead or a product made for the district. Returns its id."""
    problems = {} if kind in rules.LIAISON_KINDS else {"kind": "Choose a meeting or a product."}
    if force not in rules.SCOPES or force == rules.JOINT:
        problems["force"] = "A district belongs to Suffolk or Norfolk; choose one."
    refuse(problems | _asked(district=district, subject=subject))
    _check_day(held_on, "held_on", now)
    row = Liaison(
        held_on=held_on, kind=kind, force=force, district=" ".join(district.split()), who=who.strip(),
        subject=subject.strip(), agreed=agreed.strip(), recorded_at=now, recorded_by=_user(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, liaison=row.id, fields=["kind", "district"])
    return row.id


def _asked(**texts: str) -> dict[str, str]:
    words = {"analyst": "who reviewed it", "subject": "what it was about", "district": "which district"}
    return {name: f"Say {words[name]}; fill this in." for name, text in texts.items() if not text.strip()}


def _check_day(day: date, field: str, now: datetime) -> None:
    if day > london_day(now):
        raise Refused("That day lies in the future; log it once it has happened.", field=field)


def reviews(session: Session, *, force: str = rules.JOINT, until: date | None = None) -> list[ReviewRow]:
    """The analyst's reviews that reach a force, the newest first."""
    query = select(AnalystReview).order_by(AnalystReview.reviewed_on.desc(), AnalystReview.id.desc())
    return [
        ReviewRow(row.id, row.reviewed_on, row.kind, row.force, row.analyst, row.subject, row.outcome)
        for row in session.scalars(query)
        if rules.reaches(row.force, force) and (until is None or row.reviewed_on <= until)
    ]


def liaison(session: Session, *, force: str = rules.JOINT, until: date | None = None) -> list[LiaisonRow]:
    """The liaison log of a force or of both, the newest first."""
    query = select(Liaison).order_by(Liaison.held_on.desc(), Liaison.id.desc())
    return [
        LiaisonRow(row.id, row.held_on, row.kind, row.force, row.district, row.who, row.subject, row.agreed)
        for row in session.scalars(query)
        if rules.reaches(row.force, force) and (until is None or row.held_on <= until)
    ]


def _user(session: Session) -> str:
    return str(session.info["user"].name)
