"""The real command in a pseudo-terminal of its own, and what a person would see there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import sys
import termios
import time
from base64 import b64decode
from collections.abc import Callable, Sequence

import pyte
from warm_command import WarmProcess

PATIENCE_S = 60.0
"""Seconds after which what has not come never will; a busy machine takes twenty for a start."""
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "alt+up": "\x1b[1;3A",
    "alt+down": "\x1b[1;3B",
    "alt+right": "\x1b[1;3C",
    "alt+left": "\x1b[1;3D",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
}
_CLIPBOARD = re.compile(rb"\x1b\]52;[a-z]*;([^\x07\x1b]*)(?:\x07|\x1b\\)")
# What pyte would draw as text, as it does not know it.
_UNKNOWN = re.compile(
    rb"\x1b\[(?:[<>=][0-9;]*[a-zA-Z]|\?[0-9;]*\$p|\?[0-9;]*u)|\x1bP[^\x1b]*\x1b\\"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;<>=?$]*|P[^\x1b]*\x1b?|\][^\x07\x1b]*\x1b?)?$")

Condition = str | Callable[["Terminal"], object]


class Terminal:
    """A terminal in which `sessions-tui` runs."""

    def __init__(
        self,
        start: Callable[[int], WarmProcess],
        *,
        columns: int = 100,
        rows: int = 30,
        beside: Sequence[Terminal] = (),
    ) -> None:
        self.raw = b""
        """Every byte that the command wrote."""
        self.ended = False
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lines = [""] * rows
        self._pending = b""
        self._beside = beside
        self.handle, inside = pty.openpty()
        """The file number of the window's end of the terminal; -1 once it is closed."""
        termios.tcsetwinsize(inside, (rows, columns))
        self.process = start(inside)
        os.close(inside)

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        # Only what has changed since the last look, and without asking how wide each sign is: there
        # is nothing in the cell behind a wide one. That is most of what waiting takes.
        while self._screen.dirty:
            row = self._screen.dirty.pop()
            cells = self._screen.buffer[row]
            signs = [cells[column].data for column in range(self._screen.columns)]
            self._lines[row] = "".join(signs).rstrip()
        return self._lines

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor."""
        return self._screen.cursor.x, self._screen.cursor.y

    def stands_out(self, row: int) -> bool:
        """Whether a row has another background at its left than the row below it."""
        return self._screen.buffer[row][3].bg != self._screen.buffer[row + 1][3].bg

    @property
    def copied(self) -> list[str]:
        """Every text that was put on the clipboard."""
        return [b64decode(data).decode() for data in _CLIPBOARD.findall(self.raw)]

    def wait_for(self, condition: Condition, what: str = "") -> Terminal:
        """Read until a text is on the screen, or until something holds."""
        if isinstance(condition, str):
            self._wait(lambda: condition in self.text, repr(condition))
        else:
            self._wait(lambda: condition(self), what or getattr(condition, "__name__", "it"))
        return self

    def wait_until_gone(self, text: str) -> Terminal:
        """Read until a text is no longer on the screen."""
        self._wait(lambda: text not in self.text, f"{text!r} to go")
        return self

    def wait_until_full(self) -> Terminal:
        """Read nothing until no more is written; the writer waits then until it is read."""
        waiting = -1
        while waiting != (waiting := self._waiting()):
            select.select([], [], [], 0.5)
        return self

    def wait_started(self) -> Terminal:
        """Read until keys are read one by one and what was open is there."""
        return self.wait_for(lambda t: "^p Commands" in t.text or "^q Quit" in t.text, "the start")

    def press(self, *keys: str) -> Terminal:
        """Press keys by name, one after the other without a pause."""
        return self.type("".join(_sequence(key) for key in keys))

    def press_until(self, key: str, text: str) -> Terminal:
        """Press a key as often as it takes, as a person does whose key came too early."""

        def shown_or_pressed() -> bool:
            if text not in self.text:
                self.press(key)
                self._read(0.4)
            return text in self.text

        self._wait(shown_or_pressed, repr(text))
        return self

    def to_transcript(self) -> Terminal:
        """Leave the composer; a letter right behind escape would be alt and the letter."""
        return self.wait_for("⏎ Send").press("escape").wait_for("Fork here")

    def type(self, text: str) -> Terminal:
        """Type a text, all of it at once."""
        return self.send(text.encode())

    def send(self, data: bytes) -> Terminal:
        """Type bytes, which need not be a text."""
        while data:
            data = data[os.write(self.handle, data) :]
        return self

    def overwrite(self, text: str) -> Terminal:
        """Put a text in place of all that is shown, as whoever has the terminal meanwhile does."""
        self._read_all()
        self._screen.reset()
        self._feed(text.encode())
        return self

    def resize(self, columns: int, rows: int) -> Terminal:
        """Make the window larger or smaller."""
        self._read_all()
        self._screen.resize(rows, columns)
        self._screen.dirty.clear()
        self._screen.reset()
        self._lines = [""] * rows
        termios.tcsetwinsize(self.handle, (rows, columns))
        return self

    def signal(self, number: int) -> int:
        """Send a signal to the command and wait for its end."""
        os.kill(self.process.pid, number)
        return self.wait_end()

    def kill(self) -> None:
        """End the command as a crash would."""
        self.signal(signal.SIGKILL)

    def close_window(self) -> int:
        """Close the terminal's window under the running command; its exit code."""
        self._close()
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "the command goes on without its window"
            select.select([], [], [], 0.02)
        self.ended = True
        return self.process.wait()

    def quit(self) -> int:
        """Leave as a person would; the exit code."""
        self.press("ctrl+q")
        return self.wait_end()

    def wait_end(self) -> int:
        """Wait for the command's end; its exit code, or the signal that ended it as a minus."""
        self._wait(lambda: self.ended, "the end")
        return self.process.wait()

    def wait_unread(self, holds: Callable[[], object]) -> Terminal:
        """Wait for something while nothing is read of what the command writes."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, "waited in vain, with nothing read"
            select.select([], [], [], 0.02)
        return self

    def read_rest(self) -> Terminal:
        """Read what a command that has ended had written."""
        while not self.ended:
            self._read(0.05)
        return self

    def dispose(self) -> None:
        """End the command if it still runs."""
        self._close()
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _close(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1

    def _wait(self, holds: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {what}; on the screen:\n{self.text}")
            if self.ended and not holds():
                raise AssertionError(f"ended before {what}; on the screen:\n{self.text}")
            self._read(0.05)

    def _read(self, patience_s: float) -> bool:
        """Read what was written here; the windows beside this one are read as well.

        A command that nobody reads comes to a stop with its terminal full.
        """
        if not self._open:
            return False
        windows = {one.handle: one for one in (self, *self._beside) if one._open}
        ready = select.select([*windows], [], [], patience_s)[0]
        for handle in ready:
            windows[handle]._take()
        return self.handle in ready and not self.ended

    @property
    def _open(self) -> bool:
        return self.handle >= 0 and not self.ended

    def _take(self) -> None:
        try:
            data = os.read(self.handle, 65536)
        except OSError:  # nobody has the other end any more
            data = b""
        self.ended = not data
        self.raw += data
        self._feed(data)

    def _waiting(self) -> int:
        counted = fcntl.ioctl(self.handle, termios.FIONREAD, b"\0" * 4)
        return int.from_bytes(counted, sys.byteorder)

    def _read_all(self) -> None:
        while self._read(0):
            pass

    def _feed(self, data: bytes) -> None:
        data = self._pending + data
        unfinished = _UNFINISHED.search(data)
        cut = unfinished.start() if unfinished else len(data)
        self._pending = data[cut:]
        self._stream.feed(_UNKNOWN.sub(b"", data[:cut]))


def _sequence(key: str) -> str:
    if key in KEYS:
        return KEYS[key]
    if key.startswith("ctrl+"):
        return chr(ord(key[-1]) & 0x1F)
    return key
