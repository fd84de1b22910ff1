"""The fictional desk's training: rosters and exports imported month by month, Hydra events, exclusions, reminders.

Names and numbers are made up; staff numbers begin with 90, which the forces of the desk do not use here.
"""

import hashlib
import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from oicdesk.settings.records import reference
from oicdesk.settings.rules import add_months, end_of_day, london_day
from oicdesk.sheets.mapping import propose
from oicdesk.sheets.read import Line, Sheet
from oicdesk.training import (
    records,
    records_completions,
    records_events,
    records_exclusions,
    records_figures,
    records_reminders,
    sheet_completions,
    sheet_learners,
)
from oicdesk.vault.vault import Vault

MONTHS = 13  # of training before the present, so that twelve whole months can be shown
_ROSTER = ("Staff No", "Collar", "Surname", "Forename", "Force", "Team", "Rank", "Role Group", "Start", "Leave",
           "Absence", "Line manager")  # fmt: skip
_EXPORT = ("Employee ID", "Name", "Course title", "Completion date", "Status")
_COURSES = {
    "OIC e-learning Module 1": 0.93, "OIC e-learning Mod. 2": 0.87, "OIC e-learning Module 3": 0.83,
    "OIC e-learning Module 4": 0.8, "NCCU awareness": 0.72,
}  # fmt: skip
_SURNAMES = (
    "Applecross", "Bellwether", "Candlemere", "Dapplewood", "Elmstead", "Foxearth", "Gorsefield", "Hawkesmoor",
    "Ivychurch", "Jessamine", "Kettlebaston", "Lanternfield", "Meadowcroft", "Nettlecombe", "Osierbed", "Partridge",
    "Quickthorn", "Rushmere", "Starlingford", "Thornbury", "Underhill", "Vinehall", "Withypool", "Yarrowdale",
)  # fmt: skip
_FORENAMES = ("Avery", "Blake", "Casey", "Dale", "Ellis", "Frankie", "Harley", "Indigo", "Jamie", "Kendall", "Morgan",
              "Quinn", "Reese", "Sky", "Taylor")  # fmt: skip
_ROLES = ("Frontline",) * 16 + ("Custody", "Custody", "Intelligence", "Control room")
_CENTRE = "Fictional Hydra suite, Ashmere"


@dataclass(frozen=True)
class Member:
    """A fictional member of staff as the roster tells of them."""

    number: str
    collar: str
    surname: str
    forename: str
    force: str
    team: str
    rank: str
    role: str
    start: date
    supervisor: str
    leave: date | None = None
    absence: str = ""

    def cells(self) -> list[Any]:
        return [
            self.number, self.collar, self.surname, self.forename, self.force, self.team, self.rank, self.role,
            _day(self.start), _day(self.leave) if self.leave else "", self.absence, self.supervisor,
        ]  # fmt: skip


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def fill(vault: Vault, chance: random.Random, officers: list[Any], today: date, now: datetime, size: int) -> list[str]:
    """Thirteen months of training for teams of about `size` people, the reporting officers among them."""
    began = add_months(today, -MONTHS)
    people = _people(chance, officers, began, size)
    _relevance(vault, began)
    _roster(vault, people, began)
    done = _completions(chance, people, began, london_day(now))
    halfway = add_months(today, -6)
    people = _moved(chance, people, halfway)
    told = 0
    for month in range(MONTHS - 1, -1, -3):
        day = min(add_months(today, -month), london_day(now))
        if day >= halfway and month < 6:
            _roster(vault, people, day)
        told = _export(vault, chance, people, done, day)
    _exclusions(vault, chance, began + timedelta(days=40))
    events = _hydra(vault, chance, began, london_day(now))
    _reminders(vault, london_day(now) - timedelta(days=20))
    return [
        f"{len(people)} people on the roster, {told} rows in the last export of completions, {events} Hydra events."
    ]


def _people(chance: random.Random, officers: list[Any], began: date, size: int) -> list[Member]:
    people: list[Member] = []
    supervisors = {(one.force, one.team): one.supervisor for one in officers}
    names = [(surname, forename) for surname in _SURNAMES for forename in _FORENAMES]
    chance.shuffle(names)
    for force, team in supervisors:
        own = [one for one in officers if (one.force, one.team) == (force, team)]
        for place in range(max(size, len(own))):
            start = began - timedelta(days=chance.randrange(60, 5000))
            if place < len(own):
                surname, forename = own[place].name.split(", ")
                collar, rank, role = own[place].collar, own[place].rank, "Frontline"
            else:
                surname, forename = names.pop()
                rank, role = chance.choice(("PC", "PC", "PC", "DC", "PS")), chance.choice(_ROLES)
                collar = f"{rank} {chance.randrange(100, 9900)}"
            number = f"90{len(people) + 1:05d}"
            people.append(Member(number, collar, surname, forename, force, team, rank, role, start,
                                 supervisors[force, team]))  # fmt: skip
    return people


