"""The documents of a case, as a part of the queue page's detail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from oicdesk.documents import records, records_drafts, rules
from oicdesk.documents.form import Clock, OutcomeTasks, draft_task, link_task, outcome_name, submit_task
from oicdesk.documents.page_register import VERBS, facts_in_words, name_of, why_not, why_not_linked
from oicdesk.documents.records import SUBMITTABLE, DocumentRow
from oicdesk.errors import Refused
from oicdesk.referrals import records as referrals
from oicdesk.referrals import rules as referral_rules
from oicdesk.settings.records import Reference, reference
from oicdesk.settings.rules import spoken_instant
from oicdesk.ui import theme
from oicdesk.ui.detail import Action, Facts, Flow, Panel, Section, empty, text
from oicdesk.ui.parts import Pill, Words
from oicdesk.ui.task import Task
from oicdesk.vault.vault import Vault


class DocumentsPanel(Panel):
    """Each document with its state, grades in words and history. Its actions are for the newest one; what can be
    done to an older one names it."""

    title = "Documents"
    tables = frozenset({"document", "document_link", "document_event", "working_draft"})

    def __init__(self, vault: Vault, *, now: Clock) -> None:
        super().__init__()
        self._vault, self._now = vault, now
        self.section = Section(self.title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)

    def show_record(self, record_id: int) -> Sequence[Action]:
        """Read the documents of this referral."""
        with self._vault.reading() as session:
            desk = reference(session)
            rows = records.documents(session, record_id)
            case = referrals.get(session, record_id)
            status, name = case.status, case.reference
            contact_at = case.contact_at if case.contact_at_known else None
            drafts = {row.id: records_drafts.count_for(session, row.id) for row in rows}
            begun = records_drafts.kept_drafts(session, now=self._now(), case=record_id)
        self._show(rows, desk, begun)
        found = [self._submission(record_id, name, status, contact_at, desk)]
        for place, row in enumerate(rows):
            found += self._outcomes(record_id, row, drafts[row.id], is_newest=place == 0)
        beginning = self._action(
            "draft",
            "Begin a working draft…",
            "pencil",
            lambda: draft_task(record_id, name, self._now),
            "",
            is_next=False,
        )
        return [*found, beginning]

    # --- what can be done

    def _submission(
        self, record_id: int, name: str, status: str, contact_at: datetime | None, desk: Reference
    ) -> Action:
        why = ""
        if status not in SUBMITTABLE:
            try:
                referral_rules.move(status, referral_rules.SUBMITTED)
                why = "The document was returned: record its corrected submission instead."
            except Refused as refusal:
                why = str(refusal)
        return self._action(
            "submit", "Record a submission…", "send",
            lambda: submit_task(record_id, name, contact_at, desk, self._now, self._vault.changing), why,
            is_next=not why,
        )  # fmt: skip

    def _outcomes(self, record_id: int, row: DocumentRow, drafts: int, *, is_newest: bool) -> list[Action]:
        tasks = OutcomeTasks(record_id, row.id, outcome_name(row.reference), self._now, self._vault.changing, drafts)
        found = []
        for to, (name, words, icon) in VERBS.items():
            why = why_not(row, to)
            if not is_newest:
                if why:
                    continue  # an older document is told of only where something can be done to it
                words = f"{words.rstrip('…')}: {outcome_name(row.reference)}…"
            is_next = is_newest and not why and to in (referral_rules.ACCEPTED, referral_rules.SUBMITTED)
            found.append(self._action(f"{name}/{row.id}", words, icon, partial(tasks.of, to), why, is_next=is_next))
        if is_newest:
            found.append(
                self._action(
                    f"link/{row.id}", "Link the document to a further contact…", "git-compare",
                    lambda: link_task(
                        row.id, row.reference, self._now, self._vault.changing, record=str(record_id)
                    ),
                    why_not_linked(row.outcome), is_next=False,
                )
            )  # fmt: skip
        return found

    def _action(self, name: str, words: str, icon: str, task: Callable[[], Task], why: str, *, is_next: bool) -> Action:
        return Action(name, words, icon, lambda: self.task_asked.emit(task()), why, is_next)

    # --- what is shown

    def _show(self, rows: Sequence[DocumentRow], desk: Reference, begun: Sequence[records_drafts.DraftRow]) -> None:
        empty(self.section.body)
        if not rows:
            self.section.body.addWidget(text("No document is recorded yet.", role="secondary"))
        labels = records.labels(desk)
        for row in rows:
            self.section.body.addWidget(_document(row, labels))
        for draft in begun:
            said = f"Working draft {draft.id}, last edited {spoken_instant(draft.edited_at)}, stands under Documents."
            self.section.body.addWidget(text(said, role="secondary"))


def _document(row: DocumentRow, labels: rules.Labels) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, theme.GRID)
    column.setSpacing(theme.GRID)
    head = Flow()
    head.addWidget(Words(name_of(row.reference, row.held_elsewhere)))
    head.addWidget(Pill(row.outcome, rules.OUTCOME_WORDS[row.outcome]))
    column.addLayout(head)
    facts = Facts()
    facts.show_facts([*facts_in_words(row, labels), ("History", _history(row))])
    column.addWidget(facts)
    return box


def _history(row: DocumentRow) -> str:
    lines = [
        f"{rules.EVENT_WORDS[event.kind]} {spoken_instant(event.at)}"
        + (f" by {event.assessor}" if event.assessor else "")
        + (f": {event.reason}" if event.reason else "")
        for event in row.history
    ]
    return "\n".join(lines) if len(lines) > 1 else ""
