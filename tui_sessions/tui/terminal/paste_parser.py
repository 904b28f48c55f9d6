"""What a terminal sends, read so that pasted text is never taken for keys."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from textual import constants
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.message import Message

_ESC = "\x1b"
_START = f"{_ESC}[200~"
_END = f"{_ESC}[201~"
_AT_ESC = re.compile(f"(?={_ESC})")
_ESCAPE_S = constants.ESCAPE_DELAY if "ESCDELAY" in os.environ else 0.05
"""Seconds that what may be the rest of a key is waited for after an ESC: terminals send both at
once, and whoever presses Escape waits that long."""


class PasteParser(XTermParser):
    """A parser for which a paste goes on until its end has come, whatever stands in it.

    Textual's own takes what follows an ESC within a paste for keys: an Enter there would send.
    """

    def __init__(self, debug: bool = False) -> None:
        self._pasting = False
        self._kept = ""
        """Within a paste what may be the beginning of its end; else the latest that was read."""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Read on; the events that are whole now."""
        if not data:
            yield from super().feed(data)
        for part in _AT_ESC.split(self._without_escapes(data)):
            if part.startswith(_ESC):
                yield from self._end_key()
            if part:  # nothing at all would be the end of the input
                yield from super().feed(part)
        if self._timeout_time is not None:
            self._timeout_time = min(self._timeout_time, get_time() + _ESCAPE_S)

    def _end_key(self) -> Iterable[Message]:
        """Tell of the key that is not over yet, as another begins: Alt with a letter is one.

        Textual's own would make two keys of it, a `^` and the letter.
        """
        if self._timeout_time is not None:
            self._timeout_time = 0.0
            yield from self.tick()

    def patience(self, most_s: float) -> float:
        """Seconds until `tick` may tell of a key, at most so many."""
        if self._timeout_time is None:
            return most_s
        return min(max(self._timeout_time - get_time(), 0.0), most_s)

    def _without_escapes(self, data: str) -> str:
        """The same, but for each ESC within a paste."""
        done: list[str] = []
        while data:
            before, data = self._within(data) if self._pasting else self._outside(data)
            done.append(before)
        return "".join(done)

    def _outside(self, data: str) -> tuple[str, str]:
        """What comes before a paste begins, and the rest."""
        seen = self._kept + data
        place = seen.find(_START)
        if place < 0:
            self._kept = seen[-len(_START) + 1 :]
            return data, ""
        self._pasting, known, self._kept = True, len(self._kept), ""
        cut = place + len(_START) - known
        return data[:cut], data[cut:]

    def _within(self, data: str) -> tuple[str, str]:
        """What is pasted, with the end of the paste if it has come, and the rest."""
        text = self._kept + data
        place = text.find(_END)
        if place < 0:
            held = next((n for n in range(len(_END) - 1, 0, -1) if text.endswith(_END[:n])), 0)
            cut = len(text) - held
            self._kept = text[cut:]
            return text[:cut].replace(_ESC, ""), ""
        self._pasting, self._kept = False, ""
        return text[:place].replace(_ESC, "") + _END, text[place + len(_END) :]
