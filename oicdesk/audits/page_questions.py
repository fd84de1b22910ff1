"""One question of the review: its answers on keys, follow-up, reason, comment, evidence, and what helps to answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from oicdesk.audits.page_words import ANSWER_PILLS, LineRow, Lines, column_of, row_of, scrolled
from oicdesk.audits.records_checklists import CriterionRow
from oicdesk.audits.records_review import Answers
from oicdesk.audits.rules_review import ANSWER_KEYS, ANSWER_WORDS, NOT_APPLICABLE
from oicdesk.ui import theme
from oicdesk.ui.detail import Facts, Flow, text
from oicdesk.ui.parts import Button, Card, Notice, Pill, Words

BOXES = ("reason", "follow_up", "comment", "evidence")
_KEY_OF = {answer: key for key, answer in ANSWER_KEYS.items()}


@dataclass(frozen=True)
class Typed:
    """What stands in the boxes of a question; `answer` is one that was pressed and still needs its reason."""

    answer: str = ""
    reason: str = ""
    follow_up: str = ""
    comment: str = ""
    evidence: str = ""

    def texts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in BOXES}


class Questions(Lines):
    """The criteria of the case, each with the answer that holds. The keys of the review work here.

    `key_pressed` carries an answer; `moved` +1 or -1 to the next question or the one before; `asked` the name of
    a box to type in.
    """

    answered = Signal(str)
    moved = Signal(int)
    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__("Questions", ("Question", "Answer"), (296, 150), pill_at=1, fills=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answers and steps; everything else is a table's."""
        key = event.text().upper()
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        elif key in ANSWER_KEYS:
            self.answered.emit(ANSWER_KEYS[key])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
            self.moved.emit(1)
        elif event.key() == Qt.Key.Key_Left:
            self.moved.emit(-1)
        elif key in ("C", "E"):
            self.asked.emit("comment" if key == "C" else "evidence")
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()  # cases are the page's
        else:
            super().keyPressEvent(event)


def question_lines(criteria: Sequence[CriterionRow], given: Answers) -> list[LineRow]:
    """The criteria as lines, mandatory ones with a star, each with the answer that holds."""
    lines = []
    for c in criteria:
        held = given.get(c.number)
        words = ANSWER_WORDS[held.answer] if held else ""
        mark = "*" if c.mandatory else ""
        lines.append(
            LineRow(c.number, (f"{c.number}{mark}  {c.text}", words), ANSWER_PILLS[held.answer] if held else None)
        )
    return lines  # fmt: skip


