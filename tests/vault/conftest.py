"""A real vault with a cheap key derivation, and what the tests of the vault ask of a folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.oicdesk"


@pytest.fixture
def vault(path: Path) -> Iterator[Vault]:
    """An open vault at `path`."""
    made = make_vault(path)
    yield made
    made.close()


@pytest.fixture
def closed(vault: Vault, path: Path) -> Path:
    """The folder of a vault that was closed in good order."""
    vault.close()
    return path


@pytest.fixture
def open_vault(path: Path) -> Iterator[Callable[..., Vault]]:
    """Open the vault at `path` (or elsewhere); whatever was opened is closed at the end."""
    opened: list[Vault] = []

    def open_it(secret: str = PASSPHRASE, at: Path = path, **more: object) -> Vault:
        opened.append(Vault.open(at, secret, **more))  # type: ignore[arg-type]  # passed through as given
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()
