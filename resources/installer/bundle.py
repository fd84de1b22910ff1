"""What goes into the packaged folder, what stays out, whose licences travel with it, and whether it is whole.

`build_installer.spec` asks it while packing; `python resources/installer/bundle.py FOLDER` checks a packed folder,
prints its size, and exits 1 with one line per fault.
"""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Modules that something imports if it happens to be there; none is needed.
EXCLUDED = (
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtWebEngineCore", "PySide6.QtCharts",
    "PySide6.QtPrintSupport", "PySide6.QtOpenGL", "PySide6.QtSql", "PySide6.QtTest",
    "ssl", "_ssl", "_hashlib", "tkinter", "_tkinter", "setuptools", "pkg_resources", "distutils", "pip", "wheel",
    "numpy", "pandas", "scipy", "pytest", "_pytest", "IPython", "hypothesis", "pygments", "rich",
    "alembic.testing", "sqlalchemy.testing", "sqlalchemy.ext.mypy", "mako.testing",
    "PIL._avif", "PIL._webp", "PIL.AvifImagePlugin", "PIL.WebPImagePlugin", "PIL.ImageQt", "PIL.ImageTk",
    "PIL._imagingtk", "PIL._imagingcms", "rlPyCairo", "cairo", "pycparser", "lib2to3", "pydoc_data", "idlelib",
    "sqlite3", "_sqlite3",  # only SQLCipher ever opens a database
    "lxml.html", "lxml.objectify", "lxml.isoschematron", "charset_normalizer", "defusedxml", "tomli",
)  # fmt: skip

# File names inside the folder, as the packer gives them, with forward slashes.
_UNWANTED = (
    "*PySide6/*translations/*", "*/plugins/egldeviceintegrations/*", "*/plugins/generic/*",
    "*/plugins/networkinformation/*", "*/plugins/tls/*", "*/plugins/wayland*", "*/plugins/printsupport/*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*", "*/plugins/vectorimageformats/*",
    "*/plugins/platformthemes/*gtk*",
    "*/plugins/platforms/*eglfs*", "*/plugins/platforms/*linuxfb*", "*/plugins/platforms/*minimalegl*",
    "*/plugins/platforms/*vnc*", "*/plugins/platforms/*vkkhr*", "*/plugins/platforms/*wayland*",
    "*/plugins/platforms/*direct2d*",
    "*/plugins/imageformats/*gif*", "*/plugins/imageformats/*icns*", "*/plugins/imageformats/*jpeg*",
    "*/plugins/imageformats/*pdf*", "*/plugins/imageformats/*tga*", "*/plugins/imageformats/*tiff*",
    "*/plugins/imageformats/*wbmp*", "*/plugins/imageformats/*webp*",
    "*Qt6Wayland*", "*Qt6WlShell*", "*Qt6EglFS*", "*Qt6EglFs*", "*Qt6Network*", "*Qt6Qml*", "*Qt6Quick*",
    "*Qt6Labs*", "*Qt6VirtualKeyboard*", "*Qt6Pdf*", "*Qt6PrintSupport*", "*opengl32sw.dll",
    "libgtk*", "libgdk*", "libcairo*", "libpango*", "libatk*", "libatspi*", "libcups*", "libavahi*", "libgnutls*",
    "libkrb5*", "libgssapi*", "libk5crypto*", "libkeyutils*", "libcom_err*", "libssl*", "libcrypto*",
    "libharfbuzz*", "libfribidi*", "libthai*", "libdatrie*", "libepoxy*", "libwayland*", "libgstreamer*",
    "libgio-*", "libgobject-*", "libgmodule-*", "libmount*", "libblkid*", "libselinux*", "libpixman*", "libjpeg.so*",
    "libgraphite2*", "libsqlite3*", "libreadline*", "libtinfo*", "libncurses*", "libtk*", "libtcl*",
    "*docx/templates/default-docx-template/*", "*.pyi", "*/direct_url.json",
)  # fmt: skip
# What an open desk must never carry, whatever the packer believes.
_FORBIDDEN = re.compile(r"Qt6?(Network|WebEngine|WebSockets|WebView|Qml|Quick|Charts|DataVisualization|HttpServer)\w*")
_NEEDED = (
    "resources/icons/*.svg", "resources/fonts/*.ttf", "resources/reference/*", "resources/samples/*",
    "db/schema.sql", "db/HISTORY.md", "db/migrations/env.py", "db/migrations/versions/0001*.py",
    "licences/oicdesk/LICENSE", "licences/fonts/OFL.txt", "licences/icons/LICENSE",
    "licences/Qt-for-Python/*", "licences/python/*", "licences/SQLAlchemy/*", "licences/cryptography/*",
    "licences/sqlcipher3/*", "licences/reportlab/*",
)  # fmt: skip
_DEVELOPMENT = ("installer", "pictures")  # resources that serve the project and not the program

