"""Everything that has to hold before a change lands: style, types, architecture and tests.

`python -m tests.check` runs all of it, `python -m tests.check --run-slow` the longer tests as well.
Other arguments go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet"]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet"]),
    ("types", [str(BIN / "mypy")]),
    ("architecture", [str(BIN / "lint-imports")]),
)
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
ROOM_BYTES = 2 << 30
"""The tests leave a fifth of this behind."""


@contextmanager
def folder_of_tests(arguments: list[str]) -> Iterator[list[str]]:
    """Have the tests write into memory where there is room: a disk has them wait for each file.

    The longer ones do without: what they write is larger, and some of it is to be on a disk.
    """
    there = os.access(MEMORY, os.W_OK) and "--run-slow" not in arguments
    if not there or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield []
        return
    with TemporaryDirectory(prefix="tests-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield ["--basetemp", folder]


def main(arguments: list[str]) -> int:
    """Run the checks in order; the first that fails ends it."""
    with folder_of_tests(arguments) as folder:
        return run([*folder, *arguments])


def run(arguments: list[str]) -> int:
    """Run the checks, pytest with these arguments; the exit code of the one that failed."""
    # One more than there are processors: tests of the screen mostly wait.
    workers = str(min(os.cpu_count() or 1, 4) + 1)
    tests = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", *arguments]
    # What is compiled is kept: the tests start hundreds of processes.
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for name, command in (*CHECKS, ("tests", tests)):
        print(f"== {name}", flush=True)  # noqa: T201  what a person follows
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            print(f"== {name} failed", file=sys.stderr)  # noqa: T201
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
