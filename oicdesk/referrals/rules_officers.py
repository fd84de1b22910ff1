"""Who an officer is, where they belong and whether they are there. Pure: no database, no clock.

Collar numbers repeat, so an officer is known by force, collar number and name together.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from oicdesk.errors import Refused
from oicdesk.referrals.rules import normalised_collar, normalised_reference
from oicdesk.settings.rules import long_day


class OfficerKey(NamedTuple):
    """What an officer is known by; a collar number or a name may be missing, not both."""

    force: str
    collar: str
    name: str


def name_key(name: str | None) -> str:
    """A name for comparing: no case, accents or order, so that "MARSH, Jo" is "Jo Marsh"."""
    plain = unicodedata.normalize("NFKD", name or "").casefold().replace("’", "'")
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(sorted(re.findall(r"\w[\w'-]*", bare)))


def officer_key(force: str | None, collar: str | None, name: str | None) -> OfficerKey | None:
    """The key of an officer; None while the force, or both name and collar number, are missing."""
    key = OfficerKey((force or "").strip(), normalised_reference(normalised_collar(collar)), name_key(name))
    return key if key.force and (key.collar or key.name) else None


def searched(*texts: str | None) -> str:
    """What a directory entry is found by: each text without case and accents."""
    plain = unicodedata.normalize("NFKD", " ".join(filter(None, texts))).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Absence:
    """Away from one day to another, both included; without an end until further notice."""

    from_on: date
    to_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


def why_not_there(absences: Iterable[Absence], left_on: date | None, day: date) -> str:
    """Why an officer cannot be asked on this day, in words; empty when they can."""
    if left_on is not None and left_on <= day:
        return f"left on {long_day(left_on)}"
    away = next((one for one in absences if one.covers(day)), None)
    if away is None:
        return ""
    return f"away until {long_day(away.to_on)}" if away.to_on else f"away since {long_day(away.from_on)}"


def check_absence(from_on: date | None, to_on: date | None) -> None:
    """Refuses days that are no span."""
    if from_on is None:
        raise Refused("Give the first day of the absence.", field="from_on")
    if to_on is not None and to_on < from_on:
        raise Refused("The last day lies before the first one; check both.", field="to_on")


_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+|[^\s@,;<>\"]+@[^\s@,;<>\".]+")


def check_email(address: str) -> None:
    """Refuses what is not one e-mail address; an empty one is none."""
    if address and _ADDRESS.fullmatch(address) is None:
        raise Refused(
            "That is not one e-mail address: write it like name@force.example, or leave it empty.", field="email"
        )


def spoken_name(name: str) -> str:
    """A name as one is addressed: "MARSH, Jo" is Jo Marsh; a name that is written otherwise stays as it is."""
    surname, comma, given = name.partition(",")
    if not comma or "," in given or not given.strip():
        return name
    whole = surname.strip()
    if whole.isupper() and len(whole) > 2:
        whole = re.sub(r"\w[\w]*", lambda word: word[0].capitalize(), whole)
    return f"{given.strip()} {whole}"


# --- teams


@dataclass(frozen=True)
class Rename:
    """A team that bears another name from a day on."""

    force: str
    old: str
    new: str
    on: date


def name_on(renames: Iterable[Rename], force: str, team: str, day: date) -> str:
    """What the team that was called `team` is called on that day; `renames` in order of time."""
    for one in renames:
        if one.force == force and one.on <= day and same_team(one.old, team):
            team = one.new
    return team


def names_of(renames: Iterable[Rename], team: str) -> set[str]:
    """Every name that this team has had or has now, in any force, its present spelling included."""
    known, found = list(renames), {team}
    keys = {name_key(team)}
    grown = True
    while grown:
        grown = False
        for one in known:
            pair = {name_key(one.old), name_key(one.new)}
            if pair & keys and not pair <= keys:
                keys |= pair
                found |= {one.old, one.new}
                grown = True
            elif pair & keys:
                found |= {one.old, one.new}
    return found


def also_called(renames: Iterable[Rename], words: str) -> list[str]:
    """The other names of the teams that these words name, each word by its beginning; empty for most words."""
    known, typed = list(renames), searched(words).split()
    if not known or not typed:
        return []
    named = {
        team
        for one in known
        for team in (one.old, one.new)
        if all(any(part.startswith(word) for part in searched(team).split()) for word in typed)
    }
    return sorted({other for team in named for other in names_of(known, team)} - named)


def same_team(one: str, other: str) -> bool:
    """Whether two names are of one team: case, accents and order of words do not matter."""
    return name_key(one) == name_key(other)


def check_rename(force: str | None, old: str, new: str, on: date | None, today: date, taken: Mapping[str, str]) -> None:
    """Refuses a rename without both names, into the future, or to the name of another team of that force.

    `taken` maps name keys of the force's teams to their spelling.
    """
    if not force:
        raise Refused("Say whose team it is: choose the force.", field="force")
    if not old.strip() or name_key(old) not in taken:
        raise Refused("No officer and no referral of that force has this team; check the spelling.", field="old")
    if not new.strip():
        raise Refused("Write the team's new name.", field="new")
    if same_team(old, new):
        raise Refused("Both names are the same; write the new one.", field="new")
    if name_key(new) in taken:
        raise Refused(
            f"{force} has a team called {taken[name_key(new)]} already; joining two teams is a move of their officers.",
            field="new",
        )
    if on is None:
        raise Refused("Give the day from which the new name holds.", field="on")
    if on > today:
        raise Refused("That day lies in the future; record the new name from its day on.", field="on")
