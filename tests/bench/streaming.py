"""Replies on their way into the running app: what is shown, how smoothly, and typing meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.at_once import at_once
from tests.bench.figures import Figure, percentile
from tests.bench.pane import Pane
from tests.bench.person import BARE_APP
from tests.bench.replies import asks, is_kept, last_reply
from tests.bench.run import Run
from tests.bench.servers import Server, fast_server, paced_server
from tests.bench.stores import mark, session_id, workspace_id, write_session
from tests.bench.typist import Typed, type_into

_RATE = 1_000
_RATES_AT_ONCE = (100, 400)
"""Of each of several chats: a hosted model's usual speed, and that of the fastest."""
_SHORT = 2
_BARE_KEYS = 30
_CLEAR, _TO_CHAT, _PAGE_UP, _PAGE_DOWN = "\x15", "\x1b", "\x1b[5~", "\x1b[6~"
_A_MOMENT_S = 0.2
_IDLE_PAGES = 8
"""So many pages without a word of the reply, and there is none to come."""
_FIRST_WORD = re.compile(rb"lorem|w0 ")


@dataclass
class _Stream:
    """What was seen while one reply came."""

    typed: Typed
    shown: int
    """Tokens of the reply that is kept."""
    unseen: int
    """Words of it that are nowhere to be seen when the chat is paged through."""


def streaming(run: Run) -> Iterator[Figure]:
    """As fast as a server can; and at a hosted model's speed into a long chat."""
    bare_ms = _bare_latency_ms(run)
    with fast_server(run, run.sizes.tokens) as server:
        alone = server.bare_rate()
        stream = _watched(run, server, _SHORT)
        beside = f"{server.name} to a client that only reads: {alone:,.0f} tokens/s"
        rate = stream.shown / stream.typed.seconds
        what = "a reply at full server speed"
        yield Figure(what, rate, "tokens/s", beside, more_is_better=True)
        yield from _seen(what, server, stream, bare_ms)
    tokens = int(_RATE * run.sizes.seconds)
    with paced_server(_RATE, tokens) as server:
        stream = _watched(run, server, run.sizes.longer)
        what = f"{_RATE:,} tokens/s into a chat of {run.sizes.longer:,}"
        yield from _seen(what, server, stream, bare_ms)
    for rate in _RATES_AT_ONCE:
        yield from at_once(run, rate)


def _seen(what: str, server: Server, stream: _Stream, bare_ms: float) -> Iterator[Figure]:
    beside = f"{stream.shown:,} of {server.tokens:,}"
    kept = stream.shown / server.tokens * 100
    yield Figure(f"{what}: tokens shown", kept, "%", beside, goal=100, more_is_better=True)
    beside = f"in {stream.typed.seconds:.1f} s"
    frames = stream.typed.frames / stream.typed.seconds
    yield Figure(f"{what}: frames", frames, "/s", beside, goal=30, more_is_better=True)
    beside = "of the reply that is kept; paged through from its end to its beginning and back"
    yield Figure(f"{what}: words not painted", stream.unseen, "", beside, goal=0)
    middle = percentile(stream.typed.latencies_ms, 0.5)
    keys = len(stream.typed.latencies_ms)
    beside = f"median of {keys} keys: {middle:.0f} ms; in a bare app at rest: {bare_ms:.0f} ms"
    latency = percentile(stream.typed.latencies_ms, 0.95)
    yield Figure(f"{what}: key to painted, p95", latency, "ms", beside, goal=50)
    beside = f"{stream.typed.cpu_s / max(stream.shown, 1) * 1000:.2f} ms of one core for each token"
    yield Figure(f"{what}: CPU", stream.typed.cpu_s / stream.typed.seconds * 100, "%", beside)


def _watched(run: Run, server: Server, messages: int) -> _Stream:
    """Ask in a chat of so many messages, and type while the reply comes."""
    person = run.person(f"streaming-{messages}", run.scratch / f"streaming-{messages}")
    agent = asks(person, server)
    path = write_session(person.data, 0, messages, agent=agent)
    with person.open_app("--workspace", workspace_id(0), "--session", session_id(0)) as pane:
        pane.until(mark(0, messages - 1))
        pane.until_calm()
        pane.send(f"{server.question}\r")
        pane.until_any(_FIRST_WORD)
        typed = type_into(pane, lambda: is_kept(path))
        pane.until_calm()
        words = last_reply(person, 0).split()
        unseen = _unseen_words(pane, set(words))
    return _Stream(typed, len(words), unseen)


def _unseen_words(pane: Pane, words: set[str]) -> int:
    """How many words are not painted while somebody pages through the chat, to and fro."""
    pane.send(_CLEAR)
    pane.watch(_A_MOMENT_S)
    pane.send(_TO_CHAT)
    pane.drawn_within(_A_MOMENT_S)
    pages = idle = 0
    while idle < _IDLE_PAGES:
        found = words.intersection(_drawn_by(pane, _PAGE_UP))
        words = words - found
        pages, idle = pages + 1, 0 if found else idle + 1
    for _ in range(pages):
        words = words.difference(_drawn_by(pane, _PAGE_DOWN))
    return len(words)


def _drawn_by(pane: Pane, key: str) -> list[str]:
    pane.send(key)
    return pane.drawn_within(_A_MOMENT_S).split()


def _bare_latency_ms(run: Run) -> float:
    """How long a letter takes in an app that does nothing else."""
    person = run.person("streaming-bare", run.scratch)
    keys = iter(range(_BARE_KEYS))
    with person.pane(BARE_APP, "1") as pane:
        pane.until("Project")
        pane.until_calm()
        typed = type_into(pane, lambda: next(keys, None) is None)
    return percentile(typed.latencies_ms, 0.5)
