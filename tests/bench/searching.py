"""The full-text index: how fast it is built, asked, and told of what is new."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Iterator

from tests.bench.figures import Figure, percentile, timed_ms_of
from tests.bench.run import Run
from tests.bench.stores import session_id, write_store
from tests.bench.texts import WORDS
from tui_sessions import SessionManager, open_sessions

_A_SESSION = 100
"""Messages of each session."""
_WORKSPACES = 20
_EACH = 8
"""Times that each kind of query is asked, with other words every time."""
_PATIENCE_S = 60.0
"""Seconds after which what was not found never will be."""
_AS_TYPED = "as typed"


def searching(run: Run) -> Iterator[Figure]:
    """Build the index anew, then ask it."""
    return iter(asyncio.run(_collected(run)))


async def _collected(run: Run) -> list[Figure]:
    messages = run.sizes.index_messages
    sessions = max(messages // _A_SESSION, 1)
    workspaces = min(_WORKSPACES, sessions)
    data = run.store(
        f"search-{sessions}x{_A_SESSION}",
        lambda folder: write_store(
            folder, sessions=sessions, workspaces=workspaces, messages=_A_SESSION
        ),
    )
    async with open_sessions(data.as_uri(), user_id="ana") as manager:
        await manager.list_sessions()
        figures = [await _built(manager, sessions * _A_SESSION)]
        figures += [figure async for figure in _asked(manager, sessions * _A_SESSION)]
        return [*figures, await _told(run, manager)]


async def _built(manager: SessionManager, messages: int) -> Figure:
    began = time.perf_counter()
    results = await manager.search("parser", wait_s=None)
    taken = time.perf_counter() - began
    if not results.complete:
        raise ValueError("the index is not complete after a search that waited for it")
    beside = f"{messages:,} messages in {taken:.1f} s"
    name = "index build"
    return Figure(name, messages / taken, "messages/s", beside, goal=15_000, more_is_better=True)


async def _asked(manager: SessionManager, messages: int) -> AsyncIterator[Figure]:
    kinds: dict[str, list[float]] = {}
    chance = random.Random(3)
    for kind, queries in _queries(chance).items():
        await manager.search(queries[0], as_typed=kind == _AS_TYPED)
        kinds[kind] = [
            await timed_ms_of(manager.search(query, as_typed=kind == _AS_TYPED))
            for query in queries
        ]
    taken = [each for times in kinds.values() for each in times]
    slowest = max(kinds, key=lambda kind: statistics.median(kinds[kind]))
    beside = f"slowest kind, {slowest}: {statistics.median(kinds[slowest]):.1f} ms"
    what = f"search in {messages:,} messages"
    yield Figure(f"{what}, p95 of mixed queries", percentile(taken, 0.95), "ms", beside, goal=50)
    yield Figure(f"{what}, median", statistics.median(taken), "ms", beside)


async def _told(run: Run, manager: SessionManager) -> Figure:
    """From the call that saves a message to a search that finds it."""
    taken = []
    for number in range(run.sizes.times):
        word = f"quetzal{number}x{time.time_ns()}"
        began = time.perf_counter()
        await manager.add_message(session_id(number % 2), f"nothing but {word}")
        async with asyncio.timeout(_PATIENCE_S):
            while not (await manager.search(word, wait_s=0)).hits:
                await asyncio.sleep(0.01)
        taken.append(time.perf_counter() - began)
    beside = f"longest: {max(taken):.2f} s"
    return Figure("a new message findable", statistics.median(taken), "s", beside, goal=1.0)


def _queries(chance: random.Random) -> dict[str, list[str]]:
    """Queries of each kind that a person may ask."""
    common, some, rare = WORDS[:20], WORDS[20:90], WORDS[200:]

    def each(*lists: list[str], shape: str) -> list[str]:
        return [shape.format(*(chance.choice(words) for words in lists)) for _ in range(_EACH)]

    return {
        "a common word": each(common, shape="{}"),
        "a word": each(some, shape="{}"),
        "a rare word": each(rare, shape="{}"),
        "two words": each(some, rare, shape="{} {}"),
        "three common words": each(common, some, some, shape="{} {} {}"),
        "a phrase": each(some, some, shape='"{} {}"'),
        "a phrase of common words": each(common, common, shape='"{} {}"'),
        "a beginning": each(some, shape="{:.3}*"),
        "without a word": each(some, common, shape="{} -{}"),
        "with a role": each(some, shape="{} role:user"),
        "with a workspace": each(some, shape="{} workspace:project-001"),
        "with a tag": each(some, shape="{} tag:work"),
        "with a time": each(some, shape="{} after:2026-11-01"),
        _AS_TYPED: each(some, some, shape="{} {:.2}"),
        "a typing error": each(rare, shape="{}qx"),
    }
