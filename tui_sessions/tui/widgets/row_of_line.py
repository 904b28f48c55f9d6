"""One of the rows that a long line fills, and what is drawn over it."""

from __future__ import annotations

from typing import Self

import msgspec
from rich.style import Style
from rich.text import Text
from textual.document._document import Location

from tui_sessions.tui.widgets.wrapped_text import WrappedText


class RowOfLine(msgspec.Struct, frozen=True):
    """A piece of a line; what is drawn over it is told in places of the whole text."""

    line: int
    start: int
    """The column of the line with which it begins."""
    text: str
    is_last: bool
    """Whether the line ends here, with room for the cursor."""

    @classmethod
    def of(cls, wrapped: WrappedText, line: int, place: int) -> Self:
        """One of the rows of a line."""
        breaks = wrapped.get_offsets(line)
        text = wrapped.get_sections(line)[place]
        return cls(line, breaks[place - 1] if place else 0, text, place == len(breaks))

    def tab_widths(self, wrapped: WrappedText) -> list[int]:
        """How wide the tabs on the row are."""
        if "\t" not in self.text:
            return []
        before = wrapped.document[self.line].count("\t", 0, self.start)
        return wrapped.get_tab_widths(self.line)[before : before + self.text.count("\t")]

    def stylize(self, drawn: Text, style: Style | None, start: Location, end: Location) -> None:
        """Draw over all that lies between two places."""
        if style is None or not start[0] <= self.line <= end[0]:
            return
        first = start[1] - self.start if start[0] == self.line else 0
        last = end[1] - self.start if end[0] == self.line else len(self.text)
        if last > 0:
            drawn.stylize(style, max(first, 0), last)

    def stylize_one(self, drawn: Text, style: Style | None, place: Location) -> None:
        """Draw over the character at a place."""
        if style is not None and place[0] == self.line and place[1] >= self.start:
            drawn.stylize(style, place[1] - self.start, place[1] - self.start + 1)
