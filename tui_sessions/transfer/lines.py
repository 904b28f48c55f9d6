"""Reading JSON Lines that another program may be appending to, one line in memory at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tui_sessions.transfer.base import Skipped
from tui_sessions.transfer.hygiene import Undecodable, decode_json

MAX_LINE = 64 * 1024 * 1024
"""Bytes; a longer line is left out."""
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1024 * 1024
_MAX_NUMBERS = 20


class Line(NamedTuple):
    """One line of a file."""

    number: int
    """From 1."""
    data: bytes | None
    """None: the line is longer than was allowed."""
    ended: bool
    """False for a last line without a newline: it may still be growing."""


class Problems:
    """Gathers what was left out of a file, by reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}

    def add(self, reason: str, line: int | None = None) -> None:
        """Note one more line, or the file itself."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        numbers = self._lines.setdefault(reason, [])
        if line is not None and len(numbers) < _MAX_NUMBERS:
            numbers.append(line)

    def skipped(self) -> list[Skipped]:
        """What there is to report, one value a reason."""
        return [
            Skipped(path=self.path, reason=reason, lines=tuple(self._lines[reason]), count=count)
            for reason, count in self._counts.items()
        ]


def read_objects(
    path: Path, problems: Problems, max_line: int = MAX_LINE
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file with their line numbers; what is none is noted and left out."""
    try:
        yield from objects_of(read_lines(path, max_line), problems, max_line)
    except OSError as error:
        problems.add(f"it could not be read: {error.strerror or error}")


def objects_of(
    lines: Iterable[Line], problems: Problems, max_line: int = MAX_LINE
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects that lines hold, with their numbers; what is none is noted and left out."""
    for line in lines:
        value = _object(line, problems, max_line)
        if value is not None:
            yield line.number, value


def read_lines(path: Path, max_line: int = MAX_LINE) -> Iterator[Line]:
    """The lines of a file as it is now, split at newline bytes only; blank ones are left out."""
    with path.open("rb") as file:
        yield from lines_of(file, os.fstat(file.fileno()).st_size, max_line)


def lines_of(file: BinaryIO, size: int, max_line: int = MAX_LINE) -> Iterator[Line]:
    """The lines among the next `size` bytes of an open file; blank ones are left out."""
    left = size
    number = 0
    while left > 0:
        number += 1
        data = file.readline(min(left, max_line + 1))
        if not data:
            return
        left -= len(data)
        if len(data) > max_line and not data.endswith(b"\n"):
            left -= _skip_line(file, left)
            yield Line(number, None, True)
            continue
        text = data.removeprefix(_BOM) if number == 1 else data
        if text.strip():
            yield Line(number, text.strip(), data.endswith(b"\n"))


def _skip_line(file: BinaryIO, left: int) -> int:
    """Read past the end of a line and say how many bytes that took."""
    passed = 0
    while passed < left:
        data = file.readline(min(_CHUNK, left - passed))
        passed += len(data)
        if not data or data.endswith(b"\n"):
            break
    return passed


def _object(line: Line, problems: Problems, max_line: int) -> dict[str, Any] | None:
    if line.data is None:
        problems.add(f"the line is longer than {max_line} bytes", line.number)
        return None
    try:
        value = decode_json(line.data)
    except Undecodable:
        if line.ended:
            problems.add("the line is not JSON", line.number)
        return None
    if not isinstance(value, dict):
        problems.add("the line is not a JSON object", line.number)
        return None
    return value
