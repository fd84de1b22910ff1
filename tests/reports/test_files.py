import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from oicdesk.errors import VaultError
from oicdesk.reports.files import save

posix = pytest.mark.skipif(os.name != "posix", reason="modes and limits of POSIX")
needs_rights = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")


@posix
def test_a_new_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        save(tmp_path / "a.pdf", b"new")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.pdf").stat().st_mode) == 0o600


@posix
def test_a_replaced_file_becomes_readable_by_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")
    target.chmod(0o644)
    save(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


@posix
def test_a_disk_without_room_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.pdf"
    target.write_bytes(b"old")
    code = (
        "import resource, sys; from pathlib import Path; from oicdesk.reports.files import save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: save(Path(sys.argv[1]), bytes(100_000))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("VaultError “a.pdf” was not written, because the disk")
    assert "full" in ran.stdout
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_world_s_refusals_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = set()
    for number in (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EISDIR):

        def fail(handle: int, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(VaultError) as refused:
            save(tmp_path / "a.pdf", b"new")
        told.add(str(refused.value).replace(str(tmp_path), ""))
        assert list(tmp_path.iterdir()) == []
    assert len(told) == 4
    assert all(sentence.endswith(".") for sentence in told)


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.pdf").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "a.pdf", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.pdf", b"old")]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="does not exist"):
        save(tmp_path / "nowhere" / "a.pdf", b"new")


def test_a_folder_in_the_file_s_place_stays(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    with pytest.raises(VaultError):
        save(tmp_path / "a.pdf", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@needs_rights
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(VaultError, match="does not let you write"):
            save(tmp_path / "a.pdf", b"new")
    finally:
        tmp_path.chmod(0o700)
