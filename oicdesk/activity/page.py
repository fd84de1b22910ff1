"""The Activity page: what was done with which record, by whom, when; the proof that nobody altered it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from oicdesk.activity import records
from oicdesk.activity.records import ALL, MISSING, ActivityRow, Entries, Filter, Verdict
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine, this
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.dates import DayEdit
from oicdesk.ui.detail import Flow
from oicdesk.ui.form import Field
from oicdesk.ui.main_window import Page
from oicdesk.ui.parts import Button, Card, IconButton, Notice, Words
from oicdesk.ui.rows import Column, RowsModel, Table
from oicdesk.ui.undo import left_the_desk
from oicdesk.vault import log
from oicdesk.vault.vault import Vault

LAW = (
    "The law lets this log be used only to verify that processing is lawful, for self-monitoring, for the integrity"
    " and security of personal data, and for criminal proceedings (Data Protection Act 2018, section 62(4))."
    " No performance figures are made of it. It holds record numbers and field names, never contents."
)
_USES = ("lawfulness of processing", "self-monitoring", "integrity and security", "criminal proceedings")
_PILLS = {log.DISCLOSURE: "submitted", log.ERASURE: "rejected", MISSING: "problem"}
_PAUSE = 250  # milliseconds of no typing before a text is sought
_FOLDER = "export_folder"
_SHOWN_ELSEWHERE = ("referral", "document")  # kinds that another page can bring into view


def _spoken_who(row: ActivityRow) -> str:
    return f"{row.user}, account {row.os_account}" if row.user else ""


def _note(row: ActivityRow) -> str:
    return "; ".join(filter(None, (row.purpose, row.detail)))


COLUMNS = (
    Column("Entry", lambda row: f"{row.id:,}", align_right=True, width=64),
    Column("When", records.spoken_at, sort="id", spoken=records.spoken_at, width=172),
    Column("Who", lambda row: row.user, spoken=_spoken_who, width=104),
    Column("OS account", lambda row: row.os_account, spoken=lambda row: "", width=88),
    Column("Operation", lambda row: row.operation.capitalize(), spoken=lambda row: row.operation, width=118,
           icon=lambda row: _PILLS.get(row.operation)),
    Column("Records", records.spoken_records, spoken=records.spoken_records, width=136),
    Column("Fields", records.spoken_fields, width=130),
    Column("Recipient", lambda row: row.recipient, width=110),
    Column("Purpose, note", _note, width=110),
)  # fmt: skip


class ActivityPage(Page):
    """Browse, filter, check and export the log; looking at it is not itself logged, exporting it is."""

    title = "Activity"
    icon_name = "scroll-text"
    tables = frozenset({"activity"})

    def __init__(self, vault: Vault, *, machine: Machine | None = None) -> None:
        super().__init__()
        self._vault, self._machine = vault, machine or this()
        self._filter = ALL
        self._head = log.Head(0, log.START)
        self._names: list[str] = []
        self._bad = 0
        self.model = RowsModel(COLUMNS, self)
        self.table = Table(self.model, "Activity log")
        self.table.horizontalHeader().setAccessibleName("Columns of the activity log")
        self.done, self.problem = Notice("good"), Notice("problem")
        self.entry = _Entry()
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self.apply_filter)
        self._listen()
        self.model.set_source(Entries(vault))
        self.table.sort_by("id", descending=True)

    def _build(self) -> None:
        law = Words(LAW, "base", "secondary")
        law.setWordWrap(True)
        self.check_button = Button("Check the whole log", "primary", "shield-check")
        self.export_button = Button("Export…", "plain", "download")
        top = _row(Words("Activity", "title"))
        top.addStretch(1)
        for button in (self.export_button, self.check_button):
            top.addWidget(button)
        self.show_bad = Button("Show the entry")
        self.show_bad.hide()
        self.show_bad.clicked.connect(lambda: self.show_item("activity", self._bad))
        verdict = _row()
        verdict.addWidget(self.done, 1)
        verdict.addWidget(self.problem, 1)
        verdict.addWidget(self.show_bad)
        self.refusal = Notice("warning")
        inner = QWidget()
        scroll = QScrollArea()  # large text in a small window
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GRID + 4)
        column.addLayout(top)
        column.addWidget(law)
        column.addLayout(self._head_line())
        column.addLayout(verdict)
        column.addWidget(self._filter_bar())
        column.addWidget(self.refusal)
        column.addWidget(self.table, 1)
        column.addWidget(self.entry)

    def _head_line(self) -> QLayout:
        self.head = Words("")
        self.head.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy_head = IconButton("copy", "Copy the log head")
        self.compare = Button("Compare with a printed head…", "quiet")
        self.compare.setToolTip("Find out whether entries were cut off since a report was printed or a backup made")
        self.count = Words("", "base", "secondary")
        self.clear = Button("Show all", "quiet", "x")
        left = (Words("Log head", "base", "secondary"), self.head, self.copy_head, self.compare)
        if theme.is_large():
            flow = Flow()
            for widget in (_together(*left[:3]), self.compare, self.clear, self.count):
                flow.addWidget(widget)
            return flow
        line = _row(*left)
        line.addStretch(1)
        line.addWidget(self.clear)
        line.addWidget(self.count)
        return line

    def _filter_bar(self) -> QWidget:
        self.text = QLineEdit()
        self.text.setAccessibleName("Text in recipient, purpose or note")
        self.text.setPlaceholderText("Recipient, purpose or note")
        self.text.setClearButtonEnabled(True)
        self.text.setFixedWidth(theme.px(170))
        self.operation = _choice("Operation", "Any operation", [(o, o.capitalize()) for o in log.OPERATIONS])
        self.user = _choice("Who", "Anyone", [])
        kinds = [(kind, records.words_of(kind).capitalize()) for kind in records.record_kinds()]
        self.kind = _choice("Kind of record", "Any record", kinds)
        self.number = QLineEdit()
        self.number.setAccessibleName("Number of the record")
        self.number.setPlaceholderText("number")
        self.number.setFixedWidth(theme.px(76))
        self.first, self.last = DayEdit("First day"), DayEdit("Last day")
        for day in (self.first, self.last):
            day.edit.setPlaceholderText("any day")
            day.edit.setFixedWidth(theme.px(138))
        bar = QWidget()
        flow = Flow(bar)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.text,), (self.operation,), (self.user,), (self.kind, self.number),
        )  # fmt: skip
        days = (Words("From", "base", "secondary"), self.first), (Words("to", "base", "secondary"), self.last)
        for group in (*groups, *(days if theme.is_large() else [(*days[0], *days[1])])):
            flow.addWidget(_together(*group))
        for box in (self.text, self.number):
            box.setMinimumHeight(theme.row_height())
        self.number.hide()
        return bar

    def _listen(self) -> None:
        self.check_button.clicked.connect(lambda: self.check())
        self.export_button.clicked.connect(self.export)
        self.compare.clicked.connect(self._compare)
        self.copy_head.clicked.connect(lambda: QGuiApplication.clipboard().setText(str(self._head)))
        self.clear.clicked.connect(self.show_all)
        self.text.textChanged.connect(self._timer.start)
        self.number.textChanged.connect(self._timer.start)
        for box in (self.text, self.number):
            box.returnPressed.connect(self.apply_filter)
        for choice in (self.operation, self.user, self.kind):
            choice.activated.connect(self.apply_filter)
        for day in (self.first, self.last):
            day.changed.connect(self._timer.start)
        self.table.selection_changed.connect(self._show_entry)
        self.table.row_opened.connect(self._open_record)
        self.entry.open_record.clicked.connect(lambda: self._open_record(self.table.current_id()))
        self.entry.same_record.clicked.connect(self._show_same_record)
        self.act("Find in the log", self.text.setFocus, "Ctrl+F")
        self.act("Check the whole log", self.check, "Ctrl+Shift+K")
        self.act("Export the log", self.export, "Ctrl+E")

    # -- what the window asks

    def refresh(self) -> None:
        with self._vault.reading() as session:
            names = records.user_names(session)
        self._head = self._vault.log_head()
        if names != self._names:
            self._names = names
            _fill(self.user, "Anyone", [(name, name) for name in names])
        short = str(self._head)[:-48] + "…" if self._head.id else "empty"
        self.head.setText(short)
        self.head.setToolTip(str(self._head))
        self.head.setAccessibleName(f"Log head {self._head}")
        self.model.refresh()
        self._say_count()

    def first_focus(self) -> QWidget:
        return self.table

    def panes(self) -> list[QWidget]:
        return [self.text, self.table, *([self.entry.same_record] if self.entry.same_record.isVisible() else [])]

    def show_item(self, kind: str, id: int) -> bool:
        """Bring an entry into view ("activity"), or all entries of a record ("activity of referral")."""
        if kind == "activity":
            self.show_all()
            return self.table.select_id(id)
        if not kind.startswith("activity of "):
            return False
        self.show_record(kind.removeprefix("activity of "), id)
        return True

    def show_record(self, kind: str, id: records.RecordId) -> None:
        """Show only the entries that name this record."""
        self._set_filter(Filter(kind=kind, record=str(id)))

    # -- filter

    def show_all(self) -> None:
        """The whole log again."""
        self._set_filter(ALL)

    def _set_filter(self, chosen: Filter) -> None:
        self.text.setText(chosen.text)
        self.number.setText(chosen.record)
        for choice, code in ((self.operation, chosen.operation), (self.user, chosen.user), (self.kind, chosen.kind)):
            if choice.findData(code) < 0:  # a table that this page has not heard of
                choice.addItem(records.words_of(code).capitalize(), code)
            choice.setCurrentIndex(choice.findData(code))
        self.first.set_value(chosen.first)
        self.last.set_value(chosen.last)
        self.apply_filter()

    def apply_filter(self) -> None:
        """Show what the bar asks for; a refusal is said under the bar and the table stays."""
        self._timer.stop()
        kind = self.kind.currentData() or ""
        self.number.setVisible(bool(kind))
        try:
            chosen = Filter(
                operation=self.operation.currentData() or "", user=self.user.currentData() or "",
                kind=kind, record=self.number.text().strip().replace(",", "") if kind else "",
                first=self.first.value(), last=self.last.value(), text=self.text.text().strip(),
            )  # fmt: skip
            if chosen != self._filter:
                self.model.set_source(Entries(self._vault, chosen))
        except Refused as refusal:
            self.refusal.say(str(refusal))
            return
        self._filter = chosen
        self.refusal.say("")
        self.table.set_empty(
            "No entry matches", "The log holds entries, but none that answers to all of these.",
            "Show the whole log", self.show_all,
        )  # fmt: skip
        self._say_count()

    def _say_count(self) -> None:
        shown, whole = self.model.rowCount(), self._head.id
        self.count.setText(f"{whole:,} entries" if self._filter == ALL else f"{shown:,} of {whole:,} entries")
        self.clear.setVisible(self._filter != ALL)

    # -- one entry

    def _chosen(self) -> ActivityRow | None:
        rows = self.table.selectionModel().selectedRows()
        return self.model.row(rows[0].row()) if len(rows) == 1 else None

    def _show_entry(self) -> None:
        self.entry.show_row(self._chosen())

    def _open_record(self, _id: int | None) -> None:
        named = _one_record(self._chosen())
        if named and named[0] in _SHOWN_ELSEWHERE and isinstance(named[1], int):
            self.open_requested.emit(named[0], named[1])

    def _show_same_record(self) -> None:
        named = _one_record(self._chosen())
        if named:
            self.show_record(*named)

    # -- proof

    def check(self, kept: log.Head | None = None) -> None:
        """Walk the whole chain on the worker and say the result."""
        jobs.run(
            self, lambda _progress: records.check(self._vault, kept), title="Checking the whole log",
            done=self._checked, failed=self._failed,
        )  # fmt: skip

    def _checked(self, verdict: Verdict) -> None:
        self._say("good" if verdict.ok else "problem", verdict.sentence)
        if verdict.entry is not None:
            self._bad = verdict.entry
            self.show_bad.setText(f"Show entry {verdict.entry:,}")
            self.show_bad.show()

    def _compare(self) -> None:
        found: list[log.Head] = []
        values = messages.ask_form(
            self, "Compare with a printed head",
            [Field("head", "Log head", "text", required=True, placeholder="1204:9f2c61d0a4b7…")], "Compare",
            check=lambda values: found.append(records.read_head(values["head"])),
            sentence="Every report and every backup carries the head of the log at its time. If that entry is still"
            " here unaltered, nothing before it was changed or cut off.",
        )  # fmt: skip
        if values is not None:
            self.check(found[-1])

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Refused | VaultError):
            self._say("problem", str(error))

    def _say(self, state: str, sentence: str) -> None:
        self.done.say(sentence if state == "good" else "")
        self.problem.say(sentence if state == "problem" else "")
        self.show_bad.hide()

    # -- export

    def export(self) -> None:
        """Ask to whom and what for, then where; the log notes it before the file exists."""
        values = messages.ask_form(
            self, "Export the log", self._export_fields(), "Choose a place…",
            values={"what": "shown" if self._filter != ALL else "all", "format": ".csv"},
            sentence="An export hands the log over, so it is itself logged as a disclosure.",
        )  # fmt: skip
        if values is None:
            return
        path = self._place(values["format"])
        if path is None:
            return
        chosen = self._filter if values["what"] == "shown" else ALL
        purpose = ": ".join(filter(None, (values["use"], values["words"])))
        jobs.run(
            self,
            lambda progress: records.export(
                self._vault, path, recipient=values["recipient"], purpose=purpose, chosen=chosen, progress=progress
            ),
            title="Exporting the log",
            done=lambda count: self._exported(count, path),
            failed=self._failed,
        )

    def _exported(self, count: int, path: Path) -> None:
        self._say("good", f"{count:,} entries are in {path}, logged as a disclosure.")
        self.step_done.emit(left_the_desk("Export the log"))

    def _export_fields(self) -> list[Field]:
        what = [("all", f"The whole log ({self._head.id:,} entries)")]
        if self._filter != ALL:
            what.insert(0, ("shown", f"What the filter shows ({self.model.rowCount():,} entries)"))
        return [
            Field("recipient", "Who receives it", required=True),
            Field("use", "Use allowed by law", "choice", [(use, use.capitalize()) for use in _USES], required=True),
            Field("words", "In your words", placeholder="for example: yearly audit"),
            Field("what", "Entries", "choice", what, required=True),
            Field("format", "Format", "choice", [(".csv", "CSV, for a spreadsheet"), (".json", "JSON, provable alone")],
                  required=True),
        ]  # fmt: skip

    def _place(self, suffix: str) -> Path | None:
        with self._vault.reading() as session:
            marking = reference(session).setting("marking")
        name = f"{marking} activity log {london_day(datetime.now(UTC)).isoformat()}{suffix}"
        folder = Path(self._machine.get(_FOLDER) or Path.home())
        path = messages.choose_save(self, "Export the log", folder / name, f"{suffix[1:].upper()} (*{suffix})")
        if path is None:
            return None
        self._machine.put(_FOLDER, str(path.parent))
        if path.suffix.lower() == suffix:
            return path
        path = path.with_name(path.name + suffix)
        sentence = f"{path} is there already; it will be replaced as a whole."
        return path if not path.exists() or messages.confirm(self, "Replace the file?", sentence, "Replace") else None


class _Entry(Card):
    """The chosen entry as a sentence, with its hash and what can be seen from here."""

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(theme.GAP, theme.GRID + 2, theme.GRID, theme.GRID + 2)
        self.words = Words("")
        self.hash = Words("", "small", "secondary")
        for words in (self.words, self.hash):
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.same_record = Button("", "quiet")
        self.open_record = Button("", "quiet")
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.words)
        column.addWidget(self.hash)
        row = QVBoxLayout() if theme.is_large() else QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addLayout(column, 1)
        row.addWidget(self.same_record)
        row.addWidget(self.open_record)
        self.body.addLayout(row)
        self.hide()

    def show_row(self, row: ActivityRow | None) -> None:
        self.setVisible(row is not None)
        if row is None:
            return
        self.words.setText(records.sentence(row))
        half = " " if theme.is_large() else ""  # one word of 64 letters would not fit
        told = f"Hash {row.hash[:32]}{half}{row.hash[32:]}"
        self.hash.setText(told if row.hash else "The check of the whole log names what is wrong.")
        named = _one_record(row)
        for button in (self.same_record, self.open_record):
            button.setVisible(named is not None)
        if named:
            words = f"{records.words_of(named[0])} {named[1]}"
            self.same_record.setText(f"Only {words}")
            self.open_record.setText(f"Open {words}")
            self.open_record.setVisible(named[0] in _SHOWN_ELSEWHERE)


def _one_record(row: ActivityRow | None) -> tuple[str, records.RecordId] | None:
    """The first record that an entry names."""
    return next(((kind, ids[0]) for kind, ids in (row.records if row else None) or () if ids), None)


def _choice(name: str, none: str, items: Sequence[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumHeight(theme.row_height())
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    _fill(box, none, items)
    return box


def _fill(box: QComboBox, none: str, items: Sequence[tuple[str, str]]) -> None:
    kept = box.currentData()
    box.clear()
    box.addItem(none, "")
    for code, words in items:
        box.addItem(words, code)
    box.setCurrentIndex(max(0, box.findData(kept)))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(theme.GRID)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _together(*widgets: QWidget) -> QWidget:
    """Widgets that stay on one line of the bar."""
    if len(widgets) == 1:
        return widgets[0]
    group = QWidget()
    row = _row(*widgets)
    row.setContentsMargins(0, 0, 0, 0)
    group.setLayout(row)
    return group
