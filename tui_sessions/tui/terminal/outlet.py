"""The thread that writes to the terminal, and waits for it instead of all others."""

from __future__ import annotations

import contextlib
import io
import os
import select
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

from tui_sessions.tui.terminal.early_input import Ending

_MOST_WAITING = 64
"""Texts that may wait; more, as of a terminal that takes nothing for hours, are dropped."""
_LITTLE = 512
"""Bytes that keep no frame waiting: those that the start writes before the first one, say."""
_CUT_OFF = "\x1b\\\x1b[?2026l"
"""Ends whatever a terminal is amid that got no more than its beginning, and has it draw again."""
_DROPPED_S = 1.0
"""Seconds that the thread is waited for at most, where it cannot be kept from waiting."""


class Outlet(Thread):
    """Writes what it is given, in order; who gives it something never waits.

    What a terminal does not take, as one that is gone, is let go: it fails nowhere.
    """

    def __init__(self, file: io.TextIOWrapper, emptied: Callable[[], None]) -> None:
        """Write to a file.

        Args:
            file: the terminal.
            emptied: is called, in the thread, whenever all has been taken.
        """
        super().__init__(daemon=True, name="textual-output")
        file.flush()
        self._encoding = file.encoding
        self._number = _never_waiting(file.fileno())
        self._emptied = emptied
        self._waiting: deque[bytes] = deque()
        self._left = 0
        self._changed = Condition()
        self._ended = False
        self._dropping = Ending()

    @property
    def is_busy(self) -> bool:
        """Whether more than a little waits for the terminal."""
        return self._left > _LITTLE

    def write(self, text: str) -> None:
        """Have a text written."""
        data = text.encode(self._encoding, "backslashreplace")
        with self._changed:
            if data and not self._ended and len(self._waiting) < _MOST_WAITING:
                self._waiting.append(data)
                self._left += len(data)
                self._changed.notify_all()

    def run(self) -> None:
        """Write until it is stopped."""
        while data := self._next():
            self._write(data)
            with self._changed:
                self._left -= len(data)
                emptied = not self._left
                self._changed.notify_all()
            if emptied:
                self._emptied()
        os.close(self._number)

    def empty(self, patience_s: float) -> bool:
        """Drop what the terminal does not take within so many seconds; whether all was taken."""
        if self._is_emptied(patience_s):
            return True
        with self._changed:
            self._left -= sum(len(data) for data in self._waiting)
            self._waiting.clear()
        self._dropping.set()
        self._is_emptied(_DROPPED_S)
        self._dropping.clear()
        self.drop_taken()
        return False

    def drop_taken(self) -> None:
        """Drop what was taken, but is not read yet."""
        with contextlib.suppress(ImportError, OSError):
            import termios

            with contextlib.suppress(termios.error):
                termios.tcflush(self._number, termios.TCOFLUSH)
        self.write(_CUT_OFF)

    def stop(self, patience_s: float = 0.3) -> None:
        """End, with all written that the terminal takes within so many seconds."""
        self.empty(patience_s)
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.join(_DROPPED_S)

    def _is_emptied(self, patience_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._left, patience_s)

    def _next(self) -> bytes:
        """What is to be written next; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            return self._waiting.popleft() if self._waiting else b""

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        with contextlib.suppress(OSError):
            while left and not self._dropping.is_set():
                try:
                    left = left[os.write(self._number, left) :]
                except BlockingIOError:
                    select.select([self._dropping], [self._number], [])


def _never_waiting(number: int) -> int:
    """The same terminal, opened so that writing to it waits for nothing; else the file again.

    To have the file itself not wait would have the shell that it came from not wait, either.
    """
    try:
        return os.open(os.ttyname(number), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except (OSError, AttributeError):
        return os.dup(number)
