"""Who may import whom. The table stands in the README's "How it is built"; every row of it is kept here.

A file's role is the first word of its name: `records_queue.py` is records, `page_case.py` is a page.
"""

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "oicdesk"

BASE = {"errors", "paths", "machine", "stats", "faults"}
ROOTS = {
    "__main__", "cli", "cli_audit", "cli_audit_steps", "app", "desk", "desk_papers", "demo", "demo_register",
    "demo_training", "demo_work", "selftest",
}  # fmt: skip
KITS = {"vault", "ui", "sheets", "reports"}
# A feature may read the ones named here: the order of the house, and the wall between cases and training.
CASES = {"settings", "referrals", "documents", "audits"}
EARLIER = {
    "activity": {"settings"},
    "settings": set(),
    "referrals": {"settings"},
    "documents": {"settings", "referrals"},
    "audits": {"settings", "referrals", "documents"},
    "training": {"settings"},
    "comms": CASES,
    "recommendations": CASES | {"comms"},
    "measures": CASES | {"training", "comms", "recommendations", "activity"},
}
VIEWS = {"page", "form", "panel"}
ROLES = VIEWS | {"rules", "records", "report", "sheet"}

NETWORK = {
    "socket", "socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "imaplib", "poplib", "nntplib",
    "telnetlib", "xmlrpc", "asyncio", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "websockets",
}  # fmt: skip
HEAVY = {"reportlab", "docx", "xlsxwriter", "alembic", "pypdfium2"}

# Exceptions, each with its reason.
ALLOWED_BESIDE = {
    # The log leaves the desk through the same door as every other file: whole, private, formula-safe.
    ("activity/records.py", "oicdesk.reports.files"),
    ("activity/records.py", "oicdesk.sheets.read"),
    # One rule says which cells look like a formula, for every plain file.
    ("reports/page_view.py", "oicdesk.sheets.read"),
}
# The pen of the PDF: these files are themselves imported inside a function only.
HEAVY_INSIDE = {("reports/pen.py", "reportlab"), ("reports/tags.py", "reportlab")}


@dataclass(frozen=True)
class Import:
    """One imported module; `at_start` unless it stands in a function or is for type checking only."""

    module: str
    names: tuple[str, ...]
    at_start: bool
    line: int

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> list[Import]:
    found: list[Import] = []
    _walk(ast.parse(path.read_text(encoding="utf-8")), True, found)
    return found


