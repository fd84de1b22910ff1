"""The window: rail, marking, scope, pages and the line at the foot. It knows nothing of what pages show."""

import base64
from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from oicdesk.errors import VaultError
from oicdesk.machine import Machine
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.find import FindBox, Finder, Hit
from oicdesk.ui.idle import IdleLock
from oicdesk.ui.parts import Banner, Button, Notice, Words
from oicdesk.ui.rail import Rail, Segments
from oicdesk.ui.shortcuts import Sheet
from oicdesk.ui.status_bar import StatusBar, StatusLine
from oicdesk.ui.undo import UndoBar, UndoList

__all__ = ["SCOPES", "MainWindow", "Page", "StatusLine"]

SCOPES = ("Suffolk", "Norfolk", "Joint")
_STATUS_EVERY = 20_000  # milliseconds


class Page(QWidget):
    """One place of the rail. A page may also have `show_item(kind: str, id: int) -> bool`, which brings
    the item into view and says whether it could; the window then shows the page. `shows` names the kinds that it
    knows, so that a page is not read for another's item; a page that names none is asked about all.

    `tables` names the tables it shows: after a commit to one of them the window calls `refresh`, at once
    if the page is visible, else when it is next shown. The first showing refreshes too.
    `step_done` carries a `ui.undo.Step` for what was just done; `front_requested` asks to be shown.
    `tool_pages` are pages that this one shows inside itself, by `show_tool`.
    """

    title: str = ""
    icon_name: str = "circle"
    tables: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    open_requested = Signal(str, int)
    step_done = Signal(object)
    front_requested = Signal()
    tool_pages: "Sequence[Page]" = ()

    force: str = "Joint"

    def refresh(self) -> None:
        """Read again what is shown, keeping selection and scroll."""

    def scope_changed(self, force: str) -> None:
        """The scope is now "Suffolk", "Norfolk" or "Joint"; the window calls `refresh` next."""
        self.force = force

    def first_focus(self) -> QWidget:
        """The widget that gets the focus when the page is shown."""
        return self

    def panes(self) -> list[QWidget]:
        """What F6 goes through, from left to right; each entry takes the focus itself."""
        return [self.first_focus()]

    def show_tool(self, tool: "Page") -> None:
        """Show one of `tool_pages`."""
        raise ValueError(f"{tool.title} is no tool of {self.title}")

    def listed_actions(self) -> list[QAction]:
        """The actions of this page, for F1 and Ctrl+K, but for those of parts that are not shown."""
        found = dict.fromkeys([*self.actions(), *self.findChildren(QAction)])
        return [action for action in found if not _is_put_away(action.parent(), self)]

    def act(self, text: str, slot: Callable[[], object], keys: str | None = None) -> QAction:
        """Add an action with a shortcut that works anywhere on this page and is listed under F1."""
        action = QAction(text, self)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: slot())
        self.addAction(action)
        return action


