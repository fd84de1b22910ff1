"""Help cards that fill the screen: what to do after a data breach, and for the duty to notify.

The words are ours and name the law; they hold no telephone number and no address, because none was confirmed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from oicdesk.ui import theme
from oicdesk.ui.detail import empty, scrolled
from oicdesk.ui.messages import Dialog
from oicdesk.ui.parts import Words
from oicdesk.ui.rail import Segments

BREACH, NOTIFY = "Data breach", "Duty to notify"


@dataclass(frozen=True)
class Card:
    """A heading, steps in order, and the law they rest on."""

    title: str
    start: str
    steps: tuple[str, ...]
    law: str


CARDS: dict[str, Card] = {
    BREACH: Card(
        "Personal data was lost, seen or changed without right",
        "The clock starts when the force becomes aware of it.",
        (
            "Stop it: lock the desk, secure the laptop, the paper or the account.",
            "Tell the data protection officer and information security now; they decide with the force who is told.",
            "The Information Commissioner is told where feasible within 72 hours of becoming aware, unless a risk to"
            " people is unlikely. After 72 hours the reasons for the delay go with it.",
            "Where the risk to people is high they are told without undue delay, unless the data was unreadable to"
            " whoever has it (this desk is encrypted) or what was done since has removed the high risk.",
            "Record the facts, the effects and the remedy, whether the Commissioner is told or not:"
            " Queue, Reviews and rights, Breaches.",
            "Export the activity log for the days in question, and keep it with the record.",
        ),
        "Data Protection Act 2018, sections 67 and 68.",
    ),
    NOTIFY: Card(
        "A possible victim of slavery or trafficking",
        "Treat the person first as a victim. Immigration status changes nothing of this.",
        (
            "Is anybody in danger now? Safety first.",
            "Under 18, or perhaps under 18: treat as a child. Tell the local authority first, then refer to the NRM."
            " No consent is asked.",
            "Adult: explain the NRM and ask for consent.",
            "With consent: refer the adult to the NRM, and record the date and the reference.",
            "Without consent: the duty to notify remains. Send the report without anything that identifies the adult:"
            " no name, no date of birth, no address, no reference that leads to them.",
            "Record on the person: indicators, age and its basis, consent, decision, date.",
            "Never check a database only to learn their status. Take no immigration enforcement yourself. Sharing is"
            " discretionary, and has to be necessary, proportionate and authorised by a supervisor.",
        ),
        "Modern Slavery Act 2015, sections 51 and 52; the guidance for first responders.",
    ),
}


class HelpCard(Dialog):
    """One card at a time, in large words, as large as the screen; Escape closes it."""

    def __init__(self, parent: QWidget | None, name: str = BREACH) -> None:
        super().__init__(parent, "Help cards", verb="Close", cancel=None)
        self.choice = Segments("Help card", list(CARDS), name)
        self.inner = QWidget()
        self._lines = QVBoxLayout(self.inner)
        self._lines.setContentsMargins(0, theme.GAP, theme.GAP, theme.GAP)
        self._lines.setSpacing(theme.GAP)
        line = QHBoxLayout()
        line.addWidget(self.choice)
        line.addStretch(1)
        self.body.addLayout(line)
        self.room = scrolled(self.inner)
        self.room.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the arrow keys move a long card
        self.room.setAccessibleName("The card")
        self.body.addWidget(self.room, 1)
        self.choice.chosen.connect(self.show_card)
        self.show_card(name)
        self.setWindowState(Qt.WindowState.WindowMaximized)
        if parent is not None:
            self.resize(parent.window().size())

    def show_card(self, name: str) -> None:
        """Show the card of this name."""
        card = CARDS[name]
        empty(self._lines)
        self._say(card.title, "title")
        self._say(card.start, "section")
        for number, step in enumerate(card.steps, 1):
            self._say(f"{number}.  {step}", "section")
        self._say(card.law, "base", "secondary")
        self._lines.addStretch(1)

    def _say(self, text: str, voice: str, role: str = "text") -> None:
        words = Words(text, voice, role)
        words.setWordWrap(True)
        self._lines.addWidget(words)

    def text(self) -> str:
        """Everything the card says."""
        return "\n".join(words.text() for words in self.inner.findChildren(Words) if not words.isHidden())


def show_card(parent: QWidget, name: str = BREACH) -> None:
    """Open a card until it is closed."""
    card = HelpCard(parent, name)
    card.exec()
    card.deleteLater()


def put_on(window: QMainWindow) -> None:
    """Reach the cards by F2 from everywhere; F1 lists it."""
    _add(window, "Help cards: breach, duty to notify", "F2", lambda: show_card(window))


def _add(window: QMainWindow, text: str, keys: str, slot: Callable[[], None]) -> None:
    action = QAction(text, window)
    action.setShortcut(QKeySequence(keys))
    action.triggered.connect(lambda: slot())
    window.addAction(action)
