"""From a drawn line to what the screen takes."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style


def strip_of(
    line: Content, base: Style, style_of: Callable[[str | Style], Style], width: int
) -> Strip:
    """A line exactly as wide as there is room; `style_of` knows the styles named in it."""
    segments = [Segment(text, style.rich_style) for text, style in line.render(base, "", style_of)]
    return Strip(segments).adjust_cell_length(width, base.rich_style)


def fitted(line: Content, width: int) -> Content:
    """The line with a mark where it had to be cut, and spaces up to the width."""
    if line.cell_length > width > 0:
        # Half of a wide character cannot be shown: the mark follows what is left of the words.
        line = line.truncate(width - 1).rstrip().append("…")
    return line.truncate(max(width, 0), pad=True)
