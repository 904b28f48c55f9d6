"""Importing a large history by the command line: memory, rate, and once more with nothing new."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.bench.figures import Figure, timed_ms
from tests.bench.histories import write_histories
from tests.bench.person import Person
from tests.bench.process import peak_mb
from tests.bench.run import Run

_LOOK_S = 0.02
"""Seconds between two looks at the memory of the import."""


@dataclass(frozen=True)
class _Import:
    """One run of the command."""

    seconds: float
    peak_mb: float


def importing(run: Run) -> Iterator[Figure]:
    """Import everything into an empty store, and again."""
    megabytes = run.sizes.import_mb
    projects = run.store(f"histories-{megabytes}", lambda path: write_histories(path, megabytes))
    person = run.person("importing", run.scratch / "imported")
    files = sorted(projects.rglob("*.jsonl"))
    size = sum(path.stat().st_size for path in files) / 1e6
    decoding = timed_ms(lambda: _decode(files)) / 1000
    first = _import(person, projects)
    again = _import(person, projects)
    what = f"import of {size:,.0f} MB of histories"
    beside = f"{len(files)} files, the largest {max(p.stat().st_size for p in files) / 1e6:.0f} MB"
    yield Figure(f"{what}, memory at most", first.peak_mb, "MB", beside, goal=300)
    beside = f"only decoding its JSON: {size / decoding:.0f} MB/s"
    yield Figure(what, size / first.seconds, "MB/s", beside, more_is_better=True)
    beside = f"memory at most {again.peak_mb:.0f} MB"
    yield Figure("the same again, nothing new", size / again.seconds, "MB/s", beside)


def _import(person: Person, projects: Path) -> _Import:
    command = [sys.executable, "-m", "tui_sessions", "--data-dir", str(person.data)]
    output = person.home / "import.log"
    peak = 0.0
    began = time.perf_counter()
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "import", "claude-code", str(projects), "--json"],
            env=person.environment(),
            cwd=person.home,
            stdout=log,
            stderr=log,
        )
        while process.poll() is None:
            peak = max(peak, peak_mb(process.pid))
            time.sleep(_LOOK_S)
    if process.returncode:
        raise ChildProcessError(f"the import failed: {output.read_text()[-2000:]}")
    return _Import(time.perf_counter() - began, peak)


def _decode(files: list[Path]) -> None:
    for path in files:
        with path.open("rb") as lines:
            for line in lines:
                msgspec.json.decode(line)
