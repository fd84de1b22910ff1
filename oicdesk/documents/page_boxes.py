"""Boxes of a working draft. What is copied in one can be pasted in another, and nowhere outside the desk: the text
leaves only by an export, print or copy that asks the recipient."""

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from oicdesk.documents.rules_draft import Remark
from oicdesk.ui import theme
from oicdesk.ui.parts import Words

_TOKEN = "application/x-oicdesk-working-draft"
_inside: list[str] = [""]  # the text itself stays in this program; the clipboard is handed a mark of it


def forget_copied() -> None:
    """Drop what was copied inside a draft; for a purge and for the lock."""
    _inside[0] = ""


class DraftBox(QPlainTextEdit):
    """A box for words of a draft, with its label above; Tab leaves it. `edited` is for the user's own edits."""

    edited = Signal()

    def __init__(self, name: str, *, lines: int, placeholder: str = "") -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self._single, self._quiet = lines == 1, False
        height = self.fontMetrics().lineSpacing() * lines + theme.px(14)
        if self._single:
            self.setFixedHeight(height)
            self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        else:
            self.setMinimumHeight(height)
            self.setMaximumHeight(height if lines < 4 else 16_777_215)
        self.textChanged.connect(self._tell)

    def _tell(self) -> None:
        if not self._quiet:
            self.edited.emit()

    def put(self, words: str) -> None:
        """Show these words; what was typed before cannot be brought back by this box's own undo."""
        if self.toPlainText() == words:
            return
        self._quiet = True
        self.setPlainText(words)
        self._quiet = False

    def createMimeDataFromSelection(self) -> QMimeData:
        """What goes onto the clipboard: a mark, not the words."""
        _inside[0] = self.textCursor().selectedText().replace("\u2029", "\n")
        data = QMimeData()
        data.setData(_TOKEN, b"1")
        return data

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasFormat(_TOKEN) or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste as plain text, from inside a draft or from outside."""
        words = _inside[0] if source.hasFormat(_TOKEN) else source.text()
        self.insertPlainText(" ".join(words.splitlines()) if self._single else words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._single and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def mark(self, remarks: Sequence[Remark]) -> None:
        """Underline what the check remarks on: a wave where it is open, dots where it was answered."""
        self.setExtraSelections([self._selection(one) for one in remarks])

    def _selection(self, remark: Remark) -> QTextEdit.ExtraSelection:
        text, hit = self.toPlainText(), remark.hit
        cursor = QTextCursor(self.document())
        cursor.setPosition(_place(text, hit.start))
        cursor.setPosition(_place(text, hit.end), QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        tone = "amber" if remark.override is None else "grey"
        look.setUnderlineColor(theme.color(tone))
        wave, dots = QTextCharFormat.UnderlineStyle.WaveUnderline, QTextCharFormat.UnderlineStyle.DotLine
        look.setUnderlineStyle(wave if remark.override is None else dots)
        if remark.override is None:
            look.setBackground(theme.color("amber_tint"))
            look.setForeground(theme.color("text"))
        selection = QTextEdit.ExtraSelection()
        selection.cursor, selection.format = cursor, look
        return selection

    def show_hit(self, remark: Remark) -> None:
        """Select the words of a remark and go there."""
        text = self.toPlainText()
        cursor = self.textCursor()
        cursor.setPosition(_place(text, remark.hit.start))
        cursor.setPosition(_place(text, remark.hit.end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)


def _place(text: str, at: int) -> int:
    """Qt counts a letter outside the first plane twice."""
    return len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


class GradeBox(QComboBox):
    """One part of a grade: code and label together, nothing chosen until somebody chooses."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumHeight(theme.row_height())
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these (code, code and label), and nothing chosen first."""
        kept = self.currentData()
        self.blockSignals(True)
        self.clear()
        self.addItem("Not chosen yet", None)
        for code, words in choices:
            self.addItem(words, code)
        self.blockSignals(False)
        self.put(kept)

    def put(self, code: str | None) -> None:
        """Show this code; one that has left the list stays visible."""
        self.blockSignals(True)
        if code is not None and self.findData(code) < 0:
            self.addItem(code, code)
        self.setCurrentIndex(max(0, self.findData(code)) if code is not None else 0)
        self.blockSignals(False)


def labelled(label: str, box: QWidget, help: str = "") -> QWidget:
    """A box under its label, which is its buddy."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    words = Words(label, "base", "secondary")
    words.setBuddy(box)
    column.addWidget(words)
    column.addWidget(box, 1)
    if help:
        said = Words(help, "small", "secondary")
        said.setWordWrap(True)
        column.addWidget(said)
        box.setAccessibleDescription(help)
    return whole


class Marked(QLabel):
    """Words with marks of what was added and removed; they cannot be selected, so they cannot be copied out."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setBackgroundRole(QPalette.ColorRole.Base)
