"""The garbage collector, kept from looking at what is just being made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_kept: set[str] = set()
"""Something, once `keep_for_good` was called, or what somebody else has frozen was seen."""


@contextmanager
def collector_paused(wanted: bool = True) -> Iterator[None]:
    """Make many values that will stay: the collector would run again and again for nothing.

    Args:
        wanted: False leaves everything as it is, for work that turns out to be small.
    """
    if not wanted or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        _settle()
        gc.enable()


def keep_for_good(*, collected: bool = True) -> None:
    """Have the collector leave all that there is alone, for as long as the program runs.

    Args:
        collected: free first what nobody can reach, which would stay as well; False where a
            program has only just been loaded, and there is nothing of the kind.
    """
    if collected:
        gc.collect()
    gc.freeze()
    _kept.add("for good")


def _settle() -> None:
    """Count what was made among the old: it would all be looked at at once otherwise."""
    # Who has frozen something means it to stay so; to count a program's worth of it takes 10 ms,
    # so it is counted once.
    if not _kept and gc.get_freeze_count():
        _kept.add("by somebody else")
    if not _kept:
        gc.freeze()
        gc.unfreeze()
