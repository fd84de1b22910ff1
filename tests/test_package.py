"""The packed folder, its licences, the Windows installer's script and the Linux archive."""

import importlib.util
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

from oicdesk.vault.migrate import HEAD

ROOT = Path(__file__).resolve().parents[1]
INSTALLER = ROOT / "resources" / "installer"
OWN_MODULES = ["oicdesk.cli", "oicdesk.selftest"]


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", INSTALLER / "bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path, bundle: ModuleType) -> Path:
    """A packed folder in little: the program's own files and the licences."""
    for source, inside in bundle.own_data():
        target = tmp_path / "oicdesk" / "_internal" / inside
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target / Path(source).name)
    entries = [
        (f"{name}/__init__.py", "", "PYMODULE")
        for name in ("sqlalchemy", "cryptography", "sqlcipher3", "reportlab", "PySide6")
    ]
    bundle.gather_licences(tmp_path / "oicdesk" / "_internal" / "licences", entries)
    return tmp_path / "oicdesk"


def test_the_programs_own_files_are_packed_and_the_projects_are_not(bundle: ModuleType) -> None:
    names = {f"{inside}/{Path(source).name}" for source, inside in bundle.own_data()}
    assert {"db/schema.sql", "resources/fonts/OFL.txt", "resources/samples/control-room-extract.csv"} <= names
    assert any(re.match(rf"db/migrations/versions/{HEAD}.*\.py$", name) for name in names)
    assert not [name for name in names if name.startswith(("resources/installer", "resources/pictures"))]


@pytest.mark.parametrize(
    "name",
    [
        "libQt6Network.so.6", "PySide6/Qt/lib/libQt6Qml.so.6", "PySide6\\Qt6Quick.dll",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so", "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/translations/qt_de.qm", "libgtk-3.so.0", "libssl.so.3", "oicdesk-0.1.0.dist-info/direct_url.json",
    ],
)  # fmt: skip
def test_what_the_desk_does_not_need_stays_out(bundle: ModuleType, name: str) -> None:
    assert not bundle.is_wanted((name, "", "BINARY"))


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Widgets.so.6", "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/plugins/platforms/qwindows.dll", "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so", "sqlcipher3/_sqlite3.cpython-311-x86_64-linux-gnu.so",
        "resources/icons/x.svg", "libxkbcommon.so.0",
    ],
)  # fmt: skip
def test_what_the_desk_needs_goes_in(bundle: ModuleType, name: str) -> None:
    assert bundle.is_wanted((name, "", "BINARY"))


def test_a_whole_folder_has_no_faults(bundle: ModuleType, folder: Path) -> None:
    assert bundle.faults(folder, OWN_MODULES) == []


@pytest.mark.parametrize(
    "name", ["libQt6Network.so.6", "PySide6/QtQml.abi3.so", "Qt6WebEngineCore.dll", "PySide6/QtCharts.pyd"]
)
def test_a_forbidden_library_is_a_fault(bundle: ModuleType, folder: Path, name: str) -> None:
    file = folder / "_internal" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert bundle.faults(folder, OWN_MODULES) == [f"{name} must not be inside"]


def test_a_forbidden_module_is_a_fault(bundle: ModuleType, folder: Path) -> None:
    assert bundle.faults(folder, [*OWN_MODULES, "PySide6.QtNetwork"]) == [
        "the module PySide6.QtNetwork must not be inside"
    ]


@pytest.mark.parametrize("name", ["db/schema.sql", "licences/oicdesk/LICENSE", "licences/fonts/OFL.txt"])
def test_a_missing_part_is_a_fault(bundle: ModuleType, folder: Path, name: str) -> None:
    (folder / "_internal" / name).unlink()
    assert bundle.faults(folder, OWN_MODULES) == [f"{name} is missing"]


def test_a_folder_without_migrations_is_faulty(bundle: ModuleType, folder: Path) -> None:
    shutil.rmtree(folder / "_internal" / "db" / "migrations")
    assert any("migrations" in fault for fault in bundle.faults(folder, OWN_MODULES))


def test_licences_bring_the_text_of_each_part(folder: Path) -> None:
    licences = folder / "_internal" / "licences"
    texts = {
        "oicdesk/LICENSE": "MIT License",
        "Qt-for-Python/LGPL-3.0.txt": "GNU LESSER GENERAL PUBLIC LICENSE",
        "sqlcipher3/SQLCipher.txt": "ZETETIC LLC",
        "fonts/OFL.txt": "SIL OPEN FONT LICENSE",
        "icons/LICENSE": "ISC License",
        "SQLAlchemy/LICENSE": "MIT",
        "sqlcipher3/VERSION.txt": "sqlcipher3 0.",
    }
    for name, words in texts.items():
        assert words.casefold() in (licences / name).read_text("utf-8").casefold(), name


def test_the_version_resource_carries_the_version_as_numbers_and_words(bundle: ModuleType) -> None:
    text = bundle.version_resource("1.20.3")
    assert "filevers=(1, 20, 3, 0)" in text
    assert "StringStruct('ProductVersion', '1.20.3')" in text
    compile(text, "version.txt", "eval")


def test_no_network_or_web_part_of_qt_is_asked_for_by_the_packing_script() -> None:
    text = (ROOT / "build_installer.spec").read_text("utf-8")
    assert "upx=False" in text
    assert not re.search(r"QtNetwork|QtWebEngine|QtQml|QtCharts", text)


@pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is not installed here")
def test_the_installers_script_compiles_without_a_warning(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "desk-setup.exe"
    told = subprocess.run(
        [
            "makensis", "-V2", "-WX", "-DQUICK", "-DVERSION=1.2.3", f"-DFOLDER={folder}", f"-DOUT={out}",
            str(INSTALLER / "oicdesk.nsi"),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert out.read_bytes()[:2] == b"MZ"


def test_removing_the_program_touches_no_folder_of_a_user() -> None:
    script = (INSTALLER / "oicdesk.nsi").read_text("utf-8")
    removal = script[script.index('Section "Uninstall"') :]
    removed = re.findall(r"^\s*(?:RMDir|Delete)(?: /r)? \"?([^\"\n;]+)", removal, re.M)
    assert len(removed) > 3
    assert all(path.startswith(("$INSTDIR", "$SMPROGRAMS\\OICDesk.lnk")) for path in removed)
    assert re.findall(r"RMDir /r \"(.+?)\"", script) == ["$INSTDIR\\_internal"] * 2
    assert "STAYS" in removal


@pytest.mark.skipif(shutil.which("xz") is None, reason="xz is not installed here")
def test_the_archive_is_one_folder_and_the_same_bytes_each_time(tmp_path: Path, folder: Path) -> None:
    archives = [tmp_path / "one.tar.xz", tmp_path / "two.tar.xz"]
    for archive in archives:
        subprocess.run(["bash", str(INSTALLER / "archive.sh"), str(folder), str(archive)], check=True)
    with tarfile.open(archives[0]) as tar:
        names = tar.getnames()
        assert {member.uname for member in tar.getmembers()} == {""}
    assert "oicdesk/_internal/db/schema.sql" in names
    assert all(name.split("/")[0] == "oicdesk" for name in names)
    assert archives[0].read_bytes() == archives[1].read_bytes()
