"""Officers: the directory of officers and supervisors with moves and absences, teams' names, and deputy cover."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QToolButton, QVBoxLayout, QWidget

from oicdesk.referrals import records_cover, records_officers, records_teams
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_part import Part, PartsPage, line_of
from oicdesk.referrals.page_views import Panes
from oicdesk.referrals.records_cover import CoverRow
from oicdesk.referrals.records_officers import AbsenceRow, Directory, MoveRow, OfficerRow
from oicdesk.referrals.records_officers_undo import newest_rename, put_back, standing, take_back_rename
from oicdesk.referrals.records_teams import RenameRow
from oicdesk.settings.records import reference
from oicdesk.settings.rules import london_day, short_day, spoken_range
from oicdesk.ui import theme
from oicdesk.ui.deeds import Deed
from oicdesk.ui.detail import Facts, Section, scrolled
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.rail import Segments
from oicdesk.ui.rows import Column, Table
from oicdesk.ui.undo import Step, Told
from oicdesk.vault.vault import Vault

PARTS = ("Directory", "Teams renamed", "Deputy cover")
OFFICER = "officer"
_PAUSE = 150  # milliseconds after the last key in the filter
_STAYS = "an entry stays in the directory; correct it, or record that they left"
_Answer = TypeVar("_Answer")


def _now() -> datetime:
    return datetime.now(UTC)


COLUMNS = (
    Column("Name", lambda row: row.name or "not known", "name", width=190),
    Column("Collar number", lambda row: row.collar, "collar", width=120),
    Column("Force", lambda row: row.force, "force", width=76),
    Column("Team", lambda row: row.team, "team", width=160),
    Column("Supervisor", lambda row: row.supervisor, "supervisor", width=150),
    Column("There", lambda row: row.not_there or "yes", width=190, spoken=lambda row: row.not_there),
    Column("E-mail", lambda row: row.email, "email", width=200),
)


class DirectorySource:
    """The directory as the table asks for it."""

    def __init__(self, vault: Vault, today: date, force: str, words: str) -> None:
        self._vault, self._today, self._force, self._words = vault, today, force, words

    def count(self) -> int:
        return self._ask(lambda found: found.count())

    def page(self, offset: int, limit: int, sort: str | None, descending: bool) -> Sequence[OfficerRow]:
        return self._ask(lambda found: found.page(offset, limit, sort, descending))

    def position(self, id: int, sort: str | None, descending: bool) -> int | None:
        return self._ask(lambda found: found.position(id, sort, descending))

    def _ask(self, question: Callable[[Directory], _Answer]) -> _Answer:
        with self._vault.reading() as session:
            return question(Directory(session, today=self._today, force=self._force, words=self._words))


class DirectoryPart(Part):
    """Everybody, and beside the list the one who is chosen with their history."""

    list_cases = Signal(str)

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now, "Officers", COLUMNS)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.officer: OfficerRow | None = None
        self._absences: list[AbsenceRow] = []
        self.filter = QLineEdit()
        self.add_button = Button("Add an officer…", "primary", "plus")
        self.edit_button = Button("Correct…", "plain", "pencil")
        self.move_button = Button("Record a move…", "plain", "corner-up-left")
        self.away_button = Button("Record an absence…", "plain", "calendar")
        self.back_button = Button("Take the absence back", "plain", "undo-2")
        self.leave_button = Button("Record that they left…", "plain", "archive")
        self.cases_button = Button("List their referrals", "quiet", "inbox")
        self.name = Words("", "section")
        self.facts = Facts()
        self.history, self.away = Section("Where they were"), Section("Absences")
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._lay_out()
        self._listen()

    def _lay_out(self) -> None:
        self.filter.setAccessibleName("Filter the directory")
        self.filter.setPlaceholderText("Filter by name, collar number, team, supervisor or e-mail")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumHeight(theme.row_height())
        for part in self.filter.findChildren(QToolButton):
            part.setAccessibleName("Clear the filter")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GAP, 0, theme.GAP, theme.GAP)
        column.setSpacing(theme.GRID)
        self.name.setWordWrap(True)
        for widget in (self.name, self.facts, self.away, self.history):
            column.addWidget(widget)
        column.addStretch(1)
        self.detail = scrolled(inner)
        self.detail.setMinimumWidth(theme.px(250))
        halves = Panes()
        if theme.is_large():  # beside each other, neither could be read
            halves.setOrientation(Qt.Orientation.Vertical)
        halves.addWidget(self.table)
        halves.addWidget(self.detail)
        halves.setSizes([theme.px(560), theme.px(300)])
        halves.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.GRID)
        whole.addWidget(self.filter)
        whole.addWidget(halves, 1)
        whole.addLayout(line_of(self.add_button, self.edit_button, self.move_button, self.cases_button))
        whole.addLayout(line_of(self.away_button, self.back_button, self.leave_button))

    def _listen(self) -> None:
        self.filter.textChanged.connect(lambda: self._timer.start())
        self._timer.timeout.connect(self.refresh)
        self.table.row_opened.connect(lambda _id: self.edit())
        for button, slot in (
            (self.add_button, self.add), (self.edit_button, self.edit), (self.move_button, self.record_move),
            (self.away_button, self.be_away), (self.back_button, self.take_back), (self.leave_button, self.leave),
            (self.cases_button, self._list_cases),
        ):  # fmt: skip
            button.clicked.connect(lambda _=False, slot=slot: slot())
        clear = QShortcut(QKeySequence("Esc"), self.filter, self._leave_filter)
        clear.setContext(Qt.ShortcutContext.WidgetShortcut)

    def _leave_filter(self) -> None:
        self.filter.clear()
        self.table.setFocus()

    @property
    def today(self) -> date:
        return london_day(self.now())

    def refresh(self) -> None:
        words = self.filter.text()
        self.table.rows.set_source(DirectorySource(self.vault, self.today, self.force or "Joint", words))
        if words.strip():
            self.table.set_empty("Nobody matches", f"No entry has “{words.strip()}”.", "Clear the filter",
                                 self.filter.clear)  # fmt: skip
        else:
            self.table.set_empty("The directory is empty", "Each new contact brings its officer and supervisor here.",
                                 "Add an officer…", self.add)  # fmt: skip
        if not self.table.selected_ids() and self.table.rows.rowCount():
            first = self.table.rows.row(0)
            if first is not None:
                self.table.select_id(first.id)
        self.show_chosen()

    @property
    def count(self) -> int:
        return self.table.rows.rowCount()

    def show_officer(self, officer_id: int) -> bool:
        """Choose this officer, whatever the filter holds."""
        if not self.table.select_id(officer_id):
            self.filter.clear()
            self._timer.stop()
            self.refresh()
        return self.table.select_id(officer_id)

    def show_chosen(self) -> None:
        ids = self.table.selected_ids()
        self.officer, history, self._absences = None, [], []
        if ids:
            with self.vault.reading() as session:
                found = records_officers.officer_rows(session, ids[:1], self.today)
                self.officer = found[0] if found else None
                history = records_officers.moves(session, ids[0])
                self._absences = records_officers.absences(session, ids[0])
        self._show(self.officer, history)

    def _show(self, one: OfficerRow | None, history: Sequence[MoveRow]) -> None:
        self.detail.setVisible(one is not None)
        for button in (self.edit_button, self.move_button, self.away_button, self.leave_button, self.cases_button):
            button.setEnabled(one is not None)
        self.back_button.setVisible(bool(self._absences))
        if one is None:
            return
        self.name.setText(one.called)
        self.facts.show_facts([
            ("Force", one.force), ("Rank", one.rank), ("Team", one.team), ("Supervisor", one.supervisor),
            ("E-mail", one.email), ("Now", one.not_there),
        ])  # fmt: skip
        self.leave_button.setText("Record that they are back" if one.left_on else "Record that they left…")
        self.away.show_lines([(_span(row), "") for row in self._absences], "None recorded.")
        lines = [(f"from {short_day(row.from_on)}, {row.why}", _place(row)) for row in history]
        self.history.show_lines(lines, "Nothing is known.")

    def _list_cases(self) -> None:
        if self.officer is not None:
            self.list_cases.emit(self.officer.collar or self.officer.name)

    # --- writing

    def _fields(self) -> list[Field]:
        with self.vault.reading() as session:
            forces = reference(session).choices("force")
        return [
            Field("force", "Force", "choice", forces, required=True, width=220),
            Field("name", "Name", placeholder="Marsh, Jo"),
            Field("collar", "Collar number", width=220),
            Field("rank", "Rank", width=220),
            Field("team", "Team"),
            Field("supervisor", "Supervisor", help="Chasers go to the supervisor while the officer is away."),
            Field("email", "E-mail"),
        ]

    def add(self) -> None:
        """Add somebody by hand."""
        added: list[int] = []

        def deed(session: Any, values: dict[str, Any]) -> Told:
            added.append(records_officers.add(session, values, now=self.now()))
            called = values["name"] or values["collar"]
            return Told(f"{called} is in the directory.", Step(f"Add {called} to the directory", why_not=_STAYS))

        values = {"force": self.force} if self.force else {}
        if self.ask("Add an officer", self._fields(), "Add the officer", deed, values=values):
            self.show_officer(added[-1])

    def edit(self) -> None:
        """Correct an entry; what is a move is recorded as one."""
        one = self.officer
        if one is None:
            return

        def change(session: Any, values: dict[str, Any]) -> str:
            changed = records_officers.edit(session, one.id, values, now=self.now())
            return f"{one.called} is corrected." if changed else ""

        deed = self._changing_entry(one, f"Correct {one.called}", change)
        fields = self._fields()
        values = {field.name: getattr(one, field.name) for field in fields}
        self.ask(f"Correct {one.called}", fields, "Save the entry", deed, values=values,
                 sentence="For a slip. Another team from a day on is a move.")  # fmt: skip

    def record_move(self) -> None:
        """From a day on they belong elsewhere."""
        one = self.officer
        if one is None:
            return

        def change(session: Any, values: dict[str, Any]) -> str:
            records_officers.move(
                session, one.id, values["from_on"], values["team"], values["supervisor"], now=self.now()
            )
            return f"{one.called} is in {values['team'] or 'no team'} from {short_day(values['from_on'])}."

        deed = self._changing_entry(one, f"Record a move of {one.called}", change)
        fields = [
            Field("from_on", "From", "date", required=True), Field("team", "Team"), Field("supervisor", "Supervisor"),
        ]  # fmt: skip
        values = {"from_on": self.today, "team": one.team, "supervisor": one.supervisor}
        self.ask(f"Record a move of {one.called}", fields, "Record the move", deed, values=values)

    def be_away(self) -> None:
        """From one day to another somebody else is asked."""
        one = self.officer
        if one is None:
            return

        def deed(session: Any, values: dict[str, Any]) -> Told:
            absence = records_officers.be_away(session, one.id, values["from_on"], values["to_on"], now=self.now())
            return self.did(
                f"The absence of {one.called} is recorded; chasers go to the supervisor.",
                f"Record an absence of {one.called}",
                lambda later: records_officers.withdraw_absence(later, absence, now=self.now()),
                lambda later: records_officers.put_back_absence(later, absence),
            )

        fields = [
            Field("from_on", "First day away", "date", required=True),
            Field("to_on", "Last day away", "date", help="Empty: until further notice. Never write why."),
        ]
        self.ask(f"Record an absence of {one.called}", fields, "Record the absence", deed,
                 values={"from_on": self.today})  # fmt: skip

    def take_back(self) -> None:
        """The newest absence was a mistake, or is over early."""
        if self.officer is None or not self._absences:
            return
        newest, called = self._absences[0], self.officer.called

        def deed(session: Any) -> Told:
            records_officers.withdraw_absence(session, newest.id, now=self.now())
            return self.did(
                f"The absence of {called} is taken back.", f"Take an absence of {called} back",
                lambda later: records_officers.put_back_absence(later, newest.id), deed,
            )  # fmt: skip

        self.do(deed)

    def leave(self) -> None:
        """They left, or they are back."""
        one = self.officer
        if one is None:
            return

        def change(session: Any, values: dict[str, Any]) -> str:
            on = values.get("left_on")
            records_officers.leave(session, one.id, on, now=self.now())
            if on is None:
                return f"{one.called} is back."
            return f"{one.called} left on {short_day(on)}; chasers go to the supervisor."

        title = f"Record that {one.called} {'left' if one.left_on is None else 'is back'}"
        deed = self._changing_entry(one, title, change)
        if one.left_on is not None:
            self.do(lambda session: deed(session, {}))
            return
        fields = [Field("left_on", "Last day", "date", required=True)]
        self.ask(title, fields, "Record it", deed, values={"left_on": self.today})

    def _changing_entry(self, one: OfficerRow, words: str, change: Callable[[Any, dict[str, Any]], str]) -> Deed:
        """A deed that changes this entry, as `change` tells, and is taken back by putting the entry back."""

        def deed(session: Any, values: dict[str, Any]) -> str | Told:
            before = standing(session, one.id)
            said = change(session, values)
            if not said:
                return f"Nothing of {one.called} was different."
            after = standing(session, one.id)
            return self.did(
                said, words, lambda later: put_back(later, one.id, before, after, now=self.now()),
                lambda later: deed(later, values),
            )  # fmt: skip

        return deed


def _span(row: AbsenceRow) -> str:
    return spoken_range(row.from_on, row.to_on) if row.to_on else f"from {short_day(row.from_on)} until further notice"


def _place(row: MoveRow) -> str:
    return ", ".join(filter(None, (row.team or "no team", row.supervisor and f"supervisor {row.supervisor}")))


class TeamsPart(Part):
    """Teams that are called otherwise from a day on."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Force", lambda row: row.force, "force", width=90),
            Column("Until then", lambda row: row.old, "old", width=220),
            Column("From then on", lambda row: row.new, "new", width=220),
            Column("From", lambda row: short_day(row.from_on), "from", width=120),
            Column("Recorded by", lambda row: row.recorded_by, width=160),
        )
        keys: dict[str, Callable[[RenameRow], Any]] = {
            "force": lambda row: row.force, "old": lambda row: row.old.casefold(),
            "new": lambda row: row.new.casefold(), "from": lambda row: row.from_on,
        }  # fmt: skip
        super().__init__(vault, now, "Teams renamed", columns, keys)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.rename_button = Button("Rename a team…", "primary", "pencil")
        self.rename_button.clicked.connect(self.rename)
        self.table.set_empty(
            "No team was renamed",
            "A new name holds from a day on: older cases keep theirs, and a search for either finds both.",
            "Rename a team…", self.rename,
        )  # fmt: skip
        self.lay_out(buttons=(self.rename_button,))

    def refresh(self) -> None:
        with self.vault.reading() as session:
            rows = records_teams.rename_rows(session)
        self.show_rows([row for row in rows if self.force in (None, row.force)])

    def rename(self) -> None:
        """From a day on a team has another name."""
        with self.vault.reading() as session:
            known = records_teams.teams(session, self.force or "Joint")
        teams = [(pair, f"{pair[1]}, {pair[0] or 'no force'}") for pair in known]

        def deed(session: Any, values: dict[str, Any]) -> Told:
            force, old = values["team"]
            count = records_teams.rename(session, force, old, values["new"], values["on"], now=self.now())
            rename = newest_rename(session)
            follow = "1 officer follows" if count == 1 else f"{count} officers follow"
            return self.did(
                f"{old} is {values['new']} from {short_day(values['on'])}; {follow}.", f"Rename {old}",
                lambda later: take_back_rename(later, rename, now=self.now()), lambda later: deed(later, values),
            )  # fmt: skip

        fields = [
            Field("team", "Team", "choice", teams, required=True),
            Field("new", "New name", required=True),
            Field("on", "From", "date", required=True),
        ]
        self.ask("Rename a team", fields, "Rename the team", deed, values={"on": london_day(self.now())},
                 sentence="Cases recorded before keep the name of their day, in every list and figure.")  # fmt: skip


