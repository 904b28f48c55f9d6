"""Somebody who types while something else goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.pane import Pane

_BETWEEN_KEYS_S = 0.05
_LETTERS = "qz"
_LONGEST = 40
_CLEAR = "\x15"
_PATIENCE_S = 300.0
"""Seconds after which what has not ended never will."""


@dataclass
class Typed:
    """What was seen while somebody typed."""

    latencies_ms: list[float] = field(default_factory=list)
    """From each key until its letter was painted."""
    seconds: float = 0.0
    frames: int = 0
    cpu_s: float = 0.0

    def add(self, more: Typed) -> None:
        """Take in what was seen at another time."""
        self.latencies_ms += more.latencies_ms
        self.seconds += more.seconds
        self.frames += more.frames
        self.cpu_s += more.cpu_s


def type_into(pane: Pane, ended: Callable[[], bool]) -> Typed:
    """Type a letter now and then until something has ended and one was timed at least.

    Raises:
        TimeoutError: it does not end.
    """
    seen = Typed()
    typed, used, frames = "", pane.cpu_s(), len(pane.frames)
    began = time.perf_counter()
    while not (seen.latencies_ms and ended()):
        if time.perf_counter() - began > _PATIENCE_S:
            raise TimeoutError("typed in vain: what goes on meanwhile does not end")
        typed += _LETTERS[len(typed) % 2]
        sent = pane.send(typed[-1])
        taken = (pane.until(typed) - sent) * 1000
        if len(typed) > 1:  # one letter alone may be part of what else is drawn
            seen.latencies_ms.append(taken)
        pane.watch(_BETWEEN_KEYS_S)
        if len(typed) == _LONGEST:
            pane.send(_CLEAR)
            typed = ""
            pane.watch(_BETWEEN_KEYS_S)
    seen.seconds = time.perf_counter() - began
    seen.cpu_s = pane.cpu_s() - used
    seen.frames = len(pane.frames) - frames
    return seen