class Box(QLineEdit):
    """A line to type in; Enter or Escape gives the keys back to the questions."""

    left = Signal()

    def __init__(self, name: str, words: str, placeholder: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(words)
        self.setPlaceholderText(placeholder)
        self.setMinimumHeight(theme.row_height())
        self.returnPressed.connect(self.left)

    def event(self, event: QEvent) -> bool:
        """Escape is this box's before it is the page's."""
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_key and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class QuestionPanel(QWidget):
    """The question that stands to be answered. `typed` tells of every keystroke in a box,
    `finished` that a box was left, `left` that the keys go back to the questions."""

    answered = Signal(str)
    typed = Signal()
    finished = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = text("", "section")
        self.mandatory = Pill("info", "Mandatory")
        self.guidance = text("", "base", "secondary")
        self.held = Notice("info")
        self.refusal = Notice("problem")
        self.buttons = {answer: self._button(answer) for answer in ANSWER_KEYS.values()}
        self.follow_up_words = text("")
        self.boxes = {
            "reason": Box("reason", "Why it is not applicable", "Why it does not apply, then Enter"),
            "follow_up": Box("follow_up", "Answer to the follow-up question", "Answer, then Enter"),
            "comment": Box("comment", "Comment", "C: a comment, goes into the feedback slip"),
            "evidence": Box("evidence", "Evidence", "E: where it can be seen"),
        }
        self.chip = Button("", "plain", "file-text")
        self.labels: dict[str, Words] = {}
        self.evidence_facts, self.case_facts = Facts(), Facts()
        self._lay_out()
        for box in self.boxes.values():
            box.textEdited.connect(lambda _text: self.typed.emit())
            box.left.connect(self.left)
            box.editingFinished.connect(self.finished)
        self.chip.clicked.connect(self._put_evidence)

    def _button(self, answer: str) -> "AnswerButton":
        button = AnswerButton(f"{_KEY_OF[answer]}  {ANSWER_WORDS[answer]}")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys are the questions'
        button.setAccessibleName(f"{ANSWER_WORDS[answer]}, key {_KEY_OF[answer]}")
        button.clicked.connect(lambda: self.answered.emit(answer))
        return button

    def _lay_out(self) -> None:
        card, facts = Card(), Card()
        card.body.addLayout(row_of(self.mandatory))
        card.body.addWidget(self.title)
        card.body.addWidget(self.guidance)
        flow_box = QWidget()
        flow = Flow(flow_box)
        for button in self.buttons.values():
            flow.addWidget(button)
        card.body.addWidget(flow_box)
        card.body.addWidget(self.held)
        card.body.addWidget(self.refusal)
        card.body.addWidget(self.follow_up_words)
        for name, box in self.boxes.items():
            if name == "evidence":
                card.body.addLayout(row_of(box, self.chip, stretch=False))
            else:
                card.body.addWidget(box)
        facts.body.addWidget(Words("What the register says", "section"))
        facts.body.addWidget(self.evidence_facts)
        facts.body.addWidget(self.case_facts)
        inner = QWidget()
        column = column_of(inner)
        column.addWidget(card)
        column.addWidget(facts)
        column.addStretch(1)
        column_of(self).addWidget(scrolled(inner))

    def show_facts(
        self, document: Sequence[tuple[str, str]], case: Sequence[tuple[str, str]], evidence: str
    ) -> None:  # fmt: skip
        """What helps to answer; nobody in the case is named."""
        self.evidence_facts.show_facts(document)
        self.case_facts.show_facts(case)
        self.chip.setText(evidence)
        self.chip.setAccessibleName(f"Name {evidence} as evidence")
        self.chip.setVisible(bool(evidence))

    def show_question(self, criterion: CriterionRow, given: Answers, typed: Typed) -> None:
        """Show a criterion with the answer that holds and what stands in its boxes."""
        held = given.get(criterion.number)
        self.title.setText(f"{criterion.number}  {criterion.text}")
        self.mandatory.setVisible(criterion.mandatory)
        self.guidance.setText(criterion.guidance)
        self.guidance.setVisible(bool(criterion.guidance))
        self.refusal.say("")
        why = held.evidence if held and held.is_automatic else ""
        self.held.say(f"Answered by the desk: {why} Press a key to answer it yourself." if why else "")
        answer = typed.answer or (held.answer if held else "")
        for one, button in self.buttons.items():
            button.show_chosen(one == answer)
        asks = answer in criterion.follow_up_on
        self.follow_up_words.setText(criterion.follow_up)
        self.follow_up_words.setVisible(asks)
        self.boxes["follow_up"].setVisible(asks)
        self.boxes["reason"].setVisible(answer == NOT_APPLICABLE)
        for name, words in typed.texts().items():
            if self.boxes[name].text() != words:
                self.boxes[name].setText(words)

    def read(self) -> Typed:
        """What stands in the boxes."""
        return Typed(**{name: box.text() for name, box in self.boxes.items()})

    def _put_evidence(self) -> None:
        words = self.boxes["evidence"].text().strip()
        name = self.chip.text()
        if name not in words:
            self.boxes["evidence"].setText(f"{words}; {name}" if words else name)
            self.typed.emit()
            self.finished.emit()
            self.left.emit()


class AnswerButton(Button):
    """An answer with its key; the one that holds is filled."""

    def show_chosen(self, chosen: bool) -> None:
        self._kind = "primary" if chosen else "plain"
        self.setChecked(chosen)
        self.update()
