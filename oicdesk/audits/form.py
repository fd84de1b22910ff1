"""Planning an audit by form, and where unfinished forms of the audits page are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from oicdesk.audits import records, rules
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_checklists import ChecklistRow
from oicdesk.audits.rules import Plan
from oicdesk.errors import Refused
from oicdesk.settings.rules import london_day, spoken_month
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
NEW_RECORD = "new"
SCOPES = ("Suffolk", "Norfolk", "Joint")
PREVIEWED = ("plan", "freeze")  # tasks that stand beside a preview of the draw


class KeptForms:
    """The unfinished forms of the user at the desk, in the vault and nowhere else."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        self._vault, self._now = vault, now
        self._key = f"audits/{vault.user.id}"
        with vault.reading() as session:
            self._kept: dict[str, dict[str, Any]] = drafts.load(session, self._key) or {}

    def unfinished(self) -> list[tuple[str, str, str, datetime]]:
        """(record, name, title, since) of what was begun, newest first."""
        rows = [(*key.split("/", 1), one["title"], one["at"]) for key, one in self._kept.items()]
        found = [(record, name, title, datetime.fromisoformat(at)) for record, name, title, at in rows]
        return sorted(found, key=lambda row: row[3], reverse=True)

    def load(self, task: Task) -> tuple[dict[str, Any], datetime] | None:
        """What was typed, and when it was kept."""
        one = self._kept.get(_key(task))
        return None if one is None else (one["typed"], datetime.fromisoformat(one["at"]))

    def save(self, task: Task, typed: dict[str, Any]) -> datetime:
        """Keep what stands in the form now."""
        at, kept = self._now(), deepcopy(self._kept)
        kept[_key(task)] = {"title": task.title, "at": at.isoformat(), "typed": typed}
        with self._vault.changing() as session:
            drafts.save(session, self._key, kept)
        self._kept = kept
        return at

    def end(self, task: Task) -> None:
        """Drop what was typed."""
        with self.submitting(task):
            pass

    def submitting(self, task: Task) -> AbstractContextManager[Any]:
        """The transaction in which the task is done and its draft ends."""
        return self._submitting(task)

    @contextmanager
    def _submitting(self, task: Task) -> Iterator[Any]:
        kept = {key: one for key, one in self._kept.items() if key != _key(task)}
        with self._vault.changing() as session:
            yield session
            if kept != self._kept:
                drafts.save(session, self._key, kept) if kept else drafts.end(session, self._key)
        self._kept = kept


def _key(task: Task) -> str:
    return f"{task.record}/{task.name}"


# --- the plan ------------------------------------------------------------------------------------------------

_MARGINS = (0.03, 0.05, 0.075, 0.10, 0.15)
_CONFIDENCES = (0.90, 0.95, 0.99)
_RATES = (0.01, 0.02, 0.05, 0.10, 0.20)
_SHARES = (0.10, 0.20, 0.30, 0.50, 1.0)
DEPENDS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    "margin": ("kind", (rules.RANDOM,)),
    "confidence": ("kind", (rules.RANDOM, rules.DISCOVERY)),
    "rate": ("kind", (rules.DISCOVERY,)),
    "size": ("kind", (rules.DIP,)),
}


def _shares(values: Sequence[float], now: float, before: str = "") -> list[tuple[Any, str]]:
    return [(share, f"{before}{rules.spoken_share(share)}") for share in sorted({*values, now})]


def _strata(value: tuple[str, ...]) -> str:
    return ",".join(value)


def plan_fields(plan: Plan, checklists: Sequence[ChecklistRow], users: Sequence[str]) -> list[Field]:
    """What is decided before anybody looks at a case; `users` may review."""
    named = [(name, name) for name in dict.fromkeys((*users, *plan.reviewers))]
    return [
        Field("kind", "Kind of audit", "choice", list(rules.KIND_WORDS.items()), required=True),
        Field("title", "Title", required=True, placeholder="Documents of March 2026"),
        Field("period_from", "Contacts from", "date", required=True),
        Field("period_to", "Contacts to", "date", required=True, help="Both days count."),
        Field("force", "Force", "choice", [(force, force) for force in SCOPES], required=True, width=220),
        Field("population_rule", "Population", "choice", list(rules.POPULATION_WORDS.items()), required=True),
        Field("exclusions", "Cases left out", "long", placeholder="OIC-2026-0004: why it is left out",
              help="One case on a line: its reference, a colon, and the reason."),
        Field("margin", "Margin", "choice", _shares(_MARGINS, plan.margin, "±"), required=True, width=220,
              help="How far the true share may lie from the sample's."),
        Field("rate", "Rate of failure to find", "choice", _shares(_RATES, plan.rate), required=True, width=220,
              help="If so many or more of all cases fail, the sample shows at least one."),
        Field("confidence", "Confidence", "choice", _shares(_CONFIDENCES, plan.confidence), required=True, width=220),
        Field("size", "Number of cases", "whole", help="A dip sample has no interval."),
        Field("strata_by", "Strata", "choice", [(_strata(k), words) for k, words in rules.STRATA_WORDS.items()],
              required=True, width=220),
        Field("minimum", "At least of each stratum", "whole"),
        Field("merged", "Strata counted together", "long", placeholder="Suffolk · other: Suffolk · merged reasons",
              help="One stratum on a line, a colon, and the name it is counted under."),
        Field("audit_all_up_to", "Audit all up to", "whole", help="A population of so many or fewer is audited whole."),
        Field("checklist_id", "Checklist", "choice", [(row.id, row.spoken) for row in checklists], required=True),
        Field("reviewers", "Reviewers", "choices", named, required=True,
              help="They give the first answers. A reviewer may not be author, assessor, reporting officer or line"
              " manager of a case; every case needs one who is not."),
        Field("second_reviewer", "Second reviewer", "choice", named, placeholder="Anybody else", width=220,
              help="Reviews blind, under a passphrase of their own. Left empty, anybody else with a way in may."),
        Field("second_share", "Second review", "choice", _shares(_SHARES, plan.second_share), required=True, width=220,
              help="The share of cases that another person reviews blind."),
        Field("second_least", "At least so many twice", "whole"),
        Field("aim", "Aim", "long"),
        Field("recommendation", "Recommendation", width=96),
    ]  # fmt: skip


