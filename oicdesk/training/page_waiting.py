"""Completions that wait for a person to say whose they are, and the imports that they came with."""

from typing import Any

from PySide6.QtWidgets import QWidget

from oicdesk.errors import Refused
from oicdesk.settings.rules import short_day, spoken_instant
from oicdesk.training import records_completions, records_imports, records_people, rules
from oicdesk.training.page_parts import Clock, LineRow, Lines, Listed, Scope, View, choice, column_of, fill, row_of
from oicdesk.training.records_completions import MatchRow, waiting_count
from oicdesk.training.records_imports import ImportRow
from oicdesk.ui import messages, theme
from oicdesk.ui.detail import text
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button, Words
from oicdesk.ui.undo import Step, Told
from oicdesk.vault.vault import Vault

_MOST = 100_000
_COLUMNS = (
    ("Line", 56), ("As in the file", 150), ("Number", 86), ("Course", 110), ("Completed", 104), ("Suggestion", 196),
    ("Why", 300),
)  # fmt: skip
_KINDS = {records_imports.LEARNERS: "Roster", records_imports.COMPLETIONS: "Completions"}


class WaitingView(View):
    """Confirm a suggestion, choose another person, or say that nobody is meant; none of these is counted until then."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._rows: dict[int, MatchRow] = {}
        self.words = text("")
        self.why = text("", "base", "secondary")
        self.table = Lines("Completions to confirm", _COLUMNS, right=(0,))
        self.whose = choice("Whose it is")
        self.whose.setMinimumWidth(theme.px(240))
        self.confirm_button = Button("Confirm", "plain", "check")
        self.other_button = Button("Another person…", "plain", "users")
        self.nobody_button = Button("Belongs to nobody…", "plain", "x")
        foot = row_of(Words("It is", "base", "secondary"), self.whose, self.confirm_button, self.other_button,
                      self.nobody_button)  # fmt: skip
        column_of(self, self.words, self.table, self.why, foot).setStretch(1, 1)
        self.table.selection_changed.connect(self._chosen)
        self.confirm_button.clicked.connect(self.confirm)
        self.other_button.clicked.connect(self._other)
        self.nobody_button.clicked.connect(self._nobody)
        self.table.set_empty("Nothing waits to be confirmed", "Rows of an import whose person is doubtful stand here.")

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            # Matching reads the whole roster, so only where something waits.
            rows = records_completions.waiting(session, limit=_MOST) if waiting_count(session) else []
        self._rows = {row.id: row for row in rows}
        are = "completion waits" if len(rows) == 1 else "completions wait"
        self.words.setText(f"{len(rows):,} {are} for you to say whose they are. None is counted until then."
                           if rows else "")  # fmt: skip
        self.words.setVisible(bool(rows))
        self.table.set_lines([_line(row) for row in rows])
        self._chosen()

    def _chosen(self) -> None:
        chosen = [self._rows[i] for i in self.table.selected_ids() if i in self._rows]
        one = len(chosen) == 1
        if one:
            fill(self.whose, list(chosen[0].suggestions) or [(None, "nobody suggested")])
        else:
            several = f"each the person suggested ({len(chosen)})" if chosen else "choose a line above"
            fill(self.whose, [(None, several)])
        self.why.setText(chosen[0].reason if one else "")
        self.why.setVisible(one)
        self.whose.setEnabled(one and bool(chosen[0].suggestions))
        self.confirm_button.setText(f"Confirm {len(chosen)}" if len(chosen) > 1 else "Confirm")
        self.confirm_button.setEnabled(bool(chosen) and all(row.suggestions for row in chosen))
        for button in (self.other_button, self.nobody_button):
            button.setEnabled(bool(chosen))

    def confirm(self) -> None:
        """The chosen completions are the suggested people's."""
        chosen = self.table.selected_ids()
        if len(chosen) == 1:
            whose = {self.whose.currentData(): chosen}
        else:
            whose = {}
            for i in chosen:
                whose.setdefault(self._rows[i].suggestions[0][0], []).append(i)

        def deed(session: Any) -> str:
            new = sum(records_completions.confirm(session, ids, who, now=self.now()) for who, ids in whose.items())
            return _confirmed(len(chosen), new)

        self.do(deed)

    def _other(self) -> None:
        ids = self.table.selected_ids()

        def deed(session: Any, values: dict[str, Any]) -> str:
            known = records_people.known_learners(session, [rules.number_key(values["number"])])
            if not known:
                raise Refused("Nobody on the roster has that staff number; check it.", field="number")
            (person,) = known.values()
            return _confirmed(len(ids), records_completions.confirm(session, ids, person.id, now=self.now()))

        fields = [Field("number", "Their staff number", required=True)]
        self.ask("Whose completion is it?", fields, "Confirm", deed)

    def _nobody(self) -> None:
        ids = self.table.selected_ids()

        def deed(session: Any, values: dict[str, Any]) -> str:
            records_completions.dismiss(session, ids, values["why"], now=self.now())
            return f"{len(ids)} set aside; never counted."

        self.ask("Belongs to nobody on the roster", [Field("why", "Why", "long", required=True)], "Set aside", deed)

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        header = ("Line", "Staff number in the file", "Name in the file", "Course", "Completed", "Suggestion", "Why")
        rows = [
            (row.line, row.number, row.name, row.course, row.done_on,
             row.suggestions[0][1] if row.suggestions else None, row.reason)
            for row in self._rows.values()
        ]  # fmt: skip
        return Listed("Completions to confirm", header, rows)


