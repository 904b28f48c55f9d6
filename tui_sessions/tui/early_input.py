"""What was typed before the terminal was the app's: until then its Enter is another key."""

from __future__ import annotations

import codecs
import os
import select
import sys
from functools import cache
from typing import Any

from textual._xterm_parser import XTermParser
from textual.driver import Driver

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

    def run_input_thread(self) -> None:
        """Take in what waits, then go on as always."""
        if os.isatty(self.fileno) and (typed := typed_early(self.fileno)):
            for event in XTermParser().feed(typed):
                self.process_message(event)
        super().run_input_thread()  # type: ignore[misc]

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
    while decoder.getstate()[0] and select.select([fileno], [], [], _UNFINISHED_S)[0]:
        text += decoder.decode(os.read(fileno, 1))
    return text.replace("\n", "\r")


def _waiting(fileno: int) -> int:
    """How many bytes can be read at once."""
    if sys.platform == "win32":
        return 0
    import fcntl
    import termios

    counted = fcntl.ioctl(fileno, termios.FIONREAD, b"\0" * 4)
    return int.from_bytes(counted, sys.byteorder)