Entry = tuple[str, str, str]  # name in the folder, file it comes from, kind: the packer's own triple


def is_wanted(entry: Entry) -> bool:
    """Whether a file that the packer found belongs in the folder."""
    name = entry[0].replace("\\", "/")
    return not any(fnmatch(name, pattern) for pattern in _UNWANTED)


def own_data() -> list[tuple[str, str]]:
    """The program's own files: (source, folder inside)."""
    found = []
    for part in ("resources", "db"):
        for file in sorted((ROOT / part).rglob("*")):
            inside = file.relative_to(ROOT)
            if file.is_file() and "__pycache__" not in inside.parts and inside.parts[1] not in _DEVELOPMENT:
                found.append((str(file), str(inside.parent)))
    return found


# Licences


def gather_licences(target: Path, entries: Iterable[Entry]) -> None:
    """Put the licence of the program and of everything in `entries` below `target`, one folder for each part."""
    shutil.rmtree(target, ignore_errors=True)
    entries = list(entries)
    _copy(target / "oicdesk", [ROOT / "LICENSE"])
    _copy(target / "fonts", [ROOT / "resources/fonts/OFL.txt"])
    _copy(target / "icons", [ROOT / "resources/icons/LICENSE"])
    ours = ROOT / "resources/installer/licences"
    _copy(target / "Qt-for-Python", [ours / n for n in ("Qt-for-Python.txt", "LGPL-3.0.txt", "GPL-3.0.txt")])
    _copy(target / "sqlcipher3", [ours / "SQLCipher.txt"])
    _copy(target / "python", [_python_licence()])
    for distribution in _distributions(entries):
        _distribution_licence(target, distribution)
    for package in _debian_packages(entries):
        _copy(target / f"debian-{package.partition(':')[0]}", [Path("/usr/share/doc") / package / "copyright"])


def _copy(folder: Path, files: Sequence[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)


def _python_licence() -> Path:
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    places.append(Path("/usr/share/doc") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "copyright")
    return next(place for place in places if place.is_file())


def _distributions(entries: Sequence[Entry]) -> list[importlib.metadata.Distribution]:
    """The distributions that the packed modules and files come from."""
    owners = importlib.metadata.packages_distributions()
    names = {name for entry in entries for name in owners.get(re.split(r"[./\\]", entry[0])[0], ())}
    return [importlib.metadata.distribution(name) for name in sorted(names) if name != "oicdesk"]


def _distribution_licence(target: Path, distribution: importlib.metadata.Distribution) -> None:
    files = [
        file
        for file in distribution.files or []
        if ".dist-info" in str(file) and re.search(r"licen[cs]e|copying|notice|authors", file.name, re.I)
    ]
    folder = target / distribution.name
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files):
        name = file.name if not (folder / file.name).exists() else f"{number}-{file.name}"
        shutil.copyfile(str(distribution.locate_file(file)), folder / name)
    facts = distribution.metadata
    terms = facts.get("License-Expression") or facts.get("License") or "see the files here"
    line = f"{distribution.name} {distribution.version}: {terms.splitlines()[0]}\n"
    (folder / "VERSION.txt").write_text(line, "utf-8")


