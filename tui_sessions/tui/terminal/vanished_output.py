"""A terminal's driver that waits for no terminal that is gone."""

from __future__ import annotations

import contextlib
import io
import os
from functools import cache
from typing import IO, Any

from textual.driver import Driver


@cache
def with_vanished_output(driver: type[Driver]) -> type[Driver]:
    """A driver whose thread writes on when its terminal is gone, so that nobody waits for it."""
    return type("VanishedOutputDriver", (_VanishedOutput, driver), {})


class _VanishedOutput:
    """Lets go what the terminal does not take.

    An error would end the thread that writes: what else is to be written fills its queue then, and
    who adds to a full queue waits for ever.
    """

    _file: IO[str] | _Outlet | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if isinstance(self._file, io.TextIOWrapper):
            self._file = _Outlet(self._file)


class _Outlet:
    """A file as the thread writes to it: nothing is left in it that could fail at the end."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        file.flush()
        self._number = file.fileno()
        self._encoding = file.encoding

    def write(self, text: str) -> None:
        """Write a text, or nothing where nobody is to read it."""
        data = text.encode(self._encoding, "backslashreplace")
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._number, data) :]

    def flush(self) -> None:
        """Nothing waits here."""

    def fileno(self) -> int:
        """The number of the file."""
        return self._number
