"""How the desk looks on this computer, and how it is kept safe."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from oicdesk import machine
from oicdesk.errors import Refused
from oicdesk.settings import rules
from oicdesk.settings.form import Clock, Section, row_of
from oicdesk.settings.records import Reference
from oicdesk.ui import jobs, messages, theme
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Card, Notice, Pill, Words
from oicdesk.vault.vault import Check, Vault

_SCHEMES = (("light", "Light"), ("dark", "Dark"), ("contrast", "High contrast"))
_SIZES = tuple((percent, f"{percent} %") for percent in (80, 90, 100, 110, 125, 150, 175, 200))


class AppearanceSection(Section):
    """Scheme and text size; they belong to this computer, not to the vault, and hold at once."""

    def __init__(self) -> None:
        super().__init__("Appearance", "How the desk looks on this computer; other computers keep their own look.")
        self.form = Form(
            [
                Field("scheme", "Colours", "choice", _SCHEMES, required=True, width=220),
                Field("size", "Text size", "choice", _SIZES, required=True, width=220),
            ]
        )
        card = Card()
        card.body.addWidget(self.form)
        self.later = Notice("info")
        card.body.addWidget(self.later)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.form.changed.connect(self._dress)

    def refresh(self, reference: Reference) -> None:
        here = machine.this()
        nearest = min((percent for percent, _ in _SIZES), key=lambda percent: abs(percent - here.text_percent))
        self.form.set_values({"scheme": here.scheme, "size": nearest})

    def first_focus(self) -> QWidget:
        return self.form.first_field()

    def _dress(self) -> None:
        values = self.form.values()
        here = machine.this()
        if values["size"] != here.text_percent:
            self.later.say("The pages are laid out for this size when the desk is next opened: Ctrl+L locks it.")
        here.scheme, here.text_percent = values["scheme"], values["size"]
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, here.scheme, here.text_percent)


class BackupSection(Section):
    """Backups, and the proof that the vault and its log are whole."""

    def __init__(self, vault: Vault, now: Clock) -> None:
        super().__init__(
            "Backup",
            "A backup is one encrypted file: the desk as it is now, with its ways in. It is opened and counted after "
            "it was written. Keep one away from this computer; 'oicdesk vault restore' brings it back.",
        )
        self._vault, self._now = vault, now
        self.state = Words("")
        self.state.setWordWrap(True)
        self.here = Button("Back up now", "primary", "save")
        self.there = Button("Back up to a file…", "plain", "download")
        self.here.clicked.connect(lambda: self._back_up(None, None, None))
        self.there.clicked.connect(self._back_up_there)
        self.column.addWidget(self.state)
        self.column.addLayout(row_of(self.here, self.there))
        self.verify = Button("Check the whole vault", "plain", "shield-check")
        self.verify.clicked.connect(self._verify)
        words = Words(
            "Reads every page of the vault, and the whole activity log from its first entry. Nothing is changed.",
            "base", "secondary",
        )  # fmt: skip
        words.setWordWrap(True)
        self.results = Card()
        self.results.hide()
        self.results.setAccessibleName("Result of the check")
        self.column.addWidget(words)
        self.column.addLayout(row_of(self.verify))
        self.column.addWidget(self.results)
        self.column.addStretch(1)

    def refresh(self, reference: Reference) -> None:
        at = self._vault.last_backup_at()
        self.state.setText(
            f"Last backup: {rules.spoken_instant(at)}." if at else "There is no backup of this vault yet."
        )

    def first_focus(self) -> QWidget:
        return self.here

    def _back_up_there(self) -> None:
        day = rules.london_day(self._now()).isoformat()
        target = messages.choose_save(
            self, "Back up to a file", f"{self._vault.path.stem}-{day}.oicbackup", "Backups (*.oicbackup)"
        )
        if target is None:
            return
        fields = [
            Field("recipient", "Who receives it", "text", required=True),
            Field("purpose", "Purpose", "text", required=True),
        ]
        values = messages.ask_form(
            self, "A backup leaves the desk", fields, "Write backup",
            sentence="A backup holds the whole desk, so it is logged as a disclosure.",
        )  # fmt: skip
        if values is not None:
            self._back_up(target, values["recipient"], values["purpose"])

    def _back_up(self, target: Any, recipient: str | None, purpose: str | None) -> None:
        jobs.run(
            self,
            lambda _progress: self._vault.back_up(target, recipient=recipient, purpose=purpose),
            title="Backing up",
            done=self._backed_up,
            failed=self._failed,
        )

    def _backed_up(self, file: Any) -> None:
        self.state.setText(f"Last backup: {rules.spoken_instant(self._now())}.")
        self.tell(f"Backed up, opened and counted: {file}")

    def _failed(self, error: Exception) -> None:
        self.warn(error if isinstance(error, Refused) else Refused(str(error)))

    def _verify(self) -> None:
        jobs.run(self, self._vault.verify, title="Checking the vault", done=self._verified, failed=self._failed)

    def _verified(self, checks: Sequence[Check]) -> None:
        while item := self.results.body.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for check in checks:
            line = QWidget()
            row = row_of(Pill("good" if check.ok else "problem", "Whole" if check.ok else "Damaged"))
            words = Words(f"{check.name}: {check.sentence}")
            words.setWordWrap(True)
            row.insertWidget(1, words, 1)
            row.setContentsMargins(0, 0, 0, 0)
            line.setLayout(row)
            self.results.body.addWidget(line)
        self.results.show()
        bad = [check for check in checks if not check.ok]
        if bad:
            self.warn(Refused(bad[0].sentence))
        else:
            self.tell(f"The vault is whole: {len(checks)} checks passed.")
