"""Where a line of any characters is broken into rows, found without looking at each of its words.

A row holds as many words as fit, whatever space comes behind the last. Only a word that is wider
than a whole row is cut.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells

from tui_sessions.tui.widgets.row_reach import row_reach

_WORD = re.compile(r"\s*\S+\s*")
_SPACE = re.compile(r"\s*")
_JOINER, _AS_EMOJI = "\u200d", "\ufe0f"
"""What stands before these tells how wide they are."""


def row_breaks(text: str, width: int) -> list[int]:
    """Where the rows of a line begin, but for the first.

    Args:
        text: the line; tabs and other control characters take no room.
        width: cells of a row, two at least.
    """
    return _Rows(text, width).breaks()


class _Rows:
    """Fills one row after the other."""

    def __init__(self, text: str, width: int) -> None:
        self._text = text
        self._width = width
        self._uneven = _JOINER in text or _AS_EMOJI in text
        self._sizes: dict[str, tuple[int, int]] = {}
        """How wide words are, without and with the space behind them."""
        self._breaks: list[int] = []
        self._row = 0
        """Where the present row begins."""
        self._held = 0
        """Up to here stands on it for sure: the end of a word that was cut."""

    def breaks(self) -> list[int]:
        while (start := self._first_beyond()) < len(self._text):
            # What a line is indented by belongs to its first word.
            if start == self._row or (not self._row and not self._text[:start].strip()):
                self._cut()
            else:
                self._breaks.append(start)
                self._row = self._held = start
        return self._breaks

    def _first_beyond(self) -> int:
        """Where the first word begins that does not fit on the present row."""
        if self._is_uneven(self._row, self._row + self._width + 1):
            return self._first_beyond_uneven()
        reach = row_reach(self._text, self._row, self._width)
        if self._is_uneven(self._row, reach + 1):  # marks upon letters take no room
            return self._first_beyond_uneven()
        if reach >= len(self._text):
            return reach
        if self._text[reach].isspace():
            return _SPACE.match(self._text, reach).end()  # type: ignore[union-attr]
        word = self._text[self._row : reach + 1].rsplit(None, 1)[-1]
        return reach + 1 - len(word)

    def _first_beyond_uneven(self) -> int:
        """The same, each word measured by itself."""
        text, place = self._text, self._held
        room = self._width - cell_len(text[self._row : place])
        while found := _WORD.match(text, place):
            word = found[0]
            known = self._sizes.get(word)
            if known is None:
                known = self._sizes[word] = (cell_len(word.rstrip()), cell_len(word))
            if known[0] > room:
                return place
            room -= known[1]
            place += len(word)
        return len(text)

    def _is_uneven(self, start: int, end: int) -> bool:
        piece = self._text[start:end] if self._uneven else ""
        return _JOINER in piece or _AS_EMOJI in piece

    def _cut(self) -> None:
        """Put a word on as many rows as it fills."""
        end = self._held = _WORD.match(self._text, self._row).end()  # type: ignore[union-attr]
        if self._is_uneven(self._row, end):
            for piece in chop_cells(self._text[self._row : end], self._width)[:-1]:
                self._row += len(piece)
                self._breaks.append(self._row)
            return
        while (reach := row_reach(self._text, self._row, self._width)) < end:
            self._row = reach
            self._breaks.append(reach)
