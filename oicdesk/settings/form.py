"""The editors of the Settings page: what every section shares, and the forms made from definitions."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.settings import records, rules
from oicdesk.settings.records import Reference
from oicdesk.settings.rules import Definition
from oicdesk.ui import theme
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Card, Notice, Words
from oicdesk.vault.vault import Vault

Clock = Callable[[], datetime]
WIDTH = 760  # lines longer than this are tiring to read


class _Column(QWidget):
    """The inside of a scroll area: no wider than reads well, never lower than its wrapped words need."""

    def __init__(self, wide: bool) -> None:
        super().__init__()
        self._wide = wide
        self.column = QVBoxLayout(self)
        self.column.setSpacing(theme.GAP)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            spare = 0 if self._wide else self.width() - 2 * theme.MARGIN - theme.px(WIDTH)
            # A margin, not the widgets' greatest width: layouts reckon heights with the width they have.
            self.column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN + max(0, spare), theme.MARGIN)
            self.setMinimumHeight(self.column.totalHeightForWidth(self.width()))
        return done


class Section(QScrollArea):
    """One section of the page: a title, a sentence and a column of its own; it says what was done."""

    def __init__(self, title: str, sentence: str, *, wide: bool = False) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        if not wide:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        inner = _Column(wide)
        self.column = inner.column
        heading = Words(title, "title")
        words = Words(sentence, "base", "secondary")
        words.setWordWrap(True)
        self.done, self.problem = Notice("good"), Notice("problem")
        for widget in (heading, words, self.done, self.problem):
            self.column.addWidget(widget)
        self.setWidget(inner)

    def tell(self, sentence: str) -> None:
        """Say what was done."""
        self.problem.say("")
        self.done.say(sentence)
        self.ensureWidgetVisible(self.done)

    def warn(self, error: Refused | VaultError) -> None:
        """Say why nothing was done."""
        self.done.say("")
        self.problem.say(str(error))
        self.ensureWidgetVisible(self.problem)

    def refresh(self, reference: Reference) -> None:
        """Show what the vault holds now; what is being typed stays."""

    def first_focus(self) -> QWidget:
        raise NotImplementedError


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side from the left."""
    row = QHBoxLayout()
    row.setSpacing(theme.GRID)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


class SettingsSection(Section):
    """Settings of one or more groups as a form; each says what it starts as and because of what."""

    def __init__(self, vault: Vault, now: Clock, title: str, sentence: str, groups: tuple[str, ...]) -> None:
        super().__init__(title, sentence)
        self._vault, self._now = vault, now
        self._definitions = {k: d for k, d in records.definitions().items() if d.section in groups}
        self._stored: dict[str, Any] = {}
        self.form = Form([_field(definition) for definition in self._definitions.values()])
        card = Card()
        card.body.addWidget(self.form)
        self.save = Button("Save changes", "primary", "save")
        self.undo = Button("Put back", "plain", "undo-2")
        self.column.addWidget(card)
        self.column.addLayout(row_of(self.save, self.undo))
        self.column.addStretch(1)
        self.form.changed.connect(self._show_state)
        self.save.clicked.connect(self._save)
        self.undo.clicked.connect(self._put_back)
        submit = QShortcut(QKeySequence("Ctrl+Return"), self, self._save)
        submit.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def refresh(self, reference: Reference) -> None:
        stored = {key: _shown(d, reference.setting(key)) for key, d in self._definitions.items()}
        if not self._is_typed():
            self.form.set_values(stored)
        self._stored = stored
        self._show_state()

    def first_focus(self) -> QWidget:
        return self.form.first_field()

    def _typed(self) -> dict[str, Any]:
        """What was changed here and not saved yet; raises Refused where a text cannot be read."""
        if not self._stored:
            return {}
        return {key: value for key, value in self.form.values().items() if value != self._stored[key]}

    def _is_typed(self) -> bool:
        try:
            return bool(self._typed())
        except Refused:
            return True

    def _show_state(self) -> None:
        typed = self._is_typed()
        self.save.setEnabled(typed)
        self.undo.setEnabled(typed)
        if typed:
            self.done.say("")

    def _put_back(self) -> None:
        self.form.clear_refusals()
        self.form.set_values(self._stored)
        self._show_state()
        self.problem.say("")

    def _save(self) -> None:
        if not self._is_typed():
            return
        self.form.clear_refusals()
        before = dict(self._stored)
        try:
            self.form.complete_values()
            typed = self._typed()
            with self._vault.changing() as session:
                changed = records.change_settings(session, typed, at=self._now())
        except Refused as error:
            self.form.show_refusal(str(error), error.field)
            return
        except VaultError as error:
            self.warn(error)
            return
        self._stored.update(self.form.values())
        self._show_state()
        self.tell(" ".join(_said(self._definitions[key], before[key], self._stored[key]) for key in changed))


_KINDS = {"pattern": "text"}


def _field(definition: Definition) -> Field:
    return Field(
        definition.key,
        definition.title,
        _KINDS.get(definition.kind, definition.kind),
        choices=definition.choices,
        required=definition.kind in ("whole", "choice"),
        help=f"Default: {spoken_value(definition, definition.default)}, because {definition.because}",
    )


def _shown(definition: Definition, value: Any) -> Any:
    """A stored value as the form holds it."""
    return date.fromisoformat(value) if definition.kind == "date" and value else value


def spoken_value(definition: Definition, value: Any) -> str:
    """A setting's value in words."""
    if definition.kind == "check":
        return "on" if value else "off"
    if value is None or value == "":
        return "empty"
    if definition.kind == "choice":
        choices: Mapping[str, str] = dict(definition.choices)
        return choices.get(value, value)
    if isinstance(value, date):
        return rules.short_day(value)
    if definition.kind == "long" and "\n" in str(value):
        return f"{len(str(value).splitlines())} lines"
    return f"{value:,} {definition.unit}".strip() if definition.kind == "whole" else f"“{value}”"


def _said(definition: Definition, before: Any, after: Any) -> str:
    if definition.kind == "long":
        return f"{definition.title}: changed."
    old, new = spoken_value(definition, before), spoken_value(definition, after)
    return f"{definition.title}: {new}, before that {old}."
