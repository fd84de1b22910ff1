"""The right side of the Comms page: the chosen item, or a form in its place."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QWidget

from oicdesk.comms.form import Choices, KeptDrafts
from oicdesk.comms.page_item import ItemPane
from oicdesk.errors import Refused, VaultError
from oicdesk.ui import theme
from oicdesk.ui.parts import Room
from oicdesk.ui.task import Task, TaskForm

_FROM_TEMPLATE = ("title", "audience", "channel", "message", "recommendation", "promise")


class Side(Room):
    """Shows `pane`, or the form of a task; what was typed into a form is kept as a draft when it is put away."""

    done = Signal(str)
    left = Signal()
    refused = Signal(str)
    step_done = Signal(object)

    def __init__(self, pane: ItemPane, drafts: KeptDrafts) -> None:
        super().__init__()
        self.pane, self.form = pane, None
        self._drafts = drafts
        self._choices = Choices((), (), ())
        self._audiences: Sequence[str] = ()
        self.addWidget(pane)
        self.setMinimumWidth(theme.px(330))
        if theme.is_large():
            self.setMinimumHeight(theme.px(300))
        else:
            self.setMaximumWidth(theme.px(430))
        self.hide()

    form: TaskForm | None

    def offer(self, choices: Choices, audiences: Sequence[str]) -> None:
        """What the form of an item offers: texts of the library, audiences used before."""
        self._choices, self._audiences = choices, audiences

    def show_task(self, task: Task) -> bool:
        """Show a form in place of the detail, with what was typed into it before."""
        self.close_form()
        try:
            form = TaskForm(task, self._drafts)
        except (Refused, VaultError) as error:
            self.refused.emit(str(error))
            return False
        self.form = form
        form.done.connect(self._done)
        form.left.connect(self._leave)
        form.step_done.connect(self.step_done)
        self.addWidget(form)
        self.setCurrentWidget(form)
        self.show()
        self._fill_in(form)
        form.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def close_form(self) -> None:
        """Put a form away and keep what was typed."""
        if self.form is not None:
            self.form.keep()
            self._take_form()

    def first_focus(self) -> QWidget:
        return self.pane.first_focus() if self.form is None else self.form.first_focus()

    def _take_form(self) -> None:
        form, self.form = self.form, None
        if form is not None:
            self.removeWidget(form)
            form.deleteLater()
            self.setCurrentWidget(self.pane)

    def _done(self, said: str) -> None:
        self._take_form()
        self.done.emit(said)

    def _leave(self) -> None:
        self._take_form()
        self.left.emit()

    # -- what a new item starts from

    def _fill_in(self, form: TaskForm) -> None:
        names = {one.name for one in form.task.fields}
        if "audience" in names:
            box = form.form.widget("audience")
            assert isinstance(box, QLineEdit)
            finder = QCompleter(list(self._audiences), box)
            finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            box.setCompleter(finder)
        if "template" in names:
            template, words = form.form.widget("template"), form.form.widget("words")
            assert isinstance(template, QComboBox) and isinstance(words, QComboBox)
            template.activated.connect(lambda _place: self._take_template(form, template.currentData()))
            words.activated.connect(lambda _place: self._take_words(form, words.currentData()))

    def _take_template(self, form: TaskForm, code: str | None) -> None:
        one = next((each for each in self._choices.texts if each.code == code), None)
        if one is not None:
            facts = one.facts()
            form.form.set_values({name: getattr(facts, name) or None for name in _FROM_TEMPLATE})

    def _take_words(self, form: TaskForm, code: str | None) -> None:
        one = next((each for each in self._choices.texts if each.code == code), None)
        if one is not None:
            before = form.form.values()["message"]
            form.form.set_values({"message": f"{before}\n{one.text}".strip()})
