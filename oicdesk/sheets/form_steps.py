"""The steps of the import wizard, each a page that shows and asks; what follows from it is the wizard's."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from oicdesk.sheets.cells import quoted, text_of
from oicdesk.sheets.dry_run import ALREADY_THERE, BLANK, NEW, PROBLEM, UPDATE, CheckedRow, DryRun
from oicdesk.sheets.kind import ImportResult
from oicdesk.sheets.mapping import Mapping, Target, texts_of
from oicdesk.sheets.read import Sheet
from oicdesk.ui import theme
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rows import Column, RowsModel, Table

MOST_WORDS = 200  # different words of one column shown for translation; the rest is left to the rows
_LOOKS = {NEW: "good", ALREADY_THERE: "neutral", UPDATE: "info", PROBLEM: "problem", BLANK: "neutral"}
_WARNED = "warning"


class Step(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.GRID)

    def first_focus(self) -> QWidget:
        """Where the keyboard starts in this step; the step itself stands for the button that leads on."""
        return self


class FileStep(Step):
    def __init__(self, choose: Callable[[], None]) -> None:
        super().__init__()
        self.words = _paragraph(
            "Choose a CSV, XLSX, XLS or ODS file. Nothing is written until you have seen what each row would become."
        )
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(theme.GAP)
        self.facts.setVerticalSpacing(theme.GRID)
        self.facts.setColumnStretch(1, 1)
        self.again = Button("Choose another file…", icon="folder-open")
        self.again.setAutoDefault(False)
        self.again.clicked.connect(choose)
        self.again.hide()
        self.body.addWidget(self.words)
        self.body.addSpacing(theme.GRID)
        self.body.addLayout(self.facts)
        self.body.addSpacing(theme.GRID)
        self.body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def show_sheet(self, sheet: Sheet, *, is_remembered: bool) -> None:
        _clear(self.facts)
        how = "As last time with a file like this" if is_remembered else "Proposed from their names and contents"
        rows = len(sheet.lines)
        facts = [
            ("File", sheet.file),
            ("Read as", sheet.how.rstrip(".")),
            ("Column names", f"on line {sheet.header_line}"),
            ("Columns", f"{len(sheet.columns):,}"),
            ("Rows below", f"{rows:,}, of which {sum(line.is_blank for line in sheet.lines):,} are blank"),
            ("Their meaning", how),
        ]
        for place, (label, fact) in enumerate(facts):
            self.facts.addWidget(Words(label, "base", "secondary"), place, 0)
            self.facts.addWidget(_paragraph(fact), place, 1)
        self.again.show()


class _Choice(QComboBox):
    """A list that the wheel does not turn while the page is scrolled."""

    def __init__(self, name: str, letters: int = 16) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(letters)
        self.setMinimumHeight(theme.row_height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _Rows(QScrollArea):
    """A scrolling grid of label, list and remark."""

    def __init__(self, heads: Sequence[str], shares: Sequence[int]) -> None:
        super().__init__()
        self._heads, self._shares = heads, shares
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.start()

    def start(self) -> None:
        """An empty grid with its heads; it is shown by `end`."""
        self._inner = QWidget()
        self.grid = QGridLayout(self._inner)
        self.grid.setContentsMargins(2, 2, theme.GAP, 2)
        self.grid.setHorizontalSpacing(theme.GAP)
        self.grid.setVerticalSpacing(theme.GRID)
        for place, (head, share) in enumerate(zip(self._heads, self._shares, strict=True)):
            self.grid.addWidget(Words(head, "small", "secondary"), 0, place)
            self.grid.setColumnStretch(place, share)

    def add(self, label: QLabel, choice: QWidget, remark: QLabel) -> None:
        row = self.grid.rowCount()
        label.setBuddy(choice)
        label.setWordWrap(True)
        remark.setWordWrap(True)
        for place, widget in enumerate((label, choice, remark)):
            self.grid.addWidget(widget, row, place)

    def add_head(self, text: str) -> None:
        self.grid.addWidget(Words(text, "section"), self.grid.rowCount(), 0, 1, 3)

    def end(self) -> None:
        """Show the grid once it is whole: rows added later would be laid out over each other."""
        self.grid.setRowStretch(self.grid.rowCount(), 1)
        self.setWidget(self._inner)
        self._inner.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)


class ColumnsStep(Step):
    changed = Signal()

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = targets
        self._sheet: Sheet | None = None
        self.touched: set[str] = set()
        self.choices: dict[str, _Choice] = {}
        self.remarks: dict[str, Words] = {}
        self.rows = _Rows(("The desk needs", "Column of the file", "What stands in it"), (2, 3, 4))
        self.body.addWidget(_paragraph("Which column of the file means what? Those marked required must be found."))
        self.body.addWidget(self.rows, 1)

    def show_mapping(self, sheet: Sheet, mapping: Mapping) -> None:
        self._sheet = sheet
        self.touched, self.choices, self.remarks = set(), {}, {}
        self.rows.start()
        for target in self._targets:
            choice = _Choice(f"Column for {target.label}{', required' if target.required else ''}")
            choice.addItem("Not in this file", "")
            for column in sheet.columns:
                choice.addItem(column, column)
            choice.setCurrentIndex(max(0, choice.findData(mapping.columns.get(target.name, ""))))
            choice.activated.connect(partial(self._choose, target.name))
            self.choices[target.name] = choice
            self.remarks[target.name] = Words("", "small", "secondary")
            label = Words(f"{target.label} (required)" if target.required else target.label)
            self.rows.add(label, choice, self.remarks[target.name])
            self._show_sample(target.name, is_guess=target.name in mapping.guessed)
        self.rows.end()

    def _choose(self, name: str, _: int) -> None:
        self.touched.add(name)
        self._show_sample(name, is_guess=False)
        self.changed.emit()

    def _show_sample(self, name: str, *, is_guess: bool) -> None:
        assert self._sheet is not None
        column = self.choices[name].currentData()
        texts = texts_of(self._sheet, column)[:3] if column else []
        said = " · ".join(quoted(text) for text in texts) if texts else "No cell is filled" if column else ""
        self.remarks[name].setText(f"A guess, please check: {said}" if is_guess else said)
        self.choices[name].setAccessibleDescription(self.remarks[name].text())

    def columns(self) -> dict[str, str]:
        return {name: choice.currentData() for name, choice in self.choices.items() if choice.currentData()}

    def focus_target(self, name: str) -> None:
        self.choices[name].setFocus()
        self.rows.ensureWidgetVisible(self.choices[name])

    def first_focus(self) -> QWidget:
        return next(iter(self.choices.values()))


class WordsStep(Step):
    def __init__(self) -> None:
        super().__init__()
        self.choices: dict[tuple[str, str], _Choice] = {}
        self.rows = _Rows(("Word in the file", "Means", ""), (4, 4, 2))
        self.body.addWidget(_paragraph("Which words of the file stand for which of the desk's own?"))
        self.body.addWidget(self.rows, 1)

    def show_words(self, sheet: Sheet, targets: Sequence[Target], mapping: Mapping) -> None:
        self.choices = {}
        self.rows.start()
        for target in targets:
            if target.values is None or target.name not in mapping.columns:
                continue
            column = mapping.columns[target.name]
            known = mapping.values.get(target.name, {})
            # Those not understood come first: they are what there is to do here.
            texts = sorted(texts_of(sheet, column), key=lambda text: text in known)
            self.rows.add_head(f"{target.label}, from column {quoted(column)}")
            for text in texts[:MOST_WORDS]:
                self._add(target, text, known.get(text, ""))
            if len(texts) > MOST_WORDS:
                rest = f"{len(texts) - MOST_WORDS:,} more words are not shown; their rows are judged as they come."
                self.rows.add(Words(""), QWidget(), Words(rest, "small", "secondary"))
        self.rows.end()

    def _add(self, target: Target, text: str, code: str) -> None:
        choice = _Choice(f"{target.label}: meaning of {quoted(text)}", 24)
        choice.addItem("Not known: the row is a problem", "")
        for value, label in (target.values or {}).items():
            choice.addItem(label, value)
        choice.setCurrentIndex(max(0, choice.findData(code)))
        remark = Words("", "small", "secondary")
        choice.currentIndexChanged.connect(lambda place: remark.setText("" if place else "Not understood"))
        remark.setText("" if code else "Not understood")
        self.choices[target.name, text] = choice
        self.rows.add(_paragraph(text), choice, remark)

    def values(self, mapping: Mapping) -> dict[str, dict[str, str]]:
        """What was chosen here; words that were not shown keep what they had."""
        values = {name: dict(texts) for name, texts in mapping.values.items()}
        for (name, text), choice in self.choices.items():
            values.setdefault(name, {}).pop(text, None)
            if choice.currentData():
                values[name][text] = choice.currentData()
        return values

    def first_focus(self) -> QWidget:
        return next(iter(self.choices.values()), self)


class _Checked:
    """The rows of a dry run as a table's source; the order is worked out once for each way of sorting."""

    def __init__(self, rows: Sequence[CheckedRow]) -> None:
        self._rows = rows
        self._ordered: dict[tuple[str, bool], list[CheckedRow]] = {}

    def count(self) -> int:
        return len(self._rows)

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[CheckedRow]:
        return self._in_order(sort, descending)[offset : offset + limit]

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        places = (place for place, row in enumerate(self._in_order(sort, descending)) if row.id == id)
        return next(places, None)

    def _in_order(self, sort: str | None, descending: bool) -> Sequence[CheckedRow]:
        if sort is None:
            return self._rows
        if (sort, descending) not in self._ordered:
            keys = {"line": lambda row: row.id, "state": lambda row: (row.state, row.id)}
            self._ordered[sort, descending] = sorted(self._rows, key=keys[sort], reverse=descending)
        return self._ordered[sort, descending]


