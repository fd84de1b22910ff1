"""What is done to an audit after its plan, each step a form: freezing, deciding, findings and their actions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from oicdesk.audits import records, records_findings, records_frame, records_review, records_series, rules
from oicdesk.audits.form import Clock, today_of
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_checklists import CriterionRow
from oicdesk.audits.records_findings import FINDING, GOOD_PRACTICE, ActionRow, FindingRow
from oicdesk.audits.records_frame import PreviewRow, SampleRow
from oicdesk.audits.records_review import DifferenceRow
from oicdesk.audits.records_series import PhaseRow
from oicdesk.audits.rules_review import ANSWER_WORDS, plural
from oicdesk.settings.rules import spoken_day
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task

_DUE_IN = timedelta(days=28)


def freeze_task(row: AuditRow, preview: PreviewRow, now: Clock) -> Task:
    """Lock population, seed, size and sample."""

    def do(session: Any, values: dict[str, Any]) -> str:
        found = records_frame.freeze(session, row.id, as_at=now(), now=now(), seed=values["seed"])
        of = plural(found.population or 0, "case")
        return f"The sample is frozen: {found.sample_size} of {of} with seed {found.seed}."

    return Task(
        str(row.id), "freeze", f"Freeze the sample of “{row.plan.title}”", "Freeze the sample",
        [Field("seed", "Seed", "whole", width=220,
               help="Leave it empty: the desk makes one that nobody could choose. One that is given is marked so in"
               " the report.")],
        do,
        sentence="This locks, for good and before the first answer: the list of"
        f" {plural(preview.population, 'case')} in the population with everything left out and why, its hash, the seed,"
        f" {plural(preview.size, 'case')} drawn with it, spares in order, the rule of size and {row.checklist}."
        " Afterwards a case can only be replaced, with a reason.",
    )  # fmt: skip


def replace_task(row: AuditRow, case: SampleRow, now: Clock) -> Task:
    """Take a case out of the sample; the next spare takes its place."""

    def do(session: Any, values: dict[str, Any]) -> str:
        came = records_review.replace(session, row.id, case.id, values["reason"], now=now())
        return f"{came.item} takes the place of {case.item}; the reason is kept."

    return Task(
        str(row.id), f"replace {case.id}", f"Replace {case.item}", "Replace the case",
        [Field("reason", "Why it cannot be reviewed", "long", required=True)], do,
        sentence="The next spare of its stratum takes its place. The replacement is logged and printed in the report.",
    )  # fmt: skip


def reviewer_task(row: AuditRow, users: Sequence[str], now: Clock) -> Task:
    """Name another reviewer of a frozen audit, because people leave."""

    def do(session: Any, values: dict[str, Any]) -> str:
        is_second = values["review"] == records_review.SECOND
        records.name_reviewer(session, row.id, values["name"], values["reason"], now=now(), is_second=is_second)
        return f"{values['name']} is named; the reason is kept and printed."

    reviews = [(records_review.FIRST, "First review, beside those named"), (records_review.SECOND, "Second review")]
    return Task(
        str(row.id), "reviewer", "Name another reviewer", "Name the reviewer",
        [
            Field("name", "Reviewer", "choice", [(name, name) for name in users], required=True, width=260),
            Field("review", "For the", "choice", reviews, required=True, width=260),
            Field("reason", "Why", "long", required=True, help="Printed among the limits of the report."),
        ],
        do, {"review": records_review.FIRST},
        "Who reviews may change after freezing, because people leave; what is reviewed may not.",
    )  # fmt: skip


def adjudicate_task(row: AuditRow, found: DifferenceRow, now: Clock) -> Task:
    """Give the third answer where two differ."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records_review.adjudicate(
            session, row.id, found.item_id, found.number, values["answer"], now=now(), comment=values["comment"],
            reason=values["reason"] or "",
        )  # fmt: skip
        return f"{found.item}, criterion {found.number} is decided; all three answers are kept."

    fields = [
        Field("answer", "Answer that holds", "choice", list(ANSWER_WORDS.items()), required=True, width=260),
        Field("reason", "Why it does not apply", "long"),
        Field("comment", "Grounds", "long", required=True),
    ]
    return Task(
        str(row.id), f"adjudicate {found.item_id} {found.number}", f"Decide on {found.item}", "Decide", fields, do,
        sentence=f"{found.number} {found.text}. The first reviewer answered"
        f" “{ANSWER_WORDS[found.first.answer]}”, the second “{ANSWER_WORDS[found.second.answer]}”.",
        depends={"reason": ("answer", ("NOT_APPLICABLE",))},
    )  # fmt: skip


