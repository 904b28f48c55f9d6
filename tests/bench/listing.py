"""Listing sessions with label, date and number of messages, in a process that has just begun."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, timed_ms
from tests.bench.person import Person
from tests.bench.run import Run
from tests.bench.stores import write_store

_PROGRAM = str(Path(__file__).with_name("list_once.py"))
_MESSAGES = 10
_WORKSPACES = 10


def listing(run: Run) -> Iterator[Figure]:
    """With a warm index and with none, by turns; and the whole command."""
    listed = run.sizes.listed
    person = run.person("listing", run.store(f"list-{listed}", lambda data: _write(run, data)))
    warm, cold, bare = [], [], []
    for _ in range(run.sizes.times):
        shutil.rmtree(person.cache, ignore_errors=True)
        cold.append(_list(person, listed))
        warm.append(_list(person, listed))
        bare.append(timed_ms(lambda: _read_all(person)))
    reading = f"reading all its files: {statistics.median(bare):.0f} ms"
    what = f"list {listed:,} sessions in a new process"
    yield Figure(f"{what}, warm index", statistics.median(warm), "ms", reading, goal=40)
    yield Figure(f"{what}, no index", statistics.median(cold), "ms", reading, goal=600)
    yield _whole_command(person, run.sizes.times, listed)


def _whole_command(person: Person, times: int, listed: int) -> Figure:
    """What a person waits for at the prompt, against the start of the interpreter."""
    pairs = [
        (
            timed_ms(lambda: person.run("list", "--json")),
            timed_ms(lambda: person.python("-c", "import asyncio, click")),
        )
        for _ in range(times)
    ]
    whole, bare = (statistics.median(values) for values in zip(*pairs, strict=True))
    beside = f"Python that imports asyncio and click: {bare:.0f} ms"
    return Figure(f"`sessions-tui list --json` of {listed:,}", whole, "ms", beside)


def _list(person: Person, expected: int) -> float:
    taken, count = person.python(_PROGRAM, str(person.data)).stdout.split()
    if int(count) != expected:
        raise ValueError(f"{int(count)} sessions were listed instead of {expected}")
    return float(taken)


def _read_all(person: Person) -> None:
    for path in person.data.glob("workspaces/*/sessions/*.json"):
        path.read_bytes()


def _write(run: Run, data: Path) -> None:
    workspaces = min(_WORKSPACES, run.sizes.listed)
    write_store(data, sessions=run.sizes.listed, workspaces=workspaces, messages=_MESSAGES)
