"""A form described as data: labels, boxes, helps, and refusals in words beside the field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused
from oicdesk.ui import theme
from oicdesk.ui.dates import DayEdit, InstantEdit, TimeEdit
from oicdesk.ui.parts import Notice, SecretEdit, Words

LONG_LIST = 12  # a choice with more than this can be typed into
_CODE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Suggestion:
    """Something that may be meant, in words, and the values that choosing it fills in, by field."""

    label: str
    values: Mapping[str, Any]


Suggest = Callable[[str], Sequence[Suggestion]]


@dataclass(frozen=True)
class Field:
    """One field. `kind` is one of
    "text" (str), "long" (str, several lines), "secret" (str), "choice" (code or None), "choices" (tuple of
    codes), "date" (date or None), "time" (time or None), "instant" (datetime in UTC, typed as local time, or None),
    "whole" (int or None), "check" (bool). `choices` holds (code, label) pairs; `width` is in 100 % pixels.
    `suggest` offers what may be meant by a text that is typed; choosing it fills the fields that it names.
    """

    name: str
    label: str
    kind: str = "text"
    choices: Sequence[tuple[Any, str]] = ()
    required: bool = False
    help: str = ""
    placeholder: str = ""
    width: int | None = None
    suggest: "Suggest | None" = None


class _Editor(QObject):
    """The box of one field: how its value is read, set, and heard to change."""

    changed = Signal()
    filled = Signal(object)

    def __init__(self, field: Field, widget: QWidget) -> None:
        super().__init__(widget)
        self.field, self.widget = field, widget

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError


class _Text(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = QLineEdit()
        self.box.setPlaceholderText(field.placeholder)
        super().__init__(field, self.box)
        self.box.textEdited.connect(self.changed)
        if field.suggest is not None:
            self._offer(field.suggest)

    def _offer(self, suggest: Suggest) -> None:
        """Under the box what may be meant, at each key; the arrows choose, Enter fills in, Esc closes."""
        self.found: Sequence[Suggestion] = ()
        listed = QStringListModel(self)
        self.completer = QCompleter(listed, self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setWidget(self.box)
        popup = self.completer.popup()
        assert popup is not None
        popup.setAccessibleName(f"Suggestions for {self.field.label.lower()}")

        def look(typed: str) -> None:
            self.found = suggest(typed) if len(typed.strip()) > 1 else ()
            listed.setStringList([one.label for one in self.found])
            if self.found:
                self.completer.complete()
            else:
                popup.hide()

        def take(label: str) -> None:
            self.filled.emit(next(one.values for one in self.found if one.label == label))

        self.box.textEdited.connect(look)
        self.completer.activated.connect(take)

    def value(self) -> str:
        return self.box.text().strip()

    def set_value(self, value: Any) -> None:
        self.box.setText("" if value is None else str(value))


class _Whole(_Text):
    def value(self) -> Any:
        words = self.box.text().strip().replace(",", "").replace(" ", "")
        if not words:
            return None
        try:
            return int(words)
        except ValueError:
            sentence = f"“{self.box.text().strip()}” is not a whole number: type figures only, like 3."
            raise Refused(sentence) from None


class _Long(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = QPlainTextEdit()
        self.box.setTabChangesFocus(True)
        self.box.setPlaceholderText(field.placeholder)
        self.box.setFixedHeight(self.box.fontMetrics().lineSpacing() * 4 + theme.px(14))
        super().__init__(field, self.box)
        self.box.textChanged.connect(self.changed)

    def value(self) -> str:
        return self.box.toPlainText().strip()

    def set_value(self, value: Any) -> None:
        self.box.setPlainText("" if value is None else str(value))


class _Secret(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = SecretEdit(field.label)
        super().__init__(field, self.box)
        self.box.changed.connect(self.changed)

    def value(self) -> str:
        return self.box.text()  # spaces may be part of a passphrase

    def set_value(self, value: Any) -> None:
        self.box.set_text(value or "")


class _Choice(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = QComboBox()
        super().__init__(field, self.box)
        if not field.required:
            self.box.addItem("", None)
        for code, label in field.choices:
            self.box.addItem(label, code)
        self.box.setPlaceholderText(field.placeholder or "Choose…")
        self.box.setCurrentIndex(-1 if field.required else 0)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(12)
        self.box.activated.connect(self.changed)
        if len(field.choices) > LONG_LIST:
            self._allow_typing()

    def _allow_typing(self) -> None:
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        finder = QCompleter(self.box.model(), self.box)
        finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        finder.setFilterMode(Qt.MatchFlag.MatchContains)
        self.box.setCompleter(finder)
        line = self.box.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.field.placeholder or "Type or choose…")
        line.textEdited.connect(self.changed)

    def value(self) -> Any:
        if not self.box.isEditable():
            return self.box.currentData() if self.box.currentIndex() >= 0 else None
        typed = self.box.currentText().strip()
        if not typed:
            return None
        for place in range(self.box.count()):
            if self.box.itemText(place).casefold() == typed.casefold():
                return self.box.itemData(place)
        raise Refused(f"“{typed}” is not in the list: choose one of the entries.")

    def set_value(self, value: Any) -> None:
        codes = [self.box.itemData(place) for place in range(self.box.count())]
        # A code that has left the list stays visible, so that saving does not lose it.
        if value is not None and value not in codes:
            self.box.addItem(str(value), value)
            codes.append(value)
        self.box.setCurrentIndex(codes.index(value) if value in codes else -1)
        if self.box.isEditable() and value is None:
            self.box.setEditText("")


class _Choices(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = QListWidget()
        super().__init__(field, self.box)
        for code, label in field.choices:
            item = QListWidgetItem(label, self.box)
            item.setData(_CODE, code)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Unchecked)
        rows = min(6, max(2, self.box.count()))
        self.box.setFixedHeight(rows * max(self.box.sizeHintForRow(0), theme.px(22)) + 6)
        if self.box.count():
            self.box.setCurrentRow(0)
        self.box.itemChanged.connect(self.changed)

    def _items(self) -> list[QListWidgetItem]:
        return [self.box.item(place) for place in range(self.box.count())]

    def value(self) -> tuple[Any, ...]:
        return tuple(i.data(_CODE) for i in self._items() if i.checkState() == Qt.CheckState.Checked)

    def set_value(self, value: Any) -> None:
        wanted = tuple(value or ())
        for item in self._items():
            on = item.data(_CODE) in wanted
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


class _Check(_Editor):
    def __init__(self, field: Field) -> None:
        self.box = QCheckBox(field.label.replace("&", "&&"))
        super().__init__(field, self.box)
        self.box.clicked.connect(self.changed)

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class _When(_Editor):
    """A day, a time or an instant."""

    def __init__(self, field: Field) -> None:
        self.box: DayEdit | TimeEdit | InstantEdit
        if field.kind == "time":
            self.box = TimeEdit(field.label)
            super().__init__(field, self.box)
            self.box.textEdited.connect(self.changed)
        else:
            self.box = DayEdit(field.label) if field.kind == "date" else InstantEdit(field.label)
            super().__init__(field, self.box)
            self.box.changed.connect(self.changed)

    def value(self) -> Any:
        return self.box.value()

    def set_value(self, value: Any) -> None:
        self.box.set_value(value)


_EDITORS: dict[str, type[Any]] = {
    "text": _Text, "long": _Long, "secret": _Secret, "choice": _Choice, "choices": _Choices,
    "date": _When, "time": _When, "instant": _When, "whole": _Whole, "check": _Check,
}  # fmt: skip
_WIDE = ("text", "long", "secret", "choice", "choices")


class Form(QWidget):
    """Fields under one another, label at the left, or above in large text and narrow places.

    Tab goes from field to field in their order.

    `changed` is emitted when the user edits, never by `set_values`.
    """

    changed = Signal()

    def __init__(
        self, fields: Sequence[Field], parent: QWidget | None = None, *, labels_above: bool | None = None
    ) -> None:
        super().__init__(parent)
        self.fields = tuple(fields)
        self._above = theme.is_large() if labels_above is None else labels_above
        self._editors: dict[str, _Editor] = {}
        self._refusals: dict[str, Words] = {}
        self._labels: dict[str, Words] = {}
        self._quiet = False
        self._notice = Notice("problem")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self._notice)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(theme.GRID + 2)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        for line, field in enumerate(self.fields):
            self._build(line, field)
        self._chain()

    def _build(self, line: int, field: Field) -> None:
        editor: _Editor = _EDITORS[field.kind](field)
        widget = editor.widget
        widget.setObjectName(field.name)
        spoken = f"{field.label}, required" if field.required else field.label
        _named(widget).setAccessibleName(spoken)
        _named(widget).setAccessibleDescription(field.help)
        if not isinstance(widget, QPlainTextEdit | QListWidget):
            widget.setMinimumHeight(theme.row_height())
        cell = QVBoxLayout()
        cell.setSpacing(3)
        if field.width is not None:
            widget.setFixedWidth(theme.px(field.width))
        elif field.kind == "whole":
            widget.setFixedWidth(theme.px(96))
        elif field.kind in _WIDE:
            widget.setMinimumWidth(theme.px(220))
            widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
        narrow = field.width is not None or field.kind not in _WIDE
        cell.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))
        if field.help:
            help_words = Words(field.help, "small", "secondary")
            help_words.setWordWrap(True)
            cell.addWidget(help_words)
        refusal = Words("", "base", "danger")
        refusal.setWordWrap(True)
        refusal.hide()
        cell.addWidget(refusal)
        if field.kind != "check":
            label = Words(field.label + (" *" if field.required else ""), "base", "secondary")
            label.setMinimumHeight(0 if self._above else theme.row_height())
            label.setBuddy(widget)
            self._labels[field.name] = label
            if self._above:
                cell.insertWidget(0, label)
            else:
                self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(cell, line, 1)
        self._editors[field.name], self._refusals[field.name] = editor, refusal
        editor.changed.connect(lambda name=field.name: self._edited(name))
        editor.filled.connect(self._fill)

    def _chain(self) -> None:
        widgets = [editor.widget for editor in self._editors.values()]
        for before, after in pairwise(widgets):
            QWidget.setTabOrder(before, after)

    def _fill(self, values: Mapping[str, Any]) -> None:
        """What was suggested goes into the boxes of this form."""
        self.set_values({name: value for name, value in values.items() if name in self._editors})
        self.changed.emit()

    def _edited(self, name: str) -> None:
        if not self._quiet:
            self._refusals[name].hide()
            self.changed.emit()

    def values(self) -> dict[str, Any]:
        """Every field's value by name; raises Refused with the field's name where a text cannot be read."""
        found = {}
        for name, editor in self._editors.items():
            try:
                found[name] = editor.value()
            except Refused as refusal:
                raise Refused(str(refusal), field=name) from None
        return found

    def complete_values(self) -> dict[str, Any]:
        """As `values`, and a required field that is empty is refused too."""
        found = self.values()
        for field in self.fields:
            if field.required and found[field.name] in (None, "", ()):
                raise Refused(f"“{field.label}” is needed here: fill it in.", field=field.name)
        return found

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Set the named fields; the others keep what they hold."""
        self._quiet = True
        try:
            for name, value in values.items():
                self._editors[name].set_value(value)
        finally:
            self._quiet = False

    def show_refusal(self, sentence: str, field: str | None = None) -> None:
        """Say why not, beside the field (or on top, for no known field), and put the focus there."""
        self.clear_refusals()
        if field not in self._editors:
            self._notice.say(sentence)
            self._alert(self._notice)
            return
        words = self._refusals[field]
        words.setText(sentence)
        words.show()
        named = _named(self._editors[field].widget)
        named.setAccessibleDescription(sentence)
        self.focus_field(field)
        self._alert(words)

    def clear_refusals(self) -> None:
        self._notice.say("")
        for field in self.fields:
            self._refusals[field.name].hide()
            _named(self._editors[field.name].widget).setAccessibleDescription(field.help)

    def focus_field(self, name: str) -> None:
        widget = self._editors[name].widget
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(widget, QLineEdit):
            widget.selectAll()

    def first_field(self) -> QWidget:
        """The widget of the first field."""
        return next(iter(self._editors.values())).widget

    def widget(self, name: str) -> QWidget:
        """The widget of this field."""
        return self._editors[name].widget

    def show_field(self, name: str, shown: bool) -> None:
        """Show or hide a field that depends on another; a hidden one keeps its value."""
        self._editors[name].widget.setVisible(shown)
        if name in self._labels:
            self._labels[name].setVisible(shown)
        if not shown:
            self._refusals[name].hide()

    def refusal_beside(self, name: str) -> str:
        """The sentence now shown beside this field, or nothing."""
        return "" if self._refusals[name].isHidden() else self._refusals[name].text()

    def _alert(self, widget: QWidget) -> None:
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))


def _named(widget: QWidget) -> QWidget:
    """The widget inside that takes the focus, and therefore the name."""
    if isinstance(widget, DayEdit | SecretEdit):
        return widget.edit
    return widget