def moderate_task(row: AuditRow, now: Clock) -> Task:
    """Close the review; without a second one only with a reason."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records.write_limits(session, row.id, values["limits"])
        records_review.moderate(session, row.id, now=now(), without_second=values.get("without_second", ""))
        return "The audit is moderated. Its results stand; an approver can approve it."

    told = row.second_started_at is not None
    fields = [] if told else [Field("without_second", "Why there was no second review", "long", required=True)]
    return Task(
        str(row.id), "moderate", "Moderate the audit", "Moderate the audit",
        [*fields, Field("limits", "Limits and gaps", "long", help="Printed in the report.")], do,
        {"limits": row.limits}, "After this no answer can change.",
    )  # fmt: skip


def limits_task(row: AuditRow) -> Task:
    """Note limits and gaps for the report."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records.write_limits(session, row.id, values["limits"])
        return "Limits and gaps are noted for the report."

    return Task(
        str(row.id), "limits", "Note limits and gaps", "Save the text",
        [Field("limits", "Limits and gaps", "long", help="Printed in the report beside those that the desk knows.")],
        do, {"limits": row.limits},
    )  # fmt: skip


# --- findings and actions ------------------------------------------------------------------------------------


def finding_task(
    row: AuditRow, criteria: Sequence[CriterionRow], now: Clock, found: FindingRow | None = None
) -> Task:  # fmt: skip
    """Record a finding or good practice, or put one in other words."""

    def do(session: Any, values: dict[str, Any]) -> str:
        kind = values.pop("kind", FINDING)
        if found is None:
            records_findings.add_finding(session, row.id, now=now(), kind=kind, **values)
            return "It is recorded." if kind == GOOD_PRACTICE else "The finding is recorded; agree an action on it."
        records_findings.edit_finding(session, found.id, **values)
        return "The finding is changed."

    listed = [(c.number, f"{c.number} {c.text}") for c in criteria]
    kinds = [(FINDING, "Finding"), (GOOD_PRACTICE, "Good practice")]
    fields = [
        Field("kind", "This is", "choice", kinds, required=True, width=220),
        Field("title", "In one line", required=True),
        Field("severity", "Severity", "choice", [(one, one) for one in rules.SEVERITIES], width=220),
        Field("criterion", "Criterion", "choice", listed),
        Field("detail", "What was found", "long"),
        Field("root_cause", "Root cause", "long"),
    ]
    start: Mapping[str, Any] = {"kind": FINDING}
    depends = {"severity": ("kind", (FINDING,)), "root_cause": ("kind", (FINDING,))}
    if found is not None:
        start = {name: getattr(found, name) for name in ("title", "severity", "criterion", "detail", "root_cause")}
        fields, depends = [field for field in fields if field.name != "kind"], {}
    return Task(
        str(row.id), f"finding {found.id if found else NEW}", "Edit the finding" if found else "Record a finding",
        "Save the finding" if found else "Record the finding", fields, _texts(do), start, depends=depends,
    )  # fmt: skip


NEW = "new"


def _texts(do: Callable[[Any, dict[str, Any]], str]) -> Callable[[Any, dict[str, Any]], str]:
    """What was not asked for arrives as None; these columns are texts."""
    texts = ("detail", "root_cause")
    return lambda session, values: do(session, {n: v or "" if n in texts else v for n, v in values.items()})


