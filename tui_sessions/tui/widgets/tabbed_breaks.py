"""Where Textual's text area breaks a line with tabs after an edit: only what was edited is read.

Behind a tab a line goes on at a tab stop. So an edit moves what follows the next tab by whole tab
stops, and no tab behind that one becomes wider or narrower.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from rich.cells import cell_len
from textual._wrap import compute_wrap_offsets
from textual.expand_tabs import get_tab_widths

_CHUNK = re.compile(r"\S+\s*|\s+")
_NEXT = re.compile(r"\s\S")
_ROWS_AT_ONCE = 8
_narrow: dict[tuple[str, int, int], bool] = {}
"""Whether no chunk with tabs is wider than a row, of the lines that were edited last."""
_REMEMBERED = 2


def tab_widths_again(
    line: str, tab_size: int, edit: tuple[int, int], known: list[int]
) -> list[int]:
    """How wide the tabs of a line are, when it is known how wide they were before an edit.

    Args:
        line: the line as it is now.
        tab_size: cells from one tab stop to the next.
        edit: where what was edited begins and ends in it.
        known: how wide the tabs were, with 0 for what stood behind the last.
    """
    first = line.rfind("\t", 0, edit[0]) + 1
    behind = line.find("\t", edit[1]) + 1 or len(line)
    unchanged = line.count("\t", behind) + (behind < len(line) and line[-1] != "\t")
    before = known[: line.count("\t", 0, first)]
    widths = [width for _, width in get_tab_widths(line[first:behind], tab_size)]
    return [*before, *widths, *(known[len(known) - unchanged :] if unchanged else ())]


def tabbed_breaks_again(
    line: str, width: int, tab_size: int, edit: tuple[int, int], before: str, known: list[int]
) -> list[int] | None:
    """Where the rows of a line begin, but for the first; None where all of it has to be read.

    Args:
        line: the line as it is now.
        width: cells of a row.
        tab_size: cells from one tab stop to the next.
        edit: where what was edited begins and ends in it.
        before: the line before the edit.
        known: where that was broken.
    """
    if not _is_narrow(before, width, tab_size):
        return None
    found = _breaks_around(line, width, tab_size, edit, before, known)
    if found is not None:
        _remember((line, width, tab_size), True)
    return found


def _breaks_around(
    line: str, width: int, tab_size: int, edit: tuple[int, int], before: str, known: list[int]
) -> list[int] | None:
    shift = len(line) - len(before)
    count = max(bisect_left(known, edit[0]) - 1, 0)
    while count and not _stays(line, known[count - 1], edit[0]):
        count -= 1
    breaks = known[:count]
    row = breaks[-1] if breaks else 0
    aligned = line.find("\t", edit[1]) + 1 or len(line)
    window = _ROWS_AT_ONCE * width
    while (end := aligned + window) < len(line):
        found = _breaks_within(line, row, end, width, tab_size)
        if found is None:
            return None
        for place, at in enumerate(found):
            old = bisect_left(known, at - shift)
            same = old < len(known) and known[old] == at - shift
            if same and at >= aligned and _begins(line, at):
                return [*breaks, *found[:place], *[one + shift for one in known[old:]]]
        window *= 4
    found = _breaks_within(line, row, len(line), width, tab_size)
    return None if found is None else [*breaks, *found]


def _breaks_within(line: str, row: int, end: int, width: int, tab_size: int) -> list[int] | None:
    """The breaks from a row on for sure; None where a chunk with tabs is wider than a row."""
    stop = line.rfind("\t", 0, row) + 1
    column = cell_len(line[stop:row]) % tab_size
    text = line[row:end]
    tabs = get_tab_widths(" " * column + text, tab_size)
    tabs = [(tabs[0][0][column:], tabs[0][1]), *tabs[1:]] if tabs else tabs
    if _has_wide(text, width, tab_size):
        return None
    breaks = compute_wrap_offsets(text, width, tab_size, precomputed_tab_sections=tabs)
    *_, last = _CHUNK.finditer(text)
    sure = len(text) if end == len(line) else last.start()
    return [row + one for one in breaks if one < sure]


def _is_narrow(line: str, width: int, tab_size: int) -> bool:
    """Whether no chunk with tabs of a line is wider than a row.

    Textual divides such a chunk by what stands far before it.
    """
    asked = line, width, tab_size
    if asked not in _narrow:
        _remember(asked, not _has_wide(*asked))
    return _narrow[asked]


def _remember(asked: tuple[str, int, int], is_narrow: bool) -> None:
    _narrow.pop(asked, None)
    _narrow[asked] = is_narrow
    while len(_narrow) > _REMEMBERED:
        del _narrow[next(iter(_narrow))]


def _has_wide(text: str, width: int, tab_size: int) -> bool:
    for found in _CHUNK.finditer(text):
        chunk = found[0]
        if len(chunk) * max(tab_size, 2) <= width or "\t" not in chunk:
            continue
        if cell_len(chunk) + tab_size * chunk.count("\t") > width:
            return True
    return False


def _stays(line: str, row: int, edit: int) -> bool:
    """Whether a row still begins where it did: a chunk begins there, and ends before the edit."""
    return _begins(line, row) and _NEXT.search(line, row, edit) is not None


def _begins(line: str, row: int) -> bool:
    """Whether a chunk begins with a row."""
    return line[row - 1 : row].isspace() and not line[row : row + 1].isspace()
