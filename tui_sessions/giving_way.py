"""Work that is not urgent gives way to a key that a person typed, from wherever it is done.

All threads of a program share one interpreter: while several of them compute, a key waits for each
of them again and again before its letter is painted.
"""

from __future__ import annotations

import threading
import time
from time import perf_counter

LONGEST_S = 0.1
"""How long a key holds such work up: what the key itself waits for may be such work."""
_SHOWN_S = 0.005
"""Until what a key has changed is written to the terminal, which another thread does."""
_REST_S = 0.002


class _Key:
    """When the key is through, and from when on the next one may hold work up."""

    until = 0.0
    next_from = 0.0


def key_typed() -> None:
    """A key is on its way: what is not urgent gives way from now on."""
    _Key.until = perf_counter() + LONGEST_S


def key_done() -> None:
    """What the key does is done, and all but shown."""
    _Key.until = min(_Key.until, perf_counter() + _SHOWN_S)


def is_key_on_its_way() -> bool:
    """Whether a key has to be painted yet that nothing should hold up."""
    return perf_counter() < _Key.until


def give_way() -> None:
    """Rest while a key is on its way, if this is not the thread that handles it.

    To be called after each small step of work in the background; takes next to no time while nobody
    types. Keys that come one upon the other hold it up for half of the time at most.
    """
    if not _Key.until or not _Key.next_from <= perf_counter() < _Key.until:
        return
    if threading.current_thread() is threading.main_thread():
        return
    latest = perf_counter() + LONGEST_S
    while is_key_on_its_way():
        time.sleep(_REST_S)
        if perf_counter() >= latest:
            _Key.next_from = perf_counter() + LONGEST_S
            return