class CheckStep(Step):
    choice_changed = Signal()

    def __init__(self, save: Callable[[], None]) -> None:
        super().__init__()
        self._run: DryRun | None = None
        self.summary = _paragraph("")
        self.show_box = _Choice("Rows to show")
        self.show_box.activated.connect(lambda _: self._filter())
        self.save = Button("Save the problem rows…", icon="download")
        self.save.setAutoDefault(False)
        self.save.clicked.connect(save)
        self.saved = Words("", "small", "secondary")
        self.valid_only = QRadioButton("Import the valid rows and leave the problem rows out")
        self.all_or_nothing = QRadioButton("All or nothing: import only if no row has a problem")
        self.apply_updates = QCheckBox()
        self.valid_only.setChecked(True)
        for choice in (self.valid_only, self.all_or_nothing, self.apply_updates):
            choice.toggled.connect(lambda _: self.choice_changed.emit())
        self.table_place = QVBoxLayout()
        self.table: Table | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(theme.GRID)
        label = Words("Show")
        label.setBuddy(self.show_box)
        bar.addWidget(label)
        bar.addWidget(self.show_box)
        bar.addStretch(1)
        bar.addWidget(self.saved)
        bar.addWidget(self.save)
        self.body.addWidget(self.summary)
        self.body.addLayout(bar)
        self.body.addLayout(self.table_place, 1)
        for choice in (self.valid_only, self.all_or_nothing, self.apply_updates):
            self.body.addWidget(choice)

    def show_run(self, run: DryRun, targets: Sequence[Target]) -> None:
        self._run = run
        counts = run.counts()
        self.summary.setText(_summary(counts))
        self._fill_filter(counts)
        self._make_table(run, targets)
        self.save.setVisible(counts[PROBLEM] > 0)
        self.saved.setText("")
        self.valid_only.setVisible(counts[PROBLEM] > 0)
        self.all_or_nothing.setVisible(counts[PROBLEM] > 0)
        self.apply_updates.setVisible(counts[UPDATE] > 0)
        self.apply_updates.setChecked(False)
        self.apply_updates.setText(f"Also apply the {counted(counts[UPDATE], 'update')} offered")
        self._filter()

    def _fill_filter(self, counts: dict[str, int]) -> None:
        self.show_box.clear()
        self.show_box.addItem(f"All rows ({counts['rows']:,})", None)
        for state, count in counts.items():
            if count and state not in ("rows", "warnings"):
                self.show_box.addItem(f"{_titled(state)} ({count:,})", state)
        if counts["warnings"]:
            self.show_box.addItem(f"Warning ({counts['warnings']:,})", _WARNED)
        self.show_box.setCurrentIndex(max(0, self.show_box.findData(PROBLEM)))

    def _make_table(self, run: DryRun, targets: Sequence[Target]) -> None:
        if self.table is not None:
            self.table_place.removeWidget(self.table)
            self.table.deleteLater()
        columns = [
            Column("State", _state_word, "state", width=150, icon=_state_look),
            Column("Line", lambda row: f"{row.line.number:,}", "line", width=70, align_right=True),
            Column("What was found", lambda row: row.reasons, spoken=lambda row: row.reasons, width=380),
        ]
        for target in targets:
            if target.name in run.mapping.columns:
                index = run.sheet.columns.index(run.mapping.columns[target.name])
                columns.append(Column(target.label, partial(_cell_text, index), width=130))
        self.table = Table(RowsModel(columns), "Rows of the file and what they would become")
        self.table.set_empty("No such row", "Choose above which rows to show.")
        self.table_place.addWidget(self.table)

    def _filter(self) -> None:
        assert self._run is not None and self.table is not None
        wanted = self.show_box.currentData()
        if wanted is None:
            rows = self._run.rows
        elif wanted == _WARNED:
            rows = [row for row in self._run.valid if row.warnings]
        else:
            rows = self._run.with_state(wanted)
        self.table.rows.set_source(_Checked(rows))

    def can_write(self) -> bool:
        if self._run is None:
            return False
        blocked = self.all_or_nothing.isChecked() and bool(self._run.problems)
        return not blocked and self._to_write() > 0

    def _to_write(self) -> int:
        assert self._run is not None
        left_out = 0 if self.apply_updates.isChecked() else len(self._run.with_state(UPDATE))
        # A row without a record is one that the feature counts and does not keep.
        kept = [row for row in self._run.valid if row.state != ALREADY_THERE and row.record is not None]
        return len(kept) - left_out

    def verb(self) -> str:
        """What the button would do, with its count."""
        if self._run is None:
            return "Import"
        count = self._to_write()
        return f"Import {counted(count, 'row')}" if count else "Nothing to import"

    def say_saved(self, sentence: str) -> None:
        self.saved.setText(sentence.partition(";")[0] + ".")

    def first_focus(self) -> QWidget:
        return self.show_box


