"""Every figure beside its floor: `python -m tests.benchmarks [--json] [--only WORD]`, in under ten minutes.

With `--json` the output is one list of {"name", "seconds", "floor_seconds", "ratio"} and nothing else.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.timing import Figure


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print as it comes or as one list at the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON list at the end")
    parser.add_argument("--only", default="", metavar="WORD", help=f"one of: {', '.join(_PARTS)}")
    args = parser.parse_args(arguments)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="oicdesk-benchmarks-") as place:
        _private(Path(place))
        for name, part in _PARTS.items():
            if args.only in ("", name):
                for figure in part(Path(place)):
                    found.append(figure)
                    if not args.json:
                        print(_line(figure), flush=True)
    if args.json:
        print(json.dumps([figure.as_json() for figure in found], indent=1))
    return 0


def _private(folder: Path) -> None:
    """No screen, and none of the folders of the person who measures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(folder)


def _line(figure: Figure) -> str:
    facts = figure.as_json()
    kept = f"{facts['megabytes']:>8.1f} MB {facts['floor_megabytes']:>8.1f} MB" if "megabytes" in facts else ""
    times = f"{figure.seconds:>10.4f} s {figure.floor_seconds:>10.4f} s {facts['ratio']:>8.2f}"
    return f"{facts['name']:<52}{times}{kept}"


# Imported when asked for: the figures of one part are not to be taken in the shadow of another's modules.


def _opening(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import start
    from tests.benchmarks.desks import filled_desk

    vault = filled_desk(folder, 1_200)
    vault.close()
    yield from start.cold_start(folder, vault.path)
    yield from start.unlock(vault.path)


def _queue(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import queue

    yield from queue.figures(folder)


def _memory(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import memory

    yield from memory.figures(folder)


def _window(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import window

    yield from window.figures(folder)


def _import(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import imports

    yield from imports.figures(folder)


def _report(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import report

    yield from report.figures(folder)


def _training(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import training

    yield from training.figures(folder)


def _audits(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import audits

    yield from audits.figures(folder)


def _reconcile(folder: Path) -> Iterator[Figure]:
    from tests.benchmarks import reconcile

    yield from reconcile.figures(folder)


_PARTS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "opening": _opening,
    "queue": _queue,
    "memory": _memory,
    "window": _window,
    "import": _import,
    "report": _report,
    "training": _training,
    "audits": _audits,
    "reconcile": _reconcile,
}

if __name__ == "__main__":
    sys.exit(main())
