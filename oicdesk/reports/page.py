"""The Reports page: choose a report, look at the finished PDF, save it with the recipient and the purpose.

The preview never touches the disk: the PDF is built in memory and its pages are painted from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QComboBox,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine, this
from oicdesk.reports.blocks import spoken
from oicdesk.reports.page_preview import Sheets
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.dates import LONDON
from oicdesk.ui.detail import Flow
from oicdesk.ui.form import Field, Form
from oicdesk.ui.main_window import SCOPES, Page
from oicdesk.ui.parts import Button, Card, Empty, IconButton, Notice, Words
from oicdesk.ui.undo import left_the_desk

_FORMATS: Final = (
    (".pdf", "PDF, tagged for screen readers"),
    (".docx", "Word, the accessible twin"),
    (".xlsx", "Excel, the data"),
)
_NOW, _THEN = "now", "then"
_LEFT: Final = 392  # width of the left column at 100 % text
_FOLDER: Final = "export_folder"
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


@dataclass(frozen=True)
class About:
    """A further choice of a report, such as which audit. `read(chosen)` lists (value, words), the usual one first;
    `chosen` holds what the choices before it say.
    """

    name: str
    label: str
    read: Callable[[Mapping[str, Any]], Sequence[tuple[Any, str]]]


@dataclass(frozen=True)
class ReportEntry:
    """A report that the page offers.

    `preview(as_at, force)` gives the finished PDF and logs the look; `save(path, as_at, force, recipient,
    purpose)` writes it by the path's suffix and logs the disclosure first. Both run on the worker thread, and both
    get what `about` asks for by keyword.
    """

    name: str
    title: str
    description: str
    preview: Callable[..., bytes]
    save: Callable[..., None]
    about: Sequence[About] = ()


@dataclass(frozen=True)
class _Terms:
    """What a preview shows."""

    entry: ReportEntry
    as_at: datetime
    force: str
    is_now: bool
    about: Mapping[str, Any]
    told: tuple[str, ...]  # what was chosen, in the words of the lists

    def words(self) -> str:
        return " · ".join((self.entry.title, *self.told, self.force, f"as at {spoken(self.as_at)}"))

    def file_words(self) -> tuple[str, ...]:
        """The choices as they stand in a file's name: numbers and names, never a title."""
        return tuple(f"{name} {value}" for name, value in self.about.items() if value is not None)


def _clock() -> datetime:
    return datetime.now(UTC)