def _moved(chance: random.Random, people: list[Member], on: date) -> list[Member]:
    """Half a year later: some have moved, left, changed their name or are absent, and some are new."""
    teams = sorted({(one.force, one.team, one.supervisor) for one in people})
    later = []
    for place, one in enumerate(people):
        draw = chance.random()
        if draw < 0.04:
            team = chance.choice([team for team in teams if team[0] == one.force])
            one = replace(one, team=team[1], supervisor=team[2])
        elif draw < 0.06:
            one = replace(one, surname=f"{one.surname}-{chance.choice(_SURNAMES)}")
        elif draw < 0.09:
            one = replace(one, leave=on + timedelta(days=chance.randrange(1, 90)))
        elif draw < 0.12:
            one = replace(one, absence=chance.choice(("Maternity", "Career break", "Long-term sick")))
        later.append(one)
        if place % 24 == 23:
            later.append(replace(
                one, number=f"91{place:05d}", collar=f"PC {chance.randrange(100, 9900)}", surname="Newmarsh",
                forename=chance.choice(_FORENAMES), rank="PC", role="Frontline", start=on + timedelta(days=14),
                leave=None, absence="",
            ))  # fmt: skip
    return later


# --- who is relevant, and the roster -----------------------------------------------------------------------


def _relevance(vault: Vault, began: date) -> None:
    with vault.changing() as session:
        records.set_relevance(
            session, "hydra", on=began, at=end_of_day(began), role_groups=["Custody", "Intelligence"],
            why="Fictional decision of the OIC board: custody and intelligence first.",
        )  # fmt: skip


def _sheet(name: str, columns: tuple[str, ...], rows: list[list[Any]]) -> Sheet:
    lines = [Line(number, list(cells)) for number, cells in enumerate(rows, 2)]
    return Sheet(name, "", "", 1, list(columns), lines, hashlib.sha256(repr((name, rows)).encode()).hexdigest())


def _take(vault: Vault, kind: Any, sheet: Sheet, now: datetime) -> Any:
    with vault.changing() as session:
        desk = reference(session)
        run = kind.check(session, sheet, propose(sheet, kind.targets(session, desk)), desk, now=now)
        return kind.write(session, run, file_name=sheet.file, file_sha256=sheet.sha256, now=now)


def _roster(vault: Vault, people: list[Member], day: date) -> None:
    rows = [one.cells() for one in people if one.start <= day]
    _take(vault, sheet_learners, _sheet(f"demo-roster-{day}.csv", _ROSTER, rows), end_of_day(day))


# --- completions -------------------------------------------------------------------------------------------

Done = list[tuple[str, str, date, str]]  # staff number, course, day, status


def _completions(chance: random.Random, people: list[Member], began: date, last: date) -> Done:
    """Everything that the learning system will ever tell of these people; teams differ in pace."""
    pace = {team: chance.uniform(0.72, 1.08) for team in sorted({one.team for one in people})}
    span, done = (last - began).days, []
    for one in people:
        for course, share in _COURSES.items():
            if chance.random() < share * pace[one.team]:
                day = began + timedelta(days=int(span * chance.betavariate(1.3, 1.5)))
                done.append((one.number, course, day, "Completed"))
            elif chance.random() < 0.4:
                day = began + timedelta(days=chance.randrange(span))
                done.append((one.number, course, day, chance.choice(("In progress", "Enrolled", "Failed"))))
        if chance.random() < 0.25:
            done.append((one.number, "Other training", began, "Completed"))
    return done


