"""Giving memory that is not used any more back to the system, which glibc is slow to do.

It keeps blocks of up to 32 MB for itself once it has seen some of that size, and the gaps between
small ones: with sessions of many megabytes that is more than what is in use.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 256 * 1024


@cache
def return_large_blocks() -> None:
    """Let large blocks go back as soon as they are free, from now on."""
    if (library := _glibc()) is not None:
        library.mallopt(_MMAP_THRESHOLD, _LARGE_BLOCK)


def return_gaps() -> None:
    """Give back what is free between small blocks; takes some milliseconds."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library, where it is the one that this is about."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
