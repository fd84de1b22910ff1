"""The line at the foot: saved, backup, lock, records."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout

from oicdesk.ui import theme
from oicdesk.ui.parts import Words

_LONDON = ZoneInfo("Europe/London")
_OLD_BACKUP = 7  # days


@dataclass(frozen=True)
class StatusLine:
    """What the foot says; instants are aware, None means never."""

    saved_at: datetime | None = None
    backup_at: datetime | None = None
    records: int = 0
    cover: str = ""  # who covers the desk, as a sentence


class StatusBar(QFrame):
    """Four quiet facts; the backup's turns into a warning when it is old, the lock's when it is near."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("foot")
        self.saved = Words("", "small", "secondary")
        self.backup = Words("", "small", "secondary")
        self.lock = Words("", "small", "secondary")
        self.records = Words("", "small", "secondary")
        self.cover = Words("", "small", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 5, theme.GAP, 5)
        row.setSpacing(theme.MARGIN)
        row.addWidget(self.saved)
        row.addWidget(self.backup)
        row.addWidget(self.cover)
        row.addStretch(1)
        row.addWidget(self.lock)
        row.addWidget(self.records)

    def show_line(self, line: StatusLine) -> None:
        saved = line.saved_at
        self.saved.setText("Nothing changed yet" if saved is None else f"Saved {_clock(saved)}")
        self.backup.setText(backup_words(line.backup_at, datetime.now(UTC)))
        old = line.backup_at is None or (datetime.now(UTC) - line.backup_at).days >= _OLD_BACKUP
        self.backup.set_role("danger" if old else "secondary")
        self.cover.setText(line.cover)
        self.cover.setVisible(bool(line.cover))
        self.records.setText("1 record" if line.records == 1 else f"{line.records:,} records")

    def show_left(self, seconds: int) -> None:
        """Time until the desk locks; -1 when it does not lock by itself."""
        near = 0 <= seconds <= 60
        minutes, rest = divmod(max(0, seconds), 60)
        words = f"Locks in {rest} s" if near else f"Locks in {minutes + (rest > 0)} min"
        self.lock.setText("Locks only when told" if seconds < 0 else words)
        self.lock.set_role("danger" if near else "secondary")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("card"))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(self.rect().topLeft(), self.rect().topRight())
        painter.end()


def backup_words(at: datetime | None, now: datetime) -> str:
    """How old the newest backup is, in words."""
    if at is None:
        return "No backup yet"
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 60:
        return "Backup just now" if minutes < 2 else f"Backup {minutes} minutes ago"
    hours, days = minutes // 60, minutes // 1440
    if hours < 24:
        return "Backup 1 hour ago" if hours == 1 else f"Backup {hours} hours ago"
    return "Backup 1 day ago" if days == 1 else f"Backup {days} days ago"


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(_LONDON):%H:%M}"
