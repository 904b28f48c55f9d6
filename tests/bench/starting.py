"""From the start of the process to a tree that can be used, and what the app takes then."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import Figure, percentile
from tests.bench.pane import Pane
from tests.bench.person import BARE_APP, Person
from tests.bench.run import Run
from tests.bench.stores import mark, workspace_id, write_session, write_store
from tests.bench.switcher import open_switcher
from tests.bench.typist import type_into

_FIRST_ROW = re.compile(rb"Project 0")
_INDEX_AFTER_S = 2.0
"""Seconds after which the app begins to index."""
_FIRST_LETTER = "\u0410"
"""Of an alphabet that stands nowhere else on the screen."""


@dataclass
class _Starts:
    """What was seen at several starts of one program."""

    times_ms: list[float] = field(default_factory=list)
    answers_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)

    def add(self, pane: Pane) -> None:
        """Wait for the tree of a program that was just started, then type into its field."""
        self.times_ms.append((pane.until_any(_FIRST_ROW) - pane.began) * 1000)
        self.memory_mb.append(pane.memory_mb())
        # Another letter each time: what was typed the last time is there as a draft.
        letter = chr(ord(_FIRST_LETTER) + len(self.times_ms))
        pane.send(letter)
        self.answers_ms.append((pane.until(letter) - pane.began) * 1000)

    @property
    def time_ms(self) -> float:
        return statistics.median(self.times_ms)

    @property
    def answer_ms(self) -> float:
        return statistics.median(self.answers_ms)

    @property
    def memory(self) -> float:
        return statistics.median(self.memory_mb)


def starting(run: Run) -> Iterator[Figure]:
    """Start the app and a bare one by turns over a large store."""
    person = run.person("starting", run.store(_name(run), lambda data: _write(run, data)))
    yield _typed_while_indexing(run, person)
    _warm_up(run, person)
    app, bare = _Starts(), _Starts()
    for _ in range(run.sizes.times):
        with _open_bare(run, person) as pane:
            bare.add(pane)
        with _open(person) as pane:
            app.add(pane)
    what = f"{run.sizes.sessions:,} sessions in {run.sizes.workspaces} workspaces"
    beside = f"a bare app with a tree and an input: {bare.time_ms:.0f} ms"
    ratio = app.time_ms / bare.time_ms
    yield Figure(f"start to usable tree, {what}", app.time_ms, "ms", beside)
    yield Figure("the same against a bare app", ratio, "x", beside, goal=1.3)
    beside = f"the bare app: {bare.answer_ms:.0f} ms"
    yield Figure("the first letter typed then, shown", app.answer_ms, "ms", beside)
    beside = f"the bare app: {bare.memory:.0f} MB"
    yield Figure("memory at that point", app.memory / bare.memory, "x", beside, goal=1.5)
    yield from _memory_and_rest(run, person, bare.memory)


def _typed_while_indexing(run: Run, person: Person) -> Figure:
    """Type from the first start on, when there is no full-text index yet."""
    person.run("list", "--json")
    with _open(person) as pane:
        pane.until(mark(0, run.sizes.messages - 1))
        end = time.perf_counter() + _INDEX_AFTER_S + run.sizes.seconds
        typed = type_into(pane, lambda: time.perf_counter() > end)
    keys = len(typed.latencies_ms)
    beside = f"median of {keys} keys: {percentile(typed.latencies_ms, 0.5):.0f} ms"
    latency = percentile(typed.latencies_ms, 0.95)
    return Figure("key to painted while the index is built, p95", latency, "ms", beside)


def _memory_and_rest(run: Run, person: Person, bare_mb: float) -> Iterator[Figure]:
    sizes = run.sizes
    with _open(person) as pane:
        pane.until_any(_FIRST_ROW)
        # What begins in the background a while after the start is over then.
        pane.watch(sizes.seconds)
        pane.until_calm()
        idle = _idle_percent(pane, sizes.seconds)
        settled = pane.memory_mb()
        for number in range(sizes.long_chats):
            _open_long_chat(run, pane, number)
        after = pane.memory_mb()
    with _open_bare(run, person) as pane:
        pane.until_any(_FIRST_ROW)
        pane.until_calm()
        bare_idle = _idle_percent(pane, sizes.seconds)
    beside = f"the bare app: {bare_mb:.0f} MB; this one at rest before: {settled:.0f} MB"
    name = f"memory after {sizes.long_chats} chats of {sizes.long:,} messages"
    yield Figure(name, after / bare_mb, "x", beside, goal=2.0)
    yield Figure("CPU when idle", idle, "%", f"the bare app: {bare_idle:.2f} %", goal=1.0)


def _open_long_chat(run: Run, pane: Pane, number: int) -> None:
    """Go to a chat by its name."""
    open_switcher(pane)
    pane.until_calm(0.1)
    pane.send(_label(number))
    pane.until(_label(number))
    pane.until_calm(0.1)
    pane.send("\r")
    pane.until(mark(run.sizes.sessions + number, run.sizes.long - 1))
    pane.until_calm(0.1)


def _idle_percent(pane: Pane, seconds: float) -> float:
    """How much of a core the program uses while nothing happens."""
    used = pane.cpu_s()
    pane.watch(seconds)
    return (pane.cpu_s() - used) / seconds * 100


def _warm_up(run: Run, person: Person) -> None:
    """Have the catalog, the full-text index and the byte code made."""
    person.run("search", "parser", "--json")
    with _open(person) as pane:
        pane.until_any(_FIRST_ROW)
        pane.until_calm()
    with _open_bare(run, person) as pane:
        pane.until_any(_FIRST_ROW)


def _open(person: Person) -> Pane:
    return person.open_app("--workspace", workspace_id(0))


def _open_bare(run: Run, person: Person) -> Pane:
    return person.pane(BARE_APP, str(run.sizes.workspaces))


def _write(run: Run, data: Path) -> None:
    sizes = run.sizes
    write_store(data, sessions=sizes.sessions, workspaces=sizes.workspaces, messages=sizes.messages)
    # Not where the app starts: what it opens there stays the same when the store is used again.
    elsewhere = sizes.workspaces - 1
    for number in range(sizes.long_chats):
        name = _label(number)
        write_session(data, sizes.sessions + number, sizes.long, workspace=elsewhere, label=name)


def _label(number: int) -> str:
    return f"Longchat{number:02d}"


def _name(run: Run) -> str:
    sizes = run.sizes
    return (
        f"start-{sizes.sessions}-{sizes.workspaces}-{sizes.messages}"
        f"-{sizes.long_chats}x{sizes.long}"
    )
