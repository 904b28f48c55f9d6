"""Where Textual's text area breaks a line, found without looking at each word of it.

A line is made of chunks: a word with the space behind it. As many of them as fit stand on a row;
only a chunk that is wider than a whole row is cut, wherever the row ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rich.cells import cell_len
from textual._wrap import compute_wrap_offsets
from textual.expand_tabs import get_tab_widths

from tui_sessions.tui.widgets.row_reach import row_reach
from tui_sessions.tui.widgets.tabbed_breaks import tab_widths_again, tabbed_breaks_again

_CHUNK = re.compile(r"\S*\s*")
_NARROWEST = 2
"""Below this, a wide character may not fit on any row."""
_JOINER, _AS_EMOJI = "\u200d", "\ufe0f"
"""How wide these make a chunk depends on what stands beside them."""


def tab_widths(line: str, tab_size: int) -> list[int]:
    """How wide the tabs of a line are, with 0 for what stands behind the last."""
    if "\t" not in line:
        return [0] if line else []
    return [width for _, width in get_tab_widths(line, tab_size)]


def tab_widths_after(line: str, tab_size: int, before: str, known: list[int]) -> list[int]:
    """The same after an edit, when it is known how wide they were `before`."""
    if "\t" not in line or "\t" not in before:
        return tab_widths(line, tab_size)
    return tab_widths_again(line, tab_size, edited(line, before), known)


def edited(line: str, before: str) -> tuple[int, int]:
    """Where what was edited begins and ends in a line."""
    start = _common_start(line, before)
    same = min(_common_end(line, before), min(len(line), len(before)) - start)
    return start, len(line) - same


def breaks_of(line: str, width: int, tab_size: int) -> list[int]:
    """Where the rows of a line begin, but for the first."""
    if not width or (len(line) <= width and line.isascii() and line.isprintable()):
        return []
    if not _is_without_tabs(line, width):
        tabs = get_tab_widths(line, tab_size)
        return compute_wrap_offsets(line, width, tab_size, precomputed_tab_sections=tabs)
    return _breaks_from(line, width, [], "", [])


def breaks_again(line: str, width: int, tab_size: int, before: str, known: list[int]) -> list[int]:
    """The same after an edit, when it is known where the line was broken `before`.

    Only what stands around the edit is looked at.
    """
    if width > tab_size and "\t" in line and "\t" in before:
        edit = edited(line, before)
        found = tabbed_breaks_again(line, width, tab_size, edit, before, known)
        return breaks_of(line, width, tab_size) if found is None else found
    if not (width and _is_without_tabs(line, width) and _is_without_tabs(before, width)):
        return breaks_of(line, width, tab_size)
    same = _chunk_start(line, 0, _common_start(line, before))
    return _breaks_from(line, width, known[: bisect_left(known, same)], before, known)


def _is_without_tabs(line: str, width: int) -> bool:
    """Whether each chunk of a line is as wide as it would be anywhere."""
    return width >= _NARROWEST and "\t" not in line


def _breaks_from(
    line: str, width: int, breaks: list[int], before: str, known: list[int]
) -> list[int]:
    """Go on from breaks that are found until the line ends, or is broken as it was before."""
    row = breaks[-1] if breaks else 0
    held = _chunk_end(line, row) if row else 0
    shift = len(line) - len(before)
    edited = len(line) - (_common_end(line, before) if known else 0)
    beyond = _Beyond(line, width)
    while (start := beyond.row(row, held)) < len(line):
        row, held = start, _chunk_end(line, start)
        if start:
            breaks.append(start)
        while beyond.is_cut(start, held) and (reach := row_reach(line, row, width)) < held:
            row = reach
            breaks.append(row)
        if known and row >= edited and _begins(line, row) == _begins(before, row - shift):
            place = bisect_left(known, row - shift)
            if place < len(known) and known[place] == row - shift:
                return [*breaks, *[one + shift for one in known[place + 1 :]]]
    return breaks


class _Beyond:
    """Finds the chunk with which the next row begins."""

    def __init__(self, line: str, width: int) -> None:
        self._line = line
        self._width = width
        self._uneven = _JOINER in line or _AS_EMOJI in line

    def row(self, row: int, held: int) -> int:
        """Where the first chunk begins that has no room on a row; what is held there has."""
        if self._is_uneven(row, row + self._width + 1):
            return self._measured(row, held)
        reach = row_reach(self._line, row, self._width)
        if self._is_uneven(row, reach + 1):
            return self._measured(row, held)
        return _chunk_start(self._line, row, reach + 1) if reach < len(self._line) else reach

    def is_cut(self, start: int, end: int) -> bool:
        """Whether a chunk may be wider than a row."""
        if 2 * (end - start) <= self._width:
            return False
        return not self._is_uneven(start, end) or cell_len(self._line[start:end]) > self._width

    def _measured(self, row: int, place: int) -> int:
        """The same, chunk by chunk."""
        room = self._width - cell_len(self._line[row:place])
        for found in _CHUNK.finditer(self._line, place):
            room -= cell_len(found[0])
            if room < 0:
                return found.start()
        return len(self._line)

    def _is_uneven(self, start: int, end: int) -> bool:
        piece = self._line[start:end] if self._uneven else ""
        return _JOINER in piece or _AS_EMOJI in piece


def _chunk_start(line: str, row: int, end: int) -> int:
    """Where the last chunk before a place begins, as far as it stands on a row."""
    body = line[row:end].rstrip()
    words = body.rsplit(None, 1)
    return row + len(body) - len(words[-1]) if words else row


def _begins(line: str, row: int) -> bool:
    """Whether a chunk begins with a row; else one goes on that was cut, which has another width."""
    return line[row - 1 : row].isspace() and not line[row : row + 1].isspace()


def _chunk_end(line: str, start: int) -> int:
    found = _CHUNK.match(line, start)
    return found.end() if found else start


def _common_start(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str) -> int:
    """How many characters two texts end with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
