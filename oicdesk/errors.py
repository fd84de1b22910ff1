"""The two ways of saying no; every message is one sentence for the user: what, why, what next."""


class Refused(Exception):
    """A rule of the desk says no; nothing was changed.

    `field` names the form field the sentence belongs beside, where there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class VaultError(Exception):
    """The world says no (a file, a disk, a key, another program); nothing half-written is left."""


class WrongPassphrase(VaultError):
    """None of the vault's ways in opens with what was typed."""


class DamagedVault(VaultError):
    """A file of the vault is not what was written."""


class DamagedSlots(DamagedVault):
    """`keys.json` is not what was written; the copy before it may still open the vault."""
