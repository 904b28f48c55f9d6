"""From lines to strips: gutter, fill, matches, selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from tui_sessions.tui.widgets.transcript.line import Line

GUTTER = 2
"""Cells left of every line, for the bar of the message cursor."""
Spans = Sequence[tuple[int, int, Style]]


class Painter:
    """Paints in one look: the theme's colours and the widget's background."""

    def __init__(self, base: Style, get_style: Callable[[str | Style], Style], look: int) -> None:
        self._base = base
        self._get_style = get_style
        self._look = look
        self.blank = base.rich_style

    def paint(
        self, line: Line, body_width: int, width: int, bar: Style | None, over: Spans
    ) -> Strip:
        """One row of the screen; `over` holds what is drawn over parts of the line."""
        body = self._body(line, body_width, over)
        style = (self._base + bar).rich_style if bar is not None and line.marked else None
        gutter = Segment("▌ ", style) if style is not None else Segment("  ", self.blank)
        spare = width - GUTTER - body.cell_length
        segments = [gutter, *body]
        if spare > 0:
            segments.append(Segment(" " * spare, self.blank))
        return Strip(segments, GUTTER + body.cell_length + max(spare, 0)).adjust_cell_length(
            width, self.blank
        )

    def paint_centred(self, content: Content, width: int) -> Strip:
        """Content in the middle of a row."""
        centred = content.pad_left(max((width - content.cell_length) // 2, 0))
        strip = Strip(self._segments(centred, self._base), centred.cell_length)
        return strip.adjust_cell_length(width, self.blank)

    def _body(self, line: Line, width: int, over: Spans) -> Strip:
        if not over and line.strip is not None and line.painted_as == self._look:
            return line.strip
        content = line.content
        for start, end, style in over:
            content = content.stylize(style, start, end)
        strip = self._filled(line, content, width)
        if not over:
            line.strip, line.painted_as = strip, self._look
        return strip

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
