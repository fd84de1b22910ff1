"""Ways in and their strength: passphrase, users, recovery key, cost of a guess."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from oicdesk.errors import Refused, VaultError
from oicdesk.settings.form import Section, row_of
from oicdesk.settings.records import Reference
from oicdesk.ui import messages, theme
from oicdesk.ui.form import Field, Form
from oicdesk.ui.parts import Button, Card, Words
from oicdesk.ui.rows import Column, ListSource, RowsModel, Table
from oicdesk.vault.keys import STRENGTHS_MIB, Kdf, same_recovery_key
from oicdesk.vault.vault import OFFICER, ROLES, Vault

_USER_COLUMNS: Final = (
    Column("Name", lambda user: user.name, width=260),
    Column("Role", lambda user: user.role, width=200),
)
_STRENGTHS: Final = tuple((mib, f"{mib} MiB") for mib in STRENGTHS_MIB)
_FIELD: Final = 320


def seconds_to_unlock(mib: int) -> float:
    """How long one try at a passphrase takes on this computer at that strength."""
    started = time.perf_counter()
    Kdf(memory_kib=mib * 1024).key(b"measured, not used", bytes(16))
    return time.perf_counter() - started


class Deed(Card):
    """A card with a small form and the button that does one thing; `work` says in a sentence what it did."""

    def __init__(
        self,
        section: Section,
        title: str,
        sentence: str,
        fields: Sequence[Field],
        verb: str,
        icon: str,
        work: Callable[[dict[str, Any]], str],
    ) -> None:
        super().__init__()
        self._section, self._work = section, work
        self.form = Form(fields)
        self.button = Button(verb, "plain", icon)
        self.button.clicked.connect(self._do)
        words = Words(sentence, "base", "secondary")
        words.setWordWrap(True)
        self.body.addWidget(Words(title, "section"))
        self.body.addWidget(words)
        self.body.addWidget(self.form)
        self.buttons = row_of(self.button)
        self.body.addLayout(self.buttons)
        for field in fields:
            edit = self.form.widget(field.name).findChild(QLineEdit) or self.form.widget(field.name)
            if isinstance(edit, QLineEdit):
                edit.returnPressed.connect(self._do)

    def _do(self) -> None:
        self.form.clear_refusals()
        try:
            sentence = self._work(self.form.complete_values())
        except Refused as error:
            self.form.show_refusal(str(error), error.field)
            return
        except VaultError as error:
            self._section.warn(error)
            return
        self.form.set_values({f.name: None for f in self.form.fields if f.kind in ("secret", "text")})
        self._section.tell(sentence)


class SecuritySection(Section):
    """Cards for everything that opens the vault."""

    def __init__(self, vault: Vault, measure: Callable[[int], float] = seconds_to_unlock) -> None:
        super().__init__(
            "Security",
            "The vault is encrypted with a random key. Each user's passphrase and the recovery key open that key; "
            "changing them never encrypts the desk anew.",
        )
        self._vault, self._measure = vault, measure
        self.passphrase = Deed(
            self, "Your passphrase", f"For {vault.user.name}; other users keep theirs.",
            (
                _secret("old", "Present passphrase"),
                _secret("passphrase", "New passphrase"),
                _secret("again", "New passphrase again"),
            ),
            "Change passphrase", "key-round", self._change_passphrase,
        )  # fmt: skip
        self.new_user = Deed(
            self, "Add a user", "Each user has a passphrase of their own, and the log says who did what.",
            (
                Field("name", "Name", "text", required=True, width=_FIELD),
                Field("role", "Role", "choice", [(role, role) for role in ROLES], required=True, width=_FIELD),
                _secret("passphrase", "Their passphrase"), _secret("again", "Their passphrase again"),
            ),
            "Add user", "plus", self._add_user,
        )  # fmt: skip
        self.recovery = Deed(
            self, "Recovery key",
            "Opens the vault when every passphrase is forgotten. Making a new one ends the old one. Write it down or "
            "print it, and keep it away from this computer.",
            (_secret("passphrase", "Your passphrase"),), "Make a new recovery key", "key-round", self._renew,
        )  # fmt: skip
        self.strength = Deed(
            self, "Strength",
            "Memory that each guess at a passphrase costs (Argon2id). More makes guessing slower, and unlocking too. "
            "Other users' passphrases follow when they next unlock.",
            (
                Field("strength", "Cost of a guess", "choice", _STRENGTHS, required=True, width=_FIELD),
                _secret("passphrase", "Your passphrase"),
            ),
            "Change strength", "shield-check", self._strengthen,
        )  # fmt: skip
        self.measure = Button("Measure on this computer", "plain", "clock")
        self.measure.clicked.connect(self._show_times)
        self.strength.buttons.insertWidget(1, self.measure)
        self.new_user.form.set_values({"role": OFFICER})
        for card in (self.passphrase, self._users_card(), self.new_user, self.recovery, self.strength):
            self.column.addWidget(card)
        self.column.addStretch(1)
        self._build_key()

    def refresh(self, reference: Reference) -> None:
        self._show_users()
        if self._vault.strength_mib in STRENGTHS_MIB:
            self.strength.form.set_values({"strength": self._vault.strength_mib})

    def first_focus(self) -> QWidget:
        return self.passphrase.form.first_field()

    # --- passphrase ---

    def _change_passphrase(self, values: dict[str, Any]) -> str:
        _refuse_different(values)
        self._vault.change_passphrase(values["old"], values["passphrase"])
        return "Your passphrase was changed; the old one opens the vault no more."

    # --- users ---

    def _users_card(self) -> Card:
        card = Card()
        self.users = RowsModel(_USER_COLUMNS, self)
        self.user_table = Table(self.users, "Users")
        self.user_table.setFixedHeight(theme.px(32 * 5))
        self.user_table.selection_changed.connect(self._show_remove)
        self.remove = Button("Remove user…", "danger", "x")
        self.remove.clicked.connect(self._remove_user)
        card.body.addWidget(Words("Users", "section"))
        card.body.addWidget(self.user_table)
        card.body.addLayout(row_of(self.remove))
        return card

    def _show_users(self) -> None:
        self.users.set_source(ListSource(self._vault.users()))
        self._show_remove()

    def _show_remove(self) -> None:
        ids = self.user_table.selected_ids()
        self.remove.setEnabled(len(ids) == 1 and ids[0] != self._vault.user.id)

    def _add_user(self, values: dict[str, Any]) -> str:
        _refuse_different(values)
        self._vault.add_user(values["name"], values["role"], values["passphrase"])
        self._show_users()
        return f"{values['name']} was added as {values['role']} and can unlock the vault with that passphrase."

    def _remove_user(self) -> None:
        ids = self.user_table.selected_ids()
        user = next((user for user in self._vault.users() if user.id in ids), None)
        if user is None:
            return
        sentence = f"{user.name}'s passphrase will open the vault no more; the name stays on past work."
        if not messages.confirm(self, f"Remove {user.name}?", sentence, "Remove user", danger=True):
            return
        try:
            self._vault.remove_user(user.id)
        except (Refused, VaultError) as error:
            self.warn(error)
            return
        self._show_users()
        self.tell(f"{user.name} was removed.")

    # --- recovery key ---

    def _build_key(self) -> None:
        """The new key, shown until it was typed back."""
        self.key = QLineEdit()
        self.key.setReadOnly(True)
        self.key.setAccessibleName("New recovery key")
        self.key.setMinimumHeight(theme.row_height())
        self.key_form = Form([Field("typed", "Type it back from paper", "text", required=True)])
        self.kept = Button("I have kept it", "primary", "check")
        self.kept.clicked.connect(self._keep)
        self.key_box = box = Card()
        box.body.addWidget(Words("Your new recovery key, shown this once", "section"))
        for widget in (self.key, self.key_form):
            box.body.addWidget(widget)
        box.body.addLayout(row_of(self.kept))
        box.hide()
        self.recovery.body.addWidget(box)

    def _renew(self, values: dict[str, Any]) -> str:
        self.key.setText(self._vault.replace_recovery_key(values["passphrase"]))
        self.key_box.show()
        self.key_form.focus_field("typed")
        return "A new recovery key was made and the old one has ended; write the new one down now."

    def _keep(self) -> None:
        self.key_form.clear_refusals()
        try:
            typed = self.key_form.complete_values()["typed"]
            if not same_recovery_key(typed, self.key.text()):
                raise Refused("That is not the key shown; compare it group by group and type it again.", field="typed")
        except Refused as error:
            self.key_form.show_refusal(str(error), error.field)
            return
        self.key.clear()
        self.key_form.set_values({"typed": None})
        self.key_box.hide()
        self.tell("The new recovery key was typed back rightly; keep the paper away from this computer.")

    # --- strength ---

    def _show_times(self) -> None:
        box = self.strength.form.widget("strength")
        assert isinstance(box, QComboBox)
        for place, mib in enumerate(STRENGTHS_MIB):
            box.setItemText(place, f"{mib} MiB, {self._measure(mib):.1f} seconds to unlock here")
            QApplication.processEvents()

    def _strengthen(self, values: dict[str, Any]) -> str:
        self._vault.set_strength(values["strength"], values["passphrase"])
        return f"Each guess at a passphrase now costs {values['strength']} MiB of memory."


def _secret(name: str, label: str) -> Field:
    return Field(name, label, "secret", required=True, width=_FIELD)


def _refuse_different(values: dict[str, Any]) -> None:
    if values["passphrase"] != values["again"]:
        raise Refused("The two passphrases differ; type the new one twice alike.", field="again")