class CoverPart(Part):
    """Who covers the desk from one day to another. Everybody works under their own name; the log carries it."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        columns = (
            Column("Deputy", lambda row: row.deputy, "deputy", width=200),
            Column("Covers for", lambda row: row.covers, "covers", width=200),
            Column("From", lambda row: short_day(row.from_on), "from", width=120),
            Column("To", lambda row: short_day(row.to_on), "to", width=120),
            Column("Stands", lambda row: row.standing, width=200),
        )
        keys: dict[str, Callable[[CoverRow], Any]] = {
            "deputy": lambda row: row.deputy, "covers": lambda row: row.covers, "from": lambda row: row.from_on,
            "to": lambda row: row.to_on,
        }  # fmt: skip
        super().__init__(vault, now, "Deputy cover", columns, keys)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.add_button = Button("Record a cover…", "primary", "plus")
        self.end_button = Button("End it today", "plain", "x")
        self.add_button.clicked.connect(self.add)
        self.end_button.clicked.connect(self.end)
        self.table.set_empty("Nobody covers the desk", "Record who does, and from when to when.", "Record a cover…",
                             self.add)  # fmt: skip
        self.lay_out(buttons=(self.add_button, self.end_button))

    def refresh(self) -> None:
        with self.vault.reading() as session:
            self.show_rows(records_cover.covers(session, london_day(self.now())))

    def show_chosen(self) -> None:
        self.end_button.setEnabled(bool(self.chosen) and self.chosen[0].standing in ("now", "to come"))

    def add(self) -> None:
        """Record who covers for whom; both are users of this desk."""
        names = [(user.name, f"{user.name}, {user.role}") for user in self.vault.users()]

        def deed(session: Any, values: dict[str, Any]) -> Told:
            cover = records_cover.cover(
                session, values["deputy"], values["covers"], values["from_on"], values["to_on"], now=self.now()
            )
            said = f"{values['deputy']} covers for {values['covers']} until {short_day(values['to_on'])}."
            return self.did(
                said, f"Record the cover by {values['deputy']}",
                lambda later: records_cover.take_back_cover(later, cover, now=self.now()),
                lambda later: records_cover.let_hold(later, cover),
            )  # fmt: skip

        fields = [
            Field("deputy", "Deputy", "choice", names, required=True),
            Field("covers", "Covers for", "choice", names, required=True),
            Field("from_on", "First day", "date", required=True),
            Field("to_on", "Last day", "date", required=True),
        ]
        today = london_day(self.now())
        values = {"covers": self.vault.user.name, "from_on": today, "to_on": today + timedelta(days=7)}
        self.ask("Record a cover", fields, "Record the cover", deed, values=values,
                 sentence="Both work under their own name; history and log say who did what.")  # fmt: skip

    def end(self) -> None:
        """The cover is over today."""
        if not self.chosen:
            return
        row = self.chosen[0]

        def deed(session: Any) -> Told:
            records_cover.end_cover(session, row.id, now=self.now())
            return self.did(
                f"The cover by {row.deputy} is ended.", f"End the cover by {row.deputy}",
                lambda later: records_cover.let_hold(later, row.id), deed,
            )  # fmt: skip

        self.do(deed)


class OfficersPage(PartsPage):
    """The directory, the names of teams, and deputy cover."""

    title = "Officers"
    icon_name = "users"
    shows = frozenset({OFFICER})
    tables = frozenset({
        "officer", "officer_name", "officer_move", "officer_absence", "team_rename", "deputy_cover", "desk_user",
    })  # fmt: skip
    cases_requested = Signal(str)

    def __init__(self, vault: Vault, *, now: Clock = _now) -> None:
        self.directory, self.teams, self.cover = DirectoryPart(vault, now), TeamsPart(vault, now), CoverPart(vault, now)
        segments = Segments("Part of the officers", PARTS, PARTS[0])
        super().__init__((self.directory, self.teams, self.cover), segments)
        self.directory.list_cases.connect(self.cases_requested)
        for words, part, slot, keys in (
            ("Add an officer", self.directory, self.directory.add, "Ctrl+N"),
            ("Correct the officer", self.directory, self.directory.edit, "Ctrl+E"),
            ("Record a move of the officer", self.directory, self.directory.record_move, "Ctrl+M"),
            ("Record an absence of the officer", self.directory, self.directory.be_away, "Ctrl+Shift+A"),
            ("Record that the officer left", self.directory, self.directory.leave, None),
            ("Filter the directory", self.directory, self._filter, "Ctrl+F"),
            ("Rename a team", self.teams, self.teams.rename, "Ctrl+R"),
            ("Record a cover of the desk", self.cover, self.cover.add, "Ctrl+D"),
        ):  # fmt: skip
            self.act(words, self.in_part(part, slot), keys)
        self.act("Next part of the officers", self.next_part, "Ctrl+Shift+Right")

    def _filter(self) -> None:
        self.directory.filter.setFocus()
        self.directory.filter.selectAll()

    # --- what the window asks

    def refresh(self) -> None:
        super().refresh()
        self.segments.say([f"{PARTS[0]}  {self.directory.count:,}", *PARTS[1:]])

    def show_item(self, kind: str, id: int) -> bool:
        """Show an officer."""
        if kind != OFFICER:
            return False
        self.show_part(self.directory)
        return self.directory.show_officer(id)

    def panes(self) -> list[QWidget]:
        more = [self.directory.filter] if self.part is self.directory else []
        return [self.segments.current(), *more, self.part.table]
