"""Everything that has to hold before a change lands: style, types, architecture and tests.

`python -m tests.check` runs all of it, `python -m tests.check --run-slow` the longer tests as well.
Other arguments go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("format", [str(BIN / "ruff"), "format", "--check", "--quiet"]),
    ("lint", [str(BIN / "ruff"), "check", "--quiet"]),
    ("types", [str(BIN / "mypy")]),
    ("architecture", [str(BIN / "lint-imports")]),
)


def main(arguments: list[str]) -> int:
    """Run the checks in order; the first that fails ends it."""
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
