"""Several chats that answer at the same time; somebody types and goes from one to the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.figures import Figure, percentile
from tests.bench.pane import Pane
from tests.bench.replies import asks, is_kept, last_reply
from tests.bench.run import Run
from tests.bench.servers import paced_server
from tests.bench.stores import mark, session_id, workspace_id, write_session
from tests.bench.switcher import open_switcher
from tests.bench.token_server import reply
from tests.bench.typist import Typed, type_into

_MESSAGES = 20
_PATIENCE_S = 120.0
_KEYS_A_CHAT = 10
_CLEAR = "\x15"
_A_MOMENT_S = 0.3
_STARTING_S = 1.5
"""Seconds that it may take to ask in one more chat; the first ones answer as long as the last."""
_FIRST_WORD = re.compile(rb"w0 ")
_FRAMES, _KEY_MS = 30, 50.0


@dataclass
class _Seen:
    """What was seen while all answered."""

    typed: Typed = field(default_factory=Typed)
    switches_ms: list[float] = field(default_factory=list)
    """From the key to the next chat until that is painted."""


def at_once(run: Run, rate: int) -> Iterator[Figure]:
    """Several replies, each of so many tokens a second."""
    chats, seconds = run.sizes.chats, run.sizes.seconds
    tokens = int(rate * (seconds + chats * _STARTING_S))
    person = run.person(f"at-once-{rate}", run.scratch / f"at-once-{rate}")
    with paced_server(rate, tokens) as server:
        agent = asks(person, server)
        paths = [
            write_session(person.data, number, _MESSAGES, agent=agent, label=_label(number))
            for number in range(chats)
        ]
        with person.open_app("--workspace", workspace_id(0), "--session", session_id(0)) as pane:
            pane.until(mark(0, _MESSAGES - 1))
            pane.until_calm()
            _ask_in_all(pane, chats)
            seen = _watched(pane, chats, seconds)
            _wait_until_kept(pane, paths)
    whole = sum(last_reply(person, number) == reply(tokens) for number in range(chats))
    what = f"{chats} chats at once, {rate} tokens/s each"
    yield Figure(f"{what}: replies whole", whole / chats * 100, "%", goal=100, more_is_better=True)
    yield from _smooth(what, seen)


def _wait_until_kept(pane: Pane, paths: list[Path]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not all(map(is_kept, paths)):
        if time.monotonic() > deadline:
            raise TimeoutError("the replies do not come to their end")
        pane.watch(0.5)


def _smooth(what: str, seen: _Seen) -> Iterator[Figure]:
    typed = seen.typed
    frames = typed.frames / typed.seconds
    beside = f"in {typed.seconds:.1f} s of typing"
    yield Figure(f"{what}: frames", frames, "/s", beside, goal=_FRAMES, more_is_better=True)
    middle = percentile(typed.latencies_ms, 0.5)
    beside = f"median of {len(typed.latencies_ms)} keys: {middle:.0f} ms"
    latency = percentile(typed.latencies_ms, 0.95)
    yield Figure(f"{what}: key to painted, p95", latency, "ms", beside, goal=_KEY_MS)
    middle = percentile(seen.switches_ms, 0.5)
    beside = f"median of {len(seen.switches_ms)}: {middle:.0f} ms"
    latency = percentile(seen.switches_ms, 0.95)
    yield Figure(f"{what}: to the next chat, p95", latency, "ms", beside)
    yield Figure(f"{what}: CPU", typed.cpu_s / typed.seconds * 100, "%")


def _ask_in_all(pane: Pane, chats: int) -> None:
    """Ask in each chat, and leave a word in its composer to know it by."""
    for number in range(chats):
        if number:
            _open(pane, number, mark(number, _MESSAGES - 1))
        pane.send("long\r")
        pane.until_any(_FIRST_WORD)
        pane.send(_draft(number))
        pane.until(_draft(number))


def _watched(pane: Pane, chats: int, seconds: float) -> _Seen:
    """Type a little in each chat, and go on to the next one."""
    seen = _Seen()
    at = chats - 1
    while seen.typed.seconds < seconds:
        pane.send(_CLEAR)
        pane.drawn_within(_A_MOMENT_S)
        keys = iter(range(_KEYS_A_CHAT))
        seen.typed.add(type_into(pane, lambda keys=keys: next(keys, None) is None))
        pane.send(_CLEAR + _draft(at))
        pane.until(_draft(at))
        at = (at + 1) % chats
        seen.switches_ms.append(_open(pane, at, _draft(at)))
    return seen


def _open(pane: Pane, number: int, text: str) -> float:
    """Choose a chat by its name; the time from the last key until a text of it is painted."""
    open_switcher(pane)
    pane.drawn_within(_A_MOMENT_S)
    pane.send(_label(number))
    pane.until(_label(number))
    pane.drawn_within(_A_MOMENT_S)
    sent = pane.send("\r")
    return (pane.until(text) - sent) * 1000


def _label(number: int) -> str:
    return f"Talk{number:02d}"


def _draft(number: int) -> str:
    return f"here{number:02d}"
