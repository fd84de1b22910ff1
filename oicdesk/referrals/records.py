"""Referrals as they are kept: the record and its business history.

The history (`referral_event`) is apart from the s.62 log: it may hold reasons and serve figures. An event has
the instant it happened (`at`) and the instant it was typed (`recorded_at`); figures go by the first.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Computed, ForeignKey, Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.referrals import records_officers, rules, rules_duplicates
from oicdesk.referrals.rules_clock import check_nccu
from oicdesk.referrals.rules_people import ASSESSMENT, FACT
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import london_day, spoken_instant
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

# Where a referral stands in the officer's work; an indexed column, so that a view is one range of an index.
NEEDS, RETURNED, WITH_UNIT, TO_CLOSE, SCOPE, DONE, WITHDRAWN = 1, 2, 3, 4, 5, 6, 9
_STAGE = (
    f"CASE WHEN withdrawn_at IS NOT NULL THEN {WITHDRAWN}"
    f" WHEN status IN ('NEW', 'AWAITING_DOCUMENT', 'REJECTED') THEN {NEEDS}"
    f" WHEN status = 'RETURNED' THEN {RETURNED} WHEN status = 'SUBMITTED' THEN {WITH_UNIT}"
    f" WHEN status = 'ACCEPTED' THEN {TO_CLOSE} WHEN status = 'SCOPE_QUERY' THEN {SCOPE} ELSE {DONE} END"
)
_PLAIN = "replace(replace(replace(replace(replace(upper({}), ' ', ''), '/', ''), '-', ''), '.', ''), '_', '')"
SORTED = ("contact_at", "due_at", "ref_order", "officer_name", "team", "force", "status")
_YEAR = 10_000_000  # ref_order = contact year * this + number: references sort as numbers

FACTS = (
    "force", "controller_force", "contact_at", "contact_at_known", "route", "reason", "incident_ref", "crime_ref",
    "nccu_ref", "officer_name", "officer_collar", "officer_rank", "team", "supervisor", "district", "persons",
    "outcome", "contact_made_by", "nccu_passed_at", "nccu_acknowledged_at",
)  # fmt: skip

_OFFICER = {"force", "officer_name", "officer_collar", "officer_rank", "team", "supervisor"}

NOTE_TAKEN_BACK = ", taken back"


class ImportBatch(Stored):
    """One import of one file."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    rows: Mapped[int]
    imported: Mapped[int]
    undone_at: Mapped[datetime | None]


