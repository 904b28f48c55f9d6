"""Room for letters that terminals give one cell or none, as the vowel signs of Hindi or Tamil.

Each is thought to take a cell: where a terminal gives it none, there is a gap behind the word.
Thought to take none, it would have the next word drawn over the end of this one by all others.
Signs of several characters, as joined emoji, are never cut within: their halves take other room.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from unicodedata import category, east_asian_width

import rich.cells
from rich._unicode_data import load
from rich.cells import CellTable, cached_cell_len, get_character_cell_size, split_text
from rich.segment import Segment

_SPACING_MARK = "Mc"
_AT_LEAST_TWO = (0x3248, 0x324F)
"""Numbers in circles on black squares."""
_CELLS = vars(rich.cells)
_JOINING = ("\u200d", "\ufe0f")
_split_between_characters = Segment._split_cells


def give_room() -> None:
    """Have all that measures text, Textual included, count such letters as one cell."""
    if _CELLS["load_cell_table"] is _with_room:
        return
    _CELLS["load_cell_table"] = _with_room
    Segment._split_cells = staticmethod(_split)  # type: ignore[assignment, method-assign]
    get_character_cell_size.cache_clear()
    cached_cell_len.cache_clear()


@cache
def _with_room(unicode_version: str = "auto") -> CellTable:
    table = load(unicode_version)
    widths = [part for entry in table.widths for part in _parts(*entry)]
    return table._replace(widths=sorted([*widths, (*_AT_LEAST_TWO, 2)]))


def _parts(first: int, last: int, width: int) -> Iterator[tuple[int, int, int]]:
    """A range of characters of one width, without those that are given room."""
    codes = range(first, last + 1)
    marks = {code for code in codes if category(chr(code)) == _SPACING_MARK} if not width else ()
    if not marks:
        yield first, last, width
        return
    for code in codes:
        if code not in marks:
            yield code, code, width
        elif east_asian_width(chr(code)) == "W":
            yield code, code, 2


@lru_cache(1024)
def _split(segment: Segment, cut: int) -> tuple[Segment, Segment]:
    """Part a segment in two; a sign that stands across the cut becomes spaces."""
    text, style, control = segment
    if not any(each in text for each in _JOINING):
        return _split_between_characters(segment, cut)
    before, after = split_text(text, cut)
    return Segment(before, style, control), Segment(after, style, control)
