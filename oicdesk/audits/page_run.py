"""The review: one case on the page, one question at a time, by the keyboard alone; every answer is kept at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.audits import records, records_frame, records_review
from oicdesk.audits.form import Clock
from oicdesk.audits.form_steps import replace_task
from oicdesk.audits.page_facts import case_facts
from oicdesk.audits.page_questions import QuestionPanel, Questions, Typed, question_lines
from oicdesk.audits.page_words import Strip, row_of, whole_of
from oicdesk.audits.records import AuditRow
from oicdesk.audits.records_checklists import CriterionRow, checklist
from oicdesk.audits.records_frame import SampleRow
from oicdesk.audits.records_review import FIRST, SECOND, AnswerRow, Answers
from oicdesk.audits.rules_review import NOT_APPLICABLE
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.settings.rules import LONDON
from oicdesk.ui import theme
from oicdesk.ui.detail import Flow
from oicdesk.ui.parts import Button, Card, Notice, Pill, Words
from oicdesk.vault import drafts
from oicdesk.vault.vault import Vault

_PLACES, _GO_ON = "audit_places", "audit_go_on"
KEYS = "1 Met · 2 Partly · 3 Not met · 4 Cannot determine · N Not applicable · Enter next · ← back · PgUp PgDn case · C comment · E evidence"  # noqa: E501  (one line of the page)


class RunView(QWidget):
    """`left` goes back to the audit; `task_asked` carries a form to show in place."""

    left = Signal()
    task_asked = Signal(object)

    def __init__(self, vault: Vault, now: Clock, machine: Machine) -> None:
        super().__init__()
        self._vault, self._now, self._machine = vault, now, machine
        self.row: AuditRow | None = None
        self.round = FIRST
        self.criteria: tuple[CriterionRow, ...] = ()
        self.cases: list[SampleRow] = []
        self.answers: dict[int, Answers] = {}
        self.place = 0
        self._typed: dict[str, Typed] = {}
        self._barred: dict[str, str] = {}
        self.title = Words("", "title")
        self.at = Words("", "section")
        self.round_pill = Pill("info", "")
        self.progress = Words("", "base", "secondary")
        self.saved = Words("", "base", "secondary")
        self.strip = Strip()
        self.barred = Notice("warning")
        self.questions = Questions()
        self.panel = QuestionPanel()
        self.go_on = QCheckBox("Go on after an answer")
        self.go_on.setChecked(bool(machine.get(_GO_ON, False)))
        self.replace = Button("Replace the case…", "quiet", "refresh-cw")
        self.back = Button("Back to the audit", "quiet", "corner-up-left")
        self.back.setToolTip("Esc; every answer is kept")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        is_large = theme.is_large()
        card = Card()
        card.body.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        card.body.addWidget(self.questions, 1)
        middle = QVBoxLayout() if is_large else QHBoxLayout()
        middle.setSpacing(theme.GAP)
        if is_large:
            card.setFixedHeight(5 * theme.row_height())  # the question itself is what has to be read
            self.panel.setMinimumHeight(theme.px(300))
        else:
            card.setFixedWidth(theme.px(466))
        for widget in (self.panel, card) if is_large else (card, self.panel):
            middle.addWidget(widget, 1 if widget is self.panel else 0)
        keys = Words(KEYS, "small", "secondary")
        keys.setWordWrap(True)
        foot = row_of(keys, self.go_on, stretch=False)
        foot.setStretch(0, 1)
        column = whole_of(self)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        column.addWidget(self.strip)
        column.addWidget(self._head(is_large))
        column.addWidget(self.barred)
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _head(self, is_large: bool) -> QWidget:
        """Which case, how far, when saved, and the two ways out; on several lines in large text."""
        box = QWidget()
        parts: tuple[QWidget, ...] = (
            self.title, self.at, self.round_pill, self.progress, self.saved, self.replace, self.back
        )  # fmt: skip
        if is_large:
            flow = Flow(box)
            for part in parts:
                flow.addWidget(part)
            return box
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        for part in parts:
            if part is self.progress:
                row.addStretch(1)
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        return box

    def _connect(self) -> None:
        self.questions.answered.connect(self.answer)
        self.questions.moved.connect(self._step)
        self.questions.asked.connect(lambda name: self.panel.boxes[name].setFocus())
        self.questions.selection_changed.connect(self._show_question)
        self.panel.answered.connect(self.answer)
        self.panel.typed.connect(self._keep_typing)
        self.panel.finished.connect(self._keep_texts)
        self.panel.left.connect(self.questions.setFocus)
        self.back.clicked.connect(self.leave)
        self.replace.clicked.connect(self._replace)
        self.go_on.clicked.connect(lambda on: self._machine.put(_GO_ON, bool(on)))
        self._act("Next case", lambda: self.next_case(1), "PgDown")
        self._act("Case before", lambda: self.next_case(-1), "PgUp")
        self._act("Back to the audit", self.leave, "Esc")

    def _act(self, words: str, slot: Callable[[], object], keys: str) -> None:
        action = QAction(words, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self.addAction(action)

    # --- opening and leaving

    def open(self, audit_id: int, round: str) -> None:
        """Show a round where it was left; Refused where it is blind to this user."""
        with self._vault.reading() as session:
            row = records.audit(session, audit_id)
            given = records_review.answers(session, audit_id, round)
            by_id = {case.id: case for case in records_frame.cases_under_audit(session, audit_id)}
            cases = [by_id[item] for item in records_review.review_order(session, audit_id, round)]
            criteria = checklist(session, row.checklist_id).criteria
            self.row, self.round = row, round
            typed = drafts.load(session, self._draft) or {}
            self._barred = dict(records_review.conflicts(session, audit_id, self._vault.user.name))
        self.cases, self.answers, self.criteria = cases, given, criteria
        self._typed = {key: Typed(**one) for key, one in typed.items()}
        self.strip.show_audit(row)
        self.round_pill.show_state("info", "Second review, blind" if round == SECOND else "First review")
        self.replace.setVisible(round == FIRST)
        self.saved.setText("")
        self.show_case(self._left_at())

    @property
    def _draft(self) -> str:
        assert self.row is not None
        return f"audits/run/{self.row.id}/{self.round}/{self._vault.user.id}"

    def _left_at(self) -> int:
        """Where this user was last on this computer, else the first case not answered in full."""
        kept = (self._machine.get(_PLACES) or {}).get(self._draft)
        places = {case.id: place for place, case in enumerate(self.cases)}
        if kept in places:
            return places[kept]
        return next((n for n, case in enumerate(self.cases) if not self._is_complete(case)), 0)

    def leave(self) -> None:
        """Back to the audit; nothing waits to be saved."""
        self._keep_texts()
        self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """A lock or another page: what was typed for an answer is kept with it."""
        if self.row is not None and self.cases:
            self._keep_texts()
        super().hideEvent(event)

    def first_focus(self) -> QWidget:
        return self.questions

    # --- what is shown

    @property
    def case(self) -> SampleRow:
        return self.cases[self.place]

    @property
    def number(self) -> int:
        """The criterion that is asked."""
        ids = self.questions.selected_ids()
        return ids[0] if ids else self.criteria[0].number

    def _is_complete(self, case: SampleRow) -> bool:
        return len(self.answers[case.id]) == len(self.criteria)

    def _held(self) -> AnswerRow | None:
        return self.answers[self.case.id].get(self.number)

    def show_case(self, place: int, *, number: int | None = None) -> None:
        """Show a case at its first open question, or at the one named."""
        self.place = place
        case = self.case
        with self._vault.reading() as session:
            document, about, evidence = case_facts(session, case)
        self.panel.show_facts(document, about, evidence)
        self.barred.say(self._barred.get(case.item, ""))
        self.title.setText(case.item)
        self.at.setText(f"{place + 1} of {len(self.cases)}")
        given = self.answers[case.id]
        self.questions.set_lines(question_lines(self.criteria, given))
        first_open = next((c.number for c in self.criteria if c.number not in given), self.criteria[0].number)
        self.questions.select_id(number or first_open)
        self._show_question()
        self._show_progress()
        places = dict(self._machine.get(_PLACES) or {})
        if places.get(self._draft) != case.id:
            self._machine.put(_PLACES, {**places, self._draft: case.id})

    def _show_progress(self) -> None:
        done = sum(map(self._is_complete, self.cases))
        self.progress.setText(f"{done} of {len(self.cases)} answered in full")

    def _show_question(self) -> None:
        if not self.cases or self.row is None:
            return
        criterion = next(c for c in self.criteria if c.number == self.number)
        self.panel.show_question(criterion, self.answers[self.case.id], self._standing_in_boxes())

    def _key(self) -> str:
        return f"{self.case.id}:{self.number}"

    def _standing_in_boxes(self) -> Typed:
        kept, held = self._typed.get(self._key()), self._held()
        if kept is not None:
            return kept
        if held is None or held.is_automatic:
            return Typed()
        return Typed("", held.reason, held.follow_up, held.comment, held.evidence)

    # --- moving

    def _step(self, by: int) -> None:
        """The next question or the one before; past the last one the next case."""
        numbers = [c.number for c in self.criteria]
        there = numbers.index(self.number) + by
        if 0 <= there < len(numbers):
            self.questions.select_id(numbers[there])
        elif by > 0:
            self.next_case(1)
        elif self.place > 0:
            self.show_case(self.place - 1, number=numbers[-1])

    def next_case(self, by: int) -> None:
        """Another case; at the last one it stays, and says what is open."""
        self._keep_texts()
        there = self.place + by
        if 0 <= there < len(self.cases):
            self.show_case(there)
            self.questions.setFocus()
            return
        open_ones = [n for n, case in enumerate(self.cases, 1) if not self._is_complete(case)]
        if by > 0 and open_ones:
            self.saved.setText(f"The last case. Still open: {', '.join(map(str, open_ones[:8]))}")
        elif by > 0:
            self.saved.setText("The last case; every case is answered in full.")

    # --- answering

    def answer(self, answer: str) -> None:
        """Keep this answer at once; not applicable asks for its reason first."""
        texts = self.panel.read()
        if answer == NOT_APPLICABLE and not texts.reason.strip():
            self._typed[self._key()] = Typed(answer, **texts.texts())
            self._save_typing()
            self._show_question()
            self.panel.boxes["reason"].setFocus()
            return
        if self._write(answer, texts) and self.go_on.isChecked() and not self._asks_more(answer):
            self._step(1)

    def _asks_more(self, answer: str) -> bool:
        return answer in next(c for c in self.criteria if c.number == self.number).follow_up_on

    def _write(self, answer: str, texts: Typed) -> bool:
        """Keep an answer with its texts, in the vault and on the page."""
        assert self.row is not None
        asked = self._asks_more(answer)
        told = {
            "reason": texts.reason if answer == NOT_APPLICABLE else "", "comment": texts.comment,
            "evidence": texts.evidence, "follow_up": texts.follow_up if asked else "",
        }  # fmt: skip
        rest = {key: one for key, one in self._typed.items() if key != self._key()}
        at = self._now()
        try:
            with self._vault.changing() as session:
                records_review.answer(
                    session, self.row.id, self.case.id, self.number, answer, now=at, round=self.round, **told
                )
                self._write_draft(session, rest)
        except (Refused, VaultError) as error:
            self.panel.refusal.say(str(error))
            return False
        self._typed = rest
        kept = {name: words.strip() for name, words in told.items()}
        self.answers[self.case.id][self.number] = AnswerRow(
            self.number, answer, kept["reason"], kept["comment"], kept["evidence"], kept["follow_up"],
            self._vault.user.name, at,
        )  # fmt: skip
        self._say_saved(at)
        number = self.number
        self.questions.set_lines(question_lines(self.criteria, self.answers[self.case.id]))
        self.questions.select_id(number)
        self._show_question()
        self._show_progress()
        return True

    def _keep_typing(self) -> None:
        """Every keystroke in a box is kept, so that no crash costs more than the one in flight."""
        before = self._typed.get(self._key())
        texts = self.panel.read()
        if texts.texts() == self._standing_in_boxes().texts():
            return
        self._typed[self._key()] = Typed(before.answer if before else "", **texts.texts())
        self._save_typing()

    def _save_typing(self) -> None:
        try:
            with self._vault.changing() as session:
                self._write_draft(session, self._typed)
        except (Refused, VaultError) as error:
            self.panel.refusal.say(str(error))
            return
        self._say_saved(self._now())

    def _write_draft(self, session: Any, typed: dict[str, Typed]) -> None:
        if typed:
            kept = {key: {"answer": one.answer, **one.texts()} for key, one in typed.items()}
            drafts.save(session, self._draft, kept)
        elif self._typed:
            drafts.end(session, self._draft)

    def _keep_texts(self) -> None:
        """A box was left: what it says goes with the answer that it belongs to; without one it stays a draft."""
        typed, held = self._typed.get(self._key()), self._held()
        if typed is None:
            return
        answer = typed.answer or (held.answer if held else "")
        if not answer or (answer == NOT_APPLICABLE and not typed.reason.strip()):
            return
        if held and held.is_automatic and not typed.answer and not typed.evidence:
            typed = Typed("", typed.reason, typed.follow_up, typed.comment, held.evidence)
        self._write(answer, typed)

    def _say_saved(self, at: datetime) -> None:
        self.saved.setText(f"saved {at.astimezone(LONDON):%H:%M}")

    def _replace(self) -> None:
        assert self.row is not None
        self._keep_texts()
        self.task_asked.emit(replace_task(self.row, self.case, self._now))
