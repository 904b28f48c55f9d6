"""What was typed before the terminal was the app's: until then its Enter is another key."""

from __future__ import annotations

import codecs
import contextlib
import os
import select
import sys
from functools import cache
from threading import Event
from typing import Any
from weakref import finalize

from textual import events
from textual.driver import Driver

from tui_sessions.giving_way import key_typed
from tui_sessions.tui.terminal.paste_parser import PasteParser

_LOOK_EVERY_S = 60.0
"""Seconds that the terminal is waited for at a time: what ends that before is noticed at once."""
_GONE_S = 0.1
"""The same where there will never be anything to read again."""
_READ_AT_ONCE = 65536


@cache
def with_early_input(driver: type[Driver]) -> type[Driver]:
    """A driver that takes in first what was typed before it began, where it reads a terminal."""
    if not hasattr(driver, "run_input_thread"):
        return driver
    return type("EarlyInputDriver", (_EarlyInput, driver), {})


class Ending(Event):
    """An event that wakes who waits for a terminal, too: it looks like a file with news."""

    def __init__(self) -> None:
        super().__init__()
        self._told, self._tell = os.pipe()
        os.set_blocking(self._told, False)
        finalize(self, _close, self._told, self._tell)

    def fileno(self) -> int:
        """What `select` waits for."""
        return self._told

    def set(self) -> None:
        """Say that it is so."""
        if not self.is_set():
            os.write(self._tell, b"!")
        super().set()

    def clear(self) -> None:
        """Say that it is not so any more."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._told, 1)
        super().clear()


class _EarlyInput:
    """Reads what waits in the terminal before the driver goes on with what is typed from now on."""

    fileno: int
    exit_event: Ending
    _parser: PasteParser | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.exit_event = Ending()
        # Bytes that are no text, as of a paste in another encoding, end nothing.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def run_input_thread(self) -> None:
        """Take in what waits, then what is typed until the app ends."""
        # After a stop it goes on where the reader before it was, be it amid a letter, a key or a
        # paste.
        parser, decoder = self._parser or PasteParser(), self._decoder
        self._parser = parser
        if os.isatty(self.fileno):
            self._take_in(parser, typed_early(self.fileno, decoder))
        while not self.exit_event.is_set():
            if _is_ready(self.fileno, parser.patience(_LOOK_EVERY_S), self.exit_event):
                data = os.read(self.fileno, _READ_AT_ONCE)
                self._take_in(parser, decoder.decode(data))
                if not data:  # nothing will ever come again, and that again and again
                    self.exit_event.wait(_GONE_S)
            for event in parser.tick():
                self.process_message(event)
        while _is_ready(self.fileno, 0) and (data := os.read(self.fileno, _READ_AT_ONCE)):
            self._take_in(parser, decoder.decode(data))

    def _take_in(self, parser: PasteParser, text: str) -> None:
        if text:
            for event in parser.feed(text):
                self.process_message(event)

    def process_message(self, message: Any) -> None:
        """Hand an event to the app; what is typed has the way cleared for it."""
        if isinstance(message, (events.Key, events.Paste)):
            key_typed()
        super().process_message(message)  # type: ignore[misc]


def typed_early(fileno: int, decoder: codecs.IncrementalDecoder) -> str:
    """What waits in a terminal that has just been told to hand out keys one by one.

    Until then it made a line feed of each Enter, which is the key for a new line here.
    """
    data = os.read(fileno, _waiting(fileno)) if _waiting(fileno) else b""
    return decoder.decode(data).replace("\n", "\r")


def _is_ready(fileno: int, patience_s: float, ending: Ending | None = None) -> bool:
    """Whether there is something to read; what ends the reading ends the wait as well."""
    waited_for: list[int | Ending] = [fileno, ending] if ending else [fileno]
    return fileno in select.select(waited_for, [], [], patience_s)[0]


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _waiting(fileno: int) -> int:
    """How many bytes can be read at once."""
    if sys.platform == "win32":
        return 0
    import fcntl
    import termios

    counted = fcntl.ioctl(fileno, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(counted, sys.byteorder)
