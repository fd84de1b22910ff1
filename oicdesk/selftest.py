"""Proof that this installation works: every part used once for real, in a private temporary folder.

Each check gives its name and, if it failed, why. Runs the same from source, wheel and frozen folder.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PASSPHRASE = "a passphrase of the self-test"
_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def checks() -> Iterator[tuple[str, str]]:
    """Run every check in order: (name, what is wrong or nothing). Stops at the first that others need."""
    with tempfile.TemporaryDirectory(prefix="oicdesk-self-test-") as folder:
        state: dict[str, Any] = {"folder": Path(folder)}
        for name, check in _CHECKS.items():
            try:
                check(state)
            except Exception as fault:
                yield name, f"{type(fault).__name__}: {fault}"
                return
            yield name, ""


def _expect(is_so: bool, what: str) -> None:
    if not is_so:
        raise ValueError(what)


def _data(_state: dict[str, Any]) -> None:
    from oicdesk import paths

    for name in ("icons", "fonts", "reference", "samples"):
        _expect(any((paths.resources() / name).iterdir()), f"resources/{name} is empty")
    _expect((paths.db() / "schema.sql").is_file(), "db/schema.sql is missing")


def _create(state: dict[str, Any]) -> None:
    from oicdesk.desk import new_desk

    vault, state["recovery_key"] = new_desk(state["folder"] / "test", PASSPHRASE, "Self-test", now=_NOW)
    state["path"] = vault.path
    vault.close()


def _migrate(_state: dict[str, Any]) -> None:
    import sqlcipher3.dbapi2 as sqlcipher

    from oicdesk.vault.migrate import upgrade

    connection = sqlcipher.connect(":memory:", isolation_level=None, check_same_thread=False)
    upgrade(connection)  # compares with schema.sql
    connection.close()


def _write(state: dict[str, Any]) -> None:
    from oicdesk.documents import records as documents
    from oicdesk.documents.rules import DocumentFacts
    from oicdesk.referrals import records as referrals
    from oicdesk.vault.vault import Vault

    contact = datetime(2026, 11, 20, 9, tzinfo=UTC)
    facts = {"force": "Suffolk", "reason": "person_in_custody", "contact_at": contact, "officer_name": "Self-test"}
    with Vault.open(state["path"], PASSPHRASE) as vault, vault.changing() as session:
        case = referrals.add(session, facts, now=_NOW)
        document, _warnings = documents.submit(session, case, DocumentFacts(submitted_at=_NOW), now=_NOW)
        documents.accept(session, document, at=_NOW)


def _import(state: dict[str, Any]) -> None:
    from oicdesk.demo import import_sample
    from oicdesk.vault.vault import Vault

    with Vault.open(state["path"], PASSPHRASE) as vault:
        _expect(import_sample(vault, _NOW).imported > 0, "nothing was imported")


def _report(state: dict[str, Any]) -> None:
    from oicdesk.desk import preview_report, save_report
    from oicdesk.vault.vault import Vault

    with Vault.open(state["path"], PASSPHRASE) as vault:
        for suffix in ("pdf", "docx", "xlsx"):
            file = state["folder"] / f"report.{suffix}"
            save_report(vault, "coverage", file, as_at=_NOW, force="Joint")
            _expect(file.stat().st_size > 5000, f"the {suffix} is too small to be a report")
        pdf = preview_report(vault, "coverage", as_at=_NOW, force="Joint")
    import pypdfium2

    _expect(len(pypdfium2.PdfDocument(pdf)) > 1, "the PDF has no pages")


def _window(state: dict[str, Any]) -> None:
    if not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from oicdesk.app import picture

    image = picture(state["path"], PASSPHRASE)
    colours = {image.pixel(x, y) for x in range(0, image.width(), 16) for y in range(0, image.height(), 16)}
    _expect(len(colours) > 3, "the window was painted blank")


def _reopen(state: dict[str, Any]) -> None:
    from oicdesk.vault.vault import Vault

    with Vault.open(state["path"], state["recovery_key"]) as vault:
        for check in vault.verify():
            _expect(check.ok, check.sentence)


def _backup(state: dict[str, Any]) -> None:
    from oicdesk.vault.backup import restore
    from oicdesk.vault.vault import Vault

    with Vault.open(state["path"], PASSPHRASE) as vault:
        file = vault.back_up(state["folder"] / "copy")
    restore(file, state["folder"] / "restored.oicdesk", PASSPHRASE)


def _no_network(_state: dict[str, Any]) -> None:
    unwanted = ("PySide6.QtNetwork", "PySide6.QtWebEngine", "PySide6.QtQml")
    loaded = [name for name in sys.modules if name.startswith(unwanted)]
    _expect(not loaded, f"network parts are loaded: {', '.join(loaded)}")


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "program files": _data,
    "create a vault": _create,
    "migrate from nothing to head": _migrate,
    "record and accept": _write,
    "import a list": _import,
    "write the reports": _report,
    "paint the window": _window,
    "reopen and verify": _reopen,
    "back up and restore": _backup,
    "no network part loaded": _no_network,
}
