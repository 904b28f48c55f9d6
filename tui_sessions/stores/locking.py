"""The lock of a session, which holds between threads and between processes."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_sessions.errors import StoreError
from tui_sessions.stores.documents import FILE_MODE
from tui_sessions.stores.journal import size_of

PATIENCE_S = 15.0
"""How long to wait for another process, which may have been stopped while it held the lock."""
_PAUSE_S = 0.002
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class locked:  # noqa: N801  used like a function
    """Hold a session for writing; gives its open journal, which is made if it is missing.

    A journal that is empty in the end is removed, so that locking alone leaves nothing behind.
    """

    # A class and not a generator, as every message that is saved goes through here.
    __slots__ = ("_handle", "_journal")

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def __enter__(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        self._handle = handle = _acquire(self._journal, flags, fcntl.LOCK_EX)
        return handle

    def __exit__(self, *_: object) -> None:
        try:
            if not size_of(self._handle) and os.fstat(self._handle).st_nlink:
                self._journal.unlink(missing_ok=True)
        finally:
            os.close(self._handle)


@contextmanager
def shared(journal: Path) -> Iterator[int | None]:
    """Keep writers of a session away; gives its open journal, or None when there is none."""
    try:
        handle = _acquire(journal, os.O_RDONLY, fcntl.LOCK_SH)
    except FileNotFoundError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _acquire(journal: Path, flags: int, kind: int) -> int:
    """Open and lock a journal, and make sure that it is still the one in its place."""
    while True:
        handle = os.open(journal, flags | _FLAGS, FILE_MODE)
        try:
            _wait_for(handle, kind, journal)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise StoreError("it is not an ordinary file", journal)
            if _in_place(status, journal):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _wait_for(handle: int, kind: int, journal: Path) -> None:
    deadline = None
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                raise
        deadline = deadline or time.monotonic() + PATIENCE_S
        if time.monotonic() > deadline:
            raise StoreError("another program is holding this session; close it there", journal)
        time.sleep(_PAUSE_S)


def _in_place(status: os.stat_result, journal: Path) -> bool:
    try:
        there = os.stat(journal, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(status, there)
