"""Views that the officer saves: the menu of the view that is looked at, its columns, its export."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.referrals import records_views
from oicdesk.referrals.form import Clock
from oicdesk.referrals.page_export import export
from oicdesk.referrals.page_list import TITLES, ListPane
from oicdesk.referrals.records_views import OwnView, Spec, key_of
from oicdesk.ui import messages, theme
from oicdesk.ui.form import Field
from oicdesk.ui.parts import Button
from oicdesk.ui.undo import Step, Told, left_the_desk, reversible
from oicdesk.vault.vault import Vault

_COLUMNS = "queue_columns"
_VIEW = "queue_view"
_NAME = Field("name", "Name of the view", required=True)


class OwnViews(QObject):
    """What can be done to the view that is looked at. `changed` carries the key of the view to look at now,
    `step_done` what was done, `said` a sentence, `failed` another."""

    changed = Signal(str)
    step_done = Signal(object)
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, page: QWidget, vault: Vault, now: Clock, pane: ListPane, machine: Machine) -> None:
        super().__init__(page)
        self._page, self._vault, self._now, self._pane, self._machine = page, vault, now, pane, machine
        self.views: list[OwnView] = []
        self.shown: OwnView | None = None
        self.heading = records_views.VIEWS[pane.spec.base]
        self.save_changes_action = self._action("Save the changes of this view", self.save_changes)
        self.rename_action = self._action("Rename this view…", self.rename)
        self.remove_action = self._action("Remove this view…", self.remove)
        self.actions = [
            self._action("Filter by column", pane.show_filters, "Ctrl+Shift+F"),
            self._action("Choose the columns…", self.choose_columns),
            self._action("Save as a view…", self.save_as),
            self.save_changes_action,
            self.rename_action,
            self.remove_action,
            self._action("Export this view…", self.export, "Ctrl+Shift+E"),
        ]
        pane.menu.addActions(self.actions)
        pane.menu.insertSeparator(self.actions[2])
        pane.menu.insertSeparator(self.actions[-1])
        pane.columns_moved.connect(self._keep_columns)
        self._follow()

    def _action(self, words: str, slot: Callable[[], object], keys: str = "") -> QAction:
        action = QAction(words, self._page)
        if keys:
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self._page.addAction(action)
        return action

    # --- looking

    def read(self) -> list[OwnView]:
        """Read the saved views again."""
        with self._vault.reading() as session:
            self.views = records_views.own_views(session)
        return self.views

    def look_at(self, key: str) -> None:
        """Lay the list out as this view is: a saved one with all it holds, another under the words as they are."""
        own = next((view for view in self.views if key_of(view.id) == key), None)
        before, self.shown = self.shown, own
        self._machine.put(_VIEW, key)
        if own is not None:
            self._pane.lay_out_as(own.spec)
        elif before is not None:
            self._pane.lay_out_as(Spec(key, columns=self._kept_columns(), sort="contact_at", descending=False))
        else:
            self._pane.look_at(key)
        self.heading = own.name if own is not None else records_views.VIEWS[key]
        self._follow()

    def kept_view(self) -> str:
        """The view last looked at on this computer."""
        return str(self._machine.get(_VIEW) or "")

    def note_name(self) -> bool:
        """Whether the saved view that is looked at is still there, perhaps under another name."""
        if self.shown is not None:
            shown = self.shown.id
            self.shown = next((view for view in self.views if view.id == shown), None)
            self.heading = self.shown.name if self.shown is not None else self.heading
        return self.shown is not None

    def usual_columns(self) -> None:
        """Show the columns as they were left on this computer."""
        self._pane.show_columns(self._kept_columns())

    def _follow(self) -> None:
        for action in (self.save_changes_action, self.rename_action, self.remove_action):
            action.setEnabled(self.shown is not None)

    def _kept_columns(self) -> tuple[str, ...]:
        kept = self._machine.get(_COLUMNS)
        return tuple(title for title in kept if title in TITLES) if isinstance(kept, list) else ()

    def _keep_columns(self) -> None:
        if self.shown is None:
            self._machine.put(_COLUMNS, list(self._pane.columns()))

    # --- doing

    def save_as(self) -> None:
        """Keep what is looked at under a name."""
        spec, found = self._pane.spec, []

        def do(values: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                found.append(records_views.save_view(session, values["name"], spec, now=self._now()))

        sentence = "It keeps the words, the filters, the columns and the order, and counts what it holds."
        if messages.ask_form(self._page, "Save as a view", [_NAME], "Save the view", do, sentence=sentence) is None:
            return
        (view_id,) = found

        def back(session: Any) -> str:
            records_views.remove_view(session, view_id, now=self._now())
            return ""

        def again(session: Any) -> Told:
            records_views.restore_view(session, view_id)
            return Told("", self._step(words, back, again))

        self.read()
        words = f"Save the view “{self._named(view_id)}”"
        self.step_done.emit(self._step(words, back, again))
        self.changed.emit(key_of(view_id))

    def save_changes(self) -> None:
        """Let the saved view hold what is looked at now."""
        if self.shown is None:
            return
        view, spec = self.shown, self._pane.spec

        def deed(session: Any) -> Told:
            before = records_views.change_view(session, view.id, spec)

            def back(later: Any) -> str:
                records_views.change_view(later, view.id, before)
                return ""

            return Told(
                f"“{view.name}” is saved as it stands.", self._step(f"Change the view “{view.name}”", back, deed)
            )

        self._do(deed, key_of(view.id))

    def rename(self) -> None:
        """Give the saved view another name."""
        if self.shown is None:
            return
        view, told = self.shown, []

        def deed(session: Any, name: str) -> Told:
            before = records_views.rename_view(session, view.id, name)

            def back(later: Any) -> str:
                records_views.rename_view(later, view.id, before)
                return ""

            return Told("", self._step(f"Rename the view “{before}”", back, lambda later: deed(later, name)))

        def do(values: dict[str, Any]) -> None:
            with self._vault.changing() as session:
                told.append(deed(session, values["name"]))

        if messages.ask_form(self._page, "Rename the view", [_NAME], "Rename", do, {"name": view.name}) is not None:
            self.step_done.emit(told[0].step)
            self.changed.emit(key_of(view.id))

    def remove(self) -> None:
        """Take the saved view out of the list."""
        if self.shown is None:
            return
        view = self.shown
        sentence = "The view goes; no referral is touched. Ctrl+Z brings it back."
        if not messages.confirm(self._page, f"Remove the view “{view.name}”?", sentence, "Remove the view"):
            return

        def deed(session: Any) -> Told:
            name = records_views.remove_view(session, view.id, now=self._now())

            def back(later: Any) -> str:
                records_views.restore_view(later, view.id)
                return ""

            return Told(f"The view “{name}” is removed.", self._step(f"Remove the view “{name}”", back, deed))

        self._do(deed, view.spec.base)

    def choose_columns(self) -> None:
        """Which columns are shown, and in what order."""
        dialog = ColumnsDialog(self._page, self._pane.columns())
        if dialog.exec():
            self._pane.show_columns(dialog.columns())
            self._keep_columns()
        dialog.deleteLater()

    def export(self) -> None:
        """Write the view as it is seen to a file."""
        try:
            listed, cases = self._pane.listed(self.heading)
            said = export(self._page, self._vault, self._machine, listed, now=self._now(), cases=cases)
        except (Refused, VaultError) as error:
            self.failed.emit(str(error))
            return
        if said:
            self.step_done.emit(left_the_desk(f"Export the view “{self.heading}”"))
            self.said.emit(said)

    # --- what they share

    def _do(self, deed: Callable[[Any], Told], then: str) -> None:
        try:
            with self._vault.changing() as session:
                told = deed(session)
        except (Refused, VaultError) as error:
            self.failed.emit(str(error))
            return
        self.step_done.emit(told.step)
        self.changed.emit(then)
        self.said.emit(told.words)

    def _step(self, words: str, back: Callable[[Any], str], again: Callable[[Any], Told]) -> Step:
        return reversible(words, self._vault.changing, back, again)

    def _named(self, view_id: int) -> str:
        return next(view.name for view in self.views if view.id == view_id)


class ColumnsDialog(messages.Dialog):
    """The columns as a list: ticked ones are shown, in this order."""

    def __init__(self, parent: QWidget, shown: Sequence[str]) -> None:
        super().__init__(parent, "Columns", verb="Show these")
        self.say("Ticked columns are shown, from the top of the list to the bottom.")
        self.list = QListWidget()
        self.list.setAccessibleName("Columns in their order")
        self.list.setMinimumHeight(theme.px(260))
        for title in [*shown, *(title for title in TITLES if title not in shown)]:
            item = QListWidgetItem(title, self.list)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if title in shown else Qt.CheckState.Unchecked)
        self.list.setCurrentRow(0)
        self.up = Button("Move up", "plain", "arrow-up")
        self.down = Button("Move down", "plain", "arrow-down")
        moves = QHBoxLayout()
        for button, step in ((self.up, -1), (self.down, 1)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, step=step: self._move(step))
            moves.addWidget(button)
        moves.addStretch(1)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(moves)
        self.list.setFocus()

    def columns(self) -> tuple[str, ...]:
        """The ticked titles in their order; the first column is shown whatever happens."""
        items = [self.list.item(place) for place in range(self.list.count())]
        ticked = tuple(item.text() for item in items if item.checkState() == Qt.CheckState.Checked)
        return ticked or (items[0].text(),)

    def _move(self, step: int) -> None:
        place = self.list.currentRow()
        if 0 <= place + step < self.list.count():
            item = self.list.takeItem(place)
            self.list.insertItem(place + step, item)
            self.list.setCurrentRow(place + step)
