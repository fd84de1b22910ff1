"""The forms of the Training page as data, and what their values do."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from oicdesk.errors import Refused
from oicdesk.settings.rules import short_day
from oicdesk.training import records, records_completions, records_events, records_exclusions, records_people, rules
from oicdesk.training.records_completions import CompletionRow
from oicdesk.training.records_exclusions import ExclusionRow
from oicdesk.ui.form import Field

Choices = Sequence[tuple[Any, str]]
EVERYBODY, NAMED, NOBODY = "everybody", "named", "nobody"
_ALL = "all courses"
_DELIVERIES = ((records_events.NATIONAL, "National"), (records_events.LOCAL, "Local"))


# --- a person ----------------------------------------------------------------------------------------------


def completion_fields(courses: Choices) -> list[Field]:
    return [
        Field("course", "Course", "choice", courses, required=True),
        Field("done_on", "Completed on", "date", required=True),
        Field("evidence", "Evidence", required=True, placeholder="a certificate, a message, a register"),
    ]


def record_completion(session: Any, learner_id: int, values: Mapping[str, Any], now: datetime) -> str:
    records_completions.complete(
        session, learner_id, values["course"], values["done_on"], evidence=values["evidence"], now=now
    )
    return f"The completion of {short_day(values['done_on'])} is recorded."


def exclusion_fields(courses: Choices, reasons: Choices) -> list[Field]:
    return [
        Field("course", "Course", "choice", [(_ALL, "All courses"), *courses], required=True),
        Field("reason", "Reason", "choice", reasons, required=True),
        Field("why", "Why", "long", required=True, help="It stands behind the figure."),
        Field("approved_by", "Agreed by", required=True),
        Field("from_on", "From", "date", required=True),
        Field("to_on", "Last day", "date", help="Empty: until it is ended."),
    ]


def leave_out(session: Any, learner_id: int, values: Mapping[str, Any], now: datetime) -> str:
    course = None if values["course"] == _ALL else values["course"]
    records_exclusions.exclude(
        session, learner_id, course, values["reason"], why=values["why"], approved_by=values["approved_by"],
        from_on=values["from_on"], to_on=values["to_on"], at=now,
    )  # fmt: skip
    return f"Left out from {short_day(values['from_on'])}; figures of earlier days stay."


def end_exclusion_fields(rows: Sequence[ExclusionRow]) -> list[Field]:
    named = [(row.id, f"{row.course}: {row.reason}, from {short_day(row.from_on)}") for row in rows]
    return [
        Field("exclusion", "Exclusion", "choice", named, required=True),
        Field("last_on", "Last day", "date", help="Needed to end it."),
        Field("in_error", "It was recorded in error: withdraw it as if it had never been", "check"),
    ]


def end_exclusion(session: Any, values: Mapping[str, Any], now: datetime) -> str:
    if values["in_error"]:
        records_exclusions.withdraw_exclusion(session, values["exclusion"], at=now)
        return "The exclusion is withdrawn."
    if values["last_on"] is None:
        raise Refused("Give the last day on which it holds.", field="last_on")
    records_exclusions.end_exclusion(session, values["exclusion"], last_on=values["last_on"])
    return f"The exclusion ends after {short_day(values['last_on'])}."


def take_back_fields(rows: Sequence[CompletionRow]) -> list[Field]:
    named = [(row.id, f"{row.course}, {short_day(row.done_on)}") for row in rows]
    return [
        Field("completion", "Completion", "choice", named, required=True),
        Field("why", "Why", "long", required=True, help="It stays on record with this reason and counts no more."),
    ]


def take_back(session: Any, values: Mapping[str, Any], now: datetime) -> str:
    records_completions.take_back(session, values["completion"], values["why"], now=now)
    return "The completion is taken back; it counts no more."


def change_fields(forces: Choices) -> list[Field]:
    return [
        Field("on", "Since", "date", required=True),
        Field("surname", "Surname", required=True),
        Field("forename", "Forename", required=True),
        Field("force", "Force", "choice", forces, required=True),
        Field("team", "Team"),
        Field("collar", "Collar number"),
        Field("rank", "Rank"),
        Field("role_group", "Role group"),
        Field("supervisor", "Supervisor"),
        Field("absence", "Absence", help="Empty: present."),
        Field("left_on", "Last day of service", "date"),
    ]


def change_person(session: Any, learner_id: int, values: Mapping[str, Any]) -> str:
    facts = {name: values[name] or None for name in rules.FACTS if name in values}
    fields = records_people.change(
        session, learner_id, facts, on=values["on"], left_on=values["left_on"], told_left=True
    )
    if not fields:
        raise Refused("Nothing differs from what is recorded; change something first.", field="team")
    return f"The change of {short_day(values['on'])} is recorded."


# --- Hydra -------------------------------------------------------------------------------------------------


def event_fields() -> list[Field]:
    return [
        Field("held_on", "Date", "date", required=True),
        Field("centre", "Centre", required=True),
        Field("delivery", "Delivery", "choice", _DELIVERIES, required=True),
        Field("places", "Places", "whole", required=True),
        Field("note", "Note", "long"),
    ]


def plan_event(session: Any, values: Mapping[str, Any], now: datetime) -> str:
    records_events.add_event(
        session, values["held_on"], values["centre"], values["delivery"], values["places"], note=values["note"],
        now=now,
    )  # fmt: skip
    return f"The event of {short_day(values['held_on'])} is planned."


def decision_fields() -> list[Field]:
    return [
        Field("decided_on", "Decided on", "date", required=True),
        Field("delivery", "Delivery", "choice", (*_DELIVERIES, (records_events.BOTH, "Both")), required=True),
        Field("why", "Why", "long", required=True),
        Field("decided_by", "Decided by", required=True),
        Field("evidence", "Evidence", placeholder="minutes, a message"),
    ]


def record_decision(session: Any, values: Mapping[str, Any], now: datetime) -> str:
    records_events.decide_delivery(
        session, values["decided_on"], values["delivery"], why=values["why"], decided_by=values["decided_by"],
        evidence=values["evidence"], now=now,
    )  # fmt: skip
    return "The decision on delivery is recorded."


# --- courses -----------------------------------------------------------------------------------------------


def course_fields(others: Choices) -> list[Field]:
    return [
        Field("on", "From", "date", required=True, help="Figures of earlier days keep what held then."),
        Field("title", "Title", required=True),
        Field("valid_months", "Valid for months", "whole", help="Empty: for ever."),
        Field("equivalents", "Also counts for it", "choices", others),
        Field("words", "What learning systems call it", "long", help="One title a line."),
    ]


def edit_course(session: Any, code: str, values: Mapping[str, Any], now: datetime) -> str:
    records.set_course(
        session, code, on=values["on"], at=now, title=values["title"], valid_months=values["valid_months"],
        equivalents=values["equivalents"], words=values["words"].splitlines(),
    )  # fmt: skip
    return f"{values['title']} is changed from {short_day(values['on'])} on."


def new_course_fields() -> list[Field]:
    return [
        Field("title", "Title", required=True),
        Field("on", "From", "date", required=True),
        Field("valid_months", "Valid for months", "whole", help="Empty: for ever."),
    ]


def add_course(session: Any, values: Mapping[str, Any], now: datetime) -> str:
    records.add_course(session, values["title"], on=values["on"], at=now, valid_months=values["valid_months"])
    return f"{values['title']} is in the catalogue; nobody is required to do it until you say who."


def relevance_fields(in_use: Mapping[str, Sequence[str]]) -> list[Field]:
    who = ((NAMED, "Those who fit every list below"), (EVERYBODY, "Everybody in service"), (NOBODY, "Nobody yet"))
    return [
        Field("on", "From", "date", required=True, help="Figures of earlier days keep the rule that held then."),
        Field("who", "Who is relevant", "choice", who, required=True),
        Field("role_groups", "Role groups", "choices", _pairs(in_use["role_group"]), help="None ticked: any."),
        Field("ranks", "Ranks", "choices", _pairs(in_use["rank"]), help="None ticked: any."),
        Field("teams", "Teams", "choices", _pairs(in_use["team"]), help="None ticked: any."),
        Field("forces", "Forces", "choices", _pairs(in_use["force"]), help="None ticked: both."),
        Field("why", "Why", "long", required=True),
    ]


def relevance_values(rule: rules.Relevance, on: date) -> dict[str, Any]:
    """A rule as the form shows it."""
    named = {name: getattr(rule, name) or () for name in ("role_groups", "ranks", "teams", "forces")}
    who = NOBODY if rule.is_nobody else NAMED if any(named.values()) else EVERYBODY
    return {"on": on, "who": who, **named}


def set_relevance(session: Any, code: str, values: Mapping[str, Any], now: datetime) -> str:
    lists: dict[str, Any] = {name: values[name] or None for name in ("role_groups", "ranks", "teams", "forces")}
    if values["who"] == NAMED and not any(lists.values()):
        raise Refused("Tick at least one entry of a list, or choose everybody or nobody.", field="who")
    if values["who"] == EVERYBODY:
        lists = {}
    if values["who"] == NOBODY:
        lists = {"role_groups": ()}
    records.set_relevance(session, code, on=values["on"], at=now, why=values["why"], **lists)
    return f"Who is relevant is set from {short_day(values['on'])} on."


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]
