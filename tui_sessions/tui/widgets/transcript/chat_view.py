"""The scrolling surface of the transcript: what Textual sees of a viewport."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from tui_sessions.model.visible import with_joiners
from tui_sessions.tui.widgets.transcript.drawn_chat import DrawnChat
from tui_sessions.tui.widgets.transcript.painter import GUTTER, Frame, Painter
from tui_sessions.tui.widgets.transcript.scroll_thumb import ScrollThumb
from tui_sessions.tui.widgets.transcript.selected_text import (
    line_number,
    message_range,
    selected_span,
    selected_text,
)
from tui_sessions.tui.widgets.transcript.viewport import Row, Viewport

_WIDEST = 120
"""Lines longer than this are hard to read; wider panes keep the rest free."""
_NARROWEST = 10
_RENDERED_SELECTION = 500
"""Of longer selections the messages in between are copied as they are written."""


class ChatView(ScrollView, can_focus=True):
    """Draws the rows of a viewport and keeps Textual's scroll position in step with it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.chat = DrawnChat()
        self.viewport = Viewport(self.chat)
        self.placeholder: Content = Content("")
        """What an empty chat shows."""
        self._wrapped: tuple[Content, int, list[Content]] = (self.placeholder, 0, [])
        self._rows: list[Row] = []
        self._in_step = False
        self._look = 0
        self._painter: Painter | None = None
        self._looks: dict[str, Style] = {}
        self._thumb = ScrollThumb()

    @property
    def allow_select(self) -> bool:
        """Text can be selected with the mouse."""
        return True

    @property
    def following(self) -> bool:
        """Whether the end is kept in view as the chat grows."""
        return self.viewport.following

    @property
    def at_end(self) -> bool:
        """Whether the last line is on screen."""
        return self.viewport.at_end

    @property
    def body_width(self) -> int:
        """Cells of a line between the gutter and the right edge."""
        room = self.size.width - self.styles.scrollbar_size_vertical - GUTTER - 1
        return max(min(room, _WIDEST), _NARROWEST)

    def update_view(self) -> None:
        """Draw what the viewport holds now, and tell the scroll bar."""
        if self._take_rows():
            self.refresh()

    def update_lines(self) -> None:
        """The same where nothing but lines can have changed: only those are painted."""
        before = self._rows
        if not self._take_rows():
            return
        if len(before) != len(self._rows):
            self.refresh()
            return
        changed = [y for y, row in enumerate(self._rows) if not row.same_as(before[y])]
        if changed:
            height = changed[-1] - changed[0] + 1
            self.refresh(Region(0, changed[0], self.size.width, height))

    def scroll_by(self, lines: int) -> None:
        """Scroll by lines, at once."""
        self.viewport.scroll(lines)
        self.update_view()

    def row_at(self, y: int) -> Row | None:
        """The line at a row of the screen."""
        return self._rows[y] if 0 <= y < len(self._rows) else None

    def row_overlays(self, row: Row) -> list[tuple[int, int, Style]]:
        """What is drawn over a line besides the selection."""
        return []

    def row_bar(self, row: Row) -> Style | None:
        """The style of the bar beside a line; None for no bar."""
        return None

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen; with no border or padding around, they are what is painted."""
        painter, width, body_width = self._current_painter(), self.size.width, self.body_width
        filters, background = self.get_line_filters(), self.background_colors[1]
        selection = self.text_selection
        strips = []
        for y in crop.line_range:
            row = self.row_at(y)
            if row is None:
                strip = self._empty_strip(y, painter)
            else:
                number = line_number(row.index, row.place)
                over = [*self.row_overlays(row), *self._selection_overlay(row, selection)]
                frame = Frame(body_width, width, number)
                strip = painter.paint(row.line, frame, self.row_bar(row), over)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip.crop(crop.x, crop.right))
        return strips

    def look_of(self, component: str) -> Style:
        """The style of a component class, in the colours of the theme."""
        if component not in self._looks:
            self._looks[component] = Style.from_styles(self.get_component_styles(component))
        return self._looks[component]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Move the viewport when Textual scrolls, by whatever way."""
        if self._in_step:
            return  # whoever moved the viewport draws it
        super().watch_scroll_y(old_value, new_value)
        if round(new_value) != self.viewport.top:
            self._scrolled_to(round(new_value))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as a person means it."""
        if not self.chat.messages:
            return None
        first, last = message_range(selection, len(self.chat.messages) - 1)
        pieces = []
        for index in range(first, last + 1):
            if first < index < last and last - first > _RENDERED_SELECTION:
                pieces.append(self.chat.messages[index].text + "\n\n")
            else:
                text = selected_text(selection, index, self.chat.lines(index))
                parts = self.chat.messages[index].content
                written = "\n".join(getattr(part, "text", "") for part in parts)
                pieces.append(with_joiners(text, written))
        return "".join(pieces), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    def notify_style_update(self) -> None:
        """Paint anew in the colours of another theme."""
        super().notify_style_update()
        self._painter = None
        self._looks.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Draw what has changed since the layout was made, which drew for the new size."""
        self.update_lines()

    def _scrolled_to(self, line: int) -> None:
        if line >= self.max_scroll_y and self.max_scroll_y:
            self.viewport.follow()
        elif line <= 0:
            self.viewport.jump(0)
        else:
            self.viewport.scroll(line - self.viewport.top)
        self.update_view()

    def _take_rows(self) -> bool:
        """Bring the rows up to what the viewport holds; False while there is no room for any."""
        if not self.size.height:
            return False
        self.viewport.height = self.size.height
        self.viewport.draw_with(msgspec.structs.replace(self.chat.setting, width=self.body_width))
        self._rows = self.viewport.rows()
        self._keep_step()
        return True

    def _keep_step(self) -> None:
        with self._keeping_step():
            # A longer chat moves no widget: nothing has to be laid out.
            size = Size(self.size.width, self.chat.heights.total)
            self.set_reactive(Widget.virtual_size, size)
            top = self.viewport.top if self.chat.messages else 0
            if round(self.scroll_y) != top:  # a fraction of a line belongs to slow dragging
                self.scroll_target_y = top
                self.scroll_y = top
        self._thumb.move(self.vertical_scrollbar, size.height, top)

    @contextmanager
    def _keeping_step(self) -> Iterator[None]:
        """While Textual is told about the viewport, the viewport is not told back."""
        before, self._in_step = self._in_step, True
        try:
            yield
        finally:
            self._in_step = before

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        with self._keeping_step():
            before = self._size
            updated = super()._size_updated(size, virtual_size, container_size, layout)
            if size != before:
                self.update_view()  # before the first paint in the new size
        return updated

    def _current_painter(self) -> Painter:
        if self._painter is None:
            self._look += 1
            self._painter = Painter(self.visual_style, self._get_style, self._look)
        return self._painter

    def _selection_overlay(
        self, row: Row, selection: Selection | None
    ) -> list[tuple[int, int, Style]]:
        if selection is None:
            return []
        span = selected_span(selection, line_number(row.index, row.place), row.line)
        if span is None or span[0] == span[1]:
            return []
        style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
        return [(*span, style)]

    def _placeholder_lines(self, width: int) -> list[Content]:
        """What an empty chat shows, wrapped once for all rows."""
        content, wrapped_to, lines = self._wrapped
        if content is not self.placeholder or wrapped_to != width:
            lines = self.placeholder.wrap(width)
            self._wrapped = (self.placeholder, width, lines)
        return lines

    def _empty_strip(self, y: int, painter: Painter) -> Strip:
        width = self.size.width
        blank = Strip.blank(width, painter.blank)
        if self.chat.messages:
            return blank
        lines = self._placeholder_lines(max(min(width - 4, _WIDEST), 1))
        place = y - max((self.size.height - len(lines)) // 2, 0)
        if not 0 <= place < len(lines):
            return blank
        line = lines[place]
        return painter.paint_centred(line, width)
