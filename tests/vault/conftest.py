"""A real vault with a cheap key derivation, and what the tests of the vault ask of a folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oicdesk.vault.vault import Vault
from tests.makers import PASSPHRASE, make_vault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.oicdesk"


@pytest.fixture(scope="session")
def new_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new vault, made once, to be copied."""
    made = make_vault(tmp_path_factory.mktemp("new") / "desk")
    made.close()
    return made.path


@pytest.fixture
def vault(path: Path, new_vault: Path) -> Iterator[Vault]:
    """An open vault at `path`."""
    shutil.copytree(new_vault, path)
    opened = Vault.open(path, PASSPHRASE)
    yield opened
    opened.close()


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
