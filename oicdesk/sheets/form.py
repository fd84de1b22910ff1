"""The import wizard: file → columns → words → dry run → result. It knows no feature and no vault."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.sheets.dry_run import DryRun, write_problems
from oicdesk.sheets.form_steps import CheckStep, ColumnsStep, FileStep, ResultStep, Step, WordsStep, counted
from oicdesk.sheets.kind import ImportKind, ImportResult
from oicdesk.sheets.mapping import Mapping, header_key, propose, propose_values, unsettled, unsettled_sentence
from oicdesk.sheets.read import Sheet, read
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.parts import Button, Notice, Words
from oicdesk.ui.undo import Step as Undoable

FILES = "Spreadsheets (*.csv *.tsv *.txt *.xlsx *.xlsm *.xls *.ods);;All files (*)"
_STEPS = ("File", "Columns", "Words", "Check", "Result")


def lead_import(
    kind: ImportKind, parent: QWidget, written: Callable[[], object], note: Callable[[Undoable], object]
) -> None:
    """Lead through an import. `written` is called after rows were written, and after they were taken back there; `note`
    gets the step that takes back what was written and stayed."""
    wizard = ImportWizard(kind, parent)
    told: list[bool] = []  # once when the rows were written, once more when they were taken back in the window
    wizard.imported.connect(lambda: told.append(True))
    wizard.imported.connect(written)
    wizard.exec()
    result, sheet = wizard.outcome, wizard.sheet
    wizard.deleteLater()
    if len(told) % 2 and result is not None and result.undo is not None and sheet is not None:
        note(Undoable(f"Import {Path(sheet.file).name}", lambda: kind.undo(result, lambda _share, _text: None)))


class ImportWizard(QDialog):
    """Leads through one import. `imported` is emitted after rows were written and after they were taken back."""

    imported = Signal()

    def __init__(self, kind: ImportKind, parent: QWidget | None = None) -> None:
        super().__init__(parent.window() if parent is not None else None)
        self.kind = kind
        self.sheet: Sheet | None = None
        self.mapping = Mapping()
        self.run: DryRun | None = None
        self.outcome: ImportResult | None = None
        self.setWindowTitle(kind.title)
        self.setModal(True)
        self.steps = Words("", "base", "secondary")
        self.steps.setTextFormat(Qt.TextFormat.RichText)  # the words are our own
        self.notice = Notice("problem")
        self.file_step = FileStep(self.choose_file)
        self.columns_step = ColumnsStep(kind.targets)
        self.words_step = WordsStep()
        self.check_step = CheckStep(self.save_problems)
        self.result_step = ResultStep(self.save_problems, self.undo)
        self.pages = QStackedWidget()
        for page in (self.file_step, self.columns_step, self.words_step, self.check_step, self.result_step):
            self.pages.addWidget(page)
        self.back = Button("Back")
        self.close_button = Button("Cancel")
        self.forward = Button("Choose a file…", "primary")
        self._lay_out()
        self.back.clicked.connect(self.go_back)
        self.close_button.clicked.connect(self.reject)
        self.forward.clicked.connect(self.go_on)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.forward.click)
        self.columns_step.changed.connect(self._columns_changed)
        self.check_step.choice_changed.connect(self._show_foot)
        self._show(0)

    def _lay_out(self) -> None:
        room = self.screen().availableGeometry()
        foot = QHBoxLayout()
        foot.setSpacing(theme.GRID)
        foot.addWidget(self.back)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.forward)
        for button in (self.back, self.close_button):
            button.setAutoDefault(False)
        self.forward.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(Words(self.kind.title, "section"))
        column.addWidget(self.steps)
        column.addWidget(self.pages, 1)
        column.addWidget(self.notice)
        column.addLayout(foot)
        self.setMinimumSize(min(room.width(), theme.px(720)), min(room.height(), theme.px(480)))
        self.resize(min(room.width(), theme.px(1040)), min(room.height(), theme.px(660)))

    # -- from step to step

    def _show(self, step: int) -> None:
        self.pages.setCurrentIndex(step)
        self.notice.say("")
        self._show_foot()
        page = self.pages.currentWidget()
        assert isinstance(page, Step)
        start = page.first_focus()
        (self.forward if start is page else start).setFocus()

    def _show_foot(self) -> None:
        step = self.pages.currentIndex()
        names = [name for number, name in enumerate(_STEPS) if number != 2 or self._has_words() or self.sheet is None]
        place = names.index(_STEPS[step])
        self.steps.setText(" › ".join(f"<b>{name}</b>" if name == _STEPS[step] else name for name in names))
        self.steps.setAccessibleName(f"Step {place + 1} of {len(names)}: {_STEPS[step]}")
        self.back.setVisible(0 < step < 4)
        self.close_button.setVisible(step < 4)
        self.forward.setText(self._verb(step))
        self.forward.setEnabled(step != 3 or self.check_step.can_write())
        self.forward.updateGeometry()

    def _verb(self, step: int) -> str:
        if step == 0:
            return "Choose a file…" if self.sheet is None else "Match the columns"
        if step == 1 and self._has_words():
            return "Match the words"
        if step in (1, 2):
            return "Check the rows"
        if step == 3:
            return self.check_step.verb()
        return "Close"

    def _has_words(self) -> bool:
        return any(target.values is not None and target.name in self.mapping.columns for target in self.kind.targets)

    def go_back(self) -> None:
        """One step back; nothing chosen is lost."""
        step = self.pages.currentIndex()
        self._show(1 if step == 3 and not self._has_words() else step - 1)

    def go_on(self) -> None:
        """What the button at the right does in this step."""
        step = self.pages.currentIndex()
        if step == 0:
            self.choose_file() if self.sheet is None else self._show(1)
        elif step == 1:
            self._leave_columns()
        elif step == 2:
            self._leave_words()
        elif step == 3:
            self._write()
        else:
            self.accept()

    # -- file

    def choose_file(self) -> None:
        """Ask for a file and read it."""
        path = messages.choose_open(self, self.kind.title, FILES)
        if path is not None:
            self.read_file(path)

    def read_file(self, path: Path) -> None:
        """Read this file; its facts are shown, or why it cannot be read."""
        self.notice.say("")
        jobs.run(
            self,
            partial(self._read, path),
            title=f"Reading {path.name}",
            done=self._file_read,
            failed=self._failed,
        )

    def _read(self, path: Path, progress: jobs.Progress) -> Sheet:
        progress(0.0, "Reading the rows")
        return read(path, limits=self.kind.limits)

    def _file_read(self, sheet: Sheet) -> None:
        self.sheet = sheet
        kept = self.kind.remembered(header_key(self.sheet.columns))
        remembered = None if kept is None else Mapping.from_json(kept)
        self.mapping = propose(self.sheet, self.kind.targets, remembered)
        self.file_step.show_sheet(self.sheet, is_remembered=remembered is not None)
        self.columns_step.show_mapping(self.sheet, self.mapping)
        self._show(0)

    # -- columns and words

    def _columns_changed(self) -> None:
        assert self.sheet is not None
        columns = self.columns_step.columns()
        for target in self.kind.targets:
            if columns.get(target.name) == self.mapping.columns.get(target.name) or target.values is None:
                continue
            self.mapping.values.pop(target.name, None)
            if target.name in columns:
                self.mapping.values[target.name] = propose_values(self.sheet, target, columns[target.name])
        self.mapping.columns = columns
        self.mapping.guessed = [name for name in self.mapping.guessed if name not in self.columns_step.touched]
        self.notice.say("")
        self._show_foot()

    def _leave_columns(self) -> None:
        self.mapping.unsettled = unsettled(self.mapping, self.kind.targets)
        missing = [name for name in self.mapping.unsettled if name not in self.mapping.columns]
        if missing:
            only = Mapping(self.mapping.columns, self.mapping.values, missing)
            self.notice.say(unsettled_sentence(only, self.kind.targets, "choose it above"))
            self.columns_step.focus_target(missing[0])
        elif self._has_words():
            assert self.sheet is not None
            self.words_step.show_words(self.sheet, self.kind.targets, self.mapping)
            self._show(2)
        else:
            self._check()

    def _leave_words(self) -> None:
        self.mapping.values = self.words_step.values(self.mapping)
        self.mapping.unsettled = unsettled(self.mapping, self.kind.targets)
        if self.mapping.unsettled:
            self.notice.say(unsettled_sentence(self.mapping, self.kind.targets, "choose what at least one means"))
        else:
            self._check()

    # -- dry run, writing, undoing

    def _check(self) -> None:
        sheet, mapping = self.sheet, self.mapping
        assert sheet is not None
        jobs.run(
            self,
            lambda progress: self.kind.prepare(sheet, mapping, progress),
            title="Checking the rows",
            done=self._checked,
            failed=self._failed,
        )

    def _checked(self, run: DryRun) -> None:
        self.run = run
        self.check_step.show_run(run, self.kind.targets)
        self._show(3)

    def _write(self) -> None:
        run, choice = self.run, self.check_step
        assert run is not None
        all_or_nothing, apply_updates = choice.all_or_nothing.isChecked(), choice.apply_updates.isChecked()
        jobs.run(
            self,
            lambda progress: self.kind.write(
                run, all_or_nothing=all_or_nothing, apply_updates=apply_updates, progress=progress
            ),
            title=f"Importing {self.kind.noun}",
            done=self._written,
            failed=self._failed,
            cancelled=lambda: self.notice.say("The import was cancelled; nothing was written."),
        )

    def _written(self, result: ImportResult) -> None:
        assert self.sheet is not None and self.run is not None
        self.outcome = result
        self.result_step.show_result(result, len(self.run.problems))
        self._show(4)
        try:
            self.kind.remember(header_key(self.sheet.columns), self.mapping.to_json())
        except (Refused, VaultError) as fault:
            self._failed(fault)
        self.imported.emit()

    def undo(self) -> None:
        """Take the whole import back, after asking."""
        result = self.outcome
        if result is None or not messages.confirm(
            self, "Undo this import?", "Everything this import wrote is taken back.", "Undo the import", danger=True
        ):
            return
        jobs.run(
            self,
            lambda progress: self.kind.undo(result, progress),
            title="Undoing the import",
            done=self._undone,
            failed=self._failed,
        )

    def _undone(self, sentence: str) -> None:
        self.result_step.show_undone(sentence)
        self.forward.setFocus()
        self.imported.emit()

    def save_problems(self) -> None:
        """Write the problem rows to a file of the user's choice."""
        run = self.run
        assert run is not None and self.sheet is not None
        suggested = f"{Path(self.sheet.file).stem} problems {self.kind.marking}.csv"
        path = messages.choose_save(self, "Save the problem rows", suggested, "CSV (*.csv)")
        if path is None:
            return
        try:
            count = write_problems(path, run, marking=self.kind.marking)
            self.kind.problems_saved(path, count)
        except (Refused, VaultError) as fault:
            self._failed(fault)
            return
        said = f"{counted(count, 'problem row')} saved as {path.name}; correct them there and import that file."
        self.check_step.say_saved(said)
        self.result_step.say_saved(said)

    def _failed(self, fault: Exception) -> None:
        if isinstance(fault, Refused | VaultError):
            self.notice.say(str(fault))
