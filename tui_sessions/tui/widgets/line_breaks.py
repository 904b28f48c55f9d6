"""Where Textual's text area breaks a line, found without looking at each word of it.

A line is made of chunks: a word with the space behind it. As many of them as fit stand on a row;
only a chunk that is wider than a whole row is cut, wherever the row ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rich.cells import get_character_cell_size
from textual._wrap import compute_wrap_offsets
from textual.expand_tabs import get_tab_widths

_CHUNK = re.compile(r"\S*\s*")
_NARROWEST = 2
"""Below this, a wide character may not fit on any row."""
_UNEVEN = ("\t", "\u200d", "\ufe0f")
"""How wide these are depends on what stands before them."""


def tab_widths(line: str, tab_size: int) -> list[int]:
    """How wide the tabs of a line are, with 0 for what stands behind the last."""
    if "\t" not in line:
        return [0] if line else []
    return [width for _, width in get_tab_widths(line, tab_size)]


def breaks_of(line: str, width: int, tab_size: int) -> list[int]:
    """Where the rows of a line begin, but for the first."""
    if not width or (len(line) <= width and line.isascii() and line.isprintable()):
        return []
    if not _is_even(line, width):
        tabs = get_tab_widths(line, tab_size)
        return compute_wrap_offsets(line, width, tab_size, precomputed_tab_sections=tabs)
    return _breaks_from(line, width, [], "", [])


def breaks_again(line: str, width: int, tab_size: int, before: str, known: list[int]) -> list[int]:
    """The same after an edit, when it is known where the line was broken `before`.

    Only what stands around the edit is looked at.
    """
    if not (width and _is_even(line, width) and _is_even(before, width)):
        return breaks_of(line, width, tab_size)
    same = _chunk_start(line, 0, _common_start(line, before))
    return _breaks_from(line, width, known[: bisect_left(known, same)], before, known)


def _is_even(line: str, width: int) -> bool:
    return width >= _NARROWEST and not any(char in line for char in _UNEVEN)


def _breaks_from(
    line: str, width: int, breaks: list[int], before: str, known: list[int]
) -> list[int]:
    """Go on from breaks that are found until the line ends, or is broken as it was before."""
    row = breaks[-1] if breaks else 0
    shift = len(line) - len(before)
    edited = len(line) - (_common_end(line, before) if known else 0)
    while (reach := _reach(line, row, width)) < len(line):
        start = _chunk_start(line, row, reach + 1)
        end = _chunk_end(line, start)
        if start:
            breaks.append(start)
        row = start
        while (reach := _reach(line, row, width)) < end:
            row = reach
            breaks.append(row)
        if known and row >= edited:
            place = bisect_left(known, row - shift)
            if place < len(known) and known[place] == row - shift:
                return [*breaks, *[one + shift for one in known[place + 1 :]]]
    return breaks


def _reach(line: str, row: int, width: int) -> int:
    """Up to where a row that begins somewhere could be filled."""
    piece = line[row : row + width + 1]  # what takes no room still belongs to the row
    if piece.isascii() and piece.isprintable():
        return row + min(len(piece), width)
    room = width
    for place in range(row, len(line)):
        room -= get_character_cell_size(line[place])
        if room < 0:
            return place
    return len(line)


def _chunk_start(line: str, row: int, end: int) -> int:
    """Where the last chunk before a place begins, as far as it stands on a row."""
    body = line[row:end].rstrip()
    words = body.rsplit(None, 1)
    return row + len(body) - len(words[-1]) if words else row


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
