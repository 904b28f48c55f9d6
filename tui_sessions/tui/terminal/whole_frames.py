"""A terminal's driver that hands over each frame in one piece."""

from __future__ import annotations

from functools import cache
from typing import Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver


@cache
def with_whole_frames(driver: type[Driver]) -> type[Driver]:
    """A driver that writes all of a frame at once: its thread has to be woken for each piece."""
    return type("WholeFramesDriver", (_WholeFrames, driver), {})


class _WholeFrames:
    """Keeps what is written from the beginning of a frame on until its end."""

    _frame: list[str] | None = None

    def write(self, data: str) -> None:
        """Write what stands alone, and each frame as a whole."""
        if data == SYNC_START and self._frame is None:
            self._frame = []
        if self._frame is None:
            self._write(data)
            return
        self._frame.append(data)
        if data == SYNC_END:
            frame, self._frame = self._frame, None
            self._write("".join(frame))

    def _write(self, data: str) -> None:
        drawn: Any = super()
        drawn.write(data)
