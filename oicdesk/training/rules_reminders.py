"""What a reminder says, to a person about their own courses or to a supervisor about their team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from oicdesk.settings.rules import long_day
from oicdesk.training.rules import MissingRow, listed


@dataclass(frozen=True)
class Reminder:
    """A text ready to leave the desk: whom it is for, about which people and courses."""

    to: str
    subject: str
    text: str
    learner_ids: tuple[int, ...]
    courses: tuple[str, ...]
    is_for_supervisor: bool = False


def to_person(row: MissingRow, titles: Mapping[str, str], *, day: date, marking: str) -> Reminder:
    """To one person, about nobody else."""
    person = row.person
    names = [_title(code, row, titles) for code in row.courses]
    course = "course" if len(names) == 1 else "courses"
    text = (
        f"{marking}\n\n"
        f"Dear {person.forename} {person.surname},\n\n"
        f"As at {long_day(day)} our records do not show that you have completed the following organised immigration"
        f" crime (OIC) {course}:\n\n"
        + "".join(f"- {name}\n" for name in names)
        + "\nPlease complete what is missing on the force's learning system. If you have done so already, reply with"
        " the date, so that our records can be put right. If you are away or your role has changed, let us know.\n\n"
        f"{marking}\n"
    )
    return Reminder(
        f"{person.forename} {person.surname}", f"OIC training: {listed(names)} to complete", text,
        (person.id,), row.courses,
    )  # fmt: skip


def to_supervisor(
    rows: Sequence[MissingRow], supervisor: str, titles: Mapping[str, str], *, day: date, marking: str
) -> Reminder:
    """To whoever leads these people; a supervisor who is not known is addressed by the team."""
    who = supervisor or f"supervisor of {rows[0].person.team or 'the team'}"
    lines = [f"- {row.person.name}: {listed([_title(code, row, titles) for code in row.courses])}\n" for row in rows]
    text = (
        f"{marking}\n\n"
        f"Dear {who},\n\n"
        f"As at {long_day(day)} our records do not show the following organised immigration crime (OIC) courses as"
        f" completed for {'1 person' if len(rows) == 1 else f'{len(rows)} people'} in your charge:\n\n"
        + "".join(lines)
        + "\nPlease make time for them to complete what is missing, and tell us of anybody who is away, has moved or"
        " does not need it. This list is for you only; do not pass it on.\n\n"
        f"{marking}\n"
    )
    codes = tuple(dict.fromkeys(code for row in rows for code in row.courses))
    count = "1 person" if len(rows) == 1 else f"{len(rows)} people"
    return Reminder(
        who, f"OIC training: courses to complete for {count}", text,
        tuple(row.person.id for row in rows), codes, True,
    )  # fmt: skip


def by_supervisor(rows: Sequence[MissingRow], titles: Mapping[str, str], *, day: date, marking: str) -> list[Reminder]:
    """One reminder for each supervisor, or for each team whose supervisor the roster does not name."""
    groups: dict[tuple[str, str, str], list[MissingRow]] = {}
    for row in rows:
        person = row.person
        key = (person.supervisor, "", "") if person.supervisor else ("", person.force, person.team or "")
        groups.setdefault(key, []).append(row)
    return [to_supervisor(group, key[0], titles, day=day, marking=marking) for key, group in groups.items()]


def _title(code: str, row: MissingRow, titles: Mapping[str, str]) -> str:
    return f"{titles.get(code, code)} (to be renewed)" if code in row.expired else titles.get(code, code)
