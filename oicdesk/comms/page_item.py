"""One item: what can be done next, what it says, what followed it, its evidence and history."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication

from oicdesk.comms import records, records_evidence, records_series, rules, rules_effect
from oicdesk.comms.form import Choices, Tasks, approved
from oicdesk.comms.page_parts import PILLS, VERDICT_PILLS, Board, Promise, counted, day_words
from oicdesk.comms.records import EventRow, ItemRow
from oicdesk.comms.records_evidence import EvidenceRow
from oicdesk.comms.rules_effect import Context, Effect
from oicdesk.errors import Refused, VaultError
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import messages
from oicdesk.ui.detail import Action, Record, Section, text
from oicdesk.ui.parts import Pill
from oicdesk.ui.task import Task
from oicdesk.ui.undo import Step
from oicdesk.vault.vault import Vault

_KINDS: Final = {"edited": "Changed", "moved": "Moved to another day", "noted": "Noted",
                 "confirmed": "Confirmed the reported approval"}  # fmt: skip


class ItemPane(Record):
    """The detail of an item. `task_asked` hands the page a form; `said`, `refused` and `step_done` tell of deeds."""

    task_asked = Signal(object)
    said = Signal(str)
    refused = Signal(str)
    step_done = Signal(object)

    def __init__(self, vault: Vault, tasks: Tasks, now: Callable[[], Any]) -> None:
        super().__init__("Detail of the communication")
        self._vault, self._tasks, self._now = vault, tasks, now
        self._board: Board | None = None
        self._choices = Choices((), (), ())
        self._until: Any = None
        self.row: ItemRow | None = None

    def show_item(self, row: ItemRow, board: Board, choices: Choices) -> None:
        """Read what belongs to an item and show it."""
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self.row, self._board, self._choices = row, board, choices
        with self._vault.reading() as session:
            authors = records.authors(session, row.id)
            evidence = records_evidence.evidence(session, row.id)
            events = records.history(session, row.id)
            series = None if row.series_id is None else records_series.series(session, row.series_id)
        self._until = None if series is None else series.rule.until
        effect = board.effect(row)
        words = f"Cancelled: {row.cancelled_why}" if row.cancelled_why else ""
        state = (PILLS[row.status], rules.STATUS_WORDS[row.status].lower())
        place = "" if series is None else f"{series.item_ids.index(row.id) + 1} of {len(series.item_ids)}"
        self.show_record(row.title, state, words, self._actions(row, authors, effect), self._facts(row, place))
        if effect is not None:
            self.add_section(effect_section(effect, board), above_facts=True)
        for title, lines, nothing in _sections(row, evidence, events):
            section = Section(title)
            section.show_lines(lines, nothing)
            self.add_section(section)
        if had_focus:  # its button went when the record was shown anew
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _facts(self, row: ItemRow, place: str) -> list[tuple[str, str]]:
        facts = row.facts
        promise = next((one for one in self._choices.promises if one.code == facts.promise), None)
        return [
            ("Planned day", day_words(facts.planned_on) if facts.planned_on else ""),
            ("Published", day_words(row.published_on) if row.published_on else ""),
            ("Channel", rules.CHANNELS[row.channel]),
            ("Audience", row.audience),
            ("For", "Suffolk and Norfolk" if row.force == rules.JOINT else row.force),
            ("Owner", facts.owner),
            ("Campaign", row.campaign),
            ("Series", place),
            ("Recommendation", "" if facts.recommendation is None else str(facts.recommendation)),
            ("Promise", _promise_words(promise, facts.promise)),
            ("Approved by", row.approval),
            ("Effort", "" if facts.effort_minutes is None else counted(facts.effort_minutes, "minute")),
            ("Reach", "" if facts.reach is None else f"{facts.reach:,}, counted as {facts.reach_basis}"),
        ]

    # -- what can be done

    def _actions(self, row: ItemRow, authors: set[str], effect: Effect | None) -> list[Action]:
        status, tasks = row.status, self._tasks
        ask = self.task_asked.emit
        own = _why(lambda: rules.check_approver(authors, self._vault.user.name))
        actions = []
        if status == rules.IDEA:
            missing = " ".join(rules.check_item(row.facts, rules.PLANNED).values())
            actions.append(Action("plan", "Plan it", "calendar", self._plan, missing, is_next=True))
        if status == rules.PLANNED:
            actions.append(Action("approve", "Approve it", "circle-check", self._approve, own, is_next=True))
            actions.append(Action("report", "Report an approval…", "pencil", lambda: ask(tasks.report_approval(row))))
        if row.reported is not None and row.approved_by is None and status != rules.CANCELLED:
            not_me = _why(lambda: rules.check_confirmation(row.reported, authors, self._vault.user.name))
            actions.append(Action("confirm", "Confirm the approval", "circle-check", self._confirm, not_me))
        if status == rules.APPROVED:
            actions.append(
                Action("publish", "Record the publication…", "send", lambda: ask(tasks.publish(row)), is_next=True)
            )
        if status == rules.PUBLISHED and effect is not None:
            ripe = effect.verdict != rules_effect.TOO_EARLY
            actions.append(
                Action("evaluate", "Evaluate…", "circle-check", lambda: ask(tasks.evaluate(row, effect)), is_next=ripe)
            )
        return [*actions, *self._lasting(row)]

    def _lasting(self, row: ItemRow) -> list[Action]:
        """What can be done in whatever status but cancelled."""
        tasks, ask = self._tasks, self.task_asked.emit
        gone = "It is cancelled; plan a new one." if row.status == rules.CANCELLED else ""
        found = [
            Action("edit", "Edit…", "pencil", self.edit, gone),
            Action("evidence", "Name a file as evidence…", "file-text", self._name_file, gone),
        ]
        if row.evidence:
            found.append(Action("check", "Check a file…", "search", self._check_file))
        if row.series_id is not None:
            found += [
                Action("extend", "Extend the series…", "plus", lambda: ask(tasks.extend(row, self._until))),
                Action("cancel-rest", "End the series…", "x", lambda: ask(tasks.cancel_rest(row))),
            ]
        return [*found, Action("cancel", "Cancel it…", "x", lambda: ask(tasks.cancel(row)), gone)]

    def edit(self) -> None:
        """Open the form of the item shown."""
        if self.row is not None and self.row.status != rules.CANCELLED:
            self.task_asked.emit(self._tasks.edit(self.row, self._choices))

    def _plan(self) -> None:
        self._do(records.plan, "is planned; another user approves it.", "Plan", "cancel it instead")

    def _approve(self) -> None:
        assert self.row is not None
        self._do(records.approve, "is approved.", "", "", approved(self.row))

    def _confirm(self) -> None:
        self._do(records.confirm_approval, "has its reported approval confirmed.", "Confirm the approval of",
                 "an approval stays on record")  # fmt: skip

    def _do(self, deed: Callable[..., None], told: str, verb: str, why_not: str, step: Step | None = None) -> None:
        row = self.row
        assert row is not None
        try:
            with self._vault.changing() as session:
                deed(session, row.id, now=self._now())
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return
        self.step_done.emit(step or Step(f"{verb} “{row.title}”", why_not=why_not))
        self.said.emit(f"“{row.title}” {told}")

    # -- evidence

    def _name_file(self) -> None:
        row = self.row
        path = messages.choose_open(self, "Name a file as evidence")
        if path is None or row is None:
            return
        try:
            task: Task = self._tasks.evidence(row, records_evidence.read_file(path))
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return
        self.task_asked.emit(task)

    def _check_file(self) -> None:
        """Whether a file is one of those that were named."""
        row = self.row
        path = messages.choose_open(self, "Check a file against the evidence")
        if path is None or row is None:
            return
        try:
            found = records_evidence.read_file(path)
            with self._vault.reading() as session:
                same = [one for one in records_evidence.evidence(session, row.id) if one.sha256 == found.sha256]
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return
        if same:
            told = f"“{found.name}” is the file that was named on {spoken_instant(same[0].recorded_at)}: same hash."
            self.said.emit(told)
        else:
            self.refused.emit(f"“{found.name}” is none of the files named for this item: its hash is another.")


def _why(check: Callable[[], None]) -> str:
    """The sentence of a refusal, or nothing."""
    try:
        check()
    except Refused as refusal:
        return str(refusal)
    return ""


def _promise_words(promise: Promise | None, code: str) -> str:
    return code if promise is None else promise.text


def _sections(
    row: ItemRow, evidence: list[EvidenceRow], events: list[EventRow]
) -> list[tuple[str, list[tuple[str, str]], str]]:
    kept = [
        (
            f"{spoken_instant(one.recorded_at)}, {one.recorded_by}",
            f"{one.file_name}{f': {one.note}' if one.note else ''} (SHA-256 {one.sha256[:16]}…)",
        )
        for one in evidence
    ]
    found = [("Message", [("", row.facts.message)] if row.facts.message else [], "No words are written yet.")]
    if row.evaluation:
        kept_effect = ("As it stood when it was evaluated", f"{row.verdict}: {row.effect}")
        found.append(("Evaluation", [("What was learnt", row.evaluation), kept_effect], ""))
    found.append(("Evidence", kept, "No file is named as evidence."))
    found.append(("History", [_event(one) for one in reversed(events)], ""))
    return found


def _event(one: EventRow) -> tuple[str, str]:
    if one.to_status is not None:
        words = rules.STATUS_WORDS[one.to_status]
        told = f"{words}: {one.reason}" if one.reason else words
    else:
        told = _KINDS.get(one.kind, one.kind)
    return f"{spoken_instant(one.at)}, {one.by}", told


def effect_section(effect: Effect, board: Board) -> Section:
    """What followed an item: the verdict as a word, its reason, and the context without any verdict."""
    section = Section("What followed")
    section.body.addWidget(Pill(VERDICT_PILLS[effect.verdict], effect.verdict), 0, Qt.AlignmentFlag.AlignLeft)
    scope = "Suffolk and Norfolk" if effect.force == rules.JOINT else effect.force
    section.body.addWidget(text(effect.because))
    if effect.inseparable:
        section.body.addWidget(text(effect.inseparable))
    quiet = [
        f"{scope}, as at {spoken_instant(board.as_at)}. {rules_effect.CAUSE}",
        "Context only, without a verdict: " + "; ".join(
            (_pace("documents a week", effect.documents), _pace("contacts with the NCCU a week", effect.contacts))
        ) + ".",
    ]  # fmt: skip
    for words in quiet:
        section.body.addWidget(text(words, "small", "secondary"))
    return section


def _pace(what: str, context: Context) -> str:
    before, after = context.per_week(context.before), context.per_week(context.after)
    if before is None or after is None:
        return f"{what}: no whole week yet"
    told = f"{what}: {before:.1f} before, {after:.1f} after"
    ratio = context.ratio
    if ratio is None or not context.before:
        return told
    return f"{told} (ratio {ratio.ratio:.2f}, 95% interval {ratio.low:.2f} to {ratio.high:.2f})"
