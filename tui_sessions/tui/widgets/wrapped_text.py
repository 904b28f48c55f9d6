"""A text area's lines on its rows, where one line may be as long as a book."""

from __future__ import annotations

from itertools import pairwise

from textual.document._document import DocumentBase, Location
from textual.document._wrapped_document import WrappedDocument

from tui_sessions.tui.widgets.line_breaks import (
    breaks_again,
    breaks_of,
    tab_widths,
    tab_widths_after,
)

_NO_BREAKS: list[int] = []
_NO_TABS = [0]


class WrappedText(WrappedDocument):
    """Breaks lines as Textual's own does, and after an edit only what was edited.

    What it finds stands where Textual's own keeps it, which answers all questions about it.
    """

    def __init__(self, document: DocumentBase, width: int = 0, tab_width: int = 4) -> None:
        self._lines: list[str] = []
        """The lines as they were when they were broken."""
        self._wrapped_to: tuple[int, int] | None = None
        self._divided: tuple[str, list[int], list[str]] = ("", [], [""])
        """The line that was last asked for, where it is broken, and its rows."""
        super().__init__(document, width, tab_width)

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._offset_to_line_info)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Break all lines, unless that is what they are already."""
        self._width = width
        self._tab_width = tab_width or self._tab_width
        wanted = (width, self._tab_width)
        if self._wrapped_to == wanted and self._lines == self.document.lines:
            return
        self._wrapped_to = wanted
        self._lines = [*self.document.lines]
        # Most lines are short: of a hundred thousand, none is to cost a call.
        self._wrap_offsets = [
            _NO_BREAKS
            if len(line) <= width and line.isascii() and line.isprintable()
            else breaks_of(line, *wanted)
            for line in self._lines
        ]
        self._tab_width_cache = [
            tab_widths(line, self._tab_width) if not line or "\t" in line else _NO_TABS
            for line in self._lines
        ]
        self._line_index_to_offsets, self._offset_to_line_info = [], []
        self._add_rows()

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Break those lines that were edited."""
        last = len(self._lines) - 1
        new_last = self.document.line_count - 1
        top = max(min(start[0], old_end[0], last, new_last), 0)
        old_bottom = min(max(start[0], old_end[0]), last)
        new_bottom = max(min(max(start[0], new_end[0]), new_last), top)
        lines = self.document.lines[top : new_bottom + 1]
        if top == old_bottom == new_bottom:
            before, known = self._lines[top], self._wrap_offsets[top]
            breaks = [breaks_again(lines[0], self._width, self._tab_width, before, known)]
            tabs = [tab_widths_after(lines[0], self._tab_width, before, self._tab_width_cache[top])]
        else:
            breaks = [breaks_of(line, self._width, self._tab_width) for line in lines]
            tabs = [tab_widths(line, self._tab_width) for line in lines]
        same_rows = [*map(len, breaks)] == [*map(len, self._wrap_offsets[top : old_bottom + 1])]
        changed = slice(top, old_bottom + 1)
        self._lines[changed] = lines
        self._wrap_offsets[changed] = breaks
        self._tab_width_cache[changed] = tabs
        if not same_rows:
            del self._offset_to_line_info[self._line_index_to_offsets[top][0] :]
            del self._line_index_to_offsets[top:]
            self._add_rows()

    def get_sections(self, line_index: int) -> list[str]:
        """The rows of a line."""
        line, breaks = self.document[line_index], self._wrap_offsets[line_index]
        known_line, known_breaks, rows = self._divided
        if line is not known_line or breaks is not known_breaks:
            rows = [line[start:end] for start, end in pairwise([0, *breaks, len(line)])]
            self._divided = (line, breaks, rows)
        return rows

    def row(self, place: int) -> tuple[int, int] | None:
        """The line that stands on a row, and which of the line's rows that is."""
        rows = self._offset_to_line_info
        return rows[place] if 0 <= place < len(rows) else None

    def _add_rows(self) -> None:
        """Count the rows of all lines that are not counted yet."""
        counted, rows = self._line_index_to_offsets, self._offset_to_line_info
        start, end, shift = len(counted), len(self._wrap_offsets), len(rows) - len(counted)
        if not any(self._wrap_offsets[start:]):
            counted += [[line + shift] for line in range(start, end)]
            rows += [(line, 0) for line in range(start, end)]
            return
        for line in range(start, end):
            first, count = len(rows), len(self._wrap_offsets[line]) + 1
            if count == 1:
                counted.append([first])
                rows.append((line, 0))
                continue
            counted.append([*range(first, first + count)])
            rows += [(line, place) for place in range(count)]