_SAME = (
    "kind", "title", "period_from", "period_to", "force", "population_rule", "margin", "rate", "confidence", "size",
    "minimum", "audit_all_up_to", "second_share", "second_least", "reviewers", "aim", "recommendation",
)  # fmt: skip


def plan_values(plan: Plan, checklist_id: int) -> dict[str, Any]:
    """A plan as it stands in the form."""
    return {name: getattr(plan, name) for name in _SAME} | {
        "strata_by": _strata(plan.strata_by), "checklist_id": checklist_id,
        "second_reviewer": plan.second_reviewer or None,
        "exclusions": _lines(plan.exclusions), "merged": _lines(plan.merged),
    }  # fmt: skip


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{one}: {other}" for one, other in pairs.items())


def merged_lines(plan: Plan, offer: Mapping[str, str]) -> str:
    """The field of merged strata once the offer is taken; what was merged before goes with it."""
    before = {label: offer.get(under, under) for label, under in plan.merged.items()}
    return _lines(before | {label: under for label, under in offer.items() if label not in plan.merged.values()})


def plan_from(values: Mapping[str, Any], start: Plan) -> Plan:
    """The plan that the form asks for; what it does not ask for this kind stays as it was."""
    given = {name: values[name] for name in _SAME if values[name] is not None}
    return replace(
        start, **given, size=values["size"], second_reviewer=values["second_reviewer"] or "",
        strata_by=tuple(filter(None, values["strata_by"].split(","))) if values["strata_by"] is not None else (),
        exclusions=_pairs(values["exclusions"] or "", "exclusions", "a case's reference, a colon and the reason"),
        merged=_pairs(values["merged"] or "", "merged", "a stratum, a colon and the name it is counted under"),
    )  # fmt: skip


def _pairs(text: str, field: str, what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        one, colon, other = (part.strip() for part in line.partition(":"))
        if not (one and colon and other):
            raise Refused(f"“{line}” cannot be read; write {what} on each line.", field=field)
        found[one] = other
    return found


def first_plan(today: date, scope: str, reviewer: str) -> Plan:
    """What a new plan starts with: a random quality audit of the month before, reviewed by whoever plans it."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    return Plan(f"Documents of {spoken_month(last)}", rules.RANDOM, first, last, force=scope, reviewers=(reviewer,))


def plan_task(
    plan: Plan, checklists: Sequence[ChecklistRow], users: Sequence[str], now: Clock, made: Callable[[int], None], *,
    row: AuditRow | None = None, supersedes: int | None = None,
) -> Task:  # fmt: skip
    """Plan a new audit, or change the draft `row`; `made` is told the audit's id."""

    def do(session: Any, values: dict[str, Any]) -> str:
        wanted, chosen = plan_from(values, plan), values["checklist_id"]
        if row is None:
            made(records.plan(session, wanted, now=now(), checklist_id=chosen, supersedes=supersedes))
            return "The plan is saved as a draft. Freeze it before the first answer."
        made(row.id)
        changed = records.change_plan(session, row.id, wanted, checklist_id=chosen)
        return "The plan is changed." if changed else "Nothing of the plan was different."

    return Task(
        record=str(row.id) if row else NEW_RECORD, name="plan" if supersedes is None else f"plan/{supersedes}",
        title="Change the plan" if row else "Plan an audit", verb="Save draft",
        fields=plan_fields(plan, checklists, users), do=do, depends=DEPENDS,
        values=plan_values(plan, row.checklist_id if row else newest_of(checklists)),
        sentence="Everything here is decided before anybody looks at a case. It can change until the sample is frozen.",
    )  # fmt: skip


def newest_of(checklists: Sequence[ChecklistRow]) -> int:
    """The version recorded last."""
    return max(row.id for row in checklists)


def today_of(now: Clock) -> date:
    return london_day(now())
