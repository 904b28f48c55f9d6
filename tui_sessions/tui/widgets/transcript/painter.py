"""From lines to strips: gutter, fill, matches, selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from tui_sessions.tui.widgets.transcript.line import Line

GUTTER = 2
"""Cells left of every line, for the bar of the message cursor."""
Spans = Sequence[tuple[int, int, Style]]


class Frame(msgspec.Struct, frozen=True):
    """Where a line is painted."""

    body_width: int
    width: int
    number: int
    """What names the line when text is selected."""


class Painter:
    """Paints in one look: the theme's colours and the widget's background."""

    def __init__(self, base: Style, get_style: Callable[[str | Style], Style], look: int) -> None:
        self._base = base
        self._get_style = get_style
        self._look = look
        self.blank = base.rich_style

    def paint(self, line: Line, frame: Frame, bar: Style | None, over: Spans) -> Strip:
        """One row of the screen; `over` holds what is drawn over parts of the line."""
        style = (self._base + bar).rich_style if bar is not None and line.marked else None
        key = (self._look, frame, style)
        if not over and line.strip is not None and line.painted_as == key:
            return line.strip
        strip = self._painted(line, frame, style, over)
        if not over:
            line.strip, line.painted_as = strip, key
        return strip

    def _painted(self, line: Line, frame: Frame, bar: RichStyle | None, over: Spans) -> Strip:
        content = line.content
        for start, end, style in over:
            content = content.stylize(style, start, end)
        body = self._filled(line, content, frame.body_width)
        gutter = Segment("▌ ", bar) if bar is not None else Segment("  ", self.blank)
        spare = max(frame.width - GUTTER - body.cell_length, 0)
        segments = [gutter, *body]
        if spare:
            segments.append(Segment(" " * spare, self.blank))
        strip = Strip(segments, GUTTER + body.cell_length + spare)
        return strip.adjust_cell_length(frame.width, self.blank).apply_offsets(0, frame.number)

    def paint_centred(self, content: Content, width: int) -> Strip:
        """Content in the middle of a row."""
        centred = content.pad_left(max((width - content.cell_length) // 2, 0))
        strip = Strip(self._segments(centred, self._base), centred.cell_length)
        return strip.adjust_cell_length(width, self.blank)

    def _filled(self, line: Line, content: Content, width: int) -> Strip:
        if not line.fill:
            return Strip(self._segments(content, self._base), content.cell_length)
        fill = self._base + self._get_style(line.fill)
        before, after = content[: line.fill_at], content[line.fill_at :]
        segments = self._segments(before, self._base) if before else []
        segments += self._segments(after, fill)
        spare = width - content.cell_length
        if spare > 0:
            segments.append(Segment(" " * spare, fill.rich_style))
        return Strip(segments, content.cell_length + max(spare, 0))

    def _segments(self, content: Content, base: Style) -> list[Segment]:
        return [
            Segment(text, style.rich_style)
            for text, style in content.render(base, "", parse_style=self._get_style)
            if text
        ]