class ResultStep(Step):
    def __init__(self, save: Callable[[], None], undo: Callable[[], None]) -> None:
        super().__init__()
        self.head = Words("", "title")
        self.counts = QGridLayout()
        self.counts.setHorizontalSpacing(theme.GAP)
        self.counts.setVerticalSpacing(theme.GRID)
        self.counts.setColumnStretch(2, 1)
        self.sentence = _paragraph("")
        self.save = Button("Save the problem rows…", icon="download")
        self.undo = Button("Undo this import", icon="undo-2")
        self.save.clicked.connect(save)
        self.undo.clicked.connect(undo)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        for button in (self.save, self.undo):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addWidget(self.head)
        self.body.addLayout(self.counts)
        self.body.addWidget(self.sentence)
        self.body.addSpacing(theme.GRID)
        self.body.addLayout(buttons)
        self.body.addStretch(1)

    def show_result(self, result: ImportResult, problems: int) -> None:
        self.head.setText("The import is done")
        _clear(self.counts)
        for place, (words, count) in enumerate(result.counts):
            self.counts.addWidget(Words(words, "base", "secondary"), place, 0)
            number = Words(f"{count:,}")
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            number.setAccessibleName(f"{words}: {count:,}")
            self.counts.addWidget(number, place, 1)
        self.sentence.setText(result.sentence)
        self.save.setVisible(problems > 0)
        self.undo.setVisible(result.undo is not None)

    def show_undone(self, sentence: str) -> None:
        self.head.setText("The import was undone")
        self.sentence.setText(sentence)
        self.undo.hide()

    def say_saved(self, sentence: str) -> None:
        self.sentence.setText(sentence)


