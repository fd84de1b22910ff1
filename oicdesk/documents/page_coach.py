"""The coach and the six questions beside a working draft: plain questions, and no grade proposed."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from oicdesk.documents import rules_coach, rules_draft
from oicdesk.documents.page_boxes import labelled
from oicdesk.documents.rules import Labels
from oicdesk.documents.rules_draft import Draft, Item
from oicdesk.ui import theme
from oicdesk.ui.detail import empty, scrolled, text
from oicdesk.ui.parts import Notice, Words

_NOBODY = "The coach asks and shows definitions. It chooses nothing; the grade is yours."


class Coach(QWidget):
    """Questions about the item that is being written; answers are not kept, and fill in nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: Labels = {}
        self._given: dict[str, str] = {}
        self._asked: list[rules_coach.Question] = []
        self.flags = Notice("warning")
        self.boxes: dict[str, QComboBox] = {}
        self.fitting: dict[str, Words] = {}
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, theme.GRID, 0)
        self._column.setSpacing(theme.GRID)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GRID)
        whole.addWidget(text(_NOBODY, "small", "secondary"))
        whole.addWidget(self.flags)
        whole.addWidget(scrolled(inner), 1)

    def first_focus(self) -> QWidget:
        return next(iter(self.boxes.values()), self)

    def begin(self) -> None:
        """Another item: nothing is answered about it yet."""
        self._given = {}
        self._asked = []

    def show_item(self, item: Item, cues: Mapping[str, Sequence[str]], labels: Labels) -> None:
        """Ask about this item, and say where its words and grades tell two stories."""
        self._labels = labels
        stories = rules_coach.stories(item, cues, labels)
        self.flags.say("\n".join(stories))
        asked = rules_coach.asked(item)
        if asked != self._asked:
            self._asked = asked
            self._ask()

    def _ask(self) -> None:
        empty(self._column)
        self.boxes, self.fitting = {}, {}
        part = ""
        for one in self._asked:
            if one.part != part:
                self._close(part)
                part = one.part
                self._column.addWidget(Words(rules_coach.part_title(part), "section"))
            box = QComboBox()
            box.setMinimumHeight(theme.row_height())
            box.setAccessibleName(one.words)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(10)
            box.addItem("Not answered", None)
            for answer in one.answers:
                box.addItem(answer, answer)
            box.setCurrentIndex(max(0, box.findData(self._given.get(one.words))))
            box.activated.connect(lambda _place, question=one: self._answered(question))
            self.boxes[one.words] = box
            label = labelled(one.words, box)
            for words in label.findChildren(Words):
                words.setWordWrap(True)
            self._column.addWidget(label)
        self._close(part)
        self._column.addStretch(1)

    def _close(self, part: str) -> None:
        """Room for the definitions that fit, after the last question about a part."""
        if part:
            words = text("", "base", "text")
            self.fitting[part] = words
            self._column.addWidget(words)
            self._show_fitting(part)

    def _answered(self, question: rules_coach.Question) -> None:
        answer = self.boxes[question.words].currentData()
        if answer is None:
            self._given.pop(question.words, None)
        else:
            self._given[question.words] = answer
        self._show_fitting(question.part)

    def _show_fitting(self, part: str) -> None:
        words = self.fitting[part]
        answered = any(one.words in self._given for one in self._asked if one.part == part)
        fit = rules_coach.fitting(part, self._given, self._labels)
        if not answered:
            said = ""
        elif fit:
            said = "Definitions that fit your answers:\n" + "\n".join(f"• {one}" for one in fit)
        else:
            said = "No definition fits all these answers; look at them again."
        words.setText(said)
        words.setAccessibleName(said)
        words.setVisible(bool(said))


class SixQuestions(QWidget):
    """Who, what, when, where, why and how: for each the words that seem to answer it, or the question. No score."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Words] = {}
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.GRID, 0)
        column.setSpacing(theme.GRID)
        for question in rules_draft.QUESTIONS:
            column.addWidget(Words(question.capitalize(), "section"))
            self.said[question] = text("")
            column.addWidget(self.said[question])
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(text("Found by words alone, over the whole draft; you know better.", "small", "secondary"))
        whole.addWidget(scrolled(inner), 1)

    def first_focus(self) -> QWidget:
        return self

    def show_draft(self, draft: Draft, words: Mapping[str, Sequence[str]]) -> None:
        """Say which questions the draft seems to answer."""
        for question, found in rules_draft.answers(draft, words).items():
            said = f"“{found}”" if found else f"Not found. {rules_draft.QUESTIONS[question]}"
            self.said[question].setText(said)
            self.said[question].set_role("text" if found else "secondary")
            self.said[question].setAccessibleName(f"{question}: {said}")
