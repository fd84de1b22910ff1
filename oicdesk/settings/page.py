"""The Settings page: sections on the left, the chosen one on the right."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from oicdesk.settings import records
from oicdesk.settings.form import Clock, Section, SettingsSection
from oicdesk.settings.page_backup import AppearanceSection, BackupSection
from oicdesk.settings.page_security import SecuritySection, seconds_to_unlock
from oicdesk.settings.page_tables import HolidaysSection, TablesSection
from oicdesk.settings.records import CUES
from oicdesk.ui import theme
from oicdesk.ui.main_window import Page
from oicdesk.vault.vault import Vault


def _now() -> datetime:
    return datetime.now(UTC)


class _Names(QStyledItemDelegate):
    """Names of sections with room around them; the chosen one in the selection's colours."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, theme.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect, state = option.rect, option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = rect.adjusted(theme.GRID, 1, -theme.GRID, -1)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            theme.paint_focus(painter, box)
        painter.setPen(theme.color("on_selection" if chosen else "text"))
        words = box.adjusted(theme.GRID, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, str(index.data()))
        painter.restore()


class SettingsPage(Page):
    """Everything about the desk that a user may change; each section is built when it is first looked at."""

    title = "Settings"
    icon_name = "settings"
    tables = frozenset({"setting", "reference_value", "desk_user"})

    def __init__(self, vault: Vault, *, now: Clock = _now, measure: Callable[[int], float] = seconds_to_unlock) -> None:
        super().__init__()
        self._vault = vault
        self._makers = _sections(vault, now, measure)
        self._built: dict[str, Section] = {}
        self.sections = QListWidget()
        self.sections.setAccessibleName("Sections of the settings")
        self.sections.setFixedWidth(theme.px(180 if theme.is_large() else 216))
        self.sections.setItemDelegate(_Names(self.sections))
        # The ring is painted round the item; the list itself is part of the ground.
        self.sections.setStyleSheet(
            "QListWidget, QListWidget:focus { border: none; background: transparent; padding: 16px 0; }"
        )
        self.sections.addItems(list(self._makers))
        self.stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sections)
        row.addWidget(self.stack, 1)
        self.sections.currentTextChanged.connect(self._turn)

    def section(self, name: str) -> Section:
        """The section of that name, built if need be and shown."""
        for place in range(self.sections.count()):
            if self.sections.item(place).text() == name:
                self.sections.setCurrentRow(place)
        return self._built[name]

    def refresh(self) -> None:
        if self.sections.currentRow() < 0:
            self.sections.setCurrentRow(0)
            return
        with self._vault.reading() as session:
            reference = records.reference(session)
        for section in self._built.values():
            section.refresh(reference)

    def first_focus(self) -> QWidget:
        return self.sections

    def panes(self) -> list[QWidget]:
        name = self.sections.currentItem().text() if self.sections.currentItem() else ""
        return [self.sections, *([self._built[name].first_focus()] if name in self._built else [])]

    def _turn(self, name: str) -> None:
        if name not in self._built:
            section = self._makers[name]()
            with self._vault.reading() as session:
                section.refresh(records.reference(session))
            self._built[name] = section
            self.stack.addWidget(section)
        self.stack.setCurrentWidget(self._built[name])


def _sections(vault: Vault, now: Clock, measure: Callable[[int], float]) -> dict[str, Callable[[], Section]]:
    def settings(title: str, sentence: str, *groups: str) -> Callable[[], Section]:
        return lambda: SettingsSection(vault, now, title, sentence, groups)

    return {
        "Desk": settings("Desk", "What this desk is, and what it takes in.", "desk"),
        "Clocks and chasers": settings(
            "Clocks and chasers",
            "When a document is due and who is reminded. A new rule holds from today; due times already set stay.",
            "clocks",
        ),
        "People and disclosure": settings(
            "People and disclosure",
            "What is recorded about people, and what is asked before anything leaves.",
            "people",
        ),
        "Training": settings(
            "Training", "How training figures are counted. Who is relevant stands on its page.", "training"
        ),
        "Communications": settings(
            "Communications", "How effects are judged and which team is named first to talk to.", "comms"
        ),
        "Retention": settings(
            "Retention", "How long things are kept. Nothing is ever deleted without a review.", "retention"
        ),
        "Draft check": settings(
            "Draft check",
            "The words that the check and the coach of a working draft look for. A space also stands for a hyphen,"
            " * for any ending, | between words for “or”, _ for at most one further word, {person} for any of the words"
            " for people and {few} for a small number.",
            CUES,
        ),
        "Imports": settings("Imports", "Files beyond these limits are refused before anything is read in.", "imports"),
        "Reference tables": lambda: TablesSection(vault, now),
        "Bank holidays": lambda: HolidaysSection(vault, now),
        "Idle lock": settings(
            "Idle lock", "The desk locks itself when nobody uses it; Ctrl+L locks it at once.", "security"
        ),
        "Security": lambda: SecuritySection(vault, measure),
        "Appearance": AppearanceSection,
        "Backup": lambda: BackupSection(vault, now),
    }  # fmt: skip