# Words


def _paragraph(text: str) -> Words:
    words = Words(text)
    words.setWordWrap(True)
    words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return words


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()


def _state_word(row: CheckedRow) -> str:
    return _titled(row.state) + (", warning" if row.warnings and row.state != PROBLEM else "")


def _state_look(row: CheckedRow) -> str:
    return "warning" if row.warnings and row.state == NEW else _LOOKS.get(row.state, "info")


def _cell_text(index: int, row: CheckedRow) -> str:
    return " ".join(text_of(row.line.cells[index]).split())


def _titled(state: str) -> str:
    return state[0].upper() + state[1:]


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _words(counts: dict[str, int]) -> dict[str, str]:
    """How the rows of each state are counted in a sentence, what can be imported first."""
    own = [state for state in counts if state not in (NEW, ALREADY_THERE, UPDATE, PROBLEM, BLANK, "rows", "warnings")]
    offered = "update offered" if counts[UPDATE] == 1 else "updates offered"
    problem = "with a problem" if counts[PROBLEM] == 1 else "with problems"
    first = {NEW: NEW, UPDATE: offered, ALREADY_THERE: ALREADY_THERE}
    return first | {state: state for state in own} | {PROBLEM: problem, BLANK: BLANK}


def _summary(counts: dict[str, int]) -> str:
    parts = [f"{counts[state]:,} {words}" for state, words in _words(counts).items() if counts[state]]
    said = f"{counted(counts['rows'], 'row')}: {', '.join(parts) or 'none'}."
    if counts["warnings"]:
        have = "has" if counts["warnings"] == 1 else "have"
        said += f" {counted(counts['warnings'], 'row')} that can be imported {have} a warning."
    return said
