"""What was typed before the terminal was the app's: until then its Enter is another key."""

from __future__ import annotations

import codecs
import os
import select
import sys
from functools import cache
from threading import Event
from typing import Any

from textual.driver import Driver

from tui_sessions.tui.paste_parser import PasteParser

_LOOK_EVERY_S = 0.1
_READ_AT_ONCE = 65536
_UNFINISHED_S = 0.05
"""Seconds that the rest of a letter or key may take which is there only in part."""


@cache
def with_early_input(driver: type[Driver]) -> type[Driver]:
    """A driver that takes in first what was typed before it began, where it reads a terminal."""
    if not hasattr(driver, "run_input_thread"):
        return driver
    return type("EarlyInputDriver", (_EarlyInput, driver), {})


class _EarlyInput:
    """Reads what waits in the terminal before the driver goes on with what is typed from now on."""

    fileno: int
    exit_event: Event

    def run_input_thread(self) -> None:
        """Take in what waits, then what is typed until the app ends."""
        parser = PasteParser()
        if os.isatty(self.fileno):
            self._take_in(parser, typed_early(self.fileno))
        # Bytes that are no text, as of a paste in another encoding, end nothing.
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while not self.exit_event.is_set():
            if _is_ready(self.fileno, parser.patience(_LOOK_EVERY_S)):
                data = os.read(self.fileno, _READ_AT_ONCE)
                self._take_in(parser, decoder.decode(data))
                if not data:  # nothing will ever come again, and that again and again
                    self.exit_event.wait(_LOOK_EVERY_S)
            for event in parser.tick():
                self.process_message(event)
        while _is_ready(self.fileno, 0) and (data := os.read(self.fileno, _READ_AT_ONCE)):
            self._take_in(parser, decoder.decode(data))

    def _take_in(self, parser: PasteParser, text: str) -> None:
        if text:
            for event in parser.feed(text):
                self.process_message(event)

    def process_message(self, message: Any) -> None:
        """Hand an event to the app."""
        super().process_message(message)  # type: ignore[misc]


def typed_early(fileno: int) -> str:
    """What waits in a terminal that has just been told to hand out keys one by one.

    Until then it made a line feed of each Enter, which is the key for a new line here.
    """
    data = os.read(fileno, _waiting(fileno)) if _waiting(fileno) else b""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data)
    while decoder.getstate()[0] and _is_ready(fileno, _UNFINISHED_S):
        text += decoder.decode(os.read(fileno, 1))
    return text.replace("\n", "\r")


def _is_ready(fileno: int, patience_s: float) -> bool:
    return bool(select.select([fileno], [], [], patience_s)[0])


def _waiting(fileno: int) -> int:
    """How many bytes can be read at once."""
    if sys.platform == "win32":
        return 0
    import fcntl
    import termios

    counted = fcntl.ioctl(fileno, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(counted, sys.byteorder)
