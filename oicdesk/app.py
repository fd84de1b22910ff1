"""Opens the window: log → crash hook → unlock or first run → pages. Only `cli` calls it.

Locking closes the vault and throws the window away; unlocking builds a new one. There is no state between.
"""

import contextlib
import getpass
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from oicdesk import demo, faults, machine, paths
from oicdesk.activity.page import ActivityPage
from oicdesk.audits.page import AuditsPage
from oicdesk.comms.page import CommsPage
from oicdesk.desk import (
    REPORTS,
    audit_choices,
    catch_up,
    new_desk,
    officer_choices,
    preview_report,
    save_report,
)
from oicdesk.desk_papers import promise_choices, training_facts
from oicdesk.documents import page_find as document_find
from oicdesk.documents import records_drafts
from oicdesk.documents.page import DocumentsPage
from oicdesk.documents.page_drafts import warning_words
from oicdesk.documents.panel import DocumentsPanel
from oicdesk.documents.sheet import take_over
from oicdesk.errors import Refused, VaultError
from oicdesk.machine import Machine
from oicdesk.measures.page import HomePage
from oicdesk.measures.panel import SideBySidePanel
from oicdesk.recommendations.page import RecommendationsPage
from oicdesk.referrals import page_cards, page_find
from oicdesk.referrals.page import QueuePage
from oicdesk.referrals.page_chasers import ChasersPage
from oicdesk.referrals.page_duplicates import DuplicatesPage
from oicdesk.referrals.page_officers import OfficersPage
from oicdesk.referrals.page_reconcile import ReconcilePage
from oicdesk.referrals.page_reviews import ReviewsPage
from oicdesk.referrals.page_search import SearchPage
from oicdesk.referrals.panel_keeping import KeepingPanel
from oicdesk.referrals.records_cover import cover_now
from oicdesk.referrals.records_queue import register_size
from oicdesk.reports.page import About, ReportEntry, ReportsPage
from oicdesk.settings.page import SettingsPage
from oicdesk.settings.records import change_settings, reference
from oicdesk.settings.rules import london_day
from oicdesk.training.page import TrainingPage
from oicdesk.ui import crash, jobs, messages, theme
from oicdesk.ui.first_run import Choices, Deeds, FirstRun
from oicdesk.ui.main_window import MainWindow, Page, StatusLine
from oicdesk.ui.unlock import Unlock
from oicdesk.vault import keys
from oicdesk.vault.vault import VIEWER, Vault

_BACKUP_HOURS = 24
_EXPIRY_EVERY = 600_000  # milliseconds


def _now() -> datetime:
    return datetime.now(UTC)


def run(vault: Path | None) -> int:
    """Open the window for `vault`, else the last vault opened here, else the first-run assistant."""
    faults.open_log()
    crash.install_message_handler()
    app = _application()
    crash.install(app)
    memory = machine.this()
    theme.apply(app, memory.scheme, memory.text_percent)
    desk = Desk(memory)
    desk.start(vault or memory.last_vault)
    code = app.exec()
    desk.leave()
    return code


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([])
        app.setApplicationName("OICDesk")
        app.setDesktopFileName("oicdesk")
    return app


