"""What tests begin with: a real vault, made quickly."""

from pathlib import Path

from oicdesk.vault.keys import Kdf
from oicdesk.vault.vault import OFFICER, Vault

CHEAP = Kdf(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "tractor lantern violin"
USER = "Sam Example"


def make_vault(path: Path, *, user: str = USER, role: str = OFFICER, passphrase: str = PASSPHRASE) -> Vault:
    """A new, open vault at `path`: real SQLCipher, real slots, a key derivation that costs nothing."""
    vault, _recovery_key = Vault.create(path, passphrase, user, kdf=CHEAP, role=role)
    return vault
