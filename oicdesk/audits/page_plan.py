"""A form of the audits page in place; beside a plan or a freeze stands what it would draw."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from oicdesk.audits.form import PREVIEWED, Clock, KeptForms, merged_lines, plan_from
from oicdesk.audits.page_words import Lines, column_of, plural, scrolled, stratum
from oicdesk.audits.records_frame import PreviewRow, preview
from oicdesk.audits.rules import Plan, check_plan
from oicdesk.errors import Refused
from oicdesk.settings.records import reference
from oicdesk.ui import theme
from oicdesk.ui.detail import text
from oicdesk.ui.parts import Button, Card, Notice, Words
from oicdesk.ui.task import Task, TaskForm
from oicdesk.vault.vault import Vault

_PAUSE = 250  # milliseconds without a key until the population is counted again
_WIDE = 452


class Preview(QWidget):
    """Population, proposed size with its sentence, strata, and what is left out; `merge` takes the offer."""

    merge = Signal()

    def __init__(self, *, can_merge: bool) -> None:
        super().__init__()
        self._can_merge = can_merge
        self.figures = Words("", "title")
        self.why = text("")
        self.problem, self.notes = Notice("warning"), Notice("info")
        self.merge_button = Button("Merge small strata", "plain")
        self.strata = Lines("Strata of the population", ("Stratum", "N", "n"), (276, 56, 56), (1, 2), most=10)
        self.excluded_title = Words("Left out", "section")
        self.excluded = Lines("Cases left out", ("Why", "Cases"), (330, 72), (1,), most=6)
        self.offer: dict[str, str] = {}
        inner = QWidget()
        card = Card()
        outer = column_of(inner)
        outer.setContentsMargins(0, theme.GAP, theme.MARGIN, theme.GAP)
        outer.addWidget(card)
        outer.addStretch(1)
        column = card.body
        for widget in (
            Words("What this would draw", "section"), self.figures, self.why, self.problem, self.merge_button,
            self.notes, self.strata, self.excluded_title, self.excluded,
        ):  # fmt: skip
            column.addWidget(widget)
        whole = column_of(self)
        whole.addWidget(scrolled(inner))
        self.merge_button.clicked.connect(self.merge)
        if not theme.is_large():
            self.setMinimumWidth(theme.px(_WIDE))

    def say(self, sentence: str) -> None:
        """Nothing can be drawn yet; say why."""
        self.figures.setText("")
        self.why.setText(sentence)
        self._show_problem("", {})
        self.notes.say("")
        for widget in (self.strata, self.excluded_title, self.excluded):
            widget.hide()

    def show_preview(self, found: PreviewRow, spoken: Callable[[str], str]) -> None:
        self.figures.setText(f"{found.size:,} of {plural(found.population, 'case')}")
        self.why.setText(found.why)
        self._show_problem(found.problem or "", dict(found.merge_offer))
        self.notes.say("" if found.problem else "\n".join(found.notes))
        self.strata.setVisible(bool(found.strata))
        self.strata.set_lines(
            [(spoken(one.label), f"{one.population:,}", "–" if one.drawn is None else f"{one.drawn:,}")
             for one in found.strata]
        )  # fmt: skip
        for widget in (self.excluded_title, self.excluded):
            widget.setVisible(bool(found.excluded))
        self.excluded.set_lines([(why, f"{count:,}") for why, count in found.excluded])

    def _show_problem(self, sentence: str, offer: dict[str, str]) -> None:
        self.offer = offer
        self.problem.say(sentence)
        self.merge_button.setVisible(bool(sentence and offer and self._can_merge))


class TaskPane(QWidget):
    """One task's form; `done` carries what was done, `left` means back without loss."""

    done = Signal(str)
    left = Signal()

    def __init__(self, vault: Vault, task: Task, forms: KeptForms, now: Clock, plan: Plan | None, back: str) -> None:
        super().__init__()
        self._vault, self._now, self._plan = vault, now, plan
        self.form = TaskForm(task, forms)
        self.form.back.setText(back)
        self.form.setMaximumWidth(theme.px(640))
        self.form.done.connect(self.done)
        self.form.left.connect(self.left)
        self.preview: Preview | None = None
        row = QVBoxLayout(self) if theme.is_large() else QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.form, 3)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(lambda: self.show_preview() if self.isVisible() else None)
        if plan is not None and task.name.split("/")[0] in PREVIEWED:
            self._add_preview(row)
        else:
            row.addStretch(1)

    def _add_preview(self, row: QBoxLayout) -> None:
        self.preview = Preview(can_merge=self.form.task.name != "freeze")
        row.addWidget(self.preview, 2)
        self.preview.merge.connect(self._merge)
        self.form.form.changed.connect(self._timer.start)
        self.show_preview()

    def first_focus(self) -> QWidget:
        return self.form.first_focus()

    def _wanted(self) -> Plan:
        assert self._plan is not None
        if self.form.task.name == "freeze":
            return self._plan
        return plan_from(self.form.form.values(), self._plan)

    def show_preview(self) -> None:
        """Count the population of what the form says now."""
        assert self.preview is not None
        try:
            plan = self._wanted()
            problems = check_plan(plan)
            if problems:
                raise Refused(next(iter(problems.values())))
            with self._vault.reading() as session:
                desk = reference(session)
                found = preview(session, plan, self._now())
        except Refused as refusal:
            self.preview.say(str(refusal))
            return
        self.preview.show_preview(found, lambda label: stratum(label, desk))

    def _merge(self) -> None:
        """Write the offer into the form, where it can be read and changed before it is saved."""
        assert self.preview is not None
        self.form.form.set_values({"merged": merged_lines(self._wanted(), self.preview.offer)})
        self.form.form.changed.emit()
        self.form.form.focus_field("merged")
        self.show_preview()