class Desk(QObject):
    """What is on the screen: the unlock card, the assistant, or the window of one open vault."""

    committed = Signal(object)  # table names; crosses from the worker to the main thread

    def __init__(self, memory: Machine) -> None:
        super().__init__()
        self._memory = memory
        self._vault: Vault | None = None
        self._saved_at: datetime | None = None
        self._has_changed = False
        self._left_at = ""  # the page that was shown when the desk was locked; a new start begins at Home
        self.shown: QWidget | None = None
        self.committed.connect(self._notify, Qt.ConnectionType.QueuedConnection)

    # --- what is shown ---

    def start(self, path: Path | None) -> None:
        """Ask for the passphrase of the vault at `path`, or set up a first one."""
        if path is not None and path.exists():
            self.show_unlock(path)
        else:
            self.show_first_run()

    def show_unlock(self, path: Path) -> None:
        """The card that opens a vault."""
        card = Unlock(path, Vault.open, machine=self._memory, open_previous=_open_previous)
        card.opened.connect(lambda vault, _path: self.show_window(vault))
        card.create_requested.connect(self.show_first_run)
        card.resize(1000, 680)
        self._show(card)

    def show_first_run(self) -> None:
        """The assistant that makes a vault."""
        deeds = Deeds(
            create=_create, save_or_print=_keep_recovery_key, same_key=keys.same_recovery_key, abandon=_abandon
        )
        assistant = FirstRun(paths.user_data() / "desk.oicdesk", getpass.getuser(), deeds)
        assistant.finished.connect(lambda vault, path, choices: self._begin(assistant, vault, path, choices))
        assistant.left.connect(lambda: self._left(assistant))
        assistant.open_requested.connect(self._open_existing)
        assistant.resize(1000, 720)
        self._show(assistant)

    def _open_existing(self) -> None:
        folder = messages.choose_folder(self.shown, "Choose the .oicdesk folder of the vault", paths.user_data())
        if folder is not None:
            self.show_unlock(folder)

    def _begin(self, assistant: FirstRun, vault: Vault, path: Path, choices: Choices) -> None:
        """Apply what the assistant asked, fill the desk if wanted, and open the window."""

        def work(progress: jobs.Progress) -> None:
            progress(0.1, "Setting up the desk")
            with vault.changing() as session:
                wanted = {"marking": choices.marking, "register_started_on": choices.register_started.isoformat()}
                change_settings(session, wanted, at=_now())
            if choices.fictional:
                progress(0.3, "Doing eighteen months of fictional work")
                demo.fill(vault, london_day(_now()))

        def done(_result: None) -> None:
            self._memory.note_opened(path, _now().isoformat())
            self.show_window(vault)

        jobs.run(assistant, work, title="Set up the desk", done=done)

    def _left(self, assistant: FirstRun) -> None:
        if assistant.vault is not None:
            assistant.vault.close()

    def show_window(self, vault: Vault) -> MainWindow:
        """The window of an open vault."""
        self._vault, self._saved_at, self._has_changed = vault, None, False
        vault.on_commit = self._on_commit
        window = _window(vault, self._memory, status=self._status, on_lock=self._lock, begin_at=self._left_at)
        self._catch_up()
        daily = QTimer(window, interval=_EXPIRY_EVERY)
        daily.timeout.connect(self._catch_up)
        daily.start()
        self._show(window)
        _keep_drafts_short(window, vault)
        self._prove(window, vault)
        return window

    def _catch_up(self) -> None:
        """What a new day or another setting changes by itself, also while the desk stays open over midnight."""
        if self._vault is not None:
            catch_up(self._vault, now=_now())

    def _show(self, widget: QWidget) -> None:
        before, self.shown = self.shown, widget
        widget.show()
        if before is not None:
            before.hide()
            before.deleteLater()

    # --- while it is open ---

    def _on_commit(self, tables: frozenset[str]) -> None:
        self._saved_at, self._has_changed = _now(), True
        self.committed.emit(tables)

    def _notify(self, tables: frozenset[str]) -> None:
        window = self.shown
        if not isinstance(window, MainWindow) or self._vault is None:
            return
        if "setting" in tables:
            with self._vault.reading() as session:
                desk = reference(session)
            window.set_marking(desk.setting("marking"))
            window.idle.set_minutes(desk.setting("idle_lock_minutes"))
            self._catch_up()
        window.notify(tables)

    def _status(self) -> StatusLine:
        if self._vault is None:
            return StatusLine()
        with self._vault.reading() as session:
            records = register_size(session)
            cover = cover_now(session, london_day(_now()))
        return StatusLine(self._saved_at, self._vault.last_backup_at(), records, cover)

    def _prove(self, window: MainWindow, vault: Vault) -> None:
        """The full check of chain and pages, behind the work; the opening looked at the newest entries only."""

        def done(checks: list[Any]) -> None:
            bad = next((check.sentence for check in checks if not check.ok), "")
            if bad:
                window.notice.say(bad)

        jobs.run(window, vault.verify, title="Check the vault", done=done, failed=lambda _error: None, quiet=True)

    # --- leaving ---

    def _lock(self) -> None:
        path = self._vault.path if self._vault is not None else None
        if isinstance(self.shown, MainWindow):
            self._left_at = self.shown.page.title
        self.leave()
        if path is not None:
            self.show_unlock(path)

    def leave(self) -> None:
        """Back up if the last backup is a day old, and close the vault."""
        vault, self._vault = self._vault, None
        if vault is None:
            return
        vault.on_commit = None
        last = vault.last_backup_at()
        is_old = last is None or (_now() - last).total_seconds() > _BACKUP_HOURS * 3600
        if self._has_changed and is_old:
            # A full disk must not keep the desk open; the foot of the window tells how old the backup is.
            with contextlib.suppress(VaultError):
                vault.back_up()
        vault.close()


def _keep_drafts_short(window: MainWindow, vault: Vault) -> None:
    """Purge the working drafts whose time is up, and warn of those that are next; a desk is opened every day."""
    with vault.reading() as session:
        any_left = bool(records_drafts.kept_drafts(session, now=_now()))
    if not any_left or vault.user.role == VIEWER:
        return
    with vault.changing() as session:
        records_drafts.purge_due(session, now=_now())
        near = records_drafts.warn(session, now=_now())
    window.notice.say(warning_words(near))