class Referral(Stored):
    """One contact with the NCCU about one case."""

    __tablename__ = "referral"
    __table_args__ = (
        # The columns behind the id let the index answer a view's filter by itself.
        *(Index(f"referral_stage_{name}", *dict.fromkeys(("stage", name, "id", "force"))) for name in SORTED),
        *(Index(f"referral_all_{name}", *dict.fromkeys((name, "id", "force", "stage"))) for name in SORTED),
        Index("referral_by_district", "district"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    ref_order: Mapped[int] = mapped_column(unique=True)
    force: Mapped[str | None]
    controller_force: Mapped[str | None]
    contact_at: Mapped[datetime]  # the time of recording while the true one is not known
    contact_at_known: Mapped[bool]
    route: Mapped[str | None]
    reason: Mapped[str | None]
    incident_ref: Mapped[str | None]
    crime_ref: Mapped[str | None]
    nccu_ref: Mapped[str | None]
    officer_name: Mapped[str | None]
    officer_collar: Mapped[str | None]
    officer_rank: Mapped[str | None]
    team: Mapped[str | None]
    supervisor: Mapped[str | None]
    district: Mapped[str | None]
    persons: Mapped[int]
    outcome: Mapped[str | None]
    status: Mapped[str]
    due_at: Mapped[datetime | None]
    review_on: Mapped[date]
    safeguarding_incomplete: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    updated_at: Mapped[datetime]
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("referral.id"), index=True)
    contact_key: Mapped[str | None] = mapped_column(index=True)
    incident_key: Mapped[str | None] = mapped_column(index=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    withdrawn_at: Mapped[datetime | None]
    contact_made_by: Mapped[str | None]  # if it was not the reporting officer
    nccu_passed_at: Mapped[datetime | None]
    nccu_acknowledged_at: Mapped[datetime | None]
    stage: Mapped[int] = mapped_column(Computed(_STAGE, persisted=False))
    nccu_key: Mapped[str | None] = mapped_column(Computed(_PLAIN.format("nccu_ref"), persisted=False), index=True)
    crime_key: Mapped[str | None] = mapped_column(Computed(_PLAIN.format("crime_ref"), persisted=False), index=True)


class ReferralEvent(Stored):
    """Something that happened to a referral; `due_at` is what held from then on."""

    __tablename__ = "referral_event"
    __table_args__ = (
        Index("referral_event_history", "referral_id", "at", "id"),
        Index("referral_event_news", "recorded_at", "by", "referral_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]  # "status", or what else happened: edited, note, chased, link…
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    due_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class ReferralNote(Stored):
    """Free text on a case, kept apart as fact or assessment (DPA 2018 s.38); None is as received."""

    __tablename__ = "referral_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str | None]  # with NOTE_TAKEN_BACK behind it once the note was taken back
    text: Mapped[str]


# --- recording ---


def add(
    session: Session,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    desk: Reference | None = None,
    note: str | None = None,
) -> int:
    """Record a contact; `facts` by the names in FACTS. Returns the referral's id; Refused names the field."""
    desk = desk or reference(session)
    facts = _tidy(facts)
    row = prepare(facts, now=now, desk=desk, by=session.info["user"].name)
    row |= number(session, [row])[0]
    referral = Referral(**row)
    session.add(referral)
    session.flush()
    session.add(ReferralEvent(**first_event(referral.id, row)))
    records_officers.gather(session, [row], now=now, follow=True)
    log.record(session, log.COLLECTION, referral=referral.id, fields=[n for n in FACTS if facts.get(n) is not None])
    if note:
        add_note(session, referral.id, note, None, now=now)
    return referral.id


def prepare(facts: Mapping[str, Any], *, now: datetime, desk: Reference, by: str) -> dict[str, Any]:
    """The columns of a new referral but its number; Refused names the first field that is wrong."""
    contact_at: datetime | None = facts.get("contact_at")
    known = _facts(facts)
    rules.refuse(rules.check_referral(known, now, _choices(desk)))
    rules.refuse(_nccu_problems(facts, contact_at, now))
    day = london_day(contact_at or now)
    status = rules.first_status(known, scope_reasons(desk))
    holidays = desk.holidays_of(facts.get("force"))
    due = rules.first_due(status, contact_at, now, desk.due_rule(day), holidays)
    row = {name: facts.get(name) for name in FACTS}
    row |= {
        "officer_collar": rules.normalised_collar(facts.get("officer_collar")) or None,
        "controller_force": facts.get("controller_force") or facts.get("force"),
        "contact_at": contact_at or now,
        "contact_at_known": contact_at is not None,
        "persons": 1 if facts.get("persons") is None else facts["persons"],
        "status": status,
        "due_at": due,
        "review_on": rules.review_on(status, london_day(now), open_months=desk.setting("open_review_months")),
        "safeguarding_incomplete": False,
        "created_at": now,
        "created_by": by,
        "updated_at": now,
        "duplicate_of": None,
        "import_id": None,
        "withdrawn_at": None,
    }
    return row | keys_of(row)


def _nccu_problems(facts: Mapping[str, Any], contact_at: datetime | None, now: datetime) -> dict[str, str]:
    return check_nccu(contact_at, facts.get("nccu_passed_at"), facts.get("nccu_acknowledged_at"), now)


def keys_of(row: Mapping[str, Any]) -> dict[str, str | None]:
    """What an import compares a row with, to know a contact again."""
    at = row["contact_at"] if row["contact_at_known"] else None
    return {
        "contact_key": rules.contact_key(row["force"], row["incident_ref"], at, row["officer_collar"]),
        "incident_key": rules.normalised_reference(row["incident_ref"]) or None,
    }


def number(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The next references for these rows, in their order: {reference, ref_order}."""
    last: dict[int, int] = {}
    numbered = []
    for row in rows:
        year = london_day(row["contact_at"]).year
        if year not in last:
            within = Referral.ref_order.between(year * _YEAR, (year + 1) * _YEAR - 1)
            last[year] = (session.scalar(select(func.max(Referral.ref_order)).where(within)) or 0) % _YEAR
        last[year] += 1
        reference_text = rules.reference(year, last[year])
        numbered.append({"reference": reference_text, "ref_order": year * _YEAR + last[year]})
    return numbered


def first_event(referral_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """The event with which a referral's history begins: the contact itself."""
    return {
        "referral_id": referral_id, "at": row["contact_at"], "recorded_at": row["created_at"],
        "by": row["created_by"], "kind": "status", "from_status": None, "to_status": row["status"],
        "due_at": row["due_at"], "reason": None,
    }  # fmt: skip


def _facts(values: Mapping[str, Any]) -> rules.ReferralFacts:
    return rules.ReferralFacts(
        force=values.get("force"), contact_at=values.get("contact_at"), reason=values.get("reason"),
        reporting_officer=values.get("officer_name"), collar=values.get("officer_collar"),
        persons=values.get("persons"), route=values.get("route"), outcome=values.get("outcome"),
        location=values.get("district"),
    )  # fmt: skip


def _choices(desk: Reference) -> dict[str, frozenset[str]]:
    kinds = {"force": "force", "reason": "contact_reason", "route": "route", "outcome": "outcome"}
    return {name: desk.codes(kind) for name, kind in kinds.items()}


def scope_reasons(desk: Reference) -> frozenset[str]:
    """The contact reasons that start as a scope query, as the desk is set."""
    wanted = desk.setting("status_enquiry_status") == rules.SCOPE_QUERY
    return frozenset({rules.STATUS_ENQUIRY}) if wanted else frozenset()


def get(session: Session, referral_id: int) -> Referral:
    """The record; Refused if it is not there."""
    found = session.get(Referral, referral_id)
    if found is None or found.withdrawn_at is not None:
        raise Refused("That referral is not in the register any more; read the queue again.")
    return found


def find(session: Session, reference_text: str) -> int:
    """The id of the referral with that reference, typed in any case."""
    year, count = rules.parse_reference(reference_text)
    found = session.scalar(select(Referral.id).where(Referral.ref_order == year * _YEAR + count))
    if found is None:
        raise Refused(f"There is no referral {rules.reference(year, count)}; check the number.", field="reference")
    return found


def edit(
    session: Session, referral_id: int, changes: Mapping[str, Any], *, now: datetime, tells_of_officer: bool = True
) -> list[str]:
    """Correct facts of a contact. Returns the names of the fields that changed; the rest is left alone.

    A NEW referral that is complete at last moves on, and a corrected contact time moves the due time of a
    referral whose clock still runs from its contact. Another team is news of the officer too, unless
    `tells_of_officer` says that only the case goes to another team.
    """
    referral = get(session, referral_id)
    desk = reference(session)
    new, changed = _corrected(referral, changes, desk, now)
    if not changed:
        return []
    due_before = _due(referral, desk)
    for name in changed:
        setattr(referral, name, new[name])
    for name, value in keys_of(new).items():
        setattr(referral, name, value)
    referral.updated_at = now
    if {"contact_at", "force"} & set(changed):  # each force has days of its own
        _move_contact(session, referral, due_before, _due(referral, desk))
    session.add(_event(session, referral, "edited", at=now, now=now, reason=", ".join(changed)))
    _settle_new(session, referral, desk, now)
    if tells_of_officer and _OFFICER & set(changed):
        records_officers.gather(session, [new], now=now, follow=True)
    log.record(session, log.ALTERATION, referral=referral_id, fields=changed)
    return changed


def _corrected(
    referral: Referral, changes: Mapping[str, Any], desk: Reference, now: datetime
) -> tuple[dict[str, Any], list[str]]:
    """The facts as they will be, and the names of those that change; Refused if the rules forbid one of them."""
    changes = _tidy(changes)
    new = {name: getattr(referral, name) for name in FACTS} | changes
    if new["persons"] is None:
        new["persons"] = referral.persons
    if "officer_collar" in changes:
        new["officer_collar"] = rules.normalised_collar(changes["officer_collar"]) or None
    if "contact_at" in changes:
        new["contact_at_known"] = changes["contact_at"] is not None
        new["contact_at"] = changes["contact_at"] or referral.created_at
    rules.refuse(rules.check_referral(_facts(new | {"contact_at": _known_time(new)}), now, _choices(desk)))
    rules.refuse(_nccu_problems(new, _known_time(new), now))
    return new, [name for name in FACTS if getattr(referral, name) != new[name]]


def give_team(
    session: Session, ids: Sequence[int], team: str, *, now: datetime
) -> tuple[dict[int, str | None], dict[int, str]]:
    """Give cases another team, each by the rules of `edit` and without news of its officer.

    The records take one statement and the log another, however many cases there are: forty by `edit` take longer
    than a click should. Returns the team that each changed one had, by id, and why each of the others was left.
    """
    desk = reference(session)
    given: dict[int, Referral] = {}
    left: dict[int, str] = {}
    for referral_id in ids:
        try:
            referral = get(session, referral_id)
            if _corrected(referral, {"team": team}, desk, now)[1]:
                given[referral_id] = referral
            else:
                left[referral_id] = f"It is with {team} already."
        except Refused as refusal:
            left[referral_id] = str(refusal)
    before = {referral_id: referral.team for referral_id, referral in given.items()}
    if given:
        events = [_event(session, referral, "edited", at=now, now=now, reason="team") for referral in given.values()]
        session.execute(update(Referral).where(Referral.id.in_(given)).values(team=team, updated_at=now))
        session.add_all(events)
        log.record_many(session, log.ALTERATION, "referral", list(given), fields=["team"])
    return before, left


def _tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts without spaces around them; an empty one is not known."""
    return {name: (value.strip() or None) if isinstance(value, str) else value for name, value in values.items()}


def _move_contact(session: Session, referral: Referral, due_before: datetime | None, due: datetime | None) -> None:
    """A due time that ran from the contact moves with it, now and in the history; a restarted one stays.

    The history begins with the contact, and never after what followed it.
    """
    events = session.scalars(
        select(ReferralEvent)
        .where(ReferralEvent.referral_id == referral.id, ReferralEvent.kind == "status")
        .order_by(ReferralEvent.at, ReferralEvent.id)
    ).all()
    dated: list[Referral | ReferralEvent] = [referral, *events]
    for kept in dated:
        if kept.due_at == due_before:
            kept.due_at = due
    events[0].at = min([referral.contact_at, *(event.at for event in events[1:])])


def _known_time(values: Mapping[str, Any]) -> datetime | None:
    return values["contact_at"] if values["contact_at_known"] else None


def _due(referral: Referral, desk: Reference) -> datetime | None:
    rule = desk.due_rule(london_day(referral.contact_at))
    holidays = desk.holidays_of(referral.force)
    return rules.first_due(rules.AWAITING_DOCUMENT, referral.contact_at, referral.created_at, rule, holidays)


def _settle_new(session: Session, referral: Referral, desk: Reference, now: datetime) -> None:
    if referral.status != rules.NEW:
        return
    facts = {name: getattr(referral, name) for name in FACTS}
    status = rules.first_status(_facts(facts | {"contact_at": _known_time(facts)}), scope_reasons(desk))
    if status != rules.NEW:
        _set_status(session, referral, status, at=now, now=now, reason=None, desk=desk)


def add_note(session: Session, referral_id: int, words: str, kind: str | None, *, now: datetime) -> int:
    """Add free text to a case as "fact" or "assessment"; None for words that came from elsewhere. Returns its id."""
    words = words.strip()
    if not words:
        raise Refused("The note is empty; write it first.", field="text")
    if kind not in (None, FACT, ASSESSMENT):
        raise Refused("Say whether the note is fact or assessment; the two are kept apart.", field="kind")
    note = ReferralNote(referral_id=referral_id, at=now, by=session.info["user"].name, kind=kind, text=words)
    session.add(note)
    get(session, referral_id).updated_at = now
    session.flush()
    log.record(session, log.COLLECTION, referral=referral_id, referral_note=note.id)
    return note.id


def note_stands() -> ColumnElement[bool]:
    """Part of a statement on notes: that it was not taken back."""
    return func.coalesce(ReferralNote.kind, "").not_like(f"%{NOTE_TAKEN_BACK}")


# --- moving ---


def move(
    session: Session,
    referral_id: int,
    to: str,
    *,
    at: datetime,
    now: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Move a referral to another status at the instant it happened; Refused if the rules forbid it."""
    referral = get(session, referral_id)
    now = now or at
    rules.move(referral.status, to, reason=reason)
    last = last_status_at(session, referral_id)
    if at > now:
        raise Refused("That time lies in the future; give the time when it happened.", field="at")
    if last is not None and at < last:
        raise Refused(f"The last change of this case was at {spoken_instant(last)}; give a later time.", field="at")
    _set_status(session, referral, to, at=at, now=now, reason=reason, desk=reference(session))
    log.record(session, log.ALTERATION, referral=referral_id, fields=["status"])


def _set_status(
    session: Session,
    referral: Referral,
    to: str,
    *,
    at: datetime,
    now: datetime,
    reason: str | None,
    desk: Reference,
) -> None:
    before = referral.status
    rule = desk.due_rule(london_day(referral.contact_at))
    referral.due_at = rules.due_after_move(
        before, to, referral.due_at, at=at, contact_at=referral.contact_at, recorded_at=referral.created_at,
        rule=rule, holidays=desk.holidays_of(referral.force),
    )  # fmt: skip
    referral.status = to
    referral.updated_at = now
    if to in rules.DONE:
        referral.review_on = rules.review_on(
            to, london_day(referral.created_at), done_on=london_day(at), done_months=desk.setting("review_months")
        )
    session.add(_event(session, referral, "status", at=at, now=now, reason=reason, before=before))
    session.flush()


def _event(
    session: Session,
    referral: Referral,
    kind: str,
    *,
    at: datetime,
    now: datetime,
    reason: str | None = None,
    before: str | None = None,
) -> ReferralEvent:
    return ReferralEvent(
        referral_id=referral.id, at=at, recorded_at=now, by=session.info["user"].name, kind=kind,
        from_status=before, to_status=referral.status if kind == "status" else None, due_at=referral.due_at,
        reason=reason,
    )  # fmt: skip


def note_event(
    session: Session, referral_id: int, kind: str, *, at: datetime, now: datetime, reason: str | None = None
) -> None:
    """Add a line to a case's history that is no change of status."""
    session.add(_event(session, get(session, referral_id), kind, at=at, now=now, reason=reason))


def last_status_at(session: Session, referral_id: int) -> datetime | None:
    """When the newest change of status happened."""
    return session.scalar(
        select(ReferralEvent.at)
        .where(ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status")
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
        .limit(1)
    )


def first_due_of(session: Session, referral_id: int) -> datetime | None:
    """The first due time that the case had; an overturned exemption restarts the clock and leaves this one behind."""
    return session.scalar(
        select(ReferralEvent.due_at)
        .where(
            ReferralEvent.referral_id == referral_id, ReferralEvent.kind == "status", ReferralEvent.due_at.is_not(None)
        )
        .order_by(ReferralEvent.at, ReferralEvent.id)
        .limit(1)
    )  # fmt: skip


def check_stands(session: Session, referral_id: int, status: str) -> None:
    """Refused unless the case stands at this status: each way back to work leaves another thing behind it in order."""
    referral = get(session, referral_id)
    if referral.status != status:
        stands, wanted = (rules.STATUS_WORDS[one].lower() for one in (referral.status, status))
        raise Refused(f"{referral.reference} stands as {stands} and not as {wanted}; read the case again.")


def close(session: Session, referral_id: int, *, at: datetime, now: datetime | None = None) -> None:
    """Close an accepted referral."""
    move(session, referral_id, rules.CLOSED, at=at, now=now)


def reopen(session: Session, referral_id: int, reason: str, *, at: datetime) -> None:
    """Open a closed referral again: it needs a document once more."""
    check_stands(session, referral_id, rules.CLOSED)
    move(session, referral_id, rules.AWAITING_DOCUMENT, at=at, reason=reason)


def bring_into_scope(session: Session, referral_id: int, reason: str, *, at: datetime) -> None:
    """Decide that a status enquiry does report a case."""
    check_stands(session, referral_id, rules.SCOPE_QUERY)
    move(session, referral_id, rules.AWAITING_DOCUMENT, at=at, reason=reason)


def mark_duplicate(session: Session, referral_id: int, survivor_id: int, reason: str, *, at: datetime) -> None:
    """Link a referral to the surviving case, which is the earlier contact; both records stay."""
    case, survivor = get(session, referral_id), get(session, survivor_id)
    rules_duplicates.check_primary(_time_of(survivor), _time_of(case), survivor.reference)
    check_survivor(session, referral_id, survivor_id)
    move(session, referral_id, rules.DUPLICATE, at=at, reason=reason)
    get(session, referral_id).duplicate_of = survivor_id
    log.record(session, log.COMBINATION, referral=[referral_id, survivor_id])


def check_survivor(session: Session, referral_id: int, survivor_id: int) -> None:
    """Refuses a link of a duplicate that would not lead to one surviving case."""
    get(session, survivor_id)
    links = {
        row.id: row.duplicate_of
        for row in session.execute(select(Referral.id, Referral.duplicate_of).where(Referral.duplicate_of.is_not(None)))
    }
    rules.check_duplicate(referral_id, survivor_id, links)


def _time_of(referral: Referral) -> datetime | None:
    return referral.contact_at if referral.contact_at_known else None


def withdraw_duplicate(session: Session, referral_id: int, reason: str, *, at: datetime) -> None:
    """Take the link back: the referral stands for itself again, with its first due time."""
    check_stands(session, referral_id, rules.DUPLICATE)
    move(session, referral_id, rules.AWAITING_DOCUMENT, at=at, reason=reason)
    get(session, referral_id).duplicate_of = None
