"""A terminal that knows when each byte came, and what the program in it takes."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect

from tests.bench.process import cpu_s, memory_mb

COLUMNS, ROWS = 140, 40
_PATIENCE_S = 120.0
_PATIENCE_TO_END_S = 20.0
_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;<>=?$]*[a-zA-Z]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_ASKS_FOR_FRAMES, _HAS_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The question whether a frame may be shown all at once, and the answer of a good terminal."""
_BLINK = 100
"""Bytes of text that a blinking cursor does not need."""
_FRAME_END = b"\x1b[?2026l"


class Pane:
    """Runs a program in a pseudo-terminal and notes what it draws, without drawing it.

    Times are those of `time.perf_counter`. What has been waited for is forgotten: the next wait
    sees only what came after.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self.frames: list[float] = []
        """When each frame was complete."""
        self._painted = 0.0
        self._drawn = b""
        self._tail = b""
        self.began = time.perf_counter()
        """When the program was started."""
        self._child = pexpect.spawn(
            command[0],
            [*command[1:]],
            cwd=str(folder),
            env=dict(environment),
            dimensions=(ROWS, COLUMNS),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program: by asking it to, else by force."""
        os.kill(self._child.pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_TO_END_S
        try:
            while time.monotonic() < deadline:
                self._read(0.1)
        except EOFError:
            pass
        else:
            os.kill(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def send(self, keys: str) -> float:
        """Press keys, as the terminal would send them; the time."""
        sent = time.perf_counter()
        os.write(self._child.child_fd, keys.encode())
        return sent

    def resize(self, columns: int, rows: int) -> float:
        """Make the window larger or smaller; the time."""
        resized = time.perf_counter()
        self._child.setwinsize(rows, columns)
        return resized

    def until(self, text: str) -> float:
        """Wait until a text without spaces is drawn anew; when the bytes of it were here."""
        return self.until_any(re.compile(re.escape(text.encode())))

    def until_any(self, pattern: re.Pattern[bytes]) -> float:
        """Wait until something is drawn anew; when the bytes of it were here."""
        deadline = time.monotonic() + _PATIENCE_S
        came = time.perf_counter()
        while not (found := pattern.search(self._drawn)):
            if time.monotonic() > deadline:
                drawn = self._drawn[-4000:]
                raise TimeoutError(f"waited in vain for {pattern.pattern!r}: {drawn!r}")
            came = self._read(0.5) or came
        self._drawn = self._drawn[found.end() :]
        return came

    def until_calm(self, calm_s: float = 0.3) -> float:
        """Wait until hardly anything is drawn or done, and forget what was; the last time it was.

        The blinking of a cursor does not count.

        Raises:
            TimeoutError: it does not come to rest.
        """
        deadline = time.monotonic() + _PATIENCE_S
        calm = False
        while not calm:
            if time.monotonic() > deadline:
                raise TimeoutError(f"it does not come to rest: {self._drawn[-4000:]!r}")
            used, drawn = self.cpu_s(), len(self._drawn)
            self.watch(calm_s)
            calm = len(self._drawn) - drawn < _BLINK and self.cpu_s() - used <= calm_s / 10
        self._drawn = b""
        return self._painted

    def watch(self, seconds: float, holds: Callable[[], bool] = lambda: True) -> None:
        """Read what is drawn for some time, at most as long as something holds."""
        end = time.perf_counter() + seconds
        while holds() and (left := end - time.perf_counter()) > 0:
            self._read(min(left, 0.02))

    def drawn_within(self, seconds: float) -> str:
        """What is drawn in some time, as text; it is forgotten then."""
        self.watch(seconds)
        drawn, self._drawn = self._drawn, b""
        return drawn.decode(errors="replace")

    def memory_mb(self) -> float:
        """The memory that the program has in use, in MB."""
        return memory_mb(self._child.pid)

    def cpu_s(self) -> float:
        """The seconds of a core that the program has used so far."""
        return cpu_s(self._child.pid)

    def _read(self, patience_s: float) -> float | None:
        """Take what has come, at most so many seconds later; when it came."""
        if not select.select([self._child.child_fd], [], [], patience_s)[0]:
            return None
        data = b""
        # Linux tells the end of a terminal by an error, others by nothing to read.
        with contextlib.suppress(OSError):
            data = os.read(self._child.child_fd, 1 << 20)
        if not data:
            raise EOFError(f"the program has ended: {self._drawn[-4000:]!r}")
        came = time.perf_counter()
        if _ASKS_FOR_FRAMES in data:
            self.send(_HAS_FRAMES.decode())
        data = self._tail + data
        cut = data.rfind(b"\x1b")
        # An escape sequence may be cut where the bytes are: its end comes with the next.
        whole = cut < 0 or _ESCAPES.match(data, cut)
        data, self._tail = (data, b"") if whole else (data[:cut], data[cut:])
        self.frames += [came] * data.count(_FRAME_END)
        text = _ESCAPES.sub(b"", data)
        self._drawn += text
        if len(text) >= _BLINK:
            self._painted = came
        return came