class MainWindow(QMainWindow):
    """The shell around the pages.

    `status` tells the line at the foot; `on_lock` closes the vault and throws this window away: it is
    called on Ctrl+L, on the button, and when nobody has used the computer for `idle_minutes`, after all
    dialogs were closed and a running job has stopped. `idle_minutes` 0 never locks by itself. `finders` are what
    the find-or-do box asks besides the pages and commands, which it knows. `begin_at` is the title of the page to begin
    at; without it, or where no page has it, that is the first.
    """

    scope_changed = Signal(str)

    def __init__(
        self,
        pages: Sequence[Page],
        *,
        marking: str,
        vault_name: str,
        status: Callable[[], StatusLine],
        on_lock: Callable[[], None],
        machine: Machine,
        idle_minutes: int = 10,
        finders: Sequence[Finder] = (),
        begin_at: str = "",
    ) -> None:
        super().__init__()
        self.pages = list(pages)
        self.machine = machine
        self._status, self._on_lock, self._locking = status, on_lock, False
        self._stale: set[Page] = set(pages)
        self._scoped: dict[Page, str] = {}
        kept = machine.get("scope")
        self.scope = kept if kept in SCOPES else "Joint"
        self.setWindowTitle(f"{vault_name} – OICDesk")
        self.setMinimumSize(800, 500)
        self._build(marking, vault_name, finders)
        self._build_actions()
        self.idle = IdleLock(idle_minutes, self.lock, self)
        self.idle.left.connect(self.foot.show_left)
        self._clock = QTimer(self, interval=_STATUS_EVERY)
        self._clock.timeout.connect(self.refresh_status)
        self._clock.start()
        self.refresh_status()
        self._remember_place(begin_at)

    def _build(self, marking: str, vault_name: str, finders: Sequence[Finder]) -> None:
        self.marking = Banner(marking)
        self.rail = Rail([(page.title, page.icon_name) for page in self.pages])
        self.rail.chosen.connect(lambda place: self.show_page(self.pages[place]))
        self.find_box = FindBox(finders, self.commands)
        self.segments = Segments("Force scope", SCOPES, self.scope)
        self.segments.setMinimumWidth(self.segments.sizeHint().width())  # never on two lines, up here
        self.segments.chosen.connect(self.set_scope)
        self.lock_button = Button("Lock", "plain", "lock")
        self.lock_button.setToolTip("Close the vault now (Ctrl+L)")
        self.lock_button.clicked.connect(self.lock)
        self.vault_label = Words(vault_name, "base", "secondary")
        self.notice = Notice("problem")
        self.undo = UndoList(self)
        self.undo_bar = UndoBar(self.undo)
        self.stack = QStackedWidget()
        for page in self.pages:
            self.stack.addWidget(page)
            page.open_requested.connect(self.open_item)
            page.step_done.connect(self.undo.add)
            page.front_requested.connect(lambda page=page: self.show_page(page))
        self.foot = StatusBar()
        head = QHBoxLayout()
        head.setContentsMargins(theme.MARGIN, theme.GRID, theme.MARGIN, theme.GRID)
        head.setSpacing(theme.GAP)
        head.addWidget(self.vault_label)
        head.addStretch(1)
        head.addWidget(self.find_box, 2)
        head.addWidget(self.segments)
        head.addWidget(self.lock_button)
        room = QVBoxLayout()
        room.setSpacing(0)
        room.addLayout(head)
        notice_row = QHBoxLayout()
        notice_row.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, 0)
        notice_row.addWidget(self.notice)
        room.addLayout(notice_row)
        room.addWidget(self.stack, 1)
        room.addWidget(self.undo_bar)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(room, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.marking)
        column.addLayout(middle, 1)
        column.addWidget(self.foot)
        self.setCentralWidget(whole)

    def _build_actions(self) -> None:
        number = 0
        for page in self.pages:
            settings = page.title == "Settings"
            number += 0 if settings else 1
            if settings or number <= 9:
                keys = "Ctrl+0" if settings else f"Ctrl+{number}"
                self._act(f"Go to {page.title}", lambda page=page: self.show_page(page), keys)
        self._act("Go to or do", self.find_box.open, "Ctrl+K")
        self._act("Read again what is shown", self.refresh_page, "F5")
        self._act("Next pane", lambda: self._next_pane(1), "F6")
        self._act("Pane before", lambda: self._next_pane(-1), "Shift+F6")
        self._act("Undo the last step", self.undo.undo, "Ctrl+Z")
        self._act("Do again what was undone", self.undo.redo, "Ctrl+Y")
        self._act("Undo list", self.undo_bar.show_list, "Ctrl+Alt+Z")
        self._act("Lock", self.lock, "Ctrl+L")
        self._act("Show the keys", self.show_shortcuts, "F1")

    def _act(self, text: str, slot: Callable[..., object], keys: str) -> None:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: slot())
        self.addAction(action)

    # -- pages

    @property
    def page(self) -> Page:
        """The page that is shown."""
        shown = self.stack.currentWidget()
        assert isinstance(shown, Page)
        return shown

    def show_page(self, page: Page) -> None:
        """Bring a page to the front, read it again if it is stale, and put the focus into it."""
        self.stack.setCurrentWidget(page)
        self.rail.choose(self.pages.index(page))
        self._freshen(page)
        page.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh_page(self) -> None:
        self._stale.add(self.page)
        self._freshen(self.page)
        self.refresh_status()

    def open_item(self, kind: str, id: int) -> bool:
        """Show the page that can show this item; False when none can."""
        for page in self.pages:
            show_item = getattr(page, "show_item", None)
            if show_item is None or (page.shows and kind not in page.shows):
                continue
            self._freshen(page)
            if show_item(kind, id):
                self.show_page(page)
                return True
        return False

    def notify(self, tables: frozenset[str]) -> None:
        """These tables were committed: the visible page reads again, hidden ones when they are next shown."""
        touched = [page for page in self.pages if page.tables & tables]
        self._stale.update(touched)
        if self.page in touched:
            self._freshen(self.page)
        self.refresh_status()

    def set_scope(self, force: str) -> None:
        """Show one force, or both; remembered on this computer."""
        if force == self.scope:
            return
        self.scope = force
        self.segments.choose(force)
        self.machine.put("scope", force)
        self._stale.update(self.pages)
        self._freshen(self.page)
        self.scope_changed.emit(force)

    def set_marking(self, marking: str) -> None:
        self.marking.setText(marking)

    def _freshen(self, page: Page) -> None:
        if page not in self._stale:
            return
        try:
            if self._scoped.get(page) != self.scope:
                page.scope_changed(self.scope)
                self._scoped[page] = self.scope
            page.refresh()
        except VaultError as error:
            self.notice.say(str(error))
            return
        self._stale.discard(page)
        self.notice.say("")

    def refresh_status(self) -> None:
        try:
            self.foot.show_line(self._status())
        except VaultError as error:
            self.notice.say(str(error))

    # -- keys

    def commands(self) -> list[Hit]:
        """What can be done now: the actions of the page shown, then the window's own."""
        actions = [
            *self.page.listed_actions(),
            *(action for action in self.actions() if action.text() != "Go to or do"),
        ]
        tools = [_tool(self, page, tool) for page in self.pages for tool in page.tool_pages]
        return [*(_command(action) for action in actions if action.isEnabled() and action.text()), *tools]

    def _next_pane(self, step: int) -> None:
        panes = [self.rail.current(), self.segments.current(), *self.page.panes()]
        focus = QApplication.focusWidget()
        at = next((n for n, pane in enumerate(panes) if focus is not None and _holds(pane, focus)), -1)
        panes[(at + step) % len(panes)].setFocus(Qt.FocusReason.TabFocusReason)

    def show_shortcuts(self) -> None:
        """The sheet of keys: everywhere, and on the page that is shown."""
        Sheet(self, [("Everywhere", self.actions()), (self.page.title, self.page.listed_actions())]).exec()

    # -- lock and leave

    def lock(self) -> None:
        """Hide everything at once, close dialogs, stop a running job, then hand over to `on_lock`."""
        if self._locking:
            return
        self._locking = True
        self._keep_place()
        self.idle.stop()
        self._clock.stop()
        self.hide()
        messages.close_all()
        jobs.cancel_all()
        # Not from inside a dialog's own event loop: it must have ended before the vault closes.
        jobs.when_idle(lambda: QTimer.singleShot(0, self._on_lock))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep_place()
        self.idle.stop()
        super().closeEvent(event)

    def _keep_place(self) -> None:
        geometry = self.saveGeometry().data()
        self.machine.put("geometry", base64.b64encode(geometry).decode())

    def _remember_place(self, begin_at: str) -> None:
        kept = self.machine.get("geometry")
        if not (isinstance(kept, str) and self.restoreGeometry(QByteArray.fromBase64(kept.encode()))):
            self.resize(1280, 720)
        self.show_page(next((page for page in self.pages if page.title == begin_at), self.pages[0]))


def _holds(pane: QWidget, focus: QWidget) -> bool:
    return pane is focus or pane.isAncestorOf(focus) or pane.focusProxy() is focus


def _is_put_away(owner: object, page: Page) -> bool:
    return isinstance(owner, QWidget) and owner is not page and not owner.isVisibleTo(page)


def _tool(window: MainWindow, page: Page, tool: Page) -> Hit:
    def go() -> None:
        window.show_page(page)
        page.show_tool(tool)

    return Hit("Tool", f"Go to {tool.title}", go, f"in {page.title}", tool.icon_name)


def _command(action: QAction) -> Hit:
    name = action.text().replace("&", "")
    is_place = name.startswith("Go to ")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.PortableText)
    return Hit("Page" if is_place else "Command", name, action.trigger, "", "chevron-right", keys)
