"""Giving memory that is not used any more back to the system, which glibc is slow to do.

It keeps blocks of up to 32 MB for itself once it has seen some of that size, and the gaps between
small ones, for every few threads anew: with sessions of many megabytes, or an index that is written
by threads which come and go, that is more than what is in use.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE_BLOCK = 256 * 1024
_TOP = 1024 * 1024
"""Bytes that are kept at the end of the heap, where they are soon needed again."""
_ARENAS = 2
"""Heaps that all threads share from now on; each would take one of its own otherwise."""


@cache
def return_large_blocks() -> None:
    """Let large blocks go back as soon as they are free, from now on."""
    if (library := _glibc()) is not None:
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)


@cache
def stay_small() -> None:
    """Have threads share their heaps, and large blocks go back, from now on.

    For a program that stays open, and called before it has many threads.
    """
    if (library := _glibc()) is not None:
        library.mallopt(_ARENA_MAX, _ARENAS)
        library.mallopt(_TRIM_THRESHOLD, _TOP)
    return_large_blocks()


def return_gaps() -> None:
    """Give back what is free between small blocks; takes some milliseconds."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is the one that this is about."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