class ReportsPage(Page):
    """Reports to look at and to hand over.

    `marking` tells the present marking, which leads the suggested file name. `tables` are those that the further
    choices of a report come from.
    """

    title = "Reports"
    icon_name = "chart-column"
    tables = frozenset({"audit"})

    def __init__(
        self,
        reports: Sequence[ReportEntry],
        *,
        machine: Machine | None = None,
        marking: Callable[[], str] = lambda: "",
        now: Callable[[], datetime] = _clock,
    ) -> None:
        super().__init__()
        self._reports, self._machine, self._marking, self._now = list(reports), machine or this(), marking, now
        self._shown: _Terms | None = None
        self._room: QScrollArea | None = None
        self.reports = self._build_list()
        self.terms = Form(
            [
                Field("as_at", "As at", "choice", ((_NOW, "Now"), (_THEN, "An earlier time")), required=True),
                Field("instant", "Time", "instant"),
                Field("force", "Force", "choice", [(scope, scope) for scope in SCOPES], required=True),
            ]
        )
        self.terms.set_values({"as_at": _NOW, "force": self.force})
        self.terms.show_field("instant", False)
        self.about = Form([])
        self._listed: dict[str, list[tuple[Any, str]]] = {}
        self.about_room = QWidget()
        QVBoxLayout(self.about_room).setContentsMargins(0, 0, 0, 0)
        self.handing = Form(
            [
                Field("recipient", "Recipient", required=True, placeholder="who receives it"),
                Field("purpose", "Purpose", required=True, placeholder="what it is for"),
                Field("format", "Format", "choice", _FORMATS, required=True),
            ]
        )
        self.handing.set_values({"format": ".pdf"})
        self._build()
        self._listen()
        if self._reports:
            self.reports.setCurrentRow(0)

    # -- what stands where

    def _build_list(self) -> QListWidget:
        names = QListWidget()
        names.setAccessibleName("Reports")
        for entry in self._reports:
            item = QListWidgetItem(entry.title, names)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.description)
        rows = min(6, max(1, len(self._reports)))
        names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        names.setTextElideMode(Qt.TextElideMode.ElideRight)
        names.setFixedHeight(rows * theme.px(28) + theme.GRID)
        return names

    def _build(self) -> None:
        self.preview_button = Button("Preview", "plain", "eye")
        self.save_button = Button("Save…", "primary", "save")
        for button in (self.preview_button, self.save_button):
            button.setEnabled(bool(self._reports))
        self.done, self.problem = Notice("good"), Notice("problem")
        self.sheets = Sheets("Preview")
        self.empty = Empty()
        self._say_empty()
        large = theme.is_large()
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        inner = QWidget()
        whole = QBoxLayout(down if large else across, inner if large else self)
        whole.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GAP)
        whole.setSpacing(theme.GAP)
        left = self._left()
        if large:  # one column, scrolled as a whole
            self.sheets.setFixedHeight(theme.px(250))
            self._room = _scroll(inner)
            column = QVBoxLayout(self)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(self._room)
            whole.addWidget(left)
        else:
            side = _scroll(left)
            side.setFixedWidth(theme.px(_LEFT))
            whole.addWidget(side)
        whole.addLayout(self._right(), 1)

    def _left(self) -> QWidget:
        self.description = Words("", "base", "secondary")
        self.description.setWordWrap(True)
        asking, handing = Card(), Card()
        asking.body.addWidget(self.reports)
        asking.body.addWidget(self.description)
        asking.body.addSpacing(theme.GRID)
        asking.body.addWidget(self.about_room)
        asking.body.addWidget(self.terms)
        asking.body.addWidget(self.preview_button, 0, Qt.AlignmentFlag.AlignRight)
        logged = Words("Every file that leaves the desk is logged as a disclosure.", "small", "secondary")
        logged.setWordWrap(True)
        handing.body.addWidget(Words("Hand over", "section"))
        handing.body.addWidget(self.handing)
        handing.body.addWidget(logged)
        handing.body.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignRight)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(Words("Reports", "title"))
        column.addWidget(asking)
        column.addWidget(handing)
        column.addStretch(1)
        return left

    def _right(self) -> QVBoxLayout:
        self.caption = Words("", "base", "secondary")
        self.caption.setWordWrap(True)
        self.place = Words("", "base", "secondary")
        self.smaller = IconButton("zoom-out", "Smaller (Ctrl+-)")
        self.larger = IconButton("zoom-in", "Larger (Ctrl++)")
        self.fit = Button("Fit width", "quiet")
        self.tools = QWidget()
        flow = Flow(self.tools)
        self.place.setMinimumHeight(theme.row_height())
        tools: tuple[QWidget, ...] = (self.place, self.smaller, self.larger, self.fit)
        for tool in tools:
            flow.addWidget(tool)
        self.tools.hide()
        self.changed = Notice("info")
        column = QVBoxLayout()
        column.setSpacing(theme.GRID)
        for widget in (self.done, self.problem, self.caption, self.changed, self.tools):
            column.addWidget(widget)
        column.addWidget(self.empty, 1)
        column.addWidget(self.sheets, 1)
        self.caption.hide()
        self.sheets.hide()
        return column

    def _say_empty(self) -> None:
        if self._reports:
            words = "The finished PDF is shown here, page by page. Looking at it is logged, and nothing is written."
            self.empty.say("No preview yet", words, "Preview the report", self.preview)
        else:
            self.empty.say("No report yet", "This desk has no report to offer.")

    def _listen(self) -> None:
        self.reports.currentRowChanged.connect(self._turn)
        self.terms.changed.connect(self._terms_edited)
        self.preview_button.clicked.connect(self.preview)
        self.save_button.clicked.connect(self.save)
        self.smaller.clicked.connect(lambda: self.sheets.zoom(-1))
        self.larger.clicked.connect(lambda: self.sheets.zoom(1))
        self.fit.clicked.connect(self.sheets.fit_width)
        self.sheets.moved.connect(self._say_place)
        self.act("Preview the report", self.preview, "Ctrl+P")
        self.act("Save the report", self.save, "Ctrl+S")
        self.act("Larger preview", lambda: self.sheets.zoom(1), "Ctrl++")
        self.act("Smaller preview", lambda: self.sheets.zoom(-1), "Ctrl+-")
        self.act("Preview as wide as its room", self.sheets.fit_width, "Ctrl+Alt+0")

    # -- what the window asks

    def scope_changed(self, force: str) -> None:
        """The report follows the window's scope until it is changed here."""
        super().scope_changed(force)
        self.terms.set_values({"force": force})
        self._say_changed()

    def first_focus(self) -> QWidget:
        return self.reports

    def panes(self) -> list[QWidget]:
        return [self.reports, self.handing.first_field(), *([self.sheets] if self.sheets.isVisible() else [])]

    # -- terms

    def _turn(self, row: int) -> None:
        self.description.setText(self._reports[row].description)
        self._ask_about({})
        self._say_changed()

    def refresh(self) -> None:
        """Read the lists of further choices again; what was chosen stays chosen while it is there."""
        if not self._reports or not self._entry.about:
            return
        try:
            chosen = self._chosen(self.about.values())
        except Refused:
            return  # somebody is typing
        self._ask_about(chosen)
        self._say_changed()

    @property
    def _entry(self) -> ReportEntry:
        return self._reports[self.reports.currentRow()]

    def _chosen(self, places: Mapping[str, Any]) -> dict[str, Any]:
        """What the places in the lists stand for."""
        return {name: self._listed[name][place][0] for name, place in places.items() if place is not None}

    def _ask_about(self, chosen: Mapping[str, Any]) -> None:
        """A form of the further choices of this report; a choice starts with the first of its list."""
        self._listed = {}
        places, values, fields = dict[str, Any](), dict[str, Any](), []
        for one in self._entry.about:
            listed = self._listed[one.name] = list(one.read(values))
            known = [value for value, _words in listed]
            if known:
                wanted = chosen.get(one.name, known[0])
                place = known.index(wanted) if wanted in known else 0
                places[one.name], values[one.name] = place, known[place]
            words = list(enumerate(words for _value, words in listed))
            missing = "" if listed else f"There is no {one.label.lower()} to choose yet."
            fields.append(Field(one.name, one.label, "choice", words, required=True, help=missing))
        focus = QApplication.focusWidget()
        had_focus = focus is not None and self.about.isAncestorOf(focus)
        old, self.about = self.about, Form(fields, labels_above=True)  # titles of audits are long
        self.about.set_values(places)
        self.about.changed.connect(self._about_edited)
        room = self.about_room.layout()
        assert room is not None
        room.removeWidget(old)
        old.hide()
        old.deleteLater()
        room.addWidget(self.about)
        self.about_room.setVisible(bool(fields))
        if fields and had_focus:
            self.about.first_field().setFocus()

    def _about_edited(self) -> None:
        """A later list may hang on an earlier choice, such as the officers of an audit."""
        if len(self._entry.about) > 1:
            try:
                chosen = self._chosen(self.about.values())
            except Refused:
                return  # a name half typed; told when the report is asked for
            self._ask_about(chosen)
        self._say_changed()

    def _terms_edited(self) -> None:
        box = self.terms.widget("as_at")
        assert isinstance(box, QComboBox)
        self.terms.show_field("instant", box.currentData() == _THEN)
        self._say_changed()

    def _asked(self) -> _Terms:
        """What the form asks for now; raises Refused."""
        entry, places = self._entry, self.about.complete_values()
        about = self._chosen(places)
        told = tuple(self._listed[name][place][1] for name, place in places.items())
        values = self.terms.complete_values()
        if values["as_at"] == _NOW:
            return _Terms(entry, self._now(), values["force"], True, about, told)
        if values["instant"] is None:
            raise Refused("The time is missing: give the day and the time that the figures are for.", field="instant")
        if values["instant"] > self._now():
            raise Refused("That time lies ahead: figures are as at now or earlier.", field="instant")
        return _Terms(entry, values["instant"], values["force"], False, about, told)

    def _is_shown(self, asked: _Terms) -> bool:
        """Whether the preview is of these terms; two "now" are the same, so that what was seen is saved."""
        shown = self._shown
        if shown is None:
            return False
        if any(getattr(shown, name) != getattr(asked, name) for name in ("entry", "force", "is_now", "about")):
            return False
        return asked.is_now or shown.as_at == asked.as_at

    def _say_changed(self) -> None:
        if self._shown is None:
            return
        try:
            same = self._is_shown(self._asked())
        except Refused:
            same = False
        self.changed.say("" if same else "You have chosen something else since: press Preview to see it.")

    # -- preview

    def preview(self) -> None:
        """Build the report that is asked for, and show its pages."""
        terms = self._terms_or_refusal()
        if terms is None:
            return

        def work(progress: jobs.Progress) -> bytes:
            progress(0.1, "Working out the figures and setting the pages")
            content = terms.entry.preview(terms.as_at, terms.force, **terms.about)
            progress(1.0, "Ready")
            return content

        jobs.run(
            self, work, title=f"Building “{terms.entry.title}”",
            done=lambda content: self._show(terms, content), failed=self._failed,
        )  # fmt: skip

    def _terms_or_refusal(self) -> _Terms | None:
        self.done.say("")
        self.problem.say("")
        self.terms.clear_refusals()
        self.about.clear_refusals()
        if not self._reports:
            return None
        try:
            return self._asked()
        except Refused as refusal:
            of_about = refusal.field in {field.name for field in self.about.fields}
            (self.about if of_about else self.terms).show_refusal(str(refusal), refusal.field)
            return None

    def _show(self, terms: _Terms, content: bytes) -> None:
        self._shown = terms
        self.caption.setText(terms.words())
        for widget in (self.caption, self.sheets, self.tools):
            widget.show()
        self.empty.hide()
        self._say_changed()
        self.sheets.show_pdf(content)
        self.sheets.setFocus(Qt.FocusReason.OtherFocusReason)
        self._bring(self.sheets)

    def _bring(self, widget: QWidget) -> None:
        """Scroll to what has just been shown, where all stands in one column."""
        room = self._room
        if room is not None:
            QTimer.singleShot(0, self, lambda: room.ensureWidgetVisible(widget))

    def _say_place(self) -> None:
        self.place.setText(f"Page {self.sheets.page} of {self.sheets.pages} · {self.sheets.percent} % of the width")

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused | VaultError):
            self.problem.say(str(error))
            self._bring(self.problem)

    # -- save

    def save(self) -> None:
        """Ask where, then write the report there; what is previewed is what is saved."""
        self.handing.clear_refusals()
        terms = self._terms_or_refusal()
        if terms is None:
            return
        try:
            values = self.handing.complete_values()
        except Refused as refusal:
            self.handing.show_refusal(str(refusal), refusal.field)
            return
        if self._shown is not None and self._is_shown(terms):
            terms = self._shown
        path = self._place(terms, values["format"])
        if path is not None:
            self._write(terms, path, values["recipient"], values["purpose"])

    def _write(self, terms: _Terms, path: Path, recipient: str, purpose: str) -> None:
        def work(progress: jobs.Progress) -> None:
            progress(0.1, "Logging the disclosure and writing the file")
            terms.entry.save(path, terms.as_at, terms.force, recipient, purpose, **terms.about)

        def tell(_: None) -> None:
            self.done.say(f"Saved as {path}, and logged as a disclosure to {recipient}.")
            self._bring(self.done)
            self.step_done.emit(left_the_desk(f"Save “{terms.entry.title}” for {recipient}"))

        jobs.run(self, work, title=f"Saving “{terms.entry.title}”", done=tell, failed=self._failed)

    def _place(self, terms: _Terms, suffix: str) -> Path | None:
        at = terms.as_at.astimezone(LONDON)
        parts = (self._marking(), terms.entry.name, *terms.file_words(), terms.force, f"{at:%Y-%m-%d %H%M}")
        name = " ".join(filter(None, parts)).translate(_NOT_IN_NAMES) + suffix
        folder = Path(self._machine.get(_FOLDER) or Path.home())
        path = messages.choose_save(self, "Save the report", folder / name, f"{suffix[1:].upper()} (*{suffix})")
        if path is None:
            return None
        self._machine.put(_FOLDER, str(path.parent))
        if path.suffix.lower() == suffix:
            return path
        path = path.with_name(path.name + suffix)
        sentence = f"{path} is there already; it will be replaced as a whole."
        return path if not path.exists() or messages.confirm(self, "Replace the file?", sentence, "Replace") else None


def _scroll(inner: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    return area
