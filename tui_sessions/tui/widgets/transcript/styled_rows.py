"""Text in several styles on rows, and what stands before the rows of lists and quotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from textual.content import Content

from tui_sessions.tui.widgets.transcript.line import Line
from tui_sessions.tui.widgets.transcript.plain_rows import LazyLines, PlainRows
from tui_sessions.tui.widgets.transcript.tabs import with_spaces


class StyledRows(PlainRows):
    """Text in several styles, soft-wrapped; the styles are asked for with the first line."""

    def __init__(self, text: str, width: int, content: Callable[[], Content]) -> None:
        """Break a text that must have passed `visible`; `content` gives the same with styles."""
        super().__init__(text, width)
        self._whole = content

    @cached_property
    def _lines_of_text(self) -> list[Content]:
        return [with_spaces(row) for row in self._whole().split("\n", allow_blank=True)]

    def _content(self, number: int, start: int, end: int) -> Content:
        row = self._lines_of_text[number]
        return row if not start and end == len(row) else row[start:end]


class Lead(NamedTuple):
    """What stands before a line."""

    parts: tuple[tuple[str, str], ...]
    """Texts and their styles."""
    uncopied: int
    """How much of it is not copied."""

    @property
    def size(self) -> int:
        """How many characters it has."""
        return sum(len(text) for text, _ in self.parts)

    def content(self) -> Content:
        """How it is drawn."""
        return Content.assemble(*self.parts)


class LedRows(LazyLines):
    """Lines of a list or quote, which are nobody else's."""

    def __init__(self, lines: Sequence[Line], first: Lead, other: Lead) -> None:
        super().__init__()
        self._lines = lines
        self._first = first
        self._other = other

    def __len__(self) -> int:
        return len(self._lines)

    def _make(self, place: int) -> Line:
        line = self._lines[place]
        lead = self._other if place else self._first
        size = lead.size
        line.fill_at += size
        line.lead = line.lead + size if lead.uncopied == size else lead.uncopied
        line.content = Content.assemble(lead.content(), line.content, strip_control_codes=False)
        return line


class LedGap(LazyLines):
    """The space between two blocks of a list or quote."""

    def __init__(self, lead: Lead) -> None:
        super().__init__()
        self._lead = lead

    def __len__(self) -> int:
        return 1

    def _make(self, place: int) -> Line:
        return Line(self._lead.content().rstrip(), lead=self._lead.uncopied)
