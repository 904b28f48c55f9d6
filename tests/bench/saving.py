"""Saving a message, loading a session and forking one, by the library."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from tests.bench.figures import Figure, percentile, timed_ms, timed_ms_of
from tests.bench.run import Run
from tests.bench.stores import KB_WORDS, session_id, write_session
from tests.bench.texts import written
from tui_sessions import SessionManager, open_sessions

_FEW = 10
_TIMES = 15


def saving(run: Run) -> Iterator[Figure]:
    """Measure on sessions that are made for it, as they grow."""
    return iter(asyncio.run(_collected(run)))


async def _collected(run: Run) -> list[Figure]:
    data = run.scratch / "saving"
    sizes = (_FEW, run.sizes.long, run.sizes.longer)
    for number, messages in enumerate(sizes):
        write_session(data, number, messages, words=KB_WORDS)
    async with open_sessions(data.as_uri(), user_id="ana") as manager:
        figures = [figure async for figure in _saved(run, data, manager)]
        figures += [figure async for figure in _loaded(run, manager)]
        return [*figures, await _forked(run, manager)]


async def _saved(run: Run, data: Path, manager: SessionManager) -> AsyncIterator[Figure]:
    """By turns into a short chat, a long one and a bare file."""
    short, long = session_id(0), session_id(2)
    journal = _journal(data, long)
    chance = random.Random(2)
    for one in (short, long):
        await manager.add_message(one, "first")
    length = journal.stat().st_size
    into_short, into_long, bare = [], [], []
    with journal.with_name("bare").open("ab", buffering=0) as file:
        for _ in range(_TIMES * run.sizes.times):
            text = written(chance, 30)
            into_short.append(await timed_ms_of(manager.add_message(short, text)))
            before = journal.stat().st_size
            into_long.append(await timed_ms_of(manager.add_message(long, text)))
            added = journal.stat().st_size - before
            length = added if added > 0 else length  # it may have been folded
            bare.append(timed_ms(partial(_append, file.fileno(), os.urandom(length))))
    own, small, plain = map(statistics.median, (into_long, into_short, bare))
    what = f"one message saved and synced in a chat of {run.sizes.longer:,}"
    yield Figure(what, own, "ms", f"p95 {percentile(into_long, 0.95):.2f} ms")
    beside = f"in a chat of {_FEW}: {small:.2f} ms"
    yield Figure("the same against a short chat", own / small, "x", beside, goal=1.2)
    beside = f"a bare append with fdatasync: {plain:.2f} ms"
    yield Figure("the same against a bare append", own / plain, "x", beside, goal=1.5)


async def _loaded(run: Run, manager: SessionManager) -> AsyncIterator[Figure]:
    """From the file each time; the bare reading of the file is beside it."""
    for number, messages, goal in ((1, run.sizes.long, 5.0), (2, run.sizes.longer, 50.0)):
        one = session_id(number)
        taken = []
        for _ in range(_TIMES):
            await manager.close(one)
            taken.append(await timed_ms_of(manager.history(one)))
        size = sum(path.stat().st_size for path in _files(run, one)) / 1e6
        bare = statistics.median(timed_ms(partial(_read, run, one)) for _ in range(_TIMES))
        beside = f"reading its {size:.1f} MB: {bare:.2f} ms"
        name = f"load a session of {messages:,} messages"
        yield Figure(name, statistics.median(taken), "ms", beside, goal=goal)


async def _forked(run: Run, manager: SessionManager) -> Figure:
    one = session_id(1)
    await manager.load(one)
    [path] = _files(run, one)
    data = path.read_bytes()
    taken, bare = [], []
    for _ in range(_TIMES):
        taken.append(await timed_ms_of(manager.fork(one)))
        bare.append(timed_ms(partial(_replace, path.with_name("bare"), data)))
    least = statistics.median(bare)
    beside = f"its {len(data) / 1e6:.2f} MB written, synced and renamed: {least:.2f} ms"
    name = f"fork of {run.sizes.long:,} messages, synced"
    return Figure(name, statistics.median(taken), "ms", beside, goal=5.0)


def _files(run: Run, name: str) -> list[Path]:
    return list((run.scratch / "saving").glob(f"workspaces/*/sessions/{name}.json"))


def _journal(data: Path, name: str) -> Path:
    [document] = data.glob(f"workspaces/*/sessions/{name}.json")
    return document.with_name(f"{name}.journal.jsonl")


def _read(run: Run, name: str) -> None:
    for path in _files(run, name):
        path.read_bytes()


def _append(handle: int, line: bytes) -> None:
    os.write(handle, line)
    os.fdatasync(handle)


def _replace(path: Path, data: bytes) -> None:
    """The least that puts a file in place durably and all at once."""
    temporary = path.with_suffix(".new")
    with temporary.open("wb", buffering=0) as file:
        file.write(data)
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
