"""The recipe that comes with the desk draws the same sample without it, whatever the machine's settings."""

import json
import os
import re
import subprocess
import sys
from collections import Counter

import pytest

from oicdesk import paths
from oicdesk.audits import rules

RECIPE = (paths.resources() / "draw" / "README.md").read_text("utf-8")
FRAME = {f"OIC-2026-{n:04}": ("Suffolk", "Norfolk", "Süd · Ørsted Ⅳ")[n % 3] for n in range(1, 61)}
PROGRAM = """
import json, sys
frame, allocation, algorithm, seed = json.loads(sys.stdin.buffer.read())
print(json.dumps([draw(frame, allocation, algorithm, seed), frame_hash(frame)]))
"""


def code() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", RECIPE, flags=re.DOTALL)
    return found


@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1])
@pytest.mark.parametrize("settings", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}])
def test_the_recipe_draws_the_same_sample_and_hash(seed, settings):
    sizes = Counter(FRAME.values())
    allocation = rules.allocation(sizes, 17)
    asked = json.dumps([dict(reversed(FRAME.items())), allocation, rules.ALGORITHM, seed])
    done = subprocess.run(
        [sys.executable, "-I", "-c", code() + PROGRAM], input=asked.encode(), capture_output=True, check=True,
        env={**os.environ, **settings, "PYTHONHASHSEED": "99"},
    )  # fmt: skip
    sample, digest = json.loads(done.stdout)
    assert sample == rules.draw(FRAME, 17, seed=seed, strata=FRAME)
    assert digest == rules.frame_hash(FRAME, FRAME)


@pytest.mark.skipif(os.name != "posix", reason="the shell of the recipe")
def test_the_shell_gives_the_number_that_decides():
    (command,) = re.findall(r"`(printf .*?sha256sum)`", RECIPE)
    said = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True, text=True).stdout
    first = rules.permutation(["OIC-2026-0004", "OIC-2026-0005"], seed=7)
    five = subprocess.run(
        ["/bin/sh", "-c", command.replace("0004", "0005")], capture_output=True, check=True, text=True
    ).stdout
    assert first == [case for _number, case in sorted([(said, "OIC-2026-0004"), (five, "OIC-2026-0005")])]