def _export(vault: Vault, chance: random.Random, people: list[Member], done: Done, day: date) -> int:
    """The learning system's list up to a day, with the slips that such lists have. Returns its rows."""
    named = {one.number: f"{one.surname}, {one.forename}" for one in people}
    rows: list[list[Any]] = [
        [number, named[number], course, _day(on), status] for number, course, on, status in done if on <= day
    ]  # fmt: skip
    if rows:
        slip, known = rows[len(rows) // 2], rows[len(rows) // 3]
        surname, _forename = known[1].split(", ")
        rows += [
            [slip[0][1:], slip[1], "OIC e-learning Module 1", _day(day), "Completed"],  # a dropped leading digit
            [known[0], f"{surname}, {chance.choice(_FORENAMES)}", "NCCU awareness", _day(day), "Completed"],
            ["9999999", "Nobody, Known", "OIC e-learning Module 1", _day(day), "Completed"],
            [known[0], known[1], "NCCU awareness", "31/02/2026", "Completed"],
            ["", "", "", "", ""],
        ]
    _take(vault, sheet_completions, _sheet(f"demo-learning-system-{day}.csv", _EXPORT, rows), end_of_day(day))
    _confirm_one(vault, end_of_day(day))
    return len(rows)


def _confirm_one(vault: Vault, now: datetime) -> None:
    """Somebody looks at the first suggestion; the others wait."""
    with vault.changing() as session:
        waiting = records_completions.waiting(session)
        if len(waiting) < 2:
            return
        first = waiting[0]
        if first.suggestions:
            records_completions.confirm(session, [first.id], first.suggestions[0][0], now=now)
        else:
            records_completions.dismiss(session, [first.id], "Nobody of that name is known.", now=now)


# --- exclusions, Hydra, reminders --------------------------------------------------------------------------


def _exclusions(vault: Vault, chance: random.Random, on: date) -> None:
    with vault.changing() as session:
        now = records_figures.snapshot(session, on)
        frontline = [person.id for person in now.people if person.role_group == "Frontline"]
        for reason, why in (
            ("trained_elsewhere", "Completed the same course with another force; certificate seen."),
            ("role_does_not_need_it", "Moved to a desk role without contact with the public."),
        ):
            if frontline:
                learner = frontline.pop(chance.randrange(len(frontline)))
                records_exclusions.exclude(
                    session, learner, None, reason, why=why, approved_by="Inspector Ledgerwood", from_on=on,
                    at=end_of_day(on),
                )  # fmt: skip


def _hydra(vault: Vault, chance: random.Random, began: date, today: date) -> int:
    """Two events held with their registers, one to come with a waiting list, and where it is delivered."""
    with vault.changing() as session:
        decided = began + timedelta(days=60)
        records_events.decide_delivery(
            session, decided, records_events.BOTH, decided_by="OIC board", evidence="Minutes 4, item 3",
            why="the national event has too few places, so one local event each half-year is added",
            now=end_of_day(decided),
        )  # fmt: skip
    held = ((began + timedelta(days=120), records_events.NATIONAL, 10), (today - timedelta(days=40),
             records_events.LOCAL, 8), (today + timedelta(days=36), records_events.LOCAL, 3))  # fmt: skip
    for day, delivery, places in held:
        _event(vault, chance, day, delivery, places, today)
    return len(held)


def _event(vault: Vault, chance: random.Random, day: date, delivery: str, places: int, today: date) -> None:
    asked = min(day - timedelta(days=45), today - timedelta(days=6))
    now = end_of_day(asked)
    with vault.changing() as session:
        event = records_events.add_event(session, day, _CENTRE, delivery, places, now=now)
        needed = records_events.by_need(session, records_figures.snapshot(session, asked))
        ids = [row.learner_id for row in needed][: places + 2]
        if not ids:
            return
        records_events.invite(session, event, ids, now=now)
        invited = [row for row in records_events.places(session, event) if row.state == records_events.INVITED]
        for place in invited:
            if chance.random() < 0.6:
                records_events.answer(session, event, place.learner_id, True, now=now + timedelta(days=2))
        if len(invited) > 2:
            declines = invited[chance.randrange(len(invited))].learner_id
            records_events.answer(session, event, declines, False, now=now + timedelta(days=3))
    if day <= today:
        with vault.changing() as session:
            there = [row for row in records_events.places(session, event) if row.state in records_events.HOLDS_A_PLACE]
            came = {row.learner_id: chance.random() < 0.85 for row in there}
            records_events.register(session, event, came, now=end_of_day(day))


def _reminders(vault: Vault, day: date) -> None:
    with vault.changing() as session:
        rows = records_reminders.missing(session, day)
        for reminder in records_reminders.to_supervisors(session, rows, day)[:3]:
            records_reminders.sent(session, reminder, "e-mail file", now=end_of_day(day))