def _line(row: MatchRow) -> LineRow:
    suggestion = row.suggestions[0][1] if row.suggestions else "nobody"
    told = (row.name, row.number, row.course)
    cells = (str(row.line), *told, short_day(row.done_on), suggestion, row.reason)
    return LineRow(row.id, cells, None, (row.line, *map(rules.fold, told), row.done_on, suggestion, row.reason))


def _confirmed(count: int, new: int) -> str:
    return f"{count} confirmed; {new} counted anew" + (f", {count - new} already there." if count > new else ".")


class ImportsView(View):
    """Every import with what it did; a whole import can be taken back."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(vault, now)
        self._rows: dict[int, ImportRow] = {}
        columns = (("When", 184), ("What", 110), ("File", 206), ("By", 120), ("What it did", 420))
        self.table = Lines("Imports", columns)
        self.table.setSelectionMode(Lines.SelectionMode.SingleSelection)
        self.undo_button = Button("Take this import back…", "danger", "undo-2")
        column_of(self, self.table, row_of(self.undo_button)).setStretch(0, 1)
        self.table.selection_changed.connect(self._chosen)
        self.undo_button.clicked.connect(self.undo)
        self.table.set_empty("Nothing was imported yet", "A roster comes first, then the learning system's export.",
                             "Import a roster…", lambda: self.wanted.emit("roster", None))  # fmt: skip

    def refresh(self, scope: Scope) -> None:
        self.scope = scope
        with self.vault.reading() as session:
            rows = records_imports.imports(session)
        self._rows = {row.id: row for row in rows}
        self.table.set_lines(
            [
                LineRow(row.id, (spoken_instant(row.at), _KINDS[row.kind], row.file_name, row.by, _told(row)), None,
                        (row.at, row.kind, row.file_name, row.by, ""))
                for row in rows
            ]
        )  # fmt: skip
        self._chosen()

    def _chosen(self) -> None:
        chosen = self.table.selected_ids()
        self.undo_button.setEnabled(bool(chosen) and self._rows[chosen[0]].undone_at is None)

    def undo(self) -> None:
        """Take the chosen import back, after asking."""
        chosen = self.table.selected_ids()
        if not chosen or not messages.confirm(
            self, "Take this import back?", "Its completions count no more; people it brought leave the roster, unless"
            " something was recorded about them since.", "Take it back", danger=True,
        ):  # fmt: skip
            return

        name = self._rows[chosen[0]].file_name

        def deed(session: Any) -> Told:
            done = records_imports.undo(session, chosen[0], now=self.now())
            kept = f" Kept: {'; '.join(done.kept)}." if done.kept else ""
            step = Step(f"Take {name} back", why_not="import the file anew to have it again")
            return Told(f"Taken back: {done.withdrawn:,} rows; put back as before: {done.restored:,}.{kept}", step)

        self.do(deed)

    def first_focus(self) -> QWidget:
        return self.table

    def listed(self) -> Listed:
        rows = [(row.at, _KINDS[row.kind], row.file_name, row.by, _told(row)) for row in self._rows.values()]
        return Listed("Training imports", ("When", "What", "File", "By", "What it did"), rows)


def _told(row: ImportRow) -> str:
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in row.told.items() if count)
    return f"Taken back {spoken_instant(row.undone_at)}. It was: {told}" if row.undone_at else told
