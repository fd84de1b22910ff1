import json
import os
import stat
from pathlib import Path

import pytest

from oicdesk import machine, paths
from oicdesk.machine import Machine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "machine.json"


def test_what_is_put_is_there_after_a_restart(file: Path) -> None:
    first = Machine(file)
    first.last_vault, first.scheme, first.text_percent = Path("/desk/Joint.oicdesk"), "dark", 150
    again = Machine(file)
    assert (again.last_vault, again.scheme, again.text_percent) == (Path("/desk/Joint.oicdesk"), "dark", 150)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b"[" * 100_000])
def test_a_damaged_file_counts_as_empty_and_can_be_written_again(file: Path, damage: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(damage)
    found = Machine(file)
    assert (found.scheme, found.text_percent, found.last_vault) == ("light", 100, None)
    found.scheme = "dark"
    assert Machine(file).scheme == "dark"


def test_values_of_the_wrong_kind_are_passed_over(file: Path) -> None:
    file.parent.mkdir()
    wrong = {"text_percent": "big", "scheme": 3, "last_vault": [], "failures": 7, "widths": {"Queue": "wide"}}
    file.write_text(json.dumps(wrong))
    found = Machine(file)
    assert (found.text_percent, found.scheme, found.last_vault) == (100, "light", None)
    assert found.failures(Path("/a")) == 0 and found.widths("Queue") == {} and found.opened(Path("/a")) is None
    assert found.note_failure(Path("/a")) == 1


@pytest.mark.skipif(os.name != "posix", reason="modes exist on POSIX only")
def test_only_its_owner_can_read_the_file(file: Path) -> None:
    Machine(file).scheme = "dark"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    found = Machine(tmp_path / "config" / "machine.json")
    found.scheme = "dark"
    assert found.scheme == "dark"


def test_the_list_of_vaults_cannot_be_read_off_the_failures(file: Path) -> None:
    Machine(file).note_failure(Path("/secret/place/Joint.oicdesk"))
    assert "place" not in file.read_text() and "Joint" not in file.read_text()


def test_the_wait_grows_after_five_failures_and_has_an_end(file: Path) -> None:
    found, vault = Machine(file), Path("/desk/Joint.oicdesk")
    waits = []
    for _ in range(30):
        found.note_failure(vault)
        waits.append(found.wait(vault))
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:8] == [2, 4, 8, 16]
    assert max(waits) == machine.LONGEST_WAIT and waits == sorted(waits)
    assert found.wait(Path("/other.oicdesk")) == 0


def test_opening_forgets_the_failures(file: Path) -> None:
    found, vault = Machine(file), Path("/desk/Joint.oicdesk")
    for _ in range(6):
        found.note_failure(vault)
    found.note_opened(vault, "2026-11-23T10:42:00+00:00")
    assert (found.failures(vault), found.wait(vault)) == (0, 0)
    assert found.opened(vault) == "2026-11-23T10:42:00+00:00" and found.last_vault == vault


def test_this_computers_memory_lies_in_the_users_folder() -> None:
    machine.this().scheme = "contrast"
    assert (paths.user_config() / "machine.json").is_file()
    assert machine.this() is machine.this()
