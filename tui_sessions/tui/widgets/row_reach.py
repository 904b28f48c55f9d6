"""How much of a line stands on a row of so many cells, found without looking at each character."""

from __future__ import annotations

import re
from functools import cache

from rich.cells import get_character_cell_size

NARROW = r"[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2500-\u25fc]*"
"""Characters of which each takes one cell."""
WIDE = r"[\u3001-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*"
"""Characters of which each takes two cells."""


def row_reach(line: str, row: int, width: int) -> int:
    """Up to where a row that begins somewhere could be filled; what takes no room belongs to it.

    Args:
        line: the text, each character of which takes the same room wherever it stands.
        row: where the row begins.
        width: cells of the row.
    """
    size, room, place = len(line), width, row
    narrow_run, wide_run = _runs()
    while place < size:
        narrow = narrow_run.match(line, place, place + room + 1).end() - place  # type: ignore[union-attr]
        if narrow > room:
            return place + room
        room -= narrow
        place += narrow
        wide = wide_run.match(line, place, place + room // 2 + 1).end() - place  # type: ignore[union-attr]
        if 2 * wide > room:
            return place + room // 2
        room -= 2 * wide
        place += wide
        if not wide and place < size:
            room -= get_character_cell_size(line[place])
            if room < 0:
                return place
            place += 1
    return size


@cache
def _runs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    # Made when it is needed: the app's start does without it.
    return re.compile(NARROW), re.compile(WIDE)