def _debian_packages(entries: Sequence[Entry]) -> list[str]:
    """Packages of the system that shared libraries were taken from; none elsewhere than on Debian."""
    dpkg = shutil.which("dpkg")
    sources = {Path(source).resolve() for _name, source, kind in entries if kind == "BINARY"}
    sources = {source for source in sources if source.is_relative_to("/usr/lib") or source.is_relative_to("/lib")}
    if dpkg is None or not sources:
        return []
    # The same file may be recorded below /lib or /usr/lib.
    asked = [str(s) for s in sources] + [str(s).removeprefix("/usr") for s in sources]
    told = subprocess.run([dpkg, "-S", *sorted(asked)], capture_output=True, text=True, check=False).stdout
    names = {name.strip() for line in told.splitlines() for name in line.rpartition(": ")[0].split(",")}
    return sorted(name for name in names if (Path("/usr/share/doc") / name / "copyright").is_file())


# The Windows version resource


def version_resource(version: str) -> str:
    """The text that the packer turns into the properties of the Windows programs."""
    numbers = ([int(part) for part in re.findall(r"\d+", version)] + [0, 0, 0, 0])[:4]
    texts = {
        "CompanyName": "OICDesk", "FileDescription": "OICDesk", "FileVersion": version, "InternalName": "oicdesk",
        "LegalCopyright": "MIT licence; see the folder licences", "OriginalFilename": "oicdesk.exe",
        "ProductName": "OICDesk", "ProductVersion": version,
    }  # fmt: skip
    strings = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={tuple(numbers)}, prodvers={tuple(numbers)}, mask=0x3f, flags=0,"
        " OS=0x40004, fileType=1, subtype=0, date=(0, 0)), kids=[StringFileInfo([StringTable('080904b0',"
        f" [{strings}])]), VarFileInfo([VarStruct('Translation', [0x0809, 1200])])])\n"
    )


# The check of a packed folder


def faults(folder: Path, modules: Sequence[str] | None = None) -> list[str]:
    """What is wrong with a packed folder; nothing if it is whole. `modules` are those inside its program file."""
    inside = folder / "_internal" if (folder / "_internal").is_dir() else folder
    names = [str(file.relative_to(inside)).replace("\\", "/") for file in sorted(inside.rglob("*"))]
    found = [f"{name} must not be inside" for name in names if _FORBIDDEN.search(name)]
    packed = _packed_modules(folder) if modules is None else modules
    found += [f"the module {name} must not be inside" for name in packed if _FORBIDDEN.search(name)]
    found += [f"{pattern} is missing" for pattern in _NEEDED if not _is_there(folder, inside, pattern)]
    if "oicdesk.selftest" not in packed:
        found.append("the program's own modules are missing")
    found += [
        f"{name} holds a path of the machine it was built on" for name in names if name.endswith("direct_url.json")
    ]
    return found


def _is_there(folder: Path, inside: Path, pattern: str) -> bool:
    return any(inside.glob(pattern)) or any(folder.glob(pattern))


def _packed_modules(folder: Path) -> list[str]:
    """The Python modules inside the program file."""
    from PyInstaller.archive.readers import CArchiveReader

    program = next(path for path in (folder / "oicdesk.exe", folder / "oicdesk") if path.is_file())
    archive = CArchiveReader(str(program))
    return [
        module for name in archive.toc if name.endswith(".pyz") for module in archive.open_embedded_archive(name).toc
    ]


def size(folder: Path) -> int:
    """Bytes of all files, links counted once."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def main(arguments: Sequence[str], say: Callable[[str], object] = sys.stdout.write) -> int:
    folder = Path(arguments[0])
    wrong = faults(folder)
    for fault in wrong:
        say(f"{fault}\n")
    say(f"{folder}: {size(folder) / 1e6:.0f} MB, {'faulty' if wrong else 'whole'}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