def action_task(row: AuditRow, found: FindingRow, now: Clock) -> Task:
    """Agree an action on a finding."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records_findings.add_action(
            session, found.id, values["text"], owner=values["owner"], due_on=values["due_on"], now=now()
        )
        return f"The action is agreed: {values['owner']} by {spoken_day(values['due_on'])}."

    fields = [
        Field("text", "What is to be done", "long", required=True),
        Field("owner", "Owner", required=True, help="The person who does it."),
        Field("due_on", "Due", "date", required=True),
    ]
    return Task(
        str(row.id), f"action {found.id}", f"Agree an action on “{found.title}”", "Agree the action", fields, do,
        {"due_on": today_of(now) + _DUE_IN},
    )  # fmt: skip


_STEPS: Mapping[str, tuple[str, str, str, str, str]] = {
    # to: words on the button, title, verb, field, its label
    rules.IN_PROGRESS: ("Start…", "Start the action", "Start", "evidence", "Note"),
    rules.DONE: ("Mark as done…", "Mark the action as done", "Mark as done", "evidence", "Evidence, if there is any"),
    rules.VERIFIED: ("Verify…", "Verify the action", "Verify", "evidence", "What shows that it is done"),
    rules.OPEN: ("Open again…", "Open the action again", "Open again", "reason", "What is missing"),
}
STEP_WORDS: Mapping[str, str] = {to: step[0] for to, step in _STEPS.items()}


def step_task(action: ActionRow, to: str, now: Clock) -> Task:
    """Move an action on."""
    _words, title, verb, field, label = _STEPS[to]

    def do(session: Any, values: dict[str, Any]) -> str:
        records_findings.move_action(session, action.id, to, now=now(), **{field: values[field]})
        return f"The action is {rules.ACTION_WORDS[to].lower()}."

    start = {field: action.evidence} if to == rules.VERIFIED else {}
    return Task(
        str(action.audit_id), f"{to} {action.id}", title, verb, [Field(field, label, "long")], do, start,
        sentence=f"{action.text} Owner: {action.owner}, due {spoken_day(action.due_on)}.",
    )  # fmt: skip


def postpone_task(action: ActionRow, now: Clock) -> Task:
    """Give an action another day."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records_findings.postpone_action(session, action.id, values["due_on"], values["reason"], now=now())
        return f"The action is now due {spoken_day(values['due_on'])}; the old day stays in its history."

    fields = [
        Field("due_on", "Due", "date", required=True),
        Field("reason", "Why it needs longer", "long", required=True),
    ]
    return Task(
        str(action.audit_id), f"postpone {action.id}", "Give the action another day", "Postpone", fields, do,
        {"due_on": action.due_on}, action.text,
    )  # fmt: skip


def end_phase_task(force: str, phases: Sequence[PhaseRow], now: Clock) -> Task:
    """Take a phase of the chart back."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records_series.end_phase(session, values["phase"], values["reason"], now=now())
        return "The phase is ended; the chart is read through its day again."

    listed = [(one.id, f"From {spoken_day(one.starts_on)}: {one.reason}") for one in phases]
    fields = [
        Field("phase", "Phase", "choice", listed, required=True),
        Field("reason", "Why it ends", required=True, help="Kept with the phase, and in the history of the chart."),
    ]
    return Task(
        force, "end phase", "End a phase of the chart", "End the phase", fields, do,
        {"phase": listed[-1][0]} if listed else {},
        "A phase that should not have begun is taken back; the points of it join those before.",
    )  # fmt: skip


def phase_task(force: str, now: Clock) -> Task:
    """Let the chart of a scope begin anew from a day on."""

    def do(session: Any, values: dict[str, Any]) -> str:
        records_series.start_phase(session, force, values["starts_on"], values["reason"], now=now())
        return f"The chart of {force} begins anew from {spoken_day(values['starts_on'])}."

    fields = [
        Field("starts_on", "From", "date", required=True),
        Field("reason", "What changed", required=True, help="Printed on the chart where the phase begins."),
    ]
    return Task(
        force, "phase", "Begin a new phase of the chart", "Begin the phase", fields, do,
        sentence="A phase has a mean and limits of its own. Begin one when the work changed, not when figures did.",
    )  # fmt: skip