def _walk(node: ast.AST, at_start: bool, found: list[Import]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            found += [Import(alias.name, (), at_start, child.lineno) for alias in child.names]
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports say where from"
            found += _imported_from(child, at_start)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        _walk(child, at_start and not inside and not typing_only, found)


def _imported_from(node: ast.ImportFrom, at_start: bool) -> list[Import]:
    """`from package import module` names the module, `from module import name` the module and the name."""
    found = []
    for alias in node.names:
        deeper = ROOT / (node.module or "").replace(".", "/") / alias.name
        is_module = deeper.with_suffix(".py").is_file() or (deeper / "__init__.py").is_file()
        if (node.module or "").startswith("PySide6"):
            is_module = node.module == "PySide6"
        if is_module:
            found.append(Import(f"{node.module}.{alias.name}", (), at_start, node.lineno))
        else:
            found.append(Import(node.module or "", (alias.name,), at_start, node.lineno))
    return found


def place(path: Path) -> tuple[str, str]:
    """(folder, role): ("referrals", "records"), ("", "cli"), ("vault", "log")."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if len(parts) == 1:
        return "", parts[0]
    return parts[0], parts[1].partition("_")[0] if not parts[1].startswith("_") else parts[1]


def breaches(path: Path) -> list[str]:
    folder, role = place(path)
    wrong = []
    for one in imports(path):
        if (name_of(path), one.module) in ALLOWED_BESIDE:
            continue
        said = _said_of_ours(folder, role, one) if one.top == "oicdesk" else _said_of_others(path, folder, role, one)
        if said:
            wrong.append(f"{name_of(path)}:{one.line} imports {one.module}: {said}")
    return wrong


def _said_of_ours(folder: str, role: str, one: Import) -> str:
    """Why this file may not import that module of ours, or nothing."""
    words = one.module.split(".")[1:]
    if not words:
        return "" if not folder and role in ROOTS else "name the module, not the package"
    there = words[0]
    there_role = words[1].partition("_")[0] if len(words) > 1 else ""
    if not folder:
        return _said_of_a_root(role, there, one)
    if there in ROOTS:
        return "only the roots compose"
    if there in BASE:
        return "" if there in _base_for(folder, role) else f"{there} is not for {folder}/{role}"
    if folder == "vault":
        return "" if there == "vault" else "the vault knows no feature and no window"
    if folder == "ui":
        allowed = there == "ui" or one.module == "oicdesk.reports.charts"
        return "" if allowed else "the kit of the window knows no feature and no vault"
    if folder in ("sheets", "reports"):
        view = role in ("form", "page")
        if there in EARLIER or there == "vault":
            return "a kit knows no feature"
        if there == "ui":
            return "" if view else "only its page or form has a window"
        return "" if there == folder else "a kit stands for itself"
    return _said_in_a_feature(folder, role, there, there_role, one)


def _said_of_a_root(role: str, there: str, one: Import) -> str:
    if role in BASE:
        return "" if there in BASE else "the ground floor stands on nothing of ours"
    if there == "app" and (role not in ("cli", "selftest") or one.at_start):
        return "only the command that opens a window imports app, inside its function"
    if there == "ui" and role != "app":
        return "only app has a window"
    return ""


def _base_for(folder: str, role: str) -> set[str]:
    if folder == "vault":
        return {"errors", "paths"}
    if folder == "ui":
        return {"errors", "machine", "paths", "faults"}
    if folder in EARLIER:
        if role == "rules":
            return {"errors", "stats"}
        if role == "records":
            return {"errors", "paths"}  # what a table starts with lies in resources/
        return {"errors", "machine", "paths", "stats"} if role in VIEWS else {"errors"}
    return {"errors", "paths", "machine"} if role in VIEWS else {"errors", "paths"}


def _said_in_a_feature(folder: str, role: str, there: str, there_role: str, one: Import) -> str:
    if role not in ROLES:
        return f"{role} is no file of a feature"
    if there in EARLIER:
        if there != folder and there not in EARLIER[folder]:
            return f"{folder} may not read {there}"
        return _said_between_features(folder == there, role, there_role, one)
    if there == "vault":
        return "" if role in VIEWS | {"records", "sheet"} else "no vault here"
    if there == "ui":
        return "" if role in VIEWS else "no window here"
    if there == "sheets":
        if role in VIEWS:
            return ""
        return "" if role == "sheet" and there_role != "form" else "the sheets kit is for sheet.py and pages"
    if there == "reports":
        if role in VIEWS:
            return ""
        charts = ("oicdesk.reports.charts", "oicdesk.reports.charts_weeks")
        blocks = one.module in ("oicdesk.reports.blocks", *charts)
        return "" if role == "report" and blocks else "only the blocks of a report, and only in report.py"
    return f"{there} is not known"


def _said_between_features(is_own: bool, role: str, there_role: str, one: Import) -> str:
    allowed = {
        "rules": {"rules"},
        "records": {"rules", "records"},
        "sheet": {"rules", "records", "sheet"} if is_own else {"rules", "records"},
        "report": {"rules", "report"} if is_own else {"rules"},
    }.get(role, ROLES if is_own else {"rules", "records"})
    if role == "report" and there_role == "records" and one.names and all(n.endswith("Row") for n in one.names):
        return ""
    return "" if there_role in allowed else f"a {role} may not import a {there_role}"


def _said_of_others(path: Path, folder: str, role: str, one: Import) -> str:
    """Why this file may not import that library, or nothing."""
    view = role in VIEWS
    if one.top in NETWORK or one.module.startswith("PySide6.QtNetwork"):
        return "nothing here speaks to a network"
    if one.top in ("PySide6", "shiboken6"):
        has_window = folder == "ui" or (not folder and role == "app") or (view and folder not in ("vault", ""))
        return "" if has_window else "no Qt here"
    if one.top in HEAVY and one.at_start and (name_of(path), one.top) not in HEAVY_INSIDE:
        return "import it inside the function that needs it"
    if one.top in sys.stdlib_module_names:
        wrong = role == "rules" and one.top in ("os", "pathlib", "io", "time", "shutil", "tempfile", "sqlite3")
        return "a rule touches no file and no clock" if wrong else ""
    homes = {
        "platformdirs": not folder,
        "sqlalchemy": folder == "vault" or role in ("records", "sheet") or not folder,
        "sqlcipher3": folder == "vault" or (not folder and role == "selftest"),
        "argon2": folder == "vault",
        "cryptography": folder == "vault",
        "alembic": folder == "vault",
        "rapidfuzz": folder == "sheets" or name_of(path) == "referrals/records_find.py",
        "python_calamine": folder == "sheets",
        "reportlab": folder == "reports" or name_of(path) == "ui/chart.py",
        "docx": folder == "reports",
        "xlsxwriter": folder == "reports",
        "pypdfium2": folder == "reports" or (not folder and role == "selftest"),
        "zxcvbn_rs_py": folder == "ui",
    }
    return "" if homes.get(one.top) else "that library is not for this file"


def test_every_file_imports_only_what_its_role_may():
    wrong = [line for path in sources() for line in breaches(path)]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "line", "why"),
    [
        ("referrals/rules.py", "from sqlalchemy import select", "not for this file"),
        ("referrals/rules.py", "import os", "no clock"),
        ("referrals/rules.py", "from oicdesk.referrals import records", "may not import a records"),
        ("referrals/rules.py", "from oicdesk.vault import log", "no vault"),
        ("referrals/records_new.py", "from PySide6.QtCore import Qt", "no Qt"),
        ("referrals/records.py", "from oicdesk.documents import rules", "may not read documents"),
        ("referrals/records.py", "from oicdesk.referrals.page import QueuePage", "may not import a page"),
        ("referrals/page.py", "from oicdesk.documents.panel import DocumentsPanel", "may not read documents"),
        ("documents/panel.py", "from oicdesk.referrals.page import QueuePage", "may not import a page"),
        ("referrals/page.py", "from sqlalchemy import select", "not for this file"),
        ("referrals/records.py", "def f():\n    from oicdesk.training import records", "may not read training"),
        ("training/records.py", "from oicdesk.referrals import rules", "may not read referrals"),
        ("comms/records.py", "from oicdesk.training import rules", "may not read training"),
        ("documents/report.py", "from oicdesk.documents.records import cases_as_at", "may not import a records"),
        ("documents/report.py", "from sqlalchemy.orm import Session", "not for this file"),
        ("documents/report.py", "from reportlab.lib import colors", "inside the function"),
        ("referrals/sheet.py", "from oicdesk.sheets.form import Wizard", "sheets kit"),
        ("sheets/read.py", "from oicdesk.referrals import rules", "no feature"),
        ("sheets/read.py", "from PySide6.QtCore import Qt", "no Qt"),
        ("reports/pdf.py", "from oicdesk.ui import theme", "window"),
        ("ui/rows.py", "from oicdesk.referrals import rules", "no feature"),
        ("ui/rows.py", "from oicdesk.vault.vault import Vault", "no vault"),
        ("ui/rows.py", "from oicdesk.reports.pdf import write_pdf", "no feature"),
        ("vault/log.py", "from oicdesk.settings import rules", "no feature"),
        ("vault/migrate.py", "from alembic import command", "inside the function"),
        ("stats.py", "from oicdesk.settings import rules", "nothing of ours"),
        ("cli.py", "from oicdesk.app import run", "inside its function"),
        ("cli.py", "from PySide6.QtCore import Qt", "no Qt"),
        ("app.py", "import socket", "network"),
        ("app.py", "from PySide6 import QtNetwork", "network"),
        ("ui/form.py", "def f():\n    import urllib.request", "network"),
        ("referrals/helpers.py", "from oicdesk.errors import Refused\nfrom oicdesk.vault import log", "no file"),
    ],
)
def test_a_breach_of_each_row_would_be_found(tmp_path, monkeypatch, name, line, why):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{line}\n", encoding="utf-8")
    assert any(why in breach for breach in breaches(file)), breaches(file)


def test_packages_hold_no_code_of_their_own():
    found = list(PACKAGE.rglob("__init__.py"))
    assert len(found) > 8
    assert [name_of(path) for path in found if path.read_text()] == []
    folders = {path.parent for path in sources()}
    assert {path.parent for path in found} == folders


def test_every_folder_is_a_kit_or_a_feature_of_the_house():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders - KITS - set(EARLIER) == set()


def test_rules_ask_no_clock_and_open_no_file():
    wrong = []
    for path in PACKAGE.rglob("rules*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
                wrong.append(f"{name_of(path)}:{node.lineno} .{node.attr}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                wrong.append(f"{name_of(path)}:{node.lineno} open()")
    assert wrong == []


def test_migrations_import_nothing_of_ours():
    files = list((ROOT / "db" / "migrations").rglob("*.py"))
    assert files
    tops = {one.top for path in files for one in imports(path)}
    assert tops <= {"alembic", "sqlalchemy", "json", "datetime", "collections", "re", "unicodedata"}


def test_no_file_has_a_name_that_says_nothing():
    vague = ("manager", "helper", "util", "service", "controller", "common", "misc")
    assert [name_of(path) for path in sources() if any(word in path.stem for word in vague)] == []


def loaded_after(statement: str) -> set[str]:
    """The top-level modules (and Qt's) that a fresh interpreter has after the statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    return {name.partition(".")[0] for name in modules} | {name for name in modules if name.startswith("PySide6.")}


def test_rules_load_neither_qt_nor_sqlalchemy():
    rooms = ("referrals.rules", "referrals.rules_people", "documents.rules", "settings.rules", "comms.rules_effect")
    for module in (*rooms, "comms.rules_ics", "recommendations.rules_measures"):
        loaded = loaded_after(f"import oicdesk.{module}")
        assert "oicdesk" in loaded
        assert not loaded & {"PySide6", "sqlalchemy", "sqlcipher3", "reportlab"}, module


def test_the_command_line_starts_without_qt_and_the_heavy_libraries():
    assert not loaded_after("import oicdesk.cli") & ({"PySide6", "sqlalchemy", "sqlcipher3"} | HEAVY)


def test_records_and_reports_start_without_qt_and_the_heavy_libraries():
    modules = "oicdesk.desk, oicdesk.demo, oicdesk.documents.report, oicdesk.reports.write, oicdesk.reports.charts"
    assert not loaded_after(f"import {modules}") & ({"PySide6"} | HEAVY)


def test_the_window_loads_no_network_part_of_qt():
    assert "PySide6.QtNetwork" not in loaded_after("import oicdesk.app")
