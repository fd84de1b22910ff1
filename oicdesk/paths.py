"""Where things lie: the only file that knows whether the program is frozen, a wheel or a source tree."""

import sys
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def _data() -> Path:
    """The folder that holds `resources/` and `db/`."""
    if getattr(sys, "frozen", False):
        return Path(sys._MEIPASS)  # type: ignore[attr-defined]  # set by PyInstaller only
    in_wheel = _PACKAGE / "_data"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent


def resources() -> Path:
    """The folder of icons, fonts, checklists and samples."""
    return _data() / "resources"


def db() -> Path:
    """The folder of migrations, `schema.sql` and `HISTORY.md`."""
    return _data() / "db"


def user_data() -> Path:
    """Where this user's vaults lie by default; not created here."""
    return Path(platformdirs.user_data_dir("OICDesk", appauthor=False))


def user_config() -> Path:
    """Where this computer's own small memory lies; not created here."""
    return Path(platformdirs.user_config_dir("OICDesk", appauthor=False))


def user_log() -> Path:
    """Where the program's technical log lies (ids and errors, never case contents); not created here."""
    return Path(platformdirs.user_log_dir("OICDesk", appauthor=False))
