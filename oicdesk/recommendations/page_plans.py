"""Plans of recommendation 4 on screen: versions, approval by another, the next review."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from oicdesk.recommendations import records_plans, rules
from oicdesk.recommendations.page_parts import FORCES, Clock, View
from oicdesk.recommendations.records_plans import PlanRow, VersionRow
from oicdesk.settings.rules import add_months, london_day, long_day, short_day
from oicdesk.ui.detail import Action
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.rows import Column
from oicdesk.vault.vault import Vault

VERSION_FIELDS = (
    Field("version", "Version", required=True, placeholder="1.0", width=120),
    Field("owner", "Owner", required=True, placeholder="the post, for example Detective Inspector"),
    Field("review_on", "Review on", "date", required=True),
    Field("link", "Where the plan lies", placeholder="place in the document store"),
)


def state_of(plan: PlanRow, day: date) -> tuple[str, str]:
    """(pill, words): what the plan needs next."""
    if plan.ended_why is not None:
        return "closed", "ended"
    need = records_plans.next_need(plan, day)
    if not need:
        return "good", "approved"
    late = plan.holds is not None and plan.holds.review_on < day
    return "overdue" if late else "warning", need


class PlansView(View):
    """Collection, analysis and sharing plans."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Kind", lambda row: rules.PLAN_KINDS[row.kind], width=88),
            Column("Plan", lambda row: row.title, width=156),
            Column("Force", lambda row: row.force, width=64),
            Column("Version", lambda row: row.holds.version if row.holds else "–", width=76),
            Column("Review on", lambda row: short_day(row.holds.review_on) if row.holds else "–", width=104),
            Column("State", lambda row: self._state(row)[1], width=196, icon=lambda row: self._state(row)[0]),
        )
        super().__init__(vault, now, "Plans", columns)
        self.add_button = Button("Add a plan…", "primary", "plus")
        self.add_button.clicked.connect(self.add)
        self.top.addStretch(1)
        self.top.addWidget(self.add_button)
        self.table.set_empty(
            "No plan recorded yet",
            "Recommendation 4 asks for plans to collect, analyse and share information.",
            "Add a plan…", self.add,
        )  # fmt: skip

    def _state(self, row: PlanRow) -> tuple[str, str]:
        return state_of(row, london_day(self.now()))

    def rows(self) -> Sequence[PlanRow]:
        with self.vault.reading() as session:
            return records_plans.plans(session, force=self.force)

    def show_row(self, row: PlanRow) -> None:
        held = row.holds
        facts = [("Kind", rules.PLAN_KINDS[row.kind]), ("Force", row.force)]
        if held is not None:
            facts += [
                ("Version that holds", held.version), ("Owner", held.owner), ("Approved by", held.approver),
                ("Review on", long_day(held.review_on)), ("Where it lies", held.link),
            ]  # fmt: skip
        words = f"Ended: {row.ended_why}" if row.ended_why else ""
        lines = [_version_line(one) for one in row.versions]
        self.detail.show_record(
            row.title, self._state(row), words, self._actions(row), facts,
            [("Versions", lines, "No version is recorded yet; the plan says nothing until it has one.")],
        )  # fmt: skip

    def _actions(self, row: PlanRow) -> list[Action]:
        ended = "The plan has ended." if row.ended_why is not None else ""
        waits = row.waits
        nothing = ended or ("" if waits else "No version waits for approval.")
        own = "You recorded this version, so another user has to approve it, or report their approval."
        by_me = nothing or (own if waits and waits.recorded_by == self.vault.user.name else "")
        return [
            Action("approve", "Approve version", "circle-check", lambda: self._approve(row), by_me, is_next=True),
            Action("report", "Report an approval…", "pencil", lambda: self._report(row), nothing),
            Action("version", "Edit as a new version…", "plus", lambda: self._add_version(row), ended,
                   is_next=not row.versions),
            Action("end", "End plan…", "x", lambda: self._end(row), ended),
        ]  # fmt: skip

    # -- what is done

    def add(self) -> None:
        """A plan with its first version."""
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            plan = records_plans.add_plan(session, found["kind"], found["title"], force=found["force"], now=now)
            records_plans.add_version(
                session, plan, found["version"], owner=found["owner"], review_on=found["review_on"],
                link=found["link"], now=now,
            )  # fmt: skip
            return f"“{found['title']}” is recorded; another user has to approve it."

        fields = [
            Field("kind", "Kind", "choice", list(rules.PLAN_KINDS.items()), required=True),
            Field("title", "Title", required=True),
            Field("force", "Force", "choice", FORCES, required=True),
            *VERSION_FIELDS,
        ]
        values = {"force": self.force, "version": "1.0", "review_on": add_months(london_day(now), 6)}
        self.ask("Add a plan", fields, "Add plan", deed, values=values)

    def _add_version(self, row: PlanRow) -> None:
        now, newest = self.now(), row.versions[0] if row.versions else None

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_plans.add_version(session, row.id, now=now, **found)
            return f"Version {found['version']} of “{row.title}” is recorded; another user has to approve it."

        values = {"review_on": add_months(london_day(now), 6)}
        if newest is not None:
            values |= {"owner": newest.owner, "link": newest.link}  # type: ignore[dict-item]  # texts beside a day
        self.ask(f"New version of “{row.title}”", VERSION_FIELDS, "Add version", deed, values=values,
                 sentence="The approved version holds until this one is approved.")  # fmt: skip

    def _approve(self, row: PlanRow) -> None:
        waits = row.waits
        if waits is None:
            return

        def deed(session: Any) -> str:
            records_plans.approve_version(session, waits.id, now=self.now())
            return f"Version {waits.version} of “{row.title}” is approved and holds now."

        self.do(deed)

    def _report(self, row: PlanRow) -> None:
        waits, now = row.waits, self.now()
        if waits is None:
            return

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_plans.report_approval(session, waits.id, now=now, **found)
            return f"Version {waits.version} of “{row.title}” holds now, by an approval reported from outside."

        fields = [
            Field("name", "Who approved it", required=True),
            Field("role", "In what role", required=True),
            Field("on", "Day", "date", required=True),
            Field("reference", "Where that is written", required=True),
        ]
        self.ask("Report an approval", fields, "Report approval", deed, values={"on": london_day(now)},
                 sentence="An approval given outside the desk is marked as reported.")  # fmt: skip

    def _end(self, row: PlanRow) -> None:
        now = self.now()

        def deed(session: Any, found: dict[str, Any]) -> str:
            records_plans.end_plan(session, row.id, found["why"], now=now)
            return f"“{row.title}” has ended; its versions stay on record."

        self.ask("End plan", [Field("why", "Reason", "long", required=True)], "End plan", deed)


def _version_line(one: VersionRow) -> tuple[str, str]:
    approved = f"approved by {one.approver} on {long_day(one.approved_on)}" if one.approved_on else "not approved yet"
    return (
        f"Version {one.version}, recorded by {one.recorded_by}",
        f"Owner {one.owner}; review on {long_day(one.review_on)}; {approved}.",
    )
