"""What can be done to a case besides its documents and its people, each with its form and its refusal."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from oicdesk.errors import Refused
from oicdesk.referrals import records, records_chasers, records_exemptions, records_undo, rules, rules_people
from oicdesk.referrals.form import Clock
from oicdesk.referrals.records_case import Case
from oicdesk.referrals.records_exemptions import ExemptionRow
from oicdesk.settings.rules import london_day
from oicdesk.ui.detail import Action
from oicdesk.ui.form import Field
from oicdesk.ui.task import Task, exact
from oicdesk.ui.undo import Back, Changing, Told, left_the_desk, reversible, undoable
from oicdesk.vault.vault import User

Do = Callable[[Any, dict[str, Any]], str | Told]

WHEN = Field("at", "When it happened", "instant", required=True, help="Now, unless it happened earlier.")
_APPROVED = "an approval is another person's; overturn the exemption instead"
WHY = Field("reason", "Reason", "long", required=True, help=rules_people.FREE_TEXT_WARNING)


class CaseActions:
    """The actions of one case; `start` shows a task, `ask` confirms and does what needs no form, `changing`
    opens the change in which a step is taken back."""

    def __init__(
        self,
        case: Case,
        user: User,
        now: Clock,
        *,
        start: Callable[[Task], None],
        ask: Callable[[str, str, str, Callable[[Any], str | Told]], None],
        changing: Changing,
    ) -> None:
        self._case, self._desk, self._user, self._now = case, case.desk, user, now
        self._start, self._ask, self._changing = start, ask, changing

    def listed(self) -> list[Action]:
        """Every action that belongs to the case as it stands, possible or not."""
        return [
            *self._scope(),
            *self._decisions(),
            self._close(),
            *self._reopenings(),
            self._chase(),
            self._note(),
            self._exempt(),
            self._duplicate(),
            *self._answers(),
        ]

    def duplicate_task(self, survivor: str = "") -> Task:
        """Mark this case as a duplicate of another one."""

        def do(session: Any, values: dict[str, Any]) -> str:
            try:
                survivor_id = records.find(session, values["survivor"])
            except Refused as refusal:
                raise Refused(str(refusal), field="survivor") from None
            at = self._at(values)
            records.mark_duplicate(session, self._case.id, survivor_id, values["reason"], at=at)
            kept = records.get(session, survivor_id).reference
            return f"{self._case.reference} is marked as a duplicate of {kept}; both records stay."

        fields = [
            Field("survivor", "Surviving case", required=True, placeholder="OIC-2026-0042",
                  help="The earliest contact is the one that stays."),
            WHY, WHEN,
        ]  # fmt: skip
        title = f"Mark {self._case.reference} as a duplicate"
        told = self._moves(do, title)
        return self._task("duplicate", title, "Mark as duplicate", fields, told, {"survivor": survivor})

    # --- one method per action

    def _scope(self) -> list[Action]:
        if self._case.status != rules.SCOPE_QUERY:
            return []

        def do(session: Any, values: dict[str, Any]) -> str:
            records.bring_into_scope(session, self._case.id, values["reason"], at=self._at(values))
            return f"{self._case.reference} is in scope and awaits its document."

        title = f"Bring {self._case.reference} into scope"
        task = self._task("scope", title, "Bring into scope", [WHY, WHEN], self._moves(do, title))
        return [self._action(task, "Bring into scope…", "circle-check", is_next=True)]

    def _decisions(self) -> list[Action]:
        request = self._case.request
        if request is None:
            return []
        if request.standing == rules.WAITING:
            return [self._approve(request), self._report(request), self._end(request)]
        found = [self._overturn()] if self._case.status == rules.EXEMPT else []
        return [self._confirm(request), *found] if request.standing == rules.REPORTED else found

    def _approve(self, request: ExemptionRow) -> Action:
        why = _refusal(lambda: rules.check_approver(request.requested_by, self._user.name, self._user.role))
        return Action(
            "approve", "Approve the exemption…", "circle-check",
            lambda: self._ask(
                f"Approve the exemption of {self._case.reference}?",
                f"{request.requested_by} asks for it: {request.why}",
                "Approve the exemption", self._approving(request),
            ),
            why,
        )  # fmt: skip

    def _confirm(self, request: ExemptionRow) -> Action:
        reported = rules.ReportedApproval(request.approver, "", None, "")
        facts = rules.ExemptionFacts(request.requested_by, reported=reported)
        why = _refusal(lambda: rules.check_confirmation(facts, self._user.name, self._user.role))
        return Action(
            "confirm", "Confirm the reported approval…", "circle-check",
            lambda: self._ask(
                f"Confirm the approval of {self._case.reference}?",
                f"It was reported as given by {request.approver}: {request.why}",
                "Confirm the approval", self._approving(request),
            ),
            why,
        )  # fmt: skip

    def _approving(self, request: ExemptionRow) -> Callable[[Any], Told]:
        def do(session: Any) -> Told:
            records_exemptions.approve(session, request.id, now=self._now())
            step = left_the_desk(f"Approve the exemption of {self._case.reference}", _APPROVED)
            return Told(f"The exemption of {self._case.reference} is approved.", step)

        return do

    def _report(self, request: ExemptionRow) -> Action:
        def do(session: Any, values: dict[str, Any]) -> Told:
            approval = rules.ReportedApproval(values["name"], values["role"], values["on"], values["reference"])
            records_exemptions.report_approval(session, request.id, approval, now=self._now())
            said = f"{self._case.reference} is exempt on a reported approval, which is counted apart until confirmed."
            return Told(said, left_the_desk(f"Record an approval for {self._case.reference}", _APPROVED))

        fields = [
            Field("name", "Approver", required=True),
            Field("role", "Role", required=True, help="As it was when the approval was given."),
            Field("on", "Given on", "date", required=True),
            Field("reference", "Where it can be found", required=True, placeholder="An email’s subject"),
        ]
        title = f"Record a reported approval for {self._case.reference}"
        task = self._task(
            "report", title, "Record the approval", fields, do, {"on": london_day(self._now())},
            sentence="An approval that was given outside the desk, by somebody other than "
            f"{request.requested_by}, who asked.",
        )  # fmt: skip
        return self._action(task, "Record a reported approval…", "clipboard-check")

    def _end(self, request: ExemptionRow) -> Action:
        title = f"End the request to exempt {self._case.reference}"

        def do(session: Any, values: dict[str, Any]) -> Told:
            def end(later: Any) -> None:
                records_exemptions.end_request(later, request.id, values["reason"], now=self._now())

            def back(later: Any) -> None:
                records_exemptions.take_back_end(later, request.id, now=self._now())

            end(session)
            said = f"The request to exempt {self._case.reference} is ended; the case stays as it was."
            return Told(said, reversible(title, self._changing, back, end))

        return self._action(self._task("end", title, "End the request", [WHY], do), "End the request…", "x")

    def _overturn(self) -> Action:
        title = f"Overturn the exemption of {self._case.reference}"

        def do(session: Any, values: dict[str, Any]) -> Told:
            records_exemptions.overturn(session, self._case.id, values["reason"], at=self._at(values))
            said = f"The exemption of {self._case.reference} is overturned; its clock starts again."
            return Told(said, left_the_desk(title, "the approval was another person's; ask for the exemption anew"))

        task = self._task("overturn", title, "Overturn the exemption", [WHY, WHEN], do)
        return self._action(task, "Overturn the exemption…", "undo-2")

    def _close(self) -> Action:
        def do(session: Any, values: dict[str, Any]) -> str:
            records.close(session, self._case.id, at=self._at(values), now=self._now())
            return f"{self._case.reference} is closed."

        title = f"Close {self._case.reference}"
        task = self._task("close", title, "Close the referral", [WHEN], self._moves(do, title))
        is_next = self._case.status == rules.ACCEPTED
        return self._action(task, "Close…", "archive", self._why(rules.CLOSED), is_next=is_next)

    def _reopenings(self) -> list[Action]:
        """What leads back to awaiting a document, for the status that the case has."""
        case = self._case

        def reopen(session: Any, values: dict[str, Any]) -> str:
            records.reopen(session, case.id, values["reason"], at=self._at(values))
            return f"{case.reference} is open again and awaits a document."

        def withdraw(session: Any, values: dict[str, Any]) -> str:
            records.withdraw_duplicate(session, case.id, values["reason"], at=self._at(values))
            return f"{case.reference} stands for itself again and awaits its document."

        def renew(session: Any, values: dict[str, Any]) -> str:
            records.move(session, case.id, rules.AWAITING_DOCUMENT, at=self._at(values), now=self._now())
            return f"{case.reference} awaits a new document; its first due time stays."

        found = []
        if case.status == rules.CLOSED:
            title = f"Reopen {case.reference}"
            task = self._task("reopen", title, "Reopen the referral", [WHY, WHEN], self._moves(reopen, title))
            found.append(self._action(task, "Reopen…", "folder-open"))
        if case.status == rules.DUPLICATE:
            title = f"Withdraw the link of {case.reference}"
            do = self._moves(withdraw, title, case.survivor[0] if case.survivor else None)
            task = self._task("withdraw", title, "Withdraw the link", [WHY, WHEN], do)
            found.append(self._action(task, "Withdraw the link…", "undo-2"))
        if case.status == rules.REJECTED:
            title = f"Await a new document for {case.reference}"
            task = self._task("renew", title, "Await a new document", [WHEN], self._moves(renew, title))
            found.append(self._action(task, "Await a new document…", "hourglass"))
        return found

    def _chase(self) -> Action:
        def do(session: Any, values: dict[str, Any]) -> Told:
            records_chasers.chase(
                session, self._case.id, values["to_role"], values["channel"], at=self._at(values),
                to_name=values["to_name"] or None, result=values["result"] or None,
            )  # fmt: skip
            step = left_the_desk(f"Chase the {values['to_role']} for {self._case.reference}")
            return Told(f"The chaser to the {values['to_role']} is recorded.", step)

        roles = [(role, role[0].upper() + role[1:]) for role in (rules.OFFICER, rules.SUPERVISOR, rules.INSPECTOR)]
        fields = [
            Field("to_role", "To", "choice", roles, required=True),
            Field("to_name", "Name", help="Empty means the name on the case."),
            Field("channel", "How", "choice", [(c, c[0].upper() + c[1:]) for c in records_chasers.CHANNELS],
                  required=True),
            WHEN,
            Field("result", "Result", "long", help="May be added later."),
        ]  # fmt: skip
        step = rules.next_chaser(self._case.chased)
        values = {"to_role": step.to if step else rules.INSPECTOR}
        task = self._task("chase", f"Record a chaser for {self._case.reference}", "Record the chaser", fields, do,
                          values)  # fmt: skip
        waiting = self._case.status in rules.NEEDS_DOCUMENT | {rules.RETURNED}
        why = "" if waiting else "Nothing is waiting for this case, so there is nobody to chase."
        return self._action(task, "Record a chaser…", "megaphone", why)

    def _answers(self) -> list[Action]:
        return [self._answer(chaser.id, chaser.to_role) for chaser in self._case.unanswered]

    def _answer(self, chaser_id: int, to: str) -> Action:
        def do(session: Any, values: dict[str, Any]) -> str:
            records_chasers.answered(session, chaser_id, values["result"], now=self._now())
            return "The answer is recorded."

        fields = [Field("result", "Answer", "long", required=True)]

        def back_of(_session: Any, values: dict[str, Any]) -> Back:
            def back(session: Any) -> str:
                records_undo.take_back_answer(session, chaser_id, values["result"].strip(), now=self._now())
                return ""

            return back

        title = f"Record what the {to} answered"
        told = undoable(do, title, self._changing, back_of)
        task = self._task(f"answer {chaser_id}", title, "Record the answer", fields, told)
        return self._action(task, f"Record the {to}’s answer…", "corner-up-left")

    def _note(self) -> Action:
        def do(session: Any, values: dict[str, Any]) -> Told:
            rules.refuse(rules_people.check_note(values["text"], values["kind"]))
            note = records.add_note(session, self._case.id, values["text"], values["kind"], now=self._now())
            step = reversible(
                f"Add a note to {self._case.reference}", self._changing,
                lambda later: records_undo.take_back_note(later, note, now=self._now()),
                lambda later: records_undo.put_back_note(later, note, now=self._now()),
            )  # fmt: skip
            return Told("The note is added.", step)

        fields = [
            Field("kind", "This is", "choice", self._desk.choices("note_kind"), required=True, width=220),
            Field("text", "Note", "long", required=True, help=rules_people.FREE_TEXT_WARNING),
        ]
        task = self._task("note", f"Add a note to {self._case.reference}", "Add the note", fields, do)
        return self._action(task, "Add a note…", "scroll-text")

    def _exempt(self) -> Action:
        title = f"Ask to exempt {self._case.reference}"

        def do(session: Any, values: dict[str, Any]) -> Told:
            request = records_exemptions.ask(
                session, self._case.id, values["reason"], values["why"], now=self._now(),
                expires_on=values["expires_on"],
            )  # fmt: skip

            def back(later: Any) -> None:
                records_exemptions.end_request(later, request, "Asked for by mistake, taken back.", now=self._now())

            def again(later: Any) -> None:
                records_exemptions.take_back_end(later, request, now=self._now())

            said = f"The exemption of {self._case.reference} is asked for; another person has to approve it."
            return Told(said, reversible(title, self._changing, back, again))

        fields = [
            Field("reason", "Exemption reason", "choice", self._desk.choices("exemption_reason"), required=True),
            Field("why", "Why it applies here", "long", required=True, help=rules_people.FREE_TEXT_WARNING),
            Field(
                "expires_on", "Runs out after", "date", help="The case then needs its document again. Empty: no end."
            ),
        ]
        task = self._task(
            "exempt", title, "Ask for the exemption", fields, do,
            sentence="The case stays as it is until somebody else approves.",
        )  # fmt: skip
        why = self._why(rules.EXEMPT)
        if not why and self._case.request is not None:
            why = "An exemption of this case is already asked for; decide on that one first."
        return self._action(task, "Ask to exempt…", "circle-slash", why)

    def _duplicate(self) -> Action:
        return self._action(self.duplicate_task(), "Mark duplicate…", "copy", self._why(rules.DUPLICATE))

    # --- what they share

    def _moves(self, do: Callable[[Any, dict[str, Any]], str], words: str, survivor: int | None = None) -> Do:
        """A deed that changes the status of the case, and how it is taken back."""

        def back_of(session: Any, _values: dict[str, Any]) -> Back:
            event = records_undo.newest_move(session, self._case.id)

            def back(later: Any) -> str:
                records_undo.take_back_move(later, event, now=self._now(), survivor=survivor)
                return ""

            return back

        return undoable(do, words, self._changing, back_of)

    def _task(
        self,
        name: str,
        title: str,
        verb: str,
        fields: Sequence[Field],
        do: Do,
        values: dict[str, Any] | None = None,
        *,
        sentence: str = "",
    ) -> Task:
        start = {"at": self._now()} if WHEN in fields else {}
        return Task(str(self._case.id), name, title, verb, fields, do, start | (values or {}), sentence)

    def _action(self, task: Task, words: str, icon: str, why: str = "", *, is_next: bool = False) -> Action:
        return Action(task.name, words, icon, lambda: self._start(task), why, is_next)

    def _at(self, values: dict[str, Any]) -> datetime:
        return exact(values["at"], self._now())

    def _why(self, to: str) -> str:
        return _refusal(lambda: rules.move(self._case.status, to, reason="asked for"))


def _refusal(ask: Callable[[], object]) -> str:
    """The sentence with which the rules refuse, or nothing."""
    try:
        ask()
    except Refused as refusal:
        return str(refusal)
    return ""
