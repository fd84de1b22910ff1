"""Hydra: events, whom they invite, who waits, who came; attending is completing. And where it is delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day, spoken_day
from oicdesk.training import records_completions, records_people, rules
from oicdesk.training.records import HydraEvent
from oicdesk.training.records_completions import REGISTER, Completion
from oicdesk.training.records_people import Learner
from oicdesk.training.rules import Snapshot
from oicdesk.vault import log
from oicdesk.vault.tables import Stored

NATIONAL, LOCAL, BOTH = "national", "local", "both"
INVITED, ACCEPTED, DECLINED, WAITING, ATTENDED, ABSENT = (
    "invited", "accepted", "declined", "waiting", "attended", "did not attend"
)  # fmt: skip
HOLDS_A_PLACE: Final = (INVITED, ACCEPTED, ATTENDED)


class HydraPlace(Stored):
    """Somebody's place at an event, or their turn on its waiting list."""

    __tablename__ = "hydra_place"
    __table_args__ = (Index("hydra_place_once", "event_id", "learner_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey(HydraEvent.id))
    learner_id: Mapped[int] = mapped_column(ForeignKey(Learner.id), index=True)
    state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


class DeliveryDecision(Stored):
    """What was decided on local delivery of Hydra; the newest holds."""

    __tablename__ = "hydra_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    decided_on: Mapped[date]
    delivery: Mapped[str]
    why: Mapped[str]
    decided_by: Mapped[str]
    evidence: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


@dataclass(frozen=True)
class EventRow:
    """An event with its counts; `free` never falls below 0."""

    id: int
    held_on: date
    centre: str
    delivery: str
    places: int
    taken: int
    waiting: int
    attended: int
    note: str
    cancelled_why: str | None

    @property
    def free(self) -> int:
        return max(0, self.places - self.taken)


@dataclass(frozen=True)
class PlaceRow:
    """A person at an event."""

    id: int
    learner_id: int
    name: str
    staff_number: str
    state: str
    at: datetime


# --- events ------------------------------------------------------------------------------------------------


def add_event(
    session: Session, held_on: date, centre: str, delivery: str, places: int, *, note: str = "", now: datetime
) -> int:
    """Plan an event. Returns its id."""
    _check_event(centre, delivery, places)
    row = HydraEvent(
        held_on=held_on, centre=centre.strip(), delivery=delivery, places=places, note=note.strip(),
        recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, hydra_event=row.id)
    return row.id


def edit_event(
    session: Session, event_id: int, *, held_on: date, centre: str, delivery: str, places: int, note: str = ""
) -> list[str]:
    """Change an event; once its register is written its day stays. Returns the fields."""
    row = _event(session, event_id)
    _check_event(centre, delivery, places)
    counted = _counts(session, [event_id]).get(event_id, {})
    taken = sum(counted.get(state, 0) for state in HOLDS_A_PLACE)
    if places < taken:
        raise Refused(f"{taken} places are taken already; take some back first.", field="places")
    if counted.get(ATTENDED) and held_on != row.held_on:
        raise Refused("The attendance register is written, so the day stays.", field="held_on")
    new = {"held_on": held_on, "centre": centre.strip(), "delivery": delivery, "places": places, "note": note.strip()}
    fields = [name for name, value in new.items() if getattr(row, name) != value]
    for name in fields:
        setattr(row, name, new[name])
    if fields:
        log.record(session, log.ALTERATION, hydra_event=event_id, fields=fields)
    return fields


def cancel_event(session: Session, event_id: int, why: str) -> None:
    """Call an event off; nobody holds a place there any more."""
    row = _event(session, event_id)
    if _counts(session, [event_id]).get(event_id, {}).get(ATTENDED):
        raise Refused("People attended this event, so it cannot be called off.")
    if not why.strip():
        raise Refused("Say why the event is called off.", field="why")
    row.cancelled_why = why.strip()
    log.record(session, log.ALTERATION, hydra_event=event_id, fields=["cancelled_why"])


def _check_event(centre: str, delivery: str, places: int) -> None:
    if not centre.strip():
        raise Refused("Name the centre where the event is held.", field="centre")
    if delivery not in (NATIONAL, LOCAL):
        raise Refused("An event is delivered nationally or locally; choose one.", field="delivery")
    if not isinstance(places, int) or not 1 <= places <= 1000:
        raise Refused("An event has 1 to 1,000 places.", field="places")


def _event(session: Session, event_id: int) -> HydraEvent:
    row = session.get(HydraEvent, event_id)
    if row is None:
        raise Refused("There is no such event.")
    if row.cancelled_why is not None:
        raise Refused("That event was called off.")
    return row


def _counts(session: Session, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    query = select(HydraPlace.event_id, HydraPlace.state, func.count()).where(HydraPlace.event_id.in_(ids))
    found: dict[int, dict[str, int]] = {}
    for event_id, state, count in session.execute(query.group_by(HydraPlace.event_id, HydraPlace.state)):
        found.setdefault(event_id, {})[state] = count
    return found


def events(session: Session) -> list[EventRow]:
    """Every event, newest first."""
    rows = list(session.scalars(select(HydraEvent).order_by(HydraEvent.held_on.desc(), HydraEvent.id.desc())))
    counted = _counts(session, [row.id for row in rows])
    return [
        EventRow(
            row.id, row.held_on, row.centre, row.delivery, row.places,
            sum(counted.get(row.id, {}).get(state, 0) for state in HOLDS_A_PLACE),
            counted.get(row.id, {}).get(WAITING, 0), counted.get(row.id, {}).get(ATTENDED, 0), row.note,
            row.cancelled_why,
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class OpenRegisterRow:
    """An event that was held and of whose invited people `unanswered` are not on its register yet."""

    id: int
    held_on: date
    centre: str
    unanswered: int


def open_registers(session: Session, day: date) -> list[OpenRegisterRow]:
    """Events held by a day whose register does not say of everybody whether they came, the oldest first."""
    query = (
        select(HydraEvent.id, HydraEvent.held_on, HydraEvent.centre, func.count())
        .join(HydraPlace, HydraPlace.event_id == HydraEvent.id)
        .where(HydraEvent.held_on <= day, HydraEvent.cancelled_why.is_(None), HydraPlace.state.in_((INVITED, ACCEPTED)))
        .group_by(HydraEvent.id)
        .order_by(HydraEvent.held_on)
    )
    return [OpenRegisterRow(*row) for row in session.execute(query)]


def places(session: Session, event_id: int) -> list[PlaceRow]:
    """Who is invited, waits or came: places by name, then the waiting list in its order."""
    query = (
        select(HydraPlace, Learner.surname, Learner.forename, Learner.staff_number)
        .join(Learner, Learner.id == HydraPlace.learner_id)
        .where(HydraPlace.event_id == event_id)
    )
    rows = [
        PlaceRow(place.id, place.learner_id, f"{surname}, {forename}", number, place.state, place.at)
        for place, surname, forename, number in session.execute(query)
    ]
    return sorted(
        rows, key=lambda row: (True, "", row.at, row.id) if row.state == WAITING else (False, row.name, row.at, row.id)
    )


# --- invitations -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NeedRow:
    """Somebody who needs Hydra, and why they stand where they do in the list."""

    learner_id: int
    name: str
    force: str
    team: str | None
    why: str


def by_need(session: Session, snapshot: Snapshot) -> list[NeedRow]:
    """Who is relevant and has not attended: those who wait first, then those never invited, by longest service.

    `snapshot` is of the day and force. The order comes from paperwork dates only; nobody is rated. People with a
    place at a coming event are left out.
    """
    missing = set(rules.course_figure(snapshot, rules.HYDRA).missing)
    booked, waits, invited = _standing_places(session, snapshot.day)
    started = dict(session.execute(select(Learner.id, Learner.started_on)).all())
    rows = []
    for person in snapshot.people:
        if person.id not in missing or person.id in booked:
            continue
        if person.id in waits:
            key, why = (0, waits[person.id]), "on a waiting list"
        elif person.id not in invited:
            key, why = (1, ""), "never invited"
        else:
            key, why = (2, ""), "invited before"
        order = (*key, (started[person.id] or date.max).isoformat(), person.name, person.id)
        rows.append((order, NeedRow(person.id, person.name, person.force, person.team, why)))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def _standing_places(session: Session, day: date) -> tuple[set[int], dict[int, str], set[int]]:
    query = (
        select(HydraPlace.learner_id, HydraPlace.state, HydraPlace.at, HydraEvent.held_on)
        .join(HydraEvent, HydraEvent.id == HydraPlace.event_id)
        .where(HydraEvent.cancelled_why.is_(None))
    )
    booked, waits, invited = set(), dict[int, str](), set()
    for learner_id, state, at, held_on in session.execute(query):
        if state in (INVITED, ACCEPTED) and held_on >= day:
            booked.add(learner_id)
        elif state == WAITING:
            waits[learner_id] = min(waits.get(learner_id, "9"), at.isoformat())
        else:
            invited.add(learner_id)
    return booked, waits, invited


def invite(session: Session, event_id: int, learner_ids: Sequence[int], *, now: datetime) -> tuple[int, int]:
    """Offer places in the order given; when they run out the rest wait. Returns (invited, waiting)."""
    event = _event(session, event_id)
    if event.held_on < london_day(now):
        raise Refused(f"The event was on {spoken_day(event.held_on)}; write its attendance register instead.")
    known = set(session.scalars(select(HydraPlace.learner_id).filter_by(event_id=event_id)))
    new = [i for i in dict.fromkeys(learner_ids) if i not in known]
    if not new:
        raise Refused("Everybody chosen is invited or waits already.")
    free = event.places - _taken(session, event_id)
    for number, learner_id in enumerate(new):
        records_people.get(session, learner_id)
        state = INVITED if number < free else WAITING
        session.add(
            HydraPlace(event_id=event_id, learner_id=learner_id, state=state, at=now, by=session.info["user"].name)
        )
        session.flush()
    log.record(session, log.COLLECTION, hydra_event=event_id, learner=new, detail="invitations")
    invited = min(len(new), max(free, 0))
    return invited, len(new) - invited


def _taken(session: Session, event_id: int) -> int:
    query = select(func.count()).select_from(HydraPlace).where(HydraPlace.event_id == event_id)
    return session.scalar(query.where(HydraPlace.state.in_(HOLDS_A_PLACE))) or 0


def answer(session: Session, event_id: int, learner_id: int, accepts: bool, *, now: datetime) -> int | None:
    """An invited person accepts or declines. Declining gives the place to who waits longest; returns who that is."""
    event = _event(session, event_id)
    place = session.scalar(select(HydraPlace).filter_by(event_id=event_id, learner_id=learner_id))
    if place is None or place.state not in (INVITED, ACCEPTED, DECLINED):
        raise Refused("Only somebody who is invited can accept or decline.")
    if accepts and place.state == DECLINED and _taken(session, event_id) >= event.places:
        raise Refused("The place has gone to somebody else; put them on the waiting list of another event.")
    place.state, place.at, place.by = ACCEPTED if accepts else DECLINED, now, session.info["user"].name
    session.flush()
    log.record(session, log.ALTERATION, hydra_event=event_id, learner=learner_id, fields=["state"])
    return None if accepts else _move_up(session, event, now)


def _move_up(session: Session, event: HydraEvent, now: datetime) -> int | None:
    if _taken(session, event.id) >= event.places:
        return None
    waits = select(HydraPlace).filter_by(event_id=event.id, state=WAITING).order_by(HydraPlace.at, HydraPlace.id)
    place = session.scalar(waits.limit(1))
    if place is None:
        return None
    place.state, place.at, place.by = INVITED, now, session.info["user"].name
    session.flush()
    log.record(session, log.ALTERATION, hydra_event=event.id, learner=place.learner_id, fields=["state"])
    return place.learner_id


# --- the register ------------------------------------------------------------------------------------------


def register(session: Session, event_id: int, came: Mapping[int, bool], *, now: datetime) -> int:
    """Write the attendance register: person → whether they came. Attending completes Hydra.

    It can be written again to correct it; who is taken off it loses that completion. Returns how many came.
    """
    event = _event(session, event_id)
    if event.held_on > london_day(now):
        raise Refused(f"The event is on {spoken_day(event.held_on)}; its register is written afterwards.")
    there = {place.learner_id: place for place in session.scalars(select(HydraPlace).filter_by(event_id=event_id))}
    changed = []
    for learner_id, is_there in came.items():
        place = there.get(learner_id)
        state = ATTENDED if is_there else ABSENT
        if place is None:
            records_people.get(session, learner_id)
            place = HydraPlace(
                event_id=event_id, learner_id=learner_id, state=state, at=now, by=session.info["user"].name
            )
            session.add(place)
        elif place.state == state:
            continue
        place.state, place.at, place.by = state, now, session.info["user"].name
        changed.append(learner_id)
        _set_completion(session, event, learner_id, is_there, now)
    session.flush()
    if changed:
        log.record(session, log.ALTERATION, hydra_event=event_id, learner=changed, detail="attendance register")
    counted = _counts(session, [event_id]).get(event_id, {})
    return counted.get(ATTENDED, 0)


def _set_completion(session: Session, event: HydraEvent, learner_id: int, came: bool, now: datetime) -> None:
    same = select(Completion).filter_by(learner_id=learner_id, course=rules.HYDRA, done_on=event.held_on)
    row = session.scalar(same.where(Completion.withdrawn_at.is_(None)))
    if came and row is None:
        evidence = f"attendance register, {event.centre}"
        records_completions.complete(
            session, learner_id, rules.HYDRA, event.held_on, evidence=evidence, source=REGISTER, event_id=event.id,
            now=now,
        )  # fmt: skip
    elif not came and row is not None and row.event_id == event.id:
        session.execute(
            update(Completion)
            .where(Completion.id == row.id)
            .values(withdrawn_at=now, withdrawn_why="taken off the attendance register")
        )


# --- where it is delivered ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class DecisionRow:
    """A decision on local delivery."""

    id: int
    decided_on: date
    delivery: str
    why: str
    decided_by: str
    evidence: str


def decide_delivery(
    session: Session, decided_on: date, delivery: str, *, why: str, decided_by: str, evidence: str = "", now: datetime
) -> int:
    """Record what was decided on local delivery, by whom and why. Returns its id."""
    if delivery not in (NATIONAL, LOCAL, BOTH):
        raise Refused("Delivery is national, local or both; choose one.", field="delivery")
    if decided_on > london_day(now):
        raise Refused("A decision cannot lie in the future; check the day.", field="decided_on")
    for name, value in (("why", why), ("decided_by", decided_by)):
        if not value.strip():
            raise Refused("Say who decided it, and why.", field=name)
    row = DeliveryDecision(
        decided_on=decided_on, delivery=delivery, why=why.strip(), decided_by=decided_by.strip(),
        evidence=evidence.strip(), recorded_at=now, recorded_by=session.info["user"].name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    log.record(session, log.COLLECTION, hydra_decision=row.id)
    return row.id


def decisions(session: Session) -> list[DecisionRow]:
    """Every decision on delivery, newest first."""
    rows = session.scalars(
        select(DeliveryDecision).order_by(DeliveryDecision.decided_on.desc(), DeliveryDecision.id.desc())
    )
    return [DecisionRow(r.id, r.decided_on, r.delivery, r.why, r.decided_by, r.evidence) for r in rows]
