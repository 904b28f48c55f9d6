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
from tui_sessions.stores.journal import size_of
from tui_sessions.stores.single_files import FILE_MODE

PATIENCE_S = 15.0
"""How long to wait for another process, which may have been stopped while it held the lock."""
_AT_ONCE_S = 0.05
"""How much of that a thread waits at once: what concerns other sessions has its turn in between."""
_PAUSE_S = 0.002
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


class HeldElsewhere(StoreError):
    """Another process holds a session, so that nothing was done; it may be tried again."""


class locked:  # noqa: N801  used like a function
    """Hold a session for writing; gives its open journal, which is made if it is missing.

    A journal that is empty in the end is removed, so that locking alone leaves nothing behind.

    Raises:
        HeldElsewhere: another process did not let go of it for so many seconds.
    """

    # A class and not a generator, as every message that is saved goes through here.
    __slots__ = ("_handle", "_journal", "_patience_s", "status")

    status: os.stat_result
    """The journal's, as it was when it was locked."""

    def __init__(self, journal: Path, *, patience_s: float = _AT_ONCE_S) -> None:
        self._journal = journal
        self._patience_s = patience_s

    def __enter__(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        self._handle, self.status = _acquire(self._journal, flags, fcntl.LOCK_EX, self._patience_s)
        return self._handle

    def __exit__(self, *_: object) -> None:
        try:
            if not size_of(self._handle) and os.fstat(self._handle).st_nlink:
                self._journal.unlink(missing_ok=True)
        finally:
            _let_go(self._handle)


@contextmanager
def shared(journal: Path) -> Iterator[int | None]:
    """Keep writers of a session away; gives its open journal, or None when there is none.

    Raises:
        HeldElsewhere: another process is writing, and does not let go of it.
    """
    try:
        handle, _ = _acquire(journal, os.O_RDONLY, fcntl.LOCK_SH, _AT_ONCE_S)
    except FileNotFoundError:
        yield None
        return
    try:
        yield handle
    finally:
        _let_go(handle)


def _acquire(journal: Path, flags: int, kind: int, patience_s: float) -> tuple[int, os.stat_result]:
    """Open and lock a journal, and make sure that it is still the one in its place."""
    path = os.fspath(journal)
    while True:
        handle = os.open(path, flags | _FLAGS, FILE_MODE)
        try:
            _wait_for(handle, kind, journal, patience_s)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise StoreError("it is not an ordinary file", journal)
            if _in_place(status, path):
                return handle, status
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _let_go(handle: int) -> None:
    try:
        # A process that was forked meanwhile shares the lock: to close it here is not enough.
        fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _wait_for(handle: int, kind: int, journal: Path, patience_s: float) -> None:
    deadline = None
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                raise
        deadline = deadline or time.monotonic() + patience_s
        if time.monotonic() > deadline:
            reason = "another program is holding this session; close it there"
            raise HeldElsewhere(reason, journal)
        time.sleep(_PAUSE_S)


def _in_place(status: os.stat_result, journal: str) -> bool:
    try:
        there = os.stat(journal, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(status, there)
