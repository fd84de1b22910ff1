"""Commands as a script runs them, on a vault of their own.

A test module takes the fixtures by name: `box, busy = command.box, command.busy`.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from oicdesk.cli import main
from oicdesk.vault.connection import connect
from oicdesk.vault.vault import Vault
from tests.desks import PASSPHRASE, Desk, copy, kept_folder, opened

HEADER = "Incident No,Date,Time,Force,Team,Collar,Reporting Officer,Call Type,Persons"
LINES = (
    'SC-1,16/11/2026,09:30,Suffolk,Ipswich,pc 7191,"MARSH, Jo",Person in custody,2',
    'SC-2,17/11/2026,10:15,Norfolk,Norwich,PC 12,"HART, Kim",Status check,1',
    'SC-3,31/02/2026,10:15,Norfolk,Norwich,PC 12,"HART, Kim",Status check,1',
    ",,,,,,,,",
)


@dataclass
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.splitlines()
        assert line[-1] in ".!?"
        assert "Traceback" not in self.err
        return line


_left = {}  # a work, and the closed vault that it left


@dataclass
class Box:
    """A vault on disk, closed, and the files that open it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    key: bytes = b""
    common: list[str] = field(default_factory=list)

    @property
    def vault(self) -> Path:
        return self.folder / "desk.oicdesk"

    def run(self, *words: object, common: bool = True) -> Answer:
        self.capsys.readouterr()
        try:
            code = main([str(word) for word in (*words, *(self.common if common else ()))])
        except SystemExit as end:
            code = int(end.code or 0)
        return Answer(code, *self.capsys.readouterr())

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def list(self, *lines: str, name: str = "list.csv") -> Path:
        return self.file(name, "\n".join((HEADER, *(lines or LINES))) + "\n")

    def change(self, work, *args, **more):
        with Vault.open(self.vault, PASSPHRASE) as vault:
            return Desk(vault).do(work, *args, **more)

    def log(self):
        with Vault.open(self.vault, PASSPHRASE, check_log=False) as vault:
            return Desk(vault).log()

    def once(self, work) -> "Box":
        """This new box after `work(box)`, done by the first test that asks; the next ones get a copy of the vault."""
        if work in _left:
            shutil.rmtree(self.vault)
            copy(_left[work], self.vault)
        else:
            work(self)
            _left[work] = copy(self.vault, kept_folder() / "desk")
        return self

    def raw(self, *statements: str) -> None:
        """Write into the database behind the program's back."""
        connection = connect(self.vault / "desk.db", self.key)
        for statement in statements:
            connection.execute(statement)
        connection.close()


NO_TRIGGERS = (
    "DROP TRIGGER activity_is_never_altered",
    "DROP TRIGGER activity_is_never_removed",
)


@pytest.fixture
def box(tmp_path, capsys):
    made = Box(tmp_path, capsys)
    vault = opened(made.vault)
    made.key = vault._key
    vault.close()
    made.common = ["--vault", str(made.vault), "--passphrase-file", str(made.file("pass", f"{PASSPHRASE}\n"))]
    return made


def import_two(box):
    assert box.run("import", "referrals", box.list(*LINES[:2])).code == 0


@pytest.fixture
def busy(box):
    """The box with two contacts imported."""
    return box.once(import_two)