def _window(
    vault: Vault,
    memory: Machine,
    *,
    status: Callable[[], StatusLine],
    on_lock: Callable[[], None],
    begin_at: str = "",
) -> MainWindow:
    with vault.reading() as session:
        desk = reference(session)
    pages = _pages(vault, memory)
    queue = next(page for page in pages if isinstance(page, QueuePage))
    for tool in queue.tool_pages:
        if isinstance(tool, OfficersPage):
            tool.cases_requested.connect(queue.look_for)
    window = MainWindow(
        pages,
        marking=desk.setting("marking"),
        vault_name=vault.path.stem,
        status=status,
        on_lock=on_lock,
        machine=memory,
        idle_minutes=desk.setting("idle_lock_minutes"),
        finders=[
            page_find.finder(vault, _now, queue),
            document_find.finder(vault, queue.open_requested.emit),
        ],
        begin_at=begin_at,
    )
    page_cards.put_on(window)
    home = next(page for page in pages if isinstance(page, HomePage))
    for asked, deed in ((home.add_asked, queue.add), (home.import_asked, queue.import_list)):
        asked.connect(partial(_begin_in_queue, window, queue, deed))
    return window


def _begin_in_queue(window: MainWindow, queue: QueuePage, deed: Callable[[], None]) -> None:
    window.show_page(queue)
    queue.show_list()
    deed()


def _pages(vault: Vault, memory: Machine) -> list[Page]:
    def preview(name: str) -> Callable[..., bytes]:
        return lambda as_at, force, **about: preview_report(vault, name, as_at=as_at, force=force, **about)

    def save(name: str) -> Callable[..., None]:
        return lambda path, as_at, force, recipient, purpose, **about: save_report(
            vault, name, path, as_at=as_at, force=force, recipient=recipient, purpose=purpose, **about
        )

    which = {
        "audit": About("audit", "Audit", lambda _chosen: audit_choices(vault)),
        "officer": About(
            "officer", "Reporting officer", lambda chosen: officer_choices(vault, chosen.get("audit"))
        ),
    }  # fmt: skip

    def marking() -> str:
        with vault.reading() as session:
            return str(reference(session).setting("marking"))

    entries = [
        ReportEntry(
            name, entry.title, entry.description, preview(name), save(name),
            [about for choice, about in which.items() if choice in entry.about],
        )
        for name, entry in REPORTS.items()
    ]  # fmt: skip
    return [
        HomePage(vault, now=_now),
        QueuePage(
            vault,
            now=_now,
            panels=[DocumentsPanel, KeepingPanel],
            take_over=take_over,
            tools=[
                ChasersPage(vault, now=_now, machine=memory),
                OfficersPage(vault, now=_now),
                SearchPage(vault, now=_now),
                ReconcilePage(vault, now=_now, machine=memory),
                DuplicatesPage(vault, now=_now),
                ReviewsPage(vault, now=_now, machine=memory, purge=_purge_drafts),
            ],
            machine=memory,
        ),
        DocumentsPage(vault, now=_now, machine=memory),
        TrainingPage(vault, now=_now, machine=memory, parts=[SideBySidePanel]),
        CommsPage(vault, now=_now, machine=memory, promises=promise_choices),
        AuditsPage(vault, now=_now, machine=memory),
        RecommendationsPage(
            vault, now=_now, machine=memory, training=training_facts, training_tables=TrainingPage.tables
        ),
        ReportsPage(entries, machine=memory, marking=marking),
        ActivityPage(vault, machine=memory),
        SettingsPage(vault),
    ]


def _purge_drafts(session: Any, referral_id: int) -> None:
    records_drafts.purge_of_case(session, referral_id, now=_now())


# --- what the cards ask for ---


def _open_previous(path: Path, secret: str) -> Vault:
    return Vault.open(path, secret, previous_slots=True)


def _create(path: Path, passphrase: str, user: str) -> tuple[Vault, str]:
    return new_desk(path, passphrase, user, now=_now())


def _abandon(path: Path, vault: Vault) -> None:
    vault.close()
    shutil.rmtree(path, ignore_errors=True)


def _keep_recovery_key(parent: QWidget, key: str) -> bool:
    """Save the recovery key as a page to print."""
    from oicdesk.reports.blocks import Facts, Paragraph, Report
    from oicdesk.reports.pdf import write_pdf

    path = messages.choose_save(parent, "Save the recovery key as a page to print", "recovery-key.pdf", "PDF (*.pdf)")
    if path is None:
        return False
    page = Report(
        name="recovery-key",
        title="Recovery key of an OICDesk vault",
        marking="OFFICIAL-SENSITIVE",
        as_at=_now(),
        blocks=[
            Facts([("Recovery key", key)]),
            Paragraph("Whoever has this key and the vault's folder can read everything in it."),
            Paragraph("Print this page, lock the paper away from the computer, and delete this file."),
        ],
    )
    try:
        write_pdf(page, path)
    except (Refused, VaultError) as error:
        messages.tell(parent, "The key was not saved", str(error))
        return False
    return True


def picture(path: Path, passphrase: str) -> QImage:
    """The window of a vault, painted once without being seen; for the self-test."""
    app = _application()
    crash.install_message_handler()
    theme.apply(app, "light")
    with Vault.open(path, passphrase) as vault:
        window = _window(vault, Machine(path / "no-memory.json"), status=StatusLine, on_lock=lambda: None)
        window.resize(1280, 720)
        window.show()
        app.processEvents()
        image = window.grab().toImage()
        window.close()
        window.deleteLater()
        app.processEvents()
    return image
